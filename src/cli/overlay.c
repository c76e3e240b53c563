/* overlay.c - a policy file as it is meant: with the file that it extends, which stands beside it. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "cli/cli.h"
#include "engine/admin.h"

/* What stands behind the last slash. */
static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

void cli_beside(const char *path, const char *name, char ret_path[KEPT_MAX_PATH])
{
    (void)snprintf(ret_path, KEPT_MAX_PATH, "%.*s%s", (int)(name_of(path) - path), path, name);
}

/* Put what the two files come to in place of the product's text. */
static int join(const char *path, const char *base_name, struct kept_buf *text,
                struct kept_err *err)
{
    char base_path[KEPT_MAX_PATH];
    struct kept_buf base, joint;
    kept_buf_init(&base, KEPT_MAX_POLICY_BYTES + 1);
    kept_buf_init(&joint, KEPT_MAX_POLICY_BYTES + 1);
    cli_beside(path, base_name, base_path);
    int rc = kept_file_load(base_path, &base, err);
    if (rc == 0)
        rc = kept_admin_policy_join(name_of(path), kept_buf_span(text), base_name,
                                    kept_buf_span(&base), &joint, err);
    kept_buf_release(&base);
    if (rc != 0) {
        kept_buf_release(&joint);
        return rc;
    }
    kept_buf_release(text);
    *text = joint;
    return 0;
}

int cli_load_policy(const char *path, struct kept_buf *text, struct kept_err *err)
{
    char base[KEPT_ADMIN_POLICY_FILE] = "";
    kept_buf_init(text, KEPT_MAX_POLICY_BYTES + 1);
    int rc = cli_load(path, text, err);
    if (rc == 0)
        rc = kept_admin_policy_extends(kept_buf_span(text), base, err);
    return rc != 0 || base[0] == 0 ? rc : join(path, base, text, err);
}
