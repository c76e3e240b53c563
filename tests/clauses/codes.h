/* codes.h - the codes that came, for tests of accounts. */
#ifndef KEPT_TESTS_CLAUSES_CODES_H
#define KEPT_TESTS_CLAUSES_CODES_H

#include <ctype.h>

#include "shown.h"

#define SECOND ((kept_ms)1000)
#define MINUTE (60 * SECOND)
#define BEGIN(...) ASK(w, ACCOUNT_BEGIN, __VA_ARGS__)
#define PROVE(code, ...) ASK(w, ACCOUNT_PROVE, .secret = (code), __VA_ARGS__)

/* The text of the message that is due, and sent now; "" when none is. */
static inline const char *sent(struct world *w)
{
    static char text[512];
    const struct kept_reply *r = aid_need(w, ASK(w, POST_TAKE, .limit = 1));
    json_t *root = json_loads(r->json, 0, NULL);
    const json_t *message = json_array_get(json_object_get(root, "messages"), 0);
    const char *said = json_string_value(json_object_get(message, "text"));
    const char *id = json_string_value(json_object_get(message, "id"));
    struct kept_id which = {{0}};
    (void)snprintf(text, sizeof text, "%s", said != NULL ? said : "");
    if (id != NULL && kept_id_parse(id, &which) == 0)
        (void)aid_need(w, ASK(w, POST_TELL, OF(which), .text = "sent"));
    json_decref(root);
    return text;
}

/* The code in it, six digits; "" when there is none. */
static inline const char *code_of(struct world *w)
{
    static char code[7];
    const char *p = sent(w);
    size_t n = 0;
    for (code[0] = 0; *p != 0 && n < 6; p++)
        n = isdigit((unsigned char)*p) ? n + 1 : 0;
    if (n == 6) {
        memcpy(code, p - 6, 6);
        code[6] = 0;
    }
    return code;
}

#endif
