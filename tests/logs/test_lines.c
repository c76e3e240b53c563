/* test_lines.c - lines taken apart: the formats as servers write them, and everything that is none. And values, as far as they
 * are kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "logs/logs.h"

static const struct kept_log_field fields[] = {
    {.name = "address", .from = "address"}, {.name = "time", .from = "time"}, {.name = "page", .from = "path"},
    {.name = "query", .from = "query"}, {.name = "status", .from = "status"}, {.name = "ref", .from = "referrer"},
    {.name = "agent", .from = "agent"}, {.name = "deep", .from = "device.model"}, {.name = "stack", .from = "stack"}};
#define FIELDS (sizeof fields / sizeof fields[0])

static struct kept_span span(const char *text)
{
    return (struct kept_span){(const uint8_t *)text, strlen(text)};
}

/* "field=value|field=value|+2": what was given, and how many were dropped; "!why" of a bad one. */
static const char *taken(enum kept_log_format format, struct kept_span line)
{
    static char text[2048];
    const struct kept_log log = {.name = "l", .format = format, .fields = fields, .field_count = FIELDS};
    struct kept_span values[FIELDS] = {{NULL, 0}};
    struct kept_log_line got = {values, 0};
    struct kept_buf scratch;
    const char *why = "";
    kept_buf_init_secret(&scratch, 1u << 20);
    int n = 0, rc = kept_log_parse(&log, line, &scratch, &got, &why);
    text[0] = 0;
    if (rc != 0)
        (void)snprintf(text, sizeof text, "!%s", why);
    for (size_t i = 0; rc == 0 && i < FIELDS; i++)
        if (values[i].p != NULL)
            n += snprintf(text + n, sizeof text - (size_t)n, "%s=%.*s|", fields[i].name, (int)values[i].n, (const char *)values[i].p);
    if (rc == 0)
        (void)snprintf(text + n, sizeof text - (size_t)n, "+%u", got.dropped);
    kept_buf_release(&scratch);
    return text;
}

#define TAKES(format, line, want) assert_string_equal(taken(KEPT_LOG_##format, span(line)), want)
#define HEAD "192.0.2.7 - bob [10/Oct/2000:13:55:36 -0700] "
#define AT "address=192.0.2.7|time=2000-10-10T20:55:36Z|"

static void test_formats_of_servers(void **state)
{
    (void)state;
    TAKES(COMMON, HEAD "\"GET /a_pb.gif?x=1 HTTP/1.0\" 200 2326", AT "page=/a_pb.gif|query=x=1|status=200|+4");
    TAKES(COMBINED, HEAD "\"GET / HTTP/1.0\" 200 2326 \"http://e.org/s\" \"M/4.08 [en] (W; I)\"",
          AT "page=/|status=200|ref=http://e.org/s|agent=M/4.08 [en] (W; I)|+4");
    TAKES(COMBINED, HEAD "\"GET / HTTP/1.0\" 200 - \"-\" \"a \\\"b\\\" \\\\ \\x41\\x0a\" \"10.0.0.1\" 0.003",
          AT "page=/|status=200|agent=a \"b\" \\ A |+4"); /* what stands behind counts as one */
    TAKES(COMBINED, HEAD "\"GET /%E5%BC%A0/a%40b.org?m=%31%33 HTTP/2.0\" 200 1 \"-\" \"-\"",
          AT "page=/\xe5\xbc\xa0/a@b.org|query=m=13|status=200|+4");
    TAKES(COMBINED, HEAD "\"\\x16\\x03\\x01\" 400 0 \"-\" \"-\"", AT "status=400|+3");
    TAKES(COMBINED, HEAD "\"GET /\\xff HTTP/1.0\" 400 0 \"-\" \"-\"", AT "page=/?|status=400|+4"); /* never what is no UTF-8 */
    TAKES(COMMON, "2001:db8::1 - - [10/Oct/2000:13:55:36 +0000] \"-\" 408 -", "address=2001:db8::1|time=2000-10-10T13:55:36Z|status=408|+1");
}

