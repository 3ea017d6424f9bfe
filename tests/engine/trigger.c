/* tests/engine/trigger.c: what comes from outside starts a run, once, and what came of it is noted with it. */
#include "fixture.h"

#include <unistd.h>

#include "aip/page.h"
#include "engine/trigger.h"

#define DOUBLES "n = read_input(\"n\", type=number)\nset_output(\"double\", value=n * 2)\n"

/* ---- a trigger ---- */

static bool insert(Tx *tx, Fixture *f, void *argument, Error *err)
{
    WorkspaceTrigger *trigger = argument;
    Automation automation;
    if (!store_automation_get(tx, &f->arena, &f->scope, trigger->automation_id, false, &automation, err))
        return false;
    trigger->automation = automation.key;
    return store_workspace_trigger_insert(tx, trigger, err);
}

static bool update(Tx *tx, Fixture *f, void *argument, Error *err)
{
    (void)f;
    return store_workspace_trigger_update(tx, argument, err);
}

static WorkspaceTrigger trigger_of(Fixture *f, Str automation)
{
    static int64_t n;
    WorkspaceTrigger trigger = {.scope = f->scope,
                                .automation_id = automation,
                                .id = str_printf(&f->arena, "t%lld", (long long)++n),
                                .input_mapping = S("{}"),
                                .enabled = true,
                                .secret_salt = n};
    if (!fixture_write(f, insert, &trigger))
        fail_msg("%s", f->err.message);
    return trigger;
}

static bool deactivate(Tx *tx, Fixture *f, void *argument, Error *err)
{
    Automation automation;
    return automation_set_active(tx, &f->arena, &f->scope, *(Str *)argument, false, &automation, err);
}

/* ---- a message ---- */

typedef struct Receiving {
    const WorkspaceTrigger *trigger;
    TriggerMessage message;
    TriggerReceipt receipt;
} Receiving;

static bool receive_it(Tx *tx, Fixture *f, void *argument, Error *err)
{
    Receiving *receiving = argument;
    return trigger_receive(tx, f->engine, &f->arena, receiving->trigger, &receiving->message, &receiving->receipt, err);
}

static TriggerMessage message(Fixture *f, const char *unique, int n)
{
    const Json *inputs;
    Str text = str_printf(&f->arena, "{\"n\":{\"number\":{\"lo\":%d}},\"colour\":{\"text\":\"red\"}}", n);
    assert_true(json_parse(&f->arena, text, 8, &inputs, &f->err));
    return (TriggerMessage){.origin = str_from_c(unique),
                            .unique = str_from_c(unique),
                            .hash = str_hash(text),
                            .inputs = inputs,
                            .size_bytes = (int64_t)text.len,
                            .passes = true};
}

static TriggerReceipt receive(Fixture *f, const WorkspaceTrigger *trigger, TriggerMessage given)
{
    Receiving receiving = {.trigger = trigger, .message = given};
    if (!fixture_write(f, receive_it, &receiving))
        fail_msg("%s", f->err.message);
    return receiving.receipt;
}

static int events_of(Fixture *f, const WorkspaceTrigger *trigger, TriggerEvent **out)
{
    ListQuery query = {.limit = 100};
    ListEnd end;
    Tx *tx;
    int n;
    assert_true(tx_begin_read(f->reader, &tx, &f->err));
    assert_true(store_trigger_event_list(tx, &f->arena, &f->scope, trigger->key, &query, out, &n, &end, &f->err));
    tx_end(tx);
    return n;
}

static int count_events(Fixture *f, const WorkspaceTrigger *trigger)
{
    TriggerEvent *events;
    return events_of(f, trigger, &events);
}

/* ---- what comes of it ---- */

static void test_message__starts_a_run_and_is_noted(void **state)
{
    Fixture *f = *state;
    WorkspaceTrigger trigger = trigger_of(f, fixture_automation(f, "starts", DOUBLES, true));
    TriggerReceipt receipt = receive(f, &trigger, message(f, "m1", 21));
    assert_int_equal(receipt.event.outcome, TRIGGER_STARTED);
    assert_false(receipt.repeated);
    RunRow run = fixture_settle(f, receipt.event.run_id);
    assert_int_equal(run.key, receipt.run);
    assert_int_equal(run.state, RUN_COMPLETED);
    /* Inputs that the automation does not know were left out. */
    assert_str(run.outputs, "{\"double\":{\"number\":{\"lo\":42,\"mid\":0,\"hi\":0,\"flags\":0}}}");
    assert_int_equal(run.source, SOURCE_TRIGGER);
    assert_true(str_eq(run.trigger_id, trigger.id));
    TriggerEvent *events;
    assert_int_equal(events_of(f, &trigger, &events), 1);
    assert_true(str_eq(events[0].run_id, run.id));
    assert_str(events[0].origin, "m1");
}

