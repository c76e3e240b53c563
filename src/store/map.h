/* map.h - an ordered map of byte strings of which old states stay readable.
 *
 * A state is its root (NULL: empty). Putting and removing give a new root and share with the old one all
 * they did not touch; so a snapshot, a mark and a rollback are each one pointer kept. Keys are compared
 * as bytes, shorter first. What nobody holds any more is wiped and freed.
 * Ownership: a root is released by kept_map_drop; one passed to put or remove is only borrowed.
 * Threads: states may be read, kept and dropped in several threads at once; each caller needs a
 * reference of its own, taken where somebody else's is known to live. */
#ifndef KEPT_STORE_MAP_H
#define KEPT_STORE_MAP_H

#include <stdbool.h>

#include "kept.h"

struct kept_map; /* a state */

struct kept_map *kept_map_keep(struct kept_map *map); /* one more reference; gives map back */
void kept_map_drop(struct kept_map *map);

/* Put or replace. value: parts one behind the other. KEPT_E_NOMEM, KEPT_E_LIMIT (over 4 GiB). */
KEPT_MUST_USE int kept_map_put(struct kept_map *map, struct kept_span key,
                               const struct kept_span *parts, size_t count,
                               struct kept_map **ret_map);
/* KEPT_E_NOTFOUND, KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_map_remove(struct kept_map *map, struct kept_span key,
                                  struct kept_map **ret_map);

/* Key and value of the first row whose key is not below from, borrowed while the state is held. */
struct kept_map_row {
    struct kept_span key, value;
};
bool kept_map_first(const struct kept_map *map, struct kept_span from, struct kept_map_row *ret_row);
bool kept_map_get(const struct kept_map *map, struct kept_span key, struct kept_span *ret_value);
/* Bytes that the state takes, with what it shares. */
uint64_t kept_map_bytes(const struct kept_map *map);

#endif
