/* Five apps in one store, and one human with one phone in all of them: five people who never meet. */
#include "../clauses/aid.h"

#define PHONE "13900000010"
#define MAIL "han.mei@example.org"
#define APPS 5

/* How the human appears in each app: what is found by, and what of it is read for what. */
static const struct face {
    const char *app, *function, *item, *value, *other, *other_value, *purpose;
    enum kept_consent_kind consent; /* NONE: a law asks for the item */
    uint32_t facts;
} faces[APPS] = {
    {"widgets", "feedback", "contact-phone", PHONE, "message", "in widgets", "support",
     KEPT_C_EXPLICIT, KEPT_F_IN_USE | KEPT_F_USER_ACTION},
    {"smart-home", "register", "phone", PHONE, "user-name", "in-smart-home", "compliance",
     KEPT_C_NONE, 0},
    {"messenger", "register", "phone", PHONE, "account-name", "in-messenger", "account",
     KEPT_C_NONE, 0},
    {"wallpaper", "feedback", "contact-mail", MAIL, "message", "in wallpaper", "support",
     KEPT_C_EXPLICIT, KEPT_F_IN_USE | KEPT_F_USER_ACTION},
    {"media", "register", "phone", PHONE, "account-name", "in-media", "authentication",
     KEPT_C_NONE, 0},
};

static struct kept_id people[APPS];

static void in(struct world *w, size_t app)
{
    w->app = faces[app].app;
}

static struct kept_span span(const char *text)
{
    return (struct kept_span){(const uint8_t *)text, strlen(text)};
}

static struct kept_id appear(struct world *w, const struct face *f)
{
    const struct kept_field fields[] = {{.name = f->item, .value = span(f->value)},
                                        {.name = f->other, .value = span(f->other_value)}};
    struct kept_id p = aid_person(w);
    if (f->consent != KEPT_C_NONE)
        (void)aid_need(w, ASK(w, CONSENT_GRANT, OF(p), .consent = f->consent,
                              .function = f->function));
    const struct kept_reply *r =
        aid_need(w, ASK(w, COLLECT, OF(p), .function = f->function, SEVERAL(fields),
                        .facts = f->facts));
    if (aid_taken(r) != 2)
        aid_setup_failed("a person did not come in whole", f->app);
    return p;
}

static int five_apps(void **state)
{
    (void)aid_world(state, faces[0].app);
    struct world *w = *state;
    for (size_t i = 1; i < APPS; i++)
        aid_publish(w, faces[i].app);
    for (size_t i = 0; i < APPS; i++) {
        in(w, i);
        people[i] = appear(w, &faces[i]);
    }
    return 0;
}

