/* Tests of users, roles and who may give which. Ada is the organization's admin, Vic may look at its one workspace. */
#include "fixture.h"

#include <string.h>

#include "auth/permission.h"

/* The id of the user with this e-mail address, as Ada sees it. */
static const char *user_id(Fixture *f, const char *email)
{
    Reply found = fixture_call(f, "GET", NULL, "%s/users?filter=search%%3A%%22%s%%22", f->organization, email);
    assert_int_equal(json_at(found.json, "users")->count, 1);
    return strrchr(text_at(f, found.json, "users.0.user.name"), '/') + 1;
}

static void give(Fixture *f, const char *place, const char *user, const char *role, int status)
{
    assert_status(
        fixture_call(f, "POST", fixture_print(f, "{\"role\":\"%s\"}", role), "%s/users/%s:assignRole", place, user),
        status);
}

static void test_users__are_listed_with_their_roles(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const struct {
        const char *path, *query;
        uint32_t count;
    } rows[] = {
        {f.organization, "", 2},
        {f.workspace, "", 2}, /* the organization's admin enters everywhere */
        {f.organization, "?filter=role%3D%22organization+ADMIN%22", 1},
        {f.organization, "?filter=role%3D%22org-admin%22", 1},
        {f.workspace, "?filter=role%3D%22Workspace+Viewer%22", 1},
        {f.workspace, "?filter=role%3D%22operator%22", 0},
        {f.workspace, "?filter=role_scope%3Dorganization", 1},
        {f.workspace, "?filter=role_scope%3D%22ROLE_SCOPE_WORKSPACE%22", 1},
        {f.workspace, "?filter=search%3A%22VIC%22", 1},
        {f.workspace, "?filter=search%3A%22acme.example%22", 2},
        {f.organization, "?filter=search%3A%22eve%22", 0},
        {f.organization, "?filter=search%3A%22acme%22+AND+role_scope%3Dworkspace", 1},
        {f.organization, "?page_size=1", 1},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Reply reply = fixture_call(&f, "GET", NULL, "%s/users%s", rows[i].path, rows[i].query);
        assert_status(reply, 200);
        if (json_at(reply.json, "users")->count != rows[i].count)
            fail_msg("%s: %.*s", rows[i].query, STR_ARG(reply.body));
    }
    Reply users = fixture_call(&f, "GET", NULL, "%s/users?order_by=display_name", f.workspace);
    assert_text(&f, users.json, "users.0.user.display_name", "Ada");
    assert_text(&f, users.json, "users.0.roles.0.name", "org-admin");
    assert_text(&f, users.json, "users.0.roles.0.role_scope", "ROLE_SCOPE_ORGANIZATION");
    assert_text(&f, users.json, "users.1.user.email", "vic@acme.example");
    assert_text(&f, users.json, "users.1.roles.0.name", "workspace-viewer");
    Reply page = fixture_call(&f, "GET", NULL, "%s/users?page_size=1&order_by=email+desc", f.organization);
    assert_text(&f, page.json, "users.0.user.display_name", "Vic");
    Reply next = fixture_call(&f, "GET", NULL, "%s/users?page_size=1&order_by=email+desc&page_token=%s", f.organization,
                              text_at(&f, page.json, "next_page_token"));
    assert_text(&f, next.json, "users.0.user.display_name", "Ada");
    assert_text(&f, next.json, "next_page_token", "");
    static const char *const refused[] = {
        "filter=nosuch%3D1", "filter=role%21%3D%22x%22", "filter=search%3D%22x%22", "order_by=role", "page_size=-1",
        "page_token=x"};
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        assert_status(fixture_call(&f, "GET", NULL, "%s/users?%s", f.organization, refused[i]), 400);
        assert_status(fixture_call(&f, "GET", NULL, "%s/users?%s", f.workspace, refused[i]), 400);
    }
    fixture_close(&f);
}

