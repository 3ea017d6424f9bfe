/* `clerkwork run --step`: through a run by hand, over pipes. */
#include <string.h>

#include "fixture.h"

static const char counting[] = "# Adds up.\n"
                               "the total is 0\n"
                               "the rows are an empty list\n"
                               "for each n in the numbers from 1 to 3\n"
                               "  increase the total by the n\n"
                               "  append the n to the rows\n"
                               "output the total as \"total\"\n"
                               "output the rows as \"rows\"\n";

static void test_step__stops_before_each_sentence_and_shows_changes(void **state)
{
    Fixture *f = *state;
    const char *path = write_file(f, "a.english", counting);
    assert_int_equal(COMMAND(f, command_run, "n\nn\nn\n\nnext\nc\n", "--step", path), EXIT_DONE);
    assert_string_equal(f->out, "total: 6\nrows: 1, 2 and 3\n");
    assert_string_equal(f->err, "   2: the total is 0\n"
                                "step>     the total: 0\n"
                                "   3: the rows are an empty list\n"
                                "step>     the rows: an empty list\n"
                                "   4: for each n in the numbers from 1 to 3\n"
                                "step>     the n: 1\n"
                                "   5: increase the total by the n\n"
                                "step>     the total: 1\n"
                                "   6: append the n to the rows\n"
                                "step>     the rows: 1\n"
                                "    the n: 2\n"
                                "   5: increase the total by the n\n"
                                "step> ");
}

static void test_step__steps_back_and_goes_another_time(void **state)
{
    Fixture *f = *state;
    const char *path = write_file(f, "a.english", counting);
    assert_int_equal(COMMAND(f, command_run, "b\nn\nn\nn\nn\nb\nb\np total\nc\n", "--step", path), EXIT_DONE);
    assert_says(f->err, "step> There is nothing before this.\n   2: the total is 0\n");
    assert_says(f->err, "   6: append the n to the rows\n"
                        "step>     the total: 0\n"
                        "   5: increase the total by the n\n"
                        "step>    4: for each n in the numbers from 1 to 3\n"
                        "step>     the total: 0\n"
                        "step> ");
    assert_string_equal(f->out, "total: 6\nrows: 1, 2 and 3\n");
}

static void test_step__back_from_the_end(void **state)
{
    Fixture *f = *state;
    const char *path = write_file(f, "a.english", "the a is 1\nsay \"{the a}\"\nfail with \"no money\"\n");
    assert_int_equal(COMMAND(f, command_run, "n\nn\nn\nb\nn\nn\n", "--step", path), EXIT_PROBLEMS);
    assert_string_equal(f->err, "   1: the a is 1\n"
                                "step>     the a: 1\n"
                                "   2: say \"{the a}\"\n"
                                "step>    3: fail with \"no money\"\n"
                                "step> -- the end --\n"
                                "step>    3: fail with \"no money\"\n"
                                "step> -- the end --\n"
                                "step> The run failed: no money\n");
}

static void test_step__prints_facts_and_helps(void **state)
{
    Fixture *f = *state;
    const char *path = write_file(f, "a.english",
                                  "to tax with the amount\n  the share is the amount times 0.19\n"
                                  "  the result is the share\n"
                                  "the base is 100\nthe tax due is the result of tax with the base as the amount\n"
                                  "output the tax due as \"tax\"\n");
    assert_int_equal(COMMAND(f, command_run, "p\nn\nn\np the base\np\np nonsense\nwhat\nc\n", "--step", path),
                     EXIT_DONE);
    assert_says(f->err, "step>     No facts yet.\n");
    assert_says(f->err,
                "   2: the share is the amount times 0.19\nstep>     the base: 100\nstep>     the amount: 100\n");
    assert_says(f->err, "There is no such fact now");
    assert_says(f->err, "    b       back");
    assert_string_equal(f->out, "tax: 19.00\n");
}

static void test_step__a_question_on_the_way_and_an_answer_taken_back(void **state)
{
    Fixture *f = *state;
    const char *path = write_file(f, "a.english",
                                  "inputs\n  the row is a record\n\nthe size is the row's size\n"
                                  "say \"{the size}\"\noutput the size as \"size\"\n");
    /* The first answer is 4; after stepping back over it, 5. */
    assert_int_equal(COMMAND(f, command_run, "n\nn\nuse 4\nb\nn\nuse 5\nc\n", "--step", path, "--input", "row={}"),
                     EXIT_DONE);
    assert_says(f->err, "    the size: 4\n");
    assert_says(f->err, "    the size: 5\n");
    assert_string_equal(f->out, "5\nsize: 5\n");
    /* An answer of the command line is given again. */
    assert_int_equal(
        COMMAND(f, command_run, "n\nn\nb\nn\nc\n", "--step", path, "--input", "row={}", "--answer", "use 7"),
        EXIT_DONE);
    assert_string_equal(f->out, "7\nsize: 7\n");
}

static void test_step__quit_or_no_more_input_leaves(void **state)
{
    Fixture *f = *state;
    const char *path = write_file(f, "a.english", counting);
    assert_int_equal(COMMAND(f, command_run, "n\nq\n", "--step", path), EXIT_PROBLEMS);
    assert_says(f->err, "The run was left before its end.\n");
    assert_string_equal(f->out, "");
    assert_int_equal(COMMAND(f, command_run, "", "--step", path), EXIT_PROBLEMS);
    assert_string_equal(f->out, "");
}

static void test_step__spy_stops_at_its_own_lines(void **state)
{
    Fixture *f = *state;
    const char *path = write_file(f, "a.spy", "\n\nx = 1\nset_output(\"x\", value=x)\n");
    assert_int_equal(COMMAND(f, command_run, "c\n", "--step", path), EXIT_DONE);
    assert_string_equal(f->err, "   3: x = 1\nstep> ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_step__stops_before_each_sentence_and_shows_changes),
        TEST(test_step__steps_back_and_goes_another_time),
        TEST(test_step__back_from_the_end),
        TEST(test_step__prints_facts_and_helps),
        TEST(test_step__a_question_on_the_way_and_an_answer_taken_back),
        TEST(test_step__quit_or_no_more_input_leaves),
        TEST(test_step__spy_stops_at_its_own_lines),
    };
    (void)setvbuf(stdin, NULL, _IONBF, 0);
    return cmocka_run_group_tests_name("cli/step", tests, NULL, NULL);
}
