# policy smart-home
# who sends the codes gets the user name, too
/^  sms-gateway:$/,/^    clause:/ s/items: \[/items: [user-name, /
