/* import.c - kept import and kept export: options in, progress and a summary out. */
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "cli/cli.h"
#include "transfer/csv.h"
#include "transfer/transfer.h"

#define SAID_ROWS 20u /* bad rows on the standard error; --rejects has them all */

/* ---- a file's format -------------------------------------------------------------------------- */

static int format_of(const struct cli *cli, const char *path, enum kept_rows_format said,
                     enum kept_rows_format *ret, struct kept_err *err)
{
    const char *dot = strrchr(path, '.'), *word = cli->option[O_FORMAT];
    if (word == NULL && said != 0) {
        *ret = said;
        return 0;
    }
    if (word == NULL)
        word = dot != NULL ? dot + 1 : "";
    *ret = strcmp(word, "csv") == 0                                    ? KEPT_ROWS_CSV
           : strcmp(word, "jsonl") == 0 || strcmp(word, "ndjson") == 0 ? KEPT_ROWS_JSONL
                                                                       : 0;
    return *ret != 0 ? 0 : kept_fail(err, KEPT_E_USAGE, "say --format csv or --format jsonl");
}

/* ---- the mapping ------------------------------------------------------------------------------- */

static void print_finding(const char *path, const struct kept_finding *f)
{
    (void)fprintf(stderr, "%s:%d:%d: %s %s: %s\n", path, f->line, f->column,
                  f->severity == KEPT_ERROR ? "error" : "warning", f->code, f->text);
    if (f->mend[0] != 0)
        (void)fprintf(stderr, "    mend: %s\n", f->mend);
}

static json_t *finding_json(const struct kept_finding *f)
{
    return json_pack("{s:s,s:s,s:i,s:i,s:s,s:s}", "severity",
                     f->severity == KEPT_ERROR ? "error" : "warning", "code", f->code, "line",
                     f->line, "column", f->column, "text", f->text, "mend", f->mend);
}

static int load_mapping(struct cli *cli, struct kept_mapping **ret, struct kept_err *err)
{
    const char *path = cli->option[O_MAPPING];
    struct kept_findings findings = {0};
    struct kept_buf text;
    *ret = NULL;
    kept_buf_init(&text, KEPT_MAX_POLICY_BYTES + 1);
    int rc = cli_load(path, &text, err);
    if (rc == 0)
        rc = kept_mapping_read(kept_buf_span(&text), ret, &findings, err);
    json_t *rows = json_array();
    for (size_t i = 0; i < findings.count; i++) {
        (void)json_array_append_new(rows, finding_json(&findings.rows[i]));
        if (cli->option[O_JSON] == NULL)
            print_finding(path, &findings.rows[i]);
    }
    if (rc == KEPT_E_POLICY) {
        cli_detail(cli, "findings", json_incref(rows));
        rc = kept_fail(err, rc, "%.120s has %zu mistake%s: nothing was imported", path,
                       findings.errors, findings.errors == 1 ? "" : "s");
    }
    json_decref(rows);
    kept_findings_release(&findings);
    kept_buf_release(&text);
    return rc;
}

/* ---- rows that were not taken ------------------------------------------------------------------ */

struct importing {
    struct cli *cli;
    struct progress progress;
    int rejects;             /* a file, or -1 */
    uint64_t rejects_at;
    struct kept_buf line;
    uint64_t said;
};

static int open_rejects(struct importing *w, struct kept_err *err)
{
    const char *path = w->cli->option[O_REJECTS];
    static const char heading[] = "row,line,column,item,reason\r\n";
    if (path == NULL)
        return 0;
    if (kept_file_exists(path)) { /* of a run that goes on now: behind what it said */
        int rc = kept_file_open(path, KEPT_FILE_WRITE, &w->rejects, err);
        return rc != 0 ? rc : kept_file_size(w->rejects, &w->rejects_at, err);
    }
    int rc = kept_file_open(path, KEPT_FILE_CREATE, &w->rejects, err);
    if (rc == 0)
        rc = kept_file_write(w->rejects, 0, heading, sizeof heading - 1, err);
    w->rejects_at = sizeof heading - 1;
    return rc;
}

