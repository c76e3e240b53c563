/* publish.c - a version of the policy takes effect: never before what it changes was told as long before as
 * people were promised, never in the past, and for ever.
 *
 * A version is compared with the one it follows (policy/difference.h). What that comes to is told before it
 * takes effect as the version in force promises it, and each that is published and waits: whoever is
 * governed by one of them, their promise holds. */
#include <string.h>

#include "base/error.h"
#include "base/id.h"
#include "engine/admin_int.h"
#include "engine/engine_int.h"
#include "engine/report_int.h"
#include "policy/difference.h"

#define NOTE_BYTES 512u   /* what the entry says of a version */
#define LEAD_BYTES 32u    /* "7 working days" */
#define CODES_BYTES 40u   /* "M0, M1, M2, M3, M4, M5, M6" */
#define WORDS_BYTES (64u << 20)

/* A version on its way in. */
struct publication {
    struct kept_span text;
    struct kept_policy *policy;
    struct app *app;
    bool fresh;                /* the app's first: nobody is told of a change */
    kept_ms effective;
    struct kept_difference *d; /* from the version that it follows; NULL: there is none */
    kept_ms earliest;          /* it may take effect from then on */
    struct kept_change promise;/* the one that says so; */
    uint32_t promised_by;      /* the version that promises; 0: none does */
};

/* ---- what it changes, and when it may ----------------------------------------------------------- */

/* From when on a version may take effect of which people are told now. Without a calendar of feasts a working
 * day is taken for two days, and a fortnight more: too late by some days, never too early. */
static kept_ms earliest_of(const struct kept_change *change, kept_ms now)
{
    if (change->earliest.state == KEPT_DUE_SET)
        return change->earliest.before;
    return change->earliest.state == KEPT_DUE_UNSAID
               ? now
               : now + (2 * (kept_ms)change->lead.n + 14) * KEPT_DAY;
}

static void take_promise(struct publication *p, const struct version *v, kept_ms now)
{
    struct kept_change change = kept_policy_change(v->policy, p->d->triggers, now, NULL);
    kept_ms earliest = earliest_of(&change, now);
    if (p->promised_by != 0 && earliest <= p->earliest)
        return;
    p->promise = change;
    p->earliest = earliest;
    p->promised_by = v->number;
}

static int weigh(struct kept *kept, struct publication *p, kept_ms now, struct kept_err *err)
{
    const struct app *app = p->app;
    struct kept_buf before;
    size_t in_force = app->version_count - 1;
    while (in_force > 0 && app->versions[in_force].effective > now)
        in_force--;
    kept_buf_init(&before, KEPT_MAX_POLICY_BYTES + 1);
    int rc = kept_app_text(kept, app, app->versions[app->version_count - 1].number, &before, err);
    if (rc == 0)
        rc = kept_policy_difference(kept_buf_span(&before), p->text, &p->d, err);
    kept_buf_release(&before);
    if (rc != 0)
        return rc;
    kept_difference_effective(p->d, p->effective);
    for (size_t i = in_force; i < app->version_count; i++)
        take_promise(p, &app->versions[i], now);
    return 0;
}

static void codes_of(const struct publication *p, char ret[CODES_BYTES])
{
    size_t n = 0;
    ret[0] = 0;
    for (unsigned t = 0; p->d != NULL && t < KEPT_MATERIAL_COUNT; t++)
        if ((p->d->triggers >> t & 1u) != 0)
            n += (size_t)snprintf(ret + n, CODES_BYTES - n, "%s%s", n > 0 ? ", " : "",
                                  kept_material_code((enum kept_material)t));
}

/* "7 days"; "" where none is promised. */
static void lead_of(const struct publication *p, char ret[LEAD_BYTES])
{
    static const char *const units[] = {"", "hours", "days", "working days", "months"};
    const struct kept_length lead = p->promise.lead;
    ret[0] = 0;
    if (p->promised_by != 0 && lead.n > 0)
        (void)snprintf(ret, LEAD_BYTES, "%u %s", lead.n, units[lead.unit]);
}

