# policy media
# a major change is promised no notice
s/channels: \[site, mail\], lead: 7 days, /channels: [site, mail], /
