/* main.c - the command's way in and out. */
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/cli.h"

static int run(int argc, char **argv, struct cli *cli)
{
    struct kept_err err = {0};
    int rc = cli_parse(argc, argv, cli, &err);
    if (rc == 0 && cli->option[O_VERSION] != NULL) {
        (void)puts("kept " KEPT_VERSION);
        return 0;
    }
    if (rc == 0 && cli->option[O_HELP] != NULL) {
        cli_help(stdout, cli->command);
        return 0;
    }
    if (rc == 0 && cli->command == NULL && cli->option[O_JSON] == NULL) {
        cli_help(stderr, NULL);
        return -KEPT_E_USAGE;
    }
    if (rc == 0 && cli->command == NULL)
        rc = kept_fail(&err, KEPT_E_USAGE, "no command is given (see kept help)");
    if (rc == 0 && cli->option[O_AS] != NULL && cli->option[O_JSON] == NULL &&
        cli->command->run != cli_run_policy_render)
        (void)fputs("kept: note: --as is taken at its word, UNAUTHENTICATED\n", stderr);
    if (rc == 0)
        rc = cli->command->run(cli, &err);
    if (rc != 0)
        cli_error(cli, rc, &err);
    return rc != 0 ? -rc : cli->no ? 1 : cli->in_part ? EXIT_IN_PART : 0;
}

int main(int argc, char **argv)
{
    struct cli *cli = kept_alloc(1, sizeof *cli);
    if (cli == NULL)
        return -KEPT_E_NOMEM;
    bool terminal = isatty(STDOUT_FILENO) == 1;
    char *buffer = cli_wipe_begin(terminal);
    cli->color = terminal && getenv("NO_COLOR") == NULL;
    int code = run(argc, argv, cli);
    bool told = fflush(stdout) == 0 && !ferror(stdout);
    cli_wipe_end(buffer);
    if (!told) {
        struct kept_err err = {0};
        code = -kept_fail(&err, KEPT_E_IO, "cannot write the answer");
        cli_error(cli, -code, &err);
    }
    json_decref(cli->details);
    kept_buf_release(&cli->config);
    kept_free(cli);
    return code;
}
