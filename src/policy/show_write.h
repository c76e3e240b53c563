/* show_write.h - a small writer of JSON (RFC 8259), for what a policy shows of itself: every string is escaped,
 * commas come by themselves. Failures stay in the buffer. */
#ifndef KEPT_POLICY_SHOW_WRITE_H
#define KEPT_POLICY_SHOW_WRITE_H

#include "policy/language.h"
#include "policy/show_int.h"

/* A comma, unless something was just opened. */
static inline void next(struct kept_buf *out)
{
    uint8_t last = out->n > 0 ? out->p[out->n - 1] : '{';
    if (last != '{' && last != '[' && last != ':')
        kept_buf_u8(out, ',');
}

static inline void key(struct kept_buf *out, const char *name)
{
    next(out);
    kept_show_quote(out, name);
    kept_buf_u8(out, ':');
}

static inline void begin(struct kept_buf *out, const char *name, char bracket)
{
    if (name != NULL)
        key(out, name);
    else
        next(out);
    kept_buf_u8(out, (uint8_t)bracket);
}

static inline void end(struct kept_buf *out, char bracket)
{
    kept_buf_u8(out, (uint8_t)bracket);
}

static inline void string(struct kept_buf *out, const char *name, const char *value)
{
    key(out, name);
    if (value != NULL)
        kept_show_quote(out, value);
    else
        kept_buf_text(out, "null");
}

static inline void number(struct kept_buf *out, const char *name, long long value)
{
    key(out, name);
    kept_buf_printf(out, "%lld", value);
}

static inline void flag(struct kept_buf *out, const char *name, bool value)
{
    key(out, name);
    kept_buf_text(out, value ? "true" : "false");
}

static inline void text(struct kept_buf *out, const struct kept_policy *p, const char *name,
                 const struct text *value)
{
    begin(out, name, '{');
    for (size_t i = 0; value->v != NULL && i < p->info.languages; i++)
        if (value->v[i] != NULL)
            string(out, p->languages[i], value->v[i]);
    end(out, '}');
}

/* Of one that may stand for all languages: it alone, where it does; nothing where there is none. */
static inline void one_text(struct kept_buf *out, const struct kept_policy *p, const char *name,
                            const struct text *value)
{
    bool differs = false;
    for (size_t i = 1; value->v != NULL && i < p->info.languages; i++)
        differs = differs || value->v[i] != value->v[0];
    if (differs)
        text(out, p, name, value);
    else
        string(out, name, value->v != NULL ? value->v[0] : NULL);
}

static inline void names(struct kept_buf *out, const struct kept_policy *p, const char *name,
                  enum kept_kind kind, const struct list *list)
{
    begin(out, name, '[');
    for (size_t i = 0; i < list->n; i++) {
        next(out);
        kept_show_quote(out, kept_policy_name(p, kind, list->v[i]));
    }
    end(out, ']');
}

static inline void head(struct kept_buf *out, const char *name, const struct rule *rule)
{
    begin(out, NULL, '{');
    string(out, "name", name);
    string(out, "clause", rule->clause);
    number(out, "line", rule->line);
}

static inline void bits(struct kept_buf *out, const char *name, const char *const *words, uint32_t set)
{
    begin(out, name, '[');
    for (unsigned i = 0; words[i] != NULL; i++)
        if ((set >> i & 1u) != 0) {
            next(out);
            kept_show_quote(out, words[i]);
        }
    end(out, ']');
}

static inline void length(struct kept_buf *out, const char *name, const struct kept_length *value,
                   const char *from)
{
    if (value->n == 0) {
        string(out, name, NULL);
        return;
    }
    begin(out, name, '{');
    number(out, "n", value->n);
    string(out, "unit", kept_show_unit(value->unit));
    if (from != NULL)
        string(out, "from", from);
    end(out, '}');
}

static inline void deadline(struct kept_buf *out, const struct kept_deadline *d)
{
    length(out, "deadline", &d->within, kept_show_anchor(d->from));
    if (d->filled != NULL)
        string(out, "deadline_from", d->filled);
    flag(out, "to_next_working_day", d->moves);
}

/* The words of a key whose bits are set. */
static inline void words(struct kept_buf *out, const char *name, enum key of, uint32_t set)
{
    begin(out, name, '[');
    for (size_t i = 0; i < kept_key_words(of); i++)
        if ((set >> i & 1u) != 0) {
            next(out);
            kept_show_quote(out, kept_key_word(of, i));
        }
    end(out, ']');
}

/* A rule that stands under a name: its clause and line, and the bracket stays open. */
static inline void section(struct kept_buf *out, const char *name, const struct rule *rule)
{
    begin(out, name, '{');
    string(out, "clause", rule->clause);
    number(out, "line", rule->line);
}

#endif
