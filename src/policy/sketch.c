/* sketch.c - answers to what follows from them: the kind of app, what it may demand, which functions, items,
 * purposes and recipients that comes to; then the text, which is read and checked like any other. */
#include "policy/sketch_int.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "policy/sketch_stock.inc" /* made of templates/new.yaml: its bytes */
#include "policy/profile.h"

#define YEAR_DAYS 365

/* ---- the stock ----------------------------------------------------------------------------------- */

static const struct node *root_of(const struct reader *r)
{
    return kept_node(r, r->tree.root);
}

const struct node *kept_sketch_section(const struct sketch *d, const char *name)
{
    return kept_child(&d->stock, root_of(&d->stock), name);
}

const struct node *kept_sketch_row(const struct sketch *d, const char *section, const char *name)
{
    return kept_child(&d->stock, kept_sketch_section(d, section), name);
}

bool kept_sketch_chosen(const struct sketch *d, const struct node *row)
{
    return row != NULL && d->chosen[row - d->stock.tree.nodes];
}

const struct node *kept_sketch_first(const struct sketch *d, const struct node *node)
{
    return node != NULL ? kept_node(&d->stock, node->first) : NULL;
}

const struct node *kept_sketch_next(const struct sketch *d, const struct node *node)
{
    return kept_node(&d->stock, node->next);
}

const char *kept_sketch_said(const struct reader *r, const struct node *map, const char *key, const char *otherwise)
{
    const struct node *node = kept_child(r, map, key);
    return node != NULL ? node->text : otherwise;
}

bool kept_sketch_holds(const struct sketch *d, const char *word)
{
    bool account = kept_sketch_chosen(d, kept_sketch_row(d, "functions", "account")) ||
                   kept_sketch_chosen(d, kept_sketch_row(d, "functions", "sign-in"));
    if (strcmp(word, "account") == 0 || strcmp(word, "no-account") == 0)
        return account == (word[0] == 'a');
    return strcmp(word, kept_sketch_said(&d->stock, d->law_row, "word", "")) == 0 || strcmp(word, d->minors) == 0 ||
           kept_sketch_chosen(d, kept_sketch_row(d, "functions", word)) ||
           kept_sketch_chosen(d, kept_sketch_row(d, "recipients", word));
}

int kept_sketch_begin(struct sketch *d, struct kept_err *err)
{
    static const struct kept_span stock = {sketch_stock, sizeof sketch_stock};
    *d = (struct sketch){.minors = ""};
    d->stock = (struct reader){.findings = &d->findings, .arena = &d->arena, .what = "stock",
                               .manual = "templates/new.yaml", .head = "stock"};
    d->law = (struct reader){.findings = &d->findings, .arena = &d->arena, .what = "profile",
                             .manual = "profiles/README.md", .head = "profile"};
    int rc = kept_tree_read(&d->stock, stock);
    KEPT_INVARIANT(rc != KEPT_E_POLICY); /* templates/new.yaml is YAML */
    if (rc == 0)
        d->chosen = kept_arena_alloc(&d->arena, d->stock.tree.count, sizeof *d->chosen);
    return rc == 0 && d->chosen != NULL ? 0 : kept_fail(err, KEPT_E_NOMEM, "no memory for a sketch");
}

void kept_sketch_end(struct sketch *d)
{
    kept_tree_release(&d->stock.tree);
    kept_tree_release(&d->law.tree);
    kept_findings_release(&d->findings);
    kept_arena_release(&d->arena);
}

const char *kept_sketch_or_else(const struct kept_answers *answers, enum kept_answer which, const char *otherwise)
{
    return answers->v[which] != NULL ? answers->v[which] : otherwise;
}

/* ---- answers ------------------------------------------------------------------------------------- */

/* Characters that nobody sees, that turn a line around, or that some readers take for its end. */
static bool unseen(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0xAD || (c >= 0x200B && c <= 0x200F) ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF ||
           (c >= 0xFFF9 && c <= 0xFFFB) || (c & 0xFFFEu) == 0xFFFEu || (c >= 0xE0000 && c <= 0xE0FFF);
}

