/* Tests of authoring threads in quill2's form, through the real server. */
#include "fixture.h"

#include <string.h>
#include <sys/socket.h>

static Str quoted(Fixture *f, Str text)
{
    Buf out = buf_in(&f->arena);
    JsonOut json = json_out(&out);
    json_str(&json, text);
    return buf_view(&out);
}

static const char *new_automation(Fixture *f)
{
    Reply made = fixture_call(f, "POST", "{\"display_name\":\"Draft\",\"kind\":\"AUTOMATION_KIND_QUILL2\"}",
                              "%s/automations", f->workspace);
    assert_status(made, 200);
    return text_at(f, made.json, "name");
}

/* Its full name. */
static const char *new_thread(Fixture *f, const char *automation)
{
    Reply made = fixture_call(f, "POST", "{\"title\":\"T\"}", "/api/v1/%s/agents/quill2/threads", automation);
    assert_status(made, 200);
    assert_non_null(json_at(made.json, "variables"));
    return text_at(f, made.json, "name");
}

static Reply give(Fixture *f, const char *thread, const char *body, int status)
{
    Reply reply = fixture_call(f, "POST", body, "/api/v1/%s/input", thread);
    assert_status(reply, status);
    return reply;
}

static void say(Fixture *f, const char *thread, Str text)
{
    Str body = str_printf(&f->arena, "{\"message\":{\"content\":%.*s}}", STR_ARG(quoted(f, text)));
    assert_true(json_at(give(f, thread, str_to_c(&f->arena, body), 200).json, "ok")->boolean);
}

static const Json *events_of(Fixture *f, const char *thread)
{
    Reply events = fixture_call(f, "GET", NULL, "/api/v1/%s/events", thread);
    assert_status(events, 200);
    return json_at(events.json, "events");
}

static const Json *last_of(Fixture *f, const char *thread, const char *member)
{
    const Json *all = events_of(f, thread);
    assert_true(all->count > 0);
    return json_get(&all->items[all->count - 1], str_from_c(member));
}

/* The first choice of this question, in its own words. */
static const char *reply_to(Fixture *f, const Json *interrupt)
{
    Str label = quoted(f, json_at(interrupt, "questions.0.options.0.label")->text);
    return str_to_c(&f->arena,
                    str_printf(&f->arena,
                               "{\"interrupt_reply\":{\"interrupt_id\":\"%s\",\"answers\":[{\"question_id\":\"%s\","
                               "\"selected\":[%.*s]}]}}",
                               text_at(f, interrupt, "interrupt_id"), text_at(f, interrupt, "questions.0.id"),
                               STR_ARG(label)));
}

static void test_input__writes_asks_and_takes_answers(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *automation = new_automation(&f), *thread = new_thread(&f, automation);
    assert_int_equal(events_of(&f, thread)->count, 0);
    say(&f, thread, S("output 2 as \"rate\""));
    assert_non_null(last_of(&f, thread, "generation_complete"));
    const Json *all = events_of(&f, thread);
    assert_text(&f, &all->items[0], "input_text", "output 2 as \"rate\"");
    assert_text(&f, &all->items[1], "output_text", "The sentences are the draft now. Saved as version 0.2.");
    say(&f, thread, S("the rate is 2\noutput the rte as \"rate\""));
    const Json *interrupt = last_of(&f, thread, "interrupt");
    const char *reply = reply_to(&f, interrupt);
    (void)give(&f, thread, reply, 200);
    Reply draft = fixture_call(&f, "GET", NULL, "/api/v1/%s", automation);
    assert_text(&f, draft.json, "english_code", "the rate is 2\noutput the rate as \"rate\"\n");
    assert_non_null(last_of(&f, thread, "generation_complete"));
    Reply late = give(&f, thread, reply, 412);
    assert_true(str_eq(json_at(late.json, "code")->text, S("9")));
    say(&f, thread, S("output the rte as \"rate\""));
    say(&f, thread, S("show")); /* passes over the question */
    all = events_of(&f, thread);
    const Json *passed = NULL;
    for (uint32_t i = 0; i < all->count; i++)
        passed = json_get(&all->items[i], S("interrupt_answer")) ? &all->items[i] : passed;
    assert_text(&f, passed, "interrupt_answer.content", "");
    fixture_close(&f);
}

