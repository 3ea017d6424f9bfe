/* Tests of src/aip/filter*.c: each row is a filter and its canonical text, or what is wrong with it. */
#include "base/check.h"

#include <stdlib.h>
#include <string.h>

#include "aip/filter.h"
#include "base/buf.h"

static const Str states[] = {S_INIT("RUN_STATE_PENDING"), S_INIT("RUN_STATE_EXECUTING"),
                             S_INIT("RUN_STATE_AWAITING_GUIDANCE"), S_INIT("RUN_STATE_STOPPED")};
static const Str other_names[] = {S_INIT("running"), S_INIT("RUN_STATE_EXECUTING"),
                                  S_INIT("waiting"), S_INIT("RUN_STATE_AWAITING_GUIDANCE"),
                                  S_INIT("waiting"), S_INIT("RUN_STATE_STOPPED")};
enum { COMPARED = FILTER_EQ | FILTER_NE | FILTER_LT | FILTER_LE | FILTER_GT | FILTER_GE };
static const FilterField fields[] = {
    {S_INIT("state"), FILTER_ENUM, FILTER_EQ | FILTER_NE, states, COUNT_OF(states), S_INIT("RUN_STATE_"), other_names,
     COUNT_OF(other_names) / 2},
    {.name = S_INIT("title"), .type = FILTER_TEXT, .operators = FILTER_EQ | FILTER_NE | FILTER_HAS},
    {.name = S_INIT("create_time"), .type = FILTER_TIME, .operators = COMPARED},
    {.name = S_INIT("count"), .type = FILTER_INTEGER, .operators = COMPARED},
    {.name = S_INIT("valid"), .type = FILTER_BOOLEAN, .operators = FILTER_EQ | FILTER_NE},
    {.name = S_INIT("run"), .type = FILTER_RESOURCE, .operators = FILTER_EQ | FILTER_NE},
    {.name = S_INIT("details.source"), .type = FILTER_TEXT, .operators = FILTER_EQ},
    {.name = S_INIT("took"), .type = FILTER_DURATION, .operators = COMPARED},
};

typedef struct Good {
    const char *filter, *canonical;
} Good;

