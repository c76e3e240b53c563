/* admin.c - policies as files, and the ledger: verifier keys, verification, proofs, export. */
#include "engine/admin.h"

#include <sys/stat.h>

#include "base/error.h"
#include "base/file.h"
#include "base/id.h"
#include "base/mem.h"
#include "crypto/crypto.h"
#include "engine/admin_int.h"
#include "engine/report_int.h"
#include "policy/findings.h"
#include "policy/overlay.h"
#include "policy/render.h"

#define VERIFIER "verifier"
#define VERIFIER_MAX 512u

int kept_admin_dump(json_t *root, struct kept_buf *out, struct kept_err *err)
{
    int rc = root == NULL ? KEPT_E_NOMEM : kept_json_text(root, out);
    kept_json_free(root);
    return rc == 0 ? 0 : kept_fail(err, KEPT_E_NOMEM, "no memory for a report");
}

json_t *kept_admin_time(kept_ms at)
{
    char text[KEPT_TIME_TEXT];
    kept_time_text(at, text);
    return json_string(text);
}

/* ---- policies as files ----------------------------------------------------------------------- */

static json_t *finding_json(const struct kept_finding *f)
{
    json_t *row = json_pack("{s:s,s:s,s:i,s:i,s:s,s:s}", "severity",
                            kept_severity_name(f->severity), "code", f->code, "line",
                            f->line, "column", f->column, "text", f->text, "mend", f->mend);
    if (f->file[0] != 0)
        (void)json_object_set_new(row, "file", json_string(f->file));
    return row;
}

int kept_admin_policy_check(struct kept_span text, int as_published, struct kept_buf *json,
                            size_t *ret_errors, struct kept_err *err)
{
    struct kept_findings findings = {0};
    struct kept_policy *policy = NULL;
    int rc = as_published != 0 ? kept_policy_examine(text, &findings, err)
                               : kept_policy_read(text, &policy, &findings, err);
    if (rc == KEPT_E_POLICY && findings.errors > 0)
        rc = 0;
    if (rc == 0) {
        size_t warnings = 0;
        json_t *root = json_object(), *rows = json_array();
        for (size_t i = 0; i < findings.count; i++) {
            warnings += findings.rows[i].severity == KEPT_WARNING;
            (void)json_array_append_new(rows, finding_json(&findings.rows[i]));
        }
        if (policy != NULL) {
            const struct kept_policy_info *info = kept_policy_info(policy);
            (void)json_object_set_new(root, "app", json_string(info->app));
            (void)json_object_set_new(root, "version", json_integer(info->version));
        }
        (void)json_object_set_new(root, "errors", json_integer((json_int_t)findings.errors));
        (void)json_object_set_new(root, "warnings", json_integer((json_int_t)warnings));
        (void)json_object_set_new(root, "findings", rows);
        *ret_errors = findings.errors;
        rc = kept_admin_dump(root, json, err);
    }
    kept_findings_release(&findings);
    kept_policy_free(policy);
    return rc;
}

int kept_admin_policy_show(struct kept_span text, int as_json, struct kept_buf *out,
                           struct kept_err *err)
{
    struct kept_findings findings = {0};
    struct kept_policy *policy = NULL;
    int rc = kept_policy_read(text, &policy, &findings, err);
    if (rc == KEPT_E_POLICY)
        rc = kept_fail(err, rc, "the policy has %zu errors: `kept policy check` names them",
                       findings.errors);
    if (rc == 0)
        rc = kept_policy_show(policy, as_json, out);
    if (rc == 0)
        rc = out->failed;
    kept_findings_release(&findings);
    kept_policy_free(policy);
    return rc;
}

static int which_rendering(const char *as, enum kept_rendering *ret_as, struct kept_err *err)
{
    const char *const *words = kept_rendering_words();
    unsigned i = 0;
    while (as != NULL && words[i] != NULL && strcmp(words[i], as) != 0)
        i++;
    if (words[i] == NULL)
        return kept_fail(err, KEPT_E_USAGE,
                         "a policy is rendered as notice, text, collected, recipients, cookies, "
                         "summary, ropa-json, ropa-csv or dpv");
    *ret_as = (enum kept_rendering)i;
    return 0;
}

