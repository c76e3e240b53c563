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

/* ---- behind kept's back ---- */

static sqlite3 *raw(struct world *w)
{
    char path[WORLD_PATH];
    sqlite3 *db = NULL;
    world_join(path, w->store, "store.db");
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    (void)sqlite3_busy_timeout(db, 2000);
    return db;
}

static void must_be(sqlite3 *db, int code, int want)
{
    if (code != want)
        fail_msg("sql: %s", sqlite3_errmsg(db));
}

#define TEXT(text, format)                                                                         \
    char text[1024];                                                                               \
    va_list args;                                                                                  \
    va_start(args, format);                                                                        \
    assert_in_range(vsnprintf(text, sizeof text, format, args), 1, sizeof text - 1);               \
    va_end(args)

void world_sql(struct world *w, const char *format, ...)
{
    TEXT(text, format);
    sqlite3 *db = raw(w);
    must_be(db, sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
    (void)sqlite3_close(db);
}

int64_t world_sql_number(struct world *w, const char *format, ...)
{
    TEXT(text, format);
    sqlite3 *db = raw(w);
    sqlite3_stmt *stmt = NULL;
    must_be(db, sqlite3_prepare_v2(db, text, -1, &stmt, NULL), SQLITE_OK);
    int64_t n = sqlite3_step(stmt) == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : -1;
    (void)sqlite3_finalize(stmt);
    (void)sqlite3_close(db);
    return n;
}

void world_blobs(struct world *w, struct world_blobs *out, const char *format, ...)
{
    TEXT(text, format);
    sqlite3 *db = raw(w);
    sqlite3_stmt *stmt = NULL;
    must_be(db, sqlite3_prepare_v2(db, text, -1, &stmt, NULL), SQLITE_OK);
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        struct world_blob *rows = realloc(out->rows, (out->count + 1) * sizeof *rows);
        assert_non_null(rows);
        out->rows = rows;
        struct world_blob *b = &rows[out->count++];
        b->n = (size_t)sqlite3_column_bytes(stmt, 0);
        b->p = malloc(b->n + 1);
        assert_non_null(b->p);
        if (b->n != 0)
            memcpy(b->p, sqlite3_column_blob(stmt, 0), b->n);
        b->key = (uint64_t)sqlite3_column_int64(stmt, 1);
        b->number = (uint32_t)sqlite3_column_int64(stmt, 2);
    }
    (void)sqlite3_finalize(stmt);
    (void)sqlite3_close(db);
}

void world_blobs_free(struct world_blobs *blobs)
{
    for (size_t i = 0; i < blobs->count; i++)
        free(blobs->rows[i].p);
    free(blobs->rows);
    *blobs = (struct world_blobs){NULL, 0};
}

void world_put_cell(struct world *w, uint64_t key, const uint8_t *p, size_t n)
{
    sqlite3 *db = raw(w);
    sqlite3_stmt *stmt = NULL;
    must_be(db, sqlite3_prepare_v2(db, "REPLACE INTO cell(key, body) VALUES(?1, ?2)", -1, &stmt,
                                   NULL),
            SQLITE_OK);
    (void)sqlite3_bind_int64(stmt, 1, (sqlite3_int64)key);
    (void)sqlite3_bind_blob(stmt, 2, p, (int)n, SQLITE_STATIC);
    must_be(db, sqlite3_step(stmt), SQLITE_DONE);
    (void)sqlite3_finalize(stmt);
    (void)sqlite3_close(db);
}

/* Everything in a folder, files before it: visit(path, a folder?). */
static void each(const char *path, void (*visit)(void *arg, const char *path, bool folder),
                 void *arg)
{
    struct stat st;
    if (lstat(path, &st) != 0)
        return;
    if (!S_ISDIR(st.st_mode)) {
        visit(arg, path, false);
        return;
    }
    DIR *dir = opendir(path);
    assert_non_null(dir);
    for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        char inner[WORLD_PATH];
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        world_join(inner, path, e->d_name);
        each(inner, visit, arg);
    }
    (void)closedir(dir);
    visit(arg, path, true);
}

