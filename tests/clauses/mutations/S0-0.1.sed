# code src/policy/decide.c
# whoever has not seen the notice is served all the same
s/return deny(d, KEPT_R_NO_NOTICE, .*/return false;/
