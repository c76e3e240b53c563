# policy messenger
# nobody notices who reads of hundreds
/^roles:/,/^exemptions:/ s/alarm: {reads: 100,/alarm: {reads: 1000,/
