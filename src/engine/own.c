/* own.c - the engine's own work in the ledger: entries that nobody asked for, each queued in the
 * transaction of what it tells; and keys made and destroyed so that no failure leaves one untold.
 *
 * A key file and the store cannot change in one transaction. So an intent goes first: it is
 * committed with an entry that says what is to be done, then it is done, then a second transaction
 * strikes the intent out with an entry that says it is done. What was cut short is finished by the
 * next opening or the next tick; the second entry's id is drawn with the intent, so that a restored
 * store that still holds the intent does not tell it twice. */
#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "base/id.h"
#include "base/mem.h"
#include "engine/engine_int.h"

struct call *kept_own_begin(struct kept *kept, struct app *app, const struct kept_request *request)
{
    struct call *call = kept_call_new(kept);
    if (call == NULL)
        return NULL;
    kept_own_call(call, kept, app, request->op, request);
    if (call->info != NULL)
        call->box->reply.policy_version = call->info->version;
    return call;
}

void kept_own_end(struct call *call)
{
    if (call == NULL)
        return;
    struct kept *kept = call->kept;
    kept_reply_free(&call->box->reply);
    call->box = NULL;
    kept_call_release(kept, call);
}

int kept_own_place(struct call *call, struct kept_err *err)
{
    struct kept_err own = {0};
    if (kept_place(call->kept, &call, 1, &own) == 0)
        return 0;
    call->kept->stopped = true; /* the queue holds it: opening places it */
    return kept_fail(err, KEPT_E_UNSETTLED,
                     "upkeep is in the store, its entry not in the ledger (%.120s): open the store "
                     "again to finish", own.text);
}

/* ---- intents --------------------------------------------------------------------------------- */

#define INTENT_FORMAT 1u

struct intent {
    enum kept_intent what; /* 0: none */
    uint32_t number;       /* of the key */
    struct kept_id told;   /* id of the entry that says it is done */
};

#define INTENT_BYTES (6u + KEPT_ID_BYTES)
static const struct fact fact = {"intent", "what is to be done with the keys", INTENT_BYTES};

/* u8 format | u8 what | u32 number | id[16] */
static int put_intent(struct kept *kept, const struct app *app, const struct intent *intent,
                      struct kept_err *err)
{
    uint8_t bytes[INTENT_BYTES] = {INTENT_FORMAT, (uint8_t)intent->what};
    kept_put_be32(bytes + 2, intent->number);
    memcpy(bytes + 6, intent->told.b, KEPT_ID_BYTES);
    return kept_fact_put(kept, app, &fact, bytes, err);
}

static int get_intent(struct kept *kept, const struct app *app, struct intent *ret,
                      struct kept_err *err)
{
    uint8_t bytes[INTENT_BYTES];
    *ret = (struct intent){0};
    int rc = kept_fact_get(kept, app, &fact, bytes, err);
    if (rc != 0)
        return rc == KEPT_E_NOTFOUND ? 0 : rc;
    if (bytes[0] != INTENT_FORMAT || bytes[1] > KEPT_INTENT_TOKEN_END)
        return kept_fail(err, KEPT_E_CORRUPT, "%s of %s in the store is damaged", fact.what, app->name);
    ret->what = (enum kept_intent)bytes[1];
    ret->number = kept_be32(bytes + 2);
    memcpy(ret->told.b, bytes + 6, KEPT_ID_BYTES);
    return 0;
}

static void words(const struct intent *intent, bool done, char text[64])
{
    const char *what = intent->what == KEPT_INTENT_EPOCH_END ? "epoch" : "token";
    bool made = intent->what == KEPT_INTENT_TOKEN_BEGIN;
    (void)snprintf(text, 64, "%s key %" PRIu32 " is %s%s", what, intent->number,
                   done ? "" : "to be ", made ? "made" : "destroyed");
}

