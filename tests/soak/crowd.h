/* crowd.h - many people, each in five apps, and what they do on a day; what each of it must be answered
 * with says the reference of tests/model. A person of an app is a number, the same human's in all five. */
#ifndef KEPT_TESTS_SOAK_CROWD_H
#define KEPT_TESTS_SOAK_CROWD_H

#define REF_VALUES 8 /* a million people must fit */
#define REF_ROWS 8
#define REF_TEXT 40

#include "../aid/world.h"
#include "../model/answer.h"
#include "../model/chance.h"

#define APPS 5
#define FIELDS 6
#define ASKED 1024 /* in flight */
#define LARGEST_UNIT 8 /* operations by which somebody appears */

/* An item, a function that has it. */
struct way {
    const struct kept_item *item;
    uint32_t item_index, function;
};

struct app {
    const char *name;
    char *text;
    struct kept_policy *policy;
    struct reference ref;
    struct kept_id *ids;
    uint32_t *asked, *changed; /* of each person: in which round last */
    size_t room;
    struct way ways[512];
    size_t way_count;
    bool turning; /* a rotation is under way */
};

/* One question, and the answer that it must get. */
struct question {
    struct kept_request request;
    struct kept_field fields[FIELDS];
    char values[FIELDS][REF_TEXT];
    size_t app;
    int who; /* -1: a person of another app */
    struct answer want;
};

struct crowd {
    struct world w;
    struct app apps[APPS];
    size_t humans;
    uint64_t seed;
    uint32_t round;
    struct question questions[ASKED];
    size_t count;
    uint64_t answers, allowed, denied, errors, crossings, crossed, differences;
    uint64_t erased, new_people;
};

/* ---- values -------------------------------------------------------------------------------------- */

static char check_digit(const char *digits)
{
    unsigned sum = 0;
    const size_t n = strlen(digits);
    for (size_t i = 0; i < n; i++) {
        unsigned d = (unsigned)(digits[n - 1 - i] - '0') * (i % 2 == 0 ? 2 : 1);
        sum += d > 9 ? d - 9 : d;
    }
    return (char)('0' + (10 - sum % 10) % 10);
}

/* The human's own value of a kind; turn: which of several. false: there is none here. */
static bool value_of(const char *kind, uint32_t human, uint32_t turn, char out[REF_TEXT])
{
    const unsigned byte[3] = {human >> 16 & 255, human >> 8 & 255, human & 255};
    if (strcmp(kind, "phone") == 0)
        (void)snprintf(out, REF_TEXT, "13%09u", human);
    else if (strcmp(kind, "mail") == 0)
        (void)snprintf(out, REF_TEXT, "p%u@example.org", human);
    else if (strcmp(kind, "name") == 0)
        (void)snprintf(out, REF_TEXT, "Person %u", human);
    else if (strcmp(kind, "text") == 0 || strcmp(kind, "blob") == 0)
        (void)snprintf(out, REF_TEXT, "text %u of %u", turn, human);
    else if (strcmp(kind, "number") == 0)
        (void)snprintf(out, REF_TEXT, "%u", turn);
    else if (strcmp(kind, "date") == 0)
        (void)snprintf(out, REF_TEXT, "%u-02-%02u", 1950 + human % 50, 1 + turn % 28);
    else if (strcmp(kind, "address") == 0)
        (void)snprintf(out, REF_TEXT, "%u Main Street", human);
    else if (strcmp(kind, "ipv4") == 0)
        (void)snprintf(out, REF_TEXT, "10.%u.%u.%u", byte[0], byte[1], byte[2]);
    else if (strcmp(kind, "mac") == 0)
        (void)snprintf(out, REF_TEXT, "02:00:%02x:%02x:%02x:%02x", turn & 255, byte[0], byte[1], byte[2]);
    else if (strcmp(kind, "device-id") == 0)
        (void)snprintf(out, REF_TEXT, "%08x%08x", turn, human);
    else if (strcmp(kind, "url") == 0)
        (void)snprintf(out, REF_TEXT, "https://example.org/%u/%u", human, turn);
    else if (strcmp(kind, "imei") == 0) {
        (void)snprintf(out, REF_TEXT, "49%012u", human);
        out[14] = check_digit(out);
        out[15] = 0;
    } else {
        return false;
    }
    return true;
}

/* ---- apps ---------------------------------------------------------------------------------------- */

