/* tests/engine/rerun.c: runs that begin with what an earlier one heard, and runs that are told all of it again. */
#include "fixture.h"

#include <unistd.h>

#include "engine/replay.h"
#include "lang/ast.h"
#include "store/internal.h"

#define PROGRAM                                                                                                        \
    "a = read_input(\"amount\", type=number)\n"                                                                        \
    "b = bank.look(amount=a)\n"                                                                                        \
    "c = bank.pay(amount=2)\n"                                                                                         \
    "d = ask(\"More?\", type=number)\n"                                                                                \
    "wait(days(3))\n"                                                                                                  \
    "e = bank.transfer(amount=d)\n"                                                                                    \
    "set_output(\"sum\", value=b + c + d + e)\n"
#define DAY_US 86400000000LL

static RunRow answered(Fixture *f, RunRow run, const char *sentence)
{
    AnswerResult result;
    assert_int_equal(run.state, RUN_AWAITING_GUIDANCE);
    if (!fixture_answer(f, run.id, sentence, false, &result))
        fail_msg("%s", f->err.message);
    return fixture_settle(f, run.id);
}

static RunRow waited(Fixture *f, RunRow run)
{
    assert_true(run.timer_parked);
    atomic_fetch_add(&f->now_us, 3 * DAY_US + 1000000);
    for (int i = 0; i < 2000 && run.state == RUN_EXECUTING; i++) {
        usleep(10000);
        run = fixture_run(f, run.id);
    }
    return run;
}

static RunRow finished_run(Fixture *f, Str *out_automation)
{
    *out_automation = fixture_automation(f, "sums", PROGRAM, true);
    RunRow run = fixture_invoke(f, *out_automation, STAGE_PUBLISHED, "{\"amount\":{\"number\":{\"lo\":1}}}");
    run = waited(f, answered(f, run, "use 5"));
    assert_int_equal(run.state, RUN_COMPLETED);
    return run;
}

static uint32_t node_of_sentence(Fixture *f, RunRow run, const char *spy)
{
    Tx *tx;
    assert_true(tx_begin_read(f->reader, &tx, &f->err));
    const Program *program = engine_program(f->engine, tx, run.revision, &f->err);
    tx_end(tx);
    uint32_t found = 0;
    for (uint32_t i = program->n_nodes - 1; i > 0; i--) {
        Span span = program->nodes[i]->spy;
        if (node_is_statement(program->nodes[i]) &&
            str_starts(str_slice(program->spy, span.start, span.end), str_from_c(spy)))
            found = i;
    }
    engine_program_release(f->engine, program);
    assert_int_not_equal(found, 0);
    return found;
}

static bool rerun(Fixture *f, const Rerun *request, RunRow *out)
{
    f->err = (Error){0};
    return run_rerun(f->engine, f->reader, &f->arena, &f->scope, request, out, &f->err);
}

static RunRow rerun_settled(Fixture *f, const Rerun *request)
{
    RunRow run;
    if (!rerun(f, request, &run))
        fail_msg("%s: %s", f->err.field, f->err.message);
    return fixture_settle(f, run.id);
}

static void assert_replays(Fixture *f, Str run_id, int64_t heard)
{
    Replay replay;
    f->err = (Error){0};
    if (!run_replay(f->reader, &f->world, engine_catalog(f->engine), (Budget){0}, &f->arena, &f->scope, run_id, &replay,
                    &f->err))
        fail_msg("%s", f->err.message);
    if (!replay.same)
        fail_msg("%.*s", STR_ARG(replay.difference));
    assert_int_equal(replay.heard, heard);
    assert_true(replay.entries > 0);
}

