/* entry.c - what a ledger entry says of a call.
 *
 * What is in brackets is there when its bit of `has` is set; what is not there takes no room.
 * Actor part, format 1: u8 format | u8 has | varint n, actor | [1: u32 role] | [2: u32 function] |
 *   [4: u32 purpose] | [8: varint facts] | varint subjects | varint n, u32 items |
 *   [16: varint n, justification] | 32: varint denials that are observed only
 * Subject part, format 1: u8 format | u8 has | [1: u32 recipient] | [2: u8 scope kind, u32 scope] |
 *   [4: u8 consent kind] | [8: varint language of the text shown] | [16: u8 origin] |
 *   [32: varint guardian] | [64: varint signed at | varint n, sha256 | varint n, reference] |
 *   varint n items, in runs of one
 *   verdict and version whose records follow each other (0: none):
 *   varint items of the run | u8 decision << 6 | reason | varint record | varint version | u32 item each
 * Whose it is says the key that opens it: the person's trace key, to which the part commits. */
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "engine/engine_int.h"

#define PART_FORMAT 1
enum { HAS_ROLE = 1, HAS_FUNCTION = 2, HAS_PURPOSE = 4, HAS_FACTS = 8, HAS_TEXT = 16,
       HAS_OBSERVED = 32 };
enum { HAS_RECIPIENT = 1, HAS_SCOPE = 2, HAS_CONSENT = 4, HAS_LANGUAGE = 8, HAS_ORIGIN = 16,
       HAS_GUARDIAN = 32, HAS_EVIDENCE = 64 };
/* Items one entry names. An operation that touches more is refused: nothing leaves unnamed. */
#define MAX_NAMED KEPT_MAX_FIELDS

_Static_assert(KEPT_R_COUNT <= 64, "a reason fits in six bits");
_Static_assert(MAX_NAMED < 1u << 14 && KEPT_MAX_RECORDS < 1u << 21, "varints of two and three bytes");

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

static uint8_t *put_u32(uint8_t *p, uint32_t v)
{
    kept_put_be32(p, v);
    return p + 4;
}

/* A number that may be absent, marked in has. */
static uint8_t *put_some(uint8_t *p, uint32_t v, uint8_t *has, unsigned bit)
{
    if (v == 0)
        return p;
    *has |= (uint8_t)bit;
    return put_u32(p, v);
}

static uint8_t *put_varint(uint8_t *p, uint64_t v)
{
    for (; v >= 0x80; v >>= 7)
        *p++ = (uint8_t)(v | 0x80);
    *p++ = (uint8_t)v;
    return p;
}

#define VARINT_MAX 10u   /* bytes of a 64-bit number */
#define RUN_MAX (2u + 1 + 3 + 5) /* how many, verdict, record, version */

/* Give back what of max bytes of room was not filled. */
static void settle(struct kept_buf *out, const uint8_t *start, const uint8_t *end, size_t max)
{
    out->n -= max - (size_t)(end - start);
    out->p[out->n] = 0;
}

/* Why it was done, in the words of who did it: the reasons of an exemption, or the case that the
 * function asks for. The text of some operations is something else. */
static const char *justification(const struct call *call)
{
    const struct kept_request *r = call->request;
    enum kept_op op = call->row->op;
    if (call->note != NULL)
        return call->note;
    bool other = op == KEPT_OP_POLICY_PUBLISH || op == KEPT_OP_AUDIT || op == KEPT_OP_ROTATE;
    return r->text != NULL && (r->exemption != NULL || !other) ? r->text : "";
}

static void encode_actor(const struct call *call, struct kept_buf *out)
{
    const char *text = justification(call);
    size_t actor_n = strlen(call->actor), text_n = strlen(text), items = call->touched_count;
    if (text_n > KEPT_MAX_TEXT)
        text_n = KEPT_MAX_TEXT;
    size_t max = 2 + actor_n + text_n + 3 * 4 + items * 4 + 6 * VARINT_MAX;
    uint8_t *start = kept_buf_room(out, max), *p = start;
    if (start == NULL)
        return;
    *p++ = PART_FORMAT;
    uint8_t *has = p++;
    *has = 0;
    p = put_varint(p, actor_n);
    memcpy(p, call->actor, actor_n);
    p = put_some(p + actor_n, call->role_ref, has, HAS_ROLE);
    p = put_some(p, call->function_ref, has, HAS_FUNCTION);
    p = put_some(p, call->purpose_ref, has, HAS_PURPOSE);
    if (call->question.facts != 0) {
        *has |= HAS_FACTS;
        p = put_varint(p, call->question.facts);
    }
    p = put_varint(p, call->tagged ? 1 : call->absent);
    p = put_varint(p, items);
    for (size_t i = 0; i < items; i++)
        p = put_u32(p, call->touched[i].item);
    if (text_n != 0) {
        *has |= HAS_TEXT;
        p = put_varint(p, text_n);
        memcpy(p, text, text_n);
        p += text_n;
    }
    if (call->observed != 0) {
        *has |= HAS_OBSERVED;
        p = put_varint(p, call->observed);
    }
    settle(out, start, p, max);
}

