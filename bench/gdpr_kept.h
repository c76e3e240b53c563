/* gdpr_kept.h - GDPRbench on kept, through kept.h as any application would, with bench/gdprbench.yaml.
 *
 *   USR   a person. The application remembers a person's id, as it would in a session.
 *   PUR   what the person agreed to: a function for each purpose. Reading by PUR names that purpose, and
 *         kept decides it for each person.
 *   TTL   the retention of the items that the record's values are stored as; TICK ends them.
 *   Data  a value. The other metadata (and what the TTL is said to be) is a second value beside it.
 * A record is gone by deletion (ERASE_RECORD), a person by destruction of the keys (ERASE_SUBJECT). Logs
 * are read by the auditor. Every read and every refusal is an entry of the ledger, synced before the
 * answer; an operation on many people is as many requests, 256 in flight.
 * kept keeps no index of sealed values, on purpose: by PUR the application goes through the people of
 * that purpose (it knows who they are; kept says what is there), by OBJ, DEC or SHR through everybody.
 * Refused: another owner for a value (USR): what a person gave is sealed under that person's key. */
#ifndef KEPT_BENCH_GDPR_KEPT_H
#define KEPT_BENCH_GDPR_KEPT_H

#include <jansson.h>

#include "gdpr.h"

#define GDPR_SLOTS 2u /* records a person */

struct people {
    struct bench_store store;
    const struct gdpr_size *size;
    bool *there;        /* is the person's id one? */
    uint32_t records;   /* numbers given out */
    size_t entries;     /* by the actor whom the auditor looks at */
    struct gdpr_row *rows; /* what a change looked at */
};

static inline uint32_t people_of(const struct people *p, uint32_t n)
{
    return n % p->size->users;
}

static inline const char *people_item(const struct people *p, const char *kind, uint32_t n, char out[32])
{
    (void)snprintf(out, 32, "%s%ut%u", kind, n / p->size->users % GDPR_SLOTS,
                   gdpr_index(p->size, G_TTL, n));
    return out;
}

/* ---- many requests ---- */

struct people_ask { /* one record's request, and what it points to */
    struct kept_request request;
    struct kept_field fields[2];
    char items[2][32], text[2][GDPR_DATA + 1 + G_META * GDPR_TEXT], function[16];
    uint32_t n;
};

typedef void people_see(void *arg, const struct people_ask *ask, const struct kept_reply *reply);

static inline void people_do(struct people *p, struct people_ask *asks, size_t count, people_see *see,
                             void *arg)
{
    struct kept_err err = {0};
    struct kept_reply *replies[BENCH_FLIGHT];
    for (size_t i = 0; i < count; i++) {
        asks[i].request.tag = &asks[i];
        if (asks[i].request.actor == NULL)
            asks[i].request.actor = "backend";
        if (kept_submit(p->store.kept, &asks[i].request, &err) != 0)
            bench_die("submit", &err);
    }
    for (size_t done = 0, got = 0; done < count; done += got) {
        if (kept_reap(p->store.kept, replies, BENCH_FLIGHT, 1, &got, &err) != 0)
            bench_die("reap", &err);
        for (size_t i = 0; i < got; i++) {
            if (replies[i]->error != 0)
                bench_die("kept", &replies[i]->err);
            if (see != NULL)
                see(arg, replies[i]->tag, replies[i]);
            kept_reply_free(replies[i]);
        }
    }
    p->entries += count;
}

static inline void people_allowed(void *arg, const struct people_ask *ask, const struct kept_reply *reply)
{
    (void)arg;
    if (reply->decision != KEPT_ALLOW)
        bench_die(kept_op_name(ask->request.op),
                  &(struct kept_err){.text = "a change was refused"});
}

/* ---- create ---- */

static inline void people_arrived(void *arg, const struct people_ask *ask, const struct kept_reply *reply)
{
    struct people *p = arg;
    people_allowed(NULL, ask, reply);
    p->store.ids[people_of(p, ask->n)] = reply->subject;
    p->there[people_of(p, ask->n)] = true;
}

