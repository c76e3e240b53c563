/* run.c - an import from its first look at the file to its end: hash, marks, what the ledger is told. */
#include <jansson.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/id.h"
#include "base/mem.h"
#include "transfer/import_int.h"

/* The mark that names the import begun last in an app. */
#define OPEN_MARK "import"

/* ---- the file --------------------------------------------------------------------------------- */

static int read_hash(struct import *w)
{
    struct kept_import_state *s = w->s;
    uint8_t hash[KEPT_HASH_BYTES];
    int rc = kept_file_size(w->fd, &s->size, &w->err);
    s->hashing = true;
    while (rc == 0 && s->bytes < s->size) {
        size_t n = s->size - s->bytes < PIECE ? (size_t)(s->size - s->bytes) : PIECE;
        rc = kept_file_read(w->fd, s->bytes, w->piece, n, &w->err);
        kept_hash_more(&w->hash, (struct kept_span){w->piece, rc == 0 ? n : 0});
        s->bytes += n;
        if (w->o->progress != NULL && s->bytes % (64 * PIECE) == 0)
            w->o->progress(w->o->arg, s);
    }
    kept_hash_end(&w->hash, hash);
    kept_hash_begin(&w->hash);
    kept_hex(hash, sizeof hash, s->sha256);
    s->hashing = false;
    s->bytes = 0;
    return rc;
}

/* Is what was read the second time what was read the first time? */
static int check_hash(struct import *w)
{
    uint8_t hash[KEPT_HASH_BYTES];
    char hex[65];
    kept_hash_end(&w->hash, hash);
    kept_hex(hash, sizeof hash, hex);
    if (strcmp(hex, w->s->sha256) == 0)
        return 0;
    return kept_fail(&w->err, KEPT_E_CONFLICT,
                     "the file changed while it was read: what was taken of it stays; import a file "
                     "that nobody writes to");
}

/* ---- marks ------------------------------------------------------------------------------------ */

/* The text of a mark, "" where there is none. */
static int get_mark(struct import *w, const char *mark, char ret[KEPT_MAX_MARK + 1])
{
    struct kept_request r = {.op = KEPT_OP_STAT, .app = w->o->app, .actor = w->o->actor,
                             .role = w->o->role, .mark = mark};
    struct kept_reply *reply = NULL;
    ret[0] = 0;
    int rc = kept_call(w->kept, &r, &reply, &w->err);
    if (rc == 0 && reply->decision == KEPT_DENY)
        rc = kept_fail(&w->err, KEPT_E_DENIED,
                       "this role may not see how far an import came: it lacks 'stat'");
    if (rc == 0) {
        json_t *root = json_loads(reply->json != NULL ? reply->json : "{}", 0, NULL);
        const char *text = json_string_value(json_object_get(root, "mark"));
        (void)snprintf(ret, KEPT_MAX_MARK + 1, "%s", text != NULL ? text : "");
        json_decref(root);
    }
    kept_reply_free(reply);
    return rc;
}

static bool is_done(const char *text)
{
    size_t n = strlen(text);
    return n >= 5 && strcmp(text + n - 5, " done") == 0;
}

/* Where does this import stand? Else: does another one wait to be finished? */
static int find_place(struct import *w)
{
    char text[KEPT_MAX_MARK + 1], other[KEPT_MAX_MARK + 1];
    char map[13];
    kept_hex(w->m->hash, 6, map);
    (void)snprintf(w->mark, sizeof w->mark, "%.32s.%s%s", w->s->sha256, map,
                   w->o->consents ? "+" : "");
    if (w->o->dry || w->o->again)
        return 0;
    int rc = get_mark(w, w->mark, text);
    if (rc != 0)
        return rc;
    const char *seen = strstr(text, " seen ");
    w->s->finished_before = is_done(text);
    if (text[0] != 0) {
        w->until = strtoull(text + 4, NULL, 10);
        w->from = seen != NULL ? strtoull(seen + 6, NULL, 10) : w->until;
        w->s->before = w->until;
        w->seen = w->from;
        return 0;
    }
    if ((rc = get_mark(w, OPEN_MARK, other)) != 0 || other[0] == 0)
        return rc;
    other[KEPT_MAX_MARK_NAME] = 0;
    if ((rc = get_mark(w, other, text)) != 0 || text[0] == 0 || is_done(text))
        return rc; /* it took no row, or all */
    return kept_fail(&w->err, KEPT_E_CONFLICT,
                     "another import, or this one before file, mapping or options were changed, stopped "
                     "(%.40s): finish that one first, or say --again to take this one from its "
                     "first row", text);
}

/* ---- what the ledger is told ------------------------------------------------------------------- */

