/* tell.h - a run of the main job, told: requests in bulk, verdicts counted, expectations held. */
#ifndef EXAMPLES_TELL_H
#define EXAMPLES_TELL_H

#include <stdbool.h>
#include <stdio.h>

#include "kept.h"
#include "people.h"

#define PEOPLE 150u
#define DAY ((kept_ms)86400000)

/* One app of the demo and its people. */
struct world {
    struct kept *kept;
    const char *app, *file, *language;
    struct person people[PEOPLE];
    struct kept_id ids[PEOPLE];
    kept_ms *now; /* the demo's clock */
};

/* A request with room for its fields. */
struct ask {
    unsigned who;
    struct kept_request r;
    struct kept_field fields[8];
};
struct ask ask(const struct world *w, enum kept_op op, unsigned who);
/* The same of everyone a predicate picks (NULL: of all) into asks; returns how many. */
size_t ask_all(const struct world *w, struct ask *asks, bool (*picks)(unsigned), enum kept_op op);
/* The usual consents: to a function, of a kind; and a permission of the phone. */
struct ask ask_grant(const struct world *w, unsigned who, const char *function,
                     enum kept_consent_kind kind);
struct ask ask_permission(const struct world *w, unsigned who, const char *permission);
/* Another value (or, without one, just its name). */
void with(struct ask *a, const char *item, const char *value);

/* Verdicts, counted by item, reason and rule. */
#define TALLY_MAX 32
struct tally {
    struct {
        char item[32], clause[24];
        enum kept_decision decision;
        enum kept_reason reason;
        int line;
        unsigned count;
    } row[TALLY_MAX];
    size_t rows;
    unsigned stripped;
};
void tally_print(const struct tally *t);
unsigned tally_count(const struct tally *t, const char *item, enum kept_decision decision,
                     enum kept_reason reason);

/* Carry out many, sharing commits; a failure ends the demo. tally may be NULL. */
void tell_many(struct world *w, struct ask *asks, size_t count, struct tally *tally);
/* Carry out one; the reply is freed by the caller. */
struct kept_reply *tell_one(struct world *w, struct ask *a);
/* Carry out one whose verdict is told in a line; the verdict on its first field, or its own. */
enum kept_reason tell_line(struct world *w, struct ask *a, const char *what);
/* Carry out one of which nothing is told. */
void tell_quietly(struct world *w, struct ask a);

/* What is said, and what must hold. */
void tell_title(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void tell_step(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void tell(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void hold(bool holds, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A text value of a flat report; "" when there is none. Valid until the next call. */
const char *report_text(const struct kept_reply *reply, const char *key);
/* Pad to a width in columns, East Asian characters counting two. */
void tell_cell(const char *text, int width);
/* A failure that leaves no way on. */
void tell_stop(const char *what, int rc, const struct kept_err *err) __attribute__((noreturn));
unsigned tell_failures(void);

#endif
