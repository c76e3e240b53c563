/* kept.h - the personal-data engine that makes a privacy policy true.
 *
 * One handle, one call. A request names an operation, the app, who asks and in which role, and what
 * it is about; the reply carries the decision, its reason, the clause and the line of the policy
 * behind it, and - when allowed - the values. Every request takes the same way:
 *     authenticate -> look up the operation -> begin -> load context -> decide -> act
 *     -> ledger entry -> commit -> reply
 *
 * Threads: every function may be called from any thread; none from a signal handler. Calls on one
 *   handle exclude each other: a second waits until the first returned, also for a kept_reap that waits,
 *   so that threads which share a handle are right but no faster: what shares a commit is kept_batch
 *   and kept_submit. kept_close is the last call on its handle: no other may be under way or come after
 *   it. Different handles are independent. A reply belongs to one thread at a time, whichever. Functions
 *   without a handle keep no state. kept has threads of its own, which block every signal and call
 *   nothing of the caller's; the clock of the options is asked by the thread that calls.
 * Processes: one process owns a store, and opens it once: again is KEPT_E_BUSY. A handle serves the
 *   process that opened it: in a forked child every call on it is KEPT_E_BUSY and changes nothing;
 *   kept_close wipes the child's copy, but for what kept's own threads were in the middle of when it was
 *   forked (that goes with the child), and leaves the parent's store alone. While a child lives that
 *   neither closes nor calls exec, it holds the parent's lock too.
 * Ownership: everything in a request is borrowed until the call returns (kept_submit: until its
 *   reply is reaped). A reply is owned by the caller and released by kept_reply_free, which wipes it,
 *   before kept_close or after. Names and clauses in a reply are borrowed from the policy, until
 *   kept_close. What kept_error_name and its like return is never freed.
 * Errors: 0 or a negative KEPT_E_*. A decision that denies is a value in the reply, not an error.
 *   On any error but KEPT_E_UNSETTLED nothing was written, and on none anything personal was
 *   released; struct kept_err says what, where and how to mend it, and never carries personal data. */
#ifndef KEPT_H
#define KEPT_H

#include <stddef.h>
#include <stdint.h>

#include "kept_names.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Of this header; kept_version, below, of the library that runs. */
#define KEPT_VERSION "0.1.0"

#if defined(__GNUC__)
#define KEPT_MUST_USE __attribute__((warn_unused_result))
#define KEPT_API __attribute__((visibility("default")))
#define KEPT_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define KEPT_MUST_USE
#define KEPT_API
#define KEPT_PRINTF(f, a)
#endif

/* Milliseconds since 1970-01-01T00:00:00Z. */
typedef int64_t kept_ms;

/* Borrowed bytes; never freed through the span. */
struct kept_span {
    const uint8_t *p;
    size_t n;
};

/* A random identity: of a subject, an entry, a store. */
#define KEPT_ID_BYTES 16
struct kept_id {
    uint8_t b[KEPT_ID_BYTES];
};

/* Every error kept can return. The number is also the exit code of the command (its absolute
 * value); 0 is success, 1 is "the answer is no" (a denial, a failed verification), and 20 "in part"
 * (of several fields some were refused): no error has these numbers. */