static void test_what_is_no_line(void **state)
{
    (void)state;
    static const char *const bad[] = {"x", "a b c", "a b c [x] y", HEAD, HEAD "\"GET / HTTP/1.0", HEAD "\"GET / HTTP/1.0\" 200",
                                      HEAD "\"GET / HTTP/1.0\\\" 200 1", " - - [10/Oct/2000:13:55:36 -0700] \"G / H\" 1 1"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_string_equal(taken(KEPT_LOG_COMMON, span(bad[i])), "!not of the format that the policy names");
    TAKES(COMBINED, HEAD "\"GET / HTTP/1.0\" 200 1", "!referrer or agent is missing");
    TAKES(COMMON, "a - - [10/Okt/2000:13:55:36 -0700] \"G / H\" 1 1", "!its time is none");
    TAKES(COMMON, "a - - [31/Feb/2000:13:55:36 -0700] \"G / H\" 1 1", "!its time is none");
    static const char *const objects[] = {"", "x", "[]", "\"a\"", "{", "{\"a\":1,\"a\":2}", "{} {}", "{\"a\":\"\\u0000\"}", "{\"a\":\"\xff\"}"};
    for (size_t i = 0; i < sizeof objects / sizeof objects[0]; i++)
        assert_string_equal(taken(KEPT_LOG_JSON, span(objects[i])), "!no JSON object, or one that names a key twice");
}

static void test_json(void **state)
{
    (void)state;
    TAKES(JSON, "{}", "+0");
    TAKES(JSON, "{\"address\":\"a\",\"status\":200,\"user\":\"x\",\"device\":{\"model\":\"m\",\"id\":\"n\"}}",
          "address=a|status=200|deep=m|+2");
    TAKES(JSON, "{\"stack\":[\"a\",\"b\",3,null,{\"x\":1}],\"agent\":null,\"query\":true,\"status\":1.5}",
          "query=true|status=1.5|stack=a\nb\n3\n\n|+2");
    TAKES(JSON, "{\"a\":{\"b\":{\"c\":{\"d\":{\"e\":{\"f\":{\"g\":1}}}}}}}", "+1"); /* deeper than is looked */
    TAKES(JSON, "{\"device.model\":\"m\",\"device\":{\"model\":\"n\"}}", "deep=m|+1"); /* the first; the other is dropped */
}

static const char *fit(enum kept_log_keep keep, const char *value)
{
    static char text[256];
    const uint8_t key[KEPT_KEY_BYTES] = {1};
    struct kept_buf out;
    kept_buf_init_secret(&out, 256);
    bool fits = kept_log_fit(keep, key, span(value), &out);
    (void)snprintf(text, sizeof text, "%.*s", fits ? (int)out.n : 4, fits ? out.n > 0 ? (const char *)out.p : "" : "none");
    if (!fits)
        assert_int_equal(out.n, 0);
    kept_buf_release(&out);
    return text;
}

static void test_how_much_of_a_value_is_kept(void **state)
{
    (void)state;
    static const struct {
        enum kept_log_keep keep;
        const char *value, *want;
    } rows[] = {
        {KEPT_LOG_NETWORK, "192.0.2.77", "192.0.2.0/24"}, {KEPT_LOG_NETWORK, " 192.0.2.77 ", "192.0.2.0/24"},
        {KEPT_LOG_NETWORK, "2001:db8:1:2:3::4", "2001:db8:1::/48"}, {KEPT_LOG_NETWORK, "::ffff:192.0.2.77", "192.0.2.0/24"},
        {KEPT_LOG_NETWORK, "host.example.org", "none"}, {KEPT_LOG_NETWORK, "192.0.2.77:80", "none"}, {KEPT_LOG_NETWORK, "", "none"},
        {KEPT_LOG_NUMBER, "200", "200"}, {KEPT_LOG_NUMBER, "-1.5", "-1.5"}, {KEPT_LOG_NUMBER, "1.2.3", "none"},
        {KEPT_LOG_NUMBER, "1e5", "none"}, {KEPT_LOG_NUMBER, "-", "none"}, {KEPT_LOG_NUMBER, "", "none"}, {KEPT_LOG_NUMBER, "123456789012345678901", "none"},
        {KEPT_LOG_TIME, "2026-02-01T10:00:00+08:00", "2026-02-01T02:00:00Z"}, {KEPT_LOG_TIME, "yesterday", "none"},
        {KEPT_LOG_PAGE, "https://u:p@e.org/a?b=c#d", "https://e.org/a"}, {KEPT_LOG_PAGE, "/a/b?x", "/a/b"}, {KEPT_LOG_PAGE, "#", ""},
        {KEPT_LOG_PAGE, "https://e.org/@me", "https://e.org/@me"}, {KEPT_LOG_TOKEN, " ", "none"}, {KEPT_LOG_TEXT, "a\x1b[31m\tb\n", "a [31m\tb\n"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_string_equal(fit(rows[i].keep, rows[i].value), rows[i].want);
    char one[64];
    (void)snprintf(one, sizeof one, "%s", fit(KEPT_LOG_TOKEN, "device-7"));
    assert_int_equal(strlen(one), 17);
    assert_string_equal(fit(KEPT_LOG_TOKEN, " device-7"), one);
    assert_string_not_equal(fit(KEPT_LOG_TOKEN, "device-8"), one);
}

/* ---- batches --------------------------------------------------------------------------------------- */

struct seen {
    struct kept_buf text;
    size_t pieces;
};

static int see_line(void *arg, const struct kept_log_seen *values, size_t count)
{
    struct seen *seen = arg;
    for (size_t i = 0; i < count; i++) {
        kept_buf_printf(&seen->text, "%s=", values[i].field);
        kept_buf_bytes(&seen->text, values[i].value.p, values[i].value.n);
        kept_buf_text(&seen->text, "|");
    }
    kept_buf_text(&seen->text, "\n");
    return 0;
}

static int see_piece(void *arg, struct kept_span piece)
{
    struct seen *seen = arg;
    seen->pieces++;
    for (size_t cut = 0; cut < piece.n && piece.n < 400; cut++) { /* cut short it is damaged, or ends with a line */
        struct seen other = {.pieces = 0};
        kept_buf_init(&other.text, 1u << 16);
        const int rc = kept_log_each((struct kept_span){piece.p, cut}, see_line, &other, NULL);
        assert_true(rc == 0 || rc == KEPT_E_CORRUPT);
        kept_buf_release(&other.text);
    }
    return kept_log_each(piece, see_line, seen, NULL);
}

static struct kept_log_batch cleaned(enum kept_log_keep agent, struct kept_span text, struct seen *seen)
{
    struct kept_log_field own[FIELDS];
    const struct kept_log log = {.name = "l", .format = KEPT_LOG_JSON, .fields = own, .field_count = FIELDS};
    const struct kept_log_key key = {.key = {7}};
    struct kept_log_batch batch;
    struct kept_err err = {0};
    memcpy(own, fields, sizeof own);
    own[6].keep = agent;
    own[0].keep = KEPT_LOG_NETWORK;
    *seen = (struct seen){.pieces = 0};
    kept_buf_init_secret(&seen->text, 64u << 20);
    assert_int_equal(kept_log_clean(&log, &key, text, see_piece, seen, &batch, &err), 0);
    return batch;
}

static void test_a_batch_is_cleaned(void **state)
{
    (void)state;
    static const char lines[] = "{\"agent\":\"call 13812345678 or a@example.org\",\"page\":\"/x\",\"path\":\"/13812345678\"}\r\n"
                                "\n"
                                "nonsense 13812345678\n"
                                "{\"address\":\"not one\",\"status\":\"13912345678\"}\n"
                                "{\"nobody\":\"13812345678\"}\n"
                                "{\"agent\":\"Chrome/120.0.0.0 from 192.0.2.9\",\"address\":\"192.0.2.9\"}";
    struct seen seen;
    struct kept_log_batch b = cleaned(KEPT_LOG_TEXT, span(lines), &seen);
    assert_string_equal((const char *)seen.text.p, "page=/[phone]|agent=call [phone] or [mail]|\n"
                                                   "status=[phone]|\n\n"
                                                   "address=192.0.2.0/24|agent=Chrome/120.0.0.0 from [ipv4]|\n");
    assert_int_equal(b.tally.lines, 5);
    assert_int_equal(b.tally.kept, 4);
    assert_int_equal(b.tally.bad, 1);
    assert_int_equal(b.bad[0].line, 3);
    assert_int_equal(b.tally.dropped, 2);
    assert_int_equal(b.tally.unfit, 1);
    assert_int_equal(b.tally.redacted, 5);
    assert_int_equal(b.tally.found[KEPT_KIND_PHONE], 3);
    assert_int_equal(seen.pieces, 1);
    kept_buf_release(&seen.text);
    b = cleaned(KEPT_LOG_TOKENS, span("{\"agent\":\"13812345678 138-1234-5678\"}"), &seen);
    const char *text = (const char *)seen.text.p;
    assert_int_equal(b.tally.redacted, 2);
    assert_memory_equal(text, "agent=[phone~", 13); /* two spellings of one number: one token */
    assert_memory_equal(text + 6, text + 6 + strlen("[phone~0123456789abcdef] "), 24);
    kept_buf_release(&seen.text);
}

static void test_much_comes_in_pieces_and_long_lines_are_bad(void **state)
{
    (void)state;
    struct kept_buf text;
    struct seen seen;
    kept_buf_init(&text, 4u << 20);
    for (unsigned i = 0; text.n + 200 < KEPT_MAX_LOG_TAKE; i++)
        kept_buf_printf(&text, "{\"agent\":\"13812345678 13812345678 13812345678 line %u\"}\n", i);
    struct kept_log_batch b = cleaned(KEPT_LOG_TOKENS, kept_buf_span(&text), &seen);
    assert_true(seen.pieces > 5);
    assert_int_equal(b.tally.redacted, 3 * b.tally.kept);
    assert_null(memmem(seen.text.p, seen.text.n, "1381234", 7));
    kept_buf_release(&seen.text);
    kept_buf_clear(&text);
    kept_buf_text(&text, "{\"agent\":\"");
    memset(kept_buf_room(&text, KEPT_MAX_LOG_LINE), 'x', KEPT_MAX_LOG_LINE);
    kept_buf_text(&text, "\"}\n{\"agent\":\"y\"}");
    b = cleaned(KEPT_LOG_TEXT, kept_buf_span(&text), &seen);
    assert_string_equal((const char *)seen.text.p, "agent=y|\n");
    assert_string_equal(b.bad[0].why, "longer than a line may be");
    kept_buf_release(&seen.text);
    kept_buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formats_of_servers),
        cmocka_unit_test(test_what_is_no_line),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_how_much_of_a_value_is_kept),
        cmocka_unit_test(test_a_batch_is_cleaned),
        cmocka_unit_test(test_much_comes_in_pieces_and_long_lines_are_bad),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
