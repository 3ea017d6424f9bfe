/* Tests of automations that run by themselves, under a clock that the test sets. */
#include "fixture.h"

#include <unistd.h>

#include "base/clock.h"
#include "engine/timetable.h"

#define DAY_US (86400LL * 1000000)

static const char simple[] = "n = read_input(\"n\", type=float)\nset_output(\"n\", value=n)\n";

static int64_t us_of(const char *text)
{
    int64_t us = 0;
    assert_true(clock_parse(str_from_c(text), &us));
    return us;
}

/* The timekeeper asks the world's clock once a second by itself; here it is told to look at once. */
static void set_clock(Fixture *f, int64_t us)
{
    atomic_store(&f->now_us, us);
    if (f->engine)
        engine_schedules_due(f->engine, 1);
}

/* ---- an automation with a schedule ---- */

typedef struct Change {
    Str automation;
    Schedule schedule;
    ScheduleRow row;
    bool flag;
} Change;

static bool give_inputs_and_publish(Tx *tx, Fixture *f, void *argument, Error *err)
{
    Change *change = argument;
    AutomationEdit edit = {.has_default_inputs = true, .default_inputs = S("{\"n\":{\"number\":{\"lo\":7}}}")};
    Automation automation;
    Revision revision;
    return automation_edit(tx, &f->arena, &f->scope, change->automation, &edit, S("u1"), &automation, &revision, err) &&
           automation_publish(tx, &f->arena, &f->scope, change->automation, S("u1"), &automation, &revision, err);
}

static bool create(Tx *tx, Fixture *f, void *argument, Error *err)
{
    Change *change = argument;
    return timetable_create(tx, f->engine, &f->arena, &f->scope, change->automation, &change->schedule, &change->row,
                            err);
}

/* Daily at nine o'clock UTC from 2026-04-14, with what `more` adds to the config; it is eight o'clock of that day. */
static Change daily(Fixture *f, bool with_inputs, const char *more)
{
    fixture_init(f);
    set_clock(f, us_of("2026-04-14T08:00:00Z"));
    Change change = {.automation = fixture_automation(f, "A", simple, !with_inputs)};
    if (with_inputs && !fixture_write(f, give_inputs_and_publish, &change))
        fail_msg("%s", f->err.message);
    Str text = str_printf(&f->arena,
                          "{\"start\":{\"start_date\":{\"year\":2026,\"month\":4,\"day\":14},\"time\":{\"hours\":9}},"
                          "\"repeat_interval\":{\"unit\":\"FREQUENCY_UNIT_DAY\"}%s}",
                          more);
    const Json *json;
    assert_true(json_parse(&f->arena, text, 16, &json, &f->err));
    if (!schedule_read(&f->arena, json, atomic_load(&f->now_us), &change.schedule, &f->err) ||
        !fixture_write(f, create, &change))
        fail_msg("%s", f->err.message);
    return change;
}

static ScheduleRow row_of(Fixture *f, const Change *change)
{
    Tx *tx;
    ScheduleRow row;
    assert_true(tx_begin_read(f->reader, &tx, &f->err));
    assert_true(store_schedule_get(tx, &f->arena, &f->scope, change->row.automation, &row, &f->err));
    tx_end(tx);
    return row;
}

static int fires_of(Fixture *f, const Change *change, ScheduleFire **out)
{
    Tx *tx;
    int n;
    assert_true(tx_begin_read(f->reader, &tx, &f->err));
    assert_true(store_schedule_fires(tx, &f->arena, &f->scope, change->row.automation, 100, out, &n, &f->err));
    tx_end(tx);
    return n;
}

static int runs_of(Fixture *f, const Change *change, RunRow **out)
{
    Tx *tx;
    int n;
    ListEnd end;
    ListQuery query = {.limit = 100};
    assert_true(tx_begin_read(f->reader, &tx, &f->err));
    assert_true(store_run_list(tx, &f->arena, &f->scope, change->row.automation, &query, out, &n, &end, &f->err));
    tx_end(tx);
    return n;
}

