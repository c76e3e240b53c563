# policy messenger
# abroad is a matter of conditions
s/export: never/export: conditional/