static bool same_person(const struct kept_id *a, const struct kept_id *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

/* Every operation about a person, as this app would ask it, about somebody of another app. */
static void ask_everything(struct world *w, const struct face *f, struct kept_id stranger,
                           const char *role)
{
    for (int op = 1; op < KEPT_OP_COUNT; op++) {
        const struct kept_field field = {.name = f->item, .value = span(f->value)};
        struct kept_request r = {.op = (enum kept_op)op, .app = f->app, .role = role,
                                 .actor = "clerk-7", .subject = stranger, .purpose = f->purpose,
                                 .fields = &field, .field_count = 1, .facts = f->facts,
                                 .launch = 1, .consent = KEPT_C_SEPARATE, .language = "en",
                                 .region = "CN", .text = "case 1"};
        bool about = true;
        switch ((enum kept_op)op) {
        case KEPT_OP_CONSENT_GRANT:
        case KEPT_OP_CONSENT_REFUSE:
        case KEPT_OP_CONSENT_WITHDRAW:
            r.purpose = NULL;
            r.function = f->function;
            break;
        case KEPT_OP_CONSENT_ACKNOWLEDGE:
            r.purpose = NULL;
            break;
        case KEPT_OP_COLLECT:
        case KEPT_OP_CONTACTS:
            r.function = f->function;
            break;
        case KEPT_OP_DISCLOSE:
            r.recipient = "authority";
            break;
        case KEPT_OP_PERMISSION_SET:
            r.permission = "camera";
            r.on = 1;
            break;
        case KEPT_OP_SUBJECT_SET:
            r.birth_date = "1990-01-01";
            break;
        case KEPT_OP_ERASE_RECORD:
        case KEPT_OP_WHY:
            r.item = f->item;
            break;
        case KEPT_OP_SUBJECT_SHOW:
        case KEPT_OP_USE:
        case KEPT_OP_ERASE_SUBJECT:
        case KEPT_OP_TRAIL:
        case KEPT_OP_ACCOUNT_BEGIN:
        case KEPT_OP_ACCOUNT_PROVE:
        case KEPT_OP_ACCOUNT_SHOW:
        case KEPT_OP_ACCOUNT_LEAVE:
        case KEPT_OP_ACCOUNT_BIND:
        case KEPT_OP_ACCOUNT_UNBIND:
        case KEPT_OP_GUARDIAN_ADD:
        case KEPT_OP_GUARDIAN_REVOKE:
        case KEPT_OP_MINOR_REPORT:
        case KEPT_OP_MINOR_SETTLE:
        case KEPT_OP_APPROVAL_ASK:
        case KEPT_OP_APPROVAL_GRANT:
        case KEPT_OP_APPROVAL_REFUSE:
            break;
        case KEPT_OP_NONE: /* the others are about nobody */
        case KEPT_OP_SUBJECT_NEW:
        case KEPT_OP_SUBJECT_FIND:
        case KEPT_OP_AUDIT:
        case KEPT_OP_POLICY_PUBLISH:
        case KEPT_OP_POLICY_SHOW:
        case KEPT_OP_SERVICE_CEASE:
        case KEPT_OP_ROTATE:
        case KEPT_OP_TICK:
        case KEPT_OP_STAT:
        case KEPT_OP_SUBJECT_LIST:
        case KEPT_OP_IMPORT:
        case KEPT_OP_CALLER_ADD:
        case KEPT_OP_CALLER_REVOKE:
        case KEPT_OP_CALLER_LIST:
        case KEPT_OP_CALLER_REVIEW:
        case KEPT_OP_POST_TAKE:
        case KEPT_OP_POST_TELL:
        case KEPT_OP_SESSION_OPEN:
        case KEPT_OP_SESSION_CLOSE:
        case KEPT_OP_LOG_TAKE:
        case KEPT_OP_LOG_READ:
        case KEPT_OP_ORDER_LIST:
        case KEPT_OP_ORDER_DONE:
        case KEPT_OP_ORDER_SHOW:
        case KEPT_OP_PROVIDER_ADD:
        case KEPT_OP_PROVIDER_REMOVE:
        case KEPT_OP_PROVIDER_LIST:
        case KEPT_OP_STAFF_ATTEST:
        case KEPT_OP_APPROVAL_LIST:
        case KEPT_OP_COUNT:
            about = false;
            break;
        }
        if (!about)
            continue;
        struct kept_reply *reply = NULL;
        int rc = kept_call(w->kept, &r, &reply, &w->err);
        CLAIM(rc == KEPT_E_NOTFOUND && reply == NULL, "%s answered %s about another app's person",
              f->app, kept_op_name(r.op));
        CLAIM(strstr(w->err.text, "no such subject") != NULL, "%s says who it is: %s", f->app,
              w->err.text);
        kept_reply_free(reply);
    }
}

/* Nobody of one app is anybody in another: not for the app, not for its staff, and not when the
 * place of one id is joined with the secret of another. */
static void an_id_is_nothing_elsewhere(void **state)
{
    struct world *w = *state;
    for (size_t a = 0; a < APPS; a++)
        for (size_t b = 0; b < APPS; b++) {
            if (a == b)
                continue;
            struct kept_id mixed = people[b];
            memcpy(mixed.b, people[a].b, 6);
            ask_everything(w, &faces[a], people[b], "");
            ask_everything(w, &faces[a], people[b], "officer");
            ask_everything(w, &faces[a], mixed, "");
        }
    for (size_t a = 0; a < APPS; a++) { /* and all of that changed nothing */
        in(w, a);
        CLAIM(aid_value(ASK(w, USE, OF(people[a]), WHAT(faces[a].other),
                            .purpose = faces[a].purpose),
                        faces[a].other_value),
              "%s lost its own person's value", faces[a].app);
    }
}

static const struct kept_reply *find(struct world *w, size_t app)
{
    const struct kept_field f = {.name = faces[app].item, .value = span(faces[app].value)};
    in(w, app);
    return ASK(w, SUBJECT_FIND, .fields = &f, .field_count = 1);
}

/* One number, five apps: each finds its own person by it, and an erasure takes one of them. */
static void the_same_phone_finds_each_apps_own(void **state)
{
    struct world *w = *state;
    for (size_t gone = 0; gone <= APPS; gone++) {
        for (size_t a = 0; a < APPS; a++) {
            const struct kept_reply *r = find(w, a);
            CLAIM(r != NULL, "%s cannot look up", faces[a].app);
            if (a >= gone)
                CLAIM(r->decision == KEPT_ALLOW && same_person(&r->subject, &people[a]),
                      "%s does not find its own person", faces[a].app);
            else
                CLAIM(r->decision == KEPT_DENY && r->reason == KEPT_R_NO_VALUE,
                      "%s finds somebody who is erased there", faces[a].app);
            r = ASK(w, USE, OF(people[a]), WHAT(faces[a].other), .purpose = faces[a].purpose);
            CLAIM(a >= gone ? aid_value(r, faces[a].other_value)
                            : r != NULL && r->reason == KEPT_R_ERASED,
                  "the erasure of one app reached %s, or did not hold", faces[a].app);
        }
        if (gone == APPS)
            break;
        in(w, gone);
        DONE(w, ASK(w, ERASE_SUBJECT, OF(people[gone])));
    }
    ABSENT(w, PHONE);
    ABSENT(w, MAIL);
}

static size_t entries(const struct kept_reply *r)
{
    size_t n = 0;
    for (const char *at = r != NULL && r->json != NULL ? strstr(r->json, "\"entry\":") : NULL;
         at != NULL; at = strstr(at + 1, "\"entry\":"))
        n++;
    return n;
}

/* One clerk works for all five: each trail and each audit holds that app's part, and no more. */
static void trails_and_audits_stay_apart(void **state)
{
    struct world *w = *state;
    size_t trail[APPS];
    for (size_t a = 0; a < APPS; a++) {
        in(w, a);
        trail[a] = entries(aid_need(w, ASK(w, TRAIL, OF(people[a]))));
    }
    for (size_t a = 0; a < APPS; a++) {
        in(w, a);
        for (size_t i = 0; i <= a; i++) /* a different number of reads in each */
            (void)ASK(w, USE, OF(people[a]), WHAT(faces[a].other), .purpose = faces[a].purpose,
                      .role = "support", .actor = "clerk-7");
    }
    for (size_t a = 0; a < APPS; a++) {
        char named[64];
        in(w, a);
        const struct kept_reply *r = aid_need(w, ASK(w, TRAIL, OF(people[a])));
        size_t want = trail[a] + 1 + a + 1; /* the look before, and the clerk's */
        CLAIM(entries(r) == want, "%s: %zu entries in the trail, not %zu", faces[a].app,
              entries(r), want);
        (void)snprintf(named, sizeof named, "\"app\":\"%s\"", faces[a].app);
        CLAIM(strstr(r->json, named) != NULL, "a trail does not say whose it is");
        r = aid_need(w, ASK(w, AUDIT, .role = "auditor", .actor = "auditor-1", .text = "clerk-7"));
        CLAIM(entries(r) == a + 1, "%s: the audit shows %zu acts of the clerk, not %zu",
              faces[a].app, entries(r), a + 1);
        for (size_t b = 0; b < APPS; b++)
            CLAIM(b == a || strstr(r->json, faces[b].app) == NULL, "%s's audit speaks of %s",
                  faces[a].app, faces[b].app);
    }
}

/* A word given in one app opens and shuts nothing in another, although the names are the same. */
static void consents_stay_apart(void **state)
{
    static const size_t twins[2] = {0, 3}; /* both have a function called feedback */
    struct world *w = *state;
    for (int k = 0; k < 2; k++) {
        size_t mine = twins[k], yours = twins[1 - k];
        in(w, mine);
        WITHDRAW(w, people[mine], .function = "feedback");
        const struct kept_reply *r =
            ASK(w, USE, OF(people[mine]), WHAT("message"), .purpose = "support");
        CLAIM(r != NULL && r->reason == KEPT_R_WITHDRAWN, "a withdrawal did not hold at home");
        in(w, yours);
        r = ASK(w, USE, OF(people[yours]), WHAT("message"), .purpose = "support");
        CLAIM(aid_value(r, faces[yours].other_value), "a withdrawal reached another app");
        in(w, mine);
        GRANT(w, people[mine], EXPLICIT, .function = "feedback");
    }
    in(w, 4);
    GRANT(w, people[4], EXPLICIT, .function = "profile");
    in(w, 2);
    const struct kept_reply *r = ASK(w, COLLECT, OF(people[2]), VALUE("profile", "nickname", "Mei"));
    CLAIM(r != NULL && r->reason == KEPT_R_NEEDS_CONSENT, "consent in one app opened another");
    TURN(w, people[2], "camera", 1);
    in(w, 4);
    GRANT(w, people[4], EXPLICIT, .function = "scan");
    r = ASK(w, COLLECT, OF(people[4]), VALUE("scan", "scanned-code", "a code"), IN_USE);
    CLAIM(r != NULL && r->reason == KEPT_R_PERMISSION, "a permission in one app opened another");
    in(w, 1);
    (void)aid_need(w, ASK(w, CONSENT_REFUSE, OF(people[1]))); /* the whole policy */
    for (size_t a = 0; a < APPS; a++) {
        in(w, a);
        bool refused = aid_shows(w, people[a], "\"state\":\"refused\"");
        CLAIM(refused == (a == 1), "a refusal is not in its app alone: %s", faces[a].app);
    }
}

/* An app ends, is given a new policy, gets new keys: the others go on as they were. */
static void apps_end_and_change_apart(void **state)
{
    struct world *w = *state;
    in(w, 2);
    char *text = aid_edit(aid_policy("messenger"), "\nversion: 1\n", "\nversion: 2\n");
    DONE(w, ASK(w, POLICY_PUBLISH, .text = text));
    free(text);
    DONE(w, ASK(w, ROTATE, .role = ""));
    DONE(w, ASK(w, SERVICE_CEASE, .role = ""));
    for (size_t a = 0; a < APPS; a++) {
        in(w, a);
        const char *stat = aid_need(w, ASK(w, STAT, .role = ""))->json;
        CLAIM(strstr(stat, "\"people_ever\":1,") != NULL, "%s counts another app's people",
              faces[a].app);
        CLAIM((strstr(stat, "\"epoch\":1,") == NULL) == (a == 2), "keys changed in %s",
              faces[a].app);
        CLAIM((strstr(stat, "\"policy_version\":1,") == NULL) == (a == 2),
              "the policy of %s changed, or did not", faces[a].app);
        CLAIM((strstr(stat, "\"service_ceased\":true") != NULL) == (a == 2),
              "%s ended, or did not", faces[a].app);
        const struct kept_field f = {.name = faces[a].other, .value = span(faces[a].other_value)};
        const struct kept_reply *r = ASK(w, COLLECT, OF(people[a]), .function = faces[a].function,
                                         .fields = &f, .field_count = 1, .facts = faces[a].facts);
        CLAIM(r != NULL && (r->reason == KEPT_R_CEASED) == (a == 2), "%s takes, or does not",
              faces[a].app);
    }
}

/* Asked in one batch about everybody of everywhere, each app answers about its own, and who names no
 * app, or one that is not there, gets no answer. */
static void a_batch_mixes_nothing_up(void **state)
{
    struct world *w = *state;
    static struct kept_request asked[APPS * APPS];
    static struct kept_field what[APPS];
    struct kept_reply *replies[APPS * APPS];
    size_t n = 0, own = 0;
    for (size_t a = 0; a < APPS; a++) {
        what[a] = (struct kept_field){.name = faces[a].other};
        for (size_t b = 0; b < APPS; b++)
            asked[a * APPS + b] = (struct kept_request){
                .op = KEPT_OP_USE, .app = faces[a].app, .subject = people[b],
                .purpose = faces[a].purpose, .fields = &what[a], .field_count = 1,
                .tag = &asked[a * APPS + b]};
    }
    for (size_t i = 0; i < APPS * APPS; i++)
        if (kept_submit(w->kept, &asked[i], &w->err) != 0)
            aid_setup_failed("a request was not taken", w->err.text);
    while (n < APPS * APPS) {
        size_t got = 0;
        if (kept_reap(w->kept, replies, APPS * APPS, 1, &got, &w->err) != 0 || got == 0)
            aid_setup_failed("replies are missing", w->err.text);
        for (size_t i = 0; i < got; i++) {
            size_t at = (size_t)((struct kept_request *)replies[i]->tag - asked);
            const struct face *f = &faces[at / APPS];
            bool mine = at / APPS == at % APPS;
            own += mine;
            CLAIM(mine ? aid_value(replies[i], f->other_value)
                       : replies[i]->error == KEPT_E_NOTFOUND && replies[i]->field_count == 0,
                  "%s answered wrongly about a person of %s", f->app, faces[at % APPS].app);
            kept_reply_free(replies[i]);
        }
        n += got;
    }
    CLAIM(own == APPS, "an app did not answer about its own");
    w->app = "no-such-app";
    CLAIM(ASK(w, TRAIL, OF(people[0])) == NULL && w->rc == KEPT_E_NOTFOUND, "no app answered");
    w->app = NULL;
    CLAIM(ASK(w, TRAIL, OF(people[0])) == NULL && w->rc == KEPT_E_USAGE, "some app answered");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, five_apps, aid_end)
    const struct CMUnitTest tests[] = {
        TEST(an_id_is_nothing_elsewhere), TEST(the_same_phone_finds_each_apps_own),
        TEST(trails_and_audits_stay_apart), TEST(consents_stay_apart),
        TEST(apps_end_and_change_apart),  TEST(a_batch_mixes_nothing_up),
    };
    return RUN(tests);
}
