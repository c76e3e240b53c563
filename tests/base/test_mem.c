/* test_mem.c - what a library kept of people's values is not in memory that it gave back. */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

#define NEEDLE "13800138000"

static unsigned given, found;

void __real_free(void *p);
void __wrap_free(void *p);

/* Every block of kept's passes here as it goes. */
void __wrap_free(void *p)
{
    given += p != NULL;
    found += p != NULL && memmem(p, malloc_usable_size(p), NEEDLE, strlen(NEEDLE)) != NULL;
    __real_free(p);
}

static void test_wiped(void **state)
{
    static const size_t sizes[] = {sizeof NEEDLE, 100, 4096, 100000};
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        const uint8_t zero[16] = {0};
        char *p = kept_wiped_alloc(sizes[i]);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
        assert_memory_equal(p, zero, sizeof NEEDLE);
        memcpy(p, NEEDLE, sizeof NEEDLE);
        memcpy(p + sizes[i] - sizeof NEEDLE, NEEDLE, sizeof NEEDLE); /* to the last byte */
        kept_wiped_free(p);
    }
    assert_int_equal(given, 4);
    assert_int_equal(found, 0);
    /* One that is only freed is seen: so this test can fail. */
    char *p = kept_strdup(NEEDLE);
    assert_non_null(p);
    kept_free(p);
    assert_int_equal(found, 1);
}

static void test_refused(void **state)
{
    (void)state;
    given = 0;
    assert_null(kept_wiped_alloc(SIZE_MAX));
    assert_null(kept_wiped_alloc(SIZE_MAX - sizeof(max_align_t) + 1));
    char *none = kept_wiped_alloc(0);
    assert_non_null(none);
    kept_wiped_free(none);
    kept_wiped_free(NULL);
    assert_int_equal(given, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_wiped), cmocka_unit_test(test_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
