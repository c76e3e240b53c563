/* draw.h - steps of a model test, drawn from a policy's own names: mostly what is answered with more than a
 * refusal, and everything else often enough. */
#ifndef KEPT_TESTS_MODEL_DRAW_H
#define KEPT_TESTS_MODEL_DRAW_H

#include "chance.h"
#include "reference.h"

#define SLOTS 4 /* people at a time */
#define REF_PEOPLE 64 /* ever */
#define MAX_STEPS 300
#define MAX_PRELUDE 150
#define LONG_TEXT                                                                                  \
    "a text that is long enough to need a row of its own as soon as a person has a few of them, "  \
    "because what lies beside the keys is bounded: four people share a page, and a fifth value "   \
    "of this length would not fit there any more"

enum { DO_PASS = KEPT_OP_COUNT, DO_REOPEN };

/* Names are borrowed from the policy, which lives as long as the program. */
struct step {
    int op; /* enum kept_op, or DO_ */
    int who; /* slot */
    const char *function, *purpose, *recipient, *permission, *item, *role, *text, *birth, *region;
    const char *items[2], *values[2];
    size_t fields;
    enum kept_consent_kind consent;
    uint32_t facts, launch, record;
    int on;
    kept_ms time; /* DO_PASS: how much; GRANT: until the end, or 0 */
};

/* ---- drawing --------------------------------------------------------------------------------- */

/* What was collected last, and of whom: who only ever asks for something new never sees it change. */
static struct {
    const char *item[4];
    int who[4];
    size_t n;
} recent;

static const char *any(const struct kept_policy *p, enum kept_kind kind)
{
    const struct kept_policy_info *i = kept_policy_info(p);
    const size_t counts[] = {[KEPT_K_ITEM] = i->items, [KEPT_K_FUNCTION] = i->functions,
                             [KEPT_K_PURPOSE] = i->purposes, [KEPT_K_PERMISSION] = i->permissions,
                             [KEPT_K_RECIPIENT] = i->recipients, [KEPT_K_ROLE] = i->roles};
    if (counts[kind] == 0 || one_in(40))
        return "no-such";
    const char *name = kept_policy_name(p, kind, (uint32_t)draw(counts[kind]));
    return name[0] == 0 ? NULL : name;
}

/* A function that has the item, and a purpose it is for: else most of what is drawn would be refused. */
static void fitting(const struct kept_policy *p, const char *item, const char **ret_function,
                    const char **ret_purpose)
{
    uint32_t index = kept_policy_index(p, KEPT_K_ITEM, kept_ref(KEPT_K_ITEM, item));
    const size_t n = kept_policy_info(p)->functions, from = draw(n);
    *ret_function = any(p, KEPT_K_FUNCTION);
    *ret_purpose = any(p, KEPT_K_PURPOSE);
    for (size_t i = 0; i < n && index != KEPT_NO_INDEX && !one_in(12); i++) {
        const uint32_t f = (uint32_t)((from + i) % n);
        if (!function_has(p, f, index))
            continue;
        const struct list *purposes = &p->functions[f].purposes;
        *ret_function = kept_policy_name(p, KEPT_K_FUNCTION, f);
        *ret_purpose = kept_policy_name(p, KEPT_K_PURPOSE, purposes->v[draw(purposes->n)]);
        return;
    }
}

