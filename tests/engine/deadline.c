/* tests/engine/deadline.c: a run that has not ended by when it must have fails, whatever it is at. */
#include "fixture.h"

#include <unistd.h>

#include "aip/page.h"
#include "engine/replay.h"

#define HOUR_US (3600LL * 1000000)
#define FROM_AUTOMATION "The run did not end within 1 hour, which its automation sets (run_deadline)"
#define FROM_START "The run did not end within 1 hour, which was set when it was started (deadline)"

static const char counts[] = "set_output(\"n\", value=1)\n";
static const char asks[] = "x = ask(\"Who?\")\nset_output(\"x\", value=x)\n";
static const char waits[] = "wait(days(3))\nset_output(\"x\", value=1)\n";
static const char forever[] = "n = 0\nwhile n >= 0:\n    n = n + 1\nset_output(\"n\", value=n)\n";
static const char wires[] = "a = bank.wire(amount=20)\nset_output(\"a\", value=a)\n";
static const char transfers[] = "a = bank.transfer(amount=20)\nset_output(\"a\", value=a)\n";
static const char batch[] = "items = [1, 2, 3]\nfor item in at_the_same_time(items):\n    x = ask(\"Who?\")\n"
                            "set_output(\"n\", value=1)\n";

/* ---- what is done ---- */

static bool set_one_hour(Tx *tx, Fixture *f, void *argument, Error *err)
{
    AutomationEdit edit = {.has_run_deadline = true, .run_deadline_us = HOUR_US};
    Automation automation;
    Revision revision;
    return automation_edit(tx, &f->arena, &f->scope, *(Str *)argument, &edit, S("u1"), &automation, &revision, err);
}

static Str automation_with_deadline(Fixture *f, const char *name, const char *code)
{
    Str id = fixture_automation(f, name, code, true);
    if (!fixture_write(f, set_one_hour, &id))
        fail_msg("%s", f->err.message);
    return id;
}

/* Of an automation that gives its runs an hour. */
static RunRow start(Fixture *f, const char *name, const char *code, Stage stage)
{
    bool ok;
    RunRow run = fixture_invoke_only(f, automation_with_deadline(f, name, code), stage, "{}", "", &ok);
    assert_true(ok);
    assert_int_equal(run.deadline_us, run.create_us + HOUR_US);
    return run;
}

typedef struct Call {
    Invocation invocation;
    RunRow out;
} Call;

static bool invoke(Tx *tx, Fixture *f, void *argument, Error *err)
{
    Call *call = argument;
    return run_invoke(tx, f->engine, &f->arena, &f->scope, &call->invocation, &call->out, err);
}

static RunRow start_within(Fixture *f, Str automation, int64_t deadline_us)
{
    Call call = {.invocation = {.automation_id = automation,
                                .stage = STAGE_PUBLISHED,
                                .source = SOURCE_MANUAL,
                                .has_deadline = true,
                                .deadline_us = deadline_us}};
    if (!fixture_write(f, invoke, &call))
        fail_msg("%s", f->err.message);
    return call.out;
}

static bool pause_it(Tx *tx, Fixture *f, void *argument, Error *err)
{
    RunRow *run = argument;
    return run_pause(tx, f->engine, &f->arena, &f->scope, 0, run->id, S(""), run, err);
}

/* The timekeeper looks at the world's clock once a second by itself; here it is told to look at once. */
static void later(Fixture *f, int64_t us)
{
    atomic_fetch_add(&f->now_us, us);
    if (f->engine)
        engine_deadline_due(f->engine, 1);
}

static RunRow wait_for(Fixture *f, Str run_id, RunState state)
{
    RunRow run = fixture_run(f, run_id);
    for (int i = 0; i < 20000 && run.state != state && !run_is_final(run.state); i++) {
        usleep(1000);
        run = fixture_run(f, run_id);
    }
    assert_int_equal(run.state, state);
    return run;
}

static void wait_overdue(Fixture *f, Str run_id, const char *description)
{
    RunRow run = wait_for(f, run_id, RUN_FAILED);
    assert_str(run.description, description);
    assert_true(run.error_id.len > 0);
}

static int64_t soonest(Fixture *f)
{
    Tx *tx;
    int64_t us;
    assert_true(tx_begin_read(f->reader, &tx, &f->err));
    assert_true(store_run_deadline_soonest(tx, 0, &us, &f->err));
    tx_end(tx);
    return us;
}

