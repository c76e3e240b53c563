/* test_orders.c - items that lie in other systems: what they are told to delete, and when; that nothing of it is lost, names
 * anybody, or is closed by anybody else; and uses of what lies there, by tickets that are good for a while. */
#include <jansson.h>

#include "../aid/world.h"
#include "base/id.h"
#include "engine/serve.h"
#include "self_aid.h"

#define VISIT "source: generated, retain: 1 day, clause: T-10}"
#define VISIT_OUT "source: generated, retain: 1 day, place: external, held_in: door-log, clause: T-10}"
#define SCRAP "retain: account, values: many}\n  photo"
#define SCRAP_OUT "retain: account, values: many, place: external, held_in: desk}\n  photo"
#define TOKEN 80

static char *swap(char *text, const char *from, const char *to)
{
    const size_t room = strlen(text) + strlen(to) + 1;
    char *at = strstr(text, from), *made = malloc(room);
    assert_non_null(at);
    assert_non_null(made);
    (void)snprintf(made, room, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    free(text);
    return made;
}

/* A shop of which two systems hold something: door-log visits, desk scraps. A withdrawal deletes. */
static void shop_at(struct world *w, unsigned version)
{
    char *text = swap(world_policy("shop", version, VISIT, VISIT_OUT), SCRAP, SCRAP_OUT);
    text = swap(text, "effect: collect_and_use", "effect: delete");
    text = swap(text, "optional: [note, scrap, photo", "optional: [note, photo");
    text = swap(text, "optional: [name, badge]", "optional: [name, badge, scrap]");
    ALLOWS(w, .op = KEPT_OP_POLICY_PUBLISH, .text = text);
    free(text);
}

static void open_shop(struct world *w)
{
    world_up(w);
    shop_at(w, 1);
}

static json_t *json_of(struct kept_reply *reply)
{
    json_t *root = json_loads(reply->json != NULL ? reply->json : "{}", 0, NULL);
    assert_non_null(root);
    kept_reply_free(reply);
    return root;
}

static const char *word(const json_t *row, const char *key)
{
    const char *text = json_string_value(json_object_get(row, key));
    return text != NULL ? text : "";
}

/* The orders that are handed out now; the one to a system: its id, its reference. */
struct handed {
    size_t count;
    struct kept_id id, reference;
    char kind[16];
};
static struct handed take(struct world *w, const char *name)
{
    struct handed h = {.count = 0};
    json_t *root = json_of(ASK(w, .op = KEPT_OP_POST_TAKE)), *all = json_object_get(root, "orders"), *one = NULL;
    size_t i = 0;
    h.count = json_array_size(all);
    json_array_foreach(all, i, one)
        if (strcmp(word(one, "held_in"), name) == 0) {
            assert_int_equal(kept_id_parse(word(one, "order"), &h.id), 0);
            if (word(one, "reference")[0] != 0)
                assert_int_equal(kept_id_parse(word(one, "reference"), &h.reference), 0);
            (void)snprintf(h.kind, sizeof h.kind, "%s", word(one, "kind"));
        }
    json_decref(root);
    return h;
}

static void tell(struct world *w, struct kept_id id, const char *what)
{
    ALLOWS(w, .op = KEPT_OP_POST_TELL, .subject = id, .text = what);
}

static bool replies(struct kept_reply *reply, const char *words)
{
    const bool has = world_json_has(reply, words);
    if (!has)
        print_error("not in it: %s\n%s\n", words, reply->json != NULL ? reply->json : "(nothing)");
    kept_reply_free(reply);
    return has;
}
#define STAT_SAYS(w, words) assert_true(replies(ASK(w, .op = KEPT_OP_STAT), words))

/* ---- erasing ----------------------------------------------------------------------------------- */

static void an_erasure_is_ordered_and_acknowledged(void **state)
{
    struct world w;
    char hex[33], other[33];
    (void)state;
    open_shop(&w);
    struct kept_id id = world_person(&w), next = world_person(&w);
    kept_id_hex(&id, hex);
    assert_true(replies(ASK(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = id), "\"state\":\"open\""));
    STAT_SAYS(&w, "\"orders_open\":2,\"orders_overdue\":0");
    STAT_SAYS(&w, "\"door-log\":{\"open\":1,\"overdue\":0}");
    struct kept_reply *reply = ASK(&w, .op = KEPT_OP_POST_TAKE);
    assert_int_equal(world_json_count(reply, "\"kind\":\"erase\""), 2);
    assert_true(world_json_has(reply, "\"items\":[{\"item\":\"visit\",\"then\":\"erase\",\"before\":\"2026-01-05T08:00:00"));
    assert_true(world_json_has(reply, "\"because\":\"erase.subject\""));
    assert_false(world_json_has(reply, hex)); /* it names nobody */
    kept_reply_free(reply);
    assert_int_equal(take(&w, "desk").count, 0); /* not at once again */
    w.now += 30 * KEPT_SECOND;
    struct handed desk = take(&w, "desk");
    assert_int_equal(desk.count, 2);
    /* A reference is a person's, and a system's. */
    ALLOWS(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = next);
    struct handed second = take(&w, "desk");
    assert_int_equal(second.count, 2);
    assert_memory_not_equal(&second.reference, &desk.reference, sizeof desk.reference);
    kept_id_hex(&desk.reference, other);
    assert_string_not_equal(hex, other);
    struct handed door = take(&w, "door-log");
    assert_memory_not_equal(&door.reference, &desk.reference, sizeof desk.reference);
    /* Taken over, then done: told wherever somebody looks. */
    tell(&w, desk.id, "sent 202");
    assert_true(world_shows(&w, id, "\"state\":\"taken_over\""));
    w.now += KEPT_HOUR;
    reply = ASK(&w, .op = KEPT_OP_ORDER_DONE, .subject = desk.id, .text = "case 7");
    assert_int_equal(reply->decision, KEPT_ALLOW);
    assert_true(kept_id_is_zero(&reply->subject)); /* nor is who acknowledges told whom it was about */
    assert_false(world_json_has(reply, hex));
    assert_true(replies(reply, "\"state\":\"acknowledged\""));
    assert_true(world_shows(&w, id, "\"acknowledged\":\"2026-01-05T09:00:30"));
    assert_true(replies(ASK(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = id), "\"acknowledged\":\"2026-01-05T09:00:30"));
    reply = ASK(&w, .op = KEPT_OP_TRAIL, .subject = id);
    assert_int_equal(world_json_count(reply, "\"operation\":\"order.done\""), 1);
    assert_true(world_json_has(reply, "to desk: acknowledged, receipt case 7"));
    assert_true(world_json_has(reply, "\"items\":[{\"item\":\"scrap\",\"decision\":\"allow\"}]"));
    assert_true(replies(reply, "\"orders\":[{\"held_in\":\"desk\""));
    STAT_SAYS(&w, "\"desk\":{\"open\":1,\"overdue\":0}");
    /* Twice is once. */
    w.now += KEPT_HOUR;
    assert_true(replies(ASK(&w, .op = KEPT_OP_ORDER_DONE, .subject = desk.id), "\"acknowledged\":\"2026-01-05T09:00:30"));
    tell(&w, desk.id, "sent 200"); /* late words of a sender change nothing */
    STAT_SAYS(&w, "\"orders_open\":3");
    world_check(&w);
    world_down(&w);
}

/* A policy that gives the app none of it shuts no order's way; tickets are for it to open. */
static void no_policy_shuts_their_way(void **state)
{
    struct world w;
    (void)state;
    world_up(&w);
    char *text = world_policy("shop", 1, SCRAP, SCRAP_OUT), *from = strstr(text, ", post_take"), *to = strchr(from, ']');
    memmove(from, to, strlen(to) + 1); /* these stand last */
    ALLOWS(&w, .op = KEPT_OP_POLICY_PUBLISH, .text = text);
    free(text);
    struct kept_id id = world_person(&w), next = world_person(&w);
    ALLOWS(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = id);
    ALLOWS(&w, .op = KEPT_OP_ORDER_LIST);
    struct handed h = take(&w, "desk");
    assert_int_equal(h.count, 1);
    tell(&w, h.id, "sent 202");
    ALLOWS(&w, .op = KEPT_OP_ORDER_DONE, .subject = h.id);
    SAYS(&w, KEPT_DENY, KEPT_R_OPERATION, .op = KEPT_OP_ORDER_LIST, .role = "support");
    SAYS(&w, KEPT_DENY, KEPT_R_OPERATION, .op = KEPT_OP_ORDER_SHOW, .secret = "00");
    SAYS(&w, KEPT_DENY, KEPT_R_OPERATION, .op = KEPT_OP_LOG_TAKE, .subject = next);
    world_down(&w);
}

static void what_is_no_order(void **state)
{
    struct world w;
    char receipt[202];
    (void)state;
    open_shop(&w);
    struct kept_id id = world_person(&w), nobody = {{1, 2, 3}};
    memset(receipt, 'x', sizeof receipt - 1);
    receipt[sizeof receipt - 1] = 0;
    ALLOWS(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = id);
    struct handed h = take(&w, "desk"), almost = h;
    almost.id.b[15] ^= 1;
    SAYS(&w, KEPT_DENY, KEPT_R_NO_VALUE, .op = KEPT_OP_ORDER_DONE, .subject = nobody);
    SAYS(&w, KEPT_DENY, KEPT_R_NO_VALUE, .op = KEPT_OP_ORDER_DONE, .subject = almost.id);
    SAYS(&w, KEPT_DENY, KEPT_R_NO_VALUE, .op = KEPT_OP_POST_TELL, .subject = nobody, .text = "sent 200");
    SAYS(&w, KEPT_DENY, KEPT_R_OPERATION, .op = KEPT_OP_ORDER_DONE, .subject = h.id, .role = "support");
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_ORDER_DONE);
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_ORDER_DONE, .subject = h.id, .text = receipt);
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_POST_TELL, .subject = h.id, .text = "perhaps");
    STAT_SAYS(&w, "\"orders_open\":2");
    tell(&w, h.id, "done 200"); /* what a sender reads in the answer counts as well */
    STAT_SAYS(&w, "\"orders_open\":1");
    assert_int_equal(world_audit_has(&w, "acknowledged"), 1);
    world_down(&w);
}