static void test_same_id__gives_the_same_run(void **state)
{
    Fixture *f = *state;
    WorkspaceTrigger trigger = trigger_of(f, fixture_automation(f, "same", DOUBLES, true));
    TriggerReceipt first = receive(f, &trigger, message(f, "m1", 1)), again = receive(f, &trigger, message(f, "m1", 1));
    assert_true(again.repeated);
    assert_true(str_eq(again.event.run_id, first.event.run_id));
    assert_int_equal(again.run, first.run);
    assert_int_equal(count_events(f, &trigger), 1);
    TriggerReceipt other = receive(f, &trigger, message(f, "m1", 2));
    assert_int_equal(other.event.outcome, TRIGGER_REFUSED);
    assert_int_equal(other.why.code, ALREADY_EXISTS);
    assert_int_equal(other.run, 0);
    assert_int_equal(count_events(f, &trigger), 2);
    /* Without an id each is another. */
    TriggerReceipt one = receive(f, &trigger, message(f, "", 1)), two = receive(f, &trigger, message(f, "", 1));
    assert_false(str_eq(one.event.run_id, two.event.run_id));
}

static void test_what_starts_nothing__may_come_again(void **state)
{
    Fixture *f = *state;
    Str automation = fixture_automation(f, "later", DOUBLES, true);
    WorkspaceTrigger trigger = trigger_of(f, automation);
    TriggerMessage filtered = message(f, "m1", 1);
    filtered.passes = false;
    assert_int_equal(receive(f, &trigger, filtered).event.outcome, TRIGGER_FILTERED);
    trigger.enabled = false;
    assert_true(fixture_write(f, update, &trigger));
    TriggerReceipt disabled = receive(f, &trigger, message(f, "m1", 1));
    assert_int_equal(disabled.event.outcome, TRIGGER_INACTIVE);
    assert_non_null(strstr(str_to_c(&f->arena, disabled.event.reason), "trigger is disabled"));
    trigger.enabled = true;
    assert_true(fixture_write(f, update, &trigger));
    assert_int_equal(receive(f, &trigger, message(f, "m1", 1)).event.outcome, TRIGGER_STARTED);
    assert_int_equal(count_events(f, &trigger), 3);
    assert_true(fixture_write(f, deactivate, &automation));
    TriggerReceipt deactivated = receive(f, &trigger, message(f, "m2", 1));
    assert_int_equal(deactivated.event.outcome, TRIGGER_INACTIVE);
    assert_non_null(strstr(str_to_c(&f->arena, deactivated.event.reason), "deactivated"));
    assert_int_equal(deactivated.run, 0);
}

static void test_refusals__are_noted_with_their_reason(void **state)
{
    Fixture *f = *state;
    WorkspaceTrigger unpublished = trigger_of(f, fixture_automation(f, "unpublished", DOUBLES, false));
    TriggerReceipt receipt = receive(f, &unpublished, message(f, "m1", 1));
    assert_int_equal(receipt.event.outcome, TRIGGER_REFUSED);
    assert_int_equal(receipt.why.code, FAILED_PRECONDITION);
    Error nonsense = {0};
    (void)error_set(&nonsense, INVALID_ARGUMENT, "body", "it is no JSON");
    TriggerMessage given = message(f, "m2", 1);
    given.problem = &nonsense;
    receipt = receive(f, &unpublished, given);
    assert_int_equal(receipt.why.code, INVALID_ARGUMENT);
    TriggerEvent *events;
    assert_int_equal(events_of(f, &unpublished, &events), 2);
    assert_str(events[0].reason, "it is no JSON");
    assert_int_equal(events[0].run_id.len, 0);
}

/* A fault that was left over hits the run's worker, which tries again a second later by the test's own clock: it goes
 * on. */
static RunRow settle_as_time_goes_on(Fixture *f, Str run_id)
{
    RunRow run = fixture_run(f, run_id);
    for (int i = 0; i < 400 && run.state != RUN_COMPLETED; i++) {
        atomic_fetch_add(&f->now_us, 1000000);
        usleep(50000);
        run = fixture_run(f, run_id);
    }
    return run;
}

/* Whatever call to the database fails, afterwards there are both the run and its note, or neither. */
static void test_receive__survives_any_store_fault(void **state)
{
    Fixture *f = *state;
    Str automation = fixture_automation(f, "faults", DOUBLES, true);
    WorkspaceTrigger trigger = trigger_of(f, automation);
    bool ok = false;
    for (int calls = 0; !ok; calls++) {
        assert_true(calls < 200);
        Receiving receiving = {.trigger = &trigger, .message = message(f, "m1", 1)};
        store_fail_after(f->store, calls);
        ok = fixture_write(f, receive_it, &receiving);
        store_fail_after(f->store, -1);
        TriggerEvent *events;
        assert_int_equal(events_of(f, &trigger, &events), ok);
        assert_true(!ok || receiving.receipt.event.outcome == TRIGGER_STARTED);
        assert_true(!ok || !receiving.receipt.repeated);
        if (ok)
            assert_int_equal(settle_as_time_goes_on(f, events[0].run_id).state, RUN_COMPLETED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_message__starts_a_run_and_is_noted),
        cmocka_unit_test(test_same_id__gives_the_same_run),
        cmocka_unit_test(test_what_starts_nothing__may_come_again),
        cmocka_unit_test(test_refusals__are_noted_with_their_reason),
        cmocka_unit_test(test_receive__survives_any_store_fault),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