static int check_answer(const char *text, struct kept_err *err)
{
    struct kept_span span = {(const uint8_t *)text, strlen(text)};
    if (span.n == 0 || strspn(text, " ") == span.n)
        return kept_fail(err, KEPT_E_USAGE, "it is empty: write something");
    if (span.n > KEPT_MAX_ANSWER)
        return kept_fail(err, KEPT_E_USAGE, "it is longer than %u bytes: shorten it; the file can say more later",
                         KEPT_MAX_ANSWER);
    if (!kept_utf8_valid(span))
        return kept_fail(err, KEPT_E_USAGE, "it is not UTF-8 text: type it anew");
    for (size_t at = 0; at < span.n;)
        if (unseen(kept_utf8_next(span, &at)))
            return kept_fail(err, KEPT_E_USAGE, "it holds a control character, a line break or one that nobody "
                                                "sees: type it anew, on one line");
    return 0;
}

/* May somebody ask for it? The others follow from the kind of app, or from a law. */
bool kept_sketch_can_be_asked_for(const struct sketch *d, const struct node *row)
{
    return strcmp(row->key, "account") != 0 && strcmp(row->key, "basic") != 0 &&
           kept_child(&d->stock, row, "when") == NULL;
}

/* A word of a closed list that is not one of it: what it may have meant, or all there are. */
static int not_one_of(const char *what, const char *word, const struct node *first, const struct sketch *d,
                      struct kept_err *err)
{
    char mend[MEND_TEXT] = "", all[MEND_TEXT] = "it is none of those that there are";
    struct near near = {.want = word};
    size_t n = 0;
    for (const struct node *at = first; at != NULL; at = kept_sketch_next(d, at)) {
        if (!kept_sketch_can_be_asked_for(d, at))
            continue;
        kept_near(&near, at->key);
        if (n + strlen(at->key) + 8 < MEND_TEXT - 40) /* all but the kinds of app, which the page on the language has */
            n += (size_t)snprintf(all + n, sizeof all - n, "%s%s", n > 0 ? ", " : "say ", at->key);
        else if (n < MEND_TEXT)
            n += (size_t)snprintf(all + n, sizeof all - n, " ...") + MEND_TEXT;
    }
    return kept_fail(err, KEPT_E_USAGE, "'%.40s' is no %s: %s", word, what, kept_mean(&near, all, mend));
}

/* n bytes as a text of the sketch; no memory: "", and the arena says so. */
static const char *text_of(struct sketch *d, const void *bytes, size_t n)
{
    char *copy = kept_arena_alloc(&d->arena, n + 1, 1);
    for (size_t i = 0; copy != NULL && i < n; i++)
        copy[i] = ((const char *)bytes)[i];
    return copy != NULL ? copy : "";
}

/* The next word of a list; NULL at its end. */
static const char *next_word(struct sketch *d, const char **at)
{
    const char *word = *at + strspn(*at, ", ");
    size_t n = strcspn(word, ", ");
    *at = word + n;
    return n > 0 ? text_of(d, word, n) : NULL;
}

/* ---- what was chosen ----------------------------------------------------------------------------- */

static void choose(struct sketch *d, const struct node *row)
{
    KEPT_INVARIANT(row != NULL); /* the stock names what is not in it */
    d->chosen[row - d->stock.tree.nodes] = true;
}

static void choose_named(struct sketch *d, const struct node *map, const char *list, const char *section)
{
    const struct node *names = kept_child(&d->stock, map, list);
    if (names == NULL || names->kind != NODE_LIST)
        return;
    for (const struct node *name = kept_sketch_first(d, names); name != NULL; name = kept_sketch_next(d, name))
        choose(d, kept_sketch_row(d, section, name->text));
}

static void choose_function(struct sketch *d, const struct node *function)
{
    choose(d, function);
    choose_named(d, function, "purposes", "purposes");
    choose_named(d, function, "mandatory", "items");
    choose_named(d, function, "optional", "items");
    choose_named(d, function, "permissions", "permissions");
}

static void choose_recipient(struct sketch *d, const struct node *recipient)
{
    const struct node *items = kept_child(&d->stock, recipient, "items");
    const char *needs = kept_sketch_said(&d->stock, recipient, "needs", NULL);
    bool gets = needs == NULL;
    for (const struct node *name = kept_sketch_first(d, items); name != NULL; name = kept_sketch_next(d, name))
        gets = gets || kept_sketch_chosen(d, kept_sketch_row(d, "items", name->text));
    if (!gets)
        choose_function(d, kept_sketch_row(d, "functions", needs));
    choose(d, recipient);
}

