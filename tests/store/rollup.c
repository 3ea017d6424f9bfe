/* Tests of src/store/rollup.c: sums against a count of the runs themselves. */
#include "store/rollup.h"

#include <stdlib.h>

#include "store/fixture.h"

#define N_RUNS 400
#define N_AUTOMATIONS 3
#define QUARTERS 12

typedef struct Sample {
    Fixture *f;
    uint64_t random;
    int64_t automations[N_AUTOMATIONS + 1]; /* the last is none: an execution by itself */
    RunRow runs[N_RUNS];
    bool manual[N_RUNS];
} Sample;

static uint64_t next_random(Sample *sample)
{
    sample->random = sample->random * 6364136223846793005u + 1442695040888963407u;
    return sample->random >> 33;
}

#define START (INT64_C(1700000100) * 1000000)

static bool make_automations(Tx *tx, void *argument, Error *err)
{
    Sample *sample = argument;
    Fixture *f = sample->f;
    sample->automations[0] = f->automation.key;
    for (int i = 1; i < N_AUTOMATIONS; i++) {
        Automation automation = f->automation;
        Revision revision = f->revision;
        automation.id = new_id(f);
        automation.display_name = automation.id;
        if (!store_automation_create(tx, &f->scope, &automation, &revision, err))
            return false;
        sample->automations[i] = automation.key;
    }
    return true;
}

static bool insert_all(Tx *tx, void *argument, Error *err)
{
    Sample *sample = argument;
    for (int i = 0; i < N_RUNS; i++) {
        RunRow *run = &sample->runs[i];
        *run = run_of(sample->f);
        run->automation = sample->automations[next_random(sample) % (N_AUTOMATIONS + 1)];
        run->create_us = START + (int64_t)(next_random(sample) % (QUARTERS * (uint64_t)ROLLUP_US));
        if (i % 7 == 0)
            run->state = RUN_COMPLETED; /* some are inserted when all is over */
        if (!store_run_insert(tx, run, err))
            return false;
    }
    return true;
}

static bool answer(Tx *tx, Sample *sample, int i, Error *err)
{
    const RunRow *run = &sample->runs[i];
    ExceptionRow exception = {.scope = run->scope,
                              .id = new_id(sample->f),
                              .run = run->key,
                              .automation = run->automation,
                              .run_id = run->id,
                              .state = EXCEPTION_RESOLVED,
                              .stage = STAGE_PUBLISHED,
                              .resolver = i % 2 ? S("users/u1") : S("agents/astral")};
    sample->manual[i] = i % 2;
    return store_exception_insert(tx, &exception, err);
}

static bool end_some(Tx *tx, void *argument, Error *err)
{
    static const RunState ends[] = {RUN_COMPLETED, RUN_FAILED, RUN_AWAITING_GUIDANCE, RUN_EXECUTING};
    Sample *sample = argument;
    for (int i = 0; i < N_RUNS; i++) {
        RunRow *run = &sample->runs[i];
        if (run->state == RUN_COMPLETED)
            continue;
        if (next_random(sample) % 3 == 0 && !answer(tx, sample, i, err))
            return false;
        run->state = RUN_EXECUTING;
        if (!store_run_update(tx, run, err))
            return false;
        run->state = ends[next_random(sample) % 4];
        /* Written twice, an end still counts once. */
        if (!store_run_update(tx, run, err) || !store_run_update(tx, run, err))
            return false;
    }
    return true;
}

static void begin_sample(Fixture *f, Sample *sample)
{
    fixture_begin_tenant(f);
    *sample = (Sample){.f = f, .random = 4711};
    assert_works(f, write_with(f, make_automations, sample));
    assert_works(f, write_with(f, insert_all, sample));
    assert_works(f, write_with(f, end_some, sample));
}

static void count_run(RunCounts *counts, const Sample *sample, int i)
{
    counts->total++;
    counts->completed += sample->runs[i].state == RUN_COMPLETED;
    counts->manual += sample->runs[i].state == RUN_COMPLETED && sample->manual[i];
    counts->failed += sample->runs[i].state == RUN_FAILED;
}

typedef struct Gathered {
    RunCounts of[N_AUTOMATIONS];
    const Sample *sample;
    int64_t from, until;
} Gathered;

