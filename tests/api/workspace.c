/* Tests of organizations and workspaces, and of what every operation has in common, through the real server. */
#include "fixture.h"

#include <stdlib.h>
#include <string.h>

static void test_me_organizations__are_those_of_the_caller(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    Reply reply = fixture_call(&f, "GET", NULL, "/api/v1/me/organizations?page_size=50");
    assert_status(reply, 200);
    assert_int_equal(json_at(reply.json, "user_organizations")->count, 1);
    assert_text(&f, reply.json, "user_organizations.0.name", f.organization_name);
    assert_text(&f, reply.json, "user_organizations.0.title", "Acme");
    assert_text(&f, reply.json, "next_page_token", "");
    fixture_close(&f);
}

static void test_workspaces__are_made_found_and_listed(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    Reply made = fixture_call(&f, "POST", "{\"title\":\"Claims\",\"workspaceIcon\":\"shield\"}", "%s/workspaces",
                              f.organization);
    assert_status(made, 200);
    assert_text(&f, made.json, "title", "Claims");
    assert_text(&f, made.json, "workspace_icon", "shield");
    assert_text(&f, made.json, "creator_display_name", "Ada");

    Reply found = fixture_call(&f, "GET", NULL, "/api/v1/%s", text_at(&f, made.json, "name"));
    assert_status(found, 200);
    assert_true(str_eq(found.body, made.body));

    Reply listed = fixture_call(&f, "GET", NULL, "%s/workspaces", f.organization);
    assert_int_equal(json_at(listed.json, "workspaces")->count, 2);
    assert_text(&f, listed.json, "workspaces.0.title", "Claims");
    Reply mine = fixture_call(&f, "GET", NULL, "/api/v1/me/%s/workspaces", f.organization_name);
    assert_int_equal(json_at(mine.json, "user_workspaces")->count, 2);
    fixture_close(&f);
}

static void test_create_workspace__repeats_its_answer_for_a_request_id(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    Reply first = fixture_call(&f, "POST", "{\"title\":\"Once\"}", "%s/workspaces?request_id=abc", f.organization);
    Reply again = fixture_call(&f, "POST", "{\"title\":\"Once\"}", "%s/workspaces?requestId=abc", f.organization);
    assert_status(first, 200);
    assert_status(again, 200);
    assert_true(str_eq(first.body, again.body));
    Reply other = fixture_call(&f, "POST", "{\"title\":\"Twice\"}", "%s/workspaces?request_id=abc", f.organization);
    assert_status(other, 409);
    Reply listed = fixture_call(&f, "GET", NULL, "%s/workspaces", f.organization);
    assert_int_equal(json_at(listed.json, "workspaces")->count, 2);
    fixture_close(&f);
}

static void test_list_workspaces__pages_filters_and_orders(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    static const char *const titles[] = {"delta", "alpha", "charlie", "bravo"};
    for (size_t i = 0; i < COUNT_OF(titles); i++) {
        Str body = str_printf(&f.arena, "{\"title\":\"%s\"}", titles[i]);
        assert_status(fixture_call(&f, "POST", str_to_c(&f.arena, body), "%s/workspaces", f.organization), 200);
    }
    Reply one = fixture_call(&f, "GET", NULL, "%s/workspaces?pageSize=2&order_by=title", f.organization);
    assert_text(&f, one.json, "workspaces.0.title", "Accounts payable");
    assert_text(&f, one.json, "workspaces.1.title", "alpha");
    const char *token = text_at(&f, one.json, "next_page_token");
    Reply two = fixture_call(&f, "GET", NULL, "%s/workspaces?page_size=10&order_by=title+asc&page_token=%s",
                             f.organization, token);
    assert_int_equal(json_at(two.json, "workspaces")->count, 3);
    assert_text(&f, two.json, "workspaces.0.title", "bravo");
    assert_text(&f, two.json, "next_page_token", "");

    Reply with = fixture_call(&f, "GET", NULL, "%s/workspaces?filter=title+%%3D+%%22alpha%%22", f.organization);
    assert_int_equal(json_at(with.json, "workspaces")->count, 1);

    Reply moved = fixture_call(&f, "GET", NULL, "%s/workspaces?pageSize=2&page_token=%s", f.organization, token);
    assert_status(moved, 400);
    assert_string_equal(first_violation(&f, &moved), "page_token");
    fixture_close(&f);
}

