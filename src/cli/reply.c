/* reply.c - what the engine answered, as JSON and as text; and what went wrong. */
#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/utf8.h"
#include "cli/cli.h"

/* ---- as JSON --------------------------------------------------------------------------------- */

static void set_verdict(json_t *to, enum kept_decision decision, enum kept_reason reason,
                        const char *clause, int line)
{
    (void)json_object_set_new(to, "decision", json_string(kept_decision_name(decision)));
    if (reason != KEPT_R_NONE) {
        (void)json_object_set_new(to, "reason", json_string(kept_reason_name(reason)));
        (void)json_object_set_new(to, "means", json_string(kept_reason_text(reason)));
    }
    if (clause != NULL && clause[0] != 0)
        (void)json_object_set_new(to, "clause", json_string(clause));
    if (line != 0)
        (void)json_object_set_new(to, "line", json_integer(line));
}

static void set_value(json_t *to, struct kept_span value)
{
    if (kept_utf8_valid(value)) {
        (void)json_object_set_new(to, "value", json_stringn((const char *)value.p, value.n));
        return;
    }
    char *hex = kept_alloc(value.n + 1, 2);
    if (hex == NULL)
        return;
    kept_hex(value.p, value.n, hex);
    (void)json_object_set_new(to, "value_hex", json_string(hex));
    kept_wipe(hex, 2 * value.n);
    kept_free(hex);
}

static void set_time(json_t *to, const char *name, kept_ms at)
{
    char text[KEPT_TIME_TEXT];
    if (at == 0)
        return;
    kept_time_text(at, text);
    (void)json_object_set_new(to, name, json_string(text));
}

static json_t *field_json(const struct kept_field *f, enum kept_op op)
{
    json_t *row = json_object();
    (void)json_object_set_new(row, "item", json_string(f->name != NULL ? f->name : ""));
    if (f->record != 0)
        (void)json_object_set_new(row, "record", json_integer(f->record));
    set_verdict(row, f->decision, f->reason, f->clause, f->line);
    if (f->observed != 0)
        (void)json_object_set_new(row, "observed", json_true());
    if ((op == KEPT_OP_USE || op == KEPT_OP_DISCLOSE) && f->value.n > 0)
        set_value(row, f->value);
    if (f->source != NULL) {
        (void)json_object_set_new(row, "source", json_string(f->source));
        set_time(row, "collected", f->collected);
        set_time(row, "until", f->until);
    }
    return row;
}

/* The verdict on a reply is the best of its fields': what it holds for is said beside it. */
static void set_counts(json_t *root, const struct kept_reply *reply)
{
    size_t refused = 0;
    for (size_t i = 0; i < reply->field_count; i++)
        refused += reply->fields[i].decision == KEPT_DENY;
    (void)json_object_set_new(root, "allowed",
                              json_integer((json_int_t)(reply->field_count - refused)));
    (void)json_object_set_new(root, "refused", json_integer((json_int_t)refused));
    (void)json_object_set_new(root, "in_part",
                              json_boolean(refused > 0 && refused < reply->field_count));
}

json_t *cli_reply_json(const struct kept_reply *reply, enum kept_op op)
{
    static const struct kept_id nobody;
    char hex[65], at[KEPT_TIME_TEXT];
    json_t *root = json_object(), *fields = json_array();
    (void)json_object_set_new(root, "operation", json_string(kept_op_name(op)));
    set_verdict(root, reply->decision, reply->reason, reply->clause, reply->line);
    if (!kept_id_equal(&reply->subject, &nobody)) {
        kept_id_hex(&reply->subject, hex);
        (void)json_object_set_new(root, "subject", json_string(hex));
        (void)json_object_set_new(root, "version", json_integer((json_int_t)reply->version));
    }
    (void)json_object_set_new(root, "policy_version", json_integer(reply->policy_version));
    kept_time_text(reply->at, at);
    (void)json_object_set_new(root, "at", json_string(at));
    kept_id_hex(&reply->entry, hex);
    (void)json_object_set_new(root, "entry", json_string(hex));
    kept_hex(reply->leaf, sizeof reply->leaf, hex);
    (void)json_object_set_new(root, "leaf", json_string(hex));
    if (reply->observed != 0)
        (void)json_object_set_new(root, "observed", json_true());
    if (reply->stripped > 0)
        (void)json_object_set_new(root, "stripped", json_integer(reply->stripped));
    for (size_t i = 0; i < reply->field_count; i++)
        (void)json_array_append_new(fields, field_json(&reply->fields[i], op));
    if (reply->field_count > 0) {
        set_counts(root, reply);
        (void)json_object_set(root, "fields", fields);
    }
    json_decref(fields);
    if (reply->json != NULL)
        (void)json_object_set_new(root, "report", json_loads(reply->json, 0, NULL));
    return root;
}

