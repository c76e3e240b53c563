/* key.c - commands about the root key: who has it, another one, and its copy on paper. */
#include <string.h>

#include "cli/cli.h"
#include "engine/admin.h"

#define REPORT_MAX (1u << 20)
#define COPY_MAX 65536u

static json_t *parse(const struct kept_buf *json)
{
    return json_loadb(json->n > 0 ? (const char *)json->p : "", json->n, 0, NULL);
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text == NULL ? "" : text;
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* ---- showing --------------------------------------------------------------------------------- */

static void show_apps(const json_t *report)
{
    size_t i = 0;
    json_t *row = NULL;
    const json_t *cost = json_object_get(report, "passphrase");
    (void)printf("root key             %s, in %s\n", text_of(report, "name"),
                 text_of(report, "root_key"));
    if (cost != NULL)
        (void)printf("                     Argon2id, %lld rounds over %lld MiB%s\n",
                     (long long)json_integer_value(json_object_get(cost, "rounds")),
                     (long long)json_integer_value(json_object_get(cost, "mib")),
                     json_is_true(json_object_get(cost, "as_strong_as_new"))
                         ? ""
                         : ": a new one costs more to guess (kept key change --new passphrase)");
    json_array_foreach(json_object_get(report, "apps"), i, row)
    {
        (void)fputc('\n', stdout);
        cli_show(stdout, row);
    }
}

int cli_run_key_show(struct cli *cli, struct kept_err *err)
{
    const struct kept_options options = cli_options(cli);
    struct kept_buf json;
    kept_buf_init(&json, REPORT_MAX);
    int rc = kept_admin_key_show(&options, &json, err);
    if (rc == 0) {
        json_t *report = parse(&json);
        if (cli->option[O_JSON] != NULL)
            cli_print_json(report);
        else
            show_apps(report);
        json_decref(report);
    }
    kept_buf_release(&json);
    return rc;
}

/* ---- changing -------------------------------------------------------------------------------- */

/* What is to be done with the former, by what it is. */
static void advise(const char *former)
{
    if (begins(former, "passphrase"))
        (void)puts("The former passphrase still opens older copies and mirrors of the keyring: keep it as "
                   "long\nas there are any, and forget it then.");
    else if (begins(former, "command:"))
        (void)puts("What the former command prints still opens older copies and mirrors of the keyring: "
                   "revoke\nit when there are none left.");
    else
        (void)printf("The former, %s, was left as it is: it opens older copies and mirrors of the "
                     "keyring.\nWhen there are none left, destroy it (shred -u) and its recovery copy.\n",
                     former);
}

static void print_change(const json_t *report)
{
    const char *now = text_of(report, "root_key");
    cli_show(stdout, report);
    if (strcmp(text_of(report, "name"), text_of(report, "former")) == 0) {
        (void)puts("It is the same key: from now on the keyring knows that it is there.");
        return;
    }
    (void)printf("From now on the store opens with %s alone. The keyring names it: --root-key\nis needed "
                 "only if it is to be found elsewhere. Print a new recovery copy: kept key recovery.\n",
                 now);
    advise(text_of(report, "former_root_key"));
}

int cli_run_key_change(struct cli *cli, struct kept_err *err)
{
    const struct kept_options options = cli_options(cli);
    struct kept_buf json;
    kept_buf_init(&json, REPORT_MAX);
    unsigned tries = 0;
    int rc = 0;
    do
        rc = kept_admin_key_change(&options, cli->option[O_NEW], &json, err);
    while (cli_again(cli, rc, &tries));
    rc = cli_owner(cli, rc, err);
    if (rc == 0) {
        json_t *report = parse(&json);
        if (cli->option[O_JSON] != NULL)
            cli_print_json(report);
        else
            print_change(report);
        json_decref(report);
    }
    kept_buf_release(&json);
    return rc;
}

/* ---- on paper -------------------------------------------------------------------------------- */

/* What somebody typed from the paper, with a zero behind it. */
static int load_copy(const char *path, struct kept_buf *text, struct kept_err *err)
{
    int rc = cli_load(path, text, err);
    kept_buf_u8(text, 0);
    return rc == 0 && text->failed != 0
               ? kept_fail(err, text->failed, "the recovery copy is too long")
               : rc;
}

static int check_copy(struct cli *cli, const struct kept_options *options, struct kept_err *err)
{
    struct kept_buf text, json;
    int opens = 0;
    kept_buf_init_secret(&text, COPY_MAX);
    kept_buf_init(&json, REPORT_MAX);
    int rc = load_copy(cli->arg[0], &text, err);
    if (rc == 0)
        rc = kept_admin_recovery_check(options, (const char *)text.p, &json, &opens, err);
    if (rc == 0) {
        json_t *report = parse(&json);
        if (cli->option[O_JSON] != NULL)
            cli_print_json(report);
        else if (opens != 0)
            (void)printf("a whole copy of root key %s, which opens this keyring\n",
                         text_of(report, "name"));
        else
            (void)printf("a whole copy of root key %s, which does not open this keyring:\n%s\n",
                         text_of(report, "name"), text_of(report, "why"));
        json_decref(report);
    }
    cli->no = opens == 0;
    kept_buf_release(&json);
    kept_buf_release(&text);
    return rc;
}

int cli_run_key_recovery(struct cli *cli, struct kept_err *err)
{
    const struct kept_options options = cli_options(cli);
    struct kept_buf out;
    if ((cli->option[O_CHECK] != NULL) != (cli->arg_count == 1))
        return kept_fail(err, KEPT_E_USAGE,
                         "to check a copy: kept key recovery --check FILE; to print one, neither");
    if (cli->option[O_CHECK] != NULL)
        return check_copy(cli, &options, err);
    kept_buf_init_secret(&out, 4096);
    int rc = kept_admin_recovery(&options, &out, err);
    if (rc == 0 && cli->option[O_JSON] != NULL) {
        json_t *root = json_pack("{s:s#}", "recovery", (const char *)out.p, (int)out.n);
        cli_print_json(root);
        json_decref(root);
    } else if (rc == 0) {
        (void)fwrite(out.p, 1, out.n, stdout);
    }
    kept_buf_release(&out);
    return rc;
}

int cli_run_key_restore(struct cli *cli, struct kept_err *err)
{
    const struct kept_options options = cli_options(cli);
    const char *where = options.root_key != NULL ? options.root_key : "the file that the keyring names";
    struct kept_buf text;
    kept_buf_init_secret(&text, COPY_MAX);
    int rc = load_copy(cli->arg[0], &text, err);
    if (rc == 0)
        rc = kept_admin_restore(&options, (const char *)text.p, err);
    if (rc == 0 && cli->option[O_JSON] != NULL) {
        json_t *root = json_pack("{s:s}", "root_key", where);
        cli_print_json(root);
        json_decref(root);
    } else if (rc == 0) {
        (void)printf("the root key is in %s again\n", where);
    }
    kept_buf_release(&text);
    return rc;
}
