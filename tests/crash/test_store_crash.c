/* test_store_crash.c - the power goes at any moment: what the store has acknowledged is there, what
 * it has not is there whole or not at all. And every sync is needed: without it an image shows the
 * loss. Last, the same by kill -9. */
#include "../aid/sampled.h"
#include "crash_aid.h"

#include <signal.h>
#include <sys/wait.h>

#include "store/sql_int.h"

#define STEPS 60
#define ROWS 6
#define COUNTER 0

static const struct kept_id id_of_test = {{9, 9}};

/* ---- the work: step n turns the state after n - 1 steps into the state after n -----------------*/

static size_t size_of(uint64_t step, uint64_t row)
{
    return (size_t)(40 + (step * 37 + row * 911) % 300 + (row == 5 ? step * 200 : 0));
}

/* Sixteen bytes that stand in row 2 of a step and nowhere else. */
static void needle_of(uint64_t step, uint8_t ret_needle[16])
{
    uint64_t v = step;
    for (size_t i = 0; i < 16; i++) {
        v = v * 6364136223846793005u + 1442695040888963407u;
        ret_needle[i] = (uint8_t)(v >> 56);
    }
}

static struct kept_span body_of(uint64_t step, uint64_t row)
{
    static uint8_t body[40000];
    size_t n = size_of(step, row);
    for (size_t i = 0; i < n; i++)
        body[i] = (uint8_t)(step * 31 + row * 7 + i);
    if (row == 2)
        needle_of(step, body + 8);
    return (struct kept_span){body, n};
}

/* The step that last wrote this row of that step's, after n steps; 0: it is not there. Every third
 * step deletes what the step five before it wrote; every fourth rewrites row 1 of the one before. */
static uint64_t writer_of(uint64_t n, uint64_t step, uint64_t row)
{
    if (step > n || (step + 5 <= n && (step + 5) % 3 == 0))
        return 0;
    return row == 1 && step + 1 <= n && (step + 1) % 4 == 0 ? step + 1 : step;
}

static int step_work(struct kept_store *s, uint64_t n, struct kept_err *err)
{
    uint8_t token[16] = {(uint8_t)n}, count[8];
    uint64_t seq;
    uint32_t deleted;
    int rc = kept_store_begin_write(s, err);
    kept_put_be64(count, n);
    if (rc == 0)
        rc = kept_cell_put(s, COUNTER, (struct kept_span){count, 8}, err);
    for (uint64_t row = 0; rc == 0 && row < ROWS; row++)
        rc = kept_cell_put(s, KEPT_KEY(1, n, row), body_of(n, row), err);
    if (rc == 0 && n % 4 == 0)
        rc = kept_cell_put(s, KEPT_KEY(1, n - 1, 1), body_of(n, 1), err);
    if (rc == 0)
        rc = kept_token_put(s, 1, token, n, err);
    if (rc == 0)
        rc = kept_queue_put(s, KEPT_QUEUE_LEDGER, 1, n, &id_of_test, body_of(n, 0), &seq, err);
    if (rc == 0 && n % 3 == 0 && n > 5)
        rc = kept_cell_delete_range(s, KEPT_KEY(1, n - 5, 0), KEPT_KEY(1, n - 5, ROWS), ROWS,
                                    &deleted, err);
    if (rc == 0)
        rc = kept_store_commit(s, err);
    else
        kept_store_rollback(s);
    return rc;
}

static size_t scrubbed_at[STEPS / 10 + 1]; /* events when the scrub after step 10 i was done */

