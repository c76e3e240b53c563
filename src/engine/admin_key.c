/* admin_key.c - showing, changing, writing down and restoring the root key. */
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"
#include "engine/admin.h"
#include "engine/admin_int.h"

/* ---- showing --------------------------------------------------------------------------------- */

static json_t *epochs_json(const struct kept_keyring *ring)
{
    json_t *rows = json_array();
    struct kept_epoch *epochs = kept_alloc(KEPT_MAX_EPOCHS, sizeof *epochs);
    size_t n = epochs == NULL ? 0 : kept_keyring_epochs(ring, epochs, KEPT_MAX_EPOCHS);
    for (size_t i = 0; i < n; i++) {
        json_t *row = json_object();
        (void)json_object_set_new(row, "epoch", json_integer(epochs[i].number));
        (void)json_object_set_new(row, "created", kept_admin_time(epochs[i].created));
        if (epochs[i].retired != 0) {
            (void)json_object_set_new(row, "retired", kept_admin_time(epochs[i].retired));
            (void)json_object_set_new(row, "destroyed_from",
                                      kept_admin_time(epochs[i].destroy_at));
        }
        (void)json_array_append_new(rows, row);
    }
    kept_free(epochs);
    return rows;
}

/* A keyring that does not open is a row of its own: the others are shown all the same. */
static json_t *ring_json(const char *folder, const char *app, const struct kept_root *root)
{
    struct kept_keyring *ring = NULL;
    struct kept_err err = {0};
    json_t *row = json_object();
    int rc = kept_keyring_open(folder, app, root, &ring, &err);
    (void)json_object_set_new(row, "app", json_string(app));
    (void)json_object_set_new(row, "state",
                              json_string(rc == 0               ? "opens"
                                          : rc == KEPT_E_BUSY   ? "in use by another process"
                                          : rc == KEPT_E_CRYPTO ? "sealed under another root key"
                                                                : err.text));
    if (rc == 0) {
        (void)json_object_set_new(row, "audit", json_integer(kept_keyring_audit(ring)));
        (void)json_object_set_new(row, "token", json_integer(kept_keyring_token(ring)));
        (void)json_object_set_new(row, "obligations",
                                  json_integer((json_int_t)kept_journal_length(ring)));
        (void)json_object_set_new(row, "epochs", epochs_json(ring));
    }
    kept_keyring_close(ring);
    return row;
}

static bool is_ring(const char *folder, const char *app)
{
    char path[KEPT_MAX_PATH];
    struct stat st;
    return kept_path(path, sizeof path, folder, app, NULL) == 0 && lstat(path, &st) == 0 &&
           S_ISDIR(st.st_mode);
}

static int need(const struct kept_options *o, struct kept_err *err)
{
    if (o->store == NULL || o->keyring == NULL || o->root_key == NULL)
        return kept_fail(err, KEPT_E_USAGE, "a store, a keyring and a root key must be named");
    int rc = kept_crypto_init();
    return rc == 0 ? 0 : kept_fail(err, rc, "the cryptographic libraries do not start");
}

int kept_admin_key_show(const struct kept_options *options, struct kept_buf *json,
                        struct kept_err *err)
{
    struct kept_root *root = NULL;
    char **names = NULL, name[9];
    size_t count = 0;
    int rc = need(options, err);
    if (rc == 0)
        rc = kept_root_load(options->root_key, &root, err);
    if (rc == 0 && kept_file_exists(options->keyring))
        rc = kept_dir_list(options->keyring, "", &names, &count, err);
    if (rc == 0) {
        json_t *out = json_object(), *apps = json_array();
        kept_root_name(root, name);
        (void)json_object_set_new(out, "root_key", json_string(options->root_key));
        (void)json_object_set_new(out, "name", json_string(name));
        for (size_t i = 0; i < count; i++)
            if (is_ring(options->keyring, names[i]))
                (void)json_array_append_new(apps, ring_json(options->keyring, names[i], root));
        (void)json_object_set_new(out, "apps", apps);
        rc = kept_admin_dump(out, json, err);
    }
    kept_names_free(names, count);
    kept_root_free(root);
    return rc;
}

/* ---- changing -------------------------------------------------------------------------------- */

/* Nobody may own the store: its process holds keys derived from the former root. */
static int lock_store(const struct kept_options *o, int *ret_fd, struct kept_err *err)
{
    char path[KEPT_MAX_PATH];
    const struct kept_store_options store = {.folder = o->store, .memory = o->memory};
    int rc = 0;
    if (!kept_store_exists(&store))
        rc = kept_fail(err, KEPT_E_NOTFOUND, "there is no store at %s", o->store);
    if (rc == 0)
        rc = kept_path(path, sizeof path, o->store, "lock", err);
    if (rc == 0 && (rc = kept_file_lock(path, ret_fd, err)) == KEPT_E_BUSY)
        rc = kept_fail(err, rc, "another process owns the store: stop it, then change the key");
    return rc;
}