static void test_user__is_found_within_the_organization_alone(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    Reply ada = fixture_call(&f, "GET", NULL, "%s/users/%s", f.organization, f.user_id);
    assert_status(ada, 200);
    assert_text(&f, ada.json, "display_name", "Ada");
    assert_text(&f, ada.json, "name", fixture_print(&f, "%s/users/%s", f.organization_name, f.user_id));
    assert_status(fixture_call(&f, "GET", NULL, "%s/users/nobody", f.organization), 404);
    f.as = f.other_token;
    const char *other = fixture_print(&f, "%.*s", (int)(strstr(f.other_workspace, "/workspaces") - f.other_workspace),
                                      f.other_workspace);
    assert_status(fixture_call(&f, "GET", NULL, "%s/users/%s", other, f.user_id), 404);
    give(&f, other, f.user_id, "org-admin", 404); /* whoever does not belong must be invited */
    fixture_close(&f);
}

static void test_count_users__by_workspace(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *id = strrchr(f.workspace, '/') + 1;
    Reply made = fixture_call(&f, "POST", "{\"title\":\"Claims\"}", "%s/workspaces", f.organization);
    const char *other = strrchr(text_at(&f, made.json, "name"), '/') + 1;
    Reply reply = fixture_call(&f, "POST", fixture_print(&f, "{\"workspaceIds\":[\"%s\",\"%s\"]}", id, other),
                               "%s/workspaces:countUsers", f.organization);
    assert_status(reply, 200);
    const Json *counts = json_at(reply.json, "workspace_user_counts");
    assert_true(str_eq(json_get(counts, str_from_c(id))->text, S("2")));
    assert_true(str_eq(json_get(counts, str_from_c(other))->text, S("1")));
    Reply wrong = fixture_call(&f, "POST", "{\"workspace_ids\":7}", "%s/workspaces:countUsers", f.organization);
    assert_status(wrong, 400);
    assert_string_equal(first_violation(&f, &wrong), "workspace_ids");
    const char *elsewhere = strrchr(f.other_workspace, '/') + 1;
    assert_status(fixture_call(&f, "POST", fixture_print(&f, "{\"workspace_ids\":[\"%s\"]}", elsewhere),
                               "%s/workspaces:countUsers", f.organization),
                  404);
    f.as = f.viewer_token; /* who may not look into the other workspace */
    assert_status(fixture_call(&f, "POST", fixture_print(&f, "{\"workspace_ids\":[\"%s\"]}", other),
                               "%s/workspaces:countUsers", f.organization),
                  403);
    fixture_close(&f);
}

static void test_roles__common_ones_are_data(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    Reply of_organization = fixture_call(&f, "GET", NULL, "%s/roles", f.organization);
    assert_int_equal(json_at(of_organization.json, "roles")->count, 2);
    assert_text(&f, of_organization.json, "roles.0.title", "Organization Admin");
    assert_text(&f, of_organization.json, "roles.0.name", fixture_print(&f, "%s/roles/org-admin", f.organization_name));
    Reply of_workspace = fixture_call(&f, "GET", NULL, "%s/roles?page_size=3", f.workspace);
    assert_int_equal(json_at(of_workspace.json, "roles")->count, 3);
    Reply rest = fixture_call(&f, "GET", NULL, "%s/roles?page_token=%s", f.workspace,
                              text_at(&f, of_workspace.json, "next_page_token"));
    assert_int_equal(json_at(rest.json, "roles")->count, 2);
    Reply integrator = fixture_call(&f, "GET", NULL, "%s/roles/integrator", f.workspace);
    assert_status(integrator, 200);
    assert_text(&f, integrator.json, "title", "Integrator");
    assert_status(fixture_call(&f, "GET", NULL, "%s/roles/integrator", f.organization), 404);
    Reply fixed = fixture_call(&f, "PATCH", "{\"title\":\"X\"}", "%s/roles/integrator", f.workspace);
    assert_status(fixed, 400);
    assert_text(&f, fixed.json, "error.status", "FAILED_PRECONDITION");
    fixture_close(&f);
}

