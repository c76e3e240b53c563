/* folder.h - folders of a test, and calls that must succeed. */
#ifndef KEPT_TESTS_FOLDER_H
#define KEPT_TESTS_FOLDER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

#define AID_PATH 512

/* A call that must succeed; the failure is printed. */
#define must(call)                                                                                 \
    do {                                                                                           \
        struct kept_err err = {0};                                                                 \
        int aid_rc = (call);                                                                       \
        if (aid_rc != 0)                                                                           \
            fail_msg("%s: %d %s", #call, aid_rc, err.text);                                        \
    } while (0)

static inline void aid_join(char ret_path[AID_PATH], const char *folder, const char *name)
{
    int n = snprintf(ret_path, AID_PATH, "%s/%s", folder, name);
    assert_in_range(n, 1, AID_PATH - 1);
}

/* On a memory disk if there is one: tests make thousands of stores and images. */
static inline void aid_folder_make(char ret_folder[AID_PATH])
{
    const char *base = getenv("TMPDIR");
    if (base == NULL)
        base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    int n = snprintf(ret_folder, AID_PATH, "%s/kept-test-XXXXXX", base);
    assert_in_range(n, 1, AID_PATH - 1);
    assert_non_null(mkdtemp(ret_folder));
}

/* Empty a folder, and what is in it. */
static inline void aid_folder_empty(const char *folder)
{
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        char path[AID_PATH];
        struct stat st;
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        aid_join(path, folder, e->d_name);
        assert_int_equal(lstat(path, &st), 0);
        if (S_ISDIR(st.st_mode)) {
            aid_folder_empty(path);
            assert_int_equal(rmdir(path), 0);
        } else {
            assert_int_equal(unlink(path), 0);
        }
    }
    (void)closedir(dir);
}

static inline void aid_folder_remove(const char *folder)
{
    aid_folder_empty(folder);
    assert_int_equal(rmdir(folder), 0);
}

#endif
