/* fuzz_import.c - foreign files: rows of CSV, rows of CSV and JSON Lines as a mapping reads them and the
 * requests they become, mappings, and dates as a pattern says. How the input is cut into pieces changes
 * nothing; what is put into a cell comes out of it. */
#include "base/clock.h"
#include "base/error.h"
#include "crypto/crypto.h"
#include "fuzz.h"
#include "transfer/csv.h"
#include "transfer/draft.h"

static const char full[] =
    "kept-mapping: 1\nsource: a test\nperson:\n  key: phone\n"
    "  birth_date: {column: born, date: DD.MM.YYYY}\n  region: {column: country}\n"
    "collect:\n  - function: account\n    purpose: service\n    facts: [user-action]\n"
    "    items: {phone: p, name: {column: n}, note: {value: from 2019}}\n"
    "  - function: notes\n    items: {note: t, visit: {column: d, date: YYYY-MM-DD hh:mm}}\n"
    "consents:\n  - kind: acknowledgement\n    given: {column: d, date: YYYY-MM-DD hh:mm}\n"
    "    version: {value: \"1\"}\n    evidence: e\n"
    "  - kind: explicit\n    function: account\n    given: {column: d, date: YYYY-MM-DD hh:mm}\n"
    "    version: v\n    evidence: e\n    when: {column: w, is: yes}\n";

/* What was read, in one number. */
struct seen {
    uint64_t hash, rows;
};

static void note(struct seen *s, const void *p, size_t n)
{
    const uint8_t *b = p;
    s->hash = (s->hash ^ n) * 0x9e3779b97f4a7c15u;
    for (size_t i = 0; i < n; i++)
        s->hash = (s->hash ^ b[i]) * 0x9e3779b97f4a7c15u;
}

static void note_text(struct seen *s, const char *text)
{
    note(s, text == NULL ? "" : text, text == NULL ? 0 : strlen(text));
}

/* ---- CSV ---- */

/* A good row, put again, reads the same. */
static void again(const struct kept_csv *row)
{
    struct kept_csv csv;
    struct kept_buf out;
    kept_buf_init(&out, 1 << 24);
    for (size_t i = 0; i < row->count; i++) {
        if (i > 0)
            kept_buf_u8(&out, (uint8_t)row->separator);
        kept_csv_put(&out, row->separator, kept_csv_cell(row, i));
    }
    kept_buf_u8(&out, '\n');
    kept_csv_init(&csv, row->separator);
    struct kept_cursor c = kept_cursor(kept_buf_span(&out));
    int rc = kept_csv_next(&csv, &c, true, NULL);
    bool empty = out.n == 1; /* one cell, and nothing in it: an empty line */
    FUZZ_MUST(rc == (empty ? 0 : 1));
    if (rc == 1) {
        FUZZ_MUST(csv.bad == NULL && csv.count == row->count);
        for (size_t i = 0; i < csv.count; i++) {
            struct kept_span a = kept_csv_cell(row, i), b = kept_csv_cell(&csv, i);
            FUZZ_MUST(a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0));
        }
    }
    kept_csv_release(&csv);
    kept_buf_release(&out);
}

static struct seen csv_rows(struct kept_span s, size_t step, char separator)
{
    struct seen seen = {0, 0};
    struct kept_csv csv;
    uint64_t line = 0;
    kept_csv_init(&csv, separator);
    for (size_t at = 0;;) {
        size_t n = s.n - at < step ? s.n - at : step;
        struct kept_cursor c = kept_cursor((struct kept_span){s.p + at, n});
        int rc;
        at += n;
        while ((rc = kept_csv_next(&csv, &c, at == s.n, NULL)) == 1) {
            FUZZ_MUST(csv.row_line >= line && csv.line >= csv.row_line);
            line = csv.row_line;
            seen.rows++;
            note_text(&seen, csv.bad);
            note(&seen, &csv.row_line, sizeof csv.row_line);
            for (size_t i = 0; csv.bad == NULL && i < csv.count; i++)
                note(&seen, kept_csv_cell(&csv, i).p, kept_csv_cell(&csv, i).n);
            if (csv.bad == NULL && step > s.n)
                again(&csv);
        }
        FUZZ_MUST(rc == 0);
        if (at == s.n)
            break;
    }
    kept_csv_release(&csv);
    return seen;
}

