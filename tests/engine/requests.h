/* requests.h - of every operation a request to the shop that would be right for whoever may make it. */
#ifndef KEPT_TESTS_ENGINE_REQUESTS_H
#define KEPT_TESTS_ENGINE_REQUESTS_H

#include "../aid/world.h"

static const struct kept_caller backend = {.name = "backend"};

/* A request that would be right for whoever may make it. */
static inline struct kept_request right(enum kept_op op, struct kept_id id, const struct kept_field *field,
                                 const char *policy)
{
    struct kept_request r = {.op = op, .app = "shop", .subject = id, .purpose = "service",
                             .actor = "mallory"};
    switch (op) {
    case KEPT_OP_SUBJECT_NEW:
    case KEPT_OP_TICK:
    case KEPT_OP_STAT:
    case KEPT_OP_SUBJECT_LIST:
    case KEPT_OP_AUDIT:
    case KEPT_OP_CALLER_LIST:
    case KEPT_OP_CALLER_REVIEW:
        r.subject = (struct kept_id){{0}};
        break;
    case KEPT_OP_SUBJECT_SET:
        r.region = "CN";
        break;
    case KEPT_OP_CONSENT_GRANT:
    case KEPT_OP_CONSENT_WITHDRAW:
    case KEPT_OP_CONSENT_REFUSE:
        r.purpose = NULL;
        r.function = "notes";
        r.consent = KEPT_C_EXPLICIT;
        break;
    case KEPT_OP_PERMISSION_SET:
        r.permission = "camera";
        break;
    case KEPT_OP_COLLECT:
        r.function = "account";
        break;
    case KEPT_OP_DISCLOSE:
        r.recipient = "courier";
        break;
    case KEPT_OP_POLICY_PUBLISH:
        r.text = policy;
        break;
    case KEPT_OP_IMPORT:
        r.text = "a source of values";
        break;
    case KEPT_OP_CALLER_ADD:
    case KEPT_OP_CALLER_REVOKE:
    case KEPT_OP_SESSION_OPEN:
        r.caller = &backend;
        break;
    case KEPT_OP_ERASE_RECORD:
    case KEPT_OP_WHY:
        r.item = "phone";
        break;
    default:
        break;
    }
    if (op == KEPT_OP_SUBJECT_FIND || op == KEPT_OP_COLLECT || op == KEPT_OP_USE ||
        op == KEPT_OP_DISCLOSE) {
        r.fields = field;
        r.field_count = 1;
    }
    return r;
}

#endif