static void put_cell(struct kept_buf *line, const char *text)
{
    kept_buf_u8(line, ',');
    if (text != NULL)
        kept_csv_put(line, ',', (struct kept_span){(const uint8_t *)text, strlen(text)});
}

static int write_reject(struct importing *w, const struct kept_reject *r, struct kept_err *err)
{
    if (w->rejects < 0)
        return 0;
    kept_buf_clear(&w->line);
    kept_buf_printf(&w->line, "%llu,%llu", (unsigned long long)r->row, (unsigned long long)r->line);
    put_cell(&w->line, r->column);
    put_cell(&w->line, r->item);
    put_cell(&w->line, r->reason);
    kept_buf_text(&w->line, "\r\n");
    if (w->line.failed != 0)
        return kept_fail(err, w->line.failed, "no memory to say which row was refused");
    int rc = kept_file_write(w->rejects, w->rejects_at, w->line.p, w->line.n, err);
    w->rejects_at += w->line.n;
    return rc;
}

static int on_reject(void *arg, const struct kept_reject *r, struct kept_err *err)
{
    struct importing *w = arg;
    bool quiet = w->cli->option[O_QUIET] != NULL || w->cli->option[O_JSON] != NULL;
    if (!quiet && w->said < SAID_ROWS) {
        cli_progress_end(&w->progress);
        (void)fprintf(stderr, "row %llu (line %llu)%s%s%s%s: %s%s\n", (unsigned long long)r->row,
                      (unsigned long long)r->line, r->column != NULL ? ", column " : "",
                      r->column != NULL ? r->column : "", r->item != NULL ? ", " : "",
                      r->item != NULL ? r->item : "", r->reason,
                      r->again ? " (of the run that was stopped)" : "");
    }
    if (!quiet && w->said == SAID_ROWS)
        (void)fprintf(stderr, "... and more: --rejects FILE has them all\n");
    w->said++;
    return write_reject(w, r, err);
}

static void on_progress(void *arg, const struct kept_import_state *s)
{
    struct importing *w = arg;
    w->progress.what = s->hashing ? "rows (reading the file once for its hash)" : "rows";
    cli_progress(&w->progress, s->size > 0 ? (double)s->bytes / (double)s->size : 0, s->rows);
}

/* ---- what is said at the end -------------------------------------------------------------------- */

static json_t *tally_json(const struct kept_tally *t)
{
    json_t *row = json_object(), *refused = json_object();
    uint64_t sum = 0;
    (void)json_object_set_new(row, t->function != NULL ? "item" : "consent", json_string(t->name));
    if (t->function != NULL)
        (void)json_object_set_new(row, "function", json_string(t->function));
    (void)json_object_set_new(row, "accepted", json_integer((json_int_t)t->accepted));
    (void)json_object_set_new(row, "stripped", json_integer((json_int_t)t->stripped));
    for (unsigned i = 0; i < KEPT_R_COUNT; i++) {
        sum += t->refused[i];
        if (t->refused[i] > 0)
            (void)json_object_set_new(refused, kept_reason_name((enum kept_reason)i),
                                      json_integer((json_int_t)t->refused[i]));
    }
    (void)json_object_set_new(row, "refused", json_integer((json_int_t)sum));
    (void)json_object_set_new(row, "reasons", refused);
    return row;
}

static json_t *tallies_json(const struct kept_tally *tallies, size_t count)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < count; i++)
        (void)json_array_append_new(rows, tally_json(&tallies[i]));
    return rows;
}

static json_t *number_cell(const json_t *row, const char *key)
{
    return json_sprintf("%lld", (long long)json_integer_value(json_object_get(row, key)));
}

