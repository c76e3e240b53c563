# policy media
# who signed in yesterday sees everything
/^    access:/ s/clause: S4-5.3/identity: account, clause: S4-5.3/
