/* engine/key_ring.h: keys of runs, first in, first out. It takes as many as there are: a run that waits here costs
 * eight bytes. Zeros are an empty one. */
#ifndef CLERKWORK_ENGINE_KEY_RING_H
#define CLERKWORK_ENGINE_KEY_RING_H

#include <stddef.h>
#include <stdint.h>

typedef struct KeyRing {
    int64_t *keys;
    size_t first, count, cap;
} KeyRing;

void key_ring_push(KeyRing *ring, int64_t key);
int64_t key_ring_pop(KeyRing *ring);                 /* of one that is not empty */
void key_ring_to_front(KeyRing *ring, size_t which); /* the one so many behind the first changes places with it */
void key_ring_done(KeyRing *ring);

#endif
