/* reserve.c - room kept free so that a withdrawal or an erasure can finish on a full disk.
 *
 * A file of real zeros beside the store. When a change that a person is owed does not fit on the
 * disk, the file is cut to nothing and the change is tried once more. The next opening fills it
 * again, if there is room. */
#include "base/error.h"
#include "base/file.h"
#include "engine/engine_int.h"

#define RESERVE_BYTES (1u << 20)
#define RESERVE_NAME "reserve"

void kept_reserve_fill(struct kept *kept)
{
    static const uint8_t zeros[4096];
    char path[KEPT_MAX_PATH];
    uint64_t size = 0;
    int fd = -1;
    kept->reserve_used = false;
    if (kept_path(path, sizeof path, kept->store_path, RESERVE_NAME, NULL) != 0)
        return;
    int rc = kept_file_open(path, kept_file_exists(path) ? KEPT_FILE_WRITE : KEPT_FILE_CREATE, &fd,
                            NULL);
    if (rc == 0)
        rc = kept_file_size(fd, &size, NULL);
    for (; rc == 0 && size < RESERVE_BYTES; size += sizeof zeros)
        rc = kept_file_write(fd, size, zeros, sizeof zeros, NULL);
    /* No room for it is no error: it says that the disk is nearly full, as the next change will. */
    kept_file_close(fd);
}

bool kept_reserve_free(struct kept *kept)
{
    char path[KEPT_MAX_PATH];
    int fd = -1;
    if (kept->reserve_used ||
        kept_path(path, sizeof path, kept->store_path, RESERVE_NAME, NULL) != 0)
        return false;
    kept->reserve_used = true;
    int rc = kept_file_open(path, KEPT_FILE_WRITE, &fd, NULL);
    if (rc == 0)
        rc = kept_file_truncate(fd, 0, NULL);
    kept_file_close(fd);
    return rc == 0;
}

bool kept_is_owed(const struct call *call)
{
    enum kept_op op = call->request->op;
    return op == KEPT_OP_CONSENT_WITHDRAW || op == KEPT_OP_GUARDIAN_REVOKE || op == KEPT_OP_CONSENT_REFUSE ||
           op == KEPT_OP_ERASE_SUBJECT || op == KEPT_OP_ERASE_RECORD ||
           op == KEPT_OP_SERVICE_CEASE || (op == KEPT_OP_PERMISSION_SET && call->request->on == 0);
}
