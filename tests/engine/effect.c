/* tests/engine/effect.c: effects happen once, or are asked about. */
#include "fixture.h"

#include <unistd.h>

#include "value/pack.h"

#define CALLS(procedure)                                                                                               \
    "a = bank." procedure "(amount=20)\nb = ask(\"More?\", type=number)\nset_output(\"sum\", value=a + b)\n"
#define SUM(lo) "{\"sum\":{\"number\":{\"lo\":" #lo ",\"mid\":0,\"hi\":0,\"flags\":0}}}"

static void finish(Fixture *f, RunRow run, const char *expected)
{
    AnswerResult result;
    if (!fixture_answer(f, run.id, "use 2", false, &result))
        fail_msg("%s", f->err.message);
    run = fixture_settle(f, run.id);
    assert_int_equal(run.state, RUN_COMPLETED);
    assert_str(run.outputs, expected);
}

static void test_effect__is_carried_out_once_across_parks(void **state)
{
    Fixture *f = *state;
    Str id = fixture_automation(f, "pays", CALLS("pay"), true);
    RunRow run = fixture_invoke(f, id, STAGE_PUBLISHED, "{}");
    assert_int_equal(run.state, RUN_AWAITING_GUIDANCE);
    fixture_stop_engine(f);
    fixture_start_engine(f);
    finish(f, run, SUM(42));
    assert_int_equal(atomic_load(&f->calls[EFFECT_ONCE]), 1);
}

/* A run as a crash leaves it: executing, with what was recorded of its first effect. */
typedef struct Crashed {
    Str automation;
    bool finished;
    RunRow run;
} Crashed;

static bool make_crashed(Tx *tx, Fixture *f, void *argument, Error *err)
{
    Crashed *c = argument;
    Invocation invocation = {
        .automation_id = c->automation, .stage = STAGE_PUBLISHED, .source = SOURCE_MANUAL, .user_id = S("u1")};
    if (!run_invoke(tx, f->engine, &f->arena, &f->scope, &invocation, &c->run, err) ||
        !run_become(tx, f->engine, &c->run, RUN_EXECUTING, (Str){0}, err) ||
        !store_effect_begin(tx, c->run.key, 0, 0, S("the-key"), err))
        return false;
    Buf packed = buf_in(&f->arena);
    pack_value(packer_new(&f->arena, &packed), value_int(40));
    return !c->finished || store_effect_finish(tx, c->run.key, &(EffectRow){.result = buf_view(&packed)}, err);
}

static RunRow crashed_run(Fixture *f, const char *procedure, bool finished)
{
    char code[256];
    snprintf(code, sizeof code, CALLS("%s"), procedure);
    Crashed crashed = {.automation = fixture_automation(f, procedure, code, true), .finished = finished};
    /* With no engine running nobody takes the run up before its effect is written. */
    Engine *engine = f->engine;
    engine_stop(engine, 0);
    assert_true(fixture_write(f, make_crashed, &crashed));
    engine_free(engine);
    fixture_start_engine(f);
    return fixture_settle(f, crashed.run.id);
}

static void test_recorded_result__is_not_called_for_again(void **state)
{
    Fixture *f = *state;
    RunRow run = crashed_run(f, "pay", true);
    assert_int_equal(run.state, RUN_AWAITING_GUIDANCE);
    finish(f, run, SUM(42));
    assert_int_equal(atomic_load(&f->calls[EFFECT_ONCE]), 0);
}

static void test_in_doubt__a_payment_is_asked_about(void **state)
{
    Fixture *f = *state;
    RunRow run = crashed_run(f, "pay", false);
    assert_int_equal(run.state, RUN_AWAITING_GUIDANCE);
    assert_int_equal(atomic_load(&f->calls[EFFECT_ONCE]), 0);
    AnswerResult result;
    assert_true(fixture_answer(f, run.id, "use 40", false, &result)); /* it had happened: this is what the bank says */
    run = fixture_settle(f, run.id);
    finish(f, run, SUM(42));
    assert_int_equal(atomic_load(&f->calls[EFFECT_ONCE]), 0);
}

static void test_in_doubt__a_payment_is_repeated_when_a_person_says_so(void **state)
{
    Fixture *f = *state;
    RunRow run = crashed_run(f, "pay", false);
    AnswerResult result;
    assert_true(fixture_answer(f, run.id, "retry", false, &result));
    run = fixture_settle(f, run.id);
    finish(f, run, SUM(42));
    assert_int_equal(atomic_load(&f->calls[EFFECT_ONCE]), 1);
}

static void test_in_doubt__keyed_is_called_again_with_the_same_key(void **state)
{
    Fixture *f = *state;
    RunRow run = crashed_run(f, "transfer", false);
    assert_string_equal(f->last_key, "the-key");
    finish(f, run, SUM(42));
    assert_int_equal(atomic_load(&f->calls[EFFECT_KEYED]), 1);
}

