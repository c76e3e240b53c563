/* test_order.c - consent against reading: after the reply to a withdrawal, a refusal, an erasure, a
 * permission that went off or a service that ceased, nothing is released that it forbids.
 *
 * Every act is forced between every two steps of a read. The steps: submitted; decided, its entry
 * appended; its entry durable; ready to be handed over. The sync of the ledger belongs to a thread
 * of the engine's own, and is held up here in front of the C library: syncs of other threads than
 * the test's stand at a gate.
 *
 * That these tests find it: with the second look at the version taken out of flight.c's release
 * (the result of `moved` not used), every read decided before the act and released behind it fails
 * here; with the look at the app's generation alone taken out, the cases of `cease` do. */
#include "../aid/world.h"

#include <dlfcn.h>
#include <pthread.h>
#include <unistd.h>

static pthread_t tester;
static pthread_mutex_t gate_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t gate_moved = PTHREAD_COND_INITIALIZER;
static bool gate_closed;
static unsigned held, passed;

int fdatasync(int fd)
{
    int (*call)(int) = NULL;
    void *at = dlsym(RTLD_NEXT, "fdatasync");
    if (at == NULL)
        abort();
    memcpy(&call, &at, sizeof call);
    if (pthread_equal(pthread_self(), tester))
        return call(fd);
    (void)pthread_mutex_lock(&gate_lock);
    held++;
    (void)pthread_cond_broadcast(&gate_moved);
    while (gate_closed)
        (void)pthread_cond_wait(&gate_moved, &gate_lock);
    held--;
    (void)pthread_mutex_unlock(&gate_lock);
    int rc = call(fd);
    (void)pthread_mutex_lock(&gate_lock);
    passed++;
    (void)pthread_cond_broadcast(&gate_moved);
    (void)pthread_mutex_unlock(&gate_lock);
    return rc;
}

static void gate(bool closed)
{
    (void)pthread_mutex_lock(&gate_lock);
    gate_closed = closed;
    (void)pthread_cond_broadcast(&gate_moved);
    (void)pthread_mutex_unlock(&gate_lock);
}

/* Wait until a sync stands at the gate. */
static void await_held(void)
{
    (void)pthread_mutex_lock(&gate_lock);
    while (held == 0)
        (void)pthread_cond_wait(&gate_moved, &gate_lock);
    (void)pthread_mutex_unlock(&gate_lock);
}

/* Open the gate and wait until what stood there is on disk. */
static void let_pass(void)
{
    (void)pthread_mutex_lock(&gate_lock);
    unsigned before = passed;
    gate_closed = false;
    (void)pthread_cond_broadcast(&gate_moved);
    while (passed == before)
        (void)pthread_cond_wait(&gate_moved, &gate_lock);
    (void)pthread_mutex_unlock(&gate_lock);
    (void)usleep(2000); /* the thread still has to say so */
}

/* ---- acts ---- */

enum step { SUBMITTED, DECIDED, DURABLE, READY, STEPS };

struct act {
    const char *name;
    struct kept_request request; /* subject is filled in */
    enum kept_reason reason;     /* of a read behind it */
    bool error;                  /* the read behind it has no one to read */
};

static const struct act acts[] = {
    {"withdraw the function", {.op = KEPT_OP_CONSENT_WITHDRAW, .function = "caring"},
     KEPT_R_WITHDRAWN, false},
    {"withdraw the purpose", {.op = KEPT_OP_CONSENT_WITHDRAW, .purpose = "care"},
     KEPT_R_WITHDRAWN, false},
    {"withdraw the item", {.op = KEPT_OP_CONSENT_WITHDRAW, .item = "health"}, KEPT_R_WITHDRAWN,
     false},
    {"withdraw everything", {.op = KEPT_OP_CONSENT_WITHDRAW}, KEPT_R_WITHDRAWN, false},
    {"refuse the function", {.op = KEPT_OP_CONSENT_REFUSE, .function = "caring"}, KEPT_R_REFUSED,
     false},
    {"refuse everything", {.op = KEPT_OP_CONSENT_REFUSE}, KEPT_R_REFUSED, false},
    {"permission off", {.op = KEPT_OP_PERMISSION_SET, .permission = "camera", .on = 0},
     KEPT_R_WITHDRAWN, false},
    {"erase the record", {.op = KEPT_OP_ERASE_RECORD, .item = "health"}, KEPT_R_NO_VALUE, false},
    {"erase the person", {.op = KEPT_OP_ERASE_SUBJECT}, KEPT_R_ERASED, false},
};

