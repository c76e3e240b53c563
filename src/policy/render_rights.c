/* render_rights.c - what people may ask of us and what holds for it; accounts, and how people leave. */
#include "policy/render_int.h"
#include "policy/show_int.h"

/* ---- requests ---------------------------------------------------------------------------------- */

/* What is the same for all requests is said once, above the table; what differs has a column. */
enum aspect { HOW = 0, WHO, DUE, COST, ASPECTS };

static bool same_length(const struct kept_length *a, const struct kept_length *b)
{
    return a->n == b->n && (a->n == 0 || a->unit == b->unit);
}

static bool same(const struct right_rule *a, const struct right_rule *b, enum aspect aspect)
{
    const struct kept_deadline *x = &a->pub.deadline, *y = &b->pub.deadline;
    if (aspect == HOW)
        return a->pub.channels == b->pub.channels;
    if (aspect == WHO)
        return a->pub.identity == b->pub.identity;
    if (aspect == DUE)
        return same_length(&x->within, &y->within) && x->from == y->from && x->moves == y->moves &&
               same_length(&a->pub.extension, &b->pub.extension);
    return a->fee.said == b->fee.said && a->fee.free == b->fee.free && a->fee.window == b->fee.window;
}

const struct right_rule *kept_first_right(const struct kept_policy *p)
{
    for (unsigned i = 0; i < KEPT_ASK_COUNT; i++)
        if (p->duties.asked[i].pub.said)
            return &p->duties.asked[i];
    return NULL;
}

/* Bits of aspects that differ between requests. */
static unsigned differing(const struct kept_policy *p)
{
    const struct right_rule *first = kept_first_right(p);
    unsigned bits = 0;
    for (unsigned i = 0; i < KEPT_ASK_COUNT; i++)
        for (unsigned k = 0; p->duties.asked[i].pub.said && k < ASPECTS; k++)
            bits |= same(first, &p->duties.asked[i], (enum aspect)k) ? 0 : 1u << k;
    return bits;
}

static const char *due(struct render *r, const struct right_rule *right, enum saying id)
{
    return kept_saying(r, id, KEPT_WITH({"due", kept_due_of(r, &right->pub.deadline)},
                                        {"more", kept_length_of(r, &right->pub.extension)}));
}

static const char *cost(struct render *r, const struct right_rule *right, bool all)
{
    if (!right->fee.said)
        return "";
    if (right->fee.free == 0)
        return kept_plain(r, all ? SAY_Q_FREE_ALL : SAY_Q_FREE);
    return kept_saying(r, all ? SAY_Q_COST_ALL : SAY_Q_COST,
                       KEPT_WITH({"n", kept_number_text(r, right->fee.free)},
                                 {"time", kept_time_of(r, right->fee.window)}));
}

static const char *who(struct render *r, const struct right_rule *right, bool all)
{
    const char *identity = kept_group(r, "identity", kept_show_identity(right->pub.identity));
    if (all && right->pub.identity == KEPT_IDENTITY_NONE)
        return kept_plain(r, SAY_Q_WHO_NONE);
    return kept_saying(r, all ? SAY_Q_WHO_ALL : SAY_Q_WHO, KEPT_WITH({"identity", identity}));
}

static const char *how(struct render *r, const struct right_rule *right, bool all)
{
    return kept_saying(r, all ? SAY_Q_HOW_ALL : SAY_Q_HOW,
                       KEPT_WITH({"channels", kept_channels_of(r, right->pub.channels)}));
}

static const char *aspect_of(struct render *r, const struct right_rule *right, enum aspect aspect,
                             bool all)
{
    return aspect == HOW   ? how(r, right, all)
           : aspect == WHO ? who(r, right, all)
           : aspect == DUE ? due(r, right, all ? SAY_Q_DUE_ALL : SAY_Q_DUE)
                           : cost(r, right, all);
}

static const char *request_word(struct render *r, unsigned asked)
{
    return kept_group(r, "request", kept_asked_word((enum kept_asked)asked));
}