static void test_arguments__are_all_refused_at_once(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    Reply negative = fixture_call(&f, "GET", NULL, "%s/workspaces?page_size=-1", f.organization);
    assert_status(negative, 400);
    assert_string_equal(first_violation(&f, &negative), "page_size");
    assert_int_equal(atoi(str_to_c(&f.arena, json_at(negative.json, "code")->text)), INVALID_ARGUMENT);
    assert_text(&f, negative.json, "error.status", "INVALID_ARGUMENT");
    static const char *const refused[] = {"filter=nosuchfield%20%3D%201", "filter=title%20%3D", "order_by=nosuchfield",
                                          "page_token=xyz", "page_size=abc"};
    for (size_t i = 0; i < COUNT_OF(refused); i++)
        assert_status(fixture_call(&f, "GET", NULL, "%s/workspaces?%s", f.organization, refused[i]), 400);
    Reply both = fixture_call(&f, "POST", "{\"title\":7,\"workspace_icon\":[]}", "%s/workspaces", f.organization);
    assert_int_equal(json_at(both.json, "details.0.field_violations")->count, 2);
    assert_status(fixture_call(&f, "POST", "{\"title\":", "%s/workspaces", f.organization), 400);
    assert_status(fixture_call(&f, "POST", "\"\xff\"", "%s/workspaces", f.organization), 400);
    fixture_close(&f);
}

static Str repeated(Fixture *f, Str text, size_t times)
{
    Buf out = buf_in(&f->arena);
    for (size_t i = 0; i < times; i++)
        buf_str(&out, text);
    return buf_view(&out);
}

static void test_hostile_bodies_and_queries__are_refused(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *deep = str_to_c(&f.arena, str_printf(&f.arena, "{\"title\":%.*s", STR_ARG(repeated(&f, S("["), 5000))));
    assert_status(fixture_call(&f, "POST", deep, "%s/workspaces", f.organization), 400);
    const char *large =
        str_to_c(&f.arena, str_printf(&f.arena, "{\"title\":\"%.*s\"}", STR_ARG(repeated(&f, S("x"), 2u << 20))));
    assert_status(fixture_call(&f, "POST", large, "%s/workspaces", f.organization), 413);
    assert_status(fixture_call(&f, "POST", "{\"title\":\"\\ud800\"}", "%s/workspaces", f.organization), 400);
    assert_status(fixture_call(&f, "POST", "{} {}", "%s/workspaces", f.organization), 400);
    assert_status(fixture_call(&f, "POST", NULL, "%s/workspaces", f.organization), 400);
    Str filter = repeated(&f, S("title=a+OR+"), 10000);
    Reply long_filter = fixture_call(&f, "GET", NULL, "%s/workspaces?filter=%.*s", f.organization, STR_ARG(filter));
    assert_true(long_filter.status == 400 || long_filter.status == 414);
    filter = repeated(&f, S("("), 3000);
    assert_status(fixture_call(&f, "GET", NULL, "%s/workspaces?filter=%.*s", f.organization, STR_ARG(filter)), 400);
    assert_status(fixture_call(&f, "GET", NULL, "%s/workspaces?filter=%%ff", f.organization), 400);
    assert_status(fixture_call(&f, "GET", NULL, "%s/workspaces", f.organization), 200);
    fixture_close(&f);
}

static void test_page_tokens__of_others_are_refused(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    assert_status(fixture_call(&f, "POST", "{\"display_name\":\"A\"}", "%s/automations", f.workspace), 200);
    assert_status(fixture_call(&f, "POST", "{\"display_name\":\"B\"}", "%s/automations", f.workspace), 200);
    Reply page = fixture_call(&f, "GET", NULL, "%s/automations?page_size=1", f.workspace);
    const char *token = text_at(&f, page.json, "next_page_token");
    assert_status(fixture_call(&f, "GET", NULL, "%s/automations?page_token=%s", f.workspace, token), 200);
    assert_status(fixture_call(&f, "GET", NULL, "%s/automations?show_deleted=true&page_token=%s", f.workspace, token),
                  400);
    assert_status(fixture_call(&f, "GET", NULL, "%s/runs?page_token=%s", f.workspace, token), 400);
    assert_status(fixture_call(&f, "GET", NULL, "%s/automations?page_token=%sA", f.workspace, token), 400);
    f.as = f.viewer_token;
    assert_status(fixture_call(&f, "GET", NULL, "%s/automations?page_token=%s", f.workspace, token), 400);
    fixture_close(&f);
}

