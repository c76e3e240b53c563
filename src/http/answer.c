/* answer.c - a reply as JSON: what the command line prints with --json, in the same words. */
#include <string.h>

#include "base/id.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "http/http_int.h"

static void put_hex(struct kept_buf *out, const char *name, const void *p, size_t n)
{
    kept_http_json_name(out, name);
    kept_buf_u8(out, '"');
    uint8_t *to = kept_buf_room(out, 2 * n + 1);
    if (to != NULL) {
        kept_hex(p, n, (char *)to);
        out->n--;
    }
    kept_buf_u8(out, '"');
}

static void put_verdict(struct kept_buf *out, enum kept_decision decision, enum kept_reason reason, const char *clause,
                        int line)
{
    kept_http_json_member(out, "decision", kept_decision_name(decision));
    if (reason != KEPT_R_NONE) {
        kept_http_json_member(out, "reason", kept_reason_name(reason));
        kept_http_json_member(out, "means", kept_reason_text(reason));
    }
    if (decision != KEPT_ALLOW && kept_http_remedy(reason) != NULL)
        kept_http_json_member(out, "remedy", kept_http_remedy(reason));
    if (clause != NULL && clause[0] != 0)
        kept_http_json_member(out, "clause", clause);
    if (line > 0)
        kept_http_json_number(out, "line", (uint64_t)line);
}

static void put_observed(struct kept_buf *out, int observed)
{
    if (observed == 0)
        return;
    kept_http_json_name(out, "observed");
    kept_buf_text(out, "true");
}

static void put_field(struct kept_buf *out, const struct kept_field *f, enum kept_op op)
{
    bool values = op == KEPT_OP_USE || op == KEPT_OP_DISCLOSE || op == KEPT_OP_CONTACTS;
    kept_buf_u8(out, '{');
    kept_http_json_member(out, "item", f->name != NULL ? f->name : "");
    if (f->record != 0)
        kept_http_json_number(out, "record", f->record);
    put_verdict(out, f->decision, f->reason, f->clause, f->line);
    put_observed(out, f->observed);
    /* Of a book of addresses it is bytes, whatever they look like. */
    if (values && f->value.n > 0 && op != KEPT_OP_CONTACTS && kept_utf8_valid(f->value)) {
        kept_http_json_name(out, "value");
        kept_http_json_text(out, (const char *)f->value.p, f->value.n);
    } else if (values && f->value.n > 0) {
        put_hex(out, "value_hex", f->value.p, f->value.n);
    }
    if (f->source != NULL) {
        kept_http_json_member(out, "source", f->source);
        kept_http_json_time(out, "collected", f->collected);
        kept_http_json_time(out, "until", f->until);
    }
    kept_buf_u8(out, '}');
}

static void put_fields(struct kept_buf *out, const struct kept_reply *reply, enum kept_op op)
{
    size_t refused = 0;
    for (size_t i = 0; i < reply->field_count; i++)
        refused += reply->fields[i].decision == KEPT_DENY;
    kept_http_json_number(out, "allowed", reply->field_count - refused);
    kept_http_json_number(out, "refused", refused);
    kept_http_json_name(out, "in_part");
    kept_buf_text(out, refused > 0 && refused < reply->field_count ? "true" : "false");
    kept_http_json_name(out, "fields");
    kept_buf_u8(out, '[');
    for (size_t i = 0; i < reply->field_count; i++) {
        if (i > 0)
            kept_buf_u8(out, ',');
        put_field(out, &reply->fields[i], op);
    }
    kept_buf_u8(out, ']');
}

static void put_decided(struct kept_buf *out, const struct kept_reply *reply, enum kept_op op)
{
    kept_http_json_member(out, "operation", kept_op_name(op));
    put_verdict(out, reply->decision, reply->reason, reply->clause, reply->line);
    put_observed(out, reply->observed);
    if (!kept_id_is_zero(&reply->subject)) {
        put_hex(out, "subject", reply->subject.b, KEPT_ID_BYTES);
        kept_http_json_number(out, "version", reply->version);
    }
    kept_http_json_number(out, "policy_version", reply->policy_version);
    kept_http_json_time(out, "at", reply->at);
    if (!kept_id_is_zero(&reply->entry)) {
        put_hex(out, "entry", reply->entry.b, KEPT_ID_BYTES);
        put_hex(out, "leaf", reply->leaf, sizeof reply->leaf);
    }
    if (reply->stripped > 0)
        kept_http_json_number(out, "stripped", reply->stripped);
    if (reply->field_count > 0)
        put_fields(out, reply, op);
    if (reply->json != NULL) {
        kept_http_json_name(out, "report");
        kept_buf_text(out, reply->json);
    }
}

