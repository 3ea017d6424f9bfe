/* Tests of authoring threads through the real server, in quill's form. */
#include "fixture.h"

#include <stdio.h>
#include <string.h>

#include "store/authoring.h"

#define RATE "the rate is 0.19\noutput the rate as \"rate\"\n"

static Str quoted(Fixture *f, const char *text)
{
    Buf out = buf_in(&f->arena);
    JsonOut json = json_out(&out);
    json_str(&json, str_from_c(text));
    return buf_view(&out);
}

static const char *new_automation(Fixture *f)
{
    Reply made = fixture_call(f, "POST", "{\"display_name\":\"Draft\"}", "%s/automations", f->workspace);
    assert_status(made, 200);
    return text_at(f, made.json, "name");
}

/* Its full name. */
static const char *new_thread(Fixture *f, const char *automation)
{
    Str body = str_printf(&f->arena, "{\"automation\":\"%s\"}", automation);
    Reply made = fixture_call(f, "POST", str_to_c(&f->arena, body), "%s/agents/quill/threads", f->workspace);
    assert_status(made, 200);
    return text_at(f, made.json, "name");
}

static Reply say_as(Fixture *f, const char *path, const char *type, const char *text, const char *interrupt)
{
    Str body = str_printf(&f->arena,
                          "{\"user_message\":{\"user_message\":{\"user_message_type\":\"%s\",\"content\":%.*s,"
                          "\"interrupt_id\":\"%s\"}}}",
                          type, STR_ARG(quoted(f, text)), interrupt);
    return fixture_call(f, "POST", str_to_c(&f->arena, body), "%s:sendMessage", path);
}

static Reply say(Fixture *f, const char *thread, const char *text)
{
    Reply reply = say_as(f, str_to_c(&f->arena, str_printf(&f->arena, "/api/v1/%s", thread)), "user_query", text, "");
    assert_status(reply, 200);
    return reply;
}

/* The objects of a turn, found by counting braces without a look at strings, as one real client does it. */
static int objects_of(Fixture *f, Str body, const Json **out, int most)
{
    int depth = 0, n = 0;
    size_t start = 0;
    for (size_t i = 0; i < body.len; i++) {
        if (body.data[i] == '{' && depth++ == 0)
            start = i;
        if (body.data[i] == '}' && --depth == 0) {
            Error err;
            assert_true(n < most);
            assert_true(json_parse(&f->arena, str_slice(body, start, i + 1), 100, &out[n++], &err));
        }
        assert_true(depth >= 0);
    }
    assert_int_equal(depth, 0);
    return n;
}

/* The newest object of the turn that has this member. */
static const Json *member_of(Fixture *f, Reply reply, const char *member)
{
    const Json *objects[32], *found = NULL;
    int n = objects_of(f, reply.body, objects, 32);
    for (int i = 0; i < n; i++) {
        const Json *one = json_get(objects[i], str_from_c(member));
        found = one ? one : found;
    }
    return found;
}

static const char *completion(Fixture *f, Reply reply)
{
    const Json *found = member_of(f, reply, "completion_response");
    return found ? text_at(f, found, "content") : "";
}

static Reply draft(Fixture *f, const char *automation)
{
    Reply reply = fixture_call(f, "GET", NULL, "/api/v1/%s", automation);
    assert_status(reply, 200);
    return reply;
}

static void test_send__sentences_become_the_draft(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *automation = new_automation(&f), *thread = new_thread(&f, automation);
    Str inside = str_printf(&f.arena, "%s/agents/quill/threads/", automation);
    assert_int_equal(strncmp(thread, inside.data, inside.len), 0);
    Reply turn = say(&f, thread, RATE);
    const Json *objects[16];
    int n = objects_of(&f, turn.body, objects, 16);
    assert_int_equal(n, 4);
    assert_text(&f, objects[0], "user_message.content_list.items.0.text", RATE);
    assert_text(&f, objects[0], "state", "STATE_COMPLETE");
    assert_text(&f, objects[2], "artifact.artifact_type", "automation");
    const Json *artifact;
    Error err;
    assert_true(json_parse(&f.arena, str_from_c(text_at(&f, objects[2], "artifact.content")), 10, &artifact, &err));
    assert_text(&f, artifact, "english_code", RATE);
    assert_text(&f, artifact, "code", "rate = 0.19\nset_output(\"rate\", value=rate)\n");
    assert_text(&f, objects[3], "completion_response.content",
                "The sentences are the draft now. Saved as version 0.2.");
    Reply saved = draft(&f, automation);
    assert_text(&f, saved.json, "english_code", RATE);
    assert_text(&f, saved.json, "version", "0.2");
    Reply again = say(&f, thread, RATE);
    assert_string_equal(completion(&f, again), "Nothing changed: version 0.2 says that already.");
    fixture_close(&f);
}

