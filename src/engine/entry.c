/* entry.c - what a ledger entry says of a call.
 *
 * Actor part, format 1: u8 format | varint n, actor | u32 role | u32 function | u32 purpose |
 *   varint facts | varint subjects | varint n, u32 items | varint n, justification
 * Subject part, format 1: u8 format | id[16] | u32 recipient | u8 scope kind | u32 scope |
 *   u8 consent kind | varint language of the text shown + 1 (0: none) |
 *   varint n, items: u32 item | u8 decision << 6 | reason | varint record | varint version */
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "engine/engine_int.h"

#define PART_FORMAT 1
/* Items named in one entry: what fits; the rest is counted by the parts' own n. */
#define MAX_NAMED 4000u

_Static_assert(KEPT_R_COUNT <= 64, "a reason fits in six bits");

void kept_next_id(struct kept *kept, struct kept_id *ret_id)
{
    if (kept->ids_left == 0) {
        kept_random_many(kept->ids, sizeof kept->ids);
        kept->ids_left = KEPT_ID_POOL;
    }
    *ret_id = kept->ids[--kept->ids_left];
}

int kept_call_touch(struct call *call, uint32_t item, uint32_t record, uint32_t version,
                    enum kept_decision decision, enum kept_reason reason)
{
    if (call->touched_count == call->touched_cap) {
        size_t cap = call->touched_cap * 4;
        bool inside = call->touched == call->small;
        struct touched *t = kept_resize(inside ? NULL : call->touched, cap, sizeof *t);
        if (t == NULL)
            return KEPT_E_NOMEM;
        if (inside)
            memcpy(t, call->small, sizeof call->small);
        call->touched = t;
        call->touched_cap = cap;
    }
    call->touched[call->touched_count++] =
        (struct touched){item, record, version, (uint8_t)decision, (uint8_t)reason};
    return 0;
}

static size_t named(const struct call *call)
{
    return call->touched_count < MAX_NAMED ? call->touched_count : MAX_NAMED;
}

static uint8_t *put_u32(uint8_t *p, uint32_t v)
{
    kept_put_be32(p, v);
    return p + 4;
}

static uint8_t *put_varint(uint8_t *p, uint64_t v)
{
    for (; v >= 0x80; v >>= 7)
        *p++ = (uint8_t)(v | 0x80);
    *p++ = (uint8_t)v;
    return p;
}

#define VARINT_MAX 10u   /* bytes of a 64-bit number */
#define VARINT32_MAX 5u

/* Give back what of max bytes of room was not filled. */
static void settle(struct kept_buf *out, const uint8_t *start, const uint8_t *end, size_t max)
{
    out->n -= max - (size_t)(end - start);
    out->p[out->n] = 0;
}

static void encode_actor(const struct call *call, struct kept_buf *out)
{
    const struct kept_request *r = call->request;
    const char *text = r->exemption != NULL && r->text != NULL ? r->text : "";
    size_t actor_n = strlen(call->actor), text_n = strlen(text), items = named(call);
    if (text_n > KEPT_MAX_TEXT)
        text_n = KEPT_MAX_TEXT;
    size_t max = 1 + actor_n + text_n + 3 * 4 + items * 4 + 5 * VARINT_MAX;
    uint8_t *start = kept_buf_room(out, max), *p = start;
    if (start == NULL)
        return;
    *p++ = PART_FORMAT;
    p = put_varint(p, actor_n);
    memcpy(p, call->actor, actor_n);
    p = put_u32(p + actor_n, call->role_ref);
    p = put_u32(p, call->function_ref);
    p = put_u32(p, call->purpose_ref);
    p = put_varint(p, call->question.facts);
    p = put_varint(p, call->tagged ? 1 : 0);
    p = put_varint(p, items);
    for (size_t i = 0; i < items; i++)
        p = put_u32(p, call->touched[i].item);
    p = put_varint(p, text_n);
    memcpy(p, text, text_n);
    settle(out, start, p + text_n, max);
}

static void encode_subject(const struct call *call, struct kept_buf *out)
{
    size_t items = named(call);
    size_t max = 3 + KEPT_ID_BYTES + 2 * 4 + 2 * VARINT_MAX + items * (5 + 2 * VARINT32_MAX);
    uint8_t *start = kept_buf_room(out, max), *p = start;
    if (start == NULL)
        return;
    *p++ = PART_FORMAT;
    memcpy(p, call->about.b, KEPT_ID_BYTES);
    p = put_u32(p + KEPT_ID_BYTES, call->recipient_ref);
    *p++ = call->scope_kind;
    p = put_u32(p, call->scope);
    *p++ = call->row->op == KEPT_OP_CONSENT_GRANT ? (uint8_t)call->request->consent : KEPT_C_NONE;
    p = put_varint(p, call->shown_language);
    p = put_varint(p, items);
    for (size_t i = 0; i < items; i++) {
        const struct touched *t = &call->touched[i];
        p = put_u32(p, t->item);
        *p++ = (uint8_t)(t->decision << 6 | t->reason);
        p = put_varint(p, t->record);
        p = put_varint(p, t->version);
    }
    settle(out, start, p, max);
}

