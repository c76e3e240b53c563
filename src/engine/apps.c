/* apps.c - the apps of a store, each with its policies, keyring and ledger. */
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/id.h"
#include "base/mem.h"
#include "engine/admin_int.h"
#include "engine/approve_int.h"
#include "policy/difference.h"

#define MAX_VERSIONS 10000u

struct app *kept_app_named(struct kept *kept, const char *name)
{
    if (name[0] == 0)
        return kept->app_count == 1 ? kept->apps[0] : NULL; /* the only one needs no name */
    for (size_t i = 0; i < kept->app_count; i++)
        if (strcmp(kept->apps[i]->name, name) == 0)
            return kept->apps[i];
    return NULL;
}

const struct kept_policy *kept_app_policy(const struct app *app, uint32_t version)
{
    for (size_t i = app->version_count; i > 0; i--)
        if (app->versions[i - 1].number == version)
            return app->versions[i - 1].policy;
    return NULL;
}

const struct kept_policy *kept_app_in_force(const struct app *app, kept_ms now)
{
    for (size_t i = app->version_count; i > 0; i--)
        if (app->versions[i - 1].effective <= now)
            return app->versions[i - 1].policy;
    return NULL;
}

const char *kept_ref_name(const struct app *app, enum kept_kind kind, uint32_t ref)
{
    for (size_t i = app->version_count; i > 0; i--) {
        uint32_t index = kept_policy_index(app->versions[i - 1].policy, kind, ref);
        if (index != KEPT_NO_INDEX)
            return kept_policy_name(app->versions[i - 1].policy, kind, index);
    }
    return ref == KEPT_REF_NONE ? "" : "?";
}

int kept_app_add_version(struct app *app, uint32_t number, kept_ms effective, kept_ms published,
                         uint32_t agreed, struct kept_policy *policy)
{
    int rc = kept_grow(&app->versions, &app->version_cap, app->version_count + 1, MAX_VERSIONS,
                       sizeof *app->versions);
    for (size_t i = 0; rc == 0 && i < app->version_count; i++)
        rc = kept_policy_relate(policy, app->versions[i].policy);
    if (rc == 0)
        app->versions[app->version_count++] = (struct version){number, effective, published, policy, agreed};
    return rc;
}

void kept_app_free(struct app *app)
{
    if (app == NULL)
        return;
    kept_ledger_close(app->ledger);
    kept_keyring_close(app->keyring);
    for (size_t i = 0; i < app->version_count; i++)
        kept_policy_free(app->versions[i].policy);
    kept_free(app->versions);
    kept_free(app->debts);
    kept_free(app->observed);
    kept_free(app->watched);
    kept_approvals_free(app);
    kept_free(app);
}

struct app *kept_app_new(const struct kept *kept, const char *name)
{
    char id[33];
    struct app *app = kept_alloc(1, sizeof *app);
    if (app == NULL)
        return NULL;
    (void)snprintf(app->name, sizeof app->name, "%s", name);
    kept_id_hex(&kept->store_id, id);
    (void)snprintf(app->origin, sizeof app->origin, "kept.example/%.12s/%s", id, name);
    return app;
}

int kept_app_register(struct kept *kept, struct app *app, struct kept_err *err)
{
    (void)pthread_mutex_lock(&kept->log_mutex);
    int rc = kept_grow(&kept->apps, &kept->app_cap, kept->app_count + 1, KEPT_MAX_APPS,
                       sizeof(struct app *));
    if (rc == 0)
        kept->apps[kept->app_count++] = app;
    (void)pthread_mutex_unlock(&kept->log_mutex);
    return rc == 0 ? 0 : kept_fail(err, rc, "more apps than %u in one store", KEPT_MAX_APPS);
}

/* The ledger of an app: made when make is set and there is none. */
static int attach_ledger(struct kept *kept, struct app *app, bool make, struct kept_err *err)
{
    char ledgers[KEPT_MAX_PATH], folder[KEPT_MAX_PATH];
    int rc = kept_path(ledgers, sizeof ledgers, kept->store_path, "ledger", err);
    if (rc == 0)
        rc = kept_path(folder, sizeof folder, ledgers, app->name, err);
    if (rc != 0)
        return rc;
    const struct kept_ledger_options options = {.folder = folder,
                                                .origin = app->origin,
                                                .seed = kept_keyring_signing_seed(app->keyring),
                                                .anchor = kept_anchor_write,
                                                .anchor_arg = app->keyring};
    rc = kept_ledger_open(&options, kept_anchor_note(app->keyring), &app->ledger, err);
    if (rc == KEPT_E_NOTFOUND && make && (rc = kept_ledger_create(&options, err)) == 0)
        rc = kept_ledger_open(&options, kept_anchor_note(app->keyring), &app->ledger, err);
    if (rc == 0)
        app->audit_block = kept_ledger_size(app->ledger) / KEPT_AUDIT_ENTRIES;
    return rc;
}