/* ---- each state ---- */

static void test_executing_and_pending_runs__fail_at_their_deadline(void **state)
{
    Fixture *f = *state;
    fixture_stop_engine(f);
    fixture_start_engine_with(f, (EngineOptions){.workers = 1, .max_active = 1, .budget = {.fuel = INT64_MAX}});
    RunRow executing = start(f, "forever", forever, STAGE_PUBLISHED);
    for (int i = 0; i < 20000 && fixture_run(f, executing.id).state != RUN_EXECUTING; i++) {
        atomic_fetch_add(&f->now_us, 1000); /* what it has done is written down every tenth of a second */
        usleep(1000);
    }
    RunRow pending = start(f, "forever too", forever, STAGE_PUBLISHED);
    later(f, HOUR_US / 2);
    usleep(20000);
    assert_int_equal(fixture_run(f, executing.id).state, RUN_EXECUTING);
    assert_int_equal(fixture_run(f, pending.id).state, RUN_PENDING);
    later(f, HOUR_US);
    wait_overdue(f, executing.id, FROM_AUTOMATION);
    wait_overdue(f, pending.id, FROM_AUTOMATION);
    fixture_invoke(f, fixture_automation(f, "counts", counts, true), STAGE_PUBLISHED, "{}"); /* the worker is free */
}

static void test_run_on_a_timer__fails_at_its_deadline_paused_or_not(void **state)
{
    Fixture *f = *state;
    RunRow parked = start(f, "waits", waits, STAGE_PUBLISHED), paused = start(f, "waits too", waits, STAGE_PUBLISHED);
    assert_true(fixture_settle(f, parked.id).timer_parked && fixture_settle(f, paused.id).timer_parked);
    assert_true(fixture_write(f, pause_it, &paused));
    assert_int_equal(fixture_run(f, paused.id).state, RUN_STOPPED);
    later(f, 2 * HOUR_US);
    wait_overdue(f, parked.id, FROM_AUTOMATION);
    wait_overdue(f, paused.id, FROM_AUTOMATION);
    later(f, 100 * HOUR_US); /* its timer wakes nobody any more */
    usleep(20000);
    assert_int_equal(fixture_run(f, parked.id).state, RUN_FAILED);
}

static void test_run_that_asks__fails_and_its_question_is_archived(void **state)
{
    Fixture *f = *state;
    RunRow published = start(f, "asks", asks, STAGE_PUBLISHED), draft = start(f, "drafts", asks, STAGE_DRAFT);
    Str asked = fixture_settle(f, published.id).exception_id;
    assert_int_equal(fixture_settle(f, draft.id).state, RUN_AWAITING_GUIDANCE);
    later(f, 2 * HOUR_US);
    wait_overdue(f, published.id, FROM_AUTOMATION);
    wait_overdue(f, draft.id, FROM_AUTOMATION);
    Tx *tx;
    ExceptionRow exception;
    assert_true(tx_begin_read(f->reader, &tx, &f->err));
    assert_true(store_exception_get(tx, &f->arena, &f->scope, asked, &exception, &f->err));
    tx_end(tx);
    assert_int_equal(exception.state, EXCEPTION_ARCHIVED);
    AnswerResult result;
    assert_false(fixture_answer(f, published.id, "use 2", false, &result));
}

static void test_run_whose_call_is_outside__fails_and_what_comes_back_is_dropped(void **state)
{
    Fixture *f = *state;
    RunRow run = start(f, "wires", wires, STAGE_PUBLISHED);
    fixture_wait_begun(f, EFFECT_KEYED, 1);
    later(f, 2 * HOUR_US);
    wait_overdue(f, run.id, FROM_AUTOMATION);
    fixture_come_back(f, OK);
    for (int i = 0; i < 10000 && f->dropped == 0; i++)
        usleep(1000);
    assert_int_equal(f->dropped, 1);
    assert_int_equal(fixture_run(f, run.id).state, RUN_FAILED);
}

