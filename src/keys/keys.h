/* keys.h - the keyring of one app: the root key opens epoch keys, epoch keys open people's keys.
 *
 * The keyring folder stands outside the store folder and outside every backup. Per app it holds one
 * file per key (epoch-N, audit-N, token-N, signing), the journal, the anchor and a lock; each key
 * file is sealed under a key derived from the root key, with AAD "kept key" | head | app name.
 * Terms: epoch - a period and its key-encryption key. keybox - one subject's keys, sealed under an
 * epoch key. class - retention class: each has its own data key.
 * Invariants: 1. A retired epoch key is destroyed no earlier than the window after its retirement,
 * and then exists in no file of the keyring.  2. Root and epoch keys stand in guarded memory only.
 * 3. The journal only grows; its length and hash stand in the anchor.  4. A journal shorter than the
 * anchor says is refused.  5. Every failure leaves the keyring as it was or complete.
 * An app's name is 1 to 64 of a-z, 0-9 and '-'; anything else is KEPT_E_USAGE, and no path.
 * Threads: a keyring is used by one thread at a time. One handle owns a keyring (KEPT_E_BUSY). */
#ifndef KEPT_KEYS_H
#define KEPT_KEYS_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/limits.h"
#include "crypto/crypto.h"
#include "kept.h"

/* ---- root key: a file of 64 hex digits and a newline, mode 0600, owned by us, not a link --------*/

struct kept_root;
/* Draw a new root key into a file that must not exist. KEPT_E_CONFLICT, KEPT_E_IO. */
KEPT_MUST_USE int kept_root_create(const char *path, struct kept_err *err);
/* KEPT_E_NOTFOUND; KEPT_E_USAGE (mode or owner too open: says how to mend); KEPT_E_CORRUPT. */
KEPT_MUST_USE int kept_root_load(const char *path, struct kept_root **ret_root,
                                 struct kept_err *err);
void kept_root_free(struct kept_root *root);
/* First 8 hex digits of a hash: names a root key without revealing it. */
void kept_root_name(const struct kept_root *root, char ret_name[9]);
/* A printable recovery copy (numbered groups of hex, each line with its check: every single wrong
 * digit is found, and its line named), and back into a file that must not exist. out should be
 * secret. KEPT_E_CORRUPT (mistyped: says which line), KEPT_E_CONFLICT, KEPT_E_IO. */
KEPT_MUST_USE int kept_root_recovery(const struct kept_root *root, struct kept_buf *out);
KEPT_MUST_USE int kept_root_from_recovery(const char *text, const char *path, struct kept_err *err);
/* The key that a recovery copy holds. KEPT_E_CORRUPT, KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_root_read_recovery(const char *text, struct kept_root **ret_root,
                                          struct kept_err *err);

/* ---- who has the root key ---------------------------------------------------------------------
 *
 * Said in words (KEPT_MAX_WHERE bytes at most):
 *   FILE, file:FILE                  its file, as above
 *   passphrase                       words that somebody types (kept_ask)
 *   passphrase:FILE                  words in a file: plain, ours, mode 0600, no link; one line
 *   passphrase:fd:N                  words read from a descriptor, up to a newline and no further
 *   passphrase:command:PROGRAM ...   words that a program prints
 *   command:PROGRAM ARGUMENT ...     a program that prints the key, 64 hex digits
 * Words become a key by Argon2id; its salt and cost stand in the keyring. Never words in the
 * command line or the environment: other users read the one (ps), and children and core files of any
 * process get the other.
 * A program is named by its whole path, is ours or root's and written by nobody else; it is run without
 * a shell, its arguments parted at blanks, in /, with PATH, HOME and LC_ALL=C alone, nothing on its
 * standard input, its standard error ours. It has KEPT_COMMAND_SECONDS, then it is killed with all that
 * it started; it must end with exit code 0, and may print KEPT_MAX_COMMAND_BYTES. */

