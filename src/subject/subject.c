/* subject.c - heads: keys in a box, context under a seal. */
#include "subject/subject.h"

#include <string.h>

#include "base/error.h"
#include "base/id.h"
#include "base/limits.h"
#include "base/mem.h"
#include "store/store.h"
#include "subject/subject_int.h"

#define HEAD_FORMAT 1
#define TAIL_BYTES 10
#define NUMBER_BYTES 6
#define BOX_MAX 512u
#define PACK_MAX (KEPT_PACK_BYTES + 1u)

_Static_assert(TAIL_BYTES + NUMBER_BYTES == KEPT_ID_BYTES, "an id is its place and its tail");

/* ---- ids: 43 bits of place, 80 random bits ------------------------------------------------- */

static void id_from_key(uint64_t key, const uint8_t *tail, struct kept_id *ret_id)
{
    uint64_t place = key >> KEPT_SLOT_BITS;
    for (unsigned i = 0; i < NUMBER_BYTES; i++)
        ret_id->b[i] = (uint8_t)(place >> (8 * (NUMBER_BYTES - 1 - i)));
    memcpy(ret_id->b + NUMBER_BYTES, tail, TAIL_BYTES);
}

int kept_subject_key(const struct kept_id *id, uint32_t app, uint64_t *ret_key)
{
    uint64_t place = 0;
    for (unsigned i = 0; i < NUMBER_BYTES; i++)
        place = place << 8 | id->b[i];
    if (place >> KEPT_SUBJECT_BITS != app)
        return KEPT_E_NOTFOUND;
    *ret_key = place << KEPT_SLOT_BITS;
    return 0;
}

/* ---- bodies -------------------------------------------------------------------------------- */

int kept_head_decode(uint64_t key, struct kept_span body, struct kept_head *ret_head)
{
    struct kept_cursor c = kept_cursor(body);
    struct kept_head h;
    uint8_t format = kept_get_u8(&c);
    if (!c.bad && format > HEAD_FORMAT)
        return KEPT_E_FORMAT;
    h.suite = kept_get_u8(&c);
    h.state = kept_get_u8(&c);
    struct kept_span tail = kept_get_bytes(&c, TAIL_BYTES);
    h.epoch = kept_get_u32(&c);
    h.version = kept_get_varint(&c, UINT64_MAX);
    h.box = kept_get_bytes(&c, kept_get_varint(&c, BOX_MAX));
    h.context = kept_get_bytes(&c, kept_get_varint(&c, KEPT_MAX_CONTEXT_BYTES));
    h.pack = (struct kept_span){c.p, c.n};
    if (c.bad || format != HEAD_FORMAT || h.state == KEPT_S_NONE ||
        h.state > KEPT_S_KEPT_BY_LAW)
        return KEPT_E_CORRUPT;
    id_from_key(key, tail.p, &h.id);
    *ret_head = h;
    return 0;
}

size_t kept_aad_head(uint8_t *aad, enum kept_suite suite, uint32_t app, const struct kept_id *id)
{
    aad[0] = (uint8_t)suite;
    kept_put_be32(aad + 1, app);
    memcpy(aad + 5, id->b, sizeof id->b);
    return KEPT_AAD_HEAD;
}

static struct kept_span box_aad(uint8_t *aad, enum kept_suite suite, uint32_t app,
                                const struct kept_id *id, uint32_t epoch)
{
    size_t n = kept_aad_head(aad, suite, app, id);
    aad[n] = 'K';
    kept_put_be32(aad + n + 1, epoch);
    return (struct kept_span){aad, n + 5};
}

static struct kept_span context_aad(uint8_t *aad, enum kept_suite suite, uint32_t app,
                                    const struct kept_id *id, enum kept_subject_state state,
                                    uint64_t version)
{
    size_t n = kept_aad_head(aad, suite, app, id);
    aad[n] = 'C';
    aad[n + 1] = (uint8_t)state;
    kept_put_be64(aad + n + 2, version);
    return (struct kept_span){aad, n + 10};
}

