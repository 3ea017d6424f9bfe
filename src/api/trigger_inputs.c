/* api/trigger_inputs.c */
#include "api/trigger_inputs.h"

#include "aip/payload.h"
#include "api/request.h"
#include "value/wire.h"

static bool add(Arena *arena, JsonOut *out, Str name, const Json *json, Error *err)
{
    Value value;
    if (!value_from_plain_json(arena, json, &value, err))
        return error_within(err, str_to_c(arena, str_printf(arena, "inputs.%.*s", STR_ARG(str_clip(name, 60)))));
    json_key(out, name);
    value_to_json(out, value);
    return true;
}

static bool add_all(Arena *arena, JsonOut *out, const Json *mapping, const Json *payload, Error *err)
{
    if (mapping->count == 0) {
        for (uint32_t i = 0; payload->kind == JSON_OBJECT && i < payload->count; i++)
            if (!add(arena, out, payload->items[i].key, &payload->items[i], err))
                return false;
        return true;
    }
    for (uint32_t i = 0; i < mapping->count; i++) {
        const Json *found = payload_at(payload, mapping->items[i].text);
        if (found && !add(arena, out, mapping->items[i].key, found, err))
            return false;
    }
    return true;
}

bool trigger_inputs(Arena *arena, Str mapping, const Json *payload, const Json **out, Error *err)
{
    const Json *paths;
    Buf text = buf_in(arena);
    JsonOut json = json_out(&text);
    if (!json_parse(arena, mapping, 4, &paths, err))
        return false;
    json_open_object(&json);
    if (!add_all(arena, &json, paths, payload, err))
        return false;
    json_close_object(&json);
    return json_parse(arena, buf_view(&text), API_ANSWER_DEPTH, out, err);
}
