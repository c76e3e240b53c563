/* admin.c - commands that are no operations: the ledger's files, and what a restore lost. */
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "engine/admin.h"

#define REPORT_MAX (64u << 20)

static json_t *parse(const struct kept_buf *json)
{
    return json_loadb(json->n > 0 ? (const char *)json->p : "", json->n, 0, NULL);
}

/* ---- ledger ---------------------------------------------------------------------------------- */

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text == NULL ? "" : text;
}

static long long number_of(const json_t *object, const char *key)
{
    return (long long)json_integer_value(json_object_get(object, key));
}

static void print_ledger(const json_t *row)
{
    bool holds = json_is_true(json_object_get(row, "holds"));
    (void)printf("%s: %s: %lld entries, %lld in the signed checkpoint\n    %s\n",
                 text_of(row, "app"), holds ? "verified" : "NOT VERIFIED",
                 number_of(row, "entries"), number_of(row, "checkpoint"), text_of(row, "what"));
    if (!holds)
        (void)printf("    first entry that does not fit: %lld\n", number_of(row, "first_bad"));
    else if (!json_is_true(json_object_get(row, "anchored")))
        (void)puts("    no anchor was found: rollback not excluded");
}

static void print_verification(const json_t *report)
{
    size_t i = 0;
    json_t *row = NULL;
    const json_t *store = json_object_get(report, "store");
    json_array_foreach(json_object_get(report, "ledgers"), i, row) print_ledger(row);
    if (!json_is_true(json_object_get(store, "checked"))) {
        (void)printf("store: not checked against the ledger%s%s\n",
                     text_of(store, "why")[0] != 0 ? ": " : "", text_of(store, "why"));
        return;
    }
    (void)printf("store: checked against the ledger: %lld problem%s\n",
                 number_of(store, "problems"), number_of(store, "problems") == 1 ? "" : "s");
    if (text_of(store, "first")[0] != 0)
        (void)printf("    first: %s\n", text_of(store, "first"));
}

int cli_run_ledger_verify(struct cli *cli, struct kept_err *err)
{
    const struct kept_options options = cli_options(cli);
    struct kept_buf json;
    int holds = 0;
    kept_buf_init(&json, REPORT_MAX);
    int rc = kept_admin_verify(&options, cli->option[O_APP], cli->option[O_FILES] != NULL, &json,
                               &holds, err);
    if (rc == 0) {
        json_t *report = parse(&json);
        if (cli->option[O_JSON] != NULL)
            cli_print_json(report);
        else
            print_verification(report);
        json_decref(report);
        cli->no = holds == 0;
    }
    kept_buf_release(&json);
    return rc;
}

/* prove, checkpoint and export differ in one call. */
int cli_run_ledger(struct cli *cli, struct kept_err *err)
{
    const char *app = cli->option[O_APP], *what = strchr(cli->command->words, ' ') + 1;
    struct cli_store store = {NULL, NULL};
    struct kept_buf out;
    kept_buf_init(&out, REPORT_MAX);
    bool prove = strcmp(what, "prove") == 0, sign = strcmp(what, "checkpoint") == 0;
    int rc = prove || sign ? cli_open(cli, &store, err) : cli_own(cli, &store.kept, err);
    if (rc == 0 && store.client != NULL)
        rc = cli_document(&store, prove ? "proof" : "checkpoint", app, prove ? "entry" : NULL, cli->arg[0], &out, err);
    else if (rc == 0 && prove)
        rc = kept_admin_prove(store.kept, app, cli->arg[0], &out, err);
    else if (rc == 0 && sign)
        rc = kept_admin_checkpoint(store.kept, app, &out, err);
    else if (rc == 0)
        rc = kept_admin_export(store.kept, app, cli->arg[0], cli->option[O_ENTRIES] != NULL, err);
    cli_close(&store);
    if (rc == 0 && cli->option[O_JSON] != NULL) {
        json_t *root = out.n > 0 ? json_pack("{s:s#}", what, (const char *)out.p, (int)out.n)
                                 : json_pack("{s:s}", what, cli->arg[0]);
        cli_print_json(root);
        json_decref(root);
    } else if (rc == 0 && out.n > 0) {
        (void)fwrite(out.p, 1, out.n, stdout);
    } else if (rc == 0) {
        (void)printf("checkpoint and tiles are in %s\n", cli->arg[0]);
    }
    kept_buf_release(&out);
    return rc;
}

/* ---- after a restore ------------------------------------------------------------------------- */

static void print_loss(const json_t *report)
{
    const char *name = NULL;
    json_t *count = NULL;
    if (number_of(report, "accepted") + number_of(report, "gone") + number_of(report, "shut") == 0) {
        (void)puts("nobody has lost anything");
        return;
    }
    (void)printf("accepted: people who lost changes  %lld\n"
                 "          people who are gone      %lld\n"
                 "          obligations replayed     %lld\n",
                 number_of(report, "accepted"), number_of(report, "gone"),
                 number_of(report, "replayed"));
    json_object_foreach(json_object_get(report, "lost"), name, count)
        (void)printf("lost: %-28s %lld\n", name, (long long)json_integer_value(count));
    if (number_of(report, "shut") != 0)
        (void)printf("not accepted, because they do not open: %lld\n    first: %s\n",
                     number_of(report, "shut"), text_of(report, "first"));
    else
        (void)puts("Now `kept rotate`: with new keys nothing of the lost store opens any more.");
}

/* Whose: one person's or --all's, and never by default. */
static int loss_of(const struct cli *cli, struct kept_id *id, struct kept_loss *ret_loss,
                   struct kept_err *err)
{
    if (cli->option[O_AS] != NULL)
        return kept_fail(err, KEPT_E_DENIED, "a loss is accepted by the administrator, not by a role");
    if ((cli->arg_count == 0) == (cli->option[O_ALL] == NULL))
        return kept_fail(err, KEPT_E_USAGE, "whose loss: one person's (SUBJECT), or --all?");
    if (cli->option[O_BECAUSE] == NULL)
        return kept_fail(err, KEPT_E_USAGE, "a loss is accepted with a reason: --because TEXT");
    if (cli->arg_count != 0 && kept_id_parse(cli->arg[0], id) != 0)
        return kept_fail(err, KEPT_E_USAGE, "a subject is 32 hex digits, as subject new prints");
    *ret_loss = (struct kept_loss){.app = cli->option[O_APP],
                                   .subject = cli->arg_count != 0 ? id : NULL,
                                   .actor = cli->option[O_ACTOR],
                                   .reason = cli->option[O_BECAUSE]};
    return 0;
}

int cli_run_accept_loss(struct cli *cli, struct kept_err *err)
{
    struct kept *kept = NULL;
    struct kept_loss loss;
    struct kept_id id;
    struct kept_buf json;
    kept_buf_init(&json, REPORT_MAX);
    int rc = loss_of(cli, &id, &loss, err);
    if (rc == 0)
        rc = cli_own(cli, &kept, err);
    if (rc == 0)
        rc = kept_admin_accept_loss(kept, &loss, &json, err);
    kept_close(kept);
    if (rc == 0) {
        json_t *report = parse(&json);
        if (cli->option[O_JSON] != NULL)
            cli_print_json(report);
        else
            print_loss(report);
        cli->no = number_of(report, "shut") != 0;
        json_decref(report);
    }
    kept_buf_release(&json);
    return rc;
}
