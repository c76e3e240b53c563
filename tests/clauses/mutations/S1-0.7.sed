# policy messenger
# the account of a child goes on until the data goes
s/on_discovery: \[restrict, cancel, delete\]/on_discovery: [restrict, delete]/
