/* test_wire.c - messages: every member of every structure comes back as it went; every truncation and
 * every flipped bit is refused, or is another message that stands by itself; what would be too large is not
 * written; a caller cannot say that it is the owner. */
#include "wire_aid.h"

#include "base/limits.h"

static const uint8_t hash[32] = {1, 2, 3, 4, 5, 6, 7, 8, 9, [31] = 77};

static const struct kept_evidence evidence = {
    .reference = "archive 2026/117", .sha256 = {hash, 32}, .signed_at = 1700000000123};
static const struct kept_guardian guardian = {
    .subject = {{9, 8, 7}}, .contact = "a contact", .relation = "parent", .method = "document", .written = 1};

static const struct kept_caller caller = {.name = "desk", .roles = "support,app", .operations = "use", .functions = "order",
    .purposes = "delivery", .certificate = {hash, sizeof hash}, .staff = 1, .password = "as it was", .new_password = "as it will be"};

/* Every member, each with a value of its own. */
static struct kept_field full_field(void)
{
    return (struct kept_field){.item = 0xdeadbeef, .name = "phone", .value = span("+1 555 0100"), .record = 3,
        .decision = KEPT_MASK, .reason = KEPT_R_ROLE, .clause = "S0-1.2", .line = 44, .source = "user",
        .collected = 1700000000001, .until = -5, .observed = 1};
}

static struct kept_request full_request(const struct kept_field *fields, size_t count)
{
    return (struct kept_request){.op = KEPT_OP_COLLECT, .app = "shop", .actor = "clerk-7", .role = "support",
        .subject = {{1, 2, 3}}, .function = "order", .purpose = "delivery", .recipient = "courier",
        .permission = "camera", .item = "address", .language = "zh-CN", .exemption = "law", .text = "because",
        .region = "CN", .birth_date = "2010-02-28", .os = "android",
        .os_version = "14", .app_version = "3.0.1", .surface = "tv", .consent = KEPT_C_WRITTEN, .origin = KEPT_O_LEGACY,
        .evidence = &evidence, .guardian = &guardian, .caller = &caller, .guardian_number = 2, .policy_version = 12, .record = 9,
        .launch = 4000000000u, .facts = KEPT_F_IN_USE | KEPT_F_IMPORTED, .expires = INT64_MAX, .at = INT64_MIN,
        .text_sha256 = hash, .follows = 1, .must = 2, .dry = -1, .mark = "rows", .mark_text = "", .on = 1,
        .secret = "481516", .channel = "voice", .source = "192.0.2.7",
        .fields = fields, .field_count = count, .from = UINT64_MAX, .limit = 10000, .newest = 1};
}

static void same_text(const char *a, const char *b)
{
    assert_int_equal(a == NULL, b == NULL);
    if (a != NULL && b != NULL)
        assert_string_equal(a, b);
}

static void same_span(struct kept_span a, struct kept_span b)
{
    assert_int_equal(a.p == NULL, b.p == NULL);
    assert_int_equal(a.n, b.n);
    if (a.p != NULL && a.n != 0)
        assert_memory_equal(a.p, b.p, a.n);
}

static void same_field(const struct kept_field *a, const struct kept_field *b)
{
    assert_int_equal(a->item, b->item);
    same_text(a->name, b->name);
    same_span(a->value, b->value);
    assert_int_equal(a->record, b->record);
    assert_int_equal(a->decision, b->decision);
    assert_int_equal(a->reason, b->reason);
    same_text(a->clause, b->clause);
    assert_int_equal(a->line, b->line);
    same_text(a->source, b->source);
    assert_true(a->collected == b->collected && a->until == b->until && a->observed == b->observed);
}

