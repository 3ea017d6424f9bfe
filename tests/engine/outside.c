/* tests/engine/outside.c: a call that goes outside holds no thread, and happens once or is asked about. */
#include "fixture.h"

#include <unistd.h>

#define CALLS(procedure) "a = bank." procedure "(amount=20)\nset_output(\"sum\", value=a + 2)\n"
#define SUM(lo) "{\"sum\":{\"number\":{\"lo\":" #lo ",\"mid\":0,\"hi\":0,\"flags\":0}}}"

static RunRow start(Fixture *f, const char *name, const char *code)
{
    bool ok;
    RunRow run = fixture_invoke_only(f, fixture_automation(f, name, code, true), STAGE_PUBLISHED, "{}", "", &ok);
    assert_true(ok);
    return run;
}

/* The engine is cut off at once: what is on its way never comes back to it. */
static void crash(Fixture *f)
{
    engine_stop(f->engine, 0);
    while (f->oldest_errand)
        fixture_come_back(f, OK);
    engine_free(f->engine);
    f->engine = NULL;
}

static void finish(Fixture *f, RunRow run)
{
    run = fixture_settle(f, run.id);
    assert_int_equal(run.state, RUN_COMPLETED);
    assert_str(run.outputs, SUM(42));
}

static void test_call__comes_back_and_the_run_goes_on(void **state)
{
    Fixture *f = *state;
    RunRow run = start(f, "wires", CALLS("wire"));
    fixture_wait_begun(f, EFFECT_KEYED, 1);
    assert_int_equal(f->last_key[0] != '\0', true);
    fixture_come_back(f, OK);
    finish(f, run);
    assert_true(str_contains(fixture_journal(f, run.key), S("stopped\n"))); /* it told that it waits on a book */
    EffectRow heard = fixture_heard(f, run.key, 0);
    assert_true(heard.finished && heard.kind == HEARD_RESULT);
}

static void test_call__that_is_back_before_it_was_sent_goes_on_too(void **state)
{
    Fixture *f = *state;
    atomic_store(&f->comes_at_once, true);
    finish(f, start(f, "wires", CALLS("wire")));
}

static void test_call__that_cannot_be_begun_is_a_question_about_its_argument(void **state)
{
    Fixture *f = *state;
    RunRow run = start(f, "wires", "bank.wire(amount=-1)\n");
    run = fixture_settle(f, run.id);
    assert_int_equal(run.state, RUN_AWAITING_GUIDANCE);
    assert_true(str_contains(run.description, S("that is no amount")));
    assert_int_equal(atomic_load(&f->begun[EFFECT_KEYED]), 0);
}

static void test_calls__under_way_hold_neither_threads_nor_places(void **state)
{
    Fixture *f = *state;
    enum { N = 40 };
    RunRow runs[N];
    fixture_stop_engine(f);
    fixture_start_engine_with(f, (EngineOptions){.workers = 1, .max_active = 1});
    Str automation = fixture_automation(f, "asks", CALLS("ask"), true);
    for (int i = 0; i < N; i++) {
        bool ok;
        runs[i] = fixture_invoke_only(f, automation, STAGE_PUBLISHED, "{}", "", &ok);
        assert_true(ok);
    }
    fixture_wait_begun(f, EFFECT_READ, N); /* all of them, with one worker and room for one run */
    finish(f, start(f, "pays", CALLS("pay")));
    for (int i = 0; i < N; i++)
        fixture_come_back(f, OK);
    for (int i = 0; i < N; i++)
        finish(f, runs[i]);
}

static void test_crash_while_under_way__keyed_is_begun_again_with_the_same_key(void **state)
{
    Fixture *f = *state;
    char key[64];
    RunRow run = start(f, "wires", CALLS("wire"));
    fixture_wait_begun(f, EFFECT_KEYED, 1);
    strcpy(key, f->last_key);
    crash(f);
    assert_int_equal(atomic_load(&f->calls[EFFECT_KEYED]), 0);
    fixture_start_engine(f);
    fixture_wait_begun(f, EFFECT_KEYED, 2);
    assert_string_equal(f->last_key, key);
    fixture_come_back(f, OK);
    finish(f, run);
}

