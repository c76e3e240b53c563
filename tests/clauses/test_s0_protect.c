/* test_s0_protect.c - S0, no way around: doors, roles, damage, masks. */
#include <sqlite3.h>

#include "aid.h"

#define NUMBER "13900000002"
#define HIDDEN_NUMBER "139****0002"
#define WORDS "please call me after six"

static const struct kept_field said[] = {FIELD("message", WORDS), FIELD("contact-phone", NUMBER)};

static struct kept_id writer(struct world *w)
{
    struct kept_id p = aid_person(w);
    GRANT(w, p, EXPLICIT, .function = "feedback");
    HOLD(w, p, .function = "feedback", SEVERAL(said), BY_THE_PERSON);
    return p;
}

/* A reply holds no value, and no value's words in its report. */
static bool silent(const struct kept_reply *r)
{
    for (size_t i = 0; r != NULL && i < r->field_count; i++)
        if (r->fields[i].value.n != 0)
            return false;
    return r == NULL || r->json == NULL ||
           (strstr(r->json, NUMBER) == NULL && strstr(r->json, WORDS) == NULL);
}

/* One operation with everything it could want to know. */
static const struct kept_reply *operate(struct world *w, unsigned op, struct kept_id p,
                                        const char *role)
{
    bool consent = op >= KEPT_OP_CONSENT_GRANT && op <= KEPT_OP_CONSENT_WITHDRAW;
    return aid_ask(w, &(const struct kept_request){.op = (enum kept_op)op,
                                                   .app = w->app,
                                                   OF(p),
                                                   .role = role,
                                                   .actor = "door-test",
                                                   .function = "feedback",
                                                   .purpose = consent ? "" : "support",
                                                   .recipient = consent ? "" : "court",
                                                   .item = consent ? "" : "contact-phone",
                                                   .permission = "location",
                                                   .region = "CN",
                                                   .consent = KEPT_C_EXPLICIT,
                                                   .facts = KEPT_F_IN_USE | KEPT_F_USER_ACTION,
                                                   ITEM("contact-phone", NUMBER)});
}

/* Of all operations there are, one gives out values, and it asks the policy first. */
static void clause_S0_0_6(void **state)
{
    struct world *w = *state;
    struct kept_id p = writer(w);
    const struct kept_reply *r = operate(w, KEPT_OP_USE, p, "");
    ALLOWED(r, "S0-12.2");
    CLAIM(aid_value(r, NUMBER), "the one door that should open gives another value");
    DENIED(ASK(w, USE, OF(p), WHAT("contact-phone"), .purpose = "marketing"),
           NEEDS_SEPARATE_CONSENT, "S0-4.5");
    r = ASK(w, USE, OF(p), WHAT("contact-phone"), .purpose = "curiosity");
    DENIED(r, PURPOSE, "S0-4.5");
    LEDGERED(w, r);
    r = operate(w, KEPT_OP_USE, p, "auditor");
    DENIED(r, OPERATION, "S0-7.2");
    LEDGERED(w, r);
    DENIED(operate(w, KEPT_OP_USE, p, "passer-by"), OPERATION, "S0-0.6");
    for (unsigned op = 1; op < KEPT_OP_COUNT; op++)
        if (op != KEPT_OP_USE && op != KEPT_OP_ERASE_SUBJECT)
            CLAIM(silent(operate(w, op, p, "")), "operation %s gives out values without a decision",
                  kept_op_name((enum kept_op)op));
    CLAIM(silent(operate(w, KEPT_OP_ERASE_SUBJECT, p, "")), "a certificate gives out values");
}

/* Change one byte of a stored value, as somebody with a disk editor would: a row's last one. */
static void flip(struct world *w)
{
    char path[256];
    sqlite3 *db = NULL;
    (void)snprintf(path, sizeof path, "%s/store.db", w->store);
    int code = sqlite3_open(path, &db);
    if (code == SQLITE_OK)
        code = sqlite3_exec(db,
                            "UPDATE cell SET body = CAST(substr(body, 1, length(body) - 1) || "
                            "CASE WHEN substr(body, -1) = x'00' THEN x'01' ELSE x'00' END AS BLOB)",
                            NULL, NULL, NULL);
    if (code != SQLITE_OK || sqlite3_total_changes(db) == 0)
        aid_setup_failed("no stored value to change", sqlite3_errmsg(db));
    (void)sqlite3_close(db);
}

