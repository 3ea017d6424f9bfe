/* Tests of src/store/tenant.c and token.c. */
#include "store/fixture.h"

#include <stdio.h>
#include <string.h>

#include "aip/filter.h"
#include "aip/page.h"

typedef struct People {
    Fixture *f;
    Organization acme, other;
    Workspace first, second, foreign;
    User admin, operator, stranger;
} People;

static bool make_people(Tx *tx, void *argument, Error *err)
{
    People *p = argument;
    p->acme = (Organization){.id = S("acme"), .title = S("Acme"), .owner_email = S("o@example.com")};
    p->other = (Organization){.id = S("other"), .title = S("Other")};
    p->admin = (User){.id = S("u1"), .display_name = S("Ada"), .email = S("Ada@Example.com")};
    p->operator=(User){.id = S("u2"), .display_name = S("Bob"), .email = S("bob@example.com")};
    p->stranger = (User){.id = S("u3"), .display_name = S("Eve"), .email = S("eve@example.com")};
    if (!store_organization_create(tx, &p->acme, err) || !store_organization_create(tx, &p->other, err) ||
        !store_user_create(tx, &p->admin, err) || !store_user_create(tx, &p->operator, err) ||
        !store_user_create(tx, &p->stranger, err))
        return false;
    p->first = (Workspace){.organization = p->acme.key, .id = S("w1"), .title = S("Beta"), .icon = S("box")};
    p->second = (Workspace){.organization = p->acme.key, .id = S("w2"), .title = S("Alpha")};
    p->foreign = (Workspace){.organization = p->other.key, .id = S("w1"), .title = S("Gamma")};
    return store_workspace_create(tx, &p->first, err) && store_workspace_create(tx, &p->second, err) &&
           store_workspace_create(tx, &p->foreign, err) &&
           store_member_put(tx, p->acme.key, 0, p->admin.key, ROLE_ORGANIZATION_ADMIN, err) &&
           store_member_put(tx, p->acme.key, 0, p->operator.key, ROLE_VIEWER, err) &&
           store_member_put(tx, p->acme.key, p->second.key, p->operator.key, ROLE_OPERATOR, err) &&
           store_member_put(tx, p->other.key, p->foreign.key, p->stranger.key, ROLE_AUTHOR, err);
}

static void begin_people(Fixture *f, People *p)
{
    fixture_begin(f);
    *p = (People){.f = f};
    assert_works(f, write_with(f, make_people, p));
}

static void test_membership__comes_from_the_workspace_or_from_an_admin(void **state)
{
    (void)state;
    Fixture f;
    People p;
    begin_people(&f, &p);
    const struct {
        int64_t organization, workspace, user;
        unsigned roles;
        bool belongs;
    } rows[] = {
        {p.acme.key, p.first.key, p.admin.key, BIT(ROLE_ORGANIZATION_ADMIN), true},
        {p.acme.key, 0, p.admin.key, BIT(ROLE_ORGANIZATION_ADMIN), true},
        {p.acme.key, p.first.key, p.operator.key, 0, true},
        {p.acme.key, p.second.key, p.operator.key, BIT(ROLE_OPERATOR), true},
        {p.acme.key, 0, p.operator.key, BIT(ROLE_OPERATOR) | BIT(ROLE_VIEWER), true},
        {p.acme.key, p.first.key, p.stranger.key, 0, false},
        {p.other.key, p.foreign.key, p.stranger.key, BIT(ROLE_AUTHOR), true},
        {p.other.key, p.foreign.key, p.admin.key, 0, false},
    };
    Tx *tx = read_begin(&f);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Membership here;
        bool belongs;
        assert_works(
            &f, store_membership(tx, &f.arena, rows[i].organization, rows[i].workspace, rows[i].user, &here, &f.err));
        assert_works(&f, store_member_of_organization(tx, rows[i].organization, rows[i].user, &belongs, &f.err));
        assert_int_equal(here.roles, rows[i].roles);
        assert_int_equal(here.permissions.len, 0);
        assert_int_equal(belongs, rows[i].belongs);
    }
    read_end(tx);
    fixture_end(&f);
}

