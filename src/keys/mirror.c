/* mirror.c - a copy of a keyring elsewhere, kept up with every write before it counts.
 *
 * Each step (a key written or destroyed, an append, an anchor) is done in the keyring first and then
 * in the mirror, and the next one begins when both are durable. So after a crash the mirror lacks
 * at most the last step, which nobody was told of: opening brings it over. Whatever else differs
 * means that one of the two was left behind or put back: a person must say which one is right, and
 * nothing is changed. An anchor, and the seals of keys when the root was changed, only follow: the
 * latter wait beside the former until those of all apps are there (change.c).
 *
 * A mirror holds the keys, the journal and the anchor under their own names, and "making" until the
 * first copy is whole. It is used by putting its files in the keyring's place. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/id.h"
#include "base/mem.h"
#include "keys/keys_int.h"

#define MAKING "making"
#define BLOCK_BYTES 65536u

int kept_mirror_usable(const struct kept_keyplace *place, struct kept_err *err)
{
    return place->mirror != NULL && place->mirror->broken
               ? kept_fail(err, KEPT_E_IO,
                           "the mirror %.150s could not be written: mend it and open again",
                           place->mirror->folder)
               : 0;
}

static int done(const struct kept_keyplace *place, int rc)
{
    if (rc != 0)
        place->mirror->broken = true;
    return rc;
}

int kept_mirror_put(const struct kept_keyplace *place, const char *name, struct kept_span content,
                    struct kept_err *err)
{
    static const char why[] = "a file of the mirror";
    if (place->mirror == NULL)
        return 0;
    const char *folder = place->mirror->folder;
    return done(place, strcmp(name, "anchor") == 0 /* no secret: nothing to overwrite */
                           ? kept_file_replace(folder, name, content, why, err)
                           : kept_keyfile_put(folder, name, content, why, err));
}

int kept_mirror_destroy(const struct kept_keyplace *place, const char *name, struct kept_err *err)
{
    return place->mirror == NULL ? 0
                                 : done(place, kept_keyfile_end(place->mirror->folder, name, err));
}

int kept_mirror_append(const struct kept_keyplace *place, uint64_t at, struct kept_span frames,
                       struct kept_err *err)
{
    if (place->mirror == NULL)
        return 0;
    int rc = kept_file_write(place->mirror->journal, at, frames.p, frames.n, err);
    if (rc == 0)
        rc = kept_file_sync(place->mirror->journal, "obligations in the mirror", err);
    return done(place, rc);
}

void kept_mirror_free(struct kept_mirror *mirror)
{
    if (mirror == NULL)
        return;
    kept_file_close(mirror->journal);
    kept_free(mirror);
}

/* ---- files ----------------------------------------------------------------------------------- */

/* A keyring and its mirror, compared. */
struct pair {
    struct kept_keyring *keyring;
    const struct kept_keyplace *place;
    struct kept_buf ours, theirs; /* one file of each */
    const char *above;            /* the folder that holds the mirrors of all apps */
    bool bring;                   /* first all is only compared */
    unsigned steps;               /* that the mirror lacks */
    bool newer;                   /* it has what the keyring does not */
};

/* A whole file; absent is empty. */
static int load(const char *folder, const char *name, struct kept_buf *out, struct kept_err *err)
{
    char path[KEPT_MAX_PATH];
    kept_buf_clear(out);
    int rc = kept_path(path, sizeof path, folder, name, err);
    return rc != 0 || !kept_file_exists(path) ? rc : kept_file_load(path, out, err);
}

static int open_in(const char *folder, const char *name, enum kept_file_mode mode, int *ret_fd,
                   struct kept_err *err)
{
    char path[KEPT_MAX_PATH];
    int rc = kept_path(path, sizeof path, folder, name, err);
    return rc != 0 ? rc : kept_file_open(path, mode, ret_fd, err); /* no test: as long a path was found before */
}

/* Call visit for each name of a folder until one fails. */
static int each_name(const char *folder, struct pair *p,
                     int (*visit)(struct pair *p, const char *name, struct kept_err *err),
                     struct kept_err *err)
{
    char **names = NULL;
    size_t count = 0;
    int rc = kept_dir_list(folder, "", &names, &count, err);
    for (size_t i = 0; rc == 0 && i < count; i++)
        rc = visit(p, names[i], err);
    kept_names_free(names, count);
    return rc;
}

static bool is_key(const char *name, enum kept_key_kind *ret_kind, uint32_t *ret_number)
{
    return kept_key_parse(name, ret_kind, ret_number) == 0;
}

/* ---- making ---------------------------------------------------------------------------------- */