static const char *value_for(const struct kept_policy *p, const char *item)
{
    static const char *const values[][2] = {
        {"phone", "13800138000"}, {"phone", "+86 139 0013 9000"}, {"name", "Jane Doe"},
        {"name", "John  Roe"},    {"mail", "Jane@Example.ORG"},   {"imei", "490154203237518"},
        {"text", "one"},          {"text", LONG_TEXT},            {"number", "017"},
        {"date", "1990-02-03"},   {"address", "1  Main Street"},  {"ipv4", "192.0.2.1"},
        {"mac", "00-11-22-33-44-55"}, {"url", "HTTP://example.org/"}, {"blob", "bytes"},
        {"device-id", "0123456789ABCDEF"}, {"text", "two"}, {"id-card", "11010519491231002x"},
        {"photo", "\xff\xd8\xff\xe0 in front of a photo"}};
    const size_t n = sizeof values / sizeof values[0], from = draw(n);
    uint32_t index = kept_policy_index(p, KEPT_K_ITEM, kept_ref(KEPT_K_ITEM, item));
    for (size_t i = 0; i < n && index != KEPT_NO_INDEX && !one_in(15); i++)
        if (strcmp(values[(from + i) % n][0], kept_policy_item(p, index)->kind) == 0)
            return values[(from + i) % n][1];
    return one_in(2) ? "12345" : "";
}

static void draw_scope(const struct kept_policy *p, struct step *s)
{
    switch (draw(6)) {
    case 0: break; /* the whole policy */
    case 1: s->purpose = any(p, KEPT_K_PURPOSE); break;
    case 2: s->recipient = any(p, KEPT_K_RECIPIENT); break;
    case 3: s->item = any(p, KEPT_K_ITEM); break;
    default: s->function = any(p, KEPT_K_FUNCTION); break;
    }
}

static void draw_fields(const struct kept_policy *p, struct step *s, size_t most)
{
    s->fields = most > 1 && one_in(4) ? 2 : 1;
    for (size_t i = 0; i < s->fields; i++) {
        const uint32_t f = i == 0 ? KEPT_NO_INDEX
                                  : kept_policy_index(p, KEPT_K_FUNCTION,
                                                      kept_ref(KEPT_K_FUNCTION, s->function));
        s->items[i] = any(p, KEPT_K_ITEM);
        if (recent.n > 0 && !one_in(3)) {
            const size_t at = draw(recent.n < 4 ? recent.n : 4);
            s->items[i] = recent.item[at];
            s->who = one_in(6) ? s->who : recent.who[at];
        }
        const struct list *needs = f == KEPT_NO_INDEX ? NULL : &p->functions[f].mandatory;
        if (needs != NULL && needs->n > 0 && !one_in(3)) /* what it cannot do without */
            s->items[i] = kept_policy_item(p, needs->v[draw(needs->n)])->name;
        s->values[i] = value_for(p, s->items[i]);
        if (i == 0)
            fitting(p, s->items[0], &s->function, &s->purpose);
    }
}

static int draw_op(void)
{
    static const struct { int op, weight; } table[] = {
        {KEPT_OP_SUBJECT_NEW, 2}, {KEPT_OP_SUBJECT_SET, 2}, {KEPT_OP_SUBJECT_FIND, 8},
        {KEPT_OP_CONSENT_ACKNOWLEDGE, 6}, {KEPT_OP_CONSENT_GRANT, 10}, {KEPT_OP_CONSENT_REFUSE, 2},
        {KEPT_OP_CONSENT_WITHDRAW, 4}, {KEPT_OP_PERMISSION_SET, 5}, {KEPT_OP_COLLECT, 40},
        {KEPT_OP_USE, 40}, {KEPT_OP_DISCLOSE, 8}, {KEPT_OP_ERASE_SUBJECT, 2},
        {KEPT_OP_ERASE_RECORD, 5}, {KEPT_OP_SERVICE_CEASE, 0}, {KEPT_OP_ROTATE, 3},
        {KEPT_OP_TICK, 6}, {KEPT_OP_MINOR_REPORT, 2}, {KEPT_OP_MINOR_SETTLE, 2}, {DO_PASS, 8}, {DO_REOPEN, 3}};
    uint64_t sum = 0, at;
    if (one_in(4000))
        return KEPT_OP_SERVICE_CEASE;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        sum += (uint64_t)table[i].weight;
    at = draw(sum);
    for (size_t i = 0;; i++) {
        if (at < (uint64_t)table[i].weight)
            return table[i].op;
        at -= (uint64_t)table[i].weight;
    }
}

