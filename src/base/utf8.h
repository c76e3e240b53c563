/* utf8.h - text is UTF-8, checked at the edge, counted in characters (code points). */
#ifndef KEPT_BASE_UTF8_H
#define KEPT_BASE_UTF8_H

#include <stdbool.h>

#include "kept.h"

/* Well-formed UTF-8 without surrogates, overlong forms or NUL (RFC 3629). */
bool kept_utf8_valid(struct kept_span text);

/* Code points in well-formed text. */
size_t kept_utf8_length(struct kept_span text);

/* The next code point of well-formed text at *at (advanced), or 0 at the end. */
uint32_t kept_utf8_next(struct kept_span text, size_t *at);

/* Byte offset of the code point number index (the end, if there are fewer). */
size_t kept_utf8_offset(struct kept_span text, size_t index);

/* Take out of text what is no UTF-8, in place: characters that were cut. */
void kept_utf8_keep(char *text);

#endif