/* A caller is the system of its name: its own orders, and no other's. */
static struct kept_reply *as(struct world *w, const char *token, struct kept_request r)
{
    const struct kept_caller_row *who = NULL;
    const struct kept_request *all[] = {&r};
    struct kept_reply *reply = NULL;
    char actor[KEPT_ACTOR_ROOM];
    size_t n = 0;
    r.app = "shop";
    assert_int_equal(kept_caller_judge(w->kept, world_text(token), 0, &who, &w->err), 0);
    assert_int_equal(kept_caller_complete(who, &r, actor, &w->err), 0);
    assert_int_equal(kept_submit_all(w->kept, who, all, 1, &w->err), 0);
    assert_int_equal(kept_reap(w->kept, &reply, 1, 1, &n, &w->err), 0);
    return reply;
}
#define AS(w, token, ...) as(w, token, (struct kept_request){__VA_ARGS__})

static void is(struct kept_reply *reply, enum kept_decision decision, enum kept_reason reason)
{
    if (reply->decision != decision || reply->reason != reason || reply->error != 0)
        fail_msg("%s %s %s", kept_decision_name(reply->decision), kept_reason_name(reply->reason), reply->err.text);
    kept_reply_free(reply);
}

static void add_caller(struct world *w, const char *name, char token[TOKEN])
{
    struct kept_reply *reply = ASK(w, .op = KEPT_OP_CALLER_ADD,
                                   .caller = &(struct kept_caller){.name = name, .operations = "order.list,order.done,order.show"});
    (void)snprintf(token, TOKEN, "%.77s", strstr(reply->json, "kept_"));
    kept_reply_free(reply);
}

