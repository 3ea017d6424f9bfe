/* `clerkwork test`: cases, what they expect, and how a difference is told. */
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fixture.h"

static const char automation[] = "inputs\n"
                                 "  the price is a number\n"
                                 "\n"
                                 "the rows are an empty list\n"
                                 "append the price to the rows\n"
                                 "say \"It costs {the price}.\"\n"
                                 "output the price times 2 as \"double\"\n"
                                 "output \"12\" as \"a text\"\n";

static const char passing[] = "# Twice the price.\n"
                              "run ../a.english\n"
                              "with price = 1,250.50\n"
                              "---\n"
                              "say     It costs 1250.50.\n"
                              "output  double = 2501.00\n"
                              "output  a text = \"12\"\n"
                              "end     completed\n";

static void write_case(Fixture *f, const char *text)
{
    (void)write_file(f, "a.english", automation);
    (void)write_file(f, "cases/one.case", text);
}

static void test_test__a_case_that_holds(void **state)
{
    Fixture *f = *state;
    write_case(f, passing);
    assert_int_equal(COMMAND(f, command_test, "", f->directory), EXIT_DONE);
    assert_says(f->out, "ok      ");
    assert_says(f->out, "1 of 1 cases passed\n");
    assert_int_equal(COMMAND(f, command_test, "", "--quiet", f->path), EXIT_DONE);
    assert_string_equal(f->out, "1 of 1 cases passed\n");
    assert_string_equal(f->err, "");
}

static void test_test__tells_only_the_lines_that_differ(void **state)
{
    Fixture *f = *state;
    write_case(f, "run ../a.english\nwith price = 3\n---\nsay     It costs 3.\noutput  double = 7\n"
                  "output  a text = \"12\"\nend     completed\n");
    assert_int_equal(COMMAND(f, command_test, "", f->path), EXIT_PROBLEMS);
    assert_says(f->out, "  - output  double = 7\n  + output  double = 6\n0 of 1 cases passed\n");
    assert_null(strstr(f->out, "It costs"));
    assert_null(strstr(f->out, "completed"));
    /* What lies between two differences is the same. */
    write_case(f, "run ../a.english\nwith price = 3\n---\nsay     It costs 4.\noutput  double = 6\n"
                  "end     completed\n");
    assert_int_equal(COMMAND(f, command_test, "", f->path), EXIT_PROBLEMS);
    assert_says(f->out, "(- as expected, + as it was)\n  - say     It costs 4.\n  + say     It costs 3.\n"
                        "  + output  a text = \"12\"\n0 of 1 cases passed\n");
    /* 12 and "12" are not the same. */
    write_case(f, "run ../a.english\nwith price = 3\n---\nsay     It costs 3.\noutput  double = 6\n"
                  "output  a text = 12\nend     completed\n");
    assert_int_equal(COMMAND(f, command_test, "", f->path), EXIT_PROBLEMS);
    assert_says(f->out, "  - output  a text = 12\n  + output  a text = \"12\"\n");
}

static void test_test__update_keeps_what_is_given_and_the_answers(void **state)
{
    Fixture *f = *state;
    write_case(f,
               "# No price is given.\nrun ../a.english\n---\nanswer nonsense and more\nanswer  use 4\nanswer  use 5\n");
    assert_int_equal(COMMAND(f, command_test, "", "--update", f->path), EXIT_DONE);
    char text[2048];
    read_back(f->directory, "cases/one.case", text, sizeof text);
    assert_true(strncmp(text, "# No price is given.\nrun ../a.english\n---\nask     ", 50) == 0);
    assert_says(text, "\nanswer  nonsense and more\nrefused ");
    assert_says(text, "\nanswer  use 4\nsay     It costs 4.\noutput  double = 8\n");
    assert_says(text, "\nend     completed\nunasked use 5\n");
    assert_int_equal(COMMAND(f, command_test, "", f->path), EXIT_DONE);
}

static void test_test__an_open_question_ends_a_case(void **state)
{
    Fixture *f = *state;
    write_case(f, "run ../a.english");
    assert_int_equal(COMMAND(f, command_test, "", "--update", f->path), EXIT_DONE);
    char text[1024];
    read_back(f->directory, "cases/one.case", text, sizeof text);
    assert_says(text, "run ../a.english\n---\nask     ");
    assert_says(text, "\nend     waiting for an answer\n");
    assert_int_equal(COMMAND(f, command_test, "", f->path), EXIT_DONE);
}

