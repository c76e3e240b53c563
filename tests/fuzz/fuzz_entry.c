/* fuzz_entry.c - entries of the ledger, as they come, and sealed by kept and then changed: a part opens
 * only when it and the public bytes are what was sealed. What stands in the parts is read, too. */
#include "crypto/crypto.h"
#include "engine/engine_int.h"
#include "fuzz.h"

static uint8_t other_key[32] = "another key that is known to all";

static void read_parts(struct kept_span actor, struct kept_span subject)
{
    struct actor_part a;
    struct subject_part s;
    struct touched t;
    if (kept_actor_decode(actor, &a) == 0) {
        FUZZ_MUST(a.items.n == (size_t)a.item_count * 4 && a.text.n <= KEPT_MAX_TEXT);
        FUZZ_MUST(strnlen(a.actor, KEPT_MAX_NAME + 1) <= KEPT_MAX_NAME);
    }
    if (kept_subject_decode(subject, &s) == 0) {
        uint32_t count = 0;
        while (count < s.item_count && kept_next_touched(&s, &t))
            count++;
        FUZZ_MUST(count <= s.item_count);
    }
}

static void look(struct kept_span bytes)
{
    struct kept_entry e;
    struct kept_buf out;
    uint8_t leaf[32];
    kept_buf_init_secret(&out, KEPT_MAX_ENTRY_BYTES);
    int rc = kept_entry_decode(bytes, &e);
    FUZZ_MUST(rc == 0 || rc == KEPT_E_CORRUPT || rc == KEPT_E_FORMAT);
    if (rc == 0) {
        FUZZ_MUST(e.actor.n == 0 || (e.actor.p >= bytes.p && e.actor.p + e.actor.n <= bytes.p + bytes.n));
        FUZZ_MUST(e.subject.n == 0 || e.subject.p + e.subject.n == bytes.p + bytes.n);
        FUZZ_MUST(e.decision <= KEPT_ALLOW && e.at >= 0);
    }
    int opened = kept_entry_open_actor(bytes, fuzz_key(), &out);
    FUZZ_MUST(opened == rc || (rc == 0 && (opened == KEPT_E_NOTFOUND || opened == KEPT_E_CRYPTO)));
    kept_leaf_hash(bytes, leaf);
    kept_buf_release(&out);
}

/* An entry of kept's own, and its parts. */
static void make(struct fuzz *f, struct kept_span *actor, struct kept_span *subject,
                 struct kept_buf *out)
{
    uint8_t bits = fuzz_u8(f);
    struct kept_entry e = {.id = {{1}}, .at = (kept_ms)(fuzz_u64(f) >> 17), .event = fuzz_u8(f),
                           .decision = bits % 4, .reason = fuzz_u8(f), .actor_kind = (bits >> 2) % 8,
                           .policy_version = (uint32_t)fuzz_number(f),
                           .subject_version = fuzz_number(f), .suite = (uint8_t)(1 + (bits >> 7))};
    *actor = fuzz_bytes(f, fuzz_u16(f));
    *subject = fuzz_bytes(f, fuzz_u16(f));
    read_parts(*actor, *subject);
    int rc = kept_entry_encode(&e, fuzz_key(), *actor, other_key, *subject, out);
    FUZZ_MUST(rc == 0 || rc == KEPT_E_USAGE || rc == KEPT_E_LIMIT);
    FUZZ_MUST((rc == 0) == (out->n > 0));
    struct kept_entry again;
    if (rc != 0)
        return;
    FUZZ_MUST(kept_entry_decode(kept_buf_span(out), &again) == 0);
    FUZZ_MUST(again.at == e.at && again.event == e.event && again.decision == e.decision &&
              again.policy_version == e.policy_version && again.subject_version == e.subject_version);
}

