# code src/policy/check_duties.c
# what it takes not to be tracked is not looked at
s/if (d->opt_out != KEPT_OPT_OUT_PREFERENCE)/if (false)/
