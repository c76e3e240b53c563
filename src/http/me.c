/* me.c - /me: each request asks the holder for the policy in force, then what it is about, and is answered as a page. */
#include "http/me_int.h"

#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"
#include "base/mem.h"

#define HTML "text/html; charset=utf-8"
#define LINES 50u /* of the trail, a page */

const char *const kept_http_me_does[DOES_COUNT] = {"", "begin", "prove", "grant", "withdraw", "read", "mend", "clear", "copy", "erase", "erase-now", "leave"};
const char *const kept_http_me_scopes[KEPT_ME_SCOPES] = {"function", "purpose", "recipient", "item"};
/* Where on the page somebody is after it. */
static const char *const parts[DOES_COUNT] = {"", "", "", "switches", "switches", "read", "data", "data", "", "", "", ""};

void kept_http_me_free(struct kept_http_me *me)
{
    if (me == NULL)
        return;
    json_decref(me->policy);
    json_decref(me->subject);
    json_decref(me->account);
    json_decref(me->trail);
    kept_wire_reply_free(me->use);
    kept_wipe(me, sizeof *me);
    kept_free(me);
}

/* ---- answers ---- */

static struct kept_me page_of(const struct kept_http_exchange *x)
{
    const struct kept_http_me *me = x->me;
    return (struct kept_me){.words = x->http->words, .language = me->language, .app = me->app[0] != 0 ? me->app : NULL,
                            .form = me->form, .said = me->said, .policy = me->policy, .subject = me->subject,
                            .account = me->account, .trail = me->trail, .fields = me->use != NULL ? me->use->fields : NULL,
                            .field_count = me->use != NULL ? me->use->field_count : 0, .from = me->from};
}

/* NULL or "": the cookie goes. */
static void put_cookie(struct kept_http_me *me, size_t which, const char *name, const char *value)
{
    const bool gone = value == NULL || value[0] == 0;
    (void)snprintf(me->cookies[which], sizeof me->cookies[which], "%s%s=%s; Path=/; HttpOnly; SameSite=Strict%s%s",
                   me->tls ? "__Host-" : "", name, gone ? "" : value, me->tls ? "; Secure" : "", gone ? "; Max-Age=0" : "");
}

static void answer(struct kept_http_exchange *x, unsigned status)
{
    struct kept_http_me *me = x->me;
    struct kept_http_answer a = {.status = status, .type = HTML, .page = true, .retry = status == 503 || status == 429 ? 5 : 0};
    if (me->new_door)
        put_cookie(me, 1, "kept-form", me->door);
    if (me->over)
        put_cookie(me, 0, "kept", NULL);
    for (size_t i = 0; i < 2; i++)
        a.cookies[i] = me->cookies[i][0] != 0 ? me->cookies[i] : NULL;
    if (status == 303)
        a.location = me->location;
    kept_http_answered(x, &a);
}

void kept_http_me_trouble(struct kept_http_exchange *x, unsigned status, const char *why)
{
    const struct kept_me page = page_of(x);
    kept_buf_clear(&x->body);
    kept_me_trouble(&page, why, &x->body);
    answer(x, status);
}

void kept_http_me_refuse(struct kept_http_exchange *x, unsigned status, unsigned retry)
{
    (void)retry;
    kept_http_me_trouble(x, status, status == 503 || status == 429 ? "busy" : status == 413 || status == 414 || status == 431 ? "large" : status == 404 ? "address" : "store");
}

/* After what a button did, the page again, so that loading it anew does nothing twice. */
static void go_back(struct kept_http_exchange *x, const char *said)
{
    struct kept_http_me *me = x->me;
    const char *part = parts[me->does];
    (void)snprintf(me->location, sizeof me->location, "/me/%s?in=%s&said=%s%s%s", me->app, me->language, said, part[0] != 0 ? "#" : "", part);
    answer(x, 303);
}

/* A door is opened by whoever comes; with it the forms of the page where one signs in. */
static int set_form(struct kept_http_me *me)
{
    uint8_t bytes[(KEPT_HTTP_ME_DOOR - 1) / 2];
    int rc = 0;
    if (me->session[0] == 0 && me->door[0] == 0) {
        rc = kept_http_random(bytes, sizeof bytes);
        if (rc == 0)
            kept_hex(bytes, sizeof bytes, me->door);
        me->new_door = rc == 0;
    }
    const char *of = me->session[0] != 0 ? me->session : me->door;
    return rc != 0 ? rc : kept_http_form_token((struct kept_span){(const uint8_t *)of, strlen(of)}, me->app, me->form);
}

