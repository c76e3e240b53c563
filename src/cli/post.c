/* post.c - kept post: the sender of messages and orders. It holds no key and opens no store: who serves the store hands it messages,
 * and it tells what became of them. Killed at any time, it loses none; one may go twice. */
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/note.h"
#include "cli/cli.h"
#include "post/post.h"
#include "server/client.h"

struct sender {
    const struct cli *cli;
    struct kept_post *post;
    struct kept_client *client; /* NULL: nobody serves the store at the moment */
    struct kept_buf login, token;
    struct cli_systems systems;
    bool failed[KEPT_MAX_SYSTEMS]; /* of the systems, in this round */
};

static void print_line(void *arg, const char *line)
{
    struct kept_buf safe;
    (void)arg;
    kept_buf_init_secret(&safe, KEPT_MAX_JSON_BYTES);
    cli_safe(&safe, (struct kept_span){(const uint8_t *)line, strlen(line)});
    (void)printf("%s\n", safe.p != NULL ? (const char *)safe.p : "");
    (void)fflush(stdout);
    kept_buf_release(&safe);
}

/* ---- the outbox --------------------------------------------------------------------------------- */

static int call(struct sender *s, const struct kept_request *request, json_t **ret_json, struct kept_err *err)
{
    struct kept_reply *reply = NULL;
    int rc = kept_client_call(s->client, request, &reply, err);
    if (rc == 0 && reply->decision == KEPT_DENY && request->op == KEPT_OP_POST_TAKE)
        rc = kept_fail(err, KEPT_E_DENIED, "there are no messages for this sender: %s", kept_reason_text(reply->reason));
    if (rc == 0 && ret_json != NULL && (*ret_json = json_loads(reply->json != NULL ? reply->json : "{}", 0, NULL)) == NULL)
        rc = kept_fail(err, KEPT_E_NOMEM, "no memory for messages");
    kept_wire_reply_free(reply);
    return rc;
}

static int tell(struct sender *s, const char *id, const char *receipt, struct kept_err *err)
{
    struct kept_request r = {.op = KEPT_OP_POST_TELL, .app = s->cli->option[O_APP], .actor = "post", .text = receipt};
    int rc = kept_id_parse(id, &r.subject);
    return rc == 0 ? call(s, &r, NULL, err) : rc;
}

static const char *word(const json_t *row, const char *key)
{
    const char *text = json_string_value(json_object_get(row, key));
    return text != NULL ? text : "";
}

static int send_one(struct sender *s, const json_t *row, struct kept_err *err)
{
    const struct kept_clock clock = kept_clock_system();
    const struct kept_post_message m = {.id = word(row, "id"), .by = word(row, "by"), .to = word(row, "to"),
                                        .title = word(row, "title"), .text = word(row, "text"),
                                        .at = kept_now(&clock)};
    char receipt[KEPT_POST_RECEIPT];
    enum kept_posted became = kept_post_send(s->post, &m, receipt);
    kept_note(became == KEPT_POSTED_SENT ? KEPT_INFO : KEPT_WARN,
              became == KEPT_POSTED_SENT ? "message.sent" : "message.not_sent", "%s: %s", m.by, receipt);
    return became == KEPT_POSTED_NOT ? 0 : tell(s, m.id, receipt, err);
}

/* Does the answer say that it is done already? */
static bool says_done(const struct kept_buf *answer)
{
    json_t *root = answer->n > 0 ? json_loadb((const char *)answer->p, answer->n, 0, NULL) : NULL;
    const bool done = json_is_true(json_object_get(root, "done"));
    json_decref(root);
    return done;
}

/* Did it fail in this round? Then it is left alone until the next: one that is slow holds up no other. */
static bool *failed_of(struct sender *s, const char *name)
{
    for (size_t i = 0; i < s->systems.count; i++)
        if (strcmp(s->systems.rows[i].name, name) == 0)
            return &s->failed[i];
    return NULL;
}