static uint8_t *put_span(uint8_t *p, const void *from, size_t n)
{
    p = put_varint(p, n);
    if (n != 0)
        memcpy(p, from, n);
    return p + n;
}

/* What consents alone have: kind or voice, language, origin, guardian, evidence. */
#define AGREED_MAX (2 + 4 * VARINT_MAX + 32 + VARINT_MAX + KEPT_MAX_REFERENCE)
static uint8_t *put_agreed(const struct call *call, uint8_t *p, uint8_t *has)
{
    const struct kept_request *r = call->request;
    const struct kept_evidence *e = r->evidence;
    bool agreed = (r->op >= KEPT_OP_CONSENT_ACKNOWLEDGE && r->op <= KEPT_OP_CONSENT_WITHDRAW) ||
                  r->op == KEPT_OP_GUARDIAN_ADD || r->op == KEPT_OP_GUARDIAN_REVOKE;
    size_t n = agreed && e != NULL && e->reference != NULL ? strlen(e->reference) : 0;
    if (agreed && r->consent != KEPT_C_NONE) {
        *has |= HAS_CONSENT;
        *p++ = (uint8_t)r->consent;
    }
    if (call->shown_language != 0) {
        *has |= HAS_LANGUAGE;
        p = put_varint(p, call->shown_language);
    }
    if (agreed && r->origin != KEPT_O_ASKED) {
        *has |= HAS_ORIGIN;
        *p++ = (uint8_t)r->origin;
    }
    if (call->guardian != 0) {
        *has |= HAS_GUARDIAN;
        p = put_varint(p, call->guardian);
    }
    /* A refused request may bring more than an entry holds. */
    if (agreed && e != NULL && n <= KEPT_MAX_REFERENCE && e->sha256.n <= 32 && e->signed_at >= 0) {
        *has |= HAS_EVIDENCE;
        p = put_varint(p, (uint64_t)(e->signed_at != 0 ? e->signed_at : call->now));
        p = put_span(p, e->sha256.p, e->sha256.n);
        p = put_span(p, e->reference, n);
    }
    return p;
}

/* How many of n rows, from t on, differ by their items and by one record each, or have none. */
static size_t run_of(const struct touched *t, size_t n)
{
    size_t k = 1;
    while (k < n && t[k].decision == t->decision && t[k].reason == t->reason &&
           t[k].version == t->version && t[k].record == (t->record == 0 ? 0 : t->record + k))
        k++;
    return k;
}

static void encode_subject(const struct call *call, struct kept_buf *out)
{
    size_t items = call->touched_count;
    size_t max = 4 + 2 * 4 + VARINT_MAX + AGREED_MAX + items * (RUN_MAX + 4);
    uint8_t *start = kept_buf_room(out, max), *p = start;
    if (start == NULL)
        return;
    *p++ = PART_FORMAT;
    uint8_t *has = p++;
    *has = 0;
    p = put_some(p, call->recipient_ref, has, HAS_RECIPIENT);
    if (call->scope_kind != KEPT_K_NONE) {
        *has |= HAS_SCOPE;
        *p++ = call->scope_kind;
        p = put_u32(p, call->scope);
    }
    p = put_agreed(call, p, has);
    p = put_varint(p, items);
    for (size_t i = 0, n; i < items; i += n) {
        const struct touched *t = &call->touched[i];
        n = run_of(t, items - i);
        p = put_varint(p, n);
        *p++ = (uint8_t)(t->decision << 6 | t->reason);
        p = put_varint(p, t->record);
        p = put_varint(p, t->version);
        for (size_t k = 0; k < n; k++)
            p = put_u32(p, t[k].item);
    }
    settle(out, start, p, max);
}

