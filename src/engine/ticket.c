/* ticket.c - a use of what another system holds: decided here as of any item, and taken there with a ticket, which that
 * system shows to kept before it hands anything out.
 *
 * A ticket is what was asked, sealed under a key of the app's: it says nothing to who carries it, and is a row nowhere. What
 * it is good for is decided anew when it is shown, so that a withdrawal or an erasure in between counts. */
#include <string.h>

#include "base/error.h"
#include "base/id.h"
#include "base/mem.h"
#include "engine/orders.h"
#include "engine/report_int.h"
#include "engine/values_int.h"

#define FORMAT 1u
#define SUITE KEPT_SUITE_XCHACHA /* its nonces may be drawn without end */
#define OVERHEAD KEPT_SEAL_MAX_OVERHEAD
#define WORDS 5u                 /* of the client, and the exemption */
enum { OWN = 1, JUSTIFIED = 2 };

/* Plain: u8 format | varint n, system | subject | entry | u64 at | u64 until | u8 flags | u32 role, function, purpose,
 * region, launch, facts | WORDS times varint n, text | u32 item. */
struct ticket {
    char held_in[KEPT_MAX_NAME + 1];
    struct kept_id subject, entry;
    kept_ms at, until;
    uint8_t flags;
    uint32_t role, function, purpose, region, launch, facts;
    char words[WORDS][KEPT_MAX_NAME + 1];
    uint32_t item;
};

static void key_of(const struct call *call, uint8_t ret_key[KEPT_KEY_BYTES])
{
    uint8_t number[4];
    kept_put_be32(number, call->app->number);
    kept_derive(kept_keyring_hash_key(call->app->keyring), "kept ticket", (struct kept_span){number, sizeof number}, ret_key);
}

static void put_word(struct kept_buf *out, const char *word)
{
    const size_t n = word != NULL ? strnlen(word, KEPT_MAX_NAME) : 0;
    kept_buf_varint(out, n);
    kept_buf_bytes(out, word != NULL ? word : "", n);
}

static void get_word(struct kept_cursor *c, char word[KEPT_MAX_NAME + 1])
{
    const struct kept_span text = kept_get_bytes(c, (size_t)kept_get_varint(c, KEPT_MAX_NAME));
    if (text.n > 0)
        memcpy(word, text.p, text.n);
    word[text.n] = 0;
}

/* ---- given ------------------------------------------------------------------------------------- */

static void write_plain(const struct call *call, const char *held_in, uint32_t item, kept_ms until, struct kept_buf *out)
{
    const struct kept_question *q = &call->question;
    const uint32_t numbers[] = {call->role_ref, call->function_ref, call->purpose_ref, q->region, q->launch, q->facts};
    const char *const words[WORDS] = {call->client.os, call->client.os_version, call->client.app_version,
                                      call->client.surface, q->exemption};
    kept_buf_u8(out, FORMAT);
    put_word(out, held_in);
    kept_buf_id(out, &call->subject->id);
    kept_buf_id(out, &call->entry_id);
    kept_buf_u64(out, (uint64_t)call->now);
    kept_buf_u64(out, (uint64_t)until);
    kept_buf_u8(out, (uint8_t)((q->own ? OWN : 0) | (q->justified ? JUSTIFIED : 0)));
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        kept_buf_u32(out, numbers[i]);
    for (size_t i = 0; i < WORDS; i++)
        put_word(out, words[i]);
    kept_buf_u32(out, item);
}

/* Hex of the seal, as text for JSON. */
static json_t *seal_json(struct call *call, const char *held_in, uint32_t item, kept_ms until)
{
    uint8_t key[KEPT_KEY_BYTES], sealed[KEPT_MAX_TICKET + OVERHEAD];
    char hex[2 * sizeof sealed + 1];
    struct kept_buf plain;
    json_t *text = NULL;
    kept_buf_init_secret(&plain, KEPT_MAX_TICKET);
    write_plain(call, held_in, item, until, &plain);
    key_of(call, key);
    const struct kept_span aad = {(const uint8_t *)call->app->name, strlen(call->app->name)};
    if (plain.failed == 0 && kept_seal(SUITE, key, aad, kept_buf_span(&plain), sealed) == 0) {
        kept_hex(sealed, plain.n + kept_seal_overhead(SUITE), hex);
        text = json_string(hex);
    }
    kept_wipe(key, sizeof key);
    kept_buf_release(&plain);
    return text; /* NULL makes the report a failure */
}

