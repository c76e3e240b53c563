# policy media
# going on accepts nothing
s/continued_use: accepts/continued_use: never/
