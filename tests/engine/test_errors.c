/* test_errors.c - what the public calls say when they are used wrongly: the code, what is wrong and where,
 * how to mend it; in one line, without anything of a person, and with nothing changed. */
#include "../aid/world.h"

#include <sys/stat.h>

/* A person's, in every place of a request that takes words: none of it may come back in an error. */
#define SECRET "13912345678"
#define LONG65 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static char long_text[2050];

static void check_text(const char *what, int rc, int code, const struct kept_err *err, const char *const *words)
{
    if (rc != code || err->code != code)
        fail_msg("%s: %d (%d: %s), not %d", what, rc, err->code, err->text, code);
    assert_true(strlen(err->text) > 0 && strlen(err->text) < KEPT_ERR_TEXT);
    for (const char *c = err->text; *c != 0; c++)
        if ((unsigned char)*c < 0x20)
            fail_msg("%s: not one line: %s", what, err->text);
    if (strstr(err->text, SECRET) != NULL || strstr(err->text, "1391") != NULL)
        fail_msg("%s: says what is a person's: %s", what, err->text);
    for (; *words != NULL; words++)
        if (strstr(err->text, *words) == NULL)
            fail_msg("%s: \"%s\" does not say \"%s\"", what, err->text, *words);
}

#define WORDS(...) (const char *const[]){__VA_ARGS__, NULL}

/* ---- requests ---- */

enum whom { NOBODY, SOMEBODY, STRANGER, OTHERS };

struct wrong {
    const char *what;
    enum whom whom;
    struct kept_request request;
    int code;
    const char *words[4]; /* what, where, how to mend */
};

#define FIELDS(...) .fields = (const struct kept_field[]){__VA_ARGS__}
#define VALUE(text) .value = {(const uint8_t *)(text), sizeof(text) - 1}

