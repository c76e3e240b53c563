/* fuzz_wire.c - messages between processes: any bytes are answered, and what is taken has one encoding. */
#include "wire/wire.h"

#include "base/mem.h"
#include "fuzz.h"

#define MOST 64u

static void same(const struct kept_buf *again, struct kept_span message)
{
    FUZZ_MUST(again->failed == 0 && again->n == message.n && memcmp(again->p, message.p, message.n) == 0);
}

static void call(struct kept_span message, const struct kept_wire_head *head, struct kept_buf *again)
{
    struct kept_wire_request *requests = kept_alloc(MOST, sizeof *requests);
    struct kept_request flat[MOST];
    struct kept_wire_calls calls;
    size_t n = 0;
    struct kept_wire_key key;
    struct kept_span body = kept_wire_body(message, head);
    const bool keyed = head->kind == KEPT_WIRE_KEYED;
    int rc = keyed ? kept_wire_key_read(body, &key, &body) : 0;
    if (rc == 0)
        rc = kept_wire_calls_begin(body, &calls);
    FUZZ_MUST(requests != NULL && (rc == 0 || rc == KEPT_E_FORMAT));
    if (rc == 0) {
        while (n < MOST && (rc = kept_wire_calls_next(&calls, &requests[n])) == 1) {
            flat[n] = requests[n].request;
            n++;
        }
        FUZZ_MUST(rc == 0 || rc == KEPT_E_FORMAT || n == MOST);
        if (rc == 0) {
            if (keyed)
                kept_wire_keyed(again, head->id, &key, &calls.credential, flat, n);
            else
                kept_wire_call(again, head->id, &calls.credential, flat, n);
            same(again, message);
        }
    }
    for (size_t i = 0; i < MOST; i++)
        kept_wire_request_release(&requests[i]);
    kept_free(requests);
}

static void answer(struct kept_span message, const struct kept_wire_head *head, struct kept_buf *again)
{
    struct kept_reply *replies[MOST];
    struct kept_wire_answers answers;
    size_t n = 0;
    int rc = kept_wire_answers_begin(kept_wire_body(message, head), &answers);
    FUZZ_MUST(rc == 0 || rc == KEPT_E_FORMAT);
    if (rc != 0)
        return;
    while (n < MOST && (rc = kept_wire_answers_next(&answers, &replies[n])) == 1)
        n++;
    FUZZ_MUST(rc == 0 || rc == KEPT_E_FORMAT || n == MOST);
    if (rc == 0) {
        kept_wire_answer(again, head->id, replies, n);
        same(again, message);
    }
    while (n > 0)
        kept_wire_reply_free(replies[--n]);
}

static void others(struct kept_span message, const struct kept_wire_head *head, struct kept_buf *again)
{
    const struct kept_span body = kept_wire_body(message, head);
    struct kept_credential credential;
    struct kept_wire_ask ask;
    struct kept_wire_document document;
    enum kept_wire_again state;
    struct kept_span span;
    const char *text;
    int error;
    if (head->kind == KEPT_WIRE_ASK && kept_wire_ask_read(body, &credential, &ask) == 0)
        kept_wire_question(again, head->id, &credential, &ask);
    else if (head->kind == KEPT_WIRE_DOCUMENT && kept_wire_document_read(body, &document) == 0)
        kept_wire_reply_document(again, head->id, &document);
    else if (head->kind == KEPT_WIRE_FAULT && kept_wire_fault_read(body, &error, &text) == 0)
        kept_wire_fault(again, head->id, error, text);
    else if (head->kind == KEPT_WIRE_AGAIN && kept_wire_again_read(body, &state, &span) == 0)
        kept_wire_put_again(again, head->id, state, span);
    else
        return;
    same(again, message);
}

