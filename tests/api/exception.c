/* Tests of exceptions, conversations and guide entries through the real server. */
#include "fixture.h"

#include "aip/name.h"

#include <stdio.h>
#include <string.h>

static const char asking[] = "inputs\n"
                             "  the order is a dictionary\n"
                             "\n"
                             "the number is the order's PO number\n"
                             "output the number as \"number\"\n";
#define EMPTY_ORDER "{\"order\":{\"dictionary\":{\"entries\":[]}}}"

typedef struct Asked {
    Fixture f;
    const char *automation, *run, *exception; /* paths */
} Asked;

static void asked_open(Asked *all)
{
    fixture_open(&all->f);
    all->automation = fixture_automation(&all->f, "Ask", asking);
    all->run = fixture_run(&all->f, all->automation, EMPTY_ORDER);
    Reply parked = fixture_call(&all->f, "GET", NULL, "%s", all->run);
    const char *name = text_at(&all->f, parked.json, "state.awaiting_guidance.exception");
    all->exception = str_to_c(&all->f.arena, str_printf(&all->f.arena, "/api/v1/%s", name));
}

static void assert_output(Asked *all, const char *expected)
{
    Reply done = fixture_call(&all->f, "GET", NULL, "%s:wait?timeout=20s", all->run);
    assert_text(&all->f, done.json, "state.completed.outputs.number.text", expected);
}

static void test_exception__tells_where_and_what(void **state)
{
    (void)state;
    Asked all;
    asked_open(&all);
    Reply got = fixture_call(&all.f, "GET", NULL, "%s", all.exception);
    assert_status(got, 200);
    assert_text(&all.f, got.json, "run", all.run + strlen("/api/v1/"));
    assert_text(&all.f, got.json, "automation", all.automation + strlen("/api/v1/"));
    assert_text(&all.f, got.json, "state", "EXCEPTION_STATE_PENDING");
    assert_text(&all.f, got.json, "stage", "AUTOMATION_STAGE_PUBLISHED");
    assert_text(&all.f, got.json, "resolver", "");
    assert_true(strlen(text_at(&all.f, got.json, "location.end_byte")) > 0);
    assert_true(strstr(text_at(&all.f, got.json, "group"), "/exceptionGroups/missing_values") != NULL);
    assert_status(fixture_call(&all.f, "GET", NULL, "%s/exceptions/nosuch", all.f.workspace), 404);
    fixture_close(&all.f);
}

static void test_list_exceptions__filters_counts_and_skips(void **state)
{
    (void)state;
    Asked all;
    asked_open(&all);
    fixture_run(&all.f, all.automation, EMPTY_ORDER);
    fixture_run(&all.f, all.automation, EMPTY_ORDER);
    const char *id = strrchr(all.run, '/') + 1;
    static const struct {
        const char *query;
        uint32_t expected, total;
    } cases[] = {
        {"filter=state%3D%22PENDING%22", 3, 3},
        {"filter=NOT+state+%3D+%22RESOLVED%22", 3, 3},
        {"filter=state+%3D+EXCEPTION_STATE_ARCHIVED", 0, 0},
        {"filter=group+%3D+%22missing_values%22&page_size=2", 2, 3},
        {"filter=group+!%3D+%22%22", 3, 3},
        {"filter=PENDING", 3, 3},
        {"filter=RESOLVED", 0, 0},
        {"filter=run:*+AND+NOT+assignee:*", 3, 3},
        {"filter=state:PENDING", 3, 3},
        {"skip=1", 2, 3},
        {"pageSize=1&skip=2", 1, 3},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Reply reply = fixture_call(&all.f, "GET", NULL, "%s/exceptions?%s", all.f.workspace, cases[i].query);
        assert_status(reply, 200);
        int64_t total = 0;
        assert_true(json_to_i64(json_at(reply.json, "total_size"), &total));
        if (json_at(reply.json, "exceptions")->count != cases[i].expected || total != cases[i].total)
            fail_msg("%s: %u of %lld", cases[i].query, json_at(reply.json, "exceptions")->count, (long long)total);
    }
    Reply of_run = fixture_call(&all.f, "GET", NULL, "%s/exceptions?filter=run=%%22%s%%22", all.f.workspace, id);
    assert_int_equal(json_at(of_run.json, "exceptions")->count, 1);
    Reply by_name = fixture_call(&all.f, "GET", NULL, "%s/exceptions?filter=automation=%%22%s%%22", all.f.workspace,
                                 all.automation + strlen("/api/v1/"));
    assert_int_equal(json_at(by_name.json, "exceptions")->count, 3);
    assert_status(fixture_call(&all.f, "GET", NULL, "%s/exceptions?filter=state=SLEEPING", all.f.workspace), 400);
    fixture_close(&all.f);
}

