/* Every procedure of every book, called with what people would write: a row each, and a test that no procedure is
 * without one. */
#include <string.h>

#include "base/json.h"
#include "books/world.h"
#include "value/wire.h"

typedef struct Case {
    const char *name;      /* "book.procedure" */
    const char *arguments; /* JSON object */
    const char *expected;  /* the result as plain JSON, or */
    const char *refusal;   /* a part of the message */
} Case;

#define ORDERS                                                                                                         \
    "[{\"number\":\"PO-1\",\"vendor\":\"Acme\",\"total\":10.00},{\"number\":\"PO-2\",\"vendor\":\"Bolt\",\"total\":5}" \
    ","                                                                                                                \
    "{\"number\":null,\"vendor\":\"Acme\",\"total\":2.50},{\"number\":\"PO-1\",\"vendor\":\"Acme\",\"total\":1}]"

static const Case cases[] = {
    /* dates */
    {"dates.today", "{}", "\"2026-04-15\"", NULL}, /* the clock stands at 22:30 UTC on the 14th */
    {"dates.today", "{\"zone\":\"America/New_York\"}", "\"2026-04-14\"", NULL},
    {"dates.today", "{\"zone\":\"Mars/Olympus\"}", NULL, "there is no time zone called \"Mars/Olympus\""},
    {"dates.write", "{\"moment\":\"14 April 2026\"}", "\"2026-04-14\"", NULL},
    {"dates.write", "{\"moment\":\"2:30 pm\"}", "\"14:30\"", NULL},
    {"dates.write", "{\"moment\":\"2026-04-14T09:30:05+02:00\"}", "\"2026-04-14 09:30:05\"", NULL},
    {"dates.write", "{\"moment\":\"soon\"}", NULL, "text cannot be written as a date"},
    {"dates.write", "{\"moment\":[]}", NULL, "list cannot be written as a date"},
    {"dates.add_business_days", "{\"date\":\"2026-04-17\",\"days\":1}", "\"2026-04-20\"", NULL},
    {"dates.add_business_days", "{\"date\":\"2026-04-20\",\"days\":-1}", "\"2026-04-17\"", NULL},
    {"dates.add_business_days", "{\"date\":\"2026-04-18\",\"days\":0}", "\"2026-04-18\"", NULL},
    {"dates.add_business_days", "{\"date\":\"2026-04-30\",\"days\":1,\"holidays\":[\"2026-05-01\"]}", "\"2026-05-04\"",
     NULL},
    {"dates.add_business_days", "{\"date\":\"2026-04-16\",\"days\":1,\"weekend\":[\"Friday\",\"saturday\"]}",
     "\"2026-04-19\"", NULL},
    {"dates.add_business_days", "{\"date\":\"2026-04-16\",\"days\":1,\"weekend\":[\"Caturday\"]}", NULL,
     "\"Caturday\" is no day of the week"},
    {"dates.add_business_days", "{\"date\":\"2026-04-16\",\"days\":1.5}", NULL,
     "a whole number from -100000 to 100000"},
    {"dates.add_business_days", "{\"date\":\"9999-12-31\",\"days\":1}", NULL, "outside the years 1 to 9999"},
    {"dates.add_business_days", "{\"days\":1}", NULL, "needs the date"},
    {"dates.add_business_days", "{\"date\":\"soon\",\"days\":1}", NULL, "\"soon\" is not a date"},
    {"dates.count_business_days", "{\"start\":\"2026-04-17\",\"end\":\"2026-04-20\"}", "1", NULL},
    {"dates.count_business_days", "{\"start\":\"2026-04-20\",\"end\":\"2026-04-13\"}", "-5", NULL},
    {"dates.count_business_days", "{\"start\":\"2026-04-20\",\"end\":\"2026-04-20\"}", "0", NULL},
    {"dates.parse", "{\"text\":\"14.04.2026\",\"format\":\"%d.%m.%Y\"}", "\"2026-04-14\"", NULL},
    {"dates.parse", "{\"text\":\"April 7, 26\",\"format\":\"%B %d, %y\"}", "\"2026-04-07\"", NULL},
    {"dates.parse", "{\"text\":\"14.04.2026\",\"format\":\"%Y-%m-%d\"}", NULL,
     "\"14.04.2026\" is not written as \"%Y-%m-%d\""},
    {"dates.parse", "{\"text\":\"31.02.2026\",\"format\":\"%d.%m.%Y\"}", NULL, "is no day of the calendar"},
    {"dates.parse", "{\"text\":\"x\",\"format\":\"%q\"}", NULL, "\"%q\" is no format"},
    {"dates.parse", "{\"text\":\"x\",\"format\":\"%\"}", NULL, "\"%\" is no format"},
    {"dates.month_end", "{\"date\":\"2028-02-10\"}", "\"2028-02-29\"", NULL},
    {"dates.quarter", "{\"date\":\"2026-04-01\"}", "2", NULL},
    {"dates.calendar_week", "{\"date\":\"2027-01-01\"}", "53", NULL},
    {"dates.calendar_week", "{\"date\":\"2026-01-01\"}", "1", NULL},
    /* measures */
    {"measures.convert", "{\"amount\":12.5,\"unit\":\"km\",\"other\":\"m\"}", "12500", NULL},
    {"measures.convert", "{\"amount\":1,\"unit\":\"mi\",\"other\":\"kilometres\"}", "1.609344", NULL},
    {"measures.convert", "{\"amount\":-40,\"unit\":\"°C\",\"other\":\"F\"}", "-40", NULL},
    {"measures.convert", "{\"amount\":72.5,\"unit\":\"°F\",\"other\":\"°C\"}", "22.5", NULL},
    {"measures.convert", "{\"amount\":0,\"unit\":\"K\",\"other\":\"°C\"}", "-273.15", NULL},
    {"measures.convert", "{\"amount\":1,\"unit\":\"sq ft\",\"other\":\"m2\"}", "0.09290304", NULL},
    {"measures.convert", "{\"amount\":2,\"unit\":\"us gallons\",\"other\":\"l\"}", "7.570823568", NULL},
    {"measures.convert", "{\"amount\":90,\"unit\":\"km/h\",\"other\":\"m/s\"}", "25", NULL},
    {"measures.convert", "{\"amount\":1,\"unit\":\"kg\",\"other\":\"km\"}", NULL,
     "\"km\" is no unit of weight; there are: mg, g, kg, t, oz, lb, st"},
    {"measures.convert", "{\"amount\":1,\"unit\":\"parsec\",\"other\":\"km\"}", NULL, "\"parsec\" is no unit; there"},
    {"measures.convert", "{\"amount\":1,\"unit\":\"gallon\",\"other\":\"l\"}", NULL,
     "\"gallon\" may be several units: write US gal or UK gal"},
    {"measures.format", "{\"amount\":1234.567,\"unit\":\"kg\"}", "\"1,234.57 kg\"", NULL},
    {"measures.format", "{\"amount\":3,\"unit\":\"miles\",\"decimals\":1}", "\"4.8 km\"", NULL},
    {"measures.format", "{\"amount\":300,\"unit\":\"K\",\"decimals\":0}", "\"300 K\"", NULL},
    {"measures.format", "{\"amount\":1,\"unit\":\"kg\",\"decimals\":29}", NULL, "a whole number from 0 to 28"},
    {"measures.format", "{\"amount\":1,\"unit\":\"\"}", NULL, "\"\" is no unit"},
    {"measures.parse", "{\"text\":\"12.5 km\",\"unit\":\"m\"}", "12500", NULL},
    {"measures.parse", "{\"text\":\"5 ft 11 in\",\"unit\":\"cm\"}", "180.34", NULL},
    {"measures.parse", "{\"text\":\"5' 11\\\"\",\"unit\":\"in\"}", "71", NULL},
    {"measures.parse", "{\"text\":\"-5ft11in\",\"unit\":\"in\"}", "-71", NULL},
    {"measures.parse", "{\"text\":\"1,250 m²\",\"unit\":\"ha\"}", "0.125", NULL},
    {"measures.parse", "{\"text\":\"-4 °F\",\"unit\":\"°C\"}", "-20", NULL},
    {"measures.parse", "{\"text\":\" 12 \",\"unit\":\"kg\"}", "12", NULL},
    {"measures.parse", "{\"text\":\"12\",\"unit\":\"lb\"}", "26.455471462185309686756856161", NULL}, /* 12 kg */
    {"measures.parse", "{\"text\":\"12 lb\",\"unit\":\"km\"}", NULL, "lb is a unit of weight, and km one of length"},
    {"measures.parse", "{\"text\":\"12 foo\",\"unit\":\"km\"}", NULL, "\"foo\" is no unit of length"},
    {"measures.parse", "{\"text\":\"12 mm3\",\"unit\":\"km\"}", NULL, "\"12 mm3\" is not clearly a measure"},
    {"measures.parse", "{\"text\":\"3 tons\",\"unit\":\"kg\"}", NULL, "\"tons\" may be several units"},
    {"measures.parse", "{\"text\":\"some km\",\"unit\":\"km\"}", NULL, "\"some km\" is not clearly a measure"},
    {"measures.parse", "{\"text\":\"\",\"unit\":\"km\"}", NULL, "is not clearly a measure"},
    {"measures.parse", "{\"text\":\"5 ft -2 in\",\"unit\":\"m\"}", NULL, "is more than one measure"},
    {"measures.parse", "{\"text\":\"20 °C 3 °C\",\"unit\":\"°C\"}", NULL, "is more than one measure"},
    {"measures.parse", "{\"text\":\"1.2.3 km\",\"unit\":\"km\"}", NULL, "1.2.3"},
    /* numbers */
    {"numbers.allocate", "{\"amount\":100,\"weights\":[1,1,1]}", "[33.33,33.34,33.33]", NULL},
    {"numbers.allocate", "{\"amount\":-0.05,\"weights\":[1,0,1]}", "[-0.02,0.00,-0.03]", NULL},
    {"numbers.allocate", "{\"amount\":10,\"weights\":[0,0]}", NULL, "at least one weight must be above zero"},
    {"numbers.allocate", "{\"amount\":10,\"weights\":[2,-1]}", NULL, "weight 2 is below zero"},
    {"numbers.allocate", "{\"amount\":1.005,\"weights\":[1]}", NULL, "more than 2 decimals"},
    {"numbers.draw", "{\"smallest\":1,\"largest\":6}", "5", NULL}, /* the world draws 10 */
    {"numbers.draw", "{\"smallest\":6,\"largest\":1}", NULL, "1 is below the smallest, 6"},
    {"numbers.format", "{\"number\":-1234567.895}", "\"-1,234,567.90\"", NULL},
    {"numbers.format", "{\"number\":999,\"decimals\":0,\"currency\":\"$\"}", "\"$999\"", NULL},
    {"numbers.format", "{\"number\":1000,\"decimal_symbol\":\",\"}", "\"1.000,00\"", NULL},
    {"numbers.median", "{\"numbers\":[3,1,2]}", "2", NULL},
    {"numbers.median", "{\"numbers\":[4,1,2,3]}", "2.5", NULL},
    {"numbers.median", "{\"numbers\":[]}", NULL, "there is no number"},
    {"numbers.parse", "{\"text\":\"$1,250.00\"}", "1250.00", NULL},
    {"numbers.parse", "{\"text\":\"1.250,00 EUR\",\"decimal_symbol\":\",\"}", "1250.00", NULL},
    {"numbers.parse", "{\"text\":\"twelve\"}", NULL, "twelve"},
    {"numbers.parse", "{\"text\":\"1\",\"decimal_symbol\":\";\"}", NULL, "\";\" is no decimal symbol"},
    /* tables */
    {"tables.drop_columns", "{\"columns\":\"Total\",\"table\":[{\"number\":1,\"total\":2}]}", "[{\"number\":1}]", NULL},
    {"tables.drop_columns", "{\"columns\":[\"x\"],\"table\":[{\"number\":1,\"total\":2}]}", NULL,
     "no column called \"x\"; its columns are: number, total"},
    {"tables.duplicates", "{\"table\":" ORDERS ",\"key\":\"number\"}",
     "[{\"number\":\"PO-1\",\"vendor\":\"Acme\",\"total\":10.00},{\"number\":\"PO-1\",\"vendor\":\"Acme\",\"total\":1}"
     "]",
     NULL},
    {"tables.duplicates", "{\"table\":" ORDERS ",\"key\":[\"number\",\"total\"]}", "[]", NULL},
    {"tables.duplicates", "{\"table\":[{\"a\":[1]}],\"key\":\"a\"}", NULL,
     "row 1: the a is a list, which cannot be compared"},
    {"tables.join",
     "{\"table\":[{\"order\":\"PO-2\",\"total\":5.00},{\"order\":\"PO-9\",\"total\":1},{\"order\":null,\"total\":2}],"
     "\"other\":" ORDERS ",\"key\":\"order\",\"other_key\":\"number\"}",
     "[{\"order\":\"PO-2\",\"total\":5.00,\"vendor\":\"Bolt\",\"other total\":5}]", NULL},
    {"tables.join", "{\"table\":[{\"number\":\"PO-1\"}],\"other\":" ORDERS ",\"key\":\"number\"}",
     "[{\"number\":\"PO-1\",\"vendor\":\"Acme\",\"total\":10.00},{\"number\":\"PO-1\",\"vendor\":\"Acme\",\"total\":1}"
     "]",
     NULL},
    {"tables.join",
     "{\"table\":[{\"number\":\"PO-1\",\"total\":10.04},{\"number\":\"PO-2\",\"total\":5.06}],\"other\":" ORDERS
     ",\"key\":\"number\",\"amount\":\"total\",\"tolerance\":0.05,\"keep\":\"all\"}",
     "[{\"number\":\"PO-1\",\"total\":10.04,\"vendor\":\"Acme\",\"other total\":10.00},"
     "{\"number\":\"PO-2\",\"total\":5.06,\"vendor\":null,\"other total\":null}]",
     NULL},
    {"tables.join",
     "{\"table\":[{\"number\":\"PO-1\"},{\"number\":\"PO-7\"}],\"other\":" ORDERS
     ",\"key\":\"number\",\"keep\":\"unmatched\"}",
     "[{\"number\":\"PO-7\"}]", NULL},
    {"tables.join",
     "{\"table\":[{\"number\":\"PO-1\",\"total\":\"n/a\"}],\"other\":" ORDERS
     ",\"key\":\"number\",\"amount\":\"total\"}",
     NULL, "row 1: the total is \"n/a\", not a number"},
    {"tables.join", "{\"table\":[{\"a\":1}],\"other\":[{\"a\":1}],\"key\":\"a\",\"keep\":\"some\"}", NULL,
     "\"some\" cannot be kept"},
    {"tables.join", "{\"table\":[{\"a\":1.0}],\"other\":[{\"a\":1,\"b\":2}],\"key\":\"a\"}", "[{\"a\":1.0,\"b\":2}]",
     NULL},
    {"tables.pivot",
     "{\"table\":[{\"v\":\"A\",\"m\":\"Jan\",\"t\":1},{\"v\":\"B\",\"m\":\"Feb\",\"t\":2},{\"v\":\"A\",\"m\":\"Jan\","
     "\"t\":3.5}],"
     "\"rows\":\"v\",\"columns\":\"m\",\"values\":\"t\"}",
     "[{\"v\":\"A\",\"Jan\":4.5,\"Feb\":0},{\"v\":\"B\",\"Jan\":0,\"Feb\":2}]", NULL},
    {"tables.pivot", "{\"table\":[{\"v\":\"A\"}],\"rows\":\"v\",\"columns\":\"m\",\"values\":\"t\"}", NULL,
     "no column called \"m\""},
    {"tables.rename_column", "{\"table\":[{\"a\":1,\"b\":2}],\"column\":\"A\",\"name\":\"c\"}", "[{\"c\":1,\"b\":2}]",
     NULL},
    {"tables.rename_column", "{\"table\":[{\"a\":1,\"b\":2}],\"column\":\"a\",\"name\":\"b\"}", NULL,
     "called \"b\" already"},
    {"tables.running_total", "{\"table\":[{\"t\":1},{\"t\":null},{\"t\":2.5}],\"column\":\"t\"}",
     "[{\"t\":1,\"running t\":1},{\"t\":null,\"running t\":1},{\"t\":2.5,\"running t\":3.5}]", NULL},
    {"tables.markdown", "{\"table\":[{\"a|b\":\"x\\ny\",\"n\":1.50},{\"a|b\":\"<i>\",\"n\":null}]}",
     "\"| a\\\\|b | n |\\n|---|---:|\\n| x<br>y | 1.50 |\\n| &lt;i> |  |\\n\"", NULL},
    {"tables.html", "{\"table\":[{\"a&b\":\"<x>\",\"n\":2}]}",
     "\"<table>\\n<thead>\\n<tr><th>a&amp;b</th><th>n</th></tr>\\n</thead>\\n<tbody>\\n<tr><td>&lt;x&gt;</td>"
     "<td style=\\\"text-align:right\\\">2</td></tr>\\n</tbody>\\n</table>\\n\"",
     NULL},
    {"tables.transpose",
     "{\"table\":[{\"m\":\"May\",\"x\":1,\"y\":2},{\"m\":\"June\",\"x\":3,\"y\":null}],\"key\":\"m\"}",
     "[{\"column\":\"x\",\"May\":1,\"June\":3},{\"column\":\"y\",\"May\":2,\"June\":null}]", NULL},
    {"tables.transpose", "{\"table\":[{\"m\":\"May\"},{\"m\":\"May\"}],\"key\":\"m\"}", NULL,
     "row 2: there is a column called \"May\" already"},
    {"tables.transpose", "{\"table\":[{\"m\":null}],\"key\":\"m\"}", NULL, "row 1 has no m to name a column by"},
    {"tables.transpose", "{\"table\":[{\"m\":1}],\"key\":\"z\"}", NULL, "m"},
    {"tables.stack", "{\"tables\":[[{\"a\":1}],[{\"b\":2,\"a\":3}],[]]}", "[{\"a\":1,\"b\":null},{\"a\":3,\"b\":2}]",
     NULL},
    {"tables.total", "{\"table\":" ORDERS ",\"key\":\"vendor\"}",
     "[{\"vendor\":\"Acme\",\"total\":13.50,\"count\":3},{\"vendor\":\"Bolt\",\"total\":5,\"count\":1}]", NULL},
    {"tables.total", "{\"table\":[{\"a\":1,\"b\":\"x\"}],\"key\":\"a\",\"columns\":\"b\"}", NULL,
     "row 1: the b is \"x\", not a number"},
    {"tables.total", "{\"table\":[],\"key\":\"a\"}", NULL, "no column called \"a\"; its columns are: none"},
    {"tables.total", "{\"table\":\"x\",\"key\":\"a\"}", NULL, "\"x\" is not a table"},
    /* text */
    {"text.closest", "{\"text\":\"ACME Corp\",\"candidates\":[\"Bolt Ltd\",\"Acme Corp.\",\"Acme\"]}", "\"Acme Corp.\"",
     NULL},
    {"text.closest", "{\"text\":\"Zenith\",\"candidates\":[\"Bolt Ltd\"]}", "null", NULL},
    {"text.closest", "{\"text\":\"a\",\"candidates\":[\"a\"],\"least_likeness\":2}", NULL, "a number from 0 to 1"},
    {"text.encode_json", "{\"value\":{\"a\":[1.50,null,true,\"x\"]}}", "\"{\\\"a\\\":[1.50,null,true,\\\"x\\\"]}\"",
     NULL},
    {"text.extract", "{\"pattern\":\"(?<year>\\\\d{4})-(?<month>\\\\d\\\\d)(?<rest>x)?\",\"text\":\"on 2026-04-14\"}",
     "{\"year\":\"2026\",\"month\":\"04\",\"rest\":null}", NULL},
    {"text.extract", "{\"pattern\":\"(?<a>x)\",\"text\":\"y\"}", NULL, "nothing in \"y\" matches"},
    {"text.extract", "{\"pattern\":\"(x)\",\"text\":\"x\"}", NULL, "names no group"},
    {"text.lines", "{\"text\":\"one\\r\\n\\ntwo\\n\"}", "[\"one\",\"\",\"two\"]", NULL},
    {"text.matches", "{\"pattern\":\"PO-\\\\d+\",\"text\":\"PO-1, PO-23 and PO-\"}", "[\"PO-1\",\"PO-23\"]", NULL},
    {"text.matches", "{\"pattern\":\"x*\",\"text\":\"é\"}", "[\"\",\"\"]", NULL},
    {"text.matches", "{\"pattern\":\"(\",\"text\":\"x\"}", NULL, "\"(\" is no pattern: at byte 1"},
    {"text.matches",
     "{\"pattern\":\"(a|aa)+$\",\"text\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac\"}", NULL,
     "tries too many ways"},
    {"text.measure", "{\"first\":\"kitten\",\"second\":\"Sitting!\"}", "0.5715", NULL},
    {"text.measure", "{\"first\":\"\",\"second\":\" \"}", "1.0000", NULL},
    {"text.pad", "{\"text\":4711,\"length\":7,\"filler\":\"0\"}", "\"0004711\"", NULL},
    {"text.pad", "{\"text\":\"é\",\"length\":3,\"side\":\"right\"}", "\"é  \"", NULL},
    {"text.pad", "{\"text\":\"x\",\"length\":3,\"filler\":\"ab\"}", NULL, "one letter"},
    {"text.parse_json", "{\"text\":\"{\\\"a\\\": 0.10}\"}", "{\"a\":0.10}", NULL},
    {"text.parse_json", "{\"text\":\"{\"}", NULL, "the text is not JSON"},
    {"text.replace", "{\"pattern\":\"(\\\\d)(\\\\d)\",\"text\":\"a12b34\",\"replacement\":\"$2$1$$\"}", "\"a21$b43$\"",
     NULL},
    {"text.replace", "{\"pattern\":\"\",\"text\":\"ab\",\"replacement\":\"-\"}", "\"-a-b-\"", NULL},
    {"text.tidy", "{\"text\":\" a \\n\\t b\xC2\xA0\xC2\xA0 c \"}", "\"a b c\"", NULL},
    {"text.tidy", "{\"txet\":\"a\"}", NULL, "text.tidy has no parameter called \"txet\""},
};

