/* values_int.h - values on their way: by stream, of an address book, masked, and said in a reply. */
#ifndef KEPT_ENGINE_VALUES_INT_H
#define KEPT_ENGINE_VALUES_INT_H

#include "engine/engine_int.h"

/* stream.c: values that come and go by stream. */

/* COLLECT of a value by stream, at its begin: the item is judged, and a place taken for the chunks; the
 * entry comes at the end. false: it is no stream, or at its end. */
bool kept_stream_begins(const struct call *call);
KEPT_MUST_USE int kept_stream_reserve(struct call *call, const struct kept_item *item,
                                      struct kept_err *err);
/* Is a value by stream of its item's kind, as far as it has come? KEPT_E_USAGE: values of this item
 * come in no stream. */
KEPT_MUST_USE int kept_stream_check(struct call *call, const struct kept_item *item, bool *ret_fits,
                                    struct kept_err *err);
/* COLLECT at its end: the chunks become a record, in place of replace (NULL: of none). */
KEPT_MUST_USE int kept_stream_keep(struct call *call, const struct kept_item *item,
                                   const struct kept_stamp *stamp,
                                   const struct kept_dir_row *replace,
                                   struct kept_dir_row *ret_row, struct kept_err *err);
/* USE of a value by stream. */
KEPT_MUST_USE int kept_stream_ask(struct call *call, struct kept_err *err);
/* Close those that are open; remove: with what they wrote, if they were not finished. */
void kept_streams_end(struct kept *kept, bool remove);
/* Delete chunks that belong to no record, in transactions of their own: those whose time has come; on
 * opening all, for nobody writes on at them. The call is of any app. */
KEPT_MUST_USE int kept_chunks_due(struct call *call, kept_ms now, uint32_t *deleted,
                                  struct kept_err *err);
KEPT_MUST_USE int kept_streams_recover(struct kept *kept, struct kept_err *err);

/* contacts.c: the second token of a value that address books meet. */
KEPT_MUST_USE int kept_contact_token(const struct app *app, uint32_t item, struct kept_span stored,
                                     uint8_t ret_token[KEPT_TOKEN_BYTES], struct kept_err *err);

/* disclose.c */

/* One field of the reply, and the same in the entry. row: of the record; slot 0: of none. */
KEPT_MUST_USE int kept_say(struct call *call, const struct kept_dir_row *row, const char *name,
                           const struct kept_verdict *verdict, struct kept_span value,
                           struct kept_err *err);
/* Of the field said last: where its value came from, and when; when it ends. */
void kept_say_stamp(struct call *call, const struct kept_stamp *stamp);
/* What the call's policy decides of one item, by its reference; NULL where it has none (denied, then). */
const struct kept_item *kept_judge(const struct call *call, enum kept_use use, uint32_t item,
                                   struct kept_verdict *ret_verdict);
/* The same of a value that is read; *ret_archive: only from the archive (then: archive), which is opened to whom a
 * law sends. */
const struct kept_item *kept_judge_read(const struct call *call, uint32_t item, struct kept_verdict *ret_verdict,
                                        bool *ret_archive);
/* May a value be given that was judged so, by its stamp? Else *verdict says why not: its time is over, it is in the
 * archive, or it is not there yet. *ret_until (may be NULL): how long it holds; 0: as long as the verdict. */
bool kept_time_allows(const struct call *call, uint32_t item, const struct kept_stamp *stamp, bool archive,
                      struct kept_verdict *verdict, kept_ms *ret_until);
/* kept_policy_reaches_back of one value, by its stamp. */
bool kept_reaches_back(const struct call *call, enum kept_use use, uint32_t item,
                       const struct kept_stamp *stamp, struct kept_verdict *ret_verdict);
/* The masked form of a record so. *ret_said false: its end has come. */
KEPT_MUST_USE int kept_say_masked(struct call *call, const struct kept_item *item,
                                  const struct kept_dir_row *row, const struct kept_verdict *verdict,
                                  bool *ret_said, struct kept_err *err);

#endif
