# policy smart-home
# the guard against malware serves operation, too
/^  anti-malware:$/,/^    clause:/ s/purposes: \[security\]/purposes: [security, operation]/
