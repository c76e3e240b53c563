/* stream.c - values of any size between a file and the store: collect --file, use --out. */
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/cli.h"

#define PIECE (1u << 20)
#define WORTH_SHOWING (8u << 20) /* bytes from which progress is shown, to whoever sits there */

struct flow {
    const char *item;
    uint64_t done, size; /* size 0: not known */
    bool shown;
};

/* One line that is written over, on the error output: that of the answer stays clean. */
static void progress(const struct cli *cli, struct flow *f, bool over)
{
    if (cli->option[O_JSON] != NULL || isatty(STDERR_FILENO) != 1 ||
        (!f->shown && (over || f->done < WORTH_SHOWING)))
        return;
    f->shown = true;
    (void)fprintf(stderr, "\r%.64s: %llu", f->item, (unsigned long long)(f->done >> 20));
    if (f->size > 0)
        (void)fprintf(stderr, " of %llu MiB, %u %%", (unsigned long long)(f->size >> 20),
                      (unsigned)(f->done * 100 / f->size));
    else
        (void)fputs(" MiB", stderr);
    (void)fputs(over ? "\n" : "", stderr);
    (void)fflush(stderr);
}

/* ---- in ---------------------------------------------------------------------------------------- */

struct source {
    int fd; /* -1: the standard input */
    uint64_t at, size;
};

static int source_open(const char *path, struct source *ret, struct kept_err *err)
{
    *ret = (struct source){.fd = -1};
    if (strcmp(path, "-") == 0)
        return 0;
    int rc = kept_file_open(path, KEPT_FILE_READ, &ret->fd, err);
    return rc != 0 ? rc : kept_file_size(ret->fd, &ret->size, err);
}

static int source_read(struct source *s, uint8_t *to, size_t *ret_n, struct kept_err *err)
{
    if (s->fd >= 0) {
        uint64_t left = s->size - s->at;
        *ret_n = left < PIECE ? (size_t)left : PIECE;
        int rc = kept_file_read(s->fd, s->at, to, *ret_n, err);
        s->at += *ret_n;
        return rc;
    }
    *ret_n = fread(to, 1, PIECE, stdin);
    return ferror(stdin) != 0 ? kept_fail_errno(err, KEPT_E_IO, "cannot read the standard input") : 0;
}

static int pour_in(const struct cli *cli, struct source *from, struct kept_stream *stream,
                   struct flow *f, uint8_t *piece, struct kept_err *err)
{
    size_t n = 0;
    int rc = 0;
    do {
        rc = source_read(from, piece, &n, err);
        if (rc == 0)
            rc = kept_stream_append(stream, (struct kept_span){piece, n}, err);
        f->done += n;
        if (rc == 0)
            progress(cli, f, n == 0);
    } while (rc == 0 && n > 0);
    return rc;
}

static int collect_file(struct cli *cli, struct kept *kept, const struct kept_request *r,
                        uint8_t *piece, struct kept_reply **ret_reply, struct kept_err *err)
{
    struct kept_stream *stream = NULL;
    struct kept_reply *begun = NULL;
    struct source from;
    int rc = source_open(cli->option[O_FILE], &from, err);
    if (rc != 0)
        return rc;
    struct flow f = {r->fields[0].name, 0, from.size, false};
    rc = kept_stream_begin(kept, r, &stream, &begun, err);
    if (rc == 0 && stream == NULL) { /* denied: that is the answer */
        *ret_reply = begun;
        begun = NULL;
    } else if (rc == 0) {
        rc = pour_in(cli, &from, stream, &f, piece, err);
        /* Of another kind, as its first bytes say: the refusal goes on record, and is the answer. */
        if (rc == 0 || rc == KEPT_E_USAGE)
            rc = kept_stream_finish(stream, ret_reply, err);
    }
    kept_stream_close(stream);
    kept_reply_free(begun);
    kept_file_close(from.fd);
    return rc;
}

/* ---- out --------------------------------------------------------------------------------------- */

