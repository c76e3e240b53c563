/* large.h - a policy of a hundred thousand rules and ten megabytes, as nobody writes it: what reading one costs
 * (bench/policy.c), and that it is read right (tests/policy/test_policy_large.c). */
#ifndef KEPT_BENCH_LARGE_H
#define KEPT_BENCH_LARGE_H

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define LARGE_KINDS 7u     /* of rules, so many of each */
#define LARGE_EACH 14300u  /* together 100 100 */
#define LARGE_A_RULE 320u  /* bytes of one, at most */

struct large {
    char *text;
    size_t n, cap;
};

__attribute__((format(printf, 2, 3))) static inline void large_put(struct large *l, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    l->n += (size_t)vsnprintf(l->text + l->n, l->cap - l->n, fmt, ap);
    va_end(ap);
}

static inline void large_parties(struct large *l, uint32_t each)
{
    large_put(l, "recipients:\n");
    for (uint32_t i = 0; i < each; i++)
        large_put(l, "  party-%u: {text: party %u, role: processor, kind: partner, items: [item-%u], "
                     "purposes: [purpose-%u], region: CN, agreement: {signed: 2026-01-01, expires: 2028-01-01}, "
                     "clause: C-%u}\n", i, i, i, i, i);
    large_put(l, "exemptions:\n");
    for (uint32_t i = 0; i < each; i++)
        large_put(l, "  case-%u: {text: case %u, for: [share], clause: C-%u}\n", i, i, i);
    large_put(l, "roles:\n  app: {operations: all}\n");
}

/* So many rules of each kind: ended by a NUL, freed by the caller; NULL: no memory. */
static inline char *large_policy(uint32_t each, size_t *ret_n)
{
    struct large l = {.cap = (size_t)each * LARGE_KINDS * LARGE_A_RULE + 4096};
    if ((l.text = malloc(l.cap)) == NULL)
        return NULL;
    large_put(&l, "kept: 1\napp: large\nversion: 1\nissued: 2026-01-01\neffective: 2026-02-01\napp_type: other\n"
                  "jurisdiction: CN\ntime_zone: \"+08:00\"\nlanguages: {authority: en}\n"
                  "controller: {name: We, contact: a@example.org}\nwithdrawal: {effect: collect_and_use}\n"
                  "regions: {stored: [CN]}\nrotation: 7 days\nbackup_window: 30 days\nevidence: 4 years\n"
                  "notice:\n  sentences:\n");
    for (uint32_t i = 0; i < each; i++)
        large_put(&l, "    - text: sentence %u\n      clause: C-%u\n", i, i);
    large_put(&l, "purposes:\n");
    for (uint32_t i = 0; i < each; i++)
        large_put(&l, "  purpose-%u: {text: purpose %u, clause: C-%u}\n", i, i, i);
    large_put(&l, "permissions:\n");
    for (uint32_t i = 0; i < each; i++)
        large_put(&l, "  switch-%u: {text: permission %u, clause: C-%u}\n", i, i, i);
    large_put(&l, "items:\n");
    for (uint32_t i = 0; i < each; i++)
        large_put(&l, "  item-%u: {text: item %u, kind: text, information: content, source: user, "
                      "retain: 30 days, clause: C-%u}\n", i, i, i);
    large_put(&l, "functions:\n");
    for (uint32_t i = 0; i < each; i++)
        large_put(&l, "  function-%u: {text: function %u, kind: extended, consent: explicit, "
                      "purposes: [purpose-%u], optional: [item-%u], permissions: [switch-%u], "
                      "refusing_costs: nothing, clause: C-%u}\n", i, i, i, i, i, i);
    large_parties(&l, each);
    *ret_n = l.n;
    return l.text;
}

#endif