const uint8_t *kept_subject_context_key(const struct kept_subject *subject)
{
    const struct kept_subject_keys *k = subject->keys;
    return k->generation[KEPT_CLASS_ORDINARY] != 0 ? k->data[KEPT_CLASS_ORDINARY] : k->trace;
}

/* ---- the keybox ---------------------------------------------------------------------------- */

#define SLOT_FORMER 8
#define SLOT_TRACE 32

static void box_encode(const struct kept_subject_keys *keys, struct kept_buf *out)
{
    for (unsigned i = 0; i < KEPT_CLASSES; i++) {
        if (keys->generation[i] != 0) {
            kept_buf_u8(out, (uint8_t)i);
            kept_buf_varint(out, keys->generation[i]);
            kept_buf_bytes(out, keys->data[i], KEPT_KEY_BYTES);
        }
        if (keys->former_generation[i] != 0) {
            kept_buf_u8(out, (uint8_t)(SLOT_FORMER + i));
            kept_buf_varint(out, keys->former_generation[i]);
            kept_buf_bytes(out, keys->former[i], KEPT_KEY_BYTES);
        }
    }
    if (keys->has_trace) {
        kept_buf_u8(out, SLOT_TRACE);
        kept_buf_bytes(out, keys->trace, KEPT_TRACE_BYTES);
    }
}

static int box_decode(struct kept_span plain, struct kept_subject_keys *keys)
{
    struct kept_cursor c = kept_cursor(plain);
    memset(keys, 0, sizeof *keys);
    while (c.n > 0) {
        uint8_t slot = kept_get_u8(&c);
        if (slot == SLOT_TRACE) {
            struct kept_span trace = kept_get_bytes(&c, KEPT_TRACE_BYTES);
            if (!c.bad)
                memcpy(keys->trace, trace.p, KEPT_TRACE_BYTES);
            keys->has_trace = true;
        } else {
            bool former = slot >= SLOT_FORMER;
            unsigned class = former ? (unsigned)slot - SLOT_FORMER : slot;
            uint32_t generation = (uint32_t)kept_get_varint(&c, UINT32_MAX);
            struct kept_span key = kept_get_bytes(&c, KEPT_KEY_BYTES);
            if (c.bad || class >= KEPT_CLASSES)
                return KEPT_E_CORRUPT;
            memcpy(former ? keys->former[class] : keys->data[class], key.p, KEPT_KEY_BYTES);
            if (former)
                keys->former_generation[class] = generation;
            else
                keys->generation[class] = generation;
        }
        if (c.bad)
            return KEPT_E_CORRUPT;
    }
    return 0;
}

/* ---- life ---------------------------------------------------------------------------------- */

void kept_subject_init(struct kept_subject *subject, struct kept_subject_keys *keys)
{
    *subject = (struct kept_subject){.keys = keys};
    kept_buf_init(&subject->box, BOX_MAX);
    kept_buf_init(&subject->pack_own, PACK_MAX);
    kept_buf_init_secret(&subject->papers, KEPT_MAX_PAPER_BYTES);
}

void kept_subject_release(struct kept_subject *subject)
{
    kept_wipe(subject->keys, subject->keys != NULL ? sizeof *subject->keys : 0);
    kept_wipe(subject->consents, subject->consent_cap * sizeof *subject->consents);
    kept_wipe(subject->permissions, subject->permission_cap * sizeof *subject->permissions);
    kept_wipe(subject->launches, subject->launch_cap * sizeof *subject->launches);
    kept_wipe(subject->dir, subject->dir_cap * sizeof *subject->dir);
    kept_wipe(subject->pages, subject->page_cap * sizeof *subject->pages);
    kept_free(subject->consents);
    kept_free(subject->permissions);
    kept_free(subject->launches);
    kept_free(subject->dir);
    kept_free(subject->pages);
    kept_buf_release(&subject->box);
    kept_buf_release(&subject->pack_own);
    kept_buf_release(&subject->papers);
    struct kept_nonces *nonces = subject->nonces;
    kept_subject_init(subject, subject->keys);
    subject->nonces = nonces;
}

