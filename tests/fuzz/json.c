/* Whatever json_parse accepts is written as text that reads the same and is written the same. */
#include <stdlib.h>

#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write(Buf *out, const Json *json)
{
    JsonOut writer = json_out(out);
    json_write(&writer, json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena_done)
    Arena arena = {0};
    const Json *json;
    Error err = {0};
    if (!json_parse(&arena, str_of((const char *)data, size), 50, &json, &err))
        return err.code == INVALID_ARGUMENT && err.message[0] ? 0 : (abort(), 0);
    Buf first = buf_in(&arena), second = buf_in(&arena);
    write(&first, json);
    if (!json_parse(&arena, buf_view(&first), 50, &json, &err))
        abort();
    write(&second, json);
    if (!str_eq(buf_view(&first), buf_view(&second)))
        abort();
    int64_t n;
    bool whole = json_to_i64(json, &n);
    (void)whole;
    return 0;
}
