/* row.c - what a caller is: read from a request, as bytes, and sealed.
 *
 * Inside the seal: u8 format 1 | u8 state | u8 certificate | hash[32] | varint operations | u64 added | u64 expires |
 * u64 revoked | varint n, name | varint n, added by | roles, functions, purposes: varint n, names each with its NUL.
 * Of staff the format is 2, and behind: varint n, verifier | u8 first | secret[20] | u64 step | u64 since.
 * Formats 3 and 4 are 1 and 2 of who left for a reason, or of staff who are attested something, and behind: varint n of
 * u8 which (ascending) | u64 at | u64 until | varint n, evidence | varint n, by; then varint n, because. */
#include "caller/caller.h"

#include <string.h>

#include "base/error.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/utf8.h"

#define ROW_FORMAT 1u
#define ROW_STAFF 2u
#define ROW_MORE 2u /* a format that says more is so much higher */
#define BODY_HEAD 5u
#define MANAGING (1ull << KEPT_OP_CALLER_REVOKE | 1ull << KEPT_OP_CALLER_LIST | 1ull << KEPT_OP_CALLER_REVIEW)
/* Beside which only what reads no values. */
#define BESIDE (MANAGING | 1ull << KEPT_OP_STAT | 1ull << KEPT_OP_POLICY_SHOW | 1ull << KEPT_OP_STAFF_ATTEST)

_Static_assert(KEPT_OP_COUNT <= 64, "operations are bits");

/* ---- lists ---- */

const char *kept_caller_first(const struct kept_caller_list *list)
{
    return list->n > 0 ? list->text : NULL;
}

const char *kept_caller_next(const struct kept_caller_list *list, const char *name)
{
    const char *next = name + strlen(name) + 1;
    return next < list->text + list->n ? next : NULL;
}

bool kept_caller_lists(const struct kept_caller_list *list, const char *name)
{
    for (const char *one = kept_caller_first(list); one != NULL; one = kept_caller_next(list, one))
        if (strcmp(one, name) == 0)
            return true;
    return false;
}

static bool is_word(const char *p, size_t n)
{
    const struct kept_span text = {(const uint8_t *)p, n};
    bool good = n > 0 && n <= KEPT_MAX_NAME && kept_utf8_valid(text);
    for (size_t i = 0; good && i < n; i++)
        good = (uint8_t)p[i] > 0x20 && p[i] != 0x7f;
    return good;
}

