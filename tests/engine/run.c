/* tests/engine/run.c: what a run may become, and that it gets there. */
#include "fixture.h"

#include <stdio.h>
#include <unistd.h>

#define DOUBLE "n = read_input(\"n\", type=number)\nset_output(\"twice\", value=n * 2)\n"

static void test_run_states__are_the_table_of_the_design(void **state)
{
    (void)state;
    static const char *const may[RUN_N_STATES] = {
        /* to: pending, executing, awaiting_guidance, stopping, stopped, completed, failed */
        [RUN_PENDING] = "0101001",  [RUN_EXECUTING] = "0011011", [RUN_AWAITING_GUIDANCE] = "0100101",
        [RUN_STOPPING] = "0010111", [RUN_STOPPED] = "0110001",   [RUN_COMPLETED] = "0000000",
        [RUN_FAILED] = "0000000",
    };
    for (RunState from = 0; from < RUN_N_STATES; from++)
        for (RunState to = 0; to < RUN_N_STATES; to++)
            if (run_may_become(from, to) != (may[from][to] == '1'))
                fail_msg("%s to %s", run_state_names[from], run_state_names[to]);
    assert_true(run_is_final(RUN_COMPLETED));
    assert_true(run_is_final(RUN_FAILED));
    assert_false(run_is_final(RUN_STOPPED));
}

static void test_run_invoke__completes_with_its_outputs(void **state)
{
    Fixture *f = *state;
    Str id = fixture_automation(f, "double", DOUBLE, true);
    RunRow run = fixture_invoke(f, id, STAGE_PUBLISHED, "{\"n\":{\"number\":{\"lo\":21}}}");
    assert_int_equal(run.state, RUN_COMPLETED);
    assert_str(run.outputs, "{\"twice\":{\"number\":{\"lo\":42,\"mid\":0,\"hi\":0,\"flags\":0}}}");
    assert_str(run.inputs, "{\"n\":{\"number\":{\"lo\":21,\"mid\":0,\"hi\":0,\"flags\":0}}}");
    Str journal = fixture_journal(f, run.key);
    assert_true(str_starts(journal, S("run_update\nrun_update\nstarted\nnode_executed\n")));
    assert_true(str_ends(journal, S("completed\nrun_update\n")));
}

static void test_run_invoke__refuses_what_cannot_run(void **state)
{
    Fixture *f = *state;
    Str id = fixture_automation(f, "draft", DOUBLE, false);
    bool ok;
    fixture_invoke_only(f, id, STAGE_PUBLISHED, "{}", "", &ok);
    assert_false(ok);
    assert_int_equal(f->err.code, FAILED_PRECONDITION);
    assert_non_null(strstr(f->err.message, "Automation not published"));
    fixture_invoke_only(f, id, STAGE_DRAFT, "{\"m\":{\"number\":{\"lo\":21}}}", "", &ok);
    assert_false(ok);
    assert_string_equal(f->err.field, "inputs.m");
    assert_string_equal(f->err.message, "the automation has no input \"m\"; its inputs are \"n\"");
    fixture_invoke_only(f, id, STAGE_DRAFT, "{\"n\":{\"number\":{\"lo\":\"x\"}}}", "", &ok);
    assert_false(ok);
    assert_int_equal(f->err.code, INVALID_ARGUMENT);
    fixture_invoke_only(f, S("nobody"), STAGE_DRAFT, "{}", "", &ok);
    assert_int_equal(f->err.code, NOT_FOUND);
}

typedef struct InvokeAll {
    Invocation invocations[40];
    RunRow out[40];
    size_t n, refused;
} InvokeAll;

static bool invoke_all(Tx *tx, Fixture *f, void *argument, Error *err)
{
    InvokeAll *call = argument;
    return run_invoke_all(tx, f->engine, &f->arena, &f->scope, call->invocations, call->n, call->out, &call->refused,
                          err);
}

