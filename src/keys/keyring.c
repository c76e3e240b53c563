/* keyring.c - making, opening and closing the keyring of an app. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"
#include "keys/keys_int.h"

int kept_app_name_check(const char *app, struct kept_err *err)
{
    size_t n = 0;
    /* A name is part of a path: nothing that could leave the folder, or hide in it. */
    while (n <= KEPT_MAX_NAME &&
           ((app[n] >= 'a' && app[n] <= 'z') || (app[n] >= '0' && app[n] <= '9') || app[n] == '-'))
        n++;
    if (n == 0 || n > KEPT_MAX_NAME || app[n] != 0)
        return kept_fail(err, KEPT_E_USAGE,
                         "an app's name is 1 to %u of a-z, 0-9 and '-': mend the name",
                         KEPT_MAX_NAME);
    return 0;
}

/* ---- create ------------------------------------------------------------------------------------ */

static const char *const first_files[] = {"epoch-1", "audit-1", "token-1",
                                          "signing", "journal", "anchor"};

/* Remove what an attempt that was cut short left behind: keys that nothing was sealed under. */
static int clear_attempt(const char *folder, struct kept_err *err)
{
    char temp[64];
    int rc = 0;
    if (!kept_file_exists(folder))
        return 0;
    for (size_t i = 0; rc == 0 && i < sizeof first_files / sizeof first_files[0]; i++) {
        (void)snprintf(temp, sizeof temp, ".%s.new", first_files[i]);
        if ((rc = kept_file_destroy(folder, temp, err)) == 0)
            rc = kept_file_destroy(folder, first_files[i], err);
    }
    if (rc == 0 && rmdir(folder) != 0)
        rc = kept_fail_errno(err, KEPT_E_IO, "cannot remove %s: empty it", folder);
    return rc;
}

static int write_first_files(const struct kept_keyplace *place, kept_ms now, struct kept_err *err)
{
    int rc = 0;
    struct kept_span app = {(const uint8_t *)place->app, strlen(place->app)};
    struct kept_anchor anchor = {.newest = {1, 1, 1}};
    struct kept_pool pool = {{0}, {0}};
    uint8_t *key = kept_pool_take(&pool);
    uint8_t *journal_key = kept_pool_take(&pool);
    anchor.key = kept_pool_take(&pool);
    if (key == NULL) {
        rc = kept_fail(err, KEPT_E_NOMEM, "no guarded memory for new keys");
        goto out;
    }
    KEPT_INVARIANT(journal_key != NULL && anchor.key != NULL); /* a pool's first block holds them all */
    for (unsigned k = KEPT_KEY_EPOCH; rc == 0 && k <= KEPT_KEY_SIGNING; k++) {
        struct kept_keyfile file = {.kind = (enum kept_key_kind)k, .number = 1, .created = now,
                                    .suite = kept_suite_default(), .key = key};
        kept_random(key, KEPT_KEY_BYTES);
        rc = kept_keyfile_write(place, &file, err);
    }
    if (rc != 0)
        goto out;
    /* The signing seed was the last one drawn. */
    kept_derive(key, "kept journal key", app, journal_key);
    kept_derive(key, "kept anchor key", app, anchor.key);
    if ((rc = kept_journal_create(place->folder, place->app, journal_key, anchor.hash, err)) == 0)
        rc = kept_anchor_save(place, &anchor, err);
out:
    kept_pool_release(&pool);
    return rc;
}

int kept_keyring_create(const char *folder, const char *app, const struct kept_root *root,
                        kept_ms now, struct kept_err *err)
{
    int rc = KEPT_E_BUG;
    char path[KEPT_MAX_PATH];
    struct kept_keyplace place;
    if ((rc = kept_keyplace_init(&place, folder, app, root, err)) != 0)
        goto out;
    memcpy(path, place.folder, sizeof path);
    if (now < 0) {
        rc = kept_fail(err, KEPT_E_USAGE, "a keyring cannot begin before 1970");
        goto out;
    }
    if (kept_file_exists(path)) {
        rc = kept_fail(err, KEPT_E_CONFLICT, "%s exists already: an app has one keyring", path);
        goto out;
    }
    /* All in a folder aside, which gets its name when it is whole. */
    int n = snprintf(place.folder, sizeof place.folder, "%s/.%s.new", folder, app);
    if ((size_t)n >= sizeof place.folder) {
        rc = kept_fail(err, KEPT_E_LIMIT, "the path %.80s is too long", folder);
        goto out;
    }
    if ((rc = kept_dir_make(folder, true, err)) != 0 ||
        (rc = clear_attempt(place.folder, err)) != 0 ||
        (rc = kept_dir_make(place.folder, false, err)) != 0)
        goto out;
    rc = write_first_files(&place, now, err);
    if (rc == 0 && rename(place.folder, path) != 0)
        rc = kept_fail_errno(err, errno == ENOTEMPTY || errno == EEXIST ? KEPT_E_CONFLICT
                                                                        : KEPT_E_IO,
                             "cannot rename to %s", path);
    if (rc != 0) {
        int undone = clear_attempt(place.folder, NULL); /* else the next attempt clears it */
        (void)undone;
        goto out;
    }
    rc = kept_dir_sync(folder, "a new keyring's name", err);
out:
    kept_keyplace_release(&place);
    return rc;
}

/* ---- open -------------------------------------------------------------------------------------- */