/* These need values that JSON has no form for; their tests are below and in files.c. */
static const char *const tested_elsewhere[] = {
    "dates.now",         "dates.convert",   "dates.parse_time", "files.read_table",
    "files.write_table", "files.read_text", "files.write_text", "files.read_json",
    "files.write_json",  "files.describe",  "files.sheets",     "files.write_workbook",
};

static const Procedure *procedure_called(const char *name)
{
    Str rest = str_from_c(name), book = str_cut(&rest, '.');
    const Procedure *procedure = catalog_find(books_catalog(), book, rest);
    if (!procedure)
        print_error("there is no %s\n", name);
    assert_non_null(procedure);
    return procedure;
}

static bool call(Arena *arena, World *world, const char *name, const char *json, Value *out, Error *err)
{
    const Json *tree = NULL;
    Argument arguments[16];
    BookContext context = world_context(world);
    assert_fine(json_parse(arena, str_from_c(json), 20, &tree, err), err);
    for (uint32_t i = 0; i < tree->count; i++) {
        arguments[i].name = tree->items[i].key;
        assert_fine(value_from_plain_json(arena, &tree->items[i], &arguments[i].value, err), err);
    }
    return books_call(&context, procedure_called(name), arguments, tree->count, arena, out, err);
}

static Str plain_json(Arena *arena, Value value)
{
    Buf printed = buf_in(arena);
    JsonOut json = json_out(&printed);
    value_to_plain_json(&json, value);
    return buf_view(&printed);
}

