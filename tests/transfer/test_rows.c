/* Are rows of CSV and JSON Lines read as RFC 4180 and RFC 8259 say, wherever the bytes are cut into pieces, and is
 * what is neither told with its row and line, while the next row is read? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "transfer/csv.h"
#include "transfer/draft.h"

/* ---- CSV -------------------------------------------------------------------------------------- */

/* All rows as "a|b;" and bad ones as "!line;", read in pieces of step bytes. */
static void csv_text(const char *in, size_t n, size_t step, struct kept_buf *out)
{
    struct kept_csv csv;
    kept_csv_init(&csv, ',');
    kept_buf_clear(out);
    for (size_t at = 0; at < n || at == 0; at += step) {
        size_t piece = n - at < step ? n - at : step;
        struct kept_cursor c = kept_cursor((struct kept_span){(const uint8_t *)in + at, piece});
        bool end = at + piece == n;
        int rc;
        while ((rc = kept_csv_next(&csv, &c, end, NULL)) == 1) {
            if (csv.bad != NULL)
                kept_buf_printf(out, "!%llu", (unsigned long long)csv.row_line);
            for (size_t i = 0; csv.bad == NULL && i < csv.count; i++) {
                struct kept_span cell = kept_csv_cell(&csv, i);
                kept_buf_text(out, i > 0 ? "|" : "");
                kept_buf_bytes(out, cell.p, cell.n);
            }
            kept_buf_text(out, ";");
        }
        assert_int_equal(rc, 0);
        assert_int_equal(c.n, 0);
        if (end)
            break;
    }
    kept_csv_release(&csv);
}

static void test_csv(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"", ""},
        {"a,b", "a|b;"},
        {"a,b\n", "a|b;"},
        {"a,b\r\nc,d\r\n", "a|b;c|d;"},
        {"a,b\n\n\r\nc,d", "a|b;c|d;"},
        {",\n", "|;"},
        {"\"\"\n", ";"},
        {"\"a,b\",\"c\"\"d\"\n", "a,b|c\"d;"},
        {"\"a\nb\r\nc\",d\ne,f\n", "a\nb\r\nc|d;e|f;"},
        {"a\"b,c\nd,e\n", "!1;d|e;"},
        {"\"a\"b,c\nd,e\n", "!1;d|e;"},
        {"a\rb\nd,e\n", "!1;d|e;"},
        {"a,b\n\"c,d\n", "a|b;!2;"},
        {" a , b \n", " a | b ;"},
    };
    struct kept_buf out;
    (void)state;
    kept_buf_init(&out, 4096);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (size_t step = 1; step <= strlen(cases[i].in) + 1; step++) {
            csv_text(cases[i].in, strlen(cases[i].in), step, &out);
            if (strcmp(out.n > 0 ? (const char *)out.p : "", cases[i].out) != 0)
                fail_msg("case %zu in pieces of %zu: '%s'", i, step, (const char *)out.p);
        }
    kept_buf_release(&out);
}

static void test_csv_limits(void **state)
{
    struct kept_csv csv;
    (void)state;
    /* One cell too many, and the row behind it. */
    struct kept_buf in;
    kept_buf_init(&in, 1u << 25);
    for (size_t i = 0; i < KEPT_MAX_COLUMNS; i++)
        kept_buf_u8(&in, ',');
    kept_buf_text(&in, "\nnext\n");
    kept_csv_init(&csv, ',');
    struct kept_cursor c = kept_cursor(kept_buf_span(&in));
    assert_int_equal(kept_csv_next(&csv, &c, true, NULL), 1);
    assert_non_null(csv.bad);
    assert_int_equal(kept_csv_next(&csv, &c, true, NULL), 1);
    assert_null(csv.bad);
    assert_int_equal(kept_csv_cell(&csv, 0).n, 4);
    kept_csv_release(&csv);
    /* A row of the limit is one; one byte more is none. */
    for (int more = 0; more < 2; more++) {
        kept_buf_clear(&in);
        memset(kept_buf_room(&in, KEPT_MAX_ROW_BYTES + (size_t)more), 'x',
               KEPT_MAX_ROW_BYTES + (size_t)more);
        kept_buf_text(&in, "\nnext\n");
        kept_csv_init(&csv, ',');
        c = kept_cursor(kept_buf_span(&in));
        assert_int_equal(kept_csv_next(&csv, &c, true, NULL), 1);
        assert_int_equal(csv.bad != NULL, more);
        assert_int_equal(kept_csv_next(&csv, &c, true, NULL), 1);
        assert_null(csv.bad);
        kept_csv_release(&csv);
    }
    kept_buf_release(&in);
}