static void test_access__follows_token_and_tenant(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    f.as = NULL;
    Reply nobody = fixture_call(&f, "GET", NULL, "%s", f.workspace);
    assert_status(nobody, 401);
    assert_non_null(reply_header(&f, &nobody, "WWW-Authenticate"));
    f.as = "kgn_pat_nonsense";
    assert_status(fixture_call(&f, "GET", NULL, "%s", f.workspace), 401);
    f.as = f.other_token;
    assert_status(fixture_call(&f, "GET", NULL, "%s", f.workspace), 404);
    assert_status(fixture_call(&f, "GET", NULL, "%s/automations", f.workspace), 404);
    f.as = f.viewer_token;
    assert_status(fixture_call(&f, "GET", NULL, "%s", f.workspace), 200);
    assert_status(fixture_call(&f, "POST", "{\"title\":\"X\"}", "%s/workspaces", f.organization), 403);
    assert_status(fixture_call(&f, "POST", "{\"display_name\":\"X\"}", "%s/automations", f.workspace), 403);
    fixture_close(&f);
}

static void test_unknown_paths_and_methods__answer_json(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    Reply unknown = fixture_call(&f, "GET", NULL, "/api/v1/nothing");
    assert_status(unknown, 404);
    assert_text(&f, unknown.json, "error.status", "NOT_FOUND");
    Reply method = fixture_call(&f, "PUT", "{}", "%s", f.workspace);
    assert_status(method, 405);
    assert_string_equal(reply_header(&f, &method, "Allow"), "GET, HEAD, PATCH, DELETE");
    assert_non_null(method.json);
    assert_non_null(reply_header(&f, &method, "X-Request-Id"));
    assert_status(fixture_call(&f, "GET", NULL, "%s/nosuch", f.workspace), 404);
    fixture_close(&f);
}

static void test_rate_limit__tells_when_to_come_back(void **state)
{
    (void)state;
    Fixture f;
    fixture_open_limited(&f, 2, 2);
    Reply first = fixture_call(&f, "GET", NULL, "%s", f.workspace);
    assert_status(first, 200);
    assert_string_equal(reply_header(&f, &first, "RateLimit-Limit"), "2");
    assert_string_equal(reply_header(&f, &first, "RateLimit-Remaining"), "1");
    assert_status(fixture_call(&f, "GET", NULL, "%s", f.workspace), 200);
    Reply third = fixture_call(&f, "GET", NULL, "%s", f.workspace);
    assert_status(third, 429);
    assert_string_equal(reply_header(&f, &third, "RateLimit-Remaining"), "0");
    assert_true(atoi(reply_header(&f, &third, "Retry-After")) >= 1);
    f.as = f.viewer_token;
    assert_status(fixture_call(&f, "GET", NULL, "%s", f.workspace), 200);
    fixture_close(&f);
}

static void assert_too_many(Fixture *f, Reply reply)
{
    assert_status(reply, 429);
    assert_text(f, reply.json, "error.status", "RESOURCE_EXHAUSTED");
    assert_string_equal(reply_header(f, &reply, "RateLimit-Limit"), "2");
    assert_string_equal(reply_header(f, &reply, "RateLimit-Remaining"), "0");
    assert_true(atoi(reply_header(f, &reply, "Retry-After")) >= 1);
}

static void test_rate_limit__holds_for_addresses_without_a_token(void **state)
{
    (void)state;
    const struct {
        const char *method, *body, *path;
        int status;
    } rows[] = {
        {"GET", NULL, "/api/v1/invitations:open?secret=x", 404},
        {"POST", "{\"secret\":\"x\"}", "/api/v1/invitations:accept", 404},
        {"GET", NULL, "/api/v1/files:get?target=x&signature=x", 403},
        {"PUT", "x", "/api/v1/files:put?target=x&signature=x", 403},
        {"GET", NULL, "/healthz", 200},
        {"GET", NULL, "/readyz", 200},
        {"GET", NULL, "/metrics", 200},
        {"GET", NULL, "/openapi.json", 200},
        {"GET", NULL, "/api/v1/me/organizations", 401}, /* no token at all */
    };
    Fixture f;
    fixture_open_limited(&f, 2, 2);
    f.as = NULL;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        for (int call = 0; call < 2; call++)
            assert_status(fixture_call(&f, rows[i].method, rows[i].body, "%s", rows[i].path), rows[i].status);
        assert_too_many(&f, fixture_call(&f, rows[i].method, rows[i].body, "%s", rows[i].path));
    }
    f.as = "kgn_pat_wrong";
    assert_too_many(&f, fixture_call(&f, "GET", NULL, "%s", f.workspace));
    f.as = f.token; /* a good token is not shut out by its neighbours */
    assert_status(fixture_call(&f, "GET", NULL, "%s", f.workspace), 200);
    fixture_close(&f);
}