static void ticket_json(struct call *call, json_t *rows, uint32_t index, const struct kept_field *field)
{
    const struct kept_desk desk = kept_desk_of(call);
    const kept_ms until = call->now + (kept_ms)KEPT_TICKET_MINUTES * KEPT_MINUTE;
    const char *held_in = kept_policy_held_in(call->policy, index);
    struct kept_id reference;
    json_t *row = json_object();
    kept_order_reference(&desk, held_in, &call->subject->id, &reference);
    set(call, row, "item", json_string(field->name));
    set(call, row, "held_in", json_string(held_in));
    set(call, row, "reference", id_json(&reference));
    set(call, row, "ticket", seal_json(call, held_in, field->item, until));
    set(call, row, "until", time_json(until));
    add(call, rows, row);
}

int kept_tickets(struct call *call, struct kept_err *err)
{
    const struct kept_reply *reply = &call->box->reply;
    json_t *rows = NULL;
    for (size_t i = 0; i < reply->field_count; i++) {
        if (reply->fields[i].decision == KEPT_DENY)
            continue;
        const uint32_t index = kept_policy_index(call->policy, KEPT_K_ITEM, reply->fields[i].item);
        if (index == KEPT_NO_INDEX || kept_policy_held_in(call->policy, index) == NULL)
            continue;
        if (rows == NULL && (rows = json_array()) == NULL)
            return kept_fail(err, KEPT_E_NOMEM, "no memory for a ticket");
        ticket_json(call, rows, index, &reply->fields[i]);
    }
    if (rows == NULL)
        return 0;
    json_t *root = json_object();
    set(call, root, "held_elsewhere", rows);
    return kept_report_finish(call, root, err);
}

/* ---- shown ------------------------------------------------------------------------------------- */

static bool read_plain(struct kept_span plain, struct ticket *t)
{
    struct kept_cursor c = kept_cursor(plain);
    uint32_t *const numbers[] = {&t->role, &t->function, &t->purpose, &t->region, &t->launch, &t->facts};
    const bool known = kept_get_u8(&c) == FORMAT;
    get_word(&c, t->held_in);
    t->subject = kept_get_id(&c);
    t->entry = kept_get_id(&c);
    t->at = (kept_ms)kept_get_u64(&c);
    t->until = (kept_ms)kept_get_u64(&c);
    t->flags = kept_get_u8(&c);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        *numbers[i] = kept_get_u32(&c);
    for (size_t i = 0; i < WORDS; i++)
        get_word(&c, t->words[i]);
    t->item = kept_get_u32(&c);
    return known && !c.bad && c.n == 0;
}

/* Is it one of ours, and not over? */
static bool open_ticket(struct call *call, const char *text, struct ticket *t)
{
    uint8_t key[KEPT_KEY_BYTES], sealed[KEPT_MAX_TICKET + OVERHEAD], plain[sizeof sealed];
    const size_t n = strlen(text) / 2, overhead = kept_seal_overhead(SUITE);
    const struct kept_span aad = {(const uint8_t *)call->app->name, strlen(call->app->name)};
    if (strlen(text) % 2 != 0 || n > sizeof sealed || n <= overhead || kept_unhex(text, n, sealed) != 0)
        return false;
    key_of(call, key);
    const bool opens = kept_unseal(SUITE, key, aad, (struct kept_span){sealed, n}, plain) == 0 &&
                       read_plain((struct kept_span){plain, n - overhead}, t);
    kept_wipe(key, sizeof key);
    kept_wipe(plain, sizeof plain);
    return opens && t->until > call->now && t->at <= call->now;
}

