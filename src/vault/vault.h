/* vault.h - values: sealed one by one, found through the person's directory.
 *
 * A record lies in the person's own row while it is small and there is room (kept_pack_find), else it
 * is the cell at its slot of the person's key range. Format 1:
 *   u8 format=1 << 4 | suite | varint generation of the key of the record's class | sealed:
 *   u8 which << 4 | source | varint at, since the person came | [varint until] |
 *   varint policy version | [u32 from, where the source is 3] | [u32 function] | [varint chunks] | value
 *   which: 1 until, 2 function, 4 chunks, 8 at is whole and not since the person came
 * Values over KEPT_CHUNK_BYTES stand in sealed chunks beside it. AAD = suite, app, subject, 'V',
 * class, key generation, stable item id, record, record version, chunk. The version that counts is
 * the directory's, so an old row that was put back does not open.
 * Invariants: 1. A slot is never given to another record.  2. A record without a directory row is
 * garbage, whatever its cell holds.  3. Every call needs a transaction the pipeline opened.
 * Clauses: S0-7.3, S2-4.1.2, S0-2.1 (stamps carry the source). */
#ifndef KEPT_VAULT_H
#define KEPT_VAULT_H

#include "store/store.h"
#include "subject/subject.h"

enum kept_source { KEPT_SOURCE_USER = 1, KEPT_SOURCE_GENERATED, KEPT_SOURCE_THIRD_PARTY,
                   KEPT_SOURCE_DERIVED, KEPT_SOURCE_IMPORTED };

/* What stands sealed beside a value. */
struct kept_stamp {
    kept_ms at;              /* collected */
    kept_ms until;           /* end of retention; 0: while the account lives */
    uint32_t policy_version; /* collected under */
    uint32_t function;       /* kept_ref */
    uint32_t chunks;         /* 0: the value stands here */
    uint8_t source;          /* enum kept_source */
    uint32_t from;           /* THIRD_PARTY: kept_ref of the recipient that passed it in */
};

/* The directory row of an item: record 0 takes the first. KEPT_E_NOTFOUND, KEPT_E_CORRUPT. */
KEPT_MUST_USE int kept_vault_find(struct kept_store *store, const struct kept_subject *subject,
                                  uint32_t item, uint32_t record, struct kept_dir_row *ret_row,
                                  struct kept_err *err);
/* All rows (item 0: of every item), ascending by record; visit nonzero stops. */
KEPT_MUST_USE int kept_vault_each(struct kept_store *store, const struct kept_subject *subject,
                                  uint32_t item,
                                  int (*visit)(void *arg, const struct kept_dir_row *row),
                                  void *arg, struct kept_err *err);

/* Seal a value: in place of the one there is (record's version grows), or as a new record.
 * replace: the row to write over, or NULL. ret_row: the directory row as it stands now. The head
 * must be sealed and put afterwards. KEPT_E_LIMIT: no slot or too large. */
KEPT_MUST_USE int kept_vault_put(struct kept_store *store, struct kept_subject *subject,
                                 const struct kept_dir_row *replace, uint32_t item,
                                 enum kept_class class, const struct kept_stamp *stamp,
                                 struct kept_span value, struct kept_dir_row *ret_row,
                                 struct kept_err *err);

/* A record's value, from wherever it lies, appended to out (secret). KEPT_E_CORRUPT: missing, changed
 * outside kept, or an old version. */
KEPT_MUST_USE int kept_vault_get(struct kept_store *store, const struct kept_subject *subject,
                                 const struct kept_dir_row *row, struct kept_stamp *ret_stamp,
                                 struct kept_buf *out, struct kept_err *err);
/* The same for a body that is at hand: from kept_pack_find or the cell under the row's key. value is appended to out (secret).
 * KEPT_E_CORRUPT: changed outside kept, or an old version. Values in chunks are fetched too. */
KEPT_MUST_USE int kept_vault_open(struct kept_store *store, const struct kept_subject *subject,
                                  const struct kept_dir_row *row, struct kept_span body,
                                  struct kept_stamp *ret_stamp, struct kept_buf *out,
                                  struct kept_err *err);

/* Delete a record, its chunks and tokens, and its directory row. */
KEPT_MUST_USE int kept_vault_delete(struct kept_store *store, struct kept_subject *subject,
                                    const struct kept_dir_row *row, struct kept_err *err);

/* Seal a record anew under the current generation of its class's key; done already is success. */
KEPT_MUST_USE int kept_vault_reseal(struct kept_store *store, struct kept_subject *subject,
                                    const struct kept_dir_row *row, struct kept_err *err);
/* Seal the directory's pages anew under the current ordinary key. */
KEPT_MUST_USE int kept_directory_reseal(struct kept_store *store, struct kept_subject *subject,
                                        struct kept_err *err);

#endif
