/* test_in_memory.c - a store whose rows lie in memory, as the application meets it: what stays, what goes,
 * and what is refused. That it answers as SQLite does, tests/model asks. */
#include "../aid/world.h"

#include <unistd.h>

static bool is_file(struct world *w, const char *name)
{
    char path[WORLD_PATH];
    world_join(path, w->store, name);
    return access(path, F_OK) == 0;
}

static void test_rows_stay_as_long_as_the_memory(void **state)
{
    struct world w;
    (void)state;
    world_up_in_memory(&w);
    world_publish(&w, "shop", 1);
    struct kept_id id = world_person(&w);
    world_put(&w, id, "notes", "note", "a needle");
    assert_false(is_file(&w, "store.db"));
    world_reopen(&w);
    READS(&w, id, "note", "service", "a needle");
    assert_int_equal(world_files_with(&w, "a needle", 8), 0);
    ALLOWS(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = id);
    world_reopen(&w);
    HIDES(&w, id, "note", "service", KEPT_R_ERASED);
    world_down(&w);
}

/* Threads of kept's own read beside the caller, each from a state of its own. */
static void test_many_read_at_once(void **state)
{
    enum { READS_AT_ONCE = 200 };
    struct world w;
    struct kept_reply *replies[READS_AT_ONCE];
    struct kept_request r = {.op = KEPT_OP_USE, .app = "shop", .purpose = "service",
                             .field_count = 1};
    const struct kept_field note = {.name = "note"};
    size_t n = 0;
    (void)state;
    world_up_in_memory(&w);
    world_publish(&w, "shop", 1);
    r.subject = world_person(&w);
    r.fields = &note;
    for (int round = 0; round < 20; round++) {
        char text[24];
        (void)snprintf(text, sizeof text, "round %d", round);
        world_put(&w, r.subject, "notes", "note", text);
        for (size_t i = 0; i < READS_AT_ONCE; i++)
            assert_int_equal(kept_submit(w.kept, &r, &w.err), 0);
        for (size_t done = 0; done < READS_AT_ONCE; done += n) {
            assert_int_equal(kept_reap(w.kept, replies, READS_AT_ONCE, 1, &n, &w.err), 0);
            for (size_t i = 0; i < n; i++) {
                assert_int_equal(replies[i]->field_count, (size_t)round + 1);
                const struct kept_field *last = &replies[i]->fields[round];
                assert_int_equal(last->value.n, strlen(text));
                assert_memory_equal(last->value.p, text, last->value.n);
                kept_reply_free(replies[i]);
            }
        }
    }
    world_down(&w);
}

static void test_one_handle_one_store(void **state)
{
    struct world w, other;
    struct kept *second = NULL;
    (void)state;
    world_up_in_memory(&w);
    struct kept_options o = world_options(&w);
    assert_int_equal(kept_init(&o, &w.err), KEPT_E_CONFLICT);
    assert_int_equal(kept_open(&o, &second, &w.err), KEPT_E_BUSY);
    /* Not through other folders either; and nothing is where no store was made. */
    world_up(&other);
    o = world_options(&other);
    o.memory = w.memory;
    world_close(&other);
    assert_int_equal(kept_open(&o, &second, &w.err), KEPT_E_BUSY);
    o.memory = kept_memory_new();
    assert_int_equal(kept_open(&o, &second, &w.err), KEPT_E_NOTFOUND);
    assert_int_equal(kept_init(&o, &w.err), KEPT_E_CONFLICT); /* store.db stands there */
    assert_null(second);
    kept_memory_free(o.memory);
    world_down(&other);
    world_down(&w);
}

/* The rows went with the memory: what is left in the folders serves nobody, and says so. */
static void test_after_the_memory(void **state)
{
    struct world w;
    (void)state;
    world_up_in_memory(&w);
    world_publish(&w, "shop", 1);
    (void)world_person(&w);
    world_close(&w);
    kept_memory_free(w.memory);
    w.memory = kept_memory_new();
    assert_int_equal(world_try_open(&w), KEPT_E_NOTFOUND);
    const struct kept_options o = world_options(&w);
    assert_int_equal(kept_init(&o, &w.err), 0);
    world_open(&w);
    char *text = world_policy("shop", 1, NULL, NULL);
    FAILS(&w, KEPT_E_CONFLICT, .op = KEPT_OP_POLICY_PUBLISH, .text = text);
    free(text);
    world_down(&w);
}

/* Freed while it is open, it goes when the handle does. */
static void test_freed_while_open(void **state)
{
    struct world w;
    (void)state;
    world_up_in_memory(&w);
    world_publish(&w, "shop", 1);
    struct kept_id id = world_person(&w);
    kept_memory_free(w.memory);
    w.memory = NULL;
    world_put(&w, id, "notes", "note", "still here");
    READS(&w, id, "note", "service", "still here");
    world_down(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_stay_as_long_as_the_memory),
        cmocka_unit_test(test_many_read_at_once),
        cmocka_unit_test(test_one_handle_one_store),
        cmocka_unit_test(test_after_the_memory),
        cmocka_unit_test(test_freed_while_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
