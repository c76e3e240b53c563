/* minor.c - somebody seems to be a child: reported, settled, and then erased by the way everybody is; and who comes of
 * age. A report alone deletes nothing, however old it grows: it restricts, where the policy says so, until it is settled. */
#include "engine/minor_int.h"

#include <string.h>

#include "base/error.h"
#include "engine/account_int.h"

#define BIT(act) (1u << KEPT_DISCOVERY_##act)
#define ENDS (BIT(CANCEL) | BIT(DELETE))
#define PEOPLE_A_TICK 64u

static const struct kept_paper like = {.kind = KEPT_P_MINOR};

static bool find(const struct call *call, struct kept_paper *ret)
{
    return kept_paper_find(call->subject, &like, ret);
}

static struct kept_span span_of(const char *text)
{
    return (struct kept_span){(const uint8_t *)text, text != NULL ? strlen(text) : 0};
}

/* ---- what is done ------------------------------------------------------------------------------ */

/* By when the data must be gone: as a request to delete must be answered; where the account only ends, as leaving must be.
 * Without a calendar of feasts each day is taken for a working day: too early by some days, never too late. */
static kept_ms erase_by(const struct call *call, uint32_t does, kept_ms at)
{
    struct kept_anchors anchors;
    const struct kept_leaving leaving = {.trigger = KEPT_TRIGGER_SUPPORT, .at = at};
    for (size_t i = 0; i < KEPT_ANCHORS; i++)
        anchors.at[i] = at;
    const struct kept_due due = (does & BIT(DELETE)) != 0
                                    ? kept_policy_due(call->policy, KEPT_ASK_DELETE, &anchors, false, NULL)
                                    : kept_policy_cancellation(call->policy, &leaving, NULL).due;
    const kept_ms days = kept_policy_right(call->policy, KEPT_ASK_DELETE).deadline.within.n;
    return due.state == KEPT_DUE_SET ? due.before : due.state == KEPT_DUE_NO_CALENDAR ? at + days * KEPT_DAY : at;
}

int kept_minor_done(struct kept_store *store, uint64_t key, struct kept_err *err)
{
    int rc = kept_todo_delete(store, KEPT_TODO_MINOR, key, err);
    return rc != 0 ? rc : kept_todo_delete(store, KEPT_TODO_MINOR_BY, key, err);
}

/* Reported, or found out, at an instant: the paper, the state, and what TICK has to do. */
static int restrict_as(struct call *call, struct kept_paper *paper, uint32_t does, struct kept_err *err)
{
    struct kept_store *store = call->kept->store;
    struct kept_subject *s = call->subject;
    const bool ends = paper->state == KEPT_M_CONFIRMED && (does & ENDS) != 0;
    const bool closed = ends || (does & BIT(RESTRICT)) != 0;
    paper->until = ends ? erase_by(call, does, call->now) : 0;
    int rc = kept_paper_put(s, paper, err);
    if (rc == 0 && ends)
        rc = kept_todo_put(store, KEPT_TODO_MINOR, s->key, call->now, err);
    if (rc == 0 && ends)
        rc = kept_todo_put(store, KEPT_TODO_MINOR_BY, s->key, paper->until, err);
    if (rc == 0 && ends && (does & BIT(CANCEL)) != 0) /* sessions, codes, messages: at once, nothing cools off */
        rc = kept_desk_forget(store, s->key, err);
    if (rc != 0)
        return rc;
    if (closed)
        s->context.state = KEPT_S_RESTRICTED;
    call->changed = true;
    if (closed)
        call->obligation = (struct kept_journal_row){.kind = KEPT_J_RESTRICT,
                                                     .record = ends ? KEPT_RESTRICTED_TO_ERASE : KEPT_RESTRICTED_ONLY};
    return 0;
}

/* What was said of them counts no more. Who had refused everything before, or meanwhile, still does. */
static int lift(struct call *call, struct kept_err *err)
{
    struct kept_subject *s = call->subject;
    const struct kept_consent_row *whole = kept_subject_consent(s, KEPT_K_NONE, KEPT_REF_NONE, KEPT_C_EXPLICIT);
    int rc = kept_paper_drop(s, &like, err);
    if (rc == 0)
        rc = kept_minor_done(call->kept->store, s->key, err);
    if (rc != 0)
        return rc;
    if (s->context.state == KEPT_S_RESTRICTED) {
        s->context.state = whole != NULL && whole->state == KEPT_CS_REFUSED ? KEPT_S_REFUSED : KEPT_S_LIVE;
        call->obligation = (struct kept_journal_row){.kind = KEPT_J_RESTRICT, .record = KEPT_RESTRICTED_NO_MORE};
    }
    call->changed = true;
    return 0;
}

