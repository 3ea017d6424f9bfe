/* Tests of runs: invoked, waited for, listed, paused, answered, watched through the real server. */
#include <unistd.h>

#include "fixture.h"

#include <stdio.h>
#include <string.h>

static const char doubling[] = "inputs\n"
                               "  the amount is a number\n"
                               "  the note is a text, usually \"none\"\n"
                               "\n"
                               "the double is the amount times 2\n"
                               "say \"Doubled {the amount}\"\n"
                               "output the double as \"result\"\n"
                               "output the note as \"note\"\n";
static const char asking[] = "inputs\n"
                             "  the order is a dictionary\n"
                             "\n"
                             "the number is the order's PO number\n"
                             "output the number as \"number\"\n";

#define NUMBER(lo) "{\"number\":{\"lo\":" #lo "}}"

static void test_invoke__answers_with_the_run_and_the_run_completes(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *automation = fixture_automation(&f, "Double", doubling);
    const char *run = fixture_run(&f, automation, "{\"amount\":" NUMBER(21) "}");
    Reply got = fixture_call(&f, "GET", NULL, "%s", run);
    assert_status(got, 200);
    assert_true(str_eq(json_at(got.json, "state")->items[0].key, S("completed")));
    assert_true(str_eq(json_at(got.json, "state.completed.outputs.result.number.lo")->text, S("42")));
    assert_true(str_eq(json_at(got.json, "state.completed.outputs.result.number.hi")->text, S("0")));
    assert_text(&f, got.json, "state.completed.outputs.note.text", "none");
    assert_text(&f, got.json, "stage", "AUTOMATION_STAGE_PUBLISHED");
    assert_text(&f, got.json, "stage_version", "1.0");
    assert_text(&f, got.json, "invocation_details.invocation_source", "INVOCATION_SOURCE_MANUAL");
    assert_text(&f, got.json, "invocation_details.user_id", f.user_id);
    assert_text(&f, got.json, "executable_steps.executables.0.phase_type", "AUTOMATION_PHASE_TYPE_MAIN");

    Reply plain = fixture_call(&f, "GET", NULL, "%s:getOutputs", run);
    assert_true(str_eq(json_at(plain.json, "outputs.result")->text, S("42")));
    fixture_close(&f);
}

static void test_invoke__refuses_what_cannot_run(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    Reply made = fixture_call(&f, "POST", "{\"display_name\":\"Draft\"}", "%s/automations", f.workspace);
    const char *name = text_at(&f, made.json, "name");
    Reply unpublished =
        fixture_call(&f, "POST", "{\"stage\":\"AUTOMATION_STAGE_PUBLISHED\"}", "/api/v1/%s:invoke", name);
    assert_status(unpublished, 400);
    assert_true(str_contains(unpublished.body, S("Automation not published")));
    Reply unstaged = fixture_call(&f, "POST", "{\"inputs\":{}}", "/api/v1/%s:invoke", name);
    assert_status(unstaged, 400);
    assert_string_equal(first_violation(&f, &unstaged), "stage");

    const char *automation = fixture_automation(&f, "Double", doubling);
    Reply unknown = fixture_call(&f, "POST", "{\"stage\":\"PUBLISHED\",\"inputs\":{\"ammount\":" NUMBER(1) "}}",
                                 "%s:invoke", automation);
    assert_status(unknown, 400);
    assert_string_equal(first_violation(&f, &unknown), "inputs.ammount");
    Reply odd = fixture_call(&f, "POST", "{\"stage\":\"PUBLISHED\",\"inputs\":{\"amount\":5,\"note\":{}}}", "%s:invoke",
                             automation);
    assert_int_equal(json_at(odd.json, "details.0.field_violations")->count, 2);
    assert_status(fixture_call(&f, "POST", "{}", "%s:deactivate", automation), 200);
    assert_status(fixture_call(&f, "POST", "{\"stage\":\"PUBLISHED\"}", "%s:invoke", automation), 400);
    assert_status(fixture_call(&f, "POST", "{\"stage\":\"PUBLISHED\"}", "%s/automations/nosuch:invoke", f.workspace),
                  404);
    fixture_close(&f);
}

static void test_invoke__with_a_request_id_starts_one_run(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *automation = fixture_automation(&f, "Double", doubling);
    const char *body = "{\"stage\":\"PUBLISHED\",\"inputs\":{\"amount\":" NUMBER(1) "}}";
    Reply one = fixture_call(&f, "POST", body, "%s:invoke?request_id=r-1", automation);
    Reply two = fixture_call(&f, "POST", body, "%s:invoke?requestId=r-1", automation);
    assert_status(one, 200);
    assert_true(str_eq(one.body, two.body));
    const char *turned = "{\"inputs\":{\"amount\":" NUMBER(1) "},\"requestId\":\"r-1\",\"stage\":\"PUBLISHED\"}";
    Reply three = fixture_call(&f, "POST", turned, "%s:invoke", automation);
    assert_status(three, 200); /* the same said in another order and spelling */
    assert_true(str_eq(one.body, three.body));
    Reply other = fixture_call(&f, "POST", "{\"stage\":\"PUBLISHED\",\"inputs\":{\"amount\":" NUMBER(2) "}}",
                               "%s:invoke?request_id=r-1", automation);
    assert_status(other, 409);
    Reply started = fixture_call(&f, "POST", "{\"user_inputs\":{\"amount\":" NUMBER(3) "}}", "%s/runs", automation);
    assert_status(started, 200);
    Reply listed = fixture_call(&f, "GET", NULL, "%s/runs", automation);
    assert_int_equal(json_at(listed.json, "runs")->count, 2);
    fixture_close(&f);
}

