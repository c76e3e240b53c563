/* fuzz_args.c - words of the command line, in lines; what follows an empty line is the standard
 * input. An error never repeats a word that is no name of ours. */
#include <unistd.h>

#include "cli/cli.h"
#include "fuzz.h"

#define WORDS 64

/* Nothing of the file system is read: a word that names a file loses its @, and - stays. */
static void defang(char *word)
{
    for (char *at = strstr(word, "=@"); at != NULL; at = strstr(at + 2, "=@"))
        at[1] = '_';
}

static void request(const struct cli *cli)
{
    struct input input;
    struct kept_err err = {.code = 0};
    int rc = cli_request(cli, &input, &err);
    FUZZ_MUST(input.count == 0 || rc != 0 || input.request.field_count == input.count);
    for (size_t i = 0; rc == 0 && i < input.count; i++)
        FUZZ_MUST(input.fields[i].name != NULL);
    if (rc != 0)
        fuzz_said(rc, &err, (struct kept_span){NULL, 0});
    cli_input_release(&input);
}

void fuzz_args(const uint8_t *p, size_t n)
{
    static char store[] = "kept";
    char *argv[WORDS + 1] = {store}, *text = kept_strndup((const char *)p, n), *rest = NULL;
    int argc = 1;
    kept_ms at = 0;
    FUZZ_MUST(text != NULL);
    for (char *line = text; line != NULL && argc < WORDS; line = rest) {
        rest = strchr(line, '\n');
        if (rest != NULL)
            *rest++ = 0;
        if (line[0] == 0)
            break;
        defang(line);
        argv[argc++] = line;
    }
    const char *piped = rest == NULL ? "" : rest;
    FILE *in = strlen(piped) == 0 ? NULL : fmemopen((void *)(uintptr_t)piped, strlen(piped), "r");
    FILE *saved = stdin;
    static FILE *nothing;
    if (nothing == NULL)
        nothing = fopen("/dev/null", "r");
    stdin = in != NULL ? in : nothing;
    struct cli *cli = calloc(1, sizeof *cli);
    struct kept_err err = {.code = 0};
    FUZZ_MUST(cli != NULL);
    int rc = cli_parse(argc, argv, cli, &err);
    FUZZ_MUST(rc != 0 || cli->command != NULL || cli->arg_count == 0);
    if (rc != 0)
        fuzz_said(rc, &err, (struct kept_span){NULL, 0});
    else if (cli->command != NULL && cli->option[O_HELP] == NULL)
        request(cli);
    rc = cli_time(argc > 1 ? argv[1] : "", &at, &err);
    FUZZ_MUST(rc == 0 || rc == KEPT_E_USAGE);
    free(cli);
    stdin = saved;
    if (in != NULL)
        (void)fclose(in);
    kept_free(text);
}

void seeds_args(fuzz_give_fn *give)
{
    static const char *const lines[] = {
        "collect\n00112233445566778899aabbccddeeff\n--function\nfeedback\n--purpose=support\nmessage=hello\n",
        "--json\ncollect\n00112233445566778899aabbccddeeff\n-\n\n{\"a\":\"b\",\"c\":[\"d\",\"e\"]}",
        "--as\nsupport\n--actor\nclerk-7\nuse\n00112233445566778899aabbccddeeff\nphone\n--record\n3\n",
        "consent\ngrant\n00112233445566778899aabbccddeeff\n--kind\nseparate\n--expires\n2027-01-31T12:00:00Z\n",
        "trail\n00112233445566778899aabbccddeeff\n--limit\n10\n--from\n77\n--newest\n",
        "subject\nnew\n--birth-date\n1990-01-01\n--region\nCN\n", "colect\n--jsn\n", "--\n--json\n",
        "2027-01-31\n", "help\ncollect\n", "permission\non\n00112233445566778899aabbccddeeff\ncamera\n"};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        give(lines[i], strlen(lines[i]));
}
