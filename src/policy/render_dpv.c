/* render_dpv.c - the policy in the Data Privacy Vocabulary 2 (https://w3id.org/dpv), as JSON-LD.
 *
 * Only terms that stand in DPV 2.0 are used; tests/policy/dpv-terms.txt lists them, and a test holds what
 * is put out to that list. What DPV has no term for is left out rather than bent. */
#include <string.h>

#include "policy/render_json.h"
#include "policy/show_int.h"

#define DPV "dpv:"

static json_t *link_to(const char *kind, const char *name)
{
    return json_pack("{s:o}", "@id", name != NULL ? json_sprintf("#%s/%s", kind, name)
                                                  : json_sprintf("#%s", kind));
}

static json_t *term(const char *iri)
{
    return json_pack("{s:s}", "@id", iri);
}

/* A text in every language of the policy. */
static json_t *label(struct render *r, struct kept_doc *doc, const struct text *text)
{
    json_t *all = json_array();
    for (size_t i = 0; i < r->p->info.languages; i++)
        kept_doc_add(doc, all, json_pack("{s:s,s:s}", "@value", text->v[i], "@language", r->p->languages[i]));
    return all;
}

static json_t *node(struct kept_doc *doc, const char *kind, const char *name, const char *type,
                    const char *clause)
{
    json_t *root = link_to(kind, name), *types = json_array();
    kept_doc_add(doc, types, json_string(type));
    kept_doc_set(doc, root, "@type", types);
    kept_doc_text(doc, root, "dct:source", clause);
    return root;
}

/* ---- items --------------------------------------------------------------------------------------- */

static const char *kind_term(const char *kind)
{
    static const char *const terms[][2] = {
        {"phone", "pd:TelephoneNumber"},  {"landline", "pd:TelephoneNumber"},
        {"mail", "pd:EmailAddress"},      {"name", "pd:Name"},
        {"address", "pd:PhysicalAddress"}, {"id-card", "pd:OfficialID"},
        {"bank-card", "pd:PaymentCardNumber"}, {"plate", "pd:VehicleLicense"},
        {"coordinates", "pd:GPSCoordinate"}, {"mac", "pd:MACAddress"},
        {"ipv4", "pd:IPAddress"},         {"ipv6", "pd:IPAddress"},
        {"imei", "pd:UID"},               {"device-id", "pd:UID"},
        {"photo", "pd:Picture"}};
    for (size_t i = 0; i < sizeof terms / sizeof terms[0]; i++)
        if (strcmp(terms[i][0], kind) == 0)
            return terms[i][1];
    return NULL;
}

static json_t *duration(struct kept_doc *doc, const struct item_rule *item)
{
    json_t *span = json_object(), *storage = json_object();
    kept_doc_text(doc, span, "@type",
                  item->pub.retain != 0 ? DPV "TemporalDuration" : DPV "UntilEventDuration");
    if (item->pub.retain != 0)
        kept_doc_set(doc, span, "rdf:value", json_pack("{s:o,s:s}", "@value",
                                                       kept_doc_length(item->pub.retain), "@type",
                                                       "xsd:duration"));
    kept_doc_text(doc, storage, "@type", DPV "StorageDuration");
    kept_doc_set(doc, storage, DPV "hasDuration", span);
    return storage;
}

static json_t *item_node(struct render *r, struct kept_doc *doc, const struct item_rule *item)
{
    json_t *root = node(doc, "items", item->pub.name,
                        item->pub.sensitive ? DPV "SensitivePersonalData" : DPV "PersonalData",
                        item->pub.clause);
    bool derived = strcmp(item->source, "derived") == 0;
    if (kind_term(item->pub.kind) != NULL)
        kept_doc_add(doc, json_object_get(root, "@type"), json_string(kind_term(item->pub.kind)));
    kept_doc_set(doc, root, "rdfs:label", label(r, doc, &item->text));
    kept_doc_set(doc, root, DPV "hasDataSource",
                 term(derived                                     ? DPV "DataControllerDataSource"
                      : strcmp(item->source, "third_party") == 0 ? DPV "ThirdPartyDataSource"
                                                                  : DPV "DataSubjectDataSource"));
    if (kept_is_held(&item->pub))
        kept_doc_set(doc, root, DPV "hasStorageCondition", duration(doc, item));
    return root;
}

/* ---- who ----------------------------------------------------------------------------------------- */

static json_t *place(const char *code)
{
    return json_pack("{s:s,s:s}", "@type", DPV "Location", "dct:identifier", code);
}

static json_t *recipient_node(struct render *r, struct kept_doc *doc, const struct recipient_rule *to)
{
    static const char *const types[] = {"", DPV "DataProcessor", DPV "JointDataControllers",
                                        DPV "ThirdParty", DPV "Authority"};
    json_t *root = node(doc, "recipients", to->name, types[to->role], to->rule.clause);
    kept_doc_set(doc, root, "rdfs:label", label(r, doc, &to->text));
    kept_doc_set(doc, root, DPV "hasLocation", place(kept_show_region(r->p, to->region)));
    return root;
}

