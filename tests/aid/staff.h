/* staff.h - what a new member of staff is told, taken apart: by the tests in which one logs in. */
#ifndef KEPT_TESTS_AID_STAFF_H
#define KEPT_TESTS_AID_STAFF_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "caller/caller.h"

/* What a new member of staff was told: the secret of the codes (RFC 4648 back), and the first password. */
static inline void staff_told(const char *json, uint8_t secret[KEPT_TOTP_SECRET], char password[KEPT_FIRST_PASSWORD])
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    const char *text = strstr(json, "secret=") + 7;
    uint64_t bits = 0;
    for (size_t i = 0, n = 0; n < KEPT_TOTP_SECRET; i++) {
        bits = bits << 5 | (uint64_t)(strchr(letters, text[i]) - letters);
        if (i % 8 == 7)
            for (unsigned b = 0; b < 5; b++)
                secret[n++] = (uint8_t)(bits >> (32 - 8 * b));
    }
    assert_int_equal(sscanf(strstr(json, "\"password\":\"") + 12, "%25[A-Z2-7]", password), 1);
}

#endif
