/* rotate.c - a new epoch, and everybody living put under its key, in bites between other work.
 *
 * A bite reads the next people by one statement, opens each, seals their keys under the current epoch
 * - their context and values stay as they are, to the byte - and writes them back in the order of their
 * rows, in one transaction with how far it came. A marked person gets new keys of their own, and all
 * that remains of them is sealed anew, before the turn may pass them. Nobody waits for the end: reads
 * and changes find each person's epoch in their row, and both keys live until all are through. */
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "engine/engine_int.h"

#define PEOPLE_A_BITE 1024u
#define BYTES_A_BITE (4u << 20)
#define BITES_A_CALL 4u
#define RECORDS_A_BITE 2048u

/* ---- re-sealing a marked person --------------------------------------------------------------- */

struct rows {
    struct kept_dir_row *p;
    size_t count, cap;
    int rc;
};

static int add_row(void *arg, const struct kept_dir_row *row)
{
    struct rows *rows = arg;
    rows->rc = kept_grow(&rows->p, &rows->cap, rows->count + 1, KEPT_MAX_RECORDS, sizeof *rows->p);
    if (rows->rc == 0)
        rows->p[rows->count++] = *row;
    return rows->rc != 0;
}

/* New generations beside the former ones; a re-seal that was interrupted goes on with its own. */
static void new_generations(struct kept_subject *s)
{
    struct kept_subject_keys *k = s->keys;
    for (unsigned i = 0; i < KEPT_CLASSES; i++) {
        if (k->generation[i] == 0 || k->former_generation[i] != 0)
            continue;
        memcpy(k->former[i], k->data[i], KEPT_KEY_BYTES);
        k->former_generation[i] = k->generation[i];
        kept_random(k->data[i], KEPT_KEY_BYTES);
        k->generation[i]++;
    }
    s->keys_changed = true;
    s->seals = 0;
}

static void drop_former(struct kept_subject *s)
{
    memset(s->keys->former_generation, 0, sizeof s->keys->former_generation);
    kept_wipe(s->keys->former, sizeof s->keys->former);
    kept_wipe(s->keys->apart, sizeof s->keys->apart);
    s->keys->apart_ref = KEPT_REF_NONE;
    s->keys_changed = true;
    s->marked = false;
}

static int reseal_bite(struct call *call, const struct rows *rows, size_t from, size_t count,
                       struct kept_err *err)
{
    struct kept_store *store = call->kept->store;
    int rc = 0;
    for (size_t i = from; rc == 0 && i < from + count && i < rows->count; i++) {
        uint32_t at = kept_policy_index(call->policy, KEPT_K_ITEM, rows->p[i].item);
        const struct kept_item *item =
            at != KEPT_NO_INDEX ? kept_policy_item(call->policy, at) : NULL;
        rc = kept_vault_reseal(store, call->subject, &rows->p[i],
                               item != NULL ? &item->partition : NULL, err);
    }
    return rc;
}

/* The whole of one marked person, RECORDS_A_BITE records a transaction. */
static int reseal(struct call *call, uint64_t key, struct kept_err *err)
{
    struct kept_store *store = call->kept->store;
    struct rows rows = {0};
    int rc = kept_store_begin_write(store, err);
    if (rc == 0)
        rc = kept_load_key(call, key, err);
    if (rc == 0) {
        new_generations(call->subject);
        rc = kept_directory_reseal(store, call->subject, err);
    }
    if (rc == 0)
        rc = kept_vault_each(store, call->subject, 0, add_row, &rows, err);
    if (rc == 0 && rows.rc != 0)
        rc = kept_fail(err, rows.rc, "no memory to seal a person anew");
    kept_subject_rewrap(call->subject, kept_keyring_epoch(call->app->keyring));
    if (rc == 0)
        rc = kept_put_head(call, err);
    for (size_t at = 0; rc == 0; at += RECORDS_A_BITE) {
        rc = reseal_bite(call, &rows, at, RECORDS_A_BITE, err);
        if (rc == 0 && at + RECORDS_A_BITE >= rows.count) {
            drop_former(call->subject);
            if ((rc = kept_put_head(call, err)) == 0)
                rc = kept_todo_delete(store, KEPT_TODO_RESEAL, key, err);
        }
        if (rc == 0)
            rc = kept_store_commit(store, err);
        if (rc != 0 || at + RECORDS_A_BITE >= rows.count)
            break;
        rc = kept_store_begin_write(store, err);
    }
    if (rc != 0)
        kept_store_rollback(store);
    kept_free(rows.p);
    return rc;
}

