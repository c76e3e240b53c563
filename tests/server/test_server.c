/* test_server.c - the holder of keys, in a process of its own, asked over its socket: what it answers, who it
 * turns away, and that a kill -9 loses nothing that was acknowledged. */
#include "server_aid.h"

#include "base/file.h"
#include "engine/admin.h"

/* ---- what it answers ------------------------------------------------------------------------------ */

static struct kept_id somebody(struct kept_client *client)
{
    struct kept_reply *reply = ask_client(client, &(struct kept_request){.op = KEPT_OP_SUBJECT_NEW, .app = "shop", .region = "CN"});
    const struct kept_id id = reply->subject;
    kept_wire_reply_free(reply);
    reply = ask_client(client, &(struct kept_request){.op = KEPT_OP_CONSENT_ACKNOWLEDGE, .app = "shop", .subject = id, .language = "en"});
    assert_int_equal(reply->decision, KEPT_ALLOW);
    kept_wire_reply_free(reply);
    reply = ask_client(client, &(struct kept_request){.op = KEPT_OP_CONSENT_GRANT, .app = "shop", .subject = id,
                                                      .function = "account", .consent = KEPT_C_EXPLICIT, .language = "en"});
    assert_int_equal(reply->decision, KEPT_ALLOW);
    kept_wire_reply_free(reply);
    return id;
}

static void test_operations(void **state)
{
    struct holder h;
    const struct kept_field phone = world_field("phone", "13800001111");
    (void)state;
    holder_up(&h);
    holder_start(&h);
    struct kept_client *client = client_of(&h);
    assert_int_equal(kept_client_pid(client), h.pid);
    const struct kept_id id = somebody(client);
    struct kept_reply *reply = ask_client(client, &(struct kept_request){.op = KEPT_OP_COLLECT, .app = "shop", .subject = id,
        .function = "account", .fields = &phone, .field_count = 1});
    assert_int_equal(reply->decision, KEPT_ALLOW);
    assert_string_equal(reply->fields[0].name, "phone");
    kept_wire_reply_free(reply);
    reply = ask_client(client, &(struct kept_request){.op = KEPT_OP_USE, .app = "shop", .subject = id, .purpose = "service",
        .fields = &(struct kept_field){.name = "phone"}, .field_count = 1});
    assert_int_equal(reply->decision, KEPT_ALLOW);
    assert_int_equal(reply->fields[0].value.n, 11);
    assert_memory_equal(reply->fields[0].value.p, "13800001111", 11);
    kept_wire_reply_free(reply);
    /* What is wrong with a request is said as by kept_call. */
    struct kept_err err = {0};
    reply = NULL;
    assert_int_equal(kept_client_call(client, &(struct kept_request){.op = KEPT_OP_SUBJECT_SHOW, .app = "shop", .subject = {{1}}}, &reply, &err), KEPT_E_NOTFOUND);
    assert_null(reply);
    assert_true(err.text[0] != 0);
    assert_int_equal(kept_client_call(client, &(struct kept_request){.op = (enum kept_op)99, .app = "shop"}, &reply, &err), KEPT_E_USAGE);
    kept_client_close(client);
    holder_down(&h);
}

