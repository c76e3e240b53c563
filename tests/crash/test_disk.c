/* test_disk.c - the recorder itself: what it takes for bytes and names to survive. */
#include "crash_aid.h"

#include <errno.h>

static char root[AID_PATH], image[AID_PATH];

static int setup(void **state)
{
    (void)state;
    aid_folder_make(root);
    aid_folder_make(image);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    disk_fail_off();
    disk_forget();
    aid_folder_remove(root);
    aid_folder_remove(image);
    return 0;
}

static int make(const char *name)
{
    char path[AID_PATH];
    aid_join(path, root, name);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    return fd;
}

static void sync_root(void)
{
    must(kept_dir_sync(root, "a name", &err));
}

/* The text of a file in the image, or NULL. */
static const char *held(const char *name)
{
    static char text[5000];
    char path[AID_PATH];
    aid_join(path, image, name);
    memset(text, 0, sizeof text);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    ssize_t n = read(fd, text, sizeof text - 1);
    assert_true(n >= 0);
    (void)close(fd);
    return text;
}

static void build(enum disk_loss loss, size_t cut, uint64_t seed, const char *drop)
{
    const struct disk_image made = {.cut = cut, .loss = loss, .seed = seed, .drop = drop};
    aid_folder_empty(image);
    disk_build(&made, image);
}

static void what_was_there_is_durable(void **state)
{
    (void)state;
    int fd = make("old");
    assert_int_equal(pwrite(fd, "content", 7, 0), 7);
    (void)close(fd);
    disk_record(root);
    build(DISK_SYNCED, disk_events(), 0, NULL);
    assert_string_equal(held("old"), "content");
}

static void bytes_need_a_sync_of_their_file(void **state)
{
    (void)state;
    disk_record(root);
    int fd = make("a");
    sync_root();
    assert_int_equal(pwrite(fd, "one", 3, 0), 3);
    size_t before = disk_events();
    must(kept_file_sync(fd, "the one", &err));
    size_t after = disk_events();
    assert_int_equal(write(fd, "two", 3), 3);
    build(DISK_SYNCED, before, 0, NULL);
    assert_string_equal(held("a"), "");
    build(DISK_SYNCED, after, 0, NULL);
    assert_string_equal(held("a"), "one");
    build(DISK_SYNCED, disk_events(), 0, NULL);
    assert_string_equal(held("a"), "one"); /* write() was at offset 0, and is not synced */
    assert_int_equal(fdatasync(fd), 0);
    build(DISK_SYNCED, disk_events(), 0, NULL);
    assert_string_equal(held("a"), "two");
    (void)close(fd);
}

static void names_need_a_sync_of_their_folder(void **state)
{
    (void)state;
    char from[AID_PATH], to[AID_PATH];
    disk_record(root);
    int fd = make("a");
    assert_int_equal(write(fd, "one", 3), 3);
    must(kept_file_sync(fd, "x", &err));
    (void)close(fd);
    build(DISK_SYNCED, disk_events(), 0, NULL);
    assert_null(held("a")); /* its bytes are safe, and nobody finds them */
    sync_root();
    aid_join(from, root, "a");
    aid_join(to, root, "b");
    assert_int_equal(rename(from, to), 0);
    build(DISK_SYNCED, disk_events(), 0, NULL);
    assert_string_equal(held("a"), "one");
    assert_null(held("b"));
    sync_root();
    assert_int_equal(unlink(to), 0);
    build(DISK_SYNCED, disk_events(), 0, NULL);
    assert_null(held("a"));
    assert_string_equal(held("b"), "one");
    sync_root();
    build(DISK_SYNCED, disk_events(), 0, NULL);
    assert_null(held("b"));
}

static void folders_in_folders(void **state)
{
    (void)state;
    char sub[AID_PATH];
    disk_record(root);
    aid_join(sub, root, "sub");
    must(kept_dir_make(sub, false, &err));
    int fd = make("sub/file");
    assert_int_equal(write(fd, "deep", 4), 4);
    must(kept_file_sync(fd, "x", &err));
    (void)close(fd);
    build(DISK_SYNCED, disk_events(), 0, NULL);
    assert_null(held("sub/file"));
    must(kept_dir_sync(sub, "y", &err));
    build(DISK_SYNCED, disk_events(), 0, NULL);
    assert_string_equal(held("sub/file"), "deep");
    build(DISK_SYNCED, disk_events(), 0, "a new folder's name (folder)");
    assert_null(held("sub/file"));
}

