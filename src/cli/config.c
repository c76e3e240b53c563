/* config.c - options from a file: an option a line, as on the command line without its dashes; `#` begins a
 * line for people. What the command line says wins. Each mistake is told with file and line. */
#include <string.h>

#include "base/file.h"
#include "cli/cli.h"

#define MAX_CONFIG 65536u

/* What a file may say beside the command's own options: what a store is made of. */
#define PLACES (BIT(STORE) | BIT(KEYRING) | BIT(ROOT_KEY) | BIT(MIRROR))

static char *trimmed(char *text, size_t n)
{
    while (n > 0 && strchr(" \t\r", text[n - 1]) != NULL)
        n--;
    text[n] = 0;
    return text + strspn(text, " \t");
}

static int set(struct cli *cli, unsigned id, char *value, struct kept_err *err)
{
    const struct option_row *row = cli_option_row(id);
    bool no = strcmp(value, "no") == 0;
    if (row->argument == NULL && !no && strcmp(value, "yes") != 0)
        return kept_fail(err, KEPT_E_USAGE, "%s is yes or no: `%s: yes`", row->name, row->name);
    if (row->argument != NULL && value[0] == 0)
        return kept_fail(err, KEPT_E_USAGE, "%s is empty: it needs %s, %s", row->name, row->argument, row->help);
    if (row->argument == NULL)
        cli->option[id] = no ? NULL : "";
    else
        cli->option[id] = value;
    return 0;
}

/* One line, which is cut up where it stands. */
static int take(struct cli *cli, char *line, cli_set given, cli_set *said, struct kept_err *err)
{
    char *colon = strchr(line, ':');
    if (line[0] == 0 || line[0] == '#')
        return 0;
    if (colon == NULL)
        return kept_fail(err, KEPT_E_USAGE, "a line is `option: value`, as in `https: *:8443`");
    char *value = trimmed(colon + 1, strlen(colon + 1)), *name = trimmed(line, (size_t)(colon - line));
    unsigned id = cli_option_named(name, strlen(name));
    if (id == O_COUNT)
        return cli_no_option(name, strlen(name), "", err);
    const cli_set bit = (cli_set)1 << id;
    if (id == O_CONFIG || ((cli->command->options | PLACES) & bit) == 0)
        return kept_fail(err, KEPT_E_USAGE, "%s is not for this file (see kept help %s)", name, cli->command->words);
    if ((*said & bit) != 0)
        return kept_fail(err, KEPT_E_USAGE, "%s is said twice", name);
    *said |= bit;
    return (given & bit) != 0 ? 0 : set(cli, id, value, err);
}

static int take_all(struct cli *cli, const char *path, struct kept_err *err)
{
    cli_set given = 0, said = 0;
    unsigned number = 1;
    for (unsigned id = 0; id < O_COUNT; id++)
        given |= cli->option[id] != NULL ? (cli_set)1 << id : 0;
    for (char *at = (char *)cli->config.p; *at != 0; number++) {
        struct kept_err why = {0};
        size_t n = strcspn(at, "\n");
        char *next = at + n + (at[n] == '\n');
        at[n] = 0;
        int rc = take(cli, trimmed(at, n), given, &said, &why);
        if (rc != 0)
            return kept_fail(err, rc, "%.120s:%u: %s", path, number, why.text);
        at = next;
    }
    return 0;
}

int cli_config(struct cli *cli, struct kept_err *err)
{
    const char *path = cli->option[O_CONFIG];
    if (path == NULL)
        return 0;
    kept_buf_init(&cli->config, MAX_CONFIG);
    int rc = kept_file_guard(path, KEPT_NOT_WRITTEN, "the configuration", err);
    if (rc == 0)
        rc = kept_file_load(path, &cli->config, err);
    if (rc != 0)
        return rc;
    kept_buf_u8(&cli->config, 0);
    if (cli->config.failed != 0)
        return kept_fail(err, cli->config.failed, "%.120s is longer than %u bytes", path, MAX_CONFIG);
    if (strlen((const char *)cli->config.p) != cli->config.n - 1)
        return kept_fail(err, KEPT_E_USAGE, "%.120s is no text", path);
    return take_all(cli, path, err);
}
