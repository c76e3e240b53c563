/* question.c - documents: what is asked by name. What the engine must be still for waits until nothing is in
 * flight, and meanwhile nobody else's requests are begun. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/note.h"
#include "engine/admin.h"
#include "server/server_int.h"

#define TYPE_JSON "application/json"
#define TYPE_TEXT "text/plain; charset=utf-8"
#define TYPE_BYTES "application/octet-stream"

struct page {
    struct kept_server *server;
    struct kept_conn *conn;
    const struct kept_wire_ask *ask;
    struct kept_buf out;
    const char *type;
    char tag[160]; /* "": it may be another the next time */
};

static const char *arg(const struct page *page, const char *key)
{
    const char *text = kept_wire_arg(page->ask, key);
    return text != NULL && text[0] != 0 ? text : NULL;
}

/* ---- the documents ------------------------------------------------------------------------------ */

static int ready(struct page *page, struct kept_err *err)
{
    const struct kept_server *server = page->server;
    if (server->stopping || server->failed != 0)
        return kept_fail(err, KEPT_E_BUSY, "the service is stopping");
    kept_buf_text(&page->out, "{\"status\":\"ready\"}");
    return 0;
}

static int metrics(struct page *page, struct kept_err *err)
{
    (void)err;
    page->type = "text/plain; version=0.0.4; charset=utf-8";
    kept_server_metrics(page->server, &page->out);
    return 0;
}

static int policies(struct page *page, struct kept_err *err)
{
    return kept_admin_versions(page->server->kept, arg(page, "name"), &page->out, err);
}

/* "current", or a number. */
static int which_version(const char *text, uint32_t *ret, struct kept_err *err)
{
    size_t n = text != NULL ? strspn(text, "0123456789") : 0;
    *ret = 0;
    if (text == NULL || strcmp(text, "current") == 0)
        return 0;
    if (n == 0 || n > 9 || text[n] != 0)
        return kept_fail(err, KEPT_E_NOTFOUND, "a version is a number, or `current`");
    for (size_t i = 0; i < n; i++)
        *ret = *ret * 10 + (uint32_t)(text[i] - '0');
    return *ret != 0 ? 0 : kept_fail(err, KEPT_E_NOTFOUND, "versions are numbered from 1");
}

static const char *type_of(const char *as)
{
    static const struct { const char *as, *type; } types[] = {
        {"yaml", "application/yaml"}, {"json", TYPE_JSON}, {"text", TYPE_TEXT}, {"ropa-json", TYPE_JSON}, {"ropa-csv", "text/csv"}, {"dpv", "application/ld+json"}};
    for (size_t i = 0; as != NULL && i < sizeof types / sizeof types[0]; i++)
        if (strcmp(types[i].as, as) == 0)
            return types[i].type;
    return "text/html; charset=utf-8";
}

static int policy(struct page *page, struct kept_err *err)
{
    struct kept_admin_render how = {.as = arg(page, "as"), .language = arg(page, "in")};
    const char *app = arg(page, "name");
    struct kept_buf text;
    uint32_t version = 0;
    kept_buf_init(&text, KEPT_MAX_POLICY_BYTES);
    int rc = which_version(arg(page, "version"), &version, err);
    if (rc == 0)
        rc = kept_admin_policy_text(page->server->kept, app, version, &text, &version, &how.effective, err);
    if (rc == 0 && how.as != NULL && strcmp(how.as, "yaml") == 0)
        kept_buf_bytes(&page->out, text.p, text.n);
    else if (rc == 0 && how.as != NULL && strcmp(how.as, "json") == 0)
        rc = kept_admin_policy_show(kept_buf_span(&text), 1, &page->out, err);
    else if (rc == 0)
        rc = kept_admin_policy_render(kept_buf_span(&text), &how, &page->out, err);
    kept_buf_release(&text);
    page->type = type_of(how.as);
    if (rc == 0) /* a version never changes */
        (void)snprintf(page->tag, sizeof page->tag, "%s-%.64s-%u-%.20s-%.20s", KEPT_VERSION, app != NULL ? app : "", version,
                       how.as != NULL ? how.as : "notice", how.language != NULL ? how.language : "");
    return rc;
}

/* The apps that let people come by themselves. */
static int doors(struct page *page, struct kept_err *err)
{
    return kept_admin_doors(page->server->kept, &page->out, err);
}

