/* policy.c - the door of the room: read, check, compile; and what a compiled policy says. */
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "crypto/crypto.h"
#include "policy/duties_int.h"

/* Each language's texts in the order of the file, each with a NUL behind it: what people read; then
 * what the rules come to, so that words which stay the same do not hide that their purposes changed. */
static void hash_texts(struct reader *r)
{
    struct kept_policy *p = r->policy;
    p->text_hashes = kept_arena_alloc(&p->arena, p->info.languages, sizeof *p->text_hashes);
    for (size_t l = 0; p->text_hashes != NULL && l < p->info.languages; l++) {
        struct kept_buf all;
        kept_buf_init(&all, 4 * (size_t)KEPT_MAX_POLICY_BYTES);
        for (size_t i = 0; i < r->tree.count; i++)
            if (r->tree.nodes[i].language == l + 1)
                kept_buf_bytes(&all, r->tree.nodes[i].text, strlen(r->tree.nodes[i].text) + 1);
        kept_policy_sense(p, &all);
        kept_sha256(kept_buf_span(&all), p->text_hashes[l]);
        r->nomem = r->nomem || all.failed != 0;
        kept_buf_release(&all);
    }
}

static int read_model(struct reader *r, struct kept_span text)
{
    int rc = kept_tree_read(r, text);
    if (rc != 0)
        return rc;
    const struct node *root = &r->tree.nodes[r->tree.root];
    kept_read_head(r, root);
    if (r->stop)
        return KEPT_E_POLICY;
    if ((rc = kept_choose_profiles(r, root)) != 0)
        return rc;
    kept_read_origins(r, root);
    kept_read_sections(r, root);
    kept_declare(r, root);
    if (r->policy->arena.nomem)
        return KEPT_E_NOMEM;
    kept_read_rules(r, root);
    kept_read_parties(r, root);
    kept_read_rights(r, root);
    kept_read_duties(r, root);
    kept_read_tellings(r, root);
    kept_read_cookies(r, root);
    kept_read_logs(r, root);
    kept_fill_in(r, root);
    if (r->policy->arena.nomem)
        return KEPT_E_NOMEM;
    kept_check_references(r);
    if (r->policy->arena.nomem || (rc = kept_compile(r->policy)) != 0)
        return KEPT_E_NOMEM;
    kept_policy_check(r);
    kept_check_partitions(r);
    kept_check_together(r);
    kept_check_duties(r);
    kept_check_logs(r);
    kept_check_floors(r);
    kept_check_texts(r, root);
    kept_check_words(r, root);
    kept_check_numbers(r, root);
    kept_check_published(r);
    hash_texts(r);
    if (r->nomem || r->policy->arena.nomem)
        return KEPT_E_NOMEM;
    return r->findings->errors != 0 ? KEPT_E_POLICY : 0;
}

static int say(const struct kept_findings *findings, int rc, struct kept_err *err)
{
    if (rc == KEPT_E_NOMEM)
        return kept_fail(err, rc, "no memory to read the policy");
    for (size_t i = 0; i < findings->count; i++) /* no test: an error without a finding is KEPT_E_BUG */
        if (findings->rows[i].severity == KEPT_ERROR)
            return kept_fail(err, rc, "the policy has %zu mistake%s; the first: %d:%d: %s: %.120s",
                             findings->errors, findings->errors == 1 ? "" : "s",
                             findings->rows[i].line, findings->rows[i].column,
                             findings->rows[i].code, findings->rows[i].text);
    return kept_fail(err, rc, "the policy cannot be read"); /* no test: as above */
}

/* In the order of the file, so that a reader mends from top to bottom. Stable, by insertion. */
static void sort(struct kept_findings *findings)
{
    for (size_t i = 1; i < findings->count; i++) {
        struct kept_finding row = findings->rows[i];
        size_t at = i;
        for (; at > 0 && (findings->rows[at - 1].line > row.line ||
                          (findings->rows[at - 1].line == row.line &&
                           findings->rows[at - 1].column > row.column));
             at--)
            findings->rows[at] = findings->rows[at - 1];
        findings->rows[at] = row;
    }
}

