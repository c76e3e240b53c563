# policy messenger
# Hong Kong counts as inside
s/stored: \[CN\]/stored: [CN, HK]/
