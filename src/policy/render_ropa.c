/* render_ropa.c - the record of processing activities (PIPL 55-56, GDPR 30): one activity a function, as
 * JSON and as a table of CSV; and what documents for machines share. */
#include <stdio.h>

#include "policy/render_json.h"
#include "policy/show_int.h"

/* ---- documents for machines ---------------------------------------------------------------------- */

void kept_doc_set(struct kept_doc *doc, json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, value) != 0)
        doc->failed = true;
}

void kept_doc_add(struct kept_doc *doc, json_t *array, json_t *value)
{
    if (json_array_append_new(array, value) != 0)
        doc->failed = true;
}

void kept_doc_text(struct kept_doc *doc, json_t *object, const char *key, const char *text)
{
    if (text != NULL && text[0] != 0)
        kept_doc_set(doc, object, key, json_string(text));
}

json_t *kept_doc_rule(const char *kind, const char *name)
{
    return json_sprintf("%s/%s", kind, name);
}

json_t *kept_doc_length(kept_ms length)
{
    if (length % KEPT_DAY == 0)
        return json_sprintf("P%lldD", (long long)(length / KEPT_DAY));
    return json_sprintf("PT%lldH", (long long)(length / KEPT_HOUR));
}

json_t *kept_doc_day(const struct kept_policy *p, kept_ms at)
{
    int year = 0, month = 0, day = 0;
    kept_date_split(kept_zone_day(&p->info.zone, at), &year, &month, &day);
    return json_sprintf("%04d-%02d-%02d", year, month, day);
}

static int put(const char *bytes, size_t n, void *out)
{
    kept_buf_bytes(out, bytes, n);
    return 0;
}

int kept_doc_end(struct kept_doc *doc, json_t *root, struct kept_buf *out)
{
    if (root == NULL || doc->failed || json_dump_callback(root, put, out, JSON_INDENT(2)) != 0)
        doc->failed = true;
    json_decref(root);
    kept_buf_u8(out, '\n');
    return doc->failed ? KEPT_E_NOMEM : out->failed;
}

static const char *sealed(struct render *r)
{
    const struct kept_policy_info *info = &r->p->info;
    return kept_saying(r, SAY_ROPA_SEALED, KEPT_WITH({"rotation", kept_time_of(r, info->rotation)},
                                                     {"window", kept_time_of(r, info->window)}));
}

/* ---- JSON ---------------------------------------------------------------------------------------- */

static json_t *head(struct render *r, struct kept_doc *doc)
{
    const struct kept_policy *p = r->p;
    json_t *root = json_object(), *controller = json_object(), *stored = json_array();
    kept_doc_text(doc, root, "app", p->info.app);
    kept_doc_set(doc, root, "version", json_integer(p->info.version));
    kept_doc_set(doc, root, "issued", kept_doc_day(p, p->info.issued));
    kept_doc_set(doc, root, "effective", kept_doc_day(p, p->info.effective));
    kept_doc_text(doc, root, "language", r->language);
    kept_doc_text(doc, root, "jurisdiction", p->jurisdiction);
    kept_doc_text(doc, controller, "name", kept_text_of(r, &p->controller));
    kept_doc_text(doc, controller, "contact", p->contact);
    kept_doc_text(doc, controller, "officer", p->officer);
    kept_doc_text(doc, controller, "address", p->address.v != NULL ? kept_text_of(r, &p->address) : NULL);
    kept_doc_text(doc, controller, "phone", p->phone);
    kept_doc_set(doc, root, "controller", controller);
    for (size_t i = 0; i < p->stored_in.n; i++)
        kept_doc_add(doc, stored, json_string(kept_show_region(p, p->stored_in.v[i])));
    kept_doc_set(doc, root, "stored", stored);
    kept_doc_text(doc, root, "export", p->export == EXPORT_CONDITIONAL ? "conditional" : "never");
    kept_doc_set(doc, root, "rotation", kept_doc_length(p->info.rotation));
    kept_doc_set(doc, root, "backup_window", kept_doc_length(p->info.window));
    kept_doc_set(doc, root, "evidence", kept_doc_length(p->info.evidence));
    kept_doc_text(doc, root, "safeguards", sealed(r));
    kept_doc_text(doc, root, "log", p->duties.log_personal == LOG_UNSAID ? NULL
                                    : p->duties.log_personal == LOG_NEVER ? "never"
                                                                          : "declared");
    return root;
}

