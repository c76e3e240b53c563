/* test_publishing.c - how a later version comes: what counts as major, who is told how, and from when it may
 * govern; and that every version stays what it was. */
#include "shown.h"

static json_t *report_of(const struct kept_reply *r)
{
    json_t *root = r != NULL && r->json != NULL ? json_loads(r->json, 0, NULL) : NULL;
    return root;
}

/* Version 2 of the world's policy with one piece replaced, in so many days; dry: what would be. */
static const struct kept_reply *second(struct world *w, const char *old, const char *new, int days, int dry)
{
    char *text = aid_edit(aid_policy(w->app), "\nversion: 1\n", "\nversion: 2\n");
    text = aid_edit(text, old, new);
    const struct kept_reply *r = ASK(w, POLICY_PUBLISH, .text = text, .at = w->now + days * DAY, .dry = dry);
    free(text);
    return r;
}

static bool listed(const json_t *list, const char *word)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (strcmp(json_string_value(json_array_get(list, i)), word) == 0)
            return true;
    return false;
}

static bool has_version(struct world *w, int version)
{
    char words[32];
    const struct kept_reply *r = aid_need(w, ASK(w, POLICY_SHOW, .role = ""));
    (void)snprintf(words, sizeof words, "\"version\":%d,", version);
    return strstr(r->json, words) != NULL;
}

/* A major change is not published without its notice, and changes nothing when it is refused. */
static void noticed(struct world *w, const char *old, const char *new, const char *row)
{
    const struct kept_reply *r = second(w, old, new, 0, 0);
    aid_claim(r == NULL && w->rc == KEPT_E_CONFLICT, row, __LINE__, "a major change took effect at once");
    r = second(w, old, new, 6, 0);
    aid_claim(r == NULL && w->rc == KEPT_E_CONFLICT, row, __LINE__, "it took effect before its notice was over");
    aid_claim(!has_version(w, 2), row, __LINE__, "what was refused is there");
    r = second(w, old, new, 9, 0);
    aid_done(w, r, row, __LINE__);
    aid_claim(has_version(w, 2), row, __LINE__, "what was published is not there");
    struct kept_id p = aid_person(w);
    aid_claim(aid_shows(w, p, "\"policy_version\":1,"), row, __LINE__, "it governs before it takes effect");
    w->now += 9 * DAY;
    struct kept_id q = aid_person(w);
    aid_claim(aid_shows(w, q, "\"policy_version\":2,"), row, __LINE__, "it does not govern who comes later");
    aid_claim(aid_shows(w, p, "\"policy_version\":1,"), row, __LINE__, "it governs who never saw it");
}

static void clause_S1_6_2(void **state)
{
    noticed(*state, "retain: 180 days", "retain: 360 days", __func__);
}

static void clause_S4_15_2(void **state)
{
    noticed(*state, "retain: 180 days", "retain: 360 days", __func__);
}

/* Major: each person, by mail, letter and phone, and who was shown it has a receipt. Minor: in the app. */
static void clause_S1_6_3(void **state)
{
    struct world *w = *state;
    json_t *root = report_of(second(w, "retain: 180 days", "retain: 360 days", 9, 1));
    json_t *tell = json_object_get(json_object_get(root, "comparison"), "tell");
    const json_t *channels = json_object_get(tell, "channels");
    const char *who = json_string_value(json_object_get(tell, "who"));
    CLAIM(who != NULL && strcmp(who, "each") == 0, "a major change is not told to each person");
    CLAIM(listed(channels, "mail") && listed(channels, "letter") && listed(channels, "phone"),
          "a major change is not told directly");
    json_decref(root);
    root = report_of(second(w, "carry your messages", "deliver your messages", 0, 1));
    tell = json_object_get(json_object_get(root, "comparison"), "tell");
    channels = json_object_get(tell, "channels");
    CLAIM(json_array_size(channels) == 1 && listed(channels, "app"), "a small change is told like a major one");
    json_decref(root);
    struct kept_id p = aid_person(w);
    DONE(w, second(w, "retain: 180 days", "retain: 360 days", 9, 0));
    w->now += 9 * DAY;
    CLAIM(!aid_shows(w, p, "\"shown\":[{\"policy_version\":2"), "a receipt of what nobody was shown");
    const struct kept_reply *r = ASK(w, CONSENT_ACKNOWLEDGE, OF(p), .consent = KEPT_C_ACKNOWLEDGEMENT);
    DONE(w, r);
    LEDGERED(w, r);
    CLAIM(aid_shows(w, p, "\"shown\":[{\"policy_version\":2"), "who was shown it has no receipt");
}

