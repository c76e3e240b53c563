/* test_http.c - what the worker is made of, without a worker: tables, addresses, bodies, keys, JSON, statuses; what
 * it does when its holder goes or speaks nonsense. --openapi: prints the description of the API. */
#include "../aid/world.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "base/id.h"
#include "http/http_int.h"

/* libh2o's own queue between threads, which its h2o_multithread_destroy_queue does not free. */
const char *__lsan_default_suppressions(void);
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void)
{
    return "leak:h2o_multithread_create_queue\n";
}

const char *__lsan_default_options(void);
__attribute__((visibility("default"))) const char *__lsan_default_options(void)
{
    return "print_suppressions=0";
}

/* ---- tables ---- */

static void each_route_is_found_and_no_other(void **state)
{
    static struct kept_http_table table;
    static struct kept_http_target target;
    struct kept_http_match match;
    struct kept_err err = {.code = 0};
    (void)state;
    kept_http_table_make(&table);
    for (size_t i = 0; i < kept_http_route_count; i++) {
        const struct kept_http_route *r = &kept_http_routes[i];
        char path[256];
        size_t n = 0;
        for (const char *p = r->path; *p != 0; p++) {
            if (*p == '{')
                path[n++] = 'x';
            else if (n == 0 || strchr("{", *p) == NULL)
                path[n++] = *p;
            if (*p == '{')
                p = strchr(p, '}');
        }
        for (unsigned m = 0; m <= KEPT_HTTP_METHODS; m++) {
            assert_int_equal(kept_http_target_read((struct kept_span){(const uint8_t *)path, n}, &target, &err), 0);
            int rc = kept_http_match(&table, (enum kept_http_method)m, &target, &match);
            assert_int_equal(match.methods & 1u << r->method, 1u << r->method);
            assert_int_equal(rc, m < KEPT_HTTP_METHODS && (match.methods & 1u << m) != 0 ? 0 : KEPT_E_DENIED);
            if (m == r->method)
                assert_ptr_equal(match.route, r);
        }
    }
}

/* What has no route is named here, with its reason. */
static void each_operation_has_a_route(void **state)
{
    (void)state;
    for (unsigned op = 1; op < KEPT_OP_COUNT; op++) {
        bool served = false;
        for (size_t i = 0; i < kept_http_route_count; i++)
            served |= kept_http_routes[i].does == KEPT_HTTP_CALL && (unsigned)kept_http_routes[i].op == op;
        bool not_yet = op == KEPT_OP_ROTATE || op == KEPT_OP_TICK /* the holder does what is due; keys are the owner's */ ||
                       op == KEPT_OP_IMPORT /* a stream of the command line's */ ||
                       op == KEPT_OP_CALLER_ADD /* the owner's, on the machine */;
        if (served == not_yet && op <= KEPT_OP_CALLER_REVIEW)
            fail_msg("%s: %s", kept_op_name((enum kept_op)op), served ? "has a route after all" : "has no route");
    }
}

