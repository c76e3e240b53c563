/* render.h - what a policy says to people, to regulators and to other machines.
 *
 * PURE. One policy, one language and the sentences of that language in, bytes out: the same in, the same
 * out. Every sentence comes from the sentences (page/words.h; templates/) or from the policy's own texts,
 * and carries the rule that it says (page/page.h). Clauses: S0-0.4, S0-9.2, S0-10.1, S1-7.1. */
#ifndef KEPT_POLICY_RENDER_H
#define KEPT_POLICY_RENDER_H

#include "policy/policy.h"

enum kept_rendering {
    KEPT_RENDER_NOTICE = 0, /* the privacy notice, HTML */
    KEPT_RENDER_TEXT,       /* the same, plain text */
    KEPT_RENDER_COLLECTED,  /* the list of what is collected, HTML */
    KEPT_RENDER_RECIPIENTS, /* the list of recipients and SDKs, HTML */
    KEPT_RENDER_COOKIES,    /* the list of what is set on devices, HTML */
    KEPT_RENDER_SUMMARY,    /* one page with a picture, HTML */
    KEPT_RENDER_ROPA_JSON,  /* record of processing activities */
    KEPT_RENDER_ROPA_CSV,
    KEPT_RENDER_DPV,        /* Data Privacy Vocabulary 2, JSON-LD */
    KEPT_RENDERINGS
};
/* "notice", "text" ... in that order, NULL at the end. */
const char *const *kept_rendering_words(void);

/* The sentences of a language: a file of them, and its name for errors; p NULL: those that kept brings. */
struct kept_sentences {
    struct kept_span text;
    const char *file;
};

/* kept_policy_render(policy, as, language, sentences, out, err): append it to out.
 * language: one of the policy's, NULL: that of authority. KEPT_E_NOTFOUND: the policy, or kept, has no such
 * language (err names those there are); KEPT_E_POLICY: the sentences have a mistake (file:line);
 * KEPT_E_LIMIT, KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_policy_render(const struct kept_policy *policy, enum kept_rendering as,
                                     const char *language, const struct kept_sentences *sentences,
                                     struct kept_buf *out, struct kept_err *err);

/* The title and the text of a message with a code in it, appended; in a language of the policy's, else in that of
 * authority. With the sentences that kept brings. KEPT_E_NOTFOUND (kept has none in it), _LIMIT, _NOMEM. */
KEPT_MUST_USE int kept_policy_code_message(const struct kept_policy *policy, const char *language,
                                           const char *code, unsigned minutes, struct kept_buf *title,
                                           struct kept_buf *text, struct kept_err *err);

#endif