static void test_batch_invoke__starts_all_or_none(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *automation = fixture_automation(&f, "Double", doubling);
#define ONE(lo, rest) "{\"stage\":\"PUBLISHED\",\"inputs\":{\"amount\":" NUMBER(lo) "}" rest "}"
    static const char wrong[] =
        "{\"requests\":[" ONE(1, "") ",{\"stage\":\"PUBLISHED\",\"inputs\":{\"ammount\":" NUMBER(1) "}}]}";
    Reply refused = fixture_call(&f, "POST", wrong, "%s:batchInvoke", automation);
    assert_status(refused, 400);
    assert_string_equal(first_violation(&f, &refused), "requests[1].inputs.ammount");
    static const char undecided[] = "{\"requests\":[" ONE(1, "") "," ONE(1, ",\"deadline\":\"-1s\"") "]}";
    refused = fixture_call(&f, "POST", undecided, "%s:batchInvoke", automation);
    assert_status(refused, 400);
    assert_string_equal(first_violation(&f, &refused), "requests[1].deadline");
    assert_status(fixture_call(&f, "POST", "{\"requests\":[]}", "%s:batchInvoke", automation), 400);
    assert_int_equal(json_at(fixture_call(&f, "GET", NULL, "%s/runs", automation).json, "runs")->count, 0);
    assert_status(
        fixture_call(&f, "POST", "{\"requests\":[" ONE(1, "") "]}", "%s/automations/nosuch:batchInvoke", f.workspace),
        404);

    static const char three[] = "{\"requests\":[" ONE(4, "") "," ONE(5, ",\"request_id\":\"five\"") "," ONE(6, "") "]}";
    Reply started = fixture_call(&f, "POST", three, "%s:batchInvoke", automation);
    assert_status(started, 200);
    assert_int_equal(json_at(started.json, "responses")->count, 3);
    for (int i = 0; i < 3; i++) {
        const char *run = text_at(&f, started.json, str_to_c(&f.arena, str_printf(&f.arena, "responses.%d.run_id", i)));
        Reply ended = fixture_call(&f, "GET", NULL, "/api/v1/%s:wait?timeout=20s", run);
        Str twice = json_at(ended.json, "state.completed.outputs.result.number.lo")->text;
        assert_true(str_eq(twice, str_printf(&f.arena, "%d", 2 * (4 + i))));
    }
    Reply again = fixture_call(&f, "POST", "{\"requests\":[" ONE(5, ",\"requestId\":\"five\"") "]}", "%s:batchInvoke",
                               automation);
    assert_string_equal(text_at(&f, again.json, "responses.0.run_id"), text_at(&f, started.json, "responses.1.run_id"));
    Reply other = fixture_call(&f, "POST", "{\"requests\":[" ONE(7, "") "," ONE(7, ",\"request_id\":\"five\"") "]}",
                               "%s:batchInvoke", automation);
    assert_status(other, 409);
    assert_int_equal(json_at(fixture_call(&f, "GET", NULL, "%s/runs", automation).json, "runs")->count, 3);
#undef ONE
    fixture_close(&f);
}

