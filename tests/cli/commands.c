/* What works without a server: check, format, show and run, called as the program calls them. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "books/book.h"
#include "fixture.h"
#include "lang/program.h"

static const char double_it[] = "inputs\n"
                                "  the price is a number\n"
                                "  the quantity is a number, usually 2\n"
                                "\n"
                                "say \"Multiplying\"\n"
                                "output the price times the quantity as \"total\"\n";

/* ---- check ---- */
static void test_check__is_silent_about_what_is_right(void **state)
{
    Fixture *f = *state;
    assert_int_equal(COMMAND(f, command_check, "", write_file(f, "a.english", double_it)), EXIT_DONE);
    assert_string_equal(f->err, "");
    assert_string_equal(f->out, "");
}

static void test_check__points_at_what_is_wrong(void **state)
{
    Fixture *f = *state;
    const char *path = write_file(f, "a.english", "the price is 3\noutput the prise as \"total\"\n");
    assert_int_equal(COMMAND(f, command_check, "", path), EXIT_PROBLEMS);
    assert_says(f->err, "a.english:2:8: error: ");
    assert_says(f->err, "^");
    assert_says(f->err, "price");
    assert_int_equal(COMMAND(f, command_check, "", "--json", path), EXIT_PROBLEMS);
    assert_says(f->out, "\"valid\":false");
    assert_says(f->out, "\"line\":2");
}

static void test_check__reads_spy_by_name_and_from_standard_input(void **state)
{
    Fixture *f = *state;
    assert_int_equal(COMMAND(f, command_check, "", write_file(f, "a.spy", "x = 1\nset_output(\"n\", value=x)\n")),
                     EXIT_DONE);
    assert_int_equal(COMMAND(f, command_check, "x = \n", "--spy", "-"), EXIT_PROBLEMS);
    assert_says(f->err, "standard input:1:");
}

static void test_check__a_missing_file_is_another_exit_code(void **state)
{
    Fixture *f = *state;
    assert_int_equal(COMMAND(f, command_check, "", "/nowhere/a.english"), EXIT_FAILED);
    assert_says(f->err, "/nowhere/a.english cannot be read");
    assert_int_equal(command(f, &command_check, "", (const char *const[]){NULL}), EXIT_USAGE);
    assert_int_equal(COMMAND(f, command_check, "", "--jsom", "x"), EXIT_USAGE);
    assert_int_equal(COMMAND(f, command_check, "the x is \"\xFF\"\n", "-"), EXIT_FAILED);
    assert_says(f->err, "standard input is not UTF-8 text");
}

static void test_check__files_are_bounded(void **state)
{
    Fixture *f = *state;
    char *big = malloc((2 << 20) + 1);
    assert_non_null(big);
    memset(big, '#', 2 << 20);
    big[2 << 20] = '\0';
    assert_int_equal(COMMAND(f, command_check, "", write_file(f, "big.english", big)), EXIT_FAILED);
    assert_says(f->err, "has more than 1048576 bytes");
    free(big);
}

/* ---- format ---- */
static void test_format__prints_and_keeps_the_meaning(void **state)
{
    Fixture *f = *state;
    const char *loose = "if 1 is less than 2 then\n      say   \"yes\"\n";
    const char *path = write_file(f, "a.english", loose);
    assert_int_equal(COMMAND(f, command_format, "", "--check", path), EXIT_PROBLEMS);
    assert_int_equal(COMMAND(f, command_format, "", path), EXIT_DONE);
    assert_string_equal(f->out, "if 1 is less than 2 then\n  say \"yes\"\n");
    assert_int_equal(COMMAND(f, command_format, "", "--write", path), EXIT_DONE);
    assert_string_equal(f->out, "");
    assert_int_equal(COMMAND(f, command_format, "", "--check", path), EXIT_DONE);
    assert_int_equal(COMMAND(f, command_format, "", "--check", "--write", path), EXIT_USAGE);
    assert_int_equal(COMMAND(f, command_format, "", write_file(f, "empty.english", "")), EXIT_DONE);
    assert_string_equal(f->out, "");
}

