/* overlay.h - the policy of one product over that of its house: two files become one, and each value
 * knows where it came from.
 *
 * `extends: group.yaml` and `precedence: product|base` stand in the product's file. Where both files say
 * something, the one with precedence holds; what one of them says alone, holds. Values are single: maps
 * are joined key by key, but lists, texts in several languages, deadlines, fees and agreements are taken
 * whole. Who the policy is (kept, app, title, version, issued, effective) is always the product's.
 *
 * The result is an ordinary policy, one value a line, which can be checked, published and stored like any
 * other; its last section, `origins`, says for each line which line of which file it was. PURE. */
#ifndef KEPT_POLICY_OVERLAY_H
#define KEPT_POLICY_OVERLAY_H

#include "policy/policy.h"

#define KEPT_MAX_POLICY_FILE 64u /* bytes of a file's name, with the NUL */

struct kept_policy_file {
    const char *name;            /* without folders: "shop.yaml" */
    struct kept_span text;
};

/* The name of the file that a policy extends; "" when it extends none, or cannot be read at all (which
 * kept_policy_read reports). Returns 0, KEPT_E_NOMEM, KEPT_E_POLICY: the name is not that of a file
 * beside it. */
KEPT_MUST_USE int kept_policy_extends(struct kept_span text, char ret_name[KEPT_MAX_POLICY_FILE],
                                      struct kept_err *err);

/* kept_policy_overlay(product, base, out, findings, err): the two as one, appended to out.
 * findings: as for kept_policy_read; .file says in which of the two.
 * Returns 0; KEPT_E_POLICY (one of them is no YAML, says no precedence, or the base extends another);
 * KEPT_E_LIMIT (out is too small); KEPT_E_NOMEM. On failure what out holds is not to be used. */
KEPT_MUST_USE int kept_policy_overlay(const struct kept_policy_file *product,
                                      const struct kept_policy_file *base, struct kept_buf *out,
                                      struct kept_findings *findings, struct kept_err *err);

/* The file in which a line of a policy stood, and on which line there; NULL, and the line itself, where
 * the policy is one file. */
const char *kept_policy_origin(const struct kept_policy *policy, int line, int *ret_line);

#endif
