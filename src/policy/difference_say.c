/* difference_say.c - what differs, as people read it. */
#include <string.h>

#include "policy/difference_int.h"
#include "policy/phrases.h"

static const char *or_nothing(const char *text)
{
    return text[0] != 0 ? text : "-";
}

const char *kept_difference_trigger_text(enum kept_material trigger, const char *language)
{
    return kept_phrase(trigger < KEPT_MATERIAL_NONE ? (enum phrase)(P_T_REDUCTION + trigger) : P_T_NONE,
                       language);
}

/* ---- one change ---------------------------------------------------------------------------------- */

static bool whole_rule(const struct kept_edit *c)
{
    enum type_kind kind = kept_key_type(c->key)->kind;
    return kind == TYPE_NAMED || kind == TYPE_LIST || kind == TYPE_MAP;
}

static enum phrase phrase_of(const struct kept_edit *c)
{
    if (c->what == KEPT_WHAT_ADDED)
        return whole_rule(c)           ? P_RULE_ADDED
               : c->then.value[0] != 0 ? P_KEY_ADDED_ELSE
                                       : P_KEY_ADDED;
    if (c->what == KEPT_WHAT_REMOVED)
        return whole_rule(c)          ? P_RULE_REMOVED
               : c->now.value[0] != 0 ? P_KEY_REMOVED_ELSE
                                      : P_KEY_REMOVED;
    return c->what == KEPT_WHAT_ORDER ? P_KEY_ORDER : P_KEY_CHANGED;
}

void kept_difference_change(const struct kept_edit *c, const char *language, struct kept_buf *out)
{
    const char *rule = c->rule[0] != 0 ? c->rule : kept_phrase(P_THE_POLICY, language);
    KEPT_SAY(out, phrase_of(c), language, rule, kept_key_row(c->key)->name, or_nothing(c->then.value),
             or_nothing(c->now.value));
}

static void clause_part(char ret[KEPT_MAX_NAME + 8], const char *clause)
{
    (void)snprintf(ret, KEPT_MAX_NAME + 8, "%s%.64s", clause[0] != 0 ? ", " : "", clause);
}

/* (line 12, S0-1.2; M1; reduces rights) */
static void put_marks(const struct kept_edit *c, const char *language, struct kept_buf *out)
{
    struct phrase_number then, now;
    char then_clause[KEPT_MAX_NAME + 8], now_clause[KEPT_MAX_NAME + 8];
    clause_part(then_clause, c->then.clause);
    clause_part(now_clause, c->now.clause);
    bool gone = whole_rule(c) && c->what == KEPT_WHAT_REMOVED;
    bool came = whole_rule(c) && c->what == KEPT_WHAT_ADDED;
    kept_buf_text(out, "  [");
    KEPT_SAY(out, gone ? P_WHERE_THEN : came ? P_WHERE_NOW : P_WHERE_BOTH, language,
             kept_phrase_number(&now, c->now.line), now_clause,
             kept_phrase_number(&then, c->then.line), then_clause);
    if (c->trigger != KEPT_MATERIAL_NONE)
        kept_buf_printf(out, "; %s", kept_material_code(c->trigger));
    if (c->effect != KEPT_EFFECT_NONE)
        kept_buf_printf(out, "; %s", kept_phrase(c->effect == KEPT_EFFECT_REDUCES ? P_REDUCES : P_WIDENS,
                                                 language));
    if (c->words)
        kept_buf_printf(out, "; %s", kept_phrase(P_WORDS_ONLY, language));
    kept_buf_text(out, "]\n");
}

void kept_difference_asked(const struct kept_anew *a, const char *language, struct kept_buf *out)
{
    enum phrase kind = a->kind == KEPT_K_FUNCTION    ? P_K_FUNCTION
                       : a->kind == KEPT_K_PURPOSE   ? P_K_PURPOSE
                       : a->kind == KEPT_K_RECIPIENT ? P_K_RECIPIENT
                                                     : P_K_ITEM;
    KEPT_SAY(out, (enum phrase)(P_AGAIN_1 + (a->why - KEPT_AGAIN_NEW)), language,
             kept_phrase(kind, language), a->name,
             kept_phrase((enum phrase)(P_C_EXPLICIT + (a->consent - KEPT_C_EXPLICIT)), language));
}

/* ---- the whole ----------------------------------------------------------------------------------- */

/* Number and dates change with every version. */
static bool of_every_version(const struct kept_edit *c)
{
    return c->key == POLICY_version || c->key == POLICY_issued || c->key == POLICY_effective;
}

static size_t real_changes(const struct kept_difference *d)
{
    size_t n = 0;
    for (size_t i = 0; i < d->count; i++)
        n += !of_every_version(&d->changes[i]);
    return n;
}

static void put_line(struct kept_buf *out, enum phrase phrase, const char *language, const char *one,
                     const char *two)
{
    KEPT_SAY(out, phrase, language, one, two);
    kept_buf_u8(out, '\n');
}

static void put_triggers(const struct kept_difference *d, const char *language, struct kept_buf *out)
{
    struct kept_buf list;
    kept_buf_init(&list, 4096);
    for (unsigned t = 0; t < KEPT_MATERIAL_COUNT; t++)
        if ((d->triggers >> t & 1u) != 0)
            kept_buf_printf(&list, "%s%s (%s)", list.n > 0 ? "; " : "",
                            kept_material_code((enum kept_material)t),
                            kept_difference_trigger_text((enum kept_material)t, language));
    put_line(out, d->material ? P_MATERIAL : P_IMMATERIAL, language,
             list.n > 0 ? (const char *)list.p : d->what, NULL);
    kept_phrase_beside(&list, out);
}