static void a_system_closes_its_own(void **state)
{
    struct world w;
    char desk[TOKEN], door[TOKEN];
    (void)state;
    open_shop(&w);
    struct kept_id id = world_person(&w);
    add_caller(&w, "desk", desk);
    add_caller(&w, "door-log", door);
    ALLOWS(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = id);
    struct kept_reply *reply = AS(&w, desk, .op = KEPT_OP_ORDER_LIST);
    assert_int_equal(world_json_count(reply, "\"order\":"), 1);
    assert_true(replies(reply, "\"held_in\":\"desk\""));
    reply = ASK(&w, .op = KEPT_OP_ORDER_LIST);
    assert_int_equal(world_json_count(reply, "\"order\":"), 2);
    kept_reply_free(reply);
    struct handed h = take(&w, "desk");
    is(AS(&w, door, .op = KEPT_OP_ORDER_DONE, .subject = h.id), KEPT_DENY, KEPT_R_CALLER);
    STAT_SAYS(&w, "\"orders_open\":2");
    is(AS(&w, desk, .op = KEPT_OP_ORDER_DONE, .subject = h.id, .text = "gone"), KEPT_ALLOW, KEPT_R_NONE);
    STAT_SAYS(&w, "\"orders_open\":1");
    is(AS(&w, desk, .op = KEPT_OP_STAT), KEPT_DENY, KEPT_R_CALLER); /* and nothing else */
    reply = ASK(&w, .op = KEPT_OP_TRAIL, .subject = id);
    assert_true(replies(reply, "\"actor\":\"desk\""));
    world_down(&w);
}

