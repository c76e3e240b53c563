/* language_aid.h - a policy in which each key of the language can be said alone: a mark where each section's keys
 * stand, and the policy that comes of saying one. */
#ifndef KEPT_TESTS_POLICY_LANGUAGE_AID_H
#define KEPT_TESTS_POLICY_LANGUAGE_AID_H

#include "policy/language.h"
#include "policy_aid.h"

/* A line of its own for every key, and two keys at least in every map. "@SECTION" stands where a key of it is
 * added; two languages would make every text a map. */
static const char base[] = "@POLICY 0\n"
                           "kept: 1\n"
                           "app: widgets\n"
                           "version: 1\n"
                           "issued: 2026-01-15\n"
                           "effective: 2026-02-01\n"
                           "app_type: shopping\n"
                           "jurisdiction: CN\n"
                           "time_zone: UTC\n"
                           "languages:\n"
                           "  authority: zh\n"
                           "@LANGUAGES 2\n"
                           "  also: []\n"
                           "controller:\n"
                           "  name: We\n"
                           "  contact: a@example.org\n"
                           "@CONTROLLER 2\n"
                           "notice:\n"
                           "@NOTICE 2\n"
                           "  clause: A-1\n"
                           "  sentences:\n"
                           "    -\n"
                           "@SENTENCE 6\n"
                           "      clause: A-1\n"
                           "      text: Read this.\n"
                           "refusal:\n"
                           "  text: Nothing.\n"
                           "@PLAIN 2\n"
                           "undeclared:\n"
                           "@UNDECLARED 2\n"
                           "  clause: A-1\n"
                           "consent:\n"
                           "@CONSENT 2\n"
                           "  clause: A-1\n"
                           "withdrawal:\n"
                           "@WITHDRAWAL 2\n"
                           "  clause: A-1\n"
                           "  effect: collect_only\n"
                           "changes:\n"
                           "@CHANGES 2\n"
                           "  clause: A-1\n"
                           "  material:\n"
                           "@MATERIAL 4\n"
                           "    triggers: [rights]\n"
                           "    channels: [mail]\n"
                           "  minor:\n"
                           "@MINOR 4\n"
                           "    clause: A-1\n"
                           "    channels: [mail]\n"
                           "regions:\n"
                           "  stored: [CN]\n"
                           "@REGIONS 2\n"
                           "  clause: A-1\n"
                           "age:\n"
                           "@AGE 2\n"
                           "  bands:\n"
                           "    -\n"
                           "@BAND 6\n"
                           "      from: 0\n"
                           "      below: 14\n"
                           "      mode: guardian\n"
                           "    - {from: 14, mode: self}\n"
                           "  guardian:\n"
                           "@GUARDIAN 4\n"
                           "    clause: A-1\n"
                           "rotation: 7 days\n"
                           "backup_window: 30 days\n"
                           "evidence: 3 years\n"
                           "purposes:\n"
                           "  notes:\n"
                           "@PURPOSE 4\n"
                           "    clause: A-1\n"
                           "    text: notes\n"
                           "  support: {text: support}\n"
                           "  delivery: {text: delivery}\n"
                           "permissions:\n"
                           "  camera:\n"
                           "@PERMISSION 4\n"
                           "    clause: A-1\n"
                           "    text: camera\n"
                           "partitions:\n"
                           "  apart:\n"
                           "@PARTITION 4\n"
                           "    clause: A-1\n"
                           "    text: apart\n"
                           "items:\n"
                           "  mail:\n"
                           "@ITEM 4\n"
                           "    text: mail\n"
                           "    kind: mail\n"
                           "    information: basic\n"
                           "    source: user\n"
                           "    retain: account\n"
                           "  note: {text: note, kind: text, information: content, source: user, retain: account, partition: apart}\n"
                           "  contact-phone: {text: phone, kind: phone, information: basic, source: user, retain: account}\n"
                           "functions:\n"
                           "  keep:\n"
                           "@FUNCTION 4\n"
                           "    text: keeps\n"
                           "    kind: basic\n"
                           "    consent: explicit\n"
                           "    purposes: [notes, support, delivery]\n"
                           "    optional: [note, mail, contact-phone]\n"
                           "    refusing_costs: All.\n"
                           "    client:\n"
                           "@CLIENT 6\n"
                           "      os:\n"
                           "@OS 8\n"
                           "        ios: any\n"
                           "    personalised:\n"
                           "@PERSONALISED 6\n"
                           "      same_count: false\n"
                           "      otherwise: generic\n"
                           "  findable: {text: found, kind: extended, consent: explicit, purposes: [notes], refusing_costs: No.}\n"
                           "recipients:\n"
                           "  parcels:\n"
                           "@RECIPIENT 4\n"
                           "    text: parcels\n"
                           "    role: processor\n"
                           "    kind: delivery\n"
                           "    items: [mail]\n"
                           "    purposes: [delivery]\n"
                           "    region: CN\n"
                           "    agreement:\n"
                           "@AGREEMENT 6\n"
                           "      signed: 2026-01-01\n"
                           "      expires: 2027-01-01\n"
                           "account:\n"
                           "@ACCOUNT 2\n"
                           "  clause: A-1\n"
                           "  mode: none\n"
                           "cessation:\n"
                           "@CESSATION 2\n"
                           "  text: Over.\n"
                           "  clause: A-1\n"
                           "cancellation:\n"
                           "@CANCELLATION 2\n"
                           "  triggers: [self_service]\n"
                           "  preconditions:\n"
                           "    balance:\n"
                           "@PRECONDITION 6\n"
                           "      clause: A-1\n"
                           "      text: money\n"
                           "messages:\n"
                           "@MESSAGES 2\n"
                           "  marketing:\n"
                           "@MESSAGE 4\n"
                           "    clause: A-1\n"
                           "    channels: [mail]\n"
                           "log:\n"
                           "@LOG 2\n"
                           "  clause: A-1\n"
                           "  personal: never\n"
                           "logs:\n"
                           "  web:\n"
                           "@LOGBOOK 4\n"
                           "    clause: A-1\n"
                           "    text: visits\n"
                           "    format: combined\n"
                           "    purposes: [notes]\n"
                           "    retain: 30 days\n"
                           "    fields:\n"
                           "      agent:\n"
                           "@LOG_FIELD 8\n"
                           "        item: mail\n"
                           "        from: browser\n"
                           "incident:\n"
                           "@INCIDENT 2\n"
                           "  persons:\n"
                           "@TOLD 4\n"
                           "    deadline: {within: 72 hours, from: aware}\n"
                           "    channels: [mail]\n"
                           "    fields: [facts, impact, measures, advice, contact]\n"
                           "cookies:\n"
                           "@COOKIES 2\n"
                           "  categories:\n"
                           "@CATEGORIES 4\n"
                           "    security:\n"
                           "@CATEGORY 6\n"
                           "      clause: A-1\n"
                           "  trackers:\n"
                           "    one:\n"
                           "@TRACKER 6\n"
                           "      text: one\n"
                           "      category: security\n"
                           "      kind: cookie\n"
                           "      party: first\n"
                           "      lifetime: session\n"
                           "rights:\n"
                           "@RIGHTS 2\n"
                           "  channels: [mail]\n"
                           "  deadline:\n"
                           "@DEADLINE 4\n"
                           "    within: 15 working days\n"
                           "    from: received\n"
                           "  fee:\n"
                           "@FEE 4\n"
                           "    clause: A-1\n"
                           "    rule: free\n"
                           "  requests:\n"
                           "@REQUESTS 4\n"
                           "    access:\n"
                           "@REQUEST 6\n"
                           "      clause: A-1\n"
                           "    copy: {}\n"
                           "    correct: {}\n"
                           "    delete: {}\n"
                           "    port: {}\n"
                           "    withdraw: {}\n"
                           "    explain: {}\n"
                           "    complaint: {}\n"
                           "  refusals:\n"
                           "    bad:\n"
                           "@REFUSAL 6\n"
                           "      clause: A-1\n"
                           "      text: bad\n"
                           "roles:\n"
                           "  app: {operations: all}\n"
                           "  helper:\n"
                           "@ROLE 4\n"
                           "    clause: A-1\n"
                           "    operations: [use]\n"
                           "    approval:\n"
                           "@APPROVAL 6\n"
                           "      clause: A-1\n"
                           "    alarm:\n"
                           "@ALARM 6\n"
                           "      reads: 7\n"
                           "      within: 2 hours\n"
                           "    requires:\n"
                           "@REQUIRES 6\n"
                           "      training: {}\n"
                           "      vetting:\n"
                           "@ATTESTED 8\n"
                           "        clause: A-1\n"
                           "origins:\n"
                           "@ORIGINS 2\n"
                           "  files: [a.yaml, b.yaml]\n"
                           "  lines: [\"9999:0:1\"]\n"
                           "exemptions:\n"
                           "  law:\n"
                           "@EXEMPTION 4\n"
                           "    text: a law\n"
                           "    for: [share]\n";

