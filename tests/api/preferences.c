/* Tests of the preferences of organizations and workspaces, and of what they do to runs. */
#include "fixture.h"

#include <string.h>

static void test_preferences__come_from_the_defaults_at_first(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *const places[] = {f.organization, f.workspace};
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        Reply reply = fixture_call(&f, "GET", NULL, "%s/preferences", places[i]);
        assert_status(reply, 200);
        assert_text(&f, reply.json, "general.time_zone", "UTC");
        assert_text(&f, reply.json, "general.time_format", "TIME_FORMAT_24_HOUR");
        assert_text(&f, reply.json, "general.date_format", "DATE_FORMAT_YYYY_MM_DD_DASH");
        assert_text(&f, reply.json, "general.decimal_symbol", "DECIMAL_SYMBOL_PERIOD");
        assert_text(&f, reply.json, "general.measurement_system", "MEASUREMENT_SYSTEM_METRIC");
        assert_true(str_eq(json_at(reply.json, "general.decimal_places")->text, S("2")));
        assert_false(json_at(reply.json, "support_team_access")->boolean);
        assert_int_equal(json_at(reply.json, "own_fields")->count, 0);
        assert_string_equal(text_at(&f, reply.json, "name"),
                            str_to_c(&f.arena, str_printf(&f.arena, "%s/preferences", places[i] + strlen("/api/v1/"))));
    }
    fixture_close(&f);
}

static void test_workspace_preferences__inherit_field_by_field(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    assert_status(
        fixture_call(&f, "PATCH",
                     "{\"supportTeamAccess\":true,\"general\":{\"timeZone\":\"Europe/Berlin\",\"decimalPlaces\":3}}",
                     "%s/preferences", f.organization),
        200);
    Reply set = fixture_call(&f, "PATCH", "{\"general\":{\"time_zone\":\"Asia/Tokyo\",\"decimal_places\":0}}",
                             "%s/preferences", f.workspace);
    assert_status(set, 200);
    assert_text(&f, set.json, "general.time_zone", "Asia/Tokyo");
    assert_true(str_eq(json_at(set.json, "general.decimal_places")->text, S("0")));
    assert_true(json_at(set.json, "support_team_access")->boolean);
    assert_int_equal(json_at(set.json, "own_fields")->count, 2);
    assert_text(&f, set.json, "own_fields.0", "general.time_zone");

    Reply cleared = fixture_call(&f, "PATCH", "{}",
                                 "%s/preferences?update_mask=general.timeZone,general.decimal_places", f.workspace);
    assert_status(cleared, 200);
    assert_text(&f, cleared.json, "general.time_zone", "Europe/Berlin");
    assert_true(str_eq(json_at(cleared.json, "general.decimal_places")->text, S("3")));
    assert_int_equal(json_at(cleared.json, "own_fields")->count, 0);

    Reply masked =
        fixture_call(&f, "PATCH", "{\"general\":{\"time_zone\":\"\",\"time_format\":\"TIME_FORMAT_12_HOUR\"}}",
                     "%s/preferences?update_mask=general", f.organization);
    assert_text(&f, masked.json, "general.time_zone", "UTC");
    assert_text(&f, masked.json, "general.time_format", "TIME_FORMAT_12_HOUR");
    assert_int_equal(json_at(masked.json, "own_fields")->count, 2); /* support_team_access, which the mask left alone */
    Reply other = fixture_call(&f, "GET", NULL, "%s/preferences", f.workspace);
    assert_text(&f, other.json, "general.time_format", "TIME_FORMAT_12_HOUR");
    f.as = f.other_token;
    Reply foreign = fixture_call(&f, "GET", NULL, "%s/preferences", f.other_workspace);
    assert_text(&f, foreign.json, "general.time_format", "TIME_FORMAT_24_HOUR");
    fixture_close(&f);
}

static void test_update_preferences__names_what_is_wrong(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    static const struct {
        const char *body, *query, *field;
    } rows[] = {
        {"{\"general\":{\"time_zone\":\"Mars/Olympus\"}}", "", "general.time_zone"},
        {"{\"general\":{\"time_zone\":\"../../etc/passwd\"}}", "", "general.time_zone"},
        {"{\"general\":{\"time_zone\":7}}", "", "general.time_zone"},
        {"{\"general\":{\"decimal_places\":29}}", "", "general.decimal_places"},
        {"{\"general\":{\"decimal_places\":-1}}", "", "general.decimal_places"},
        {"{\"general\":{\"date_format\":\"DATE_FORMAT_ROMAN\"}}", "", "general.date_format"},
        {"{\"support_team_access\":\"yes\"}", "", "support_team_access"},
        {"{}", "?update_mask=general.name", "update_mask"},
    };
    const char *const places[] = {f.organization, f.workspace};
    for (size_t p = 0; p < COUNT_OF(places); p++) {
        for (size_t i = 0; i < COUNT_OF(rows); i++) {
            Reply reply = fixture_call(&f, "PATCH", rows[i].body, "%s/preferences%s", places[p], rows[i].query);
            assert_status(reply, 400);
            assert_string_equal(first_violation(&f, &reply), rows[i].field);
        }
    }
    fixture_close(&f);
}