/* ---- statuses ---- */

unsigned kept_http_status_of(int error)
{
    switch (error) {
    case 0:
        return 200;
    case KEPT_E_USAGE:
        return 400;
    case KEPT_E_POLICY:
        return 422;
    case KEPT_E_DENIED:
        return 403;
    case KEPT_E_NOTFOUND:
        return 404;
    case KEPT_E_CONFLICT:
        return 409;
    case KEPT_E_LIMIT:
        return 413;
    case KEPT_E_BUSY:
        return 503;
    default:
        return 500;
    }
}

unsigned kept_http_status(const struct kept_reply *reply, enum kept_op op)
{
    if (reply->error != 0)
        return kept_http_status_of(reply->error);
    if (reply->decision != KEPT_DENY)
        return op == KEPT_OP_SUBJECT_NEW ? 201 : 200;
    /* WHY answers a question: a no is an answer, too. A no that is only observed keeps nobody from going on. */
    if (op == KEPT_OP_WHY || reply->observed != 0)
        return 200;
    return reply->reason == KEPT_R_NO_VALUE ? 404
           : reply->reason == KEPT_R_ERASED ? 410
           : reply->reason == KEPT_R_LIMIT  ? 429
                                            : 403;
}

const char *kept_http_status_text(unsigned status)
{
    static const struct {
        unsigned status;
        const char *text;
    } all[] = {{200, "OK"}, {201, "Created"}, {303, "See Other"}, {304, "Not Modified"}, {400, "Bad Request"}, {401, "Unauthorized"},
               {403, "Forbidden"}, {404, "Not Found"}, {405, "Method Not Allowed"}, {409, "Conflict"}, {410, "Gone"},
               {413, "Content Too Large"}, {414, "URI Too Long"}, {415, "Unsupported Media Type"},
               {422, "Unprocessable Content"}, {429, "Too Many Requests"}, {431, "Request Header Fields Too Large"},
               {500, "Internal Server Error"}, {503, "Service Unavailable"}};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (all[i].status == status)
            return all[i].text;
    return "Unknown";
}

/* ---- answers ---- */

static void problem_head(struct kept_buf *out, unsigned status, const char *name, const char *detail, const char *request_id)
{
    kept_buf_u8(out, '{');
    kept_http_json_name(out, "type");
    kept_buf_text(out, "\"/v1/problems#");
    kept_buf_text(out, name);
    kept_buf_u8(out, '"');
    kept_http_json_member(out, "title", kept_http_status_text(status));
    kept_http_json_number(out, "status", status);
    kept_http_json_member(out, "detail", detail);
    if (request_id != NULL)
        kept_http_json_member(out, "request", request_id);
}

void kept_http_problem_json(struct kept_buf *out, unsigned status, const char *name, const char *text,
                            const char *request_id)
{
    problem_head(out, status, name, text, request_id);
    kept_buf_u8(out, '}');
}

void kept_http_reply_json(struct kept_buf *out, const struct kept_reply *reply, enum kept_op op, const char *request_id)
{
    unsigned status = kept_http_status(reply, op);
    if (reply->error != 0) {
        kept_http_problem_json(out, status, kept_error_name(reply->error), reply->err.text[0] != 0 ? reply->err.text : kept_error_text(reply->error),
                               request_id);
        return;
    }
    if (status >= 400)
        problem_head(out, status, kept_reason_name(reply->reason), kept_reason_text(reply->reason), request_id);
    else
        kept_buf_u8(out, '{');
    put_decided(out, reply, op);
    kept_buf_u8(out, '}');
}

const char *kept_http_remedy(enum kept_reason reason)
{
    static const char *const all[KEPT_R_COUNT] = {
#define REMEDY(name, text) [KEPT_R_##name] = (text),
#include "http/remedies.def"
#undef REMEDY
    };
    return (unsigned)reason < KEPT_R_COUNT ? all[reason] : NULL;
}

void kept_http_problems_json(struct kept_buf *out)
{
    kept_buf_text(out, "{\"problems\":[");
    for (unsigned i = 1; i < KEPT_R_COUNT; i++) {
        kept_buf_text(out, i > 1 ? ",{" : "{");
        kept_http_json_member(out, "name", kept_reason_name((enum kept_reason)i));
        kept_http_json_member(out, "means", kept_reason_text((enum kept_reason)i));
        if (kept_http_remedy((enum kept_reason)i) != NULL)
            kept_http_json_member(out, "remedy", kept_http_remedy((enum kept_reason)i));
        kept_buf_u8(out, '}');
    }
    kept_buf_text(out, "]}");
}