/* No operation for a role that was not given it; changed bytes are found; a copy brings all back */
static void clause_S0_7_2(void **state)
{
    struct world *w = *state;
    struct kept_id p = writer(w);
    for (unsigned op = 1; op < KEPT_OP_COUNT; op++) {
        const struct kept_reply *r = operate(w, op, p, "cleaner");
        if (op == KEPT_OP_POLICY_PUBLISH)
            CLAIM(r == NULL, "anybody can publish a policy");
        else
            DENIED(r, OPERATION, "S0-0.6");
    }
    LEDGERED(w, operate(w, KEPT_OP_ERASE_SUBJECT, p, "cleaner"));
    DENIED(operate(w, KEPT_OP_ERASE_SUBJECT, p, "support"), OPERATION, "S0-7.5");
    CLAIM(aid_value(operate(w, KEPT_OP_USE, p, ""), NUMBER), "the value is not what was collected");
    aid_shut(w);
    aid_copy(w, "store/store.db", "backup.db");
    flip(w);
    aid_open(w);
    const struct kept_reply *r = operate(w, KEPT_OP_USE, p, "");
    CLAIM(r == NULL && (w->rc == KEPT_E_CORRUPT || w->rc == KEPT_E_CRYPTO),
          "a changed byte of a stored value was not noticed");
    aid_shut(w);
    aid_copy(w, "backup.db", "store/store.db");
    aid_open(w);
    r = operate(w, KEPT_OP_USE, p, "");
    ALLOWED(r, "S0-12.2");
    CLAIM(aid_value(r, NUMBER), "the restored value is not what was collected");
}

/* Who somebody is is kept apart from what devices say: a role of the one partition gets nothing of the
 * other, by no door - and its own without hindrance. */
static void clause_S0_7_4(void **state)
{
    static const struct kept_field both[] = {FIELD("os-version", "14"), FIELD("contact-phone", "")};
    struct world *w = *state;
    struct kept_id p = writer(w);
    HOLD(w, p, VALUE("device-adaptation", "os-version", "14"));
#define READ(role_, item, purpose_)                                                                \
    ASK(w, USE, OF(p), WHAT(item), .purpose = (purpose_), .role = (role_), .actor = "engineer-1")
    const struct kept_reply *r = READ("engineer", "contact-phone", "bug-analysis");
    DENIED(r, PARTITION, "S0-7.4");
    LEDGERED(w, r);
    DENIED(READ("engineer", "contact-mail", "bug-analysis"), PARTITION, "S0-7.4");
    ALLOWED(READ("engineer", "os-version", "bug-analysis"), "S0-1.1");
    r = ASK(w, USE, OF(p), SEVERAL(both), .purpose = "bug-analysis", .role = "engineer");
    const struct kept_field *theirs = aid_field(r, "os-version"), *other = aid_field(r, "contact-phone");
    CLAIM(theirs != NULL && theirs->decision == KEPT_ALLOW && other != NULL &&
              other->decision == KEPT_DENY && other->value.n == 0,
          "a value of the other partition comes with one of their own");
    DENIED(ASK(w, SUBJECT_FIND, ITEM("contact-phone", NUMBER), .role = "engineer"), PARTITION, "S0-7.4");
    r = ASK(w, SUBJECT_SHOW, OF(p), .role = "engineer");
    CLAIM(r != NULL && strstr(r->json, "os-version") != NULL && strstr(r->json, "contact-phone") == NULL,
          "what is held in the other partition is told");
    r = ASK(w, WHY, OF(p), .item = "contact-phone", .purpose = "support", .role = "engineer");
    CLAIM(r != NULL && strstr(r->json, "PARTITION") != NULL && strstr(r->json, "collected") == NULL,
          "the record of the other partition is told of");
    MASKED(READ("support", "contact-phone", "support"), "S0-7.5");
    CLAIM(aid_value(READ("officer", "contact-phone", "support"), NUMBER), "it is there for nobody");
#undef READ
}

/* Support sees a phone number with its middle hidden; the whole needs role and purpose; what finds
 * and joins people is a keyed token. */
static void clause_S0_7_5(void **state)
{
    struct world *w = *state;
    struct kept_id p = writer(w);
#define READ(role_, item, purpose_)                                                                \
    ASK(w, USE, OF(p), WHAT(item), .purpose = (purpose_), .role = (role_), .actor = "clerk-7")
    const struct kept_reply *r = READ("support", "contact-phone", "support");
    MASKED(r, "S0-7.5");
    CLAIM(aid_value(r, HIDDEN_NUMBER), "the number is not masked as it should be");
    LEDGERED(w, r);
    CLAIM(aid_value(READ("support", "message", "support"), WORDS),
          "support cannot read the question");
    DENIED(READ("support", "contact-phone", "marketing"), ROLE, "S0-7.5");
    DENIED(READ("support", "device-model", "support"), ROLE, "S0-7.5");
    r = READ("officer", "contact-phone", "support");
    ALLOWED(r, "S0-12.2");
    CLAIM(aid_value(r, NUMBER), "the officer does not see the number");
    r = ASK(w, SUBJECT_FIND, ITEM("contact-phone", NUMBER), .role = "support");
    CLAIM(r != NULL && r->decision == KEPT_ALLOW && memcmp(&r->subject, &p, sizeof p) == 0,
          "the person is not found by the number's token");
    ABSENT(w, NUMBER);
    ABSENT(w, HIDDEN_NUMBER);
#undef READ
}

int main(void)
{
    const struct CMUnitTest tests[] = {CLAUSE_S0(0_6), CLAUSE_S0(7_2), CLAUSE_S0(7_4), CLAUSE_S0(7_5)};
    return RUN(tests);
}
