# policy smart-home
# one cannot register without what a campaign asks
/^  register:$/,/^    clause:/ s/mandatory: \[phone\]/mandatory: [phone, real-name]/
