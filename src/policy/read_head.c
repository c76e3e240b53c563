/* read_head.c - who speaks, in which languages, since when, and the rules that hold for everything. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "policy/policy_int.h"

bool kept_language_valid(const char *text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    const char *at = text;
    size_t n = strspn(at, letters);
    if (n < 2 || n > 8 || text[0] < 'a' || strlen(text) > 35) /* letters and digits: small ones are the last */
        return false;
    for (at += n; *at == '-'; at += n) {
        n = strspn(++at, letters);
        if (n < 1 || n > 8)
            return false;
    }
    return *at == 0;
}

static void add_language(struct reader *r, const struct node *node)
{
    struct kept_policy *p = r->policy;
    const char *text = kept_string(r, node);
    if (text == NULL)
        return;
    if (!kept_language_valid(text)) {
        kept_find(r, CODE_BAD_LANGUAGE, node->line, node->column,
                  "write a BCP 47 tag such as zh, en, zh-Hant",
                  "'%.64s' is not a language tag", text);
        r->lost++;
        return;
    }
    for (size_t i = 0; i < p->info.languages; i++)
        if (strcmp(p->languages[i], text) == 0) {
            kept_find(r, CODE_DUPLICATE_ENTRY, node->line, node->column,
                      "remove one of them", "the language '%s' is said twice", text);
            return;
        }
    p->languages[p->info.languages++] = text;
}

static void read_languages(struct reader *r, const struct node *root)
{
    struct kept_policy *p = r->policy;
    const struct node *node = kept_at(r, root, POLICY_languages);
    size_t lost = r->lost;
    if (!kept_keys_of(r, node, SECTION_LANGUAGES))
        return;
    const struct node *also = kept_list_at(r, node, LANGUAGES_also);
    p->languages = kept_arena_alloc(&p->arena, 1 + (also != NULL ? also->count : 0),
                                    sizeof *p->languages);
    const struct node *authority = kept_at(r, node, LANGUAGES_authority);
    if (p->languages == NULL || authority == NULL)
        return;
    add_language(r, authority);
    for (uint32_t i = also != NULL ? also->first : NO_NODE; i != NO_NODE;
         i = r->tree.nodes[i].next)
        add_language(r, &r->tree.nodes[i]);
    r->languages_lost = r->lost != lost;
    if (p->info.languages > 0)
        p->info.language = p->languages[0];
}

static void read_time_zone(struct reader *r, const struct node *root)
{
    const struct node *node = kept_at(r, root, POLICY_time_zone);
    const char *text = kept_string(r, node);
    if (text != NULL && !kept_zone_parse(text, &r->policy->info.zone))
        kept_find(r, CODE_BAD_TIME_ZONE, node->line, node->column,
                  "write UTC, a distance from it such as \"+08:00\", or a zone such as Europe/Berlin",
                  "'%.64s' is no time zone that is known here", text);
}

static void read_dates(struct reader *r, const struct node *root)
{
    struct kept_policy *p = r->policy;
    int32_t issued = 0, effective = 0;
    const struct node *effective_node = kept_at(r, root, POLICY_effective);
    bool has_issued = kept_date_at(r, root, POLICY_issued, &issued);
    bool has_effective = kept_date(r, effective_node, &effective);
    p->info.issued = kept_zone_start(&p->info.zone, issued);
    p->info.effective = kept_zone_start(&p->info.zone, effective);
    if (has_issued && has_effective && effective < issued)
        kept_find(r, CODE_EFFECTIVE_BEFORE_ISSUED, effective_node->line,
                  effective_node->column, "let it take effect on the day of issue or later",
                  "the policy takes effect before it was issued: nobody could have read it "
                  "(PIPL 17)");
}