static int tell(struct import *w, const char *text, const char *mark, const char *mark_text)
{
    struct kept_request r = {.op = KEPT_OP_IMPORT, .app = w->o->app, .actor = w->o->actor,
                             .role = w->o->role, .text = text, .mark = mark,
                             .mark_text = mark_text};
    struct kept_reply *reply = NULL;
    int rc = kept_call(w->kept, &r, &reply, &w->err);
    if (rc == 0 && reply->decision == KEPT_DENY)
        rc = kept_fail(&w->err, KEPT_E_DENIED,
                       "this role may not import: the policy's `operations` lack `import`");
    kept_reply_free(reply);
    return rc;
}

static int begin(struct import *w)
{
    char text[KEPT_MAX_TEXT], map[65];
    kept_hex(w->m->hash, 32, map);
    (void)snprintf(text, sizeof text,
                   "begins behind row %llu: %.1024s; file sha256 %s, mapping sha256 %s%s",
                   (unsigned long long)w->until, w->m->source, w->s->sha256, map,
                   w->o->consents ? ", with consents" : "");
    return tell(w, text, OPEN_MARK, w->mark);
}

static int end(struct import *w)
{
    char text[KEPT_MAX_TEXT], mark[KEPT_MAX_MARK];
    const struct kept_import_state *s = w->s;
    (void)snprintf(text, sizeof text,
                   "ends: %.1024s; file sha256 %s; of %llu rows %llu taken, %llu in part, %llu refused",
                   w->m->source, s->sha256, (unsigned long long)s->rows,
                   (unsigned long long)s->taken, (unsigned long long)s->in_part,
                   (unsigned long long)s->refused);
    (void)snprintf(mark, sizeof mark, "row %llu done",
                   (unsigned long long)(w->seen > w->until ? w->seen : w->until));
    return tell(w, text, w->mark, mark);
}

/* ---- the whole -------------------------------------------------------------------------------- */

static int make_tallies(struct import *w)
{
    const struct kept_mapping *m = w->m;
    struct kept_import_state *s = w->s;
    size_t n = m->consent_count;
    for (size_t c = 0; c < m->collect_count; c++)
        n += m->collects[c].count;
    s->tallies = kept_alloc(n, sizeof *s->tallies);
    w->firsts = kept_alloc(m->collect_count, sizeof *w->firsts);
    w->ring = kept_alloc(RING, sizeof *w->ring);
    w->piece = kept_alloc(1, PIECE);
    kept_hash_begin(&w->hash);
    if (s->tallies == NULL || w->firsts == NULL || w->ring == NULL || w->piece == NULL)
        return kept_fail(&w->err, KEPT_E_NOMEM, "no memory for an import");
    for (size_t i = 0; i < RING; i++)
        kept_draft_init(&w->ring[i].draft);
    for (size_t i = 0; i < m->consent_count; i++)
        s->tallies[s->tally_count++].name = m->consents[i].name;
    for (size_t c = 0; c < m->collect_count; c++) {
        w->firsts[c] = s->tally_count;
        for (size_t i = 0; i < m->collects[c].count; i++)
            s->tallies[s->tally_count++] = (struct kept_tally){
                .name = m->collects[c].items[i].item, .function = m->collects[c].function};
    }
    return 0;
}

static void release(struct import *w)
{
    for (size_t i = 0; w->ring != NULL && i < RING; i++)
        kept_draft_release(&w->ring[i].draft);
    kept_free(w->ring);
    kept_free(w->firsts);
    if (w->piece != NULL)
        kept_wipe(w->piece, PIECE);
    kept_free(w->piece);
    kept_file_close(w->fd);
}

static int run(struct import *w)
{
    int rc = make_tallies(w);
    if (rc == 0)
        rc = kept_file_open(w->o->path, KEPT_FILE_READ, &w->fd, &w->err);
    if (rc == 0)
        rc = read_hash(w);
    if (rc == 0)
        rc = find_place(w);
    if (rc != 0 || w->s->finished_before)
        return rc;
    if (!w->o->dry && (rc = begin(w)) != 0)
        return rc;
    if ((rc = kept_import_rows(w)) == 0)
        rc = check_hash(w);
    return rc != 0 || w->o->dry ? rc : end(w);
}

int kept_import(struct kept *kept, const struct kept_import_options *options,
                struct kept_import_state *ret_state, struct kept_err *err)
{
    *ret_state = (struct kept_import_state){.rows = 0};
    struct import *w = kept_alloc(1, sizeof *w);
    if (w == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory for an import");
    *w = (struct import){.kept = kept, .o = options, .m = options->mapping, .s = ret_state, .fd = -1};
    w->frame = (struct kept_draft_frame){.mapping = options->mapping, .app = options->app,
                                         .actor = options->actor, .role = options->role,
                                         .consents = options->consents, .dry = options->dry};
    int rc = run(w);
    if (rc != 0 && err != NULL) {
        *err = w->err;
        err->code = rc;
    }
    release(w);
    kept_free(w);
    return rc;
}

void kept_import_release(struct kept_import_state *state)
{
    kept_free(state->tallies);
    state->tallies = NULL;
    state->tally_count = 0;
}