enum kept_provider_kind { KEPT_BY_FILE = 1, KEPT_BY_PASSPHRASE, KEPT_BY_COMMAND };
enum kept_words { KEPT_WORDS_ASKED = 0, KEPT_WORDS_FILE, KEPT_WORDS_FD, KEPT_WORDS_COMMAND };

struct kept_provider {
    enum kept_provider_kind kind;
    enum kept_words words;               /* of a passphrase */
    int fd;
    char path[KEPT_MAX_WHERE];           /* of a file, or program and arguments; "" */
    uint8_t salt[KEPT_SALT_BYTES];       /* of a passphrase */
    uint32_t rounds;                     /* its cost; 0: not known yet */
    uint64_t bytes;
    char root[9];                        /* name of the root key; "": not known */
    bool whole_paths;                    /* kept_provider_save: a path below the keyring's parent, too */
};

/* KEPT_E_USAGE: words that say nothing. */
KEPT_MUST_USE int kept_provider_parse(const char *where, struct kept_provider *ret,
                                      struct kept_err *err);
/* The same in words; the number of a descriptor is not part of it. */
void kept_provider_words(const struct kept_provider *provider, char ret_where[KEPT_MAX_WHERE + 32]);

/* The file it is about, key or words; NULL: none. Borrowed. */
const char *kept_provider_path(const struct kept_provider *provider);

/* What the keyrings in folder say: folder/root.provider. save replaces it, durably and in one; paths
 * that lie beside the keyring folder are kept relative to it, so that both may be moved together.
 * KEPT_E_NOTFOUND: they say nothing (made by an older kept); KEPT_E_CORRUPT, KEPT_E_FORMAT (newer),
 * KEPT_E_USAGE (open to others). */
KEPT_MUST_USE int kept_provider_load(const char *folder, struct kept_provider *ret,
                                     struct kept_err *err);
KEPT_MUST_USE int kept_provider_save(const char *folder, const struct kept_provider *provider,
                                     struct kept_err *err);
/* where, with what the keyrings know of it (salt, cost, name); NULL or "": as they say. KEPT_E_USAGE:
 * neither says anything, or a passphrase is named and theirs is no such key. */
KEPT_MUST_USE int kept_provider_find(const char *folder, const char *where,
                                     struct kept_provider *ret, struct kept_err *err);

/* Get the root key. ask may be NULL. KEPT_E_NOTFOUND, KEPT_E_USAGE (open to others; nobody to be asked;
 * no words), KEPT_E_CORRUPT (no key), KEPT_E_IO (a program failed, or took too long), KEPT_E_NOMEM. It
 * may be another one: kept_provider_check says so, KEPT_E_CRYPTO. A wrong passphrase takes as long as
 * the right one, and leaves nothing behind. */
KEPT_MUST_USE int kept_provider_root(const struct kept_provider *provider,
                                     const struct kept_ask *ask, struct kept_root **ret_root,
                                     struct kept_err *err);
KEPT_MUST_USE int kept_provider_check(const struct kept_provider *provider,
                                      const struct kept_root *root, struct kept_err *err);
/* A root key to come: a file is made, unless there is one; a passphrase is new, with a salt of its own
 * and at least KEPT_MIN_PASSPHRASE bytes; a program has its own. Sets salt, cost and name. */
KEPT_MUST_USE int kept_provider_make(struct kept_provider *provider, const struct kept_ask *ask,
                                     struct kept_root **ret_root, struct kept_err *err);

/* ---- keyring --------------------------------------------------------------------------------- */

struct kept_keyring;

/* Make the keyring of an app below folder (folder/<app>/): epoch 1, audit 1, token 1, signing seed,
 * empty journal, anchor. All or nothing. KEPT_E_USAGE (name, time), KEPT_E_CONFLICT (there is one),
 * KEPT_E_IO. */
