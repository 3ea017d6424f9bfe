/* Tests of triggers: their life, and the messages that come to their addresses. */
#include "fixture.h"

#include <string.h>

#include "base/clock.h"
#include "base/codec.h"
#include "http/signature.h"

#define DOUBLING "inputs\n  the price is a number\n\nthe total is the price times 2\noutput the total as \"total\"\n"

static Fixture f;
static const char *automation;

static int open_fixture(void **state)
{
    (void)state;
    fixture_open(&f);
    automation = fixture_automation(&f, "Doubling", DOUBLING);
    return 0;
}

static int close_fixture(void **state)
{
    (void)state;
    fixture_close(&f);
    return 0;
}

/* `more` are further members, with a comma before them. */
static Reply create(const char *more)
{
    const char *body = fixture_print(&f, "{\"automation\":\"%s\"%s}", automation + strlen("/api/v1/"), more);
    return fixture_call(&f, "POST", body, "%s/triggers", f.workspace);
}

static const char *path_of(const Reply *made)
{
    return fixture_print(&f, "/api/v1/%s", text_at(&f, made->json, "name"));
}

static Reply post(const Reply *made, const char *headers, const char *body)
{
    const char *all = fixture_print(&f, "%sContent-Type: application/json\r\n", headers);
    return fixture_send(&f, "POST", str_from_c(all), str_from_c(body), str_from_c(text_at(&f, made->json, "path")));
}

static uint32_t count_runs(void)
{
    return json_at(fixture_call(&f, "GET", NULL, "%s/runs", automation).json, "runs")->count;
}

static const Json *newest_event(const Reply *made)
{
    Reply events = fixture_call(&f, "GET", NULL, "%s/events", path_of(made));
    assert_status(events, 200);
    return json_at(events.json, "events.0");
}

static void test_message__starts_a_run_with_its_members(void **state)
{
    (void)state;
    Reply made = create(",\"input_mapping\":{\"price\":\"order.total\"}");
    assert_status(made, 200);
    Reply got = post(&made, "", "{\"order\":{\"total\":12.5}}");
    assert_status(got, 200);
    assert_text(&f, got.json, "outcome", "TRIGGER_OUTCOME_STARTED");
    const char *run = fixture_print(&f, "/api/v1/%s", text_at(&f, got.json, "run"));
    Reply ended = fixture_call(&f, "GET", NULL, "%s:wait?timeout=20s", run);
    assert_non_null(json_at(ended.json, "state.completed"));
    assert_non_null(strstr(str_to_c(&f.arena, ended.body), "25"));
    Reply shown = fixture_call(&f, "GET", NULL, "%s", run);
    assert_text(&f, shown.json, "invocation_details.invocation_source", "INVOCATION_SOURCE_TRIGGER");
    assert_text(&f, shown.json, "invocation_details.trigger_id", strrchr(path_of(&made), '/') + 1);
    assert_text(&f, newest_event(&made), "run", text_at(&f, got.json, "run"));
    assert_text(&f, newest_event(&made), "size_bytes", "24");
    /* Without a mapping members are taken by their names, and others are left alone. */
    Reply plain = create("");
    got = post(&plain, "", "{\"price\":4,\"colour\":\"red\"}");
    assert_text(&f, got.json, "outcome", "TRIGGER_OUTCOME_STARTED");
    ended = fixture_call(&f, "GET", NULL, "/api/v1/%s:wait?timeout=20s", text_at(&f, got.json, "run"));
    assert_non_null(json_at(ended.json, "state.completed"));
}

static void test_secrets__are_shown_once(void **state)
{
    (void)state;
    Reply made = create("");
    const char *old = text_at(&f, made.json, "path");
    Reply got = fixture_call(&f, "GET", NULL, "%s", path_of(&made));
    assert_null(json_at(got.json, "path"));
    assert_null(json_at(got.json, "secret"));
    Reply listed = fixture_call(&f, "GET", NULL, "%s/triggers", f.workspace);
    assert_false(str_contains(listed.body, S("whsec_")));
    assert_false(str_contains(listed.body, S("/hooks/")));
    Reply rotated = fixture_call(&f, "POST", "{}", "%s:rotateSecret", path_of(&made));
    assert_status(rotated, 200);
    assert_string_not_equal(text_at(&f, rotated.json, "path"), old);
    assert_status(post(&made, "", "{\"price\":1}"), 404);
    assert_status(post(&rotated, "", "{\"price\":1}"), 200);
}

