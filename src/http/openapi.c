/* openapi.c - the API described (OpenAPI 3.1), from the tables that serve it. */
#include <string.h>

#include "http/http_int.h"

static const char components[] =
    "\"components\":{\"securitySchemes\":{\"token\":{\"type\":\"http\",\"scheme\":\"bearer\",\"description\":\"A token of kept "
    "caller add, or of a person's session. The holder of keys judges it.\"}},"
    "\"schemas\":{"
    "\"Decision\":{\"type\":\"string\",\"enum\":[\"allow\",\"mask\",\"deny\"]},"
    "\"Field\":{\"type\":\"object\",\"required\":[\"item\",\"decision\"],\"properties\":{\"item\":{\"type\":\"string\"},"
    "\"record\":{\"type\":\"integer\",\"description\":\"which of several values, from 1\"},"
    "\"decision\":{\"$ref\":\"#/components/schemas/Decision\"},\"reason\":{\"type\":\"string\"},\"means\":{\"type\":\"string\"},"
    "\"remedy\":{\"type\":\"string\"},\"clause\":{\"type\":\"string\"},\"line\":{\"type\":\"integer\",\"description\":\"of the policy file\"},"
    "\"observed\":{\"type\":\"boolean\",\"description\":\"a denial of a function that is only observed yet\"},"
    "\"value\":{\"type\":\"string\"},\"value_hex\":{\"type\":\"string\",\"description\":\"of what is no text\"},"
    "\"source\":{\"type\":\"string\"},\"collected\":{\"type\":\"string\",\"format\":\"date-time\"},"
    "\"until\":{\"type\":\"string\",\"format\":\"date-time\"}}},"
    "\"Reply\":{\"type\":\"object\",\"required\":[\"operation\",\"decision\"],\"properties\":{\"operation\":{\"type\":\"string\"},"
    "\"decision\":{\"$ref\":\"#/components/schemas/Decision\"},\"reason\":{\"type\":\"string\"},\"means\":{\"type\":\"string\"},"
    "\"remedy\":{\"type\":\"string\"},\"clause\":{\"type\":\"string\"},\"line\":{\"type\":\"integer\"},"
    "\"subject\":{\"type\":\"string\"},\"version\":{\"type\":\"integer\"},\"policy_version\":{\"type\":\"integer\"},"
    "\"at\":{\"type\":\"string\",\"format\":\"date-time\"},\"entry\":{\"type\":\"string\",\"description\":\"of the ledger\"},"
    "\"leaf\":{\"type\":\"string\",\"description\":\"its hash in the ledger's tree\"},"
    "\"observed\":{\"type\":\"boolean\",\"description\":\"all that is denied here is only observed yet: the app may go on\"},"
    "\"stripped\":{\"type\":\"integer\",\"description\":\"undeclared values that were dropped\"},"
    "\"allowed\":{\"type\":\"integer\"},\"refused\":{\"type\":\"integer\"},\"in_part\":{\"type\":\"boolean\"},"
    "\"fields\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/Field\"}},"
    "\"report\":{\"type\":\"object\",\"description\":\"what the operation tells: a trail, a certificate, numbers\"}}},"
    "\"Problem\":{\"type\":\"object\",\"description\":\"RFC 9457; a denial has the members of a Reply beside\","
    "\"required\":[\"type\",\"title\",\"status\",\"detail\"],\"properties\":{\"type\":{\"type\":\"string\",\"format\":\"uri-reference\"},"
    "\"title\":{\"type\":\"string\"},\"status\":{\"type\":\"integer\"},\"detail\":{\"type\":\"string\"},"
    "\"request\":{\"type\":\"string\",\"description\":\"id of the request, also in X-Request-Id\"},"
    "\"reason\":{\"type\":\"string\"},\"means\":{\"type\":\"string\"},\"remedy\":{\"type\":\"string\"},\"clause\":{\"type\":\"string\"},"
    "\"line\":{\"type\":\"integer\"},\"policy_version\":{\"type\":\"integer\"},"
    "\"fields\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/Field\"}}}},"
    "\"Batch\":{\"type\":\"object\",\"required\":[\"replies\"],\"properties\":{\"replies\":{\"type\":\"array\",\"items\":{\"type\":"
    "\"object\",\"required\":[\"status\",\"reply\"],\"properties\":{\"status\":{\"type\":\"integer\"},\"reply\":{\"type\":\"object\"}}}}}}},"
    "\"responses\":{\"Problem\":{\"description\":\"No, and why\",\"content\":{\"application/problem+json\":{\"schema\":{\"$ref\":"
    "\"#/components/schemas/Problem\"}}}}}}";

static void put(struct kept_buf *out, const char *text)
{
    kept_buf_text(out, text);
}

