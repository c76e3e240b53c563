/* segment.c - the names in a ledger's folder, and files that are written whole. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "ledger/ledger_int.h"

void kept_segment_name(char ret_name[NAME_BYTES], uint32_t segment)
{
    (void)snprintf(ret_name, NAME_BYTES, "segment-%08u", (unsigned)segment);
}

void kept_index_name(char ret_name[NAME_BYTES], uint32_t segment)
{
    (void)snprintf(ret_name, NAME_BYTES, "index-%08u", (unsigned)segment);
}

void kept_list_name(char ret_name[NAME_BYTES], unsigned level, uint32_t group)
{
    (void)snprintf(ret_name, NAME_BYTES, "tags-%u-%08u", level, (unsigned)group);
}

bool kept_name_number(const char *name, const char *prefix, uint32_t *ret_number)
{
    size_t n = strlen(prefix);
    uint32_t v = 0;
    if (strncmp(name, prefix, n) != 0 || strlen(name) != n + 8)
        return false;
    for (const char *p = name + n; *p != 0; p++) {
        if (*p < '0' || *p > '9')
            return false;
        v = v * 10 + (uint32_t)(*p - '0');
    }
    *ret_number = v;
    return true;
}

int kept_segments_count(const char *folder, uint32_t *ret_count, struct kept_err *err)
{
    char **names = NULL;
    size_t count = 0;
    int rc = kept_dir_list(folder, "segment-", &names, &count, err);
    if (rc != 0)
        return rc;
    for (size_t i = 0; rc == 0 && i < count; i++) {
        uint32_t number = 0; /* sorted: eight digits sort like numbers */
        if (!kept_name_number(names[i], "segment-", &number) || number != i)
            rc = kept_fail(err, KEPT_E_CORRUPT, "segment %zu of the ledger in %s is missing", i,
                           folder);
    }
    kept_names_free(names, count);
    if (rc == 0)
        *ret_count = (uint32_t)count;
    return rc;
}

void kept_remove(const char *folder, const char *name)
{
    char path[KEPT_MAX_PATH];
    if (kept_path(path, sizeof path, folder, name, NULL) == 0)
        (void)unlink(path);
}

int kept_writer_open(struct kept_writer *writer, const char *folder, const char *name,
                     struct kept_err *err)
{
    char temp[NAME_BYTES + 8];
    writer->fd = -1;
    writer->at = 0;
    writer->folder = folder;
    writer->temp[0] = 0; /* nothing to remove yet */
    /* A name with a dot in front is never taken for a file of the ledger. */
    (void)snprintf(temp, sizeof temp, ".%s.new", name);
    int rc = kept_path(writer->path, sizeof writer->path, folder, name, err);
    if (rc == 0 && (rc = kept_path(writer->temp, sizeof writer->temp, folder, temp, err)) != 0)
        writer->temp[0] = 0; /* not what a path that was cut may name */
    if (rc != 0)
        return rc;
    (void)unlink(writer->temp); /* left behind by a crash */
    return kept_file_open(writer->temp, KEPT_FILE_CREATE, &writer->fd, err);
}

int kept_writer_put(struct kept_writer *writer, const void *p, size_t n, struct kept_err *err)
{
    int rc = kept_file_write(writer->fd, writer->at, p, n, err);
    writer->at += n;
    return rc;
}

int kept_writer_close(struct kept_writer *writer, int rc, const char *why, struct kept_err *err)
{
    if (rc == 0)
        rc = kept_file_sync(writer->fd, why, err);
    if (writer->fd >= 0)
        kept_file_close(writer->fd);
    writer->fd = -1;
    if (rc == 0 && rename(writer->temp, writer->path) != 0)
        rc = kept_fail_errno(err, KEPT_E_IO, "cannot rename to %s", writer->path);
    if (rc != 0)
        (void)unlink(writer->temp);
    /* The name itself need not be durable: a derived file that is gone is made anew. */
    return rc;
}