int kept_admin_policy_render(struct kept_span text, const struct kept_admin_render *how,
                             struct kept_buf *out, struct kept_err *err)
{
    struct kept_findings findings = {0};
    struct kept_policy *policy = NULL;
    enum kept_rendering as = KEPT_RENDER_NOTICE;
    struct kept_sentences own = {how->templates, how->templates_name};
    int rc = which_rendering(how->as, &as, err);
    if (rc == 0)
        rc = kept_policy_read(text, &policy, &findings, err);
    if (rc == KEPT_E_POLICY)
        rc = kept_fail(err, rc, "the policy has %zu errors: `kept policy check` names them",
                       findings.errors);
    if (rc == 0 && how->effective != 0)
        kept_policy_takes_effect(policy, how->effective);
    if (rc == 0)
        rc = kept_policy_render(policy, as, how->language, &own, out, err);
    kept_findings_release(&findings);
    kept_policy_free(policy);
    return rc;
}

int kept_admin_policy_day(struct kept_span text, const char *date, kept_ms *ret_at, struct kept_err *err)
{
    struct kept_findings findings = {0};
    struct kept_policy *policy = NULL;
    int32_t day = 0;
    int rc = kept_date_parse(date, strlen(date), &day) == 0
                 ? kept_policy_read(text, &policy, &findings, err)
                 : kept_fail(err, KEPT_E_USAGE, "a day is written 2027-01-31");
    if (rc == 0)
        *ret_at = kept_zone_start(&kept_policy_info(policy)->zone, day);
    kept_findings_release(&findings);
    kept_policy_free(policy);
    return rc;
}

_Static_assert(KEPT_ADMIN_POLICY_FILE == KEPT_MAX_POLICY_FILE, "one length of names");

int kept_admin_policy_extends(struct kept_span text, char ret_name[KEPT_ADMIN_POLICY_FILE],
                              struct kept_err *err)
{
    return kept_policy_extends(text, ret_name, err);
}

int kept_admin_policy_join(const char *product_name, struct kept_span product,
                           const char *base_name, struct kept_span base, struct kept_buf *out,
                           struct kept_err *err)
{
    struct kept_findings findings = {0};
    const struct kept_policy_file over = {product_name, product}, under = {base_name, base};
    int rc = kept_policy_overlay(&over, &under, out, &findings, err);
    kept_findings_release(&findings);
    return rc;
}

/* ---- verifier keys: public, stored in the clear ---------------------------------------------- */

/* folder/<app>/ */
static int app_folder(char ret_path[KEPT_MAX_PATH], const char *folder, const char *app,
                      struct kept_err *err)
{
    return kept_path(ret_path, KEPT_MAX_PATH, folder, app, err);
}

static int ledger_folder(char ret_path[KEPT_MAX_PATH], const char *store, const char *app,
                         struct kept_err *err)
{
    char ledgers[KEPT_MAX_PATH];
    int rc = kept_path(ledgers, sizeof ledgers, store, "ledger", err);
    return rc != 0 ? rc : app_folder(ret_path, ledgers, app, err);
}

/* The text of folder/verifier without its newline; KEPT_E_NOTFOUND. */
static int verifier_load(const char *folder, struct kept_buf *text, struct kept_err *err)
{
    char path[KEPT_MAX_PATH];
    int rc = kept_path(path, sizeof path, folder, VERIFIER, err);
    if (rc == 0)
        rc = kept_file_load(path, text, err);
    if (rc == 0 && text->n > 0 && text->p[text->n - 1] == '\n')
        text->p[--text->n] = 0;
    return rc;
}