/* Before a new key is drawn: does the former open every keyring? */
static int try_former(const struct kept_options *o, const struct kept_root *root,
                      struct kept_err *err)
{
    char **names = NULL;
    size_t count = 0;
    int rc = kept_dir_list(o->keyring, "", &names, &count, err);
    for (size_t i = 0; rc == 0 && i < count; i++) {
        struct kept_keyring *ring = NULL;
        if (!is_ring(o->keyring, names[i]))
            continue;
        rc = kept_keyring_open(o->keyring, names[i], root, &ring, err);
        kept_keyring_close(ring);
    }
    kept_names_free(names, count);
    return rc;
}

static void parent_of(const char *path, char ret_folder[KEPT_MAX_PATH])
{
    const char *slash = strrchr(path, '/');
    int n = slash == NULL || slash == path ? 1 : (int)(slash - path);
    (void)snprintf(ret_folder, KEPT_MAX_PATH, "%.*s", n, slash == NULL ? "." : path);
}

/* Put the new key's file in the former's place, and overwrite what stood there: by its descriptor,
 * so that at every instant a file of that name holds a whole key. */
static int take_place(const char *from, const char *to, struct kept_err *err)
{
    static const uint8_t zeros[128];
    char folder[KEPT_MAX_PATH];
    int fd = -1;
    uint64_t size = 0;
    parent_of(to, folder);
    int rc = kept_file_open(to, KEPT_FILE_WRITE, &fd, err);
    if (rc == 0)
        rc = kept_file_size(fd, &size, err);
    if (rc == 0 && rename(from, to) != 0)
        rc = kept_fail_errno(err, KEPT_E_IO, "cannot rename %s to %s", from, to);
    if (rc == 0)
        rc = kept_dir_sync(folder, "the new root key's name", err);
    if (rc == 0 && size <= sizeof zeros)
        rc = kept_file_write(fd, 0, zeros, (size_t)size, err);
    if (rc == 0)
        rc = kept_file_sync(fd, "the end of the former root key", err);
    kept_file_close(fd);
    return rc;
}

/* The new key: drawn, or the one that an interrupted change drew. */
static int new_root(const struct kept_options *o, const struct kept_root *former, const char *path,
                    struct kept_root **ret_root, struct kept_err *err)
{
    int rc = 0;
    if (kept_path_inside(o->store, path) || kept_path_inside(o->keyring, path))
        return kept_fail(err, KEPT_E_USAGE,
                         "the root key must stand outside the store and keyring folders");
    if (!kept_file_exists(path) && (rc = try_former(o, former, err)) == 0)
        rc = kept_root_create(path, err);
    return rc != 0 ? rc : kept_root_load(path, ret_root, err);
}

static int changed_json(const struct kept_root *former, const struct kept_root *root,
                        const char *path, struct kept_buf *json, struct kept_err *err)
{
    char old_name[9], new_name[9];
    json_t *out = json_object();
    kept_root_name(former, old_name);
    kept_root_name(root, new_name);
    (void)json_object_set_new(out, "root_key", json_string(path));
    (void)json_object_set_new(out, "name", json_string(new_name));
    (void)json_object_set_new(out, "former", json_string(old_name));
    return kept_admin_dump(out, json, err);
}

int kept_admin_key_change(const struct kept_options *options, const char *new_path,
                          struct kept_buf *json, struct kept_err *err)
{
    int rc = KEPT_E_BUG;
    int lock = -1;
    char beside[KEPT_MAX_PATH];
    struct kept_root *former = NULL, *root = NULL;
    if ((rc = need(options, err)) != 0)
        return rc;
    int n = snprintf(beside, sizeof beside, "%s.new", options->root_key);
    if (n < 0 || (size_t)n >= sizeof beside)
        return kept_fail(err, KEPT_E_LIMIT, "the path of the root key is too long");
    const char *path = new_path != NULL ? new_path : beside;
    if ((rc = lock_store(options, &lock, err)) != 0 ||
        (rc = kept_root_load(options->root_key, &former, err)) != 0 ||
        (rc = new_root(options, former, path, &root, err)) != 0 ||
        (rc = kept_keyring_change_root(options->keyring, former, root, err)) != 0)
        goto out;
    if (new_path == NULL && (rc = take_place(beside, options->root_key, err)) != 0)
        goto out;
    rc = changed_json(former, root, new_path != NULL ? new_path : options->root_key, json, err);
out:
    kept_root_free(former);
    kept_root_free(root);
    kept_file_close(lock);
    return rc;
}

/* ---- on paper -------------------------------------------------------------------------------- */

int kept_admin_recovery(const struct kept_options *options, struct kept_buf *out,
                        struct kept_err *err)
{
    struct kept_root *root = NULL;
    int rc = need(options, err);
    if (rc == 0)
        rc = kept_root_load(options->root_key, &root, err);
    if (rc == 0 && (rc = kept_root_recovery(root, out)) != 0)
        rc = kept_fail(err, rc, "no memory for the recovery copy");
    kept_root_free(root);
    return rc;
}

int kept_admin_restore(const struct kept_options *options, const char *text, struct kept_err *err)
{
    int rc = need(options, err);
    return rc != 0 ? rc : kept_root_from_recovery(text, options->root_key, err);
}
