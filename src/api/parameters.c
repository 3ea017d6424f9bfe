#include "api/parameters.h"

#include "api/check.h"
#include "base/clock.h"
#include "base/codec.h"

static const ContractParameter *find_parameter(const ContractOperation *operation, Str name)
{
    for (uint32_t i = 0; i < operation->n_parameters; i++) {
        const ContractParameter *parameter = &operation->parameters[i];
        if (str_eq(parameter->name, name) || str_eq(parameter->camel, name))
            return parameter;
    }
    return NULL;
}

static void read_integer(const ContractParameter *parameter, ApiParameter *value, Violations *wrong)
{
    int64_t low = parameter->minimum, high = parameter->maximum;
    if (parameter->kind == KIND_INT32) {
        low = MAX_OF(low, INT32_MIN);
        high = MIN_OF(high, INT32_MAX);
    }
    if (!str_to_i64(value->text, &value->number))
        violation_add(wrong, parameter->name, "\"%.*s\" is not a whole number", STR_ARG(str_slice(value->text, 0, 60)));
    else if (value->number < low)
        violation_add(wrong, parameter->name, "%lld is below %lld", (long long)value->number, (long long)low);
    else if (value->number > high)
        violation_add(wrong, parameter->name, "%lld is above %lld", (long long)value->number, (long long)high);
}

static void read_boolean(const ContractParameter *parameter, ApiParameter *value, Violations *wrong)
{
    value->number = str_eq_fold(value->text, S("true")) || str_eq(value->text, S("1"));
    if (!value->number && !str_eq_fold(value->text, S("false")) && !str_eq(value->text, S("0")))
        violation_add(wrong, parameter->name, "\"%.*s\" is neither true nor false",
                      STR_ARG(str_slice(value->text, 0, 60)));
}

static void read_enum(const ContractParameter *parameter, ApiParameter *value, Violations *wrong)
{
    int found = contract_enum_find(parameter->ref, value->text, false);
    if (found < 0 ||
        (parameter->required && str_ends(contract_enum_text(parameter->ref, (unsigned)found), S("_UNSPECIFIED")))) {
        const ContractEnum *names = &contract_enums[parameter->ref];
        Buf allowed = buf_in(wrong->arena);
        for (uint32_t i = 0; i < names->n_values; i++) {
            if (!str_ends(names->values[i], S("_UNSPECIFIED")))
                buf_printf(&allowed, "%s%.*s", allowed.len ? ", " : "", STR_ARG(names->values[i]));
        }
        violation_add(wrong, parameter->name, "\"%.*s\" is not one of %.*s", STR_ARG(str_slice(value->text, 0, 60)),
                      STR_ARG(buf_view(&allowed)));
        return;
    }
    value->number = found;
    value->text = contract_enum_text(parameter->ref, (unsigned)found);
}

static void read_duration(const ContractParameter *parameter, ApiParameter *value, Violations *wrong)
{
    if (!duration_parse(value->text, &value->number) || value->number < 0)
        violation_add(wrong, parameter->name, "\"%.*s\" is not a duration such as 30s",
                      STR_ARG(str_slice(value->text, 0, 60)));
}

static void read_time(const ContractParameter *parameter, ApiParameter *value, Violations *wrong)
{
    if (!clock_parse(value->text, &value->number))
        violation_add(wrong, parameter->name, "\"%.*s\" is not a time such as 2026-04-14T09:00:00Z",
                      STR_ARG(str_slice(value->text, 0, 60)));
}

static void read_value(const ContractParameter *parameter, ApiParameter *value, Violations *wrong)
{
    switch ((ContractKind)parameter->kind) {
    case KIND_INT32:
    case KIND_INT64: read_integer(parameter, value, wrong); return;
    case KIND_BOOL: read_boolean(parameter, value, wrong); return;
    case KIND_ENUM: read_enum(parameter, value, wrong); return;
    case KIND_DURATION: read_duration(parameter, value, wrong); return;
    case KIND_TIME: read_time(parameter, value, wrong); return;
    default:
        if (parameter->max_length && value->text.len > parameter->max_length)
            violation_add(wrong, parameter->name, "has %zu bytes; at most %u are allowed", value->text.len,
                          parameter->max_length);
    }
}

/* One that may repeat: each text by itself must be right. */
static void add_text(Arena *arena, const ContractParameter *parameter, ApiParameter *value, Str text, Violations *wrong)
{
    ApiParameter one = {.present = true, .text = text};
    if (text.len == 0)
        return;
    if (value->n == parameter->most) {
        if (value->present)
            violation_add(wrong, parameter->name, "is given more often than %u times", parameter->most);
        value->present = false;
        return;
    }
    if ((value->n & (value->n - 1)) == 0) { /* room for twice as many */
        Str *room = NEW_ARRAY(arena, Str, value->n ? value->n * 2 : 1);
        if (value->n > 0)
            memcpy(room, value->texts, value->n * sizeof *room);
        value->texts = room;
    }
    read_value(parameter, &one, wrong);
    value->texts[value->n++] = value->text = one.text;
    value->present = true;
}

static void read_pair(Arena *arena, const ContractOperation *operation, Str pair, ApiParameter *out, Violations *wrong)
{
    Str raw = pair, raw_name = str_cut(&raw, '='), name, text;
    if (!percent_decode(arena, raw_name, true, &name))
        return;
    const ContractParameter *parameter = find_parameter(operation, name);
    if (!parameter)
        return;
    if (!percent_decode(arena, raw, true, &text) || !utf8_is_valid(text) || str_find_char(text, '\0') >= 0) {
        violation_add(wrong, parameter->name, "is not UTF-8 text; encode it in percent signs");
        return;
    }
    if (parameter->most > 0)
        add_text(arena, parameter, &out[parameter->id], text, wrong);
    else
        out[parameter->id] = (ApiParameter){.present = text.len > 0, .text = text};
}

void parameters_read(Arena *arena, const ContractOperation *operation, Str query, ApiParameter *out, Violations *wrong)
{
    while (query.len > 0 && operation->n_parameters > 0) {
        Str pair = str_cut(&query, '&');
        read_pair(arena, operation, pair, out, wrong);
    }
    for (uint32_t i = 0; i < operation->n_parameters; i++) {
        const ContractParameter *parameter = &operation->parameters[i];
        ApiParameter *value = &out[parameter->id];
        if (parameter->most > 0 && value->n > 0)
            continue;
        if (!value->present)
            value->text = parameter->fallback;
        if (value->text.len > 0)
            read_value(parameter, value, wrong);
        else if (parameter->required)
            violation_add(wrong, parameter->name, "is missing");
    }
}
