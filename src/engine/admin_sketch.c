/* admin_sketch.c - a policy to begin with, from answers that are called by their names. */
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "engine/admin.h"
#include "policy/sketch.h"

static enum kept_answer which_answer(const char *of)
{
    unsigned i = 0;
    while (i < KEPT_ANSWER_COUNT && strcmp(kept_answer_word((enum kept_answer)i), of) != 0)
        i++;
    return (enum kept_answer)i;
}

static int answers_of(const struct kept_admin_answer *answers, size_t count, struct kept_answers *ret,
                      struct kept_err *err)
{
    for (size_t i = 0; i < count; i++) {
        enum kept_answer which = which_answer(answers[i].of);
        if (which == KEPT_ANSWER_COUNT)
            return kept_fail(err, KEPT_E_USAGE, "nothing of a policy to begin with is called '%.40s'",
                             answers[i].of);
        ret->v[which] = answers[i].text;
    }
    return 0;
}

int kept_admin_policy_sketch(const struct kept_admin_answer *answers, size_t count, kept_ms now,
                            struct kept_buf *out, struct kept_err *err)
{
    struct kept_answers all = {.today = kept_day_of(now, 0)};
    int rc = answers_of(answers, count, &all, err);
    return rc == 0 ? kept_sketch(&all, out, err) : rc;
}

int kept_admin_policy_choices(const struct kept_admin_answer *answers, size_t count, const char *of,
                              kept_admin_choice_fn *each, void *arg, struct kept_err *err)
{
    struct kept_answers all = {.today = 0};
    enum kept_answer which = which_answer(of);
    int rc = answers_of(answers, count, &all, err);
    return rc == 0 ? kept_sketch_choices(&all, which, each, arg, err) : rc;
}
