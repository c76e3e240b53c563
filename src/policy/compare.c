/* compare.c - one version and another: what a consent given there covers here, whether a later version
 * takes more, and the sense of a version as bytes, which a consent's hash binds. */
#include <string.h>

#include "policy/policy_int.h"

/* ---- what is within what ----------------------------------------------------------------------- */

static uint32_t ref_of(const struct kept_policy *p, enum kept_kind kind, size_t index)
{
    return kind == KEPT_K_ITEM      ? p->items[index].pub.ref
           : kind == KEPT_K_PURPOSE ? p->purposes[index].ref
                                    : p->permissions[index].ref;
}

/* Two rows of bits over things of one kind, one in each version: is the later within the earlier? */
struct pair {
    const struct kept_policy *now, *then;
};
static bool bits_within(const struct pair *v, enum kept_kind kind, size_t count,
                        const struct bits *now, size_t now_row, const struct bits *then,
                        size_t then_row)
{
    for (size_t i = 0; i < count; i++) {
        if (!kept_bit(now, now_row, i))
            continue;
        uint32_t at = kept_policy_index(v->then, kind, ref_of(v->now, kind, i));
        if (at == KEPT_NO_INDEX || !kept_bit(then, then_row, at))
            return false;
    }
    return true;
}

static bool list_within(const struct pair *v, enum kept_kind kind, const struct list *now,
                        const struct list *then)
{
    for (size_t i = 0; i < now->n; i++) {
        uint32_t at = kept_policy_index(v->then, kind, ref_of(v->now, kind, now->v[i]));
        bool found = false;
        for (size_t k = 0; k < then->n; k++)
            found = found || then->v[k] == at;
        if (!found)
            return false;
    }
    return true;
}

static bool refs_within(const struct list *now, const struct list *then)
{
    for (size_t i = 0; i < now->n; i++) {
        bool found = false;
        for (size_t k = 0; k < then->n; k++)
            found = found || then->v[k] == now->v[i];
        if (!found)
            return false;
    }
    return true;
}

/* ---- scopes ------------------------------------------------------------------------------------ */

/* The value itself: kept no longer, in no more telling form. */
static bool item_within(const struct kept_item *now, const struct kept_item *then)
{
    bool held = now->place != KEPT_PLACE_DEVICE && now->place != KEPT_PLACE_TRANSIENT;
    bool longer = held && then->retain != 0 && (now->retain == 0 || now->retain > then->retain);
    bool stored = held && now->place != then->place;
    bool archived = now->archive > then->archive || now->at_least > then->at_least;
    return !longer && !stored && !archived && (now->hashed || !then->hashed);
}

static bool item_covered(const struct pair *v, size_t index)
{
    const struct kept_item *now = &v->now->items[index].pub;
    uint32_t at = kept_policy_index(v->then, KEPT_K_ITEM, now->ref);
    return at != KEPT_NO_INDEX && item_within(now, &v->then->items[at].pub) &&
           bits_within(v, KEPT_K_PURPOSE, v->now->info.purposes, &v->now->item_purposes, index,
                       &v->then->item_purposes, at);
}

static bool purpose_covered(const struct pair *v, size_t index)
{
    const struct purpose_rule *now = &v->now->purposes[index];
    uint32_t at = kept_policy_index(v->then, KEPT_K_PURPOSE, now->ref);
    return at != KEPT_NO_INDEX && (!now->law || v->then->purposes[at].law) &&
           list_within(v, KEPT_K_PURPOSE, &now->related, &v->then->purposes[at].related);
}

static bool no_freer(const struct function_rule *now, const struct function_rule *then)
{
    return now->effect >= then->effect && now->in_use >= then->in_use &&
           now->user_action >= then->user_action && now->once_per_launch >= then->once_per_launch &&
           now->needs_case >= then->needs_case && now->each_launch >= then->each_launch;
}

static bool function_covered(const struct pair *v, size_t index)
{
    const struct function_rule *now = &v->now->functions[index];
    uint32_t at = kept_policy_index(v->then, KEPT_K_FUNCTION, now->ref);
    if (at == KEPT_NO_INDEX || !no_freer(now, &v->then->functions[at]) ||
        !list_within(v, KEPT_K_PERMISSION, &now->permissions, &v->then->functions[at].permissions))
        return false;
    for (size_t i = 0; i < v->now->info.items; i++) {
        const struct kept_item *item = &v->now->items[i].pub;
        uint32_t old = kept_policy_index(v->then, KEPT_K_ITEM, item->ref);
        if (kept_bit(&v->now->function_items, index, i) &&
            (old == KEPT_NO_INDEX || !kept_bit(&v->then->function_items, at, old) ||
             !item_within(item, &v->then->items[old].pub)))
            return false;
    }
    return bits_within(v, KEPT_K_PURPOSE, v->now->info.purposes, &v->now->function_purposes, index,
                       &v->then->function_purposes, at);
}

