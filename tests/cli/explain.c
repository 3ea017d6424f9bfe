/* `clerkwork explain FILE:LINE`. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "fixture.h"

static void test_explain__one_sentence(void **state)
{
    Fixture *f = *state;
    char place[300];
    const char *path = write_file(f, "a.english",
                                  "# One.\nthe rate is 0.19\n\nthe tax is the rate times 100\n"
                                  "output the tax as \"tax\"\n");
    (void)snprintf(place, sizeof place, "%s:4", path);
    assert_int_equal(COMMAND(f, command_explain, "", place), EXIT_DONE);
    assert_says(f->out, "a.english:4: the tax is the rate times 100\n"
                        "Works out the rate times 100 and keeps it as the tax.\n"
                        "Facts in it:\n"
                        "  the rate (number, line 2)\n"
                        "  the tax (number, line 4)\n");
    (void)snprintf(place, sizeof place, "%s:3", path);
    assert_int_equal(COMMAND(f, command_explain, "", place), EXIT_FAILED);
    assert_says(f->err, "there is no sentence in line 3 of ");
    (void)snprintf(place, sizeof place, "%s:99999999999", path);
    assert_int_equal(COMMAND(f, command_explain, "", place), EXIT_FAILED);
    (void)snprintf(place, sizeof place, "%s:-1", path);
    assert_int_equal(COMMAND(f, command_explain, "", place), EXIT_USAGE);
    (void)snprintf(place, sizeof place, "%s:0", path);
    assert_int_equal(COMMAND(f, command_explain, "", place), EXIT_USAGE);
    assert_says(f->err, "lines count from 1");
    assert_int_equal(command(f, &command_explain, "", (const char *const[]){NULL}), EXIT_USAGE);
}

static void test_explain__a_whole_file_and_json(void **state)
{
    Fixture *f = *state;
    AUTO(arena_done)
    Arena arena = {0};
    const Json *json = NULL;
    Error err = {0};
    const char *path = write_file(f, "a.english", "the rate is 0.19\noutput the rate as \"rate\"\n");
    assert_int_equal(COMMAND(f, command_explain, "", path), EXIT_DONE);
    assert_says(f->out, "a.english:1: the rate is 0.19\n");
    assert_says(f->out, "\n\n");
    assert_says(f->out, "a.english:2: output the rate as \"rate\"\nGives the rate to whoever started the run");
    assert_int_equal(COMMAND(f, command_explain, "", "--json", path), EXIT_DONE);
    Str rest = str_from_c(f->out);
    assert_fine(json_parse(&arena, str_cut(&rest, '\n'), 30, &json, &err), &err);
    assert_str_equal(json_text(json_get(json, S("kind"))), S("Assignment"));
    assert_str_equal(json_text(json_get(json, S("explanation"))), S("Takes 0.19 and keeps it as the rate."));
    assert_fine(json_parse(&arena, str_cut(&rest, '\n'), 30, &json, &err), &err);
    assert_int_equal(json_get(json, S("facts"))->count, 1);
    assert_int_equal(COMMAND(f, command_explain, "", write_file(f, "a.english", "blorb the x\n")), EXIT_PROBLEMS);
    assert_says(f->err, "a.english:1:");
}

static void test_explain__the_three_way_match(void **state)
{
    Fixture *f = *state;
    char path[300];
    (void)snprintf(path, sizeof path, "%s/examples/three-way-match/automation.english",
                   getenv("CLERKWORK_SOURCE_ROOT"));
    assert_int_equal(COMMAND(f, command_explain, "", path), EXIT_DONE);
    assert_says(f->out, "Goes through the invoices from the first to the last.");
    assert_says(f->out, "When nothing is found, the run stops and asks a person.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_explain__one_sentence),
        TEST(test_explain__a_whole_file_and_json),
        TEST(test_explain__the_three_way_match),
    };
    return cmocka_run_group_tests_name("cli/explain", tests, NULL, NULL);
}
