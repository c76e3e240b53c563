/* world.c - the tests' shop. */
#include "world.h"

#include <dirent.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/admin.h"

static kept_ms read_clock(void *arg)
{
    return ((struct world *)arg)->now;
}

void world_join(char out[WORLD_PATH], const char *folder, const char *name)
{
    int n = snprintf(out, WORLD_PATH, "%s/%s", folder, name);
    assert_in_range(n, 1, WORLD_PATH - 1);
}

void world_beside(struct world *w, char out[WORLD_PATH], const char *name)
{
    world_join(out, w->dir, name);
}

struct kept_options world_options(struct world *w)
{
    return (struct kept_options){.store = w->store,
                                 .keyring = w->keyring,
                                 .root_key = w->root,
                                 .clock = {read_clock, w},
                                 .cache_kib = 2048,
                                 .memory = w->memory};
}

int world_try_open(struct world *w)
{
    const struct kept_options o = world_options(w);
    memset(&w->err, 0, sizeof w->err);
    int rc = kept_open(&o, &w->kept, &w->err);
    if (rc != 0) {
        assert_null(w->kept);
        assert_int_equal(w->err.code, rc);
        assert_true(w->err.text[0] != 0);
    }
    return rc;
}

void world_open(struct world *w)
{
    if (world_try_open(w) != 0)
        fail_msg("open: %d %s", w->err.code, w->err.text);
}

void world_close(struct world *w)
{
    kept_close(w->kept);
    w->kept = NULL;
}

void world_reopen(struct world *w)
{
    world_close(w);
    world_open(w);
}

static void up(struct world *w, struct kept_memory *memory)
{
    const char *base = getenv("TMPDIR");
    memset(w, 0, sizeof *w);
    w->memory = memory;
    if (base == NULL) /* nothing here needs to survive: syncs may be cheap */
        base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    int n = snprintf(w->dir, sizeof w->dir, "%s/kept-world-XXXXXX", base);
    assert_in_range(n, 1, WORLD_PATH - 1);
    assert_non_null(mkdtemp(w->dir));
    world_join(w->store, w->dir, "store");
    world_join(w->keyring, w->dir, "keyring");
    world_join(w->root, w->dir, "root.key");
    w->now = WORLD_T0;
    w->app = "shop";
    const struct kept_options o = world_options(w);
    if (kept_init(&o, &w->err) != 0)
        fail_msg("init: %s", w->err.text);
    world_open(w);
}

void world_up(struct world *w)
{
    up(w, NULL);
}

void world_up_in_memory(struct world *w)
{
    struct kept_memory *memory = kept_memory_new();
    assert_non_null(memory);
    up(w, memory);
}

void world_shop(struct world *w)
{
    world_up(w);
    world_publish(w, "shop", 1);
}

void world_down(struct world *w)
{
    world_close(w);
    kept_memory_free(w->memory);
    world_remove(w->dir);
}

/* ---- the policy ---- */

char *world_load(const char *name)
{
    char path[WORLD_PATH];
    FILE *f = fopen(name, "rb");
    if (f == NULL) { /* from build/VARIANT/tests/ROOM, when the tests are not run in the project */
        ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
        assert_in_range(n, 1, WORLD_PATH - 1);
        path[n] = 0;
        char *build = strstr(path, "/build/");
        assert_non_null(build);
        (void)snprintf(build, sizeof path - (size_t)(build - path), "/%s", name);
        f = fopen(path, "rb");
    }
    assert_non_null(f);
    char *text = calloc(1, 1 << 18);
    assert_non_null(text);
    assert_true(fread(text, 1, (1 << 18) - 1, f) > 0);
    (void)fclose(f);
    return text;
}

