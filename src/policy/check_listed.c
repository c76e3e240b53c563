/* check_listed.c - does a sentence that lists things list what a name names? "name, address, bank account" are
 * three; "mail addresses" do not say "address", for they are some of them only. Words are compared with words. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "policy/duties_int.h"

#define SIGN 3u       /* bytes of a Chinese sign in UTF-8 */
#define MAX_WORDS 8u  /* of one thing: more are compared no further */
#define NAME_WORDS 3u /* a part of a name that has more is no name, but something said of it */
#define NAME_SIGNS 6u
#define MAX_PARTS 16u /* of one name: more are hostile */

struct piece { /* of a text; not terminated */
    const char *at;
    size_t n;
};

static bool starts(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* The next of a list behind from: between commas and the like, "and", "和". False at its end. */
static bool next_piece(const char **from, struct piece *ret)
{
    static const char *const between[] = {",", ";", ":", ".", "、", "，", "；", "：", "。", " and ", " or ", "和", "及", "或", NULL};
    const char *p = *from;
    size_t mark = 0;
    while (*p == ' ')
        p++;
    *ret = (struct piece){p, 0};
    for (; *p != 0 && mark == 0; p += mark == 0 ? 1 : 0)
        for (size_t i = 0; mark == 0 && between[i] != NULL; i++)
            mark = starts(p, between[i]) ? strlen(between[i]) : 0;
    ret->n = (size_t)(p - ret->at);
    *from = p + mark;
    return *p != 0 || ret->n > 0;
}

/* ---- words, of languages that write them apart ---------------------------------------------------- */

struct words {
    struct piece v[MAX_WORDS];
    size_t count, all; /* all: also the small ones, which say nothing */
    bool of;           /* "papers of identity": what the last word belongs to stands before it */
};

static void words_in(struct piece piece, struct words *ret)
{
    static const char *const small[] = {"your", "their", "other", "such", "that", "what", "which", "personal", NULL};
    *ret = (struct words){.count = 0};
    for (size_t i = 0; i < piece.n;) {
        size_t n = 0;
        while (i + n < piece.n && isalpha((unsigned char)piece.at[i + n]) != 0)
            n++;
        bool says = n > 3;
        for (size_t k = 0; says && small[k] != NULL; k++)
            says = strlen(small[k]) != n || strncasecmp(small[k], piece.at + i, n) != 0;
        ret->of = ret->of || (n == 2 && strncasecmp(piece.at + i, "of", 2) == 0);
        ret->all += n > 0;
        if (says && ret->count < MAX_WORDS)
            ret->v[ret->count++] = (struct piece){piece.at + i, n};
        i += n > 0 ? n : 1;
    }
}

/* One word, or one of many: address, addresses. */
static bool same_word(struct piece a, struct piece b)
{
    const size_t n = a.n < b.n ? a.n : b.n;
    return (a.n < b.n ? b.n - a.n : a.n - b.n) < 3 && strncasecmp(a.at, b.at, n) == 0;
}

static bool among(const struct words *words, struct piece word)
{
    for (size_t i = 0; i < words->count; i++)
        if (same_word(words->v[i], word))
            return true;
    return false;
}

/* Have they a word in common, and is what is listed not some of what is named only? */
static bool words_cover(struct piece listed, struct piece named)
{
    struct words list, name;
    words_in(listed, &list);
    words_in(named, &name);
    size_t common = 0;
    for (size_t i = 0; i < name.count; i++)
        common += among(&list, name.v[i]);
    const bool narrower = common == name.count && list.count > name.count && !list.of &&
                          among(&name, list.v[list.count - 1]);
    return common > 0 && !narrower;
}

/* ---- signs, of one that does not -------------------------------------------------------------------- */

static bool chinese(struct piece piece)
{
    return piece.n >= SIGN && (unsigned char)piece.at[0] >= 0xE0;
}

static bool within(struct piece piece, const char *signs, size_t n)
{
    for (size_t i = 0; i + n <= piece.n; i++)
        if (strncmp(piece.at + i, signs, n) == 0)
            return true;
    return false;
}

/* Words that only say that something is known: what stands before them is what it is. */
static bool says_nothing(struct piece rest)
{
    static const char *const words[] = {"信息", "数据", "记录", "资料", "内容", "情况", "号码", NULL};
    for (size_t i = 0; words[i] != NULL; i++)
        if (rest.n >= 2 * SIGN && starts(rest.at, words[i]))
            return true;
    return rest.n < 2 * SIGN;
}

static bool says_whose(const char *before)
{
    return starts(before, "您的") || starts(before, "你的") || starts(before, "个人") || starts(before, "各类");
}

/* Two signs are a word. What a thing is stands at its end: 邮箱地址 is some 地址, 通信地址 no 通信. */
static bool signs_cover(struct piece listed, struct piece named)
{
    if (named.n < listed.n && strncmp(listed.at + listed.n - named.n, named.at, named.n) == 0)
        return listed.n - named.n == 2 * SIGN && says_whose(listed.at);
    if (listed.n < named.n && strncmp(listed.at, named.at, listed.n) == 0)
        return says_nothing((struct piece){named.at + listed.n, named.n - listed.n});
    for (size_t i = 0; i + 2 * SIGN <= named.n; i++)
        if ((unsigned char)named.at[i] >= 0xE0 && (unsigned char)named.at[i + SIGN] >= 0xE0 &&
            within(listed, named.at + i, 2 * SIGN))
            return true;
    return false;
}

/* ---- a name ------------------------------------------------------------------------------------------ */

static bool listed(const char *list, struct piece named)
{
    struct piece one;
    while (next_piece(&list, &one))
        if (chinese(named) ? signs_cover(one, named) : words_cover(one, named))
            return true;
    return false;
}

static bool is_name(struct piece piece)
{
    struct words words;
    if (chinese(piece))
        return piece.n <= NAME_SIGNS * SIGN;
    words_in(piece, &words);
    return words.count > 0 && words.all <= NAME_WORDS;
}

bool kept_lists_all(const char *list, const char *name, char *ret_missing, size_t size)
{
    const char *from = name;
    struct piece one;
    size_t n = 0, parts = 0;
    ret_missing[0] = 0;
    while (parts < MAX_PARTS && next_piece(&from, &one)) {
        const bool whole = parts++ == 0 && one.n == strlen(name);
        if ((!whole && !is_name(one)) || listed(list, one))
            continue;
        const size_t more = (size_t)snprintf(ret_missing + n, size - n, "%s%.*s", n > 0 ? ", " : "", (int)one.n, one.at);
        n += more < size - n ? more : 0;
        ret_missing[n] = 0;
    }
    return n == 0;
}