/* Until that many times have been noted; newest first. */
static ScheduleFire *wait_fires(Fixture *f, const Change *change, int expected)
{
    ScheduleFire *fires = NULL;
    int n = 0;
    for (int i = 0; i < 20000 && n < expected; i++) {
        n = fires_of(f, change, &fires);
        if (n < expected)
            usleep(1000);
    }
    assert_int_equal(n, expected);
    return fires;
}

/* Until the timekeeper has nothing left to do before `us`. */
static void wait_next(Fixture *f, const Change *change, int64_t us)
{
    ScheduleRow row = row_of(f, change);
    for (int i = 0; i < 20000 && row.next_us != us; i++) {
        usleep(1000);
        row = row_of(f, change);
    }
    assert_int_equal(row.next_us, us);
}

static void test_due__starts_one_run_with_default_inputs(void **state)
{
    (void)state;
    Fixture f;
    Change change = daily(&f, true, "");
    assert_int_equal(change.row.next_us, us_of("2026-04-14T09:00:00Z"));
    set_clock(&f, us_of("2026-04-14T09:00:01Z"));
    ScheduleFire *fires = wait_fires(&f, &change, 1);
    assert_int_equal(fires[0].outcome, FIRE_STARTED);
    assert_int_equal(fires[0].due_us, us_of("2026-04-14T09:00:00Z"));
    RunRow run = fixture_settle(&f, fires[0].run_id);
    assert_int_equal(run.state, RUN_COMPLETED);
    assert_int_equal(run.source, SOURCE_SCHEDULE);
    assert_int_equal(run.stage, STAGE_PUBLISHED);
    wait_next(&f, &change, us_of("2026-04-15T09:00:00Z"));
    assert_int_equal(row_of(&f, &change).last_run, run.key);
    fixture_stop_engine(&f);
    fixture_start_engine(&f);
    set_clock(&f, us_of("2026-04-15T09:00:00Z"));
    wait_fires(&f, &change, 2);
    RunRow *runs;
    assert_int_equal(runs_of(&f, &change, &runs), 2);
    fixture_done(&f);
}

static const struct {
    const char *more;
    int days;            /* that the server stood still */
    int started, let_go; /* notes of either kind */
    const char *next;
} missed[] = {
    {"", 3, 1, 0, "2026-04-18T09:00:00Z"},
    {",\"missed_policy\":\"MISSED_POLICY_SKIP\"", 3, 0, 1, "2026-04-18T09:00:00Z"},
    {",\"missed_policy\":\"MISSED_POLICY_ALL\"", 3, 4, 0, "2026-04-18T09:00:00Z"},
    {",\"missed_policy\":\"MISSED_POLICY_ALL\"", 30, 7, 1, "2026-05-15T09:00:00Z"},
};

static void test_missed__are_made_up_for_as_the_policy_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(missed); i++) {
        Fixture f;
        Change change = daily(&f, true, missed[i].more);
        fixture_stop_engine(&f);
        set_clock(&f, us_of("2026-04-14T10:00:00Z") + missed[i].days * DAY_US);
        fixture_start_engine(&f);
        wait_next(&f, &change, us_of(missed[i].next));
        ScheduleFire *fires;
        RunRow *runs;
        int n = fires_of(&f, &change, &fires), started = 0;
        for (int j = 0; j < n; j++)
            started += fires[j].outcome == FIRE_STARTED;
        assert_int_equal(started, missed[i].started);
        assert_int_equal(n - started, missed[i].let_go);
        assert_int_equal(runs_of(&f, &change, &runs), missed[i].started);
        fixture_done(&f);
    }
}

static void test_overlap__is_left_out_while_the_run_before_waits(void **state)
{
    (void)state;
    Fixture f;
    Change change = daily(&f, false, ",\"overlap_policy\":\"OVERLAP_POLICY_SKIP\"");
    set_clock(&f, us_of("2026-04-14T09:00:00Z"));
    ScheduleFire *fires = wait_fires(&f, &change, 1);
    Str first = fires[0].run_id;
    assert_int_equal(fixture_settle(&f, first).state, RUN_AWAITING_GUIDANCE);
    set_clock(&f, us_of("2026-04-15T09:00:00Z"));
    fires = wait_fires(&f, &change, 2);
    assert_int_equal(fires[0].outcome, FIRE_OVERLAPPED);
    AnswerResult answer = {0};
    assert_true(fixture_answer(&f, first, "5", false, &answer));
    for (int i = 0; i < 20000 && !run_is_final(fixture_run(&f, first).state); i++)
        usleep(1000);
    assert_int_equal(fixture_run(&f, first).state, RUN_COMPLETED);
    set_clock(&f, us_of("2026-04-16T09:00:00Z"));
    fires = wait_fires(&f, &change, 3);
    assert_int_equal(fires[0].outcome, FIRE_STARTED);
    fixture_done(&f);
}