void kept_call_about(struct call *call)
{
    call->tagged = call->opened && call->subject->keys->has_trace;
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
    if (call->touched_count > MAX_NAMED)
        return kept_fail(err, KEPT_E_LIMIT, "more than %u records in one operation: ask for fewer",
                         MAX_NAMED);
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
    kept_observe(call);
    kept_call_about(call);
    if (call->tagged) {
        trace = call->subject->keys->trace;
        memcpy(call->tag_key, trace + KEPT_KEY_BYTES, sizeof call->tag_key);
    }
    return kept_call_write(call, trace, &call->kept->actor_part, &call->kept->subject_part, err);
}

static uint32_t get_some(struct kept_cursor *c, uint8_t has, unsigned bit)
{
    return (has & bit) != 0 ? kept_get_u32(c) : 0;
}

int kept_actor_decode(struct kept_span plain, struct actor_part *ret_part)
{
    struct kept_cursor c = kept_cursor(plain);
    memset(ret_part, 0, sizeof *ret_part);
    if (kept_get_u8(&c) != PART_FORMAT)
        return KEPT_E_CORRUPT;
    uint8_t has = kept_get_u8(&c);
    struct kept_span actor = kept_get_bytes(&c, kept_get_varint(&c, KEPT_MAX_NAME));
    ret_part->role = get_some(&c, has, HAS_ROLE);
    ret_part->function = get_some(&c, has, HAS_FUNCTION);
    ret_part->purpose = get_some(&c, has, HAS_PURPOSE);
    if ((has & HAS_FACTS) != 0)
        ret_part->facts = (uint32_t)kept_get_varint(&c, UINT32_MAX);
    ret_part->subjects = (uint32_t)kept_get_varint(&c, UINT32_MAX);
    ret_part->item_count = (uint32_t)kept_get_varint(&c, MAX_NAMED);
    ret_part->items = kept_get_bytes(&c, (size_t)ret_part->item_count * 4);
    ret_part->text = kept_get_bytes(&c, (has & HAS_TEXT) != 0 ? kept_get_varint(&c, KEPT_MAX_TEXT)
                                                              : 0);
    if ((has & HAS_OBSERVED) != 0)
        ret_part->observed = (uint32_t)kept_get_varint(&c, MAX_NAMED);
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
    uint8_t has = kept_get_u8(&c);
    ret_part->recipient = get_some(&c, has, HAS_RECIPIENT);
    if ((has & HAS_SCOPE) != 0) {
        ret_part->scope_kind = kept_get_u8(&c);
        ret_part->scope = kept_get_u32(&c);
    }
    if ((has & HAS_CONSENT) != 0)
        ret_part->consent = kept_get_u8(&c);
    if ((has & HAS_LANGUAGE) != 0)
        ret_part->language = (uint32_t)kept_get_varint(&c, UINT32_MAX);
    if ((has & HAS_ORIGIN) != 0)
        ret_part->origin = kept_get_u8(&c);
    if ((has & HAS_GUARDIAN) != 0)
        ret_part->guardian = (uint32_t)kept_get_varint(&c, UINT32_MAX);
    if ((has & HAS_EVIDENCE) != 0) {
        ret_part->has_evidence = true;
        ret_part->signed_at = (kept_ms)kept_get_varint(&c, INT64_MAX);
        ret_part->sha256 = kept_get_bytes(&c, kept_get_varint(&c, 32));
        ret_part->reference = kept_get_bytes(&c, kept_get_varint(&c, KEPT_MAX_REFERENCE));
    }
    ret_part->item_count = (uint32_t)kept_get_varint(&c, MAX_NAMED);
    ret_part->items = c;
    return c.bad ? KEPT_E_CORRUPT : 0;
}

bool kept_next_touched(struct subject_part *part, struct touched *ret_touched)
{
    struct kept_cursor *c = &part->items;
    if (c->n == 0)
        return false;
    if (part->run_left == 0) {
        part->run_left = (uint32_t)kept_get_varint(c, MAX_NAMED);
        uint8_t v = kept_get_u8(c);
        part->run.decision = v >> 6;
        part->run.reason = v & 63;
        part->run.record = (uint32_t)kept_get_varint(c, UINT32_MAX);
        part->run.version = (uint32_t)kept_get_varint(c, UINT32_MAX);
    }
    part->run.item = kept_get_u32(c);
    if (c->bad || part->run_left == 0)
        return false;
    part->run_left--;
    *ret_touched = part->run;
    part->run.record += part->run.record != 0;
    return true;
}