static void print_tallies(const json_t *rows)
{
    static const char *const columns[] = {"item or consent", "function", "accepted", "stripped",
                                          "refused", "why",  NULL};
    json_t *cells = json_array(), *row = NULL, *n = NULL;
    const char *reason = NULL;
    size_t i = 0;
    json_array_foreach(rows, i, row)
    {
        const char *item = json_string_value(json_object_get(row, "item"));
        const char *function = json_string_value(json_object_get(row, "function"));
        struct kept_buf why;
        kept_buf_init(&why, 1u << 16);
        json_object_foreach(json_object_get(row, "reasons"), reason, n)
            kept_buf_printf(&why, "%s%s %lld", why.n > 0 ? ", " : "", reason,
                            (long long)json_integer_value(n));
        if (item == NULL)
            item = json_string_value(json_object_get(row, "consent"));
        (void)json_array_append_new(
            cells, json_pack("[s,s,o,o,o,s]", item, function != NULL ? function : "",
                             number_cell(row, "accepted"), number_cell(row, "stripped"),
                             number_cell(row, "refused"), why.n > 0 ? (const char *)why.p : ""));
        kept_buf_release(&why);
    }
    cli_table(stdout, columns, cells, 100);
    json_decref(cells);
}

static void print_import(const struct kept_import_state *s, bool dry, double seconds,
                         const json_t *rows)
{
    if (s->finished_before) {
        (void)printf("this file was imported before, with this mapping, to its end (row %llu): "
                     "nothing was done; --again takes it once more\n",
                     (unsigned long long)s->before);
        return;
    }
    if (s->before > 0)
        (void)printf("goes on behind row %llu\n", (unsigned long long)s->before);
    (void)printf("%s%llu rows: %llu taken, %llu in part, %llu refused; ",
                 dry ? "dry run, as if everyone were new; nothing was written\n" : "",
                 (unsigned long long)s->rows, (unsigned long long)s->taken,
                 (unsigned long long)s->in_part, (unsigned long long)s->refused);
    if (!dry)
        (void)printf("%llu people are new, %llu were found; ", (unsigned long long)s->people_new,
                     (unsigned long long)s->people_found);
    (void)printf("%.1f s\n", seconds);
    print_tallies(rows);
}

static void summary(struct cli *cli, const struct kept_import_state *s, bool dry, double seconds)
{
    json_t *rows = tallies_json(s->tallies, s->tally_count);
    bool some = s->taken + s->in_part > 0, lost = s->in_part + s->refused > 0;
    cli->in_part = some && lost;
    cli->no = !some && lost;
    if (cli->option[O_JSON] == NULL) {
        print_import(s, dry, seconds, rows);
    } else {
        json_t *root = json_pack(
            "{s:s,s:b,s:b,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:O,s:f}", "sha256", s->sha256, "dry_run", dry,
            "finished_before", s->finished_before, "before", (json_int_t)s->before, "rows",
            (json_int_t)s->rows, "taken", (json_int_t)s->taken, "in_part", (json_int_t)s->in_part,
            "refused", (json_int_t)s->refused, "people_new", (json_int_t)s->people_new,
            "people_found", (json_int_t)s->people_found, "items", rows, "seconds", seconds);
        cli_print_json(root);
        json_decref(root);
    }
    json_decref(rows);
}

/* ---- import ----------------------------------------------------------------------------------- */

static int check_file(const char *path, struct kept_err *err)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return kept_fail(err, KEPT_E_NOTFOUND, "there is no file %.160s", path);
    if (!S_ISREG(st.st_mode))
        return kept_fail(err, KEPT_E_USAGE,
                         "%.160s is no plain file: an import reads it twice, so that it can go on "
                         "where it stopped",
                         path);
    return 0;
}

static int check_consents(const struct cli *cli, const struct kept_mapping *m, struct kept_err *err)
{
    if (cli->option[O_CONSENTS] != NULL && m->consent_count == 0)
        return kept_fail(err, KEPT_E_USAGE, "--consents is said, but the mapping has no 'consents:'");
    if (cli->option[O_CONSENTS] == NULL && m->consent_count > 0)
        (void)fputs("kept: note: the mapping brings consents; without --consents they are left "
                    "out\n",
                    stderr);
    return 0;
}

