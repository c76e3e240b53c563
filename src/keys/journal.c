/* journal.c - the obligations that no restore may undo.
 *
 * Frames of one size, each with SHA-256(key | hash of the frame before | frame). An append writes
 * its frames at once and syncs; each frame says with which row its append began and how many rows of
 * it are still to come. So only the last append can be torn by a crash: a bad frame with a later
 * append behind it, or below the anchor, is damage, and is refused. */
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/id.h"
#include "keys/keys_int.h"

#define MAGIC "KEPTJRNL"
#define MAGIC_BYTES 8u
#define FORMAT 1u
#define HEAD_BYTES (MAGIC_BYTES + 4u + KEPT_HASH_BYTES)
#define BODY_BYTES 58u
#define COUNTS_BYTES 12u
#define FRAME_BYTES (COUNTS_BYTES + BODY_BYTES + KEPT_HASH_BYTES)
#define HASHED_BYTES (COUNTS_BYTES + BODY_BYTES)
#define APPEND_MAX 4096u
#define BLOCK_FRAMES 64u

static uint64_t offset_of(uint64_t row)
{
    return HEAD_BYTES + row * FRAME_BYTES;
}

static void chain(const uint8_t *key, const uint8_t *before, const uint8_t *frame,
                  uint8_t ret_hash[KEPT_HASH_BYTES])
{
    const struct kept_span parts[] = {
        {key, KEPT_KEY_BYTES}, {before, KEPT_HASH_BYTES}, {frame, HASHED_BYTES}};
    kept_sha256_parts(parts, 3, ret_hash);
}

/* The hash before row 0: of the head and the app, so that a journal fits one app only. */
static void first_hash(const uint8_t *key, const char *app, uint8_t ret_hash[KEPT_HASH_BYTES])
{
    const struct kept_span parts[] = {{key, KEPT_KEY_BYTES},
                                      {(const uint8_t *)MAGIC, MAGIC_BYTES},
                                      {(const uint8_t *)app, strlen(app)}};
    kept_sha256_parts(parts, 3, ret_hash);
}

int kept_journal_create(const char *folder, const char *app, const uint8_t *key,
                        uint8_t ret_hash[KEPT_HASH_BYTES], struct kept_err *err)
{
    uint8_t head[HEAD_BYTES];
    memcpy(head, MAGIC, MAGIC_BYTES);
    kept_put_be32(head + MAGIC_BYTES, FORMAT);
    first_hash(key, app, head + MAGIC_BYTES + 4);
    memcpy(ret_hash, head + MAGIC_BYTES + 4, KEPT_HASH_BYTES);
    return kept_file_replace(folder, "journal", (struct kept_span){head, sizeof head},
                             "a new journal", err);
}

/* ---- frames ------------------------------------------------------------------------------------ */

void kept_journal_row_put(struct kept_buf *out, const struct kept_journal_row *row)
{
    kept_buf_u8(out, (uint8_t)row->kind);
    kept_buf_id(out, &row->op);
    kept_buf_id(out, &row->subject);
    kept_buf_u64(out, (uint64_t)row->at);
    kept_buf_u64(out, row->version);
    kept_buf_u8(out, row->scope_kind);
    kept_buf_u32(out, row->scope);
    kept_buf_u32(out, row->record);
}

struct kept_journal_row kept_journal_row_get(struct kept_cursor *c)
{
    struct kept_journal_row row = {.kind = (enum kept_obligation)kept_get_u8(c)};
    row.op = kept_get_id(c);
    row.subject = kept_get_id(c);
    row.at = (kept_ms)kept_get_u64(c);
    row.version = kept_get_u64(c);
    row.scope_kind = kept_get_u8(c);
    row.scope = kept_get_u32(c);
    row.record = kept_get_u32(c);
    return row;
}

static struct kept_journal_row get_row(const uint8_t *frame)
{
    struct kept_cursor c = kept_cursor((struct kept_span){frame + COUNTS_BYTES, BODY_BYTES});
    return kept_journal_row_get(&c);
}

static bool row_is_known(const struct kept_journal_row *row)
{
    return (int)row->kind >= KEPT_J_ERASE_SUBJECT && (int)row->kind <= KEPT_J_CALLER_REVOKED;
}

struct counts {
    unsigned body;
    unsigned left;  /* rows of the same append behind this one */
    uint64_t first; /* row with which the append began */
};