/* A copy that was cut short may hold keys that do not live any more. */
static int clear_one(struct pair *p, const char *name, struct kept_err *err)
{
    enum kept_key_kind kind;
    uint32_t number;
    return strncmp(name, KEPT_DYING, strlen(KEPT_DYING)) == 0 ||
                   strncmp(name, KEPT_NEXT, strlen(KEPT_NEXT)) == 0 ||
                   is_key(name, &kind, &number) || strcmp(name, "journal") == 0
               ? kept_file_destroy(p->place->mirror->folder, name, err)
               : 0;
}

static int copy_one(struct pair *p, const char *name, struct kept_err *err)
{
    enum kept_key_kind kind;
    uint32_t number;
    if (!is_key(name, &kind, &number) && strcmp(name, "anchor") != 0)
        return 0;
    int rc = load(p->place->folder, name, &p->ours, err);
    return rc != 0 ? rc : kept_mirror_put(p->place, name, kept_buf_span(&p->ours), err);
}

/* Bytes of the journal from an offset to its end, to the mirror's. */
static int copy_journal(struct pair *p, uint64_t from, struct kept_err *err)
{
    int to = p->place->mirror->journal, source = p->keyring->journal.fd;
    uint64_t size = 0;
    uint8_t *block = kept_alloc(BLOCK_BYTES, 1);
    int rc = block == NULL ? kept_fail(err, KEPT_E_NOMEM, "no memory for the mirror")
                           : kept_file_size(source, &size, err);
    for (uint64_t at = from; rc == 0 && at < size; at += BLOCK_BYTES) {
        size_t n = size - at < BLOCK_BYTES ? (size_t)(size - at) : BLOCK_BYTES;
        if ((rc = kept_file_read(source, at, block, n, err)) == 0)
            rc = kept_file_write(to, at, block, n, err);
    }
    if (rc == 0)
        rc = kept_file_truncate(to, size, err);
    if (rc == 0)
        rc = kept_file_sync(to, "obligations in the mirror", err);
    kept_free(block);
    return done(p->place, rc);
}

static int make(struct pair *p, struct kept_err *err)
{
    static const uint8_t text[] = "a copy that is not whole yet\n";
    const char *folder = p->place->mirror->folder;
    int rc = kept_dir_make(folder, true, err);
    if (rc == 0)
        rc = kept_file_replace(folder, MAKING, (struct kept_span){text, sizeof text - 1},
                               "a file of the mirror", err);
    if (rc == 0)
        rc = each_name(folder, p, clear_one, err);
    if (rc == 0)
        rc = each_name(p->place->folder, p, copy_one, err);
    if (rc == 0)
        rc = open_in(folder, "journal", KEPT_FILE_CREATE, &p->place->mirror->journal, err);
    if (rc == 0)
        rc = copy_journal(p, 0, err);
    return rc == 0 ? kept_file_destroy(folder, MAKING, err) : rc;
}

/* ---- comparing ------------------------------------------------------------------------------- */

/* Sealed under another root key, the rest of the head alike: the root was changed. */
static bool under_another_root(const struct pair *p)
{
    size_t end = KEPT_ROOT_NAME_AT + KEPT_ROOT_NAME_BYTES;
    return p->ours.n >= end && p->theirs.n >= end &&
           kept_bytes_equal(p->ours.p, p->theirs.p, KEPT_ROOT_NAME_AT) &&
           !kept_bytes_equal(p->ours.p + KEPT_ROOT_NAME_AT, p->theirs.p + KEPT_ROOT_NAME_AT,
                             KEPT_ROOT_NAME_BYTES);
}

static int foreign(const struct pair *p, const char *name, struct kept_err *err)
{
    return kept_fail(err, KEPT_E_CORRUPT,
                     "%s in the mirror %.80s is damaged, or of another keyring: if the keyring is "
                     "the right one, move the mirror away and a new one is made",
                     name, p->place->mirror->folder);
}

/* A key that stands in the keyring. */
static int compare_ours(struct pair *p, const char *name, struct kept_err *err)
{
    enum kept_key_kind kind;
    uint32_t number;
    if (!is_key(name, &kind, &number))
        return 0;
    int rc = load(p->place->folder, name, &p->ours, err);
    if (rc == 0)
        rc = load(p->place->mirror->folder, name, &p->theirs, err);
    if (rc == 0 && p->bring)
        rc = kept_keyfile_tidy_in(p->place->mirror->folder, kind, number, err);
    if (rc != 0 || (p->ours.n == p->theirs.n &&
                    kept_bytes_equal(p->ours.p, p->theirs.p, p->ours.n)))
        return rc;
    if (p->theirs.n == 0)
        p->steps++;
    else if (!under_another_root(p))
        return foreign(p, name, err);
    if (!p->bring)
        return 0;
    /* A change of root comes whole, or not at all: kept_keyring_mirror_settle. */
    return p->theirs.n != 0
               ? done(p->place, kept_next_put(p->place->mirror->folder, name,
                                              kept_buf_span(&p->ours), err))
               : kept_mirror_put(p->place, name, kept_buf_span(&p->ours), err);
}

