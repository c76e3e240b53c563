/* test_hostile.c - the holder of keys among those who mean it harm, or are broken: half messages, any bytes,
 * too many connections, floods, readers who do not read, workers that die. The others keep being served. */
#include "server_aid.h"

#include <fcntl.h>

#include "base/file.h"
#include "base/id.h"

static void test_half_a_message(void **state)
{
    struct holder h;
    struct kept_buf out, in;
    struct kept_wire_head head;
    (void)state;
    holder_up(&h);
    holder_start(&h);
    kept_buf_init(&out, KEPT_WIRE_MAX);
    kept_buf_init(&in, KEPT_WIRE_MAX);
    kept_wire_call(&out, 7, NULL, &(struct kept_request){.op = KEPT_OP_STAT, .app = "shop"}, 1);
    for (size_t cut = 1; cut < out.n; cut += 3) { /* and gone */
        int fd = raw_open(&h);
        assert_true(raw_send(fd, out.p, cut));
        (void)close(fd);
    }
    int slow = raw_open(&h); /* byte by byte it is a message, too */
    for (size_t i = 0; i + 1 < out.n; i++) {
        assert_true(raw_send(slow, out.p + i, 1));
        if (i % 16 == 0)
            answers(&h);
    }
    assert_true(raw_send(slow, out.p + out.n - 1, 1));
    assert_int_equal(raw_next(slow, &in, &head), 1);
    assert_true(head.kind == KEPT_WIRE_ANSWER && head.id == 7);
    (void)close(slow);
    kept_buf_release(&out);
    kept_buf_release(&in);
    holder_down(&h);
}

static void test_any_bytes(void **state)
{
    struct holder h;
    uint8_t bytes[64];
    struct kept_buf out;
    (void)state;
    holder_up(&h);
    holder_start(&h);
    int fd = raw_open(&h);
    memset(bytes, 0xa5, sizeof bytes);
    assert_true(raw_send(fd, bytes, sizeof bytes));
    raw_faults(fd, KEPT_E_FORMAT, "no message of this version");
    assert_int_equal(recv(fd, bytes, sizeof bytes, 0), 0); /* where the next begins, nobody knows */
    (void)close(fd);
    fd = raw_open(&h);
    kept_buf_init(&out, KEPT_WIRE_MAX);
    kept_wire_fault(&out, 3, KEPT_E_IO, "a message, but none for here");
    assert_true(raw_send(fd, out.p, out.n));
    raw_faults(fd, KEPT_E_FORMAT, "only calls and questions");
    kept_buf_clear(&out);
    kept_wire_call(&out, 4, NULL, &(struct kept_request){.op = KEPT_OP_STAT, .app = "shop"}, 1);
    out.p[KEPT_WIRE_HEAD + 1] = 9; /* nine requests, of which one is there */
    assert_true(raw_send(fd, out.p, out.n));
    raw_faults(fd, KEPT_E_FORMAT, "cannot be read");
    /* What somebody shows is not enough to be somebody, on this socket neither. */
    const struct kept_credential token = {KEPT_CREDENTIAL_TOKEN, {(const uint8_t *)"guessed", 7}};
    kept_buf_clear(&out);
    kept_wire_call(&out, 5, &token, &(struct kept_request){.op = KEPT_OP_STAT, .app = "shop"}, 1);
    assert_true(raw_send(fd, out.p, out.n));
    raw_faults(fd, KEPT_E_DENIED, "");
    (void)close(fd);
    answers(&h);
    kept_buf_release(&out);
    holder_down(&h);
}

static void test_too_many(void **state)
{
    struct holder h;
    int fds[KEPT_MAX_CONNECTIONS];
    (void)state;
    holder_up(&h);
    holder_start(&h);
    for (size_t i = 0; i < KEPT_MAX_CONNECTIONS; i++)
        fds[i] = raw_open(&h);
    int more = raw_open(&h);
    raw_faults(more, KEPT_E_BUSY, "too many connections");
    (void)close(more);
    (void)close(fds[0]);
    nap(200);
    answers(&h);
    for (size_t i = 1; i < KEPT_MAX_CONNECTIONS; i++)
        (void)close(fds[i]);
    holder_down(&h);
}

/* ---- floods ----------------------------------------------------------------------------------------- */

#define FLOOD 6000u