static struct counts get_counts(const uint8_t *frame)
{
    return (struct counts){(unsigned)frame[0] << 8 | frame[1], (unsigned)frame[2] << 8 | frame[3],
                           kept_be64(frame + 4)};
}

/* ---- opening ----------------------------------------------------------------------------------- */

struct scan {
    struct kept_keyring *keyring;
    uint64_t frames;                    /* whole frames in the file */
    uint64_t row;                       /* the next to check */
    uint8_t hash[KEPT_HASH_BYTES];      /* of the row before */
    uint64_t first;                     /* of the append that row belongs to */
    unsigned left;
    uint64_t good;                      /* rows up to the last whole append */
    uint8_t good_hash[KEPT_HASH_BYTES];
    bool anchored;                      /* the anchored row has the anchored hash */
};

/* Check one frame and move behind it. False: it does not fit. */
static bool step(struct scan *s, const uint8_t *frame)
{
    uint8_t hash[KEPT_HASH_BYTES];
    struct counts counts = get_counts(frame);
    chain(s->keyring->journal.key, s->hash, frame, hash);
    if (!kept_secret_equal(hash, frame + HASHED_BYTES, sizeof hash) || counts.body != BODY_BYTES)
        return false;
    if (s->left == 0 ? counts.first != s->row
                     : counts.first != s->first || counts.left != s->left - 1)
        return false;
    memcpy(s->hash, hash, sizeof hash);
    s->first = counts.first;
    s->left = counts.left;
    s->row++;
    if (s->row == s->keyring->anchor.rows)
        s->anchored = kept_bytes_equal(hash, s->keyring->anchor.hash, sizeof hash);
    if (s->left == 0) {
        s->good = s->row;
        memcpy(s->good_hash, hash, sizeof hash);
    }
    return true;
}

/* Behind the bad frame s->row: is there a frame of an append that began later? Then the bad one was
 * acknowledged once, and is damaged, not torn. */
static int later_append(const struct scan *s, bool *ret_later, struct kept_err *err)
{
    const struct kept_journal *j = &s->keyring->journal;
    uint8_t before[FRAME_BYTES], frame[FRAME_BYTES], hash[KEPT_HASH_BYTES];
    uint64_t first = s->left == 0 ? s->row : s->first;
    int rc = 0;
    *ret_later = false;
    for (uint64_t r = s->row + 1; !*ret_later && r < s->frames; r++) {
        if ((rc = kept_file_read(j->fd, offset_of(r - 1), before, sizeof before, err)) != 0 ||
            (rc = kept_file_read(j->fd, offset_of(r), frame, sizeof frame, err)) != 0)
            break;
        chain(j->key, before + HASHED_BYTES, frame, hash);
        bool fits = kept_secret_equal(hash, frame + HASHED_BYTES, sizeof hash);
        if (!fits && r == s->row + 1) { /* the damage may be in the stored hash itself */
            chain(j->key, s->hash, before, before + HASHED_BYTES);
            chain(j->key, before + HASHED_BYTES, frame, hash);
            fits = kept_secret_equal(hash, frame + HASHED_BYTES, sizeof hash);
        }
        *ret_later = fits && get_counts(frame).first > first;
    }
    return rc;
}

static int check_head(struct kept_keyring *keyring, uint64_t size, struct scan *s,
                      struct kept_err *err)
{
    uint8_t head[HEAD_BYTES];
    const char *app = keyring->place.app;
    if (size < HEAD_BYTES)
        return kept_fail(err, KEPT_E_ROLLBACK,
                         "the journal of app %s is cut: restore the keyring from its mirror", app);
    int rc = kept_file_read(keyring->journal.fd, 0, head, sizeof head, err);
    if (rc != 0)
        return rc;
    if (!kept_bytes_equal(head, MAGIC, MAGIC_BYTES))
        return kept_fail(err, KEPT_E_FORMAT, "the journal of app %s is not one of kept", app);
    if (kept_be32(head + MAGIC_BYTES) != FORMAT)
        return kept_fail(err, KEPT_E_FORMAT,
                         "the journal of app %s has format %u, this kept reads %u: use a newer kept",
                         app, kept_be32(head + MAGIC_BYTES), FORMAT);
    first_hash(keyring->journal.key, app, s->hash);
    if (!kept_secret_equal(s->hash, head + MAGIC_BYTES + 4, sizeof s->hash))
        return kept_fail(err, KEPT_E_CORRUPT,
                         "the journal of app %s is damaged, or of another keyring: restore the "
                         "keyring from its mirror", app);
    memcpy(s->good_hash, s->hash, sizeof s->hash);
    s->frames = (size - HEAD_BYTES) / FRAME_BYTES;
    s->anchored = keyring->anchor.rows == 0 &&
                  kept_bytes_equal(s->hash, keyring->anchor.hash, sizeof s->hash);
    return 0;
}

