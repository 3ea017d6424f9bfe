/* tests/engine/exception.c: questions, answers, guides. */
#include "fixture.h"

#include <stdio.h>

#define ASKS                                                                                                           \
    "n = read_input(\"n\", type=number)\nfactor = ask(\"Which factor?\", type=number)\nset_output(\"product\", "       \
    "value=n * factor)\n"
#define TWO "{\"n\":{\"number\":{\"lo\":2}}}"
#define PRODUCT(lo) "{\"product\":{\"number\":{\"lo\":" #lo ",\"mid\":0,\"hi\":0,\"flags\":0}}}"

static ExceptionRow exception_of(Fixture *f, Str id)
{
    Tx *tx;
    ExceptionRow exception;
    assert_true(tx_begin_read(f->reader, &tx, &f->err));
    if (!store_exception_get(tx, &f->arena, &f->scope, id, &exception, &f->err))
        fail_msg("%s", f->err.message);
    tx_end(tx);
    return exception;
}

static int thread_kinds(Fixture *f, int64_t run, ThreadEventKind *out, int max)
{
    Tx *tx;
    ThreadEvent *events;
    int n;
    assert_true(tx_begin_read(f->reader, &tx, &f->err));
    assert_true(store_thread_follow(tx, &f->arena, run, S("astral"), 0, max, &events, &n, &f->err));
    tx_end(tx);
    for (int i = 0; i < n; i++)
        out[i] = events[i].kind;
    return n;
}

static void test_question__parks_the_run_with_everything_at_once(void **state)
{
    Fixture *f = *state;
    Str id = fixture_automation(f, "asks", ASKS, true);
    RunRow run = fixture_invoke(f, id, STAGE_PUBLISHED, TWO);
    assert_int_equal(run.state, RUN_AWAITING_GUIDANCE);
    assert_true(str_contains(run.description, S("Which factor?")));
    assert_true(run.location_end > run.location_start);
    ExceptionRow exception = exception_of(f, run.exception_id);
    assert_int_equal(exception.state, EXCEPTION_PENDING);
    assert_str(exception.description, "Which factor?");
    assert_true(exception.group.len > 0);
    ThreadEventKind kinds[8];
    assert_int_equal(thread_kinds(f, run.key, kinds, 8), 1);
    assert_int_equal(kinds[0], THREAD_AGENT_MESSAGE);
}

static void test_answer__patches_the_node_and_the_run_goes_on(void **state)
{
    Fixture *f = *state;
    Str id = fixture_automation(f, "asks", ASKS, true);
    RunRow run = fixture_invoke(f, id, STAGE_PUBLISHED, TWO);
    Str exception_id = run.exception_id;
    AnswerResult result;
    assert_true(fixture_answer(f, run.id, "use 21", false, &result));
    assert_true(result.accepted);
    run = fixture_settle(f, run.id);
    assert_int_equal(run.state, RUN_COMPLETED);
    assert_str(run.outputs, PRODUCT(42));
    ExceptionRow exception = exception_of(f, exception_id);
    assert_int_equal(exception.state, EXCEPTION_RESOLVED);
    assert_str(exception.resolver, "users/u1");
    ThreadEventKind kinds[8];
    assert_int_equal(thread_kinds(f, run.key, kinds, 8), 4);
    assert_int_equal(kinds[1], THREAD_USER_MESSAGE);
    assert_int_equal(kinds[3], THREAD_COMPLETION_RESPONSE);
    assert_true(str_contains(fixture_journal(f, run.key), S("node_patched\n")));
    assert_false(fixture_answer(f, run.id, "use 5", false, &result));
    assert_int_equal(f->err.code, FAILED_PRECONDITION);
}