/* Those of the records whose person is not there yet: a person, the notice, two consents, the name. */
static inline void people_arrive(struct people *p, struct people_ask *asks, uint32_t first, uint32_t count)
{
    uint32_t new[BENCH_FLIGHT], many = 0;
    for (uint32_t n = first; n < first + count; n++)
        if (!p->there[people_of(p, n)])
            new[many++] = n;
    memset(asks, 0, count * sizeof *asks);
    for (uint32_t i = 0; i < many; i++)
        asks[i] = (struct people_ask){.n = new[i], .request = {.op = KEPT_OP_SUBJECT_NEW}};
    people_do(p, asks, many, people_arrived, p);
    for (unsigned step = 0; step < 4; step++) {
        for (uint32_t i = 0; i < many; i++) {
            struct people_ask *a = &asks[i];
            *a = (struct people_ask){.n = new[i]};
            a->request.subject = p->store.ids[people_of(p, new[i])];
            a->request.op = step == 0   ? KEPT_OP_CONSENT_ACKNOWLEDGE
                            : step == 3 ? KEPT_OP_COLLECT
                                        : KEPT_OP_CONSENT_GRANT;
            a->request.consent = step == 1 || step == 2 ? KEPT_C_EXPLICIT : KEPT_C_NONE;
            (void)snprintf(a->function, sizeof a->function, "p%u", gdpr_index(p->size, G_PUR, new[i]));
            a->request.function = step == 0 ? NULL : step == 2 ? a->function : "account";
            if (step == 3) {
                gdpr_text(G_USR, people_of(p, new[i]), a->text[0]);
                a->fields[0].name = "user";
                a->fields[0].value = (struct kept_span){(const uint8_t *)a->text[0], strlen(a->text[0])};
                a->request.fields = a->fields;
                a->request.field_count = 1;
            }
        }
        people_do(p, asks, many, people_allowed, NULL);
    }
}

/* Metadata as one value: what is neither whose it is nor what it is for. */
static inline void people_join(char meta[G_META][GDPR_TEXT], char *out, size_t room)
{
    size_t used = 0;
    for (unsigned f = G_TTL; f < G_META; f++)
        if (f != G_USR)
            used += (size_t)snprintf(out + used, room - used, "%s%s", f == G_TTL ? "" : " ", meta[f]);
}

static inline void people_meta(const struct gdpr_size *size, uint32_t n, char *out, size_t room)
{
    char meta[G_META][GDPR_TEXT];
    for (unsigned f = 0; f < G_META; f++)
        gdpr_text((enum gdpr_field)f, gdpr_index(size, (enum gdpr_field)f, n), meta[f]);
    people_join(meta, out, room);
}

/* A request that stores a value, or two, of a record. */
static inline void people_put(const struct people *p, struct people_ask *a, uint32_t n, bool data, bool meta)
{
    a->n = n;
    a->request = (struct kept_request){.op = KEPT_OP_COLLECT,
                                       .function = "account",
                                       .subject = p->store.ids[people_of(p, n)],
                                       .fields = a->fields};
    for (unsigned i = 0; i < 2; i++)
        if (i == 0 ? data : meta) {
            struct kept_field *f = &a->fields[a->request.field_count++];
            *f = (struct kept_field){
                .name = people_item(p, i == 0 ? "data" : "meta", n, a->items[i]),
                .value = {(const uint8_t *)a->text[i], strlen(a->text[i])}};
        }
}

static inline void people_create(struct gdpr_engine *e, uint32_t first, uint32_t count)
{
    struct people *p = e->state;
    struct people_ask *asks = bench_alloc(BENCH_FLIGHT, sizeof *asks);
    for (uint32_t end = first + count; first < end; first += BENCH_FLIGHT) {
        uint32_t n = end - first < BENCH_FLIGHT ? end - first : BENCH_FLIGHT;
        people_arrive(p, asks, first, n);
        for (uint32_t i = 0; i < n; i++) {
            gdpr_data(first + i, asks[i].text[0]);
            people_meta(p->size, first + i, asks[i].text[1], sizeof asks[i].text[1]);
            people_put(p, &asks[i], first + i, true, true);
        }
        people_do(p, asks, n, people_allowed, NULL);
        if (first + n > p->records)
            p->records = first + n;
    }
    free(asks);
}

