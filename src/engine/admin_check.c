/* admin_check.c - the whole store against itself and against the ledger. */
#include <inttypes.h>

#include "base/error.h"
#include "base/id.h"
#include "base/mem.h"
#include "engine/admin.h"
#include "engine/admin_int.h"
#include "engine/values_int.h"

#define SLOT_WORDS (((size_t)KEPT_MAX_RECORDS + 1) / 64)

/* What one app's check has found so far. */
struct check {
    struct call *call;               /* the engine's own, for loading people */
    uint64_t *slots;                 /* of one person: bit per record the directory names */
    uint64_t person_chunks, person_tokens; /* of one person: those their living records need */
    uint64_t person_packed;                /* living records in their own row */
    bool matches;                    /* some version of the policy has address books */
    bool unsure;                     /* something of this person did not open: not to be counted */
    struct kept_buf value;           /* secret scratch */
    json_t *partitions;              /* how many records are in each but the default one */
    uint64_t people, erased, records, chunks, tokens, outside, problems;
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

/* The policy's rule for a value when it was taken in, or NULL. */
static const struct kept_item *rule_of(const struct check *c, const struct kept_dir_row *row,
                        const struct kept_stamp *stamp)
{
    const struct kept_policy *policy = kept_app_policy(c->call->app, stamp->policy_version);
    uint32_t index = policy == NULL ? KEPT_NO_INDEX
                                    : kept_policy_index(policy, KEPT_K_ITEM, row->item);
    return index != KEPT_NO_INDEX ? kept_policy_item(policy, index) : NULL;
}

/* That of address books, which a value may have got later, when its tokens were made anew. */
static void check_contact_token(struct check *c, const struct kept_dir_row *row)
{
    const struct kept_subject *s = c->call->subject;
    uint8_t token[KEPT_TOKEN_BYTES];
    int rc = kept_contact_token(c->call->app, row->item, kept_buf_span(&c->value), token, c->err);
    if (rc == 0)
        rc = kept_token_has(c->call->kept->store, s->app, token, s->key | row->slot, c->err);
    c->person_tokens += rc == 0;
    if (rc != 0 && !is_finding(rc))
        c->rc = rc;
}

/* One token, under any of the keys that live. */
static void check_token(struct check *c, const struct kept_dir_row *row)
{
    const struct kept_subject *s = c->call->subject;
    const struct app *app = c->call->app;
    uint8_t token[KEPT_TOKEN_BYTES];
    int rc = KEPT_E_NOTFOUND;
    for (uint32_t n = kept_keyring_token(app->keyring); is_finding(rc) && kept_token_lives(app, n); n--) {
        rc = kept_token_of(app, n, row->item, kept_buf_span(&c->value), token, c->err);
        if (rc == 0)
            rc = kept_token_has(c->call->kept->store, s->app, token, s->key | row->slot, c->err);
    }
    kept_wipe(token, sizeof token);
    if (rc == 0)
        c->person_tokens++;
    else if (is_finding(rc))
        problem(c, &s->id, "a record lacks its look-up token");
    else
        c->rc = rc;
}

/* Its value, or of a large one every chunk in turn. */
static int open_record(struct check *c, const struct kept_dir_row *row, struct kept_stamp *ret_stamp,
                       struct kept_err *err)
{
    struct kept_store *store = c->call->kept->store;
    struct kept_blob blob = {.chunks = 0};
    kept_buf_clear(&c->value);
    int rc = kept_vault_blob(store, c->call->subject, row, ret_stamp, &blob, &c->value, err);
    bool whole = (uint64_t)blob.chunks * KEPT_CHUNK_BYTES <= KEPT_MAX_VALUE_BYTES;
    for (uint32_t i = 0; rc == 0 && i < blob.chunks; i++) {
        if (!whole) /* it has no token, and is not wanted behind this */
            kept_buf_clear(&c->value);
        rc = kept_blob_get(store, &blob, i, &c->value, err);
    }
    kept_wipe(&blob, sizeof blob);
    return rc;
}

static void count_apart(struct check *c, uint32_t partition)
{
    const char *name = kept_ref_name(c->call->app, KEPT_K_PARTITION, partition);
    json_int_t n = json_integer_value(json_object_get(c->partitions, name));
    if (json_object_set_new(c->partitions, name, json_integer(n + 1)) != 0)
        c->rc = kept_fail(c->err, KEPT_E_NOMEM, "no memory to check the store");
}

static int check_record(void *arg, const struct kept_dir_row *row)
{
    struct check *c = arg;
    const struct kept_subject *s = c->call->subject;
    struct kept_err own = {0};
    struct kept_stamp stamp = {0};
    struct kept_span body;
    c->records++;
    if (kept_pack_find(s, row->slot, &body))
        c->person_packed++;
    else
        c->slots[row->slot / 64] |= 1ull << (row->slot % 64);
    int rc = open_record(c, row, &stamp, &own);
    if (is_finding(rc))
        problem(c, &s->id, own.text); /* of which piece it is */
    else if (rc != 0)
        c->rc = kept_fail(c->err, rc, "%s", own.text);
    c->unsure = c->unsure || rc != 0;
    c->person_chunks += stamp.chunks;
    if (rc == 0 && stamp.partition != KEPT_REF_NONE)
        count_apart(c, stamp.partition);
    const struct kept_item *item = rc == 0 ? rule_of(c, row, &stamp) : NULL;
    if (item != NULL && item->token)
        check_token(c, row);
    if (item != NULL && item->token && kept_kind_can_token(kept_kind_named(item->kind)) &&
        c->matches && c->rc == 0)
        check_contact_token(c, row);
    return c->rc != 0;
}

/* Every page the context counts on is there. Pages with rows were opened; one that lost its last row
 * stays, and is not read. */
static void check_pages(struct check *c)
{
    const struct kept_subject *s = c->call->subject;
    struct kept_span body;
    for (uint32_t page = 1; c->rc == 0 && page < s->page_count; page++) {
        if (s->pages[page].version == 0)
            continue;
        c->person_chunks++;
        int rc = kept_chunk_get(c->call->kept->store, s->key, page, &body, c->err);
        if (rc == KEPT_E_NOTFOUND)
            problem(c, &s->id, "a page of a person's directory is missing");
        else
            c->rc = rc;
        c->unsure = c->unsure || rc != 0;
    }
}

/* Is a sweep to come that takes away what stands outside? */
static bool sweep_is_due(struct check *c, uint64_t head)
{
    kept_ms at = 0;
    int rc = kept_todo_get(c->call->kept->store, KEPT_TODO_SWEEP, head, &at, c->err);
    if (rc != 0 && rc != KEPT_E_NOTFOUND)
        c->rc = rc;
    return rc != KEPT_E_NOTFOUND;
}

/* Rows between the records the directory names. */
static void check_outside(struct check *c, uint64_t head)
{
    struct kept_store *store = c->call->kept->store;
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
    if (!sweep_is_due(c, head))
        problem(c, &c->call->subject->id, "rows stand outside the directory, and no sweep is due");
}

/* Chunks that are on the list of those that belong to no record (yet). */
static int listed_chunks(struct check *c, uint64_t head, uint64_t *ret_count)
{
    struct kept_store *store = c->call->kept->store;
    uint64_t key = head + 1, n = 0;
    int rc = 0;
    for (*ret_count = 0; (rc = kept_chunk_next(store, key, &key, c->err)) == 0; key++) {
        kept_ms at = 0;
        if (key > (head | KEPT_MAX_RECORDS))
            return 0;
        rc = kept_todo_get(store, KEPT_TODO_CHUNKS, key, &at, NULL);
        if (rc == 0 && (rc = kept_chunk_count(store, key, key, &n, c->err)) == 0)
            *ret_count += n;
        else if (rc != KEPT_E_NOTFOUND)
            return rc;
    }
    return rc == KEPT_E_NOTFOUND ? 0 : rc;
}

/* What the living records need was found piece by piece; whatever there is beyond it belongs to none
 * of them. So two numbers are enough, however much a person has. */
static void check_pieces(struct check *c, uint64_t head)
{
    struct kept_store *store = c->call->kept->store;
    const struct kept_id *id = &c->call->subject->id;
    uint64_t chunks = 0, tokens = 0, listed = 0;
    int rc = kept_chunk_count(store, head, head | KEPT_MAX_RECORDS, &chunks, c->err);
    if (rc == 0)
        rc = kept_token_count(store, head, head | KEPT_MAX_RECORDS, &tokens, c->err);
    if (rc == 0 && chunks > c->person_chunks)
        rc = listed_chunks(c, head, &listed);
    chunks -= listed < chunks ? listed : chunks;
    if (rc != 0) {
        c->rc = rc;
        return;
    }
    c->chunks += chunks;
    c->tokens += tokens;
    if (chunks <= c->person_chunks && tokens <= c->person_tokens)
        return;
    if (chunks > c->person_chunks)
        c->outside += chunks - c->person_chunks;
    if (tokens > c->person_tokens)
        c->outside += tokens - c->person_tokens;
    if (sweep_is_due(c, head) || c->rc != 0)
        return;
    if (chunks > c->person_chunks)
        problem(c, id, "chunks or directory pages belong to no living record");
    if (tokens > c->person_tokens)
        problem(c, id, "look-up tokens lead to no living record, or to another value");
}

/* ---- one person's version -------------------------------------------------------------------- */

static void check_version(struct check *c)
{
    const struct kept_subject *s = c->call->subject;
    char text[200];
    uint64_t newest = 0;
    if (!s->keys->has_trace)
        return;
    int rc = kept_known(c->call->app, s, NULL, NULL, &newest, c->err);
    if (rc != 0) {
        c->rc = rc;
        return;
    }
    (void)snprintf(text, sizeof text,
                   s->context.version < newest
                       ? "stands at version %" PRIu64 ", the ledger knows %" PRIu64
                         ": an older row was put back (kept store accept-loss, if that was a "
                         "restore)"
                       : "stands at version %" PRIu64 ", the ledger knows only %" PRIu64
                         ": an entry is missing",
                   s->context.version, newest);
    if (s->context.version != newest)
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
    c->person_chunks = c->person_tokens = c->person_packed = 0;
    c->unsure = false;
    rc = kept_vault_each(c->call->kept->store, s, 0, check_record, c, &own);
    if (is_finding(rc))
        problem(c, &s->id, own.text);
    else if (rc != 0)
        c->rc = kept_fail(c->err, rc, "%s", own.text);
    /* What belongs to nobody cannot be told while a directory, or for its pieces a record, is shut. */
    if (c->rc == 0 && rc == 0)
        check_pages(c);
    if (rc == 0 && kept_pack_count(s) > c->person_packed)
        problem(c, &s->id, "records that the directory does not name stand in a person's row");
    if (c->rc == 0 && rc == 0)
        check_outside(c, head);
    if (c->rc == 0 && rc == 0 && !c->unsure)
        check_pieces(c, head);
    if (c->rc == 0)
        check_version(c);
}

/* ---- rows of nobody -------------------------------------------------------------------------- */

struct table {
    const char *name;
    int (*next)(struct kept_store *store, uint64_t from, uint64_t *ret_key, struct kept_err *err);
};

static const struct table tables[] = {
    {"rows", kept_cell_next}, {"chunks", kept_chunk_next}, {"look-up tokens", kept_token_next}};

/* Chunks and tokens of the app whose person has no row; one step a person. */
static void check_ownerless(struct check *c, const struct table *table)
{
    struct kept_store *store = c->call->kept->store;
    uint64_t key = KEPT_KEY(c->call->app->number, 0, 0);
    uint64_t end = KEPT_KEY(c->call->app->number + 1, 0, 0);
    char text[80];
    (void)snprintf(text, sizeof text, "%s of a person whose own row is gone", table->name);
    for (;;) {
        struct kept_span body;
        int rc = table->next(store, key, &key, c->err);
        if (rc != 0 || key >= end) {
            c->rc = rc == KEPT_E_NOTFOUND ? 0 : rc;
            return;
        }
        uint64_t head = key & ~(uint64_t)KEPT_MAX_RECORDS;
        rc = kept_cell_get(store, head, &body, c->err);
        if (rc == KEPT_E_NOTFOUND && !sweep_is_due(c, head)) {
            c->outside++;
            problem(c, NULL, text);
        } else if (rc != KEPT_E_NOTFOUND) {
            c->rc = rc;
        }
        if (c->rc != 0)
            return;
        key = (head | KEPT_MAX_RECORDS) + 1;
    }
}

static bool is_app(const struct kept *kept, uint64_t number)
{
    for (size_t i = 0; i < kept->app_count; i++)
        if (kept->apps[i]->number == number)
            return true;
    return false;
}

/* Rows that belong to no app of the store; one step an app. */
static int check_homeless(struct kept *kept, const struct table *table, uint64_t *problems,
                          char first[KEPT_ERR_TEXT], struct kept_err *err)
{
    const unsigned bits = KEPT_SUBJECT_BITS + KEPT_SLOT_BITS;
    uint64_t key = 0;
    int rc = 0;
    for (bool begun = false; (rc = table->next(kept->store, key, &key, err)) == 0; begun = true) {
        uint64_t number = key >> bits;
        if (!is_app(kept, number) && (*problems)++ == 0)
            (void)snprintf(first, KEPT_ERR_TEXT, "%s that belong to no app of this store",
                           table->name);
        if (key > INT64_MAX && begun)
            return kept_fail(err, KEPT_E_CORRUPT, "the keys of a table are not in order");
        key = key > INT64_MAX ? 1 : (number + 1) << bits;
    }
    return rc == KEPT_E_NOTFOUND ? 0 : rc;
}

/* ---- an app ---------------------------------------------------------------------------------- */

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
    for (size_t i = 1; c->rc == 0 && i < sizeof tables / sizeof tables[0]; i++)
        check_ownerless(c, &tables[i]); /* those of table 0 were met on the way */
    uint64_t born = 0, gone = 0;
    if (c->rc == 0)
        c->rc = kept_known_people(c->call->app, c->call->info, c->call->now, &born, &gone, c->err);
    /* Whoever was erased long ago may have left no row at all. */
    if (c->rc == 0 && c->people + gone < born)
        problem(c, NULL, "people that the ledger knows are not in the store (kept store accept-loss, "
                         "if that was a restore)");
    return c->rc;
}

