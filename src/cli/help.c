/* help.c - help, made from the tables. */
#include <string.h>

#include "cli/cli.h"

#define WIDTH 78u

void cli_wrapped(FILE *to, const char *text, size_t at, size_t indent, size_t line)
{
    for (const char *word = text; *word != 0;) {
        size_t n = strcspn(word, " ");
        if (word != text && at + 1 + n > line) {
            (void)fprintf(to, "\n%*s", (int)indent, "");
            at = indent;
        } else if (word != text) {
            (void)fputc(' ', to);
            at++;
        }
        (void)fprintf(to, "%.*s", (int)n, word);
        at += n;
        word += n + (word[n] == ' ');
    }
    (void)fputc('\n', to);
}

static void wrapped(FILE *to, const char *text, size_t at, size_t indent)
{
    cli_wrapped(to, text, at, indent, WIDTH);
}

static void option_line(FILE *to, enum option id, bool needed)
{
    char left[64], help[160];
    const struct option_row *row = cli_option_row(id);
    (void)snprintf(help, sizeof help, "%s%s", needed ? "(needed) " : "", row->help);
    int n = snprintf(left, sizeof left, "  --%s %s", row->name,
                     row->argument != NULL ? row->argument : "");
    (void)fprintf(to, n < 24 ? "%-24s" : "%s\n", left);
    if (n >= 24)
        (void)fprintf(to, "%24s", "");
    wrapped(to, help, 24, 24);
}

static void command_line(FILE *to, const struct command *command)
{
    char left[96];
    int n = snprintf(left, sizeof left, "  %s %s", command->words, command->usage);
    (void)fprintf(to, n < 36 ? "%-36s" : "%s\n", left);
    if (n >= 36)
        (void)fprintf(to, "%36s", "");
    wrapped(to, command->help, 36, 36);
}

static void exit_codes(FILE *to)
{
    (void)fputs("\nExit codes\n  0   " SAY_YES "\n  1   " SAY_NO "\n", to);
    for (int code = KEPT_E_USAGE; code >= KEPT_E_UNSETTLED; code--) {
        (void)fprintf(to, "  %-3d ", -code);
        wrapped(to, kept_error_text(code), 6, 6);
    }
    (void)fprintf(to, "  %-3d ", EXIT_IN_PART);
    wrapped(to, SAY_IN_PART, 6, 6);
}

static void overview(FILE *to)
{
    size_t count = 0;
    const struct command *commands = cli_commands(&count);
    (void)fputs("kept " KEPT_VERSION " - a personal-data engine that makes a privacy policy true\n"
                "\nusage: kept [options] COMMAND [words] [options]\n\nCommands\n",
                to);
    for (size_t i = 0; i < count; i++)
        command_line(to, &commands[i]);
    (void)fputs("\nOptions of every command\n", to);
    for (unsigned id = 0; id <= O_VERSION; id++)
        option_line(to, id, false);
    (void)fputs("\n--as ROLE is taken at its word: whoever may run this command may claim any "
                "role.\n"
                "The ledger notes what was claimed.\n",
                to);
    exit_codes(to);
    (void)fputs("\nkept help COMMAND shows its options and examples.\n", to);
}

void cli_help(FILE *to, const struct command *command)
{
    if (command == NULL) {
        overview(to);
        return;
    }
    (void)fprintf(to, "usage: kept %s%s%s%s\n\n", command->words,
                  command->usage[0] != 0 ? " " : "", command->usage,
                  command->options != 0 ? " [options]" : "");
    wrapped(to, command->help, 0, 0);
    if (command->options != 0)
        (void)fputs("\nOptions\n", to);
    for (unsigned id = 0; id < O_COUNT; id++)
        if ((command->options >> id & 1) != 0)
            option_line(to, id, (command->needs >> id & 1) != 0);
    (void)fputs("\nExamples\n", to);
    for (const char *line = command->examples; *line != 0;) {
        size_t n = strcspn(line, "\n");
        (void)fprintf(to, "  %.*s\n", (int)n, line);
        line += n + (line[n] == '\n');
    }
    (void)fputs("\nOptions of every command, and exit codes: kept help\n", to);
}

bool cli_help_group(FILE *to, const char *word)
{
    size_t count = 0, n = strlen(word), found = 0;
    const struct command *commands = cli_commands(&count);
    for (size_t i = 0; i < count; i++)
        if (strncmp(commands[i].words, word, n) == 0 && commands[i].words[n] == ' ') {
            command_line(to, &commands[i]);
            found++;
        }
    return found > 0;
}

int cli_run_help(struct cli *cli, struct kept_err *err)
{
    char words[96] = "";
    size_t count = 0;
    const struct command *commands = cli_commands(&count);
    if (cli->arg_count == 0) {
        cli_help(stdout, NULL);
        return 0;
    }
    (void)snprintf(words, sizeof words, "%.40s%s%.40s", cli->arg[0], cli->arg_count > 1 ? " " : "",
                   cli->arg_count > 1 ? cli->arg[1] : "");
    for (size_t i = 0; i < count; i++)
        if (strcmp(commands[i].words, words) == 0) {
            cli_help(stdout, &commands[i]);
            return 0;
        }
    if (cli->arg_count == 1 && cli_help_group(stdout, cli->arg[0]))
        return 0;
    return kept_fail(err, KEPT_E_USAGE, "there is no command %s (see kept help)", words);
}