static void where(struct render *r)
{
    const struct kept_policy *p = r->p;
    struct kept_mark mark = kept_mark("controller", "contact", p->controller_rule.clause);
    uint32_t channels = 0;
    for (unsigned i = 0; i < KEPT_ASK_COUNT; i++)
        channels |= p->duties.asked[i].pub.said ? p->duties.asked[i].pub.channels : 0;
    bool calls = (channels >> KEPT_CH_PHONE & 1u) != 0, letters = (channels >> KEPT_CH_LETTER & 1u) != 0;
    kept_tell(r, &mark, kept_saying(r, SAY_Q_WHERE, KEPT_WITH({"contact", p->contact},
                                                              {"phone", calls ? p->phone : NULL},
                                                              {"address", letters && p->address.v != NULL ? kept_text_of(r, &p->address) : NULL})));
}

static void in_common(struct render *r, unsigned differs)
{
    static const char *const names[] = {"channels", "identity", "deadline", "fee"};
    const struct right_rule *first = kept_first_right(r->p);
    for (unsigned k = 0; k < ASPECTS; k++) {
        const char *clause = k == COST ? first->fee.rule.clause : r->p->duties.rights.clause;
        struct kept_mark mark = kept_mark("rights", names[k], clause);
        if ((differs >> k & 1u) == 0)
            kept_tell(r, &mark, aspect_of(r, first, (enum aspect)k, true));
    }
    where(r);
    kept_page_par_end(&r->page);
}

static void request_row(struct render *r, unsigned asked, unsigned differs)
{
    const struct right_rule *right = &r->p->duties.asked[asked];
    struct kept_mark mark = kept_mark("rights", kept_asked_word((enum kept_asked)asked), right->pub.clause);
    struct kept_mark fee = kept_mark("rights", mark.name, right->fee.rule.clause);
    fee.part = "fee";
    kept_page_row(&r->page);
    kept_cell(r, &mark, kept_saying(r, SAY_Q_NAME, KEPT_WITH({"request", request_word(r, asked)})));
    for (unsigned k = 0; k < ASPECTS; k++)
        if ((differs >> k & 1u) != 0)
            kept_cell(r, k == COST ? &fee : NULL, aspect_of(r, right, (enum aspect)k, false));
    kept_page_row_end(&r->page);
}

static void requests(struct render *r, unsigned differs)
{
    static const enum saying titles[ASPECTS] = {SAY_Q_COL_HOW, SAY_Q_COL_WHO, SAY_Q_COL_DUE, SAY_Q_COL_COST};
    const char *columns[1 + ASPECTS] = {kept_plain(r, SAY_Q_COL_WHAT)};
    size_t n = 1;
    for (unsigned k = 0; k < ASPECTS; k++)
        if ((differs >> k & 1u) != 0)
            columns[n++] = kept_plain(r, titles[k]);
    kept_page_table(&r->page, "requests", kept_plain(r, SAY_Q_CAPTION), columns, n);
    for (unsigned i = 0; i < KEPT_ASK_COUNT; i++)
        if (r->p->duties.asked[i].pub.said)
            request_row(r, i, differs);
    kept_page_table_end(&r->page);
}

static const char *requests_of(struct render *r, uint32_t bits)
{
    return kept_words_of_bits(r, "request", REFUSAL_requests, bits);
}

/* The grounds on which we may, or must, refuse. all: the requests that can be refused at all. */
static void grounds(struct render *r, enum saying title, bool may, uint32_t all)
{
    const struct duties *d = &r->p->duties;
    size_t n = 0;
    for (size_t i = 0; i < d->refusal_count; i++) {
        const struct refusal_rule *ground = &d->refusals[i];
        struct kept_mark mark = kept_mark("refusals", ground->code, ground->rule.clause);
        uint32_t some = ground->requests & all;
        if (ground->discretionary != may)
            continue;
        if (n++ == 0) {
            kept_tell(r, NULL, kept_plain(r, title));
            kept_page_list(&r->page);
        }
        kept_page_item(&r->page);
        kept_tell(r, &mark, kept_saying(r, SAY_Q_GROUND,
                                        KEPT_WITH({"text", kept_text_of(r, &ground->text)},
                                                  {"requests", some != all ? requests_of(r, some) : ""},
                                                  {"silent", kept_if(ground->unreasoned)})));
        kept_page_item_end(&r->page);
    }
    if (n > 0)
        kept_page_list_end(&r->page);
}

