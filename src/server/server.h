/* server.h - the holder of keys: one process that has the store open, and carries out what others ask.
 *
 *     workers that parse the network --- messages (wire/wire.h) over a socketpair each ---> the holder
 *     the command line, on this machine --- the same over STORE/kept.sock -------------------^
 *
 * Invariants: 1. Nothing that parses foreign bytes has a key in its memory: workers are forked before any
 * is read, by a process of their own that never sees one.  2. Only the owner of the store comes in by its socket;
 * bytes never make anybody the owner.  3. What was acknowledged is durable (kept.h); an answer that cannot be
 * given is not an acknowledgement.  4. Everything is bounded (base/limits.h); who does not read their answers
 * is not read either, and is cut off before memory grows; nobody else waits for them.  5. The requests of one
 * message are queued as neighbours or not at all, and nothing follows another message's.
 * 6. Told to stop, it answers what was begun, and closes the store.
 *
 * Threads: the caller's alone, but for the engine's own. Signals: while it runs it reads SIGTERM and SIGINT (stop;
 * again: at once) and SIGHUP (told to the workers) itself. */
#ifndef KEPT_SERVER_SERVER_H
#define KEPT_SERVER_SERVER_H

#include "kept.h"

/* A worker's life, in its own process: what it returns is why it ended. holder_fd is its own. */
typedef int kept_worker_fn(int holder_fd, unsigned number, void *arg, struct kept_err *err);

struct kept_server_options {
    const struct kept_options *store;
    unsigned workers; /* 0: nobody but the store's own socket is served */
    kept_worker_fn *work;
    void *arg;        /* of work, as it was when kept_server_run was called */
    const int *doors; /* sockets that listen: for who takes over */
    size_t door_count; /* KEPT_MAX_DOORS at most */
};

/* kept_server_run(options, err): open the store and serve it until told to stop. What happens meanwhile is told
 * by kept_note. Returns 0 after a stop that was asked for; what kept_open returns; KEPT_E_CONFLICT, KEPT_E_IO
 * (of the socket; also: a write failed after a commit, start again); KEPT_E_LIMIT (workers); KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_server_run(const struct kept_server_options *options, struct kept_err *err);

/* kept_server_take_over(store, ret_doors, count, err): ask the process that serves the store to stop, and wait until
 * it has closed it; what comes to its listening sockets meanwhile waits in them. ret_doors: room for KEPT_MAX_DOORS of
 * them, owned by the caller, also when it fails. KEPT_E_NOTFOUND: nobody serves it; KEPT_E_BUSY: it has not gone after
 * KEPT_TAKE_OVER_SECONDS; KEPT_E_DENIED, KEPT_E_IO, KEPT_E_FORMAT (another version of kept), KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_server_take_over(const char *store, int *ret_doors, size_t *ret_count, struct kept_err *err);

/* kept_server_check(options, err): everything that would keep it from starting, without serving: what kept_open
 * says of folders, modes and keys, and whether the socket can be made. It opens the store, which mends what a
 * crash left, and closes it. */
KEPT_MUST_USE int kept_server_check(const struct kept_server_options *options, struct kept_err *err);

/* No core file, no debugger of another user's: of a process that is to read keys, and its children. */
void kept_server_harden(void);

#endif