void kept_call_about(struct call *call)
{
    call->tagged = call->opened && call->subject->keys->has_trace;
    call->about = call->opened ? call->subject->id : (struct kept_id){{0}};
    call->about_version = call->opened ? call->subject->context.version : 0;
}

int kept_call_write(struct call *call, const uint8_t *trace, struct kept_buf *actor,
                    struct kept_buf *subject, struct kept_err *err)
{
    struct kept_reply *reply = &call->box->reply;
    struct kept_keyring *keyring = call->app->keyring;
    const struct kept_entry entry = {
        .id = call->entry_id,
        .at = call->now,
        .event = (uint8_t)call->row->op,
        .decision = (uint8_t)reply->decision,
        .reason = (uint8_t)reply->reason,
        .actor_kind = (uint8_t)call->actor_kind,
        .policy_version = reply->policy_version,
        .subject_version = call->about_version,
        .suite = (uint8_t)kept_suite_default(),
    };
    kept_buf_clear(actor);
    kept_buf_clear(subject);
    kept_buf_clear(&call->entry);
    encode_actor(call, actor);
    if (trace != NULL)
        encode_subject(call, subject);
    int rc = actor->failed != 0 ? actor->failed : subject->failed;
    if (rc == 0)
        rc = kept_entry_encode(&entry,
                               kept_keyring_audit_key(keyring, kept_keyring_audit(keyring)),
                               kept_buf_span(actor), trace, kept_buf_span(subject), &call->entry);
    if (rc == 0 && call->entry.failed != 0)
        rc = call->entry.failed;
    if (rc == 0)
        reply->entry = call->entry_id; /* its leaf follows when it gets its place */
    kept_buf_clear(subject);
    return rc == 0 ? 0 : kept_fail(err, rc, "cannot write the ledger entry");
}

int kept_call_encode(struct call *call, struct kept_err *err)
{
    const uint8_t *trace = NULL;
    kept_call_about(call);
    if (call->tagged) {
        trace = call->subject->keys->trace;
        memcpy(call->tag_key, trace + KEPT_KEY_BYTES, sizeof call->tag_key);
    }
    return kept_call_write(call, trace, &call->kept->actor_part, &call->kept->subject_part, err);
}

int kept_actor_decode(struct kept_span plain, struct actor_part *ret_part)
{
    struct kept_cursor c = kept_cursor(plain);
    memset(ret_part, 0, sizeof *ret_part);
    if (kept_get_u8(&c) != PART_FORMAT)
        return KEPT_E_CORRUPT;
    struct kept_span actor = kept_get_bytes(&c, kept_get_varint(&c, KEPT_MAX_NAME));
    ret_part->role = kept_get_u32(&c);
    ret_part->function = kept_get_u32(&c);
    ret_part->purpose = kept_get_u32(&c);
    ret_part->facts = (uint32_t)kept_get_varint(&c, UINT32_MAX);
    ret_part->subjects = (uint32_t)kept_get_varint(&c, UINT32_MAX);
    ret_part->item_count = (uint32_t)kept_get_varint(&c, MAX_NAMED);
    ret_part->items = kept_get_bytes(&c, (size_t)ret_part->item_count * 4);
    ret_part->text = kept_get_bytes(&c, kept_get_varint(&c, KEPT_MAX_TEXT));
    if (c.bad || c.n != 0)
        return KEPT_E_CORRUPT;
    memcpy(ret_part->actor, actor.p, actor.n);
    return 0;
}

int kept_subject_decode(struct kept_span plain, struct subject_part *ret_part)
{
    struct kept_cursor c = kept_cursor(plain);
    memset(ret_part, 0, sizeof *ret_part);
    if (kept_get_u8(&c) != PART_FORMAT)
        return KEPT_E_CORRUPT;
    ret_part->id = kept_get_id(&c);
    ret_part->recipient = kept_get_u32(&c);
    ret_part->scope_kind = kept_get_u8(&c);
    ret_part->scope = kept_get_u32(&c);
    ret_part->consent = kept_get_u8(&c);
    ret_part->language = (uint32_t)kept_get_varint(&c, UINT32_MAX);
    ret_part->item_count = (uint32_t)kept_get_varint(&c, MAX_NAMED);
    ret_part->items = c;
    return c.bad ? KEPT_E_CORRUPT : 0;
}

bool kept_next_touched(struct kept_cursor *c, struct touched *ret_touched)
{
    if (c->n == 0)
        return false;
    ret_touched->item = kept_get_u32(c);
    uint8_t v = kept_get_u8(c);
    ret_touched->decision = v >> 6;
    ret_touched->reason = v & 63;
    ret_touched->record = (uint32_t)kept_get_varint(c, UINT32_MAX);
    ret_touched->version = (uint32_t)kept_get_varint(c, UINT32_MAX);
    return !c->bad;
}
