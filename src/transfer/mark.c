/* mark.c - how far an export came, in a small file beside what it wrote: numbers and no value. */
#include <jansson.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/id.h"
#include "base/mem.h"
#include "crypto/crypto.h"
#include "transfer/export_int.h"

#define MARK_FORMAT 1
#define MARK_BYTES (4u << 20) /* numbers of KEPT_MAX_COLUMNS items, each with many reasons */

static void add(struct kept_hash *hash, const char *word)
{
    const char *text = word == NULL ? "" : word;
    kept_hash_more(hash, (struct kept_span){(const uint8_t *)text, strlen(text) + 1});
}

void kept_export_of(struct export *w, const struct kept_id *first)
{
    const struct kept_export_options *o = w->o;
    struct kept_hash hash;
    uint8_t sum[KEPT_HASH_BYTES];
    kept_hash_begin(&hash);
    add(&hash, o->format == KEPT_ROWS_CSV ? "csv" : "jsonl");
    add(&hash, o->app);
    add(&hash, o->role);
    add(&hash, o->function);
    add(&hash, o->purpose);
    for (size_t i = 0; i < o->item_count; i++)
        add(&hash, o->items[i]);
    kept_hash_more(&hash, (struct kept_span){first->b, sizeof first->b});
    kept_hash_end(&hash, sum);
    kept_hex(sum, sizeof sum, w->of);
}

/* ---- writing ---------------------------------------------------------------------------------- */

static json_t *tally_json(const struct kept_tally *t)
{
    json_t *refused = json_object();
    for (unsigned i = 0; i < KEPT_R_COUNT; i++)
        if (t->refused[i] > 0)
            (void)json_object_set_new(refused, kept_reason_name((enum kept_reason)i),
                                      json_integer((json_int_t)t->refused[i]));
    return json_pack("{s:I,s:o}", "accepted", (json_int_t)t->accepted, "refused", refused);
}

static int replace(const struct export *w, struct kept_span text)
{
    char folder[KEPT_MAX_PATH];
    const char *slash = strrchr(w->mark, '/');
    const size_t n = slash == NULL || slash == w->mark ? 1 : (size_t)(slash - w->mark);
    memcpy(folder, slash == NULL ? "." : w->mark, n);
    folder[n] = 0;
    return kept_file_replace(folder, slash == NULL ? w->mark : slash + 1, text,
                             "how far an export came", w->err);
}

int kept_export_mark_write(struct export *w)
{
    const struct kept_export_state *s = w->s;
    struct kept_buf text;
    int rc = kept_file_sync(w->fd, "what was exported so far", w->err);
    if (rc != 0)
        return rc;
    json_t *items = json_array();
    for (size_t i = 0; i < s->tally_count; i++)
        (void)json_array_append_new(items, tally_json(&s->tallies[i]));
    json_t *root = json_pack("{s:i,s:s,s:I,s:I,s:I,s:I,s:I,s:I,s:o}", "kept_export", MARK_FORMAT, "of",
                             w->of, "next", (json_int_t)w->next, "bytes", (json_int_t)s->bytes,
                             "people", (json_int_t)s->people, "rows", (json_int_t)s->rows, "masked",
                             (json_int_t)s->masked, "no_text", (json_int_t)s->no_text, "items", items);
    kept_buf_init(&text, MARK_BYTES);
    rc = root == NULL || json_dump_callback(root, kept_export_append, &text, JSON_COMPACT) != 0
             ? kept_fail(w->err, KEPT_E_NOMEM, "no memory for the mark of an export")
             : replace(w, kept_buf_span(&text));
    w->s->safe = rc == 0 ? s->people : s->safe;
    kept_buf_release(&text);
    json_decref(root);
    return rc;
}

void kept_export_mark_remove(const struct export *w)
{
    if (w->mark[0] != 0)
        (void)unlink(w->mark);
}

/* ---- reading ---------------------------------------------------------------------------------- */

static bool number(const json_t *object, const char *name, uint64_t *ret)
{
    const json_t *n = json_object_get(object, name);
    *ret = (uint64_t)json_integer_value(n);
    return json_is_integer(n) && json_integer_value(n) >= 0;
}

static bool read_tally(const json_t *from, struct kept_tally *t)
{
    const json_t *refused = json_object_get(from, "refused");
    bool good = number(from, "accepted", &t->accepted) && json_is_object(refused);
    for (unsigned i = 0; good && i < KEPT_R_COUNT; i++)
        if (json_object_get(refused, kept_reason_name((enum kept_reason)i)) != NULL)
            good = number(refused, kept_reason_name((enum kept_reason)i), &t->refused[i]);
    return good;
}

static bool read_numbers(struct export *w, const json_t *root)
{
    struct kept_export_state *s = w->s;
    const json_t *items = json_object_get(root, "items");
    bool good = number(root, "next", &w->next) && w->next != 0 && number(root, "bytes", &s->bytes) &&
                number(root, "people", &s->people) && number(root, "rows", &s->rows) &&
                number(root, "masked", &s->masked) && number(root, "no_text", &s->no_text) &&
                json_array_size(items) == s->tally_count;
    for (size_t i = 0; good && i < s->tally_count; i++)
        good = read_tally(json_array_get(items, i), &s->tallies[i]);
    return good;
}

static int check(struct export *w, const json_t *root)
{
    const char *of = json_string_value(json_object_get(root, "of"));
    uint64_t format = 0, size = 0;
    if (!number(root, "kept_export", &format) || format != MARK_FORMAT || of == NULL)
        return kept_fail(w->err, KEPT_E_CONFLICT,
                         "%.120s is no mark of an export: --again begins anew", w->mark);
    if (strcmp(of, w->of) != 0)
        return kept_fail(w->err, KEPT_E_CONFLICT,
                         "%.100s is of another export that was cut short (other items, options or "
                         "store): finish that one, or say --again to begin anew", w->part);
    if (!read_numbers(w, root))
        return kept_fail(w->err, KEPT_E_CONFLICT, "%.120s is damaged: --again begins anew", w->mark);
    int rc = kept_file_size(w->fd, &size, w->err);
    if (rc == 0 && size < w->s->bytes)
        rc = kept_fail(w->err, KEPT_E_CONFLICT,
                       "%.100s is shorter than its mark says: --again begins anew", w->part);
    return rc == 0 ? kept_file_truncate(w->fd, w->s->bytes, w->err) : rc;
}

int kept_export_mark_read(struct export *w, bool *ret_there)
{
    struct kept_buf text;
    *ret_there = false;
    if (!kept_file_exists(w->mark) || !kept_file_exists(w->part))
        return 0;
    kept_buf_init(&text, MARK_BYTES);
    int rc = kept_file_load(w->mark, &text, w->err);
    if (rc == 0)
        rc = kept_file_open(w->part, KEPT_FILE_WRITE, &w->fd, w->err);
    if (rc == 0) {
        json_t *root = json_loadb((const char *)text.p, text.n, 0, NULL);
        rc = check(w, root);
        json_decref(root);
    }
    *ret_there = rc == 0;
    w->s->before = w->s->safe = rc == 0 ? w->s->people : 0;
    kept_buf_release(&text);
    return rc;
}