/* Walk over the frames up to the first bad one. */
static int walk(struct scan *s, struct kept_err *err)
{
    uint8_t block[BLOCK_FRAMES * FRAME_BYTES];
    while (s->row < s->frames) {
        uint64_t left = s->frames - s->row;
        size_t n = left < BLOCK_FRAMES ? (size_t)left : BLOCK_FRAMES;
        int rc = kept_file_read(s->keyring->journal.fd, offset_of(s->row), block, n * FRAME_BYTES,
                                err);
        if (rc != 0)
            return rc;
        for (size_t i = 0; i < n; i++)
            if (!step(s, block + i * FRAME_BYTES))
                return 0;
    }
    return 0;
}

/* What the walk found, against the anchor. */
static int judge(const struct scan *s, struct kept_err *err)
{
    const char *app = s->keyring->place.app;
    uint64_t anchored = s->keyring->anchor.rows;
    bool damaged = s->row < s->frames && s->row < anchored;
    if (!damaged && s->row < s->frames) {
        int rc = later_append(s, &damaged, err);
        if (rc != 0)
            return rc;
    }
    if (damaged)
        return kept_fail(err, KEPT_E_CORRUPT,
                         "row %llu of the journal of app %s is damaged: restore the keyring from "
                         "its mirror", (unsigned long long)s->row, app);
    if (s->good < anchored || !s->anchored)
        return kept_fail(err, KEPT_E_ROLLBACK,
                         "the journal of app %s has %llu rows, the anchor has seen %llu, or others: "
                         "restore the newest keyring", app, (unsigned long long)s->good,
                         (unsigned long long)anchored);
    return 0;
}

int kept_journal_open(struct kept_keyring *keyring, struct kept_err *err)
{
    struct kept_journal *j = &keyring->journal;
    struct scan s = {.keyring = keyring};
    char path[KEPT_MAX_PATH];
    uint64_t size = 0;
    int rc = kept_path(path, sizeof path, keyring->place.folder, "journal", err);
    if (rc == 0) /* no test: "signing" was found before, as long a path */
        rc = kept_file_open(path, KEPT_FILE_WRITE, &j->fd, err);
    if (rc == KEPT_E_NOTFOUND)
        return kept_fail(err, KEPT_E_ROLLBACK,
                         "the journal %s is gone: restore the keyring from its mirror", path);
    if (rc != 0 || (rc = kept_file_size(j->fd, &size, err)) != 0 ||
        (rc = check_head(keyring, size, &s, err)) != 0 || (rc = walk(&s, err)) != 0 ||
        (rc = judge(&s, err)) != 0)
        return rc;
    /* Not synced: should the cut be lost, the tail is cut again, or the next append is over it. */
    if (size != offset_of(s.good) && (rc = kept_file_truncate(j->fd, offset_of(s.good), err)) != 0)
        return rc;
    j->rows = s.good;
    memcpy(j->hash, s.good_hash, sizeof j->hash);
    return 0;
}

/* ---- appending and reading --------------------------------------------------------------------- */

uint64_t kept_journal_length(const struct kept_keyring *keyring)
{
    return keyring->journal.rows;
}

void kept_journal_hash(const struct kept_keyring *keyring, uint8_t ret_hash[32])
{
    memcpy(ret_hash, keyring->journal.hash, KEPT_HASH_BYTES);
}

/* Frames for the rows; hash goes along. */
static void encode(const struct kept_journal *j, const struct kept_journal_row *rows, size_t count,
                   uint8_t hash[KEPT_HASH_BYTES], struct kept_buf *out)
{
    for (size_t i = 0; i < count; i++) {
        size_t at = out->n;
        kept_buf_u16(out, BODY_BYTES);
        kept_buf_u16(out, (uint16_t)(count - i - 1));
        kept_buf_u64(out, j->rows);
        kept_journal_row_put(out, &rows[i]);
        if (out->failed != 0)
            return;
        chain(j->key, hash, out->p + at, hash);
        kept_buf_bytes(out, hash, KEPT_HASH_BYTES);
    }
}