/* What a role may is what the table says, for each common role of a workspace. */
static void test_assigned_roles__open_and_close_at_once(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *vic = user_id(&f, "vic");
    static const struct {
        const char *id;
        Role role;
    } roles[] = {{"workspace-admin", ROLE_WORKSPACE_ADMIN},
                 {"Automation Author", ROLE_AUTHOR},
                 {"operator", ROLE_OPERATOR},
                 {"integrator", ROLE_INTEGRATOR},
                 {"workspace-viewer", ROLE_VIEWER}};
    static const struct {
        const char *permission, *method, *body, *path;
    } calls[] = {
        {"read:Automation", "GET", NULL, "automations"},
        {"create:Automation", "POST", "{\"display_name\":\"\"}", "automations"},
        {"update:Workspace", "PATCH", "{\"general\":{\"decimal_places\":99}}", "preferences"},
        {"update:Member", "POST", "{\"title\":\"\"}", "roles"},
        {"read:User", "GET", NULL, "users"},
    };
    for (size_t r = 0; r < COUNT_OF(roles); r++) {
        f.as = f.token;
        give(&f, f.workspace, vic, roles[r].id, 200);
        f.as = f.viewer_token;
        for (size_t c = 0; c < COUNT_OF(calls); c++) {
            Reply reply = fixture_call(&f, calls[c].method, calls[c].body, "%s/%s", f.workspace, calls[c].path);
            bool may = role_may(roles[r].role, str_from_c(calls[c].permission));
            /* Bodies are wrong on purpose: whoever may is told so. */
            assert_status(reply, !may ? 403 : calls[c].body ? 400 : 200);
        }
    }
    f.as = f.token;
    assert_status(fixture_call(&f, "DELETE", NULL, "%s/users/%s", f.workspace, vic), 200);
    f.as = f.viewer_token;
    assert_status(fixture_call(&f, "GET", NULL, "%s/automations", f.workspace), 404);
    fixture_close(&f);
}

static void test_own_roles__give_what_they_list(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *vic = user_id(&f, "vic");
    Reply made = fixture_call(&f, "POST", "{\"title\":\"Auditor\",\"permissions\":[\"read:Run\",\"read:Workspace\"]}",
                              "%s/roles", f.workspace);
    assert_status(made, 200);
    const char *name = text_at(&f, made.json, "name"), *role = fixture_print(&f, "/api/v1/%s", name);
    assert_int_equal(json_at(made.json, "permissions")->count, 2);
    assert_status(
        fixture_call(&f, "POST", "{\"title\":\"Auditor\",\"permissions\":[\"read:Run\"]}", "%s/roles", f.workspace),
        409);
    give(&f, f.workspace, vic, name, 200);
    Reply held = fixture_call(&f, "GET", NULL, "%s/users?filter=role%%3D%%22auditor%%22", f.workspace);
    assert_text(&f, held.json, "users.0.roles.0.name", name);
    held = fixture_call(&f, "GET", NULL, "%s/users?filter=role%%3D%%22%s%%22", f.workspace, name);
    assert_text(&f, held.json, "users.0.roles.0.name", name);

    f.as = f.viewer_token;
    assert_status(fixture_call(&f, "GET", NULL, "%s/runs", f.workspace), 200);
    assert_status(fixture_call(&f, "GET", NULL, "%s/automations", f.workspace), 403);
    f.as = f.token;
    assert_status(fixture_call(&f, "PATCH", "{\"permissions\":[\"read:Automation\"]}", "%s", role), 200);
    f.as = f.viewer_token;
    assert_status(fixture_call(&f, "GET", NULL, "%s/runs", f.workspace), 403);
    assert_status(fixture_call(&f, "GET", NULL, "%s/automations", f.workspace), 200);
    f.as = f.token;
    Reply used = fixture_call(&f, "DELETE", NULL, "%s", role);
    assert_text(&f, used.json, "error.status", "FAILED_PRECONDITION");
    give(&f, f.workspace, vic, "workspace-viewer", 200);
    assert_status(fixture_call(&f, "DELETE", NULL, "%s", role), 200);
    assert_status(fixture_call(&f, "GET", NULL, "%s", role), 404);
    static const struct {
        const char *body, *field;
    } wrong[] = {
        {"{\"title\":\"A\",\"permissions\":[\"fly:Rocket\"]}", "permissions"},
        {"{\"title\":\"A\",\"permissions\":[]}", "permissions"},
        {"{\"title\":\"A\",\"permissions\":[\"update:Organization\"]}", "permissions"},
        {"{\"permissions\":[\"read:Run\"]}", "title"},
    };
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        Reply reply = fixture_call(&f, "POST", wrong[i].body, "%s/roles", f.workspace);
        assert_status(reply, 400);
        assert_string_equal(first_violation(&f, &reply), wrong[i].field);
    }
    fixture_close(&f);
}

