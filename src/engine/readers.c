/* readers.c - threads that read beside the caller's, and seal what was read.
 *
 * A run of reads is opened to them, and each takes calls from it until none is left (read.c). The
 * caller may do something else meanwhile, hand out replies say; to close the run it works as they do,
 * and goes on when all have left. A thread that wakes up late finds the run closed and has held up
 * nobody. Before it reads, a thread seals the entries of the runs before (scribe.c): the log thread,
 * which sleeps in a sync most of the time, would be woken on the caller's processor and displace it
 * (measured, docs/performance.md). They are started by the first run that is worth sharing; a machine
 * with one processor has none. */
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"
#include "engine/engine_int.h"

/* Whoever closes a run looks so often whether the others have left before it sleeps: they are at their last
 * call, which takes less than to fall asleep and be woken. */
#define LOOKS 20000u

struct readers {
    pthread_mutex_t mutex;
    pthread_cond_t work, left;
    struct run *open; /* the run that may be entered */
    uint64_t round;   /* of the open run */
    atomic_uint inside; /* changed under the mutex */
    bool damage;      /* a thread met it in the open run */
    bool started, stop;
    bool sheets; /* entries are to be sealed */
    size_t count;
    struct one {
        struct kept *kept;
        struct kept_store *store;
        struct reader *reader;
        pthread_t thread;
    } all[KEPT_MAX_READERS];
    struct reader *own; /* the caller's, on the engine's own connection */
};

static void *reader_main(void *arg)
{
    struct one *one = arg;
    struct readers *readers = one->kept->readers;
    uint64_t seen = 0;
    (void)pthread_mutex_lock(&readers->mutex);
    for (;;) {
        while (!readers->stop && !readers->sheets &&
               (readers->open == NULL || readers->round == seen))
            (void)pthread_cond_wait(&readers->work, &readers->mutex);
        if (readers->stop)
            break;
        if (readers->sheets) {
            readers->sheets = false;
            (void)pthread_mutex_unlock(&readers->mutex);
            kept_scribe_help(one->kept);
            (void)pthread_mutex_lock(&readers->mutex);
            continue;
        }
        struct run *run = readers->open;
        seen = readers->round;
        readers->inside++;
        (void)pthread_mutex_unlock(&readers->mutex);
        int rc = kept_reader_work(one->reader, run, NULL); /* said in the calls */
        (void)pthread_mutex_lock(&readers->mutex);
        readers->damage = readers->damage || rc == KEPT_E_CORRUPT;
        bool last = --readers->inside == 0;
        (void)pthread_mutex_unlock(&readers->mutex);
        if (last)
            (void)pthread_cond_signal(&readers->left); /* who wakes up finds the mutex free */
        (void)pthread_mutex_lock(&readers->mutex);
    }
    (void)pthread_mutex_unlock(&readers->mutex);
    return NULL;
}

static void one_free(struct one *one)
{
    kept_reader_free(one->reader);
    kept_store_close(one->store);
    *one = (struct one){0};
}

/* Signals are the application's: no thread of ours takes them. */
int kept_thread_start(pthread_t *thread, void *(*start)(void *), void *arg)
{
    sigset_t all, before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(thread, NULL, start, arg);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rc == 0 ? 0 : KEPT_E_NOMEM;
}

/* As many as can be had: the caller alone can do the work too. */
static void start(struct kept *kept)
{
    struct readers *readers = kept->readers;
    readers->started = true;
    while (readers->count < kept->reader_count) {
        struct one *one = &readers->all[readers->count];
        one->kept = kept;
        if (kept_store_reader(kept->store, kept->reader_cache_kib, &one->store, NULL) != 0 ||
            kept_reader_new(one->store, &one->reader, NULL) != 0 ||
            kept_thread_start(&one->thread, reader_main, one) != 0) {
            one_free(one);
            return;
        }
        readers->count++;
    }
}

