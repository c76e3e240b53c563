/* log.c - kept log take and kept log show: lines of a log in, as a stream in flat memory, and out again. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "cli/cli.h"

#define TAKEN (KEPT_MAX_LOG_TAKE / 2) /* bytes at once: a commit each */
#define SAID_LINES 20u                /* bad lines on the standard error */

/* ---- in ------------------------------------------------------------------------------------------------ */

static const char *const counts[] = {"lines", "kept", "bad", "dropped", "unfit", "redacted"};
enum { LINES, KEPT, BAD, DROPPED, UNFIT, REDACTED, COUNTS };

struct taking {
    struct cli *cli;
    struct cli_store store;
    struct progress progress;
    uint64_t count[COUNTS], line, bytes, size; /* line: the last that was taken; size: of the file, 0: not known */
    json_t *found;
    bool skip; /* the rest of a line that is too long */
};

static json_int_t number(const json_t *row, const char *key)
{
    return json_integer_value(json_object_get(row, key));
}

/* Numbers of a batch to those before. */
static void add_up(struct taking *t, const json_t *report)
{
    const char *kind = NULL;
    json_t *n = NULL, *bad = NULL;
    size_t i = 0;
    for (unsigned c = 0; c < COUNTS; c++)
        t->count[c] += (uint64_t)number(report, counts[c]);
    json_object_foreach(json_object_get(report, "found"), kind, n)
        (void)json_object_set_new(t->found, kind, json_integer(number(t->found, kind) + json_integer_value(n)));
    json_array_foreach(json_object_get(report, "bad_lines"), i, bad)
    {
        if (t->count[BAD] - (uint64_t)number(report, "bad") + i >= SAID_LINES || t->cli->option[O_JSON] != NULL)
            continue;
        cli_progress_end(&t->progress);
        (void)fprintf(stderr, "kept: line %llu: %s\n", (unsigned long long)t->line + (unsigned long long)number(bad, "line"),
                      json_string_value(json_object_get(bad, "why")));
    }
}

static uint64_t lines_of(struct kept_span text)
{
    uint64_t n = 0;
    for (size_t i = 0; i < text.n; i++)
        n += text.p[i] == '\n';
    return n;
}

static int send_lines(struct taking *t, struct kept_span text, struct kept_err *err)
{
    const struct cli *cli = t->cli;
    const struct kept_field lines = {.name = "lines", .value = text};
    const struct kept_request r = {.op = KEPT_OP_LOG_TAKE, .app = cli->option[O_APP], .actor = cli->option[O_ACTOR],
                                   .role = cli->option[O_AS], .text = cli->arg[0], .fields = (struct kept_field *)(uintptr_t)&lines,
                                   .field_count = 1};
    json_t *reply = NULL;
    if (text.n == 0)
        return 0;
    int rc = cli_call(&t->store, &r, &reply, err);
    if (rc == 0 && cli_denied(reply)) {
        cli->option[O_JSON] != NULL ? (void)0 : cli_progress_end(&t->progress);
        rc = kept_fail(err, KEPT_E_DENIED, "the policy takes no lines of a log of this name: %s (policy show: logs)",
                       json_string_value(json_object_get(reply, "reason")));
    }
    if (rc == 0)
        add_up(t, json_object_get(reply, "report"));
    json_decref(reply);
    t->line += lines_of(text);
    t->bytes += text.n;
    cli_progress(&t->progress, t->size > 0 ? (double)t->bytes / (double)t->size : 0, t->count[LINES]);
    return rc;
}

/* What of a full buffer can go: whole lines; or the head of one that is too long, as a bad line. Its rest is skipped. */
static size_t ready(struct taking *t, struct kept_span have, bool end)
{
    const uint8_t *last = have.n > 0 ? memrchr(have.p, '\n', have.n) : NULL;
    if (last != NULL)
        return (size_t)(last - have.p) + 1;
    t->skip = !end && have.n > KEPT_MAX_LOG_LINE;
    return end || t->skip ? have.n : 0;
}