static void draw_facts(struct step *s)
{
    static const char *const births[] = {"1990-05-06", "2020-01-05", "2008-01-06", "1990-13-01",
                                         "2999-01-01"};
    s->birth = one_in(3) ? NULL : births[draw(5)];
    s->region = one_in(3) ? "CN" : one_in(5) ? "FR" : NULL;
}

static struct step draw_step(const struct kept_policy *p)
{
    static const kept_ms times[] = {KEPT_HOUR, KEPT_DAY, 8 * KEPT_DAY, 40 * KEPT_DAY,
                                    400 * KEPT_DAY};
    struct step s = {.op = draw_op(), .who = (int)draw(one_in(20) ? SLOTS : SLOTS - 1)};
    for (int tries = one_in(s.op == KEPT_OP_USE ? 2 : 12) ? 6 : 0; tries > 0; tries--) {
        s.role = any(p, KEPT_K_ROLE); /* mostly one that may */
        if (s.role != NULL && s.op < KEPT_OP_COUNT &&
            kept_policy_role_may(p, kept_policy_index(p, KEPT_K_ROLE, kept_ref(KEPT_K_ROLE, s.role)),
                                 (enum kept_op)s.op))
            break;
    }
    switch (s.op) {
    case KEPT_OP_SUBJECT_NEW:
    case KEPT_OP_SUBJECT_SET: draw_facts(&s); break;
    case KEPT_OP_CONSENT_GRANT:
    case KEPT_OP_CONSENT_REFUSE:
    case KEPT_OP_CONSENT_WITHDRAW:
        draw_scope(p, &s);
        s.consent = one_in(12) ? KEPT_C_IMPLIED : one_in(3) ? KEPT_C_SEPARATE : KEPT_C_EXPLICIT;
        s.time = one_in(4) ? times[draw(4)] : 0;
        break;
    case KEPT_OP_PERMISSION_SET:
        s.permission = any(p, KEPT_K_PERMISSION);
        s.on = !one_in(3);
        break;
    case KEPT_OP_COLLECT:
        draw_fields(p, &s, 2);
        if (!one_in(3))
            s.purpose = NULL;
        s.recipient = one_in(12) ? any(p, KEPT_K_RECIPIENT) : NULL;
        s.facts = one_in(6) ? (uint32_t)draw(8) : KEPT_F_IN_USE | KEPT_F_USER_ACTION;
        s.launch = (uint32_t)draw(4);
        recent.item[recent.n % 4] = s.items[0];
        recent.who[recent.n++ % 4] = s.who;
        break;
    case KEPT_OP_USE:
    case KEPT_OP_DISCLOSE:
        draw_fields(p, &s, 1);
        if (s.op == KEPT_OP_DISCLOSE)
            s.recipient = any(p, KEPT_K_RECIPIENT);
        if (!one_in(5))
            s.function = NULL;
        s.text = one_in(10) ? "case 7" : NULL;
        break;
    case KEPT_OP_SUBJECT_FIND:
        for (int tries = 0; tries < 20; tries++) { /* mostly what can be found by */
            draw_fields(p, &s, 1);
            const uint32_t i = kept_policy_index(p, KEPT_K_ITEM, kept_ref(KEPT_K_ITEM, s.items[0]));
            if (i != KEPT_NO_INDEX && kept_policy_item(p, i)->token)
                break;
        }
        s.function = s.purpose = NULL;
        break;
    case KEPT_OP_ERASE_RECORD:
        s.item = recent.n == 0 || one_in(3) ? any(p, KEPT_K_ITEM) : recent.item[0];
        s.record = one_in(3) ? (uint32_t)draw(5) : 0;
        break;
    case KEPT_OP_MINOR_REPORT:
    case KEPT_OP_MINOR_SETTLE:
        draw_facts(&s);
        s.region = NULL;
        s.birth = one_in(2) ? s.birth : NULL;
        s.text = one_in(8) ? NULL : "case 12";
        s.on = one_in(2);
        break;
    case KEPT_OP_ROTATE: s.text = one_in(3) ? "tokens" : NULL; break;
    case DO_PASS: s.time = times[one_in(6) ? 4 : draw(4)]; break;
    default: break;
    }
    return s;
}

