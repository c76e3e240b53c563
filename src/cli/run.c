/* run.c - commands that are operations of the pipeline. */
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "cli/cli.h"
#include "engine/admin.h"

/* The folder that holds a path is made for it: ./kept at first. */
static int make_parent(const char *path, struct kept_err *err)
{
    char parent[KEPT_MAX_PATH];
    const char *slash = strrchr(path, '/');
    if (slash == NULL || slash == path || (size_t)(slash - path) >= sizeof parent)
        return 0;
    memcpy(parent, path, (size_t)(slash - path));
    parent[slash - path] = 0;
    return kept_file_exists(parent) ? 0 : kept_dir_make(parent, true, err);
}

/* The root key's file, when it is one. */
static const char *root_file(const struct kept_options *options)
{
    static const char file[] = "file:";
    const char *where = options->root_key;
    if (where == NULL || strncmp(where, "command:", 8) == 0 || strncmp(where, "passphrase", 10) == 0)
        return "";
    return strncmp(where, file, strlen(file)) == 0 ? where + strlen(file) : where;
}

int cli_run_init(struct cli *cli, struct kept_err *err)
{
    const struct kept_options options = cli_options(cli);
    const char *const paths[] = {options.store, options.keyring, root_file(&options)};
    struct kept_err first = {0};
    int rc = kept_init(&options, &first);
    bool again = rc == KEPT_E_IO; /* the folder that is to hold them may be missing */
    for (size_t i = 0; again && i < sizeof paths / sizeof paths[0]; i++)
        again = make_parent(paths[i], NULL) == 0;
    if (again)
        rc = kept_init(&options, &first);
    if (rc != 0)
        return kept_fail(err, rc, "%s", first.text);
    json_t *root = json_pack("{s:s,s:s,s:s}", "store", options.store, "keyring", options.keyring,
                             "root_key",
                             options.root_key != NULL ? options.root_key : "as the keyring says");
    if (cli->option[O_JSON] != NULL) {
        cli_print_json(root);
    } else {
        cli_show(stdout, root);
        (void)puts("Back up the store often, the keyring never with it; the root key once, on "
                   "paper:\n`kept key recovery`. Without the root key nothing can be read again.");
    }
    json_decref(root);
    return 0;
}

/* One request; *ret_reply becomes JSON. */
int cli_call(struct cli_store *store, const struct kept_request *request, json_t **ret_reply,
             struct kept_err *err)
{
    struct kept_reply *reply = NULL;
    int rc = cli_ask_one(store, request, &reply, err);
    *ret_reply = rc == 0 ? cli_reply_json(reply, request->op) : NULL;
    cli_reply_free(store, reply);
    return rc;
}

/* What a command does behind its operation, on the same open store, once it was not denied. */
typedef int after_fn(struct cli *cli, struct cli_store *store, const struct kept_request *of,
                     json_t *reply, struct kept_err *err);

bool cli_denied(const json_t *reply)
{
    const char *decision = json_string_value(json_object_get(reply, "decision"));
    return decision == NULL || strcmp(decision, "deny") == 0;
}

static int run_then(struct cli *cli, after_fn *after, struct kept_err *err)
{
    struct cli_store store = {NULL, NULL};
    struct input in;
    json_t *reply = NULL;
    int rc = cli_request(cli, &in, err);
    if (rc == 0)
        rc = cli_open(cli, &store, err);
    if (rc == 0)
        rc = cli_call(&store, &in.request, &reply, err);
    if (rc == 0 && after != NULL && !cli_denied(reply))
        rc = after(cli, &store, &in.request, reply, err);
    cli_close(&store);
    if (rc == 0)
        cli_reply(cli, &in.request, reply);
    json_decref(reply);
    cli_input_release(&in);
    return rc;
}

int cli_run_shown(struct cli *cli, void (*show)(const json_t *report), struct kept_err *err)
{
    struct cli_store store = {NULL, NULL};
    struct input in;
    json_t *reply = NULL;
    int rc = cli_request(cli, &in, err);
    if (rc == 0 && cli->option[O_AT] != NULL)
        rc = cli_time(cli->option[O_AT], &in.request.at, err);
    if (rc == 0)
        rc = cli_open(cli, &store, err);
    if (rc == 0)
        rc = cli_call(&store, &in.request, &reply, err);
    cli_close(&store);
    if (rc == 0 && (cli->option[O_JSON] != NULL || cli_denied(reply)))
        cli_reply(cli, &in.request, reply);
    else if (rc == 0)
        show(json_object_get(reply, "report"));
    json_decref(reply);
    cli_input_release(&in);
    return rc;
}

