#include "value/decimal.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

static Value number_of(const char *text)
{
    Value v = {0};
    Error err = {0};
    assert_fine(decimal_parse(str_from_c(text), &v, &err), &err);
    return v;
}

static Str text_of(Value v, char out[32])
{
    return str_of(out, decimal_format(v, out));
}

/* ---- against exact fractions ---- */

typedef bool Operation(Value a, Value b, Value *out, Error *err);

static bool add(Value a, Value b, Value *out, Error *err)
{
    return decimal_add(a, b, out, err);
}
static bool subtract(Value a, Value b, Value *out, Error *err)
{
    return decimal_subtract(a, b, out, err);
}
static bool multiply(Value a, Value b, Value *out, Error *err)
{
    return decimal_multiply(a, b, out, err);
}
static bool compare(Value a, Value b, Value *out, Error *err)
{
    (void)err;
    *out = value_int(decimal_compare(a, b));
    return true;
}
#define ROUNDING(name, how)                                                                                            \
    static bool name(Value a, Value b, Value *out, Error *err)                                                         \
    {                                                                                                                  \
        int64_t places;                                                                                                \
        return value_to_int(b, &places) && decimal_round(a, (int)places, how, out, err);                               \
    }
ROUNDING(half_even, ROUND_HALF_EVEN)
ROUNDING(half_up, ROUND_HALF_UP)
ROUNDING(down, ROUND_DOWN)
ROUNDING(up, ROUND_UP)
ROUNDING(to_floor, ROUND_FLOOR)
ROUNDING(to_ceiling, ROUND_CEILING)

static const struct {
    const char *name;
    Operation *operation;
} operations[] = {
    {"add", add},
    {"subtract", subtract},
    {"multiply", multiply},
    {"divide", decimal_divide},
    {"floor_divide", decimal_floor_divide},
    {"modulo", decimal_modulo},
    {"compare", compare},
    {"half_even", half_even},
    {"half_up", half_up},
    {"down", down},
    {"up", up},
    {"floor", to_floor},
    {"ceiling", to_ceiling},
};

static Operation *operation_named(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(operations); i++) {
        if (strcmp(operations[i].name, name) == 0)
            return operations[i].operation;
    }
    fail_msg("no operation %s", name);
    return NULL;
}

static Str outcome(Operation *operation, const char *a, const char *b, char out[32])
{
    Value result = {0};
    Error err = {0};
    if (operation(number_of(a), number_of(b), &result, &err)) {
        assert_int_equal(result.kind, VALUE_NUMBER);
        assert_false(result.negative && decimal_is_zero(result));
        return text_of(result, out);
    }
    if (err.code == OUT_OF_RANGE)
        return S("overflow");
    assert_int_equal(err.code, INVALID_ARGUMENT);
    return S("zero");
}

/* Python writes -0.00 for what we call 0.00. */
static Str without_negative_zero(const char *text)
{
    return strspn(text, "-0.") == strlen(text) && text[0] == '-' ? str_from_c(text + 1) : str_from_c(text);
}

static void test_decimal__agrees_with_exact_fractions(void **state)
{
    (void)state;
    const char *path = getenv("CLERKWORK_DECIMAL_CASES");
    assert_non_null(path);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    char name[32], a[64], b[64], expected[64];
    int count = 0, wrong = 0;
    while (fscanf(file, "%31s %63s %63s %63s", name, a, b, expected) == 4) {
        char text[32];
        Str found = outcome(operation_named(name), a, b, text);
        if (!str_eq(found, without_negative_zero(expected)) && wrong++ < 10)
            print_error("%s %s %s: found %.*s, expected %s\n", name, a, b, STR_ARG(found), expected);
        count++;
    }
    fclose(file);
    assert_int_equal(wrong, 0);
    assert_true(count > 20000);
}

/* ---- edges worth reading ---- */