static int read_policy(struct kept_span text, bool as_published, struct kept_policy **ret_policy,
                       struct kept_findings *findings, struct kept_err *err)
{
    int rc = KEPT_E_BUG;
    *ret_policy = NULL;
    struct reader r = {.findings = findings, .what = "policy", .manual = "docs/policy-language.md",
                       .head = "kept", .as_published = as_published};
    if ((r.policy = kept_alloc(1, sizeof *r.policy)) == NULL) {
        rc = kept_fail(err, KEPT_E_NOMEM, "no memory to read the policy");
        goto out;
    }
    r.arena = &r.policy->arena;
    kept_sha256(text, r.policy->info.hash);
    if ((rc = read_model(&r, text)) != 0) {
        sort(findings);
        kept_origins_findings(r.policy, findings);
        rc = say(findings, rc, err);
        goto out;
    }
    sort(findings);
    kept_origins_findings(r.policy, findings);
    *ret_policy = r.policy;
    r.policy = NULL;
    rc = 0;
out:
    kept_tree_release(&r.tree);
    kept_policy_free(r.policy);
    return rc;
}

int kept_policy_read(struct kept_span text, struct kept_policy **ret_policy,
                     struct kept_findings *findings, struct kept_err *err)
{
    return read_policy(text, false, ret_policy, findings, err);
}

int kept_policy_examine(struct kept_span text, struct kept_findings *findings, struct kept_err *err)
{
    struct kept_policy *policy = NULL;
    int rc = read_policy(text, true, &policy, findings, err);
    kept_policy_free(policy);
    return rc == KEPT_E_POLICY ? 0 : rc;
}

void kept_policy_free(struct kept_policy *policy)
{
    if (policy == NULL)
        return;
    kept_arena_release(&policy->arena);
    kept_free(policy);
}

void kept_policy_takes_effect(struct kept_policy *policy, kept_ms effective)
{
    policy->info.effective = effective;
}

const struct kept_policy_info *kept_policy_info(const struct kept_policy *policy)
{
    return &policy->info;
}

const char *kept_policy_language(const struct kept_policy *policy, size_t index)
{
    return index < policy->info.languages ? policy->languages[index] : NULL;
}

bool kept_policy_text_hash(const struct kept_policy *policy, const char *language,
                           uint8_t ret_hash[32])
{
    for (size_t i = 0; language != NULL && i < policy->info.languages; i++)
        if (strcmp(policy->languages[i], language) == 0) {
            memcpy(ret_hash, policy->text_hashes[i], 32);
            return true;
        }
    return false;
}

const struct kept_item *kept_policy_item(const struct kept_policy *policy, size_t index)
{
    return index < policy->info.items ? &policy->items[index].pub : NULL;
}

uint32_t kept_policy_index(const struct kept_policy *policy, enum kept_kind kind, uint32_t ref)
{
    for (size_t at = ref & policy->slot_mask; policy->slots[at].kind != 0;
         at = (at + 1) & policy->slot_mask)
        if (policy->slots[at].ref == ref && policy->slots[at].kind == (uint32_t)kind) /* no test: two kinds of one ref */
            return policy->slots[at].index;
    return KEPT_NO_INDEX;
}

const char *kept_policy_name(const struct kept_policy *policy, enum kept_kind kind, uint32_t index)
{
    const struct kept_policy_info *n = &policy->info;
    switch (kind) {
    case KEPT_K_ITEM: return index < n->items ? policy->items[index].pub.name : NULL;
    case KEPT_K_FUNCTION: return index < n->functions ? policy->functions[index].name : NULL;
    case KEPT_K_PURPOSE: return index < n->purposes ? policy->purposes[index].name : NULL;
    case KEPT_K_PERMISSION: return index < n->permissions ? policy->permissions[index].name : NULL;
    case KEPT_K_RECIPIENT: return index < n->recipients ? policy->recipients[index].name : NULL;
    case KEPT_K_ROLE: return index < n->roles ? policy->roles[index].name : NULL;
    case KEPT_K_PARTITION: return index < n->partitions ? policy->partitions[index].name : NULL;
    case KEPT_K_REGION: return index < policy->region_count ? policy->regions[index].name : NULL;
    case KEPT_K_NONE: break;
    }
    return NULL;
}

bool kept_policy_role_may(const struct kept_policy *policy, uint32_t role, enum kept_op op)
{
    uint32_t index = role == KEPT_NO_INDEX ? policy->app_role : role;
    if (index >= policy->info.roles || (unsigned)op >= KEPT_OP_COUNT)
        return false;
    return (policy->roles[index].operations >> op & 1u) != 0;
}