/* The person whom it is about, and the question that was asked. */
static int ask_again(struct call *call, struct ticket *t, struct kept_err *err)
{
    struct kept_head head;
    struct kept_span body = {NULL, 0};
    struct kept_question *q = &call->question;
    uint64_t key = 0;
    int rc = kept_subject_key(&t->subject, call->app->number, &key) == 0
                 ? kept_cell_get(call->kept->store, key, &body, err)
                 : KEPT_E_NOTFOUND;
    if (rc == 0 && kept_head_decode(key, body, &head) != 0)
        rc = kept_fail(err, KEPT_E_CORRUPT, "a person's row is damaged");
    if (rc == 0)
        rc = kept_id_equal(&head.id, &t->subject) ? kept_load(call, &head, key, err) : KEPT_E_NOTFOUND;
    call->box->reply.subject = (struct kept_id){{0}}; /* who shows it knows them by the reference */
    call->box->reply.version = 0;
    if (rc != 0)
        return rc;
    *q = (struct kept_question){.now = call->now, .item = KEPT_NO_INDEX, .region = t->region, .launch = t->launch,
                                .facts = t->facts, .own = (t->flags & OWN) != 0, .justified = (t->flags & JUSTIFIED) != 0,
                                .recipient = KEPT_NO_INDEX, .exemption = t->words[4][0] != 0 ? t->words[4] : NULL};
    const char *client[4];
    for (size_t i = 0; i < 4; i++)
        client[i] = t->words[i][0] != 0 ? t->words[i] : NULL;
    call->client = (struct kept_client){client[0], client[1], client[2], client[3]};
    q->client = &call->client;
    q->function = kept_policy_index(call->policy, KEPT_K_FUNCTION, t->function);
    q->purpose = kept_policy_index(call->policy, KEPT_K_PURPOSE, t->purpose);
    q->role = kept_policy_index(call->policy, KEPT_K_ROLE, t->role);
    q->unknown_function = t->function != KEPT_REF_NONE && q->function == KEPT_NO_INDEX;
    q->unknown_purpose = t->purpose != KEPT_REF_NONE && q->purpose == KEPT_NO_INDEX;
    q->unknown_role = t->role != KEPT_REF_NONE && q->role == KEPT_NO_INDEX;
    call->purpose_ref = t->purpose; /* the entry says for what */
    call->function_ref = t->function;
    return 0;
}

static int report(struct call *call, const struct ticket *t, const struct kept_verdict *v, struct kept_err *err)
{
    const struct kept_desk desk = kept_desk_of(call);
    struct kept_id reference;
    json_t *root = json_object();
    kept_order_reference(&desk, t->held_in, &t->subject, &reference);
    set(call, root, "held_in", json_string(t->held_in));
    set(call, root, "reference", id_json(&reference));
    set(call, root, "item", json_string(kept_ref_name(call->app, KEPT_K_ITEM, t->item)));
    set(call, root, "masked", json_boolean(v->decision == KEPT_MASK));
    if (t->role != KEPT_REF_NONE)
        set(call, root, "role", json_string(kept_ref_name(call->app, KEPT_K_ROLE, t->role)));
    if (t->function != KEPT_REF_NONE)
        set(call, root, "function", json_string(kept_ref_name(call->app, KEPT_K_FUNCTION, t->function)));
    if (t->purpose != KEPT_REF_NONE)
        set(call, root, "purpose", json_string(kept_ref_name(call->app, KEPT_K_PURPOSE, t->purpose)));
    set(call, root, "asked", time_json(t->at));
    set(call, root, "until", time_json(t->until));
    set(call, root, "entry", id_json(&t->entry));
    return kept_report_finish(call, root, err);
}

static int judge(struct call *call, struct ticket *t, struct kept_err *err)
{
    struct kept_verdict v;
    bool archive = false;
    int rc = ask_again(call, t, err);
    if (rc == KEPT_E_NOTFOUND) {
        kept_verdict(call, KEPT_DENY, KEPT_R_ERASED, "", 0);
        return 0;
    }
    if (rc != 0)
        return rc;
    const struct kept_item *item = kept_judge_read(call, t->item, &v, &archive);
    if (item != NULL && v.decision != KEPT_DENY && item->place != KEPT_PLACE_EXTERNAL)
        v = (struct kept_verdict){KEPT_DENY, KEPT_R_NO_VALUE, v.clause, v.line};
    kept_verdict(call, v.decision, v.reason, v.clause, v.line);
    if (kept_call_touch(call, t->item, 0, 0, v.decision, v.reason) != 0)
        return kept_fail(err, KEPT_E_NOMEM, "no memory for a ledger entry");
    return v.decision != KEPT_DENY ? report(call, t, &v, err) : 0;
}

int kept_act_ORDER_SHOW(struct call *call, struct kept_err *err)
{
    const char *text = call->request->secret;
    struct ticket *t = NULL;
    if (text == NULL || text[0] == 0)
        return kept_fail(err, KEPT_E_USAGE, "which use? Show the ticket that it gave");
    t = kept_alloc(1, sizeof *t);
    if (t == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory for a ticket");
    int rc = 0;
    if (!open_ticket(call, text, t))
        kept_verdict(call, KEPT_DENY, KEPT_R_CODE, "", 0);
    else if (call->by != NULL && strcmp(call->by->name, t->held_in) != 0)
        kept_verdict(call, KEPT_DENY, KEPT_R_CALLER, "", 0); /* it is another system's */
    else
        rc = judge(call, t, err);
    /* What the question borrowed goes with the ticket. */
    call->question.exemption = NULL;
    call->client = (struct kept_client){NULL, NULL, NULL, NULL};
    kept_wipe(t, sizeof *t);
    kept_free(t);
    return rc;
}