static struct kept_id ready_person(struct world *w)
{
    struct kept_id id = world_person(w);
    world_agree(w, id, "caring", KEPT_C_SEPARATE);
    ALLOWS(w, .op = KEPT_OP_PERMISSION_SET, .subject = id, .permission = "camera", .on = 1);
    world_put(w, id, "caring", "health", "tall");
    return id;
}

static void submit(struct world *w, const struct kept_request *r)
{
    if (kept_submit(w->kept, r, &w->err) != 0)
        fail_msg("submit: %s", w->err.text);
}

static size_t reap(struct world *w, struct kept_reply **replies, size_t max, int wait)
{
    size_t n = 0;
    if (kept_reap(w->kept, replies, max, wait, &n, &w->err) != 0)
        fail_msg("reap: %s", w->err.text);
    return n;
}

/* Bring a submitted read to a step; the gate is closed up to DURABLE. */
static void bring_to(struct world *w, enum step step)
{
    struct kept_reply *none[1];
    gate(true);
    if (step == SUBMITTED)
        return;
    assert_int_equal(reap(w, none, 1, 0), 0);
    await_held();
    if (step == DECIDED)
        return;
    let_pass();
    if (step == READY)
        assert_int_equal(reap(w, none, 0, 0), 0);
}

/* One read, one act in between; *ret_before: the read was handed over before the act. */
static void cross(struct world *w, const struct kept_request *read, const struct kept_request *act,
                  enum step step, struct kept_reply **ret_read, struct kept_reply **ret_act,
                  bool *ret_before)
{
    struct kept_reply *replies[4];
    size_t n = 0;
    int read_tag = 0, act_tag = 0;
    struct kept_request r = *read, a = *act;
    r.tag = &read_tag;
    a.tag = &act_tag;
    *ret_read = *ret_act = NULL;
    *ret_before = false;
    submit(w, &r);
    bring_to(w, step);
    submit(w, &a);
    if (step <= DECIDED) { /* the act's reply leaves while the read still waits for the disk */
        n = reap(w, replies, 4, 0);
        assert_int_equal(n, 1);
        if (replies[0]->tag != &act_tag)
            fail_msg("step %d: the read came first: %d %s", (int)step, replies[0]->error,
                     replies[0]->err.text);
        *ret_act = replies[0];
        await_held();
        let_pass();
    }
    gate(false);
    while (*ret_read == NULL || *ret_act == NULL) {
        n = reap(w, replies, 1, 1);
        assert_int_equal(n, 1);
        if (replies[0]->tag == &read_tag) {
            *ret_before = *ret_act == NULL;
            *ret_read = replies[0];
        } else {
            *ret_act = replies[0];
        }
    }
}

static void check_hidden(const struct act *act, enum step step, const struct kept_reply *read)
{
    if (read->error != 0 || read->decision != KEPT_DENY || read->reason != act->reason)
        fail_msg("%s, at step %d: %d %d %s", act->name, (int)step, read->error,
                 (int)read->decision, kept_reason_name(read->reason));
    for (size_t i = 0; i < read->field_count; i++)
        assert_int_equal(read->fields[i].value.n, 0);
}

static void cross_one(struct world *w, const struct act *act, enum step step)
{
    struct kept_id id = ready_person(w);
    const struct kept_field field = {.name = "health"};
    const struct kept_request read = {.op = KEPT_OP_USE, .app = "shop", .subject = id,
                                      .purpose = "care", .fields = &field, .field_count = 1};
    struct kept_request request = act->request;
    struct kept_reply *r = NULL, *a = NULL;
    bool before = false;
    request.subject = id;
    request.app = "shop";
    cross(w, &read, &request, step, &r, &a, &before);
    assert_int_equal(a->error, 0);
    assert_int_equal(a->decision, KEPT_ALLOW);
    if (before) { /* handed over before anybody was told of the act: what was decided stands */
        assert_int_equal(step, READY);
        assert_int_equal(r->decision, KEPT_ALLOW);
        assert_int_equal(r->fields[0].value.n, 4);
        assert_true(r->version < a->version);
    } else {
        check_hidden(act, step, r);
        assert_true(r->version >= a->version);
    }
    kept_reply_free(r);
    kept_reply_free(a);
    HIDES(w, id, "health", "care", act->reason);
}

static void test_every_act_at_every_step(void **state)
{
    struct world w;
    (void)state;
    tester = pthread_self();
    world_shop(&w);
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++)
        for (enum step step = SUBMITTED; step < STEPS; step++)
            cross_one(&w, &acts[i], step);
    world_down(&w);
}

