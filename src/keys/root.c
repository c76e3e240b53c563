/* root.c - the root key and its file. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/id.h"
#include "base/mem.h"
#include "keys/root_int.h"

#define HEX_BYTES (2u * KEPT_KEY_BYTES)

struct kept_root *kept_root_new(struct kept_err *err)
{
    struct kept_root *root = NULL;
    if (kept_crypto_init() == 0)
        root = kept_secret_new(sizeof *root);
    if (root == NULL)
        (void)kept_fail(err, KEPT_E_NOMEM, "no guarded memory for the root key");
    return root;
}

int kept_root_settle(struct kept_root *root)
{
    static const uint8_t zeros[KEPT_KEY_BYTES];
    uint8_t name[KEPT_KEY_BYTES];
    if (kept_secret_equal(root->key, zeros, sizeof zeros))
        return KEPT_E_CORRUPT;
    kept_derive(root->key, "kept root name", (struct kept_span){zeros, 0}, name);
    memcpy(root->name, name, sizeof root->name);
    return 0;
}

void kept_root_free(struct kept_root *root)
{
    kept_secret_free(root);
}

void kept_root_name(const struct kept_root *root, char ret_name[9])
{
    kept_hex(root->name, sizeof root->name, ret_name);
}

/* Sync the folder that holds path. */
static int sync_parent(const char *path, struct kept_err *err)
{
    char parent[KEPT_MAX_PATH] = ".";
    const char *slash = strrchr(path, '/');
    if (slash != NULL) {
        size_t n = (size_t)(slash - path) + 1;
        KEPT_INVARIANT(n < sizeof parent); /* a longer name beside it was made before */
        memcpy(parent, path, n);
        parent[n] = 0;
    }
    return kept_dir_sync(parent, "the root key's name", err);
}

/* link() refuses a name that is taken, and the name it gives holds the whole key or nothing. */
static int give_name(const char *temp, const char *path, struct kept_err *err)
{
    if (link(temp, path) == 0)
        return 0;
    return errno == EEXIST
               ? kept_fail(err, KEPT_E_CONFLICT,
                           "%s exists already: a root key is never written over; name another file",
                           path)
               : kept_fail_errno(err, KEPT_E_IO, "cannot make %s", path);
}

int kept_root_save(const struct kept_root *root, const char *path, struct kept_err *err)
{
    char temp[KEPT_MAX_PATH];
    int fd = -1;
    /* Not .new: a change of root keeps the key to come under that name. */
    int n = snprintf(temp, sizeof temp, "%s.making", path);
    if ((size_t)n >= sizeof temp)
        return kept_fail(err, KEPT_E_LIMIT, "the path of the root key is too long");
    char *hex = kept_secret_new(HEX_BYTES + 2);
    if (hex == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no guarded memory for the root key");
    kept_hex(root->key, sizeof root->key, hex);
    hex[HEX_BYTES] = '\n';
    (void)unlink(temp); /* left behind by a crash */
    int rc = kept_file_open(temp, KEPT_FILE_CREATE, &fd, err);
    if (rc == 0)
        rc = kept_file_write(fd, 0, hex, HEX_BYTES + 1, err);
    if (rc == 0)
        rc = kept_file_sync(fd, "the root key", err);
    if (rc == 0)
        rc = give_name(temp, path, err);
    if (fd >= 0)
        (void)unlink(temp);
    if (rc == 0 && (rc = sync_parent(path, err)) != 0)
        (void)unlink(path);
    kept_file_close(fd);
    kept_secret_free(hex);
    return rc;
}

int kept_root_create(const char *path, struct kept_err *err)
{
    struct kept_root *root = kept_root_new(err);
    if (root == NULL)
        return KEPT_E_NOMEM;
    kept_random(root->key, sizeof root->key);
    int rc = kept_root_save(root, path, err);
    kept_root_free(root);
    return rc;
}

/* A regular file, ours, closed to others. */
static int check_file(int fd, const char *what, const char *path, struct kept_err *err)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return kept_fail_errno(err, KEPT_E_IO, "cannot look at the %s %s", what, path);
    if (!S_ISREG(st.st_mode))
        return kept_fail(err, KEPT_E_USAGE,
                         "%s is not a plain file: name the file that holds the %s", path, what);
    if (st.st_uid != geteuid())
        return kept_fail(err, KEPT_E_USAGE,
                         "the %s %s belongs to another user: chown %u %s, or run as its owner", what,
                         path, (unsigned)geteuid(), path);
    if ((st.st_mode & 077) != 0)
        return kept_fail(err, KEPT_E_USAGE,
                         "the %s %s is open to others (mode %04o): chmod 600 %s", what, path,
                         (unsigned)(st.st_mode & 07777), path);
    return 0;
}

int kept_secret_open(const char *what, const char *path, int *ret_fd, struct kept_err *err)
{
    /* Not through base/file: the checks must be on the descriptor that is read, a link is refused. */
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 && errno == ELOOP)
        return kept_fail(err, KEPT_E_USAGE, "the %s %s is a symbolic link: name the file itself",
                         what, path);
    if (fd < 0)
        return kept_fail_errno(err, errno == ENOENT ? KEPT_E_NOTFOUND : KEPT_E_IO,
                               "cannot open the %s %s", what, path);
    int rc = check_file(fd, what, path, err);
    if (rc != 0)
        kept_file_close(fd);
    else
        *ret_fd = fd;
    return rc;
}

static int no_key(const char *path, struct kept_err *err)
{
    return kept_fail(err, KEPT_E_CORRUPT,
                     "%s is not a root key (64 hex digits and a newline): restore it from the "
                     "recovery copy", path);
}

int kept_root_from_hex(char *hex, size_t n, struct kept_root *root)
{
    if (n != HEX_BYTES && (n != HEX_BYTES + 1 || hex[HEX_BYTES] != '\n'))
        return KEPT_E_CORRUPT;
    hex[HEX_BYTES] = 0;
    return kept_unhex(hex, sizeof root->key, root->key) != 0 ? KEPT_E_CORRUPT
                                                             : kept_root_settle(root);
}

int kept_root_load(const char *path, struct kept_root **ret_root, struct kept_err *err)
{
    int rc = KEPT_E_BUG;
    int fd = -1;
    uint64_t size = 0;
    char *hex = NULL;
    *ret_root = NULL;
    struct kept_root *root = kept_root_new(err);
    if (root == NULL)
        return KEPT_E_NOMEM;
    rc = kept_secret_open("root key", path, &fd, err);
    if (rc == KEPT_E_NOTFOUND)
        rc = kept_fail(err, rc,
                       "there is no root key at %.100s: if it was moved, say --root-key FILE; else "
                       "restore it from the recovery copy (without it nothing can be read)", path);
    if (rc != 0 || (rc = kept_file_size(fd, &size, err)) != 0)
        goto out;
    if (size != HEX_BYTES && size != HEX_BYTES + 1) {
        rc = no_key(path, err);
        goto out;
    }
    if ((hex = kept_secret_new(HEX_BYTES + 2)) == NULL) {
        rc = kept_fail(err, KEPT_E_NOMEM, "no guarded memory for the root key");
        goto out;
    }
    if ((rc = kept_file_read(fd, 0, hex, (size_t)size, err)) != 0)
        goto out;
    if (kept_root_from_hex(hex, (size_t)size, root) != 0) {
        rc = no_key(path, err);
        goto out;
    }
    *ret_root = root;
    root = NULL;
    rc = 0;
out:
    kept_file_close(fd);
    kept_secret_free(hex);
    kept_root_free(root);
    return rc;
}
