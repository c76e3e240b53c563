/* reference.h - the language of policies as a page for people: docs/policy-language.md from its headings on.
 * PURE; any thread. */
#ifndef KEPT_POLICY_REFERENCE_H
#define KEPT_POLICY_REFERENCE_H

#include "base/buf.h"

/* Every section and key of language.def, every kind of item, every finding, as Markdown. .failed: no memory. */
void kept_policy_reference(struct kept_buf *out);

#endif
