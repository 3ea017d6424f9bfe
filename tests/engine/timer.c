/* tests/engine/timer.c: only the earliest timers are in memory; those behind them are for the store to know. */
#include "fixture.h"

#include <unistd.h>

#define DAY_US (86400LL * 1000000)

static const char waits[] = "wait(days(3))\nset_output(\"n\", value=1)\n";

enum { RUNS = 30, IN_MEMORY = 4 };

static void start_engine(Fixture *f)
{
    fixture_start_engine_with(f, (EngineOptions){.workers = 2, .timers_in_memory = IN_MEMORY});
}

static uint64_t in_memory(Fixture *f)
{
    EngineCounters counters;
    engine_counters(f->engine, &counters);
    return counters.timers;
}

/* All parked; `step_us` lies between their hours. */
static void park(Fixture *f, Str *runs, int64_t step_us)
{
    Str id = fixture_automation(f, "waits", waits, true);
    for (int i = 0; i < RUNS; i++) {
        runs[i] = fixture_invoke(f, id, STAGE_PUBLISHED, "{}").id;
        atomic_fetch_add(&f->now_us, step_us);
        assert_true(in_memory(f) <= IN_MEMORY);
    }
}

static void wait_completed(Fixture *f, const Str *runs, int n)
{
    for (int i = 0; i < n; i++) {
        for (int tries = 0; tries < 20000 && fixture_run(f, runs[i]).state != RUN_COMPLETED; tries++)
            usleep(1000);
        assert_int_equal(fixture_run(f, runs[i]).state, RUN_COMPLETED);
    }
}

static void test_timers__beyond_those_in_memory_come_in_their_turn(void **state)
{
    Fixture *f = *state;
    Str runs[RUNS];
    park(f, runs, -60LL * 1000000); /* each earlier than all before it */
    atomic_fetch_add(&f->now_us, 3 * DAY_US + 10LL * 60 * 1000000);
    wait_completed(f, &runs[RUNS - 9], 9);
    assert_true(fixture_run(f, runs[0]).timer_parked);
    assert_true(in_memory(f) <= IN_MEMORY);
    atomic_fetch_add(&f->now_us, DAY_US);
    wait_completed(f, runs, RUNS);
}

static void test_timers__of_the_same_moment_are_all_heeded(void **state)
{
    Fixture *f = *state;
    Str runs[RUNS];
    park(f, runs, 0);
    atomic_fetch_add(&f->now_us, 4 * DAY_US);
    wait_completed(f, runs, RUNS);
}

static void test_timers__beyond_those_in_memory_are_kept_over_a_restart(void **state)
{
    Fixture *f = *state;
    Str runs[RUNS];
    park(f, runs, 1000000);
    fixture_stop_engine(f);
    start_engine(f);
    assert_true(in_memory(f) <= IN_MEMORY);
    atomic_fetch_add(&f->now_us, 4 * DAY_US);
    wait_completed(f, runs, RUNS);
}

static void test_timers__survive_a_store_that_cannot_be_read(void **state)
{
    Fixture *f = *state;
    Str runs[RUNS];
    park(f, runs, 1000000);
    store_fail_after(f->store, 0);
    atomic_fetch_add(&f->now_us, 4 * DAY_US);
    usleep(1200000); /* the timekeeper looks at the clock once a second */
    store_fail_after(f->store, -1);
    /* Whatever could not be read is tried again a second later: the clock must go on until the last of them is over. */
    for (int run = 0; run < RUNS; run++) {
        for (int i = 0; i < 20000 && fixture_run(f, runs[run]).state != RUN_COMPLETED; i++) {
            atomic_fetch_add(&f->now_us, 100000);
            usleep(1000);
        }
    }
    wait_completed(f, runs, RUNS);
}

static int begin(void **state)
{
    fixture_setup(state);
    fixture_stop_engine(*state);
    start_engine(*state);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_timers__beyond_those_in_memory_come_in_their_turn),
        TEST(test_timers__of_the_same_moment_are_all_heeded),
        TEST(test_timers__beyond_those_in_memory_are_kept_over_a_restart),
        TEST(test_timers__survive_a_store_that_cannot_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
