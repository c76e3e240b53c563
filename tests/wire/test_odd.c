/* test_odd.c - messages that no sender of ours writes, memory and room that run out: each is refused, what was
 * there stays, and the next message is read and written as ever. */
#include "wire_aid.h"

#include "../aid/scarce.h"
#include "base/limits.h"
#include "wire/fields.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Bits of the masks, as request.c and answer.c lay them behind their rows. */
enum {
    request_rows = 0 KEPT_WIRE_REQUEST(KEPT_WIRE_ONE),
    reply_rows = 0 KEPT_WIRE_REPLY(KEPT_WIRE_ONE)
};
#define EVIDENCE (1ull << request_rows)
#define GUARDIAN (2ull << request_rows)
#define FIELDS (4ull << request_rows)
#define ERR (1ull << reply_rows)
#define LEAF (2ull << reply_rows)
#define REPLY_FIELDS (4ull << reply_rows)

/* ---- papers with nothing on them ------------------------------------------------------------------ */

/* What is there and empty is not what is not there. */
static void empty_is_not_none(void **state)
{
    static const struct kept_evidence evidence = {.reference = NULL};
    static const struct kept_guardian guardian = {.contact = NULL};
    static const struct kept_caller caller = {.name = NULL};
    static const struct kept_field field = {.item = 0};
    const struct kept_request request = {.op = KEPT_OP_TICK, .evidence = &evidence, .guardian = &guardian,
                                         .caller = &caller, .fields = &field, .field_count = 1};
    struct kept_wire_request back = {.cap = 0};
    struct kept_wire_calls calls;
    struct kept_buf out;
    (void)state;
    kept_buf_init_secret(&out, KEPT_WIRE_MAX);
    kept_wire_call(&out, 1, NULL, &request, 1);
    assert_int_equal(kept_wire_calls_begin(body_of(&out, KEPT_WIRE_CALL, 1), &calls), 0);
    assert_int_equal(kept_wire_calls_next(&calls, &back), 1);
    assert_true(back.request.evidence != NULL && back.request.guardian != NULL && back.request.caller != NULL);
    assert_memory_equal(back.request.evidence, &evidence, sizeof evidence);
    assert_memory_equal(back.request.guardian, &guardian, sizeof guardian);
    assert_memory_equal(back.request.caller, &caller, sizeof caller);
    assert_int_equal(back.request.field_count, 1);
    assert_memory_equal(&back.request.fields[0], &field, sizeof field);
    assert_int_equal(kept_wire_calls_next(&calls, &back), 0);
    kept_wire_request_release(&back);
    kept_buf_release(&out);
}

/* An error's words without its number come back, too. */
static void words_without_a_number(void **state)
{
    struct kept_reply reply = {.err = {.code = 0, .text = "as it was"}}, *replies[] = {&reply}, *back = NULL;
    struct kept_wire_answers answers;
    struct kept_buf out;
    (void)state;
    kept_buf_init_secret(&out, KEPT_WIRE_MAX);
    kept_wire_answer(&out, 1, replies, 1);
    assert_int_equal(kept_wire_answers_begin(body_of(&out, KEPT_WIRE_ANSWER, 1), &answers), 0);
    assert_int_equal(kept_wire_answers_next(&answers, &back), 1);
    assert_int_equal(back->err.code, 0);
    assert_string_equal(back->err.text, "as it was");
    kept_wire_reply_free(back);
    kept_buf_release(&out);
}

/* ---- what no sender writes ------------------------------------------------------------------------ */