static const struct wrong wrongs[] = {
    {"no such operation", NOBODY, {.op = (enum kept_op)77}, KEPT_E_USAGE, {"no operation number 77", "kept.h"}},
    {"operation none", NOBODY, {.op = KEPT_OP_NONE}, KEPT_E_USAGE, {"no operation number 0", "kept.h"}},
    {"no such app", NOBODY, {.op = KEPT_OP_STAT, .app = SECRET}, KEPT_E_NOTFOUND, {"no app of that name", "shop"}},
    {"which app?", NOBODY, {.op = KEPT_OP_STAT, .app = ""}, KEPT_E_USAGE, {"2 apps", "name one", "shop"}},
    {"nobody", NOBODY, {.op = KEPT_OP_SUBJECT_SHOW}, KEPT_E_USAGE, {"needs a subject", "subject.new"}},
    {"a stranger", STRANGER, {.op = KEPT_OP_SUBJECT_SHOW}, KEPT_E_NOTFOUND, {"this app has no such subject"}},
    {"another app's person", OTHERS, {.op = KEPT_OP_SUBJECT_SHOW}, KEPT_E_NOTFOUND, {"this app has no such subject"}},
    {"a long actor", SOMEBODY, {.op = KEPT_OP_SUBJECT_SHOW, .actor = LONG65}, KEPT_E_USAGE, {"actor", "longer than 64 bytes"}},
    {"an actor of two lines", SOMEBODY, {.op = KEPT_OP_SUBJECT_SHOW, .actor = SECRET "\nb"}, KEPT_E_USAGE, {"actor", "not text in UTF-8"}},
    {"a purpose that is no text", SOMEBODY, {.op = KEPT_OP_USE, .purpose = "\xff"}, KEPT_E_USAGE, {"purpose", "UTF-8"}},
    {"a long function", SOMEBODY, {.op = KEPT_OP_USE, .function = LONG65}, KEPT_E_USAGE, {"function", "64"}},
    {"a long role", SOMEBODY, {.op = KEPT_OP_USE, .role = LONG65}, KEPT_E_USAGE, {"role", "64"}},
    {"a long recipient", SOMEBODY, {.op = KEPT_OP_DISCLOSE, .recipient = LONG65}, KEPT_E_USAGE, {"recipient", "64"}},
    {"a long item", SOMEBODY, {.op = KEPT_OP_WHY, .item = LONG65}, KEPT_E_USAGE, {"item", "64"}},
    {"a long permission", SOMEBODY, {.op = KEPT_OP_PERMISSION_SET, .permission = LONG65}, KEPT_E_USAGE, {"permission", "64"}},
    {"a long exemption", SOMEBODY, {.op = KEPT_OP_USE, .exemption = LONG65}, KEPT_E_USAGE, {"exemption", "64"}},
    {"a long justification", SOMEBODY, {.op = KEPT_OP_USE, .text = long_text}, KEPT_E_LIMIT, {"text", "longer than 2048 bytes"}},
    {"a justification of two lines", SOMEBODY, {.op = KEPT_OP_USE, .text = "a\n" SECRET}, KEPT_E_USAGE, {"text", "not one line"}},
    {"an end before all time", SOMEBODY, {.op = KEPT_OP_CONSENT_GRANT, .function = "account", .consent = KEPT_C_EXPLICIT, .expires = -1}, KEPT_E_USAGE, {"expires", "milliseconds since 1970"}},
    {"an instant after all time", NOBODY, {.op = KEPT_OP_POLICY_PUBLISH, .text = "x", .at = INT64_MAX}, KEPT_E_USAGE, {"at is no instant", "milliseconds since 1970"}},
    {"too many fields", SOMEBODY, {.op = KEPT_OP_COLLECT, .function = "account", FIELDS({.name = "phone"}), .field_count = 4001}, KEPT_E_LIMIT, {"4001 fields", "4000", "make several"}},
    {"fields without fields", SOMEBODY, {.op = KEPT_OP_COLLECT, .function = "account", .field_count = 3}, KEPT_E_USAGE, {"no fields", "3"}},
    {"a length without a value", SOMEBODY, {.op = KEPT_OP_COLLECT, .function = "account", FIELDS({.name = "phone", .value = {NULL, 3}}), .field_count = 1}, KEPT_E_USAGE, {"field 0", "no value"}},
    {"two values for one", SOMEBODY, {.op = KEPT_OP_COLLECT, .function = "account", FIELDS({.name = "phone", VALUE(SECRET)}, {.name = "phone", VALUE("13800138000")}), .field_count = 2}, KEPT_E_USAGE, {"two values", "phone", "line 36"}},
    {"a field without a name", SOMEBODY, {.op = KEPT_OP_USE, .purpose = "service", FIELDS({VALUE(SECRET)}), .field_count = 1}, KEPT_E_USAGE, {"field 0 names no item", "set its name"}},
    {"a birth date of no day", NOBODY, {.op = KEPT_OP_SUBJECT_NEW, .birth_date = "1391-23-45"}, KEPT_E_USAGE, {"birth date", "YYYY-MM-DD"}},
    {"a birth date to come", NOBODY, {.op = KEPT_OP_SUBJECT_NEW, .birth_date = "2139-12-31"}, KEPT_E_USAGE, {"birth date", "past"}},
    {"a region of no kind", NOBODY, {.op = KEPT_OP_SUBJECT_NEW, .region = SECRET}, KEPT_E_USAGE, {"region", "ISO 3166", "CN"}},
    {"nothing to set", SOMEBODY, {.op = KEPT_OP_SUBJECT_SET}, KEPT_E_USAGE, {"nothing to set", "birth date or a region"}},
    {"two scopes", SOMEBODY, {.op = KEPT_OP_CONSENT_GRANT, .consent = KEPT_C_EXPLICIT, .function = "account", .purpose = "ads"}, KEPT_E_USAGE, {"consent is about one", "not 2"}},
    {"consent of no kind", SOMEBODY, {.op = KEPT_OP_CONSENT_GRANT, .function = "account"}, KEPT_E_USAGE, {"consent is granted as explicit, separate, written"}},
    {"an undeclared scope", SOMEBODY, {.op = KEPT_OP_CONSENT_GRANT, .consent = KEPT_C_EXPLICIT, .function = "f" SECRET}, KEPT_E_NOTFOUND, {"no such scope of consent", "kept policy show"}},
    {"a version that is not there", SOMEBODY, {.op = KEPT_OP_CONSENT_ACKNOWLEDGE, .policy_version = 9}, KEPT_E_NOTFOUND, {"version 9", "not in effect", "kept policy show"}},
    {"a language that is none", SOMEBODY, {.op = KEPT_OP_CONSENT_ACKNOWLEDGE, .language = "x" SECRET}, KEPT_E_USAGE, {"no text in that language", "version 1", "kept policy show"}},
    {"which permission?", SOMEBODY, {.op = KEPT_OP_PERMISSION_SET}, KEPT_E_USAGE, {"which permission", "as the policy does"}},
    {"nothing to find by", NOBODY, {.op = KEPT_OP_SUBJECT_FIND}, KEPT_E_USAGE, {"one field", "an item and its value"}},
    {"a record of nothing", SOMEBODY, {.op = KEPT_OP_ERASE_RECORD}, KEPT_E_USAGE, {"which item", "as the policy does"}},
    {"a page too long", SOMEBODY, {.op = KEPT_OP_TRAIL, .limit = 10001}, KEPT_E_LIMIT, {"at most 10000 rows", "ask for the next"}},
    {"a policy of nothing", NOBODY, {.op = KEPT_OP_POLICY_PUBLISH}, KEPT_E_USAGE, {"no policy to publish", "the request's text"}},
    {"a policy that is none", NOBODY, {.op = KEPT_OP_POLICY_PUBLISH, .text = "owner: me\ntitle: " SECRET "\n"}, KEPT_E_POLICY, {"errors", "1:1", "has no key"}},
    {"rotate something else", NOBODY, {.op = KEPT_OP_ROTATE, .text = SECRET}, KEPT_E_USAGE, {"what is to be rotated", "tokens"}},
};