/* ---- rows, and what they mean ---- */

static const struct kept_mapping *mapping(void)
{
    static struct kept_mapping *m;
    struct kept_findings found = {.count = 0};
    if (m == NULL)
        FUZZ_MUST(kept_mapping_read((struct kept_span){(const uint8_t *)full, sizeof full - 1}, &m, &found,
                                    NULL) == 0);
    kept_findings_release(&found);
    return m;
}

static void note_requests(struct seen *seen, const struct kept_draft *d)
{
    FUZZ_MUST(d->bad == NULL || d->count == 0);
    note_text(seen, d->bad);
    for (size_t i = 0; i < d->count; i++) {
        const struct kept_request *r = &d->requests[i];
        note(seen, &r->op, sizeof r->op);
        note_text(seen, r->birth_date);
        note_text(seen, r->region);
        note_text(seen, r->function);
        for (size_t k = 0; k < r->field_count; k++) {
            FUZZ_MUST(r->fields[k].name != NULL);
            note(seen, r->fields[k].value.p, r->fields[k].value.n);
        }
    }
}

static int read_rows(struct kept_span s, size_t step, enum kept_rows_format format, struct seen *seen)
{
    struct kept_rows *rows = NULL;
    const struct kept_row *row = NULL;
    struct kept_draft draft;
    struct kept_err err = {.code = 0};
    const struct kept_draft_frame frame = {.mapping = mapping(), .app = "shop", .actor = "importer",
                                           .consents = true};
    int rc = kept_rows_new(mapping(), format, &rows, &err);
    FUZZ_MUST(rc == 0);
    *seen = (struct seen){0, 0};
    kept_draft_init(&draft);
    for (size_t at = 0;;) {
        size_t left = s.n - at, n = left < step ? left : at == 0 && step < 3 ? (left < 3 ? left : 3) : step;
        struct kept_cursor c = kept_cursor((struct kept_span){s.p + at, n});
        at += n;
        while ((rc = kept_rows_next(rows, &c, at == s.n, &row, &err)) == 1) {
            FUZZ_MUST(row->number == ++seen->rows);
            note_text(seen, row->bad);
            note(seen, &row->line, sizeof row->line);
            FUZZ_MUST(kept_draft_row(&draft, &frame, row) == 0);
            note_requests(seen, &draft);
        }
        if (rc != 0 || at == s.n)
            break;
    }
    FUZZ_MUST(rc == 0 || rc == KEPT_E_FORMAT);
    if (rc != 0)
        fuzz_said(rc, &err, (struct kept_span){NULL, 0});
    kept_draft_release(&draft);
    kept_rows_free(rows);
    return rc;
}

static void rows(struct kept_span s, size_t step, enum kept_rows_format format)
{
    struct seen whole, cut;
    int rc = read_rows(s, s.n + 3, format, &whole), same = read_rows(s, step, format, &cut);
    FUZZ_MUST(rc == same && whole.rows == cut.rows && whole.hash == cut.hash);
}

/* ---- mappings and dates ---- */

