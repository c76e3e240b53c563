/* tables.c - the tables that the command is made from, as lines of fields between tabs, for tools/man:
 *   command WORDS, USAGE, HELP, EXAMPLES (lines joined by \n), OPTIONS (names, the needed with a !)
 *   option NAME, ARGUMENT, HELP, global or own
 *   exit CODE, WORDS
 * What is printed is what the command was compiled from, so that the manual cannot say anything else. */
#include <stdio.h>

#include "cli/cli.h"

static void text(const char *words)
{
    for (; words != NULL && *words != 0; words++)
        (void)fputs(*words == '\n' ? "\\n" : (const char[]){*words, 0}, stdout);
}

static void options(uint64_t takes, uint64_t needs)
{
    static const char *const names[] = {
#define OPTION(id, name, argument, help) name,
#include "cli/options.def"
#undef OPTION
    };
    for (unsigned id = 0; id < O_COUNT; id++)
        if ((takes >> id & 1) != 0)
            (void)printf(" %s%s", names[id], (needs >> id & 1) != 0 ? "!" : "");
}

static void command(const char *words, const char *usage, const char *help, const char *examples,
                    uint64_t takes, uint64_t needs)
{
    (void)printf("command %s\t%s\t%s\t", words, usage, help);
    text(examples);
    (void)putchar('\t');
    options(takes, needs);
    (void)putchar('\n');
}

int main(void)
{
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