/* Put the intent, or strike it out, with the entry that says so. */
static int tell(struct kept *kept, struct app *app, const struct intent *intent, bool done,
                struct kept_err *err)
{
    static const struct intent none = {.what = KEPT_INTENT_NONE};
    char text[64];
    words(intent, done, text);
    const struct kept_request request = {.op = KEPT_OP_TICK, .exemption = "", .text = text};
    struct call *call = kept_own_begin(kept, app, &request);
    if (call == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory for a ledger entry");
    if (done)
        call->entry_id = intent->told;
    int rc = kept_store_begin_write(kept->store, err);
    if (rc == 0)
        rc = put_intent(kept, app, done ? &none : intent, err);
    if (rc == 0)
        rc = kept_queue_entry(call, err);
    if (rc == 0)
        rc = kept_store_commit(kept->store, err);
    if (rc != 0)
        kept_store_rollback(kept->store);
    else
        rc = kept_own_place(call, err);
    kept_own_end(call);
    return rc;
}

static int change_key(struct kept *kept, const struct app *app, const struct intent *intent,
                      struct kept_err *err)
{
    struct kept_keyring *ring = app->keyring;
    switch (intent->what) {
    case KEPT_INTENT_EPOCH_END:
        return kept_keyring_destroy_epoch(ring, intent->number, kept->last_now, err);
    case KEPT_INTENT_TOKEN_BEGIN:
        return kept_keyring_token(ring) >= intent->number
                   ? 0
                   : kept_keyring_new_token(ring, kept->last_now, err);
    case KEPT_INTENT_TOKEN_END:
        return kept_keyring_destroy_token(ring, intent->number, err);
    case KEPT_INTENT_NONE:
        break;
    }
    return 0;
}

/* The intent is a row that anybody with a disk editor may write: the keyring judges it again. */
static int act(struct kept *kept, const struct app *app, const struct intent *intent,
               struct kept_err *err)
{
    char text[64];
    int rc = change_key(kept, app, intent, err);
    if (rc != KEPT_E_CONFLICT)
        return rc;
    words(intent, false, text);
    return kept_fail(err, KEPT_E_CORRUPT,
                     "the store says that %s, and the keyring of %s knows that it may not be: the "
                     "store was changed outside kept", text, app->name);
}

static int same_id(void *arg, uint64_t index, struct kept_span bytes)
{
    struct intent *intent = arg;
    struct kept_entry entry;
    (void)index;
    /* Found: nothing is left to tell. */
    if (kept_entry_decode(bytes, &entry) == 0 && kept_id_equal(&entry.id, &intent->told))
        intent->what = KEPT_INTENT_NONE;
    return intent->what == KEPT_INTENT_NONE;
}

/* An older store was put back, whose intent had been carried out and told: forget it. */
static int forget_told(struct kept *kept, const struct app *app, struct intent *intent,
                       struct kept_err *err)
{
    char name[32];
    uint64_t floor = 0;
    (void)snprintf(name, sizeof name, "floor.%u", app->number);
    int rc = kept_meta_get_u64(kept->store, name, 0, &floor, err);
    if (rc == 0)
        rc = kept_ledger_each(app->ledger, floor, same_id, intent, err);
    if (rc < 0 || intent->what != KEPT_INTENT_NONE)
        return rc < 0 ? rc : 0;
    rc = kept_store_begin_write(kept->store, err);
    if (rc == 0)
        rc = put_intent(kept, app, intent, err);
    if (rc == 0)
        rc = kept_store_commit(kept->store, err);
    if (rc != 0)
        kept_store_rollback(kept->store);
    return rc;
}

static int carry_out(struct kept *kept, struct app *app, struct intent *intent, bool fresh,
                     uint32_t *done, struct kept_err *err)
{
    int rc = act(kept, app, intent, err);
    if (rc == 0 && !fresh)
        rc = forget_told(kept, app, intent, err);
    if (rc != 0 || intent->what == KEPT_INTENT_NONE)
        return rc;
    if ((rc = tell(kept, app, intent, true, err)) == 0)
        ++*done;
    return rc;
}

int kept_intent_finish(struct kept *kept, struct app *app, uint32_t *done, struct kept_err *err)
{
    struct intent intent;
    int rc = get_intent(kept, app, &intent, err);
    return rc != 0 || intent.what == KEPT_INTENT_NONE
               ? rc
               : carry_out(kept, app, &intent, false, done, err);
}

int kept_intent_begin(struct kept *kept, struct app *app, enum kept_intent what, uint32_t number,
                      uint32_t *done, struct kept_err *err)
{
    struct intent intent = {.what = what, .number = number};
    int rc = kept_intent_finish(kept, app, done, err); /* there is room for one */
    if (rc != 0)
        return rc;
    kept_next_id(kept, &intent.told);
    rc = tell(kept, app, &intent, false, err);
    return rc != 0 ? rc : carry_out(kept, app, &intent, true, done, err);
}