const char *kept_attestation_word(size_t attestation)
{
    return attestation < KEPT_ATTESTATIONS ? kept_key_row((enum key)(REQUIRES_confidentiality + attestation))->name : "";
}

size_t kept_attestation_named(const char *word)
{
    size_t i = 0;
    while (i < KEPT_ATTESTATIONS && strcmp(kept_attestation_word(i), word) != 0)
        i++;
    return i;
}

bool kept_policy_requires(const struct kept_policy *policy, uint32_t role, size_t attestation, const char **ret_clause,
                          int *ret_line)
{
    if (role >= policy->info.roles || attestation >= KEPT_ATTESTATIONS || policy->roles[role].required[attestation].line == 0)
        return false;
    const struct rule *rule = &policy->roles[role].required[attestation];
    *ret_clause = rule->clause[0] != 0 ? rule->clause : policy->roles[role].rule.clause;
    *ret_line = rule->line;
    return true;
}

struct kept_alarm kept_policy_alarm(const struct kept_policy *policy, uint32_t role)
{
    return role < policy->info.roles ? policy->roles[role].alarm : (struct kept_alarm){.reads = 0, .clause = ""};
}

bool kept_policy_role_sees(const struct kept_policy *policy, uint32_t role, uint32_t item)
{
    uint32_t index = role == KEPT_NO_INDEX ? policy->app_role : role;
    return index < policy->info.roles && item < policy->info.items &&
           kept_bit(&policy->role_sees, index, item);
}

bool kept_policy_role_clear(const struct kept_policy *policy, uint32_t role, uint32_t item)
{
    return role < policy->info.roles && item < policy->info.items && kept_bit(&policy->role_raw, role, item) &&
           kept_policy_role_reaches(policy, role, item);
}

bool kept_policy_derived(const struct kept_policy *policy, uint32_t item)
{
    return item < policy->info.items && strcmp(policy->items[item].source, "derived") == 0;
}

bool kept_policy_may_end(const struct kept_policy *policy, uint32_t item)
{
    if (item >= policy->info.items)
        return false;
    const struct list *functions = &policy->item_functions[item];
    bool ends = policy->items[item].pub.retain > 0 || policy->items[item].pub.then == KEPT_DISPOSE_ARCHIVE;
    for (size_t i = 0; i < functions->n && !ends; i++)
        ends = policy->functions[functions->v[i]].effect == KEPT_WITHDRAW_DELETE;
    return ends;
}

bool kept_policy_gives(const struct kept_policy *policy, uint32_t recipient, uint32_t item)
{
    return recipient < policy->info.recipients && item < policy->info.items &&
           kept_bit(&policy->recipient_gives, recipient, item);
}

bool kept_policy_touches(const struct kept_policy *policy, enum kept_kind scope_kind, uint32_t scope,
                         uint32_t item)
{
    const struct kept_policy_info *n = &policy->info;
    if (item >= n->items)
        return false;
    switch (scope_kind) {
    case KEPT_K_NONE: return true;
    case KEPT_K_ITEM: return scope == item;
    case KEPT_K_FUNCTION:
        return scope < n->functions && kept_bit(&policy->function_items, scope, item);
    case KEPT_K_PURPOSE: return scope < n->purposes && kept_bit(&policy->item_purposes, item, scope);
    case KEPT_K_RECIPIENT:
        return scope < n->recipients && kept_bit(&policy->recipient_items, scope, item);
    case KEPT_K_PERMISSION:
    case KEPT_K_ROLE:
    case KEPT_K_PARTITION:
    case KEPT_K_REGION: break;
    }
    return false;
}

/* ---- ages ------------------------------------------------------------------------------------ */

const struct band_rule *kept_band_of(const struct kept_policy *policy, int32_t birth_day, kept_ms now)
{
    return kept_band_on(policy, birth_day, kept_zone_day(&policy->info.zone, now));
}

const struct band_rule *kept_band_at(const struct kept_policy *policy, int years)
{
    for (size_t i = 0; i < policy->band_count; i++)
        if (years < policy->bands[i].below) /* they follow each other without a gap: AGE_BANDS */
            return &policy->bands[i];
    return NULL;
}

