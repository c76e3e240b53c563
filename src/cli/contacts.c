/* contacts.c - kept contacts: both sides of an address book's way, to try a policy's rule for it. In
 * life the blinding is done where the address book is, and only elements travel. */
#include <string.h>

#include "cli/cli.h"

#define MAX_NUMBERS 1000u

struct entry {
    uint8_t blind[32], sent[64]; /* secret */
};

struct book {
    const char *item, *kind;
    const char *const *numbers;
    size_t count;
    struct entry *entries;
    struct kept_field *fields;
};

static struct kept_span text_of(const char *text)
{
    return (struct kept_span){(const uint8_t *)text, strlen(text)};
}

static int blind_all(const struct book *b, struct kept_err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < b->count; i++) {
        rc = kept_contact_blind(b->kind, text_of(b->numbers[i]), b->entries[i].blind,
                                b->entries[i].sent, err);
        b->fields[i] = (struct kept_field){.name = b->item, .value = {b->entries[i].sent, 32}};
    }
    return rc;
}

static int finish_all(const struct book *b, const struct kept_reply *reply, struct kept_err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < b->count; i++) {
        rc = kept_contact_finish(b->kind, text_of(b->numbers[i]), b->entries[i].blind,
                                 reply->fields[i].value.p, b->entries[i].sent, err);
        b->fields[i].value.n = 64;
    }
    return rc;
}

static json_t *found_json(const struct book *b, const struct kept_reply *reply)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < reply->field_count; i++) {
        json_t *row = json_object();
        (void)json_object_set_new(row, "contact", json_string(b->numbers[i]));
        struct kept_id id;
        char hex[33] = "";
        if (reply->fields[i].value.n == sizeof id) {
            memcpy(id.b, reply->fields[i].value.p, sizeof id);
            kept_id_hex(&id, hex);
        }
        (void)json_object_set_new(row, "subject", json_string(hex));
        (void)json_array_append_new(rows, row);
    }
    return rows;
}

static int ask(struct cli_store *store, struct kept_request *r, struct book *b,
               json_t **ret_root, struct kept_err *err)
{
    struct kept_reply *reply = NULL;
    r->fields = b->fields;
    r->field_count = b->count;
    int rc = blind_all(b, err);
    if (rc == 0)
        rc = cli_ask_one(store, r, &reply, err);
    if (rc == 0 && reply->decision != KEPT_DENY) {
        rc = finish_all(b, reply, err);
        cli_reply_free(store, reply);
        reply = NULL;
        if (rc == 0)
            rc = cli_ask_one(store, r, &reply, err);
    }
    if (rc == 0) {
        *ret_root = cli_reply_json(reply, r->op);
        static const char *const not_here[] = {"fields", "allowed", "refused", "in_part"};
        for (size_t i = 0; i < sizeof not_here / sizeof not_here[0]; i++)
            (void)json_object_del(*ret_root, not_here[i]);
        json_t *report = json_object();
        if (reply->field_count == b->count && reply->reason != KEPT_R_LIMIT)
            (void)json_object_set_new(report, "contacts", found_json(b, reply));
        (void)json_object_set_new(*ret_root, "report", report);
    }
    cli_reply_free(store, reply);
    return rc;
}

int cli_run_contacts(struct cli *cli, struct kept_err *err)
{
    struct cli_store store = {NULL, NULL};
    struct input in;
    json_t *root = NULL;
    int rc = cli_request(cli, &in, err);
    struct book b = {.item = cli->arg_count > 1 ? cli->arg[1] : "",
                     .kind = cli->option[O_OF] != NULL ? cli->option[O_OF] : "phone",
                     .numbers = cli->arg + 2,
                     .count = cli->arg_count > 2 ? cli->arg_count - 2 : 0};
    if (rc == 0 && (b.count == 0 || b.count > MAX_NUMBERS))
        rc = kept_fail(err, KEPT_E_USAGE, "an address book has 1 to %u entries here", MAX_NUMBERS);
    b.entries = kept_alloc(b.count + 1, sizeof *b.entries);
    b.fields = kept_alloc(b.count + 1, sizeof *b.fields);
    if (rc == 0 && (b.entries == NULL || b.fields == NULL))
        rc = kept_fail(err, KEPT_E_NOMEM, "no memory for an address book");
    if (rc == 0)
        rc = cli_open(cli, &store, err);
    if (rc == 0)
        rc = ask(&store, &in.request, &b, &root, err);
    cli_close(&store);
    if (rc == 0)
        cli_reply(cli, &in.request, root);
    json_decref(root);
    if (b.entries != NULL)
        kept_wipe(b.entries, (b.count + 1) * sizeof *b.entries);
    kept_free(b.entries);
    kept_free(b.fields);
    cli_input_release(&in);
    return rc;
}