static void test_list_runs__filters_and_pages_over_automations(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *doubles = fixture_automation(&f, "Double", doubling);
    const char *asks = fixture_automation(&f, "Ask", asking);
    fixture_run(&f, doubles, "{\"amount\":" NUMBER(1) "}");
    fixture_run(&f, doubles, "{\"amount\":" NUMBER(2) "}");
    fixture_run(&f, asks, "{\"order\":{\"dictionary\":{\"entries\":[]}}}");
    static const struct {
        const char *filter;
        uint32_t expected;
    } cases[] = {
        {"", 3},
        {"state%3Dcompleted", 2},
        {"state+%3D+%22COMPLETED%22", 2},
        {"state=waiting", 1},
        {"state=awaiting_guidance", 1},
        {"NOT+state=completed", 1},
        {"stage=%22PUBLISHED%22+AND+version=%221.0%22", 3},
        {"stage_version=%222.0%22", 0},
        {"source=MANUAL", 3},
        {"create_time+%3E%3D+%222020-01-01T00:00:00Z%22", 3},
        {"create_time+%3C+%222020-01-01T00:00:00Z%22", 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Reply reply = fixture_call(&f, "GET", NULL, "%s/automations/-/runs?filter=%s", f.workspace, cases[i].filter);
        assert_status(reply, 200);
        if (json_at(reply.json, "runs")->count != cases[i].expected)
            fail_msg("%s: %u runs, expected %u", cases[i].filter, json_at(reply.json, "runs")->count,
                     cases[i].expected);
    }
    Reply one = fixture_call(&f, "GET", NULL, "%s/runs?page_size=2", f.workspace);
    assert_int_equal(json_at(one.json, "runs")->count, 2);
    Reply two = fixture_call(&f, "GET", NULL, "%s/automations/-/runs?pageSize=2&pageToken=%s", f.workspace,
                             text_at(&f, one.json, "next_page_token"));
    assert_int_equal(json_at(two.json, "runs")->count, 1);
    assert_status(fixture_call(&f, "GET", NULL, "%s/runs?filter=state%%3Dsleeping", f.workspace), 400);
    fixture_close(&f);
}

static void test_question__is_answered_over_the_run_or_the_exception(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *automation = fixture_automation(&f, "Ask", asking);
    const char *run = fixture_run(&f, automation, "{\"order\":{\"dictionary\":{\"entries\":[]}}}");
    Reply parked = fixture_call(&f, "GET", NULL, "%s", run);
    assert_true(str_eq(json_at(parked.json, "state")->items[0].key, S("awaiting_guidance")));
    assert_true(strlen(text_at(&f, parked.json, "state.awaiting_guidance.exception")) > 0);
    assert_status(fixture_call(&f, "POST", "{\"answer\":\"grumble mumble\"}", "%s:resolve", run), 400);
    assert_status(fixture_call(&f, "POST", "{\"answer\":\"skip\",\"skip\":{}}", "%s:resolve", run), 400);
    assert_status(fixture_call(&f, "POST", "{}", "%s:continue", run), 400);
    Reply answered = fixture_call(&f, "POST", "{\"use\":{\"text\":\"PO-4711\"}}", "%s:resolve", run);
    assert_status(answered, 200);
    Reply done = fixture_call(&f, "GET", NULL, "%s:wait?timeout=20s", run);
    assert_text(&f, done.json, "state.completed.outputs.number.text", "PO-4711");
    assert_status(fixture_call(&f, "POST", "{\"answer\":\"retry\"}", "%s:resolve", run), 400);
    assert_status(fixture_call(&f, "POST", "{}", "%s:continue", run), 200);
    fixture_close(&f);
}

static void test_draft_runs__raise_no_exception(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *automation = fixture_automation(&f, "Ask", asking);
    Reply invoked = fixture_call(&f, "POST", "{\"stage\":\"AUTOMATION_STAGE_DRAFT\"}", "%s:invoke", automation);
    assert_status(invoked, 200);
    Reply parked = fixture_call(&f, "POST", NULL, "/api/v1/%s:wait?timeout=20s", text_at(&f, invoked.json, "run_id"));
    assert_text(&f, parked.json, "state.awaiting_guidance.exception", "");
    assert_true(strlen(text_at(&f, parked.json, "state.awaiting_guidance.description")) > 0);
    fixture_close(&f);
}

static void test_rerun__is_a_new_run_chained_to_the_earlier_one(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *automation = fixture_automation(&f, "Ask", asking);
    const char *run = fixture_run(&f, automation, "{\"order\":{\"dictionary\":{\"entries\":[]}}}");
    assert_status(fixture_call(&f, "POST", "{\"answer\":\"use \\\"PO-1\\\"\"}", "%s:resolve", run), 200);
    assert_status(fixture_call(&f, "POST", NULL, "%s:wait?timeout=20s", run), 200);
    Reply again = fixture_call(&f, "POST", "{\"from_node\":\"1\"}", "%s:rerun", run);
    assert_status(again, 200);
    assert_string_equal(text_at(&f, again.json, "previous_run"), run + strlen("/api/v1/"));
    assert_string_not_equal(text_at(&f, again.json, "name"), run + strlen("/api/v1/"));
    Reply refused = fixture_call(&f, "POST", "{\"from_node\":\"first\"}", "%s:rerun", run);
    assert_status(refused, 400);
    assert_text(&f, refused.json, "error.status", "INVALID_ARGUMENT");
    assert_status(fixture_call(&f, "POST", "{\"from_node\":\"4711\"}", "%s:rerun", run), 400);
    assert_status(fixture_call(&f, "POST", "{}", "%sx:rerun", run), 404);
    fixture_close(&f);
}

static void test_child_runs__are_listed_with_their_parent(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *automation = fixture_automation(
        &f, "Batch", "for each region in \"north\" and \"south\", at the same time\n  ask \"Go?\"\n");
    Reply invoked = fixture_call(&f, "POST", "{\"stage\":\"PUBLISHED\"}", "%s:invoke", automation);
    const char *run = text_at(&f, invoked.json, "run_id");
    Reply children = {0};
    for (int waiting = 0, tries = 0; waiting < 2 && tries < 2000; tries++) {
        children =
            fixture_call(&f, "GET", NULL, "%s/runs?parent_run=%s&filter=state%%3Dawaiting_guidance", automation, run);
        assert_status(children, 200);
        waiting = (int)json_at(children.json, "runs")->count;
        usleep(5000);
    }
    const Json *second = &json_at(children.json, "runs")->items[1];
    assert_string_equal(text_at(&f, second, "parent_run"), run);
    int64_t item;
    assert_true(json_to_i64(json_at(second, "parent_item"), &item));
    assert_int_equal(item, 2);
    Reply parent = fixture_call(&f, "GET", NULL, "/api/v1/%s", run);
    assert_non_null(json_at(parent.json, "state.executing"));
    assert_non_null(json_at(parent.json, "child_runs.total_count"));
    Reply all = fixture_call(&f, "GET", NULL, "%s/runs", automation);
    assert_int_equal(json_at(all.json, "runs")->count, 1);
    assert_status(fixture_call(&f, "GET", NULL, "%s/runs?parent_run=nobody", automation), 404);
    assert_status(fixture_call(&f, "POST", "{}", "/api/v1/%s:rerun", text_at(&f, second, "name")), 400);
    assert_status(fixture_call(&f, "POST", "{\"reason\":\"enough\"}", "/api/v1/%s:cancel", run), 200);
    fixture_close(&f);
}

static void test_cancel_and_pause__need_a_run_that_goes(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *automation = fixture_automation(&f, "Ask", asking);
    const char *run = fixture_run(&f, automation, "{\"order\":{\"dictionary\":{\"entries\":[]}}}");
    assert_status(fixture_call(&f, "POST", "{}", "%s:pause", run), 400);
    Reply paused = fixture_call(&f, "POST", "{\"reason\":\"lunch\"}", "%s:pause", run);
    assert_status(paused, 400);
    assert_text(&f, paused.json, "error.status", "FAILED_PRECONDITION");
    Reply cancelled = fixture_call(&f, "POST", "{\"reason\":\"withdrawn\"}", "%s:cancel", run);
    assert_status(cancelled, 200);
    assert_text(&f, cancelled.json, "state.failed.description", "Cancelled: withdrawn");
    assert_status(fixture_call(&f, "POST", NULL, "%s:cancel", run), 400);
    assert_status(fixture_call(&f, "GET", NULL, "%s:getOutputs", run), 400);
    fixture_close(&f);
}

/* Every answer that is one run is all of it. */
static void assert_whole(Fixture *f, Reply reply)
{
    assert_status(reply, 200);
    assert_text(f, reply.json, "executable_steps.executables.0.phase_type", "AUTOMATION_PHASE_TYPE_MAIN");
    assert_true(strlen(text_at(f, reply.json, "executable_steps.executables.0.code")) > 0);
}

static void test_answers__show_a_run_whole(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *automation = fixture_automation(&f, "Ask", asking);
    const char *run = fixture_run(&f, automation, "{\"order\":{\"dictionary\":{\"entries\":[]}}}");
    assert_whole(&f, fixture_call(&f, "GET", NULL, "%s", run));
    assert_whole(&f, fixture_call(&f, "GET", NULL, "%s:wait?timeout=20s", run));
    assert_whole(&f, fixture_call(&f, "POST", "{\"use\":{\"text\":\"PO-1\"}}", "%s:resolve", run));
    assert_whole(&f, fixture_call(&f, "POST", NULL, "%s:wait?timeout=20s", run));
    assert_whole(&f, fixture_call(&f, "POST", "{}", "%s:continue", run));
    assert_whole(&f, fixture_call(&f, "POST", "{}", "%s:rerun", run));

    const char *sleeping = fixture_automation(&f, "Sleep", "wait 3 days\noutput 1 as \"n\"\n");
    Reply invoked = fixture_call(&f, "POST", "{\"stage\":\"PUBLISHED\"}", "%s:invoke", sleeping);
    const char *waiting = text_at(&f, invoked.json, "run_id");
    assert_whole(&f, fixture_call(&f, "GET", NULL, "/api/v1/%s:wait?timeout=0s", waiting));
    assert_whole(&f, fixture_call(&f, "GET", NULL, "/api/v1/%s:wait?timeout=1s", waiting));
    assert_whole(&f, fixture_call(&f, "POST", "{\"reason\":\"lunch\"}", "/api/v1/%s:pause", waiting));
    assert_whole(&f, fixture_call(&f, "POST", "{}", "/api/v1/%s:continue", waiting));
    assert_whole(&f, fixture_call(&f, "POST", "{\"reason\":\"withdrawn\"}", "/api/v1/%s:cancel", waiting));
    fixture_close(&f);
}

static void test_waiting_run__is_paused_continued_and_waited_for(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *automation = fixture_automation(&f, "Sleep", "wait 3 days\noutput 1 as \"n\"\n");
    Reply invoked = fixture_call(&f, "POST", "{\"stage\":\"PUBLISHED\"}", "%s:invoke", automation);
    const char *run = text_at(&f, invoked.json, "run_id");
    Reply timed_out = fixture_call(&f, "GET", NULL, "/api/v1/%s:wait?timeout=1s", run);
    assert_status(timed_out, 200);
    assert_non_null(json_at(timed_out.json, "state.executing"));
    Reply paused = fixture_call(&f, "POST", "{\"reason\":\"lunch\"}", "/api/v1/%s:pause", run);
    assert_status(paused, 200);
    Reply stopped = fixture_call(&f, "GET", NULL, "/api/v1/%s:wait?timeout=20s", run);
    assert_text(&f, stopped.json, "state.stopped.reason", "lunch");
    Reply events = fixture_call(&f, "GET", NULL, "/api/v1/%s/events", run);
    assert_true(str_find(events.body, S("\"stopped\":{\"user_stopped\":{")) >= 0);
    Reply continued = fixture_call(&f, "POST", "{}", "/api/v1/%s:continue", run);
    assert_status(continued, 200);
    fixture_close(&f);
}

/* ---- deadlines ---- */

#define ASK "{\"stage\":\"PUBLISHED\",\"inputs\":{\"order\":{\"dictionary\":{\"entries\":[]}}}"

/* The run asks, and nobody answers. */
static const char *ask_within(Fixture *f, const char *automation, const char *members)
{
    Reply reply = fixture_call(f, "POST", str_to_c(&f->arena, str_printf(&f->arena, ASK "%s}", members)), "%s:invoke",
                               automation);
    assert_status(reply, 200);
    const char *run = text_at(f, reply.json, "run_id");
    Reply asks = fixture_call(f, "GET", NULL, "/api/v1/%s:wait?timeout=20s", run);
    assert_non_null(json_at(asks.json, "state.awaiting_guidance"));
    return run;
}

static void wait_overdue(Fixture *f, const char *run, const char *description)
{
    Reply got = fixture_call(f, "GET", NULL, "/api/v1/%s", run);
    for (int i = 0; i < 2000 && !json_at(got.json, "state.failed"); i++) {
        usleep(5000);
        got = fixture_call(f, "GET", NULL, "/api/v1/%s", run);
    }
    assert_text(f, got.json, "state.failed.description", description);
    assert_non_null(json_at(got.json, "deadline_time"));
}

static void test_deadline__ends_a_run_that_nobody_answers(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *automation = fixture_automation(&f, "Ask", asking);
    const char *without = ask_within(&f, automation, ""), *own = ask_within(&f, automation, ",\"deadline\":\"90s\"");
    Reply set = fixture_call(&f, "PATCH", "{\"run_deadline\":\"3600s\"}", "%s", automation);
    assert_text(&f, set.json, "run_deadline", "3600s");
    assert_text(&f, set.json, "version", "1.0"); /* it is not of a version */
    const char *set_by_automation = ask_within(&f, automation, ""),
               *freed = ask_within(&f, automation, ",\"deadline\":\"0s\"");
    atomic_store(&f.ahead_us, 2LL * 3600 * 1000000);
    engine_deadline_due(f.engine, 1);
    wait_overdue(&f, own,
                 "The run did not end within 1 minute 30 seconds, which was set when it was started (deadline)");
    wait_overdue(&f, set_by_automation, "The run did not end within 1 hour, which its automation sets (run_deadline)");
    Reply open = fixture_call(&f, "GET", NULL, "/api/v1/%s", without);
    assert_non_null(json_at(open.json, "state.awaiting_guidance"));
    assert_null(json_at(open.json, "deadline_time"));
    assert_non_null(json_at(fixture_call(&f, "GET", NULL, "/api/v1/%s", freed).json, "state.awaiting_guidance"));
    Reply taken_away = fixture_call(&f, "PATCH", "{\"run_deadline\":\"0s\"}", "%s", automation);
    assert_status(taken_away, 200);
    assert_null(json_at(taken_away.json, "run_deadline"));
    fixture_close(&f);
}

static void test_deadline__is_a_time_that_can_be_kept(void **state)
{
    static const char *const refused[] = {"-1s", "0.5s", "3153600001s", "soon", "1h"};
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *automation = fixture_automation(&f, "Ask", asking);
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        Str body = str_printf(&f.arena, "{\"stage\":\"PUBLISHED\",\"deadline\":\"%s\"}", refused[i]);
        Reply started = fixture_call(&f, "POST", str_to_c(&f.arena, body), "%s:invoke", automation);
        assert_status(started, 400);
        assert_string_equal(first_violation(&f, &started), "deadline");
        body = str_printf(&f.arena, "{\"run_deadline\":\"%s\"}", refused[i]);
        Reply set = fixture_call(&f, "PATCH", str_to_c(&f.arena, body), "%s", automation);
        assert_status(set, 400);
        assert_string_equal(first_violation(&f, &set), "run_deadline");
    }
    assert_status(fixture_call(&f, "PATCH", "{\"run_deadline\":\"3153600000s\"}", "%s", automation), 200);
    fixture_close(&f);
}

