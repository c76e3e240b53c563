/* test_vault.c - values under their seals, on a store of their own: generations, classes, slots,
 * pages of the directory, and what must not open. */
#include "../aid/world.h"

#include <sys/stat.h>

#include "base/limits.h"
#include "base/mem.h"
#include "vault/vault.h"

#define ITEM 77u

static char dir[64];
static struct kept_store *store;
static struct kept_subject s;
static struct kept_subject_keys *keys;
static struct kept_err err;
static const struct kept_stamp stamp = {.at = 1000, .until = 2000, .policy_version = 3,
                                        .function = 4, .source = KEPT_SOURCE_USER};

static int up(void **state)
{
    static const struct kept_id id = {{9}};
    (void)state;
    (void)snprintf(dir, sizeof dir, "/tmp/kept-vault-XXXXXX");
    assert_int_equal(kept_crypto_init(), 0);
    assert_non_null(mkdtemp(dir));
    assert_int_equal(kept_store_create(&(struct kept_store_options){.folder = dir}, &id, &err), 0);
    assert_int_equal(kept_store_open(&(struct kept_store_options){.folder = dir, .cache_kib = 1024}, &store, &err), 0);
    assert_int_equal(kept_store_begin_write(store, &err), 0);
    keys = kept_secret_new(sizeof *keys);
    assert_non_null(keys);
    kept_subject_init(&s, keys);
    assert_int_equal(kept_subject_make(&s, 1, 5, 1000, &err), 0);
    return 0;
}

static int down(void **state)
{
    (void)state;
    kept_subject_release(&s);
    kept_secret_free(keys);
    kept_store_rollback(store);
    kept_store_close(store);
    world_remove(dir);
    return 0;
}

static struct kept_dir_row put(const struct kept_dir_row *over, uint32_t item,
                               enum kept_class class, const char *text)
{
    struct kept_dir_row row = {0};
    assert_int_equal(kept_vault_put(store, &s, over, item, class, &stamp, world_text(text), &row,
                                    &err), 0);
    return row;
}

/* The error of opening a row; its value must be text. */
static int get(const struct kept_dir_row *row, const char *text)
{
    struct kept_stamp back = {0};
    struct kept_buf value;
    kept_buf_init_secret(&value, KEPT_MAX_VALUE_BYTES);
    int rc = kept_vault_get(store, &s, row, &back, &value, &err);
    if (rc == 0) {
        assert_int_equal(value.n, strlen(text));
        assert_memory_equal(value.p, text, value.n);
        assert_int_equal(back.at, stamp.at);
        assert_int_equal(back.until, stamp.until);
        assert_int_equal(back.function, stamp.function);
        assert_int_equal(back.source, stamp.source);
    } else {
        assert_int_equal(value.n, 0);
    }
    kept_buf_release(&value);
    return rc;
}

static void test_slots_are_never_given_twice(void **state)
{
    (void)state;
    struct kept_dir_row one = put(NULL, ITEM, KEPT_CLASS_ORDINARY, "one");
    struct kept_dir_row two = put(NULL, ITEM, KEPT_CLASS_ORDINARY, "two");
    assert_int_equal(one.slot, 1);
    assert_int_equal(two.slot, 2);
    assert_int_equal(kept_vault_delete(store, &s, &two, &err), 0);
    assert_int_equal(put(NULL, ITEM, KEPT_CLASS_ORDINARY, "three").slot, 3);
    assert_int_equal(get(&one, "one"), 0);
    assert_int_equal(get(&two, "two"), KEPT_E_CORRUPT); /* a row without a record */
    s.next_slot = KEPT_MAX_RECORDS + 1;
    assert_int_equal(kept_vault_put(store, &s, NULL, ITEM, KEPT_CLASS_ORDINARY, &stamp,
                                    world_text("no"), &two, &err), KEPT_E_LIMIT);
}

static void test_only_the_living_version_opens(void **state)
{
    (void)state;
    struct kept_dir_row row = put(NULL, ITEM, KEPT_CLASS_SENSITIVE, "old");
    struct kept_dir_row new = put(&row, ITEM, KEPT_CLASS_SENSITIVE, "new");
    assert_int_equal(new.slot, row.slot);
    assert_int_equal(new.version, row.version + 1);
    assert_int_equal(get(&new, "new"), 0);
    assert_int_equal(get(&row, "old"), KEPT_E_CORRUPT);
    struct kept_dir_row wrong = new;
    wrong.item++;
    assert_int_equal(get(&wrong, "new"), KEPT_E_CORRUPT);
    wrong = new;
    wrong.class = KEPT_CLASS_ORDINARY;
    assert_int_equal(get(&wrong, "new"), KEPT_E_CORRUPT);
}