static const char *schema_of(enum kept_http_type type)
{
    static const char *const all[] = {
        [KEPT_HTTP_ID] = "{\"type\":\"string\",\"pattern\":\"^[0-9a-fA-F]{32}$\"}",
        [KEPT_HTTP_COUNT] = "{\"type\":\"integer\",\"minimum\":0,\"maximum\":999999999}",
        [KEPT_HTTP_PLACE] = "{\"type\":\"integer\",\"minimum\":0}",
        [KEPT_HTTP_TIME] = "{\"type\":\"string\",\"format\":\"date-time\"}",
        [KEPT_HTTP_DATE] = "{\"type\":\"string\",\"format\":\"date\"}",
        [KEPT_HTTP_YES] = "{\"type\":\"boolean\"}",
        [KEPT_HTTP_FACT] = "{\"type\":\"boolean\"}",
        [KEPT_HTTP_VOICE] = "{\"type\":\"boolean\"}",
        [KEPT_HTTP_LEGACY] = "{\"type\":\"boolean\"}",
        [KEPT_HTTP_HASH] = "{\"type\":\"string\",\"pattern\":\"^[0-9a-fA-F]{64}$\"}",
        [KEPT_HTTP_KIND] = "{\"type\":\"string\",\"enum\":[\"explicit\",\"separate\",\"written\",\"guardian\"]}",
        [KEPT_HTTP_HOW] = "{\"type\":\"string\",\"enum\":[\"going_on\",\"use\",\"shown\"]}",
        [KEPT_HTTP_ITEMS] = "{\"type\":\"array\",\"items\":{\"type\":\"string\"},\"minItems\":1,\"maxItems\":4000}",
        [KEPT_HTTP_VALUES] = "{\"type\":\"object\",\"additionalProperties\":true}",
        [KEPT_HTTP_WORD] = "{\"type\":\"string\"}"};
    return (size_t)type < sizeof all / sizeof all[0] && all[type] != NULL ? all[type] : "{\"type\":\"string\"}";
}

/* A schema with the param's own description in it. */
static void put_schema(struct kept_buf *out, const struct kept_http_param *p)
{
    const char *schema = schema_of(p->type);
    kept_buf_bytes(out, schema, strlen(schema) - 1);
    kept_http_json_member(out, "description", p->about);
    put(out, "}");
}

static void put_parameter(struct kept_buf *out, size_t i, const struct kept_http_plan *plan)
{
    const struct kept_http_param *p = &kept_http_params[i];
    bool path = (plan->in_path & KEPT_HTTP_BIT(i)) != 0;
    if (out->p[out->n - 1] == '}')
        put(out, ",");
    put(out, "{");
    kept_http_json_member(out, "name", p->name);
    kept_http_json_member(out, "in", path ? "path" : "query");
    kept_http_json_name(out, "required");
    put(out, path || (plan->needs & KEPT_HTTP_BIT(i)) != 0 ? "true" : "false");
    kept_http_json_member(out, "description", p->about);
    if (p->type == KEPT_HTTP_ITEMS)
        put(out, ",\"style\":\"form\",\"explode\":false");
    kept_http_json_name(out, "schema");
    put(out, schema_of(p->type));
    put(out, "}");
}

static bool has_body(const struct kept_http_route *route)
{
    return route->method != KEPT_HTTP_GET && route->method != KEPT_HTTP_DELETE;
}

static void put_parameters(struct kept_buf *out, const struct kept_http_route *route, const struct kept_http_plan *plan)
{
    const kept_http_bits shown = has_body(route) ? plan->in_path : plan->takes;
    kept_http_json_name(out, "parameters");
    put(out, "[");
    for (size_t i = 0; i < KEPT_HTTP_PARAMS; i++)
        if ((shown & KEPT_HTTP_BIT(i)) != 0)
            put_parameter(out, i, plan);
    if (route->method != KEPT_HTTP_GET) {
        put(out, out->p[out->n - 1] == '}' ? "," : "");
        put(out, "{\"name\":\"Idempotency-Key\",\"in\":\"header\",\"required\":false,\"description\":\"with the same key and body "
                 "nothing is done twice within an hour: the former answer is given\",\"schema\":{\"type\":\"string\",\"maxLength\":128}}");
    }
    put(out, "]");
}

static void put_members(struct kept_buf *out, const struct kept_http_plan *plan)
{
    const char *comma = "";
    put(out, "{\"type\":\"object\",\"additionalProperties\":false");
    if (plan->needs != 0) {
        put(out, ",\"required\":[");
        for (size_t i = 0; i < KEPT_HTTP_PARAMS; i++)
            if ((plan->needs & KEPT_HTTP_BIT(i)) != 0) {
                put(out, comma);
                kept_http_json_text(out, kept_http_params[i].name, strlen(kept_http_params[i].name));
                comma = ",";
            }
        put(out, "]");
    }
    kept_http_json_name(out, "properties");
    put(out, "{");
    for (size_t i = 0; i < KEPT_HTTP_PARAMS; i++)
        if ((plan->takes & ~plan->in_path & KEPT_HTTP_BIT(i)) != 0) {
            kept_http_json_name(out, kept_http_params[i].name);
            put_schema(out, &kept_http_params[i]);
        }
    put(out, "}}");
}

