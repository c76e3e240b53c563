/* test_map.c - the map of the memory engine: against a plain sorted list, with old states kept. */
#include "store_aid.h"

#include "store/map.h"

#define KEYS 200
#define STATES 16

/* A state by hand: which keys are there, and with what. */
struct plain {
    bool there[KEYS];
    uint32_t value[KEYS];
    struct kept_map *map;
};

/* Keys of different lengths, some of which begin others. In the order of bytes. */
static struct kept_span key_of(unsigned i)
{
    static uint8_t bytes[KEYS][3];
    bytes[i][0] = (uint8_t)(i / 20);
    bytes[i][1] = (uint8_t)(i % 20 / 2);
    bytes[i][2] = 0;
    return (struct kept_span){bytes[i], 2 + i % 2};
}

static void compare(const struct plain *p)
{
    struct kept_map_row row;
    uint64_t bytes = 0;
    unsigned seen = 0;
    for (unsigned i = 0; i < KEYS; i++) {
        struct kept_span value = {0};
        const bool found = kept_map_get(p->map, key_of(i), &value);
        assert_int_equal(found, p->there[i]);
        if (found)
            assert_memory_equal(value.p, &p->value[i], 4);
        unsigned next = i;
        while (next < KEYS && !p->there[next])
            next++;
        assert_int_equal(kept_map_first(p->map, key_of(i), &row), next < KEYS);
        if (next < KEYS) {
            assert_int_equal(row.key.n, key_of(next).n);
            assert_memory_equal(row.key.p, key_of(next).p, row.key.n);
        }
        seen += p->there[i];
    }
    bytes = kept_map_bytes(p->map);
    assert_true(seen == 0 ? bytes == 0 : bytes > seen * 6 && bytes < seen * 200);
}

static void change(struct plain *p, uint64_t *random)
{
    const unsigned i = (unsigned)(aid_random(random) % KEYS);
    struct kept_map *next = NULL;
    if (aid_random(random) % 3 == 0) {
        const int rc = kept_map_remove(p->map, key_of(i), &next);
        assert_int_equal(rc, p->there[i] ? 0 : KEPT_E_NOTFOUND);
        p->there[i] = false;
        if (rc != 0)
            return;
    } else {
        p->value[i] = (uint32_t)aid_random(random);
        p->there[i] = true;
        const uint8_t *v = (const uint8_t *)&p->value[i];
        const struct kept_span parts[] = {{v, 1}, {NULL, 0}, {v + 1, 3}};
        assert_int_equal(kept_map_put(p->map, key_of(i), parts, 3, &next), 0);
    }
    kept_map_drop(p->map);
    p->map = next;
}

/* Old states stay what they were, whatever is done to new ones. */
static void agrees_with_a_list(void **state)
{
    (void)state;
    static struct plain states[STATES];
    uint64_t random = 20261122;
    for (unsigned round = 0; round < 20000; round++) {
        struct plain *p = &states[aid_random(&random) % STATES];
        if (aid_random(&random) % 50 == 0) { /* a copy of another state */
            const struct plain *from = &states[aid_random(&random) % STATES];
            struct kept_map *map = kept_map_keep(from->map);
            kept_map_drop(p->map);
            *p = *from;
            p->map = map;
        }
        change(p, &random);
        if (round % 100 == 0)
            for (unsigned i = 0; i < STATES; i++)
                compare(&states[i]);
    }
    for (unsigned i = 0; i < STATES; i++) {
        kept_map_drop(states[i].map);
        states[i].map = NULL;
    }
}

/* Rising, falling: what an unbalanced tree could not bear (the way down is at most 64 steps). */
static void keys_in_order(void **state)
{
    (void)state;
    const uint32_t n = 200000;
    for (int falling = 0; falling < 2; falling++) {
        struct kept_map *map = NULL, *next = NULL;
        struct kept_map_row row;
        for (uint32_t i = 0; i < n; i++) {
            uint8_t key[4];
            kept_put_be32(key, falling ? n - i : i);
            assert_int_equal(kept_map_put(map, (struct kept_span){key, 4}, NULL, 0, &next), 0);
            kept_map_drop(map);
            map = next;
        }
        for (uint32_t i = 0; i < n; i++) {
            assert_true(kept_map_first(map, (struct kept_span){NULL, 0}, &row));
            assert_int_equal(kept_be32(row.key.p), falling ? i + 1 : i);
            assert_int_equal(kept_map_remove(map, row.key, &next), 0);
            kept_map_drop(map);
            map = next;
        }
        assert_null(map);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_a_list),
        cmocka_unit_test(keys_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
