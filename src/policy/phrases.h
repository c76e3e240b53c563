/* phrases.h - sentences in two languages, from the table phrases.def. PURE, constant; any thread. */
#ifndef KEPT_POLICY_PHRASES_H
#define KEPT_POLICY_PHRASES_H

#include "base/buf.h"

enum phrase {
#define PHRASE(id, en, zh) P_##id,
#include "policy/phrases.def"
#undef PHRASE
    PHRASES
};
#define MAX_PHRASE_PARTS 6u

/* Does a tag mean Chinese? NULL does not. */
bool kept_phrase_chinese(const char *language);
/* As it stands in the table. */
const char *kept_phrase(enum phrase phrase, const char *language);
/* Its {1} ... filled in with parts (NULL: ""), appended to out. */
void kept_phrase_put(enum phrase phrase, const char *language, const char *const parts[MAX_PHRASE_PARTS],
                     struct kept_buf *out);
/* A part was made in a buffer beside out: freed, and what failed in it fails out. Usable again. */
void kept_phrase_beside(struct kept_buf *beside, struct kept_buf *out);
/* The sentence of a reason: kept_reason_text, or the same in Chinese. */
const char *kept_phrase_reason(enum kept_reason reason, const char *language);
#define KEPT_SAY(out, phrase, language, ...)                                                       \
    kept_phrase_put(phrase, language, (const char *const[MAX_PHRASE_PARTS]){__VA_ARGS__}, out)

/* A number as a part of a phrase. */
struct phrase_number {
    char text[24];
};
const char *kept_phrase_number(struct phrase_number *number, long long value);

#endif
