/* shown.h - what a policy shows of itself (as JSON), and short words for the requests of the tests. */
#ifndef KEPT_TESTS_CLAUSES_SHOWN_H
#define KEPT_TESTS_CLAUSES_SHOWN_H

#include <jansson.h>

#include "aid.h"
#include "base/limits.h"
#include "policy/policy.h"

/* In and out, for the person p in the world w; the last argument says how the moment is. */
#define TAKE(function_, item, text, ...)                                                           \
    ASK(w, COLLECT, OF(p), VALUE(function_, item, text), __VA_ARGS__)
#define READ(item, purpose_, ...)                                                                  \
    ASK(w, USE, OF(p), WHAT(item), .purpose = (purpose_), __VA_ARGS__)
#define GIVE(to, item, purpose_, ...)                                                              \
    ASK(w, DISCLOSE, OF(p), WHAT(item), .recipient = (to), .purpose = (purpose_), __VA_ARGS__)
#define NOW .role = ""
#define AS(role_) .role = (role_), .actor = "clerk-7"

/* The policy as it shows itself; released by json_decref. */
static inline json_t *shown_policy(const char *app)
{
    struct kept_findings findings = {0};
    struct kept_policy *policy = NULL;
    struct kept_buf out;
    char *text = aid_policy(app);
    kept_buf_init(&out, KEPT_MAX_JSON_BYTES);
    if (kept_policy_read((struct kept_span){(const uint8_t *)text, strlen(text)}, &policy,
                         &findings, NULL) != 0 ||
        kept_policy_show(policy, 1, &out) != 0)
        aid_setup_failed("the policy does not load", app);
    json_t *root = json_loadb((const char *)out.p, out.n, 0, NULL);
    kept_buf_release(&out);
    kept_findings_release(&findings);
    kept_policy_free(policy);
    free(text);
    return root;
}

static inline bool shown_something(const json_t *value)
{
    return value != NULL && !json_is_null(value) &&
           !(json_is_array(value) && json_array_size(value) == 0) &&
           !(json_is_object(value) && json_object_size(value) == 0);
}

/* The register's row on a recipient says who, for what, what, where, on which paper, and a link. */
static inline bool shown_registered(const char *app, const char *name)
{
    static const char *const said[] = {"text", "role",      "kind",  "region",
                                       "link", "agreement", "items", "purposes"};
    json_t *root = shown_policy(app), *rows = json_object_get(root, "recipients");
    bool whole = false;
    for (size_t i = 0; i < json_array_size(rows); i++) {
        json_t *row = json_array_get(rows, i);
        const char *id = json_string_value(json_object_get(row, "name"));
        if (id == NULL || strcmp(id, name) != 0)
            continue;
        whole = true;
        for (size_t k = 0; k < sizeof said / sizeof said[0]; k++)
            whole = whole && shown_something(json_object_get(row, said[k]));
    }
    json_decref(root);
    return whole;
}

/* Does every row of a section say this? */
static inline bool shown_everywhere(const char *app, const char *section, const char *key)
{
    json_t *root = shown_policy(app), *rows = json_object_get(root, section);
    bool all = json_array_size(rows) > 0;
    for (size_t i = 0; i < json_array_size(rows); i++)
        all = all && shown_something(json_object_get(json_array_get(rows, i), key));
    json_decref(root);
    return all;
}

/* Does one row of a section say this? */
static inline bool shown_is(const char *app, const char *section, const char *name, const char *key,
                            const char *value)
{
    json_t *root = shown_policy(app), *rows = json_object_get(root, section);
    bool is = false;
    for (size_t i = 0; i < json_array_size(rows); i++) {
        json_t *row = json_array_get(rows, i);
        const char *id = json_string_value(json_object_get(row, "name"));
        const char *said = json_string_value(json_object_get(row, key));
        is = is || (id != NULL && strcmp(id, name) == 0 && said != NULL &&
                    strcmp(said, value) == 0);
    }
    json_decref(root);
    return is;
}

/* The policy in force with one piece of it replaced: is it refused? */
static inline bool shown_refused(struct world *w, const char *old, const char *new)
{
    char *text = aid_edit(aid_policy(w->app), old, new);
    text = aid_edit(text, "\nversion: 1\n", "\nversion: 2\n");
    const struct kept_reply *r = ASK(w, POLICY_PUBLISH, .text = text);
    free(text);
    return r == NULL && w->rc == KEPT_E_POLICY;
}

#endif
