# code src/engine/recover.c
# a restored store is told of the journal's obligations and does nothing
s/rc = kept_replay(call, row, r->err);/rc = 0;/