/* An order is never given up: what its system refused is handed out again, and stands open until somebody mends it. */
static int send_order(struct sender *s, const json_t *row, struct kept_err *err)
{
    bool *failed = failed_of(s, word(row, "held_in"));
    if (failed != NULL && *failed)
        return 0;
    const struct kept_clock clock = kept_clock_system();
    char receipt[KEPT_POST_RECEIPT];
    struct kept_buf answer;
    struct kept_buf body;
    const size_t n = json_dumpb(row, NULL, 0, JSON_COMPACT);
    kept_buf_init(&body, KEPT_MAX_JSON_BYTES);
    uint8_t *room = n > 0 ? kept_buf_room(&body, n) : NULL;
    if (room == NULL || json_dumpb(row, (char *)room, n, JSON_COMPACT) != n) {
        kept_buf_release(&body);
        return kept_fail(err, KEPT_E_NOMEM, "no memory for an order");
    }
    const struct kept_post_order o = {.id = word(row, "order"), .held_in = word(row, "held_in"), .body = (const char *)body.p,
                                      .at = kept_now(&clock)};
    kept_buf_init(&answer, KEPT_POST_MAX_ANSWER);
    const enum kept_posted became = kept_post_order(s->post, &o, &answer, receipt);
    if (became == KEPT_POSTED_SENT && says_done(&answer))
        memcpy(receipt, "done", 4); /* as long as "sent" */
    if (failed != NULL)
        *failed = became == KEPT_POSTED_NOT;
    kept_note(became == KEPT_POSTED_SENT ? KEPT_INFO : KEPT_WARN, became == KEPT_POSTED_SENT ? "order.sent" : "order.not_sent",
              "%s: %s", o.held_in, receipt);
    kept_buf_release(&answer);
    kept_buf_release(&body);
    return became == KEPT_POSTED_NOT || became == KEPT_POSTED_NOWHERE ? 0 : tell(s, o.id, receipt, err);
}

/* Those that are due; *ret_count: how many there were. */
static int round_of(struct sender *s, size_t *ret_count, struct kept_err *err)
{
    const struct kept_request r = {.op = KEPT_OP_POST_TAKE, .app = s->cli->option[O_APP], .actor = "post"};
    json_t *root = NULL, *row = NULL;
    size_t i = 0;
    *ret_count = 0;
    memset(s->failed, 0, sizeof s->failed);
    int rc = call(s, &r, &root, err);
    json_array_foreach(json_object_get(root, "messages"), i, row)
        if (rc == 0) {
            rc = send_one(s, row, err);
            ++*ret_count;
        }
    json_array_foreach(json_object_get(root, "orders"), i, row)
        if (rc == 0) {
            rc = send_order(s, row, err);
            ++*ret_count;
        }
    if (json_integer_value(json_object_get(root, "dropped")) > 0)
        kept_note(KEPT_WARN, "message.dropped", "%lld too old, or tried too often",
                  (long long)json_integer_value(json_object_get(root, "dropped")));
    json_decref(root);
    return rc;
}

/* Who serves may stop and start: the sender waits for it, but for once. */
static int serve_out(struct sender *s, struct kept_err *err)
{
    const struct timespec nap = {.tv_sec = KEPT_POST_LOOK_SECONDS};
    const struct kept_options options = cli_options(s->cli);
    const bool once = s->cli->option[O_ONCE] != NULL;
    for (bool told = false;;) {
        size_t count = 0;
        int rc = s->client != NULL ? 0 : kept_client_open(options.store, &s->client, err);
        if (rc == 0)
            rc = round_of(s, &count, err);
        if (rc != 0 && rc != KEPT_E_NOTFOUND && rc != KEPT_E_IO && rc != KEPT_E_BUSY)
            return rc;
        if (rc != 0) {
            kept_client_close(s->client);
            s->client = NULL;
            if (once)
                return kept_fail(err, rc, "messages are with who serves the store: start `kept serve` first");
            if (!told)
                kept_note(KEPT_WARN, "nobody.serves", "the store is not served: waiting");
        }
        told = rc != 0;
        if (rc == 0 && count == 0 && once)
            return 0;
        if (count == 0)
            (void)nanosleep(&nap, NULL);
    }
}

int cli_run_post(struct cli *cli, struct kept_err *err)
{
    const char *const *o = cli->option;
    struct sender s = {.cli = cli};
    int rc = cli_secret(o[O_LOGIN], "the login of the mail server", &s.login, err);
    if (rc == 0)
        rc = cli_secret(o[O_TOKEN], "the token of the gateway", &s.token, err);
    else
        kept_buf_init_secret(&s.token, 1);
    if (rc == 0)
        rc = cli_systems_load(o[O_SYSTEMS], &s.systems, err);
    const struct kept_post_options options = {
        .systems = s.systems.rows, .system_count = s.systems.count,
        .smtp = o[O_SMTP], .gateway = o[O_GATEWAY], .from = o[O_MAIL_FROM], .ca = o[O_CA], .print = o[O_PRINT] != NULL,
        .login = s.login.n > 0 ? (const char *)s.login.p : NULL,
        .token = s.token.n > 0 ? (const char *)s.token.p : NULL, .print_to = print_line};
    if (rc == 0)
        rc = kept_post_open(&options, &s.post, err);
    if (rc == 0)
        rc = serve_out(&s, err);
    kept_client_close(s.client);
    kept_post_close(s.post);
    kept_buf_release(&s.login);
    kept_buf_release(&s.token);
    cli_systems_release(&s.systems);
    return rc;
}