static void test_events__tell_how_a_run_failed(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *automation = fixture_automation(&f, "Ask", asking);
    const char *run = fixture_run(&f, automation, "{\"order\":{\"dictionary\":{\"entries\":[]}}}");
    assert_status(fixture_call(&f, "POST", "{\"reason\":\"not wanted\"}", "%s:cancel", run), 200);
    Reply got = fixture_call(&f, "GET", NULL, "%s", run);
    Reply all = fixture_call(&f, "GET", NULL, "%s/events?page_size=1000", run);
    const Json *events = json_at(all.json, "run_events"), *error = NULL;
    for (uint32_t i = 0; i < events->count && !error; i++)
        error = json_at(&events->items[i], "execution_journal.failed.error");
    assert_non_null(error);
    assert_true(str_eq(json_at(error, "id")->text, json_at(got.json, "state.failed.id")->text));
    assert_true(json_at(error, "id")->text.len > 0 && json_at(error, "description")->text.len > 0);
    fixture_close(&f);
}

static void test_events__tell_the_run_from_its_beginning(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *automation = fixture_automation(&f, "Double", doubling);
    const char *run = fixture_run(&f, automation, "{\"amount\":" NUMBER(21) "}");
    Reply all = fixture_call(&f, "GET", NULL, "%s/events?page_size=1000", run);
    assert_status(all, 200);
    uint32_t n = json_at(all.json, "run_events")->count;
    assert_true(n >= 5);
    assert_non_null(json_at(all.json, "run_events.0.run_update.run.state.pending"));
    const Json *last = &json_at(all.json, "run_events")->items[n - 1];
    assert_true(str_eq(json_at(last, "run_update.run.state.completed.outputs.result.number.lo")->text, S("42")));
    const Json *ended = &json_at(all.json, "run_events")->items[n - 2];
    assert_true(str_eq(json_at(ended, "execution_journal.completed.outputs.result.number.lo")->text, S("42")));

    uint32_t seen = 0;
    const char *token = "";
    do {
        Reply page = fixture_call(&f, "GET", NULL, "%s/events?page_size=2&page_token=%s", run, token);
        assert_status(page, 200);
        assert_true(json_at(page.json, "run_events")->count <= 2);
        seen += json_at(page.json, "run_events")->count;
        token = text_at(&f, page.json, "next_page_token");
    } while (*token);
    assert_int_equal(seen, n);

    Reply assignments = fixture_call(&f, "GET", NULL, "%s/events?filter=node_kind+%%3D+%%22Assignment%%22", run);
    assert_true(json_at(assignments.json, "run_events")->count >= 1);
    assert_text(&f, assignments.json, "run_events.0.execution_journal.node_executed.node_kind", "Assignment");
    assert_true(
        str_eq(json_at(assignments.json, "run_events.0.execution_journal.node_executed.outputs.double.number.lo")->text,
               S("42")));
    Reply says = fixture_call(&f, "GET", NULL, "%s/events?filter=node_kind=Say", run);
    assert_text(&f, says.json, "run_events.0.execution_journal.node_executed.outputs.said.text", "Doubled 21");
    fixture_close(&f);
}

