/* books/measures.c: lengths, weights and the like as people write them, in the workspace's system. */
#include "books/book.h"
#include "books/figure.h"
#include "books/unit.h"
#include "value/decimal.h"

static MeasurementSystem system_of(const BookContext *context)
{
    return locale_over(context->locale, locale_default).measurement;
}

/* ---- from unit to unit ---- */
enum { CONVERT_AMOUNT, CONVERT_UNIT, CONVERT_OTHER };
static const Parameter convert_parameters[] = {
    [CONVERT_AMOUNT] = {S_INIT("amount"), &type_number, true, S_INIT("how many of the first unit")},
    [CONVERT_UNIT] = {S_INIT("unit"), &type_text, true, S_INIT("a unit like \"km\", \"lb\" or \"°C\"")},
    [CONVERT_OTHER] = {S_INIT("other"), &type_text, true, S_INIT("another unit of the same kind")},
};

static bool convert(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    (void)context;
    const Unit *unit = NULL, *other = NULL;
    return unit_find(arena, TEXT_ARGUMENT(arguments, CONVERT_UNIT), UNIT_KINDS, "unit", &unit, err) &&
           unit_find(arena, TEXT_ARGUMENT(arguments, CONVERT_OTHER), unit_kind(unit), "other", &other, err) &&
           unit_convert(unit, other, arguments[CONVERT_AMOUNT], out, err);
}

/* ---- written ---- */
enum { FORMAT_AMOUNT, FORMAT_UNIT, FORMAT_DECIMALS };
static const Parameter format_parameters[] = {
    [FORMAT_AMOUNT] = {S_INIT("amount"), &type_number, true, S_INIT("how many of the unit")},
    [FORMAT_UNIT] = {S_INIT("unit"), &type_text, true, S_INIT("a unit like \"km\", \"lb\" or \"°C\"")},
    [FORMAT_DECIMALS] = {S_INIT("decimals"), &type_number, false,
                         S_INIT("digits behind the decimal symbol; the workspace's preference when not given")},
};

static bool format(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    int64_t decimals = 0;
    Value amount;
    const Unit *unit = NULL;
    if (!argument_whole(arguments[FORMAT_DECIMALS], "decimals", locale_decimal_places(&context->locale), 0, 28,
                        &decimals, err) ||
        !unit_find(arena, TEXT_ARGUMENT(arguments, FORMAT_UNIT), UNIT_KINDS, "unit", &unit, err))
        return false;
    const Unit *shown = unit_in_system(unit, system_of(context));
    char symbol = locale_decimal_symbol(&context->locale);
    const FigureStyle style = {
        .decimals = (int)decimals, .symbol = str_of(&symbol, 1), .group = symbol == ',' ? S(".") : S(",")};
    Buf text = buf_in(arena);
    if (!unit_convert(unit, shown, arguments[FORMAT_AMOUNT], &amount, err) || !figure_write(&text, amount, &style, err))
        return false;
    buf_printf(&text, " %.*s", STR_ARG(unit_symbol(shown)));
    *out = value_text(buf_view(&text));
    return true;
}

/* ---- read ---- */
enum { PARSE_TEXT, PARSE_UNIT };
static const Parameter parse_parameters[] = {
    [PARSE_TEXT] = {S_INIT("text"), &type_text, true,
                    S_INIT("a measure like \"12.5 km\", \"5 ft 11 in\" or \"72 °F\"; without a unit, one of the "
                           "workspace's system is meant")},
    [PARSE_UNIT] = {S_INIT("unit"), &type_text, true, S_INIT("the unit that the result counts")},
};

typedef struct Measure {
    const BookContext *context;
    Arena *arena;
    Str all, rest;
    const Unit *wanted;
    Value sum;
    int n_parts;
} Measure;

static bool is_of_figure(char c)
{
    return (c >= '0' && c <= '9') || c == '.' || c == ',' || c == '-' || c == '+' || c == ' ';
}

static bool refuse_measure(const Measure *measure, Error *err)
{
    return error_set(err, INVALID_ARGUMENT, "text",
                     "\"%.*s\" is not clearly a measure; expected one like \"12.5 km\" or \"5 ft 11 in\"",
                     STR_ARG(str_clip(measure->all, 60)));
}

static bool take_figure(Measure *measure, Value *out, Error *err)
{
    size_t len = 0;
    while (len < measure->rest.len && is_of_figure(measure->rest.data[len]))
        len++;
    Str figure = str_trim(str_slice(measure->rest, 0, len));
    measure->rest = str_skip(measure->rest, len);
    if (figure.len == 0)
        return refuse_measure(measure, err);
    if (decimal_parse_figure(figure, measure->context->locale.decimal_symbol == DECIMAL_COMMA, out, err))
        return true;
    return error_set(err, INVALID_ARGUMENT, "text", "%s", err->message);
}