static const Good good[] = {
    {"", ""},
    {"  \t ", ""},
    /* what clients send (semantics.md 2) */
    {"state = \"PENDING\"", "state = RUN_STATE_PENDING"},
    {"NOT state = \"STOPPED\"", "NOT state = RUN_STATE_STOPPED"},
    {"state = \"PENDING\" AND run = \"r1\"", "state = RUN_STATE_PENDING AND run = \"r1\""},
    {"run=\"organizations/o/workspaces/w/automations/a/runs/r1\"", "run = \"r1\""},
    {"create_time >= \"2026-04-10T00:00:00Z\"", "create_time >= \"2026-04-10T00:00:00.000000Z\""},
    {"run = \"a OR b\"", "run = \"a\" OR run = \"b\""},
    {"run = \"x/a OR x/b OR c\"", "run = \"a\" OR run = \"b\" OR run = \"c\""},
    {"run != \"a OR b\"", "NOT (run = \"a\" OR run = \"b\")"},
    /* enums: short and long, any case, bare and quoted, other names */
    {"state = RUN_STATE_PENDING", "state = RUN_STATE_PENDING"},
    {"state = pending", "state = RUN_STATE_PENDING"},
    {"state = 'Awaiting_Guidance'", "state = RUN_STATE_AWAITING_GUIDANCE"},
    {"state = running", "state = RUN_STATE_EXECUTING"},
    {"state = waiting", "state = RUN_STATE_AWAITING_GUIDANCE OR state = RUN_STATE_STOPPED"},
    {"state != waiting", "NOT (state = RUN_STATE_AWAITING_GUIDANCE OR state = RUN_STATE_STOPPED)"},
    {"state != PENDING", "state != RUN_STATE_PENDING"},
    {"state IN [\"PENDING\", stopped]", "state = RUN_STATE_PENDING OR state = RUN_STATE_STOPPED"},
    {"state in ['PENDING']", "state = RUN_STATE_PENDING"},
    {"state IN [\"waiting\",\"PENDING\"]",
     "state = RUN_STATE_AWAITING_GUIDANCE OR state = RUN_STATE_STOPPED OR state = RUN_STATE_PENDING"},
    {"NOT state IN [PENDING]", "NOT state = RUN_STATE_PENDING"},
    /* precedence: OR binds tighter than AND, a blank is an AND */
    {"valid=true AND count=1 OR count=2", "valid = true AND (count = 1 OR count = 2)"},
    {"count=1 OR count=2 AND valid=true", "(count = 1 OR count = 2) AND valid = true"},
    {"(valid=true AND count=1) OR count=2", "(valid = true AND count = 1) OR count = 2"},
    {"count=1 valid=true", "count = 1 AND valid = true"},
    {"count=1 count=2 OR count=3", "count = 1 AND (count = 2 OR count = 3)"},
    {"count=1 and count=2 or count=3", "count = 1 AND (count = 2 OR count = 3)"},
    {"((((count=1))))", "count = 1"},
    {"count=1 AND (count=2 AND count=3)", "count = 1 AND count = 2 AND count = 3"},
    {"(count=1)(count=2)", "count = 1 AND count = 2"},
    {"-count=1", "NOT count = 1"},
    {"-(count=1 OR count=2)", "NOT (count = 1 OR count = 2)"},
    {"NOT NOT count=1", "count = 1"},
    {"NOT -count=1", "count = 1"},
    {"count = -5", "count = -5"},
    {"not valid", "NOT valid = true"},
    {"valid AND count>=0", "valid = true AND count >= 0"},
    /* arguments in parentheses */
    {"state = (PENDING OR STOPPED)", "state = RUN_STATE_PENDING OR state = RUN_STATE_STOPPED"},
    {"state != (PENDING OR STOPPED)", "NOT (state = RUN_STATE_PENDING OR state = RUN_STATE_STOPPED)"},
    {"title:(foo AND NOT \"bar\")", "title:\"foo\" AND (NOT title:\"bar\")"},
    {"count > (1 AND -2)", "count > 1 AND count > -2"},
    /* texts */
    {"title = 'single'", "title = \"single\""},
    {"title = \"with \\\"quotes\\\" and \\\\\"", "title = \"with \\\"quotes\\\" and \\\\\""},
    {"title = 'it\\'s'", "title = \"it's\""},
    {"title = \"a OR b\"", "title = \"a OR b\""},
    {"title = bare-text_1.0", "title = \"bare-text_1.0\""},
    {"title = \"\"", "title = \"\""},
    {"title = \"käse\"", "title = \"käse\""},
    {"title = \"inv*\"", "title = \"inv*\""},
    {"title = inv*", "title = \"inv*\""},
    {"title = \"5\\*\"", "title = \"5\\*\""},
    {"title : \"po\"", "title:\"po\""},
    {"title contains \"po\"", "title:\"po\""},
    {"title CONTAINS po", "title:\"po\""},
    {"title:*", "title:*"},
    {"state:* AND run:*", "state:* AND run:*"},
    {"title:\"*\"", "title:\"*\""},
    /* `:` on anything but text; literals without a field */
    {"state: PENDING", "state = RUN_STATE_PENDING"},
    {"count:3 run:abc", "count = 3 AND run = \"abc\""},
    {"PENDING", "state = RUN_STATE_PENDING OR title:\"PENDING\" OR details.source = \"PENDING\""},
    {"NOT \"a b\"", "NOT (title:\"a b\" OR details.source = \"a b\")"},
    {"count=1 foo", "count = 1 AND (title:\"foo\" OR details.source = \"foo\")"},
    {"title = \"AND\"", "title = \"AND\""},
    {"details.source = x", "details.source = \"x\""},
    {"details.source=AND", "details.source = \"AND\""},
    /* times, and fields in camel case */
    {"createTime < 2026-04-10T02:00:00+02:00", "create_time < \"2026-04-10T00:00:00.000000Z\""},
    {"create_time = \"2026-04-10\"", "create_time = \"2026-04-10T00:00:00.000000Z\""},
    {"create_time>=\"2026-04-10T00:00:00.123456789Z\"", "create_time >= \"2026-04-10T00:00:00.123456Z\""},
    {"create_time < 2026-04-10", "create_time < \"2026-04-10T00:00:00.000000Z\""},
    {"create_time IN [2026-04-10T00:00:00Z, '2026-04-11']",
     "create_time = \"2026-04-10T00:00:00.000000Z\" OR create_time = \"2026-04-11T00:00:00.000000Z\""},
    /* durations */
    {"took > 20s", "took > 20.000000s"},
    {"took <= \"1.5s\"", "took <= 1.500000s"},
    {"took != -0.25s", "took != -0.250000s"},
    {"took = (1s OR 2s)", "took = 1.000000s OR took = 2.000000s"},
    /* wildcards at the ends; escaped they are characters */
    {"title = \"*voice\"", "title = \"*voice\""},
    {"title = *voice", "title = \"*voice\""},
    {"title != '*voi*'", "title != \"*voi*\""},
    {"title = \"\\*voice\"", "title = \"\\*voice\""},
    {"title = \"*\\*\"", "title = \"*\\*\""},
    {"title:\"*x\"", "title:\"*x\""},
    {"title = \"tab\\tline\\n\"", "title = \"tab\tline\n\""},
    /* traversal: what stands behind a dot may be quoted */
    {"details.\"source\" = x", "details.source = \"x\""},
    {"details.'source'=\"a.b\"", "details.source = \"a.b\""},
    /* sequences: the examples of AIP-160 */
    {"New York Giants",
     "(title:\"New\" OR details.source = \"New\") AND (title:\"York\" OR details.source = \"York\") AND "
     "(title:\"Giants\" OR details.source = \"Giants\")"},
    {"count=1 count=2 OR count=3 count=4", "count = 1 AND (count = 2 OR count = 3) AND count = 4"},
    {"count=1 count=2 AND count=3 OR count=4", "count = 1 AND count = 2 AND (count = 3 OR count = 4)"},
    {"-title:\"x\" valid", "(NOT title:\"x\") AND valid = true"},
    {"NOT (count=1 OR count=2) AND NOT valid", "(NOT (count = 1 OR count = 2)) AND (NOT valid = true)"},
    {"NOT count=1 OR valid", "(NOT count = 1) OR valid = true"},
};

