/* crash_work.h - the work of the whole engine's crash test: a shop with a few people, one operation a
 * step, and beside it the plainest possible model of what must be true once a step is acknowledged. */
#ifndef KEPT_TESTS_CRASH_WORK_H
#define KEPT_TESTS_CRASH_WORK_H

#include "crash_aid.h"

#include "../aid/world.h"
#include "engine/admin.h"
#include "engine/engine_int.h"
/* Two rooms use these tags inside; a test that looks into both tells them apart. */
#define kept_place ledger_place
#define kept_source ledger_source
#include "ledger/ledger_int.h"
#undef kept_place
#undef kept_source

#define PEOPLE 8
#define MAX_ACKS 512
#define MAX_IDS 4096
#define MAX_NEEDLES 32
#define NEEDLE 24
#define PHOTO 150000 /* in chunks */
#define SEGMENT 6000 /* small, so that segments close */

struct person {
    struct kept_id id;
    bool there, erased, agreed, phone, photo, visit;
    kept_ms visit_ends;
    unsigned notes; /* bit k: the note "note P K" is held */
};

/* What is true after some acknowledged steps. */
struct model {
    kept_ms now;
    bool made, open_once, published;
    uint32_t people;
    struct person person[PEOPLE];
    uint64_t obligations; /* rows of the journal */
    uint32_t roots;       /* changes of the root key */
    size_t ids;           /* entries acknowledged */
    uint64_t anchored;    /* entries under a checkpoint that is in the anchor */
    size_t needles;       /* bytes that may stand in no file any more */
};

struct ack {
    size_t events;
    struct model model;
    const char *what;
};

struct work {
    struct world w;
    struct model m;
    struct ack acks[MAX_ACKS];
    size_t ack_count;
    struct kept_id ids[MAX_IDS];
    char origin[256];
    uint8_t needles[MAX_NEEDLES][NEEDLE];
    bool burnt[MAX_NEEDLES]; /* overwritten: not even on the bare disk */
    size_t needle_count; /* taken; those of the model are acknowledged as gone */
};

/* ---- acknowledging ---- */

static inline void acknowledge(struct work *k, const char *what)
{
    assert_true(k->ack_count < MAX_ACKS);
    k->m.now = k->w.now;
    if (k->w.kept != NULL && k->w.kept->app_count > 0) {
        const struct app *app = k->w.kept->apps[0];
        k->m.obligations = kept_journal_length(app->keyring);
        (void)snprintf(k->origin, sizeof k->origin, "%s", app->origin);
    }
    k->acks[k->ack_count++] = (struct ack){disk_events(), k->m, what};
    k->w.now += 700;
}

static inline void note_entry(struct work *k, const struct kept_reply *reply)
{
    static const struct kept_id none;
    if (memcmp(&reply->entry, &none, sizeof none) == 0)
        return;
    assert_true(k->m.ids < MAX_IDS);
    k->ids[k->m.ids++] = reply->entry;
}

/* One operation that must be allowed. */
static inline struct kept_id step(struct work *k, const char *what,
                                  const struct kept_request *request)
{
    struct kept_reply *reply = world_ask(&k->w, request);
    if (reply->decision != KEPT_ALLOW)
        fail_msg("%s: %s", what, kept_reason_name(reply->reason));
    struct kept_id id = reply->subject;
    note_entry(k, reply);
    kept_reply_free(reply);
    return id;
}

#define STEP(k, ...) step(k, "a step", &(struct kept_request){__VA_ARGS__})

/* ---- opening ---- */

static inline void small_segments(struct kept *kept)
{
    for (size_t i = 0; i < kept->app_count; i++)
        kept->apps[i]->ledger->options.segment_bytes = SEGMENT;
}

static inline void open_world(struct work *k)
{
    world_open(&k->w);
    small_segments(k->w.kept);
    acknowledge(k, "open");
}

/* Closing signs a last checkpoint. */
static inline void close_world(struct work *k)
{
    k->m.anchored = kept_ledger_size(k->w.kept->apps[0]->ledger);
    world_close(&k->w);
    acknowledge(k, "close");
}

static inline void reopen_world(struct work *k)
{
    close_world(k);
    open_world(k);
}

/* ---- steps ---- */

static inline void publish(struct work *k)
{
    char *text = world_policy("shop", 1, NULL, NULL);
    (void)STEP(k, .op = KEPT_OP_POLICY_PUBLISH, .text = text);
    free(text);
    small_segments(k->w.kept);
    k->m.published = true;
    acknowledge(k, "publish");
}

