/* check_duties.c - what a regulator would find in what a policy owes: answers that never come, ends that
 * contradict each other, choices that are none. */
#include <stdio.h>
#include <string.h>

#include "policy/duties_int.h"

#define FIND(code, at, mend, ...)                                                                  \
    kept_find(r, code, (at)->rule.line, (at)->column, mend, __VA_ARGS__)

/* What the law gives everybody; where the policy speaks of rights, it should not leave these out. */
void kept_check_offered(struct reader *r)
{
    static const struct {
        enum kept_asked asked;
        const char *law;
    } owed[] = {{KEPT_ASK_ACCESS, "PIPL 45"},   {KEPT_ASK_COPY, "PIPL 45"},
                {KEPT_ASK_CORRECT, "PIPL 46"},  {KEPT_ASK_DELETE, "PIPL 47"},
                {KEPT_ASK_WITHDRAW, "PIPL 15"}, {KEPT_ASK_EXPLAIN, "PIPL 24, 48"},
                {KEPT_ASK_PORT, "PIPL 45"},     {KEPT_ASK_COMPLAINT, "PIPL 50"},
                {KEPT_ASK_CANCEL, "NDSR 21, 24"}};
    const struct duties *d = &r->policy->duties;
    for (size_t i = 0; i < sizeof owed / sizeof owed[0]; i++) {
        char mend[MEND_TEXT];
        (void)snprintf(mend, sizeof mend, "add '%s:' under 'requests'", kept_asked_word(owed[i].asked));
        bool accounts = r->as_published && (d->account.rule.line == 0 || d->account.ways != 0);
        if (!d->asked[owed[i].asked].pub.said && (accounts || owed[i].asked != KEPT_ASK_CANCEL))
            kept_find(r, CODE_RIGHT_MISSING, d->rights.line > 0 ? d->rights.line : 1, 1, mend,
                      "nobody is told that they may ask for '%s' (%s)",
                      kept_asked_word(owed[i].asked), owed[i].law);
    }
}

/* Who is to ask by phone or letter must know which number to call, and where to write. */
static void check_reached(struct reader *r)
{
    const struct kept_policy *p = r->policy;
    const struct {
        enum kept_channel channel;
        const char *there, *what, *mend;
    } ways[] = {{KEPT_CH_PHONE, p->phone, "phone, and no number is said", "add 'phone' to 'controller', or remove the channel"},
                {KEPT_CH_LETTER, p->address.v != NULL ? p->address.v[0] : NULL, "letter, and no address is said",
                 "add 'address' to 'controller', or remove the channel"}};
    uint32_t channels = 0;
    for (unsigned i = 0; i < KEPT_ASK_COUNT; i++)
        channels |= p->duties.asked[i].pub.said ? p->duties.asked[i].pub.channels : 0;
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
        if ((channels >> ways[i].channel & 1u) != 0 && ways[i].there == NULL)
            kept_find(r, CODE_CHANNEL_UNREACHED, p->duties.rights.line, 1, ways[i].mend,
                      "people are told to ask by %s (PIPL 50)", ways[i].what);
}

static void check_rights(struct reader *r)
{
    const struct duties *d = &r->policy->duties;
    if (d->rights.line == 0)
        return;
    kept_check_offered(r);
    check_reached(r);
    for (unsigned i = 0; i < KEPT_ASK_COUNT; i++) {
        const struct right_rule *right = &d->asked[i];
        if (!right->pub.said)
            continue;
        if (right->pub.deadline.within.n == 0)
            kept_find(r, CODE_NO_DEADLINE, right->pub.line, right->column,
                      "add 'deadline: {within: 15 working days, from: received}'",
                      "'%s' is answered some day: promptly means a day that can be named (PIPL 50)",
                      kept_asked_word((enum kept_asked)i));
        if (right->pub.channels == 0)
            kept_find(r, CODE_NO_CHANNEL, right->pub.line, right->column,
                      "add 'channels: [settings, mail]', here or for all requests",
                      "nobody is told how to ask for '%s': the way must be easy (PIPL 50)",
                      kept_asked_word((enum kept_asked)i));
    }
}