/* What a daemon does between times. */
static int upkeep(struct kept_store **store, const char *folder, uint64_t n, struct kept_err *err)
{
    bool done;
    int rc = 0;
    if (n % 7 == 0)
        rc = sqlite3_wal_checkpoint_v2((*store)->sql->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    if (rc == 0 && n % 10 == 0 && (rc = kept_store_scrub(*store, &done, err)) == 0)
        rc = done ? 0 : KEPT_E_BUG;
    if (rc == 0 && n % 10 == 0 && n <= STEPS)
        scrubbed_at[n / 10] = disk_events();
    if (rc == 0 && n % 20 == 0)
        rc = kept_store_shrink(*store, 10, err);
    if (rc == 0 && n % 25 == 0) {
        kept_store_close(*store);
        rc = kept_store_open(&(struct kept_store_options){.folder = folder, .cache_kib = 256}, store, err);
    }
    return rc;
}

/* ---- checking ----------------------------------------------------------------------------------*/

static bool same(struct kept_span a, struct kept_span b)
{
    return a.n == b.n && memcmp(a.p, b.p, a.n) == 0;
}

static int count_row(void *arg, uint64_t seq, uint32_t app, uint64_t key, const struct kept_id *id,
                     struct kept_span body)
{
    uint64_t *next = arg;
    (void)app;
    (void)id;
    (*next)++;
    return seq == *next && key == *next && same(body, body_of(key, 0)) ? 0 : 1;
}

/* The state is that after some number of steps, all of it: NULL, or what is wrong. */
static const char *look(struct kept_store *s, uint64_t acked, uint64_t *ret_n)
{
    struct kept_span body;
    uint64_t n = 0, queued = 0;
    int rc = kept_cell_get(s, COUNTER, &body, NULL);
    if (rc == 0 && body.n == 8)
        n = kept_be64(body.p);
    else if (rc != KEPT_E_NOTFOUND)
        return "the counter cannot be read";
    if (n < acked)
        return "an acknowledged step is lost";
    if (n > acked + 1)
        return "a step was done twice";
    for (uint64_t step = 1; step <= n; step++)
        for (uint64_t row = 0; row < ROWS; row++) {
            uint64_t writer = writer_of(n, step, row);
            rc = kept_cell_get(s, KEPT_KEY(1, step, row), &body, NULL);
            if (rc != (writer == 0 ? KEPT_E_NOTFOUND : 0))
                return writer == 0 ? "a deleted row is back" : "a row is missing";
            if (writer != 0 && !same(body, body_of(writer, row)))
                return "a row has another body";
        }
    if (kept_cell_next(s, KEPT_KEY(1, n + 1, 0), &queued, NULL) != KEPT_E_NOTFOUND)
        return "half a step is there";
    queued = 0;
    if (kept_queue_each(s, KEPT_QUEUE_LEDGER, count_row, &queued, NULL) != 0 || queued != n)
        return "the queue is not what the steps wrote";
    if (kept_store_check(s, NULL) != 0)
        return "the check finds damage";
    *ret_n = n;
    return NULL;
}

/* Does a file of the folder hold what a step had written and another deleted before a scrub? */
static bool remembers(const char *folder, size_t cut)
{
    bool found = false;
    uint64_t n = 0;
    for (size_t i = 1; i <= STEPS / 10; i++)
        if (scrubbed_at[i] <= cut)
            n = i * 10;
    DIR *dir = n == 0 ? NULL : opendir(folder);
    for (struct dirent *e = dir == NULL ? NULL : readdir(dir); e != NULL; e = readdir(dir)) {
        char path[AID_PATH];
        uint8_t needle[16];
        struct kept_buf file;
        kept_buf_init(&file, 64u << 20);
        aid_join(path, folder, e->d_name);
        if (e->d_name[0] != '.' && kept_file_load(path, &file, NULL) == 0)
            for (uint64_t step = 1; step <= n && !found; step++) {
                needle_of(step, needle);
                found = writer_of(n, step, 2) == 0 && file.n > 0 &&
                        memmem(file.p, file.n, needle, sizeof needle) != NULL;
            }
        kept_buf_release(&file);
    }
    if (dir != NULL)
        (void)closedir(dir);
    return found;
}

/* Open an image, look, and go on working in it. */
static const char *judge(const char *folder, bool made, uint64_t acked)
{
    struct kept_store *s = NULL;
    struct kept_err err = {0};
    uint64_t n = 0;
    int rc = kept_store_open(&(struct kept_store_options){.folder = folder, .cache_kib = 256}, &s, &err);
    if (rc == KEPT_E_NOTFOUND && !made)
        rc = kept_store_create(&(struct kept_store_options){.folder = folder}, &id_of_test, &err);
    if (rc == 0 && s == NULL)
        rc = kept_store_open(&(struct kept_store_options){.folder = folder, .cache_kib = 256}, &s, &err);
    if (rc != 0)
        return rc == KEPT_E_NOTFOUND ? "the store is gone" : "the store does not open";
    const char *wrong = look(s, acked, &n);
    if (wrong == NULL && step_work(s, n + 1, &err) != 0)
        wrong = "the next step fails";
    kept_store_close(s);
    if (wrong == NULL && kept_store_open(&(struct kept_store_options){.folder = folder, .cache_kib = 256}, &s, &err) == 0) {
        wrong = look(s, n + 1, &n);
        kept_store_close(s);
    }
    return wrong;
}

/* ---- one recorded run --------------------------------------------------------------------------*/

static char root[AID_PATH], image[AID_PATH];
static size_t made_at;           /* events when the store was acknowledged */
static size_t acks[STEPS + 1];   /* events when step n was */

static int record(void **state)
{
    (void)state;
    struct kept_store *s = NULL;
    aid_folder_make(root);
    aid_folder_make(image);
    disk_record(root);
    must(kept_store_create(&(struct kept_store_options){.folder = root}, &id_of_test, &err));
    made_at = disk_events();
    must(kept_store_open(&(struct kept_store_options){.folder = root, .cache_kib = 256}, &s, &err));
    for (uint64_t n = 1; n <= STEPS; n++) {
        must(step_work(s, n, &err));
        acks[n] = disk_events();
        must(upkeep(&s, root, n, &err));
    }
    kept_store_close(s);
    disk_stop();
    print_message("%zu events, %d steps\n", disk_events(), STEPS);
    for (size_t i = 0; i < disk_sync_count(); i++)
        print_message("%6zu times: %s\n", disk_sync_times(disk_sync_name(i), disk_events()),
                      disk_sync_name(i));
    return 0;
}

static int forget(void **state)
{
    (void)state;
    disk_forget();
    aid_folder_remove(root);
    aid_folder_remove(image);
    return 0;
}

static const char *try_image(size_t cut, enum disk_loss loss, uint64_t seed, const char *drop)
{
    const struct disk_image made = {.cut = cut, .loss = loss, .seed = seed, .drop = drop};
    uint64_t acked = 0;
    while (acked < STEPS && acks[acked + 1] <= cut)
        acked++;
    aid_folder_empty(image);
    disk_build(&made, image);
    if (remembers(image, cut))
        return "a deleted row stands in a file after a scrub";
    return judge(image, cut >= made_at, acked);
}

static void expect_whole(size_t cut, enum disk_loss loss, uint64_t seed)
{
    const char *wrong = try_image(cut, loss, seed, NULL);
    if (wrong != NULL) {
        char text[200];
        disk_describe(cut, text, sizeof text);
        fail_msg("cut at %zu (before: %s), kind %d, seed %llu: %s", cut, text, (int)loss,
                 (unsigned long long)seed, wrong);
    }
}

/* STRIDE: how many events lie between two cuts; 1 is all. */
static size_t stride(void)
{
    const char *text = getenv("KEPT_CRASH_STRIDE");
    unsigned long n = text == NULL ? (SAMPLED ? 11 : 3) : strtoul(text, NULL, 10);
    return n == 0 ? 1 : n;
}

static void only_what_is_synced(void **state)
{
    (void)state;
    for (size_t cut = 0; cut <= disk_events(); cut += stride())
        expect_whole(cut, DISK_SYNCED, 0);
    for (uint64_t n = 1; n <= STEPS; n++)
        expect_whole(acks[n], DISK_SYNCED, 0);
}

static void and_any_part_of_the_rest(void **state)
{
    (void)state;
    for (size_t cut = 0; cut <= disk_events(); cut += stride())
        expect_whole(cut, DISK_SUBSET, cut);
}

static void and_torn_pieces(void **state)
{
    (void)state;
    for (size_t cut = 1; cut <= disk_events(); cut += stride())
        expect_whole(cut, DISK_TORN, cut * 7);
}

/* Drop one sync by its name: some image must show the loss. */
static void every_sync_is_needed(void **state)
{
    (void)state;
    assert_true(disk_sync_count() >= 4);
    for (size_t i = 0; i < disk_sync_count(); i++) {
        const char *name = disk_sync_name(i), *wrong = NULL;
        size_t cut = 0, tried = 0;
        for (cut = 0; wrong == NULL && cut <= disk_events(); cut++, tried++)
            wrong = try_image(cut, cut % 2 == 0 ? DISK_SYNCED : DISK_SUBSET, cut, name);
        for (cut = 0; wrong == NULL && cut <= disk_events(); cut++, tried++)
            wrong = try_image(cut, DISK_TORN, cut, name);
        print_message("without \"%s\": %s (image %zu)\n", name, wrong == NULL ? "no loss" : wrong,
                      tried);
        if (wrong == NULL)
            fail_msg("nothing is lost without the sync \"%s\"", name);
    }
}

/* ---- kill -9 -----------------------------------------------------------------------------------*/

/* Work for ever, and say through the pipe what is done. */
static void work_until_killed(const char *folder, int to)
{
    struct kept_store *s = NULL;
    uint64_t n = 0;
    struct kept_span body;
    if (kept_store_open(&(struct kept_store_options){.folder = folder, .cache_kib = 256}, &s, NULL) != 0)
        _exit(1);
    if (kept_cell_get(s, COUNTER, &body, NULL) == 0)
        n = kept_be64(body.p);
    for (;;) {
        n++;
        if (step_work(s, n, NULL) != 0 || write(to, &n, sizeof n) != sizeof n ||
            upkeep(&s, folder, n, NULL) != 0)
            _exit(1);
    }
}

static void killed_a_hundred_times(void **state)
{
    (void)state;
    char folder[AID_PATH];
    uint64_t acked = 0, random = 12345;
    aid_folder_make(folder);
    must(kept_store_create(&(struct kept_store_options){.folder = folder}, &id_of_test, &err));
    for (int round = 0; round < 100; round++) {
        int ends[2], status = 0;
        uint64_t n;
        struct kept_store *s = NULL;
        assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            work_until_killed(folder, ends[1]);
        (void)close(ends[1]);
        random = random * 6364136223846793005u + 1442695040888963407u;
        /* After a few acknowledgements and a moment. */
        for (uint64_t i = 0; i < random >> 62; i++)
            if (read(ends[0], &n, sizeof n) == sizeof n)
                acked = n;
        assert_int_equal(usleep((useconds_t)(random >> 33 & 4095)), 0);
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        while (read(ends[0], &n, sizeof n) == sizeof n)
            acked = n;
        (void)close(ends[0]);
        must(kept_store_open(&(struct kept_store_options){.folder = folder, .cache_kib = 256}, &s, &err));
        const char *wrong = look(s, acked, &n);
        kept_store_close(s);
        if (wrong != NULL)
            fail_msg("round %d, %llu acknowledged: %s", round, (unsigned long long)acked, wrong);
        acked = n;
        if (acked > 150) { /* bodies grow with the steps: begin anew */
            aid_folder_empty(folder);
            must(kept_store_create(&(struct kept_store_options){.folder = folder}, &id_of_test, &err));
            acked = 0;
        }
    }
    aid_folder_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_is_synced),
        cmocka_unit_test(and_any_part_of_the_rest),
        cmocka_unit_test(and_torn_pieces),
        cmocka_unit_test(every_sync_is_needed),
        cmocka_unit_test(killed_a_hundred_times),
    };
    return cmocka_run_group_tests(tests, record, forget);
}
