/* tests/engine/children.c: one run for each item of a loop at the same time. */
#include "fixture.h"

#include <unistd.h>

#include "aip/page.h"
#include "engine/replay.h"

/* Three bills; the second has no total. Each is paid with an effect outside. */
#define BATCH                                                                                                          \
    "bills = [{\"total\": 1}, {}, {\"total\": 3}]\n"                                                                   \
    "for bill in at_the_same_time(bills):\n"                                                                           \
    "    bill[\"paid\"] = bank.transfer(amount=bill[\"total\"])\n"                                                     \
    "set_output(\"paid\", value=sum(bill.get(\"paid\", 0) for bill in bills))\n"

static RunRow wait_until(Fixture *f, Str run_id, RunState state)
{
    RunRow run = fixture_run(f, run_id);
    for (int i = 0; i < 10000 && run.state != state && !run_is_final(run.state); i++) {
        usleep(1000);
        atomic_fetch_add(&f->now_us, 20000);
        run = fixture_run(f, run_id);
    }
    return run;
}

/* In the order in which they began. */
static int children_of(Fixture *f, const RunRow *parent, RunRow **out)
{
    Tx *tx;
    int n;
    ListEnd end;
    PageCursor cursor = {0};
    ListQuery query = {.cursor = &cursor, .limit = 1000};
    assert_true(tx_begin_read(f->reader, &tx, &f->err));
    if (!store_run_list_children(tx, &f->arena, &f->scope, parent->key, &query, out, &n, &end, &f->err))
        fail_msg("%s", f->err.message);
    tx_end(tx);
    return n;
}

static RunRow child_at(Fixture *f, const RunRow *parent, int64_t item)
{
    RunRow *children;
    for (int tries = 0; tries < 10000; tries++) {
        int n = children_of(f, parent, &children);
        for (int i = 0; i < n; i++)
            if (children[i].parent_item == item)
                return children[i];
        usleep(1000);
    }
    fail_msg("there is no child for item %lld", (long long)item);
    return (RunRow){0};
}

static RunRow begin(Fixture *f, const char *code, Stage stage)
{
    bool ok;
    Str id = fixture_automation(f, "batch", code, true);
    RunRow run = fixture_invoke_only(f, id, stage, "{}", "", &ok);
    assert_true(ok);
    return run;
}

static void answer(Fixture *f, Str run_id, const char *sentence)
{
    AnswerResult result;
    if (!fixture_answer(f, run_id, sentence, false, &result))
        fail_msg("%s", f->err.message);
}

static void assert_replays(Fixture *f, Str run_id)
{
    Replay replay;
    f->err = (Error){0};
    if (!run_replay(f->reader, &f->world, engine_catalog(f->engine), (Budget){0}, &f->arena, &f->scope, run_id, &replay,
                    &f->err))
        fail_msg("%s", f->err.message);
    if (!replay.same)
        fail_msg("%.*s: %.*s", STR_ARG(run_id), STR_ARG(replay.difference));
}

#define PAID(n) "{\"paid\":{\"number\":{\"lo\":" #n ",\"mid\":0,\"hi\":0,\"flags\":0}}}"

static void assert_paid(Fixture *f, Str run_id, const char *outputs)
{
    RunRow run = wait_until(f, run_id, RUN_COMPLETED);
    if (run.state != RUN_COMPLETED)
        fail_msg("%s: %.*s", run_state_names[run.state], STR_ARG(run.description));
    assert_str(run.outputs, outputs);
    assert_false(run.children_open);
    assert_replays(f, run_id);
    RunRow *children;
    int n = children_of(f, &run, &children);
    for (int i = 0; i < n; i++)
        assert_replays(f, children[i].id);
}

/* ---- one bad item ---- */

static void test_children__one_asks_and_the_others_go_on(void **state)
{
    Fixture *f = *state;
    RunRow run = begin(f, BATCH, STAGE_PUBLISHED), asking = child_at(f, &run, 2);
    asking = wait_until(f, asking.id, RUN_AWAITING_GUIDANCE);
    assert_int_equal(asking.state, RUN_AWAITING_GUIDANCE);
    assert_str(asking.description, "Row 2 of the bills has no total. What is it?");
    assert_true(str_eq(asking.parent_run, run.id));
    assert_int_equal(wait_until(f, child_at(f, &run, 1).id, RUN_COMPLETED).state, RUN_COMPLETED);
    assert_int_equal(wait_until(f, child_at(f, &run, 3).id, RUN_COMPLETED).state, RUN_COMPLETED);
    run = fixture_run(f, run.id);
    assert_int_equal(run.state, RUN_EXECUTING);
    assert_true(run.children_open);
    answer(f, asking.id, "use 2");
    assert_paid(f, run.id, PAID(12));
    assert_int_equal(atomic_load(&f->calls[EFFECT_KEYED]), 3);
}