enum kept_error {
    KEPT_OK = 0,
    KEPT_E_USAGE = -2,    /* the caller's arguments are off; state unchanged */
    KEPT_E_POLICY = -3,   /* the policy has mistakes, or does not fit the store */
    KEPT_E_DENIED = -4,   /* the operation itself is not open to this role */
    KEPT_E_NOTFOUND = -5, /* no such app, subject, record, entry, file */
    KEPT_E_CONFLICT = -6, /* it exists already, or the state does not allow it */
    KEPT_E_LIMIT = -7,    /* a named limit (src/base/limits.h) would be passed */
    KEPT_E_IO = -8,       /* the file system said no (full, read-only, gone) */
    KEPT_E_CRYPTO = -9,   /* wrong key, or a seal that does not open */
    KEPT_E_CORRUPT = -10, /* bytes on disk are not what kept wrote */
    KEPT_E_BUSY = -11,    /* another process owns the store */
    KEPT_E_FORMAT = -12,  /* foreign, or written by a newer kept */
    KEPT_E_NOMEM = -13,   /* no memory */
    KEPT_E_ROLLBACK = -14,/* older than the anchor says: a rollback, or a short journal */
    KEPT_E_CLOCK = -15,   /* the clock stands before what the store has seen */
    KEPT_E_UNSETTLED = -17, /* the change stands in the store, but has not reached journal or ledger, or
                               the disk failed so that nobody can tell whether it stands: open again,
                               which finishes it; do not repeat it before */
    KEPT_E_BUG = -16      /* an invariant of kept is broken: please report */
};

/* Detail of a failure. Untouched on success. Fixed size, so that it cannot fail itself. */
#define KEPT_ERR_TEXT 256
struct kept_err {
    int code;
    char text[KEPT_ERR_TEXT]; /* what, where, how to mend it; one line, no personal data */
};

/* The version of the library that runs, "0.1.0". KEPT_VERSION is that of the header which the program was
 * compiled with: the same or older, else the loader does not start the program. */
KEPT_API const char *kept_version(void);

/* The short name of an error ("io", "denied"), and what it means in a sentence. For a number that is no
 * error of kept: "unknown", and a sentence that says so. */
KEPT_API const char *kept_error_name(int code);
KEPT_API const char *kept_error_text(int code);

/* ---- names and stable references ------------------------------------------------------------ */

/* What a name in a policy names. */
enum kept_kind {
    KEPT_K_NONE = 0,
    KEPT_K_ITEM,
    KEPT_K_FUNCTION,
    KEPT_K_PURPOSE,
    KEPT_K_PERMISSION,
    KEPT_K_RECIPIENT,
    KEPT_K_ROLE,
    KEPT_K_REGION,
    KEPT_K_PARTITION
};
#define KEPT_REF_NONE 0u /* no name */

/* kept_ref(kind, name): the stable 32-bit reference of a name: the first four bytes of
 * SHA-256("kept:" kind ":" name), or 1 should they be zero. It never changes, reaches the disk and the
 * ledger, and two names of one policy family that collide are an error of `kept policy check`.
 * KEPT_REF_NONE for NULL, and for a kind that is none. */
KEPT_API uint32_t kept_ref(enum kept_kind kind, const char *name);

/* ---- decisions ------------------------------------------------------------------------------- */

enum kept_decision { KEPT_DENY = 0, KEPT_MASK = 1, KEPT_ALLOW = 2 };

/* The word for a decision: "allow", "mask"; for everything else "deny". */
KEPT_API const char *kept_decision_name(enum kept_decision decision);

/* The name of a reason ("NO_NOTICE"), and its sentence. For a number that is no reason: "UNKNOWN", and a
 * sentence that says so. */
KEPT_API const char *kept_reason_name(enum kept_reason reason);
KEPT_API const char *kept_reason_text(enum kept_reason reason);

/* ---- operations ------------------------------------------------------------------------------ */

/* The name of an operation: "collect" for KEPT_OP_COLLECT; "" for a number that is no operation. */
KEPT_API const char *kept_op_name(enum kept_op op);

/* Kinds of consent, weakest first (GB/T 35273 3.6-3.7, PIPL 14, 23, 29). */
enum kept_consent_kind {
    KEPT_C_NONE = 0,
    KEPT_C_ACKNOWLEDGEMENT, /* the notice was seen: spares nothing */
    KEPT_C_IMPLIED,         /* by using: never for sensitive items or sharing */
    KEPT_C_EXPLICIT,        /* for one function, purpose, item or recipient */
    KEPT_C_SEPARATE,        /* explicit, and asked for apart from everything else */
    KEPT_C_WRITTEN,         /* separate, and in writing: with evidence of the signed document */
    KEPT_C_GUARDIAN         /* a guardian's, for a minor: stands beside the person's own */
};