static void test_send__edits_the_draft(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *automation = new_automation(&f), *thread = new_thread(&f, automation);
    (void)say(&f, thread, RATE);
    (void)say(&f, thread, "add output 2 as \"two\" before line 2");
    (void)say(&f, thread, "rename the rate to the tax rate");
    (void)say(&f, thread, "remove line 2");
    (void)say(&f, thread, "rename the automation to Taxes");
    Reply last = say(&f, thread, "replace line 1 with the tax rate is 0.2");
    assert_string_equal(completion(&f, last), "Line 1 was replaced. Saved as version 0.7.");
    Reply saved = draft(&f, automation);
    assert_text(&f, saved.json, "english_code", "the tax rate is 0.2\noutput the tax rate as \"rate\"\n");
    assert_text(&f, saved.json, "display_name", "Taxes");
    Reply refused = say(&f, thread, "remove line 9");
    assert_string_equal(completion(&f, refused), "There is no such line: the draft has 2 lines.");
    assert_text(&f, draft(&f, automation).json, "version", "0.7");
    fixture_close(&f);
}

static void test_send__asks_about_problems(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *automation = new_automation(&f), *thread = new_thread(&f, automation);
    Str path = str_printf(&f.arena, "/api/v1/%s", thread);
    Reply asked = say(&f, thread, "the rate is 0.19\noutput the rte as \"rate\"\n");
    const Json *interrupt = member_of(&f, asked, "thread_interrupt");
    assert_non_null(interrupt);
    assert_null(member_of(&f, asked, "completion_response"));
    assert_text(&f, interrupt, "questions.0.options.0.label", "Write: output the rate as \"rate\"");
    assert_text(&f, interrupt, "diagnostics.0.code", "unknown-fact");
    assert_text(&f, draft(&f, automation).json, "version", "0.1");
    assert_text(&f, fixture_call(&f, "GET", NULL, "/api/v1/%s", thread).json, "state", "THREAD_STATE_AWAITING_ANSWER");
    const char *id = text_at(&f, interrupt, "interrupt_id");
    Reply vague = say_as(&f, path.data, "interrupt_response", "perhaps", id);
    assert_status(vague, 200);
    assert_true(strstr(completion(&f, vague), "names none of the choices") != NULL);
    assert_status(say_as(&f, path.data, "interrupt_response", "1", "another"), 400);
    Reply answered = say_as(&f, path.data, "interrupt_response", "1", id);
    assert_status(answered, 200);
    assert_string_equal(completion(&f, answered), "The sentence was mended. Saved as version 0.2.");
    assert_text(&f, draft(&f, automation).json, "english_code", RATE);
    assert_status(say_as(&f, path.data, "interrupt_response", "1", id), 400);
    Reply described = say(&f, thread, "please do what I mean");
    const char *told = text_at(&f, member_of(&f, described, "thread_interrupt"), "content");
    assert_true(strstr(told, "No model is configured") != NULL);
    Reply passed = say(&f, thread, "show"); /* something else: the question is passed over */
    assert_text(&f, member_of(&f, passed, "interrupt_answer"), "content", "");
    assert_text(&f, fixture_call(&f, "GET", NULL, "/api/v1/%s", thread).json, "state", "THREAD_STATE_IDLE");
    (void)say(&f, thread, "please do what I mean");
    assert_string_equal(completion(&f, say(&f, thread, "leave")), "The draft is as it was.");
    (void)say(&f, thread, "please do what I mean");
    (void)say(&f, thread, "keep");
    assert_text(&f, draft(&f, automation).json, "english_code", "please do what I mean");
    fixture_close(&f);
}