static void refusals(struct render *r, const struct kept_mark *mark)
{
    const struct duties *d = &r->p->duties;
    uint32_t refused = 0, offered = 0;
    bool reasons = false;
    for (size_t i = 0; i < d->refusal_count; i++) {
        refused |= d->refusals[i].requests;
        reasons = reasons || !d->refusals[i].unreasoned;
    }
    for (unsigned i = 0; i < KEPT_ASK_COUNT; i++)
        offered |= d->asked[i].pub.said ? 1u << i : 0;
    if (reasons)
        kept_tell(r, mark, kept_plain(r, SAY_Q_REASONS));
    if ((offered & ~refused) != 0)
        kept_tell(r, mark, kept_saying(r, SAY_Q_NEVER,
                                       KEPT_WITH({"requests", requests_of(r, offered & ~refused)})));
    kept_page_par_end(&r->page);
    grounds(r, SAY_Q_MUST, false, refused & offered);
    grounds(r, SAY_Q_MAY, true, refused & offered);
}

/* What the policy does not speak of, and its law gives to everybody. */
static void by_law(struct render *r)
{
    const struct kept_right *right = &r->p->right_by_law;
    struct kept_mark mark = kept_mark("rights", "by-law", "");
    if (r->p->rights_by_law == 0)
        return;
    kept_tell(r, &mark,
              kept_saying(r, SAY_Q_BY_LAW,
                          KEPT_WITH({"requests", requests_of(r, r->p->rights_by_law)}, {"contact", r->p->contact},
                                    {"due", right->deadline.within.n > 0 ? kept_due_of(r, &right->deadline) : NULL})));
    kept_page_par_end(&r->page);
}

void kept_render_rights(struct render *r)
{
    struct kept_mark mark = kept_mark("rights", NULL, r->p->duties.rights.clause);
    unsigned differs = differing(r->p);
    if (kept_first_right(r->p) != NULL) {
        kept_tell(r, &mark, kept_plain(r, SAY_Q_INTRO));
        in_common(r, differs);
        requests(r, differs);
    }
    by_law(r);
    if (kept_first_right(r->p) != NULL)
        refusals(r, &mark);
}

/* ---- in a minute --------------------------------------------------------------------------------- */

/* Hours, about: to tell which of two deadlines is the longer one. */
static uint64_t about(const struct kept_length *length)
{
    static const uint32_t hours[] = {0, 1, 24, 34, 730};
    return (uint64_t)length->n * hours[length->unit];
}

const struct kept_right *kept_last_answer(const struct kept_policy *p)
{
    const struct kept_right *last = NULL;
    uint64_t longest = 0;
    for (unsigned i = 0; i < KEPT_ASK_COUNT; i++) {
        const struct kept_right *right = &p->duties.asked[i].pub;
        uint64_t time = about(&right->deadline.within) + about(&right->extension);
        if (right->said && time > longest) {
            last = right;
            longest = time;
        }
    }
    return last;
}

static void point(struct render *r, const struct kept_mark *mark, const char *text)
{
    kept_page_item(&r->page);
    kept_tell(r, mark, text);
    kept_page_item_end(&r->page);
}