static inline void agree(struct work *k, unsigned p, const char *function)
{
    (void)STEP(k, .op = KEPT_OP_CONSENT_GRANT, .subject = k->m.person[p].id, .function = function,
               .consent = KEPT_C_EXPLICIT);
    if (strcmp(function, "notes") == 0)
        k->m.person[p].agreed = true;
    acknowledge(k, "grant");
}

static inline unsigned appear(struct work *k)
{
    unsigned p = k->m.people;
    assert_true(p < PEOPLE);
    struct kept_id id = STEP(k, .op = KEPT_OP_SUBJECT_NEW);
    k->m.person[p] = (struct person){.id = id, .there = true};
    k->m.people++;
    acknowledge(k, "new person");
    (void)STEP(k, .op = KEPT_OP_CONSENT_ACKNOWLEDGE, .subject = id);
    acknowledge(k, "acknowledge");
    agree(k, p, "account");
    agree(k, p, "notes");
    return p;
}

static inline void put_item(struct work *k, unsigned p, const char *function, const char *item,
                            struct kept_span value)
{
    const struct kept_field field = {.name = item, .value = value};
    (void)STEP(k, .op = KEPT_OP_COLLECT, .subject = k->m.person[p].id, .function = function,
               .fields = &field, .field_count = 1);
}

static inline const char *note_text(char ret_text[32], unsigned p, unsigned n)
{
    (void)snprintf(ret_text, 32, "note %u %u", p, n);
    return ret_text;
}

static inline void put_note(struct work *k, unsigned p, unsigned n)
{
    char text[32];
    put_item(k, p, "notes", "note", world_text(note_text(text, p, n)));
    k->m.person[p].notes |= 1u << n;
    acknowledge(k, "note");
}

static inline void put_phone(struct work *k, unsigned p)
{
    char text[32];
    (void)snprintf(text, sizeof text, "1380013800%u", p);
    put_item(k, p, "account", "phone", world_text(text));
    k->m.person[p].phone = true;
    acknowledge(k, "phone");
}

/* Kept for a day. */
static inline void put_visit(struct work *k, unsigned p)
{
    put_item(k, p, "notes", "visit", world_text("door"));
    k->m.person[p].visit = true;
    k->m.person[p].visit_ends = k->w.now + KEPT_DAY;
    acknowledge(k, "visit");
}

static inline uint8_t *photo_of(unsigned p)
{
    uint8_t *photo = malloc(PHOTO);
    assert_non_null(photo);
    for (size_t i = 0; i < PHOTO; i++)
        photo[i] = (uint8_t)(i * 7 + i / 256 + p);
    return photo;
}

static inline void put_photo(struct work *k, unsigned p)
{
    uint8_t *photo = photo_of(p);
    put_item(k, p, "notes", "photo", (struct kept_span){photo, PHOTO});
    free(photo);
    k->m.person[p].photo = true;
    acknowledge(k, "photo");
}

/* Several operations in flight, acknowledged together: count notes, or count reads. */
static inline void batch(struct work *k, unsigned p, unsigned first, unsigned count, bool read)
{
    struct kept_request request[16];
    struct kept_field field[16];
    char text[16][32];
    struct kept_reply *reply[16];
    size_t got = 0, n = 0;
    assert_true(count <= 16);
    for (unsigned i = 0; i < count; i++) {
        field[i] = (struct kept_field){.name = "note"};
        if (!read)
            field[i].value = world_text(note_text(text[i], p, first + i));
        request[i] = (struct kept_request){.op = read ? KEPT_OP_USE : KEPT_OP_COLLECT,
                                           .app = "shop",
                                           .subject = k->m.person[p].id,
                                           .function = read ? NULL : "notes",
                                           .purpose = read ? "service" : NULL,
                                           .fields = &field[i],
                                           .field_count = 1};
        must(kept_submit(k->w.kept, &request[i], &err));
    }
    while (got < count) {
        must(kept_reap(k->w.kept, reply, 16, 1, &n, &err));
        assert_true(n > 0);
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(reply[i]->error, 0);
            assert_int_equal(reply[i]->decision, KEPT_ALLOW);
            note_entry(k, reply[i]);
            kept_reply_free(reply[i]);
        }
        got += n;
    }
    for (unsigned i = 0; !read && i < count; i++)
        k->m.person[p].notes |= 1u << (first + i);
    acknowledge(k, read ? "reads" : "notes");
}

static inline void read_notes(struct work *k, unsigned p)
{
    const struct kept_field field = {.name = "note"};
    (void)STEP(k, .op = KEPT_OP_USE, .subject = k->m.person[p].id, .purpose = "service",
               .fields = &field, .field_count = 1);
    acknowledge(k, "read");
}

