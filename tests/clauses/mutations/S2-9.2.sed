# code src/policy/decide.c
# no function minds on which client it is
s/(f->client.said \&\& kept_not_offered(f, d->q, \&d->reason))/false/