static void params_are_told_once_and_of_their_type(void **state)
{
    static const struct {
        const char *query;
        int rc;
    } asks[] = {{"items=a,b&launch=7&in_use=true", 0}, {"items=a&launch=x", KEPT_E_USAGE}, {"items=a&launch=9999999999", KEPT_E_USAGE},
                {"items=a&in_use=1", KEPT_E_USAGE}, {"items=a&items=b", KEPT_E_USAGE}, {"", KEPT_E_USAGE}, {"items=", KEPT_E_USAGE},
                {"items=a&birth_date=1990-01-01", KEPT_E_USAGE}, {"items=a&nothing=1", KEPT_E_USAGE}, {"items=a&subject=1", KEPT_E_USAGE}};
    static struct kept_http_table table;
    static struct kept_http_target target;
    struct kept_http_maker maker;
    (void)state;
    kept_http_table_make(&table);
    for (size_t i = 0; i < sizeof asks / sizeof asks[0]; i++) {
        char text[200];
        struct kept_http_match match;
        struct kept_err err = {.code = 0};
        int n = snprintf(text, sizeof text, "/v1/subjects/000102030405060708090a0b0c0d0e0f/values?%s", asks[i].query);
        assert_int_equal(kept_http_target_read((struct kept_span){(uint8_t *)text, (size_t)n}, &target, &err), 0);
        assert_int_equal(kept_http_match(&table, KEPT_HTTP_GET, &target, &match), 0);
        kept_http_maker_init(&maker);
        assert_int_equal(kept_http_make(&maker, &table, &match, &target, (struct kept_span){NULL, 0}, &err), asks[i].rc);
        if (asks[i].rc == 0) {
            const struct kept_request *r = &maker.requests[0];
            assert_true(r->op == KEPT_OP_USE && r->field_count == 2 && r->launch == 7 && r->facts == KEPT_F_IN_USE);
            assert_true(r->subject.b[1] == 1 && r->subject.b[15] == 15);
            assert_string_equal(r->fields[1].name, "b");
        } else {
            assert_int_not_equal(err.text[0], 0);
        }
        kept_http_maker_release(&maker);
    }
}

static void a_consent_with_all_its_papers(void **state)
{
    static const char body[] =
        "{\"function\":\"f\",\"kind\":\"written\",\"legacy\":true,\"evidence\":\"archive 1\",\"evidence_sha256\":"
        "\"0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20\",\"signed\":\"2026-01-05T10:00:00+08:00\","
        "\"expires\":\"2027-01-05\",\"policy_version\":3,\"guardian\":2}";
    static struct kept_http_table table;
    static struct kept_http_target target;
    struct kept_http_maker maker;
    struct kept_http_match match;
    struct kept_err err = {.code = 0};
    const char path[] = "/v1/subjects/000102030405060708090a0b0c0d0e0f/consents";
    (void)state;
    kept_http_table_make(&table);
    assert_int_equal(kept_http_target_read(world_text(path), &target, &err), 0);
    assert_int_equal(kept_http_match(&table, KEPT_HTTP_POST, &target, &match), 0);
    kept_http_maker_init(&maker);
    assert_int_equal(kept_http_make(&maker, &table, &match, &target, world_text(body), &err), 0);
    const struct kept_request *r = &maker.requests[0];
    assert_true(r->consent == KEPT_C_WRITTEN && r->origin == KEPT_O_LEGACY && r->policy_version == 3 && r->guardian_number == 2);
    assert_true(r->evidence != NULL && r->evidence->sha256.n == 32 && r->evidence->sha256.p[31] == 0x20);
    assert_true(r->evidence->signed_at == 1767578400000 && r->expires == 1799107200000);
    kept_http_maker_clear(&maker);
    /* Said nothing, a consent is explicit; a signature is of something. */
    assert_int_equal(kept_http_match(&table, KEPT_HTTP_POST, &target, &match), 0);
    assert_int_equal(kept_http_make(&maker, &table, &match, &target, world_text("{\"function\":\"f\"}"), &err), 0);
    assert_int_equal(maker.requests[0].consent, KEPT_C_EXPLICIT);
    assert_null(maker.requests[0].evidence);
    kept_http_maker_release(&maker);
}

static void depth_counts_brackets_outside_of_strings(void **state)
{
    (void)state;
    assert_int_equal(kept_http_depth(world_text("{\"a\":[1,{\"b\":2}]}"), 8), 3);
    assert_int_equal(kept_http_depth(world_text("{\"[[[[\":\"\\\"[[[[\"}"), 8), 1);
    assert_int_equal(kept_http_depth(world_text("[[[[[[[[[[[["), 8), 9);
    assert_int_equal(kept_http_depth(world_text("]]]]["), 8), 1);
    assert_int_equal(kept_http_depth(world_text("\"\\"), 8), 0);
}

/* ---- answers ---- */