static void test_send__keeps_braces_balanced(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *thread = new_thread(&f, new_automation(&f));
    Reply turn = say(&f, thread, "say \"a { b\" and } \\ {{ \" {");
    assert_text(&f, member_of(&f, turn, "user_message"), "content", "say \"a { b\" and } \\ {{ \" {");
    assert_non_null(member_of(&f, turn, "thread_interrupt"));
    fixture_close(&f);
}

static void test_send__works_at_both_paths(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *automation = new_automation(&f), *thread = new_thread(&f, automation);
    const char *id = strrchr(thread, '/') + 1;
    Str path = str_printf(&f.arena, "%s/agents/quill/threads/%s", f.workspace, id);
    Reply turn = say_as(&f, path.data, "user_query", RATE, "");
    assert_status(turn, 200);
    Reply list = fixture_call(&f, "POST",
                              "{\"user_message\":{\"user_message\":{\"content_list\":{\"items\":[{\"text\":"
                              "\"add output 1 as \\\"n\\\"\"}]}}}}",
                              "%s:sendMessage", path.data);
    assert_status(list, 200);
    assert_text(&f, draft(&f, automation).json, "version", "0.3");
    Reply resumed = fixture_call(&f, "POST", "{}", "%s:resumeStream", path.data);
    assert_true(str_eq(resumed.body, list.body));
    Reply a = fixture_call(&f, "GET", NULL, "%s/messages?page_size=2", path.data);
    Reply b = fixture_call(&f, "GET", NULL, "/api/v1/%s/messages?page_size=2", thread);
    assert_status(a, 200);
    assert_true(str_eq(json_at(a.json, "messages.0.name")->text, json_at(b.json, "messages.0.name")->text));
    assert_text(&f, a.json, "messages.0.type", "completion_response");
    assert_true(str_eq(json_at(a.json, "total_size")->text, S("8")));
    Reply one = fixture_call(&f, "GET", NULL, "/api/v1/%s", text_at(&f, a.json, "messages.0.name"));
    assert_status(one, 200);
    assert_text(&f, one.json, "type", "completion_response");
    fixture_close(&f);
}

static void test_list__filters_by_automation(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *a = new_automation(&f), *b = new_automation(&f);
    const char *of_a = new_thread(&f, a);
    (void)new_thread(&f, b);
    Reply found = fixture_call(&f, "GET", NULL, "%s/agents/quill/threads?page_size=1&filter=automation+%%3D+%%22%s%%22",
                               f.workspace, a);
    assert_status(found, 200);
    assert_text(&f, found.json, "threads.0.name", of_a);
    assert_int_equal(json_at(found.json, "threads")->count, 1);
    assert_int_equal(
        json_at(fixture_call(&f, "GET", NULL, "%s/agents/quill/threads", f.workspace).json, "threads")->count, 2);
    assert_int_equal(
        json_at(fixture_call(&f, "GET", NULL, "/api/v1/%s/agents/quill2/threads", a).json, "threads")->count, 0);
    assert_status(fixture_call(&f, "GET", NULL, "%s/agents/quill2/threads", f.workspace), 403);
    assert_status(fixture_call(&f, "GET", NULL, "%s/agents/astral/threads", f.workspace), 404);
    assert_status(fixture_call(&f, "POST", "{}", "%s/agents/quill/threads", f.workspace), 400);
    fixture_close(&f);
}

static void test_stop__drops_the_question(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *automation = new_automation(&f), *thread = new_thread(&f, automation);
    (void)say(&f, thread, "nonsense of all kinds");
    Reply stopped = fixture_call(&f, "POST", "{}", "/api/v1/%s:stop", thread);
    assert_status(stopped, 200);
    assert_true(str_eq(stopped.body, S("{}")));
    assert_text(&f, fixture_call(&f, "GET", NULL, "/api/v1/%s", thread).json, "state", "THREAD_STATE_IDLE");
    Reply resumed = fixture_call(&f, "POST", "{}", "/api/v1/%s:resumeStream", thread);
    assert_string_equal(completion(&f, resumed), "Stopped. The draft is as it was.");
    assert_text(&f, draft(&f, automation).json, "version", "0.1");
    fixture_close(&f);
}

typedef struct Generating {
    Command command;
    Arena *arena;
    Scope scope;
    Str id;
} Generating;

