# policy smart-home
# values may rest in another region, too
/^regions:/ s/stored: \[CN\]/stored: [CN, SG]/
