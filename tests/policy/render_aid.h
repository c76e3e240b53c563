/* render_aid.h - what the tests of rendering share: a policy as a document, and parts of one. */
#ifndef KEPT_TESTS_RENDER_AID_H
#define KEPT_TESTS_RENDER_AID_H

#include "policy_aid.h"

#include "policy/render_int.h"

static const char *const names[] = {"widgets", "smart-home", "messenger", "wallpaper", "media"};

static inline char *render(const struct kept_policy *p, enum kept_rendering as, const char *language)
{
    struct kept_buf out;
    struct kept_err err = {0};
    kept_buf_init(&out, 64u << 20);
    int rc = kept_policy_render(p, as, language, NULL, &out, &err);
    if (rc != 0)
        fail_msg("%d: %s", rc, err.text);
    char *text = kept_buf_take(&out);
    assert_non_null(text);
    return text;
}

static inline char *policy_text(const char *name)
{
    char path[64];
    size_t n = 0;
    (void)snprintf(path, sizeof path, "policies/%s.yaml", name);
    return read_whole(path, &n);
}

static inline struct kept_policy *policy_of(const char *name)
{
    char *text = policy_text(name);
    struct kept_policy *policy = read_policy(text);
    free(text);
    return policy;
}

static inline size_t count_of(const char *text, const char *what)
{
    size_t n = 0;
    for (const char *at = strstr(text, what); at != NULL; at = strstr(at + 1, what))
        n++;
    return n;
}

/* What lies between <section aria-labelledby="ID"> and its end; NULL: there is no such section. Freed by the
 * caller. */
static inline char *section_or_none(const char *html, const char *id)
{
    char mark[64];
    (void)snprintf(mark, sizeof mark, "<section aria-labelledby=\"%s\">", id);
    const char *from = strstr(html, mark);
    const char *to = from != NULL ? strstr(from, "</section>") : NULL;
    if (to == NULL)
        return NULL;
    size_t n = (size_t)(to - from);
    char *part = malloc(n + 1);
    assert_non_null(part);
    memcpy(part, from, n);
    part[n] = 0;
    return part;
}

static inline char *section(const char *html, const char *id)
{
    char *part = section_or_none(html, id);
    if (part == NULL)
        fail_msg("no section %s", id);
    return part;
}

/* A policy's text with the first such place put another way. Freed by the caller. */
static inline char *put_so(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    if (at == NULL)
        fail_msg("the policy has no '%s'", from);
    size_t n = strlen(text) + strlen(to) + 1;
    char *other = malloc(n);
    assert_non_null(other);
    (void)snprintf(other, n, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    return other;
}

#endif
