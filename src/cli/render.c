/* render.c - kept policy render: a policy as a document, on the standard output or in a file. */
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "cli/cli.h"
#include "engine/admin.h"

int cli_write_out(const char *path, const struct kept_buf *out, const char *what, struct kept_err *err)
{
    char folder[KEPT_MAX_PATH] = ".";
    const char *slash = strrchr(path, '/');
    size_t n = slash == NULL ? 1 : slash == path ? 1 : (size_t)(slash - path);
    if (n >= sizeof folder)
        return kept_fail(err, KEPT_E_LIMIT, "the name of the file is too long");
    if (slash != NULL)
        memcpy(folder, path, n);
    folder[n] = 0;
    int rc = kept_file_replace(folder, slash != NULL ? slash + 1 : path, kept_buf_span(out),
                               what, err);
    mode_t mask = umask(0);
    (void)umask(mask);
    if (rc == 0 && chmod(path, 0666 & ~mask) != 0)
        rc = kept_fail_errno(err, KEPT_E_IO, "%.160s cannot be made readable", path);
    return rc;
}

int cli_run_policy_render(struct cli *cli, struct kept_err *err)
{
    struct kept_buf text, templates, out;
    struct kept_admin_render how = {.as = cli->option[O_AS], .language = cli->option[O_LANGUAGE],
                                    .templates_name = cli->option[O_TEMPLATES]};
    const char *path = cli->option[O_OUT];
    kept_buf_init(&templates, KEPT_MAX_TEMPLATE_BYTES + 1);
    kept_buf_init(&out, KEPT_MAX_JSON_BYTES);
    int rc = cli_policy_version(cli, cli->arg[0], &text, &how.effective, err);
    if (rc == 0 && how.templates_name != NULL)
        rc = cli_load(how.templates_name, &templates, err);
    if (how.templates_name != NULL)
        how.templates = kept_buf_span(&templates);
    if (rc == 0)
        rc = kept_admin_policy_render(kept_buf_span(&text), &how, &out, err);
    if (rc == 0 && path != NULL)
        rc = cli_write_out(path, &out, "a rendered policy", err);
    else if (rc == 0)
        (void)fwrite(out.p, 1, out.n, stdout);
    kept_buf_release(&text);
    kept_buf_release(&templates);
    kept_buf_release(&out);
    return rc;
}
