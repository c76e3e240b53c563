/* kinds.c - kinds of value and kinds of app, as far as a policy's checks need them. */
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

const char *const *kept_kind_words(void)
{
    static const char *const words[] = {
#define X(constant, name, max, flags, normal, mask, looks) name,
        KEPT_ITEM_KINDS(X)
#undef X
        NULL};
    return words;
}

/* Values that can be guessed by trying them all: a look-up token would reveal them. */
bool kept_kind_low_entropy(const char *kind)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i].name, kind) == 0)
            return (kinds[i].flags & KEPT_KIND_FOUND) == 0;
    return false; /* no kind at all: that is a finding of its own */
}

/* The 39 common types of app (Provisions on necessary personal information, Art. 5), in order. */
static const char *const app_types[] = {
    "map", "ride-hailing", "messaging", "community", "payment", "shopping", "food-delivery",
    "parcels", "transport-tickets", "dating", "jobs", "lending", "housing", "used-cars", "medical",
    "travel", "hotel", "game", "education", "local-life", "womens-health", "vehicle", "investment",
    "banking", "mail", "meeting", "live-stream", "audio-video", "short-video", "news", "sport",
    "browser", "input-method", "security", "e-book", "photo", "app-store", "utility",
    "event-tickets", "other", NULL};

const char *const *kept_app_type_words(void)
{
    return app_types;
}

int kept_app_type_demands(const char *app_type)
{
    size_t n = 0;
    while (app_types[n] != NULL && strcmp(app_types[n], app_type) != 0)
        n++;
    n++; /* the Provisions count from 1 */
    if (n == 21 || (n >= 27 && n <= 38))
        return 0;
    if (n == 4 || n == 18 || n == 19 || n == 20 || n == 25 || n == 26)
        return 1;
    return 2;
}
