/* unit.c - changes that stand or fall together, and marks: how far a caller's work has come, kept in the
 * transaction that did the work. */
#include <string.h>

#include "base/error.h"
#include "base/id.h"
#include "engine/engine_int.h"

static bool may_be_one(enum kept_op op)
{
    return op == KEPT_OP_SUBJECT_NEW || op == KEPT_OP_SUBJECT_SET ||
           op == KEPT_OP_CONSENT_ACKNOWLEDGE || op == KEPT_OP_CONSENT_GRANT ||
           op == KEPT_OP_COLLECT;
}

int kept_unit_place(const struct kept *kept, const struct kept_request *request,
                    unsigned *ret_place, struct kept_err *err)
{
    static const struct kept_id nobody;
    *ret_place = 0;
    bool publishes = request->op == KEPT_OP_POLICY_PUBLISH;
    if (request->dry != 0 && !publishes && ((request->follows == 0 && request->op != KEPT_OP_SUBJECT_NEW) ||
                              !kept_id_equal(&request->subject, &nobody)))
        return kept_fail(err, KEPT_E_USAGE, "a dry run is of somebody new, and of nobody else");
    if (request->follows == 0)
        return 0;
    if (kept->inbox == NULL)
        return kept_fail(err, KEPT_E_USAGE, "there is no request before this one that it could follow");
    if (!may_be_one(request->op) || !may_be_one(kept->newest->request->op))
        return kept_fail(err, KEPT_E_USAGE,
                         "only people, facts, notices, grants and values can be one with others");
    if ((kept->newest->request->dry != 0) != (request->dry != 0))
        return kept_fail(err, KEPT_E_USAGE, "of operations that are one, all are dry or none");
    if (kept->newest->place + 1 >= KEPT_MAX_UNIT)
        return kept_fail(err, KEPT_E_LIMIT, "more than %u operations in one", KEPT_MAX_UNIT);
    *ret_place = kept->newest->place + 1;
    return 0;
}

size_t kept_unit_waiting(const struct call *first)
{
    size_t n = 1;
    while ((first = first->next) != NULL && first->place > 0)
        n++;
    return n;
}

size_t kept_unit_size(struct call *const *calls, size_t count)
{
    size_t n = 1;
    while (n < count && calls[n]->place > 0)
        n++;
    return n;
}

int kept_unit_must(const struct call *call, struct kept_err *err)
{
    const struct kept_reply *reply = &call->box->reply;
    const bool first = call->request->must == 2 && reply->field_count > 0;
    enum kept_decision decision = first ? reply->fields[0].decision : reply->decision;
    enum kept_reason reason = first ? reply->fields[0].reason : reply->reason;
    if (call->request->must == 0 || decision != KEPT_DENY)
        return 0;
    return kept_fail(err, KEPT_E_DENIED, "%s, %s", kept_reason_name(reason),
                     kept_reason_text(reason));
}

void kept_unborn(struct call *call)
{
    if (call->born != 0 && call->born < call->app->next_number)
        call->app->next_number = call->born;
    call->born = 0;
}

void kept_unit_forget(struct call *call)
{
    kept_unborn(call);
    struct kept_reply *reply = &call->box->reply;
    reply->subject = (struct kept_id){{0}};
    reply->entry = (struct kept_id){{0}};
    reply->version = 0;
    for (size_t i = 0; i < reply->field_count; i++)
        reply->fields[i].record = 0;
    kept_buf_clear(&call->entry);
    call->obligation.kind = 0;
}

bool kept_unit_all_dry(struct call *const *calls, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (calls[i]->request->dry == 0 && (!calls[i]->idle || calls[i]->request->mark != NULL))
            return false;
    return true;
}

/* ---- marks ---------------------------------------------------------------------------------- */

#define MARK_NAME (KEPT_MAX_NAME + 32u)

static bool marked(const struct call *call)
{
    const char *mark = call->request->mark;
    return call->app != NULL && call->request->dry == 0 && mark != NULL && mark[0] != 0;
}

/* The call of a unit that carries its mark. */
static const struct call *marked_of(struct call *const *calls, size_t count)
{
    for (size_t i = count; i > 0; i--)
        if (calls[i - 1]->request->dry == 0 && calls[i - 1]->request->mark != NULL)
            return calls[i - 1];
    return NULL;
}

const struct call *kept_mark_stopped(struct call *const *calls, size_t count)
{
    const struct call *call = marked_of(calls, count);
    const int error = call == NULL ? 0 : call->box->reply.error;
    return error == 0 || kept_fault_of_request(error) ? NULL : call;
}

bool kept_mark_passes(const struct call *stopped, struct call *const *calls, size_t count)
{
    const struct call *call = stopped == NULL ? NULL : marked_of(calls, count);
    return call != NULL && strcmp(call->request->mark, stopped->request->mark) == 0;
}

static void name_of(const struct call *call, char ret[MARK_NAME])
{
    (void)snprintf(ret, MARK_NAME, "mark.%u.%.64s", call->app->number, call->request->mark);
}

/* Of several on one name the last counts. */
int kept_marks_put(struct kept *kept, struct call *const *calls, size_t count, struct kept_err *err)
{
    char name[MARK_NAME], last[MARK_NAME] = "";
    int rc = 0;
    for (size_t i = count; rc == 0 && i > 0; i--) {
        const struct call *call = calls[i - 1];
        if (!marked(call) || kept_mark_stopped(calls + i - 1, 1) != NULL)
            continue;
        name_of(call, name);
        const char *text = call->request->mark_text != NULL ? call->request->mark_text : "";
        if (strcmp(name, last) != 0)
            rc = kept_meta_put(kept->store, name,
                               (struct kept_span){(const uint8_t *)text, strlen(text)}, err);
        memcpy(last, name, sizeof last);
    }
    return rc;
}

int kept_mark_get(struct call *call, struct kept_buf *out, struct kept_err *err)
{
    char name[MARK_NAME];
    if (!marked(call))
        return 0;
    name_of(call, name);
    int rc = kept_meta_get(call->kept->store, name, out, err);
    return rc == KEPT_E_NOTFOUND ? 0 : rc;
}