static void test_repetition__gives_the_same_run(void **state)
{
    (void)state;
    Reply made = create("");
    Reply one = post(&made, "webhook-id: msg_1\r\n", "{\"price\":1}");
    Reply same = post(&made, "webhook-id: msg_1\r\n", "{\"price\":1}");
    assert_text(&f, same.json, "run", text_at(&f, one.json, "run"));
    assert_true(json_at(same.json, "repeated")->boolean);
    assert_false(json_at(one.json, "repeated")->boolean);
    assert_int_equal(count_runs(), 1);
    assert_text(&f, newest_event(&made), "origin", "msg_1");
    assert_int_equal(json_at(fixture_call(&f, "GET", NULL, "%s/events", path_of(&made)).json, "events")->count, 1);
    Reply other = post(&made, "webhook-id: msg_1\r\n", "{\"price\":2}");
    assert_status(other, 409);
    assert_text(&f, newest_event(&made), "outcome", "TRIGGER_OUTCOME_REFUSED");
    assert_int_equal(count_runs(), 1);
    /* Another trigger knows nothing of it. */
    Reply second = create("");
    assert_false(json_at(post(&second, "webhook-id: msg_1\r\n", "{\"price\":1}").json, "repeated")->boolean);
}

static const char *signed_headers(const char *secret, int64_t time_s, const char *body)
{
    Str key;
    assert_true(base64_decode(&f.arena, str_from_c(secret + strlen("whsec_")), &key));
    const char *time = fixture_print(&f, "%lld", (long long)time_s);
    Str signature = signature_make(&f.arena, key, S("msg_9"), str_from_c(time), str_from_c(body));
    return fixture_print(&f, "webhook-id: msg_9\r\nwebhook-timestamp: %s\r\nwebhook-signature: v1,AAAA %.*s\r\n", time,
                         STR_ARG(signature));
}

static void test_signature__must_fit_where_it_is_asked_for(void **state)
{
    (void)state;
    Reply made = create(",\"require_signature\":true");
    const char *secret = text_at(&f, made.json, "secret"), *body = "{\"price\":1}";
    int64_t now_s = clock_now_us() / 1000000;
    assert_status(post(&made, "", body), 401);
    assert_status(post(&made, signed_headers(secret, now_s - 400, body), body), 401);
    assert_status(post(&made, signed_headers(secret, now_s + 400, body), body), 401);
    assert_status(post(&made, signed_headers(secret, now_s, body), "{\"price\":2}"), 401);
    Reply other = create("");
    assert_status(post(&made, signed_headers(text_at(&f, other.json, "secret"), now_s, body), body), 401);
    assert_int_equal(count_runs(), 0);
    assert_text(&f, newest_event(&made), "outcome", "TRIGGER_OUTCOME_REFUSED");
    assert_non_null(strstr(text_at(&f, newest_event(&made), "reason"), "webhook-signature does not fit"));
    assert_status(post(&made, signed_headers(secret, now_s, body), body), 200);
    assert_int_equal(count_runs(), 1);
}

static void test_filtered_and_inactive__are_noted_and_start_nothing(void **state)
{
    (void)state;
    Reply made = create(",\"filter\":\"type = \\\"paid\\\" AND price > 10\"");
    Reply got = post(&made, "", "{\"type\":\"paid\",\"price\":10}");
    assert_status(got, 200);
    assert_text(&f, got.json, "outcome", "TRIGGER_OUTCOME_FILTERED");
    assert_text(&f, newest_event(&made), "outcome", "TRIGGER_OUTCOME_FILTERED");
    assert_status(fixture_call(&f, "POST", "{}", "%s:deactivate", automation), 200);
    const char *passing = "{\"type\":\"paid\",\"price\":11}";
    got = post(&made, "webhook-id: a\r\n", passing);
    assert_status(got, 200);
    assert_text(&f, got.json, "outcome", "TRIGGER_OUTCOME_INACTIVE");
    assert_non_null(strstr(text_at(&f, newest_event(&made), "reason"), "deactivated"));
    assert_int_equal(count_runs(), 0);
    /* Sent again once it is active, the same message starts its run. */
    assert_status(fixture_call(&f, "POST", "{}", "%s:activate", automation), 200);
    assert_status(fixture_call(&f, "PATCH", "{\"enabled\":false}", "%s", path_of(&made)), 200);
    got = post(&made, "webhook-id: a\r\n", passing);
    assert_text(&f, got.json, "outcome", "TRIGGER_OUTCOME_INACTIVE");
    assert_status(fixture_call(&f, "PATCH", "{\"enabled\":true}", "%s", path_of(&made)), 200);
    got = post(&made, "webhook-id: a\r\n", passing);
    assert_text(&f, got.json, "outcome", "TRIGGER_OUTCOME_STARTED");
    Reply filtered = fixture_call(&f, "GET", NULL, "%s/events?filter=outcome%%3DINACTIVE", path_of(&made));
    assert_int_equal(json_at(filtered.json, "events")->count, 2);
}

