/* Tests of src/store/automation.c and revision.c. */
#include "store/fixture.h"

#include <stdio.h>
#include <string.h>

#include "aip/filter.h"
#include "aip/page.h"

typedef struct Change {
    Fixture *f;
    Automation automation;
    Revision revision;
} Change;

static bool create(Tx *tx, void *argument, Error *err)
{
    Change *change = argument;
    return store_automation_create(tx, &change->f->scope, &change->automation, &change->revision, err);
}

static bool update(Tx *tx, void *argument, Error *err)
{
    Change *change = argument;
    return store_automation_update(tx, &change->f->scope, &change->automation, err);
}

static bool add_revision(Tx *tx, void *argument, Error *err)
{
    Change *change = argument;
    return store_revision_add(tx, &change->f->scope, &change->revision, err);
}

static bool discard(Tx *tx, void *argument, Error *err)
{
    Change *change = argument;
    return store_revision_discard_drafts(tx, change->automation.key, err);
}

static Change named(Fixture *f, const char *name)
{
    return (Change){.f = f,
                    .automation = {.id = new_id(f), .display_name = str_from_c(name), .version = {0, 1}},
                    .revision = {.version = {0, 1}, .display_name = str_from_c(name)}};
}

static Automation get(Fixture *f, Str id)
{
    Automation automation;
    Tx *tx = read_begin(f);
    assert_works(f, store_automation_get(tx, &f->arena, &f->scope, id, true, &automation, &f->err));
    read_end(tx);
    return automation;
}

static void test_create__points_at_its_first_revision(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    Automation automation = get(&f, S("a1"));
    Revision revision;
    Tx *tx = read_begin(&f);
    assert_works(&f, store_revision_get(tx, &f.arena, automation.draft_revision, &revision, &f.err));
    read_end(tx);
    assert_int_equal(revision.automation, automation.key);
    assert_str(revision.english, "Get the invoices.");
    assert_str(revision.code, "x = 1");
    assert_true(revision.valid && !revision.published);
    assert_str(automation.display_name, "Three-way match");
    assert_str(automation.etag, "e1");
    assert_int_equal(automation.published_revision, 0);
    assert_true(automation.create_us > 0 && automation.create_us == automation.update_us);
    fixture_end(&f);
}

static void test_update__writes_every_changeable_column(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    Change change = {.f = &f, .automation = get(&f, S("a1"))};
    change.automation = (Automation){.key = change.automation.key,
                                     .id = S("a1"),
                                     .draft_revision = 11,
                                     .published_revision = 12,
                                     .version = {3, 4},
                                     .published_version = {3, 0},
                                     .display_name = S("N"),
                                     .activation = ACTIVATION_ACTIVE,
                                     .update_us = 21,
                                     .delete_us = 22,
                                     .purge_us = 23,
                                     .publish_us = 24,
                                     .author_id = S("u1"),
                                     .update_user_id = S("u2"),
                                     .publish_user_id = S("u3"),
                                     .etag = S("e2")};
    assert_works(&f, write_with(&f, update, &change));
    Automation read = get(&f, S("a1"));
    assert_true(read.draft_revision == 11 && read.published_revision == 12);
    assert_true(read.version.major == 3 && read.version.minor == 4);
    assert_true(read.published_version.major == 3 && read.published_version.minor == 0);
    assert_true(read.update_us == 21 && read.delete_us == 22 && read.purge_us == 23 && read.publish_us == 24);
    assert_int_equal(read.activation, ACTIVATION_ACTIVE);
    assert_str(read.display_name, "N");
    assert_str(read.author_id, "u1");
    assert_str(read.update_user_id, "u2");
    assert_str(read.publish_user_id, "u3");
    assert_str(read.etag, "e2");
    change.f->scope.workspace++; /* another tenant's */
    assert_refused(&f, NOT_FOUND, write_with(&f, update, &change));
    fixture_end(&f);
}

static void test_display_name__may_be_given_twice(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    Change one = named(&f, "Three-way match"), two = named(&f, "Three-way match");
    assert_works(&f, write_with(&f, create, &one));
    assert_works(&f, write_with(&f, create, &two));
    assert_true(one.automation.key != two.automation.key);
    fixture_end(&f);
}

static void test_get__hides_the_deleted_and_the_foreign(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    Change change = {.f = &f, .automation = get(&f, S("a1"))};
    change.automation.delete_us = 5;
    assert_works(&f, write_with(&f, update, &change));
    Automation read;
    Scope foreign = f.scope;
    foreign.workspace++;
    Tx *tx = read_begin(&f);
    assert_refused(&f, NOT_FOUND, store_automation_get(tx, &f.arena, &f.scope, S("a1"), false, &read, &f.err));
    assert_works(&f, store_automation_get(tx, &f.arena, &f.scope, S("a1"), true, &read, &f.err));
    assert_refused(&f, NOT_FOUND, store_automation_get(tx, &f.arena, &foreign, S("a1"), true, &read, &f.err));
    assert_works(&f, store_automation_get_by_key(tx, &f.arena, read.key, &read, &f.err));
    read_end(tx);
    fixture_end(&f);
}

