/* test_failures.c - everything that can fail does, one at a time: every allocation, every read, every
 * write, sync, rename and removal, through each operation that changes something, through opening after
 * a restore, and through a change of the root key. Afterwards the error is one that was promised and
 * says nothing of the person; and the store, opened again, is exactly as it was before or exactly as
 * it becomes: all values, consents, numbers and reports are read back, the ledger is verified.
 *
 * Each failure meets a copy of the same folder, so that before and after are known beforehand.
 * Every failure with KEPT_LONG=1; else the first ones, and every few of the others. */
#include "../aid/world.h"

#include <errno.h>

#include "../aid/disk.h"
#include "../aid/scarce.h"
#include "base/id.h"
#include "engine/admin.h"

#define STATE (1 << 14)
#define NOTE "zanzibar"      /* values that no message may hold */
#define PHONE "13800138000"

enum failing { MEMORY, READS, CHANGES, FAILINGS };
static const char *const failing_names[FAILINGS] = {"allocation", "read", "change"};
static const unsigned failing_kinds[FAILINGS] = {0, DISK_READ, DISK_ALL};

static char *version_2; /* of the policy: made while memory is there */

/* One thing to do: returns what it returned. */
struct scene {
    const char *name;
    /* The world as it is before: opened; leave it open or closed as act wants it. */
    void (*prepare)(struct world *w, struct kept_id id);
    int (*act)(struct world *w, struct kept_id id, struct kept_err *err);
    void (*open)(struct world *w); /* NULL: the shop as it is */
    bool closed;   /* act finds the store closed, and leaves it so */
    bool stepwise; /* done in steps that count each: doing it again goes on, and ends the same */
};

/* ---- a failure, from here to there ---- */

static void fail_begin(struct world *w, enum failing what, long n, bool lasting)
{
    if (what == MEMORY)
        scarce_begin(n, !lasting);
    else
        disk_fail(w->dir, failing_kinds[what], n, EIO, lasting);
}

/* How many failed. */
static long fail_end(enum failing what)
{
    if (what == MEMORY) {
        scarce_end();
        return (long)scarce_failed();
    }
    disk_fail_off();
    return disk_failed();
}

/* ---- what a world looks like ---- */

static void note_json(char *out, const char *name, const struct kept_reply *reply)
{
    size_t n = strlen(out);
    (void)snprintf(out + n, STATE - n, "%s: %s\n", name, reply->json == NULL ? "" : reply->json);
}

static void note_values(struct world *w, struct kept_id id, char *out)
{
    static const char *const items[] = {"phone", "name", "note", "photo", "visit", "imei"};
    for (size_t i = 0; i < sizeof items / sizeof items[0]; i++) {
        const struct kept_field field = {.name = items[i]};
        struct kept_reply *use = ASK(w, .op = KEPT_OP_USE, .subject = id, .purpose = "service",
                                     .fields = &field, .field_count = 1);
        size_t n = strlen(out);
        n += (size_t)snprintf(out + n, STATE - n, "%s: version %lu", items[i], (unsigned long)use->version);
        for (size_t k = 0; k < use->field_count; k++) {
            const struct kept_field *f = &use->fields[k];
            uint32_t sum = 0;
            for (size_t b = 0; b < f->value.n; b++)
                sum = sum * 31 + f->value.p[b];
            n += (size_t)snprintf(out + n, STATE - n, " | %d %d %u %zu %08x", (int)f->decision, (int)f->reason,
                                  (unsigned)f->record, f->value.n, sum);
        }
        (void)snprintf(out + n, STATE - n, "\n");
        kept_reply_free(use);
    }
}