static void sign_in(struct kept_http_exchange *x, unsigned status, const char *said)
{
    struct kept_http_me *me = x->me;
    me->session[0] = 0;
    if (set_form(me) != 0) {
        kept_http_me_trouble(x, 500, "store");
        return;
    }
    struct kept_me page = page_of(x);
    page.said = said;
    kept_me_sign_in(&page, &x->body);
    answer(x, status);
}

/* The session that was shown is none, or no longer. */
void kept_http_me_over(struct kept_http_exchange *x)
{
    x->me->over = true;
    if (x->me->post)
        go_back(x, "over");
    else
        sign_in(x, 200, "over");
}

/* ---- asking the holder ---- */

static bool is_sent(struct kept_http_exchange *x)
{
    struct kept_http_link *link = &x->http->link;
    if (link->out.failed == 0)
        return true;
    link->out.failed = 0;
    kept_http_link_drop(link, x);
    kept_http_me_trouble(x, 503, "busy");
    return false;
}

static bool may_ask(struct kept_http_exchange *x)
{
    if (!kept_http_link_full(&x->http->link) && (x->client == NULL || kept_http_client_may(x->client)))
        return true;
    kept_http_me_trouble(x, 503, "busy");
    return false;
}

void kept_http_me_ask(struct kept_http_exchange *x, enum kept_me_step step, const struct kept_wire_ask *question)
{
    if (!may_ask(x))
        return;
    x->me->step = step;
    kept_wire_question(&x->http->link.out, kept_http_link_take(&x->http->link, x), NULL, question);
    (void)is_sent(x);
}

/* In the session, or by nobody. */
static void call(struct kept_http_exchange *x, enum kept_me_step step, struct kept_request *requests, size_t count)
{
    struct kept_http_me *me = x->me;
    const bool known = me->session[0] != 0;
    struct kept_credential who = {.kind = known ? KEPT_CREDENTIAL_TOKEN : KEPT_CREDENTIAL_NONE};
    char source[KEPT_HTTP_SOURCE];
    if (!may_ask(x))
        return;
    if (known)
        who.secret = (struct kept_span){(const uint8_t *)me->session, strlen(me->session)};
    kept_http_client_source(x->client, source);
    for (size_t i = 0; i < count; i++) {
        requests[i].app = me->app;
        requests[i].source = known ? NULL : source;
    }
    me->step = step;
    kept_wire_call(&x->http->link.out, kept_http_link_take(&x->http->link, x), &who, requests, count);
    (void)is_sent(x);
}

/* What the page shows: the order is that of take_held. */
static void call_held(struct kept_http_exchange *x, enum kept_me_step step)
{
    struct kept_http_me *me = x->me;
    const size_t items = kept_me_items(me->policy, NULL, me->fields);
    struct kept_request all[] = {
        {.op = KEPT_OP_SUBJECT_SHOW},
        {.op = KEPT_OP_ACCOUNT_SHOW},
        {.op = KEPT_OP_TRAIL, .limit = step == STEP_COPY ? KEPT_MAX_PAGE_ROWS : LINES, .newest = step != STEP_COPY, .from = me->from},
        {.op = KEPT_OP_USE, .fields = me->fields, .field_count = items}};
    const size_t count = step == STEP_SURE || step == STEP_HELD ? 2 : items == 0 ? 3 : 4;
    call(x, step, all, count);
}

/* ---- what buttons do ---- */

static const char *language_shown(const struct kept_http_me *me)
{
    const json_t *one = NULL;
    size_t i;
    json_array_foreach(json_object_get(me->policy, "languages"), i, one)
        if (json_is_string(one) && strcmp(json_string_value(one), me->language) == 0)
            return me->language;
    return NULL; /* that of authority */
}

static void prove_or_begin(struct kept_http_exchange *x)
{
    struct kept_http_me *me = x->me;
    const char *item = kept_me_address_item(me->policy, me->address);
    const bool proves = me->does == DOES_PROVE;
    me->session[0] = 0; /* who signs in is nobody yet */
    if (item == NULL || me->address[0] == 0) {
        sign_in(x, 422, "address");
        return;
    }
    const struct kept_field address = {.name = item, .value = {(const uint8_t *)me->address, strlen(me->address)}};
    struct kept_request r = {.op = proves ? KEPT_OP_ACCOUNT_PROVE : KEPT_OP_ACCOUNT_BEGIN, .language = proves ? NULL : language_shown(me),
                             .secret = proves ? me->code : NULL, .on = proves, .fields = &address, .field_count = 1};
    call(x, proves ? STEP_PROVE : STEP_BEGIN, &r, 1);
}

