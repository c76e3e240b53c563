# policy widgets
# device-adaptation serves marketing, too
/^  device-adaptation:/,/^    clause:/ s/account-security\]/account-security, marketing]/
