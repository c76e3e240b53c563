# policy widgets
# minors decide for themselves
s/mode: guardian, form: written/mode: self/
# no floor of a law stands in its way
s/^jurisdiction: CN$/jurisdiction: ZZ/
