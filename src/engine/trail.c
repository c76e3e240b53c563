/* trail.c - who did what: the trail of a person, the audit of an actor, a page at a time.
 *
 * Rows are rendered one by one, and a page ends at its number of rows or of items, so memory depends
 * on the page alone, not on the ledger. Oldest first the entries are read once, from the cursor on.
 * Newest first they are read twice: places first, since files are read forwards, then the rows. */
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "engine/orders.h"
#include "engine/report_int.h"

#define PAGE_ROWS 1000u    /* of a request that names no limit */
#define PAGE_ITEMS 100000u /* named in all rows of a page together */
#define WINDOW 1024u       /* entries looked through at once, newest first */

struct listing {
    struct call *call;
    json_t *rows;
    const char *wanted;       /* AUDIT: actor, or NULL: all */
    bool trail;
    uint64_t from;            /* oldest first: the first entry; newest first: the one behind it */
    uint64_t end;             /* oldest first: entries from here on are not of this listing */
    size_t limit, items;
    size_t unreadable;
    bool more;
    uint64_t next;            /* cursor of the next page, when there is more */
    struct kept_buf plain, own; /* secret: the entry's parts, opened */
    /* the entry that fits() opened */
    struct kept_entry entry;
    struct actor_part actor;
    bool has_actor;
    struct subject_part subject;
};

/* Places of entries, the last ones noted. */
struct ring {
    struct listing *l;
    uint64_t end;  /* places from here on are not wanted */
    uint64_t *at;
    size_t cap, count; /* count: noted in all; at[(count - 1) % cap] is the newest */
};

/* ---- opening an entry ------------------------------------------------------------------------ */

int kept_open_actor(const struct app *app, struct kept_span bytes, struct kept_buf *plain,
                    struct actor_part *ret_part)
{
    int rc = KEPT_E_NOTFOUND;
    for (uint32_t n = kept_keyring_audit(app->keyring); n > 0; n--) {
        const uint8_t *key = kept_keyring_audit_key(app->keyring, n);
        kept_buf_clear(plain);
        rc = key == NULL ? KEPT_E_NOTFOUND : kept_entry_open_actor(bytes, key, plain);
        if (rc == 0)
            return kept_actor_decode(kept_buf_span(plain), ret_part);
        if (rc == KEPT_E_NOMEM)
            break;
    }
    return rc;
}

static bool open_actor(struct listing *l, struct kept_span bytes)
{
    int rc = kept_open_actor(l->call->app, bytes, &l->plain, &l->actor);
    l->call->holes = l->call->holes || rc == KEPT_E_NOMEM;
    l->has_actor = rc == 0;
    return l->has_actor;
}

/* Tags lead here; only the seal says that an entry is this person's, and no other is shown. */
static bool open_subject(struct listing *l, struct kept_span bytes)
{
    kept_buf_clear(&l->own);
    int rc = kept_entry_open_subject(bytes, l->call->subject->keys->trace, &l->own);
    if (rc == 0)
        rc = kept_subject_decode(kept_buf_span(&l->own), &l->subject);
    l->call->holes = l->call->holes || rc == KEPT_E_NOMEM;
    return rc == 0;
}

/* A caller that asked for somebody is CALLER/SOMEBODY: found as such, and by either. */
static bool is_actor(const char *actor, const char *wanted)
{
    const size_t n = strlen(wanted);
    const char *slash = strchr(actor, '/');
    return strcmp(actor, wanted) == 0 || (slash != NULL && (strcmp(slash + 1, wanted) == 0 ||
                                          ((size_t)(slash - actor) == n && kept_bytes_equal(actor, wanted, n))));
}

/* Is this entry to be listed? It is open then. */
static bool fits(struct listing *l, struct kept_span bytes)
{
    bool opens = kept_entry_decode(bytes, &l->entry) == 0;
    if (opens && l->trail) {
        opens = open_subject(l, bytes);
        if (opens)
            (void)open_actor(l, bytes); /* a trail is shown without what nobody can open any more */
    } else if (opens) {
        opens = open_actor(l, bytes);
    }
    l->unreadable += !opens;
    return opens && (l->wanted == NULL || is_actor(l->actor.actor, l->wanted));
}

