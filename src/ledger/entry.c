/* entry.c - canonical bytes of an entry: a public part, and two sealed parts with key commitments.
 *
 * AES-GCM and ChaCha20-Poly1305 do not commit to their key: one ciphertext can be made to open under
 * two keys. The commitment says which key it is without telling anything of it, so that a sealed part
 * means one thing only; it also lets a key's holder find own entries without trial decryption. */
#include <string.h>

#include "base/id.h"
#include "crypto/crypto.h"
#include "ledger/ledger_int.h"

#define ENTRY_VERSION 1u
#define COMMIT_BYTES 16u
#define MAX_AT (((kept_ms)1 << 48) - 1)
#define PART_ACTOR 1u
#define PART_SUBJECT 2u
#define MAX_PUBLIC 64u /* the public bytes are 42 at most */

static void commitment(const uint8_t *key, const struct kept_id *id, uint8_t ret_commit[16])
{
    static const char label[] = "commit"; /* all three fit in one block of SHA-256 */
    uint8_t hash[32];
    const struct kept_span parts[] = {
        {(const uint8_t *)label, sizeof label - 1}, {key, KEPT_KEY_BYTES}, {id->b, sizeof id->b}};
    kept_sha256_parts(parts, 3, hash);
    memcpy(ret_commit, hash, COMMIT_BYTES);
}

/* The id is random and never used twice; the part number keeps two parts apart should one key ever
 * seal both. */
static void part_nonce(const struct kept_id *id, uint8_t part, uint8_t ret_nonce[24])
{
    memset(ret_nonce, 0, 24);
    memcpy(ret_nonce, id->b, sizeof id->b);
    ret_nonce[11] ^= part;
}

static size_t part_aad(struct kept_span open_bytes, uint8_t part, uint8_t ret_aad[MAX_PUBLIC + 1])
{
    memcpy(ret_aad, open_bytes.p, open_bytes.n);
    ret_aad[open_bytes.n] = part;
    return open_bytes.n + 1;
}

static int put_part(const struct kept_entry *entry, const uint8_t *key, struct kept_span plain,
                    uint8_t part, struct kept_span open_bytes, struct kept_buf *out)
{
    uint8_t nonce[24], commit[COMMIT_BYTES], aad[MAX_PUBLIC + 1];
    if (plain.n == 0) {
        kept_buf_varint(out, 0);
        return out->failed;
    }
    if (plain.n > KEPT_MAX_ENTRY_BYTES)
        return KEPT_E_LIMIT;
    size_t aad_n = part_aad(open_bytes, part, aad);
    commitment(key, &entry->id, commit);
    part_nonce(&entry->id, part, nonce);
    kept_buf_varint(out, plain.n + KEPT_TAG_BYTES);
    kept_buf_bytes(out, commit, sizeof commit);
    uint8_t *sealed = kept_buf_room(out, plain.n + KEPT_TAG_BYTES);
    if (sealed == NULL)
        return out->failed;
    return kept_seal_nonce((enum kept_suite)entry->suite, key, nonce,
                           (struct kept_span){aad, aad_n}, plain, sealed);
}

static void put_public(const struct kept_entry *entry, struct kept_buf *out)
{
    kept_buf_u8(out, ENTRY_VERSION);
    kept_buf_id(out, &entry->id);
    kept_buf_u16(out, (uint16_t)(entry->at >> 32));
    kept_buf_u32(out, (uint32_t)entry->at);
    kept_buf_u8(out, entry->event);
    kept_buf_u8(out, entry->decision);
    kept_buf_u8(out, entry->reason);
    kept_buf_u8(out, entry->actor_kind);
    kept_buf_varint(out, entry->policy_version);
    kept_buf_varint(out, entry->subject_version);
    kept_buf_u8(out, entry->suite);
}

int kept_entry_encode(const struct kept_entry *entry, const uint8_t *actor_key,
                      struct kept_span actor, const uint8_t *subject_key, struct kept_span subject,
                      struct kept_buf *out)
{
    uint8_t open_bytes[MAX_PUBLIC];
    size_t start = out->n;
    if (out->failed != 0)
        return out->failed;
    if (entry->at < 0 || entry->at > MAX_AT || kept_id_is_zero(&entry->id) ||
        entry->decision > KEPT_ALLOW || entry->actor_kind > KEPT_ACTOR_ENGINE ||
        kept_seal_overhead((enum kept_suite)entry->suite) == 0 ||
        (actor.n != 0 && actor_key == NULL) || (subject.n != 0 && subject_key == NULL))
        return KEPT_E_USAGE;
    put_public(entry, out);
    int rc = out->failed;
    size_t open_n = out->n - start;
    KEPT_INVARIANT(open_n <= sizeof open_bytes);
    if (open_n != 0)
        memcpy(open_bytes, out->p + start, open_n); /* out moves while it grows */
    const struct kept_span bytes = {open_bytes, open_n};
    if (rc == 0)
        rc = put_part(entry, actor_key, actor, PART_ACTOR, bytes, out);
    if (rc == 0)
        rc = put_part(entry, subject_key, subject, PART_SUBJECT, bytes, out);
    if (rc == 0 && out->n - start > KEPT_MAX_ENTRY_BYTES)
        rc = KEPT_E_LIMIT;
    if (rc != 0)
        out->n = start; /* unchanged on failure */
    return rc;
}

