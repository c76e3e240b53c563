/* fuzz_form.c - what a browser sends to /me: forms, cookies, origins. What is read lies inside what came, is text, stands there
 * once, and is the same when it is written anew and read again; cookies are those that a slower reader finds. */
#include "base/mem.h"
#include "base/utf8.h"
#include "fuzz.h"
#include "http/me.h"

enum { FORM, COOKIES, SITE, WAYS };

static void put_escaped(struct kept_buf *out, const char *text)
{
    for (; text[0] != 0; text++)
        kept_buf_printf(out, "%%%02X", (unsigned)(uint8_t)text[0]);
}

/* Written by a browser that escapes everything, a form is the same. */
static void again(const struct kept_http_form *form)
{
    struct kept_http_form same = {.count = 0};
    struct kept_buf text;
    kept_buf_init(&text, 1u << 20);
    for (size_t i = 0; i < form->count; i++) {
        if (i > 0)
            kept_buf_text(&text, "&");
        put_escaped(&text, form->names[i]);
        kept_buf_text(&text, "=");
        put_escaped(&text, form->values[i]);
    }
    const size_t n = text.n;
    kept_buf_u8(&text, 0); /* room for what is written behind it */
    FUZZ_MUST(text.failed == 0);
    FUZZ_MUST(kept_http_form_read((char *)text.p, n, &same) == 0 && same.count == form->count);
    for (size_t i = 0; i < same.count; i++)
        FUZZ_MUST(strcmp(same.names[i], form->names[i]) == 0 && strcmp(same.values[i], form->values[i]) == 0);
    kept_buf_release(&text);
}

static void form_of(struct kept_span text)
{
    struct kept_http_form form = {.count = 0};
    char *body = malloc(text.n + 1);
    FUZZ_MUST(body != NULL);
    if (text.n > 0)
        memcpy(body, text.p, text.n);
    const int rc = kept_http_form_read(body, text.n, &form);
    FUZZ_MUST(rc == 0 || rc == KEPT_E_USAGE || rc == KEPT_E_LIMIT);
    FUZZ_MUST(rc == 0 || form.count == 0);
    FUZZ_MUST(form.count <= KEPT_HTTP_ME_PAIRS);
    for (size_t i = 0; i < form.count; i++) {
        const char *const both[] = {form.names[i], form.values[i]};
        for (size_t k = 0; k < 2; k++) {
            FUZZ_MUST(both[k] >= body && both[k] <= body + text.n);
            FUZZ_MUST(memchr(both[k], 0, (size_t)(body + text.n + 1 - both[k])) != NULL);
            FUZZ_MUST(kept_utf8_valid((struct kept_span){(const uint8_t *)both[k], strlen(both[k])}));
        }
        for (size_t k = 0; k < i; k++)
            FUZZ_MUST(strcmp(form.names[k], form.names[i]) != 0);
        FUZZ_MUST(kept_http_form_get(&form, form.names[i]) == form.values[i]);
    }
    if (form.count > 0)
        again(&form);
    free(body);
}

/* RFC 6265, 4.2.1: pairs with "; " between them. */
static size_t count_pairs(struct kept_span field, const char *name, struct kept_span *found)
{
    size_t times = 0;
    const size_t n = strlen(name);
    while (field.n > 0) {
        const uint8_t *semi = memchr(field.p, ';', field.n);
        struct kept_span pair = {field.p, semi != NULL ? (size_t)(semi - field.p) : field.n};
        field.p += pair.n + (semi != NULL);
        field.n -= pair.n + (semi != NULL);
        while (pair.n > 0 && pair.p[0] == ' ') {
            pair.p++;
            pair.n--;
        }
        if (pair.n <= n || memcmp(pair.p, name, n) != 0 || pair.p[n] != '=')
            continue;
        *found = (struct kept_span){pair.p + n + 1, pair.n - n - 1};
        times++;
    }
    return times;
}

static void cookies_of(struct kept_span text)
{
    static const char *const names[] = {"kept", "__Host-kept", "kept-form"};
    struct kept_span fields[KEPT_HTTP_COOKIES], rest = text;
    for (size_t i = 0; i < KEPT_HTTP_COOKIES; i++) {
        const uint8_t *line = rest.n > 0 ? memchr(rest.p, '\n', rest.n) : NULL;
        fields[i] = (struct kept_span){rest.p, line != NULL && i + 1 < KEPT_HTTP_COOKIES ? (size_t)(line - rest.p) : rest.n};
        const size_t taken = fields[i].n + (fields[i].n < rest.n);
        rest = (struct kept_span){rest.p + taken, rest.n - taken};
    }
    for (size_t k = 0; k < sizeof names / sizeof names[0]; k++) {
        struct kept_span wanted = {NULL, 0};
        size_t times = 0;
        for (size_t i = 0; i < KEPT_HTTP_COOKIES; i++)
            times += count_pairs(fields[i], names[k], &wanted);
        const struct kept_span is = kept_http_cookie(fields, names[k]);
        FUZZ_MUST(times == 1 ? is.p == wanted.p && is.n == wanted.n : is.n == 0);
    }
}

static void site_of(struct kept_span text)
{
    struct kept_buf origin;
    const uint8_t *line = text.n > 0 ? memchr(text.p, '\n', text.n) : NULL;
    const struct kept_span host = {text.p, line != NULL ? (size_t)(line - text.p) : text.n};
    const struct kept_span other = {line != NULL ? line + 1 : text.p, line != NULL ? text.n - host.n - 1 : 0};
    static const char *const schemes[] = {"http://", "https://", "ftp://"};
    bool same = false;
    kept_buf_init(&origin, 1u << 20);
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        kept_buf_clear(&origin);
        kept_buf_text(&origin, schemes[i]);
        kept_buf_bytes(&origin, host.p, host.n);
        FUZZ_MUST(origin.failed == 0);
        FUZZ_MUST(kept_http_same_site(kept_buf_span(&origin), host) == (i < 2 && host.n > 0));
        same = same || (i < 2 && host.n > 0 && other.n == origin.n && memcmp(other.p, origin.p, origin.n) == 0);
    }
    FUZZ_MUST(kept_http_same_site(other, host) == same);
    kept_buf_release(&origin);
}

void fuzz_form(const uint8_t *p, size_t n)
{
    struct fuzz f = fuzz_of(p, n);
    const unsigned way = fuzz_u8(&f) % WAYS;
    const struct kept_span rest = fuzz_rest(&f);
    if (way == FORM)
        form_of(rest);
    else if (way == COOKIES)
        cookies_of(rest);
    else
        site_of(rest);
}

void seeds_form(fuzz_give_fn *give)
{
    static const char form[] = "\0do=mend&in=zh&form=00ff&item=nickname&value=%E5%B0%8F+Cat%21";
    static const char twice[] = "\0do=&do=erase-now";
    static const char cookies[] = "\1kept=kper_1; kept-form=00ff\n__Host-kept=a;kept=;  kept=b\nx=\n;;=";
    static const char site[] = "\2kept.example:8443\nhttps://kept.example:8443";
    give(form, sizeof form - 1);
    give(twice, sizeof twice - 1);
    give(cookies, sizeof cookies - 1);
    give(site, sizeof site - 1);
}
