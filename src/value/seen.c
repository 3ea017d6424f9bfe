/* value/seen.c: pointers to numbers, open addressing. */
#include "value/seen.h"

#include "value/value.h"

static uint32_t *slot_of(const Seen *seen, const void *object)
{
    uint32_t mask = 2 * seen->cap - 1;
    uint64_t hash = ((uint64_t)(uintptr_t)object >> 4) * 0x9e3779b97f4a7c15u;
    for (uint32_t at = (uint32_t)(hash >> 32) & mask;; at = (at + 1) & mask) {
        uint32_t number = seen->slots[at];
        if (number == 0 || seen->objects[number - 1].object == object)
            return &seen->slots[at];
    }
}

static void grow(Seen *seen)
{
    uint32_t cap = seen->cap ? 2 * seen->cap : 16;
    assert(cap > seen->cap && cap <= UINT32_MAX / 2);
    seen->objects = arena_grow(seen->arena, seen->objects, seen->cap * sizeof(SeenObject), cap * sizeof(SeenObject),
                               _Alignof(SeenObject));
    seen->cap = cap;
    seen->slots = NEW_ARRAY(seen->arena, uint32_t, 2 * (size_t)cap);
    for (uint32_t i = 0; i < seen->count; i++)
        *slot_of(seen, seen->objects[i].object) = i + 1;
}

uint32_t seen_number(Seen *seen, const void *object, uint8_t kind, bool *out_new)
{
    if (seen->count == seen->cap)
        grow(seen);
    uint32_t *slot = slot_of(seen, object);
    *out_new = *slot == 0;
    if (*out_new) {
        seen->objects[seen->count] = (SeenObject){.object = object, .kind = kind};
        *slot = ++seen->count;
    }
    return *slot - 1;
}

void *seen_object_new(Arena *arena, uint8_t kind)
{
    switch ((ValueKind)kind) {
    case VALUE_LIST: return NEW(arena, List);
    case VALUE_SET: return NEW(arena, Set);
    case VALUE_RECORD: return NEW(arena, Record);
    case VALUE_TABLE: return NEW(arena, Table);
    default: return NEW(arena, FileRef);
    }
}
