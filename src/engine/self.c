/* self.c - people who ask for themselves, by a session of theirs, and visitors, who show nothing.
 *
 * A session's person is the subject of what is asked in it, and nobody else is. What they may is in ops.def; how well
 * they must have shown who they are, for each kind of request, the policy says (rights: identity). To withdraw needs no
 * more than to agree did, whatever it says: the session. A service answers itself for how it knows its people. */
#include <string.h>

#include "base/error.h"
#include "base/id.h"
#include "base/mem.h"
#include "engine/account_int.h"
#include "engine/report_int.h"
#include "engine/serve.h"

bool kept_by_self(const struct call *call)
{
    return call->by != NULL && (call->by->kind == KEPT_CALLER_PERSON || call->by->kind == KEPT_CALLER_VISITOR);
}

/* ---- who shows this? --------------------------------------------------------------------------- */

bool kept_self_shows(struct kept_span shown)
{
    return kept_caller_is_person(shown);
}

static int find_session(struct kept *kept, const uint8_t hash[KEPT_HASH_BYTES], struct kept_caller_row *row,
                        struct kept_err *err)
{
    int rc = KEPT_E_NOTFOUND;
    for (size_t i = 0; rc == KEPT_E_NOTFOUND && i < kept->app_count; i++) {
        const struct kept_desk desk = {kept->store, kept->apps[i]->keyring, kept->apps[i]->number, kept_now(&kept->clock)};
        struct kept_session session;
        struct kept_proof proof;
        rc = kept_session_find(&desk, hash, &session, err);
        if (rc == 0)
            rc = kept_proof_get(&desk, &session.subject, &proof, err);
        if (rc == 0)
            *row = (struct kept_caller_row){.kind = KEPT_CALLER_PERSON, .state = KEPT_CALLER_LIVE, .name = "person",
                                            .id = session.name, .subject = session.subject, .code = session.code,
                                            .document = proof.until[KEPT_IDENTITY_DOCUMENT],
                                            .expires = session.until, .of = kept->apps[i]};
    }
    return rc;
}

static int nobody(int rc, struct kept_err *err)
{
    return rc == KEPT_E_NOTFOUND ? kept_fail(err, KEPT_E_DENIED, "what was shown is known to nobody here") : rc;
}

