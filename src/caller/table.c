/* table.c - tokens, and the table in which who shows one is found: a hash and a look, some hundred nanoseconds. */
#include "caller/caller.h"

#include <string.h>

#include "base/id.h"
#include "base/mem.h"

#define SECRET_BYTES 32u
#define CHECK_BYTES 4u
#define MIN_PLACES 64u

_Static_assert(sizeof KEPT_TOKEN_STAFF == sizeof KEPT_TOKEN_SERVICE, "fronts are as long");
_Static_assert(sizeof KEPT_TOKEN_PERSON == sizeof KEPT_TOKEN_SERVICE, "fronts are as long");
_Static_assert(sizeof KEPT_TOKEN_SERVICE + 2 * (SECRET_BYTES + CHECK_BYTES) == KEPT_CALLER_TOKEN, "a token's text");

static struct kept_span text_span(const char *text, size_t n)
{
    return (struct kept_span){(const uint8_t *)text, n};
}

void kept_caller_token(const char *front, char ret_text[KEPT_CALLER_TOKEN], uint8_t ret_hash[KEPT_HASH_BYTES])
{
    const size_t prefix = sizeof KEPT_TOKEN_SERVICE - 1, before = prefix + 2 * (size_t)SECRET_BYTES;
    uint8_t secret[SECRET_BYTES], check[KEPT_HASH_BYTES];
    kept_random(secret, sizeof secret);
    memcpy(ret_text, front, prefix);
    kept_hex(secret, sizeof secret, ret_text + prefix);
    kept_sha256(text_span(ret_text, before), check);
    kept_hex(check, CHECK_BYTES, ret_text + before);
    kept_sha256(text_span(ret_text, KEPT_CALLER_TOKEN - 1), ret_hash);
    kept_wipe(secret, sizeof secret);
}

bool kept_caller_is_person(struct kept_span shown)
{
    const size_t n = sizeof KEPT_TOKEN_PERSON - 1;
    return shown.n > n && kept_bytes_equal(shown.p, KEPT_TOKEN_PERSON, n);
}

/* ---- the table ---- */

void kept_callers_free(struct kept_callers *table)
{
    for (size_t i = 0; i < table->count; i++) {
        kept_caller_release(table->rows[i]);
        kept_free(table->rows[i]);
    }
    kept_free(table->rows);
    kept_free(table->places);
    *table = (struct kept_callers){.rows = NULL};
}

/* What is random at its front spreads by itself, and whoever made a certificate to collide has slowed down a look. */
static size_t home_of(const struct kept_callers *table, const uint8_t hash[KEPT_HASH_BYTES])
{
    return (size_t)kept_be64(hash) & (table->size - 1);
}

static void place(struct kept_callers *table, size_t row)
{
    size_t at = home_of(table, table->rows[row]->hash);
    while (table->places[at] != 0)
        at = (at + 1) & (table->size - 1);
    table->places[at] = (uint32_t)row + 1;
}

/* At most half full. */
static int make_room(struct kept_callers *table)
{
    const size_t size = table->size == 0 ? MIN_PLACES : 2 * table->size;
    if (table->size > 2 * (table->count + 1))
        return 0;
    uint32_t *places = kept_alloc(size, sizeof *places);
    if (places == NULL)
        return KEPT_E_NOMEM;
    kept_free(table->places);
    table->places = places;
    table->size = size;
    for (size_t i = 0; i < table->count; i++)
        place(table, i);
    return 0;
}

int kept_callers_take(struct kept_callers *table, struct kept_caller_row *row)
{
    int rc = kept_grow(&table->rows, &table->cap, table->count + 1, UINT32_MAX / 2, sizeof *table->rows);
    if (rc == 0)
        rc = make_room(table);
    if (rc != 0)
        return KEPT_E_NOMEM;
    table->rows[table->count] = row;
    place(table, table->count++);
    return 0;
}

void kept_callers_moved(struct kept_callers *table)
{
    memset(table->places, 0, table->size * sizeof *table->places);
    for (size_t i = 0; i < table->count; i++)
        place(table, i);
}

const struct kept_caller_row *kept_callers_find(const struct kept_callers *table, struct kept_span shown, bool certificate,
                                                kept_ms now)
{
    uint8_t hash[KEPT_HASH_BYTES];
    struct kept_caller_row *found = NULL;
    if (certificate && shown.n != KEPT_HASH_BYTES)
        return NULL;
    if (certificate)
        memcpy(hash, shown.p, sizeof hash);
    else
        kept_sha256(shown, hash);
    if (table->size == 0)
        return NULL;
    for (size_t at = home_of(table, hash); table->places[at] != 0; at = (at + 1) & (table->size - 1)) {
        struct kept_caller_row *row = table->rows[table->places[at] - 1];
        if (kept_secret_equal(row->hash, hash, sizeof hash) && row->certificate == certificate &&
            row->state == KEPT_CALLER_LIVE && (row->expires == 0 || now < row->expires) &&
            (row->kind != KEPT_CALLER_STAFF || kept_staff_is_in(&row->staff, now)))
            found = row;
    }
    if (found != NULL && found->kind == KEPT_CALLER_STAFF)
        found->staff.seen = now;
    return found;
}

struct kept_caller_row *kept_callers_named(const struct kept_callers *table, const void *of, const char *name)
{
    for (size_t i = 0; i < table->count; i++) {
        struct kept_caller_row *row = table->rows[i];
        if (row->of == of && (row->state == KEPT_CALLER_LIVE || row->state == KEPT_CALLER_PENDING) &&
            strcmp(row->name, name) == 0)
            return row;
    }
    return NULL;
}
