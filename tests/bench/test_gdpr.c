/* test_gdpr.c - are the records of GDPRbench what the original makes, and does the oracle see every
 * wrong answer? */
#include <openssl/sha.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "../../bench/gdpr.h"

static const struct gdpr_size size = {10000, 25, 10000};

static void line(uint32_t n, char out[512])
{
    char text[GDPR_TEXT], data[GDPR_DATA + 1];
    gdpr_text(G_KEY, n, text);
    size_t used = (size_t)snprintf(out, 512, "%s", text);
    for (unsigned f = 0; f < G_META; f++) {
        gdpr_text((enum gdpr_field)f, gdpr_index(&size, (enum gdpr_field)f, n), text);
        used += (size_t)snprintf(out + used, 512 - used, "|%s", text);
    }
    gdpr_data(n, data);
    (void)snprintf(out + used, 512 - used, "|%s\n", data);
}

/* Three records as the original printed them, and the SHA-256 of its first 20 000, a line each. */
static void records_are_the_originals(void **state)
{
    static const struct {
        uint32_t n;
        const char *line;
    } known[] = {
        {0, "key0|purpose0|30|user0|obj0|dec0|acl0|shr0|src0|cat0|"
            "048014817240-2703920810-26619546066112026801581051900-12081154720-14349854240121211521503104517100-3\n"},
        {7, "key7|purpose7|22000|user7|obj7|dec1|acl7|shr7|src7|cat7|"
            "75571691136714619555527-12442564487-1240784956716123523307-1287017689720752287207340999187-749114664\n"},
        {12345, "key12345|purpose20|18000|user2345|obj45|dec1|acl5|shr5|src5|cat5|"
                "123454679275512345160821400712345-119272312312345-167176636812345-163669323912345-85428124912345-594\n"},
    };
    static const uint8_t want[SHA256_DIGEST_LENGTH] = {
        0xe2, 0x2f, 0xd8, 0xc7, 0x69, 0x8c, 0x23, 0xe5, 0x5d, 0xd9, 0x4e, 0x2f, 0x51, 0xaf, 0x49, 0x37,
        0x8d, 0x84, 0x62, 0x11, 0x05, 0x1b, 0x9f, 0x30, 0xf9, 0x70, 0xf1, 0x85, 0xd7, 0x5f, 0xdf, 0x1a};
    char text[512], *all = bench_alloc(20000, sizeof text);
    uint8_t got[SHA256_DIGEST_LENGTH];
    size_t used = 0;
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        line(known[i].n, text);
        assert_string_equal(text, known[i].line);
    }
    for (uint32_t n = 0; n < 20000; n++) {
        line(n, text);
        used += (size_t)snprintf(all + used, sizeof text, "%s", text);
    }
    (void)SHA256((const uint8_t *)all, used, got);
    assert_memory_equal(got, want, sizeof want);
    free(all);
}

/* The original's hash of 0 and 1234567; and the zipfian's first rank, once in zeta draws. */
static void keys_are_drawn_as_the_originals(void **state)
{
    struct bench_random r = {5};
    uint32_t often = 0, first = (uint32_t)(gdpr_scatter(0) % 10001);
    (void)state;
    assert_true(gdpr_scatter(0) == 6284781860667377211);
    assert_true(gdpr_scatter(1234567) == 4406382118621181934);
    assert_int_equal(gdpr_rank(0), 0);
    assert_int_equal(gdpr_rank(1.2 / GDPR_ZETA), 1);
    assert_true(gdpr_rank(0.9999999) > 9000000000u && gdpr_rank(0.9999999) <= 10000000000u);
    for (int i = 0; i < 100000; i++)
        often += gdpr_choose(&r, true, 10000, 10001) == first;
    assert_in_range(often, 3500, 4060); /* 100 000 / 26.469 is 3778; five standard deviations */
    for (int i = 0; i < 100000; i++)
        assert_in_range(gdpr_choose(&r, false, 90, 100), 0, 89);
}

/* ---- the oracle ---- */

/* In a child, because a wrong answer ends the program. */
static int verdict(const struct gdpr_oracle *o, const struct gdpr_pick *pick, struct gdpr_rows *rows)
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        (void)fclose(stderr);
        oracle_check(o, pick, GDPR_WANT_META | GDPR_WANT_DATA, rows, "test");
        _exit(0);
    }
    assert_true(waitpid(pid, &status, 0) == pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void answer(struct gdpr_rows *rows, const uint32_t *numbers, size_t count)
{
    rows->count = count;
    for (size_t i = 0; i < count; i++) {
        rows->rows[i].n = numbers[i];
        for (unsigned f = 0; f < G_META; f++)
            gdpr_text((enum gdpr_field)f, gdpr_index(&size, (enum gdpr_field)f, numbers[i]),
                      rows->rows[i].meta[f]);
        gdpr_data(numbers[i], rows->rows[i].data);
    }
}

static void oracle_sees_wrong_answers(void **state)
{
    static const uint32_t right[] = {75, 0, 50, 25}, few[] = {0, 25, 50}, other[] = {0, 25, 50, 76};
    static const uint32_t more[] = {0, 25, 50, 75, 100};
    const struct gdpr_pick purpose = {G_PUR, 0}, key = {G_KEY, 25};
    struct gdpr_truth truths[100];
    struct gdpr_row room[8];
    struct gdpr_oracle o = {&size, truths, 0};
    struct gdpr_rows rows = {room, 0};
    (void)state;
    for (uint32_t n = 0; n < 100; n++)
        oracle_create(&o, n);
    answer(&rows, right, 4);
    assert_int_equal(verdict(&o, &purpose, &rows), 0);
    answer(&rows, few, 3);
    assert_int_equal(verdict(&o, &purpose, &rows), 1);
    answer(&rows, other, 4);
    assert_int_equal(verdict(&o, &purpose, &rows), 1);
    answer(&rows, more, 5);
    assert_int_equal(verdict(&o, &purpose, &rows), 1);
    answer(&rows, right, 4);
    rows.rows[1].data[99] ^= 1;
    assert_int_equal(verdict(&o, &purpose, &rows), 1);
    answer(&rows, right, 4);
    rows.rows[2].meta[G_OBJ][0] ^= 1;
    assert_int_equal(verdict(&o, &purpose, &rows), 1);
    /* What is changed and deleted is known. */
    assert_int_equal(oracle_set(&o, &key, G_OBJ, 3), 1);
    answer(&rows, right, 4);
    assert_int_equal(verdict(&o, &purpose, &rows), 1);
    assert_int_equal(oracle_remove(&o, &key), 1);
    assert_int_equal(oracle_remove(&o, &key), 0);
    answer(&rows, (const uint32_t[]){0, 50, 75}, 3);
    assert_int_equal(verdict(&o, &purpose, &rows), 0);
    /* A tenth is over after 31 hours. */
    gdpr_skew = 31 * (kept_ms)GDPR_HOUR;
    assert_int_equal(oracle_remove(&o, &(struct gdpr_pick){G_TTL, 0}), 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_the_originals),
        cmocka_unit_test(keys_are_drawn_as_the_originals),
        cmocka_unit_test(oracle_sees_wrong_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
