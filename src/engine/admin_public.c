/* admin_public.c - what anybody may have of a store: the policies as published, and tiles of the ledger. */
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"
#include "base/mem.h"
#include "engine/admin.h"
#include "engine/admin_int.h"
#include "engine/engine_int.h"
#include "engine/report_int.h"

const char *kept_admin_app(struct kept *kept, size_t i)
{
    if (kept_mine(kept, NULL) != 0)
        return NULL;
    (void)pthread_mutex_lock(&kept->mutex);
    const char *name = i < kept->app_count ? kept->apps[i]->name : NULL;
    (void)pthread_mutex_unlock(&kept->mutex);
    return name;
}

/* ---- policies ----------------------------------------------------------------------------------- */

static json_t *version_json(const struct version *v, const struct kept_policy *in_force)
{
    char hash[65];
    kept_hex(kept_policy_info(v->policy)->hash, 32, hash);
    json_t *row = json_pack("{s:i,s:s,s:b}", "version", (int)v->number, "sha256", hash, "in_force",
                            v->policy == in_force);
    (void)json_object_set_new(row, "published", kept_admin_time(v->published));
    (void)json_object_set_new(row, "effective", kept_admin_time(v->effective));
    return row;
}

int kept_admin_versions(struct kept *kept, const char *name, struct kept_buf *json, struct kept_err *err)
{
    struct app *app = NULL;
    int rc = kept_admin_look(kept, name, &app, err);
    if (rc != 0)
        return rc;
    const struct kept_policy *in_force = kept_app_in_force(app, kept_now(&kept->clock));
    json_t *root = json_object(), *rows = json_array();
    for (size_t i = 0; i < app->version_count; i++)
        (void)json_array_append_new(rows, version_json(&app->versions[i], in_force));
    (void)json_object_set_new(root, "app", json_string(app->name));
    (void)json_object_set_new(root, "versions", rows);
    rc = kept_admin_dump(root, json, err);
    kept_admin_end(kept);
    return rc;
}

int kept_admin_doors(struct kept *kept, struct kept_buf *json, struct kept_err *err)
{
    if (kept_mine(kept, err) != 0)
        return KEPT_E_BUSY;
    json_t *root = json_object(), *apps = json_array();
    (void)pthread_mutex_lock(&kept->mutex);
    for (size_t i = 0; i < kept->app_count; i++) {
        const struct kept_policy *policy = kept_app_in_force(kept->apps[i], kept_now(&kept->clock));
        if (policy != NULL && kept_policy_account(policy).self_service)
            (void)json_array_append_new(apps, json_string(kept->apps[i]->name));
    }
    (void)pthread_mutex_unlock(&kept->mutex);
    (void)json_object_set_new(root, "apps", apps);
    return kept_admin_dump(root, json, err);
}

struct wanted {
    uint32_t version;
    struct kept_buf *out;
    kept_ms effective;
};

static int take_text(void *arg, uint32_t version, kept_ms effective, kept_ms published, struct kept_span text)
{
    struct wanted *wanted = arg;
    (void)published;
    if (version != wanted->version)
        return 0;
    kept_buf_bytes(wanted->out, text.p, text.n);
    wanted->effective = effective;
    return 0;
}

static bool has_version(const struct app *app, uint32_t version)
{
    for (size_t i = 0; i < app->version_count; i++)
        if (app->versions[i].number == version)
            return true;
    return false;
}

int kept_admin_policy_text(struct kept *kept, const char *name, uint32_t version, struct kept_buf *out,
                           uint32_t *ret_version, kept_ms *ret_effective, struct kept_err *err)
{
    struct app *app = NULL;
    struct wanted wanted = {version, out, 0};
    int rc = kept_admin_look(kept, name, &app, err);
    if (rc != 0)
        return rc;
    const struct kept_policy *in_force = kept_app_in_force(app, kept_now(&kept->clock));
    if (version == 0 && in_force != NULL)
        wanted.version = kept_policy_info(in_force)->version;
    if (wanted.version == 0)
        rc = kept_fail(err, KEPT_E_NOTFOUND, "no version of the policy of %.64s is in force", app->name);
    else if (!has_version(app, wanted.version))
        rc = kept_fail(err, KEPT_E_NOTFOUND, "the policy of %.64s has no version %u", app->name, wanted.version);
    if (rc == 0 && (rc = kept_store_begin_read(kept->store, err)) == 0) {
        rc = kept_policy_row_each(kept->store, app->number, take_text, &wanted, err);
        kept_store_end_read(kept->store);
    }
    if (rc == 0 && out->failed != 0)
        rc = kept_fail(err, out->failed, "no room for the text of a policy");
    if (rc == 0) {
        *ret_version = wanted.version;
        *ret_effective = wanted.effective;
    }
    kept_admin_end(kept);
    return rc;
}

/* ---- tiles -------------------------------------------------------------------------------------- */

/* Digits in front of *at, which moves behind them; false: none, or more than most. */
static bool digits(const char **at, size_t most, uint64_t *ret)
{
    size_t n = strspn(*at, "0123456789");
    *ret = 0;
    for (size_t i = 0; i < n && n <= most; i++)
        *ret = *ret * 10 + (uint64_t)((*at)[i] - '0');
    *at += n;
    return n > 0 && n <= most;
}

/* x001/x234/067, each of three digits. */
static bool tile_number(const char **at, uint64_t *ret)
{
    uint64_t part = 0;
    *ret = 0;
    for (unsigned i = 0; i < 6; i++) {
        bool more = **at == 'x';
        *at += more;
        const char *from = *at;
        if (!digits(at, 3, &part) || *at - from != 3)
            return false;
        *ret = *ret * 1000 + part;
        if (!more)
            return true;
        if (*(*at)++ != '/')
            return false;
    }
    return false;
}

static bool tile_parse(const char *path, struct kept_tile *ret)
{
    static const char entries[] = "entries/";
    uint64_t level = 0, width = 256;
    *ret = (struct kept_tile){.entries = strncmp(path, entries, strlen(entries)) == 0};
    if (ret->entries)
        path += strlen(entries);
    else if (!digits(&path, 2, &level) || *path++ != '/')
        return false;
    if (!tile_number(&path, &ret->n))
        return false;
    if (strncmp(path, ".p/", 3) == 0) {
        path += 3;
        if (!digits(&path, 3, &width) || width == 0 || width > 255)
            return false;
    }
    ret->level = (unsigned)level;
    ret->width = (uint32_t)width;
    return *path == 0 && level < 8;
}

int kept_admin_tile(struct kept *kept, const char *name, const char *path, struct kept_buf *out,
                    struct kept_err *err)
{
    struct app *app = NULL;
    struct kept_tile tile;
    if (!tile_parse(path, &tile))
        return kept_fail(err, KEPT_E_USAGE, "a tile is named LEVEL/NUMBER, as C2SP tlog-tiles has it: 0/x001/067");
    int rc = kept_admin_look(kept, name, &app, err);
    if (rc != 0)
        return rc;
    rc = kept_ledger_tile(app->ledger, &tile, out, err);
    kept_admin_end(kept);
    return rc;
}
