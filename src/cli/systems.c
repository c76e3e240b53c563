/* systems.c - the systems to which the sender brings orders: lines of a file, each NAME URL FILE; and files of one secret. */
#include <string.h>

#include "base/file.h"
#include "cli/cli.h"

int cli_secret(const char *path, const char *what, struct kept_buf *out, struct kept_err *err)
{
    kept_buf_init_secret(out, KEPT_MAX_TEXT);
    if (path == NULL)
        return 0;
    int rc = kept_file_guard(path, KEPT_CLOSED, what, err);
    if (rc == 0)
        rc = cli_load(path, out, err);
    while (rc == 0 && out->n > 0 && out->p[out->n - 1] == '\n')
        out->p[--out->n] = 0;
    return rc == 0 && out->n == 0 ? kept_fail(err, KEPT_E_USAGE, "%s is empty", what) : rc;
}

/* One line: NAME URL FILE, the file holding the secret. */
static int take_line(struct cli_systems *s, char *line, unsigned number, struct kept_err *err)
{
    char *words[4] = {NULL}, *at = NULL;
    size_t n = 0;
    for (char *word = strtok_r(line, " \t\r", &at); word != NULL && n < 4; word = strtok_r(NULL, " \t\r", &at))
        words[n++] = word;
    if (n == 0 || words[0][0] == '#')
        return 0;
    if (n != 3)
        return kept_fail(err, KEPT_E_USAGE, "line %u of the systems: NAME URL FILE, the file with the secret", number);
    for (size_t i = 0; i < s->count; i++)
        if (strcmp(s->rows[i].name, words[0]) == 0)
            return kept_fail(err, KEPT_E_USAGE, "line %u of the systems: %s is there twice", number, words[0]);
    if (s->count == KEPT_MAX_SYSTEMS)
        return kept_fail(err, KEPT_E_LIMIT, "one sender has at most %u systems", KEPT_MAX_SYSTEMS);
    struct kept_buf *secret = &s->secrets[s->count];
    s->rows[s->count++] = (struct kept_post_system){.name = words[0], .url = words[1]};
    int rc = cli_secret(words[2], "the secret of a system", secret, err);
    s->rows[s->count - 1].secret = rc == 0 ? (const char *)secret->p : "";
    return rc;
}

int cli_systems_load(const char *path, struct cli_systems *s, struct kept_err *err)
{
    kept_buf_init(&s->text, KEPT_MAX_SYSTEMS * KEPT_MAX_PATH);
    if (path == NULL)
        return 0;
    int rc = kept_file_guard(path, KEPT_NOT_WRITTEN, "the list of systems", err); /* who writes it, redirects orders */
    if (rc == 0)
        rc = cli_load(path, &s->text, err);
    char *at = NULL;
    unsigned number = 0;
    for (char *line = rc == 0 && s->text.n > 0 ? (char *)s->text.p : NULL; rc == 0 && line != NULL; line = at) {
        at = strchr(line, '\n');
        if (at != NULL)
            *at++ = 0;
        rc = take_line(s, line, ++number, err);
    }
    return rc;
}

void cli_systems_release(struct cli_systems *s)
{
    for (size_t i = 0; i < s->count; i++)
        kept_buf_release(&s->secrets[i]);
    kept_buf_release(&s->text);
    s->count = 0;
}