static void test_operators__see_health_metrics_and_contract(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    f.as = NULL;
    Reply health = fixture_call(&f, "GET", NULL, "/healthz");
    assert_text(&f, health.json, "status", "ok");
    Reply ready = fixture_call(&f, "GET", NULL, "/readyz");
    assert_status(ready, 200);
    Reply contract = fixture_call(&f, "GET", NULL, "/openapi.json");
    assert_text(&f, contract.json, "info.title", "Clerkwork");
    Reply metrics = fixture_call(&f, "GET", NULL, "/metrics");
    assert_status(metrics, 200);
    assert_true(
        str_contains(metrics.body, S("clerkwork_http_requests_total{operation=\"GetHealth\",status=\"2xx\"} 1\n")));
    fixture_close(&f);
}

/* Two doors lead into a deleted organization: the one that brings it back, and the list that shows deleted ones. */
static void test_organizations__are_made_changed_deleted_and_undeleted(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    Reply made = fixture_call(&f, "POST", "{\"title\":\"Acme Nordic\"}", "/api/v1/organizations");
    assert_status(made, 200);
    const char *name = text_at(&f, made.json, "name");
    Reply workspace = fixture_call(&f, "POST", "{\"title\":\"Stock\"}", "/api/v1/%s/workspaces", name);
    assert_status(workspace, 200); /* its maker administers it */
    const char *inside = text_at(&f, workspace.json, "name");
    Reply renamed = fixture_call(&f, "PATCH", "{\"title\":\"Acme Norden\"}", "/api/v1/%s", name);
    assert_text(&f, renamed.json, "title", "Acme Norden");
    assert_status(fixture_call(&f, "PATCH", "{\"title\":\"\"}", "/api/v1/%s", name), 400);
    assert_status(fixture_call(&f, "PATCH", "{\"logo_data_uri\":\"https://x/\"}", "/api/v1/%s", name), 400);

    Reply deleted = fixture_call(&f, "DELETE", NULL, "/api/v1/%s", name);
    assert_non_null(json_at(deleted.json, "delete_time"));
    Reply gone = fixture_call(&f, "GET", NULL, "/api/v1/%s", name);
    assert_status(gone, 404);
    assert_true(str_contains(gone.body, S("was deleted; one of its admins can undelete it")));
    assert_status(fixture_call(&f, "GET", NULL, "/api/v1/%s/automations", inside), 404);
    assert_status(fixture_call(&f, "DELETE", NULL, "/api/v1/%s", name), 404);
    Reply listed = fixture_call(&f, "GET", NULL, "/api/v1/me/organizations");
    assert_int_equal(json_at(listed.json, "user_organizations")->count, 1);
    Reply all = fixture_call(&f, "GET", NULL, "/api/v1/me/organizations?show_deleted=true");
    assert_int_equal(json_at(all.json, "user_organizations")->count, 2);

    assert_status(fixture_call(&f, "POST", "{}", "/api/v1/%s:undelete", name), 200);
    assert_status(fixture_call(&f, "GET", NULL, "/api/v1/%s/automations", inside), 200);
    assert_status(fixture_call(&f, "POST", "{}", "/api/v1/%s:undelete", name), 409);
    f.as = f.viewer_token;
    Reply refused = fixture_call(&f, "POST", "{\"title\":\"Mine\"}", "/api/v1/organizations");
    assert_status(refused, 403);
    assert_true(str_contains(refused.body, S("you administer no organization")));
    assert_status(fixture_call(&f, "DELETE", NULL, "%s", f.organization), 403);
    f.as = f.other_token;
    assert_status(fixture_call(&f, "DELETE", NULL, "%s", f.organization), 404);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_organizations__are_made_changed_deleted_and_undeleted),
        cmocka_unit_test(test_me_organizations__are_those_of_the_caller),
        cmocka_unit_test(test_workspaces__are_made_found_and_listed),
        cmocka_unit_test(test_create_workspace__repeats_its_answer_for_a_request_id),
        cmocka_unit_test(test_list_workspaces__pages_filters_and_orders),
        cmocka_unit_test(test_arguments__are_all_refused_at_once),
        cmocka_unit_test(test_hostile_bodies_and_queries__are_refused),
        cmocka_unit_test(test_page_tokens__of_others_are_refused),
        cmocka_unit_test(test_access__follows_token_and_tenant),
        cmocka_unit_test(test_unknown_paths_and_methods__answer_json),
        cmocka_unit_test(test_rate_limit__tells_when_to_come_back),
        cmocka_unit_test(test_rate_limit__holds_for_addresses_without_a_token),
        cmocka_unit_test(test_operators__see_health_metrics_and_contract),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