/* Everything is sent at once, and each gets its answer, once. */
static void flood(struct holder *h)
{
    struct kept_buf out, in;
    struct kept_wire_head head;
    uint64_t sum = 0;
    int fd = raw_open(h);
    kept_buf_init(&out, KEPT_WIRE_MAX);
    kept_buf_init(&in, KEPT_WIRE_MAX);
    for (uint64_t id = 1; id <= FLOOD; id++) {
        const struct kept_request requests[] = {{.op = KEPT_OP_SUBJECT_SHOW, .app = "shop", .subject = {{1}}},
                                                {.op = KEPT_OP_STAT, .app = "shop"}};
        kept_wire_call(&out, id, NULL, requests, 1 + id % 2);
    }
    if (fork() == 0) {
        (void)raw_send(fd, out.p, out.n);
        _exit(0);
    }
    for (unsigned i = 0; i < FLOOD; i++) {
        assert_int_equal(raw_next(fd, &in, &head), 1);
        assert_int_equal(head.kind, KEPT_WIRE_ANSWER);
        sum += head.id;
        raw_drop(&in, &head);
    }
    assert_true(sum == (uint64_t)FLOOD * (FLOOD + 1) / 2);
    (void)close(fd);
    kept_buf_release(&out);
    kept_buf_release(&in);
}

static void test_floods(void **state)
{
    struct holder h;
    pid_t pids[3];
    (void)state;
    holder_up(&h);
    holder_start(&h);
    for (unsigned i = 0; i < 3; i++)
        if ((pids[i] = fork()) == 0) {
            flood(&h);
            while (wait(NULL) > 0)
                continue;
            _exit(0);
        }
    for (unsigned i = 0; i < 20; i++)
        answers(&h); /* meanwhile */
    for (unsigned i = 0; i < 3; i++) {
        int status = 1;
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_int_equal(status, 0);
    }
    holder_down(&h);
}

static long resident_kib(pid_t pid)
{
    char path[64], line[256];
    long kib = 0;
    (void)snprintf(path, sizeof path, "/proc/%ld/status", (long)pid);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, "VmRSS:", 6) == 0)
            kib = strtol(line + 6, NULL, 10);
    (void)fclose(file);
    return kib;
}

/* Documents are asked for, and not read: nothing more is taken, memory stands still, the others are served; and
 * when they are read at last, all are there. */
