/* test_consent.c - what a replay of the journal does to a person's consents, act by act: it never
 * gives back what was taken, and never takes what was given later. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "consent/consent.h"
#include "crypto/crypto.h"

#define SCOPE 77u

static struct kept_subject s;
static struct kept_subject_keys keys;

static int fresh(void **state)
{
    (void)state;
    assert_int_equal(kept_crypto_init(), 0);
    kept_subject_init(&s, &keys);
    assert_int_equal(kept_subject_make(&s, 1, 1, 1000, NULL), 0);
    s.context.version = 10;
    return 0;
}

static int gone(void **state)
{
    (void)state;
    kept_subject_release(&s);
    return 0;
}

static void row(uint8_t scope_kind, uint32_t scope, uint8_t kind, uint8_t what, kept_ms at)
{
    const struct kept_consent_row r = {.scope_kind = scope_kind, .kind = kind, .state = what,
                                       .scope = scope, .at = at};
    assert_int_equal(kept_subject_add_consent(&s, &r, NULL), 0);
}

static bool replay(enum kept_obligation kind, uint8_t scope_kind, uint32_t scope, kept_ms at,
                   uint64_t version)
{
    const struct kept_journal_row j = {.kind = kind, .at = at, .version = version,
                                       .scope_kind = scope_kind, .scope = scope};
    bool changed = true;
    assert_int_equal(kept_consent_replay(&s, &j, &changed, NULL), 0);
    return changed;
}

static uint8_t state_of(uint8_t scope_kind, uint32_t scope)
{
    const struct kept_consent_row *r = kept_subject_consent(&s, scope_kind, scope, KEPT_C_EXPLICIT);
    return r == NULL ? 0 : r->state;
}

static void test_an_older_grant_falls(void **state)
{
    (void)state;
    row(KEPT_K_FUNCTION, SCOPE, KEPT_C_SEPARATE, KEPT_CS_GRANTED, 2000);
    assert_true(replay(KEPT_J_WITHDRAW, KEPT_K_FUNCTION, SCOPE, 3000, 12));
    assert_int_equal(state_of(KEPT_K_FUNCTION, SCOPE), KEPT_CS_WITHDRAWN);
    assert_false(replay(KEPT_J_WITHDRAW, KEPT_K_FUNCTION, SCOPE, 3000, 12)); /* once */
}

static void test_a_later_grant_stands(void **state)
{
    (void)state;
    row(KEPT_K_FUNCTION, SCOPE, KEPT_C_SEPARATE, KEPT_CS_GRANTED, 4000);
    assert_false(replay(KEPT_J_WITHDRAW, KEPT_K_FUNCTION, SCOPE, 3000, 12));
    assert_int_equal(state_of(KEPT_K_FUNCTION, SCOPE), KEPT_CS_GRANTED);
}

/* Of two acts in one millisecond the version tells which came first. */
static void test_the_same_millisecond(void **state)
{
    (void)state;
    row(KEPT_K_FUNCTION, SCOPE, KEPT_C_SEPARATE, KEPT_CS_GRANTED, 3000);
    assert_false(replay(KEPT_J_WITHDRAW, KEPT_K_FUNCTION, SCOPE, 3000, 10)); /* before the grant */
    assert_true(replay(KEPT_J_WITHDRAW, KEPT_K_FUNCTION, SCOPE, 3000, 11));  /* lost in a restore */
    assert_int_equal(state_of(KEPT_K_FUNCTION, SCOPE), KEPT_CS_WITHDRAWN);
}

static void test_what_was_never_granted_is_withdrawn(void **state)
{
    (void)state;
    assert_true(replay(KEPT_J_WITHDRAW, KEPT_K_ITEM, SCOPE, 3000, 12));
    assert_int_equal(state_of(KEPT_K_ITEM, SCOPE), KEPT_CS_WITHDRAWN);
    assert_true(replay(KEPT_J_REFUSE, KEPT_K_RECIPIENT, SCOPE, 3000, 13));
    assert_int_equal(state_of(KEPT_K_RECIPIENT, SCOPE), KEPT_CS_REFUSED);
    assert_int_equal(s.context.state, KEPT_S_LIVE);
}