static void same_papers(const struct kept_request *a, const struct kept_request *b)
{
    assert_int_equal(a->evidence == NULL, b->evidence == NULL);
    if (a->evidence != NULL && b->evidence != NULL) {
        same_text(a->evidence->reference, b->evidence->reference);
        same_span(a->evidence->sha256, b->evidence->sha256);
        assert_true(a->evidence->signed_at == b->evidence->signed_at);
    }
    assert_int_equal(a->guardian == NULL, b->guardian == NULL);
    if (a->guardian != NULL && b->guardian != NULL) {
        assert_memory_equal(&a->guardian->subject, &b->guardian->subject, sizeof a->guardian->subject);
        same_text(a->guardian->contact, b->guardian->contact);
        same_text(a->guardian->relation, b->guardian->relation);
        same_text(a->guardian->method, b->guardian->method);
        assert_int_equal(a->guardian->written, b->guardian->written);
    }
    assert_int_equal(a->caller == NULL, b->caller == NULL);
    if (a->caller != NULL && b->caller != NULL) {
        same_text(a->caller->name, b->caller->name);
        same_text(a->caller->roles, b->caller->roles);
        same_text(a->caller->operations, b->caller->operations);
        same_text(a->caller->functions, b->caller->functions);
        same_text(a->caller->purposes, b->caller->purposes);
        same_span(a->caller->certificate, b->caller->certificate);
        assert_int_equal(a->caller->staff, b->caller->staff);
        same_text(a->caller->password, b->caller->password);
        same_text(a->caller->new_password, b->caller->new_password);
    }
}

static void same_names(const struct kept_request *a, const struct kept_request *b)
{
    same_text(a->app, b->app);
    same_text(a->actor, b->actor);
    same_text(a->role, b->role);
    same_text(a->function, b->function);
    same_text(a->purpose, b->purpose);
    same_text(a->recipient, b->recipient);
    same_text(a->permission, b->permission);
    same_text(a->item, b->item);
    same_text(a->language, b->language);
    same_text(a->exemption, b->exemption);
    same_text(a->text, b->text);
    same_text(a->region, b->region);
    same_text(a->birth_date, b->birth_date);
    same_text(a->os, b->os);
    same_text(a->os_version, b->os_version);
    same_text(a->app_version, b->app_version);
    same_text(a->surface, b->surface);
    same_text(a->mark, b->mark);
    same_text(a->mark_text, b->mark_text);
    same_text(a->secret, b->secret);
    same_text(a->channel, b->channel);
    same_text(a->source, b->source);
}

static void same_request(const struct kept_request *a, const struct kept_request *b)
{
    same_names(a, b);
    same_papers(a, b);
    assert_memory_equal(&a->subject, &b->subject, sizeof a->subject);
    assert_true(a->op == b->op && a->consent == b->consent && a->origin == b->origin);
    assert_true(a->guardian_number == b->guardian_number && a->policy_version == b->policy_version);
    assert_true(a->record == b->record && a->launch == b->launch && a->facts == b->facts);
    assert_true(a->expires == b->expires && a->at == b->at);
    same_span((struct kept_span){a->text_sha256, 32}, (struct kept_span){b->text_sha256, 32});
    assert_true(a->follows == b->follows && a->must == b->must && a->dry == b->dry && a->on == b->on);
    assert_true(a->from == b->from && a->limit == b->limit && a->newest == b->newest);
    assert_int_equal(a->field_count, b->field_count);
    for (size_t i = 0; i < a->field_count; i++)
        same_field(&a->fields[i], &b->fields[i]);
}

static void same_reply(const struct kept_reply *a, const struct kept_reply *b)
{
    assert_int_equal(a->error, b->error);
    assert_int_equal(a->err.code, b->err.code);
    assert_string_equal(a->err.text, b->err.text);
    assert_true(a->decision == b->decision && a->reason == b->reason && a->line == b->line);
    same_text(a->clause, b->clause);
    assert_memory_equal(&a->subject, &b->subject, sizeof a->subject);
    assert_true(a->version == b->version && a->policy_version == b->policy_version);
    assert_memory_equal(&a->entry, &b->entry, sizeof a->entry);
    assert_memory_equal(a->leaf, b->leaf, sizeof a->leaf);
    assert_true(a->at == b->at && a->stripped == b->stripped && a->observed == b->observed);
    same_text(a->json, b->json);
    assert_int_equal(a->field_count, b->field_count);
    for (size_t i = 0; i < a->field_count; i++)
        same_field(&a->fields[i], &b->fields[i]);
}