static const struct node *item_of_law(const struct sketch *d, const char *name)
{
    const struct node *item = kept_sketch_first(d, kept_sketch_section(d, "items"));
    while (strcmp(kept_sketch_said(&d->stock, item, "as", item->key), name) != 0) {
        item = kept_sketch_next(d, item);
        KEPT_INVARIANT(item != NULL); /* the stock has every item that `necessary` names */
    }
    return item;
}

/* ---- values -------------------------------------------------------------------------------------- */

static void put(struct sketch *d, const char *name, const char *text, bool yaml)
{
    KEPT_INVARIANT(d->value_count < SKETCH_VALUES);
    d->values[d->value_count++] = (struct sketch_value){name, {text, text}, yaml};
}

/* A list of names that is being made: "[a, b]", or "" as long as there is none. */
static void add_name(struct kept_buf *list, const char *name)
{
    kept_buf_text(list, list->n == 0 ? "[" : ", ");
    kept_sketch_quote(list, name);
}

/* What was written into a buffer, which it releases. */
static void put_written(struct sketch *d, const char *name, struct kept_buf *text, bool yaml)
{
    put(d, name, text_of(d, text->p, text->n), yaml);
    d->arena.nomem |= text->failed != 0;
    kept_buf_release(text);
}

static void put_list(struct sketch *d, const char *name, struct kept_buf *list)
{
    if (list->n > 0)
        kept_buf_text(list, "]");
    put_written(d, name, list, true);
}

static void put_day(struct sketch *d, const char *name, int32_t day)
{
    char text[KEPT_TIME_TEXT];
    int y = 0, m = 0, n = 0;
    kept_date_split(day, &y, &m, &n);
    (void)snprintf(text, sizeof text, "%04d-%02d-%02d", y, m, n);
    put(d, name, text_of(d, text, strlen(text)), true);
}

static void put_chosen(struct sketch *d, const char *name)
{
    struct kept_buf list;
    kept_buf_init(&list, KEPT_MAX_SKETCH);
    const struct node *row = kept_sketch_first(d, kept_sketch_section(d, name));
    for (; row != NULL; row = kept_sketch_next(d, row))
        if (kept_sketch_chosen(d, row))
            add_name(&list, row->key);
    put_list(d, name, &list);
}

/* ---- the kind of app ----------------------------------------------------------------------------- */

/* What a kind of app may demand, as the profile of China lists it. */
struct demands {
    struct kept_buf mandatory, optional, conditional, permissions;
    bool sensitive;
};

static void demand(struct sketch *d, struct demands *to, struct kept_buf *list, const struct node *item)
{
    choose(d, item);
    add_name(list, item->key);
    const char *permission = kept_sketch_said(&d->stock, item, "permission", NULL);
    if (permission != NULL && list == &to->mandatory) { /* who gives it by hand need not allow it */
        choose(d, kept_sketch_row(d, "permissions", permission));
        add_name(&to->permissions, permission);
    }
    to->sensitive = to->sensitive || strcmp(kept_sketch_said(&d->stock, item, "sensitive", "false"), "true") == 0;
}

static void read_demands(struct sketch *d, const struct reader *list, const char *type, struct demands *to)
{
    const struct node *row = kept_child(list, kept_child(list, root_of(list), "necessary"), type);
    const struct node *names = kept_child(list, row, "items");
    for (uint32_t i = names != NULL ? names->first : NO_NODE; i != NO_NODE; i = list->tree.nodes[i].next) {
        char name[KEPT_MAX_NAME] = "";
        (void)snprintf(name, sizeof name, "%s", list->tree.nodes[i].text);
        char *in_a_case = strchr(name, '?');
        if (in_a_case != NULL)
            *in_a_case = 0;
        const struct node *item = item_of_law(d, name);
        if (strcmp(name, "phone") == 0) {
            choose_function(d, kept_sketch_row(d, "functions", "account"));
            continue;
        }
        demand(d, to, in_a_case != NULL ? &to->optional : &to->mandatory, item);
        if (in_a_case != NULL)
            kept_buf_printf(&to->conditional, "%s%s", to->conditional.n > 0 ? ", " : "", item->key);
    }
}

