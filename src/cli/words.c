/* words.c - commands that say in words what policies say: how two differ. */
#include "cli/cli.h"
#include "engine/admin.h"

#include <string.h>

#define MAX_WORDS_BYTES (64u << 20)

/* zh or en; what is not given is English. */
static int language_of(const struct cli *cli, const char **ret, struct kept_err *err)
{
    *ret = cli->option[O_LANGUAGE] != NULL ? cli->option[O_LANGUAGE] : "en";
    return strcmp(*ret, "zh") == 0 || strcmp(*ret, "en") == 0
               ? 0
               : kept_fail(err, KEPT_E_USAGE, "--language is zh or en");
}

static void print_words(const struct cli *cli, const struct kept_buf *out)
{
    json_t *root = NULL;
    if (cli->option[O_JSON] == NULL) {
        (void)fwrite(out->p, 1, out->n, stdout);
        return;
    }
    root = json_loadb((const char *)out->p, out->n, 0, NULL);
    cli_print_json(root);
    json_decref(root);
}

int cli_run_policy_compare(struct cli *cli, struct kept_err *err)
{
    struct kept_buf then, now, out;
    const char *language = NULL;
    int material = 0;
    kept_buf_init(&then, KEPT_MAX_POLICY_BYTES + 1);
    kept_buf_init(&now, KEPT_MAX_POLICY_BYTES + 1);
    kept_buf_init(&out, MAX_WORDS_BYTES);
    int rc = language_of(cli, &language, err);
    if (rc == 0 && strcmp(cli->arg[0], "-") == 0 && strcmp(cli->arg[1], "-") == 0)
        rc = kept_fail(err, KEPT_E_USAGE, "one of the two may be the standard input");
    if (rc == 0)
        rc = cli_load(cli->arg[0], &then, err);
    if (rc == 0)
        rc = cli_load(cli->arg[1], &now, err);
    if (rc == 0)
        rc = kept_admin_policy_compare(kept_buf_span(&then), kept_buf_span(&now), language,
                                       cli->option[O_JSON] != NULL, &out, &material, err);
    if (rc == 0)
        print_words(cli, &out);
    cli->no = material != 0;
    kept_buf_release(&then);
    kept_buf_release(&now);
    kept_buf_release(&out);
    return rc;
}
