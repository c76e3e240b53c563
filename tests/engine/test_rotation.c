/* test_rotation.c - a rotation goes in bounded pieces while people are read, written, marked and erased:
 * each answer is right, whatever piece it was cut short at it goes on, and no key is destroyed while
 * somebody is still under it. */
#include "../aid/world.h"

#include <errno.h>

#include "../aid/disk.h"

#define PEOPLE 9000u   /* more than two calls take */
#define A_CALL 4096u
#define IN_FLIGHT 64u

static struct kept_id ids[PEOPLE];
static unsigned values[PEOPLE]; /* what each person's note is; 0: erased */

static void phone_of(unsigned value, char text[16])
{
    (void)snprintf(text, 16, "139%08u", value);
}

/* Submit, and reap all; check sees each reply with the number of its request. */
static void fly(struct world *w, struct kept_request *requests, size_t count,
                void (*check)(const struct kept_reply *reply, size_t i))
{
    struct kept_reply *replies[IN_FLIGHT];
    size_t done = 0, got = 0;
    for (size_t i = 0; i < count; i++) {
        requests[i].app = "shop";
        requests[i].tag = &requests[i];
        assert_int_equal(kept_submit(w->kept, &requests[i], &w->err), 0);
    }
    while (done < count) {
        assert_int_equal(kept_reap(w->kept, replies, IN_FLIGHT, 1, &got, &w->err), 0);
        for (size_t i = 0; i < got; i++) {
            if (replies[i]->error != 0)
                fail_msg("%s", replies[i]->err.text);
            check(replies[i], (size_t)((struct kept_request *)replies[i]->tag - requests));
            kept_reply_free(replies[i]);
        }
        done += got;
    }
}

static unsigned first;
static void keep_id(const struct kept_reply *reply, size_t i)
{
    ids[first + i] = reply->subject;
}

static void is_yes(const struct kept_reply *reply, size_t i)
{
    (void)i;
    assert_int_equal(reply->decision, KEPT_ALLOW);
}

/* People with a phone each. */
static void populate(struct world *w, unsigned people)
{
    struct kept_request r[IN_FLIGHT];
    struct kept_field fields[IN_FLIGHT];
    char text[IN_FLIGHT][16];
    for (first = 0; first < people; first += IN_FLIGHT) {
        unsigned n = people - first < IN_FLIGHT ? people - first : IN_FLIGHT;
        for (unsigned i = 0; i < n; i++)
            r[i] = (struct kept_request){.op = KEPT_OP_SUBJECT_NEW};
        fly(w, r, n, keep_id);
        for (unsigned i = 0; i < n; i++)
            r[i] = (struct kept_request){.op = KEPT_OP_CONSENT_ACKNOWLEDGE, .subject = ids[first + i],
                                         .language = "en"};
        fly(w, r, n, is_yes);
        for (unsigned i = 0; i < n; i++)
            r[i] = (struct kept_request){.op = KEPT_OP_CONSENT_GRANT, .subject = ids[first + i],
                                         .function = "account", .consent = KEPT_C_EXPLICIT};
        fly(w, r, n, is_yes);
        for (unsigned i = 0; i < n; i++) {
            values[first + i] = first + i + 1;
            phone_of(values[first + i], text[i]);
            fields[i] = world_field("phone", text[i]);
            r[i] = (struct kept_request){.op = KEPT_OP_COLLECT, .subject = ids[first + i],
                                         .function = "account", .fields = &fields[i],
                                         .field_count = 1};
        }
        fly(w, r, n, is_yes);
    }
}

/* What the replies of a mixed flight must say. */
static struct {
    unsigned person, value; /* value 0: erased */
    bool reads;
} wanted[IN_FLIGHT];
static bool left;

static void as_wanted(const struct kept_reply *reply, size_t i)
{
    char text[16];
    if (i == IN_FLIGHT / 2) { /* the piece of the rotation, in the middle */
        assert_non_null(reply->json);
        left = world_json_has(reply, "\"rewrap_left\":true");
        assert_true(left || world_json_has(reply, "\"rewrap_left\":false"));
        assert_false(world_json_has(reply, "\"people_damaged\":1"));
        return;
    }
    if (wanted[i].reads && wanted[i].value == 0) {
        assert_int_equal(reply->decision, KEPT_DENY);
        return;
    }
    assert_int_equal(reply->decision, KEPT_ALLOW);
    if (!wanted[i].reads)
        return;
    phone_of(wanted[i].value, text);
    assert_int_equal(reply->field_count, 1);
    assert_int_equal(reply->fields[0].value.n, strlen(text));
    assert_memory_equal(reply->fields[0].value.p, text, strlen(text));
}

