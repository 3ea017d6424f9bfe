/* `clerkwork books`: every procedure, as its descriptor tells. */
#include "books/book.h"

#include <string.h>

#include "base/json.h"
#include "fixture.h"

static int books(Fixture *f, const char *operand)
{
    return operand ? COMMAND(f, command_books, "", operand)
                   : command(f, &command_books, "", (const char *const[]){NULL});
}

static void assert_has(const char *text, Str part)
{
    Arena arena = {0};
    assert_says(text, str_to_c(&arena, part));
    arena_done(&arena);
}

static void test_books__all_of_them_with_their_sentences(void **state)
{
    Fixture *f = *state;
    const Catalog *catalog = books_catalog();
    assert_int_equal(books(f, NULL), EXIT_DONE);
    for (uint32_t i = 0; i < catalog->n_procedures; i++) {
        Str rest = catalog->procedures[i]->english;
        assert_has(f->out, catalog->procedures[i]->name);
        assert_has(f->out, str_cut(&rest, '|'));
    }
}

static void test_books__each_procedure_tells_everything(void **state)
{
    Fixture *f = *state;
    const Catalog *catalog = books_catalog();
    for (uint32_t i = 0; i < catalog->n_procedures; i++) {
        const Procedure *procedure = catalog->procedures[i];
        char name[128];
        (void)snprintf(name, sizeof name, "%.*s.%.*s", STR_ARG(procedure->book), STR_ARG(procedure->name));
        assert_int_equal(books(f, name), EXIT_DONE);
        assert_has(f->out, procedure->description);
        assert_has(f->out, effect_sentence(procedure->effect));
        for (uint32_t k = 0; k < procedure->n_parameters; k++)
            assert_has(f->out, procedure->parameters[k].description);
        Str example = procedure->example;
        assert_true(example.len > 0);
        assert_has(f->out, str_cut(&example, '\n'));
    }
}

static void test_books__json_for_programs(void **state)
{
    Fixture *f = *state;
    AUTO(arena_done)
    Arena arena = {0};
    const Json *json = NULL;
    Error err = {0};
    uint32_t n_books = 0, n_procedures = 0;
    (void)books_all(&n_books);
    assert_int_equal(COMMAND(f, command_books, "", "--json"), EXIT_DONE);
    assert_fine(json_parse(&arena, str_from_c(f->out), 30, &json, &err), &err);
    const Json *all = json_get(json, S("books"));
    assert_int_equal(all->count, n_books);
    for (uint32_t i = 0; i < all->count; i++)
        n_procedures += json_get(&all->items[i], S("procedures"))->count;
    assert_int_equal(n_procedures, books_catalog()->n_procedures);
    assert_int_equal(COMMAND(f, command_books, "", "--json", "files.read_table"), EXIT_DONE);
    assert_fine(json_parse(&arena, str_from_c(f->out), 30, &json, &err), &err);
    assert_str_equal(json_text(json_get(json, S("name"))), S("read_table"));
    assert_str_equal(json_text(json_get(json, S("effect"))), S("read"));
    assert_true(json_get(json, S("parameters"))->count > 0);
    assert_int_equal(COMMAND(f, command_books, "", "--json", "files"), EXIT_DONE);
    assert_fine(json_parse(&arena, str_from_c(f->out), 30, &json, &err), &err);
    assert_str_equal(json_text(json_get(json, S("display_name"))), S("Files"));
}

static void test_books__slips_are_told(void **state)
{
    Fixture *f = *state;
    assert_int_equal(books(f, "flies"), EXIT_FAILED);
    assert_says(f->err, "there is no book \"flies\": did you mean \"files\"?");
    assert_int_equal(books(f, "files.read_tabel"), EXIT_FAILED);
    assert_says(f->err, "there is no procedure \"read_tabel\": did you mean \"read_table\"?");
    assert_int_equal(books(f, "xyzzy"), EXIT_FAILED);
    assert_says(f->err, "there are ");
    assert_int_equal(books(f, "files."), EXIT_FAILED);
    assert_int_equal(COMMAND(f, command_books, "", "files", "text"), EXIT_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_books__all_of_them_with_their_sentences),
        TEST(test_books__each_procedure_tells_everything),
        TEST(test_books__json_for_programs),
        TEST(test_books__slips_are_told),
    };
    return cmocka_run_group_tests_name("cli/books", tests, NULL, NULL);
}