int kept_journal_append(struct kept_keyring *keyring, const struct kept_journal_row *rows,
                        size_t count, struct kept_err *err)
{
    struct kept_journal *j = &keyring->journal;
    struct kept_buf frames;
    uint8_t hash[KEPT_HASH_BYTES];
    if (j->broken)
        return kept_fail(err, KEPT_E_IO,
                         "the journal of app %s failed before: mend the disk and open again",
                         keyring->place.app);
    if (count > APPEND_MAX)
        return kept_fail(err, KEPT_E_LIMIT, "more than %u obligations in one append", APPEND_MAX);
    for (size_t i = 0; i < count; i++)
        if (!row_is_known(&rows[i]))
            return kept_fail(err, KEPT_E_USAGE, "no such kind of obligation: %d",
                             (int)rows[i].kind);
    int rc = kept_mirror_usable(&keyring->place, err);
    if (count == 0 || rc != 0)
        return rc;
    memcpy(hash, j->hash, sizeof hash);
    kept_buf_init(&frames, (size_t)APPEND_MAX * FRAME_BYTES);
    encode(j, rows, count, hash, &frames);
    if ((rc = frames.failed) != 0) {
        rc = kept_fail(err, rc, "no memory for the journal");
    } else if ((rc = kept_file_write(j->fd, offset_of(j->rows), frames.p, frames.n, err)) != 0) {
        j->broken = kept_file_truncate(j->fd, offset_of(j->rows), NULL) != 0;
    } else if ((rc = kept_file_sync(j->fd, "obligations in the journal", err)) != 0) {
        /* After a failed sync nobody knows what the disk holds: only opening again tells. */
        j->broken = true;
        int undone = kept_file_truncate(j->fd, offset_of(j->rows), NULL);
        (void)undone;
    } else if ((rc = kept_mirror_append(&keyring->place, offset_of(j->rows),
                                        kept_buf_span(&frames), err)) != 0) {
        j->broken = true; /* whole here, and not there: opening brings it over */
    } else {
        j->rows += count;
        memcpy(j->hash, hash, sizeof hash);
    }
    kept_buf_release(&frames);
    return rc;
}

int kept_journal_last(const struct kept_keyring *keyring, uint64_t *ret_at, struct kept_err *err)
{
    const struct kept_journal *j = &keyring->journal;
    uint8_t frame[FRAME_BYTES];
    int rc = j->rows == 0 ? 0
                          : kept_file_read(j->fd, offset_of(j->rows - 1), frame, sizeof frame, err);
    if (rc == 0)
        *ret_at = offset_of(j->rows == 0 ? 0 : get_counts(frame).first);
    return rc;
}

int kept_journal_each(struct kept_keyring *keyring, uint64_t from,
                      int (*visit)(void *arg, uint64_t number, const struct kept_journal_row *row),
                      void *arg, struct kept_err *err)
{
    struct kept_journal *j = &keyring->journal;
    uint8_t frame[FRAME_BYTES], hash[KEPT_HASH_BYTES], before[KEPT_HASH_BYTES];
    int rc = 0;
    if (from >= j->rows)
        return 0;
    /* The hash before a row is the tail of the frame before it; before row 0, of the head. */
    if ((rc = kept_file_read(j->fd, offset_of(from) - sizeof before, before, sizeof before, err)) != 0)
        return rc;
    for (uint64_t r = from; rc == 0 && r < j->rows; r++) {
        if ((rc = kept_file_read(j->fd, offset_of(r), frame, sizeof frame, err)) != 0)
            break;
        chain(j->key, before, frame, hash);
        if (!kept_secret_equal(hash, frame + HASHED_BYTES, sizeof hash))
            return kept_fail(err, KEPT_E_CORRUPT, "row %llu of the journal of app %s is damaged",
                             (unsigned long long)r, keyring->place.app);
        memcpy(before, hash, sizeof before);
        struct kept_journal_row row = get_row(frame);
        if (!row_is_known(&row))
            return kept_fail(err, KEPT_E_FORMAT,
                             "row %llu of the journal of app %s is of a kind unknown here: use a "
                             "newer kept", (unsigned long long)r, keyring->place.app);
        rc = visit(arg, r, &row);
    }
    return rc;
}