static void test_test__problems_failures_and_long_texts_are_outcomes(void **state)
{
    Fixture *f = *state;
    (void)write_file(f, "bad.english", "the price is 3\noutput the prise as \"total\"\n");
    (void)write_file(f, "fails.english", "say \"one\\ntwo\"\nfail with \"no money\"\n");
    (void)write_file(f, "bad.case", "run bad.english\n---\n");
    (void)write_file(f, "fails.case", "run fails.english\n---\n");
    assert_int_equal(COMMAND(f, command_test, "", "--update", f->directory), EXIT_DONE);
    char text[1024];
    read_back(f->directory, "bad.case", text, sizeof text);
    assert_says(text, "---\nproblem line 2, column 8: error: ");
    read_back(f->directory, "fails.case", text, sizeof text);
    assert_string_equal(text, "run fails.english\n---\nsay     one\n        two\nend     failed: no money\n");
    assert_int_equal(COMMAND(f, command_test, "", f->directory), EXIT_DONE);
}

static void test_test__tables_and_files_stand_beside_the_case(void **state)
{
    Fixture *f = *state;
    (void)write_file(f, "rows.csv", "name,total\nAcme,\"1,250.00\"\n\"O\"\"B\",\n");
    (void)write_file(f, "t.english",
                     "inputs\n  the rows is a file\n\n"
                     "get the table rows from the rows\n"
                     "write the table rows to a file called \"result.csv\" as the result file\n"
                     "output the table rows as \"a/b\"\n"
                     "output the result file as \"file\"\n");
    (void)write_file(f, "t.case", "run t.english\nwith rows = @rows.csv\n---\n");
    assert_int_equal(COMMAND(f, command_test, "", "--update", f->path), EXIT_DONE);
    char text[1024];
    read_back(f->directory, "t.case", text, sizeof text);
    assert_says(text, "\noutput  a/b = 2 rows in \"a_b.csv\"\noutput  file = the file result.csv\n"
                      "file    result.csv, ");
    read_back(f->directory, "t.expected/a_b.csv", text, sizeof text);
    assert_string_equal(text, "\"name\",\"total\"\n\"Acme\",1250.00\n\"O\"\"B\",\n");
    read_back(f->directory, "t.expected/result.csv", text, sizeof text);
    assert_says(text, "Acme,1250.00");
    assert_int_equal(access(f->path, R_OK), 0);
    assert_int_equal(COMMAND(f, command_test, "", f->directory), EXIT_DONE);
    /* Another row, a missing file, and one too many are told. */
    (void)write_file(f, "t.expected/a_b.csv", "\"name\",\"total\"\n\"Acme\",1250\n\"O\"\"B\",\n");
    (void)write_file(f, "t.expected/old.csv", "x\n");
    char path[256];
    (void)snprintf(path, sizeof path, "%s/t.expected/result.csv", f->directory);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(COMMAND(f, command_test, "", f->directory), EXIT_PROBLEMS);
    assert_says(f->out, "  - \"Acme\",1250\n  + \"Acme\",1250.00\n");
    assert_says(f->out, "result.csv cannot be read");
    assert_says(f->out, "old.csv is expected, but the run gives nothing for it");
    assert_int_equal(COMMAND(f, command_test, "", "--update", f->directory), EXIT_DONE);
    (void)snprintf(path, sizeof path, "%s/t.expected/old.csv", f->directory);
    assert_int_not_equal(access(path, F_OK), 0);
    assert_int_equal(COMMAND(f, command_test, "", f->directory), EXIT_DONE);
}

static void test_test__the_clock_stands_still_and_waiting_moves_it(void **state)
{
    Fixture *f = *state;
    (void)write_file(f, "w.english",
                     "the day is today\nsay \"{the day}\"\nwait 3 days\nthe later day is today\n"
                     "say \"{the later day}\"\n");
    (void)write_file(f, "w.case", "run w.english\nat 2026-02-27T23:30:00Z\ntime-zone Europe/Berlin\n---\n");
    assert_int_equal(COMMAND(f, command_test, "", "--update", f->path), EXIT_DONE);
    char text[512];
    read_back(f->directory, "w.case", text, sizeof text);
    assert_says(text, "---\nsay     2026-02-28\nsay     2026-03-03\nend     completed\n");
}

