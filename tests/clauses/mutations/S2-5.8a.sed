# policy smart-home
# a code does where a document was demanded
/^rights:/,/requests:/ s/identity: document/identity: code/
