/* fuzz_head.c - a person's row: heads as they come; keybox, context and pack of any bytes, sealed under
 * the right keys. What opens is written again, and opens to the same. */
#include "base/mem.h"
#include "fuzz.h"
#include "keys/keys.h"
#include "store/store.h"
#include "subject/subject_int.h"

#define APP 1u
#define KEY KEPT_KEY(APP, 5, 0)

static struct kept_keyring *keyring;
static struct kept_subject_keys *keys, *other_keys;

static void start(void)
{
    char root_path[200], folder[200];
    struct kept_root *root = NULL;
    if (keyring != NULL)
        return;
    fuzz_path(root_path, sizeof root_path, "head.root");
    fuzz_path(folder, sizeof folder, "head.keyring");
    FUZZ_MUST(kept_root_create(root_path, NULL) == 0 && kept_root_load(root_path, &root, NULL) == 0);
    FUZZ_MUST(kept_keyring_create(folder, "widgets", root, 1000, NULL) == 0);
    FUZZ_MUST(kept_keyring_open(folder, "widgets", root, &keyring, NULL) == 0);
    kept_root_free(root);
    keys = kept_secret_new(sizeof *keys);
    other_keys = kept_secret_new(sizeof *other_keys);
    FUZZ_MUST(keys != NULL && other_keys != NULL);
}

/* The AADs that subject.h writes down. */
static struct kept_span box_aad(uint8_t *aad, enum kept_suite suite, const struct kept_id *id)
{
    size_t n = kept_aad_head(aad, suite, APP, id);
    aad[n] = 'K';
    kept_put_be32(aad + n + 1, 1);
    return (struct kept_span){aad, n + 5};
}

static struct kept_span context_aad(uint8_t *aad, enum kept_suite suite, const struct kept_id *id,
                                    uint8_t state, uint64_t version)
{
    size_t n = kept_aad_head(aad, suite, APP, id);
    aad[n] = 'C';
    aad[n + 1] = state;
    kept_put_be64(aad + n + 2, version);
    return (struct kept_span){aad, n + 10};
}

/* A head of these parts, each sealed as it must be. The box: keys of the ordinary class and of the
 * trace first, so that the context has a key; then what the input says. */
static void build(struct kept_buf *out, uint8_t state, uint64_t version, struct kept_span box,
                  struct kept_span context, struct kept_span pack)
{
    enum kept_suite suite = kept_suite_default();
    struct kept_id id = {{0}};
    uint8_t aad[64], sealed[1024];
    struct kept_buf plain;
    for (unsigned i = 0; i < 6; i++)
        id.b[i] = (uint8_t)(KEY >> KEPT_SLOT_BITS >> (8 * (5 - i)));
    kept_buf_init(&plain, 512);
    kept_buf_bytes(&plain, "\0\1", 2);
    kept_buf_bytes(&plain, fuzz_key(), 32);
    kept_buf_u8(&plain, 32);
    kept_buf_bytes(&plain, fuzz_key(), 32);
    kept_buf_bytes(&plain, fuzz_key(), 16);
    size_t over = kept_keyring_wrap_overhead(keyring), room = 512 - over - plain.n;
    kept_buf_bytes(&plain, box.p, box.n < room ? box.n : room);
    FUZZ_MUST(kept_keyring_wrap(keyring, 1, box_aad(aad, suite, &id), kept_buf_span(&plain), sealed) == 0);
    kept_buf_u8(out, 1);
    kept_buf_u8(out, (uint8_t)suite);
    kept_buf_u8(out, state);
    kept_buf_bytes(out, id.b + 6, 10);
    kept_buf_u32(out, 1);
    kept_buf_varint(out, version);
    kept_buf_varint(out, plain.n + over);
    kept_buf_bytes(out, sealed, plain.n + over);
    kept_buf_release(&plain);
    size_t n = context.n + kept_seal_overhead(suite);
    kept_buf_varint(out, n);
    uint8_t *to = kept_buf_room(out, n);
    FUZZ_MUST(to != NULL);
    FUZZ_MUST(kept_seal(suite, fuzz_key(), context_aad(aad, suite, &id, state, version), context, to) == 0);
    kept_buf_bytes(out, pack.p, pack.n);
}

static void encode(const struct kept_subject *s, struct kept_buf *out)
{
    kept_buf_init(out, KEPT_MAX_CONTEXT_BYTES * 4);
    kept_context_encode(s, out);
}