static void test_filter_parse__reads_the_grammar(void **state)
{
    (void)state;
    Arena arena = {0};
    Error err = {0};
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        const Filter *filter;
        assert_fine(filter_parse(&arena, str_from_c(good[i].filter), fields, COUNT_OF(fields), &filter, &err), &err);
        assert_str_equal(filter_print(&arena, filter, fields), str_from_c(good[i].canonical));
    }
    arena_done(&arena);
}

static void test_filter_print__gives_text_that_reads_the_same(void **state)
{
    (void)state;
    Arena arena = {0};
    Error err = {0};
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        const Filter *filter;
        Str canonical = str_from_c(good[i].canonical);
        assert_fine(filter_parse(&arena, canonical, fields, COUNT_OF(fields), &filter, &err), &err);
        assert_str_equal(filter_print(&arena, filter, fields), canonical);
    }
    arena_done(&arena);
}

typedef struct Bad {
    const char *filter, *message; /* a part of it */
} Bad;

static const Bad bad[] = {
    {"state", "at character 1: state stands alone"},
    {"state =", "expected a value, found the end"},
    {"= 1", "expected a field, found ="},
    {"colour = red",
     "unknown field \"colour\"; there are: state, title, create_time, count, valid, run, details.source, "
     "took"},
    {"state = PURPLE", "\"PURPLE\" is no state; there are: PENDING, EXECUTING, AWAITING_GUIDANCE, STOPPED"},
    {"state > PENDING", "state can be compared by =, !="},
    {"state: PURPLE", "\"PURPLE\" is no state"},
    {"OR", "unknown field \"OR\""},
    {"title < \"a\"", "title can be compared by =, !=, : or contains"},
    {"create_time > yesterday", "create_time is compared with a time"},
    {"count = many", "count is compared with a whole number, found \"many\""},
    {"count = 99999999999999999999", "whole number"},
    {"count = 1*", "whole number"},
    {"valid = maybe", "true or false"},
    {"title = \"open", "has no closing \""},
    {"title = 'open\\'", "has no closing '"},
    {"(count = 1", "this ( is not closed"},
    {"count = 1)", "this ) was never opened"},
    {"count = 1 AND", "expected a field, found the end"},
    {"count = 1 OR", "expected a field, found the end"},
    {"AND count = 1", "unknown field \"AND\""},
    {"NOT", "expected a field"},
    {"-", "expected a field"},
    {"()", "expected a field, found )"},
    {"count = ()", "expected a value, found )"},
    {"count = 1 == 2", "expected a field, found =="},
    {"state IN PENDING", "expected [ after IN"},
    {"state IN [PENDING", "expected , or ]"},
    {"state IN []", "expected a value"},
    {"state IN [PENDING,]", "expected a value"},
    {"math(count) = 1", "at character 1: there is no function \"math\"; lists have none"},
    {"math.mem('30mb', 3) > 1", "there is no function \"math.mem\""},
    {"title = lower(x)", "at character 9: there is no function \"lower\""},
    {"now()", "there is no function \"now\""},
    {"outer(inner(1))", "there is no function \"inner\""},
    {"regex(title", "this ( is not closed"},
    {"regex(title,", "expected a value, found the end"},
    {"title = \"a*b\"", "a * can only stand at the beginning or the end"},
    {"title = \"*a*b*\"", "a * can only stand at the beginning or the end"},
    {"details.\"source = x", "has no closing \""},
    {"details.\"other\" = x", "unknown field \"details.other\""},
    {"took > 20", "took is compared with a duration like 1.5s, found \"20\""},
    {"took > 1h", "a duration like 1.5s"},
    {"took = 1*", "a duration like 1.5s"},
    {"create_time > 2026-13-01T00:00:00Z", "create_time is compared with a time"},
    {"count = 1 , count = 2", "expected a field, found ,"},
    {"\"count\" = 1", "expected a field"},
};

