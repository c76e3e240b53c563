/* serve.h - what the holder of keys of a service asks of the engine beside kept.h and admin.h. */
#ifndef KEPT_ENGINE_SERVE_H
#define KEPT_ENGINE_SERVE_H

#include "kept.h"

/* kept_submit_all(kept, requests, count, err): queue all of them, neighbours in this order, or none; like
 * kept_submit otherwise. What `follows` among them stays one; the first can follow nothing, whoever submitted
 * before. KEPT_E_USAGE, KEPT_E_LIMIT, KEPT_E_BUSY, KEPT_E_NOMEM: none is queued. */
KEPT_MUST_USE int kept_submit_all(struct kept *kept, const struct kept_request *const *requests, size_t count,
                                  struct kept_err *err);

#endif
