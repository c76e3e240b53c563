/* test_soak.c - the same humans in five apps, and a day of mixed work: values come and go, people agree,
 * withdraw, refuse and are erased, while keys turn over, ends are swept and backups are taken. The reference
 * of tests/model says what each answer must be, and at the end what is left of everybody. Then an older
 * backup is put back.
 *
 *   test_soak --people 20000         that many subjects in all five apps (default 500)
 *   test_soak --long                 a million
 *   SOAK_SEED=17                     the same day again
 *   TMPDIR=/var/tmp                  where; the default for more than a hundred thousand, of whom each needs
 *                                    8 KiB there; a million also need 2 GB of memory, for the reference */
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "acts.h"
#include "engine/admin.h"

#define HOURS 24
#define ROUNDS_AN_HOUR 6 /* at least */
#define FINDS 240        /* each costs the reference a look at everybody */
#define BACKUP_HOUR 15   /* of the backup that is put back in the end */
#define IN_MEMORY 100000 /* people whose store may lie in /dev/shm */

static struct crowd crowd;
static size_t people_at_backup[APPS];
static uint32_t round_of_backup;

/* ---- progress -------------------------------------------------------------------------------------- */

static struct {
    const char *what;
    double began, said;
    uint64_t answers;
} progress;

static double seconds_now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static size_t resident(void)
{
    unsigned long pages = 0, ignored = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (f == NULL || fscanf(f, "%lu %lu", &ignored, &pages) != 2)
        pages = 0;
    if (f != NULL)
        (void)fclose(f);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static void say_progress(double part, const char *end)
{
    const double now = seconds_now(), took = now - progress.began;
    const uint64_t answers = crowd.answers - progress.answers;
    size_t model = 0;
    for (size_t a = 0; a < APPS; a++)
        model += crowd.apps[a].ref.count * sizeof(struct ref_person);
    print_message("%s%s: %3.0f %%, %llu answers in %.1f s, %.0f a second, %zu MiB, of which the "
                  "reference %zu%s",
                  isatty(1) ? "\r" : "", progress.what, part * 100, (unsigned long long)answers, took,
                  took > 0 ? (double)answers / took : 0, resident() >> 20, model >> 20, end);
    (void)fflush(stdout);
    progress.said = now;
}

static void begin(const char *what)
{
    progress.what = what;
    progress.began = progress.said = seconds_now();
    progress.answers = crowd.answers;
    crowd.differences = 0;
}

static void go_on(double part)
{
    if (seconds_now() - progress.said >= (isatty(1) ? 0.5 : 20))
        say_progress(part, isatty(1) ? "" : "\n");
}

/* ---- backups: store.db, while kept is stopped (README.md, "Backups and restoring") ------------------- */

static const char *const store_files[] = {"store.db", "store.db-wal", "store.db-shm"};

static void copy_file(const char *from, const char *to)
{
    const int in = open(from, O_RDONLY | O_CLOEXEC);
    if (in < 0)
        return; /* a write-ahead log that is not there */
    const int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    static char piece[1 << 20];
    assert_true(out >= 0);
    for (ssize_t n; (n = read(in, piece, sizeof piece)) > 0;)
        assert_int_equal(write(out, piece, (size_t)n), n);
    (void)close(in);
    assert_int_equal(close(out), 0);
}

static void copy_store(const char *from, const char *to)
{
    char source[WORLD_PATH], target[WORLD_PATH];
    for (size_t i = 0; i < sizeof store_files / sizeof store_files[0]; i++) {
        world_join(source, from, store_files[i]);
        world_join(target, to, store_files[i]);
        (void)unlink(target);
        if (i < 2)
            copy_file(source, target);
    }
}

/* hour: one that is put back later has a folder of its own. */
static void back_up(struct crowd *c, int hour)
{
    char folder[WORLD_PATH];
    world_beside(&c->w, folder, hour == BACKUP_HOUR ? "backup" : "last-backup");
    (void)mkdir(folder, 0700);
    world_close(&c->w);
    copy_store(c->w.store, folder);
    world_open(&c->w);
    if (hour != BACKUP_HOUR)
        return;
    round_of_backup = c->round;
    for (size_t a = 0; a < APPS; a++)
        people_at_backup[a] = c->apps[a].ref.count;
}

/* ---- the tests, each upon the former ------------------------------------------------------------------ */

static void nothing_differs(const struct crowd *c)
{
    say_progress(1, "\n");
    assert_int_equal(c->differences, 0);
    assert_int_equal(c->crossed, 0);
}

static void people_come_in(void **state)
{
    struct crowd *c = &crowd;
    (void)state;
    begin("people come in");
    for (size_t n = 0; n < c->humans; n++) {
        for (size_t a = 0; a < APPS; a++) {
            if (c->count + LARGEST_UNIT > ASKED)
                ask_all(c);
            draw_newcomer(c, a);
        }
        if (n % 256 == 0)
            go_on((double)n / (double)c->humans);
    }
    ask_all(c);
    nothing_differs(c);
    assert_int_equal(subjects(c), c->humans * APPS);
    assert_true(c->allowed > c->humans * APPS * 4);
}

static void an_hour_begins(struct crowd *c, int hour)
{
    for (size_t a = 0; a < APPS; a++) {
        tick(c, &c->apps[a]);
        if (hour % 6 == 5)
            rotate(c, &c->apps[a], hour == 17 ? "tokens" : NULL);
    }
    if (hour % 6 == 3)
        back_up(c, hour);
}

static void a_day_of_mixed_work(void **state)
{
    struct crowd *c = &crowd;
    const size_t acts = subjects(c), least = HOURS * ROUNDS_AN_HOUR;
    size_t an_hour = acts / HOURS / (ASKED / 2) + 1;
    (void)state;
    an_hour = an_hour < ROUNDS_AN_HOUR ? ROUNDS_AN_HOUR : an_hour;
    const size_t rounds = an_hour * HOURS, each = acts / rounds + 1;
    const kept_ms pass = KEPT_HOUR / (kept_ms)an_hour;
    begin("a day of mixed work");
    assert_true(rounds >= least);
    for (size_t r = 0; r < rounds; r++) {
        if (r % an_hour == 0)
            an_hour_begins(c, (int)(r / an_hour));
        c->w.now += pass;
        draw_round(c, each < 8 ? 8 : each);
        for (size_t a = 0; a < APPS; a++)
            if (c->apps[a].turning)
                tick(c, &c->apps[a]);
        if (r % (rounds / FINDS + 1) == 0)
            find_somebody(c, r % APPS);
        go_on((double)r / (double)rounds);
    }
    nothing_differs(c);
    print_message("  %llu people erased, %llu came new, %llu questions across apps, %llu answers allowed, "
                  "%llu denied\n",
                  (unsigned long long)c->erased, (unsigned long long)c->new_people,
                  (unsigned long long)c->crossings, (unsigned long long)c->allowed,
                  (unsigned long long)c->denied);
    assert_true(c->erased > 0 && c->new_people > 0 && c->crossings > 0 && c->denied > 0);
}

static void no_operation_across_apps_was_allowed(void **state)
{
    (void)state;
    assert_true(crowd.crossings > 0);
    assert_int_equal(crowd.crossed, 0);
}

/* One person: their state, and every item they ever gave. */
static void ask_about(struct crowd *c, size_t a, int who)
{
    struct app *app = &c->apps[a];
    const struct ref_person *p = &app->ref.people[who];
    struct question *q = question(c, a, who);
    q->request.op = KEPT_OP_SUBJECT_SHOW;
    expect(c, q);
    for (size_t i = 0; i < p->value_count; i++) {
        bool before = false;
        for (size_t k = 0; k < i; k++)
            before |= p->values[k].item == p->values[i].item;
        if (before)
            continue;
        const struct way *way = way_of(app, p->values[i].item, 0);
        q = question(c, a, who);
        put_field(q, way->item, who);
        q->fields[0].value = world_text("");
        q->request.op = KEPT_OP_USE;
        q->request.purpose = purpose_name(app, way);
        expect(c, q);
    }
}

/* Everybody but who was changed after this round. */
static void ask_about_everybody(struct crowd *c, uint32_t round)
{
    const size_t all = subjects(c);
    size_t n = 0;
    for (size_t a = 0; a < APPS; a++)
        for (size_t who = 0; who < c->apps[a].ref.count; who++) {
            if (c->count + REF_VALUES + 1 > ASKED) {
                ask_all(c);
                go_on((double)n / (double)all);
            }
            n++;
            if (c->apps[a].changed[who] <= round)
                ask_about(c, a, (int)who);
        }
    ask_all(c);
}

static void all_work_done(struct crowd *c)
{
    for (size_t a = 0; a < APPS; a++)
        do
            tick(c, &c->apps[a]);
        while (c->apps[a].turning);
}

static void everybody_is_as_the_reference_says(void **state)
{
    struct crowd *c = &crowd;
    (void)state;
    all_work_done(c);
    begin("everybody is asked about");
    c->round++;
    ask_about_everybody(c, c->round);
    nothing_differs(c);
}

static uint64_t problems_of(struct crowd *c, char first[KEPT_ERR_TEXT])
{
    struct kept_buf json;
    uint64_t problems = 1;
    kept_buf_init(&json, 1 << 20);
    if (kept_admin_check(c->w.kept, &json, &problems, &c->w.err) != 0)
        fail_msg("check: %s", c->w.err.text);
    (void)snprintf(first, KEPT_ERR_TEXT, "%.*s", (int)json.n, (const char *)json.p);
    kept_buf_release(&json);
    return problems;
}

static void the_ledgers_verify(struct crowd *c)
{
    const struct kept_options o = world_options(&c->w);
    struct kept_buf json;
    int holds = 0;
    world_close(&c->w);
    kept_buf_init(&json, 1 << 20);
    if (kept_admin_verify(&o, NULL, 1, &json, &holds, &c->w.err) != 0)
        fail_msg("verify: %s", c->w.err.text);
    if (!holds)
        fail_msg("a ledger does not verify: %.*s", (int)json.n, (const char *)json.p);
    kept_buf_release(&json);
    world_open(&c->w);
}

static void store_and_ledgers_are_whole(void **state)
{
    char first[KEPT_ERR_TEXT];
    (void)state;
    begin("store and ledgers are checked");
    if (problems_of(&crowd, first) != 0)
        fail_msg("%s", first);
    the_ledgers_verify(&crowd);
    say_progress(1, "\n");
}

/* ---- an older backup ------------------------------------------------------------------------------------ */

/* What the former day took back stays so: nothing that was erased is released, and nothing at all of who
 * is erased, or refused everything. */
static void hold_owed(struct crowd *c, const struct question *q, const struct kept_reply *reply)
{
    const struct ref_person *p = &c->apps[q->app].ref.people[q->who];
    const bool shut = ref_erased(p) || p->state == KEPT_S_REFUSED || p->state == KEPT_S_NONE ||
                      q->want.reason == KEPT_R_WITHDRAWN;
    bool bad = false;
    c->answers++;
    for (size_t i = 0; reply->error == 0 && i < reply->field_count; i++) {
        const struct kept_field *f = &reply->fields[i];
        const bool out = f->decision != KEPT_DENY;
        bool gone = false, here = false;
        for (size_t k = 0; k < p->value_count && out; k++) {
            const bool is = strlen(p->values[k].text) == f->value.n &&
                            memcmp(p->values[k].text, f->value.p, f->value.n) == 0;
            gone |= is && p->values[k].gone;
            here |= is && !p->values[k].gone;
        }
        bad |= out && (gone && !here);
        bad |= out && shut && q->want.decision == KEPT_DENY;
    }
    if (bad) {
        struct answer got;
        answer_of(reply, &got);
        say_difference(c, q, &got);
    }
}

static void take_owed(struct crowd *c, struct kept_reply *reply)
{
    hold_owed(c, reply->tag, reply);
    kept_reply_free(reply);
}

static void what_is_owed_stands(struct crowd *c)
{
    c->round++;
    for (size_t a = 0; a < APPS; a++)
        for (size_t who = 0; who < people_at_backup[a]; who++) {
            if (c->count + REF_VALUES + 1 > ASKED)
                ask_them(c, take_owed);
            if (c->apps[a].changed[who] > round_of_backup)
                ask_about(c, a, (int)who);
        }
    ask_them(c, take_owed);
}

static void accept_loss(struct crowd *c)
{
    for (size_t a = 0; a < APPS; a++) {
        const struct kept_loss loss = {.app = c->apps[a].name, .reason = "the backup of the afternoon"};
        struct kept_buf json;
        kept_buf_init(&json, 1 << 20);
        if (kept_admin_accept_loss(c->w.kept, &loss, &json, &c->w.err) != 0)
            fail_msg("accept loss: %s", c->w.err.text);
        kept_buf_release(&json);
    }
}

static void an_older_backup_is_put_back(void **state)
{
    struct crowd *c = &crowd;
    char folder[WORLD_PATH], first[KEPT_ERR_TEXT];
    (void)state;
    begin("an older backup is put back");
    assert_true(round_of_backup > 0);
    world_beside(&c->w, folder, "backup");
    world_close(&c->w);
    copy_store(folder, c->w.store);
    world_open(&c->w);
    assert_true(problems_of(c, first) > 0); /* the loss is told */
    what_is_owed_stands(c);
    nothing_differs(c);
    begin("the loss is accepted");
    accept_loss(c);
    say_progress(1, "\n");
    begin("everybody is asked about again");
    all_work_done(c);
    if (problems_of(c, first) != 0)
        fail_msg("%s", first);
    what_is_owed_stands(c);
    ask_about_everybody(c, round_of_backup); /* who was not touched since is as before */
    nothing_differs(c);
    the_ledgers_verify(c);
}

/* ---- the whole ------------------------------------------------------------------------------------------ */

static int up(void **state)
{
    static const char *const names[APPS] = {"widgets", "smart-home", "messenger", "wallpaper", "media"};
    const char *seed = getenv("SOAK_SEED");
    (void)state;
    crowd.seed = seed == NULL ? 1 : strtoull(seed, NULL, 10);
    seed_with(crowd.seed);
    world_up(&crowd.w);
    for (size_t a = 0; a < APPS; a++)
        app_up(&crowd, &crowd.apps[a], names[a]);
    return 0;
}

static int down(void **state)
{
    (void)state;
    for (size_t a = 0; a < APPS; a++)
        app_down(&crowd.apps[a]);
    world_down(&crowd.w);
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(people_come_in),
        cmocka_unit_test(a_day_of_mixed_work),
        cmocka_unit_test(no_operation_across_apps_was_allowed),
        cmocka_unit_test(everybody_is_as_the_reference_says),
        cmocka_unit_test(store_and_ledgers_are_whole),
        cmocka_unit_test(an_older_backup_is_put_back),
    };
    const int count = (int)(sizeof tests / sizeof tests[0]);
    unsigned long people = 500;
    if (argc == 2 && strcmp(argv[1], "--long") == 0)
        people = 1000000;
    else if (argc == 3 && strcmp(argv[1], "--people") == 0)
        people = strtoul(argv[2], NULL, 10);
    else if (argc != 1)
        people = 0;
    if (people < 50 || people > 50000000) {
        (void)fprintf(stderr, "test_soak [--people N | --long]: N is 50 to 50000000\n");
        return 2;
    }
    if (people > IN_MEMORY)
        (void)setenv("TMPDIR", "/var/tmp", 0);
    crowd.humans = people / APPS;
    const int failed = cmocka_run_group_tests(tests, up, down);
    printf("%d passed, %d failed\n", count - failed, failed);
    return failed != 0;
}