/* ---- what is said ------------------------------------------------------------------------------ */

static json_t *acts_json(struct call *call, uint32_t does)
{
    static const char *const words[] = {[KEPT_DISCOVERY_RESTRICT] = "restrict", [KEPT_DISCOVERY_CANCEL] = "cancel",
                                        [KEPT_DISCOVERY_DELETE] = "delete"};
    json_t *acts = json_array();
    for (unsigned i = 0; i < sizeof words / sizeof words[0]; i++)
        if ((does >> i & 1u) != 0)
            add(call, acts, json_string(words[i]));
    return acts;
}

static json_t *paper_json(struct call *call, const struct kept_paper *paper)
{
    json_t *root = json_object();
    set(call, root, "state", json_string(paper->state == KEPT_M_CONFIRMED ? "confirmed" : "reported"));
    set(call, root, "reported", time_json(paper->at));
    if (paper->until != 0)
        set(call, root, "erase_by", time_json(paper->until));
    set(call, root, "does", acts_json(call, kept_policy_on_discovery(call->policy)));
    return root;
}

static int say(struct call *call, const char *otherwise, struct kept_err *err)
{
    struct kept_paper paper;
    json_t *root = NULL;
    if (find(call, &paper)) {
        root = paper_json(call, &paper);
        set(call, root, "restricted", json_boolean(call->subject->context.state == KEPT_S_RESTRICTED));
    } else {
        root = json_object();
        set(call, root, "state", json_string(otherwise));
    }
    return kept_report_finish(call, root, err);
}

static void day_json(struct call *call, json_t *root, const char *key, int32_t day)
{
    int year = 0, month = 0, of_month = 0;
    kept_date_split(day, &year, &month, &of_month);
    set(call, root, key, json_sprintf("%04d-%02d-%02d", year, month, of_month));
}

/* What only a guardian agreed to: at that day it counts no more. */
static json_t *own_needed_json(struct call *call)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < call->subject->context.consent_count; i++) {
        const struct kept_consent_row *r = &call->subject->consents[i];
        if (r->kind != KEPT_C_GUARDIAN || r->state != KEPT_CS_GRANTED || r->scope_kind == KEPT_K_NONE)
            continue;
        const struct kept_consent_row *own = kept_subject_consent(call->subject, r->scope_kind, r->scope, KEPT_C_EXPLICIT);
        if (own != NULL && own->state == KEPT_CS_GRANTED)
            continue;
        json_t *row = json_object();
        set(call, row, "of", json_string(scope_kind_name(r->scope_kind)));
        set(call, row, "scope", json_string(kept_ref_name(call->app, r->scope_kind, r->scope)));
        add(call, rows, row);
    }
    return rows;
}

void kept_minor_told(struct call *call, json_t *root)
{
    const struct kept_context *c = &call->subject->context;
    struct kept_paper paper;
    int32_t day = 0;
    if (find(call, &paper)) {
        json_t *minor = paper_json(call, &paper);
        if (call->actor_kind != KEPT_ACTOR_PERSON)
            set(call, minor, "reported_by", text_json(paper.text[KEPT_PT_RECORDER]));
        if (call->actor_kind != KEPT_ACTOR_STAFF && paper.text[KEPT_PT_REFERENCE].n != 0)
            set(call, minor, "birth_date_said", text_json(paper.text[KEPT_PT_REFERENCE]));
        set(call, root, "minor", minor);
    }
    if (call->actor_kind != KEPT_ACTOR_STAFF && kept_policy_ages_out(call->policy, c->birth_day, call->now, &day))
        day_json(call, root, "of_age_from", day);
    json_t *needed = own_needed_json(call);
    if (json_array_size(needed) > 0)
        set(call, root, "own_consent_needed", needed);
    else
        json_decref(needed);
}

int kept_minors_counted(struct call *call, json_t *root, struct kept_err *err)
{
    struct kept_store *store = call->kept->store;
    uint64_t all = 0, late = 0;
    int rc = kept_todo_count(store, KEPT_TODO_MINOR_BY, &all, err);
    if (rc == 0)
        rc = kept_todo_due(store, KEPT_TODO_MINOR_BY, call->now, &late, err);
    set(call, root, "minors_to_erase", json_integer((json_int_t)all));
    set(call, root, "minors_to_erase_late", json_integer((json_int_t)late));
    return rc;
}

/* ---- the operations ---------------------------------------------------------------------------- */

/* Does the policy say what is done about it, and were reasons given? */
static bool is_heard(struct call *call)
{
    int line = 0;
    const char *clause = kept_policy_age_rule(call->policy, &line), *why = call->request->text;
    const bool declared = kept_policy_on_discovery(call->policy) != 0;
    if (declared && why != NULL && why[0] != 0)
        return true;
    kept_verdict(call, KEPT_DENY, declared ? KEPT_R_JUSTIFICATION : KEPT_R_UNDECLARED, clause, line);
    return false;
}

