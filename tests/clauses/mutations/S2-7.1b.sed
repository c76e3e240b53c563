# policy smart-home
# another region counts as home
/^regions:/ s/stored: \[CN\]/stored: [CN, SG]/