struct sample {
    char text[sizeof base + 2048];
    int line;        /* of the key */
};

/* How many blanks stand before the keys of a section, and where its mark is. NULL: it has none. */
static const char *mark_of(const char *section, int *ret_indent)
{
    char mark[64];
    (void)snprintf(mark, sizeof mark, "@%s ", section);
    const char *at = strstr(base, mark);
    *ret_indent = at != NULL ? (int)strtol(at + strlen(mark), NULL, 10) : 0;
    return at;
}

/* The last line that belongs to the map of the mark. */
static bool inside(const char *line, int indent)
{
    return line[0] == '@' || line[0] == '\n' || (int)strspn(line, " ") >= indent;
}

/* The base with the key said at its section's mark: as `key: value`, or value NULL: not at all. Where the base
 * says it already, and what it says below it, goes. Lines stay where they are: a comment stands for what is not
 * there. */
static struct sample say(enum key key, const char *value)
{
    const struct key_row *row = kept_key_row(key);
    struct sample sample = {.line = 0};
    int indent = 0, number = 1;
    size_t n = 0, name = strlen(row->name);
    const char *mark = mark_of(kept_section_row(row->section)->name, &indent);
    /* The map begins at the mark, or before it: after the last line that is less indented. */
    const char *from = mark;
    while (from > base) {
        const char *before = from - 1;
        while (before > base && before[-1] != '\n')
            before--;
        if (!inside(before, indent))
            break;
        from = before;
    }
    bool within = false, dropped = false;
    for (const char *line = base; *line != 0; number++) {
        size_t length = strcspn(line, "\n") + 1;
        within = line == from || (within && inside(line, indent));
        bool blank = line[0] != '@' && (int)strspn(line, " ") > indent;
        bool key_here = within && line[0] != '@' && (int)strspn(line, " ") == indent &&
                        strncmp(line + indent, row->name, name) == 0 && line[indent + (int)name] == ':';
        dropped = key_here || (dropped && within && (blank || (line[0] == '@' && line != mark)));
        int put;
        if (line == mark && value != NULL)
            put = snprintf(sample.text + n, sizeof sample.text - n, "%*s%s: %s\n", indent, "", row->name, value);
        else if (line[0] == '@' || dropped)
            put = snprintf(sample.text + n, sizeof sample.text - n, "#\n");
        else
            put = snprintf(sample.text + n, sizeof sample.text - n, "%.*s", (int)length, line);
        sample.line = line == mark ? number : sample.line;
        n += (size_t)put;
        line += length;
    }
    return sample;
}

static void read_sample(const struct sample *sample, struct kept_policy **ret_policy,
                        struct kept_findings *findings)
{
    *findings = (struct kept_findings){0};
    int rc = kept_policy_read(span_of(sample->text), ret_policy, findings, NULL);
    assert_true(rc == 0 || rc == KEPT_E_POLICY);
}

#endif
