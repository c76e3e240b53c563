/* erase.c - erasing a person and a record: keys first, rows later, dates for both. */
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "engine/account_int.h"
#include "engine/minor_int.h"
#include "engine/orders.h"
#include "engine/report_int.h"

kept_ms kept_final_at(const struct app *app, const struct kept_policy_info *info, uint32_t epoch,
                      bool *ret_done)
{
    struct kept_epoch rows[KEPT_MAX_EPOCHS];
    size_t n = kept_keyring_epochs(app->keyring, rows, sizeof rows / sizeof rows[0]);
    *ret_done = true;
    for (size_t i = 0; i < n; i++)
        if (rows[i].number == epoch) {
            *ret_done = false;
            return rows[i].retired != 0 ? rows[i].destroy_at
                                        : rows[i].created + info->rotation + info->window;
        }
    return 0;
}

#define KEPT_SHOWN 100u /* records that a certificate names one by one */

/* What a law keeps, and until when (S3-2.4). */
static int put_kept(const struct call *call, struct kept_buf *out, struct kept_err *err)
{
    const struct kept_subject *s = call->subject;
    struct kept_buf value;
    int rc = 0;
    kept_buf_init_secret(&value, KEPT_MAX_VALUE_BYTES);
    kept_buf_text(out, ",\"kept\":[");
    for (size_t i = 0; rc == 0 && i < s->dir_count && i < KEPT_SHOWN; i++) {
        struct kept_stamp stamp = {0};
        char until[KEPT_TIME_TEXT] = "";
        kept_buf_clear(&value);
        rc = kept_vault_get(call->kept->store, s, &s->dir[i], &stamp, &value, err);
        const kept_ms gone = rc == 0 ? kept_gone_at(call, s->dir[i].item, &stamp) : 0;
        if (rc == KEPT_E_CORRUPT) /* nobody can tell when; erasing goes on */
            rc = 0;
        if (gone != 0)
            kept_time_text(gone, until);
        kept_buf_printf(out, "%s{\"item\":\"%s\",\"until\":\"%s\"}", i == 0 ? "" : ",",
                        kept_ref_name(call->app, KEPT_K_ITEM, s->dir[i].item), until);
    }
    kept_buf_text(out, "]}");
    kept_buf_release(&value);
    return rc;
}

/* What other systems hold, of all that this policy declares: whether of this person, they know; each is told to
 * delete it. */
static void put_elsewhere(const struct call *call, struct kept_buf *out)
{
    const char *between = "";
    kept_buf_text(out, ",\"held_elsewhere\":[");
    for (uint32_t i = 0; i < call->info->items; i++) {
        const char *where = kept_policy_held_in(call->policy, i);
        if (where == NULL)
            continue;
        const struct kept_item *item = kept_policy_item(call->policy, i);
        const bool law = item->class == KEPT_CLASS_LAW && item->then != KEPT_DISPOSE_ARCHIVE;
        kept_buf_printf(out, "%s{\"item\":\"%s\",\"held_in\":\"%s\"%s}", between, item->name, where,
                        law ? ",\"kept_by_law\":true" : "");
        between = ",";
    }
    kept_buf_text(out, "]");
}

/* What no erasure here reaches: it lies on the person's own device (S1-1.8). */
static void put_device(const struct call *call, struct kept_buf *out)
{
    const char *between = "";
    kept_buf_text(out, ",\"on_device\":[");
    for (uint32_t i = 0; i < call->info->items; i++) {
        const struct kept_item *item = kept_policy_item(call->policy, i);
        if (item->place != KEPT_PLACE_DEVICE)
            continue;
        kept_buf_printf(out, "%s\"%s\"", between, item->name);
        between = ",";
    }
    kept_buf_text(out, "]");
}

/* Which of them was ordered to delete what, when, and whether it did. */
static int put_orders(struct call *call, struct kept_buf *out, struct kept_err *err)
{
    json_t *rows = json_array();
    int rc = kept_orders_of(call, rows, err);
    kept_buf_text(out, ",\"orders\":");
    if (rc == 0 && (call->holes || kept_json_text(rows, out) != 0))
        rc = kept_fail(err, KEPT_E_NOMEM, "no memory for a certificate");
    kept_json_free(rows);
    return rc;
}

