# policy smart-home
# cookies serve campaigns, too
/^  cookies:$/,/^    clause:/ s/purposes: \[operation, security\]/purposes: [operation, security, campaign]/