/* Forget who agreed to what, on which launch, with which permissions. */
static void wipe_rows(struct kept_subject *s)
{
    kept_wipe(s->consents, s->context.consent_count * sizeof *s->consents);
    kept_wipe(s->permissions, s->context.permission_count * sizeof *s->permissions);
    kept_wipe(s->launches, s->context.launch_count * sizeof *s->launches);
    if (s->papers.n != 0 || s->papers.failed != 0)
        kept_buf_clear(&s->papers);
}

/* Empty the shell but keep its memory: nothing of the last person stays for the next. */
static void reset(struct kept_subject *s)
{
    wipe_rows(s);
    kept_wipe(s->dir, s->dir_count * sizeof *s->dir);
    kept_wipe(s->pages, s->page_count * sizeof *s->pages);
    s->context = (struct kept_context){.birth_day = KEPT_BIRTH_UNKNOWN,
                                       .consents = s->consents,
                                       .permissions = s->permissions,
                                       .launches = s->launches};
    s->dir_count = s->page_count = 0;
    s->next_slot = 1;
    s->seals = 0;
    s->marked = s->spread = false;
    s->created = s->erased_at = s->swept_at = 0;
    s->erased_epoch = 0;
    s->keys_changed = false;
    kept_buf_clear(&s->box);
    kept_pack_clear(s);
    memset(s->keys, 0, sizeof *s->keys);
}

int kept_subject_make(struct kept_subject *subject, uint32_t app, uint64_t number, kept_ms now,
                      struct kept_err *err)
{
    uint8_t tail[TAIL_BYTES];
    if (app == 0 || app > KEPT_MAX_APPS || number >> KEPT_SUBJECT_BITS != 0)
        return kept_fail(err, KEPT_E_LIMIT, "the store has no room for another person");
    reset(subject);
    kept_random(tail, sizeof tail);
    subject->app = app;
    subject->key = KEPT_KEY(app, number, 0);
    id_from_key(subject->key, tail, &subject->id);
    subject->created = now;
    subject->context.state = KEPT_S_LIVE;
    kept_random(subject->keys->trace, KEPT_TRACE_BYTES);
    subject->keys->has_trace = true;
    return kept_subject_class(subject, KEPT_CLASS_ORDINARY, err);
}

int kept_subject_class(struct kept_subject *subject, enum kept_class class, struct kept_err *err)
{
    struct kept_subject_keys *keys = subject->keys;
    if ((unsigned)class >= KEPT_CLASSES)
        return kept_fail(err, KEPT_E_BUG, "no such retention class");
    if (keys->generation[class] == 0) {
        kept_random(keys->data[class], KEPT_KEY_BYTES);
        keys->generation[class] = 1;
        subject->keys_changed = true;
    }
    return 0;
}

/* The key of a generation, present or former. */
static const uint8_t *class_key(const struct kept_subject_keys *k, uint32_t class, uint32_t generation)
{
    if (class >= KEPT_CLASSES || generation == 0)
        return NULL;
    if (k->generation[class] == generation)
        return k->data[class];
    if (k->former_generation[class] == generation)
        return k->former[class];
    return NULL;
}

const uint8_t *kept_subject_value_key(const struct kept_subject *subject, uint32_t class,
                                      uint32_t generation, uint32_t partition)
{
    struct kept_subject_keys *k = subject->keys;
    const uint8_t *key = class_key(k, class, generation);
    uint8_t ref[4];
    if (key == NULL || partition == KEPT_REF_NONE)
        return key;
    if (k->apart_ref != partition || k->apart_class != class || k->apart_generation != generation) {
        kept_put_be32(ref, partition);
        kept_derive(key, "kept partition", (struct kept_span){ref, sizeof ref}, k->apart);
        k->apart_ref = partition;
        k->apart_class = class;
        k->apart_generation = generation;
    }
    return k->apart;
}