/* ---- a bite ---------------------------------------------------------------------------------- */

struct head {
    uint64_t key;
    size_t at, n; /* in the bite's bytes */
};

struct bite {
    struct call *call;
    struct upkeep *work;
    struct head heads[PEOPLE_A_BITE];
    size_t count;
    struct kept_buf bytes;  /* the heads as they are stored */
    struct kept_buf sealed; /* one of them, anew */
    uint64_t next, end;     /* row keys */
    size_t asked;
    bool ends;              /* values of this app may end */
};

/* People's numbers follow each other: the next ones are asked for by number. */
static bool next_head(void *arg, uint64_t *ret_key)
{
    struct bite *b = arg;
    if (b->asked == PEOPLE_A_BITE || b->next >= b->end)
        return false;
    *ret_key = b->next;
    b->next += (uint64_t)1 << KEPT_SLOT_BITS;
    b->asked++;
    return true;
}

static int found_head(void *arg, struct kept_span body)
{
    struct bite *b = arg;
    struct head *head = &b->heads[b->count];
    *head = (struct head){b->next - ((uint64_t)1 << KEPT_SLOT_BITS), b->bytes.n, body.n};
    kept_buf_bytes(&b->bytes, body.p, body.n);
    if (b->bytes.failed == KEPT_E_LIMIT && b->count > 0) {
        b->next = head->key; /* they begin the next bite */
        return 1;
    }
    b->count++;
    return b->bytes.failed;
}

/* The people from *cursor on, or from the first one behind it; none: nobody is left. */
static int read_heads(struct bite *b, uint64_t *cursor, struct kept_err *err)
{
    struct kept_store *store = b->call->kept->store;
    uint64_t key = 0;
    for (unsigned tries = 2; tries > 0; tries--) {
        b->count = b->asked = 0;
        kept_buf_clear(&b->bytes);
        b->next = *cursor;
        int rc = kept_cell_walk(store, next_head, found_head, b, err);
        if (rc < 0)
            return b->bytes.failed != 0 ? kept_fail(err, rc, "no memory to re-wrap people") : rc;
        if (b->count > 0)
            break;
        /* A gap, where people left no row: on to whoever comes behind it, if anybody does. */
        rc = kept_cell_next(store, b->next, &key, err);
        if (rc != 0 && rc != KEPT_E_NOTFOUND)
            return rc;
        b->next = rc == KEPT_E_NOTFOUND || key >= b->end ? b->end : key & ~(uint64_t)KEPT_MAX_RECORDS;
        *cursor = b->next;
        if (b->next == b->end)
            break;
    }
    return 0;
}

/* One person. *ret_marked: they need more than that, in transactions of their own. */
static int rewrap_one(struct bite *b, const struct head *at, bool *ret_marked, struct kept_err *err)
{
    struct call *call = b->call;
    struct kept_head head;
    struct kept_span body = {b->bytes.p + at->at, at->n};
    *ret_marked = false;
    int rc = kept_head_decode(at->key, body, &head);
    if (rc == 0)
        rc = kept_subject_open(call->subject, call->app->keyring, call->app->number, at->key, &head,
                               err);
    if (rc == KEPT_E_CORRUPT || rc == KEPT_E_FORMAT || rc == KEPT_E_NOTFOUND) {
        b->work->damaged++;
        return 0;
    }
    if (rc == 0 && b->ends)
        rc = kept_ends_look(call, err);
    if (rc != 0)
        return rc;
    /* The sealed mark counts; the row of `todo` is for the numbers, and could be deleted. */
    *ret_marked = call->subject->marked;
    if (*ret_marked || head.epoch == kept_keyring_epoch(call->app->keyring))
        return 0;
    kept_buf_clear(&b->sealed);
    rc = kept_subject_rewrap_head(call->subject, call->app->keyring, &head, body, &b->sealed, err);
    if (rc == 0)
        rc = kept_cell_put(call->kept->store, at->key, kept_buf_span(&b->sealed), err);
    b->work->rewrapped += rc == 0;
    return rc;
}

