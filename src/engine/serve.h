/* serve.h - what the holder of keys of a service asks of the engine beside kept.h and admin.h. */
#ifndef KEPT_ENGINE_SERVE_H
#define KEPT_ENGINE_SERVE_H

#include <stdbool.h>

#include "kept.h"

/* kept_submit_all(kept, who, requests, count, err): queue all of them, neighbours in this order, or none; like
 * kept_submit otherwise. What `follows` among them stays one; the first can follow nothing, whoever submitted
 * before. who: the caller whose they are, by kept_caller_judge, and what that caller may not is denied (CALLER), with its entry; NULL:
 * the owner's. KEPT_E_USAGE, KEPT_E_LIMIT, KEPT_E_BUSY, KEPT_E_NOMEM: none is queued. */
struct kept_caller_row;
KEPT_MUST_USE int kept_submit_all(struct kept *kept, const struct kept_caller_row *who,
                                  const struct kept_request *const *requests, size_t count, struct kept_err *err);

/* kept_caller_judge(kept, shown, certificate, ret_who, err): who shows this? shown: a token's text, or (certificate != 0) the 32 bytes of
 * the SHA-256 of a certificate. *ret_who is borrowed until kept_close; somebody who is revoked later is still who
 * asked before. KEPT_E_DENIED: nobody whom any app knows, or no longer; that is counted, and the next TICK tells the ledger.
 * Less than a microsecond. */
KEPT_MUST_USE int kept_caller_judge(struct kept *kept, struct kept_span shown, int certificate,
                             const struct kept_caller_row **ret_who, struct kept_err *err);
/* Would this token be that of a person's session? */
bool kept_self_shows(struct kept_span shown);
/* Then who is it? *ret_who is freed by kept_self_free, when no request of theirs is in flight any more. Some
 * microseconds. KEPT_E_DENIED: nobody, or it is over; KEPT_E_NOMEM, and what reading the store fails with. */
KEPT_MUST_USE int kept_self_judge(struct kept *kept, struct kept_span shown, struct kept_caller_row **ret_who,
                                  struct kept_err *err);
/* Who shows nothing asks this of this app, or of the only one (NULL). KEPT_E_DENIED: its policy lets nobody come by themselves,
 * or it has no staff who could log in. */
KEPT_MUST_USE int kept_self_visit(struct kept *kept, const char *app, enum kept_op op, struct kept_caller_row **ret_who,
                                  struct kept_err *err);
void kept_self_free(struct kept_caller_row *who); /* NULL is a no-op */
/* Complete a request of theirs: app, actor, role, and a function or purpose where there is but one. What it then points to
 * lives as long as actor, and the handle. KEPT_E_USAGE: it names another app, or an actor that is too long. */
#define KEPT_ACTOR_ROOM 65u
KEPT_MUST_USE int kept_caller_complete(const struct kept_caller_row *who, struct kept_request *request,
                              char actor[KEPT_ACTOR_ROOM], struct kept_err *err);
/* Not 0: may they audit this app, and so read the sealed entries of its ledger? */
KEPT_MUST_USE int kept_caller_audits(struct kept *kept, const struct kept_caller_row *who, const char *name);

#endif