static void test_rerun__from_the_start_does_everything_anew(void **state)
{
    Fixture *f = *state;
    Str automation;
    RunRow first = finished_run(f, &automation);
    RunRow again = rerun_settled(f, &(Rerun){.run_id = first.id, .user_id = S("u2")});
    assert_true(str_eq(again.previous_run, first.id));
    assert_true(str_eq(again.inputs, first.inputs));
    assert_int_equal(again.revision, first.revision);
    again = waited(f, answered(f, again, "use 5"));
    assert_int_equal(again.state, RUN_COMPLETED);
    assert_int_equal(atomic_load(&f->calls[EFFECT_ONCE]), 2);
    assert_false(str_eq(again.outputs, first.outputs)); /* each look sees something else */
    assert_replays(f, first.id, 5);
    assert_replays(f, again.id, 5);
}

static void test_rerun__from_a_node_does_not_pay_ask_or_wait_again(void **state)
{
    Fixture *f = *state;
    Str automation;
    RunRow first = finished_run(f, &automation);
    uint32_t node = node_of_sentence(f, first, "e = ");
    RunRow again = rerun_settled(f, &(Rerun){.run_id = first.id, .from_node = node});
    assert_int_equal(again.state, RUN_COMPLETED);
    assert_true(str_eq(again.outputs, first.outputs));
    assert_int_equal(atomic_load(&f->calls[EFFECT_READ]), 1);
    assert_int_equal(atomic_load(&f->calls[EFFECT_ONCE]), 1);
    assert_int_equal(atomic_load(&f->calls[EFFECT_KEYED]), 2);
    assert_replays(f, again.id, 5);
}

static void test_rerun__from_a_node_survives_a_restart(void **state)
{
    Fixture *f = *state;
    Str automation;
    RunRow first = finished_run(f, &automation), again;
    uint32_t node = node_of_sentence(f, first, "d = ");
    assert_true(rerun(f, &(Rerun){.run_id = first.id, .from_node = node}, &again));
    again = fixture_settle(f, again.id);
    assert_int_equal(again.state, RUN_AWAITING_GUIDANCE);
    fixture_stop_engine(f);
    fixture_start_engine(f);
    again = waited(f, answered(f, again, "use 5"));
    assert_int_equal(again.state, RUN_COMPLETED);
    assert_true(str_eq(again.outputs, first.outputs));
    assert_int_equal(atomic_load(&f->calls[EFFECT_ONCE]), 1);
}

static void test_rerun__with_other_inputs_reuses_only_what_still_answers_them(void **state)
{
    Fixture *f = *state;
    Str automation;
    const Json *inputs;
    RunRow first = finished_run(f, &automation);
    assert_true(json_parse(&f->arena, S("{\"amount\":{\"number\":{\"lo\":2}}}"), 8, &inputs, &f->err));
    RunRow again = rerun_settled(
        f, &(Rerun){.run_id = first.id, .from_node = node_of_sentence(f, first, "e = "), .inputs = inputs});
    /* The first look is another one, so that nothing after it is known. */
    assert_int_equal(again.state, RUN_AWAITING_GUIDANCE);
    assert_int_equal(atomic_load(&f->calls[EFFECT_READ]), 2);
    assert_int_equal(atomic_load(&f->calls[EFFECT_ONCE]), 2);
}

typedef struct Edit {
    Str id;
    AutomationEdit edit;
} Edit;

static bool republish(Tx *tx, Fixture *f, void *argument, Error *err)
{
    const Edit *edit = argument;
    Automation automation;
    Revision revision;
    return automation_edit(tx, &f->arena, &f->scope, edit->id, &edit->edit, S("u1"), &automation, &revision, err) &&
           automation_publish(tx, &f->arena, &f->scope, edit->id, S("u1"), &automation, &revision, err);
}

static void edit_automation(Fixture *f, Str automation, const char *spy)
{
    Edit edit = {.id = automation, .edit = {.has_code = true, .code = str_from_c(spy)}};
    assert_true(automation_prepare(f->engine, &f->arena, &edit.edit, NULL, &f->err));
    if (!fixture_write(f, republish, &edit))
        fail_msg("%s", f->err.message);
}

