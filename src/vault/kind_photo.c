/* kind_photo.c - is it a photo, by its first bytes? It is stored as it is: nothing is decoded, and
 * nothing is stripped. */
#include <string.h>

#include "vault/kind_int.h"

static bool begins(struct kept_span s, size_t at, const char *with, size_t n)
{
    return s.n >= at + n && strncmp((const char *)s.p + at, with, n) == 0;
}

static bool all_zero(const uint8_t *p, size_t n)
{
    while (n > 0 && p[n - 1] == 0)
        n--;
    return n == 0;
}

/* Start of image, and a marker that may follow it (T.81 B.1.1.3). */
static bool is_jpeg(struct kept_span s)
{
    return s.n >= 4 && s.p[0] == 0xff && s.p[1] == 0xd8 && s.p[2] == 0xff && s.p[3] >= 0xc0 &&
           s.p[3] != 0xff && s.p[3] != 0xd8 && s.p[3] != 0xd9;
}

/* Signature, the header chunk, a width and a height. strncmp stops at a zero byte: the length of
 * the header chunk is looked at by itself. */
static bool is_png(struct kept_span s)
{
    static const uint8_t signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    return s.n >= 24 && begins(s, 0, (const char *)signature, sizeof signature) &&
           all_zero(s.p + 8, 3) && s.p[11] == 13 && begins(s, 12, "IHDR", 4) &&
           !all_zero(s.p + 16, 4) && !all_zero(s.p + 20, 4);
}

static bool is_gif(struct kept_span s)
{
    return s.n >= 13 && (begins(s, 0, "GIF87a", 6) || begins(s, 0, "GIF89a", 6)) &&
           !all_zero(s.p + 6, 2) && !all_zero(s.p + 8, 2);
}

static bool is_webp(struct kept_span s)
{
    return s.n >= 20 && begins(s, 0, "RIFF", 4) && begins(s, 8, "WEBPVP8", 7) &&
           (s.p[15] == ' ' || s.p[15] == 'L' || s.p[15] == 'X');
}

const char *kept_photo_type(struct kept_span head)
{
    return is_jpeg(head)  ? "image/jpeg"
           : is_png(head) ? "image/png"
           : is_gif(head) ? "image/gif"
           : is_webp(head) ? "image/webp"
                          : NULL;
}

int kept_normal_photo(struct kept_span value, struct kept_buf *out)
{
    if (kept_photo_type(value) == NULL)
        return KEPT_E_USAGE;
    put(out, value.p, value.n);
    return 0;
}
