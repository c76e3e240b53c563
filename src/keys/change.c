/* change.c - putting every key file of every app under another root key: all of them, or none.
 *
 * First every file is opened and, sealed anew, put beside itself (next.c); every app stays locked
 * meanwhile. Then the file that says who has the root key is replaced, and that is the change. What is
 * behind it only tidies up, and the next opening would do it too. The mirror goes the same way. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/id.h"
#include "base/mem.h"
#include "keys/keys_int.h"

/* One folder of keyrings under way. */
struct change {
    const char *folder;
    const char *source;         /* of a mirror: the keyrings, whose files it holds to the byte */
    const struct kept_root_change *roots;
    bool lock, write;           /* neither: everything is only opened */
    int *locks;                 /* one an app */
    size_t lock_count, lock_cap;
    struct kept_keyplace from, to; /* the app at hand */
    uint8_t *key;               /* scratch */
    struct kept_epoch *calendar;
};

static int change_file(struct change *c, enum kept_key_kind kind, uint32_t number,
                       struct kept_err *err)
{
    uint8_t under[KEPT_ROOT_NAME_BYTES];
    char name[KEPT_KEY_NAME];
    struct kept_buf sealed;
    struct kept_keyfile file = {.kind = kind, .number = number, .key = c->key,
                                .retired = c->calendar};
    int rc = kept_keyfile_root(&c->from, kind, number, under, err);
    if (rc != 0)
        return rc;
    /* An older kept may have left some under either. */
    bool done = kept_bytes_equal(under, c->to.root_name, sizeof under);
    rc = kept_keyfile_read(done ? &c->to : &c->from, &file, err);
    if (rc != 0 || done || !c->write)
        return rc;
    kept_key_name(kind, number, name);
    kept_buf_init(&sealed, KEPT_KEYFILE_MAX);
    if (c->source != NULL)
        rc = kept_next_load(c->source, c->from.app, name, &sealed, err);
    /* A key that the keyring has destroyed already is sealed as long as it is there. */
    if (rc == 0 && sealed.n == 0)
        rc = kept_keyfile_encode(&c->to, &file, &sealed, err);
    if (rc == 0)
        rc = kept_next_put(c->from.folder, name, kept_buf_span(&sealed), err);
    kept_buf_release(&sealed);
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
        else
            rc = change_file(c, kind, number, err);
    }
    kept_names_free(names, count);
    return rc;
}

/* Until the whole change is over, nobody else may open the app. */
static int lock_app(struct change *c, struct kept_err *err)
{
    char path[KEPT_MAX_PATH];
    int rc = kept_grow(&c->locks, &c->lock_cap, c->lock_count + 1, KEPT_MAX_APPS, sizeof *c->locks);
    if (rc != 0)
        return kept_fail(err, rc, "too many apps to change their root key at once");
    rc = kept_path(path, sizeof path, c->from.folder, "lock", err);
    if (rc == 0 && /* no test: the guard saw longer paths */
        (rc = kept_file_lock(path, &c->locks[c->lock_count], err)) == 0)
        c->lock_count++;
    return rc;
}

static int change_app(void *arg, const char *app, struct kept_err *err)
{
    struct change *c = arg;
    int rc = kept_keyplace_init(&c->from, c->folder, app, c->roots->from, err);
    if (rc == 0)
        rc = kept_keyplace_init(&c->to, c->folder, app, c->roots->to, err);
    if (rc == 0)
        rc = kept_keyring_guard(c->folder, c->from.folder, err);
    if (rc == 0 && c->lock && (rc = lock_app(c, err)) == 0)
        rc = kept_next_settle(c->folder, c->from.folder, err);
    if (rc == 0)
        rc = change_files(c, err);
    kept_keyplace_release(&c->to);
    kept_keyplace_release(&c->from);
    return rc;
}

static int settle_app(void *arg, const char *app, struct kept_err *err)
{
    const struct change *c = arg;
    char path[KEPT_MAX_PATH];
    int rc = kept_path(path, sizeof path, c->folder, app, err);
    return rc != 0 ? rc : kept_next_settle(c->folder, path, err); /* no test: is_app made this path */
}

/* All that waits takes its place, or goes. */
static int settle_all(struct change *c, struct kept_err *err)
{
    return kept_each_app(c->folder, settle_app, c, err);
}

/* A whole folder, to the point where one rename is left. Everything is opened before anything is
 * written. */
