/* admit.c - who asks. The owner, who comes by the store's own socket and shows nothing, may all that the engine lets
 * an app or a role do; anybody else is who the engine knows by what they show, and may what that caller may. Who comes
 * over the network and shows nothing may ask what a policy opens to visitors, so many a second. */
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
                      const struct kept_caller_row **ret_who, struct kept_caller_row **ret_own, struct kept_err *err)
{
    const bool certificate = credential->kind == KEPT_CREDENTIAL_CERTIFICATE;
    *ret_who = *ret_own = NULL;
    if (is_owner(conn, credential))
        return 0;
    if (credential->kind == KEPT_CREDENTIAL_NONE)
        return kept_fail(err, KEPT_E_DENIED, "nothing was shown that says who asks");
    if (!certificate && credential->kind != KEPT_CREDENTIAL_TOKEN)
        return kept_fail(err, KEPT_E_DENIED, "what was shown is known to nobody here");
    if (!certificate && kept_self_shows(credential->secret)) {
        int rc = kept_self_judge(server->kept, credential->secret, ret_own, err);
        *ret_who = *ret_own;
        return rc;
    }
    return kept_caller_judge(server->kept, credential->secret, certificate, ret_who, err);
}

bool kept_server_is_visit(const struct kept_conn *conn, const struct kept_credential *credential)
{
    return conn->worker && credential->kind == KEPT_CREDENTIAL_NONE;
}

int kept_server_visit(struct kept_server *server, const char *app, enum kept_op op, struct kept_caller_row **ret_own,
                      struct kept_err *err)
{
    if (server->now - server->visits_from >= KEPT_SECOND || server->now < server->visits_from) {
        server->visits_from = server->now;
        server->visits_left = KEPT_VISITORS_A_SECOND;
    }
    /* A password is looked at for some hundredths of a second, in which nobody else is served. */
    const unsigned cost = op == KEPT_OP_SESSION_OPEN ? KEPT_VISITS_A_LOGIN : 1;
    int rc = kept_self_visit(server->kept, app != NULL && app[0] != 0 ? app : NULL, op, ret_own, err);
    if (rc != 0)
        return rc;
    if (server->visits_left >= cost) {
        server->visits_left -= cost;
        return 0;
    }
    kept_self_free(*ret_own);
    *ret_own = NULL;
    return kept_fail(err, KEPT_E_BUSY, "too many ask without saying who they are: try again");
}

int kept_server_may_ask(struct kept_server *server, const struct kept_conn *conn, const struct kept_credential *credential,
                        const struct kept_wire_ask *ask, struct kept_err *err)
{
    static const char *const anybody[] = {"ready", "metrics", "policies", "policy", "doors", "checkpoint", "tile", "proof"};
    const struct kept_caller_row *who = NULL;
    struct kept_caller_row *own = NULL;
    for (size_t i = 0; i < sizeof anybody / sizeof anybody[0]; i++)
        if (strcmp(anybody[i], ask->what) == 0)
            return 0;
    int rc = kept_server_admit(server, conn, credential, &who, &own, err);
    if (rc == 0 && who != NULL &&
        (strcmp(ask->what, "entries") != 0 || !kept_caller_audits(server->kept, who, kept_wire_arg(ask, "name"))))
        rc = kept_fail(err, KEPT_E_DENIED, "this is not open to this caller");
    kept_self_free(own);
    return rc;
}
