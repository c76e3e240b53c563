/* token.c - a token: its parts, its signature, its claims; each looked at when the one before was right. */
#include <strings.h>

#include "base/error.h"
#include "base/id.h"
#include "base/mem.h"
#include "login/login_int.h"

#define SECONDS_MAX (1ll << 40) /* of an instant: years enough, and its milliseconds fit */
#define SKEW ((kept_ms)KEPT_LOGIN_SKEW_SECONDS * KEPT_SECOND)

const char *kept_login_flaw_text(enum kept_login_flaw flaw)
{
    static const char *const texts[] = {
#define X(name, text) text,
        KEPT_LOGIN_FLAWS(X)
#undef X
    };
    return (size_t)flaw < sizeof texts / sizeof texts[0] ? texts[flaw] : "?";
}

/* ---- parts ---------------------------------------------------------------------------------------- */

struct parts {
    struct kept_span header, claims, signature; /* as they are written */
    struct kept_span signed_;                   /* header, dot, claims */
};

static bool split(struct kept_span token, struct parts *ret)
{
    const uint8_t *end = token.p + token.n;
    const uint8_t *first = token.n > 0 && token.n <= KEPT_MAX_ID_TOKEN ? memchr(token.p, '.', token.n) : NULL;
    const uint8_t *second = first != NULL ? memchr(first + 1, '.', (size_t)(end - first - 1)) : NULL;
    if (second == NULL)
        return false;
    ret->header = (struct kept_span){token.p, (size_t)(first - token.p)};
    ret->claims = (struct kept_span){first + 1, (size_t)(second - first - 1)};
    ret->signature = (struct kept_span){second + 1, (size_t)(end - second - 1)};
    ret->signed_ = (struct kept_span){token.p, (size_t)(second - token.p)};
    return true;
}

/* The object in a part; NULL: there is none. room: of KEPT_MAX_ID_TOKEN bytes, wiped afterwards. */
static json_t *object_in(struct kept_span part, uint8_t *room)
{
    size_t n = 0;
    json_t *root = NULL;
    json_error_t where;
    if (kept_unbase64url(part, room, KEPT_MAX_ID_TOKEN, &n) == 0)
        root = json_loadb((const char *)room, n, JSON_REJECT_DUPLICATES, &where);
    kept_wipe(room, KEPT_MAX_ID_TOKEN);
    if (json_is_object(root))
        return root;
    json_decref(root);
    return NULL;
}

/* What it said of somebody does not stay in memory; what stands deeper nobody looked at. */
static void drop(json_t *root)
{
    const char *name = NULL;
    json_t *value = NULL;
    json_object_foreach(root, name, value)
        if (json_is_string(value))
            kept_wipe((void *)(uintptr_t)json_string_value(value), json_string_length(value));
    json_decref(root);
}

/* ---- who signed ------------------------------------------------------------------------------------ */

/* A header without a name of a key is of the one key of its algorithm, where there is but one. */
static const struct kept_login_key *find_key(const struct kept_login_provider *p, const char *name, const char *algorithm)
{
    const struct kept_login_key *found = NULL;
    for (size_t i = 0; i < p->key_count; i++) {
        const struct kept_login_key *key = &p->keys[i];
        if (name != NULL ? strcmp(key->name, name) != 0 : strcmp(kept_login_algorithm(key->signer.kind), algorithm) != 0)
            continue;
        if (found != NULL)
            return NULL;
        found = key;
    }
    return found;
}

static enum kept_login_flaw check_header(const struct kept_login_provider *p, const json_t *header,
                                         const struct kept_login_key **ret_key)
{
    const json_t *kid = json_object_get(header, "kid"), *type = json_object_get(header, "typ");
    const char *algorithm = kept_login_text(header, "alg"), *name = json_string_value(kid);
    if (algorithm == NULL || (strcmp(algorithm, "RS256") != 0 && strcmp(algorithm, "ES256") != 0))
        return KEPT_LOGIN_ALGORITHM;
    if (json_object_get(header, "crit") != NULL || (kid != NULL && (name == NULL || name[0] == 0)) ||
        (type != NULL && (!json_is_string(type) || strcasecmp(json_string_value(type), "JWT") != 0)))
        return KEPT_LOGIN_FORM;
    *ret_key = find_key(p, name, algorithm);
    if (*ret_key == NULL)
        return KEPT_LOGIN_KEY;
    return strcmp(kept_login_algorithm((*ret_key)->signer.kind), algorithm) == 0 ? KEPT_LOGIN_NONE : KEPT_LOGIN_ALGORITHM;
}

static enum kept_login_flaw check_signature(const struct kept_login_key *key, const struct parts *parts)
{
    uint8_t signature[KEPT_MAX_RSA_BYTES];
    size_t n = 0;
    return kept_unbase64url(parts->signature, signature, sizeof signature, &n) == 0 &&
                   kept_signer_verify(&key->signer, parts->signed_, (struct kept_span){signature, n})
               ? KEPT_LOGIN_NONE
               : KEPT_LOGIN_SIGNATURE;
}

/* ---- claims ---------------------------------------------------------------------------------------- */

