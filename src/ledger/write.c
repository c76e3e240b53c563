/* write.c - batches into segment files.
 *
 * The order is what recovery relies on: a segment is synced to its end before the next one's name
 * exists, and the name is durable before any entry in it is called durable. */
#include "base/file.h"
#include "ledger/ledger_int.h"

/* Make the file of a new segment and its name durable. */
static int begin_segment(struct kept_ledger *ledger, uint32_t segment, bool unsynced,
                         struct kept_err *err)
{
    char name[NAME_BYTES], path[KEPT_MAX_PATH];
    int rc = 0;
    if (unsynced)
        rc = kept_file_sync(ledger->fd, "the end of a closed segment", err);
    kept_file_close(ledger->fd);
    ledger->fd = -1;
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
    bool unsynced = false;
    for (size_t i = 0; rc == 0 && i < batch->chunk_n; i++) {
        const struct kept_chunk *c = &batch->chunks[i];
        size_t end = i + 1 < batch->chunk_n ? c[1].at : batch->bytes.n;
        if (c->offset == 0)
            rc = begin_segment(ledger, c->segment, unsynced, err);
        if (rc == 0)
            rc = kept_file_write(ledger->fd, c->offset, batch->bytes.p + c->at, end - c->at, err);
        unsynced = true;
    }
    if (rc == 0 && unsynced)
        rc = kept_file_sync(ledger->fd, "the entries of a batch", err);
    return rc;
}
