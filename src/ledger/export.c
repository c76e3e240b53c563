/* export.c - C2SP tlog-tiles: checkpoint, tile/<L>/<N>[.p/<W>], tile/entries/<N>[.p/<W>].
 * Full tiles are immutable, so a second export into the same folder writes only what is new; the
 * checkpoint comes last, when all that it needs is there. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/id.h"
#include "base/mem.h"
#include "ledger/ledger_int.h"

#define BUNDLE_BYTES (BLOCK * (2u + KEPT_MAX_ENTRY_BYTES))

struct export {
    struct kept_ledger *ledger;
    const char *folder;            /* of all of it; else NULL, and the one tile */
    const struct kept_tile *tile;
    int bundles;
    uint64_t old_size, size;
    struct kept_nodes nodes;
    struct kept_buf bytes;
};

/* from/part; with make it is made. folder may be from. */
static int descend(char folder[KEPT_MAX_PATH], const char *from, const char *part, bool make, struct kept_err *err)
{
    char next[KEPT_MAX_PATH];
    int rc = kept_path(next, sizeof next, from, part, err);
    if (rc == 0 && make)
        rc = kept_dir_make(next, true, err);
    if (rc == 0)
        memcpy(folder, next, sizeof next);
    return rc;
}

struct tile {
    const char *kind;               /* a level, or "entries" */
    uint64_t n;
    uint32_t width;                 /* BLOCK: full */
};

struct tile_place {
    char folder[KEPT_MAX_PATH], name[16], path[KEPT_MAX_PATH];
};

/* Where a tile is: N as x001/x234/067. */
static int tile_path(const struct export *x, const struct tile *tile, bool make, struct tile_place *ret,
                     struct kept_err *err)
{
    char *folder = ret->folder;
    unsigned parts[8];
    size_t count = 0;
    uint64_t n = tile->n;
    bool full = tile->width == BLOCK;
    int rc = descend(folder, x->folder, "tile", make, err);
    if (rc == 0)
        rc = descend(folder, folder, tile->kind, make, err);
    do {
        parts[count++] = (unsigned)(n % 1000);
        n /= 1000;
    } while (n != 0);
    while (rc == 0 && --count > 0) {
        (void)snprintf(ret->name, sizeof ret->name, "x%03u", parts[count]);
        rc = descend(folder, folder, ret->name, make, err);
    }
    (void)snprintf(ret->name, sizeof ret->name, "%03u%s", parts[0], full ? "" : ".p");
    if (rc == 0 && !full) {
        rc = descend(folder, folder, ret->name, make, err);
        (void)snprintf(ret->name, sizeof ret->name, "%u", (unsigned)tile->width);
    }
    return rc != 0 ? rc : kept_path(ret->path, sizeof ret->path, folder, ret->name, err);
}

static int put_tile(struct export *x, const struct tile *tile, struct kept_err *err)
{
    struct tile_place at;
    int rc = tile_path(x, tile, true, &at, err);
    return rc != 0 ? rc : kept_file_replace(at.folder, at.name, kept_buf_span(&x->bytes), "a tile", err);
}

/* Tiles are written whole or not at all, so one that is there needs no second look. */
static bool has_tile(struct export *x, const struct tile *tile)
{
    struct tile_place at;
    return tile_path(x, tile, false, &at, NULL) == 0 && kept_file_exists(at.path);
}

/* A full tile must hash to the record one level up, or the index is damaged. */
static int check_tile(struct export *x, unsigned level, uint64_t n, struct kept_err *err)
{
    uint8_t part[BLOCK][32], want[32];
    memcpy(part, x->bytes.p, sizeof part);
    for (size_t count = BLOCK; count > 1; count /= 2)
        for (size_t i = 0; i < count / 2; i++)
            kept_node_hash(part[2 * i], part[2 * i + 1], part[i]);
    int rc = kept_index_node(x->ledger, (level + 1) * BLOCK_BITS, n, want, err);
    if (rc == 0 && !kept_bytes_equal(part[0], want, 32))
        rc = kept_fail(err, KEPT_E_CORRUPT, "the ledger's index does not fit its entries");
    return rc;
}

/* Before anybody looks at x->bytes. */
static int filled(const struct export *x, struct kept_err *err)
{
    return x->bytes.failed == 0 ? 0 : kept_fail(err, x->bytes.failed, "no room for a tile");
}

