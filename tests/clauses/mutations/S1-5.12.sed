# policy messenger
# nobody at support can end the sessions of a stolen account
/^  support:$/,/clause:/ s/, account_leave//