static bool get_part(struct kept_cursor *c, struct kept_span *ret_part, uint8_t ret_commit[16])
{
    uint64_t n = kept_get_varint(c, KEPT_MAX_ENTRY_BYTES);
    *ret_part = (struct kept_span){c->p, 0};
    memset(ret_commit, 0, COMMIT_BYTES);
    if (n == 0)
        return !c->bad;
    struct kept_span commit = kept_get_bytes(c, COMMIT_BYTES);
    *ret_part = kept_get_bytes(c, (size_t)n);
    if (c->bad || n <= KEPT_TAG_BYTES)
        return false;
    memcpy(ret_commit, commit.p, COMMIT_BYTES);
    return true;
}

/* Decode; *ret_open_n is the length of the public bytes. */
static int decode(struct kept_span bytes, struct kept_entry *ret_entry, size_t *ret_open_n)
{
    struct kept_entry e = {.at = 0};
    struct kept_cursor c = kept_cursor(bytes);
    if (bytes.n == 0 || bytes.n > KEPT_MAX_ENTRY_BYTES)
        return KEPT_E_CORRUPT;
    uint8_t version = kept_get_u8(&c);
    if (version > ENTRY_VERSION)
        return KEPT_E_FORMAT;
    e.id = kept_get_id(&c);
    e.at = (kept_ms)kept_get_u16(&c) << 32;
    e.at |= (kept_ms)kept_get_u32(&c);
    e.event = kept_get_u8(&c);
    e.decision = kept_get_u8(&c);
    e.reason = kept_get_u8(&c);
    e.actor_kind = kept_get_u8(&c);
    e.policy_version = (uint32_t)kept_get_varint(&c, UINT32_MAX);
    e.subject_version = kept_get_varint(&c, UINT64_MAX);
    e.suite = kept_get_u8(&c);
    if (c.bad || version != ENTRY_VERSION || kept_id_is_zero(&e.id) || e.decision > KEPT_ALLOW ||
        e.actor_kind > KEPT_ACTOR_ENGINE || kept_seal_overhead((enum kept_suite)e.suite) == 0)
        return KEPT_E_CORRUPT;
    *ret_open_n = bytes.n - c.n;
    if (!get_part(&c, &e.actor, e.actor_commit) || !get_part(&c, &e.subject, e.subject_commit) ||
        c.n != 0)
        return KEPT_E_CORRUPT;
    *ret_entry = e;
    return 0;
}

int kept_entry_decode(struct kept_span bytes, struct kept_entry *ret_entry)
{
    size_t open_n = 0;
    return decode(bytes, ret_entry, &open_n);
}

static int open_part(struct kept_span bytes, const uint8_t *key, uint8_t part, struct kept_buf *out)
{
    struct kept_entry e;
    uint8_t nonce[24], commit[COMMIT_BYTES], aad[MAX_PUBLIC + 1];
    size_t open_n = 0;
    if (key == NULL)
        return KEPT_E_USAGE;
    int rc = decode(bytes, &e, &open_n);
    if (rc != 0)
        return rc;
    struct kept_span sealed = part == PART_ACTOR ? e.actor : e.subject;
    commitment(key, &e.id, commit);
    if (sealed.n == 0 ||
        !kept_secret_equal(commit, part == PART_ACTOR ? e.actor_commit : e.subject_commit,
                           sizeof commit))
        return KEPT_E_NOTFOUND;
    size_t aad_n = part_aad((struct kept_span){bytes.p, open_n}, part, aad);
    part_nonce(&e.id, part, nonce);
    size_t start = out->n;
    uint8_t *plain = kept_buf_room(out, sealed.n - KEPT_TAG_BYTES);
    if (plain == NULL)
        return out->failed;
    rc = kept_unseal_nonce((enum kept_suite)e.suite, key, nonce, (struct kept_span){aad, aad_n},
                           sealed, plain);
    if (rc != 0)
        out->n = start;
    return rc;
}

int kept_entry_open_actor(struct kept_span bytes, const uint8_t *key, struct kept_buf *out)
{
    return open_part(bytes, key, PART_ACTOR, out);
}

int kept_entry_open_subject(struct kept_span bytes, const uint8_t *key, struct kept_buf *out)
{
    return open_part(bytes, key, PART_SUBJECT, out);
}
