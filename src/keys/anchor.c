/* anchor.c - what is known for certain to have existed: the newest checkpoint, the journal's length
 * and hash, and the newest key of each kind. Its key comes from the signing seed, so that it
 * outlives a change of root. */
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/id.h"
#include "keys/keys_int.h"

#define MAGIC "KEPTANCH"
#define MAGIC_BYTES 8u
#define FORMAT 1u
#define NOTE_MAX 65536u
#define FILE_MAX (NOTE_MAX + 128u)
#define MAC_LABEL "kept anchor"

int kept_anchor_save(const struct kept_keyplace *place, const struct kept_anchor *anchor,
                     struct kept_err *err)
{
    struct kept_buf b;
    uint8_t mac[KEPT_HASH_BYTES];
    kept_buf_init(&b, FILE_MAX);
    kept_buf_bytes(&b, MAGIC, MAGIC_BYTES);
    kept_buf_u32(&b, FORMAT);
    for (size_t i = 0; i < KEPT_KEY_KINDS; i++)
        kept_buf_u32(&b, anchor->newest[i]);
    kept_buf_u64(&b, anchor->rows);
    kept_buf_bytes(&b, anchor->hash, sizeof anchor->hash);
    kept_buf_u32(&b, (uint32_t)anchor->note.n);
    kept_buf_bytes(&b, anchor->note.p, anchor->note.n);
    int rc = b.failed;
    if (rc == 0) {
        kept_derive(anchor->key, MAC_LABEL, kept_buf_span(&b), mac);
        kept_buf_bytes(&b, mac, sizeof mac);
        rc = b.failed;
    }
    if (rc != 0)
        rc = kept_fail(err, rc, "cannot write the anchor: its note is too large, or no memory");
    else if ((rc = kept_file_replace(place->folder, "anchor", kept_buf_span(&b), "the anchor",
                                     err)) == 0)
        rc = kept_mirror_put(place, "anchor", kept_buf_span(&b), err);
    kept_buf_release(&b);
    return rc;
}

/* Take the fields out of the file's bytes. */
static int parse(struct kept_anchor *a, struct kept_span bytes, const char *path,
                 struct kept_err *err)
{
    uint8_t mac[KEPT_HASH_BYTES];
    struct kept_cursor c = kept_cursor(bytes);
    struct kept_span magic = kept_get_bytes(&c, MAGIC_BYTES);
    uint32_t format = kept_get_u32(&c);
    if (c.bad)
        return kept_fail(err, KEPT_E_CORRUPT, "%s is shorter than an anchor", path);
    if (!kept_bytes_equal(magic.p, MAGIC, MAGIC_BYTES))
        return kept_fail(err, KEPT_E_FORMAT, "%s is not an anchor of kept", path);
    if (format != FORMAT)
        return kept_fail(err, KEPT_E_FORMAT,
                         "%s has format %u, this kept reads %u: use a newer kept", path, format,
                         FORMAT);
    for (size_t i = 0; i < KEPT_KEY_KINDS; i++)
        a->newest[i] = kept_get_u32(&c);
    a->rows = kept_get_u64(&c);
    struct kept_span hash = kept_get_bytes(&c, KEPT_HASH_BYTES);
    struct kept_span note = kept_get_bytes(&c, kept_get_u32(&c));
    struct kept_span theirs = kept_get_bytes(&c, sizeof mac);
    if (c.bad || c.n != 0)
        return kept_fail(err, KEPT_E_CORRUPT,
                         "%s is cut or too long: restore the keyring from its mirror", path);
    kept_derive(a->key, MAC_LABEL, (struct kept_span){bytes.p, bytes.n - sizeof mac}, mac);
    if (!kept_secret_equal(mac, theirs.p, sizeof mac))
        return kept_fail(err, KEPT_E_CORRUPT,
                         "%s does not check: it is damaged, or of another keyring; restore the "
                         "keyring from its mirror", path);
    memcpy(a->hash, hash.p, sizeof a->hash);
    kept_buf_bytes(&a->note, note.p, note.n);
    return a->note.failed == 0 ? 0 : kept_fail(err, a->note.failed, "no memory for the anchor");
}

int kept_anchor_parse(struct kept_anchor *anchor, struct kept_span bytes, struct kept_err *err)
{
    kept_buf_init(&anchor->note, NOTE_MAX);
    return parse(anchor, bytes, "the anchor", err);
}

int kept_anchor_load(struct kept_keyring *keyring, struct kept_err *err)
{
    struct kept_buf b;
    char path[KEPT_MAX_PATH];
    kept_buf_init(&b, FILE_MAX);
    kept_buf_init(&keyring->anchor.note, NOTE_MAX);
    int rc = kept_path(path, sizeof path, keyring->place.folder, "anchor", err);
    if (rc == 0) /* no test: "signing" was found before, a longer path */
        rc = kept_file_load(path, &b, err);
    if (rc == KEPT_E_NOTFOUND)
        rc = kept_fail(err, KEPT_E_ROLLBACK,
                       "%s is gone: without it a rollback cannot be excluded; restore the keyring "
                       "from its mirror", path);
    else if (rc == KEPT_E_LIMIT)
        rc = kept_fail(err, KEPT_E_CORRUPT, "%s is longer than an anchor", path);
    else if (rc == 0)
        rc = parse(&keyring->anchor, kept_buf_span(&b), path, err);
    kept_buf_release(&b);
    return rc;
}

int kept_anchor_write(void *arg, struct kept_span note, struct kept_err *err)
{
    struct kept_keyring *keyring = arg;
    struct kept_anchor next = keyring->anchor;
    int rc = kept_mirror_usable(&keyring->place, err);
    if (rc != 0)
        return rc;
    if (note.n > NOTE_MAX)
        return kept_fail(err, KEPT_E_LIMIT, "a note of %zu bytes is too large for the anchor",
                         note.n);
    kept_buf_init(&next.note, NOTE_MAX);
    kept_buf_bytes(&next.note, note.p, note.n);
    next.rows = keyring->journal.rows;
    memcpy(next.hash, keyring->journal.hash, sizeof next.hash);
    for (unsigned k = 0; k < KEPT_KEY_KINDS; k++)
        next.newest[k] = kept_keyring_newest(keyring, (enum kept_key_kind)(k + 1))->info.number;
    if ((rc = next.note.failed) != 0)
        rc = kept_fail(err, rc, "no memory for the anchor");
    else
        rc = kept_anchor_save(&keyring->place, &next, err);
    if (rc != 0) {
        kept_buf_release(&next.note);
        return rc;
    }
    kept_buf_release(&keyring->anchor.note);
    keyring->anchor = next;
    return 0;
}

struct kept_span kept_anchor_note(const struct kept_keyring *keyring)
{
    return kept_buf_span(&keyring->anchor.note);
}
