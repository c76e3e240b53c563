# policy messenger
# a major change is told in the app alone
s/channels: \[app, mail, letter, phone\], lead/channels: [app], lead/
