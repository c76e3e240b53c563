/* version.c - a policy that a command works on: a file, or @3 and @current, a version in the store. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "cli/cli.h"
#include "engine/admin.h"

/* The number of the version in force. */
static int current(const json_t *shown, uint32_t *ret, struct kept_err *err)
{
    json_t *row = NULL;
    size_t i = 0;
    json_array_foreach(json_object_get(json_object_get(shown, "report"), "versions"), i, row)
        if (json_is_true(json_object_get(row, "in_force"))) {
            *ret = (uint32_t)json_integer_value(json_object_get(row, "version"));
            return 0;
        }
    return kept_fail(err, KEPT_E_NOTFOUND, "no version of the policy is in effect");
}

static int fetch(struct cli_store *store, struct kept_request *ask, struct kept_buf *text, kept_ms *ret_effective,
                 struct kept_err *err)
{
    json_t *reply = NULL;
    int rc = 0;
    if (ask->policy_version == 0) {
        rc = cli_call(store, ask, &reply, err);
        if (rc == 0)
            rc = current(reply, &ask->policy_version, err);
        json_decref(reply);
        reply = NULL;
    }
    if (rc == 0)
        rc = cli_call(store, ask, &reply, err);
    const json_t *found = json_object_get(json_object_get(reply, "report"), "text");
    if (rc == 0 && found == NULL)
        rc = kept_fail(err, KEPT_E_DENIED, "the versions in the store are not shown to the app itself");
    const char *effective = json_string_value(json_object_get(json_object_get(reply, "report"), "effective"));
    if (rc == 0 && (effective == NULL || kept_time_parse(effective, ret_effective) != 0))
        rc = kept_fail(err, KEPT_E_BUG, "a version in the store has no date");
    if (rc == 0)
        kept_buf_bytes(text, json_string_value(found), json_string_length(found));
    json_decref(reply);
    return rc != 0 ? rc : text->failed;
}

static int number_of(const char *word, uint32_t *ret, struct kept_err *err)
{
    char *end = NULL;
    unsigned long n = strtoul(word, &end, 10);
    *ret = 0;
    if (strcmp(word, "current") == 0)
        return 0;
    if (word[0] < '1' || word[0] > '9' || *end != 0 || n > UINT32_MAX)
        return kept_fail(err, KEPT_E_USAGE,
                         "@ names a version in the store: @3, or @current; a file of such a name is ./@...");
    *ret = (uint32_t)n;
    return 0;
}

int cli_policy_version(struct cli *cli, const char *word, struct kept_buf *text, kept_ms *ret_effective,
                       struct kept_err *err)
{
    struct cli_store store = {NULL, NULL};
    struct kept_request ask = {.op = KEPT_OP_POLICY_SHOW, .app = cli->option[O_APP],
                               .actor = cli->option[O_ACTOR]};
    *ret_effective = 0;
    if (word[0] != '@')
        return cli_load_policy(word, text, err);
    kept_buf_init(text, KEPT_MAX_POLICY_BYTES + 1);
    int rc = number_of(word + 1, &ask.policy_version, err);
    if (rc == 0)
        rc = cli_open(cli, &store, err);
    if (rc == 0)
        rc = fetch(&store, &ask, text, ret_effective, err);
    cli_close(&store);
    return rc;
}

int cli_policy(struct cli *cli, const char *word, struct kept_buf *text, struct kept_err *err)
{
    kept_ms effective = 0;
    return cli_policy_version(cli, word, text, &effective, err);
}

int cli_policy_at(const struct cli *cli, const struct kept_buf *policy, kept_ms *ret_at, struct kept_err *err)
{
    const char *at = cli->option[O_AT];
    int32_t day = 0;
    if (at == NULL)
        return 0;
    return kept_date_parse(at, strlen(at), &day) == 0
               ? kept_admin_policy_day(kept_buf_span(policy), at, ret_at, err)
               : cli_time(at, ret_at, err);
}