static int stream(struct taking *t, int fd, uint8_t *room, struct kept_err *err)
{
    size_t n = 0;
    for (;;) {
        const ssize_t got = read(fd, room + n, TAKEN - n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return kept_fail_errno(err, KEPT_E_IO, "cannot read the log");
        n += (size_t)got;
        if (t->skip) { /* up to the end of the long line, which was counted */
            const uint8_t *end = memchr(room, '\n', n);
            const size_t gone = end != NULL ? (size_t)(end - room) + 1 : n;
            memmove(room, room + gone, n - gone);
            n -= gone;
            t->line += end != NULL;
            t->skip = end == NULL;
        }
        if (got > 0 && n < TAKEN)
            continue;
        const size_t go = ready(t, (struct kept_span){room, n}, got == 0);
        const int rc = send_lines(t, (struct kept_span){room, go}, err);
        if (rc != 0 || got == 0)
            return rc;
        memmove(room, room + go, n - go);
        n -= go;
    }
}

static void summary(struct taking *t)
{
    const double seconds = cli_progress_seconds(&t->progress);
    t->cli->in_part = t->count[BAD] > 0 && t->count[KEPT] > 0;
    t->cli->no = t->count[KEPT] == 0 && t->count[BAD] > 0;
    if (t->cli->option[O_JSON] != NULL) {
        json_t *root = json_pack("{s:s,s:f,s:O}", "log", t->cli->arg[0], "seconds", seconds, "found", t->found);
        for (unsigned c = 0; c < COUNTS; c++)
            (void)json_object_set_new(root, counts[c], json_integer((json_int_t)t->count[c]));
        cli_print_json(root);
        json_decref(root);
        return;
    }
    (void)printf("%llu lines: %llu kept, %llu bad; %llu fields dropped, %llu unfit, %llu values redacted; %.1f s, %.0f lines/s\n",
                 (unsigned long long)t->count[LINES], (unsigned long long)t->count[KEPT], (unsigned long long)t->count[BAD],
                 (unsigned long long)t->count[DROPPED], (unsigned long long)t->count[UNFIT],
                 (unsigned long long)t->count[REDACTED], seconds,
                 seconds > 0 ? (double)t->count[LINES] / seconds : (double)t->count[LINES]);
    const char *kind = NULL;
    json_t *n = NULL;
    json_object_foreach(t->found, kind, n)
        (void)printf("  %s: %lld\n", kind, (long long)json_integer_value(n));
}

int cli_run_log_take(struct cli *cli, struct kept_err *err)
{
    const bool piped = strcmp(cli->arg[1], "-") == 0;
    struct taking t = {.cli = cli};
    struct stat st;
    int fd = STDIN_FILENO;
    uint8_t *room = kept_alloc(1, TAKEN);
    int rc = room == NULL ? kept_fail(err, KEPT_E_NOMEM, "no memory for lines") : 0;
    if (rc == 0 && !piped)
        rc = kept_file_open(cli->arg[1], KEPT_FILE_READ, &fd, err);
    if (rc != 0) {
        kept_free(room);
        return rc;
    }
    t.size = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 ? (uint64_t)st.st_size : 0;
    t.found = json_object();
    rc = cli_open(cli, &t.store, err);
    cli_progress_begin(&t.progress, cli, "lines");
    if (rc == 0)
        rc = stream(&t, fd, room, err);
    cli_progress_end(&t.progress);
    if (rc == 0)
        summary(&t);
    else if (t.line > 0 && cli->option[O_JSON] == NULL)
        (void)fprintf(stderr, "kept: stopped behind line %llu: what was taken stays\n", (unsigned long long)t.line);
    cli_close(&t.store);
    json_decref(t.found);
    kept_wipe(room, TAKEN);
    kept_free(room);
    if (!piped)
        kept_file_close(fd);
    return rc;
}

/* ---- out ----------------------------------------------------------------------------------------------- */

static void print_line(const json_t *row)
{
    const char *name = NULL;
    json_t *value = NULL;
    struct kept_buf text;
    kept_buf_init_secret(&text, KEPT_MAX_JSON_BYTES);
    (void)printf("%s", json_string_value(json_object_get(row, "taken")));
    json_object_foreach(json_object_get(row, "fields"), name, value)
    {
        kept_buf_clear(&text);
        cli_safe(&text, (struct kept_span){(const uint8_t *)json_string_value(value), json_string_length(value)});
        (void)printf("  %s=%s", name, text.n > 0 ? (const char *)text.p : "");
    }
    (void)putchar('\n');
    kept_buf_release(&text);
}

static void show(const json_t *report)
{
    const json_t *row = NULL;
    size_t i = 0;
    json_array_foreach(json_object_get(report, "lines"), i, row)
        print_line(row);
    if (number(report, "unreadable") > 0)
        (void)fprintf(stderr, "kept: %lld pieces do not open: kept stat --check\n", (long long)number(report, "unreadable"));
    if (json_object_get(report, "next") != NULL)
        (void)fprintf(stderr, "kept: more: --from %lld\n", (long long)number(report, "next"));
}

int cli_run_log_show(struct cli *cli, struct kept_err *err)
{
    return cli_run_shown(cli, show, err);
}