KEPT_MUST_USE int kept_keyring_create(const char *folder, const char *app,
                                      const struct kept_root *root, kept_ms now,
                                      struct kept_err *err);
/* Nothing is opened while the folder, the app's folder or a file in it belongs to another user or gives
 * anything to group or others (KEPT_E_USAGE says which, and how to mend it).
 * KEPT_E_NOTFOUND, KEPT_E_BUSY, KEPT_E_CRYPTO (another root key: names both), KEPT_E_CORRUPT,
 * KEPT_E_FORMAT (newer: unchanged), KEPT_E_ROLLBACK (journal shorter than the anchor says or with
 * another hash; anchor or newest key gone). A torn last append of the journal, behind the anchored
 * length, is cut; what a crash left of a dying key is destroyed. The root key may be freed
 * afterwards: the keyring keeps a key derived from it, guarded, for rotation. */
KEPT_MUST_USE int kept_keyring_open(const char *folder, const char *app,
                                    const struct kept_root *root, struct kept_keyring **ret_keyring,
                                    struct kept_err *err);
/* Renews the anchor if the journal or the newest keys went beyond it. NULL is a no-op. */
void kept_keyring_close(struct kept_keyring *keyring);
/* Wipe the keys and let go, writing nothing: for a forked child, whose parent owns the keyring and keeps
 * its lock. NULL is a no-op. */
void kept_keyring_abandon(struct kept_keyring *keyring);

/* Keep a mirror of an open keyring in folder/<app>: from now on what is written counts when it is
 * durable in both. One that is not there is made; a last step that a crash kept from it is brought
 * over. KEPT_E_ROLLBACK: one of the two is older (err says which, and how to settle it; nothing is
 * changed); KEPT_E_CORRUPT: a file is damaged, or of another keyring; KEPT_E_IO. On failure there is
 * none. When a write to it fails, the keyring writes nothing more until it is opened again. After a
 * change of root its keys wait beside the former ones for kept_keyring_mirror_settle. */
KEPT_MUST_USE int kept_keyring_mirror(struct kept_keyring *keyring, const char *folder,
                                      struct kept_err *err);

/* Bring a change of root to the mirror, whole: after kept_keyring_mirror of every app. Then the mirror
 * names its root key as folder does. KEPT_E_CORRUPT: it has an app that folder has not; KEPT_E_IO. */
KEPT_MUST_USE int kept_keyring_mirror_settle(const char *folder, const char *mirror,
                                             struct kept_err *err);

/* kept_keyring_change_root(folder, mirror, change, err): put every key file of every app under another
 * root key. All is sealed anew beside what is there; then folder/root.provider is replaced, and that is
 * the change: before it the former key opens everything, behind it the new one does, and what is left to
 * do the next opening does. Former seals are overwritten. mirror (NULL: none; it may lack apps) is
 * changed in the same way right behind; cut short there, its former key opens it whole until the
 * next opening with it. Nothing is changed but by the one who returns 0, or KEPT_E_IO.
 * KEPT_E_USAGE (the same key, or a keyring that is open to others), KEPT_E_CONFLICT (another key of the
 * same name), KEPT_E_BUSY (an app's keyring is open), KEPT_E_CRYPTO (a file is under neither key). */
struct kept_root_change {
    const struct kept_root *from, *to;
    const struct kept_provider *provider; /* who has `to` */
};
KEPT_MUST_USE int kept_keyring_change_root(const char *folder, const char *mirror,
                                           const struct kept_root_change *change,
                                           struct kept_err *err);
/* Does a root key open every key file of every app, open ones too? A change of root that was cut short is
 * finished first. KEPT_E_CRYPTO. */
KEPT_MUST_USE int kept_keyring_opens(const char *folder, const struct kept_root *root,
                                     struct kept_err *err);