static void test_requests(void **state)
{
    struct world w;
    (void)state;
    memset(long_text, 'a', sizeof long_text - 1);
    world_shop(&w);
    world_publish(&w, "mill", 1);
    struct kept_id id = world_person(&w);
    w.app = "mill";
    struct kept_id other = world_person(&w);
    w.app = "shop";
    uint64_t entries = world_number(&w, "ledger_entries");
    for (size_t i = 0; i < sizeof wrongs / sizeof wrongs[0]; i++) {
        struct kept_reply *reply = (struct kept_reply *)&w;
        struct kept_err err = {0};
        struct kept_request r = wrongs[i].request;
        r.app = r.app == NULL ? "shop" : r.app[0] == 0 ? NULL : r.app;
        r.subject = wrongs[i].whom == SOMEBODY   ? id
                    : wrongs[i].whom == STRANGER ? (struct kept_id){{1, 2, 3, 4}}
                    : wrongs[i].whom == OTHERS   ? other
                                                 : (struct kept_id){{0}};
        int rc = kept_call(w.kept, &r, &reply, &err);
        assert_null(reply);
        const char *words[5] = {NULL};
        memcpy(words, wrongs[i].words, sizeof wrongs[i].words);
        check_text(wrongs[i].what, rc, wrongs[i].code, &err, words);
        /* The same without room for details, and in a batch, whose others go on. */
        assert_int_equal(kept_call(w.kept, &r, &reply, NULL), rc);
        const struct kept_request batch[2] = {r, {.op = KEPT_OP_STAT, .app = "shop"}};
        struct kept_reply *replies[2];
        assert_int_equal(kept_batch(w.kept, batch, 2, replies, &w.err), 0);
        assert_int_equal(replies[0]->error, rc);
        assert_string_equal(replies[0]->err.text, err.text);
        assert_int_equal(replies[1]->error, 0);
        kept_reply_free(replies[0]);
        kept_reply_free(replies[1]);
    }
    /* Each STAT left its entry, the second number its own; nothing else did. */
    assert_int_equal(world_number(&w, "ledger_entries"), entries + 1 + sizeof wrongs / sizeof wrongs[0]);
    world_down(&w);
}

/* ---- handles ---- */

static const struct kept_request stat_request = {.op = KEPT_OP_STAT, .app = "shop"};

