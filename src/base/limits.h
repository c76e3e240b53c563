/* limits.h - every ceiling in kept, in one place. A limit that is reached is KEPT_E_LIMIT, never a
 * silent cut. */
#ifndef KEPT_BASE_LIMITS_H
#define KEPT_BASE_LIMITS_H

#include "kept.h" /* KEPT_MAX_IN_FLIGHT, which callers plan with */

#define KEPT_MAX_POLICY_BYTES (16u << 20)   /* a policy file */
#define KEPT_MAX_POLICY_ERRORS 200u         /* findings reported in one run */
#define KEPT_MAX_POLICY_DEPTH 16u           /* nesting of the YAML */
#define KEPT_MAX_TEMPLATE_BYTES (1u << 20) /* the sentences of one language */
#define KEPT_MAX_NAME 64u                   /* bytes of a name: item, function, actor, role */
#define KEPT_MAX_UNIT_NAME 32u              /* bytes of a unit of numbers */
#define KEPT_MAX_DECLARED 16384u            /* items, functions, purposes ... of one policy, each */
#define KEPT_MAX_FIELDS 4000u               /* fields of one request, items of one entry */
#define KEPT_MAX_VALUE_BYTES (16u << 20)    /* one value held in memory */
#define KEPT_CHUNK_BYTES 65536u             /* larger values are sealed in chunks of this size */
#define KEPT_MAX_STREAM_BYTES (64ull << 30) /* a value that comes and goes by stream: half a store */
#define KEPT_CHUNKS_A_BITE 64u              /* written or deleted in one transaction: 4 MiB */
#define KEPT_MAX_MATCHES 100000u            /* numbers of an address book a person and day, at most */
#define KEPT_MATCHES_A_DAY 2000u            /* where the policy does not say */
#define KEPT_MAX_STREAMS 64u                /* open at once */
#define KEPT_MAX_ENTRY_BYTES 65535u         /* a ledger entry: fits tlog-tiles' uint16 length */
#define KEPT_MAX_CONTEXT_BYTES (1u << 20)   /* a subject's context */
#define KEPT_MAX_CONSENTS 512u              /* live consent rows of one subject */
#define KEPT_MAX_GUARDIANS 8u               /* who ever spoke for one minor */
#define KEPT_MAX_PAPER_BYTES 65536u         /* evidence, guardians, what is owed: of one subject */
#define KEPT_MAX_REFERENCE 128u             /* bytes that say where a signed document is kept */
#define KEPT_MAX_CONTACT 256u               /* who a guardian is, and how to reach them */
#define KEPT_MAX_RECORDS 1048575u           /* records of one subject: 20 bits of the row key */
#define KEPT_MAX_APPS 1023u                 /* apps of one store: 10 bits of the row key */
#define KEPT_MAX_BATCH 256u                 /* operations sharing one transaction and one sync */
#define KEPT_PACK_BYTES 3400u               /* small values in a person's own row */
#define KEPT_PACK_VALUE 450u                /* one of them, sealed */
#define KEPT_MAX_READERS 3u                 /* threads that read beside the caller's */
#define KEPT_MAX_MARK_NAME 48u              /* name of a caller's mark */
#define KEPT_MAX_MARK 256u                  /* text of a caller's mark */
#define KEPT_MAX_ROW_BYTES (16u << 20)      /* a row of a file that is imported */
#define KEPT_MAX_COLUMNS 4096u              /* columns of such a row */
#define KEPT_MAX_UNIT 64u                   /* operations that stand or fall together */
#define KEPT_MAX_TEXT 2048u                 /* a justification */
#define KEPT_MAX_SEALS (1ull << 32)         /* AES-GCM seals under one key with random nonces */
#define KEPT_MAX_PATH 4096u                 /* a path on disk */
#define KEPT_MAX_FILE_BYTES (64u << 20)     /* a file read whole (keyring, checkpoint) */
#define KEPT_MAX_PAGE_ROWS 10000u           /* rows of one page of a trail or audit */
#define KEPT_MAX_JSON_BYTES (64u << 20)     /* a reply's JSON */
#define KEPT_MAX_WHERE 1024u                /* the words that say who has a root key */
#define KEPT_MIN_PASSPHRASE 12u             /* bytes of a new passphrase */
#define KEPT_MAX_PASSPHRASE 1024u           /* bytes of any */
#define KEPT_PASS_ROUNDS 3u                 /* Argon2id for a new passphrase: passes, and */
#define KEPT_PASS_BYTES (256ull << 20)      /* memory: about a second, and a quarter of a GiB a guess */
#define KEPT_PASS_MAX_ROUNDS 64u            /* what a keyring's own file may ask for */
#define KEPT_PASS_MAX_BYTES (4ull << 30)
#define KEPT_COMMAND_SECONDS 30u            /* for a program that has the root key */
#define KEPT_MAX_COMMAND_WORDS 32u          /* program and arguments */
#define KEPT_MAX_COMMAND_BYTES 2048u        /* of what it prints */
#define KEPT_MAX_CALLERS 4096u              /* of an app, with those that were revoked */
#define KEPT_MAX_CALLER_NAME 48u            /* bytes of a caller's name: room is left for whom it asks for */
#define KEPT_MAX_CALLER_LIST 4096u          /* bytes of each list of what a caller is limited to */
/* Of staff (src/caller/staff.c). */
#define KEPT_MIN_PASSWORD 12u               /* bytes */
#define KEPT_MAX_PASSWORD 128u
#define KEPT_PASSWORD_LETTERS 6u            /* different ones, at least */
#define KEPT_PASSWORD_ROUNDS 2u             /* Argon2id, as OWASP advises: passes, and memory. A guess costs the service as much */
#define KEPT_PASSWORD_BYTES (19u << 20)
#define KEPT_STAFF_HOURS 8u                 /* a session of staff lasts, at most */
#define KEPT_STAFF_IDLE_MINUTES 30u         /* and without a request */
#define KEPT_WRONG_OF_STAFF 5u              /* failures by one name, and then none is looked at until the first is */
#define KEPT_WRONG_STAFF_MINUTES 5u         /* so old */
#define KEPT_ATTESTATIONS 3u                /* kinds of what a policy may require of them */
#define KEPT_MAX_LEFT_BECAUSE 256u          /* bytes that say why somebody is a caller no more */
#define KEPT_MAX_APPROVALS 4096u            /* asked for and not over, of an app */
#define KEPT_MAX_APPROVALS_OF 64u           /* and of one who asks */
#define KEPT_APPROVAL_ITEMS 32u             /* of one: a bit each */
#define KEPT_MAX_APPROVAL_BECAUSE 256u      /* bytes that say why */
#define KEPT_APPROVAL_HOURS 1u              /* it holds, where nothing is said */
#define KEPT_APPROVAL_DAYS 7u               /* and at most: its seal does not outlive an epoch and the backups */
#define KEPT_MAX_WATCHED 1024u              /* members, and roles, whose reads are counted apart */
#define KEPT_WRONG_STAFF_OF_SOURCE 30u      /* an hour, of one place on the network */
/* Of codes and messages (src/account). */
#define KEPT_CODE_DIGITS 6u
#define KEPT_CODE_MINUTES 10u               /* a code is good for */
#define KEPT_CODE_TRIES 5u                  /* wrong ones, and then it is not good any more */
#define KEPT_CODE_PAUSE_SECONDS 60u         /* between two codes to one address */
#define KEPT_CODES_OF_ADDRESS 5u            /* an hour */
#define KEPT_CODES_OF_PERSON 10u            /* an hour, whatever the address */
#define KEPT_CODES_OF_SOURCE 30u            /* an hour: of one place on the network */
#define KEPT_WRONG_OF_ADDRESS 15u           /* wrong codes a day: then none is taken until the next */
#define KEPT_WRONG_OF_SOURCE 30u            /* an hour */
#define KEPT_PROOF_MINUTES 30u              /* who was shown to be somebody is that for so long */
#define KEPT_SESSION_HOURS 24u              /* a person stays known by a session, and then shows again who they are */
#define KEPT_VISITORS_A_SECOND 20u          /* requests of those who show nothing; the rest wait */
#define KEPT_VISITS_A_LOGIN 5u              /* for as many of them a login counts: its password takes a while */
#define KEPT_MAX_CODE 64u                   /* bytes of what somebody types as a code */
#define KEPT_MAX_SOURCE 64u                 /* bytes of a place on the network */
/* Of accounts elsewhere (src/login). */
#define KEPT_MAX_ID_TOKEN 8192u             /* bytes of what a provider says of somebody */
#define KEPT_MAX_PROVIDERS 16u              /* of an app */
#define KEPT_MAX_PROVIDER_BYTES 8192u       /* of what the operator says of one, with its keys */
#define KEPT_MAX_PROVIDER_KEYS 8u           /* that sign for it, at once */
#define KEPT_MAX_KEY_NAME 128u              /* bytes of a key's name (kid) */
#define KEPT_MAX_ADDRESS 256u               /* bytes of an issuer, of the page on which people leave it, of a client's id */
#define KEPT_MAX_ELSEWHERE 255u             /* bytes of who somebody is there (sub) */
#define KEPT_LOGIN_MINUTES 10u              /* from the nonce to its token, and of a token since it was made */
#define KEPT_LOGIN_SKEW_SECONDS 60u         /* by which a provider's clock may differ from ours */
#define KEPT_NONCE_BYTES 16u                /* drawn for one login; told in hex */
/* Of logs of servers and apps (src/logs). */
#define KEPT_MAX_LOG_FIELDS 64u             /* declared of one log */
#define KEPT_MAX_LOG_LINE (32u << 10)       /* bytes of a line: a longer one is a bad one */
#define KEPT_MAX_LOG_TAKE (1u << 20)        /* bytes of the lines of one operation */
#define KEPT_MAX_LOG_PIECE (512u << 10)     /* bytes of what is sealed together; mostly an eighth of that */
#define KEPT_MAX_LOG_KEYS 16384u            /* living spans of all logs of an app */
#define KEPT_MAX_LOG_PAGE 4000u             /* lines of a page that names no limit, or a higher one */
#define KEPT_MAX_POST 10000u                /* messages owed at once: then none is taken on */
#define KEPT_MAX_POST_BYTES 8192u           /* of one: address, title, text */
#define KEPT_POST_TRIES 8u                  /* of a message, and then it is given up */
#define KEPT_POST_SECONDS 30u               /* before it is tried again; twice as long each time */
#define KEPT_POST_AT_ONCE 64u               /* messages handed to a sender in one answer */
#define KEPT_POST_WAIT_SECONDS 20u          /* for one message to be taken by a server */
#define KEPT_POST_MAX_ANSWER (64u << 10)    /* bytes of what it says to it */
#define KEPT_POST_LOOK_SECONDS 2u           /* between two looks at an empty outbox */
/* Of orders to other systems (src/account/order.c). */
#define KEPT_MAX_ORDER_ITEMS 24576u         /* of one order: more than any policy declares */
#define KEPT_MAX_ORDER_BYTES (512u << 10)   /* of its row */
#define KEPT_ORDER_DAYS 15u                 /* for an order to be carried out, where neither policy nor law says */
#define KEPT_ORDER_RETAIN_HOURS 24u         /* between two orders to delete what has reached its end */
#define KEPT_ORDER_AGAIN_HOURS 6u           /* at most, before what was not taken is handed out again */
#define KEPT_ORDER_REMIND_HOURS 24u         /* before what was taken over, and is not acknowledged, is */
#define KEPT_MAX_ORDER_PAGE 1000u           /* orders of one page */
#define KEPT_ORDERS_COUNTED 100000u         /* open orders that numbers look at */
#define KEPT_TICKET_MINUTES 15u             /* a use of what lies elsewhere is good for */
#define KEPT_MAX_TICKET 1024u               /* bytes of it, sealed */
#define KEPT_MAX_SYSTEMS 64u                /* to which one sender brings orders */
#define KEPT_SLIPS_A_TICK 4096u             /* codes, counts and proofs past their time, deleted in one tick */
/* Of the holder of keys (src/server). Time is in seconds. */
#define KEPT_MAX_CONNECTIONS 256u           /* to its socket, at once */
#define KEPT_MAX_OF_PEER 1024u              /* requests of one such connection that are not answered yet */
#define KEPT_MAX_WORKERS 64u                /* processes that parse the network */
#define KEPT_MAX_QUESTIONS 256u             /* waiting until nothing is in flight */
#define KEPT_QUESTIONS_A_SECOND 50u         /* of those for which everything else must stand still */
#define KEPT_MAX_SHELF 128u                 /* documents kept for who asks the same again */
#define KEPT_MAX_SHELF_BYTES (16u << 20)    /* together */
#define KEPT_MAX_SHELF_NAME 512u            /* bytes of what such a one was asked with */
#define KEPT_MAX_REPEATS 16384u             /* idempotency keys remembered, of all workers */
#define KEPT_MAX_REPEAT_BYTES (32u << 20)   /* answers remembered for them; of one an eighth */
#define KEPT_REPEAT_SECONDS 3600u           /* for how long */
#define KEPT_MAX_QUEUED (1u << 20)          /* bytes somebody has not read: nothing more is taken from them */
#define KEPT_MAX_UNREAD (64u << 20)         /* the same, of answers to what was taken: they are cut off */
#define KEPT_LARGE_MESSAGE (1u << 20)       /* bytes of a message for which room is reserved before it comes */
#define KEPT_MAX_LARGE (64u << 20)          /* bytes of such messages, of all connections together */
#define KEPT_HALF_SECONDS 30u               /* for the rest of a message */
#define KEPT_STUCK_SECONDS 30u              /* for an answer to be read, in part at least */
#define KEPT_MAX_DOORS 8u                   /* listening sockets that one process hands another */
#define KEPT_STOP_SECONDS 15u               /* for what was begun when told to stop */
#define KEPT_TAKE_OVER_SECONDS 60u          /* for the process before to have closed the store */
#define KEPT_SERVE_CACHE_KIB 393216         /* of the store, by kept serve, at most: pages are kept as they are read */
#define KEPT_TICK_SECONDS 60u               /* between two looks at what is due */
#define KEPT_RESTART_SECONDS 30u            /* at most, before a worker that ended is started again */
#define KEPT_CLIENT_SECONDS 600u            /* the command line, for an answer */