/* ---- nothing is lost --------------------------------------------------------------------------- */

static void a_system_that_is_down_loses_nothing(void **state)
{
    struct world w;
    (void)state;
    open_shop(&w);
    struct kept_id id = world_person(&w);
    ALLOWS(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = id);
    unsigned handed = 0;
    for (kept_ms end = w.now + 10 * KEPT_DAY; w.now < end; w.now += KEPT_HOUR) {
        handed += take(&w, "desk").count == 2;
        if (handed == 3)
            world_reopen(&w);
    }
    assert_in_range(handed, 40, 50); /* seldom at last, and never given up */
    STAT_SAYS(&w, "\"orders_open\":2,\"orders_overdue\":0");
    w.now += 5 * KEPT_DAY + KEPT_DAY;
    STAT_SAYS(&w, "\"orders_open\":2,\"orders_overdue\":2");
    assert_true(world_shows(&w, id, "\"overdue\":true"));
    assert_true(replies(ASK(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = id), "\"overdue\":true"));
    struct handed h = take(&w, "desk");
    assert_int_equal(h.count, 2);
    tell(&w, h.id, "refused 404"); /* which is no answer to the person */
    assert_true(world_shows(&w, id, "\"answered\":404"));
    w.now += 6 * KEPT_HOUR;
    h = take(&w, "desk");
    assert_int_equal(h.count, 2);
    tell(&w, h.id, "sent 202");
    w.now += 23 * KEPT_HOUR;
    assert_int_equal(take(&w, "door-log").count, 1); /* who took it over is reminded a day later */
    w.now += KEPT_HOUR;
    h = take(&w, "desk");
    assert_int_equal(h.count, 1);
    ALLOWS(&w, .op = KEPT_OP_ORDER_DONE, .subject = h.id);
    assert_true(replies(ASK(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = id), "\"state\":\"acknowledged\""));
    world_down(&w);
}

/* What is added takes another id: the acknowledgement of what was before closes nothing. */
static void the_newest_is_what_counts(void **state)
{
    struct world w;
    (void)state;
    open_shop(&w);
    struct kept_id id = world_person(&w);
    assert_true(replies(ASK(&w, .op = KEPT_OP_ERASE_RECORD, .subject = id, .item = "scrap"), "\"orders\":[{\"held_in\":\"desk\""));
    struct handed first = take(&w, "desk");
    assert_int_equal(first.count, 1);
    w.now += KEPT_HOUR;
    ALLOWS(&w, .op = KEPT_OP_ERASE_RECORD, .subject = id, .item = "scrap");
    struct handed second = take(&w, "desk");
    assert_int_equal(second.count, 1);
    assert_memory_equal(&first.reference, &second.reference, sizeof first.reference);
    SAYS(&w, KEPT_DENY, KEPT_R_NO_VALUE, .op = KEPT_OP_ORDER_DONE, .subject = first.id);
    STAT_SAYS(&w, "\"orders_open\":1");
    ALLOWS(&w, .op = KEPT_OP_ORDER_DONE, .subject = second.id);
    STAT_SAYS(&w, "\"orders_open\":0");
    SAYS(&w, KEPT_DENY, KEPT_R_NO_VALUE, .op = KEPT_OP_ERASE_RECORD, .subject = id, .item = "scrap", .record = 3);
    SAYS(&w, KEPT_DENY, KEPT_R_NO_VALUE, .op = KEPT_OP_ERASE_RECORD, .subject = id, .item = "note");
    ALLOWS(&w, .op = KEPT_OP_ERASE_RECORD, .subject = id, .item = "scrap"); /* and again, when it was done */
    STAT_SAYS(&w, "\"orders_open\":1");
    SAYS(&w, KEPT_DENY, KEPT_R_NO_VALUE, .op = KEPT_OP_ORDER_DONE, .subject = second.id);
    world_check(&w);
    world_down(&w);
}

