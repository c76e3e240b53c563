/* wire.h - flat messages between what parses foreign bytes (http, the command line as a client) and what
 * holds keys (server): requests and replies of kept.h as bytes, and back. Nothing else passes between them.
 *
 * Invariants: 1. Any bytes are answered: a message is decoded whole or refused (KEPT_E_FORMAT), and what is
 * decoded lies inside the message's own copy.  2. What was encoded decodes to the same, field by field.
 * 3. A message is no longer than KEPT_WIRE_MAX.  4. Buffers that carry values or credentials are secret.
 *
 * A message: be32 bytes of the body · u8 version · u8 kind · be16 zero · be64 id · body. The id is the
 * sender's; the answer to it carries the same. Texts: varint n, n-1 bytes and a NUL, which are borrowed in
 * place. Spans: varint n, n bytes. Integers are big-endian, as in base/buf.h. Structures: fields.h.
 *
 *     CALL      credential, then requests: answered by ANSWER with a reply each, in their order
 *     ASK       credential, then a question: answered by DOCUMENT
 *     KEYED     a key of idempotency, then as CALL: answered by ANSWER, or AGAIN if that key was there before
 *     AGAIN     a state, then the body of the ANSWER that was given
 *     FAULT     instead of any: the message itself was refused; error, text
 *
 * Threads: none of its own; a decoder belongs to one thread. */
#ifndef KEPT_WIRE_WIRE_H
#define KEPT_WIRE_WIRE_H

#include "base/buf.h"
#include "kept.h"

#define KEPT_WIRE_VERSION 1u
#define KEPT_WIRE_HEAD 16u                 /* bytes in front of the body */
#define KEPT_WIRE_MAX (20u << 20)          /* of a message, head and body: the largest value, and some */
#define KEPT_WIRE_MAX_REQUESTS 1024u       /* of one CALL: one commit for those that follow each other */
#define KEPT_WIRE_MAX_FIELDS 65536u        /* of the requests of one CALL, together */
#define KEPT_WIRE_MAX_SECRET 1024u         /* bytes of what a caller shows */

enum kept_wire_kind {
    KEPT_WIRE_CALL = 1,
    KEPT_WIRE_ANSWER,
    KEPT_WIRE_ASK,
    KEPT_WIRE_DOCUMENT,
    KEPT_WIRE_FAULT,
    KEPT_WIRE_KEYED,
    KEPT_WIRE_AGAIN
};

/* By which a request that comes again is known, and that it is the same. */
#define KEPT_WIRE_DIGEST 32u
struct kept_wire_key {
    uint8_t name[KEPT_WIRE_DIGEST], body[KEPT_WIRE_DIGEST]; /* SHA-256: of who asks for what with which key; of what was said */
};
enum kept_wire_again {
    KEPT_AGAIN_ANSWERED = 0, /* the answer follows */
    KEPT_AGAIN_UNDER_WAY,
    KEPT_AGAIN_OTHER,        /* the key came with something else */
    KEPT_AGAIN_LARGE         /* it was done; the answer was too large to be kept */
};

/* What a caller shows. The holder of keys judges it; the parser only passes it on. */
enum kept_credential_kind {
    KEPT_CREDENTIAL_NONE = 0, /* nobody: public documents only */
    KEPT_CREDENTIAL_PEER,     /* the owner of the store, on this machine: told by the socket, never by bytes */
    KEPT_CREDENTIAL_TOKEN,    /* a service's token */
    KEPT_CREDENTIAL_SESSION,  /* of staff, or of a person */
    KEPT_CREDENTIAL_CERTIFICATE /* SHA-256 of the certificate a client showed in TLS */
};
struct kept_credential {
    enum kept_credential_kind kind;
    struct kept_span secret;
};

struct kept_wire_head {
    enum kept_wire_kind kind;
    uint32_t body; /* bytes */
    uint64_t id;
};

/* A question that is no operation: a document by its name ("policy", "checkpoint", "tile", "health" ...)
 * and what it is asked with, texts in pairs. */
#define KEPT_WIRE_MAX_ARGS 16u
struct kept_wire_ask {
    const char *what;
    const char *keys[KEPT_WIRE_MAX_ARGS];
    const char *values[KEPT_WIRE_MAX_ARGS];
    size_t count;
};
struct kept_wire_document {
    int error;             /* 0 or KEPT_E_*; then text says what, and the rest is empty */
    const char *text;
    const char *type;      /* media type */
    const char *tag;       /* changes when the document does: for an ETag; or "" */
    struct kept_span bytes;
};

/* ---- encoding: appended to out; out->failed tells at the end ----------------------------------- */

