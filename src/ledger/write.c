/* write.c - batches into segment files.
 *
 * The order is what recovery relies on: a segment is cut to its entries and synced before the next one's
 * name exists, and the name is durable before any entry in it is called durable. */
#include "base/file.h"
#include "ledger/ledger_int.h"

#define ROOM_LEAST (64u << 10)
#define ROOM_MOST (1u << 20)

/* Zeros ahead of the entries: a sync then has data to write and neither size nor place of the file. As
 * many again as there are bytes before them, within bounds. What cannot be had is not needed. */
static void make_room(struct kept_ledger *ledger)
{
    static const uint8_t zeros[ROOM_LEAST];
    uint64_t end = ledger->fd_end;
    uint64_t most = end < ROOM_LEAST ? ROOM_LEAST : end > ROOM_MOST ? ROOM_MOST : end;
    uint64_t whole = ledger->options.segment_bytes;
    uint64_t until = end + most < whole ? end + most : whole;
    while (end < until) {
        size_t n = until - end < sizeof zeros ? (size_t)(until - end) : sizeof zeros;
        if (kept_file_write(ledger->fd, end, zeros, n, NULL) != 0)
            break;
        end += n;
    }
    ledger->fd_room = end;
}

void kept_ledger_end_file(struct kept_ledger *ledger)
{
    bool whole = atomic_load_explicit(&ledger->failed, memory_order_acquire) == 0;
    if (ledger->fd >= 0 && whole && ledger->fd_room > ledger->fd_end &&
        kept_file_truncate(ledger->fd, ledger->fd_end, NULL) != 0)
        ledger->fd_room = 0; /* the zeros stay: the next opening takes them for what they are */
    kept_file_close(ledger->fd);
    ledger->fd = -1;
}

/* Close the segment; make the file of the next one, and its name, durable. */
static int begin_segment(struct kept_ledger *ledger, uint32_t segment, struct kept_err *err)
{
    char name[NAME_BYTES], path[KEPT_MAX_PATH];
    int rc = kept_file_truncate(ledger->fd, ledger->fd_end, err);
    if (rc == 0)
        rc = kept_file_sync(ledger->fd, "the end of a closed segment", err);
    kept_file_close(ledger->fd);
    ledger->fd = -1;
    ledger->fd_end = ledger->fd_room = 0;
    kept_segment_name(name, segment);
    if (rc == 0)
        rc = kept_path(path, sizeof path, ledger->folder, name, err);
    if (rc == 0)
        rc = kept_file_open(path, KEPT_FILE_CREATE, &ledger->fd, err);
    if (rc == 0)
        rc = kept_dir_sync(ledger->folder, "the name of a new segment", err);
    ledger->fd_segment = segment;
    return rc;
}

int kept_ledger_write(struct kept_ledger *ledger, const struct kept_batch *batch,
                      struct kept_err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < batch->chunk_n; i++) {
        const struct kept_chunk *c = &batch->chunks[i];
        size_t end = i + 1 < batch->chunk_n ? c[1].at : batch->bytes.n;
        if (c->offset == 0)
            rc = begin_segment(ledger, c->segment, err);
        if (rc == 0)
            rc = kept_file_write(ledger->fd, c->offset, batch->bytes.p + c->at, end - c->at, err);
        if (rc == 0)
            ledger->fd_end = c->offset + (end - c->at);
    }
    if (rc == 0 && ledger->fd_end > ledger->fd_room)
        make_room(ledger);
    if (rc == 0 && batch->chunk_n != 0)
        rc = kept_file_sync(ledger->fd, "the entries of a batch", err);
    return rc;
}
