/* aid.h - what the clause tests share: a world with one policy in it, people, requests, claims.
 *
 * A world is a store of its own in a temporary folder, opened through kept.h, with a clock that the
 * test moves. The policies come from the folder $KEPT_POLICIES (./policies), so that a mutated copy
 * can stand in for them.
 * Two kinds of failure, told apart by tools/clauses: `setup: ...` when a step that is not the point
 * went wrong, `claim of clause_S0_1_2 broken: ...` when the clause does not hold. */
#ifndef KEPT_TESTS_CLAUSES_AID_H
#define KEPT_TESTS_CLAUSES_AID_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kept.h"

#define DAY ((kept_ms)86400000)
/* 2026-03-02T00:00:00Z: all policies are in force, every agreement is signed. */
#define START ((kept_ms)1772409600000)
#define MAX_REPLIES 512

struct world {
    char root[128], store[160], keyring[160], key[160];
    struct kept *kept;
    const char *app;
    kept_ms now;
    int rc;               /* of the last request */
    struct kept_err err;
    struct kept_reply *replies[MAX_REPLIES];
    size_t reply_count;
};

/* ---- requests -------------------------------------------------------------------------------- */

#define ASK(w, operation, ...)                                                                     \
    aid_ask(w, &(const struct kept_request){                                                       \
                   .op = KEPT_OP_##operation, .app = (w)->app, __VA_ARGS__})
#define OF(person) .subject = (person)
#define ITEM(item, text)                                                                           \
    .fields = &(const struct kept_field){.name = (item),                                           \
                                         .value = {(const uint8_t *)(text), sizeof(text) - 1}},    \
    .field_count = 1
#define WHAT(item) .fields = &(const struct kept_field){.name = (item)}, .field_count = 1
#define VALUE(function_, item, text) .function = (function_), ITEM(item, text)
#define FIELD(item, text)                                                                          \
    {                                                                                              \
        .name = (item), .value = {(const uint8_t *)(text), sizeof(text) - 1 }                      \
    }
#define SEVERAL(array) .fields = (array), .field_count = sizeof(array) / sizeof((array)[0])
#define IN_USE .facts = KEPT_F_IN_USE
#define BY_THE_PERSON .facts = KEPT_F_IN_USE | KEPT_F_USER_ACTION
#define BEHIND_THEIR_BACK .facts = KEPT_F_BACKGROUND

/* Steps that must work for the test to make sense. */
#define GRANT(w, p, kind_, ...)                                                                    \
    aid_need(w, ASK(w, CONSENT_GRANT, OF(p), .consent = KEPT_C_##kind_, __VA_ARGS__))
#define WITHDRAW(w, p, ...) aid_need(w, ASK(w, CONSENT_WITHDRAW, OF(p), __VA_ARGS__))
#define TURN(w, p, permission_, on_)                                                               \
    aid_need(w, ASK(w, PERMISSION_SET, OF(p), .permission = (permission_), .on = (on_)))
#define HOLD(w, p, ...) aid_need(w, ASK(w, COLLECT, OF(p), __VA_ARGS__))

/* ---- claims ---------------------------------------------------------------------------------- */

#define CLAIM(holds, ...) aid_claim((holds), __func__, __LINE__, __VA_ARGS__)
#define ALLOWED(reply, clause_)                                                                    \
    aid_verdict(reply, KEPT_ALLOW, KEPT_R_NONE, clause_, __func__, __LINE__)
#define MASKED(reply, clause_)                                                                     \
    aid_verdict(reply, KEPT_MASK, KEPT_R_MASKED, clause_, __func__, __LINE__)
#define DENIED(reply, reason_, clause_)                                                            \
    aid_verdict(reply, KEPT_DENY, KEPT_R_##reason_, clause_, __func__, __LINE__)
/* The verdict stands in the person's own trail. */
#define LEDGERED(w, reply) aid_ledgered(w, reply, __func__, __LINE__)
/* The operation itself said yes (it has no clause of its own). */
#define DONE(w, reply) aid_done(w, reply, __func__, __LINE__)
#define ABSENT(w, text) CLAIM(!aid_on_disk(w, text), "'%s' lies readable on the disk", text)

static inline void aid_claim(bool holds, const char *row, int line, const char *format, ...)
    KEPT_PRINTF(4, 5);
static inline void aid_claim(bool holds, const char *row, int line, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (holds)
        return;
    print_error("claim of %s broken: %s (line %d)\n", row, text, line);
    fail();
}

static inline void aid_setup_failed(const char *what, const char *why)
{
    print_error("setup: %s: %s\n", what, why);
    fail();
}

static inline const char *aid_word(enum kept_decision decision)
{
    return decision == KEPT_ALLOW ? "allow" : decision == KEPT_MASK ? "mask" : "deny";
}

static inline void aid_verdict(const struct kept_reply *r, enum kept_decision decision,
                               enum kept_reason reason, const char *clause, const char *row,
                               int line)
{
    if (r == NULL || r->error != 0) {
        aid_claim(false, row, line, "wanted %s %s by '%s', the request failed: %s",
                  aid_word(decision), kept_reason_name(reason), clause,
                  r == NULL ? "see above" : r->err.text);
        return;
    }
    aid_claim(r->decision == decision && r->reason == reason && strcmp(r->clause, clause) == 0 &&
                  (clause[0] == 0 || r->line > 0),
              row, line, "wanted %s %s by '%s', got %s %s by '%s' (policy line %d)",
              aid_word(decision), kept_reason_name(reason), clause, aid_word(r->decision),
              kept_reason_name(r->reason), r->clause, r->line);
}

/* ---- the world ------------------------------------------------------------------------------- */

static inline kept_ms aid_now(void *arg)
{
    return ((struct world *)arg)->now;
}

static inline const struct kept_reply *aid_ask(struct world *w, const struct kept_request *request)
{
    struct kept_reply *reply = NULL;
    if (w->reply_count == MAX_REPLIES)
        aid_setup_failed("a test", "asks too much: raise MAX_REPLIES");
    w->rc = kept_call(w->kept, request, &reply, &w->err);
    if (reply != NULL)
        w->replies[w->reply_count++] = reply;
    else
        print_message("%s: %s\n", kept_op_name(request->op), w->err.text);
    return w->rc == 0 ? reply : NULL;
}

static inline const struct kept_reply *aid_need(struct world *w, const struct kept_reply *reply)
{
    if (reply == NULL)
        aid_setup_failed("a request failed", w->err.text);
    else if (reply->decision == KEPT_DENY)
        aid_setup_failed("a request was denied", kept_reason_name(reply->reason));
    return reply;
}

static inline void aid_done(struct world *w, const struct kept_reply *reply, const char *row,
                            int line)
{
    aid_claim(reply != NULL && reply->decision == KEPT_ALLOW, row, line, "it was not done: %s",
              reply == NULL ? w->err.text : kept_reason_name(reply->reason));
}

/* The text of a policy; freed by the caller. */
static inline char *aid_policy(const char *name)
{
    const char *folder = getenv("KEPT_POLICIES");
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/%s.yaml", folder != NULL ? folder : "policies", name);
    FILE *f = fopen(path, "rb");
    char *text = calloc(1, 1 << 20);
    if (f == NULL || text == NULL)
        aid_setup_failed("no such policy", path);
    else if (fread(text, 1, (1 << 20) - 1, f) == 0 || fclose(f) != 0)
        aid_setup_failed("unreadable policy", path);
    return text;
}

static inline void aid_publish(struct world *w, const char *name)
{
    char *text = aid_policy(name);
    w->app = name;
    const struct kept_reply *reply = ASK(w, POLICY_PUBLISH, .text = text);
    free(text);
    if (reply == NULL)
        aid_setup_failed("the policy does not load", w->err.text);
}

/* A later version, told of as long before as any of the policies promises; in force when this returns. */
#define NOTICE (8 * DAY)
static inline const struct kept_reply *aid_publish_text(struct world *w, const char *text)
{
    const kept_ms at = w->now + NOTICE;
    const struct kept_reply *reply = ASK(w, POLICY_PUBLISH, .text = text, .at = at);
    w->now = at;
    return reply;
}

/* A copy of a policy's text with one piece of it replaced; freed by the caller. */
static inline char *aid_edit(char *text, const char *old, const char *new)
{
    char *at = strstr(text, old);
    size_t n = strlen(text) + strlen(new) + 1;
    char *out = calloc(1, n);
    if (at == NULL || out == NULL)
        aid_setup_failed("the policy has no such words any more", old);
    else
        (void)snprintf(out, n, "%.*s%s%s", (int)(at - text), text, new, at + strlen(old));
    free(text);
    return out;
}

static inline struct kept_options aid_options(struct world *w)
{
    return (struct kept_options){.store = w->store,
                                 .keyring = w->keyring,
                                 .root_key = w->key,
                                 .clock = {aid_now, w},
                                 .cache_kib = 1024};
}

static inline void aid_shut(struct world *w)
{
    for (size_t i = 0; i < w->reply_count; i++)
        kept_reply_free(w->replies[i]);
    w->reply_count = 0;
    kept_close(w->kept);
    w->kept = NULL;
}

static inline int aid_try_open(struct world *w)
{
    struct kept_options options = aid_options(w);
    return kept_open(&options, &w->kept, &w->err);
}

static inline void aid_open(struct world *w)
{
    if (aid_try_open(w) != 0)
        aid_setup_failed("the store does not open", w->err.text);
}

typedef void aid_visitor(const char *path, bool folder, void *arg);

static inline void aid_walk(const char *path, aid_visitor *visit, void *arg)
{
    DIR *dir = opendir(path);
    if (dir == NULL) {
        visit(path, false, arg);
        return;
    }
    for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        char below[1024];
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        if (snprintf(below, sizeof below, "%s/%s", path, e->d_name) < (int)sizeof below)
            aid_walk(below, visit, arg);
    }
    (void)closedir(dir);
    visit(path, true, arg);
}

static inline void aid_remove_one(const char *path, bool folder, void *arg)
{
    (void)folder;
    (void)arg;
    (void)remove(path);
}

static inline int aid_world(void **state, const char *policy)
{
    static struct world world;
    const char *tmp = getenv("TMPDIR");
    struct world *w = &world;
    *w = (struct world){.now = START};
    *state = w;
    (void)snprintf(w->root, sizeof w->root, "%.90s/kept-clause-XXXXXX", tmp != NULL ? tmp : "/tmp");
    if (mkdtemp(w->root) == NULL)
        aid_setup_failed("no temporary folder", w->root);
    (void)snprintf(w->store, sizeof w->store, "%.127s/store", w->root);
    (void)snprintf(w->keyring, sizeof w->keyring, "%.127s/keyring", w->root);
    (void)snprintf(w->key, sizeof w->key, "%.127s/root.key", w->root);
    struct kept_options options = aid_options(w);
    if (kept_init(&options, &w->err) != 0)
        aid_setup_failed("no store", w->err.text);
    aid_open(w);
    aid_publish(w, policy);
    return 0;
}

static inline int aid_widgets(void **state)
{
    return aid_world(state, "widgets");
}

static inline int aid_smart_home(void **state)
{
    return aid_world(state, "smart-home");
}

static inline int aid_messenger(void **state)
{
    return aid_world(state, "messenger");
}

static inline int aid_wallpaper(void **state)
{
    return aid_world(state, "wallpaper");
}

static inline int aid_media(void **state)
{
    return aid_world(state, "media");
}

static inline int aid_end(void **state)
{
    struct world *w = *state;
    aid_shut(w);
    aid_walk(w->root, aid_remove_one, NULL);
    return 0;
}

/* Only the test named in $KEPT_CLAUSE, if there is one. */
static inline void aid_filter(void)
{
    const char *only = getenv("KEPT_CLAUSE");
    if (only != NULL)
        cmocka_set_test_filter(only);
}

#define CLAUSE_S0(row) cmocka_unit_test_setup_teardown(clause_S0_##row, aid_widgets, aid_end)
#define CLAUSE_S2(row) cmocka_unit_test_setup_teardown(clause_S2_##row, aid_smart_home, aid_end)
#define CLAUSE_S1(row) cmocka_unit_test_setup_teardown(clause_S1_##row, aid_messenger, aid_end)
#define CLAUSE_S3(row) cmocka_unit_test_setup_teardown(clause_S3_##row, aid_wallpaper, aid_end)
#define CLAUSE_S4(row) cmocka_unit_test_setup_teardown(clause_S4_##row, aid_media, aid_end)
#define RUN(tests) (aid_filter(), cmocka_run_group_tests(tests, NULL, NULL))

/* ---- people ---------------------------------------------------------------------------------- */

static inline struct kept_id aid_born(struct world *w, const char *day)
{
    return aid_need(w, ASK(w, SUBJECT_NEW, .birth_date = day, .region = "CN"))->subject;
}

/* A grown-up to whom nothing was said yet. */
static inline struct kept_id aid_stranger(struct world *w)
{
    return aid_born(w, "1990-01-01");
}

static inline void aid_seen(struct world *w, struct kept_id p)
{
    (void)aid_need(w, ASK(w, CONSENT_ACKNOWLEDGE, OF(p)));
}

/* A grown-up who has seen the notice, and no more. */
static inline struct kept_id aid_person(struct world *w)
{
    struct kept_id p = aid_stranger(w);
    aid_seen(w, p);
    return p;
}

static inline const char *aid_shown(struct world *w, struct kept_id p)
{
    return aid_need(w, ASK(w, SUBJECT_SHOW, OF(p)))->json;
}

/* Is a word in what kept shows of a person's context? */
static inline bool aid_shows(struct world *w, struct kept_id p, const char *words)
{
    return strstr(aid_shown(w, p), words) != NULL;
}

/* ---- values, ledger, disk -------------------------------------------------------------------- */

/* Is this the value of the reply's first field? */
static inline bool aid_value(const struct kept_reply *r, const char *value)
{
    return r != NULL && r->field_count > 0 && r->fields[0].value.n == strlen(value) &&
           memcmp(r->fields[0].value.p, value, strlen(value)) == 0;
}

/* The verdict on one of several fields. */
static inline const struct kept_field *aid_field(const struct kept_reply *r, const char *name)
{
    for (size_t i = 0; r != NULL && i < r->field_count; i++)
        if (strcmp(r->fields[i].name, name) == 0)
            return &r->fields[i];
    return NULL;
}

static inline bool aid_field_is(const struct kept_reply *r, const char *name,
                                enum kept_decision decision, enum kept_reason reason)
{
    const struct kept_field *f = aid_field(r, name);
    return f != NULL && f->decision == decision && f->reason == reason;
}

/* How many of a reply's fields were allowed? */
static inline size_t aid_taken(const struct kept_reply *r)
{
    size_t n = 0;
    for (size_t i = 0; r != NULL && i < r->field_count; i++)
        n += r->fields[i].decision == KEPT_ALLOW;
    return n;
}

/* The person's own trail has this reply's entry, with its operation, decision and reason. */
static inline void aid_ledgered(struct world *w, const struct kept_reply *r, const char *row,
                                int line)
{
    char hex[33], want[96];
    if (r == NULL) {
        aid_claim(false, row, line, "no reply, no entry");
        return;
    }
    kept_id_hex(&r->entry, hex);
    (void)snprintf(want, sizeof want, "\"entry\":\"%s\"", hex);
    const struct kept_reply *trail = aid_need(w, ASK(w, TRAIL, OF(r->subject)));
    const char *at = strstr(trail->json, want);
    aid_claim(at != NULL, row, line, "the entry is not in the person's trail");
    const char *end = at == NULL ? NULL : strstr(at, "policy_version");
    (void)snprintf(want, sizeof want, "\"decision\":\"%s\"", aid_word(r->decision));
    const char *decision = at == NULL ? NULL : strstr(at, want);
    aid_claim(decision != NULL && decision < end, row, line, "the entry does not say '%s'",
              aid_word(r->decision));
    (void)snprintf(want, sizeof want, "\"reason\":\"%s\"", kept_reason_name(r->reason));
    const char *reason = at == NULL ? NULL : strstr(at, want);
    aid_claim(r->decision == KEPT_ALLOW || (reason != NULL && reason < end), row, line,
              "the entry does not say why");
}

/* Copy a file of the world: a backup, or putting it back. */
static inline void aid_copy(struct world *w, const char *from, const char *to)
{
    static uint8_t bytes[16 << 20];
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", w->root, from);
    FILE *f = fopen(path, "rb");
    size_t n = f != NULL ? fread(bytes, 1, sizeof bytes, f) : 0;
    if (f == NULL || fclose(f) != 0 || n == 0 || n == sizeof bytes)
        aid_setup_failed("no copy", path);
    (void)snprintf(path, sizeof path, "%s/%s", w->root, to);
    f = fopen(path, "wb");
    if (f == NULL || fwrite(bytes, 1, n, f) != n || fclose(f) != 0)
        aid_setup_failed("no copy", path);
}

struct aid_search {
    const char *text;
    bool found;
};

static inline void aid_search_one(const char *path, bool folder, void *arg)
{
    struct aid_search *s = arg;
    struct stat st;
    if (folder || stat(path, &st) != 0 || st.st_size == 0)
        return;
    char *bytes = calloc(1, (size_t)st.st_size);
    FILE *f = fopen(path, "rb");
    size_t n = f != NULL && bytes != NULL ? fread(bytes, 1, (size_t)st.st_size, f) : 0;
    s->found = s->found || (n > 0 && memmem(bytes, n, s->text, strlen(s->text)) != NULL);
    if (f != NULL)
        (void)fclose(f);
    free(bytes);
}

/* Does any file of store, ledger or keyring hold these bytes? */
static inline bool aid_on_disk(struct world *w, const char *text)
{
    struct aid_search s = {text, false};
    aid_walk(w->root, aid_search_one, &s);
    return s.found;
}

#endif