/* ---- read ---- */

struct people_reading {
    struct people *people;
    const struct gdpr_pick *pick;
    struct gdpr_rows *rows;
    unsigned want;
};

static inline bool people_split(char meta[G_META][GDPR_TEXT], const struct kept_span *value)
{
    size_t at = 0;
    for (unsigned f = G_TTL; f < G_META; f += f + 1 == G_USR ? 2 : 1) {
        size_t n = 0;
        for (; at < value->n && value->p[at] != ' ' && n + 1 < GDPR_TEXT; at++)
            meta[f][n++] = (char)value->p[at];
        meta[f][n] = 0;
        at++;
    }
    return at == value->n + 1;
}

/* What came back of one record: a row, when its values are there and it is one of those asked for. */
static inline void people_took(void *arg, const struct people_ask *ask, const struct kept_reply *reply)
{
    struct people_reading *r = arg;
    struct gdpr_row row = {.n = ask->n};
    unsigned got = 0;
    char text[GDPR_TEXT];
    const enum gdpr_field by = r->pick->field;
    for (size_t i = 0; i < reply->field_count; i++) {
        const struct kept_field *f = &reply->fields[i];
        if (f->decision != KEPT_ALLOW || f->value.n == 0)
            continue;
        if (f->name[0] == 'd' && f->value.n == GDPR_DATA) {
            memcpy(row.data, f->value.p, GDPR_DATA);
            got |= GDPR_WANT_DATA;
        } else if (f->name[0] == 'm' && people_split(row.meta, &f->value)) {
            got |= GDPR_WANT_META;
        }
    }
    if ((got & r->want) != r->want)
        return;
    gdpr_text(G_PUR, gdpr_index(r->people->size, G_PUR, ask->n), row.meta[G_PUR]);
    gdpr_text(G_USR, people_of(r->people, ask->n), row.meta[G_USR]);
    gdpr_text(by, r->pick->index, text);
    if ((by == G_OBJ || by == G_DEC || by == G_SHR) && strcmp(row.meta[by], text) != 0)
        return;
    r->rows->rows[r->rows->count++] = row;
}

/* Could the record be one of those? The application knows whose it was and what they agreed to. */
static inline bool people_may(const struct people *p, const struct gdpr_pick *pick, uint32_t n)
{
    if (!p->there[people_of(p, n)])
        return false;
    switch (pick->field) {
    case G_KEY: return n == pick->index;
    case G_USR: return people_of(p, n) == pick->index;
    case G_PUR: return gdpr_index(p->size, G_PUR, n) == pick->index;
    case G_TTL: case G_OBJ: case G_DEC: case G_ACL: case G_SHR: case G_SRC: case G_CAT: case G_META:
    default: return true;
    }
}

/* The next record after n that could be one; the last number when there is none. */
static inline uint32_t people_next(const struct people *p, const struct gdpr_pick *pick, uint32_t n)
{
    if (pick->field == G_KEY)
        n = n <= pick->index ? pick->index : p->records;
    while (n < p->records && !people_may(p, pick, n))
        n++;
    return n < p->records ? n : p->records;
}

static inline void people_use(const struct people *p, struct people_ask *a, uint32_t n, unsigned want)
{
    *a = (struct people_ask){.n = n};
    (void)snprintf(a->function, sizeof a->function, "p%u", gdpr_index(p->size, G_PUR, n));
    a->request = (struct kept_request){.op = KEPT_OP_USE,
                                       .purpose = a->function,
                                       .subject = p->store.ids[people_of(p, n)],
                                       .fields = a->fields};
    if ((want & GDPR_WANT_DATA) != 0)
        a->fields[a->request.field_count++].name = people_item(p, "data", n, a->items[0]);
    if ((want & GDPR_WANT_META) != 0)
        a->fields[a->request.field_count++].name = people_item(p, "meta", n, a->items[1]);
}

