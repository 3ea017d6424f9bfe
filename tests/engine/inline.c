/* tests/engine/inline.c: executions that are waited for: which servers they reach, and when they end. */
#include "fixture.h"

#include "engine/inline.h"

#define TENTH_US 100000
#define LONG_US 20000000
#define WIRES "set_output(\"sum\", value=kognitos.safe.bank.wire(amount=20) + 2)\n"

static _Atomic bool gone;
static const InlineConnection given[] = {
    {S_INIT("safe"), S_INIT("vault"), S_INIT("bank")},
    {S_INIT("lost"), S_INIT("nowhere"), S_INIT("")},
    {S_INIT("shop"), S_INIT("erp"), S_INIT("http")},
    {S_INIT("post"), S_INIT("office"), S_INIT("bank")},
};

typedef struct Execution {
    Arena *arena; /* its own, as a request has */
    int64_t timeout_us;
    Inline *loaded;
    RunRow run;
    Error err;
    bool ok;
} Execution;

static Execution load(Fixture *f, const char *code, int64_t timeout_us)
{
    atomic_store(&gone, false);
    const InlineRequest request = {.scope = &f->scope,
                                   .locale = &locale_default,
                                   .code = str_from_c(code),
                                   .connections = given,
                                   .n_connections = COUNT_OF(given),
                                   .gone = &gone};
    Execution execution = {.arena = NEW(&f->arena, Arena), .timeout_us = timeout_us};
    assert_true(inline_load(f->engine, execution.arena, &request, &execution.loaded, &f->err));
    return execution;
}

static void end(const Execution *execution)
{
    arena_done(execution->arena);
}

static void *run(void *argument)
{
    Execution *execution = argument;
    execution->ok = inline_run(execution->loaded, execution->timeout_us, &execution->run, &execution->err);
    return NULL;
}

static pthread_t start(Execution *execution)
{
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, run, execution), 0);
    return thread;
}

static void assert_failed(Fixture *f, const char *code, const char *description)
{
    Execution execution = load(f, code, LONG_US);
    assert_false(inline_calls_out(execution.loaded));
    run(&execution);
    assert_true(execution.ok);
    assert_int_equal(execution.run.state, RUN_FAILED);
    assert_str(execution.run.description, description);
    end(&execution);
}

static void assert_goes_through(Fixture *f, const char *code, Effect effect, const char *connection)
{
    Execution execution = load(f, code, LONG_US);
    assert_true(inline_calls_out(execution.loaded));
    int begun = atomic_load(&f->begun[effect]);
    pthread_t thread = start(&execution);
    fixture_wait_begun(f, effect, begun + 1);
    assert_string_equal(f->last_alias, connection);
    fixture_come_back(f, OK);
    pthread_join(thread, NULL);
    assert_true(execution.ok);
    assert_int_equal(execution.run.state, RUN_COMPLETED);
    assert_true(str_contains(execution.run.outputs, S("\"lo\":42")));
    end(&execution);
}

static void test_call__goes_through_the_connection_that_is_given_to_its_alias(void **state)
{
    Fixture *f = *state;
    assert_goes_through(f, WIRES, EFFECT_KEYED, "vault");
    assert_int_equal(f->last_key[0] != '\0', true);
    assert_goes_through(f, "set_output(\"sum\", value=bank.mail(amount=20) + 2)\n", EFFECT_ONCE, "office");
    assert_goes_through(f, "set_output(\"sum\", value=bank.ask(amount=20) + 2)\n", EFFECT_READ, "");
    atomic_store(&f->comes_at_once, true);
    Execution execution = load(f, WIRES, LONG_US);
    run(&execution);
    assert_int_equal(execution.run.state, RUN_COMPLETED);
    end(&execution);
}

