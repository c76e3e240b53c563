/* admin_check.c - the whole store against itself and against the ledger. */
#include <inttypes.h>

#include "base/error.h"
#include "base/id.h"
#include "base/mem.h"
#include "engine/admin.h"
#include "engine/admin_int.h"

#define SLOT_WORDS (((size_t)KEPT_MAX_RECORDS + 1) / 64)

/* What one app's check has found so far. */
struct check {
    struct call *call;               /* the engine's own, for loading people */
    uint64_t *slots;                 /* of one person: bit per record the directory names */
    struct kept_buf value;           /* secret scratch */
    uint64_t people, erased, records, outside, problems;
    uint64_t born, may_be_gone;      /* by the ledger */
    uint64_t newest;                 /* highest version of one person in the ledger */
    char first[KEPT_ERR_TEXT];
    struct kept_err *err;
    int rc;                          /* a failure of the check itself */
};

/* A problem found; the first is told in words. */
static void problem(struct check *c, const struct kept_id *id, const char *what)
{
    char hex[33] = "";
    if (c->problems++ > 0)
        return;
    if (id != NULL)
        kept_id_hex(id, hex);
    (void)snprintf(c->first, sizeof c->first, "%s: %s%s%s", c->call->app->name,
                   id != NULL ? "person " : "", hex, id != NULL ? ": " : "");
    size_t n = strlen(c->first);
    (void)snprintf(c->first + n, sizeof c->first - n, "%s", what);
}

/* Is this a state of the bytes, or did the check itself fail? */
static bool is_finding(int rc)
{
    return rc == KEPT_E_CORRUPT || rc == KEPT_E_CRYPTO || rc == KEPT_E_NOTFOUND ||
           rc == KEPT_E_FORMAT;
}

/* ---- one person's records -------------------------------------------------------------------- */

static int check_record(void *arg, const struct kept_dir_row *row)
{
    struct check *c = arg;
    const struct kept_subject *s = c->call->subject;
    struct kept_store *store = c->call->kept->store;
    struct kept_err own = {0};
    struct kept_stamp stamp;
    c->records++;
    c->slots[row->slot / 64] |= 1ull << (row->slot % 64);
    kept_buf_clear(&c->value);
    int rc = kept_vault_get(store, s, row, &stamp, &c->value, &own);
    if (is_finding(rc))
        problem(c, &s->id, own.text);
    else if (rc != 0)
        c->rc = kept_fail(c->err, rc, "%s", own.text);
    return c->rc != 0;
}

/* Rows between the records the directory names. */
static void check_outside(struct check *c, uint64_t head)
{
    struct kept_store *store = c->call->kept->store;
    kept_ms at = 0;
    uint64_t key = head + 1, outside = 0;
    for (;;) {
        int rc = kept_cell_next(store, key, &key, c->err);
        if (rc != 0 || key > (head | KEPT_MAX_RECORDS)) {
            c->rc = rc == KEPT_E_NOTFOUND ? 0 : rc;
            break;
        }
        uint32_t slot = (uint32_t)(key & KEPT_MAX_RECORDS);
        if ((c->slots[slot / 64] >> (slot % 64) & 1) == 0)
            outside++;
        key++;
    }
    if (c->rc != 0 || outside == 0)
        return;
    c->outside += outside;
    int rc = kept_todo_get(store, KEPT_TODO_SWEEP, head, &at, c->err);
    if (rc == KEPT_E_NOTFOUND)
        problem(c, &c->call->subject->id, "rows stand outside the directory, and no sweep is due");
    else
        c->rc = rc;
}

/* ---- one person's version -------------------------------------------------------------------- */

static int raise_newest(void *arg, uint64_t index, struct kept_span bytes)
{
    struct check *c = arg;
    struct kept_entry entry;
    (void)index;
    if (kept_entry_decode(bytes, &entry) == 0 && entry.subject_version > c->newest)
        c->newest = entry.subject_version;
    return 0;
}

static void check_version(struct check *c)
{
    const struct kept_subject *s = c->call->subject;
    char text[160];
    if (!s->keys->has_trace)
        return;
    c->newest = 0;
    int rc = kept_ledger_trail(c->call->app->ledger, s->keys->trace + KEPT_KEY_BYTES, raise_newest,
                               c, c->err);
    if (rc != 0) {
        c->rc = rc;
        return;
    }
    (void)snprintf(text, sizeof text,
                   s->context.version < c->newest
                       ? "stands at version %" PRIu64 ", the ledger knows %" PRIu64
                         ": an older row was put back"
                       : "stands at version %" PRIu64 ", the ledger knows only %" PRIu64
                         ": an entry is missing",
                   s->context.version, c->newest);
    if (s->context.version != c->newest)
        problem(c, &s->id, text);
}

/* ---- everybody ------------------------------------------------------------------------------- */

static void check_person(struct check *c, uint64_t head)
{
    struct kept_subject *s = c->call->subject;
    struct kept_err own = {0};
    int rc = kept_load_key(c->call, head, &own);
    if (is_finding(rc)) {
        problem(c, NULL, own.code != 0 ? own.text : "a person's row does not open");
        return;
    }
    if (rc != 0) {
        c->rc = kept_fail(c->err, rc, "%s", own.text);
        return;
    }
    bool erased = s->context.state == KEPT_S_ERASED || s->context.state == KEPT_S_KEPT_BY_LAW;
    c->people++;
    c->erased += erased;
    memset(c->slots, 0, ((size_t)s->next_slot / 64 + 1) * sizeof *c->slots);
    rc = kept_vault_each(c->call->kept->store, s, 0, check_record, c, &own);
    if (is_finding(rc))
        problem(c, &s->id, own.text);
    else if (rc != 0)
        c->rc = kept_fail(c->err, rc, "%s", own.text);
    if (c->rc == 0)
        check_outside(c, head);
    if (c->rc == 0)
        check_version(c);
}

