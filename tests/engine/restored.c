/* Tests of src/engine/restored.c: a restored copy does nothing by itself that the original may have done meanwhile. */
#include "fixture.h"

#include <stdlib.h>
#include <unistd.h>

#include "engine/timetable.h"
#include "store/backup.h"

#define HOUR_US (3600LL * 1000000)

static const char waits[] = "wait(hours(2))\nbank.pay(amount=5)\nset_output(\"done\", value=1)\n";
static const char asks[] = "n = read_input(\"n\", type=number)\nset_output(\"n\", value=n)\n";
static const char counts[] = "set_output(\"n\", value=1)\n";

static void ignore(void *self, Str problem)
{
    (void)self, (void)problem;
}

/* The fixture goes on with a copy of what it has now; the engine has stopped. */
static void restore_copy(Fixture *f, bool hold)
{
    Findings findings = {.found = ignore};
    Backup backup;
    Str copy = str_printf(&f->arena, "%s-b", f->directory), restored = str_printf(&f->arena, "%s-r", f->directory);
    assert_true(store_backup(str_from_c(f->directory), copy, S("1"), &findings, &backup, &f->err));
    assert_true(store_restore(copy, restored, hold, &findings, &backup, &f->err));
    assert_int_equal(findings.n, 0);
    store_reader_close(f->reader);
    store_close(f->store);
    StoreOptions options = {.location = restored};
    assert_true(store_open(&options, &f->store, &f->err));
    assert_true(store_reader_open(f->store, &f->reader, &f->err));
}

static void wait_completed(Fixture *f, Str run)
{
    for (int i = 0; i < 20000 && fixture_run(f, run).state != RUN_COMPLETED; i++)
        usleep(1000);
    assert_int_equal(fixture_run(f, run).state, RUN_COMPLETED);
}

static void done(Fixture *f)
{
    Str command = str_printf(&f->arena, "rm -rf %s-b %s-r", f->directory, f->directory);
    assert_int_equal(system(str_to_c(&f->arena, command)), 0);
    fixture_done(f);
}

typedef struct Name {
    Str id;
    RunRow out;
} Name;

static bool go_on(Tx *tx, Fixture *f, void *argument, Error *err)
{
    Name *name = argument;
    return run_continue(tx, f->engine, &f->arena, &f->scope, 0, name->id, &name->out, err);
}

static void test_restored__runs_under_way_stop_until_somebody_lets_them_go_on(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f);
    Str waiting = fixture_invoke(&f, fixture_automation(&f, "Waits", waits, true), STAGE_PUBLISHED, "{}").id;
    Str asking = fixture_invoke(&f, fixture_automation(&f, "Asks", asks, true), STAGE_PUBLISHED, "{}").id;
    Str ended = fixture_invoke(&f, fixture_automation(&f, "Counts", counts, true), STAGE_PUBLISHED, "{}").id;
    assert_true(fixture_run(&f, waiting).timer_parked);
    fixture_stop_engine(&f);
    bool ok;
    f.engine = NULL;
    restore_copy(&f, true);
    atomic_fetch_add(&f.now_us, 3 * HOUR_US); /* the hour that it waited for has passed */
    fixture_start_engine(&f);
    RunRow run = fixture_run(&f, waiting);
    assert_int_equal(run.state, RUN_STOPPED);
    assert_non_null(strstr(str_to_c(&f.arena, run.reason), "Restored from a backup"));
    assert_int_equal(fixture_run(&f, asking).state, RUN_AWAITING_GUIDANCE);
    assert_int_equal(fixture_run(&f, ended).state, RUN_COMPLETED);
    usleep(50000);
    assert_int_equal(f.calls[EFFECT_ONCE], 0);

    /* The next start holds nothing again: what was let go on goes on. */
    Name name = {.id = waiting};
    ok = fixture_write(&f, go_on, &name);
    if (!ok)
        fail_msg("%s", f.err.message);
    wait_completed(&f, waiting);
    assert_int_equal(f.calls[EFFECT_ONCE], 1);
    Str later = fixture_invoke(&f, fixture_automation(&f, "Waits again", waits, true), STAGE_PUBLISHED, "{}").id;
    fixture_stop_engine(&f);
    fixture_start_engine(&f);
    assert_int_equal(fixture_run(&f, later).state, RUN_EXECUTING);
    done(&f);
}