static void every_error_has_its_status(void **state)
{
    static const struct {
        int error;
        unsigned status;
    } all[] = {{0, 200}, {KEPT_E_USAGE, 400}, {KEPT_E_POLICY, 422}, {KEPT_E_DENIED, 403}, {KEPT_E_NOTFOUND, 404},
               {KEPT_E_CONFLICT, 409}, {KEPT_E_LIMIT, 413}, {KEPT_E_BUSY, 503}, {KEPT_E_IO, 500}, {KEPT_E_UNSETTLED, 500},
               {KEPT_E_CORRUPT, 500}, {KEPT_E_BUG, 500}, {-99, 500}};
    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        assert_int_equal(kept_http_status_of(all[i].error), all[i].status);
    const struct kept_reply no = {.decision = KEPT_DENY, .reason = KEPT_R_NO_NOTICE}, gone = {.reason = KEPT_R_ERASED};
    assert_int_equal(kept_http_status(&no, KEPT_OP_USE), 403);
    assert_int_equal(kept_http_status(&no, KEPT_OP_WHY), 200);
    assert_int_equal(kept_http_status(&gone, KEPT_OP_USE), 410);
    const struct kept_reply day = {.reason = KEPT_R_LIMIT}, none = {.reason = KEPT_R_NO_VALUE}, here = {.decision = KEPT_ALLOW};
    assert_int_equal(kept_http_status(&day, KEPT_OP_CONTACTS), 429);
    assert_int_equal(kept_http_status(&none, KEPT_OP_USE), 404);
    assert_int_equal(kept_http_status(&here, KEPT_OP_SUBJECT_NEW), 201);
    for (unsigned r = 1; r < KEPT_R_COUNT; r++)
        assert_non_null(kept_http_remedy((enum kept_reason)r));
}

static void values_that_are_no_text_are_hex_digits(void **state)
{
    struct kept_field f = {.name = "a", .decision = KEPT_ALLOW, .value = world_text("abc")};
    const struct kept_reply reply = {.decision = KEPT_ALLOW, .fields = &f, .field_count = 1};
    struct kept_buf out;
    (void)state;
    kept_buf_init(&out, 10000);
    kept_http_reply_json(&out, &reply, KEPT_OP_USE, NULL);
    assert_non_null(strstr((char *)out.p, "\"value\":\"abc\""));
    kept_buf_clear(&out);
    kept_http_reply_json(&out, &reply, KEPT_OP_CONTACTS, NULL);
    assert_non_null(strstr((char *)out.p, "\"value_hex\":\"616263\""));
    kept_buf_clear(&out);
    f.value = world_text("\xff");
    kept_http_reply_json(&out, &reply, KEPT_OP_USE, NULL);
    assert_non_null(strstr((char *)out.p, "\"value_hex\":\"ff\""));
    kept_buf_clear(&out);
    kept_http_reply_json(&out, &reply, KEPT_OP_COLLECT, NULL); /* what came in is not told again */
    assert_null(strstr((char *)out.p, "value"));
    kept_buf_release(&out);
}

static void texts_are_escaped(void **state)
{
    struct kept_buf out;
    (void)state;
    kept_buf_init(&out, 1000);
    kept_http_json_text(&out, "a\"b\\c\n\x01\t\r\x1f", 10);
    assert_string_equal((char *)out.p, "\"a\\\"b\\\\c\\n\\u0001\\t\\r\\u001f\"");
    kept_buf_clear(&out);
    kept_http_json_text(&out, "", 0);
    kept_http_json_text(&out, "\"", 1);
    assert_string_equal((char *)out.p, "\"\"\"\\\"\"");
    kept_buf_clear(&out);
    kept_buf_u8(&out, '{');
    kept_http_json_number(&out, "a", 0);
    kept_http_json_number(&out, "b", UINT64_MAX);
    kept_http_json_time(&out, "c", 0);
    kept_http_json_time(&out, "d", 1767578400123);
    assert_string_equal((char *)out.p, "{\"a\":0,\"b\":18446744073709551615,\"d\":\"2026-01-05T02:00:00Z\"");
    kept_buf_release(&out);
}

