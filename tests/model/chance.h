/* chance.h - chance that comes again: the same numbers from the same seed. */
#ifndef KEPT_TESTS_MODEL_CHANCE_H
#define KEPT_TESTS_MODEL_CHANCE_H

#include <stdbool.h>
#include <stdint.h>

static uint64_t random_state;

static void seed_with(uint64_t seed)
{
    random_state = seed * 0x9e3779b97f4a7c15ull + 1;
}

static uint64_t draw(uint64_t below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (random_state * 0x2545f4914f6cdd1dull >> 11) % below;
}

static bool one_in(uint64_t n)
{
    return draw(n) == 0;
}

#endif
