/* fuzz_caller.c - callers: bytes inside a seal, sealed bytes, and the words that make one. What is read is as it was written. */
#include "base/mem.h"
#include "caller/caller.h"
#include "crypto/crypto.h"
#include "fuzz.h"

static const struct kept_id id = {{1, 2, 3}};

/* What was decoded comes back byte by byte, sealed or not. */
static void round_trip(const struct kept_caller_row *row, struct kept_span plain)
{
    struct kept_caller_row again = {.version = 0};
    struct kept_buf own, sealed;
    kept_buf_init(&own, 1u << 16);
    kept_buf_init(&sealed, 1u << 16);
    kept_caller_encode(row, &own);
    FUZZ_MUST(own.failed == 0 && own.n == plain.n && memcmp(own.p, plain.p, plain.n) == 0);
    FUZZ_MUST(kept_caller_seal(fuzz_key(), "shop", row, &sealed) == 0);
    FUZZ_MUST(kept_caller_open(fuzz_key(), "shop", &row->id, kept_buf_span(&sealed), &again) == 0);
    FUZZ_MUST(again.state == row->state && strcmp(again.name, row->name) == 0 && again.operations == row->operations);
    kept_caller_release(&again);
    FUZZ_MUST(kept_caller_open(fuzz_key(), "club", &row->id, kept_buf_span(&sealed), &again) == KEPT_E_CRYPTO);
    kept_buf_release(&own);
    kept_buf_release(&sealed);
}

static void inside(struct kept_span plain)
{
    struct kept_caller_row row = {.version = 1};
    int rc = kept_caller_decode(plain, &row);
    FUZZ_MUST(rc == 0 || rc == KEPT_E_CORRUPT || rc == KEPT_E_FORMAT);
    if (rc != 0)
        return;
    row.id = id;
    row.version = 1;
    for (const char *one = kept_caller_first(&row.roles); one != NULL; one = kept_caller_next(&row.roles, one))
        FUZZ_MUST(kept_caller_lists(&row.roles, one));
    round_trip(&row, plain);
    for (unsigned op = 0; op <= KEPT_OP_COUNT; op++) {
        struct kept_request r = {.op = (enum kept_op)op};
        char actor[KEPT_CALLER_ACTOR];
        FUZZ_MUST(kept_caller_fill(&row, &r, actor, NULL) == 0);
        if (kept_caller_may(&row, &r))
            FUZZ_MUST(op != 0 && op != KEPT_OP_COUNT);
    }
    kept_caller_release(&row);
}

static char *text(struct fuzz *f)
{
    struct kept_span bytes = fuzz_bytes(f, fuzz_u8(f));
    return kept_strndup(bytes.n > 0 ? (const char *)bytes.p : "", bytes.n);
}

/* Five texts: whatever they say, a caller of them is one that can be stored. */
static void words(struct fuzz *f)
{
    char *t[5];
    struct kept_err err = {0};
    struct kept_caller_row row = {.version = 0};
    struct kept_buf plain;
    for (size_t i = 0; i < 5; i++)
        t[i] = text(f);
    const struct kept_caller from = {.name = t[0], .roles = t[1], .operations = t[2], .functions = t[3], .purposes = t[4]};
    int rc = kept_caller_read(&from, &row, &err);
    FUZZ_MUST(rc == 0 || ((rc == KEPT_E_USAGE || rc == KEPT_E_LIMIT) && err.text[0] != 0));
    if (rc == 0) {
        kept_buf_init(&plain, 1u << 16);
        row.state = KEPT_CALLER_LIVE;
        kept_caller_encode(&row, &plain);
        inside(kept_buf_span(&plain));
        kept_buf_release(&plain);
        kept_caller_release(&row);
    }
    for (size_t i = 0; i < 5; i++)
        kept_free(t[i]);
}

void fuzz_caller(const uint8_t *p, size_t n)
{
    struct fuzz f = fuzz_of(p, n);
    struct kept_caller_row row = {.version = 0};
    unsigned what = fuzz_u8(&f) % 3;
    if (what == 0) {
        inside(fuzz_rest(&f));
    } else if (what == 1) {
        words(&f);
    } else { /* nobody opens what was not sealed */
        struct kept_span body = fuzz_rest(&f);
        FUZZ_MUST(kept_caller_open(fuzz_key(), "shop", &id, body, &row) != 0);
    }
}

void seeds_caller(fuzz_give_fn *give)
{
    static const struct kept_caller callers[] = {
        {.name = "backend"}, {.name = "desk", .roles = "app,support", .functions = "notes,account", .purposes = "service"},
        {.name = "manager", .operations = "caller.list,caller.revoke"}};
    for (size_t i = 0; i < sizeof callers / sizeof callers[0]; i++) {
        struct kept_caller_row row = {.version = 0};
        struct kept_buf out;
        kept_buf_init(&out, 1u << 16);
        kept_buf_u8(&out, 0);
        if (kept_caller_read(&callers[i], &row, NULL) == 0) {
            row.state = KEPT_CALLER_LIVE;
            row.expires = 1767600000000;
            kept_caller_encode(&row, &out);
            give(out.p, out.n);
            kept_caller_release(&row);
        }
        kept_buf_release(&out);
    }
    give("\1\7backend\3app\0\0\0", 15);
    give("\2\2\0\0\0\1 and some bytes that are no seal of ours at all", 50);
}