/* Someone who agreed to everything: who agreed to nothing is refused everything. */
static size_t draw_person(const struct kept_policy *p, int who, struct step *steps)
{
    const struct kept_policy_info *info = kept_policy_info(p);
    size_t n = 0;
    steps[n++] = (struct step){.op = KEPT_OP_SUBJECT_NEW, .who = who, .birth = "1990-05-06",
                               .region = "CN"};
    steps[n++] = (struct step){.op = KEPT_OP_CONSENT_ACKNOWLEDGE, .who = who};
    for (uint32_t i = 0; i < info->functions && n < MAX_PRELUDE / 4; i++)
        steps[n++] = (struct step){.op = KEPT_OP_CONSENT_GRANT, .who = who,
                                   .function = kept_policy_name(p, KEPT_K_FUNCTION, i),
                                   .consent = one_in(4) ? KEPT_C_EXPLICIT : KEPT_C_SEPARATE};
    for (uint32_t i = 0; i < info->permissions && n < MAX_PRELUDE / 3; i++)
        if (!one_in(4))
            steps[n++] = (struct step){.op = KEPT_OP_PERMISSION_SET, .who = who, .on = 1,
                                       .permission = kept_policy_name(p, KEPT_K_PERMISSION, i)};
    return n;
}

/* What is seldom drawn by chance just when it would show something. */
static size_t draw_sequel(const struct kept_policy *p, const struct step *s, struct step *steps)
{
    size_t n = 0;
    if (s->op == KEPT_OP_SUBJECT_NEW || s->op == KEPT_OP_ERASE_SUBJECT)
        return draw_person(p, s->who, steps); /* in their place */
    if (s->op == KEPT_OP_CONSENT_WITHDRAW || s->op == KEPT_OP_CONSENT_REFUSE) { /* and goes on */
        steps[n] = *s;
        steps[n].op = KEPT_OP_CONSENT_GRANT;
        steps[n++].consent = KEPT_C_EXPLICIT;
    }
    if (s->op == KEPT_OP_COLLECT) { /* what came of it, now or when its time is over */
        const uint32_t i = kept_policy_index(p, KEPT_K_ITEM, kept_ref(KEPT_K_ITEM, s->items[0]));
        const kept_ms retain = i == KEPT_NO_INDEX ? 0 : kept_policy_item(p, i)->retain;
        const char *ignored = NULL;
        if (retain > 0 && one_in(2))
            steps[n++] = (struct step){.op = DO_PASS, .time = retain - (one_in(2) ? 1 : 0)};
        if (one_in(3))
            steps[n++] = (struct step){.op = DO_REOPEN};
        steps[n] = (struct step){.op = KEPT_OP_USE, .who = s->who, .fields = 1,
                                 .items = {s->items[0]}, .values = {""}};
        fitting(p, s->items[0], &ignored, &steps[n++].purpose);
    }
    return n;
}

static size_t draw_steps(const struct kept_policy *p, struct step *steps)
{
    size_t n = 0;
    recent.n = 0;
    for (int who = 0; who < SLOTS - 1 && !one_in(12); who++)
        n += draw_person(p, who, steps + n);
    const size_t end = n + 60 + draw(MAX_STEPS - MAX_PRELUDE - 60);
    while (n < end && n + MAX_PRELUDE / 3 < MAX_STEPS) {
        struct step *s = &steps[n++];
        *s = draw_step(p);
        if (one_in(2))
            n += draw_sequel(p, s, steps + n);
    }
    return n;
}

#endif