/* The day of birth that was found, of a child or of somebody of age; KEPT_BIRTH_UNKNOWN: none was. */
static int take_birth(const struct call *call, const char *text, size_t n, bool child, int32_t *ret_day, struct kept_err *err)
{
    *ret_day = KEPT_BIRTH_UNKNOWN;
    if (n == 0)
        return 0;
    if (kept_date_parse(text, n, ret_day) != 0 || *ret_day > kept_zone_day(&call->info->zone, call->now))
        return kept_fail(err, KEPT_E_USAGE, "a birth date is a day of the past, as YYYY-MM-DD");
    if (kept_policy_of_age(call->policy, *ret_day, call->now) == child)
        return kept_fail(err, KEPT_E_USAGE, child ? "who was born on that day decides alone: that is no child"
                                                  : "who was born on that day does not decide alone: that is a child");
    return 0;
}

static int birth_of(const struct call *call, bool child, int32_t *ret_day, struct kept_err *err)
{
    const struct kept_span said = span_of(call->request->birth_date);
    return take_birth(call, call->request->birth_date, said.n, child, ret_day, err);
}

/* A guardian who spoke before anybody reported it: then nothing was collected without one. */
static bool is_guarded(const struct call *call, int32_t born, kept_ms reported)
{
    struct kept_paper p;
    bool speaks = false;
    for (size_t at = 0; kept_paper_next(call->subject, &at, &p);)
        speaks = speaks || (p.kind == KEPT_P_GUARDIAN && p.state == KEPT_G_SPEAKS && p.at < reported);
    return speaks && kept_policy_guardian_need(call->policy, born, call->now).asked;
}

static int confirm(struct call *call, struct kept_paper *paper, int32_t born, struct kept_err *err)
{
    struct kept_context *c = &call->subject->context;
    const struct kept_span said = paper->text[KEPT_PT_REFERENCE];
    int rc = 0;
    if (born == KEPT_BIRTH_UNKNOWN && said.n > 0)
        rc = take_birth(call, (const char *)said.p, said.n, true, &born, err);
    if (rc != 0)
        return rc;
    if (born != KEPT_BIRTH_UNKNOWN)
        c->birth_day = born;
    if (is_guarded(call, c->birth_day, paper->at)) {
        rc = lift(call, err);
        return rc != 0 ? rc : say(call, "guarded", err);
    }
    paper->state = KEPT_M_CONFIRMED;
    rc = restrict_as(call, paper, kept_policy_on_discovery(call->policy), err);
    return rc != 0 ? rc : say(call, "", err);
}

/* Who may settle it, has by telling the day of birth. */
static bool settles_too(struct call *call, int32_t born)
{
    const bool may = born != KEPT_BIRTH_UNKNOWN && kept_may_also(call, KEPT_OP_MINOR_SETTLE);
    kept_verdict(call, KEPT_ALLOW, KEPT_R_NONE, "", 0);
    if (may)
        call->row = kept_op_row(KEPT_OP_MINOR_SETTLE);
    return may;
}

int kept_act_MINOR_REPORT(struct call *call, struct kept_err *err)
{
    struct kept_paper paper = like;
    int32_t born = KEPT_BIRTH_UNKNOWN;
    if (!is_heard(call))
        return 0;
    int rc = birth_of(call, true, &born, err);
    if (rc != 0)
        return rc;
    const bool known = find(call, &paper);
    if (!known) {
        paper.state = KEPT_M_REPORTED;
        paper.at = call->now;
        paper.text[KEPT_PT_RECORDER] = span_of(call->actor);
        paper.text[KEPT_PT_REFERENCE] = span_of(call->request->birth_date);
    }
    if ((!known || paper.state == KEPT_M_REPORTED) && settles_too(call, born))
        return confirm(call, &paper, born, err);
    if (!known)
        rc = restrict_as(call, &paper, kept_policy_on_discovery(call->policy), err);
    return rc != 0 ? rc : say(call, "", err);
}

/* Of age: then the day of birth on file must not say otherwise. */
static int clear(struct call *call, bool known, struct kept_err *err)
{
    struct kept_context *c = &call->subject->context;
    int32_t born = KEPT_BIRTH_UNKNOWN;
    int rc = birth_of(call, false, &born, err);
    if (rc == 0 && !known)
        rc = kept_fail(err, KEPT_E_CONFLICT, "nobody reported that this person is a child");
    if (rc == 0 && born == KEPT_BIRTH_UNKNOWN && c->birth_day != KEPT_BIRTH_UNKNOWN &&
        !kept_policy_of_age(call->policy, c->birth_day, call->now))
        rc = kept_fail(err, KEPT_E_CONFLICT, "by the day of birth on file this is a child: give the right one");
    if (rc == 0)
        rc = lift(call, err);
    if (rc != 0)
        return rc;
    if (born != KEPT_BIRTH_UNKNOWN)
        c->birth_day = born;
    return say(call, "of_age", err);
}

