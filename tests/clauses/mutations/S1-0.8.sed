# policy messenger
# the data of a child stays
s/on_discovery: \[restrict, cancel, delete\]/on_discovery: [restrict]/
