/* logs.c - logs of servers and apps: lines come in and are cleaned before anything of them is kept; lines go to a role for
 * a purpose, field by field as it sees their items. Nobody's person is looked at: no line has one. */
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "engine/account_int.h"
#include "engine/report_int.h"
#include "logs/logs.h"

/* The log that the request names; NULL: denied, as what no policy declares. */
static const struct kept_log *log_of(struct call *call)
{
    const struct kept_log *log = kept_policy_log(call->policy, call->request->text);
    int line = 0;
    if (log == NULL) {
        const char *clause = kept_policy_undeclared_rule(call->policy, &line);
        kept_verdict(call, KEPT_DENY, KEPT_R_UNDECLARED, clause, line);
    }
    return log;
}

/* ---- lines in ------------------------------------------------------------------------------------------ */

struct take {
    struct kept_desk desk;
    struct kept_log_key key;
    uint64_t *place, bytes;
    struct kept_err *err;
};

static int put(void *arg, struct kept_span piece)
{
    struct take *take = arg;
    take->bytes += piece.n;
    return kept_log_put(&take->desk, &take->key, take->place, piece, take->err);
}

static int report_take(struct call *call, const struct kept_log *log, const struct take *take,
                       const struct kept_log_batch *batch, struct kept_err *err)
{
    const struct kept_log_tally *t = &batch->tally;
    json_t *root = json_object(), *bad = json_array(), *found = json_object();
    set(call, root, "log", json_string(log->name));
    set(call, root, "lines", json_integer((json_int_t)t->lines));
    set(call, root, "kept", json_integer((json_int_t)t->kept));
    set(call, root, "bad", json_integer((json_int_t)t->bad));
    set(call, root, "dropped", json_integer((json_int_t)t->dropped));
    set(call, root, "unfit", json_integer((json_int_t)t->unfit));
    set(call, root, "redacted", json_integer((json_int_t)t->redacted));
    for (int i = 0; i < KEPT_KIND_COUNT; i++)
        if (t->found[i] > 0)
            set(call, found, kept_kind_name((enum kept_item_kind)i), json_integer((json_int_t)t->found[i]));
    set(call, root, "found", found);
    for (size_t i = 0; i < t->bad && i < KEPT_LOG_BAD_TOLD; i++) {
        json_t *one = json_object();
        set(call, one, "line", json_integer((json_int_t)batch->bad[i].line));
        set(call, one, "why", json_string(batch->bad[i].why));
        add(call, bad, one);
    }
    set(call, root, "bad_lines", bad);
    set(call, root, "until", time_json(take->key.end));
    return kept_report_finish(call, root, err);
}

/* What the ledger says of it: numbers. */
static int note_take(struct call *call, const struct kept_log *log, const struct kept_log_tally *t, struct kept_err *err)
{
    struct kept_buf text;
    kept_buf_init(&text, KEPT_MAX_TEXT);
    kept_buf_printf(&text, "log %s: %llu lines, %llu kept, %llu bad; fields dropped %llu, unfit %llu; redacted %llu", log->name,
                    (unsigned long long)t->lines, (unsigned long long)t->kept, (unsigned long long)t->bad,
                    (unsigned long long)t->dropped, (unsigned long long)t->unfit, (unsigned long long)t->redacted);
    call->note = call->noted = kept_buf_take(&text);
    return call->note != NULL ? 0 : kept_fail(err, KEPT_E_NOMEM, "no memory");
}

static void count(struct kept_log_key *key, const struct kept_log_tally *t, uint64_t bytes)
{
    key->lines += t->kept;
    key->bad += t->bad;
    key->dropped += t->dropped;
    key->redacted += t->redacted;
    key->unfit += t->unfit;
    key->bytes += bytes;
}

static int take_lines(struct call *call, const struct kept_log *log, struct kept_span text, struct kept_err *err)
{
    struct take take = {.desk = kept_desk_of(call), .place = &call->kept->log_place, .err = err};
    struct kept_log_batch batch;
    int rc = kept_log_key_now(&take.desk, log, &take.key, err);
    if (rc == 0)
        rc = kept_log_clean(log, &take.key, text, put, &take, &batch, err);
    if (rc == 0) {
        count(&take.key, &batch.tally, take.bytes);
        rc = kept_log_key_put(&take.desk, &take.key, err);
    }
    if (rc == 0)
        rc = note_take(call, log, &batch.tally, err);
    if (rc == 0) {
        call->box->reply.stripped = batch.tally.dropped > UINT32_MAX ? UINT32_MAX : (uint32_t)batch.tally.dropped;
        rc = report_take(call, log, &take, &batch, err);
    }
    kept_wipe(&take.key, sizeof take.key);
    return rc;
}

int kept_act_LOG_TAKE(struct call *call, struct kept_err *err)
{
    const struct kept_request *r = call->request;
    if (r->text == NULL || r->text[0] == 0)
        return kept_fail(err, KEPT_E_USAGE, "which log? .text is its name in the policy");
    if (r->field_count != 1)
        return kept_fail(err, KEPT_E_USAGE, "lines of a log are one field, not %zu", r->field_count);
    if (r->fields[0].value.n > KEPT_MAX_LOG_TAKE)
        return kept_fail(err, KEPT_E_LIMIT, "more than %u bytes of lines at once: take them in parts", KEPT_MAX_LOG_TAKE);
    const struct kept_log *log = log_of(call);
    if (log != NULL && call->app->ceased)
        kept_verdict(call, KEPT_DENY, KEPT_R_CEASED, "", 0);
    else if (log != NULL && log->field_count <= KEPT_MAX_LOG_FIELDS)
        return take_lines(call, log, r->fields[0].value, err);
    return 0;
}

