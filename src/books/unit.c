/* books/unit.c: the table of units. */
#include "books/unit.h"

#include <assert.h>

#include "base/buf.h"
#include "value/decimal.h"

const Str unit_kind_names[UNIT_KINDS] = {
    [UNIT_LENGTH] = S_INIT("length"),           [UNIT_AREA] = S_INIT("area"),
    [UNIT_VOLUME] = S_INIT("volume"),           [UNIT_MASS] = S_INIT("weight"),
    [UNIT_TEMPERATURE] = S_INIT("temperature"), [UNIT_SPEED] = S_INIT("speed"),
};

struct Unit {
    UnitKind kind;
    MeasurementSystem system; /* UNSET: of both */
    Str symbol;
    Str spellings; /* others, with | between them */
    Str instead;   /* the symbol of what the other system uses; "" for the unit itself */
    Str factor;    /* how many of its kind's base it is, exactly */
    Str zero;      /* where its 0 stands on the base's scale; "" for at 0 */
};

#define METRIC(kind_, symbol_, spellings_, instead_, factor_)                                                          \
    {                                                                                                                  \
        .kind = (kind_), .system = MEASUREMENT_METRIC, .symbol = S_INIT(symbol_), .spellings = S_INIT(spellings_),     \
        .instead = S_INIT(instead_), .factor = S_INIT(factor_)                                                         \
    }
#define IMPERIAL(kind_, symbol_, spellings_, instead_, factor_)                                                        \
    {                                                                                                                  \
        .kind = (kind_), .system = MEASUREMENT_IMPERIAL, .symbol = S_INIT(symbol_), .spellings = S_INIT(spellings_),   \
        .instead = S_INIT(instead_), .factor = S_INIT(factor_)                                                         \
    }

/* The bases: metre, square metre, litre, kilogram, kilometre an hour, and a ninth of a kelvin, which both scales of
 * temperature are whole multiples of. */