static void keys_turn_over_and_orders_stay(void **state)
{
    struct world w;
    (void)state;
    open_shop(&w);
    struct kept_id id = world_person(&w), done = world_person(&w);
    ALLOWS(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = done);
    ALLOWS(&w, .op = KEPT_OP_ORDER_DONE, .subject = take(&w, "desk").id);
    ALLOWS(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = id);
    struct handed h = take(&w, "desk");
    for (unsigned i = 0; i < 8; i++) { /* every key of then is destroyed */
        w.now += 7 * KEPT_DAY;
        ALLOWS(&w, .op = KEPT_OP_TICK);
    }
    assert_false(world_has_key(&w, "epoch-1"));
    world_reopen(&w);
    assert_true(world_shows(&w, done, "\"state\":\"acknowledged\""));
    ALLOWS(&w, .op = KEPT_OP_ORDER_DONE, .subject = h.id);
    assert_true(world_shows(&w, id, "\"state\":\"acknowledged\""));
    for (unsigned i = 0; i < 40; i++) { /* it is told as long as anything of the person is, and forgotten then */
        w.now += 30 * KEPT_DAY;
        ALLOWS(&w, .op = KEPT_OP_TICK);
    }
    SAYS(&w, KEPT_DENY, KEPT_R_NO_VALUE, .op = KEPT_OP_ORDER_DONE, .subject = h.id);
    world_check(&w);
    world_down(&w);
}

/* A store that was put back from before the erasure orders it again. */
static void a_restore_orders_again(void **state)
{
    struct world w;
    (void)state;
    open_shop(&w);
    struct kept_id id = world_person(&w), one = world_person(&w);
    world_save(&w, "before");
    const struct handed none = take(&w, "desk");
    assert_int_equal(none.count, 0);
    ALLOWS(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = id);
    ALLOWS(&w, .op = KEPT_OP_ERASE_RECORD, .subject = one, .item = "scrap");
    ALLOWS(&w, .op = KEPT_OP_ORDER_DONE, .subject = take(&w, "door-log").id);
    STAT_SAYS(&w, "\"orders_open\":2");
    world_put_back(&w, "before");
    STAT_SAYS(&w, "\"orders_open\":3");
    STAT_SAYS(&w, "\"desk\":{\"open\":2,");
    assert_true(world_shows(&w, id, "\"state\":\"open\""));
    assert_true(world_shows(&w, one, "\"because\":\"erase.record\""));
    world_down(&w);
}

/* ---- withdrawing, and the end of its time ------------------------------------------------------- */

static void a_withdrawal_is_ordered(void **state)
{
    struct world w;
    (void)state;
    open_shop(&w);
    struct kept_id id = world_person(&w);
    struct kept_reply *reply = ASK(&w, .op = KEPT_OP_CONSENT_WITHDRAW, .subject = id, .function = "account");
    assert_true(world_json_has(reply, "\"ordered_deleted\":{\"scrap\":\"desk\"}"));
    kept_reply_free(reply);
    struct handed h = take(&w, "desk");
    assert_int_equal(h.count, 1);
    assert_string_equal(h.kind, "erase");
    assert_true(world_shows(&w, id, "\"because\":\"consent.withdraw\""));
    world_down(&w);
    /* Where a withdrawal only stops, nothing is deleted, there as here. */
    world_up(&w);
    char *text = world_policy("shop", 1, SCRAP, SCRAP_OUT);
    ALLOWS(&w, .op = KEPT_OP_POLICY_PUBLISH, .text = text);
    free(text);
    id = world_person(&w);
    reply = ASK(&w, .op = KEPT_OP_CONSENT_WITHDRAW, .subject = id, .function = "notes");
    assert_true(world_json_has(reply, "\"scrap\":\"held, not used"));
    kept_reply_free(reply);
    STAT_SAYS(&w, "\"orders_open\":0");
    world_down(&w);
}

static void what_has_reached_its_end_is_ordered(void **state)
{
    struct world w;
    (void)state;
    open_shop(&w);
    world_tick_says(&w, "\"systems_ordered\":1");
    struct kept_reply *reply = ASK(&w, .op = KEPT_OP_POST_TAKE);
    assert_true(world_json_has(reply, "\"kind\":\"retain\",\"held_in\":\"door-log\",\"items\":[{\"item\":\"visit\",\"then\":\"erase\","
                                      "\"before\":\"2026-01-04T08:00:00"));
    assert_false(world_json_has(reply, "\"reference\""));
    assert_false(world_json_has(reply, "\"held_in\":\"desk\"")); /* as long as the account: nothing ends */
    kept_reply_free(reply);
    assert_int_equal(world_audit_has(&w, "ordered to delete what has reached its end"), 1);
    w.now += 2 * KEPT_DAY;
    world_tick_says(&w, "\"systems_ordered\":0"); /* one is open */
    struct handed h = take(&w, "door-log");
    assert_string_equal(h.kind, "retain");
    ALLOWS(&w, .op = KEPT_OP_ORDER_DONE, .subject = h.id);
    world_tick_says(&w, "\"systems_ordered\":1");
    ALLOWS(&w, .op = KEPT_OP_ORDER_DONE, .subject = take(&w, "door-log").id);
    world_tick_says(&w, "\"systems_ordered\":0"); /* a day between two */
    w.now += KEPT_DAY;
    world_tick_says(&w, "\"systems_ordered\":1");
    world_check(&w);
    world_down(&w);
}

