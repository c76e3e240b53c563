# policy smart-home
# any identifier will do for a phone number
/^  phone:$/,/clause:/ s/kind: phone/kind: device-id/
# which people register by no longer
/^account:$/,/clause:/ s/mode: phone/mode: any/
