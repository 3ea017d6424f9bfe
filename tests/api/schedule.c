/* Tests of an automation's schedule through the real server. */
#include "fixture.h"

#include <stdio.h>
#include <string.h>

#define START                                                                                                          \
    "\"start\":{\"start_date\":{\"year\":2099,\"month\":1,\"day\":5},\"time\":{\"hours\":9},"                          \
    "\"time_zone\":\"America/New_York\"}"
#define WEEKS                                                                                                          \
    "{\"config\":{" START                                                                                              \
    ",\"repeat_interval\":{\"unit\":\"FREQUENCY_UNIT_WEEK\",\"interval\":2},\"weekly_pattern\":{"                      \
    "\"days\":[\"DAY_OF_WEEK_MONDAY\",\"FRIDAY\"]},\"end\":{\"end_type\":\"SCHEDULE_END_TYPE_AFTER_OCCURRENCES\","     \
    "\"max_occurrences\":3}}}"

static const char *automation_of(Fixture *f)
{
    return fixture_automation(f, "A", "the rate is 0.19\noutput the rate as \"rate\"\n");
}

static void test_create__fills_in_and_tells_what_comes(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *automation = automation_of(&f);
    assert_status(fixture_call(&f, "GET", NULL, "%s/schedule", automation), 404);
    Reply made = fixture_call(&f, "POST", WEEKS, "%s/schedule", automation);
    assert_status(made, 200);
    const char *name = text_at(&f, made.json, "name");
    assert_int_equal(strncmp(name, f.workspace_name, strlen(f.workspace_name)), 0);
    assert_string_equal(name + strlen(name) - strlen("/schedule"), "/schedule");
    assert_text(&f, made.json, "summary", "Every 2 weeks on Monday and Friday at 9:00 AM (America/New_York), 3 times");
    assert_text(&f, made.json, "config.weekly_pattern.days.1", "DAY_OF_WEEK_FRIDAY");
    assert_text(&f, made.json, "config.missed_policy", "MISSED_POLICY_ONCE");
    assert_text(&f, made.json, "config.overlap_policy", "OVERLAP_POLICY_ALLOW");
    assert_true(json_at(made.json, "enabled")->boolean);
    assert_true(str_eq(json_at(made.json, "remaining_occurrences")->text, S("3")));
    assert_int_equal(json_at(made.json, "next_run_times")->count, 3);
    assert_text(&f, made.json, "next_run_times.0", "2099-01-05T14:00:00.000000Z");
    assert_text(&f, made.json, "next_run_times.2", "2099-01-19T14:00:00.000000Z");
    assert_int_equal(json_at(made.json, "recent_occurrences")->count, 0);
    Reply found = fixture_call(&f, "GET", NULL, "%s/schedule", automation);
    assert_true(str_eq(found.body, made.body));
    assert_status(fixture_call(&f, "POST", WEEKS, "%s/schedule", automation), 409);
    fixture_close(&f);
}

static void test_update__takes_the_whole_config(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *automation = automation_of(&f);
    const char *monthly = "{\"config\":{" START ",\"repeatInterval\":{\"unit\":\"FREQUENCY_UNIT_MONTH\"},"
                          "\"monthlyPattern\":{\"ordinalDay\":{\"ordinal\":\"ORDINAL_FOURTH\",\"day\":"
                          "\"DAY_OF_WEEK_FRIDAY\"}}},\"enabled\":false,\"summary\":\"mine\"}";
    assert_status(fixture_call(&f, "PATCH", monthly, "%s/schedule", automation), 404);
    assert_status(fixture_call(&f, "POST", WEEKS, "%s/schedule", automation), 200);
    Reply changed = fixture_call(&f, "PATCH", monthly, "%s/schedule", automation);
    assert_status(changed, 200);
    assert_text(&f, changed.json, "summary", "Monthly on the 4th Friday at 9:00 AM (America/New_York)");
    assert_null(json_at(changed.json, "remaining_occurrences"));
    assert_null(json_at(changed.json, "config.weekly_pattern"));
    assert_true(json_at(changed.json, "enabled")->boolean);
    assert_int_equal(json_at(changed.json, "next_run_times")->count, 10);
    fixture_close(&f);
}