static void test_resolve__with_a_sentence_lets_the_run_go_on(void **state)
{
    (void)state;
    Asked all;
    asked_open(&all);
    Reply resolved = fixture_call(&all.f, "POST", "{\"answer\":\"use \\\"PO-1\\\"\"}", "%s:resolve", all.exception);
    assert_status(resolved, 200);
    assert_text(&all.f, resolved.json, "state", "EXCEPTION_STATE_RESOLVED");
    assert_true(str_starts(str_from_c(text_at(&all.f, resolved.json, "resolver")), S("users/")));
    assert_output(&all, "PO-1");
    assert_status(fixture_call(&all.f, "POST", "{\"answer\":\"retry\"}", "%s:resolve", all.exception), 400);
    fixture_close(&all.f);
}

static void test_resolve__takes_each_typed_answer(void **state)
{
    (void)state;
    static const struct {
        const char *body, *outcome;
    } cases[] = {
        {"{\"use\":{\"text\":\"PO-2\"}}", "state.completed"},
        {"{\"replace\":{\"english_code\":\"the number is \\\"none\\\"\"}}", "state.completed"},
        {"{\"stop\":{\"reason\":\"nobody knows\"}}", "state.failed"},
        {"{\"skip\":{}}", "state.awaiting_guidance"}, /* the fact stays unset, and the output asks for it */
        {"{\"retry\":{}}", "state.awaiting_guidance"},
        {"{\"retry\":{\"delay\":\"3600s\"}}", "state.executing"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Asked all;
        asked_open(&all);
        Reply resolved = fixture_call(&all.f, "POST", cases[i].body, "%s:resolve", all.exception);
        assert_status(resolved, 200);
        Reply rested = fixture_call(&all.f, "GET", NULL, "%s:wait?timeout=2s", all.run);
        if (!json_at(rested.json, cases[i].outcome))
            fail_msg("%s: %.*s", cases[i].body, STR_ARG(rested.body));
        fixture_close(&all.f);
    }
}

static void test_resolve__a_run_that_is_stopped_without_a_reason_says_by_whom(void **state)
{
    (void)state;
    Asked all;
    asked_open(&all);
    assert_status(fixture_call(&all.f, "POST", "{\"stop\":{\"reason\":\" \"}}", "%s:resolve", all.exception), 200);
    Reply failed = fixture_call(&all.f, "GET", NULL, "%s:wait?timeout=5s", all.run);
    assert_text(&all.f, failed.json, "state.failed.description", "stopped by an answer");
    fixture_close(&all.f);
}

static void test_resolve__remembers_as_a_guide_entry(void **state)
{
    (void)state;
    Asked all;
    asked_open(&all);
    Reply resolved =
        fixture_call(&all.f, "POST", "{\"use\":{\"text\":\"PO-9\"},\"remember\":true}", "%s:resolve", all.exception);
    assert_status(resolved, 200);
    Reply listed = fixture_call(&all.f, "GET", NULL, "%s/automations/-/guideEntries", all.f.workspace);
    assert_status(listed, 200);
    assert_int_equal(json_at(listed.json, "guide_entries")->count, 1);
    assert_text(&all.f, listed.json, "guide_entries.0.state", "STATE_APPROVED");
    Reply one = fixture_call(&all.f, "GET", NULL, "/api/v1/%s", text_at(&all.f, listed.json, "guide_entries.0.name"));
    assert_status(one, 200);
    assert_text(&all.f, one.json, "source_exception", all.exception + strlen("/api/v1/"));

    all.run = fixture_run(&all.f, all.automation, EMPTY_ORDER);
    assert_output(&all, "PO-9");
    Reply found =
        fixture_call(&all.f, "GET", NULL, "%s/guideEntries?filter=resolution_steps+contains+'po-9'", all.automation);
    assert_int_equal(json_at(found.json, "guide_entries")->count, 1);
    fixture_close(&all.f);
}

static void test_archive__stops_the_run_and_unarchive_asks_again(void **state)
{
    (void)state;
    Asked all;
    asked_open(&all);
    Reply archived = fixture_call(&all.f, "POST", "{}", "%s:archive", all.exception);
    assert_status(archived, 200);
    assert_text(&all.f, archived.json, "state", "EXCEPTION_STATE_ARCHIVED");
    Reply stopped = fixture_call(&all.f, "GET", NULL, "%s", all.run);
    assert_non_null(json_at(stopped.json, "state.stopped"));
    assert_status(fixture_call(&all.f, "POST", "{\"answer\":\"skip\"}", "%s:resolve", all.exception), 400);
    Reply again = fixture_call(&all.f, "POST", NULL, "%s:unarchive", all.exception);
    assert_text(&all.f, again.json, "state", "EXCEPTION_STATE_PENDING");
    assert_status(fixture_call(&all.f, "POST", "{\"use\":{\"text\":\"PO-3\"}}", "%s:resolve", all.exception), 200);
    assert_output(&all, "PO-3");
    fixture_close(&all.f);
}

static void test_assign__names_a_member_or_nobody(void **state)
{
    (void)state;
    Asked all;
    asked_open(&all);
    Str body = str_printf(&all.f.arena, "{\"assignee\":\"users/%s\"}", all.f.user_id);
    Reply assigned = fixture_call(&all.f, "POST", str_to_c(&all.f.arena, body), "%s:assign", all.exception);
    assert_status(assigned, 200);
    assert_true(str_ends(str_from_c(text_at(&all.f, assigned.json, "assignee")), str_from_c(all.f.user_id)));
    Reply mine = fixture_call(&all.f, "GET", NULL, "%s/exceptions?filter=assignee=%%22users/%s%%22", all.f.workspace,
                              all.f.user_id);
    assert_int_equal(json_at(mine.json, "exceptions")->count, 1);
    assert_status(fixture_call(&all.f, "POST", "{\"assignee\":\"users/nosuch\"}", "%s:assign", all.exception), 400);
    Reply nobody = fixture_call(&all.f, "POST", "{\"assignee\":\"\"}", "%s:assign", all.exception);
    assert_text(&all.f, nobody.json, "assignee", "");
    fixture_close(&all.f);
}

static void test_groups__are_paged_for_form(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    Reply all = fixture_call(&f, "GET", NULL, "%s/exceptionGroups", f.workspace);
    assert_int_equal(json_at(all.json, "groups")->count, 3);
    assert_text(&f, all.json, "next_page_token", "");
    Reply one = fixture_call(&f, "GET", NULL, "%s/exceptionGroups?page_size=2", f.workspace);
    Reply two = fixture_call(&f, "GET", NULL, "%s/exceptionGroups?page_size=2&page_token=%s", f.workspace,
                             text_at(&f, one.json, "next_page_token"));
    assert_int_equal(json_at(two.json, "groups")->count, 1);
    fixture_close(&f);
}

static void test_agent_events__answer_like_resolve_and_end_their_turn(void **state)
{
    (void)state;
    Asked all;
    asked_open(&all);
    Fixture *f = &all.f;
    assert_status(fixture_call(f, "GET", NULL, "%s/agents/other/events", all.run), 404);

    Reply vague = fixture_call(f, "POST", "{\"user_message\":{\"content\":\"hmm, let me see\"}}",
                               "%s/agents/astral/events", all.run);
    assert_status(vague, 200);
    assert_text(f, vague.json, "type", "user_message");
    assert_text(f, vague.json, "user_message.content", "hmm, let me see");
    Reply listed = fixture_call(f, "GET", NULL, "%s/agents/astral/events?page_size=50", all.run);
    assert_text(f, listed.json, "events.0.type", "completion_response");

    Reply said =
        fixture_call(f, "POST", "{\"user_message\":{\"content_list\":{\"items\":[{\"text\":\"use \\\"PO-5\\\"\"}]}}}",
                     "%s/agents/astral/events", all.run);
    assert_status(said, 200);
    assert_output(&all, "PO-5");
    Reply after = fixture_call(f, "GET", NULL, "%s/agents/astral/events", all.run);
    assert_text(f, after.json, "events.0.type", "completion_response");
    assert_text(f, after.json, "events.0.state", "STATE_COMPLETE");
    Reply one = fixture_call(f, "GET", NULL, "/api/v1/%s", text_at(f, said.json, "name"));
    assert_true(str_eq(one.body, said.body));
    Reply exception = fixture_call(f, "GET", NULL, "%s", all.exception);
    assert_text(f, exception.json, "state", "EXCEPTION_STATE_RESOLVED");
    fixture_close(f);
}

static void test_agent_events__are_made_by_people_alone(void **state)
{
    (void)state;
    Asked all;
    asked_open(&all);
    static const char *const refused[] = {
        "{}",
        "{\"agent_message\":{\"content\":\"x\"}}",
        "{\"user_message\":{\"content\":\"x\"},\"thinking\":{\"content\":\"y\"}}",
        "{\"user_message\":{\"content\":\"\"}}",
        "{\"user_message\":{}}",
    };
    for (size_t i = 0; i < COUNT_OF(refused); i++)
        assert_status(fixture_call(&all.f, "POST", refused[i], "%s/agents/astral/events", all.run), 400);
    Reply cancelled = fixture_call(&all.f, "POST", NULL, "%s/agents/astral/events:cancelGeneration", all.run);
    assert_status(cancelled, 200);
    assert_true(str_eq(cancelled.body, S("{}")));
    fixture_close(&all.f);
}

static void test_stream__replays_and_then_follows(void **state)
{
    (void)state;
    Asked all;
    asked_open(&all);
    Fixture *f = &all.f;
    Stream stream = stream_open(f, "%s/agents/astral/events:stream", all.run);
    const Json *first = stream_line(f, &stream);
    assert_text(f, first, "type", "agent_message");
    assert_true(str_contains(stream.head, S("application/x-ndjson")));
    assert_status(fixture_call(f, "POST", "{\"user_message\":{\"content\":\"use \\\"PO-6\\\"\"}}",
                               "%s/agents/astral/events", all.run),
                  200);
    const Json *line;
    do {
        line = stream_line(f, &stream);
        assert_non_null(line);
    } while (strcmp(text_at(f, line, "type"), "completion_response") != 0);
    stream_close(&stream);
    fixture_close(f);
}

static Str name_at(const Json *event)
{
    return json_text(json_get(event, S("name")));
}

/* What the whole conversation is, as the list has it: newest first. */
static const Json *conversation(const Asked *all)
{
    Reply reply = fixture_call((Fixture *)&all->f, "GET", NULL, "%s/agents/astral/events?page_size=100", all->run);
    assert_status(reply, 200);
    return json_at(reply.json, "events");
}

/* Cut off behind every event in turn, and resumed by its id or its name: each event comes once, in order. */
static void test_stream__goes_on_behind_the_last_event_that_was_had(void **state)
{
    (void)state;
    Asked all;
    asked_open(&all);
    Fixture *f = &all.f;
    Str last = {0};
    assert_status(
        fixture_call(f, "POST", "{\"user_message\":{\"content\":\"what?\"}}", "%s/agents/astral/events", all.run), 200);
    uint32_t n = conversation(&all)->count;
    assert_true(n >= 3);
    for (uint32_t i = 0; i < n; i++) { /* the last round has one event that is new meanwhile, at least */
        if (i == n - 1)
            assert_status(fixture_call(f, "POST", "{\"user_message\":{\"content\":\"use \\\"PO-6\\\"\"}}",
                                       "%s/agents/astral/events", all.run),
                          200);
        Str id = {0};
        bool sent = i % 2 == 1;
        Stream stream = sent ? stream_open_events(f, last, "%s/agents/astral/events:stream", all.run)
                             : stream_open_behind(f, last, "%s/agents/astral/events:stream", all.run);
        const Json *event = sent ? stream_event(f, &stream, &id) : stream_line(f, &stream);
        assert_true(str_contains(stream.head, sent ? S("text/event-stream") : S("application/x-ndjson")));
        const Json *stored = conversation(&all);
        Str name = name_at(&stored->items[stored->count - 1 - i]);
        assert_true(str_eq(name_at(event), name));
        assert_true(!sent || str_eq(id, name_leaf(name)));
        last = i % 3 == 0 ? name : name_leaf(name);
        stream_close(&stream);
    }
    Stream stream = stream_open_behind(f, S("of-another-run"), "%s/agents/astral/events:stream", all.run);
    const Json *stored = conversation(&all);
    assert_true(str_eq(name_at(stream_line(f, &stream)), name_at(&stored->items[stored->count - 1])));
    stream_close(&stream);
    fixture_close(f);
}

static void test_streams__do_not_hold_up_the_end(void **state)
{
    (void)state;
    Asked all;
    asked_open(&all);
    Stream streams[8];
    for (size_t i = 0; i < COUNT_OF(streams); i++) {
        streams[i] = stream_open(&all.f, "%s/agents/astral/events:stream", all.run);
        assert_non_null(stream_line(&all.f, &streams[i]));
    }
    stream_close(&streams[0]);
    stream_close(&streams[1]);
    fixture_close(&all.f);
    for (size_t i = 2; i < COUNT_OF(streams); i++)
        stream_close(&streams[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exception__tells_where_and_what),
        cmocka_unit_test(test_list_exceptions__filters_counts_and_skips),
        cmocka_unit_test(test_resolve__with_a_sentence_lets_the_run_go_on),
        cmocka_unit_test(test_resolve__takes_each_typed_answer),
        cmocka_unit_test(test_resolve__a_run_that_is_stopped_without_a_reason_says_by_whom),
        cmocka_unit_test(test_resolve__remembers_as_a_guide_entry),
        cmocka_unit_test(test_archive__stops_the_run_and_unarchive_asks_again),
        cmocka_unit_test(test_assign__names_a_member_or_nobody),
        cmocka_unit_test(test_groups__are_paged_for_form),
        cmocka_unit_test(test_agent_events__answer_like_resolve_and_end_their_turn),
        cmocka_unit_test(test_agent_events__are_made_by_people_alone),
        cmocka_unit_test(test_stream__replays_and_then_follows),
        cmocka_unit_test(test_stream__goes_on_behind_the_last_event_that_was_had),
        cmocka_unit_test(test_streams__do_not_hold_up_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
