/* staff.c - people of staff log in and out.
 *
 * By name, password and a code, all looked at together: what is wrong is not told, nobody learns who is there, and a name
 * that nobody has costs as much time. Failures slow down, by name and by where they come from; the ledger is told of one
 * of them a minute, of each place. A session's hash stands in the member's row: there is one, and the next ends it. */
#include <string.h>

#include "base/error.h"
#include "base/id.h"
#include "base/mem.h"
#include "engine/account_int.h"
#include "engine/staff_int.h"

static const char *text_of(const char *text)
{
    return text != NULL ? text : "";
}

static struct kept_span span_of(const char *text)
{
    return (struct kept_span){(const uint8_t *)text, strlen(text)};
}

/* ---- failures ---------------------------------------------------------------------------------- */

#define TALLIES 2u
static void tallies_of(const struct call *call, struct kept_tally tallies[TALLIES])
{
    const struct kept_request *r = call->request;
    tallies[0] = (struct kept_tally){"kept wrong login", span_of(r->caller->name), KEPT_WRONG_OF_STAFF,
                                     KEPT_WRONG_STAFF_MINUTES * KEPT_MINUTE};
    tallies[1] = (struct kept_tally){"kept wrong login from", span_of(text_of(r->source)), KEPT_WRONG_STAFF_OF_SOURCE, KEPT_HOUR};
}

/* Denied; and told, if nothing was in this minute of that place. */
static int turn_away(struct call *call, enum kept_reason reason, struct kept_err *err)
{
    const struct kept_desk desk = kept_desk_of(call);
    const char *source = text_of(call->request->source);
    const struct kept_tally told = {"kept login told", span_of(source[0] != 0 ? source : "here"), 1, KEPT_MINUTE};
    int rc = kept_tally_over(&desk, &told, &call->quiet, err);
    if (rc == 0 && !call->quiet)
        rc = kept_tally_add(&desk, &told, err);
    call->note = "a login failed; further ones of this minute and place are not told";
    kept_verdict(call, KEPT_DENY, reason, "", 0);
    return rc;
}

static int is_too_often(struct call *call, bool *ret_over, struct kept_err *err)
{
    const struct kept_desk desk = kept_desk_of(call);
    struct kept_tally tallies[TALLIES];
    int rc = 0;
    tallies_of(call, tallies);
    *ret_over = false;
    for (size_t i = 0; rc == 0 && !*ret_over && i < TALLIES; i++)
        rc = kept_tally_over(&desk, &tallies[i], ret_over, err);
    return rc;
}

static int count_wrong(struct call *call, struct kept_err *err)
{
    const struct kept_desk desk = kept_desk_of(call);
    struct kept_tally tallies[TALLIES];
    int rc = 0;
    tallies_of(call, tallies);
    for (size_t i = 0; rc == 0 && i < TALLIES; i++)
        rc = kept_tally_add(&desk, &tallies[i], err);
    return rc == 0 ? turn_away(call, KEPT_R_LOGIN, err) : rc;
}

bool kept_staff_is(const char *actor, const char *name)
{
    const char *slash = strrchr(actor, '/');
    return strcmp(actor, name) == 0 || (slash != NULL && strcmp(slash + 1, name) == 0);
}

/* ---- session.open ------------------------------------------------------------------------------ */

static int check_words(const struct kept_request *r, struct kept_err *err)
{
    const struct kept_caller *who = r->caller;
    const char *name = who != NULL ? text_of(who->name) : "", *password = who != NULL ? text_of(who->password) : "";
    if (name[0] == 0 || password[0] == 0 || text_of(r->secret)[0] == 0)
        return kept_fail(err, KEPT_E_USAGE, "staff log in by name, password and code");
    if (strlen(name) > KEPT_MAX_CALLER_NAME || strlen(password) > KEPT_MAX_PASSWORD || strlen(r->secret) > KEPT_MAX_CODE ||
        strlen(text_of(r->source)) > KEPT_MAX_SOURCE)
        return kept_fail(err, KEPT_E_USAGE, "name, password, code or source is longer than any can be");
    if (text_of(who->new_password)[0] == 0)
        return 0;
    if (strcmp(who->new_password, password) == 0)
        return kept_fail(err, KEPT_E_USAGE, "the new password is the one of before");
    return kept_staff_password(name, who->new_password, err);
}

/* The step of the code, if all three are right; 0: they are not. Password and code are looked at in any case. */
static uint64_t is_right(const struct call *call, const struct kept_caller_row *row)
{
    const struct kept_request *r = call->request;
    const struct kept_span password = span_of(r->caller->password);
    char waste[KEPT_VERIFIER];
    static const struct kept_staff nobody = {.first = true};
    const bool there = row != NULL && row->kind == KEPT_CALLER_STAFF && row->state == KEPT_CALLER_LIVE &&
                       (row->expires == 0 || call->now < row->expires);
    const uint64_t step = kept_totp_step(there ? &row->staff : &nobody, r->secret, call->now);
    const bool fits = there ? kept_password_is(password, row->staff.verifier)
                            : kept_password_hash(password, KEPT_PASSWORD_ROUNDS, KEPT_PASSWORD_BYTES, waste) != 0;
    kept_wipe(waste, sizeof waste);
    return there && fits ? step : 0;
}