static json_t *named(struct render *r, struct kept_doc *doc, const char *kind, const char *name,
                     const char *clause, const struct text *text)
{
    json_t *root = json_object();
    kept_doc_set(doc, root, "rule", kept_doc_rule(kind, name));
    kept_doc_text(doc, root, "clause", clause);
    kept_doc_text(doc, root, "text", kept_text_of(r, text));
    return root;
}

static json_t *information(struct render *r, struct kept_doc *doc, uint32_t index, bool mandatory)
{
    const struct item_rule *item = &r->p->items[index];
    json_t *root = named(r, doc, "items", item->pub.name, item->pub.clause, &item->text);
    kept_doc_text(doc, root, "category", item->information);
    kept_doc_text(doc, root, "source", item->source);
    kept_doc_set(doc, root, "sensitive", json_boolean(item->pub.sensitive));
    kept_doc_set(doc, root, "mandatory", json_boolean(mandatory));
    kept_doc_text(doc, root, "place", kept_show_place(item->pub.place));
    if (item->pub.retain != 0)
        kept_doc_set(doc, root, "retain", kept_doc_length(item->pub.retain));
    else if (kept_is_held(&item->pub))
        kept_doc_text(doc, root, "retain", "account");
    kept_doc_text(doc, root, "statute", item->statute != NULL ? kept_text_of(r, &item->statutes) : NULL);
    if (item->pub.at_least != 0)
        kept_doc_set(doc, root, "at_least", kept_doc_length(item->pub.at_least));
    kept_doc_text(doc, root, "then", kept_show_disposition(item->pub.then));
    if (item->pub.archive != 0)
        kept_doc_set(doc, root, "archive", kept_doc_length(item->pub.archive));
    kept_doc_text(doc, root, "held_in", item->held_in);
    kept_doc_text(doc, root, "until", kept_item_end(r, item));
    return root;
}

static bool elsewhere(const struct kept_policy *p, uint32_t region)
{
    for (size_t i = 0; i < p->stored_in.n; i++)
        if (p->stored_in.v[i] == region)
            return false;
    return true;
}

static json_t *recipient(struct render *r, struct kept_doc *doc, uint32_t index)
{
    const struct recipient_rule *to = &r->p->recipients[index];
    json_t *root = named(r, doc, "recipients", to->name, to->rule.clause, &to->text);
    kept_doc_text(doc, root, "role", kept_show_recipient_role(to->role));
    kept_doc_text(doc, root, "kind", to->kind);
    kept_doc_text(doc, root, "region", kept_show_region(r->p, to->region));
    kept_doc_set(doc, root, "transfer", json_boolean(elsewhere(r->p, to->region)));
    kept_doc_text(doc, root, "mechanism", to->mechanism);
    kept_doc_text(doc, root, "consent", kept_show_consent(to->consent));
    if (to->agreement.line != 0) {
        kept_doc_set(doc, root, "agreement_signed", kept_doc_day(r->p, to->signed_at));
        kept_doc_set(doc, root, "agreement_expires", kept_doc_day(r->p, to->expires_at));
    }
    return root;
}

