/* Tests of invitations, and of workspaces that are changed, deleted and undeleted. */
#include "fixture.h"

#include <string.h>

static Reply invite(Fixture *f, const char *place, const char *email, const char *role)
{
    return fixture_call(f, "POST", fixture_print(f, "{\"email\":\"%s\",\"role\":\"%s\"}", email, role), "%s/invites",
                        place);
}

static Reply accept(Fixture *f, const char *token, const char *secret)
{
    const char *before = f->as;
    f->as = token;
    Reply reply = fixture_call(f, "POST", fixture_print(f, "{\"secret\":\"%s\",\"displayName\":\"Grace\"}", secret),
                               "/api/v1/invitations:accept");
    f->as = before;
    return reply;
}

static void test_invitation__makes_an_account_with_its_role(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    Reply invited = invite(&f, f.workspace, "grace@acme.example", "operator");
    assert_status(invited, 200);
    const char *secret = text_at(&f, invited.json, "secret");
    assert_non_null(strstr(text_at(&f, invited.json, "link"), secret));
    const char *name = text_at(&f, invited.json, "invitation.name");
    assert_text(&f, invited.json, "invitation.workspace_display_name", "Accounts payable");
    assert_text(&f, invited.json, "invitation.organization_display_name", "Acme");
    assert_text(&f, invited.json, "invitation.roles.0", fixture_print(&f, "%s/roles/operator", f.workspace_name));
    Reply listed = fixture_call(&f, "GET", NULL, "%s/invites", f.workspace);
    assert_int_equal(json_at(listed.json, "invitations")->count, 1);
    assert_text(&f, listed.json, "invitations.0.email", "grace@acme.example");
    Reply elsewhere = fixture_call(&f, "GET", NULL, "%s/invites", f.organization);
    assert_int_equal(json_at(elsewhere.json, "invitations")->count, 0);
    assert_status(invite(&f, f.workspace, "GRACE@acme.example", "operator"), 409);

    f.as = NULL;
    const char *path = strstr(text_at(&f, invited.json, "link"), "/api/");
    Reply opened = fixture_call(&f, "GET", NULL, "%s", path);
    assert_status(opened, 200);
    assert_text(&f, opened.json, "email", "grace@acme.example");
    Reply accepted = accept(&f, NULL, secret);
    assert_status(accepted, 200);
    assert_true(json_at(accepted.json, "invitation.is_accepted")->boolean);
    f.as = text_at(&f, accepted.json, "token");
    assert_status(fixture_call(&f, "GET", NULL, "%s/automations", f.workspace), 200);
    assert_status(fixture_call(&f, "POST", "{\"display_name\":\"X\"}", "%s/automations", f.workspace), 403);
    f.as = f.token;
    Reply found = fixture_call(&f, "GET", NULL, "%s/users?filter=search%%3Agrace", f.workspace);
    assert_text(&f, found.json, "users.0.user.display_name", "Grace");
    assert_text(&f, found.json, "users.0.roles.0.name", "operator");
    Reply pending = fixture_call(&f, "GET", NULL, "%s/invites", f.workspace);
    assert_int_equal(json_at(pending.json, "invitations")->count, 0);
    Reply now = fixture_call(&f, "GET", NULL, "/api/v1/%s", name);
    assert_true(json_at(now.json, "is_accepted")->boolean);
    assert_text(&f, accept(&f, NULL, secret).json, "error.status", "FAILED_PRECONDITION");
    assert_text(&f, fixture_call(&f, "DELETE", NULL, "/api/v1/%s", name).json, "error.status", "FAILED_PRECONDITION");
    assert_status(invite(&f, f.workspace, "grace@acme.example", "operator"), 409);
    fixture_close(&f);
}

