/* kind_int.h - between kind.c and kind_normal.c. */
#ifndef KEPT_VAULT_KIND_INT_H
#define KEPT_VAULT_KIND_INT_H

#include "vault/kind.h"

/* The normal form of a value in out, which is empty and NULL or secret; with out NULL: only check.
 * 0, KEPT_E_USAGE, KEPT_E_LIMIT; a failing buffer is left to the caller to see. */
typedef int kept_normal_fn(struct kept_span value, struct kept_buf *out);
kept_normal_fn kept_normal_text, kept_normal_name, kept_normal_phone, kept_normal_landline,
    kept_normal_mail, kept_normal_address, kept_normal_number, kept_normal_date,
    kept_normal_coordinates, kept_normal_imei, kept_normal_mac, kept_normal_ipv4,
    kept_normal_device_id, kept_normal_id_card, kept_normal_bank_card, kept_normal_plate,
    kept_normal_blob;

/* Digits of a value in which spaces and hyphens may stand; 0 when anything else does, or when there
 * are more than max. */
size_t kept_kind_digits(struct kept_span value, uint8_t *ret_digits, size_t max);

#endif