/* text with its first from replaced; text is freed. */
static char *replace(char *text, const char *from, const char *to)
{
    char *at = strstr(text, from);
    assert_non_null(at);
    size_t n = strlen(text) + strlen(to) + 1;
    char *out = calloc(1, n);
    assert_non_null(out);
    (void)snprintf(out, n, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    free(text);
    return out;
}

char *world_policy(const char *app, unsigned version, const char *from, const char *to)
{
    char line[80];
    char *text = world_load("tests/engine/shop.yaml");
    (void)snprintf(line, sizeof line, "\napp: %s\n", app);
    text = replace(text, "\napp: shop\n", line);
    (void)snprintf(line, sizeof line, "\nversion: %u\n", version);
    text = replace(text, "\nversion: 1\n", line);
    return from == NULL ? text : replace(text, from, to);
}

void world_publish(struct world *w, const char *app, unsigned version)
{
    char *text = world_policy(app, version, NULL, NULL);
    ALLOWS(w, .op = KEPT_OP_POLICY_PUBLISH, .text = text);
    free(text);
}

/* ---- questions ---- */

static struct kept_request with_app(const struct world *w, const struct kept_request *request)
{
    struct kept_request r = *request;
    if (r.app == NULL)
        r.app = w->app;
    return r;
}

struct kept_reply *world_ask(struct world *w, const struct kept_request *request)
{
    struct kept_reply *reply = NULL;
    const struct kept_request r = with_app(w, request);
    int rc = kept_call(w->kept, &r, &reply, &w->err);
    if (rc != 0)
        fail_msg("%s: %d %s", kept_op_name(r.op), rc, w->err.text);
    assert_non_null(reply);
    return reply;
}

void world_fails(struct world *w, int code, const struct kept_request *request)
{
    struct kept_reply *reply = NULL;
    const struct kept_request r = with_app(w, request);
    memset(&w->err, 0, sizeof w->err);
    int rc = kept_call(w->kept, &r, &reply, &w->err);
    if (rc != code)
        fail_msg("%s: %d %s, not %d", kept_op_name(r.op), rc, w->err.text, code);
    assert_null(reply);
    assert_int_equal(w->err.code, code);
    assert_true(w->err.text[0] != 0);
}

void world_says(struct world *w, enum kept_decision decision, enum kept_reason reason,
                const char *file, int line, const struct kept_request *request)
{
    struct kept_reply *reply = world_ask(w, request);
    if (reply->decision != decision || reply->reason != reason)
        fail_msg("%s:%d: %s: %d %s", file, line, kept_op_name(request->op), (int)reply->decision,
                 kept_reason_name(reply->reason));
    kept_reply_free(reply);
}

bool world_json_has(const struct kept_reply *reply, const char *words)
{
    return reply->json != NULL && strstr(reply->json, words) != NULL;
}

size_t world_json_count(const struct kept_reply *reply, const char *words)
{
    size_t n = 0;
    for (const char *at = reply->json; at != NULL && (at = strstr(at, words)) != NULL; at++)
        n++;
    return n;
}

struct kept_span world_text(const char *text)
{
    return (struct kept_span){(const uint8_t *)text, strlen(text)};
}

struct kept_field world_field(const char *item, const char *value)
{
    return (struct kept_field){.name = item, .value = world_text(value)};
}

void world_agree(struct world *w, struct kept_id id, const char *function,
                 enum kept_consent_kind kind)
{
    ALLOWS(w, .op = KEPT_OP_CONSENT_GRANT, .subject = id, .function = function, .consent = kind);
}

struct kept_id world_person(struct world *w)
{
    struct kept_reply *reply = ASK(w, .op = KEPT_OP_SUBJECT_NEW);
    struct kept_id id = reply->subject;
    kept_reply_free(reply);
    ALLOWS(w, .op = KEPT_OP_CONSENT_ACKNOWLEDGE, .subject = id);
    world_agree(w, id, "account", KEPT_C_EXPLICIT);
    world_agree(w, id, "notes", KEPT_C_EXPLICIT);
    return id;
}

void world_put_bytes(struct world *w, struct kept_id id, const char *function, const char *item,
                     struct kept_span value)
{
    const struct kept_field field = {.name = item, .value = value};
    struct kept_reply *reply = ASK(w, .op = KEPT_OP_COLLECT, .subject = id, .function = function,
                                   .fields = &field, .field_count = 1);
    if (reply->decision != KEPT_ALLOW)
        fail_msg("%s is not taken: %s", item, kept_reason_name(reply->reason));
    assert_int_equal(reply->field_count, 1);
    kept_reply_free(reply);
}

void world_put(struct world *w, struct kept_id id, const char *function, const char *item,
               const char *value)
{
    world_put_bytes(w, id, function, item, world_text(value));
}

uint32_t world_cram(struct world *w, struct kept_id id)
{
    static const size_t sizes[] = {400, 100, 30, 8, 2, 1};
    static char text[401];
    long long key = (long long)world_key(id);
    uint32_t count = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        int64_t before = world_sql_number(w, "SELECT count(*) FROM cell WHERE key BETWEEN %lld AND %lld",
                                          key, key | 0xfffff), now = before;
        memset(text, 'c', sizes[i]);
        text[sizes[i]] = 0;
        for (; now == before; count++) {
            world_put(w, id, "notes", "scrap", text);
            now = world_sql_number(w, "SELECT count(*) FROM cell WHERE key BETWEEN %lld AND %lld", key,
                                   key | 0xfffff);
        }
    }
    return count;
}

