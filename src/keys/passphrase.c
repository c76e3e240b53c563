/* passphrase.c - where the words of a passphrase come from: somebody who types them, a file, a
 * descriptor, a program. Never the command line or the environment. */
#include <errno.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "keys/root_int.h"

#define TEXT_BYTES (KEPT_MAX_PASSPHRASE + 3u) /* a line's end, and a zero */

/* The line at a descriptor: byte by byte, for the next line may be somebody else's. */
static int read_line(int fd, const char *what, char *ret_text, size_t *ret_n, struct kept_err *err)
{
    size_t n = 0;
    while (n + 1 < TEXT_BYTES) {
        ssize_t got = read(fd, ret_text + n, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return kept_fail_errno(err, KEPT_E_IO, "cannot read the passphrase from %s", what);
        if (got == 0 || ret_text[n] == '\n')
            break;
        n++;
    }
    ret_text[n] = 0;
    *ret_n = n;
    return 0;
}

static int from_file(const char *path, char *ret_text, size_t *ret_n, struct kept_err *err)
{
    int fd = -1;
    int rc = kept_secret_open("passphrase file", path, &fd, err);
    if (rc == 0)
        rc = read_line(fd, path, ret_text, ret_n, err);
    kept_file_close(fd);
    return rc;
}

static int from_fd(int fd, char *ret_text, size_t *ret_n, struct kept_err *err)
{
    char name[32];
    (void)snprintf(name, sizeof name, "descriptor %d", fd);
    return read_line(fd, name, ret_text, ret_n, err);
}

static int ask_for(const struct kept_ask *ask, bool fresh, char *ret_text, size_t *ret_n,
                   struct kept_err *err)
{
    struct kept_err own = {0};
    if (ask == NULL || ask->passphrase == NULL)
        return kept_fail(err, KEPT_E_USAGE,
                         "the root key comes of a passphrase, and nobody is here to be asked: say "
                         "passphrase:FILE or passphrase:fd:N");
    int rc = ask->passphrase(ask->arg, fresh ? 1 : 0, ret_text, TEXT_BYTES, &own);
    ret_text[TEXT_BYTES - 1] = 0;
    *ret_n = strlen(ret_text);
    return rc == 0 ? 0
                   : kept_fail(err, rc < 0 ? rc : KEPT_E_IO, "%s",
                               own.text[0] != 0 ? own.text : "no passphrase was given");
}

/* Cut a line's end, and say what is no passphrase. */
static int check_words(char *text, size_t n, bool fresh, struct kept_err *err)
{
    bool zero = strlen(text) != n;
    while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == '\r'))
        text[--n] = 0;
    if (n == 0)
        return kept_fail(err, KEPT_E_USAGE, "the passphrase is empty");
    if (zero || memchr(text, '\n', n) != NULL)
        return kept_fail(err, KEPT_E_USAGE, "a passphrase is one line of text");
    if (n > KEPT_MAX_PASSPHRASE)
        return kept_fail(err, KEPT_E_LIMIT, "a passphrase has at most %u bytes", KEPT_MAX_PASSPHRASE);
    if (fresh && n < KEPT_MIN_PASSPHRASE)
        return kept_fail(err, KEPT_E_USAGE,
                         "a new passphrase has at least %u bytes: six words drawn from a list are good",
                         KEPT_MIN_PASSPHRASE);
    return 0;
}

int kept_words_get(const struct kept_provider *provider, const struct kept_ask *ask, bool fresh,
                   char **ret_text, struct kept_err *err)
{
    size_t n = 0;
    int rc = KEPT_E_BUG;
    *ret_text = NULL;
    char *text = kept_crypto_init() == 0 ? kept_secret_new(TEXT_BYTES) : NULL;
    if (text == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no guarded memory for the passphrase");
    switch (provider->words) {
    case KEPT_WORDS_ASKED:
        rc = ask_for(ask, fresh, text, &n, err);
        break;
    case KEPT_WORDS_FILE:
        rc = from_file(provider->path, text, &n, err);
        break;
    case KEPT_WORDS_FD:
        rc = from_fd(provider->fd, text, &n, err);
        break;
    case KEPT_WORDS_COMMAND:
        rc = kept_command_run(provider->path, text, TEXT_BYTES, &n, err);
        break;
    }
    if (rc == 0)
        rc = check_words(text, n, fresh, err);
    if (rc != 0)
        kept_secret_free(text);
    else
        *ret_text = text;
    return rc;
}
