/* disk.c - the recorder: a list of events, and images made by replaying some of them. */
#include "disk.h"

#include <errno.h>
#include <linux/fcntl.h> /* not fcntl.h: its hardened open() could not be defined here */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "disk_int.h"

#define SECTOR 512
#define NO_NODE SIZE_MAX

struct bytes {
    uint8_t *p;
    size_t n, cap;
};

/* A file or folder, apart from its names. Node 0 is the root. */
struct node {
    bool folder;
    struct bytes base; /* when the recording began */
};

struct name {
    size_t folder;
    char *text;
    size_t node;
};

struct names {
    struct name *p;
    size_t n, cap;
};

enum kind { EV_WRITE, EV_TRUNCATE, EV_NAME, EV_UNNAME, EV_RENAME, EV_SYNC };
static const char *const kind_names[] = {"write", "truncate", "name", "unname", "rename", "sync"};

struct event {
    enum kind kind;
    size_t node;        /* written, cut, synced, or named */
    size_t folder;      /* of the name; of the new one after a rename */
    size_t from_folder; /* rename: of the old name */
    char *text;         /* the name; of a sync: what it is called */
    char *from_text;
    uint64_t at;        /* write: offset; truncate: size; sync: events before it began */
    uint8_t *p;
    size_t n;
};

static struct {
    pthread_mutex_t lock;
    char root[1024]; /* empty: nothing was recorded */
    bool on;
    struct node *nodes;
    size_t node_count, node_cap;
    struct names base, now;
    struct event *events;
    size_t event_count, event_cap;
    char **sync_names;
    size_t sync_count, sync_cap;
} disk = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void *checked(void *p)
{
    if (p == NULL)
        abort();
    return p;
}

static void grow(void *array, size_t *cap, size_t want, size_t size)
{
    void **a = array;
    if (want <= *cap)
        return;
    size_t next = *cap < 64 ? 64 : *cap * 2;
    while (next < want)
        next *= 2;
    *a = checked(realloc(*a, next * size));
    *cap = next;
}

static char *copy_text(const char *text)
{
    return checked(strdup(text));
}

/* ---- bytes -------------------------------------------------------------------------------------*/

static void bytes_size(struct bytes *b, size_t n)
{
    grow(&b->p, &b->cap, n == 0 ? 1 : n, 1);
    if (n > b->n)
        memset(b->p + b->n, 0, n - b->n);
    b->n = n;
}

static void bytes_put(struct bytes *b, uint64_t at, const uint8_t *p, size_t n)
{
    if (n == 0)
        return;
    if (at + n > b->n)
        bytes_size(b, (size_t)at + n);
    memcpy(b->p + at, p, n);
}

/* ---- names -------------------------------------------------------------------------------------*/

static size_t names_find(const struct names *names, size_t folder, const char *text)
{
    for (size_t i = 0; i < names->n; i++)
        if (names->p[i].folder == folder && strcmp(names->p[i].text, text) == 0)
            return i;
    return NO_NODE;
}

static void names_remove(struct names *names, size_t folder, const char *text)
{
    size_t i = names_find(names, folder, text);
    if (i == NO_NODE)
        return;
    free(names->p[i].text);
    names->p[i] = names->p[--names->n];
}

static void names_set(struct names *names, size_t folder, const char *text, size_t node)
{
    names_remove(names, folder, text);
    grow(&names->p, &names->cap, names->n + 1, sizeof *names->p);
    names->p[names->n++] = (struct name){folder, copy_text(text), node};
}

static void names_free(struct names *names)
{
    for (size_t i = 0; i < names->n; i++)
        free(names->p[i].text);
    free(names->p);
    *names = (struct names){0};
}

static size_t node_new(bool folder)
{
    grow(&disk.nodes, &disk.node_cap, disk.node_count + 1, sizeof *disk.nodes);
    disk.nodes[disk.node_count] = (struct node){.folder = folder};
    return disk.node_count++;
}

/* Find the folder and the last part of a path below the root. The node it names, or NO_NODE. */
static bool resolve(const char *path, size_t *ret_folder, const char **ret_last, size_t *ret_node)
{
    size_t n = strlen(disk.root), folder = 0;
    if (n == 0 || strncmp(path, disk.root, n) != 0 || (path[n] != '/' && path[n] != 0))
        return false;
    *ret_folder = 0;
    *ret_last = "";
    *ret_node = 0; /* the root itself */
    for (const char *at = path + n;;) {
        at += strspn(at, "/");
        size_t part = strcspn(at, "/");
        if (part == 0)
            return true;
        char text[256];
        if (part >= sizeof text)
            abort();
        memcpy(text, at, part);
        text[part] = 0;
        size_t i = names_find(&disk.now, folder, text);
        *ret_folder = folder;
        *ret_last = at;
        *ret_node = i == NO_NODE ? NO_NODE : disk.now.p[i].node;
        at += part;
        if (*at == 0)
            return true;
        if (*ret_node == NO_NODE)
            return false; /* below a folder that is not there */
        folder = *ret_node;
    }
}

