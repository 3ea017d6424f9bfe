/* The tables of the reference are written from the language's: `CLERKWORK_WRITE_DOCS=1 meson test lang/reference`. */
#include <stdlib.h>

#include "base/check.h"
#include "lang/ast.h"
#include "lang/reference.h"

#define PAGE "docs/language-reference.md"

static const char *page_path(Arena *arena)
{
    const char *root = getenv("CLERKWORK_SOURCE_ROOT");
    assert_non_null(root);
    return str_to_c(arena, str_printf(arena, "%s/" PAGE, root));
}

static Str page_content(Arena *arena)
{
    Buf content = buf_in(arena);
    FILE *file = fopen(page_path(arena), "rb");
    assert_non_null(file);
    char chunk[4096];
    for (size_t n = fread(chunk, 1, sizeof chunk, file); n > 0; n = fread(chunk, 1, sizeof chunk, file))
        buf_add(&content, chunk, n);
    (void)fclose(file);
    return buf_view(&content);
}

static void write_page(Arena *arena, Str before, Str table, Str after)
{
    FILE *file = fopen(page_path(arena), "wb");
    assert_non_null(file);
    fprintf(file, "%.*s%.*s%.*s", STR_ARG(before), STR_ARG(table), STR_ARG(after));
    assert_int_equal(fclose(file), 0);
}

/* What stands between `<!-- NAME: … -->` and `<!-- end of NAME -->` is `expected`. */
static void check_section(const char *name, void (*print)(Buf *))
{
    Arena arena = {0};
    Buf expected = buf_in(&arena);
    print(&expected);
    Str page = page_content(&arena), opening = str_printf(&arena, "<!-- %s: ", name);
    ptrdiff_t at = str_find(page, opening), end = str_find(page, str_printf(&arena, "<!-- end of %s -->", name));
    assert_true(at >= 0 && end > at);
    ptrdiff_t start = at + str_find(str_skip(page, (size_t)at), S("\n")) + 1;
    if (getenv("CLERKWORK_WRITE_DOCS"))
        write_page(&arena, str_slice(page, 0, (size_t)start), buf_view(&expected), str_skip(page, (size_t)end));
    else if (!str_eq(str_slice(page, (size_t)start, (size_t)end), buf_view(&expected)))
        fail_msg(PAGE " does not have the table of %s as it is: run with CLERKWORK_WRITE_DOCS=1", name);
    arena_done(&arena);
}

static void test_reference__has_every_function(void **state)
{
    (void)state;
    check_section("functions", reference_print_functions);
}

static void test_reference__says_what_every_function_means(void **state)
{
    (void)state;
    Arena arena = {0};
    Buf table = buf_in(&arena);
    reference_print_functions(&table);
    assert_int_equal(str_find(buf_view(&table), S("(null)")), -1);
    arena_done(&arena);
}

static void test_reference__has_every_irregular_plural(void **state)
{
    (void)state;
    check_section("plurals", reference_print_plurals);
}

/* What the table promises is what the language does. */
static void test_plural__is_what_the_table_says(void **state)
{
    (void)state;
    Arena arena = {0};
    Str one, many, before = S("");
    for (uint32_t i = 0; plural_irregular(i, &one, &many); i++) {
        assert_str_equal(singular_of(&arena, many), one);
        if (!str_eq(one, before))
            assert_str_equal(plural_of(&arena, one), many);
        before = one;
    }
    for (uint32_t i = 0; plural_invariant(i, &one); i++) {
        assert_str_equal(plural_of(&arena, one), one);
        assert_str_equal(singular_of(&arena, one), one);
    }
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reference__has_every_function),
        cmocka_unit_test(test_reference__says_what_every_function_means),
        cmocka_unit_test(test_reference__has_every_irregular_plural),
        cmocka_unit_test(test_plural__is_what_the_table_says),
    };
    return cmocka_run_group_tests_name("lang/reference", tests, NULL, NULL);
}
