/* Str, Buf with its Reader, Map and Error: what every signature is made of. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/map.h"

/* ---- Str ---- */

static void test_str__compare(void **state)
{
    (void)state;
    assert_true(str_eq(S(""), (Str){0}));
    assert_true(str_eq(str_from_c(NULL), S("")));
    assert_false(str_eq(S("a"), S("A")));
    assert_true(str_eq_fold(S("Content-Type"), S("content-tYPE")));
    assert_false(str_eq_fold(S("[a"), S("{a")));
    assert_true(str_compare(S("a"), S("ab")) < 0);
    assert_true(str_compare(S("b"), S("ab")) > 0);
    assert_true(str_compare(S("\xff"), S("a")) > 0);
    assert_int_equal(str_compare((Str){0}, S("")), 0);
}

static void test_str__find_and_cut(void **state)
{
    (void)state;
    assert_true(str_starts(S("abc"), S("ab")));
    assert_false(str_starts(S("a"), S("ab")));
    assert_true(str_ends(S("abc"), S("bc")));
    assert_true(str_ends(S(""), S("")));
    assert_true(str_contains(S("abc"), S("b")));
    assert_int_equal(str_find(S("abcabc"), S("ca")), 2);
    assert_int_equal(str_find(S("abc"), S("")), 0);
    assert_int_equal(str_find(S("ab"), S("abc")), -1);
    assert_int_equal(str_find_char((Str){0}, 'a'), -1);
    assert_int_equal(str_find_char(S("aba"), 'a'), 0);
    assert_int_equal(str_find_last_char(S("aba"), 'a'), 2);
    assert_str_equal(str_slice(S("abc"), 1, 99), S("bc"));
    assert_str_equal(str_slice(S("abc"), 5, 2), S(""));
    assert_str_equal(str_skip(S("abc"), 2), S("c"));
    assert_str_equal(str_skip(S("abc"), 9), S(""));
    assert_str_equal(str_trim(S(" \t\na b\r ")), S("a b"));
    assert_str_equal(str_trim(S("   ")), S(""));
    Str name = S("a/b/c");
    assert_str_equal(str_after(name, name.data + 3), S("c"));
    Str rest = S("a,,b");
    assert_str_equal(str_cut(&rest, ','), S("a"));
    assert_str_equal(str_cut(&rest, ','), S(""));
    assert_non_null(rest.data);
    assert_str_equal(str_cut(&rest, ','), S("b"));
    assert_null(rest.data);
    assert_str_equal(str_cut(&rest, ','), S(""));
    rest = S("a,");
    str_cut(&rest, ',');
    assert_non_null(rest.data);
    assert_int_equal(rest.len, 0);
}

static void test_str_to_i64__whole_range_and_nothing_else(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool fine;
        int64_t n;
    } cases[] = {
        {"0", true, 0},
        {"-0", true, 0},
        {"007", true, 7},
        {"9223372036854775807", true, INT64_MAX},
        {"-9223372036854775808", true, INT64_MIN},
        {"9223372036854775808", false, 0},
        {"-9223372036854775809", false, 0},
        {"99999999999999999999999", false, 0},
        {"", false, 0},
        {"-", false, 0},
        {"+1", false, 0},
        {" 1", false, 0},
        {"1 ", false, 0},
        {"1.0", false, 0},
        {"--1", false, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t n = 77;
        assert_int_equal(str_to_i64(str_from_c(cases[i].text), &n), cases[i].fine);
        assert_true(n == (cases[i].fine ? cases[i].n : 77));
    }
}

static void test_str__copies_live_in_the_arena(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    char text[] = "abc";
    Str copy = str_copy(&arena, str_from_c(text));
    const char *c_copy = str_to_c(&arena, str_of(text, 2));
    Str lower = str_lower(&arena, S("ÄBc9"));
    text[0] = 'x';
    assert_str_equal(copy, S("abc"));
    assert_string_equal(c_copy, "ab");
    assert_str_equal(lower, S("Äbc9"));
    assert_str_equal(str_printf(&arena, "%d-%s", 5, "x"), S("5-x"));
    assert_non_null(str_copy(&arena, (Str){0}).data);
}

