/* tests/books/measures.c: units agree with each other, and measures follow the workspace's system. */
#include <string.h>

#include "books/unit.h"
#include "books/world.h"
#include "value/decimal.h"

static Arena arena;
static Error err;

static const Unit *unit(const char *text)
{
    const Unit *found = NULL;
    if (!unit_find(&arena, str_from_c(text), UNIT_KINDS, "unit", &found, &err))
        fail_msg("%s: %s", text, err.message);
    return found;
}

static void assert_number(Value value, const char *expected)
{
    char text[33];
    text[decimal_format(value, text)] = '\0';
    assert_string_equal(text, expected);
}

/* What the larger units are by definition: a wrong factor of either shows. */
static void test_units__are_what_they_are_of_each_other(void **state)
{
    (void)state;
    static const struct {
        const char *one, *many, *how_many;
    } rows[] = {
        {"cm", "mm", "10"},          {"m", "cm", "100"},        {"km", "m", "1000"},
        {"ft", "in", "12"},          {"yd", "ft", "3"},         {"mi", "yd", "1760"},
        {"in", "mm", "25.4"},        {"m²", "cm²", "10000"},    {"ha", "m²", "10000"},
        {"km²", "ha", "100"},        {"sq ft", "sq in", "144"}, {"sq yd", "sq ft", "9"},
        {"acre", "sq yd", "4840"},   {"sq mi", "acre", "640"},  {"sq in", "cm²", "6.4516"},
        {"l", "ml", "1000"},         {"m³", "l", "1000"},       {"cu in", "ml", "16.387064"},
        {"cu ft", "cu in", "1728"},  {"cu yd", "cu ft", "27"},  {"US gal", "cu in", "231"},
        {"US gal", "US qt", "4"},    {"US qt", "US pt", "2"},   {"US pt", "US fl oz", "16"},
        {"UK gal", "l", "4.54609"},  {"UK gal", "UK qt", "4"},  {"UK qt", "UK pt", "2"},
        {"UK pt", "UK fl oz", "20"}, {"g", "mg", "1000"},       {"kg", "g", "1000"},
        {"t", "kg", "1000"},         {"lb", "oz", "16"},        {"st", "lb", "14"},
        {"lb", "g", "453.59237"},    {"m/s", "km/h", "3.6"},    {"mph", "ft/s", "1.466666666666666666666666667"},
        {"kn", "km/h", "1.852"},     {"°C", "°F", "33.8"},      {"K", "°F", "-457.87"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Value out;
        assert_true(unit_convert(unit(rows[i].one), unit(rows[i].many), value_int(1), &out, &err));
        Value again;
        assert_true(unit_convert(unit(rows[i].many), unit(rows[i].one), out, &again, &err));
        Value rounded;
        assert_true(decimal_round(again, 20, ROUND_HALF_EVEN, &rounded, &err));
        assert_true(decimal_compare(rounded, value_int(1)) == 0);
        char text[33];
        text[decimal_format(decimal_strip_zeros(out), text)] = '\0';
        if (strncmp(text, rows[i].how_many, 20) != 0)
            fail_msg("1 %s is %s %s, not %s", rows[i].one, text, rows[i].many, rows[i].how_many);
    }
}

static void test_units__are_found_by_each_spelling_alone(void **state)
{
    (void)state;
    static const struct {
        const char *text, *symbol;
    } rows[] = {
        {"Kilometers", "km"}, {"KM", "km"},      {"m2 ", "m²"},           {"ft²", "sq ft"},          {"'", "ft"},
        {"″", "in"},          {"acres", "acre"}, {"cbm", "m³"},           {"US Gallons", "US gal"},  {"lbs", "lb"},
        {"stone", "st"},      {"c", "°C"},       {"° c", NULL},           {"degrees Celsius", "°C"}, {"kph", "km/h"},
        {"m/s", "m/s"},       {"mi/h", "mph"},   {"mms", NULL},           {"mm mm", NULL},           {"", NULL},
        {"pint", NULL},       {"fl oz", NULL},   {"US fl oz", "US fl oz"}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const Unit *found = NULL;
        bool ok = unit_find(&arena, str_from_c(rows[i].text), UNIT_KINDS, "unit", &found, &err);
        if (ok != (rows[i].symbol != NULL) || (ok && !str_eq(unit_symbol(found), str_from_c(rows[i].symbol))))
            fail_msg("\"%s\" is %s", rows[i].text, ok ? unit_symbol(found).data : "no unit");
    }
}

static void test_units__have_their_like_in_the_other_system(void **state)
{
    (void)state;
    static const char *const rows[][3] = {
        /* one, metric, imperial */
        {"mm", "mm", "in"},       {"cm", "cm", "in"},       {"m", "m", "ft"},         {"km", "km", "mi"},
        {"in", "cm", "in"},       {"ft", "m", "ft"},        {"yd", "m", "yd"},        {"mi", "km", "mi"},
        {"cm²", "cm²", "sq in"},  {"m²", "m²", "sq ft"},    {"ha", "ha", "acre"},     {"km²", "km²", "sq mi"},
        {"sq yd", "m²", "sq yd"}, {"ml", "ml", "US fl oz"}, {"l", "l", "US gal"},     {"m³", "m³", "cu ft"},
        {"UK pt", "l", "UK pt"},  {"cu in", "ml", "cu in"}, {"cu yd", "m³", "cu yd"}, {"mg", "mg", "oz"},
        {"g", "g", "oz"},         {"kg", "kg", "lb"},       {"t", "t", "lb"},         {"st", "kg", "st"},
        {"°C", "°C", "°F"},       {"°F", "°C", "°F"},       {"K", "K", "K"},          {"m/s", "m/s", "ft/s"},
        {"km/h", "km/h", "mph"},  {"kn", "kn", "kn"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_true(unit_in_system(unit(rows[i][0]), MEASUREMENT_METRIC) == unit(rows[i][1]));
        assert_true(unit_in_system(unit(rows[i][0]), MEASUREMENT_IMPERIAL) == unit(rows[i][2]));
    }
}

static Value call(const BookContext *context, Str procedure, const Argument *arguments, uint32_t n)
{
    Value out = value_null();
    const Procedure *found = catalog_find(books_catalog(), S("measures"), procedure);
    if (!books_call(context, found, arguments, n, &arena, &out, &err))
        fail_msg("%s", err.message);
    return out;
}

static void test_measures__follow_the_workspaces_system(void **state)
{
    (void)state;
    static const struct {
        Locale locale;
        const char *written, *read; /* 3 km; and 1,250, to be kg */
    } rows[] = {
        {{.measurement = MEASUREMENT_METRIC}, "3.00 km", "1250"},
        {{.measurement = MEASUREMENT_UNSET}, "3.00 km", "1250"},
        {{.measurement = MEASUREMENT_IMPERIAL}, "1.86 mi", "566.9904625"},
        {{.measurement = MEASUREMENT_IMPERIAL,
          .decimal_symbol = DECIMAL_COMMA,
          .places_set = true,
          .decimal_places = 3},
         "1,864 mi",
         "0.5669904625"},
    };
    World world = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        BookContext context = world_context(&world);
        context.locale = rows[i].locale;
        const Argument format[] = {{S("amount"), value_int(3)}, {S("unit"), value_text(S("km"))}};
        Value text = call(&context, S("format"), format, COUNT_OF(format));
        assert_true(str_eq(value_str(text), str_from_c(rows[i].written)));
        const Argument parse[] = {{S("text"), value_text(S("1,250"))}, {S("unit"), value_text(S("kg"))}};
        assert_number(call(&context, S("parse"), parse, COUNT_OF(parse)), rows[i].read);
    }
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_units__are_what_they_are_of_each_other),
        cmocka_unit_test(test_units__are_found_by_each_spelling_alone),
        cmocka_unit_test(test_units__have_their_like_in_the_other_system),
        cmocka_unit_test(test_measures__follow_the_workspaces_system),
    };
    return cmocka_run_group_tests(tests, NULL, teardown);
}
