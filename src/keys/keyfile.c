/* keyfile.c - one sealed file per key. The layout stands in README.md. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/id.h"
#include "base/mem.h"
#include "keys/keys_int.h"

#define MAGIC "KEPTKEY\n"
#define MAGIC_BYTES 8u
#define FORMAT 1u
#define HEAD_BYTES 26u
#define ROOT_AT KEPT_ROOT_NAME_AT
#define PLAIN_FIXED 42u /* created, key, count */
#define RETIRED_BYTES 28u
#define PLAIN_MAX (PLAIN_FIXED + KEPT_MAX_KEYS * RETIRED_BYTES)
#define FILE_MAX (HEAD_BYTES + PLAIN_MAX + KEPT_SEAL_MAX_OVERHEAD)
#define AAD_TEXT "kept key"

_Static_assert(FILE_MAX <= KEPT_KEYFILE_MAX, "a key file fits");

static const char *const kind_names[] = {"", "epoch", "audit", "token", "signing"};

int kept_keyplace_init(struct kept_keyplace *place, const char *folder, const char *app,
                       const struct kept_root *root, struct kept_err *err)
{
    *place = (struct kept_keyplace){.seal = NULL};
    int rc = kept_app_name_check(app, err);
    if (rc == 0)
        rc = kept_path(place->folder, sizeof place->folder, folder, app, err);
    if (rc != 0)
        return rc;
    memcpy(place->app, app, strlen(app) + 1);
    if (kept_crypto_init() != 0 || (place->seal = kept_secret_new(KEPT_KEY_BYTES)) == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no guarded memory for the keyring");
    kept_derive(root->key, "kept keyring seal",
                (struct kept_span){(const uint8_t *)app, strlen(app)}, place->seal);
    memcpy(place->root_name, root->name, sizeof place->root_name);
    return 0;
}

void kept_keyplace_release(struct kept_keyplace *place)
{
    kept_mirror_free(place->mirror);
    place->mirror = NULL;
    kept_secret_free(place->seal);
    place->seal = NULL;
}

void kept_key_name(enum kept_key_kind kind, uint32_t number, char ret_name[KEPT_KEY_NAME])
{
    if (kind == KEPT_KEY_SIGNING)
        (void)snprintf(ret_name, KEPT_KEY_NAME, "%s", kind_names[kind]);
    else
        (void)snprintf(ret_name, KEPT_KEY_NAME, "%s-%u", kind_names[kind], number);
}

int kept_key_parse(const char *name, enum kept_key_kind *ret_kind, uint32_t *ret_number)
{
    char again[KEPT_KEY_NAME];
    for (unsigned k = KEPT_KEY_EPOCH; k <= KEPT_KEY_SIGNING; k++) {
        size_t n = strlen(kind_names[k]);
        if (strncmp(name, kind_names[k], n) != 0)
            continue;
        uint64_t number = k == KEPT_KEY_SIGNING ? 1 : 0;
        for (const char *p = name + n + (name[n] == '-'); *p >= '0' && *p <= '9'; p++)
            number = number > UINT32_MAX ? number : number * 10 + (uint64_t)(*p - '0');
        /* Only the spelling that kept itself writes: a copy of a key under another name would
         * outlive the key's destruction. */
        if (number == 0 || number > UINT32_MAX)
            return KEPT_E_CORRUPT;
        kept_key_name((enum kept_key_kind)k, (uint32_t)number, again);
        if (strcmp(name, again) != 0)
            return KEPT_E_CORRUPT;
        *ret_kind = (enum kept_key_kind)k;
        *ret_number = (uint32_t)number;
        return 0;
    }
    return KEPT_E_NOTFOUND;
}

/* What a key file's seal is bound to: its head, and the app. */
static void make_aad(struct kept_buf *aad, const uint8_t *head, const char *app)
{
    kept_buf_bytes(aad, AAD_TEXT, sizeof AAD_TEXT);
    kept_buf_bytes(aad, head, HEAD_BYTES);
    kept_buf_text(aad, app);
}

static size_t put_plain(uint8_t *p, const struct kept_keyfile *file)
{
    uint8_t *from = p;
    kept_put_be64(p, (uint64_t)file->created);
    memcpy(p + 8, file->key, KEPT_KEY_BYTES);
    p[40] = (uint8_t)(file->retired_count >> 8);
    p[41] = (uint8_t)(file->retired_count & 0xff);
    p += PLAIN_FIXED;
    for (size_t i = 0; i < file->retired_count; i++, p += RETIRED_BYTES) {
        const struct kept_epoch *e = &file->retired[i];
        kept_put_be32(p, e->number);
        kept_put_be64(p + 4, (uint64_t)e->created);
        kept_put_be64(p + 12, (uint64_t)e->retired);
        kept_put_be64(p + 20, (uint64_t)e->destroy_at);
    }
    return (size_t)(p - from);
}

/* False when these are not bytes that put_plain wrote. */
static bool get_plain(struct kept_span plain, struct kept_keyfile *file)
{
    struct kept_cursor c = kept_cursor(plain);
    kept_ms created = (kept_ms)kept_get_u64(&c);
    struct kept_span key = kept_get_bytes(&c, KEPT_KEY_BYTES);
    size_t count = kept_get_u16(&c);
    KEPT_INVARIANT(!c.bad); /* unseal() refuses what is shorter */
    if (created < 0 || count > KEPT_MAX_KEYS || c.n != count * RETIRED_BYTES)
        return false;
    for (size_t i = 0; i < count; i++) {
        struct kept_epoch e = {.number = kept_get_u32(&c)};
        e.created = (kept_ms)kept_get_u64(&c);
        e.retired = (kept_ms)kept_get_u64(&c);
        e.destroy_at = (kept_ms)kept_get_u64(&c);
        if (e.number == 0 || e.number >= file->number || e.created < 0 || e.retired < e.created ||
            e.destroy_at < e.retired)
            return false;
        if (file->retired != NULL)
            file->retired[i] = e;
    }
    file->created = created;
    file->retired_count = count;
    memcpy(file->key, key.p, KEPT_KEY_BYTES);
    return true;
}

/* Overwrite a file that has lost its name, through a descriptor opened before. */
static int wipe_old(int fd, struct kept_err *err)
{
    static const uint8_t zeros[FILE_MAX];
    uint64_t size = 0;
    int rc = kept_file_size(fd, &size, err);
    if (rc == 0)
        rc = kept_file_write(fd, 0, zeros, size < sizeof zeros ? (size_t)size : sizeof zeros, err);
    return rc != 0 ? rc : kept_file_sync(fd, "the wiping of a key's former seal", err);
}

/* Seal file into out. */
static int encode(const struct kept_keyplace *place, const struct kept_keyfile *file,
                  struct kept_buf *out)
{
    struct kept_buf aad;
    int rc = KEPT_E_NOMEM;
    size_t plain_n = PLAIN_FIXED + file->retired_count * RETIRED_BYTES;
    size_t sealed_n = plain_n + kept_seal_overhead(file->suite);
    kept_buf_init(&aad, 256);
    uint8_t *plain = kept_secret_new(PLAIN_MAX);
    if (plain == NULL)
        return rc;
    KEPT_INVARIANT(put_plain(plain, file) == plain_n);
    kept_buf_bytes(out, MAGIC, MAGIC_BYTES);
    kept_buf_u32(out, FORMAT);
    kept_buf_bytes(out, place->root_name, KEPT_ROOT_NAME_BYTES);
    kept_buf_u8(out, (uint8_t)file->suite);
    kept_buf_u8(out, (uint8_t)file->kind);
    kept_buf_u32(out, file->number);
    kept_buf_u32(out, (uint32_t)sealed_n);
    uint8_t *sealed = kept_buf_room(out, sealed_n);
    if (sealed != NULL) {
        make_aad(&aad, out->p, place->app);
        if ((rc = aad.failed) == 0)
            rc = kept_seal(file->suite, place->seal, kept_buf_span(&aad),
                           (struct kept_span){plain, plain_n}, sealed);
    }
    kept_buf_release(&aad);
    kept_secret_free(plain);
    return rc;
}

int kept_keyfile_put(const char *folder, const char *name, struct kept_span content,
                     const char *why, struct kept_err *err)
{
    char path[KEPT_MAX_PATH];
    int old = -1;
    int rc = kept_path(path, sizeof path, folder, name, err);
    /* rename only drops the former file's name: keep hold of it, to overwrite what it holds. */
    if (rc == 0 && (rc = kept_file_open(path, KEPT_FILE_WRITE, &old, NULL)) == KEPT_E_NOTFOUND)
        rc = 0;
    else if (rc != 0)
        rc = kept_fail(err, rc, "cannot open %s", path);
    if (rc == 0)
        rc = kept_file_replace(folder, name, content, why, err);
    if (rc == 0 && old >= 0)
        rc = wipe_old(old, err);
    kept_file_close(old);
    return rc;
}

int kept_keyfile_encode(const struct kept_keyplace *place, const struct kept_keyfile *file,
                        struct kept_buf *out, struct kept_err *err)
{
    char name[KEPT_KEY_NAME];
    if (file->retired_count > KEPT_MAX_KEYS)
        return kept_fail(err, KEPT_E_LIMIT, "more than %u epochs are alive", KEPT_MAX_KEYS);
    kept_key_name(file->kind, file->number, name);
    int rc = encode(place, file, out);
    return rc == 0 ? 0 : kept_fail(err, rc, "cannot seal %s in %.150s", name, place->folder);
}

int kept_keyfile_write(const struct kept_keyplace *place, const struct kept_keyfile *file,
                       struct kept_err *err)
{
    struct kept_buf content;
    char name[KEPT_KEY_NAME];
    kept_key_name(file->kind, file->number, name);
    kept_buf_init(&content, FILE_MAX);
    int rc = kept_keyfile_encode(place, file, &content, err);
    if (rc == 0)
        rc = kept_keyfile_put(place->folder, name, kept_buf_span(&content), "a sealed key", err);
    if (rc == 0)
        rc = kept_mirror_put(place, name, kept_buf_span(&content), err);
    kept_buf_release(&content);
    return rc;
}

/* Load and check the head: magic, format, kind, number, length. */
static int load(const struct kept_keyplace *place, enum kept_key_kind kind, uint32_t number,
                struct kept_buf *out, char path[KEPT_MAX_PATH], struct kept_err *err)
{
    char name[KEPT_KEY_NAME];
    kept_key_name(kind, number, name);
    int rc = kept_path(path, KEPT_MAX_PATH, place->folder, name, err);
    if (rc != 0)
        return rc;
    rc = kept_file_load(path, out, err);
    if (rc == KEPT_E_LIMIT)
        return kept_fail(err, KEPT_E_CORRUPT, "%s is longer than a key file", path);
    if (rc != 0)
        return rc;
    struct kept_cursor c = kept_cursor(kept_buf_span(out));
    struct kept_span magic = kept_get_bytes(&c, MAGIC_BYTES);
    uint32_t format = kept_get_u32(&c);
    if (c.bad)
        return kept_fail(err, KEPT_E_CORRUPT, "%s is shorter than a key file", path);
    if (!kept_bytes_equal(magic.p, MAGIC, MAGIC_BYTES))
        return kept_fail(err, KEPT_E_FORMAT, "%s is not a key file of kept", path);
    if (format != FORMAT)
        return kept_fail(err, KEPT_E_FORMAT,
                         "%s has format %u, this kept reads %u: use a newer kept", path, format,
                         FORMAT);
    (void)kept_get_bytes(&c, KEPT_ROOT_NAME_BYTES + 1);
    uint8_t file_kind = kept_get_u8(&c);
    uint32_t file_number = kept_get_u32(&c);
    uint32_t sealed = kept_get_u32(&c);
    if (c.bad || file_kind != (uint8_t)kind || file_number != number || sealed != c.n)
        return kept_fail(err, KEPT_E_CORRUPT, "%s does not hold what its name says", path);
    return 0;
}

int kept_keyfile_root(const struct kept_keyplace *place, enum kept_key_kind kind, uint32_t number,
                      uint8_t ret_name[KEPT_ROOT_NAME_BYTES], struct kept_err *err)
{
    struct kept_buf content;
    char path[KEPT_MAX_PATH];
    kept_buf_init(&content, FILE_MAX);
    int rc = load(place, kind, number, &content, path, err);
    if (rc == 0)
        memcpy(ret_name, content.p + ROOT_AT, KEPT_ROOT_NAME_BYTES);
    kept_buf_release(&content);
    return rc;
}

/* Open the seal into file; content passed load(). */
static int unseal(const struct kept_keyplace *place, struct kept_span content, const char *path,
                  struct kept_keyfile *file, struct kept_err *err)
{
    struct kept_buf aad;
    uint8_t *plain = NULL;
    int rc = KEPT_E_BUG;
    enum kept_suite suite = (enum kept_suite)content.p[ROOT_AT + KEPT_ROOT_NAME_BYTES];
    size_t extra = kept_seal_overhead(suite);
    kept_buf_init(&aad, 256);
    if (!kept_bytes_equal(content.p + ROOT_AT, place->root_name, KEPT_ROOT_NAME_BYTES)) {
        char theirs[9], ours[9];
        kept_hex(content.p + ROOT_AT, KEPT_ROOT_NAME_BYTES, theirs);
        kept_hex(place->root_name, KEPT_ROOT_NAME_BYTES, ours);
        return kept_fail(err, KEPT_E_CRYPTO,
                         "%s is sealed under root key %s, not %s: give that key", path, theirs,
                         ours);
    }
    if (extra == 0)
        return kept_fail(err, KEPT_E_FORMAT, "%s uses suite %u, unknown here: use a newer kept",
                         path, (unsigned)suite);
    if (suite == KEPT_SUITE_AES_GCM && kept_suite_default() != suite)
        return kept_fail(err, KEPT_E_CRYPTO,
                         "%s is sealed with AES-256-GCM: this processor has no AES instructions",
                         path);
    if (content.n < HEAD_BYTES + extra + PLAIN_FIXED || content.n > HEAD_BYTES + extra + PLAIN_MAX)
        return kept_fail(err, KEPT_E_CORRUPT, "%s is shorter or longer than a key file", path);
    size_t plain_n = content.n - HEAD_BYTES - extra;
    make_aad(&aad, content.p, place->app);
    if (aad.failed != 0 || (plain = kept_secret_new(PLAIN_MAX)) == NULL) {
        rc = kept_fail(err, KEPT_E_NOMEM, "no guarded memory to open %s", path);
        goto out;
    }
    if (kept_unseal(suite, place->seal, kept_buf_span(&aad),
                    (struct kept_span){content.p + HEAD_BYTES, content.n - HEAD_BYTES},
                    plain) != 0) {
        rc = kept_fail(err, KEPT_E_CRYPTO,
                       "%s does not open: it is damaged, or of another app; restore the keyring "
                       "from its mirror", path);
        goto out;
    }
    file->suite = suite;
    if (!get_plain((struct kept_span){plain, plain_n}, file))
        rc = kept_fail(err, KEPT_E_CORRUPT, "%s opens, but holds no key", path);
    else
        rc = 0;
out:
    kept_buf_release(&aad);
    kept_secret_free(plain);
    return rc;
}

int kept_keyfile_read(const struct kept_keyplace *place, struct kept_keyfile *file,
                      struct kept_err *err)
{
    struct kept_buf content;
    char path[KEPT_MAX_PATH];
    kept_buf_init(&content, FILE_MAX);
    int rc = load(place, file->kind, file->number, &content, path, err);
    if (rc == 0)
        rc = unseal(place, kept_buf_span(&content), path, file, err);
    kept_buf_release(&content);
    return rc;
}

static int tidy(const char *folder, const char *name, struct kept_err *err)
{
    char temp[64];
    (void)snprintf(temp, sizeof temp, ".%.50s.new", name);
    return kept_file_destroy(folder, temp, err);
}

int kept_keyfile_tidy_in(const char *folder, enum kept_key_kind kind, uint32_t number,
                         struct kept_err *err)
{
    char name[KEPT_KEY_NAME];
    kept_key_name(kind, number, name);
    return tidy(folder, name, err);
}

int kept_keyfile_tidy(const struct kept_keyplace *place, enum kept_key_kind kind, uint32_t number,
                      struct kept_err *err)
{
    return kept_keyfile_tidy_in(place->folder, kind, number, err);
}

int kept_keyfile_destroy(const struct kept_keyplace *place, enum kept_key_kind kind,
                         uint32_t number, struct kept_err *err)
{
    char name[KEPT_KEY_NAME];
    kept_key_name(kind, number, name);
    int rc = kept_keyfile_end(place->folder, name, err);
    return rc != 0 ? rc : kept_mirror_destroy(place, name, err);
}

int kept_keyfile_end(const char *folder, const char *name, struct kept_err *err)
{
    char dying[64], path[KEPT_MAX_PATH], dying_path[KEPT_MAX_PATH];
    (void)snprintf(dying, sizeof dying, KEPT_DYING "%.50s", name);
    int rc = tidy(folder, name, err);
    if (rc == 0)
        rc = kept_path(dying_path, sizeof dying_path, folder, dying, err);
    if (rc == 0)
        rc = kept_path(path, sizeof path, folder, name, err);
    if (rc != 0)
        return rc;
    /* Zeros torn by a crash must not stand under a living key's name, or nobody could open the
     * keyring: so first the key gets a dying name, durably, then the zeros. */
    if (kept_file_exists(path)) {
        if (rename(path, dying_path) != 0)
            return kept_fail_errno(err, KEPT_E_IO, "cannot rename %s", path);
        if ((rc = kept_dir_sync(folder, "the name of a dying key", err)) != 0)
            return rc;
    }
    return kept_file_destroy(folder, dying, err);
}