static void test_children__an_item_is_skipped(void **state)
{
    Fixture *f = *state;
    RunRow run = begin(f, BATCH, STAGE_DRAFT), asking = child_at(f, &run, 2); /* drafts have no exceptions */
    asking = wait_until(f, asking.id, RUN_AWAITING_GUIDANCE);
    assert_int_equal(asking.exception_id.len, 0);
    answer(f, asking.id, "skip this one");
    assert_paid(f, run.id, PAID(8));
}

static void test_children__one_that_is_stopped_is_asked_about(void **state)
{
    Fixture *f = *state;
    RunRow run = begin(f, BATCH, STAGE_PUBLISHED), asking = child_at(f, &run, 2);
    (void)wait_until(f, asking.id, RUN_AWAITING_GUIDANCE);
    answer(f, asking.id, "stop the run because it is a forgery");
    assert_int_equal(fixture_run(f, asking.id).state, RUN_FAILED);
    run = wait_until(f, run.id, RUN_AWAITING_GUIDANCE);
    assert_str(run.description,
               "Item 2 of the bills was not finished: it is a forgery. Answer retry, skip this one, or stop the run.");
    answer(f, run.id, "retry");
    RunRow *children;
    for (int i = 0; i < 10000 && children_of(f, &run, &children) < 4; i++)
        usleep(1000);
    assert_int_equal(children[3].parent_item, 2);
    (void)wait_until(f, children[3].id, RUN_AWAITING_GUIDANCE);
    answer(f, children[3].id, "use 5");
    assert_paid(f, run.id, PAID(18));
}

/* ---- stopping ---- */

static bool cancel(Tx *tx, Fixture *f, void *argument, Error *err)
{
    RunRow *run = argument;
    return run_cancel(tx, f->engine, &f->arena, &f->scope, 0, run->id, S("never mind"), run, err);
}
static bool halt(Tx *tx, Fixture *f, void *argument, Error *err)
{
    RunRow *run = argument;
    return run_pause(tx, f->engine, &f->arena, &f->scope, 0, run->id, S(""), run, err);
}
static bool go_on(Tx *tx, Fixture *f, void *argument, Error *err)
{
    RunRow *run = argument;
    return run_continue(tx, f->engine, &f->arena, &f->scope, 0, run->id, run, err);
}
static bool archive(Tx *tx, Fixture *f, void *argument, Error *err)
{
    ExceptionRow out;
    return exception_archive(tx, f->engine, &f->arena, &f->scope, *(Str *)argument, &out, err);
}
static bool unarchive(Tx *tx, Fixture *f, void *argument, Error *err)
{
    ExceptionRow out;
    return exception_unarchive(tx, f->engine, &f->arena, &f->scope, *(Str *)argument, &out, err);
}

static void test_children__end_with_their_parent(void **state)
{
    Fixture *f = *state;
    RunRow run = begin(f, BATCH, STAGE_PUBLISHED), asking = child_at(f, &run, 2);
    asking = wait_until(f, asking.id, RUN_AWAITING_GUIDANCE);
    assert_true(fixture_write(f, cancel, &run));
    asking = wait_until(f, asking.id, RUN_FAILED);
    assert_str(asking.description, "The run that this item belongs to has ended");
    AnswerResult result;
    assert_false(fixture_answer(f, asking.id, "use 1", false, &result));
    for (int i = 0; i < 1000 && fixture_run(f, run.id).children_open; i++)
        usleep(1000);
    assert_false(fixture_run(f, run.id).children_open);
    assert_replays(f, run.id);
    assert_replays(f, asking.id);
}

