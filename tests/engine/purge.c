/* Tests of automations, workspaces and organizations whose purge time has come, under a clock that the test sets. */
#include "fixture.h"

#include <unistd.h>

#include "engine/tenant.h"
#include "store/internal.h"
#include "store/purge.h"
#include "store/tenant_purge.h"

#define DAY_US (86400LL * 1000000)

static const char asks[] = "x = ask(\"Who?\")\nset_output(\"x\", value=x)\n";
static const char forever[] = "n = 0\nwhile n >= 0:\n    n = n + 1\nset_output(\"n\", value=n)\n";

typedef struct Change {
    Str automation;
    Automation out;
} Change;

static bool delete_it(Tx *tx, Fixture *f, void *argument, Error *err)
{
    Change *change = argument;
    return automation_delete(tx, f->engine, &f->arena, &f->scope, change->automation, (Str){0}, &change->out, err);
}

static bool undelete_it(Tx *tx, Fixture *f, void *argument, Error *err)
{
    Change *change = argument;
    return automation_undelete(tx, &f->arena, &f->scope, change->automation, &change->out, err);
}

/* The timekeeper looks at the world's clock once a second by itself; here it is told to look at once. */
static void days_later(Fixture *f, int days)
{
    atomic_fetch_add(&f->now_us, days * DAY_US);
    if (f->engine)
        engine_purge_due(f->engine, 1);
}

static int64_t soonest(Fixture *f)
{
    Tx *tx;
    int64_t us;
    assert_true(tx_begin_read(f->reader, &tx, &f->err));
    assert_true(store_purge_soonest(tx, STORE_PURGE_ANY, &us, &f->err));
    tx_end(tx);
    return us;
}

static void wait_until_nothing_is_to_purge(Fixture *f)
{
    for (int i = 0; i < 20000 && soonest(f); i++)
        usleep(1000);
    assert_int_equal(soonest(f), 0);
}

static bool is_there(Fixture *f, Str automation, Str run)
{
    Tx *tx;
    Automation found;
    RunRow row;
    assert_true(tx_begin_read(f->reader, &tx, &f->err));
    bool has_automation = store_automation_get(tx, &f->arena, &f->scope, automation, true, &found, &f->err);
    bool has_run = store_run_get(tx, &f->arena, &f->scope, 0, run, &row, &f->err);
    tx_end(tx);
    assert_int_equal(has_automation, has_run);
    return has_run;
}

static void test_purge__takes_the_automation_and_its_runs_after_thirty_days(void **state)
{
    Fixture *f = *state;
    Change change = {.automation = fixture_automation(f, "asks", asks, true)};
    RunRow run = fixture_invoke(f, change.automation, STAGE_PUBLISHED, "{}");
    for (int i = 0; i < 40; i++) /* more than a command takes */
        fixture_invoke(f, change.automation, STAGE_DRAFT, "{}");
    assert_true(fixture_write(f, delete_it, &change));
    assert_true(change.out.purge_us == change.out.delete_us + 30 * DAY_US);
    days_later(f, 29);
    usleep(50000);
    assert_true(is_there(f, change.automation, run.id));
    days_later(f, 2);
    wait_until_nothing_is_to_purge(f);
    assert_false(is_there(f, change.automation, run.id));
    assert_false(fixture_write(f, undelete_it, &change));
    assert_int_equal(f->err.code, NOT_FOUND);
    AnswerResult result;
    assert_false(fixture_answer(f, run.id, "use \"me\"", false, &result));
}

static void test_purge__leaves_what_was_undeleted(void **state)
{
    Fixture *f = *state;
    Change change = {.automation = fixture_automation(f, "asks", asks, true)};
    RunRow run = fixture_invoke(f, change.automation, STAGE_PUBLISHED, "{}");
    assert_true(fixture_write(f, delete_it, &change));
    days_later(f, 29);
    assert_true(fixture_write(f, undelete_it, &change));
    days_later(f, 60);
    wait_until_nothing_is_to_purge(f);
    usleep(50000);
    assert_true(is_there(f, change.automation, run.id));
    AnswerResult result;
    assert_true(fixture_answer(f, run.id, "use \"me\"", false, &result));
}

static void test_purge__comes_after_a_restart(void **state)
{
    Fixture *f = *state;
    Change change = {.automation = fixture_automation(f, "asks", asks, true)};
    RunRow run = fixture_invoke(f, change.automation, STAGE_PUBLISHED, "{}");
    assert_true(fixture_write(f, delete_it, &change));
    fixture_stop_engine(f);
    days_later(f, 31);
    assert_true(is_there(f, change.automation, run.id));
    fixture_start_engine(f);
    wait_until_nothing_is_to_purge(f);
    assert_false(is_there(f, change.automation, run.id));
}