static void read_mapping(struct kept_span s)
{
    struct kept_mapping *m = NULL;
    struct kept_findings found = {.count = 0};
    struct kept_err err = {.code = 0};
    int rc = kept_mapping_read(s, &m, &found, &err);
    FUZZ_MUST(rc == 0 || rc == KEPT_E_POLICY || rc == KEPT_E_LIMIT);
    FUZZ_MUST((rc == 0) == (m != NULL) && (rc != 0 || found.errors == 0));
    for (size_t i = 0; i < found.count; i++)
        FUZZ_MUST(found.rows[i].line >= 1 && found.rows[i].code[0] != 0 && found.rows[i].text[0] != 0);
    if (m != NULL)
        for (size_t i = 0; i < m->collect_count; i++)
            for (size_t k = 0; k < m->collects[i].count; k++)
                FUZZ_MUST(m->collects[i].items[k].from.column == KEPT_NO_COLUMN ||
                          m->collects[i].items[k].from.column < m->column_count);
    kept_mapping_free(m);
    kept_findings_release(&found);
}

static void dates(struct fuzz *f)
{
    char pattern[40], day[KEPT_DATE_TEXT];
    int32_t days = 0;
    struct kept_span p = fuzz_bytes(f, fuzz_u8(f) % sizeof pattern);
    (void)snprintf(pattern, sizeof pattern, "%.*s", (int)p.n, (const char *)p.p);
    struct kept_span text = fuzz_rest(f);
    bool valid = kept_date_pattern_valid(pattern);
    int rc = kept_date_read(valid ? pattern : NULL, text, day);
    FUZZ_MUST(rc == 0 || rc == KEPT_E_USAGE);
    if (rc == 0)
        FUZZ_MUST((strlen(day) == 10 || strlen(day) == 20) && kept_date_parse(day, 10, &days) == 0);
}

void fuzz_import(const uint8_t *p, size_t n)
{
    struct fuzz f = fuzz_of(p, n);
    uint8_t what = fuzz_u8(&f) % 5;
    if (what == 4) {
        dates(&f);
        return;
    }
    size_t step = (size_t)fuzz_u8(&f) + 1;
    struct kept_span s = fuzz_rest(&f);
    if (what == 0) {
        struct seen whole = csv_rows(s, s.n + 1, ','), cut = csv_rows(s, step, ',');
        FUZZ_MUST(whole.rows == cut.rows && whole.hash == cut.hash);
    } else if (what == 1) {
        rows(s, step, KEPT_ROWS_CSV);
    } else if (what == 2) {
        rows(s, step, KEPT_ROWS_JSONL);
    } else {
        read_mapping(s);
    }
}

static void give_text(fuzz_give_fn *give, const char *head, size_t head_n, const char *text)
{
    uint8_t seed[4096];
    memcpy(seed, head, head_n);
    memcpy(seed + head_n, text, strlen(text));
    give(seed, head_n + strlen(text));
}

void seeds_import(fuzz_give_fn *give)
{
    give_text(give, "\0\4", 2, "a,b,c\r\n1,\"two \"\"x\"\"\",\"three\nlines\"\n\n,,\n\"bad\"x,1,2\nend");
    give_text(give, "\1\7", 2, "p,n,t,d,born,country,e,v,w\n13800138000,Zhang San,\"a,b\",2024-03-05 10:20,"
                               "05.03.1990,CN,box 7,1,yes\n,,,,,,,,\n13800138001,x,y,z,1.2.3,CN,,,no\n");
    give_text(give, "\2\5", 2, "{\"p\":\"13800138000\",\"n\":\"Zhang San\",\"t\":[\"a\",\"b\"],\"d\":\"2024-03-05 10:20\","
                               "\"born\":\"05.03.1990\",\"country\":\"CN\",\"e\":\"box\",\"v\":1,\"w\":\"yes\"}\n"
                               "{\"p\":7,\"t\":true}\n[1]\n{\"p\":{}}\n");
    give_text(give, "\3\0", 2, full);
    give_text(give, "\3\0", 2, "kept-mapping: 1\nsource: x\nformat: jsonl\nperson: {subject: id}\ncollect:\n"
                               "  - function: f\n    items: {note: {colum: n}}\n");
    give_text(give, "\4\12", 2, "DD.MM.YYYY05.03.2024");
    give_text(give, "\4\23", 2, "YYYY-MM-DD hh:mm:ss2024-03-05 10:20:30");
}