static int import_mapped(struct cli *cli, const struct kept_mapping *m, struct kept_err *err)
{
    struct importing w = {.cli = cli, .rejects = -1};
    struct kept_import_options o = {
        .path = cli->arg[0], .mapping = m, .app = cli->option[O_APP],
        .actor = cli->option[O_ACTOR] != NULL ? cli->option[O_ACTOR] : "import",
        .role = cli->option[O_AS], .consents = cli->option[O_CONSENTS] != NULL,
        .dry = cli->option[O_DRY_RUN] != NULL, .again = cli->option[O_AGAIN] != NULL, .arg = &w,
        .progress = on_progress, .reject = on_reject};
    struct kept_import_state state = {.rows = 0};
    struct kept *kept = NULL;
    kept_buf_init(&w.line, 1u << 16);
    cli_progress_begin(&w.progress, cli, "rows");
    int rc = format_of(cli, o.path, m->format, &o.format, err);
    if (rc == 0)
        rc = check_consents(cli, m, err);
    if (rc == 0)
        rc = open_rejects(&w, err);
    if (rc == 0)
        rc = cli_own(cli, &kept, err);
    if (rc == 0)
        rc = kept_import(kept, &o, &state, err);
    cli_progress_end(&w.progress);
    kept_close(kept);
    if (rc == 0)
        summary(cli, &state, o.dry, cli_progress_seconds(&w.progress));
    else if (state.rows > 0 && cli->option[O_JSON] == NULL)
        (void)fprintf(stderr, "kept: stopped behind %llu rows, which stay; run it again to go on\n",
                      (unsigned long long)state.rows);
    kept_import_release(&state);
    kept_buf_release(&w.line);
    kept_file_close(w.rejects);
    return rc;
}

int cli_run_import(struct cli *cli, struct kept_err *err)
{
    struct kept_mapping *mapping = NULL;
    int rc = check_file(cli->arg[0], err);
    if (rc == 0)
        rc = load_mapping(cli, &mapping, err);
    if (rc == 0)
        rc = import_mapped(cli, mapping, err);
    kept_mapping_free(mapping);
    return rc;
}

/* ---- export ----------------------------------------------------------------------------------- */

static void on_exported(void *arg, const struct kept_export_state *s)
{
    struct importing *w = arg;
    cli_progress(&w->progress, s->size > 0 ? (double)s->people / (double)s->size : 0, s->people);
}

static int to_stdout(void *arg, struct kept_span bytes, struct kept_err *err)
{
    (void)arg;
    if (fwrite(bytes.p, 1, bytes.n, stdout) == bytes.n)
        return 0;
    return kept_fail_errno(err, KEPT_E_IO, "cannot write to the standard output");
}

static void print_export(struct cli *cli, const struct kept_export_state *s, double seconds)
{
    FILE *to = strcmp(cli->arg[0], "-") == 0 ? stderr : stdout;
    const bool quiet = cli->option[O_JSON] != NULL || cli->option[O_QUIET] != NULL;
    json_t *rows = tallies_json(s->tallies, s->tally_count);
    json_t *root = json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:O,s:f}", "people", (json_int_t)s->people,
                             "before", (json_int_t)s->before, "rows", (json_int_t)s->rows, "bytes",
                             (json_int_t)s->bytes, "masked", (json_int_t)s->masked, "no_text",
                             (json_int_t)s->no_text, "items", rows, "seconds", seconds);
    uint64_t accepted = 0, refused = s->no_text;
    for (size_t i = 0; i < s->tally_count; i++) {
        accepted += s->tallies[i].accepted;
        for (unsigned r = 0; r < KEPT_R_COUNT; r++)
            refused += s->tallies[i].refused[r];
    }
    cli->in_part = accepted > 0 && refused > 0;
    cli->no = accepted == 0 && refused > 0;
    if (cli->option[O_JSON] != NULL && to == stdout)
        cli_print_json(root);
    if (!quiet && s->before > 0)
        (void)fprintf(to, "went on behind %llu people\n", (unsigned long long)s->before);
    if (!quiet)
        (void)fprintf(to, "%llu people, %llu rows, %llu values masked; %.1f s\n",
                      (unsigned long long)s->people, (unsigned long long)s->rows,
                      (unsigned long long)s->masked, seconds);
    if (!quiet && to == stdout)
        print_tallies(rows);
    json_decref(root);
    json_decref(rows);
}