/* A role of the organization's own holds in all of its workspaces, also in those made later. */
static void test_own_roles__of_organizations_hold_in_workspaces(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *vic = user_id(&f, "vic");
    Reply made = fixture_call(&f, "POST", "{\"title\":\"Auditor\",\"permissions\":[\"read:Run\",\"read:Workspace\"]}",
                              "%s/roles", f.organization);
    assert_status(made, 200);
    give(&f, f.organization, vic, "Auditor", 200);
    Reply later = fixture_call(&f, "POST", "{\"title\":\"Claims\"}", "%s/workspaces", f.organization);
    const char *claims = fixture_print(&f, "/api/v1/%s", text_at(&f, later.json, "name"));
    f.as = f.viewer_token;
    assert_status(fixture_call(&f, "GET", NULL, "%s/runs", claims), 200);
    assert_status(fixture_call(&f, "GET", NULL, "%s/automations", claims), 403);
    Reply mine = fixture_call(&f, "GET", NULL, "/api/v1/me/%s/workspaces", f.organization_name);
    assert_int_equal(json_at(mine.json, "user_workspaces")->count, 2);
    f.as = f.other_token;
    assert_status(fixture_call(&f, "GET", NULL, "%s/runs", claims), 404);
    assert_status(fixture_call(&f, "GET", NULL, "/api/v1/%s", text_at(&f, made.json, "name")), 404);
    fixture_close(&f);
}

static void test_nobody__gives_or_takes_more_than_they_have(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *vic = user_id(&f, "vic");
    Reply made = fixture_call(
        &f, "POST", "{\"title\":\"Doorkeeper\",\"permissions\":[\"update:Member\",\"read:User\",\"read:Run\"]}",
        "%s/roles", f.workspace);
    give(&f, f.workspace, vic, text_at(&f, made.json, "name"), 200);
    Reply more = fixture_call(&f, "POST", "{\"title\":\"More\",\"permissions\":[\"delete:Automation\"]}", "%s/roles",
                              f.workspace);
    f.as = f.viewer_token;
    assert_status(fixture_call(&f, "DELETE", NULL, "/api/v1/%s", text_at(&f, more.json, "name")), 403);
    give(&f, f.workspace, vic, "workspace-admin", 403);
    give(&f, f.workspace, vic, "nonsense", 400);
    assert_status(
        fixture_call(&f, "POST", "{\"title\":\"Up\",\"permissions\":[\"delete:Automation\"]}", "%s/roles", f.workspace),
        403);
    assert_status(fixture_call(&f, "PATCH", "{\"permissions\":[\"delete:Automation\"]}", "/api/v1/%s",
                               text_at(&f, made.json, "name")),
                  403);
    assert_status(
        fixture_call(&f, "POST", "{\"title\":\"Same\",\"permissions\":[\"read:Run\"]}", "%s/roles", f.workspace), 200);
    give(&f, f.workspace, vic, "Same", 200);
    f.as = f.token;
    give(&f, f.workspace, vic, "workspace-admin", 200);
    f.as = f.viewer_token;
    give(&f, f.organization, vic, "org-admin", 403);
    assert_status(fixture_call(&f, "DELETE", NULL, "%s/users/%s", f.organization, f.user_id), 403);
    fixture_close(&f);
}

