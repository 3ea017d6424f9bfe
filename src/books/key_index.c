/* books/key_index.c: open addressing over the first row of every key. */
#include "books/key_index.h"

#include "books/book.h"

bool key_of(const Table *table, const Str *names, uint32_t n_names, const char *field, Key *out, Error *err)
{
    Key key = {.n_columns = n_names};
    if (n_names > KEY_COLUMNS_MAX)
        return error_set(err, INVALID_ARGUMENT, field, "%u columns are named: %d are the most", n_names,
                         KEY_COLUMNS_MAX);
    for (uint32_t i = 0; i < n_names; i++) {
        if (!table_column_named(table, names[i], field, &key.columns[i], err))
            return false;
    }
    *out = key;
    return true;
}

bool key_has_null(const Key *key, uint32_t row)
{
    for (uint32_t i = 0; i < key->n_columns; i++) {
        if (key->columns[i]->cells[row].kind == VALUE_NULL)
            return true;
    }
    return false;
}

static bool key_is_hashable(const Key *key, uint32_t row, Error *err)
{
    for (uint32_t i = 0; i < key->n_columns; i++) {
        Value cell = key->columns[i]->cells[row];
        if (!value_is_hashable(cell))
            return error_set(err, INVALID_ARGUMENT, "", "row %u: the %.*s is %s, which cannot be compared", row + 1,
                             STR_ARG(str_slice(key->columns[i]->name, 0, 60)), value_kind_name((ValueKind)cell.kind));
    }
    return true;
}

static uint64_t key_hash(const Key *key, uint32_t row)
{
    uint64_t hash = 0x9E3779B97F4A7C15u;
    for (uint32_t i = 0; i < key->n_columns; i++) {
        hash = (hash ^ value_hash(key->columns[i]->cells[row])) * 0xFF51AFD7ED558CCDu;
        hash ^= hash >> 32;
    }
    return hash;
}

static bool keys_equal(const Key *a, uint32_t row_a, const Key *b, uint32_t row_b)
{
    for (uint32_t i = 0; i < a->n_columns; i++) {
        if (!value_equals(a->columns[i]->cells[row_a], b->columns[i]->cells[row_b]))
            return false;
    }
    return true;
}

/* The slot of the key, or the free one where it would go. */
static uint32_t slot_of(const KeyIndex *index, const Key *key, uint32_t row, uint64_t hash)
{
    uint32_t slot = (uint32_t)hash & index->mask;
    while (index->slots[slot] != KEY_NONE) {
        uint32_t head = index->slots[slot];
        if (index->hashes[head] == hash && keys_equal(&index->key, head, key, row))
            break;
        slot = (slot + 1) & index->mask;
    }
    return slot;
}

static void index_add(KeyIndex *index, uint32_t row)
{
    uint64_t hash = key_hash(&index->key, row);
    uint32_t slot = slot_of(index, &index->key, row, hash), head = index->slots[slot];
    index->hashes[row] = hash;
    index->next[row] = KEY_NONE;
    index->first[row] = head == KEY_NONE ? row : head;
    if (head == KEY_NONE) {
        index->slots[slot] = row;
        index->last[row] = row;
        index->n_keys++;
        return;
    }
    index->next[index->last[head]] = row;
    index->last[head] = row;
}

bool key_index_new(Arena *arena, const Key *key, uint32_t n_rows, KeyIndex *out, Error *err)
{
    uint32_t n_slots = 16;
    while (n_slots < n_rows * 2ull)
        n_slots *= 2;
    KeyIndex index = {
        .key = *key,
        .n_rows = n_rows,
        .mask = n_slots - 1,
        .slots = NEW_ARRAY(arena, uint32_t, n_slots),
        .next = NEW_ARRAY(arena, uint32_t, n_rows),
        .last = NEW_ARRAY(arena, uint32_t, n_rows),
        .first = NEW_ARRAY(arena, uint32_t, n_rows),
        .hashes = NEW_ARRAY(arena, uint64_t, n_rows),
    };
    for (uint32_t i = 0; i < n_slots; i++)
        index.slots[i] = KEY_NONE;
    for (uint32_t row = 0; row < n_rows; row++) {
        if (!key_is_hashable(key, row, err))
            return false;
        index_add(&index, row);
    }
    *out = index;
    return true;
}

uint32_t key_index_find(const KeyIndex *index, const Key *key, uint32_t row)
{
    Error ignored;
    if (!key_is_hashable(key, row, &ignored))
        return KEY_NONE;
    return index->slots[slot_of(index, key, row, key_hash(key, row))];
}
