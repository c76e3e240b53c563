/* owner.c - the doors to operations: a handle serves the process that opened it, and no forked child.
 *
 * A child has a copy of the handle, but not the thread that makes entries durable, and the files and
 * locks are its parent's: what it wrote would damage both. It is told so at every door, before a lock
 * is taken that a thread it does not have may hold. */
#include "engine/engine_int.h"

#include "base/error.h"

int kept_mine(const struct kept *kept, struct kept_err *err)
{
    if (kept == NULL)
        return kept_fail(err, KEPT_E_USAGE, "no open store");
    if (kept_owner_is_us(&kept->owner))
        return 0;
    return kept_fail(err, KEPT_E_BUSY,
                     "this store was opened by the process that forked this one, and serves no other: "
                     "open it after the fork, or in one process alone");
}

int kept_submit(struct kept *kept, const struct kept_request *request, struct kept_err *err)
{
    int rc = kept_mine(kept, err);
    return rc != 0 ? rc : kept_flight_submit(kept, request, err);
}

int kept_reap(struct kept *kept, struct kept_reply **ret_replies, size_t max, int wait,
              size_t *ret_count, struct kept_err *err)
{
    int rc = kept_mine(kept, err);
    *ret_count = 0;
    return rc != 0 ? rc : kept_flight_reap(kept, ret_replies, max, wait, ret_count, err);
}

int kept_call(struct kept *kept, const struct kept_request *request, struct kept_reply **ret_reply,
              struct kept_err *err)
{
    int rc = kept_mine(kept, err);
    *ret_reply = NULL;
    return rc != 0 ? rc : kept_flight_call(kept, request, NULL, ret_reply, err);
}
