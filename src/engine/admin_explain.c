/* admin_explain.c - what a policy file would decide, and why, as text or JSON. */
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "engine/admin.h"
#include "engine/admin_int.h"
#include "engine/report_int.h"
#include "policy/explain.h"

static const char *const uses[] = {[KEPT_USE_COLLECT] = "collect", [KEPT_USE_READ] = "use",
                                   [KEPT_USE_DISCLOSE] = "disclose"};
static const char *const consents[] = {[KEPT_C_EXPLICIT] = "explicit", [KEPT_C_SEPARATE] = "separate",
                                       [KEPT_C_WRITTEN] = "written", [KEPT_C_GUARDIAN] = "guardian"};

/* ---- what is asked ------------------------------------------------------------------------------- */

static int consents_of(const char *list, unsigned *ret, struct kept_err *err)
{
    while (list != NULL && *list != 0) {
        size_t n = strcspn(list, ",");
        unsigned kind = KEPT_C_EXPLICIT;
        while (kind <= KEPT_C_GUARDIAN &&
               (strlen(consents[kind]) != n || strncmp(consents[kind], list, n) != 0))
            kind++;
        if (kind > KEPT_C_GUARDIAN)
            return kept_fail(err, KEPT_E_USAGE,
                             "a consent is explicit, separate, written or guardian; several with commas between");
        *ret |= 1u << kind;
        list += n + (list[n] == ',');
    }
    return 0;
}

static int supposed_of(const struct kept_asking *a, struct kept_supposed *ret, struct kept_err *err)
{
    *ret = (struct kept_supposed){
        .item = a->item, .function = a->function, .purpose = a->purpose, .recipient = a->recipient,
        .role = a->role, .permissions = a->permissions, .exemption = a->exemption, .region = a->region,
        .client = {a->os, a->os_version, a->app_version, a->surface},
        .justified = a->justified != 0, .age = a->age, .facts = a->facts, .launch = a->launch,
        .now = a->now};
    for (unsigned use = KEPT_USE_COLLECT; use <= KEPT_USE_DISCLOSE; use++)
        if (a->use != NULL && strcmp(a->use, uses[use]) == 0)
            ret->use = (enum kept_use)use;
    if (ret->use == 0)
        return kept_fail(err, KEPT_E_USAGE, "a use is collect, use or disclose");
    return consents_of(a->consents, &ret->consents, err);
}

/* ---- JSON ---------------------------------------------------------------------------------------- */

static json_t *sentence(struct kept_buf *buf)
{
    json_t *text = buf->failed == 0 ? json_stringn((const char *)buf->p, buf->n) : NULL;
    kept_buf_clear(buf);
    return text;
}

static json_t *rule_json(const struct kept_explanation *e, const char *language)
{
    struct kept_rule_at at;
    const char *text = NULL, *costs = NULL;
    (void)kept_policy_rule_at(e->policy, e->verdict.line, language, &at, &text, &costs);
    return json_pack("{s:s,s:s,s:i,s:s,s:s?,s:s?}", "kind", at.kind, "name", at.name, "line",
                     e->verdict.line, "clause", e->verdict.clause, "text", text, "refusing_costs",
                     costs);
}

static json_t *needs_json(const struct kept_explanation *e, const char *language)
{
    static const char *const kinds[] = {
        [KEPT_NEED_CONSENT] = "consent",         [KEPT_NEED_GUARDIAN] = "guardian",
        [KEPT_NEED_PERMISSION] = "permission",   [KEPT_NEED_IN_USE] = "in_use",
        [KEPT_NEED_USER_ACTION] = "user_action", [KEPT_NEED_LAUNCH] = "launch",
        [KEPT_NEED_ASKED_NOW] = "consent_in_this_launch",
        [KEPT_NEED_JUSTIFIED] = "justification", [KEPT_NEED_EXEMPTION] = "exemption",
        [KEPT_NEED_AGE] = "age",                 [KEPT_NEED_CLIENT] = "client",
        [KEPT_NEED_SOURCE] = "source"};
    json_t *rows = json_array();
    struct kept_buf buf;
    kept_buf_init(&buf, 4096);
    for (size_t i = 0; i < e->need_count; i++) {
        const struct kept_need *n = &e->needs[i];
        kept_explanation_need(n, language, &buf);
        (void)json_array_append_new(
            rows, json_pack("{s:s,s:s,s:s,s:s?,s:o}", "kind", kinds[n->kind], "of", n->rule_kind,
                            "name", n->name, "consent",
                            n->consent != KEPT_C_NONE ? consents[n->consent] : NULL, "sentence",
                            sentence(&buf)));
    }
    kept_buf_release(&buf);
    return rows;
}

static json_t *explanation_json(const struct kept_explanation *e, const char *language)
{
    const struct kept_policy_info *info = kept_policy_info(e->policy);
    json_t *passed = json_array();
    struct kept_buf buf;
    kept_buf_init(&buf, 4096);
    for (unsigned step = 1; step < e->step; step++) {
        kept_explanation_step(step, language, &buf);
        (void)json_array_append_new(passed, sentence(&buf));
    }
    kept_buf_release(&buf);
    json_t *with = json_array();
    const char *name = NULL;
    for (size_t i = 0; (name = kept_explanation_with(e, i)) != NULL; i++)
        (void)json_array_append_new(with, json_string(name));
    json_t *then = json_pack("{s:s,s:s,s:s}", "decision", kept_decision_name(e->then.decision),
                             "reason", kept_reason_name(e->then.reason), "sentence",
                             kept_explanation_reason(e->then.reason, language));
    return json_pack("{s:s,s:I,s:s,s:b,s:s,s:s,s:i,s:o,s:o,s:o,s:o,s:o}", "app", info->app, "version",
                     (json_int_t)info->version, "decision", kept_decision_name(e->verdict.decision),
                     "observed", e->observed_until != 0, "reason", kept_reason_name(e->verdict.reason), "sentence",
                     kept_explanation_reason(e->verdict.reason, language), "step", (int)e->step, "rule",
                     rule_json(e, language), "passed", passed, "needs", needs_json(e, language),
                     "together_with", with, "then", then);
}

/* ---- the call ------------------------------------------------------------------------------------ */

int kept_admin_policy_explain(struct kept_span text, const struct kept_asking *asking, const char *language,
                              int as_json, struct kept_buf *out, int *ret_allowed,
                              struct kept_err *err)
{
    struct kept_findings findings = {0};
    struct kept_policy *policy = NULL;
    struct kept_supposed supposed;
    struct kept_explanation *e = kept_alloc(1, sizeof *e);
    int rc = e != NULL ? supposed_of(asking, &supposed, err)
                       : kept_fail(err, KEPT_E_NOMEM, "no memory to explain");
    if (rc == 0)
        rc = kept_policy_read(text, &policy, &findings, err);
    if (rc == 0 && (rc = kept_policy_explain(policy, &supposed, e)) == KEPT_E_USAGE)
        rc = kept_fail(err, rc, "a permission is one that the policy declares, with =off if it is off; several, each "
                                "once, with commas between");
    else if (rc == KEPT_E_NOMEM)
        rc = kept_fail(err, rc, "no memory to explain");
    if (rc == 0 && as_json != 0)
        rc = kept_admin_dump(explanation_json(e, language), out, err);
    else if (rc == 0 && (rc = kept_explanation_text(e, language, out)) != 0)
        rc = kept_fail(err, rc, "no memory to explain");
    *ret_allowed = rc == 0 && e->verdict.decision != KEPT_DENY;
    kept_findings_release(&findings);
    kept_policy_free(policy);
    kept_free(e);
    return rc;
}