static int verifier_put(const char *folder, struct kept_span line, struct kept_err *err)
{
    struct kept_buf old;
    kept_buf_init(&old, VERIFIER_MAX);
    int rc = verifier_load(folder, &old, NULL);
    bool same = rc == 0 && old.n + 1 == line.n && kept_bytes_equal(old.p, line.p, old.n);
    kept_buf_release(&old);
    return same ? 0 : kept_file_replace(folder, VERIFIER, line, "the verifier key", err);
}

static int verifier_of(const struct app *app, struct kept_buf *out)
{
    uint8_t public[KEPT_SIGN_PUBLIC_BYTES];
    kept_sign_public(kept_keyring_signing_seed(app->keyring), public);
    return kept_note_verifier(app->origin, public, out);
}

int kept_app_verifier(const struct kept *kept, const struct app *app, struct kept_err *err)
{
    char folder[KEPT_MAX_PATH];
    struct kept_buf line;
    kept_buf_init(&line, VERIFIER_MAX);
    int rc = verifier_of(app, &line);
    kept_buf_text(&line, "\n");
    rc = rc != 0 ? rc : line.failed;
    if (rc != 0)
        rc = kept_fail(err, rc, "cannot make the verifier key of %s", app->name);
    if (rc == 0 && (rc = app_folder(folder, kept->keyring_path, app->name, err)) == 0)
        rc = verifier_put(folder, kept_buf_span(&line), err);
    if (rc == 0 && (rc = ledger_folder(folder, kept->store_path, app->name, err)) == 0)
        rc = verifier_put(folder, kept_buf_span(&line), err);
    kept_buf_release(&line);
    return rc;
}

/* "origin+hash+base64" into its parts, the hash checked. */
static int verifier_parse(const struct kept_buf *text, char ret_origin[256],
                          uint8_t ret_public[KEPT_SIGN_PUBLIC_BYTES])
{
    uint8_t raw[1 + KEPT_SIGN_PUBLIC_BYTES];
    size_t n = 0;
    struct kept_buf again;
    const char *line = (const char *)text->p;
    const char *hash = line == NULL ? NULL : strchr(line, '+');
    const char *key = hash == NULL ? NULL : strchr(hash + 1, '+');
    if (key == NULL || (size_t)(hash - line) >= 256 || strlen(line) != text->n ||
        kept_unbase64(key + 1, strlen(key + 1), raw, sizeof raw, &n) != 0 || n != sizeof raw)
        return KEPT_E_CORRUPT;
    memcpy(ret_origin, line, (size_t)(hash - line));
    ret_origin[hash - line] = 0;
    memcpy(ret_public, raw + 1, KEPT_SIGN_PUBLIC_BYTES);
    kept_buf_init(&again, VERIFIER_MAX);
    int rc = kept_note_verifier(ret_origin, ret_public, &again);
    if (rc == 0 && (again.n != text->n || !kept_bytes_equal(again.p, text->p, text->n)))
        rc = KEPT_E_CORRUPT;
    kept_buf_release(&again);
    return rc == KEPT_E_NOMEM ? rc : rc != 0 ? KEPT_E_CORRUPT : 0;
}

/* ---- verifying from files -------------------------------------------------------------------- */

struct files {
    const struct kept_options *options;
    const char *app;
    char folder[KEPT_MAX_PATH], ring[KEPT_MAX_PATH];
    char origin[256];
    uint8_t public[KEPT_SIGN_PUBLIC_BYTES];
    const char *key_from;
    struct kept_buf anchor; /* the note */
    struct kept_verify_report report;
};