/* The policy moved an item to another class: another key, and so another row. */
static void test_another_class_is_another_record(void **state)
{
    (void)state;
    struct kept_dir_row row = put(NULL, ITEM, KEPT_CLASS_ORDINARY, "plain");
    struct kept_dir_row moved = put(&row, ITEM, KEPT_CLASS_LAW, "by law");
    assert_int_not_equal(moved.slot, row.slot);
    assert_int_equal(get(&moved, "by law"), 0);
    assert_int_equal(get(&row, "plain"), KEPT_E_CORRUPT);
    assert_int_equal(s.dir_count, 1);
}

static void test_sealing_anew(void **state)
{
    (void)state;
    struct kept_dir_row row = put(NULL, ITEM, KEPT_CLASS_ORDINARY, "stays");
    memcpy(keys->former[0], keys->data[0], KEPT_KEY_BYTES);
    keys->former_generation[0] = keys->generation[0]++;
    kept_random(keys->data[0], KEPT_KEY_BYTES);
    assert_int_equal(get(&row, "stays"), 0); /* under the former key still */
    assert_int_equal(kept_vault_reseal(store, &s, &row, NULL, &err), 0);
    assert_int_equal(kept_vault_reseal(store, &s, &row, NULL, &err), 0); /* done already */
    keys->former_generation[0] = 0;
    kept_wipe(keys->former[0], KEPT_KEY_BYTES);
    assert_int_equal(get(&row, "stays"), 0);
    struct kept_dir_row gone = row;
    gone.slot = 99;
    assert_int_equal(kept_vault_reseal(store, &s, &gone, NULL, &err), KEPT_E_CORRUPT);
}

/* In a partition: under a key that is made for it, which opens nothing of another one. */
static void test_partitions_have_keys_of_their_own(void **state)
{
    (void)state;
    enum { A = 5, B = 6 };
    struct kept_stamp in = stamp, back = {0};
    struct kept_dir_row row = {0}, plain = put(NULL, ITEM, KEPT_CLASS_ORDINARY, "plain");
    struct kept_span body;
    struct kept_buf value;
    uint8_t changed[256], was[KEPT_KEY_BYTES];
    in.partition = A;
    kept_buf_init_secret(&value, KEPT_MAX_VALUE_BYTES);
    assert_true(kept_pack_find(&s, plain.slot, &body));
    assert_int_equal(body.p[0] >> 4, 1); /* the default one: as it was before there were any */
    assert_int_equal(kept_vault_put(store, &s, NULL, ITEM, KEPT_CLASS_ORDINARY, &in,
                                    world_text("apart"), &row, &err), 0);
    assert_int_equal(get(&row, "apart"), 0);
    assert_int_equal(get(&plain, "plain"), 0);
    assert_true(kept_pack_find(&s, row.slot, &body));
    assert_int_equal(body.p[0] >> 4, 5);
    assert_int_equal(body.p[5], A); /* format, generation 1, u32 */
    memcpy(changed, body.p, body.n);
    changed[5] = B;
    assert_int_equal(kept_vault_open(store, &s, &row, (struct kept_span){changed, body.n}, &back, &value, &err),
                     KEPT_E_CORRUPT);
    changed[0] = body.p[0] & 0x1F; /* nor under the class's own */
    memmove(changed + 2, body.p + 6, body.n - 6);
    assert_int_equal(kept_vault_open(store, &s, &row, (struct kept_span){changed, body.n - 4}, &back, &value, &err),
                     KEPT_E_CORRUPT);
    assert_int_equal(kept_vault_get(store, &s, &row, &back, &value, &err), 0);
    assert_int_equal(back.partition, A);
    /* One such key is at hand at a time, and goes with the next. */
    memcpy(was, keys->apart, sizeof was);
    assert_memory_equal(kept_subject_value_key(&s, 0, 1, A), was, sizeof was);
    assert_memory_not_equal(kept_subject_value_key(&s, 0, 1, B), was, sizeof was);
    assert_memory_not_equal(keys->apart, was, sizeof was);
    assert_memory_not_equal(kept_subject_value_key(&s, 0, 1, 0), was, sizeof was);
    assert_null(kept_subject_value_key(&s, 0, 2, A));
    assert_null(kept_subject_value_key(&s, KEPT_CLASS_LAW, 1, A));
    kept_wipe(was, sizeof was);
    kept_buf_release(&value);
}