static void test_answer__that_makes_no_sense_changes_nothing(void **state)
{
    Fixture *f = *state;
    Str id = fixture_automation(f, "asks", ASKS, true);
    RunRow run = fixture_invoke(f, id, STAGE_PUBLISHED, TWO);
    AnswerResult result;
    assert_false(fixture_answer(f, run.id, "use \"a dozen or so\"", false, &result));
    assert_int_equal(f->err.code, INVALID_ARGUMENT);
    RunRow after = fixture_run(f, run.id);
    assert_int_equal(after.state, RUN_AWAITING_GUIDANCE);
    assert_int_equal(after.state_us, run.state_us);
    ThreadEventKind kinds[8];
    assert_int_equal(thread_kinds(f, run.key, kinds, 8), 1);
}

static void test_answer__in_a_thread_is_told_there_when_it_makes_no_sense(void **state)
{
    Fixture *f = *state;
    Str id = fixture_automation(f, "asks", ASKS, true);
    RunRow run = fixture_invoke(f, id, STAGE_PUBLISHED, TWO);
    AnswerRequest request = {.run_id = run.id,
                             .sentence = S("use \"a dozen\""),
                             .actor = S("users/u1"),
                             .user_id = S("users/u1"),
                             .from_thread = true};
    AnswerResult result;
    assert_true(exception_answer(f->engine, f->reader, &f->arena, &f->scope, &request, &result, &f->err));
    assert_false(result.accepted);
    assert_int_equal(fixture_run(f, run.id).state, RUN_AWAITING_GUIDANCE);
    ThreadEventKind kinds[8];
    assert_int_equal(thread_kinds(f, run.key, kinds, 8), 4);
    assert_int_equal(kinds[3], THREAD_COMPLETION_RESPONSE);
}

static void test_answer__stop_the_run_fails_it(void **state)
{
    Fixture *f = *state;
    Str id = fixture_automation(f, "asks", ASKS, true);
    RunRow run = fixture_invoke(f, id, STAGE_PUBLISHED, TWO);
    AnswerResult result;
    assert_true(fixture_answer(f, run.id, "stop the run because the file is from last year", false, &result));
    assert_int_equal(result.run.state, RUN_FAILED);
    run = fixture_run(f, run.id);
    assert_int_equal(run.state, RUN_FAILED);
    assert_true(str_contains(run.description, S("the file is from last year")));
}

static void test_answer__retry_later_parks_on_a_timer(void **state)
{
    Fixture *f = *state;
    Str id = fixture_automation(f, "asks", ASKS, true);
    RunRow run = fixture_invoke(f, id, STAGE_PUBLISHED, TWO);
    AnswerResult result;
    assert_true(fixture_answer(f, run.id, "retry in 10 minutes", false, &result));
    assert_int_equal(result.run.state, RUN_EXECUTING);
    assert_true(result.run.timer_parked);
}

static void test_remember__answers_the_next_equal_question(void **state)
{
    Fixture *f = *state;
    Str id = fixture_automation(f, "asks", ASKS, true);
    RunRow run = fixture_invoke(f, id, STAGE_PUBLISHED, TWO);
    AnswerResult result;
    assert_true(fixture_answer(f, run.id, "always use 10", false, &result));
    assert_int_equal(fixture_settle(f, run.id).state, RUN_COMPLETED);
    run = fixture_invoke(f, id, STAGE_PUBLISHED, TWO);
    assert_int_equal(run.state, RUN_COMPLETED);
    assert_str(run.outputs, PRODUCT(20));
    EngineCounters counters;
    engine_counters(f->engine, &counters);
    assert_int_equal(counters.guided, 1);
    ThreadEventKind kinds[8];
    assert_int_equal(thread_kinds(f, run.key, kinds, 8), 1);
    assert_int_equal(kinds[0], THREAD_SYSTEM_MESSAGE);
}

/* A kept answer that cannot be used does not hide: whoever is asked reads of it too. */
static void test_guide__that_does_not_help_is_told_with_the_question(void **state)
{
    Fixture *f = *state;
    Str id = fixture_automation(f, "asks", ASKS, true);
    RunRow run = fixture_invoke(f, id, STAGE_PUBLISHED, TWO);
    AnswerResult result;
    assert_true(fixture_answer(f, run.id, "always retry", false, &result));
    run = fixture_settle(f, run.id);
    assert_int_equal(run.state, RUN_AWAITING_GUIDANCE); /* tried at once: the same question came again */
    ExceptionRow exception = exception_of(f, run.exception_id);
    assert_true(str_contains(exception.extra, S("The same question came again.")));
    assert_str(exception.description, "Which factor?");
    assert_true(fixture_answer(f, run.id, "use 4", false, &result));
    assert_int_equal(fixture_settle(f, run.id).state, RUN_COMPLETED);
}