static void test_format__leaves_what_is_wrong_as_it_is(void **state)
{
    Fixture *f = *state;
    const char *wrong = "blorb the  x\n";
    const char *path = write_file(f, "a.english", wrong);
    assert_int_equal(COMMAND(f, command_format, "", "--write", path), EXIT_PROBLEMS);
    char after[64];
    read_back(f->directory, "a.english", after, sizeof after);
    assert_string_equal(after, wrong);
}

/* ---- show ---- */
static void test_show__the_other_spelling_and_back(void **state)
{
    Fixture *f = *state;
    const char *path = write_file(f, "a.english", double_it);
    assert_int_equal(COMMAND(f, command_show, "", path), EXIT_DONE);
    assert_says(f->out, "  quantity: number, usually 2\n");
    assert_says(f->out, "  total: number\n");
    assert_says(f->out, "set_output(\"total\", value=price * quantity)");
    assert_int_equal(COMMAND(f, command_show, "", "--spy", path), EXIT_DONE);
    char *spy = strdup(f->out);
    assert_int_equal(COMMAND(f, command_show, "", "--english", write_file(f, "a.spy", spy)), EXIT_DONE);
    assert_string_equal(f->out, double_it);
    free(spy);
}

static void test_show__json_is_json(void **state)
{
    Fixture *f = *state;
    AUTO(arena_done)
    Arena arena = {0};
    const Json *json = NULL;
    Error err = {0};
    assert_int_equal(COMMAND(f, command_show, "", "--json", write_file(f, "a.english", double_it)), EXIT_DONE);
    assert_fine(json_parse(&arena, str_from_c(f->out), 30, &json, &err), &err);
    assert_str_equal(json_text(json_get(json, S("english_code"))), str_from_c(double_it));
    assert_int_equal(json_get(json, S("input_specs"))->count, 2);
    assert_true(json_is(json_get(json, S("code_mapping")), JSON_OBJECT));
}

static void test_show__the_tree_with_lines(void **state)
{
    Fixture *f = *state;
    assert_int_equal(COMMAND(f, command_show, "", "--tree", write_file(f, "a.english", double_it)), EXIT_DONE);
    assert_string_equal(f->out, "Program\n"
                                "  Input price \"price\": number  (line 2)\n"
                                "  Input quantity \"quantity\": number  (line 3)\n"
                                "    Literal 2\n"
                                "  Say  (line 5)\n"
                                "    Literal \"Multiplying\"\n"
                                "  Output  (line 6)\n"
                                "    Literal \"total\"\n"
                                "    Arithmetic *\n"
                                "      Name price\n"
                                "      Name quantity\n");
    /* The lines are the file's, not those of the usual form. */
    assert_int_equal(COMMAND(f, command_show, "", "--tree", write_file(f, "a.spy", "\n\n\nprint('x')\n")), EXIT_DONE);
    assert_says(f->out, "  Say  (line 4)\n");
    assert_int_equal(COMMAND(f, command_show, "", "--tree", "--types", f->path), EXIT_USAGE);
}

