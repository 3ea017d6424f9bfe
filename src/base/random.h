/* base/random.h: a sequence that looks like chance and is the same for the same seed (splitmix64). Nothing that must
 * not be guessed may come of it: that is id.h's. */
#ifndef CLERKWORK_BASE_RANDOM_H
#define CLERKWORK_BASE_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

typedef struct Random {
    uint64_t state;
} Random;

static inline Random random_of(uint64_t seed)
{
    return (Random){seed};
}

static inline uint64_t random_next(Random *random)
{
    uint64_t z = random->state += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

/* From 0 on, less than `n`, which is at least 1. */
static inline uint64_t random_below(Random *random, uint64_t n)
{
    return random_next(random) % n;
}

/* True once in `n` times. */
static inline bool random_chance(Random *random, uint64_t n)
{
    return random_below(random, n) == 0;
}

#endif
