/* tell.c - telling what happens, and noticing when it is not what must happen. */
#include "tell.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static unsigned held, failed, steps;

static const char *color(const char *code)
{
    static int on = -1;
    if (on < 0)
        on = isatty(STDOUT_FILENO) == 1 && getenv("NO_COLOR") == NULL;
    return on ? code : "";
}

/* ---- words ----------------------------------------------------------------------------------- */

void tell_title(const char *fmt, ...)
{
    char text[128];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    printf("\n%s%s%s\n", color("\x1b[1m"), text, color("\x1b[0m"));
    for (size_t i = 0; i < 88; i++)
        (void)putchar('=');
    (void)putchar('\n');
}

void tell_step(const char *fmt, ...)
{
    va_list args;
    printf("\n%s%2u  ", color("\x1b[1m"), ++steps);
    va_start(args, fmt);
    (void)vprintf(fmt, args);
    va_end(args);
    printf("%s\n", color("\x1b[0m"));
}

void tell(const char *fmt, ...)
{
    va_list args;
    printf("    ");
    va_start(args, fmt);
    (void)vprintf(fmt, args);
    va_end(args);
    (void)putchar('\n');
}

void hold(bool holds, const char *fmt, ...)
{
    va_list args;
    printf("    %s%s%s ", color(holds ? "\x1b[32m" : "\x1b[31m"), holds ? "held:" : "FAILED:",
           color("\x1b[0m"));
    va_start(args, fmt);
    (void)vprintf(fmt, args);
    va_end(args);
    (void)putchar('\n');
    held += holds;
    failed += !holds;
}

unsigned tell_failures(void)
{
    printf("\n    %u expectations held, %u failed\n", held, failed);
    return failed;
}

void tell_stop(const char *what, int rc, const struct kept_err *err)
{
    printf("    FAILED: %s: %s (%s)\n", what, err->code != 0 ? err->text : kept_error_text(rc),
           kept_error_name(rc));
    exit(-rc);
}

void tell_cell(const char *text, int width)
{
    int columns = 0;
    for (const unsigned char *c = (const unsigned char *)text; *c != 0; c++)
        columns += (*c & 0xc0) == 0x80 ? 0 : *c >= 0xe3 ? 2 : 1;
    printf("%s%*s", text, width > columns ? width - columns : 1, "");
}

static void tell_why(enum kept_reason reason, const char *clause, int line)
{
    if (reason != KEPT_R_NONE)
        printf("%s", kept_reason_name(reason));
    if (clause != NULL && clause[0] != 0)
        printf("%s%s", reason != KEPT_R_NONE ? "  " : "", clause);
    if (line != 0)
        printf("  line %d", line);
    (void)putchar('\n');
}

static const char *word(enum kept_decision decision)
{
    return decision == KEPT_ALLOW ? "allowed" : decision == KEPT_MASK ? "masked" : "refused";
}

/* ---- requests -------------------------------------------------------------------------------- */

struct ask ask(const struct world *w, enum kept_op op, unsigned who)
{
    struct ask a;
    memset(&a, 0, sizeof a);
    a.who = who;
    a.r.op = op;
    a.r.app = w->app;
    a.r.actor = "backend";
    if (op != KEPT_OP_SUBJECT_NEW && who < PEOPLE)
        a.r.subject = w->ids[who];
    return a;
}

size_t ask_all(const struct world *w, struct ask *asks, bool (*picks)(unsigned), enum kept_op op)
{
    size_t n = 0;
    for (unsigned i = 0; i < PEOPLE; i++)
        if (picks == NULL || picks(i))
            asks[n++] = ask(w, op, i);
    return n;
}

struct ask ask_grant(const struct world *w, unsigned who, const char *function,
                     enum kept_consent_kind kind)
{
    struct ask a = ask(w, KEPT_OP_CONSENT_GRANT, who);
    a.r.function = function;
    a.r.consent = kind;
    a.r.language = w->language;
    return a;
}

struct ask ask_permission(const struct world *w, unsigned who, const char *permission)
{
    struct ask a = ask(w, KEPT_OP_PERMISSION_SET, who);
    a.r.permission = permission;
    a.r.on = 1;
    return a;
}

void with(struct ask *a, const char *item, const char *value)
{
    struct kept_field *f = &a->fields[a->r.field_count++];
    f->name = item;
    if (value != NULL)
        f->value = (struct kept_span){(const uint8_t *)value, strlen(value)};
}