static int onward_rank(const char *word)
{
    return strcmp(word, "never") == 0 ? 0 : strcmp(word, "aggregate") == 0 ? 1 : 2;
}

/* What it gets as it is now, it got as it is then; each item of it was given then, which bits_within found. */
static bool no_barer(const struct pair *v, size_t now_row, size_t then_row)
{
    for (size_t i = 0; i < v->now->info.items; i++) {
        uint32_t old = kept_policy_index(v->then, KEPT_K_ITEM, v->now->items[i].pub.ref);
        if (kept_bit(&v->now->recipient_items, now_row, i) &&
            !kept_bit(&v->now->recipient_masked, now_row, i) && kept_bit(&v->then->recipient_masked, then_row, old))
            return false;
    }
    return true;
}

static bool recipient_covered(const struct pair *v, size_t index)
{
    const struct recipient_rule *now = &v->now->recipients[index];
    uint32_t at = kept_policy_index(v->then, KEPT_K_RECIPIENT, now->ref);
    if (at == KEPT_NO_INDEX)
        return false;
    const struct recipient_rule *then = &v->then->recipients[at];
    size_t items = v->now->info.items;
    return now->role == then->role && now->region == then->region &&
           now->aggregate_only >= then->aggregate_only && now->self_start <= then->self_start &&
           onward_rank(now->onward) <= onward_rank(then->onward) &&
           list_within(v, KEPT_K_PERMISSION, &now->permissions, &then->permissions) &&
           bits_within(v, KEPT_K_ITEM, items, &v->now->recipient_items, index,
                       &v->then->recipient_items, at) &&
           bits_within(v, KEPT_K_ITEM, items, &v->now->recipient_gives, index,
                       &v->then->recipient_gives, at) &&
           bits_within(v, KEPT_K_PURPOSE, v->now->info.purposes, &v->now->recipient_purposes, index,
                       &v->then->recipient_purposes, at) &&
           no_barer(v, index, at);
}

/* ---- all of it ---------------------------------------------------------------------------------- */

/* Scopes that do more than before, or are new; the first one's name, or NULL. */
static const char *wider_scope(const struct pair *v)
{
    const struct kept_policy_info *n = &v->now->info;
    for (size_t i = 0; i < n->purposes; i++)
        if (!purpose_covered(v, i))
            return v->now->purposes[i].name;
    for (size_t i = 0; i < n->items; i++)
        if (!item_covered(v, i))
            return v->now->items[i].pub.name;
    for (size_t i = 0; i < n->functions; i++)
        if (!function_covered(v, i))
            return v->now->functions[i].name;
    for (size_t i = 0; i < n->recipients; i++)
        if (!recipient_covered(v, i))
            return v->now->recipients[i].name;
    return NULL;
}

static bool asks_less(const struct item_rule *now, const struct item_rule *then)
{
    bool apart = now->pub.sensitive || now->separate_consent;
    return (then->pub.sensitive && !now->pub.sensitive) || (then->separate_consent && !apart);
}

/* Scopes for which less is asked than before. All are known to both. */
static const char *asked_less(const struct pair *v)
{
    const struct kept_policy *now = v->now, *then = v->then;
    for (size_t i = 0; i < now->info.functions; i++) {
        const struct function_rule *f = &now->functions[i];
        const struct function_rule *old =
            &then->functions[kept_policy_index(then, KEPT_K_FUNCTION, f->ref)];
        if (f->consent < old->consent ||
            (f->basis == BASIS_LEGAL_OBLIGATION && old->basis != BASIS_LEGAL_OBLIGATION))
            return f->name;
    }
    for (size_t i = 0; i < now->info.purposes; i++)
        if (now->purposes[i].consent <
            then->purposes[kept_policy_index(then, KEPT_K_PURPOSE, now->purposes[i].ref)].consent)
            return now->purposes[i].name;
    for (size_t i = 0; i < now->info.recipients; i++)
        if (now->recipients[i].consent <
            then->recipients[kept_policy_index(then, KEPT_K_RECIPIENT, now->recipients[i].ref)]
                .consent)
            return now->recipients[i].name;
    for (size_t i = 0; i < now->info.items; i++)
        if (asks_less(&now->items[i],
                      &then->items[kept_policy_index(then, KEPT_K_ITEM, now->items[i].pub.ref)]))
            return now->items[i].pub.name;
    return NULL;
}

