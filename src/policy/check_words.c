/* check_words.c - what the words of a policy claim, held against its rules: how many purposes, what is
 * sensitive, which section says more, whose product it is; and grounds and conditions that are worded so wide
 * that they are none. Plain marks again (check_texts.c): each is a warning, and a person decides. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/duties_int.h"

#define MAX_COMPARED 64u /* sentences that list what is sensitive, or send to a section: more are hostile */
#define MAX_READ (2u << 20) /* bytes of such sentences that items are looked for in */

/* ---- sentences ----------------------------------------------------------------------------------- */

/* "four purposes", "4 purposes", "四种目的"; 0: it counts none. */
static size_t purposes_said(const char *text)
{
    static const char *const english[] = {"one",  "two", "three", "four", "five", "six", "seven",
                                          "eight", "nine", "ten"};
    static const char *const chinese[] = {"一", "两", "三", "四", "五", "六", "七", "八", "九", "十"};
    for (size_t i = 0; i < 10; i++) {
        char marks[5][32];
        (void)snprintf(marks[0], sizeof marks[0], "%s purposes", english[i]);
        (void)snprintf(marks[1], sizeof marks[1], "%zu purposes", i + 1);
        (void)snprintf(marks[2], sizeof marks[2], "%s种目的", chinese[i]);
        (void)snprintf(marks[3], sizeof marks[3], "%s项目的", chinese[i]);
        (void)snprintf(marks[4], sizeof marks[4], "%s个目的", chinese[i]);
        for (size_t k = 0; k < 5; k++) {
            const char *at = strcasestr(text, marks[k]);
            if (at != NULL && (at == text || !isalnum((unsigned char)at[-1])))
                return i + 1;
        }
    }
    return 0;
}

static void check_purposes(struct reader *r, const struct node *node)
{
    const size_t said = purposes_said(node->text), there = r->policy->info.purposes;
    if (said > 0 && said != there)
        kept_find(r, CODE_PURPOSES_MISCOUNTED, node->line, node->column, "count them anew, or name them",
                  "people are told of %zu purposes, and data is used for %zu (PIPL 6, 17)", said, there);
}

/* Is it a sentence that lists what is sensitive? Then it lists all that is treated so. */
static bool check_sensitive(struct reader *r, const struct node *node)
{
    static const char *const list[] = {"sensitive are", "sensitive information includes", "敏感个人信息包括",
                                       "敏感信息包括", NULL};
    const struct kept_policy *p = r->policy;
    const char *from = NULL; /* where the list begins */
    for (size_t i = 0; from == NULL && list[i] != NULL; i++)
        if ((from = strcasestr(node->text, list[i])) != NULL)
            from += strlen(list[i]);
    if (from == NULL)
        return false;
    for (size_t i = 0, read = 0, length = strlen(from); i < p->info.items && read < MAX_READ; i++) {
        const struct item_rule *item = &p->items[i];
        const size_t language = (size_t)node->language - 1;
        const char *name = item->text.v != NULL ? item->text.v[language] : NULL;
        char missing[160];
        if (item->lost || !item->pub.sensitive || name == NULL)
            continue;
        read += length;
        if (kept_lists_all(from, name, missing, sizeof missing))
            continue;
        kept_find(r, CODE_SENSITIVE_UNSAID, node->line, node->column, "name it in this list",
                  "'%s' is treated as sensitive, and the list of what is sensitive leaves it out: %s (PIPL 28, 30)",
                  item->pub.name, missing);
    }
    return true;
}

/* The section that this sentence sends people to: `section "Promotions"`, `“推广”部分`. */
static bool section_named(const char *text, char ret[64])
{
    static const struct {
        const char *open, *close;
    } marks[] = {{"section \"", "\""}, {"part \"", "\""}, {"section '", "'"}, {"见“", "”"}, {"参阅“", "”"}};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        const char *from = strcasestr(text, marks[i].open);
        const char *until = from != NULL ? strstr(from + strlen(marks[i].open), marks[i].close) : NULL;
        if (until == NULL || (size_t)(until - from) - strlen(marks[i].open) >= 64)
            continue;
        from += strlen(marks[i].open);
        (void)snprintf(ret, 64, "%.*s", (int)(until - from), from);
        return ret[0] != 0;
    }
    return false;
}

