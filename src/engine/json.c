/* json.c - JSON to text, and its end: what a report said of people does not stay in memory. */
#include "engine/report_int.h"

#include "base/mem.h"

/* Reports are no deeper than this; what would be is freed without its wiping. */
#define MAX_DEPTH 8u

static int append(const char *text, size_t n, void *arg)
{
    struct kept_buf *out = arg;
    kept_buf_bytes(out, text, n);
    return out->failed == 0 ? 0 : -1;
}

int kept_json_text(const json_t *root, struct kept_buf *out)
{
    if (json_dump_callback(root, append, out, JSON_COMPACT) == 0)
        return 0;
    return out->failed != 0 ? out->failed : KEPT_E_NOMEM;
}

static void wipe(json_t *value, unsigned depth) /* bounded by MAX_DEPTH */
{
    const char *key = NULL;
    json_t *one = NULL;
    size_t i = 0;
    if (json_is_string(value))
        kept_wipe((void *)(uintptr_t)json_string_value(value), json_string_length(value));
    else if (depth < MAX_DEPTH && json_is_array(value))
        json_array_foreach(value, i, one) wipe(one, depth + 1);
    else if (depth < MAX_DEPTH && json_is_object(value))
        json_object_foreach(value, key, one) wipe(one, depth + 1);
}

void kept_json_free(json_t *root)
{
    wipe(root, 0);
    json_decref(root);
}
