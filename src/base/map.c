/* base/map.c: entries in order of insertion, and open addressing over their numbers. */
#include "base/map.h"

#include <string.h>

/* A slot holds an entry's number plus one; zero is free. */
static uint32_t *slot_of(const Map *map, Str key, uint64_t hash)
{
    uint32_t mask = map->n_slots - 1;
    for (uint32_t at = (uint32_t)hash & mask;; at = (at + 1) & mask) {
        uint32_t number = map->slots[at];
        if (number == 0)
            return &map->slots[at];
        const MapEntry *entry = &map->entries[number - 1];
        if (entry->hash == hash && str_eq(entry->key, key))
            return &map->slots[at];
    }
}

static MapEntry *find_hashed(const Map *map, Str key, uint64_t hash)
{
    if (map->count == 0)
        return NULL;
    uint32_t number = *slot_of(map, key, hash);
    return number > 0 ? &map->entries[number - 1] : NULL;
}

MapEntry *map_find(const Map *map, Str key)
{
    return map->count > 0 ? find_hashed(map, key, str_hash_secret(key)) : NULL;
}

void *map_get(const Map *map, Str key)
{
    const MapEntry *entry = map_find(map, key);
    return entry ? entry->value : NULL;
}

/* At most three quarters of the slots are taken, so that probes stay short. */
static void grow(Map *map)
{
    uint32_t cap = map->cap ? 2 * map->cap : 6;
    map->entries =
        arena_grow(map->arena, map->entries, map->cap * sizeof(MapEntry), cap * sizeof(MapEntry), _Alignof(MapEntry));
    map->cap = cap;
    map->n_slots = map->n_slots ? 2 * map->n_slots : 8;
    map->slots = NEW_ARRAY(map->arena, uint32_t, map->n_slots);
    for (uint32_t i = 0; i < map->count; i++)
        *slot_of(map, map->entries[i].key, map->entries[i].hash) = i + 1;
}

void *map_put(Map *map, Str key, void *value)
{
    uint64_t hash = str_hash_secret(key);
    MapEntry *entry = find_hashed(map, key, hash);
    if (entry) {
        void *before = entry->value;
        entry->value = value;
        return before;
    }
    if (map->count == map->cap)
        grow(map);
    *slot_of(map, key, hash) = map->count + 1;
    map->entries[map->count++] = (MapEntry){.key = key, .hash = hash, .value = value};
    return NULL;
}