/* The items that --items lists, into words that are cut apart in place. */
static int split_items(char *list, const char **items, size_t *ret_count, struct kept_err *err)
{
    for (char *word = list; word != NULL;) {
        char *comma = strchr(word, ',');
        if (comma != NULL)
            *comma++ = 0;
        if (word[0] == 0 || strlen(word) > KEPT_MAX_NAME ||
            strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789._-") != strlen(word))
            return kept_fail(err, KEPT_E_USAGE, "--items is a list of names: message,contact-phone");
        if (*ret_count == KEPT_MAX_COLUMNS)
            return kept_fail(err, KEPT_E_LIMIT, "more than %u items", KEPT_MAX_COLUMNS);
        items[(*ret_count)++] = word;
        word = comma;
    }
    return 0;
}

static int where(const struct cli *cli, struct kept_export_options *o, struct kept_id *subject,
                 struct kept_err *err)
{
    const char *word = cli->option[O_WHERE];
    if (word == NULL || strcmp(word, "all") == 0)
        return 0;
    o->subject = subject;
    return kept_id_parse(word, subject) == 0
               ? 0
               : kept_fail(err, KEPT_E_USAGE, "--where is all, or a person's id of 32 hex digits");
}

int cli_run_export(struct cli *cli, struct kept_err *err)
{
    struct importing w = {.cli = cli, .rejects = -1};
    struct kept_export_state state = {.rows = 0};
    struct kept_id subject;
    struct kept *kept = NULL;
    size_t count = 0;
    char *list = kept_strdup(cli->option[O_ITEMS]);
    const char **items = kept_alloc(KEPT_MAX_COLUMNS, sizeof *items);
    struct kept_export_options o = {
        .path = cli->arg[0], .items = items, .app = cli->option[O_APP],
        .actor = cli->option[O_ACTOR] != NULL ? cli->option[O_ACTOR] : "export",
        .role = cli->option[O_AS], .function = cli->option[O_FUNCTION],
        .purpose = cli->option[O_PURPOSE], .again = cli->option[O_AGAIN] != NULL, .arg = &w, .progress = on_exported, .write = to_stdout};
    int rc = list == NULL || items == NULL ? kept_fail(err, KEPT_E_NOMEM, "no memory") : 0;
    if (rc == 0)
        rc = split_items(list, items, &count, err);
    o.item_count = count;
    if (rc == 0)
        rc = where(cli, &o, &subject, err);
    if (rc == 0)
        rc = format_of(cli, o.path, 0, &o.format, err);
    cli_progress_begin(&w.progress, cli, "people");
    if (rc == 0)
        rc = cli_own(cli, &kept, err);
    if (rc == 0)
        rc = kept_export(kept, &o, &state, err);
    cli_progress_end(&w.progress);
    kept_close(kept);
    if (rc == 0)
        print_export(cli, &state, cli_progress_seconds(&w.progress));
    else if (state.safe > 0 && cli->option[O_JSON] == NULL)
        (void)fprintf(stderr, "kept: stopped; run it again to go on behind %llu people\n",
                      (unsigned long long)state.safe);
    kept_export_release(&state);
    kept_free(items);
    kept_free(list);
    return rc;
}