void cli_print_json(const json_t *root)
{
    (void)json_dumpf(root, stdout, JSON_INDENT(2));
    (void)fputc('\n', stdout);
}

/* ---- as text --------------------------------------------------------------------------------- */

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text == NULL ? "" : text;
}

static const char *word_of(const char *decision)
{
    return strcmp(decision, "allow") == 0  ? "allowed"
           : strcmp(decision, "mask") == 0 ? "masked"
                                           : "denied";
}

/* "clause S0-1.2, line 40 of the policy", or nothing. */
static void print_rule(const json_t *of)
{
    const char *clause = text_of(of, "clause");
    long long line = (long long)json_integer_value(json_object_get(of, "line"));
    if (clause[0] == 0 && line == 0)
        return;
    (void)fputs(" (", stdout);
    if (clause[0] != 0)
        (void)printf("clause %s", clause);
    if (line != 0)
        (void)printf("%sline %lld of the policy", clause[0] != 0 ? ", " : "", line);
    (void)fputs(")", stdout);
}

/* The items without which nothing was taken in. */
static void print_missing(const json_t *names)
{
    size_t i = 0;
    const json_t *name = NULL;
    json_array_foreach(names, i, name)
        (void)printf("%s%s", i == 0 ? ": " : ", ", json_string_value(name));
}

static void print_verdict(const struct cli *cli, const json_t *reply)
{
    const char *decision = text_of(reply, "decision");
    const char *on = !cli->color                                      ? ""
                     : strcmp(decision, "deny") == 0                 ? "\x1b[31m"
                     : cli->in_part || strcmp(decision, "mask") == 0 ? "\x1b[33m"
                                                                     : "\x1b[32m";
    (void)printf("%s%s%s", on, cli->in_part ? "in part" : word_of(decision),
                 cli->color ? "\x1b[0m" : "");
    if (cli->in_part) {
        (void)printf(": %lld of %zu fields, the others were refused\n",
                     (long long)json_integer_value(json_object_get(reply, "allowed")),
                     json_array_size(json_object_get(reply, "fields")));
        return;
    }
    if (text_of(reply, "reason")[0] != 0)
        (void)printf(": %s, %s", text_of(reply, "reason"), text_of(reply, "means"));
    print_missing(json_object_get(json_object_get(reply, "report"), "missing"));
    if (text_of(reply, "reason")[0] != 0)
        print_rule(reply);
    (void)fputc('\n', stdout);
}

static json_t *field_cells(const json_t *f)
{
    struct kept_buf cell;
    json_t *row = json_array();
    long long line = (long long)json_integer_value(json_object_get(f, "line"));
    long long record = (long long)json_integer_value(json_object_get(f, "record"));
    const char *item = text_of(f, "item");
    const char *value = text_of(f, "value");
    kept_buf_init_secret(&cell, 64u << 20);
    (void)json_array_append_new(row, json_string(item[0] != 0 ? item : "(undeclared)"));
    (void)json_array_append_new(row, record != 0 ? json_sprintf("%lld", record) : json_string(""));
    (void)json_array_append_new(row, json_string(word_of(text_of(f, "decision"))));
    if (json_object_get(f, "value_hex") != NULL)
        kept_buf_printf(&cell, "0x%s", text_of(f, "value_hex"));
    else
        cli_safe(&cell, (struct kept_span){(const uint8_t *)value, strlen(value)});
    (void)json_array_append_new(row,
                                json_stringn(cell.n > 0 ? (const char *)cell.p : "", cell.n));
    (void)json_array_append_new(row, json_string(text_of(f, "reason")));
    (void)json_array_append_new(row, json_string(text_of(f, "clause")));
    (void)json_array_append_new(row, line != 0 ? json_sprintf("%lld", line) : json_string(""));
    kept_buf_release(&cell);
    return row;
}