/* All there is to see of the store, but what every question adds to the ledger. */
static void look(struct world *w, struct kept_id id, char *out)
{
    static const char *const numbers[] = {"people_ever", "sweeps_pending", "reseals_pending",
                                          "journal_obligations"};
    const struct kept_field phone = world_field("phone", PHONE);
    struct kept_reply *reply;
    out[0] = 0;
    note_values(w, id, out);
    reply = ASK(w, .op = KEPT_OP_SUBJECT_SHOW, .subject = id);
    note_json(out, "person", reply);
    kept_reply_free(reply);
    reply = ASK(w, .op = KEPT_OP_SUBJECT_FIND, .fields = &phone, .field_count = 1);
    size_t n = strlen(out);
    (void)snprintf(out + n, STATE - n, "found: %d %d\n", (int)reply->decision, (int)reply->reason);
    kept_reply_free(reply);
    reply = ASK(w, .op = KEPT_OP_POLICY_SHOW);
    note_json(out, "policies", reply);
    kept_reply_free(reply);
    reply = ASK(w, .op = KEPT_OP_CALLER_LIST);
    note_json(out, "callers", reply);
    kept_reply_free(reply);
    reply = ASK(w, .op = KEPT_OP_APPROVAL_LIST);
    note_json(out, "approvals", reply);
    kept_reply_free(reply);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        n = strlen(out);
        (void)snprintf(out + n, STATE - n, "%s: %lu\n", numbers[i],
                       (unsigned long)world_number(w, numbers[i]));
    }
    assert_in_range(strlen(out), 1, STATE - 2);
}

/* Everything holds: the store's own check, and the ledger from its files. */
static void check_whole(struct world *w, const char *where)
{
    struct kept_buf json;
    uint64_t problems = 0;
    int holds = 0;
    const struct kept_options o = world_options(w);
    kept_buf_init(&json, 1 << 20);
    if (kept_admin_check(w->kept, &json, &problems, &w->err) != 0 || problems != 0)
        fail_msg("%s: check: %s", where, json.n > 0 ? (const char *)json.p : w->err.text);
    kept_buf_clear(&json);
    if (kept_admin_verify(&o, NULL, 1, &json, &holds, &w->err) != 0 || holds == 0)
        fail_msg("%s: verify: %s", where, json.n > 0 ? (const char *)json.p : w->err.text);
    kept_buf_release(&json);
}

/* A page that SQLite cannot read is damage to it (SQLITE_IOERR_CORRUPTFS), so it is to kept. */
static void check_error(const char *where, enum failing what, int rc, const struct kept_err *err)
{
    if (rc != KEPT_E_IO && rc != KEPT_E_UNSETTLED && !(what == MEMORY && rc == KEPT_E_NOMEM) &&
        !(what == READS && rc == KEPT_E_CORRUPT))
        fail_msg("%s: %d %s", where, rc, err->text);
    assert_int_equal(err->code, rc);
    assert_true(err->text[0] != 0);
    if (strstr(err->text, NOTE) != NULL || strstr(err->text, PHONE) != NULL)
        fail_msg("%s: a value in an error: %s", where, err->text);
}

/* ---- the sweep ---- */

static struct kept_id ready_person(struct world *w)
{
    static uint8_t photo[70000];
    struct kept_id id = world_person(w);
    world_put(w, id, "account", "phone", PHONE);
    world_put(w, id, "notes", "note", NOTE);
    world_put(w, id, "notes", "note", NOTE "-2");
    world_put(w, id, "notes", "visit", NOTE);
    world_put_bytes(w, id, "notes", "photo", (struct kept_span){photo, sizeof photo});
    return id;
}

struct sweep {
    struct world w;
    struct kept_id id;
    char kept_as[WORLD_PATH], live[WORLD_PATH]; /* the prepared folder, and where it is put */
    kept_ms now;
    char before[STATE], whole[STATE];
};

static void put_back(struct sweep *s)
{
    world_remove(s->live);
    world_copy(s->kept_as, s->live);
    s->w.now = s->now;
}

/* As far as act wants it. */
static void ready(struct sweep *s, const struct scene *scene)
{
    put_back(s);
    if (!scene->closed)
        world_open(&s->w);
}

static int act(struct sweep *s, const struct scene *scene, struct kept_err *err)
{
    memset(err, 0, sizeof *err);
    return scene->act(&s->w, s->id, err);
}