/* Stored hashes must not change with a version: these are what they were when they were first stored. */
static void test_str_hash__is_stable_and_spreads(void **state)
{
    (void)state;
    assert_true(str_hash(S("a")) == str_hash(str_of("ab", 1)));
    assert_true(str_hash(S("")) != str_hash(S("\0")));
    char text[64] = {0};
    for (size_t len = 1; len < sizeof text; len++) {
        for (size_t i = 0; i < len; i++) {
            uint64_t before = str_hash(str_of(text, len)), secret_before = str_hash_secret(str_of(text, len));
            text[i] ^= 1;
            int changed = __builtin_popcountll(before ^ str_hash(str_of(text, len)));
            assert_true(changed > 8 && changed < 56);
            assert_true(secret_before != str_hash_secret(str_of(text, len)));
            text[i] ^= 1;
            assert_true(secret_before == str_hash_secret(str_of(text, len)));
        }
    }
    assert_true(str_hash_secret(S("a")) != str_hash(S("a")));
}

/* ---- Buf and Reader ---- */

static void fill_and_read(Buf *buf)
{
    static const uint64_t numbers[] = {0, 1, 127, 128, 300, UINT32_MAX, UINT64_MAX >> 1, UINT64_MAX};
    buf_char(buf, 'x');
    buf_str(buf, S("yz"));
    buf_printf(buf, "%d %s", 42, "printed");
    buf_u32(buf, 0xdeadbeef);
    buf_u64(buf, 0x0123456789abcdef);
    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        buf_varint(buf, numbers[i]);
    Reader reader = reader_of(buf_view(buf));
    assert_int_equal(read_u8(&reader), 'x');
    assert_str_equal(read_bytes(&reader, 12), S("yz42 printed"));
    assert_int_equal(read_u32(&reader), 0xdeadbeef);
    assert_true(read_u64(&reader) == 0x0123456789abcdef);
    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        assert_true(read_varint(&reader) == numbers[i]);
    assert_false(reader.failed);
    assert_ptr_equal(reader.next, reader.end);
    assert_int_equal(read_u8(&reader), 0);
    assert_true(reader.failed);
}

static void test_buf__on_the_heap_and_in_an_arena(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    AUTO(buf_done)
    Buf heap = {0};
    Buf in_arena = buf_in(&arena);
    fill_and_read(&heap);
    fill_and_read(&in_arena);
    for (int i = 0; i < 100000; i++) {
        buf_char(&in_arena, (char)i);
        buf_char(&heap, (char)i);
    }
    assert_str_equal(buf_view(&heap), buf_view(&in_arena));
    buf_add(&heap, NULL, 0);
    buf_done(&heap);
    assert_null(heap.data);
}

static void test_buf_printf__fits_exactly_or_grows(void **state)
{
    (void)state;
    for (int width = 0; width < 200; width++) {
        AUTO(buf_done)
        Buf buf = {0};
        buf_printf(&buf, "%*s", width, "");
        buf_printf(&buf, "%*d", width + 1, 7);
        assert_int_equal(buf.len, 2 * (size_t)width + 1);
        assert_int_equal(buf.data[buf.len - 1], '7');
    }
}

static void test_reader__stays_failed_at_its_end(void **state)
{
    (void)state;
    Reader reader = reader_of(S("abc"));
    assert_int_equal(read_u32(&reader), 0);
    assert_true(reader.failed);
    assert_int_equal(read_u8(&reader), 0);
    assert_int_equal(read_bytes(&reader, 1).len, 0);
    reader = reader_of(S("\x80\x80"));
    assert_true(read_varint(&reader) == 0);
    assert_true(reader.failed);
    reader = reader_of(S("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02")); /* 65 bits */
    read_varint(&reader);
    assert_true(reader.failed);
    reader = reader_of(S("abc"));
    read_bytes(&reader, SIZE_MAX);
    assert_true(reader.failed);
}

/* ---- Map ---- */

static void test_map__finds_what_was_put_in_order(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    static int values[5000];
    Map map = {.arena = &arena};
    assert_null(map_get(&map, S("k0")));
    for (int i = 0; i < 5000; i++)
        assert_null(map_put(&map, str_printf(&arena, "k%d", i), &values[i]));
    assert_ptr_equal(map_put(&map, S("k7"), &values[0]), &values[7]);
    assert_int_equal(map.count, 5000);
    for (int i = 0; i < 5000; i++) {
        Str key = str_printf(&arena, "k%d", i);
        assert_ptr_equal(map_get(&map, key), &values[i == 7 ? 0 : i]);
        assert_str_equal(map.entries[i].key, key);
    }
    assert_null(map_get(&map, S("k5000")));
    assert_null(map_find(&map, S("")));
    map_put(&map, S(""), NULL);
    assert_non_null(map_find(&map, S("")));
}

/* ---- Error ---- */