static void check_case(const Case *row)
{
    AUTO(arena_done)
    Arena arena = {0};
    AUTO(world_done)
    World world = {.now_us = 1776205800000000, .drawn = 10};
    Error err = {0};
    Value out = {0};
    bool done = call(&arena, &world, row->name, row->arguments, &out, &err);
    if (row->refusal) {
        if (done || !strstr(err.message, row->refusal))
            print_error("%s %s: %s\n", row->name, row->arguments, done ? "was done" : err.message);
        assert_false(done);
        assert_non_null(strstr(err.message, row->refusal));
        return;
    }
    if (!done)
        print_error("%s %s\n", row->name, row->arguments);
    assert_fine(done, &err);
    assert_str_equal(plain_json(&arena, out), str_from_c(row->expected));
    const Procedure *procedure = procedure_called(row->name);
    assert_true(procedure->result && type_accepts(procedure->result, out));
}

static void test_books_call__every_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        check_case(&cases[i]);
}

static bool has_case(Str name)
{
    bool found = false;
    for (size_t i = 0; i < COUNT_OF(cases) && !found; i++)
        found = cases[i].expected && str_eq(str_from_c(cases[i].name), name);
    for (size_t i = 0; i < COUNT_OF(tested_elsewhere) && !found; i++)
        found = str_eq(str_from_c(tested_elsewhere[i]), name);
    return found;
}

