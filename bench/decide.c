/* decide.c - rows decide_ns and decide_allowed_ns: random questions over the policies named.
 *
 * Questions, people and verdicts are made beforehand; what is timed is kept_decide and looking at
 * what it said. Random questions are mostly denied, some early; the second row asks only questions
 * that are allowed, which take every step. */
#include "bench.h"

#include "base/clock.h"
#include "policy/policy.h"

#define QUESTIONS 1000000u
/* Of each policy: a decision looks at a person who was just opened, not at cold memory. */
#define PEOPLE 64u
#define ROWS 8u
#define ROUNDS 9u
#define NOW ((kept_ms)1780000000000)

struct ask {
    const struct kept_policy *policy;
    const struct kept_context *context;
    struct kept_question question;
};

struct person {
    struct kept_context context;
    struct kept_consent_row consents[ROWS];
    struct kept_permission_row permissions[ROWS];
};

static uint32_t ref_at(const struct kept_policy *p, enum kept_kind kind, uint32_t index)
{
    return kept_ref(kind, kept_policy_name(p, kind, index));
}

static void make_person(const struct kept_policy *p, struct person *who, struct bench_random *r)
{
    const struct kept_policy_info *info = kept_policy_info(p);
    who->context = (struct kept_context){.state = KEPT_S_LIVE,
                                         .version = 1,
                                         .policy_version = info->version,
                                         .notice_version = bench_below(r, 8) == 0 ? 0
                                                                                  : info->version,
                                         .birth_day = (int32_t)bench_below(r, 18000),
                                         .region = kept_ref(KEPT_K_REGION, "CN"),
                                         .consents = who->consents,
                                         .consent_count = 1 + bench_below(r, ROWS),
                                         .permissions = who->permissions,
                                         .permission_count = bench_below(r, ROWS)};
    for (uint32_t i = 0; i < ROWS; i++) {
        uint32_t f = bench_below(r, (uint32_t)info->functions);
        bool purpose = bench_below(r, 4) == 0;
        uint32_t w = bench_below(r, (uint32_t)info->purposes);
        who->consents[i] = (struct kept_consent_row){
            .scope_kind = purpose ? KEPT_K_PURPOSE : KEPT_K_FUNCTION,
            .kind = bench_below(r, 2) != 0 ? KEPT_C_SEPARATE : KEPT_C_EXPLICIT,
            .state = bench_below(r, 8) == 0 ? KEPT_CS_WITHDRAWN : KEPT_CS_GRANTED,
            .scope = purpose ? ref_at(p, KEPT_K_PURPOSE, w) : ref_at(p, KEPT_K_FUNCTION, f),
            .policy_version = info->version,
            .at = NOW - 1000};
        if (info->permissions != 0)
            who->permissions[i] = (struct kept_permission_row){
                .ref = ref_at(p, KEPT_K_PERMISSION, bench_below(r, (uint32_t)info->permissions)),
                .on = bench_below(r, 4) != 0,
                .at = NOW - 1000};
    }
}

static void make_question(const struct kept_policy *p, struct kept_question *q,
                          struct bench_random *r)
{
    const struct kept_policy_info *info = kept_policy_info(p);
    *q = (struct kept_question){.item = bench_below(r, (uint32_t)info->items),
                                .function = KEPT_NO_INDEX,
                                .purpose = bench_below(r, (uint32_t)info->purposes),
                                .recipient = KEPT_NO_INDEX,
                                .role = KEPT_NO_INDEX,
                                .launch = 1,
                                .facts = KEPT_F_IN_USE | KEPT_F_USER_ACTION,
                                .now = NOW};
    q->use = (enum kept_use)(KEPT_USE_COLLECT + bench_below(r, 3));
    if (q->use == KEPT_USE_COLLECT || bench_below(r, 2) != 0)
        q->function = bench_below(r, (uint32_t)info->functions);
    if (q->use == KEPT_USE_DISCLOSE)
        q->recipient = bench_below(r, (uint32_t)info->recipients);
    if (bench_below(r, 4) == 0)
        q->role = bench_below(r, (uint32_t)info->roles);
}

static double ask_all(const struct ask *asks, size_t count, uint64_t *sum)
{
    double start = bench_now();
    for (size_t i = 0; i < count; i++) {
        struct kept_verdict v = kept_decide(asks[i].policy, asks[i].context, &asks[i].question);
        *sum += (uint64_t)v.decision * 64 + (uint64_t)v.reason + (uint64_t)v.line +
                (uint64_t)v.clause[0];
    }
    return (bench_now() - start) / (double)count * 1e9;
}

static void fill(struct ask *asks, const struct kept_policy *const *policies, size_t count,
                 struct person *people, bool allowed, struct bench_random *r)
{
    for (size_t i = 0; i < QUESTIONS;) {
        size_t p = bench_below(r, (uint32_t)count);
        struct ask *a = &asks[i];
        a->policy = policies[p];
        a->context = &people[p * PEOPLE + bench_below(r, PEOPLE)].context;
        make_question(a->policy, &a->question, r);
        i += !allowed || kept_decide(a->policy, a->context, &a->question).decision != KEPT_DENY;
    }
}

int main(int argc, char **argv)
{
    const struct kept_policy *policies[8];
    struct bench_random r = {1};
    struct kept_err err = {0};
    double random[ROUNDS], allowed[ROUNDS];
    uint64_t sum = 0;
    size_t count = 0;
    for (; (int)count + 1 < argc && count < 8; count++) {
        struct kept_findings findings = {0};
        struct kept_policy *policy = NULL;
        char *text = bench_text(argv[count + 1]);
        if (kept_policy_read((struct kept_span){(const uint8_t *)text, strlen(text)}, &policy,
                             &findings, &err) != 0)
            bench_die(argv[count + 1], &err);
        kept_findings_release(&findings);
        free(text);
        policies[count] = policy;
    }
    if (count == 0)
        bench_die("usage: decide POLICY...", NULL);
    struct person *people = bench_alloc(count * PEOPLE, sizeof *people);
    for (size_t i = 0; i < count * PEOPLE; i++)
        make_person(policies[i / PEOPLE], &people[i], &r);
    struct ask *asks = bench_alloc(QUESTIONS, sizeof *asks);
    fill(asks, policies, count, people, false, &r);
    for (size_t i = 0; i < ROUNDS; i++)
        random[i] = ask_all(asks, QUESTIONS, &sum);
    fill(asks, policies, count, people, true, &r);
    for (size_t i = 0; i < ROUNDS; i++)
        allowed[i] = ask_all(asks, QUESTIONS, &sum);
    bench_row("decide_ns", bench_median(random, ROUNDS), "ns");
    bench_row("decide_allowed_ns", bench_median(allowed, ROUNDS), "ns");
    return sum == 0; /* used: the compiler may not leave the decisions out */
}