static void test_organization__keeps_an_admin(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *vic = user_id(&f, "vic");
    give(&f, f.organization, f.user_id, "org-member", 400);
    Reply last = fixture_call(&f, "DELETE", NULL, "%s/users/%s", f.organization, f.user_id);
    assert_status(last, 400);
    assert_text(&f, last.json, "error.status", "FAILED_PRECONDITION");
    give(&f, f.organization, vic, "org-admin", 200);
    give(&f, f.organization, f.user_id, "org-member", 200);
    assert_status(fixture_call(&f, "GET", NULL, "%s/automations", f.workspace), 403);
    assert_status(fixture_call(&f, "GET", NULL, "%s/users", f.organization), 200);
    f.as = f.viewer_token;
    assert_status(fixture_call(&f, "DELETE", NULL, "%s/users/%s", f.organization, f.user_id), 200);
    f.as = f.token;
    assert_status(fixture_call(&f, "GET", NULL, "%s", f.organization), 404);
    fixture_close(&f);
}

static void test_people__are_closed_to_others(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *ids = fixture_print(&f, "{\"workspace_ids\":[\"%s\"]}", strrchr(f.workspace, '/') + 1);
    const struct {
        const char *method, *body, *path;
        int as_viewer;
    } rows[] = {
        {"GET", NULL, fixture_print(&f, "%s/users", f.organization), 200},
        {"GET", NULL, fixture_print(&f, "%s/users", f.workspace), 200},
        {"GET", NULL, fixture_print(&f, "%s/users/%s", f.organization, f.user_id), 200},
        {"POST", ids, fixture_print(&f, "%s/workspaces:countUsers", f.organization), 200},
        {"GET", NULL, fixture_print(&f, "%s/roles", f.organization), 200},
        {"GET", NULL, fixture_print(&f, "%s/roles", f.workspace), 200},
        {"GET", NULL, fixture_print(&f, "%s/roles/org-admin", f.organization), 200},
        {"GET", NULL, fixture_print(&f, "%s/roles/operator", f.workspace), 200},
        {"POST", "{\"title\":\"X\",\"permissions\":[\"read:Run\"]}", fixture_print(&f, "%s/roles", f.organization),
         403},
        {"POST", "{\"title\":\"X\",\"permissions\":[\"read:Run\"]}", fixture_print(&f, "%s/roles", f.workspace), 403},
        {"PATCH", "{\"title\":\"X\"}", fixture_print(&f, "%s/roles/org-admin", f.organization), 403},
        {"PATCH", "{\"title\":\"X\"}", fixture_print(&f, "%s/roles/operator", f.workspace), 403},
        {"DELETE", NULL, fixture_print(&f, "%s/roles/org-admin", f.organization), 403},
        {"DELETE", NULL, fixture_print(&f, "%s/roles/operator", f.workspace), 403},
        {"POST", "{\"role\":\"org-admin\"}", fixture_print(&f, "%s/users/%s:assignRole", f.organization, f.user_id),
         403},
        {"POST", "{\"role\":\"operator\"}", fixture_print(&f, "%s/users/%s:assignRole", f.workspace, f.user_id), 403},
        {"DELETE", NULL, fixture_print(&f, "%s/users/%s", f.organization, f.user_id), 403},
        {"DELETE", NULL, fixture_print(&f, "%s/users/%s", f.workspace, f.user_id), 403},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_access(&f, rows[i].method, rows[i].body, rows[i].path, rows[i].as_viewer);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_users__are_listed_with_their_roles),
        cmocka_unit_test(test_user__is_found_within_the_organization_alone),
        cmocka_unit_test(test_count_users__by_workspace),
        cmocka_unit_test(test_roles__common_ones_are_data),
        cmocka_unit_test(test_assigned_roles__open_and_close_at_once),
        cmocka_unit_test(test_own_roles__give_what_they_list),
        cmocka_unit_test(test_own_roles__of_organizations_hold_in_workspaces),
        cmocka_unit_test(test_nobody__gives_or_takes_more_than_they_have),
        cmocka_unit_test(test_organization__keeps_an_admin),
        cmocka_unit_test(test_people__are_closed_to_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
