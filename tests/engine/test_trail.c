/* test_trail.c - trails and audits come a page at a time, oldest or newest first: all pages together
 * are everything, once; and an audit says the verdict on each item where the entry says it. */
#include "../aid/world.h"

#include <jansson.h>

#define MOST 4096

/* The indices of all pages of a question, in the order in which they come, and how many pages there
 * were. */
static size_t pages(struct world *w, struct kept_request r, uint64_t *at, size_t *ret_pages)
{
    size_t count = 0;
    *ret_pages = 0;
    for (;;) {
        struct kept_reply *reply = world_ask(w, &r);
        json_t *root = json_loads(reply->json, 0, NULL), *row = NULL;
        assert_non_null(root);
        const json_t *next = json_object_get(root, "next");
        const json_t *rows = json_object_get(root, "entries");
        size_t i = 0;
        if (r.limit != 0)
            assert_in_range(json_array_size(rows), 0, r.limit);
        json_array_foreach(rows, i, row)
        {
            assert_true(count < MOST);
            at[count++] = (uint64_t)json_integer_value(json_object_get(row, "index"));
        }
        kept_reply_free(reply);
        (*ret_pages)++;
        bool over = next == NULL;
        if (!over) {
            assert_true(json_array_size(rows) > 0); /* so that it ends */
            r.from = (uint64_t)json_integer_value(next);
        }
        json_decref(root);
        if (over)
            return count;
        assert_true(*ret_pages < 1000);
    }
}

/* Pages of every size say what one page says, forwards and backwards. Each question leaves an entry of
 * its own, so only what was there at first is compared. */
static void check_pages(struct world *w, struct kept_request r, size_t want)
{
    static uint64_t first[MOST], some[MOST];
    static const uint32_t limits[] = {1, 2, 7, 50, 10000, 0};
    size_t n = 0;
    r.limit = 10000;
    assert_int_equal(pages(w, r, first, &n), want);
    assert_int_equal(n, 1);
    for (size_t i = 1; i < want; i++)
        assert_true(first[i] > first[i - 1]);
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        r.limit = limits[i];
        r.newest = 0;
        /* What the pages themselves add is not of the listing, but for what its end is rounded up by. */
        struct kept_request all = r;
        all.limit = 10000;
        size_t before = pages(w, all, some, &n), newest = before > 0 ? (size_t)some[before - 1] : 0;
        size_t count = pages(w, r, some, &n);
        assert_in_range(count, before, before + 1 + newest / 128);
        assert_memory_equal(some, first, want * sizeof first[0]);
        r.newest = 1;
        count = pages(w, r, some, &n);
        assert_true(count >= want);
        for (size_t j = 0; j < want; j++)
            assert_int_equal(some[count - 1 - j], first[j]);
        for (size_t j = 1; j < count; j++)
            assert_true(some[j] < some[j - 1]);
    }
}

static void look(struct world *w, struct kept_id id, const char *actor)
{
    const struct kept_field phone = {.name = "phone"};
    ALLOWS(w, .op = KEPT_OP_USE, .subject = id, .role = "officer", .actor = actor,
           .purpose = "service", .fields = &phone, .field_count = 1);
}

static void test_pages(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w), other = world_person(&w);
    world_put(&w, id, "account", "phone", "13800138000");
    world_put(&w, other, "account", "phone", "13800138001");
    for (unsigned i = 0; i < 60; i++) {
        look(&w, id, "clerk-7");
        for (unsigned j = 0; j < i % 4 * 15; j++) /* so that windows end between matches */
            look(&w, other, "clerk-8");
    }
    world_reopen(&w); /* some of it in files ... */
    look(&w, id, "clerk-7"); /* ... some not yet */
    check_pages(&w, (struct kept_request){.op = KEPT_OP_AUDIT, .role = "officer", .text = "clerk-7"},
                61);
    check_pages(&w, (struct kept_request){.op = KEPT_OP_AUDIT, .role = "officer", .text = "nobody"},
                0);
    /* new, acknowledge, two grants, collect, the looks; then each question adds itself */
    check_pages(&w, (struct kept_request){.op = KEPT_OP_TRAIL, .subject = id}, 5 + 61);
    world_down(&w);
}