static void syncs_have_names_and_can_be_dropped(void **state)
{
    (void)state;
    bool seen = false;
    disk_record(root);
    int fd = make("a");
    sync_root();
    assert_int_equal(write(fd, "one", 3), 3);
    must(kept_file_sync(fd, "what it is for", &err));
    assert_int_equal(fsync(fd), 0);
    (void)close(fd);
    must(kept_file_replace(root, "r", (struct kept_span){(const uint8_t *)"r", 1}, "replaced", &err));
    static const char *const want[] = {"a name (folder)", "what it is for", "sqlite a", "replaced",
                                       "replaced (folder)"};
    assert_int_equal(disk_sync_count(), 5);
    for (size_t i = 0; i < 5; i++) {
        assert_string_equal(disk_sync_name(i), want[i]);
        seen = seen || disk_sync_times(want[i], disk_events()) == 1;
    }
    assert_true(seen);
    build(DISK_SYNCED, disk_events(), 0, "sqlite a");
    assert_string_equal(held("a"), "one"); /* the other one holds it */
    build(DISK_SYNCED, disk_events(), 0, "a name (folder)");
    assert_string_equal(held("a"), "one"); /* the later sync of the folder holds it */
    build(DISK_SYNCED, disk_events(), 0, "replaced");
    assert_string_equal(held("r"), ""); /* the classic: a name without its bytes */
    build(DISK_SYNCED, disk_events(), 0, "replaced (folder)");
    assert_null(held("r"));
}

static void subsets_and_torn_writes(void **state)
{
    (void)state;
    char body[2048];
    bool none = false, some = false, all = false, torn = false;
    memset(body, 'x', sizeof body);
    disk_record(root);
    int fd = make("a");
    sync_root();
    assert_int_equal(pwrite(fd, "safe", 4, 0), 4);
    must(kept_file_sync(fd, "x", &err));
    assert_int_equal(pwrite(fd, body, sizeof body, 100), (ssize_t)sizeof body);
    assert_int_equal(pwrite(fd, "end", 3, 2200), 3);
    for (uint64_t seed = 0; seed < 200; seed++) {
        build(seed % 2 == 0 ? DISK_SUBSET : DISK_TORN, disk_events(), seed, NULL);
        const char *text = held("a");
        assert_memory_equal(text, "safe", 4);
        bool first = text[100] == 'x', last = text[2147] == 'x', end = text[2200] == 'e';
        none = none || (!first && !last && !end);
        all = all || (first && last && end);
        some = some || (first && last && !end);
        torn = torn || (seed % 2 == 1 && first != last);
        assert_true(seed % 2 == 1 || first == last);
    }
    assert_true(none && all && some && torn);
    (void)close(fd);
}

static void a_cut_file_may_come_back(void **state)
{
    (void)state;
    disk_record(root);
    int fd = make("a");
    sync_root();
    assert_int_equal(write(fd, "onetwo", 6), 6);
    must(kept_file_sync(fd, "x", &err));
    must(kept_file_truncate(fd, 3, &err));
    build(DISK_SYNCED, disk_events(), 0, NULL);
    assert_string_equal(held("a"), "onetwo");
    must(kept_file_sync(fd, "x", &err));
    build(DISK_SYNCED, disk_events(), 0, NULL);
    assert_string_equal(held("a"), "one");
    (void)close(fd);
}

static void calls_fail_when_told(void **state)
{
    (void)state;
    char path[AID_PATH];
    disk_fail(root, DISK_WRITE, -1, ENOSPC, false);
    int fd = make("a");
    assert_int_equal(write(fd, "x", 1), 1);
    assert_int_equal(write(fd, "x", 1), 1);
    assert_int_equal(disk_calls(), 2);
    disk_fail(root, DISK_WRITE, 1, ENOSPC, false);
    assert_int_equal(write(fd, "x", 1), 1);
    assert_int_equal(write(fd, "x", 1), -1);
    assert_int_equal(errno, ENOSPC);
    assert_int_equal(pwrite(fd, "x", 1, 0), 1);
    disk_fail(root, DISK_SYNC | DISK_TRUNCATE, 1, EIO, true);
    assert_int_equal(fsync(fd), 0);
    assert_int_equal(ftruncate(fd, 0), -1);
    assert_int_equal(fdatasync(fd), -1);
    assert_int_equal(errno, EIO);
    assert_int_equal(disk_failed(), 2);
    (void)close(fd);
    aid_join(path, root, "a");
    disk_fail(root, DISK_ALL, 0, EROFS, true);
    assert_int_equal(open(path, O_RDWR | O_CLOEXEC), -1);
    assert_int_equal(errno, EROFS);
    assert_int_equal(rename(path, path), -1);
    assert_int_equal(unlink(path), -1);
    assert_int_equal(mkdir(path, 0700), -1);
    fd = open(path, O_RDONLY | O_CLOEXEC); /* reading goes on */
    assert_true(fd >= 0);
    (void)close(fd);
    disk_fail_off();
    assert_int_equal(unlink(path), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_there_is_durable, setup, teardown),
        cmocka_unit_test_setup_teardown(bytes_need_a_sync_of_their_file, setup, teardown),
        cmocka_unit_test_setup_teardown(names_need_a_sync_of_their_folder, setup, teardown),
        cmocka_unit_test_setup_teardown(folders_in_folders, setup, teardown),
        cmocka_unit_test_setup_teardown(syncs_have_names_and_can_be_dropped, setup, teardown),
        cmocka_unit_test_setup_teardown(subsets_and_torn_writes, setup, teardown),
        cmocka_unit_test_setup_teardown(a_cut_file_may_come_back, setup, teardown),
        cmocka_unit_test_setup_teardown(calls_fail_when_told, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