/* ---- events ------------------------------------------------------------------------------------*/

static struct event *add(enum kind kind)
{
    grow(&disk.events, &disk.event_cap, disk.event_count + 1, sizeof *disk.events);
    struct event *e = &disk.events[disk.event_count++];
    *e = (struct event){.kind = kind};
    return e;
}

static void note_name(enum kind kind, size_t folder, const char *text, size_t node)
{
    struct event *e = add(kind);
    e->folder = folder;
    e->text = copy_text(text);
    e->node = node;
}

size_t disk_see_open(const char *path, bool cut)
{
    size_t folder, node;
    const char *last;
    if (!disk.on || !resolve(path, &folder, &last, &node))
        return NO_NODE;
    size_t n = strlen(last);
    if (n > 4 && strcmp(last + n - 4, "-shm") == 0)
        return NO_NODE;
    if (node == NO_NODE) {
        node = node_new(false);
        names_set(&disk.now, folder, last, node);
        note_name(EV_NAME, folder, last, node);
    } else if (cut) {
        disk_see_truncate(node, 0);
    }
    return node;
}

void disk_see_write(size_t node, uint64_t at, const void *p, size_t n)
{
    if (!disk.on || n == 0)
        return;
    struct event *e = add(EV_WRITE);
    e->node = node;
    e->at = at;
    e->n = n;
    e->p = checked(malloc(n));
    memcpy(e->p, p, n);
}

void disk_see_truncate(size_t node, uint64_t size)
{
    if (!disk.on)
        return;
    struct event *e = add(EV_TRUNCATE);
    e->node = node;
    e->at = size;
}

void disk_see_sync(size_t node, size_t begun, const char *name)
{
    if (!disk.on)
        return;
    struct event *e = add(EV_SYNC);
    e->node = node;
    e->at = begun;
    e->text = copy_text(name);
    for (size_t i = 0; i < disk.sync_count; i++)
        if (strcmp(disk.sync_names[i], name) == 0)
            return;
    grow(&disk.sync_names, &disk.sync_cap, disk.sync_count + 1, sizeof *disk.sync_names);
    disk.sync_names[disk.sync_count++] = copy_text(name);
}

bool disk_is_folder(size_t node)
{
    return disk.nodes[node].folder;
}

void disk_see_rename(const char *from, const char *to)
{
    size_t folder, node, to_folder, old;
    const char *last, *to_last;
    if (!disk.on || !resolve(from, &folder, &last, &node) || node == NO_NODE ||
        !resolve(to, &to_folder, &to_last, &old))
        return;
    note_name(EV_RENAME, to_folder, to_last, node);
    struct event *e = &disk.events[disk.event_count - 1];
    e->from_folder = folder;
    e->from_text = copy_text(last);
    names_remove(&disk.now, folder, last);
    names_set(&disk.now, to_folder, to_last, node);
}

void disk_see_link(const char *from, const char *to)
{
    size_t folder, node, to_folder, old;
    const char *last, *to_last;
    if (!disk.on || !resolve(from, &folder, &last, &node) || node == NO_NODE ||
        !resolve(to, &to_folder, &to_last, &old))
        return;
    names_set(&disk.now, to_folder, to_last, node);
    note_name(EV_NAME, to_folder, to_last, node);
}

void disk_see_unlink(const char *path)
{
    size_t folder, node;
    const char *last;
    if (!disk.on || !resolve(path, &folder, &last, &node) || node == NO_NODE)
        return;
    note_name(EV_UNNAME, folder, last, node);
    names_remove(&disk.now, folder, last);
}

void disk_see_mkdir(const char *path)
{
    size_t folder, node;
    const char *last;
    if (!disk.on || !resolve(path, &folder, &last, &node) || node != NO_NODE)
        return;
    node = node_new(true);
    names_set(&disk.now, folder, last, node);
    note_name(EV_NAME, folder, last, node);
}

void disk_lock(void)
{
    if (pthread_mutex_lock(&disk.lock) != 0)
        abort();
}

void disk_unlock(void)
{
    if (pthread_mutex_unlock(&disk.lock) != 0)
        abort();
}

/* ---- the interface -----------------------------------------------------------------------------*/