/* ---- a row ----------------------------------------------------------------------------------- */

const char *kept_event_name(unsigned event)
{
    const struct kept_op_row *op = kept_op_row(event);
    return op != NULL ? op->name : event == KEPT_EVENT_ACCEPT_LOSS ? "accept.loss"
                          : event == KEPT_EVENT_ALARM    ? "alarm"
                                                         : "?";
}

static void set_name(const struct listing *l, json_t *row, const char *key, enum kept_kind kind,
                     uint32_t ref)
{
    if (ref != KEPT_REF_NONE)
        set(l->call, row, key, json_string(kept_ref_name(l->call->app, kind, ref)));
}

/* The actor's part names the items. The verdict on each stands in the person's part, which no auditor
 * opens; but the entry's own verdict is the most permissive of them, and says it of all when it denies,
 * and of a single one always. */
static json_t *audited_items(const struct listing *l)
{
    json_t *items = json_array();
    struct kept_cursor c = kept_cursor(l->actor.items);
    bool says = l->actor.item_count == 1 || l->entry.decision == KEPT_DENY;
    while (c.n > 0) {
        json_t *item = json_object();
        set_name(l, item, "item", KEPT_K_ITEM, kept_get_u32(&c));
        if (says)
            set(l->call, item, "decision", json_string(kept_decision_name(l->entry.decision)));
        add(l->call, items, item);
    }
    return items;
}

/* Its text is what was done, not why. */
static bool says(unsigned event)
{
    return event == KEPT_OP_IMPORT || event == KEPT_OP_POLICY_PUBLISH || event == KEPT_OP_CALLER_ADD ||
           event == KEPT_OP_CALLER_REVOKE || event == KEPT_OP_STAFF_ATTEST ||
           (event >= KEPT_OP_APPROVAL_ASK && event <= KEPT_OP_APPROVAL_REFUSE) || event == KEPT_EVENT_ALARM ||
           event == KEPT_OP_ORDER_DONE;
}

static void actor_json(const struct listing *l, json_t *row)
{
    struct call *call = l->call;
    const struct actor_part *a = &l->actor;
    set(call, row, "actor", text_json((struct kept_span){(const uint8_t *)a->actor, strlen(a->actor)}));
    set_name(l, row, "role", KEPT_K_ROLE, a->role);
    set_name(l, row, "function", KEPT_K_FUNCTION, a->function);
    set_name(l, row, "purpose", KEPT_K_PURPOSE, a->purpose);
    if (!l->trail)
        set(call, row, "items", audited_items(l));
    set(call, row, "subjects", json_integer(a->subjects));
    if ((a->facts & KEPT_F_IMPORTED) != 0)
        set(call, row, "imported", json_true());
    if (a->observed != 0)
        set(call, row, "observed", json_integer(a->observed));
    if (a->text.n != 0)
        set(call, row, says(l->entry.event) ? "says" : "justification", text_json(a->text));
}

static void subject_json(struct listing *l, json_t *row)
{
    struct call *call = l->call;
    struct subject_part *s = &l->subject;
    json_t *items = json_array();
    struct touched t;
    set_name(l, row, "recipient", KEPT_K_RECIPIENT, s->recipient);
    set_name(l, row, "scope", s->scope_kind, s->scope);
    if (s->consent != KEPT_C_NONE)
        set(call, row, "consent", json_string(consent_kind_name(s->consent)));
    const struct kept_policy *shown = kept_app_policy(call->app, l->entry.policy_version);
    if (s->language != 0 && shown != NULL && s->language <= kept_policy_info(shown)->languages)
        set(call, row, "language", json_string(kept_policy_language(shown, s->language - 1)));
    if (s->origin != KEPT_O_ASKED)
        set(call, row, "origin", json_string(origin_name(s->origin)));
    if (s->guardian != 0)
        set(call, row, "guardian", json_integer(s->guardian));
    if (s->has_evidence)
        set(call, row, "evidence",
            evidence_json(call, s->sha256.n != 0 ? s->sha256.p : NULL, s->reference, s->signed_at));
    while (kept_next_touched(s, &t)) {
        json_t *item = json_object();
        set_name(l, item, "item", KEPT_K_ITEM, t.item);
        set(call, item, "decision", json_string(kept_decision_name(t.decision)));
        if (t.decision != KEPT_ALLOW)
            set(call, item, "reason", json_string(kept_reason_name(t.reason)));
        add(call, items, item);
    }
    set(call, row, "items", items);
}