static int load_signing(struct kept_keyring *keyring, struct kept_err *err)
{
    struct kept_span app = {(const uint8_t *)keyring->place.app, strlen(keyring->place.app)};
    struct kept_keyfile file = {.kind = KEPT_KEY_SIGNING, .number = 1};
    keyring->seed = kept_pool_take(&keyring->pool);
    keyring->hash_key = kept_pool_take(&keyring->pool);
    keyring->journal.key = kept_pool_take(&keyring->pool);
    keyring->anchor.key = kept_pool_take(&keyring->pool);
    if (keyring->seed == NULL ||
        keyring->hash_key == NULL || keyring->journal.key == NULL || /* no test: one block holds them */
        keyring->anchor.key == NULL) /* no test: nor this */
        return kept_fail(err, KEPT_E_NOMEM, "no guarded memory for the keyring");
    file.key = keyring->seed;
    int rc = kept_keyfile_tidy(&keyring->place, KEPT_KEY_SIGNING, 1, err);
    if (rc == 0)
        rc = kept_keyfile_read(&keyring->place, &file, err);
    if (rc == KEPT_E_NOTFOUND)
        rc = kept_fail(err, KEPT_E_CORRUPT,
                       "the signing key of app %s is gone: restore the keyring from its mirror",
                       keyring->place.app);
    if (rc != 0)
        return rc;
    keyring->suite = file.suite;
    kept_derive(keyring->seed, "kept hash key", app, keyring->hash_key);
    kept_derive(keyring->seed, "kept journal key", app, keyring->journal.key);
    kept_derive(keyring->seed, "kept anchor key", app, keyring->anchor.key);
    return 0;
}

int kept_keyring_guard(const char *folder, const char *app_folder, struct kept_err *err)
{
    char **names = NULL, path[KEPT_MAX_PATH];
    size_t count = 0;
    int rc = kept_dir_guard(folder, KEPT_CLOSED, "the keyring", err);
    if (rc == 0)
        rc = kept_dir_guard(app_folder, KEPT_CLOSED, "the keyring", err);
    if (rc == 0)
        rc = kept_dir_list(app_folder, "", &names, &count, err);
    for (size_t i = 0; rc == 0 && i < count; i++)
        if ((rc = kept_path(path, sizeof path, app_folder, names[i], err)) == 0 &&
            (rc = kept_file_guard(path, KEPT_CLOSED, "a file of the keyring", err)) ==
                KEPT_E_NOTFOUND)
            rc = 0; /* gone meanwhile: not ours to judge */
    kept_names_free(names, count);
    return rc;
}

static int open_all(struct kept_keyring *keyring, const char *folder, struct kept_err *err)
{
    char path[KEPT_MAX_PATH];
    if (!kept_file_exists(keyring->place.folder))
        return kept_fail(err, KEPT_E_NOTFOUND, "there is no keyring at %s: create the app first",
                         keyring->place.folder);
    int rc = kept_keyring_guard(folder, keyring->place.folder, err);
    if (rc == 0)
        rc = kept_path(path, sizeof path, keyring->place.folder, "lock", err);
    if (rc != 0 || (rc = kept_file_lock(path, &keyring->lock, err)) != 0 ||
        (rc = kept_next_settle(folder, keyring->place.folder, err)) != 0 ||
        (rc = load_signing(keyring, err)) != 0 || (rc = kept_anchor_load(keyring, err)) != 0 ||
        (rc = kept_keyring_load_keys(keyring, err)) != 0)
        return rc;
    return kept_journal_open(keyring, err);
}

static void release(struct kept_keyring *keyring)
{
    for (size_t k = 0; k < KEPT_KEY_KINDS; k++)
        kept_free(keyring->keys[k].v);
    kept_file_close(keyring->journal.fd);
    kept_buf_release(&keyring->anchor.note);
    kept_pool_release(&keyring->pool);
    kept_keyplace_release(&keyring->place);
    kept_file_close(keyring->lock);
    kept_free(keyring);
}

int kept_keyring_open(const char *folder, const char *app, const struct kept_root *root,
                      struct kept_keyring **ret_keyring, struct kept_err *err)
{
    *ret_keyring = NULL;
    struct kept_keyring *keyring = kept_alloc(1, sizeof *keyring);
    if (keyring == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory for the keyring");
    keyring->lock = -1;
    keyring->journal.fd = -1;
    int rc = kept_keyplace_init(&keyring->place, folder, app, root, err);
    if (rc == 0)
        rc = open_all(keyring, folder, err);
    if (rc != 0) {
        release(keyring);
        return rc;
    }
    *ret_keyring = keyring;
    return 0;
}

/* Has something happened that the anchor does not know? */
static bool anchor_is_behind(const struct kept_keyring *keyring)
{
    if (keyring->journal.rows != keyring->anchor.rows)
        return true;
    for (unsigned k = 0; k < KEPT_KEY_KINDS; k++)
        if (kept_keyring_newest(keyring, (enum kept_key_kind)(k + 1))->info.number !=
            keyring->anchor.newest[k])
            return true;
    return false;
}

void kept_keyring_abandon(struct kept_keyring *keyring)
{
    if (keyring != NULL)
        release(keyring);
}

void kept_keyring_close(struct kept_keyring *keyring)
{
    if (keyring == NULL)
        return;
    /* A failure here costs no more than a crash would: the rows are durable, only not anchored. */
    if (anchor_is_behind(keyring)) {
        int tried = kept_anchor_write(keyring, kept_anchor_note(keyring), NULL);
        (void)tried;
    }
    release(keyring);
}