/* A body is read to its end, each in the way of its kind. */
static int read_body(enum kept_wire_kind kind, struct kept_span body)
{
    struct kept_wire_request request = {.cap = 0};
    struct kept_reply *reply = NULL;
    struct kept_wire_document document;
    struct kept_wire_answers answers;
    struct kept_wire_calls calls;
    struct kept_credential credential;
    struct kept_wire_ask ask;
    const char *text = NULL;
    struct kept_wire_key key;
    enum kept_wire_again again = KEPT_AGAIN_OTHER;
    struct kept_span rest;
    int rc = KEPT_E_BUG, error = 0;
    switch (kind) {
    case KEPT_WIRE_CALL:
        for (rc = kept_wire_calls_begin(body, &calls) != 0 ? KEPT_E_FORMAT : 1; rc == 1;)
            rc = kept_wire_calls_next(&calls, &request);
        kept_wire_request_release(&request);
        break;
    case KEPT_WIRE_ANSWER:
        for (rc = kept_wire_answers_begin(body, &answers) != 0 ? KEPT_E_FORMAT : 1; rc == 1; reply = NULL) {
            rc = kept_wire_answers_next(&answers, &reply);
            kept_wire_reply_free(reply);
        }
        break;
    case KEPT_WIRE_ASK:
        rc = kept_wire_ask_read(body, &credential, &ask);
        break;
    case KEPT_WIRE_DOCUMENT:
        rc = kept_wire_document_read(body, &document);
        break;
    case KEPT_WIRE_FAULT:
        rc = kept_wire_fault_read(body, &error, &text);
        break;
    case KEPT_WIRE_KEYED:
        rc = kept_wire_key_read(body, &key, &rest);
        rc = rc != 0 ? rc : read_body(KEPT_WIRE_CALL, rest);
        break;
    case KEPT_WIRE_AGAIN:
        rc = kept_wire_again_read(body, &again, &rest);
        rc = rc != 0 || rest.n == 0 ? rc : read_body(KEPT_WIRE_ANSWER, rest);
        break;
    }
    return rc;
}

/* What a body is made of: a number, or that many zeros or letters. */
enum part_kind { END, NUMBER, ZEROS, LETTERS };
struct part {
    enum part_kind kind;
    uint64_t n;
};
struct odd {
    const char *what;
    enum kept_wire_kind kind;
    struct part parts[12];
    size_t of_reply; /* an ANSWER: its one reply is so many of the parts, behind its length */
    int rc;
};

static void write_body(const struct odd *odd, struct kept_buf *out)
{
    kept_buf_clear(out);
    size_t length_at = SIZE_MAX;
    for (size_t i = 0; i < COUNT(odd->parts) && odd->parts[i].kind != END; i++) {
        if (odd->of_reply != 0 && i == 1) {
            length_at = out->n;
            kept_buf_u32(out, 0);
        }
        if (odd->parts[i].kind == NUMBER)
            kept_buf_varint(out, odd->parts[i].n);
        for (uint64_t k = 0; odd->parts[i].kind != NUMBER && k < odd->parts[i].n; k++)
            kept_buf_u8(out, odd->parts[i].kind == ZEROS ? 0 : 'a');
        if (odd->of_reply != 0 && i == odd->of_reply)
            kept_put_be32(out->p + length_at, (uint32_t)(out->n - length_at - 4));
    }
}

