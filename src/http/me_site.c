/* me_site.c - what all pages of /me share: their words, and their one style, by its hash. */
#include "http/me_int.h"

#include <string.h>

static void base64(const uint8_t *p, size_t n, char *to)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < n; i += 3) {
        uint32_t v = (uint32_t)p[i] << 16 | (i + 1 < n ? (uint32_t)p[i + 1] << 8 : 0) | (i + 2 < n ? p[i + 2] : 0);
        *to++ = digits[v >> 18];
        *to++ = digits[v >> 12 & 63];
        *to++ = i + 1 < n ? digits[v >> 6 & 63] : '=';
        *to++ = i + 2 < n ? digits[v & 63] : '=';
    }
    *to = 0;
}

int kept_http_me_init(struct kept_http *http)
{
    struct kept_err err = {.code = 0};
    struct kept_buf style;
    uint8_t digest[KEPT_HTTP_DIGEST];
    char text[64];
    kept_buf_init(&style, 64u << 10);
    kept_me_style(&style);
    const struct kept_span all = kept_buf_span(&style);
    int rc = style.failed != 0 ? style.failed : kept_http_digest(&all, 1, digest);
    kept_buf_release(&style);
    if (rc == 0)
        rc = kept_me_words_new(&http->words, &err);
    if (rc != 0)
        return rc;
    base64(digest, sizeof digest, text);
    (void)snprintf(http->page_policy, sizeof http->page_policy,
                   "default-src 'none'; style-src 'sha256-%s'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'", text);
    return 0;
}

void kept_http_me_release(struct kept_http *http)
{
    kept_me_words_free(http->words);
    http->words = NULL;
}
