/* next.c - keys sealed under another root key, waiting beside those they are to replace.
 *
 * A change of root writes them all, durably, and then the file that says who has the root key: that one
 * rename is the change. So what waits either counts, because the file names its root key, or never
 * did; whoever opens the folder next can tell, and needs no key to finish. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/file.h"
#include "base/id.h"
#include "base/mem.h"
#include "keys/keys_int.h"

#define NAME_BYTES 64u

int kept_next_put(const char *app_folder, const char *name, struct kept_span content,
                  struct kept_err *err)
{
    char next[NAME_BYTES];
    (void)snprintf(next, sizeof next, KEPT_NEXT "%.40s", name);
    return kept_file_replace(app_folder, next, content, "a sealed key", err);
}

int kept_next_load(const char *folder, const char *app, const char *name, struct kept_buf *out,
                   struct kept_err *err)
{
    char path[KEPT_MAX_PATH];
    for (unsigned waits = 2; waits > 0; waits--) {
        int n = snprintf(path, sizeof path, "%s/%s/%s%s", folder, app, waits == 2 ? KEPT_NEXT : "", name);
        if ((size_t)n >= sizeof path)
            return kept_fail(err, KEPT_E_LIMIT, "the path %.80s is too long", folder);
        if (kept_file_exists(path))
            return kept_file_load(path, out, err);
    }
    return 0;
}

/* Is what waits under this name the living one's successor? name: behind KEPT_NEXT. */
static int counts(const char *app_folder, const char *next, const struct kept_provider *provider,
                  bool *ret_counts, struct kept_err *err)
{
    char path[KEPT_MAX_PATH], root[2 * KEPT_ROOT_NAME_BYTES + 1];
    struct kept_buf file;
    enum kept_key_kind kind;
    uint32_t number;
    *ret_counts = false;
    if (kept_key_parse(next + strlen(KEPT_NEXT), &kind, &number) != 0)
        return kept_fail(err, KEPT_E_CORRUPT, "%.40s in %.120s is no key that waits: remove it", next,
                         app_folder);
    kept_buf_init(&file, KEPT_KEYFILE_MAX);
    int rc = kept_path(path, sizeof path, app_folder, next, err);
    if (rc == 0)
        rc = kept_file_load(path, &file, err);
    if (rc == 0 && provider != NULL && file.n >= KEPT_ROOT_NAME_AT + KEPT_ROOT_NAME_BYTES) {
        kept_hex(file.p + KEPT_ROOT_NAME_AT, KEPT_ROOT_NAME_BYTES, root);
        *ret_counts = strcmp(root, provider->root) == 0;
    }
    kept_buf_release(&file);
    return rc;
}

static int rename_in(const char *folder, const char *from, const char *to, struct kept_err *err)
{
    char source[KEPT_MAX_PATH], target[KEPT_MAX_PATH];
    int rc = kept_path(source, sizeof source, folder, from, err);
    if (rc == 0) /* no test: the longer name of the two was looked at before */
        rc = kept_path(target, sizeof target, folder, to, err);
    if (rc != 0 || !kept_file_exists(source) || rename(source, target) == 0)
        return rc;
    return kept_fail_errno(err, KEPT_E_IO, "cannot rename %s", source);
}

/* The former gets a dying name, so that a crash between here and its wiping leaves no seal unwiped. */
static int take_place(const char *app_folder, const char *next, struct kept_err *err)
{
    char dying[NAME_BYTES];
    const char *name = next + strlen(KEPT_NEXT);
    (void)snprintf(dying, sizeof dying, KEPT_DYING "%.40s", name);
    int rc = rename_in(app_folder, name, dying, err);
    return rc != 0 ? rc : rename_in(app_folder, next, name, err);
}

static int destroy_dying(const char *app_folder, struct kept_err *err)
{
    char **names = NULL;
    size_t count = 0;
    int rc = kept_dir_list(app_folder, KEPT_DYING, &names, &count, err);
    for (size_t i = 0; rc == 0 && i < count; i++)
        rc = kept_file_destroy(app_folder, names[i], err);
    kept_names_free(names, count);
    return rc;
}

static int settle(const char *app_folder, char *const *names, size_t count,
                  const struct kept_provider *provider, struct kept_err *err)
{
    bool taken = false;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < count; i++) {
        bool good = false;
        rc = counts(app_folder, names[i], provider, &good, err);
        if (rc == 0)
            rc = good ? take_place(app_folder, names[i], err)
                      : kept_file_destroy(app_folder, names[i], err);
        taken = taken || good;
    }
    /* No sync between: while a new name is not durable, what it names still waits under its own. */
    return rc == 0 && taken ? destroy_dying(app_folder, err) : rc;
}

int kept_next_settle(const char *folder, const char *app_folder, struct kept_err *err)
{
    char **names = NULL;
    size_t count = 0;
    struct kept_provider provider;
    struct kept_err own = {0};
    int rc = kept_dir_list(app_folder, KEPT_NEXT, &names, &count, err);
    if (rc != 0 || count == 0)
        return rc;
    rc = kept_provider_load(folder, &provider, &own);
    bool none = rc == KEPT_E_NOTFOUND;
    rc = rc == 0 || none ? settle(app_folder, names, count, none ? NULL : &provider, err)
                         : kept_fail(err, rc, "%s", own.text);
    kept_names_free(names, count);
    return rc;
}

/* What cannot be looked at might be an app: a change of root that leaves one out loses it. */
static int is_app(const char *folder, const char *name, bool *ret_is, struct kept_err *err)
{
    char path[KEPT_MAX_PATH];
    struct stat st;
    *ret_is = false;
    if (kept_app_name_check(name, NULL) != 0)
        return 0;
    int rc = kept_path(path, sizeof path, folder, name, err);
    if (rc == 0 && lstat(path, &st) != 0)
        rc = errno == ENOENT ? 0 : kept_fail_errno(err, KEPT_E_IO, "cannot look at %s", path);
    else if (rc == 0)
        *ret_is = S_ISDIR(st.st_mode);
    return rc;
}

int kept_each_app(const char *folder,
                  int (*visit)(void *arg, const char *app, struct kept_err *err), void *arg,
                  struct kept_err *err)
{
    char **names = NULL;
    size_t count = 0;
    int rc = kept_dir_list(folder, "", &names, &count, err);
    for (size_t i = 0; rc == 0 && i < count; i++) {
        bool app = false;
        rc = is_app(folder, names[i], &app, err);
        if (app)
            rc = visit(arg, names[i], err);
    }
    kept_names_free(names, count);
    return rc;
}