static void test_what_needs_a_model__is_refused_with_the_reason(void **state)
{
    (void)state;
    static const char *const refused[][3] = {
        {"POST", ":wake", "nothing sleeps here"},
        {"POST", ":compact", "there is nothing to compact"},
        {"GET", "/context", "keeps no context"},
        {"POST", "/feedback", "learns nothing from feedback"},
        {"POST", "/tool-results", "no tool waits for a result"},
    };
    Fixture f;
    fixture_open(&f);
    const char *automation = new_automation(&f), *thread = new_thread(&f, automation);
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        bool get = strcmp(refused[i][0], "GET") == 0;
        Reply reply = fixture_call(&f, refused[i][0], get ? NULL : "{\"x\":1}", "/api/v1/%s%s", thread, refused[i][1]);
        assert_status(reply, 412);
        assert_true(strstr(text_at(&f, reply.json, "message"), refused[i][2]) != NULL);
    }
    (void)give(&f, thread, "{\"tool_approval_reply\":{\"tool_call_id\":\"c\",\"approved\":true}}", 412);
    (void)give(&f, thread, "{\"message\":{\"content\":\"x\"},\"tool_approval_reply\":{}}", 400);
    (void)give(&f, thread, "{\"message\":{\"content\":\"  \"}}", 400);
    fixture_close(&f);
}

static void test_fork__goes_on_from_the_same_draft(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *automation = new_automation(&f), *thread = new_thread(&f, automation);
    say(&f, thread, S("nonsense of all kinds"));
    Reply forked = fixture_call(&f, "POST", "{}", "/api/v1/%s:fork", thread);
    assert_status(forked, 200);
    assert_text(&f, forked.json, "title", "T");
    assert_text(&f, forked.json, "state", "THREAD_STATE_IDLE");
    assert_string_not_equal(text_at(&f, forked.json, "name"), thread);
    assert_int_equal(events_of(&f, text_at(&f, forked.json, "name"))->count, 0);
    assert_non_null(last_of(&f, thread, "interrupt")); /* the question stays where it was asked */
    assert_status(fixture_call(&f, "POST", "{}", "/api/v1/%s:stop", thread), 200);
    assert_non_null(last_of(&f, thread, "generation_complete"));
    fixture_close(&f);
}

static void test_forms__are_kept_apart(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *automation = new_automation(&f), *thread = new_thread(&f, automation);
    Reply first = fixture_call(&f, "POST", "{}", "/api/v1/%s/agents/quill/threads", automation);
    assert_status(first, 200);
    assert_status(fixture_call(&f, "GET", NULL, "/api/v1/%s/events", text_at(&f, first.json, "name")), 404);
    const char *id = strrchr(thread, '/') + 1;
    assert_status(fixture_call(&f, "GET", NULL, "/api/v1/%s/agents/quill/threads/%s", automation, id), 404);
    assert_status(fixture_call(&f, "GET", NULL, "%s/agents/quill2/threads/%s", f.workspace, id), 403);
    fixture_close(&f);
}