static void put_basic(struct sketch *d, struct demands *of)
{
    bool nothing = of->mandatory.n == 0;
    const struct node *does = kept_child(&d->stock, d->kind, "does");
    struct sketch_value value = {.name = "does", .text = {"", ""}};
    for (size_t l = 0; l < d->language_count; l++)
        value.text[l] = kept_sketch_said(&d->stock, does, d->languages[l], "");
    put(d, "function", kept_sketch_said(&d->stock, d->kind, "function", ""), false);
    put(d, "consent", of->sensitive ? "separate" : nothing ? "notice" : "explicit", false);
    put(d, "basis", nothing && !of->sensitive ? "contract" : "", false);
    KEPT_INVARIANT(d->value_count < SKETCH_VALUES);
    d->values[d->value_count++] = value;
    put_list(d, "mandatory", &of->mandatory);
    put_list(d, "optional", &of->optional);
    put_list(d, "permissions", &of->permissions);
    put_written(d, "conditional", &of->conditional, false);
}

static int choose_type(struct sketch *d, const char *type, struct kept_err *err)
{
    struct reader list = {.findings = &d->findings, .arena = &d->arena, .what = "profile",
                          .manual = "profiles/README.md", .head = "profile"};
    struct demands demands = {.sensitive = false};
    d->kind = kept_sketch_row(d, "kinds", type);
    if (d->kind == NULL)
        return not_one_of("kind of app", type, kept_sketch_first(d, kept_sketch_section(d, "kinds")), d, err);
    int rc = kept_tree_read(&list, kept_profile_text("CN"));
    if (rc != 0) {
        kept_tree_release(&list.tree);
        return kept_fail(err, rc, "the list of what apps may demand cannot be read");
    }
    kept_buf_init(&demands.mandatory, KEPT_MAX_SKETCH);
    kept_buf_init(&demands.optional, KEPT_MAX_SKETCH);
    kept_buf_init(&demands.conditional, KEPT_MAX_SKETCH);
    kept_buf_init(&demands.permissions, KEPT_MAX_SKETCH);
    read_demands(d, &list, type, &demands);
    kept_tree_release(&list.tree);
    const struct node *also = kept_sketch_first(d, kept_child(&d->stock, d->kind, "optional"));
    for (; also != NULL; also = kept_sketch_next(d, also))
        demand(d, &demands, &demands.optional, kept_sketch_row(d, "items", also->text));
    choose_function(d, kept_sketch_row(d, "functions", "basic"));
    put(d, "type", type, false);
    put_basic(d, &demands);
    return 0;
}

/* ---- languages and law --------------------------------------------------------------------------- */

static int choose_languages(struct sketch *d, const char *answer, struct kept_err *err)
{
    for (const char *word = NULL; (word = next_word(d, &answer)) != NULL;) {
        bool known = strcmp(word, "en") == 0 || strcmp(word, "zh") == 0;
        if (!known || d->language_count == SKETCH_LANGUAGES ||
            (d->language_count == 1 && strcmp(d->languages[0], word) == 0))
            return kept_fail(err, KEPT_E_USAGE, "'%.40s' cannot stand there: say en, zh, or both (en,zh): the "
                                                "first holds when two texts differ", word);
        d->languages[d->language_count++] = word;
    }
    if (d->language_count == 0)
        return kept_fail(err, KEPT_E_USAGE, "there is no language in it: say en, zh, or both (en,zh)");
    struct kept_buf also;
    kept_buf_init(&also, KEPT_MAX_ANSWER);
    put(d, "authority", d->languages[0], false);
    if (d->language_count > 1)
        add_name(&also, d->languages[1]);
    put_list(d, "also", &also);
    return 0;
}