static void load(size_t folder, const char *path)
{
    char **list = NULL;
    size_t count = disk_list(path, &list);
    for (size_t i = 0; i < count; i++) {
        char below[1024];
        struct stat st;
        int n = snprintf(below, sizeof below, "%s/%s", path, list[i]);
        if (n < 0 || (size_t)n >= sizeof below || stat(below, &st) != 0)
            abort();
        size_t node = node_new(S_ISDIR(st.st_mode));
        names_set(&disk.base, folder, list[i], node);
        names_set(&disk.now, folder, list[i], node);
        if (S_ISDIR(st.st_mode)) {
            load(node, below);
        } else {
            struct bytes *b = &disk.nodes[node].base;
            bytes_size(b, (size_t)st.st_size);
            disk_read(below, b->p, b->n);
        }
        free(list[i]);
    }
    free(list);
}

void disk_record(const char *root)
{
    disk_forget();
    disk_lock();
    int n = snprintf(disk.root, sizeof disk.root, "%s", root);
    if (n < 1 || (size_t)n >= sizeof disk.root || root[0] != '/')
        abort();
    (void)node_new(true);
    load(0, root);
    disk.on = true;
    disk_unlock();
}

void disk_stop(void)
{
    disk_lock();
    disk.on = false;
    disk_unlock();
}

void disk_forget(void)
{
    disk_lock();
    disk.on = false;
    disk_drop_fds();
    for (size_t i = 0; i < disk.event_count; i++) {
        free(disk.events[i].text);
        free(disk.events[i].from_text);
        free(disk.events[i].p);
    }
    for (size_t i = 0; i < disk.node_count; i++)
        free(disk.nodes[i].base.p);
    for (size_t i = 0; i < disk.sync_count; i++)
        free(disk.sync_names[i]);
    names_free(&disk.base);
    names_free(&disk.now);
    free(disk.events);
    free(disk.nodes);
    free(disk.sync_names);
    disk.events = NULL;
    disk.nodes = NULL;
    disk.sync_names = NULL;
    disk.event_count = disk.event_cap = disk.node_count = disk.node_cap = 0;
    disk.sync_count = disk.sync_cap = 0;
    disk.root[0] = 0;
    disk_unlock();
}

size_t disk_events(void)
{
    disk_lock();
    size_t n = disk.event_count;
    disk_unlock();
    return n;
}

size_t disk_events_locked(void)
{
    return disk.event_count;
}

void disk_describe(size_t index, char *ret_text, size_t size)
{
    const struct event end = {.kind = EV_SYNC, .text = (char[]){"the end"}};
    const struct event *e = index < disk.event_count ? &disk.events[index] : &end;
    (void)snprintf(ret_text, size, "%s %s file %zu at %llu, %zu bytes", kind_names[e->kind],
                   e->text == NULL ? "" : e->text, e->node, (unsigned long long)e->at, e->n);
}

size_t disk_sync_count(void)
{
    return disk.sync_count;
}

const char *disk_sync_name(size_t index)
{
    return index < disk.sync_count ? disk.sync_names[index] : "";
}

size_t disk_sync_times(const char *name, size_t cut)
{
    size_t times = 0;
    for (size_t i = 0; i < disk.event_count && i < cut; i++)
        times += disk.events[i].kind == EV_SYNC && strcmp(disk.events[i].text, name) == 0;
    return times;
}

size_t disk_sync_event(const char *name, size_t nth)
{
    for (size_t i = 0; i < disk.event_count; i++)
        if (disk.events[i].kind == EV_SYNC && strcmp(disk.events[i].text, name) == 0 && nth-- == 0)
            return i;
    return SIZE_MAX;
}

/* ---- images ------------------------------------------------------------------------------------*/

struct maker {
    const struct disk_image *image;
    uint64_t random;
    size_t *synced;     /* per node: events before this one are durable */
    unsigned *chance;   /* per node: of 100, that something else arrived */
    struct bytes *data; /* per node */
    struct names names;
};

static uint64_t next_random(struct maker *m)
{
    m->random += 0x9e3779b97f4a7c15u; /* splitmix64: fine from any seed */
    uint64_t v = m->random;
    v = (v ^ v >> 30) * 0xbf58476d1ce4e5b9u;
    v = (v ^ v >> 27) * 0x94d049bb133111ebu;
    return v ^ v >> 31;
}

static bool arrives(struct maker *m, size_t index, bool *ret_torn)
{
    const struct event *e = &disk.events[index];
    size_t target = e->kind == EV_WRITE || e->kind == EV_TRUNCATE ? e->node : e->folder;
    *ret_torn = false;
    if (index < m->synced[target])
        return true;
    if (m->image->loss == DISK_SYNCED || next_random(m) % 100 >= m->chance[target])
        return false;
    *ret_torn = m->image->loss == DISK_TORN && next_random(m) % 2 == 0;
    return true;
}