static void read_identity(struct reader *r, const struct node *root)
{
    struct kept_policy *p = r->policy;
    const struct node *node = kept_at(r, root, POLICY_kept);
    const char *kept = kept_string(r, node);
    if (kept != NULL && strcmp(kept, "1") != 0)
        kept_find(r, CODE_LANGUAGE_VERSION, node->line, node->column,
                  "write 'kept: 1', or use a newer kept",
                  "this kept reads language version 1, not '%.32s'", kept);
    node = kept_at(r, root, POLICY_app);
    const char *app = kept_string(r, node);
    if (app != NULL && !kept_name_valid(app))
        kept_find(r, CODE_BAD_NAME, node->line, node->column,
                  "use lower-case letters, digits, '.', '_', '-'; begin with a letter",
                  "'%.64s' cannot be the name of an app", app);
    else if (app != NULL)
        p->info.app = app;
    (void)kept_number_at(r, root, POLICY_version, &p->info.version);
    const char *type = kept_choice_at(r, root, POLICY_app_type);
    p->app_type = type != NULL ? type : "other";
    p->jurisdiction = kept_string_at(r, root, POLICY_jurisdiction);
}

/* A mail address, as far as its shape shows. */
static bool mail_valid(const char *text)
{
    const char *at = strchr(text, '@');
    return at != NULL && at != text && strchr(at, '.') != NULL && at[1] != '.' &&
           strchr(at + 1, '@') == NULL && strpbrk(text, " \t\r\n<>\",;") == NULL &&
           text[strlen(text) - 1] != '.';
}

static const char *contact(struct reader *r, const struct node *map, enum key key)
{
    const struct node *node = kept_at(r, map, key);
    if (node == NULL)
        return NULL;
    if (node->kind == NODE_SCALAR && mail_valid(node->text))
        return node->text;
    kept_find(r, CODE_BLANK_CONTACT, node->line, node->column,
              "write a mail address that is read",
              "'%s' is not a mail address: people must be able to reach who holds their data "
              "(PIPL 17, 52)", kept_key_row(key)->name);
    return NULL;
}

static void read_controller(struct reader *r, const struct node *root)
{
    struct kept_policy *p = r->policy;
    const struct node *node = kept_at(r, root, POLICY_controller);
    if (!kept_keys_of(r, node, SECTION_CONTROLLER))
        return;
    p->controller_rule = kept_rule(r, node, node->key_line);
    p->controller = kept_text_at(r, node, CONTROLLER_name);
    p->contact = contact(r, node, CONTROLLER_contact);
    p->officer = contact(r, node, CONTROLLER_officer);
    p->address = kept_one_text_at(r, node, CONTROLLER_address);
    p->phone = kept_string_at(r, node, CONTROLLER_phone);
}

static void read_notice(struct reader *r, const struct node *root)
{
    struct kept_policy *p = r->policy;
    const struct node *node = kept_at(r, root, POLICY_notice);
    if (!kept_keys_of(r, node, SECTION_NOTICE))
        return;
    p->notice = kept_rule(r, node, node->key_line);
    const struct node *list = kept_list_at(r, node, NOTICE_sentences);
    if (list == NULL)
        return;
    p->sentences = kept_arena_alloc(&p->arena, list->count, sizeof *p->sentences);
    p->sentence_rules = kept_arena_alloc(&p->arena, list->count, sizeof *p->sentence_rules);
    if (p->sentences == NULL || p->sentence_rules == NULL)
        return;
    for (uint32_t i = list->first; i != NO_NODE; i = r->tree.nodes[i].next) {
        const struct node *sentence = &r->tree.nodes[i];
        if (!kept_keys_of(r, sentence, SECTION_SENTENCE))
            continue;
        p->sentences[p->sentence_count] = kept_text_at(r, sentence, SENTENCE_text);
        p->sentence_rules[p->sentence_count++] = kept_rule(r, sentence, sentence->line);
    }
}

/* Sections that give a rule of the whole policy its clause, and perhaps words. */
static struct rule read_plain(struct reader *r, const struct node *root, enum key key,
                              enum section section, struct text *ret_text)
{
    const struct node *node = kept_at(r, root, key);
    struct rule rule = {.clause = "", .line = 0};
    if (node == NULL || !kept_keys_of(r, node, section))
        return rule;
    if (ret_text != NULL)
        *ret_text = kept_text_at(r, node, PLAIN_text);
    return kept_rule(r, node, node->key_line);
}

