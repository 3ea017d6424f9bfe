/* Tests of src/api/check.c: bodies read generously, answers held to the letter. */
#include "api/check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

typedef struct Case {
    OperationId operation;
    const char *body;
    const char *expected; /* the body as the handler sees it, or what is wrong: "field: description" a line */
} Case;

static const char *outcome(Arena *arena, OperationId operation, const char *body)
{
    Violations wrong = {.arena = arena};
    const Json *json = NULL;
    Error err = {0};
    if (body && !json_parse(arena, str_from_c(body), CONTRACT_BODY_DEPTH, &json, &err))
        fail_msg("%s: %s", body, err.message);
    const Json *checked = check_body(arena, &contract_operations[operation], json, &wrong);
    Buf out = buf_in(arena);
    for (uint32_t i = 0; i < wrong.count; i++)
        buf_printf(&out, "%s%.*s: %.*s", i ? "\n" : "", STR_ARG(wrong.items[i].field),
                   STR_ARG(wrong.items[i].description));
    if (wrong.count == 0) {
        JsonOut writer = json_out(&out);
        json_write(&writer, checked);
    }
    return str_to_c(arena, buf_view(&out));
}

static void expect(const Case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        Arena arena = {0};
        assert_string_equal(outcome(&arena, cases[i].operation, cases[i].body), cases[i].expected);
        arena_done(&arena);
    }
}

static void test_check_body__reads_both_spellings_and_drops_the_rest(void **state)
{
    (void)state;
    static const Case cases[] = {
        {OP_CREATE_AUTOMATION, "{\"display_name\":\"X\",\"kind\":\"K\"}", "{\"display_name\":\"X\"}"},
        {OP_CREATE_AUTOMATION, "{\"displayName\":\"X\"}", "{\"display_name\":\"X\"}"},
        {OP_CREATE_AUTOMATION, "{\"display_name\":\"X\",\"version\":\"9.9\",\"name\":5}", "{\"display_name\":\"X\"}"},
        {OP_CREATE_AUTOMATION, "{\"display_name\":\"X\",\"description\":null}", "{\"display_name\":\"X\"}"},
        {OP_CREATE_AUTOMATION, "{\"automation\":{\"display_name\":\"X\"}}", "{\"display_name\":\"X\"}"},
        {OP_CREATE_AUTOMATION, "{\"display_name\":\"X\",\"automation\":{\"display_name\":\"Y\"}}",
         "{\"display_name\":\"X\"}"},
        {OP_UPDATE_AUTOMATION, "{\"description\":\"d\"}", "{\"description\":\"d\"}"},
        {OP_CONTINUE_RUN, "{\"anything\":1}", "{}"},
        {OP_CONTINUE_RUN, NULL, "{}"},
        {OP_START_RUN, "{\"user_inputs\":{\"a b\":{\"text\":\"x\"}}}",
         "{\"inputs\":{\"a b\":{\"text\":\"x\"}},\"stage\":\"AUTOMATION_STAGE_PUBLISHED\"}"},
        {OP_INVOKE_AUTOMATION, "{\"stage\":\"DRAFT\"}", "{\"stage\":\"AUTOMATION_STAGE_DRAFT\"}"},
        {OP_INVOKE_AUTOMATION, "{\"stage\":\"AUTOMATION_STAGE_DRAFT\",\"inputs\":{\"n\":{\"null_value\":null}}}",
         "{\"inputs\":{\"n\":{\"null_value\":null}},\"stage\":\"AUTOMATION_STAGE_DRAFT\"}"},
        {OP_INVOKE_AUTOMATION, "{\"stage\":\"DRAFT\",\"inputs\":{\"n\":{\"number\":{\"lo\":\"5\"}}}}",
         "{\"inputs\":{\"n\":{\"number\":{\"lo\":\"5\"}}},\"stage\":\"AUTOMATION_STAGE_DRAFT\"}"},
        {OP_CREATE_TOKEN, "{\"display_name\":\"t\",\"permissions\":\"read_only\"}",
         "{\"display_name\":\"t\",\"permissions\":[\"read_only\"]}"},
        {OP_CREATE_TOKEN, "{\"display_name\":\"t\",\"permissions\":[\"read:Run\"]}",
         "{\"display_name\":\"t\",\"permissions\":[\"read:Run\"]}"},
        {OP_RESOLVE_EXCEPTION, "{\"skip\":{}}", "{\"skip\":{}}"},
    };
    expect(cases, COUNT_OF(cases));
}

