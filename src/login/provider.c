/* provider.c - what the operator says of a provider: issuer, our client's id there, and its keys. */
#include "base/error.h"
#include "login/login_int.h"

const char *kept_login_algorithm(enum kept_signer_kind kind)
{
    return kind == KEPT_SIGNER_RS256 ? "RS256" : "ES256";
}

/* ---- words ---------------------------------------------------------------------------------------- */

static int copy(const json_t *root, const char *member, char ret[KEPT_MAX_ADDRESS + 1], struct kept_err *err)
{
    const json_t *value = json_object_get(root, member);
    const char *text = json_string_value(value);
    if (text == NULL || text[0] == 0)
        return kept_fail(err, KEPT_E_USAGE, "%s of the provider is a text, and is missing", member);
    if (strlen(text) > KEPT_MAX_ADDRESS || !kept_login_is_plain(text))
        return kept_fail(err, KEPT_E_USAGE, "%s of the provider is at most %u bytes of printable ASCII, without spaces and quotes",
                         member, KEPT_MAX_ADDRESS);
    memcpy(ret, text, strlen(text) + 1);
    return 0;
}

/* Is what is behind this front a host of its own, and not the beginning of a longer name? */
static bool begins(const char *text, const char *front)
{
    const size_t n = strlen(front);
    return strncmp(text, front, n) == 0 && (text[n] == 0 || text[n] == ':' || text[n] == '/');
}

static bool is_safe(const char *address)
{
    return (strncmp(address, "https://", 8) == 0 && address[8] != 0 && address[8] != '/') || begins(address, "http://127.0.0.1") ||
           begins(address, "http://localhost") || begins(address, "http://[::1]");
}

static int read_addresses(const json_t *root, struct kept_login_provider *p, struct kept_err *err)
{
    int rc = copy(root, "issuer", p->issuer, err);
    if (rc == 0)
        rc = copy(root, "client_id", p->client, err);
    if (rc == 0 && json_object_get(root, "leave") != NULL)
        rc = copy(root, "leave", p->leave, err);
    else if (rc == 0)
        memcpy(p->leave, p->issuer, sizeof p->leave);
    if (rc == 0 && (!is_safe(p->issuer) || strpbrk(p->issuer, "?#") != NULL))
        rc = kept_fail(err, KEPT_E_USAGE, "issuer of the provider begins with https://, and has no query and no fragment");
    if (rc == 0 && !is_safe(p->leave))
        rc = kept_fail(err, KEPT_E_USAGE, "leave of the provider begins with https://");
    return rc;
}

/* ---- keys ----------------------------------------------------------------------------------------- */

static bool is_word(const json_t *key, const char *member, const char *word)
{
    const char *text = kept_login_text(key, member);
    return text != NULL && strcmp(text, word) == 0;
}

/* A number of a key: false when it is none, or does not fit. */
static bool number(const json_t *key, const char *member, uint8_t *ret, size_t max, size_t *ret_n)
{
    const json_t *value = json_object_get(key, member);
    const struct kept_span text = {(const uint8_t *)json_string_value(value), json_string_length(value)};
    return json_is_string(value) && text.n > 0 && kept_unbase64url(text, ret, max, ret_n) == 0 && *ret_n > 0;
}

/* One for signatures of ours? Others stand in the same sets. */
static bool is_ours(const json_t *key, enum kept_signer_kind *ret_kind)
{
    const json_t *operations = json_object_get(key, "key_ops"), *one = NULL;
    const bool rsa = is_word(key, "kty", "RSA"), p256 = is_word(key, "kty", "EC") && is_word(key, "crv", "P-256");
    bool verifies = operations == NULL;
    size_t i = 0;
    json_array_foreach(operations, i, one)
        verifies = verifies || (json_is_string(one) && strcmp(json_string_value(one), "verify") == 0);
    *ret_kind = rsa ? KEPT_SIGNER_RS256 : KEPT_SIGNER_ES256;
    return (rsa || p256) && verifies && (json_object_get(key, "use") == NULL || is_word(key, "use", "sig")) &&
           (json_object_get(key, "alg") == NULL || is_word(key, "alg", kept_login_algorithm(*ret_kind)));
}