/* The keyring's copy counts: whoever can write beside the ledger could write the other. */
static int find_verifier(struct files *f, struct kept_err *err)
{
    struct kept_buf ours, beside;
    kept_buf_init(&ours, VERIFIER_MAX);
    kept_buf_init(&beside, VERIFIER_MAX);
    int rc = verifier_load(f->ring, &ours, NULL);
    int rc_beside = verifier_load(f->folder, &beside, NULL);
    f->key_from = rc == 0 ? "keyring" : "beside the ledger";
    if (rc == 0 && rc_beside == 0 &&
        (ours.n != beside.n || !kept_bytes_equal(ours.p, beside.p, ours.n)))
        rc = kept_fail(err, KEPT_E_CORRUPT,
                       "the verifier key beside the ledger is not the one in the keyring");
    else if (rc == 0 || rc_beside == 0)
        rc = verifier_parse(rc == 0 ? &ours : &beside, f->origin, f->public) == 0
                 ? 0
                 : kept_fail(err, KEPT_E_CORRUPT, "the verifier key of %s is damaged", f->app);
    else
        rc = kept_fail(err, KEPT_E_NOTFOUND,
                       "there is no verifier key for %s, neither in the keyring nor beside the "
                       "ledger: open the store once with its root key",
                       f->app);
    kept_buf_release(&ours);
    kept_buf_release(&beside);
    return rc;
}

/* The note in an anchor file, read without the key that seals it: the note has its own signature.
 * Absent or unreadable: no note. */
static int peek_anchor(struct files *f, struct kept_err *err)
{
    char path[KEPT_MAX_PATH];
    struct kept_buf file;
    kept_buf_init(&file, 1u << 20);
    kept_buf_init(&f->anchor, 1u << 20);
    int rc = kept_path(path, sizeof path, f->ring, "anchor", err);
    if (rc == 0 && kept_file_load(path, &file, NULL) == 0) {
        struct kept_cursor c = kept_cursor(kept_buf_span(&file));
        (void)kept_get_bytes(&c, 8 + 4 + 3 * 4 + 8 + KEPT_HASH_BYTES);
        struct kept_span note = kept_get_bytes(&c, kept_get_u32(&c));
        if (!c.bad)
            kept_buf_bytes(&f->anchor, note.p, note.n);
        rc = f->anchor.failed;
    }
    kept_buf_release(&file);
    return rc;
}

static int verify_files(struct files *f, json_t *row, int *ret_holds, struct kept_err *err)
{
    struct kept_err own = {0};
    int rc = ledger_folder(f->folder, f->options->store, f->app, err);
    if (rc == 0)
        rc = app_folder(f->ring, f->options->keyring, f->app, err);
    if (rc == 0)
        rc = peek_anchor(f, err);
    if (rc != 0)
        return rc;
    rc = find_verifier(f, &own);
    if (rc == 0)
        rc = kept_ledger_verify(f->folder, f->origin, f->public, kept_buf_span(&f->anchor),
                                &f->report, &own);
    kept_buf_release(&f->anchor);
    bool verdict = rc == 0 || rc == KEPT_E_CORRUPT || rc == KEPT_E_CRYPTO ||
                   rc == KEPT_E_ROLLBACK || rc == KEPT_E_FORMAT;
    if (!verdict)
        return kept_fail(err, rc, "%s", own.text);
    (void)json_object_set_new(row, "app", json_string(f->app));
    (void)json_object_set_new(row, "holds", json_boolean(rc == 0));
    (void)json_object_set_new(row, "entries", json_integer((json_int_t)f->report.entries));
    (void)json_object_set_new(row, "checkpoint",
                              json_integer((json_int_t)f->report.checkpoint_size));
    (void)json_object_set_new(row, "anchored", json_boolean(f->report.anchored));
    (void)json_object_set_new(row, "verifier", json_string(f->key_from));
    (void)json_object_set_new(row, "what", json_string(rc == 0 ? f->report.what : own.text));
    if (rc != 0) {
        (void)json_object_set_new(row, "first_bad",
                                  json_integer((json_int_t)f->report.bad_index));
        *ret_holds = 0;
    }
    return 0;
}