int kept_subject_open(struct kept_subject *subject, struct kept_keyring *keyring, uint32_t app,
                      uint64_t key, const struct kept_head *head, struct kept_err *err)
{
    KEPT_SCRATCH uint8_t aad[KEPT_AAD_HEAD + 16], plain[BOX_MAX];
    reset(subject);
    subject->id = head->id;
    subject->app = app;
    subject->key = key;
    subject->epoch = head->epoch;
    subject->context.state = head->state;
    subject->context.version = head->version;
    kept_buf_bytes(&subject->box, head->box.p, head->box.n);
    size_t over = kept_keyring_wrap_overhead(keyring);
    int rc = kept_pack_open(subject, head->pack);
    if (rc == KEPT_E_CORRUPT)
        return kept_fail(err, rc, "a person's row is damaged");
    if (rc != 0 || subject->box.failed != 0)
        return kept_fail(err, rc != 0 ? rc : subject->box.failed, "no memory to open a person's row");
    if (head->box.n <= over)
        return kept_fail(err, KEPT_E_CORRUPT, "a person's row has no keys: damaged or changed");
    rc = kept_keyring_unwrap(keyring, head->epoch,
                             box_aad(aad, head->suite, app, &head->id, head->epoch), head->box,
                             plain);
    if (rc == 0)
        rc = box_decode((struct kept_span){plain, head->box.n - over}, subject->keys);
    kept_wipe(plain, head->box.n - over);
    if (rc == KEPT_E_NOTFOUND)
        return kept_fail(err, rc, "the epoch key %u is destroyed: what it sealed is gone for good",
                         head->epoch);
    if (rc != 0)
        return kept_fail(err, KEPT_E_CORRUPT,
                         "a person's keys do not open: the row was changed outside kept");
    rc = kept_context_open(subject, head->suite,
                           context_aad(aad, head->suite, app, &head->id, head->state,
                                       head->version),
                           head->context);
    if (rc == KEPT_E_NOMEM || rc == KEPT_E_LIMIT)
        return kept_fail(err, rc, "a person's context does not fit in memory");
    if (rc != 0)
        return kept_fail(err, KEPT_E_CORRUPT,
                         "a person's context does not open: the row was changed outside kept");
    return 0;
}

/* u8 format, u8 suite, u8 state, the id's tail; then u32 epoch. */
#define EPOCH_AT (3u + TAIL_BYTES)

static int seal_box(struct kept_subject *subject, struct kept_keyring *keyring)
{
    uint8_t aad[KEPT_AAD_HEAD + 8];
    struct kept_buf plain;
    kept_buf_init_secret(&plain, BOX_MAX);
    box_encode(subject->keys, &plain);
    kept_buf_clear(&subject->box);
    uint8_t *at = kept_buf_room(&subject->box, plain.n + kept_keyring_wrap_overhead(keyring));
    int rc = plain.failed != 0            ? plain.failed
             : at == NULL                 ? subject->box.failed
                                          : 0;
    if (rc == 0)
        rc = kept_keyring_wrap(keyring, subject->epoch,
                               box_aad(aad, kept_suite_default(), subject->app, &subject->id,
                                       subject->epoch),
                               kept_buf_span(&plain), at);
    kept_buf_release(&plain);
    return rc;
}

int kept_subject_seal(struct kept_subject *subject, struct kept_keyring *keyring,
                      struct kept_buf *out, struct kept_err *err)
{
    uint8_t aad[KEPT_AAD_HEAD + 16];
    enum kept_suite suite = kept_suite_default();
    struct kept_buf plain;
    int rc = 0;
    if (subject->keys_changed || subject->box.n == 0) {
        subject->epoch = kept_keyring_epoch(keyring);
        rc = seal_box(subject, keyring);
        if (rc != 0)
            return kept_fail(err, rc, "cannot seal a person's keys");
        subject->keys_changed = false;
    }
    if ((rc = kept_subject_count(subject, 1, err)) != 0)
        return rc;
    kept_buf_init_secret(&plain, KEPT_MAX_CONTEXT_BYTES);
    kept_context_encode(subject, &plain);
    kept_buf_u8(out, HEAD_FORMAT);
    kept_buf_u8(out, (uint8_t)suite);
    kept_buf_u8(out, (uint8_t)subject->context.state);
    kept_buf_bytes(out, subject->id.b + NUMBER_BYTES, TAIL_BYTES);
    kept_buf_u32(out, subject->epoch);
    kept_buf_varint(out, subject->context.version);
    kept_buf_varint(out, subject->box.n);
    kept_buf_bytes(out, subject->box.p, subject->box.n);
    size_t n = plain.n + kept_seal_overhead(suite);
    kept_buf_varint(out, n);
    uint8_t *at = kept_buf_room(out, n);
    rc = plain.failed != 0 ? plain.failed : at == NULL ? out->failed : 0;
    if (rc == 0)
        rc = kept_seal_ahead(subject->nonces, suite, kept_subject_context_key(subject),
                       context_aad(aad, suite, subject->app, &subject->id, subject->context.state,
                                   subject->context.version),
                       kept_buf_span(&plain), at);
    kept_buf_release(&plain);
    kept_buf_bytes(out, subject->pack.p, subject->pack.n);
    if (rc != 0)
        return kept_fail(err, rc, "cannot seal a person's context");
    return 0;
}