static int prepare(struct change *c, struct kept_err *err)
{
    c->key = kept_secret_new(KEPT_KEY_BYTES);
    c->calendar = kept_alloc(KEPT_MAX_KEYS, sizeof *c->calendar);
    if (c->key == NULL || c->calendar == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory to open the keyrings");
    int rc = kept_each_app(c->folder, change_app, c, err);
    if (rc != 0 || !c->lock)
        return rc;
    c->lock = false;
    c->write = true;
    return kept_each_app(c->folder, change_app, c, err);
}

/* The change itself. */
static int commit(const struct change *c, bool is_mirror, struct kept_err *err)
{
    struct kept_provider provider = *c->roots->provider;
    provider.whole_paths = is_mirror; /* it is put in the keyring's place, elsewhere */
    kept_root_name(c->roots->to, provider.root);
    return kept_provider_save(c->folder, &provider, err);
}

static void release(struct change *c)
{
    for (size_t i = 0; i < c->lock_count; i++)
        kept_file_close(c->locks[i]);
    kept_free(c->locks);
    kept_free(c->calendar);
    kept_secret_free(c->key);
}

static int check_roots(const struct kept_root_change *roots, struct kept_err *err)
{
    if (kept_secret_equal(roots->from->key, roots->to->key, KEPT_KEY_BYTES))
        return kept_fail(err, KEPT_E_USAGE, "the new root key is the old one: draw a new one");
    if (kept_bytes_equal(roots->from->name, roots->to->name, sizeof roots->from->name))
        return kept_fail(err, KEPT_E_CONFLICT,
                         "both root keys happen to have one name: draw another new one");
    return 0;
}

int kept_keyring_change_root(const char *folder, const char *mirror,
                             const struct kept_root_change *change, struct kept_err *err)
{
    struct change ring = {.folder = folder, .roots = change, .lock = true};
    struct change copy = {.folder = mirror, .source = folder, .roots = change, .lock = true};
    bool mirrored = mirror != NULL && kept_file_exists(mirror);
    int rc = check_roots(change, err);
    if (rc == 0)
        rc = prepare(&ring, err);
    if (rc == 0 && mirrored)
        rc = prepare(&copy, err);
    if (rc == 0)
        rc = commit(&ring, false, err);
    if (rc == 0 && mirrored)
        rc = commit(&copy, true, err);
    /* Also what a failure left, as far as the disk lets us: else whoever opens it next. */
    int settled = settle_all(&ring, rc == 0 ? err : NULL);
    if (mirrored && settled == 0)
        settled = settle_all(&copy, rc == 0 ? err : NULL);
    release(&ring);
    release(&copy);
    return rc != 0 ? rc : settled;
}

/* Finish what was cut short; who has an app open has done so. */
static int finish_app(void *arg, const char *app, struct kept_err *err)
{
    const struct change *c = arg;
    char path[KEPT_MAX_PATH], lock[KEPT_MAX_PATH];
    int fd = -1;
    int rc = kept_path(path, sizeof path, c->folder, app, err);
    if (rc == 0) /* no test: is_app made this path */
        rc = kept_path(lock, sizeof lock, path, "lock", err);
    if (rc == 0 && (rc = kept_file_lock(lock, &fd, err)) == KEPT_E_BUSY)
        return 0;
    if (rc == 0)
        rc = kept_next_settle(c->folder, path, err);
    kept_file_close(fd);
    return rc;
}

int kept_keyring_opens(const char *folder, const struct kept_root *root, struct kept_err *err)
{
    const struct kept_root_change same = {.from = root, .to = root};
    struct change c = {.folder = folder, .roots = &same};
    int rc = kept_each_app(folder, finish_app, &c, err);
    if (rc == 0)
        rc = prepare(&c, err);
    release(&c);
    return rc;
}

/* ---- the mirror, behind a change that it was not there for -------------------------------------- */

/* Each key of the app is under the root key that the keyrings name, or its successor waits. */
static int check_mirrored(void *arg, const char *app, struct kept_err *err)
{
    const struct change *c = arg;
    char path[KEPT_MAX_PATH], **names = NULL;
    size_t count = 0;
    struct kept_keyplace place = {.folder = ""};
    int rc = kept_path(place.folder, sizeof place.folder, c->folder, app, err);
    if (rc == 0) /* no test: is_app made this path */
        rc = kept_dir_list(place.folder, "", &names, &count, err);
    for (size_t i = 0; rc == 0 && i < count; i++) {
        enum kept_key_kind kind;
        uint32_t number;
        uint8_t root[KEPT_ROOT_NAME_BYTES];
        char next[KEPT_KEY_NAME + 8], name[2 * KEPT_ROOT_NAME_BYTES + 1];
        if (kept_key_parse(names[i], &kind, &number) != 0)
            continue;
        (void)snprintf(next, sizeof next, KEPT_NEXT "%.24s", names[i]);
        if ((rc = kept_keyfile_root(&place, kind, number, root, err)) != 0 ||
            (rc = kept_path(path, sizeof path, place.folder, next, err)) != 0)
            break;
        kept_hex(root, sizeof root, name);
        if (strcmp(name, c->roots->provider->root) != 0 && !kept_file_exists(path))
            rc = kept_fail(err, KEPT_E_CORRUPT,
                           "the mirror %.80s holds keys of app %s under another root key, and the "
                           "keyring has no such app: move it away", c->folder, app);
    }
    kept_names_free(names, count);
    return rc;
}

int kept_keyring_mirror_settle(const char *folder, const char *mirror, struct kept_err *err)
{
    struct kept_provider ours, theirs;
    const struct kept_root_change change = {.provider = &ours};
    struct change c = {.folder = mirror, .roots = &change};
    struct kept_err own = {0};
    int rc = kept_provider_load(folder, &ours, err);
    if (rc == 0)
        rc = kept_dir_make(mirror, true, err);
    if (rc != 0)
        return rc;
    rc = kept_provider_load(mirror, &theirs, &own);
    bool same = rc == 0 && strcmp(ours.root, theirs.root) == 0 && ours.kind == theirs.kind &&
                strcmp(ours.path, theirs.path) == 0;
    if (rc != 0 && rc != KEPT_E_NOTFOUND)
        return kept_fail(err, rc, "%s", own.text);
    if (!same) {
        ours.whole_paths = true;
        if ((rc = kept_each_app(mirror, check_mirrored, &c, err)) == 0)
            rc = kept_provider_save(mirror, &ours, err);
    }
    return rc != 0 ? rc : settle_all(&c, err);
}
