/* sketch.h - a policy to begin with: from a dozen answers on an app, of one of the kinds that the law knows, a
 * file that passes kept_policy_read, says what it can know, and marks with `# decide:` what it cannot.
 *
 * What is written stands in templates/new.yaml, which is compiled in and which a lawyer can read; what a kind
 * of app may demand, deadlines and the age of guardians are taken from the profiles (profile.h).
 * Invariants: 1. Whatever the answers, what comes out has no error, or nothing comes out.  2. An answer is
 * one value of the file: it never becomes a key, a comment of its own, or a second value.
 * PURE, as policy.h. Threads: none of it is shared. */
#ifndef KEPT_POLICY_SKETCH_H
#define KEPT_POLICY_SKETCH_H

#include "base/buf.h"
#include "kept.h"

/* In the order in which they are asked for: a later one may have a default that depends on earlier ones. */
#define KEPT_ANSWERS(X)                                                                            \
    X(APP, "app") X(TITLE, "title") X(CONTROLLER, "controller") X(CONTACT, "contact")              \
    X(TYPE, "type") X(LANGUAGES, "languages") X(LAW, "law") X(REGION, "region")                    \
    X(FUNCTIONS, "functions") X(MINORS, "minors") X(RECIPIENTS, "recipients") X(RETENTION, "retention")
enum kept_answer {
#define X(name, word) KEPT_ANSWER_##name,
    KEPT_ANSWERS(X)
#undef X
    KEPT_ANSWER_COUNT
};
#define KEPT_MAX_ANSWER 256u /* bytes */
#define KEPT_MAX_SKETCH (1u << 20)

struct kept_answers {
    const char *v[KEPT_ANSWER_COUNT]; /* NULL: the default. Lists: words between commas, or none */
    int32_t today;                    /* days since 1970-01-01; the day it is issued */
};

/* kept_sketch(answers, out, err): the file, appended to out.
 * KEPT_E_USAGE: some answer cannot be; err says which word or why, and how to mend it. Given one answer more at
 * a time, it is that one. KEPT_E_LIMIT: out is too small; KEPT_E_NOMEM. On failure out is as it was. */
KEPT_MUST_USE int kept_sketch(const struct kept_answers *answers, struct kept_buf *out,
                             struct kept_err *err);

/* What an answer is called: "app", "title"; NULL behind the last. */
const char *kept_answer_word(enum kept_answer which);

/* kept_sketch_choices(answers, which, each, arg, err): what may be answered, word by word, with what it means in
 * English ("" where the word says it), and whether it is (part of) the default beside the other answers.
 * Of what is no choice the default is told, as the only row; nothing where there is none.
 * KEPT_E_USAGE: as kept_sketch, of the kind of app or the law; KEPT_E_NOMEM. */
typedef void kept_sketch_choice_fn(void *arg, const char *word, const char *meaning, int usual);
KEPT_MUST_USE int kept_sketch_choices(const struct kept_answers *answers, enum kept_answer which,
                                     kept_sketch_choice_fn *each, void *arg, struct kept_err *err);

#endif
