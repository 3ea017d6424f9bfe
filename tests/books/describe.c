/* docs/books/ is written from the books' tables: `CLERKWORK_WRITE_DOCS=1 meson test describe` writes it anew. */
#include <stdlib.h>

#include "base/check.h"
#include "books/book.h"

static Str file_content(Arena *arena, const char *path)
{
    Buf content = buf_in(arena);
    FILE *file = fopen(path, "rb");
    if (!file)
        return S("");
    char chunk[4096];
    for (size_t n = fread(chunk, 1, sizeof chunk, file); n > 0; n = fread(chunk, 1, sizeof chunk, file))
        buf_add(&content, chunk, n);
    (void)fclose(file);
    return buf_view(&content);
}

static void check_page(Arena *arena, const char *name, Str expected)
{
    const char *root = getenv("CLERKWORK_SOURCE_ROOT");
    assert_non_null(root);
    const char *path = str_to_c(arena, str_printf(arena, "%s/docs/books/%s.md", root, name));
    if (getenv("CLERKWORK_WRITE_DOCS")) {
        FILE *file = fopen(path, "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(expected.data, 1, expected.len, file), expected.len);
        assert_int_equal(fclose(file), 0);
    }
    Str found = file_content(arena, path);
    if (!str_eq(found, expected))
        print_error("%s does not say what the book's table says: run with CLERKWORK_WRITE_DOCS=1\n", path);
    assert_true(str_eq(found, expected));
}

static void test_docs__say_what_the_books_are(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    uint32_t n = 0;
    const Book *const *all = books_all(&n);
    for (uint32_t i = 0; i < n; i++) {
        Buf page = buf_in(&arena);
        books_print_markdown(&page, all[i]);
        check_page(&arena, str_to_c(&arena, all[i]->name), buf_view(&page));
    }
    Buf page = buf_in(&arena);
    books_print_index(&page);
    check_page(&arena, "README", buf_view(&page));
}

static void test_procedure_print_sentence__fills_the_places(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    Buf sentence = buf_in(&arena);
    procedure_print_sentence(&sentence, catalog_find(books_catalog(), S("files"), S("read_table")));
    assert_str_equal(buf_view(&sentence), S("get the result from the file"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_docs__say_what_the_books_are),
        cmocka_unit_test(test_procedure_print_sentence__fills_the_places),
    };
    return cmocka_run_group_tests_name("books/describe", tests, NULL, NULL);
}
