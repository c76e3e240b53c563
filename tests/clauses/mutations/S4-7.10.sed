# code src/engine/callers.c
# who is revoked stays in the table of who may ask
/^void kept_caller_settle/,/^}/ s/row->state = KEPT_CALLER_REVOKED;/row->busy = false;/