static void begin(struct sweep *s, const struct scene *scene)
{
    struct kept_err err;
    if (scene->open != NULL)
        scene->open(&s->w);
    else
        world_shop(&s->w);
    s->id = ready_person(&s->w);
    if (scene->prepare != NULL)
        scene->prepare(&s->w, s->id);
    if (s->w.kept != NULL)
        world_close(&s->w);
    s->now = s->w.now;
    (void)snprintf(s->live, sizeof s->live, "%s", s->w.dir);
    assert_in_range(snprintf(s->kept_as, sizeof s->kept_as, "%.400s.kept", s->w.dir), 1, WORLD_PATH - 1);
    world_copy(s->live, s->kept_as);
    if (strcmp(scene->name, "restore") != 0) { /* there, opening is what is done */
        world_open(&s->w);
        look(&s->w, s->id, s->before);
        world_close(&s->w);
    }
    ready(s, scene);
    if (act(s, scene, &err) != 0)
        fail_msg("%s, nothing failing: %d %s", scene->name, err.code, err.text);
    if (s->w.kept != NULL)
        world_close(&s->w);
    world_open(&s->w);
    look(&s->w, s->id, s->whole);
    check_whole(&s->w, scene->name);
    world_close(&s->w);
}

static void end(struct sweep *s)
{
    world_remove(s->kept_as);
    world_down(&s->w);
}

/* What came of it: exactly one of the two. */
static void judge(struct sweep *s, const struct scene *scene, const char *where, int rc)
{
    static char after[STATE];
    struct kept_err err;
    if (scene->stepwise && rc != 0) { /* it goes on where it stood */
        if (!scene->closed)
            world_open(&s->w);
        rc = act(s, scene, &err);
        if (rc == KEPT_E_CONFLICT) /* it was done already */
            rc = 0;
        if (rc != 0)
            fail_msg("%s: again: %d %s", where, rc, err.text);
        if (s->w.kept != NULL)
            world_close(&s->w);
    }
    world_open(&s->w);
    look(&s->w, s->id, after);
    bool is_before = strcmp(after, s->before) == 0, is_whole = strcmp(after, s->whole) == 0;
    if (!is_before && !is_whole)
        fail_msg("%s (%d): half done:\n%s\nneither\n%s\nnor\n%s", where, rc, after, s->before, s->whole);
    if (rc == 0 && !is_whole)
        fail_msg("%s: said to be done, and is not:\n%s", where, after);
    if (rc != 0 && rc != KEPT_E_UNSETTLED && !is_before)
        fail_msg("%s: said not to be done (%d), and is:\n%s", where, rc, after);
    check_whole(&s->w, where);
    world_close(&s->w);
}

static void each_failure(struct sweep *s, const struct scene *scene, enum failing what, bool lasting)
{
    char where[160];
    long tried = 0, refused = 0;
    bool every = getenv("KEPT_LONG") != NULL, over = false;
    for (long n = 0; !over; n += every || n < 24 ? 1 : 3 + n / 12) {
        struct kept_err err;
        assert_true(n < 20000);
        (void)snprintf(where, sizeof where, "%s, %s %ld%s", scene->name, failing_names[what], n,
                       lasting ? " and all behind it" : "");
        ready(s, scene);
        fail_begin(&s->w, what, n, lasting);
        int rc = act(s, scene, &err);
        if (rc != 0)
            check_error(where, what, rc, &err);
        if (lasting && s->w.kept != NULL) /* the disk stays gone while kept lets go */
            world_close(&s->w);
        over = fail_end(what) == 0;
        if (s->w.kept != NULL)
            world_close(&s->w);
        judge(s, scene, where, rc);
        tried++;
        refused += rc != 0;
    }
    print_message("%-24s %-10s %4ld failures, %ld errors\n", scene->name, failing_names[what], tried - 1,
                  refused);
}