/* A worker has it in hand: it is told to let go, and only then the rows go. */
static void test_purge__ends_a_run_that_is_under_way(void **state)
{
    Fixture *f = *state;
    bool ok;
    Change change = {.automation = fixture_automation(f, "forever", forever, true)};
    RunRow run = fixture_invoke_only(f, change.automation, STAGE_PUBLISHED, "{}", "", &ok);
    EngineCounters counters = {0};
    for (int i = 0; i < 20000 && counters.active == 0; i++) {
        usleep(1000);
        engine_counters(f->engine, &counters);
    }
    assert_int_equal(counters.active, 1);
    assert_true(fixture_write(f, delete_it, &change));
    days_later(f, 31);
    for (int i = 0; i < 20 && soonest(f); i++) {
        usleep(100000);
        days_later(f, 1);
    }
    wait_until_nothing_is_to_purge(f);
    assert_false(is_there(f, change.automation, run.id));
    engine_counters(f->engine, &counters);
    assert_int_equal(counters.active, 0);
}

/* ---- what cannot be removed ---- */

static Change delete_with_run(Fixture *f, const char *name, RunRow *out_run)
{
    Change change = {.automation = fixture_automation(f, name, asks, true)};
    for (int i = 0; i < 40; i++)
        *out_run = fixture_invoke(f, change.automation, STAGE_PUBLISHED, "{}");
    assert_true(fixture_write(f, delete_it, &change));
    return change;
}

static bool has_run(Fixture *f, Str id)
{
    Tx *tx;
    RunRow row;
    assert_true(tx_begin_read(f->reader, &tx, &f->err));
    bool has = store_run_get(tx, &f->arena, &f->scope, 0, id, &row, &f->err);
    tx_end(tx);
    return has;
}

static int64_t ask_number(Fixture *f, Str sql)
{
    Tx *tx;
    int64_t number = 0;
    bool found;
    AUTO(query_done)
    Query query = {0};
    assert_true(tx_begin_read(f->reader, &tx, &f->err));
    assert_true(query_open_text(&query, tx->database, sql, &f->err));
    assert_true(query_one_i64(&query, &found, &number, &f->err));
    query_done(&query);
    query = (Query){0};
    tx_end(tx);
    return number;
}

static int count_runs(Fixture *f, Str automation)
{
    return (int)ask_number(f, str_printf(&f->arena,
                                         "SELECT count(*) FROM run WHERE automation = "
                                         "(SELECT key FROM automation WHERE id = '%.*s')",
                                         STR_ARG(automation)));
}

static void wait_runs(Fixture *f, Str automation, int n)
{
    for (int i = 0; i < 20000 && count_runs(f, automation) != n; i++)
        usleep(1000);
    assert_int_equal(count_runs(f, automation), n);
}

static void test_run_that_cannot_be_removed__holds_up_no_other(void **state)
{
    Fixture *f = *state;
    RunRow stuck, of_other;
    Change first = delete_with_run(f, "first", &stuck), second = delete_with_run(f, "second", &of_other);
    fixture_forbid(f, "DELETE ON run", stuck.key);
    days_later(f, 31);
    wait_runs(f, first.automation, 1);
    wait_runs(f, second.automation, 0);
    assert_true(has_run(f, stuck.id));
    assert_true(soonest(f) != 0);
    fixture_allow(f);
    atomic_fetch_add(&f->now_us, 120LL * 1000000); /* it is tried again, and now nothing is in the way */
    wait_until_nothing_is_to_purge(f);
    assert_false(has_run(f, stuck.id));
}

static void test_automation_that_cannot_be_removed__holds_up_no_other(void **state)
{
    Fixture *f = *state;
    RunRow of_stuck, of_other;
    Change stuck = delete_with_run(f, "stuck", &of_stuck), other = delete_with_run(f, "other", &of_other);
    fixture_forbid(f, "UPDATE ON automation", of_stuck.automation); /* it cannot even be begun */
    days_later(f, 31);
    wait_runs(f, other.automation, 0);
    wait_runs(f, stuck.automation, 40);
    fixture_allow(f);
    atomic_fetch_add(&f->now_us, 120LL * 1000000);
    wait_until_nothing_is_to_purge(f);
    assert_int_equal(count_runs(f, stuck.automation), 0);
}

/* ---- workspaces and organizations ---- */

static bool add_workspace(Tx *tx, Fixture *f, void *argument, Error *err)
{
    Workspace *workspace = argument;
    workspace->organization = f->scope.organization;
    return store_workspace_create(tx, workspace, err);
}

static bool delete_workspace(Tx *tx, Fixture *f, void *argument, Error *err)
{
    Workspace workspace;
    return store_workspace_get(tx, &f->arena, f->scope.organization, *(Str *)argument, &workspace, err) &&
           workspace_delete(tx, f->engine, &workspace, err);
}

static bool undelete_workspace(Tx *tx, Fixture *f, void *argument, Error *err)
{
    Workspace workspace;
    return store_workspace_get(tx, &f->arena, f->scope.organization, *(Str *)argument, &workspace, err) &&
           workspace_undelete(tx, &workspace, err);
}

static bool delete_organization(Tx *tx, Fixture *f, void *argument, Error *err)
{
    Organization organization;
    (void)argument;
    return store_organization_get(tx, &f->arena, f->scope.organization_id, &organization, err) &&
           organization_delete(tx, f->engine, &organization, err);
}

