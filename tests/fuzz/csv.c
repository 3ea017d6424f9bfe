/* tests/fuzz/csv.c: hostile tables. Whatever can be read is written and read again, and must be the same. */
#include <stdlib.h>
#include <string.h>

#include "books/csv.h"
#include "books/encoding.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void must_be_equal(const Table *a, const Table *b)
{
    must(a->n_columns == b->n_columns && a->n_rows == b->n_rows);
    for (uint32_t i = 0; i < a->n_columns; i++) {
        must(str_eq(a->columns[i].name, b->columns[i].name));
        for (uint32_t row = 0; row < a->n_rows; row++)
            must(value_equals(a->columns[i].cells[row], b->columns[i].cells[row]));
    }
}

/* The first byte chooses the options. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    Arena arena = {0};
    Error err = {0};
    Str text;
    Value plain, typed, again;
    CsvOptions options = {.header_row = data[0] & 1, .columns = {.decimal_comma = data[0] & 2}};
    if (encoding_decode(&arena, str_of((const char *)data + 1, size - 1), ENCODING_DETECT, &text, &err)) {
        (void)!csv_read(&arena, text, &options, S("fuzz.csv"), &typed, &err);
        options.plain = true;
        if (csv_read(&arena, text, &options, S("fuzz.csv"), &plain, &err) && plain.table->n_columns > 0) {
            Buf out = buf_in(&arena);
            csv_write(&out, plain.table, ';', false);
            CsvOptions known = {.header_row = 1, .separator = ';', .plain = true};
            must(csv_read(&arena, buf_view(&out), &known, S("fuzz.csv"), &again, &err));
            must_be_equal(plain.table, again.table);
        }
    }
    arena_done(&arena);
    return 0;
}