/* Take back what was written of a value that did not come whole. */
static int take_back(const char *path, int rc, struct kept_err *err)
{
    char folder[KEPT_MAX_PATH] = ".";
    const char *slash = strrchr(path, '/');
    size_t n = slash == NULL ? 1 : (size_t)(slash - path);
    if (slash != NULL && n < sizeof folder) {
        memcpy(folder, path, n);
        folder[n] = 0;
    }
    if (kept_file_destroy(n == 0 ? "/" : folder, slash == NULL ? path : slash + 1, NULL) == 0)
        return rc;
    return kept_fail(err, rc, "%.160s holds a part of the value and cannot be removed: remove it", path);
}

static int pour_out(const struct cli *cli, struct kept_stream *stream, struct flow *f,
                    uint8_t *piece, struct kept_err *err)
{
    int fd = -1;
    const char *path = cli->option[O_OUT];
    int rc = kept_file_open(path, KEPT_FILE_CREATE, &fd, err);
    if (rc == KEPT_E_CONFLICT)
        return kept_fail(err, rc, "%.160s is there already: nothing is written over", path);
    if (rc != 0)
        return rc;
    for (size_t n = 1; rc == 0 && n > 0;) {
        rc = kept_stream_read(stream, piece, PIECE, &n, err);
        if (rc == 0)
            rc = kept_file_write(fd, f->done, piece, n, err);
        f->done += rc == 0 ? n : 0;
        if (rc == 0)
            progress(cli, f, n == 0);
    }
    if (rc == 0)
        rc = kept_file_sync(fd, "a value given out", err);
    kept_file_close(fd);
    return rc != 0 ? take_back(path, rc, err) : 0;
}

static int use_out(struct cli *cli, struct kept *kept, const struct kept_request *r, uint8_t *piece,
                   struct kept_reply **ret_reply, struct kept_err *err)
{
    struct kept_stream *stream = NULL;
    int rc = kept_stream_open(kept, r, &stream, ret_reply, err);
    struct flow f = {r->fields[0].name, 0, kept_stream_size(stream), false};
    if (rc == 0 && stream != NULL)
        rc = pour_out(cli, stream, &f, piece, err);
    cli->no = stream == NULL; /* also when it is masked: there is no file */
    kept_stream_close(stream);
    return rc;
}

/* ---- the commands ------------------------------------------------------------------------------ */

static int run(struct cli *cli, struct kept_err *err)
{
    struct kept *kept = NULL;
    struct kept_reply *reply = NULL;
    struct input in;
    uint8_t *piece = kept_alloc(PIECE, 1);
    int rc = cli_request(cli, &in, err);
    if (rc == 0 && piece == NULL)
        rc = kept_fail(err, KEPT_E_NOMEM, "no memory for a piece of a value");
    if (rc == 0 && in.count != 1)
        rc = kept_fail(err, KEPT_E_USAGE, "one file is the value of one item: name it");
    if (rc == 0)
        rc = cli_own(cli, &kept, err);
    if (rc == 0)
        rc = (in.request.op == KEPT_OP_COLLECT ? collect_file : use_out)(cli, kept, &in.request, piece,
                                                                          &reply, err);
    json_t *root = rc == 0 ? cli_reply_json(reply, in.request.op) : NULL;
    kept_close(kept);
    if (rc == 0)
        cli_reply(cli, &in.request, root);
    json_decref(root);
    kept_reply_free(reply);
    if (piece != NULL)
        kept_wipe(piece, PIECE);
    kept_free(piece);
    cli_input_release(&in);
    return rc;
}

int cli_run_collect(struct cli *cli, struct kept_err *err)
{
    return cli->option[O_FILE] != NULL ? run(cli, err) : cli_run_operation(cli, err);
}

int cli_run_use(struct cli *cli, struct kept_err *err)
{
    return cli->option[O_OUT] != NULL ? run(cli, err) : cli_run_operation(cli, err);
}
