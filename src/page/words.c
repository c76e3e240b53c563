/* words.c - a file of sentences: read, checked against the table, and said. */
#include "page/words.h"

#include <stdbool.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"

struct sentence {
    char *key, *text; /* owned; text NULL: not there yet */
    int line;
};
struct kept_words {
    const struct kept_sentence *rows;
    size_t count;
    struct sentence *said; /* count of them, as the table has them, then the open ones */
    size_t used, cap;
};

struct source { /* a file while it is read */
    struct kept_words *words;
    const char *file;
    const char *const *open;
    struct kept_span text;
    size_t at;
    int line;
    size_t mistakes;
    struct kept_err first;
    struct kept_buf body;
};

/* ---- placeholders ----------------------------------------------------------------------------- */

enum piece_kind { PIECE_END = 0, PIECE_TEXT, PIECE_VALUE, PIECE_IF, PIECE_ELSE, PIECE_FI, PIECE_BAD };
struct piece {
    enum piece_kind kind;
    const char *p; /* text, or the name of a value */
    size_t n;
};

static struct piece next_piece(const char **at)
{
    const char *p = *at;
    if (*p == 0)
        return (struct piece){PIECE_END, p, 0};
    if (*p != '{') {
        size_t n = strcspn(p, "{");
        *at = p + n;
        return (struct piece){PIECE_TEXT, p, n};
    }
    size_t n = strcspn(p + 1, "{}");
    if (p[1 + n] != '}' || n == 0)
        return (struct piece){PIECE_BAD, p, strlen(p)};
    *at = p + n + 2;
    p++;
    if (n == 4 && strncmp(p, "else", 4) == 0)
        return (struct piece){PIECE_ELSE, p, n};
    if (n == 3 && strncmp(p, "end", 3) == 0)
        return (struct piece){PIECE_FI, p, n};
    if (n > 3 && strncmp(p, "if ", 3) == 0)
        return (struct piece){PIECE_IF, p + 3, n - 3};
    return (struct piece){PIECE_VALUE, p, n};
}

/* `{name.}`: with a full stop, unless the value ends a sentence by itself. */
static struct piece without_stop(struct piece piece)
{
    if (piece.kind == PIECE_VALUE && piece.n > 1 && piece.p[piece.n - 1] == '.')
        piece.n--;
    return piece;
}

