# policy smart-home
# minors decide for themselves
/below: 18/ s/mode: block/mode: self/
