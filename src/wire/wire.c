/* wire.c - heads, credentials, questions, documents, faults. */
#include "wire/wire.h"

#include "base/mem.h"
#include "wire/fields.h"

size_t kept_wire_begin(struct kept_buf *out, enum kept_wire_kind kind, uint64_t id)
{
    size_t at = out->n;
    kept_buf_u32(out, 0);
    kept_buf_u8(out, KEPT_WIRE_VERSION);
    kept_buf_u8(out, (uint8_t)kind);
    kept_buf_u16(out, 0);
    kept_buf_u64(out, id);
    return at;
}

void kept_wire_end(struct kept_buf *out, size_t at)
{
    if (out->failed == 0 && out->n - at > KEPT_WIRE_MAX)
        out->failed = KEPT_E_LIMIT;
    if (out->failed == 0) {
        kept_put_be32(out->p + at, (uint32_t)(out->n - at - KEPT_WIRE_HEAD));
        return;
    }
    if (out->n == at)
        return;
    if (out->secret)
        kept_wipe(out->p + at, out->n - at);
    out->n = at;
    out->p[at] = 0;
}

int kept_wire_peek(struct kept_span bytes, struct kept_wire_head *ret_head)
{
    if (bytes.n < KEPT_WIRE_HEAD)
        return 0;
    struct kept_cursor c = kept_cursor((struct kept_span){bytes.p, KEPT_WIRE_HEAD});
    uint32_t body = kept_get_u32(&c);
    uint8_t version = kept_get_u8(&c);
    uint8_t kind = kept_get_u8(&c);
    uint16_t zero = kept_get_u16(&c);
    if (version != KEPT_WIRE_VERSION || kind < KEPT_WIRE_CALL || kind > KEPT_WIRE_AGAIN || zero != 0 ||
        body > KEPT_WIRE_MAX - KEPT_WIRE_HEAD)
        return KEPT_E_FORMAT;
    *ret_head = (struct kept_wire_head){.kind = (enum kept_wire_kind)kind, .body = body, .id = kept_get_u64(&c)};
    return 1;
}

/* ---- credentials -------------------------------------------------------------------------------- */

void kept_wire_credential_put(struct kept_buf *out, const struct kept_credential *credential)
{
    bool shown = credential != NULL && credential->kind != KEPT_CREDENTIAL_NONE &&
                 credential->kind != KEPT_CREDENTIAL_PEER;
    kept_buf_u8(out, shown ? (uint8_t)credential->kind : KEPT_CREDENTIAL_NONE);
    if (shown)
        kept_put_SPAN(out, credential->secret);
}

void kept_wire_credential_get(struct kept_cursor *c, struct kept_credential *ret_credential)
{
    uint8_t kind = kept_get_u8(c);
    *ret_credential = (struct kept_credential){.kind = KEPT_CREDENTIAL_NONE};
    if (kind == KEPT_CREDENTIAL_NONE)
        return;
    struct kept_span secret = kept_get_SPAN(c);
    if (kind == KEPT_CREDENTIAL_PEER || kind > KEPT_CREDENTIAL_CERTIFICATE || secret.n == 0 ||
        secret.n > KEPT_WIRE_MAX_SECRET)
        c->bad = true;
    else
        *ret_credential = (struct kept_credential){(enum kept_credential_kind)kind, secret};
}

/* ---- questions and documents -------------------------------------------------------------------- */

void kept_wire_question(struct kept_buf *out, uint64_t id, const struct kept_credential *credential,
                        const struct kept_wire_ask *ask)
{
    size_t at = kept_wire_begin(out, KEPT_WIRE_ASK, id);
    kept_wire_credential_put(out, credential);
    kept_put_TEXT(out, ask->what);
    kept_buf_varint(out, ask->count);
    for (size_t i = 0; i < ask->count && i < KEPT_WIRE_MAX_ARGS; i++) {
        kept_put_TEXT(out, ask->keys[i]);
        kept_put_TEXT(out, ask->values[i]);
    }
    if (ask->count > KEPT_WIRE_MAX_ARGS && out->failed == 0)
        out->failed = KEPT_E_LIMIT;
    kept_wire_end(out, at);
}