static void test_nonsense__is_refused_and_noted(void **state)
{
    (void)state;
    Reply made = create("");
    assert_status(post(&made, "", "{\"price\":"), 400);
    assert_text(&f, newest_event(&made), "outcome", "TRIGGER_OUTCOME_REFUSED");
    char long_id[300] = "webhook-id: ";
    memset(long_id + 12, 'x', 250);
    strcpy(long_id + 262, "\r\n");
    assert_status(post(&made, long_id, "{\"price\":1}"), 400);
    assert_status(fixture_call(&f, "DELETE", NULL, "%s", automation), 200);
    assert_status(post(&made, "", "{\"price\":1}"), 404);
    assert_text(&f, newest_event(&made), "outcome", "TRIGGER_OUTCOME_REFUSED");
    assert_int_equal(json_at(fixture_call(&f, "GET", NULL, "%s/events", path_of(&made)).json, "events")->count, 3);
    assert_status(fixture_send(&f, "POST", S(""), S("{}"), S("/api/v1/hooks/nothing")), 404);
}

static const struct {
    const char *more, *field, *says;
} wrong[] = {
    {",\"filter\":\"price >\"", "filter", "expected a value"},
    {",\"filter\":\"paid\"", "filter", "compare a member"},
    {",\"input_mapping\":{\"price\":\"\"}", "input_mapping.price", "say where"},
    {",\"enabled\":7", "enabled", ""},
};

static void test_wrong_bodies__are_refused_by_field(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        Reply reply = create(wrong[i].more);
        assert_status(reply, 400);
        if (!str_contains(reply.body, str_from_c(wrong[i].says)) ||
            !str_contains(reply.body, str_from_c(wrong[i].field)))
            fail_msg("%s: %s", wrong[i].more, str_to_c(&f.arena, reply.body));
    }
    assert_status(fixture_call(&f, "POST", "{\"automation\":\"nothing\"}", "%s/triggers", f.workspace), 404);
}

static void test_life__with_etags_and_request_ids(void **state)
{
    (void)state;
    const char *body = fixture_print(&f, "{\"automation\":\"%s\"}", strrchr(automation, '/') + 1);
    Reply checked = fixture_call(&f, "POST", body, "%s/triggers?validate_only=true", f.workspace);
    assert_status(checked, 200);
    assert_null(json_at(checked.json, "path"));
    Reply one = fixture_call(&f, "POST", body, "%s/triggers?request_id=r1", f.workspace);
    Reply same = fixture_call(&f, "POST", body, "%s/triggers?request_id=r1", f.workspace);
    assert_text(&f, same.json, "path", text_at(&f, one.json, "path"));
    assert_int_equal(json_at(fixture_call(&f, "GET", NULL, "%s/triggers", f.workspace).json, "triggers")->count, 1);
    const char *path = path_of(&one), *etag = text_at(&f, one.json, "etag");
    const char *change = fixture_print(&f, "{\"display_name\":\"orders\",\"etag\":\"\\\"1\\\"\"}");
    assert_string_equal(etag, "\"1\"");
    assert_status(fixture_call(&f, "PATCH", change, "%s", path), 200);
    assert_status(fixture_call(&f, "PATCH", change, "%s", path), 409);
    assert_status(fixture_call(&f, "DELETE", NULL, "%s?etag=%%221%%22", path), 409);
    assert_status(fixture_call(&f, "DELETE", NULL, "%s?etag=%%222%%22", path), 200);
    assert_status(fixture_call(&f, "GET", NULL, "%s", path), 404);
    assert_status(post(&one, "", "{}"), 404);
}

