/* make.c - a request of what was told: in path, query and body alike, by params.def. */
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"
#include "base/mem.h"
#include "http/make.h"

void kept_http_maker_init(struct kept_http_maker *maker)
{
    *maker = (struct kept_http_maker){.count = 0};
    kept_buf_init_secret(&maker->bytes, KEPT_HTTP_MAX_BODY);
}

void kept_http_maker_release(struct kept_http_maker *maker)
{
    kept_http_maker_clear(maker);
    kept_buf_release(&maker->bytes);
    kept_free(maker->of);
    kept_free(maker->requests);
    kept_free(maker->fields);
}

/* ---- one value ---- */

static struct kept_http_making *last(struct kept_http_maker *maker)
{
    return &maker->of[maker->count - 1];
}

/* Where a member lies. */
static void *member(struct kept_http_making *m, size_t param)
{
    return (char *)m + kept_http_params[param].offset;
}

static int wrong(size_t param, const char *what, struct kept_err *err)
{
    return kept_fail(err, KEPT_E_USAGE, "%s %s", kept_http_params[param].name, what);
}

static int put_number(struct kept_http_making *m, size_t param, uint64_t number, struct kept_err *err)
{
    if (kept_http_params[param].type == KEPT_HTTP_PLACE)
        *(uint64_t *)member(m, param) = number;
    else if (number <= 999999999)
        *(uint32_t *)member(m, param) = (uint32_t)number;
    else
        return wrong(param, "is a number of at most nine digits", err);
    return 0;
}

static int put_digits(struct kept_http_making *m, size_t param, const char *text, struct kept_err *err)
{
    size_t n = strlen(text);
    if (n == 0 || n > 18 || strspn(text, "0123456789") != n)
        return wrong(param, "is a number", err);
    return put_number(m, param, strtoull(text, NULL, 10), err);
}

static void put_yes(struct kept_http_making *m, size_t param, bool yes)
{
    const struct kept_http_param *p = &kept_http_params[param];
    if (p->type == KEPT_HTTP_FACT)
        m->request.facts |= yes ? p->fact : 0;
    else if (p->type == KEPT_HTTP_VOICE)
        m->request.consent = yes ? KEPT_C_GUARDIAN : KEPT_C_NONE;
    else if (p->type == KEPT_HTTP_LEGACY)
        m->request.origin = yes ? KEPT_O_LEGACY : KEPT_O_ASKED;
    else
        *(int *)member(m, param) = yes;
}

static bool is_yes(size_t param)
{
    enum kept_http_type type = kept_http_params[param].type;
    return type == KEPT_HTTP_FACT || type == KEPT_HTTP_VOICE || type == KEPT_HTTP_LEGACY || type == KEPT_HTTP_YES;
}

