/* test_subject.c - a head as bytes: what goes in comes out, every changed bit and every foreign
 * place is found, and erasing leaves no key it should not. */
#include "../aid/world.h"

#include <sys/stat.h>

#include "base/limits.h"
#include "store/store.h"
#include "subject/subject.h"

#define T0 ((kept_ms)1767600000000)

static char dir[64], keyring_dir[80], root_path[80];
static struct kept_keyring *ring;
static struct kept_subject s, t; /* t: what is opened again */
static struct kept_subject_keys *keys;
static struct kept_err err;

static int up(void **state)
{
    struct kept_root *root = NULL;
    (void)state;
    (void)snprintf(dir, sizeof dir, "/tmp/kept-subject-XXXXXX");
    assert_int_equal(kept_crypto_init(), 0);
    assert_non_null(mkdtemp(dir));
    (void)snprintf(keyring_dir, sizeof keyring_dir, "%s/keyring", dir);
    (void)snprintf(root_path, sizeof root_path, "%s/root", dir);
    assert_int_equal(mkdir(keyring_dir, 0700), 0);
    assert_int_equal(kept_root_create(root_path, &err), 0);
    assert_int_equal(kept_root_load(root_path, &root, &err), 0);
    assert_int_equal(kept_keyring_create(keyring_dir, "shop", root, T0, &err), 0);
    assert_int_equal(kept_keyring_open(keyring_dir, "shop", root, &ring, &err), 0);
    kept_root_free(root);
    keys = kept_secret_new(2 * sizeof *keys);
    assert_non_null(keys);
    kept_subject_init(&s, &keys[0]);
    kept_subject_init(&t, &keys[1]);
    return 0;
}

static int down(void **state)
{
    (void)state;
    kept_subject_release(&s);
    kept_subject_release(&t);
    kept_secret_free(keys);
    kept_keyring_close(ring);
    world_remove(dir);
    return 0;
}

static void make(void)
{
    assert_int_equal(kept_subject_make(&s, 3, 42, T0, &err), 0);
    assert_int_equal(kept_subject_class(&s, KEPT_CLASS_SENSITIVE, &err), 0);
    s.context.policy_version = 2;
    s.context.notice_version = 1;
    s.context.birth_day = 7000;
    s.context.version = 300;
    const struct kept_consent_row consent = {.scope_kind = KEPT_K_ITEM, .kind = KEPT_C_SEPARATE,
                                             .state = KEPT_CS_GRANTED, .scope = 9, .at = T0,
                                             .expires = T0 + 5, .policy_version = 2,
                                             .text_hash = {1, 2, 3}};
    const struct kept_permission_row permission = {.ref = 8, .on = 1, .reported_by = 1, .at = T0};
    const struct kept_launch_row launch = {5, 6, 7};
    assert_int_equal(kept_subject_add_consent(&s, &consent, &err), 0);
    assert_int_equal(kept_subject_set_permission(&s, &permission, &err), 0);
    assert_int_equal(kept_subject_set_launch(&s, &launch, &err), 0);
}

static int open_bytes(uint32_t app, uint64_t key, struct kept_span body)
{
    struct kept_head head;
    int rc = kept_head_decode(key, body, &head);
    return rc != 0 ? rc : kept_subject_open(&t, ring, app, key, &head, &err);
}

static void test_what_goes_in_comes_out(void **state)
{
    struct kept_buf body;
    (void)state;
    make();
    kept_buf_init(&body, KEPT_MAX_CONTEXT_BYTES);
    assert_int_equal(kept_subject_seal(&s, ring, &body, &err), 0);
    assert_int_equal(open_bytes(3, s.key, kept_buf_span(&body)), 0);
    assert_memory_equal(&t.id, &s.id, sizeof s.id);
    assert_int_equal(t.context.version, 300);
    assert_int_equal(t.context.birth_day, 7000);
    assert_int_equal(t.context.consent_count, 1);
    assert_memory_equal(&t.consents[0], &s.consents[0], sizeof s.consents[0]);
    assert_int_equal(t.permissions[0].ref, 8);
    assert_int_equal(t.launches[0].launch, 7);
    assert_memory_equal(t.keys->data, s.keys->data, sizeof s.keys->data);
    assert_memory_equal(t.keys->trace, s.keys->trace, sizeof s.keys->trace);
    /* Two seals of one state share nothing but what is in the clear. */
    struct kept_buf again;
    kept_buf_init(&again, KEPT_MAX_CONTEXT_BYTES);
    assert_int_equal(kept_subject_seal(&s, ring, &again, &err), 0);
    assert_memory_not_equal(body.p + body.n - 32, again.p + again.n - 32, 32);
    kept_buf_release(&again);
    kept_buf_release(&body);
}

static bool is_zero(const void *p, size_t n)
{
    const uint8_t *b = p;
    for (size_t i = 0; i < n; i++)
        if (b[i] != 0)
            return false;
    return true;
}

