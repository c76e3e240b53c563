/* test_crash.c - the power goes at any moment under the whole engine: every acknowledged operation is
 * there, none is half there, the ledger verifies, each entry stands once, the erased stay erased and
 * what was destroyed stays destroyed. And every sync is needed: without it an image shows the loss.
 * Last, the same by kill -9. */
#include "../aid/sampled.h"
#include "crash_look.h"

#include <signal.h>
#include <sys/wait.h>

/* ---- images ------------------------------------------------------------------------------------*/

static size_t first_ack; /* those before it were durable when the recording began */

static const char *try_image(size_t cut, enum disk_loss loss, uint64_t seed, const char *drop)
{
    static const struct model nothing = {.now = WORLD_T0};
    const struct disk_image made = {.cut = cut, .loss = loss, .seed = seed, .drop = drop,
                                    .lost = lost};
    size_t n = first_ack;
    while (n < work.ack_count && work.acks[n].events <= cut)
        n++;
    const struct model *done = n == 0 ? &nothing : &work.acks[n - 1].model;
    const struct model *next = n < work.ack_count ? &work.acks[n].model : done;
    aid_folder_empty(image);
    aid_folder_empty(lost);
    disk_build(&made, image);
    if (remembers(image, done->needles, false) || remembers(lost, done->needles, true))
        return where;
    if (note_size(image, "keyring/shop/anchor") < done->anchored)
        return "the anchor is older than an acknowledged checkpoint";
    return judge(done, next);
}

static const char *about(size_t cut)
{
    static char text[300];
    char event[200];
    size_t n = first_ack;
    while (n < work.ack_count && work.acks[n].events <= cut)
        n++;
    disk_describe(cut, event, sizeof event);
    (void)snprintf(text, sizeof text, "after %s, during %s, before %s",
                   n == 0 ? "nothing" : work.acks[n - 1].what,
                   n < work.ack_count ? work.acks[n].what : "nothing", event);
    return text;
}

static void expect_whole(size_t cut, enum disk_loss loss, uint64_t seed)
{
    const char *wrong = try_image(cut, loss, seed, NULL);
    if (wrong != NULL)
        fail_msg("cut at %zu (%s), kind %d, seed %llu: %s", cut, about(cut), (int)loss,
                 (unsigned long long)seed, wrong);
}

/* About so many images of each kind; KEPT_CRASH_IMAGES overrides. */
static size_t stride(void)
{
    const char *text = getenv("KEPT_CRASH_IMAGES");
    size_t images = text == NULL ? (SAMPLED ? 30 : 120) : strtoul(text, NULL, 10);
    size_t n = disk_events() / (images == 0 ? 1 : images);
    return n == 0 ? 1 : n;
}

static void only_what_is_synced(void **state)
{
    (void)state;
    for (size_t cut = 0; cut <= disk_events(); cut += stride())
        expect_whole(cut, DISK_SYNCED, 0);
    for (size_t i = first_ack; i < work.ack_count; i++)
        expect_whole(work.acks[i].events, DISK_SYNCED, 0);
}

static void and_any_part_of_the_rest(void **state)
{
    (void)state;
    for (size_t cut = stride() / 3; cut <= disk_events(); cut += stride())
        expect_whole(cut, DISK_SUBSET, cut);
}

static void and_torn_pieces(void **state)
{
    (void)state;
    for (size_t cut = stride() / 2; cut <= disk_events(); cut += stride())
        expect_whole(cut, DISK_TORN, cut * 7);
}

/* Look for a loss where there can be one: at the events that follow such a sync. */
static const char *loss_without(const char *name, size_t *ret_images)
{
    const char *wrong = NULL;
    size_t times = disk_sync_times(name, disk_events());
    *ret_images = 0;
    for (size_t i = 0; i < times && wrong == NULL; i += times / 12 + 1) {
        size_t step = 1;
        for (size_t cut = disk_sync_event(name, i) + 1; cut <= disk_events(); cut += step) {
            for (uint64_t kind = 0; kind < 4 && wrong == NULL; kind++, ++*ret_images) {
                enum disk_loss loss = kind == 0   ? DISK_SYNCED
                                      : kind == 3 ? DISK_TORN
                                                  : DISK_SUBSET;
                wrong = try_image(cut, loss, cut * 4 + kind, name);
                if (wrong != NULL) /* and with the sync it is whole */
                    expect_whole(cut, loss, cut * 4 + kind);
            }
            if (wrong != NULL || cut > disk_sync_event(name, i) + 60)
                break;
            step += cut > disk_sync_event(name, i) + 12;
        }
    }
    return wrong;
}

