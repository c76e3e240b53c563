/* test_corpus.c - every fuzz target over its seeds and its corpus, without a fuzzer: what was found
 * once is not found again. `test_corpus --seeds FOLDER` writes the seeds, for the fuzzer to begin with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"

struct target {
    const char *name;
    fuzz_run_fn *run;
    fuzz_seeds_fn *seeds;
};
static const struct target targets[] = {
#define X(name) {#name, fuzz_##name, seeds_##name},
#include "targets.def"
#undef X
};
#define TARGETS (sizeof targets / sizeof targets[0])

static const struct target *now; /* for seeds, and for what is said at the end */
static char input[512];
static unsigned given;

/* Sanitizers should end where the handler sees it. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "abort_on_error=1";
}

static void at_the_end(int number)
{
    (void)number;
    ssize_t said = write(STDERR_FILENO, input, strlen(input));
    (void)said;
    (void)signal(SIGABRT, SIG_DFL);
    abort();
}

static void run_seed(const void *p, size_t n)
{
    (void)snprintf(input, sizeof input, "seed %u of %s\n", given++, now->name);
    /* A copy of its own size, so that reading behind it is seen. */
    uint8_t *copy = malloc(n == 0 ? 1 : n);
    assert_non_null(copy);
    if (n != 0)
        memcpy(copy, p, n);
    now->run(copy, n);
    for (size_t cut = n; cut > 0;) { /* and cut short, sixteen times */
        cut -= cut < n / 16 + 1 ? cut : n / 16 + 1;
        uint8_t *head = malloc(cut == 0 ? 1 : cut);
        assert_non_null(head);
        memcpy(head, copy, cut);
        now->run(head, cut);
        free(head);
    }
    free(copy);
}

static unsigned run_corpus(const struct target *target)
{
    char folder[256];
    unsigned count = 0;
    (void)snprintf(folder, sizeof folder, "tests/fuzz/corpus/%s", target->name);
    DIR *dir = opendir(folder);
    if (dir == NULL)
        fail_msg("no corpus in %s (run from the top of the tree)", folder);
    for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        size_t n = 0;
        if (e->d_name[0] == '.')
            continue;
        (void)snprintf(input, sizeof input, "%s/%.200s\n", folder, e->d_name);
        input[strlen(input) - 1] = 0;
        uint8_t *p = fuzz_get(input, &n);
        assert_non_null(p);
        uint8_t *exact = realloc(p, n == 0 ? 1 : n);
        assert_non_null(exact);
        target->run(exact, n);
        free(exact);
        count++;
    }
    (void)closedir(dir);
    return count;
}

static void test_target(void **state)
{
    now = *state;
    given = 0;
    (void)snprintf(input, sizeof input, "making the seeds of %s\n", now->name);
    now->seeds(run_seed);
    unsigned files = run_corpus(now);
    assert_true(given > 0 && files > 0);
}

/* ---- seeds as files ---- */

static const char *seeds_folder;

static void save_seed(const void *p, size_t n)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s/seed-%03u", seeds_folder, now->name, given++);
    fuzz_put(path, p, n);
}

static int save_seeds(void)
{
    for (size_t i = 0; i < TARGETS; i++) {
        char path[512];
        now = &targets[i];
        given = 0;
        (void)snprintf(path, sizeof path, "%s/%s", seeds_folder, now->name);
        (void)mkdir(path, 0700);
        now->seeds(save_seed);
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct CMUnitTest tests[TARGETS];
    (void)signal(SIGABRT, at_the_end);
    fuzz_start();
    if (argc == 3 && strcmp(argv[1], "--seeds") == 0) {
        seeds_folder = argv[2];
        return save_seeds();
    }
    for (size_t i = 0; i < TARGETS; i++)
        tests[i] = (struct CMUnitTest){.name = targets[i].name, .test_func = test_target,
                                       .initial_state = (void *)(uintptr_t)&targets[i]};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
