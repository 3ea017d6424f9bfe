/* Tests of src/store/exception_sum.c: totals of lists against a count of the exceptions themselves, after any sequence
 * of operations, of which some are refused and several share a transaction. */
#include "store/fixture.h"

#include <string.h>

#include "aip/filter.h"
#include "base/random.h"
#include "store/backup.h"
#include "store/purge.h"

enum { ROUNDS = 60, TOGETHER = 8, RUNS = 5 };
#define STATES "UNSPECIFIED PENDING RESOLVED ARCHIVED"

typedef struct Operation {
    Command command;
    struct Sample *sample;
} Operation;

typedef struct Sample {
    Fixture *f;
    Random random;
    Operation operations[TOGETHER];
    int exceptions; /* how many there ever were; their ids are made of their numbers */
} Sample;

static int below(Sample *sample, int n)
{
    return (int)random_below(&sample->random, (uint64_t)n);
}

static Str name(Sample *sample, char kind, int number)
{
    return str_printf(&sample->f->arena, "%c%d", kind, number);
}

/* The last automation is none, the run's workspace that of its number. */
static bool insert(Tx *tx, Sample *sample, Error *err)
{
    int automation = below(sample, 3), run = below(sample, RUNS);
    ExceptionRow exception = {.scope = sample->f->scope,
                              .id = name(sample, 'x', ++sample->exceptions),
                              .run = run + 1,
                              .run_id = name(sample, 'r', run),
                              .automation = automation,
                              .automation_id = automation ? name(sample, 'a', automation) : S(""),
                              .group = below(sample, 2) ? S("missing_values") : S(""),
                              .state = EXCEPTION_PENDING + (ExceptionState)below(sample, 3),
                              .stage = STAGE_PUBLISHED,
                              .extra = S("{}")};
    exception.scope.workspace += run % 2;
    return store_exception_insert(tx, &exception, err);
}

static bool change(Tx *tx, Sample *sample, Error *err)
{
    ExceptionRow exception;
    Scope scope = sample->f->scope;
    Str id = name(sample, 'x', 1 + below(sample, sample->exceptions + 1));
    scope.workspace += below(sample, 2);
    if (!store_exception_get(tx, &sample->f->arena, &scope, id, &exception, err))
        return false;
    exception.state = EXCEPTION_PENDING + (ExceptionState)below(sample, 3);
    return store_exception_update(tx, &exception, err);
}

static bool purge(Tx *tx, Sample *sample, Error *err)
{
    int run = below(sample, RUNS);
    const PurgeRun gone = {.key = run + 1, .id = name(sample, 'r', run)};
    const Purge of = {.organization = sample->f->scope.organization, .workspace = sample->f->scope.workspace + run % 2};
    return store_purge_run(tx, &of, &gone, err);
}

static bool operate(Tx *tx, Command *command, Error *err)
{
    Sample *sample = ((Operation *)command)->sample;
    int what = below(sample, 20);
    if (!(what < 10 ? insert(tx, sample, err) : what < 19 ? change(tx, sample, err) : purge(tx, sample, err)))
        return false;
    return below(sample, 6) != 0 || error_set(err, FAILED_PRECONDITION, "", "it changes its mind");
}

static int64_t total(Sample *sample, Tx *tx, const Scope *scope, const Filter *filter)
{
    ListQuery query = {.filter = filter, .limit = 1, .want_total = true};
    ExceptionRow *rows;
    ListEnd end;
    int n;
    Fixture *f = sample->f;
    assert_works(f, store_exception_list(tx, &f->arena, scope, &query, &rows, &n, &end, &f->err));
    return end.total;
}

/* No sum knows of times, so a filter that also asks for one makes the store count. */
static void assert_total_is_count(Sample *sample, Tx *tx, const Filter *filter)
{
    Fixture *f = sample->f;
    const Filter *always = filter_number(f, "create_time", FILTER_GT, 0);
    const Filter *counted = filter ? filter_of(f, FILTER_AND, filter, always) : always;
    for (int workspace = 0; workspace < 2; workspace++) {
        Scope scope = f->scope;
        scope.workspace += workspace;
        assert_int_equal(total(sample, tx, &scope, filter), total(sample, tx, &scope, counted));
    }
}

static void assert_totals_are_counts(Sample *sample)
{
    Fixture *f = sample->f;
    const Filter *pending = filter_enum(f, "state", FILTER_EQ, STATES, "PENDING");
    const Filter *resolved = filter_enum(f, "state", FILTER_EQ, STATES, "RESOLVED");
    const Filter *first = filter_resource(f, "automation", FILTER_EQ, "a1");
    const Filter *none = filter_resource(f, "automation", FILTER_EQ, "");
    const Filter *filters[] = {
        NULL,
        pending,
        first,
        none,
        filter_of(f, FILTER_NOT, pending, NULL),
        filter_resource(f, "group", FILTER_EQ, "missing_values"),
        filter_of(f, FILTER_OR, pending, resolved),
        filter_of(f, FILTER_AND, resolved, filter_resource(f, "automation", FILTER_NE, "a1")),
        filter_of(f, FILTER_AND, pending, first),
    };
    Tx *tx = read_begin(f);
    for (size_t i = 0; i < COUNT_OF(filters); i++)
        assert_total_is_count(sample, tx, filters[i]);
    read_end(tx);
}

static void begin_sample(Fixture *f, Sample *sample)
{
    fixture_begin_tenant(f);
    fixture_close(f);
    StoreOptions options = fixture_options(f);
    options.stepped = true;
    assert_works(f, store_open(&options, &f->store, &f->err));
    assert_works(f, store_reader_open(f->store, &f->reader, &f->err));
    *sample = (Sample){.f = f, .random = random_of(4711)};
    for (int i = 0; i < TOGETHER; i++)
        sample->operations[i] = (Operation){.command = {.apply = operate}, .sample = sample};
}

static void operate_together(Sample *sample)
{
    int n = 1 + below(sample, TOGETHER);
    for (int i = 0; i < n; i++)
        store_submit(sample->f->store, &sample->operations[i].command);
    assert_true(store_step(sample->f->store));
}

static void test_totals__are_what_a_count_gives(void **state)
{
    (void)state;
    Fixture f;
    Sample sample;
    begin_sample(&f, &sample);
    for (int round = 0; round < ROUNDS; round++) {
        operate_together(&sample);
        assert_totals_are_counts(&sample);
    }
    assert_true(sample.exceptions > ROUNDS);
    fixture_end(&f);
}

typedef struct Inside {
    Sample *sample;
    int64_t before, after;
} Inside;

static bool look_inside(Tx *tx, void *argument, Error *err)
{
    Inside *inside = argument;
    Sample *sample = inside->sample;
    inside->before = total(sample, tx, &sample->f->scope, NULL);
    for (int i = 0; i < 9; i++) {
        if (!insert(tx, sample, err))
            return false;
    }
    inside->after = total(sample, tx, &sample->f->scope, NULL);
    Scope other = sample->f->scope;
    other.workspace++;
    inside->after += total(sample, tx, &other, NULL);
    return true;
}

static void test_totals__hold_what_the_transaction_itself_changed(void **state)
{
    (void)state;
    Fixture f;
    Sample sample;
    begin_sample(&f, &sample);
    Inside inside = {.sample = &sample};
    assert_works(&f, write_with(&f, look_inside, &inside));
    assert_int_equal(inside.before, 0);
    assert_int_equal(inside.after, 9);
    fixture_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_totals__are_what_a_count_gives),
        cmocka_unit_test(test_totals__hold_what_the_transaction_itself_changed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
