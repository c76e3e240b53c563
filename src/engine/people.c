/* people.c - who there is: pages of ids; and what is said of an import as it begins and ends. */
#include "base/error.h"
#include "engine/report_int.h"

#define PAGE_PEOPLE 1000u /* of a request that names no limit */
#define PEOPLE_LOOKED_AT (4u * KEPT_MAX_PAGE_ROWS) /* a page of gaps ends, too */

/* The id of who lives at key, into rows; nobody there, or the erased, are passed by. */
static int add_person(struct call *call, uint64_t key, json_t *rows, struct kept_err *err)
{
    struct kept_head head;
    struct kept_span body;
    int rc = kept_cell_get(call->kept->store, key, &body, err);
    if (rc == KEPT_E_NOTFOUND)
        return 0;
    if (rc == 0 && (rc = kept_head_decode(key, body, &head)) != 0)
        rc = kept_fail(err, rc, "a person's row is damaged");
    if (rc != 0 || head.state == KEPT_S_ERASED || head.state == KEPT_S_KEPT_BY_LAW)
        return rc;
    add(call, rows, id_json(&head.id));
    return 0;
}

int kept_act_SUBJECT_LIST(struct call *call, struct kept_err *err)
{
    const struct kept_request *r = call->request;
    const size_t limit = r->limit != 0 ? r->limit : PAGE_PEOPLE;
    const uint64_t end = call->app->next_number;
    uint64_t number = r->from != 0 ? r->from : 1;
    if (r->limit > KEPT_MAX_PAGE_ROWS)
        return kept_fail(err, KEPT_E_LIMIT, "a page has at most %u rows", KEPT_MAX_PAGE_ROWS);
    json_t *root = json_object(), *rows = json_array();
    int rc = 0;
    for (size_t seen = 0; rc == 0 && number < end && json_array_size(rows) < limit &&
                          seen < PEOPLE_LOOKED_AT; seen++, number++)
        rc = add_person(call, KEPT_KEY(call->app->number, number, 0), rows, err);
    call->absent = (uint32_t)json_array_size(rows);
    set(call, root, "app", json_string(call->app->name));
    set(call, root, "subjects", rows);
    if (number < end)
        set(call, root, "next", json_integer((json_int_t)number));
    if (rc != 0) {
        kept_json_free(root);
        return rc;
    }
    return kept_report_finish(call, root, err);
}

/* What an import is and who made it, on record; its values and consents have entries of their own. */
int kept_act_IMPORT(struct call *call, struct kept_err *err)
{
    if (call->request->text == NULL || call->request->text[0] == 0)
        return kept_fail(err, KEPT_E_USAGE, "say what is imported: .text");
    return 0;
}
