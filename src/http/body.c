/* body.c - the JSON of a request: bounded before it is parsed, and wiped afterwards. */
#include <jansson.h>
#include <string.h>

#include "base/error.h"
#include "base/id.h"
#include "base/mem.h"
#include "http/make.h"

void kept_http_json_wipes(void)
{
    json_set_alloc_funcs(kept_wiped_alloc, kept_wiped_free);
}

void kept_http_maker_clear(struct kept_http_maker *maker)
{
    json_decref(maker->body);
    maker->body = NULL;
    maker->count = maker->field_count = 0;
    if (maker->bytes.n > 0)
        kept_buf_clear(&maker->bytes);
}

/* ---- bounds ---- */

size_t kept_http_depth(struct kept_span text, size_t max)
{
    size_t depth = 0, deepest = 0;
    bool string = false;
    for (size_t i = 0; i < text.n && deepest <= max; i++) {
        uint8_t c = text.p[i];
        if (string)
            i += c == '\\';
        if (c == '"')
            string = !string;
        else if (!string && (c == '{' || c == '['))
            deepest = ++depth > deepest ? depth : deepest;
        else if (!string && (c == '}' || c == ']'))
            depth -= depth > 0;
    }
    return deepest;
}

int kept_http_body_read(struct kept_http_maker *maker, struct kept_span body, struct kept_err *err)
{
    json_error_t where;
    if (kept_http_depth(body, KEPT_HTTP_MAX_DEPTH) > KEPT_HTTP_MAX_DEPTH)
        return kept_fail(err, KEPT_E_LIMIT, "the body nests deeper than %u", KEPT_HTTP_MAX_DEPTH);
    maker->body = json_loadb((const char *)body.p, body.n, JSON_REJECT_DUPLICATES, &where);
    if (maker->body == NULL)
        return kept_fail(err, KEPT_E_USAGE, "the body is no JSON (line %d, column %d): text in UTF-8, each member once",
                         where.line, where.column);
    if (!json_is_object((json_t *)maker->body))
        return kept_fail(err, KEPT_E_USAGE, "the body is no JSON object");
    /* Values given as hex digits are half as long: the buffer never moves. */
    if (kept_buf_room(&maker->bytes, body.n) == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory");
    maker->bytes.n = 0;
    return 0;
}

/* ---- values ---- */

static int add_hex(struct kept_http_maker *maker, const char *name, const json_t *hex, struct kept_err *err)
{
    size_t n = json_string_length(hex) / 2;
    uint8_t *to = json_is_string(hex) ? kept_buf_room(&maker->bytes, n) : NULL;
    if (to == NULL || json_string_length(hex) % 2 != 0 || kept_unhex(json_string_value(hex), n, to) != 0)
        return kept_fail(err, KEPT_E_USAGE, "values: {\"hex\": ...} is an even number of hex digits");
    return kept_http_add_field(maker, name, (struct kept_span){to, n}, err);
}

static int add_value(struct kept_http_maker *maker, const char *name, const json_t *value, struct kept_err *err)
{
    const json_t *hex = json_object_get(value, "hex");
    if (hex != NULL && json_object_size(value) == 1)
        return add_hex(maker, name, hex, err);
    if (!json_is_string(value))
        return kept_fail(err, KEPT_E_USAGE,
                         "values: a value is a string, {\"hex\": ...}, or an array of them; numbers, too, stand in quotes");
    return kept_http_add_field(maker, name, (struct kept_span){(const uint8_t *)json_string_value(value), json_string_length(value)},
                               err);
}

static int put_list(struct kept_http_maker *maker, const char *name, const json_t *list, struct kept_err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < json_array_size(list); i++)
        rc = add_value(maker, name, json_array_get(list, i), err);
    return rc;
}

static int put_values(struct kept_http_maker *maker, json_t *values, struct kept_err *err)
{
    const char *name;
    json_t *value;
    int rc = 0;
    json_object_foreach(values, name, value)
    {
        if (rc != 0)
            break;
        rc = json_is_array(value) ? put_list(maker, name, value, err) : add_value(maker, name, value, err);
    }
    return rc;
}