/* Open a part: what comes out is what went in. */
static bool opens(struct kept_span bytes, bool actor, struct kept_span want)
{
    struct kept_buf out;
    kept_buf_init_secret(&out, KEPT_MAX_ENTRY_BYTES);
    int rc = actor ? kept_entry_open_actor(bytes, fuzz_key(), &out)
                   : kept_entry_open_subject(bytes, other_key, &out);
    FUZZ_MUST(rc != 0 || (out.n == want.n && memcmp(out.p, want.p, want.n) == 0));
    FUZZ_MUST(rc == 0 || out.n == 0);
    kept_buf_release(&out);
    return rc == 0;
}

void fuzz_entry(const uint8_t *p, size_t n)
{
    struct fuzz f = fuzz_of(p, n);
    struct kept_span actor, subject;
    struct kept_buf entry, whole;
    uint8_t what = fuzz_u8(&f) % 3;
    if (what == 0) {
        look(fuzz_rest(&f));
        return;
    }
    if (what == 1) {
        read_parts((struct kept_span){f.p, f.n}, (struct kept_span){f.p, f.n});
        return;
    }
    kept_buf_init(&entry, 1 << 18);
    kept_buf_init(&whole, 1 << 18);
    make(&f, &actor, &subject, &entry);
    kept_buf_bytes(&whole, entry.p, entry.n);
    if (entry.n > 0) {
        FUZZ_MUST(opens(kept_buf_span(&entry), true, actor) == (actor.n > 0));
        FUZZ_MUST(opens(kept_buf_span(&entry), false, subject) == (subject.n > 0));
    }
    fuzz_edit(&f, &entry);
    look(kept_buf_span(&entry));
    bool same = entry.n == whole.n && (whole.n == 0 || memcmp(entry.p, whole.p, whole.n) == 0);
    bool a = opens(kept_buf_span(&entry), true, actor), s = opens(kept_buf_span(&entry), false, subject);
    FUZZ_MUST(same || !(a && s));
    kept_buf_release(&entry);
    kept_buf_release(&whole);
}

void seeds_entry(fuzz_give_fn *give)
{
    static const uint8_t actor[] = {1, 31, 3, 'j', 'o', 'e', 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 5, 1, 1, 9, 9, 9, 9, 2, 'n', 'o'};
    static const uint8_t subject[] = {1, 15, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
                                      0, 0, 0, 7, 2, 0, 0, 0, 9, 3, 1, 1, 8, 8, 8, 8, 0x82, 4, 1};
    uint8_t seed[200] = {1};
    struct kept_buf raw;
    memcpy(seed + 1, actor, sizeof actor);
    give(seed, 1 + sizeof actor);
    memcpy(seed + 1, subject, sizeof subject);
    give(seed, 1 + sizeof subject);
    for (uint8_t suite = 0; suite < 2; suite++) {
        struct kept_entry e = {.id = {{1, 2, 3}}, .at = 1234567, .event = 7, .decision = 2,
                               .actor_kind = 2, .policy_version = 300, .subject_version = 5,
                               .suite = (uint8_t)(1 + suite)};
        kept_buf_init(&raw, 4096);
        kept_buf_u8(&raw, 0);
        FUZZ_MUST(kept_entry_encode(&e, fuzz_key(), (struct kept_span){actor, sizeof actor}, other_key,
                                    (struct kept_span){subject, sizeof subject}, &raw) == 0);
        give(raw.p, raw.n);
        kept_buf_release(&raw);
        size_t at = 0; /* as make() takes it */
        memset(seed, 0, sizeof seed);
        seed[at++] = 2;
        seed[at++] = (uint8_t)(suite << 7 | 2 << 2 | 2);
        at += 8;
        seed[at++] = 7;
        seed[at++] = 0;
        seed[at++] = 2;
        seed[at++] = 3;
        seed[at + 1] = sizeof actor;
        at += 2;
        memcpy(seed + at, actor, sizeof actor);
        at += sizeof actor;
        seed[at + 1] = sizeof subject;
        at += 2;
        memcpy(seed + at, subject, sizeof subject);
        at += sizeof subject;
        give(seed, at);
        memcpy(seed + at, "\3\0\30\1\1", 5);
        give(seed, at + 5);
    }
}