static void test_in_doubt__repeatable_is_called_again(void **state)
{
    Fixture *f = *state;
    RunRow run = crashed_run(f, "book", false);
    finish(f, run, SUM(42));
    assert_int_equal(atomic_load(&f->calls[EFFECT_REPEATABLE]), 1);
}

static void test_look__is_the_same_after_a_park(void **state)
{
    Fixture *f = *state;
    Str id = fixture_automation(f, "looks", CALLS("look"), true);
    atomic_store(&f->calls[EFFECT_READ], 7);
    RunRow run = fixture_invoke(f, id, STAGE_PUBLISHED, "{}");
    fixture_stop_engine(f);
    fixture_start_engine(f);
    finish(f, run, SUM(20009));
}

static void test_refusal__is_a_question_and_retry_calls_again(void **state)
{
    Fixture *f = *state;
    Str id = fixture_automation(f, "pays", CALLS("pay"), true);
    atomic_store(&f->refuse, true);
    RunRow run = fixture_invoke(f, id, STAGE_PUBLISHED, "{}");
    assert_int_equal(run.state, RUN_AWAITING_GUIDANCE);
    assert_true(str_contains(run.description, S("the bank is closed")));
    atomic_store(&f->refuse, false);
    AnswerResult result;
    assert_true(fixture_answer(f, run.id, "retry", false, &result));
    run = fixture_settle(f, run.id);
    finish(f, run, SUM(42));
    assert_int_equal(atomic_load(&f->calls[EFFECT_ONCE]), 2);
}

/* Waits until the run stands still otherwise than before. */
static RunRow passed(Fixture *f, RunRow run, int64_t seconds)
{
    int64_t before_us = run.timer_us;
    atomic_fetch_add(&f->now_us, seconds * 1000000);
    for (int i = 0; i < 1000 && run.state == RUN_EXECUTING && run.timer_us == before_us; i++) {
        usleep(10000);
        run = fixture_run(f, run.id);
    }
    return fixture_settle(f, run.id);
}

static void test_trouble__is_waited_out_with_the_same_key(void **state)
{
    Fixture *f = *state;
    char key[64];
    Str id = fixture_automation(f, "transfers", CALLS("transfer"), true);
    atomic_store(&f->refuse, true);
    RunRow run = fixture_invoke(f, id, STAGE_PUBLISHED, "{}");
    assert_true(run.timer_parked);
    strcpy(key, f->last_key);
    fixture_stop_engine(f); /* the wait survives a restart */
    fixture_start_engine(f);
    run = passed(f, run, 1);
    assert_true(run.timer_parked);
    assert_int_equal(atomic_load(&f->calls[EFFECT_KEYED]), 2);
    atomic_store(&f->refuse, false);
    run = passed(f, run, 5);
    assert_int_equal(run.state, RUN_AWAITING_GUIDANCE); /* the program's own question */
    assert_string_equal(f->last_key, key);
    finish(f, run, SUM(42));
    assert_int_equal(atomic_load(&f->calls[EFFECT_KEYED]), 3);
}

static void test_trouble__that_stays_is_asked_about(void **state)
{
    Fixture *f = *state;
    Str id = fixture_automation(f, "looks", CALLS("look"), true);
    atomic_store(&f->refuse, true);
    RunRow run = fixture_invoke(f, id, STAGE_PUBLISHED, "{}");
    static const int64_t seconds[] = {1, 5, 25};
    for (size_t i = 0; i < COUNT_OF(seconds); i++) {
        assert_true(run.timer_parked);
        run = passed(f, run, seconds[i]);
    }
    assert_int_equal(run.state, RUN_AWAITING_GUIDANCE);
    assert_true(str_contains(run.description, S("the bank is closed")));
    assert_int_equal(atomic_load(&f->calls[EFFECT_READ]), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(test_effect__is_carried_out_once_across_parks),
        FIXTURE_TEST(test_recorded_result__is_not_called_for_again),
        FIXTURE_TEST(test_in_doubt__a_payment_is_asked_about),
        FIXTURE_TEST(test_in_doubt__a_payment_is_repeated_when_a_person_says_so),
        FIXTURE_TEST(test_in_doubt__keyed_is_called_again_with_the_same_key),
        FIXTURE_TEST(test_in_doubt__repeatable_is_called_again),
        FIXTURE_TEST(test_look__is_the_same_after_a_park),
        FIXTURE_TEST(test_refusal__is_a_question_and_retry_calls_again),
        FIXTURE_TEST(test_trouble__is_waited_out_with_the_same_key),
        FIXTURE_TEST(test_trouble__that_stays_is_asked_about),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
