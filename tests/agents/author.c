/* Tests of src/agents/author.c: what a message means for a draft, and what an answer means for a question. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "agents/author.h"
#include "books/book.h"

static AuthorStep step_of(Arena *arena, const char *draft, const char *message)
{
    AuthorStep step;
    author_read(arena, books_catalog(), str_from_c(draft), str_from_c(message), &step);
    return step;
}

static void test_author_read__knows_what_a_message_is(void **state)
{
    (void)state;
    static const struct {
        const char *message;
        AuthorMove move;
        Spelling spelling;
    } rows[] = {
        {"the rate is 2\noutput the rate as \"rate\"", AUTHOR_SAVES, SPELLING_ENGLISH},
        {"```\nthe rate is 2\noutput the rate as \"rate\"\n```", AUTHOR_SAVES, SPELLING_ENGLISH},
        {"rate = 2\nset_output(\"rate\", value=rate)", AUTHOR_SAVES, SPELLING_SPY},
        {"add output 1 as \"one\"", AUTHOR_SAVES, SPELLING_ENGLISH},
        {"rename the automation to Close", AUTHOR_NAMES, SPELLING_ENGLISH},
        {"show", AUTHOR_SHOWS, SPELLING_ENGLISH},
        {"Show me the draft.", AUTHOR_SHOWS, SPELLING_ENGLISH},
        {"help", AUTHOR_TELLS, SPELLING_ENGLISH},
        {"remove line 7", AUTHOR_TELLS, SPELLING_ENGLISH},
        {"output the rte as \"rate\"", AUTHOR_ASKS, SPELLING_ENGLISH},
        {"please match all my invoices", AUTHOR_ASKS, SPELLING_ENGLISH},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Arena arena = {0};
        AuthorStep step = step_of(&arena, "the rate is 2\n", rows[i].message);
        if (step.move != rows[i].move || step.spelling != rows[i].spelling)
            fail_msg("%s: %d, %.*s", rows[i].message, (int)step.move, STR_ARG(step.say));
        arena_done(&arena);
    }
}

static void test_author_read__tells_a_description_from_a_slip(void **state)
{
    (void)state;
    Arena arena = {0};
    assert_true(step_of(&arena, "", "please match all my invoices").described);
    assert_false(step_of(&arena, "", "the rate is 2\noutput the rte as \"rate\"").described);
    assert_false(step_of(&arena, "", "output the rate as \"rate\"").described);
    arena_done(&arena);
}

static void test_author_read__takes_an_edit_for_a_description(void **state)
{
    (void)state;
    Arena arena = {0};
    const char *draft = "the rate is 2\noutput the rate as \"rate\"\n";
    assert_true(step_of(&arena, draft, "add the total of every region, please").described);
    assert_false(step_of(&arena, draft, "add output the sum as \"sum\"").described);
    assert_false(step_of(&arena, draft, "add output the rte as \"again\"").described);
    assert_false(step_of(&arena, draft, "add output 1 as \"one\"").described);
    arena_done(&arena);
}

static AuthorStep chosen(Arena *arena, const AuthorStep *step, const char *answer)
{
    const Json *pending;
    Error err;
    AuthorStep out;
    assert_true(json_parse(arena, author_pending(arena, step, S("i")), 10, &pending, &err));
    assert_true(author_choose(arena, books_catalog(), pending, str_from_c(answer), &out));
    return out;
}

static void test_author_propose__is_taken_or_left(void **state)
{
    (void)state;
    Arena arena = {0};
    AuthorStep step, wrong;
    author_weigh(&arena, books_catalog(), S("output 2 as \"two\""), SPELLING_ENGLISH, (Str){0}, &step);
    author_propose(&arena, &step, 1);
    assert_int_equal(step.move, AUTHOR_ASKS);
    assert_int_equal(step.n_options, 2);
    assert_true(str_contains(step.say, S("```\noutput 2 as \"two\"\n```")));
    AuthorStep taken = chosen(&arena, &step, "1");
    assert_int_equal(taken.move, AUTHOR_SAVES);
    assert_true(str_eq(taken.text, S("output 2 as \"two\"")));
    assert_int_equal(chosen(&arena, &step, "leave the draft as it was").move, AUTHOR_TELLS);
    author_weigh(&arena, books_catalog(), S("do as I say"), SPELLING_ENGLISH, (Str){0}, &wrong);
    author_propose(&arena, &wrong, 4);
    assert_int_equal(wrong.move, AUTHOR_ASKS);
    assert_true(str_contains(wrong.say, S("asked 4 times")) && str_contains(wrong.say, S("do as I say\n```")));
    assert_true(wrong.options[0].kind == OPTION_KEEP);
    arena_done(&arena);
}

static void test_author_read__offers_only_what_mends(void **state)
{
    (void)state;
    Arena arena = {0};
    AuthorStep step = step_of(&arena, "", "the rate is 2\noutput the rte as \"rate\"");
    assert_int_equal(step.move, AUTHOR_ASKS);
    assert_int_equal(step.n_options, 3);
    assert_int_equal(step.options[0].kind, OPTION_WRITE);
    assert_true(str_eq(step.options[0].label, S("Write: output the rate as \"rate\"")));
    assert_int_equal(step.options[1].kind, OPTION_KEEP);
    assert_int_equal(step.options[2].kind, OPTION_LEAVE);
    assert_true(str_contains(step.say, S("draft:2:8: error: nothing sets the rte [unknown-fact]")));
    assert_true(str_contains(step.say, S("\n1. Write: output the rate as \"rate\"\n2. Keep")));
    step = step_of(&arena, "", "please match all my invoices");
    assert_int_equal(step.n_options, 2);
    arena_done(&arena);
}

static void test_author_choose__takes_a_number_or_words(void **state)
{
    (void)state;
    static const struct {
        const char *answer;
        bool chosen;
        AuthorMove move;
    } rows[] = {
        {"1", true, AUTHOR_SAVES},
        {"1.", true, AUTHOR_SAVES},
        {"yes", true, AUTHOR_SAVES},
        {"write: OUTPUT the rate as \"rate\"", true, AUTHOR_SAVES},
        {"2", true, AUTHOR_SAVES},
        {"keep it", true, AUTHOR_SAVES},
        {"3", true, AUTHOR_TELLS},
        {"no", true, AUTHOR_TELLS},
        {"leave", true, AUTHOR_TELLS},
        {"4", false, AUTHOR_TELLS},
        {"0", false, AUTHOR_TELLS},
        {"draft", false, AUTHOR_TELLS}, /* two of them say it */
        {"something else", false, AUTHOR_TELLS},
        {"", false, AUTHOR_TELLS},
    };
    Arena arena = {0};
    AuthorStep asked = step_of(&arena, "", "the rate is 2\noutput the rte as \"rate\"");
    Str text = author_pending(&arena, &asked, S("i1"));
    const Json *pending;
    Error err;
    assert_true(json_parse(&arena, text, 16, &pending, &err));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        AuthorStep step;
        bool chosen = author_choose(&arena, books_catalog(), pending, str_from_c(rows[i].answer), &step);
        if (chosen != rows[i].chosen || step.move != rows[i].move)
            fail_msg("%s: %d, move %d", rows[i].answer, chosen, (int)step.move);
    }
    AuthorStep step;
    assert_true(author_choose(&arena, books_catalog(), pending, S("1"), &step));
    assert_true(str_eq(step.text, S("the rate is 2\noutput the rate as \"rate\"")));
    assert_true(author_choose(&arena, books_catalog(), pending, S("2"), &step));
    assert_true(str_eq(step.text, S("the rate is 2\noutput the rte as \"rate\"")));
    assert_true(step.diagnostics->n_errors > 0);
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_author_read__knows_what_a_message_is),
        cmocka_unit_test(test_author_read__tells_a_description_from_a_slip),
        cmocka_unit_test(test_author_read__takes_an_edit_for_a_description),
        cmocka_unit_test(test_author_propose__is_taken_or_left),
        cmocka_unit_test(test_author_read__offers_only_what_mends),
        cmocka_unit_test(test_author_choose__takes_a_number_or_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
