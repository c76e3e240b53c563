/* acts.h - what people, staff and apps do on a day, and asking it: many at once, each answer held against
 * the reference's. */
#ifndef KEPT_TESTS_SOAK_ACTS_H
#define KEPT_TESTS_SOAK_ACTS_H

#include "crowd.h"

#define SAID 8 /* differences told in full */

/* ---- asking -------------------------------------------------------------------------------------- */

static void say_difference(struct crowd *c, const struct question *q, const struct answer *got)
{
    const struct kept_request *r = &q->request;
    if (c->differences++ >= SAID)
        return;
    print_message("SOAK_SEED=%llu round %u: %s: %s of %d, function=%s purpose=%s role=%s item=%s\n",
                  (unsigned long long)c->seed, c->round, r->app, kept_op_name(r->op), q->who,
                  r->function == NULL ? "" : r->function, r->purpose == NULL ? "" : r->purpose,
                  r->role == NULL ? "" : r->role,
                  r->item != NULL ? r->item : r->field_count > 0 ? r->fields[0].name : "");
    answer_print("reference", &q->want);
    answer_print("kept", got);
}

static void take_answer(struct crowd *c, const struct question *q, const struct answer *got)
{
    c->answers++;
    c->errors += got->error != 0;
    c->allowed += got->error == 0 && got->decision != KEPT_DENY;
    c->denied += got->error == 0 && got->decision == KEPT_DENY;
    if (q->who < 0)
        c->crossed += got->error != KEPT_E_NOTFOUND;
    if (!answers_agree(&q->want, got))
        say_difference(c, q, got);
}

/* The state that a report of a person names first is their own. */
static bool shows_state(const struct kept_reply *reply, const struct ref_person *p)
{
    const char *want = p->state == KEPT_S_REFUSED       ? "refused\""
                       : p->state == KEPT_S_ERASED      ? "erased\""
                       : p->state == KEPT_S_KEPT_BY_LAW ? "erased, but for what a law keeps\""
                                                        : "live\"";
    const char *at = reply->json == NULL ? NULL : strstr(reply->json, "\"state\":\"");
    return at != NULL && strncmp(at + 9, want, strlen(want)) == 0;
}

static void take_reply(struct crowd *c, struct kept_reply *reply)
{
    struct question *q = reply->tag;
    struct app *app = &c->apps[q->app];
    struct answer got;
    answer_none(&got);
    if (reply->error != 0)
        ref_fails(&got, reply->error);
    else
        answer_of(reply, &got);
    if (q->request.op == KEPT_OP_SUBJECT_NEW && reply->error == 0)
        app->ids[q->who] = reply->subject;
    if (q->request.op == KEPT_OP_SUBJECT_SHOW && q->who >= 0 && reply->error == 0 &&
        reply->decision != KEPT_DENY && !shows_state(reply, &app->ref.people[q->who]))
        got.reason = KEPT_R_COUNT; /* agrees with nothing */
    take_answer(c, q, &got);
    kept_reply_free(reply);
}

/* Everything that was drawn, at once; take is given each reply, and frees it. */
static void ask_them(struct crowd *c, void (*take)(struct crowd *c, struct kept_reply *reply))
{
    struct kept_reply *replies[256];
    size_t n = 0;
    for (size_t i = 0; i < c->count; i++)
        if (kept_submit(c->w.kept, &c->questions[i].request, &c->w.err) != 0)
            fail_msg("submit: %s", c->w.err.text);
    for (size_t left = c->count; left > 0; left -= n) {
        if (kept_reap(c->w.kept, replies, 256, 1, &n, &c->w.err) != 0 || n == 0)
            fail_msg("reap: %s", c->w.err.text);
        for (size_t i = 0; i < n; i++)
            take(c, replies[i]);
    }
    c->count = 0;
}

static void ask_all(struct crowd *c)
{
    ask_them(c, take_reply);
}

static struct question *question(struct crowd *c, size_t app, int who)
{
    struct question *q = &c->questions[c->count++];
    struct kept_request *r = &q->request;
    *r = (struct kept_request){.app = c->apps[app].name, .tag = q};
    q->app = app;
    q->who = who;
    if (who >= 0)
        r->subject = c->apps[app].ids[who];
    return q;
}

/* The reference answers when it is drawn: in one round nobody is asked about twice. */
static void expect(struct crowd *c, struct question *q)
{
    struct app *app = &c->apps[q->app];
    const struct kept_request *r = &q->request;
    const bool reads = r->op == KEPT_OP_USE || r->op == KEPT_OP_DISCLOSE || r->op == KEPT_OP_SUBJECT_SHOW;
    app->ref.now = c->w.now;
    ref_call(&app->ref, q->who, r, &q->want);
    if (q->who < 0)
        return;
    app->asked[q->who] = c->round;
    if (!reads)
        app->changed[q->who] = c->round;
}

/* ---- somebody appears ------------------------------------------------------------------------------ */