static void gather(void *self, const RunSum *sum)
{
    Gathered *gathered = self;
    assert_true(sum->at_us >= gathered->from && sum->at_us < gathered->until);
    for (int i = 0; i < N_AUTOMATIONS; i++) {
        if (gathered->sample->automations[i] != sum->automation)
            continue;
        gathered->of[i].total += sum->counts.total;
        gathered->of[i].completed += sum->counts.completed;
        gathered->of[i].manual += sum->counts.manual;
        gathered->of[i].failed += sum->counts.failed;
        return;
    }
    fail_msg("an execution without an automation was counted");
}

static void test_sums__are_exact_in_any_window(void **state)
{
    (void)state;
    Fixture f;
    Sample *sample = calloc(1, sizeof *sample);
    begin_sample(&f, sample);
    Tx *tx = read_begin(&f);
    for (int round = 0; round < 100; round++) {
        int64_t span = QUARTERS * ROLLUP_US;
        Gathered gathered = {.sample = sample};
        gathered.from = START + (int64_t)(next_random(sample) % (uint64_t)span);
        gathered.until = gathered.from + (int64_t)(next_random(sample) % (uint64_t)span);
        if (round % 4 == 0) {
            gathered.from -= gathered.from % ROLLUP_US;
            gathered.until -= gathered.until % ROLLUP_US;
        }
        if (round % 10 == 1)
            gathered.until = gathered.from + 60000000;
        Scope scope = f.scope;
        if (round % 2)
            scope.workspace = 0;
        RunCounts expected[N_AUTOMATIONS] = {{0}};
        for (int i = 0; i < N_RUNS; i++) {
            const RunRow *run = &sample->runs[i];
            for (int a = 0; a < N_AUTOMATIONS; a++) {
                if (run->automation == sample->automations[a] && run->create_us >= gathered.from &&
                    run->create_us < gathered.until)
                    count_run(&expected[a], sample, i);
            }
        }
        assert_works(&f, store_run_sums(tx, &scope, gathered.from, gathered.until, gather, &gathered, &f.err));
        assert_memory_equal(gathered.of, expected, sizeof expected);
    }
    read_end(tx);
    fixture_end(&f);
    free(sample);
}

static void test_automation_runs__sum_all_time(void **state)
{
    (void)state;
    Fixture f;
    Sample *sample = calloc(1, sizeof *sample);
    begin_sample(&f, sample);
    AutomationRuns *rows;
    int n;
    Tx *tx = read_begin(&f);
    assert_works(&f, store_automation_runs(tx, &f.arena, &f.scope, &rows, &n, &f.err));
    assert_int_equal(n, N_AUTOMATIONS);
    for (int a = 0; a < n; a++) {
        RunCounts expected = {0};
        for (int i = 0; i < N_RUNS; i++) {
            if (sample->runs[i].automation == rows[a].automation)
                count_run(&expected, sample, i);
        }
        assert_true(expected.total > 0 && expected.manual > 0 && expected.failed > 0);
        assert_memory_equal(&rows[a].counts, &expected, sizeof expected);
    }
    read_end(tx);
    fixture_end(&f);
    free(sample);
}

static void refuse_any(void *self, const RunSum *sum)
{
    (void)self;
    (void)sum;
    fail_msg("a foreign tenant sees runs");
}

static void test_sums__stay_within_their_tenant(void **state)
{
    (void)state;
    Fixture f;
    Sample *sample = calloc(1, sizeof *sample);
    begin_sample(&f, sample);
    Scope foreign = f.scope, elsewhere = f.scope;
    foreign.organization++;
    elsewhere.workspace++;
    AutomationRuns *rows;
    int n;
    Tx *tx = read_begin(&f);
    assert_works(&f, store_run_sums(tx, &foreign, 1, INT64_MAX, refuse_any, NULL, &f.err));
    assert_works(&f, store_run_sums(tx, &elsewhere, START + 1, START + 5 * ROLLUP_US + 1, refuse_any, NULL, &f.err));
    assert_works(&f, store_automation_runs(tx, &f.arena, &foreign, &rows, &n, &f.err));
    assert_int_equal(n, 0);
    read_end(tx);
    fixture_end(&f);
    free(sample);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sums__are_exact_in_any_window),
        cmocka_unit_test(test_automation_runs__sum_all_time),
        cmocka_unit_test(test_sums__stay_within_their_tenant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
