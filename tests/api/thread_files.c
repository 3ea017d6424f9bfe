/* Tests of what is given to authoring threads and what they show as files, for both agents at all their paths. */
#include "fixture.h"

#include <string.h>

#define RATE "output 2 as \"rate\"\n"

static const char form[] =
    "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n%PDF-1.7 x\r\n"
    "--B--\r\n";

static const char *new_automation(Fixture *f)
{
    Reply made = fixture_call(f, "POST", "{\"display_name\":\"Draft\"}", "%s/automations", f->workspace);
    assert_status(made, 200);
    return text_at(f, made.json, "name");
}

/* As a path. */
static const char *new_thread(Fixture *f, const char *automation, const char *agent)
{
    Reply made = fixture_call(f, "POST", "{}", "/api/v1/%s/agents/%s/threads", automation, agent);
    assert_status(made, 200);
    return str_to_c(&f->arena, str_printf(&f->arena, "/api/v1/%s", text_at(f, made.json, "name")));
}

static const char *without_automation(Fixture *f, const char *thread)
{
    return str_to_c(&f->arena,
                    str_printf(&f->arena, "%s/agents/quill/threads/%s", f->workspace, strrchr(thread, '/') + 1));
}

static Reply upload(Fixture *f, const char *thread)
{
    return fixture_send(f, "POST", S("Content-Type: multipart/form-data; boundary=B\r\n"), str_from_c(form),
                        str_printf(&f->arena, "%s/uploads", thread));
}

static void check_uploads(Fixture *f, const char *thread, const char *uri)
{
    Reply made = upload(f, thread);
    assert_status(made, 200);
    assert_text(f, made.json, "uri", uri);
    assert_text(f, made.json, "filename", "a.pdf");
    assert_text(f, made.json, "mime_type", "application/pdf");
    assert_true(str_eq(json_at(made.json, "size")->text, S("10")));
    Reply bytes = fixture_call(f, "GET", NULL, "/api/v1/%s:download", text_at(f, made.json, "file"));
    assert_true(str_eq(bytes.body, S("%PDF-1.7 x")));
}

static void test_uploads__are_files_under_names_of_the_thread(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *automation = new_automation(&f), *first = new_thread(&f, automation, "quill");
    const char *second = new_thread(&f, automation, "quill2");
    check_uploads(&f, first, "uploads://a.pdf");
    check_uploads(&f, without_automation(&f, first), "uploads://a-2.pdf");
    check_uploads(&f, second, "uploads://a.pdf");
    Reply messages = fixture_call(&f, "GET", NULL, "%s/messages", first);
    assert_text(&f, messages.json, "messages.0.upload.uri", "uploads://a-2.pdf");
    Reply as_json =
        fixture_call(&f, "POST", "{\"filename\":\"b.csv\",\"content_base64\":\"YQ==\"}", "%s/uploads", second);
    assert_status(as_json, 200);
    assert_text(&f, as_json.json, "uri", "uploads://b.csv");
    assert_status(fixture_call(&f, "POST", "{\"filename\":\"b.csv\"}", "%s/uploads", second), 400);
    assert_access(&f, "POST", "{\"filename\":\"b.csv\",\"content_base64\":\"YQ==\"}",
                  str_to_c(&f.arena, str_printf(&f.arena, "%s/uploads", first)), 403);
    fixture_close(&f);
}

static void test_input__tells_what_becomes_of_documents(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *thread = new_thread(&f, new_automation(&f), "quill2");
    assert_status(upload(&f, thread), 200);
    Reply unknown =
        fixture_call(&f, "POST", "{\"message\":{\"content\":\"show\",\"documents\":[{\"uri\":\"uploads://no.pdf\"}]}}",
                     "%s/input", thread);
    assert_status(unknown, 400);
    assert_true(strstr(text_at(&f, unknown.json, "message"), "was not uploaded to this thread") != NULL);
    Reply known = fixture_call(&f, "POST",
                               "{\"message\":{\"content\":\"show\",\"documents\":[{\"uri\":\"uploads://a.pdf\","
                               "\"filename\":\"a.pdf\"}],\"images\":[{\"uri\":\"uploads://a.pdf\"}]}}",
                               "%s/input", thread);
    assert_status(known, 200);
    Reply events = fixture_call(&f, "GET", NULL, "%s/events", thread);
    assert_true(strstr(text_at(&f, events.json, "events.1.output_text"), "a.pdf was not read") != NULL);
    Reply messages = fixture_call(&f, "GET", NULL, "%s/messages", thread);
    const Json *all = json_at(messages.json, "messages");
    assert_text(&f, &all->items[all->count - 2], "user_message.documents.1.filename", "a.pdf");
    fixture_close(&f);
}