static void test_others__have_no_business_here(void **state)
{
    (void)state;
    Reply made = create("");
    const char *path = path_of(&made);
    assert_access(&f, "GET", NULL, path, 200);
    assert_access(&f, "GET", NULL, fixture_print(&f, "%s/events", path), 200);
    assert_access(&f, "PATCH", "{\"enabled\":false}", path, 403);
    assert_access(&f, "POST", "{}", fixture_print(&f, "%s:rotateSecret", path), 403);
    assert_access(&f, "DELETE", NULL, path, 403);
    f.as = f.other_token;
    const char *id = strrchr(path, '/') + 1;
    assert_status(fixture_call(&f, "GET", NULL, "%s/triggers/%s", f.other_workspace, id), 404);
    assert_status(fixture_call(&f, "GET", NULL, "%s/triggers/%s/events", f.other_workspace, id), 404);
    assert_status(fixture_call(&f, "DELETE", NULL, "%s/triggers/%s", f.other_workspace, id), 404);
    /* Nor may a trigger of hers start what is ours. */
    assert_status(fixture_call(&f, "POST",
                               fixture_print(&f, "{\"automation\":\"%s\"}", automation + strlen("/api/v1/")),
                               "%s/triggers", f.other_workspace),
                  400);
    f.as = f.token;
    assert_status(fixture_call(&f, "GET", NULL, "%s", path), 200);
}

static int open_limited(void **state)
{
    (void)state;
    fixture_open_limited(&f, 20, 0);
    automation = fixture_automation(&f, "Doubling", DOUBLING);
    return 0;
}

static void test_rate__is_the_triggers_own(void **state)
{
    (void)state;
    Reply made = create(""), reply = {0};
    for (int i = 0; i < 20; i++)
        assert_status(post(&made, "", "{\"price\":1}"), 200);
    reply = post(&made, "", "{\"price\":1}");
    assert_status(reply, 429);
    assert_non_null(reply_header(&f, &reply, "Retry-After"));
    assert_true(str_contains(reply.body, S("this trigger may make 20 calls")));
}

#define WAITING "inputs\n  the price is a number\n\nwait 1 hour\noutput the price as \"total\"\n"

static void test_wait__answers_with_the_outputs(void **state)
{
    (void)state;
    Reply made = create(",\"wait\":\"20s\"");
    assert_status(made, 200);
    assert_text(&f, made.json, "wait", "20s");
    Reply got = post(&made, "webhook-id: msg_1\r\n", "{\"price\":12.5}");
    assert_status(got, 200);
    assert_text(&f, got.json, "run_state", "completed");
    assert_string_equal(str_to_c(&f.arena, json_at(got.json, "outputs.total")->text), "25.0");
    /* The same again is answered the same. */
    Reply same = post(&made, "webhook-id: msg_1\r\n", "{\"price\":12.5}");
    assert_true(json_at(same.json, "repeated")->boolean);
    assert_string_equal(str_to_c(&f.arena, json_at(same.json, "outputs.total")->text), "25.0");
    /* One without a price is a question to a person: its run goes on without the sender. */
    got = post(&made, "", "{\"colour\":\"red\"}");
    assert_status(got, 202);
    assert_text(&f, got.json, "run_state", "awaiting_guidance");
    assert_non_null(json_at(got.json, "run"));
    assert_null(json_at(got.json, "outputs"));
    /* Where nothing starts there is nothing to wait for. */
    assert_status(fixture_call(&f, "PATCH", "{\"enabled\":false}", "%s", path_of(&made)), 200);
    got = post(&made, "", "{\"price\":1}");
    assert_status(got, 200);
    assert_text(&f, got.json, "outcome", "TRIGGER_OUTCOME_INACTIVE");
    assert_null(json_at(got.json, "run_state"));
}

static void test_wait__ends_in_time(void **state)
{
    (void)state;
    automation = fixture_automation(&f, "Waiting", WAITING);
    Reply made = create(",\"wait\":\"1s\"");
    int64_t begin_us = clock_monotonic_us();
    Reply got = post(&made, "", "{\"price\":1}");
    assert_status(got, 202);
    assert_true(clock_monotonic_us() - begin_us >= 900000);
    assert_text(&f, got.json, "run_state", "executing");
    assert_text(&f, newest_event(&made), "run", text_at(&f, got.json, "run"));
    Reply refused = create(",\"wait\":\"61s\"");
    assert_status(refused, 400);
    assert_string_equal(first_violation(&f, &refused), "wait");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_message__starts_a_run_with_its_members, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_secrets__are_shown_once, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_repetition__gives_the_same_run, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_signature__must_fit_where_it_is_asked_for, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_filtered_and_inactive__are_noted_and_start_nothing, open_fixture,
                                        close_fixture),
        cmocka_unit_test_setup_teardown(test_nonsense__is_refused_and_noted, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_wrong_bodies__are_refused_by_field, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_life__with_etags_and_request_ids, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_others__have_no_business_here, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_rate__is_the_triggers_own, open_limited, close_fixture),
        cmocka_unit_test_setup_teardown(test_wait__answers_with_the_outputs, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_wait__ends_in_time, open_fixture, close_fixture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