static void test_documents(void **state)
{
    struct holder h;
    struct kept_buf out;
    struct kept_err err = {0};
    (void)state;
    holder_up(&h);
    holder_start(&h);
    struct kept_client *client = client_of(&h);
    kept_buf_init(&out, KEPT_WIRE_MAX);
    const struct kept_id id = somebody(client);
    const struct { const char *what, *key, *value, *says; } there[] = {
        {"ready", NULL, NULL, "ready"},
        {"metrics", NULL, NULL, "kept_operations_total{operation=\"subject.new\",outcome=\"allow\"} 1\n"},
        {"policies", NULL, NULL, "\"in_force\": true"},
        {"policy", "as", "yaml", "# shop.yaml"},
        {"policy", "as", "json", "\"app\""},
        {"policy", "version", "current", "<!DOCTYPE html>"},
        {"policy", "version", "1", "Corner Shop"},
        {"checkpoint", NULL, NULL, "kept.example/"},
        {"proof", "entry", "0", "c2sp.org/tlog-proof"},
        {"check", NULL, NULL, "\"problems\": 0"},
    };
    for (size_t i = 0; i < sizeof there / sizeof there[0]; i++) {
        if (document(client, there[i].what, there[i].key, there[i].value, &out, &err) != 0)
            fail_msg("%s: %s", there[i].what, err.text);
        if (strstr((const char *)out.p, there[i].says) == NULL && strstr((const char *)out.p, "\"in_force\":true") == NULL &&
            strstr((const char *)out.p, "\"problems\":0") == NULL)
            fail_msg("%s does not say %s: %.200s", there[i].what, there[i].says, (const char *)out.p);
    }
    const struct { const char *what, *key, *value; int error; } not[] = {
        {"nothing", NULL, NULL, KEPT_E_NOTFOUND}, {"policy", "version", "2", KEPT_E_NOTFOUND},
        {"policy", "version", "x", KEPT_E_NOTFOUND}, {"policy", "version", "0", KEPT_E_NOTFOUND},
        {"policy", "as", "poem", KEPT_E_USAGE}, {"policy", "in", "xx", KEPT_E_NOTFOUND},
        {"tile", "tile", "0/001", KEPT_E_NOTFOUND}, {"tile", "tile", "../../lock", KEPT_E_USAGE},
        {"tile", "tile", "entries/000.p/1", KEPT_E_NOTFOUND}, {"tile", "tile", "0/000.p/256", KEPT_E_USAGE},
        {"tile", "tile", "9/000", KEPT_E_USAGE}, {"tile", "tile", "0/0", KEPT_E_USAGE}, {"tile", "tile", "0/000.p/200", KEPT_E_NOTFOUND},
        {"proof", "entry", "99", KEPT_E_NOTFOUND}, {"proof", NULL, NULL, KEPT_E_NOTFOUND}, {"policies", "name", "", 0}};
    for (size_t i = 0; i < sizeof not / sizeof not[0]; i++) {
        int rc = document(client, not[i].what, not[i].key, not[i].value, &out, &err);
        if (rc != not[i].error)
            fail_msg("%s %s: %d %s", not[i].what, not[i].value, rc, err.text);
    }
    (void)id;
    kept_buf_release(&out);
    kept_client_close(client);
    holder_down(&h);
}

/* Tiles are what an export writes, byte for byte. */
static void test_tiles(void **state)
{
    struct holder h;
    struct kept_buf out, file;
    struct kept_err err = {0};
    char folder[WORLD_PATH], path[WORLD_PATH + 64];
    (void)state;
    holder_up(&h);
    world_open(&h.w);
    for (unsigned i = 0; i < 300; i++)
        kept_reply_free(world_ask(&h.w, &(struct kept_request){.op = KEPT_OP_STAT, .app = "shop"}));
    world_beside(&h.w, folder, "export");
    assert_int_equal(kept_admin_export(h.w.kept, "shop", folder, 1, &err), 0);
    uint64_t size = world_number(&h.w, "ledger_entries"); /* without that question's own */
    world_close(&h.w);
    holder_start(&h);
    struct kept_client *client = client_of(&h);
    kept_buf_init(&out, KEPT_WIRE_MAX);
    kept_buf_init(&file, KEPT_WIRE_MAX);
    char part[64], bundle[64];
    (void)snprintf(part, sizeof part, "0/001.p/%u", (unsigned)(size - 256));
    (void)snprintf(bundle, sizeof bundle, "001.p/%u", (unsigned)(size - 256));
    const struct { const char *what, *tile, *folder; } each[] = {{"tile", "0/000", ""}, {"tile", part, ""}, {"tile", "1/000.p/1", ""},
        {"entries", "000", "entries/"}, {"entries", bundle, "entries/"}};
    for (size_t i = 0; i < sizeof each / sizeof each[0]; i++) {
        kept_buf_clear(&file);
        (void)snprintf(path, sizeof path, "%s/tile/%s%s", folder, each[i].folder, each[i].tile);
        assert_int_equal(kept_file_load(path, &file, &err), 0);
        assert_int_equal(document(client, each[i].what, "tile", each[i].tile, &out, &err), 0);
        assert_int_equal(out.n, file.n);
        assert_memory_equal(out.p, file.p, file.n);
    }
    kept_buf_release(&out);
    kept_buf_release(&file);
    kept_client_close(client);
    holder_down(&h);
}

