/* kept_names.h - the operations there are, and the reasons of decisions. Included by kept.h, where everything
 * that takes or gives them is. New ones come at the end of their list: numbers are the wire's and the ledger's. */
#ifndef KEPT_NAMES_H
#define KEPT_NAMES_H

/* Why. The names are part of the interface (kept_reason_name gives "NO_NOTICE" ...). */
#define KEPT_REASONS(X)                                                                            \
    X(NONE, "no reason: allowed by the rule named")                                                \
    X(DEFAULT, "nothing allows it")                                                                \
    X(NO_NOTICE, "the privacy notice in force was not acknowledged")                               \
    X(REFUSED, "the person refused")                                                               \
    X(CEASED, "the service has ceased")                                                            \
    X(ERASED, "the person is erased")                                                              \
    X(RESTRICTED, "processing is restricted")                                                      \
    X(UNDECLARED, "the policy does not declare it")                                                \
    X(FUNCTION, "the function may not have this item")                                             \
    X(PURPOSE, "the purpose is not one the item was declared for")                                 \
    X(PERMISSION, "the system permission is off")                                                  \
    X(NEEDS_CONSENT, "consent is missing")                                                         \
    X(NEEDS_SEPARATE_CONSENT, "separate consent is missing")                                       \
    X(WITHDRAWN, "consent was withdrawn")                                                          \
    X(CONSENT_EXPIRED, "consent has expired")                                                      \
    X(CONSENT_STALE, "consent was given to another version of the policy")                         \
    X(AGE, "the person's age does not allow it")                                                   \
    X(AGE_UNKNOWN, "the person's age is not known")                                                \
    X(REGION, "the region does not allow it")                                                      \
    X(NOT_IN_USE, "the function is not in use")                                                    \
    X(USER_ACTION, "only the person's own action may cause it")                                    \
    X(FREQUENCY, "already done in this launch")                                                    \
    X(ROLE, "the role may not")                                                                    \
    X(MASKED, "the role sees it masked")                                                           \
    X(ON_DEVICE, "the item stays on the device")                                                   \
    X(TRANSIENT, "the item is never stored")                                                       \
    X(MANDATORY_MISSING, "an item the function cannot do without is missing")                      \
    X(RECIPIENT, "the recipient is not registered")                                                \
    X(ITEM_NOT_IN_AGREEMENT, "the recipient may not get this item")                                \
    X(AGREEMENT_EXPIRED, "no valid agreement with the recipient")                                  \
    X(AGGREGATE_ONLY, "the recipient gets statistics only")                                        \
    X(LOCKED, "the item is locked after verification")                                             \
    X(INVALID, "the value is not of its kind")                                                     \
    X(NO_VALUE, "no value is held")                                                                \
    X(KEPT_BY_LAW, "kept because a law requires it")                                               \
    X(OPERATION, "the operation is not open to this role")                                         \
    X(JUSTIFICATION, "an exemption needs its code and a justification")                            \
    X(NOT_SEARCHABLE, "nobody is found by this item: its rule in the policy lacks `token: true`")  \
    X(NEEDS_WRITTEN_CONSENT, "consent in writing is missing")                                      \
    X(NEEDS_GUARDIAN, "the consent of a guardian is missing")                                           \
    X(LIMIT, "that is more than this day allows")                                                  \
    X(PARTITION, "the role does not reach the partition that holds it")                              \
    X(CLIENT, "the function is not offered on this client")                                        \
    X(OS_UNKNOWN, "the client's system, or its version, was not said")                             \
    X(APP_VERSION_UNKNOWN, "the version of the app was not said")                                  \
    X(SURFACE_UNKNOWN, "what kind of screen the client has was not said")                          \
    X(CALLER, "the caller is limited to other roles, operations, functions or purposes")           \
    X(NO_ACCOUNTS, "the policy has no accounts of this kind")                                      \
    X(TOO_OFTEN, "asked too often: wait") X(CODE, "the code is not right, or not any more")        \
    X(NEED_VERIFICATION, "who asks has not shown yet who they are")                                \
    X(LOGIN, "name, password and code are not right together")                                     \
    X(ID_TOKEN, "what the provider says shows nobody who is known here")                            \
    X(BOUND, "that account there is somebody else's here")                                         \
    X(ONLY_WAY, "it is the only way to log in that is left")                   \
    X(ATTESTATION, "what the role asks of its staff - an agreement, training - is not on file, or is over")  \
    X(APPROVAL, "another member of staff has to approve of exactly this")