void kept_render_rights_short(struct render *r)
{
    const struct duties *d = &r->p->duties;
    struct kept_mark mark = kept_mark("rights", NULL, d->rights.clause);
    const struct kept_right *last = kept_last_answer(r->p);
    uint32_t channels = 0, asked = 0;
    for (unsigned i = 0; i < KEPT_ASK_COUNT; i++) {
        asked |= d->asked[i].pub.said || (r->p->rights_by_law >> i & 1u) != 0 ? 1u << i : 0;
        channels |= d->asked[i].pub.said ? d->asked[i].pub.channels : 0;
    }
    kept_page_list(&r->page);
    point(r, &mark, kept_saying(r, SAY_SUM_RIGHTS, KEPT_WITH({"requests", requests_of(r, asked)})));
    point(r, &mark, kept_saying(r, SAY_SUM_ASK, KEPT_WITH({"channels", kept_channels_of(r, channels)},
                                                          {"contact", r->p->contact})));
    point(r, &mark, kept_saying(r, SAY_SUM_DUE, KEPT_WITH({"due", kept_due_of(r, &last->deadline)},
                                                          {"more", kept_length_of(r, &last->extension)})));
    kept_page_list_end(&r->page);
}

/* ---- accounts, and leaving ----------------------------------------------------------------------- */

static void account(struct render *r)
{
    const struct account_rule *a = &r->p->duties.account;
    struct kept_mark mark = kept_mark("account", NULL, a->rule.clause);
    const char *ground = kept_group(r, "real-name", kept_key_word(ACCOUNT_real_name, a->real_name));
    const char *function =
        a->function != KEPT_NO_INDEX ? kept_name_text(r, KEPT_K_FUNCTION, a->function) : "";
    if (a->rule.line == 0)
        return;
    if (a->ways == 0) {
        kept_tell(r, &mark, kept_plain(r, SAY_ACC_NONE));
        kept_page_par_end(&r->page);
        return;
    }
    kept_tell(r, &mark, kept_saying(r, SAY_ACC_WAYS,
                                    KEPT_WITH({"ways", kept_words_of_bits(r, "account-way", ACCOUNT_mode, a->ways << 1)},
                                              {"function", function})));
    kept_tell(r, &mark, kept_saying(r, SAY_ACC_REAL, KEPT_WITH({"ground", ground}, {"statute", kept_text_of(r, &a->statute)})));
    kept_page_par_end(&r->page);
}

static void preconditions(struct render *r, const struct cancellation_rule *c)
{
    if (c->open_count == 0)
        return;
    kept_page_par_end(&r->page);
    kept_tell(r, NULL, kept_plain(r, SAY_LV_FIRST));
    kept_page_list(&r->page);
    for (size_t i = 0; i < c->open_count; i++) {
        struct kept_mark mark = kept_mark("cancellation", c->open[i].name, c->open[i].rule.clause);
        kept_page_item(&r->page);
        kept_tell(r, &mark, kept_saying(r, SAY_LV_ONE,
                                        KEPT_WITH({"text", kept_text_of(r, &c->open[i].text)})));
        kept_page_item_end(&r->page);
    }
    kept_page_list_end(&r->page);
}

static void leaving(struct render *r)
{
    const struct cancellation_rule *c = &r->p->duties.cancellation;
    struct kept_mark mark = kept_mark("cancellation", NULL, c->rule.clause);
    if (c->rule.line == 0)
        return;
    kept_tell(r, &mark, kept_saying(r, SAY_LV_HOW,
                                    KEPT_WITH({"ways", kept_words_of_bits(r, "trigger", CANCELLATION_triggers, c->triggers)})));
    if (c->cooling_off > 0)
        kept_tell(r, &mark, kept_saying(r, SAY_LV_COOLING, KEPT_WITH({"time", kept_time_of(r, c->cooling_off)})));
    else
        kept_tell(r, &mark, kept_plain(r, SAY_LV_AT_ONCE));
    if (c->within.within.n > 0)
        kept_tell(r, &mark, kept_saying(r, SAY_LV_WITHIN,
                                        KEPT_WITH({"time", kept_length_of(r, &c->within.within)})));
    if (c->as_asked)
        kept_tell(r, &mark, kept_plain(r, SAY_LV_ASKED));
    else
        kept_tell(r, &mark, kept_saying(r, SAY_LV_DATA, KEPT_WITH({"then", kept_disposed(r, c->disposition)})));
    preconditions(r, c);
}

void kept_render_account(struct render *r)
{
    account(r);
    leaving(r);
}