static json_t *check_json(const struct check *c)
{
    return json_pack("{s:s,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:O}", "app", c->call->app->name, "people",
                     (json_int_t)c->people, "erased", (json_int_t)c->erased, "records",
                     (json_int_t)c->records, "chunks", (json_int_t)c->chunks, "tokens",
                     (json_int_t)c->tokens, "outside", (json_int_t)c->outside, "problems",
                     (json_int_t)c->problems, "records_apart", c->partitions);
}

static int check_app(struct kept *kept, struct app *app, struct check *c, struct kept_err *err)
{
    static const struct kept_request nothing = {.op = KEPT_OP_STAT};
    struct kept_store *store = kept->store;
    c->err = err;
    c->call = kept_call_new(kept);
    c->slots = kept_alloc(SLOT_WORDS + 1, sizeof *c->slots);
    kept_buf_init_secret(&c->value, KEPT_MAX_VALUE_BYTES);
    c->partitions = json_object();
    if (c->call == NULL || c->slots == NULL || c->partitions == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory to check the store");
    kept_own_call(c->call, kept, app, KEPT_OP_STAT, &nothing);
    for (size_t v = 0; v < app->version_count; v++)
        for (size_t i = 0; i < kept_policy_info(app->versions[v].policy)->items; i++)
            c->matches = c->matches || kept_policy_item(app->versions[v].policy, i)->matched;
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
    json_decref(c->partitions);
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
    char stray[KEPT_ERR_TEXT] = "";
    uint64_t strays = 0;
    for (size_t i = 0; rc == 0 && i < sizeof tables / sizeof tables[0]; i++)
        rc = check_homeless(kept, &tables[i], &strays, stray, err);
    *ret_problems += strays;
    if (first[0] == 0)
        memcpy(first, stray, sizeof first);
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
    struct kept_err own = {0}; /* what is looked for and not there is no failure of ours */
    int rc = kept_admin_begin(kept, NULL, NULL, err);
    if (rc != 0)
        return rc;
    json_t *root = json_object();
    *ret_problems = 0;
    rc = check_all(kept, root, ret_problems, &own);
    kept_admin_end(kept);
    if (rc != 0) {
        json_decref(root);
        return kept_fail(err, rc, "%s", own.text);
    }
    return kept_admin_dump(root, json, err);
}