static void test_run_with_children__ends_with_all_of_them(void **state)
{
    Fixture *f = *state;
    RunRow run = start(f, "batch", batch, STAGE_PUBLISHED), *children;
    PageCursor cursor = {0};
    ListQuery query = {.cursor = &cursor, .limit = 10};
    ListEnd end;
    Tx *tx;
    int n = 0;
    for (int i = 0; i < 10000 && n < 3; i++) {
        usleep(1000);
        assert_true(tx_begin_read(f->reader, &tx, &f->err));
        assert_true(store_run_list_children(tx, &f->arena, &f->scope, run.key, &query, &children, &n, &end, &f->err));
        tx_end(tx);
    }
    assert_int_equal(n, 3);
    for (int i = 0; i < n; i++)
        wait_for(f, children[i].id, RUN_AWAITING_GUIDANCE);
    later(f, 2 * HOUR_US);
    wait_overdue(f, run.id, FROM_AUTOMATION);
    for (int i = 0; i < n; i++)
        wait_overdue(f, children[i].id, "The run that this item belongs to has ended");
}

/* ---- whose deadline ---- */

static void test_deadline_of_the_start__takes_the_place_of_the_automations(void **state)
{
    Fixture *f = *state;
    Str without = fixture_automation(f, "without", asks, true), with = automation_with_deadline(f, "with", asks);
    RunRow none = fixture_invoke(f, without, STAGE_PUBLISHED, "{}"), own = start_within(f, without, HOUR_US),
           freed = start_within(f, with, 0), more = start_within(f, with, 3 * HOUR_US);
    assert_int_equal(none.deadline_us, 0);
    assert_int_equal(freed.deadline_us, 0);
    wait_for(f, freed.id, RUN_AWAITING_GUIDANCE);
    wait_for(f, more.id, RUN_AWAITING_GUIDANCE);
    later(f, 2 * HOUR_US);
    wait_overdue(f, own.id, FROM_START);
    later(f, 1000);
    usleep(20000);
    assert_int_equal(fixture_run(f, more.id).state, RUN_AWAITING_GUIDANCE);
    assert_int_equal(soonest(f), more.deadline_us);
    later(f, 2 * HOUR_US);
    wait_overdue(f, more.id, "The run did not end within 3 hours, which was set when it was started (deadline)");
    assert_int_equal(fixture_run(f, none.id).state, RUN_AWAITING_GUIDANCE);
    assert_int_equal(fixture_run(f, freed.id).state, RUN_AWAITING_GUIDANCE);
    assert_int_equal(soonest(f), 0);
}

static void test_rerun__takes_the_automations(void **state)
{
    Fixture *f = *state;
    RunRow again, run = start_within(f, automation_with_deadline(f, "asks", asks), 0);
    wait_for(f, run.id, RUN_AWAITING_GUIDANCE);
    if (!run_rerun(f->engine, f->reader, &f->arena, &f->scope, &(Rerun){.run_id = run.id}, &again, &f->err))
        fail_msg("%s", f->err.message);
    assert_int_equal(again.deadline_us, again.create_us + HOUR_US);
    later(f, 2 * HOUR_US);
    wait_overdue(f, again.id, FROM_AUTOMATION);
}

static void test_run_that_ended_in_time__is_left_alone(void **state)
{
    Fixture *f = *state;
    RunRow run = start(f, "counts", counts, STAGE_PUBLISHED);
    wait_for(f, run.id, RUN_COMPLETED);
    assert_int_equal(soonest(f), 0);
    later(f, 2 * HOUR_US);
    usleep(20000);
    assert_int_equal(fixture_run(f, run.id).state, RUN_COMPLETED);
}

/* ---- many, restarts, faults ---- */

static void test_many_runs__all_fail_a_few_a_command(void **state)
{
    enum { MANY = 70 };
    Fixture *f = *state;
    Str id = automation_with_deadline(f, "waits", waits), runs[MANY];
    for (int i = 0; i < MANY; i++)
        runs[i] = fixture_invoke(f, id, STAGE_PUBLISHED, "{}").id;
    later(f, 2 * HOUR_US);
    for (int i = 0; i < MANY; i++)
        wait_overdue(f, runs[i], FROM_AUTOMATION);
}