static void test_decimal__known_results(void **state)
{
    (void)state;
    static const char *const cases[][4] = {
        {"add", "0.1", "0.2", "0.3"},
        {"add", "1.50", "1.5", "3.00"},
        {"add", "18446744073709551615", "1", "18446744073709551616"},
        {"add", "79228162514264337593543950335", "0.4", "79228162514264337593543950335"},
        {"add", "79228162514264337593543950335", "0.5", "overflow"},
        {"add", "79228162514264337593543950334", "0.5", "79228162514264337593543950334"},
        {"subtract", "1.00", "1", "0.00"},
        {"subtract", "1", "2.5", "-1.5"},
        {"multiply", "1.10", "1.10", "1.2100"},
        {"multiply", "-0.5", "0", "0.0"},
        {"multiply", "0.0000000000000000000000000001", "0.5", "0.0000000000000000000000000000"},
        {"multiply", "79228162514264337593543950335", "10", "overflow"},
        {"divide", "1", "3", "0.3333333333333333333333333333"},
        {"divide", "2", "3", "0.6666666666666666666666666667"},
        {"divide", "10.00", "4", "2.5"},
        {"divide", "1", "8", "0.125"},
        {"divide", "-7", "2", "-3.5"},
        {"divide", "1", "0", "zero"},
        {"divide", "1", "0.0000000000000000000000000001", "10000000000000000000000000000"},
        {"divide", "8", "0.0000000000000000000000000001", "overflow"},
        {"floor_divide", "7", "2", "3"},
        {"floor_divide", "-7", "2", "-4"},
        {"floor_divide", "7", "-2", "-4"},
        {"floor_divide", "-7", "-2", "3"},
        {"floor_divide", "7.5", "0.5", "15"},
        {"modulo", "7", "3", "1"},
        {"modulo", "-7", "3", "2"},
        {"modulo", "7", "-3", "-2"},
        {"modulo", "-7", "-3", "-1"},
        {"modulo", "-6", "3", "0"},
        {"modulo", "7.25", "2", "1.25"},
        {"half_even", "2.5", "0", "2"},
        {"half_even", "3.5", "0", "4"},
        {"half_even", "-2.5", "0", "-2"},
        {"half_even", "0.125", "2", "0.12"},
        {"half_even", "1250", "-2", "1200"},
        {"half_even", "1350", "-2", "1400"},
        {"half_even", "1.5", "4", "1.5000"},
        {"half_up", "2.5", "0", "3"},
        {"half_up", "-2.5", "0", "-3"},
        {"down", "-2.9", "0", "-2"},
        {"up", "-2.1", "0", "-3"},
        {"floor", "-2.1", "0", "-3"},
        {"ceiling", "-2.9", "0", "-2"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char text[32];
        Str found = outcome(operation_named(cases[i][0]), cases[i][1], cases[i][2], text);
        if (!str_eq(found, str_from_c(cases[i][3])))
            print_error("%s %s %s\n", cases[i][0], cases[i][1], cases[i][2]);
        assert_str_equal(found, str_from_c(cases[i][3]));
    }
}

static void test_decimal_power__whole_exponents(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"2", "10", "1024"},
        {"2", "96", "overflow"},
        {"2", "95", "39614081257132168796771975168"},
        {"-3", "3", "-27"},
        {"1.50", "2", "2.2500"},
        {"0", "0", "1"},
        {"5", "0", "1"},
        {"0", "-1", "zero"},
        {"2", "-2", "0.25"},
        {"10", "-28", "0.0000000000000000000000000001"},
        {"10", "-30", "0.0000000000000000000000000000"},
        {"0.1", "999", "0.0000000000000000000000000000"},
        {"0.1", "-999", "overflow"},
        {"1", "999", "1"},
        {"-1", "999", "-1"},
        {"2", "0.5", "zero"},
        {"2", "1000", "zero"},
        {"2", "-1000", "zero"},
        {"2", "3.00", "8"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char text[32];
        assert_str_equal(outcome(decimal_power, cases[i][0], cases[i][1], text), str_from_c(cases[i][2]));
    }
    /* 1.0004^360, by Python's decimal at 60 digits: 1.154850967653486963446588… */
    Value v;
    char text[32];
    Error err = {0};
    assert_fine(decimal_power(number_of("1.0004"), value_int(360), &v, &err), &err);
    assert_true(str_starts(text_of(v, text), S("1.1548")));
}

static void test_decimal__one_operand(void **state)
{
    (void)state;
    char text[32];
    assert_str_equal(text_of(decimal_negate(number_of("1.50")), text), S("-1.50"));
    assert_str_equal(text_of(decimal_negate(number_of("0.00")), text), S("0.00"));
    assert_str_equal(text_of(decimal_abs(number_of("-1.50")), text), S("1.50"));
    assert_str_equal(text_of(decimal_strip_zeros(number_of("1.500")), text), S("1.5"));
    assert_str_equal(text_of(decimal_strip_zeros(number_of("100")), text), S("100"));
    assert_str_equal(text_of(decimal_strip_zeros(number_of("0.00")), text), S("0"));
    assert_str_equal(text_of(decimal_strip_zeros(number_of("-7922816251426433759354395033.0")), text),
                     S("-7922816251426433759354395033"));
    assert_true(decimal_is_whole(number_of("5.00")));
    assert_false(decimal_is_whole(number_of("5.01")));
    assert_true(decimal_is_zero(number_of("0.000")));
    assert_false(decimal_is_zero(number_of("0.0000000000000000000000000001")));
    assert_int_equal(decimal_compare(number_of("1"), number_of("1.0")), 0);
    assert_int_equal(decimal_compare(number_of("-1"), number_of("1")), -1);
    assert_int_equal(decimal_compare(number_of("-1"), number_of("-2")), 1);
}

