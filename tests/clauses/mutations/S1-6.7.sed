# code src/engine/agree.c
# going on accepts whatever changed
s/ \&\& !kept_policy_takes_more(shown, before, \&what)//