static void put_body(struct kept_buf *out, const struct kept_http_route *route, const struct kept_http_plan *plan)
{
    kept_http_json_name(out, "requestBody");
    put(out, plan->needs != 0 || route->own == KEPT_HTTP_BATCH ? "{\"required\":true" : "{\"required\":false");
    put(out, ",\"content\":{\"application/json\":{\"schema\":");
    if (route->own == KEPT_HTTP_BATCH)
        put(out, "{\"type\":\"object\",\"required\":[\"operations\"],\"properties\":{\"operations\":{\"type\":\"array\",\"minItems\":1,"
                 "\"maxItems\":256,\"items\":{\"type\":\"object\",\"additionalProperties\":true,\"required\":[\"op\"],\"properties\":{\"op\":{\"type\":\"string\","
                 "\"description\":\"name of an operation; the members of its own request beside\"}}}}}}");
    else
        put_members(out, plan);
    if (route->example[0] != 0) {
        kept_http_json_name(out, "example");
        put(out, route->example);
    }
    put(out, "}}}");
}

static void put_responses(struct kept_buf *out, const struct kept_http_route *route)
{
    const char *schema = route->own == KEPT_HTTP_BATCH ? "{\"$ref\":\"#/components/schemas/Batch\"}"
                         : route->does == KEPT_HTTP_CALL ? "{\"$ref\":\"#/components/schemas/Reply\"}"
                                                         : "{}";
    kept_http_json_name(out, "responses");
    put(out, route->op == KEPT_OP_SUBJECT_NEW ? "{\"201\":" : "{\"200\":");
    put(out, "{\"description\":\"Yes, or in part: each field has its verdict\",\"content\":{");
    put(out, route->does == KEPT_HTTP_ASK ? "\"*/*\":{\"schema\":" : "\"application/json\":{\"schema\":");
    put(out, schema);
    put(out, "}}},\"4XX\":{\"$ref\":\"#/components/responses/Problem\"},\"5XX\":{\"$ref\":\"#/components/responses/Problem\"}}");
}

/* "subjects", "policies": what stands behind the version in a path. */
static void put_tag(struct kept_buf *out, const char *path)
{
    const char *p = strncmp(path, "/v1/", 4) == 0 ? path + 4 : "server";
    kept_http_json_name(out, "tags");
    put(out, "[");
    kept_http_json_text(out, p, strcspn(p, "/."));
    put(out, "]");
}

static void put_route(struct kept_buf *out, size_t i, const struct kept_http_table *table)
{
    static const char *const verbs[] = {"get", "post", "put", "patch", "delete"};
    const struct kept_http_route *route = &kept_http_routes[i];
    kept_http_json_name(out, verbs[route->method]);
    put(out, "{");
    kept_http_json_name(out, "operationId");
    kept_buf_printf(out, "\"%s.%s\"", verbs[route->method],
                    route->does == KEPT_HTTP_CALL  ? kept_op_name(route->op)
                    : route->does == KEPT_HTTP_ASK ? route->ask
                                                   : strrchr(route->path, '/') + 1);
    put_tag(out, route->path);
    kept_http_json_member(out, "summary", route->summary);
    put_parameters(out, route, &table->plans[i]);
    if (has_body(route))
        put_body(out, route, &table->plans[i]);
    else if (route->example[0] != 0)
        kept_http_json_member(out, "x-example-query", route->example);
    kept_http_json_name(out, "security");
    put(out, route->who == KEPT_HTTP_CALLER    ? "[{\"token\":[]}]"
             : route->who == KEPT_HTTP_ANYBODY ? "[{\"token\":[]},{}]"
                                               : "[]");
    put_responses(out, route);
    put(out, "}");
}

int kept_http_openapi(struct kept_buf *out)
{
    struct kept_http_table table;
    bool done[KEPT_HTTP_MAX_ROUTES] = {false};
    kept_http_table_make(&table);
    put(out, "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"kept\",\"version\":\"" KEPT_VERSION "\",\"summary\":\"A personal-data "
             "engine that makes a privacy policy true\",\"description\":\"Every request is decided by the policy in force, and "
             "stands in the ledger before it is answered.\",\"license\":{\"name\":\"MIT\",\"identifier\":\"MIT\"}},"
             "\"servers\":[{\"url\":\"/\"}],\"paths\":{");
    for (size_t i = 0; i < kept_http_route_count; i++) {
        if (done[i])
            continue;
        kept_http_json_name(out, kept_http_routes[i].path);
        put(out, "{");
        for (size_t j = i; j < kept_http_route_count; j++)
            if (strcmp(kept_http_routes[j].path, kept_http_routes[i].path) == 0) {
                put_route(out, j, &table);
                done[j] = true;
            }
        put(out, "}");
    }
    put(out, "},");
    put(out, components);
    put(out, "}");
    return out->failed;
}
