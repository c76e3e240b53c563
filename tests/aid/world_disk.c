/* world_disk.c - the tests' shop seen from outside: rows, files, restores, and what a check of all of it says. */
#include "world.h"

#include "disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/admin.h"

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

uint64_t world_problems(struct world *w)
{
    struct kept_buf json;
    uint64_t problems = 0;
    kept_buf_init(&json, 1 << 20);
    if (kept_admin_check(w->kept, &json, &problems, &w->err) != 0)
        fail_msg("check: %s", w->err.text);
    if (problems != 0)
        print_message("%.*s\n", (int)json.n, (const char *)json.p);
    kept_buf_release(&json);
    return problems;
}

void world_check(struct world *w)
{
    assert_int_equal(world_problems(w), 0);
}

bool world_shows(struct world *w, struct kept_id id, const char *words)
{
    struct kept_reply *reply = ASK(w, .op = KEPT_OP_SUBJECT_SHOW, .subject = id);
    bool has = world_json_has(reply, words);
    kept_reply_free(reply);
    return has;
}

void world_put_many(struct world *w, struct kept_id id, const char *function, const char *item, unsigned count)
{
    enum { AT_ONCE = 2000 };
    struct kept_field *fields = calloc(AT_ONCE, sizeof *fields);
    assert_non_null(fields);
    for (unsigned at = 0; at < count; at += AT_ONCE) {
        unsigned n = count - at < AT_ONCE ? count - at : AT_ONCE;
        for (unsigned i = 0; i < n; i++)
            fields[i] = world_field(item, "one of many");
        ALLOWS(w, .op = KEPT_OP_COLLECT, .subject = id, .function = function, .fields = fields,
               .field_count = n);
    }
    free(fields);
}

int world_call_failing(struct world *w, const struct kept_request *request, struct world_failure f, bool *ret_over)
{
    struct kept_reply *reply = NULL;
    world_reopen(w);
    disk_fail(w->dir, f.changes, f.n, EIO, f.lasting);
    int rc = kept_call(w->kept, request, &reply, &w->err);
    *ret_over = disk_failed() == 0;
    disk_fail_off();
    kept_reply_free(reply);
    reply = NULL;
    if (rc != 0 && rc != KEPT_E_IO && rc != KEPT_E_UNSETTLED)
        fail_msg("change %ld: %d %s", f.n, rc, w->err.text);
    if (rc == 0 || !f.again || kept_call(w->kept, request, &reply, &w->err) != 0)
        world_reopen(w);
    kept_reply_free(reply);
    return rc;
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
