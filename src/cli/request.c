/* request.c - a request of the words and options of a command. */
#include <string.h>
#include <sys/stat.h>
#include "base/clock.h"
#include "base/file.h"
#include "base/id.h"
#include "cli/cli.h"
#include "engine/admin.h"
#include "http/http.h"

/* A place in the ledger. */
static int place_of(const struct cli *cli, uint64_t *ret, struct kept_err *err)
{
    const char *text = cli->option[O_FROM];
    if (text == NULL)
        return 0;
    size_t n = strlen(text);
    if (n > 18 || strspn(text, "0123456789") != n)
        return kept_fail(err, KEPT_E_USAGE, "--from is a number: what the page before says is next");
    *ret = strtoull(text, NULL, 10);
    return 0;
}


/* A new field with a copy of its name; its value is input->values[n]. */
static int add_field(struct input *in, const char *name, size_t length, struct kept_err *err)
{
    size_t n = in->count;
    int rc = kept_grow(&in->fields, &in->field_cap, n + 1, KEPT_MAX_FIELDS, sizeof *in->fields);
    if (rc == 0)
        rc = kept_grow(&in->values, &in->value_cap, n + 1, KEPT_MAX_FIELDS, sizeof *in->values);
    if (rc == 0)
        rc = kept_grow(&in->names, &in->name_cap, n + 1, KEPT_MAX_FIELDS, sizeof *in->names);
    if (rc == 0 && (in->names[n] = kept_strndup(name, length)) == NULL)
        rc = KEPT_E_NOMEM;
    if (rc != 0)
        return kept_fail(err, rc, "more than %u fields, or no memory for them", KEPT_MAX_FIELDS);
    kept_buf_init_secret(&in->values[n], KEPT_MAX_VALUE_BYTES);
    in->fields[n] = (struct kept_field){.name = NULL};
    in->count++;
    return 0;
}

/* ITEM=VALUE or ITEM=@FILE. */
static int add_pair(struct input *in, const char *word, struct kept_err *err)
{
    const char *equals = strchr(word, '=');
    if (equals == NULL || equals == word)
        return kept_fail(err, KEPT_E_USAGE, "a value is given as ITEM=VALUE");
    int rc = add_field(in, word, (size_t)(equals - word), err);
    if (rc != 0)
        return rc;
    struct kept_buf *value = &in->values[in->count - 1];
    if (equals[1] == '@' && equals[2] != '@')
        return cli_load(equals + 2, value, err);
    kept_buf_text(value, equals[1] == '@' ? equals + 2 : equals + 1);
    return value->failed == 0 ? 0 : kept_fail(err, value->failed, "a value is too long");
}

static int add_json_value(struct input *in, const char *name, const json_t *value,
                          struct kept_err *err)
{
    if (!json_is_string(value))
        return kept_fail(err, KEPT_E_USAGE,
                         "the JSON holds values that are no strings: {\"item\":\"value\", "
                         "\"other\":[\"one\",\"two\"]}");
    int rc = add_field(in, name, strlen(name), err);
    if (rc != 0)
        return rc;
    struct kept_buf *to = &in->values[in->count - 1];
    kept_buf_bytes(to, json_string_value(value), json_string_length(value));
    return to->failed == 0 ? 0 : kept_fail(err, to->failed, "a value is too long");
}

/* {"item": "value" or ["value", ...]}: from the standard input. */
static int add_json(struct input *in, struct kept_err *err)
{
    struct kept_buf text;
    json_error_t where;
    json_t *root = NULL, *value = NULL, *one = NULL;
    const char *name = NULL;
    size_t i = 0;
    kept_buf_init_secret(&text, KEPT_MAX_JSON_BYTES);
    int rc = cli_load("-", &text, err);
    if (rc == 0 && ((root = json_loadb(text.n > 0 ? (const char *)text.p : "", text.n,
                                       JSON_REJECT_DUPLICATES, &where)) == NULL ||
                    !json_is_object(root)))
        rc = kept_fail(err, KEPT_E_USAGE,
                       "the standard input is no JSON object of items and values (line %d)",
                       root == NULL ? where.line : 1);
    kept_buf_release(&text);
    if (rc == 0)
        json_object_foreach(root, name, value)
        {
            if (rc == 0 && !json_is_array(value))
                rc = add_json_value(in, name, value, err);
            else if (rc == 0)
                json_array_foreach(value, i, one)
                    if (rc == 0)
                        rc = add_json_value(in, name, one, err);
        }
    json_decref(root);
    return rc;
}

