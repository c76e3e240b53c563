/* ledger.c - the handle: appending, and the exchange of buffers between appender and writer.
 *
 *   append -> batch[active] -(taken by sync)-> the other batch -> segment file -> durable
 *
 * One lock, held for moments, guards the batches and the trees; the writer holds sync_lock while it
 * writes and syncs, and the appender goes on meanwhile. */
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "crypto/crypto.h"
#include "ledger/ledger_int.h"

#define MAX_CHUNKS (1u << 20)
#define MAX_NOTE_AGE KEPT_SECOND

int kept_options_check(const struct kept_ledger_options *options, struct kept_err *err)
{
    if (options == NULL || options->folder == NULL || options->seed == NULL)
        return kept_fail(err, KEPT_E_USAGE, "a ledger needs a folder and a signing key");
    if (!kept_origin_valid(options->origin))
        return kept_fail(err, KEPT_E_USAGE,
                         "a ledger's origin is 1 to 255 characters without space or plus");
    if (options->segment_bytes != 0 &&
        (options->segment_bytes < MIN_SEGMENT || options->segment_bytes > MAX_SEGMENT))
        return kept_fail(err, KEPT_E_USAGE, "a segment has %u to %u bytes", (unsigned)MIN_SEGMENT,
                         (unsigned)MAX_SEGMENT);
    return 0;
}