static void sweep(const struct scene *scene)
{
    struct sweep *s = calloc(1, sizeof *s);
    assert_non_null(s);
    begin(s, scene);
    for (enum failing what = MEMORY; what < FAILINGS; what++)
        for (int lasting = 0; lasting < 2; lasting++)
            each_failure(s, scene, what, lasting != 0);
    end(s);
    free(s);
    free(version_2);
    version_2 = NULL;
}

/* ---- the scenes ---- */

static int call(struct world *w, struct kept_request r, struct kept_err *err)
{
    struct kept_reply *reply = NULL;
    r.app = "shop";
    int rc = kept_call(w->kept, &r, &reply, err);
    if (rc == 0 && reply->decision == KEPT_DENY)
        fail_msg("%s: denied: %s", kept_op_name(r.op), kept_reason_name(reply->reason));
    assert_true((rc == 0) == (reply != NULL));
    kept_reply_free(reply);
    return rc;
}
#define CALL(w, err, ...) call(w, (struct kept_request){__VA_ARGS__}, err)

static int act_collect(struct world *w, struct kept_id id, struct kept_err *err)
{
    static uint8_t photo[70000] = {7};
    const struct kept_field fields[] = {world_field("note", NOTE "-3"), world_field("imei", "490154203237518"),
                                        {.name = "photo", .value = {photo, sizeof photo}}};
    return CALL(w, err, .op = KEPT_OP_COLLECT, .subject = id, .function = "notes", .fields = fields,
                .field_count = 3);
}

static int act_use(struct world *w, struct kept_id id, struct kept_err *err)
{
    const struct kept_field fields[] = {{.name = "note"}, {.name = "photo"}, {.name = "phone"}};
    return CALL(w, err, .op = KEPT_OP_USE, .subject = id, .purpose = "service", .fields = fields,
                .field_count = 3);
}

static int act_withdraw(struct world *w, struct kept_id id, struct kept_err *err)
{
    return CALL(w, err, .op = KEPT_OP_CONSENT_WITHDRAW, .subject = id, .function = "notes");
}

static int act_erase(struct world *w, struct kept_id id, struct kept_err *err)
{
    return CALL(w, err, .op = KEPT_OP_ERASE_SUBJECT, .subject = id);
}

static int act_erase_record(struct world *w, struct kept_id id, struct kept_err *err)
{
    return CALL(w, err, .op = KEPT_OP_ERASE_RECORD, .subject = id, .item = "note");
}

static int act_rotate(struct world *w, struct kept_id id, struct kept_err *err)
{
    (void)id;
    return CALL(w, err, .op = KEPT_OP_ROTATE);
}

static int act_rotate_tokens(struct world *w, struct kept_id id, struct kept_err *err)
{
    (void)id;
    return CALL(w, err, .op = KEPT_OP_ROTATE, .text = "tokens");
}

static int act_tick(struct world *w, struct kept_id id, struct kept_err *err)
{
    (void)id;
    return CALL(w, err, .op = KEPT_OP_TICK);
}

/* There is something for a rotation to seal anew. */
static void prepare_rotate(struct world *w, struct kept_id id)
{
    ALLOWS(w, .op = KEPT_OP_ERASE_RECORD, .subject = id, .item = "note");
}

/* An end, a turn of the token key, a rotation that is due. */
static void prepare_tick(struct world *w, struct kept_id id)
{
    (void)id;
    ALLOWS(w, .op = KEPT_OP_ROTATE, .text = "tokens");
    w->now += 40 * KEPT_DAY;
}

static void prepare_publish(struct world *w, struct kept_id id)
{
    (void)w;
    (void)id;
    version_2 = world_policy("shop", 2, NULL, NULL);
}

static int act_publish(struct world *w, struct kept_id id, struct kept_err *err)
{
    (void)id;
    return CALL(w, err, .op = KEPT_OP_POLICY_PUBLISH, .text = version_2);
}