static void switch_it(struct kept_http_exchange *x)
{
    struct kept_http_me *me = x->me;
    const bool grants = me->does == DOES_GRANT;
    struct kept_request r = {.op = grants ? KEPT_OP_CONSENT_GRANT : KEPT_OP_CONSENT_WITHDRAW, .language = grants ? language_shown(me) : NULL};
    const enum kept_consent_kind kind = me->scope < KEPT_ME_SCOPES ? kept_me_consent(me->policy, kept_http_me_scopes[me->scope], me->name) : KEPT_C_NONE;
    if (kind == KEPT_C_NONE) {
        kept_http_me_trouble(x, 422, "refused");
        return;
    }
    r.consent = grants ? kind : KEPT_C_NONE;
    const char **const members[] = {&r.function, &r.purpose, &r.recipient, &r.item};
    *members[me->scope] = me->name;
    call(x, STEP_ACT, &r, 1);
}

/* In no function: what is held and came from them is put right (docs/accounts.md). */
static void mend(struct kept_http_exchange *x)
{
    struct kept_http_me *me = x->me;
    const struct kept_field field = {.name = me->name, .value = {(const uint8_t *)me->value, strlen(me->value)}};
    struct kept_request r = {.op = KEPT_OP_COLLECT, .fields = &field, .field_count = 1, .facts = KEPT_F_IN_USE | KEPT_F_USER_ACTION};
    if (!kept_me_has_item(me->policy, me->name) || me->value[0] == 0)
        kept_http_me_trouble(x, 422, me->value[0] == 0 ? "invalid" : "refused");
    else
        call(x, STEP_ACT, &r, 1);
}

/* One item; of a group, those of which something is held. */
static void clear(struct kept_http_exchange *x)
{
    struct kept_http_me *me = x->me;
    struct kept_request all[KEPT_HTTP_MAX_BATCH];
    size_t n = 0, items = 0;
    if (me->group[0] == 0) {
        if (!kept_me_has_item(me->policy, me->name)) {
            kept_http_me_trouble(x, 422, "refused");
            return;
        }
        all[n++] = (struct kept_request){.op = KEPT_OP_ERASE_RECORD, .item = me->name};
    } else if (me->subject == NULL) {
        call_held(x, STEP_HELD);
        return;
    }
    if (me->group[0] != 0)
        items = kept_me_items(me->policy, me->group, me->fields);
    for (size_t i = 0; i < items && n < KEPT_HTTP_MAX_BATCH; i++)
        if (json_integer_value(json_object_get(json_object_get(me->subject, "records"), me->fields[i].name)) > 0)
            all[n++] = (struct kept_request){.op = KEPT_OP_ERASE_RECORD, .item = me->fields[i].name};
    if (n == 0)
        go_back(x, "clear");
    else
        call(x, STEP_ACT, all, n);
}

static void act(struct kept_http_exchange *x)
{
    struct kept_http_me *me = x->me;
    struct kept_request r = {.op = KEPT_OP_CONSENT_ACKNOWLEDGE, .language = language_shown(me)};
    switch (me->does) {
    case DOES_BEGIN:
    case DOES_PROVE:
        prove_or_begin(x);
        break;
    case DOES_GRANT:
    case DOES_WITHDRAW:
        switch_it(x);
        break;
    case DOES_READ:
        call(x, STEP_ACT, &r, 1);
        break;
    case DOES_MEND:
        mend(x);
        break;
    case DOES_CLEAR:
        clear(x);
        break;
    case DOES_COPY:
        call_held(x, STEP_COPY);
        break;
    case DOES_ERASE:
        call_held(x, STEP_SURE);
        break;
    case DOES_ERASE_NOW:
        r = (struct kept_request){.op = KEPT_OP_ERASE_SUBJECT};
        if (me->sure)
            call(x, STEP_ERASED, &r, 1);
        else
            call_held(x, STEP_SURE);
        break;
    case DOES_LEAVE:
        r = (struct kept_request){.op = KEPT_OP_ACCOUNT_LEAVE};
        call(x, STEP_LEAVE, &r, 1);
        break;
    case DOES_SHOW:
    case DOES_COUNT:
        if (me->session[0] != 0)
            call_held(x, STEP_HOME);
        else
            sign_in(x, 200, me->said);
        break;
    }
}

/* ---- what the holder says ---- */