void world_reads(struct world *w, struct kept_id id, const char *item, const char *purpose,
                 const char *text, const char *file, int line)
{
    const struct kept_field field = {.name = item};
    struct kept_reply *reply = ASK(w, .op = KEPT_OP_USE, .subject = id, .purpose = purpose,
                                   .fields = &field, .field_count = 1);
    if (reply->decision != KEPT_ALLOW || reply->field_count == 0)
        fail_msg("%s:%d: %s is not given: %s", file, line, item, kept_reason_name(reply->reason));
    const struct kept_span *v = &reply->fields[0].value;
    if (v->n != strlen(text) || memcmp(v->p, text, v->n) != 0)
        fail_msg("%s:%d: %s is another value", file, line, item);
    kept_reply_free(reply);
}

void world_hides(struct world *w, struct kept_id id, const char *item, const char *purpose,
                 enum kept_reason reason, const char *file, int line)
{
    const struct kept_field field = {.name = item};
    struct kept_reply *reply = ASK(w, .op = KEPT_OP_USE, .subject = id, .purpose = purpose,
                                   .fields = &field, .field_count = 1);
    if (reply->decision != KEPT_DENY || reply->reason != reason)
        fail_msg("%s:%d: %s: %d %s", file, line, item, (int)reply->decision,
                 kept_reason_name(reply->reason));
    for (size_t i = 0; i < reply->field_count; i++)
        assert_int_equal(reply->fields[i].value.n, 0);
    kept_reply_free(reply);
}

int world_read_error(struct world *w, struct kept_id id, const char *item, const char *purpose)
{
    const struct kept_field field = {.name = item};
    const struct kept_request r = {.op = KEPT_OP_USE, .app = w->app, .subject = id,
                                   .purpose = purpose, .fields = &field, .field_count = 1};
    struct kept_reply *reply = NULL;
    memset(&w->err, 0, sizeof w->err);
    int rc = kept_call(w->kept, &r, &reply, &w->err);
    kept_reply_free(reply);
    return rc;
}

uint64_t world_key(struct kept_id id)
{
    uint64_t place = 0;
    for (unsigned i = 0; i < 6; i++)
        place = place << 8 | id.b[i];
    return place << 20;
}

uint64_t world_number(struct world *w, const char *name)
{
    char words[80];
    struct kept_reply *reply = ASK(w, .op = KEPT_OP_STAT);
    (void)snprintf(words, sizeof words, "\"%s\":", name);
    const char *at = strstr(reply->json, words);
    assert_non_null(at);
    uint64_t n = strtoull(at + strlen(words), NULL, 10);
    kept_reply_free(reply);
    return n;
}