static enum band_mode mode_at(const struct kept_policy *p, int years)
{
    const struct band_rule *band = kept_band_at(p, years);
    return band != NULL ? band->mode : BAND_SELF;
}

static bool ages_freer(const struct kept_policy *now, const struct kept_policy *then)
{
    for (int years = 0; years < 150; years++) {
        enum band_mode mode = mode_at(now, years), old = mode_at(then, years);
        if (mode != old && mode != BAND_BLOCK && old != BAND_SELF)
            return true;
    }
    for (uint32_t i = 0; i < now->info.purposes; i++)
        if (kept_advertised_from(now, i) < kept_advertised_from(then, kept_policy_index(then, KEPT_K_PURPOSE, now->purposes[i].ref)))
            return true;
    return then->age_gated && kept_unknown_age_passes(now) && !kept_unknown_age_passes(then);
}

static bool same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* Who answers, and how they are reached. */
static bool same_controller(const struct kept_policy *now, const struct kept_policy *then)
{
    const char *name = now->controller.v[0];
    const char *old = then->controller.v[0];
    return same_text(name, old) && same_text(now->contact, then->contact) &&
           same_text(now->officer, then->officer);
}

static const struct exemption_rule *exemption_of(const struct kept_policy *p, const char *code)
{
    for (size_t i = 0; i < p->exemption_count; i++)
        if (strcmp(p->exemptions[i].code, code) == 0)
            return &p->exemptions[i];
    return NULL;
}

static const char *exempts_more(const struct pair *v)
{
    for (size_t i = 0; i < v->now->exemption_count; i++) {
        const struct exemption_rule *e = &v->now->exemptions[i];
        const struct exemption_rule *old = exemption_of(v->then, e->code);
        if (old == NULL || (e->uses & ~old->uses) != 0 || e->spares_notice > old->spares_notice ||
            e->spares_age > old->spares_age || e->deidentified < old->deidentified)
            return e->code;
    }
    return NULL;
}

/* What no scope says: effects, places, ages, times, who answers. */
static const char *looser_rule(const struct pair *v)
{
    const struct kept_policy *now = v->now, *then = v->then;
    if (now->info.withdrawal < then->info.withdrawal)
        return "withdrawal";
    if (now->info.implied_by_use > then->info.implied_by_use || now->ask_again < then->ask_again ||
        now->shown_first < then->shown_first)
        return "consent";
    if (!refs_within(&now->stored_in, &then->stored_in) || now->export > then->export)
        return "regions";
    if (ages_freer(now, then))
        return "age";
    if (now->info.rotation + now->info.window > then->info.rotation + then->info.window)
        return "backup_window";
    if (now->info.evidence > then->info.evidence)
        return "evidence";
    return same_controller(now, then) ? NULL : "controller";
}

bool kept_policy_takes_more(const struct kept_policy *later, const struct kept_policy *earlier,
                            const char **ret_what)
{
    const struct pair v = {later, earlier};
    const char *what = wider_scope(&v);
    if (what == NULL)
        what = asked_less(&v);
    if (what == NULL)
        what = exempts_more(&v);
    if (what == NULL)
        what = looser_rule(&v);
    *ret_what = what;
    return what != NULL;
}

/* ---- consents to former versions ----------------------------------------------------------------- */

static uint64_t *bits_of(struct kept_policy *p, const struct pair *v, size_t count,
                         bool (*covered)(const struct pair *v, size_t index))
{
    uint64_t *words = kept_arena_alloc(&p->arena, count / 64 + 1, sizeof *words);
    for (size_t i = 0; words != NULL && i < count; i++)
        if (covered(v, i))
            words[i / 64] |= 1ull << (i % 64);
    return words;
}

/* For which purposes is an item declared that it was not declared for then? */
static struct bits added_of(struct kept_policy *p, const struct pair *v)
{
    const struct kept_policy_info *n = &p->info;
    struct bits added = {.row = n->purposes / 64 + 1};
    added.words = kept_arena_alloc(&p->arena, n->items * added.row + 1, sizeof *added.words);
    for (size_t i = 0; added.words != NULL && i < n->items; i++) {
        uint32_t item = kept_policy_index(v->then, KEPT_K_ITEM, p->items[i].pub.ref);
        for (size_t k = 0; k < n->purposes; k++) {
            uint32_t why = kept_policy_index(v->then, KEPT_K_PURPOSE, p->purposes[k].ref);
            if (kept_bit(&p->item_purposes, i, k) &&
                (item == KEPT_NO_INDEX || why == KEPT_NO_INDEX ||
                 !kept_bit(&v->then->item_purposes, item, why)))
                added.words[i * added.row + k / 64] |= 1ull << (k % 64);
        }
    }
    return added;
}

