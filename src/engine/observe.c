/* observe.c - denials of functions that are only observed yet (`enforce: observe`): said in the reply, told in the
 * entry, counted. A denial stays one: whatever is denied is neither stored nor given out, here or anywhere.
 *
 * Counts stand in memory until upkeep or the close writes them down; a crash loses those since then, and the ledger
 * has each. */
#include "base/error.h"
#include "base/mem.h"
#include "engine/report_int.h"

#define ROW_NAME 32u

struct observed { /* of one function, since it was last written down */
    uint32_t function; /* ref */
    uint64_t denials;
};

static bool is_judged(enum kept_op op)
{
    return op == KEPT_OP_COLLECT || op == KEPT_OP_USE || op == KEPT_OP_DISCLOSE;
}

/* The reply is observed when the app may go on with all of it: one denial that holds, and it may not. */
void kept_observe(struct call *call)
{
    struct kept_reply *reply = &call->box->reply;
    uint32_t function = call->question.function;
    size_t denied = 0, observed = 0;
    if (!is_judged(call->row->op) || call->now >= kept_policy_observed_until(call->policy, function))
        return;
    for (size_t i = 0; i < reply->field_count; i++) {
        struct kept_field *f = &reply->fields[i];
        bool so = f->decision == KEPT_DENY && kept_policy_observed(call->policy, function, f->reason, call->now);
        f->observed = so;
        denied += f->decision == KEPT_DENY;
        observed += so;
    }
    call->observed = (uint32_t)observed;
    reply->observed = observed != 0 && observed == denied;
}

static struct observed *counter_of(struct app *app, uint32_t function)
{
    for (size_t i = 0; i < app->observed_count; i++)
        if (app->observed[i].function == function)
            return &app->observed[i];
    if (kept_grow(&app->observed, &app->observed_cap, app->observed_count + 1, KEPT_MAX_DECLARED,
                  sizeof *app->observed) != 0)
        return NULL;
    app->observed[app->observed_count] = (struct observed){.function = function};
    return &app->observed[app->observed_count++];
}

void kept_observe_count(struct call *call)
{
    const struct kept_reply *reply = &call->box->reply;
    struct observed *counter = NULL;
    if (call->observed == 0 || reply->error != 0 || call->request->dry != 0)
        return;
    counter = counter_of(call->app, call->function_ref);
    if (counter != NULL) /* without memory the ledger alone has it */
        counter->denials += call->observed;
}

static void row_name(const struct app *app, uint32_t function, char ret_name[ROW_NAME])
{
    (void)snprintf(ret_name, ROW_NAME, "observed.%u.%08x", app->number, function);
}

static int written(struct kept *kept, const struct app *app, uint32_t function, uint64_t *ret, struct kept_err *err)
{
    char name[ROW_NAME];
    row_name(app, function, name);
    return kept_meta_get_u64(kept->store, name, 0, ret, err);
}

static int write_down(struct kept *kept, const struct app *app, const struct observed *o, struct kept_err *err)
{
    char name[ROW_NAME];
    uint64_t before = 0;
    row_name(app, o->function, name);
    int rc = written(kept, app, o->function, &before, err);
    return rc == 0 ? kept_meta_put_u64(kept->store, name, before + o->denials, err) : rc;
}

int kept_observe_save(struct kept *kept, struct kept_err *err)
{
    size_t left = 0;
    for (size_t a = 0; a < kept->app_count; a++)
        left += kept->apps[a]->observed_count;
    if (left == 0)
        return 0;
    int rc = kept_store_begin_write(kept->store, err);
    if (rc != 0)
        return rc;
    for (size_t a = 0; rc == 0 && a < kept->app_count; a++)
        for (size_t i = 0; rc == 0 && i < kept->apps[a]->observed_count; i++)
            rc = write_down(kept, kept->apps[a], &kept->apps[a]->observed[i], err);
    if (rc == 0)
        rc = kept_store_commit(kept->store, err);
    if (rc != 0) {
        kept_store_rollback(kept->store);
        return rc;
    }
    for (size_t a = 0; a < kept->app_count; a++)
        kept->apps[a]->observed_count = 0;
    return 0;
}

int kept_observe_json(struct call *call, json_t *root, struct kept_err *err)
{
    json_t *all = json_object();
    int rc = 0;
    for (uint32_t f = 0; rc == 0 && f < call->info->functions; f++) {
        kept_ms until = kept_policy_observed_until(call->policy, f);
        const char *name = kept_policy_name(call->policy, KEPT_K_FUNCTION, f);
        uint32_t ref = kept_ref(KEPT_K_FUNCTION, name);
        uint64_t n = 0;
        if (until == 0)
            continue;
        rc = written(call->kept, call->app, ref, &n, err);
        for (size_t i = 0; i < call->app->observed_count; i++)
            n += call->app->observed[i].function == ref ? call->app->observed[i].denials : 0;
        json_t *one = json_object();
        set(call, one, "would_be_denials", json_integer((json_int_t)n));
        set(call, one, "enforced_from", time_json(until));
        set(call, one, "enforced", json_boolean(call->now >= until));
        set(call, all, name, one);
    }
    set(call, root, "observed", all);
    return rc;
}
