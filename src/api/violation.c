#include "api/violation.h"

#include "base/buf.h"

void violation_add(Violations *all, Str field, const char *format, ...)
{
    if (all->count == VIOLATIONS_MAX)
        return;
    if (all->count == all->cap) {
        uint32_t cap = all->cap ? all->cap * 2 : 4;
        all->items = arena_grow(all->arena, all->items, all->cap * sizeof(Violation), cap * sizeof(Violation),
                                _Alignof(Violation));
        all->cap = cap;
    }
    Buf text = buf_in(all->arena);
    va_list args;
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    all->items[all->count++] = (Violation){str_copy(all->arena, field), buf_view(&text)};
}

bool violations_none(const Violations *all, Error *err)
{
    if (all->count == 0)
        return true;
    const Violation *first = &all->items[0];
    char field[sizeof err->field];
    size_t len = MIN_OF(first->field.len, sizeof field - 1);
    for (size_t i = 0; i < len; i++)
        field[i] = first->field.data[i];
    field[len] = '\0';
    const char *name = len ? field : "the body";
    if (all->count == 1)
        return error_set(err, INVALID_ARGUMENT, field, "%s: %.*s", name, STR_ARG(first->description));
    return error_set(err, INVALID_ARGUMENT, field, "%s: %.*s (and %u more, see details)", name,
                     STR_ARG(first->description), all->count - 1);
}
