# policy widgets
# the settings of the device stay as long as the account
/^  os-version:/,/clause:/ s/retain: 180 days/retain: account/
