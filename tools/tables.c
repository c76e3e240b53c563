/* tables.c - the tables that the command is made from, as lines of fields between tabs, for tools/man:
 *   command WORDS, USAGE, HELP, EXAMPLES (lines joined by \n), OPTIONS (names, the needed with a !)
 *   option NAME, ARGUMENT, HELP, global or own
 *   exit CODE, WORDS
 * With --shell the same as arrays, for tools/completion.*: WORDS;TAKES;OPTIONS;HELP, where TAKES is the usage
 * as one word a place (a|b: either, ...: any number), and --NAME;ARGUMENT;own or not;HELP.
 * What is printed is what the command was compiled from, so that the manual cannot say anything else. */
#include <stdio.h>

#include "cli/cli.h"

static void text(const char *words)
{
    for (; words != NULL && *words != 0; words++)
        (void)fputs(*words == '\n' ? "\\n" : (const char[]){*words, 0}, stdout);
}

static void options(cli_set takes, cli_set needs, const char *dashes)
{
    static const char *const names[] = {
#define OPTION(id, name, argument, help) name,
#include "cli/options.def"
#undef OPTION
    };
    for (unsigned id = 0; id < O_COUNT; id++)
        if ((takes >> id & 1) != 0)
            (void)printf(" %s%s%s", dashes, names[id], (needs >> id & 1) != 0 ? "!" : "");
}

/* "SUBJECT [ITEM=VALUE ... | -]" as "SUBJECT ITEM=VALUE|-...": options are no places. */
static void places(const char *usage)
{
    bool more = false, either = false, first = true;
    for (const char *at = usage; *at != 0;) {
        at += strspn(at, " []");
        size_t n = strcspn(at, " []");
        if (n == 1 && *at == '|') {
            either = true;
        } else if (n == 3 && strncmp(at, "...", 3) == 0) {
            more = true;
        } else if (n > 0 && strncmp(at, "--", 2) != 0) {
            (void)printf("%s%.*s", either ? "|" : first ? "" : " ", (int)n, at);
            either = first = false;
            more = more || strncmp(at, "COMMAND", n) == 0; /* it may have two words */
        }
        at += n;
    }
    (void)fputs(more ? "..." : "", stdout);
}

/* Between single quotes, without what parts fields. */
static void quoted(const char *words)
{
    for (; *words != 0; words++)
        if (*words == '\'')
            (void)fputs("'\\''", stdout);
        else
            (void)putchar(*words == ';' ? ',' : *words);
}

static void shell_command(const char *words, const char *usage, const char *help, cli_set takes)
{
    (void)printf("'%s;", words);
    places(usage);
    (void)putchar(';');
    options(takes, 0, "--");
    (void)putchar(';');
    quoted(help);
    (void)puts("'");
}

static void shell_option(unsigned id, const char *name, const char *argument, const char *help)
{
    (void)printf("'--%s;%s;%s;", name, argument != NULL ? argument : "", id > O_VERSION ? "own" : "");
    quoted(help);
    (void)puts("'");
}

static int shell(void)
{
    (void)puts("_kept_command_rows=(");
#define COMMAND(words, takes, usage, op, options, needs, run, help, examples)                      \
    shell_command(words, usage, help, options);
#include "cli/commands.def"
#undef COMMAND
    (void)puts(")\n_kept_option_rows=(");
#define OPTION(id, name, argument, help) shell_option(O_##id, name, argument, help);
#include "cli/options.def"
#undef OPTION
    (void)puts(")");
    return 0;
}

static void command(const char *words, const char *usage, const char *help, const char *examples,
                    cli_set takes, cli_set needs)
{
    (void)printf("command %s\t%s\t%s\t", words, usage, help);
    text(examples);
    (void)putchar('\t');
    options(takes, needs, "");
    (void)putchar('\n');
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--shell") == 0)
        return shell();
#define COMMAND(words, takes, usage, op, options, needs, run, help, examples)                      \
    command(words, usage, help, examples, options, needs);
#include "cli/commands.def"
#undef COMMAND
#define OPTION(id, name, argument, help)                                                           \
    (void)printf("option %s\t%s\t%s\t%s\n", name, (argument) != NULL ? (argument) : "", help,      \
                 O_##id <= O_VERSION ? "global" : "own");
#include "cli/options.def"
#undef OPTION
    (void)puts("exit 0\t" SAY_YES "\nexit 1\t" SAY_NO);
    for (int code = KEPT_E_USAGE; code >= KEPT_E_UNSETTLED; code--)
        (void)printf("exit %d\t%s\n", -code, kept_error_text(code));
    (void)printf("exit %d\t" SAY_IN_PART "\n", EXIT_IN_PART);
    return 0;
}