static char low(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Is this the name, whatever the case of its first letter? */
static bool same_name(const char *name, size_t name_n, const char *p, size_t n)
{
    return name_n == n && n > 0 && low(name[0]) == low(p[0]) && strncmp(name + 1, p + 1, n - 1) == 0;
}

/* The place of a value among those of a row, or SIZE_MAX; *ret_must: it must be spoken of. */
static size_t value_place(const char *values, const char *p, size_t n, bool *ret_must)
{
    size_t place = 0;
    for (const char *at = values; *at != 0; place++) {
        size_t word = strcspn(at, " ");
        bool may = at[word - 1] == '?';
        if (same_name(at, word - (may ? 1 : 0), p, n)) {
            *ret_must = !may;
            return place;
        }
        at += word;
        at += strspn(at, " ");
    }
    return SIZE_MAX;
}

/* ---- mistakes --------------------------------------------------------------------------------- */

static void mistake(struct source *s, int line, const char *what, const char *p, size_t n)
{
    if (s->mistakes++ == 0)
        (void)kept_fail(&s->first, KEPT_E_POLICY, "%.80s:%d: %s%s%.*s%s", s->file, line, what,
                        n > 0 ? " '" : "", (int)(n > 60 ? 60 : n), p, n > 0 ? "'" : "");
}

/* Every value that the row must speak of is spoken of. */
static void check_spoken(struct source *s, const struct sentence *said, const char *values,
                         uint64_t spoken)
{
    size_t place = 0;
    for (const char *at = values; *at != 0; place++) {
        size_t word = strcspn(at, " ");
        if (at[word - 1] != '?' && (spoken >> place & 1u) == 0)
            mistake(s, said->line, "the sentence leaves out a value it must speak of: write {...} for",
                    at, word);
        at += word;
        at += strspn(at, " ");
    }
}

static void check_sentence(struct source *s, const struct sentence *said, const char *values)
{
    bool open = false, other = false;
    uint64_t spoken = 0;
    const char *at = said->text;
    for (struct piece piece = next_piece(&at); piece.kind != PIECE_END; piece = next_piece(&at)) {
        if (piece.kind == PIECE_BAD) {
            mistake(s, said->line, "a brace is not closed, or empty, at", piece.p, piece.n);
            return;
        }
        if ((piece.kind == PIECE_IF && open) || (piece.kind == PIECE_ELSE && (!open || other)) ||
            (piece.kind == PIECE_FI && !open))
            mistake(s, said->line, "{if}, {else} and {end} are out of order in", said->key,
                    strlen(said->key));
        open = piece.kind == PIECE_IF || (open && piece.kind != PIECE_FI);
        other = piece.kind == PIECE_ELSE || (other && piece.kind != PIECE_FI);
        if (piece.kind != PIECE_IF && piece.kind != PIECE_VALUE)
            continue;
        bool must = false;
        piece = without_stop(piece);
        size_t place = value_place(values, piece.p, piece.n, &must);
        if (place >= 64)
            mistake(s, said->line, "this sentence has no value of the name", piece.p, piece.n);
        else
            spoken |= 1ull << place;
    }
    if (open)
        mistake(s, said->line, "{if} without {end} in", said->key, strlen(said->key));
    check_spoken(s, said, values, spoken);
}

/* ---- the file --------------------------------------------------------------------------------- */

static bool next_line(struct source *s, struct kept_span *ret_line)
{
    if (s->at >= s->text.n)
        return false;
    const uint8_t *from = s->text.p + s->at;
    const uint8_t *nl = memchr(from, '\n', s->text.n - s->at);
    size_t n = nl != NULL ? (size_t)(nl - from) : s->text.n - s->at;
    s->at += n + 1;
    s->line++;
    while (n > 0 && (from[n - 1] == ' ' || from[n - 1] == '\r' || from[n - 1] == '\t'))
        n--;
    *ret_line = (struct kept_span){from, n};
    return true;
}

static bool is_open(const struct source *s, const char *key)
{
    for (size_t i = 0; s->open != NULL && s->open[i] != NULL; i++)
        if (strncmp(key, s->open[i], strlen(s->open[i])) == 0 && key[strlen(s->open[i])] != 0)
            return true;
    return false;
}

/* The place of a key that a line [key] begins; NULL: a mistake, or no memory (*ret_rc). */
static struct sentence *begin_sentence(struct source *s, struct kept_span line, int *ret_rc)
{
    struct kept_words *w = s->words;
    const char *p = (const char *)line.p + 1;
    size_t n = line.n - 2;
    struct sentence *said = NULL;
    for (size_t i = 0; i < w->used && said == NULL; i++)
        if (strlen(w->said[i].key) == n && strncmp(w->said[i].key, p, n) == 0)
            said = &w->said[i];
    if (said != NULL && said->line != 0) {
        mistake(s, s->line, "this sentence stands twice; take one away:", p, n);
        return NULL;
    }
    if (said == NULL) {
        char *key = kept_strndup(p, n);
        *ret_rc = key == NULL ? KEPT_E_NOMEM
                              : kept_grow(&w->said, &w->cap, w->used + 1, KEPT_MAX_DECLARED,
                                          sizeof *w->said);
        if (*ret_rc != 0 || !is_open(s, key)) {
            if (*ret_rc == 0)
                mistake(s, s->line, "there is no sentence of the name", p, n);
            kept_free(key);
            return NULL;
        }
        w->said[w->used] = (struct sentence){.key = key};
        said = &w->said[w->used++];
    }
    said->line = s->line;
    return said;
}

static void join(struct kept_buf *body, struct kept_span line)
{
    if (body->n > 0 && body->p[body->n - 1] < 0x80 && line.p[0] < 0x80)
        kept_buf_u8(body, ' ');
    kept_buf_bytes(body, line.p, line.n);
}

static int end_sentence(struct source *s, struct sentence *said)
{
    if (said == NULL)
        return 0;
    if (s->body.n == 0)
        mistake(s, said->line, "nothing is said under", said->key, strlen(said->key));
    said->text = kept_strndup(s->body.p != NULL ? (const char *)s->body.p : "", s->body.n);
    int rc = s->body.failed;
    kept_buf_clear(&s->body);
    if (said->text == NULL || rc != 0)
        return rc != 0 ? rc : KEPT_E_NOMEM;
    size_t row = (size_t)(said - s->words->said);
    check_sentence(s, said, row < s->words->count ? s->words->rows[row].values : "");
    return 0;
}

static int read_lines(struct source *s)
{
    struct kept_span line;
    size_t now = SIZE_MAX; /* what is being read; an index, because the array moves */
    bool skip = false;     /* under a name that is a mistake */
    int rc = 0;
    while (rc == 0 && next_line(s, &line)) {
        if (line.n == 0 || line.p[0] == '#')
            continue;
        if (line.p[0] == '[' && line.p[line.n - 1] == ']' && line.n > 2) {
            rc = end_sentence(s, now != SIZE_MAX ? &s->words->said[now] : NULL);
            struct sentence *said = rc == 0 ? begin_sentence(s, line, &rc) : NULL;
            now = said != NULL ? (size_t)(said - s->words->said) : SIZE_MAX;
            skip = said == NULL;
        } else if (now != SIZE_MAX) {
            join(&s->body, line);
        } else if (!skip) {
            mistake(s, s->line, "begin with a name in brackets, before", (const char *)line.p, line.n);
            skip = true;
        }
    }
    if (rc == 0)
        rc = end_sentence(s, now != SIZE_MAX ? &s->words->said[now] : NULL);
    return rc != 0 ? rc : s->body.failed;
}

static int begin_words(struct kept_words *w, const struct kept_sentence *rows, size_t count)
{
    w->rows = rows;
    int rc = kept_grow(&w->said, &w->cap, count, KEPT_MAX_DECLARED, sizeof *w->said);
    for (size_t i = 0; rc == 0 && i < count; i++) {
        w->said[i].key = kept_strdup(rows[i].key);
        w->used = i + 1;
        rc = w->said[i].key == NULL ? KEPT_E_NOMEM : 0;
    }
    w->count = count;
    return rc;
}

static void check_all_there(struct source *s)
{
    for (size_t i = 0; i < s->words->count; i++)
        if (s->words->said[i].line == 0)
            mistake(s, s->line, "a sentence is missing; add [...] with", s->words->rows[i].key,
                    strlen(s->words->rows[i].key));
}

int kept_words_read(struct kept_span text, const char *file, const struct kept_sentence *rows,
                    size_t count, const char *const *open, struct kept_words **ret_words,
                    struct kept_err *err)
{
    struct source s = {.file = file, .open = open, .text = text};
    *ret_words = NULL;
    if (text.n > KEPT_MAX_TEMPLATE_BYTES)
        return kept_fail(err, KEPT_E_LIMIT, "%.120s is larger than %u bytes", file,
                         KEPT_MAX_TEMPLATE_BYTES);
    if (!kept_utf8_valid(text))
        return kept_fail(err, KEPT_E_POLICY, "%.120s is not UTF-8, or holds a zero byte", file);
    kept_buf_init(&s.body, KEPT_MAX_TEMPLATE_BYTES);
    s.words = kept_alloc(1, sizeof *s.words);
    int rc = s.words != NULL ? begin_words(s.words, rows, count) : KEPT_E_NOMEM;
    if (rc == 0)
        rc = read_lines(&s);
    if (rc == 0)
        check_all_there(&s);
    kept_buf_release(&s.body);
    if (rc == 0 && s.mistakes > 1)
        rc = kept_fail(err, KEPT_E_POLICY, "%s (the first of %zu mistakes)", s.first.text, s.mistakes);
    else if (rc == 0 && s.mistakes == 1)
        rc = kept_fail(err, KEPT_E_POLICY, "%s", s.first.text);
    else if (rc != 0)
        rc = kept_fail(err, rc, "%.120s cannot be read", file);
    if (rc == 0) {
        *ret_words = s.words;
        s.words = NULL;
    }
    kept_words_free(s.words);
    return rc;
}

void kept_words_free(struct kept_words *words)
{
    if (words == NULL)
        return;
    for (size_t i = 0; i < words->used; i++) {
        kept_free(words->said[i].key);
        kept_free(words->said[i].text);
    }
    kept_free(words->said);
    kept_free(words);
}

/* ---- saying ----------------------------------------------------------------------------------- */

static const char *value_of(const struct kept_value *values, size_t count, struct piece piece,
                            bool *ret_there)
{
    for (size_t i = 0; i < count; i++)
        if (same_name(values[i].name, strlen(values[i].name), piece.p, piece.n)) {
            *ret_there = true;
            return values[i].text != NULL ? values[i].text : "";
        }
    return "";
}

static bool ends_sentence(const char *text)
{
    static const char *const ends[] = {".", "!", "?", "。", "！", "？", "…"};
    size_t n = strlen(text);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        if (n >= strlen(ends[i]) && strcmp(text + n - strlen(ends[i]), ends[i]) == 0)
            return true;
    return n == 0;
}

static void put_value(struct kept_buf *out, const char *text, bool capital, bool stop)
{
    const char *full = ends_sentence(text)                            ? ""
                       : (unsigned char)text[strlen(text) - 1] < 0x80 ? "."
                                                                      : "。";
    if (capital && text[0] >= 'a' && text[0] <= 'z') {
        kept_buf_u8(out, (uint8_t)(text[0] - 'a' + 'A'));
        text++;
    }
    kept_buf_text(out, text);
    kept_buf_text(out, stop ? full : "");
}

void kept_words_say(const struct kept_words *words, size_t row, const struct kept_value *values,
                    size_t count, struct kept_buf *out)
{
    bool quiet = false, taken = false; /* inside the part of an {if} that is left out; the {if} held */
    if (row >= words->count) {
        out->failed = KEPT_E_BUG;
        return;
    }
    const char *at = words->said[row].text;
    for (struct piece piece = next_piece(&at); piece.kind != PIECE_END && piece.kind != PIECE_BAD;
         piece = next_piece(&at)) {
        bool there = false, must = false;
        if (piece.kind == PIECE_TEXT && !quiet)
            kept_buf_bytes(out, piece.p, piece.n);
        if (piece.kind == PIECE_ELSE)
            quiet = taken;
        if (piece.kind == PIECE_FI)
            quiet = false;
        if (piece.kind != PIECE_VALUE && piece.kind != PIECE_IF)
            continue;
        bool stop = without_stop(piece).n != piece.n;
        piece = without_stop(piece);
        const char *text = value_of(values, count, piece, &there);
        (void)value_place(words->rows[row].values, piece.p, piece.n, &must);
        if (must && !there)
            out->failed = KEPT_E_BUG;
        if (piece.kind == PIECE_IF) {
            taken = text[0] != 0;
            quiet = !taken;
        } else if (!quiet) {
            put_value(out, text, piece.p[0] >= 'A' && piece.p[0] <= 'Z', stop);
        }
    }
}

const char *kept_words_of(const struct kept_words *words, const char *group, const char *name)
{
    size_t n = strlen(group);
    for (size_t i = 0; i < words->used; i++) {
        const char *key = words->said[i].key;
        if (strncmp(key, group, n) == 0 && key[n] == '.' && strcmp(key + n + 1, name) == 0)
            return words->said[i].text;
    }
    return NULL;
}
