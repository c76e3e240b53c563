/* memory_int.h - what the files of the memory engine share: keys of rows, and changes.
 *
 * All tables lie in one map (map.h). A row's key is the letter of its table and then its columns,
 * big-endian, so that the order of bytes is the order of the columns. */
#ifndef KEPT_STORE_MEMORY_INT_H
#define KEPT_STORE_MEMORY_INT_H

#include "store/map.h"
#include "store/store_int.h"

enum letter {
    ROW_CELL = 'c',      /* key -> body */
    ROW_CHUNK = 'h',     /* key, number -> body */
    ROW_TOKEN = 't',     /* app, token, key */
    ROW_TOKEN_KEY = 'T', /* key, app, token: the same by key */
    ROW_QUEUE = 'q',     /* queue, seq -> app, key, id, body */
    ROW_TODO = 'd',      /* kind, key -> at */
    ROW_TODO_AT = 'D',   /* kind, at, key: the same by instant */
    ROW_SLIP = 's',      /* kind, app, id -> key, at, body */
    ROW_SLIP_AT = 'S',   /* kind, app, at, id: the same by instant */
    ROW_SLIP_KEY = 'k',  /* key, kind, app, id: the same by person */
    ROW_APP = 'a',       /* number -> name */
    ROW_APP_NAME = 'A',  /* name: taken */
    ROW_POLICY = 'p',    /* app, version -> effective, published, text */
    ROW_CALLER = 'k',    /* app, id -> body */
    ROW_META = 'm'       /* name -> value */
};

struct key {
    uint8_t b[1 + KEPT_MAX_NAME + 1]; /* the longest, and what makes it the next one */
    size_t n;
};

/* ---- memory_key.c ------------------------------------------------------------------------------*/

struct key kept_key(enum letter letter);
void kept_key_u32(struct key *key, uint32_t v);
void kept_key_u64(struct key *key, uint64_t v);
void kept_key_at(struct key *key, kept_ms at); /* in the order of instants, also before 1970 */
kept_ms kept_key_read_at(const uint8_t *p);
void kept_key_bytes(struct key *key, const void *p, size_t n);
static inline struct kept_span kept_key_span(const struct key *key)
{
    return (struct kept_span){key->b, key->n};
}
/* The first row at or behind *at whose key begins with the first n bytes of it; *at moves behind it. */
bool kept_key_each(const struct kept_map *map, struct key *at, size_t n,
                   struct kept_map_row *ret_row);

/* ---- memory.c ----------------------------------------------------------------------------------*/

/* The rows as this handle sees them now, borrowed until its next call. A visit keeps them. */
struct kept_map *kept_view_now(struct kept_store *store);

/* One call's writes: all of them or none. */
struct change {
    struct kept_store *store;
    struct kept_map *rows;
    int rc;
};
struct change kept_change_begin(struct kept_store *store);
void kept_change_put(struct change *change, const struct key *key, const struct kept_span *parts,
                     size_t count);
void kept_change_remove(struct change *change, const struct key *key); /* absent is fine */
KEPT_MUST_USE int kept_change_end(struct change *change, struct kept_err *err);

/* ---- memory_slip.c -----------------------------------------------------------------------------*/

/* Take a slip out of a change; by_key: its row by person. */
void kept_memory_slip_strike(struct change *change, struct kept_span by_key);

#endif