/* Kept by law, archived, made anonymous: as the policy says, there as here. */
static void what_becomes_of_it(void **state)
{
    static const struct {
        const char *rule, *erased, *ended;
    } all[] = {{"source: generated, retain: 1 day, place: external, held_in: door-log, then: anonymise, clause: T-10}",
                "\"then\":\"anonymise\",\"before\":\"2026-01-05", "\"then\":\"anonymise\",\"before\":\"2026-01-04"},
               {"source: generated, retain: 1 day, place: external, held_in: door-log, then: archive, archive: 30 days, statute: S, "
                "clause: T-10}", "\"then\":\"archive\",\"before\":\"2026-01-05T08:00:00Z\",\"until\":\"2026-02-04",
                "\"then\":\"erase\",\"before\":\"2025-12-05"},
               {"source: generated, retain: 1 day, place: external, held_in: door-log, retention_class: law, statute: S, clause: T-10}",
                NULL, "\"then\":\"erase\",\"before\":\"2026-01-04"}};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        struct world w;
        (void)state;
        world_up(&w);
        char *text = world_policy("shop", 1, VISIT, all[i].rule);
        ALLOWS(&w, .op = KEPT_OP_POLICY_PUBLISH, .text = text);
        free(text);
        struct kept_id id = world_person(&w);
        struct kept_reply *reply = ASK(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = id);
        assert_int_equal(world_json_has(reply, "\"kept_by_law\":true"), all[i].erased == NULL);
        kept_reply_free(reply);
        reply = ASK(&w, .op = KEPT_OP_POST_TAKE);
        assert_int_equal(world_json_count(reply, "\"kind\":\"erase\""), all[i].erased != NULL);
        if (all[i].erased != NULL && !world_json_has(reply, all[i].erased))
            fail_msg("%s", reply->json);
        kept_reply_free(reply);
        world_tick_says(&w, "\"systems_ordered\":1");
        assert_true(replies(ASK(&w, .op = KEPT_OP_POST_TAKE), all[i].ended));
        if (all[i].erased == NULL) {
            id = world_person(&w);
            SAYS(&w, KEPT_DENY, KEPT_R_KEPT_BY_LAW, .op = KEPT_OP_ERASE_RECORD, .subject = id, .item = "visit");
        }
        world_down(&w);
    }
}

/* ---- uses -------------------------------------------------------------------------------------- */

static struct kept_reply *use(struct world *w, struct kept_id id, const char *role, const char *purpose)
{
    static const struct kept_field scrap = {.name = "scrap"};
    return ASK(w, .op = KEPT_OP_USE, .subject = id, .role = role, .purpose = purpose, .fields = &scrap, .field_count = 1);
}

static void ticket_of(struct kept_reply *reply, enum kept_decision decision, char ticket[2100])
{
    assert_int_equal(reply->decision, decision);
    assert_int_equal(reply->field_count, 1);
    assert_int_equal(reply->fields[0].decision, decision);
    assert_int_equal(reply->fields[0].value.n, 0);
    json_t *root = json_of(reply), *row = json_array_get(json_object_get(root, "held_elsewhere"), 0);
    assert_string_equal(word(row, "held_in"), "desk");
    assert_in_range(strlen(word(row, "ticket")), 100, 2098);
    (void)snprintf(ticket, 2100, "%s", word(row, "ticket"));
    json_decref(root);
}

