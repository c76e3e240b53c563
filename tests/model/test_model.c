/* test_model.c - random sequences of operations, asked of kept on each engine and of a slow reference
 * (reference.h). Where an answer differs, the sequence is shrunk to one that no step can be left out of,
 * and printed with its seed.
 *
 *   MODEL_SEED=17 MODEL_POLICY=shop  rerun one sequence
 *   MODEL_SECONDS=60, or --long      how long, each policy (default 4 s; long: 300 s, from a seed of the
 *                                    day) */
#include "../aid/world.h"

#include "engine/admin.h"
#include "answer.h"
#include "draw.h"

struct setting {
    const char *name;
    char *text;
    struct kept_policy *policy;
    uint64_t seed;
};

/* ---- asking ---------------------------------------------------------------------------------- */

static const struct kept_request *request_of(const struct step *s, kept_ms now,
                                             struct kept_request *r, struct kept_field *fields)
{
    *r = (struct kept_request){
        .op = (enum kept_op)s->op, .function = s->function, .purpose = s->purpose,
        .recipient = s->recipient, .permission = s->permission, .item = s->item, .role = s->role,
        .text = s->text, .birth_date = s->birth, .region = s->region, .consent = s->consent,
        .facts = s->facts, .launch = s->launch, .record = s->record, .on = s->on,
        .expires = s->time == 0 ? 0 : now + s->time, .fields = fields, .field_count = s->fields};
    for (size_t i = 0; i < s->fields; i++)
        fields[i] = world_field(s->items[i], s->values[i]);
    return r;
}

/* One of the two stores. */
struct side {
    struct world w;
    struct kept_id ids[REF_PEOPLE];
    size_t count;
};

static void ask_kept(struct side *side, int person, const struct kept_request *request,
                     struct answer *a)
{
    struct kept_request r = *request;
    struct kept_reply *reply = NULL;
    answer_none(a);
    r.app = side->w.app;
    if (person >= 0)
        r.subject = side->ids[person];
    a->error = kept_call(side->w.kept, &r, &reply, &side->w.err);
    if (a->error != 0)
        return;
    answer_of(reply, a);
    if (r.op == KEPT_OP_SUBJECT_NEW && reply->decision == KEPT_ALLOW)
        side->ids[side->count++] = reply->subject;
    for (size_t i = 0; r.op == KEPT_OP_SUBJECT_FIND && i < side->count; i++)
        if (reply->decision != KEPT_DENY &&
            memcmp(&side->ids[i], &reply->subject, sizeof reply->subject) == 0)
            a->person = (int)i;
    kept_reply_free(reply);
}

static void print_step(size_t number, const struct step *s)
{
    const struct { const char *what, *is; } words[] = {
        {"function", s->function}, {"purpose", s->purpose}, {"recipient", s->recipient},
        {"permission", s->permission}, {"item", s->item}, {"as", s->role}, {"text", s->text},
        {"born", s->birth}, {"in", s->region}};
    print_message("  %2zu. %s %d", number,
                  s->op == DO_PASS     ? "time passes"
                  : s->op == DO_REOPEN ? "close and open"
                                       : kept_op_name((enum kept_op)s->op), s->who);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (words[i].is != NULL)
            print_message(" %s=%s", words[i].what, words[i].is);
    for (size_t i = 0; i < s->fields; i++)
        print_message(" %s='%.20s'", s->items[i], s->values[i]);
    if (s->op == KEPT_OP_CONSENT_GRANT)
        print_message(" kind=%d", (int)s->consent);
    if (s->op == KEPT_OP_COLLECT)
        print_message(" facts=%u launch=%u", s->facts, s->launch);
    if (s->op == KEPT_OP_PERMISSION_SET)
        print_message(" on=%d", s->on);
    if (s->record != 0)
        print_message(" record=%u", s->record);
    if (s->time != 0)
        print_message(" hours=%lld", (long long)(s->time / KEPT_HOUR));
    print_message("\n");
}

/* What was seen: a test that is only ever refused would show little. */
static struct {
    size_t answers, errors, values, masked, stored;
    bool reasons[KEPT_R_COUNT];
} seen;