static void test_books_catalog__every_procedure_is_tested_and_well_described(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    const Catalog *catalog = books_catalog();
    for (uint32_t i = 0; i < catalog->n_procedures; i++) {
        const Procedure *procedure = catalog->procedures[i];
        Str name = str_printf(&arena, "%.*s.%.*s", STR_ARG(procedure->book), STR_ARG(procedure->name));
        if (!has_case(name) && !procedure->outside) /* those are called in tests/cli/outside.py */
            print_error("no test calls %.*s\n", STR_ARG(name));
        assert_true(has_case(name) || procedure->outside);
        assert_true(procedure->description.len > 0 && str_ends(procedure->description, S(".")));
        assert_true(procedure->example.len > 0 && procedure->english.len > 0);
        assert_ptr_equal(catalog_find(catalog, procedure->book, procedure->name), procedure);
        for (uint32_t k = 0; k < procedure->n_parameters; k++) {
            assert_true(procedure->parameters[k].name.len > 0 && procedure->parameters[k].description.len > 0);
            assert_non_null(procedure->parameters[k].type);
        }
    }
}

/* A phrase ("today", "the total of each {key} in {table}") stands for its result wherever a value may; it may begin
 * with a placeholder. The reader goes through any sentence from left to right: else it begins with a verb, two
 * placeholders never touch, every placeholder is a parameter or the result, and what stands behind one begins with a
 * word that ends an expression. */