static void test_show__the_types_of_facts(void **state)
{
    Fixture *f = *state;
    const char *path = write_file(f, "a.english",
                                  "inputs\n  the invoice file is an optional file\n\n\n"
                                  "to tax with the amount\n  the share is 0.19\n"
                                  "  the result is the share times the amount\n"
                                  "the counts are 1, 2 and 3\n"
                                  "the tax due is the result of tax with 100 as the amount\n"
                                  "output the tax due as \"tax\"\noutput the counts as \"counts\"\n"
                                  "output the invoice file as \"file\"\n");
    assert_int_equal(COMMAND(f, command_show, "", "--types", path), EXIT_DONE);
    assert_says(f->out, "Facts\n  invoice file  optional file, an input  (line 2)\n"
                        "  counts        list of numbers  (line 8)\n");
    assert_says(f->out, "\nIn the procedure tax\n  amount        number  (line 5)\n"
                        "  share         number  (line 6)\n");
    assert_int_equal(COMMAND(f, command_show, "", "--types", write_file(f, "a.english", "say \"x\"\n")), EXIT_DONE);
    assert_string_equal(f->out, "No facts\n");
    path = write_file(f, "fields.spy",
                      "file = read_input(\"file\", type=file)\n\nrows = files.read_table(file=file)\ntasks = []\n"
                      "for row in rows:\n    task = {\"name\": row[\"title\"], \"days\": 5}\n    tasks.append(task)\n"
                      "    task[\"due\"] = date(2026, 4, 14)\nset_output(\"tasks\", value=tasks)\n");
    assert_int_equal(COMMAND(f, command_show, "", "--types", path), EXIT_DONE);
    assert_says(f->out, "  rows   table  (line 3)\n    title: anything\n    … and what else it comes with\n"
                        "  tasks  list of records  (line 4)\n    name: anything\n    days: number\n"
                        "    due: optional date\n");
}

/* ---- run ---- */
static void test_run__prints_what_is_said_and_put_out(void **state)
{
    Fixture *f = *state;
    const char *path = write_file(f, "a.english", double_it);
    assert_int_equal(COMMAND(f, command_run, "", path, "--input", "price=1,250.50"), EXIT_DONE);
    assert_string_equal(f->out, "Multiplying\ntotal: 2501.00\n");
    assert_int_equal(COMMAND(f, command_run, "", path, "--input", "price=7%"), EXIT_DONE);
    assert_string_equal(f->out, "Multiplying\ntotal: 0.14\n");
    assert_int_equal(COMMAND(f, command_run, "", path, "--json", "--input=Price=12.50", "--input", "quantity=3"),
                     EXIT_DONE);
    assert_string_equal(f->out, "{\"state\":\"completed\",\"outputs\":{\"total\":37.50}}\n");
    assert_string_equal(f->err, "Multiplying\n");
}

static void test_run__asks_for_what_is_missing(void **state)
{
    Fixture *f = *state;
    const char *path = write_file(f, "a.english", double_it);
    assert_int_equal(COMMAND(f, command_run, "about twelve\nuse 12.50\n", path), EXIT_DONE);
    assert_says(f->err, "? ");
    assert_says(f->err, "price");
    assert_says(f->err, "! ");
    assert_says(f->out, "total: 25.00\n");
    assert_int_equal(COMMAND(f, command_run, "", path, "--answer", "use 4"), EXIT_DONE);
    assert_says(f->out, "total: 8\n");
    assert_int_equal(COMMAND(f, command_run, "", path), EXIT_PROBLEMS);
    assert_says(f->err, "Nobody answered.");
    assert_int_equal(COMMAND(f, command_run, "", path, "--json"), EXIT_PROBLEMS);
    assert_says(f->out, "{\"state\":\"awaiting_guidance\",\"kind\":\"");
}

static void test_run__refuses_inputs_that_are_none(void **state)
{
    Fixture *f = *state;
    const char *path = write_file(f, "a.english", double_it);
    static const struct {
        const char *input, *message;
        int code;
    } rows[] = {
        {"prise=3", "there is no input \"prise\": did you mean \"price\"?", EXIT_USAGE},
        {"colour=red", "there is no input \"colour\"; the inputs are: price, quantity", EXIT_USAGE},
        {"price", "--input price says no value", EXIT_USAGE},
        {"price=@/nowhere/x.csv", "the file /nowhere/x.csv cannot be read", EXIT_FAILED},
        {"price=\xFF", "is not UTF-8", EXIT_USAGE},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(COMMAND(f, command_run, "", path, "--input", rows[i].input), rows[i].code);
        assert_says(f->err, rows[i].message);
        assert_string_equal(f->out, "");
    }
    assert_int_equal(COMMAND(f, command_run, "", path, "--input", "price=1", "--input", "Price=2"), EXIT_USAGE);
    assert_says(f->err, "is given twice");
    assert_int_equal(COMMAND(f, command_run, "", path, "--time-zone", "Mars/Olympus"), EXIT_USAGE);
}