static int count_entry(void *arg, uint64_t index, struct kept_span bytes)
{
    struct check *c = arg;
    struct kept_entry e;
    (void)index;
    if (kept_entry_decode(bytes, &e) != 0 || e.decision != KEPT_ALLOW)
        return 0;
    c->born += e.event == KEPT_OP_SUBJECT_NEW;
    c->may_be_gone += e.event == KEPT_OP_ERASE_SUBJECT && c->call->info != NULL &&
                      e.at + c->call->info->evidence <= c->call->now;
    return 0;
}

/* Heads and rows of the app, in one read transaction. */
static int check_people(struct check *c)
{
    struct kept_store *store = c->call->kept->store;
    uint64_t key = KEPT_KEY(c->call->app->number, 0, 0);
    uint64_t end = KEPT_KEY(c->call->app->number + 1, 0, 0);
    int rc = 0;
    while (c->rc == 0) {
        rc = kept_cell_next(store, key, &key, c->err);
        if (rc != 0 || key >= end)
            break;
        uint64_t head = key & ~(uint64_t)KEPT_MAX_RECORDS;
        if (key == head) {
            check_person(c, head);
        } else {
            c->outside++;
            problem(c, NULL, "rows of a person whose own row is gone");
        }
        key = (head | KEPT_MAX_RECORDS) + 1;
    }
    kept_wipe(c->call->subject->keys, sizeof *c->call->subject->keys);
    if (c->rc == 0 && rc != 0 && rc != KEPT_E_NOTFOUND)
        c->rc = rc;
    if (c->rc == 0)
        c->rc = kept_ledger_each(c->call->app->ledger, 0, count_entry, c, c->err);
    /* Whoever was erased long ago may have left no row at all. */
    if (c->rc == 0 && c->people + c->may_be_gone < c->born)
        problem(c, NULL, "people that the ledger knows are not in the store");
    return c->rc;
}

static json_t *check_json(const struct check *c)
{
    return json_pack("{s:s,s:I,s:I,s:I,s:I,s:I}", "app", c->call->app->name, "people",
                     (json_int_t)c->people, "erased", (json_int_t)c->erased, "records",
                     (json_int_t)c->records, "outside", (json_int_t)c->outside, "problems",
                     (json_int_t)c->problems);
}

static int check_app(struct kept *kept, struct app *app, struct check *c, struct kept_err *err)
{
    static const struct kept_request nothing = {.op = KEPT_OP_STAT};
    struct kept_store *store = kept->store;
    c->err = err;
    c->call = kept_call_new(kept);
    c->slots = kept_alloc(SLOT_WORDS + 1, sizeof *c->slots);
    kept_buf_init_secret(&c->value, KEPT_MAX_VALUE_BYTES);
    if (c->call == NULL || c->slots == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory to check the store");
    kept_own_call(c->call, kept, app, KEPT_OP_STAT, &nothing);
    int rc = kept_store_begin_read(store, err);
    if (rc != 0)
        return rc;
    rc = check_people(c);
    kept_store_end_read(store);
    return rc;
}

static void check_release(struct kept *kept, struct check *c)
{
    if (c->call != NULL) {
        kept_reply_free(&c->call->box->reply);
        c->call->box = NULL;
        kept_call_release(kept, c->call);
    }
    kept_free(c->slots);
    kept_buf_release(&c->value);
}

static int check_all(struct kept *kept, json_t *root, uint64_t *ret_problems, struct kept_err *err)
{
    json_t *rows = json_array();
    struct kept_err own = {0};
    char first[KEPT_ERR_TEXT] = "";
    uint64_t sweeps = 0;
    int rc = kept_store_check(kept->store, &own);
    if (rc == KEPT_E_CORRUPT) {
        *ret_problems = 1;
        memcpy(first, own.text, sizeof first);
        rc = 0;
    } else if (rc != 0) {
        rc = kept_fail(err, rc, "%s", own.text);
    }
    if (rc == 0)
        rc = kept_todo_count(kept->store, KEPT_TODO_SWEEP, &sweeps, err);
    for (size_t i = 0; rc == 0 && i < kept->app_count; i++) {
        struct check c = {.rc = 0};
        rc = check_app(kept, kept->apps[i], &c, err);
        if (rc == 0) {
            (void)json_array_append_new(rows, check_json(&c));
            if (first[0] == 0)
                memcpy(first, c.first, sizeof first);
            *ret_problems += c.problems;
        }
        check_release(kept, &c);
    }
    (void)json_object_set_new(root, "problems", json_integer((json_int_t)*ret_problems));
    if (first[0] != 0)
        (void)json_object_set_new(root, "first", json_string(first));
    (void)json_object_set_new(root, "sweeps_pending", json_integer((json_int_t)sweeps));
    (void)json_object_set_new(root, "apps", rows);
    return rc;
}

int kept_admin_check(struct kept *kept, struct kept_buf *json, uint64_t *ret_problems,
               struct kept_err *err)
{
    int rc = kept_admin_begin(kept, NULL, NULL, err);
    if (rc != 0)
        return rc;
    json_t *root = json_object();
    *ret_problems = 0;
    rc = check_all(kept, root, ret_problems, err);
    kept_admin_end(kept);
    if (rc != 0) {
        json_decref(root);
        return rc;
    }
    return kept_admin_dump(root, json, err);
}