static const char *weight_of(const struct publication *p)
{
    return p->d == NULL     ? "first"
           : p->d->material ? "material"
                             : "minor";
}

static int check_lead(const struct publication *p, uint32_t version, struct kept_err *err)
{
    char earliest[KEPT_TIME_TEXT], lead[LEAD_BYTES], codes[CODES_BYTES];
    if (p->promised_by == 0 || p->effective >= p->earliest)
        return 0;
    kept_time_text(p->earliest, earliest);
    lead_of(p, lead);
    codes_of(p, codes);
    return kept_fail(err, KEPT_E_CONFLICT,
                     "version %u is a %s change%s%s%s, and version %u (line %d%s%.20s) promises %s' notice of "
                     "one: it takes effect on %s at the earliest. Publish it with --at %s or later",
                     version, p->promise.material ? "material" : "minor", codes[0] != 0 ? " (" : "", codes,
                     codes[0] != 0 ? ")" : "", p->promised_by, p->promise.line,
                     p->promise.clause[0] != 0 ? ", " : "", p->promise.clause, lead, earliest, earliest);
}

static int check_version(const struct publication *p, struct kept_err *err)
{
    const struct app *app = p->app;
    const uint32_t version = kept_policy_info(p->policy)->version;
    if (app->version_count == 0)
        return 0;
    const struct version *last = &app->versions[app->version_count - 1];
    if (version <= last->number)
        return kept_fail(err, KEPT_E_CONFLICT,
                         "version %u of the policy of %s is published: give the new one a higher "
                         "number",
                         last->number, app->name);
    if (p->effective < last->effective)
        return kept_fail(err, KEPT_E_CONFLICT,
                         "version %u takes effect before the version it replaces", version);
    return 0;
}

/* ---- what is on record of it -------------------------------------------------------------------- */

/* The entry: which text, from when on, how weighty a change, told how long before. */
static void note_of(const struct publication *p, char ret[NOTE_BYTES])
{
    char hash[65], effective[KEPT_TIME_TEXT], lead[LEAD_BYTES], codes[CODES_BYTES];
    const struct kept_policy_info *info = kept_policy_info(p->policy);
    kept_hex(info->hash, sizeof info->hash, hash);
    kept_time_text(p->effective, effective);
    lead_of(p, lead);
    codes_of(p, codes);
    (void)snprintf(ret, NOTE_BYTES, "version %u; sha256 %s; effective %s; change %s%s%s; notice %s",
                   info->version, hash, effective, weight_of(p), codes[0] != 0 ? " " : "", codes,
                   lead[0] != 0 ? lead : "none promised");
}

static json_t *notice_json(const struct publication *p)
{
    char lead[LEAD_BYTES];
    lead_of(p, lead);
    return json_pack("{s:i,s:s,s:o,s:i,s:s}", "promised_by", (int)p->promised_by, "lead", lead, "earliest",
                     time_json(p->earliest), "line", p->promise.line, "clause", p->promise.clause);
}

/* For a dry run: all of the comparison, in words as well. */
static int set_comparison(struct call *call, const struct publication *p, json_t *root,
                          struct kept_err *err)
{
    const char *language = call->request->language != NULL ? call->request->language : "en";
    struct kept_buf words;
    if (p->d == NULL)
        return 0;
    kept_buf_init(&words, WORDS_BYTES);
    int rc = kept_difference_text(p->d, language, &words);
    if (rc == 0) {
        set(call, root, "words", json_stringn((const char *)words.p, words.n));
        set(call, root, "comparison", kept_difference_json(p->d, language));
    }
    kept_buf_release(&words);
    return rc == 0 ? 0 : kept_fail(err, rc, "no memory for a report");
}

