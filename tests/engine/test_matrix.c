/* test_matrix.c - every operation, asked by every kind of caller: what is written down in matrix.tsv is what happens, and
 * nothing is missing there. Words: may - admitted, whatever is decided of values then; role - denied, the role may not
 * (OPERATION); caller - denied, the caller is limited (CALLER); nobody - not known, nothing is asked at all.
 * person: who asks by a session of their own; person_of_other: of somebody else; visitor: who shows nothing.
 * KEPT_WRITE=1 prints the table as it is. */
#include "../aid/world.h"
#include "base/id.h"
#include "requests.h"
#include "self_aid.h"

#define TOKEN 77

/* The columns. role: as which the owner asks; caller: who asks by a token. */
static const struct kind {
    const char *name, *role;
    const struct kept_caller *caller;
} kinds[] = {
    {"owner", "", NULL}, {"owner_as_support", "support", NULL}, {"owner_as_officer", "officer", NULL},
    {"owner_as_visitor", "visitor", NULL}, {"owner_as_unknown", "no-such-role", NULL},
    {"service", "", &(const struct kept_caller){.name = "service"}},
    {"service_of_support", "", &(const struct kept_caller){.name = "of-support", .roles = "support"}},
    {"service_of_officer", "", &(const struct kept_caller){.name = "of-officer", .roles = "officer"}},
    {"service_as_other_role", "support", &(const struct kept_caller){.name = "other-role"}},
    {"service_of_function", "", &(const struct kept_caller){.name = "of-function", .functions = "notes"}},
    {"service_of_collect", "", &(const struct kept_caller){.name = "of-collect", .operations = "collect"}},
    {"manager", "", &(const struct kept_caller){.name = "manager", .operations = "caller.list,caller.revoke"}},
    {"revoked", "", &(const struct kept_caller){.name = "revoked"}}, {"stranger", "", NULL},
    {"person", "", NULL}, {"person_of_other", "", NULL}, {"visitor", "", NULL},
    {"staff", "", &(const struct kept_caller){.name = "staff", .roles = "support", .staff = 1}}};
#define KINDS (sizeof kinds / sizeof kinds[0])

static struct world w;
static char tokens[KINDS][TOKEN + 1], early[SELF_TOKEN]; /* of somebody who came before the service ended */

/* A session of staff, by what the answer to caller.add told; NULL: again, after it was closed. */
static void log_in(const char *json, char token[TOKEN + 1])
{
    static uint8_t secret[KEPT_TOTP_SECRET];
    char code[KEPT_TOTP_DIGITS + 1], password[KEPT_FIRST_PASSWORD] = "a sentence nobody says";
    const char *fresh = json != NULL ? "a sentence nobody says" : NULL;
    if (json != NULL)
        staff_told(json, secret, password);
    else
        w.now += KEPT_MINUTE;
    assert_int_equal(kept_totp(secret, (uint64_t)(w.now / 30000), code), 0);
    struct kept_reply *reply = self_ask(&w, NULL, &(struct kept_request){.op = KEPT_OP_SESSION_OPEN, .secret = code,
        .caller = &(struct kept_caller){.name = "staff", .password = password, .new_password = fresh}});
    memcpy(token, strstr(reply->json, "kses_"), TOKEN);
    kept_reply_free(reply);
}

static void make_callers(void)
{
    for (size_t i = 0; i < KINDS; i++) {
        (void)snprintf(tokens[i], sizeof tokens[i], "kept_nobody");
        if (kinds[i].caller == NULL)
            continue;
        struct kept_reply *reply = ASK(&w, .op = KEPT_OP_CALLER_ADD, .caller = kinds[i].caller);
        if (kinds[i].caller->staff != 0)
            log_in(reply->json, tokens[i]);
        else
            memcpy(tokens[i], strstr(reply->json, "kept_"), TOKEN);
        kept_reply_free(reply);
    }
    struct kept_id id = world_person(&w);
    world_put(&w, id, "account", "phone", "13600136000");
    self_session(&w, id, "13600136000", early);
    ALLOWS(&w, .op = KEPT_OP_CALLER_REVOKE, .caller = &(struct kept_caller){.name = "revoked"});
}

static const char *word_of(const struct kept_reply *reply)
{
    if (reply->error == KEPT_E_DENIED)
        return "role";
    if (reply->error != 0)
        return "may"; /* it got as far as that */
    return reply->reason == KEPT_R_OPERATION ? "role" : reply->reason == KEPT_R_CALLER ? "caller" : "may";
}

