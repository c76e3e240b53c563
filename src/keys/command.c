/* command.c - a program that has the root key, or the words it comes of: age, systemd-creds, the client of
 * a vault or of a hardware module.
 *
 * It is a door to everything, so it is run as little can go wrong: no shell, a whole path, nobody else
 * may have written it, a fixed environment, none of our descriptors, a group of its own that is killed
 * whole. What it says on its standard error is ours to see; what it prints is never repeated. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"
#include "keys/root_int.h"

struct command {
    char text[KEPT_MAX_WHERE];               /* cut into words */
    char *word[KEPT_MAX_COMMAND_WORDS + 1];
    char home[KEPT_MAX_PATH + 8];
    pid_t pid;
    int out, process, timer;                 /* its output; itself, and the time it has, as descriptors */
};

static int cut(struct command *c, const char *command, struct kept_err *err)
{
    size_t n = strlen(command), words = 0;
    if (n >= sizeof c->text)
        return kept_fail(err, KEPT_E_LIMIT, "the command for the root key is too long");
    memcpy(c->text, command, n + 1);
    for (size_t i = 0; i < n; i++) {
        bool begins = c->text[i] != ' ' && (i == 0 || c->text[i - 1] == 0);
        if (begins && words == KEPT_MAX_COMMAND_WORDS)
            return kept_fail(err, KEPT_E_LIMIT,
                             "the command for the root key has more than %u words: put it in a script",
                             KEPT_MAX_COMMAND_WORDS);
        if (begins)
            c->word[words++] = c->text + i;
        if (c->text[i] == ' ')
            c->text[i] = 0;
    }
    c->word[words] = NULL;
    return words > 0 && c->word[0][0] == '/'
               ? 0
               : kept_fail(err, KEPT_E_USAGE,
                           "a command for the root key begins with the whole path of a program: "
                           "command:/usr/bin/age -d -i /root/id /root/key.age");
}

/* Whoever may write the program has the key. */
static int check_program(const char *path, struct kept_err *err)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return kept_fail_errno(err, errno == ENOENT ? KEPT_E_NOTFOUND : KEPT_E_IO,
                               "cannot look at the program %s", path);
    if (!S_ISREG(st.st_mode) || access(path, X_OK) != 0)
        return kept_fail(err, KEPT_E_USAGE, "%s is no program that may be run: chmod 700 it", path);
    if (st.st_uid != 0 && st.st_uid != geteuid())
        return kept_fail(err, KEPT_E_USAGE,
                         "the program %s belongs to another user, who could have it give the root key "
                         "away: make it root's, or ours", path);
    if ((st.st_mode & KEPT_NOT_WRITTEN) != 0)
        return kept_fail(err, KEPT_E_USAGE,
                         "others may write the program %s, and so get the root key: chmod go-w it",
                         path);
    return 0;
}

/* Its descriptors and signals are those of a program that was just begun. */
static int spawn(struct command *c, int out, posix_spawn_file_actions_t *files,
                 posix_spawnattr_t *how)
{
    static char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    static char language[] = "LC_ALL=C";
    char *with[] = {path, language, c->home[0] != 0 ? c->home : NULL, NULL};
    sigset_t none, all;
    (void)sigemptyset(&none);
    (void)sigfillset(&all);
    int rc = posix_spawn_file_actions_addopen(files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (rc == 0)
        rc = posix_spawn_file_actions_adddup2(files, out, STDOUT_FILENO);
    if (rc == 0)
        rc = posix_spawn_file_actions_addclosefrom_np(files, STDERR_FILENO + 1);
    if (rc == 0)
        rc = posix_spawn_file_actions_addchdir_np(files, "/");
    if (rc == 0)
        rc = posix_spawnattr_setsigmask(how, &none);
    if (rc == 0)
        rc = posix_spawnattr_setsigdefault(how, &all);
    if (rc == 0)
        rc = posix_spawnattr_setpgroup(how, 0);
    if (rc == 0)
        rc = posix_spawnattr_setflags(how, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                               POSIX_SPAWN_SETPGROUP);
    return rc != 0 ? rc : posix_spawn(&c->pid, c->word[0], files, how, c->word, with);
}

static int start(struct command *c, struct kept_err *err)
{
    const struct itimerspec end = {.it_value = {.tv_sec = KEPT_COMMAND_SECONDS}};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    int pipe_ends[2] = {-1, -1};
    const char *home = secure_getenv("HOME");
    if (home != NULL && strlen(home) < KEPT_MAX_PATH)
        (void)snprintf(c->home, sizeof c->home, "HOME=%s", home);
    if (pipe2(pipe_ends, O_CLOEXEC) != 0 ||
        (c->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC)) < 0 ||
        timerfd_settime(c->timer, 0, &end, NULL) != 0) {
        kept_file_close(pipe_ends[0]);
        kept_file_close(pipe_ends[1]);
        return kept_fail_errno(err, KEPT_E_IO, "cannot run the program %s", c->word[0]);
    }
    c->out = pipe_ends[0];
    int rc = posix_spawn_file_actions_init(&files);
    if (rc == 0 && (rc = posix_spawnattr_init(&how)) == 0) {
        rc = spawn(c, pipe_ends[1], &files, &how);
        (void)posix_spawnattr_destroy(&how);
        (void)posix_spawn_file_actions_destroy(&files);
    }
    kept_file_close(pipe_ends[1]);
    errno = rc;
    if (rc != 0) {
        c->pid = 0;
        return kept_fail_errno(err, KEPT_E_IO, "cannot run the program %s", c->word[0]);
    }
    c->process = pidfd_open(c->pid, 0);
    return c->process >= 0
               ? 0
               : kept_fail_errno(err, KEPT_E_IO, "cannot watch the program %s", c->word[0]);
}