static int take_args(const struct cli *cli, struct input *in, struct kept_err *err)
{
    const char *t = cli->command->takes;
    int rc = 0;
    bool piped = cli->command->op == KEPT_OP_COLLECT && cli->option[O_FILE] == NULL &&
                 (cli->arg_count == 1 ? cli->option[O_JSON] != NULL
                                      : strcmp(cli->arg[1], "-") == 0);
    for (size_t i = 0; rc == 0 && i < cli->arg_count; i++) {
        const char *word = cli->arg[i];
        if (*t == 's' && kept_id_parse(word, &in->request.subject) != 0)
            rc = kept_fail(err, KEPT_E_USAGE, "a subject is 32 hex digits, as subject new prints");
        else if (*t == 'o' && kept_id_parse(word, &in->request.subject) != 0)
            rc = kept_fail(err, KEPT_E_USAGE, "an order is 32 hex digits, as order list prints");
        else if (*t == 'i')
            in->request.item = word;
        else if (*t == 'p')
            in->request.permission = word;
        else if (*t == 't')
            in->request.text = word;
        else if (*t == 'c')
            in->caller.name = word;
        else if (*t == 'r')
            in->request.recipient = word;
        else if (*t == 'n')
            rc = add_field(in, word, strlen(word), err);
        else if (*t == 'v' && cli->option[O_FILE] != NULL)
            rc = add_field(in, word, strlen(word), err);
        else if (*t == 'v' && !piped)
            rc = add_pair(in, word, err);
        if (t[1] != '*' && t[1] != '+')
            t++;
    }
    if (rc == 0 && piped)
        rc = cli->arg_count > 2 ? kept_fail(err, KEPT_E_USAGE, "- stands alone: the values come "
                                                               "from the standard input")
                                : add_json(in, err);
    for (size_t i = 0; i < in->count; i++) {
        in->fields[i].name = in->names[i];
        in->fields[i].value = kept_buf_span(&in->values[i]);
    }
    in->request.fields = in->fields;
    in->request.field_count = in->count;
    return rc;
}

/* The document behind a consent: where it is, its hash, when it was signed. */
static int take_evidence(const struct cli *cli, struct input *in, struct kept_err *err)
{
    const char *hash = cli->option[O_SHA256];
    in->evidence.reference = cli->option[O_EVIDENCE];
    in->request.origin = cli->option[O_LEGACY] != NULL ? KEPT_O_LEGACY : KEPT_O_ASKED;
    if (hash != NULL && (strlen(hash) != 64 || kept_unhex(hash, sizeof in->sha256, in->sha256) != 0))
        return kept_fail(err, KEPT_E_USAGE, "--sha256 is 64 hex digits, as sha256sum prints");
    if (hash != NULL)
        in->evidence.sha256 = (struct kept_span){in->sha256, sizeof in->sha256};
    if (hash != NULL || in->evidence.reference != NULL)
        in->request.evidence = &in->evidence;
    else if (cli->option[O_SIGNED] != NULL)
        return kept_fail(err, KEPT_E_USAGE, "--signed is of a document: say --evidence or --sha256");
    return cli->option[O_SIGNED] != NULL
               ? cli_time(cli->option[O_SIGNED], &in->evidence.signed_at, err)
               : 0;
}

static int take_guardian(const struct cli *cli, struct input *in, struct kept_err *err)
{
    const char *const *o = cli->option;
    if (in->request.op != KEPT_OP_GUARDIAN_ADD)
        return cli_number(cli, O_GUARDIAN, &in->request.guardian_number, err);
    in->guardian = (struct kept_guardian){.contact = o[O_CONTACT],
                                          .relation = o[O_RELATION],
                                          .method = o[O_VERIFIED_BY],
                                          .written = o[O_WRITTEN] != NULL};
    in->request.guardian = &in->guardian;
    if (o[O_PERSON] != NULL && kept_id_parse(o[O_PERSON], &in->guardian.subject) != 0)
        return kept_fail(err, KEPT_E_USAGE, "--person is 32 hex digits, as subject new prints");
    return 0;
}

static void take_caller(const struct cli *cli, struct input *in)
{
    const char *const *o = cli->option;
    if (in->request.op != KEPT_OP_CALLER_ADD && in->request.op != KEPT_OP_CALLER_REVOKE &&
        in->request.op != KEPT_OP_STAFF_ATTEST)
        return;
    in->request.caller = &in->caller;
    in->caller = (struct kept_caller){.roles = o[O_ROLES], .operations = o[O_OPERATIONS], .functions = o[O_FUNCTIONS],
                                      .purposes = o[O_PURPOSES], .staff = o[O_STAFF] != NULL};
}

/* Who shows a certificate is nobody once that has ended: --expires may only be earlier. */
static int take_end(const struct cli *cli, struct input *in, struct kept_err *err)
{
    const char *path = cli->option[O_CERTIFICATE], *expires = cli->option[O_EXPIRES];
    struct kept_request *r = &in->request;
    kept_ms until = 0;
    int rc = expires != NULL ? cli_time(expires, &r->expires, err) : 0;
    if (rc == 0 && path != NULL)
        rc = kept_http_certificate(path, in->sha256, &until, err);
    if (rc != 0 || path == NULL)
        return rc;
    if (r->expires > until)
        return kept_fail(err, KEPT_E_USAGE, "the certificate ends before the caller would: leave --expires out, or say an earlier time");
    in->caller.certificate = (struct kept_span){in->sha256, sizeof in->sha256};
    r->expires = r->expires != 0 ? r->expires : until;
    return 0;
}

