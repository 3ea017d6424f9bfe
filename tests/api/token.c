/* Tests of access tokens through the real server. */
#include "fixture.h"

#include <stdio.h>
#include <string.h>

static Reply make(Fixture *f, const char *body)
{
    Reply made = fixture_call(f, "POST", body, "/api/v1/me/tokens");
    assert_status(made, 200);
    return made;
}

static void test_create__shows_the_secret_once_and_it_works(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    Reply made = make(&f, "{\"display_name\":\"sync\",\"expire_time\":\"2099-01-01T00:00:00Z\"}");
    const char *secret = text_at(&f, made.json, "secret"), *name = text_at(&f, made.json, "name");
    assert_true(str_starts(str_from_c(secret), S("kgn_pat_")));
    assert_text(&f, made.json, "permissions", "all");
    Reply got = fixture_call(&f, "GET", NULL, "/api/v1/%s", name);
    assert_null(json_at(got.json, "secret"));
    assert_true(str_starts(str_from_c(secret), str_from_c(text_at(&f, got.json, "secret_prefix"))));
    Reply listed = fixture_call(&f, "GET", NULL, "/api/v1/me/tokens");
    assert_int_equal(json_at(listed.json, "tokens")->count, 2);
    assert_false(str_contains(listed.body, str_from_c(secret)));
    f.as = secret;
    assert_status(fixture_call(&f, "GET", NULL, "%s", f.workspace), 200);
    fixture_close(&f);
}

static void test_delete__revokes_at_once(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    Reply made = make(&f, "{\"display_name\":\"x\"}");
    const char *name = text_at(&f, made.json, "name");
    f.as = text_at(&f, made.json, "secret");
    assert_status(fixture_call(&f, "GET", NULL, "%s", f.workspace), 200);
    f.as = f.token;
    Reply gone = fixture_call(&f, "DELETE", NULL, "/api/v1/%s", name);
    assert_status(gone, 200);
    assert_true(str_eq(gone.body, S("{}")));
    f.as = text_at(&f, made.json, "secret");
    assert_status(fixture_call(&f, "GET", NULL, "%s", f.workspace), 401);
    f.as = f.token;
    assert_status(fixture_call(&f, "DELETE", NULL, "/api/v1/%s", name), 404);
    fixture_close(&f);
}

static void test_permissions__bound_what_a_token_may(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    Reply reads = make(&f, "{\"display_name\":\"r\",\"permissions\":\"read_only\"}");
    Reply listed = make(&f, "{\"display_name\":\"l\",\"permissions\":[\"read:Workspace\",\"create:Automation\"]}");
    assert_text(&f, listed.json, "permissions.0", "read:Workspace");
    f.as = text_at(&f, reads.json, "secret");
    assert_status(fixture_call(&f, "GET", NULL, "%s/automations", f.workspace), 200);
    assert_status(fixture_call(&f, "POST", "{\"display_name\":\"X\"}", "%s/automations", f.workspace), 403);
    assert_status(fixture_call(&f, "POST", "{\"display_name\":\"more\"}", "/api/v1/me/tokens"), 403);
    f.as = text_at(&f, listed.json, "secret");
    assert_status(fixture_call(&f, "GET", NULL, "%s/automations", f.workspace), 403);
    assert_status(fixture_call(&f, "POST", "{\"display_name\":\"X\"}", "%s/automations", f.workspace), 200);
    fixture_close(&f);
}

static void test_workspaces__bound_where_a_token_enters(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    Reply other = fixture_call(&f, "POST", "{\"title\":\"Other\"}", "%s/workspaces", f.organization);
    Str body = str_printf(&f.arena, "{\"display_name\":\"w\",\"workspaces\":[\"%s\"]}", f.workspace_name);
    Reply bound = make(&f, str_to_c(&f.arena, body));
    f.as = text_at(&f, bound.json, "secret");
    assert_status(fixture_call(&f, "GET", NULL, "%s", f.workspace), 200);
    assert_status(fixture_call(&f, "GET", NULL, "/api/v1/%s", text_at(&f, other.json, "name")), 403);
    Reply listed = fixture_call(&f, "GET", NULL, "%s/workspaces", f.organization);
    assert_int_equal(json_at(listed.json, "workspaces")->count, 1);
    assert_text(&f, listed.json, "workspaces.0.name", f.workspace_name);
    Reply mine = fixture_call(&f, "GET", NULL, "/api/v1/me/organizations");
    assert_int_equal(json_at(mine.json, "user_organizations")->count, 1);
    f.as = f.token;
    Reply all = fixture_call(&f, "GET", NULL, "%s/workspaces", f.organization);
    assert_true(json_at(all.json, "workspaces")->count > 1);
    assert_status(
        fixture_call(&f, "POST", "{\"display_name\":\"w\",\"workspaces\":[\"nonsense\"]}", "/api/v1/me/tokens"), 400);
    body = str_printf(&f.arena, "{\"display_name\":\"w\",\"workspaces\":[\"%s\"]}",
                      f.other_workspace + strlen("/api/v1/"));
    assert_status(fixture_call(&f, "POST", str_to_c(&f.arena, body), "/api/v1/me/tokens"), 404);
    fixture_close(&f);
}

static void test_update__takes_effect_at_once(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    Reply made = make(&f, "{\"display_name\":\"x\"}");
    const char *name = text_at(&f, made.json, "name");
    Reply changed = fixture_call(&f, "PATCH", "{\"permissions\":[\"read_only\"]}", "/api/v1/%s", name);
    assert_status(changed, 200);
    assert_text(&f, changed.json, "permissions", "read_only");
    assert_text(&f, changed.json, "display_name", "x");
    f.as = text_at(&f, made.json, "secret");
    assert_status(fixture_call(&f, "POST", "{\"display_name\":\"X\"}", "%s/automations", f.workspace), 403);
    f.as = f.token;
    assert_status(fixture_call(&f, "PATCH", "{\"permissions\":[\"fly:Plane\"]}", "/api/v1/%s", name), 400);
    assert_status(fixture_call(&f, "PATCH", "{\"permissions\":[]}", "/api/v1/%s", name), 400);
    assert_status(fixture_call(&f, "PATCH", "{}", "/api/v1/%s?update_mask=secret", name), 400);
    f.as = f.other_token;
    assert_status(fixture_call(&f, "PATCH", "{\"display_name\":\"mine\"}", "/api/v1/%s", name), 404);
    fixture_close(&f);
}

static void test_create__refuses_the_past_and_the_eleventh(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    Reply past = fixture_call(&f, "POST", "{\"display_name\":\"x\",\"expire_time\":\"2020-01-01T00:00:00Z\"}",
                              "/api/v1/me/tokens");
    assert_status(past, 400);
    assert_string_equal(first_violation(&f, &past), "expire_time");
    for (int i = 0; i < 9; i++)
        make(&f, "{\"display_name\":\"x\"}");
    Reply over = fixture_call(&f, "POST", "{\"display_name\":\"x\"}", "/api/v1/me/tokens");
    assert_status(over, 429);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_create__shows_the_secret_once_and_it_works),
        cmocka_unit_test(test_delete__revokes_at_once),
        cmocka_unit_test(test_permissions__bound_what_a_token_may),
        cmocka_unit_test(test_workspaces__bound_where_a_token_enters),
        cmocka_unit_test(test_update__takes_effect_at_once),
        cmocka_unit_test(test_create__refuses_the_past_and_the_eleventh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