/* Names with commas between become names with NULs. */
static int read_list(const char *what, const char *text, struct kept_caller_list *ret, struct kept_err *err)
{
    const size_t n = text != NULL ? strlen(text) : 0;
    if (n == 0)
        return 0;
    if (n >= KEPT_MAX_CALLER_LIST)
        return kept_fail(err, KEPT_E_LIMIT, "the list of %s is longer than %u bytes", what, KEPT_MAX_CALLER_LIST);
    for (const char *at = text; at != NULL;) {
        const char *comma = strchr(at, ',');
        if (!is_word(at, comma != NULL ? (size_t)(comma - at) : strlen(at)))
            return kept_fail(err, KEPT_E_USAGE, "%s are names with commas between, and no blanks", what);
        at = comma != NULL ? comma + 1 : NULL;
    }
    if ((ret->text = kept_strndup(text, n)) == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory for a caller");
    ret->n = n + 1;
    for (size_t i = 0; i < n; i++)
        ret->text[i] = ret->text[i] == ',' ? '\0' : ret->text[i];
    return 0;
}

/* ---- from a request ---- */

static int read_name(const char *name, char ret[KEPT_MAX_CALLER_NAME + 1], struct kept_err *err)
{
    const size_t n = name != NULL ? strlen(name) : 0;
    bool good = n > 0 && n <= KEPT_MAX_CALLER_NAME && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._-") == n &&
                name[0] != '.' && name[0] != '-' && name[0] != '_';
    if (!good)
        return kept_fail(err, KEPT_E_USAGE, "a caller's name is 1 to %u of a to z, 0 to 9, and . _ - between",
                         KEPT_MAX_CALLER_NAME);
    if (strcmp(name, "app") == 0 || strcmp(name, "kept") == 0)
        return kept_fail(err, KEPT_E_USAGE, "%s is in the ledger as another actor: give the caller another name", name);
    memcpy(ret, name, n + 1);
    return 0;
}

static enum kept_op op_named(const char *name)
{
    unsigned op = KEPT_OP_NONE + 1;
    while (op < KEPT_OP_COUNT && strcmp(kept_op_name((enum kept_op)op), name) != 0)
        op++;
    return op < KEPT_OP_COUNT ? (enum kept_op)op : KEPT_OP_NONE;
}

static int read_operations(const char *text, uint64_t *ret, struct kept_err *err)
{
    struct kept_caller_list list = {NULL, 0};
    int rc = read_list("operations", text, &list, err);
    for (const char *one = kept_caller_first(&list); rc == 0 && one != NULL; one = kept_caller_next(&list, one)) {
        const enum kept_op op = op_named(one);
        if (op == KEPT_OP_NONE)
            rc = kept_fail(err, KEPT_E_USAGE, "there is no operation %s: kept help lists them (use, consent.grant ...)", one);
        else if (op == KEPT_OP_CALLER_ADD)
            rc = kept_fail(err, KEPT_E_USAGE, "callers are added on the machine, by who owns the store, and by no caller");
        *ret |= op != KEPT_OP_NONE ? 1ull << op : 0;
    }
    kept_free(list.text);
    if (rc == 0 && (*ret & MANAGING) != 0 && (*ret & ~(uint64_t)BESIDE) != 0)
        rc = kept_fail(err, KEPT_E_USAGE, "who manages callers does nothing else but stat, policy.show and staff.attest: make two callers");
    return rc;
}

/* Somebody of staff is never the app itself, which sees more than any role. */
static int check_staff(const struct kept_caller *from, const struct kept_caller_row *row, struct kept_err *err)
{
    if (from->certificate.n != 0)
        return kept_fail(err, KEPT_E_USAGE, "staff show a password and a code, and no certificate");
    if (kept_caller_lists(&row->roles, "app"))
        return kept_fail(err, KEPT_E_USAGE, "staff ask in roles of the policy, and never as the app itself: which roles?");
    return 0;
}

int kept_caller_read(const struct kept_caller *from, struct kept_caller_row *row, struct kept_err *err)
{
    const bool certificate = from->certificate.n != 0;
    int rc = read_name(from->name, row->name, err);
    if (rc == 0)
        rc = read_list("roles", from->roles != NULL && from->roles[0] != 0 ? from->roles : "app", &row->roles, err);
    if (rc == 0)
        rc = read_operations(from->operations, &row->operations, err);
    if (rc == 0)
        rc = read_list("functions", from->functions, &row->functions, err);
    if (rc == 0)
        rc = read_list("purposes", from->purposes, &row->purposes, err);
    if (rc == 0 && certificate && from->certificate.n != KEPT_HASH_BYTES)
        rc = kept_fail(err, KEPT_E_USAGE, "a certificate is told by its SHA-256: 32 bytes");
    if (rc == 0 && from->staff != 0)
        rc = check_staff(from, row, err);
    if (rc != 0) {
        kept_caller_release(row);
        return rc;
    }
    row->kind = from->staff != 0 ? KEPT_CALLER_STAFF : KEPT_CALLER_SERVICE;
    row->certificate = certificate;
    if (certificate)
        memcpy(row->hash, from->certificate.p, KEPT_HASH_BYTES);
    row->version = 1;
    return 0;
}

void kept_caller_release(struct kept_caller_row *row)
{
    kept_free(row->roles.text);
    kept_free(row->functions.text);
    kept_free(row->purposes.text);
    kept_wipe(&row->staff, sizeof row->staff);
    *row = (struct kept_caller_row){.version = 0};
}

/* ---- as bytes ---- */

static void put_text(struct kept_buf *out, const char *p, size_t n)
{
    kept_buf_varint(out, n);
    kept_buf_bytes(out, p, n);
}

static void put_staff(struct kept_buf *out, const struct kept_staff *staff)
{
    put_text(out, staff->verifier, strlen(staff->verifier));
    kept_buf_u8(out, staff->first);
    kept_buf_bytes(out, staff->secret, sizeof staff->secret);
    kept_buf_u64(out, staff->step);
    kept_buf_u64(out, (uint64_t)staff->since);
}

static size_t attestations_of(const struct kept_caller_row *row)
{
    size_t n = 0;
    for (size_t i = 0; i < KEPT_ATTESTATIONS; i++)
        n += row->attested[i].at != 0;
    return n;
}

static void put_more(struct kept_buf *out, const struct kept_caller_row *row)
{
    kept_buf_varint(out, attestations_of(row));
    for (size_t i = 0; i < KEPT_ATTESTATIONS; i++) {
        const struct kept_attested *a = &row->attested[i];
        if (a->at == 0)
            continue;
        kept_buf_u8(out, (uint8_t)i);
        kept_buf_u64(out, (uint64_t)a->at);
        kept_buf_u64(out, (uint64_t)a->until);
        put_text(out, a->evidence, strlen(a->evidence));
        put_text(out, a->by, strlen(a->by));
    }
    put_text(out, row->because, strlen(row->because));
}

void kept_caller_encode(const struct kept_caller_row *row, struct kept_buf *out)
{
    const bool more = row->because[0] != 0 || attestations_of(row) > 0;
    kept_buf_u8(out, (uint8_t)((row->kind == KEPT_CALLER_STAFF ? ROW_STAFF : ROW_FORMAT) + (more ? ROW_MORE : 0)));
    kept_buf_u8(out, (uint8_t)row->state);
    kept_buf_u8(out, row->certificate);
    kept_buf_bytes(out, row->hash, sizeof row->hash);
    kept_buf_varint(out, row->operations);
    kept_buf_u64(out, (uint64_t)row->added);
    kept_buf_u64(out, (uint64_t)row->expires);
    kept_buf_u64(out, (uint64_t)row->revoked);
    put_text(out, row->name, strlen(row->name));
    put_text(out, row->added_by, strlen(row->added_by));
    put_text(out, row->roles.text, row->roles.n);
    put_text(out, row->functions.text, row->functions.n);
    put_text(out, row->purposes.text, row->purposes.n);
    if (row->kind == KEPT_CALLER_STAFF)
        put_staff(out, &row->staff);
    if (more)
        put_more(out, row);
}

static void get_text(struct kept_cursor *c, char *to, size_t max)
{
    struct kept_span text = kept_get_bytes(c, kept_get_varint(c, max));
    c->bad = c->bad || (text.n > 0 && memchr(text.p, 0, text.n) != NULL);
    if (!c->bad && text.n > 0)
        memcpy(to, text.p, text.n);
}

static int get_list(struct kept_cursor *c, struct kept_caller_list *ret)
{
    struct kept_span text = kept_get_bytes(c, kept_get_varint(c, KEPT_MAX_CALLER_LIST));
    c->bad = c->bad || (text.n > 0 && text.p[text.n - 1] != 0);
    if (c->bad || text.n == 0)
        return 0;
    if ((ret->text = kept_memdup(text.p, text.n)) == NULL)
        return KEPT_E_NOMEM;
    ret->n = text.n;
    return 0;
}

/* Whoever was last asked for by a session of theirs did it when it began, as far as the store knows. */
static void get_staff(struct kept_cursor *c, struct kept_staff *ret)
{
    get_text(c, ret->verifier, KEPT_VERIFIER - 1);
    const uint8_t first = kept_get_u8(c);
    const struct kept_span secret = kept_get_bytes(c, KEPT_TOTP_SECRET);
    ret->step = kept_get_u64(c);
    ret->since = ret->seen = (kept_ms)kept_get_u64(c);
    c->bad = c->bad || first > 1;
    ret->first = first == 1;
    if (!c->bad)
        memcpy(ret->secret, secret.p, KEPT_TOTP_SECRET);
}

static void get_more(struct kept_cursor *c, struct kept_caller_row *row)
{
    const size_t n = (size_t)kept_get_varint(c, KEPT_ATTESTATIONS);
    for (size_t i = 0, next = 0; !c->bad && i < n; i++) {
        const size_t which = kept_get_u8(c);
        if (which < next || which >= KEPT_ATTESTATIONS) {
            c->bad = true;
            return;
        }
        struct kept_attested *a = &row->attested[which];
        a->at = (kept_ms)kept_get_u64(c);
        a->until = (kept_ms)kept_get_u64(c);
        get_text(c, a->evidence, KEPT_MAX_REFERENCE);
        get_text(c, a->by, KEPT_MAX_NAME);
        c->bad = c->bad || a->at == 0;
        next = which + 1;
    }
    get_text(c, row->because, KEPT_MAX_LEFT_BECAUSE);
    c->bad = c->bad || (n == 0 && row->because[0] == 0);
}

int kept_caller_decode(struct kept_span plain, struct kept_caller_row *row)
{
    struct kept_cursor c = kept_cursor(plain);
    const unsigned said = kept_get_u8(&c), format = said > ROW_MORE ? said - ROW_MORE : said;
    if (said < ROW_FORMAT || said > ROW_STAFF + ROW_MORE)
        return plain.n == 0 ? KEPT_E_CORRUPT : KEPT_E_FORMAT;
    const uint8_t state = kept_get_u8(&c), certificate = kept_get_u8(&c);
    struct kept_span hash = kept_get_bytes(&c, KEPT_HASH_BYTES);
    row->operations = kept_get_varint(&c, UINT64_MAX);
    row->added = (kept_ms)kept_get_u64(&c);
    row->expires = (kept_ms)kept_get_u64(&c);
    row->revoked = (kept_ms)kept_get_u64(&c);
    get_text(&c, row->name, KEPT_MAX_CALLER_NAME);
    get_text(&c, row->added_by, KEPT_MAX_NAME);
    int rc = get_list(&c, &row->roles);
    if (rc == 0)
        rc = get_list(&c, &row->functions);
    if (rc == 0)
        rc = get_list(&c, &row->purposes);
    if (rc == 0 && format == ROW_STAFF)
        get_staff(&c, &row->staff);
    if (rc == 0 && said != format)
        get_more(&c, row);
    if (rc == 0 && (c.bad || c.n != 0 || (state != KEPT_CALLER_LIVE && state != KEPT_CALLER_REVOKED) || certificate > 1 ||
                    row->name[0] == 0 || row->roles.n == 0))
        rc = KEPT_E_CORRUPT;
    if (rc != 0) {
        kept_caller_release(row);
        return rc;
    }
    row->kind = format == ROW_STAFF ? KEPT_CALLER_STAFF : KEPT_CALLER_SERVICE;
    row->state = (enum kept_caller_state)state;
    row->certificate = certificate == 1;
    memcpy(row->hash, hash.p, hash.n);
    return 0;
}

/* ---- sealed ---- */

void kept_caller_key(const uint8_t seed[KEPT_SIGN_SEED_BYTES], uint8_t ret_key[KEPT_KEY_BYTES])
{
    kept_derive(seed, "kept callers", (struct kept_span){NULL, 0}, ret_key);
}

#define AAD_BYTES (16u + KEPT_MAX_NAME + KEPT_ID_BYTES + 4u)
static struct kept_span aad_of(const char *app, const struct kept_id *id, uint32_t version, uint8_t room[AAD_BYTES])
{
    static const char label[] = "kept caller 1";
    const size_t n = strnlen(app, KEPT_MAX_NAME);
    uint8_t *p = room;
    memcpy(p, label, sizeof label);
    p += sizeof label;
    memcpy(p, app, n);
    p += n;
    *p++ = 0;
    memcpy(p, id->b, KEPT_ID_BYTES);
    p += KEPT_ID_BYTES;
    kept_put_be32(p, version);
    return (struct kept_span){room, (size_t)(p + 4 - room)};
}

int kept_caller_seal(const uint8_t key[KEPT_KEY_BYTES], const char *app, const struct kept_caller_row *row,
                     struct kept_buf *out)
{
    const enum kept_suite suite = kept_suite_default();
    uint8_t room[AAD_BYTES], *sealed = NULL;
    struct kept_buf plain;
    kept_buf_init(&plain, 4 * KEPT_MAX_CALLER_LIST);
    kept_caller_encode(row, &plain);
    kept_buf_u8(out, (uint8_t)suite);
    kept_buf_u32(out, row->version);
    int rc = plain.failed;
    if (rc == 0 && (sealed = kept_buf_room(out, plain.n + kept_seal_overhead(suite))) == NULL)
        rc = out->failed != 0 ? out->failed : KEPT_E_NOMEM;
    if (rc == 0)
        rc = kept_seal(suite, key, aad_of(app, &row->id, row->version, room), kept_buf_span(&plain), sealed);
    kept_buf_release(&plain);
    return rc;
}

int kept_caller_open(const uint8_t key[KEPT_KEY_BYTES], const char *app, const struct kept_id *id, struct kept_span body,
                     struct kept_caller_row *row)
{
    struct kept_cursor c = kept_cursor(body);
    const enum kept_suite suite = (enum kept_suite)kept_get_u8(&c);
    const uint32_t version = kept_get_u32(&c);
    const size_t overhead = c.bad ? 0 : kept_seal_overhead(suite);
    uint8_t room[AAD_BYTES];
    struct kept_buf plain;
    if (c.bad || overhead == 0 || c.n < overhead || c.n > 4 * KEPT_MAX_CALLER_LIST)
        return KEPT_E_CORRUPT;
    kept_buf_init(&plain, 4 * KEPT_MAX_CALLER_LIST);
    uint8_t *to = kept_buf_room(&plain, c.n - overhead);
    int rc = to == NULL ? KEPT_E_NOMEM
                        : kept_unseal(suite, key, aad_of(app, id, version, room), (struct kept_span){c.p, c.n}, to);
    if (rc == 0)
        rc = kept_caller_decode(kept_buf_span(&plain), row);
    kept_buf_release(&plain);
    row->id = *id;
    row->version = version;
    return rc;
}