int kept_policy_relate(struct kept_policy *policy, const struct kept_policy *former)
{
    const struct pair v = {policy, former};
    const struct kept_policy_info *n = &policy->info;
    const char *what = NULL;
    struct former *all =
        kept_arena_alloc(&policy->arena, policy->former_count + 1, sizeof *all);
    struct former one = {.version = former->info.version,
                         .whole = !kept_policy_takes_more(policy, former, &what),
                         .functions = bits_of(policy, &v, n->functions, function_covered),
                         .items = bits_of(policy, &v, n->items, item_covered),
                         .purposes = bits_of(policy, &v, n->purposes, purpose_covered),
                         .recipients = bits_of(policy, &v, n->recipients, recipient_covered),
                         .added = added_of(policy, &v)};
    if (policy->arena.nomem)
        return KEPT_E_NOMEM;
    if (policy->former_count > 0)
        memcpy(all, policy->formers, policy->former_count * sizeof *all);
    all[policy->former_count] = one;
    policy->formers = all;
    policy->former_count++;
    return 0;
}

static const struct former *former_of(const struct kept_policy *policy, uint32_t version)
{
    const struct former *f = NULL;
    for (size_t i = 0; i < policy->former_count; i++)
        if (policy->formers[i].version == version)
            f = &policy->formers[i];
    return f;
}

bool kept_covered(const struct kept_policy *policy, const struct kept_consent_row *row)
{
    const struct former *f = former_of(policy, row->policy_version);
    if (f == NULL || row->scope_kind == KEPT_K_NONE)
        return f != NULL && f->whole;
    const uint64_t *words = row->scope_kind == KEPT_K_FUNCTION    ? f->functions
                            : row->scope_kind == KEPT_K_ITEM      ? f->items
                            : row->scope_kind == KEPT_K_PURPOSE   ? f->purposes
                            : row->scope_kind == KEPT_K_RECIPIENT ? f->recipients
                                                                  : NULL;
    uint32_t at = words == NULL ? KEPT_NO_INDEX
                                : kept_policy_index(policy, (enum kept_kind)row->scope_kind,
                                                    row->scope);
    return at != KEPT_NO_INDEX && (words[at / 64] >> (at % 64) & 1u) != 0;
}

/* Did that version declare the item for the purpose? */
static bool declared_then(const struct kept_policy *policy, uint32_t version, uint32_t item, uint32_t purpose)
{
    const struct former *f = former_of(policy, version);
    return version == policy->info.version || (f != NULL && !kept_bit(&f->added, item, purpose));
}

/* Has somebody agreed to this purpose, under a version that has it? */
static bool agreed_since(const struct kept_policy *policy, const struct kept_context *context,
                         const struct kept_question *q)
{
    for (size_t i = 0; i < context->consent_count; i++) {
        const struct kept_consent_row *row = &context->consents[i];
        uint32_t at = kept_policy_index(policy, (enum kept_kind)row->scope_kind, row->scope);
        bool of_it = (row->scope_kind == KEPT_K_PURPOSE && at == q->purpose) ||
                     (row->scope_kind == KEPT_K_ITEM && at == q->item) ||
                     (row->scope_kind == KEPT_K_FUNCTION && at != KEPT_NO_INDEX &&
                      kept_bit(&policy->function_items, at, q->item) &&
                      kept_bit(&policy->function_purposes, at, q->purpose)) ||
                     (row->scope_kind == KEPT_K_RECIPIENT && at != KEPT_NO_INDEX && at == q->recipient);
        if (of_it && row->state == KEPT_CS_GRANTED && row->kind >= KEPT_C_EXPLICIT &&
            (row->expires == 0 || q->now < row->expires) &&
            declared_then(policy, row->policy_version, q->item, q->purpose))
            return true;
    }
    return false;
}