static const Unit units[] = {
    METRIC(UNIT_LENGTH, "mm", "millimetre|millimetres|millimeter|millimeters", "in", "0.001"),
    METRIC(UNIT_LENGTH, "cm", "centimetre|centimetres|centimeter|centimeters", "in", "0.01"),
    METRIC(UNIT_LENGTH, "m", "metre|metres|meter|meters", "ft", "1"),
    METRIC(UNIT_LENGTH, "km", "kilometre|kilometres|kilometer|kilometers", "mi", "1000"),
    IMPERIAL(UNIT_LENGTH, "in", "inch|inches|\"|″", "cm", "0.0254"),
    IMPERIAL(UNIT_LENGTH, "ft", "foot|feet|'|′", "m", "0.3048"),
    IMPERIAL(UNIT_LENGTH, "yd", "yard|yards", "m", "0.9144"),
    IMPERIAL(UNIT_LENGTH, "mi", "mile|miles", "km", "1609.344"),

    METRIC(UNIT_AREA, "cm²", "cm2|sq cm|square centimetres|square centimeters", "sq in", "0.0001"),
    METRIC(UNIT_AREA, "m²", "m2|sq m|square metre|square metres|square meter|square meters", "sq ft", "1"),
    METRIC(UNIT_AREA, "ha", "hectare|hectares", "acre", "10000"),
    METRIC(UNIT_AREA, "km²", "km2|sq km|square kilometres|square kilometers", "sq mi", "1000000"),
    IMPERIAL(UNIT_AREA, "sq in", "in²|in2|square inch|square inches", "cm²", "0.00064516"),
    IMPERIAL(UNIT_AREA, "sq ft", "ft²|ft2|square foot|square feet", "m²", "0.09290304"),
    IMPERIAL(UNIT_AREA, "sq yd", "yd²|yd2|square yard|square yards", "m²", "0.83612736"),
    IMPERIAL(UNIT_AREA, "acre", "acres|ac", "ha", "4046.8564224"),
    IMPERIAL(UNIT_AREA, "sq mi", "mi²|mi2|square mile|square miles", "km²", "2589988.110336"),

    METRIC(UNIT_VOLUME, "ml", "millilitre|millilitres|milliliter|milliliters", "US fl oz", "0.001"),
    METRIC(UNIT_VOLUME, "l", "litre|litres|liter|liters", "US gal", "1"),
    METRIC(UNIT_VOLUME, "m³", "m3|cbm|cubic metre|cubic metres|cubic meter|cubic meters", "cu ft", "1000"),
    IMPERIAL(UNIT_VOLUME, "US fl oz", "US fluid ounce|US fluid ounces", "ml", "0.0295735295625"),
    IMPERIAL(UNIT_VOLUME, "US pt", "US pint|US pints", "l", "0.473176473"),
    IMPERIAL(UNIT_VOLUME, "US qt", "US quart|US quarts", "l", "0.946352946"),
    IMPERIAL(UNIT_VOLUME, "US gal", "US gallon|US gallons", "l", "3.785411784"),
    IMPERIAL(UNIT_VOLUME, "UK fl oz", "UK fluid ounce|UK fluid ounces", "ml", "0.0284130625"),
    IMPERIAL(UNIT_VOLUME, "UK pt", "UK pint|UK pints", "l", "0.56826125"),
    IMPERIAL(UNIT_VOLUME, "UK qt", "UK quart|UK quarts", "l", "1.1365225"),
    IMPERIAL(UNIT_VOLUME, "UK gal", "UK gallon|UK gallons", "l", "4.54609"),
    IMPERIAL(UNIT_VOLUME, "cu in", "in³|in3|cubic inch|cubic inches", "ml", "0.016387064"),
    IMPERIAL(UNIT_VOLUME, "cu ft", "ft³|ft3|cubic foot|cubic feet", "m³", "28.316846592"),
    IMPERIAL(UNIT_VOLUME, "cu yd", "yd³|yd3|cubic yard|cubic yards", "m³", "764.554857984"),

    METRIC(UNIT_MASS, "mg", "milligram|milligrams", "oz", "0.000001"),
    METRIC(UNIT_MASS, "g", "gram|grams", "oz", "0.001"),
    METRIC(UNIT_MASS, "kg", "kilogram|kilograms|kilo|kilos", "lb", "1"),
    METRIC(UNIT_MASS, "t", "tonne|tonnes", "lb", "1000"),
    IMPERIAL(UNIT_MASS, "oz", "ounce|ounces", "g", "0.028349523125"),
    IMPERIAL(UNIT_MASS, "lb", "lbs|pound|pounds", "kg", "0.45359237"),
    IMPERIAL(UNIT_MASS, "st", "stone|stones", "kg", "6.35029318"),

    {UNIT_TEMPERATURE, MEASUREMENT_METRIC, S_INIT("°C"), S_INIT("C|celsius|degrees celsius"), S_INIT("°F"), S_INIT("9"),
     S_INIT("2458.35")},
    {UNIT_TEMPERATURE, MEASUREMENT_IMPERIAL, S_INIT("°F"), S_INIT("F|fahrenheit|degrees fahrenheit"), S_INIT("°C"),
     S_INIT("5"), S_INIT("2298.35")},
    {UNIT_TEMPERATURE, MEASUREMENT_UNSET, S_INIT("K"), S_INIT("kelvin"), S_INIT(""), S_INIT("9"), S_INIT("")},

    METRIC(UNIT_SPEED, "m/s", "metres per second|meters per second", "ft/s", "3.6"),
    METRIC(UNIT_SPEED, "km/h", "kph|kmh|kilometres per hour|kilometers per hour", "mph", "1"),
    IMPERIAL(UNIT_SPEED, "ft/s", "feet per second", "m/s", "1.09728"),
    IMPERIAL(UNIT_SPEED, "mph", "mi/h|miles per hour", "km/h", "1.609344"),
    {UNIT_SPEED, MEASUREMENT_UNSET, S_INIT("kn"), S_INIT("knot|knots"), S_INIT(""), S_INIT("1.852"), S_INIT("")},
};

/* Names that several units have. */
static const struct {
    Str spellings;
    const char *readings;
} doubtful[] = {
    {S_INIT("gal|gallon|gallons"), "US gal or UK gal"},
    {S_INIT("qt|quart|quarts"), "US qt or UK qt"},
    {S_INIT("pt|pint|pints"), "US pt or UK pt"},
    {S_INIT("fl oz|fluid ounce|fluid ounces"), "US fl oz or UK fl oz"},
    {S_INIT("ton|tons"), "t for 1000 kg, or give the pounds"},
};

