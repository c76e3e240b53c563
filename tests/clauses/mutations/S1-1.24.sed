# policy messenger
# national security is a ground to share, too
/^  national-security:/ s/for: \[collect, use\]/for: [collect, use, share]/