static Str spelled(Fixture *f, const Json *json)
{
    Buf text = buf_in(&f->arena);
    JsonOut out = json_out(&text);
    json_write(&out, json);
    return buf_view(&text);
}

static const Json *journal_of(Fixture *f, const char *run)
{
    Reply all = fixture_call(f, "GET", NULL, "%s/events?page_size=1000", run);
    assert_status(all, 200);
    return json_at(all.json, "run_events");
}

/* Reads up to `most` events of a stream that begins behind `last`; each must be the journal's next. False at its end.
 */
static bool follow_events(Fixture *f, const char *run, bool sent, Str *last, uint32_t *n, uint32_t most)
{
    Stream stream = sent ? stream_open_events(f, *last, "%s/events:stream", run)
                         : stream_open_behind(f, *last, "%s/events:stream", run);
    const Json *event = NULL;
    for (uint32_t i = 0; i < most; i++) {
        Str id = {0};
        event = sent ? stream_event(f, &stream, &id) : stream_line(f, &stream);
        if (!event)
            break;
        const Json *journal = journal_of(f, run);
        assert_true(*n < journal->count);
        Str want = spelled(f, &journal->items[(*n)++]);
        if (!str_eq(spelled(f, event), want))
            fail_msg("%.*s\ncame, not\n%.*s", STR_ARG(spelled(f, event)), STR_ARG(want));
        *last = json_text(json_get(event, S("id")));
        assert_true(!sent || str_eq(id, *last));
    }
    assert_true(str_contains(stream.head, sent ? S("text/event-stream") : S("application/x-ndjson")));
    stream_close(&stream);
    return event;
}