/* The entry that fits() opened, as the next row. */
static void render(struct listing *l, uint64_t index)
{
    struct call *call = l->call;
    const struct kept_entry *e = &l->entry;
    json_t *row = json_object();
    set(call, row, "index", json_integer((json_int_t)index));
    set(call, row, "entry", id_json(&e->id));
    set(call, row, "at", time_json(e->at));
    set(call, row, "operation", json_string(kept_event_name(e->event)));
    set(call, row, "decision", json_string(kept_decision_name(e->decision)));
    if (e->decision != KEPT_ALLOW)
        set(call, row, "reason", json_string(kept_reason_name(e->reason)));
    set(call, row, "policy_version", json_integer(e->policy_version));
    if (l->has_actor)
        actor_json(l, row);
    if (l->trail)
        subject_json(l, row);
    l->items += l->trail ? l->subject.item_count : l->actor.item_count;
    add(call, l->rows, row);
}

static bool is_full(const struct listing *l)
{
    return json_array_size(l->rows) >= l->limit || l->items >= PAGE_ITEMS;
}

/* ---- oldest first ---------------------------------------------------------------------------- */

/* To look writes an entry, so that pages of few rows would never end: a listing ends where the ledger did when its first page was
 * made, and `next` says where. It is a number that every JSON reader holds (53 bits): 40 of the place, 5 of a step, 8 of how
 * many steps of 2^step behind it the end is. The end is rounded up to a whole step; of a smaller one it is whole, too, so that
 * it stays where it is from page to page. */
#define PLACE_BITS 40u
#define STEPS_BITS 8u

static uint64_t next_of(uint64_t from, uint64_t end)
{
    uint64_t step = 0, steps = 0;
    do
        steps = ((end + (1ull << step) - 1) >> step) - (from >> step);
    while (steps >= 1u << STEPS_BITS && ++step < 31);
    return from | (step << STEPS_BITS | steps) << PLACE_BITS;
}

/* What a page before said, or a place alone: then the listing ends where the ledger does. */
static void begin_at(struct listing *l, uint64_t next)
{
    const uint64_t mark = next >> PLACE_BITS, step = mark >> STEPS_BITS & 31;
    l->from = next & ((1ull << PLACE_BITS) - 1);
    l->end = kept_ledger_size(l->call->app->ledger);
    if (mark != 0 && ((l->from >> step) + (mark & ((1u << STEPS_BITS) - 1))) << step < l->end)
        l->end = ((l->from >> step) + (mark & ((1u << STEPS_BITS) - 1))) << step;
}

static int take_row(void *arg, uint64_t index, struct kept_span bytes)
{
    struct listing *l = arg;
    if (index >= l->end)
        return 1;
    if (index < l->from || !fits(l, bytes))
        return l->call->holes;
    if (is_full(l)) {
        l->more = true;
        l->next = next_of(index, l->end);
        return 1;
    }
    render(l, index);
    return l->call->holes;
}

/* ---- newest first ---------------------------------------------------------------------------- */

static int note_place(void *arg, uint64_t index, struct kept_span bytes)
{
    struct ring *r = arg;
    if (index >= r->end)
        return 1;
    if (fits(r->l, bytes))
        r->at[r->count++ % r->cap] = index;
    return r->l->call->holes;
}

/* Render what the ring holds, the newest first, until the page is full. */
static int render_back(struct ring *r, struct kept_buf *bytes, struct kept_err *err)
{
    struct listing *l = r->l;
    size_t held = r->count < r->cap ? r->count : r->cap;
    size_t unreadable = l->unreadable; /* they were counted when their places were noted */
    for (size_t i = 0; i < held && !l->more && !l->call->holes; i++) {
        uint64_t index = r->at[(r->count - 1 - i) % r->cap];
        if (is_full(l)) {
            l->more = true;
            break;
        }
        kept_buf_clear(bytes);
        int rc = kept_ledger_entry(l->call->app->ledger, index, bytes, err);
        if (rc != 0)
            return rc;
        if (fits(l, kept_buf_span(bytes)))
            render(l, index);
        l->next = index; /* the next page ends before it */
    }
    l->unreadable = unreadable;
    return 0;
}

