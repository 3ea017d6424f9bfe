/* Tests of store/run.c and store/journal.c: what is written is what is read, page by page, by its tenant alone. */
#include "store/fixture.h"

#include "aip/page.h"

static void test_run_get__gives_what_was_inserted(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    RunRow written = insert_run(&f), read;
    Tx *tx = read_begin(&f);
    assert_works(&f, store_run_get(tx, &f.arena, &f.scope, f.automation.key, written.id, &read, &f.err));
    assert_true(str_eq(read.id, written.id));
    assert_true(str_eq(read.execution_id, written.execution_id));
    assert_int_equal(read.key, written.key);
    assert_int_equal(read.state, RUN_PENDING);
    assert_int_equal(read.stage, STAGE_DRAFT);
    assert_int_equal(read.source, SOURCE_MANUAL);
    assert_int_equal(read.version.minor, 1);
    assert_int_equal(read.location_start, -1);
    assert_true(read.create_us > 0 && read.create_us == read.state_us);
    assert_str(read.inputs, "{\"n\":1}");
    assert_str(read.automation_id, "a1");
    assert_str(read.scope.workspace_id, "w1");
    RunRow by_key, by_execution;
    assert_works(&f, store_run_get_by_key(tx, &f.arena, written.key, &by_key, &f.err));
    assert_str(by_key.scope.organization_id, "o1");
    assert_works(&f, store_run_get_by_execution(tx, &f.arena, &f.scope, written.execution_id, &by_execution, &f.err));
    assert_int_equal(by_execution.key, written.key);
    read_end(tx);
    fixture_end(&f);
}

static void test_run_get__hides_runs_of_others(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    RunRow written = insert_run(&f), read;
    Scope foreign = f.scope;
    Tx *tx = read_begin(&f);
    foreign.workspace++;
    assert_refused(&f, NOT_FOUND, store_run_get(tx, &f.arena, &foreign, 0, written.id, &read, &f.err));
    foreign = f.scope;
    foreign.organization++;
    assert_refused(&f, NOT_FOUND, store_run_get(tx, &f.arena, &foreign, 0, written.id, &read, &f.err));
    assert_refused(&f, NOT_FOUND,
                   store_run_get(tx, &f.arena, &f.scope, f.automation.key + 1, written.id, &read, &f.err));
    assert_works(&f, store_run_get(tx, &f.arena, &f.scope, 0, written.id, &read, &f.err));
    read_end(tx);
    fixture_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_run_get__gives_what_was_inserted),
        cmocka_unit_test(test_run_get__hides_runs_of_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