static bool delete_other(Tx *tx, void *argument, Error *err)
{
    People *p = argument;
    p->other.delete_us = 1;
    return store_organization_update(tx, &p->other, err);
}

static void test_membership_anywhere__is_of_all_organizations_that_are_not_deleted(void **state)
{
    (void)state;
    Fixture f;
    People p;
    begin_people(&f, &p);
    const struct {
        int64_t user;
        unsigned roles, roles_later;
    } rows[] = {
        {p.admin.key, BIT(ROLE_ORGANIZATION_ADMIN), BIT(ROLE_ORGANIZATION_ADMIN)},
        {p.operator.key, BIT(ROLE_OPERATOR) | BIT(ROLE_VIEWER), BIT(ROLE_OPERATOR) | BIT(ROLE_VIEWER)},
        {p.stranger.key, BIT(ROLE_AUTHOR), 0},
        {p.stranger.key + 1000, 0, 0},
    };
    for (int later = 0; later < 2; later++) {
        Tx *tx = read_begin(&f);
        for (size_t i = 0; i < COUNT_OF(rows); i++) {
            Membership anywhere;
            assert_works(&f, store_membership_anywhere(tx, &f.arena, rows[i].user, &anywhere, &f.err));
            assert_int_equal(anywhere.roles, later ? rows[i].roles_later : rows[i].roles);
            assert_int_equal(anywhere.permissions.len, 0);
        }
        read_end(tx);
        if (!later)
            assert_works(&f, write_with(&f, delete_other, &p));
    }
    fixture_end(&f);
}

static bool forget_operator(Tx *tx, void *argument, Error *err)
{
    People *p = argument;
    return store_member_put(tx, p->acme.key, p->second.key, p->operator.key, ROLE_NONE, err) &&
           store_member_put(tx, p->acme.key, p->first.key, p->operator.key, ROLE_AUTHOR, err) &&
           store_member_put(tx, p->acme.key, p->first.key, p->operator.key, ROLE_WORKSPACE_ADMIN, err);
}

static void test_member_put__replaces_and_removes(void **state)
{
    (void)state;
    Fixture f;
    People p;
    begin_people(&f, &p);
    assert_works(&f, write_with(&f, forget_operator, &p));
    Membership here;
    Tx *tx = read_begin(&f);
    assert_works(&f, store_membership(tx, &f.arena, p.acme.key, p.second.key, p.operator.key, &here, &f.err));
    assert_true(membership_is_none(&here));
    assert_works(&f, store_membership(tx, &f.arena, p.acme.key, p.first.key, p.operator.key, &here, &f.err));
    assert_int_equal(here.roles, BIT(ROLE_WORKSPACE_ADMIN));
    read_end(tx);
    fixture_end(&f);
}

static void test_workspace_list__shows_those_that_the_user_may_enter(void **state)
{
    (void)state;
    Fixture f;
    People p;
    begin_people(&f, &p);
    const struct {
        int64_t user;
        const Filter *filter;
        const char *order, *ids;
    } rows[] = {
        {p.admin.key, NULL, "", "w2 w1 "},
        {p.operator.key, NULL, "", "w2 "},
        {p.stranger.key, NULL, "", ""},
        {0, NULL, "", "w2 w1 "},
        {0, NULL, "title", "w2 w1 "},
        {0, NULL, "title desc", "w1 w2 "},
        {0, NULL, "create_time", "w2 w1 "}, /* the same moment: the newer key first */
        {0, NULL, "update_time desc, title", "w2 w1 "},
        {0, filter_text(&f, "title", FILTER_EQ, "Beta"), "", "w1 "},
        {0, filter_text(&f, "title", FILTER_EQ, "beta"), "", ""},
        {0, filter_text(&f, "title", FILTER_HAS, "BET"), "", "w1 "},
        {0, filter_text(&f, "title", FILTER_NE, "Beta"), "", "w2 "},
        {0, filter_text(&f, "title", FILTER_EQ, "Al*"), "", "w2 "},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char ids[64] = "";
        PageCursor cursor = {0};
        ListEnd end = {.more = true};
        while (end.more) { /* a row a page */
            ListQuery query = {
                .filter = rows[i].filter, .cursor = &cursor, .limit = 1, .order_by = str_from_c(rows[i].order)};
            Workspace *workspaces;
            int n;
            Tx *tx = read_begin(&f);
            assert_works(&f, store_workspace_list(tx, &f.arena, p.acme.key, rows[i].user, &query, &workspaces, &n, &end,
                                                  &f.err));
            read_end(tx);
            for (int w = 0; w < n; w++)
                snprintf(ids + strlen(ids), sizeof ids - strlen(ids), "%.*s ", STR_ARG(workspaces[w].id));
        }
        assert_string_equal(ids, rows[i].ids);
    }
    fixture_end(&f);
}