/* Can a function take an item of this kind? */
static bool takes(const struct kept_policy *p, uint32_t function, const char *kind)
{
    for (size_t i = 0; i < p->info.items; i++)
        if (kept_bit(&p->function_items, function, i) && strcmp(p->items[i].pub.kind, kind) == 0)
            return true;
    return false;
}

static void check_account(struct reader *r)
{
    static const struct {
        enum kept_account_way way;
        const char *kind;
    } ways[] = {{KEPT_WAY_PHONE, "phone"}, {KEPT_WAY_MAIL, "mail"}};
    const struct kept_policy *p = r->policy;
    const struct account_rule *a = &p->duties.account;
    if (a->rule.line == 0)
        return;
    if (a->ways == 0 && a->self_service)
        FIND(CODE_ACCOUNT_CONTRADICTION, a, "let 'mode' say how people register, or remove 'self_service'",
             "there are no accounts, and yet people come by themselves");
    if (a->ways == 0 && (a->function != KEPT_NO_INDEX || a->real_name != KEPT_REAL_NAME_NONE))
        FIND(CODE_ACCOUNT_CONTRADICTION, a,
             "let 'mode' say how people register, or remove 'function' and 'real_name'",
             "there are no accounts, and yet people register or give their real name");
    for (size_t i = 0; i < 2 && a->function != KEPT_NO_INDEX && !r->functions_lost; i++)
        if (a->ways == 1u << ways[i].way && !takes(p, a->function, ways[i].kind))
            FIND(CODE_ACCOUNT_CONTRADICTION, a,
                 "name the function that registers, or let 'mode' be another",
                 "people register by %s, but '%s' takes none", ways[i].kind,
                 p->functions[a->function].name);
    if (a->real_name == KEPT_REAL_NAME_LEGAL_OBLIGATION && (a->statute.v == NULL || a->statute.v[0] == NULL))
        FIND(CODE_STATUTE_MISSING, a, "add 'statute: <law and article>'",
             "a law demands the real name: which?");
}

/* The shortest that a length can be. */
static kept_ms least(struct kept_length length)
{
    kept_ms unit = length.unit == KEPT_UNIT_HOURS    ? KEPT_HOUR
                   : length.unit == KEPT_UNIT_MONTHS ? 28 * KEPT_DAY
                                                     : KEPT_DAY;
    return (kept_ms)length.n * unit;
}

static void check_cancellation(struct reader *r)
{
    const struct cancellation_rule *c = &r->policy->duties.cancellation;
    if (c->rule.line == 0)
        return;
    if (c->within.within.n > 0 && c->cooling_off > least(c->within.within))
        FIND(CODE_CANCELLATION_CONTRADICTION, c,
             "let 'within' be longer than 'cooling_off'",
             "it would have to be done before it takes effect");
    if (c->within.within.n == 0 && c->cooling_off == 0 && (c->triggers >> KEPT_TRIGGER_SUPPORT & 1u) != 0)
        FIND(CODE_CANCELLATION_OPEN, c, "add 'within: 15 working days'",
             "somebody cancels by asking us, and no day is named by which it is done (PIPL 50)");
    const struct account_rule *a = &r->policy->duties.account;
    if (c->triggers == 1u << KEPT_TRIGGER_UNINSTALL && a->ways != 0)
        FIND(CODE_CANCELLATION_HIDDEN, c, "add self_service or support to 'triggers'",
             "who has an account can end it by removing the app only: another device keeps it alive");
}

static void check_messages(struct reader *r)
{
    const struct message_rule *m = &r->policy->duties.messages[KEPT_MESSAGE_MARKETING];
    if (m->said && !m->can_switch_off)
        FIND(CODE_MARKETING_NOT_REFUSABLE, m, "let 'switch_off' be true",
             "nobody could refuse marketing: each message must carry a way out (PIPL 24, "
             "Advertising Law 43)");
}

