/* test_threads.c - what kept.h says of threads: handles of several stores side by side, one handle for
 * many threads, replies that change hands, a descriptor to wait for; and what is refused. Run under the
 * thread sanitizer too (./check), which is the one that notices when a lock of flight.c is taken out. */
#include "../aid/world.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>

#define ROUNDS 12u
#define THREADS 4u
#define STREAM 400u

/* Assertions belong to the tester's thread: others count what went wrong, and say the first. */
static atomic_uint wrongs;
static atomic_int wrong_line;

#define WANT(condition) want(condition, __LINE__)
static bool want(bool holds, int line)
{
    int none = 0;
    if (holds)
        return true;
    (void)atomic_fetch_add(&wrongs, 1);
    (void)atomic_compare_exchange_strong(&wrong_line, &none, line);
    return false;
}

static void all_went_well(void)
{
    if (atomic_load(&wrongs) != 0)
        fail_msg("%u things went wrong, the first at line %d", atomic_load(&wrongs),
                 atomic_load(&wrong_line));
}

static pthread_t start(void *(*does)(void *), void *arg)
{
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, does, arg), 0);
    return thread;
}

/* ---- from any thread, without assertions ---- */

static struct kept_reply *call(struct kept *kept, struct kept_request r)
{
    struct kept_reply *reply = NULL;
    struct kept_err err = {0};
    r.app = "shop";
    WANT(kept_call(kept, &r, &reply, &err) == 0);
    return reply;
}

#define DO(kept, ...) does(kept, (struct kept_request){__VA_ARGS__}, KEPT_ALLOW)
static void does(struct kept *kept, struct kept_request r, enum kept_decision decision)
{
    struct kept_reply *reply = call(kept, r);
    WANT(reply != NULL && reply->decision == decision);
    kept_reply_free(reply);
}

static const struct kept_field phone_item = {.name = "phone"};

static struct kept_request use_of(struct kept_id id)
{
    return (struct kept_request){.op = KEPT_OP_USE, .app = "shop", .subject = id,
                                 .purpose = "service", .fields = &phone_item, .field_count = 1};
}

static bool is_phone(const struct kept_reply *reply, unsigned number)
{
    char phone[16];
    (void)snprintf(phone, sizeof phone, "138%08u", number);
    return reply != NULL && reply->decision == KEPT_ALLOW && reply->field_count == 1 &&
           reply->fields[0].value.n == strlen(phone) &&
           memcmp(reply->fields[0].value.p, phone, strlen(phone)) == 0;
}

static struct kept_id person(struct kept *kept, unsigned number)
{
    char phone[16];
    struct kept_id id = {{0}};
    struct kept_reply *reply = call(kept, (struct kept_request){.op = KEPT_OP_SUBJECT_NEW});
    if (reply != NULL)
        id = reply->subject;
    kept_reply_free(reply);
    (void)snprintf(phone, sizeof phone, "138%08u", number);
    const struct kept_field field = world_field("phone", phone);
    DO(kept, .op = KEPT_OP_CONSENT_ACKNOWLEDGE, .subject = id);
    DO(kept, .op = KEPT_OP_CONSENT_GRANT, .subject = id, .function = "account",
       .consent = KEPT_C_EXPLICIT);
    DO(kept, .op = KEPT_OP_COLLECT, .subject = id, .function = "account", .fields = &field,
       .field_count = 1);
    return id;
}

/* A person's whole life; the number is theirs alone. */
static void life(struct kept *kept, unsigned number)
{
    struct kept_id id = person(kept, number);
    struct kept_reply *reply = call(kept, use_of(id));
    WANT(is_phone(reply, number));
    kept_reply_free(reply);
    DO(kept, .op = KEPT_OP_CONSENT_WITHDRAW, .subject = id, .function = "account");
    does(kept, use_of(id), KEPT_DENY);
    DO(kept, .op = KEPT_OP_ERASE_SUBJECT, .subject = id);
    DO(kept, .op = KEPT_OP_TRAIL, .subject = id);
}

/* ---- several stores ---- */

struct side {
    struct world w;
    unsigned first;
};

static void *lives_in_a_store(void *arg)
{
    struct side *side = arg;
    const struct kept_options o = world_options(&side->w);
    struct kept_err err = {0};
    for (unsigned i = 0; i < ROUNDS; i++) {
        life(side->w.kept, side->first + i);
        if (i % 4 != 3)
            continue;
        kept_close(side->w.kept);
        side->w.kept = NULL;
        if (!WANT(kept_open(&o, &side->w.kept, &err) == 0))
            break;
    }
    return NULL;
}

