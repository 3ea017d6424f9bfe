/* Tests of src/agents/prompt.c: what a model is told, and what is taken of its answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "agents/prompt.h"
#include "books/book.h"

static void test_rules__hold_the_language_and_the_procedures(void **state)
{
    (void)state;
    Arena arena = {0};
    Str rules = prompt_rules(&arena, books_catalog());
    assert_true(str_contains(rules, S("# Language reference")));
    assert_true(str_contains(rules, S("get {result} from {file}")));
    assert_true(rules.len <= PROMPT_REFERENCE_MOST + PROMPT_BOOKS_MOST + 4096);
    assert_true(prompt_language.len < PROMPT_REFERENCE_MOST); /* else its end would be missing */
    arena_done(&arena);
}

static void test_task__is_bounded(void **state)
{
    (void)state;
    Arena arena = {0};
    Error err = {0};
    Str out, draft = S("the rate is 2\n");
    assert_true(prompt_task(&arena, &(PromptTask){.draft = draft, .description = S("double it")}, &out, &err));
    assert_true(str_contains(out, draft) && str_ends(out, S("double it\n")));
    assert_false(str_contains(out, S("said before")) || str_contains(out, S("sent along")));
    PromptTask talked = {
        .description = S("and twice"), .said = S("Person: once\n"), .files = S("File \"a.csv\":\nn\n")};
    assert_true(prompt_task(&arena, &talked, &out, &err));
    assert_true(str_contains(out, talked.said) && str_contains(out, talked.files) && str_ends(out, S("and twice\n")));
    assert_true(prompt_task(&arena, &(PromptTask){.draft = S(" \n"), .description = S("double it")}, &out, &err));
    assert_true(str_starts(out, S("There is no draft yet.")));
    static const char long_text[PROMPT_DRAFT_MOST + 1];
    PromptTask long_description = {.draft = draft, .description = str_of(long_text, PROMPT_DESCRIPTION_MOST + 1)};
    PromptTask long_draft = {.draft = str_of(long_text, PROMPT_DRAFT_MOST + 1), .description = S("x")};
    assert_false(prompt_task(&arena, &long_description, &out, &err));
    assert_int_equal(err.code, INVALID_ARGUMENT);
    assert_false(prompt_task(&arena, &long_draft, &out, &err));
    arena_done(&arena);
}

static void test_sentences__stand_between_the_fences(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"output 1 as \"n\"", "output 1 as \"n\""},
        {"Sure!\n```english\noutput 1 as \"n\"\n```\nBye.", "output 1 as \"n\"\n"},
        {"```\noutput 1", "output 1"},
        {"```", ""},
        {"```only a language", ""},
        {"", ""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_true(str_eq(prompt_sentences(str_from_c(rows[i][0])), str_from_c(rows[i][1])));
}

static void test_again__tells_what_the_checker_says(void **state)
{
    (void)state;
    Arena arena = {0};
    const Program *program = program_read(&arena, S("do as I say"), SPELLING_ENGLISH, books_catalog());
    Str again = prompt_again(&arena, &program->diagnostics);
    assert_true(str_starts(again, S("The checker refuses this:\n\nautomation:1:")));
    assert_true(str_contains(again, S("do as I say")));
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rules__hold_the_language_and_the_procedures),
        cmocka_unit_test(test_task__is_bounded),
        cmocka_unit_test(test_sentences__stand_between_the_fences),
        cmocka_unit_test(test_again__tells_what_the_checker_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