static int checkpoint(struct page *page, struct kept_err *err)
{
    page->type = TYPE_TEXT;
    return kept_admin_checkpoint(page->server->kept, arg(page, "name"), &page->out, err);
}

static int tile_at(struct page *page, const char *path, struct kept_err *err)
{
    page->type = TYPE_BYTES;
    (void)snprintf(page->tag, sizeof page->tag, "%.60s", path);
    return kept_admin_tile(page->server->kept, arg(page, "name"), path, &page->out, err);
}

static int tile(struct page *page, struct kept_err *err)
{
    const char *path = arg(page, "tile");
    if (path == NULL || strncmp(path, "entries", 7) == 0) /* those have a name, and a rule, of their own */
        return kept_fail(err, KEPT_E_NOTFOUND, "which tile? LEVEL/NUMBER");
    return tile_at(page, path, err);
}

static int entries(struct page *page, struct kept_err *err)
{
    char path[128];
    const char *n = arg(page, "tile");
    if (n == NULL || (size_t)snprintf(path, sizeof path, "entries/%s", n) >= sizeof path)
        return kept_fail(err, KEPT_E_NOTFOUND, "which bundle of entries?");
    return tile_at(page, path, err);
}

static int proof(struct page *page, struct kept_err *err)
{
    const char *entry = arg(page, "entry");
    page->type = TYPE_TEXT;
    return entry == NULL ? kept_fail(err, KEPT_E_NOTFOUND, "of which entry?")
                         : kept_admin_prove(page->server->kept, arg(page, "name"), entry, &page->out, err);
}

static int check(struct page *page, struct kept_err *err)
{
    uint64_t problems = 0;
    return kept_admin_check(page->server->kept, &page->out, &problems, err);
}

/* Our listening sockets go with the answer, and then so do we. */
static int take_over(struct page *page, struct kept_err *err)
{
    (void)err;
    kept_note(KEPT_INFO, "handing.over", "another process takes over");
    page->conn->giving = true;
    kept_server_stop(page->server);
    kept_buf_text(&page->out, "{\"status\":\"stopping\"}");
    return 0;
}

static const struct document {
    const char *what;
    bool still;     /* nothing may be in flight */
    kept_ms lasts;  /* how long it may be shown again; 0: never */
    int (*make)(struct page *page, struct kept_err *err);
} documents[] = {
    {"ready", false, 0, ready},
    {"metrics", false, 0, metrics},
    {"policies", true, KEPT_SECOND, policies},
    {"policy", true, KEPT_SECOND, policy},
    {"doors", true, KEPT_SECOND, doors},
    {"checkpoint", true, KEPT_SECOND, checkpoint},
    {"tile", true, KEPT_HOUR, tile}, /* what is in it never changes */
    {"entries", true, 0, entries},
    {"proof", true, KEPT_SECOND, proof},
    {"check", true, 0, check},
    {"take-over", false, 0, take_over},
};

/* ---- asked and answered ------------------------------------------------------------------------- */

static void say(struct kept_server *server, struct kept_conn *conn, uint64_t id,
                const struct kept_wire_document *document)
{
    if (conn->broken)
        return;
    kept_wire_reply_document(&conn->out, id, document);
    kept_conn_appended(server, conn, id, "this document is too large to be sent");
}

static void make(struct kept_server *server, struct kept_conn *conn, uint64_t id, const struct document *which,
                 const struct kept_wire_ask *ask)
{
    struct page page = {.server = server, .conn = conn, .ask = ask, .type = TYPE_JSON};
    struct kept_err err = {0};
    kept_buf_init(&page.out, KEPT_WIRE_MAX - 4096);
    server->documents++;
    int rc = which->make(&page, &err);
    if (rc == 0 && page.out.failed != 0)
        rc = kept_fail(&err, page.out.failed, "this document is too large to be sent");
    const struct kept_wire_document document = {
        .error = rc, .text = rc != 0 ? (err.code != 0 ? err.text : kept_error_text(rc)) : "",
        .type = rc == 0 ? page.type : "", .tag = rc == 0 ? page.tag : "",
        .bytes = rc == 0 ? kept_buf_span(&page.out) : (struct kept_span){NULL, 0}};
    say(server, conn, id, &document);
    if (rc == 0 && which->lasts > 0)
        kept_shelf_put(server, ask, &document, server->now + which->lasts);
    kept_buf_release(&page.out);
}