static void test_nobody_reads(void **state)
{
    struct holder h;
    struct kept_buf out, in;
    struct kept_wire_head head;
    const struct kept_wire_ask ask = {"policy", {"name", "as"}, {"shop", "yaml"}, 2};
    size_t sent = 0, asked = 0, come = 0;
    (void)state;
    holder_up(&h);
    holder_start(&h);
    kept_buf_init(&out, KEPT_WIRE_MAX);
    kept_buf_init(&in, KEPT_WIRE_MAX * 2);
    for (; asked < 100000; asked++) /* of answers, half a GiB */
        kept_wire_question(&out, asked + 1, NULL, &ask);
    assert_int_equal(out.failed, 0);
    answers(&h);
    long before = resident_kib(h.pid);
    int fd = raw_open(&h);
    for (unsigned idle = 0; idle < 20;) { /* until nothing is taken for a second */
        ssize_t n = send(fd, out.p + sent, out.n - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
        idle = n > 0 ? 0 : idle + 1;
        sent += n > 0 ? (size_t)n : 0;
        if (n <= 0)
            nap(50);
        assert_true(sent < out.n);
    }
    answers(&h);
    long grown = resident_kib(h.pid) - before;
    if (grown > 16 * 1024)
        fail_msg("memory grew by %ld KiB", grown);
    size_t whole = sent / (out.n / asked + 1); /* at least so many were sent whole */
    while (come < whole / 2 && raw_next(fd, &in, &head) == 1) {
        assert_true(head.kind == KEPT_WIRE_DOCUMENT && head.id == ++come);
        raw_drop(&in, &head);
    }
    assert_int_equal(come, whole / 2);
    (void)close(fd);
    answers(&h);
    kept_buf_release(&out);
    kept_buf_release(&in);
    holder_down(&h);
}

/* ---- workers ---------------------------------------------------------------------------------------- */

struct told {
    pid_t pid;
    unsigned number;
    int nobody, public; /* what came of a call, and of a question, without anything shown */
};

static int ask_kind(int fd, const struct kept_buf *out)
{
    struct kept_buf in;
    struct kept_wire_head head;
    kept_buf_init(&in, KEPT_WIRE_MAX);
    int kind = raw_send(fd, out->p, out->n) && raw_next(fd, &in, &head) == 1 ? (int)head.kind : 0;
    if (kind == KEPT_WIRE_DOCUMENT) {
        struct kept_wire_document d;
        if (kept_wire_document_read(kept_wire_body(kept_buf_span(&in), &head), &d) != 0 || d.error != 0)
            kind = -1;
    }
    kept_buf_release(&in);
    return kind;
}

/* Tells through the pipe what it could do; then lives until its holder goes, or it is told to stop. */
static int work(int holder_fd, unsigned number, void *arg, struct kept_err *err)
{
    struct kept_buf out;
    const int *to = arg;
    struct told told = {.pid = getpid(), .number = number};
    char byte;
    (void)err;
    (void)fcntl(holder_fd, F_SETFL, 0);
    kept_buf_init(&out, KEPT_WIRE_MAX);
    kept_wire_call(&out, 1, NULL, &(struct kept_request){.op = KEPT_OP_STAT, .app = "shop"}, 1);
    told.nobody = ask_kind(holder_fd, &out);
    kept_buf_clear(&out);
    kept_wire_question(&out, 2, NULL, &(struct kept_wire_ask){.what = "ready"});
    told.public = ask_kind(holder_fd, &out);
    kept_buf_release(&out);
    if (write(*to, &told, sizeof told) != (ssize_t)sizeof told)
        return KEPT_E_IO;
    return recv(holder_fd, &byte, 1, 0) == 0 ? KEPT_E_IO : 0;
}

static struct told next_told(int from)
{
    struct told told = {.pid = 0};
    assert_int_equal(read(from, &told, sizeof told), sizeof told);
    return told;
}

static bool gone(pid_t pid)
{
    for (unsigned i = 0; i < 100; i++) {
        if (kill(pid, 0) != 0)
            return true;
        nap(50);
    }
    return false;
}

/* Do these bytes stand in the memory of a process? */
static bool memory_has(pid_t pid, const uint8_t *bytes, size_t n)
{
    char path[64], line[512];
    bool found = false;
    (void)snprintf(path, sizeof path, "/proc/%ld/maps", (long)pid);
    FILE *maps = fopen(path, "re");
    (void)snprintf(path, sizeof path, "/proc/%ld/mem", (long)pid);
    int mem = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(maps != NULL && mem >= 0);
    while (!found && fgets(line, sizeof line, maps) != NULL) {
        char *end = NULL;
        unsigned long long from = strtoull(line, &end, 16), to = strtoull(end + 1, &end, 16);
        if (strstr(line, " rw") == NULL || to - from > (256u << 20))
            continue;
        uint8_t *copy = malloc(to - from);
        assert_non_null(copy);
        ssize_t got = pread(mem, copy, to - from, (off_t)from);
        found = got > 0 && memmem(copy, (size_t)got, bytes, n) != NULL;
        free(copy);
    }
    (void)fclose(maps);
    (void)close(mem);
    return found;
}

static void test_workers(void **state)
{
    struct holder h;
    int pipes[2];
    struct told first[2], again;
    (void)state;
    holder_up(&h);
    assert_int_equal(pipe(pipes), 0);
    h.options.workers = 2;
    h.options.work = work;
    h.options.arg = &pipes[1];
    holder_start(&h);
    for (unsigned i = 0; i < 2; i++) {
        first[i] = next_told(pipes[0]);
        assert_int_equal(first[i].nobody, KEPT_WIRE_FAULT); /* nothing shown, nothing done */
        assert_int_equal(first[i].public, KEPT_WIRE_DOCUMENT);
        assert_true(first[i].number < 2);
    }
    assert_int_equal(kill(first[0].pid, SIGKILL), 0); /* it is started again, and the others live */
    again = next_told(pipes[0]);
    assert_int_equal(again.number, first[0].number);
    assert_true(again.pid != first[0].pid && kill(first[1].pid, 0) == 0);
    answers(&h);
    assert_int_equal(holder_end(&h, SIGTERM), 0);
    assert_true(gone(first[1].pid) && gone(again.pid));
    holder_start(&h);
    first[0] = next_told(pipes[0]);
    first[1] = next_told(pipes[0]);
    assert_int_equal(holder_end(&h, SIGKILL), 1000 + SIGKILL); /* without a holder they end */
    assert_true(gone(first[0].pid) && gone(first[1].pid));
    (void)close(pipes[0]);
    (void)close(pipes[1]);
    holder_down(&h);
}

/* A worker never had a key in its memory; that a holder has shows that the look finds one. */
static void test_workers_have_no_keys(void **state)
{
    struct holder h;
    int pipes[2];
    struct kept_buf root;
    (void)state;
    if (geteuid() != 0)
        return; /* nobody else may look */
    holder_up(&h);
    assert_int_equal(pipe(pipes), 0);
    h.options = (struct kept_server_options){.workers = 1, .work = work, .arg = &pipes[1]};
    holder_start(&h);
    struct told told = next_told(pipes[0]);
    uint8_t key[32]; /* read here only now: what is in this process, a worker has, too */
    kept_buf_init(&root, 4096);
    assert_int_equal(kept_file_load(h.w.root, &root, NULL), 0);
    root.p[2 * sizeof key] = 0; /* a newline */
    assert_int_equal(kept_unhex((const char *)root.p, sizeof key, key), 0);
    assert_true(memory_has(h.pid, key, sizeof key));
    assert_false(memory_has(told.pid, key, sizeof key));
    (void)close(pipes[0]);
    (void)close(pipes[1]);
    kept_buf_release(&root);
    holder_down(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_half_a_message),
        cmocka_unit_test(test_any_bytes),
        cmocka_unit_test(test_too_many),
        cmocka_unit_test(test_floods),
        cmocka_unit_test(test_nobody_reads),
        cmocka_unit_test(test_workers),
        cmocka_unit_test(test_workers_have_no_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
