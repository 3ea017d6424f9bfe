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

static void add_file(Arena *arena, JsonOut *out, Str name, Str file)
{
    json_key(out, name);
    value_to_json(out, value_file(arena, (FileRef){.name = file}));
}

static bool add_members(Arena *arena, JsonOut *out, const Json *payload, Str file, Error *err)
{
    for (uint32_t i = 0; payload->kind == JSON_OBJECT && i < payload->count; i++)
        if (!add(arena, out, payload->items[i].key, &payload->items[i], err))
            return false;
    if (file.len > 0)
        add_file(arena, out, S("file"), file);
    return true;
}

static bool add_mapped(Arena *arena, JsonOut *out, const Json *mapping, const Json *payload, Str file, Error *err)
{
    for (uint32_t i = 0; i < mapping->count; i++) {
        Str path = mapping->items[i].text;
        const Json *found = payload_at(payload, path);
        if (file.len > 0 && str_eq(path, S("file")))
            add_file(arena, out, mapping->items[i].key, file);
        else if (found && !add(arena, out, mapping->items[i].key, found, err))
            return false;
    }
    return true;
}

bool trigger_inputs(Arena *arena, Str mapping, const Json *payload, Str file, const Json **out, Error *err)
{
    const Json *paths;
    Buf text = buf_in(arena);
    JsonOut json = json_out(&text);
    if (!json_parse(arena, mapping, 4, &paths, err))
        return false;
    json_open_object(&json);
    if (!(paths->count > 0 ? add_mapped(arena, &json, paths, payload, file, err)
                           : add_members(arena, &json, payload, file, err)))
        return false;
    json_close_object(&json);
    return json_parse(arena, buf_view(&text), API_ANSWER_DEPTH, out, err);
}
