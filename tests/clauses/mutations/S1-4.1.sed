# policy messenger
# Hong Kong counts as inside
s/stored: \[CN\]/stored: [CN, HK]/
# no floor of a law stands in its way
s/^jurisdiction: CN$/jurisdiction: ZZ/