int kept_app_attach(struct kept *kept, struct app *app, bool make, kept_ms now,
                    struct kept_err *err)
{
    int rc = kept_keyring_open(kept->keyring_path, app->name, kept->root, &app->keyring, err);
    if (rc == KEPT_E_NOTFOUND && make) {
        rc = kept_keyring_create(kept->keyring_path, app->name, kept->root, now, err);
        if (rc == 0)
            rc = kept_keyring_open(kept->keyring_path, app->name, kept->root, &app->keyring, err);
    }
    if (rc == 0 && kept->mirror_path[0] != 0)
        rc = kept_keyring_mirror(app->keyring, kept->mirror_path, err);
    if (rc == 0)
        rc = attach_ledger(kept, app, make, err);
    return rc != 0 ? rc : kept_app_verifier(kept, app, err);
}

/* ---- the seal of a version ------------------------------------------------------------------- */

/* A version's row is signed with the app's key, so that nobody with a disk editor makes the rules:
 * what is signed is the app, the number, both instants and the text. */
static void seal_message(const struct app *app, uint32_t version, kept_ms effective,
                         kept_ms published, struct kept_span text, struct kept_buf *out)
{
    uint8_t hash[KEPT_HASH_BYTES];
    kept_sha256(text, hash);
    kept_buf_text(out, "kept policy 1\n");
    kept_buf_text(out, app->name);
    kept_buf_u8(out, 0);
    kept_buf_u32(out, version);
    kept_buf_u64(out, (uint64_t)effective);
    kept_buf_u64(out, (uint64_t)published);
    kept_buf_bytes(out, hash, sizeof hash);
}

static void seal_name(uint32_t app, uint32_t version, char name[32])
{
    (void)snprintf(name, 32, "policy.%u.%u", app, version);
}

int kept_app_seal(struct kept_store *store, const struct app *app, uint32_t version, kept_ms effective,
                  kept_ms published, struct kept_span text, struct kept_err *err)
{
    uint8_t signature[KEPT_SIGNATURE_BYTES];
    char name[32];
    struct kept_buf message;
    kept_buf_init(&message, 256);
    seal_message(app, version, effective, published, text, &message);
    int rc = message.failed;
    if (rc == 0)
        kept_sign(kept_keyring_signing_seed(app->keyring), kept_buf_span(&message), signature);
    kept_buf_release(&message);
    if (rc != 0)
        return kept_fail(err, rc, "no memory to sign a policy");
    seal_name(app->number, version, name);
    return kept_meta_put(store, name, (struct kept_span){signature, sizeof signature}, err);
}

static int check_seal(struct kept_store *store, const struct app *app, uint32_t version,
                      kept_ms effective, kept_ms published, struct kept_span text,
                      struct kept_err *err)
{
    uint8_t key[KEPT_SIGN_PUBLIC_BYTES];
    char name[32];
    struct kept_buf message, seal;
    kept_buf_init(&message, 256);
    kept_buf_init(&seal, KEPT_SIGNATURE_BYTES);
    seal_message(app, version, effective, published, text, &message);
    seal_name(app->number, version, name);
    kept_sign_public(kept_keyring_signing_seed(app->keyring), key);
    int rc = message.failed != 0 ? kept_fail(err, message.failed, "no memory to check a policy")
                                 : kept_meta_get(store, name, &seal, err);
    if (rc == KEPT_E_NOTFOUND || rc == KEPT_E_LIMIT ||
        (rc == 0 && (seal.n != KEPT_SIGNATURE_BYTES ||
                     !kept_sign_verify(key, kept_buf_span(&message), seal.p))))
        rc = kept_fail(err, KEPT_E_CORRUPT,
                       "version %u of the policy of %s was changed outside kept", version,
                       app->name);
    kept_buf_release(&message);
    kept_buf_release(&seal);
    return rc;
}

/* One version's text, as it was published. */
struct version_find {
    struct kept *kept;
    const struct app *app;
    uint32_t version;
    struct kept_buf *text;
    struct kept_err *err;
    int rc;
};