static void test_run__a_failed_run_is_an_exit_code(void **state)
{
    Fixture *f = *state;
    assert_int_equal(COMMAND(f, command_run, "", write_file(f, "a.english", "fail with \"no money\"\n")),
                     EXIT_PROBLEMS);
    assert_says(f->err, "The run failed: no money");
    assert_int_equal(COMMAND(f, command_run, "", "--json", f->path), EXIT_PROBLEMS);
    assert_string_equal(f->out, "{\"state\":\"failed\",\"description\":\"no money\"}\n");
}

static void test_run__does_not_wait_when_told_so(void **state)
{
    Fixture *f = *state;
    const char *path = write_file(f, "a.english", "wait 3 days\nwait until 2999-01-01\nsay \"there\"\n");
    assert_int_equal(COMMAND(f, command_run, "", "--skip-waits", path), EXIT_DONE);
    assert_string_equal(f->out, "there\n");
}

static void test_run__saves_files_but_never_over_others(void **state)
{
    Fixture *f = *state;
    char csv[160];
    (void)snprintf(csv, sizeof csv, "rows=@%s", write_file(f, "rows.csv", "name,total\nAcme,\"1,250.00\"\n"));
    const char *path = write_file(f, "a.english",
                                  "inputs\n  the rows is a file\n\n"
                                  "get the table rows from the rows\n"
                                  "write the table rows to a file called \"result.csv\" as the result file\n"
                                  "output the result file as \"file\"\n");
    assert_int_equal(COMMAND(f, command_run, "", path, "--input", strchr(csv, '/')), EXIT_USAGE);
    char bare[160];
    (void)snprintf(bare, sizeof bare, "rows=%s", strchr(csv, '/'));
    assert_int_equal(COMMAND(f, command_run, "", path, "--input", bare), EXIT_USAGE);
    assert_says(f->err, "the input \"rows\" is a file: write --input \"rows=@");
    (void)snprintf(bare, sizeof bare, "rows=@%s", f->directory);
    assert_int_equal(COMMAND(f, command_run, "", path, "--input", bare), EXIT_FAILED);
    assert_says(f->err, "is a directory, not a file");
    assert_int_equal(COMMAND(f, command_run, "", path, "--input", csv, "--save", strchr(csv, '/')), EXIT_FAILED);
    assert_says(f->err, "this is a file, not a directory");
    for (int i = 0; i < 2; i++) { /* the same again is the same file */
        assert_int_equal(COMMAND(f, command_run, "", path, "--input", csv, "--save", f->directory), EXIT_DONE);
        char saved[128];
        read_back(f->directory, "result.csv", saved, sizeof saved);
        assert_string_equal(saved, "name,total\r\nAcme,1250.00\r\n");
    }
    char kept[sizeof f->path];
    memcpy(kept, f->path, sizeof kept);
    (void)write_file(f, "result.csv", "precious");
    assert_int_equal(COMMAND(f, command_run, "", kept, "--input", csv, "--save", f->directory), EXIT_PROBLEMS);
    assert_says(f->err, "is there already and says something else");
    char saved[128];
    read_back(f->directory, "result.csv", saved, sizeof saved);
    assert_string_equal(saved, "precious");
}