static atomic_bool enough;

/* What needs no handle, over and over. */
static void *asks_for_names(void *arg)
{
    const struct kept_id id = {{1, 2, 3}};
    (void)arg;
    while (!atomic_load(&enough)) {
        char hex[33];
        struct kept_id back;
        kept_id_hex(&id, hex);
        WANT(kept_id_parse(hex, &back) == 0 && memcmp(&id, &back, sizeof id) == 0);
        WANT(strcmp(kept_version(), KEPT_VERSION) == 0);
        WANT(strcmp(kept_error_name(KEPT_E_IO), "io") == 0);
        WANT(strlen(kept_error_text(KEPT_E_IO)) > 0);
        WANT(strcmp(kept_decision_name(KEPT_MASK), "mask") == 0);
        WANT(strcmp(kept_reason_name(KEPT_R_AGE), "AGE") == 0);
        WANT(strlen(kept_reason_text(KEPT_R_AGE)) > 0);
        WANT(strcmp(kept_op_name(KEPT_OP_COLLECT), "collect") == 0);
        WANT(kept_ref(KEPT_K_ITEM, "phone") != KEPT_REF_NONE);
    }
    return NULL;
}

static void test_stores_side_by_side(void **state)
{
    static struct side sides[3];
    pthread_t threads[3], names;
    (void)state;
    atomic_store(&enough, false);
    for (unsigned i = 0; i < 3; i++) {
        world_shop(&sides[i].w);
        sides[i].first = 1000 * (i + 1);
    }
    names = start(asks_for_names, NULL);
    for (unsigned i = 0; i < 3; i++)
        threads[i] = start(lives_in_a_store, &sides[i]);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    atomic_store(&enough, true);
    assert_int_equal(pthread_join(names, NULL), 0);
    all_went_well();
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(world_number(&sides[i].w, "people_ever"), ROUNDS);
        world_down(&sides[i].w);
    }
}

/* ---- one handle ---- */

struct shared {
    struct kept *kept;
    struct kept_id id;
    unsigned first;
    atomic_bool *withdrawn;
};

static void *lives_beside_others(void *arg)
{
    const struct shared *s = arg;
    for (unsigned i = 0; i < ROUNDS; i++)
        life(s->kept, s->first + i);
    return NULL;
}

/* Batches of the same reads: each answers its own request. */
static void *reads_in_batches(void *arg)
{
    const struct shared *s = arg;
    struct kept_request requests[20];
    struct kept_reply *replies[20];
    struct kept_err err = {0};
    for (unsigned i = 0; i < 20; i++) {
        requests[i] = use_of(i % 5 == 4 ? (struct kept_id){{0xee}} : s->id);
        requests[i].tag = &requests[i];
    }
    for (unsigned round = 0; round < ROUNDS; round++) {
        if (!WANT(kept_batch(s->kept, requests, 20, replies, &err) == 0))
            return NULL;
        for (unsigned i = 0; i < 20; i++) {
            WANT(replies[i]->tag == &requests[i]);
            WANT(i % 5 == 4 ? replies[i]->error == KEPT_E_NOTFOUND : is_phone(replies[i], 7));
            kept_reply_free(replies[i]);
        }
    }
    return NULL;
}

/* Nothing that begins behind the reply to a withdrawal, in whichever thread, is given a value. */
static void *reads_until_withdrawn(void *arg)
{
    const struct shared *s = arg;
    for (bool last = false; !last;) {
        last = atomic_load(s->withdrawn);
        struct kept_reply *reply = call(s->kept, use_of(s->id));
        WANT(is_phone(reply, 7) || (reply != NULL && reply->reason == KEPT_R_WITHDRAWN));
        WANT(!last || (reply != NULL && reply->reason == KEPT_R_WITHDRAWN));
        kept_reply_free(reply);
    }
    return NULL;
}

