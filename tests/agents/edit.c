/* Tests of src/agents/edit.c: what people say, and what becomes of a draft by it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "agents/edit.h"
#include "books/book.h"

#define DRAFT                                                                                                          \
    "the rate is 2\n"                                                                                                  \
    "if the rate is 2 then\n"                                                                                          \
    "  say \"two\"\n"                                                                                                  \
    "output the rate as \"rate\"\n"

static void check_text(const char *draft, const char *message, const char *expected)
{
    Arena arena = {0};
    DraftEdit edit;
    EditOutcome outcome = edit_draft(&arena, books_catalog(), str_from_c(draft), str_from_c(message), &edit);
    if (outcome != EDIT_TEXT || !str_eq(edit.text, str_from_c(expected)))
        fail_msg("%s: outcome %d\n%.*s%.*s", message, (int)outcome, STR_ARG(edit.text), STR_ARG(edit.why));
    arena_done(&arena);
}

static void check_refused(const char *draft, const char *message, const char *part)
{
    Arena arena = {0};
    DraftEdit edit;
    EditOutcome outcome = edit_draft(&arena, books_catalog(), str_from_c(draft), str_from_c(message), &edit);
    if (outcome != EDIT_REFUSED || !str_contains(edit.why, str_from_c(part)))
        fail_msg("%s: outcome %d, \"%.*s\"", message, (int)outcome, STR_ARG(edit.why));
    arena_done(&arena);
}

static void test_edit_draft__does_what_is_said(void **state)
{
    (void)state;
    static const struct {
        const char *message, *expected;
    } rows[] = {
        {"add say \"x\"", DRAFT "say \"x\"\n"},
        {"Add: say \"x\"", DRAFT "say \"x\"\n"},
        {"add `say \"x\"`", DRAFT "say \"x\"\n"},
        {"add\n  say \"x\"\n  say \"y\"\n", DRAFT "say \"x\"\nsay \"y\"\n"},
        {"add say \"x\" at the beginning", "say \"x\"\n" DRAFT},
        {"add say \"see you after line 3\"", DRAFT "say \"see you after line 3\"\n"},
        {"add say \"x\" after line 3",
         "the rate is 2\nif the rate is 2 then\n  say \"two\"\n  say \"x\"\noutput the rate as \"rate\"\n"},
        {"add after line 2: say \"x\"",
         "the rate is 2\nif the rate is 2 then\n  say \"x\"\n  say \"two\"\noutput the rate as \"rate\"\n"},
        {"insert before line 2\nsay \"x\"",
         "the rate is 2\nsay \"x\"\nif the rate is 2 then\n  say \"two\"\noutput the rate as \"rate\"\n"},
        {"replace line 1 with the rate is 3",
         "the rate is 3\nif the rate is 2 then\n  say \"two\"\noutput the rate as \"rate\"\n"},
        {"replace line 3 with:\nsay \"a\"\nsay \"b\"",
         "the rate is 2\nif the rate is 2 then\n  say \"a\"\n  say \"b\"\noutput the rate as \"rate\"\n"},
        {"replace lines 2 to 3 with say \"x\"", "the rate is 2\nsay \"x\"\noutput the rate as \"rate\"\n"},
        {"change the last sentence to output 1 as \"n\"",
         "the rate is 2\nif the rate is 2 then\n  say \"two\"\noutput 1 as \"n\"\n"},
        {"remove the last sentence", "the rate is 2\nif the rate is 2 then\n  say \"two\"\n"},
        {"remove line 2", "the rate is 2\noutput the rate as \"rate\"\n"},
        {"Delete lines 1-3.", "output the rate as \"rate\"\n"},
        {"remove sentence 3", "the rate is 2\nif the rate is 2 then\noutput the rate as \"rate\"\n"},
        {"remove everything", ""},
        {"start over", ""},
        {"move line 4 after line 1",
         "the rate is 2\noutput the rate as \"rate\"\nif the rate is 2 then\n  say \"two\"\n"},
        {"move line 2 to the end",
         "the rate is 2\noutput the rate as \"rate\"\nif the rate is 2 then\n  say \"two\"\n"},
        {"move line 3 before line 1",
         "say \"two\"\nthe rate is 2\nif the rate is 2 then\noutput the rate as \"rate\"\n"},
        {"rename the rate to the tax rate",
         "the tax rate is 2\nif the tax rate is 2 then\n  say \"two\"\noutput the tax rate as \"rate\"\n"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        check_text(DRAFT, rows[i].message, rows[i].expected);
    check_text("", "add the rate is 2", "the rate is 2\n");
}

static void test_edit_draft__says_why_not(void **state)
{
    (void)state;
    check_refused(DRAFT, "remove line 9", "the draft has 4 lines");
    check_refused(DRAFT, "remove line 0", "the draft has 4 lines");
    check_refused(DRAFT, "replace lines 3 to 2 with say \"x\"", "no such line");
    check_refused("", "remove the last sentence", "empty");
    check_refused(DRAFT, "add", "what is to be added");
    check_refused(DRAFT, "replace line 1 with", "with what");
    check_refused(DRAFT, "move line 2 after line 3", "into themselves");
    check_refused(DRAFT, "rename the price to the cost", "no fact");
    check_refused("the rate is 2\nthe cost is the rate\n", "rename the rate to the cost", "already");
    check_refused(DRAFT, "rename the rate to !", "cannot be a name");
    check_refused("bla bla\n", "rename the rate to the cost", "mend them");
}

static void test_edit_draft__leaves_other_messages_alone(void **state)
{
    (void)state;
    static const char *const rows[] = {"the rate is 3",
                                       "remove the duplicates",
                                       "replace all invoices",
                                       "move along",
                                       "rename",
                                       "starting over",
                                       "please add something",
                                       "change the world",
                                       ""};
    Arena arena = {0};
    DraftEdit edit;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(edit_draft(&arena, books_catalog(), S(DRAFT), str_from_c(rows[i]), &edit), EDIT_NONE);
    assert_int_equal(
        edit_draft(&arena, books_catalog(), S(DRAFT), S("rename the automation to \"Monthly close\""), &edit),
        EDIT_TITLE);
    assert_true(str_eq(edit.text, S("Monthly close")));
    arena_done(&arena);
}

static void test_edit_draft__does_not_rename_what_books_call_theirs(void **state)
{
    (void)state;
    check_text("the files are \"a\" and \"b\"\nfor each file in the files\n  say \"{the file}\"\n",
               "rename the file to the paper",
               "the files are \"a\" and \"b\"\nfor each paper in the files\n  say \"{the paper}\"\n");
    check_text("inputs\n  the file is a file\n\nget the rows from the file\noutput the rows as \"rows\"\n",
               "rename the file to the source",
               "inputs\n  the input \"file\" as the source is a file\n\nget the rows from the source\noutput the rows "
               "as \"rows\"\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_edit_draft__does_what_is_said),
        cmocka_unit_test(test_edit_draft__says_why_not),
        cmocka_unit_test(test_edit_draft__leaves_other_messages_alone),
        cmocka_unit_test(test_edit_draft__does_not_rename_what_books_call_theirs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