static void test_run__the_three_way_match(void **state)
{
    Fixture *f = *state;
    const char *root = getenv("CLERKWORK_SOURCE_ROOT");
    assert_non_null(root);
    char automation[256], invoices[256], orders[256];
    (void)snprintf(automation, sizeof automation, "%s/examples/three-way-match/automation.english", root);
    (void)snprintf(invoices, sizeof invoices, "invoice file=@%s/examples/three-way-match/invoices.csv", root);
    (void)snprintf(orders, sizeof orders, "purchase order file=@%s/examples/three-way-match/purchase_orders.csv", root);
    assert_int_equal(COMMAND(f, command_format, "", "--check", automation), EXIT_DONE);
    assert_int_equal(COMMAND(f, command_run, "use \"PO-4711\"\n", automation, "--input", invoices, "--input", orders),
                     EXIT_DONE);
    assert_says(f->err, "? Row 17 of the invoices has no purchase order number. What is it?\n");
    assert_null(strchr(strchr(f->err, '?') + 1, '!'));
    assert_says(f->out, "Checked 119 invoices: 8 need a review.\n");
    assert_says(f->out, "total to pay: 447605.35\n");
    assert_says(f->out, "to review: 8 rows\n");
    assert_int_equal(COMMAND(f, command_run, "", automation, "--json", "--answer", "use \"PO-4711\"", "--input",
                             invoices, "--input", orders),
                     EXIT_DONE);
    const char *duplicate = strstr(f->out, "\"duplicate\"");
    assert_non_null(duplicate);
    assert_null(strstr(duplicate + 1, "\"duplicate\""));
}

/* ---- the books' own examples ---- */
static void test_books__every_example_can_be_read(void **state)
{
    (void)state;
    const Catalog *catalog = books_catalog();
    for (uint32_t i = 0; i < catalog->n_procedures; i++) {
        AUTO(arena_done)
        Arena arena = {0};
        Str example = catalog->procedures[i]->example;
        const Program *program = program_load(&arena, example, SPELLING_ENGLISH, catalog);
        bool calls = str_contains(program->spy, str_printf(&arena, "%.*s.%.*s(", STR_ARG(catalog->procedures[i]->book),
                                                           STR_ARG(catalog->procedures[i]->name)));
        for (uint32_t k = 0; k < program->diagnostics.count; k++) {
            const Diagnostic *problem = &program->diagnostics.items[k];
            /* Its facts come from sentences that stand before it. */
            bool fact = strcmp(problem->code, "unknown-fact") == 0 || problem->severity == SEVERITY_WARNING;
            if (!fact)
                print_error("%.*s: %.*s\n", STR_ARG(example), STR_ARG(problem->message));
            assert_true(fact);
        }
        if (!calls)
            print_error("%.*s is not read as a call of %.*s\n", STR_ARG(example),
                        STR_ARG(catalog->procedures[i]->name));
        assert_true(calls);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_check__is_silent_about_what_is_right),
        TEST(test_check__points_at_what_is_wrong),
        TEST(test_check__reads_spy_by_name_and_from_standard_input),
        TEST(test_check__a_missing_file_is_another_exit_code),
        TEST(test_check__files_are_bounded),
        TEST(test_format__prints_and_keeps_the_meaning),
        TEST(test_format__leaves_what_is_wrong_as_it_is),
        TEST(test_show__the_other_spelling_and_back),
        TEST(test_show__json_is_json),
        TEST(test_show__the_tree_with_lines),
        TEST(test_show__the_types_of_facts),
        TEST(test_run__prints_what_is_said_and_put_out),
        TEST(test_run__asks_for_what_is_missing),
        TEST(test_run__refuses_inputs_that_are_none),
        TEST(test_run__a_failed_run_is_an_exit_code),
        TEST(test_run__does_not_wait_when_told_so),
        TEST(test_run__saves_files_but_never_over_others),
        TEST(test_run__the_three_way_match),
        cmocka_unit_test(test_books__every_example_can_be_read),
    };
    /* What one command left unread must not reach the next. */
    (void)setvbuf(stdin, NULL, _IONBF, 0);
    return cmocka_run_group_tests_name("cli/commands", tests, NULL, NULL);
}