static bool check_section(struct reader *r, const struct node *node)
{
    char name[64];
    bool there = false;
    if (!section_named(node->text, name))
        return false;
    for (size_t i = 0; !there && i < r->policy->sentence_count; i++) {
        const struct text *text = &r->policy->sentences[i];
        const char *other = text->v[node->language - 1];
        there = other != NULL && strcmp(other, node->text) != 0 && strcasestr(other, name) != NULL;
    }
    if (!there)
        kept_find(r, CODE_SECTION_UNKNOWN, node->line, node->column, "add the section, or remove the reference",
                  "people are sent to a section '%s', and nothing is called so", name);
    return true;
}

/* A product by another name: words with capitals in the middle of a sentence, that are neither the app's nor
 * its maker's. Laws and places have such names, too. */
static bool foreign(const struct kept_policy *p, const char *name, size_t language)
{
    static const char *const no_products[] = {"Law", "Act", "Republic", "Regulation", "Measures", "Court",
                                              "Civil Code", "Hong Kong", "GB/T", "European", NULL};
    const char *own[] = {p->title.v[language], p->controller.v != NULL ? p->controller.v[language] : NULL};
    for (size_t i = 0; i < 2; i++)
        if (own[i] != NULL && (strcasestr(own[i], name) != NULL || strcasestr(name, own[i]) != NULL))
            return false;
    return !kept_names_any(name, no_products);
}

static void check_identity(struct reader *r, const struct node *node)
{
    const struct kept_policy *p = r->policy;
    if (p->title.v[node->language - 1] == NULL)
        return;
    const char *begin = NULL, *end = NULL;
    unsigned words = 0;
    bool first = true; /* of a sentence: capitals say nothing */
    for (const char *at = node->text; *at != 0;) {
        size_t n = 0;
        while (isalpha((unsigned char)at[n]) != 0)
            n++;
        const bool capital = n > 1 && isupper((unsigned char)at[0]) != 0 && !first;
        if (capital) {
            begin = words == 0 ? at : begin;
            end = at + n;
            words++;
        }
        const bool over = n > 0 ? !capital : *at != ' ';
        char name[64];
        if ((over || at[capital ? n : 0] == 0) && words > 1 && (size_t)(end - begin) < sizeof name) {
            (void)snprintf(name, sizeof name, "%.*s", (int)(end - begin), begin);
            if (foreign(p, name, (size_t)node->language - 1)) {
                kept_find(r, CODE_IDENTITY_MISMATCH, node->line, node->column,
                          "let the title, the controller and all sentences name one product",
                          "'%s' is neither what the app is called nor who makes it: whose policy is this?", name);
                return;
            }
        }
        words = over ? 0 : words;
        first = n == 0 ? (first || strchr(".!?:;\"'", *at) != NULL) : false;
        at += n > 0 ? n : 1;
    }
}

/* ---- grounds, conditions, necessity --------------------------------------------------------------- */

/* What anything could be called. */
static bool too_broad(const struct text *text)
{
    static const char *const broad[] = {"our services need", "our business needs", "means and cost",
                                        "commercial cost", "我们的服务所必需", "商业成本", NULL};
    return text->v != NULL && text->v[0] != NULL && kept_names_any(text->v[0], broad);
}