static void test_books_catalog__sentences_can_be_read_from_left_to_right(void **state)
{
    (void)state;
    static const char *const enders[] = {"as", "from", "to", "in", "by", "of", "for", "joined", "on", "and", "within"};
    const Catalog *catalog = books_catalog();
    for (uint32_t i = 0; i < catalog->n_procedures; i++) {
        const Procedure *procedure = catalog->procedures[i];
        Str sentences = procedure->english;
        bool named = false; /* the result may go unused: some of the sentences name it */
        while (sentences.data) {
            Str rest = str_cut(&sentences, '|');
            bool phrase = !str_contains(rest, S("{result}")) &&
                          (rest.data[0] == '{' || str_starts(rest, S("the ")) || str_find_char(rest, '{') < 0);
            bool result = phrase;
            assert_true(phrase || (rest.data[0] >= 'a' && rest.data[0] <= 'z'));
            (void)str_cut(&rest, '{');
            while (rest.data) {
                Str name = str_cut(&rest, '}');
                result = result || str_eq(name, S("result"));
                assert_true(str_eq(name, S("result")) || procedure_parameter(procedure, name));
                Str behind = str_cut(&rest, '{');
                Str word = str_trim(behind);
                word = str_cut(&word, ' ');
                bool ends = !rest.data && behind.len == 0;
                for (size_t k = 0; k < COUNT_OF(enders) && !ends; k++)
                    ends = str_eq(word, str_from_c(enders[k]));
                if (!ends)
                    print_error("%.*s\n", STR_ARG(procedure->english));
                assert_true(ends);
            }
            named = named || result;
            assert_true(!result || procedure->result);
        }
        assert_int_equal(named, procedure->result != NULL);
    }
}