static int take_password(struct kept_staff *staff, const char *password, struct kept_err *err)
{
    if (password[0] == 0 && staff->first)
        return kept_fail(err, KEPT_E_USAGE, "this is the first password: log in with a new one beside it (new_password)");
    if (password[0] == 0)
        return 0;
    staff->first = false;
    return kept_password_hash(span_of(password), KEPT_PASSWORD_ROUNDS, KEPT_PASSWORD_BYTES, staff->verifier) == 0
               ? 0
               : kept_fail(err, KEPT_E_NOMEM, "no memory for a password");
}

int kept_staff_put(struct call *call, struct kept_caller_row *row, const struct kept_caller_row *after, struct kept_err *err)
{
    struct kept_caller_row *login = kept_memdup(after, sizeof *after); /* its lists are the row's */
    if (login == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory for a session");
    login->version = row->version + 1;
    row->busy = true;
    call->caller = row;
    call->login = login;
    return kept_caller_put_row(call, login, err);
}

static int say_open(struct call *call, const struct kept_caller_row *row, const char *token, struct kept_err *err)
{
    json_t *root = json_object();
    set(call, root, "name", json_string(row->name));
    set(call, root, "token", json_string(token));
    set(call, root, "until", time_json(call->now + (kept_ms)KEPT_STAFF_HOURS * KEPT_HOUR));
    set(call, root, "idle_minutes", json_integer(KEPT_STAFF_IDLE_MINUTES));
    return kept_report_finish(call, root, err);
}

static int open_session(struct call *call, struct kept_caller_row *row, uint64_t step, struct kept_err *err)
{
    struct kept_caller_row after = *row;
    char token[KEPT_CALLER_TOKEN];
    int rc = take_password(&after.staff, text_of(call->request->caller->new_password), err);
    kept_caller_token(KEPT_TOKEN_STAFF, token, after.hash);
    after.staff.step = step;
    after.staff.since = after.staff.seen = call->now;
    if (rc == 0)
        rc = kept_staff_put(call, row, &after, err);
    if (rc == 0)
        rc = say_open(call, row, token, err);
    call->note = text_of(call->request->caller->new_password)[0] != 0 ? "a session of staff, and a new password" : "a session of staff";
    call->actor = row->name; /* who it was shown to be */
    kept_wipe(token, sizeof token);
    kept_wipe(&after.staff, sizeof after.staff);
    return rc;
}

int kept_act_SESSION_OPEN(struct call *call, struct kept_err *err)
{
    const struct kept_request *r = call->request;
    bool over = false;
    int rc = check_words(r, err);
    if (rc == 0)
        rc = is_too_often(call, &over, err);
    if (rc == 0 && over)
        return turn_away(call, KEPT_R_TOO_OFTEN, err);
    if (rc != 0)
        return rc;
    struct kept_caller_row *row = kept_callers_named(&call->kept->callers, call->app, r->caller->name);
    if (row != NULL && row->busy)
        return kept_fail(err, KEPT_E_BUSY, "that name is logging in just now: try again");
    const uint64_t step = is_right(call, row);
    return step != 0 ? open_session(call, row, step, err) : count_wrong(call, err);
}

/* ---- session.close ----------------------------------------------------------------------------- */

bool kept_is_leaving(const struct call *call)
{
    return call->by != NULL && call->by->kind == KEPT_CALLER_STAFF && call->row->op == KEPT_OP_SESSION_CLOSE;
}

int kept_act_SESSION_CLOSE(struct call *call, struct kept_err *err)
{
    if (!kept_is_leaving(call))
        return kept_fail(err, KEPT_E_USAGE, "a session of staff is ended by asking in it; caller.revoke ends a member's for good");
    struct kept_caller_row *row = kept_callers_named(&call->kept->callers, call->app, call->by->name);
    if (row == NULL || row->busy)
        return kept_fail(err, KEPT_E_BUSY, "the session is changing just now: try again");
    struct kept_caller_row after = *row;
    kept_random(after.hash, sizeof after.hash); /* of nothing */
    after.staff.since = after.staff.seen = 0;
    int rc = kept_staff_put(call, row, &after, err);
    kept_wipe(&after.staff, sizeof after.staff);
    if (rc != 0)
        return rc;
    json_t *root = json_object();
    set(call, root, "ended", json_string("this"));
    return kept_report_finish(call, root, err);
}

void kept_login_settle(struct call *call, struct kept_caller_row *row, bool done)
{
    struct kept_caller_row *login = call->login;
    call->login = NULL;
    if (login == NULL)
        return;
    if (done && row != NULL && row->state == KEPT_CALLER_LIVE) {
        memcpy(row->hash, login->hash, sizeof row->hash);
        row->staff = login->staff;
        memcpy(row->attested, login->attested, sizeof row->attested);
        row->version = login->version;
        kept_callers_moved(&call->kept->callers);
        call->app->generation += call->row->op == KEPT_OP_STAFF_ATTEST; /* what waits is decided again */
    }
    kept_wipe(login, sizeof *login);
    kept_free(login);
}