static void test_child_that_cannot_be_ended__holds_up_no_other(void **state)
{
    Fixture *f = *state;
    RunRow stuck,
        run =
            begin(f, "for item in at_the_same_time([1, 2, 3, 4]):\n    x = ask(\"Who?\")\nset_output(\"n\", value=1)\n",
                  STAGE_PUBLISHED);
    for (int item = 1; item <= 4; item++)
        assert_int_equal(wait_until(f, child_at(f, &run, item).id, RUN_AWAITING_GUIDANCE).state, RUN_AWAITING_GUIDANCE);
    stuck = child_at(f, &run, 2);
    fixture_lose_question(f, stuck.key);
    assert_true(fixture_write(f, cancel, &run));
    for (int item = 1; item <= 4; item++)
        if (item != 2)
            assert_int_equal(wait_until(f, child_at(f, &run, item).id, RUN_FAILED).state, RUN_FAILED);
    assert_int_equal(fixture_run(f, stuck.id).state, RUN_AWAITING_GUIDANCE);
    assert_true(fixture_run(f, run.id).children_open);
    fixture_find_question(f, &stuck);
    assert_int_equal(wait_until(f, stuck.id, RUN_FAILED).state, RUN_FAILED); /* tried again after a minute */
    for (int i = 0; i < 10000 && fixture_run(f, run.id).children_open; i++)
        usleep(1000);
    assert_false(fixture_run(f, run.id).children_open);
}

static void test_children__a_cancelled_one_is_asked_about(void **state)
{
    Fixture *f = *state;
    RunRow run = begin(f, BATCH, STAGE_PUBLISHED), asking = child_at(f, &run, 2);
    asking = wait_until(f, asking.id, RUN_AWAITING_GUIDANCE);
    assert_true(fixture_write(f, cancel, &asking));
    run = wait_until(f, run.id, RUN_AWAITING_GUIDANCE);
    assert_str(run.description, "Item 2 of the bills was not finished: Cancelled: never mind. Answer retry, skip this "
                                "one, or stop the run.");
    answer(f, run.id, "set the bill's paid to 100");
    run = wait_until(f, run.id, RUN_EXECUTING); /* and then the item is worked on again */
    RunRow *children;
    for (int i = 0; i < 10000 && children_of(f, &run, &children) < 4; i++)
        usleep(1000);
    (void)wait_until(f, children[3].id, RUN_AWAITING_GUIDANCE);
    answer(f, children[3].id, "skip this one");
    assert_paid(f, run.id, PAID(108));
}

static void test_children__wait_while_the_parent_is_paused(void **state)
{
    Fixture *f = *state;
    RunRow run = begin(f,
                       "for n in at_the_same_time(range(20)):\n    a = ask(\"Which?\", type=number)\n"
                       "    set_output(f\"{n}\", value=a)\nset_output(\"paid\", value=1)\n",
                       STAGE_PUBLISHED);
    RunRow first = wait_until(f, child_at(f, &run, 1).id, RUN_AWAITING_GUIDANCE);
    assert_true(fixture_write(f, halt, &run));
    assert_int_equal(run.state, RUN_STOPPED);
    answer(f, first.id, "use 1");
    assert_int_equal(wait_until(f, first.id, RUN_COMPLETED).state, RUN_COMPLETED);
    assert_true(fixture_write(f, go_on, &run));
    for (int item = 2; item <= 20; item++) { /* more than are worked on at a time: all of them ask */
        RunRow child = wait_until(f, child_at(f, &run, item).id, RUN_AWAITING_GUIDANCE);
        assert_int_equal(child.state, RUN_AWAITING_GUIDANCE);
    }
    Str exception = child_at(f, &run, 2).exception_id;
    assert_true(fixture_write(f, archive, &exception));
    assert_int_equal(child_at(f, &run, 2).state, RUN_STOPPED);
    assert_true(fixture_write(f, unarchive, &exception));
    for (int item = 20; item >= 2; item--)
        answer(f, child_at(f, &run, item).id, "use 1");
    run = wait_until(f, run.id, RUN_COMPLETED);
    assert_int_equal(run.state, RUN_COMPLETED);
    assert_true(str_starts(run.outputs, S("{\"0\":"))); /* in the order of the items, not of the answers */
    assert_replays(f, run.id);
}

/* ---- restarts ---- */

