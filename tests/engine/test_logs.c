/* test_logs.c - logs through the pipeline: their own end, their own keys through rotations and restores, and not a byte of what
 * was taken out of them in any file. */
#include <jansson.h>

#include "../aid/world.h"

#define DAY KEPT_DAY
#define PHONE "13812345678"
#define LOGS                                                                                       \
    "logs:\n"                                                                                      \
    "  app:\n"                                                                                     \
    "    text: {en: what the app notes, zh: 应用日志}\n"                                                               \
    "    format: json\n"                                                                           \
    "    purposes: [care]\n"                                                                \
    "    retain: 40 days\n"                                                                        \
    "    fields:\n"                                                                                \
    "      message: {item: %s}\n"                                                                  \
    "      device: {item: %s, keep: token}\n"                                                      \
    "  brief:\n"                                                                                   \
    "    text: {en: kept for a day, zh: 一日}\n"                                                           \
    "    format: json\n"                                                                           \
    "    purposes: [care]\n"                                                                \
    "    retain: 1 days\n"                                                                         \
    "    fields: {message: {item: %s}}\n"                                                          \
    "roles:"

static const char *item = "scrap", *purpose = "care";

static void open_shop(struct world *w, bool memory)
{
    char logs[2048];
    (void)snprintf(logs, sizeof logs, LOGS, item, item, item);
    memory ? world_up_in_memory(w) : world_up(w);
    char *text = world_policy("shop", 1, "roles:", logs);
    kept_reply_free(ASK(w, .op = KEPT_OP_POLICY_PUBLISH, .text = text));
    free(text);
    w->app = "shop";
}

static struct kept_reply *take(struct world *w, const char *log, const char *lines)
{
    const struct kept_field field = {.name = "lines", .value = world_text(lines)};
    return ASK(w, .op = KEPT_OP_LOG_TAKE, .text = log, .fields = (struct kept_field *)(uintptr_t)&field, .field_count = 1);
}

static void put(struct world *w, const char *log, const char *lines, int kept)
{
    char words[32];
    struct kept_reply *r = take(w, log, lines);
    (void)snprintf(words, sizeof words, "\"kept\":%d,", kept);
    if (!world_json_has(r, words))
        fail_msg("%s", r->json != NULL ? r->json : kept_reason_name(r->reason));
    kept_reply_free(r);
}

/* How many lines of a log are read; each of them says these words. */
static size_t shown(struct world *w, const char *log, const char *words)
{
    struct kept_reply *r = ASK(w, .op = KEPT_OP_LOG_READ, .text = log, .purpose = purpose);
    const size_t lines = world_json_count(r, "\"taken\"");
    if (r->decision != KEPT_ALLOW || world_json_count(r, words) != lines)
        fail_msg("%s %s", kept_reason_name(r->reason), r->json != NULL ? r->json : "");
    kept_reply_free(r);
    return lines;
}

static void tick(struct world *w)
{
    for (int i = 0; i < 3; i++)
        kept_reply_free(ASK(w, .op = KEPT_OP_TICK));
}

#define CRASH "{\"message\":\"at " PHONE " it broke\",\"device\":\"canary-device-9\",\"user\":\"canary-user\"}\n"

static void test_nothing_of_what_is_taken_out_is_anywhere(void **state)
{
    struct world w;
    (void)state;
    open_shop(&w, false);
    put(&w, "app", CRASH "{\"message\":\"canary-kept\"}\nnot a line canary-bad\n", 2);
    assert_int_equal(shown(&w, "app", "\"message\""), 2);
    world_close(&w);
    static const char *const canaries[] = {PHONE, "canary-device-9", "canary-user", "canary-kept", "canary-bad", "it broke"};
    for (size_t i = 0; i < sizeof canaries / sizeof canaries[0]; i++)
        assert_int_equal(world_files_with(&w, canaries[i], strlen(canaries[i])), 0);
    world_open(&w);
    assert_int_equal(shown(&w, "app", "\"message\""), 2); /* and what is kept, after a restart, is there */
    world_down(&w);
}