static int read_name(const json_t *key, struct kept_login_provider *p, char ret_name[KEPT_MAX_KEY_NAME + 1], struct kept_err *err)
{
    const json_t *value = json_object_get(key, "kid");
    const char *name = value != NULL ? json_string_value(value) : "";
    if (name == NULL || strlen(name) > KEPT_MAX_KEY_NAME || !kept_login_is_plain(name))
        return kept_fail(err, KEPT_E_USAGE, "kid of a key is at most %u bytes of printable ASCII", KEPT_MAX_KEY_NAME);
    for (size_t i = 0; i < p->key_count; i++)
        if (strcmp(p->keys[i].name, name) == 0)
            return kept_fail(err, KEPT_E_USAGE, "two keys of the provider are called the same, or not at all: each has a kid of its own");
    memcpy(ret_name, name, strlen(name) + 1);
    return 0;
}

static int read_key(const json_t *key, size_t place, struct kept_login_provider *p, struct kept_err *err)
{
    struct kept_signer signer = {.kind = KEPT_SIGNER_RS256};
    if (!json_is_object(key) || kept_login_text(key, "kty") == NULL)
        return kept_fail(err, KEPT_E_USAGE, "key %zu of the provider is no JWK", place + 1);
    if (is_word(key, "kty", "oct") || json_object_get(key, "d") != NULL || json_object_get(key, "k") != NULL)
        return kept_fail(err, KEPT_E_USAGE, "key %zu of the provider is secret: a set of public keys is wanted", place + 1);
    if (!is_ours(key, &signer.kind))
        return 0;
    const bool rsa = signer.kind == KEPT_SIGNER_RS256;
    if (!number(key, rsa ? "n" : "x", signer.a, sizeof signer.a, &signer.a_n) ||
        !number(key, rsa ? "e" : "y", signer.b, sizeof signer.b, &signer.b_n) || kept_signer_check(&signer) != 0)
        return kept_fail(err, KEPT_E_USAGE, "key %zu of the provider is none that may sign: RSA of %u to %u bits, or a point of P-256",
                         place + 1, 8 * KEPT_MIN_RSA_BYTES, 8 * KEPT_MAX_RSA_BYTES);
    if (p->key_count == KEPT_MAX_PROVIDER_KEYS)
        return kept_fail(err, KEPT_E_LIMIT, "more than %u keys sign for the provider", KEPT_MAX_PROVIDER_KEYS);
    int rc = read_name(key, p, p->keys[p->key_count].name, err);
    if (rc == 0)
        p->keys[p->key_count++].signer = signer;
    return rc;
}

static int read_keys(const json_t *root, struct kept_login_provider *p, struct kept_err *err)
{
    const json_t *keys = json_object_get(json_object_get(root, "jwks"), "keys");
    int rc = json_is_array(keys) ? 0 : kept_fail(err, KEPT_E_USAGE, "jwks of the provider is a JWK set: {\"keys\": [...]}");
    for (size_t i = 0; rc == 0 && i < json_array_size(keys); i++)
        rc = read_key(json_array_get(keys, i), i, p, err);
    if (rc == 0 && p->key_count == 0)
        rc = kept_fail(err, KEPT_E_USAGE, "no key of the provider signs with RS256 or ES256");
    return rc;
}

/* ---- all of it ------------------------------------------------------------------------------------ */

static int check_members(json_t *root, struct kept_err *err)
{
    static const char *const known[] = {"issuer", "client_id", "leave", "jwks"};
    const char *name = NULL;
    json_t *value = NULL;
    json_object_foreach(root, name, value) {
        bool is = false;
        for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
            is = is || strcmp(name, known[i]) == 0;
        if (!is)
            return kept_fail(err, KEPT_E_USAGE, "a provider is issuer, client_id, leave and jwks, and nothing else");
    }
    return 0;
}

