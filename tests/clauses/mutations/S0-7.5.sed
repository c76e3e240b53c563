# policy widgets
# support sees whole phone numbers
/^  support:$/,/^    clause:/ s/raw: \[message\]/raw: [message, contact-phone]/
