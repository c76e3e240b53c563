/* provider.c - who has the root key: in words, in the keyring's own file, and asked for it. */
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/file.h"
#include "base/id.h"
#include "keys/root_int.h"

#define TITLE "kept root provider "
#define FORMAT "1"
#define FILE_BYTES 4096u

/* ---- in words -------------------------------------------------------------------------------- */

static bool begins(const char **text, const char *with)
{
    size_t n = strlen(with);
    if (strncmp(*text, with, n) != 0)
        return false;
    *text += n;
    return true;
}

static int put_path(struct kept_provider *p, const char *path, struct kept_err *err)
{
    size_t n = strlen(path);
    if (n >= sizeof p->path)
        return kept_fail(err, KEPT_E_LIMIT, "where the root key is has at most %u bytes",
                         KEPT_MAX_WHERE);
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)path[i] < ' ')
            return kept_fail(err, KEPT_E_USAGE, "where the root key is is one line of text");
    if (n == 0)
        return kept_fail(err, KEPT_E_USAGE,
                         "nothing says where the root key is: a file, passphrase, or command:PROGRAM");
    memcpy(p->path, path, n + 1);
    return 0;
}

static int parse_words(struct kept_provider *p, const char *where, struct kept_err *err)
{
    if (begins(&where, "fd:")) {
        size_t n = strspn(where, "0123456789");
        if (n == 0 || n > 6 || where[n] != 0)
            return kept_fail(err, KEPT_E_USAGE, "a descriptor is a number: passphrase:fd:3");
        p->words = KEPT_WORDS_FD;
        p->fd = 0;
        for (size_t i = 0; i < n; i++)
            p->fd = p->fd * 10 + (where[i] - '0');
        return 0;
    }
    p->words = begins(&where, "command:") ? KEPT_WORDS_COMMAND : KEPT_WORDS_FILE;
    return put_path(p, where, err);
}

int kept_provider_parse(const char *where, struct kept_provider *ret, struct kept_err *err)
{
    *ret = (struct kept_provider){.kind = KEPT_BY_FILE, .fd = -1};
    if (strcmp(where, "passphrase") == 0) {
        ret->kind = KEPT_BY_PASSPHRASE;
        return 0;
    }
    if (begins(&where, "passphrase:")) {
        ret->kind = KEPT_BY_PASSPHRASE;
        return parse_words(ret, where, err);
    }
    if (begins(&where, "command:"))
        ret->kind = KEPT_BY_COMMAND;
    else
        (void)begins(&where, "file:");
    return put_path(ret, where, err);
}

static const char *prefix_of(const struct kept_provider *p)
{
    if (p->kind == KEPT_BY_COMMAND)
        return "command:";
    if (p->kind == KEPT_BY_FILE)
        return "file:";
    return p->words == KEPT_WORDS_FILE      ? "passphrase:"
           : p->words == KEPT_WORDS_COMMAND ? "passphrase:command:"
                                            : "passphrase";
}

void kept_provider_words(const struct kept_provider *provider, char ret_where[KEPT_MAX_WHERE + 32])
{
    (void)snprintf(ret_where, KEPT_MAX_WHERE + 32, "%s%s", prefix_of(provider), provider->path);
}

const char *kept_provider_path(const struct kept_provider *provider)
{
    bool words = provider->kind == KEPT_BY_PASSPHRASE && provider->words == KEPT_WORDS_FILE;
    return provider->kind == KEPT_BY_FILE || words ? provider->path : NULL;
}

/* ---- in the keyring's folder ----------------------------------------------------------------- */

/* The folder that holds folder, as the system knows it, with a slash behind. */
static bool parent_of(const char *folder, char ret_parent[KEPT_MAX_PATH])
{
    char whole[KEPT_MAX_PATH];
    if (realpath(folder, whole) == NULL)
        return false;
    const char *slash = strrchr(whole, '/');
    KEPT_INVARIANT(slash != NULL);
    size_t n = (size_t)(slash - whole) + 1;
    memcpy(ret_parent, whole, n);
    ret_parent[n] = 0;
    return true;
}

/* A path as the file holds it: "./" and the rest when it lies beside the keyring, else whole. */
static int path_out(const char *folder, struct kept_provider *p, struct kept_err *err)
{
    char whole[KEPT_MAX_PATH], parent[KEPT_MAX_PATH], out[KEPT_MAX_PATH + 4];
    if (kept_provider_path(p) == NULL || realpath(p->path, whole) == NULL)
        return 0;
    size_t n = !p->whole_paths && parent_of(folder, parent) ? strlen(parent) : 0;
    bool beside = n > 0 && strncmp(whole, parent, n) == 0;
    (void)snprintf(out, sizeof out, "%s%s", beside ? "./" : "", whole + (beside ? n : 0));
    return put_path(p, out, err);
}

