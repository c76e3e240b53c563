/* vault.h - values: sealed one by one, found through the person's directory.
 *
 * A record lies in the person's own row while it is small and there is room (kept_pack_find), else it
 * is the cell at its slot of the person's key range. Format 1, and 2 for values in chunks:
 *   u8 format << 4 | suite | varint generation of the key of the record's class | [u32 partition] | sealed:
 *   u8 which << 4 | source | varint at, since the person came | [varint until] |
 *   varint policy version | [u32 from, where the source is 3] | [u32 function] | [varint size | key] | value
 *   which: 1 until, 2 function, 4 chunks, 8 at is whole and not since the person came
 * Formats 5 and 6 are 1 and 2 in a partition that is not the default one, and sealed under a key of its own
 * (kept_subject_value_key), so that its name need not be in the AAD.
 * Values over KEPT_CHUNK_BYTES stand in sealed chunks beside it, u8 suite | sealed each, under a key drawn
 * for that value alone, which stands with its size in the record: a chunk that is missing, cut, moved or
 * of another value is found, and a gigabyte is sealed anew by its record. (Format 1 had varint chunks in
 * place of size and key, and chunks under the class's key; it is read, and re-sealed as 2.) AAD = suite, app, subject, 'V',
 * class, key generation (0: the value's own), stable item id, record, record version, chunk. The version that counts is
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

/* "user" ..., as a policy writes it, and back; 0 and "" for what is none. */
uint8_t kept_source_named(const char *name);
const char *kept_source_name(uint8_t source);

/* What stands sealed beside a value. */
struct kept_stamp {
    kept_ms at;              /* collected */
    kept_ms until;           /* end of retention; 0: while the account lives */
    uint32_t policy_version; /* collected under */
    uint32_t function;       /* kept_ref */
    uint32_t chunks;         /* 0: the value stands here */
    uint8_t source;          /* enum kept_source */
    uint32_t from;           /* THIRD_PARTY: kept_ref of the recipient that passed it in */
    uint32_t partition;      /* kept_ref of where it is kept; 0: the default one */
};

/* Where the chunks of a value lie, and what opens them: secret, wiped by whoever holds it. */
struct kept_blob {
    struct kept_id id;       /* the person */
    uint32_t app;
    uint64_t key;            /* of the record: the chunks' row key */
    struct kept_dir_row row;
    uint32_t generation;     /* of the class's key, in format 1; 0: the key is the value's own */
    uint32_t chunks;         /* 0: there are none */
    uint64_t size;           /* bytes; 0 in format 1 */
    uint8_t seal[KEPT_KEY_BYTES];
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

/* Its stamp alone, however large the value. Errors as kept_vault_get. */
KEPT_MUST_USE int kept_vault_stamp(struct kept_store *store, const struct kept_subject *subject,
                                   const struct kept_dir_row *row, struct kept_stamp *ret_stamp,
                                   struct kept_err *err);

/* ---- large values, a piece at a time -----------------------------------------------------------*/

/* What leads to a record's chunks; of a value without (ret_blob->chunks 0) the value, appended to out
 * (NULL: not wanted). ret_blob is secret. Errors as kept_vault_get. */
KEPT_MUST_USE int kept_vault_blob(struct kept_store *store, const struct kept_subject *subject,
                                  const struct kept_dir_row *row, struct kept_stamp *ret_stamp,
                                  struct kept_blob *ret_blob, struct kept_buf *out,
                                  struct kept_err *err);
/* Chunk number (from 0), appended to out (secret). KEPT_E_CORRUPT: missing, or not as it was written. */
KEPT_MUST_USE int kept_blob_get(struct kept_store *store, const struct kept_blob *blob,
                                uint32_t number, struct kept_buf *out, struct kept_err *err);

/* A slot for a value to come: the head must be sealed and put afterwards. Nothing opens what is written
 * under it until it is adopted, since its key stands nowhere but in ret_blob. KEPT_E_LIMIT. */
KEPT_MUST_USE int kept_vault_reserve(struct kept_subject *subject, uint32_t item,
                                     enum kept_class class, struct kept_blob *ret_blob,
                                     struct kept_err *err);
/* Write on. All but the last piece are whole chunks long. After a failure, or a rollback, the blob is
 * of no use. KEPT_E_LIMIT: KEPT_MAX_STREAM_BYTES. */
KEPT_MUST_USE int kept_blob_append(struct kept_store *store, struct kept_blob *blob,
                                   struct kept_span value, struct kept_err *err);
/* Now it is a record of its person (opened anew, perhaps). The head must be sealed and put afterwards. */
KEPT_MUST_USE int kept_vault_adopt(struct kept_store *store, struct kept_subject *subject,
                                   const struct kept_blob *blob, const struct kept_stamp *stamp,
                                   struct kept_err *err);

/* Delete a record, its chunks and tokens, and its directory row. More than KEPT_CHUNKS_A_BITE chunks are left to
 * the list KEPT_TODO_CHUNKS. */
KEPT_MUST_USE int kept_vault_delete(struct kept_store *store, struct kept_subject *subject,
                                    const struct kept_dir_row *row, struct kept_err *err);

/* Seal a record anew under the current generation of its class's key, in the partition where the policy
 * has it now (NULL: where it is); done already is success. */
KEPT_MUST_USE int kept_vault_reseal(struct kept_store *store, struct kept_subject *subject,
                                    const struct kept_dir_row *row, const uint32_t *partition,
                                    struct kept_err *err);
/* Seal the directory's pages anew under the current ordinary key. */
KEPT_MUST_USE int kept_directory_reseal(struct kept_store *store, struct kept_subject *subject,
                                        struct kept_err *err);

#endif