/* One unit: they come, see the notice, agree to some of it, and tell the first values. */
static void draw_newcomer(struct crowd *c, size_t a)
{
    struct app *app = &c->apps[a];
    const int who = (int)app->ref.count;
    const struct way *ways[3];
    struct question *q = question(c, a, who);
    q->request.op = KEPT_OP_SUBJECT_NEW;
    q->request.birth_date = one_in(8) ? NULL : one_in(15) ? "2014-05-06" : "1990-05-06";
    q->request.region = one_in(20) ? "FR" : "CN";
    q->request.subject = (struct kept_id){{0}};
    expect(c, q);
    if (one_in(40))
        return; /* has not seen the notice yet */
    q = question(c, a, who);
    q->request.op = KEPT_OP_CONSENT_ACKNOWLEDGE;
    q->request.follows = 1;
    expect(c, q);
    for (size_t i = 0; i < 3; i++) {
        ways[i] = any_way(app);
        q = question(c, a, who);
        q->request.op = KEPT_OP_CONSENT_GRANT;
        q->request.function = function_name(app, ways[i]);
        q->request.consent = one_in(4) ? KEPT_C_EXPLICIT : KEPT_C_SEPARATE;
        q->request.follows = 1;
        expect(c, q);
    }
    for (size_t i = 0; i < 2; i++) {
        q = question(c, a, who);
        draw_collect(app, q, ways[i], who);
        q->request.follows = 1;
        expect(c, q);
    }
}

/* ---- what is done of somebody ----------------------------------------------------------------------- */

static const struct way *agreed_way(const struct app *app, const struct ref_person *p)
{
    for (size_t tries = 0; tries < 4 && p->consent_count > 0; tries++) {
        const struct kept_consent_row *row = &p->consents[draw(p->consent_count)];
        if (row->scope_kind == KEPT_K_FUNCTION)
            return way_of(app, 0, row->scope);
    }
    return any_way(app);
}

static void draw_read(const struct app *app, struct question *q, const struct ref_person *p, int who)
{
    const struct kept_policy_info *info = kept_policy_info(app->policy);
    const struct way *way = p->value_count == 0 || one_in(12)
                                ? any_way(app)
                                : way_of(app, p->values[draw(p->value_count)].item, 0);
    put_field(q, way->item, who);
    q->values[0][0] = 0;
    q->fields[0].value = world_text("");
    q->request.purpose = purpose_name(app, way);
    q->request.op = one_in(6) ? KEPT_OP_DISCLOSE : KEPT_OP_USE;
    if (q->request.op == KEPT_OP_DISCLOSE)
        q->request.recipient = some_name(app, KEPT_K_RECIPIENT, info->recipients);
    else if (one_in(3))
        q->request.role = one_in(2) ? "support" : "officer";
    q->request.text = one_in(10) ? "case 7" : NULL;
}

static void draw_word(const struct app *app, struct question *q, const struct ref_person *p)
{
    static const enum kept_op ops[] = {KEPT_OP_CONSENT_GRANT,    KEPT_OP_CONSENT_GRANT,
                                       KEPT_OP_CONSENT_WITHDRAW, KEPT_OP_CONSENT_WITHDRAW,
                                       KEPT_OP_CONSENT_REFUSE,   KEPT_OP_CONSENT_ACKNOWLEDGE};
    q->request.op = ops[draw(sizeof ops / sizeof ops[0])];
    if (q->request.op == KEPT_OP_CONSENT_GRANT)
        q->request.consent = one_in(3) ? KEPT_C_EXPLICIT : KEPT_C_SEPARATE;
    if (q->request.op != KEPT_OP_CONSENT_ACKNOWLEDGE &&
        (q->request.op == KEPT_OP_CONSENT_GRANT || !one_in(10)))
        q->request.function = function_name(app, one_in(3) ? any_way(app) : agreed_way(app, p));
}

static void draw_permission(const struct app *app, struct question *q)
{
    q->request.op = KEPT_OP_PERMISSION_SET;
    q->request.permission =
        some_name(app, KEPT_K_PERMISSION, kept_policy_info(app->policy)->permissions);
    q->request.on = one_in(3);
}

static void draw_erasure(const struct app *app, struct question *q, const struct ref_person *p)
{
    if (one_in(3)) {
        q->request.op = KEPT_OP_ERASE_SUBJECT;
        return;
    }
    q->request.op = KEPT_OP_ERASE_RECORD;
    q->request.item = p->value_count == 0 ? any_way(app)->item->name
                                          : way_of(app, p->values[draw(p->value_count)].item, 0)->item->name;
}

/* The reference holds so much of one person, and no more. */
static bool is_full(const struct ref_person *p)
{
    return p->value_count + FIELDS > REF_VALUES || p->consent_count + 2 > REF_ROWS ||
           p->permission_count + 1 > REF_ROWS;
}

