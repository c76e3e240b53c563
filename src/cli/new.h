/* new.h - what the two halves of `kept policy new` share: the flags (new.c) and the asking (new_ask.c). */
#ifndef KEPT_CLI_NEW_H
#define KEPT_CLI_NEW_H

#include "cli/cli.h"
#include "engine/admin.h"

struct question {
    enum option option;
    const char *key;  /* what the answer becomes in the file */
    bool needed;      /* there is no default */
    const char *text, *why;
};
enum {
#define QUESTION(option, key, needed, text, why) QUESTION_##option,
#include "cli/new.def"
#undef QUESTION
    QUESTIONS
};

#define MAX_TYPED 1024u /* bytes of a line; an answer may be shorter still (policy/sketch.h) */

struct sketching {
    struct kept_admin_answer answers[QUESTIONS]; /* as the questions stand */
    char typed[QUESTIONS][MAX_TYPED];
    char file[MAX_TYPED];
    kept_ms now;
    bool asks;        /* somebody sits there */
};

/* cli_new_ask(g, q, index, judge, err): ask until judge takes the answer; Enter takes the default. On stderr,
 * from the standard input. KEPT_E_USAGE: the input ended. */
typedef int judge_fn(const struct sketching *g, size_t index, struct kept_err *err);
KEPT_MUST_USE int cli_new_ask(struct sketching *g, const struct question *q, size_t index, judge_fn *judge,
                              struct kept_err *err);
/* The file it goes into: one that is not there. */
KEPT_MUST_USE int cli_new_ask_file(struct sketching *g, const char **ret_path, struct kept_err *err);

#endif