/* An older store.db under the journal and the ledger of today: three things are owed. */
static void prepare_restore(struct world *w, struct kept_id id)
{
    char backup[WORLD_PATH], ledger[WORLD_PATH], aside[WORLD_PATH];
    struct kept_id other = ready_person(w);
    world_close(w);
    world_beside(w, backup, "backup");
    world_copy(w->store, backup);
    world_open(w);
    w->now += KEPT_HOUR;
    ALLOWS(w, .op = KEPT_OP_CONSENT_WITHDRAW, .subject = id, .function = "notes");
    ALLOWS(w, .op = KEPT_OP_ERASE_RECORD, .subject = id, .item = "phone");
    ALLOWS(w, .op = KEPT_OP_ERASE_SUBJECT, .subject = other);
    world_close(w);
    world_join(ledger, w->store, "ledger");
    world_beside(w, aside, "aside");
    world_copy(ledger, aside);
    world_remove(w->store);
    world_copy(backup, w->store);
    world_remove(ledger);
    world_copy(aside, ledger);
    world_remove(aside);
    world_remove(backup);
}

static int act_open(struct world *w, struct kept_id id, struct kept_err *err)
{
    const struct kept_options o = world_options(w);
    (void)id;
    int rc = kept_open(&o, &w->kept, err);
    assert_true((rc == 0) == (w->kept != NULL));
    if (rc == 0)
        world_close(w);
    return rc;
}

static int act_change_root(struct world *w, struct kept_id id, struct kept_err *err)
{
    const struct kept_options o = world_options(w);
    struct kept_buf json;
    (void)id;
    kept_buf_init(&json, 1 << 16);
    int rc = kept_admin_key_change(&o, NULL, &json, err);
    kept_buf_release(&json);
    return rc;
}

/* A shop whose scraps and visits lie in other systems. */
static void open_outside(struct world *w)
{
    static const char visit[] = "source: generated, retain: 1 day, clause: T-10}", many[] = "retain: account, values: many}\n  photo";
    world_up(w);
    char *text = world_policy("shop", 1, many, "retain: account, values: many, place: external, held_in: desk}\n  photo");
    const size_t room = strlen(text) + 64;
    char *at = strstr(text, visit), *made = malloc(room);
    assert_true(at != NULL && made != NULL);
    (void)snprintf(made, room, "%.*ssource: generated, retain: 1 day, place: external, held_in: door, clause: T-10}%s",
                   (int)(at - text), text, at + strlen(visit));
    ALLOWS(w, .op = KEPT_OP_POLICY_PUBLISH, .text = made);
    free(made);
    free(text);
}

static struct kept_id order; /* of the desk */

static void prepare_order(struct world *w, struct kept_id id)
{
    ALLOWS(w, .op = KEPT_OP_ERASE_SUBJECT, .subject = id);
    struct kept_reply *reply = ASK(w, .op = KEPT_OP_ORDER_LIST);
    const char *held_in = strstr(reply->json, "\"held_in\":\"desk\""), *at = NULL;
    for (const char *next = reply->json; next != NULL && next < held_in; next = strstr(next + 1, "\"order\":\""))
        at = next;
    assert_true(held_in != NULL && at != NULL);
    char hex[33];
    (void)snprintf(hex, sizeof hex, "%.32s", at + 9);
    assert_int_equal(kept_id_parse(hex, &order), 0);
    kept_reply_free(reply);
}

static int act_order_done(struct world *w, struct kept_id id, struct kept_err *err)
{
    (void)id;
    return CALL(w, err, .op = KEPT_OP_ORDER_DONE, .subject = order, .text = "gone");
}

static int act_order_record(struct world *w, struct kept_id id, struct kept_err *err)
{
    return CALL(w, err, .op = KEPT_OP_ERASE_RECORD, .subject = id, .item = "scrap");
}

static int act_post(struct world *w, struct kept_id id, struct kept_err *err)
{
    (void)id;
    return CALL(w, err, .op = KEPT_OP_POST_TAKE);
}

/* A member of staff; and what somebody asked another to approve of. */
static const struct kept_caller ann = {.name = "ann", .roles = "support", .staff = 1};
static uint32_t asked; /* its number */

