/* args.c - words to options and a command, with suggestions for the misspelt. */
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/id.h"
#include "cli/cli.h"
#include "engine/admin.h"

/* ---- suggestions ----------------------------------------------------------------------------- */

#define MAX_WORD 40u

/* Letters to insert, delete, change or swap to get from a to b. */
static unsigned distance(const char *a, const char *b)
{
    unsigned row[3][MAX_WORD + 1];
    size_t n = strlen(a), m = strlen(b);
    if (n > MAX_WORD || m > MAX_WORD)
        return MAX_WORD;
    for (unsigned j = 0; j <= m; j++)
        row[0][j] = j;
    for (unsigned i = 1; i <= n; i++) {
        unsigned *now = row[i % 3], *last = row[(i + 2) % 3], *before = row[(i + 1) % 3];
        now[0] = i;
        for (unsigned j = 1; j <= m; j++) {
            unsigned best = last[j - 1] + (a[i - 1] != b[j - 1]);
            best = last[j] + 1 < best ? last[j] + 1 : best;
            best = now[j - 1] + 1 < best ? now[j - 1] + 1 : best;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            now[j] = best;
        }
    }
    return row[n % 3][m];
}

/* A word may be a person's: only what could be a name of ours is repeated in a message. */
static bool could_be_name(const char *word)
{
    size_t n = strlen(word);
    return n > 0 && n <= MAX_WORD && strspn(word, "abcdefghijklmnopqrstuvwxyz-_") == n;
}

struct nearest {
    const char *to, *name;
    unsigned far;
};

static void consider(struct nearest *n, const char *name)
{
    unsigned far = distance(n->to, name);
    if (far < n->far && far <= 1 + strlen(name) / 4) {
        n->far = far;
        n->name = name;
    }
}

/* ---- options --------------------------------------------------------------------------------- */

unsigned cli_option_named(const char *name, size_t length)
{
    unsigned id = 0;
    while (id < O_COUNT && (strlen(cli_option_row(id)->name) != length ||
                            strncmp(cli_option_row(id)->name, name, length) != 0))
        id++;
    return id;
}

int cli_no_option(const char *word, size_t length, const char *dashes, struct kept_err *err)
{
    char given[MAX_WORD + 1];
    (void)snprintf(given, sizeof given, "%.*s", (int)(length > MAX_WORD ? MAX_WORD : length), word);
    struct nearest n = {given, NULL, MAX_WORD};
    if (!could_be_name(given))
        return kept_fail(err, KEPT_E_USAGE, "there is no such option (see kept help)");
    for (unsigned id = 0; id < O_COUNT; id++)
        consider(&n, cli_option_row(id)->name);
    if (n.name == NULL)
        return kept_fail(err, KEPT_E_USAGE, "there is no option %s%s (see kept help)", dashes, given);
    return kept_fail(err, KEPT_E_USAGE, "there is no option %s%s: did you mean %s%s?", dashes, given, dashes, n.name);
}

/* One --option at argv[*at], with its argument behind = or in the next word. */
static int take_option(char **argv, int argc, int *at, struct cli *cli, struct kept_err *err)
{
    const char *word = argv[*at] + 2;
    const char *equals = strchr(word, '=');
    size_t length = equals != NULL ? (size_t)(equals - word) : strlen(word);
    unsigned id = cli_option_named(word, length);
    if (id == O_COUNT)
        return cli_no_option(word, length, "--", err);
    const struct option_row *row = cli_option_row(id);
    if (cli->option[id] != NULL)
        return kept_fail(err, KEPT_E_USAGE, "--%s is given twice", row->name);
    if (row->argument == NULL) {
        if (equals != NULL)
            return kept_fail(err, KEPT_E_USAGE, "--%s takes no argument", row->name);
        cli->option[id] = "";
        return 0;
    }
    if (equals == NULL && *at + 1 >= argc)
        return kept_fail(err, KEPT_E_USAGE, "--%s needs %s: %s", row->name, row->argument,
                         row->help);
    cli->option[id] = equals != NULL ? equals + 1 : argv[++*at];
    if (cli->option[id][0] == 0)
        return kept_fail(err, KEPT_E_USAGE, "--%s is empty", row->name);
    return 0;
}

/* ---- the command ----------------------------------------------------------------------------- */

/* How many of the words the command's own name takes; 0: it is not this command. */
static size_t matches(const struct command *command, const struct cli *cli)
{
    const char *rest = command->words;
    size_t n = 0;
    for (;;) {
        size_t length = strcspn(rest, " ");
        if (n == cli->arg_count || strlen(cli->arg[n]) != length ||
            strncmp(cli->arg[n], rest, length) != 0)
            return 0;
        n++;
        if (rest[length] == 0)
            return n;
        rest += length + 1;
    }
}

