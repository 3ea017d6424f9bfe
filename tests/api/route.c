/* Tests of src/api/route.c: every path of the contract, and those that look like one. */
#include "api/route.h"
#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define W "/api/v1/organizations/o/workspaces/w"
#define R W "/automations/a/runs/r"

static void expect_route(HttpMethod method, const char *path, OperationId expected)
{
    Arena arena = {0};
    Route route;
    Error err = {0};
    if (!route_match(&arena, method, str_from_c(path), &route, &err))
        fail_msg("%s %s: %s", http_method_names[method], path, err.message);
    assert_string_equal(str_to_c(&arena, route.operation->id), str_to_c(&arena, contract_operations[expected].id));
    arena_done(&arena);
}

static void expect_refusal(HttpMethod method, const char *path, ErrorCode code, const char *allow)
{
    Arena arena = {0};
    Route route;
    Error err = {0};
    assert_false(route_match(&arena, method, str_from_c(path), &route, &err));
    assert_int_equal(err.code, code);
    assert_string_equal(str_to_c(&arena, route_allow(&arena, route.allowed)), allow);
    arena_done(&arena);
}

/* "/a/{x}/b" as somebody would call it: "/a/x/b". */
static Str path_of(Arena *arena, Str pattern)
{
    Buf out = buf_in(arena);
    for (size_t i = 0; i < pattern.len; i++) {
        if (pattern.data[i] != '{' && pattern.data[i] != '}')
            buf_char(&out, pattern.data[i]);
    }
    return buf_view(&out);
}

static void test_route__finds_every_operation_of_the_contract(void **state)
{
    (void)state;
    for (int i = 0; i < OP_COUNT; i++) {
        Arena arena = {0};
        Str path = path_of(&arena, contract_operations[i].path);
        expect_route(contract_operations[i].method, str_to_c(&arena, path), (OperationId)i);
        arena_done(&arena);
    }
}

static void test_route__verbs_and_plain_paths_differ(void **state)
{
    (void)state;
    expect_route(HTTP_GET, W "/automations/a", OP_GET_AUTOMATION);
    expect_route(HTTP_HEAD, W "/automations/a", OP_GET_AUTOMATION);
    expect_route(HTTP_GET, W "/automations/a:query", OP_QUERY_AUTOMATION);
    expect_route(HTTP_POST, W "/automations:check", OP_CHECK_AUTOMATION);
    expect_route(HTTP_GET, R "/agents/astral/events:stream", OP_STREAM_AGENT_EVENTS);
    expect_route(HTTP_GET, R "/events:stream", OP_STREAM_RUN_EVENTS);
    expect_route(HTTP_GET, R "/agents/astral/events/stream", OP_GET_AGENT_EVENT);
}

static void test_route__decodes_segments_after_splitting(void **state)
{
    (void)state;
    Arena arena = {0};
    Route route;
    Error err = {0};
    assert_true(route_match(&arena, HTTP_POST, S(W "/automations/a%3Ab%2Fc%20d:invoke"), &route, &err));
    assert_int_equal(route.operation - contract_operations, OP_INVOKE_AUTOMATION);
    assert_true(str_eq(route.path[PATH_AUTOMATION], S("a:b/c d")));
    assert_true(str_eq(route.path[PATH_ORGANIZATION], S("o")));
    arena_done(&arena);
}

static void test_route__takes_a_uri_for_one_segment(void **state)
{
    (void)state;
    static const char *const paths[] = {W "/automations/a/agents/quill2/threads/t/artifacts/grimoire://aop.md",
                                        W "/automations/a/agents/quill2/threads/t/artifacts/grimoire%3A%2F%2Faop.md"};
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        Arena arena = {0};
        Route route;
        Error err = {0};
        assert_true(route_match(&arena, HTTP_GET, str_from_c(paths[i]), &route, &err));
        assert_int_equal(route.operation->canonical, OP_GET_THREAD_ARTIFACT);
        assert_true(str_eq(route.path[PATH_ARTIFACT], S("grimoire://aop.md")));
        arena_done(&arena);
    }
    expect_route(HTTP_GET, W "/automations/a/agents/quill2/threads/t/artifacts/grimoire://aop.md:content",
                 OP_GET_THREAD_ARTIFACT_CONTENT);
    expect_refusal(HTTP_GET, W "/automations/a/agents/quill2/threads/t/artifacts/grimoire://", NOT_FOUND, "");
    expect_refusal(HTTP_GET, W "//automations", NOT_FOUND, "");
}

static void test_route__aliases_fill_what_their_path_lacks(void **state)
{
    (void)state;
    Arena arena = {0};
    Route route;
    Error err = {0};
    assert_true(route_match(&arena, HTTP_GET, S(W "/runs"), &route, &err));
    assert_int_equal(route.operation->canonical, OP_LIST_RUNS);
    assert_true(str_eq(route.path[PATH_AUTOMATION], S("-")));
    assert_true(str_eq(route.operation->permission, S("read:Run")));
    arena_done(&arena);
}

static void test_route__refuses_what_is_not_there(void **state)
{
    (void)state;
    static const char *const paths[] = {
        "",
        "/",
        "*",
        "/api",
        "/api/v1",
        "/api/v1/",
        "/api/v2/me/organizations",
        "/api/v1/me/organizations/",
        "/api/v1//me/organizations",
        "/api/v1/organizations/",
        W "/automations/a:nosuchverb",
        W "/automations/:invoke",
        W "/automations/a:",
        W "/Automations",
        W "/automations/a/runs/r/agents/g/events/e/x/y/z/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18/19/20",
        "/healthz/x",
        "/healthz:x",
    };
    for (size_t i = 0; i < COUNT_OF(paths); i++)
        expect_refusal(HTTP_GET, paths[i], NOT_FOUND, "");
}

static void test_route__names_the_methods_that_a_path_has(void **state)
{
    (void)state;
    expect_refusal(HTTP_PUT, W "/automations/a", UNIMPLEMENTED, "GET, HEAD, PATCH, DELETE");
    expect_refusal(HTTP_GET, W "/automations/a:invoke", UNIMPLEMENTED, "POST");
    expect_refusal(HTTP_DELETE, "/healthz", UNIMPLEMENTED, "GET, HEAD");
}

static void test_route__refuses_segments_that_are_not_text(void **state)
{
    (void)state;
    expect_refusal(HTTP_GET, W "/automations/%ff", INVALID_ARGUMENT, "");
    expect_refusal(HTTP_GET, W "/automations/a%00b", INVALID_ARGUMENT, "");
    expect_refusal(HTTP_GET, W "/automations/a%2", INVALID_ARGUMENT, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_route__finds_every_operation_of_the_contract),
        cmocka_unit_test(test_route__verbs_and_plain_paths_differ),
        cmocka_unit_test(test_route__decodes_segments_after_splitting),
        cmocka_unit_test(test_route__takes_a_uri_for_one_segment),
        cmocka_unit_test(test_route__aliases_fill_what_their_path_lacks),
        cmocka_unit_test(test_route__refuses_what_is_not_there),
        cmocka_unit_test(test_route__names_the_methods_that_a_path_has),
        cmocka_unit_test(test_route__refuses_segments_that_are_not_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