typedef struct Titled {
    People *people;
    const char *title;
} Titled;

static bool make_titled(Tx *tx, void *argument, Error *err)
{
    Titled *titled = argument;
    Id id = id_new();
    Workspace workspace = {
        .organization = titled->people->other.key, .id = id_str(&id), .title = str_from_c(titled->title)};
    return store_workspace_create(tx, &workspace, err);
}

static void test_text_filters__know_letters_beyond_ascii(void **state)
{
    (void)state;
    Fixture f;
    People p;
    begin_people(&f, &p);
    static const char *const titles[] = {"Käse und ÖL", "STRASSE", "50% off_x", "plain", "Ωmega"};
    static const struct {
        const char *part;
        int found;
    } rows[] = {{"öl", 1}, {"KÄSE", 1}, {"kase", 0}, {"straße", 1}, {"%", 1},
                {"_X", 1}, {"0%%", 0},  {"ω", 1},    {"a", 3}};
    for (size_t i = 0; i < COUNT_OF(titles); i++)
        assert_works(&f, write_with(&f, make_titled, &(Titled){&p, titles[i]}));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        ListQuery query = {
            .filter = filter_of(&f, FILTER_AND, filter_text(&f, "title", FILTER_HAS, rows[i].part),
                                filter_text(&f, "title", FILTER_NE, "Gamma")),
            .limit = 10,
            .want_total = true,
        };
        ListEnd end;
        Workspace *found;
        int n;
        Tx *tx = read_begin(&f);
        assert_works(&f, store_workspace_list(tx, &f.arena, p.other.key, 0, &query, &found, &n, &end, &f.err));
        read_end(tx);
        if (n != rows[i].found || end.total != n)
            fail_msg("%s: found %d, total %d", rows[i].part, n, (int)end.total);
    }
    fixture_end(&f);
}

static void test_organization_list__shows_ones_own(void **state)
{
    (void)state;
    Fixture f;
    People p;
    begin_people(&f, &p);
    const struct {
        int64_t user;
        const char *id;
    } rows[] = {{p.admin.key, "acme"}, {p.operator.key, "acme"}, {p.stranger.key, "other"}};
    Tx *tx = read_begin(&f);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        ListQuery query = {.limit = 10};
        ListEnd end;
        Organization *found;
        int n;
        assert_works(&f, store_organization_list(tx, &f.arena, rows[i].user, &query, &found, &n, &end, &f.err));
        assert_int_equal(n, 1);
        assert_str(found[0].id, rows[i].id);
    }
    read_end(tx);
    fixture_end(&f);
}