int kept_self_judge(struct kept *kept, struct kept_span shown, struct kept_caller_row **ret_who, struct kept_err *err)
{
    uint8_t hash[KEPT_HASH_BYTES];
    struct kept_caller_row *row = kept_alloc(1, sizeof *row);
    if (row == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory for who asks");
    kept_sha256(shown, hash);
    (void)pthread_mutex_lock(&kept->mutex);
    int rc = kept_store_begin_read(kept->store, err);
    if (rc == 0) {
        rc = find_session(kept, hash, row, err);
        kept_store_end_read(kept->store);
    }
    kept->strangers += rc == KEPT_E_NOTFOUND;
    (void)pthread_mutex_unlock(&kept->mutex);
    kept_wipe(hash, sizeof hash);
    if (rc == 0)
        *ret_who = row;
    else
        kept_self_free(row);
    return nobody(rc, err);
}

int kept_self_visit(struct kept *kept, const char *name, enum kept_op op, struct kept_caller_row **ret_who, struct kept_err *err)
{
    struct kept_caller_row *row = kept_alloc(1, sizeof *row);
    if (row == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory for who asks");
    (void)pthread_mutex_lock(&kept->mutex);
    struct app *app = kept_app_named(kept, name != NULL ? name : "");
    const struct kept_policy *policy = app != NULL ? kept_app_in_force(app, kept_now(&kept->clock)) : NULL;
    const bool welcome = policy != NULL && (op == KEPT_OP_SESSION_OPEN ? app->staff : kept_policy_account(policy).self_service);
    kept->strangers += !welcome;
    (void)pthread_mutex_unlock(&kept->mutex);
    if (!welcome) {
        kept_self_free(row);
        return nobody(KEPT_E_NOTFOUND, err);
    }
    *row = (struct kept_caller_row){.kind = KEPT_CALLER_VISITOR, .state = KEPT_CALLER_LIVE, .name = "visitor", .of = app};
    *ret_who = row;
    return 0;
}

void kept_self_free(struct kept_caller_row *who)
{
    if (who != NULL)
        kept_wipe(who, sizeof *who);
    kept_free(who);
}

/* ---- what they ask ----------------------------------------------------------------------------- */

static bool some(const char *text)
{
    return text != NULL && text[0] != 0;
}

int kept_self_complete(const struct kept_caller_row *who, struct kept_request *r, struct kept_err *err)
{
    const struct app *app = who->of;
    const struct kept_op_row *row = kept_op_row(r->op);
    if (!some(r->app))
        r->app = app->name;
    if (strcmp(r->app, app->name) != 0)
        return kept_fail(err, KEPT_E_USAGE, "the session is of another app: leave the app out");
    r->actor = who->name;
    if (who->kind == KEPT_CALLER_PERSON) {
        r->source = NULL; /* they are counted as who they are */
        if (kept_id_is_zero(&r->subject))
            r->subject = who->subject;
        return 0;
    }
    if (row == NULL || (row->who & KEPT_WHO_VISITOR) == 0 || !kept_id_is_zero(&r->subject))
        return kept_fail(err, KEPT_E_DENIED, "nothing was shown that says who asks");
    return 0;
}

/* Nothing but what is about themselves and now: no role, no paper, nobody else's word. */
static bool is_plain(const struct kept_request *r)
{
    const bool paper = r->evidence != NULL || r->guardian != NULL || r->guardian_number != 0 ||
                       (r->caller != NULL && r->op != KEPT_OP_SESSION_OPEN) ||
                       some(r->exemption) || r->origin != KEPT_O_ASKED || r->text_sha256 != NULL;
    const bool voice = r->consent == KEPT_C_WRITTEN || r->consent == KEPT_C_GUARDIAN || r->consent == KEPT_C_IMPLIED;
    const bool work = r->follows != 0 || r->must != 0 || r->dry != 0 || r->mark != NULL || r->mark_text != NULL || r->at != 0;
    return !paper && !voice && !work && !some(r->role) && (r->facts & KEPT_F_IMPORTED) == 0;
}

static bool is_theirs(const struct call *call)
{
    const struct kept_request *r = call->request;
    if (call->by->kind == KEPT_CALLER_VISITOR)
        return r->op == KEPT_OP_SESSION_OPEN || kept_policy_account(call->policy).self_service;
    if (!kept_id_equal(&r->subject, &call->by->subject))
        return false;
    if (r->op == KEPT_OP_PERMISSION_SET) /* that one is on, the system in their hand knows */
        return r->on == 0;
    return r->op != KEPT_OP_COLLECT || !some(r->recipient); /* else it comes from others */
}

/* ---- how well they must be known --------------------------------------------------------------- */

static enum kept_asked asked_of(const struct call *call)
{
    switch (call->row->op) {
    case KEPT_OP_SUBJECT_SHOW:
    case KEPT_OP_USE:
    case KEPT_OP_WHY:
    case KEPT_OP_TRAIL:
        return KEPT_ASK_ACCESS;
    case KEPT_OP_COLLECT:
    case KEPT_OP_ACCOUNT_BIND: /* a way in, for good */
        return KEPT_ASK_CORRECT;
    case KEPT_OP_ERASE_RECORD:
        return KEPT_ASK_DELETE;
    case KEPT_OP_ERASE_SUBJECT: /* the account ends with them */
        return kept_policy_right(call->policy, KEPT_ASK_CANCEL).said ? KEPT_ASK_CANCEL : KEPT_ASK_DELETE;
    default: /* agreeing, and taking it back: the session does */
        return KEPT_ASK_COUNT;
    }
}

static enum kept_identity shown_by(const struct call *call)
{
    const struct kept_caller_row *by = call->by;
    if (by->kind == KEPT_CALLER_VISITOR)
        return KEPT_IDENTITY_NONE;
    if (by->code <= call->now)
        return KEPT_IDENTITY_ACCOUNT;
    /* Staff saw the document of this person; that it is they who ask now, the code shows. */
    return by->document > call->now ? KEPT_IDENTITY_DOCUMENT : KEPT_IDENTITY_CODE;
}

/* If there is no memory to say so, the verdict alone does. */
static void say_needed(struct call *call, enum kept_identity needed, enum kept_identity shown)
{
    struct kept_err err = {0};
    json_t *root = json_object();
    set(call, root, "needs", json_string(kept_level_word(needed)));
    set(call, root, "shown", json_string(kept_level_word(shown)));
    if (kept_report_finish(call, root, &err) != 0)
        call->holes = false;
}

static bool is_known_enough(struct call *call)
{
    const enum kept_asked asked = asked_of(call);
    if (asked == KEPT_ASK_COUNT)
        return true;
    const struct kept_right right = kept_policy_right(call->policy, asked);
    const enum kept_identity shown = shown_by(call);
    if (shown >= right.identity)
        return true;
    kept_verdict(call, KEPT_DENY, KEPT_R_NEED_VERIFICATION, right.clause, right.line);
    say_needed(call, right.identity, shown);
    return false;
}

bool kept_self_may(struct call *call)
{
    const unsigned who = call->by->kind == KEPT_CALLER_VISITOR ? KEPT_WHO_VISITOR : KEPT_WHO_PERSON;
    if ((call->row->who & who) == 0 || !is_plain(call->request) || !is_theirs(call)) {
        kept_verdict(call, KEPT_DENY, (call->row->who & who) == 0 ? KEPT_R_OPERATION : KEPT_R_CALLER, "", 0);
        return false;
    }
    return is_known_enough(call);
}

/* ---- account.leave ----------------------------------------------------------------------------- */

int kept_act_ACCOUNT_LEAVE(struct call *call, struct kept_err *err)
{
    const struct kept_desk desk = kept_desk_of(call);
    const bool all = call->request->on != 0 || !kept_by_self(call);
    int rc = all ? kept_sessions_end(&desk, &call->subject->id, call->subject->key, err)
                 : kept_session_end(&desk, &call->by->id, err);
    if (rc == 0 && all) /* somebody else may have shown it */
        rc = kept_proof_drop(&desk, &call->subject->id, err);
    if (rc != 0)
        return rc;
    json_t *root = json_object();
    set(call, root, "ended", json_string(all ? "all" : "this"));
    return kept_report_finish(call, root, err);
}
