/* batch.c - many people at once: each step is one call and one commit, and what is wrong with one
 * operation is that operation's own affair.
 *   cc batch.c $(pkg-config --cflags --libs kept) && ./a.out FOLDER
 * FOLDER is one that embed.c made, with the policy of widgets.yaml in force. */
#include <kept.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PEOPLE 300

static struct kept *kept;

/* Carry out count operations; the replies are the caller's. */
static struct kept_reply **go(const char *what, const struct kept_request *requests, size_t count)
{
    struct kept_reply **replies = calloc(count, sizeof *replies);
    struct kept_err err = {0};
    size_t yes = 0, no = 0, failed = 0;
    if (replies == NULL || kept_batch(kept, requests, count, replies, &err) != 0) {
        fprintf(stderr, "%s: %s\n", what, err.text);
        exit(1);
    }
    for (size_t i = 0; i < count; i++) {
        const struct kept_reply *r = replies[i];
        if (r->error != 0)
            printf("  %s of person %zu failed: %s: %s\n", what, i % PEOPLE,
                   kept_error_name(r->error), r->err.text);
        else if (r->decision == KEPT_DENY)
            printf("  %s of person %zu denied: %s (%s, line %d)\n", what, i % PEOPLE,
                   kept_reason_text(r->reason), r->clause, r->line);
        else if (r->stripped > 0)
            printf("  %s of person %zu: %u undeclared value stripped\n", what, i % PEOPLE,
                   r->stripped);
        failed += r->error != 0;
        no += r->error == 0 && r->decision == KEPT_DENY;
        yes += r->error == 0 && r->decision != KEPT_DENY;
    }
    printf("%-8s %4zu done %2zu denied %2zu failed\n", what, yes, no, failed);
    return replies;
}

static void done(struct kept_reply **replies, size_t count)
{
    for (size_t i = 0; i < count; i++)
        kept_reply_free(replies[i]); /* wipes what it held */
    free(replies);
}

#define TEXT(text) {(const uint8_t *)(text), sizeof(text) - 1}

int main(int argc, char **argv)
{
    static struct kept_request requests[2 * PEOPLE];
    static struct kept_id ids[PEOPLE];
    struct kept_options options = {.store = "store", .keyring = "keyring", .root_key = "root.key"};
    struct kept_err err = {0};
    if (argc != 2 || chdir(argv[1]) != 0 || kept_open(&options, &kept, &err) != 0)
        return fprintf(stderr, "usage: batch FOLDER: %s\n", err.text), 2;

    for (size_t i = 0; i < PEOPLE; i++)
        requests[i] = (struct kept_request){.op = KEPT_OP_SUBJECT_NEW};
    struct kept_reply **replies = go("appear", requests, PEOPLE);
    for (size_t i = 0; i < PEOPLE; i++)
        ids[i] = replies[i]->subject;
    done(replies, PEOPLE);

    for (size_t i = 0; i < PEOPLE; i++) { /* person 17 agrees to nothing */
        requests[i] = (struct kept_request){.op = KEPT_OP_CONSENT_ACKNOWLEDGE, .subject = ids[i],
                                            .language = "en"};
        requests[PEOPLE + i] = (struct kept_request){
            .op = i == 17 ? KEPT_OP_CONSENT_REFUSE : KEPT_OP_CONSENT_GRANT, .subject = ids[i],
            .function = "feedback", .consent = i == 17 ? KEPT_C_NONE : KEPT_C_EXPLICIT};
    }
    done(go("agree", requests, 2 * PEOPLE), 2 * PEOPLE);

    const struct kept_field good[] = {{.name = "message", .value = TEXT("Please call.")},
                                      {.name = "contact-phone", .value = TEXT("13800001111")}};
    const struct kept_field more[] = {{.name = "message", .value = TEXT("Please write.")},
                                      {.name = "shoe-size", .value = TEXT("43")}};
    for (size_t i = 0; i < PEOPLE; i++)
        requests[i] = (struct kept_request){.op = KEPT_OP_COLLECT, .subject = ids[i],
                                            .function = "feedback", .facts = KEPT_F_USER_ACTION,
                                            .fields = i == 42 ? more : good, .field_count = 2};
    requests[99].subject = (struct kept_id){{1, 2, 3}}; /* nobody */
    done(go("collect", requests, PEOPLE), PEOPLE);
    char hex[33];
    kept_id_hex(&ids[0], hex);
    printf("the first of them is %s\n", hex);
    kept_close(kept);
    return 0;
}