int cli_run_operation(struct cli *cli, struct kept_err *err)
{
    return run_then(cli, NULL, err);
}

/* ---- what cannot be undone ------------------------------------------------------------------- */

/* A yes from whoever sits there; from nobody, nothing is taken for one. */
static int confirm(const struct cli *cli, const char *what, struct kept_err *err)
{
    char answer[16] = "";
    if (cli->option[O_YES] != NULL)
        return 0;
    if (isatty(STDIN_FILENO) != 1 || isatty(STDERR_FILENO) != 1)
        return kept_fail(err, KEPT_E_USAGE,
                         "%s cannot be undone, and nobody is here to be asked: say --yes",
                         cli->command->words);
    (void)fprintf(stderr, "%s. This cannot be undone. Type yes to go on: ", what);
    (void)fflush(stderr);
    if (fgets(answer, sizeof answer, stdin) != NULL && strcmp(answer, "yes\n") == 0)
        return 0;
    return kept_fail(err, KEPT_E_USAGE, "that was no yes: nothing was done");
}

int cli_run_cease(struct cli *cli, struct kept_err *err)
{
    char what[160];
    const char *app = cli->option[O_APP];
    (void)snprintf(what, sizeof what, "the service of %.64s ends, and collects nothing any more",
                   app != NULL ? app : "the store's app");
    int rc = confirm(cli, what, err);
    return rc != 0 ? rc : run_then(cli, NULL, err);
}

/* ---- erasing --------------------------------------------------------------------------------- */

/* The sweep right behind, and the certificate with what it then says. */
static int sweep(struct cli *cli, struct cli_store *store, const struct kept_request *of, json_t *reply,
                 struct kept_err *err)
{
    if (cli->option[O_LATER] != NULL)
        return 0;
    struct kept_request tick = {.op = KEPT_OP_TICK, .app = of->app, .actor = of->actor};
    struct kept_request why = {.op = KEPT_OP_WHY, .app = of->app, .actor = of->actor,
                               .role = of->role, .subject = of->subject};
    json_t *done = NULL, *now = NULL;
    int rc = cli_call(store, &tick, &done, err);
    if (rc == 0)
        (void)json_object_set(reply, "sweep", json_object_get(done, "report"));
    if (rc == 0 && of->op == KEPT_OP_ERASE_SUBJECT)
        rc = cli_call(store, &why, &now, err);
    json_t *report = json_object_get(now, "report");
    json_t *swept = json_object_get(report, "rows_swept");
    json_t *certificate = json_object_get(reply, "report");
    if (rc == 0 && swept != NULL && certificate != NULL) {
        (void)json_object_set(certificate, "rows_swept", swept);
        (void)json_object_set(certificate, "final", json_object_get(report, "final"));
    }
    json_decref(done);
    json_decref(now);
    return rc;
}

int cli_run_erase(struct cli *cli, struct kept_err *err)
{
    return run_then(cli, sweep, err);
}

/* ---- rotate, tick ---------------------------------------------------------------------------- */

static bool is_left(const json_t *report)
{
    return json_is_true(json_object_get(report, "rewrap_left")) ||
           json_is_true(json_object_get(report, "tokens_left"));
}

/* What one more tick did, on top of what was done before it; how far it is, as it stands now. */
static void add_up(json_t *sum, json_t *report)
{
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach(report, key, value)
    {
        const json_t *before = json_object_get(sum, key);
        bool level = strstr(key, "_percent") != NULL || strstr(key, "_left") != NULL;
        bool adds = json_is_integer(value) && json_is_integer(before) && !level;
        (void)json_object_set_new(sum, key,
                                  adds ? json_integer(json_integer_value(before) +
                                                      json_integer_value(value))
                                       : json_incref(value));
    }
}

static void print_progress(const json_t *sum, kept_ms since)
{
    const struct kept_clock clock = kept_clock_system();
    kept_ms took = kept_now(&clock) - since;
    json_int_t people = json_integer_value(json_object_get(sum, "people_rewrapped")) +
                        json_integer_value(json_object_get(sum, "people_retokened"));
    (void)fprintf(stderr, "\rkeys: %3lld %%, %lld people, %lld a second ",
                  (long long)json_integer_value(json_object_get(sum, "rewrap_percent")),
                  (long long)people, (long long)(people * 1000 / (took > 0 ? took : 1)));
    (void)fflush(stderr);
}