static json_t *activity(struct render *r, struct kept_doc *doc, size_t index)
{
    const struct function_rule *f = &r->p->functions[index];
    struct list to = kept_recipients_of(r, index);
    json_t *root = named(r, doc, "functions", f->name, f->rule.clause, &f->text);
    json_t *purposes = json_array(), *items = json_array(), *recipients = json_array();
    kept_doc_text(doc, root, "kind", f->kind == FUNCTION_BASIC ? "basic" : "extended");
    kept_doc_text(doc, root, "basis", kept_show_basis(f->basis));
    kept_doc_text(doc, root, "consent", kept_show_consent(f->consent));
    kept_doc_text(doc, root, "people", kept_plain(r, SAY_ROPA_USERS));
    for (size_t i = 0; i < f->purposes.n; i++) {
        const struct purpose_rule *purpose = &r->p->purposes[f->purposes.v[i]];
        kept_doc_add(doc, purposes,
                     named(r, doc, "purposes", purpose->name, purpose->rule.clause, &purpose->text));
    }
    for (size_t i = 0; i < f->mandatory.n; i++)
        kept_doc_add(doc, items, information(r, doc, f->mandatory.v[i], true));
    for (size_t i = 0; i < f->optional.n; i++)
        kept_doc_add(doc, items, information(r, doc, f->optional.v[i], false));
    for (size_t i = 0; i < to.n; i++)
        kept_doc_add(doc, recipients, recipient(r, doc, to.v[i]));
    kept_doc_set(doc, root, "purposes", purposes);
    kept_doc_set(doc, root, "information", items);
    kept_doc_set(doc, root, "recipients", recipients);
    return root;
}

/* "15 working days, received": a deadline in the words of the language. */
static void deadline(struct kept_doc *doc, json_t *root, const struct kept_deadline *d)
{
    kept_doc_set(doc, root, "within",
                 json_sprintf("%u %s", (unsigned)d->within.n, kept_show_unit(d->within.unit)));
    kept_doc_text(doc, root, "from", kept_show_anchor(d->from));
}

static json_t *channels(struct kept_doc *doc, uint32_t bits)
{
    json_t *all = json_array();
    for (unsigned i = 0; i < KEPT_CH_COUNT; i++)
        if ((bits >> i & 1u) != 0)
            kept_doc_add(doc, all, json_string(kept_channel_word((enum kept_channel)i)));
    return all;
}

static json_t *rights(struct render *r, struct kept_doc *doc)
{
    json_t *all = json_array();
    for (unsigned i = 0; i < KEPT_ASK_COUNT; i++) {
        const struct right_rule *right = &r->p->duties.asked[i];
        const char *word = kept_asked_word((enum kept_asked)i);
        if (!right->pub.said)
            continue;
        json_t *one = json_object();
        kept_doc_set(doc, one, "rule", kept_doc_rule("rights", word));
        kept_doc_text(doc, one, "clause", right->pub.clause);
        kept_doc_text(doc, one, "text", kept_group(r, "request", word));
        deadline(doc, one, &right->pub.deadline);
        kept_doc_set(doc, one, "channels", channels(doc, right->pub.channels));
        kept_doc_text(doc, one, "identity", kept_show_identity(right->pub.identity));
        kept_doc_add(doc, all, one);
    }
    return all;
}

static json_t *incidents(struct render *r, struct kept_doc *doc)
{
    json_t *all = json_array();
    for (unsigned i = 0; i < KEPT_TOLD_COUNT; i++) {
        const struct incident_rule *told = &r->p->duties.incidents[i];
        const char *word = kept_key_row((enum key)(INCIDENT_persons + i))->name;
        if (!told->said)
            continue;
        json_t *one = json_object();
        kept_doc_set(doc, one, "rule", kept_doc_rule("incident", word));
        kept_doc_text(doc, one, "clause", told->rule.clause);
        deadline(doc, one, &told->deadline);
        kept_doc_set(doc, one, "channels", channels(doc, told->channels));
        kept_doc_add(doc, all, one);
    }
    return all;
}

