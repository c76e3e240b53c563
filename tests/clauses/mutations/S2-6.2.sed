# policy smart-home
# a campaign is no advertising
/^  campaign:/ s/advertises: true, //