/* ---- names ---- */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* How much of the text's beginning this spelling is; 0 when it is another word. */
static size_t spelled_at(Str text, Str spelling)
{
    Str head = str_slice(text, 0, spelling.len);
    bool is_word = is_letter(spelling.data[spelling.len - 1]);
    if (!str_eq_fold(head, spelling) || (is_word && text.len > spelling.len && is_letter(text.data[spelling.len])))
        return 0;
    return spelling.len;
}

static size_t longest_at(Str text, Str symbol, Str spellings)
{
    size_t longest = symbol.len > 0 ? spelled_at(text, symbol) : 0;
    while (spellings.len > 0) {
        size_t len = spelled_at(text, str_cut(&spellings, '|'));
        longest = MAX_OF(longest, len);
    }
    return longest;
}

const Unit *unit_at(Str text, size_t *out_len)
{
    const Unit *best = NULL;
    *out_len = 0;
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        size_t len = longest_at(text, units[i].symbol, units[i].spellings);
        if (len > *out_len) {
            *out_len = len;
            best = &units[i];
        }
    }
    return best;
}

static Str known_units(Arena *arena, UnitKind kind)
{
    Buf known = buf_in(arena);
    for (size_t i = 0; i < COUNT_OF(units); i++)
        if (kind == UNIT_KINDS || units[i].kind == kind)
            buf_printf(&known, "%s%.*s", buf_view(&known).len > 0 ? ", " : "", STR_ARG(units[i].symbol));
    return buf_view(&known);
}

bool unit_refuse(Arena *arena, Str text, UnitKind kind, const char *field, Error *err)
{
    Str name = str_clip(str_trim(text), 40);
    for (size_t i = 0; i < COUNT_OF(doubtful); i++)
        if (longest_at(name, S(""), doubtful[i].spellings) > 0)
            return error_set(err, INVALID_ARGUMENT, field, "\"%.*s\" may be several units: write %s", STR_ARG(name),
                             doubtful[i].readings);
    Str of = kind == UNIT_KINDS ? S("") : str_printf(arena, " of %.*s", STR_ARG(unit_kind_names[kind]));
    return error_set(err, INVALID_ARGUMENT, field, "\"%.*s\" is no unit%.*s; there are: %.*s", STR_ARG(name),
                     STR_ARG(of), STR_ARG(known_units(arena, kind)));
}

bool unit_find(Arena *arena, Str text, UnitKind kind, const char *field, const Unit **out, Error *err)
{
    Str name = str_trim(text);
    size_t len;
    const Unit *unit = unit_at(name, &len);
    if (!unit || len != name.len || (kind != UNIT_KINDS && unit->kind != kind))
        return unit_refuse(arena, name, kind, field, err);
    *out = unit;
    return true;
}

Str unit_symbol(const Unit *unit)
{
    return unit->symbol;
}

UnitKind unit_kind(const Unit *unit)
{
    return unit->kind;
}

const Unit *unit_in_system(const Unit *unit, MeasurementSystem system)
{
    if (unit->system == MEASUREMENT_UNSET || unit->system == system)
        return unit;
    size_t len;
    const Unit *instead = unit_at(unit->instead, &len);
    assert(instead && instead->kind == unit->kind && instead->system == system);
    return instead;
}

/* ---- amounts ---- */

static Value constant(Str text)
{
    Value value = value_int(0);
    Error never;
    bool ok = text.len == 0 || decimal_parse(text, &value, &never);
    assert(ok);
    (void)ok;
    return value;
}

bool unit_convert(const Unit *from, const Unit *to, Value amount, Value *out, Error *err)
{
    assert(from->kind == to->kind);
    if (from == to) {
        *out = amount;
        return true;
    }
    Value shift, base;
    return decimal_subtract(constant(from->zero), constant(to->zero), &shift, err) &&
           decimal_multiply(amount, constant(from->factor), &base, err) && decimal_add(base, shift, &base, err) &&
           decimal_divide(base, constant(to->factor), out, err);
}
