# policy messenger
# a session alone deletes
/^rights:/,/^    delete:/ s/^  identity: code/  identity: account/