/* Where a consent comes from. */
enum kept_origin {
    KEPT_O_ASKED = 0, /* the app asked the person */
    KEPT_O_LEGACY,    /* given before kept was there, and brought in with its evidence */
    KEPT_O_DEEMED     /* a later version, accepted by going on, where the policy lets that count */
};

/* What shows that somebody agreed. The document stays with whoever keeps it. */
struct kept_evidence {
    const char *reference;    /* where it is kept ("archive 2026/117"); at most 128 bytes of text */
    struct kept_span sha256;  /* of the document: 32 bytes, or empty; one of the two must be there */
    kept_ms signed_at;        /* when it was signed, not in the future; 0: now */
};

/* Who speaks for a minor: another person of the app, or a contact by name. */
struct kept_guardian {
    struct kept_id subject;   /* all zero: .contact says who */
    const char *contact;      /* name, and how to reach them; at most 256 bytes of text */
    const char *relation;     /* to the minor, as the policy names it ("parent") */
    const char *method;       /* how it was verified, as the policy names it ("document") */
    int written;              /* the guardian agreed in writing */
};

/* Who asks a service, known by what they show. Lists are names with commas between; NULL or "": see each. In the
 * ledger the caller is the actor, by its name; a request that says whom the caller asks for (.actor) makes it
 * NAME/ACTOR. */
struct kept_caller {
    const char *name;         /* a to z, 0 to 9, and . _ - between; at most 48; once among those not revoked */
    const char *roles;        /* in which it may ask: of the policy, or app, the app itself. The first holds where a
                                 request names none. Nothing: app */
    const char *operations;   /* nothing: what its roles may, but for managing callers, keys, policies and the
                                 service's end. Who manages callers may do nothing that reads values */
    const char *functions;    /* nothing: not limited. Else values, and consents, of these alone */
    const char *purposes;     /* the same */
    struct kept_span certificate; /* SHA-256 of the certificate it shows in TLS: 32 bytes; empty: it shows a token */
    int staff;                /* CALLER_ADD, not 0: a person, who opens sessions by password and code; roles, and not app. The JSON
                                 has a first password and the codes' secret, this once */
    const char *password;     /* SESSION_OPEN: in no log. The first one opens a session only with a new one beside it: */
    const char *new_password; /* 12 to 128 bytes of text, not a common one, nor made of the name */
};

/* One value, in or out. In a request: item and value. In a reply also the verdict on it. */
struct kept_field {
    uint32_t item;            /* kept_ref(KEPT_K_ITEM, name) */
    const char *name;         /* in: may replace .item; out: the item's name, until kept_close */
    struct kept_span value;   /* text items: UTF-8 */
    uint32_t record;          /* out (and ERASE_RECORD in): which of several values; from 1 */
    enum kept_decision decision;
    enum kept_reason reason;
    const char *clause;       /* the clause behind the rule that decided ("S0-1.2"), or "" */
    int line;                 /* the rule's line in the policy file, or 0 */
    int observed;             /* out, of a denial: not 0: its function is only observed yet, see the reply's */
    const char *source;       /* USE, out: "user", "generated", "third_party", "derived"; else NULL */
    kept_ms collected, until; /* USE, out: when the value came, and ends (0: with the account) */
};

/* Facts only the app can know; the entry says who reported them. */
enum kept_fact {
    KEPT_F_IN_USE = 1u << 0,      /* the function is open in front of the person */
    KEPT_F_USER_ACTION = 1u << 1, /* the person's own action caused this */
    KEPT_F_BACKGROUND = 1u << 2,  /* caused by no one's action */
    KEPT_F_IMPORTED = 1u << 3     /* not of now: from a file of another system */
};