int kept_readers_new(struct kept *kept, struct kept_err *err)
{
    struct readers *readers = kept_alloc(1, sizeof *readers);
    if (readers == NULL)
        return kept_fail(err, KEPT_E_NOMEM, "no memory to read");
    (void)pthread_mutex_init(&readers->mutex, NULL);
    (void)pthread_cond_init(&readers->work, NULL);
    (void)pthread_cond_init(&readers->left, NULL);
    kept->readers = readers;
    return kept_reader_new(kept->store, &readers->own, err);
}

void kept_readers_free(struct kept *kept)
{
    struct readers *readers = kept->readers;
    if (readers == NULL)
        return;
    (void)pthread_mutex_lock(&readers->mutex);
    readers->stop = true;
    (void)pthread_cond_broadcast(&readers->work);
    (void)pthread_mutex_unlock(&readers->mutex);
    for (size_t i = 0; i < readers->count; i++) {
        (void)pthread_join(readers->all[i].thread, NULL);
        one_free(&readers->all[i]);
    }
    kept_reader_free(readers->own);
    (void)pthread_cond_destroy(&readers->work);
    (void)pthread_cond_destroy(&readers->left);
    (void)pthread_mutex_destroy(&readers->mutex);
    kept_free(readers);
    kept->readers = NULL;
}

void kept_readers_abandon(struct kept *kept)
{
    struct readers *readers = kept->readers;
    for (size_t i = 0; readers != NULL && i < readers->count; i++)
        kept_reader_abandon(readers->all[i].reader);
    if (readers != NULL)
        kept_reader_abandon(readers->own);
    kept->readers = NULL;
}

void kept_readers_open(struct kept *kept, struct run *run)
{
    struct readers *readers = kept->readers;
    if (!readers->started)
        start(kept);
    (void)pthread_mutex_lock(&readers->mutex);
    readers->open = run;
    readers->round++;
    (void)pthread_mutex_unlock(&readers->mutex);
    (void)pthread_cond_broadcast(&readers->work); /* they find the mutex free */
}

bool kept_readers_run(const struct readers *readers)
{
    return readers->count > 0;
}

void kept_readers_seal(struct readers *readers)
{
    (void)pthread_mutex_lock(&readers->mutex);
    readers->sheets = true;
    (void)pthread_mutex_unlock(&readers->mutex);
    (void)pthread_cond_signal(&readers->work);
}

int kept_readers_share(struct kept *kept, struct run *run, struct kept_err *err)
{
    return kept_reader_work(kept->readers->own, run, err);
}

bool kept_readers_left(struct readers *readers)
{
    (void)pthread_mutex_lock(&readers->mutex);
    bool left = readers->inside == 0;
    (void)pthread_mutex_unlock(&readers->mutex);
    return left;
}

void kept_readers_close(struct kept *kept)
{
    struct readers *readers = kept->readers;
    (void)pthread_mutex_lock(&readers->mutex);
    readers->open = NULL;
    (void)pthread_mutex_unlock(&readers->mutex);
    for (unsigned i = 0; i < LOOKS && atomic_load_explicit(&readers->inside, memory_order_relaxed) > 0; i++)
        continue;
    (void)pthread_mutex_lock(&readers->mutex);
    while (readers->inside > 0)
        (void)pthread_cond_wait(&readers->left, &readers->mutex);
    bool damage = readers->damage;
    readers->damage = false;
    (void)pthread_mutex_unlock(&readers->mutex);
    if (damage)
        kept_store_distrust(kept->store);
}

size_t kept_readers_wanted(int asked)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    if (asked > 0)
        return (size_t)asked < KEPT_MAX_READERS ? (size_t)asked : KEPT_MAX_READERS;
    if (asked < 0 || processors < 2)
        return 0;
    return (size_t)processors - 1 < KEPT_MAX_READERS ? (size_t)processors - 1 : KEPT_MAX_READERS;
}