/* Those who invite know the link: an account is its owner's alone. */
static void test_invitation__of_an_account_needs_its_token(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    Reply invited = invite(&f, f.organization, "Eve@other.example", "org-member");
    const char *secret = text_at(&f, invited.json, "secret");
    assert_status(accept(&f, NULL, secret), 401);
    assert_status(accept(&f, f.viewer_token, secret), 403);
    assert_status(accept(&f, "kgn_pat_nonsense", secret), 401);
    Reply accepted = accept(&f, f.other_token, secret);
    assert_status(accepted, 200);
    assert_null(json_at(accepted.json, "token"));
    f.as = f.other_token;
    assert_status(fixture_call(&f, "GET", NULL, "%s", f.organization), 200);
    assert_status(fixture_call(&f, "GET", NULL, "%s/automations", f.workspace), 403);
    fixture_close(&f);
}

static void test_invitation__is_not_accepted_by_a_limited_token(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    Reply invited = invite(&f, f.organization, "Eve@other.example", "org-member");
    const char *secret = text_at(&f, invited.json, "secret");
    const char *bodies[] = {
        "{\"display_name\":\"Reads\",\"permissions\":\"read_only\"}",
        "{\"display_name\":\"Some\",\"permissions\":[\"read:Run\"]}",
        fixture_print(&f, "{\"display_name\":\"Bound\",\"workspaces\":[\"%s\"]}",
                      f.other_workspace + strlen("/api/v1/")),
    };
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        f.as = f.other_token;
        Reply token = fixture_call(&f, "POST", bodies[i], "/api/v1/me/tokens");
        assert_status(token, 200);
        assert_status(accept(&f, text_at(&f, token.json, "secret"), secret), 403);
    }
    assert_status(accept(&f, f.other_token, secret), 200);
    fixture_close(&f);
}

static void test_invitation__revoked_or_expired_opens_nothing(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    Reply invited = invite(&f, f.workspace, "grace@acme.example", "operator");
    const char *secret = text_at(&f, invited.json, "secret");
    assert_status(fixture_call(&f, "DELETE", NULL, "/api/v1/%s", text_at(&f, invited.json, "invitation.name")), 200);
    assert_status(accept(&f, NULL, secret), 404);
    f.as = NULL;
    assert_status(fixture_call(&f, "GET", NULL, "/api/v1/invitations:open?secret=%s", secret), 404);
    assert_status(fixture_call(&f, "GET", NULL, "/api/v1/invitations:open"), 400);
    assert_status(accept(&f, NULL, "nonsense"), 404);
    f.as = f.token;
    assert_status(invite(&f, f.workspace, "grace@acme.example", "operator"), 200);
    fixture_close(&f);
}

/* A later role may get the number of one that is gone: no pending invitation may be left that means it. */
static void test_role__is_not_deleted_while_an_invitation_gives_it(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    static const char body[] = "{\"title\":\"Reader\",\"permissions\":[\"read:Run\"]}";
    Reply role = fixture_call(&f, "POST", body, "%s/roles", f.workspace);
    assert_status(role, 200);
    const char *role_name = text_at(&f, role.json, "name");
    Reply invited = invite(&f, f.workspace, "grace@acme.example", role_name);
    assert_status(invited, 200);
    const char *name = text_at(&f, invited.json, "invitation.name");
    Reply refused = fixture_call(&f, "DELETE", NULL, "/api/v1/%s", role_name);
    assert_text(&f, refused.json, "error.status", "FAILED_PRECONDITION");
    assert_status(fixture_call(&f, "DELETE", NULL, "/api/v1/%s", name), 200);
    assert_status(fixture_call(&f, "DELETE", NULL, "/api/v1/%s", role_name), 200);
    assert_status(fixture_call(&f, "POST", body, "%s/roles", f.workspace), 200);
    Reply old = fixture_call(&f, "GET", NULL, "/api/v1/%s", name);
    assert_status(old, 200);
    assert_int_equal(json_at(old.json, "roles")->count, 0);
    fixture_close(&f);
}

