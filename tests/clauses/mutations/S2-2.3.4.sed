# code src/policy/check_words.c
# what a kit gets is not held against what it is for
s/{"sdk", "analysis",/{"analysis",/
