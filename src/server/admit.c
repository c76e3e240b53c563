/* admit.c - who may ask what. The owner, who comes by the store's own socket and shows nothing, may all
 * that the engine lets an app or a role do; anybody else is judged by what they show. */
#include <string.h>

#include "base/error.h"
#include "server/server_int.h"

static bool is_owner(const struct kept_conn *conn, const struct kept_credential *credential)
{
    return !conn->worker && credential->kind == KEPT_CREDENTIAL_NONE;
}

int kept_server_admit(struct kept_server *server, const struct kept_conn *conn,
                      const struct kept_credential *credential, struct kept_request *request, struct kept_err *err)
{
    (void)server;
    (void)request;
    if (is_owner(conn, credential))
        return 0;
    return kept_fail(err, KEPT_E_DENIED, credential->kind == KEPT_CREDENTIAL_NONE
                                             ? "nothing was shown that says who asks"
                                             : "what was shown is known to nobody here");
}

int kept_server_may_ask(struct kept_server *server, const struct kept_conn *conn,
                        const struct kept_credential *credential, const char *what, struct kept_err *err)
{
    static const char *const anybody[] = {"ready", "metrics", "policies", "policy", "checkpoint", "tile", "proof"};
    (void)server;
    for (size_t i = 0; i < sizeof anybody / sizeof anybody[0]; i++)
        if (strcmp(anybody[i], what) == 0)
            return 0;
    return is_owner(conn, credential) ? 0
                                      : kept_fail(err, KEPT_E_DENIED, "this is not open to whoever asks");
}