/* Who worked how long, on which day; the second day of Ada's is not known. */
static Value worked_hours(Arena *arena)
{
    Value table = value_table_new(arena, 4);
    static const char *const names[] = {"Ada", "Bob", "Ada", "Bob"}, *const days[] = {"Mon", "Mon", "Tue", "Tue"};
    table_add_column(arena, table.table, S("who"));
    table_add_column(arena, table.table, S("day"));
    table_add_column(arena, table.table, S("hours"));
    for (uint32_t i = 0; i < 4; i++) {
        table.table->columns[0].cells[i] = value_text(str_from_c(names[i]));
        table.table->columns[1].cells[i] = value_text(str_from_c(days[i]));
        table.table->columns[2].cells[i] = i == 2 ? value_null() : value_duration(8 * 3600 * (i + 1), 700000000);
    }
    return table;
}

static void test_tables__add_up_lengths_of_time(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    AUTO(world_done)
    World world = {0};
    const BookContext context = world_context(&world);
    Error err = {0};
    Value out;
    const Argument table = {S("table"), worked_hours(&arena)};
    const Argument total[] = {table, {S("key"), value_text(S("who"))}};
    assert_fine(books_call(&context, procedure_called("tables.total"), total, 2, &arena, &out, &err), &err);
    assert_str_equal(plain_json(&arena, out), S("[{\"who\":\"Ada\",\"hours\":\"28800.7s\",\"count\":2},"
                                                "{\"who\":\"Bob\",\"hours\":\"172801.4s\",\"count\":2}]"));
    const Argument pivot[] = {table,
                              {S("rows"), value_text(S("who"))},
                              {S("columns"), value_text(S("day"))},
                              {S("values"), value_text(S("hours"))}};
    assert_fine(books_call(&context, procedure_called("tables.pivot"), pivot, 4, &arena, &out, &err), &err);
    assert_str_equal(plain_json(&arena, out), S("[{\"who\":\"Ada\",\"Mon\":\"28800.7s\",\"Tue\":\"0s\"},"
                                                "{\"who\":\"Bob\",\"Mon\":\"57600.7s\",\"Tue\":\"115200.7s\"}]"));
    table.value.table->columns[2].cells[3] = value_int(8);
    assert_false(books_call(&context, procedure_called("tables.pivot"), pivot, 4, &arena, &out, &err));
    assert_string_equal(err.message, "row 4: the hours is no length of time, and others are");
}