/* ---- text ---- */

static void test_decimal_parse__literals(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"0", "0"},
        {"-0", "0"},
        {"-0.00", "0.00"},
        {"007", "7"},
        {"1250.00", "1250.00"},
        {"0.10", "0.10"},
        {"1e3", "1000"},
        {"1E+3", "1000"},
        {"1.5e-3", "0.0015"},
        {"150e-1", "15.0"},
        {"1.50e1", "15.0"},
        {"0e99999", "0"},
        {"0.00000000000000000000000000000000000000", "0.0000000000000000000000000000"},
        {"1.00000000000000000000000000000000000000", "1.0000000000000000000000000000"},
        {"100000000000000000000000000000000e-5", "1000000000000000000000000000.0"},
        {"79228162514264337593543950335", "79228162514264337593543950335"},
        {"-7.9228162514264337593543950335", "-7.9228162514264337593543950335"},
        {"12345678901234567890123456789.0", "12345678901234567890123456789"},
        {"79228162514264337593543950336", NULL},
        {"0.00000000000000000000000000001", NULL},
        {"1.23456789012345678901234567890123", NULL},
        {"1e29", NULL},
        {"1e-29", NULL},
        {"1e999999", NULL},
        {"1e9999999", NULL},
        {"", NULL},
        {"-", NULL},
        {".5", NULL},
        {"5.", NULL},
        {"+5", NULL},
        {"1e", NULL},
        {"1e+-2", NULL},
        {"1.2.3", NULL},
        {" 1", NULL},
        {"1 ", NULL},
        {"1,5", NULL},
        {"0x10", NULL},
        {"NaN", NULL},
        {"१", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Value v;
        char text[32];
        Error err = {0};
        bool fine = decimal_parse(str_from_c(cases[i][0]), &v, &err);
        if (fine != (cases[i][1] != NULL))
            print_error("%s\n", cases[i][0]);
        assert_int_equal(fine, cases[i][1] != NULL);
        if (fine)
            assert_str_equal(text_of(v, text), str_from_c(cases[i][1]));
        else
            assert_int_equal(err.code, INVALID_ARGUMENT);
    }
}

static void test_decimal_format__longest_texts_fit(void **state)
{
    (void)state;
    char text[32];
    assert_str_equal(text_of(number_of("-0.0000000000000000000000000001"), text), S("-0.0000000000000000000000000001"));
    assert_str_equal(text_of(number_of("-7922816251426433759354395033.5"), text), S("-7922816251426433759354395033.5"));
}

/* ---- figures ---- */

typedef struct FigureCase {
    const char *written, *with_point, *with_comma; /* NULL: refused */
} FigureCase;

static const FigureCase figures[] = {
    {"1,250.00", "1250.00", "1250.00"},
    {"1.250,00", "1250.00", "1250.00"},
    {"1.250,00 EUR", "1250.00", "1250.00"},
    {"$120.20", "120.20", NULL},
    {"$ 120,20", NULL, "120.20"},
    {"(17.50)", "-17.50", NULL},
    {"($1,017.50)", "-1017.50", "-1017.50"},
    {"-$5", "-5", "-5"},
    {"$-5", "-5", "-5"},
    {"5-", "-5", "-5"},
    {"+5", "5", "5"},
    {" 99 ", "99", "99"},
    {"\xc2\xa0"
     "99\xc2\xa0€",
     "99", "99"},
    {"1,250", "1250", "1.250"},
    {"1.250", "1.250", "1250"},
    {"1,25", NULL, "1.25"},
    {"1.25", "1.25", NULL},
    {"0,250", NULL, "0.250"},
    {"0.250", "0.250", NULL},
    {"1,250,000", "1250000", "1250000"},
    {"1.250.000", "1250000", "1250000"},
    {"1,250,00", NULL, NULL},
    {"12,50,000", NULL, NULL},
    {"1 250 000,5", NULL, "1250000.5"},
    {"1 250 000.5", "1250000.5", NULL},
    {"1\xe2\x80\xaf"
     "250\xe2\x80\xaf"
     "000",
     "1250000", "1250000"},
    {"1'250.00 CHF", "1250.00", NULL},
    {"CHF 1\xe2\x80\x99"
     "250",
     "1250", "1250"},
    {"\xe2\x88\x92"
     "12",
     "-12", "-12"},
    {".5", "0.5", NULL},
    {",5", NULL, "0.5"},
    {"5.", "5", NULL},
    {"007", "7", "7"},
    {"kr. 5", "5", "5"},
    {"5 zł", "5", "5"},
    {"", NULL, NULL},
    {"   ", NULL, NULL},
    {"n/a", NULL, NULL},
    {"-", NULL, NULL},
    {"--5", NULL, NULL},
    {"+-5", NULL, NULL},
    {"(5", NULL, NULL},
    {"(-5)", NULL, NULL},
    {"5%", NULL, NULL},
    {"INV123", NULL, NULL},
    {"EUR 5 USD", NULL, NULL},
    {"$5$", NULL, NULL},
    {"1e5", NULL, NULL},
    {"1,2,3", NULL, NULL},
    {"1.250,00,00", NULL, NULL},
    {"1,250.00.00", NULL, NULL},
    {"1 25", NULL, NULL},
    {"1'250 000", NULL, NULL},
    {"2026-04-14", NULL, NULL},
    {"12:30", NULL, NULL},
    {"1.25 0", NULL, NULL},
    {"99999999999999999999999999999999", NULL, NULL},
};