static int find_version(void *arg, uint32_t version, kept_ms effective, kept_ms published,
                        struct kept_span text)
{
    struct version_find *find = arg;
    if (version != find->version)
        return 0;
    find->rc = check_seal(find->kept->store, find->app, version, effective, published, text, find->err);
    if (find->rc == 0) {
        kept_buf_bytes(find->text, text.p, text.n);
        if (find->text->failed != 0)
            find->rc = kept_fail(find->err, find->text->failed, "no memory for a policy");
    }
    return 1;
}

int kept_app_text(struct kept *kept, const struct app *app, uint32_t version, struct kept_buf *text,
                  struct kept_err *err)
{
    struct version_find find = {kept, app, version, text, err, KEPT_E_NOTFOUND};
    int rc = kept_policy_row_each(kept->store, app->number, find_version, &find, err);
    if (rc >= 0 && (rc = find.rc) == KEPT_E_NOTFOUND) /* 1: found, and no more were looked at */
        rc = kept_fail(err, rc, "there is no version %u of the policy of %s: see `kept policy show`", version,
                       app->name);
    return rc;
}

struct version_load {
    struct kept *kept;
    struct app *app;
    struct kept_buf before; /* the text of the version before */
    struct kept_err *err;
    int rc;
};

/* What came with this version that people may have to agree to; its text is the next one's "before". */
static int agreed_of(struct version_load *load, struct kept_span text, uint32_t *ret_agreed)
{
    struct kept_difference *d = NULL;
    int rc = 0;
    *ret_agreed = 0;
    if (load->before.n > 0)
        rc = kept_policy_difference(kept_buf_span(&load->before), text, &d, load->err);
    if (rc == 0 && d != NULL)
        *ret_agreed = d->agreed;
    kept_difference_free(d);
    kept_buf_clear(&load->before);
    kept_buf_bytes(&load->before, text.p, text.n);
    return rc != 0 ? rc : load->before.failed;
}

static int load_version(void *arg, uint32_t version, kept_ms effective, kept_ms published,
                        struct kept_span text)
{
    struct version_load *load = arg;
    struct kept_findings findings = {0};
    struct kept_policy *policy = NULL;
    load->rc = check_seal(load->kept->store, load->app, version, effective, published, text,
                          load->err);
    if (load->rc != 0)
        return 1;
    load->rc = kept_policy_read(text, &policy, &findings, load->err);
    kept_findings_release(&findings);
    if (load->rc == KEPT_E_NOMEM)
        return 1;
    if (load->rc != 0) {
        load->rc = kept_fail(load->err, KEPT_E_CORRUPT,
                             "version %u of the policy of %s in the store does not load", version,
                             load->app->name);
        return 1;
    }
    uint32_t agreed = 0;
    load->rc = agreed_of(load, text, &agreed);
    if (load->rc == 0)
        load->rc = kept_app_add_version(load->app, version, effective, published, agreed, policy);
    if (load->rc != 0)
        kept_policy_free(policy);
    return load->rc != 0;
}

static int load_facts(struct kept *kept, struct app *app, struct kept_err *err)
{
    char name[32];
    uint64_t ceased = 0;
    (void)snprintf(name, sizeof name, "next.%u", app->number);
    int rc = kept_meta_get_u64(kept->store, name, 1, &app->next_number, err);
    (void)snprintf(name, sizeof name, "ceased.%u", app->number);
    if (rc == 0)
        rc = kept_meta_get_u64(kept->store, name, 0, &ceased, err);
    app->ceased = ceased != 0;
    return rc;
}

int kept_app_load(struct kept *kept, uint32_t number, const char *name, struct kept_err *err)
{
    struct app *app = kept_app_new(kept, name);
    if (app == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory for an app");
    app->number = number;
    struct version_load load = {.kept = kept, .app = app, .err = err};
    kept_buf_init(&load.before, KEPT_MAX_POLICY_BYTES + 1);
    int rc = kept_app_attach(kept, app, false, kept->last_now, err);
    if (rc == 0)
        rc = kept_policy_row_each(kept->store, number, load_version, &load, err);
    kept_buf_release(&load.before);
    if (load.rc != 0)
        rc = load.rc;
    if (rc == 0)
        rc = load_facts(kept, app, err);
    if (rc == 0)
        rc = kept_app_register(kept, app, err);
    if (rc != 0)
        kept_app_free(app);
    return rc;
}
