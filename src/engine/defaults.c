/* engine/defaults.c */
#include "engine/defaults.h"

#include "engine/internal.h"
#include "value/wire.h"

/* Of a value inside values. */
#define KEPT_DEPTH 1000

static const InputSpec *find_input(const Program *program, Str name)
{
    for (uint32_t i = 0; i < program->n_inputs; i++)
        if (name_alike(program->inputs[i].name, name))
            return &program->inputs[i];
    return NULL;
}

static bool default_fits(Arena *arena, const Program *program, const Json *item, Reading reading, Error *err)
{
    Value value, converted;
    const InputSpec *input = find_input(program, item->key);
    const char *field = str_to_c(arena, str_printf(arena, "default_inputs.%.*s", STR_ARG(str_clip(item->key, 80))));
    if (!input)
        return input_refuse_unknown(arena, program, "default_inputs", item->key, err);
    if (!value_from_json(arena, item, field, &value, err))
        return false;
    return value.kind == VALUE_NULL || !input->type ||
           type_convert(arena, input->type, value, reading, field, &converted, err);
}

bool default_inputs_fit(Arena *arena, const Program *program, Str kept, Reading reading, Error *err)
{
    const Json *defaults = NULL;
    if (program->diagnostics.n_errors > 0 || kept.len == 0)
        return true;
    if (!json_parse(arena, kept, KEPT_DEPTH, &defaults, err))
        return false;
    for (uint32_t i = 0; i < defaults->count; i++)
        if (!default_fits(arena, program, &defaults->items[i], reading, err))
            return false;
    return true;
}

static bool has_output(const Program *program, Str name)
{
    for (uint32_t i = 0; i < program->n_outputs; i++)
        if (str_eq(program->outputs[i].name, name))
            return true;
    return false;
}

static bool refuse_mark(Arena *arena, const Program *program, Str name, Error *err)
{
    Buf known = buf_in(arena);
    for (uint32_t i = 0; i < program->n_outputs; i++)
        buf_printf(&known, "%s\"%.*s\"", i ? ", " : "", STR_ARG(program->outputs[i].name));
    if (program->n_outputs == 0)
        return error_set(err, INVALID_ARGUMENT, "marked_outputs",
                         "the automation has no outputs, but \"%.*s\" was marked", STR_ARG(str_clip(name, 80)));
    return error_set(err, INVALID_ARGUMENT, "marked_outputs",
                     "the automation has no output \"%.*s\"; its outputs are %.*s", STR_ARG(str_clip(name, 80)),
                     STR_ARG(buf_view(&known)));
}

bool marked_outputs_fit(Arena *arena, const Program *program, Str kept, Error *err)
{
    const Json *marks = NULL;
    if (program->diagnostics.n_errors > 0 || kept.len == 0)
        return true;
    if (!json_parse(arena, kept, KEPT_DEPTH, &marks, err))
        return false;
    for (uint32_t i = 0; i < marks->count; i++)
        if (!has_output(program, json_text(&marks->items[i])))
            return refuse_mark(arena, program, json_text(&marks->items[i]), err);
    return true;
}