static void prepare_staff(struct world *w, struct kept_id id)
{
    const struct kept_field note = {.name = "note"};
    ALLOWS(w, .op = KEPT_OP_CALLER_ADD, .caller = &ann);
    struct kept_reply *reply = ASK(w, .op = KEPT_OP_APPROVAL_ASK, .subject = id, .purpose = "service", .text = "case 7", .fields = &note,
                                   .field_count = 1, .role = "officer", .actor = "kim");
    asked = (uint32_t)strtoul(strstr(reply->json, "\"approval\":") + 11, NULL, 10);
    kept_reply_free(reply);
}

static int act_attest(struct world *w, struct kept_id id, struct kept_err *err)
{
    (void)id;
    return CALL(w, err, .op = KEPT_OP_STAFF_ATTEST, .caller = &ann, .text = "training", .on = 1,
                .evidence = &(struct kept_evidence){.reference = "course 7"});
}

static int act_grant(struct world *w, struct kept_id id, struct kept_err *err)
{
    return CALL(w, err, .op = KEPT_OP_APPROVAL_GRANT, .subject = id, .record = asked, .role = "officer", .actor = "lee");
}

#define SCENE(test, ...)                                                                           \
    static void test(void **state)                                                                 \
    {                                                                                              \
        (void)state;                                                                               \
        sweep(&(struct scene){__VA_ARGS__});                                                       \
    }
SCENE(test_collect, "collect", .act = act_collect)
SCENE(test_use, "use", .act = act_use)
SCENE(test_withdraw, "withdraw", .act = act_withdraw)
SCENE(test_erase, "erase subject", .act = act_erase)
SCENE(test_erase_record, "erase record", .act = act_erase_record)
SCENE(test_rotate, "rotate", .prepare = prepare_rotate, .act = act_rotate, .stepwise = true)
SCENE(test_rotate_tokens, "rotate tokens", .act = act_rotate_tokens, .stepwise = true)
SCENE(test_tick, "tick", .prepare = prepare_tick, .act = act_tick, .stepwise = true)
SCENE(test_publish, "publish", .prepare = prepare_publish, .act = act_publish)
SCENE(test_restore, "restore", .prepare = prepare_restore, .act = act_open, .closed = true, .stepwise = true)
SCENE(test_order_erase, "order by erasure", .open = open_outside, .act = act_erase)
SCENE(test_order_record, "order by erasure of records", .open = open_outside, .act = act_order_record)
SCENE(test_order_tick, "order by tick", .open = open_outside, .prepare = prepare_tick, .act = act_tick, .stepwise = true)
SCENE(test_order_post, "order to the sender", .open = open_outside, .prepare = prepare_order, .act = act_post)
SCENE(test_order_done, "order acknowledged", .open = open_outside, .prepare = prepare_order, .act = act_order_done)
SCENE(test_order_restore, "order after a restore", .open = open_outside, .prepare = prepare_restore, .act = act_open, .closed = true,
      .stepwise = true)
SCENE(test_attest, "attest", .prepare = prepare_staff, .act = act_attest)
SCENE(test_grant, "grant", .prepare = prepare_staff, .act = act_grant)
SCENE(test_change_root, "change root", .act = act_change_root, .closed = true, .stepwise = true)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_collect),        cmocka_unit_test(test_use),
        cmocka_unit_test(test_withdraw),       cmocka_unit_test(test_erase),
        cmocka_unit_test(test_erase_record),   cmocka_unit_test(test_rotate),
        cmocka_unit_test(test_rotate_tokens),  cmocka_unit_test(test_tick),
        cmocka_unit_test(test_publish),        cmocka_unit_test(test_restore),
        cmocka_unit_test(test_order_erase),    cmocka_unit_test(test_order_record),
        cmocka_unit_test(test_order_tick),     cmocka_unit_test(test_order_post),
        cmocka_unit_test(test_order_done),     cmocka_unit_test(test_order_restore),
        cmocka_unit_test(test_change_root),
        cmocka_unit_test(test_attest),         cmocka_unit_test(test_grant),
    };
    return cmocka_run_group_tests(tests, scarce_hook_up, NULL);
}