static void test_withdrawing_everything(void **state)
{
    (void)state;
    row(KEPT_K_NONE, 0, KEPT_C_ACKNOWLEDGEMENT, KEPT_CS_GRANTED, 1500);
    row(KEPT_K_FUNCTION, SCOPE, KEPT_C_SEPARATE, KEPT_CS_GRANTED, 2000);
    row(KEPT_K_PURPOSE, SCOPE, KEPT_C_EXPLICIT, KEPT_CS_GRANTED, 2000);
    assert_true(replay(KEPT_J_WITHDRAW, KEPT_K_NONE, 0, 3000, 12));
    assert_int_equal(state_of(KEPT_K_FUNCTION, SCOPE), KEPT_CS_WITHDRAWN);
    assert_int_equal(state_of(KEPT_K_PURPOSE, SCOPE), KEPT_CS_WITHDRAWN);
    assert_int_equal(state_of(KEPT_K_NONE, 0), KEPT_CS_WITHDRAWN);
    assert_non_null(kept_subject_consent(&s, KEPT_K_NONE, 0, KEPT_C_ACKNOWLEDGEMENT));
}

static void test_refusing_everything(void **state)
{
    (void)state;
    row(KEPT_K_NONE, 0, KEPT_C_ACKNOWLEDGEMENT, KEPT_CS_GRANTED, 2000);
    assert_true(replay(KEPT_J_REFUSE, KEPT_K_NONE, 0, 3000, 12));
    assert_int_equal(s.context.state, KEPT_S_REFUSED);
    assert_int_equal(state_of(KEPT_K_NONE, 0), KEPT_CS_REFUSED);
}

static void test_a_refusal_that_has_ended(void **state)
{
    (void)state;
    row(KEPT_K_NONE, 0, KEPT_C_ACKNOWLEDGEMENT, KEPT_CS_GRANTED, 4000);
    assert_false(replay(KEPT_J_REFUSE, KEPT_K_NONE, 0, 3000, 12));
    assert_false(replay(KEPT_J_REFUSE, KEPT_K_NONE, 0, 4000, 10));
    assert_int_equal(s.context.state, KEPT_S_LIVE);
    assert_int_equal(state_of(KEPT_K_NONE, 0), 0);
}

static void test_the_limit_of_rows(void **state)
{
    struct kept_err err = {0};
    (void)state;
    for (uint32_t i = 0; i < KEPT_MAX_CONSENTS; i++)
        row(KEPT_K_ITEM, i + 1, KEPT_C_EXPLICIT, KEPT_CS_GRANTED, 2000);
    const struct kept_consent_row more = {.scope_kind = KEPT_K_ITEM, .kind = KEPT_C_EXPLICIT,
                                          .state = KEPT_CS_GRANTED, .scope = 100000};
    assert_int_equal(kept_subject_add_consent(&s, &more, &err), KEPT_E_LIMIT);
    row(KEPT_K_ITEM, 5, KEPT_C_EXPLICIT, KEPT_CS_WITHDRAWN, 3000); /* one that is there */
    kept_subject_drop_consent(&s, kept_subject_consent(&s, KEPT_K_ITEM, 7, KEPT_C_EXPLICIT));
    assert_int_equal(state_of(KEPT_K_ITEM, 7), 0);
    assert_int_equal(state_of(KEPT_K_ITEM, 8), KEPT_CS_GRANTED);
    assert_int_equal(kept_subject_add_consent(&s, &more, &err), 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, fresh, gone)
    const struct CMUnitTest tests[] = {
        TEST(test_an_older_grant_falls),
        TEST(test_a_later_grant_stands),
        TEST(test_the_same_millisecond),
        TEST(test_what_was_never_granted_is_withdrawn),
        TEST(test_withdrawing_everything),
        TEST(test_refusing_everything),
        TEST(test_a_refusal_that_has_ended),
        TEST(test_the_limit_of_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