static void test_enable_and_disable__answer_with_the_schedule(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *automation = automation_of(&f);
    assert_status(fixture_call(&f, "POST", "{}", "%s:disableAutomationSchedule", automation), 404);
    assert_status(fixture_call(&f, "POST", WEEKS, "%s/schedule", automation), 200);
    Reply off = fixture_call(&f, "POST", "{}", "%s:disableAutomationSchedule", automation);
    assert_status(off, 200);
    assert_false(json_at(off.json, "schedule.enabled")->boolean);
    assert_int_equal(json_at(off.json, "schedule.next_run_times")->count, 0);
    Reply on = fixture_call(&f, "POST", NULL, "%s:enableAutomationSchedule", automation);
    assert_status(on, 200);
    assert_true(json_at(on.json, "schedule.enabled")->boolean);
    assert_int_equal(json_at(on.json, "schedule.next_run_times")->count, 3);
    fixture_close(&f);
}

static void test_delete__leaves_nothing(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *automation = automation_of(&f);
    assert_status(fixture_call(&f, "POST", WEEKS, "%s/schedule", automation), 200);
    Reply gone = fixture_call(&f, "DELETE", NULL, "%s/schedule", automation);
    assert_status(gone, 200);
    assert_true(str_eq(gone.body, S("{}")));
    assert_status(fixture_call(&f, "GET", NULL, "%s/schedule", automation), 404);
    assert_status(fixture_call(&f, "DELETE", NULL, "%s/schedule", automation), 404);
    assert_status(fixture_call(&f, "POST", WEEKS, "%s/schedule", automation), 200);
    fixture_close(&f);
}

static const struct {
    const char *body, *field;
} refusals[] = {
    {"{}", "config"},
    {"{\"config\":{}}", "config.start"},
    {"{\"config\":{\"start\":{\"time_zone\":\"Mars/Base\"}}}", "config.start.time_zone"},
    {"{\"config\":{\"start\":{},\"repeat_interval\":{\"unit\":\"FORTNIGHT\"}}}", "config.repeat_interval.unit"},
    {"{\"config\":{\"start\":{},\"repeat_interval\":{\"unit\":\"FREQUENCY_UNIT_DAY\",\"interval\":-1}}}",
     "config.repeat_interval.interval"},
    {"{\"config\":{\"start\":{},\"weekly_pattern\":{\"days\":[\"DAY_OF_WEEK_MONDAY\"]}}}", "config.weekly_pattern"},
};

static void test_create__refuses_naming_the_field(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *automation = automation_of(&f);
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        Reply reply = fixture_call(&f, "POST", refusals[i].body, "%s/schedule", automation);
        assert_status(reply, 400);
        assert_string_equal(first_violation(&f, &reply), refusals[i].field);
    }
    assert_status(fixture_call(&f, "GET", NULL, "%s/schedule", automation), 404);
    fixture_close(&f);
}

static void test_schedule__is_for_its_tenant_and_viewers_only_look(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *automation = automation_of(&f);
    assert_status(fixture_call(&f, "POST", WEEKS, "%s/schedule", automation), 200);
    f.as = f.viewer_token;
    assert_status(fixture_call(&f, "GET", NULL, "%s/schedule", automation), 200);
    assert_status(fixture_call(&f, "DELETE", NULL, "%s/schedule", automation), 403);
    assert_status(fixture_call(&f, "POST", "{}", "%s:disableAutomationSchedule", automation), 403);
    f.as = f.other_token;
    const char *id = strrchr(automation, '/') + 1;
    assert_status(fixture_call(&f, "GET", NULL, "%s/automations/%s/schedule", f.other_workspace, id), 404);
    assert_status(fixture_call(&f, "DELETE", NULL, "%s/automations/%s/schedule", f.other_workspace, id), 404);
    f.as = f.token;
    assert_status(fixture_call(&f, "GET", NULL, "%s/schedule", automation), 200);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_create__fills_in_and_tells_what_comes),
        cmocka_unit_test(test_update__takes_the_whole_config),
        cmocka_unit_test(test_enable_and_disable__answer_with_the_schedule),
        cmocka_unit_test(test_delete__leaves_nothing),
        cmocka_unit_test(test_create__refuses_naming_the_field),
        cmocka_unit_test(test_schedule__is_for_its_tenant_and_viewers_only_look),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
