# code src/engine/trail.c
# the trail calls everything denied
s/decision_name(e->decision)/decision_name(KEPT_DENY)/