static void test_run_that_cannot_be_ended__holds_up_no_other(void **state)
{
    enum { STUCK = 3, BEHIND = 40 };
    Fixture *f = *state;
    Str id = automation_with_deadline(f, "asks", asks), behind[BEHIND];
    RunRow stuck[STUCK];
    for (int i = 0; i < STUCK; i++) {
        stuck[i] = fixture_invoke(f, id, STAGE_PUBLISHED, "{}");
        assert_int_equal(stuck[i].state, RUN_AWAITING_GUIDANCE);
        fixture_lose_question(f, stuck[i].key);
    }
    for (int i = 0; i < BEHIND; i++)
        behind[i] = fixture_invoke(f, id, STAGE_PUBLISHED, "{}").id;
    later(f, 2 * HOUR_US);
    for (int i = 0; i < BEHIND; i++)
        wait_overdue(f, behind[i], FROM_AUTOMATION);
    for (int i = 0; i < STUCK; i++) {
        assert_int_equal(fixture_run(f, stuck[i].id).state, RUN_AWAITING_GUIDANCE);
        fixture_find_question(f, &stuck[i]);
    }
    later(f, 120LL * 1000000); /* they are tried again, and now nothing is in the way */
    for (int i = 0; i < STUCK; i++)
        wait_overdue(f, stuck[i].id, FROM_AUTOMATION);
}

static void test_deadline__is_kept_over_a_restart(void **state)
{
    Fixture *f = *state;
    RunRow over = start(f, "waits", waits, STAGE_PUBLISHED);
    fixture_settle(f, over.id);
    fixture_stop_engine(f);
    fixture_start_engine(f);
    usleep(20000);
    assert_true(fixture_run(f, over.id).timer_parked);
    later(f, 2 * HOUR_US);
    wait_overdue(f, over.id, FROM_AUTOMATION);

    RunRow meanwhile = start(f, "asks", asks, STAGE_PUBLISHED);
    fixture_settle(f, meanwhile.id);
    fixture_stop_engine(f);
    atomic_fetch_add(&f->now_us, 2 * HOUR_US); /* it passes while no server is there */
    fixture_start_engine(f);
    wait_overdue(f, meanwhile.id, FROM_AUTOMATION);
}

static void test_deadline__survives_any_store_fault(void **state)
{
    Fixture *f = *state;
    Str id = automation_with_deadline(f, "asks", asks);
    for (int calls = 0; calls < 40; calls++) {
        Str run = fixture_invoke(f, id, STAGE_PUBLISHED, "{}").id;
        store_fail_after(f->store, calls);
        later(f, 2 * HOUR_US);
        usleep(5000);
        store_fail_after(f->store, -1);
        for (int i = 0; i < 10000 && !run_is_final(fixture_run(f, run).state); i++) {
            later(f, 1000000);
            usleep(1000);
        }
        wait_overdue(f, run, FROM_AUTOMATION);
        fixture_journal(f, fixture_run(f, run).key);
    }
}

/* Its worker may be at the record of an effect, or at its end, just then: one of both is kept, whole. */
static void test_deadline_and_end__never_mix(void **state)
{
    Fixture *f = *state;
    Str id = automation_with_deadline(f, "transfers", transfers);
    for (int i = 0; i < 50; i++) {
        bool ok;
        RunRow run = fixture_invoke_only(f, id, STAGE_PUBLISHED, "{}", "", &ok);
        assert_true(ok);
        usleep((useconds_t)i * 20);
        later(f, 2 * HOUR_US);
        for (int tries = 0; tries < 20000 && !run_is_final(run.state); tries++) {
            usleep(1000);
            run = fixture_run(f, run.id);
        }
        assert_true(run_is_final(run.state));
        if (run.state == RUN_FAILED)
            assert_str(run.description, FROM_AUTOMATION);
        else
            assert_str(run.outputs, "{\"a\":{\"number\":{\"lo\":40,\"mid\":0,\"hi\":0,\"flags\":0}}}");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(test_executing_and_pending_runs__fail_at_their_deadline),
        FIXTURE_TEST(test_run_on_a_timer__fails_at_its_deadline_paused_or_not),
        FIXTURE_TEST(test_run_that_asks__fails_and_its_question_is_archived),
        FIXTURE_TEST(test_run_whose_call_is_outside__fails_and_what_comes_back_is_dropped),
        FIXTURE_TEST(test_run_with_children__ends_with_all_of_them),
        FIXTURE_TEST(test_deadline_of_the_start__takes_the_place_of_the_automations),
        FIXTURE_TEST(test_rerun__takes_the_automations),
        FIXTURE_TEST(test_run_that_ended_in_time__is_left_alone),
        FIXTURE_TEST(test_many_runs__all_fail_a_few_a_command),
        FIXTURE_TEST(test_run_that_cannot_be_ended__holds_up_no_other),
        FIXTURE_TEST(test_deadline__is_kept_over_a_restart),
        FIXTURE_TEST(test_deadline__survives_any_store_fault),
        FIXTURE_TEST(test_deadline_and_end__never_mix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
