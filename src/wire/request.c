/* request.c - requests as bytes, and back. */
#include "base/limits.h"
#include "base/mem.h"
#include "wire/fields.h"

KEPT_WIRE_CODEC(request, struct kept_request, KEPT_WIRE_REQUEST)
KEPT_WIRE_CODEC(evidence, struct kept_evidence, KEPT_WIRE_EVIDENCE)
KEPT_WIRE_CODEC(guardian, struct kept_guardian, KEPT_WIRE_GUARDIAN)
KEPT_WIRE_CODEC(caller, struct kept_caller, KEPT_WIRE_CALLER)
KEPT_WIRE_CODEC(field, struct kept_field, KEPT_WIRE_FIELD)

#define ALL(rows) ((1ull << (rows)) - 1)
#define EVIDENCE (1ull << request_rows)
#define GUARDIAN (2ull << request_rows)
#define FIELDS (4ull << request_rows)
#define CALLER (8ull << request_rows)
/* A member more, in a structure of kept.h: it needs a row. */
_Static_assert(sizeof(struct kept_request) == 344 && sizeof(struct kept_field) == 88 &&
                   sizeof(struct kept_evidence) == 32 && sizeof(struct kept_guardian) == 48 &&
                   sizeof(struct kept_caller) == 80,
               "fields.h knows every member");

void kept_wire_field_put(struct kept_buf *out, const struct kept_field *field)
{
    uint64_t mask = field_mask(field);
    kept_buf_varint(out, mask);
    field_put(out, field, mask);
}

void kept_wire_field_get(struct kept_cursor *c, struct kept_field *ret_field)
{
    uint64_t mask = kept_get_varint(c, ALL(field_rows));
    *ret_field = (struct kept_field){.item = 0};
    field_get(c, ret_field, mask);
}

static void put_request(struct kept_buf *out, const struct kept_request *r)
{
    uint64_t mask = request_mask(r);
    mask |= (r->evidence != NULL ? EVIDENCE : 0) | (r->guardian != NULL ? GUARDIAN : 0) |
            (r->field_count != 0 ? FIELDS : 0) | (r->caller != NULL ? CALLER : 0);
    kept_buf_varint(out, mask);
    request_put(out, r, mask);
    if (r->evidence != NULL) {
        uint64_t of = evidence_mask(r->evidence);
        kept_buf_varint(out, of);
        evidence_put(out, r->evidence, of);
    }
    if (r->guardian != NULL) {
        uint64_t of = guardian_mask(r->guardian);
        kept_buf_varint(out, of);
        guardian_put(out, r->guardian, of);
    }
    if (r->caller != NULL) {
        uint64_t of = caller_mask(r->caller);
        kept_buf_varint(out, of);
        caller_put(out, r->caller, of);
    }
    if (r->field_count == 0)
        return;
    kept_buf_varint(out, r->field_count);
    for (size_t i = 0; i < r->field_count; i++)
        kept_wire_field_put(out, &r->fields[i]);
}

/* The rest of a message that begins at at. */
static void put_call(struct kept_buf *out, size_t at, const struct kept_credential *credential,
                     const struct kept_request *requests, size_t count)
{
    size_t fields = 0;
    kept_wire_credential_put(out, credential);
    kept_buf_varint(out, count);
    for (size_t i = 0; i < count && out->failed == 0; i++) {
        put_request(out, &requests[i]);
        fields += requests[i].field_count;
        if (requests[i].field_count > KEPT_MAX_FIELDS || fields > KEPT_WIRE_MAX_FIELDS)
            out->failed = KEPT_E_LIMIT;
    }
    if ((count == 0 || count > KEPT_WIRE_MAX_REQUESTS) && out->failed == 0)
        out->failed = KEPT_E_LIMIT;
    kept_wire_end(out, at);
}

void kept_wire_call(struct kept_buf *out, uint64_t id, const struct kept_credential *credential,
                    const struct kept_request *requests, size_t count)
{
    put_call(out, kept_wire_begin(out, KEPT_WIRE_CALL, id), credential, requests, count);
}

void kept_wire_keyed(struct kept_buf *out, uint64_t id, const struct kept_wire_key *key,
                     const struct kept_credential *credential, const struct kept_request *requests, size_t count)
{
    size_t at = kept_wire_begin(out, KEPT_WIRE_KEYED, id);
    kept_buf_bytes(out, key->name, KEPT_WIRE_DIGEST);
    kept_buf_bytes(out, key->body, KEPT_WIRE_DIGEST);
    put_call(out, at, credential, requests, count);
}

int kept_wire_calls_begin(struct kept_span body, struct kept_wire_calls *ret_calls)
{
    struct kept_wire_calls calls = {.cursor = kept_cursor(body), .fields_left = KEPT_WIRE_MAX_FIELDS};
    kept_wire_credential_get(&calls.cursor, &calls.credential);
    calls.left = kept_get_varint(&calls.cursor, KEPT_WIRE_MAX_REQUESTS);
    if (calls.cursor.bad || calls.left == 0)
        return KEPT_E_FORMAT;
    *ret_calls = calls;
    return 0;
}

static int get_fields(struct kept_wire_calls *calls, struct kept_wire_request *to)
{
    struct kept_cursor *c = &calls->cursor;
    size_t count = kept_get_varint(c, KEPT_MAX_FIELDS);
    if (c->bad || count == 0 || count > c->n || count > calls->fields_left)
        return KEPT_E_FORMAT;
    calls->fields_left -= count;
    if (kept_grow(&to->fields, &to->cap, count, KEPT_MAX_FIELDS, sizeof *to->fields) != 0)
        return KEPT_E_NOMEM;
    for (size_t i = 0; i < count; i++)
        kept_wire_field_get(c, &to->fields[i]);
    to->request.fields = to->fields;
    to->request.field_count = count;
    return 0;
}

int kept_wire_calls_next(struct kept_wire_calls *calls, struct kept_wire_request *to)
{
    struct kept_cursor *c = &calls->cursor;
    if (calls->left == 0)
        return c->n == 0 ? 0 : KEPT_E_FORMAT;
    to->request = (struct kept_request){.op = KEPT_OP_NONE};
    uint64_t mask = kept_get_varint(c, ALL(request_rows + 4));
    request_get(c, &to->request, mask);
    if ((mask & EVIDENCE) != 0) {
        to->evidence = (struct kept_evidence){.reference = NULL};
        evidence_get(c, &to->evidence, kept_get_varint(c, ALL(evidence_rows)));
        to->request.evidence = &to->evidence;
    }
    if ((mask & GUARDIAN) != 0) {
        to->guardian = (struct kept_guardian){.contact = NULL};
        guardian_get(c, &to->guardian, kept_get_varint(c, ALL(guardian_rows)));
        to->request.guardian = &to->guardian;
    }
    if ((mask & CALLER) != 0) {
        to->caller = (struct kept_caller){.name = NULL};
        caller_get(c, &to->caller, kept_get_varint(c, ALL(caller_rows)));
        to->request.caller = &to->caller;
    }
    int rc = (mask & FIELDS) != 0 ? get_fields(calls, to) : 0;
    if (rc != 0)
        return rc;
    calls->left--;
    return c->bad ? KEPT_E_FORMAT : 1;
}

void kept_wire_request_release(struct kept_wire_request *request)
{
    kept_free(request->fields);
    *request = (struct kept_wire_request){.cap = 0};
}
