/* Tests of runs that were kept as long as they are to be, under a clock that the test sets. */
#include "fixture.h"

#include <sys/stat.h>
#include <unistd.h>

#include "store/purge.h"

#define DAY_US (86400LL * 1000000)

static const char counts[] = "set_output(\"n\", value=1)\n";
static const char asks[] = "x = ask(\"Who?\")\nset_output(\"x\", value=x)\n";
static const char children[] = "items = [1, 2, 3]\nfor item in at_the_same_time(items):\n    double = item * 2\n"
                               "set_output(\"n\", value=1)\n";
static const char ten_steps[] =
    "a = 2\nb = a * 2\nc = b + 1\nd = c * 3\ne = d - a\nf = e / 2\ng = round(f, 2)\nh = g * 1.19\n"
    "i = round(h, 2)\nset_output(\"i\", value=i)\n";

static void start_with(Fixture *f, int days)
{
    fixture_stop_engine(f);
    fixture_start_engine_with(f, (EngineOptions){.workers = 2, .keep_runs_us = days * DAY_US});
}

static bool has_run(Fixture *f, Str run)
{
    Tx *tx;
    RunRow row;
    assert_true(tx_begin_read(f->reader, &tx, &f->err));
    bool has = store_run_get(tx, &f->arena, &f->scope, 0, run, &row, &f->err);
    tx_end(tx);
    return has;
}

/* The look comes once an hour by itself; here it is asked for. */
static void days_later(Fixture *f, int days)
{
    atomic_fetch_add(&f->now_us, days * DAY_US);
    engine_sweep_due(f->engine, 1);
}

static void wait_gone(Fixture *f, Str run)
{
    for (int i = 0; i < 20000 && has_run(f, run); i++)
        usleep(1000);
    assert_false(has_run(f, run));
}

static bool keep_for_90_days(Tx *tx, Fixture *f, void *argument, Error *err)
{
    AutomationEdit edit = {.has_keep_runs = true, .keep_runs_us = 90 * DAY_US};
    Automation automation;
    Revision revision;
    return automation_edit(tx, &f->arena, &f->scope, *(Str *)argument, &edit, S("u1"), &automation, &revision, err);
}

static int64_t count_journal(Fixture *f, int64_t run)
{
    Tx *tx;
    int64_t n = -1;
    assert_true(tx_begin_read(f->reader, &tx, &f->err));
    assert_true(store_journal_end(tx, run, &n, &f->err));
    tx_end(tx);
    return n;
}

static void test_ended_runs__go_after_the_days_of_the_setting(void **state)
{
    Fixture *f = *state;
    start_with(f, 30);
    Str automation = fixture_automation(f, "counts", counts, true);
    RunRow run = fixture_invoke(f, automation, STAGE_PUBLISHED, "{}");
    Str last = run.id;
    for (int i = 0; i < 70; i++) /* more than a command takes */
        last = fixture_invoke(f, automation, STAGE_PUBLISHED, "{}").id;
    Str open = fixture_invoke(f, fixture_automation(f, "asks", asks, true), STAGE_PUBLISHED, "{}").id;
    assert_true(count_journal(f, run.key) > 0);
    days_later(f, 29);
    usleep(50000);
    assert_true(has_run(f, run.id));
    days_later(f, 2);
    wait_gone(f, run.id);
    wait_gone(f, last);
    assert_int_equal(count_journal(f, run.key), 0);
    assert_true(has_run(f, open)); /* a question never disappears */
}

static void test_automation__says_how_long_by_itself(void **state)
{
    Fixture *f = *state;
    start_with(f, 30);
    Str ours = fixture_automation(f, "ours", counts, true), others = fixture_automation(f, "others", counts, true);
    if (!fixture_write(f, keep_for_90_days, &ours))
        fail_msg("%s", f->err.message);
    Str kept = fixture_invoke(f, ours, STAGE_PUBLISHED, "{}").id,
        let_go = fixture_invoke(f, others, STAGE_PUBLISHED, "{}").id;
    days_later(f, 31);
    wait_gone(f, let_go);
    assert_true(has_run(f, kept));
    days_later(f, 60);
    wait_gone(f, kept);
}