const struct band_rule *kept_band_on(const struct kept_policy *policy, int32_t birth_day, int32_t today)
{
    if (birth_day == KEPT_BIRTH_UNKNOWN || birth_day > today)
        return NULL;
    return kept_band_at(policy, kept_age_years(birth_day, today));
}

const char *kept_policy_age_band(const struct kept_policy *policy, int32_t birth_day, kept_ms now)
{
    const struct band_rule *band = kept_band_of(policy, birth_day, now);
    if (birth_day == KEPT_BIRTH_UNKNOWN ||
        birth_day > kept_zone_day(&policy->info.zone, now))
        return "unknown";
    return band != NULL ? kept_key_word(BAND_mode, (size_t)band->mode - BAND_BLOCK) : "none";
}

struct kept_guardian_need kept_policy_guardian_need(const struct kept_policy *policy,
                                                    int32_t birth_day, kept_ms now)
{
    const struct band_rule *band = kept_band_of(policy, birth_day, now);
    struct kept_guardian_need need = {.clause = "", .line = 0};
    if (band == NULL || (band->mode != BAND_GUARDIAN && band->mode != BAND_SELF_AND_GUARDIAN))
        return need;
    need.asked = true;
    need.with_self = band->mode == BAND_SELF_AND_GUARDIAN;
    need.written = band->written;
    need.evidence = band->written || policy->guardian.evidence;
    need.clause = band->rule.clause;
    need.line = band->rule.line;
    return need;
}

bool kept_policy_guardian_word(const struct kept_policy *policy, bool relation, const char *word)
{
    const struct guardian_rule *g = &policy->guardian;
    size_t n = relation ? g->relation_count : g->method_count;
    for (size_t i = 0; word != NULL && i < n; i++)
        if (strcmp(relation ? g->relations[i] : g->methods[i], word) == 0)
            return true;
    return false;
}

bool kept_policy_of_age(const struct kept_policy *policy, int32_t birth_day, kept_ms now)
{
    const struct band_rule *band = kept_band_of(policy, birth_day, now);
    return band != NULL ? band->mode == BAND_SELF : !policy->age_gated || policy->age.line == 0;
}

const char *kept_policy_age_rule(const struct kept_policy *policy, int *ret_line)
{
    *ret_line = policy->age.line;
    return policy->age.line != 0 ? policy->age.clause : "";
}

/* Who was born on 29 February has their birthday on 1 March in other years (kept_age_years). */
static bool birthday(int32_t birth_day, int years, int32_t *ret_day)
{
    char text[40];
    int year = 0, month = 0, day = 0;
    kept_date_split(birth_day, &year, &month, &day);
    int n = snprintf(text, sizeof text, "%04d-%02d-%02d", year + years, month, day);
    if (kept_date_parse(text, (size_t)n, ret_day) == 0)
        return true;
    n = snprintf(text, sizeof text, "%04d-03-01", year + years);
    return kept_date_parse(text, (size_t)n, ret_day) == 0;
}

bool kept_policy_ages_out(const struct kept_policy *policy, int32_t birth_day, kept_ms now, int32_t *ret_day)
{
    const struct band_rule *band = kept_band_of(policy, birth_day, now);
    const struct band_rule *end = policy->bands + policy->band_count;
    if (band == NULL || band->mode == BAND_SELF)
        return false;
    while (band < end && band->mode != BAND_SELF)
        band++;
    return band < end && birthday(birth_day, band->from, ret_day);
}

static bool is_minor(const struct kept_policy *policy, int32_t birth_day, kept_ms now)
{
    const bool known = birth_day != KEPT_BIRTH_UNKNOWN && birth_day <= kept_zone_day(&policy->info.zone, now);
    return known ? !kept_policy_of_age(policy, birth_day, now) : !kept_unknown_age_passes(policy);
}

static bool needs_approval(const struct kept_policy *policy, const struct approval_rule *approval, const struct rule *beside,
                           int32_t birth_day, kept_ms now, const char **ret_clause, int *ret_line)
{
    if (approval->rule.line == 0 || (approval->minors && !is_minor(policy, birth_day, now)))
        return false;
    *ret_clause = approval->rule.clause[0] != 0 ? approval->rule.clause : beside->clause;
    *ret_line = approval->rule.line;
    return true;
}

bool kept_policy_role_approval(const struct kept_policy *policy, uint32_t role, int32_t birth_day, kept_ms now,
                               const char **ret_clause, int *ret_line)
{
    const struct role_rule *of = role < policy->info.roles ? &policy->roles[role] : NULL;
    return of != NULL && needs_approval(policy, &of->approval, &of->rule, birth_day, now, ret_clause, ret_line);
}