/* What follows in one message is one; nothing follows what another message brought. */
static void test_units(void **state)
{
    struct holder h;
    struct kept_buf out, in;
    struct kept_wire_head head;
    struct kept_wire_answers read;
    struct kept_reply *reply = NULL;
    const struct kept_field secret = world_field("health", "a secret of theirs");
    const struct kept_request unit[] = {
        {.op = KEPT_OP_SUBJECT_NEW, .app = "shop", .region = "CN"},
        {.op = KEPT_OP_COLLECT, .app = "shop", .function = "account", .fields = &secret, .field_count = 1, .follows = 1, .must = 1}};
    (void)state;
    holder_up(&h);
    holder_start(&h);
    int fd = raw_open(&h);
    kept_buf_init(&out, KEPT_WIRE_MAX);
    kept_buf_init(&in, KEPT_WIRE_MAX);
    kept_wire_call(&out, 1, NULL, unit, 2);
    assert_true(raw_send(fd, out.p, out.n));
    assert_int_equal(raw_next(fd, &in, &head), 1);
    assert_int_equal(head.kind, KEPT_WIRE_ANSWER);
    assert_int_equal(kept_wire_answers_begin(kept_wire_body(kept_buf_span(&in), &head), &read), 0);
    assert_int_equal(read.left, 2);
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(kept_wire_answers_next(&read, &reply), 1);
        assert_int_equal(reply->error, KEPT_E_DENIED);
        kept_wire_reply_free(reply);
    }
    kept_buf_clear(&out); /* the person alone, and in the same write somebody else's message that would follow */
    kept_wire_call(&out, 2, NULL, unit, 1);
    kept_wire_call(&out, 3, NULL, unit + 1, 1);
    assert_true(raw_send(fd, out.p, out.n));
    raw_faults(fd, KEPT_E_USAGE, "none before it to follow");
    (void)close(fd);
    kept_buf_release(&out);
    kept_buf_release(&in);
    assert_int_equal(holder_end(&h, SIGTERM), 0);
    world_open(&h.w);
    assert_int_equal(world_number(&h.w, "people_ever"), 1); /* the second; of the unit nobody is left */
    world_close(&h.w);
    holder_down(&h);
}

/* ---- begin and end ---------------------------------------------------------------------------------- */

static void test_one_at_a_time(void **state)
{
    struct holder h;
    struct kept_err err = {0};
    (void)state;
    holder_up(&h);
    holder_start(&h);
    assert_int_equal(kept_server_run(&h.options, &err), KEPT_E_BUSY);
    assert_int_equal(kept_server_check(&h.options, &err), KEPT_E_BUSY);
    answers(&h); /* and the first one's socket is still there */
    holder_down(&h);
}

static void test_sockets_left_behind(void **state)
{
    struct holder h;
    struct kept_err err = {0};
    char path[WORLD_PATH];
    struct stat st;
    (void)state;
    holder_up(&h);
    world_join(path, h.w.store, KEPT_SOCKET_NAME);
    holder_start(&h);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(holder_end(&h, SIGKILL), 1000 + SIGKILL);
    assert_int_equal(stat(path, &st), 0); /* left there, and nobody listens */
    struct kept_client *client = NULL;
    assert_int_equal(kept_client_open(h.w.store, &client, &err), KEPT_E_NOTFOUND);
    assert_int_equal(kept_server_check(&h.options, &err), 0);
    holder_start(&h);
    answers(&h);
    assert_int_equal(holder_end(&h, SIGINT), 0);
    assert_int_equal(stat(path, &st), -1);
    FILE *file = fopen(path, "we"); /* somebody's file is not taken away */
    assert_non_null(file);
    (void)fclose(file);
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(kept_server_check(&h.options, &err), KEPT_E_CONFLICT);
    assert_int_equal(kept_server_run(&h.options, &err), KEPT_E_CONFLICT);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(unlink(path), 0);
    holder_down(&h);
}

/* No core file, and no memory to be read. */
static void test_hardened(void **state)
{
    struct holder h;
    char path[64], line[256];
    bool none = false;
    (void)state;
    holder_up(&h);
    holder_start(&h);
    (void)snprintf(path, sizeof path, "/proc/%ld/limits", (long)h.pid);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, "Max core file size", 18) == 0)
            none = strstr(line, " 0 ") != NULL && strstr(line, "unlimited") == NULL;
    (void)fclose(file);
    assert_true(none);
    holder_down(&h);
}

