/* watch.c - who of staff reads unusually much: counted, and told once when it is more than the policy says of the role.
 *
 * A read is a request about a person that gives something; it is counted as its reply leaves, by the one thread that hands replies
 * out, so reading itself does nothing for it. Counts stand in memory: a restart begins them anew. A window begins with the
 * first read in it. A service is counted as one, whomever it asks for; for whom there is no room, all together. */
#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "engine/staff_int.h"

#define NOTE_BYTES 256u
#define OTHERS (KEPT_MAX_WATCHED - 1) /* the place of all for whom there is no other */

struct watched {
    char who[KEPT_MAX_NAME + 1]; /* "": all others, in any role */
    uint32_t role;               /* ref */
    kept_ms since, until;
    uint32_t reads, most;
    bool told;
};

static const struct kept_op_row alarm_row = {.op = (enum kept_op)KEPT_EVENT_ALARM, .name = "alarm"};

/* Whose count it is: theirs, or one whose window is over, or a new one; else that of all others. NULL: no memory. */
static struct watched *watched_of(struct app *app, const char *who, uint32_t role, kept_ms now)
{
    struct watched *over = NULL;
    for (size_t i = 0; i < app->watched_count; i++) {
        struct watched *w = &app->watched[i];
        if (w->role == role && strcmp(w->who, who) == 0)
            return w;
        if (w->who[0] != 0 && now >= w->until)
            over = w;
    }
    if (over == NULL && app->watched_count == KEPT_MAX_WATCHED)
        return &app->watched[OTHERS];
    if (over == NULL && kept_grow(&app->watched, &app->watched_cap, app->watched_count + 1, KEPT_MAX_WATCHED, sizeof *over) == 0)
        over = &app->watched[app->watched_count++];
    if (over == NULL)
        return NULL;
    *over = (struct watched){.role = KEPT_REF_NONE};
    if (over == app->watched + OTHERS)
        return over;
    over->role = role;
    (void)snprintf(over->who, sizeof over->who, "%s", who);
    return over;
}

/* An entry of its own, behind all reads whose replies have left. Where it cannot be written it is told with the next read. */
static void tell(struct call *call, struct watched *w, kept_ms within)
{
    struct kept *kept = call->kept;
    struct kept_err err = {0};
    char text[NOTE_BYTES];
    (void)snprintf(text, sizeof text, "%s read of people more than %" PRIu32 " times within %lld minutes", w->who[0] != 0 ? w->who : "others",
                   w->most, (long long)(within / KEPT_MINUTE));
    const struct kept_request request = {.exemption = "", .text = text};
    kept_flight_settle(kept);
    kept_scribe_wait(kept);
    if (kept->stopped || kept_log_failed(kept))
        return;
    struct call *own = kept_own_begin(kept, call->app, &request);
    if (own == NULL)
        return;
    own->row = &alarm_row;
    own->role_ref = call->role_ref;
    w->told = kept_call_encode(own, &err) == 0;
    if (w->told && kept_place(kept, &own, 1, &err) != 0)
        kept->stopped = true;
    call->app->alarms += w->told;
    kept_own_end(own);
}

void kept_watch(struct call *call)
{
    const struct kept_reply *reply = &call->box->reply;
    if (reply->error != 0 || reply->decision == KEPT_DENY || call->row->op != KEPT_OP_USE || call->actor_kind != KEPT_ACTOR_STAFF)
        return;
    const struct kept_policy *policy = kept_app_in_force(call->app, call->now);
    const struct kept_alarm alarm = kept_policy_alarm(policy, kept_policy_index(policy, KEPT_K_ROLE, call->role_ref));
    if (alarm.reads == 0)
        return;
    struct watched *w = watched_of(call->app, call->by != NULL ? call->by->name : call->actor, call->role_ref, call->now);
    if (w == NULL)
        return;
    if (call->now >= w->until) {
        w->since = call->now;
        w->until = call->now + alarm.within;
        w->reads = 0;
        w->told = false;
    }
    w->most = alarm.reads;
    w->reads += w->reads < UINT32_MAX;
    if (w->reads > alarm.reads && !w->told)
        tell(call, w, alarm.within);
}

void kept_watch_json(struct call *call, json_t *root)
{
    const struct app *app = call->app;
    json_t *rows = json_array();
    for (size_t i = 0; i < app->watched_count; i++) {
        const struct watched *w = &app->watched[i];
        if (!w->told || call->now >= w->until)
            continue;
        json_t *one = json_object();
        set(call, one, "who", json_string(w->who[0] != 0 ? w->who : "others"));
        if (w->role != KEPT_REF_NONE)
            set(call, one, "role", json_string(kept_ref_name(app, KEPT_K_ROLE, w->role)));
        set(call, one, "reads", json_integer(w->reads));
        set(call, one, "more_than", json_integer(w->most));
        set(call, one, "since", time_json(w->since));
        add(call, rows, one);
    }
    set(call, root, "alarms", rows);
    set(call, root, "alarms_told", json_integer((json_int_t)app->alarms));
}