/* ---- there and back ------------------------------------------------------------------------------- */

static void test_requests(void **state)
{
    const struct kept_field fields[] = {full_field(), {.item = 1}, {.name = "", .value = {hash, 0}}};
    const struct kept_request requests[] = {full_request(fields, 3), {.op = KEPT_OP_TICK},
        full_request(NULL, 0), {.op = KEPT_OP_COUNT, .app = ""}, full_request(fields, 1)};
    const struct kept_credential token = {KEPT_CREDENTIAL_TOKEN, span("kept_secret")};
    struct kept_wire_calls calls;
    struct kept_wire_request back = {.cap = 0}; /* the same for all: nothing of the one before stays */
    struct kept_buf out;
    (void)state;
    kept_buf_init_secret(&out, KEPT_WIRE_MAX);
    kept_wire_call(&out, 77, &token, requests, 5);
    assert_int_equal(kept_wire_calls_begin(body_of(&out, KEPT_WIRE_CALL, 77), &calls), 0);
    assert_int_equal(calls.credential.kind, KEPT_CREDENTIAL_TOKEN);
    same_span(calls.credential.secret, token.secret);
    assert_int_equal(calls.left, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(kept_wire_calls_next(&calls, &back), 1);
        same_request(&requests[i], &back.request);
        assert_null(back.request.tag);
    }
    assert_int_equal(kept_wire_calls_next(&calls, &back), 0);
    kept_wire_request_release(&back);
    kept_buf_release(&out);
}

static void test_replies(void **state)
{
    struct kept_field fields[] = {full_field(), {.item = 1}};
    char json[] = "{\"a\":1}";
    struct kept_reply one = {.error = KEPT_E_IO, .err = {KEPT_E_IO, "the disk is full"}, .decision = KEPT_ALLOW,
        .reason = KEPT_R_REFUSED, .clause = "S1-1", .line = -1, .subject = {{4}}, .version = 1ull << 63,
        .policy_version = 3, .entry = {{[15] = 1}}, .leaf = {[31] = 9}, .at = 1700000000000, .stripped = 2, .observed = 1,
        .fields = fields, .field_count = 2, .json = json};
    struct kept_reply none = {.error = 0};
    struct kept_reply *replies[] = {&one, &none, &one}, *back = NULL;
    struct kept_wire_answers answers;
    struct kept_buf out;
    (void)state;
    memset(one.err.text, 'x', sizeof one.err.text - 1); /* as long as it can be */
    kept_buf_init_secret(&out, KEPT_WIRE_MAX);
    kept_wire_answer(&out, UINT64_MAX, replies, 3);
    assert_int_equal(kept_wire_answers_begin(body_of(&out, KEPT_WIRE_ANSWER, UINT64_MAX), &answers), 0);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(kept_wire_answers_next(&answers, &back), 1);
        same_reply(replies[i], back);
        if (i == 0)
            back->json[1] = 'b'; /* it is the caller's own */
        kept_wire_reply_free(back);
    }
    assert_int_equal(kept_wire_answers_next(&answers, &back), 0);
    kept_wire_reply_free(NULL);
    kept_buf_release(&out);
}