static void test_each_log_has_its_own_end(void **state)
{
    struct world w;
    for (int memory = 0; memory < 2; memory++) {
        (void)state;
        open_shop(&w, memory == 1);
        put(&w, "app", CRASH, 1);
        put(&w, "brief", CRASH, 1);
        w.now += DAY + KEPT_HOUR;
        assert_int_equal(shown(&w, "brief", "[phone]"), 0); /* withheld before it is deleted */
        assert_int_equal(shown(&w, "app", "[phone]"), 1);
        if (memory == 0)
            assert_int_equal(world_sql_number(&w, "SELECT count(*) FROM slip WHERE kind IN (9, 10)"), 4);
        tick(&w);
        if (memory == 0)
            assert_int_equal(world_sql_number(&w, "SELECT count(*) FROM slip WHERE kind IN (9, 10)"), 2);
        w.now += 37 * DAY;
        put(&w, "app", CRASH, 1);
        assert_int_equal(shown(&w, "app", "[phone]"), 2);
        w.now += 2 * DAY;
        assert_int_equal(shown(&w, "app", "[phone]"), 1);
        tick(&w);
        assert_int_equal(shown(&w, "app", "[phone]"), 1);
        w.now += 60 * DAY;
        tick(&w);
        assert_int_equal(shown(&w, "app", "[phone]"), 0);
        if (memory == 0)
            assert_int_equal(world_sql_number(&w, "SELECT count(*) FROM slip WHERE kind IN (9, 10)"), 0);
        world_down(&w);
    }
}

/* Its key is put under each new epoch, and so outlives the old ones; in a backup it ends with the epoch of then. */
static void test_keys_of_logs_go_with_rotations_and_backups_end(void **state)
{
    struct world w;
    (void)state;
    open_shop(&w, false);
    put(&w, "app", CRASH, 1);
    world_save(&w, "early");
    kept_reply_free(ASK(&w, .op = KEPT_OP_ROTATE));
    assert_int_equal(shown(&w, "app", "[phone]"), 1);
    w.now += 39 * DAY;
    tick(&w);
    tick(&w);
    assert_false(world_has_key(&w, "epoch-1"));
    assert_int_equal(shown(&w, "app", "[phone]"), 1); /* the first epoch is gone, and the log is not */
    world_put_back(&w, "early");
    assert_int_equal(shown(&w, "app", "[phone]"), 0); /* the backup has the row, and nothing opens it any more */
    world_down(&w);
}

static void test_pages_go_on_where_they_stopped(void **state)
{
    struct world w;
    (void)state;
    open_shop(&w, false);
    for (int i = 0; i < 5; i++) {
        put(&w, "app", CRASH CRASH, 2);
        w.now += i % 2 * 1000; /* several in one instant */
    }
    uint64_t from = 0;
    size_t lines = 0, pages = 0;
    for (bool more = true; more; pages++) {
        struct kept_reply *r = ASK(&w, .op = KEPT_OP_LOG_READ, .text = "app", .purpose = purpose, .from = from, .limit = 3);
        json_t *root = json_loads(r->json, 0, NULL);
        lines += json_array_size(json_object_get(root, "lines"));
        more = json_object_get(root, "next") != NULL;
        from = (uint64_t)json_integer_value(json_object_get(root, "next"));
        json_decref(root);
        kept_reply_free(r);
    }
    assert_int_equal(lines, 10);
    assert_int_equal(pages, 3);
    struct kept_reply *r = ASK(&w, .op = KEPT_OP_LOG_READ, .text = "app", .purpose = purpose, .at = w.now);
    assert_int_equal(world_json_count(r, "\"taken\""), 2); /* those since then */
    kept_reply_free(r);
    world_down(&w);
}

