# policy smart-home
# any identifier will do for a phone number
/^  phone:$/,/clause:/ s/kind: phone/kind: device-id/