/* A shell keeps its memory, and nothing of whom it served. */
static void test_a_shell_forgets(void **state)
{
    (void)state;
    make();
    assert_false(is_zero(s.permissions, sizeof *s.permissions));
    assert_int_equal(kept_subject_make(&s, 3, 43, T0, &err), 0);
    assert_true(is_zero(s.consents, s.consent_cap * sizeof *s.consents));
    assert_true(is_zero(s.permissions, s.permission_cap * sizeof *s.permissions));
    assert_true(is_zero(s.launches, s.launch_cap * sizeof *s.launches));
    make();
    kept_subject_erase(&s, T0); /* and an erased person's rows are gone at once */
    assert_true(is_zero(s.consents, s.consent_cap * sizeof *s.consents));
    assert_true(is_zero(s.permissions, s.permission_cap * sizeof *s.permissions));
    make();
    kept_subject_drop_consent(&s, &s.consents[0]);
    kept_subject_drop_permission(&s, 77); /* not there: nothing */
    assert_int_equal(s.context.permission_count, 1);
    kept_subject_drop_permission(&s, 8);
    assert_int_equal(s.context.permission_count, 0);
    assert_true(is_zero(s.consents, s.consent_cap * sizeof *s.consents));
    assert_true(is_zero(s.permissions, s.permission_cap * sizeof *s.permissions));
}

static void test_every_bit_and_every_place(void **state)
{
    struct kept_buf body;
    (void)state;
    make();
    kept_buf_init(&body, KEPT_MAX_CONTEXT_BYTES);
    assert_int_equal(kept_subject_seal(&s, ring, &body, &err), 0);
    for (size_t bit = 0; bit < body.n * 8; bit++) {
        body.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (open_bytes(3, s.key, kept_buf_span(&body)) == 0)
            fail_msg("bit %zu makes no difference", bit);
        body.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t n = 0; n < body.n; n++)
        assert_int_not_equal(open_bytes(3, s.key, (struct kept_span){body.p, n}), 0);
    assert_int_equal(open_bytes(4, s.key, kept_buf_span(&body)), KEPT_E_CORRUPT);
    assert_int_equal(open_bytes(3, KEPT_KEY(3, 43, 0), kept_buf_span(&body)), KEPT_E_CORRUPT);
    body.p[0] = 2;
    assert_int_equal(open_bytes(3, s.key, kept_buf_span(&body)), KEPT_E_FORMAT);
    kept_buf_release(&body);
}

static void test_ids(void **state)
{
    uint64_t key = 0;
    (void)state;
    make();
    assert_int_equal(kept_subject_key(&s.id, 3, &key), 0);
    assert_int_equal(key, s.key);
    assert_int_equal(key, KEPT_KEY(3, 42, 0));
    assert_int_equal(kept_subject_key(&s.id, 4, &key), KEPT_E_NOTFOUND);
    assert_int_equal(kept_subject_make(&s, 0, 1, T0, &err), KEPT_E_LIMIT);
    assert_int_equal(kept_subject_make(&s, KEPT_MAX_APPS + 1, 1, T0, &err), KEPT_E_LIMIT);
    assert_int_equal(kept_subject_make(&s, 1, 1ull << 33, T0, &err), KEPT_E_LIMIT);
}

static void test_erasing_destroys_keys(void **state)
{
    static const uint8_t zero[KEPT_KEY_BYTES];
    struct kept_buf body;
    (void)state;
    make();
    kept_buf_init(&body, KEPT_MAX_CONTEXT_BYTES);
    kept_subject_erase(&s, T0 + 9);
    for (unsigned i = 0; i < KEPT_CLASSES; i++) {
        assert_int_equal(s.keys->generation[i], 0);
        assert_memory_equal(s.keys->data[i], zero, sizeof zero);
    }
    assert_true(s.keys->has_trace);
    assert_int_equal(kept_subject_seal(&s, ring, &body, &err), 0);
    assert_int_equal(open_bytes(3, s.key, kept_buf_span(&body)), 0);
    assert_int_equal(t.context.state, KEPT_S_ERASED);
    assert_int_equal(t.erased_at, T0 + 9);
    assert_int_equal(t.context.consent_count + t.context.permission_count + t.dir_count, 0);
    assert_int_equal(t.context.birth_day, KEPT_BIRTH_UNKNOWN);
    kept_buf_release(&body);
}

static void test_rewrapping(void **state)
{
    struct kept_buf body;
    struct kept_head head;
    uint32_t destroyed = 0;
    (void)state;
    make();
    kept_buf_init(&body, KEPT_MAX_CONTEXT_BYTES);
    assert_int_equal(kept_subject_seal(&s, ring, &body, &err), 0);
    assert_int_equal(kept_keyring_rotate(ring, T0 + 1, 10, &err), 0);
    assert_int_equal(open_bytes(3, s.key, kept_buf_span(&body)), 0); /* within the window */
    struct kept_buf fresh;
    kept_buf_init(&fresh, KEPT_MAX_CONTEXT_BYTES);
    kept_subject_rewrap(&t, kept_keyring_epoch(ring));
    assert_int_equal(kept_subject_seal(&t, ring, &fresh, &err), 0);
    assert_int_equal(kept_head_decode(s.key, kept_buf_span(&fresh), &head), 0);
    assert_int_equal(head.epoch, 2);
    assert_int_equal(kept_keyring_destroy_due(ring, T0 + 11, &destroyed, &err), 0);
    assert_int_equal(destroyed, 1);
    assert_int_equal(open_bytes(3, s.key, kept_buf_span(&body)), KEPT_E_NOTFOUND);
    assert_int_equal(open_bytes(3, s.key, kept_buf_span(&fresh)), 0);
    kept_buf_release(&fresh);
    kept_buf_release(&body);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, up, down)
    const struct CMUnitTest tests[] = {
        TEST(test_what_goes_in_comes_out),
        TEST(test_a_shell_forgets),
        TEST(test_every_bit_and_every_place),
        TEST(test_ids),
        TEST(test_erasing_destroys_keys),
        TEST(test_rewrapping),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