static void heard_document(struct kept_http_exchange *x, struct kept_span body)
{
    struct kept_http_me *me = x->me;
    struct kept_wire_document d;
    if (kept_wire_document_read(body, &d) != 0) {
        kept_http_me_trouble(x, 500, "store");
        return;
    }
    if (d.error != 0) {
        if (d.error == KEPT_E_NOTFOUND)
            me->app[0] = 0; /* its own text is nobody's */
        kept_http_me_trouble(x, kept_http_status_of(d.error), d.error == KEPT_E_NOTFOUND ? "address" : d.error == KEPT_E_BUSY ? "busy" : "store");
        return;
    }
    json_t *root = json_loadb((const char *)d.bytes.p, d.bytes.n, 0, NULL);
    if (me->step == STEP_DOORS) {
        const struct kept_me page = page_of(x);
        kept_me_doors(&page, root, &x->body);
        json_decref(root);
        answer(x, 200);
        return;
    }
    me->policy = root;
    if (!kept_me_open(root))
        kept_http_me_trouble(x, 403, "visit");
    else
        act(x);
}

/* A name of the group bad. */
static const char *why_not(const struct kept_http_me *me, enum kept_reason reason)
{
    const bool mends = me->does == DOES_MEND;
    switch (reason) {
    case KEPT_R_NEED_VERIFICATION:
        return mends && kept_me_by_code(me->policy, me->name) ? "code" : "level";
    case KEPT_R_KEPT_BY_LAW:
        return mends ? "shut" : "law";
    case KEPT_R_INVALID:
        return "invalid";
    case KEPT_R_LOCKED:
        return "locked";
    case KEPT_R_CEASED:
        return "ceased";
    case KEPT_R_ROLE:
        return mends ? "ours" : "refused";
    default:
        return "refused";
    }
}

static void refused(struct kept_http_exchange *x, const struct kept_reply *reply)
{
    if (reply->error != 0)
        kept_http_me_trouble(x, kept_http_status_of(reply->error), reply->error == KEPT_E_BUSY ? "busy" : reply->error == KEPT_E_USAGE ? "refused" : "store");
    else
        kept_http_me_trouble(x, reply->reason == KEPT_R_INVALID ? 422 : 403, why_not(x->me, reply->reason));
}

static bool is_no(const struct kept_reply *reply)
{
    return reply->error != 0 || reply->decision == KEPT_DENY;
}

static void begun(struct kept_http_exchange *x, const struct kept_reply *reply)
{
    struct kept_http_me *me = x->me;
    if (reply->error == 0 && reply->reason == KEPT_R_TOO_OFTEN && is_no(reply)) {
        sign_in(x, 429, "often");
    } else if (reply->error == KEPT_E_USAGE || (is_no(reply) && reply->reason == KEPT_R_INVALID)) {
        sign_in(x, 422, "address");
    } else if (is_no(reply)) {
        refused(x, reply);
    } else if (set_form(me) != 0) {
        kept_http_me_trouble(x, 500, "store");
    } else {
        const struct kept_me page = page_of(x);
        kept_me_code(&page, me->address, &x->body);
        answer(x, 200);
    }
}

static void proved(struct kept_http_exchange *x, const struct kept_reply *reply)
{
    struct kept_http_me *me = x->me;
    json_t *root = reply->json != NULL ? json_loads(reply->json, 0, NULL) : NULL;
    const char *token = json_string_value(json_object_get(json_object_get(root, "session"), "token"));
    if (is_no(reply) || token == NULL) {
        struct kept_me page = page_of(x);
        if (set_form(me) != 0) {
            kept_http_me_trouble(x, 500, "store");
        } else if (reply->error != 0) {
            refused(x, reply);
        } else {
            page.said = reply->reason == KEPT_R_TOO_OFTEN ? "often" : "code";
            kept_me_code(&page, me->address, &x->body);
            answer(x, reply->reason == KEPT_R_TOO_OFTEN ? 429 : 403);
        }
    } else {
        put_cookie(me, 0, "kept", token);
        (void)snprintf(me->location, sizeof me->location, "/me/%s?in=%s", me->app, me->language);
        answer(x, 303);
    }
    json_decref(root);
}

/* In the order of call_held. false: it is answered. */
static bool take_held(struct kept_http_exchange *x, size_t i, struct kept_reply *reply)
{
    struct kept_http_me *me = x->me;
    json_t **const reports[] = {&me->subject, &me->account, &me->trail};
    if (i < sizeof reports / sizeof reports[0]) {
        if (is_no(reply) || reply->json == NULL) {
            refused(x, reply);
            return false;
        }
        *reports[i] = json_loads(reply->json, 0, NULL);
    } else if (reply->error == 0) {
        me->use = reply; /* owned from here on; what is refused in it says so, value by value */
    } else {
        refused(x, reply);
        return false;
    }
    return true;
}