static json_t *controller_node(struct render *r, struct kept_doc *doc)
{
    json_t *root = node(doc, "controller", NULL, DPV "DataController", "");
    kept_doc_set(doc, root, DPV "hasName", label(r, doc, &r->p->controller));
    kept_doc_text(doc, root, DPV "hasContact", r->p->contact);
    kept_doc_text(doc, root, DPV "hasAddress", r->p->address.v != NULL ? kept_text_of(r, &r->p->address) : NULL);
    if (r->p->officer != NULL)
        kept_doc_set(doc, root, DPV "hasDataProtectionOfficer",
                     json_pack("{s:s,s:s}", "@type", DPV "DataProtectionOfficer", DPV "hasContact",
                               r->p->officer));
    return root;
}

static json_t *notice_node(struct render *r, struct kept_doc *doc)
{
    json_t *root = node(doc, "notice", NULL, DPV "PrivacyNotice", "");
    json_t *languages = json_array();
    if (r->p->title.v[0] != NULL)
        kept_doc_set(doc, root, "dct:title", label(r, doc, &r->p->title));
    kept_doc_set(doc, root, "dct:hasVersion", json_sprintf("%u", r->p->info.version));
    kept_doc_set(doc, root, "dct:issued", kept_doc_day(r->p, r->p->info.issued));
    kept_doc_set(doc, root, "dct:valid", kept_doc_day(r->p, r->p->info.effective));
    for (size_t i = 0; i < r->p->info.languages; i++)
        kept_doc_add(doc, languages, json_string(r->p->languages[i]));
    kept_doc_set(doc, root, "dct:language", languages);
    return root;
}

/* ---- what is done -------------------------------------------------------------------------------- */

static const char *ground(const struct function_rule *f)
{
    if (f->basis == BASIS_CONTRACT)
        return DPV "Contract";
    if (f->basis == BASIS_LEGAL_OBLIGATION)
        return DPV "LegalObligation";
    if (f->consent == KEPT_C_IMPLIED)
        return DPV "ImpliedConsent";
    if (f->consent == KEPT_C_EXPLICIT)
        return DPV "ExpressedConsent";
    return f->consent == KEPT_C_SEPARATE || f->consent == KEPT_C_WRITTEN
               ? DPV "ExplicitlyExpressedConsent"
               : NULL;
}

static void links(struct kept_doc *doc, json_t *root, const char *key, const char *kind,
                  const struct kept_policy *p, enum kept_kind what, const struct list *list)
{
    json_t *all = json_object_get(root, key);
    if (all == NULL && list->n > 0) {
        kept_doc_set(doc, root, key, json_array());
        all = json_object_get(root, key);
    }
    for (size_t i = 0; i < list->n; i++)
        kept_doc_add(doc, all, link_to(kind, kept_policy_name(p, what, list->v[i])));
}

/* What is done with it, as far as the rules say. */
static json_t *processing(struct render *r, struct kept_doc *doc, const struct function_rule *f,
                          bool shared)
{
    json_t *all = json_array();
    bool stored = false, derived = false;
    for (size_t i = 0; i < f->mandatory.n + f->optional.n; i++) {
        const struct item_rule *item =
            &r->p->items[i < f->mandatory.n ? f->mandatory.v[i] : f->optional.v[i - f->mandatory.n]];
        stored = stored || kept_is_held(&item->pub);
        derived = derived || strcmp(item->source, "derived") == 0;
    }
    kept_doc_add(doc, all, term(DPV "Collect"));
    kept_doc_add(doc, all, term(DPV "Use"));
    if (stored)
        kept_doc_add(doc, all, term(DPV "Store"));
    if (derived)
        kept_doc_add(doc, all, term(DPV "Derive"));
    if (shared)
        kept_doc_add(doc, all, term(DPV "Share"));
    return all;
}