static void test_invite__names_what_is_wrong(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    static const struct {
        const char *body, *field;
    } rows[] = {
        {"{\"role\":\"operator\"}", "email"},
        {"{\"email\":\"not an address\",\"role\":\"operator\"}", "email"},
        {"{\"email\":\"@x.example\",\"role\":\"operator\"}", "email"},
        {"{\"email\":\"a@x.example\"}", "role"},
        {"{\"email\":\"a@x.example\",\"role\":\"org-admin\"}", "role"}, /* of organizations */
        {"{\"email\":\"a@x.example\",\"role\":\"operator\",\"expire_duration\":\"9999999s\"}", "expire_duration"},
        {"{\"email\":\"a@x.example\",\"role\":\"operator\",\"expire_duration\":7}", "expire_duration"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Reply reply = fixture_call(&f, "POST", rows[i].body, "%s/invites", f.workspace);
        assert_status(reply, 400);
        assert_string_equal(first_violation(&f, &reply), rows[i].field);
    }
    static const char *const refused[] = {"page_size=-1", "page_token=x"};
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        assert_status(fixture_call(&f, "GET", NULL, "%s/invites?%s", f.workspace, refused[i]), 400);
        assert_status(fixture_call(&f, "GET", NULL, "%s/invites?%s", f.organization, refused[i]), 400);
    }
    assert_status(invite(&f, f.workspace, "a@x.example", "operator"), 200);
    assert_status(invite(&f, f.workspace, "b@x.example", "operator"), 200);
    Reply page = fixture_call(&f, "GET", NULL, "%s/invites?page_size=1", f.workspace);
    assert_text(&f, page.json, "invitations.0.email", "b@x.example");
    Reply next = fixture_call(&f, "GET", NULL, "%s/invites?page_token=%s", f.workspace,
                              text_at(&f, page.json, "next_page_token"));
    assert_text(&f, next.json, "invitations.0.email", "a@x.example");
    fixture_close(&f);
}

