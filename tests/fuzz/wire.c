/* Whatever comes in over the API goes out and comes in again as the same value, also through the journal's bytes. */
#include <stdlib.h>

#include "value/pack.h"
#include "value/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool law)
{
    if (!law)
        abort();
}

static void check_unpack(Str bytes)
{
    AUTO(arena_done)
    Arena arena = {0};
    Reader reader = reader_of(bytes);
    Unpacker *unpacker = unpacker_new(&arena, &reader);
    Value v;
    Error err = {0};
    while (reader.next < reader.end && unpack_value(unpacker, &v, &err)) {
        Buf text = buf_in(&arena);
        value_print(&text, v);
        value_copy_deep(&arena, v);
    }
}

static void check_pack(Arena *arena, Value v)
{
    Buf first = buf_in(arena), second = buf_in(arena);
    Value back;
    Error err = {0};
    pack_value(packer_new(arena, &first), v);
    Reader reader = reader_of(buf_view(&first));
    require(unpack_value(unpacker_new(arena, &reader), &back, &err) && reader.next == reader.end);
    pack_value(packer_new(arena, &second), back);
    require(str_eq(buf_view(&first), buf_view(&second)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena_done)
    Arena arena = {0};
    const Json *json;
    Value v, plain;
    Error err = {0};
    Str text = str_of((const char *)data, size);
    check_unpack(text);
    if (!json_parse(&arena, text, 50, &json, &err))
        return 0;
    if (value_from_plain_json(&arena, json, &plain, &err))
        check_pack(&arena, plain);
    if (!value_from_json(&arena, json, "x", &v, &err))
        return 0;
    check_pack(&arena, v);
    Buf first = buf_in(&arena), second = buf_in(&arena);
    JsonOut out = json_out(&first), again = json_out(&second);
    value_to_json(&out, v);
    require(json_parse(&arena, buf_view(&first), 1000, &json, &err) && value_from_json(&arena, json, "x", &v, &err));
    value_to_json(&again, v);
    require(str_eq(buf_view(&first), buf_view(&second)));
    return 0;
}
