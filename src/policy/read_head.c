/* read_head.c - who speaks, in which languages, since when, and the rules that hold for everything. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "policy/policy_int.h"

static const char *const root_keys[] = {
    "kept", "app", "title", "version", "issued", "effective", "app_type", "jurisdiction",
    "time_zone", "languages", "controller", "notice", "refusal", "cessation", "undeclared",
    "consent", "withdrawal", "changes", "regions", "age", "rotation", "backup_window", "evidence", "purposes",
    "permissions", "items", "functions", "recipients", "roles", "exemptions",
    "rights", "account", "cancellation", "messages", "log", "incident", "cookies",
    "extends", "precedence", "origins", NULL};

static bool language_valid(const char *text)
{
    size_t n = strlen(text);
    return n >= 2 && n <= 35 && text[0] >= 'a' && text[0] <= 'z' &&
           strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == n;
}

static void add_language(struct reader *r, const struct node *node)
{
    struct kept_policy *p = r->policy;
    const char *text = kept_string(r, node);
    if (text == NULL)
        return;
    if (!language_valid(text)) {
        kept_find(r, KEPT_ERROR, "BAD_LANGUAGE", node->line, node->column,
                  "write a BCP 47 tag such as zh, en, zh-Hant",
                  "'%.64s' is not a language tag", text);
        r->lost++;
        return;
    }
    for (size_t i = 0; i < p->info.languages; i++)
        if (strcmp(p->languages[i], text) == 0) {
            kept_find(r, KEPT_ERROR, "DUPLICATE_ENTRY", node->line, node->column,
                      "remove one of them", "the language '%s' is said twice", text);
            return;
        }
    p->languages[p->info.languages++] = text;
}

static void read_languages(struct reader *r, const struct node *root)
{
    static const char *const keys[] = {"authority", "also", NULL};
    struct kept_policy *p = r->policy;
    const struct node *node =
        kept_need(r, root, "languages", "people must know which text holds when two differ");
    size_t lost = r->lost;
    if (!kept_keys(r, node, keys, "'languages'"))
        return;
    const struct node *also = kept_list(r, node, "also");
    p->languages = kept_arena_alloc(&p->arena, 1 + (also != NULL ? also->count : 0),
                                    sizeof *p->languages);
    const struct node *authority =
        kept_need(r, node, "authority", "one language must hold when two texts differ");
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
    const struct node *node =
        kept_need(r, root, "time_zone", "days, birthdays and deadlines begin somewhere");
    const char *text = kept_string(r, node);
    if (text != NULL && !kept_zone_parse(text, &r->policy->info.zone))
        kept_find(r, KEPT_ERROR, "BAD_TIME_ZONE", node->line, node->column,
                  "write UTC, a distance from it such as \"+08:00\", or a zone such as Europe/Berlin",
                  "'%.64s' is no time zone that is known here", text);
}

static void read_dates(struct reader *r, const struct node *root)
{
    struct kept_policy *p = r->policy;
    int32_t issued = 0, effective = 0;
    const struct node *effective_node =
        kept_need(r, root, "effective", "a rule holds from a day on");
    bool has_issued =
        kept_date(r, kept_need(r, root, "issued", "people must see which text is newer"), &issued);
    bool has_effective = kept_date(r, effective_node, &effective);
    p->info.issued = kept_zone_start(&p->info.zone, issued);
    p->info.effective = kept_zone_start(&p->info.zone, effective);
    if (has_issued && has_effective && effective < issued)
        kept_find(r, KEPT_ERROR, "EFFECTIVE_BEFORE_ISSUED", effective_node->line,
                  effective_node->column, "let it take effect on the day of issue or later",
                  "the policy takes effect before it was issued: nobody could have read it "
                  "(PIPL 17)");
}

static void read_identity(struct reader *r, const struct node *root)
{
    struct kept_policy *p = r->policy;
    const struct node *node = kept_need(r, root, "kept", "it names the version of the language");
    const char *kept = kept_string(r, node);
    if (kept != NULL && strcmp(kept, "1") != 0)
        kept_find(r, KEPT_ERROR, "LANGUAGE_VERSION", node->line, node->column,
                  "write 'kept: 1', or use a newer kept",
                  "this kept reads language version 1, not '%.32s'", kept);
    node = kept_need(r, root, "app", "every person, key and entry belongs to one app");
    const char *app = kept_string(r, node);
    if (app != NULL && !kept_name_valid(app))
        kept_find(r, KEPT_ERROR, "BAD_NAME", node->line, node->column,
                  "use lower-case letters, digits, '.', '_', '-'; begin with a letter",
                  "'%.64s' cannot be the name of an app", app);
    else if (app != NULL)
        p->info.app = app;
    node = kept_need(r, root, "version", "consent is bound to a version");
    (void)kept_number(r, node, 1, UINT32_MAX - 1, &p->info.version);
    node = kept_need(r, root, "app_type", "the law lists what each kind of app may demand");
    int type = node != NULL ? kept_word(r, node, kept_app_type_words()) : -1;
    p->app_type = type >= 0 ? kept_app_type_words()[type] : "other";
    p->jurisdiction = kept_string(
        r, kept_need(r, root, "jurisdiction", "it says which law fills what the policy leaves open"));
}

/* A mail address, as far as its shape shows. */
static bool mail_valid(const char *text)
{
    const char *at = strchr(text, '@');
    return at != NULL && at != text && strchr(at, '.') != NULL && at[1] != '.' &&
           strchr(at + 1, '@') == NULL && strpbrk(text, " \t\r\n<>\",;") == NULL &&
           text[strlen(text) - 1] != '.';
}

