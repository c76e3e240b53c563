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
    if (o->store == NULL || o->keyring == NULL)
        return kept_fail(err, KEPT_E_USAGE, "a store and a keyring must be named");
    int rc = kept_crypto_init();
    return rc == 0 ? 0 : kept_fail(err, rc, "the cryptographic libraries do not start");
}

int kept_admin_root_named(const char *keyring)
{
    struct kept_provider provider;
    struct kept_err err = {0};
    int rc = kept_provider_load(keyring, &provider, &err);
    return rc != KEPT_E_NOTFOUND; /* a damaged note is for whoever asks for the key to tell */
}

/* Who has it, and the key itself, which may be another one. */
static int get_root(const struct kept_options *o, struct kept_provider *ret_provider,
                    struct kept_root **ret_root, struct kept_err *err)
{
    int rc = need(o, err);
    *ret_root = NULL;
    if (rc == 0)
        rc = kept_find_root(o, ret_provider, err);
    return rc != 0 ? rc : kept_provider_root(ret_provider, &o->ask, ret_root, err);
}

static void put_words(json_t *out, const char *key, const struct kept_provider *provider)
{
    char where[KEPT_MAX_WHERE + 32];
    const char *text = where;
    kept_provider_words(provider, where);
    if (provider->kind == KEPT_BY_FILE)
        text = provider->path;
    (void)json_object_set_new(out, key, json_string(text));
}

static json_t *cost_json(const struct kept_provider *p)
{
    json_t *out = json_object();
    (void)json_object_set_new(out, "rounds", json_integer(p->rounds));
    (void)json_object_set_new(out, "mib", json_integer((json_int_t)(p->bytes >> 20)));
    (void)json_object_set_new(out, "as_strong_as_new",
                              json_boolean(p->rounds >= KEPT_PASS_ROUNDS &&
                                           p->bytes >= KEPT_PASS_BYTES));
    return out;
}

