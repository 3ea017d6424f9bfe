/* Tests of src/store/rollup.c: sums against a count of the runs themselves. */
#include "store/rollup.h"

#include <stdlib.h>

#include "store/fixture.h"

#define N_RUNS 400
#define N_AUTOMATIONS 3
#define QUARTERS 600 /* more than six days */

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

#define N_PARTS 3
typedef struct Gathered {
    RunCounts of[N_PARTS][N_AUTOMATIONS];
    const Sample *sample;
    int64_t from, until;
    int64_t bounds[N_PARTS - 1]; /* between the parts */
} Gathered;

static int part_of(const Gathered *gathered, int64_t us)
{
    int part = 0;
    for (; part < N_PARTS - 1 && us >= gathered->bounds[part];)
        part++;
    return part;
}

static void add_counts(RunCounts *into, const RunCounts *counts)
{
    into->total += counts->total;
    into->completed += counts->completed;
    into->manual += counts->manual;
    into->failed += counts->failed;
}

static void gather(void *self, const RunSum *sum)
{
    Gathered *gathered = self;
    assert_true(sum->at_us >= gathered->from && sum->at_us < gathered->until);
    for (int i = 0; i < N_AUTOMATIONS; i++) {
        if (gathered->sample->automations[i] == sum->automation) {
            add_counts(&gathered->of[part_of(gathered, sum->at_us)][i], &sum->counts);
            return;
        }
    }
    fail_msg("an execution without an automation was counted");
}

/* Any ends; bounds between them on quarters of an hour, as days of all zones have it. */
static void draw_window(Sample *sample, int round, Gathered *out)
{
    uint64_t span = QUARTERS * (uint64_t)ROLLUP_US;
    *out = (Gathered){.sample = sample};
    out->from = START + (int64_t)(next_random(sample) % span);
    out->until = out->from + (int64_t)(next_random(sample) % span);
    if (round % 4 == 0) {
        out->from -= out->from % ROLLUP_US;
        out->until -= out->until % ROLLUP_US;
    }
    if (round % 10 == 1)
        out->until = out->from + 60000000;
    for (int i = 0; i < N_PARTS - 1; i++)
        out->bounds[i] = START + (int64_t)(next_random(sample) % span);
    if (out->bounds[0] > out->bounds[1]) {
        int64_t swapped = out->bounds[0];
        out->bounds[0] = out->bounds[1];
        out->bounds[1] = swapped;
    }
    for (int i = 0; i < N_PARTS - 1; i++)
        out->bounds[i] -= out->bounds[i] % ROLLUP_US;
}

static void count_all(const Sample *sample, const Gathered *window, RunCounts out[N_PARTS][N_AUTOMATIONS])
{
    for (int i = 0; i < N_RUNS; i++) {
        const RunRow *run = &sample->runs[i];
        for (int a = 0; a < N_AUTOMATIONS; a++) {
            if (run->automation == sample->automations[a] && run->create_us >= window->from &&
                run->create_us < window->until)
                count_run(&out[part_of(window, run->create_us)][a], sample, i);
        }
    }
}

static void test_sums__are_exact_between_any_bounds(void **state)
{
    (void)state;
    Fixture f;
    Sample *sample = calloc(1, sizeof *sample);
    begin_sample(&f, sample);
    Tx *tx = read_begin(&f);
    for (int round = 0; round < 200; round++) {
        Gathered gathered;
        draw_window(sample, round, &gathered);
        Scope scope = f.scope;
        if (round % 2)
            scope.workspace = 0;
        RunCounts expected[N_PARTS][N_AUTOMATIONS] = {{{0}}};
        count_all(sample, &gathered, expected);
        SumWindow window = {gathered.from, gathered.until, gathered.bounds, N_PARTS - 1};
        assert_works(&f, store_run_sums(tx, &scope, &window, gather, &gathered, &f.err));
        assert_memory_equal(gathered.of, expected, sizeof expected);
    }
    read_end(tx);
    fixture_end(&f);
    free(sample);
}