#define N(n) {NUMBER, n}
#define NOBODY N(0) /* a credential */
#define EMPTY N(1), ZEROS_1 /* a text */
#define ZEROS_1 {ZEROS, 1}
static const struct odd odds[] = {
    /* each kind, as it may be: the others are this with one thing changed */
    {"a request", KEPT_WIRE_CALL, {NOBODY, N(1), N(1), N(KEPT_OP_TICK)}, 0, 0},
    {"a request with a field", KEPT_WIRE_CALL, {NOBODY, N(1), N(FIELDS | 1), N(KEPT_OP_TICK), N(1), N(0)}, 0, 0},
    {"a reply", KEPT_WIRE_ANSWER, {N(1), N(1), N(7)}, 2, 0},
    {"a reply with an error", KEPT_WIRE_ANSWER, {N(1), N(ERR), N(7), N(2), {LETTERS, 2}}, 4, 0},
    {"a reply with a leaf", KEPT_WIRE_ANSWER, {N(1), N(LEAF), {LETTERS, 32}}, 2, 0},
    {"a reply with a field", KEPT_WIRE_ANSWER, {N(1), N(REPLY_FIELDS), N(1), N(1), N(5)}, 4, 0},
    {"a question", KEPT_WIRE_ASK, {NOBODY, EMPTY, N(0)}, 0, 0},
    {"a document", KEPT_WIRE_DOCUMENT, {N(0), EMPTY, EMPTY, EMPTY, N(0)}, 0, 0},
    {"a fault", KEPT_WIRE_FAULT, {N(7), EMPTY}, 0, 0},
    {"a keyed request", KEPT_WIRE_KEYED, {{LETTERS, 2 * KEPT_WIRE_DIGEST}, NOBODY, N(1), N(1), N(KEPT_OP_TICK)}, 0, 0},
    {"an answer of before", KEPT_WIRE_AGAIN, {N(KEPT_AGAIN_ANSWERED), N(1), {ZEROS, 3}, N(2), N(1), N(7)}, 0, 0},
    {"one that is under way", KEPT_WIRE_AGAIN, {N(KEPT_AGAIN_UNDER_WAY)}, 0, 0},

    {"no request", KEPT_WIRE_CALL, {NOBODY, N(0)}, 0, KEPT_E_FORMAT},
    {"too many requests", KEPT_WIRE_CALL, {NOBODY, N(KEPT_WIRE_MAX_REQUESTS + 1), {LETTERS, 9}}, 0, KEPT_E_FORMAT},
    {"bytes behind the last request", KEPT_WIRE_CALL, {NOBODY, N(1), N(1), N(KEPT_OP_TICK), N(0)}, 0, KEPT_E_FORMAT},
    {"a credential of no length", KEPT_WIRE_CALL, {N(KEPT_CREDENTIAL_TOKEN), N(0), N(1), N(1), N(1)}, 0, KEPT_E_FORMAT},
    {"an operation that is said to be there", KEPT_WIRE_CALL, {NOBODY, N(1), N(1), N(0)}, 0, KEPT_E_FORMAT},
    {"evidence whose date is", KEPT_WIRE_CALL, {NOBODY, N(1), N(EVIDENCE), N(4), {ZEROS, 8}}, 0, KEPT_E_FORMAT},
    {"a guardian who is written", KEPT_WIRE_CALL, {NOBODY, N(1), N(GUARDIAN), N(16), N(0)}, 0, KEPT_E_FORMAT},
    {"a field whose item is", KEPT_WIRE_CALL, {NOBODY, N(1), N(FIELDS), N(1), N(1), N(0)}, 0, KEPT_E_FORMAT},
    {"no fields", KEPT_WIRE_CALL, {NOBODY, N(1), N(FIELDS), N(0)}, 0, KEPT_E_FORMAT},
    {"more fields than bytes", KEPT_WIRE_CALL, {NOBODY, N(1), N(FIELDS), N(2), N(0)}, 0, KEPT_E_FORMAT},
    {"more fields than any", KEPT_WIRE_CALL, {NOBODY, N(1), N(FIELDS), N(KEPT_MAX_FIELDS + 1), {ZEROS, KEPT_MAX_FIELDS + 1}}, 0, KEPT_E_FORMAT},

    {"no reply", KEPT_WIRE_ANSWER, {N(0)}, 0, KEPT_E_FORMAT},
    {"too many replies", KEPT_WIRE_ANSWER, {N(KEPT_WIRE_MAX_REQUESTS + 1), {ZEROS, 9}}, 0, KEPT_E_FORMAT},
    {"bytes behind the last reply", KEPT_WIRE_ANSWER, {N(1), N(1), N(7), N(0)}, 2, KEPT_E_FORMAT},
    {"bytes behind what it holds", KEPT_WIRE_ANSWER, {N(1), N(1), N(7), N(0)}, 3, KEPT_E_FORMAT},
    {"an error that is none", KEPT_WIRE_ANSWER, {N(1), N(ERR), N(0), N(0)}, 3, KEPT_E_FORMAT},
    {"an error with a NUL", KEPT_WIRE_ANSWER, {N(1), N(ERR), N(7), N(2), {LETTERS, 1}, ZEROS_1}, 5, KEPT_E_FORMAT},
    {"an error as long as its room", KEPT_WIRE_ANSWER, {N(1), N(ERR), N(7), N(sizeof(struct kept_err)), {LETTERS, sizeof(struct kept_err)}}, 4, KEPT_E_FORMAT},
    {"an error that is cut", KEPT_WIRE_ANSWER, {N(1), N(ERR), N(7), N(2), {LETTERS, 1}}, 4, KEPT_E_FORMAT},
    {"a leaf of zeros", KEPT_WIRE_ANSWER, {N(1), N(LEAF), {ZEROS, 32}}, 2, KEPT_E_FORMAT},
    {"a leaf that is cut", KEPT_WIRE_ANSWER, {N(1), N(LEAF), {LETTERS, 31}}, 2, KEPT_E_FORMAT},
    {"no fields of a reply", KEPT_WIRE_ANSWER, {N(1), N(REPLY_FIELDS), N(0)}, 2, KEPT_E_FORMAT},
    {"more of them than bytes", KEPT_WIRE_ANSWER, {N(1), N(REPLY_FIELDS), N(2), N(1), N(5)}, 4, KEPT_E_FORMAT},
    {"a version that is said to be there", KEPT_WIRE_ANSWER, {N(1), N(1), N(0)}, 2, KEPT_E_FORMAT},

    {"bytes behind a question", KEPT_WIRE_ASK, {NOBODY, EMPTY, N(0), N(0)}, 0, KEPT_E_FORMAT},
    {"a question that is cut", KEPT_WIRE_ASK, {NOBODY, EMPTY, N(1), EMPTY, N(2), {LETTERS, 1}}, 0, KEPT_E_FORMAT},
    {"a question without its NUL", KEPT_WIRE_ASK, {NOBODY, N(1), {LETTERS, 1}, N(0)}, 0, KEPT_E_FORMAT},
    {"bytes behind a document", KEPT_WIRE_DOCUMENT, {N(0), EMPTY, EMPTY, EMPTY, N(0), N(0)}, 0, KEPT_E_FORMAT},
    {"a document that is cut", KEPT_WIRE_DOCUMENT, {N(0), EMPTY, EMPTY, EMPTY, N(1)}, 0, KEPT_E_FORMAT},
    {"bytes behind a fault", KEPT_WIRE_FAULT, {N(7), EMPTY, N(0)}, 0, KEPT_E_FORMAT},
    {"a fault that is cut", KEPT_WIRE_FAULT, {N(7), N(2), {LETTERS, 1}}, 0, KEPT_E_FORMAT},
    {"a fault that is none", KEPT_WIRE_FAULT, {N(0), EMPTY}, 0, KEPT_E_FORMAT},
    {"a key that is cut", KEPT_WIRE_KEYED, {{LETTERS, 2 * KEPT_WIRE_DIGEST - 1}}, 0, KEPT_E_FORMAT},
    {"a key of nothing", KEPT_WIRE_KEYED, {{LETTERS, 2 * KEPT_WIRE_DIGEST}}, 0, KEPT_E_FORMAT},
    {"no state", KEPT_WIRE_AGAIN, {{END, 0}}, 0, KEPT_E_FORMAT},
    {"a state that is none", KEPT_WIRE_AGAIN, {N(KEPT_AGAIN_LARGE + 1)}, 0, KEPT_E_FORMAT},
    {"answered, and no answer", KEPT_WIRE_AGAIN, {N(KEPT_AGAIN_ANSWERED)}, 0, KEPT_E_FORMAT},
    {"under way, and an answer", KEPT_WIRE_AGAIN, {N(KEPT_AGAIN_UNDER_WAY), N(1), {ZEROS, 3}, N(2), N(1), N(7)}, 0, KEPT_E_FORMAT},
};

