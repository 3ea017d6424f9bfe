/* engine/key_ring.c */
#include "engine/key_ring.h"

#include <assert.h>
#include <stdlib.h>

#define CAP_FIRST 1024

static int64_t *at(const KeyRing *ring, size_t which)
{
    return &ring->keys[(ring->first + which) % ring->cap];
}

static void grow(KeyRing *ring)
{
    size_t cap = ring->cap ? ring->cap * 2 : CAP_FIRST;
    int64_t *keys = malloc(cap * sizeof *keys);
    if (!keys)
        abort();
    for (size_t i = 0; i < ring->count; i++)
        keys[i] = *at(ring, i);
    free(ring->keys);
    ring->keys = keys;
    ring->cap = cap;
    ring->first = 0;
}

void key_ring_push(KeyRing *ring, int64_t key)
{
    if (ring->count == ring->cap)
        grow(ring);
    *at(ring, ring->count++) = key;
}

int64_t key_ring_pop(KeyRing *ring)
{
    assert(ring->count > 0);
    int64_t key = *at(ring, 0);
    ring->first = (ring->first + 1) % ring->cap;
    ring->count--;
    return key;
}

void key_ring_to_front(KeyRing *ring, size_t which)
{
    assert(which < ring->count);
    int64_t first = *at(ring, 0);
    *at(ring, 0) = *at(ring, which);
    *at(ring, which) = first;
}

void key_ring_done(KeyRing *ring)
{
    free(ring->keys);
    *ring = (KeyRing){0};
}