static void times_are_read_as_rfc_3339_has_them(void **state)
{
    static const struct {
        const char *text;
        kept_ms at;
    } good[] = {{"1970-01-01", 0}, {"1970-01-01T00:00:01Z", 1000}, {"1970-01-01t00:00:01.25z", 1250}, {"1970-01-01T01:00:00+01:00", 0},
                {"1969-12-31T23:59:59.999Z", -1}, {"2026-01-05T10:00:00-00:30", 1767609000000}};
    static const char *const bad[] = {"", "1970", "1970-1-1", "1970-02-30", "1970-01-01 00:00:00Z", "1970-01-01T00:00Z",
                                      "1970-01-01T24:00:00Z", "1970-01-01T00:60:00Z", "1970-01-01T00:00:00", "1970-01-01T00:00:00.Z",
                                      "1970-01-01T00:00:00+1:00", "1970-01-01T00:00:00+24:00", "1970-01-01T00:00:00Zx", "1970-01-01T-1:00:00Z"};
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        kept_ms at = 7;
        char text[KEPT_TIME_TEXT];
        assert_int_equal(kept_time_parse(good[i].text, &at), 0);
        assert_true(at == good[i].at);
        kept_time_text(at, text);
        assert_int_equal(strlen(text), 20);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        kept_ms at = 7;
        assert_int_equal(kept_time_parse(bad[i], &at), KEPT_E_USAGE);
        assert_true(at == 7);
    }
}

static void addresses_are_refused_by_name(void **state)
{
    static const char *const bad[] = {"", "8080", ":8080", "localhost:8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536",
                                      "127.0.0.1:99999999", "[::1:8080", "[zz]:1", "1.2.3:80", "192.0.2.1:8080"};
    struct kept_err err = {.code = 0};
    int fd = -1, second = -1;
    char where[KEPT_HTTP_WHERE];
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(kept_http_listen(bad[i], &fd, &err), KEPT_E_USAGE);
        assert_true(fd == -1 && err.text[0] != 0);
    }
    assert_int_equal(kept_http_listen("127.0.0.1:0", &fd, &err), 0);
    assert_int_equal(kept_http_where(fd, where, &err), 0);
    assert_int_equal(kept_http_listen(where, &second, &err), KEPT_E_CONFLICT);
    (void)close(fd);
}

static void certificates_are_looked_at_before(void **state)
{
    struct kept_err err = {.code = 0};
    const struct kept_http_options own = {.socket_count = 0}, half = {.certificate = "x.pem"},
                                   none = {.certificate = "/nonexistent/a.pem", .key = "/nonexistent/b.pem"},
                                   many = {.socket_count = KEPT_HTTP_SOCKETS + 1};
    (void)state;
    assert_int_equal(kept_http_check(&own, &err), 0);
    assert_int_equal(kept_http_check(&half, &err), KEPT_E_USAGE);
    assert_int_equal(kept_http_check(&none, &err), KEPT_E_USAGE);
    assert_non_null(strstr(err.text, "a.pem"));
    assert_int_equal(kept_http_check(&many, &err), KEPT_E_USAGE);
}

/* A certificate and its key, by the openssl command; false: it is not there. */
static bool make_pair(const char *certificate, const char *key)
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        if (freopen("/dev/null", "w", stderr) != NULL)
            (void)execlp("openssl", "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                         "/CN=localhost", "-keyout", key, "-out", certificate, (char *)NULL);
        _exit(127);
    }
    return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void a_key_belongs_to_its_certificate(void **state)
{
    char dir[] = "/tmp/kept-http.XXXXXX", file[4][64];
    struct kept_err err = {.code = 0};
    (void)state;
    assert_non_null(mkdtemp(dir));
    for (unsigned i = 0; i < 4; i++)
        (void)snprintf(file[i], sizeof file[i], "%s/%u.pem", dir, i);
    if (make_pair(file[0], file[1]) && make_pair(file[2], file[3])) {
        const struct kept_http_options good = {.certificate = file[0], .key = file[1]}, other = {.certificate = file[0], .key = file[3]},
                                       swapped = {.certificate = file[1], .key = file[0]};
        assert_int_equal(kept_http_check(&good, &err), 0);
        assert_int_equal(kept_http_check(&other, &err), KEPT_E_USAGE);
        assert_int_equal(kept_http_check(&swapped, &err), KEPT_E_USAGE);
    }
    for (unsigned i = 0; i < 4; i++)
        (void)unlink(file[i]);
    (void)rmdir(dir);
}