static int unknown_command(const struct cli *cli, struct kept_err *err)
{
    char given[2 * MAX_WORD + 2];
    size_t count = 0;
    const struct command *commands = cli_commands(&count);
    bool group = false;
    for (size_t i = 0; i < count; i++)
        group = group || (strncmp(commands[i].words, cli->arg[0], strlen(cli->arg[0])) == 0 &&
                          commands[i].words[strlen(cli->arg[0])] == ' ');
    if (!could_be_name(cli->arg[0]) || (group && cli->arg_count > 1 && !could_be_name(cli->arg[1])))
        return kept_fail(err, KEPT_E_USAGE, "there is no such command (see kept help)");
    if (group && cli->arg_count < 2)
        return kept_fail(err, KEPT_E_USAGE, "%s what? See kept help %s", cli->arg[0], cli->arg[0]);
    (void)snprintf(given, sizeof given, "%.40s%s%.40s", cli->arg[0], cli->arg_count > 1 ? " " : "",
                   cli->arg_count > 1 ? cli->arg[1] : "");
    struct nearest n = {given, NULL, MAX_WORD};
    for (size_t i = 0; i < count; i++)
        consider(&n, commands[i].words);
    if (n.name == NULL) {
        n.to = cli->arg[0];
        for (size_t i = 0; i < count; i++)
            consider(&n, commands[i].words);
    }
    return kept_fail(err, KEPT_E_USAGE, "there is no command %.40s%s%.40s%s%s%s", cli->arg[0],
                     group ? " " : "", group ? cli->arg[1] : "",
                     n.name != NULL ? ": did you mean " : "", n.name != NULL ? n.name : "",
                     n.name != NULL ? "?" : " (see kept help)");
}

static int find_command(struct cli *cli, struct kept_err *err)
{
    size_t count = 0, words = 0;
    const struct command *commands = cli_commands(&count);
    for (size_t i = 0; words == 0 && i < count; i++)
        if ((words = matches(&commands[i], cli)) != 0)
            cli->command = &commands[i];
    if (words == 0)
        return unknown_command(cli, err);
    cli->arg_count -= words;
    memmove(cli->arg, cli->arg + words, cli->arg_count * sizeof cli->arg[0]);
    return 0;
}

static int check_options(const struct cli *cli, struct kept_err *err)
{
    for (unsigned id = O_VERSION + 1; id < O_COUNT; id++)
        if (cli->option[id] != NULL && (cli->command->options >> id & 1) == 0)
            return kept_fail(err, KEPT_E_USAGE, "kept %s takes no --%s (see kept help %s)",
                             cli->command->words, cli_option_row(id)->name, cli->command->words);
    return 0;
}

/* What the policy could only refuse is a slip of the caller, and said as one: all of it at once. */
static int check_needs(const struct cli *cli, struct kept_err *err)
{
    char missing[128] = "", say[128] = "";
    size_t m = 0, s = 0;
    for (unsigned id = 0; id < O_COUNT; id++) {
        const struct option_row *row = cli_option_row(id);
        if ((cli->command->needs >> id & 1) == 0 || cli->option[id] != NULL)
            continue;
        m += (size_t)snprintf(missing + m, sizeof missing - m, "%s--%s", m > 0 ? " and " : "",
                              row->name);
        s += (size_t)snprintf(say + s, sizeof say - s, " --%s %s", row->name, row->argument);
    }
    if (m == 0)
        return 0;
    return kept_fail(err, KEPT_E_USAGE, "%s %s not given: say%s (see kept help %s)", missing,
                     strchr(missing, ' ') != NULL ? "are" : "is", say, cli->command->words);
}

/* Least and most positionals, from the letters. */
static int check_count(const struct cli *cli, struct kept_err *err)
{
    size_t least = 0, most = 0;
    for (const char *t = cli->command->takes; *t != 0; t++) {
        if (*t == '?' || *t == '*')
            least--;
        if (*t == '*' || *t == '+')
            most = MAX_ARGS;
        if (*t >= 'a' && *t <= 'z') {
            least++;
            most = most == MAX_ARGS ? most : most + 1;
        }
    }
    if (cli->arg_count >= least && cli->arg_count <= most)
        return 0;
    return kept_fail(err, KEPT_E_USAGE, "usage: kept %s %s (see kept help %s)", cli->command->words,
                     cli->command->usage, cli->command->words);
}


static int take_wait(struct cli *cli, struct kept_err *err)
{
    cli->wait_seconds = WAIT_SECONDS;
    int rc = cli_number(cli, O_WAIT, &cli->wait_seconds, err);
    if (rc == 0 && cli->wait_seconds > MAX_WAIT_SECONDS)
        rc = kept_fail(err, KEPT_E_USAGE, "--wait is at most %u seconds", MAX_WAIT_SECONDS);
    return rc;
}

