/* test_full.c - the disk is full in the middle of an import, or memory is, for a moment or until somebody
 * makes room: a clear error, nothing lost that was acknowledged, no row left out, none taken twice. */
#include "../aid/world.h"

#include <errno.h>

#include "../aid/disk.h"
#include "../aid/scarce.h"
#include "transfer/transfer.h"

#define ROWS 800u
#define GROWS (DISK_CREATE | DISK_WRITE | DISK_TRUNCATE)

static const char mapping_text[] =
    "kept-mapping: 1\n"
    "source: a list\n"
    "person: {key: contact-phone}\n"
    "consents:\n"
    "  - {kind: acknowledgement, given: {value: 2026-01-03}, version: {value: \"1\"}, evidence: {value: list}}\n"
    "  - {kind: explicit, function: feedback, given: {value: 2026-01-03}, version: {value: \"1\"}, evidence: {value: list}}\n"
    "collect:\n"
    "  - {function: feedback, facts: [user-action], items: {contact-phone: phone, message: text}}\n";

static struct kept_mapping *mapping;
static char list[WORLD_PATH];

static void up(struct world *w)
{
    struct kept_findings findings = {0};
    char *policy = world_load("policies/widgets.yaml");
    world_up(w);
    w->app = "widgets";
    ALLOWS(w, .op = KEPT_OP_POLICY_PUBLISH, .text = policy, .at = WORLD_T0 - 3 * KEPT_DAY);
    free(policy);
    assert_int_equal(kept_mapping_read(world_text(mapping_text), &mapping, &findings, &w->err), 0);
    kept_findings_release(&findings);
    world_beside(w, list, "list.csv");
    FILE *f = fopen(list, "w");
    assert_non_null(f);
    (void)fputs("phone,text\n", f);
    for (unsigned i = 0; i < ROWS; i++)
        (void)fprintf(f, "13%09u,text %u\n", i, i);
    assert_int_equal(fclose(f), 0);
}

static void down(struct world *w)
{
    kept_mapping_free(mapping);
    world_down(w);
}

static int import(struct world *w, struct kept_import_state *state)
{
    const struct kept_import_options o = {.path = list, .mapping = mapping, .format = KEPT_ROWS_CSV,
                                          .app = w->app, .actor = "import", .consents = true};
    memset(&w->err, 0, sizeof w->err);
    return kept_import(w->kept, &o, state, &w->err);
}

static void everybody_came_once(struct world *w)
{
    assert_int_equal(world_number(w, "people_ever"), ROWS);
    for (unsigned i = 0; i < ROWS; i += 7) {
        char phone[16];
        (void)snprintf(phone, sizeof phone, "13%09u", i);
        const struct kept_field field = world_field("contact-phone", phone);
        struct kept_reply *reply = ASK(w, .op = KEPT_OP_SUBJECT_FIND, .fields = &field, .field_count = 1);
        if (reply->decision != KEPT_ALLOW)
            fail_msg("row %u was left out", i + 1);
        kept_reply_free(reply);
    }
    world_check(w);
}

/* After a run that ended with rc: the same command again, with room. */
static void goes_on(struct world *w, struct kept_import_state *state, int rc, long n)
{
    const uint64_t told = state->people_new;
    if (rc != 0)
        assert_true(w->err.text[0] != 0);
    assert_int_equal(state->rows, state->taken + state->in_part + state->refused);
    assert_int_equal(state->refused, 0); /* what failed is no row's fault */
    kept_import_release(state);
    world_reopen(w);
    const uint64_t there = world_number(w, "people_ever");
    if (there < told)
        fail_msg("failure %ld: %lu rows were acknowledged, %lu are there", n, (unsigned long)told,
                 (unsigned long)there);
    rc = import(w, state);
    if (rc != 0)
        fail_msg("failure %ld: with room again: %d %s", n, rc, w->err.text);
    assert_int_equal(state->refused, 0);
    kept_import_release(state);
    everybody_came_once(w);
}

/* The nth change of the disk says that it is full. Returns false when there were not so many. */
static bool full_at(long n, bool lasting)
{
    struct world w;
    struct kept_import_state state;
    up(&w);
    disk_fail(w.dir, GROWS, n, ENOSPC, lasting);
    int rc = import(&w, &state);
    const bool failed = disk_failed() > 0;
    disk_fail_off();
    if (rc != 0 && rc != KEPT_E_IO && rc != KEPT_E_UNSETTLED)
        fail_msg("change %ld: %d %s", n, rc, w.err.text);
    goes_on(&w, &state, rc, n);
    down(&w);
    return failed;
}

/* The nth allocation gets no memory; the next one does. */
static bool no_memory_at(long n)
{
    struct world w;
    struct kept_import_state state;
    up(&w);
    scarce_begin(n, true);
    int rc = import(&w, &state);
    const bool failed = scarce_failed() > 0;
    scarce_end();
    if (rc != 0 && rc != KEPT_E_NOMEM && rc != KEPT_E_UNSETTLED && rc != KEPT_E_IO)
        fail_msg("allocation %ld: %d %s", n, rc, w.err.text);
    goes_on(&w, &state, rc, n);
    down(&w);
    return failed;
}

static void goes_on_when_there_is_room_again(void **state)
{
    (void)state;
    for (long n = 0; full_at(n, true); n = n * 3 / 2 + 1)
        ;
}

static void a_moment_without_room_leaves_no_row_out(void **state)
{
    (void)state;
    for (long n = 0; full_at(n, false); n = n * 3 / 2 + 1)
        ;
}

/* Single rows fail here, and others of the same transaction do not. */
static void nor_does_a_moment_without_memory(void **state)
{
    (void)state;
    for (long n = 100; no_memory_at(n); n = n * 3 / 2 + 1)
        ;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_on_when_there_is_room_again),
        cmocka_unit_test(a_moment_without_room_leaves_no_row_out),
        cmocka_unit_test(nor_does_a_moment_without_memory),
    };
    return cmocka_run_group_tests(tests, scarce_hook_up, NULL);
}
