#include "base/json.h"

#include <string.h>

#include "base/check.h"

typedef struct Case {
    const char *text, *expected;
} Case;

static const Case accepted[] = {
    {"null", "null"},
    {" true ", "true"},
    {"\t\r\nfalse\n", "false"},
    {"0", "0"},
    {"-0", "-0"},
    {"-0.10", "-0.10"},
    {"1e400", "1e400"},
    {"1E+2", "1E+2"},
    {"79228162514264337593543950335.0000000000000000000000000001", NULL},
    {"\"\"", "\"\""},
    {"\"a\\\"b\\\\c\\/d\\b\\f\\n\\r\\t\"", "\"a\\\"b\\\\c/d\\b\\f\\n\\r\\t\""},
    {"\"\\u00e9\\u20ac\\ud83d\\ude00\\u0001\"", "\"é€😀\\u0001\""},
    {"\"\x7f\"", "\"\x7f\""},
    {"[]", "[]"},
    {"[ [ ] , { } ]", "[[],{}]"},
    {"{\"a\":1,\"b\":[true,null,\"x\"],\"c\":{\"d\":{}}}", NULL},
    {"{\"a\":1,\"a\":2}", NULL},
    {"{\"\":0}", NULL},
    {"{\"\\u0061\":0}", "{\"a\":0}"},
};

static void test_json_parse__what_is_read_is_written_again(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(accepted); i++) {
        AUTO(arena_done)
        Arena arena = {0};
        AUTO(buf_done)
        Buf buf = {0};
        const Json *json;
        Error err = {0};
        assert_fine(json_parse(&arena, str_from_c(accepted[i].text), 10, &json, &err), &err);
        JsonOut out = json_out(&buf);
        json_write(&out, json);
        assert_str_equal(buf_view(&buf), str_from_c(accepted[i].expected ? accepted[i].expected : accepted[i].text));
    }
}

/* The text, and a part of the message that it must give. */
static const Case refused[] = {
    {"", "ends at byte 0"},
    {"  \n ", "ends at byte"},
    {"nul", "expected a value"},
    {"nullx", "expected a value"},
    {"truefalse", "expected a value"},
    {"True", "expected a value"},
    {"01", "expected a number"},
    {"-", "expected a number"},
    {"+1", "expected a value"},
    {".5", "expected a value"},
    {"1.", "expected a number"},
    {"1e", "expected a number"},
    {"1e+", "expected a number"},
    {"0x1", "expected a number"},
    {"1\"a\"", "expected a number"},
    {"--1", "expected a number"},
    {"NaN", "expected a value"},
    {"Infinity", "expected a value"},
    {"1 2", "expected nothing after the value"},
    {"{} x", "expected nothing after the value"},
    {"\"a\"\"b\"", "expected nothing after the value"},
    {"\"a\"b", "expected nothing after the value"},
    {"[1,]", "expected a value"},
    {"[,1]", "expected a value"},
    {"[1 2]", "expected `,` or `]`"},
    {"[1", "where `,` or `]` was expected"},
    {"[", "where a value was expected"},
    {"]", "expected a value"},
    {"[}", "expected a value"},
    {"{]", "member's name"},
    {"{", "member's name"},
    {"{\"a\"}", "expected `:`"},
    {"{\"a\":}", "expected a value"},
    {"{\"a\":1,}", "member's name"},
    {"{\"a\":1 \"b\":2}", "expected `,` or `}`"},
    {"{a:1}", "member's name"},
    {"{1:1}", "member's name"},
    {"{\"a\":1]", "expected `,` or `}`"},
    {"\"a", "closing quote is missing"},
    {"\"a\\\"", "closing quote is missing"},
    {"\"\\x\"", "escapes that stand for"},
    {"\"\\u12\"", "escapes that stand for"},
    {"\"\\u12g4\"", "escapes that stand for"},
    {"\"\\ud800\"", "half surrogates"},
    {"\"\\ud800\\u0041\"", "half surrogates"},
    {"\"\\ud800x\"", "half surrogates"},
    {"\"\\udc00\"", "half surrogates"},
    {"\"a\nb\"", "control character"},
    {"\"\x01\"", "control character"},
    {"\"\xff\"", "not UTF-8"},
    {"\"\xc0\x80\"", "not UTF-8"},
    {"\"\xed\xa0\x80\"", "not UTF-8"},
    {"\"\xf4\x90\x80\x80\"", "not UTF-8"},
    {"\xe2\x82", "not UTF-8"},
    {"\xef\xbb\xbf{}", "expected a value"},
    {"// c\n1", "expected a value"},
    {"'a'", "expected a value"},
    {"[1]\x0c", "expected nothing"},
};

