/* policy.c - row policy_compile_10mb_s: a policy of 100 100 rules and 10 megabytes, from its bytes to the tables
 * that decide; the middle one of five times. */
#include "bench.h"

#include "large.h"
#include "policy/policy.h"

#define ROUNDS 5u

int main(void)
{
    double seconds[ROUNDS];
    struct kept_err err = {0};
    size_t n = 0;
    char *text = large_policy(LARGE_EACH, &n);
    if (text == NULL)
        bench_die("memory", NULL);
    for (size_t i = 0; i < ROUNDS; i++) {
        struct kept_findings findings = {0};
        struct kept_policy *policy = NULL;
        double start = bench_now();
        if (kept_policy_read((struct kept_span){(const uint8_t *)text, n}, &policy, &findings, &err) != 0)
            bench_die("a large policy", &err);
        seconds[i] = bench_now() - start;
        kept_findings_release(&findings);
        kept_policy_free(policy);
    }
    bench_row("policy_compile_10mb_s", bench_median(seconds, ROUNDS), "s");
    free(text);
    return 0;
}