static void test_one_handle_for_many_threads(void **state)
{
    struct world w;
    pthread_t threads[THREADS + 1];
    struct shared shared[THREADS + 1];
    (void)state;
    world_shop(&w);
    struct kept_id id = person(w.kept, 7);
    for (unsigned i = 0; i < THREADS + 1; i++)
        shared[i] = (struct shared){.kept = w.kept, .id = id, .first = 100 * (i + 1)};
    for (unsigned i = 0; i < THREADS; i++)
        threads[i] = start(lives_beside_others, &shared[i]);
    threads[THREADS] = start(reads_in_batches, &shared[THREADS]);
    for (unsigned i = 0; i < THREADS + 1; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    all_went_well();
    assert_int_equal(world_number(&w, "people_ever"), 1 + THREADS * ROUNDS);
    world_down(&w);
}

static void test_a_withdrawal_holds_in_every_thread(void **state)
{
    struct world w;
    pthread_t threads[THREADS];
    atomic_bool withdrawn = false;
    (void)state;
    world_shop(&w);
    struct shared shared = {.kept = w.kept, .id = person(w.kept, 7), .withdrawn = &withdrawn};
    for (unsigned i = 0; i < THREADS; i++)
        threads[i] = start(reads_until_withdrawn, &shared);
    for (unsigned i = 0; i < ROUNDS; i++)
        life(w.kept, 500 + i);
    DO(w.kept, .op = KEPT_OP_CONSENT_WITHDRAW, .subject = shared.id, .function = "account");
    atomic_store(&withdrawn, true);
    for (unsigned i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    all_went_well();
    world_down(&w);
}

/* ---- submitted here, reaped there, freed elsewhere ---- */

static struct kept_request stream[STREAM];
static _Atomic(struct kept_reply *) slots[STREAM];

static void *submits(void *arg)
{
    struct kept_err err = {0};
    for (unsigned i = 0; i < STREAM; i++)
        WANT(kept_submit(arg, &stream[i], &err) == 0);
    return NULL;
}

static void *frees(void *arg)
{
    (void)arg;
    for (unsigned i = 0; i < STREAM; i++) {
        struct kept_reply *reply = NULL;
        while ((reply = atomic_load(&slots[i])) == NULL && atomic_load(&wrongs) == 0)
            (void)poll(NULL, 0, 1);
        WANT(is_phone(reply, 7));
        kept_reply_free(reply);
    }
    return NULL;
}

static void test_a_stream_through_three_threads(void **state)
{
    struct world w;
    struct kept_reply *replies[16];
    unsigned done = 0;
    int fd = -1, again = -1;
    (void)state;
    world_shop(&w);
    struct kept_id id = person(w.kept, 7);
    for (unsigned i = 0; i < STREAM; i++) {
        stream[i] = use_of(id);
        stream[i].tag = &stream[i];
    }
    assert_int_equal(kept_event_fd(w.kept, &fd, &w.err), 0);
    pthread_t one = start(submits, w.kept), two = start(frees, NULL);
    while (done < STREAM) {
        struct pollfd waiting = {.fd = fd, .events = POLLIN};
        size_t count = 0;
        assert_int_equal(poll(&waiting, 1, 20000), 1); /* it rings, or this fails */
        assert_int_equal(kept_reap(w.kept, replies, 16, 0, &count, &w.err), 0);
        for (size_t i = 0; i < count; i++)
            atomic_store(&slots[(struct kept_request *)replies[i]->tag - stream], replies[i]);
        done += (unsigned)count;
    }
    assert_int_equal(pthread_join(one, NULL), 0);
    assert_int_equal(pthread_join(two, NULL), 0);
    all_went_well();
    assert_int_equal(kept_event_fd(w.kept, &again, &w.err), 0);
    assert_int_equal(again, fd);
    world_down(&w);
}

/* ---- what is refused, and what outlives ---- */

static void *opens_again(void *arg)
{
    const struct kept_options o = world_options(arg);
    struct kept *kept = (struct kept *)arg;
    struct kept_err err = {0};
    WANT(kept_open(&o, &kept, &err) == KEPT_E_BUSY && kept == NULL && err.code == KEPT_E_BUSY);
    return NULL;
}

static void *frees_one(void *arg)
{
    kept_reply_free(arg);
    return NULL;
}

static void test_a_store_is_opened_once(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(pthread_join(start(opens_again, &w), NULL), 0);
    life(w.kept, 9);
    struct kept_reply *reply = call(w.kept, (struct kept_request){.op = KEPT_OP_STAT});
    world_close(&w);
    assert_non_null(strstr(reply->json, "people_ever"));
    assert_int_equal(pthread_join(start(frees_one, reply), NULL), 0);
    all_went_well();
    world_open(&w);
    world_down(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stores_side_by_side),
        cmocka_unit_test(test_one_handle_for_many_threads),
        cmocka_unit_test(test_a_withdrawal_holds_in_every_thread),
        cmocka_unit_test(test_a_stream_through_three_threads),
        cmocka_unit_test(test_a_store_is_opened_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
