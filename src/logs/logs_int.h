/* logs_int.h - what the files of this room share. */
#ifndef KEPT_LOGS_LOGS_INT_H
#define KEPT_LOGS_LOGS_INT_H

#include "logs/logs.h"

/* key.c: with what the names of a log's rows begin; the key of that name: as kept_desk_get. */
void kept_log_prefix(const struct kept_desk *desk, const char *log, uint8_t ret[4]);
KEPT_MUST_USE int kept_log_key_get(const struct kept_desk *desk, const struct kept_id *name, struct kept_log_key *ret_key,
                                   struct kept_err *err);

#endif