static inline void withdraw(struct work *k, unsigned p)
{
    (void)STEP(k, .op = KEPT_OP_CONSENT_WITHDRAW, .subject = k->m.person[p].id,
               .function = "notes");
    k->m.person[p].agreed = false;
    acknowledge(k, "withdrawal");
}

static inline void erase_notes(struct work *k, unsigned p)
{
    (void)STEP(k, .op = KEPT_OP_ERASE_RECORD, .subject = k->m.person[p].id, .item = "note");
    k->m.person[p].notes = 0;
    acknowledge(k, "erasure of a record");
}

/* Remember bytes that must go; tick() acknowledges that they are gone. */
static inline void take_needle(struct work *k, const uint8_t *p, size_t n, bool burnt)
{
    assert_true(k->needle_count < MAX_NEEDLES && n >= NEEDLE);
    k->burnt[k->needle_count] = burnt;
    memcpy(k->needles[k->needle_count++], p + (n - NEEDLE) / 2, NEEDLE);
}

static inline void erase_person(struct work *k, unsigned p)
{
    struct kept_head head;
    struct kept_span cell;
    uint64_t key = world_key(k->m.person[p].id);
    must(kept_cell_get(k->w.kept->store, key, &cell, &err));
    assert_int_equal(kept_head_decode(key, cell, &head), 0);
    take_needle(k, head.box.p, head.box.n, false);
    (void)STEP(k, .op = KEPT_OP_ERASE_SUBJECT, .subject = k->m.person[p].id);
    k->m.person[p].erased = true;
    acknowledge(k, "erasure");
}

/* The file of an epoch, before the epoch dies. */
static inline void take_key(struct work *k, const char *key)
{
    char name[64], path[AID_PATH];
    struct kept_buf file;
    kept_buf_init(&file, 1 << 20);
    (void)snprintf(name, sizeof name, "shop/%s", key);
    aid_join(path, k->w.keyring, name);
    must(kept_file_load(path, &file, &err));
    take_needle(k, file.p, file.n, true);
    kept_buf_release(&file);
}

static inline void tick(struct work *k)
{
    (void)STEP(k, .op = KEPT_OP_TICK);
    k->m.needles = k->needle_count;
    for (unsigned p = 0; p < k->m.people; p++)
        if (k->m.person[p].visit_ends <= k->w.now)
            k->m.person[p].visit = false;
    acknowledge(k, "tick");
}

static inline void change_root(struct work *k)
{
    struct kept_buf json, file;
    kept_buf_init(&json, 1 << 20);
    kept_buf_init(&file, 1 << 20);
    close_world(k);
    must(kept_file_load(k->w.root, &file, &err));
    take_needle(k, file.p, file.n, true);
    kept_buf_release(&file);
    take_key(k, "epoch-2"); /* as it is sealed under the former root */
    const struct kept_options options = world_options(&k->w);
    must(kept_admin_key_change(&options, NULL, &json, &err));
    k->m.needles = k->needle_count;
    k->m.roots++;
    acknowledge(k, "change of root");
    kept_buf_release(&json);
    open_world(k);
}

/* ---- the whole work ---- */

static inline void work_first(struct work *k)
{
    const struct kept_options options = world_options(&k->w);
    must(kept_init(&options, &err));
    k->m.made = true;
    acknowledge(k, "init");
    open_world(k);
    publish(k);
    for (unsigned p = 0; p < 4; p++) {
        (void)appear(k);
        put_phone(k, p);
        put_note(k, p, 0);
    }
    put_visit(k, 0);
    put_visit(k, 3);
    read_notes(k, 0);
    batch(k, 0, 1, 8, false);
    batch(k, 0, 0, 12, true);
    put_photo(k, 1);
    withdraw(k, 1);
    reopen_world(k);
    erase_notes(k, 2);
    put_note(k, 2, 1);
    erase_person(k, 3);
    tick(k);
    batch(k, 0, 0, 16, true);
}

static inline void work_second(struct work *k)
{
    put_note(k, 2, 2);
    (void)STEP(k, .op = KEPT_OP_ROTATE);
    acknowledge(k, "rotation");
    read_notes(k, 2);
    agree(k, 1, "notes");
    batch(k, 1, 1, 5, false);
    (void)STEP(k, .op = KEPT_OP_ROTATE, .text = "tokens");
    acknowledge(k, "turn of the token key");
    put_visit(k, 1);
    change_root(k);
    batch(k, 1, 0, 16, true);
    erase_person(k, 2);
    take_key(k, "epoch-1");
    take_key(k, "token-1");
    k->w.now += 40 * KEPT_DAY; /* the first epoch's time is over */
    tick(k);
    (void)appear(k);
    put_note(k, 4, 0);
    batch(k, 4, 0, 16, true);
    withdraw(k, 0);
    close_world(k);
}

#endif
