/* test_fork.c - a handle serves the process that opened it: a forked child is refused at every door,
 * clearly and without waiting, and what it does to its copy leaves the parent's store alone. */
#include "../aid/world.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/owner.h"
#include "engine/admin.h"

/* In a child: exits 0 when the door was shut as it should be, else with the number of the line. */
#define WANT(condition)                                                                            \
    do {                                                                                           \
        if (!(condition))                                                                          \
            _exit(__LINE__ % 250 + 1);                                                             \
    } while (0)

static bool is_shut(int rc, struct kept_err *err)
{
    bool shut = rc == KEPT_E_BUSY && err->code == rc && strstr(err->text, "fork") != NULL;
    memset(err, 0, sizeof *err);
    return shut;
}

static void doors(struct world *w, struct kept_id id)
{
    const struct kept_field field = {.name = "phone"};
    const struct kept_request use = {.op = KEPT_OP_USE, .app = "shop", .subject = id,
                                     .purpose = "service", .fields = &field, .field_count = 1};
    const struct kept_request withdraw = {.op = KEPT_OP_CONSENT_WITHDRAW, .app = "shop",
                                          .subject = id};
    const struct kept_loss loss = {.reason = "none"};
    const struct kept_options o = world_options(w);
    struct kept_reply *reply = (struct kept_reply *)w;
    struct kept_err err = {0};
    struct kept *again = NULL;
    struct kept_buf out;
    uint64_t problems = 0;
    size_t count = 7;
    int fd = -1;
    kept_buf_init(&out, 1 << 20);
    (void)alarm(20); /* a door that waits for a thread that is not there fails too */
    WANT(is_shut(kept_call(w->kept, &use, &reply, &err), &err));
    WANT(reply == NULL);
    WANT(is_shut(kept_call(w->kept, &withdraw, &reply, &err), &err));
    WANT(is_shut(kept_submit(w->kept, &use, &err), &err));
    WANT(is_shut(kept_reap(w->kept, &reply, 1, 1, &count, &err), &err));
    WANT(count == 0);
    reply = (struct kept_reply *)w;
    WANT(is_shut(kept_batch(w->kept, &use, 1, &reply, &err), &err));
    WANT(reply == NULL);
    WANT(is_shut(kept_event_fd(w->kept, &fd, &err), &err));
    WANT(fd == -1);
    WANT(is_shut(kept_admin_prove(w->kept, "shop", "0", &out, &err), &err));
    WANT(is_shut(kept_admin_checkpoint(w->kept, "shop", &out, &err), &err));
    WANT(is_shut(kept_admin_export(w->kept, "shop", "nowhere", 0, &err), &err));
    WANT(is_shut(kept_admin_check(w->kept, &out, &problems, &err), &err));
    WANT(is_shut(kept_admin_accept_loss(w->kept, &loss, &out, &err), &err));
    WANT(out.n == 0);
    WANT(kept_open(&o, &again, &err) == KEPT_E_BUSY); /* the parent owns the store */
    WANT(again == NULL);
    kept_close(w->kept);
    _exit(0);
}

static void child_does(struct world *w, struct kept_id id, void (*act)(struct world *, struct kept_id))
{
    int status = 0;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        act(w, id);
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fail_msg("the child: status %d, line about %d", status, WEXITSTATUS(status) - 1);
}

static void test_a_child_is_refused(void **state)
{
    struct world w;
    struct kept_buf json;
    uint64_t problems = 0;
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w);
    world_put(&w, id, "account", "phone", "13800138000");
    uint64_t entries = world_number(&w, "ledger_entries");
    for (unsigned i = 0; i < 5; i++)
        child_does(&w, id, doors);
    assert_int_equal(world_number(&w, "ledger_entries"), entries + 1); /* the first question */
    READS(&w, id, "phone", "service", "13800138000");
    ALLOWS(&w, .op = KEPT_OP_CONSENT_WITHDRAW, .subject = id, .function = "account");
    world_reopen(&w);
    HIDES(&w, id, "phone", "service", KEPT_R_WITHDRAWN);
    kept_buf_init(&json, 1 << 20);
    assert_int_equal(kept_admin_check(w.kept, &json, &problems, &w.err), 0);
    assert_int_equal(problems, 0);
    kept_buf_release(&json);
    world_down(&w);
}

