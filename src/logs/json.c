/* json.c - a line of JSON Lines, taken apart: an object, its maps flattened. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "logs/logs.h"

#define DEEPEST 6u
#define PATH (4u * KEPT_MAX_NAME)

struct walk {
    const struct kept_log *log;
    struct kept_log_line *line;
    struct kept_buf *scratch;
    size_t *from;           /* where in scratch each value begins, + 1: scratch moves as it grows */
    char path[PATH];
};

/* A leaf's text, appended. false: it is none (null, a map in an array). */
static bool text_of(const json_t *value, struct kept_buf *out)
{
    switch (json_typeof(value)) {
    case JSON_STRING:
        kept_buf_bytes(out, json_string_value(value), json_string_length(value));
        return true;
    case JSON_INTEGER:
        kept_buf_printf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        return true;
    case JSON_REAL:
        kept_buf_printf(out, "%.17g", json_real_value(value));
        return true;
    case JSON_TRUE:
    case JSON_FALSE:
        kept_buf_text(out, json_is_true(value) ? "true" : "false");
        return true;
    case JSON_NULL:
    case JSON_OBJECT:
    case JSON_ARRAY:
        break;
    }
    return false;
}

static void leaf(struct walk *w, const json_t *value)
{
    size_t field = 0;
    if (json_is_null(value))
        return;
    while (field < w->log->field_count && (w->from[field] != 0 || strcmp(w->log->fields[field].from, w->path) != 0))
        field++;
    if (field == w->log->field_count) {
        w->line->dropped++;
        return;
    }
    const size_t from = w->scratch->n;
    const size_t count = json_is_array(value) ? json_array_size(value) : 1;
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            kept_buf_u8(w->scratch, '\n');
        if (!text_of(json_is_array(value) ? json_array_get(value, i) : value, w->scratch))
            w->line->dropped++;
    }
    w->from[field] = from + 1;
    w->line->value[field].n = w->scratch->n - from;
}

static void walk(struct walk *w, json_t *map, size_t n, unsigned depth) /* recursion: at most DEEPEST */
{
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach(map, key, value)
    {
        const int more = snprintf(w->path + n, PATH - n, "%s%s", n > 0 ? "." : "", key);
        if (more < 0 || (size_t)more >= PATH - n || (json_is_object(value) && depth == DEEPEST))
            w->line->dropped++;
        else if (json_is_object(value))
            walk(w, value, n + (size_t)more, depth + 1);
        else
            leaf(w, value);
    }
}

static void wipe(json_t *value, unsigned depth) /* the library frees without wiping; deeper than this it is dropped unread */
{
    json_t *one = NULL;
    const char *key = NULL;
    size_t i = 0;
    if (json_is_string(value))
        kept_wipe((void *)(uintptr_t)json_string_value(value), json_string_length(value));
    else if (json_is_array(value) && depth < 64)
        json_array_foreach(value, i, one)
            wipe(one, depth + 1);
    else if (json_is_object(value) && depth < 64)
        json_object_foreach(value, key, one)
            wipe(one, depth + 1);
}

int kept_log_parse_json(const struct kept_log *log, struct kept_span line, struct kept_buf *scratch,
                        struct kept_log_line *ret_line, const char **ret_why)
{
    size_t from[KEPT_MAX_LOG_FIELDS] = {0};
    struct walk w = {.log = log, .line = ret_line, .scratch = scratch, .from = from};
    kept_buf_clear(scratch);
    *ret_why = "no JSON object, or one that names a key twice";
    json_t *root = json_loadb((const char *)line.p, line.n, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(root)) {
        wipe(root, 0);
        json_decref(root);
        return KEPT_E_USAGE;
    }
    walk(&w, root, 0, 1);
    wipe(root, 0);
    json_decref(root);
    for (size_t i = 0; scratch->failed == 0 && i < log->field_count; i++)
        if (from[i] != 0)
            ret_line->value[i].p = scratch->p != NULL ? scratch->p + from[i] - 1 : (const uint8_t *)"";
    return scratch->failed;
}
