/* facts.c - an app's small rows in the store, by name; and how far the turning over of a key has come. */
#include <string.h>

#include "base/error.h"
#include "engine/engine_int.h"

#define TURN_BYTES 16u
#define PERCENT 100u

static void row_name(const struct app *app, const char *name, char ret_name[32])
{
    (void)snprintf(ret_name, 32, "%.20s.%u", name, app->number);
}

int kept_fact_get(struct kept *kept, const struct app *app, const struct fact *fact, uint8_t *ret,
                  struct kept_err *err)
{
    char name[32];
    struct kept_buf bytes;
    struct kept_err own = {0};
    row_name(app, fact->name, name);
    kept_buf_init(&bytes, 4 * KEPT_MAX_FACT_BYTES);
    int rc = kept_meta_get(kept->store, name, &bytes, &own);
    if (rc == KEPT_E_LIMIT || (rc == 0 && bytes.n != fact->size))
        rc = kept_fail(err, KEPT_E_CORRUPT, "%s of %s in the store is damaged", fact->what, app->name);
    else if (rc == 0)
        memcpy(ret, bytes.p, fact->size);
    else if (rc != KEPT_E_NOTFOUND)
        rc = kept_fail(err, rc, "%s", own.text);
    kept_buf_release(&bytes);
    return rc;
}

int kept_fact_put(struct kept *kept, const struct app *app, const struct fact *fact,
                  const uint8_t *bytes, struct kept_err *err)
{
    char name[32];
    row_name(app, fact->name, name);
    return kept_meta_put(kept->store, name, (struct kept_span){bytes, fact->size}, err);
}

/* ---- turning over ---------------------------------------------------------------------------- */

static const struct fact facts[] = {
    [KEPT_TURN_EPOCH] = {"epochs", "how far re-wrapping has come", TURN_BYTES},
    [KEPT_TURN_TOKEN] = {"tokens", "the state of the look-up tokens", TURN_BYTES},
};

int kept_turn_get(struct kept *kept, const struct app *app, enum turn_kind kind, struct turn *ret,
                  struct kept_err *err)
{
    uint8_t bytes[TURN_BYTES];
    uint32_t newest = kind == KEPT_TURN_EPOCH ? kept_keyring_epoch(app->keyring)
                                              : kept_keyring_token(app->keyring);
    *ret = (struct turn){.done = 1, .target = 1};
    int rc = kept_fact_get(kept, app, &facts[kind], bytes, err);
    if (rc == 0)
        *ret = (struct turn){kept_be32(bytes), kept_be32(bytes + 4), kept_be64(bytes + 8)};
    else if (rc != KEPT_E_NOTFOUND)
        return rc;
    if (ret->target != newest && ret->done < newest)
        *ret = (struct turn){ret->done, newest, KEPT_KEY(app->number, 0, 0)};
    return 0;
}

int kept_turn_put(struct kept *kept, const struct app *app, enum turn_kind kind,
                  const struct turn *turn, struct kept_err *err)
{
    uint8_t bytes[TURN_BYTES];
    kept_put_be32(bytes, turn->done);
    kept_put_be32(bytes + 4, turn->target);
    kept_put_be64(bytes + 8, turn->cursor);
    return kept_fact_put(kept, app, &facts[kind], bytes, err);
}

bool kept_turn_left(const struct turn *turn)
{
    return turn->done < turn->target;
}

unsigned kept_turn_percent(const struct app *app, const struct turn *turn)
{
    uint64_t people = app->next_number, at = (turn->cursor - KEPT_KEY(app->number, 0, 0)) >> KEPT_SLOT_BITS;
    if (!kept_turn_left(turn))
        return PERCENT;
    return turn->cursor < KEPT_KEY(app->number, 0, 0) || people == 0 ? 0
           : at >= people                                            ? PERCENT - 1
                                                                     : (unsigned)(at * PERCENT / people);
}