/* People: of themselves, or of the other one; and who shows nothing. */
static const char *outcome_of_self(const char *kind, struct kept_request *r)
{
    static unsigned number = 0;
    const bool visitor = strcmp(kind, "visitor") == 0;
    char phone[16], token[SELF_TOKEN];
    struct kept_id id = r->subject, other = {{0}};
    (void)snprintf(phone, sizeof phone, "137%08u", ++number);
    (void)snprintf(token, sizeof token, "%s", early);
    if (!visitor && r->op != KEPT_OP_SERVICE_CEASE) {
        other = world_person(&w);
        world_put(&w, other, "account", "phone", phone);
        self_session(&w, other, phone, token);
    }
    if (strcmp(kind, "person") == 0 && !kept_id_is_zero(&id))
        r->subject = other;
    if (visitor && (r->op == KEPT_OP_ACCOUNT_BEGIN || r->op == KEPT_OP_ACCOUNT_PROVE || r->op == KEPT_OP_SESSION_OPEN))
        r->subject = (struct kept_id){{0}};
    r->actor = NULL;
    struct kept_reply *reply = self_ask(&w, visitor ? NULL : token, r);
    const char *word = reply == NULL ? "nobody" : word_of(reply);
    kept_reply_free(reply);
    return word;
}

/* What becomes of it, of a person and a policy of its own. */
static const char *outcome(size_t kind, enum kept_op op, unsigned version)
{
    const struct kept_field phone = world_field("phone", "13800138000");
    const struct kept_caller_row *who = NULL;
    struct kept_id id = world_person(&w);
    char *policy = self_policy(version, ""), actor[KEPT_ACTOR_ROOM];
    struct kept_request r = right(op, id, &phone, policy);
    const struct kept_request *all[] = {&r};
    struct kept_reply *reply = NULL;
    size_t n = 0;
    const char *word = "nobody";
    bool token = kinds[kind].caller != NULL || strcmp(kinds[kind].name, "stranger") == 0;
    r.role = kinds[kind].role;
    if (strncmp(kinds[kind].name, "person", 6) == 0 || strcmp(kinds[kind].name, "visitor") == 0) {
        word = outcome_of_self(kinds[kind].name, &r);
        free(policy);
        return word;
    }
    if (!token || kept_caller_judge(w.kept, world_text(tokens[kind]), 0, &who, &w.err) == 0) {
        if (token)
            assert_int_equal(kept_caller_complete(who, &r, actor, &w.err), 0);
        assert_int_equal(kept_submit_all(w.kept, who, all, 1, &w.err), 0);
        assert_int_equal(kept_reap(w.kept, &reply, 1, 1, &n, &w.err), 0);
        word = word_of(reply);
        kept_reply_free(reply);
        if (op == KEPT_OP_SESSION_CLOSE && strcmp(kinds[kind].name, "staff") == 0)
            log_in(NULL, tokens[kind]);
    }
    free(policy);
    return word;
}

/* The word of a row and column; NULL: there is none. */
static const char *written(char *table, const char *row, size_t column, char word[32])
{
    char line[64];
    (void)snprintf(line, sizeof line, "\n%s\t", row);
    const char *at = strstr(table, line);
    if (at == NULL)
        return NULL;
    at += strlen(line);
    for (size_t i = 0; i < column && at != NULL; i++) {
        at += strcspn(at, "\t\n");
        at = *at == '\t' ? at + 1 : NULL;
    }
    size_t n = at == NULL ? 0 : strcspn(at, "\t\n");
    (void)snprintf(word, 32, "%.*s", (int)n, at == NULL ? "" : at);
    return n > 0 ? word : NULL;
}

static void every_operation_by_every_caller(void **state)
{
    char *table = world_load("tests/engine/matrix.tsv"), word[32];
    const bool write = getenv("KEPT_WRITE") != NULL;
    unsigned wrong = 0, version = 2;
    (void)state;
    self_shop(&w, "");
    make_callers();
    if (write)
        (void)printf("operation");
    for (size_t k = 0; k < KINDS; k++) {
        const char *head = written(table, "operation", k, word);
        if (write)
            (void)printf("\t%s", kinds[k].name);
        else if (head == NULL || strcmp(head, kinds[k].name) != 0)
            fail_msg("column %zu of matrix.tsv is not %s", k, kinds[k].name);
    }
    for (unsigned i = 1; i < KEPT_OP_COUNT; i++) {
        /* It ends what the others need, for everybody: last. */
        enum kept_op op = i < KEPT_OP_SERVICE_CEASE ? (enum kept_op)i : (enum kept_op)(i + 1);
        op = i + 1 == KEPT_OP_COUNT ? KEPT_OP_SERVICE_CEASE : op;
        if (write)
            (void)printf("\n%s", kept_op_name(op));
        for (size_t k = 0; k < KINDS; k++) {
            const char *is = outcome(k, op, ++version), *must = written(table, kept_op_name(op), k, word);
            if (write)
                (void)printf("\t%s", is);
            else if (must == NULL || strcmp(is, must) != 0) {
                print_error("%s by %s: %s, and matrix.tsv says %s\n", kept_op_name(op), kinds[k].name, is, must != NULL ? must : "nothing");
                wrong++;
            }
        }
    }
    free(table);
    world_down(&w);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_operation_by_every_caller)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
