# policy smart-home
# what takes more waits unseen
s/wider_version: shown_first/wider_version: waits/