/* The certificate: what was destroyed, what a law keeps, and the two dates. */
static int certificate(struct call *call, const struct kept_buf *unbound, char **ret_text, struct kept_err *err)
{
    const struct kept_subject *s = call->subject;
    struct kept_buf out;
    char id[33], erased[KEPT_TIME_TEXT], final[KEPT_TIME_TEXT];
    bool done = false;
    kept_buf_init(&out, KEPT_MAX_JSON_BYTES);
    kept_id_hex(&s->id, id);
    kept_time_text(s->erased_at, erased);
    kept_time_text(kept_final_at(call->app, call->info, s->erased_epoch, &done), final);
    kept_buf_printf(&out,
                    "{\"certificate\":\"erasure\",\"app\":\"%s\",\"subject\":\"%s\","
                    "\"keys_destroyed\":\"%s\",\"epoch\":%u,\"final\":\"%s\","
                    "\"rotation_days\":%lld,\"backup_window_days\":%lld,"
                    "\"records_kept_by_law\":%zu",
                    call->app->name, id, erased, s->erased_epoch, final,
                    (long long)(call->info->rotation / KEPT_DAY),
                    (long long)(call->info->window / KEPT_DAY), s->dir_count);
    kept_buf_bytes(&out, unbound->p, unbound->n);
    put_elsewhere(call, &out);
    put_device(call, &out);
    int rc = put_orders(call, &out, err);
    if (rc == 0)
        rc = put_kept(call, &out, err);
    char *text = kept_buf_take(&out);
    if (rc == 0 && text == NULL)
        rc = kept_fail(err, KEPT_E_NOMEM, "no memory for a certificate");
    if (rc == 0)
        *ret_text = text;
    else
        kept_free(text);
    return rc;
}

/* Keys first; what is due later is noted. */
static int erase(struct call *call, struct kept_err *err)
{
    struct kept_subject *s = call->subject;
    kept_subject_erase(s, call->now);
    call->changed = true;
    call->obligation = (struct kept_journal_row){.kind = KEPT_J_ERASE_SUBJECT};
    int rc = kept_todo_put(call->kept->store, KEPT_TODO_SWEEP, s->key, call->now, err);
    if (rc == 0)
        rc = kept_desk_forget(call->kept->store, s->key, err);
    if (rc == 0) /* by reference only: they outlive the person */
        rc = kept_orders_erase(call, call->now, err);
    if (rc == 0)
        rc = kept_todo_delete(call->kept->store, KEPT_TODO_RESEAL, s->key, err);
    if (rc == 0)
        rc = kept_minor_done(call->kept->store, s->key, err);
    if (rc == 0 && s->context.state == KEPT_S_ERASED) /* else what a law keeps ends */
        rc = kept_todo_delete(call->kept->store, KEPT_TODO_END, s->key, err);
    else if (rc == 0) /* an archive may begin now */
        rc = kept_ends_look(call, err);
    return rc == 0 ? kept_todo_put(call->kept->store, KEPT_TODO_TRACE, s->key, call->now + call->info->evidence, err) : rc;
}

/* With what was bound elsewhere, and where it ends there: that account is the provider's (S4-5.12). */
int kept_act_ERASE_SUBJECT(struct call *call, struct kept_err *err)
{
    const enum kept_subject_state state = call->subject->context.state;
    struct kept_buf unbound;
    int rc = 0;
    kept_buf_init_secret(&unbound, KEPT_MAX_JSON_BYTES);
    if (state != KEPT_S_ERASED && state != KEPT_S_KEPT_BY_LAW) {
        rc = kept_bound_text(call, &unbound, err);
        if (rc == 0)
            rc = erase(call, err);
    }
    if (rc == 0)
        rc = certificate(call, &unbound, &call->box->reply.json, err);
    kept_buf_release(&unbound);
    return rc;
}

/* ---- one item's records --------------------------------------------------------------------- */

struct victims {
    struct kept_dir_row *rows;
    size_t count, cap;
    uint32_t record;
    bool law;
    int rc;
};

static int take(void *arg, const struct kept_dir_row *row)
{
    struct victims *v = arg;
    if (v->record != 0 && row->slot != v->record)
        return 0;
    if (row->class == KEPT_CLASS_LAW) {
        v->law = true;
        return 0;
    }
    v->rc = kept_grow(&v->rows, &v->cap, v->count + 1, KEPT_MAX_RECORDS, sizeof *v->rows);
    if (v->rc == 0)
        v->rows[v->count++] = *row;
    return v->rc != 0;
}