int kept_subject_rewrap_head(struct kept_subject *subject, struct kept_keyring *keyring,
                             const struct kept_head *head, struct kept_span body,
                             struct kept_buf *out, struct kept_err *err)
{
    /* Sealed by another suite, on another machine: it is all sealed anew. */
    if (head->suite != kept_suite_default()) {
        kept_subject_rewrap(subject, kept_keyring_epoch(keyring));
        return kept_subject_seal(subject, keyring, out, err);
    }
    const uint8_t *behind = head->box.p + head->box.n;
    subject->epoch = kept_keyring_epoch(keyring);
    int rc = seal_box(subject, keyring);
    if (rc != 0)
        return kept_fail(err, rc, "cannot seal a person's keys");
    kept_buf_bytes(out, body.p, EPOCH_AT);
    kept_buf_u32(out, subject->epoch);
    kept_buf_varint(out, head->version);
    kept_buf_varint(out, subject->box.n);
    kept_buf_bytes(out, subject->box.p, subject->box.n);
    kept_buf_bytes(out, behind, (size_t)(body.p + body.n - behind));
    return out->failed == 0 ? 0 : kept_fail(err, out->failed, "a person's row does not fit");
}

int kept_subject_count(struct kept_subject *subject, uint32_t seals, struct kept_err *err)
{
    if (subject->seals + seals > KEPT_MAX_SEALS)
        return kept_fail(err, KEPT_E_LIMIT,
                         "one person's key has sealed all it may: erase a record, and the next "
                         "rotation gives a new key");
    subject->seals += seals;
    return 0;
}

void kept_subject_rewrap(struct kept_subject *subject, uint32_t epoch)
{
    subject->epoch = epoch;
    subject->keys_changed = true;
}

void kept_subject_erase(struct kept_subject *subject, kept_ms now)
{
    struct kept_subject_keys *keys = subject->keys;
    size_t kept = 0;
    for (size_t i = 0; i < subject->dir_count; i++)
        if (subject->dir[i].class == KEPT_CLASS_LAW)
            subject->dir[kept++] = subject->dir[i];
    subject->dir_count = kept;
    subject->page_count = 0;
    kept_pack_keep(subject, subject->dir, kept);
    for (unsigned i = 0; i < KEPT_CLASSES; i++) {
        if (i == KEPT_CLASS_LAW && kept != 0)
            continue;
        kept_wipe(keys->data[i], KEPT_KEY_BYTES);
        keys->generation[i] = 0;
        kept_wipe(keys->former[i], KEPT_KEY_BYTES);
        keys->former_generation[i] = 0;
    }
    kept_wipe(keys->apart, sizeof keys->apart);
    keys->apart_ref = KEPT_REF_NONE;
    subject->marked = false; /* there is no key left to change */
    subject->erased_epoch = subject->epoch;
    subject->erased_at = now;
    subject->keys_changed = true;
    struct kept_context *c = &subject->context;
    wipe_rows(subject);
    c->state = kept != 0 ? KEPT_S_KEPT_BY_LAW : KEPT_S_ERASED;
    c->consent_count = c->permission_count = c->launch_count = 0;
    c->birth_day = KEPT_BIRTH_UNKNOWN;
    c->region = 0;
}
