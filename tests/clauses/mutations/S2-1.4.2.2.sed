# policy smart-home
# one cannot register without a nickname
/^  register:$/,/^    clause:/ s/mandatory: \[phone\]/mandatory: [phone, nickname]/
