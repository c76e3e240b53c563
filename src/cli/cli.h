/* cli.h - the command: words and options in, operations on the engine, text or JSON out.
 *
 * Two tables, options.def and commands.def, make parser, usage, help and suggestions.
 * Invariants: 1. Values of people go to stdout and only when asked for, never into an error.
 * 2. With --json stdout holds one document or nothing, and stderr nothing or one: the error.
 * 3. The exit code is 0 (done, yes), 1 (the answer is no), EXIT_IN_PART or the absolute value of a
 * KEPT_E_*.
 * Nothing here knows a room of the house: include/kept.h and engine/admin.h are all it talks to; scan/scan.h,
 * which needs no store: a text goes in and findings come out; and transfer/transfer.h, which is above
 * kept.h as this is; and server/, to serve a store, or to ask who does. */
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
#include "post/post.h"

enum option {
#define OPTION(id, name, argument, help) O_##id,
#include "cli/options.def"
#undef OPTION
    O_COUNT
};
/* A set of options: there are more than 64. */
__extension__ typedef unsigned __int128 cli_set;
#define BIT(id) ((cli_set)1 << O_##id)

#define WAIT_SECONDS 2u /* for a store that another process owns; --wait says otherwise */
#define MAX_WAIT_SECONDS 86400u

/* Of several fields some were taken or released and some refused: neither a yes nor a no. Behind
 * all of KEPT_E_*. */
#define EXIT_IN_PART 20

/* What the exit codes that are no error of kept mean: in help and manual. */
#define SAY_YES "yes, or done"
#define SAY_NO "the answer is no: denied, not verified, a policy with errors, a material change"
#define SAY_IN_PART "in part: some fields were taken or released, others refused"

#define POLICY_KINDS "items|functions|purposes|permissions|recipients|roles|exemptions|partitions"

#define RENDERINGS "text|collected|recipients|cookies|summary|ropa-json|ropa-csv|dpv"

#define MAX_ARGS 4200u /* a few words more than KEPT_MAX_FIELDS */

