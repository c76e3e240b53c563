/* kinds.c - kinds of value, as far as a policy's checks need them. */
#include <string.h>

#include "policy/kinds.h"
#include "policy/policy_int.h"

static const struct {
    const char *name;
    unsigned flags;
} kinds[] = {
#define X(constant, name, max, flags, normal, mask, looks) {name, flags},
    KEPT_ITEM_KINDS(X)
#undef X
};

/* Values that can be guessed by trying them all: a look-up token would reveal them. */
bool kept_kind_low_entropy(const char *kind)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i].name, kind) == 0)
            return (kinds[i].flags & KEPT_KIND_FOUND) == 0;
    return false; /* no kind at all: that is a finding of its own */
}
