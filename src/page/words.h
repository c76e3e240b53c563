/* words.h - the sentences of one language, from a file that a lawyer can read.
 *
 *   # what stands behind a number sign is for whoever reviews the file
 *   [item.kept]
 *   It is kept for {time}{if law}, because a law demands it: {law}{end}.
 *
 * A name in brackets begins a sentence; its lines follow, and are joined (by a space, but not between two
 * Chinese characters). `{name}` stands for a value; `{Name}` for the same with a capital at its front;
 * `{name.}` for the same with a full stop, unless it ends a sentence by itself;
 * `{if name}...{else}...{end}` takes the one where there is a value and the other where there is none; one
 * does not stand inside another.
 *
 * Which sentences there are, and which values each may and must speak of, is a table of the caller's, the
 * same for all languages: so none can lack in one what stands in the other.
 * PURE. Threads: what was read is immutable. */
#ifndef KEPT_PAGE_WORDS_H
#define KEPT_PAGE_WORDS_H

#include "base/buf.h"

struct kept_sentence {
    const char *key;    /* "item.kept" */
    const char *values; /* "time law?": must be spoken of; with a question mark: may be */
};
struct kept_value {
    const char *name, *text; /* text: "" or NULL: there is none */
};
struct kept_words;

/* kept_words_read(text, file, rows, count, open, ret_words, err): read and check a file. Keys that begin
 * with one of open (NULL at the end: {"region.", NULL}) may stand there as well, without values.
 * KEPT_E_POLICY: err says file:line, what is wrong and how to mend it; of several mistakes the first, and
 * how many there are. KEPT_E_LIMIT, KEPT_E_NOMEM. rows must outlive the words. */
KEPT_MUST_USE int kept_words_read(struct kept_span text, const char *file,
                                  const struct kept_sentence *rows, size_t count,
                                  const char *const *open, struct kept_words **ret_words,
                                  struct kept_err *err);
void kept_words_free(struct kept_words *words);

/* Append the sentence of a row of the table. A value that the row does not know, or one it must have that
 * is not among values, is a mistake of the caller: the buffer fails with KEPT_E_BUG. */
void kept_words_say(const struct kept_words *words, size_t row, const struct kept_value *values,
                    size_t count, struct kept_buf *out);
/* The words for a name of a group: ("region", "CN") is the sentence region.CN; NULL: there are none. */
const char *kept_words_of(const struct kept_words *words, const char *group, const char *name);

#endif
