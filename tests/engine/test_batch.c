/* test_batch.c - many operations in one call: each answered in its place, in order, alone; and what makes
 * them a batch: a commit and a sync for many. Syncs are counted in front of the C
 * library, for SQLite too (KEPT_API: seen from there). */
#include "../aid/world.h"

#include <dlfcn.h>
#include <poll.h>
#include <stdatomic.h>
#include <unistd.h>

#define MANY 200u

static atomic_uint syncs;

static int synced(const char *name, int fd)
{
    int (*call)(int) = NULL;
    void *at = dlsym(RTLD_NEXT, name);
    if (at == NULL)
        abort();
    memcpy(&call, &at, sizeof call);
    (void)atomic_fetch_add(&syncs, 1);
    return call(fd);
}

KEPT_API int fdatasync(int fd)
{
    return synced("fdatasync", fd);
}

KEPT_API int fsync(int fd)
{
    return synced("fsync", fd);
}

static struct kept_request requests[MANY];
static struct kept_reply *replies[MANY];

static void batch(struct world *w, size_t count)
{
    memset(replies, 0xff, sizeof replies);
    if (kept_batch(w->kept, requests, count, replies, &w->err) != 0)
        fail_msg("batch: %s", w->err.text);
}

static void let_go(size_t count)
{
    for (size_t i = 0; i < count; i++)
        kept_reply_free(replies[i]);
}

static void test_order_and_place(void **state)
{
    struct world w;
    struct kept_id last = {{0}};
    (void)state;
    world_shop(&w);
    for (unsigned i = 0; i < MANY; i++) /* every tenth is nobody's, every seventh a read */
        requests[i] = (struct kept_request){
            .op = i % 10 == 3 ? KEPT_OP_SUBJECT_SET : i % 7 == 2 ? KEPT_OP_STAT : KEPT_OP_SUBJECT_NEW,
            .app = "shop", .subject = {{0xee}}, .region = "CN", .tag = &requests[i]};
    batch(&w, MANY);
    for (unsigned i = 0; i < MANY; i++) {
        const struct kept_reply *r = replies[i];
        assert_ptr_equal(r->tag, &requests[i]);
        assert_int_equal(r->error, i % 10 == 3 ? KEPT_E_NOTFOUND : 0);
        if (requests[i].op == KEPT_OP_SUBJECT_NEW) { /* ids show the order of creation */
            assert_true(memcmp(last.b, r->subject.b, 6) < 0);
            last = r->subject;
        }
        assert_true((r->json != NULL) == (requests[i].op == KEPT_OP_STAT && r->error == 0));
    }
    let_go(MANY);
    world_down(&w);
}

/* A read behind a change sees it; a read in front of one may, and then obeys it. */
static void test_reads_between_changes(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w);
    const struct kept_field in = world_field("phone", "13800138000"), out = {.name = "phone"};
    const struct kept_request use = {.op = KEPT_OP_USE, .app = "shop", .subject = id,
                                     .purpose = "service", .fields = &out, .field_count = 1};
    requests[0] = use;
    requests[1] = (struct kept_request){.op = KEPT_OP_COLLECT, .app = "shop", .subject = id,
                                        .function = "account", .fields = &in, .field_count = 1};
    requests[2] = requests[3] = use;
    batch(&w, 4);
    assert_true(replies[0]->reason == KEPT_R_NO_VALUE || replies[0]->decision == KEPT_ALLOW);
    assert_int_equal(replies[1]->decision, KEPT_ALLOW);
    for (unsigned i = 2; i < 4; i++) {
        assert_int_equal(replies[i]->decision, KEPT_ALLOW);
        assert_memory_equal(replies[i]->fields[0].value.p, "13800138000", 11);
    }
    let_go(4);
    requests[0] = use;
    requests[1] = (struct kept_request){.op = KEPT_OP_CONSENT_WITHDRAW, .app = "shop", .subject = id};
    requests[2] = use;
    batch(&w, 3);
    assert_true(replies[0]->decision == KEPT_ALLOW || replies[0]->reason == KEPT_R_WITHDRAWN);
    assert_int_equal(replies[2]->reason, KEPT_R_WITHDRAWN);
    assert_int_equal(replies[2]->field_count == 0 ? 0 : replies[2]->fields[0].value.n, 0);
    let_go(3);
    world_down(&w);
}

