/* socket.c - the socket in the store's folder. */
#include "server/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"

/* A socket's address is short, and a folder's path may be long: then it is named by a descriptor of the
 * folder, *ret_folder, which must stay open while the address is used. */
static int address_of(const char *store, struct sockaddr_un *ret, int *ret_folder, struct kept_err *err)
{
    *ret = (struct sockaddr_un){.sun_family = AF_UNIX};
    *ret_folder = -1;
    int n = snprintf(ret->sun_path, sizeof ret->sun_path, "%s/%s", store, KEPT_SOCKET_NAME);
    if (n > 0 && (size_t)n < sizeof ret->sun_path)
        return 0;
    *ret_folder = open(store, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (*ret_folder < 0)
        return kept_fail_errno(err, errno == ENOENT ? KEPT_E_NOTFOUND : KEPT_E_IO, "cannot open %.160s", store);
    (void)snprintf(ret->sun_path, sizeof ret->sun_path, "/proc/self/fd/%d/%s", *ret_folder, KEPT_SOCKET_NAME);
    return 0;
}

/* What is there from before, if it is a socket. */
static int clear_name(const char *path, struct kept_err *err)
{
    struct stat st;
    if (lstat(path, &st) != 0)
        return errno == ENOENT ? 0 : kept_fail_errno(err, KEPT_E_IO, "cannot look at %.160s", path);
    if (!S_ISSOCK(st.st_mode))
        return kept_fail(err, KEPT_E_CONFLICT, "%.160s is there, and is no socket: move it away", path);
    return unlink(path) == 0 ? 0 : kept_fail_errno(err, KEPT_E_IO, "cannot remove the former %.160s", path);
}

static int listen_at(const struct sockaddr_un *address, int *ret_fd, struct kept_err *err)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return kept_fail_errno(err, KEPT_E_IO, "cannot make a socket");
    mode_t before = umask(0177); /* closed from its first instant on */
    int rc = bind(fd, (const struct sockaddr *)address, sizeof *address);
    (void)umask(before);
    if (rc != 0 || listen(fd, KEPT_MAX_CONNECTIONS) != 0) {
        rc = kept_fail_errno(err, KEPT_E_IO, "cannot listen at %.160s", address->sun_path);
        kept_file_close(fd);
        return rc;
    }
    *ret_fd = fd;
    return 0;
}

int kept_socket_listen(const char *store, int *ret_fd, struct kept_err *err)
{
    struct sockaddr_un address;
    int folder = -1, rc = address_of(store, &address, &folder, err);
    if (rc == 0)
        rc = clear_name(address.sun_path, err);
    if (rc == 0)
        rc = listen_at(&address, ret_fd, err);
    kept_file_close(folder);
    return rc;
}

void kept_socket_remove(const char *store)
{
    struct sockaddr_un address;
    int folder = -1;
    if (address_of(store, &address, &folder, NULL) == 0)
        (void)unlink(address.sun_path);
    kept_file_close(folder);
}

/* Room for descriptors, where a header of theirs may stand. */
union control {
    struct cmsghdr head;
    char bytes[CMSG_SPACE(KEPT_MAX_DOORS * sizeof(int))];
};

ssize_t kept_socket_send(int socket, const void *p, size_t n, int flags, const int *fds, size_t count)
{
    union control control = {.bytes = {0}};
    struct iovec part = {.iov_base = (void *)(uintptr_t)p, .iov_len = n};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (count > 0 && count <= KEPT_MAX_DOORS) {
        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE(count * sizeof *fds);
        struct cmsghdr *head = CMSG_FIRSTHDR(&message);
        *head = (struct cmsghdr){
            .cmsg_len = CMSG_LEN(count * sizeof *fds), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
        memcpy(CMSG_DATA(head), fds, count * sizeof *fds);
    }
    return sendmsg(socket, &message, flags | MSG_NOSIGNAL);
}

ssize_t kept_socket_receive(int socket, void *p, size_t n, int flags, int *ret_fds, size_t *count)
{
    union control control;
    struct iovec part = {.iov_base = p, .iov_len = n};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control,
                             .msg_controllen = CMSG_SPACE(*count * sizeof *ret_fds)};
    ssize_t got = recvmsg(socket, &message, flags | MSG_CMSG_CLOEXEC);
    struct cmsghdr *head = got > 0 ? CMSG_FIRSTHDR(&message) : NULL;
    size_t room = *count;
    *count = 0;
    if (head != NULL && head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS) {
        *count = (head->cmsg_len - CMSG_LEN(0)) / sizeof *ret_fds;
        *count = *count < room ? *count : room;
        memcpy(ret_fds, CMSG_DATA(head), *count * sizeof *ret_fds);
    }
    return got;
}

int kept_socket_ours(int fd, pid_t *ret_pid, struct kept_err *err)
{
    struct ucred other;
    socklen_t n = sizeof other;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &other, &n) != 0 || n != sizeof other)
        return kept_fail_errno(err, KEPT_E_IO, "cannot tell who is on the other side of a socket");
    if (other.uid != geteuid())
        return kept_fail(err, KEPT_E_DENIED, "the other side is user %u, and the store's owner is user %u",
                         (unsigned)other.uid, (unsigned)geteuid());
    *ret_pid = other.pid;
    return 0;
}

int kept_socket_connect(const char *store, int *ret_fd, pid_t *ret_pid, struct kept_err *err)
{
    struct sockaddr_un address;
    int folder = -1, rc = address_of(store, &address, &folder, err);
    if (rc != 0)
        return rc;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        rc = kept_fail_errno(err, KEPT_E_IO, "cannot make a socket");
    else if (connect(fd, (const struct sockaddr *)&address, sizeof address) != 0)
        rc = errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR || errno == ENOTSOCK
                 ? kept_fail(err, KEPT_E_NOTFOUND, "nobody serves the store at %.160s", store)
                 : kept_fail_errno(err, KEPT_E_IO, "cannot reach who serves the store at %.160s", store);
    else
        rc = kept_socket_ours(fd, ret_pid, err);
    kept_file_close(folder);
    if (rc != 0)
        kept_file_close(fd);
    else
        *ret_fd = fd;
    return rc;
}