static inline void people_read(struct gdpr_engine *e, const struct gdpr_pick *pick, unsigned want,
                               struct gdpr_rows *rows)
{
    struct people *p = e->state;
    struct people_ask *asks = bench_alloc(BENCH_FLIGHT, sizeof *asks);
    bool sealed = pick->field == G_OBJ || pick->field == G_DEC || pick->field == G_SHR;
    struct people_reading reading = {p, pick, rows, want | (sealed ? GDPR_WANT_META : 0)};
    size_t count = 0;
    rows->count = 0;
    for (uint32_t n = people_next(p, pick, 0); n < p->records; n = people_next(p, pick, n + 1)) {
        people_use(p, &asks[count++], n, reading.want);
        if (count == BENCH_FLIGHT) {
            people_do(p, asks, count, people_took, &reading);
            count = 0;
        }
    }
    people_do(p, asks, count, people_took, &reading);
    free(asks);
}

/* ---- delete, update ---- */

static inline void people_counted(void *arg, const struct people_ask *ask, const struct kept_reply *reply)
{
    size_t *count = arg;
    if (reply->decision == KEPT_ALLOW && ask->items[0][0] == 'd')
        (*count)++;
}

/* All of a person: the keys. */
static inline size_t people_forget(struct people *p, const struct gdpr_pick *pick)
{
    struct gdpr_rows rows = {p->rows, 0};
    struct gdpr_engine e = {.state = p};
    people_read(&e, pick, GDPR_WANT_DATA, &rows);
    if (p->there[pick->index]) {
        struct people_ask ask = {.request = {.op = KEPT_OP_ERASE_SUBJECT,
                                             .subject = p->store.ids[pick->index]}};
        people_do(p, &ask, 1, people_allowed, NULL);
        p->there[pick->index] = false;
    }
    return rows.count;
}

/* What is over: two values a record. */
static inline size_t people_end(struct people *p)
{
    size_t ended = 0, left = 1;
    while (left > 0) {
        struct kept_reply *reply = bench_call(&p->store, &(struct kept_request){.op = KEPT_OP_TICK});
        json_t *told = json_loads(reply->json, 0, NULL);
        ended += (size_t)json_integer_value(json_object_get(told, "records_ended"));
        left = (size_t)json_integer_value(json_object_get(told, "people_with_ends_left"));
        json_decref(told);
        kept_reply_free(reply);
    }
    return ended / 2;
}

static inline size_t people_remove(struct gdpr_engine *e, const struct gdpr_pick *pick)
{
    struct people *p = e->state;
    size_t removed = 0, count = 0;
    if (pick->field == G_TTL)
        return people_end(p);
    if (pick->field == G_USR)
        return people_forget(p, pick);
    struct people_ask *asks = bench_alloc(BENCH_FLIGHT, sizeof *asks);
    for (uint32_t n = people_next(p, pick, 0); n < p->records; n = people_next(p, pick, n + 1)) {
        for (unsigned i = 0; i < 2; i++) {
            struct people_ask *a = &asks[count++];
            *a = (struct people_ask){.n = n};
            a->request = (struct kept_request){
                .op = KEPT_OP_ERASE_RECORD,
                .subject = p->store.ids[people_of(p, n)],
                .item = people_item(p, i == 0 ? "data" : "meta", n, a->items[0])};
        }
        if (count == BENCH_FLIGHT) {
            people_do(p, asks, count, people_counted, &removed);
            count = 0;
        }
    }
    people_do(p, asks, count, people_counted, &removed);
    free(asks);
    return removed;
}

/* Read what is there, change it, store it again. */
static inline size_t people_set(struct gdpr_engine *e, const struct gdpr_pick *pick, enum gdpr_field field,
                                uint32_t index)
{
    struct people *p = e->state;
    struct gdpr_rows rows = {p->rows, 0};
    people_read(e, pick, GDPR_WANT_META, &rows);
    struct people_ask *asks = bench_alloc(BENCH_FLIGHT, sizeof *asks);
    for (size_t first = 0; first < rows.count; first += BENCH_FLIGHT) {
        size_t n = rows.count - first < BENCH_FLIGHT ? rows.count - first : BENCH_FLIGHT;
        for (size_t i = 0; i < n; i++) {
            struct gdpr_row *row = &rows.rows[first + i];
            gdpr_text(field, index, row->meta[field]);
            people_join(row->meta, asks[i].text[1], sizeof asks[i].text[1]);
            people_put(p, &asks[i], row->n, false, true);
        }
        people_do(p, asks, n, people_allowed, NULL);
    }
    free(asks);
    return rows.count;
}