static void count(struct tally *t, const struct kept_field *f)
{
    const char *item = f->name[0] != 0 ? f->name : "(undeclared)";
    size_t i = 0;
    while (i < t->rows && (strcmp(t->row[i].item, item) != 0 || t->row[i].reason != f->reason ||
                           t->row[i].decision != f->decision))
        i++;
    if (i == TALLY_MAX)
        return;
    if (i == t->rows) {
        t->rows++;
        (void)snprintf(t->row[i].item, sizeof t->row[i].item, "%s", item);
        (void)snprintf(t->row[i].clause, sizeof t->row[i].clause, "%s", f->clause);
        t->row[i].decision = f->decision;
        t->row[i].reason = f->reason;
        t->row[i].line = f->line;
    }
    t->row[i].count++;
}

unsigned tally_count(const struct tally *t, const char *item, enum kept_decision decision,
                     enum kept_reason reason)
{
    for (size_t i = 0; i < t->rows; i++)
        if (strcmp(t->row[i].item, item) == 0 && t->row[i].decision == decision &&
            t->row[i].reason == reason)
            return t->row[i].count;
    return 0;
}

void tally_print(const struct tally *t)
{
    for (size_t i = 0; i < t->rows; i++) {
        bool stripped = t->row[i].reason == KEPT_R_UNDECLARED;
        printf("      %-16s %4u %-9s ", t->row[i].item, t->row[i].count,
               stripped                             ? "stripped"
               : t->row[i].decision == KEPT_ALLOW ? "collected"
                                                    : word(t->row[i].decision));
        tell_why(t->row[i].reason, t->row[i].clause, t->row[i].line);
    }
}

/* Take one reply out of the flight. */
static void take(struct world *w, struct kept_reply *reply, struct ask *asks, struct tally *tally)
{
    size_t who = (size_t)((struct ask *)reply->tag - asks);
    if (reply->error != 0)
        tell_stop(kept_op_name(asks[who].r.op), reply->error, &reply->err);
    if (asks[who].r.op == KEPT_OP_SUBJECT_NEW)
        w->ids[who] = reply->subject;
    for (size_t i = 0; tally != NULL && i < reply->field_count; i++)
        count(tally, &reply->fields[i]);
    if (tally != NULL)
        tally->stripped += reply->stripped;
    kept_reply_free(reply);
}

void tell_many(struct world *w, struct ask *asks, size_t n, struct tally *tally)
{
    struct kept_reply *replies[64];
    struct kept_err err = {0};
    size_t got = 0;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < n; i++) {
        asks[i].r.fields = asks[i].fields;
        asks[i].r.tag = &asks[i];
        rc = kept_submit(w->kept, &asks[i].r, &err);
    }
    for (size_t done = 0; rc == 0 && done < n; done += got) {
        rc = kept_reap(w->kept, replies, 64, 1, &got, &err);
        for (size_t i = 0; rc == 0 && i < got; i++)
            take(w, replies[i], asks, tally);
    }
    if (rc != 0)
        tell_stop("many operations at once", rc, &err);
}

struct kept_reply *tell_one(struct world *w, struct ask *a)
{
    struct kept_reply *reply = NULL;
    struct kept_err err = {0};
    a->r.fields = a->fields;
    int rc = kept_call(w->kept, &a->r, &reply, &err);
    if (rc != 0)
        tell_stop(kept_op_name(a->r.op), rc, &err);
    return reply;
}

enum kept_reason tell_line(struct world *w, struct ask *a, const char *what)
{
    struct kept_reply *reply = tell_one(w, a);
    const struct kept_field *f = reply->field_count > 0 ? &reply->fields[0] : NULL;
    enum kept_decision decision = f != NULL ? f->decision : reply->decision;
    enum kept_reason reason = f != NULL ? f->reason : reply->reason;
    char value[64] = "";
    if (a->r.op == KEPT_OP_USE && f != NULL && decision != KEPT_DENY && f->value.n < 40)
        (void)snprintf(value, sizeof value, "%.*s", (int)f->value.n, (const char *)f->value.p);
    printf("      ");
    tell_cell(what, 34);
    printf("%-8s ", word(decision));
    if (value[0] != 0)
        tell_cell(value, 24);
    tell_why(reason, f != NULL ? f->clause : reply->clause, f != NULL ? f->line : reply->line);
    kept_reply_free(reply);
    return reason;
}

void tell_quietly(struct world *w, struct ask a)
{
    kept_reply_free(tell_one(w, &a));
}

/* ---- reports --------------------------------------------------------------------------------- */

/* The reports used here are flat; a real program has a JSON parser at hand. */
const char *report_text(const struct kept_reply *reply, const char *key)
{
    static char text[128];
    char quoted[64];
    const char *at = NULL;
    text[0] = 0;
    (void)snprintf(quoted, sizeof quoted, "\"%s\":", key);
    if (reply->json != NULL && (at = strstr(reply->json, quoted)) != NULL) {
        at += strlen(quoted);
        size_t n = *at == '"' ? strcspn(++at, "\"") : strcspn(at, ",}");
        (void)snprintf(text, sizeof text, "%.*s", (int)(n < sizeof text ? n : 0), at);
    }
    return text;
}