static json_t *function_node(struct render *r, struct kept_doc *doc, size_t index)
{
    const struct kept_policy *p = r->p;
    const struct function_rule *f = &p->functions[index];
    struct list to = kept_recipients_of(r, index);
    json_t *root = node(doc, "functions", f->name, DPV "Process", f->rule.clause);
    json_t *stored = json_array();
    kept_doc_set(doc, root, "rdfs:label", label(r, doc, &f->text));
    kept_doc_set(doc, root, DPV "hasDataController", link_to("controller", NULL));
    kept_doc_set(doc, root, DPV "hasNotice", link_to("notice", NULL));
    kept_doc_set(doc, root, DPV "hasDataSubject", term(DPV "User"));
    links(doc, root, DPV "hasPurpose", "purposes", p, KEPT_K_PURPOSE, &f->purposes);
    links(doc, root, DPV "hasPersonalData", "items", p, KEPT_K_ITEM, &f->mandatory);
    links(doc, root, DPV "hasPersonalData", "items", p, KEPT_K_ITEM, &f->optional);
    links(doc, root, DPV "hasRecipient", "recipients", p, KEPT_K_RECIPIENT, &to);
    kept_doc_set(doc, root, DPV "hasProcessing", processing(r, doc, f, to.n > 0));
    if (ground(f) != NULL)
        kept_doc_set(doc, root, DPV "hasLegalBasis", term(ground(f)));
    for (size_t i = 0; i < p->stored_in.n; i++)
        kept_doc_add(doc, stored, json_pack("{s:s,s:o}", "@type", DPV "StorageLocation", DPV "hasLocation",
                                            place(kept_show_region(p, p->stored_in.v[i]))));
    kept_doc_set(doc, root, DPV "hasStorageCondition", stored);
    return root;
}

/* ---- rights, and safeguards ---------------------------------------------------------------------- */

/* What people may ask: a right each, exercised as the notice tells; DPV has no terms for days and fees. */
static json_t *right_node(struct render *r, struct kept_doc *doc, unsigned asked)
{
    const char *word = kept_asked_word((enum kept_asked)asked);
    json_t *root = node(doc, "rights", word, DPV "DataSubjectRight", r->p->duties.asked[asked].pub.clause);
    json_t *notice = json_object();
    kept_doc_add(doc, json_object_get(root, "@type"), json_string(DPV "ActiveRight"));
    kept_doc_set(doc, root, "rdfs:label",
                 json_pack("[{s:s,s:s}]", "@value", kept_group(r, "request", word), "@language", r->language));
    kept_doc_text(doc, notice, "@type", DPV "RightExerciseNotice");
    kept_doc_text(doc, notice, DPV "hasContact", r->p->contact);
    kept_doc_set(doc, root, DPV "isExercisedAt", notice);
    return root;
}

static void rights(struct render *r, struct kept_doc *doc, json_t *graph, json_t *controller)
{
    json_t *all = json_array();
    for (unsigned i = 0; i < KEPT_ASK_COUNT; i++) {
        if (!r->p->duties.asked[i].pub.said)
            continue;
        kept_doc_add(doc, graph, right_node(r, doc, i));
        kept_doc_add(doc, all, link_to("rights", kept_asked_word((enum kept_asked)i)));
    }
    kept_doc_set(doc, controller, DPV "hasRight", all);
}

/* Values lie under keys of their person, which turn over: so every store of kept. */
static json_t *measures(struct kept_doc *doc)
{
    json_t *all = json_array();
    kept_doc_add(doc, all, term(DPV "EncryptionAtRest"));
    kept_doc_add(doc, all, term(DPV "CryptographicKeyManagement"));
    return all;
}

int kept_render_dpv(struct render *r, struct kept_buf *out)
{
    struct kept_doc doc = {false};
    const struct kept_policy *p = r->p;
    json_t *root = json_object(), *graph = json_array();
    kept_doc_set(&doc, root, "@context",
                 json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "dpv", "https://w3id.org/dpv#", "pd",
                           "https://w3id.org/dpv/pd#", "dct", "http://purl.org/dc/terms/", "rdf",
                           "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "rdfs",
                           "http://www.w3.org/2000/01/rdf-schema#", "xsd",
                           "http://www.w3.org/2001/XMLSchema#"));
    kept_doc_add(&doc, graph, notice_node(r, &doc));
    json_t *controller = controller_node(r, &doc);
    kept_doc_set(&doc, controller, DPV "hasTechnicalMeasure", measures(&doc));
    rights(r, &doc, graph, controller);
    kept_doc_add(&doc, graph, controller);
    for (size_t i = 0; i < p->info.purposes; i++) {
        json_t *purpose = node(&doc, "purposes", p->purposes[i].name, DPV "Purpose",
                               p->purposes[i].rule.clause);
        kept_doc_set(&doc, purpose, "rdfs:label", label(r, &doc, &p->purposes[i].text));
        kept_doc_add(&doc, graph, purpose);
    }
    for (size_t i = 0; i < p->info.items; i++)
        kept_doc_add(&doc, graph, item_node(r, &doc, &p->items[i]));
    for (size_t i = 0; i < p->info.recipients; i++)
        kept_doc_add(&doc, graph, recipient_node(r, &doc, &p->recipients[i]));
    for (size_t i = 0; i < p->info.functions; i++)
        kept_doc_add(&doc, graph, function_node(r, &doc, i));
    kept_doc_set(&doc, root, "@graph", graph);
    return kept_doc_end(&doc, root, out);
}
