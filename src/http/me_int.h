/* me_int.h - one request of /me, from me_begin.c, which reads it, to me.c, which asks the holder and answers. */
#ifndef KEPT_HTTP_ME_INT_H
#define KEPT_HTTP_ME_INT_H

#include <jansson.h>

#include "http/me.h"

enum kept_me_step { STEP_DOORS, STEP_POLICY, STEP_HOME, STEP_SURE, STEP_COPY, STEP_BEGIN, STEP_PROVE, STEP_ACT, STEP_HELD, STEP_ERASED, STEP_LEAVE };
enum kept_me_does { DOES_SHOW, DOES_BEGIN, DOES_PROVE, DOES_GRANT, DOES_WITHDRAW, DOES_READ, DOES_MEND, DOES_CLEAR, DOES_COPY, DOES_ERASE, DOES_ERASE_NOW,
            DOES_LEAVE, DOES_COUNT };

#define KEPT_ME_SCOPES 4u
extern const char *const kept_http_me_does[DOES_COUNT]; /* what buttons send */
extern const char *const kept_http_me_scopes[KEPT_ME_SCOPES];

struct kept_http_me {
    enum kept_me_step step;
    enum kept_me_does does;
    bool post, tls, new_door, over;
    const char *language, *said;
    char app[KEPT_HTTP_ME_NAME], name[KEPT_HTTP_ME_NAME], group[KEPT_HTTP_ME_NAME], code[KEPT_MAX_CODE + 1];
    char value[KEPT_ME_VALUE + 1]; /* what is to stand in place of what is held */
    char address[KEPT_HTTP_ME_ADDRESS], session[KEPT_HTTP_MAX_SECRET + 1], door[KEPT_HTTP_ME_DOOR], form[KEPT_HTTP_ME_TOKEN];
    size_t scope; /* of scopes */
    bool sure;
    uint64_t from;
    json_t *policy, *subject, *account, *trail;
    struct kept_reply *use;
    struct kept_field fields[KEPT_ME_ITEMS];
    char location[256], cookies[2][KEPT_HTTP_MAX_SECRET + 128];
};

/* A page that says why not: a name of the group bad. */
void kept_http_me_trouble(struct kept_http_exchange *x, unsigned status, const char *why);
/* The session that was shown is none, or no longer. */
void kept_http_me_over(struct kept_http_exchange *x);
void kept_http_me_ask(struct kept_http_exchange *x, enum kept_me_step step, const struct kept_wire_ask *question);

#endif