/* Whoever is not the owner is told so, even where the folder's mode lets them come near. */
static void test_owner_only(void **state)
{
    struct holder h;
    char path[WORLD_PATH];
    (void)state;
    if (geteuid() != 0)
        return; /* nobody else can be tried */
    holder_up(&h);
    holder_start(&h);
    world_join(path, h.w.store, KEPT_SOCKET_NAME);
    assert_int_equal(chmod(path, 0666) | chmod(h.w.store, 0711) | chmod(h.w.dir, 0711), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct sockaddr_un to = {.sun_family = AF_UNIX};
        (void)snprintf(to.sun_path, sizeof to.sun_path, "%.100s", path);
        int fd = socket(AF_UNIX, SOCK_STREAM, 0);
        if (setresuid(65534, 65534, 65534) != 0 || connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
            _exit(2);
        uint8_t bytes[1024];
        ssize_t n = recv(fd, bytes, sizeof bytes, 0);
        struct kept_wire_head head;
        const char *text = NULL;
        int error = 0;
        const struct kept_span all = {bytes, n > 0 ? (size_t)n : 0};
        if (kept_wire_peek(all, &head) != 1 || kept_wire_fault_read(kept_wire_body(all, &head), &error, &text) != 0)
            _exit(3);
        _exit(error == KEPT_E_DENIED && recv(fd, bytes, sizeof bytes, 0) == 0 ? 0 : 4);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_int_equal(chmod(path, 0600) | chmod(h.w.store, 0700) | chmod(h.w.dir, 0700), 0);
    answers(&h);
    holder_down(&h);
}

/* ---- nothing acknowledged is lost ------------------------------------------------------------------- */

#define CLIENTS 3

/* New people until the holder is gone; the ids of those that were answered go into to. */
static void make_people(struct holder *h, int to)
{
    struct kept_client *client = NULL;
    struct kept_reply *reply = NULL;
    const struct kept_request new = {.op = KEPT_OP_SUBJECT_NEW, .app = "shop", .region = "CN"};
    if (kept_client_open(h->w.store, &client, NULL) != 0)
        _exit(0);
    while (kept_client_call(client, &new, &reply, NULL) == 0) {
        if (write(to, &reply->subject, sizeof reply->subject) != (ssize_t)sizeof reply->subject)
            _exit(1);
        kept_wire_reply_free(reply);
    }
    _exit(0);
}

static void test_killed(void **state)
{
    struct holder h;
    struct kept_id ids[20000];
    size_t count = 0;
    int pipes[2];
    (void)state;
    holder_up(&h);
    for (unsigned round = 0; round < 5; round++) {
        pid_t clients[CLIENTS];
        holder_start(&h);
        assert_int_equal(pipe(pipes), 0);
        for (unsigned i = 0; i < CLIENTS; i++)
            if ((clients[i] = fork()) == 0)
                make_people(&h, pipes[1]);
        (void)close(pipes[1]);
        nap(150 + 37 * round);
        assert_int_equal(holder_end(&h, SIGKILL), 1000 + SIGKILL);
        while (count < sizeof ids / sizeof ids[0] && read(pipes[0], &ids[count], sizeof ids[0]) == (ssize_t)sizeof ids[0])
            count++;
        (void)close(pipes[0]);
        for (unsigned i = 0; i < CLIENTS; i++) {
            int status = 0;
            assert_int_equal(waitpid(clients[i], &status, 0), clients[i]);
            assert_int_equal(status, 0);
        }
    }
    assert_true(count > 20);
    holder_start(&h);
    struct kept_client *client = client_of(&h);
    for (size_t i = 0; i < count; i++)
        kept_wire_reply_free(ask_client(client, &(struct kept_request){.op = KEPT_OP_SUBJECT_SHOW, .app = "shop", .subject = ids[i]}));
    kept_client_close(client);
    holder_down(&h);
}

/* Told to stop in the middle of a stream of requests: each that was done was answered. */
static void test_stopped(void **state)
{
    struct holder h;
    struct kept_buf out, in;
    struct kept_wire_head head;
    const struct kept_request new = {.op = KEPT_OP_SUBJECT_NEW, .app = "shop", .region = "CN"};
    uint64_t answered = 0;
    (void)state;
    holder_up(&h);
    holder_start(&h);
    int fd = raw_open(&h);
    kept_buf_init(&out, KEPT_WIRE_MAX);
    kept_buf_init(&in, KEPT_WIRE_MAX);
    for (uint64_t id = 0; id < 20000; id++)
        kept_wire_call(&out, id, NULL, &new, 1);
    pid_t writer = fork();
    if (writer == 0) {
        (void)raw_send(fd, out.p, out.n);
        _exit(0);
    }
    while (answered < 200 && raw_next(fd, &in, &head) == 1) {
        assert_true(head.id == answered++);
        raw_drop(&in, &head);
    }
    assert_int_equal(kill(h.pid, SIGTERM), 0);
    while (raw_next(fd, &in, &head) == 1) {
        assert_int_equal(head.kind, KEPT_WIRE_ANSWER);
        assert_true(head.id == answered++);
        raw_drop(&in, &head);
    }
    assert_int_equal(holder_wait(&h), 0);
    (void)close(fd);
    assert_int_equal(kill(writer, SIGKILL), 0);
    assert_int_equal(waitpid(writer, NULL, 0), writer);
    kept_buf_release(&out);
    kept_buf_release(&in);
    world_open(&h.w);
    assert_int_equal(world_number(&h.w, "people_ever"), answered);
    assert_true(answered >= 200 && answered < 20000);
    world_close(&h.w);
    holder_down(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_operations),
        cmocka_unit_test(test_documents),
        cmocka_unit_test(test_tiles),
        cmocka_unit_test(test_units),
        cmocka_unit_test(test_one_at_a_time),
        cmocka_unit_test(test_sockets_left_behind),
        cmocka_unit_test(test_hardened),
        cmocka_unit_test(test_owner_only),
        cmocka_unit_test(test_killed),
        cmocka_unit_test(test_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