static void test_questions_documents_faults(void **state)
{
    const struct kept_wire_ask ask = {"policy", {"app", "language"}, {"shop", ""}, 2};
    const struct kept_wire_document document = {0, "", "text/html", "abc", span("<p>")};
    struct kept_wire_ask a;
    struct kept_wire_document d;
    struct kept_credential c;
    struct kept_buf out;
    int error = 0;
    const char *text = NULL;
    (void)state;
    kept_buf_init(&out, KEPT_WIRE_MAX);
    kept_wire_question(&out, 1, NULL, &ask);
    assert_int_equal(kept_wire_ask_read(body_of(&out, KEPT_WIRE_ASK, 1), &c, &a), 0);
    assert_int_equal(c.kind, KEPT_CREDENTIAL_NONE);
    assert_string_equal(a.what, "policy");
    assert_int_equal(a.count, 2);
    assert_string_equal(kept_wire_arg(&a, "app"), "shop");
    assert_string_equal(kept_wire_arg(&a, "language"), "");
    assert_null(kept_wire_arg(&a, "tile"));
    kept_buf_clear(&out);
    kept_wire_reply_document(&out, 2, &document);
    assert_int_equal(kept_wire_document_read(body_of(&out, KEPT_WIRE_DOCUMENT, 2), &d), 0);
    assert_int_equal(d.error, 0);
    assert_string_equal(d.type, "text/html");
    assert_string_equal(d.tag, "abc");
    same_span(d.bytes, document.bytes);
    kept_buf_clear(&out);
    kept_wire_reply_document(&out, 3, &(struct kept_wire_document){.error = KEPT_E_NOTFOUND, .text = "no such app"});
    assert_int_equal(kept_wire_document_read(body_of(&out, KEPT_WIRE_DOCUMENT, 3), &d), 0);
    assert_int_equal(d.error, KEPT_E_NOTFOUND);
    assert_string_equal(d.text, "no such app");
    kept_buf_clear(&out);
    kept_wire_fault(&out, 4, KEPT_E_DENIED, "who are you?");
    assert_int_equal(kept_wire_fault_read(body_of(&out, KEPT_WIRE_FAULT, 4), &error, &text), 0);
    assert_int_equal(error, KEPT_E_DENIED);
    assert_string_equal(text, "who are you?");
    kept_buf_release(&out);
}