/* Reads, changes and erasures before and behind one piece of the rotation, all in flight at once. */
static void mixed_flight(struct world *w, enum kept_op piece, uint64_t *random)
{
    struct kept_request r[IN_FLIGHT];
    struct kept_field fields[IN_FLIGHT];
    static const struct kept_field name = {.name = "phone"};
    char text[IN_FLIGHT][16];
    for (unsigned i = 0; i < IN_FLIGHT; i++) {
        *random = *random * 6364136223846793005u + 1442695040888963407u;
        unsigned p = (unsigned)(*random >> 33) % PEOPLE, what = (unsigned)(*random >> 20) % 16;
        wanted[i].person = p;
        wanted[i].reads = what > 4 || values[p] == 0;
        r[i] = (struct kept_request){.op = KEPT_OP_USE, .subject = ids[p], .purpose = "service",
                                     .fields = &name, .field_count = 1};
        if (i == IN_FLIGHT / 2) {
            r[i] = (struct kept_request){.op = piece};
            continue;
        }
        if (!wanted[i].reads && what == 4) {
            r[i] = (struct kept_request){.op = KEPT_OP_ERASE_SUBJECT, .subject = ids[p]};
            values[p] = 0;
        } else if (!wanted[i].reads) {
            values[p] += PEOPLE;
            phone_of(values[p], text[i]);
            fields[i] = world_field("phone", text[i]);
            r[i].op = KEPT_OP_COLLECT;
            r[i].function = "account";
            r[i].fields = &fields[i];
        }
        wanted[i].value = values[p];
    }
    fly(w, r, IN_FLIGHT, as_wanted);
}

/* Living people whose head is under another epoch than this. */
static int64_t elsewhere(struct world *w, unsigned epoch)
{
    return world_sql_number(w, "SELECT count(*) FROM cell WHERE key & 1048575 = 0 AND "
                               "hex(substr(body, 3, 1)) = '01' AND hex(substr(body, 14, 4)) <> '%08X'",
                            epoch);
}

static void read_everybody(struct world *w)
{
    char text[16];
    for (unsigned p = 0; p < PEOPLE; p += 7) {
        if (values[p] == 0)
            continue;
        phone_of(values[p], text);
        READS(w, ids[p], "phone", "service", text);
    }
}

static void test_while_people_come_and_go(void **state)
{
    struct world w;
    uint64_t random = 7;
    unsigned pieces = 1;
    (void)state;
    world_shop(&w);
    populate(&w, PEOPLE);
    assert_true(world_number(&w, "rewrap_percent") == 100);
    mixed_flight(&w, KEPT_OP_ROTATE, &random);
    assert_true(left);
    uint64_t percent = world_number(&w, "rewrap_percent");
    assert_true(percent > 0 && percent < 100);
    for (; left && pieces < 20; pieces++) {
        if (pieces % 2 == 1)
            world_reopen(&w); /* cut short at each other piece */
        else
            ALLOWS(&w, .op = KEPT_OP_ROTATE); /* asked for again: no second one begins */
        mixed_flight(&w, KEPT_OP_TICK, &random);
        assert_true(world_number(&w, "rewrap_percent") >= percent);
    }
    assert_false(left);
    assert_true(pieces >= PEOPLE / A_CALL);
    assert_true(world_number(&w, "epoch") == 2 && world_number(&w, "rewrap_percent") == 100);
    assert_true(elsewhere(&w, 2) == 0);
    read_everybody(&w);
    world_reopen(&w);
    read_everybody(&w);
    world_check(&w);
    world_down(&w);
}

/* Nobody's key is destroyed under them, although a rotation takes longer than the window ... */
static void test_a_key_waits_for_whoever_is_under_it(void **state)
{
    struct world w;
    (void)state;
    world_up(&w);
    char *policy = world_policy("shop", 1, "rotation: 7 days", "rotation: 365 days");
    ALLOWS(&w, .op = KEPT_OP_POLICY_PUBLISH, .text = policy);
    free(policy);
    populate(&w, PEOPLE);
    struct kept_reply *reply = ASK(&w, .op = KEPT_OP_ROTATE);
    assert_true(world_json_has(reply, "\"rewrap_left\":true"));
    kept_reply_free(reply);
    w.now += 31 * KEPT_DAY;
    world_tick_says(&w, "\"epochs_destroyed\":0");
    assert_true(world_has_key(&w, "epoch-1"));
    world_tick_says(&w, "\"rewrap_left\":false");
    world_tick_says(&w, "\"epochs_destroyed\":0");
    assert_false(world_has_key(&w, "epoch-1")); /* the tick that put the last one under epoch 2 did it */
    read_everybody(&w);
    world_down(&w);
}