/* A person's entries lie apart, and tags find them forwards: the last ones of them are kept. */
static int trail_back(struct ring *r, struct kept_buf *bytes, struct kept_err *err)
{
    const struct call *call = r->l->call;
    int rc = kept_ledger_trail(call->app->ledger, call->subject->keys->trace + KEPT_KEY_BYTES,
                               note_place, r, err);
    return rc != 0 ? rc : render_back(r, bytes, err);
}

static int audit_back(struct ring *r, struct kept_buf *bytes, struct kept_err *err)
{
    int rc = 0;
    while (rc == 0 && r->end > 0 && !r->l->more && !r->l->call->holes) {
        uint64_t begin = r->end > WINDOW ? r->end - WINDOW : 0;
        r->count = 0;
        rc = kept_ledger_each(r->l->call->app->ledger, begin, note_place, r, err);
        if (rc == 0)
            rc = render_back(r, bytes, err);
        r->end = begin;
    }
    return rc;
}

static int list_back(struct listing *l, struct kept_err *err)
{
    uint64_t size = kept_ledger_size(l->call->app->ledger);
    struct kept_buf bytes;
    struct ring r = {.l = l, .end = l->from == 0 || l->from > size ? size : l->from};
    /* One more than the page holds says that there is another page. */
    r.cap = l->trail ? l->limit + 1 : WINDOW;
    r.at = kept_alloc(r.cap, sizeof *r.at);
    kept_buf_init(&bytes, KEPT_MAX_ENTRY_BYTES);
    int rc = r.at == NULL ? kept_fail(err, KEPT_E_NOMEM, "no memory for a report")
             : l->trail   ? trail_back(&r, &bytes, err)
                          : audit_back(&r, &bytes, err);
    kept_free(r.at);
    kept_buf_release(&bytes);
    return rc;
}

/* ---- the page -------------------------------------------------------------------------------- */

static int list(struct listing *l, struct kept_err *err)
{
    struct call *call = l->call;
    const struct kept_request *q = call->request;
    int rc = 0;
    if (q->limit > KEPT_MAX_PAGE_ROWS)
        return kept_fail(err, KEPT_E_LIMIT, "a page has at most %u rows: ask for the next one",
                         KEPT_MAX_PAGE_ROWS);
    begin_at(l, q->from);
    l->limit = q->limit != 0 ? q->limit : PAGE_ROWS;
    l->rows = json_array();
    kept_buf_init_secret(&l->plain, KEPT_MAX_ENTRY_BYTES);
    kept_buf_init_secret(&l->own, KEPT_MAX_ENTRY_BYTES);
    if (q->newest != 0)
        rc = list_back(l, err);
    else if (l->trail)
        rc = kept_ledger_trail(call->app->ledger, call->subject->keys->trace + KEPT_KEY_BYTES,
                               take_row, l, err);
    else
        rc = kept_ledger_each(call->app->ledger, l->from, take_row, l, err);
    kept_buf_release(&l->plain);
    kept_buf_release(&l->own);
    json_t *root = json_object();
    set(call, root, "app", json_string(call->app->name));
    set(call, root, "entries", l->rows);
    set(call, root, "unreadable", json_integer((json_int_t)l->unreadable));
    if (l->more)
        set(call, root, "next", json_integer((json_int_t)l->next));
    if (rc == 0 && l->trail && q->from == 0) {
        json_t *orders = json_array();
        rc = kept_orders_of(call, orders, err);
        set(call, root, "orders", orders);
    }
    if (rc != 0) {
        kept_json_free(root);
        return rc;
    }
    return kept_report_finish(call, root, err);
}

int kept_act_TRAIL(struct call *call, struct kept_err *err)
{
    struct listing l = {.call = call, .trail = true};
    return list(&l, err);
}

int kept_act_AUDIT(struct call *call, struct kept_err *err)
{
    const char *wanted = call->request->text;
    struct listing l = {.call = call, .wanted = wanted != NULL && wanted[0] != 0 ? wanted : NULL};
    return list(&l, err);
}
