/* policy.c - commands on policies: as files, and into the store. */
#include <string.h>

#include "base/error.h"
#include "cli/cli.h"
#include "engine/admin.h"

/* The findings of a file as JSON. */
static int findings(const struct kept_buf *text, bool as_published, json_t **ret_report,
                    size_t *ret_errors, struct kept_err *err)
{
    struct kept_buf json;
    kept_buf_init(&json, 16u << 20);
    int rc = kept_admin_policy_check(kept_buf_span(text), as_published, &json, ret_errors, err);
    *ret_report = rc == 0 ? json_loadb((const char *)json.p, json.n, 0, NULL) : NULL;
    kept_buf_release(&json);
    return rc;
}

/* ---- check ------------------------------------------------------------------------------------ */

/* As JSON from the engine; NULL with an error. */
static json_t *made(int (*make)(struct kept_buf *json, struct kept_err *err), int *ret_rc,
                    struct kept_err *err)
{
    struct kept_buf json;
    kept_buf_init(&json, 16u << 20);
    *ret_rc = make(&json, err);
    json_t *root = *ret_rc == 0 ? json_loadb((const char *)json.p, json.n, 0, NULL) : NULL;
    if (*ret_rc == 0 && root == NULL)
        *ret_rc = kept_fail(err, KEPT_E_NOMEM, "no memory for a report");
    kept_buf_release(&json);
    return root;
}

/* Every finding there is. */
static int say_codes(const struct cli *cli, struct kept_err *err)
{
    static const char *const columns[] = {"code", "severity", "why", "behind it", NULL};
    int rc = 0;
    json_t *codes = made(kept_admin_policy_codes, &rc, err), *rows = json_array(), *row = NULL;
    size_t i = 0;
    json_array_foreach(codes, i, row)
        (void)json_array_append_new(rows, json_pack("[O,O,O,O]", json_object_get(row, "code"),
                                                    json_object_get(row, "severity"),
                                                    json_object_get(row, "why"),
                                                    json_object_get(row, "behind")));
    if (rc == 0 && cli->option[O_JSON] != NULL)
        cli_print_json(codes);
    else if (rc == 0)
        cli_table(stdout, columns, rows, 0);
    json_decref(rows);
    json_decref(codes);
    return rc;
}

static int format_of(const struct cli *cli, enum findings_format *ret, struct kept_err *err)
{
    const char *word = cli->option[O_FORMAT], *json = cli->option[O_JSON];
    if (word != NULL && json != NULL && strcmp(word, "json") != 0)
        return kept_fail(err, KEPT_E_USAGE, "--json and --format %.20s are two formats", word);
    if (word == NULL)
        word = json != NULL ? "json" : "text";
    *ret = cli_findings_format(word);
    return *ret != FINDINGS_NONE ? 0
                                 : kept_fail(err, KEPT_E_USAGE,
                                             "say --format text, json, sarif or github");
}

int cli_run_policy_check(struct cli *cli, struct kept_err *err)
{
    struct kept_buf text;
    json_t *report = NULL, *codes = NULL;
    size_t errors = 0;
    enum findings_format format = FINDINGS_NONE;
    if (cli->option[O_CODES] != NULL)
        return say_codes(cli, err);
    if (cli->arg_count == 0)
        return kept_fail(err, KEPT_E_USAGE, "which file? usage: kept policy check FILE | --codes");
    int rc = format_of(cli, &format, err);
    if (rc != 0)
        return rc;
    rc = cli_load_policy(cli->arg[0], &text, err);
    if (rc == 0)
        rc = findings(&text, cli->option[O_AS_PUBLISHED] != NULL, &report, &errors, err);
    kept_buf_release(&text);
    if (rc == 0)
        codes = made(kept_admin_policy_codes, &rc, err);
    if (rc == 0) {
        (void)json_object_set_new(report, "file", json_string(cli->arg[0]));
        cli_findings(format, cli->arg[0], report, codes);
        cli->no = errors > 0;
    }
    json_decref(codes);
    json_decref(report);
    return rc;
}

/* ---- the language ------------------------------------------------------------------------------ */

int cli_run_policy_schema(struct cli *cli, struct kept_err *err)
{
    int rc = 0;
    if (cli->option[O_MARKDOWN] == NULL) {
        json_t *schema = made(kept_admin_policy_schema, &rc, err);
        if (rc == 0)
            cli_print_json(schema);
        json_decref(schema);
        return rc;
    }
    struct kept_buf page;
    kept_buf_init(&page, 16u << 20);
    rc = kept_admin_policy_reference(&page, err);
    if (rc == 0)
        (void)fwrite(page.p, 1, page.n, stdout);
    kept_buf_release(&page);
    return rc;
}

/* ---- what a policy says ------------------------------------------------------------------------ */

int cli_run_policy_show(struct cli *cli, struct kept_err *err)
{
    struct kept_buf text, out;
    if (cli->arg_count == 0)
        return cli_run_operation(cli, err);
    kept_buf_init(&out, 64u << 20);
    int rc = cli_policy(cli, cli->arg[0], &text, err);
    if (rc == 0)
        rc = kept_admin_policy_show(kept_buf_span(&text), cli->option[O_JSON] != NULL, &out, err);
    if (rc == 0)
        (void)fwrite(out.p, 1, out.n, stdout);
    if (rc == 0 && out.n > 0 && out.p[out.n - 1] != '\n')
        (void)fputc('\n', stdout);
    kept_buf_release(&text);
    kept_buf_release(&out);
    return rc;
}