static void test_check_body__tells_everything_that_is_wrong(void **state)
{
    (void)state;
    static const Case cases[] = {
        {OP_CREATE_AUTOMATION, NULL, ": a JSON object is needed in the body"},
        {OP_CREATE_AUTOMATION, "[]", ": the body is an array, but an object is expected"},
        {OP_CREATE_AUTOMATION, "{}", "display_name: is missing"},
        {OP_CREATE_AUTOMATION, "{\"display_name\":\"\",\"description\":7,\"connections\":[]}",
         "display_name: must not be empty\n"
         "description: is a number (7), but a string is expected\n"
         "connections: is an array, but an object is expected"},
        {OP_PAUSE_RUN, "{}", "reason: is missing"},
        {OP_INVOKE_AUTOMATION, "{}", "stage: is missing"},
        {OP_INVOKE_AUTOMATION, "{\"stage\":\"AUTOMATION_STAGE_UNSPECIFIED\"}", "stage: must say which one"},
        {OP_INVOKE_AUTOMATION, "{\"stage\":\"LATEST\",\"inputs\":{\"a\":{\"text\":1},\"b\":{},\"c\":5}}",
         "inputs.a.text: is a number (1), but a string is expected\n"
         "inputs.b: exactly one of null_value, bool_value, number, text, date, timeofday, datetime, time_zone, "
         "duration, "
         "list, dictionary, file, table, set must be set, not 0 of them\n"
         "inputs.c: is a number (5), but an object is expected\n"
         "stage: \"LATEST\" is not one of AUTOMATION_STAGE_UNSPECIFIED, AUTOMATION_STAGE_DRAFT, "
         "AUTOMATION_STAGE_PUBLISHED"},
        {OP_INVOKE_AUTOMATION,
         "{\"stage\":\"DRAFT\",\"inputs\":{\"a\":{\"list\":{\"items\":[{\"text\":\"x\"},{\"text\":2}]}}}}",
         "inputs.a.list.items[1].text: is a number (2), but a string is expected"},
        {OP_RESOLVE_EXCEPTION, "{\"answer\":\"x\",\"skip\":{}}",
         ": exactly one of answer, use, retry, skip, replace, stop must be set, not 2 of them"},
        {OP_RESOLVE_EXCEPTION, "{\"retry\":{\"delay\":\"soon\"},\"remember\":\"yes\"}",
         "retry.delay: is a string (soon), but a duration such as 30s is expected\n"
         "remember: is a string (yes), but true or false is expected"},
        {OP_CREATE_TOKEN, "{\"display_name\":\"t\",\"expire_time\":\"tomorrow\"}",
         "expire_time: is a string (tomorrow), but an RFC 3339 time such as 2026-04-14T09:00:00Z is expected"},
        {OP_UPLOAD_FILE, "{\"filename\":\"a\",\"content_base64\":\"?\"}", "content_base64: is not base64"},
        {OP_CREATE_WORKSPACE, "{\"title\":\"a\\u0000b\"}", "title: contains the character U+0000, which no text may"},
    };
    expect(cases, COUNT_OF(cases));
}

static void test_check_body__counts_characters_not_bytes(void **state)
{
    (void)state;
    Arena arena = {0};
    Buf body = buf_in(&arena);
    buf_str(&body, S("{\"display_name\":\""));
    for (int i = 0; i < 200; i++)
        buf_str(&body, S("ä"));
    buf_str(&body, S("\"}"));
    const char *ok = outcome(&arena, OP_CREATE_AUTOMATION, str_to_c(&arena, buf_view(&body)));
    assert_int_equal(strncmp(ok, "{\"display_name\"", 15), 0);
    body.len -= 2;
    buf_str(&body, S("ä\"}"));
    assert_string_equal(outcome(&arena, OP_CREATE_AUTOMATION, str_to_c(&arena, buf_view(&body))),
                        "display_name: has 201 characters; at most 200 are allowed");
    arena_done(&arena);
}

