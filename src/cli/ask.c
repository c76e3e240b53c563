/* ask.c - a passphrase typed at the terminal, and shown to nobody. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/cli.h"

/* The terminal while somebody types: without echo, and left as it was whatever signal comes. */
struct quiet {
    int tty, signals;
    struct termios before;
    sigset_t mask;
};

static int begin(struct quiet *q, struct kept_err *err)
{
    sigset_t watched;
    struct termios now;
    q->tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    q->signals = -1;
    if (q->tty < 0 || tcgetattr(q->tty, &q->before) != 0) {
        kept_file_close(q->tty);
        return kept_fail(err, KEPT_E_USAGE,
                         "the root key comes of a passphrase, and there is no terminal to ask at: say "
                         "--root-key passphrase:FILE or passphrase:fd:N");
    }
    (void)sigemptyset(&watched);
    static const int ends[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        (void)sigaddset(&watched, ends[i]);
    (void)sigprocmask(SIG_BLOCK, &watched, &q->mask); /* delivered when the terminal is itself again */
    q->signals = signalfd(-1, &watched, SFD_CLOEXEC);
    now = q->before;
    now.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
    now.c_lflag |= ICANON;
    if (q->signals >= 0 && tcsetattr(q->tty, TCSADRAIN, &now) == 0)
        return 0;
    kept_file_close(q->signals);
    kept_file_close(q->tty);
    (void)sigprocmask(SIG_SETMASK, &q->mask, NULL);
    return kept_fail_errno(err, KEPT_E_IO, "the terminal cannot be kept from showing what is typed");
}

static void end(struct quiet *q)
{
    (void)tcsetattr(q->tty, TCSADRAIN, &q->before);
    kept_file_close(q->signals);
    kept_file_close(q->tty);
    (void)sigprocmask(SIG_SETMASK, &q->mask, NULL);
}

static void say(const struct quiet *q, const char *text)
{
    ssize_t told = write(q->tty, text, strlen(text));
    (void)told; /* a terminal that cannot be written to cannot be read from either */
}

/* One line. */
static int read_line(const struct quiet *q, char *ret_text, size_t size, struct kept_err *err)
{
    struct pollfd on[] = {{.fd = q->tty, .events = POLLIN}, {.fd = q->signals, .events = POLLIN}};
    size_t n = 0;
    for (;;) {
        if (poll(on, 2, -1) < 0 && errno != EINTR)
            return kept_fail_errno(err, KEPT_E_IO, "cannot wait for the passphrase");
        if (on[1].revents != 0)
            return kept_fail(err, KEPT_E_USAGE, "no passphrase was given");
        ssize_t got = read(q->tty, ret_text + n, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return kept_fail(err, KEPT_E_USAGE, "no passphrase was given");
        if (ret_text[n] == '\n')
            break;
        if (++n == size)
            return kept_fail(err, KEPT_E_LIMIT, "the passphrase is too long");
    }
    ret_text[n] = 0;
    return 0;
}

static int ask_once(const struct quiet *q, const char *prompt, char *ret_text, size_t size,
                    struct kept_err *err)
{
    say(q, prompt);
    int rc = read_line(q, ret_text, size, err);
    say(q, "\n");
    return rc;
}

int cli_ask(void *arg, int fresh, char *ret_text, size_t size, struct kept_err *err)
{
    struct quiet q;
    char *again = NULL;
    (void)arg;
    int rc = begin(&q, err);
    if (rc != 0)
        return rc;
    rc = ask_once(&q, fresh != 0 ? "kept: new passphrase: " : "kept: passphrase: ", ret_text, size, err);
    if (rc == 0 && fresh != 0) {
        again = kept_alloc(size, 1);
        rc = again == NULL ? kept_fail(err, KEPT_E_NOMEM, "no memory")
                           : ask_once(&q, "kept: once more: ", again, size, err);
        if (rc == 0 && strcmp(again, ret_text) != 0)
            rc = kept_fail(err, KEPT_E_USAGE, "the two were not the same: nothing was done");
    }
    end(&q);
    if (again != NULL)
        kept_wipe(again, size);
    kept_free(again);
    return rc;
}