/* A key that stands in the mirror: if there only, it was destroyed, or is not known here yet. */
static int compare_theirs(struct pair *p, const char *name, struct kept_err *err)
{
    char path[KEPT_MAX_PATH];
    enum kept_key_kind kind = KEPT_KEY_SIGNING;
    uint32_t number = 0;
    bool dying = strncmp(name, KEPT_DYING, strlen(KEPT_DYING)) == 0;
    if (dying)
        return p->bring ? kept_file_destroy(p->place->mirror->folder, name, err) : 0;
    if (!is_key(name, &kind, &number))
        return 0;
    int rc = kept_path(path, sizeof path, p->place->folder, name, err);
    if (rc != 0 || kept_file_exists(path))
        return rc;
    bool newer = kind == KEPT_KEY_SIGNING ||
                 number > kept_keyring_newest(p->keyring, kind)->info.number;
    if (newer)
        p->newer = true;
    p->steps += newer ? 2 : 1;
    return p->bring ? kept_mirror_destroy(p->place, name, err) : 0;
}

/* How many bytes at the beginning of the two journals are the same? */
static int common(struct pair *p, uint64_t size, uint64_t *ret_same, struct kept_err *err)
{
    uint8_t *block = kept_alloc(2, BLOCK_BYTES);
    int rc = block == NULL ? kept_fail(err, KEPT_E_NOMEM, "no memory for the mirror") : 0;
    uint64_t at = 0;
    size_t n = 0, i = 0;
    while (rc == 0 && at < size && i == n) {
        n = size - at < BLOCK_BYTES ? (size_t)(size - at) : BLOCK_BYTES;
        if ((rc = kept_file_read(p->keyring->journal.fd, at, block, n, err)) == 0)
            rc = kept_file_read(p->place->mirror->journal, at, block + BLOCK_BYTES, n, err);
        for (i = 0; rc == 0 && i < n && block[i] == block[BLOCK_BYTES + i]; i++)
            continue;
        at += i;
    }
    kept_free(block);
    *ret_same = at;
    return rc;
}

static int compare_journal(struct pair *p, struct kept_err *err)
{
    uint64_t ours = 0, theirs = 0, alike = 0, last = 0;
    int rc = kept_file_size(p->keyring->journal.fd, &ours, err);
    if (rc == 0)
        rc = kept_file_size(p->place->mirror->journal, &theirs, err);
    if (rc == 0)
        rc = kept_journal_last(p->keyring, &last, err);
    if (rc == 0)
        rc = common(p, ours < theirs ? ours : theirs, &alike, err);
    if (rc != 0 || (alike == ours && ours == theirs))
        return rc;
    p->steps += alike < last || theirs > ours ? 2 : 1; /* the last append may be on its way */
    if (theirs > ours)
        p->newer = true;
    return p->bring ? copy_journal(p, last, err) : 0;
}

/* Entries under a note's checkpoint: its second line. */
static uint64_t note_entries(const uint8_t *note, size_t n)
{
    uint64_t entries = 0;
    size_t i = 0;
    while (i < n && note[i] != '\n')
        i++;
    for (i++; i < n && note[i] >= '0' && note[i] <= '9'; i++)
        entries = entries * 10 + (uint64_t)(note[i] - '0');
    return entries;
}

/* The anchor follows what it is about; only a newer one says something. */
static int compare_anchor(struct pair *p, struct kept_err *err)
{
    struct kept_anchor theirs = {.key = p->keyring->anchor.key};
    const struct kept_anchor *ours = &p->keyring->anchor;
    int rc = load(p->place->folder, "anchor", &p->ours, err);
    if (rc == 0)
        rc = load(p->place->mirror->folder, "anchor", &p->theirs, err);
    if (rc != 0 || (p->ours.n == p->theirs.n &&
                    kept_bytes_equal(p->ours.p, p->theirs.p, p->ours.n)))
        return rc;
    rc = kept_anchor_parse(&theirs, kept_buf_span(&p->theirs), NULL);
    if (rc == KEPT_E_NOMEM)
        return kept_fail(err, rc, "no memory for the mirror's anchor");
    if (rc != 0)
        return foreign(p, "anchor", err);
    bool newer = theirs.rows > ours->rows || note_entries(theirs.note.p, theirs.note.n) >
                                                 note_entries(ours->note.p, ours->note.n);
    for (unsigned k = 0; k < KEPT_KEY_KINDS; k++)
        newer = newer || theirs.newest[k] > ours->newest[k];
    if (newer)
        p->newer = true;
    p->steps += p->newer ? 2 : 0;
    kept_buf_release(&theirs.note);
    return p->bring ? kept_mirror_put(p->place, "anchor", kept_buf_span(&p->ours), err) : 0;
}