static void draw_act(struct crowd *c, size_t a, int who)
{
    const struct app *app = &c->apps[a];
    const struct ref_person *p = &app->ref.people[who];
    struct question *q = question(c, a, who);
    const uint64_t what = is_full(p) ? 99 - draw(50) : draw(100);
    if (what < 32)
        draw_collect(app, q, one_in(6) ? any_way(app) : agreed_way(app, p), who);
    else if (what < 44)
        draw_word(app, q, p);
    else if (what < 50)
        draw_permission(app, q);
    else if (what < 94)
        draw_read(app, q, p, who);
    else if (what < 95)
        q->request.op = KEPT_OP_SUBJECT_SHOW;
    else
        draw_erasure(app, q, p);
    c->erased += q->request.op == KEPT_OP_ERASE_SUBJECT;
    expect(c, q);
}

/* Somebody of one app, asked about in another: nobody there. */
static void draw_crossing(struct crowd *c, size_t a, size_t of, int who)
{
    struct app *app = &c->apps[a];
    const struct way *way = any_way(app);
    struct question *q = question(c, a, -1);
    struct ref_person nobody = {.state = KEPT_S_LIVE};
    switch (draw(5)) {
    case 0: draw_collect(app, q, way, who); break;
    case 1: draw_word(app, q, &nobody); break;
    case 2: draw_permission(app, q); break;
    case 3: draw_erasure(app, q, &nobody); break;
    default: draw_read(app, q, &nobody, who);
    }
    q->request.subject = c->apps[of].ids[who];
    answer_none(&q->want);
    ref_fails(&q->want, KEPT_E_NOTFOUND);
    c->crossings++;
}

/* Somebody who was not asked about in this round; -1: hard to find. */
static int draw_person_of(const struct crowd *c, const struct app *app)
{
    for (int tries = 0; tries < 8 && app->ref.count > 0; tries++) {
        const size_t who = draw(app->ref.count);
        if (app->asked[who] != c->round)
            return (int)who;
    }
    return -1;
}

static void draw_round(struct crowd *c, size_t acts)
{
    c->round++;
    for (size_t i = 0; i < acts && c->count + LARGEST_UNIT < ASKED; i++) {
        const size_t a = draw(APPS), other = (a + 1 + draw(APPS - 1)) % APPS;
        struct app *app = &c->apps[a];
        const int who = draw_person_of(c, app);
        if (one_in(60) && app->ref.count < app->room) {
            draw_newcomer(c, a);
            c->new_people++;
        } else if (one_in(50)) {
            const int stranger = draw_person_of(c, &c->apps[other]);
            if (stranger >= 0)
                draw_crossing(c, a, other, stranger);
        } else if (who >= 0) {
            draw_act(c, a, who);
        }
    }
    ask_all(c);
}

/* ---- what an app does --------------------------------------------------------------------------------- */

/* Who is found by a value: also those who are gone, and nobody. */
static void find_somebody(struct crowd *c, size_t a)
{
    struct app *app = &c->apps[a];
    const struct way *way = any_way(app);
    struct answer got;
    struct kept_reply *reply = NULL;
    for (int tries = 0; tries < 200 && !way->item->token; tries++)
        way = any_way(app);
    struct question *q = question(c, a, -1);
    c->count = 0;
    q->request.op = KEPT_OP_SUBJECT_FIND;
    put_field(q, way->item, (int)draw(app->ref.count));
    expect(c, q);
    answer_none(&got);
    int rc = kept_call(c->w.kept, &q->request, &reply, &c->w.err);
    if (rc != 0)
        ref_fails(&got, rc);
    else
        answer_of(reply, &got);
    for (size_t i = 0; rc == 0 && reply->decision != KEPT_DENY && i < app->ref.count; i++)
        if (memcmp(&app->ids[i], &reply->subject, sizeof reply->subject) == 0)
            got.person = (int)i;
    got.count = 0;
    c->answers++;
    if (!answers_agree(&q->want, &got))
        say_difference(c, q, &got);
    kept_reply_free(reply);
}

/* Due work, until no end of a value is left; of a rotation, a piece. */
static void tick(struct crowd *c, struct app *app)
{
    struct answer ignored;
    const struct kept_request r = {.op = KEPT_OP_TICK, .app = app->name};
    for (bool left = true; left;) {
        struct kept_reply *reply = world_ask(&c->w, &r);
        left = !world_json_has(reply, "\"people_with_ends_left\":0,");
        app->turning = world_json_has(reply, "\"rewrap_left\":true") ||
                       world_json_has(reply, "\"tokens_left\":true");
        kept_reply_free(reply);
    }
    app->ref.now = c->w.now;
    ref_call(&app->ref, -1, &r, &ignored);
}

static void rotate(struct crowd *c, struct app *app, const char *what)
{
    const struct kept_request r = {.op = KEPT_OP_ROTATE, .app = app->name, .text = what};
    if (app->turning)
        return;
    kept_reply_free(world_ask(&c->w, &r));
    app->turning = true;
}

#endif