/* The rest of a rotation, a bounded piece at a time; interrupted, the next tick goes on with it. */
static int carry_on(struct cli *cli, struct cli_store *store, const struct kept_request *of,
                    json_t *reply, struct kept_err *err)
{
    const struct kept_request tick = {.op = KEPT_OP_TICK, .app = of->app, .actor = of->actor,
                                      .role = of->role};
    const struct kept_clock clock = kept_clock_system();
    kept_ms since = kept_now(&clock);
    json_t *sum = json_object_get(reply, "report");
    bool shown = cli->option[O_JSON] == NULL && isatty(STDERR_FILENO) == 1 && is_left(sum);
    int rc = 0;
    while (rc == 0 && is_left(sum)) {
        json_t *done = NULL;
        if ((rc = cli_call(store, &tick, &done, err)) == 0)
            add_up(sum, json_object_get(done, "report"));
        json_decref(done);
        if (shown)
            print_progress(sum, since);
    }
    if (shown)
        (void)fputc('\n', stderr);
    return rc;
}

int cli_run_upkeep(struct cli *cli, struct kept_err *err)
{
    return run_then(cli, carry_on, err);
}

/* ---- guardians, minors ------------------------------------------------------------------------------- */

int cli_run_guardian(struct cli *cli, struct kept_err *err)
{
    bool person = cli->option[O_PERSON] != NULL;
    if (person == (cli->option[O_CONTACT] != NULL))
        return kept_fail(err, KEPT_E_USAGE,
                         "a guardian is a person of the app or a contact: say --person or --contact");
    return run_then(cli, NULL, err);
}

int cli_run_minor(struct cli *cli, struct kept_err *err)
{
    if ((cli->option[O_CHILD] != NULL) == (cli->option[O_OF_AGE] != NULL))
        return kept_fail(err, KEPT_E_USAGE, "what was found? Say --child or --of-age");
    return run_then(cli, NULL, err);
}

/* ---- callers --------------------------------------------------------------------------------- */

int cli_run_caller_add(struct cli *cli, struct kept_err *err)
{
    int rc = run_then(cli, NULL, err);
    const bool told = rc == 0 && !cli->no && cli->option[O_JSON] == NULL;
    if (told && cli->option[O_STAFF] != NULL)
        (void)puts("Both are told this once, to this person alone: otpauth into their authenticator; the password opens\n"
                   "nothing but with a new one beside it (POST /v1/sessions: caller, password, code, new_password).");
    else if (told && cli->option[O_CERTIFICATE] == NULL)
        (void)puts("The token is told this once: keep it as a password. It is shown as `Authorization: Bearer TOKEN`.");
    return rc;
}

/* ---- why ------------------------------------------------------------------------------------- */

/* Without a function nothing is collected, without a purpose nothing used: an answer that comes of
 * a forgotten option says so. */
static int forgotten(struct cli *cli, struct cli_store *store, const struct kept_request *of,
                     json_t *reply, struct kept_err *err)
{
    bool function = cli->option[O_FUNCTION] == NULL, purpose = cli->option[O_PURPOSE] == NULL;
    json_t *report = json_object_get(reply, "report");
    (void)store;
    (void)err;
    if (of->item != NULL && report != NULL && (function || purpose))
        (void)json_object_set_new(
            report, "not_given",
            json_sprintf("%s%s%s", function ? "--function, which collecting needs" : "",
                         function && purpose ? "; " : "",
                         purpose ? "--purpose, which use and disclosure need" : ""));
    return 0;
}

int cli_run_why(struct cli *cli, struct kept_err *err)
{
    return run_then(cli, forgotten, err);
}

/* ---- stat ------------------------------------------------------------------------------------ */

static int check(struct cli *cli, struct cli_store *store, const struct kept_request *of, json_t *reply,
                 struct kept_err *err)
{
    (void)of;
    if (cli->option[O_CHECK] == NULL)
        return 0;
    struct kept_buf json;
    uint64_t problems = 0;
    kept_buf_init(&json, 1u << 20);
    int rc = store->client != NULL ? cli_document(store, "check", NULL, NULL, NULL, &json, err)
                                   : kept_admin_check(store->kept, &json, &problems, err);
    json_t *report = json_object_get(reply, "report");
    json_t *found = rc == 0 ? json_loadb((const char *)json.p, json.n, 0, NULL) : NULL;
    if (store->client != NULL)
        problems = (uint64_t)json_integer_value(json_object_get(found, "problems"));
    if (report != NULL && found != NULL)
        (void)json_object_set(report, "check", found);
    json_decref(found);
    cli->no = cli->no || problems > 0;
    kept_buf_release(&json);
    return rc;
}

int cli_run_stat(struct cli *cli, struct kept_err *err)
{
    return run_then(cli, check, err);
}
