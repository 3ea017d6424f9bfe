/* base/map.h: from text to a pointer, in an arena. Keys are views: their bytes must outlive the map.
 * Iteration is in order of first insertion, so that nothing depends on hashes. A zeroed Map with its arena set is
 * empty. */
#ifndef CLERKWORK_BASE_MAP_H
#define CLERKWORK_BASE_MAP_H

#include "base/arena.h"

typedef struct MapEntry {
    Str key;
    uint64_t hash;
    void *value;
} MapEntry;

typedef struct Map {
    Arena *arena;
    MapEntry *entries; /* `count` of them, in order of insertion */
    uint32_t count, cap;
    uint32_t *slots;
    uint32_t n_slots;
} Map;

void *map_get(const Map *map, Str key);        /* NULL when absent */
MapEntry *map_find(const Map *map, Str key);   /* NULL when absent */
void *map_put(Map *map, Str key, void *value); /* gives what was there before, or NULL */

#endif
