/* scan.c - personal data in a text: found, or masked. Text passes through; memory is flat. */
#include "scan/scan.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/cli.h"

#define PIECE 65536u

struct scan_out {
    const char *name;
    bool json;
    unsigned long long count;
};

static int print_finding(void *arg, const struct kept_finding *finding)
{
    struct scan_out *out = arg;
    struct kept_buf masked;
    kept_buf_init(&masked, 4096);
    int rc = kept_kind_mask(finding->kind, finding->value, &masked);
    const char *kind = kept_kind_name(finding->kind), *text = rc == 0 ? (const char *)masked.p : "";
    if (rc == 0 && out->json) {
        json_t *row = json_pack("{s:s, s:I, s:I, s:I, s:s}", "kind", kind, "at",
                                (json_int_t)finding->at, "bytes", (json_int_t)finding->n, "line",
                                (json_int_t)finding->line, "masked", text);
        rc = row == NULL ? KEPT_E_NOMEM : 0;
        if (rc == 0)
            (void)fputs(out->count > 0 ? ",\n" : "\n", stdout);
        if (rc == 0 && json_dumpf(row, stdout, JSON_COMPACT) != 0)
            rc = ferror(stdout) ? KEPT_E_IO : KEPT_E_NOMEM;
        json_decref(row);
    } else if (rc == 0) {
        (void)printf("%s:%llu: byte %llu, %zu bytes: %s %s\n", out->name,
                     (unsigned long long)finding->line, (unsigned long long)finding->at, finding->n,
                     kind, text);
    }
    out->count++;
    kept_buf_release(&masked);
    return rc;
}

static int print_text(void *arg, struct kept_span piece)
{
    (void)arg;
    return fwrite(piece.p, 1, piece.n, stdout) == piece.n ? 0 : KEPT_E_IO;
}

static int count_finding(void *arg, const struct kept_finding *finding)
{
    struct scan_out *out = arg;
    (void)finding;
    out->count++;
    return 0;
}

static int pass(int fd, struct kept_scan *scan, struct kept_err *err)
{
    uint8_t *piece = kept_alloc(1, PIECE);
    int rc = piece == NULL ? KEPT_E_NOMEM : 0;
    ssize_t n = 0;
    while (rc == 0 && (n = read(fd, piece, PIECE)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        rc = n < 0 ? kept_fail_errno(err, KEPT_E_IO, "cannot read the text")
                   : kept_scan_feed(scan, (struct kept_span){piece, (size_t)n});
    }
    if (rc == 0)
        rc = kept_scan_end(scan);
    if (piece != NULL)
        kept_wipe(piece, PIECE);
    kept_free(piece);
    return rc;
}

int cli_run_scan(struct cli *cli, struct kept_err *err)
{
    const bool redact = cli->option[O_REDACT] != NULL, json = cli->option[O_JSON] != NULL;
    const bool piped = strcmp(cli->arg[0], "-") == 0;
    struct scan_out out = {.name = piped ? "-" : cli->arg[0], .json = json};
    struct kept_scan_to to = {.arg = &out, .found = print_finding};
    struct kept_scan *scan = NULL;
    int fd = STDIN_FILENO;
    if (redact && json)
        return kept_fail(err, KEPT_E_USAGE, "--redact prints the text, --json the findings: one of them");
    if (redact)
        to = (struct kept_scan_to){.arg = &out, .found = count_finding, .text = print_text};
    int rc = piped ? 0 : kept_file_open(cli->arg[0], KEPT_FILE_READ, &fd, err);
    if (rc != 0)
        return rc;
    if (json)
        (void)printf("{\"findings\":[");
    if ((rc = kept_scan_new(&to, &scan)) == 0)
        rc = pass(fd, scan, err);
    if (json && rc == 0)
        (void)printf("\n],\"count\":%llu}\n", out.count);
    kept_scan_free(scan);
    if (!piped)
        kept_file_close(fd);
    cli->no = !redact && out.count > 0;
    return rc == 0 || (err != NULL && err->code != 0)
               ? rc
               : kept_fail(err, rc, "the text was not scanned to its end");
}