static int report(struct call *call, const struct publication *p, const struct kept_err *refused,
                  struct kept_err *err)
{
    const struct kept_policy_info *info = kept_policy_info(p->policy);
    json_t *root = json_object(), *triggers = json_array();
    char hash[65];
    int rc = 0;
    kept_hex(info->hash, sizeof info->hash, hash);
    for (unsigned t = 0; p->d != NULL && t < KEPT_MATERIAL_COUNT; t++)
        if ((p->d->triggers >> t & 1u) != 0)
            add(call, triggers, json_string(kept_material_code((enum kept_material)t)));
    set(call, root, "app", json_string(info->app));
    set(call, root, "version", json_integer(info->version));
    set(call, root, "sha256", json_string(hash));
    set(call, root, "published", call->request->dry != 0 ? json_null() : time_json(call->now));
    set(call, root, "effective", time_json(p->effective));
    set(call, root, "change", json_string(weight_of(p)));
    set(call, root, "triggers", triggers);
    set(call, root, "notice", p->promised_by != 0 ? notice_json(p) : json_null());
    if (call->request->dry != 0) {
        set(call, root, "refused", refused->code != 0 ? json_string(refused->text) : json_null());
        rc = set_comparison(call, p, root, err);
    }
    if (rc == 0)
        return kept_report_finish(call, root, err);
    kept_json_free(root);
    return rc;
}

/* ---- into the store ------------------------------------------------------------------------------ */

/* The version as rows and entry, in one transaction. */
static int put(struct call *call, const struct publication *p, struct kept_err *err)
{
    struct kept_store *store = call->kept->store;
    struct app *app = p->app;
    const uint32_t version = kept_policy_info(p->policy)->version;
    int rc = kept_store_begin_write(store, err);
    if (rc == 0 && p->fresh)
        rc = kept_app_add(store, app->name, &app->number, err);
    if (rc == 0 && app->number > KEPT_MAX_APPS)
        rc = kept_fail(err, KEPT_E_LIMIT, "more apps than %u in one store", KEPT_MAX_APPS);
    if (rc == 0)
        rc = kept_policy_row_put(store, app->number, version, p->effective, call->now, p->text, err);
    if (rc == 0)
        rc = kept_app_seal(store, app, version, p->effective, call->now, p->text, err);
    if (rc == 0)
        rc = kept_meta_put_u64(store, "clock", (uint64_t)call->now, err);
    if (rc == 0)
        rc = kept_queue_entry(call, err);
    if (rc == 0)
        rc = kept_store_commit(store, err);
    if (rc != 0)
        kept_store_rollback(store);
    return rc;
}

static int publish(struct call *call, struct publication *p, struct kept_err *err)
{
    char note[NOTE_BYTES];
    struct kept *kept = call->kept;
    struct app *app = p->app;
    const struct kept_policy_info *info = kept_policy_info(p->policy);
    int rc = p->fresh ? kept_app_attach(kept, app, true, call->now, err) : 0;
    app->next_number = p->fresh ? 1 : app->next_number;
    note_of(p, note);
    call->note = note;
    if (rc == 0)
        rc = put(call, p, err);
    call->note = NULL;
    bool committed = rc == 0;
    if (rc == 0)
        rc = kept_app_add_version(app, info->version, p->effective, call->now,
                                  p->d != NULL ? p->d->agreed : 0, p->policy);
    if (rc == 0)
        p->policy = NULL;
    if (rc == 0 && p->fresh)
        rc = kept_app_register(kept, app, err);
    if (rc == 0)
        app->generation++;
    kept->stopped = kept->stopped || (committed && rc != 0);
    return rc;
}

/* ---- the operation ------------------------------------------------------------------------------- */

static int first_finding(const struct kept_findings *findings, struct kept_err *err)
{
    for (size_t i = 0; i < findings->count; i++)
        if (findings->rows[i].severity == KEPT_ERROR)
            return kept_fail(err, KEPT_E_POLICY, "the policy has %zu errors, the first at %d:%d: %.120s",
                             findings->errors, findings->rows[i].line, findings->rows[i].column,
                             findings->rows[i].text);
    return kept_fail(err, KEPT_E_POLICY, "the policy does not load");
}

