/* value/list.c: items that grow at the end. */
#include "value/value.h"

Value value_list_new(Arena *arena, uint32_t cap)
{
    List *list = NEW(arena, List);
    list->items = cap > 0 ? NEW_ARRAY(arena, Value, cap) : NULL;
    list->cap = cap;
    return (Value){.list = list, .kind = VALUE_LIST};
}

void list_add(Arena *arena, List *list, Value item)
{
    if (list->count == list->cap) {
        uint32_t cap = list->cap ? 2 * list->cap : 4;
        assert(cap > list->cap);
        list->items = arena_grow(arena, list->items, list->cap * sizeof(Value), cap * sizeof(Value), _Alignof(Value));
        list->cap = cap;
    }
    list->items[list->count++] = item;
}