static bool is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Each ledger there is, or the one named. */
static int verify_ledgers(const struct kept_options *options, const char *app, json_t *rows,
                          int *ret_holds, struct kept_err *err)
{
    char ledgers[KEPT_MAX_PATH], path[KEPT_MAX_PATH];
    char **names = NULL;
    size_t count = 0, done = 0;
    int rc = kept_path(ledgers, sizeof ledgers, options->store, "ledger", err);
    if (rc == 0 && !is_folder(ledgers))
        rc = kept_fail(err, KEPT_E_NOTFOUND, "there is no store at %s", options->store);
    if (rc == 0)
        rc = kept_dir_list(ledgers, "", &names, &count, err);
    for (size_t i = 0; rc == 0 && i < count; i++) {
        if (app != NULL && strcmp(app, names[i]) != 0)
            continue;
        if ((rc = kept_path(path, sizeof path, ledgers, names[i], err)) != 0 || !is_folder(path))
            continue;
        struct files *f = kept_alloc(1, sizeof *f);
        json_t *row = json_object();
        if (f == NULL) {
            rc = kept_fail(err, KEPT_E_NOMEM, "no memory to verify");
        } else {
            f->options = options;
            f->app = names[i];
            rc = verify_files(f, row, ret_holds, err);
        }
        kept_free(f);
        (void)json_array_append_new(rows, row);
        done++;
    }
    kept_names_free(names, count);
    if (rc == 0 && done == 0)
        rc = app != NULL ? kept_fail(err, KEPT_E_NOTFOUND, "there is no ledger of %.64s", app)
                         : kept_fail(err, KEPT_E_NOTFOUND, "no ledger yet: publish a policy first");
    return rc;
}

/* The store beside the ledger, if it opens here and now. */
static int cross_check(const struct kept_options *options, json_t *row, int *ret_holds,
                       struct kept_err *err)
{
    struct kept *kept = NULL;
    struct kept_err own = {0};
    struct kept_buf json;
    uint64_t problems = 0;
    kept_buf_init(&json, KEPT_MAX_JSON_BYTES);
    int rc = kept_open(options, &kept, &own);
    if (rc == 0)
        rc = kept_admin_check(kept, &json, &problems, &own);
    kept_close(kept);
    (void)json_object_set_new(row, "checked", json_boolean(rc == 0));
    if (rc == 0) {
        json_t *report = json_loadb((const char *)json.p, json.n, 0, NULL);
        (void)json_object_update(row, report);
        json_decref(report);
        if (problems > 0)
            *ret_holds = 0;
    } else {
        (void)json_object_set_new(row, "why", json_string(own.text));
        if (rc == KEPT_E_CORRUPT || rc == KEPT_E_ROLLBACK || rc == KEPT_E_FORMAT)
            *ret_holds = 0;
    }
    kept_buf_release(&json);
    return rc == KEPT_E_NOMEM ? kept_fail(err, rc, "%s", own.text) : 0;
}

int kept_admin_verify(const struct kept_options *options, const char *app, int files_only,
                      struct kept_buf *json, int *ret_holds, struct kept_err *err)
{
    if (options->store == NULL || options->keyring == NULL)
        return kept_fail(err, KEPT_E_USAGE, "a store and a keyring must be named");
    int rc = kept_crypto_init();
    if (rc != 0)
        return kept_fail(err, rc, "the cryptographic libraries do not start");
    json_t *root = json_object(), *rows = json_array(), *store = json_object();
    *ret_holds = 1;
    rc = verify_ledgers(options, app, rows, ret_holds, err);
    /* Opening mends what a crash left, so it comes last; what is broken is left alone. */
    if (rc == 0 && files_only == 0 && *ret_holds != 0)
        rc = cross_check(options, store, ret_holds, err);
    else
        (void)json_object_set_new(store, "checked", json_false());
    (void)json_object_set_new(root, "holds", json_boolean(*ret_holds != 0));
    (void)json_object_set_new(root, "ledgers", rows);
    (void)json_object_set_new(root, "store", store);
    if (rc != 0) {
        json_decref(root);
        return rc;
    }
    return kept_admin_dump(root, json, err);
}

/* ---- proofs, checkpoints, export ------------------------------------------------------------- */