/* Written again it opens again, and says the same. */
static void again(struct kept_subject *s)
{
    struct kept_subject other;
    struct kept_buf body, one, two;
    struct kept_head head;
    kept_buf_init(&body, KEPT_MAX_CONTEXT_BYTES * 4);
    kept_subject_init(&other, other_keys);
    int rc = kept_subject_seal(s, keyring, &body, NULL);
    FUZZ_MUST(rc == 0 || rc == KEPT_E_LIMIT);
    if (rc == 0) {
        FUZZ_MUST(kept_head_decode(KEY, kept_buf_span(&body), &head) == 0);
        FUZZ_MUST(head.state == s->context.state && head.version == s->context.version);
        FUZZ_MUST(kept_subject_open(&other, keyring, APP, KEY, &head, NULL) == 0);
        encode(s, &one);
        encode(&other, &two);
        FUZZ_MUST(one.n == two.n && memcmp(one.p, two.p, one.n) == 0);
        FUZZ_MUST(other.pack.n == s->pack.n &&
                  (s->pack.n == 0 || memcmp(other.pack.p, s->pack.p, s->pack.n) == 0));
        kept_buf_release(&one);
        kept_buf_release(&two);
    }
    kept_subject_release(&other);
    kept_buf_release(&body);
}

/* An erasure leaves the trace key and what a law keeps. */
static void erase(struct kept_subject *s)
{
    kept_subject_erase(s, 5000);
    FUZZ_MUST(s->keys->generation[KEPT_CLASS_ORDINARY] == 0 &&
              s->keys->generation[KEPT_CLASS_SENSITIVE] == 0);
    for (size_t i = 0; i < s->dir_count; i++)
        FUZZ_MUST(s->dir[i].class == KEPT_CLASS_LAW);
    FUZZ_MUST(s->context.consent_count == 0 && s->context.permission_count == 0);
    FUZZ_MUST(s->context.state == KEPT_S_ERASED || s->dir_count > 0);
}

/* As a reader has it, who borrows the pack from the row and looks while it finds. */
static void borrow(const struct kept_head *head)
{
    struct kept_subject s;
    struct kept_span found;
    kept_subject_init(&s, keys);
    s.borrows = true;
    if (kept_subject_open(&s, keyring, APP, KEY, head, NULL) == 0)
        for (uint32_t slot = 0; slot < 300; slot++)
            if (kept_pack_find(&s, slot, &found))
                FUZZ_MUST(found.p >= head->pack.p && found.p + found.n <= head->pack.p + head->pack.n);
    kept_subject_release(&s);
}

static void open_head(struct kept_span body, bool may_erase)
{
    struct kept_subject s;
    struct kept_head head;
    struct kept_err err = {.code = 0};
    int rc = kept_head_decode(KEY, body, &head);
    FUZZ_MUST(rc == 0 || rc == KEPT_E_CORRUPT || rc == KEPT_E_FORMAT);
    if (rc != 0)
        return;
    borrow(&head);
    kept_subject_init(&s, keys);
    rc = kept_subject_open(&s, keyring, APP, KEY, &head, &err);
    if (rc == 0) {
        again(&s);
        if (may_erase) {
            erase(&s);
            again(&s);
        }
    } else {
        fuzz_said(rc, &err, (struct kept_span){NULL, 0});
        FUZZ_MUST(rc == KEPT_E_CORRUPT || rc == KEPT_E_NOTFOUND || rc == KEPT_E_LIMIT);
    }
    kept_subject_release(&s);
}

/* The pack against a list: find, put, drop, keep, and each in turn. */
static void packs(struct fuzz *f)
{
    struct kept_subject s;
    struct { bool there; struct kept_span body; } model[8] = {{false, {NULL, 0}}};
    kept_subject_init(&s, keys);
    FUZZ_MUST(kept_pack_open(&s, (struct kept_span){NULL, 0}) == 0);
    while (f->n > 0) {
        uint8_t what = fuzz_u8(f), slot = what % 8;
        struct kept_span found;
        if (what < 128) {
            struct kept_span body = fuzz_bytes(f, (size_t)fuzz_u8(f) * 2);
            if (kept_pack_put(&s, slot + 1u, body)) {
                FUZZ_MUST(s.pack_own.failed == 0 && body.n <= KEPT_PACK_VALUE);
                model[slot].there = true;
                model[slot].body = body;
            }
        } else if (what < 192) {
            kept_pack_drop(&s, slot + 1u);
            model[slot].there = false;
        } else {
            const struct kept_dir_row keep[2] = {{.slot = slot + 1u}, {.slot = 3}};
            kept_pack_keep(&s, keep, 2);
            for (unsigned i = 0; i < 8; i++)
                model[i].there = model[i].there && (i == slot || i == 2);
        }
        size_t count = 0;
        for (unsigned i = 0; i < 8; i++) {
            bool there = kept_pack_find(&s, i + 1, &found);
            FUZZ_MUST(there == model[i].there);
            FUZZ_MUST(!there || (found.n == model[i].body.n &&
                                 (found.n == 0 || memcmp(found.p, model[i].body.p, found.n) == 0)));
            count += there;
        }
        FUZZ_MUST(kept_pack_count(&s) == count && s.pack.n <= KEPT_PACK_BYTES);
    }
    kept_subject_release(&s);
}

