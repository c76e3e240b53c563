/* fuzz_words.c - sentences of one's own: any bytes are answered, with a mistake and its line or with
 * sentences that a policy can be rendered with; nothing but the page's own markup comes out. */
#include "fuzz.h"
#include "policy/policy.h"
#include "policy/render.h"

#define TEMPLATE "templates/en.txt"

static struct kept_policy *small_policy(void)
{
    struct kept_policy *policy = NULL;
    struct kept_findings found = {.count = 0};
    size_t n = 0;
    uint8_t *p = fuzz_get("policies/wallpaper.yaml", &n);
    FUZZ_MUST(kept_policy_read((struct kept_span){p, n}, &policy, &found, NULL) == 0);
    kept_findings_release(&found);
    free(p);
    return policy;
}

static void none_of(const struct kept_buf *out, const char *markup)
{
    FUZZ_MUST(memmem(out->p, out->n, markup, strlen(markup)) == NULL);
}

void fuzz_words(const uint8_t *p, size_t n)
{
    struct kept_policy *policy = small_policy();
    struct kept_sentences own = {{p, n}, "mine.txt"};
    struct kept_buf out;
    struct kept_err err = {.code = 0};
    kept_buf_init(&out, KEPT_MAX_JSON_BYTES);
    int rc = kept_policy_render(policy, KEPT_RENDER_NOTICE, NULL, &own, &out, &err);
    FUZZ_MUST(rc == 0 || rc == KEPT_E_POLICY || rc == KEPT_E_LIMIT);
    FUZZ_MUST(rc == 0 ? out.n > 0 : out.n == 0 && strncmp(err.text, "mine.txt", 8) == 0);
    if (rc == 0) {
        none_of(&out, "<script");
        none_of(&out, "<img");
    }
    kept_buf_release(&out);
    kept_policy_free(policy);
}

void seeds_words(fuzz_give_fn *give)
{
    static const char small[] = "# nothing\n[title]\n{Controller}{if controller}x{else}y{end}{controller.}\n";
    size_t n = 0;
    uint8_t *p = fuzz_get(TEMPLATE, &n);
    give(p, n);
    free(p);
    give(small, sizeof small - 1);
}
