/* admit.c - who asks. The owner, who comes by the store's own socket and shows nothing, may all that the engine lets
 * an app or a role do; anybody else is who the engine knows by what they show, and may what that caller may. */
#include <string.h>

#include "base/error.h"
#include "engine/serve.h"
#include "server/server_int.h"

_Static_assert(sizeof((struct kept_slot *)0)->actor == KEPT_ACTOR_ROOM, "an actor fits");

static bool is_owner(const struct kept_conn *conn, const struct kept_credential *credential)
{
    return !conn->worker && credential->kind == KEPT_CREDENTIAL_NONE;
}

int kept_server_admit(struct kept_server *server, const struct kept_conn *conn, const struct kept_credential *credential,
                      const struct kept_caller_row **ret_who, struct kept_err *err)
{
    const bool certificate = credential->kind == KEPT_CREDENTIAL_CERTIFICATE;
    *ret_who = NULL;
    if (is_owner(conn, credential))
        return 0;
    if (credential->kind == KEPT_CREDENTIAL_NONE)
        return kept_fail(err, KEPT_E_DENIED, "nothing was shown that says who asks");
    if (!certificate && credential->kind != KEPT_CREDENTIAL_TOKEN)
        return kept_fail(err, KEPT_E_DENIED, "what was shown is known to nobody here");
    return kept_caller_judge(server->kept, credential->secret, certificate, ret_who, err);
}

int kept_server_may_ask(struct kept_server *server, const struct kept_conn *conn, const struct kept_credential *credential,
                        const struct kept_wire_ask *ask, struct kept_err *err)
{
    static const char *const anybody[] = {"ready", "metrics", "policies", "policy", "checkpoint", "tile", "proof"};
    const struct kept_caller_row *who = NULL;
    for (size_t i = 0; i < sizeof anybody / sizeof anybody[0]; i++)
        if (strcmp(anybody[i], ask->what) == 0)
            return 0;
    int rc = kept_server_admit(server, conn, credential, &who, err);
    if (rc != 0 || who == NULL)
        return rc;
    return strcmp(ask->what, "entries") == 0 && kept_caller_audits(server->kept, who, kept_wire_arg(ask, "name")) != 0
               ? 0 : kept_fail(err, KEPT_E_DENIED, "this is not open to this caller");
}