int kept_act_MINOR_SETTLE(struct call *call, struct kept_err *err)
{
    struct kept_paper paper = like;
    int32_t born = KEPT_BIRTH_UNKNOWN;
    if (!is_heard(call))
        return 0;
    const bool known = find(call, &paper);
    if (call->request->on == 0)
        return clear(call, known, err);
    int rc = birth_of(call, true, &born, err);
    if (rc != 0 || (known && paper.state == KEPT_M_CONFIRMED))
        return rc != 0 ? rc : say(call, "", err);
    if (!known) {
        paper.at = call->now;
        paper.text[KEPT_PT_RECORDER] = span_of(call->actor);
    }
    return confirm(call, &paper, born, err);
}

/* ---- the job ----------------------------------------------------------------------------------- */

/* Somebody of the list whose row is of no use. */
static int strike(struct call *call, uint64_t key, int why, struct upkeep *work, struct kept_err *err)
{
    struct kept_store *store = call->kept->store;
    work->damaged += why == KEPT_E_CORRUPT;
    int rc = why == KEPT_E_CORRUPT ? kept_todo_put(store, KEPT_TODO_MINOR, key, call->now + KEPT_HOUR, err)
                                   : kept_minor_done(store, key, err); /* the row went, or its epoch */
    return rc != 0 ? rc : kept_store_commit(store, err);
}

/* As if somebody had asked for it, in an entry of the engine's own: the same act, obligation and certificate. */
static int erase(struct call *call, uint64_t key, struct upkeep *work, struct kept_err *err)
{
    static const struct kept_request request = {.op = KEPT_OP_ERASE_SUBJECT, .exemption = "", .text = "found to be a child"};
    struct kept *kept = call->kept;
    struct kept_err own_err = {0};
    int rc = kept_at_home(call, key, &own_err);
    if (rc == KEPT_E_NOTFOUND || rc == KEPT_E_CORRUPT)
        return strike(call, key, rc, work, err);
    if (rc != 0)
        return kept_fail(err, rc, "%s", own_err.text);
    struct call *own = kept_own_begin(kept, call->app, &request);
    if (own == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory for a ledger entry");
    own->opened = true;
    rc = kept_change_own(own, err);
    work->minors_erased += rc == 0;
    kept_own_end(own);
    return rc;
}

int kept_minors_due(struct call *call, struct upkeep *work, struct kept_err *err)
{
    struct kept_store *store = call->kept->store;
    int rc = 0;
    for (unsigned i = 0; rc == 0 && i < PEOPLE_A_TICK; i++) {
        uint64_t key = 0;
        kept_ms at = 0;
        if ((rc = kept_store_begin_write(store, err)) != 0)
            break;
        rc = kept_todo_next(store, KEPT_TODO_MINOR, call->now, &key, &at, err);
        const bool over = rc == KEPT_E_NOTFOUND;
        rc = over ? 0 : rc == 0 ? erase(call, key, work, err) : rc;
        kept_store_rollback(store); /* no-op once committed */
        if (over)
            break;
    }
    return rc;
}

/* ---- after a restore --------------------------------------------------------------------------- */

int kept_minor_replay(struct call *call, const struct kept_journal_row *row, struct kept_err *err)
{
    struct kept_paper paper = like;
    const enum kept_subject_state state = call->subject->context.state;
    const bool known = find(call, &paper), ends = row->record == KEPT_RESTRICTED_TO_ERASE;
    int rc = 0;
    if (state == KEPT_S_ERASED || state == KEPT_S_KEPT_BY_LAW)
        return 0;
    if (row->record == KEPT_RESTRICTED_NO_MORE) {
        rc = state == KEPT_S_RESTRICTED || known ? lift(call, err) : 0;
    } else if (state != KEPT_S_RESTRICTED || (ends && paper.state != KEPT_M_CONFIRMED)) {
        paper.at = known ? paper.at : row->at;
        paper.state = ends ? KEPT_M_CONFIRMED : KEPT_M_REPORTED;
        rc = restrict_as(call, &paper, BIT(RESTRICT) | (ends ? ENDS : 0), err);
    }
    call->obligation = (struct kept_journal_row){.kind = 0}; /* the journal has it */
    return rc;
}