static int choose_law(struct sketch *d, const char *law, struct kept_err *err)
{
    d->law_row = kept_sketch_row(d, "laws", law);
    if (d->law_row == NULL)
        return not_one_of("law that there is a profile of", law, kept_sketch_first(d, kept_sketch_section(d, "laws")), d, err);
    int rc = kept_tree_read(&d->law, kept_profile_text(law));
    if (rc != 0)
        return kept_fail(err, rc, "the profile of %s cannot be read", law);
    const struct node *values = kept_child(&d->law, root_of(&d->law), "values");
    const struct node *answer = kept_child(&d->law, values, "answer");
    const struct node *incident = kept_child(&d->law, values, "incident_authority");
    put(d, "law", law, false);
    put(d, "zone", kept_sketch_said(&d->stock, d->law_row, "zone", "UTC"), false);
    put(d, "answer-within", kept_sketch_said(&d->law, answer, "within", ""), false);
    put(d, "answer-from", kept_sketch_said(&d->law, answer, "from", ""), false);
    put(d, "incident-within", kept_sketch_said(&d->law, incident, "within", ""), false);
    put(d, "incident-from", kept_sketch_said(&d->law, incident, "from", ""), false);
    put(d, "guardian-age", kept_sketch_said(&d->law, kept_child(&d->law, values, "guardian_below"), "age", ""), true);
    return 0;
}

static int choose_regions(struct sketch *d, const char *answer, struct kept_err *err)
{
    struct kept_buf list;
    kept_buf_init(&list, KEPT_MAX_SKETCH);
    const char *first = next_word(d, &answer);
    if (first == NULL)
        return kept_fail(err, KEPT_E_USAGE, "there is no region in it: say CN, or DE,FR");
    for (const char *word = first; word != NULL; word = next_word(d, &answer))
        add_name(&list, word);
    put_list(d, "stored", &list);
    put(d, "region", first, false);
    return 0;
}

/* ---- functions, recipients ----------------------------------------------------------------------- */

static int choose_listed(struct sketch *d, const char *section, const char *what, const char *answer,
                         void (*take)(struct sketch *d, const struct node *row), struct kept_err *err)
{
    for (const char *word = NULL; (word = next_word(d, &answer)) != NULL;) {
        const struct node *row = kept_sketch_row(d, section, word);
        if (strcmp(word, "none") == 0)
            continue;
        if (row == NULL || !kept_sketch_can_be_asked_for(d, row))
            return not_one_of(what, word, kept_sketch_first(d, kept_sketch_section(d, section)), d, err);
        take(d, row);
    }
    return 0;
}

static void choose_usual(struct sketch *d)
{
    const struct node *usual = kept_sketch_first(d, kept_child(&d->stock, d->kind, "usual"));
    for (; usual != NULL; usual = kept_sketch_next(d, usual))
        choose_function(d, kept_sketch_row(d, "functions", usual->text));
}

/* What a law demands of every app. */
static void choose_owed(struct sketch *d)
{
    const struct node *row = kept_sketch_first(d, kept_sketch_section(d, "functions"));
    for (; row != NULL; row = kept_sketch_next(d, row)) {
        const char *when = kept_sketch_said(&d->stock, row, "when", NULL);
        if (when != NULL && kept_sketch_holds(d, when))
            choose_function(d, row);
    }
}

/* Of a kind of app that has nothing to keep by it, too. */
static int check_retention(struct sketch *d, const char *answer, struct kept_err *err)
{
    const struct node node = {.kind = NODE_SCALAR, .text = answer, .line = 1, .column = 1};
    kept_ms length = 0;
    if (strcmp(answer, "account") == 0 || kept_duration(&d->stock, &node, &length))
        return 0;
    if (d->findings.count == 0)
        return kept_fail(err, KEPT_E_NOMEM, "no memory for a sketch");
    return kept_fail(err, KEPT_E_USAGE, "%s: %s", d->findings.rows[0].text, d->findings.rows[0].mend);
}

static int choose_minors(struct sketch *d, const char *answer, struct kept_err *err)
{
    d->minors = answer;
    return strcmp(answer, "guardian") == 0 || strcmp(answer, "refused") == 0
               ? 0
               : kept_fail(err, KEPT_E_USAGE, "'%.40s' is no answer: say guardian (a guardian agrees for them) or "
                                              "refused (the app is not for them)", answer);
}

/* ---- all of it ----------------------------------------------------------------------------------- */