struct kept_request {
    enum kept_op op;
    const char *app;           /* the app's name, as in its policy */
    const char *actor;         /* who asks ("clerk-7", "backend"); at most 64 bytes */
    const char *role;          /* in which role ("support"); "" is the app itself */
    struct kept_id subject;    /* whom it is about; all zero: nobody yet. POST_TELL: which message */
    const char *function;      /* names; NULL or "" where not needed */
    const char *purpose;
    const char *recipient;
    const char *permission;
    const char *item;          /* scope of a consent, or the item of WHY */
    const char *language;      /* BCP 47, of the text that was shown */
    const char *exemption;     /* code of an exemption, with .text as its justification */
    const char *text;          /* POLICY_PUBLISH: the file; AUDIT: the actor; ROTATE: nothing, or
                                  "tokens"; else justification */
    /* The client in somebody's hand, where the policy asks (functions: client); NULL: not known, which denies
     * the collection that depends on it. COLLECT, USE, DISCLOSE, WHY. */
    const char *os;            /* "android", "ios" ...: the words of the policy */
    const char *os_version;    /* "14", "15.1": numbers with dots between them; else it is not known */
    const char *app_version;
    const char *surface;       /* "phone", "tv" ... */
    const char *region;        /* where the person is (ISO 3166), or where data would go */
    const char *birth_date;    /* YYYY-MM-DD, SUBJECT_NEW and SUBJECT_SET; MINOR_*: that was found */
    enum kept_consent_kind consent; /* GRANT: the kind. ACKNOWLEDGE: NONE, the person goes on under this
                                  version; IMPLIED, they go on using and were not asked;
                                  ACKNOWLEDGEMENT, it was shown and not answered yet. REFUSE, WITHDRAW: GUARDIAN says that the
                                  guardian does it, of what they agreed to */
    enum kept_origin origin;   /* GRANT, ACKNOWLEDGE: ASKED or LEGACY. LEGACY needs evidence, counts from
                                  the day it was signed, and gives way to any later act of the person */
    const struct kept_evidence *evidence; /* GRANT: WRITTEN and LEGACY need it; GUARDIAN_ADD: of how the
                                  guardian was verified */
    const struct kept_guardian *guardian; /* GUARDIAN_ADD */
    const struct kept_caller *caller; /* CALLER_ADD; CALLER_REVOKE, with .text why, STAFF_ATTEST: its name alone */
    uint32_t guardian_number;  /* which of the guardians; 0: the only one */
    uint32_t policy_version;   /* the version shown to the person; 0: the one in force */
    uint32_t record;           /* of an item that has several; APPROVAL_GRANT, _REFUSE: number of the approval */
    uint32_t launch;           /* which launch of the app; 0: unknown */
    uint32_t facts;            /* KEPT_F_* */
    kept_ms expires;           /* end of a consent; 0: with the use of the service */
    kept_ms at;                /* POLICY_PUBLISH: effective instant, one of the past: now; 0: the
                                  date that the policy names. */
    const uint8_t *text_sha256;/* of a legacy consent: NULL, or 32 bytes: the text that was shown. It
                                  must be that of policy_version; with that 0 it finds the version */
    int follows;               /* not 0: one with the request submitted before it. They share a
                                  transaction, stand or fall together, and a subject of all zeros is
                                  that one's. SUBJECT_NEW, _SET, CONSENT_ACKNOWLEDGE, _GRANT, COLLECT */
    int must;                  /* in a unit, not 0: a denial undoes it and is KEPT_E_DENIED; of
                                  everything, or, with 2, of fields[0] */
    int dry;                   /* not 0: decide and answer, and undo it all, its entries too. Only of a
                                  unit that begins with SUBJECT_NEW, which then looks nobody up: what
                                  is there is not asked; or of POLICY_PUBLISH */
    const char *mark;          /* a name of the caller's: mark_text is kept under it, in the same */
    const char *mark_text;     /* transaction, whatever the answer is; but not when disk, keys or memory
                                  failed: then what is behind it, in that transaction and with this
                                  mark, fails too. Changes; STAT tells it again */
    int on;                    /* PERMISSION_SET, STAFF_ATTEST; ACCOUNT_PROVE: a session, too; ACCOUNT_LEAVE: all of them; MINOR_SETTLE: a child */
    const char *secret, *channel; /* ACCOUNT_PROVE, SESSION_OPEN: the code; ORDER_SHOW: the ticket; in no log; ACCOUNT_BEGIN: "voice": spoken */
    const char *source;        /* ACCOUNT_*: where on the network it comes from, at most 64 bytes: for counts only */
    const struct kept_field *fields;
    size_t field_count;
    void *tag;                 /* the caller's; comes back in the reply */
    uint64_t from;             /* TRAIL, AUDIT, SUBJECT_LIST: "next" of the page before, a number that means nothing else; 0: the
                                  first. TRAIL, AUDIT: or the index of an entry */
    uint32_t limit;            /* rows of a page: 1 to 10 000; 0: 1000 */
    int newest;                /* not 0: newest first */
};

