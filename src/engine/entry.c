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
        kept_random(kept->ids, sizeof kept->ids);
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

static void encode_actor(const struct call *call, struct kept_buf *out)
{
    const struct kept_request *r = call->request;
    size_t n = strlen(call->actor);
    const char *text = r->exemption != NULL && r->text != NULL ? r->text : "";
    kept_buf_u8(out, PART_FORMAT);
    kept_buf_varint(out, n);
    kept_buf_bytes(out, call->actor, n);
    kept_buf_u32(out, call->role_ref);
    kept_buf_u32(out, call->function_ref);
    kept_buf_u32(out, call->purpose_ref);
    kept_buf_varint(out, call->question.facts);
    kept_buf_varint(out, call->tagged ? 1 : 0);
    kept_buf_varint(out, named(call));
    for (size_t i = 0; i < named(call); i++)
        kept_buf_u32(out, call->touched[i].item);
    n = strlen(text);
    if (n > KEPT_MAX_TEXT)
        n = KEPT_MAX_TEXT;
    kept_buf_varint(out, n);
    kept_buf_bytes(out, text, n);
}

static void encode_subject(const struct call *call, struct kept_buf *out)
{
    kept_buf_u8(out, PART_FORMAT);
    kept_buf_id(out, &call->subject->id);
    kept_buf_u32(out, call->recipient_ref);
    kept_buf_u8(out, call->scope_kind);
    kept_buf_u32(out, call->scope);
    kept_buf_u8(out, (uint8_t)call->request->consent);
    kept_buf_varint(out, call->shown_language);
    kept_buf_varint(out, named(call));
    for (size_t i = 0; i < named(call); i++) {
        const struct touched *t = &call->touched[i];
        kept_buf_u32(out, t->item);
        kept_buf_u8(out, (uint8_t)(t->decision << 6 | t->reason));
        kept_buf_varint(out, t->record);
        kept_buf_varint(out, t->version);
    }
}

int kept_call_encode(struct call *call, struct kept_err *err)
{
    struct kept_reply *reply = &call->box->reply;
    struct kept_keyring *keyring = call->app->keyring;
    struct kept_buf *actor = &call->kept->actor_part, *subject = &call->kept->subject_part;
    const uint8_t *trace = NULL;
    kept_buf_clear(actor);
    kept_buf_clear(subject);
    call->tagged = call->opened && call->subject->keys->has_trace;
    encode_actor(call, actor);
    if (call->tagged) {
        trace = call->subject->keys->trace;
        memcpy(call->tag_key, trace + KEPT_KEY_BYTES, sizeof call->tag_key);
        encode_subject(call, subject);
    }
    const struct kept_entry entry = {
        .id = call->entry_id,
        .at = call->now,
        .event = (uint8_t)call->row->op,
        .decision = (uint8_t)reply->decision,
        .reason = (uint8_t)reply->reason,
        .actor_kind = (uint8_t)call->actor_kind,
        .policy_version = reply->policy_version,
        .subject_version = call->opened ? call->subject->context.version : 0,
        .suite = (uint8_t)kept_suite_default(),
    };
    kept_buf_clear(&call->entry);
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