static void test_rerun__on_the_newest_version_finds_the_same_sentence(void **state)
{
    Fixture *f = *state;
    Str automation;
    RunRow first = finished_run(f, &automation), again;
    uint32_t node = node_of_sentence(f, first, "e = "), gone = node_of_sentence(f, first, "set_output");
    edit_automation(f, automation,
                    "a = read_input(\"amount\", type=number)\n"
                    "say(\"Hello.\")\n"
                    "b = bank.look(amount=a)\n"
                    "c = bank.pay(amount=2)\n"
                    "d = ask(\"More?\", type=number)\n"
                    "wait(days(3))\n"
                    "e = bank.transfer(amount=d)\n"
                    "set_output(\"total\", value=b + c + d + e)\n");
    again = rerun_settled(f, &(Rerun){.run_id = first.id, .from_node = node, .stage = STAGE_PUBLISHED});
    assert_int_equal(again.state, RUN_COMPLETED);
    assert_true(again.revision != first.revision);
    assert_true(str_contains(again.outputs, S("\"total\"")));
    assert_int_equal(atomic_load(&f->calls[EFFECT_ONCE]), 1);
    assert_false(rerun(f, &(Rerun){.run_id = first.id, .from_node = gone, .stage = STAGE_PUBLISHED}, &again));
    assert_int_equal(f->err.code, FAILED_PRECONDITION);
    /* The version of the earlier run is still there for whoever says nothing. */
    again = rerun_settled(f, &(Rerun){.run_id = first.id, .from_node = gone});
    assert_int_equal(again.revision, first.revision);
    assert_true(str_eq(again.outputs, first.outputs));
}

static void test_rerun__refuses_what_cannot_be(void **state)
{
    Fixture *f = *state;
    Str automation;
    RunRow first = finished_run(f, &automation), again;
    Scope here = f->scope;
    assert_false(rerun(f, &(Rerun){.run_id = first.id, .from_node = 4711}, &again));
    assert_int_equal(f->err.code, INVALID_ARGUMENT);
    f->scope.workspace++;
    assert_false(rerun(f, &(Rerun){.run_id = first.id}, &again));
    assert_int_equal(f->err.code, NOT_FOUND);
    f->scope = here;
    RunRow waits = fixture_invoke(f, automation, STAGE_PUBLISHED, "{\"amount\":{\"number\":{\"lo\":1}}}");
    assert_false(rerun(f, &(Rerun){.run_id = waits.id, .from_node = node_of_sentence(f, waits, "e = ")}, &again));
    assert_int_equal(f->err.code, FAILED_PRECONDITION);
    assert_true(str_contains(str_from_c(f->err.message), S("did not get to node")));
}

static void test_rerun__request_id_gives_the_same_run(void **state)
{
    Fixture *f = *state;
    Str automation;
    RunRow first = finished_run(f, &automation), one, other;
    Rerun request = {.run_id = first.id, .request_id = S("r1"), .request_hash = 7};
    assert_true(rerun(f, &request, &one));
    assert_true(rerun(f, &request, &other));
    assert_true(str_eq(one.id, other.id));
    request.request_hash = 8;
    assert_false(rerun(f, &request, &other));
    assert_int_equal(f->err.code, ALREADY_EXISTS);
}

static void test_replay__tells_answers_errors_and_doubts_again(void **state)
{
    Fixture *f = *state;
    Str id = fixture_automation(f, "pays",
                                "a = bank.pay(amount=20)\nb = ask(\"More?\", type=number)\n"
                                "set_output(\"sum\", value=a + b)\n",
                                true);
    atomic_store(&f->refuse, true);
    RunRow run = fixture_invoke(f, id, STAGE_PUBLISHED, "{}");
    assert_replays(f, run.id, 1); /* the refusal */
    atomic_store(&f->refuse, false);
    run = answered(f, run, "retry in 3 days");
    assert_replays(f, run.id, 3);
    run = waited(f, run);
    assert_int_equal(run.state, RUN_AWAITING_GUIDANCE);
    run = answered(f, run, "replace with\n    the b is 3");
    assert_int_equal(run.state, RUN_COMPLETED);
    assert_replays(f, run.id, 5);
}

