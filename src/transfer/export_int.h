/* export_int.h - inside an export: what is being read, and how far it came. */
#ifndef KEPT_TRANSFER_EXPORT_INT_H
#define KEPT_TRANSFER_EXPORT_INT_H

#include "base/limits.h"
#include "transfer/transfer.h"

struct export {
    struct kept *kept;
    const struct kept_export_options *o;
    struct kept_export_state *s;
    struct kept_field *fields;      /* what is asked of everyone */
    struct kept_request *requests;
    struct kept_id *people;         /* of the page */
    size_t count;
    uint64_t next;                  /* page; 0: the last */
    char part[KEPT_MAX_PATH];
    char mark[KEPT_MAX_PATH];
    char of[65];                    /* what the mark is of: the question, and in which store */
    int fd;                         /* -1: to options->write */
    struct kept_buf out;            /* secret */
    size_t *at;                     /* of each item: its first field in the reply, and how many */
    size_t *many;
    struct kept_err *err;
};

/* For jansson: text behind what is in a buffer. */
int kept_export_append(const char *text, size_t n, void *buf);

/* ---- mark.c: PATH.mark, which says up to where PATH.part is whole ---- */

/* Of what is a mark? The items, how they are read, and the store, by its first person. */
void kept_export_of(struct export *w, const struct kept_id *first);
/* kept_export_mark_read(w, ret_there): take place and numbers out of the mark. *ret_there is false without
 * one, or without the part that it is of. KEPT_E_CONFLICT: it is of another export, or damaged, or the part
 * is shorter than it says. */
KEPT_MUST_USE int kept_export_mark_read(struct export *w, bool *ret_there);
/* What was written so far is whole and synced: the next page begins behind it. */
KEPT_MUST_USE int kept_export_mark_write(struct export *w);
void kept_export_mark_remove(const struct export *w);

#endif