int kept_wire_ask_read(struct kept_span body, struct kept_credential *ret_credential,
                       struct kept_wire_ask *ret_ask)
{
    struct kept_cursor c = kept_cursor(body);
    struct kept_wire_ask ask = {.what = NULL};
    struct kept_credential credential;
    kept_wire_credential_get(&c, &credential);
    ask.what = kept_get_TEXT(&c);
    ask.count = kept_get_varint(&c, KEPT_WIRE_MAX_ARGS);
    for (size_t i = 0; i < ask.count; i++) {
        ask.keys[i] = kept_get_TEXT(&c);
        ask.values[i] = kept_get_TEXT(&c);
    }
    if (c.bad || c.n != 0)
        return KEPT_E_FORMAT;
    *ret_credential = credential;
    *ret_ask = ask;
    return 0;
}

const char *kept_wire_arg(const struct kept_wire_ask *ask, const char *key)
{
    for (size_t i = 0; i < ask->count; i++)
        if (strcmp(ask->keys[i], key) == 0)
            return ask->values[i];
    return NULL;
}

void kept_wire_reply_document(struct kept_buf *out, uint64_t id, const struct kept_wire_document *document)
{
    size_t at = kept_wire_begin(out, KEPT_WIRE_DOCUMENT, id);
    kept_put_SIGNED(out, document->error);
    kept_put_TEXT(out, document->text != NULL ? document->text : "");
    kept_put_TEXT(out, document->type != NULL ? document->type : "");
    kept_put_TEXT(out, document->tag != NULL ? document->tag : "");
    kept_put_SPAN(out, document->bytes);
    kept_wire_end(out, at);
}

int kept_wire_document_read(struct kept_span body, struct kept_wire_document *ret_document)
{
    struct kept_cursor c = kept_cursor(body);
    struct kept_wire_document document = {.error = kept_get_SIGNED(&c)};
    document.text = kept_get_TEXT(&c);
    document.type = kept_get_TEXT(&c);
    document.tag = kept_get_TEXT(&c);
    document.bytes = kept_get_SPAN(&c);
    if (c.bad || c.n != 0)
        return KEPT_E_FORMAT;
    *ret_document = document;
    return 0;
}

void kept_wire_fault(struct kept_buf *out, uint64_t id, int error, const char *text)
{
    size_t at = kept_wire_begin(out, KEPT_WIRE_FAULT, id);
    kept_put_SIGNED(out, error);
    kept_put_TEXT(out, text);
    kept_wire_end(out, at);
}

int kept_wire_fault_read(struct kept_span body, int *ret_error, const char **ret_text)
{
    struct kept_cursor c = kept_cursor(body);
    int error = kept_get_SIGNED(&c);
    const char *text = kept_get_TEXT(&c);
    if (c.bad || c.n != 0 || error == 0)
        return KEPT_E_FORMAT;
    *ret_error = error;
    *ret_text = text;
    return 0;
}

/* ---- requests that come again -------------------------------------------------------------------- */

int kept_wire_key_read(struct kept_span body, struct kept_wire_key *ret_key, struct kept_span *ret_call)
{
    if (body.n < sizeof *ret_key)
        return KEPT_E_FORMAT;
    memcpy(ret_key->name, body.p, KEPT_WIRE_DIGEST);
    memcpy(ret_key->body, body.p + KEPT_WIRE_DIGEST, KEPT_WIRE_DIGEST);
    *ret_call = (struct kept_span){body.p + sizeof *ret_key, body.n - sizeof *ret_key};
    return 0;
}

void kept_wire_put_again(struct kept_buf *out, uint64_t id, enum kept_wire_again state, struct kept_span answer)
{
    size_t at = kept_wire_begin(out, KEPT_WIRE_AGAIN, id);
    kept_buf_u8(out, (uint8_t)state);
    kept_buf_bytes(out, answer.p, answer.n);
    kept_wire_end(out, at);
}

int kept_wire_again_read(struct kept_span body, enum kept_wire_again *ret_state, struct kept_span *ret_answer)
{
    if (body.n == 0 || body.p[0] > KEPT_AGAIN_LARGE || (body.n > 1) != (body.p[0] == KEPT_AGAIN_ANSWERED))
        return KEPT_E_FORMAT;
    *ret_state = (enum kept_wire_again)body.p[0];
    *ret_answer = (struct kept_span){body.p + 1, body.n - 1};
    return 0;
}