/* What is put comes back, whatever it is. */
static void test_csv_round_trip(void **state)
{
    uint32_t seed = 7;
    struct kept_buf out;
    (void)state;
    kept_buf_init(&out, 4096);
    for (unsigned round = 0; round < 2000; round++) {
        uint8_t value[12];
        size_t n = (seed = seed * 1664525u + 1013904223u) >> 29;
        for (size_t i = 0; i < n; i++) {
            seed = seed * 1664525u + 1013904223u;
            value[i] = (uint8_t) "a,\"\r\n ;b"[seed >> 29];
        }
        kept_buf_clear(&out);
        kept_buf_text(&out, "x,");
        kept_csv_put(&out, ',', (struct kept_span){value, n});
        kept_buf_text(&out, "\r\n");
        struct kept_csv csv;
        kept_csv_init(&csv, ',');
        struct kept_cursor c = kept_cursor(kept_buf_span(&out));
        assert_int_equal(kept_csv_next(&csv, &c, true, NULL), 1);
        assert_null(csv.bad);
        assert_int_equal(csv.count, 2);
        assert_int_equal(kept_csv_cell(&csv, 1).n, n);
        if (n > 0)
            assert_memory_equal(kept_csv_cell(&csv, 1).p, value, n);
        assert_int_equal(kept_csv_next(&csv, &c, true, NULL), 0);
        kept_csv_release(&csv);
    }
    kept_buf_release(&out);
}

/* ---- mappings --------------------------------------------------------------------------------- */

static const char plain[] = "kept-mapping: 1\nsource: a test\ncollect:\n  - function: notes\n"
                            "    items: {note: n, name: m}\n";

static struct kept_mapping *mapping_of(const char *text)
{
    struct kept_findings findings = {0};
    struct kept_mapping *m = NULL;
    struct kept_err err = {0};
    if (kept_mapping_read((struct kept_span){(const uint8_t *)text, strlen(text)}, &m, &findings,
                          &err) != 0)
        fail_msg("%s", err.text);
    kept_findings_release(&findings);
    return m;
}

/* The mistake of a mapping: its code and where it stands. */
static void wrong(const char *text, const char *code, int line, int column)
{
    struct kept_findings findings = {0};
    struct kept_mapping *m = (struct kept_mapping *)&findings;
    assert_int_equal(kept_mapping_read((struct kept_span){(const uint8_t *)text, strlen(text)}, &m,
                                       &findings, NULL),
                     KEPT_E_POLICY);
    assert_null(m);
    assert_true(findings.count > 0);
    const struct kept_finding *f = &findings.rows[0];
    if (strcmp(f->code, code) != 0 || f->line != line || f->column != column)
        fail_msg("%s at %d:%d, not %s at %d:%d: %s", f->code, f->line, f->column, code, line,
                 column, f->text);
    assert_true(f->mend[0] != 0);
    kept_findings_release(&findings);
}