struct cli;
struct command {
    const char *words;    /* "consent grant" */
    const char *takes;    /* one letter a positional: see args.c */
    const char *usage;    /* the positionals, for people */
    enum kept_op op;
    cli_set options;      /* beside the global ones */
    cli_set needs;        /* those of them that must be given */
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
    bool in_part;                /* it is yes for some fields only: EXIT_IN_PART */
    unsigned wait_seconds;
    struct kept_buf config;      /* of --config: options point into it */
    json_t *details;             /* what an error in JSON says beside its text, or NULL */
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
/* Without --root-key and KEPT_ROOT_KEY the keyring says who has the root key; else ./kept/root.key. */
struct kept_options cli_options(const struct cli *cli);

/* What a request borrows. */
struct input {
    struct kept_request request;
    struct kept_evidence evidence;
    struct kept_guardian guardian;
    struct kept_caller caller;
    uint8_t sha256[32];
    struct kept_field *fields;
    struct kept_buf *values; /* secret, parallel to fields */
    char **names;
    size_t count, field_cap, value_cap, name_cap;
};
KEPT_MUST_USE int cli_request(const struct cli *cli, struct input *ret_input,
                              struct kept_err *err);
void cli_input_release(struct input *input);
/* ---- config.c ---- */

/* Options of the file that --config names, where the command line has none. KEPT_E_USAGE: with its line;
 * KEPT_E_NOTFOUND, KEPT_E_IO, KEPT_E_LIMIT. */
KEPT_MUST_USE int cli_config(struct cli *cli, struct kept_err *err);

/* ---- args.c ---- */

unsigned cli_option_named(const char *name, size_t length); /* O_COUNT: there is none */
/* KEPT_E_USAGE, with the nearest one there is; dashes: what stands before a name here. */
int cli_no_option(const char *word, size_t length, const char *dashes, struct kept_err *err);
/* The number an option names; ret is left as it is when none is given. KEPT_E_USAGE. */
KEPT_MUST_USE int cli_number(const struct cli *cli, enum option id, uint32_t *ret,
                             struct kept_err *err);
/* YYYY-MM-DD, or YYYY-MM-DDTHH:MM:SSZ. */
KEPT_MUST_USE int cli_time(const char *text, kept_ms *ret_at, struct kept_err *err);
/* A file, or "-": what stands on the standard input. */
KEPT_MUST_USE int cli_load(const char *path, struct kept_buf *out, struct kept_err *err);
/* The same of a policy, with the file beside it that it extends: one text (overlay.c). */
KEPT_MUST_USE int cli_load_policy(const char *path, struct kept_buf *text, struct kept_err *err);
/* The same, or @3, @current: a version in the store, the very text that was published. KEPT_E_NOTFOUND.
 * ret_effective: when that takes effect; of a file 0. cli_policy: for whom that is nothing. */
KEPT_MUST_USE int cli_policy_version(struct cli *cli, const char *word, struct kept_buf *text,
                                     kept_ms *ret_effective, struct kept_err *err);
/* What --at says: an instant, or a day, which begins where the policy's days do. 0: nothing. */
KEPT_MUST_USE int cli_policy_at(const struct cli *cli, const struct kept_buf *policy, kept_ms *ret_at,
                                struct kept_err *err);
KEPT_MUST_USE int cli_policy(struct cli *cli, const char *word, struct kept_buf *text,
                             struct kept_err *err);
/* The path of a file of that name beside another. */
void cli_beside(const char *path, const char *name, char ret_path[KEPT_MAX_PATH]);

/* ---- wait.c: a store that another process owns ---- */

/* Call again what returned rc? True after a short sleep, while rc is KEPT_E_BUSY and there is time
 * left; *tries begins at 0. */
bool cli_again(const struct cli *cli, int rc, unsigned *tries);
/* rc as it is; on KEPT_E_BUSY err says who owns the store, as far as the system tells. */
int cli_owner(struct cli *cli, int rc, struct kept_err *err);
/* kept_open of the store named, with both: for what only the process that owns the store can do. */
KEPT_MUST_USE int cli_own(struct cli *cli, struct kept **ret_kept, struct kept_err *err);

/* ---- store.c: the store, opened here or served by another process ---- */

struct cli_store {
    struct kept *kept;          /* NULL: it is served */
    struct kept_client *client; /* NULL: it is ours */
};
/* Ask who serves the store, if anybody does; else own it. */
KEPT_MUST_USE int cli_open(struct cli *cli, struct cli_store *ret_store, struct kept_err *err);
void cli_close(struct cli_store *store); /* one that was not opened, too */
/* As kept_call; the reply lives no longer than the store is open, and goes with cli_reply_free. */
KEPT_MUST_USE int cli_ask_one(struct cli_store *store, const struct kept_request *request,
                              struct kept_reply **ret_reply, struct kept_err *err);
void cli_reply_free(struct cli_store *store, struct kept_reply *reply);
/* A document of who serves the store (server/README.md); key and value: NULL, or what else it is asked with. */
KEPT_MUST_USE int cli_document(struct cli_store *store, const char *what, const char *app, const char *key,
                               const char *value, struct kept_buf *out, struct kept_err *err);

/* ---- systems.c: where the sender brings orders ---- */

struct cli_systems { /* zeroed first; cli_systems_release */
    struct kept_post_system rows[KEPT_MAX_SYSTEMS];
    size_t count;
    struct kept_buf text, secrets[KEPT_MAX_SYSTEMS];
};
/* A file of one line that is closed to others (KEPT_E_USAGE); path NULL: nothing. out is made here, to be released. */
KEPT_MUST_USE int cli_secret(const char *path, const char *what, struct kept_buf *out, struct kept_err *err);
/* Lines NAME URL FILE; # begins a remark. path NULL: none. KEPT_E_USAGE says which line is wrong. */
KEPT_MUST_USE int cli_systems_load(const char *path, struct cli_systems *systems, struct kept_err *err);
void cli_systems_release(struct cli_systems *systems);

/* ---- progress.c: on stderr; nothing with --quiet or --json ---- */

struct progress {
    const char *what; /* is counted: "rows" */
    kept_ms started, said;
    bool none, terminal, drawn;
};
void cli_progress_begin(struct progress *p, const struct cli *cli, const char *what);
/* part: of all the work, 0 to 1. Draws now and then only. */
void cli_progress(struct progress *p, double part, uint64_t count);
void cli_progress_end(struct progress *p); /* the bar goes */
double cli_progress_seconds(const struct progress *p);

/* ---- help.c ---- */

void cli_help(FILE *to, const struct command *command); /* NULL: the overview */
/* Text in lines of at most line columns (but for longer words) and a newline; the first one begins
 * at column at, the others at indent. */
void cli_wrapped(FILE *to, const char *text, size_t at, size_t indent, size_t line);
/* The commands that begin with a word; false when there are none. */
bool cli_help_group(FILE *to, const char *word);

/* ---- show.c: JSON as text ---- */

/* A report as people read it: fields one a line, lists as tables that fit 100 columns: what is long
 * is cut, --json has it whole. Entries of the ledger have columns that stand still. */
void cli_show(FILE *to, const json_t *root);
/* columns: titles, NULL-terminated; rows: array of arrays of strings. line: cells are cut until a
 * line is no longer; 0: nothing is cut. */
void cli_table(FILE *to, const char *const *columns, const json_t *rows, size_t line);
/* Text that cannot steer a terminal. */
void cli_safe(struct kept_buf *out, struct kept_span text);

/* ---- reply.c ---- */

/* The reply as JSON; values stand in it. NULL: no memory. */
json_t *cli_reply_json(const struct kept_reply *reply, enum kept_op op);
/* Print it, as JSON or as text, and note a "no" and an "in part". */
void cli_reply(struct cli *cli, const struct kept_request *request, json_t *reply);
/* Print one JSON document and a newline. */
void cli_print_json(const json_t *root);
/* Once, on stderr: a line, or with --json {"error": {"code", "name", "text", and details}}. */
void cli_error(const struct cli *cli, int rc, const struct kept_err *err);
/* Details of the error to come. Takes value. */
void cli_detail(struct cli *cli, const char *key, json_t *value);

/* ---- run.c ---- */

/* The operation of a command, and its report shown in a way of its own; with --json, or denied, as any reply. */
int cli_run_shown(struct cli *cli, void (*show)(const json_t *report), struct kept_err *err);
/* One operation, its reply as JSON. */
KEPT_MUST_USE int cli_call(struct cli_store *store, const struct kept_request *request, json_t **ret_reply,
                           struct kept_err *err);
bool cli_denied(const json_t *reply);

/* ---- findings.c: of `kept policy check` ---- */

enum findings_format { FINDINGS_NONE = 0, FINDINGS_TEXT, FINDINGS_JSON, FINDINGS_SARIF,
                       FINDINGS_GITHUB };
enum findings_format cli_findings_format(const char *word); /* NONE: there is no such format */
/* On the standard output. report, codes: of kept_admin_policy_check and kept_admin_policy_codes. */
void cli_findings(enum findings_format format, const char *path, const json_t *report,
                  const json_t *codes);
void cli_findings_text(FILE *to, const char *path, const json_t *report);

/* ---- render.c ---- */

/* In place of what was there, whole or not at all; as readable as any file that the user makes. what: it
 * would be lost, for the sync. */
KEPT_MUST_USE int cli_write_out(const char *path, const struct kept_buf *out, const char *what,
                                struct kept_err *err);

/* ---- ask.c ---- */

/* kept_ask's: at the controlling terminal, without echo; a new one twice. KEPT_E_USAGE: there is none,
 * nothing was given, or the two differ. */
KEPT_MUST_USE int cli_ask(void *arg, int fresh, char *ret_text, size_t size, struct kept_err *err);

/* ---- wipe.c: before the first value, and behind the last ---- */

/* The buffer of the standard output, for cli_wipe_end; NULL: it has none of ours. */
char *cli_wipe_begin(bool terminal);
void cli_wipe_end(char *buffer); /* after the last flush */

/* ---- what commands do ---- */

int cli_run_init(struct cli *cli, struct kept_err *err);
int cli_run_operation(struct cli *cli, struct kept_err *err);
int cli_run_erase(struct cli *cli, struct kept_err *err);
int cli_run_upkeep(struct cli *cli, struct kept_err *err);
int cli_run_guardian(struct cli *cli, struct kept_err *err);
int cli_run_minor(struct cli *cli, struct kept_err *err);
int cli_run_why(struct cli *cli, struct kept_err *err);
int cli_run_caller_add(struct cli *cli, struct kept_err *err);
int cli_run_stat(struct cli *cli, struct kept_err *err);
int cli_run_order_list(struct cli *cli, struct kept_err *err);
int cli_run_log_take(struct cli *cli, struct kept_err *err);
int cli_run_log_show(struct cli *cli, struct kept_err *err);
int cli_run_cease(struct cli *cli, struct kept_err *err);
int cli_run_help(struct cli *cli, struct kept_err *err);
int cli_run_policy_new(struct cli *cli, struct kept_err *err);
int cli_run_policy_check(struct cli *cli, struct kept_err *err);
int cli_run_policy_schema(struct cli *cli, struct kept_err *err);
int cli_run_policy_resolve(struct cli *cli, struct kept_err *err);
int cli_run_policy_show(struct cli *cli, struct kept_err *err);
int cli_run_policy_explain(struct cli *cli, struct kept_err *err);
int cli_run_policy_compare(struct cli *cli, struct kept_err *err);
int cli_run_policy_names(struct cli *cli, struct kept_err *err);
int cli_run_policy_render(struct cli *cli, struct kept_err *err);
int cli_run_policy_publish(struct cli *cli, struct kept_err *err);
int cli_run_ledger(struct cli *cli, struct kept_err *err);
int cli_run_ledger_verify(struct cli *cli, struct kept_err *err);
int cli_run_accept_loss(struct cli *cli, struct kept_err *err);
int cli_run_key_show(struct cli *cli, struct kept_err *err);
int cli_run_key_change(struct cli *cli, struct kept_err *err);
int cli_run_key_recovery(struct cli *cli, struct kept_err *err);
int cli_run_key_restore(struct cli *cli, struct kept_err *err);
int cli_run_import(struct cli *cli, struct kept_err *err);
int cli_run_export(struct cli *cli, struct kept_err *err);
int cli_run_scan(struct cli *cli, struct kept_err *err);
int cli_run_collect(struct cli *cli, struct kept_err *err);
int cli_run_contacts(struct cli *cli, struct kept_err *err);
int cli_run_use(struct cli *cli, struct kept_err *err);
int cli_run_serve(struct cli *cli, struct kept_err *err);
int cli_run_post(struct cli *cli, struct kept_err *err);

#endif
