#include "base/codec.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

static void test_base64__rfc_4648_vectors_both_ways(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"", "", ""},
        {"f", "Zg==", "Zg"},
        {"fo", "Zm8=", "Zm8"},
        {"foo", "Zm9v", "Zm9v"},
        {"foob", "Zm9vYg==", "Zm9vYg"},
        {"fooba", "Zm9vYmE=", "Zm9vYmE"},
        {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
        {"\xfb\xff\xfe", "+//+", "-__-"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(arena_done)
        Arena arena = {0};
        AUTO(buf_done)
        Buf standard = {0};
        AUTO(buf_done)
        Buf url = {0};
        base64_encode(&standard, str_from_c(cases[i][0]));
        base64url_encode(&url, str_from_c(cases[i][0]));
        assert_str_equal(buf_view(&standard), str_from_c(cases[i][1]));
        assert_str_equal(buf_view(&url), str_from_c(cases[i][2]));
        Str bytes;
        for (int form = 1; form <= 2; form++) {
            assert_true(base64_decode(&arena, str_from_c(cases[i][form]), &bytes));
            assert_str_equal(bytes, str_from_c(cases[i][0]));
        }
    }
}

static void test_base64_decode__refuses_what_is_not_base64(void **state)
{
    (void)state;
    static const char *const texts[] = {"A",    "A===", "AAAAA", "AA=A", "=",   "====",  "AA\n=",
                                        "AA A", "A*==", "Zh==",  "Zm9=", "Zg=", "Zg===", "\xff\xff\xff\xff"};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        AUTO(arena_done)
        Arena arena = {0};
        Str bytes = {0};
        if (base64_decode(&arena, str_from_c(texts[i]), &bytes))
            fail_msg("`%s` was read", texts[i]);
        assert_null(bytes.data);
    }
}

static void test_base64__random_bytes_come_back(void **state)
{
    (void)state;
    srand(3);
    for (size_t len = 0; len < 400; len++) {
        AUTO(arena_done)
        Arena arena = {0};
        AUTO(buf_done)
        Buf text = {0};
        char data[400];
        for (size_t i = 0; i < len; i++)
            data[i] = (char)rand();
        Str bytes;
        base64_encode(&text, str_of(data, len));
        assert_true(base64_decode(&arena, buf_view(&text), &bytes));
        assert_str_equal(bytes, str_of(data, len));
    }
}

static void test_hex_encode__lower_case(void **state)
{
    (void)state;
    AUTO(buf_done)
    Buf buf = {0};
    hex_encode(&buf, str_of("\x00\xab\xff", 3));
    assert_str_equal(buf_view(&buf), S("00abff"));
}

static void test_crc32c__rfc_3720_vectors(void **state)
{
    (void)state;
    char data[32] = {0};
    assert_int_equal(crc32c(0, S("")), 0);
    assert_int_equal(crc32c(0, S("123456789")), 0xe3069283);
    assert_int_equal(crc32c(0, str_of(data, 32)), 0x8a9136aa);
    memset(data, 0xff, sizeof data);
    assert_int_equal(crc32c(0, str_of(data, 32)), 0x62a8ab43);
    for (int i = 0; i < 32; i++)
        data[i] = (char)i;
    assert_int_equal(crc32c(0, str_of(data, 32)), 0x46dd794e);
    for (size_t cut = 0; cut <= 32; cut++) /* in parts, from any place */
        assert_int_equal(crc32c(crc32c(0, str_of(data, cut)), str_of(data + cut, 32 - cut)), 0x46dd794e);
}

static void test_utf8__well_formed_and_ill_formed(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool valid;
        uint32_t first;
        size_t first_len;
    } cases[] = {
        {"a", true, 'a', 1},
        {"\xc2\x80", true, 0x80, 2},
        {"\xe2\x82\xac", true, 0x20ac, 3},
        {"\xf0\x9f\x98\x80", true, 0x1f600, 4},
        {"\xf4\x8f\xbf\xbf", true, 0x10ffff, 4},
        {"\xed\x9f\xbf", true, 0xd7ff, 3},
        {"\xc0\x80", false, 0xfffd, 1},
        {"\xc1\xbf", false, 0xfffd, 1},
        {"\xe0\x9f\xbf", false, 0xfffd, 1},
        {"\xed\xa0\x80", false, 0xfffd, 1},
        {"\xf0\x8f\xbf\xbf", false, 0xfffd, 1},
        {"\xf4\x90\x80\x80", false, 0xfffd, 1},
        {"\xf5\x80\x80\x80", false, 0xfffd, 1},
        {"\x80", false, 0xfffd, 1},
        {"\xe2\x82", false, 0xfffd, 1},
        {"\xe2\x82z", false, 0xfffd, 1},
        {"\xff", false, 0xfffd, 1},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Str text = str_from_c(cases[i].text);
        size_t at = 0;
        assert_int_equal(utf8_is_valid(text), cases[i].valid);
        assert_int_equal(utf8_next(text, &at), cases[i].first);
        assert_int_equal(at, cases[i].first_len);
    }
    assert_true(utf8_is_valid(S("")));
    assert_int_equal(utf8_count(S("aé€😀")), 4);
}

static void test_utf8__every_code_point_comes_back(void **state)
{
    (void)state;
    for (uint32_t c = 0; c <= 0x10ffff; c++) {
        if (c == 0xd800)
            c = 0xe000;
        char data[4];
        Buf buf = {.data = data, .cap = sizeof data};
        size_t at = 0;
        utf8_add(&buf, c);
        assert_true(utf8_next(buf_view(&buf), &at) == c && at == buf.len);
    }
}

static void test_percent_encode__leaves_what_needs_no_escape(void **state)
{
    (void)state;
    Buf out = {0};
    percent_encode(&out, S("aZ09-._~ &%/\xc3\xa4"));
    assert_true(str_eq(buf_view(&out), S("aZ09-._~%20%26%25%2F%C3%A4")));
    buf_done(&out);
}

static void test_percent_decode__paths_and_queries(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    Str out;
    assert_true(percent_decode(&arena, S("a%2Fb%3a+%00"), false, &out));
    assert_str_equal(out, S("a/b:+\0"));
    assert_true(percent_decode(&arena, S("state+%3D+x"), true, &out));
    assert_str_equal(out, S("state = x"));
    assert_true(percent_decode(&arena, S(""), true, &out));
    assert_int_equal(out.len, 0);
    static const char *const bad[] = {"%", "%4", "a%", "%4g", "%g4", "%%41"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(percent_decode(&arena, str_from_c(bad[i]), false, &out));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_base64__rfc_4648_vectors_both_ways),
        cmocka_unit_test(test_base64_decode__refuses_what_is_not_base64),
        cmocka_unit_test(test_base64__random_bytes_come_back),
        cmocka_unit_test(test_hex_encode__lower_case),
        cmocka_unit_test(test_crc32c__rfc_3720_vectors),
        cmocka_unit_test(test_utf8__well_formed_and_ill_formed),
        cmocka_unit_test(test_utf8__every_code_point_comes_back),
        cmocka_unit_test(test_percent_encode__leaves_what_needs_no_escape),
        cmocka_unit_test(test_percent_decode__paths_and_queries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
