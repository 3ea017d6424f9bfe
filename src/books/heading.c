/* books/heading.c: names that are clean, and different from each other. */
#include "books/heading.h"

Str cell_trim(Str cell)
{
    static const Str no_break = S_INIT("\xC2\xA0");
    for (;;) {
        Str before = cell;
        cell = str_trim(cell);
        if (str_starts(cell, no_break))
            cell = str_skip(cell, no_break.len);
        if (str_ends(cell, no_break))
            cell.len -= no_break.len;
        if (cell.len == before.len)
            return cell;
    }
}

Str heading_clean(Arena *arena, Str name)
{
    Buf out = buf_in(arena);
    for (size_t i = 0; i < name.len; i++) {
        char c = name.data[i];
        bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
        if (!blank)
            buf_char(&out, c);
        else if (out.len > 0 && out.data[out.len - 1] != ' ')
            buf_char(&out, ' ');
    }
    return buf_view(&out);
}

/* What was given is counted, so that a thousand equal names are not tried a million times. */
Str heading_free(Map *taken, Str name, uint32_t index)
{
    if (name.len == 0)
        name = str_printf(taken->arena, "column %u", index + 1);
    uint32_t *uses = map_get(taken, name);
    Str free_name = name;
    while (uses && map_get(taken, free_name))
        free_name = str_printf(taken->arena, "%.*s %u", STR_ARG(name), ++*uses);
    uint32_t *once = NEW(taken->arena, uint32_t);
    *once = 1;
    (void)map_put(taken, free_name, once);
    return free_name;
}

void drop_phantom_columns(Table *table, const Str *found_names)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < table->n_columns; i++) {
        bool content = found_names[i].len > 0;
        for (uint32_t row = 0; !content && row < table->n_rows; row++)
            content = table->columns[i].cells[row].kind != VALUE_NULL;
        if (content)
            table->columns[kept++] = table->columns[i];
    }
    table->n_columns = kept;
}