bool kept_policy_reaches_back(const struct kept_policy *policy, const struct kept_context *context,
                              const struct kept_question *q, uint32_t collected_under,
                              struct kept_verdict *ret_verdict)
{
    if (collected_under == policy->info.version || q->item >= policy->info.items ||
        q->purpose >= policy->info.purposes || policy->purposes[q->purpose].law ||
        (q->exemption != NULL && q->justified) ||
        declared_then(policy, collected_under, q->item, q->purpose) || agreed_since(policy, context, q))
        return false;
    const struct rule *rule = policy->changes.line != 0 ? &policy->changes : &policy->items[q->item].rule;
    *ret_verdict = (struct kept_verdict){KEPT_DENY, KEPT_R_NEEDS_CONSENT, rule->clause, rule->line};
    return true;
}

bool kept_policy_takes_more_than(const struct kept_policy *policy, uint32_t former)
{
    for (size_t i = 0; i < policy->former_count; i++)
        if (policy->formers[i].version == former)
            return !policy->formers[i].whole;
    return true;
}

bool kept_policy_continued_use(const struct kept_policy *policy, const char **ret_clause,
                               int *ret_line)
{
    *ret_clause = policy->changes.clause;
    *ret_line = policy->changes.line;
    return policy->continued_use;
}

bool kept_policy_shown_first(const struct kept_policy *policy)
{
    return policy->shown_first;
}

/* ---- the sense ------------------------------------------------------------------------------------ */

static void put_names(const struct kept_policy *p, enum kept_kind kind, const struct list *list,
                      struct kept_buf *out)
{
    kept_buf_varint(out, list->n);
    for (size_t i = 0; i < list->n; i++)
        kept_buf_u32(out, ref_of(p, kind, list->v[i]));
}

static void put_function(const struct kept_policy *p, const struct function_rule *f,
                         struct kept_buf *out)
{
    const uint8_t rules[] = {KEPT_K_FUNCTION, (uint8_t)f->consent, (uint8_t)f->basis,
                             (uint8_t)f->effect, f->in_use, f->user_action, f->once_per_launch,
                             f->needs_case, f->each_launch};
    kept_buf_bytes(out, rules, sizeof rules);
    kept_buf_u32(out, f->ref);
    put_names(p, KEPT_K_PURPOSE, &f->purposes, out);
    put_names(p, KEPT_K_ITEM, &f->mandatory, out);
    put_names(p, KEPT_K_ITEM, &f->optional, out);
    put_names(p, KEPT_K_PERMISSION, &f->permissions, out);
}

static void put_recipient(const struct kept_policy *p, const struct recipient_rule *to,
                          struct kept_buf *out)
{
    const uint8_t rules[] = {KEPT_K_RECIPIENT, (uint8_t)to->role, (uint8_t)to->consent,
                             to->aggregate_only, to->masked_all, (uint8_t)to->self_start,
                             (uint8_t)onward_rank(to->onward)};
    kept_buf_bytes(out, rules, sizeof rules);
    kept_buf_u32(out, to->ref);
    kept_buf_u32(out, to->region);
    put_names(p, KEPT_K_ITEM, &to->items, out);
    put_names(p, KEPT_K_ITEM, &to->gives, out);
    put_names(p, KEPT_K_ITEM, &to->masked, out);
    put_names(p, KEPT_K_PURPOSE, &to->purposes, out);
    put_names(p, KEPT_K_PERMISSION, &to->permissions, out);
}

void kept_policy_sense(const struct kept_policy *p, struct kept_buf *out)
{
    for (size_t i = 0; i < p->info.purposes; i++) {
        kept_buf_u8(out, KEPT_K_PURPOSE);
        kept_buf_u32(out, p->purposes[i].ref);
        put_names(p, KEPT_K_PURPOSE, &p->purposes[i].related, out);
    }
    for (size_t i = 0; i < p->info.items; i++) {
        const struct kept_item *item = &p->items[i].pub;
        const uint8_t rules[] = {KEPT_K_ITEM, (uint8_t)item->place, (uint8_t)item->class,
                                 item->sensitive, item->hashed, item->many};
        kept_buf_bytes(out, rules, sizeof rules);
        kept_buf_u32(out, item->ref);
        kept_buf_u64(out, (uint64_t)item->retain);
        if (item->archive != 0) /* only then: hashes that stand in consents stay as they are */
            kept_buf_u64(out, (uint64_t)item->archive);
        put_names(p, KEPT_K_PURPOSE, &p->items[i].purposes, out);
    }
    for (size_t i = 0; i < p->info.functions; i++)
        put_function(p, &p->functions[i], out);
    for (size_t i = 0; i < p->info.recipients; i++)
        put_recipient(p, &p->recipients[i], out);
}