bool kept_policy_exemption_approval(const struct kept_policy *policy, const char *code, int32_t birth_day, kept_ms now,
                                    const char **ret_clause, int *ret_line)
{
    for (size_t i = 0; i < policy->exemption_count; i++) {
        const struct exemption_rule *of = &policy->exemptions[i];
        if (strcmp(of->code, code) == 0)
            return needs_approval(policy, &of->approval, &of->rule, birth_day, now, ret_clause, ret_line);
    }
    return false;
}

/* ---- rules ----------------------------------------------------------------------------------- */

enum kept_withdrawal kept_policy_withdrawal(const struct kept_policy *policy, uint32_t function)
{
    return function < policy->info.functions ? policy->functions[function].effect
                                             : policy->info.withdrawal;
}

const char *kept_policy_costs(const struct kept_policy *policy, uint32_t function, size_t language)
{
    const struct text *text = function < policy->info.functions ? &policy->functions[function].cost
                                                                : &policy->refusal_text;
    return language < policy->info.languages && text->v != NULL ? text->v[language] : NULL;
}

const char *kept_observe_day(const struct function_rule *f, char ret_text[OBSERVE_DAY])
{
    int year = 0, month = 0, day = 0;
    kept_date_split(f->observe_day, &year, &month, &day);
    (void)snprintf(ret_text, OBSERVE_DAY, "%04d-%02d-%02d", year, month, day);
    return ret_text;
}

kept_ms kept_policy_observed_until(const struct kept_policy *policy, uint32_t function)
{
    return function < policy->info.functions ? policy->functions[function].observed_until : 0;
}

bool kept_policy_observed(const struct kept_policy *policy, uint32_t function, enum kept_reason reason, kept_ms now)
{
    static const bool holds[KEPT_R_COUNT] = {
        [KEPT_R_NONE] = true, [KEPT_R_REFUSED] = true, [KEPT_R_WITHDRAWN] = true, [KEPT_R_ERASED] = true,
        [KEPT_R_KEPT_BY_LAW] = true, [KEPT_R_RESTRICTED] = true, [KEPT_R_CEASED] = true, [KEPT_R_ROLE] = true,
        [KEPT_R_PARTITION] = true, [KEPT_R_OPERATION] = true, [KEPT_R_CALLER] = true,
        [KEPT_R_NEED_VERIFICATION] = true, [KEPT_R_ATTESTATION] = true, [KEPT_R_APPROVAL] = true, [KEPT_R_NO_VALUE] = true};
    return now < kept_policy_observed_until(policy, function) && (unsigned)reason < KEPT_R_COUNT && !holds[reason];
}

bool kept_policy_each_launch(const struct kept_policy *policy, uint32_t function)
{
    return function < policy->info.functions && policy->functions[function].each_launch;
}

static const char *rule_of(const struct rule *rule, int *ret_line)
{
    *ret_line = rule->line;
    return rule->clause;
}

const char *kept_policy_role_rule(const struct kept_policy *policy, uint32_t role, int *ret_line)
{
    static const struct rule none = {.clause = "", .line = 0};
    uint32_t index = role == KEPT_NO_INDEX ? policy->app_role : role;
    return rule_of(index < policy->info.roles ? &policy->roles[index].rule : &none, ret_line);
}

const char *kept_policy_undeclared_rule(const struct kept_policy *policy, int *ret_line)
{
    return rule_of(&policy->undeclared, ret_line);
}

uint32_t kept_policy_missing(const struct kept_policy *policy, uint32_t function,
                             const uint64_t *present)
{
    if (function >= policy->info.functions)
        return KEPT_NO_INDEX;
    const struct bits *mandatory = &policy->function_mandatory;
    for (size_t w = 0; w < mandatory->row; w++) {
        uint64_t absent = mandatory->words[function * mandatory->row + w] & ~present[w];
        if (absent != 0)
            return (uint32_t)(w * 64 + (size_t)__builtin_ctzll(absent));
    }
    return KEPT_NO_INDEX;
}

bool kept_policy_once_per_launch(const struct kept_policy *policy, uint32_t function)
{
    return function < policy->info.functions && policy->functions[function].once_per_launch;
}