enum kept_reason {
#define X(name, text) KEPT_R_##name,
    KEPT_REASONS(X)
#undef X
    KEPT_R_COUNT
};

/* The table itself is src/engine/ops.def; `kept help` is printed from it. */
enum kept_op {
    KEPT_OP_NONE = 0,
    KEPT_OP_SUBJECT_NEW,         /* a person appears; facts may come with it. With fields[0]: unless
                                    somebody is found by it, who then is the reply's subject */
    KEPT_OP_SUBJECT_FIND,        /* by an item with a look-up token: fields[0] */
    KEPT_OP_SUBJECT_SHOW,        /* the person's context, as JSON */
    KEPT_OP_SUBJECT_SET,         /* facts: birth date, region */
    KEPT_OP_CONSENT_ACKNOWLEDGE, /* the privacy notice was seen (version, language) */
    KEPT_OP_CONSENT_GRANT,       /* consent: kind, scope, version, language, expiry */
    KEPT_OP_CONSENT_REFUSE,      /* asked, and refused; scope none: the whole policy */
    KEPT_OP_CONSENT_WITHDRAW,    /* at once and forward only */
    KEPT_OP_PERMISSION_SET,      /* a permission of the system went on or off */
    KEPT_OP_COLLECT,             /* values come in: fields; KEPT_E_USAGE: two for an item of one value */
    KEPT_OP_USE,                 /* values go to a role for a purpose: items in fields */
    KEPT_OP_DISCLOSE,            /* may this recipient have it: decision and entry, no transport; where
                                    it gets the masked form only, that form */
    KEPT_OP_ERASE_SUBJECT,       /* destroy the keys; certificate as JSON */
    KEPT_OP_ERASE_RECORD,        /* one item (record 0: all its records) */
    KEPT_OP_WHY,                 /* why an item may or may not be used; what an erasure became */
    KEPT_OP_TRAIL,               /* the person's own entries, as JSON */
    KEPT_OP_AUDIT,               /* what one actor did, as JSON; role auditor */
    KEPT_OP_POLICY_PUBLISH,      /* a version of the policy, effective at an instant: KEPT_E_CONFLICT
                                    before what it changes was told as long as promised. JSON: what it
                                    changes, who is told; .dry: only that, and nothing is published */
    KEPT_OP_POLICY_SHOW,         /* versions and what governs now; with .policy_version that one, with
                                    the text that was published */
    KEPT_OP_SERVICE_CEASE,       /* stop all collection */
    KEPT_OP_ROTATE,              /* new epoch; re-wrap the living; re-seal the marked: a bounded number
                                    of them, and while the report says "rewrap_left", TICK the rest.
                                    text "tokens": new key of the look-up tokens, made anew by TICK */
    KEPT_OP_TICK,                /* due work: ends of retention, sweep, rotation, tokens,
                                    destruction of retired keys */
    KEPT_OP_STAT,                /* numbers, as JSON; with .mark also where that stands */
    KEPT_OP_GUARDIAN_ADD,        /* who speaks for a minor, and agrees in general: guardian, evidence */
    KEPT_OP_GUARDIAN_REVOKE,     /* that guardian speaks no more; what they agreed to is withdrawn */
    KEPT_OP_CONTACTS,            /* an address book: fields blinded, or finished (kept_contact_blind) */
    KEPT_OP_SUBJECT_LIST,        /* a page of the ids of people who are not erased, as JSON */
    KEPT_OP_IMPORT,              /* an import begins or ends: .text says which, for the ledger */
    KEPT_OP_CALLER_ADD,          /* a caller, by .caller and .expires; the JSON has its token, this once */
    KEPT_OP_CALLER_REVOKE,       /* .caller's name: from the next request on nobody is that any more */
    KEPT_OP_CALLER_LIST,         /* who may ask the service, and who could, as JSON */
    KEPT_OP_CALLER_REVIEW,       /* everyone who can see clear values: roles, their items, the callers in them, as JSON */
    KEPT_OP_ACCOUNT_BEGIN,       /* send a code to fields[0]: its value, or what the subject has on file. With .recipient, a
                                    provider: the JSON has a nonce for a login there, this once */
    KEPT_OP_ACCOUNT_PROVE,       /* .secret is the code, of the subject or of who has fields[0]; staff: .evidence. .on:
                                    the JSON has a token by which they stay known, this once. With .recipient .secret is an
                                    id_token, and fields none */
    KEPT_OP_ACCOUNT_SHOW,        /* how somebody's account stands, as JSON */
    KEPT_OP_POST_TAKE,           /* messages that are due, as JSON; .limit of them */
    KEPT_OP_POST_TELL,           /* what became of one, .subject: .text "sent" or "refused", and a receipt */
    KEPT_OP_ACCOUNT_LEAVE,       /* the session in which it is asked ends; with .on, and for all others who ask, each
                                    of the subject, and what they have shown counts no more (S1-5.12) */
    KEPT_OP_SESSION_OPEN,        /* .caller's name and password, and .secret the code: the JSON has the token of a session of
                                    staff, this once; with .new_password that one holds from now on */
    KEPT_OP_SESSION_CLOSE,       /* the session of staff in which it is asked ends */
    KEPT_OP_LOG_TAKE,            /* lines of a log, .text its name: fields[0].value, at most 1 MiB of them. JSON: numbers */
    KEPT_OP_LOG_READ,            /* a page of the lines of a log, for .purpose: .text its name, .at since when, .from, .limit */
    KEPT_OP_MINOR_REPORT,        /* somebody seems to be a child: .text says why, .birth_date what was found. JSON: how it stands */
    KEPT_OP_MINOR_SETTLE,        /* .on: found to be a child; else of age, and the restriction is lifted. .text, .birth_date as above */
    KEPT_OP_ORDER_LIST,          /* orders to other systems that are open, as JSON; a system's caller sees its own */
    KEPT_OP_ORDER_DONE,          /* an order, .subject, is carried out, says its system: .text a receipt, or nothing */
    KEPT_OP_ORDER_SHOW,          /* is this use allowed? .secret the ticket that it gave. Decided anew; JSON: of what */
    KEPT_OP_PROVIDER_ADD,        /* by whom people may log in: .recipient, by its name in the policy; fields[0]: the item that its
                                    number is kept in, and issuer, client_id, leave, jwks as JSON. In place of the one of before */
    KEPT_OP_PROVIDER_REMOVE,     /* .recipient: nobody logs in by it any more; what is bound stays bound */
    KEPT_OP_PROVIDER_LIST,       /* who they are, and what keys they have, as JSON */
    KEPT_OP_ACCOUNT_BIND,        /* the person's account at .recipient, shown by .secret, an id_token with a nonce that ACCOUNT_BEGIN
                                    gave; decided as COLLECT of the provider's item: .function ... */
    KEPT_OP_ACCOUNT_UNBIND,      /* of .recipient: the binding's record is erased. JSON: where it ends there, too */
    KEPT_OP_STAFF_ATTEST,        /* .caller's name, a member of staff, has (.on) what .text names - "confidentiality", "vetting",
                                    "training" - shown by .evidence, until .expires; else has it no more, at once */
    KEPT_OP_APPROVAL_ASK,        /* that another approve of it: .purpose, fields, and .recipient and .exemption as they will be named; .text
                                    why, .expires (an hour; at most 7 days). The JSON has its number */
    KEPT_OP_APPROVAL_GRANT,      /* .record the number, of the subject: all of it, or fields; never one's own */
    KEPT_OP_APPROVAL_REFUSE,     /* the same, of none; also what was granted */
    KEPT_OP_APPROVAL_LIST,       /* what was asked for and is not over, and what became of it, as JSON */
    KEPT_OP_COUNT
};

#endif