static int put_kind(struct kept_http_making *m, size_t param, const char *text, struct kept_err *err)
{
    static const struct {
        const char *word;
        enum kept_http_type type;
        enum kept_consent_kind kind;
    } words[] = {{"explicit", KEPT_HTTP_KIND, KEPT_C_EXPLICIT}, {"separate", KEPT_HTTP_KIND, KEPT_C_SEPARATE},
                 {"written", KEPT_HTTP_KIND, KEPT_C_WRITTEN},   {"guardian", KEPT_HTTP_KIND, KEPT_C_GUARDIAN},
                 {"going_on", KEPT_HTTP_HOW, KEPT_C_NONE},      {"use", KEPT_HTTP_HOW, KEPT_C_IMPLIED},
                 {"shown", KEPT_HTTP_HOW, KEPT_C_ACKNOWLEDGEMENT}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (words[i].type == kept_http_params[param].type && strcmp(words[i].word, text) == 0) {
            m->request.consent = words[i].kind;
            return 0;
        }
    return wrong(param, kept_http_params[param].type == KEPT_HTTP_KIND ? "is explicit, separate, written or guardian"
                                                                       : "is going_on, use or shown", err);
}

int kept_http_add_field(struct kept_http_maker *maker, const char *name, struct kept_span value, struct kept_err *err)
{
    int rc = kept_grow(&maker->fields, &maker->field_cap, maker->field_count + 1, KEPT_MAX_FIELDS, sizeof *maker->fields);
    if (rc != 0)
        return kept_fail(err, rc, "more than %u items or values, or no memory for them", KEPT_MAX_FIELDS);
    maker->fields[maker->field_count++] = (struct kept_field){.name = name, .value = value};
    last(maker)->count++;
    return 0;
}

static int put_items(struct kept_http_maker *maker, char *text, struct kept_err *err)
{
    int rc = 0;
    for (char *p = text; rc == 0 && p != NULL;) {
        char *comma = strchr(p, ',');
        if (comma != NULL)
            *comma++ = 0;
        if (*p == 0)
            return kept_fail(err, KEPT_E_USAGE, "items are names with commas between: one is empty");
        rc = kept_http_add_field(maker, p, (struct kept_span){NULL, 0}, err);
        p = comma;
    }
    return rc;
}

/* Said once. */
static int give(struct kept_http_making *m, size_t param, struct kept_err *err)
{
    if ((m->given & KEPT_HTTP_BIT(param)) != 0)
        return wrong(param, "is there twice", err);
    m->given |= KEPT_HTTP_BIT(param);
    return 0;
}

static int put_scalar(struct kept_http_maker *maker, size_t param, char *text, struct kept_err *err)
{
    struct kept_http_making *m = last(maker);
    int32_t day = 0;
    switch (kept_http_params[param].type) {
    case KEPT_HTTP_ID:
        return kept_id_parse(text, member(m, param)) == 0 ? 0 : wrong(param, "is 32 hex digits", err);
    case KEPT_HTTP_HASH:
        return strlen(text) == 64 && kept_unhex(text, 32, member(m, param)) == 0 ? 0 : wrong(param, "is 64 hex digits", err);
    case KEPT_HTTP_COUNT:
    case KEPT_HTTP_PLACE:
        return put_digits(m, param, text, err);
    case KEPT_HTTP_TIME:
        return kept_time_parse(text, member(m, param)) == 0
                   ? 0
                   : wrong(param, "is a time like 2027-01-31T12:00:00Z (RFC 3339)", err);
    case KEPT_HTTP_DATE:
        if (kept_date_parse(text, strlen(text), &day) != 0)
            return wrong(param, "is a date like 1990-04-01", err);
        break;
    case KEPT_HTTP_KIND:
    case KEPT_HTTP_HOW:
        return put_kind(m, param, text, err);
    case KEPT_HTTP_ITEMS:
        return put_items(maker, text, err);
    case KEPT_HTTP_VALUES:
        return wrong(param, "stands in a body", err);
    case KEPT_HTTP_YES:
    case KEPT_HTTP_FACT:
    case KEPT_HTTP_VOICE:
    case KEPT_HTTP_LEGACY:
        if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
            return wrong(param, "is true or false", err);
        put_yes(m, param, text[0] == 't');
        return 0;
    case KEPT_HTTP_TEXT:
    case KEPT_HTTP_REST:
    case KEPT_HTTP_WORD:
        break;
    }
    *(const char **)member(m, param) = text;
    return 0;
}

int kept_http_put_text(struct kept_http_maker *maker, size_t param, char *text, struct kept_err *err)
{
    int rc = give(last(maker), param, err);
    return rc != 0 ? rc : put_scalar(maker, param, text, err);
}

int kept_http_put_number(struct kept_http_maker *maker, size_t param, uint64_t number, struct kept_err *err)
{
    enum kept_http_type type = kept_http_params[param].type;
    int rc = give(last(maker), param, err);
    if (rc == 0 && type != KEPT_HTTP_COUNT && type != KEPT_HTTP_PLACE)
        rc = wrong(param, "is no number", err);
    return rc != 0 ? rc : put_number(last(maker), param, number, err);
}

int kept_http_put_yes(struct kept_http_maker *maker, size_t param, bool yes, struct kept_err *err)
{
    int rc = give(last(maker), param, err);
    if (rc == 0 && !is_yes(param))
        rc = wrong(param, "is neither true nor false", err);
    if (rc == 0)
        put_yes(last(maker), param, yes);
    return rc;
}

int kept_http_give(struct kept_http_maker *maker, size_t param, struct kept_err *err)
{
    return give(last(maker), param, err);
}

/* ---- one operation ---- */

int kept_http_making_begin(struct kept_http_maker *maker, struct kept_err *err)
{
    int rc = kept_grow(&maker->of, &maker->cap, maker->count + 1, KEPT_HTTP_MAX_BATCH, sizeof *maker->of);
    if (rc == 0)
        rc = kept_grow(&maker->requests, &maker->request_cap, maker->count + 1, KEPT_HTTP_MAX_BATCH, sizeof *maker->requests);
    if (rc != 0)
        return kept_fail(err, rc, "a batch has at most %u operations", KEPT_HTTP_MAX_BATCH);
    maker->of[maker->count++] = (struct kept_http_making){.first = maker->field_count};
    return 0;
}

static bool given(const struct kept_http_making *m, size_t param)
{
    return (m->given & KEPT_HTTP_BIT(param)) != 0;
}

/* Of some. */
static size_t lowest(kept_http_bits bits)
{
    const uint64_t low = (uint64_t)bits;
    return low != 0 ? (size_t)__builtin_ctzll(low) : 64 + (size_t)__builtin_ctzll((uint64_t)(bits >> 64));
}

int kept_http_making_end(struct kept_http_maker *maker, const struct kept_http_route *route,
                         const struct kept_http_plan *plan, struct kept_err *err)
{
    struct kept_http_making *m = last(maker);
    const kept_http_bits missing = (plan->needs | plan->in_path) & ~m->given, foreign = m->given & ~plan->takes;
    m->request.op = route->op;
    if (foreign != 0)
        return kept_fail(err, KEPT_E_USAGE, "%s is nothing that %s takes", kept_http_params[lowest(foreign)].name,
                         route->op != KEPT_OP_NONE ? kept_op_name(route->op) : route->path);
    if (missing != 0)
        return kept_fail(err, KEPT_E_USAGE, "%s is missing: %s", kept_http_params[lowest(missing)].name,
                         kept_http_params[lowest(missing)].about);
    if (given(m, KEPT_HTTP_P_SIGNED) && !given(m, KEPT_HTTP_P_EVIDENCE) && !given(m, KEPT_HTTP_P_EVIDENCE_SHA256))
        return kept_fail(err, KEPT_E_USAGE, "signed is of a document: say evidence or evidence_sha256");
    if (route->op == KEPT_OP_CONSENT_GRANT && !given(m, KEPT_HTTP_P_KIND))
        m->request.consent = KEPT_C_EXPLICIT;
    for (size_t i = 0; given(m, KEPT_HTTP_P_RECORD) && i < m->count; i++)
        maker->fields[m->first + i].record = m->request.record;
    return 0;
}

/* Pointers last: the arrays stay where they are from now on. */
static void point(struct kept_http_maker *maker)
{
    for (size_t i = 0; i < maker->count; i++) {
        struct kept_http_making *m = &maker->of[i];
        m->request.fields = m->count > 0 ? maker->fields + m->first : NULL;
        m->request.field_count = m->count;
        if (given(m, KEPT_HTTP_P_EVIDENCE_SHA256))
            m->evidence.sha256 = (struct kept_span){m->sha256, sizeof m->sha256};
        if (given(m, KEPT_HTTP_P_EVIDENCE) || given(m, KEPT_HTTP_P_EVIDENCE_SHA256))
            m->request.evidence = &m->evidence;
        if (given(m, KEPT_HTTP_P_TEXT_SHA256))
            m->request.text_sha256 = m->text_sha256;
        if (m->request.op == KEPT_OP_GUARDIAN_ADD)
            m->request.guardian = &m->guardian;
        if (given(m, KEPT_HTTP_P_CALLER))
            m->request.caller = &m->caller;
        maker->requests[i] = m->request;
    }
}

static int take_target(struct kept_http_maker *maker, const struct kept_http_match *match,
                       const struct kept_http_target *target, struct kept_err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < match->count; i++)
        rc = kept_http_put_text(maker, match->params[i], match->captures[i], err);
    for (size_t i = 0; rc == 0 && i < target->pair_count; i++) {
        size_t param = kept_http_param_find(target->names[i], strlen(target->names[i]));
        rc = param == KEPT_HTTP_PARAMS
                 ? kept_fail(err, KEPT_E_USAGE, "the query has a member that nothing here is called: number %zu", i + 1)
                 : kept_http_put_text(maker, param, target->values[i], err);
    }
    return rc;
}

int kept_http_make(struct kept_http_maker *maker, const struct kept_http_table *table,
                   const struct kept_http_match *match, const struct kept_http_target *target,
                   struct kept_span body, struct kept_err *err)
{
    const struct kept_http_route *route = match->route;
    int rc = body.n > 0 && !match->lines ? kept_http_body_read(maker, body, err) : 0;
    if (rc == 0 && route->does == KEPT_HTTP_OWN && route->own == KEPT_HTTP_BATCH)
        rc = target->pair_count > 0 ? kept_fail(err, KEPT_E_USAGE, "a batch has no query: it is all in the body")
                                    : kept_http_body_batch(maker, table, err);
    else if (rc == 0) {
        rc = kept_http_making_begin(maker, err);
        if (rc == 0)
            rc = take_target(maker, match, target, err);
        if (rc == 0 && maker->body != NULL)
            rc = kept_http_body_members(maker, err);
        else if (rc == 0 && match->lines && (rc = kept_http_give(maker, KEPT_HTTP_P_VALUES, err)) == 0)
            rc = kept_http_add_field(maker, "lines", body, err);
        if (rc == 0)
            rc = kept_http_making_end(maker, route, match->plan, err);
    }
    if (rc == 0)
        point(maker);
    return rc;
}
