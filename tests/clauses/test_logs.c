/* test_logs.c - S0, S1 and S2: what logs hold, what is taken out of them, and that no line leads to anybody. */
#include "shown.h"

#define PHONE "13812345678"
#define ID_CARD "11010519491231002X"
#define IMEI "490154203237518"
#define PUT(log, lines) ASK(w, LOG_TAKE, .text = (log), ITEM("lines", lines))
#define SHOW(log, ...) ASK(w, LOG_READ, .text = (log), __VA_ARGS__)
#define LINE(path, agent) "192.0.2.77 - zhang [01/Mar/2026:10:00:00 +0000] \"GET " path " HTTP/1.1\" 200 12 \"-\" \"" agent "\"\n"

/* What was taken is in the ledger, in numbers, and nothing of a line. */
#define AUDITED(w)                                                                                 \
    do {                                                                                           \
        const struct kept_reply *audit = ASK(w, AUDIT, .role = "auditor", .text = "app");          \
        CLAIM(says(audit, "log.take") && says(audit, "lines, ") && !says(audit, "1381234") && !says(audit, "modem"), "the audit: %s", \
              audit->json);                                                                        \
    } while (0)

static bool says(const struct kept_reply *r, const char *words)
{
    return r->json != NULL && strstr(r->json, words) != NULL;
}

static json_int_t told(const struct kept_reply *r, const char *what)
{
    json_t *root = json_loads(r->json != NULL ? r->json : "{}", 0, NULL);
    const json_int_t n = json_integer_value(json_object_get(root, what));
    json_decref(root);
    return n;
}

/* Of a field in the first line, its text; "" when it is not there. */
static const char *field(const struct kept_reply *r, size_t line, const char *name)
{
    static char text[4][256];
    static unsigned next;
    json_t *root = json_loads(r->json != NULL ? r->json : "{}", 0, NULL);
    const json_t *row = json_array_get(json_object_get(root, "lines"), line);
    const char *value = json_string_value(json_object_get(json_object_get(row, "fields"), name));
    char *to = text[next++ % 4];
    (void)snprintf(to, sizeof text[0], "%s", value != NULL ? value : "");
    json_decref(root);
    return to;
}

/* Declared fields, and nothing else; what is personal in them goes. */
static void clause_S0_1_4(void **state)
{
    struct world *w = *state;
    const struct kept_reply *r = PUT("web", LINE("/help/" PHONE "?mail=planted@example.org", "Agent/1 call " PHONE));
    CLAIM(told(r, "kept") == 1 && told(r, "redacted") == 2, "%lld lines, %lld redacted", (long long)told(r, "kept"),
          (long long)told(r, "redacted"));
    CLAIM(told(r, "dropped") == 5, "%lld fields were dropped: user, method, query, protocol, bytes", (long long)told(r, "dropped"));
    AUDITED(w);
    r = SHOW("web", .purpose = "security");
    ALLOWED(r, "S0-1.4");
    CLAIM(!says(r, PHONE) && !says(r, "zhang") && !says(r, "planted@") && !says(r, "192.0.2.77"), "the log has what it may not: %s", r->json);
    CLAIM(says(r, "Agent/1 call [phone]") && says(r, "192.0.2.0/24") && says(r, "/help/[phone]"), "the log lacks what it may have: %s", r->json);
    DENIED(PUT("else", LINE("/", "a")), UNDECLARED, "S0-0.6");
    DENIED(SHOW("web", .purpose = "marketing"), PURPOSE, "S0-1.4");
    DENIED(SHOW("web", .role = "support", .purpose = "support"), OPERATION, "S0-7.5");
    CLAIM(!says(SHOW("web", .role = "engineer", .purpose = "bug-analysis"), "192.0.2"), "a role sees a field whose item it may not see");
    ABSENT(w, PHONE);
    w->now += 91 * DAY;
    CLAIM(field(SHOW("web", .purpose = "security"), 0, "status")[0] == 0, "a line outlives its end");
}