void fuzz_head(const uint8_t *p, size_t n)
{
    struct fuzz f = fuzz_of(p, n);
    struct kept_buf body;
    uint8_t what = fuzz_u8(&f);
    start();
    if (what % 4 == 0) {
        open_head(fuzz_rest(&f), false);
        return;
    }
    if (what % 4 == 1) {
        packs(&f);
        return;
    }
    kept_buf_init(&body, KEPT_MAX_CONTEXT_BYTES * 4);
    uint8_t state = fuzz_u8(&f);
    uint64_t version = fuzz_number(&f);
    struct kept_span box = fuzz_bytes(&f, fuzz_u8(&f)), pack = fuzz_bytes(&f, fuzz_u16(&f) % 1024);
    build(&body, state, version, box, fuzz_rest(&f), pack);
    open_head(kept_buf_span(&body), (what & 4) != 0);
    kept_buf_release(&body);
}

/* A context with something of everything, as kept writes it. */
static void fill(struct kept_subject *s)
{
    FUZZ_MUST(kept_subject_make(s, APP, 5, 1000, NULL) == 0);
    for (uint32_t i = 0; i < 3; i++) {
        const struct kept_consent_row row = {.scope_kind = KEPT_K_FUNCTION, .kind = KEPT_C_SEPARATE,
                                             .state = KEPT_CS_GRANTED, .scope = 77 + i,
                                             .policy_version = 2, .at = 1700000000000, .expires = i};
        const struct kept_permission_row on = {.ref = 9 + i, .on = 1, .at = 3};
        const struct kept_launch_row launch = {.function = 1, .item = 2 + i, .launch = 4};
        FUZZ_MUST(kept_subject_add_consent(s, &row, NULL) == 0);
        FUZZ_MUST(kept_subject_set_permission(s, &on, NULL) == 0);
        FUZZ_MUST(kept_subject_set_launch(s, &launch, NULL) == 0);
        FUZZ_MUST(kept_grow(&s->dir, &s->dir_cap, i + 1, 64, sizeof *s->dir) == 0);
        s->dir[i] = (struct kept_dir_row){.item = 5 + i, .slot = 1 + 3 * i, .version = 1 + i, .class = i};
        s->dir_count = i + 1;
        FUZZ_MUST(kept_pack_put(s, 1 + 3 * i, (struct kept_span){fuzz_key(), 20}));
    }
    FUZZ_MUST(kept_grow(&s->pages, &s->page_cap, 3, 64, sizeof *s->pages) == 0);
    s->pages[1] = (struct kept_dir_page){.version = 4, .rows = 7, .items = 0xff};
    s->pages[2] = (struct kept_dir_page){.version = 1, .rows = 512, .items = 1};
    s->page_count = 3;
    s->next_slot = 1400;
}

void seeds_head(fuzz_give_fn *give)
{
    struct kept_subject s;
    struct kept_buf out, context;
    static const uint8_t pack[] = {1, 40, 1, 2, 3, 4, 2, 4, 9, 9, 7, 6, 130, 200, 65, 3, 1, 1, 1};
    static const char box[] = "\2\1ffffffffffffffffffffffffffffffff\10\1ffffffffffffffffffffffffffffffff";
    start();
    give(pack, sizeof pack);
    kept_subject_init(&s, keys);
    fill(&s);
    kept_buf_init(&out, 1 << 16);
    kept_buf_u8(&out, 0);
    FUZZ_MUST(kept_subject_seal(&s, keyring, &out, NULL) == 0);
    give(out.p, out.n);
    encode(&s, &context);
    for (unsigned what = 2; what < 8; what += 4)
        for (int i = 0; i < 2; i++) {
            kept_buf_clear(&out);
            kept_buf_u8(&out, (uint8_t)what);
            kept_buf_u8(&out, KEPT_S_LIVE);
            kept_buf_u8(&out, 2);
            kept_buf_u8(&out, i == 0 ? 0 : sizeof box - 1);
            kept_buf_bytes(&out, box, i == 0 ? 0 : sizeof box - 1);
            kept_buf_u16(&out, (uint16_t)s.pack.n);
            kept_buf_bytes(&out, s.pack.p, s.pack.n);
            kept_buf_bytes(&out, context.p, context.n);
            give(out.p, out.n);
        }
    kept_buf_release(&context);
    kept_buf_release(&out);
    kept_subject_release(&s);
}
