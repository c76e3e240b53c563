/* new_ask.c - the questions of `kept policy new`: each says why it is asked and which key it becomes. */
#include <string.h>

#include "base/file.h"
#include "cli/new.h"

#define INDENT 4u
#define COLUMNS 100u

/* What may be answered, as it is printed; and the default, as it is put together. */
struct choices {
    char usual[MAX_TYPED];
    size_t count, usual_count;
    bool list; /* rows have meanings */
};

static void take_choice(void *arg, const char *word, const char *meaning, int usual)
{
    struct choices *c = arg;
    size_t n = strlen(c->usual);
    c->count++;
    c->list = c->list || meaning[0] != 0;
    if (usual != 0) {
        c->usual_count++;
        (void)snprintf(c->usual + n, sizeof c->usual - n, "%s%s", n > 0 ? "," : "", word);
    }
}

static void print_choice(void *arg, const char *word, const char *meaning, int usual)
{
    (void)arg;
    (void)fprintf(stderr, "    %c %-18s %s\n", usual != 0 ? '*' : ' ', word, meaning);
}

/* One line of the standard input, without its end and the blanks around it; what is longer than it may be is
 * read to its end, and comes out as long as that. false: there is none. */
static bool read_line(char ret_text[MAX_TYPED])
{
    size_t n = 0;
    int c = getchar();
    if (c == EOF)
        return false;
    for (; c != EOF && c != '\n'; c = getchar())
        if (n + 1 < MAX_TYPED && (n > 0 || c != ' '))
            ret_text[n++] = c != 0 ? (char)c : '\1'; /* a NUL is refused as other control characters are */
    while (n > 0 && (ret_text[n - 1] == ' ' || ret_text[n - 1] == '\r'))
        n--;
    ret_text[n] = 0;
    return c != EOF; /* a line that was not ended was not meant */
}

static int ended(struct kept_err *err)
{
    (void)fputs("\n", stderr);
    return kept_fail(err, KEPT_E_USAGE, "the questions were not answered to their end: nothing is written");
}

static void put_question(const struct sketching *g, const struct question *q, size_t index,
                         struct choices *choices)
{
    struct kept_err none = {0};
    const char *of = g->answers[index].of;
    (void)fprintf(stderr, "\n%zu/%u  %s\n", index + 1, (unsigned)QUESTIONS, q->text);
    (void)fprintf(stderr, "%*s", (int)INDENT, "");
    char why[256];
    (void)snprintf(why, sizeof why, "%s (%s; --%s)", q->why, q->key, of);
    cli_wrapped(stderr, why, INDENT, INDENT, COLUMNS);
    *choices = (struct choices){.count = 0};
    int rc = kept_admin_policy_choices(g->answers, index, of, take_choice, choices, &none);
    if (rc == 0 && choices->list)
        rc = kept_admin_policy_choices(g->answers, index, of, print_choice, NULL, &none);
    if (rc != 0)
        (void)fprintf(stderr, "%*s(%s)\n", (int)INDENT, "", none.text);
    if (choices->usual[0] == 0 && !q->needed)
        (void)snprintf(choices->usual, sizeof choices->usual, "none");
}

static void prompt(const char *otherwise)
{
    if (otherwise[0] != 0)
        (void)fprintf(stderr, "%*s[%s] > ", (int)INDENT, "", otherwise);
    else
        (void)fprintf(stderr, "%*s> ", (int)INDENT, "");
    (void)fflush(stderr);
}

int cli_new_ask(struct sketching *g, const struct question *q, size_t index, judge_fn *judge,
                struct kept_err *err)
{
    struct choices choices;
    if (index == 0)
        (void)fputs("A policy to begin with. Enter takes what stands in brackets; Ctrl-C ends it, and nothing is "
                    "written.\n", stderr);
    put_question(g, q, index, &choices);
    for (;;) {
        struct kept_err why = {0};
        prompt(choices.usual);
        if (!read_line(g->typed[index]))
            return ended(err);
        if (g->typed[index][0] == 0 && choices.usual[0] != 0)
            memcpy(g->typed[index], choices.usual, sizeof choices.usual);
        g->answers[index].text = g->typed[index];
        int rc = judge(g, index, &why);
        if (rc == 0)
            return 0;
        if (rc != KEPT_E_USAGE)
            return kept_fail(err, rc, "%s", why.text);
        (void)fprintf(stderr, "%*sThat cannot be: ", (int)INDENT, "");
        cli_wrapped(stderr, why.text, INDENT + 16, INDENT, COLUMNS);
    }
}

int cli_new_ask_file(struct sketching *g, const char **ret_path, struct kept_err *err)
{
    char otherwise[MAX_TYPED];
    (void)snprintf(otherwise, sizeof otherwise, "%.64s.yaml", g->answers[QUESTION_APP].text);
    (void)fprintf(stderr, "\n      Into which file?\n");
    for (;;) {
        prompt(otherwise);
        if (!read_line(g->file))
            return ended(err);
        if (g->file[0] == 0)
            memcpy(g->file, otherwise, sizeof otherwise);
        *ret_path = g->file;
        if (!kept_file_exists(g->file))
            return 0;
        (void)fprintf(stderr, "%*sThat is there already, and nothing is written over.\n", (int)INDENT, "");
    }
}
