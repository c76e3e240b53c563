# policy media
# the data of a child is shut away, and stays
s/on_discovery: \[delete\]/on_discovery: [restrict]/