/* The hashes of one tile into x->bytes. */
static int fill_tile(struct export *x, unsigned level, uint64_t n, uint32_t width,
                     struct kept_err *err)
{
    uint8_t hash[32];
    kept_buf_clear(&x->bytes);
    if (level == 0) {
        const struct kept_leaves *leaves = NULL;
        int rc = kept_nodes_block(&x->nodes, n, &leaves, err);
        if (rc != 0)
            return rc;
        kept_buf_bytes(&x->bytes, leaves->leaf, (size_t)width * 32);
        return filled(x, err);
    }
    for (uint64_t i = 0; i < width; i++) {
        int rc = kept_index_node(x->ledger, level * BLOCK_BITS, (n << BLOCK_BITS) + i, hash, err);
        if (rc != 0)
            return rc;
        kept_buf_bytes(&x->bytes, hash, 32);
    }
    return filled(x, err);
}

static int put_level(struct export *x, unsigned level, struct kept_err *err)
{
    char kind[8];
    uint64_t have = x->size >> (level * BLOCK_BITS);
    uint64_t first = x->old_size >> (level * BLOCK_BITS) >> BLOCK_BITS;
    (void)snprintf(kind, sizeof kind, "%u", level);
    for (uint64_t n = first; n << BLOCK_BITS < have; n++) {
        uint64_t left = have - (n << BLOCK_BITS);
        uint32_t width = left < BLOCK ? (uint32_t)left : BLOCK;
        int rc = fill_tile(x, level, n, width, err);
        if (rc == 0 && width == BLOCK)
            rc = check_tile(x, level, n, err);
        if (rc == 0)
            rc = put_tile(x, &(struct tile){kind, n, width}, err);
        if (rc != 0)
            return rc;
    }
    return 0;
}

/* Entry bundle: big-endian uint16 length, entry bytes; 256 of them. */
static int fill_bundle(struct export *x, uint64_t first, uint32_t width, struct kept_err *err)
{
    struct kept_walk *walk = &x->ledger->point;
    kept_buf_clear(&x->bytes);
    int rc = kept_ledger_seek(x->ledger, walk, first, err);
    for (uint32_t i = 0; rc == 0 && i < width; i++) {
        rc = kept_ledger_next(x->ledger, walk, err);
        if (rc == 0)
            rc = kept_fail(err, KEPT_E_CORRUPT, "entry %llu is gone",
                           (unsigned long long)first + i);
        if (rc < 0)
            return rc;
        kept_buf_u16(&x->bytes, (uint16_t)walk->frame.entry.n);
        kept_buf_bytes(&x->bytes, walk->frame.entry.p, walk->frame.entry.n);
        rc = 0;
    }
    return rc != 0 ? rc : filled(x, err);
}

/* Older exports into this folder may have been without bundles: look at each. */
static int put_bundles(struct export *x, struct kept_err *err)
{
    int rc = 0;
    for (uint64_t n = 0; rc == 0 && n << BLOCK_BITS < x->size; n++) {
        uint64_t first = n << BLOCK_BITS, left = x->size - first;
        const struct tile tile = {"entries", n, left < BLOCK ? (uint32_t)left : BLOCK};
        if (has_tile(x, &tile))
            continue;
        rc = fill_bundle(x, first, tile.width, err);
        if (rc == 0)
            rc = put_tile(x, &tile, err);
    }
    return rc;
}

/* The folder may hold an older export of this very log. */
static int look_before(struct export *x, struct kept_err *err)
{
    struct kept_checkpoint old = {.size = 0};
    char path[KEPT_MAX_PATH];
    uint8_t root[32];
    kept_buf_clear(&x->bytes);
    int rc = kept_path(path, sizeof path, x->folder, "checkpoint", err);
    if (rc != 0)
        return rc;
    rc = kept_file_load(path, &x->bytes, err);
    if (rc == KEPT_E_NOTFOUND)
        return 0;
    if (rc != 0)
        return rc;
    if (kept_note_open(kept_buf_span(&x->bytes), x->ledger->public_key, &old) != 0 ||
        strcmp(old.origin, x->ledger->origin) != 0 || old.size > x->size)
        return kept_fail(err, KEPT_E_CONFLICT, "%s holds another log", x->folder);
    if ((rc = kept_nodes_root(&x->nodes, old.size, root, err)) != 0)
        return rc;
    if (!kept_bytes_equal(root, old.root, 32))
        return kept_fail(err, KEPT_E_CONFLICT, "%s holds another log", x->folder);
    x->old_size = old.size;
    return 0;
}