static void check_incidents(struct reader *r)
{
    static const uint32_t owed = 1u << KEPT_FIELD_FACTS | 1u << KEPT_FIELD_IMPACT |
                                 1u << KEPT_FIELD_MEASURES | 1u << KEPT_FIELD_ADVICE |
                                 1u << KEPT_FIELD_CONTACT;
    const struct incident_rule *i = &r->policy->duties.incidents[KEPT_TOLD_PERSONS];
    if (i->said && i->fields != 0 && (i->fields & owed) != owed)
        FIND(CODE_INCIDENT_FIELDS, i,
             "let 'fields' hold facts, impact, measures, advice, contact",
             "a notice to people says what happened and may follow, what is done, what they can do "
             "and whom to ask (PIPL 57)");
}

static void check_cookies(struct reader *r)
{
    const struct duties *d = &r->policy->duties;
    if (d->cookies.line == 0)
        return;
    if (d->opt_out != KEPT_OPT_OUT_PREFERENCE)
        kept_find(r,
                  d->opt_out == KEPT_OPT_OUT_CANCEL ? CODE_TRACKER_OPT_OUT
                                                    : CODE_TRACKER_OPT_OUT_LOGOUT,
                  d->cookies.line, 1, "let 'opt_out' be preference",
                  "not to be tracked costs %s: refusing must be as easy as agreeing, and cost "
                  "nothing else (PIPL 15, 16)",
                  d->opt_out == KEPT_OPT_OUT_CANCEL ? "the account" : "the session");
    for (unsigned i = KEPT_TRACKER_ANALYSIS; i <= KEPT_TRACKER_ADVERTISING; i++)
        if (d->categories[i].said && d->categories[i].necessary)
            FIND(CODE_TRACKER_NOT_NECESSARY, &d->categories[i], "remove 'necessary'",
                 "nobody needs to be analysed or advertised to for the service to work (PIPL 6, 16)");
}

static void check_ends(struct reader *r, const struct item_rule *item)
{
    const struct kept_item *pub = &item->pub;
    if (pub->at_least > 0 && (pub->class != KEPT_CLASS_LAW || item->statute == NULL))
        kept_find(r, CODE_STATUTE_MISSING, pub->line, item->column,
                  "add 'retention_class: law' and 'statute: <law and article>'",
                  "'%s' is kept at least for a time, but nothing keeps it against an erasure",
                  pub->name);
    if (pub->at_least > pub->retain && pub->retain > 0)
        kept_find(r, CODE_RETENTION_TOO_SHORT, pub->line, item->column,
                  "let 'retain' be as long as 'at_least', or longer",
                  "'%s' would go before the statute allows", pub->name);
    bool archives = pub->then == KEPT_DISPOSE_ARCHIVE;
    if (archives != (pub->archive > 0))
        kept_find(r, CODE_ARCHIVE_CONTRADICTION, pub->line, item->column,
                  "say both 'then: archive' and 'archive: <how long>', or neither",
                  archives ? "'%s' is archived without an end: until when? (PIPL 19)"
                           : "'%s' has a time in the archive, but never gets there", pub->name);
    if (archives && item->statute == NULL)
        kept_find(r, CODE_STATUTE_MISSING, pub->line, item->column,
                  "add 'statute: <law and article>'",
                  "'%s' is archived after its end because a law allows it: which?", pub->name);
    const bool here = pub->place == KEPT_PLACE_STORE && !r->as_published;
    if (archives && here && (pub->class != KEPT_CLASS_LAW || !pub->many))
        kept_find(r, CODE_ARCHIVE_CONTRADICTION, pub->line, item->column,
                  "add 'retention_class: law' and 'values: many', or let 'place' be external",
                  pub->many ? "'%s' would be erased with the person before it is archived: an archive has keys of its own"
                            : "'%s' holds one value: the next would take the place of what is archived", pub->name);
    if (pub->then == KEPT_DISPOSE_ANONYMISE && here)
        kept_find(r, CODE_ANONYMISE_UNKEPT, pub->line, item->column,
                  "let 'then' be erase, and take what nobody can be found in out before; or 'place' be external",
                  "'%s' is promised to be made anonymous, and kept erases what it holds: nothing would stay", pub->name);
    if (item->held_in != NULL && pub->place != KEPT_PLACE_EXTERNAL)
        kept_find(r, CODE_HELD_ELSEWHERE, pub->line, item->column,
                  "remove 'held_in', or let 'place' be external",
                  "'%s' is not external: no other system holds it", pub->name);
    if (item->held_in == NULL && pub->place == KEPT_PLACE_EXTERNAL)
        kept_find(r, CODE_HELD_NOWHERE, pub->line, item->column,
                  "add 'held_in: <name of the system>'",
                  "'%s' is held outside, nobody knows where: no order to delete could be addressed",
                  pub->name);
}