/* Sealed anew: in the same partition, in the one where the policy has the item now, or in none. */
static void test_sealing_anew_in_partitions(void **state)
{
    (void)state;
    static const uint32_t other = 6, none = 0;
    const uint32_t *const to[] = {NULL, &other, &other, &none, &none};
    const unsigned format[] = {5, 5, 5, 1, 1};
    struct kept_stamp in = stamp;
    struct kept_dir_row row = {0};
    struct kept_span body;
    in.partition = 5;
    assert_int_equal(kept_vault_put(store, &s, NULL, ITEM, KEPT_CLASS_ORDINARY, &in,
                                    world_text("moves"), &row, &err), 0);
    memcpy(keys->former[0], keys->data[0], KEPT_KEY_BYTES);
    keys->former_generation[0] = keys->generation[0]++;
    kept_random(keys->data[0], KEPT_KEY_BYTES);
    for (size_t i = 0; i < sizeof to / sizeof to[0]; i++) {
        assert_int_equal(get(&row, "moves"), 0);
        assert_int_equal(kept_vault_reseal(store, &s, &row, to[i], &err), 0);
        assert_true(kept_pack_find(&s, row.slot, &body));
        assert_int_equal(body.p[0] >> 4, format[i]);
        if (format[i] == 5)
            assert_int_equal(body.p[5], to[i] == NULL ? 5 : 6);
    }
    keys->former_generation[0] = 0;
    assert_int_equal(get(&row, "moves"), 0);
    (void)kept_subject_value_key(&s, 0, 2, 6);
    kept_subject_erase(&s, 2000);
    assert_int_equal(keys->apart_ref, 0);
    for (size_t i = 0; i < sizeof keys->apart; i++)
        assert_int_equal(keys->apart[i], 0);
}

static int count(void *arg, const struct kept_dir_row *row)
{
    uint32_t *last = arg;
    assert_true(row->slot > last[1]);
    last[0]++;
    last[1] = row->slot;
    return last[0] == last[2];
}

static void test_pages_of_the_directory(void **state)
{
    struct kept_dir_row row = {0};
    (void)state;
    for (uint32_t i = 1; i < 2 * KEPT_DIR_PAGE + 10; i++)
        row = put(NULL, i % 2 == 0 ? ITEM : ITEM + 1, KEPT_CLASS_ORDINARY, "v");
    assert_int_equal(s.dir_count, KEPT_DIR_PAGE - 1);
    assert_int_equal(s.page_count, 3);
    uint32_t all[3] = {0}, item[3] = {0}, stop[3] = {0, 0, 700};
    assert_int_equal(kept_vault_each(store, &s, 0, count, all, &err), 0);
    assert_int_equal(all[0], 2 * KEPT_DIR_PAGE + 9);
    assert_int_equal(kept_vault_each(store, &s, ITEM, count, item, &err), 0);
    assert_int_equal(item[0], KEPT_DIR_PAGE + 4);
    assert_int_equal(kept_vault_each(store, &s, 0, count, stop, &err), 0);
    assert_int_equal(stop[0], 700);
    assert_int_equal(kept_vault_find(store, &s, ITEM + 1, 601, &row, &err), 0);
    assert_int_equal(kept_vault_find(store, &s, ITEM, 601, &row, &err), KEPT_E_NOTFOUND);
    assert_int_equal(kept_vault_find(store, &s, ITEM + 1, 601, &row, &err), 0);
    assert_int_equal(kept_vault_delete(store, &s, &row, &err), 0);
    assert_int_equal(kept_vault_find(store, &s, ITEM + 1, 601, &row, &err), KEPT_E_NOTFOUND);
    assert_int_equal(kept_directory_reseal(store, &s, &err), 0);
    assert_int_equal(kept_vault_find(store, &s, ITEM + 1, 603, &row, &err), 0);
    assert_int_equal(get(&row, "v"), 0);
    s.pages[1].version--; /* an older page is not this one */
    assert_int_equal(kept_vault_find(store, &s, ITEM + 1, 603, &row, &err), KEPT_E_CORRUPT);
}