/* A text of at most max bytes, without what does not print; NULL: it is none. */
static const char *plain(const json_t *claims, const char *member, size_t max)
{
    const char *text = kept_login_text(claims, member);
    if (text == NULL || text[0] == 0 || strlen(text) > max)
        return NULL;
    for (const char *c = text; *c != 0; c++)
        if (*c < 0x20 || *c >= 0x7f)
            return NULL;
    return text;
}

/* An instant, in seconds, perhaps with a fraction; false: it is none. */
static bool instant(const json_t *claims, const char *member, kept_ms *ret)
{
    const json_t *value = json_object_get(claims, member);
    const double seconds = json_number_value(value);
    if (!json_is_number(value) || !(seconds >= 0 && seconds < (double)SECONDS_MAX))
        return false;
    *ret = (kept_ms)(seconds * (double)KEPT_SECOND);
    return true;
}

/* For us, and for nobody else: we trust no other audience. */
static bool is_for(const json_t *claims, const char *client)
{
    const json_t *for_ = json_object_get(claims, "aud"), *by = json_object_get(claims, "azp");
    const json_t *one = json_is_array(for_) && json_array_size(for_) == 1 ? json_array_get(for_, 0) : for_;
    return json_is_string(one) && strcmp(json_string_value(one), client) == 0 &&
           (by == NULL || (json_is_string(by) && strcmp(json_string_value(by), client) == 0));
}

static enum kept_login_flaw check_times(const json_t *claims, kept_ms now, kept_ms *ret_issued)
{
    kept_ms issued = 0, expires = 0, begins = 0;
    if (!instant(claims, "iat", &issued) || !instant(claims, "exp", &expires) || expires <= issued ||
        (json_object_get(claims, "nbf") != NULL && !instant(claims, "nbf", &begins)))
        return KEPT_LOGIN_FORM;
    if (issued > now + SKEW || begins > now + SKEW)
        return KEPT_LOGIN_EARLY;
    *ret_issued = issued;
    return expires + SKEW <= now || issued + (kept_ms)KEPT_LOGIN_MINUTES * KEPT_MINUTE + SKEW <= now ? KEPT_LOGIN_EXPIRED
                                                                                                     : KEPT_LOGIN_NONE;
}

static void number_of(const char *issuer, const char *who, char ret_number[KEPT_LOGIN_NUMBER])
{
    static const char label[] = "kept login";
    uint8_t hash[KEPT_HASH_BYTES];
    const struct kept_span said[] = {{(const uint8_t *)label, sizeof label},
                                     {(const uint8_t *)issuer, strlen(issuer) + 1},
                                     {(const uint8_t *)who, strlen(who) + 1}};
    kept_sha256_parts(said, sizeof said / sizeof said[0], hash);
    kept_hex(hash, sizeof hash, ret_number);
}

static enum kept_login_flaw check_claims(const struct kept_login_provider *p, const json_t *claims, kept_ms now,
                                         struct kept_login *ret)
{
    const char *issuer = kept_login_text(claims, "iss"), *nonce = plain(claims, "nonce", KEPT_MAX_KEY_NAME);
    const char *who = plain(claims, "sub", KEPT_MAX_ELSEWHERE);
    if (issuer == NULL || strcmp(issuer, p->issuer) != 0)
        return KEPT_LOGIN_ISSUER;
    if (!is_for(claims, p->client))
        return KEPT_LOGIN_AUDIENCE;
    const enum kept_login_flaw flaw = check_times(claims, now, &ret->issued);
    if (flaw != KEPT_LOGIN_NONE)
        return flaw;
    if (nonce == NULL || who == NULL)
        return nonce == NULL ? KEPT_LOGIN_NONCE : KEPT_LOGIN_SUBJECT;
    memcpy(ret->nonce, nonce, strlen(nonce) + 1);
    number_of(p->issuer, who, ret->number);
    return KEPT_LOGIN_NONE;
}

int kept_login_check(const struct kept_login_provider *provider, struct kept_span token, kept_ms now,
                     struct kept_login *ret_login, enum kept_login_flaw *ret_flaw, struct kept_err *err)
{
    const struct kept_login_key *key = NULL;
    struct parts parts;
    *ret_flaw = KEPT_LOGIN_FORM;
    *ret_login = (struct kept_login){.issued = 0};
    if (!split(token, &parts))
        return 0;
    uint8_t *room = kept_alloc(KEPT_MAX_ID_TOKEN, 1);
    if (room == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory for what a provider says");
    json_t *header = object_in(parts.header, room), *claims = NULL;
    if (header != NULL)
        *ret_flaw = check_header(provider, header, &key);
    if (header != NULL && *ret_flaw == KEPT_LOGIN_NONE)
        *ret_flaw = check_signature(key, &parts);
    if (header != NULL && *ret_flaw == KEPT_LOGIN_NONE) {
        claims = object_in(parts.claims, room);
        *ret_flaw = claims != NULL ? check_claims(provider, claims, now, ret_login) : KEPT_LOGIN_FORM;
    }
    drop(header);
    drop(claims);
    kept_free(room);
    return 0;
}
