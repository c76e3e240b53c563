/* new.c - kept policy new: a policy to begin with, from flags, and from questions where somebody is there. */
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/utf8.h"
#include "cli/new.h"

static const struct question questions[] = {
#define QUESTION(option, key, needed, text, why) {O_##option, key, needed, text, why},
#include "cli/new.def"
#undef QUESTION
};

static int sketch(const struct sketching *g, size_t count, struct kept_buf *out, struct kept_err *err)
{
    return kept_admin_policy_sketch(g->answers, count, g->now, out, err);
}

/* Is the answer with that index one that can be, beside those before it? */
static int judge(const struct sketching *g, size_t index, struct kept_err *err)
{
    struct kept_buf text;
    kept_buf_init(&text, KEPT_MAX_POLICY_BYTES);
    int rc = sketch(g, index + 1, &text, err);
    kept_buf_release(&text);
    return rc;
}

/* What a flag says is wrong: which one. */
static int of_flag(const struct question *q, int rc, const struct kept_err *why, struct kept_err *err)
{
    rc = kept_fail(err, rc, "--%s: %s", cli_option_row(q->option)->name, why->text);
    kept_utf8_keep(err->text); /* its end may be cut */
    return rc;
}

static int answer_all(struct sketching *g, struct kept_err *err)
{
    for (size_t i = 0; i < QUESTIONS; i++) {
        const struct question *q = &questions[i];
        struct kept_err why = {0};
        int rc = 0;
        if (g->answers[i].text != NULL)
            rc = judge(g, i, &why);
        else if (g->asks)
            rc = cli_new_ask(g, q, i, judge, err);
        else if (q->needed)
            return kept_fail(err, KEPT_E_USAGE, "--%s is needed where nobody can be asked: %s",
                             cli_option_row(q->option)->name, q->text);
        if (why.text[0] != 0)
            return of_flag(q, rc, &why, err);
        if (rc != 0)
            return rc;
    }
    return 0;
}

/* ---- where it goes ------------------------------------------------------------------------------- */

static int free_name(const char *path, struct kept_err *err)
{
    return kept_file_exists(path)
               ? kept_fail(err, KEPT_E_CONFLICT, "%.160s is there already: nothing is written over", path)
               : 0;
}

/* Whole, under a name of its own, before it gets the name that was asked for. */
static int write_new(const char *path, const struct kept_buf *text, struct kept_err *err)
{
    char part[KEPT_MAX_PATH];
    if (strlen(path) + sizeof ".part" > sizeof part)
        return kept_fail(err, KEPT_E_LIMIT, "the name of the file is too long");
    (void)snprintf(part, sizeof part, "%s.part", path);
    int rc = free_name(path, err);
    if (rc == 0)
        rc = free_name(part, err);
    if (rc != 0)
        return rc;
    rc = cli_write_out(part, text, "a new policy", err);
    if (rc == 0)
        rc = kept_file_name(part, path, "the name of a new policy", err);
    if (rc != 0)
        (void)unlink(part);
    return rc;
}

/* ---- what comes out ------------------------------------------------------------------------------ */

static json_t *report_on(const struct kept_buf *text, size_t *ret_errors, int *ret_rc, struct kept_err *err)
{
    struct kept_buf json;
    kept_buf_init(&json, KEPT_MAX_JSON_BYTES);
    *ret_rc = kept_admin_policy_check(kept_buf_span(text), 0, &json, ret_errors, err);
    json_t *report = *ret_rc == 0 ? json_loadb((const char *)json.p, json.n, 0, NULL) : NULL;
    if (*ret_rc == 0 && report == NULL)
        *ret_rc = kept_fail(err, KEPT_E_NOMEM, "no memory for a report");
    kept_buf_release(&json);
    return report;
}

static void say_next(FILE *to, const char *path, const struct kept_buf *text, const json_t *report)
{
    const char *name = path != NULL ? path : "FILE";
    size_t left = 0;
    for (const char *at = (const char *)text->p; (at = strstr(at, "# decide: ")) != NULL; at++)
        left++;
    cli_findings_text(to, name, report);
    (void)fprintf(to, "%s: %lld errors, %lld warnings; %zu lines say `# decide:`. Next:\n", name,
                  (long long)json_integer_value(json_object_get(report, "errors")),
                  (long long)json_integer_value(json_object_get(report, "warnings")), left);
    (void)fprintf(to,
                  "  edit it               docs/policy-language.md has every key\n"
                  "  kept policy check %s\n"
                  "  kept policy render %s --out notice.html   what people will read\n"
                  "  kept policy publish %s\n",
                  name, name, name);
}

static int finish(struct cli *cli, const char *path, const struct kept_buf *text, struct kept_err *err)
{
    size_t errors = 0;
    int rc = 0;
    json_t *report = report_on(text, &errors, &rc, err);
    if (rc == 0 && errors > 0)
        rc = kept_fail(err, KEPT_E_POLICY, "what was made does not pass its own check: nothing is written");
    if (rc == 0 && path != NULL)
        rc = write_new(path, text, err);
    if (rc == 0 && cli->option[O_JSON] != NULL) {
        (void)json_object_set_new(report, "file", path != NULL ? json_string(path) : json_null());
        if (path == NULL)
            (void)json_object_set_new(report, "policy", json_stringn((const char *)text->p, text->n));
        cli_print_json(report);
    } else if (rc == 0) {
        if (path == NULL)
            (void)fwrite(text->p, 1, text->n, stdout);
        bool told = fflush(stdout) == 0 && ferror(stdout) == 0; /* main says it if not */
        if (told && cli->option[O_QUIET] == NULL)
            say_next(path != NULL ? stdout : stderr, path, text, report);
    }
    json_decref(report);
    return rc;
}

int cli_run_policy_new(struct cli *cli, struct kept_err *err)
{
    const struct kept_clock clock = kept_clock_system();
    struct sketching g = {.now = kept_now(&clock)};
    const char *path = cli->option[O_OUT];
    struct kept_buf text;
    int rc = path != NULL ? free_name(path, err) : 0;
    if (rc != 0)
        return rc;
    for (size_t i = 0; i < QUESTIONS; i++)
        g.answers[i] = (struct kept_admin_answer){cli_option_row(questions[i].option)->name,
                                                  cli->option[questions[i].option]};
    g.asks = cli->option[O_YES] == NULL && cli->option[O_JSON] == NULL && isatty(STDIN_FILENO) == 1 &&
             isatty(STDERR_FILENO) == 1;
    kept_buf_init(&text, KEPT_MAX_POLICY_BYTES);
    rc = answer_all(&g, err);
    if (rc == 0 && g.asks && path == NULL && isatty(STDOUT_FILENO) == 1)
        rc = cli_new_ask_file(&g, &path, err);
    if (rc == 0)
        rc = sketch(&g, QUESTIONS, &text, err);
    if (rc == 0)
        rc = finish(cli, path, &text, err);
    kept_buf_release(&text);
    return rc;
}
