/* subject_int.h - what the files of this room share. */
#ifndef KEPT_SUBJECT_INT_H
#define KEPT_SUBJECT_INT_H

#include "subject/subject.h"

/* Context as canonical bytes (format 1) into plain. */
void kept_context_encode(const struct kept_subject *subject, struct kept_buf *plain);

/* Unseal and decode; the keys are already in subject->keys. KEPT_E_CRYPTO, KEPT_E_CORRUPT,
 * KEPT_E_NOMEM, KEPT_E_LIMIT. */
KEPT_MUST_USE int kept_context_open(struct kept_subject *subject, enum kept_suite suite,
                                    struct kept_span aad, struct kept_span sealed);

/* Take the pack of a head over. KEPT_E_CORRUPT, KEPT_E_NOMEM. */
KEPT_MUST_USE int kept_pack_open(struct kept_subject *subject, struct kept_span bytes);
/* Only the records of these rows stay. */
void kept_pack_keep(struct kept_subject *subject, const struct kept_dir_row *rows, size_t count);

#endif
