/* reason.c - the names of decisions, and names and sentences of reasons: part of the interface. */
#include "kept.h"

const char *kept_decision_name(enum kept_decision decision)
{
    return decision == KEPT_ALLOW ? "allow" : decision == KEPT_MASK ? "mask" : "deny";
}

const char *kept_reason_name(enum kept_reason reason)
{
    static const char *const names[] = {
#define X(name, text) #name,
        KEPT_REASONS(X)
#undef X
    };
    return (unsigned)reason < KEPT_R_COUNT ? names[reason] : "UNKNOWN";
}

const char *kept_reason_text(enum kept_reason reason)
{
    static const char *const texts[] = {
#define X(name, text) text,
        KEPT_REASONS(X)
#undef X
    };
    return (unsigned)reason < KEPT_R_COUNT ? texts[reason] : "unknown reason";
}