static void read_consent(struct reader *r, const struct node *root)
{
    struct kept_policy *p = r->policy;
    const struct node *node = kept_at(r, root, POLICY_consent);
    p->consent = (struct rule){.clause = "", .line = 0};
    if (node != NULL && kept_keys_of(r, node, SECTION_CONSENT)) {
        p->consent = kept_rule(r, node, node->key_line);
        p->info.implied_by_use = kept_flag_at(r, node, CONSENT_implied_by_use);
        p->ask_again = kept_word_at(r, node, CONSENT_other_versions) == 1;
    }
    p->withdrawal = (struct rule){.clause = "", .line = 0};
    p->info.withdrawal = KEPT_WITHDRAW_COLLECT_AND_USE;
    node = kept_at(r, root, POLICY_withdrawal);
    if (!kept_keys_of(r, node, SECTION_WITHDRAWAL))
        return;
    p->withdrawal = kept_rule(r, node, node->key_line);
    int word = kept_word_at(r, node, WITHDRAWAL_effect);
    if (word >= 0)
        p->info.withdrawal = (enum kept_withdrawal)word;
}

/* How a later version comes to govern somebody who agreed to an earlier one. */
static void read_changes(struct reader *r, const struct node *root)
{
    struct kept_policy *p = r->policy;
    const struct node *node = kept_at(r, root, POLICY_changes);
    p->changes = (struct rule){.clause = "", .line = 0};
    if (node == NULL || !kept_keys_of(r, node, SECTION_CHANGES))
        return;
    p->changes = kept_rule(r, node, node->key_line);
    p->continued_use = kept_word_at(r, node, CHANGES_continued_use) == 1;
    p->high_risk = kept_flag_at(r, node, CHANGES_high_risk);
    p->shown_first = kept_word_at(r, node, CHANGES_wider_version) == 1;
}

void kept_period_at(struct reader *r, const struct node *map, enum key key, kept_ms *ret_ms)
{
    const struct node *node = kept_at(r, map, key);
    const kept_ms min = kept_key_type(key)->min;
    if (node == NULL || !kept_duration(r, node, ret_ms) || *ret_ms >= min)
        return;
    kept_find(r, CODE_TOO_SHORT, node->line, node->column, "make it longer",
              "'%s' is shorter than %d hours", kept_key_row(key)->name, (int)(min / KEPT_HOUR));
}

static void read_periods(struct reader *r, const struct node *root)
{
    struct kept_policy_info *info = &r->policy->info;
    kept_period_at(r, root, POLICY_rotation, &info->rotation);
    kept_period_at(r, root, POLICY_backup_window, &info->window);
    kept_period_at(r, root, POLICY_evidence, &info->evidence);
    const struct node *node = kept_at(r, root, POLICY_evidence);
    if (info->evidence >= KEPT_DAY && info->evidence < 3 * 365 * KEPT_DAY)
        kept_find(r, CODE_SHORT_EVIDENCE, node->line, node->column, "keep it 3 years",
                  "records of processing are kept three years or longer (PIPL 56)");
}

void kept_read_head(struct reader *r, const struct node *root)
{
    struct kept_policy *p = r->policy;
    if (!kept_keys_of(r, root, SECTION_POLICY)) {
        r->stop = true;
        return;
    }
    read_languages(r, root);
    read_identity(r, root);
    p->title = kept_text_at(r, root, POLICY_title);
    read_time_zone(r, root);
    read_dates(r, root);
    read_controller(r, root);
    read_notice(r, root);
    p->refusal = read_plain(r, root, POLICY_refusal, SECTION_PLAIN, &p->refusal_text);
    p->cessation = read_plain(r, root, POLICY_cessation, SECTION_CESSATION, &p->cessation_text);
    p->undeclared = read_plain(r, root, POLICY_undeclared, SECTION_UNDECLARED, NULL);
    read_consent(r, root);
    read_changes(r, root);
    read_periods(r, root);
}