static void test_get__finds_by_id_within_the_tenant(void **state)
{
    (void)state;
    Fixture f;
    People p;
    begin_people(&f, &p);
    Organization organization;
    Workspace workspace;
    User user;
    Tx *tx = read_begin(&f);
    assert_works(&f, store_organization_get(tx, &f.arena, S("acme"), &organization, &f.err));
    assert_str(organization.owner_email, "o@example.com");
    assert_refused(&f, NOT_FOUND, store_organization_get(tx, &f.arena, S("ACME"), &organization, &f.err));
    assert_works(&f, store_workspace_get(tx, &f.arena, p.acme.key, S("w1"), &workspace, &f.err));
    assert_str(workspace.title, "Beta");
    assert_str(workspace.icon, "box");
    assert_works(&f, store_workspace_get(tx, &f.arena, p.other.key, S("w1"), &workspace, &f.err));
    assert_str(workspace.title, "Gamma");
    assert_refused(&f, NOT_FOUND, store_workspace_get(tx, &f.arena, p.other.key, S("w2"), &workspace, &f.err));
    assert_works(&f, store_user_get_by_email(tx, &f.arena, S("aDA@example.COM"), &user, &f.err));
    assert_str(user.email, "Ada@Example.com");
    assert_works(&f, store_user_get(tx, &f.arena, S("u2"), &user, &f.err));
    assert_str(user.display_name, "Bob");
    assert_works(&f, store_user_get_by_key(tx, &f.arena, p.stranger.key, &user, &f.err));
    assert_str(user.id, "u3");
    assert_refused(&f, NOT_FOUND, store_user_get(tx, &f.arena, S("nobody"), &user, &f.err));
    read_end(tx);
    fixture_end(&f);
}

static bool make_user(Tx *tx, void *argument, Error *err)
{
    return store_user_create(tx, argument, err);
}

static void test_user_create__refuses_an_address_in_use(void **state)
{
    (void)state;
    Fixture f;
    People p;
    begin_people(&f, &p);
    User twin = {.id = S("u9"), .email = S("ADA@EXAMPLE.com")};
    assert_refused(&f, ALREADY_EXISTS, write_with(&f, make_user, &twin));
    assert_string_equal(f.err.field, "email");
    fixture_end(&f);
}

/* ---- tokens ---- */

typedef struct TokenWork {
    Token token;
    int max;
    int64_t now_us;
} TokenWork;

static bool make_token(Tx *tx, void *argument, Error *err)
{
    TokenWork *work = argument;
    return store_token_create(tx, &work->token, work->max, err);
}

static bool update_token(Tx *tx, void *argument, Error *err)
{
    return store_token_update(tx, &((TokenWork *)argument)->token, err);
}

static bool delete_token(Tx *tx, void *argument, Error *err)
{
    TokenWork *work = argument;
    return store_token_delete(tx, work->token.user, work->token.id, err);
}

static bool use_token(Tx *tx, void *argument, Error *err)
{
    TokenWork *work = argument;
    return store_token_used(tx, work->token.key, work->now_us, err);
}

static TokenWork token_of(Fixture *f, int64_t user, unsigned char byte)
{
    TokenWork work = {.token = {.user = user,
                                .id = new_id(f),
                                .display_name = S("nightly"),
                                .prefix = S("kgn_pat_abcd"),
                                .permissions = S("all"),
                                .expire_us = 77},
                      .max = 3};
    memset(work.token.hash, byte, sizeof work.token.hash);
    return work;
}