static void test_crash_while_under_way__a_letter_is_asked_about(void **state)
{
    Fixture *f = *state;
    RunRow run = start(f, "mails", CALLS("mail"));
    fixture_wait_begun(f, EFFECT_ONCE, 1);
    crash(f);
    fixture_start_engine(f);
    run = fixture_settle(f, run.id);
    assert_int_equal(run.state, RUN_AWAITING_GUIDANCE);
    assert_true(str_contains(run.description, S("may or may not have happened")));
    assert_int_equal(atomic_load(&f->begun[EFFECT_ONCE]), 1);
    AnswerResult result;
    assert_true(fixture_answer(f, run.id, "use 40", false, &result)); /* it was sent */
    finish(f, run);
    assert_int_equal(atomic_load(&f->begun[EFFECT_ONCE]), 1);
}

static void test_crash_after_the_result__does_not_call_again(void **state)
{
    Fixture *f = *state;
    RunRow run = start(f, "mails",
                       "a = bank.mail(amount=20)\nb = ask(\"More?\", type=number)\nset_output(\"sum\", "
                       "value=a + b)\n");
    fixture_come_back(f, OK);
    run = fixture_settle(f, run.id);
    assert_int_equal(run.state, RUN_AWAITING_GUIDANCE);
    crash(f);
    fixture_start_engine(f);
    AnswerResult result;
    assert_true(fixture_answer(f, run.id, "use 2", false, &result));
    finish(f, run);
    assert_int_equal(atomic_load(&f->begun[EFFECT_ONCE]), 1);
}

static void *come_back_later(void *f)
{
    usleep(50000);
    fixture_come_back(f, OK);
    return NULL;
}

static void test_stop__waits_for_what_is_under_way(void **state)
{
    Fixture *f = *state;
    RunRow run = start(f, "mails", CALLS("mail"));
    fixture_wait_begun(f, EFFECT_ONCE, 1);
    pthread_t answerer;
    assert_int_equal(pthread_create(&answerer, NULL, come_back_later, f), 0);
    engine_stop(f->engine, 5000000);
    pthread_join(answerer, NULL);
    engine_free(f->engine);
    assert_int_equal(atomic_load(&f->calls[EFFECT_ONCE]), 1);
    fixture_start_engine(f);
    finish(f, run);
    assert_int_equal(atomic_load(&f->begun[EFFECT_ONCE]), 1);
}

static void test_trouble__is_waited_out_with_the_same_key_and_a_limit(void **state)
{
    Fixture *f = *state;
    static const int64_t seconds[] = {1, 5, 25};
    char key[64];
    RunRow run = start(f, "wires", CALLS("wire"));
    fixture_come_back(f, UNAVAILABLE);
    for (size_t i = 0; i < COUNT_OF(seconds); i++) {
        run = fixture_settle(f, run.id);
        assert_true(run.timer_parked);
        strcpy(key, f->last_key);
        if (i == 1) { /* the wait survives a crash */
            crash(f);
            fixture_start_engine(f);
        }
        atomic_fetch_add(&f->now_us, seconds[i] * 1000000);
        fixture_wait_begun(f, EFFECT_KEYED, (int)i + 2);
        assert_string_equal(f->last_key, key);
        fixture_come_back(f, i % 2 ? UNAVAILABLE : DEADLINE_EXCEEDED);
    }
    run = fixture_settle(f, run.id);
    assert_int_equal(run.state, RUN_AWAITING_GUIDANCE);
    assert_true(str_contains(run.description, S("the bank is closed")));
}

static void test_trouble__of_what_must_not_be_done_twice_is_asked_about_at_once(void **state)
{
    Fixture *f = *state;
    RunRow run = start(f, "mails", CALLS("mail"));
    fixture_come_back(f, DEADLINE_EXCEEDED);
    run = fixture_settle(f, run.id);
    assert_int_equal(run.state, RUN_AWAITING_GUIDANCE);
    AnswerResult result;
    assert_true(fixture_answer(f, run.id, "retry", false, &result));
    fixture_wait_begun(f, EFFECT_ONCE, 2);
    fixture_come_back(f, OK);
    finish(f, run);
}