static void find_ways(struct app *app)
{
    const struct kept_policy_info *info = kept_policy_info(app->policy);
    char ignored[REF_TEXT];
    for (uint32_t f = 0; f < info->functions; f++)
        for (uint32_t i = 0; i < info->items; i++) {
            const struct kept_item *item = kept_policy_item(app->policy, i);
            if (!function_has(app->policy, f, i) || !value_of(item->kind, 1, 1, ignored) ||
                item->place != KEPT_PLACE_STORE)
                continue;
            assert_true(app->way_count < sizeof app->ways / sizeof app->ways[0]);
            app->ways[app->way_count++] = (struct way){item, i, f};
        }
    assert_true(app->way_count > 0);
}

static void app_up(struct crowd *c, struct app *app, const char *name)
{
    struct kept_findings findings = {0};
    char path[64];
    (void)snprintf(path, sizeof path, "policies/%s.yaml", name);
    app->name = name;
    app->text = world_load(path);
    assert_int_equal(kept_policy_read(world_text(app->text), &app->policy, &findings, NULL), 0);
    kept_findings_release(&findings);
    app->room = c->humans + c->humans / 4 + 64;
    app->ref = (struct reference){.policy = app->policy, .now = c->w.now};
    app->ref.people = calloc(app->room, sizeof *app->ref.people);
    app->ids = calloc(app->room, sizeof *app->ids);
    app->asked = calloc(app->room, sizeof *app->asked);
    app->changed = calloc(app->room, sizeof *app->changed);
    assert_true(app->ref.people != NULL && app->ids != NULL && app->asked != NULL &&
                app->changed != NULL);
    find_ways(app);
    ALLOWS(&c->w, .app = name, .op = KEPT_OP_POLICY_PUBLISH, .text = app->text, .at = WORLD_T0);
}

static void app_down(struct app *app)
{
    kept_policy_free(app->policy);
    free(app->text);
    free(app->ref.people);
    free(app->ids);
    free(app->asked);
    free(app->changed);
}

static size_t subjects(const struct crowd *c)
{
    size_t n = 0;
    for (size_t a = 0; a < APPS; a++)
        n += c->apps[a].ref.count;
    return n;
}

/* ---- drawing ------------------------------------------------------------------------------------- */

static const struct way *any_way(const struct app *app)
{
    return &app->ways[draw(app->way_count)];
}

/* Of an item, or of a function, by reference: some way, from a random one on. */
static const struct way *way_of(const struct app *app, uint32_t item, uint32_t function)
{
    const size_t from = draw(app->way_count);
    for (size_t i = 0; i < app->way_count; i++) {
        const struct way *way = &app->ways[(from + i) % app->way_count];
        if (way->item->ref == item || app->policy->functions[way->function].ref == function)
            return way;
    }
    return any_way(app);
}

static const char *function_name(const struct app *app, const struct way *way)
{
    return kept_policy_name(app->policy, KEPT_K_FUNCTION, way->function);
}

static const char *purpose_name(const struct app *app, const struct way *way)
{
    const struct list *purposes = &app->policy->functions[way->function].purposes;
    return purposes->n == 0 ? NULL
                            : kept_policy_name(app->policy, KEPT_K_PURPOSE,
                                               purposes->v[draw(purposes->n)]);
}

static const char *some_name(const struct app *app, enum kept_kind kind, size_t count)
{
    return count == 0 ? "no-such" : kept_policy_name(app->policy, kind, (uint32_t)draw(count));
}

static void put_field(struct question *q, const struct kept_item *item, int who)
{
    const size_t at = q->request.field_count;
    if (at == FIELDS)
        return;
    for (size_t i = 0; i < at; i++)
        if (q->fields[i].name == item->name)
            return;
    if (!value_of(item->kind, (uint32_t)who, (uint32_t)draw(1000), q->values[at]))
        return;
    q->fields[at] = world_field(item->name, q->values[at]);
    q->request.fields = q->fields;
    q->request.field_count = at + 1;
}

/* What the function cannot do without, and more of what it has. */
static void draw_collect(const struct app *app, struct question *q, const struct way *way, int who)
{
    const struct list *needs = &app->policy->functions[way->function].mandatory;
    const uint32_t function = app->policy->functions[way->function].ref;
    q->request.op = KEPT_OP_COLLECT;
    q->request.function = function_name(app, way);
    q->request.facts = one_in(10) ? (uint32_t)draw(8) : KEPT_F_IN_USE | KEPT_F_USER_ACTION;
    put_field(q, way->item, who);
    for (size_t i = 0; i < needs->n && !one_in(12); i++)
        put_field(q, kept_policy_item(app->policy, needs->v[i]), who);
    if (one_in(2))
        put_field(q, way_of(app, 0, function)->item, who);
}

#endif