/* The item lies elsewhere: order it deleted there. *ret_ordered: so it was; of what a law keeps nothing is. */
static int order_item(struct call *call, uint32_t ref, struct victims *v, size_t *ret_ordered, struct kept_err *err)
{
    const uint32_t index = kept_policy_index(call->policy, KEPT_K_ITEM, ref);
    struct kept_wants wants = {NULL, 0, 0};
    if (v->record != 0 || index == KEPT_NO_INDEX || kept_policy_held_in(call->policy, index) == NULL)
        return 0;
    int rc = kept_want(&wants, call->policy, index, call->now, err);
    v->law = v->law || wants.count == 0;
    if (rc == 0)
        rc = kept_wants_order(call, &wants, KEPT_ASK_DELETE, ret_ordered, err);
    kept_wants_release(&wants);
    if (rc == 0 && *ret_ordered > 0 && kept_call_touch(call, ref, 0, 0, KEPT_ALLOW, KEPT_R_NONE) != 0)
        rc = kept_fail(err, KEPT_E_NOMEM, "no memory for a ledger entry");
    return rc;
}

/* The next rotation gives the person a new key; the old one opens backups until its epoch ends. */
static int record_certificate(struct call *call, size_t count, struct kept_err *err)
{
    struct kept_buf out;
    char id[33], now[KEPT_TIME_TEXT], final[KEPT_TIME_TEXT];
    bool done = false;
    kept_buf_init(&out, KEPT_MAX_JSON_BYTES);
    kept_id_hex(&call->subject->id, id);
    kept_time_text(call->now, now);
    kept_time_text(kept_final_at(call->app, call->info, call->subject->epoch, &done), final);
    kept_buf_printf(&out,
                    "{\"certificate\":\"erasure of records\",\"app\":\"%s\",\"subject\":\"%s\","
                    "\"item\":\"%s\",\"records\":%zu,\"deleted\":\"%s\",\"epoch\":%u,"
                    "\"final\":\"%s\",\"rotation_days\":%lld,\"backup_window_days\":%lld",
                    call->app->name, id,
                    kept_ref_name(call->app, KEPT_K_ITEM,
                                  kept_ref(KEPT_K_ITEM, call->request->item)),
                    count, now, call->subject->epoch, final,
                    (long long)(call->info->rotation / KEPT_DAY),
                    (long long)(call->info->window / KEPT_DAY));
    int rc = put_orders(call, &out, err);
    kept_buf_text(&out, "}");
    call->box->reply.json = rc == 0 ? kept_buf_take(&out) : NULL;
    kept_buf_release(&out);
    return rc == 0 && call->box->reply.json == NULL ? kept_fail(err, KEPT_E_NOMEM, "no memory for a certificate") : rc;
}

int kept_act_ERASE_RECORD(struct call *call, struct kept_err *err)
{
    const struct kept_request *r = call->request;
    struct victims v = {.record = r->record};
    uint32_t ref = r->item == NULL || r->item[0] == 0 ? 0 : kept_ref(KEPT_K_ITEM, r->item);
    if (ref == 0)
        return kept_fail(err, KEPT_E_USAGE, "which item is to be erased? Name one, as the policy does");
    int rc = kept_vault_each(call->kept->store, call->subject, ref, take, &v, err);
    if (rc == 0 && v.rc != 0)
        rc = kept_fail(err, v.rc, "no memory for the records to erase");
    for (size_t i = 0; rc == 0 && i < v.count; i++) {
        rc = kept_vault_delete(call->kept->store, call->subject, &v.rows[i], err);
        /* More records than an entry can name are named by their item alone. */
        bool each = v.count <= KEPT_MAX_FIELDS;
        if (rc == 0 && (each || i == 0) &&
            kept_call_touch(call, ref, each ? v.rows[i].slot : 0, each ? v.rows[i].version : 0,
                            KEPT_ALLOW, KEPT_R_NONE) != 0)
            rc = kept_fail(err, KEPT_E_NOMEM, "no memory for a ledger entry");
    }
    size_t count = v.count, ordered = 0;
    kept_free(v.rows);
    if (rc == 0)
        rc = order_item(call, ref, &v, &ordered, err);
    if (rc != 0)
        return rc;
    if (count == 0 && ordered == 0) {
        kept_verdict(call, KEPT_DENY, v.law ? KEPT_R_KEPT_BY_LAW : KEPT_R_NO_VALUE, "", 0);
        return 0;
    }
    /* What is deleted stays readable in old pages and backups until the person's key changes. */
    if (count > 0)
        rc = kept_todo_put(call->kept->store, KEPT_TODO_RESEAL, call->subject->key, call->now, err);
    if (rc == 0)
        rc = record_certificate(call, count, err);
    call->subject->marked = call->subject->marked || count > 0;
    call->changed = true;
    call->obligation = (struct kept_journal_row){.kind = KEPT_J_ERASE_RECORD,
                                                 .scope_kind = KEPT_K_ITEM,
                                                 .scope = ref,
                                                 .record = r->record};
    return rc;
}