/* Durable when it returns, for a fraction of what the same costs one by one. */
static void test_one_commit_for_many(void **state)
{
    struct world w;
    struct kept_id ids[MANY];
    (void)state;
    world_shop(&w);
    for (unsigned i = 0; i < MANY; i++)
        requests[i] = (struct kept_request){.op = KEPT_OP_SUBJECT_NEW, .app = "shop"};
    unsigned before = atomic_load(&syncs);
    for (unsigned i = 0; i < MANY; i++)
        kept_reply_free(world_ask(&w, &requests[i]));
    unsigned alone = atomic_load(&syncs) - before;
    before = atomic_load(&syncs);
    batch(&w, MANY);
    unsigned together = atomic_load(&syncs) - before;
    if (alone < MANY || together > 12)
        fail_msg("%u syncs one by one, %u in a batch", alone, together);
    for (unsigned i = 0; i < MANY; i++)
        ids[i] = replies[i]->subject;
    let_go(MANY);
    world_reopen(&w);
    for (unsigned i = 0; i < MANY; i++)
        requests[i] = (struct kept_request){.op = KEPT_OP_SUBJECT_SHOW, .app = "shop", .subject = ids[i]};
    batch(&w, MANY);
    for (unsigned i = 0; i < MANY; i++)
        assert_int_equal(replies[i]->error, 0);
    let_go(MANY);
    world_down(&w);
}

static bool rings(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, 0) == 1;
}

/* The descriptor: silent when there is nothing to do, ringing while there is. */
static void test_the_bell(void **state)
{
    struct world w;
    size_t count = 0;
    int fd = -1;
    (void)state;
    world_shop(&w);
    assert_int_equal(kept_batch(w.kept, requests, 0, replies, &w.err), 0);
    assert_int_equal(kept_event_fd(w.kept, &fd, &w.err), 0);
    assert_int_equal(kept_reap(w.kept, replies, 1, 0, &count, &w.err), 0);
    assert_false(rings(fd));
    for (unsigned i = 0; i < 5; i++) {
        requests[i] = (struct kept_request){.op = KEPT_OP_SUBJECT_NEW, .app = "shop"};
        assert_int_equal(kept_submit(w.kept, &requests[i], &w.err), 0);
        assert_true(rings(fd));
    }
    for (unsigned i = 0; i < 5; i++) { /* one at a time: it rings until the last was taken */
        assert_true(rings(fd));
        assert_int_equal(kept_reap(w.kept, replies, 1, 0, &count, &w.err), 0);
        assert_int_equal(count, 1);
        kept_reply_free(replies[0]);
    }
    while (rings(fd)) { /* the syncs behind them */
        assert_int_equal(kept_reap(w.kept, replies, 1, 0, &count, &w.err), 0);
        assert_int_equal(count, 0);
    }
    /* Made while operations are in flight, it knows of them. */
    world_reopen(&w);
    assert_int_equal(kept_submit(w.kept, &requests[0], &w.err), 0);
    assert_int_equal(kept_event_fd(w.kept, &fd, &w.err), 0);
    assert_true(rings(fd));
    assert_int_equal(kept_reap(w.kept, replies, 1, 1, &count, &w.err), 0);
    assert_int_equal(count, 1);
    kept_reply_free(replies[0]);
    world_down(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_and_place),
        cmocka_unit_test(test_reads_between_changes),
        cmocka_unit_test(test_one_commit_for_many),
        cmocka_unit_test(test_the_bell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