/* A worker whose other end the test holds; a client that asked it for something. */
static pid_t worker(int *ret_holder, int *ret_client)
{
    struct kept_err err = {.code = 0};
    int pair[2], fd = -1;
    static const char ask[] = "GET /v1/stat HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer t\r\n\r\n";
    struct sockaddr_in at;
    socklen_t n = sizeof at;
    assert_int_equal(kept_http_listen("127.0.0.1:0", &fd, &err), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    pid_t pid = fork();
    if (pid == 0) {
        const struct kept_http_socket socket = {fd, false};
        struct kept_http_options options = {.sockets = &socket, .socket_count = 1};
        (void)close(pair[0]);
        exit(-kept_http_work(pair[1], 1, &options, &err));
    }
    (void)close(pair[1]);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &n), 0);
    *ret_client = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(*ret_client, (struct sockaddr *)&at, n), 0);
    (void)close(fd);
    assert_int_equal(write(*ret_client, ask, sizeof ask - 1), (ssize_t)sizeof ask - 1);
    *ret_holder = pair[0];
    return pid;
}

static void told_503(pid_t pid, int client, int code)
{
    char answer[1024] = "";
    int status = 0;
    assert_true(read(client, answer, sizeof answer - 1) > 12);
    assert_non_null(strstr(answer, " 503 "));
    (void)close(client);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), -code);
}

static void a_holder_that_goes_leaves_503(void **state)
{
    int holder = -1, client = -1;
    char message[256];
    (void)state;
    pid_t pid = worker(&holder, &client);
    assert_true(read(holder, message, sizeof message) > (ssize_t)KEPT_WIRE_HEAD);
    (void)close(holder);
    told_503(pid, client, KEPT_E_IO);
}

static void a_holder_that_speaks_nonsense_is_left(void **state)
{
    int holder = -1, client = -1;
    char message[256];
    struct kept_buf out;
    (void)state;
    pid_t pid = worker(&holder, &client);
    assert_true(read(holder, message, sizeof message) > (ssize_t)KEPT_WIRE_HEAD);
    kept_buf_init(&out, 1000);
    kept_wire_fault(&out, 0x700000001, KEPT_E_BUSY, "an id that nobody gave");
    assert_int_equal(write(holder, out.p, out.n), (ssize_t)out.n);
    kept_buf_release(&out);
    told_503(pid, client, KEPT_E_FORMAT);
    (void)close(holder);
}

/* The description of the API, on its own. */
static int describe(void)
{
    struct kept_buf out;
    kept_buf_init(&out, 1u << 20);
    int rc = kept_http_openapi(&out);
    (void)fwrite(out.p, 1, out.n, stdout);
    kept_buf_release(&out);
    return rc == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--openapi") == 0)
        return describe();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_route_is_found_and_no_other),
        cmocka_unit_test(each_operation_has_a_route),
        cmocka_unit_test(params_are_told_once_and_of_their_type),
        cmocka_unit_test(a_consent_with_all_its_papers),
        cmocka_unit_test(depth_counts_brackets_outside_of_strings),
        cmocka_unit_test(every_error_has_its_status),
        cmocka_unit_test(values_that_are_no_text_are_hex_digits),
        cmocka_unit_test(texts_are_escaped),
        cmocka_unit_test(times_are_read_as_rfc_3339_has_them),
        cmocka_unit_test(addresses_are_refused_by_name),
        cmocka_unit_test(certificates_are_looked_at_before),
        cmocka_unit_test(a_key_belongs_to_its_certificate),
        cmocka_unit_test(a_holder_that_goes_leaves_503),
        cmocka_unit_test(a_holder_that_speaks_nonsense_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
