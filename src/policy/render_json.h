/* render_json.h - documents for machines: objects that fail once, and are put out at the end. */
#ifndef KEPT_POLICY_RENDER_JSON_H
#define KEPT_POLICY_RENDER_JSON_H

#include <jansson.h>

#include "policy/render_int.h"

/* Both take value; NULL (no memory) is noted. A NULL or empty text is left out. */
struct kept_doc {
    bool failed;
};
void kept_doc_set(struct kept_doc *doc, json_t *object, const char *key, json_t *value);
void kept_doc_add(struct kept_doc *doc, json_t *array, json_t *value);
void kept_doc_text(struct kept_doc *doc, json_t *object, const char *key, const char *text);
/* "items/phone" */
json_t *kept_doc_rule(const char *kind, const char *name);
/* A length of time as ISO 8601 has it ("P30D", "PT12H": a policy counts in hours), a day as "2026-01-05". */
json_t *kept_doc_length(kept_ms length);
json_t *kept_doc_day(const struct kept_policy *p, kept_ms at);
/* Appends the document and a newline, takes it. KEPT_E_NOMEM, or what the buffer failed with. */
KEPT_MUST_USE int kept_doc_end(struct kept_doc *doc, json_t *root, struct kept_buf *out);

#endif
