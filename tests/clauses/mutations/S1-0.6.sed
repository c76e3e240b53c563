# policy messenger
# children are served
s/below: 14, mode: block/below: 14, mode: self/
