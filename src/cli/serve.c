/* serve.c - kept serve: the store, served until told to stop; over HTTP too, where that is asked for. */
#include <string.h>

#include "base/file.h"
#include "base/note.h"
#include "cli/cli.h"
#include "http/http.h"
#include "server/server.h"

struct serving {
    struct kept_options store;
    struct kept_http_socket sockets[2];
    int doors[2];                  /* the same, for who takes over from us */
    int given[KEPT_MAX_DOORS];     /* listening sockets of who started us, or served before; -1: taken */
    size_t given_count;
    struct kept_http_options http;
    struct kept_server_options server;
};

static const enum option addresses[] = {O_HTTP, O_HTTPS};
#define ADDRESSES (sizeof addresses / sizeof addresses[0])

static size_t wanted(const struct cli *cli)
{
    size_t n = 0;
    for (size_t i = 0; i < ADDRESSES; i++)
        n += cli->option[addresses[i]] != NULL;
    return n;
}

/* Listening begins before anything is forked or opened: an address that is taken is told at once. */
static int listen_all(const struct cli *cli, struct serving *s, struct kept_err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < ADDRESSES; i++) {
        const char *address = cli->option[addresses[i]];
        struct kept_http_socket *to = &s->sockets[s->http.socket_count];
        if (address == NULL)
            continue;
        if ((rc = kept_http_listen_with(address, s->given, s->given_count, &to->fd, err)) != 0)
            break;
        to->tls = addresses[i] == O_HTTPS;
        s->doors[s->http.socket_count++] = to->fd;
    }
    for (size_t i = 0; i < s->given_count; i++)
        kept_file_close(s->given[i]);
    return rc;
}

/* The name of the file is not told to those who may not know it, but here its owner asks. */
static int check_tls(const struct cli *cli, const struct serving *s, struct kept_err *err)
{
    if ((s->http.certificate == NULL) != (s->http.key == NULL))
        return kept_fail(err, KEPT_E_USAGE, "a certificate and its key go together: --tls-cert and --tls-key");
    if (s->http.certificate != NULL && cli->option[O_HTTPS] == NULL)
        return kept_fail(err, KEPT_E_USAGE, "a certificate is for --https ADDRESS:PORT");
    if (s->http.client_certificates && cli->option[O_HTTPS] == NULL)
        return kept_fail(err, KEPT_E_USAGE, "--client-certificates is for --https ADDRESS:PORT");
    if (s->http.key != NULL) {
        int rc = kept_file_guard(s->http.key, KEPT_CLOSED, "the key of the certificate", err);
        if (rc != 0)
            return rc;
    }
    return wanted(cli) > 0 ? kept_http_check(&s->http, err) : 0;
}

/* Everything that can be looked at without the store was: from here on nobody serves but us. That nobody did is
 * no error, or the command that starts a service anew would fail where it is needed most. */
static int take_over(struct serving *s, struct kept_err *err)
{
    struct kept_err why = {0};
    int doors[KEPT_MAX_DOORS];
    size_t count = 0;
    int rc = kept_server_take_over(s->store.store, doors, &count, &why);
    for (size_t i = 0; i < count; i++)
        if (s->given_count < KEPT_MAX_DOORS)
            s->given[s->given_count++] = doors[i];
        else
            kept_file_close(doors[i]);
    if (rc == KEPT_E_NOTFOUND) {
        kept_note(KEPT_INFO, "taking.over", "nobody served the store");
        return 0;
    }
    if (rc != 0)
        return kept_fail(err, rc, "%s", why.text);
    kept_note(KEPT_INFO, "taking.over", "the process before has closed the store");
    return 0;
}

static int prepare(const struct cli *cli, struct serving *s, struct kept_err *err)
{
    *s = (struct serving){.store = cli_options(cli), .sockets = {{-1, false}, {-1, false}}};
    s->http = (struct kept_http_options){
        .sockets = s->sockets, .certificate = cli->option[O_TLS_CERT], .key = cli->option[O_TLS_KEY],
        .client_certificates = cli->option[O_CLIENT_CERTIFICATES] != NULL};
    uint32_t workers = wanted(cli) > 0 ? 1 : 0;
    int rc = check_tls(cli, s, err);
    for (size_t i = 0; rc == 0 && i < ADDRESSES; i++)
        if (cli->option[addresses[i]] != NULL)
            rc = kept_http_address_check(cli->option[addresses[i]], err);
    if (rc == 0)
        rc = cli_number(cli, O_WORKERS, &workers, err);
    if (rc == 0 && (workers > 0) != (wanted(cli) > 0))
        rc = kept_fail(err, KEPT_E_USAGE, "workers serve addresses: --http or --https ADDRESS:PORT, with one at least");
    if (rc != 0)
        return rc;
    s->server = (struct kept_server_options){.store = &s->store, .workers = workers, .work = kept_http_work,
                                             .arg = &s->http, .doors = s->doors};
    s->given_count = kept_http_given(s->given, KEPT_MAX_DOORS);
    if (cli->option[O_TAKE_OVER] != NULL && cli->option[O_CHECK] == NULL)
        rc = take_over(s, err);
    if (rc == 0)
        rc = listen_all(cli, s, err);
    s->server.door_count = s->http.socket_count;
    return rc;
}

/* Where it listens, for whoever asked for any port. */
static void say_where(const struct serving *s)
{
    char where[KEPT_HTTP_WHERE];
    for (size_t i = 0; i < s->http.socket_count; i++)
        if (kept_http_where(s->sockets[i].fd, where, NULL) == 0)
            kept_note(KEPT_INFO, "listening", "%s://%s", s->sockets[i].tls ? "https" : "http", where);
}

static void say_ready(const struct cli *cli)
{
    if (cli->option[O_JSON] == NULL) {
        (void)puts("nothing would keep it from starting");
        return;
    }
    json_t *root = json_pack("{s:b}", "ready", 1);
    cli_print_json(root);
    json_decref(root);
}

int cli_run_serve(struct cli *cli, struct kept_err *err)
{
    struct serving s;
    bool check = cli->option[O_CHECK] != NULL;
    kept_server_harden();
    int rc = prepare(cli, &s, err);
    if (rc == 0 && !check)
        say_where(&s);
    if (rc == 0)
        rc = check ? kept_server_check(&s.server, err) : kept_server_run(&s.server, err);
    for (size_t i = 0; i < s.http.socket_count; i++)
        kept_file_close(s.sockets[i].fd);
    if (rc == 0 && check)
        say_ready(cli);
    return cli_owner(cli, rc, err);
}
