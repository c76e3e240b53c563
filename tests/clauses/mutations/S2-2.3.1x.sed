# policy smart-home
# the push kit is a partner, not a kit inside the app
/^  push-sdk:$/,/^    clause:/ s/kind: sdk/kind: partner/
