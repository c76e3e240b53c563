/* engine.c - making, opening and closing a store. */
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"
#include "engine/approve_int.h"
#include "engine/values_int.h"

#define CACHE_KIB 65536
#define CLOCK_SLACK (5 * KEPT_MINUTE)

static int copy_path(char *to, const char *from, const char *what, struct kept_err *err)
{
    if (from == NULL || from[0] == 0)
        return kept_fail(err, KEPT_E_USAGE, "no %s is given", what);
    size_t n = strlen(from);
    while (n > 1 && from[n - 1] == '/')
        n--;
    if (n >= KEPT_MAX_PATH)
        return kept_fail(err, KEPT_E_LIMIT, "the path of the %s is too long", what);
    memcpy(to, from, n);
    to[n] = 0;
    return 0;
}

/* Where a path leads: its longest existing part without links, the rest as it is. */
static bool real_path(const char *path, char ret[KEPT_MAX_PATH])
{
    char full[KEPT_MAX_PATH], head[KEPT_MAX_PATH];
    /* A plain name lies below the folder we stand in. */
    int n = snprintf(full, sizeof full, "%s%s", path[0] == '/' ? "" : "./", path);
    if (n < 0 || (size_t)n >= sizeof full)
        return false;
    size_t cut = (size_t)n;
    memcpy(head, full, cut + 1);
    while (realpath(head, ret) == NULL) {
        while (cut > 0 && head[cut - 1] != '/')
            cut--;
        while (cut > 1 && head[cut - 1] == '/')
            cut--;
        if (cut == 0)
            return false;
        head[cut] = 0;
    }
    const char *rest = full + cut;
    if (strlen(ret) + strlen(rest) >= KEPT_MAX_PATH)
        return false;
    memcpy(ret + strlen(ret), rest, strlen(rest) + 1);
    return true;
}

bool kept_path_inside(const char *folder, const char *path)
{
    char outer[KEPT_MAX_PATH], inner[KEPT_MAX_PATH];
    if (!real_path(folder, outer) || !real_path(path, inner))
        return true; /* cannot tell: as good as inside */
    size_t n = strlen(outer);
    return strncmp(outer, inner, n) == 0 && (inner[n] == '/' || inner[n] == 0);
}

static int check_root_path(const struct kept_options *o, const char *path, struct kept_err *err)
{
    if (kept_path_inside(o->store, path) || kept_path_inside(o->keyring, path))
        return kept_fail(err, KEPT_E_USAGE,
                         "the root key must stand outside the store and keyring folders");
    if (o->mirror != NULL && o->mirror[0] != 0 && kept_path_inside(o->mirror, path))
        return kept_fail(err, KEPT_E_USAGE, "the root key must stand outside the keyring's mirror");
    return 0;
}

static int check_length(const char *path, const char *what, struct kept_err *err)
{
    if (path == NULL || strlen(path) < KEPT_MAX_PATH)
        return 0;
    return kept_fail(err, KEPT_E_LIMIT, "the path of the %s is longer than %u bytes", what,
                     KEPT_MAX_PATH - 1);
}

/* Keys beside the data would be in every backup of the data. */
static int check_paths(const struct kept_options *o, struct kept_err *err)
{
    int rc = 0;
    if (o == NULL || o->store == NULL || o->keyring == NULL)
        return kept_fail(err, KEPT_E_USAGE, "a store and a keyring must be named");
    if ((rc = check_length(o->store, "store", err)) != 0 ||
        (rc = check_length(o->keyring, "keyring", err)) != 0 ||
        (rc = check_length(o->mirror, "mirror", err)) != 0)
        return rc;
    if (kept_path_inside(o->store, o->keyring) || kept_path_inside(o->keyring, o->store))
        return kept_fail(err, KEPT_E_USAGE,
                         "the keyring must stand outside the store folder, or an erasure would "
                         "not reach the backups of the store");
    const char *m = o->mirror != NULL && o->mirror[0] != 0 ? o->mirror : NULL;
    if (m != NULL && (kept_path_inside(o->store, m) || kept_path_inside(m, o->store) ||
                      kept_path_inside(o->keyring, m) || kept_path_inside(m, o->keyring)))
        return kept_fail(err, KEPT_E_USAGE,
                         "the keyring's mirror must stand outside the store and keyring folders");
    if (o->root_key == NULL || o->root_key[0] == 0)
        return 0;
    struct kept_provider p;
    rc = kept_provider_parse(o->root_key, &p, err);
    return rc == 0 && kept_provider_path(&p) != NULL ? check_root_path(o, kept_provider_path(&p), err)
                                                     : rc;
}