int kept_ledger_make(const struct kept_ledger_options *options, struct kept_ledger **ret_ledger,
                     struct kept_err *err)
{
    *ret_ledger = NULL;
    struct kept_ledger *ledger = kept_alloc(1, sizeof *ledger);
    if (ledger == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory for a ledger");
    int locked = pthread_mutex_init(&ledger->lock, NULL) | pthread_mutex_init(&ledger->sync_lock, NULL);
    KEPT_INVARIANT(locked == 0);
    ledger->fd = -1;
    ledger->source.fd = -1;
    ledger->options = *options;
    if (ledger->options.segment_bytes == 0)
        ledger->options.segment_bytes = DEFAULT_SEGMENT;
    for (unsigned i = 0; i < 2; i++)
        kept_buf_init(&ledger->batch[i].bytes, MAX_BUFFERED);
    kept_buf_init(&ledger->note, MAX_NOTE);
    kept_origin_hash(options->origin, ledger->origin_hash);
    ledger->salt = kept_be64(ledger->origin_hash);
    kept_sign_public(options->seed, ledger->public_key);
    ledger->folder = kept_strdup(options->folder);
    ledger->origin = kept_strdup(options->origin);
    if (ledger->folder == NULL || ledger->origin == NULL) {
        kept_ledger_close(ledger);
        return kept_fail(err, KEPT_E_NOMEM, "no memory for a ledger");
    }
    ledger->options.folder = ledger->folder;
    ledger->options.origin = ledger->origin;
    kept_source_init(&ledger->source, ledger->folder, ledger);
    if (kept_walk_init(&ledger->point, &ledger->source, ledger->salt, 16u << 10) != 0) {
        kept_ledger_close(ledger);
        return kept_fail(err, KEPT_E_NOMEM, "no memory for a ledger");
    }
    *ret_ledger = ledger;
    return 0;
}

void kept_batch_release(struct kept_batch *batch)
{
    kept_buf_release(&batch->bytes);
    kept_free(batch->chunks);
    batch->chunks = NULL;
    batch->chunk_n = batch->chunk_cap = 0;
}

void kept_ledger_close(struct kept_ledger *ledger)
{
    if (ledger == NULL)
        return;
    kept_ledger_end_file(ledger);
    kept_source_release(&ledger->source);
    kept_walk_release(&ledger->point);
    for (unsigned i = 0; i < 2; i++)
        kept_batch_release(&ledger->batch[i]);
    kept_tagset_release(&ledger->tags);
    for (size_t i = 0; i < ledger->pending_n; i++)
        kept_tagset_release(&ledger->pending[i].set);
    kept_free(ledger->index.records);
    kept_free(ledger->segs);
    kept_buf_release(&ledger->note);
    kept_free(ledger->folder);
    kept_free(ledger->origin);
    (void)pthread_mutex_destroy(&ledger->lock);
    (void)pthread_mutex_destroy(&ledger->sync_lock);
    kept_free(ledger);
}

int kept_ledger_usable(const struct kept_ledger *ledger, struct kept_err *err)
{
    if (atomic_load_explicit(&ledger->failed, memory_order_acquire) != 0)
        return kept_fail(err, KEPT_E_IO, "the ledger could not be written; open it again");
    return 0;
}

/* ---- append ---- */

struct slot {               /* where the next entry goes */
    uint32_t segment, offset;
    bool roll;              /* it begins a segment */
    bool mark;              /* a mark goes before it */
    size_t bytes;           /* with header or mark */
};

static struct slot next_slot(const struct kept_ledger *ledger, size_t frame_n)
{
    const struct kept_segment *open = &ledger->segs[ledger->seg_n - 1];
    struct slot slot = {.segment = (uint32_t)ledger->seg_n - 1, .offset = open->size};
    slot.mark = ledger->batch[ledger->active].bytes.n == 0;
    slot.bytes = frame_n + (slot.mark ? MARK_BYTES : 0);
    if (open->first != ledger->tree.n && slot.bytes + open->size > ledger->options.segment_bytes) {
        slot.roll = true;
        slot.mark = false; /* the header says the same: what is before it is durable */
        slot.segment++;
        slot.offset = 0;
        slot.bytes = frame_n + HEADER_BYTES;
    }
    return slot;
}

/* Everything that can fail, before anything changes. fresh: tags of a segment that begins. */
static int reserve(struct kept_ledger *ledger, struct kept_batch *batch, const struct slot *slot,
                   struct kept_tagset *fresh, struct kept_err *err)
{
    struct kept_tagset *tags = slot->roll ? fresh : &ledger->tags;
    if (ledger->seg_n > MAX_SEGMENTS)
        return kept_fail(err, KEPT_E_LIMIT, "the ledger has no room for another segment");
    if (batch->bytes.n + slot->bytes > MAX_BUFFERED)
        return kept_fail(err, KEPT_E_LIMIT, "too many entries wait for a sync");
    int rc = kept_index_reserve(&ledger->index);
    if (rc == 0)
        rc = kept_grow(&ledger->segs, &ledger->seg_cap, ledger->seg_n + 1, MAX_SEGMENTS + 2u,
                       sizeof *ledger->segs);
    if (rc == 0)
        rc = kept_grow(&batch->chunks, &batch->chunk_cap, batch->chunk_n + 1, MAX_CHUNKS,
                       sizeof *batch->chunks);
    if (rc == 0)
        rc = kept_grow(&tags->p, &tags->cap, tags->n + 1, MAX_SEGMENT, sizeof *tags->p);
    return rc == 0 ? 0 : kept_fail(err, rc, "no room to append to the ledger");
}

/* Close the open segment and begin the next: header into the batch. */
static void roll(struct kept_ledger *ledger, const struct slot *slot, struct kept_tagset *fresh,
                 uint8_t *out)
{
    struct kept_header header = {.segment = slot->segment, .first = ledger->tree.n};
    if (ledger->pending_n < MAX_PENDING) {
        struct kept_pending *p = &ledger->pending[ledger->pending_n++];
        p->segment = slot->segment - 1;
        p->set = ledger->tags;
    } else {
        kept_tagset_release(&ledger->tags); /* its list will be made from the file */
    }
    ledger->tags = *fresh;
    *fresh = (struct kept_tagset){.n = 0};
    ledger->segs[ledger->seg_n++] =
        (struct kept_segment){.first = ledger->tree.n, .size = HEADER_BYTES, .list = NO_LIST};
    kept_tree_root(&ledger->tree, header.root);
    kept_header_put(out, ledger->origin_hash, &header);
}

/* Put the entry into the batch and the tree. Called with the lock held; cannot fail. */
static void place(struct kept_ledger *ledger, struct kept_batch *batch, const struct slot *slot,
                  struct kept_tagset *fresh, uint8_t *out, struct kept_span entry,
                  const uint8_t *tag_key, const uint8_t leaf[32])
{
    uint8_t tag[TAG_BYTES];
    struct kept_place at = {ledger->salt, slot->segment, slot->offset, ledger->tree.n};
    if (batch->chunk_n == 0 || slot->roll)
        batch->chunks[batch->chunk_n++] =
            (struct kept_chunk){slot->segment, slot->offset, (size_t)(out - batch->bytes.p)};
    if (slot->roll) {
        roll(ledger, slot, fresh, out);
        out += HEADER_BYTES;
        at.offset = HEADER_BYTES;
    } else if (slot->mark) {
        kept_mark_put(out, &at);
        out += MARK_BYTES;
        at.offset += MARK_BYTES;
    }
    if (tag_key != NULL) {
        uint64_t number = kept_tag_of(tag_key, slot->segment);
        kept_put_be64(tag, number);
        int rc = kept_tagset_add(&ledger->tags, number,
                                 at.index - ledger->segs[slot->segment].first, at.offset);
        KEPT_INVARIANT(rc == 0); /* reserved */
    }
    kept_frame_put(out, &at, entry, tag_key != NULL ? tag : NULL, leaf);
    ledger->segs[slot->segment].size =
        at.offset + (uint32_t)kept_frame_bytes(entry.n, tag_key != NULL);
    kept_index_add(&ledger->index, &at, ledger->done,
                   kept_tree_add(&ledger->tree, leaf, ledger->done));
}

int kept_ledger_append(struct kept_ledger *ledger, struct kept_span entry, const uint8_t *tag_key,
                       uint64_t *ret_index, uint8_t ret_leaf[32], struct kept_err *err)
{
    uint8_t leaf[32];
    struct kept_tagset fresh = {.n = 0};
    int rc = kept_ledger_usable(ledger, err);
    if (rc != 0)
        return rc;
    if (entry.n < MIN_ENTRY || entry.n > KEPT_MAX_ENTRY_BYTES)
        return kept_fail(err, KEPT_E_USAGE, "an entry of %zu bytes", entry.n);
    kept_leaf_hash(entry, leaf);
    (void)pthread_mutex_lock(&ledger->lock);
    struct kept_batch *batch = &ledger->batch[ledger->active];
    uint64_t index = ledger->tree.n;
    struct slot slot = next_slot(ledger, kept_frame_bytes(entry.n, tag_key != NULL));
    rc = reserve(ledger, batch, &slot, &fresh, err);
    uint8_t *out = rc != 0 ? NULL : kept_buf_room(&batch->bytes, slot.bytes);
    if (rc == 0 && out == NULL) {
        rc = kept_fail(err, batch->bytes.failed, "no room to append to the ledger");
        batch->bytes.failed = 0;
    }
    if (rc == 0)
        place(ledger, batch, &slot, &fresh, out, entry, tag_key, leaf);
    (void)pthread_mutex_unlock(&ledger->lock);
    kept_tagset_release(&fresh);
    if (rc != 0)
        return rc;
    if (ret_index != NULL)
        *ret_index = index;
    if (ret_leaf != NULL)
        memcpy(ret_leaf, leaf, 32);
    return 0;
}

/* ---- making durable ---- */

uint64_t kept_ledger_flush(struct kept_ledger *ledger)
{
    return ledger->tree.n; /* the writer takes the buffer itself; see kept_ledger_sync */
}

/* One batch from memory to disk. sync_lock is held. */
static int write_batch(struct kept_ledger *ledger, struct kept_err *err)
{
    (void)pthread_mutex_lock(&ledger->lock);
    struct kept_batch *batch = &ledger->batch[ledger->active];
    ledger->active ^= 1u;
    ledger->writing_tree = ledger->tree;
    (void)pthread_mutex_unlock(&ledger->lock);
    int rc = kept_ledger_write(ledger, batch, err);
    if (rc != 0) {
        /* What the kernel kept of a failed sync is not known: never try again. */
        atomic_store_explicit(&ledger->failed, 1, memory_order_release);
        return kept_fail(err, KEPT_E_IO, "the ledger in %.120s could not be written",
                         ledger->folder);
    }
    (void)pthread_mutex_lock(&ledger->lock);
    kept_buf_clear(&batch->bytes);
    batch->chunk_n = 0;
    ledger->durable_tree = ledger->writing_tree;
    atomic_store_explicit(&ledger->durable, ledger->writing_tree.n, memory_order_release);
    (void)pthread_mutex_unlock(&ledger->lock);
    return 0;
}

int kept_ledger_sync(struct kept_ledger *ledger, uint64_t ticket, struct kept_err *err)
{
    int rc = kept_ledger_usable(ledger, err);
    if (rc != 0)
        return rc;
    (void)pthread_mutex_lock(&ledger->lock);
    bool known = ticket <= ledger->tree.n;
    (void)pthread_mutex_unlock(&ledger->lock);
    if (!known)
        return kept_fail(err, KEPT_E_USAGE, "a ticket for entries that were not appended");
    (void)pthread_mutex_lock(&ledger->sync_lock);
    rc = kept_ledger_usable(ledger, err); /* the writer before us may have failed */
    if (rc == 0 && /* no test: another thread fails between this look and the first */
        kept_ledger_durable(ledger) < ticket)
        rc = write_batch(ledger, err);
    (void)pthread_mutex_unlock(&ledger->sync_lock);
    return rc;
}

uint64_t kept_ledger_durable(const struct kept_ledger *ledger)
{
    return atomic_load_explicit(&ledger->durable, memory_order_acquire);
}

uint64_t kept_ledger_size(const struct kept_ledger *ledger)
{
    return ledger->tree.n;
}

void kept_ledger_root(const struct kept_ledger *ledger, uint8_t ret_root[32])
{
    kept_tree_root(&ledger->tree, ret_root);
}

size_t kept_ledger_memory(struct kept_ledger *ledger, uint32_t segment, uint32_t offset, uint8_t *p,
                          size_t n)
{
    size_t from_file = n;
    (void)pthread_mutex_lock(&ledger->lock);
    for (unsigned b = 0; b < 2; b++) {
        const struct kept_batch *batch = &ledger->batch[b];
        for (size_t i = 0; i < batch->chunk_n; i++) {
            const struct kept_chunk *c = &batch->chunks[i];
            size_t end = i + 1 < batch->chunk_n ? c[1].at : batch->bytes.n;
            uint64_t lo = c->offset > offset ? c->offset : offset;
            uint64_t hi = c->offset + (uint64_t)(end - c->at);
            hi = hi < offset + (uint64_t)n ? hi : offset + (uint64_t)n;
            if (c->segment != segment || lo >= hi)
                continue;
            memcpy(p + (lo - offset), batch->bytes.p + c->at + (lo - c->offset), (size_t)(hi - lo));
            if (lo - offset < from_file)
                from_file = (size_t)(lo - offset);
        }
    }
    (void)pthread_mutex_unlock(&ledger->lock);
    return from_file;
}