static const char *response_outcome(Arena *arena, SchemaId schema, const char *body)
{
    Violations wrong = {.arena = arena};
    const Json *json;
    Error err = {0};
    assert_true(json_parse(arena, str_from_c(body), 64, &json, &err));
    check_response(schema, json, &wrong);
    Buf out = buf_in(arena);
    for (uint32_t i = 0; i < wrong.count; i++)
        buf_printf(&out, "%s%.*s: %.*s", i ? "\n" : "", STR_ARG(wrong.items[i].field),
                   STR_ARG(wrong.items[i].description));
    return str_to_c(arena, buf_view(&out));
}

static void test_check_response__holds_answers_to_the_letter(void **state)
{
    (void)state;
    static const struct {
        SchemaId schema;
        const char *body, *expected;
    } cases[] = {
        {SCHEMA_INVOKE_AUTOMATION_RESPONSE, "{\"run_id\":\"x\"}", ""},
        {SCHEMA_INVOKE_AUTOMATION_RESPONSE, "{\"runId\":\"x\"}",
         "run_id: is missing\nrunId: is not a field of InvokeAutomationResponse"},
        {SCHEMA_LOCATION, "{\"start_byte\":12}",
         "start_byte: is a number (12), but a whole number as a string is expected"},
        {SCHEMA_NUMBER, "{\"lo\":\"5\"}", "lo: is a string (5), but a whole number of 64 bits is expected"},
        {SCHEMA_FILE_VALUE, "{\"name\":\"x\"}", "name: is for requests alone"},
        {SCHEMA_RUN_STATE, "{\"update_time\":\"2026-04-14T09:00:00Z\"}",
         ": exactly one of pending, executing, stopping, stopped, awaiting_guidance, completed, failed must be set, "
         "not 0 "
         "of them"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Arena arena = {0};
        assert_string_equal(response_outcome(&arena, cases[i].schema, cases[i].body), cases[i].expected);
        arena_done(&arena);
    }
}

/* Each example in the contract is what the contract says. */
static void check_example(Arena *arena, const Json *media, SchemaId schema, bool request)
{
    const Json *example = json_get(media, S("example"));
    if (!example)
        return;
    Violations wrong = {.arena = arena};
    if (request)
        (void)check_object(arena, schema, example, true, &wrong);
    else
        check_response(schema, example, &wrong);
    if (wrong.count > 0)
        fail_msg("example of %.*s: %.*s: %.*s", STR_ARG(contract_schemas[schema].name), STR_ARG(wrong.items[0].field),
                 STR_ARG(wrong.items[0].description));
}

static void test_contract__examples_are_what_it_says(void **state)
{
    (void)state;
    Arena arena = {0};
    const Json *document;
    Error err = {0};
    Str text = str_of((const char *)contract_document, contract_document_len);
    assert_true(json_parse(&arena, text, 64, &document, &err));
    for (int i = 0; i < OP_COUNT; i++) {
        const ContractOperation *operation = &contract_operations[i];
        const Json *path = json_get(json_get(document, S("paths")), operation->path);
        const Json *node = json_get(path, str_lower(&arena, str_from_c(http_method_names[operation->method])));
        assert_non_null(node);
        const Json *body = json_get(json_get(node, S("requestBody")), S("content"));
        if (operation->body != CONTRACT_NO_SCHEMA)
            check_example(&arena, json_get(body, S("application/json")), operation->body, true);
        const Json *answer = json_get(json_get(json_get(node, S("responses")), S("200")), S("content"));
        if (operation->response != CONTRACT_NO_SCHEMA)
            check_example(&arena, json_get(answer, S("application/json")), operation->response, false);
    }
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_check_body__reads_both_spellings_and_drops_the_rest),
        cmocka_unit_test(test_check_body__tells_everything_that_is_wrong),
        cmocka_unit_test(test_check_body__counts_characters_not_bytes),
        cmocka_unit_test(test_check_response__holds_answers_to_the_letter),
        cmocka_unit_test(test_contract__examples_are_what_it_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
