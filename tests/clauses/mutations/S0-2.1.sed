# code src/engine/change.c
# all that comes in is taken for a trace of use
s/(call->question.facts \& KEPT_F_USER_ACTION) != 0 ? KEPT_SOURCE_USER/false ? KEPT_SOURCE_USER/