static int path_in(const char *folder, struct kept_provider *p, struct kept_err *err)
{
    char parent[KEPT_MAX_PATH], whole[2 * KEPT_MAX_PATH];
    if (kept_provider_path(p) == NULL || strncmp(p->path, "./", 2) != 0)
        return 0;
    if (!parent_of(folder, parent)) /* else a file of the folder we happen to be in is taken for it */
        return kept_fail_errno(err, KEPT_E_IO, "cannot tell where %.200s lies", folder);
    (void)snprintf(whole, sizeof whole, "%s%s", parent, p->path + 2);
    return put_path(p, whole, err);
}

int kept_provider_save(const char *folder, const struct kept_provider *provider,
                       struct kept_err *err)
{
    struct kept_buf text;
    char where[KEPT_MAX_WHERE + 32], salt[2 * KEPT_SALT_BYTES + 1];
    struct kept_provider p = *provider;
    int rc = path_out(folder, &p, err);
    if (rc != 0)
        return rc;
    kept_provider_words(&p, where);
    kept_buf_init(&text, FILE_BYTES);
    kept_buf_printf(&text, TITLE FORMAT "\nroot %s\nwhere %s\n", p.root, where);
    if (p.kind == KEPT_BY_PASSPHRASE) {
        kept_hex(p.salt, sizeof p.salt, salt);
        kept_buf_printf(&text, "argon2id rounds %u bytes %llu salt %s\n", p.rounds,
                        (unsigned long long)p.bytes, salt);
    }
    rc = text.failed != 0 ? kept_fail(err, text.failed, "no memory to note who has the root key") : 0;
    if (rc == 0)
        rc = kept_file_replace(folder, KEPT_PROVIDER_FILE, kept_buf_span(&text),
                               "who has the root key", err);
    kept_buf_release(&text);
    return rc;
}

/* The rest of the line at *at, which moves behind it; NULL: it does not begin so. */
static char *line_of(char **at, const char *begin)
{
    const char *text = *at;
    char *end = strchr(*at, '\n');
    if (end == NULL || !begins(&text, begin))
        return NULL;
    char *rest = *at + (text - *at);
    *end = 0;
    *at = end + 1;
    return rest;
}

static bool read_cost(char *text, struct kept_provider *p)
{
    unsigned long long bytes = 0;
    char salt[2 * KEPT_SALT_BYTES + 2] = "";
    int end = 0;
    if (text == NULL ||
        sscanf(text, "%10u bytes %15llu salt %33[0-9a-z]%n", &p->rounds, &bytes, salt, &end) != 3 ||
        text[end] != 0 || strlen(salt) != 2 * KEPT_SALT_BYTES)
        return false;
    p->bytes = bytes;
    return kept_unhex(salt, sizeof p->salt, p->salt) == 0 && p->rounds > 0 &&
           p->rounds <= KEPT_PASS_MAX_ROUNDS && bytes <= KEPT_PASS_MAX_BYTES;
}

static int decode(char *text, struct kept_provider *ret, const char *path, struct kept_err *err)
{
    uint8_t name[KEPT_ROOT_NAME_BYTES];
    char *at = text;
    const char *format = line_of(&at, TITLE);
    if (format != NULL && strcmp(format, FORMAT) != 0)
        return kept_fail(err, KEPT_E_FORMAT, "%s has another format than " FORMAT
                                             ": use a newer kept", path);
    const char *root = line_of(&at, "root "), *where = line_of(&at, "where ");
    bool ok = format != NULL && root != NULL && where != NULL && strlen(root) == 8 &&
              kept_unhex(root, sizeof name, name) == 0 && kept_provider_parse(where, ret, NULL) == 0;
    if (ok && ret->kind == KEPT_BY_PASSPHRASE)
        ok = read_cost(line_of(&at, "argon2id rounds "), ret);
    if (!ok || *at != 0)
        return kept_fail(err, KEPT_E_CORRUPT,
                         "%s does not say who has the root key: restore it from the keyring's mirror, "
                         "or remove it and say --root-key FILE with a key from the recovery copy", path);
    memcpy(ret->root, root, sizeof ret->root);
    return 0;
}

int kept_provider_load(const char *folder, struct kept_provider *ret, struct kept_err *err)
{
    char path[KEPT_MAX_PATH];
    struct kept_buf text;
    kept_buf_init(&text, FILE_BYTES);
    int rc = kept_path(path, sizeof path, folder, KEPT_PROVIDER_FILE, err);
    if (rc == 0)
        rc = kept_file_guard(path, KEPT_CLOSED, "a file of the keyring", err);
    if (rc == 0)
        rc = kept_file_load(path, &text, err);
    kept_buf_u8(&text, 0);
    if (rc == 0 && text.failed == KEPT_E_NOMEM)
        rc = kept_fail(err, KEPT_E_NOMEM, "no memory to read %s", path);
    if (rc == 0 && (text.failed != 0 || strlen((const char *)text.p) + 1 != text.n))
        rc = kept_fail(err, KEPT_E_CORRUPT, "%s is no text that kept wrote", path);
    if (rc == 0)
        rc = decode((char *)text.p, ret, path, err);
    if (rc == 0)
        rc = path_in(folder, ret, err);
    kept_buf_release(&text);
    return rc;
}

