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

typedef struct Given { /* a name that a column has, or had */
    Str name;
    uint32_t column;
    uint32_t uses; /* numbers given out behind it; counted, so that equal names are not tried a million times */
    bool numbered;
    struct Given *base; /* of a name that we made with a number; NULL: it stands in the file */
} Given;

static void give(Map *taken, Str name, uint32_t column, Given *base)
{
    Given *given = NEW(taken->arena, Given);
    *given = (Given){.name = name, .column = column, .base = base};
    (void)map_put(taken, name, given);
}

static Str name_numbered(Map *taken, Given *given, uint32_t column)
{
    Str free_name;
    do
        free_name = str_printf(taken->arena, "%.*s %u", STR_ARG(given->name), ++given->uses);
    while (map_get(taken, free_name));
    give(taken, free_name, column, given);
    return free_name;
}

void heading_add(Map *taken, Table *table, Str name)
{
    uint32_t index = table->n_columns;
    if (name.len == 0)
        name = str_printf(taken->arena, "column %u", index + 1);
    Given *given = map_get(taken, name);
    if (given && given->base) { /* the file's own names go before ours */
        table->columns[given->column].name = name_numbered(taken, given->base, given->column);
        *given = (Given){.name = name, .column = index};
        given = NULL;
    } else if (!given) {
        give(taken, name, index, NULL);
    } else if (!given->numbered) {
        given->numbered = true;
        table->columns[given->column].name = name_numbered(taken, given, given->column);
    }
    (void)table_add_column(taken->arena, table, given ? name_numbered(taken, given, index) : name);
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