/* Only the app itself publishes. The refusal is on record, where there is a ledger to hold it. */
static int refuse_role(struct call *call, struct app *app, enum kept_reason why, struct kept_err *err)
{
    const struct kept_policy *policy = kept_app_in_force(app, call->now);
    call->app = app;
    call->policy = policy != NULL ? policy : app->versions[app->version_count - 1].policy;
    call->info = kept_policy_info(call->policy);
    call->box->reply.policy_version = call->info->version;
    kept_verdict(call, KEPT_DENY, why, "", 0);
    int rc = kept_store_begin_write(call->kept->store, err);
    if (rc == 0)
        rc = kept_queue_entry(call, err);
    if (rc == 0)
        rc = kept_store_commit(call->kept->store, err);
    if (rc != 0)
        kept_store_rollback(call->kept->store);
    return rc;
}

static int read_text(struct publication *p, const struct kept_request *r, struct kept_err *err)
{
    struct kept_findings findings = {0};
    if (r->text == NULL)
        return kept_fail(err, KEPT_E_USAGE, "there is no policy to publish: its text goes into the request's text");
    p->text = (struct kept_span){(const uint8_t *)r->text, strlen(r->text)};
    int rc = kept_policy_read(p->text, &p->policy, &findings, err);
    if (rc == KEPT_E_POLICY)
        rc = first_finding(&findings, err);
    kept_findings_release(&findings);
    return rc;
}

/* May it be published as it is? Then it is, unless it is asked only what would become of it. */
static int judge(struct call *call, struct publication *p, struct kept_err *err)
{
    const struct kept_policy_info *info = kept_policy_info(p->policy);
    struct kept_err refused = {0};
    bool dry = call->request->dry != 0;
    /* Not before now: the past stays under the rules that governed it. */
    p->effective = call->request->at != 0 ? call->request->at : info->effective;
    if (p->effective < call->now)
        p->effective = call->now;
    p->earliest = call->now;
    call->app = p->app;
    call->policy = p->policy;
    call->info = info;
    call->box->reply.policy_version = info->version;
    kept_verdict(call, KEPT_ALLOW, KEPT_R_NONE, "", 0);
    int rc = p->fresh ? 0 : weigh(call->kept, p, call->now, err);
    if (rc != 0)
        return rc;
    rc = check_version(p, &refused);
    if (rc == 0)
        rc = check_lead(p, info->version, &refused);
    if (rc != 0 && !dry) {
        *err = refused;
        return rc;
    }
    rc = report(call, p, &refused, err);
    return rc != 0 || dry ? rc : publish(call, p, err);
}

int kept_act_POLICY_PUBLISH(struct call *call, struct kept_err *err)
{
    struct publication p = {.promised_by = 0};
    int rc = read_text(&p, call->request, err);
    if (rc != 0)
        return rc;
    p.app = kept_app_named(call->kept, kept_policy_info(p.policy)->app);
    p.fresh = p.app == NULL;
    const bool not_theirs = call->by != NULL && (p.fresh || call->by->of != p.app);
    if (not_theirs || (call->by != NULL && !kept_caller_may(call->by, call->request))) {
        rc = not_theirs ? kept_fail(err, KEPT_E_DENIED, "a caller publishes policies of its own app, and no other")
                        : refuse_role(call, p.app, KEPT_R_CALLER, err);
        kept_policy_free(p.policy);
        return rc;
    }
    if (call->role_ref != KEPT_REF_NONE) {
        rc = !p.fresh ? refuse_role(call, p.app, KEPT_R_OPERATION, err)
                      : kept_fail(err, KEPT_E_DENIED, "a policy is published by the app itself, not by a role");
        kept_policy_free(p.policy);
        return rc;
    }
    if (p.fresh && (p.app = kept_app_new(call->kept, kept_policy_info(p.policy)->app)) == NULL)
        rc = kept_fail(err, KEPT_E_NOMEM, "no memory for an app");
    if (rc == 0)
        rc = judge(call, &p, err);
    if (p.fresh && (rc != 0 || call->request->dry != 0)) {
        kept_app_free(p.app);
        call->app = NULL;
    }
    kept_difference_free(p.d);
    kept_policy_free(p.policy);
    return rc;
}
