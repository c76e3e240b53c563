/* shown_aid.h - callers who are known by what they show, and what they ask. */
#ifndef KEPT_TESTS_ENGINE_SHOWN_AID_H
#define KEPT_TESTS_ENGINE_SHOWN_AID_H

#include "../aid/world.h"
#include "caller/caller.h"
#include "engine/serve.h"

/* Who shows this; NULL: nobody. */
static inline const struct kept_caller_row *who(struct world *w, const char *token)
{
    const struct kept_caller_row *row = NULL;
    struct kept_err err = {0};
    int rc = kept_caller_judge(w->kept, world_text(token), 0, &row, &err);
    assert_int_equal(rc, row != NULL ? 0 : KEPT_E_DENIED);
    return row;
}

/* As that caller would ask it; the reply is the test's. */
static inline struct kept_reply *as(struct world *w, const char *token, struct kept_request r)
{
    const struct kept_request *all[] = {&r};
    char actor[KEPT_ACTOR_ROOM];
    struct kept_reply *reply = NULL;
    size_t n = 0;
    const struct kept_caller_row *row = who(w, token);
    assert_non_null(row);
    assert_int_equal(kept_caller_complete(row, &r, actor, &w->err), 0);
    assert_int_equal(kept_submit_all(w->kept, row, all, 1, &w->err), 0);
    assert_int_equal(kept_reap(w->kept, &reply, 1, 1, &n, &w->err), 0);
    assert_int_equal(n, 1);
    return reply;
}

#endif