/* Calls without what they need, through each of the doors. */
static void test_without(void **state)
{
    struct world w;
    struct kept_reply *reply = NULL;
    struct kept_err err = {0};
    struct kept *none = (struct kept *)&w;
    struct kept_id id = {{0}};
    size_t count = 1;
    int fd = -1;
    (void)state;
    world_shop(&w);
#define REFUSED(call, ...) check_text(#call, call, KEPT_E_USAGE, &err, WORDS(__VA_ARGS__))
    REFUSED(kept_call(NULL, &stat_request, &reply, &err), "no open store");
    REFUSED(kept_call(w.kept, NULL, &reply, &err), "no request");
    REFUSED(kept_call(w.kept, &stat_request, NULL, &err), "no room");
    REFUSED(kept_batch(NULL, &stat_request, 1, &reply, &err), "no open store");
    REFUSED(kept_batch(w.kept, NULL, 1, &reply, &err), "no requests");
    REFUSED(kept_batch(w.kept, &stat_request, 1, NULL, &err), "no room");
    REFUSED(kept_submit(NULL, &stat_request, &err), "no open store");
    REFUSED(kept_submit(w.kept, NULL, &err), "no request");
    REFUSED(kept_reap(NULL, &reply, 1, 1, &count, &err), "no open store");
    REFUSED(kept_reap(w.kept, NULL, 1, 1, &count, &err), "no room");
    REFUSED(kept_reap(w.kept, &reply, 1, 1, NULL, &err), "no room");
    REFUSED(kept_event_fd(NULL, &fd, &err), "no open store");
    REFUSED(kept_event_fd(w.kept, NULL, &err), "no room");
    REFUSED(kept_open(NULL, &none, &err), "a store and a keyring");
    assert_null(none);
    REFUSED(kept_open(&(struct kept_options){.store = "x"}, &none, &err), "keyring", "named");
    REFUSED(kept_open(&(struct kept_options){.store = "x"}, NULL, &err), "no room for the handle");
    REFUSED(kept_init(NULL, &err), "a store and a keyring");
    assert_int_equal(fd, -1);
    assert_int_equal(count, 0);
    assert_int_equal(kept_id_parse(NULL, &id), KEPT_E_USAGE);
    assert_int_equal(kept_id_parse("", &id), KEPT_E_USAGE);
    assert_int_equal(kept_id_parse("0123456789abcdef0123456789abcde", &id), KEPT_E_USAGE);
    assert_int_equal(kept_id_parse("0123456789abcdef0123456789abcdeg", &id), KEPT_E_USAGE);
    assert_int_equal(kept_id_parse("0123456789abcdef0123456789abcdef", NULL), KEPT_E_USAGE);
    assert_int_equal(kept_ref(KEPT_K_NONE, "phone"), KEPT_REF_NONE);
    assert_int_equal(kept_ref((enum kept_kind)99, "phone"), KEPT_REF_NONE);
    assert_int_equal(kept_ref(KEPT_K_ITEM, NULL), KEPT_REF_NONE);
    assert_string_equal(kept_error_name(77), "unknown");
    assert_string_equal(kept_reason_name((enum kept_reason)9999), "UNKNOWN");
    assert_string_equal(kept_decision_name((enum kept_decision)9), "deny");
    assert_string_equal(kept_op_name((enum kept_op)9999), "");
    kept_reply_free(NULL);
    kept_close(NULL);
    world_down(&w);
}

