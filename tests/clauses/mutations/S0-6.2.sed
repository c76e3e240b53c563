# code src/policy/decide.c
# an ended service goes on
s/if (d->c->ceased \&\& /if (false \&\& /