static void test_overlap__is_allowed_unless_somebody_says_otherwise(void **state)
{
    (void)state;
    static const char *const policies[] = {"", ",\"overlap_policy\":\"OVERLAP_POLICY_ALLOW\""};
    for (size_t i = 0; i < COUNT_OF(policies); i++) {
        Fixture f;
        Change change = daily(&f, false, policies[i]);
        set_clock(&f, us_of("2026-04-14T09:00:00Z"));
        Str first = wait_fires(&f, &change, 1)[0].run_id;
        assert_int_equal(fixture_settle(&f, first).state, RUN_AWAITING_GUIDANCE);
        set_clock(&f, us_of("2026-04-15T09:00:00Z"));
        ScheduleFire *fires = wait_fires(&f, &change, 2);
        assert_int_equal(fires[0].outcome, FIRE_STARTED);
        assert_false(str_eq(fires[0].run_id, first));
        assert_int_equal(fixture_run(&f, first).state, RUN_AWAITING_GUIDANCE);
        fixture_done(&f);
    }
}

static bool set_active(Tx *tx, Fixture *f, void *argument, Error *err)
{
    Change *change = argument;
    Automation automation;
    return automation_set_active(tx, &f->arena, &f->scope, change->automation, change->flag, &automation, err);
}

static void test_deactivated__is_noted_and_does_not_run(void **state)
{
    (void)state;
    Fixture f;
    Change change = daily(&f, true, "");
    change.flag = false;
    assert_true(fixture_write(&f, set_active, &change));
    set_clock(&f, us_of("2026-04-14T09:00:00Z"));
    ScheduleFire *fires = wait_fires(&f, &change, 1);
    assert_int_equal(fires[0].outcome, FIRE_REFUSED);
    assert_true(str_contains(fires[0].reason, S("deactivated")));
    RunRow *runs;
    assert_int_equal(runs_of(&f, &change, &runs), 0);
    change.flag = true;
    assert_true(fixture_write(&f, set_active, &change));
    set_clock(&f, us_of("2026-04-15T09:00:00Z"));
    fires = wait_fires(&f, &change, 2);
    assert_int_equal(fires[0].outcome, FIRE_STARTED);
    fixture_done(&f);
}

static bool delete_workspace(Tx *tx, Fixture *f, void *argument, Error *err)
{
    Change *change = argument;
    Workspace workspace;
    if (!store_workspace_get(tx, &f->arena, f->scope.organization, f->scope.workspace_id, &workspace, err))
        return false;
    workspace.delete_us = change->flag ? tx_now_us(tx) : 0;
    return store_workspace_update(tx, &workspace, err);
}

static void test_deleted_workspace__starts_nothing_until_undeleted(void **state)
{
    (void)state;
    Fixture f;
    Change change = daily(&f, true, "");
    change.flag = true;
    assert_true(fixture_write(&f, delete_workspace, &change));
    set_clock(&f, us_of("2026-04-14T09:00:00Z"));
    ScheduleFire *fires = wait_fires(&f, &change, 1);
    assert_int_equal(fires[0].outcome, FIRE_REFUSED);
    assert_true(str_contains(fires[0].reason, S("workspace was deleted")));
    RunRow *runs;
    assert_int_equal(runs_of(&f, &change, &runs), 0);
    change.flag = false;
    assert_true(fixture_write(&f, delete_workspace, &change));
    set_clock(&f, us_of("2026-04-15T09:00:00Z"));
    fires = wait_fires(&f, &change, 2);
    assert_int_equal(fires[0].outcome, FIRE_STARTED);
    fixture_done(&f);
}