static void put_judgement(const struct kept_difference *d, const char *language, struct kept_buf *out)
{
    char effective[KEPT_TIME_TEXT], after[KEPT_TIME_TEXT];
    struct phrase_number then, now;
    kept_ms least = d->then->info.effective > d->now->info.issued ? d->then->info.effective
                                                                  : d->now->info.issued;
    put_triggers(d, language, out);
    put_line(out, d->takes_more ? P_TAKES_MORE : P_TAKES_NO_MORE, language, d->what, NULL);
    if (d->reduces_rights)
        put_line(out, P_REDUCES_RIGHTS, language, NULL, NULL);
    if (d->words)
        put_line(out, P_READ_WORDS, language, NULL, NULL);
    if (d->assessment_owed)
        put_line(out, P_ASSESS, language, NULL, NULL);
    if (d->same_number)
        put_line(out, P_SAME_NUMBER, language, kept_phrase_number(&then, d->then->info.version),
                 kept_phrase_number(&now, d->now->info.version));
    kept_time_text(d->now->info.effective, effective);
    kept_time_text(least, after);
    if (d->late)
        put_line(out, P_LATE, language, effective, after);
}

/* By which channels, as the former version promised. */
static void put_promised(const struct kept_change *promised, const char *language, struct kept_buf *out)
{
    struct kept_buf list;
    struct phrase_number line;
    char clause[KEPT_MAX_NAME + 8];
    clause_part(clause, promised->clause);
    kept_buf_init(&list, 4096);
    for (unsigned c = 0; c < KEPT_CH_COUNT; c++)
        if ((promised->channels >> c & 1u) != 0)
            kept_buf_printf(&list, "%s%s", list.n > 0 ? ", " : "", kept_channel_word((enum kept_channel)c));
    KEPT_SAY(out, promised->material ? P_HOW_MATERIAL : P_HOW_MINOR, language,
             (const char *)list.p, kept_phrase_number(&line, promised->line), clause); /* EMPTY_VALUE: one at least */
    kept_buf_u8(out, '\n');
    kept_phrase_beside(&list, out);
}

static void put_told(const struct kept_difference *d, const char *language, struct kept_buf *out)
{
    struct phrase_number number, line;
    char effective[KEPT_TIME_TEXT], before[KEPT_TIME_TEXT];
    const char *version = kept_phrase_number(&number, d->then->info.version);
    const char *rule = kept_phrase_number(&line, d->now->changes.line);
    kept_time_text(d->now->info.effective, effective);
    kept_buf_printf(out, "\n%s: ", kept_phrase(P_WHO, language));
    put_line(out, d->material ? P_WHO_EACH : P_WHO_ALL, language, version, NULL);
    kept_buf_printf(out, "%s: ", kept_phrase(P_HOW, language));
    if (d->shown_first)
        put_line(out, P_HOW_SHOWN, language, rule, NULL);
    if (d->promised.said)
        put_promised(&d->promised, language, out);
    else if (!d->shown_first)
        put_line(out, d->material ? P_HOW_PROMINENT : P_HOW_PUBLISHED, language, NULL, NULL);
    kept_buf_printf(out, "%s: ", kept_phrase(P_WHEN, language));
    if (d->tell_before != 0)
        kept_time_text(d->tell_before, before);
    put_line(out, d->tell_before == 0 ? P_WHEN_CALENDAR : P_WHEN_BEFORE, language,
             d->tell_before == 0 ? effective : before, effective);
    kept_buf_printf(out, "%s: ", kept_phrase(P_CONSENT, language));
    if (d->binds_by_use)
        put_line(out, d->reduces_rights ? P_BIND_USE_YET : P_BIND_USE, language, rule, NULL);
    else
        put_line(out, P_BIND_NOT, language, version, NULL);
    if (d->promised.consent >= KEPT_C_EXPLICIT)
        put_line(out, P_PROMISED_CONSENT, language,
                 kept_phrase((enum phrase)(P_C_EXPLICIT + (d->promised.consent - KEPT_C_EXPLICIT)), language),
                 kept_phrase_number(&line, d->promised.line));
    put_line(out, d->asked_count > 0 ? P_ASK_AGAIN : P_ASK_NOBODY, language, NULL, NULL);
    for (size_t i = 0; i < d->asked_count; i++) {
        kept_buf_text(out, "  ");
        kept_difference_asked(&d->asked[i], language, out);
        kept_buf_u8(out, '\n');
    }
}

int kept_difference_text(const struct kept_difference *d, const char *language, struct kept_buf *out)
{
    struct phrase_number then, now;
    KEPT_SAY(out, P_HEADING, language, d->now->info.app,
             kept_phrase_number(&then, d->then->info.version),
             kept_phrase_number(&now, d->now->info.version));
    kept_buf_u8(out, '\n');
    if (real_changes(d) == 0) {
        put_line(out, d->count == 0 ? P_NOTHING : P_NUMBER_ALONE, language, NULL, NULL);
        return out->failed;
    }
    kept_buf_printf(out, "\n%s\n", kept_phrase(P_CHANGES_ARE, language));
    for (size_t i = 0; i < d->count; i++) {
        kept_buf_text(out, "  ");
        kept_difference_change(&d->changes[i], language, out);
        put_marks(&d->changes[i], language, out);
    }
    kept_buf_u8(out, '\n');
    put_judgement(d, language, out);
    put_told(d, language, out);
    return out->failed;
}