static inline size_t people_rewrite(struct gdpr_engine *e, uint32_t n, uint32_t from, bool all)
{
    struct people *p = e->state;
    struct gdpr_rows rows = {p->rows, 0};
    people_read(e, &(struct gdpr_pick){G_KEY, n}, GDPR_WANT_DATA, &rows);
    if (rows.count == 0)
        return 0;
    struct people_ask *ask = bench_alloc(1, sizeof *ask);
    gdpr_data(from, ask->text[0]);
    people_meta(p->size, n, ask->text[1], sizeof ask->text[1]);
    people_put(p, ask, n, true, all);
    people_do(p, ask, 1, people_allowed, NULL);
    free(ask);
    return 1;
}

/* ---- the rest ---- */

static inline size_t people_logs(struct gdpr_engine *e, size_t most, size_t *ret_expected)
{
    struct people *p = e->state;
    size_t lines = 0;
    uint64_t from = 0;
    *ret_expected = most < p->entries ? most : p->entries;
    do {
        struct kept_reply *reply =
            bench_call(&p->store, &(struct kept_request){.op = KEPT_OP_AUDIT, .role = "auditor",
                                                         .actor = "auditor", .text = "backend",
                                                         .limit = (uint32_t)(most - lines),
                                                         .from = from, .newest = 1});
        json_t *told = json_loads(reply->json, 0, NULL), *next = json_object_get(told, "next");
        lines += json_array_size(json_object_get(told, "entries"));
        from = json_is_string(next) ? strtoull(json_string_value(next), NULL, 10)
                                    : (uint64_t)json_integer_value(next);
        json_decref(told);
        kept_reply_free(reply);
    } while (lines < most && from != 0);
    return lines;
}

static inline void people_open(struct gdpr_engine *e, const char *folder, uint32_t room)
{
    struct people *p = bench_alloc(1, sizeof *p);
    const char *policy = e->state; /* until now */
    p->size = e->size;
    p->there = bench_alloc(e->size->users, sizeof *p->there);
    p->rows = bench_alloc(room, sizeof *p->rows);
    p->store.cache_kib = 65536;
    p->store.clock.now = gdpr_now;
    p->store.ids = bench_alloc(e->size->users, sizeof *p->store.ids);
    bench_make(&p->store, folder, "gdpr", policy);
    e->state = p;
}

static inline uint64_t people_space(struct gdpr_engine *e)
{
    struct people *p = e->state;
    bench_close(&p->store);
    uint64_t bytes = bench_bytes(p->store.store) + bench_bytes(p->store.keyring);
    bench_open(&p->store);
    return bytes;
}

/* Everything under a path. */
static inline void people_away(const char *path)
{
    DIR *dir = opendir(path);
    for (struct dirent *d; dir != NULL && (d = readdir(dir)) != NULL;) {
        char inner[BENCH_PATH];
        if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
            continue;
        (void)snprintf(inner, sizeof inner, "%.3000s/%s", path, d->d_name);
        people_away(inner);
    }
    if (dir != NULL)
        (void)closedir(dir);
    if (remove(path) != 0)
        bench_die(path, NULL);
}

static inline void people_close(struct gdpr_engine *e)
{
    struct people *p = e->state;
    bench_close(&p->store);
    people_away(p->store.store);
    people_away(p->store.keyring);
    people_away(p->store.root);
    free(p->store.ids);
    free(p->there);
    free(p->rows);
    free(p);
}

static const struct gdpr_engine gdpr_kept = {
    .name = "kept", .owner_stays = true, .open = people_open, .create = people_create,
    .remove = people_remove, .read = people_read, .set = people_set, .rewrite = people_rewrite,
    .logs = people_logs, .space = people_space, .close = people_close};

#endif