static uint8_t *whole(const char *path, size_t *ret_n)
{
    struct stat st;
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &st), 0);
    uint8_t *p = malloc((size_t)st.st_size + 1);
    assert_non_null(p);
    ssize_t n = read(fd, p, (size_t)st.st_size);
    assert_true(n >= 0);
    *ret_n = (size_t)n;
    (void)close(fd);
    return p;
}

struct hunt {
    const void *p;
    size_t n, found;
};

static void hunt_in(void *arg, const char *path, bool folder)
{
    struct hunt *h = arg;
    size_t n = 0;
    if (folder)
        return;
    uint8_t *p = whole(path, &n);
    h->found += memmem(p, n, h->p, h->n) != NULL;
    free(p);
}

size_t world_files_with(struct world *w, const void *p, size_t n)
{
    struct hunt h = {p, n, 0};
    each(w->store, hunt_in, &h);
    each(w->keyring, hunt_in, &h);
    each(w->root, hunt_in, &h);
    return h.found;
}

static void remove_one(void *arg, const char *path, bool folder)
{
    (void)arg;
    assert_int_equal(folder ? rmdir(path) : unlink(path), 0);
}

void world_remove(const char *path)
{
    each(path, remove_one, NULL);
}

void world_copy(const char *from, const char *to)
{
    DIR *dir = opendir(from);
    assert_non_null(dir);
    assert_int_equal(mkdir(to, 0700), 0);
    for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        char source[WORLD_PATH], target[WORLD_PATH];
        struct stat st;
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        world_join(source, from, e->d_name);
        world_join(target, to, e->d_name);
        assert_int_equal(lstat(source, &st), 0);
        if (S_ISDIR(st.st_mode)) {
            world_copy(source, target);
            continue;
        }
        size_t n = 0;
        uint8_t *p = whole(source, &n);
        int fd = open(target, O_WRONLY | O_CREAT | O_EXCL, 0600);
        assert_true(fd >= 0);
        assert_int_equal(write(fd, p, n), (ssize_t)n);
        (void)close(fd);
        free(p);
    }
    (void)closedir(dir);
}

/* ---- keys and restores ----------------------------------------------------------------------- */

size_t world_audit_has(struct world *w, const char *words)
{
    struct kept_reply *reply = ASK(w, .op = KEPT_OP_AUDIT, .role = "officer");
    size_t n = world_json_count(reply, words);
    kept_reply_free(reply);
    return n;
}

bool world_has_key(struct world *w, const char *name)
{
    char folder[WORLD_PATH], path[WORLD_PATH];
    world_join(folder, w->keyring, "shop");
    world_join(path, folder, name);
    return access(path, F_OK) == 0;
}

void world_tick_says(struct world *w, const char *words)
{
    struct kept_reply *reply = ASK(w, .op = KEPT_OP_TICK);
    if (!world_json_has(reply, words))
        fail_msg("%s is not in %s", words, reply->json);
    kept_reply_free(reply);
}

void world_check(struct world *w)
{
    struct kept_buf json;
    uint64_t problems = 0;
    kept_buf_init(&json, 1 << 20);
    if (kept_admin_check(w->kept, &json, &problems, &w->err) != 0)
        fail_msg("check: %s", w->err.text);
    if (problems != 0)
        fail_msg("%s", (const char *)json.p);
    kept_buf_release(&json);
}

void world_save(struct world *w, const char *name)
{
    char copy[WORLD_PATH];
    world_beside(w, copy, name);
    world_close(w);
    world_copy(w->store, copy);
    world_open(w);
}

void world_put_back(struct world *w, const char *name)
{
    char copy[WORLD_PATH], ledger[WORLD_PATH], old[WORLD_PATH];
    world_close(w);
    world_beside(w, copy, name);
    world_join(ledger, w->store, "ledger"); /* the ledger of today */
    world_join(old, copy, "ledger");
    world_remove(old);
    world_copy(ledger, old);
    world_remove(w->store);
    world_copy(copy, w->store);
    world_open(w);
}