static void check_grounds(struct reader *r)
{
    const struct kept_policy *p = r->policy;
    for (size_t i = 0; i < p->exemption_count; i++)
        if (too_broad(&p->exemptions[i].text))
            kept_find(r, CODE_EXEMPTION_TOO_BROAD, p->exemptions[i].rule.line, 1,
                      "name the case of PIPL 13 that it is", "'%s' spares consent to whatever is wanted (PIPL 13)",
                      p->exemptions[i].code);
    for (size_t i = 0; i < p->duties.refusal_count; i++)
        if (!p->duties.refusals[i].discretionary && too_broad(&p->duties.refusals[i].text))
            kept_find(r, CODE_EXEMPTION_TOO_BROAD, p->duties.refusals[i].rule.line, 1,
                      "let it be discretionary, with its measure, or remove it",
                      "'%s' refuses whatever is asked: no law forbids to answer it (PIPL 50)",
                      p->duties.refusals[i].code);
}

/* What is owed may be settled first; what is merely had, may not. */
static void check_conditions(struct reader *r)
{
    static const char *const owed[] = {"money", "balance", "wallet", "debt", "loan", "owe", "paid", "payment",
                                       "order", "share", "fare", "fee", "bill", "deposit", "refund", "余额", "欠", "订单",
                                       "借款", "份额", "未付", "未支付", "结清", "费用", "账单", "押金", "退款", NULL};
    const struct cancellation_rule *c = &r->policy->duties.cancellation;
    for (size_t i = 0; i < c->open_count; i++)
        if (c->open[i].text.v != NULL && c->open[i].text.v[0] != NULL && !kept_names_any(c->open[i].text.v[0], owed))
            kept_find(r, CODE_CANCELLATION_CONDITION, c->open[i].rule.line, 1,
                      "remove it, or end it together with the account; where something is owed, say what: an order, a "
                      "fee, a balance",
                      "'%s' stands in the way of leaving, and nothing is owed by it (Regulation on network "
                      "data security 23)", c->open[i].name);
}

/* What people did not give, and which says more than faults and numbers, for who counts them. */
static void check_necessity(struct reader *r)
{
    static const char *const kinds[] = {"sdk", "analysis", "marketing", NULL};
    static const char *const much[] = {"content", "communication", "contacts", "biometric", "health", NULL};
    const struct kept_policy *p = r->policy;
    for (size_t i = 0; i < p->info.recipients; i++) {
        const struct recipient_rule *to = &p->recipients[i];
        if (to->lost || to->aggregate_only || !kept_names_any(to->kind, kinds))
            continue;
        for (size_t k = 0; k < to->items.n; k++) {
            const struct item_rule *item = &p->items[to->items.v[k]];
            if (!item->lost && strcmp(item->source, "generated") == 0 && kept_names_any(item->information, much))
                kept_find(r, CODE_NECESSITY, to->rule.line, to->column, "remove it from 'items'",
                          "'%s' gets '%s', which nobody gave it, and needs it for nothing that it is here for "
                          "(PIPL 6)", to->name, item->pub.name);
        }
    }
}

/* left: how many more of those that are held against all items, or all sentences. */
static void check_sentence(struct reader *r, const struct node *text, size_t *left)
{
    if (text->language == 0)
        return;
    check_purposes(r, text);
    check_identity(r, text);
    if (*left > 0 && check_sensitive(r, text))
        --*left;
    if (*left > 0 && check_section(r, text))
        --*left;
}

/* Each language of it, or the text itself where there is one. */
static void check_sentences(struct reader *r, const struct node *list)
{
    size_t left = MAX_COMPARED;
    for (uint32_t i = list != NULL ? list->first : NO_NODE; i != NO_NODE; i = r->tree.nodes[i].next) {
        const struct node *text = kept_child(r, &r->tree.nodes[i], "text");
        if (text == NULL)
            continue;
        check_sentence(r, text, &left);
        for (uint32_t k = text->kind == NODE_MAP ? text->first : NO_NODE; k != NO_NODE; k = r->tree.nodes[k].next)
            check_sentence(r, &r->tree.nodes[k], &left);
    }
}

void kept_check_words(struct reader *r, const struct node *root)
{
    const struct node *notice = kept_at(r, root, POLICY_notice);
    check_sentences(r, notice != NULL ? kept_child(r, notice, "sentences") : NULL);
    check_grounds(r);
    check_conditions(r);
    check_necessity(r);
}