static int compare(struct pair *p, struct kept_err *err)
{
    p->steps = 0;
    int rc = compare_journal(p, err);
    if (rc == 0)
        rc = compare_anchor(p, err);
    if (rc == 0)
        rc = each_name(p->place->mirror->folder, p, compare_theirs, err);
    if (rc == 0)
        rc = each_name(p->place->folder, p, compare_ours, err);
    for (unsigned k = KEPT_KEY_EPOCH; rc == 0 && p->bring && k <= KEPT_KEY_KINDS; k++)
        rc = kept_keyfile_tidy_in(
            p->place->mirror->folder, (enum kept_key_kind)k,
            kept_keyring_newest(p->keyring, (enum kept_key_kind)k)->info.number + 1, err);
    return rc;
}

/* What is more than one step apart nobody but a person can settle. */
static int judge(const struct pair *p, struct kept_err *err)
{
    const char *app = p->place->app, *mirror = p->place->mirror->folder;
    if (p->steps <= 1)
        return 0;
    if (p->newer)
        return kept_fail(err, KEPT_E_ROLLBACK,
                         "the keyring of %.40s is older than its mirror %.60s: put the mirror's "
                         "files in the keyring's place, or, to go on with the older one, move the "
                         "mirror away", app, mirror);
    return kept_fail(err, KEPT_E_ROLLBACK,
                     "the mirror %.60s is older than the keyring of %.40s: if the keyring is the "
                     "right one, move the mirror away and a new one is made", mirror, app);
}

/* Is there a copy, or one that was begun? *ret_whole false: it is to be made. */
static int look(const char *folder, bool *ret_whole, struct kept_err *err)
{
    static const char *const names[] = {MAKING, "signing", "journal", "anchor"};
    char path[KEPT_MAX_PATH];
    *ret_whole = false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        int rc = kept_path(path, sizeof path, folder, names[i], err);
        if (rc != 0)
            return rc;
        if (kept_file_exists(path)) {
            *ret_whole = i > 0;
            return 0;
        }
    }
    return 0;
}

static int attach(struct pair *p, struct kept_err *err)
{
    const char *folder = p->place->mirror->folder;
    bool whole = false;
    int rc = look(folder, &whole, err);
    if (rc != 0 || !whole)
        return rc != 0 ? rc : make(p, err);
    if ((rc = kept_next_settle(p->above, folder, err)) != 0)
        return rc;
    rc = open_in(folder, "journal", KEPT_FILE_WRITE, &p->place->mirror->journal, err);
    if (rc == KEPT_E_NOTFOUND)
        return foreign(p, "journal", err);
    if (rc == 0)
        rc = compare(p, err);
    if (rc == 0)
        rc = judge(p, err);
    p->bring = true;
    return rc == 0 ? compare(p, err) : rc;
}

int kept_keyring_mirror(struct kept_keyring *keyring, const char *folder, struct kept_err *err)
{
    struct kept_keyplace *place = &keyring->place;
    struct pair p = {.keyring = keyring, .place = place, .above = folder};
    if (place->mirror != NULL)
        return kept_fail(err, KEPT_E_USAGE, "the keyring of %s has a mirror", place->app);
    if ((place->mirror = kept_alloc(1, sizeof *place->mirror)) == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory for the mirror");
    place->mirror->journal = -1;
    kept_buf_init(&p.ours, KEPT_MAX_FILE_BYTES);
    kept_buf_init(&p.theirs, KEPT_MAX_FILE_BYTES);
    int rc = kept_path(place->mirror->folder, sizeof place->mirror->folder, folder, place->app, err);
    if (rc == 0)
        rc = kept_dir_make(folder, true, err);
    if (rc == 0)
        rc = attach(&p, err);
    kept_buf_release(&p.ours);
    kept_buf_release(&p.theirs);
    if (rc != 0) {
        kept_mirror_free(place->mirror);
        place->mirror = NULL;
    }
    return rc;
}