static bool pause_run(Tx *tx, Fixture *f, void *argument, Error *err)
{
    RunRow *run = argument;
    return run_pause(tx, f->engine, &f->arena, &f->scope, 0, run->id, S("to look"), run, err);
}

static bool continue_run(Tx *tx, Fixture *f, void *argument, Error *err)
{
    RunRow *run = argument;
    return run_continue(tx, f->engine, &f->arena, &f->scope, 0, run->id, run, err);
}

static bool cancel_run(Tx *tx, Fixture *f, void *argument, Error *err)
{
    RunRow *run = argument;
    return run_cancel(tx, f->engine, &f->arena, &f->scope, 0, run->id, S("no longer wanted"), run, err);
}

static void test_pause_while_under_way__takes_what_comes_back_and_stops(void **state)
{
    Fixture *f = *state;
    RunRow run = start(f, "mails", CALLS("mail"));
    fixture_wait_begun(f, EFFECT_ONCE, 1);
    assert_true(fixture_write(f, pause_run, &run));
    fixture_come_back(f, OK);
    run = fixture_settle(f, run.id);
    assert_int_equal(run.state, RUN_STOPPED);
    assert_true(fixture_write(f, continue_run, &run));
    finish(f, run);
    assert_int_equal(atomic_load(&f->begun[EFFECT_ONCE]), 1);
}

static void test_cancel_while_under_way__forgets_what_comes_back(void **state)
{
    Fixture *f = *state;
    RunRow run = start(f, "mails", CALLS("mail"));
    fixture_wait_begun(f, EFFECT_ONCE, 1);
    assert_true(fixture_write(f, cancel_run, &run));
    fixture_come_back(f, OK);
    for (int i = 0; i < 5000 && atomic_load(&f->dropped) == 0; i++)
        usleep(1000);
    assert_int_equal(atomic_load(&f->dropped), 1);
    assert_int_equal(fixture_run(f, run.id).state, RUN_FAILED);
}

static void test_read__is_repeated_after_a_crash_and_its_answer_is_kept(void **state)
{
    Fixture *f = *state;
    RunRow run = start(f, "asks", CALLS("ask"));
    fixture_wait_begun(f, EFFECT_READ, 1);
    crash(f);
    fixture_start_engine(f);
    fixture_wait_begun(f, EFFECT_READ, 2);
    fixture_come_back(f, OK);
    finish(f, run);
    assert_true(fixture_heard(f, run.key, 0).finished);
}

/* ---- more of them than may be outside ---- */

enum { CROWD = 60, AT_ONCE = 3 };

typedef struct Crowd {
    RunRow runs[CROWD];
} Crowd;

/* All but AT_ONCE of them wait at the door. */
static void crowd_start(Fixture *f, Crowd *crowd, const char *code)
{
    fixture_stop_engine(f);
    fixture_start_engine_with(f, (EngineOptions){.workers = 2, .max_outside = AT_ONCE});
    Str automation = fixture_automation(f, "crowd", code, true);
    for (int i = 0; i < CROWD; i++) {
        bool ok;
        crowd->runs[i] = fixture_invoke_only(f, automation, STAGE_PUBLISHED, "{}", "", &ok);
        assert_true(ok);
    }
    EngineCounters now = {0};
    for (int i = 0; i < 20000 && (now.outside != AT_ONCE || now.queued != CROWD - AT_ONCE); i++) {
        usleep(1000);
        engine_counters(f->engine, &now);
    }
    assert_int_equal(now.outside, AT_ONCE);
    assert_int_equal(now.queued, CROWD - AT_ONCE);
    assert_int_equal(now.active, AT_ONCE); /* nothing is in memory of those that wait */
}