/* However long ago runs were, whole days of them are one sum each. */
static void count_sum(void *self, const RunSum *sum)
{
    (void)sum;
    ++*(int *)self;
}

typedef struct Passing {
    Sample *sample;
    int n; /* runs that have begun */
} Passing;

/* A run begins; an earlier one, often of a quarter of an hour that is long over, ends. */
static bool begin_one_end_another(Tx *tx, void *argument, Error *err)
{
    Passing *passing = argument;
    Sample *sample = passing->sample;
    RunRow *run = &sample->runs[passing->n];
    *run = run_of(sample->f);
    run->automation = sample->automations[next_random(sample) % N_AUTOMATIONS];
    run->create_us = START + passing->n * ROLLUP_US / 3;
    if (passing->n % 20 == 19) /* the clock was set back */
        run->create_us -= 5 * ROLLUP_US;
    if (!store_run_insert(tx, run, err))
        return false;
    RunRow *other = &sample->runs[next_random(sample) % (uint64_t)++passing->n];
    if (other->state == RUN_COMPLETED || other->state == RUN_FAILED)
        return true;
    other->state = next_random(sample) % 4 ? RUN_COMPLETED : RUN_FAILED;
    return store_run_update(tx, other, err);
}

static void test_sums__are_exact_while_time_passes(void **state)
{
    (void)state;
    Fixture f;
    Sample *sample = calloc(1, sizeof *sample);
    Passing passing = {.sample = sample};
    fixture_begin_tenant(&f);
    *sample = (Sample){.f = &f, .random = 4711};
    assert_works(&f, write_with(&f, make_automations, sample));
    while (passing.n < 120) {
        assert_works(&f, write_with(&f, begin_one_end_another, &passing));
        Gathered gathered = {.sample = sample, .from = START, .until = START + passing.n * ROLLUP_US};
        gathered.bounds[0] = gathered.bounds[1] = START - START % ROLLUP_US + passing.n / 5 * ROLLUP_US;
        gathered.from -= 6 * ROLLUP_US;
        RunCounts expected[N_PARTS][N_AUTOMATIONS] = {{{0}}};
        count_all(sample, &gathered, expected);
        SumWindow window = {gathered.from, gathered.until, gathered.bounds, N_PARTS - 1};
        Tx *tx = read_begin(&f);
        assert_works(&f, store_run_sums(tx, &f.scope, &window, gather, &gathered, &f.err));
        read_end(tx);
        assert_memory_equal(gathered.of, expected, sizeof expected);
    }
    fixture_end(&f);
    free(sample);
}

static void test_sums__of_days_are_few(void **state)
{
    (void)state;
    Fixture f;
    Sample *sample = calloc(1, sizeof *sample);
    begin_sample(&f, sample);
    Tx *tx = read_begin(&f);
    const int64_t day = 96 * ROLLUP_US, first = START / day * day;
    int n = 0;
    SumWindow window = {.from_us = first, .until_us = first + 8 * day};
    assert_works(&f, store_run_sums(tx, &f.scope, &window, count_sum, &n, &f.err));
    assert_true(n > 0 && n <= 8 * N_AUTOMATIONS);
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
    SumWindow ever = {.from_us = 1, .until_us = INT64_MAX};
    SumWindow odd = {.from_us = START + 1, .until_us = START + 5 * ROLLUP_US + 1};
    assert_works(&f, store_run_sums(tx, &foreign, &ever, refuse_any, NULL, &f.err));
    assert_works(&f, store_run_sums(tx, &elsewhere, &odd, refuse_any, NULL, &f.err));
    assert_works(&f, store_automation_runs(tx, &f.arena, &foreign, &rows, &n, &f.err));
    assert_int_equal(n, 0);
    read_end(tx);
    fixture_end(&f);
    free(sample);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sums__are_exact_between_any_bounds),
        cmocka_unit_test(test_sums__are_exact_while_time_passes),
        cmocka_unit_test(test_sums__of_days_are_few),
        cmocka_unit_test(test_automation_runs__sum_all_time),
        cmocka_unit_test(test_sums__stay_within_their_tenant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