static void test_send__takes_files_of_a_content_list_along(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *automation = new_automation(&f), *thread = new_thread(&f, automation, "quill");
    Reply turn =
        fixture_call(&f, "POST",
                     "{\"user_message\":{\"user_message\":{\"user_message_type\":\"user_query\",\"content_list\":"
                     "{\"items\":[{\"text\":\"output 2 as \\\"rate\\\"\"},{\"file\":{\"remote\":"
                     "\"organizations/o/files/x--a.pdf\"}}]}}}}",
                     "%s:sendMessage", thread);
    assert_status(turn, 200);
    assert_true(str_contains(turn.body, S("x--a.pdf was not read")));
    Reply draft = fixture_call(&f, "GET", NULL, "/api/v1/%s", automation);
    assert_text(&f, draft.json, "english_code", RATE);
    fixture_close(&f);
}

static void check_artifacts(Fixture *f, const char *thread)
{
    Reply list = fixture_call(f, "GET", NULL, "%s/artifacts", thread);
    assert_status(list, 200);
    assert_int_equal(json_at(list.json, "artifacts")->count, 5);
    assert_text(f, list.json, "artifacts.0.uri", "grimoire://aop.md");
    Reply code = fixture_call(f, "GET", NULL, "%s/artifacts/grimoire://aop.spy", thread);
    assert_status(code, 200);
    assert_text(f, code.json, "content", "set_output(\"rate\", value=2)\n");
    Reply english = fixture_call(f, "GET", NULL, "%s/artifacts/grimoire://aop.md:content", thread);
    assert_status(english, 200);
    assert_true(str_eq(english.body, S(RATE)));
    assert_string_equal(reply_header(f, &english, "Content-Type"), "text/markdown");
    Reply encoded = fixture_call(f, "GET", NULL, "%s/artifacts/grimoire%%3A%%2F%%2Faop.md:content", thread);
    assert_true(str_eq(encoded.body, S(RATE)));
    static const char *const others[] = {"connections.json", "metadata.json", "code_manifest.json"};
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        Reply other = fixture_call(f, "GET", NULL, "%s/artifacts/%s:content", thread, others[i]);
        assert_status(other, 200);
        assert_non_null(other.json);
    }
    assert_status(fixture_call(f, "GET", NULL, "%s/artifacts/context.md", thread), 404);
}

static void test_artifacts__are_the_draft_as_files(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *automation = new_automation(&f), *first = new_thread(&f, automation, "quill");
    const char *second = new_thread(&f, automation, "quill2");
    Reply put = fixture_call(&f, "PUT", "{\"content\":\"output 2 as \\\"rate\\\"\"}", "%s/artifacts/aop.md", second);
    assert_status(put, 200);
    assert_text(&f, put.json, "content", RATE);
    assert_text(&f, fixture_call(&f, "GET", NULL, "/api/v1/%s", automation).json, "version", "0.2");
    check_artifacts(&f, first);
    check_artifacts(&f, without_automation(&f, first));
    check_artifacts(&f, second);
    assert_access(&f, "GET", NULL, str_to_c(&f.arena, str_printf(&f.arena, "%s/artifacts/aop.md", first)), 200);
    assert_access(&f, "PUT", "{\"content\":\"\"}",
                  str_to_c(&f.arena, str_printf(&f.arena, "%s/artifacts/aop.md", first)), 403);
    fixture_close(&f);
}

static void test_artifacts__are_put_whole_or_refused(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *automation = new_automation(&f), *thread = new_thread(&f, automation, "quill2");
    Reply wrong =
        fixture_call(&f, "PUT", "{\"content\":\"output the rate as \\\"rate\\\"\"}", "%s/artifacts/aop.md", thread);
    assert_status(wrong, 412);
    assert_true(strstr(text_at(&f, wrong.json, "message"), "nothing was saved; line 1") != NULL);
    Reply events = fixture_call(&f, "GET", NULL, "%s/events", thread);
    assert_int_equal(json_at(events.json, "events")->count, 0);
    Reply code = fixture_call(&f, "PUT", "{\"content\":\"set_output(\\\"rate\\\", value=2)\"}",
                              "%s/artifacts/grimoire://aop.spy", thread);
    assert_status(code, 200);
    assert_text(&f, code.json, "content", "set_output(\"rate\", value=2)\n");
    assert_text(&f, fixture_call(&f, "GET", NULL, "/api/v1/%s", automation).json, "english_code", RATE);
    assert_status(fixture_call(&f, "PUT", "{\"content\":\"{}\"}", "%s/artifacts/metadata.json", thread), 412);
    assert_status(fixture_call(&f, "DELETE", NULL, "%s/artifacts/aop.md", thread), 412);
    Reply empty = fixture_call(&f, "PUT", "{\"content\":\"\"}", "%s/artifacts/aop.md", thread);
    assert_status(empty, 200);
    assert_text(&f, empty.json, "content", "");
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_uploads__are_files_under_names_of_the_thread),
        cmocka_unit_test(test_input__tells_what_becomes_of_documents),
        cmocka_unit_test(test_send__takes_files_of_a_content_list_along),
        cmocka_unit_test(test_artifacts__are_the_draft_as_files),
        cmocka_unit_test(test_artifacts__are_put_whole_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