/* A page of TRAIL or AUDIT is {"app", "entries":[...], "unreadable", "next"}. "next" is there when rows
 * are left: ask again with .from set to it, and the same .newest. A page may end before its limit, when
 * its rows name very many items. "unreadable" counts entries met on the way that nobody can open any
 * more, or that are damaged. In a TRAIL each of "items" has its verdict. In an AUDIT it has one where
 * the entry's own verdict says it: of a single item, and of all when the entry denies; else only the
 * most permissive of them is known, as the entry's "decision", because the verdicts stand in the
 * person's part of the entry, which an auditor cannot open - for nobody, and least for the erased. */

struct kept_reply {
    int error;                  /* 0 or KEPT_E_*: this request failed and changed nothing */
    struct kept_err err;
    enum kept_decision decision;/* the most permissive verdict on any field, or of the operation */
    enum kept_reason reason;
    const char *clause;
    int line;
    struct kept_id subject;
    uint64_t version;           /* the subject's version the decision was made on */
    uint32_t policy_version;
    struct kept_id entry;       /* the ledger entry */
    uint8_t leaf[32];           /* its leaf hash; it is in a signed checkpoint within a second */
    kept_ms at;
    uint32_t stripped;          /* undeclared fields dropped and counted */
    int observed;               /* COLLECT, USE, DISCLOSE for a function with `enforce: observe`: not 0: what is denied
                                   here will be, and keeps the app from nothing yet. kept stored and gave out
                                   nothing of it */
    struct kept_field *fields;  /* USE: by name, in no order; each item's records ascending.
                                   DISCLOSE: in the request's order; of masked items, each record.
                                   Else: as in the request */
    size_t field_count;
    char *json;                 /* WHY, TRAIL, AUDIT, SHOW, STAT, certificates; else NULL */
    void *tag;
};

/* ---- the handle ------------------------------------------------------------------------------- */

struct kept;

/* The source of time; NULL in the options: the system's clock. */
struct kept_clock {
    kept_ms (*now)(void *arg);
    void *arg;
};

struct kept_memory;
/* A store in memory. Its rows are held in this process in place of store.db, for tests and for what need
 * not last: ledger and keyring stay files. The rows outlive kept_close, and kept_open finds them again; they are gone
 * with kept_memory_free or the process, and then the folder's ledger and keyring are of no more use, as
 * after the loss of a store.db: begin again in new folders. One handle at a time (KEPT_E_BUSY). Returns
 * NULL when there is no memory. */
