/* store_aid.h - what the tests of the store share: folders, and looking into files. */
#ifndef KEPT_TESTS_STORE_AID_H
#define KEPT_TESTS_STORE_AID_H

#include "../aid/folder.h"

#include "store/sql_int.h"

/* A call that must fail with a code and words. */
#define must_fail(want, call)                                                                      \
    do {                                                                                           \
        struct kept_err err = {0};                                                                 \
        int aid_rc = (call);                                                                       \
        if (aid_rc != (want) || err.code != (want) || err.text[0] == 0)                            \
            fail_msg("%s: %d %s", #call, aid_rc, err.text);                                        \
    } while (0)

static inline uint64_t aid_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static inline struct kept_span aid_text(const char *text)
{
    return (struct kept_span){(const uint8_t *)text, strlen(text)};
}

static inline void aid_folder_each(const char *folder,
                                   void (*visit)(void *arg, const char *path, const char *name),
                                   void *arg)
{
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        char path[AID_PATH];
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        aid_join(path, folder, e->d_name);
        visit(arg, path, e->d_name);
    }
    (void)closedir(dir);
}

/* The whole file; the caller frees it. */
static inline uint8_t *aid_load(const char *path, size_t *ret_n)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &st), 0);
    size_t size = (size_t)st.st_size, n = 0;
    uint8_t *p = malloc(size + 1);
    assert_non_null(p);
    while (n < size) {
        ssize_t got = read(fd, p + n, size - n);
        assert_true(got > 0);
        n += (size_t)got;
    }
    (void)close(fd);
    *ret_n = n;
    return p;
}

static inline void aid_save(const char *path, const uint8_t *p, size_t n)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    for (size_t done = 0; done < n;) {
        ssize_t put = write(fd, p + done, n - done);
        assert_true(put > 0);
        done += (size_t)put;
    }
    assert_int_equal(close(fd), 0);
}

static inline void aid_copy_one(void *arg, const char *path, const char *name)
{
    char to[AID_PATH];
    size_t n = 0;
    uint8_t *p = aid_load(path, &n);
    aid_join(to, arg, name);
    aid_save(to, p, n);
    free(p);
}

/* Copy the files of a folder into an existing one. */
static inline void aid_folder_copy(const char *from, char *to)
{
    aid_folder_each(from, aid_copy_one, to);
}

static inline struct kept_store *aid_open(const char *folder)
{
    struct kept_store *store = NULL;
    must(kept_store_open(&(struct kept_store_options){.folder = folder, .cache_kib = 1024}, &store, &err));
    return store;
}

/* A new store in a new folder. */
static inline struct kept_store *aid_new(char ret_folder[AID_PATH])
{
    const struct kept_id id = {{7, 1, 2, 3}};
    aid_folder_make(ret_folder);
    must(kept_store_create(&(struct kept_store_options){.folder = ret_folder}, &id, &err));
    return aid_open(ret_folder);
}

static inline void aid_end(struct kept_store *store, const char *folder)
{
    kept_store_close(store);
    aid_folder_remove(folder);
}

#endif