static int all_tiles(struct export *x, struct kept_err *err)
{
    x->old_size = 0;
    int rc = look_before(x, err);
    for (unsigned level = 0; rc == 0 && level * BLOCK_BITS < 64; level++)
        rc = put_level(x, level, err);
    if (rc == 0 && x->bundles != 0)
        rc = put_bundles(x, err);
    if (rc == 0)
        rc = kept_file_replace(x->folder, "checkpoint", kept_buf_span(&x->ledger->note),
                               "the exported checkpoint", err);
    return rc;
}

/* What of the signed part of the ledger a tile may show. */
static bool is_signed(const struct kept_ledger *ledger, const struct kept_tile *tile)
{
    unsigned level = tile->entries ? 0 : tile->level;
    if (tile->width == 0 || tile->width > BLOCK || level >= 64 / BLOCK_BITS ||
        tile->n > UINT64_MAX >> (BLOCK_BITS + 1))
        return false;
    uint64_t have = ledger->checkpoint.size >> (level * BLOCK_BITS);
    return (tile->n << BLOCK_BITS) + tile->width <= have;
}

static int one_tile(struct export *x, struct kept_err *err)
{
    const struct kept_tile *tile = x->tile;
    if (tile->entries)
        return fill_bundle(x, tile->n << BLOCK_BITS, tile->width, err);
    int rc = fill_tile(x, tile->level, tile->n, tile->width, err);
    return rc == 0 && tile->width == BLOCK ? check_tile(x, tile->level, tile->n, err) : rc;
}

static int once(struct export *x, struct kept_err *err)
{
    x->nodes.leaves[0].have = x->nodes.leaves[1].have = 0;
    return x->tile != NULL ? one_tile(x, err) : all_tiles(x, err);
}

/* What was read of an index that is damaged may be wrong: with the index made anew it is read again. */
static int run(struct export *x, struct kept_err *err)
{
    struct kept_err first = {.code = 0};
    int rc = once(x, &first);
    if (rc == KEPT_E_CORRUPT && x->ledger->index.base != 0) {
        if ((rc = kept_index_rebuild(x->ledger, err)) == 0)
            rc = once(x, err);
    } else if (rc != 0) {
        (void)kept_fail(err, rc, "%s", first.text);
    }
    return rc;
}

static struct export *begin(struct kept_ledger *ledger)
{
    struct export *x = kept_alloc(1, sizeof *x);
    if (x == NULL)
        return NULL;
    x->ledger = ledger;
    x->nodes.ledger = ledger;
    x->size = ledger->checkpoint.size;
    kept_buf_init(&x->bytes, BUNDLE_BYTES);
    return x;
}

static void end(struct export *x)
{
    kept_buf_release(&x->bytes);
    kept_free(x);
}

int kept_ledger_tile(struct kept_ledger *ledger, const struct kept_tile *tile, struct kept_buf *out,
                     struct kept_err *err)
{
    int rc = kept_ledger_usable(ledger, err);
    if (rc == 0 && !is_signed(ledger, tile))
        rc = kept_fail(err, KEPT_E_NOTFOUND, "there is no such tile in the signed ledger");
    if (rc != 0)
        return rc;
    struct export *x = begin(ledger);
    if (x == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory for a tile");
    x->tile = tile;
    rc = run(x, err);
    if (rc == 0)
        kept_buf_bytes(out, x->bytes.p, x->bytes.n);
    end(x);
    return rc != 0 ? rc : out->failed != 0 ? kept_fail(err, out->failed, "no room for a tile") : 0;
}

int kept_ledger_export(struct kept_ledger *ledger, const char *folder, int bundles,
                       struct kept_err *err)
{
    int rc = kept_ledger_usable(ledger, err);
    if (rc == 0)
        rc = kept_dir_make(folder, true, err);
    if (rc != 0)
        return rc;
    struct export *x = begin(ledger);
    if (x == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory for an export");
    x->folder = folder;
    x->bundles = bundles;
    rc = run(x, err);
    end(x);
    return rc;
}