/* Of an http worker (src/http). */
#define KEPT_HTTP_SOCKETS 16u                /* that listen */
#define KEPT_HTTP_CONNECTIONS 10000u        /* at once, all addresses together */
#define KEPT_HTTP_OF_ADDRESS 1024u          /* of them from one address (IPv6: one /64) */
#define KEPT_HTTP_IN_FLIGHT 16384u          /* requests the holder has not answered: then 503 */
#define KEPT_HTTP_OF_CONNECTION 128u        /* of them from one connection (HTTP/2), resets included: then 429 */
#define KEPT_HTTP_MAX_QUEUED (64u << 20)    /* bytes the holder has not taken: then 503; half of it: nobody is accepted */
#define KEPT_HTTP_MAX_TARGET 8192u          /* bytes of path and query */
#define KEPT_HTTP_MAX_HEAD (32u << 10)      /* bytes of header fields */
#define KEPT_HTTP_MAX_BODY (2u << 20)       /* bytes of a request's body */
#define KEPT_HTTP_MAX_DEPTH 8u              /* nesting of its JSON */
#define KEPT_HTTP_MAX_BATCH 256u            /* operations of one batch */
#define KEPT_HTTP_MAX_BUFFERED (512ull << 20) /* bytes of requests that are not complete, of all connections */
#define KEPT_HTTP_MAX_SECRET 512u           /* bytes of a credential */
#define KEPT_HTTP_MAX_ANSWER (64u << 20)    /* bytes of an answer */
#define KEPT_HTTP_SECONDS 30u               /* for head and body to come, and idle until the next */
#define KEPT_HTTP_STALL_SECONDS 60u         /* for an answer to be taken */
#define KEPT_HTTP_STOP_SECONDS 10u          /* for what was begun when told to stop */
#define KEPT_HTTP_HANDSHAKE_SECONDS 10u
#define KEPT_HTTP_ME_FORM 4096u             /* bytes of a form of /me */
#define KEPT_HTTP_MAX_KEY 128u              /* bytes of one */

#endif