/* An act on one person leaves the reads of others as they were decided. */
static void test_others_are_not_decided_again(void **state)
{
    struct world w;
    struct kept_reply *replies[4];
    (void)state;
    tester = pthread_self();
    world_shop(&w);
    struct kept_id one = ready_person(&w), two = ready_person(&w);
    const struct kept_field field = {.name = "health"};
    const struct kept_request read = {.op = KEPT_OP_USE, .app = "shop", .subject = one,
                                      .purpose = "care", .fields = &field, .field_count = 1};
    const struct kept_request act = {.op = KEPT_OP_ERASE_SUBJECT, .app = "shop", .subject = two};
    submit(&w, &read);
    bring_to(&w, DECIDED);
    submit(&w, &act);
    assert_int_equal(reap(&w, replies, 4, 0), 1);
    kept_reply_free(replies[0]);
    let_pass();
    assert_int_equal(reap(&w, replies, 4, 1), 1);
    assert_int_equal(replies[0]->decision, KEPT_ALLOW);
    assert_int_equal(replies[0]->fields[0].value.n, 4);
    kept_reply_free(replies[0]);
    world_down(&w);
}

static void test_cease_at_every_step(void **state)
{
    (void)state;
    tester = pthread_self();
    for (enum step step = SUBMITTED; step < STEPS; step++) {
        struct world w;
        struct kept_reply *r = NULL, *a = NULL;
        bool before = false;
        world_shop(&w);
        struct kept_id id = ready_person(&w);
        const struct kept_field field = {.name = "phone"};
        world_put(&w, id, "account", "phone", "13800138000");
        const struct kept_request read = {.op = KEPT_OP_DISCLOSE, .app = "shop", .subject = id,
                                          .purpose = "service", .recipient = "courier",
                                          .fields = &field, .field_count = 1};
        const struct kept_request act = {.op = KEPT_OP_SERVICE_CEASE, .app = "shop"};
        cross(&w, &read, &act, step, &r, &a, &before);
        assert_int_equal(a->decision, KEPT_ALLOW);
        assert_int_equal(before, step == READY);
        assert_int_equal(r->decision, before ? KEPT_ALLOW : KEPT_DENY);
        assert_int_equal(r->reason, before ? KEPT_R_NONE : KEPT_R_CEASED);
        kept_reply_free(r);
        kept_reply_free(a);
        const struct kept_field new = world_field("phone", "13800138001");
        SAYS(&w, KEPT_DENY, KEPT_R_CEASED, .op = KEPT_OP_COLLECT, .subject = id,
             .function = "account", .fields = &new, .field_count = 1);
        world_reopen(&w);
        SAYS(&w, KEPT_DENY, KEPT_R_CEASED, .op = KEPT_OP_DISCLOSE, .subject = id,
             .purpose = "service", .recipient = "courier", .fields = &field, .field_count = 1);
        world_down(&w);
    }
}

/* A disclosure that rests on consent for its recipient. */
static void test_recipient_at_every_step(void **state)
{
    struct world w;
    (void)state;
    tester = pthread_self();
    world_shop(&w);
    for (enum step step = SUBMITTED; step < STEPS; step++) {
        struct kept_reply *r = NULL, *a = NULL;
        bool before = false;
        struct kept_id id = world_person(&w);
        const struct kept_field field = {.name = "phone"};
        world_put(&w, id, "account", "phone", "13800138000");
        ALLOWS(&w, .op = KEPT_OP_CONSENT_GRANT, .subject = id, .purpose = "ads",
               .consent = KEPT_C_EXPLICIT);
        ALLOWS(&w, .op = KEPT_OP_CONSENT_GRANT, .subject = id, .recipient = "partner",
               .consent = KEPT_C_SEPARATE);
        const struct kept_request read = {.op = KEPT_OP_DISCLOSE, .app = "shop", .subject = id,
                                          .purpose = "ads", .recipient = "partner",
                                          .fields = &field, .field_count = 1};
        const struct kept_request act = {.op = KEPT_OP_CONSENT_WITHDRAW, .app = "shop",
                                         .subject = id, .recipient = "partner"};
        cross(&w, &read, &act, step, &r, &a, &before);
        assert_int_equal(before, step == READY);
        assert_int_equal(r->decision, before ? KEPT_ALLOW : KEPT_DENY);
        assert_int_equal(r->reason, before ? KEPT_R_NONE : KEPT_R_WITHDRAWN);
        kept_reply_free(r);
        kept_reply_free(a);
    }
    world_down(&w);
}

