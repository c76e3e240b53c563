/* admin_compare.c - two policy files, and what they differ in, as text or JSON. */
#include "base/error.h"
#include "engine/admin.h"
#include "engine/admin_int.h"
#include "engine/report_int.h"
#include "policy/difference.h"

static json_t *version_json(const struct kept_policy *policy)
{
    const struct kept_policy_info *info = kept_policy_info(policy);
    return json_pack("{s:I,s:o,s:o}", "version", (json_int_t)info->version, "issued",
                     kept_admin_time(info->issued), "effective", kept_admin_time(info->effective));
}

static json_t *side_json(const struct kept_side *side)
{
    return json_pack("{s:s,s:b,s:i,s:s}", "value", side->value, "said", (int)side->said, "line",
                     side->line, "clause", side->clause);
}

/* A sentence of one change, or of one who is asked. */
static json_t *sentence(struct kept_buf *buf)
{
    json_t *text = buf->failed == 0 ? json_stringn((const char *)buf->p, buf->n) : NULL;
    kept_buf_release(buf);
    return text;
}

static json_t *change_json(const struct kept_edit *c, const char *language)
{
    static const char *const what[] = {"changed", "added", "removed", "order"};
    static const char *const effects[] = {"none", "reduces_rights", "widens_rights"};
    struct kept_buf buf;
    kept_buf_init(&buf, 4 * (size_t)KEPT_MAX_POLICY_BYTES);
    kept_difference_change(c, language, &buf);
    return json_pack("{s:s,s:s,s:s,s:s,s:s,s:b,s:o,s:o,s:o}", "rule", c->rule, "key",
                     kept_key_row(c->key)->name, "what", what[c->what], "trigger",
                     c->trigger != KEPT_MATERIAL_NONE ? kept_material_code(c->trigger) : "", "effect", effects[c->effect], "words",
                     (int)c->words, "then", side_json(&c->then), "now", side_json(&c->now),
                     "sentence", sentence(&buf));
}

static const char *kind_name(enum kept_kind kind)
{
    return kind == KEPT_K_FUNCTION    ? "function"
           : kind == KEPT_K_PURPOSE   ? "purpose"
           : kind == KEPT_K_RECIPIENT ? "recipient"
                                      : "item";
}

static json_t *asked_json(const struct kept_anew *a, const char *language)
{
    static const char *const why[] = {"", "new", "wider", "asks_more", "any_change"};
    static const char *const consents[] = {[KEPT_C_EXPLICIT] = "explicit",
                                           [KEPT_C_SEPARATE] = "separate",
                                           [KEPT_C_WRITTEN] = "written"};
    struct kept_buf buf;
    kept_buf_init(&buf, 4096);
    kept_difference_asked(a, language, &buf);
    return json_pack("{s:s,s:s,s:s,s:s,s:o}", "kind", kind_name(a->kind), "name", a->name, "consent",
                     consents[a->consent], "why", why[a->why], "sentence", sentence(&buf));
}

static json_t *tell_json(const struct kept_difference *d)
{
    json_t *channels = json_array();
    for (unsigned c = 0; c < KEPT_CH_COUNT; c++)
        if ((d->promised.channels >> c & 1u) != 0)
            (void)json_array_append_new(channels, json_string(kept_channel_word((enum kept_channel)c)));
    return json_pack("{s:s,s:o,s:b,s:b,s:s,s:o,s:b}", "who", d->count == 0 ? "nobody" : d->material ? "each" : "all",
                     "channels", channels, "promised", (int)d->promised.said, "promised_as_material",
                     (int)d->promised.material, "how", d->shown_first ? "shown_first" : d->material ? "prominent" : "published",
                     "before", d->tell_before != 0 ? kept_admin_time(d->tell_before) : json_null(),
                     "going_on_accepts", (int)d->binds_by_use);
}

json_t *kept_difference_json(const struct kept_difference *d, const char *language)
{
    json_t *changes = json_array(), *triggers = json_array(), *asked = json_array();
    for (size_t i = 0; i < d->count; i++)
        (void)json_array_append_new(changes, change_json(&d->changes[i], language));
    for (unsigned t = 0; t < KEPT_MATERIAL_COUNT; t++)
        if ((d->triggers >> t & 1u) != 0)
            (void)json_array_append_new(
                triggers, json_pack("{s:s,s:s}", "id", kept_material_code((enum kept_material)t), "text",
                                    kept_difference_trigger_text((enum kept_material)t, language)));
    for (size_t i = 0; i < d->asked_count; i++)
        (void)json_array_append_new(asked, asked_json(&d->asked[i], language));
    return json_pack("{s:s,s:o,s:o,s:o,s:o,s:b,s:s?,s:b,s:b,s:b,s:b,s:b,s:b,s:o,s:o}", "app",
                     kept_policy_info(d->now)->app, "then", version_json(d->then), "now",
                     version_json(d->now), "changes", changes, "triggers", triggers, "takes_more",
                     (int)d->takes_more, "takes_more_by", d->what, "reduces_rights",
                     (int)d->reduces_rights, "words", (int)d->words, "assessment_owed",
                     (int)d->assessment_owed, "late", (int)d->late, "same_number",
                     (int)d->same_number, "material", (int)d->material, "tell", tell_json(d), "ask",
                     asked);
}

int kept_admin_policy_compare(struct kept_span then, struct kept_span now, const char *language,
                              int as_json, struct kept_buf *out, int *ret_material,
                              struct kept_err *err)
{
    struct kept_difference *d = NULL;
    int rc = kept_policy_difference(then, now, &d, err);
    if (rc != 0)
        return rc;
    *ret_material = d->material;
    if (as_json != 0)
        rc = kept_admin_dump(kept_difference_json(d, language), out, err);
    else if ((rc = kept_difference_text(d, language, out)) != 0)
        rc = kept_fail(err, rc, "no memory for a report");
    kept_difference_free(d);
    return rc;
}