/* Syncs whose loss cannot be seen here, and why. */
static const struct {
    const char *name, *why;
} excused[] = {
    {"sqlite ", "shown for the store alone, by test_store_crash"},
    {"a new store", "as before"},
    {"the cut of the log", "as before"},
    {"a new journal (folder)", "the folder is synced again before the app is acknowledged"},
    {"the first segment of a ledger", "its header is synced again with its first entries"},
    {"the published checkpoint (folder)", "opening takes the newer one from the anchor"},
    {"the verifier key", "opening writes it again"},
    {"the index of a segment", "made again from the segment"},
    {"a tag list", "made again from the segment"},
    {"a destruction (folder)", "zeros under a dying name, removed by the next opening"},
};

static bool is_excused(const char *name)
{
    for (size_t i = 0; i < sizeof excused / sizeof *excused; i++)
        if (strncmp(name, excused[i].name, strlen(excused[i].name)) == 0)
            return true;
    return false;
}

/* Names whose loss was shown, over both parts of the work, and those that came up. */
static struct {
    char name[64][160];
    bool shown[64];
    size_t count;
} syncs;

static size_t remember_sync(const char *name)
{
    size_t i = 0;
    while (i < syncs.count && strcmp(syncs.name[i], name) != 0)
        i++;
    assert_true(i < 64);
    if (i == syncs.count)
        (void)snprintf(syncs.name[syncs.count++], sizeof syncs.name[0], "%s", name);
    return i;
}

static void drop_each_sync(void **state)
{
    (void)state;
    for (size_t i = 0; i < disk_sync_count(); i++) {
        size_t images = 0, at;
        const char *name = disk_sync_name(i), *wrong;
        if (is_excused(name) || syncs.shown[at = remember_sync(name)])
            continue;
        wrong = loss_without(name, &images);
        syncs.shown[at] = wrong != NULL;
        print_message("without \"%s\" (%zu times, %zu images): %s\n", name,
                      disk_sync_times(name, disk_events()), images,
                      wrong == NULL ? "no loss seen here" : wrong);
    }
}

static void every_sync_is_needed(void **state)
{
    (void)state;
    size_t idle = 0;
    for (size_t i = 0; i < syncs.count; i++)
        if (!syncs.shown[i]) {
            print_message("not needed, or its loss is not seen: %s\n", syncs.name[i]);
            idle++;
        }
    assert_true(syncs.count > 10);
    if (idle != 0)
        fail_msg("%zu syncs are not needed, or their loss is not seen", idle);
}

/* ---- kill -9 -----------------------------------------------------------------------------------*/

/* What a child says before an operation (what will be true after it) and behind it. */
struct message {
    bool done;
    struct model model;
    struct kept_id entry;
};

static void say(int to, const struct message *message)
{
    if (write(to, message, sizeof *message) != sizeof *message)
        _exit(1);
}

/* The next operation on a random person, and the model after it. */
static struct kept_request choose(uint64_t random, struct model *m, struct kept_field *field,
                                  char text[32])
{
    unsigned p = (unsigned)(random >> 8) % m->people, n = (unsigned)(random >> 16) % 30;
    struct person *who = &m->person[p];
    struct kept_request r = {.app = "shop", .subject = who->id};
    *field = (struct kept_field){.name = "note"};
    if (!who->agreed || random % 16 == 0) {
        r.op = who->agreed ? KEPT_OP_CONSENT_WITHDRAW : KEPT_OP_CONSENT_GRANT;
        r.function = "notes";
        r.consent = KEPT_C_EXPLICIT;
        who->agreed = !who->agreed;
    } else if (who->notes != 0 && (random % 4 == 1 || (who->notes >> n & 1) != 0)) {
        r.op = KEPT_OP_USE;
        r.purpose = "service";
    } else if (who->notes != 0 && random % 16 == 2) {
        r.op = KEPT_OP_ERASE_RECORD;
        r.item = "note";
        who->notes = 0;
        m->obligations++;
    } else {
        r.op = KEPT_OP_COLLECT;
        r.function = "notes";
        field->value = world_text(note_text(text, p, n));
        who->notes |= 1u << n;
    }
    if (r.op == KEPT_OP_USE || r.op == KEPT_OP_COLLECT) {
        r.fields = field;
        r.field_count = 1;
    }
    return r;
}

static void work_until_killed(struct world *v, struct model m, uint64_t random, int to)
{
    const struct kept_options options = world_options(v);
    if (kept_open(&options, &v->kept, NULL) != 0)
        _exit(1);
    small_segments(v->kept);
    for (;;) {
        struct kept_field field;
        char text[32];
        struct kept_reply *reply = NULL;
        struct message message = {.done = false};
        random = random * 6364136223846793005u + 1442695040888963407u;
        v->now += 400;
        const struct kept_request r = choose(random >> 20, &m, &field, text);
        m.now = v->now;
        message.model = m;
        say(to, &message);
        if (kept_call(v->kept, &r, &reply, NULL) != 0 || reply->decision != KEPT_ALLOW)
            _exit(1);
        message.done = true;
        message.entry = reply->entry;
        say(to, &message);
        kept_reply_free(reply);
    }
}

