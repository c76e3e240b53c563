/* call.h - an app, and one call on its way through the pipeline: what engine_int.h hands about. */
#ifndef KEPT_ENGINE_CALL_H
#define KEPT_ENGINE_CALL_H

#include "base/clock.h"
#include "base/limits.h"
#include "consent/consent.h"
#include "keys/keys.h"
#include "ledger/ledger.h"
#include "policy/policy.h"
#include "store/store.h"
#include "subject/subject.h"
#include "vault/item.h"
#include "vault/vault.h"

/* ---- the table of operations ---- */

enum { KEPT_WHO_APP = 1, KEPT_WHO_STAFF = 2, KEPT_WHO_PERSON = 4, KEPT_WHO_VISITOR = 8 };
enum { KEPT_OPF_CHANGE = 1, KEPT_OPF_SUBJECT = 2, KEPT_OPF_ERASED = 4, KEPT_OPF_SOLO = 8,
       KEPT_OPF_NAMED = 16 };

struct approval;
struct call;
struct kept_caller_row;
struct observed;
struct reader;
struct readers;
struct refs;
struct run;
struct scribe;
struct watched;
struct kept_op_row {
    enum kept_op op;
    const char *name;
    unsigned who, flags;
    int (*act)(struct call *call, struct kept_err *err);
    const char *help;
};
/* NULL for a number that is no operation. */
const struct kept_op_row *kept_op_row(enum kept_op op);

/* What a ledger holds that is no operation: acts of the administrator (admin.h), and what kept itself noticed; no policy gives
 * them to anybody and no request can name them. */
enum { KEPT_EVENT_ACCEPT_LOSS = 128, KEPT_EVENT_ALARM /* staff read unusually much (watch.c) */ };
/* "collect", "accept.loss"; "?" for what this kept does not know. */
const char *kept_event_name(unsigned event);

/* ---- an app ---- */

struct version {
    uint32_t number;
    kept_ms effective, published;
    struct kept_policy *policy;
    uint32_t agreed;   /* difference.h: what people may have to agree to, after the version before it */
};

struct debt { /* a person of the journal, and the version they had reached */
    struct kept_id subject;
    uint64_t version;
};

struct app {
    uint32_t number;
    char name[KEPT_MAX_NAME + 1];
    struct kept_keyring *keyring;
    struct kept_ledger *ledger;
    struct version *versions; /* ascending by number */
    size_t version_count, version_cap;
    bool ceased;
    uint64_t generation;   /* grows with everything that concerns all people of the app */
    uint64_t next_number;  /* of the next person */
    uint64_t audit_block;  /* of KEPT_AUDIT_ENTRIES entries; a new one begins a new audit key */
    uint64_t ticket;       /* flushed, to be synced by the log thread */
    struct debt *debts;    /* ascending by subject (debt.c) */
    size_t debt_count, debt_cap;
    char origin[256];
    struct observed *observed;   /* denials since they were written down (observe.c) */
    size_t observed_count, observed_cap;
    uint32_t callers, callers_damaged; /* rows in the store; those that do not open */
    struct approval **approvals;       /* asked for, or decided, and not over (approvals.c) */
    size_t approval_count, approval_cap;
    struct watched *watched;           /* how much staff read (watch.c) */
    size_t watched_count, watched_cap;
    uint64_t alarms;                   /* told since the store was opened */
    bool staff;                        /* there is, or was, a caller who is a person and logs in */
};

/* ---- a call: one request on its way ---- */

/* What the entry says of one item. */
struct touched {
    uint32_t item, record, version;
    uint8_t decision, reason;
};

#define KEPT_BOX_SMALL 160u

struct box { /* a reply and its memory */
    struct kept_reply reply;
    size_t small_n;         /* values that together are small stand in the box itself */
    struct kept_buf values; /* secret; the others do here, and small is empty then */
    uint8_t small[KEPT_BOX_SMALL];
    struct kept_field first[1];
    size_t field_cap;
    size_t *offsets; /* of values, parallel to fields, while values grows */
    size_t first_offset[1];
};

struct call {
    struct kept *kept;
    const struct kept_request *request;
    struct box *box;
    const struct kept_op_row *row;
    struct app *app;
    const struct kept_policy *policy;     /* the governing one */
    const struct kept_policy_info *info;
    struct kept_subject *subject;         /* the shell; opened when opened is set */
    bool opened;
    bool changed;                         /* the head must be sealed and put */
    bool holes;                           /* a report lacks a piece: no memory */
    bool idle;                            /* nothing was written: no commit is owed */
    bool quiet;                           /* nothing happened yet that an entry should tell */
    struct kept_stream *stream;           /* of which this is a step; NULL: of none */
    kept_ms now;
    const struct kept_caller_row *by;     /* who asks over the network; NULL: the owner, or the program */
    struct kept_caller_row *caller;       /* whom it made or revoked, until that is committed */
    struct kept_caller_row *login;        /* and what that member of staff is then; the call's own */
    struct approval *approval;            /* which it asked for, or decides, until that is committed */
    struct approval *decided;             /* what that is then; the call's own. NULL: it was asked for */
    char *noted;                          /* .note, when it is the call's own */
    enum kept_actor_kind actor_kind;
    const char *actor;
    struct kept_question question;        /* function, purpose, recipient, role, facts */
    struct kept_client client;            /* what the question borrows */
    uint32_t function_ref, purpose_ref, recipient_ref, role_ref;
    uint8_t scope_kind;
    uint32_t scope;
    uint32_t shown_language;              /* + 1; 0: no text was shown */
    uint32_t guardian;                    /* who speaks, or is added or revoked; 0: none */
    struct touched *touched;
    size_t touched_count, touched_cap;
    struct touched small[4];
    struct kept_journal_row obligation;   /* kind 0: none */
    struct kept_id entry_id;
    const char *note;                     /* what the entry says in place of a justification, or NULL */
    struct kept_buf entry;                /* canonical bytes, once encoded */
    uint8_t tag_key[16];
    bool tagged;
    uint32_t observed;                    /* of its denials, those that keep the app from nothing yet */
    uint32_t absent;                      /* people whom an entry about nobody in particular covers */
    uint64_t about_version;               /* of the person, when tagged */
    uint64_t index;                       /* in the ledger; KEPT_NO_PLACE: not yet */
    uint64_t change_seq, app_generation;  /* when decided */
    unsigned attempts;
    uint64_t born;                        /* number given to somebody new; 0: none */
    unsigned place;                       /* in its unit; 0: the first, or alone */
    const struct call *before;            /* in its unit, whose subject it may take */
    struct call *next;
};

#endif