static void test_draft_run__asks_without_an_exception(void **state)
{
    Fixture *f = *state;
    Str id = fixture_automation(f, "asks", ASKS, false);
    RunRow run = fixture_invoke(f, id, STAGE_DRAFT, TWO);
    assert_int_equal(run.state, RUN_AWAITING_GUIDANCE);
    assert_int_equal(run.exception_id.len, 0);
    AnswerResult result;
    assert_true(fixture_answer(f, run.id, "use 4", false, &result));
    run = fixture_settle(f, run.id);
    assert_str(run.outputs, PRODUCT(8));
}

static void test_missing_input__is_the_first_question(void **state)
{
    Fixture *f = *state;
    Str id = fixture_automation(f, "asks", ASKS, true);
    RunRow run = fixture_invoke(f, id, STAGE_PUBLISHED, "{}");
    assert_int_equal(run.state, RUN_AWAITING_GUIDANCE);
    assert_true(str_contains(run.description, S("\"n\"")) || str_contains(run.description, S(" n")));
    AnswerResult result;
    assert_true(fixture_answer(f, run.id, "use 3", false, &result));
    run = fixture_settle(f, run.id);
    assert_str(exception_of(f, run.exception_id).description, "Which factor?");
}

typedef struct Archive {
    Str id;
    bool archive;
    ExceptionRow out;
} Archive;

static bool archive(Tx *tx, Fixture *f, void *argument, Error *err)
{
    Archive *a = argument;
    return a->archive ? exception_archive(tx, f->engine, &f->arena, &f->scope, a->id, &a->out, err)
                      : exception_unarchive(tx, f->engine, &f->arena, &f->scope, a->id, &a->out, err);
}

static void test_archive__stops_the_run_and_unarchive_lets_it_wait_again(void **state)
{
    Fixture *f = *state;
    Str id = fixture_automation(f, "asks", ASKS, true);
    RunRow run = fixture_invoke(f, id, STAGE_PUBLISHED, TWO);
    Archive a = {run.exception_id, true, {0}};
    assert_true(fixture_write(f, archive, &a));
    assert_int_equal(a.out.state, EXCEPTION_ARCHIVED);
    assert_int_equal(fixture_run(f, run.id).state, RUN_STOPPED);
    AnswerResult result;
    assert_false(fixture_answer(f, run.id, "use 4", false, &result));
    assert_int_equal(f->err.code, FAILED_PRECONDITION);
    a.archive = false;
    assert_true(fixture_write(f, archive, &a));
    assert_int_equal(fixture_run(f, run.id).state, RUN_AWAITING_GUIDANCE);
    assert_true(fixture_answer(f, run.id, "use 4", false, &result));
    assert_int_equal(fixture_settle(f, run.id).state, RUN_COMPLETED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(test_question__parks_the_run_with_everything_at_once),
        FIXTURE_TEST(test_answer__patches_the_node_and_the_run_goes_on),
        FIXTURE_TEST(test_answer__that_makes_no_sense_changes_nothing),
        FIXTURE_TEST(test_answer__in_a_thread_is_told_there_when_it_makes_no_sense),
        FIXTURE_TEST(test_answer__stop_the_run_fails_it),
        FIXTURE_TEST(test_answer__retry_later_parks_on_a_timer),
        FIXTURE_TEST(test_remember__answers_the_next_equal_question),
        FIXTURE_TEST(test_guide__that_does_not_help_is_told_with_the_question),
        FIXTURE_TEST(test_draft_run__asks_without_an_exception),
        FIXTURE_TEST(test_missing_input__is_the_first_question),
        FIXTURE_TEST(test_archive__stops_the_run_and_unarchive_lets_it_wait_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