static void test_calls_beyond_the_bound__wait_in_the_store_and_all_end(void **state)
{
    Fixture *f = *state;
    Crowd crowd;
    crowd_start(f, &crowd, "a = bank.wire(amount=10)\nb = bank.mail(amount=a)\nset_output(\"sum\", value=b + 2)\n");
    for (int i = 0; i < 2 * CROWD; i++)
        fixture_come_back(f, OK);
    for (int i = 0; i < CROWD; i++)
        finish(f, crowd.runs[i]);
    assert_int_equal(atomic_load(&f->most_out), AT_ONCE);
    assert_int_equal(atomic_load(&f->begun[EFFECT_KEYED]), CROWD);
    assert_int_equal(atomic_load(&f->begun[EFFECT_ONCE]), CROWD);
}

/* Those that are outside have told so in their journals. */
static RunRow *one_that_waits(Fixture *f, Crowd *crowd)
{
    for (int i = CROWD - 1; i >= 0; i--)
        if (fixture_run(f, crowd->runs[i].id).state == RUN_EXECUTING &&
            !str_contains(fixture_journal(f, crowd->runs[i].key), S("stopped\n")))
            return &crowd->runs[i];
    fail();
    return NULL;
}

static void test_pause_at_the_door__does_not_wait_for_its_turn(void **state)
{
    Fixture *f = *state;
    Crowd crowd;
    crowd_start(f, &crowd, CALLS("mail"));
    RunRow *run = one_that_waits(f, &crowd);
    for (int round = 0; round < 100;
         round++) { /* each time it goes back to the end of the queue, or is on its way there */
        assert_true(fixture_write(f, pause_run, run));
        assert_int_equal(fixture_settle(f, run->id).state, RUN_STOPPED);
        assert_true(fixture_write(f, continue_run, run));
    }
    for (int i = 0; i < CROWD; i++)
        fixture_come_back(f, OK);
    for (int i = 0; i < CROWD; i++)
        finish(f, crowd.runs[i]);
    assert_int_equal(atomic_load(&f->begun[EFFECT_ONCE]), CROWD);
    assert_int_equal(atomic_load(&f->most_out), AT_ONCE);
}

static void test_cancel_at_the_door__lets_the_next_one_out(void **state)
{
    Fixture *f = *state;
    Crowd crowd;
    crowd_start(f, &crowd, CALLS("mail"));
    RunRow *cancelled[CROWD / 2];
    for (size_t i = 0; i < COUNT_OF(cancelled); i++) {
        cancelled[i] = one_that_waits(f, &crowd);
        assert_true(fixture_write(f, cancel_run, cancelled[i]));
    }
    for (size_t i = 0; i < CROWD - COUNT_OF(cancelled); i++)
        fixture_come_back(f, OK);
    int n_ended = 0;
    for (int i = 0; i < CROWD; i++)
        n_ended += fixture_settle(f, crowd.runs[i].id).state == RUN_COMPLETED;
    assert_int_equal(n_ended, CROWD - COUNT_OF(cancelled));
    assert_int_equal(atomic_load(&f->begun[EFFECT_ONCE]), CROWD - COUNT_OF(cancelled));
}

static void test_trouble_at_the_door__passes_the_place_on(void **state)
{
    Fixture *f = *state;
    Crowd crowd;
    crowd_start(f, &crowd, CALLS("wire"));
    for (int i = 0; i < CROWD; i++) /* each tries again in a second: meanwhile it holds no place */
        fixture_come_back(f, UNAVAILABLE);
    for (int i = 0; i < CROWD; i++)
        assert_true(fixture_settle(f, crowd.runs[i].id).timer_parked);
    atomic_fetch_add(&f->now_us, 1000000);
    for (int i = 0; i < CROWD; i++)
        fixture_come_back(f, OK);
    for (int i = 0; i < CROWD; i++)
        finish(f, crowd.runs[i]);
    assert_int_equal(atomic_load(&f->begun[EFFECT_KEYED]), 2 * CROWD);
    assert_int_equal(atomic_load(&f->most_out), AT_ONCE);
}

