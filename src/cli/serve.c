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
    struct kept_http_options http;
    struct kept_server_options server;
};

/* Listening begins before anything is forked or opened: an address that is taken is told at once. */
static int listen_at(const struct cli *cli, enum option where, struct serving *s, struct kept_err *err)
{
    const char *address = cli->option[where];
    if (address == NULL)
        return 0;
    struct kept_http_socket *to = &s->sockets[s->http.socket_count];
    int rc = kept_http_listen(address, &to->fd, err);
    if (rc != 0)
        return rc;
    to->tls = where == O_HTTPS;
    s->http.socket_count++;
    return 0;
}

/* The name of the file is not told to those who may not know it, but here its owner asks. */
static int check_tls(const struct cli *cli, const struct serving *s, struct kept_err *err)
{
    if ((s->http.certificate == NULL) != (s->http.key == NULL))
        return kept_fail(err, KEPT_E_USAGE, "a certificate and its key go together: --tls-cert and --tls-key");
    if (s->http.certificate != NULL && cli->option[O_HTTPS] == NULL)
        return kept_fail(err, KEPT_E_USAGE, "a certificate is for --https ADDRESS:PORT");
    if (s->http.key != NULL) {
        int rc = kept_file_guard(s->http.key, KEPT_CLOSED, "the key of the certificate", err);
        if (rc != 0)
            return rc;
    }
    return s->http.socket_count > 0 ? kept_http_check(&s->http, err) : 0;
}

static int prepare(const struct cli *cli, struct serving *s, struct kept_err *err)
{
    *s = (struct serving){.store = cli_options(cli), .sockets = {{-1, false}, {-1, false}}};
    s->http = (struct kept_http_options){
        .sockets = s->sockets, .certificate = cli->option[O_TLS_CERT], .key = cli->option[O_TLS_KEY]};
    int rc = listen_at(cli, O_HTTP, s, err);
    if (rc == 0)
        rc = listen_at(cli, O_HTTPS, s, err);
    if (rc == 0)
        rc = check_tls(cli, s, err);
    if (rc != 0)
        return rc;
    uint32_t workers = s->http.socket_count > 0 ? 1 : 0;
    rc = cli_number(cli, O_WORKERS, &workers, err);
    if (rc == 0 && (workers > 0) != (s->http.socket_count > 0))
        rc = kept_fail(err, KEPT_E_USAGE, "workers serve addresses: --http or --https ADDRESS:PORT, with one at least");
    s->server = (struct kept_server_options){
        .store = &s->store, .workers = workers, .work = kept_http_work, .arg = &s->http};
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