static void a_use_is_decided_here_and_shown_there(void **state)
{
    struct world w;
    char hex[33], ticket[2100], desk[TOKEN], door[TOKEN];
    const struct kept_field both[] = {{.name = "scrap"}, {.name = "name"}};
    (void)state;
    open_shop(&w);
    struct kept_id id = world_person(&w);
    kept_id_hex(&id, hex);
    add_caller(&w, "desk", desk);
    add_caller(&w, "door-log", door);
    /* The app puts it there under the reference, which collecting and showing tell it. */
    const struct kept_field scrap = world_field("scrap", "of paper");
    struct kept_reply *reply = ASK(&w, .op = KEPT_OP_COLLECT, .subject = id, .function = "account", .fields = &scrap, .field_count = 1,
                                   .facts = KEPT_F_USER_ACTION);
    assert_int_equal(reply->reason, KEPT_R_MANDATORY_MISSING);
    kept_reply_free(reply);
    world_put(&w, id, "account", "phone", "13800138000");
    reply = ASK(&w, .op = KEPT_OP_COLLECT, .subject = id, .function = "account", .fields = &scrap, .field_count = 1,
                .facts = KEPT_F_USER_ACTION);
    assert_int_equal(reply->decision, KEPT_ALLOW);
    assert_int_equal(reply->fields[0].record, 0); /* not here */
    assert_true(world_json_has(reply, "{\"item\":\"scrap\",\"held_in\":\"desk\",\"reference\":\""));
    char reference[64];
    (void)snprintf(reference, sizeof reference, "\"reference\":\"%.32s\"", strstr(reply->json, "\"held_in\":\"desk\",\"reference\":\"") + 30);
    kept_reply_free(reply);
    assert_true(world_shows(&w, id, reference));
    ticket_of(use(&w, id, NULL, "service"), KEPT_ALLOW, ticket);
    assert_null(strstr(ticket, hex));
    /* The system shows it, as often as it likes while it is good. */
    reply = AS(&w, desk, .op = KEPT_OP_ORDER_SHOW, .secret = ticket);
    assert_int_equal(reply->decision, KEPT_ALLOW);
    assert_true(kept_id_is_zero(&reply->subject));
    assert_true(world_json_has(reply, reference));
    assert_true(world_json_has(reply, "\"item\":\"scrap\",\"masked\":false,\"purpose\":\"service\""));
    assert_false(world_json_has(reply, hex));
    kept_reply_free(reply);
    is(AS(&w, door, .op = KEPT_OP_ORDER_SHOW, .secret = ticket), KEPT_DENY, KEPT_R_CALLER);
    reply = ASK(&w, .op = KEPT_OP_TRAIL, .subject = id);
    assert_int_equal(world_json_count(reply, "\"operation\":\"order.show\""), 1); /* another system's said nothing of them */
    assert_int_equal(world_json_count(reply, "\"operation\":\"use\""), 1);
    kept_reply_free(reply);
    /* Beside what lies here: one has its value, the other its ticket. */
    world_put(&w, id, "account", "name", "Ada");
    reply = ASK(&w, .op = KEPT_OP_USE, .subject = id, .purpose = "service", .fields = both, .field_count = 2);
    assert_int_equal(reply->field_count, 2);
    assert_int_equal(reply->fields[1].value.n, 3);
    assert_true(replies(reply, "\"ticket\":\""));
    /* What changed since counts. */
    ALLOWS(&w, .op = KEPT_OP_CONSENT_WITHDRAW, .subject = id, .function = "account");
    is(AS(&w, desk, .op = KEPT_OP_ORDER_SHOW, .secret = ticket), KEPT_DENY, KEPT_R_WITHDRAWN);
    is(use(&w, id, NULL, "service"), KEPT_DENY, KEPT_R_WITHDRAWN);
    ALLOWS(&w, .op = KEPT_OP_ERASE_SUBJECT, .subject = id);
    is(AS(&w, desk, .op = KEPT_OP_ORDER_SHOW, .secret = ticket), KEPT_DENY, KEPT_R_ERASED);
    world_check(&w);
    world_down(&w);
}

