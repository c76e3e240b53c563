/* attest.c - what is on file of a member of staff: an agreement of confidentiality, vetting, training; put there by another
 * than themselves, gone at once when it is taken back, and worth nothing past its end. What a role requires says the policy in
 * force, whichever version governs the person asked about: it is about staff. */
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "engine/staff_int.h"

#define NOTE_BYTES 512u

/* ---- is it enough? ----------------------------------------------------------------------------- */

/* If there is no memory to say so, the verdict alone does. */
static void say_missing(struct call *call, const bool missing[KEPT_ATTESTATIONS])
{
    struct kept_err err = {0};
    json_t *root = json_object(), *words = json_array();
    for (size_t i = 0; i < KEPT_ATTESTATIONS; i++)
        if (missing[i])
            add(call, words, json_string(kept_attestation_word(i)));
    set(call, root, "missing", words);
    if (kept_report_finish(call, root, &err) != 0)
        call->holes = false;
}

static bool is_missing(const struct kept_policy *policy, uint32_t role, const struct kept_caller_row *who, kept_ms now, size_t which,
                       const char **ret_clause, int *ret_line)
{
    return kept_policy_requires(policy, role, which, ret_clause, ret_line) &&
           !(who->kind == KEPT_CALLER_STAFF && kept_attested_now(&who->attested[which], now));
}

bool kept_attested_for(const struct kept_policy *policy, uint32_t role, const struct kept_caller_row *who, kept_ms now)
{
    const char *clause = "";
    int line = 0;
    size_t i = 0;
    while (i < KEPT_ATTESTATIONS && !is_missing(policy, role, who, now, i, &clause, &line))
        i++;
    return i == KEPT_ATTESTATIONS;
}

bool kept_attested_enough(struct call *call)
{
    const struct kept_caller_row *by = call->by;
    bool missing[KEPT_ATTESTATIONS] = {false}, enough = true;
    if (by == NULL || call->actor_kind != KEPT_ACTOR_STAFF)
        return true;
    const struct kept_policy *policy = kept_app_in_force(call->app, call->now);
    const uint32_t role = kept_policy_index(policy, KEPT_K_ROLE, call->role_ref);
    for (size_t i = 0; i < KEPT_ATTESTATIONS; i++) {
        const char *clause = "";
        int line = 0;
        missing[i] = is_missing(policy, role, by, call->now, i, &clause, &line);
        if (missing[i] && enough)
            kept_verdict(call, KEPT_DENY, KEPT_R_ATTESTATION, clause, line);
        enough = enough && !missing[i];
    }
    if (!enough)
        say_missing(call, missing);
    return enough;
}

/* ---- staff.attest ------------------------------------------------------------------------------ */

json_t *kept_attested_json(struct call *call, const struct kept_caller_row *row)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < KEPT_ATTESTATIONS; i++) {
        const struct kept_attested *a = &row->attested[i];
        if (a->at == 0)
            continue;
        json_t *one = json_object();
        set(call, one, "what", json_string(kept_attestation_word(i)));
        set(call, one, "holds", json_boolean(kept_attested_now(a, call->now)));
        set(call, one, "since", time_json(a->at));
        if (a->until != 0)
            set(call, one, "until", time_json(a->until));
        set(call, one, "evidence", json_string(a->evidence));
        set(call, one, "by", json_string(a->by));
        add(call, rows, one);
    }
    return rows;
}

/* What is to be on file. */
static int read_attested(const struct call *call, struct kept_attested *ret, struct kept_err *err)
{
    const struct kept_request *r = call->request;
    const struct kept_evidence *e = r->evidence;
    const char *reference = e != NULL && e->reference != NULL ? e->reference : "";
    const size_t n = strlen(reference);
    if (n == 0 || e->sha256.n != 0)
        return kept_fail(err, KEPT_E_USAGE, "what shows it? Say in words where the paper, or the result, is kept (evidence)");
    if (n > KEPT_MAX_REFERENCE || !kept_utf8_valid((struct kept_span){(const uint8_t *)reference, n}))
        return kept_fail(err, KEPT_E_USAGE, "the reference of what shows it is at most %u bytes of text", KEPT_MAX_REFERENCE);
    if (e->signed_at < 0 || e->signed_at > call->now)
        return kept_fail(err, KEPT_E_USAGE, "it cannot have been signed, or passed, later than now");
    if (r->expires != 0 && r->expires <= call->now)
        return kept_fail(err, KEPT_E_USAGE, "it would be over already");
    *ret = (struct kept_attested){.at = e->signed_at != 0 ? e->signed_at : call->now, .until = r->expires};
    (void)snprintf(ret->evidence, sizeof ret->evidence, "%s", reference);
    (void)snprintf(ret->by, sizeof ret->by, "%s", call->actor);
    return 0;
}

static int note(struct call *call, const struct kept_caller_row *row, size_t which)
{
    const struct kept_attested *a = &row->attested[which];
    char until[KEPT_TIME_TEXT] = "";
    struct kept_buf text;
    kept_buf_init(&text, NOTE_BYTES);
    kept_buf_printf(&text, "%s: %s", row->name, kept_attestation_word(which));
    if (a->until != 0)
        kept_time_text(a->until, until);
    if (a->at == 0)
        kept_buf_text(&text, " taken back");
    else
        kept_buf_printf(&text, "; %s%s%s", a->evidence, until[0] != 0 ? "; until " : "", until);
    call->note = call->noted = kept_buf_take(&text);
    return call->note != NULL ? 0 : KEPT_E_NOMEM;
}

static int attest(struct call *call, struct kept_caller_row *row, size_t which, struct kept_err *err)
{
    struct kept_caller_row after = *row;
    int rc = 0;
    if (call->request->on != 0)
        rc = read_attested(call, &after.attested[which], err);
    else if (row->attested[which].at == 0)
        rc = kept_fail(err, KEPT_E_NOTFOUND, "there is no %s of %s on file", kept_attestation_word(which), row->name);
    else
        after.attested[which] = (struct kept_attested){.at = 0};
    if (rc == 0)
        rc = kept_staff_put(call, row, &after, err);
    if (rc == 0 && note(call, &after, which) != 0)
        rc = kept_fail(err, KEPT_E_NOMEM, "no memory for a ledger entry");
    if (rc == 0) {
        json_t *root = json_object();
        set(call, root, "name", json_string(row->name));
        set(call, root, "attested", kept_attested_json(call, &after));
        rc = kept_report_finish(call, root, err);
    }
    kept_wipe(&after.staff, sizeof after.staff);
    return rc;
}

int kept_act_STAFF_ATTEST(struct call *call, struct kept_err *err)
{
    const struct kept_request *r = call->request;
    const char *name = r->caller != NULL && r->caller->name != NULL ? r->caller->name : "";
    const size_t which = kept_attestation_named(r->text != NULL ? r->text : "");
    struct kept_caller_row *row = kept_callers_named(&call->kept->callers, call->app, name);
    if (which == KEPT_ATTESTATIONS)
        return kept_fail(err, KEPT_E_USAGE, "what is on file of staff is confidentiality, vetting or training");
    if (row == NULL || row->kind != KEPT_CALLER_STAFF)
        return kept_fail(err, KEPT_E_NOTFOUND, "no member of staff of that name: caller.list tells who there is");
    if (row->busy)
        return kept_fail(err, KEPT_E_BUSY, "that member is changing just now: try again");
    if (kept_staff_is(call->actor, row->name)) { /* nobody says of themselves that they are to be trusted */
        kept_verdict(call, KEPT_DENY, KEPT_R_APPROVAL, "", 0);
        return 0;
    }
    return attest(call, row, which, err);
}