static int bite(struct bite *b, struct turn *turn, uint64_t *ret_marked, struct kept_err *err)
{
    struct kept *kept = b->call->kept;
    struct turn next = *turn;
    *ret_marked = 0;
    int rc = kept_store_begin_write(kept->store, err);
    if (rc == 0)
        rc = read_heads(b, &next.cursor, err);
    for (size_t i = 0; rc == 0 && *ret_marked == 0 && i < b->count; i++) {
        bool marked = false;
        if ((rc = rewrap_one(b, &b->heads[i], &marked, err)) == 0 && marked)
            *ret_marked = b->heads[i].key;
    }
    next.cursor = *ret_marked != 0 ? *ret_marked : b->next;
    if (rc == 0 && next.cursor >= b->end)
        next = (struct turn){next.target, next.target, 0};
    if (rc == 0)
        rc = kept_turn_put(kept, b->call->app, KEPT_TURN_EPOCH, &next, err);
    if (rc == 0)
        rc = kept_store_commit(kept->store, err);
    if (rc != 0)
        kept_store_rollback(kept->store);
    else
        *turn = next;
    return rc;
}

static int bites(struct bite *b, struct turn *turn, struct kept_err *err)
{
    int rc = 0;
    b->end = KEPT_KEY(b->call->app->number + 1, 0, 0);
    b->ends = kept_ends_any(b->call->app);
    for (unsigned i = 0; rc == 0 && kept_turn_left(turn) && i < BITES_A_CALL; i++) {
        uint64_t marked = 0;
        rc = bite(b, turn, &marked, err);
        if (rc != 0 || marked == 0)
            continue;
        if ((rc = reseal(b->call, marked, err)) == 0) {
            b->work->rewrapped++;
            turn->cursor = (marked | KEPT_MAX_RECORDS) + 1;
        }
    }
    return rc;
}

int kept_epoch_rewrap(struct call *call, struct upkeep *work, struct kept_err *err)
{
    int rc = kept_turn_get(call->kept, call->app, KEPT_TURN_EPOCH, &work->epochs, err);
    if (rc != 0 || !kept_turn_left(&work->epochs))
        return rc;
    struct bite *b = kept_alloc(1, sizeof *b);
    if (b == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory to re-wrap people");
    b->call = call;
    b->work = work;
    kept_buf_init(&b->bytes, BYTES_A_BITE);
    kept_buf_init(&b->sealed, BYTES_A_BITE);
    rc = bites(b, &work->epochs, err);
    work->turned = rc == 0 && !kept_turn_left(&work->epochs);
    kept_buf_release(&b->bytes);
    kept_buf_release(&b->sealed);
    kept_free(b);
    return rc;
}

int kept_epoch_turn(struct call *call, struct kept_err *err)
{
    struct turn turn;
    int rc = kept_turn_get(call->kept, call->app, KEPT_TURN_EPOCH, &turn, err);
    if (rc != 0 || kept_turn_left(&turn))
        return rc; /* finish the one under way first */
    /* A crash behind it finds people under an older epoch than the current, and goes on. */
    rc = kept_keyring_rotate(call->app->keyring, call->now, call->info->window, err);
    if (rc == 0) /* the audit period is the epoch */
        rc = kept_keyring_new_audit(call->app->keyring, call->now, err);
    return rc;
}