/* Cut off again and again, also while the run goes on: each event comes once, in order, and the stream ends with the
 * run. */
static void test_event_stream__goes_on_behind_the_last_event_that_was_had(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *automation = fixture_automation(&f, "Ask", asking);
    const char *run = fixture_run(&f, automation, "{\"order\":{\"dictionary\":{\"entries\":[]}}}");
    uint32_t n = 0, parked = journal_of(&f, run)->count;
    Str last = {0};
    assert_true(parked >= 3);
    for (int i = 0; n < parked; i++)
        assert_true(follow_events(&f, run, i % 2 == 1, &last, &n, 1));
    Stream waiting = stream_open_behind(&f, last, "%s/events:stream", run);
    const char *exception =
        text_at(&f, fixture_call(&f, "GET", NULL, "%s", run).json, "state.awaiting_guidance.exception");
    assert_status(fixture_call(&f, "POST", "{\"answer\":\"use \\\"PO-6\\\"\"}", "/api/v1/%s:resolve", exception), 200);
    uint32_t heard = 0;
    for (const Json *event; (event = stream_line(&f, &waiting)); heard++)
        assert_true(str_eq(json_text(json_get(event, S("id"))),
                           json_text(json_get(&journal_of(&f, run)->items[n + heard], S("id")))));
    stream_close(&waiting);
    assert_int_equal(n + heard, journal_of(&f, run)->count);
    for (int i = 0; n < parked + heard; i++)
        assert_true(follow_events(&f, run, i % 2 == 0, &last, &n, 1));
    assert_false(follow_events(&f, run, false, &last, &n, 1));           /* nothing is left: it ends at once */
    Stream over = stream_open_events(&f, last, "%s/events:stream", run); /* a browser would come back for ever */
    assert_null(stream_line(&f, &over));
    assert_true(str_contains(over.head, S(" 204 ")));
    stream_close(&over);
    Str none = S("not-of-this-run"), beyond = S("1000000");
    n = 0;
    assert_true(follow_events(&f, run, false, &none, &n, 2));
    n = 0;
    assert_true(follow_events(&f, run, true, &beyond, &n, 2));
    fixture_close(&f);
}