/* In the middle of operations in flight, whose replies the parent still gets. */
static void test_with_operations_in_flight(void **state)
{
    enum { MANY = 200 };
    static struct kept_request requests[MANY];
    struct world w;
    struct kept_reply *replies[MANY];
    size_t done = 0;
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w);
    world_put(&w, id, "account", "phone", "13800138000");
    const struct kept_field field = {.name = "phone"};
    for (size_t i = 0; i < MANY; i++) {
        requests[i] = (struct kept_request){.op = KEPT_OP_USE, .app = "shop", .subject = id,
                                            .purpose = "service", .fields = &field,
                                            .field_count = 1};
        assert_int_equal(kept_submit(w.kept, &requests[i], &w.err), 0);
    }
    while (done < MANY) {
        size_t count = 0;
        assert_int_equal(kept_reap(w.kept, replies, 32, 1, &count, &w.err), 0);
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(replies[i]->decision, KEPT_ALLOW);
            kept_reply_free(replies[i]);
        }
        done += count;
        if (done < MANY)
            child_does(&w, id, doors);
    }
    world_down(&w);
}

/* The child of a child that closed its copy; and one that only ends. */
static void end(struct world *w, struct kept_id id)
{
    (void)w;
    (void)id;
    _exit(0);
}

static void fork_again(struct world *w, struct kept_id id)
{
    int status = 0;
    pid_t child = fork();
    WANT(child >= 0);
    if (child == 0)
        doors(w, id);
    WANT(waitpid(child, &status, 0) == child);
    WANT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    kept_close(w->kept);
    kept_close(w->kept); /* its copy is gone already: nothing happens */
    _exit(0);
}

static void test_children_of_children(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w);
    child_does(&w, id, end);
    child_does(&w, id, fork_again);
    world_put(&w, id, "account", "phone", "13800138000");
    world_reopen(&w);
    READS(&w, id, "phone", "service", "13800138000");
    world_down(&w);
}

/* A child that opens after the fork is served. */
static void open_own(struct world *w, struct kept_id id)
{
    const struct kept_options o = world_options(w);
    const struct kept_request show = {.op = KEPT_OP_SUBJECT_SHOW, .app = "shop", .subject = id};
    struct kept_reply *reply = NULL;
    struct kept_err err = {0};
    struct kept *kept = NULL;
    WANT(kept_open(&o, &kept, &err) == 0);
    WANT(kept_call(kept, &show, &reply, &err) == 0);
    WANT(reply->decision == KEPT_ALLOW);
    kept_reply_free(reply);
    kept_close(kept);
    _exit(0);
}

static void test_a_child_may_open_its_own(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w);
    world_close(&w);
    child_does(&w, id, open_own);
    world_open(&w);
    world_down(&w);
}

/* Where the system has no page that a fork empties, the number of the process decides. */
static void by_number(struct world *w, struct kept_id id)
{
    const struct kept_owner *owner = (const struct kept_owner *)w;
    (void)id;
    WANT(!kept_owner_is_us(owner));
    _exit(0);
}

static void test_without_the_page(void **state)
{
    union {
        struct world w;
        struct kept_owner owner;
    } u = {.owner = {.mark = NULL, .pid = kept_owner_pid()}};
    struct kept_owner marked;
    (void)state;
    assert_true(kept_owner_is_us(&u.owner));
    child_does(&u.w, (struct kept_id){{0}}, by_number);
    assert_int_equal(kept_owner_init(&marked), 0);
    assert_true(kept_owner_is_us(&marked));
    kept_owner_release(&marked);
    kept_owner_release(&marked);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_child_is_refused),
        cmocka_unit_test(test_with_operations_in_flight),
        cmocka_unit_test(test_children_of_children),
        cmocka_unit_test(test_a_child_may_open_its_own),
        cmocka_unit_test(test_without_the_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