static void test_list__shows_newest_change_first(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    static const char *const names[] = {"Alpha", "beta", "Gamma"};
    Change changes[3];
    for (int i = 0; i < 3; i++) {
        changes[i] = named(&f, names[i]);
        assert_works(&f, write_with(&f, create, &changes[i]));
    }
    changes[0].automation.update_us = changes[2].automation.update_us + 10;
    changes[0].automation.published_revision = 1;
    changes[0].automation.activation = ACTIVATION_ACTIVE;
    assert_works(&f, write_with(&f, update, &changes[0]));
    changes[1].automation.delete_us = 1;
    assert_works(&f, write_with(&f, update, &changes[1]));
    const struct {
        const Filter *filter;
        bool deleted;
        const char *order, *names;
    } rows[] = {
        {NULL, false, "", "Alpha,Gamma,Three-way match,"},
        {NULL, true, "", "Alpha,Gamma,beta,Three-way match,"},
        {NULL, true, "display_name desc", "beta,Three-way match,Gamma,Alpha,"},
        {filter_enum(&f, "state", FILTER_EQ, "UNSPECIFIED DRAFT PUBLISHED", "PUBLISHED"), true, "", "Alpha,"},
        {filter_enum(&f, "state", FILTER_NE, "UNSPECIFIED DRAFT PUBLISHED", "PUBLISHED"), false, "",
         "Gamma,Three-way match,"},
        {filter_enum(&f, "activation_state", FILTER_EQ, "UNSPECIFIED ACTIVE DEACTIVATED", "ACTIVE"), false, "",
         "Alpha,"},
        {filter_text(&f, "display_name", FILTER_HAS, "A"), false, "", "Alpha,Gamma,Three-way match,"},
        {filter_number(&f, "update_time", FILTER_GT, changes[2].automation.update_us), false, "", "Alpha,"},
        {filter_number(&f, "create_time", FILTER_GE, changes[2].automation.create_us), false, "", "Gamma,"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char found[128] = "";
        PageCursor cursor = {0};
        ListEnd end = {.more = true};
        while (end.more) {
            ListQuery query = {.filter = rows[i].filter,
                               .cursor = &cursor,
                               .limit = 2,
                               .show_deleted = rows[i].deleted,
                               .order_by = str_from_c(rows[i].order)};
            Automation *automations;
            int n;
            Tx *tx = read_begin(&f);
            assert_works(&f, store_automation_list(tx, &f.arena, &f.scope, &query, &automations, &n, &end, &f.err));
            read_end(tx);
            for (int a = 0; a < n; a++)
                snprintf(found + strlen(found), sizeof found - strlen(found), "%.*s,",
                         STR_ARG(automations[a].display_name));
        }
        assert_string_equal(found, rows[i].names);
    }
    fixture_end(&f);
}

static void test_revisions__are_listed_found_and_discarded(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    Change change = {.f = &f, .automation = get(&f, S("a1"))};
    static const Version versions[] = {{0, 2}, {1, 0}, {1, 1}, {1, 2}};
    int64_t last_draft = 0;
    for (size_t i = 0; i < COUNT_OF(versions); i++) {
        change.revision = (Revision){.automation = change.automation.key,
                                     .version = versions[i],
                                     .published = versions[i].minor == 0,
                                     .restored_from = {7, 0},
                                     .restore_us = 8};
        assert_works(&f, write_with(&f, add_revision, &change));
        last_draft = change.revision.key;
        if (change.revision.published) {
            change.automation.published_revision = change.revision.key;
            assert_works(&f, write_with(&f, update, &change));
        }
    }
    assert_refused(&f, ABORTED, write_with(&f, add_revision, &change)); /* 1.2 is there */
    const Filter *published = filter_enum(&f, "stage", FILTER_EQ, "UNSPECIFIED DRAFT PUBLISHED", "PUBLISHED");
    ListQuery query = {.limit = 10, .filter = published};
    ListEnd end;
    Revision *rows, one;
    int n;
    Tx *tx = read_begin(&f);
    assert_works(&f, store_revision_list(tx, &f.arena, change.automation.key, &query, &rows, &n, &end, &f.err));
    assert_int_equal(n, 1);
    assert_int_equal(rows[0].version.major, 1);
    query.filter = NULL;
    assert_works(&f, store_revision_list(tx, &f.arena, change.automation.key, &query, &rows, &n, &end, &f.err));
    assert_int_equal(n, 5);
    assert_true(rows[0].version.major == 1 && rows[0].version.minor == 2);
    assert_works(&f, store_revision_get_by_version(tx, &f.arena, change.automation.key, (Version){1, 1}, &one, &f.err));
    assert_int_equal(one.restored_from.major, 7);
    read_end(tx);

    assert_works(&f, write_with(&f, discard, &change));
    tx = read_begin(&f);
    assert_works(&f, store_revision_list(tx, &f.arena, change.automation.key, &query, &rows, &n, &end, &f.err));
    assert_int_equal(n, 3); /* 1.0, 0.2, 0.1 */
    assert_refused(&f, NOT_FOUND,
                   store_revision_get_by_version(tx, &f.arena, change.automation.key, (Version){1, 2}, &one, &f.err));
    /* A run that began with it goes on with it. */
    assert_works(&f, store_revision_get(tx, &f.arena, last_draft, &one, &f.err));
    read_end(tx);
    assert_works(&f, write_with(&f, add_revision, &change)); /* the number is free again */
    fixture_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_create__points_at_its_first_revision),
        cmocka_unit_test(test_update__writes_every_changeable_column),
        cmocka_unit_test(test_display_name__may_be_given_twice),
        cmocka_unit_test(test_get__hides_the_deleted_and_the_foreign),
        cmocka_unit_test(test_list__shows_newest_change_first),
        cmocka_unit_test(test_revisions__are_listed_found_and_discarded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