/* One life of a child: done is what it acknowledged, next what it had begun. */
static void live_and_die(uint64_t random, struct model *done, struct model *next)
{
    int ends[2], status = 0;
    struct message message;
    struct world v;
    image_world(&v, done->now + 2000);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        work_until_killed(&v, *done, random, ends[1]);
    (void)close(ends[1]);
    *next = *done;
    bool killed = false;
    for (uint64_t said = 0, limit = 1 + (random >> 40) % 60;; said++) {
        if (said == limit) {
            assert_int_equal(usleep((useconds_t)(random >> 50 & 1023)), 0);
            assert_int_equal(kill(child, SIGKILL), 0);
            killed = true;
        }
        if (read(ends[0], &message, sizeof message) != sizeof message)
            break;
        *next = message.model;
        if (message.done) {
            size_t ids = done->ids;
            assert_true(ids < MAX_IDS);
            *done = message.model;
            work.ids[ids] = message.entry;
            done->ids = next->ids = ids + 1;
        }
    }
    (void)close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(killed && WIFSIGNALED(status));
}

static void killed_a_hundred_times(void **state)
{
    (void)state;
    struct model done, next;
    uint64_t random = 20260105;
    disk_forget();
    aid_folder_remove(work.w.dir);
    aid_folder_empty(image);
    memset(&work, 0, sizeof work);
    image_world(&work.w, WORLD_T0);
    const struct kept_options options = world_options(&work.w);
    must(kept_init(&options, &err));
    work.m.made = true;
    open_world(&work);
    publish(&work);
    for (unsigned p = 0; p < 4; p++)
        (void)appear(&work);
    world_close(&work.w);
    done = work.m;
    done.now = work.w.now;
    for (int round = 0; round < 100; round++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        live_and_die(random, &done, &next);
        size_t ids = done.ids;
        const char *wrong = judge(&done, &next);
        if (wrong != NULL)
            fail_msg("round %d: %s", round, wrong);
        /* Which of the two it was; what looking added to the time. */
        done = seen_as_next ? next : done;
        done.ids = ids;
        done.now = next.now + 3000;
        done.obligations = seen_obligations;
        if (ids > MAX_IDS - 100)
            done.ids = 0; /* room for more: earlier ones were looked at often enough */
    }
    print_message("%zu entries acknowledged\n", done.ids);
    aid_folder_make(work.w.dir); /* for forget() to remove */
}

/* ---- recording ---------------------------------------------------------------------------------*/

static int record_first(void **state)
{
    (void)state;
    memset(&work, 0, sizeof work);
    first_ack = 0;
    aid_folder_make(image);
    aid_folder_make(lost);
    aid_folder_make(work.w.dir);
    world_join(work.w.store, work.w.dir, "store");
    world_join(work.w.keyring, work.w.dir, "keyring");
    world_join(work.w.root, work.w.dir, "root.key");
    work.w.now = WORLD_T0;
    work.w.app = "shop";
    disk_record(work.w.dir);
    work_first(&work);
    disk_stop();
    world_close(&work.w);
    print_message("%zu events, %zu acknowledgements\n", disk_events(), work.ack_count);
    return 0;
}

/* Go on where a power cut left the first part: opening mends, and is itself recorded. */
static int record_second(void **state)
{
    (void)state;
    const struct disk_image cut = {.cut = work.acks[work.ack_count - 1].events};
    aid_folder_empty(work.w.dir);
    disk_build(&cut, work.w.dir);
    disk_record(work.w.dir);
    first_ack = work.ack_count;
    work.acks[first_ack - 1].events = 0;
    first_ack--;
    open_world(&work);
    work_second(&work);
    disk_stop();
    print_message("%zu events, %zu acknowledgements\n", disk_events(), work.ack_count - first_ack);
    return 0;
}

static int forget(void **state)
{
    (void)state;
    disk_forget();
    aid_folder_remove(work.w.dir);
    aid_folder_remove(image);
    aid_folder_remove(lost);
    return 0;
}

static int setup_second(void **state)
{
    return record_second(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_is_synced),
        cmocka_unit_test(and_any_part_of_the_rest),
        cmocka_unit_test(and_torn_pieces),
        cmocka_unit_test(drop_each_sync),
        cmocka_unit_test_setup(only_what_is_synced, setup_second),
        cmocka_unit_test(and_any_part_of_the_rest),
        cmocka_unit_test(and_torn_pieces),
        cmocka_unit_test(drop_each_sync),
        cmocka_unit_test(every_sync_is_needed),
        cmocka_unit_test(killed_a_hundred_times),
    };
    return cmocka_run_group_tests(tests, record_first, forget);
}
