# policy smart-home
# minors decide for themselves
/below: 18/ s/mode: block/mode: self/
# no floor of a law stands in its way
s/^jurisdiction: CN$/jurisdiction: ZZ/