static void test_without_setting__runs_are_kept_for_ever(void **state)
{
    Fixture *f = *state;
    Str run = fixture_invoke(f, fixture_automation(f, "counts", counts, true), STAGE_PUBLISHED, "{}").id;
    days_later(f, 36500);
    usleep(50000);
    assert_true(has_run(f, run));
}

static void test_child_runs__go_with_the_run_that_they_belong_to(void **state)
{
    Fixture *f = *state;
    start_with(f, 30);
    RunRow run = fixture_invoke(f, fixture_automation(f, "children", children, true), STAGE_PUBLISHED, "{}");
    assert_int_equal(run.state, RUN_COMPLETED);
    Tx *tx;
    RunRow *below;
    int n;
    ListEnd end;
    ListQuery query = {.limit = 10};
    assert_true(tx_begin_read(f->reader, &tx, &f->err));
    assert_true(store_run_list_children(tx, &f->arena, &f->scope, run.key, &query, &below, &n, &end, &f->err));
    tx_end(tx);
    assert_int_equal(n, 3);
    days_later(f, 31);
    wait_gone(f, run.id);
    for (int i = 0; i < n; i++)
        assert_false(has_run(f, below[i].id));
}

static void test_run_that_cannot_be_removed__holds_up_no_other(void **state)
{
    Fixture *f = *state;
    start_with(f, 30);
    Str automation = fixture_automation(f, "counts", counts, true),
        behind = fixture_automation(f, "behind", counts, true);
    RunRow stuck = fixture_invoke(f, automation, STAGE_PUBLISHED, "{}");
    Str last = {0};
    for (int i = 0; i < 40; i++)
        last = fixture_invoke(f, automation, STAGE_PUBLISHED, "{}").id;
    Str other = fixture_invoke(f, behind, STAGE_PUBLISHED, "{}").id;
    fixture_forbid(f, "DELETE ON run", stuck.key);
    days_later(f, 31);
    wait_gone(f, last);
    wait_gone(f, other);
    assert_true(has_run(f, stuck.id));
    fixture_allow(f);
    days_later(f, 1); /* the next look takes it */
    wait_gone(f, stuck.id);
}

static int64_t file_size(Fixture *f)
{
    struct stat status;
    char path[128];
    snprintf(path, sizeof path, "%s/clerkwork.db", f->directory);
    assert_int_equal(stat(path, &status), 0);
    return status.st_size;
}

/* The log is copied into the file while nobody writes. */
static int64_t settled_size(Fixture *f)
{
    int64_t size = -1;
    for (int same = 0; same < 5; usleep(100000)) {
        int64_t now = file_size(f);
        same = now == size ? same + 1 : 0;
        size = now;
    }
    return size;
}

enum { RUNS = 1500 };

static void test_space__is_bounded_a_run_and_given_back(void **state)
{
    Fixture *f = *state;
    start_with(f, 30);
    Str automation = fixture_automation(f, "ten steps", ten_steps, true);
    int64_t before = settled_size(f);
    Str last = {0};
    bool ok;
    for (int i = 0; i < RUNS; i++)
        last = fixture_invoke_only(f, automation, STAGE_PUBLISHED, "{}", "", &ok).id;
    assert_int_equal(fixture_settle(f, last).state, RUN_COMPLETED);
    int64_t full = settled_size(f);
    assert_true((full - before) / RUNS <= 2048); /* a ten-step run, with its journal and its part of the indexes */
    days_later(f, 31);
    wait_gone(f, last);
    for (int i = 0; i < 100 && settled_size(f) > full / 2; i++)
        engine_sweep_due(f->engine, 1);
    assert_true(settled_size(f) <= full / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(test_ended_runs__go_after_the_days_of_the_setting),
        FIXTURE_TEST(test_automation__says_how_long_by_itself),
        FIXTURE_TEST(test_without_setting__runs_are_kept_for_ever),
        FIXTURE_TEST(test_child_runs__go_with_the_run_that_they_belong_to),
        FIXTURE_TEST(test_run_that_cannot_be_removed__holds_up_no_other),
        FIXTURE_TEST(test_space__is_bounded_a_run_and_given_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
