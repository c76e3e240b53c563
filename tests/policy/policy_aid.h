/* policy_aid.h - what the policy tests share: read a policy, build contexts and questions, draw
 * numbers that repeat. */
#ifndef KEPT_TESTS_POLICY_AID_H
#define KEPT_TESTS_POLICY_AID_H

/* cmocka wants these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/policy_int.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct random {
    uint64_t state;
};

static inline uint32_t draw(struct random *random, uint32_t below)
{
    random->state ^= random->state << 13;
    random->state ^= random->state >> 7;
    random->state ^= random->state << 17;
    return (uint32_t)((random->state >> 33) % (below == 0 ? 1 : below));
}

static inline struct kept_span span_of(const char *text)
{
    return (struct kept_span){(const uint8_t *)text, strlen(text)};
}

static inline char *read_whole(const char *path, size_t *ret_n)
{
    FILE *file = fopen(path, "rb");
    char *text = malloc(1 << 20);
    if (file == NULL || text == NULL)
        fail_msg("cannot read %s", path);
    size_t n = fread(text, 1, (1 << 20) - 1, file);
    text[n] = 0;
    fclose(file);
    *ret_n = n;
    return text;
}

static inline struct kept_policy *read_policy(const char *text)
{
    struct kept_policy *policy = NULL;
    struct kept_findings findings = {0};
    struct kept_err err = {0};
    int rc = kept_policy_read(span_of(text), &policy, &findings, &err);
    if (rc != 0)
        fail_msg("%s", err.text);
    kept_findings_release(&findings);
    return policy;
}

static inline struct kept_policy *load_policy(const char *path)
{
    size_t n = 0;
    char *text = read_whole(path, &n);
    struct kept_policy *policy = read_policy(text);
    free(text);
    return policy;
}

static inline uint32_t index_of(const struct kept_policy *p, enum kept_kind kind, const char *name)
{
    return kept_policy_index(p, kind, kept_ref(kind, name));
}

#define NOON_2026 ((kept_ms)20605 * KEPT_DAY + 4 * KEPT_HOUR) /* 2026-06-01 12:00 in +08:00 */

/* A live grown-up who saw the notice. */
static inline struct kept_context live(const struct kept_policy *p)
{
    return (struct kept_context){.state = KEPT_S_LIVE, .policy_version = p->info.version,
                                 .notice_version = p->info.version,
                                 .birth_day = 20605 - 40 * 366};
}

static inline struct kept_question ask(enum kept_use use)
{
    return (struct kept_question){.use = use, .item = KEPT_NO_INDEX, .function = KEPT_NO_INDEX,
                                  .purpose = KEPT_NO_INDEX, .recipient = KEPT_NO_INDEX,
                                  .role = KEPT_NO_INDEX, .now = NOON_2026, .launch = 1,
                                  .facts = KEPT_F_IN_USE | KEPT_F_USER_ACTION};
}

static inline struct kept_consent_row consent_row(enum kept_kind kind, const char *name,
                                                  enum kept_consent_kind consent,
                                                  enum kept_consent_state state)
{
    return (struct kept_consent_row){.scope_kind = (uint8_t)kind, .kind = (uint8_t)consent,
                                     .state = (uint8_t)state,
                                     .scope = kind != KEPT_K_NONE ? kept_ref(kind, name) : 0,
                                     .policy_version = 1, .at = 1000};
}

#endif