static void test_threads__are_their_tenants_and_authors(void **state)
{
    (void)state;
    static const char *const calls[][4] = {
        /* as_viewer */
        {"GET", "/events", NULL, "200"},    {"POST", "/input", "{\"message\":{\"content\":\"show\"}}", "403"},
        {"POST", ":fork", "{}", "403"},     {"POST", ":wake", "{}", "403"},
        {"POST", ":compact", "{}", "403"},  {"GET", "/context", NULL, "412"},
        {"POST", "/feedback", "{}", "403"}, {"POST", "/tool-results", "{}", "403"},
    };
    Fixture f;
    fixture_open(&f);
    const char *thread = new_thread(&f, new_automation(&f));
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        Str path = str_printf(&f.arena, "/api/v1/%s%s", thread, calls[i][1]);
        int64_t as_viewer;
        assert_true(str_to_i64(str_from_c(calls[i][3]), &as_viewer));
        assert_access(&f, calls[i][0], calls[i][2], str_to_c(&f.arena, path), (int)as_viewer);
    }
    f.as = f.other_token;
    assert_status(fixture_call(&f, "GET", NULL, "/api/v1/%s/stream", thread), 404);
    fixture_close(&f);
}

static void test_stream__follows_and_goes_on_behind_the_last_event(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *automation = new_automation(&f), *thread = new_thread(&f, automation);
    Stream stream = stream_open_events(&f, S(""), "/api/v1/%s/stream", thread);
    say(&f, thread, S("show"));
    Str first, second, id;
    assert_text(&f, stream_event(&f, &stream, &first), "input_text", "show");
    assert_true(str_contains(stream.head, S("text/event-stream")));
    assert_text(&f, stream_event(&f, &stream, &second), "output_text", "This is the draft.");
    stream_close(&stream); /* a client that drops */
    say(&f, thread, S("help"));
    stream = stream_open_events(&f, second, "/api/v1/%s/stream", thread);
    assert_non_null(json_get(stream_event(&f, &stream, &id), S("generation_complete")));
    assert_text(&f, stream_event(&f, &stream, &id), "input_text", "help");
    (void)stream_event(&f, &stream, &id);
    (void)stream_event(&f, &stream, &id);
    say(&f, thread, S("the rate is 2")); /* live, on the resumed one */
    assert_text(&f, stream_event(&f, &stream, &id), "input_text", "the rate is 2");
    stream_close(&stream);
    stream = stream_open_events(&f, S("nothing-of-this-thread"), "/api/v1/%s/stream", thread);
    (void)stream_event(&f, &stream, &id);
    assert_true(str_eq(id, first));
    stream_close(&stream);
    fixture_close(&f);
}

enum { BIG = 50000, MANY = 60 };

static void test_stream__waits_for_a_slow_reader(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *thread = new_thread(&f, new_automation(&f));
    char *big = arena_alloc(&f.arena, BIG, 1);
    memset(big, 'x', BIG);
    big[0] = '#';
    big[1] = ' ';
    Stream stream = stream_open_events(&f, S(""), "/api/v1/%s/stream", thread);
    int small = 65536;
    setsockopt(stream.fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    for (int i = 0; i < MANY; i++) { /* 3 MB, more than may wait for one client */
        big[2] = (char)('0' + i % 10);
        say(&f, thread, str_of(big, BIG));
    }
    int inputs = 0, ends = 0;
    while (ends < MANY) {
        Str id;
        const Json *event = stream_event(&f, &stream, &id), *input = json_get(event, S("input_text"));
        ends += json_get(event, S("generation_complete")) != NULL;
        if (input) {
            assert_int_equal(input->text.len, BIG);
            assert_int_equal(input->text.data[2], '0' + inputs % 10);
            inputs++;
        }
    }
    assert_int_equal(inputs, MANY);
    stream_close(&stream);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_input__writes_asks_and_takes_answers),
        cmocka_unit_test(test_what_needs_a_model__is_refused_with_the_reason),
        cmocka_unit_test(test_fork__goes_on_from_the_same_draft),
        cmocka_unit_test(test_forms__are_kept_apart),
        cmocka_unit_test(test_threads__are_their_tenants_and_authors),
        cmocka_unit_test(test_stream__follows_and_goes_on_behind_the_last_event),
        cmocka_unit_test(test_stream__waits_for_a_slow_reader),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