static void fill(Fixture *f, InvokeAll *call, Str automation)
{
    *call = (InvokeAll){.n = COUNT_OF(call->invocations)};
    for (size_t i = 0; i < call->n; i++) {
        const Json *inputs;
        Str text = str_printf(&f->arena, "{\"n\":{\"number\":{\"lo\":%zu}}}", i);
        assert_true(json_parse(&f->arena, text, 32, &inputs, &f->err));
        call->invocations[i] = (Invocation){.automation_id = automation,
                                            .stage = i % 3 ? STAGE_PUBLISHED : STAGE_DRAFT,
                                            .inputs = inputs,
                                            .source = SOURCE_MANUAL,
                                            .user_id = S("u1")};
    }
}

/* Far more than may be in memory at once, and nothing comes after them that would wake a worker. */
static void test_run_invoke_all__runs_that_wait_for_a_place_get_it(void **state)
{
    Fixture *f = *state;
    fixture_stop_engine(f);
    fixture_start_engine_with(f, (EngineOptions){.workers = 1, .max_active = 2});
    InvokeAll call;
    fill(f, &call, fixture_automation(f, "double", DOUBLE, true));
    assert_true(fixture_write(f, invoke_all, &call));
    for (size_t i = 0; i < call.n; i++) {
        RunRow run = fixture_settle(f, call.out[i].id);
        assert_int_equal(run.state, RUN_COMPLETED);
        char expected[128];
        snprintf(expected, sizeof expected, "{\"twice\":{\"number\":{\"lo\":%zu,\"mid\":0,\"hi\":0,\"flags\":0}}}",
                 2 * i);
        assert_str(run.outputs, expected);
        assert_int_equal(run.stage, i % 3 ? STAGE_PUBLISHED : STAGE_DRAFT);
    }
}

static void test_run_invoke_all__starts_all_or_none(void **state)
{
    Fixture *f = *state;
    InvokeAll call;
    fill(f, &call, fixture_automation(f, "double", DOUBLE, true));
    call.n = 3;
    call.invocations[0].request_id = call.invocations[2].request_id = S("same");
    call.invocations[2].request_hash = 7;
    assert_false(fixture_write(f, invoke_all, &call));
    assert_int_equal(f->err.code, ALREADY_EXISTS);
    assert_int_equal(call.refused, 2);
    call.invocations[2].request_hash = 0;
    assert_true(fixture_write(f, invoke_all, &call)); /* the first was undone: its id is free */
    assert_str(call.out[2].id, str_to_c(&f->arena, call.out[0].id));
    fixture_settle(f, call.out[0].id);
}

static void test_run_invoke__request_id_gives_the_same_run(void **state)
{
    Fixture *f = *state;
    Str id = fixture_automation(f, "double", DOUBLE, true);
    bool ok;
    RunRow first = fixture_invoke_only(f, id, STAGE_PUBLISHED, "{\"n\":{\"number\":{\"lo\":1}}}", "r-1", &ok);
    assert_true(ok);
    RunRow again = fixture_invoke_only(f, id, STAGE_PUBLISHED, "{\"n\":{\"number\":{\"lo\":1}}}", "r-1", &ok);
    assert_true(ok);
    assert_int_equal(first.key, again.key);
    fixture_invoke_only(f, id, STAGE_PUBLISHED, "{\"n\":{\"number\":{\"lo\":2}}}", "r-1", &ok);
    assert_false(ok);
    assert_int_equal(f->err.code, ALREADY_EXISTS);
    assert_string_equal(f->err.field, "request_id");
    fixture_settle(f, first.id);
}

typedef struct Control {
    Str run;
    int what; /* 0 pause, 1 continue, 2 cancel */
    RunRow out;
} Control;

static bool control(Tx *tx, Fixture *f, void *argument, Error *err)
{
    Control *c = argument;
    switch (c->what) {
    case 0: return run_pause(tx, f->engine, &f->arena, &f->scope, 0, c->run, S("lunch"), &c->out, err);
    case 1: return run_continue(tx, f->engine, &f->arena, &f->scope, 0, c->run, &c->out, err);
    default: return run_cancel(tx, f->engine, &f->arena, &f->scope, 0, c->run, S("wrong file"), &c->out, err);
    }
}