static void test_children__survive_a_restart_at_every_point(void **state)
{
    Fixture *f = *state;
    RunRow run = begin(f,
                       "bills = [{\"days\": 0}, {\"days\": 3}, {\"days\": 1}]\n"
                       "for bill in at_the_same_time(bills):\n"
                       "    for part in at_the_same_time([bill[\"days\"], 1]):\n"
                       "        wait(days(part))\n"
                       "    amount = ask(\"How much?\", type=number)\n"
                       "    bill[\"paid\"] = bank.pay(amount=amount)\n"
                       "set_output(\"paid\", value=sum(bill[\"paid\"] for bill in bills))\n",
                       STAGE_PUBLISHED);
    for (int item = 1; item <= 3; item++) {
        RunRow child = child_at(f, &run, item);
        for (int i = 0; i < 1000 && child.state != RUN_AWAITING_GUIDANCE; i++) {
            fixture_stop_engine(f);
            atomic_fetch_add(&f->now_us, 7200000000LL * 3);
            fixture_start_engine(f);
            usleep(2000);
            child = child_at(f, &run, item);
        }
        answer(f, child.id, "use 2");
        fixture_stop_engine(f);
        fixture_start_engine(f);
    }
    assert_paid(f, run.id, PAID(12));
    assert_int_equal(atomic_load(&f->calls[EFFECT_ONCE]), 3);
}

static void test_children__survive_any_store_fault(void **state)
{
    Fixture *f = *state;
    Str id = fixture_automation(f, "batch", BATCH, true);
    for (int calls = 0; calls < 40; calls += 2) {
        bool ok;
        RunRow run = fixture_invoke_only(f, id, STAGE_PUBLISHED, "{}", "", &ok);
        store_fail_after(f->store, calls);
        usleep(2000);
        atomic_fetch_add(&f->now_us, 1000000);
        store_fail_after(f->store, -1);
        RunRow *children, asking = {0};
        for (int i = 0; i < 10000 && asking.state != RUN_AWAITING_GUIDANCE; i++) {
            usleep(1000);
            atomic_fetch_add(&f->now_us, 100000);
            int n = children_of(f, &run, &children);
            for (int k = 0; k < n; k++)
                if (children[k].parent_item == 2)
                    asking = children[k];
        }
        assert_int_equal(asking.state, RUN_AWAITING_GUIDANCE);
        store_fail_after(f->store, calls);
        AnswerResult result;
        bool answered = fixture_answer(f, asking.id, "use 2", false, &result);
        usleep(2000);
        store_fail_after(f->store, -1);
        if (!answered)
            answer(f, asking.id, "use 2");
        assert_paid(f, run.id, PAID(12));
    }
}

/* ---- many ---- */

static void test_children__are_many(void **state)
{
    Fixture *f = *state;
    RunRow run = begin(f,
                       "rows = [{\"n\": n} for n in range(2000)]\n"
                       "for row in at_the_same_time(rows):\n    row[\"paid\"] = row[\"n\"] * 2\n"
                       "set_output(\"paid\", value=sum(row[\"paid\"] for row in rows))\n",
                       STAGE_PUBLISHED);
    run = wait_until(f, run.id, RUN_COMPLETED);
    assert_str(run.outputs, PAID(3998000));
    EngineCounters counters;
    engine_counters(f->engine, &counters);
    assert_int_equal(counters.started, 2001);
    Tx *tx;
    RunRow *runs;
    int n;
    ListEnd end;
    PageCursor cursor = {0};
    ListQuery query = {.cursor = &cursor, .limit = 10};
    assert_true(tx_begin_read(f->reader, &tx, &f->err));
    assert_true(store_run_list(tx, &f->arena, &f->scope, 0, &query, &runs, &n, &end, &f->err));
    assert_int_equal(n, 1); /* lists show whose children they are */
    tx_end(tx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(test_children__one_asks_and_the_others_go_on),
        FIXTURE_TEST(test_children__an_item_is_skipped),
        FIXTURE_TEST(test_children__one_that_is_stopped_is_asked_about),
        FIXTURE_TEST(test_children__end_with_their_parent),
        FIXTURE_TEST(test_child_that_cannot_be_ended__holds_up_no_other),
        FIXTURE_TEST(test_children__a_cancelled_one_is_asked_about),
        FIXTURE_TEST(test_children__wait_while_the_parent_is_paused),
        FIXTURE_TEST(test_children__survive_a_restart_at_every_point),
        FIXTURE_TEST(test_children__survive_any_store_fault),
        FIXTURE_TEST(test_children__are_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