static const struct document *document_named(const char *what)
{
    for (size_t i = 0; i < sizeof documents / sizeof documents[0]; i++)
        if (strcmp(documents[i].what, what) == 0)
            return &documents[i];
    return NULL;
}

static int wait(struct kept_server *server, struct kept_conn *conn, uint64_t id, struct kept_span body)
{
    struct kept_waiting *waiting = kept_alloc(1, sizeof *waiting + body.n);
    if (waiting == NULL)
        return KEPT_E_NOMEM;
    waiting->conn = conn;
    waiting->id = id;
    waiting->n = body.n;
    memcpy(waiting->body, body.p, body.n);
    *server->questions_end = waiting;
    server->questions_end = &waiting->next;
    server->question_count++;
    conn->works++;
    return 0;
}

/* So many a second: the rest of the time is for what people ask. */
static bool may_now(struct kept_server *server)
{
    if (server->now - server->questions_from >= KEPT_SECOND || server->now < server->questions_from) {
        server->questions_from = server->now;
        server->questions_left = KEPT_QUESTIONS_A_SECOND;
    }
    if (server->questions_left == 0)
        return false;
    server->questions_left--;
    return true;
}

bool kept_questions_first(const struct kept_server *server)
{
    return server->question_count > 0 && (server->questions_left > 0 || server->now - server->questions_from >= KEPT_SECOND);
}

enum kept_taken kept_question_take(struct kept_server *server, struct kept_conn *conn, const struct kept_wire_head *head,
                                   struct kept_span body)
{
    struct kept_credential credential;
    struct kept_wire_ask ask;
    struct kept_err err = {0};
    int rc = kept_wire_ask_read(body, &credential, &ask);
    if (rc != 0) {
        kept_conn_fault(server, conn, head->id, rc, "this message cannot be read");
        return KEPT_TAKEN;
    }
    const struct document *which = document_named(ask.what);
    if (which == NULL)
        rc = kept_fail(&err, KEPT_E_NOTFOUND, "there is no such document");
    else
        rc = kept_server_may_ask(server, conn, &credential, &ask, &err);
    const struct kept_shelved *shelved = rc == 0 && which->lasts > 0 ? kept_shelf_get(server, &ask) : NULL;
    if (shelved != NULL) {
        say(server, conn, head->id, &(struct kept_wire_document){
            .text = "", .type = shelved->type, .tag = shelved->tag, .bytes = kept_buf_span(&shelved->bytes)});
        return KEPT_TAKEN;
    }
    if (rc == 0 && which->still && (server->in_flight > 0 || !may_now(server))) {
        if (server->question_count >= KEPT_MAX_QUESTIONS)
            rc = kept_fail(&err, KEPT_E_BUSY, "too many documents are asked for: try again");
        else if ((rc = wait(server, conn, head->id, body)) == 0)
            return KEPT_TAKEN;
        else
            (void)kept_fail(&err, rc, "no memory for a question");
    }
    if (rc == 0)
        make(server, conn, head->id, which, &ask);
    else
        say(server, conn, head->id, &(struct kept_wire_document){.error = rc, .text = err.text});
    return KEPT_TAKEN;
}

void kept_questions_turn(struct kept_server *server)
{
    while (server->in_flight == 0 && server->questions != NULL && may_now(server)) {
        struct kept_waiting *waiting = server->questions;
        struct kept_credential credential;
        struct kept_wire_ask ask;
        if ((server->questions = waiting->next) == NULL)
            server->questions_end = &server->questions;
        server->question_count--;
        waiting->conn->works--;
        if (!waiting->conn->broken &&
            kept_wire_ask_read((struct kept_span){waiting->body, waiting->n}, &credential, &ask) == 0)
            make(server, waiting->conn, waiting->id, document_named(ask.what), &ask);
        kept_wipe(waiting->body, waiting->n);
        kept_free(waiting);
    }
}

void kept_questions_free(struct kept_server *server)
{
    while (server->questions != NULL) {
        struct kept_waiting *waiting = server->questions;
        server->questions = waiting->next;
        kept_wipe(waiting->body, waiting->n);
        kept_free(waiting);
    }
    server->question_count = 0;
    server->questions_end = &server->questions;
}
