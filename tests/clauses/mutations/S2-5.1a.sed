# policy smart-home
# to see one's own, a document is asked for
/^    access:/ s/identity: account/identity: document/
