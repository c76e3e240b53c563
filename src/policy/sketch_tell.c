/* sketch_tell.c - what may be answered, and what is the default, for whoever asks. */
#include <string.h>

#include "policy/sketch_int.h"

const char *kept_answer_word(enum kept_answer which)
{
    static const char *const words[] = {
#define X(name, word) word,
        KEPT_ANSWERS(X)
#undef X
        NULL};
    return words[which];
}

static bool is_usual(const struct sketch *d, enum kept_answer which, const char *word)
{
    const struct node *usual = kept_sketch_first(d, kept_child(&d->stock, d->kind, "usual"));
    if (which == KEPT_ANSWER_LAW)
        return strcmp(word, DEFAULT_LAW) == 0;
    while (which == KEPT_ANSWER_FUNCTIONS && usual != NULL && strcmp(usual->text, word) != 0)
        usual = kept_sketch_next(d, usual);
    return which == KEPT_ANSWER_FUNCTIONS && usual != NULL;
}

static void tell_rows(const struct sketch *d, enum kept_answer which, const char *section, const char *meaning,
                      kept_sketch_choice_fn *each, void *arg)
{
    const struct node *row = kept_sketch_first(d, kept_sketch_section(d, section));
    for (; row != NULL; row = kept_sketch_next(d, row)) {
        const struct node *text = kept_child(&d->stock, row, meaning);
        if (kept_sketch_can_be_asked_for(d, row))
            each(arg, row->key, kept_sketch_said(&d->stock, text, "en", ""), is_usual(d, which, row->key));
    }
}

static void tell(const struct sketch *d, const struct kept_answers *a, enum kept_answer which,
                 kept_sketch_choice_fn *each, void *arg)
{
    bool guardian = strcmp(kept_sketch_said(&d->stock, d->kind, "minors", DEFAULT_MINORS), "guardian") == 0;
    switch (which) {
    case KEPT_ANSWER_TYPE:
        tell_rows(d, which, "kinds", "does", each, arg);
        break;
    case KEPT_ANSWER_LAW:
        tell_rows(d, which, "laws", "text", each, arg);
        break;
    case KEPT_ANSWER_FUNCTIONS:
        tell_rows(d, which, "functions", "text", each, arg);
        break;
    case KEPT_ANSWER_RECIPIENTS:
        tell_rows(d, which, "recipients", "text", each, arg);
        break;
    case KEPT_ANSWER_LANGUAGES:
        each(arg, "en", "English", true);
        each(arg, "zh", "Chinese", false);
        break;
    case KEPT_ANSWER_MINORS:
        each(arg, "refused", "the app is not for them", !guardian);
        each(arg, "guardian", "a guardian agrees for them", guardian);
        break;
    case KEPT_ANSWER_REGION:
        each(arg, kept_sketch_said(&d->stock, d->law_row, "stored", ""), "", true);
        break;
    case KEPT_ANSWER_RETENTION:
        each(arg, DEFAULT_RETENTION, "", true);
        break;
    case KEPT_ANSWER_TITLE:
        if (a->v[KEPT_ANSWER_APP] != NULL)
            each(arg, a->v[KEPT_ANSWER_APP], "", true);
        break;
    case KEPT_ANSWER_APP:
    case KEPT_ANSWER_CONTROLLER:
    case KEPT_ANSWER_CONTACT:
    case KEPT_ANSWER_COUNT:
        break;
    }
}

int kept_sketch_choices(const struct kept_answers *answers, enum kept_answer which,
                       kept_sketch_choice_fn *each, void *arg, struct kept_err *err)
{
    struct sketch d;
    int rc = kept_sketch_begin(&d, err);
    if (rc == 0) {
        d.kind = kept_sketch_row(&d, "kinds", kept_sketch_or_else(answers, KEPT_ANSWER_TYPE, DEFAULT_TYPE));
        d.law_row = kept_sketch_row(&d, "laws", kept_sketch_or_else(answers, KEPT_ANSWER_LAW, DEFAULT_LAW));
        if (d.kind == NULL || d.law_row == NULL)
            rc = kept_fail(err, KEPT_E_USAGE, "there is no such kind of app, or no profile of that law");
    }
    if (rc == 0)
        tell(&d, answers, which, each, arg);
    kept_sketch_end(&d);
    return rc;
}
