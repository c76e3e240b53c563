/* reply.c - replies and calls: memory in, memory out, wiped. */
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "engine/engine_int.h"

_Static_assert(offsetof(struct box, reply) == 0, "a reply is the start of its box");

struct box *kept_box_new(void)
{
    struct box *box = kept_alloc(1, sizeof *box);
    if (box == NULL)
        return NULL;
    kept_buf_init_secret(&box->values, KEPT_MAX_VALUE_BYTES * 2);
    box->reply.fields = box->first;
    box->offsets = box->first_offset;
    box->field_cap = 1;
    box->reply.clause = "";
    return box;
}

void kept_reply_free(struct kept_reply *reply)
{
    struct box *box = (struct box *)reply;
    if (box == NULL)
        return;
    kept_wipe(box->small, box->small_n);
    kept_buf_release(&box->values);
    if (box->reply.fields != box->first)
        kept_free(box->reply.fields);
    if (box->offsets != box->first_offset)
        kept_free(box->offsets);
    if (box->reply.json != NULL)
        kept_wipe(box->reply.json, strlen(box->reply.json));
    kept_free(box->reply.json);
    kept_free(box);
}

static int grow(struct box *box)
{
    size_t cap = box->field_cap * 4;
    bool inside = box->reply.fields == box->first;
    struct kept_field *fields = kept_resize(inside ? NULL : box->reply.fields, cap, sizeof *fields);
    if (fields == NULL)
        return KEPT_E_NOMEM;
    if (inside)
        fields[0] = box->first[0];
    box->reply.fields = fields;
    inside = box->offsets == box->first_offset;
    size_t *offsets = kept_resize(inside ? NULL : box->offsets, cap, sizeof *offsets);
    if (offsets == NULL)
        return KEPT_E_NOMEM;
    if (inside)
        offsets[0] = box->first_offset[0];
    box->offsets = offsets;
    box->field_cap = cap;
    return 0;
}

/* Behind the values that are there: in the box while they fit, else all of them outside. */
static int append(struct box *box, struct kept_span value)
{
    if (box->values.n == 0 && value.n <= sizeof box->small - box->small_n) {
        if (value.n != 0)
            memcpy(box->small + box->small_n, value.p, value.n);
        box->small_n += value.n;
        return 0;
    }
    if (box->small_n != 0) {
        kept_buf_bytes(&box->values, box->small, box->small_n);
        kept_wipe(box->small, box->small_n);
        box->small_n = 0;
    }
    kept_buf_bytes(&box->values, value.p, value.n);
    return box->values.failed;
}

int kept_box_field(struct box *box, const struct kept_field *field, struct kept_span value,
                   struct kept_err *err)
{
    size_t n = box->reply.field_count;
    if (n == box->field_cap && grow(box) != 0)
        return kept_fail(err, KEPT_E_NOMEM, "no memory for a reply");
    box->offsets[n] = box->small_n + box->values.n; /* one of them is empty */
    box->reply.fields[n] = *field;
    box->reply.fields[n].value = (struct kept_span){NULL, value.n};
    box->reply.field_count++;
    int rc = append(box, value);
    return rc == 0 ? 0 : kept_fail(err, rc, "the values of one reply are too large");
}

void kept_box_drop(struct box *box)
{
    kept_wipe(box->small, box->small_n);
    box->small_n = 0;
    kept_buf_clear(&box->values);
    box->reply.field_count = 0;
}

void kept_box_finish(struct box *box)
{
    const uint8_t *from = box->values.n != 0 ? box->values.p : box->small;
    for (size_t i = 0; i < box->reply.field_count; i++)
        box->reply.fields[i].value.p = from + box->offsets[i];
}

struct call *kept_call_new(struct kept *kept)
{
    struct call *call = kept->spare;
    if (call != NULL) {
        kept->spare = call->next;
        struct kept_buf entry = call->entry;
        struct touched *touched = call->touched;
        size_t cap = call->touched_cap;
        kept_buf_clear(&entry);
        bool inside = touched == call->small;
        *call = (struct call){.entry = entry, .touched_cap = cap};
        call->touched = inside ? call->small : touched;
    } else {
        call = kept_alloc(1, sizeof *call);
        if (call == NULL)
            return NULL;
        kept_buf_init(&call->entry, KEPT_MAX_ENTRY_BYTES);
        call->touched = call->small;
        call->touched_cap = sizeof call->small / sizeof call->small[0];
    }
    call->kept = kept;
    call->box = kept_box_new();
    if (call->box == NULL) {
        call->next = kept->spare;
        kept->spare = call;
        return NULL;
    }
    return call;
}

int kept_call_restart(struct call *call)
{
    struct box *box = kept_box_new();
    if (box == NULL)
        return KEPT_E_NOMEM;
    kept_caller_settle(call, false);
    box->reply.tag = call->box->reply.tag;
    kept_reply_free(&call->box->reply);
    kept_buf_clear(&call->entry);
    const struct call was = *call;
    *call = (struct call){.kept = was.kept, .request = was.request, .box = box, .stream = was.stream, .by = was.by,
                          .touched_cap = was.touched_cap, .entry = was.entry, .attempts = was.attempts,
                          .place = was.place, .next = was.next};
    call->touched = was.touched == call->small ? call->small : was.touched;
    return 0;
}

void kept_call_release(struct kept *kept, struct call *call)
{
    if (call == NULL)
        return;
    kept_wipe(call->tag_key, sizeof call->tag_key);
    call->next = kept->spare;
    kept->spare = call;
}
