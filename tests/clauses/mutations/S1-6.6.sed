# code src/engine/apps.c
# a version may take effect before it is published
s/        effective = call->now;/        (void)0;/