static void print_fields(const json_t *fields)
{
    static const char *const columns[] = {"item",   "record", "verdict", "value",
                                          "reason", "clause", "line",    NULL};
    json_t *rows = json_array(), *f = NULL;
    size_t i = 0;
    json_array_foreach(fields, i, f) (void)json_array_append_new(rows, field_cells(f));
    cli_table(stdout, columns, rows, 0);
    json_decref(rows);
}

static void print_text(const struct cli *cli, const struct kept_request *request,
                       const json_t *reply)
{
    const json_t *report = json_object_get(reply, "report");
    const json_t *fields = json_object_get(reply, "fields");
    if (json_object_get(report, "missing") != NULL) /* which the verdict names */
        report = NULL;
    long long stripped = (long long)json_integer_value(json_object_get(reply, "stripped"));
    bool id_only = request->op == KEPT_OP_SUBJECT_NEW || request->op == KEPT_OP_SUBJECT_FIND;
    if (id_only && !cli->no) {
        (void)printf("%s\n", text_of(reply, "subject"));
        return;
    }
    if (report == NULL || cli->no)
        print_verdict(cli, reply);
    if (fields != NULL)
        print_fields(fields);
    if (json_is_true(json_object_get(reply, "observed")))
        (void)printf("observed only: the function is not enforced yet; nothing was stored or given out\n");
    if (stripped > 0)
        (void)printf("%lld undeclared field%s stripped: the policy does not know %s\n", stripped,
                     stripped == 1 ? "" : "s", stripped == 1 ? "it" : "them");
    if (report != NULL)
        cli_show(stdout, report);
    else
        (void)printf("ledger entry %s\n", text_of(reply, "entry"));
}

/* In JSON the claimed role is part of the answer, and so is that nobody checked it. */
static void set_role(const struct cli *cli, json_t *reply)
{
    if (cli->option[O_AS] != NULL)
        (void)json_object_set_new(reply, "as", json_pack("{s:s,s:b}", "role", cli->option[O_AS],
                                                         "authenticated", 0));
}

void cli_reply(struct cli *cli, const struct kept_request *request, json_t *reply)
{
    cli->no = cli->no || strcmp(text_of(reply, "decision"), "deny") == 0;
    cli->in_part = json_is_true(json_object_get(reply, "in_part"));
    if (cli->option[O_JSON] != NULL) {
        set_role(cli, reply);
        cli_print_json(reply);
    } else {
        print_text(cli, request, reply);
    }
}

/* ---- what went wrong ------------------------------------------------------------------------- */

void cli_detail(struct cli *cli, const char *key, json_t *value)
{
    if (cli->details == NULL)
        cli->details = json_object();
    (void)json_object_set_new(cli->details, key, value);
}

void cli_error(const struct cli *cli, int rc, const struct kept_err *err)
{
    const char *text = err->code != 0 ? err->text : kept_error_text(rc);
    if (cli->option[O_JSON] == NULL) {
        (void)fprintf(stderr, "kept: %s\n", text);
        return;
    }
    json_t *error = json_object();
    (void)json_object_set_new(error, "code", json_integer(-rc));
    (void)json_object_set_new(error, "name", json_string(kept_error_name(rc)));
    if (json_object_set_new(error, "text", json_string(text)) != 0) /* a path that is no UTF-8 */
        (void)json_object_set_new(error, "text", json_string(kept_error_text(rc)));
    json_t *root = json_pack("{s:O}", "error", error);
    if (cli->details != NULL)
        (void)json_object_update(error, cli->details);
    (void)json_dumpf(root, stderr, JSON_INDENT(2));
    (void)fputc('\n', stderr);
    json_decref(error);
    json_decref(root);
}
