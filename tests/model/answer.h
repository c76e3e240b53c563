/* answer.h - what kept answered, as the reference says it, so that the two can be held against each other. */
#ifndef KEPT_TESTS_MODEL_ANSWER_H
#define KEPT_TESTS_MODEL_ANSWER_H

#include "reference.h"

static void answer_none(struct answer *a)
{
    memset(a, 0, sizeof *a);
    a->person = -1;
}

/* Of a reply without an error. */
static void answer_of(const struct kept_reply *reply, struct answer *a)
{
    answer_none(a);
    ref_says(a, reply->decision, reply->reason);
    for (size_t i = 0; i < reply->field_count && i < REF_VALUES; i++) {
        const struct kept_field *f = &reply->fields[i];
        struct answer_field *to = &a->fields[a->count++];
        *to = (struct answer_field){.decision = f->decision, .reason = f->reason, .record = f->record};
        (void)snprintf(to->value, sizeof to->value, "%.*s", (int)f->value.n,
                       f->value.n == 0 ? "" : (const char *)f->value.p);
    }
}

static bool answers_agree(const struct answer *a, const struct answer *b)
{
    bool is = a->error == b->error && a->decision == b->decision && a->reason == b->reason &&
              a->person == b->person && a->count == b->count;
    for (size_t i = 0; is && i < a->count; i++)
        is = a->fields[i].decision == b->fields[i].decision &&
             a->fields[i].reason == b->fields[i].reason &&
             a->fields[i].record == b->fields[i].record &&
             strcmp(a->fields[i].value, b->fields[i].value) == 0;
    return is;
}

static void answer_print(const char *who, const struct answer *a)
{
    print_message("      %-9s %s %d %s", who, a->error == 0 ? "says" : kept_error_name(a->error),
                  (int)a->decision, kept_reason_name(a->reason));
    if (a->person >= 0)
        print_message(" person %d", a->person);
    for (size_t i = 0; i < a->count; i++)
        print_message(" [%u: %d %s '%.20s']", a->fields[i].record, (int)a->fields[i].decision,
                      kept_reason_name(a->fields[i].reason), a->fields[i].value);
    print_message("\n");
}

#endif
