/* vault_int.h - what the files of this room share. */
#ifndef KEPT_VAULT_INT_H
#define KEPT_VAULT_INT_H

#include "vault/vault.h"

/* AAD of a record (chunk 0) and of its chunks (from 1); aad is scratch. */
#define KEPT_VALUE_AAD (KEPT_AAD_HEAD + 22)
struct kept_span kept_value_aad(uint8_t aad[KEPT_VALUE_AAD], uint32_t app, const struct kept_id *id,
                                enum kept_suite suite, uint32_t generation,
                                const struct kept_dir_row *row, uint32_t chunk);

/* A blob at a row of a person, empty; with this key, or (new) with one drawn for it. */
void kept_blob_at(struct kept_blob *blob, const struct kept_subject *subject,
                  const struct kept_dir_row *row, uint32_t generation,
                  const uint8_t key[KEPT_KEY_BYTES]);
void kept_blob_new(struct kept_blob *blob, const struct kept_subject *subject,
                   const struct kept_dir_row *row);
uint32_t kept_blob_chunks(uint64_t size);

/* Set (add or replace) and drop a directory row. */
KEPT_MUST_USE int kept_directory_set(struct kept_store *store, struct kept_subject *subject,
                                     const struct kept_dir_row *row, struct kept_err *err);
KEPT_MUST_USE int kept_directory_drop(struct kept_store *store, struct kept_subject *subject,
                                      const struct kept_dir_row *row, struct kept_err *err);

#endif