static void what_no_sender_writes(void **state)
{
    struct kept_buf body;
    (void)state;
    kept_buf_init(&body, KEPT_WIRE_MAX);
    for (size_t i = 0; i < COUNT(odds); i++) {
        write_body(&odds[i], &body);
        uint8_t *alone = malloc(body.n + 1); /* its own memory, so that reading behind it is seen */
        assert_non_null(alone);
        if (body.n > 0)
            memcpy(alone + 1, body.p, body.n);
        int rc = read_body(odds[i].kind, (struct kept_span){alone + 1, body.n});
        if (rc != odds[i].rc)
            fail_msg("%s: %d", odds[i].what, rc);
        free(alone);
    }
    kept_buf_release(&body);
}

/* Each request may have them, together they may not. */
static void fields_of_all_requests(void **state)
{
    struct kept_buf body;
    (void)state;
    kept_buf_init(&body, KEPT_WIRE_MAX);
    for (size_t requests = KEPT_WIRE_MAX_FIELDS / KEPT_MAX_FIELDS, more = 0; more < 2; more++) {
        kept_buf_clear(&body);
        kept_buf_u8(&body, KEPT_CREDENTIAL_NONE);
        kept_buf_varint(&body, requests + more);
        for (size_t i = 0; i < requests + more; i++) {
            kept_buf_varint(&body, FIELDS);
            kept_buf_varint(&body, KEPT_MAX_FIELDS);
            memset(kept_buf_room(&body, KEPT_MAX_FIELDS), 0, KEPT_MAX_FIELDS);
        }
        assert_int_equal(read_body(KEPT_WIRE_CALL, kept_buf_span(&body)), more == 0 ? 0 : KEPT_E_FORMAT);
    }
    kept_buf_release(&body);
}

