# code src/engine/publish.c
# what was promised is not looked at
s/^    if (p->promised_by == 0 || p->effective >= p->earliest)$/    if (true)/