/* The right call at the wrong time. */
static void test_in_flight(void **state)
{
    struct world w;
    struct kept_reply *replies[2] = {NULL};
    struct kept_err err = {0};
    size_t count = 0;
    (void)state;
    world_shop(&w);
    const struct kept_request two[2] = {stat_request, stat_request};
    assert_int_equal(kept_submit(w.kept, &stat_request, &err), 0);
    check_text("call in flight", kept_call(w.kept, &stat_request, replies, &err), KEPT_E_CONFLICT, &err,
               WORDS("in flight", "reap them first"));
    check_text("batch in flight", kept_batch(w.kept, two, 2, replies, &err), KEPT_E_CONFLICT, &err,
               WORDS("in flight", "reap them first"));
    assert_null(replies[0]);
    assert_int_equal(kept_reap(w.kept, replies, 2, 1, &count, &err), 0);
    assert_int_equal(count, 1); /* what was in flight was left alone */
    assert_int_equal(replies[0]->error, 0);
    kept_reply_free(replies[0]);
    assert_int_equal(kept_reap(w.kept, replies, 2, 1, &count, &err), 0);
    assert_int_equal(count, 0);
    struct kept_request *many = calloc(KEPT_MAX_IN_FLIGHT + 1, sizeof *many);
    struct kept_reply **room = calloc(KEPT_MAX_IN_FLIGHT + 1, sizeof *room);
    assert_true(many != NULL && room != NULL);
    for (unsigned i = 0; i <= KEPT_MAX_IN_FLIGHT; i++)
        many[i] = (struct kept_request){.op = KEPT_OP_SUBJECT_NEW, .app = "shop"};
    check_text("a batch too large", kept_batch(w.kept, many, KEPT_MAX_IN_FLIGHT + 1, room, &err), KEPT_E_LIMIT,
               &err, WORDS("at most 4096", "not 4097", "make several"));
    for (unsigned i = 0; i < KEPT_MAX_IN_FLIGHT; i++)
        assert_int_equal(kept_submit(w.kept, &stat_request, &err), 0);
    check_text("one too many", kept_submit(w.kept, &stat_request, &err), KEPT_E_LIMIT, &err,
               WORDS("4096 operations", "reap first"));
    const struct kept_options o = world_options(&w);
    struct kept *second = NULL;
    check_text("a second handle", kept_open(&o, &second, &err), KEPT_E_BUSY, &err, WORDS("store"));
    assert_null(second);
    free(many);
    free(room);
    world_down(&w);
}

/* ---- stores ---- */

static void test_stores(void **state)
{
    struct world w;
    char inside[WORLD_PATH], nowhere[WORLD_PATH];
    static char far[5000];
    struct kept_err err = {0};
    struct kept *none = NULL;
    (void)state;
    memset(far, 'x', sizeof far - 1);
    world_shop(&w);
    world_close(&w);
    const struct kept_options good = world_options(&w);
    struct kept_options o = good;
    world_join(inside, w.store, "keys");
    world_beside(&w, nowhere, "nowhere");
    check_text("init again", kept_init(&good, &err), KEPT_E_CONFLICT, &err, WORDS("is a store already"));
    o.keyring = inside;
    check_text("keyring in the store", kept_open(&o, &none, &err), KEPT_E_USAGE, &err,
               WORDS("keyring must stand outside the store folder"));
    o = good;
    o.root_key = inside;
    check_text("root key in the store", kept_init(&o, &err), KEPT_E_USAGE, &err,
               WORDS("root key must stand outside"));
    o = good;
    o.mirror = w.keyring;
    check_text("a mirror of itself", kept_open(&o, &none, &err), KEPT_E_USAGE, &err, WORDS("mirror must stand outside"));
    o = good;
    o.store = nowhere;
    check_text("no store", kept_open(&o, &none, &err), KEPT_E_NOTFOUND, &err, WORDS("nowhere"));
    o = good;
    o.root_key = nowhere;
    check_text("no root key", kept_open(&o, &none, &err), KEPT_E_NOTFOUND, &err, WORDS("root key"));
    o = good;
    o.store = far;
    check_text("a long path", kept_open(&o, &none, &err), KEPT_E_LIMIT, &err, WORDS("path", "store", "4095 bytes"));
    assert_int_equal(chmod(w.keyring, 0755), 0);
    check_text("an open keyring", kept_open(&good, &none, &err), KEPT_E_USAGE, &err, WORDS("the keyring", "chmod"));
    assert_int_equal(chmod(w.keyring, 0700), 0);
    assert_int_equal(chmod(w.store, 0777), 0);
    check_text("an open store", kept_open(&good, &none, &err), KEPT_E_USAGE, &err, WORDS("the store", "chmod"));
    assert_int_equal(chmod(w.store, 0700), 0);
    assert_null(none);
    world_open(&w);
    world_down(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests),
        cmocka_unit_test(test_without),
        cmocka_unit_test(test_in_flight),
        cmocka_unit_test(test_stores),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