/* ---- memory, room --------------------------------------------------------------------------------- */

static void memory_runs_out(void **state)
{
    static const struct part call[] = {NOBODY, N(1), N(FIELDS), N(1), N(1), N(5)},
                             answer[] = {N(1), N(REPLY_FIELDS), N(1), N(1), N(5)};
    struct odd one = {.kind = KEPT_WIRE_CALL}, other = {.kind = KEPT_WIRE_ANSWER, .of_reply = 4};
    const struct {
        struct odd *odd;
        long allocations;
    } cases[] = {{&one, 1}, {&other, 2}};
    struct kept_buf body;
    (void)state;
    memcpy(one.parts, call, sizeof call);
    memcpy(other.parts, answer, sizeof answer);
    kept_buf_init(&body, KEPT_WIRE_MAX);
    for (size_t i = 0; i < COUNT(cases); i++) {
        write_body(cases[i].odd, &body);
        for (long n = 0; n <= cases[i].allocations; n++) {
            scarce_begin(n, true);
            int rc = read_body(cases[i].odd->kind, kept_buf_span(&body));
            scarce_end();
            assert_int_equal(rc, n < cases[i].allocations ? KEPT_E_NOMEM : 0);
        }
    }
    kept_buf_release(&body);
}

static const struct kept_field value = {.item = 1, .value = {(const uint8_t *)"0123456789", 10}};

/* One message of each kind, of two parts where it has parts. */
static void write_each(enum kept_wire_kind kind, struct kept_buf *out)
{
    const struct kept_credential token = {KEPT_CREDENTIAL_TOKEN, span("kept_secret")},
                                 none = {KEPT_CREDENTIAL_NONE, {NULL, 0}};
    const struct kept_request requests[] = {{.op = KEPT_OP_COLLECT, .fields = &value, .field_count = 1}, {.op = KEPT_OP_TICK}};
    struct kept_field copy = value;
    struct kept_reply reply = {.fields = &copy, .field_count = 1}, *replies[] = {&reply, &reply};
    static const struct kept_wire_ask ask = {"policy", {"app"}, {"shop"}, 1};
    static const struct kept_wire_key key;
    switch (kind) {
    case KEPT_WIRE_CALL:
        kept_wire_call(out, 1, &token, requests, 2);
        break;
    case KEPT_WIRE_ANSWER:
        kept_wire_answer(out, 1, replies, 2);
        break;
    case KEPT_WIRE_ASK:
        kept_wire_question(out, 1, &none, &ask);
        break;
    case KEPT_WIRE_DOCUMENT:
        kept_wire_reply_document(out, 1, &(struct kept_wire_document){.text = "t", .bytes = value.value});
        break;
    case KEPT_WIRE_FAULT:
        kept_wire_fault(out, 1, KEPT_E_IO, "the disk is full");
        break;
    case KEPT_WIRE_KEYED:
        kept_wire_keyed(out, 1, &key, &token, requests, 2);
        break;
    case KEPT_WIRE_AGAIN:
        kept_wire_put_again(out, 1, KEPT_AGAIN_ANSWERED, value.value);
        break;
    }
}