static int put_names(struct kept_http_maker *maker, const json_t *names, struct kept_err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < json_array_size(names); i++) {
        const char *name = json_string_value(json_array_get(names, i));
        rc = name == NULL ? kept_fail(err, KEPT_E_USAGE, "items is an array of names")
                          : kept_http_add_field(maker, name, (struct kept_span){NULL, 0}, err);
    }
    return rc;
}

/* The text of a json_t is ours to cut up: it is freed with the body. */
static char *text_of(const json_t *value)
{
    union {
        const char *in;
        char *out;
    } text = {.in = json_string_value(value)};
    return text.out;
}

static int put_json(struct kept_http_maker *maker, size_t param, json_t *value, struct kept_err *err)
{
    const struct kept_http_param *p = &kept_http_params[param];
    int rc = 0;
    if (p->type == KEPT_HTTP_VALUES || p->type == KEPT_HTTP_ITEMS) {
        bool values = p->type == KEPT_HTTP_VALUES;
        if (!(values ? json_is_object(value) : json_is_array(value)))
            return kept_fail(err, KEPT_E_USAGE, values ? "values is an object: item and value" : "items is an array of names");
        rc = kept_http_give(maker, param, err);
        return rc != 0 ? rc : values ? put_values(maker, value, err) : put_names(maker, value, err);
    }
    if (json_is_string(value) && p->type != KEPT_HTTP_COUNT && p->type != KEPT_HTTP_PLACE)
        return kept_http_put_text(maker, param, text_of(value), err);
    if (json_is_integer(value) && json_integer_value(value) >= 0)
        return kept_http_put_number(maker, param, (uint64_t)json_integer_value(value), err);
    if (json_is_boolean(value))
        return kept_http_put_yes(maker, param, json_is_true(value), err);
    return kept_fail(err, KEPT_E_USAGE, "%s is not of its type: %s", p->name, p->about);
}

static int put_members(struct kept_http_maker *maker, json_t *object, const char *but, struct kept_err *err)
{
    const char *name;
    json_t *value;
    int rc = 0;
    size_t number = 0;
    json_object_foreach(object, name, value)
    {
        size_t param = kept_http_param_find(name, strlen(name));
        number++;
        if (rc != 0 || (but != NULL && strcmp(name, but) == 0))
            continue;
        rc = param == KEPT_HTTP_PARAMS
                 ? kept_fail(err, KEPT_E_USAGE, "the body has a member that nothing here is called: number %zu", number)
                 : put_json(maker, param, value, err);
    }
    return rc;
}

int kept_http_body_members(struct kept_http_maker *maker, struct kept_err *err)
{
    return put_members(maker, maker->body, NULL, err);
}

/* ---- batches ---- */

/* The first route of an operation says what it takes. */
static size_t route_of(const char *name)
{
    size_t i = 0;
    while (name != NULL && i < kept_http_route_count &&
           (kept_http_routes[i].does != KEPT_HTTP_CALL || strcmp(kept_op_name(kept_http_routes[i].op), name) != 0))
        i++;
    return name == NULL ? kept_http_route_count : i;
}

int kept_http_body_batch(struct kept_http_maker *maker, const struct kept_http_table *table, struct kept_err *err)
{
    json_t *body = maker->body, *list = json_object_get(body, "operations"), *one;
    struct kept_err why = {.code = 0};
    size_t i;
    int rc = 0;
    if (json_object_size(body) != 1 || json_array_size(list) == 0)
        return kept_fail(err, KEPT_E_USAGE, "a batch is {\"operations\": [{\"op\": ..., ...}, ...]}");
    json_array_foreach(list, i, one)
    {
        size_t route = route_of(json_string_value(json_object_get(one, "op")));
        if (route == kept_http_route_count)
            return kept_fail(err, KEPT_E_USAGE, "operation %zu: op is the name of an operation (use, collect, ...)", i + 1);
        rc = kept_http_making_begin(maker, err);
        if (rc != 0)
            return rc;
        rc = put_members(maker, one, "op", &why);
        if (rc == 0)
            rc = kept_http_making_end(maker, &kept_http_routes[route], &table->plans[route], &why);
        if (rc != 0)
            return kept_fail(err, rc, "operation %zu: %.200s", i + 1, why.text);
    }
    return 0;
}