static void show(struct kept_http_exchange *x)
{
    struct kept_http_me *me = x->me;
    if (set_form(me) != 0) {
        kept_http_me_trouble(x, 500, "store");
        return;
    }
    const struct kept_me page = page_of(x);
    struct kept_http_answer a = {.status = 200, .type = "application/json", .page = true, .download = true};
    if (me->step == STEP_HELD) {
        clear(x);
    } else if (me->step != STEP_COPY) {
        (me->step == STEP_SURE ? kept_me_erase : kept_me_home)(&page, &x->body);
        answer(x, 200);
    } else if (kept_me_level_missing(&page, "copy") != NULL) {
        kept_http_me_trouble(x, 403, "level");
    } else {
        kept_me_copy(&page, &x->body);
        kept_http_answered(x, &a);
    }
}

/* One button may have asked for several things. */
static void acted(struct kept_http_exchange *x, const struct kept_reply *reply, size_t no, size_t count)
{
    if (no == count)
        refused(x, reply);
    else
        go_back(x, no > 0 ? "some" : kept_http_me_does[x->me->does]);
}

static void ended(struct kept_http_exchange *x, const struct kept_reply *reply)
{
    struct kept_http_me *me = x->me;
    if (is_no(reply)) {
        refused(x, reply);
        return;
    }
    me->over = true;
    if (me->step == STEP_LEAVE) {
        go_back(x, "out");
        return;
    }
    json_t *certificate = reply->json != NULL ? json_loads(reply->json, 0, NULL) : NULL;
    const struct kept_me page = page_of(x);
    kept_me_erased(&page, certificate, &x->body);
    json_decref(certificate);
    answer(x, 200);
}

static void settle(struct kept_http_exchange *x, const struct kept_reply *last, size_t no, size_t count)
{
    switch (x->me->step) {
    case STEP_BEGIN:
        begun(x, last);
        break;
    case STEP_PROVE:
        proved(x, last);
        break;
    case STEP_ACT:
        acted(x, last, no, count);
        break;
    case STEP_ERASED:
    case STEP_LEAVE:
        ended(x, last);
        break;
    case STEP_HOME:
    case STEP_SURE:
    case STEP_COPY:
    case STEP_HELD:
        show(x);
        break;
    case STEP_DOORS:
    case STEP_POLICY:
        kept_http_me_trouble(x, 500, "store");
        break;
    }
}

static bool holds(enum kept_me_step step)
{
    return step == STEP_HOME || step == STEP_SURE || step == STEP_COPY || step == STEP_HELD;
}

static void heard_answer(struct kept_http_exchange *x, struct kept_span body)
{
    struct kept_http_me *me = x->me;
    struct kept_wire_answers answers;
    struct kept_reply *all[KEPT_HTTP_MAX_BATCH], *last = NULL;
    size_t count = 0, no = 0;
    bool going = true;
    int rc = kept_wire_answers_begin(body, &answers);
    while (rc == 0 && count < KEPT_HTTP_MAX_BATCH && kept_wire_answers_next(&answers, &all[count]) == 1)
        count++;
    for (size_t i = 0; i < count && going; i++) {
        no += is_no(all[i]);
        last = last == NULL || is_no(all[i]) ? all[i] : last; /* what was refused says more */
        going = !holds(me->step) || take_held(x, i, all[i]);
    }
    const struct kept_reply *own = going ? me->use : NULL; /* goes with the exchange, which may end as it is answered */
    if (last == NULL)
        kept_http_me_trouble(x, 500, "store");
    else if (going)
        settle(x, last, no, count);
    for (size_t i = 0; i < count; i++)
        if (all[i] != own)
            kept_wire_reply_free(all[i]);
}

/* The whole message was refused: it is the credential that was, or it is of another app. */
static void heard_fault(struct kept_http_exchange *x, struct kept_span body)
{
    const char *text = NULL;
    int error = KEPT_E_BUG;
    if (kept_wire_fault_read(body, &error, &text) != 0)
        error = KEPT_E_BUG;
    if ((error == KEPT_E_DENIED || error == KEPT_E_USAGE) && x->me->session[0] != 0)
        kept_http_me_over(x);
    else
        kept_http_me_trouble(x, kept_http_status_of(error), error == KEPT_E_BUSY ? "busy" : error == KEPT_E_DENIED ? "visit" : "store");
}

void kept_http_me_heard(struct kept_http_exchange *x, const struct kept_wire_head *head, struct kept_span body)
{
    if (head->kind == KEPT_WIRE_FAULT)
        heard_fault(x, body);
    else if (head->kind == KEPT_WIRE_DOCUMENT)
        heard_document(x, body);
    else if (head->kind == KEPT_WIRE_ANSWER)
        heard_answer(x, body);
    else
        kept_http_me_trouble(x, 500, "store");
}

