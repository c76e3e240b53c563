/* epoch.c - the keys of a keyring by kind and number: loading, turning over, destroying, and sealing
 * with the epochs.
 *
 * One write turns an epoch over: the file of epoch N+1 carries, sealed, the dates of every epoch
 * that was alive when it began. So the newest epoch's file is the whole calendar, the highest number
 * is the current epoch, and no older key file is ever rewritten. */
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"
#include "keys/keys_int.h"

static struct kept_key_list *list_of(struct kept_keyring *keyring, enum kept_key_kind kind)
{
    return &keyring->keys[kind - 1];
}

static struct kept_key *find(const struct kept_keyring *keyring, enum kept_key_kind kind,
                             uint32_t number)
{
    const struct kept_key_list *list = &keyring->keys[kind - 1];
    for (size_t i = list->n; i > 0; i--) /* newest first: nearly always the one */
        if (list->v[i - 1].info.number == number)
            return &list->v[i - 1];
    return NULL;
}

struct kept_key *kept_keyring_newest(const struct kept_keyring *keyring, enum kept_key_kind kind)
{
    const struct kept_key_list *list = &keyring->keys[kind - 1];
    KEPT_INVARIANT(list->n > 0);
    return &list->v[list->n - 1];
}

/* Make room for one more key and a place for its bytes; nothing is listed yet. */
static int prepare(struct kept_keyring *keyring, enum kept_key_kind kind, uint8_t **ret_key,
                   struct kept_err *err)
{
    struct kept_key_list *list = list_of(keyring, kind);
    int rc = kept_grow(&list->v, &list->cap, list->n + 1, KEPT_MAX_KEYS, sizeof *list->v);
    if (rc == KEPT_E_LIMIT)
        return kept_fail(err, rc,
                         "the keyring of app %s holds %u keys of one kind: destroy those that are "
                         "due first", keyring->place.app, KEPT_MAX_KEYS);
    if (rc != 0 || (*ret_key = kept_pool_take(&keyring->pool)) == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no guarded memory for another key");
    return 0;
}

/* List a key in its place by number; room was made by prepare. */
static void insert(struct kept_key_list *list, const struct kept_key *key)
{
    size_t at = list->n;
    while (at > 0 && list->v[at - 1].info.number > key->info.number) {
        list->v[at] = list->v[at - 1];
        at--;
    }
    list->v[at] = *key;
    list->n++;
}

/* Take a listed key off its list. */
static void drop(struct kept_keyring *keyring, enum kept_key_kind kind, struct kept_key *key)
{
    struct kept_key_list *list = list_of(keyring, kind);
    kept_pool_give(&keyring->pool, key->key);
    memmove(key, key + 1, (size_t)(list->v + list->n - key - 1) * sizeof *key);
    list->n--;
}

/* ---- loading ----------------------------------------------------------------------------------- */

static int load_one(struct kept_keyring *keyring, enum kept_key_kind kind, uint32_t number,
                    struct kept_epoch *calendar, size_t *ret_count, struct kept_err *err)
{
    struct kept_key key = {.info = {.number = number}};
    struct kept_keyfile file = {.kind = kind, .number = number, .retired = calendar};
    int rc = kept_keyfile_tidy(&keyring->place, kind, number, err);
    if (rc != 0 || (rc = prepare(keyring, kind, &key.key, err)) != 0)
        return rc;
    file.key = key.key;
    if ((rc = kept_keyfile_read(&keyring->place, &file, err)) != 0) {
        kept_pool_give(&keyring->pool, key.key);
        return rc;
    }
    key.info.created = file.created;
    struct kept_key_list *list = list_of(keyring, kind);
    insert(list, &key);
    if (list->v[list->n - 1].info.number == number)
        *ret_count = file.retired_count;
    return 0;
}

/* Give every older epoch its dates from the newest one's calendar. */
static int date_epochs(struct kept_keyring *keyring, const struct kept_epoch *calendar,
                       size_t count, struct kept_err *err)
{
    struct kept_key_list *epochs = list_of(keyring, KEPT_KEY_EPOCH);
    for (size_t i = 0; i + 1 < epochs->n; i++) {
        struct kept_epoch *e = &epochs->v[i].info;
        size_t c = 0;
        while (c < count && calendar[c].number != e->number)
            c++;
        if (c == count)
            return kept_fail(err, KEPT_E_CORRUPT,
                             "epoch %u of app %s was destroyed and has come back: a copy of it is "
                             "about; remove epoch-%u, and the copy", e->number, keyring->place.app,
                             e->number);
        *e = calendar[c];
    }
    return 0;
}

/* The anchor has seen these numbers; older ones only means that files are gone or rolled back. */
static int check_newest(const struct kept_keyring *keyring, struct kept_err *err)
{
    for (unsigned k = 0; k < KEPT_KEY_KINDS; k++) {
        const struct kept_key_list *list = &keyring->keys[k];
        char name[KEPT_KEY_NAME];
        kept_key_name((enum kept_key_kind)(k + 1), keyring->anchor.newest[k], name);
        if (list->n == 0 || list->v[list->n - 1].info.number < keyring->anchor.newest[k])
            return kept_fail(err, KEPT_E_ROLLBACK,
                             "%s of app %s is gone, and the anchor has seen it: restore the "
                             "keyring from its mirror", name, keyring->place.app);
    }
    return 0;
}

int kept_keyring_load_keys(struct kept_keyring *keyring, struct kept_err *err)
{
    char **names = NULL;
    size_t count = 0, dated = 0, scrap = 0;
    struct kept_epoch *calendar = kept_alloc(2 * (size_t)KEPT_MAX_KEYS, sizeof *calendar);
    if (calendar == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory for the keyring");
    struct kept_epoch *other = calendar + KEPT_MAX_KEYS;
    int rc = kept_dir_list(keyring->place.folder, "", &names, &count, err);
    for (size_t i = 0; rc == 0 && i < count; i++) {
        enum kept_key_kind kind = KEPT_KEY_SIGNING;
        uint32_t number = 0;
        if (strncmp(names[i], KEPT_DYING, strlen(KEPT_DYING)) == 0) {
            rc = kept_file_destroy(keyring->place.folder, names[i], err); /* cut short by a crash */
            continue;
        }
        rc = kept_key_parse(names[i], &kind, &number);
        if (rc == KEPT_E_CORRUPT)
            rc = kept_fail(err, rc,
                           "%.40s in the keyring of app %s looks like a copy of a key, which would "
                           "outlive the key's destruction: remove it", names[i], keyring->place.app);
        else if (rc == KEPT_E_NOTFOUND)
            rc = 0;
        else if (kind != KEPT_KEY_SIGNING)
            rc = load_one(keyring, kind, number, other, &scrap, err);
        /* Names come sorted as text, so the newest epoch may come before an older one. */
        const struct kept_key_list *epochs = list_of(keyring, KEPT_KEY_EPOCH);
        if (rc == 0 && kind == KEPT_KEY_EPOCH &&
            epochs->v[epochs->n - 1].info.number == number) {
            memcpy(calendar, other, KEPT_MAX_KEYS * sizeof *calendar);
            dated = scrap;
        }
    }
    if (rc == 0 && (rc = check_newest(keyring, err)) == 0)
        rc = date_epochs(keyring, calendar, dated, err);
    for (unsigned k = KEPT_KEY_EPOCH; rc == 0 && k <= KEPT_KEY_KINDS; k++) {
        uint32_t newest = kept_keyring_newest(keyring, (enum kept_key_kind)k)->info.number;
        rc = kept_keyfile_tidy(&keyring->place, (enum kept_key_kind)k, newest + 1, err);
    }
    kept_names_free(names, count);
    kept_free(calendar);
    return rc;
}

/* ---- turning over and destroying --------------------------------------------------------------- */

/* Write the next key of a kind and list it. A file that was left by a failure is written over: no
 * one has used its key. */
static int add_key(struct kept_keyring *keyring, enum kept_key_kind kind, kept_ms now,
                   struct kept_epoch *calendar, size_t count, struct kept_err *err)
{
    const struct kept_key *newest = kept_keyring_newest(keyring, kind);
    struct kept_key key = {.info = {.number = newest->info.number + 1, .created = now}};
    if (now < newest->info.created)
        return kept_fail(err, KEPT_E_CLOCK,
                         "the clock stands before the newest key of app %s was made: set it right",
                         keyring->place.app);
    if (newest->info.number == UINT32_MAX)
        return kept_fail(err, KEPT_E_LIMIT, "no key numbers are left");
    int rc = kept_mirror_usable(&keyring->place, err);
    if (rc != 0 || (rc = prepare(keyring, kind, &key.key, err)) != 0)
        return rc;
    struct kept_keyfile file = {.kind = kind, .number = key.info.number, .created = now,
                                .suite = keyring->suite, .key = key.key,
                                .retired = calendar, .retired_count = count};
    kept_random(key.key, KEPT_KEY_BYTES);
    rc = kept_keyfile_write(&keyring->place, &file, err);
    if (rc != 0) {
        kept_pool_give(&keyring->pool, key.key);
        if (kept_mirror_usable(&keyring->place, NULL) != 0)
            return rc; /* it is whole here: opening brings it to the mirror */
        /* If this fails too, opening finds a whole new key: the keyring is as it was, or complete. */
        int undone = kept_keyfile_destroy(&keyring->place, kind, file.number, NULL);
        (void)undone;
        return rc;
    }
    insert(list_of(keyring, kind), &key);
    return 0;
}

int kept_keyring_rotate(struct kept_keyring *keyring, kept_ms now, kept_ms window,
                        struct kept_err *err)
{
    struct kept_key_list *epochs = list_of(keyring, KEPT_KEY_EPOCH);
    size_t count = epochs->n;
    if (now < 0 || window < 0 || window > INT64_MAX - now)
        return kept_fail(err, KEPT_E_USAGE, "a rotation needs a time and a window from 0 up");
    struct kept_epoch *calendar = kept_alloc(count, sizeof *calendar);
    if (calendar == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory for the rotation");
    for (size_t i = 0; i < count; i++)
        calendar[i] = epochs->v[i].info;
    calendar[count - 1].retired = now;
    calendar[count - 1].destroy_at = now + window;
    int rc = add_key(keyring, KEPT_KEY_EPOCH, now, calendar, count, err);
    if (rc == 0)
        epochs->v[count - 1].info = calendar[count - 1];
    kept_free(calendar);
    return rc;
}

int kept_keyring_destroy_epoch(struct kept_keyring *keyring, uint32_t number, kept_ms now,
                               struct kept_err *err)
{
    struct kept_key *key = find(keyring, KEPT_KEY_EPOCH, number);
    if (key == NULL)
        return 0;
    if (key->info.retired == 0 || key->info.destroy_at > now)
        return kept_fail(err, KEPT_E_CONFLICT, "the day of epoch %u of app %s has not come", number,
                         keyring->place.app);
    int rc = kept_mirror_usable(&keyring->place, err);
    if (rc == 0)
        rc = kept_keyfile_destroy(&keyring->place, KEPT_KEY_EPOCH, number, err);
    if (rc == 0)
        drop(keyring, KEPT_KEY_EPOCH, key);
    return rc;
}

int kept_keyring_destroy_due(struct kept_keyring *keyring, kept_ms now, uint32_t *ret_destroyed,
                             struct kept_err *err)
{
    struct kept_key_list *epochs = list_of(keyring, KEPT_KEY_EPOCH);
    uint32_t destroyed = 0;
    for (size_t i = 0; i + 1 < epochs->n;) { /* the last one is current */
        const struct kept_epoch e = epochs->v[i].info;
        if (e.destroy_at > now) {
            i++;
            continue;
        }
        int rc = kept_keyring_destroy_epoch(keyring, e.number, now, err);
        if (rc != 0)
            return rc;
        destroyed++;
    }
    *ret_destroyed = destroyed;
    return 0;
}

int kept_keyring_new_audit(struct kept_keyring *keyring, kept_ms now, struct kept_err *err)
{
    return add_key(keyring, KEPT_KEY_AUDIT, now, NULL, 0, err);
}

int kept_keyring_new_token(struct kept_keyring *keyring, kept_ms now, struct kept_err *err)
{
    if (list_of(keyring, KEPT_KEY_TOKEN)->n > 1)
        return kept_fail(err, KEPT_E_CONFLICT,
                         "two token keys of app %s are valid: finish that rotation first",
                         keyring->place.app);
    return add_key(keyring, KEPT_KEY_TOKEN, now, NULL, 0, err);
}

static int destroy_one(struct kept_keyring *keyring, enum kept_key_kind kind, uint32_t number,
                       struct kept_err *err)
{
    if (number == kept_keyring_newest(keyring, kind)->info.number)
        return kept_fail(err, KEPT_E_CONFLICT, "key %u of app %s is in use: begin a new one first",
                         number, keyring->place.app);
    struct kept_key *key = find(keyring, kind, number);
    if (key == NULL)
        return 0;
    int rc = kept_mirror_usable(&keyring->place, err);
    if (rc == 0)
        rc = kept_keyfile_destroy(&keyring->place, kind, number, err);
    if (rc == 0)
        drop(keyring, kind, key);
    return rc;
}

int kept_keyring_destroy_audit(struct kept_keyring *keyring, uint32_t number, struct kept_err *err)
{
    return destroy_one(keyring, KEPT_KEY_AUDIT, number, err);
}

int kept_keyring_destroy_token(struct kept_keyring *keyring, uint32_t number, struct kept_err *err)
{
    return destroy_one(keyring, KEPT_KEY_TOKEN, number, err);
}

/* ---- looking and sealing ----------------------------------------------------------------------- */

uint32_t kept_keyring_epoch(const struct kept_keyring *keyring)
{
    return kept_keyring_newest(keyring, KEPT_KEY_EPOCH)->info.number;
}

size_t kept_keyring_epochs(const struct kept_keyring *keyring, struct kept_epoch *ret_epochs,
                           size_t max)
{
    const struct kept_key_list *epochs = &keyring->keys[KEPT_KEY_EPOCH - 1];
    for (size_t i = 0; i < epochs->n && i < max; i++)
        ret_epochs[i] = epochs->v[i].info;
    return epochs->n < max ? epochs->n : max;
}

int kept_keyring_wrap(struct kept_keyring *keyring, uint32_t epoch, struct kept_span aad,
                      struct kept_span plain, uint8_t *out)
{
    struct kept_key *key = find(keyring, KEPT_KEY_EPOCH, epoch);
    if (key == NULL)
        return KEPT_E_NOTFOUND;
    if (key->seals >= KEPT_MAX_SEALS)
        return KEPT_E_LIMIT;
    key->seals++;
    return kept_seal(keyring->suite, key->key, aad, plain, out);
}

int kept_keyring_unwrap(struct kept_keyring *keyring, uint32_t epoch, struct kept_span aad,
                        struct kept_span sealed, uint8_t *out)
{
    const struct kept_key *key = find(keyring, KEPT_KEY_EPOCH, epoch);
    if (key == NULL)
        return KEPT_E_NOTFOUND;
    return kept_unseal(keyring->suite, key->key, aad, sealed, out);
}

size_t kept_keyring_wrap_overhead(const struct kept_keyring *keyring)
{
    return kept_seal_overhead(keyring->suite);
}

const uint8_t *kept_keyring_signing_seed(const struct kept_keyring *keyring)
{
    return keyring->seed;
}

static const uint8_t *key_bytes(const struct kept_keyring *keyring, enum kept_key_kind kind,
                                uint32_t number)
{
    const struct kept_key *key = find(keyring, kind, number);
    return key == NULL ? NULL : key->key;
}

uint32_t kept_keyring_audit(const struct kept_keyring *keyring)
{
    return kept_keyring_newest(keyring, KEPT_KEY_AUDIT)->info.number;
}

const uint8_t *kept_keyring_audit_key(const struct kept_keyring *keyring, uint32_t number)
{
    return key_bytes(keyring, KEPT_KEY_AUDIT, number);
}

const uint8_t *kept_keyring_hash_key(const struct kept_keyring *keyring)
{
    return keyring->hash_key;
}

uint32_t kept_keyring_token(const struct kept_keyring *keyring)
{
    return kept_keyring_newest(keyring, KEPT_KEY_TOKEN)->info.number;
}

const uint8_t *kept_keyring_token_key(const struct kept_keyring *keyring, uint32_t number)
{
    return key_bytes(keyring, KEPT_KEY_TOKEN, number);
}
