/* words.c - commands that say in words what policies say: how two differ, what one would decide. */
#include <string.h>

#include "base/clock.h"
#include "cli/cli.h"
#include "engine/admin.h"

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
        rc = cli_policy(cli, cli->arg[0], &then, err);
    if (rc == 0)
        rc = cli_policy(cli, cli->arg[1], &now, err);
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

#define MAX_AGE_YEARS 150u

static int asking_of(const struct cli *cli, struct kept_asking *a, struct kept_err *err)
{
    const struct kept_clock clock = kept_clock_system();
    const char *const *o = cli->option;
    uint32_t age = 0;
    *a = (struct kept_asking){
        .use = o[O_USE], .item = o[O_ITEM], .function = o[O_FUNCTION], .purpose = o[O_PURPOSE],
        .recipient = o[O_RECIPIENT], .role = o[O_AS], .exemption = o[O_EXEMPTION],
        .region = o[O_REGION], .consents = o[O_CONSENT], .permissions = o[O_PERMISSION], .justified = o[O_BECAUSE] != NULL,
        .os = o[O_OS], .os_version = o[O_OS_VERSION], .app_version = o[O_APP_VERSION],
        .surface = o[O_SURFACE],
        .facts = (o[O_IN_USE] != NULL ? KEPT_F_IN_USE : 0u) |
                 (o[O_USER_ACTION] != NULL ? KEPT_F_USER_ACTION : 0u) |
                 (o[O_BACKGROUND] != NULL ? KEPT_F_BACKGROUND : 0u),
        .now = kept_now(&clock)};
    int rc = cli_number(cli, O_AGE, &age, err);
    if (rc == 0 && age > MAX_AGE_YEARS)
        rc = kept_fail(err, KEPT_E_USAGE, "--age is at most %u years", MAX_AGE_YEARS);
    a->age = o[O_AGE] != NULL ? (int)age : -1;
    if (rc == 0)
        rc = cli_number(cli, O_LAUNCH, &a->launch, err);
    return rc;
}

int cli_run_policy_explain(struct cli *cli, struct kept_err *err)
{
    struct kept_asking asking;
    struct kept_buf text, out;
    const char *language = NULL;
    int allowed = 0;
    kept_buf_init(&text, KEPT_MAX_POLICY_BYTES + 1);
    kept_buf_init(&out, MAX_WORDS_BYTES);
    int rc = language_of(cli, &language, err);
    if (rc == 0)
        rc = asking_of(cli, &asking, err);
    if (rc == 0)
        rc = cli_policy(cli, cli->arg[0], &text, err);
    if (rc == 0)
        rc = cli_policy_at(cli, &text, &asking.now, err);
    if (rc == 0)
        rc = kept_admin_policy_explain(kept_buf_span(&text), &asking, language,
                                       cli->option[O_JSON] != NULL, &out, &allowed, err);
    if (rc == 0)
        print_words(cli, &out);
    cli->no = allowed == 0;
    kept_buf_release(&text);
    kept_buf_release(&out);
    return rc;
}