static void test_end__comes_after_so_many_runs(void **state)
{
    (void)state;
    Fixture f;
    Change change =
        daily(&f, true, ",\"end\":{\"end_type\":\"SCHEDULE_END_TYPE_AFTER_OCCURRENCES\",\"max_occurrences\":2}");
    int64_t times[10];
    assert_int_equal(timetable_upcoming(&change.row, &change.schedule, 10, times), 2);
    set_clock(&f, us_of("2026-04-14T09:00:00Z"));
    wait_next(&f, &change, us_of("2026-04-15T09:00:00Z"));
    ScheduleRow row = row_of(&f, &change);
    assert_int_equal(timetable_remaining(&row, &change.schedule), 1);
    assert_int_equal(timetable_upcoming(&row, &change.schedule, 10, times), 1);
    set_clock(&f, us_of("2026-04-15T09:00:00Z"));
    wait_next(&f, &change, 0);
    row = row_of(&f, &change);
    assert_int_equal(timetable_remaining(&row, &change.schedule), 0);
    assert_int_equal(timetable_upcoming(&row, &change.schedule, 10, times), 0);
    fixture_done(&f);
}

static bool set_enabled(Tx *tx, Fixture *f, void *argument, Error *err)
{
    Change *change = argument;
    return timetable_enable(tx, f->engine, &f->arena, &f->scope, change->automation, change->flag, &change->row, err);
}

static void test_enable__goes_on_from_now_and_makes_up_for_nothing(void **state)
{
    (void)state;
    Fixture f;
    Change change = daily(&f, true, ",\"missed_policy\":\"MISSED_POLICY_ALL\"");
    change.flag = false;
    assert_true(fixture_write(&f, set_enabled, &change));
    assert_int_equal(change.row.next_us, 0);
    set_clock(&f, us_of("2026-04-16T10:00:00Z"));
    change.flag = true;
    assert_true(fixture_write(&f, set_enabled, &change));
    assert_int_equal(change.row.next_us, us_of("2026-04-17T09:00:00Z"));
    set_clock(&f, us_of("2026-04-17T09:00:00Z"));
    wait_fires(&f, &change, 1);
    fixture_done(&f);
}

static bool turn_back(Tx *tx, Fixture *f, void *argument, Error *err)
{
    Change *change = argument;
    ScheduleRow row;
    if (!timetable_get(tx, &f->arena, &f->scope, change->automation, &row, err))
        return false;
    row.next_us = us_of("2026-04-14T09:00:00Z");
    return store_schedule_update(tx, &row, err);
}

static void test_due__starts_nothing_a_second_time(void **state)
{
    (void)state;
    Fixture f;
    Change change = daily(&f, true, "");
    set_clock(&f, us_of("2026-04-14T09:00:00Z"));
    wait_fires(&f, &change, 1);
    assert_true(fixture_write(&f, turn_back, &change));
    set_clock(&f, us_of("2026-04-14T09:00:01Z"));
    wait_next(&f, &change, us_of("2026-04-15T09:00:00Z"));
    RunRow *runs;
    assert_int_equal(runs_of(&f, &change, &runs), 1);
    fixture_done(&f);
}

/* Both are read in one transaction: the timekeeper may fire between two. */
static void assert_notes_match_runs(Fixture *f, const Change *change)
{
    Tx *tx;
    ScheduleFire *fires;
    RunRow *runs;
    int noted, started;
    ListEnd end;
    ListQuery query = {.limit = 100};
    assert_true(tx_begin_read(f->reader, &tx, &f->err));
    assert_true(store_schedule_fires(tx, &f->arena, &f->scope, change->row.automation, 100, &fires, &noted, &f->err));
    assert_true(
        store_run_list(tx, &f->arena, &f->scope, change->row.automation, &query, &runs, &started, &end, &f->err));
    tx_end(tx);
    assert_int_equal(noted, started);
}

/* Each database call of a firing fails once: whatever is on disk then, a time has its note exactly when it has its
 * run. */