static json_t *log_books(struct render *r, struct kept_doc *doc)
{
    json_t *all = json_array();
    for (size_t i = 0; i < r->p->duties.log_count; i++) {
        const struct log_book *log = &r->p->duties.logs[i];
        json_t *one = named(r, doc, "logs", log->pub.name, log->pub.clause, &log->text);
        json_t *items = json_array(), *purposes = json_array();
        for (size_t k = 0; k < log->pub.field_count; k++)
            kept_doc_add(doc, items, json_pack("{s:s,s:s,s:s}", "field", log->pub.fields[k].name, "item",
                                               r->p->items[log->pub.fields[k].item].pub.name, "kept",
                                               kept_key_word(LOG_FIELD_keep, log->pub.fields[k].keep)));
        for (size_t k = 0; k < log->purposes.n; k++)
            kept_doc_add(doc, purposes, json_string(r->p->purposes[log->purposes.v[k]].name));
        kept_doc_set(doc, one, "fields", items);
        kept_doc_set(doc, one, "purposes", purposes);
        kept_doc_set(doc, one, "retain", kept_doc_length(log->pub.retain));
        kept_doc_add(doc, all, one);
    }
    return all;
}

int kept_render_ropa_json(struct render *r, struct kept_buf *out)
{
    struct kept_doc doc = {false};
    json_t *root = head(r, &doc), *activities = json_array();
    for (size_t i = 0; i < r->p->info.functions; i++)
        kept_doc_add(&doc, activities, activity(r, &doc, i));
    kept_doc_set(&doc, root, "activities", activities);
    kept_doc_set(&doc, root, "rights", rights(r, &doc));
    kept_doc_set(&doc, root, "logs", log_books(r, &doc));
    kept_doc_set(&doc, root, "incidents", incidents(r, &doc));
    return kept_doc_end(&doc, root, out);
}

/* ---- CSV ----------------------------------------------------------------------------------------- */

/* Of a function: all its items, or the sensitive ones. */
static struct list items_of(struct render *r, const struct function_rule *f, bool sensitive)
{
    struct list all = kept_list_new(r, f->mandatory.n + f->optional.n);
    for (size_t i = 0; i < f->mandatory.n + f->optional.n; i++) {
        uint32_t item = i < f->mandatory.n ? f->mandatory.v[i] : f->optional.v[i - f->mandatory.n];
        if (!sensitive || r->p->items[item].pub.sensitive)
            kept_list_add(&all, item);
    }
    return all;
}

/* Lists stand in one cell, an entry a line: what a spreadsheet shows as such. */
static void lines(struct kept_buf *out, const char *text)
{
    if (out->n > 0)
        kept_buf_u8(out, '\n');
    kept_buf_text(out, text);
}

static const char *ends(struct render *r, const struct list *items)
{
    struct kept_buf text;
    kept_buf_init(&text, KEPT_MAX_JSON_BYTES);
    for (size_t i = 0; i < items->n; i++) {
        const struct item_rule *item = &r->p->items[items->v[i]];
        lines(&text, kept_saying(r, SAY_ROPA_ITEM_ENDS,
                                 KEPT_WITH({"item", kept_text_of(r, &item->text)},
                                           {"end", kept_item_end(r, item)})));
    }
    return kept_taken(r, &text);
}

static const char *receivers(struct render *r, const struct list *to, bool abroad)
{
    struct kept_buf text;
    kept_buf_init(&text, KEPT_MAX_JSON_BYTES);
    for (size_t i = 0; i < to->n; i++) {
        const struct recipient_rule *one = &r->p->recipients[to->v[i]];
        if (!abroad || elsewhere(r->p, one->region))
            lines(&text, kept_saying(r, SAY_ROPA_TO,
                                     KEPT_WITH({"recipient", kept_text_of(r, &one->text)},
                                               {"region", kept_region_word(r, one->region)})));
    }
    return kept_taken(r, &text);
}

static const char *ground(struct render *r, const struct function_rule *f)
{
    if (f->basis != BASIS_CONSENT)
        return kept_group(r, "function-basis", kept_show_basis(f->basis));
    return kept_group(r, "function-consent", kept_show_consent(f->consent));
}

