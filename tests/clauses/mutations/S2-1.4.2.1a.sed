# code src/account/code.c
# wrong codes are not counted
s/++body\[0\] >= KEPT_CODE_TRIES/body[0] >= KEPT_CODE_TRIES/