static void test_invitations__are_closed_to_others(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    Reply of_workspace = invite(&f, f.workspace, "a@x.example", "operator");
    Reply of_organization = invite(&f, f.organization, "b@x.example", "org-member");
    const char *here = fixture_print(&f, "/api/v1/%s", text_at(&f, of_workspace.json, "invitation.name"));
    const char *above = fixture_print(&f, "/api/v1/%s", text_at(&f, of_organization.json, "invitation.name"));
    const struct {
        const char *method, *body, *path;
        int as_viewer;
    } rows[] = {
        {"GET", NULL, fixture_print(&f, "%s/invites", f.workspace), 200},
        {"GET", NULL, fixture_print(&f, "%s/invites", f.organization), 200},
        {"POST", "{\"email\":\"c@x.example\",\"role\":\"operator\"}", fixture_print(&f, "%s/invites", f.workspace),
         403},
        {"POST", "{\"email\":\"c@x.example\",\"role\":\"org-member\"}", fixture_print(&f, "%s/invites", f.organization),
         403},
        {"GET", NULL, here, 200},
        {"GET", NULL, above, 200},
        {"DELETE", NULL, here, 403},
        {"DELETE", NULL, above, 403},
        {"PATCH", "{\"title\":\"X\"}", f.workspace, 403},
        {"DELETE", NULL, f.workspace, 403},
        {"POST", "{}", fixture_print(&f, "%s:undelete", f.workspace), 403},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_access(&f, rows[i].method, rows[i].body, rows[i].path, rows[i].as_viewer);
    assert_status(fixture_call(&f, "GET", NULL, "%s/invitations/nosuch", f.organization), 404);
    fixture_close(&f);
}

/* ---- workspaces ---- */

static void test_invitation__of_a_deleted_workspace_opens_nothing(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    Reply invited = invite(&f, f.workspace, "grace@acme.example", "operator");
    const char *secret = text_at(&f, invited.json, "secret");
    assert_status(fixture_call(&f, "DELETE", NULL, "%s", f.workspace), 200);
    assert_status(fixture_call(&f, "GET", NULL, "/api/v1/invitations:open?secret=%s", secret), 404);
    assert_status(accept(&f, NULL, secret), 404);
    assert_status(fixture_call(&f, "POST", "{}", "%s:undelete", f.workspace), 200);
    assert_status(accept(&f, NULL, secret), 200);
    fixture_close(&f);
}

static void test_workspace__is_renamed(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    Reply renamed = fixture_call(&f, "PATCH", "{\"title\":\"Claims\",\"workspaceIcon\":\"box\"}",
                                 "%s?updateMask=title,workspaceIcon", f.workspace);
    assert_status(renamed, 200);
    assert_text(&f, renamed.json, "title", "Claims");
    assert_text(&f, fixture_call(&f, "GET", NULL, "%s", f.workspace).json, "workspace_icon", "box");
    static const struct {
        const char *body, *query, *field;
    } rows[] = {
        {"{\"title\":\"\"}", "", "title"},
        {"{}", "?update_mask=title", "title"},
        {"{\"title\":7}", "", "title"},
        {"{}", "?update_mask=creator_email", "update_mask"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Reply reply = fixture_call(&f, "PATCH", rows[i].body, "%s%s", f.workspace, rows[i].query);
        assert_status(reply, 400);
        assert_string_equal(first_violation(&f, &reply), rows[i].field);
    }
    fixture_close(&f);
}

static void test_workspace__deleted_is_out_of_reach_until_undeleted(void **state)
{
    (void)state;
    Fixture f;
    fixture_open(&f);
    const char *automation = fixture_automation(&f, "Kept", "say \"hello\"\n");
    assert_status(fixture_call(&f, "POST", "{}", "%s:undelete", f.workspace), 409);
    Reply deleted = fixture_call(&f, "DELETE", NULL, "%s", f.workspace);
    assert_status(deleted, 200);
    assert_true(strlen(text_at(&f, deleted.json, "delete_time")) > 0);
    assert_status(fixture_call(&f, "GET", NULL, "%s", f.workspace), 404);
    assert_status(fixture_call(&f, "GET", NULL, "%s", automation), 404);
    assert_status(fixture_call(&f, "POST", "{\"stage\":\"AUTOMATION_STAGE_PUBLISHED\"}", "%s:invoke", automation), 404);
    assert_status(fixture_call(&f, "DELETE", NULL, "%s", f.workspace), 404);
    assert_int_equal(json_at(fixture_call(&f, "GET", NULL, "%s/workspaces", f.organization).json, "workspaces")->count,
                     0);
    Reply shown = fixture_call(&f, "GET", NULL, "%s/workspaces?showDeleted=true", f.organization);
    assert_int_equal(json_at(shown.json, "workspaces")->count, 1);
    f.as = f.viewer_token;
    assert_status(fixture_call(&f, "POST", "{}", "%s:undelete", f.workspace), 403);
    f.as = f.token;
    assert_status(fixture_call(&f, "POST", "{}", "%s:undelete", f.workspace), 200);
    assert_status(fixture_call(&f, "GET", NULL, "%s", automation), 200);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_invitation__makes_an_account_with_its_role),
        cmocka_unit_test(test_invitation__of_an_account_needs_its_token),
        cmocka_unit_test(test_invitation__is_not_accepted_by_a_limited_token),
        cmocka_unit_test(test_invitation__revoked_or_expired_opens_nothing),
        cmocka_unit_test(test_role__is_not_deleted_while_an_invitation_gives_it),
        cmocka_unit_test(test_invite__names_what_is_wrong),
        cmocka_unit_test(test_invitations__are_closed_to_others),
        cmocka_unit_test(test_invitation__of_a_deleted_workspace_opens_nothing),
        cmocka_unit_test(test_workspace__is_renamed),
        cmocka_unit_test(test_workspace__deleted_is_out_of_reach_until_undeleted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
