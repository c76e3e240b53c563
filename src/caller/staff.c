/* staff.c - people of staff: their passwords, their one-time codes (RFC 6238), and how long a session of theirs lasts. */
#include "caller/caller.h"

#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/utf8.h"

#define STEP_MS ((kept_ms)30 * KEPT_SECOND)
#define FIRST_BYTES 15u

static const char base32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"; /* RFC 4648 */

/* n: a multiple of five; ret: 8 for each five, and a NUL. */
static void to_base32(const uint8_t *p, size_t n, char *ret)
{
    for (; n >= 5; n -= 5, p += 5)
        for (unsigned i = 0; i < 8; i++) {
            uint64_t five = 0;
            for (unsigned b = 0; b < 5; b++)
                five = five << 8 | p[b];
            *ret++ = base32[five >> (35 - 5 * i) & 31u];
        }
    *ret = 0;
}

_Static_assert(KEPT_TOTP_SECRET % 5 == 0 && FIRST_BYTES % 5 == 0, "no padding");
_Static_assert(FIRST_BYTES / 5 * 8 + 1 < KEPT_FIRST_PASSWORD, "the first password fits");

int kept_staff_new(struct kept_staff *ret, char ret_password[KEPT_FIRST_PASSWORD])
{
    uint8_t drawn[FIRST_BYTES];
    *ret = (struct kept_staff){.first = true};
    kept_random(drawn, sizeof drawn);
    to_base32(drawn, sizeof drawn, ret_password);
    kept_wipe(drawn, sizeof drawn);
    kept_random(ret->secret, sizeof ret->secret);
    return kept_password_hash((struct kept_span){(const uint8_t *)ret_password, strlen(ret_password)},
                              KEPT_PASSWORD_ROUNDS, KEPT_PASSWORD_BYTES, ret->verifier);
}

/* ---- what a password may be -------------------------------------------------------------------- */

static bool has_text(const char *in, const char *what)
{
    const size_t n = strlen(what);
    for (; strlen(in) >= n; in++)
        if (strncasecmp(in, what, n) == 0)
            return true;
    return false;
}

/* Long enough, and tried first by everybody who guesses; or a row of keys. */
static bool is_common(const char *password)
{
    static const char *const all[] = {"password", "passw0rd", "letmein", "iloveyou", "qwerty", "qwertz", "azerty", "asdfgh",
                                      "zxcvbn", "1q2w3e", "1qaz2wsx", "12345", "54321", "abcde", "admin", "welcome", "changeme",
                                      "woaini", "5201314"};
    size_t rest = strlen(password);
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (has_text(password, all[i]) && rest < strlen(all[i]) + KEPT_MIN_PASSWORD)
            return true;
    return false;
}

static unsigned letters_of(const char *text)
{
    bool seen[256] = {false};
    unsigned n = 0;
    for (; *text != 0; text++) {
        n += !seen[(uint8_t)*text];
        seen[(uint8_t)*text] = true;
    }
    return n;
}

int kept_staff_password(const char *name, const char *password, struct kept_err *err)
{
    const size_t n = strlen(password);
    if (n < KEPT_MIN_PASSWORD || n > KEPT_MAX_PASSWORD)
        return kept_fail(err, KEPT_E_USAGE, "a password is %u to %u bytes: a sentence that nobody says is one", KEPT_MIN_PASSWORD,
                         KEPT_MAX_PASSWORD);
    if (!kept_utf8_valid((struct kept_span){(const uint8_t *)password, n}))
        return kept_fail(err, KEPT_E_USAGE, "a password is text (UTF-8)");
    if (letters_of(password) < KEPT_PASSWORD_LETTERS)
        return kept_fail(err, KEPT_E_USAGE, "a password has at least %u different letters", KEPT_PASSWORD_LETTERS);
    if (is_common(password))
        return kept_fail(err, KEPT_E_USAGE, "that password is among those which are tried first: take another");
    if (name[0] != 0 && has_text(password, name) && n < strlen(name) + KEPT_MIN_PASSWORD)
        return kept_fail(err, KEPT_E_USAGE, "a password is not made of the name: take another");
    return 0;
}

/* ---- one-time codes ---------------------------------------------------------------------------- */

int kept_totp(const uint8_t secret[KEPT_TOTP_SECRET], uint64_t step, char ret_code[KEPT_TOTP_DIGITS + 1])
{
    uint8_t message[8], mac[KEPT_SHA1_BYTES];
    kept_put_be64(message, step);
    int rc = kept_hmac_sha1((struct kept_span){secret, KEPT_TOTP_SECRET}, (struct kept_span){message, sizeof message}, mac);
    if (rc != 0)
        return rc;
    uint32_t number = (kept_be32(mac + (mac[KEPT_SHA1_BYTES - 1] & 15u)) & 0x7fffffffu) % 1000000u;
    for (unsigned i = KEPT_TOTP_DIGITS; i-- > 0; number /= 10)
        ret_code[i] = (char)('0' + number % 10);
    ret_code[KEPT_TOTP_DIGITS] = 0;
    kept_wipe(mac, sizeof mac);
    return 0;
}

uint64_t kept_totp_step(const struct kept_staff *staff, const char *code, kept_ms now)
{
    const uint64_t current = now > STEP_MS ? (uint64_t)(now / STEP_MS) : 1;
    char good[KEPT_TOTP_DIGITS + 1];
    uint64_t found = 0;
    if (strlen(code) != KEPT_TOTP_DIGITS)
        return 0;
    for (uint64_t step = current - 1; step <= current + 1; step++)
        if (kept_totp(staff->secret, step, good) == 0 && kept_secret_equal(good, code, KEPT_TOTP_DIGITS) && step > staff->step)
            found = step;
    kept_wipe(good, sizeof good);
    return found;
}

void kept_totp_uri(const char *app, const char *name, const uint8_t secret[KEPT_TOTP_SECRET], struct kept_buf *out)
{
    char text[KEPT_TOTP_SECRET / 5 * 8 + 1];
    to_base32(secret, KEPT_TOTP_SECRET, text);
    kept_buf_printf(out, "otpauth://totp/%s:%s?secret=%s&issuer=%s&algorithm=SHA1&digits=%u&period=30", app, name, text, app,
                    KEPT_TOTP_DIGITS);
    kept_wipe(text, sizeof text);
}

bool kept_attested_now(const struct kept_attested *attested, kept_ms now)
{
    return attested->at != 0 && (attested->until == 0 || now < attested->until);
}

/* ---- sessions ---------------------------------------------------------------------------------- */

bool kept_staff_is_in(const struct kept_staff *staff, kept_ms now)
{
    return staff->since != 0 && now - staff->since < (kept_ms)KEPT_STAFF_HOURS * KEPT_HOUR &&
           now - staff->seen < (kept_ms)KEPT_STAFF_IDLE_MINUTES * KEPT_MINUTE;
}
