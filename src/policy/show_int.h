/* show_int.h - the words that show.c and show_json.c share. */
#ifndef KEPT_POLICY_SHOW_INT_H
#define KEPT_POLICY_SHOW_INT_H

#include "policy/policy_int.h"

const char *kept_show_consent(enum kept_consent_kind kind);
const char *kept_show_place(enum kept_place place);
const char *kept_show_class(enum kept_class class);
const char *kept_show_basis(enum basis basis);
const char *kept_show_recipient_role(enum recipient_role role);
const char *kept_show_band(enum band_mode mode);
const char *kept_show_region(const struct kept_policy *p, uint32_t ref); /* the code of one that it names */
const char *kept_show_text(const struct text *text); /* of a rule that is there */

const char *kept_show_unit(enum kept_unit unit);
const char *kept_show_anchor(enum kept_anchor anchor);
const char *kept_show_disposition(enum kept_disposition disposition);
const char *kept_show_identity(enum kept_identity identity);

/* A text in quotes, as JSON has it; YAML reads it so, too. */
void kept_show_quote(struct kept_buf *out, const char *text);
void kept_show_duties(struct kept_buf *out, const struct kept_policy *policy);
void kept_show_json(struct kept_buf *out, const struct kept_policy *policy);
void kept_show_json_duties(struct kept_buf *out, const struct kept_policy *policy);

#endif