static void what_is_no_ticket(void **state)
{
    struct world w;
    char ticket[2100], masked[2100];
    (void)state;
    open_shop(&w);
    struct kept_id id = world_person(&w);
    ticket_of(use(&w, id, NULL, "service"), KEPT_ALLOW, ticket);
    SAYS(&w, KEPT_DENY, KEPT_R_PURPOSE, .op = KEPT_OP_USE, .subject = id, .purpose = "care",
         .fields = &(struct kept_field){.name = "scrap"}, .field_count = 1);
    is(use(&w, id, "support", "service"), KEPT_DENY, KEPT_R_ROLE);
    FAILS(&w, KEPT_E_USAGE, .op = KEPT_OP_ORDER_SHOW);
    SAYS(&w, KEPT_DENY, KEPT_R_CODE, .op = KEPT_OP_ORDER_SHOW, .secret = "00");
    SAYS(&w, KEPT_DENY, KEPT_R_CODE, .op = KEPT_OP_ORDER_SHOW, .secret = "no ticket");
    (void)snprintf(masked, sizeof masked, "%s", ticket);
    masked[60] = masked[60] == '0' ? '1' : '0';
    SAYS(&w, KEPT_DENY, KEPT_R_CODE, .op = KEPT_OP_ORDER_SHOW, .secret = masked);
    masked[strlen(masked) - 1] = 0;
    SAYS(&w, KEPT_DENY, KEPT_R_CODE, .op = KEPT_OP_ORDER_SHOW, .secret = masked);
    ALLOWS(&w, .op = KEPT_OP_ORDER_SHOW, .secret = ticket);
    w.now += 15 * KEPT_MINUTE - 1;
    ALLOWS(&w, .op = KEPT_OP_ORDER_SHOW, .secret = ticket);
    w.now += 1;
    SAYS(&w, KEPT_DENY, KEPT_R_CODE, .op = KEPT_OP_ORDER_SHOW, .secret = ticket);
    /* Another app's is nobody's here. */
    w.app = NULL;
    world_publish(&w, "club", 1);
    w.app = "shop";
    ticket_of(use(&w, id, NULL, "service"), KEPT_ALLOW, ticket);
    w.app = "club";
    SAYS(&w, KEPT_DENY, KEPT_R_CODE, .op = KEPT_OP_ORDER_SHOW, .secret = ticket);
    world_down(&w);
}

/* In a role that sees it masked, and by the person themselves: the ticket carries how it was asked. */
static void a_ticket_carries_how_it_was_asked(void **state)
{
    static const struct kept_field scrap = {.name = "scrap"};
    struct world w;
    char ticket[2100], token[SELF_TOKEN];
    (void)state;
    world_up(&w);
    char *text = swap(self_policy(1, ""), SCRAP, SCRAP_OUT);
    text = swap(text, "masked: [phone, name, note]", "masked: [phone, name, note, scrap]");
    ALLOWS(&w, .op = KEPT_OP_POLICY_PUBLISH, .text = text);
    free(text);
    w.app = "shop";
    struct kept_id id = world_person(&w);
    world_put(&w, id, "account", "phone", "13800138000");
    ticket_of(use(&w, id, "support", "service"), KEPT_MASK, ticket);
    struct kept_reply *reply = ASK(&w, .op = KEPT_OP_ORDER_SHOW, .secret = ticket);
    assert_int_equal(reply->decision, KEPT_MASK);
    assert_true(replies(reply, "\"masked\":true,\"role\":\"support\",\"purpose\":\"service\""));
    self_session(&w, id, "13800138000", token);
    ticket_of(SELF(&w, token, .op = KEPT_OP_USE, .subject = id, .fields = &scrap, .field_count = 1), KEPT_ALLOW, ticket);
    ALLOWS(&w, .op = KEPT_OP_CONSENT_WITHDRAW, .subject = id, .function = "notes"); /* one's own holds after it, too */
    ALLOWS(&w, .op = KEPT_OP_ORDER_SHOW, .secret = ticket);
    SELF_DENIES(&w, token, OPERATION, .op = KEPT_OP_ORDER_LIST);
    SELF_DENIES(&w, token, OPERATION, .op = KEPT_OP_ORDER_SHOW, .secret = ticket);
    /* They see what was ordered, and not by what name. */
    ALLOWS(&w, .op = KEPT_OP_ERASE_RECORD, .subject = id, .item = "scrap");
    reply = SELF(&w, token, .op = KEPT_OP_SUBJECT_SHOW, .subject = id);
    assert_true(world_json_has(reply, "\"orders\":[{\"held_in\":\"desk\""));
    assert_false(world_json_has(reply, "reference"));
    kept_reply_free(reply);
    world_down(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_erasure_is_ordered_and_acknowledged), cmocka_unit_test(what_is_no_order),
        cmocka_unit_test(no_policy_shuts_their_way),
        cmocka_unit_test(a_system_closes_its_own), cmocka_unit_test(a_system_that_is_down_loses_nothing),
        cmocka_unit_test(the_newest_is_what_counts), cmocka_unit_test(keys_turn_over_and_orders_stay),
        cmocka_unit_test(a_restore_orders_again), cmocka_unit_test(a_withdrawal_is_ordered),
        cmocka_unit_test(what_has_reached_its_end_is_ordered), cmocka_unit_test(what_becomes_of_it),
        cmocka_unit_test(a_use_is_decided_here_and_shown_there), cmocka_unit_test(what_is_no_ticket),
        cmocka_unit_test(a_ticket_carries_how_it_was_asked)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
