# code src/engine/approve.c
# whoever asks for something approves of it
/^static bool is_same/,/^}/ s/return kept_staff_is(asker, decider) .*$/return asker == decider \&\& slash != NULL;/