static int parse(int argc, char **argv, struct cli *cli, struct kept_err *err)
{
    bool words_only = false;
    for (int i = 1; i < argc; i++) {
        int rc = 0;
        if (!words_only && strcmp(argv[i], "--") == 0)
            words_only = true;
        else if (!words_only && strcmp(argv[i], "-h") == 0)
            cli->option[O_HELP] = "";
        else if (!words_only && argv[i][0] == '-' && argv[i][1] == '-')
            rc = take_option(argv, argc, &i, cli, err);
        else if (!words_only && argv[i][0] == '-' && argv[i][1] != 0)
            rc = kept_fail(err, KEPT_E_USAGE, "options have two dashes and a name (see kept help)");
        else if (cli->arg_count == MAX_ARGS)
            rc = kept_fail(err, KEPT_E_LIMIT, "more than %u words", MAX_ARGS);
        else
            cli->arg[cli->arg_count++] = argv[i];
        if (rc != 0)
            return rc;
    }
    if (cli->arg_count == 0)
        return 0;
    int rc = find_command(cli, err);
    if (rc != 0 || cli->option[O_HELP] != NULL)
        return rc;
    if ((rc = check_options(cli, err)) == 0 && (rc = cli_config(cli, err)) == 0 && (rc = check_count(cli, err)) == 0 &&
        (rc = check_needs(cli, err)) == 0)
        rc = take_wait(cli, err);
    return rc;
}

int cli_parse(int argc, char **argv, struct cli *cli, struct kept_err *err)
{
    int rc = parse(argc, argv, cli, err);
    /* Whoever asked for JSON gets it, also where the mistake stands before the word. */
    for (int i = 1; rc != 0 && i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--json") == 0)
            cli->option[O_JSON] = "";
    return rc;
}

static const char *place(const struct cli *cli, enum option id, const char *name, const char *fall)
{
    const char *from = cli->option[id] != NULL ? cli->option[id] : getenv(name);
    return from != NULL && from[0] != 0 ? from : fall;
}

struct kept_options cli_options(const struct cli *cli)
{
    const char *keyring = place(cli, O_KEYRING, "KEPT_KEYRING", "./kept/keyring");
    return (struct kept_options){
        .store = place(cli, O_STORE, "KEPT_STORE", "./kept/store"),
        .keyring = keyring,
        .root_key = place(cli, O_ROOT_KEY, "KEPT_ROOT_KEY",
                          kept_admin_root_named(keyring) != 0 ? NULL : "./kept/root.key"),
        .mirror = place(cli, O_MIRROR, "KEPT_MIRROR", NULL),
        .ask = {.passphrase = cli_ask},
    };
}

/* ---- values ---------------------------------------------------------------------------------- */

/* Two digits at text, or -1. */
static int two(const char *text)
{
    return text[0] >= '0' && text[0] <= '9' && text[1] >= '0' && text[1] <= '9'
               ? (text[0] - '0') * 10 + text[1] - '0'
               : -1;
}

int cli_time(const char *text, kept_ms *ret_at, struct kept_err *err)
{
    int32_t day = 0;
    int hour = 0, minute = 0, second = 0;
    size_t n = strlen(text);
    bool ok = (n == 10 || n == 20) && kept_date_parse(text, 10, &day) == 0;
    if (ok && n == 20) {
        hour = two(text + 11);
        minute = two(text + 14);
        second = two(text + 17);
        ok = text[10] == 'T' && text[13] == ':' && text[16] == ':' && text[19] == 'Z' &&
             hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60;
    }
    if (!ok)
        return kept_fail(err, KEPT_E_USAGE,
                         "a time is 2027-01-31 (midnight UTC) or 2027-01-31T12:00:00Z");
    *ret_at = day * KEPT_DAY + hour * KEPT_HOUR + minute * KEPT_MINUTE + second * KEPT_SECOND;
    return 0;
}

int cli_number(const struct cli *cli, enum option id, uint32_t *ret, struct kept_err *err)
{
    const char *text = cli->option[id];
    if (text == NULL)
        return 0;
    size_t n = strlen(text);
    if (n == 0 || n > 9 || strspn(text, "0123456789") != n)
        return kept_fail(err, KEPT_E_USAGE, "--%s is a number", cli_option_row(id)->name);
    *ret = (uint32_t)strtoul(text, NULL, 10);
    return 0;
}

int cli_load(const char *path, struct kept_buf *out, struct kept_err *err)
{
    struct stat st;
    if (strcmp(path, "-") != 0 && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return kept_fail(err, KEPT_E_USAGE, "%.160s is a folder: name a file in it", path);
    if (strcmp(path, "-") != 0)
        return kept_file_load(path, out, err);
    uint8_t piece[4096];
    size_t n = 0;
    while (out->failed == 0 && (n = fread(piece, 1, sizeof piece, stdin)) > 0)
        kept_buf_bytes(out, piece, n);
    kept_wipe(piece, sizeof piece);
    if (ferror(stdin))
        return kept_fail_errno(err, KEPT_E_IO, "cannot read the standard input");
    return out->failed == 0 ? 0
                            : kept_fail(err, out->failed,
                                        "the standard input is longer than %zu bytes", out->max);
}
