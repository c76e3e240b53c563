/* cli.h - the command: words and options in, operations on the engine, text or JSON out.
 *
 * Two tables, options.def and commands.def, make parser, usage, help and suggestions.
 * Invariants: 1. Values of people go to stdout and only when asked for, never into an error.
 * 2. The exit code is 0 (done, yes), 1 (the answer is no) or the absolute value of a KEPT_E_*.
 * Nothing here knows a room of the house: include/kept.h and engine/admin.h are all it talks to. */
#ifndef KEPT_CLI_CLI_H
#define KEPT_CLI_CLI_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/mem.h"
#include "kept.h"

enum option {
#define OPTION(id, name, argument, help) O_##id,
#include "cli/options.def"
#undef OPTION
    O_COUNT
};
#define BIT(id) (1ull << O_##id)

#define MAX_ARGS 4200u /* a few words more than KEPT_MAX_FIELDS */

struct cli;
struct command {
    const char *words;    /* "consent grant" */
    const char *takes;    /* one letter a positional: see args.c */
    const char *usage;    /* the positionals, for people */
    enum kept_op op;
    uint64_t options;     /* beside the global ones */
    int (*run)(struct cli *cli, struct kept_err *err);
    const char *help;
    const char *examples;
};

struct cli {
    const struct command *command;
    const char *option[O_COUNT]; /* NULL: not given; a flag: "" */
    const char *arg[MAX_ARGS];   /* without the command's own words */
    size_t arg_count;
    bool color;
    bool no;                     /* the answer is no: exit 1 */
};

/* ---- table.c: the two tables ---- */

struct option_row {
    const char *name, *argument, *help;
};
const struct option_row *cli_option_row(enum option id);
const struct command *cli_commands(size_t *ret_count);

/* ---- args.c: words to a struct cli; a struct cli to a request ---- */

/* KEPT_E_USAGE: err says what and suggests. cli->command is NULL when no words are given. */
KEPT_MUST_USE int cli_parse(int argc, char **argv, struct cli *cli, struct kept_err *err);
struct kept_options cli_options(const struct cli *cli);

/* What a request borrows. */
struct input {
    struct kept_request request;
    struct kept_field *fields;
    struct kept_buf *values; /* secret, parallel to fields */
    char **names;
    size_t count, field_cap, value_cap, name_cap;
};
KEPT_MUST_USE int cli_request(const struct cli *cli, struct input *ret_input,
                              struct kept_err *err);
void cli_input_release(struct input *input);
/* YYYY-MM-DD, or YYYY-MM-DDTHH:MM:SSZ. */
KEPT_MUST_USE int cli_time(const char *text, kept_ms *ret_at, struct kept_err *err);
/* A file, or "-": what stands on the standard input. */
KEPT_MUST_USE int cli_load(const char *path, struct kept_buf *out, struct kept_err *err);

/* ---- help.c ---- */

void cli_help(FILE *to, const struct command *command); /* NULL: the overview */
/* The commands that begin with a word; false when there are none. */
bool cli_help_group(FILE *to, const char *word);

/* ---- show.c: JSON as text ---- */

/* A report as people read it: fields one a line, lists as tables. */
void cli_show(FILE *to, const json_t *root);
/* columns: titles, NULL-terminated; rows: array of arrays of strings. */
void cli_table(FILE *to, const char *const *columns, const json_t *rows);
/* Text that cannot steer a terminal. */
void cli_safe(struct kept_buf *out, struct kept_span text);

/* ---- reply.c ---- */

/* The reply as JSON; values stand in it. NULL: no memory. */
json_t *cli_reply_json(const struct kept_reply *reply, enum kept_op op);
/* Print it, as JSON or as text, and note a "no". */
void cli_reply(struct cli *cli, const struct kept_request *request, const json_t *reply);
/* Print one JSON document and a newline. */
void cli_print_json(const json_t *root);
void cli_error(const struct cli *cli, int rc, const struct kept_err *err);

/* ---- wipe.c: before the first value, and behind the last ---- */

/* The buffer of the standard output, for cli_wipe_end; NULL: it has none of ours. */
char *cli_wipe_begin(bool terminal);
void cli_wipe_end(char *buffer); /* after the last flush */

/* ---- what commands do ---- */

int cli_run_init(struct cli *cli, struct kept_err *err);
int cli_run_operation(struct cli *cli, struct kept_err *err);
int cli_run_erase(struct cli *cli, struct kept_err *err);
int cli_run_stat(struct cli *cli, struct kept_err *err);
int cli_run_help(struct cli *cli, struct kept_err *err);
int cli_run_policy_check(struct cli *cli, struct kept_err *err);
int cli_run_policy_show(struct cli *cli, struct kept_err *err);
int cli_run_policy_publish(struct cli *cli, struct kept_err *err);
int cli_run_ledger(struct cli *cli, struct kept_err *err);
int cli_run_ledger_verify(struct cli *cli, struct kept_err *err);
int cli_run_accept_loss(struct cli *cli, struct kept_err *err);
int cli_run_key_show(struct cli *cli, struct kept_err *err);
int cli_run_key_change(struct cli *cli, struct kept_err *err);
int cli_run_key_recovery(struct cli *cli, struct kept_err *err);
int cli_run_key_restore(struct cli *cli, struct kept_err *err);

#endif
