/* tests/engine/fault.c: the disk may refuse at any call; a run then goes on later, and never to a wrong end. */
#include "fixture.h"

#include <stdio.h>
#include <unistd.h>

#define CODE "a = bank.transfer(amount=20)\nb = ask(\"More?\", type=number)\nset_output(\"sum\", value=a + b)\n"

static RunRow wait_for(Fixture *f, Str run_id, RunState state)
{
    RunRow run = fixture_run(f, run_id);
    for (int i = 0; i < 10000 && run.state != state && !run_is_final(run.state); i++) {
        usleep(1000);
        atomic_fetch_add(&f->now_us, 100000); /* what is tried again after a second is tried again soon */
        run = fixture_run(f, run_id);
    }
    return run;
}

static void test_run__survives_any_store_fault(void **state)
{
    Fixture *f = *state;
    Str id = fixture_automation(f, "transfers", CODE, true);
    for (int calls = 0; calls < 40; calls++) {
        bool ok;
        RunRow run = fixture_invoke_only(f, id, STAGE_PUBLISHED, "{}", "", &ok);
        assert_true(ok);
        store_fail_after(f->store, calls);
        run = wait_for(f, run.id, RUN_AWAITING_GUIDANCE);
        store_fail_after(f->store, -1);
        run = wait_for(f, run.id, RUN_AWAITING_GUIDANCE);
        assert_int_equal(run.state, RUN_AWAITING_GUIDANCE);
        AnswerResult result;
        store_fail_after(f->store, calls);
        bool answered = fixture_answer(f, run.id, "use 2", false, &result);
        store_fail_after(f->store, -1);
        if (!answered) /* then nothing of it was kept */
            assert_true(fixture_answer(f, run.id, "use 2", false, &result));
        run = wait_for(f, run.id, RUN_COMPLETED);
        assert_int_equal(run.state, RUN_COMPLETED);
        assert_str(run.outputs, "{\"sum\":{\"number\":{\"lo\":42,\"mid\":0,\"hi\":0,\"flags\":0}}}");
        fixture_journal(f, run.key);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(test_run__survives_any_store_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
