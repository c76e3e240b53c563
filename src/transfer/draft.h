/* draft.h - a row of a foreign file as the requests it means: one unit. PURE.
 *
 * A draft owns a copy of what it needs of the row, secret, and may be used for one row after another. */
#ifndef KEPT_TRANSFER_DRAFT_H
#define KEPT_TRANSFER_DRAFT_H

#include "transfer/rows.h"

/* What a request of a draft is: the person, one of the mapping's consents, one of its collections. */
enum kept_drafted { KEPT_DRAFTED_PERSON = 1, KEPT_DRAFTED_CONSENT, KEPT_DRAFTED_COLLECT };
struct kept_drafted_as {
    enum kept_drafted what;
    size_t index; /* of the consent, of the collection */
};

struct kept_draft {
    struct kept_request *requests;
    struct kept_drafted_as *as; /* parallel, as is the next */
    struct kept_evidence *evidence;
    size_t count, cap;
    struct kept_field *fields;
    size_t *items;              /* parallel to fields: which item of the collection */
    size_t field_count, field_cap, item_cap;
    struct kept_buf bytes;      /* secret */
    const char *bad;            /* why the row means nothing; NULL: it does */
    size_t bad_column;          /* into the mapping's columns, or KEPT_NO_COLUMN */
    uint64_t row, line;
};

/* What all requests of an import share. */
struct kept_draft_frame {
    const struct kept_mapping *mapping;
    const char *app, *actor, *role;
    bool consents; /* those of the mapping are brought, too */
    bool dry;
};

void kept_draft_init(struct kept_draft *draft);
void kept_draft_release(struct kept_draft *draft);

/* kept_draft_row(draft, frame, row): the requests of a row, the first of which begins a unit. A row that
 * means nothing has .bad and no requests. Returns 0, KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_draft_row(struct kept_draft *draft, const struct kept_draft_frame *frame,
                                 const struct kept_row *row);

#endif
