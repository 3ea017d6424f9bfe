/* Tests of webhooks and their deliveries. The fixture's world delivers nothing: what is told stays pending. */
#include "fixture.h"

#include <string.h>

#include "base/codec.h"

#define HOOK "{\"display_name\":\"ledger\",\"url\":\"https://ledger.acme.example/hooks\"}"

static Fixture f;

static int open_fixture(void **state)
{
    (void)state;
    fixture_open(&f);
    return 0;
}

static int close_fixture(void **state)
{
    (void)state;
    fixture_close(&f);
    return 0;
}

static Reply create(const char *body)
{
    return fixture_call(&f, "POST", body, "%s/webhooks", f.workspace);
}

/* The address of a fresh one. */
static const char *hook(void)
{
    Reply reply = create(HOOK);
    assert_status(reply, 200);
    return fixture_print(&f, "/api/v1/%s", text_at(&f, reply.json, "name"));
}

static void test_secret__is_shown_once(void **state)
{
    (void)state;
    Reply made = create(HOOK);
    assert_status(made, 200);
    const char *secret = text_at(&f, made.json, "secret");
    Str bytes;
    assert_true(strncmp(secret, "whsec_", 6) == 0);
    assert_true(base64_decode(&f.arena, str_from_c(secret + 6), &bytes));
    assert_int_equal(bytes.len, 32);
    assert_true(json_at(made.json, "enabled")->boolean);
    assert_int_equal(json_at(made.json, "event_types")->count, 6);
    const char *path = fixture_print(&f, "/api/v1/%s", text_at(&f, made.json, "name"));
    Reply got = fixture_call(&f, "GET", NULL, "%s", path);
    assert_text(&f, got.json, "url", "https://ledger.acme.example/hooks");
    assert_null(json_at(got.json, "secret"));
    Reply listed = fixture_call(&f, "GET", NULL, "%s/webhooks", f.workspace);
    assert_false(str_contains(listed.body, S("whsec_")));
    Reply rotated = fixture_call(&f, "POST", "{}", "%s:rotateSecret", path);
    assert_status(rotated, 200);
    assert_string_not_equal(text_at(&f, rotated.json, "secret"), secret);
}

static const struct {
    const char *body;
    int status;
    const char *field, *says;
} wrong[] = {
    {"{}", 400, "url", ""},
    {"{\"url\":\"ledger.acme.example\"}", 400, "url", "must begin with https://"},
    {"{\"url\":\"ftp://ledger.acme.example\"}", 400, "url", "must begin with https://"},
    {"{\"url\":\"https://u:p@ledger.acme.example\"}", 400, "url", "user or password"},
    {"{\"url\":\"https://a.example\",\"event_types\":[\"run.finished\"]}", 400, "event_types[0]",
     "there are run.created"},
    {"{\"url\":\"https://a.example\",\"automation\":\"nothing\"}", 404, "", "no automation"},
    {"{\"url\":\"https://a.example\",\"automation\":\"organizations/x/workspaces/y/automations/z\"}", 400, "automation",
     "not an automation of this workspace"},
    {"{\"url\":7}", 400, "url", ""},
};

static void test_wrong_bodies__are_refused_by_field(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        Reply reply = create(wrong[i].body);
        if (reply.status != wrong[i].status || !strstr(str_to_c(&f.arena, reply.body), wrong[i].says) ||
            !strstr(str_to_c(&f.arena, reply.body), wrong[i].field))
            fail_msg("%s: %d %s", wrong[i].body, reply.status, str_to_c(&f.arena, reply.body));
    }
}

static void test_patch__changes_what_it_names(void **state)
{
    (void)state;
    const char *path = hook();
    Reply changed =
        fixture_call(&f, "PATCH", "{\"enabled\":false,\"event_types\":[\"run.failed\",\"run.completed\"]}", "%s", path);
    assert_status(changed, 200);
    assert_false(json_at(changed.json, "enabled")->boolean);
    assert_text(&f, changed.json, "event_types.0", "run.completed");
    assert_int_equal(json_at(changed.json, "event_types")->count, 2);
    assert_text(&f, changed.json, "url", "https://ledger.acme.example/hooks");
    assert_status(fixture_call(&f, "POST", "{}", "%s:test", path), 400);
    assert_status(fixture_call(&f, "PATCH", "{\"url\":\"\"}", "%s", path), 400);
    assert_status(fixture_call(&f, "DELETE", NULL, "%s", path), 200);
    assert_status(fixture_call(&f, "GET", NULL, "%s", path), 404);
}