int kept_find_root(const struct kept_options *options, struct kept_provider *ret,
                   struct kept_err *err)
{
    int rc = kept_provider_find(options->keyring, options->root_key, ret, err);
    const char *path = rc == 0 ? kept_provider_path(ret) : NULL;
    return path != NULL ? check_root_path(options, path, err) : rc;
}

/* Who else may come near. What the keyring holds opens everything once the root key is known: closed to
 * all. The store is sealed, but its counts, sizes and times are not, and whoever writes there can stop
 * kept: closed to others, and to the group but for reading, so that it can make the backups. In a folder
 * that is closed so, what its files say of reading does not matter. */
static int check_modes(const struct kept_options *o, struct kept_err *err)
{
    static const char *const files[] = {"store.db", "store.db-wal", "store.db-shm", "lock"};
    char path[KEPT_MAX_PATH];
    int rc = kept_dir_guard(o->store, KEPT_CLOSED_BUT_READ, "the store", err);
    if (rc == 0)
        rc = kept_path(path, sizeof path, o->store, "ledger", err);
    if (rc == 0 && kept_file_exists(path))
        rc = kept_dir_guard(path, KEPT_CLOSED_BUT_READ, "the ledger", err);
    for (size_t i = 0; rc == 0 && i < sizeof files / sizeof files[0]; i++)
        if ((rc = kept_path(path, sizeof path, o->store, files[i], err)) == 0 &&
            kept_file_exists(path))
            rc = kept_file_guard(path, KEPT_NOT_WRITTEN, "a file of the store", err);
    if (rc == 0 && kept_file_exists(o->keyring))
        rc = kept_dir_guard(o->keyring, KEPT_CLOSED, "the keyring", err);
    return rc;
}

/* The root key of a store to be made: a keyring that is there already has one. */
static int make_root(const struct kept_options *o, struct kept_err *err)
{
    struct kept_provider p;
    struct kept_root *root = NULL;
    struct kept_err own = {0};
    int known = kept_provider_load(o->keyring, &p, &own);
    if (known != 0 && known != KEPT_E_NOTFOUND)
        return kept_fail(err, known, "%s", own.text);
    if (known != 0 && (o->root_key == NULL || o->root_key[0] == 0))
        return kept_fail(err, KEPT_E_USAGE, "who is to have the root key? a file, a passphrase, or a command");
    int rc = known == 0 ? kept_find_root(o, &p, err) : kept_provider_parse(o->root_key, &p, err);
    if (rc == 0)
        rc = known == 0 ? kept_provider_root(&p, &o->ask, &root, err)
                        : kept_provider_make(&p, &o->ask, &root, err);
    if (rc == 0)
        rc = known == 0 ? kept_provider_check(&p, root, err)
                        : kept_provider_save(o->keyring, &p, err);
    kept_root_free(root);
    return rc;
}

int kept_init(const struct kept_options *options, struct kept_err *err)
{
    struct kept_id id;
    char ledger[KEPT_MAX_PATH];
    int rc = kept_crypto_init();
    if (rc != 0)
        return kept_fail(err, rc, "the cryptographic libraries do not start");
    if ((rc = check_paths(options, err)) != 0)
        return rc;
    const struct kept_store_options store = {.folder = options->store, .memory = options->memory};
    if (kept_store_exists(&store))
        return kept_fail(err, KEPT_E_CONFLICT, "%s is a store already", options->store);
    if ((rc = kept_dir_make(options->store, true, err)) != 0 ||
        (rc = kept_dir_make(options->keyring, true, err)) != 0 ||
        (rc = check_modes(options, err)) != 0 ||
        (rc = kept_path(ledger, sizeof ledger, options->store, "ledger", err)) != 0 ||
        (rc = kept_dir_make(ledger, true, err)) != 0)
        return rc;
    if ((rc = make_root(options, err)) != 0)
        return rc;
    kept_random_id(&id);
    return kept_store_create(&store, &id, err);
}

/* ---- opening -------------------------------------------------------------------------------- */