static void test_mapping(void **state)
{
    (void)state;
    struct kept_mapping *m = mapping_of(plain);
    assert_int_equal(m->column_count, 2);
    assert_string_equal(m->columns[1], "m");
    assert_string_equal(m->collects[0].items[0].item, "note");
    assert_int_equal(m->collects[0].facts, KEPT_F_IMPORTED);
    kept_mapping_free(m);
    kept_mapping_free(NULL);
    wrong("", "EMPTY", 1, 1);
    wrong("kept-mapping: 2\nsource: x\ncollect: []\n", "BAD_NUMBER", 1, 15);
    wrong("kept-mapping: 1\nsource: x\n", "MISSING_KEY", 1, 1);
    wrong("kept-mapping: 1\nsource: x\ncolect: []\n", "UNKNOWN_KEY", 3, 1);
    wrong("kept-mapping: 1\nsource: x\ncollect:\n  - function: f\n    items: {note: {colum: n}}\n",
          "UNKNOWN_KEY", 5, 20);
    wrong("kept-mapping: 1\nsource: x\ncollect:\n  - function: f\n    items: {note: {column: n, value: v}}\n",
          "BAD_VALUE", 5, 19);
    wrong("kept-mapping: 1\nsource: x\ncollect:\n  - function: Not A Name\n    items: {note: n}\n",
          "BAD_NAME", 4, 15);
    wrong("kept-mapping: 1\nsource: x\nseparator: ab\ncollect:\n  - function: f\n    items: {note: n}\n",
          "BAD_VALUE", 3, 12);
    wrong("kept-mapping: 1\nsource: x\nperson: {key: phone}\ncollect:\n  - function: f\n    items: {note: n}\n",
          "DANGLING_REFERENCE", 3, 15);
    wrong("kept-mapping: 1\nsource: x\nconsents:\n  - kind: separate\n    given: g\n    version: v\n"
          "    evidence: e\n",
          "MISSING_KEY", 4, 5);
    wrong("kept-mapping: 1\nsource: x\nconsents:\n  - kind: explicit\n    given: g\n    evidence: e\n",
          "MISSING_KEY", 4, 5);
}

static void test_dates(void **state)
{
    static const struct {
        const char *pattern, *text, *day; /* day NULL: there is none */
    } cases[] = {
        {"DD.MM.YYYY", "05.03.2024", "2024-03-05"}, {"YYYYMMDD", "20240305", "2024-03-05"},
        {"MM/DD/YYYY hh:mm", "03/05/2024 17:08", "2024-03-05T17:08:00Z"},
        {NULL, "2024-02-29", "2024-02-29"}, {NULL, "2024-03-05T17:08:09Z", "2024-03-05T17:08:09Z"},
        {NULL, "2023-02-29", NULL}, {"DD.MM.YYYY", "5.3.2024", NULL},
        {"DD.MM.YYYY", "05.03.2024 ", NULL}, {"DD.MM.YYYY", "05-03-2024", NULL},
        {"DD.MM.YYYY", "", NULL}, {"DD.MM.YYYY", "31.04.2024", NULL},
        {"YYYY-MM-DD hh:mm:ss", "2024-03-05 24:00:00", NULL},
    };
    char day[KEPT_DATE_TEXT];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct kept_span text = {(const uint8_t *)cases[i].text, strlen(cases[i].text)};
        int rc = kept_date_read(cases[i].pattern, text, day);
        assert_int_equal(rc, cases[i].day != NULL ? 0 : KEPT_E_USAGE);
        if (cases[i].day != NULL)
            assert_string_equal(day, cases[i].day);
    }
    assert_true(kept_date_pattern_valid("DD.MM.YYYY"));
    assert_false(kept_date_pattern_valid("DD.MM."));
    assert_false(kept_date_pattern_valid("DD.MM.YYYY DD"));
    assert_false(kept_date_pattern_valid("DD.MM.YYYY mm"));
}

/* ---- rows ------------------------------------------------------------------------------------- */

