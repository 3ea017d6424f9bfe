/* Measures read from any text: what is read and written out with its unit is read as the same again. */
#include <stdlib.h>

#include "books/book.h"
#include "value/decimal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool parse(Arena *arena, const Locale *locale, Str text, Str unit, Value *out)
{
    Error err = {0};
    const BookContext context = {.locale = *locale};
    const Argument arguments[] = {{S("text"), value_text(text)}, {S("unit"), value_text(unit)}};
    const Procedure *procedure = catalog_find(books_catalog(), S("measures"), S("parse"));
    return books_call(&context, procedure, arguments, COUNT_OF(arguments), arena, out, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const Str units[] = {S_INIT("km"), S_INIT("sq ft"), S_INIT("l"), S_INIT("lb"), S_INIT("°F"), S_INIT("m/s")};
    const Locale locales[] = {{.measurement = MEASUREMENT_METRIC},
                              {.measurement = MEASUREMENT_IMPERIAL, .decimal_symbol = DECIMAL_COMMA}};
    if (size < 2)
        return 0;
    Arena arena = {0};
    Str unit = units[data[0] % COUNT_OF(units)], text = str_of((const char *)data + 2, size - 2);
    Value value, again;
    char figure[33];
    if (parse(&arena, &locales[data[1] % 2], text, unit, &value)) {
        figure[decimal_format(value, figure)] = '\0';
        Str written = str_printf(&arena, "%s0 %.*s", figure, STR_ARG(unit)); /* 1.250 alone might be 1250 */
        bool has_point = str_find_char(str_from_c(figure), '.') >= 0;
        if (has_point && value.scale < 28 &&
            (!parse(&arena, &locales[0], written, unit, &again) || decimal_compare(value, again) != 0))
            abort();
    }
    arena_done(&arena);
    return 0;
}