int kept_login_provider_read(struct kept_span text, struct kept_login_provider *ret_provider, struct kept_err *err)
{
    json_error_t where;
    *ret_provider = (struct kept_login_provider){.key_count = 0};
    if (text.n > KEPT_MAX_PROVIDER_BYTES)
        return kept_fail(err, KEPT_E_LIMIT, "a provider is at most %u bytes of JSON", KEPT_MAX_PROVIDER_BYTES);
    json_t *root = json_loadb(text.n > 0 ? (const char *)text.p : "", text.n, JSON_REJECT_DUPLICATES, &where);
    int rc = json_is_object(root) ? check_members(root, err)
                                  : kept_fail(err, KEPT_E_USAGE, "a provider is a JSON object, and this is none (line %d)",
                                              root == NULL ? where.line : 1);
    if (rc == 0)
        rc = read_addresses(root, ret_provider, err);
    if (rc == 0)
        rc = read_keys(root, ret_provider, err);
    json_decref(root);
    return rc;
}

/* ---- as bytes ------------------------------------------------------------------------------------- */

/* u8 1 | issuer, client, leave | u8 n | n keys: u8 kind | name, a, b. Each text and number: varint n, bytes. */
#define VERSION 1u

static void put(struct kept_buf *out, const void *p, size_t n)
{
    kept_buf_varint(out, n);
    kept_buf_bytes(out, p, n);
}

/* room: of max bytes and, for a text, a NUL behind them. */
static size_t get(struct kept_cursor *c, void *room, size_t max)
{
    const struct kept_span bytes = kept_get_bytes(c, kept_get_varint(c, max));
    if (bytes.n > 0)
        memcpy(room, bytes.p, bytes.n);
    return bytes.n;
}

void kept_login_provider_encode(const struct kept_login_provider *p, struct kept_buf *out)
{
    kept_buf_u8(out, VERSION);
    put(out, p->issuer, strlen(p->issuer));
    put(out, p->client, strlen(p->client));
    put(out, p->leave, strlen(p->leave));
    kept_buf_u8(out, (uint8_t)p->key_count);
    for (size_t i = 0; i < p->key_count; i++) {
        const struct kept_login_key *key = &p->keys[i];
        kept_buf_u8(out, (uint8_t)key->signer.kind);
        put(out, key->name, strlen(key->name));
        put(out, key->signer.a, key->signer.a_n);
        put(out, key->signer.b, key->signer.b_n);
    }
}

int kept_login_provider_decode(struct kept_span bytes, struct kept_login_provider *ret_provider)
{
    struct kept_login_provider *p = ret_provider;
    struct kept_cursor c = kept_cursor(bytes);
    *p = (struct kept_login_provider){.key_count = 0};
    const bool known = kept_get_u8(&c) == VERSION;
    (void)get(&c, p->issuer, KEPT_MAX_ADDRESS);
    (void)get(&c, p->client, KEPT_MAX_ADDRESS);
    (void)get(&c, p->leave, KEPT_MAX_ADDRESS);
    const size_t count = kept_get_u8(&c);
    for (size_t i = 0; i < count && i < KEPT_MAX_PROVIDER_KEYS; i++) {
        struct kept_login_key *key = &p->keys[i];
        key->signer.kind = kept_get_u8(&c) == KEPT_SIGNER_RS256 ? KEPT_SIGNER_RS256 : KEPT_SIGNER_ES256;
        (void)get(&c, key->name, KEPT_MAX_KEY_NAME);
        key->signer.a_n = get(&c, key->signer.a, sizeof key->signer.a);
        key->signer.b_n = get(&c, key->signer.b, sizeof key->signer.b);
    }
    p->key_count = count;
    return known && !c.bad && c.n == 0 && count > 0 && count <= KEPT_MAX_PROVIDER_KEYS ? 0 : KEPT_E_CORRUPT;
}