static void test_where_a_page_may_begin(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w);
    struct kept_reply *reply = ASK(&w, .op = KEPT_OP_AUDIT, .role = "officer", .from = 1000000);
    assert_int_equal(world_json_count(reply, "\"index\""), 0); /* behind the end: nothing */
    assert_false(world_json_has(reply, "\"next\""));
    kept_reply_free(reply);
    reply = ASK(&w, .op = KEPT_OP_AUDIT, .role = "officer", .from = 1000000, .newest = 1);
    assert_true(world_json_count(reply, "\"index\"") > 3); /* before it: all */
    kept_reply_free(reply);
    reply = ASK(&w, .op = KEPT_OP_AUDIT, .role = "officer", .from = 1, .newest = 1);
    assert_int_equal(world_json_count(reply, "\"index\":0"), 1);
    assert_int_equal(world_json_count(reply, "\"index\""), 1);
    assert_false(world_json_has(reply, "\"next\""));
    kept_reply_free(reply);
    FAILS(&w, KEPT_E_LIMIT, .op = KEPT_OP_AUDIT, .role = "officer", .limit = 10001);
    FAILS(&w, KEPT_E_LIMIT, .op = KEPT_OP_TRAIL, .subject = id, .limit = UINT32_MAX);
    /* The same door as ever: paging is nobody's way around it. */
    SAYS(&w, KEPT_DENY, KEPT_R_OPERATION, .op = KEPT_OP_AUDIT, .limit = 1, .newest = 1);
    SAYS(&w, KEPT_DENY, KEPT_R_OPERATION, .op = KEPT_OP_TRAIL, .subject = id, .role = "support",
         .limit = 1);
    world_down(&w);
}

/* A page ends early when its rows name very many items. */
static void test_a_page_of_large_entries(void **state)
{
    enum { MANY = 4000, TIMES = 27 };
    static struct kept_field fields[MANY];
    static uint64_t at[MOST];
    struct world w;
    size_t n = 0;
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w);
    for (size_t i = 0; i < MANY; i++)
        fields[i] = (struct kept_field){.name = i % 2 == 0 ? "phone" : "name"};
    for (unsigned i = 0; i < TIMES; i++)
        ALLOWS(&w, .op = KEPT_OP_DISCLOSE, .subject = id, .purpose = "service", .actor = "sender",
               .recipient = "courier", .fields = fields, .field_count = MANY);
    for (int newest = 0; newest <= 1; newest++) {
        const struct kept_request audit = {.op = KEPT_OP_AUDIT, .role = "officer", .text = "sender",
                                           .newest = newest};
        assert_int_equal(pages(&w, audit, at, &n), TIMES);
        assert_int_equal(n, 2);
        const struct kept_request trail = {.op = KEPT_OP_TRAIL, .subject = id, .newest = newest};
        assert_true(pages(&w, trail, at, &n) >= TIMES + 4);
        assert_int_equal(n, 2);
    }
    world_down(&w);
}