static void test_json_parse__refuses_what_is_not_json_and_says_why(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        AUTO(arena_done)
        Arena arena = {0};
        const Json *json = NULL;
        Error err = {0};
        bool fine = json_parse(&arena, str_from_c(refused[i].text), 10, &json, &err);
        if (fine || !strstr(err.message, refused[i].expected))
            print_error("`%s` gave: %s\n", refused[i].text, fine ? "no error" : err.message);
        assert_false(fine);
        assert_null(json);
        assert_int_equal(err.code, INVALID_ARGUMENT);
        assert_non_null(strstr(err.message, refused[i].expected));
    }
}

static void test_json_parse__counts_depth(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    const Json *json;
    Error err = {0};
    assert_fine(json_parse(&arena, S("[{\"a\":[]}]"), 3, &json, &err), &err);
    assert_false(json_parse(&arena, S("[{\"a\":[[]]}]"), 3, &json, &err));
    assert_non_null(strstr(err.message, "deeper than 3 levels"));
    assert_fine(json_parse(&arena, S("1"), 0, &json, &err), &err);
    AUTO(buf_done)
    Buf deep = {0};
    for (int i = 0; i < 100000; i++)
        buf_char(&deep, '[');
    assert_false(json_parse(&arena, buf_view(&deep), INT32_MAX, &json, &err));
    assert_non_null(strstr(err.message, "deeper than 1000 levels"));
}

static void test_json_parse__cut_text_is_never_accepted(void **state)
{
    (void)state;
    Str whole = S("{\"name\":\"a\\u00e9\",\"items\":[1.5,true,null,{\"x\":[]}],\"last\":-2e3}");
    for (size_t len = 0; len < whole.len; len++) {
        AUTO(arena_done)
        Arena arena = {0};
        const Json *json;
        Error err = {0};
        char *exact = test_malloc(len + 1); /* so that a sanitizer sees reads past the end */
        memcpy(exact, whole.data, len);
        assert_false(json_parse(&arena, str_of(exact, len), 10, &json, &err));
        test_free(exact);
    }
}

static void test_json_parse__large_document_then_small(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    AUTO(buf_done)
    Buf text = {0};
    JsonOut out = json_out(&text);
    json_open_array(&out);
    for (int64_t i = 0; i < 50000; i++)
        json_i64(&out, i);
    json_close_array(&out);
    const Json *json;
    Error err = {0};
    assert_fine(json_parse(&arena, buf_view(&text), 10, &json, &err), &err);
    assert_int_equal(json->count, 50000);
    assert_str_equal(json->items[49999].text, S("49999"));
    assert_fine(json_parse(&arena, S("[1]"), 10, &json, &err), &err);
    assert_int_equal(json->count, 1);
}

static void test_json_get__last_of_doubled_keys_and_both_spellings(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    const Json *json;
    Error err = {0};
    Str text = S("{\"page_size\":1,\"pageToken\":\"t\",\"a\":1,\"a\":2,\"x\":[7]}");
    assert_fine(json_parse(&arena, text, 10, &json, &err), &err);
    assert_str_equal(json_get(json, S("a"))->text, S("2"));
    assert_null(json_get(json, S("pageSize")));
    assert_null(json_get(json_get(json, S("x")), S("a")));
    assert_null(json_get(NULL, S("a")));
    assert_str_equal(json_get_any_case(json, S("page_size"))->text, S("1"));
    assert_str_equal(json_text(json_get_any_case(json, S("page_token"))), S("t"));
    assert_null(json_get_any_case(json, S("page")));
    assert_null(json_get_any_case(json, S("page_token_x")));
    assert_str_equal(json_text(json_get(json, S("a"))), S(""));
    assert_true(json_is(json_get(json, S("x")), JSON_ARRAY));
    assert_false(json_is(NULL, JSON_NULL));
}