/* An event may be larger than all that the server lets wait of a stream, and a journal larger than what is read at a
 * time. */
static void test_event_stream__sends_what_is_large_whole(void **state)
{
    (void)state;
    static const char many[] = "repeat 3000 times\n"
                               "  say \"once more\"\n"
                               "the text is \"abcdefghij\" times 600000\n"
                               "output the text as \"text\"\n";
    Fixture f;
    fixture_open(&f);
    const char *run = fixture_run(&f, fixture_automation(&f, "Large", many), "{}");
    Stream stream = stream_open(&f, "%s/events:stream", run);
    uint32_t n = 0;
    const Json *last = NULL;
    for (const Json *event; (event = stream_line(&f, &stream)); n++) {
        assert_true(str_eq(json_text(json_get(event, S("id"))), str_printf(&f.arena, "%u", n)));
        last = event;
    }
    assert_true(n > 6000);
    assert_int_equal(json_at(last, "run_update.run.state.completed.outputs.text.text")->text.len, 6000000);
    stream_close(&stream);
    fixture_close(&f);
}

/* The state in a run_update is the one that the run shows when it is read as of then. */
static void test_read_time__shows_the_run_as_it_was(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *automation = fixture_automation(&f, "Asking", asking);
    const char *run = fixture_run(&f, automation, "{\"order\":{\"dictionary\":{\"entries\":[]}}}");
    usleep(2000);
    assert_status(fixture_call(&f, "POST", "{\"use\":{\"text\":\"PO-7\"}}", "%s:resolve", run), 200);
    assert_status(fixture_call(&f, "GET", NULL, "%s:wait?timeout=20s", run), 200);
    Reply events = fixture_call(&f, "GET", NULL, "%s/events?page_size=1000", run);
    const Json *list = json_at(events.json, "run_events");
    int n_states = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        const Json *expected = json_at(&list->items[i], "run_update.run.state");
        if (!expected)
            continue;
        const char *time = text_at(&f, expected, "update_time");
        bool is_last_of_its_time = true; /* what follows at the same microsecond holds then */
        for (uint32_t k = i + 1; k < list->count; k++) {
            const Json *later = json_at(&list->items[k], "run_update.run.state.update_time");
            is_last_of_its_time = is_last_of_its_time && !(later && str_eq(later->text, str_from_c(time)));
        }
        if (!is_last_of_its_time)
            continue;
        Reply then = fixture_call(&f, "GET", NULL, "%s?read_time=%s", run, time);
        assert_status(then, 200);
        assert_true(str_eq(spelled(&f, json_at(then.json, "state")), spelled(&f, expected)));
        assert_text(&f, then.json, "update_time", time);
        n_states++;
    }
    assert_in_range(n_states, 3,
                    6); /* executing, awaiting guidance, executing again, completed: some of them at once */
    Reply asked = fixture_call(&f, "GET", NULL, "%s?readTime=%s", run, "2200-01-01T00:00:00Z");
    assert_status(asked, 400);
    assert_true(str_contains(asked.body, S("has not come yet")));
    assert_status(fixture_call(&f, "GET", NULL, "%s?read_time=2020-01-01T00:00:00Z", run), 404);
    assert_status(fixture_call(&f, "GET", NULL, "%s?read_time=yesterday", run), 400);
    fixture_close(&f);
}