static void test_due__survives_any_store_fault(void **state)
{
    (void)state;
    Fixture f;
    Change change = daily(&f, true, ",\"missed_policy\":\"MISSED_POLICY_ALL\"");
    for (int calls = 0; calls < 24; calls++) {
        int64_t due = us_of("2026-04-14T09:00:00Z") + calls * DAY_US;
        ScheduleRow row = row_of(&f, &change);
        store_fail_after(f.store, calls);
        for (int i = 0; i < 4000 && row.next_us == due; i++) {
            set_clock(&f, due + i * 2000000LL); /* a refused firing is tried again a second later */
            usleep(5000);
            row = row_of(&f, &change);
            assert_notes_match_runs(&f, &change);
        }
        store_fail_after(f.store, -1);
        assert_int_equal(row.next_us, due + DAY_US);
    }
    wait_fires(&f, &change, 24);
    fixture_done(&f);
}

static bool look_from_elsewhere(Tx *tx, Fixture *f, void *argument, Error *err)
{
    Change *change = argument;
    ScheduleRow row;
    ScheduleFire *fires;
    int n;
    Scope other = f->scope;
    other.workspace++;
    assert_false(store_schedule_get(tx, &f->arena, &other, change->row.automation, &row, err));
    assert_int_equal(err->code, NOT_FOUND);
    assert_false(store_schedule_delete(tx, &other, change->row.automation, err));
    assert_int_equal(err->code, NOT_FOUND);
    row = change->row;
    row.scope = other;
    assert_false(store_schedule_update(tx, &row, err));
    error_clear(err);
    assert_true(store_schedule_fires(tx, &f->arena, &other, change->row.automation, 10, &fires, &n, err));
    assert_int_equal(n, 0);
    assert_false(timetable_delete(tx, &f->arena, &other, change->automation, err));
    error_clear(err);
    return true;
}

static void test_rows__are_not_there_for_another_tenant(void **state)
{
    (void)state;
    Fixture f;
    Change change = daily(&f, true, "");
    set_clock(&f, us_of("2026-04-14T09:00:00Z"));
    wait_fires(&f, &change, 1);
    assert_true(fixture_write(&f, look_from_elsewhere, &change));
    assert_int_equal(row_of(&f, &change).fired, 1);
    fixture_done(&f);
}

static void test_create__is_refused_where_there_is_one(void **state)
{
    (void)state;
    Fixture f;
    Change change = daily(&f, true, "");
    assert_false(fixture_write(&f, create, &change));
    assert_int_equal(f.err.code, ALREADY_EXISTS);
    fixture_done(&f);
}

static bool note_many(Tx *tx, Fixture *f, void *argument, Error *err)
{
    (void)f;
    Change *change = argument;
    for (int i = 0; i < 150; i++) {
        ScheduleFire fire = {.due_us = 1000 + i, .outcome = FIRE_MISSED, .reason = S("r")};
        if (!store_schedule_note(tx, &change->row, &fire, err))
            return false;
    }
    return true;
}

static void test_note__keeps_the_newest_hundred(void **state)
{
    (void)state;
    Fixture f;
    Change change = daily(&f, true, "");
    assert_true(fixture_write(&f, note_many, &change));
    ScheduleFire *fires = wait_fires(&f, &change, 100);
    assert_int_equal(fires[0].due_us, 1149);
    assert_int_equal(fires[99].due_us, 1050);
    fixture_done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_due__starts_one_run_with_default_inputs),
        cmocka_unit_test(test_missed__are_made_up_for_as_the_policy_says),
        cmocka_unit_test(test_overlap__is_left_out_while_the_run_before_waits),
        cmocka_unit_test(test_overlap__is_allowed_unless_somebody_says_otherwise),
        cmocka_unit_test(test_deactivated__is_noted_and_does_not_run),
        cmocka_unit_test(test_deleted_workspace__starts_nothing_until_undeleted),
        cmocka_unit_test(test_end__comes_after_so_many_runs),
        cmocka_unit_test(test_enable__goes_on_from_now_and_makes_up_for_nothing),
        cmocka_unit_test(test_due__starts_nothing_a_second_time),
        cmocka_unit_test(test_due__survives_any_store_fault),
        cmocka_unit_test(test_rows__are_not_there_for_another_tenant),
        cmocka_unit_test(test_create__is_refused_where_there_is_one),
        cmocka_unit_test(test_note__keeps_the_newest_hundred),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