int kept_admin_look(struct kept *kept, const char *name, struct app **ret_app, struct kept_err *err)
{
    int rc = kept_mine(kept, err);
    if (rc != 0)
        return rc;
    (void)pthread_mutex_lock(&kept->mutex);
    if (kept->stopped)
        rc = kept_fail(err, KEPT_E_IO, "a write failed after a commit: open the store again");
    else if (kept->in_flight != 0)
        rc = kept_fail(err, KEPT_E_CONFLICT, "operations are in flight: reap them first");
    else if (ret_app != NULL &&
             (*ret_app = kept_app_named(kept, name != NULL ? name : "")) == NULL)
        rc = kept_fail(err, KEPT_E_NOTFOUND,
                       name != NULL && name[0] != 0 ? "there is no such app in this store"
                       : kept->app_count == 0 ? "there is no app yet: publish a policy first"
                                              : "several apps stand in this store: name one");
    if (rc != 0)
        (void)pthread_mutex_unlock(&kept->mutex);
    return rc;
}

int kept_admin_begin(struct kept *kept, const char *name, struct app **ret_app,
                     struct kept_err *err)
{
    int rc = kept_admin_look(kept, name, ret_app, err);
    if (rc != 0)
        return rc;
    /* What is asked about the ledger is asked about all that was acknowledged. */
    rc = kept_checkpoint(kept, 1, err);
    if (rc != 0)
        (void)pthread_mutex_unlock(&kept->mutex);
    return rc;
}

void kept_admin_end(struct kept *kept)
{
    (void)pthread_mutex_unlock(&kept->mutex);
}

static int entry_index(struct app *app, const char *entry, uint64_t *ret_index,
                       struct kept_err *err)
{
    struct kept_id id;
    char *end = NULL;
    size_t n = strlen(entry);
    if (kept_id_parse(entry, &id) == 0)
        return kept_ledger_find(app->ledger, &id, ret_index, err);
    if (n == 0 || n > 18 || strspn(entry, "0123456789") != n)
        return kept_fail(err, KEPT_E_USAGE,
                         "an entry is named by its 32 hex digits, or by its index");
    *ret_index = strtoull(entry, &end, 10);
    return 0;
}

int kept_admin_prove(struct kept *kept, const char *app_name, const char *entry,
                     struct kept_buf *out, struct kept_err *err)
{
    struct app *app = NULL;
    uint64_t index = 0;
    int rc = kept_admin_begin(kept, app_name, &app, err);
    if (rc != 0)
        return rc;
    rc = entry_index(app, entry, &index, err);
    if (rc == 0 && index >= kept_ledger_size(app->ledger))
        rc = kept_fail(err, KEPT_E_NOTFOUND, "the ledger has %llu entries",
                       (unsigned long long)kept_ledger_size(app->ledger));
    if (rc == 0)
        rc = kept_ledger_prove_text(app->ledger, index, out, err);
    else if (rc == KEPT_E_NOTFOUND && err != NULL && err->code == 0)
        rc = kept_fail(err, rc, "the ledger has no such entry");
    kept_admin_end(kept);
    return rc;
}

int kept_admin_checkpoint(struct kept *kept, const char *app_name, struct kept_buf *out,
                          struct kept_err *err)
{
    struct app *app = NULL;
    int rc = kept_admin_begin(kept, app_name, &app, err);
    if (rc != 0)
        return rc;
    struct kept_span note = kept_ledger_note(app->ledger);
    kept_buf_bytes(out, note.p, note.n);
    rc = out->failed;
    kept_admin_end(kept);
    return rc == 0 ? 0 : kept_fail(err, rc, "no memory for a checkpoint");
}

int kept_admin_export(struct kept *kept, const char *app_name, const char *folder, int entries,
                      struct kept_err *err)
{
    struct app *app = NULL;
    int rc = kept_admin_begin(kept, app_name, &app, err);
    if (rc != 0)
        return rc;
    rc = kept_ledger_export(app->ledger, folder, entries, err);
    kept_admin_end(kept);
    return rc;
}
