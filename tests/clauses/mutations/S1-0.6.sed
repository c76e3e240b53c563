# policy messenger
# children are served
s/below: 14, mode: block/below: 14, mode: self/
# no floor of a law stands in its way
s/^jurisdiction: CN$/jurisdiction: ZZ/