static void note_answer(const struct step *s, const struct answer *a)
{
    seen.answers++;
    seen.errors += a->error != 0;
    seen.reasons[a->reason] = true;
    for (size_t i = 0; i < a->count; i++) {
        const struct answer_field *f = &a->fields[i];
        seen.reasons[f->reason] = true;
        seen.values += s->op == KEPT_OP_USE && f->decision == KEPT_ALLOW;
        seen.masked += s->op == KEPT_OP_USE && f->decision == KEPT_MASK;
        seen.stored += s->op == KEPT_OP_COLLECT && f->decision == KEPT_ALLOW;
    }
}

/* ---- a sequence ------------------------------------------------------------------------------ */

static void side_up(struct side *side, bool memory, const struct setting *setting)
{
    if (memory)
        world_up_in_memory(&side->w);
    else
        world_up(&side->w);
    side->w.app = kept_policy_info(setting->policy)->app;
    side->count = 0;
    ALLOWS(&side->w, .op = KEPT_OP_POLICY_PUBLISH, .text = setting->text, .at = WORLD_T0);
}

/* The whole store, as an administrator looks at it. */
static bool is_sound(struct side *side, bool say)
{
    struct kept_buf json;
    struct kept_err err = {0};
    uint64_t problems = 1;
    kept_buf_init(&json, 1 << 20);
    int rc = kept_admin_check(side->w.kept, &json, &problems, &err);
    if (say && (rc != 0 || problems != 0))
        print_message("      check: %d %s %.*s\n", rc, err.text, (int)json.n, (const char *)json.p);
    kept_buf_release(&json);
    return rc == 0 && problems == 0;
}

static bool step_agrees(const struct step *s, struct reference *ref, struct side sides[2],
                        int slot[SLOTS], bool say)
{
    static struct answer want, got;
    struct kept_request r;
    struct kept_field fields[2];
    bool agree = true;
    const size_t before = ref->count;
    request_of(s, ref->now, &r, fields);
    ref_call(ref, slot[s->who], &r, &want);
    note_answer(s, &want);
    for (int i = 0; i < 2; i++) {
        ask_kept(&sides[i], slot[s->who], &r, &got);
        /* Whether the tokens are still being made anew is nobody's to see but the administrator's. */
        if (s->op == KEPT_OP_ROTATE && s->text != NULL && got.error == KEPT_E_CONFLICT)
            continue;
        if (answers_agree(&want, &got))
            continue;
        agree = false;
        if (say) {
            answer_print("reference", &want);
            answer_print(i == 0 ? "sqlite" : "memory", &got);
        }
    }
    if (ref->count > before)
        slot[s->who] = (int)before;
    return agree;
}

/* The step at which somebody disagrees; n: the check at the end; n + 1: nobody does. */
static size_t run(const struct setting *setting, const struct step *steps, size_t n, bool say)
{
    static struct side sides[2];
    static struct reference ref;
    static struct ref_person people[REF_PEOPLE];
    int slot[SLOTS] = {-1, -1, -1, -1};
    bool agree = true;
    size_t at = 0;
    memset(&ref, 0, sizeof ref);
    ref.policy = setting->policy;
    ref.people = people;
    ref.now = WORLD_T0;
    for (int i = 0; i < 2; i++)
        side_up(&sides[i], i == 1, setting);
    for (; at < n && agree; at += agree) {
        const struct step *s = &steps[at];
        if (s->op == DO_PASS)
            ref.now += s->time;
        for (int i = 0; i < 2; i++)
            sides[i].w.now = ref.now;
        if (say)
            print_step(at + 1, s);
        if (s->op == DO_REOPEN) {
            world_reopen(&sides[0].w);
            world_reopen(&sides[1].w);
        } else if (s->op != DO_PASS && (s->op != KEPT_OP_SUBJECT_NEW || ref.count < REF_PEOPLE)) {
            agree = step_agrees(s, &ref, sides, slot, say);
        }
    }
    for (int i = 0; i < 2 && agree; i++)
        agree = is_sound(&sides[i], say);
    for (int i = 0; i < 2; i++)
        world_down(&sides[i].w);
    return agree ? n + 1 : at;
}

/* ---- shrinking ------------------------------------------------------------------------------- */