static void test_error_set__says_all_of_it_or_cuts_between_characters(void **state)
{
    (void)state;
    Error err = {0};
    assert_false(error_set(&err, NOT_FOUND, "name", "no run %d", 7));
    assert_int_equal(err.code, NOT_FOUND);
    assert_string_equal(err.field, "name");
    assert_string_equal(err.message, "no run 7");
    assert_false(error_set(&err, NOT_FOUND, err.field, "again: %s", err.message));
    assert_string_equal(err.message, "again: no run 7");
    assert_string_equal(err.field, "name");
    char text[1000];
    for (size_t from = 600; from < 645; from++) {
        memset(text, 'a', from);
        strcpy(text + from, "é€😀é€😀é€😀é€😀é€😀é€😀é€😀");
        error_set(&err, INTERNAL, text, "%s", text);
        size_t len = strlen(err.message);
        assert_true(len < sizeof err.message && len > sizeof err.message - 5);
        assert_memory_equal(err.message, text, len);
        unsigned char next = (unsigned char)text[len]; /* whole characters only: what follows begins one */
        assert_true((next & 0xc0) != 0x80);
    }
    error_clear(&err);
    assert_int_equal(err.code, OK);
    assert_string_equal(err.message, "");
}

static void test_error_within__puts_the_place_in_front(void **state)
{
    (void)state;
    Error err = {0};
    error_set(&err, INVALID_ARGUMENT, "", "x");
    error_within(&err, "items[3]");
    assert_string_equal(err.field, "items[3]");
    error_within(&err, "list");
    assert_string_equal(err.field, "list.items[3]");
    error_set(&err, INVALID_ARGUMENT, "[1].a", "x");
    assert_false(error_within(&err, "inputs"));
    assert_string_equal(err.field, "inputs[1].a");
    for (int i = 0; i < 100; i++)
        error_within(&err, "deeper");
    assert_int_equal(strlen(err.field), sizeof err.field - 1);
}

static void test_error_set_errno__full_disks_are_unavailable(void **state)
{
    (void)state;
    Error err = {0};
    errno = ENOSPC;
    assert_false(error_set_errno(&err, "write journal"));
    assert_int_equal(err.code, UNAVAILABLE);
    assert_non_null(strstr(err.message, "write journal: No space left on device; free space"));
    errno = ENOENT;
    error_set_errno(&err, "open x");
    assert_int_equal(err.code, INTERNAL);
    assert_string_equal(err.message, "open x: No such file or directory");
}

static void test_error_code__names_and_http(void **state)
{
    (void)state;
    assert_string_equal(error_code_name(FAILED_PRECONDITION), "FAILED_PRECONDITION");
    assert_string_equal(error_code_name((ErrorCode)99), "UNKNOWN");
    assert_string_equal(error_code_name((ErrorCode)2), "UNKNOWN");
    assert_int_equal(error_code_http(OK), 200);
    assert_int_equal(error_code_http(FAILED_PRECONDITION), 400);
    assert_int_equal(error_code_http(UNAUTHENTICATED), 401);
    assert_int_equal(error_code_http(PERMISSION_DENIED), 403);
    assert_int_equal(error_code_http(NOT_FOUND), 404);
    assert_int_equal(error_code_http(ABORTED), 409);
    assert_int_equal(error_code_http(RESOURCE_EXHAUSTED), 429);
    assert_int_equal(error_code_http(UNIMPLEMENTED), 501);
    assert_int_equal(error_code_http(UNAVAILABLE), 503);
    assert_int_equal(error_code_http((ErrorCode)99), 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_str__compare),
        cmocka_unit_test(test_str__find_and_cut),
        cmocka_unit_test(test_str_to_i64__whole_range_and_nothing_else),
        cmocka_unit_test(test_str__copies_live_in_the_arena),
        cmocka_unit_test(test_str_hash__is_stable_and_spreads),
        cmocka_unit_test(test_buf__on_the_heap_and_in_an_arena),
        cmocka_unit_test(test_buf_printf__fits_exactly_or_grows),
        cmocka_unit_test(test_reader__stays_failed_at_its_end),
        cmocka_unit_test(test_map__finds_what_was_put_in_order),
        cmocka_unit_test(test_error_set__says_all_of_it_or_cuts_between_characters),
        cmocka_unit_test(test_error_within__puts_the_place_in_front),
        cmocka_unit_test(test_error_set_errno__full_disks_are_unavailable),
        cmocka_unit_test(test_error_code__names_and_http),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