int cli_run_policy_names(struct cli *cli, struct kept_err *err)
{
    struct kept_buf text, out;
    json_t *policy = NULL, *row = NULL, *names = NULL;
    size_t i = 0;
    kept_buf_init(&out, 64u << 20);
    int rc = cli_policy(cli, cli->arg[1], &text, err);
    if (rc == 0)
        rc = kept_admin_policy_show(kept_buf_span(&text), true, &out, err);
    if (rc == 0)
        policy = json_loadb((const char *)out.p, out.n, 0, NULL);
    json_t *rows = json_object_get(policy, cli->arg[0]);
    if (rc == 0 && !json_is_array(rows))
        rc = kept_fail(err, KEPT_E_USAGE, "a policy declares %s", POLICY_KINDS);
    names = json_array();
    json_array_foreach(rows, i, row)
    {
        json_t *name = json_object_get(row, "name");
        if (name != NULL && cli->option[O_JSON] == NULL)
            (void)puts(json_string_value(name));
        (void)json_array_append(names, name);
    }
    if (rc == 0 && cli->option[O_JSON] != NULL)
        cli_print_json(names);
    json_decref(names);
    json_decref(policy);
    kept_buf_release(&text);
    kept_buf_release(&out);
    return rc;
}

static int publish(struct cli *cli, const struct kept_buf *text, json_t **ret_reply,
                   struct kept_err *err)
{
    struct cli_store store = {NULL, NULL};
    struct input in;
    int rc = cli_request(cli, &in, err);
    in.request.text = (const char *)text->p;
    in.request.dry = cli->option[O_DRY_RUN] != NULL;
    if (rc == 0)
        rc = cli_policy_at(cli, text, &in.request.at, err);
    if (rc == 0 && strlen(in.request.text) != text->n)
        rc = kept_fail(err, KEPT_E_POLICY, "the policy holds a zero byte");
    if (rc == 0)
        rc = cli_open(cli, &store, err);
    if (rc == 0)
        rc = cli_call(&store, &in.request, ret_reply, err);
    cli_close(&store);
    cli_input_release(&in);
    return rc;
}

static const char *word_of(const json_t *report, const char *key)
{
    const char *word = json_string_value(json_object_get(report, key));
    return word != NULL ? word : "";
}

/* What was published, or what would be. */
static void say_published(struct cli *cli, const json_t *report)
{
    const bool dry = cli->option[O_DRY_RUN] != NULL;
    const json_t *notice = json_object_get(report, "notice");
    const char *lead = word_of(notice, "lead"), *refused = word_of(report, "refused");
    if (dry && word_of(report, "words")[0] != 0)
        (void)printf("%s\n", word_of(report, "words"));
    cli->no = dry && refused[0] != 0;
    if (cli->no) {
        (void)printf("It would not be published: %s\n", refused);
        return;
    }
    (void)printf("%s, version %lld %s, effective %s\n", word_of(report, "app"),
                 (long long)json_integer_value(json_object_get(report, "version")),
                 dry ? "would be published" : "is published", word_of(report, "effective"));
    if (strcmp(word_of(report, "change"), "first") != 0)
        (void)printf("a %s change, of which %s%s\n", word_of(report, "change"),
                     lead[0] != 0 ? "is to be told so long before: " : "no time of notice is promised", lead);
}

int cli_run_policy_publish(struct cli *cli, struct kept_err *err)
{
    struct kept_buf text;
    json_t *report = NULL, *reply = NULL;
    size_t errors = 0;
    int rc = cli_load_policy(cli->arg[0], &text, err);
    if (rc == 0)
        rc = findings(&text, false, &report, &errors, err);
    if (rc == 0 && errors > 0) {
        if (cli->option[O_JSON] != NULL)
            cli_detail(cli, "findings", json_incref(json_object_get(report, "findings")));
        else
            cli_findings_text(stderr, cli->arg[0], report);
        rc = kept_fail(err, KEPT_E_POLICY, "%.120s has %zu error%s: it is not published",
                       cli->arg[0], errors, errors == 1 ? "" : "s");
    }
    if (rc == 0)
        rc = publish(cli, &text, &reply, err);
    if (rc == 0 && (cli_denied(reply) || cli->option[O_JSON] != NULL))
        cli_reply(cli, &(struct kept_request){.op = KEPT_OP_POLICY_PUBLISH}, reply);
    else if (rc == 0)
        say_published(cli, json_object_get(reply, "report"));
    json_decref(report);
    json_decref(reply);
    kept_buf_release(&text);
    return rc;
}

/* ---- resolve ---------------------------------------------------------------------------------- */

int cli_run_policy_resolve(struct cli *cli, struct kept_err *err)
{
    struct kept_buf text;
    int rc = cli_policy(cli, cli->arg[0], &text, err);
    if (rc == 0 && cli->option[O_JSON] != NULL) {
        json_t *root = json_pack("{s:s%}", "policy", (const char *)text.p, text.n);
        rc = root != NULL ? 0 : kept_fail(err, KEPT_E_POLICY, "the policy is not UTF-8 text");
        if (rc == 0)
            cli_print_json(root);
        json_decref(root);
    } else if (rc == 0) {
        (void)fwrite(text.p, 1, text.n, stdout);
    }
    kept_buf_release(&text);
    return rc;
}