static void test_connections__are_looked_at_before_anything_is_called(void **state)
{
    Fixture *f = *state;
    assert_failed(f, WIRES "x = kognitos.till.bank.wire(amount=1)\nset_output(\"x\", value=x)\n",
                  "book connection not provided: till");
    assert_failed(f, WIRES "x = kognitos.lost.bank.wire(amount=1)\nset_output(\"x\", value=x)\n",
                  "connections.lost: there is no connection \"nowhere\" in this workspace");
    assert_failed(f, WIRES "x = kognitos.shop.bank.wire(amount=1)\nset_output(\"x\", value=x)\n",
                  "connections.shop: the connection \"erp\" belongs to the book http, not bank");
    assert_int_equal(atomic_load(&f->begun[EFFECT_KEYED]), 0);
    Execution inside = load(f, "set_output(\"x\", value=kognitos.any.bank.double(amount=1))\n", LONG_US);
    assert_false(inline_calls_out(inside.loaded)); /* nothing is reached outside: it needs no connection */
    run(&inside);
    assert_int_equal(inside.run.state, RUN_COMPLETED);
    end(&inside);
}

static void test_refusal_of_a_server__is_why_the_execution_failed(void **state)
{
    Fixture *f = *state;
    Execution execution = load(f, WIRES, LONG_US);
    pthread_t thread = start(&execution);
    fixture_wait_begun(f, EFFECT_KEYED, 1);
    fixture_come_back(f, UNAVAILABLE);
    pthread_join(thread, NULL);
    assert_int_equal(execution.run.state, RUN_FAILED);
    assert_true(str_contains(execution.run.description, S("the bank is closed")));
    assert_int_equal(atomic_load(&f->begun[EFFECT_KEYED]), 1); /* nothing is tried again: the client may */
    end(&execution);
}

static void assert_late(Fixture *f, const char *code, const char *description)
{
    Execution execution = load(f, code, TENTH_US);
    int dropped = atomic_load(&f->dropped);
    run(&execution);
    assert_int_equal(execution.run.state, RUN_FAILED);
    assert_true(str_contains(execution.run.description, str_from_c(description)));
    assert_int_equal(atomic_load(&f->dropped), dropped);
    fixture_come_back(f, OK);
    assert_int_equal(atomic_load(&f->dropped), dropped + 1);
    end(&execution);
}

static void test_silent_server__ends_the_execution_in_time(void **state)
{
    Fixture *f = *state;
    assert_late(f, WIRES, "may have been done");
    assert_late(f, "set_output(\"sum\", value=bank.ask(amount=20))\n", "another server did not answer in time");
}

static void test_client_that_leaves__ends_the_execution_and_nothing_is_kept(void **state)
{
    Fixture *f = *state;
    Execution execution = load(f, WIRES, LONG_US);
    pthread_t thread = start(&execution);
    fixture_wait_begun(f, EFFECT_KEYED, 1);
    atomic_store(&gone, true);
    pthread_join(thread, NULL);
    assert_false(execution.ok);
    assert_int_equal(execution.err.code, CANCELLED);
    fixture_come_back(f, OK);
    assert_int_equal(atomic_load(&f->dropped), 1);
    end(&execution);
}

static void test_executions_that_wait__leave_room_for_those_that_compute(void **state)
{
    Fixture *f = *state;
    enum { N = INLINE_COMPUTING + 2 };
    Execution waiting[N];
    pthread_t threads[N];
    for (int i = 0; i < N; i++) {
        waiting[i] = load(f, WIRES, LONG_US);
        threads[i] = start(&waiting[i]);
    }
    fixture_wait_begun(f, EFFECT_KEYED, N);
    Execution computing = load(f, "set_output(\"x\", value=40 + 2)\n", LONG_US);
    run(&computing);
    assert_int_equal(computing.run.state, RUN_COMPLETED);
    end(&computing);
    for (int i = 0; i < N; i++)
        fixture_come_back(f, OK);
    for (int i = 0; i < N; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(waiting[i].run.state, RUN_COMPLETED);
        end(&waiting[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(test_call__goes_through_the_connection_that_is_given_to_its_alias),
        FIXTURE_TEST(test_connections__are_looked_at_before_anything_is_called),
        FIXTURE_TEST(test_refusal_of_a_server__is_why_the_execution_failed),
        FIXTURE_TEST(test_silent_server__ends_the_execution_in_time),
        FIXTURE_TEST(test_client_that_leaves__ends_the_execution_and_nothing_is_kept),
        FIXTURE_TEST(test_executions_that_wait__leave_room_for_those_that_compute),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
