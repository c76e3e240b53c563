/* test_repeats.c - keys of idempotency are kept in bounds: in number, in bytes, in time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/id.h"
#include "server/server_int.h"

static struct kept_wire_key key_of(uint32_t i)
{
    struct kept_wire_key key = {.body = {1}};
    kept_put_be32(key.name, i * 2654435761u);
    kept_put_be32(key.name + 4, i);
    return key;
}

/* An answer whose JSON has so many bytes. */
static void answer(struct kept_repeats *repeats, struct kept_repeat *repeat, size_t bytes)
{
    char *json = test_malloc(bytes + 1);
    struct kept_reply reply = {.json = json};
    struct kept_reply *const replies[] = {&reply};
    memset(json, 'x', bytes);
    json[bytes] = 0;
    kept_repeats_answer(repeats, repeat, replies, 1);
    test_free(json);
}

static void take_new(struct kept_repeats *repeats, uint32_t i, kept_ms now, struct kept_repeat **ret_repeat)
{
    const struct kept_wire_key key = key_of(i);
    assert_int_equal(kept_repeats_take(repeats, &key, now, ret_repeat), 0);
}

static void once_and_for_an_hour(void **state)
{
    struct kept_repeats repeats;
    struct kept_repeat *repeat = NULL, *again = NULL;
    const struct kept_wire_key key = key_of(0);
    struct kept_wire_key other = key;
    (void)state;
    other.body[0] = 2;
    assert_int_equal(kept_repeats_init(&repeats), 0);
    take_new(&repeats, 0, 1000, &repeat);
    assert_int_equal(kept_repeats_take(&repeats, &key, 1000, &again), KEPT_E_BUSY);
    answer(&repeats, repeat, 6);
    assert_int_equal(kept_repeats_take(&repeats, &key, 1000, &again), 1);
    assert_ptr_equal(again, repeat);
    assert_non_null(memmem(again->answer.p, again->answer.n, "xxxxxx", 6));
    assert_int_equal(kept_repeats_take(&repeats, &other, 1000, &again), KEPT_E_CONFLICT);
    assert_int_equal(kept_repeats_take(&repeats, &key, 1000 + 3600000, &again), 1);
    /* An hour later nobody knows it any more; what failed may be tried again. */
    assert_int_equal(kept_repeats_take(&repeats, &other, 1000 + 3600001, &repeat), 0);
    kept_repeats_forget(&repeats, repeat);
    take_new(&repeats, 0, 1000 + 3600001, &repeat);
    /* Done, and the answer could not be kept: it is known that it was. */
    kept_repeats_answer(&repeats, repeat, NULL, 0);
    assert_int_equal(kept_repeats_take(&repeats, &key, 1000 + 3600001, &again), 1);
    assert_true(again->answer.n == 0 && repeats.bytes == 0);
    kept_repeats_release(&repeats);
}

static void no_more_than_there_is_room_for(void **state)
{
    struct kept_repeats repeats;
    struct kept_repeat *repeat = NULL;
    const struct kept_wire_key late = key_of(9999999), first = key_of(0);
    (void)state;
    /* Full of answered ones the oldest give way; full of ones under way there is no room. */
    assert_int_equal(kept_repeats_init(&repeats), 0);
    for (uint32_t i = 1; i <= 2 * KEPT_MAX_REPEATS; i++) {
        take_new(&repeats, i, 4000000, &repeat);
        if (i <= KEPT_MAX_REPEATS)
            answer(&repeats, repeat, 1);
    }
    assert_int_equal(kept_repeats_take(&repeats, &late, 4000000, &repeat), KEPT_E_LIMIT);
    kept_repeats_release(&repeats);
    /* What is refused drives out nobody. */
    assert_int_equal(kept_repeats_init(&repeats), 0);
    take_new(&repeats, 0, 1000, &repeat);
    answer(&repeats, repeat, 1);
    for (uint32_t i = 1; i <= 3 * KEPT_MAX_REPEATS; i++) {
        take_new(&repeats, i, 1000, &repeat);
        kept_repeats_forget(&repeats, repeat);
    }
    assert_int_equal(kept_repeats_take(&repeats, &first, 1000, &repeat), 1);
    kept_repeats_release(&repeats);
}

static void no_more_bytes_than_there_is_room_for(void **state)
{
    struct kept_repeats repeats;
    struct kept_repeat *repeat = NULL, *again = NULL;
    const struct kept_wire_key first = key_of(1), last = key_of(40), large = key_of(41);
    (void)state;
    assert_int_equal(kept_repeats_init(&repeats), 0);
    for (uint32_t i = 1; i <= 40; i++) {
        take_new(&repeats, i, 1000, &repeat);
        answer(&repeats, repeat, 1u << 20);
        assert_true(repeats.bytes <= KEPT_MAX_REPEAT_BYTES);
    }
    assert_int_equal(kept_repeats_take(&repeats, &last, 1000, &again), 1);
    assert_int_equal(kept_repeats_take(&repeats, &first, 1000, &again), 0); /* the oldest has gone */
    kept_repeats_forget(&repeats, again);
    const size_t before = repeats.bytes;
    take_new(&repeats, 41, 1000, &repeat);
    answer(&repeats, repeat, KEPT_MAX_REPEAT_BYTES / 8);
    assert_true(repeats.bytes == before);
    assert_int_equal(kept_repeats_take(&repeats, &large, 1000, &again), 1);
    assert_true(again->answer.n == 0);
    kept_repeats_release(&repeats);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(once_and_for_an_hour),
        cmocka_unit_test(no_more_than_there_is_room_for),
        cmocka_unit_test(no_more_bytes_than_there_is_room_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