static bool packed(const struct kept_dir_row *row)
{
    struct kept_span body;
    bool is = kept_pack_find(&s, row->slot, &body);
    /* In one place, never in two. */
    assert_int_equal(kept_cell_get(store, s.key | row->slot, &body, &err),
                     is ? KEPT_E_NOTFOUND : 0);
    return is;
}

static void test_small_values_lie_in_the_persons_row(void **state)
{
    static char large[KEPT_PACK_VALUE], long_one[301], other[301];
    struct kept_dir_row rows[20], row;
    size_t count = 0;
    (void)state;
    memset(large, 'l', sizeof large - 1);
    memset(long_one, 'a', sizeof long_one - 1);
    memset(other, 'b', sizeof other - 1);
    row = put(NULL, ITEM, KEPT_CLASS_ORDINARY, "small");
    assert_true(packed(&row));
    /* It moves out when it becomes too large for the row, and back in. */
    row = put(&row, ITEM, KEPT_CLASS_ORDINARY, large);
    assert_false(packed(&row));
    assert_int_equal(get(&row, large), 0);
    row = put(&row, ITEM, KEPT_CLASS_ORDINARY, "small again");
    assert_true(packed(&row));
    assert_int_equal(get(&row, "small again"), 0);
    assert_int_equal(kept_vault_reseal(store, &s, &row, NULL, &err), 0); /* sealed anew, it stays */
    assert_true(packed(&row));
    assert_int_equal(get(&row, "small again"), 0);
    /* Who outgrows the row gets rows for all of it, and the next one too. */
    for (; !s.spread; count++) {
        assert_true(count < 20);
        rows[count] = put(NULL, ITEM, KEPT_CLASS_ORDINARY, long_one);
        assert_true(s.pack.n <= KEPT_PACK_BYTES);
        assert_int_equal(packed(&rows[count]), !s.spread);
    }
    assert_true(count > 2);
    assert_int_equal(s.pack.n, 0);
    assert_int_equal(kept_pack_count(&s), 0);
    assert_int_equal(get(&row, "small again"), 0);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(get(&rows[i], long_one), 0);
    rows[0] = put(&rows[0], ITEM, KEPT_CLASS_ORDINARY, other);
    assert_false(packed(&rows[0]));
    assert_int_equal(get(&rows[0], other), 0);
    row = put(NULL, ITEM, KEPT_CLASS_ORDINARY, "the next");
    assert_false(packed(&row));
    assert_int_equal(kept_vault_reseal(store, &s, &rows[1], NULL, &err), 0);
    assert_false(packed(&rows[1]));
    assert_int_equal(kept_vault_delete(store, &s, &rows[1], &err), 0);
    assert_int_equal(get(&rows[1], long_one), KEPT_E_CORRUPT);
    assert_int_equal(get(&rows[0], other), 0);
}

static void test_limits(void **state)
{
    static uint8_t large[KEPT_MAX_VALUE_BYTES + 1];
    struct kept_dir_row row = {0};
    (void)state;
    assert_int_equal(kept_vault_put(store, &s, NULL, ITEM, KEPT_CLASS_ORDINARY, &stamp,
                                    (struct kept_span){large, sizeof large}, &row, &err),
                     KEPT_E_LIMIT);
    assert_int_equal(kept_vault_put(store, &s, NULL, ITEM, KEPT_CLASSES, &stamp, world_text("v"),
                                    &row, &err), KEPT_E_BUG);
    assert_int_equal(s.dir_count, 0);
    assert_int_equal(kept_vault_put(store, &s, NULL, ITEM, KEPT_CLASS_ORDINARY, &stamp,
                                    (struct kept_span){large, sizeof large - 1}, &row, &err), 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, up, down)
    const struct CMUnitTest tests[] = {
        TEST(test_slots_are_never_given_twice),
        TEST(test_only_the_living_version_opens),
        TEST(test_another_class_is_another_record),
        TEST(test_sealing_anew),
        TEST(test_partitions_have_keys_of_their_own),
        TEST(test_sealing_anew_in_partitions),
        TEST(test_pages_of_the_directory),
        TEST(test_small_values_lie_in_the_persons_row),
        TEST(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
