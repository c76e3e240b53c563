/* store.c - the store: opened by this process, or asked of the one that serves it. */
#include "cli/cli.h"
#include "server/client.h"
#include "wire/wire.h"

int cli_open(struct cli *cli, struct cli_store *ret_store, struct kept_err *err)
{
    const struct kept_options options = cli_options(cli);
    struct kept_err own = {0};
    unsigned tries = 0;
    int rc = 0;
    do {
        rc = kept_client_open(options.store, &ret_store->client, &own);
        if (rc == 0)
            return 0;
        if (rc != KEPT_E_NOTFOUND)
            return kept_fail(err, rc, "%s", own.text);
        rc = kept_open(&options, &ret_store->kept, err);
    } while (cli_again(cli, rc, &tries));
    return cli_owner(cli, rc, err);
}

void cli_close(struct cli_store *store)
{
    kept_close(store->kept);
    kept_client_close(store->client);
    *store = (struct cli_store){NULL, NULL};
}

int cli_ask_one(struct cli_store *store, const struct kept_request *request, struct kept_reply **ret_reply,
                struct kept_err *err)
{
    return store->client != NULL ? kept_client_call(store->client, request, ret_reply, err)
                                 : kept_call(store->kept, request, ret_reply, err);
}

void cli_reply_free(struct cli_store *store, struct kept_reply *reply)
{
    if (store->client != NULL)
        kept_wire_reply_free(reply);
    else
        kept_reply_free(reply);
}

int cli_document(struct cli_store *store, const char *what, const char *app, const char *key, const char *value,
                 struct kept_buf *out, struct kept_err *err)
{
    struct kept_wire_ask ask = {.what = what};
    if (app != NULL) {
        ask.keys[ask.count] = "name";
        ask.values[ask.count++] = app;
    }
    if (key != NULL) {
        ask.keys[ask.count] = key;
        ask.values[ask.count++] = value;
    }
    return kept_client_ask(store->client, &ask, out, err);
}
