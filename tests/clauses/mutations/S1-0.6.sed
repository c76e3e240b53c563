# policy messenger
# who is reported goes on as before
s/on_discovery: \[restrict, cancel, delete\]/on_discovery: [cancel, delete]/