static void test_token__lives_from_create_to_delete(void **state)
{
    (void)state;
    Fixture f;
    People p;
    begin_people(&f, &p);
    TokenWork work = token_of(&f, p.admin.key, 1);
    assert_works(&f, write_with(&f, make_token, &work));
    work.token.display_name = S("hourly");
    work.token.permissions = S("read_only");
    work.token.workspaces = S("[\"organizations/acme/workspaces/w1\"]");
    work.token.update_us = 99;
    work.now_us = 125 * 1000000;
    assert_works(&f, write_with(&f, update_token, &work));
    assert_works(&f, write_with(&f, use_token, &work));
    Token read;
    Tx *tx = read_begin(&f);
    assert_works(&f, store_token_get_by_hash(tx, &f.arena, work.token.hash, &read, &f.err));
    assert_str(read.display_name, "hourly");
    assert_str(read.permissions, "read_only");
    assert_str(read.workspaces, "[\"organizations/acme/workspaces/w1\"]");
    assert_str(read.prefix, "kgn_pat_abcd");
    assert_memory_equal(read.hash, work.token.hash, 32);
    assert_int_equal(read.last_used_us, 120 * 1000000);
    assert_int_equal(read.expire_us, 77);
    assert_works(&f, store_token_get(tx, &f.arena, p.admin.key, work.token.id, &read, &f.err));
    assert_refused(&f, NOT_FOUND, store_token_get(tx, &f.arena, p.operator.key, work.token.id, &read, &f.err));
    read_end(tx);
    work.token.user = p.operator.key; /* somebody else's */
    assert_refused(&f, NOT_FOUND, write_with(&f, delete_token, &work));
    work.token.user = p.admin.key;
    assert_works(&f, write_with(&f, delete_token, &work));
    assert_refused(&f, NOT_FOUND, write_with(&f, delete_token, &work));
    assert_refused(&f, NOT_FOUND, write_with(&f, update_token, &work));
    tx = read_begin(&f);
    assert_refused(&f, NOT_FOUND, store_token_get_by_hash(tx, &f.arena, work.token.hash, &read, &f.err));
    read_end(tx);
    fixture_end(&f);
}

static void test_token_create__stops_at_the_most_a_user_may_have(void **state)
{
    (void)state;
    Fixture f;
    People p;
    begin_people(&f, &p);
    for (unsigned char i = 0; i < 3; i++) {
        TokenWork work = token_of(&f, p.admin.key, i);
        assert_works(&f, write_with(&f, make_token, &work));
    }
    TokenWork fourth = token_of(&f, p.admin.key, 9), others = token_of(&f, p.operator.key, 10);
    assert_refused(&f, RESOURCE_EXHAUSTED, write_with(&f, make_token, &fourth));
    assert_works(&f, write_with(&f, make_token, &others));
    fourth.token.organization = p.other.key;
    assert_works(&f, write_with(&f, make_token, &fourth));
    ListQuery query = {.limit = 10};
    ListEnd end;
    Token *tokens;
    int n;
    Tx *tx = read_begin(&f);
    assert_works(&f, store_token_list(tx, &f.arena, p.admin.key, &query, &tokens, &n, &end, &f.err));
    read_end(tx);
    assert_int_equal(n, 4);
    assert_true(tokens[0].create_us > tokens[3].create_us);
    fixture_end(&f);
}

static void test_tenancy_generation__moves_with_what_decides_access(void **state)
{
    (void)state;
    Fixture f;
    People p;
    begin_people(&f, &p);
    TokenWork work = token_of(&f, p.admin.key, 1);
    const struct {
        Work work;
        void *argument;
        bool moves;
    } rows[] = {{make_token, &work, true},
                {use_token, &work, false},
                {update_token, &work, true},
                {forget_operator, &p, true},
                {delete_token, &work, true}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Tx *tx = read_begin(&f);
        uint64_t before = tx_tenancy_generation(tx);
        read_end(tx);
        assert_works(&f, write_with(&f, rows[i].work, rows[i].argument));
        tx = read_begin(&f);
        assert_int_equal(tx_tenancy_generation(tx) != before, rows[i].moves);
        read_end(tx);
    }
    fixture_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_membership__comes_from_the_workspace_or_from_an_admin),
        cmocka_unit_test(test_membership_anywhere__is_of_all_organizations_that_are_not_deleted),
        cmocka_unit_test(test_member_put__replaces_and_removes),
        cmocka_unit_test(test_workspace_list__shows_those_that_the_user_may_enter),
        cmocka_unit_test(test_text_filters__know_letters_beyond_ascii),
        cmocka_unit_test(test_organization_list__shows_ones_own),
        cmocka_unit_test(test_get__finds_by_id_within_the_tenant),
        cmocka_unit_test(test_user_create__refuses_an_address_in_use),
        cmocka_unit_test(test_token__lives_from_create_to_delete),
        cmocka_unit_test(test_token_create__stops_at_the_most_a_user_may_have),
        cmocka_unit_test(test_tenancy_generation__moves_with_what_decides_access),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