/* ---- lines out ----------------------------------------------------------------------------------------- */

struct page {
    struct call *call;
    const struct kept_log *log;
    json_t *rows;
    kept_ms taken;
    uint32_t count;
};

/* What a role sees of a field: one that the policy has no more is for nobody. */
static enum kept_decision sees(const struct page *page, const char *field)
{
    for (size_t i = 0; i < page->log->field_count; i++)
        if (strcmp(page->log->fields[i].name, field) == 0)
            return kept_policy_log_sees(page->call->policy, &page->log->fields[i], page->call->question.role);
    return KEPT_DENY;
}

static int add_line(void *arg, const struct kept_log_seen *values, size_t n)
{
    struct page *page = arg;
    struct call *call = page->call;
    json_t *row = json_object(), *fields = json_object();
    for (size_t i = 0; i < n; i++) {
        const enum kept_decision may = sees(page, values[i].field);
        if (may != KEPT_DENY)
            set(call, fields, values[i].field, may == KEPT_MASK ? json_string(KEPT_KIND_HIDDEN) : text_json(values[i].value));
    }
    set(call, row, "taken", time_json(page->taken));
    set(call, row, "fields", fields);
    add(call, page->rows, row);
    page->count++;
    return call->holes ? KEPT_E_NOMEM : 0;
}

static int read_page(struct page *page, struct kept_err *err)
{
    struct call *call = page->call;
    const struct kept_request *r = call->request;
    const struct kept_desk desk = kept_desk_of(call);
    const uint32_t limit = r->limit == 0 || r->limit > KEPT_MAX_LOG_PAGE ? KEPT_MAX_LOG_PAGE : r->limit;
    uint64_t place = r->from > kept_log_place(r->at) ? r->from : kept_log_place(r->at), unreadable = 0;
    int rc = 0;
    while (rc == 0 && page->count < limit) {
        struct kept_buf plain;
        kept_buf_init_secret(&plain, KEPT_MAX_LOG_PIECE);
        rc = kept_log_next(&desk, page->log->name, &place, &page->taken, &plain, &unreadable, err);
        if (rc == 0)
            rc = kept_log_each(kept_buf_span(&plain), add_line, page, err);
        kept_buf_release(&plain);
    }
    json_t *root = json_object();
    set(call, root, "log", json_string(page->log->name));
    set(call, root, "lines", page->rows);
    set(call, root, "unreadable", json_integer((json_int_t)unreadable));
    if (rc == 0)
        set(call, root, "next", json_integer((json_int_t)place));
    call->absent = page->count;
    if (rc == 0 || rc == KEPT_E_NOTFOUND)
        return kept_report_finish(call, root, err);
    kept_json_free(root);
    return rc;
}

int kept_act_LOG_READ(struct call *call, struct kept_err *err)
{
    if (call->request->text == NULL || call->request->text[0] == 0)
        return kept_fail(err, KEPT_E_USAGE, "which log? .text is its name in the policy");
    struct page page = {.call = call, .log = log_of(call)};
    const char *clause = "";
    int line = 0;
    if (page.log == NULL)
        return 0;
    const enum kept_reason reason = kept_policy_log_read(call->policy, page.log, call->question.role, call->question.purpose,
                                                         &clause, &line);
    kept_verdict(call, reason == KEPT_R_NONE ? KEPT_ALLOW : KEPT_DENY, reason, reason == KEPT_R_NONE ? page.log->clause : clause,
                 reason == KEPT_R_NONE ? page.log->line : line);
    if (reason != KEPT_R_NONE)
        return 0;
    page.rows = json_array();
    return read_page(&page, err);
}

/* ---- upkeep -------------------------------------------------------------------------------------------- */

int kept_logs_upkeep(struct call *call, struct upkeep *work, struct kept_err *err)
{
    const struct kept_desk desk = kept_desk_of(call);
    uint32_t ended = 0;
    bool scrubbed = false;
    int rc = kept_store_begin_write(desk.store, err);
    if (rc == 0)
        rc = kept_logs_due(&desk, &ended, err);
    if (rc == 0 && ended > 0)
        rc = kept_store_commit(desk.store, err);
    kept_store_rollback(desk.store); /* no-op once committed */
    if (rc == 0 && ended > 0) {
        rc = kept_store_scrub(desk.store, &scrubbed, err);
        work->blocked = work->blocked || !scrubbed;
        work->logs_ended += ended;
    }
    return rc;
}

int kept_logs_told(struct call *call, json_t *rows, struct kept_err *err)
{
    const struct kept_desk desk = kept_desk_of(call);
    const struct kept_log *log = NULL;
    int rc = 0;
    for (size_t i = 0; rc == 0 && (log = kept_policy_log_at(call->policy, i)) != NULL; i++) {
        struct kept_log_key sum;
        rc = kept_log_sum(&desk, log->name, &sum, err);
        json_t *row = json_object();
        set(call, row, "name", json_string(log->name));
        set(call, row, "lines", json_integer((json_int_t)sum.lines));
        set(call, row, "bad", json_integer((json_int_t)sum.bad));
        set(call, row, "dropped", json_integer((json_int_t)sum.dropped));
        set(call, row, "unfit", json_integer((json_int_t)sum.unfit));
        set(call, row, "redacted", json_integer((json_int_t)sum.redacted));
        set(call, row, "bytes", json_integer((json_int_t)sum.bytes));
        add(call, rows, row);
    }
    return rc;
}