static void apply_torn(struct maker *m, const struct event *e)
{
    struct bytes *b = &m->data[e->node];
    for (size_t done = 0; done < e->n;) {
        size_t step = SECTOR - (size_t)((e->at + done) % SECTOR);
        if (step > e->n - done)
            step = e->n - done;
        if (next_random(m) % 2 == 0)
            bytes_put(b, e->at + done, e->p + done, step);
        done += step;
    }
}

static void apply(struct maker *m, size_t index)
{
    const struct event *e = &disk.events[index];
    bool torn = false;
    if (e->kind == EV_SYNC || !arrives(m, index, &torn))
        return;
    switch (e->kind) {
    case EV_WRITE:
        if (torn)
            apply_torn(m, e);
        else
            bytes_put(&m->data[e->node], e->at, e->p, e->n);
        break;
    case EV_TRUNCATE:
        bytes_size(&m->data[e->node], (size_t)e->at);
        break;
    case EV_NAME:
        names_set(&m->names, e->folder, e->text, e->node);
        break;
    case EV_UNNAME:
        names_remove(&m->names, e->folder, e->text);
        break;
    case EV_RENAME:
        names_remove(&m->names, e->from_folder, e->from_text);
        names_set(&m->names, e->folder, e->text, e->node);
        break;
    case EV_SYNC:
    default:
        break;
    }
}

static void save(struct maker *m, size_t folder, const char *to)
{
    for (size_t i = 0; i < m->names.n; i++) {
        const struct name *name = &m->names.p[i];
        char path[1024];
        if (name->folder != folder)
            continue;
        int n = snprintf(path, sizeof path, "%s/%s", to, name->text);
        if (n < 0 || (size_t)n >= sizeof path)
            abort();
        if (disk.nodes[name->node].folder) {
            if (mkdir(path, 0700) != 0)
                abort();
            save(m, name->node, path);
        } else {
            disk_write(path, m->data[name->node].p, m->data[name->node].n);
        }
    }
}

/* Files that no name in the image leads to. */
static void save_lost(struct maker *m, const char *to)
{
    for (size_t node = 1; node < disk.node_count; node++) {
        char path[1024];
        bool named = false;
        for (size_t i = 0; i < m->names.n; i++)
            named = named || m->names.p[i].node == node;
        if (named || disk.nodes[node].folder || m->data[node].n == 0)
            continue;
        int n = snprintf(path, sizeof path, "%s/%zu", to, node);
        if (n < 0 || (size_t)n >= sizeof path)
            abort();
        disk_write(path, m->data[node].p, m->data[node].n);
    }
}

static void prepare(struct maker *m)
{
    static const unsigned chances[] = {0, 100, 50, 10, 90};
    m->synced = checked(calloc(disk.node_count, sizeof *m->synced));
    m->chance = checked(calloc(disk.node_count, sizeof *m->chance));
    m->data = checked(calloc(disk.node_count, sizeof *m->data));
    for (size_t i = 0; i < disk.node_count; i++) {
        m->chance[i] = chances[next_random(m) % (sizeof chances / sizeof *chances)];
        bytes_put(&m->data[i], 0, disk.nodes[i].base.p, disk.nodes[i].base.n);
    }
    for (size_t i = 0; i < disk.base.n; i++)
        names_set(&m->names, disk.base.p[i].folder, disk.base.p[i].text, disk.base.p[i].node);
    for (size_t i = 0; i < m->image->cut; i++) {
        const struct event *e = &disk.events[i];
        if (e->kind != EV_SYNC ||
            (m->image->drop != NULL && strcmp(e->text, m->image->drop) == 0))
            continue;
        if (e->at > m->synced[e->node])
            m->synced[e->node] = (size_t)e->at;
    }
}

void disk_build(const struct disk_image *image, const char *to)
{
    struct maker m = {.image = image, .random = image->seed};
    bool on = disk.on;
    if (disk.root[0] == 0 || image->cut > disk.event_count)
        abort();
    disk.on = false; /* an image below the root is not part of the record */
    prepare(&m);
    for (size_t i = 0; i < image->cut; i++)
        apply(&m, i);
    save(&m, 0, to);
    if (image->lost != NULL)
        save_lost(&m, image->lost);
    for (size_t i = 0; i < disk.node_count; i++)
        free(m.data[i].p);
    free(m.data);
    free(m.chance);
    free(m.synced);
    names_free(&m.names);
    disk.on = on;
}
