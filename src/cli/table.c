/* table.c - the tables of options and commands. */
#include "cli/cli.h"

static const struct option_row options[] = {
#define OPTION(id, name, argument, help) {name, argument, help},
#include "cli/options.def"
#undef OPTION
};

_Static_assert(O_COUNT <= 8 * sizeof(cli_set), "an option is a bit of a command");

static const struct command commands[] = {
#define COMMAND(words, takes, usage, op, options, needs, run, help, examples)                      \
    {words, takes, usage, KEPT_OP_##op, options, needs, run, help, examples},
#include "cli/commands.def"
#undef COMMAND
};

const struct option_row *cli_option_row(enum option id)
{
    return &options[id];
}

const struct command *cli_commands(size_t *ret_count)
{
    *ret_count = sizeof commands / sizeof commands[0];
    return commands;
}