/* Epochs that may be alive at once: room enough for kept_keyring_epochs. */
#define KEPT_MAX_EPOCHS 256u
struct kept_epoch {
    uint32_t number;      /* from 1 */
    kept_ms created;
    kept_ms retired;      /* 0: current */
    kept_ms destroy_at;   /* retired + window; 0: not retired */
};
uint32_t kept_keyring_epoch(const struct kept_keyring *keyring); /* the current one */
size_t kept_keyring_epochs(const struct kept_keyring *keyring, struct kept_epoch *ret_epochs,
                           size_t max); /* those that still exist, ascending; returns how many */
/* A new current epoch; the old one is retired now and its key destroyed at now + window, by
 * kept_keyring_destroy_due. KEPT_E_CONFLICT while the previous rotation's living are still wrapped
 * under an older epoch is the caller's business, not checked here. KEPT_E_CLOCK (now before the
 * current epoch began), KEPT_E_LIMIT (256 epochs alive). */
KEPT_MUST_USE int kept_keyring_rotate(struct kept_keyring *keyring, kept_ms now, kept_ms window,
                                      struct kept_err *err);
/* Destroy each retired epoch whose day has come. A failure leaves the rest for the next call;
 * *ret_destroyed is set on success only. */
KEPT_MUST_USE int kept_keyring_destroy_due(struct kept_keyring *keyring, kept_ms now,
                                           uint32_t *ret_destroyed, struct kept_err *err);

/* Destroy one of them. Destroyed already is success. KEPT_E_CONFLICT: it is the current one, or its
 * day has not come. */
KEPT_MUST_USE int kept_keyring_destroy_epoch(struct kept_keyring *keyring, uint32_t number,
                                             kept_ms now, struct kept_err *err);

/* Seal / open a keybox under an epoch key. AAD: suite, app, subject, epoch, generation are the
 * caller's span. out: plain.n + overhead / sealed.n - overhead; the overhead is one number for a
 * keyring's whole life, since its suite is chosen when it is made. Any living epoch wraps.
 * KEPT_E_NOTFOUND: that epoch key does not exist any more (erased for good, or a backup too old);
 * KEPT_E_CRYPTO: does not open; KEPT_E_LIMIT: KEPT_MAX_SEALS seals. */
KEPT_MUST_USE int kept_keyring_wrap(struct kept_keyring *keyring, uint32_t epoch,
                                    struct kept_span aad, struct kept_span plain, uint8_t *out);
KEPT_MUST_USE int kept_keyring_unwrap(struct kept_keyring *keyring, uint32_t epoch,
                                      struct kept_span aad, struct kept_span sealed, uint8_t *out);
size_t kept_keyring_wrap_overhead(const struct kept_keyring *keyring);

/* Borrowed until the keyring closes; guarded memory. */
const uint8_t *kept_keyring_signing_seed(const struct kept_keyring *keyring);
/* Audit key of a period (number from 1); the current one's number in kept_keyring_audit. NULL when
 * it does not exist. A new period begins with kept_keyring_new_audit. */
uint32_t kept_keyring_audit(const struct kept_keyring *keyring);
const uint8_t *kept_keyring_audit_key(const struct kept_keyring *keyring, uint32_t number);
KEPT_MUST_USE int kept_keyring_new_audit(struct kept_keyring *keyring, kept_ms now,
                                         struct kept_err *err);
/* Destroy a former period's key, when its evidence period ends; destroyed already is success.
 * KEPT_E_CONFLICT: it is the current one. */
KEPT_MUST_USE int kept_keyring_destroy_audit(struct kept_keyring *keyring, uint32_t number,
                                             struct kept_err *err);
/* Hashes the values of items of which only a hash is stored. It cannot turn over, for nobody has the
 * values: it comes from the signing seed. */
