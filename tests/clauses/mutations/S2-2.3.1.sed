# policy smart-home
# the push kit counts, too
/^  push-sdk:$/,/^    clause:/ s/purposes: \[messages\]/purposes: [messages, statistics]/