/* Until it prints something, or ends; a child that it leaves behind may hold its output open. */
static int wait_for(const struct command *c, bool *ret_prints, struct kept_err *err)
{
    struct pollfd on[] = {{.fd = c->out, .events = POLLIN},
                          {.fd = c->process, .events = POLLIN},
                          {.fd = c->timer, .events = POLLIN}};
    while (poll(on, 3, -1) < 0)
        if (errno != EINTR)
            return kept_fail_errno(err, KEPT_E_IO, "cannot wait for the program %s", c->word[0]);
    *ret_prints = on[0].revents != 0;
    return on[0].revents != 0 || on[1].revents != 0
               ? 0
               : kept_fail(err, KEPT_E_IO,
                           "the program %s took more than %u seconds and was ended: it may ask nobody, "
                           "for there is no terminal", c->word[0], KEPT_COMMAND_SECONDS);
}

/* All it prints; size leaves room for the zero. */
static int take(const struct command *c, char *ret_text, size_t size, size_t *ret_n,
                struct kept_err *err)
{
    size_t n = 0;
    for (;;) {
        bool prints = false;
        int rc = wait_for(c, &prints, err);
        if (rc != 0)
            return rc;
        if (!prints)
            break;
        ssize_t got = read(c->out, ret_text + n, size - 1 - n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return kept_fail_errno(err, KEPT_E_IO, "cannot read from the program %s", c->word[0]);
        n += (size_t)got;
        if (n == size - 1)
            return kept_fail(err, KEPT_E_LIMIT, "the program %s prints more than %zu bytes: no key does",
                             c->word[0], size - 2);
        if (got == 0)
            break;
    }
    ret_text[n] = 0;
    *ret_n = n;
    return 0;
}

static int judge(const struct command *c, const siginfo_t *how, struct kept_err *err)
{
    if (how->si_code != CLD_EXITED)
        return kept_fail(err, KEPT_E_IO, "the program %s was ended by signal %d", c->word[0],
                         how->si_status);
    return how->si_status == 0
               ? 0
               : kept_fail(err, KEPT_E_IO,
                           "the program %s failed with exit code %d: what it says of it stands on the "
                           "standard error", c->word[0], how->si_status);
}

/* Its output may be closed before. */
static int wait_for_end(struct command *c, struct kept_err *err)
{
    bool prints = false;
    kept_file_close(c->out);
    c->out = -1; /* which poll passes over */
    return wait_for(c, &prints, err);
}

/* Wait for its end, but for what failed before, and leave nothing of it behind. */
static int end(struct command *c, int rc, struct kept_err *err)
{
    siginfo_t how = {0};
    if (c->pid == 0)
        return rc;
    if (rc == 0)
        rc = wait_for_end(c, err);
    (void)kill(-c->pid, SIGKILL); /* what it started and left; it is not yet reaped, so the group is its */
    int waited;
    do
        waited = waitid(P_PID, (id_t)c->pid, &how, WEXITED);
    while (waited != 0 && errno == EINTR);
    if (rc == 0 && waited != 0)
        rc = kept_fail_errno(err, KEPT_E_IO, "nobody can tell how the program %s ended", c->word[0]);
    return rc == 0 ? judge(c, &how, err) : rc;
}

int kept_command_run(const char *command, char *ret_text, size_t size, size_t *ret_n,
                     struct kept_err *err)
{
    struct command *c = kept_alloc(1, sizeof *c);
    if (c == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory to run a program");
    c->out = c->process = c->timer = -1;
    int rc = cut(c, command, err);
    if (rc == 0)
        rc = check_program(c->word[0], err);
    if (rc == 0 && (rc = start(c, err)) == 0)
        rc = take(c, ret_text, size, ret_n, err);
    rc = end(c, rc, err);
    kept_file_close(c->out);
    kept_file_close(c->process);
    kept_file_close(c->timer);
    kept_free(c);
    return rc;
}