static void test_json_to_i64__whole_numbers_in_every_spelling(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool fine;
        int64_t n;
    } cases[] = {
        {"0", true, 0},
        {"-9223372036854775808", true, INT64_MIN},
        {"9223372036854775807", true, INT64_MAX},
        {"9223372036854775808", false, 0},
        {"\"9223372036854775807\"", true, INT64_MAX},
        {"\"-5\"", true, -5},
        {"\"\"", false, 0},
        {"\"5 \"", false, 0},
        {"\"1e2\"", false, 0},
        {"1.0", true, 1},
        {"1.50", false, 0},
        {"12.50e1", true, 125},
        {"125e-1", false, 0},
        {"-1200e-2", true, -12},
        {"0.0e-99999", false, 0},
        {"0e5", true, 0},
        {"0.00", true, 0},
        {"1e18", true, 1000000000000000000},
        {"1E+19", false, 0},
        {"1e999999999999999999999", false, 0},
        {"true", false, 0},
        {"null", false, 0},
        {"[1]", false, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(arena_done)
        Arena arena = {0};
        const Json *json;
        Error err = {0};
        assert_fine(json_parse(&arena, str_from_c(cases[i].text), 10, &json, &err), &err);
        int64_t n = 77;
        bool fine = json_to_i64(json, &n);
        if (fine != cases[i].fine)
            print_error("%s\n", cases[i].text);
        assert_int_equal(fine, cases[i].fine);
        assert_int_equal(n, fine ? cases[i].n : 77);
    }
    int64_t n;
    assert_false(json_to_i64(NULL, &n));
}

static void test_json_out__commas_and_kinds(void **state)
{
    (void)state;
    AUTO(buf_done)
    Buf buf = {0};
    JsonOut out = json_out(&buf);
    json_open_object(&out);
    json_key(&out, S("empty"));
    json_open_object(&out);
    json_close_object(&out);
    json_key(&out, S("list"));
    json_open_array(&out);
    json_i64(&out, INT64_MIN);
    json_i64(&out, 0);
    json_i64_text(&out, INT64_MAX);
    json_bool(&out, true);
    json_null(&out);
    json_open_array(&out);
    json_close_array(&out);
    json_raw(&out, S("1.50"));
    json_base64(&out, S("ab"));
    json_base64(&out, S(""));
    json_close_array(&out);
    json_member_str(&out, S("k\""), S("v"));
    json_member_time_us(&out, S("t"), 1774627538640382);
    json_close_object(&out);
    assert_str_equal(buf_view(&buf),
                     S("{\"empty\":{},\"list\":[-9223372036854775808,0,\"9223372036854775807\",true,null,[],1.50,"
                       "\"YWI=\",\"\"],\"k\\\"\":\"v\",\"t\":\"2026-03-27T16:05:38.640382Z\"}"));
}

/* Every byte at every place of a word: the escape scan goes eight bytes at a time. */
static void test_json_str__escapes_at_every_offset(void **state)
{
    (void)state;
    for (int c = 0; c < 128; c++) {
        for (size_t at = 0; at < 20; at++) {
            char text[20];
            memset(text, 'x', sizeof text);
            text[at] = (char)c;
            AUTO(arena_done)
            Arena arena = {0};
            AUTO(buf_done)
            Buf buf = {0};
            JsonOut out = json_out(&buf);
            json_str(&out, str_of(text, sizeof text));
            const Json *json;
            Error err = {0};
            assert_fine(json_parse(&arena, buf_view(&buf), 1, &json, &err), &err);
            assert_str_equal(json->text, str_of(text, sizeof text));
            bool escaped = c < 0x20 || c == '"' || c == '\\';
            assert_int_equal(buf.len > sizeof text + 2, escaped);
        }
    }
    AUTO(buf_done)
    Buf buf = {0};
    JsonOut out = json_out(&buf);
    json_str(&out, S("Zürich – 東京 😀 Zürich"));
    assert_str_equal(buf_view(&buf), S("\"Zürich – 東京 😀 Zürich\""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_parse__what_is_read_is_written_again),
        cmocka_unit_test(test_json_parse__refuses_what_is_not_json_and_says_why),
        cmocka_unit_test(test_json_parse__counts_depth),
        cmocka_unit_test(test_json_parse__cut_text_is_never_accepted),
        cmocka_unit_test(test_json_parse__large_document_then_small),
        cmocka_unit_test(test_json_get__last_of_doubled_keys_and_both_spellings),
        cmocka_unit_test(test_json_to_i64__whole_numbers_in_every_spelling),
        cmocka_unit_test(test_json_out__commas_and_kinds),
        cmocka_unit_test(test_json_str__escapes_at_every_offset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