static bool ask_within_an_hour(Tx *tx, Fixture *f, void *argument, Error *err)
{
    Invocation invocation = {.automation_id = *(Str *)argument,
                             .stage = STAGE_PUBLISHED,
                             .source = SOURCE_MANUAL,
                             .has_deadline = true,
                             .deadline_us = HOUR_US};
    RunRow run;
    bool ok = run_invoke(tx, f->engine, &f->arena, &f->scope, &invocation, &run, err);
    *(Str *)argument = run.id;
    return ok;
}

static void test_restored__deadlines_that_have_passed_end_nothing(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f);
    Str run = fixture_automation(&f, "Asks", asks, true);
    assert_true(fixture_write(&f, ask_within_an_hour, &run));
    assert_int_equal(fixture_settle(&f, run).state, RUN_AWAITING_GUIDANCE);
    fixture_stop_engine(&f);
    restore_copy(&f, true);
    atomic_fetch_add(&f.now_us, 3 * HOUR_US);
    fixture_start_engine(&f);
    assert_int_equal(fixture_run(&f, run).deadline_us, 0);
    usleep(50000);
    assert_int_equal(fixture_run(&f, run).state, RUN_AWAITING_GUIDANCE);
    done(&f);
}

static void test_go_on__takes_everything_up_as_after_a_crash(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f);
    Str waiting = fixture_invoke(&f, fixture_automation(&f, "Waits", waits, true), STAGE_PUBLISHED, "{}").id;
    fixture_stop_engine(&f);
    restore_copy(&f, false);
    atomic_fetch_add(&f.now_us, 3 * HOUR_US);
    fixture_start_engine(&f);
    wait_completed(&f, waiting);
    assert_int_equal(f.calls[EFFECT_ONCE], 1);
    done(&f);
}

typedef struct Plan {
    Str automation;
    Schedule schedule;
    ScheduleRow row;
} Plan;

static bool create(Tx *tx, Fixture *f, void *argument, Error *err)
{
    Plan *plan = argument;
    return timetable_create(tx, f->engine, &f->arena, &f->scope, plan->automation, &plan->schedule, &plan->row, err);
}

static void test_restored__times_that_passed_are_noted_as_missed(void **state)
{
    (void)state;
    Fixture f;
    fixture_init(&f);
    Plan plan = {.automation = fixture_automation(&f, "Hourly", counts, true)};
    const Json *json;
    assert_true(json_parse(&f.arena,
                           S("{\"start\":{\"start_date\":{\"year\":2020,\"month\":1,\"day\":1},\"time\":{\"hours\":9}},"
                             "\"repeat_interval\":{\"unit\":\"FREQUENCY_UNIT_HOUR\"}}"),
                           16, &json, &f.err));
    if (!schedule_read(&f.arena, json, atomic_load(&f.now_us), &plan.schedule, &f.err) ||
        !fixture_write(&f, create, &plan))
        fail_msg("%s", f.err.message);
    int64_t due_us = plan.row.next_us;
    fixture_stop_engine(&f);
    restore_copy(&f, true);
    atomic_store(&f.now_us, due_us + 5 * HOUR_US);
    fixture_start_engine(&f);
    Tx *tx;
    ScheduleRow row;
    ScheduleFire *fires;
    int n;
    assert_true(tx_begin_read(f.reader, &tx, &f.err));
    assert_true(store_schedule_get(tx, &f.arena, &f.scope, plan.row.automation, &row, &f.err));
    assert_true(store_schedule_fires(tx, &f.arena, &f.scope, plan.row.automation, 10, &fires, &n, &f.err));
    tx_end(tx);
    assert_int_equal(n, 1);
    assert_int_equal(fires[0].outcome, FIRE_MISSED);
    assert_int_equal(fires[0].due_us, due_us);
    assert_str(fires[0].reason, "the server was restored from a backup");
    assert_true(row.next_us > due_us + 5 * HOUR_US);
    assert_int_equal(row.fired, 0);
    done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_restored__runs_under_way_stop_until_somebody_lets_them_go_on),
        cmocka_unit_test(test_restored__deadlines_that_have_passed_end_nothing),
        cmocka_unit_test(test_go_on__takes_everything_up_as_after_a_crash),
        cmocka_unit_test(test_restored__times_that_passed_are_noted_as_missed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