static void test_deliveries__are_listed_and_filtered(void **state)
{
    (void)state;
    const char *path = hook();
    for (int i = 0; i < 3; i++)
        assert_status(fixture_call(&f, "POST", "{}", "%s:test", path), 200);
    Reply page = fixture_call(&f, "GET", NULL, "%s/deliveries?page_size=2", path);
    assert_status(page, 200);
    assert_int_equal(json_at(page.json, "deliveries")->count, 2);
    assert_text(&f, page.json, "deliveries.0.event_type", "webhook.test");
    assert_text(&f, page.json, "deliveries.0.state", "DELIVERY_STATE_PENDING");
    Reply rest = fixture_call(&f, "GET", NULL, "%s/deliveries?page_size=2&page_token=%s", path,
                              text_at(&f, page.json, "next_page_token"));
    assert_int_equal(json_at(rest.json, "deliveries")->count, 1);
    Reply none = fixture_call(&f, "GET", NULL, "%s/deliveries?filter=state%%3DDEAD", path);
    assert_status(none, 200);
    assert_int_equal(json_at(none.json, "deliveries")->count, 0);
    Reply pending = fixture_call(&f, "GET", NULL, "%s/deliveries?filter=state%%3DPENDING", path);
    assert_int_equal(json_at(pending.json, "deliveries")->count, 3);
    assert_status(fixture_call(&f, "GET", NULL, "%s/deliveries?filter=url%%3Dx", path), 400);
    const char *one = fixture_print(&f, "/api/v1/%s", text_at(&f, page.json, "deliveries.0.name"));
    Reply got = fixture_call(&f, "GET", NULL, "%s", one);
    assert_non_null(strstr(text_at(&f, got.json, "body"), "\"type\":\"webhook.test\""));
    assert_status(fixture_call(&f, "POST", "{}", "%s:redeliver", one), 200);
    Reply replayed = fixture_call(&f, "POST", "{}", "%s:replay", path);
    assert_status(replayed, 200);
    assert_int_equal(json_at(replayed.json, "replayed_count")->count, 0);
}

static void test_others__have_no_business_here(void **state)
{
    (void)state;
    const char *path = hook();
    const char *methods[] = {"GET", "PATCH", "DELETE"};
    f.as = f.viewer_token;
    for (size_t i = 0; i < COUNT_OF(methods); i++)
        assert_status(fixture_call(&f, methods[i], i == 1 ? "{\"enabled\":false}" : NULL, "%s", path), 403);
    assert_status(create(HOOK), 403);
    assert_status(fixture_call(&f, "GET", NULL, "%s/deliveries", path), 403);
    f.as = f.other_token;
    assert_status(create(HOOK), 404);
    for (size_t i = 0; i < COUNT_OF(methods); i++)
        assert_status(fixture_call(&f, methods[i], i == 1 ? "{\"enabled\":false}" : NULL, "%s", path), 404);
    /* In her own workspace the id of ours is nothing. */
    const char *id = strrchr(path, '/') + 1;
    assert_status(fixture_call(&f, "GET", NULL, "%s/webhooks/%s", f.other_workspace, id), 404);
    assert_status(fixture_call(&f, "GET", NULL, "%s/webhooks/%s/deliveries", f.other_workspace, id), 404);
    assert_status(fixture_call(&f, "POST", "{}", "%s/webhooks/%s:test", f.other_workspace, id), 404);
    Reply hers = fixture_call(&f, "GET", NULL, "%s/webhooks", f.other_workspace);
    assert_int_equal(json_at(hers.json, "webhooks")->count, 0);
    f.as = f.token;
    assert_status(fixture_call(&f, "GET", NULL, "%s", path), 200);
}

static void test_most__is_fifty(void **state)
{
    (void)state;
    for (int i = 0; i < 50; i++)
        assert_status(create(HOOK), 200);
    Reply reply = create(HOOK);
    assert_status(reply, 429);
    assert_true(str_contains(reply.body, S("50 webhooks")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_secret__is_shown_once, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_wrong_bodies__are_refused_by_field, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_patch__changes_what_it_names, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_deliveries__are_listed_and_filtered, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_others__have_no_business_here, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_most__is_fifty, open_fixture, close_fixture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