static void test_filter_parse__says_what_is_wrong_and_where(void **state)
{
    (void)state;
    Arena arena = {0};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        const Filter *filter;
        Error err = {0};
        if (filter_parse(&arena, str_from_c(bad[i].filter), fields, COUNT_OF(fields), &filter, &err))
            fail_msg("%s was taken", bad[i].filter);
        assert_int_equal(err.code, INVALID_ARGUMENT);
        assert_string_equal(err.field, "filter");
        if (!strstr(err.message, bad[i].message))
            fail_msg("%s: \"%s\" does not say \"%s\"", bad[i].filter, err.message, bad[i].message);
    }
    arena_done(&arena);
}

/* `piece` again and again, `n` times, between `before` and `after`. */
static Str repeated(Arena *arena, const char *before, const char *piece, int n, const char *after)
{
    Buf text = buf_in(arena);
    buf_str(&text, str_from_c(before));
    for (int i = 0; i < n; i++)
        buf_str(&text, str_from_c(piece));
    buf_str(&text, str_from_c(after));
    return buf_view(&text);
}

static void test_filter_parse__keeps_its_bounds(void **state)
{
    (void)state;
    Arena arena = {0};
    const struct {
        Str filter;
        const char *message; /* NULL: fine */
    } rows[] = {
        {repeated(&arena, "", "(", 50, "count=1))))))))))))))))))))))))))))))))))))))))))))))))))"), NULL},
        {repeated(&arena, "", "(", 51, "count=1"), "nested more than 50 deep"},
        {repeated(&arena, "", "NOT ", 50, "valid"), NULL},
        {repeated(&arena, "", "NOT ", 51, "valid"), "nested more than 50 deep"},
        {repeated(&arena, "", "-", 60000, "valid"), "nested more than 50 deep"},
        {repeated(&arena, "", "count=1 ", 1000, ""), NULL},
        {repeated(&arena, "", "count=1 ", 1001, ""), "more than 1000 comparisons"},
        {repeated(&arena, "run = \"a", " OR b", 999, "\""), NULL},
        {repeated(&arena, "run = \"a", " OR b", 1000, "\""), "more than 1000 comparisons"},
        {repeated(&arena, "title = \"", "x", 65000, "\""), NULL},
        {repeated(&arena, "title = \"", "x", 100 * 1024, "\""), "65536 bytes"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const Filter *filter;
        Error err = {0};
        bool ok = filter_parse(&arena, rows[i].filter, fields, COUNT_OF(fields), &filter, &err);
        assert_int_equal(ok, rows[i].message == NULL);
        if (!ok && !strstr(err.message, rows[i].message))
            fail_msg("row %zu: %s", i, err.message);
    }
    arena_done(&arena);
}

static void test_filter_parse__names_what_may_not_be_filtered_at_all(void **state)
{
    (void)state;
    Arena arena = {0};
    const Filter *filter;
    Error err = {0};
    assert_false(filter_parse(&arena, S("x = 1"), NULL, 0, &filter, &err));
    assert_non_null(strstr(err.message, "leave filter out"));
    arena_done(&arena);
}

/* Every text made of the grammar's pieces is either refused or reads the same after printing. */
static void test_filter_print__is_the_inverse_for_random_text(void **state)
{
    (void)state;
    static const char *const pieces[] = {
        "state",    "title",    "count",     "run",   "=",       "!=",      ":",  "<",
        "\"a\"",    "'b OR c'", "(",         ")",     "AND",     "OR",      "-",  "1",
        "true",     "NOT",      "IN",        "[",     "]",       ",",       " ",  " ",
        " ",        "*",        "\\",        "valid", "waiting", "PENDING", "\"", "details.source",
        "contains", "x/y",      "2026-01-01"};
    Arena arena = {0};
    unsigned seed = 1;
    int taken = 0;
    for (int round = 0; round < 200000; round++) {
        arena_reset(&arena);
        Buf text = buf_in(&arena);
        int n = 1 + rand_r(&seed) % 14;
        for (int i = 0; i < n; i++)
            buf_str(&text, str_from_c(pieces[(size_t)rand_r(&seed) % COUNT_OF(pieces)]));
        const Filter *filter, *again;
        Error err = {0};
        if (!filter_parse(&arena, buf_view(&text), fields, COUNT_OF(fields), &filter, &err))
            continue;
        taken += filter != NULL;
        Str canonical = filter_print(&arena, filter, fields);
        assert_fine(filter_parse(&arena, canonical, fields, COUNT_OF(fields), &again, &err), &err);
        assert_str_equal(filter_print(&arena, again, fields), canonical);
    }
    assert_true(taken > 500);
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_filter_parse__reads_the_grammar),
        cmocka_unit_test(test_filter_print__gives_text_that_reads_the_same),
        cmocka_unit_test(test_filter_parse__says_what_is_wrong_and_where),
        cmocka_unit_test(test_filter_parse__keeps_its_bounds),
        cmocka_unit_test(test_filter_parse__names_what_may_not_be_filtered_at_all),
        cmocka_unit_test(test_filter_print__is_the_inverse_for_random_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
