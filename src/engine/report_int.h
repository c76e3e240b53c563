/* report_int.h - what the files that write reports share: JSON that says when a piece is missing, and
 * is wiped when it is done with. */
#ifndef KEPT_ENGINE_REPORT_INT_H
#define KEPT_ENGINE_REPORT_INT_H

#include <jansson.h>

#include "base/id.h"
#include "base/utf8.h"
#include "engine/engine_int.h"

/* The compact text of root, appended to out. KEPT_E_NOMEM, KEPT_E_LIMIT (of out). */
KEPT_MUST_USE int kept_json_text(const json_t *root, struct kept_buf *out);
/* Overwrite every text in root, which nobody else may hold, and free it; NULL is a no-op. The JSON
 * library frees without wiping, and its allocator is the program's to choose, not ours. */
void kept_json_free(json_t *root);

/* Take root as the reply's JSON. KEPT_E_NOMEM (also when a piece is missing), KEPT_E_LIMIT. */
KEPT_MUST_USE int kept_report_finish(struct call *call, json_t *root, struct kept_err *err);

/* A report is built without looking back; a piece that did not fit makes all of it a failure. */
static inline void set(struct call *call, json_t *object, const char *key, json_t *value)
{
    call->holes = json_object_set_new(object, key, value) != 0 || call->holes;
}

static inline void add(struct call *call, json_t *array, json_t *value)
{
    call->holes = json_array_append_new(array, value) != 0 || call->holes;
}

static inline json_t *time_json(kept_ms at)
{
    char text[KEPT_TIME_TEXT];
    kept_time_text(at, text);
    return json_string(text);
}

static inline json_t *id_json(const struct kept_id *id)
{
    char hex[33];
    kept_id_hex(id, hex);
    return json_string(hex);
}

static inline const char *scope_kind_name(unsigned kind)
{
    return kind == KEPT_K_FUNCTION    ? "function"
           : kind == KEPT_K_PURPOSE   ? "purpose"
           : kind == KEPT_K_RECIPIENT ? "recipient"
                                      : "item";
}
static inline const char *consent_kind_name(unsigned kind)
{
    static const char *const names[] = {"none", "acknowledgement", "implied", "explicit",
                                        "separate", "written", "guardian"};
    return kind < sizeof names / sizeof names[0] ? names[kind] : "?";
}

static inline const char *origin_name(unsigned origin)
{
    return origin == KEPT_O_ASKED    ? "asked"
           : origin == KEPT_O_LEGACY ? "legacy"
           : origin == KEPT_O_DEEMED ? "deemed"
                                     : "?";
}

/* What is no text is shown as such, and hides nothing else: an entry cannot be mended. */
static inline json_t *text_json(struct kept_span text)
{
    return !kept_utf8_valid(text) ? json_string("(not text)")
                                  : json_stringn(text.n != 0 ? (const char *)text.p : "", text.n);
}

/* sha256: 32 bytes, or NULL. */
static inline json_t *evidence_json(struct call *call, const uint8_t *sha256,
                                    struct kept_span reference, kept_ms signed_at)
{
    json_t *root = json_object();
    char hash[65];
    if (reference.n != 0)
        set(call, root, "reference", text_json(reference));
    if (sha256 != NULL) {
        kept_hex(sha256, 32, hash);
        set(call, root, "sha256", json_string(hash));
    }
    set(call, root, "signed", time_json(signed_at));
    return root;
}


/* observe.c: of each function that is observed or was, under the policy in force: how many denials would have been. */
KEPT_MUST_USE int kept_observe_json(struct call *call, json_t *root, struct kept_err *err);
#endif