static void row(struct render *r, size_t index, struct kept_buf *out)
{
    const struct kept_policy *p = r->p;
    const struct function_rule *f = &p->functions[index];
    struct list items = items_of(r, f, false), sensitive = items_of(r, f, true);
    struct list to = kept_recipients_of(r, index);
    const struct kept_right *last = kept_last_answer(p);
    char rule[KEPT_MAX_NAME + 16];
    (void)snprintf(rule, sizeof rule, "functions/%s", f->name);
    kept_page_csv(out, true, rule);
    kept_page_csv(out, false, kept_text_of(r, &f->text));
    kept_page_csv(out, false, kept_text_of(r, &p->controller));
    kept_page_csv(out, false, p->officer != NULL ? p->officer : p->contact);
    kept_page_csv(out, false, kept_names_of(r, KEPT_K_PURPOSE, &f->purposes));
    kept_page_csv(out, false, ground(r, f));
    kept_page_csv(out, false, kept_plain(r, SAY_ROPA_USERS));
    kept_page_csv(out, false, kept_names_of(r, KEPT_K_ITEM, &items));
    kept_page_csv(out, false, kept_names_of(r, KEPT_K_ITEM, &sensitive));
    kept_page_csv(out, false, receivers(r, &to, false));
    kept_page_csv(out, false, kept_regions_of(r, &p->stored_in));
    kept_page_csv(out, false, receivers(r, &to, true));
    kept_page_csv(out, false, ends(r, &items));
    kept_page_csv(out, false, sealed(r));
    kept_page_csv(out, false, last == NULL ? "" : kept_saying(r, SAY_Q_DUE, KEPT_WITH({"due", kept_due_of(r, &last->deadline)},
                                                                                     {"more", kept_length_of(r, &last->extension)})));
    kept_buf_text(out, "\r\n");
}

static void log_row(struct render *r, const struct log_book *log, struct kept_buf *out)
{
    const struct kept_policy *p = r->p;
    struct list items = kept_list_new(r, log->pub.field_count);
    char rule[KEPT_MAX_NAME + 16];
    for (size_t i = 0; i < log->pub.field_count; i++)
        if (!kept_list_has(&items, log->pub.fields[i].item))
            kept_list_add(&items, log->pub.fields[i].item);
    (void)snprintf(rule, sizeof rule, "logs/%s", log->pub.name);
    const char *const cells[] = {
        rule, kept_text_of(r, &log->text), kept_text_of(r, &p->controller), p->officer != NULL ? p->officer : p->contact,
        kept_names_of(r, KEPT_K_PURPOSE, &log->purposes), "", kept_plain(r, SAY_ROPA_USERS),
        kept_names_of(r, KEPT_K_ITEM, &items), "", "", kept_regions_of(r, &p->stored_in), "",
        kept_time_of(r, log->pub.retain), sealed(r), ""};
    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++)
        kept_page_csv(out, i == 0, cells[i]);
    kept_buf_text(out, "\r\n");
}

void kept_render_ropa_csv(struct render *r, struct kept_buf *out)
{
    static const enum saying titles[] = {
        SAY_ROPA_RULE, SAY_ROPA_ACTIVITY, SAY_ROPA_CONTROLLER, SAY_ROPA_CONTACT, SAY_ROPA_PURPOSES,
        SAY_ROPA_BASIS, SAY_ROPA_PEOPLE, SAY_ROPA_INFORMATION, SAY_ROPA_SENSITIVE, SAY_ROPA_RECIPIENTS,
        SAY_ROPA_STORED, SAY_ROPA_TRANSFERS, SAY_ROPA_ENDS,
        SAY_ROPA_MEASURES, SAY_ROPA_RIGHTS};
    for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++)
        kept_page_csv(out, i == 0, kept_plain(r, titles[i]));
    kept_buf_text(out, "\r\n");
    for (size_t i = 0; i < r->p->info.functions; i++)
        row(r, i, out);
    for (size_t i = 0; i < r->p->duties.log_count; i++)
        log_row(r, &r->p->duties.logs[i], out);
}