/* What is major, in the policy's own words: each trigger by what sets it off, and what does not. */
struct trigger {
    const char *id, *old, *new;
};
static void major(struct world *w, const struct trigger *rows, size_t count, const char *row)
{
    for (size_t i = 0; i < count; i++) {
        const struct trigger *t = &rows[i];
        json_t *root = report_of(second(w, t->old, t->new, 0, 1));
        const char *change = json_string_value(json_object_get(root, "change"));
        const char *refused = json_string_value(json_object_get(root, "refused"));
        bool minor = t->id[0] == 0;
        aid_claim(change != NULL && strcmp(change, minor ? "minor" : "material") == 0, row, __LINE__,
                  "'%s' counts as %s", t->new, change == NULL ? "nothing" : change);
        aid_claim(minor || listed(json_object_get(root, "triggers"), t->id), row, __LINE__,
                  "'%s' is not %s", t->new, t->id);
        aid_claim((refused == NULL) == minor, row, __LINE__, "'%s' would be published%s", t->new,
                  refused == NULL ? " at once" : "only with notice");
        json_decref(root);
    }
}

static void clause_S1_6_4(void **state)
{
    static const struct trigger rows[] = {
        {"M1", "retain: 180 days", "retain: 360 days"},
        {"M1", "purposes: [communication", "purposes: [operation, communication"},
        {"M2", "name: Long Wire (example)", "name: Longer Wire (example)"},
        {"M3", "    purposes: [experience, linked-safety]\n    region",
         "    purposes: [experience, linked-safety, account]\n    region"},
        {"M4", "effect: collect_and_use", "effect: delete"},
        {"M5", "contact: privacy@", "contact: data@"},
        {"M6", "  continued_use: accepts\n", "  continued_use: accepts\n  high_risk: true\n"},
        {"", "carry your messages", "deliver your messages"},
    };
    major(*state, rows, sizeof rows / sizeof rows[0], __func__);
}

static void clause_S4_15_5(void **state)
{
    static const struct trigger rows[] = {
        {"M1", "retain: 180 days", "retain: 360 days"},
        {"M2", "name: Lantern Media (example)", "name: Lamp Media (example)"},
        {"M3", "    purposes: [service, cross-service]\n    region", "    purposes: [service]\n    region"},
        {"M4", "effect: collect_only", "effect: collect_and_use"},
        {"M5", "contact: privacy@", "contact: data@"},
        {"M6", "  continued_use: accepts\n", "  continued_use: accepts\n  high_risk: true\n"},
        {"", "\nissued: ", "\nissued: "},
    };
    major(*state, rows, sizeof rows / sizeof rows[0], __func__);
}

/* Version 1 is read after version 2 came, byte for byte; nobody changes it, with or without kept. */
static void clause_S1_6_5(void **state)
{
    struct world *w = *state;
    char *text = aid_policy(w->app);
    DONE(w, second(w, "retain: 180 days", "retain: 360 days", 9, 0));
    w->now += 9 * DAY;
    const struct kept_reply *r = ASK(w, POLICY_SHOW, .policy_version = 1, .role = "");
    json_t *root = report_of(r);
    const char *kept_text = json_string_value(json_object_get(root, "text"));
    CLAIM(kept_text != NULL && strcmp(kept_text, text) == 0, "version 1 is not what it was");
    json_decref(root);
    char *other = aid_edit(text, "carry your messages", "deliver your messages");
    r = ASK(w, POLICY_PUBLISH, .text = other);
    CLAIM(r == NULL && w->rc == KEPT_E_CONFLICT, "version 1 was published twice");
    free(other);
    r = ASK(w, POLICY_SHOW, .policy_version = 3, .role = "");
    CLAIM(r == NULL && w->rc == KEPT_E_NOTFOUND, "a version that never was is shown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAUSE_S1(6_2), CLAUSE_S1(6_3), CLAUSE_S1(6_4), CLAUSE_S1(6_5), CLAUSE_S4(15_2), CLAUSE_S4(15_5),
    };
    return RUN(tests);
}