static void test_dates_now__is_local_time(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    AUTO(world_done)
    World world = {.now_us = 1776205800123456};
    Error err = {0};
    Value out;
    assert_fine(call(&arena, &world, "dates.now", "{}", &out, &err), &err);
    assert_int_equal(out.datetime->day, 15);
    assert_int_equal(out.datetime->hour, 0);
    assert_int_equal(out.datetime->minute, 30);
    assert_int_equal(out.datetime->nanos, 123456000);
    assert_int_equal(out.datetime->offset_seconds, 7200);
}

static void test_dates_convert__keeps_the_moment(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    AUTO(world_done)
    World world = {0};
    Error err = {0};
    Value out;
    assert_fine(call(&arena, &world, "dates.convert",
                     "{\"moment\":\"2026-04-14T09:00:00\",\"zone\":\"America/New_York\"}", &out, &err),
                &err);
    assert_int_equal(out.datetime->hour, 3);
    assert_str_equal(out.datetime->zone, S("America/New_York"));
}

static void test_dates_parse_time__knows_the_half_of_the_day(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    AUTO(world_done)
    World world = {0};
    Error err = {0};
    Value out;
    assert_fine(call(&arena, &world, "dates.parse_time",
                     "{\"text\":\"14/04/2026 12:05 AM\",\"format\":\"%d/%m/%Y %I:%M %p\"}", &out, &err),
                &err);
    assert_int_equal(out.datetime->hour, 0);
    assert_int_equal(out.datetime->minute, 5);
}