static const char *contact(struct reader *r, const struct node *map, const char *key, bool must)
{
    const struct node *node =
        must ? kept_need(r, map, key, "people must be able to reach who holds their data (PIPL 17)")
             : kept_child(r, map, key);
    if (node == NULL)
        return NULL;
    if (node->kind == NODE_SCALAR && mail_valid(node->text))
        return node->text;
    kept_find(r, KEPT_ERROR, "BLANK_CONTACT", node->line, node->column,
              "write a mail address that is read",
              "'%s' is not a mail address: people must be able to reach who holds their data "
              "(PIPL 17, 52)", key);
    return NULL;
}

static void read_controller(struct reader *r, const struct node *root)
{
    static const char *const keys[] = {"name", "contact", "officer", "address", "phone", "clause",
                                       NULL};
    struct kept_policy *p = r->policy;
    const struct node *node =
        kept_need(r, root, "controller", "people must know who decides (PIPL 17)");
    if (!kept_keys(r, node, keys, "'controller'"))
        return;
    p->controller = kept_text(r, node, "name", true);
    p->contact = contact(r, node, "contact", true);
    p->officer = contact(r, node, "officer", false);
    p->address = kept_string(r, kept_child(r, node, "address"));
    p->phone = kept_string(r, kept_child(r, node, "phone"));
}

static void read_notice(struct reader *r, const struct node *root)
{
    static const char *const keys[] = {"clause", "sentences", NULL};
    static const char *const sentence_keys[] = {"text", "clause", NULL};
    struct kept_policy *p = r->policy;
    const struct node *node =
        kept_need(r, root, "notice", "nothing may be collected before people were told (PIPL 17)");
    if (!kept_keys(r, node, keys, "'notice'"))
        return;
    p->notice = kept_rule(r, node, node->key_line);
    (void)kept_need(r, node, "sentences", "the notice is what people read");
    const struct node *list = kept_list(r, node, "sentences");
    if (list == NULL)
        return;
    p->sentences = kept_arena_alloc(&p->arena, list->count, sizeof *p->sentences);
    p->sentence_clauses = kept_arena_alloc(&p->arena, list->count, sizeof *p->sentence_clauses);
    if (p->sentences == NULL || p->sentence_clauses == NULL)
        return;
    for (uint32_t i = list->first; i != NO_NODE; i = r->tree.nodes[i].next) {
        const struct node *sentence = &r->tree.nodes[i];
        if (!kept_keys(r, sentence, sentence_keys, "a sentence of the notice"))
            continue;
        p->sentences[p->sentence_count] = kept_text(r, sentence, "text", true);
        p->sentence_clauses[p->sentence_count++] = kept_rule(r, sentence, sentence->line).clause;
    }
}

/* Sections that give a rule of the whole policy its clause, and perhaps words. */
static struct rule read_plain(struct reader *r, const struct node *root, const char *key,
                              struct text *ret_text)
{
    static const char *const plain[] = {"clause", "text", NULL};
    static const char *const ending[] = {"clause", "text", "lead", "channels", "disposition", NULL};
    const char *const *keys = strcmp(key, "cessation") == 0 ? ending : plain;
    const struct node *node = kept_child(r, root, key);
    struct rule rule = {.clause = "", .line = 0};
    if (node == NULL || !kept_keys(r, node, keys, key))
        return rule;
    *ret_text = kept_text(r, node, "text", false);
    return kept_rule(r, node, node->key_line);
}

const char *const *kept_effect_words(void)
{
    static const char *const words[] = {"collect_only", "collect_and_use", "delete", NULL};
    return words;
}