/* Looking somebody up is a release too: who is erased in between is not found. */
static void test_a_look_up_at_every_step(void **state)
{
    struct world w;
    (void)state;
    tester = pthread_self();
    world_shop(&w);
    for (enum step step = SUBMITTED; step < STEPS; step++) {
        char phone[16];
        struct kept_reply *r = NULL, *a = NULL;
        bool before = false;
        struct kept_id id = world_person(&w);
        (void)snprintf(phone, sizeof phone, "1380013900%d", (int)step);
        world_put(&w, id, "account", "phone", phone);
        const struct kept_field field = {.name = "phone", .value = world_text(phone)};
        const struct kept_request read = {.op = KEPT_OP_SUBJECT_FIND, .app = "shop",
                                          .fields = &field, .field_count = 1};
        const struct kept_request act = {.op = KEPT_OP_ERASE_SUBJECT, .app = "shop", .subject = id};
        cross(&w, &read, &act, step, &r, &a, &before);
        assert_int_equal(before, step == READY);
        assert_int_equal(r->decision, before ? KEPT_ALLOW : KEPT_DENY);
        if (!before) {
            static const struct kept_id nobody;
            assert_int_equal(r->reason, KEPT_R_NO_VALUE);
            assert_memory_equal(&r->subject, &nobody, sizeof nobody);
        }
        kept_reply_free(r);
        kept_reply_free(a);
    }
    world_down(&w);
}

/* Reads that are decided again come back in the order of their submission. */
static void test_order_among_reads(void **state)
{
    enum { READS_OF_ONE = 5 };
    struct world w;
    struct kept_reply *replies[READS_OF_ONE + 2];
    struct kept_request reads[READS_OF_ONE + 1];
    int tags[READS_OF_ONE + 1];
    (void)state;
    tester = pthread_self();
    world_shop(&w);
    struct kept_id one = ready_person(&w), two = ready_person(&w);
    const struct kept_field field = {.name = "health"};
    for (int i = 0; i <= READS_OF_ONE; i++) {
        reads[i] = (struct kept_request){.op = KEPT_OP_USE, .app = "shop",
                                         .subject = i == READS_OF_ONE ? two : one,
                                         .purpose = "care", .fields = &field, .field_count = 1,
                                         .tag = &tags[i]};
        submit(&w, &reads[i]);
    }
    bring_to(&w, DECIDED);
    const struct kept_request act = {.op = KEPT_OP_CONSENT_WITHDRAW, .app = "shop", .subject = one,
                                     .function = "caring"};
    submit(&w, &act);
    assert_int_equal(reap(&w, replies, READS_OF_ONE + 2, 0), 1);
    kept_reply_free(replies[0]);
    let_pass();
    for (int i = 0; i <= READS_OF_ONE; i++) {
        assert_int_equal(reap(&w, replies, 1, 1), 1);
        assert_ptr_equal(replies[0]->tag, &tags[i]);
        assert_int_equal(replies[0]->decision, i == READS_OF_ONE ? KEPT_ALLOW : KEPT_DENY);
        kept_reply_free(replies[0]);
    }
    world_down(&w);
}

/* Somebody who withdraws and grants again and again: the read is answered by the last word. */
static void test_the_last_word_counts(void **state)
{
    struct world w;
    struct kept_reply *replies[4];
    int read_tag = 0;
    (void)state;
    tester = pthread_self();
    world_shop(&w);
    struct kept_id id = ready_person(&w);
    const struct kept_field field = {.name = "health"};
    const struct kept_request read = {.op = KEPT_OP_USE, .app = "shop", .subject = id,
                                      .purpose = "care", .fields = &field, .field_count = 1,
                                      .tag = &read_tag};
    const struct kept_request off = {.op = KEPT_OP_CONSENT_WITHDRAW, .app = "shop", .subject = id,
                                     .function = "caring"};
    const struct kept_request on = {.op = KEPT_OP_CONSENT_GRANT, .app = "shop", .subject = id,
                                    .function = "caring", .consent = KEPT_C_SEPARATE};
    submit(&w, &read);
    bring_to(&w, DECIDED);
    submit(&w, &off);
    submit(&w, &on);
    assert_int_equal(reap(&w, replies, 4, 0), 2);
    assert_int_equal(replies[0]->decision, KEPT_ALLOW);
    uint64_t version = replies[1]->version;
    assert_true(version > replies[0]->version);
    kept_reply_free(replies[0]);
    kept_reply_free(replies[1]);
    let_pass();
    assert_int_equal(reap(&w, replies, 4, 1), 1);
    assert_int_equal(replies[0]->decision, KEPT_ALLOW);
    assert_int_equal(replies[0]->version, version);
    kept_reply_free(replies[0]);
    world_down(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_act_at_every_step),
        cmocka_unit_test(test_others_are_not_decided_again),
        cmocka_unit_test(test_cease_at_every_step),
        cmocka_unit_test(test_recipient_at_every_step),
        cmocka_unit_test(test_a_look_up_at_every_step),
        cmocka_unit_test(test_order_among_reads),
        cmocka_unit_test(test_the_last_word_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