/* Whatever room is left: a message is written whole, or nothing of it, and what carried a secret is wiped. */
static void room_runs_out(void **state)
{
    static const uint8_t zeros[512];
    (void)state;
    for (int k = KEPT_WIRE_CALL; k <= KEPT_WIRE_AGAIN; k++)
        for (int secret = 0; secret < 2; secret++) {
            struct kept_buf whole, out;
            kept_buf_init(&whole, KEPT_WIRE_MAX);
            write_each((enum kept_wire_kind)k, &whole);
            assert_true(whole.failed == 0 && whole.n < sizeof zeros / 2);
            for (size_t room = 0; room <= whole.n; room++) {
                (secret != 0 ? kept_buf_init_secret : kept_buf_init)(&out, 4 + room);
                kept_buf_text(&out, "then");
                write_each((enum kept_wire_kind)k, &out);
                if (room == whole.n) {
                    assert_int_equal(out.failed, 0);
                    assert_memory_equal(out.p + 4, whole.p, whole.n);
                } else {
                    assert_int_equal(out.failed, KEPT_E_LIMIT);
                    assert_int_equal(out.n, 4);
                    assert_memory_equal(out.p, "then", 5);
                    if (secret != 0)
                        assert_memory_equal(out.p + 4, zeros, out.cap - 4);
                }
                kept_buf_release(&out);
            }
            kept_buf_release(&whole);
        }
}

/* A buffer that failed before takes nothing, and still says why. */
static void what_failed_before(void **state)
{
    const struct kept_request none = {.op = KEPT_OP_TICK};
    struct kept_wire_ask ask = {.what = "x", .count = KEPT_WIRE_MAX_ARGS + 1};
    struct kept_buf out;
    (void)state;
    for (size_t i = 0; i < KEPT_WIRE_MAX_ARGS; i++)
        ask.keys[i] = ask.values[i] = "";
    kept_buf_init(&out, 4);
    for (int k = KEPT_WIRE_CALL; k <= KEPT_WIRE_AGAIN; k++) {
        out.failed = KEPT_E_NOMEM;
        write_each((enum kept_wire_kind)k, &out);
        assert_true(out.failed == KEPT_E_NOMEM && out.n == 0);
    }
    kept_wire_call(&out, 1, NULL, &none, 0);
    kept_wire_answer(&out, 1, NULL, 0);
    kept_wire_question(&out, 1, NULL, &ask);
    assert_true(out.failed == KEPT_E_NOMEM && out.n == 0);
    kept_buf_release(&out);
}

/* The first is refused: the second is not looked at. */
static void the_first_is_too_much(void **state)
{
    static struct kept_field many[KEPT_MAX_FIELDS + 1];
    const struct kept_request requests[] = {{.op = KEPT_OP_COLLECT, .fields = many, .field_count = COUNT(many)},
                                            {.op = KEPT_OP_TICK}};
    struct kept_buf out;
    (void)state;
    kept_buf_init(&out, KEPT_WIRE_MAX);
    kept_wire_call(&out, 1, NULL, requests, 2);
    assert_true(out.failed == KEPT_E_LIMIT && out.n == 0);
    kept_buf_clear(&out);
    kept_wire_call(&out, 1, NULL, requests + 1, 1);
    assert_int_equal(read_body(KEPT_WIRE_CALL, body_of(&out, KEPT_WIRE_CALL, 1)), 0);
    kept_buf_release(&out);
}

static void too_many_replies(void **state)
{
    static struct kept_reply reply;
    struct kept_reply *replies[KEPT_WIRE_MAX_REQUESTS + 1];
    struct kept_buf out;
    (void)state;
    for (size_t i = 0; i < COUNT(replies); i++)
        replies[i] = &reply;
    kept_buf_init(&out, KEPT_WIRE_MAX);
    kept_wire_answer(&out, 1, replies, COUNT(replies));
    assert_true(out.failed == KEPT_E_LIMIT && out.n == 0);
    kept_buf_clear(&out);
    kept_wire_answer(&out, 1, replies, COUNT(replies) - 1);
    assert_int_equal(read_body(KEPT_WIRE_ANSWER, body_of(&out, KEPT_WIRE_ANSWER, 1)), 0);
    kept_buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_is_not_none),
        cmocka_unit_test(words_without_a_number),
        cmocka_unit_test(what_no_sender_writes),
        cmocka_unit_test(fields_of_all_requests),
        cmocka_unit_test(memory_runs_out),
        cmocka_unit_test(room_runs_out),
        cmocka_unit_test(what_failed_before),
        cmocka_unit_test(the_first_is_too_much),
        cmocka_unit_test(too_many_replies),
    };
    return cmocka_run_group_tests(tests, scarce_hook_up, NULL);
}