static void check_figure(const char *written, bool decimal_comma, const char *expected)
{
    Value v;
    char text[32];
    Error err = {0};
    bool fine = decimal_parse_figure(str_from_c(written), decimal_comma, &v, &err);
    if (fine != (expected != NULL))
        print_error("`%s` decimal comma %d: %s\n", written, decimal_comma, fine ? "accepted" : err.message);
    assert_int_equal(fine, expected != NULL);
    if (fine) {
        assert_str_equal(text_of(v, text), str_from_c(expected));
    } else {
        assert_int_equal(err.code, INVALID_ARGUMENT);
        assert_true(strlen(err.message) > 20);
    }
}

static void test_decimal_parse_figure__as_people_write(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(figures); i++) {
        check_figure(figures[i].written, false, figures[i].with_point);
        check_figure(figures[i].written, true, figures[i].with_comma);
    }
}

static void test_decimal_parse_figure__refuses_long_texts(void **state)
{
    (void)state;
    char text[1000];
    memset(text, '1', sizeof text);
    Value v;
    Error err = {0};
    assert_false(decimal_parse_figure(str_of(text, sizeof text), false, &v, &err));
    assert_non_null(strstr(err.message, "too long"));
}

/* ---- wire ---- */

static void test_decimal_wire__the_four_members(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        DecimalWire wire;
    } cases[] = {
        {"123.45", {12345, 0, 0, 131072}},
        {"-0.85", {85, 0, 0, 2147614720u}},
        {"0", {0, 0, 0, 0}},
        {"0.00", {0, 0, 0, 2 << 16}},
        {"-79228162514264337593543950335", {UINT32_MAX, UINT32_MAX, UINT32_MAX, 1u << 31}},
        {"4294967296", {0, 1, 0, 0}},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        DecimalWire wire = decimal_to_wire(number_of(cases[i].text));
        assert_memory_equal(&wire, &cases[i].wire, sizeof wire);
        Value back;
        char text[32];
        Error err = {0};
        assert_fine(decimal_from_wire(wire, &back, &err), &err);
        assert_str_equal(text_of(back, text), str_from_c(cases[i].text));
    }
    Value v;
    Error err = {0};
    assert_false(decimal_from_wire((DecimalWire){1, 0, 0, 29 << 16}, &v, &err));
    assert_false(decimal_from_wire((DecimalWire){1, 0, 0, 1}, &v, &err));
    assert_false(decimal_from_wire((DecimalWire){1, 0, 0, 1 << 24}, &v, &err));
    assert_fine(decimal_from_wire((DecimalWire){0, 0, 0, 1u << 31}, &v, &err), &err);
    assert_false(v.negative);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decimal__agrees_with_exact_fractions),
        cmocka_unit_test(test_decimal__known_results),
        cmocka_unit_test(test_decimal_power__whole_exponents),
        cmocka_unit_test(test_decimal__one_operand),
        cmocka_unit_test(test_decimal_parse__literals),
        cmocka_unit_test(test_decimal_format__longest_texts_fit),
        cmocka_unit_test(test_decimal_parse_figure__as_people_write),
        cmocka_unit_test(test_decimal_parse_figure__refuses_long_texts),
        cmocka_unit_test(test_decimal_wire__the_four_members),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