static int take_kind(const struct cli *cli, struct kept_request *r, struct kept_err *err)
{
    static const char *const kinds[] = {[KEPT_C_EXPLICIT] = "explicit",
                                        [KEPT_C_SEPARATE] = "separate",
                                        [KEPT_C_WRITTEN] = "written",
                                        [KEPT_C_GUARDIAN] = "guardian"};
    const char *kind = cli->option[O_KIND];
    r->consent = r->op == KEPT_OP_CONSENT_GRANT          ? KEPT_C_EXPLICIT
                 : cli->option[O_BY_USE] != NULL      ? KEPT_C_IMPLIED
                 : cli->option[O_SHOWN_ONLY] != NULL  ? KEPT_C_ACKNOWLEDGEMENT
                 : cli->option[O_BY_GUARDIAN] != NULL ? KEPT_C_GUARDIAN
                                                      : KEPT_C_NONE;
    if (kind == NULL)
        return 0;
    for (unsigned i = KEPT_C_EXPLICIT; i <= KEPT_C_GUARDIAN; i++)
        if (strcmp(kind, kinds[i]) == 0) {
            r->consent = (enum kept_consent_kind)i;
            return 0;
        }
    return kept_fail(err, KEPT_E_USAGE, "--kind is explicit, separate, written or guardian");
}

int cli_request(const struct cli *cli, struct input *ret_input, struct kept_err *err)
{
    const char *const *o = cli->option;
    uint32_t record = 0;
    *ret_input = (struct input){.count = 0};
    struct kept_request *r = &ret_input->request;
    r->op = cli->command->op;
    r->app = o[O_APP];
    r->actor = o[O_ACTOR];
    r->role = o[O_AS];
    r->function = o[O_FUNCTION];
    r->purpose = o[O_PURPOSE];
    r->recipient = o[O_RECIPIENT];
    r->item = o[O_ITEM];
    r->language = o[O_LANGUAGE];
    r->exemption = o[O_EXEMPTION];
    r->text = o[O_RECEIPT] != NULL ? o[O_RECEIPT] : o[O_BECAUSE];
    r->region = o[O_REGION];
    r->birth_date = o[O_BIRTH_DATE];
    r->on = strcmp(cli->command->words, "permission on") == 0 || strcmp(cli->command->words, "staff attest") == 0 ||
             o[O_SESSION] != NULL || o[O_CHILD] != NULL;
    r->os = o[O_OS];
    r->os_version = o[O_OS_VERSION];
    r->app_version = o[O_APP_VERSION];
    r->surface = o[O_SURFACE];
    r->facts = (o[O_IN_USE] != NULL ? (uint32_t)KEPT_F_IN_USE : 0) |
               (o[O_USER_ACTION] != NULL ? (uint32_t)KEPT_F_USER_ACTION : 0) |
               (o[O_BACKGROUND] != NULL ? (uint32_t)KEPT_F_BACKGROUND : 0);
    r->secret = o[O_CODE];
    r->channel = o[O_VOICE] != NULL ? "voice" : NULL;
    r->source = o[O_SOURCE];
    int rc = take_kind(cli, r, err);
    if (rc == 0 && o[O_SUBJECT] != NULL && kept_id_parse(o[O_SUBJECT], &r->subject) != 0)
        rc = kept_fail(err, KEPT_E_USAGE, "--subject is 32 hex digits, as subject new prints");
    if (rc == 0)
        rc = take_evidence(cli, ret_input, err);
    if (rc == 0)
        rc = take_guardian(cli, ret_input, err);
    take_caller(cli, ret_input);
    if (rc == 0)
        rc = cli_number(cli, O_POLICY_VERSION, &r->policy_version, err);
    if (rc == 0)
        rc = cli_number(cli, O_LAUNCH, &r->launch, err);
    if (rc == 0)
        rc = cli_number(cli, O_RECORD, &record, err);
    if (rc == 0)
        rc = cli_number(cli, O_LIMIT, &r->limit, err);
    if (rc == 0 && o[O_LIMIT] != NULL && r->limit == 0)
        rc = kept_fail(err, KEPT_E_USAGE, "a page has at least one row");
    if (rc == 0)
        rc = place_of(cli, &r->from, err);
    r->newest = o[O_NEWEST] != NULL;
    if (rc == 0)
        rc = take_end(cli, ret_input, err);
    if (rc == 0 && o[O_AT] != NULL)
        rc = cli_time(o[O_AT], &r->at, err);
    if (rc == 0)
        rc = take_args(cli, ret_input, err);
    r->record = record;
    for (size_t i = 0; i < ret_input->count; i++)
        ret_input->fields[i].record = record;
    return rc;
}

void cli_input_release(struct input *input)
{
    for (size_t i = 0; i < input->count; i++) {
        kept_buf_release(&input->values[i]);
        kept_free(input->names[i]);
    }
    kept_free(input->fields);
    kept_free(input->values);
    kept_free(input->names);
}