/* As a server leaves a thread that was killed while it asked a model. */
static bool leave_generating(Tx *tx, Command *command, Error *err)
{
    Generating *left = (Generating *)command;
    AuthoringThread *threads;
    int n;
    if (!store_authoring_generating(tx, left->arena, 10, &threads, &n, err))
        return false;
    assert_int_equal(n, 0);
    AuthoringThread thread;
    if (!store_authoring_get(tx, left->arena, &left->scope, 0, S("quill"), left->id, &thread, err))
        return false;
    thread.generating_until_us = tx_now_us(tx) + 500000;
    return store_authoring_update(tx, &thread, err);
}

static void test_resume__does_not_wait_for_a_turn_that_was_lost(void **state)
{
    (void)state;
    Fixture f;
    Error err;
    fixture_open(&f);
    const char *thread = new_thread(&f, new_automation(&f));
    Generating left = {.command.apply = leave_generating,
                       .arena = &f.arena,
                       .scope = {.organization = 1, .workspace = 1},
                       .id = str_from_c(strrchr(thread, '/') + 1)};
    assert_true(store_execute(f.store, &left.command, &err));
    assert_text(&f, fixture_call(&f, "GET", NULL, "/api/v1/%s", thread).json, "state", "THREAD_STATE_GENERATING");
    Reply refused =
        say_as(&f, str_to_c(&f.arena, str_printf(&f.arena, "/api/v1/%s", thread)), "user_query", "show", "");
    assert_status(refused, 400);
    Reply resumed = fixture_call(&f, "POST", "{}", "/api/v1/%s:resumeStream", thread);
    assert_status(resumed, 200);
    assert_true(str_eq(resumed.body, S("0\r\n\r\n"))); /* an empty body, in chunks */
    assert_string_equal(completion(&f, say(&f, thread, "show")), "This is the draft.");
    fixture_close(&f);
}

static void test_threads__are_their_tenants_and_authors(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *automation = new_automation(&f), *thread = new_thread(&f, automation);
    const char *path = str_to_c(&f.arena, str_printf(&f.arena, "/api/v1/%s", thread));
    const char *message = "{\"user_message\":{\"user_message\":{\"content\":\"show\"}}}";
    assert_access(&f, "GET", NULL, path, 200);
    assert_access(&f, "GET", NULL, str_to_c(&f.arena, str_printf(&f.arena, "%s/messages", path)), 200);
    assert_access(&f, "POST", message, str_to_c(&f.arena, str_printf(&f.arena, "%s:sendMessage", path)), 403);
    assert_access(&f, "POST", "{}", str_to_c(&f.arena, str_printf(&f.arena, "%s:stop", path)), 403);
    assert_access(&f, "POST", "{}", str_to_c(&f.arena, str_printf(&f.arena, "%s:resumeStream", path)), 200);
    const char *id = strrchr(thread, '/') + 1;
    f.as = f.other_token; /* under her own workspace she does not find it either */
    assert_status(fixture_call(&f, "GET", NULL, "%s/agents/quill/threads/%s", f.other_workspace, id), 404);
    assert_status(fixture_call(&f, "POST", message, "%s/agents/quill/threads/%s:sendMessage", f.other_workspace, id),
                  404);
    f.as = f.token;
    const char *other = new_automation(&f);
    assert_status(fixture_call(&f, "GET", NULL, "/api/v1/%s/agents/quill/threads/%s", other, id), 404);
    assert_status(fixture_call(&f, "DELETE", NULL, "/api/v1/%s", automation), 200);
    assert_status(fixture_call(&f, "GET", NULL, "%s/agents/quill/threads/%s", f.workspace, id), 404);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_send__sentences_become_the_draft),
        cmocka_unit_test(test_send__edits_the_draft),
        cmocka_unit_test(test_send__asks_about_problems),
        cmocka_unit_test(test_send__keeps_braces_balanced),
        cmocka_unit_test(test_send__works_at_both_paths),
        cmocka_unit_test(test_list__filters_by_automation),
        cmocka_unit_test(test_stop__drops_the_question),
        cmocka_unit_test(test_resume__does_not_wait_for_a_turn_that_was_lost),
        cmocka_unit_test(test_threads__are_their_tenants_and_authors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
