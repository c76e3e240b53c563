/* events.c - kept inside an event loop: questions come in as lines, answers leave as soon as their
 * ledger entries are durable, and the loop never waits for a disk.
 *   cc events.c $(pkg-config --cflags --libs kept) && ./a.out FOLDER
 * FOLDER is one that embed.c or batch.c filled. A line is an id and an item of widgets.yaml's support:
 *   0123456789abcdef0123456789abcdef contact-phone */
#include <fcntl.h>
#include <kept.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What a request borrows lives until its reply is here: one of these a question. */
struct question {
    struct kept_request request;
    struct kept_field field;
    char item[65];
    unsigned number;
};

static struct kept *kept;
static unsigned asked, answered;

/* "ID ITEM" becomes an operation in flight; what cannot be one is answered at once. */
static void ask(const char *line)
{
    struct question *q = calloc(1, sizeof *q);
    struct kept_err err = {0};
    char hex[33] = "";
    if (q == NULL)
        exit(1);
    q->number = ++asked;
    if (sscanf(line, "%32s %64s", hex, q->item) != 2 ||
        kept_id_parse(hex, &q->request.subject) != 0)
        (void)snprintf(err.text, sizeof err.text, "a question is an id and an item");
    q->field.name = q->item;
    q->request.op = KEPT_OP_USE;
    q->request.role = "support";
    q->request.actor = "clerk-7";
    q->request.function = "feedback";
    q->request.purpose = "support";
    q->request.fields = &q->field;
    q->request.field_count = 1;
    q->request.tag = q;
    if (err.text[0] == 0 && kept_submit(kept, &q->request, &err) == 0)
        return; /* the reply brings q back */
    printf("%u: %s\n", q->number, err.text);
    answered++;
    free(q);
}

static void answer(struct kept_reply *reply)
{
    struct question *q = reply->tag;
    printf("%u: ", q->number);
    if (reply->error != 0)
        printf("%s\n", reply->err.text);
    else if (reply->decision == KEPT_DENY || reply->field_count == 0)
        printf("no: %s (%s)\n", kept_reason_text(reply->reason), reply->clause);
    else
        printf("%.*s\n", (int)reply->fields[0].value.n, (const char *)reply->fields[0].value.p);
    answered++;
    kept_reply_free(reply);
    free(q);
}

/* Whatever stands on the standard input, in whole lines; false at its end. */
static int take_lines(void)
{
    static char text[4096];
    static size_t n;
    ssize_t more = read(STDIN_FILENO, text + n, sizeof text - n - 1);
    if (more <= 0)
        return more != 0;
    text[n += (size_t)more] = 0;
    char *line = text;
    for (char *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        *end = 0;
        ask(line);
    }
    n -= (size_t)(line - text);
    memmove(text, line, n);
    n = n < sizeof text - 1 ? n : 0; /* a line too long is no question */
    return 1;
}

int main(int argc, char **argv)
{
    struct kept_options options = {.store = "store", .keyring = "keyring", .root_key = "root.key"};
    struct kept_err err = {0};
    struct pollfd on[2] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.events = POLLIN}};
    if (argc != 2 || chdir(argv[1]) != 0 || kept_open(&options, &kept, &err) != 0 ||
        kept_event_fd(kept, &on[1].fd, &err) != 0 || fcntl(0, F_SETFL, O_NONBLOCK) != 0)
        return fprintf(stderr, "usage: events FOLDER: %s\n", err.text), 2;
    while (on[0].fd >= 0 || answered < asked) {
        if (poll(on, 2, -1) < 0)
            break;
        if (on[0].revents != 0 && !take_lines())
            on[0].fd = -1; /* no more questions; answers may be on their way */
        struct kept_reply *replies[32];
        size_t count = 0;
        if (on[1].revents != 0 && kept_reap(kept, replies, 32, 0, &count, &err) != 0)
            break;
        for (size_t i = 0; i < count; i++)
            answer(replies[i]);
        fflush(stdout);
    }
    kept_close(kept);
    return answered == asked ? 0 : 1;
}
