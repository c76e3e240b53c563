/* owner.c - the doors to operations: a handle serves the process that opened it, and no forked child.
 *
 * A child has a copy of the handle, but not the thread that makes entries durable, and the files and
 * locks are its parent's: what it wrote would damage both. It is told so at every door, before a lock
 * is taken that a thread it does not have may hold. */
#include "engine/engine_int.h"

#include "base/error.h"
#include "engine/serve.h"

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

static int mine_and(const struct kept *kept, const void *first, const void *second,
                    const char *what, struct kept_err *err)
{
    int rc = kept_mine(kept, err);
    return rc != 0 || (first != NULL && second != NULL) ? rc : kept_fail(err, KEPT_E_USAGE, "%s", what);
}

int kept_submit(struct kept *kept, const struct kept_request *request, struct kept_err *err)
{
    int rc = mine_and(kept, request, request, "no request is given (NULL)", err);
    return rc != 0 ? rc : kept_flight_submit(kept, request, err);
}

int kept_submit_all(struct kept *kept, const struct kept_caller_row *who, const struct kept_request *const *requests,
                    size_t count, struct kept_err *err)
{
    int rc = mine_and(kept, requests, requests, "no requests are given (NULL)", err);
    return rc != 0 ? rc : kept_flight_submit_all(kept, who, requests, count, err);
}

int kept_reap(struct kept *kept, struct kept_reply **ret_replies, size_t max, int wait,
              size_t *ret_count, struct kept_err *err)
{
    int rc = mine_and(kept, ret_count, max == 0 ? ret_count : (const void *)ret_replies,
                      "there is no room for replies, or for their number (NULL)", err);
    if (ret_count != NULL)
        *ret_count = 0;
    return rc != 0 ? rc : kept_flight_reap(kept, ret_replies, max, wait, ret_count, err);
}

int kept_call(struct kept *kept, const struct kept_request *request, struct kept_reply **ret_reply,
              struct kept_err *err)
{
    int rc = mine_and(kept, request, ret_reply, "no request, or no room for its reply (NULL)", err);
    if (ret_reply != NULL)
        *ret_reply = NULL;
    return rc != 0 ? rc : kept_flight_call(kept, request, NULL, ret_reply, err);
}

int kept_batch(struct kept *kept, const struct kept_request *requests, size_t count,
               struct kept_reply **ret_replies, struct kept_err *err)
{
    int rc = mine_and(kept, requests, ret_replies, "no requests, or no room for replies (NULL)", err);
    for (size_t i = 0; ret_replies != NULL && i < count; i++)
        ret_replies[i] = NULL;
    return rc != 0 ? rc : kept_flight_batch(kept, requests, count, ret_replies, err);
}

int kept_event_fd(struct kept *kept, int *ret_fd, struct kept_err *err)
{
    int rc = mine_and(kept, ret_fd, ret_fd, "no room for the descriptor (NULL)", err);
    if (rc != 0)
        return rc;
    (void)pthread_mutex_lock(&kept->mutex);
    (void)pthread_mutex_lock(&kept->log_mutex);
    if (kept->bell.fd < 0) {
        rc = kept_bell_init(&kept->bell);
        if (rc != 0)
            rc = kept_fail_errno(err, rc, "cannot make a descriptor for events");
        else if (kept->in_flight != 0)
            kept_bell_ring(&kept->bell); /* it may have rung before it was there */
    }
    if (rc == 0)
        *ret_fd = kept->bell.fd;
    (void)pthread_mutex_unlock(&kept->log_mutex);
    (void)pthread_mutex_unlock(&kept->mutex);
    return rc;
}