int kept_admin_key_show(const struct kept_options *options, struct kept_buf *json,
                        struct kept_err *err)
{
    struct kept_root *root = NULL;
    struct kept_provider provider;
    char **names = NULL, name[9];
    size_t count = 0;
    int rc = get_root(options, &provider, &root, err);
    /* Another file or program is shown for what it is; a slip of the fingers is not. */
    if (rc == 0 && provider.kind == KEPT_BY_PASSPHRASE)
        rc = kept_provider_check(&provider, root, err);
    if (rc == 0 && kept_file_exists(options->keyring))
        rc = kept_dir_list(options->keyring, "", &names, &count, err);
    if (rc == 0) {
        json_t *out = json_object(), *apps = json_array();
        kept_root_name(root, name);
        put_words(out, "root_key", &provider);
        (void)json_object_set_new(out, "name", json_string(name));
        if (provider.kind == KEPT_BY_PASSPHRASE)
            (void)json_object_set_new(out, "passphrase", cost_json(&provider));
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

/* A change under way. */
struct change {
    struct kept_provider recorded, from, to; /* recorded: by the keyring; root "": nothing is */
    struct kept_root *former, *root;
    char aside[KEPT_MAX_WHERE];              /* where a file waits that takes the former's place; "" */
    char place[KEPT_MAX_WHERE];
};

static void release(struct change *c)
{
    kept_root_free(c->former);
    kept_root_free(c->root);
}

/* Who has the key now, and who is to have it. */
static int find_both(struct change *c, const struct kept_options *o, const char *where,
                     struct kept_err *err)
{
    struct kept_err own = {0};
    int rc = kept_provider_load(o->keyring, &c->recorded, &own);
    if (rc == KEPT_E_NOTFOUND)
        c->recorded = (struct kept_provider){.root = ""};
    else if (rc != 0)
        return kept_fail(err, rc, "%s", own.text);
    if ((rc = kept_find_root(o, &c->from, err)) != 0)
        return rc;
    if (where == NULL) {
        const char *file = c->from.kind == KEPT_BY_FILE ? c->from.path : NULL;
        int n = file == NULL ? -1 : snprintf(c->aside, sizeof c->aside, "%s.new", file);
        if (n < 0 || (size_t)n >= sizeof c->aside)
            return kept_fail(err, KEPT_E_USAGE, "where is the new root key to be? say --new");
        memcpy(c->place, file, strlen(file) + 1);
        where = c->aside;
    }
    rc = kept_provider_parse(where, &c->to, err);
    if (rc != 0 || kept_provider_path(&c->to) == NULL)
        return rc;
    if (kept_path_inside(o->store, c->to.path) || kept_path_inside(o->keyring, c->to.path) ||
        (o->mirror != NULL && o->mirror[0] != 0 && kept_path_inside(o->mirror, c->to.path)))
        return kept_fail(err, KEPT_E_USAGE,
                         "the root key must stand outside the store and keyring folders");
    return 0;
}

/* Of files only the place counts, whatever it is called. */
static bool same_place(const struct kept_provider *a, const struct kept_provider *b)
{
    return a->kind == KEPT_BY_FILE && b->kind == KEPT_BY_FILE && kept_path_inside(a->path, b->path) &&
           kept_path_inside(b->path, a->path);
}

static bool has_name(const struct kept_root *root, const char *wanted)
{
    char name[9];
    kept_root_name(root, name);
    return strcmp(name, wanted) == 0;
}

/* A file that is there may hold the key that is in force: moved, or the change was cut short. */
static int known_already(const struct change *c, bool *ret_known, struct kept_err *err)
{
    struct kept_root *root = NULL;
    *ret_known = false;
    if (c->to.kind != KEPT_BY_FILE || !kept_file_exists(c->to.path))
        return 0;
    int rc = kept_root_load(c->to.path, &root, err);
    *ret_known = rc == 0 && c->recorded.root[0] != 0 && has_name(root, c->recorded.root);
    kept_root_free(root);
    return rc;
}

/* The same key, in another place. */
static int note_place(struct change *c, const struct kept_options *o, struct kept_err *err)
{
    if (c->aside[0] == 0 && same_place(&c->recorded, &c->to))
        return kept_fail(err, KEPT_E_USAGE,
                         "that is the root key of this keyring already, and the keyring knows that it is "
                         "there: name another");
    int rc = kept_root_load(c->to.path, &c->root, err);
    if (rc == 0)
        rc = kept_keyring_opens(o->keyring, c->root, err);
    if (c->aside[0] != 0)
        memcpy(c->to.path, c->place, sizeof c->place);
    memcpy(c->to.root, c->recorded.root, sizeof c->to.root);
    return rc != 0 ? rc : kept_provider_save(o->keyring, &c->to, err);
}

/* Nothing new is made, and nobody asked for a new passphrase, before the former opens everything. */
static int put_under(struct change *c, const struct kept_options *o, struct kept_err *err)
{
    int rc = kept_provider_check(&c->from, c->former, err);
    if (rc == 0)
        rc = kept_keyring_opens(o->keyring, c->former, err);
    if (rc == 0)
        rc = kept_provider_make(&c->to, &o->ask, &c->root, err);
    if (rc != 0)
        return rc;
    if (c->aside[0] != 0)
        memcpy(c->to.path, c->place, sizeof c->place);
    const struct kept_root_change change = {.from = c->former, .to = c->root, .provider = &c->to};
    const char *mirror = o->mirror != NULL && o->mirror[0] != 0 ? o->mirror : NULL;
    return kept_keyring_change_root(o->keyring, mirror, &change, err);
}

static int changed_json(const struct change *c, struct kept_buf *json, struct kept_err *err)
{
    char old_name[9], new_name[9];
    json_t *out = json_object();
    kept_root_name(c->former, old_name);
    kept_root_name(c->root, new_name);
    put_words(out, "root_key", &c->to);
    (void)json_object_set_new(out, "name", json_string(new_name));
    put_words(out, "former_root_key", &c->from);
    (void)json_object_set_new(out, "former", json_string(old_name));
    return kept_admin_dump(out, json, err);
}

int kept_admin_key_change(const struct kept_options *options, const char *where,
                          struct kept_buf *json, struct kept_err *err)
{
    int rc = KEPT_E_BUG;
    int lock = -1;
    bool known = false;
    struct change c = {.former = NULL};
    if ((rc = need(options, err)) != 0 || (rc = lock_store(options, &lock, err)) != 0 ||
        (rc = find_both(&c, options, where, err)) != 0 ||
        (rc = known_already(&c, &known, err)) != 0 ||
        (rc = kept_provider_root(&c.from, &options->ask, &c.former, err)) != 0 ||
        (rc = known ? note_place(&c, options, err) : put_under(&c, options, err)) != 0)
        goto out;
    if (c.aside[0] != 0 && (rc = take_place(c.aside, c.place, err)) != 0)
        goto out;
    rc = changed_json(&c, json, err);
out:
    release(&c);
    kept_file_close(lock);
    return rc;
}

/* ---- on paper -------------------------------------------------------------------------------- */

int kept_admin_recovery(const struct kept_options *options, struct kept_buf *out,
                        struct kept_err *err)
{
    struct kept_root *root = NULL;
    struct kept_provider provider;
    int rc = get_root(options, &provider, &root, err);
    if (rc == 0)
        rc = kept_provider_check(&provider, root, err);
    if (rc == 0 && (rc = kept_root_recovery(root, out)) != 0)
        rc = kept_fail(err, rc, "no memory for the recovery copy");
    kept_root_free(root);
    return rc;
}

int kept_admin_restore(const struct kept_options *options, const char *text, struct kept_err *err)
{
    struct kept_provider p;
    const char *where = options->root_key;
    int rc = need(options, err);
    if (rc == 0)
        rc = where != NULL && where[0] != 0 ? kept_provider_parse(where, &p, err)
                                            : kept_find_root(options, &p, err);
    if (rc == 0 && p.kind != KEPT_BY_FILE)
        rc = kept_fail(err, KEPT_E_USAGE,
                       "a recovery copy becomes a file: say where with --root-key FILE");
    return rc != 0 ? rc : kept_root_from_recovery(text, p.path, err);
}

/* Is it the key in force, and does it open what is there? */
static int try_root(const struct kept_options *o, const struct kept_root *root, bool *ret_opens,
                    struct kept_err *ret_why, struct kept_err *err)
{
    struct kept_provider recorded;
    int rc = kept_provider_load(o->keyring, &recorded, ret_why);
    *ret_opens = false;
    if (rc == 0 && !has_name(root, recorded.root)) {
        (void)kept_fail(ret_why, KEPT_E_CRYPTO,
                        "it is the copy of another root key: the keyring is under %s", recorded.root);
        return 0;
    }
    if (rc == 0 || rc == KEPT_E_NOTFOUND)
        rc = kept_keyring_opens(o->keyring, root, ret_why);
    *ret_opens = rc == 0;
    return rc == 0 || rc == KEPT_E_CRYPTO ? 0 : kept_fail(err, rc, "%s", ret_why->text);
}

int kept_admin_recovery_check(const struct kept_options *options, const char *text,
                              struct kept_buf *json, int *ret_opens, struct kept_err *err)
{
    struct kept_root *root = NULL;
    struct kept_err why = {0};
    char name[9];
    bool opens = false;
    int rc = need(options, err);
    if (rc == 0)
        rc = kept_root_read_recovery(text, &root, err);
    if (rc == 0)
        rc = try_root(options, root, &opens, &why, err);
    if (rc == 0) {
        json_t *out = json_object();
        kept_root_name(root, name);
        (void)json_object_set_new(out, "name", json_string(name));
        (void)json_object_set_new(out, "opens", json_boolean(opens));
        if (!opens)
            (void)json_object_set_new(out, "why", json_string(why.text));
        rc = kept_admin_dump(out, json, err);
        *ret_opens = opens;
    }
    kept_root_free(root);
    return rc;
}
