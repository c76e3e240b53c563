# code src/caller/staff.c
# what was never put on file holds
s/return attested->at != 0 \&\& (attested->until/return (attested->until/