static void test_crash_with_a_crowd_at_the_door__only_what_was_begun_is_in_doubt(void **state)
{
    Fixture *f = *state;
    Crowd crowd;
    crowd_start(f, &crowd, CALLS("mail"));
    crash(f);
    fixture_start_engine_with(f, (EngineOptions){.workers = 2, .max_outside = AT_ONCE});
    for (int i = 0; i < CROWD - AT_ONCE; i++)
        fixture_come_back(f, OK);
    int n_asked = 0;
    for (int i = 0; i < CROWD; i++)
        n_asked += fixture_settle(f, crowd.runs[i].id).state == RUN_AWAITING_GUIDANCE;
    assert_int_equal(n_asked, AT_ONCE);
    assert_int_equal(atomic_load(&f->begun[EFFECT_ONCE]), CROWD);
}

/* A snapshot's `effects`; -1: there is none. */
static int64_t saved_effects(Fixture *f, int64_t run)
{
    Tx *tx;
    Str bytes;
    int64_t effects;
    assert_true(tx_begin_read(f->reader, &tx, &f->err));
    assert_true(store_snapshot_get(tx, &f->arena, run, &bytes, &effects, &f->err));
    tx_end(tx);
    return bytes.len > 0 ? effects : -1;
}

static void test_many_calls__are_saved_often_enough_to_go_on_soon_after_a_crash(void **state)
{
    Fixture *f = *state;
    enum { CALLS_N = 40, BEFORE = 33, SAVED = 32 };
    RunRow run = start(f, "sums",
                       "sum = 0\nfor i in range(40):\n    sum = sum + bank.ask(amount=i)\n"
                       "set_output(\"sum\", value=sum - 1518)\n");
    fixture_wait_begun(f, EFFECT_READ, 1);
    assert_int_equal(saved_effects(f, run.key), f->stays_bytes < 0 ? 0 : -1);
    for (int i = 0; i < BEFORE; i++)
        fixture_come_back(f, OK);
    fixture_wait_begun(f, EFFECT_READ, BEFORE + 1);
    assert_int_equal(saved_effects(f, run.key), f->stays_bytes < 0 ? BEFORE : SAVED);
    crash(f);
    fixture_start_engine(f);
    for (int i = BEFORE; i < CALLS_N; i++)
        fixture_come_back(f, OK);
    finish(f, run);
    assert_int_equal(atomic_load(&f->begun[EFFECT_READ]), CALLS_N + 1);
    assert_int_equal(saved_effects(f, run.key), -1);
}

/* Runs leave memory while their calls are under way. */
static int setup_leaving(void **state)
{
    fixture_setup(state);
    fixture_stop_engine(*state);
    ((Fixture *)*state)->stays_bytes = -1;
    fixture_start_engine(*state);
    return 0;
}

#define TEST(name)                                                                                                     \
    FIXTURE_TEST(name),                                                                                                \
    {                                                                                                                  \
#name "__from_the_store", name, setup_leaving, fixture_teardown, NULL                                          \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_call__comes_back_and_the_run_goes_on),
        TEST(test_call__that_is_back_before_it_was_sent_goes_on_too),
        TEST(test_call__that_cannot_be_begun_is_a_question_about_its_argument),
        TEST(test_calls__under_way_hold_neither_threads_nor_places),
        TEST(test_crash_while_under_way__keyed_is_begun_again_with_the_same_key),
        TEST(test_crash_while_under_way__a_letter_is_asked_about),
        TEST(test_crash_after_the_result__does_not_call_again),
        TEST(test_stop__waits_for_what_is_under_way),
        TEST(test_trouble__is_waited_out_with_the_same_key_and_a_limit),
        TEST(test_trouble__of_what_must_not_be_done_twice_is_asked_about_at_once),
        TEST(test_pause_while_under_way__takes_what_comes_back_and_stops),
        TEST(test_cancel_while_under_way__forgets_what_comes_back),
        TEST(test_read__is_repeated_after_a_crash_and_its_answer_is_kept),
        TEST(test_many_calls__are_saved_often_enough_to_go_on_soon_after_a_crash),
        TEST(test_calls_beyond_the_bound__wait_in_the_store_and_all_end),
        TEST(test_pause_at_the_door__does_not_wait_for_its_turn),
        TEST(test_cancel_at_the_door__lets_the_next_one_out),
        TEST(test_trouble_at_the_door__passes_the_place_on),
        TEST(test_crash_with_a_crowd_at_the_door__only_what_was_begun_is_in_doubt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
