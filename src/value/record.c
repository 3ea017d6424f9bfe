/* value/record.c: records and sets: entries in order of insertion, with an index once there are many.
 *
 * Equal keys are one key (1 and 1.0 are). A slot of the index holds an entry's number plus one; zero is free. */
#include "value/value.h"

#include <string.h>

enum { INDEX_FROM = 9 }; /* below that, looking at each entry is faster */

typedef struct RecordEntry RecordEntry;

Value value_record_new(Arena *arena)
{
    return (Value){.record = NEW(arena, Record), .kind = VALUE_RECORD};
}

Value value_set_new(Arena *arena)
{
    return (Value){.set = NEW(arena, Set), .kind = VALUE_SET};
}

/* Texts, whose content strangers choose, hash with the process's secret. No other kind equals a text. */
static uint64_t hash_key(Value key)
{
    return key.kind == VALUE_TEXT ? str_hash_secret(value_str(key)) : value_hash(key);
}

static bool same_key(Value a, Value b)
{
    if (a.kind == VALUE_TEXT && b.kind == VALUE_TEXT)
        return str_eq(value_str(a), value_str(b));
    return value_equals(a, b);
}

static uint32_t *slot_of(const Record *record, Value key)
{
    uint32_t mask = record->n_slots - 1;
    for (uint32_t at = (uint32_t)hash_key(key) & mask;; at = (at + 1) & mask) {
        uint32_t number = record->slots[at];
        if (number == 0 || same_key(record->entries[number - 1].key, key))
            return &record->slots[at];
    }
}

static RecordEntry *find_entry(const Record *record, Value key)
{
    if (record->slots) {
        uint32_t number = *slot_of(record, key);
        return number > 0 ? &record->entries[number - 1] : NULL;
    }
    for (uint32_t i = 0; i < record->count; i++) {
        if (same_key(record->entries[i].key, key))
            return &record->entries[i];
    }
    return NULL;
}

Value *record_find(const Record *record, Value key)
{
    RecordEntry *entry = find_entry(record, key);
    return entry ? &entry->value : NULL;
}

static void fill_index(Record *record)
{
    memset(record->slots, 0, record->n_slots * sizeof *record->slots);
    for (uint32_t i = 0; i < record->count; i++)
        *slot_of(record, record->entries[i].key) = i + 1;
}

static void grow(Arena *arena, Record *record)
{
    uint32_t cap = record->cap ? 2 * record->cap : 4;
    assert(cap > record->cap);
    record->entries = arena_grow(arena, record->entries, record->cap * sizeof(RecordEntry), cap * sizeof(RecordEntry),
                                 _Alignof(RecordEntry));
    record->cap = cap;
    if (cap < INDEX_FROM)
        return;
    record->n_slots = 2 * cap; /* at most half are taken */
    record->slots = NEW_ARRAY(arena, uint32_t, record->n_slots);
    fill_index(record);
}

static void add_entry(Arena *arena, Record *record, Value key, Value value)
{
    if (record->count == record->cap)
        grow(arena, record);
    if (record->slots)
        *slot_of(record, key) = record->count + 1;
    record->entries[record->count++] = (RecordEntry){.key = key, .value = value};
}

void record_set(Arena *arena, Record *record, Value key, Value value)
{
    assert(value_is_hashable(key));
    RecordEntry *entry = find_entry(record, key);
    if (entry)
        entry->value = value;
    else
        add_entry(arena, record, key, value);
}

/* Order is kept, so that all later entries move down and the index is made anew. */
bool record_remove(Record *record, Value key)
{
    RecordEntry *entry = find_entry(record, key);
    if (!entry)
        return false;
    uint32_t at = (uint32_t)(entry - record->entries);
    memmove(entry, entry + 1, (record->count - at - 1) * sizeof *entry);
    record->count--;
    if (record->slots)
        fill_index(record);
    return true;
}

bool set_add(Arena *arena, Set *set, Value item)
{
    assert(value_is_hashable(item));
    if (find_entry(&set->items, item))
        return false;
    add_entry(arena, &set->items, item, value_null());
    return true;
}