KEPT_API KEPT_MUST_USE struct kept_memory *kept_memory_new(void);
/* NULL is a no-op; freed while a handle has it open, it goes when that closes. */
KEPT_API void kept_memory_free(struct kept_memory *memory);
/* Who is asked for a passphrase. Give it as text of less than size bytes in ret_text, which is guarded
 * memory, and keep no copy; fresh != 0: a new one, best asked for twice. Returns 0, or a negative
 * KEPT_E_* (err may say why). */
struct kept_ask {
    int (*passphrase)(void *arg, int fresh, char *ret_text, size_t size, struct kept_err *err);
    void *arg;
};

struct kept_options {
    const char *store;   /* folder of store.db and ledger/ */
    const char *keyring; /* folder of keys, journal, anchor; outside the store and its backups */
    const char *root_key;/* who has the root key, outside the store folder. NULL: whom the keyring names.
                          * FILE or file:FILE: a file of it, mode 0600. passphrase: of the words .ask
                          * gives; passphrase:FILE (mode 0600), passphrase:fd:N (a line of it),
                          * passphrase:command:PROGRAM ...: of the words found there. command:PROGRAM
                          * ARGUMENT ...: what a program prints, run without a shell */
    const char *mirror;  /* NULL, or a folder that holds a copy of the keyring, kept up with every
                          * write; outside the store and its backups, best on another disk */
    struct kept_clock clock;
    int cache_kib;       /* page cache, of all threads together; 0: 65536 */
    int readers;         /* threads that read beside the caller's; 0: as many as there are further
                          * processors, at most 3; less than 0: none */
    struct kept_memory *memory; /* NULL: rows lie in store.db; else in this, as above */
    struct kept_ask ask; /* for a root key that comes of a passphrase; not there: there is nobody to ask */
};

/* kept_init(options, err): make an empty store, keyring and root key (a program's is asked for: it must
 * have one). Nothing is overwritten. The keyring notes who has the root key.
 * Returns 0, KEPT_E_CONFLICT (something is there already), KEPT_E_IO, KEPT_E_USAGE (the keyring or
 * root key inside the store folder; a folder that is there already is open to others, see kept_open). */
KEPT_API KEPT_MUST_USE int kept_init(const struct kept_options *options, struct kept_err *err);

/* kept_open(options, ret_kept, err): own the store; replay the journal, mend the ledger's tail.
 * Keyring folder and files must be ours and closed to group and others; the store folder and its ledger
 * ours and closed too, but that the group may read (backups), and store.db written by nobody else.
 * KEPT_E_USAGE says which is not, and how to mend it; nothing was opened then.
 * Returns 0, KEPT_E_NOTFOUND, KEPT_E_BUSY, KEPT_E_FORMAT, KEPT_E_CRYPTO (wrong root key or passphrase),
 * KEPT_E_CORRUPT, KEPT_E_ROLLBACK (also: keyring and mirror are not of one time), KEPT_E_CLOCK, KEPT_E_IO, KEPT_E_NOMEM. */
KEPT_API KEPT_MUST_USE int kept_open(const struct kept_options *options, struct kept **ret_kept,
                                     struct kept_err *err);

/* Sign a last checkpoint and let go of the store. What is in flight and was not begun is not done; what
 * was done and not reaped stands. kept_close(NULL) is a no-op. */
KEPT_API void kept_close(struct kept *kept);

/* kept_call(kept, request, ret_reply, err): carry out one operation, which is durable when it returns.
 * ret_reply: owned by the caller; NULL on failure. Returns what reply->error would hold: any KEPT_E_*;
 * KEPT_E_CONFLICT also while operations are in flight (reap them first). */
KEPT_API KEPT_MUST_USE int kept_call(struct kept *kept, const struct kept_request *request,
                                     struct kept_reply **ret_reply, struct kept_err *err);

/* Submitted and not yet reaped, at most; and operations of one kept_batch. */
#define KEPT_MAX_IN_FLIGHT 4096u

