# policy messenger
# consent to other words stays good
/^consent:/ s/ask_again/valid/