static int64_t deleted(Fixture *f, const char *table, Str id)
{
    return ask_number(f, str_printf(&f->arena, "SELECT delete_us FROM %s WHERE id = '%.*s'", table, STR_ARG(id)));
}

static void wait_deleted(Fixture *f, const char *table, Str id, int64_t state)
{
    for (int i = 0; i < 20000 && deleted(f, table, id) != state; i++)
        usleep(1000);
    assert_int_equal(deleted(f, table, id), state);
}

static void test_workspace__goes_after_thirty_days_unless_it_is_undeleted(void **state)
{
    Fixture *f = *state;
    RunRow run = fixture_invoke(f, fixture_automation(f, "asks", asks, true), STAGE_PUBLISHED, "{}");
    Str id = f->scope.workspace_id;
    assert_true(fixture_write(f, delete_workspace, &id));
    days_later(f, 29);
    assert_true(fixture_write(f, undelete_workspace, &id));
    days_later(f, 60);
    usleep(50000);
    assert_int_equal(deleted(f, "workspace", id), 0);
    assert_true(has_run(f, run.id));
    assert_true(fixture_write(f, delete_workspace, &id));
    days_later(f, 31);
    wait_deleted(f, "workspace", id, TENANT_PURGED);
    assert_false(has_run(f, run.id));
    assert_false(fixture_write(f, undelete_workspace, &id));
    assert_int_equal(f->err.code, NOT_FOUND);
}

static void test_workspace_with_a_run_that_cannot_be_removed__holds_up_no_other(void **state)
{
    Fixture *f = *state;
    RunRow stuck = fixture_invoke(f, fixture_automation(f, "asks", asks, true), STAGE_PUBLISHED, "{}");
    Str first = f->scope.workspace_id;
    Workspace second = {.id = S("w2"), .title = S("second")};
    assert_true(fixture_write(f, add_workspace, &second));
    assert_true(fixture_write(f, delete_workspace, &first));
    assert_true(fixture_write(f, delete_workspace, &second.id));
    fixture_forbid(f, "DELETE ON run", stuck.key);
    days_later(f, 31);
    wait_deleted(f, "workspace", second.id, TENANT_PURGED);
    assert_int_equal(deleted(f, "workspace", first), TENANT_PURGING);
    assert_true(has_run(f, stuck.id));
    fixture_allow(f);
    atomic_fetch_add(&f->now_us, 120LL * 1000000);
    wait_deleted(f, "workspace", first, TENANT_PURGED);
    assert_false(has_run(f, stuck.id));
}

static void test_workspace_that_cannot_be_removed__holds_up_no_other(void **state)
{
    Fixture *f = *state;
    Str first = f->scope.workspace_id;
    Workspace second = {.id = S("w2"), .title = S("second")};
    assert_true(fixture_write(f, add_workspace, &second));
    assert_true(fixture_write(f, delete_workspace, &first));
    assert_true(fixture_write(f, delete_workspace, &second.id));
    fixture_forbid(f, "UPDATE ON workspace", f->scope.workspace); /* it cannot even be begun */
    days_later(f, 31);
    wait_deleted(f, "workspace", second.id, TENANT_PURGED);
    assert_true(deleted(f, "workspace", first) > 0);
    fixture_allow(f);
    atomic_fetch_add(&f->now_us, 120LL * 1000000);
    wait_deleted(f, "workspace", first, TENANT_PURGED);
}

static void test_organization__goes_with_its_workspaces_after_a_restart(void **state)
{
    Fixture *f = *state;
    RunRow run = fixture_invoke(f, fixture_automation(f, "asks", asks, true), STAGE_PUBLISHED, "{}");
    assert_true(fixture_write(f, delete_organization, NULL));
    fixture_stop_engine(f);
    days_later(f, 31);
    assert_true(has_run(f, run.id));
    fixture_start_engine(f);
    wait_deleted(f, "organization", f->scope.organization_id, TENANT_PURGED);
    assert_int_equal(deleted(f, "workspace", f->scope.workspace_id), TENANT_PURGED);
    assert_false(has_run(f, run.id));
    assert_int_equal(ask_number(f, S("SELECT (SELECT count(*) FROM journal) + (SELECT count(*) FROM journal_tail)")),
                     0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(test_purge__takes_the_automation_and_its_runs_after_thirty_days),
        FIXTURE_TEST(test_purge__leaves_what_was_undeleted),
        FIXTURE_TEST(test_purge__comes_after_a_restart),
        FIXTURE_TEST(test_purge__ends_a_run_that_is_under_way),
        FIXTURE_TEST(test_run_that_cannot_be_removed__holds_up_no_other),
        FIXTURE_TEST(test_automation_that_cannot_be_removed__holds_up_no_other),
        FIXTURE_TEST(test_workspace__goes_after_thirty_days_unless_it_is_undeleted),
        FIXTURE_TEST(test_workspace_with_a_run_that_cannot_be_removed__holds_up_no_other),
        FIXTURE_TEST(test_workspace_that_cannot_be_removed__holds_up_no_other),
        FIXTURE_TEST(test_organization__goes_with_its_workspaces_after_a_restart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