/* A figure alone counts the unit that the workspace's people use in place of the wanted one. */
static bool take_unit(Measure *measure, const Unit **out, Error *err)
{
    size_t len;
    UnitKind kind = unit_kind(measure->wanted);
    if (measure->rest.len == 0 && measure->n_parts == 0) {
        *out = unit_in_system(measure->wanted, system_of(measure->context));
        return true;
    }
    if (measure->rest.len == 0)
        return refuse_measure(measure, err);
    const Unit *unit = unit_at(measure->rest, &len);
    if (!unit)
        return unit_refuse(measure->arena, measure->rest, kind, "text", err);
    if (unit_kind(unit) != kind)
        return error_set(err, INVALID_ARGUMENT, "text", "%.*s is a unit of %.*s, and %.*s one of %.*s",
                         STR_ARG(unit_symbol(unit)), STR_ARG(unit_kind_names[unit_kind(unit)]),
                         STR_ARG(unit_symbol(measure->wanted)), STR_ARG(unit_kind_names[kind]));
    measure->rest = str_trim(str_skip(measure->rest, len));
    *out = unit;
    return true;
}

/* "5 ft", then "11 in": both together. Degrees do not add up. */
static bool take_part(Measure *measure, Error *err)
{
    Value figure = value_int(0), amount;
    const Unit *unit = NULL;
    if (!take_figure(measure, &figure, err) || !take_unit(measure, &unit, err))
        return false;
    if (measure->n_parts++ > 0 && (figure.negative || unit_kind(unit) == UNIT_TEMPERATURE))
        return error_set(err, INVALID_ARGUMENT, "text", "\"%.*s\" is more than one measure",
                         STR_ARG(str_clip(measure->all, 60)));
    if (measure->sum.negative) /* -5 ft 11 in is all of it below zero */
        figure = decimal_negate(figure);
    return unit_convert(unit, measure->wanted, figure, &amount, err) &&
           decimal_add(measure->sum, amount, &measure->sum, err);
}

static bool parse(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err)
{
    Str text = str_trim(TEXT_ARGUMENT(arguments, PARSE_TEXT));
    Measure measure = {.context = context, .arena = arena, .all = text, .rest = text, .sum = value_int(0)};
    if (!unit_find(arena, TEXT_ARGUMENT(arguments, PARSE_UNIT), UNIT_KINDS, "unit", &measure.wanted, err))
        return false;
    do {
        if (!take_part(&measure, err))
            return false;
    } while (measure.rest.len > 0);
    *out = measure.sum;
    return true;
}

#define MEASURES(name, parameters, ...) BOOK_PROCEDURE("measures", name, parameters, .effect = EFFECT_PURE, __VA_ARGS__)

static const BookEntry entries[] = {
    {MEASURES("convert", convert_parameters, .english = S_INIT("convert {amount} from {unit} to {other} as {result}"),
              .description = S_INIT("The same length, area, volume, weight, temperature or speed in another unit, "
                                    "exact where a decimal can be."),
              .example = S_INIT("convert the distance from \"mi\" to \"km\" as the trip"), .result = &type_number),
     convert},
    {MEASURES("format", format_parameters, .english = S_INIT("format {amount} in {unit} for reading as {result}"),
              .description =
                  S_INIT("Writes a measure for people: in the unit that the workspace's measurement system uses for "
                         "it, with its decimal symbol and places."),
              .example = S_INIT("format the weight in \"kg\" for reading as the weight text\n  the decimals are 1"),
              .result = &type_text),
     format},
    {MEASURES(
         "parse", parse_parameters, .english = S_INIT("parse the measure in {text} by the unit {unit} as {result}"),
         .description = S_INIT("Reads a measure as people write it, in whatever unit, and gives it in the unit that is "
                               "wanted; what is not clearly a measure is refused."),
         .example = S_INIT("parse the measure in \"5 ft 11 in\" by the unit \"cm\" as the height"),
         .result = &type_number),
     parse},
};

const Book measures_book = {
    .name = S_INIT("measures"),
    .version = S_INIT("1.0.0"),
    .display_name = S_INIT("Measures"),
    .summary = S_INIT("Read, convert and write lengths, weights and other measures"),
    .description = S_INIT(
        "Metric and imperial units side by side. How measures are written, and what a figure without a unit means, "
        "follows the workspace's measurement system: where 3 km are meant, people of an imperial one read 1.86 mi. "
        "Units that are called alike and are not the same, such as gallons, have to be told apart: US gal, UK gal."),
    .entries = entries,
    .n_entries = COUNT_OF(entries),
};
