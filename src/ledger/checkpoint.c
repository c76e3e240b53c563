/* checkpoint.c - making a ledger, and publishing signed checkpoints.
 *
 * Signed -> anchored -> published. The anchor comes first: a checkpoint that the anchor does not know
 * could be rolled back unnoticed. One that the anchor knows and the folder does not is taken over at
 * the next open. */
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "crypto/crypto.h"
#include "ledger/ledger_int.h"

int kept_ledger_publish(const struct kept_ledger_options *options,
                        const struct kept_checkpoint *checkpoint, struct kept_buf *note,
                        struct kept_err *err)
{
    int rc = kept_note_sign(checkpoint, options->seed, note);
    if (rc != 0)
        return kept_fail(err, rc, "the checkpoint cannot be signed");
    if (options->anchor != NULL &&
        (rc = options->anchor(options->anchor_arg, kept_buf_span(note), err)) != 0)
        return rc;
    return kept_file_replace(options->folder, "checkpoint", kept_buf_span(note),
                             "the published checkpoint", err);
}

/* The first segment: a header alone. A file left by a crash in here is begun anew. */
static int first_segment(const struct kept_ledger_options *options, struct kept_err *err)
{
    struct kept_header header = {.segment = 0};
    struct kept_tree *tree = NULL;
    uint8_t bytes[HEADER_BYTES], origin_hash[32];
    char name[NAME_BYTES], path[KEPT_MAX_PATH];
    uint64_t size = 0;
    int fd = -1;
    kept_segment_name(name, 0);
    int rc = kept_path(path, sizeof path, options->folder, name, err);
    if (rc != 0)
        return rc;
    rc = kept_file_open(path, kept_file_exists(path) ? KEPT_FILE_WRITE : KEPT_FILE_CREATE, &fd, err);
    if (rc == 0)
        rc = kept_file_size(fd, &size, err);
    if (rc == 0 && size > HEADER_BYTES)
        rc = kept_fail(err, KEPT_E_CONFLICT, "%s has entries already", path);
    if (rc == 0 && (tree = kept_alloc(1, sizeof *tree)) == NULL)
        rc = kept_fail(err, KEPT_E_NOMEM, "no memory for a ledger");
    if (rc == 0) {
        kept_origin_hash(options->origin, origin_hash);
        kept_tree_root(tree, header.root);
        kept_header_put(bytes, origin_hash, &header);
        rc = kept_file_write(fd, 0, bytes, sizeof bytes, err);
    }
    if (rc == 0)
        rc = kept_file_sync(fd, "the first segment of a ledger", err);
    kept_file_close(fd);
    kept_free(tree);
    return rc; /* publishing the first checkpoint makes the name durable */
}

int kept_ledger_create(const struct kept_ledger_options *options, struct kept_err *err)
{
    struct kept_checkpoint checkpoint = {.size = 0};
    char path[KEPT_MAX_PATH];
    struct kept_buf note;
    int rc = kept_options_check(options, err);
    if (rc == 0)
        rc = kept_path(path, sizeof path, options->folder, "checkpoint", err);
    if (rc == 0)
        rc = kept_dir_make(options->folder, true, err);
    if (rc == 0 && kept_file_exists(path))
        rc = kept_fail(err, KEPT_E_CONFLICT, "%s holds a ledger already", options->folder);
    if (rc == 0)
        rc = first_segment(options, err);
    if (rc != 0)
        return rc;
    kept_buf_init(&note, MAX_NOTE);
    memcpy(checkpoint.origin, options->origin, strlen(options->origin) + 1);
    kept_sha256((struct kept_span){(const uint8_t *)"", 0}, checkpoint.root);
    rc = kept_ledger_publish(options, &checkpoint, &note, err);
    kept_buf_release(&note);
    return rc;
}

/* Derived files lag behind; that they cannot be made now is no reason to fail a checkpoint. */
static void upkeep(struct kept_ledger *ledger, int all)
{
    if (kept_index_upkeep(ledger, NULL) == 0)
        (void)!kept_lists_upkeep(ledger, all, NULL);
}

int kept_ledger_checkpoint(struct kept_ledger *ledger, kept_ms now, int force, struct kept_err *err)
{
    struct kept_checkpoint next = ledger->checkpoint;
    struct kept_buf note;
    int rc = kept_ledger_usable(ledger, err);
    if (rc != 0)
        return rc;
    kept_ms age = now - ledger->checkpoint_at;
    if (force == 0 && ledger->checkpoint_at != 0 && age >= 0 && age < KEPT_SECOND)
        return 0;
    (void)pthread_mutex_lock(&ledger->lock);
    next.size = ledger->durable_tree.n;
    kept_tree_root(&ledger->durable_tree, next.root);
    (void)pthread_mutex_unlock(&ledger->lock);
    if (next.size != ledger->checkpoint.size) {
        kept_buf_init(&note, MAX_NOTE);
        if ((rc = kept_ledger_publish(&ledger->options, &next, &note, err)) != 0) {
            kept_buf_release(&note);
            return rc;
        }
        kept_buf_release(&ledger->note);
        ledger->note = note;
        ledger->checkpoint = next;
        ledger->checkpoint_at = now;
    }
    upkeep(ledger, force);
    return 0;
}

struct kept_span kept_ledger_note(const struct kept_ledger *ledger)
{
    return kept_buf_span(&ledger->note);
}
