/* serve.c - kept serve: the store, served until told to stop. */
#include "cli/cli.h"
#include "server/server.h"

int cli_run_serve(struct cli *cli, struct kept_err *err)
{
    const struct kept_options store = cli_options(cli);
    const struct kept_server_options options = {.store = &store};
    kept_server_harden();
    int rc = cli->option[O_CHECK] != NULL ? kept_server_check(&options, err) : kept_server_run(&options, err);
    if (rc == 0 && cli->option[O_CHECK] != NULL) {
        if (cli->option[O_JSON] != NULL) {
            json_t *root = json_pack("{s:b}", "ready", 1);
            cli_print_json(root);
            json_decref(root);
        } else {
            (void)puts("nothing would keep it from starting");
        }
    }
    return cli_owner(cli, rc, err);
}