/* kept_batch(kept, requests, count, ret_replies, err): many operations as one piece of work. They are
 * carried out in their order; ret_replies[i], room for count of them, answers requests[i]. Up to 256
 * neighbours that change something share a commit; neighbours that read share syncs. Each operation
 * stands alone: one that fails says so in its reply (error, err), changes nothing and holds up nobody.
 * A read whose person is changed further on in the batch may be answered as after the change.
 * Returns 0 when each has its reply, owned by the caller and durable. Else nothing was done and
 * ret_replies holds NULL: KEPT_E_LIMIT (count), KEPT_E_CONFLICT (operations are in flight: reap first),
 * KEPT_E_USAGE, KEPT_E_BUSY (a forked child), KEPT_E_NOMEM. */
KEPT_API KEPT_MUST_USE int kept_batch(struct kept *kept, const struct kept_request *requests,
                                      size_t count, struct kept_reply **ret_replies,
                                      struct kept_err *err);

/* kept_submit / kept_reap: many operations in a stream, for who has other things to do meanwhile.
 * kept_submit queues a request (borrowed until its reply is reaped) and does nothing yet. KEPT_E_LIMIT:
 * reap first; KEPT_E_USAGE, KEPT_E_BUSY, KEPT_E_NOMEM: it is not queued.
 * kept_reap does the queued work and hands over up to max replies whose entries are durable, for the
 * caller to free; wait != 0 blocks until there is at least one. Order is that of submission among
 * reads, and among changes; .tag says which request it was. With wait and max > 0, ret_count 0 means
 * nothing is in flight. A request that failed has its reply too (error, err): kept_reap itself fails
 * with KEPT_E_USAGE or KEPT_E_BUSY only. */
KEPT_API KEPT_MUST_USE int kept_submit(struct kept *kept, const struct kept_request *request,
                                       struct kept_err *err);
KEPT_API KEPT_MUST_USE int kept_reap(struct kept *kept, struct kept_reply **ret_replies, size_t max,
                                     int wait, size_t *ret_count, struct kept_err *err);

/* kept_event_fd(kept, ret_fd, err): a descriptor for poll or epoll, readable when kept_reap has something
 * to do: work was submitted, or replies became durable. Now and then there is nothing to hand over after
 * all. Only wait for it, never read or close it: it is the handle's, the same at each call, until
 * kept_close. Returns 0, KEPT_E_IO (the system has no descriptor left), KEPT_E_USAGE, KEPT_E_BUSY. */
KEPT_API KEPT_MUST_USE int kept_event_fd(struct kept *kept, int *ret_fd, struct kept_err *err);

/* ---- address books ----------------------------------------------------------------------------- */

/* Contacts who are members and may be found; and nobody learns of the others. The app
 * blinds each number (or address) and asks CONTACTS of the member whose book it is, with the item of the
 * book (`match` in the policy), a field of 32 bytes each; what comes back, field by field, it finishes.
 * Then it asks CONTACTS again, with the outputs as fields of 64 bytes: an allowed field's value is the
 * member's id (16 bytes), a denied one (NO_VALUE) is of nobody who may be found. Each number blinded
 * counts towards the person's limit of the day (LIMIT). OPRF(ristretto255, SHA-512) of RFC 9497.
 * kind: of the item that is matched ("phone"). Any thread; no handle is needed. KEPT_E_USAGE: the value
 * is not of its kind, or what came back is no element; KEPT_E_LIMIT, KEPT_E_NOMEM, KEPT_E_CRYPTO. */
KEPT_API KEPT_MUST_USE int kept_contact_blind(const char *kind, struct kept_span value,
                                              uint8_t ret_blind[32], uint8_t ret_element[32],
                                              struct kept_err *err);
KEPT_API KEPT_MUST_USE int kept_contact_finish(const char *kind, struct kept_span value,
                                               const uint8_t blind[32], const uint8_t evaluated[32],
                                               uint8_t ret_output[64], struct kept_err *err);