/* "number:line:note[,note]|name;" of each row, "number:line!;" of bad ones. */
static int rows_text(const struct kept_mapping *m, enum kept_rows_format format, const char *in,
                     size_t step, struct kept_buf *out)
{
    struct kept_rows *rows = NULL;
    const struct kept_row *row = NULL;
    size_t n = strlen(in);
    int rc = kept_rows_new(m, format, &rows, NULL);
    assert_int_equal(rc, 0);
    kept_buf_clear(out);
    for (size_t at = 0; rc == 0; at += step) {
        size_t first = at == 0 && step < 3 ? 3 : step; /* a mark is passed in the first piece */
        size_t piece = n - at < first ? n - at : first;
        struct kept_cursor c = kept_cursor((struct kept_span){(const uint8_t *)in + at, piece});
        at += piece - (piece < step ? piece : step);
        while ((rc = kept_rows_next(rows, &c, at + step >= n, &row, NULL)) == 1) {
            kept_buf_printf(out, "%llu:%llu", (unsigned long long)row->number,
                            (unsigned long long)row->line);
            for (size_t i = 0; row->bad == NULL && i < m->column_count; i++) {
                kept_buf_text(out, i > 0 ? "|" : ":");
                for (size_t k = 0; k < row->cells[i].count; k++) {
                    kept_buf_text(out, k > 0 ? "," : "");
                    kept_buf_bytes(out, row->cells[i].values[k].p, row->cells[i].values[k].n);
                }
            }
            kept_buf_text(out, row->bad != NULL ? "!;" : ";");
        }
        if (at + step >= n)
            break;
    }
    kept_rows_free(rows);
    return rc;
}

static void test_rows(void **state)
{
    static const struct {
        enum kept_rows_format format;
        const char *in, *out;
        int rc;
    } cases[] = {
        {KEPT_ROWS_CSV, "m,n\nx,y\n", "1:2:y|x;", 0},
        {KEPT_ROWS_CSV, "\xEF\xBB\xBFm,n\nx,y\n", "1:2:y|x;", 0},
        {KEPT_ROWS_CSV, "m,n,o\n\"x\n\",,z\n,,\n", "1:2:|x\n;2:4:|;", 0},
        {KEPT_ROWS_CSV, "m,n\nx\nx,y,z\nx,\xFF\nx,y\n", "1:2!;2:3!;3:4!;4:5:y|x;", 0},
        {KEPT_ROWS_CSV, "m,o\nx,y\n", "", KEPT_E_FORMAT},
        {KEPT_ROWS_CSV, "m,n,n\nx,y,z\n", "", KEPT_E_FORMAT},
        {KEPT_ROWS_CSV, "", "", KEPT_E_FORMAT},
        {KEPT_ROWS_JSONL, "{\"m\":\"x\",\"n\":\"y\"}\n", "1:1:y|x;", 0},
        {KEPT_ROWS_JSONL, "\n{\"m\":7,\"n\":[\"y\",8,true]}\r\n\n{}", "1:2:y,8,true|7;2:4:|;", 0},
        {KEPT_ROWS_JSONL, "{\"m\":1.5}\n[]\n{\n{\"m\":1,\"m\":2}\n{\"n\":null}\n{\"n\":{}}\n",
         "1:1!;2:2!;3:3!;4:4!;5:5:|;6:6!;", 0},
        {KEPT_ROWS_JSONL, "{\"m\":\"\xFF\"}\n{\"m\":\"x\"}", "1:1!;2:2:|x;", 0},
        {KEPT_ROWS_JSONL, "", "", 0},
    };
    struct kept_mapping *m = mapping_of(plain);
    struct kept_buf out;
    (void)state;
    kept_buf_init(&out, 4096);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (size_t step = 1; step <= strlen(cases[i].in) + 1; step++) {
            int rc = rows_text(m, cases[i].format, cases[i].in, step, &out);
            if (rc != cases[i].rc || strcmp(out.n > 0 ? (const char *)out.p : "", cases[i].out) != 0)
                fail_msg("case %zu in pieces of %zu: %d '%s'", i, step, rc,
                         out.n > 0 ? (const char *)out.p : "");
        }
    kept_buf_release(&out);
    kept_mapping_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_csv),     cmocka_unit_test(test_csv_limits),
        cmocka_unit_test(test_csv_round_trip), cmocka_unit_test(test_mapping),
        cmocka_unit_test(test_dates),   cmocka_unit_test(test_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