static void test_executions__run_at_once_and_keep_their_outputs(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    Reply ran = fixture_call(
        &f, "POST", "{\"start_execution\":{\"code\":\"set_output(\\\"n\\\", value=3)\\n\",\"no_recording\":{}}}",
        "%s/executions:run", f.workspace);
    assert_status(ran, 200);
    assert_true(str_eq(json_at(ran.json, "execution_status.completed.outputs.n.number.lo")->text, S("3")));
    Reply outputs =
        fixture_call(&f, "GET", NULL, "%s/executions/%s/outputs", f.workspace, text_at(&f, ran.json, "execution_id"));
    assert_status(outputs, 200);
    assert_text(&f, outputs.json, "outputs.n.type.scalar_type", "VALUE_SCALAR_TYPE_NUMBER");
    Reply failed =
        fixture_call(&f, "POST", "{\"start_execution\":{\"code\":\"x = = 3\"}}", "%s/executions:run", f.workspace);
    assert_status(failed, 200);
    assert_true(strlen(text_at(&f, failed.json, "execution_status.failed.error.description")) > 0);
    static const struct {
        const char *call, *member, *text;
    } books[] = {
        {"x = kognitos.text.text.tidy(text=\\\" a \\\")", "completed.outputs.x.text", "a"},
        {"x = kognitos.mail.email.send(to=\\\"a@b.example\\\", subject=\\\"s\\\", text=\\\"t\\\")",
         "failed.error.description", "book connection not provided: mail"},
    };
    for (size_t i = 0; i < COUNT_OF(books); i++) {
        const char *body = str_to_c(
            &f.arena, str_printf(&f.arena, "{\"start_execution\":{\"code\":\"%s\\nset_output(\\\"x\\\", value=x)\"}}",
                                 books[i].call));
        Reply called = fixture_call(&f, "POST", body, "%s/executions:run", f.workspace);
        assert_text(&f, json_at(called.json, "execution_status"), books[i].member, books[i].text);
    }
    assert_status(fixture_call(&f, "GET", NULL, "%s/executions/nosuch/outputs", f.workspace), 404);
    Reply listed = fixture_call(&f, "GET", NULL, "%s/runs", f.workspace);
    assert_int_equal(json_at(listed.json, "runs")->count, 0);
    fixture_close(&f);
}

static void test_runs__are_found_under_their_own_automation_only(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *doubles = fixture_automation(&f, "Double", doubling);
    const char *other = fixture_automation(&f, "Ask", asking);
    const char *run = fixture_run(&f, doubles, "{\"amount\":" NUMBER(1) "}");
    const char *id = strrchr(run, '/') + 1;
    assert_status(fixture_call(&f, "GET", NULL, "%s/runs/%s", other, id), 404);
    assert_status(fixture_call(&f, "GET", NULL, "%s/automations/-/runs/%s", f.workspace, id), 200);
    f.as = f.other_token;
    assert_status(fixture_call(&f, "GET", NULL, "%s", run), 404);
    Reply mine = fixture_call(&f, "GET", NULL, "%s/automations/-/runs/%s", f.other_workspace, id);
    assert_status(mine, 404);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_invoke__answers_with_the_run_and_the_run_completes),
        cmocka_unit_test(test_invoke__refuses_what_cannot_run),
        cmocka_unit_test(test_invoke__with_a_request_id_starts_one_run),
        cmocka_unit_test(test_batch_invoke__starts_all_or_none),
        cmocka_unit_test(test_list_runs__filters_and_pages_over_automations),
        cmocka_unit_test(test_question__is_answered_over_the_run_or_the_exception),
        cmocka_unit_test(test_draft_runs__raise_no_exception),
        cmocka_unit_test(test_rerun__is_a_new_run_chained_to_the_earlier_one),
        cmocka_unit_test(test_child_runs__are_listed_with_their_parent),
        cmocka_unit_test(test_cancel_and_pause__need_a_run_that_goes),
        cmocka_unit_test(test_answers__show_a_run_whole),
        cmocka_unit_test(test_waiting_run__is_paused_continued_and_waited_for),
        cmocka_unit_test(test_deadline__ends_a_run_that_nobody_answers),
        cmocka_unit_test(test_deadline__is_a_time_that_can_be_kept),
        cmocka_unit_test(test_events__tell_how_a_run_failed),
        cmocka_unit_test(test_events__tell_the_run_from_its_beginning),
        cmocka_unit_test(test_event_stream__goes_on_behind_the_last_event_that_was_had),
        cmocka_unit_test(test_event_stream__sends_what_is_large_whole),
        cmocka_unit_test(test_read_time__shows_the_run_as_it_was),
        cmocka_unit_test(test_executions__run_at_once_and_keep_their_outputs),
        cmocka_unit_test(test_runs__are_found_under_their_own_automation_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
