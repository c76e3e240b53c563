# policy widgets
# minors decide for themselves
s/mode: guardian, form: written/mode: self/
