/* socket.h - STORE/kept.sock: where the holder of keys is met, by the store's owner alone.
 *
 * The socket has mode 0600 in the store's folder, and each side looks at who the other one is: somebody who
 * could put a socket there, or open ours, is still not the owner. */
#ifndef KEPT_SERVER_SOCKET_H
#define KEPT_SERVER_SOCKET_H

#include <sys/types.h>

#include "kept.h"

#define KEPT_SOCKET_NAME "kept.sock"

/* Listen in a store's folder. To be called by whoever has the store's lock: a socket that is there already was
 * left by a process that is gone, and is taken away. KEPT_E_CONFLICT: something else has that name;
 * KEPT_E_IO. */
KEPT_MUST_USE int kept_socket_listen(const char *store, int *ret_fd, struct kept_err *err);
void kept_socket_remove(const char *store); /* its name; absent is fine */

/* Connect, blocking. KEPT_E_NOTFOUND: nobody serves this store; KEPT_E_DENIED: who does is not our user;
 * KEPT_E_IO. ret_pid: of who serves. */
KEPT_MUST_USE int kept_socket_connect(const char *store, int *ret_fd, pid_t *ret_pid, struct kept_err *err);

/* Send what goes at once, with descriptors; receive, with those that came (close-on-exec; *count: room for how many,
 * KEPT_MAX_DOORS at most, then how many came). What send and recv return. */
ssize_t kept_socket_send(int socket, const void *p, size_t n, int flags, const int *fds, size_t count);
ssize_t kept_socket_receive(int socket, void *p, size_t n, int flags, int *ret_fds, size_t *count);

/* Is the other side our own user? KEPT_E_DENIED, KEPT_E_IO. */
KEPT_MUST_USE int kept_socket_ours(int fd, pid_t *ret_pid, struct kept_err *err);

#endif
