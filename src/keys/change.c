/* change.c - putting every key file under another root key, resumably. */
#include <sys/stat.h>

#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/id.h"
#include "keys/keys_int.h"

/* One app: its files as the old root seals them, and as the new one does. */
struct change {
    struct kept_keyplace from;
    struct kept_keyplace to;
    bool write; /* first everything is only checked */
    uint8_t *key;
    struct kept_epoch *calendar;
};

static int change_file(struct change *c, enum kept_key_kind kind, uint32_t number,
                       struct kept_err *err)
{
    uint8_t under[KEPT_ROOT_NAME_BYTES];
    struct kept_keyfile file = {.kind = kind, .number = number, .key = c->key,
                                .retired = c->calendar};
    int rc = kept_keyfile_root(&c->from, kind, number, under, err);
    if (rc != 0)
        return rc;
    bool done = kept_bytes_equal(under, c->to.root_name, sizeof under);
    rc = kept_keyfile_read(done ? &c->to : &c->from, &file, err);
    if (rc == 0 && !done && c->write)
        rc = kept_keyfile_write(&c->to, &file, err);
    return rc;
}

static int change_files(struct change *c, struct kept_err *err)
{
    char **names = NULL;
    size_t count = 0;
    int rc = kept_dir_list(c->from.folder, "", &names, &count, err);
    for (size_t i = 0; rc == 0 && i < count; i++) {
        enum kept_key_kind kind;
        uint32_t number;
        rc = kept_key_parse(names[i], &kind, &number);
        if (rc == KEPT_E_NOTFOUND)
            rc = 0;
        else if (rc == KEPT_E_CORRUPT)
            rc = kept_fail(err, rc,
                           "%.40s in the keyring of app %s looks like a copy of a key: remove it",
                           names[i], c->from.app);
        else if (rc == 0)
            rc = change_file(c, kind, number, err);
    }
    kept_names_free(names, count);
    return rc;
}

static int change_app(const char *folder, const char *app, const struct kept_root *old_root,
                      const struct kept_root *new_root, bool write, struct kept_err *err)
{
    char path[KEPT_MAX_PATH];
    int lock = -1;
    struct change c = {.write = write};
    int rc = kept_keyplace_init(&c.from, folder, app, old_root, err);
    if (rc == 0)
        rc = kept_keyplace_init(&c.to, folder, app, new_root, err);
    if (rc == 0)
        rc = kept_keyring_guard(folder, c.from.folder, err);
    if (rc == 0)
        rc = kept_path(path, sizeof path, c.from.folder, "lock", err);
    if (rc == 0)
        rc = kept_file_lock(path, &lock, err);
    if (rc != 0)
        goto out;
    c.key = kept_secret_new(KEPT_KEY_BYTES);
    c.calendar = kept_alloc(KEPT_MAX_KEYS, sizeof *c.calendar);
    if (c.key == NULL || c.calendar == NULL)
        rc = kept_fail(err, KEPT_E_NOMEM, "no memory to change the root key");
    else
        rc = change_files(&c, err);
out:
    kept_free(c.calendar);
    kept_secret_free(c.key);
    kept_file_close(lock);
    kept_keyplace_release(&c.to);
    kept_keyplace_release(&c.from);
    return rc;
}

static bool is_app(const char *folder, const char *name)
{
    char path[KEPT_MAX_PATH];
    struct stat st;
    return kept_app_name_check(name, NULL) == 0 &&
           kept_path(path, sizeof path, folder, name, NULL) == 0 && lstat(path, &st) == 0 &&
           S_ISDIR(st.st_mode);
}

int kept_keyring_change_root(const char *folder, const struct kept_root *old_root,
                             const struct kept_root *new_root, struct kept_err *err)
{
    char **names = NULL;
    size_t count = 0;
    if (kept_secret_equal(old_root->key, new_root->key, KEPT_KEY_BYTES))
        return kept_fail(err, KEPT_E_USAGE, "the new root key is the old one: draw a new one");
    if (kept_bytes_equal(old_root->name, new_root->name, sizeof old_root->name))
        return kept_fail(err, KEPT_E_CONFLICT,
                         "both root keys happen to have one name: draw another new one");
    int rc = kept_dir_list(folder, "", &names, &count, err);
    /* First every file of every app is opened; only then the first one is changed. */
    for (int write = 0; write <= 1; write++)
        for (size_t i = 0; rc == 0 && i < count; i++)
            if (is_app(folder, names[i]))
                rc = change_app(folder, names[i], old_root, new_root, write == 1, err);
    kept_names_free(names, count);
    return rc;
}