static bool forge_outputs(Tx *tx, Fixture *f, void *argument, Error *err)
{
    (void)f;
    RunRow *run = argument;
    run->outputs = S("{\"sum\":{\"number\":{\"lo\":1}}}");
    return store_run_update(tx, run, err);
}

/* What the run heard is packed: each of it is written anew. */
static bool forge_result(Tx *tx, Fixture *f, void *argument, Error *err)
{
    EffectRow *rows;
    int n;
    const RunRow *run = argument;
    AUTO(query_done)
    Query query = {0};
    if (!store_effect_list(tx, &f->arena, run->key, 0, &rows, &n, err) ||
        !query_open(&query, tx->database, "DELETE FROM effect WHERE run = $1", err))
        return false;
    bind_i64(&query, run->key);
    if (!query_run(&query, err))
        return false;
    rows[1].site++;
    for (int i = 0; i < n; i++)
        if (!store_effect_finish(tx, run->key, &rows[i], err))
            return false;
    return true;
}

static void test_replay__tells_what_was_changed(void **state)
{
    Fixture *f = *state;
    Str automation;
    Replay replay;
    RunRow run = finished_run(f, &automation), forged = run;
    assert_true(fixture_write(f, forge_outputs, &forged));
    assert_true(run_replay(f->reader, &f->world, engine_catalog(f->engine), (Budget){0}, &f->arena, &f->scope, run.id,
                           &replay, &f->err));
    assert_false(replay.same);
    assert_true(str_contains(replay.difference, S("\"lo\":1}")));
    assert_true(fixture_write(f, forge_result, &run));
    assert_true(run_replay(f->reader, &f->world, engine_catalog(f->engine), (Budget){0}, &f->arena, &f->scope, run.id,
                           &replay, &f->err));
    assert_false(replay.same);
    assert_int_equal(replay.heard, 1);
}

static void test_timer__each_wait_has_its_own_hour(void **state)
{
    Fixture *f = *state;
    Str id = fixture_automation(f, "waits", "wait(days(3))\nwait(days(3))\nset_output(\"x\", value=1)\n", true);
    RunRow run = fixture_invoke(f, id, STAGE_PUBLISHED, "{}");
    assert_true(run.timer_parked);
    int64_t first_us = run.timer_us;
    atomic_fetch_add(&f->now_us, 3 * DAY_US + 1000000);
    for (int i = 0; i < 2000 && run.timer_us == first_us; i++) {
        usleep(10000);
        run = fixture_run(f, run.id);
    }
    assert_int_equal(run.state, RUN_EXECUTING);
    assert_true(run.timer_us >= first_us + 3 * DAY_US);
    run = waited(f, fixture_settle(f, run.id));
    assert_int_equal(run.state, RUN_COMPLETED);
    assert_replays(f, run.id, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(test_rerun__from_the_start_does_everything_anew),
        FIXTURE_TEST(test_rerun__from_a_node_does_not_pay_ask_or_wait_again),
        FIXTURE_TEST(test_rerun__from_a_node_survives_a_restart),
        FIXTURE_TEST(test_rerun__with_other_inputs_reuses_only_what_still_answers_them),
        FIXTURE_TEST(test_rerun__on_the_newest_version_finds_the_same_sentence),
        FIXTURE_TEST(test_rerun__refuses_what_cannot_be),
        FIXTURE_TEST(test_rerun__request_id_gives_the_same_run),
        FIXTURE_TEST(test_replay__tells_answers_errors_and_doubts_again),
        FIXTURE_TEST(test_replay__tells_what_was_changed),
        FIXTURE_TEST(test_timer__each_wait_has_its_own_hour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
