/* import_int.h - inside an import: what is in flight, and how far it came. */
#ifndef KEPT_TRANSFER_IMPORT_INT_H
#define KEPT_TRANSFER_IMPORT_INT_H

#include "base/limits.h"
#include "crypto/crypto.h"
#include "transfer/draft.h"
#include "transfer/transfer.h"

#define RING 1024u                 /* rows in flight */
#define FLIGHT 2048u               /* operations in flight; with one more row under KEPT_MAX_IN_FLIGHT */
#define PIECE 65536u               /* bytes read at a time */
#define LARGE_ROW (1u << 20)       /* memory of a larger row is given back at once */

_Static_assert(FLIGHT + KEPT_MAX_UNIT <= KEPT_MAX_IN_FLIGHT, "a row more fits in flight");

struct pending { /* a row in flight */
    struct kept_draft draft;
    size_t answered;
    int error;
    bool undone;        /* not the row failed, but the engine: the next run takes it */
    bool some, partly;  /* of its values and consents: taken, not taken */
    bool person_new, person_found;
    bool again;         /* of an earlier run: only what it refuses is said */
    char mark[64];
};

struct import {
    struct kept *kept;
    const struct kept_import_options *o;
    const struct kept_mapping *m;
    struct kept_import_state *s;
    struct kept_draft_frame frame;
    int fd;
    uint8_t *piece;     /* secret */
    struct kept_hash hash;
    char mark[KEPT_MAX_MARK_NAME + 1];
    uint64_t from;      /* rows up to here are done, and reported */
    uint64_t until;     /* ... up to here done */
    uint64_t seen;      /* rows up to here are answered */
    size_t *firsts;     /* of each collection: its first tally */
    struct pending *ring;
    size_t front, used, in_flight;
    int failed;
    bool stopped;       /* a row was not done: no row behind it is */
    struct kept_err err;
};

/* Answers until at most down_to operations are in flight. */
KEPT_MUST_USE int kept_import_reap(struct import *w, size_t down_to);
KEPT_MUST_USE int kept_import_rows(struct import *w);

#endif