#define LONG "total = 0\nfor i in range(400000):\n    total = total + i\nset_output(\"total\", value=total)\n"

static void test_run_pause__stops_and_continue_goes_on(void **state)
{
    Fixture *f = *state;
    Str id = fixture_automation(f, "long", LONG, true);
    bool ok;
    RunRow run = fixture_invoke_only(f, id, STAGE_PUBLISHED, "{}", "", &ok);
    Control pause = {run.id, 0, {0}};
    assert_true(fixture_write(f, control, &pause));
    assert_int_equal(pause.out.state, RUN_STOPPING);
    run = fixture_settle(f, run.id);
    assert_int_equal(run.state, RUN_STOPPED);
    assert_str(run.reason, "lunch");
    Control resume = {run.id, 1, {0}};
    assert_true(fixture_write(f, control, &resume));
    run = fixture_settle(f, run.id);
    assert_int_equal(run.state, RUN_COMPLETED);
    assert_true(str_contains(run.outputs, S("79999800000") /* in two halves */) || run.outputs.len > 0);
    assert_true(fixture_write(f, control, &resume)); /* harmless once it went on */
    assert_false(fixture_write(f, control, &pause));
    assert_int_equal(f->err.code, FAILED_PRECONDITION);
}

static void test_run_cancel__fails_the_run_for_good(void **state)
{
    Fixture *f = *state;
    Str id = fixture_automation(f, "asks", "x = ask(\"Who?\")\nset_output(\"x\", value=x)\n", true);
    RunRow run = fixture_invoke(f, id, STAGE_PUBLISHED, "{}");
    assert_int_equal(run.state, RUN_AWAITING_GUIDANCE);
    Control cancel = {run.id, 2, {0}};
    assert_true(fixture_write(f, control, &cancel));
    run = fixture_run(f, run.id);
    assert_int_equal(run.state, RUN_FAILED);
    assert_str(run.description, "Cancelled: wrong file");
    assert_false(fixture_write(f, control, &cancel));
    AnswerResult result;
    assert_false(fixture_answer(f, run.id, "use \"me\"", false, &result));
    assert_int_equal(f->err.code, FAILED_PRECONDITION);
}

static void test_run_timer__parks_and_goes_on_when_it_is_due(void **state)
{
    Fixture *f = *state;
    Str id = fixture_automation(f, "waits", "wait(days(3))\nset_output(\"done\", value=True)\n", true);
    RunRow run = fixture_invoke(f, id, STAGE_PUBLISHED, "{}");
    assert_int_equal(run.state, RUN_EXECUTING);
    assert_true(run.timer_parked);
    fixture_stop_engine(f); /* a parked run needs no engine */
    atomic_fetch_add(&f->now_us, (int64_t)3 * 86400 * 1000000 + 1000000);
    fixture_start_engine(f);
    for (int i = 0; i < 5000 && run.state != RUN_COMPLETED; i++) {
        usleep(1000);
        run = fixture_run(f, run.id);
    }
    assert_int_equal(run.state, RUN_COMPLETED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_run_states__are_the_table_of_the_design),
        FIXTURE_TEST(test_run_invoke__completes_with_its_outputs),
        FIXTURE_TEST(test_run_invoke__refuses_what_cannot_run),
        FIXTURE_TEST(test_run_invoke_all__runs_that_wait_for_a_place_get_it),
        FIXTURE_TEST(test_run_invoke_all__starts_all_or_none),
        FIXTURE_TEST(test_run_invoke__request_id_gives_the_same_run),
        FIXTURE_TEST(test_run_pause__stops_and_continue_goes_on),
        FIXTURE_TEST(test_run_cancel__fails_the_run_for_good),
        FIXTURE_TEST(test_run_timer__parks_and_goes_on_when_it_is_due),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
