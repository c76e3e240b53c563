/* login_int.h - what the files of the room share: members of JSON objects, of the type they must have. */
#ifndef KEPT_LOGIN_LOGIN_INT_H
#define KEPT_LOGIN_LOGIN_INT_H

#include <jansson.h>
#include <string.h>

#include "login/login.h"

/* A text, or NULL: it is not there, or is another thing. */
static inline const char *kept_login_text(const json_t *object, const char *member)
{
    return json_string_value(json_object_get(object, member));
}

/* Printable ASCII from 0x21 on, without quote and backslash: it stands in JSON and in messages as it is. */
static inline bool kept_login_is_plain(const char *text)
{
    for (; *text != 0; text++)
        if (*text <= 0x20 || *text >= 0x7f || *text == '"' || *text == '\\')
            return false;
    return true;
}

#endif