static void test_the_verdict_on_each_item(void **state)
{
    struct world w;
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w);
    world_put(&w, id, "account", "phone", "13800138000");
    const struct kept_field both[] = {{.name = "phone"}, {.name = "health"}};
    ALLOWS(&w, .op = KEPT_OP_USE, .subject = id, .role = "officer", .actor = "one",
           .purpose = "service", .fields = both, .field_count = 1);
    ALLOWS(&w, .op = KEPT_OP_USE, .subject = id, .role = "officer", .actor = "two",
           .purpose = "service", .fields = both, .field_count = 2);
    const struct kept_field none[] = {{.name = "health"}, {.name = "visit"}};
    struct kept_reply *reply = ASK(&w, .op = KEPT_OP_USE, .subject = id, .role = "officer",
                                   .actor = "three", .purpose = "service", .fields = none,
                                   .field_count = 2);
    assert_int_equal(reply->decision, KEPT_DENY);
    kept_reply_free(reply);
    reply = ASK(&w, .op = KEPT_OP_AUDIT, .role = "officer", .text = "one");
    assert_true(world_json_has(reply, "\"items\":[{\"item\":\"phone\",\"decision\":\"allow\"}]"));
    kept_reply_free(reply);
    /* The best of several is all the entry tells an auditor ... */
    reply = ASK(&w, .op = KEPT_OP_AUDIT, .role = "officer", .text = "two");
    assert_true(world_json_has(reply, "{\"item\":\"phone\"}"));
    assert_true(world_json_has(reply, "{\"item\":\"health\"}"));
    kept_reply_free(reply);
    /* ... unless the best is a no. */
    reply = ASK(&w, .op = KEPT_OP_AUDIT, .role = "officer", .text = "three");
    assert_int_equal(world_json_count(reply, "\"decision\":\"deny\"}"), 2);
    kept_reply_free(reply);
    /* The person sees each. */
    reply = ASK(&w, .op = KEPT_OP_TRAIL, .subject = id, .newest = 1, .limit = 2);
    assert_int_equal(world_json_count(reply, "\"item\":\"health\",\"decision\":\"deny\""), 2);
    assert_int_equal(world_json_count(reply, "\"item\":\"phone\",\"decision\":\"allow\""), 1);
    kept_reply_free(reply);
    world_down(&w);
}

/* ---- what reports leave behind --------------------------------------------------------------- */

#define NEEDLE "because-of-the-needle"

static char needle_hex[33]; /* the person's id */
static unsigned found, freed;

static void *counted(size_t n)
{
    size_t *p = malloc(n + 16);
    if (p == NULL)
        return NULL;
    *p = n;
    return (char *)p + 16;
}

/* The JSON library gives memory back: nobody's id or justification may be in it any more. */
static void look_and_free(void *p)
{
    if (p == NULL)
        return;
    size_t *whole = (size_t *)(void *)((char *)p - 16);
    found += memmem(p, *whole, NEEDLE, strlen(NEEDLE)) != NULL ||
             memmem(p, *whole, needle_hex, 32) != NULL;
    freed++;
    free(whole);
}

static void test_reports_are_wiped(void **state)
{
    struct world w;
    json_malloc_t take = NULL;
    json_free_t give = NULL;
    (void)state;
    world_shop(&w);
    struct kept_id id = world_person(&w);
    world_put(&w, id, "account", "phone", "13800138000");
    const struct kept_field phone = {.name = "phone"};
    kept_id_hex(&id, needle_hex);
    kept_reply_free(ASK(&w, .op = KEPT_OP_USE, .subject = id, .purpose = "service",
                        .exemption = "none", .text = NEEDLE, .fields = &phone, .field_count = 1));
    json_get_alloc_funcs(&take, &give);
    json_set_alloc_funcs(counted, look_and_free);
    const struct kept_request asked[] = {
        {.op = KEPT_OP_TRAIL, .subject = id}, {.op = KEPT_OP_TRAIL, .subject = id, .newest = 1},
        {.op = KEPT_OP_AUDIT, .role = "officer"}, {.op = KEPT_OP_SUBJECT_SHOW, .subject = id},
        {.op = KEPT_OP_WHY, .subject = id, .item = "phone", .purpose = "service"}};
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
        struct kept_reply *reply = world_ask(&w, &asked[i]);
        assert_true(world_json_has(reply, i < 3 ? NEEDLE : needle_hex));
        kept_reply_free(reply);
    }
    assert_true(freed > 100);
    assert_int_equal(found, 0);
    json_set_alloc_funcs(take, give);
    world_down(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pages),
        cmocka_unit_test(test_where_a_page_may_begin),
        cmocka_unit_test(test_a_page_of_large_entries),
        cmocka_unit_test(test_the_verdict_on_each_item),
        cmocka_unit_test(test_reports_are_wiped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