#define SPAN(text) ((struct kept_span){(const uint8_t *)(text), sizeof(text) - 1})
/* What comes again: the key, and then a call as any; and what was answered. */
static void test_keys(void **state)
{
    struct kept_wire_key key = {.name = {1, 2}, .body = {3}}, back;
    const struct kept_request request = {.op = KEPT_OP_STAT, .app = "shop"};
    const struct kept_credential who = {KEPT_CREDENTIAL_TOKEN, SPAN("t")};
    enum kept_wire_again again = KEPT_AGAIN_OTHER;
    struct kept_span rest = {NULL, 0};
    struct kept_buf keyed, plain;
    (void)state;
    kept_buf_init(&keyed, KEPT_WIRE_MAX);
    kept_buf_init(&plain, KEPT_WIRE_MAX);
    kept_wire_keyed(&keyed, 9, &key, &who, &request, 1);
    kept_wire_call(&plain, 9, &who, &request, 1);
    assert_int_equal(kept_wire_key_read(body_of(&keyed, KEPT_WIRE_KEYED, 9), &back, &rest), 0);
    assert_memory_equal(&back, &key, sizeof key);
    same_span(rest, body_of(&plain, KEPT_WIRE_CALL, 9));
    assert_int_equal(kept_wire_key_read((struct kept_span){keyed.p, sizeof key - 1}, &back, &rest), KEPT_E_FORMAT);
    kept_buf_clear(&plain);
    kept_wire_put_again(&plain, 9, KEPT_AGAIN_ANSWERED, SPAN("answer"));
    assert_int_equal(kept_wire_again_read(body_of(&plain, KEPT_WIRE_AGAIN, 9), &again, &rest), 0);
    assert_true(again == KEPT_AGAIN_ANSWERED);
    same_span(rest, SPAN("answer"));
    static const char *const bad[] = {"", "\x04", "\x01x", "\x02x"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(kept_wire_again_read((struct kept_span){(const uint8_t *)bad[i], strlen(bad[i])}, &again, &rest), KEPT_E_FORMAT);
    assert_int_equal(kept_wire_again_read((struct kept_span){(const uint8_t *)"", 1}, &again, &rest), KEPT_E_FORMAT);
    assert_int_equal(kept_wire_again_read(SPAN("\x03"), &again, &rest), 0);
    kept_buf_release(&keyed);
    kept_buf_release(&plain);
}

/* ---- hostile bytes -------------------------------------------------------------------------------- */

/* Read a body as what it says it is, and write again what was read: the same bytes, or it was refused. */
static int reread(enum kept_wire_kind kind, struct kept_span body, struct kept_buf *again)
{
    static struct kept_wire_request requests[8];
    struct kept_request flat[8];
    struct kept_reply *replies[8];
    struct kept_wire_calls calls;
    struct kept_wire_answers answers;
    size_t n = 0;
    int rc;
    if (kind == KEPT_WIRE_CALL) {
        if ((rc = kept_wire_calls_begin(body, &calls)) != 0)
            return rc;
        while (n < 8 && (rc = kept_wire_calls_next(&calls, &requests[n])) == 1) {
            flat[n] = requests[n].request;
            n++;
        }
        if (rc == 0)
            kept_wire_call(again, 5, &calls.credential, flat, n);
        for (size_t i = 0; i < 8; i++)
            kept_wire_request_release(&requests[i]);
        return rc;
    }
    if ((rc = kept_wire_answers_begin(body, &answers)) != 0)
        return rc;
    while (n < 8 && (rc = kept_wire_answers_next(&answers, &replies[n])) == 1)
        n++;
    if (rc == 0)
        kept_wire_answer(again, 5, replies, n);
    while (n > 0)
        kept_wire_reply_free(replies[--n]);
    return rc;
}

static void hostile(enum kept_wire_kind kind, const struct kept_buf *whole, size_t *ret_taken)
{
    struct kept_wire_head head;
    struct kept_buf again;
    struct kept_span body = body_of(whole, kind, 5);
    kept_buf_init_secret(&again, KEPT_WIRE_MAX);
    assert_int_equal(reread(kind, body, &again), 0);
    assert_int_equal(again.n, whole->n);
    assert_memory_equal(again.p, whole->p, whole->n);
    for (size_t n = 0; n < body.n; n++) { /* its own memory, so that reading behind it is seen */
        uint8_t *cut = malloc(n + 1);
        assert_non_null(cut);
        memcpy(cut, body.p, n);
        assert_int_equal(reread(kind, (struct kept_span){cut, n}, &again), KEPT_E_FORMAT);
        free(cut);
    }
    uint8_t *flipped = malloc(body.n);
    assert_non_null(flipped);
    for (size_t bit = 0; bit < body.n * 8; bit++) {
        memcpy(flipped, body.p, body.n);
        flipped[bit / 8] ^= (uint8_t)(1 << bit % 8);
        kept_buf_clear(&again);
        int rc = reread(kind, (struct kept_span){flipped, body.n}, &again);
        if (rc != KEPT_E_FORMAT) {
            assert_int_equal(rc, 0); /* another message, every byte of which is known */
            assert_memory_equal(body_of(&again, kind, 5).p, flipped, body.n);
            assert_int_equal(kept_wire_peek(kept_buf_span(&again), &head), 1);
            (*ret_taken)++;
        }
    }
    free(flipped);
    kept_buf_release(&again);
}

static void test_cut_and_flipped(void **state)
{
    struct kept_field fields[] = {full_field(), {.item = 1}};
    const struct kept_request requests[] = {full_request(fields, 2), {.op = KEPT_OP_TICK}};
    const struct kept_credential token = {KEPT_CREDENTIAL_TOKEN, span("kept_secret")};
    char json[] = "{}";
    struct kept_reply reply = {.error = KEPT_E_IO, .err = {KEPT_E_IO, "full"}, .clause = "S1-1", .line = 7,
        .subject = {{4}}, .version = 9, .entry = {{1}}, .leaf = {2}, .at = 17, .fields = fields, .field_count = 2,
        .json = json};
    struct kept_reply *replies[] = {&reply, &reply};
    struct kept_buf out;
    size_t taken = 0;
    (void)state;
    kept_buf_init_secret(&out, KEPT_WIRE_MAX);
    kept_wire_call(&out, 5, &token, requests, 2);
    hostile(KEPT_WIRE_CALL, &out, &taken);
    kept_buf_clear(&out);
    kept_wire_answer(&out, 5, replies, 2);
    hostile(KEPT_WIRE_ANSWER, &out, &taken);
    assert_true(taken > 0);
    kept_buf_release(&out);
}

static void test_heads(void **state)
{
    struct kept_wire_head head;
    struct kept_buf out;
    (void)state;
    kept_buf_init(&out, KEPT_WIRE_MAX);
    kept_wire_fault(&out, 9, KEPT_E_IO, "x");
    for (size_t n = 0; n < KEPT_WIRE_HEAD; n++)
        assert_int_equal(kept_wire_peek((struct kept_span){out.p, n}, &head), 0);
    assert_int_equal(kept_wire_peek((struct kept_span){out.p, KEPT_WIRE_HEAD}, &head), 1);
    const struct { size_t at; uint8_t is; } wrong[] = {{0, 2}, {0, 0x7f}, {4, 0}, {4, 2}, {5, 0}, {5, KEPT_WIRE_AGAIN + 1}, {6, 1}, {7, 1}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        uint8_t bytes[KEPT_WIRE_HEAD];
        memcpy(bytes, out.p, sizeof bytes);
        bytes[wrong[i].at] = wrong[i].is;
        assert_int_equal(kept_wire_peek((struct kept_span){bytes, sizeof bytes}, &head), KEPT_E_FORMAT);
    }
    kept_put_be32(out.p, KEPT_WIRE_MAX - KEPT_WIRE_HEAD);
    assert_int_equal(kept_wire_peek(kept_buf_span(&out), &head), 1);
    kept_put_be32(out.p, KEPT_WIRE_MAX - KEPT_WIRE_HEAD + 1);
    assert_int_equal(kept_wire_peek(kept_buf_span(&out), &head), KEPT_E_FORMAT);
    kept_buf_release(&out);
}

/* Bytes never make somebody the owner. */
static void test_nobody_says_peer(void **state)
{
    const struct kept_request tick = {.op = KEPT_OP_TICK};
    const struct kept_credential peer = {KEPT_CREDENTIAL_PEER, span("me")};
    const struct kept_credential token = {KEPT_CREDENTIAL_TOKEN, span("t")};
    struct kept_wire_calls calls;
    struct kept_buf out;
    (void)state;
    kept_buf_init(&out, KEPT_WIRE_MAX);
    kept_wire_call(&out, 1, &peer, &tick, 1);
    assert_int_equal(kept_wire_calls_begin(body_of(&out, KEPT_WIRE_CALL, 1), &calls), 0);
    assert_int_equal(calls.credential.kind, KEPT_CREDENTIAL_NONE);
    kept_buf_clear(&out);
    kept_wire_call(&out, 1, &token, &tick, 1);
    for (unsigned kind = 0; kind < 256; kind++) {
        out.p[KEPT_WIRE_HEAD] = (uint8_t)kind;
        int rc = kept_wire_calls_begin(body_of(&out, KEPT_WIRE_CALL, 1), &calls);
        bool known = kind >= KEPT_CREDENTIAL_TOKEN && kind <= KEPT_CREDENTIAL_CERTIFICATE;
        if (kind != KEPT_CREDENTIAL_NONE) /* there the bytes that follow are read as something else */
            assert_int_equal(rc, known ? 0 : KEPT_E_FORMAT);
    }
    kept_buf_release(&out);
}

/* ---- ceilings ------------------------------------------------------------------------------------- */

/* What does not fit leaves what was there, and the next message is written. */
static void refused(struct kept_buf *out, size_t before)
{
    assert_int_equal(out->failed, KEPT_E_LIMIT);
    assert_int_equal(out->n, before);
    out->failed = 0;
}

static void test_ceilings(void **state)
{
    uint8_t *large = calloc(1, KEPT_WIRE_MAX);
    struct kept_request *many = calloc(KEPT_WIRE_MAX_REQUESTS + 1, sizeof *many);
    struct kept_field *fields = calloc(KEPT_MAX_FIELDS + 1, sizeof *fields);
    struct kept_field one = {.item = 1};
    struct kept_credential token = {KEPT_CREDENTIAL_TOKEN, {large, KEPT_WIRE_MAX_SECRET}};
    struct kept_reply reply = {.fields = &one, .field_count = 1}, *replies[] = {&reply};
    struct kept_wire_ask ask = {.what = "x", .count = KEPT_WIRE_MAX_ARGS + 1};
    struct kept_wire_calls calls;
    struct kept_buf out;
    (void)state;
    assert_true(large != NULL && many != NULL && fields != NULL);
    for (size_t i = 0; i < KEPT_WIRE_MAX_ARGS; i++)
        ask.keys[i] = ask.values[i] = "";
    kept_buf_init(&out, KEPT_WIRE_MAX * 2);
    kept_wire_fault(&out, 1, KEPT_E_IO, "before");
    size_t before = out.n;
    one.value = (struct kept_span){large, KEPT_WIRE_MAX};
    many[0] = (struct kept_request){.fields = &one, .field_count = 1};
    kept_wire_call(&out, 1, NULL, many, 1);
    refused(&out, before);
    kept_wire_answer(&out, 1, replies, 1);
    refused(&out, before);
    kept_wire_reply_document(&out, 1, &(struct kept_wire_document){.bytes = one.value});
    refused(&out, before);
    kept_wire_question(&out, 1, NULL, &ask);
    refused(&out, before);
    kept_wire_call(&out, 1, NULL, many, 0);
    refused(&out, before);
    kept_wire_answer(&out, 1, replies, 0);
    refused(&out, before);
    many[0] = (struct kept_request){.fields = fields, .field_count = KEPT_MAX_FIELDS + 1};
    kept_wire_call(&out, 1, NULL, many, 1);
    refused(&out, before);
    for (size_t i = 0; i < 17; i++) /* each may, together they may not */
        many[i] = (struct kept_request){.fields = fields, .field_count = KEPT_MAX_FIELDS};
    kept_wire_call(&out, 1, NULL, many, 17);
    refused(&out, before);
    memset(many, 0, 17 * sizeof *many);
    kept_wire_call(&out, 1, NULL, many, KEPT_WIRE_MAX_REQUESTS + 1);
    refused(&out, before);
    kept_wire_call(&out, 1, NULL, many, KEPT_WIRE_MAX_REQUESTS);
    assert_int_equal(out.failed, 0);
    kept_buf_clear(&out);
    kept_wire_call(&out, 1, &token, many, 1);
    assert_int_equal(kept_wire_calls_begin(body_of(&out, KEPT_WIRE_CALL, 1), &calls), 0);
    kept_buf_clear(&out);
    token.secret.n++;
    kept_wire_call(&out, 1, &token, many, 1);
    assert_int_equal(kept_wire_calls_begin(body_of(&out, KEPT_WIRE_CALL, 1), &calls), KEPT_E_FORMAT);
    kept_buf_release(&out);
    free(large);
    free(many);
    free(fields);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests),
        cmocka_unit_test(test_replies),
        cmocka_unit_test(test_questions_documents_faults),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_heads),
        cmocka_unit_test(test_cut_and_flipped),
        cmocka_unit_test(test_nobody_says_peer),
        cmocka_unit_test(test_ceilings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
