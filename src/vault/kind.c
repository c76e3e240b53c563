/* kind.c - kinds of item: from the table to their names, normal forms and masks. */
#include "vault/kind.h"

#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "vault/kind_int.h"

_Static_assert(KEPT_KIND_WHOLE == KEPT_MAX_VALUE_BYTES, "a value is held whole up to its ceiling");

static const struct {
    const char *name;
    size_t max;
    unsigned flags;
    kept_normal_fn *normal;
    kept_mask_fn *mask;
    const char *looks;
} kinds[KEPT_KIND_COUNT] = {
    {"", 0, 0, NULL, NULL, "of a kind"},
#define X(constant, name, max, flags, normal, mask, looks)                                         \
    {name, max, flags, kept_normal_##normal, kept_mask_##mask, looks},
    KEPT_ITEM_KINDS(X)
#undef X
};

static bool is_known(enum kept_item_kind kind)
{
    return (int)kind > KEPT_KIND_NONE && (int)kind < KEPT_KIND_COUNT;
}

static bool has(enum kept_item_kind kind, unsigned flag)
{
    return is_known(kind) && (kinds[kind].flags & flag) != 0;
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
    return has(kind, KEPT_KIND_FOUND);
}

bool kept_kind_can_stream(enum kept_item_kind kind)
{
    return has(kind, KEPT_KIND_STREAM);
}

static int normal(enum kept_item_kind kind, struct kept_span value, struct kept_buf *out)
{
    if (!is_known(kind))
        return KEPT_E_USAGE;
    if (!has(kind, KEPT_KIND_AS_IS))
        value = kept_kind_trim(value);
    if (value.n == 0)
        return KEPT_E_USAGE;
    if (value.n > kinds[kind].max)
        return KEPT_E_LIMIT;
    return kinds[kind].normal(value, out);
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

int kept_kind_mask(enum kept_item_kind kind, struct kept_span value, struct kept_buf *out)
{
    struct kept_buf form, masked;
    if (out->failed != 0)
        return out->failed;
    kept_buf_init_secret(&form, KEPT_MAX_VALUE_BYTES);
    kept_buf_init_secret(&masked, KEPT_MAX_VALUE_BYTES);
    int rc = 0;
    if (!is_known(kind) || kinds[kind].mask == kept_mask_hidden)
        kept_mask_hidden(value, &masked); /* and no copy of a photo is made for it */
    else if (has(kind, KEPT_KIND_LOOSE))
        kinds[kind].mask(value, &masked);
    else if ((rc = kept_kind_normal(kind, value, &form)) == 0)
        kinds[kind].mask(kept_buf_span(&form), &masked);
    if (rc == KEPT_E_USAGE || rc == KEPT_E_LIMIT) { /* not of its kind: nothing of it is shown */
        kept_mask_hidden(value, &masked);
        rc = 0;
    }
    if (rc == 0 && (rc = masked.failed) == 0) {
        kept_buf_bytes(out, masked.p, masked.n);
        rc = out->failed;
    }
    kept_buf_release(&masked);
    kept_buf_release(&form);
    return rc;
}