struct named {
    uint32_t numbers[KEPT_MAX_APPS];
    char names[KEPT_MAX_APPS][KEPT_MAX_NAME + 1];
    size_t count;
};

static int collect_app(void *arg, uint32_t app, const char *name)
{
    struct named *named = arg;
    if (named->count == KEPT_MAX_APPS || strlen(name) > KEPT_MAX_NAME)
        return KEPT_E_CORRUPT;
    named->numbers[named->count] = app;
    memcpy(named->names[named->count], name, strlen(name) + 1);
    named->count++;
    return 0;
}

static int open_apps(struct kept *kept, struct kept_err *err)
{
    struct named *named = kept_alloc(1, sizeof *named);
    if (named == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory to open the store");
    int rc = kept_app_each(kept->store, collect_app, named, err);
    for (size_t i = 0; rc == 0 && i < named->count; i++)
        rc = kept_app_load(kept, named->numbers[i], named->names[i], err);
    kept_free(named);
    return rc;
}

/* A keyring made by an older kept learns who has its root key; a mirror, when that was changed. */
static int settle_roots(const struct kept *kept, struct kept_provider *provider,
                        struct kept_err *err)
{
    int rc = 0;
    if (provider->root[0] == 0) {
        kept_root_name(kept->root, provider->root);
        rc = kept_provider_save(kept->keyring_path, provider, err);
    }
    return rc == 0 && kept->mirror_path[0] != 0
               ? kept_keyring_mirror_settle(kept->keyring_path, kept->mirror_path, err)
               : rc;
}

static int check_clock(struct kept *kept, struct kept_err *err)
{
    uint64_t seen = 0;
    int rc = kept_meta_get_u64(kept->store, "clock", 0, &seen, err);
    if (rc != 0)
        return rc;
    kept_ms now = 0;
    kept->last_now = (kept_ms)seen;
    return kept_take_time(kept, &now, err);
}

/* The store's own clock is a row that anybody can edit, and reads do not move it: the newest entry of
 * each ledger counts too. */
static int check_ledger_time(struct kept *kept, const struct app *app, struct kept_err *err)
{
    struct kept_buf bytes;
    struct kept_entry entry;
    uint64_t size = kept_ledger_size(app->ledger);
    if (size == 0)
        return 0;
    kept_buf_init(&bytes, KEPT_MAX_ENTRY_BYTES);
    int rc = kept_ledger_entry(app->ledger, size - 1, &bytes, err);
    if (rc == 0 && (rc = kept_entry_decode(kept_buf_span(&bytes), &entry)) != 0)
        rc = kept_fail(err, rc, "the newest entry of the ledger of %s is damaged", app->name);
    kept_ms at = rc == 0 ? entry.at : 0;
    kept_buf_release(&bytes);
    if (rc != 0)
        return rc;
    if (kept_now(&kept->clock) < at - CLOCK_SLACK)
        return kept_fail(err, KEPT_E_CLOCK,
                         "the clock stands %lld s before the newest entry of the ledger: set it "
                         "right",
                         (long long)((at - kept_now(&kept->clock)) / 1000));
    if (at > kept->last_now)
        kept->last_now = at;
    return 0;
}

static struct kept *handle_new(const struct kept_options *options)
{
    struct kept *kept = kept_alloc(1, sizeof *kept);
    if (kept == NULL)
        return NULL;
    if (kept_owner_init(&kept->owner) != 0) {
        kept_free(kept);
        return NULL;
    }
    kept->bell.fd = -1;
    kept->clock = options->clock.now != NULL ? options->clock : kept_clock_system();
    (void)pthread_mutex_init(&kept->mutex, NULL);
    (void)pthread_mutex_init(&kept->log_mutex, NULL);
    (void)pthread_cond_init(&kept->log_work, NULL);
    (void)pthread_cond_init(&kept->log_done, NULL);
    kept->inbox_end = &kept->inbox;
    kept->waiting_end = &kept->waiting;
    kept->ready_end = &kept->ready;
    kept_buf_init_secret(&kept->actor_part, KEPT_MAX_ENTRY_BYTES);
    kept_buf_init_secret(&kept->subject_part, KEPT_MAX_ENTRY_BYTES);
    kept_buf_init(&kept->head, 2 * KEPT_MAX_CONTEXT_BYTES);
    kept->run = kept_run_new();
    kept->refs = kept_refs_new();
    kept->scribe = kept_scribe_new();
    kept->pool = kept_secret_new(KEPT_MAX_BATCH * sizeof *kept->pool);
    for (size_t i = 0; kept->pool != NULL && i < KEPT_MAX_BATCH; i++) {
        kept_subject_init(&kept->shells[i], &kept->pool[i]);
        kept->shells[i].nonces = &kept->nonces;
    }
    return kept;
}

/* What the handle takes from the options before any file is opened. */
static int set_up(struct kept *kept, const struct kept_options *options, struct kept_err *err)
{
    if (kept == NULL || kept->pool == NULL || kept->run == NULL || kept->refs == NULL ||
        kept->scribe == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory (or no lockable memory) to open the store");
    kept->reader_count = kept_readers_wanted(options->readers);
    kept->reader_cache_kib = (options->cache_kib > 0 ? options->cache_kib : CACHE_KIB) /
                             (int)(1 + kept->reader_count);
    if (kept->reader_cache_kib == 0)
        kept->reader_cache_kib = 1;
    int rc = copy_path(kept->store_path, options->store, "store", err);
    if (rc == 0)
        rc = copy_path(kept->keyring_path, options->keyring, "keyring", err);
    if (rc == 0 && options->mirror != NULL && options->mirror[0] != 0)
        rc = copy_path(kept->mirror_path, options->mirror, "mirror", err);
    return rc;
}

/* What an earlier process left in the middle. */
static int recover(struct kept *kept, struct kept_err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < kept->app_count; i++)
        rc = check_ledger_time(kept, kept->apps[i], err);
    for (size_t i = 0; rc == 0 && i < kept->app_count; i++)
        rc = kept_recover(kept, kept->apps[i], err);
    for (size_t i = 0; rc == 0 && i < kept->app_count; i++)
        rc = kept_app_callers(kept, kept->apps[i], err);
    for (size_t i = 0; rc == 0 && i < kept->app_count; i++)
        rc = kept_app_approvals(kept, kept->apps[i], err);
    return rc == 0 ? kept_streams_recover(kept, err) : rc;
}

int kept_open(const struct kept_options *options, struct kept **ret_kept, struct kept_err *err)
{
    int rc = KEPT_E_BUG;
    struct kept *kept = NULL;
    struct kept_provider provider;
    if (ret_kept == NULL)
        return kept_fail(err, KEPT_E_USAGE, "no room for the handle (NULL)");
    *ret_kept = NULL;
    if ((rc = kept_crypto_init()) != 0)
        return kept_fail(err, rc, "the cryptographic libraries do not start");
    if ((rc = check_paths(options, err)) != 0)
        return rc;
    if (kept_file_exists(options->store) && (rc = check_modes(options, err)) != 0)
        return rc;
    kept = handle_new(options);
    if ((rc = set_up(kept, options, err)) != 0 ||
        (rc = kept_find_root(options, &provider, err)) != 0)
        goto out;
    const struct kept_store_options store = {.folder = kept->store_path,
                                             .cache_kib = kept->reader_cache_kib,
                                             .memory = options->memory};
    if ((rc = kept_store_open(&store, &kept->store, err)) != 0 ||
        (rc = kept_readers_new(kept, err)) != 0 ||
        (rc = kept_provider_root(&provider, &options->ask, &kept->root, err)) != 0 ||
        (rc = kept_provider_check(&provider, kept->root, err)) != 0 ||
        (rc = check_clock(kept, err)) != 0)
        goto out;
    kept->store_id = kept_store_id(kept->store);
    kept_reserve_fill(kept);
    if ((rc = open_apps(kept, err)) != 0 || (rc = settle_roots(kept, &provider, err)) != 0)
        goto out;
    if ((rc = recover(kept, err)) != 0 || (rc = kept_log_start(kept, err)) != 0)
        goto out;
    (void)pthread_mutex_lock(&kept->mutex);
    rc = kept->dirty ? kept_checkpoint(kept, 1, err) : 0;
    (void)pthread_mutex_unlock(&kept->mutex);
    if (rc != 0)
        goto out;
    *ret_kept = kept;
    kept = NULL;
    rc = 0;
out:
    if (kept != NULL)
        kept->stopped = true; /* no last words of a store that did not open */
    kept_close(kept);
    return rc;
}

void kept_call_free(struct call *call)
{
    if (call->box != NULL)
        kept_reply_free(&call->box->reply);
    kept_wipe(call->tag_key, sizeof call->tag_key);
    kept_free(call->noted);
    kept_buf_release(&call->entry);
    if (call->touched != call->small)
        kept_free(call->touched);
    kept_free(call);
}

static void free_calls(struct call *call)
{
    while (call != NULL) {
        struct call *next = call->next;
        kept_call_free(call);
        call = next;
    }
}

void kept_call_abandon(struct call *call)
{
    kept_wipe(call->tag_key, sizeof call->tag_key);
    if (call->box != NULL)
        kept_wipe(call->box->small, sizeof call->box->small);
}

/* A forked child lets go of its copy: files, locks and the threads are its parent's, and nothing that
 * would write or wait is touched. What it held of people and keys is wiped. But a thread may have been
 * in the middle of anything that it had at hand when the fork came: a buffer half moved must not be
 * freed. Of that, only what never moves is wiped; the rest, and the descriptors of store and ledger, go
 * with the child. */
static void abandon(struct kept *kept)
{
    kept_streams_end(kept, false);
    free_calls(kept->inbox);
    for (struct call *call = kept->waiting; call != NULL; call = call->next)
        kept_call_abandon(call);
    free_calls(kept->ready);
    free_calls(kept->spare);
    kept->inbox = kept->waiting = kept->ready = kept->spare = NULL;
    for (size_t i = 0; i < kept->app_count; i++) {
        kept_keyring_abandon(kept->apps[i]->keyring);
        kept->apps[i]->keyring = NULL;
    }
    kept_root_free(kept->root);
    kept->root = NULL;
    for (size_t i = 0; kept->pool != NULL && i < KEPT_MAX_BATCH; i++)
        kept_subject_release(&kept->shells[i]);
    kept_secret_free(kept->pool);
    kept->pool = NULL;
    kept_run_abandon(kept->run);
    kept->run = NULL;
    kept_scribe_abandon(kept->scribe);
    kept->scribe = NULL;
    kept_readers_abandon(kept);
    kept_buf_release(&kept->actor_part);
    kept_buf_release(&kept->subject_part);
    kept_buf_release(&kept->head);
}

void kept_close(struct kept *kept)
{
    if (kept == NULL)
        return;
    if (!kept_owner_is_us(&kept->owner)) {
        abandon(kept);
        return;
    }
    kept_streams_end(kept, true);
    (void)pthread_mutex_lock(&kept->mutex); /* the log thread may be about to sign */
    kept_flight_settle(kept);
    if (kept->log_running && !kept->stopped)
        (void)kept_checkpoint(kept, 1, NULL); /* recovery does it if it fails */
    if (!kept->stopped && kept_observe_save(kept, NULL) != 0)
        kept->dirty = true; /* counts alone are lost: the ledger has each */
    (void)pthread_mutex_unlock(&kept->mutex);
    kept_log_stop(kept);
    kept_readers_free(kept); /* one of them may be sealing entries */
    free_calls(kept->inbox);
    free_calls(kept->waiting);
    free_calls(kept->ready);
    free_calls(kept->spare);
    for (size_t i = 0; i < kept->app_count; i++)
        kept_app_free(kept->apps[i]);
    kept_free(kept->apps);
    kept_callers_free(&kept->callers);
    kept_store_close(kept->store);
    kept_root_free(kept->root);
    for (size_t i = 0; kept->pool != NULL && i < KEPT_MAX_BATCH; i++)
        kept_subject_release(&kept->shells[i]);
    kept_secret_free(kept->pool);
    kept_run_free(kept->run);
    kept_refs_free(kept->refs);
    kept_scribe_free(kept->scribe);
    kept_buf_release(&kept->actor_part);
    kept_buf_release(&kept->subject_part);
    kept_buf_release(&kept->head);
    (void)pthread_cond_destroy(&kept->log_work);
    (void)pthread_cond_destroy(&kept->log_done);
    (void)pthread_mutex_destroy(&kept->log_mutex);
    (void)pthread_mutex_destroy(&kept->mutex);
    kept_bell_release(&kept->bell);
    kept_owner_release(&kept->owner);
    kept_free(kept);
}