/* A first byte says whether the length is made right, so that what lies behind the head is met. */
void fuzz_wire(const uint8_t *p, size_t n)
{
    struct kept_wire_head head;
    struct kept_buf message, again;
    if (n == 0)
        return;
    kept_buf_init(&message, KEPT_WIRE_MAX);
    kept_buf_init_secret(&again, KEPT_WIRE_MAX);
    kept_buf_bytes(&message, p + 1, n - 1);
    if (message.n >= KEPT_WIRE_HEAD && p[0] != 255)
        kept_put_be32(message.p, (uint32_t)(message.n - KEPT_WIRE_HEAD));
    int rc = kept_wire_peek(kept_buf_span(&message), &head);
    FUZZ_MUST(rc == 1 || rc == KEPT_E_FORMAT || (rc == 0 && message.n < KEPT_WIRE_HEAD));
    if (rc == 1 && message.n == KEPT_WIRE_HEAD + head.body) {
        if (head.kind == KEPT_WIRE_CALL || head.kind == KEPT_WIRE_KEYED)
            call(kept_buf_span(&message), &head, &again);
        else if (head.kind == KEPT_WIRE_ANSWER)
            answer(kept_buf_span(&message), &head, &again);
        else
            others(kept_buf_span(&message), &head, &again);
    }
    kept_buf_release(&message);
    kept_buf_release(&again);
}

static void give_and_clear(struct kept_buf *out, fuzz_give_fn *give)
{
    FUZZ_MUST(out->failed == 0);
    give(out->p, out->n);
    kept_buf_clear(out);
    kept_buf_u8(out, 0);
}

void seeds_wire(fuzz_give_fn *give)
{
    static const uint8_t hash[32] = {5};
    char json[] = "{\"apps\":[]}";
    struct kept_field fields[] = {{.name = "phone", .value = {hash, 9}, .record = 2},
        {.item = 7, .clause = "S0-1", .decision = KEPT_ALLOW, .line = 3, .source = "user", .collected = 1}};
    const struct kept_evidence evidence = {.reference = "archive", .sha256 = {hash, 32}, .signed_at = 5};
    const struct kept_guardian guardian = {.subject = {{1}}, .relation = "parent", .contact = "c"};
    const struct kept_request requests[] = {
        {.op = KEPT_OP_COLLECT, .app = "shop", .subject = {{1}}, .function = "order", .fields = fields, .field_count = 2},
        {.op = KEPT_OP_GUARDIAN_ADD, .evidence = &evidence, .guardian = &guardian, .text_sha256 = hash, .follows = 1}};
    struct kept_reply reply = {.subject = {{1}}, .err = {KEPT_E_IO, "no"}, .error = KEPT_E_IO, .leaf = {1},
        .fields = fields, .field_count = 2, .json = json};
    struct kept_reply *replies[] = {&reply, &reply};
    const struct kept_credential token = {KEPT_CREDENTIAL_TOKEN, {hash, 32}};
    const struct kept_wire_ask ask = {"policy", {"app"}, {"shop"}, 1};
    const struct kept_wire_document document = {0, "", "text/plain", "t", {hash, 3}};
    struct kept_buf out;
    kept_buf_init(&out, KEPT_WIRE_MAX);
    kept_buf_u8(&out, 0);
    kept_wire_call(&out, 1, &token, requests, 2);
    give_and_clear(&out, give);
    kept_wire_call(&out, 1, NULL, requests, 1);
    give_and_clear(&out, give);
    kept_wire_answer(&out, 2, replies, 2);
    give_and_clear(&out, give);
    kept_wire_question(&out, 3, &token, &ask);
    give_and_clear(&out, give);
    kept_wire_reply_document(&out, 4, &document);
    give_and_clear(&out, give);
    kept_wire_keyed(&out, 6, &(struct kept_wire_key){.name = {1}}, &token, requests, 1);
    give_and_clear(&out, give);
    kept_wire_put_again(&out, 7, KEPT_AGAIN_ANSWERED, (struct kept_span){(const uint8_t *)"answer", 6});
    give_and_clear(&out, give);
    kept_wire_fault(&out, 5, KEPT_E_BUSY, "busy");
    give_and_clear(&out, give);
    kept_buf_release(&out);
}