static int follow(struct sketch *d, const struct kept_answers *a, struct kept_err *err)
{
    const char *functions = a->v[KEPT_ANSWER_FUNCTIONS];
    int rc = choose_type(d, kept_sketch_or_else(a, KEPT_ANSWER_TYPE, DEFAULT_TYPE), err);
    if (rc == 0)
        rc = choose_law(d, kept_sketch_or_else(a, KEPT_ANSWER_LAW, DEFAULT_LAW), err);
    if (rc == 0)
        rc = choose_regions(d, kept_sketch_or_else(a, KEPT_ANSWER_REGION, kept_sketch_said(&d->stock, d->law_row, "stored", "")), err);
    if (rc == 0 && functions == NULL)
        choose_usual(d);
    else if (rc == 0)
        rc = choose_listed(d, "functions", "function to choose", functions, choose_function, err);
    if (rc == 0)
        rc = choose_minors(d, kept_sketch_or_else(a, KEPT_ANSWER_MINORS, kept_sketch_said(&d->stock, d->kind, "minors", DEFAULT_MINORS)), err);
    if (rc == 0)
        rc = choose_listed(d, "recipients", "recipient to choose", kept_sketch_or_else(a, KEPT_ANSWER_RECIPIENTS, "none"),
                           choose_recipient, err);
    if (rc == 0)
        rc = check_retention(d, kept_sketch_or_else(a, KEPT_ANSWER_RETENTION, DEFAULT_RETENTION), err);
    if (rc == 0)
        choose_owed(d);
    return rc;
}

static void put_answers(struct sketch *d, const struct kept_answers *a)
{
    const char *app = kept_sketch_or_else(a, KEPT_ANSWER_APP, "app");
    bool account = kept_sketch_chosen(d, kept_sketch_row(d, "functions", "account"));
    put(d, "app", app, false);
    put(d, "title", kept_sketch_or_else(a, KEPT_ANSWER_TITLE, app), false);
    put(d, "controller", kept_sketch_or_else(a, KEPT_ANSWER_CONTROLLER, "Example Ltd."), false);
    put(d, "contact", kept_sketch_or_else(a, KEPT_ANSWER_CONTACT, "privacy@example.org"), false);
    put(d, "retention", kept_sketch_or_else(a, KEPT_ANSWER_RETENTION, DEFAULT_RETENTION), false);
    put(d, "account-function", account ? "account" : "sign-in", false);
    put_day(d, "today", a->today);
    put_day(d, "next-year", a->today + YEAR_DAYS);
    put_chosen(d, "items");
    put_chosen(d, "purposes");
}

/* What was made, read as any policy is: its first error is what is wrong with the answers. */
static int judge(const struct kept_buf *text, struct kept_err *err)
{
    struct kept_findings findings = {0};
    struct kept_policy *policy = NULL;
    int rc = kept_policy_read(kept_buf_span(text), &policy, &findings, err);
    if (rc == KEPT_E_POLICY) {
        size_t i = 0;
        while (findings.rows[i].severity != KEPT_ERROR) {
            i++;
            KEPT_INVARIANT(i < findings.count); /* a policy that is refused has an error */
        }
        rc = kept_fail(err, KEPT_E_USAGE, "%s: %s", findings.rows[i].text, findings.rows[i].mend);
    }
    kept_findings_release(&findings);
    kept_policy_free(policy);
    return rc;
}

int kept_sketch(const struct kept_answers *answers, struct kept_buf *out, struct kept_err *err)
{
    struct sketch d;
    struct kept_buf text;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < KEPT_ANSWER_COUNT; i++)
        if (answers->v[i] != NULL)
            rc = check_answer(answers->v[i], err);
    if (rc != 0)
        return rc;
    kept_buf_init(&text, KEPT_MAX_SKETCH);
    rc = kept_sketch_begin(&d, err);
    if (rc == 0)
        rc = choose_languages(&d, kept_sketch_or_else(answers, KEPT_ANSWER_LANGUAGES, DEFAULT_LANGUAGES), err);
    if (rc == 0)
        rc = follow(&d, answers, err);
    if (rc == 0) {
        put_answers(&d, answers);
        kept_sketch_write(&d, &text);
    }
    if (d.arena.nomem || (rc == 0 && text.failed != 0))
        rc = kept_fail(err, d.arena.nomem ? KEPT_E_NOMEM : text.failed, "no room for a sketch");
    if (rc == 0)
        rc = judge(&text, err);
    if (rc == 0) {
        kept_buf_bytes(out, text.p, text.n);
        rc = out->failed == 0 ? 0 : kept_fail(err, out->failed, "no room for a sketch");
    }
    if (rc != 0 && err != NULL)
        kept_utf8_keep(err->text); /* words that were cut */
    kept_buf_release(&text);
    kept_sketch_end(&d);
    return rc;
}