/* A message that does not fit (KEPT_WIRE_MAX, the counts above, out->max) leaves what was in out as it was,
 * and sets out->failed: KEPT_E_LIMIT or KEPT_E_NOMEM. Set it to 0 to go on. A credential that says PEER is
 * written as NONE; NULL is NONE, too. */

void kept_wire_call(struct kept_buf *out, uint64_t id, const struct kept_credential *credential,
                    const struct kept_request *requests, size_t count);
void kept_wire_keyed(struct kept_buf *out, uint64_t id, const struct kept_wire_key *key,
                     const struct kept_credential *credential, const struct kept_request *requests, size_t count);
/* answer: the body of an ANSWER; empty but for KEPT_AGAIN_ANSWERED. */
void kept_wire_put_again(struct kept_buf *out, uint64_t id, enum kept_wire_again state, struct kept_span answer);
void kept_wire_answer(struct kept_buf *out, uint64_t id, struct kept_reply *const *replies, size_t count);
void kept_wire_question(struct kept_buf *out, uint64_t id, const struct kept_credential *credential,
                        const struct kept_wire_ask *ask);
void kept_wire_reply_document(struct kept_buf *out, uint64_t id, const struct kept_wire_document *document);
void kept_wire_fault(struct kept_buf *out, uint64_t id, int error, const char *text);

/* ---- decoding: everything is borrowed from the message ----------------------------------------- */

/* kept_wire_peek(bytes, ret_head): is a head there? 1: yes, and the message is whole when bytes has
 * KEPT_WIRE_HEAD + ret_head->body; 0: not yet; KEPT_E_FORMAT: these bytes are no message of this version, or
 * it would be longer than KEPT_WIRE_MAX. */
KEPT_MUST_USE int kept_wire_peek(struct kept_span bytes, struct kept_wire_head *ret_head);
/* The body of the message that bytes begins with, of which all is there. */
static inline struct kept_span kept_wire_body(struct kept_span bytes, const struct kept_wire_head *head)
{
    return (struct kept_span){bytes.p + KEPT_WIRE_HEAD, head->body};
}

/* The key of a KEYED, and its rest, the body of a CALL. KEPT_E_FORMAT. */
KEPT_MUST_USE int kept_wire_key_read(struct kept_span body, struct kept_wire_key *ret_key, struct kept_span *ret_call);
/* Borrowed. KEPT_E_FORMAT. */
KEPT_MUST_USE int kept_wire_again_read(struct kept_span body, enum kept_wire_again *ret_state, struct kept_span *ret_answer);

/* Requests of a CALL, one after the other. begin: KEPT_E_FORMAT. next: 1 and a request, 0 at the end,
 * KEPT_E_FORMAT, KEPT_E_NOMEM. */
struct kept_wire_calls {
    struct kept_cursor cursor;
    size_t left, fields_left;
    struct kept_credential credential;
};
KEPT_MUST_USE int kept_wire_calls_begin(struct kept_span body, struct kept_wire_calls *ret_calls);

/* A request with what it points to, to be kept, where it is, until its reply was reaped. Zeros, or one that
 * was used before: its memory is used again. Released also when next failed. */
struct kept_wire_request {
    struct kept_request request;
    struct kept_field *fields;
    size_t cap;
    struct kept_evidence evidence;
    struct kept_guardian guardian;
    struct kept_caller caller;
};
KEPT_MUST_USE int kept_wire_calls_next(struct kept_wire_calls *calls, struct kept_wire_request *ret_request);
void kept_wire_request_release(struct kept_wire_request *request);

/* Replies of an ANSWER: each owned by the caller, and holding its own copy of the bytes; freed with
 * kept_wire_reply_free, which wipes it; NULL is a no-op. begin and next: as of a CALL. */
struct kept_wire_answers {
    struct kept_cursor cursor;
    size_t left;
};
KEPT_MUST_USE int kept_wire_answers_begin(struct kept_span body, struct kept_wire_answers *ret_answers);
KEPT_MUST_USE int kept_wire_answers_next(struct kept_wire_answers *answers, struct kept_reply **ret_reply);
void kept_wire_reply_free(struct kept_reply *reply);

/* What these give is borrowed. KEPT_E_FORMAT. */
KEPT_MUST_USE int kept_wire_ask_read(struct kept_span body, struct kept_credential *ret_credential,
                                     struct kept_wire_ask *ret_ask);
/* What a question is asked with under a key, the first; NULL: nothing. */
const char *kept_wire_arg(const struct kept_wire_ask *ask, const char *key);
KEPT_MUST_USE int kept_wire_document_read(struct kept_span body, struct kept_wire_document *ret_document);
KEPT_MUST_USE int kept_wire_fault_read(struct kept_span body, int *ret_error, const char **ret_text);

#endif