const uint8_t *kept_keyring_hash_key(const struct kept_keyring *keyring);
/* Look-up token keys: the current, and while a rotation runs the previous one. */
uint32_t kept_keyring_token(const struct kept_keyring *keyring);
const uint8_t *kept_keyring_token_key(const struct kept_keyring *keyring, uint32_t number);
/* Begin a rotation of the token key, and end it when every token is made anew. KEPT_E_CONFLICT: two
 * are valid already / it is the current one. */
KEPT_MUST_USE int kept_keyring_new_token(struct kept_keyring *keyring, kept_ms now,
                                         struct kept_err *err);
KEPT_MUST_USE int kept_keyring_destroy_token(struct kept_keyring *keyring, uint32_t number,
                                             struct kept_err *err);

/* ---- journal: obligations that no restore may undo ------------------------------------------- */

enum kept_obligation {
    KEPT_J_ERASE_SUBJECT = 1,
    KEPT_J_ERASE_RECORD,
    KEPT_J_WITHDRAW,
    KEPT_J_REFUSE,
    KEPT_J_OBJECT,
    KEPT_J_RESTRICT, /* record: enum kept_restriction */
    KEPT_J_HOLD_SET,
    KEPT_J_HOLD_RELEASE,
    KEPT_J_GUARDIAN_REVOKED,
    KEPT_J_CEASE, /* the service has ceased; subject all zero */
    KEPT_J_CALLER_REVOKED /* the caller whose id begins as `version` says is none any more; subject all zero */
};

/* What became of a person who seemed to be a child. */
enum kept_restriction { KEPT_RESTRICTED_ONLY = 0, KEPT_RESTRICTED_NO_MORE, KEPT_RESTRICTED_TO_ERASE };

struct kept_journal_row {
    enum kept_obligation kind;
    struct kept_id op;        /* the operation's id: a row stands once */
    struct kept_id subject;
    kept_ms at;
    uint64_t version;         /* subject version after it */
    uint8_t scope_kind;       /* enum kept_kind, of scope */
    uint32_t scope;           /* kept_ref of what was withdrawn, or the item erased */
    uint32_t record;
};

/* A row's canonical bytes, as they stand in the journal and in the store's queue for it; put appends, get reads
 * on and leaves to the cursor to say what was missing. */
void kept_journal_row_put(struct kept_buf *out, const struct kept_journal_row *row);
struct kept_journal_row kept_journal_row_get(struct kept_cursor *c);

uint64_t kept_journal_length(const struct kept_keyring *keyring); /* rows */
void kept_journal_hash(const struct kept_keyring *keyring, uint8_t ret_hash[32]);
/* Append rows (at most 4096) and make them durable: one write, one sync. All or none count; a torn
 * append is cut at open. That a row stands once is the caller's business (its op).
 * KEPT_E_USAGE (unknown kind), KEPT_E_LIMIT, KEPT_E_IO (after a failed sync: until opened again). */
KEPT_MUST_USE int kept_journal_append(struct kept_keyring *keyring,
                                      const struct kept_journal_row *rows, size_t count,
                                      struct kept_err *err);
/* Rows from number `from` (0 is the first); visit returns 0 to go on, a negative error to stop.
 * KEPT_E_CORRUPT (a row changed since opening), KEPT_E_FORMAT (a kind of a newer kept). */
KEPT_MUST_USE int kept_journal_each(struct kept_keyring *keyring, uint64_t from,
                                    int (*visit)(void *arg, uint64_t number,
                                                 const struct kept_journal_row *row),
                                    void *arg, struct kept_err *err);

/* ---- anchor: newest checkpoint, journal length and hash, outside the store folder ------------- */

/* Write note + journal length/hash + newest key numbers atomically and durably. Signature of
 * kept_ledger's callback. KEPT_E_LIMIT: a note over 64 KiB. */
KEPT_MUST_USE int kept_anchor_write(void *keyring, struct kept_span note, struct kept_err *err);
/* The anchored note; empty when there is none yet. Borrowed until the next write. */
struct kept_span kept_anchor_note(const struct kept_keyring *keyring);

#endif