/* Leave out ever smaller pieces, as long as somebody still disagrees. Returns how many steps are left. */
static size_t shrink(const struct setting *setting, struct step *steps, size_t n)
{
    static struct step fewer[MAX_STEPS];
    size_t piece = n / 2 == 0 ? 1 : n / 2;
    for (bool again = true; again; piece = piece > 1 ? piece / 2 : 1) {
        again = piece > 1;
        for (size_t at = 0; at < n;) {
            const size_t gone = piece < n - at ? piece : n - at;
            memcpy(fewer, steps, at * sizeof *steps);
            memcpy(fewer + at, steps + at + gone, (n - at - gone) * sizeof *steps);
            const size_t found = run(setting, fewer, n - gone, false);
            if (found > n - gone) {
                at += piece;
                continue;
            }
            n = found < n - gone ? found + 1 : n - gone; /* what follows the disagreement goes, too */
            memcpy(steps, fewer, n * sizeof *steps);
            again = true;
        }
    }
    return n;
}

static void one_sequence(const struct setting *setting)
{
    static struct step steps[MAX_STEPS];
    seed_with(setting->seed);
    size_t n = draw_steps(setting->policy, steps);
    const size_t found = run(setting, steps, n, false);
    if (found > n)
        return;
    if (found < n)
        n = found + 1;
    const size_t before = n;
    n = shrink(setting, steps, n);
    print_message("MODEL_SEED=%llu MODEL_POLICY=%s: kept and the reference disagree; %zu of %zu "
                  "steps are needed:\n",
                  (unsigned long long)setting->seed, setting->name, n, before);
    (void)run(setting, steps, n, true);
    fail_msg("kept and the reference disagree (MODEL_SEED=%llu MODEL_POLICY=%s)",
             (unsigned long long)setting->seed, setting->name);
}

/* ---- how long, and of what ------------------------------------------------------------------- */

static bool long_run;

static double seconds_now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double seconds_to_spend(void)
{
    const char *asked = getenv("MODEL_SECONDS");
    return asked != NULL ? strtod(asked, NULL) : long_run || getenv("KEPT_LONG") != NULL ? 300 : 4;
}

static void agrees(void **state)
{
    struct setting setting = {.name = *state, .seed = 1};
    struct kept_findings findings = {0};
    const char *only = getenv("MODEL_POLICY"), *seed = getenv("MODEL_SEED");
    const double end = seconds_now() + seconds_to_spend();
    char path[64];
    size_t sequences = 0;
    memset(&seen, 0, sizeof seen);
    if (only != NULL && strcmp(only, setting.name) != 0)
        skip();
    (void)snprintf(path, sizeof path, strcmp(setting.name, "shop") == 0 ? "tests/engine/%s.yaml"
                                                                        : "policies/%s.yaml",
                   setting.name);
    setting.text = world_load(path);
    assert_int_equal(kept_policy_read(world_text(setting.text), &setting.policy, &findings, NULL), 0);
    if (seed != NULL)
        setting.seed = strtoull(seed, NULL, 10);
    else if (long_run)
        setting.seed = (uint64_t)time(NULL) * 1000;
    do {
        one_sequence(&setting);
        setting.seed++;
        sequences++;
    } while (seed == NULL && seconds_now() < end);
    size_t reasons = 0;
    for (size_t i = 0; i < KEPT_R_COUNT; i++)
        reasons += seen.reasons[i];
    print_message("%s: %zu sequences agree: %zu answers, %zu errors, %zu values in, %zu out, %zu "
                  "masked, %zu reasons\n",
                  setting.name, sequences, seen.answers, seen.errors, seen.stored, seen.values,
                  seen.masked, reasons);
    if (sequences >= 10)
        assert_true(seen.stored >= sequences && seen.values >= sequences / 2 && seen.errors > 0 &&
                    reasons > 10);
    kept_findings_release(&findings);
    kept_policy_free(setting.policy);
    free(setting.text);
}

int main(int argc, char **argv)
{
    static char shop[] = "shop", wallpaper[] = "wallpaper", home[] = "smart-home", messenger[] = "messenger";
    const struct CMUnitTest tests[] = {
        {"agrees with the reference (shop)", agrees, NULL, NULL, shop},
        {"agrees with the reference (wallpaper)", agrees, NULL, NULL, wallpaper},
        {"agrees with the reference (smart-home)", agrees, NULL, NULL, home},
        {"agrees with the reference (messenger)", agrees, NULL, NULL, messenger},
    };
    long_run = argc > 1 && strcmp(argv[1], "--long") == 0;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