/* ---- values by stream ------------------------------------------------------------------------- */

struct kept_stream;
/* Values come in by stream. A value of any size, up to 64 GiB, a piece at a time and in flat memory, of
 * the kinds photo and blob. Other operations go on in between. A stream belongs to its handle's thread; its
 * request is borrowed until it is closed. kept_close closes what is open: then a stream may still be
 * closed, no more.
 *
 * kept_stream_begin: a COLLECT of one field without its value is judged. ret_stream is NULL when it is
 * denied (the reply says why, and is in the ledger) and on errors. Allowed, there is no entry yet, and
 * reply->entry is zero. kept_stream_append: pieces of any length. kept_stream_finish: judged again, now
 * with the value; the record, its entry and what it replaces are one change. Until then nothing of it can
 * be seen; closed before, or after a denial or a crash, nothing is left of it. When the person's context
 * moves in between, the next piece is judged anew.
 *
 * KEPT_E_USAGE: another operation or number of fields, a kind that has no streams, a stream that ended;
 * also from append, as soon as the first bytes are not of the item's kind. KEPT_E_CONFLICT: operations
 * are in flight where it has to be judged: reap, then the same call again. KEPT_E_LIMIT: too many
 * streams, too many bytes. KEPT_E_DENIED: judged anew and denied; the text says why. After an error but
 * the first CONFLICT a stream can only be closed. */
KEPT_API KEPT_MUST_USE int kept_stream_begin(struct kept *kept, const struct kept_request *request,
                                             struct kept_stream **ret_stream,
                                             struct kept_reply **ret_reply, struct kept_err *err);
KEPT_API KEPT_MUST_USE int kept_stream_append(struct kept_stream *stream, struct kept_span piece,
                                              struct kept_err *err);
KEPT_API KEPT_MUST_USE int kept_stream_finish(struct kept_stream *stream,
                                              struct kept_reply **ret_reply, struct kept_err *err);
/* Values go out by stream. kept_stream_open: a USE of one field (record 0: the item's first) is judged; its
 * entry is durable before the first byte. Unless allowed, ret_stream is NULL; what is masked stands in
 * the reply. kept_stream_read: up to max bytes; *ret_n 0 at the end. Before each piece the person's
 * version is looked at; if it moved, reading is judged anew, with a new entry, and stops where that denies
 * it (KEPT_E_DENIED): after the reply to a withdrawal or an erasure nothing more comes out.
 *
 * Errors are those of kept_stream_begin, and KEPT_E_CONFLICT: another value came in place of the one that
 * is read; KEPT_E_CORRUPT: a chunk is missing, or not as it was written; what was read before stands. */
KEPT_API KEPT_MUST_USE int kept_stream_open(struct kept *kept, const struct kept_request *request,
                                            struct kept_stream **ret_stream,
                                            struct kept_reply **ret_reply, struct kept_err *err);
KEPT_API KEPT_MUST_USE int kept_stream_read(struct kept_stream *stream, uint8_t *out, size_t max,
                                            size_t *ret_n, struct kept_err *err);
/* Bytes of the value that is read. */
KEPT_API uint64_t kept_stream_size(const struct kept_stream *stream);
KEPT_API void kept_stream_close(struct kept_stream *stream); /* let go; NULL is a no-op */

/* Wipe and free a reply. kept_reply_free(NULL) is a no-op. */
KEPT_API void kept_reply_free(struct kept_reply *reply);

/* kept_id_hex / kept_id_parse: an id as 32 lower-case hex digits, and back; capitals are taken, too.
 * kept_id_parse returns 0, or KEPT_E_USAGE for anything else; ret_id is set on success only. */
KEPT_API void kept_id_hex(const struct kept_id *id, char ret_hex[33]);
KEPT_API KEPT_MUST_USE int kept_id_parse(const char *hex, struct kept_id *ret_id);

#ifdef __cplusplus
}
#endif
#endif