static void read_consent(struct reader *r, const struct node *root)
{
    static const char *const keys[] = {"implied_by_use", "other_versions", "clause", NULL};
    static const char *const versions[] = {"valid", "ask_again", NULL};
    static const char *const withdrawal_keys[] = {"effect", "clause", NULL};
    struct kept_policy *p = r->policy;
    const struct node *node = kept_child(r, root, "consent");
    p->consent = (struct rule){.clause = "", .line = 0};
    if (node != NULL && kept_keys(r, node, keys, "'consent'")) {
        p->consent = kept_rule(r, node, node->key_line);
        p->info.implied_by_use = kept_flag(r, node, "implied_by_use", false);
        p->ask_again =
            strcmp(kept_choice(r, node, "other_versions", versions, "valid"), "ask_again") == 0;
    }
    p->withdrawal = (struct rule){.clause = "", .line = 0};
    p->info.withdrawal = KEPT_WITHDRAW_COLLECT_AND_USE;
    node = kept_need(r, root, "withdrawal", "people must know what withdrawing does (PIPL 15)");
    if (!kept_keys(r, node, withdrawal_keys, "'withdrawal'"))
        return;
    p->withdrawal = kept_rule(r, node, node->key_line);
    const struct node *effect =
        kept_need(r, node, "effect", "people must know what withdrawing does (PIPL 15)");
    int word = effect != NULL ? kept_word(r, effect, kept_effect_words()) : -1;
    if (word >= 0)
        p->info.withdrawal = (enum kept_withdrawal)word;
}

/* How a later version comes to govern somebody who agreed to an earlier one. */
static void read_changes(struct reader *r, const struct node *root)
{
    static const char *const keys[] = {"continued_use", "wider_version", "material", "minor",
                                       "retroactive", "clause", NULL};
    static const char *const continued[] = {"never", "accepts", NULL};
    static const char *const wider[] = {"waits", "shown_first", NULL};
    struct kept_policy *p = r->policy;
    const struct node *node = kept_child(r, root, "changes");
    p->changes = (struct rule){.clause = "", .line = 0};
    if (node == NULL || !kept_keys(r, node, keys, "'changes'"))
        return;
    p->changes = kept_rule(r, node, node->key_line);
    p->continued_use =
        strcmp(kept_choice(r, node, "continued_use", continued, "never"), "accepts") == 0;
    p->shown_first =
        strcmp(kept_choice(r, node, "wider_version", wider, "waits"), "shown_first") == 0;
}

static void period(struct reader *r, const struct node *root, const char *key, const char *why,
                   kept_ms min, kept_ms *ret_ms)
{
    const struct node *node = kept_need(r, root, key, why);
    if (node == NULL || !kept_duration(r, node, ret_ms) || *ret_ms >= min)
        return;
    kept_find(r, KEPT_ERROR, "TOO_SHORT", node->line, node->column, "make it longer",
              "'%s' is shorter than %d hours", key, (int)(min / KEPT_HOUR));
}

static void read_periods(struct reader *r, const struct node *root)
{
    struct kept_policy_info *info = &r->policy->info;
    period(r, root, "rotation", "an erased record is final one rotation and one backup window later",
           KEPT_HOUR, &info->rotation);
    period(r, root, "backup_window",
           "an erased record is final when no backup that still opens holds it", KEPT_HOUR,
           &info->window);
    period(r, root, "evidence", "who must show what was done keeps the evidence for a time",
           KEPT_DAY, &info->evidence);
    const struct node *node = kept_child(r, root, "evidence");
    if (info->evidence >= KEPT_DAY && info->evidence < 3 * 365 * KEPT_DAY)
        kept_find(r, KEPT_WARNING, "SHORT_EVIDENCE", node->line, node->column, "keep it 3 years",
                  "records of processing are kept three years or longer (PIPL 56)");
}

void kept_read_head(struct reader *r, const struct node *root)
{
    struct kept_policy *p = r->policy;
    struct text none = {0};
    if (!kept_keys(r, root, root_keys, "the policy")) {
        r->stop = true;
        return;
    }
    read_languages(r, root);
    read_identity(r, root);
    p->title = kept_text(r, root, "title", false);
    read_time_zone(r, root);
    read_dates(r, root);
    read_controller(r, root);
    read_notice(r, root);
    p->refusal = read_plain(r, root, "refusal", &p->refusal_text);
    p->cessation = read_plain(r, root, "cessation", &p->cessation_text);
    p->undeclared = read_plain(r, root, "undeclared", &none);
    read_consent(r, root);
    read_changes(r, root);
    read_periods(r, root);
}