static void test_what_is_refused_changes_nothing(void **state)
{
    struct world w;
    (void)state;
    open_shop(&w, false);
    static uint8_t much[(1u << 20) + 1];
    struct kept_field lines = {.name = "lines", .value = world_text(CRASH)}, large = {.name = "lines", .value = {much, sizeof much}};
    memset(much, '\n', sizeof much);
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_LOG_TAKE, .fields = &lines, .field_count = 1);
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_LOG_TAKE, .text = "app");
    FAILS(&w, KEPT_E_LIMIT, .op = KEPT_OP_LOG_TAKE, .text = "app", .fields = &large, .field_count = 1);
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_LOG_READ, .purpose = purpose);
    SAYS(&w, KEPT_DENY, KEPT_R_UNDECLARED, .op = KEPT_OP_LOG_TAKE, .text = "web", .fields = &lines, .field_count = 1);
    SAYS(&w, KEPT_DENY, KEPT_R_UNDECLARED, .op = KEPT_OP_LOG_READ, .text = "web", .purpose = purpose);
    SAYS(&w, KEPT_DENY, KEPT_R_PURPOSE, .op = KEPT_OP_LOG_READ, .text = "app");
    SAYS(&w, KEPT_DENY, KEPT_R_PURPOSE, .op = KEPT_OP_LOG_READ, .text = "app", .purpose = "nothing-like-it");
    SAYS(&w, KEPT_DENY, KEPT_R_OPERATION, .op = KEPT_OP_LOG_TAKE, .role = "support", .text = "app", .fields = &lines, .field_count = 1);
    SAYS(&w, KEPT_DENY, KEPT_R_OPERATION, .op = KEPT_OP_LOG_READ, .role = "support", .text = "app", .purpose = purpose);
    kept_reply_free(ASK(&w, .op = KEPT_OP_SERVICE_CEASE));
    SAYS(&w, KEPT_DENY, KEPT_R_CEASED, .op = KEPT_OP_LOG_TAKE, .text = "app", .fields = &lines, .field_count = 1);
    assert_int_equal(world_sql_number(&w, "SELECT count(*) FROM slip WHERE kind IN (9, 10)"), 0);
    world_check(&w);
    world_down(&w);
}

/* A piece that somebody moved, changed or prolonged on the disk is passed by, and told. */
static void test_a_changed_piece_opens_no_more(void **state)
{
    struct world w;
    (void)state;
    open_shop(&w, false);
    put(&w, "app", CRASH, 1);
    w.now += 1000;
    put(&w, "app", CRASH, 1);
    world_close(&w);
    world_sql(&w, "UPDATE slip SET id = CAST(substr(id, 1, 11) || x'01' || substr(id, 13) AS BLOB) WHERE kind = 9 AND id = (SELECT min(id) FROM slip WHERE kind = 9)");
    world_open(&w);
    struct kept_reply *r = ASK(&w, .op = KEPT_OP_LOG_READ, .text = "app", .purpose = purpose);
    assert_int_equal(world_json_count(r, "\"taken\""), 1);
    assert_true(world_json_has(r, "\"unreadable\":1"));
    kept_reply_free(r);
    w.now += 40 * DAY;
    world_close(&w);
    world_sql(&w, "UPDATE slip SET at = at + 864000000 WHERE kind IN (9, 10)"); /* the row's instant is only a hint */
    world_open(&w);
    assert_int_equal(shown(&w, "app", "[phone]"), 0);
    world_down(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_of_what_is_taken_out_is_anywhere),
        cmocka_unit_test(test_each_log_has_its_own_end),
        cmocka_unit_test(test_keys_of_logs_go_with_rotations_and_backups_end),
        cmocka_unit_test(test_pages_go_on_where_they_stopped),
        cmocka_unit_test(test_what_is_refused_changes_nothing),
        cmocka_unit_test(test_a_changed_piece_opens_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