int kept_provider_find(const char *folder, const char *where, struct kept_provider *ret,
                       struct kept_err *err)
{
    struct kept_provider known;
    struct kept_err own = {0};
    bool said = where != NULL && where[0] != 0;
    int rc = said ? kept_provider_parse(where, ret, err) : 0;
    if (rc != 0)
        return rc;
    rc = kept_provider_load(folder, &known, &own);
    if (rc != 0 && (rc != KEPT_E_NOTFOUND || !said))
        return rc == KEPT_E_NOTFOUND
                   ? kept_fail(err, KEPT_E_USAGE,
                               "nothing says who has the root key, neither the keyring nor --root-key")
                   : kept_fail(err, rc, "%s", own.text);
    if (!said) {
        *ret = known;
        return 0;
    }
    bool other = rc != 0 || known.kind != KEPT_BY_PASSPHRASE;
    if (ret->kind == KEPT_BY_PASSPHRASE && other)
        return kept_fail(err, KEPT_E_USAGE,
                         "the root key of this keyring does not come of a passphrase: kept key show "
                         "says who has it");
    if (rc == 0)
        memcpy(ret->root, known.root, sizeof ret->root);
    if (ret->kind == KEPT_BY_PASSPHRASE) {
        memcpy(ret->salt, known.salt, sizeof ret->salt);
        ret->rounds = known.rounds;
        ret->bytes = known.bytes;
    }
    return 0;
}

/* ---- asked for the key ----------------------------------------------------------------------- */

static int of_words(const struct kept_provider *p, const struct kept_ask *ask, bool fresh,
                    struct kept_root *root, struct kept_err *err)
{
    char *text = NULL;
    int rc = kept_words_get(p, ask, fresh, &text, err);
    if (rc != 0)
        return rc;
    rc = kept_stretch((struct kept_span){(const uint8_t *)text, strlen(text)}, p->salt, p->rounds,
                      p->bytes, root->key);
    kept_secret_free(text);
    if (rc != 0)
        return kept_fail(err, rc, "a passphrase needs %llu MiB of memory, which are not there",
                         (unsigned long long)(p->bytes >> 20));
    return kept_root_settle(root);
}

static int of_command(const struct kept_provider *p, struct kept_root *root, struct kept_err *err)
{
    size_t n = 0;
    char *text = kept_secret_new(KEPT_MAX_COMMAND_BYTES + 2);
    if (text == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no guarded memory for the root key");
    int rc = kept_command_run(p->path, text, KEPT_MAX_COMMAND_BYTES + 2, &n, err);
    if (rc == 0 && (rc = kept_root_from_hex(text, n, root)) != 0)
        rc = kept_fail(err, rc,
                       "what the program %.80s prints is no root key (64 hex digits and a newline)",
                       p->path);
    kept_secret_free(text);
    return rc;
}

static int get(const struct kept_provider *p, const struct kept_ask *ask, bool fresh,
               struct kept_root **ret_root, struct kept_err *err)
{
    *ret_root = NULL;
    if (p->kind == KEPT_BY_FILE)
        return kept_root_load(p->path, ret_root, err);
    struct kept_root *root = kept_root_new(err);
    if (root == NULL)
        return KEPT_E_NOMEM;
    int rc = p->kind == KEPT_BY_COMMAND ? of_command(p, root, err)
                                        : of_words(p, ask, fresh, root, err);
    if (rc != 0)
        kept_root_free(root);
    else
        *ret_root = root;
    return rc;
}

int kept_provider_root(const struct kept_provider *provider, const struct kept_ask *ask,
                       struct kept_root **ret_root, struct kept_err *err)
{
    return get(provider, ask, false, ret_root, err);
}

int kept_provider_check(const struct kept_provider *provider, const struct kept_root *root,
                        struct kept_err *err)
{
    char name[9];
    kept_root_name(root, name);
    if (provider->root[0] == 0 || kept_bytes_equal(name, provider->root, sizeof name))
        return 0;
    if (provider->kind == KEPT_BY_PASSPHRASE)
        return kept_fail(err, KEPT_E_CRYPTO, "that is not the passphrase of this keyring");
    return kept_fail(err, KEPT_E_CRYPTO,
                     "%.120s gives root key %s, and this keyring is under %s: kept key show says who "
                     "has it; the recovery copy makes it again", provider->path, name, provider->root);
}

int kept_provider_make(struct kept_provider *provider, const struct kept_ask *ask,
                       struct kept_root **ret_root, struct kept_err *err)
{
    int rc = 0;
    *ret_root = NULL;
    if (provider->kind == KEPT_BY_FILE && !kept_file_exists(provider->path))
        rc = kept_root_create(provider->path, err);
    if (provider->kind == KEPT_BY_PASSPHRASE) {
        kept_random(provider->salt, sizeof provider->salt);
        if (provider->rounds == 0) {
            provider->rounds = KEPT_PASS_ROUNDS;
            provider->bytes = KEPT_PASS_BYTES;
        }
    }
    if (rc == 0)
        rc = get(provider, ask, true, ret_root, err);
    if (rc == 0)
        kept_root_name(*ret_root, provider->root);
    return rc;
}
