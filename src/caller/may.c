/* may.c - what a caller's request is about, and whether that is its to ask. */
#include "caller/caller.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"

#define BIT(op) (1ull << KEPT_OP_##op)
/* Never but where a row lists them: the owner's. */
#define RESERVED (BIT(STAFF_ATTEST) | BIT(CALLER_ADD) | BIT(CALLER_REVOKE) | BIT(CALLER_LIST) | BIT(CALLER_REVIEW) |            \
                  BIT(POLICY_PUBLISH) | BIT(SERVICE_CEASE) | BIT(ROTATE) | BIT(TICK) | BIT(POST_TAKE) | BIT(POST_TELL) | \
                  BIT(ORDER_DONE) | BIT(ORDER_SHOW) | BIT(PROVIDER_ADD) | BIT(PROVIDER_REMOVE))
/* Of one who is limited to functions or purposes, these name theirs: what moves values, and what people agree to. */
#define VALUES (BIT(APPROVAL_ASK) | BIT(COLLECT) | BIT(USE) | BIT(DISCLOSE) | BIT(CONTACTS) | BIT(LOG_TAKE) | BIT(LOG_READ) | BIT(ACCOUNT_BIND))
#define CONSENTS (BIT(CONSENT_GRANT) | BIT(CONSENT_REFUSE) | BIT(CONSENT_WITHDRAW))

static const char *given(const char *text)
{
    return text != NULL && text[0] != 0 ? text : NULL;
}

static bool has(uint64_t operations, enum kept_op op)
{
    return op > KEPT_OP_NONE && op < KEPT_OP_COUNT && (operations >> op & 1u) != 0;
}

/* The one name of a list that has but one. */
static const char *only(const struct kept_caller_list *list)
{
    const char *first = kept_caller_first(list);
    return first != NULL && kept_caller_next(list, first) == NULL ? first : NULL;
}

int kept_caller_fill(const struct kept_caller_row *row, struct kept_request *r, char actor[KEPT_CALLER_ACTOR],
                     struct kept_err *err)
{
    const char *whom = row->kind == KEPT_CALLER_STAFF ? NULL : given(r->actor); /* they ask for themselves */
    const char *role = given(r->role) != NULL ? r->role : kept_caller_first(&row->roles);
    r->actor = row->name;
    if (whom != NULL && strcmp(whom, row->name) != 0) {
        if (snprintf(actor, KEPT_CALLER_ACTOR, "%s/%s", row->name, whom) >= (int)KEPT_CALLER_ACTOR)
            return kept_fail(err, KEPT_E_USAGE, "the actor, behind the caller's name, is longer than %u bytes", KEPT_MAX_NAME);
        r->actor = actor;
    }
    r->role = role != NULL && strcmp(role, "app") != 0 ? role : NULL;
    if (has(VALUES, r->op) && given(r->function) == NULL)
        r->function = only(&row->functions);
    if (has(VALUES, r->op) && given(r->purpose) == NULL)
        r->purpose = only(&row->purposes);
    return 0;
}

/* What is named is listed; and where it must be, one is named. */
static bool within(const struct kept_caller_list *list, const char *name, bool must)
{
    if (list->n == 0)
        return true;
    return given(name) != NULL ? kept_caller_lists(list, name) : !must;
}

bool kept_caller_may(const struct kept_caller_row *row, const struct kept_request *r)
{
    const char *role = given(r->role) != NULL ? r->role : "app";
    const bool values = has(VALUES, r->op), consent = has(CONSENTS, r->op);
    const bool limited = row->functions.n > 0 || row->purposes.n > 0;
    if (r->op <= KEPT_OP_NONE || r->op >= KEPT_OP_COUNT)
        return false;
    if (row->kind == KEPT_CALLER_STAFF && r->op == KEPT_OP_SESSION_OPEN)
        return false;
    if (row->operations != 0 ? !has(row->operations, r->op)
                             : has(RESERVED, r->op) && !(row->kind == KEPT_CALLER_STAFF && r->op == KEPT_OP_STAFF_ATTEST))
        return false;
    if (!kept_caller_lists(&row->roles, role))
        return false;
    /* A consent is about one thing, which is a function or a purpose of theirs, or not theirs. */
    if (consent && limited && given(r->function) == NULL && given(r->purpose) == NULL)
        return false;
    if (consent && ((row->functions.n == 0 && given(r->function) != NULL && row->purposes.n > 0) ||
                    (row->purposes.n == 0 && given(r->purpose) != NULL && row->functions.n > 0)))
        return false;
    return within(&row->functions, r->function, values) && within(&row->purposes, r->purpose, values);
}