/* A log without personal data holds none of what tells people or devices apart. */
static void check_log(struct reader *r, const struct item_rule *item)
{
    static const char *const telling[] = {"name", "phone", "landline", "mail", "address", "id-card",
                                          "bank-card", "imei", "mac", "ipv4", "ipv6", "device-id",
                                          "plate", "coordinates"};
    if (r->policy->duties.log_personal != LOG_NEVER || strcmp(item->information, "log") != 0)
        return;
    for (size_t i = 0; i < sizeof telling / sizeof telling[0]; i++)
        if (strcmp(item->pub.kind, telling[i]) == 0)
            kept_find(r, CODE_LOG_NOT_CLEAN, item->pub.line, item->column,
                      "let 'log.personal' be declared, or the item be none of the log",
                      "logs are said to hold nothing personal, and '%s' is a %s", item->pub.name,
                      item->pub.kind);
}

/* Hong Kong, Macao and Taiwan are outside for the law of export, whatever a policy calls them. */
static void check_stored(struct reader *r)
{
    const struct kept_policy *p = r->policy;
    if (r->regions_lost || !kept_policy_under(p, "CN") || p->export != EXPORT_NEVER)
        return;
    for (size_t i = 0; i < p->stored_in.n; i++)
        for (size_t k = 0; k < p->region_count; k++)
            if (p->regions[k].ref == p->stored_in.v[i] && strcmp(p->regions[k].name, "CN") != 0 &&
                strncmp(p->regions[k].name, "CN-", 3) != 0)
                kept_find(r, CODE_EXPORT_FORBIDDEN, p->stored.line, 1,
                          "store in CN, or let 'regions.export' be conditional",
                          "storing in %s is export from the mainland, and this policy says never "
                          "(PIPL 38)", p->regions[k].name);
}

/* Texts that people read and that name a standard which another has replaced. */
static void check_standards(struct reader *r)
{
    static const struct {
        const char *old, *now;
    } standards[] = {{"35273-2017", "GB/T 35273-2020"}};
    for (size_t i = 0; i < r->tree.count; i++)
        for (size_t k = 0; k < sizeof standards / sizeof standards[0]; k++) {
            const struct node *node = &r->tree.nodes[i];
            if (node->language == 0 || strstr(node->text, standards[k].old) == NULL)
                continue;
            char mend[MEND_TEXT];
            (void)snprintf(mend, sizeof mend, "name %s", standards[k].now);
            kept_find(r, CODE_OBSOLETE_STANDARD, node->line, node->column, mend,
                      "people are told of a standard that holds no more: %s", standards[k].old);
        }
}

void kept_check_duties(struct reader *r)
{
    const struct kept_policy *p = r->policy;
    check_rights(r);
    check_account(r);
    check_cancellation(r);
    check_messages(r);
    check_incidents(r);
    check_cookies(r);
    check_stored(r);
    check_standards(r);
    for (size_t i = 0; i < p->info.items; i++)
        if (!p->items[i].lost) {
            check_ends(r, &p->items[i]);
            check_log(r, &p->items[i]);
        }
}