static void test_books_call__needs_a_known_procedure(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    AUTO(world_done)
    World world = {0};
    BookContext context = world_context(&world);
    Error err = {0};
    Value out;
    const Procedure unknown = {.book = S("files"), .name = S("burn")};
    assert_false(books_call(&context, &unknown, NULL, 0, &arena, &out, &err));
    assert_int_equal(err.code, UNIMPLEMENTED);
    assert_null(book_find(S("erp")));
}

static void test_books_call__names_the_parameter_at_fault(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    AUTO(world_done)
    World world = {0};
    Error err = {0};
    Value out;
    assert_false(call(&arena, &world, "dates.quarter", "{\"date\":\"soon\"}", &out, &err));
    assert_string_equal(err.field, "date");
    assert_false(call(&arena, &world, "dates.quarter", "{}", &out, &err));
    assert_string_equal(err.field, "date");
    assert_false(call(&arena, &world, "numbers.allocate", "{\"amount\":1,\"weights\":[1,\"x\"]}", &out, &err));
    assert_string_equal(err.field, "weights[1]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_books_call__every_row),
        cmocka_unit_test(test_books_catalog__every_procedure_is_tested_and_well_described),
        cmocka_unit_test(test_books_catalog__sentences_can_be_read_from_left_to_right),
        cmocka_unit_test(test_tables__add_up_lengths_of_time),
        cmocka_unit_test(test_dates_now__is_local_time),
        cmocka_unit_test(test_dates_convert__keeps_the_moment),
        cmocka_unit_test(test_dates_parse_time__knows_the_half_of_the_day),
        cmocka_unit_test(test_books_call__needs_a_known_procedure),
        cmocka_unit_test(test_books_call__names_the_parameter_at_fault),
    };
    return cmocka_run_group_tests_name("books/procedures", tests, NULL, NULL);
}