/* ... or a store was put back from before it. */
static void test_a_store_from_before_a_rotation(void **state)
{
    struct world w;
    (void)state;
    world_up(&w);
    char *policy = world_policy("shop", 1, "rotation: 7 days", "rotation: 365 days");
    ALLOWS(&w, .op = KEPT_OP_POLICY_PUBLISH, .text = policy);
    free(policy);
    populate(&w, PEOPLE);
    world_save(&w, "before");
    ALLOWS(&w, .op = KEPT_OP_ROTATE);
    w.now += 29 * KEPT_DAY; /* a backup as old as one may be */
    world_put_back(&w, "before");
    assert_true(elsewhere(&w, 2) == PEOPLE);
    w.now += 2 * KEPT_DAY;
    for (unsigned i = 0; i < PEOPLE / A_CALL; i++) {
        world_tick_says(&w, "\"epochs_destroyed\":0");
        assert_true(world_has_key(&w, "epoch-1"));
    }
    ALLOWS(&w, .op = KEPT_OP_TICK);
    assert_true(elsewhere(&w, 2) == 0);
    assert_false(world_has_key(&w, "epoch-1"));
    read_everybody(&w);
    world_down(&w);
}

/* The disk says no at the n-th change of a piece; one of three people is marked. */
static bool fail_once(long n)
{
    struct world w;
    struct kept_reply *reply = NULL;
    struct kept_id who[3];
    static const char *const phones[] = {"13800138000", "13800138001", "13800138002"};
    const struct kept_request rotate = {.op = KEPT_OP_ROTATE, .app = "shop"};
    world_shop(&w);
    for (unsigned i = 0; i < 3; i++) {
        who[i] = world_person(&w);
        world_put(&w, who[i], "account", "phone", phones[i]);
    }
    world_put(&w, who[1], "notes", "imei", "490154203237518");
    ALLOWS(&w, .op = KEPT_OP_ERASE_RECORD, .subject = who[1], .item = "imei");
    world_reopen(&w);
    disk_fail(w.dir, WORLD_CHANGES, n, EIO, n % 2 == 0);
    int rc = kept_call(w.kept, &rotate, &reply, &w.err);
    bool over = disk_failed() == 0;
    disk_fail_off();
    kept_reply_free(reply);
    if (rc != 0 && rc != KEPT_E_IO && rc != KEPT_E_UNSETTLED)
        fail_msg("change %ld: %d %s", n, rc, w.err.text);
    world_reopen(&w);
    uint64_t epoch = world_number(&w, "epoch");
    for (unsigned i = 0; i < 3; i++)
        READS(&w, who[i], "phone", "service", phones[i]);
    ALLOWS(&w, .op = KEPT_OP_TICK);
    if (elsewhere(&w, (unsigned)epoch) != 0 || world_number(&w, "rewrap_percent") != 100)
        fail_msg("change %ld: somebody is not under epoch %u", n, (unsigned)epoch);
    if (world_number(&w, "reseals_pending") != (epoch == 1))
        fail_msg("change %ld: the marked person was passed by", n);
    if (rc == 0 && epoch != 2)
        fail_msg("change %ld: no new epoch", n);
    for (unsigned i = 0; i < 3; i++)
        READS(&w, who[i], "phone", "service", phones[i]);
    world_check(&w);
    world_down(&w);
    return over;
}

static void test_whatever_fails_it_goes_on(void **state)
{
    (void)state;
    for (long n = 0; !fail_once(n); n++)
        assert_true(n < 2000);
}

/* Numbers that nobody has any more, at the beginning, in the middle and at the end. */
static void test_gaps(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    populate(&w, 3000);
    world_close(&w);
    world_sql(&w, "DELETE FROM cell WHERE (key >> 20 & 8589934591) NOT IN (1400, 2900)");
    world_open(&w);
    struct kept_reply *reply = ASK(&w, .op = KEPT_OP_ROTATE);
    assert_true(world_json_has(reply, "\"people_rewrapped\":2,\"people_damaged\":0,\"rewrap_left\":false"));
    kept_reply_free(reply);
    assert_true(elsewhere(&w, 2) == 0);
    world_down(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_while_people_come_and_go),
        cmocka_unit_test(test_a_key_waits_for_whoever_is_under_it),
        cmocka_unit_test(test_a_store_from_before_a_rotation),
        cmocka_unit_test(test_whatever_fails_it_goes_on),
        cmocka_unit_test(test_gaps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
