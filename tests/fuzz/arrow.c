/* Whatever arrow_read accepts is written and read again as the same table, except that what has no Arrow form of its
 * own comes back as text. */
#include <stdlib.h>

#include "value/arrow.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena_done)
    Arena arena = {0};
    Table *table, *again, *third;
    Error err = {0};
    if (!arrow_read(&arena, str_of((const char *)data, size), &table, &err))
        return err.code == INVALID_ARGUMENT && err.message[0] ? 0 : (abort(), 0);
    Buf first = buf_in(&arena), second = buf_in(&arena);
    arrow_write(&first, table);
    if (!arrow_read(&arena, buf_view(&first), &again, &err))
        abort();
    arrow_write(&second, again);
    if (!str_eq(buf_view(&first), buf_view(&second)) || !arrow_read(&arena, buf_view(&second), &third, &err))
        abort();
    Value a = {.table = again, .kind = VALUE_TABLE}, b = {.table = third, .kind = VALUE_TABLE};
    return value_equals(a, b) ? 0 : (abort(), 0);
}