static void test_test__says_which_line_of_a_case_makes_no_sense(void **state)
{
    Fixture *f = *state;
    static const struct {
        const char *text, *message;
    } rows[] = {
        {"run ../a.english\nwhit price = 3\n", "one.case:2: “whit” is none of `run`, `with`, "},
        {"run ../a.english\nwith price\n", "one.case:2: write `with NAME = VALUE`"},
        {"run ../a.english\nat noon\n", "one.case:2: “noon” is no moment"},
        {"run ../a.english\ntime-zone Mars/Olympus\n", "one.case:2: there is no time zone “Mars/Olympus”"},
        {"run ../a.english\nread aloud\n", "one.case:2: write `read decimal comma`"},
        {"run ../a.english\nrun ../b.english\n", "one.case:2: a case has one `run`"},
        {"# nothing\n", "one.case does not say which automation to run"},
        {"run ../nowhere.english\n", "nowhere.english cannot be read"},
        {"run ../a.english\nwith prise = 3\n", "did you mean \"price\"?"},
        {"run ../a.english\nwith price = @nowhere.csv\n", "nowhere.csv cannot be read"},
        {"run ../a.english\xFF\n", "one.case is not UTF-8 text"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        write_case(f, rows[i].text);
        assert_int_equal(COMMAND(f, command_test, "", "--update", f->directory), EXIT_FAILED);
        assert_says(f->out, rows[i].message);
        char text[256];
        read_back(f->directory, "cases/one.case", text, sizeof text);
        assert_string_equal(text, rows[i].text);
    }
}

static void test_test__the_command_line(void **state)
{
    Fixture *f = *state;
    assert_int_equal(command(f, &command_test, "", (const char *const[]){NULL}), EXIT_USAGE);
    assert_int_equal(COMMAND(f, command_test, "", "--udpate", f->directory), EXIT_USAGE);
    assert_int_equal(COMMAND(f, command_test, "", "/nowhere"), EXIT_FAILED);
    (void)write_file(f, "a.english", automation);
    assert_int_equal(COMMAND(f, command_test, "", f->directory), EXIT_FAILED);
    assert_says(f->err, "a case is a file whose name ends in .case");
}

static void test_test__junit(void **state)
{
    Fixture *f = *state;
    write_case(f, passing);
    (void)write_file(f, "cases/three.case", "nonsense <&\"\n");
    (void)write_file(f, "cases/two.case", "run ../a.english\nwith price = 2\n---\nsay     <&\x01\n");
    char junit[256], xml[8192];
    (void)snprintf(junit, sizeof junit, "%s/junit.xml", f->directory);
    assert_int_equal(COMMAND(f, command_test, "", "--junit", junit, f->directory), EXIT_FAILED);
    assert_says(f->out, "1 of 3 cases passed\n");
    read_back(f->directory, "junit.xml", xml, sizeof xml);
    assert_says(xml, "tests=\"3\" failures=\"1\" errors=\"1\" time=\"");
    assert_says(xml, "/cases\" name=\"one.case\" time=\"");
    assert_says(xml, "<failure message=\"");
    assert_says(xml, "  - say     &lt;&amp;?\n");
    assert_says(xml, "<error message=\"");
    assert_says(xml, "</testsuite>\n");
    assert_int_equal(COMMAND(f, command_test, "", "--junit", "/nowhere/j.xml", f->directory), EXIT_FAILED);
    assert_says(f->err, "/nowhere/j.xml");
}

static void test_examples__every_case_passes(void **state)
{
    Fixture *f = *state;
    const char *root = getenv("CLERKWORK_SOURCE_ROOT");
    assert_non_null(root);
    char examples[256];
    (void)snprintf(examples, sizeof examples, "%s/examples", root);
    int status = COMMAND(f, command_test, "", "--quiet", examples);
    if (status != EXIT_DONE)
        print_error("%s%s", f->out, f->err);
    assert_int_equal(status, EXIT_DONE);
}

/* Nothing is left to say about them, and they are spelled as `format` would spell them. */
static void test_examples__stand_in_their_usual_form(void **state)
{
    Fixture *f = *state;
    char pattern[256];
    glob_t found = {0};
    (void)snprintf(pattern, sizeof pattern, "%s/examples/*/automation.english", getenv("CLERKWORK_SOURCE_ROOT"));
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    assert_true(found.gl_pathc >= 10);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        assert_int_equal(COMMAND(f, command_format, "", "--check", found.gl_pathv[i]), EXIT_DONE);
        assert_int_equal(COMMAND(f, command_check, "", found.gl_pathv[i]), EXIT_DONE);
        assert_string_equal(f->err, "");
    }
    globfree(&found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_test__a_case_that_holds),
        TEST(test_test__tells_only_the_lines_that_differ),
        TEST(test_test__update_keeps_what_is_given_and_the_answers),
        TEST(test_test__an_open_question_ends_a_case),
        TEST(test_test__problems_failures_and_long_texts_are_outcomes),
        TEST(test_test__tables_and_files_stand_beside_the_case),
        TEST(test_test__the_clock_stands_still_and_waiting_moves_it),
        TEST(test_test__says_which_line_of_a_case_makes_no_sense),
        TEST(test_test__the_command_line),
        TEST(test_test__junit),
        TEST(test_examples__every_case_passes),
        TEST(test_examples__stand_in_their_usual_form),
    };
    return cmocka_run_group_tests_name("cli/test", tests, NULL, NULL);
}
