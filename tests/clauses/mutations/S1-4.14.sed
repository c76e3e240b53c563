# code src/caller/staff.c
# what is on file of staff holds for ever
s/(attested->until == 0 || now < attested->until)/now > 0/
