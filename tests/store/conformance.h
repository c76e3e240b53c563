/* conformance.h - one store for a test, of the engine that the test is run on, and visitors that note. */
#ifndef KEPT_TESTS_STORE_CONFORMANCE_H
#define KEPT_TESTS_STORE_CONFORMANCE_H

#include "store_aid.h"

#define ALL INT64_MAX

/* A row of the group for each engine. */
static char on_sqlite[] = "sqlite", on_memory[] = "memory";
#define EACH_ENGINE(test)                                                                          \
    {#test " (sqlite)", test, NULL, NULL, on_sqlite},                                              \
    {                                                                                              \
        #test " (memory)", test, NULL, NULL, on_memory                                             \
    }

struct fixture {
    char folder[AID_PATH];
    struct kept_memory *memory; /* NULL: SQLite */
    struct kept_store *store;
};

static const struct kept_id id_of_store = {{7, 1, 2, 3}};

static inline struct kept_store_options options_of(const struct fixture *f)
{
    return (struct kept_store_options){.folder = f->folder, .cache_kib = 1024, .memory = f->memory};
}

static inline struct kept_store *reopen(struct fixture *f)
{
    const struct kept_store_options o = options_of(f);
    kept_store_close(f->store);
    must(kept_store_open(&o, &f->store, &err));
    return f->store;
}

/* A folder without a store; state is what EACH_ENGINE gave. */
static inline void before(struct fixture *f, void **state)
{
    memset(f, 0, sizeof *f);
    aid_folder_make(f->folder);
    if (strcmp(*state, on_memory) == 0) {
        f->memory = kept_memory_new();
        assert_non_null(f->memory);
    }
}

/* A new store, open. */
static inline struct kept_store *up(struct fixture *f, void **state)
{
    before(f, state);
    const struct kept_store_options o = options_of(f);
    must(kept_store_create(&o, &id_of_store, &err));
    return reopen(f);
}

static inline void down(struct fixture *f)
{
    kept_store_close(f->store);
    kept_memory_free(f->memory);
    aid_folder_remove(f->folder);
}

/* ---- visitors ----------------------------------------------------------------------------------*/

struct seen {
    size_t count;
    size_t stop_after; /* 0: never */
    uint64_t number[64];
    uint32_t app[64];
    char text[64][32];
};

static inline int note(struct seen *seen, uint64_t number, const void *p, size_t n)
{
    size_t i = seen->count++;
    assert_true(i < 64 && n < 32);
    seen->number[i] = number;
    memcpy(seen->text[i], p, n);
    seen->text[i][n] = 0;
    return seen->count == seen->stop_after ? 77 : 0;
}

/* A walk over a list of keys, the next of which a body may name. */
struct walk {
    struct seen seen;
    const uint64_t *keys;
    size_t count, at;
    uint64_t follow; /* asked for before the rest of the list; 0: none */
};

static inline bool walk_next(void *arg, uint64_t *ret_key)
{
    struct walk *w = arg;
    if (w->follow != 0) {
        *ret_key = w->follow;
        w->follow = 0;
        return true;
    }
    if (w->at == w->count)
        return false;
    *ret_key = w->keys[w->at++];
    return true;
}

static inline int saw_cell(void *arg, struct kept_span body)
{
    struct walk *w = arg;
    if (body.n == 2 && body.p[0] == '>')
        w->follow = body.p[1];
    return note(&w->seen, w->at - 1, body.p, body.n);
}

static inline int saw_key(void *arg, uint64_t key)
{
    return note(arg, key, "", 0);
}

static inline int saw_row(void *arg, uint64_t seq, uint32_t app, uint64_t key, const struct kept_id *id,
                   struct kept_span body)
{
    struct seen *seen = arg;
    assert_int_equal(id->b[0], key);
    seen->app[seen->count] = app;
    return note(seen, seq, body.p, body.n);
}

static inline int saw_app(void *arg, uint32_t app, const char *name)
{
    return note(arg, app, name, strlen(name));
}

static inline int saw_policy(void *arg, uint32_t version, kept_ms effective, kept_ms published,
                      struct kept_span text)
{
    assert_int_equal(effective, (kept_ms)version * 10);
    assert_int_equal(published, (kept_ms)version * 10 + 1);
    return note(arg, version, text.p, text.n);
}

static inline void expect_cell(struct kept_store *store, uint64_t key, const char *text)
{
    struct kept_span body;
    must(kept_cell_get(store, key, &body, &err));
    assert_int_equal(body.n, strlen(text));
    assert_memory_equal(body.p == NULL ? (const void *)"" : body.p, text, body.n);
}

static inline void put_text(struct kept_store *store, uint64_t key, const char *text)
{
    must(kept_cell_put(store, key, aid_text(text), &err));
}

#endif