/* Identifiers in reports of crashes become tokens. */
static void clause_S0_1_6(void **state)
{
    struct world *w = *state;
    static const char crash[] = "{\"version\":\"3\",\"device\":\"" IMEI "\",\"message\":\"modem " IMEI " failed\",\"imsi\":\"460001234567890\"}\n";
    const struct kept_reply *r = PUT("crashes", crash);
    CLAIM(told(r, "kept") == 1 && told(r, "dropped") == 1, "%lld taken, %lld dropped", (long long)told(r, "kept"), (long long)told(r, "dropped"));
    AUDITED(w);
    (void)PUT("crashes", crash);
    r = SHOW("crashes", .purpose = "bug-analysis");
    ALLOWED(r, "S0-1.6");
    CLAIM(!says(r, IMEI) && !says(r, "46000"), "the report names the device: %s", r->json);
    CLAIM(says(r, "modem [imei~") && field(r, 0, "device")[0] == '~', "no token stands for it: %s", r->json);
    CLAIM(strcmp(field(r, 0, "device"), field(r, 1, "device")) == 0, "two reports of one device on one day cannot be told together");
    DENIED(SHOW("crashes", .purpose = "security"), PURPOSE, "S0-1.6");
    ABSENT(w, IMEI);
}

/* Identity numbers, cards, mail: redacted, and counted. */
static void clause_S1_1_5(void **state)
{
    struct world *w = *state;
    const struct kept_reply *r = PUT("web", LINE("/", "id " ID_CARD ", zhang@example.org, tel " PHONE ", card 6222021234567890128"));
    CLAIM(told(r, "redacted") >= 3, "%lld were redacted", (long long)told(r, "redacted"));
    CLAIM(says(ASK(w, STAT, .limit = 0), "\"redacted\":"), "nothing counts what was redacted");
    AUDITED(w);
    r = SHOW("web", .purpose = "security");
    ALLOWED(r, "S1-1.4");
    CLAIM(!says(r, ID_CARD) && !says(r, "zhang@") && !says(r, PHONE), "content stands in the log: %s", r->json);
    CLAIM(says(r, "id [id-card], [mail], tel [phone]"), "it is not told what was there: %s", r->json);
    DENIED(SHOW("web", .purpose = "improvement"), PURPOSE, "S1-1.4");
    ABSENT(w, ID_CARD);
}

/* A token of one day is not that of the next, and there is no way back. */
static void clause_S2_1_4_2_4x(void **state)
{
    struct world *w = *state;
    static const char use[] = "{\"device\":\"android-7f3a-planted\",\"action\":\"opened\",\"account\":\"lei\"}\n";
    (void)PUT("usage", use);
    AUDITED(w);
    (void)PUT("usage", use);
    w->now += 2 * DAY;
    (void)PUT("usage", use);
    const struct kept_reply *r = SHOW("usage", .purpose = "operation");
    ALLOWED(r, "S2-1.4.2.4");
    CLAIM(!says(r, "planted") && !says(r, "lei"), "the log says who it was: %s", r->json);
    CLAIM(field(r, 0, "device")[0] == '~' && strcmp(field(r, 0, "device"), field(r, 1, "device")) == 0, "no token: %s", r->json);
    CLAIM(strcmp(field(r, 1, "device"), field(r, 2, "device")) != 0, "a device can be followed from day to day");
    DENIED(SHOW("usage", .purpose = "statistics"), PURPOSE, "S2-1.4.2.4");
    char token[64];
    (void)snprintf(token, sizeof token, "%s", field(r, 0, "device"));
    r = ASK(w, SUBJECT_FIND, ITEM("click-stream", token));
    CLAIM(r == NULL || r->decision == KEPT_DENY, "somebody is found by the token of a log");
    ABSENT(w, "android-7f3a-planted");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAUSE_S0(1_4),
        CLAUSE_S0(1_6),
        CLAUSE_S1(1_5),
        CLAUSE_S2(1_4_2_4x),
    };
    return RUN(tests);
}
