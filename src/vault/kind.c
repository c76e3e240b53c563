/* kind.c - kinds of item: their names, and the way to their normal form. */
#include "vault/kind.h"

#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "vault/kind_int.h"

static const struct {
    const char *name;
    bool token;
    const char *looks;
} kinds[KEPT_KIND_COUNT] = {
    {"", false, "of a kind"},
#define X(constant, name, token, looks) {name, token, looks},
    KEPT_ITEM_KINDS(X)
#undef X
};

static kept_normal_fn *const normals[KEPT_KIND_COUNT] = {
    [KEPT_KIND_TEXT] = kept_normal_text,
    [KEPT_KIND_NAME] = kept_normal_name,
    [KEPT_KIND_PHONE] = kept_normal_phone,
    [KEPT_KIND_LANDLINE] = kept_normal_landline,
    [KEPT_KIND_MAIL] = kept_normal_mail,
    [KEPT_KIND_ADDRESS] = kept_normal_address,
    [KEPT_KIND_NUMBER] = kept_normal_number,
    [KEPT_KIND_DATE] = kept_normal_date,
    [KEPT_KIND_COORDINATES] = kept_normal_coordinates,
    [KEPT_KIND_IMEI] = kept_normal_imei,
    [KEPT_KIND_MAC] = kept_normal_mac,
    [KEPT_KIND_IPV4] = kept_normal_ipv4,
    [KEPT_KIND_DEVICE_ID] = kept_normal_device_id,
    [KEPT_KIND_ID_CARD] = kept_normal_id_card,
    [KEPT_KIND_BANK_CARD] = kept_normal_bank_card,
    [KEPT_KIND_PLATE] = kept_normal_plate,
    [KEPT_KIND_BLOB] = kept_normal_blob,
};

static bool is_known(enum kept_item_kind kind)
{
    return (int)kind > KEPT_KIND_NONE && (int)kind < KEPT_KIND_COUNT;
}

enum kept_item_kind kept_kind_named(const char *name)
{
    for (int k = KEPT_KIND_NONE + 1; name != NULL && k < KEPT_KIND_COUNT; k++)
        if (strcmp(kinds[k].name, name) == 0)
            return (enum kept_item_kind)k;
    return KEPT_KIND_NONE;
}

const char *kept_kind_name(enum kept_item_kind kind)
{
    return is_known(kind) ? kinds[kind].name : "";
}

bool kept_kind_can_token(enum kept_item_kind kind)
{
    return is_known(kind) && kinds[kind].token;
}

static int normal(enum kept_item_kind kind, struct kept_span value, struct kept_buf *out)
{
    if (!is_known(kind) || value.n == 0)
        return KEPT_E_USAGE;
    if (value.n > KEPT_MAX_VALUE_BYTES)
        return KEPT_E_LIMIT;
    return normals[kind](value, out);
}

int kept_kind_check(enum kept_item_kind kind, struct kept_span value, struct kept_err *err)
{
    int rc = normal(kind, value, NULL);
    if (rc == 0)
        return 0;
    if (!is_known(kind))
        return kept_fail(err, rc, "no such kind of item: %d", (int)kind);
    if (rc == KEPT_E_LIMIT)
        return kept_fail(err, rc, "a value is too long: it should be %s", kinds[kind].looks);
    if (value.n == 0)
        return kept_fail(err, rc, "a value is empty: it should be %s", kinds[kind].looks);
    return kept_fail(err, rc, "a value is not of kind %s: it should be %s", kinds[kind].name,
                     kinds[kind].looks);
}

int kept_kind_normal(enum kept_item_kind kind, struct kept_span value, struct kept_buf *out)
{
    struct kept_buf form;
    if (out->failed != 0)
        return out->failed;
    /* Aside first: a builder that runs full half-way would leave half a value behind. */
    kept_buf_init_secret(&form, KEPT_MAX_VALUE_BYTES);
    int rc = normal(kind, value, &form);
    if (rc == 0)
        rc = form.failed;
    if (rc == 0) {
        kept_buf_bytes(out, form.p, form.n);
        rc = out->failed;
    }
    kept_buf_release(&form);
    return rc;
}
