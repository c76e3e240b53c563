# policy media
# who tells no age is not served
s/unknown: allow/unknown: deny/