static void test_preferences__are_closed_to_others(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *const places[] = {f.organization, f.workspace};
    for (size_t p = 0; p < COUNT_OF(places); p++) {
        const char *path = str_to_c(&f.arena, str_printf(&f.arena, "%s/preferences", places[p]));
        assert_access(&f, "GET", NULL, path, 200);
        assert_access(&f, "PATCH", "{\"general\":{\"decimal_places\":1}}", path, 403);
    }
    fixture_close(&f);
}

/* ---- what they do ---- */

static const char *output_of(Fixture *f, const char *automation, const char *inputs, const char *path)
{
    const char *run = fixture_run(f, automation, inputs);
    Reply reply = fixture_call(f, "GET", NULL, "%s", run);
    const Json *found = json_at(reply.json, path);
    if (!found)
        fail_msg("%s: %.*s", path, STR_ARG(reply.body));
    return str_to_c(&f->arena, found->text);
}

static void test_runs__read_and_write_as_the_workspace_does(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *amounts = fixture_automation(&f, "Amounts",
                                             "inputs\n"
                                             "  the amount is a number\n"
                                             "  the day is a date\n"
                                             "format the amount for reading as the amount text\n"
                                             "write out the day as the day text\n"
                                             "output the amount text as \"Amount\"\n"
                                             "output the day text as \"Day\"\n");
    const char *inputs = "{\"amount\":{\"text\":\"1.250,5\"},\"day\":{\"text\":\"03/04/2026\"}}";
    static const struct {
        const char *preferences, *amount, *day;
    } rows[] = {
        {"{\"general\":{\"decimal_symbol\":\"DECIMAL_SYMBOL_COMMA\",\"date_format\":\"DATE_FORMAT_DD_MM_YYYY_SLASH\"}}",
         "1.250,50", "03/04/2026"},
        {"{\"general\":{\"decimal_places\":0,\"date_format\":\"DATE_FORMAT_MMMM_DD_YYYY\"}}", "1.250",
         "March 04, 2026"},
        {"{\"general\":{\"decimal_places\":1,\"date_format\":\"DATE_FORMAT_DD_MMM_YYYY\"}}", "1.250,5", "03 Apr 2026"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_status(
            fixture_call(&f, "PATCH", rows[i].preferences, "%s/preferences", i ? f.workspace : f.organization), 200);
        assert_string_equal(output_of(&f, amounts, inputs, "state.completed.outputs.Amount.text"), rows[i].amount);
        assert_string_equal(output_of(&f, amounts, inputs, "state.completed.outputs.Day.text"), rows[i].day);
    }
    fixture_close(&f);
}

static void test_runs__keep_what_held_when_they_began(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *automation = fixture_automation(&f, "Asking",
                                                "inputs\n  the order is a dictionary\n"
                                                "the factor is the order's factor\n"
                                                "the amount is 2.5 times the factor\n"
                                                "format the amount for reading as the amount text\n"
                                                "output the amount text as \"Amount\"\n");
    const char *run = fixture_run(&f, automation, "{\"order\":{\"dictionary\":{\"entries\":[]}}}");
    assert_status(fixture_call(&f, "PATCH", "{\"general\":{\"decimal_symbol\":\"DECIMAL_SYMBOL_COMMA\"}}",
                               "%s/preferences", f.workspace),
                  200);
    assert_status(fixture_call(&f, "POST", "{\"answer\":\"use 3\"}", "%s:resolve", run), 200);
    Reply ended = fixture_call(&f, "GET", NULL, "%s:wait?timeout=20s", run);
    assert_text(&f, ended.json, "state.completed.outputs.Amount.text", "7.50");
    fixture_close(&f);
}

static void test_now__is_in_the_workspaces_zone(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *automation = fixture_automation(&f, "Clock", "the start is now\noutput the start as \"Start\"\n");
    assert_status(
        fixture_call(&f, "PATCH", "{\"general\":{\"time_zone\":\"Asia/Tokyo\"}}", "%s/preferences", f.workspace), 200);
    assert_string_equal(output_of(&f, automation, "{}", "state.completed.outputs.Start.datetime.time_zone.id"),
                        "Asia/Tokyo");
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_preferences__come_from_the_defaults_at_first),
        cmocka_unit_test(test_workspace_preferences__inherit_field_by_field),
        cmocka_unit_test(test_update_preferences__names_what_is_wrong),
        cmocka_unit_test(test_preferences__are_closed_to_others),
        cmocka_unit_test(test_runs__read_and_write_as_the_workspace_does),
        cmocka_unit_test(test_runs__keep_what_held_when_they_began),
        cmocka_unit_test(test_now__is_in_the_workspaces_zone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
