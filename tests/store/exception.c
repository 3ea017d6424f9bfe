/* Tests of src/store/exception.c, thread.c and guide.c. */
#include "store/fixture.h"

#include <stdio.h>
#include <string.h>

#include "aip/filter.h"
#include "aip/page.h"
#include "store/exception_group.h"

typedef struct Asked {
    Fixture *f;
    RunRow run;
    ExceptionRow exceptions[6];
    ThreadEvent events[5];
    GuideEntry entry;
} Asked;

static bool ask(Tx *tx, void *argument, Error *err)
{
    Asked *asked = argument;
    Fixture *f = asked->f;
    static const char *const ids[] = {"x0", "x1", "x2", "x3", "x4", "x5"};
    for (int i = 0; i < 6; i++) {
        asked->exceptions[i] = (ExceptionRow){.scope = f->scope,
                                              .id = str_from_c(ids[i]),
                                              .run = asked->run.key,
                                              .automation = f->automation.key,
                                              .run_id = i < 3 ? S("r0") : S("r1"),
                                              .automation_id = S("a1"),
                                              .execution_id = S("e"),
                                              .message = S("m"),
                                              .description = S("Row 17 has no PO number."),
                                              .location_start = 1,
                                              .location_end = 9,
                                              .state = i % 2 ? EXCEPTION_RESOLVED : EXCEPTION_PENDING,
                                              .group = i == 5 ? S("missing_values") : S(""),
                                              .stage = STAGE_PUBLISHED,
                                              .extra = S("{}"),
                                              .assignee = i == 4 ? S("users/u1") : S(""),
                                              .sentence_hash = UINT64_MAX - 1,
                                              .kind = S("missing"),
                                              .missing = S("PO number"),
                                              .create_us = 100 + i};
        if (!store_exception_insert(tx, &asked->exceptions[i], err))
            return false;
    }
    return true;
}

static void begin_asked(Fixture *f, Asked *asked)
{
    fixture_begin_tenant(f);
    *asked = (Asked){.f = f, .run = insert_run(f)};
    assert_works(f, write_with(f, ask, asked));
}

static void test_exception_get__gives_what_was_inserted(void **state)
{
    (void)state;
    Fixture f;
    Asked asked;
    begin_asked(&f, &asked);
    ExceptionRow row;
    Scope foreign = f.scope;
    foreign.organization++;
    Tx *tx = read_begin(&f);
    assert_works(&f, store_exception_get(tx, &f.arena, &f.scope, S("x5"), &row, &f.err));
    assert_refused(&f, NOT_FOUND, store_exception_get(tx, &f.arena, &foreign, S("x5"), &row, &f.err));
    read_end(tx);
    assert_str(row.description, "Row 17 has no PO number.");
    assert_str(row.group, "missing_values");
    assert_str(row.missing, "PO number");
    assert_str(row.scope.workspace_id, "w1");
    assert_true(row.sentence_hash == UINT64_MAX - 1);
    assert_true(row.location_start == 1 && row.location_end == 9);
    assert_int_equal(row.state, EXCEPTION_RESOLVED);
    assert_int_equal(row.run, asked.run.key);
    fixture_end(&f);
}

static bool settle(Tx *tx, void *argument, Error *err)
{
    return store_exception_update(tx, argument, err);
}

static void test_exception_update__writes_state_and_people(void **state)
{
    (void)state;
    Fixture f;
    Asked asked;
    begin_asked(&f, &asked);
    ExceptionRow row = asked.exceptions[0], read;
    row.state = EXCEPTION_ARCHIVED;
    row.assignee = S("users/u2");
    row.resolver = S("agents/astral");
    row.guide_entry_id = S("g");
    row.update_us = 7;
    row.resolve_us = 8;
    row.due_us = 9;
    assert_works(&f, write_with(&f, settle, &row));
    Tx *tx = read_begin(&f);
    assert_works(&f, store_exception_get(tx, &f.arena, &f.scope, S("x0"), &read, &f.err));
    read_end(tx);
    assert_int_equal(read.state, EXCEPTION_ARCHIVED);
    assert_str(read.assignee, "users/u2");
    assert_str(read.resolver, "agents/astral");
    assert_str(read.guide_entry_id, "g");
    assert_true(read.update_us == 7 && read.resolve_us == 8 && read.due_us == 9);
    fixture_end(&f);
}

/* Of what is due before and after: those without such a time are in neither. */
static void test_exception_list__finds_what_is_due(void **state)
{
    (void)state;
    Fixture f;
    Asked asked;
    begin_asked(&f, &asked);
    ExceptionRow row = asked.exceptions[0];
    row.due_us = 1000;
    assert_works(&f, write_with(&f, settle, &row));
    const struct {
        FilterOp op;
        int64_t us;
        int n;
    } rows[] = {{FILTER_LT, 1001, 1}, {FILTER_LT, 1000, 0}, {FILTER_GE, 1000, 1}, {FILTER_GT, 1000, 0}};
    Tx *tx = read_begin(&f);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        ListQuery query = {.filter = filter_number(&f, "due_time", rows[i].op, rows[i].us), .limit = 9};
        ListEnd end;
        ExceptionRow *found;
        int n;
        assert_works(&f, store_exception_list(tx, &f.arena, &f.scope, &query, &found, &n, &end, &f.err));
        assert_int_equal(n, rows[i].n);
    }
    read_end(tx);
    fixture_end(&f);
}

typedef struct Said {
    const Scope *scope;
    GroupDefaults defaults;
} Said;

static bool say_of_group(Tx *tx, void *argument, Error *err)
{
    const Said *said = argument;
    return store_exception_group_put(tx, said->scope, S("missing_values"), &said->defaults, err);
}

static GroupDefaults said_of_group(Fixture *f, const Scope *scope, Str group)
{
    GroupDefaults defaults;
    Tx *tx = read_begin(f);
    assert_works(f, store_exception_group_get(tx, &f->arena, scope, group, &defaults, &f->err));
    read_end(tx);
    return defaults;
}

static void test_exception_group__keeps_what_a_workspace_said_last(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    Scope foreign = f.scope;
    foreign.workspace++;
    assert_str(said_of_group(&f, &f.scope, S("missing_values")).assignee, "");
    assert_works(&f, write_with(&f, say_of_group, &(Said){&f.scope, {S("users/u1"), 60}}));
    assert_works(&f, write_with(&f, say_of_group, &(Said){&f.scope, {S("users/u2"), 70}}));
    GroupDefaults defaults = said_of_group(&f, &f.scope, S("missing_values"));
    assert_str(defaults.assignee, "users/u2");
    assert_int_equal(defaults.due_us, 70);
    assert_int_equal(said_of_group(&f, &f.scope, S("internal_error")).due_us, 0);
    assert_int_equal(said_of_group(&f, &foreign, S("missing_values")).due_us, 0);
    fixture_end(&f);
}

static void test_exception_count__counts_what_matches(void **state)
{
    (void)state;
    Fixture f;
    Asked asked;
    begin_asked(&f, &asked);
    const Filter *pending = filter_enum(&f, "state", FILTER_EQ, "UNSPECIFIED PENDING RESOLVED ARCHIVED", "PENDING");
    Scope foreign = f.scope;
    foreign.workspace++;
    const struct {
        const Scope *scope;
        ExceptionFacet facet;
        const Filter *filter;
        int n;
        const char *value;
        int64_t count;
    } rows[] = {
        {&f.scope, EXCEPTION_AUTOMATIONS, NULL, 1, "a1", 6},
        {&f.scope, EXCEPTION_AUTOMATIONS, pending, 1, "a1", 3},
        {&f.scope, EXCEPTION_GROUPS, NULL, 1, "missing_values", 1}, /* the rest has none */
        {&f.scope, EXCEPTION_GROUPS, pending, 0, "", 0},
        {&f.scope, EXCEPTION_ASSIGNEES, pending, 1, "users/u1", 1},
        {&foreign, EXCEPTION_AUTOMATIONS, NULL, 0, "", 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        ExceptionCount *counts;
        int n;
        Tx *tx = read_begin(&f);
        assert_works(
            &f, store_exception_count(tx, &f.arena, rows[i].scope, rows[i].facet, rows[i].filter, &counts, &n, &f.err));
        read_end(tx);
        assert_int_equal(n, rows[i].n);
        if (n > 0) {
            assert_str(counts[0].value, rows[i].value);
            assert_int_equal(counts[0].count, rows[i].count);
        }
    }
    fixture_end(&f);
}

static void test_exception_find__gives_the_oldest_in_a_state(void **state)
{
    (void)state;
    Fixture f;
    Asked asked;
    begin_asked(&f, &asked);
    ExceptionRow *rows;
    int n;
    int64_t total;
    Scope foreign = f.scope;
    foreign.organization++;
    Tx *tx = read_begin(&f);
    assert_works(&f,
                 store_exception_find(tx, &f.arena, &f.scope, EXCEPTION_RESOLVED, NULL, 2, &rows, &n, &total, &f.err));
    assert_int_equal(n, 2);
    assert_int_equal(total, 3);
    assert_str(rows[0].id, "x1");
    assert_str(rows[1].id, "x3");
    assert_works(&f,
                 store_exception_find(tx, &f.arena, &foreign, EXCEPTION_RESOLVED, NULL, 2, &rows, &n, &total, &f.err));
    assert_true(n == 0 && total == 0);
    read_end(tx);
    fixture_end(&f);
}

static void test_exception_list__filters_skips_and_counts(void **state)
{
    (void)state;
    Fixture f;
    Asked asked;
    begin_asked(&f, &asked);
    const Filter *pending = filter_enum(&f, "state", FILTER_EQ, "UNSPECIFIED PENDING RESOLVED ARCHIVED", "PENDING");
    const struct {
        const Filter *filter;
        int64_t skip;
        const char *ids;
        int64_t total;
    } rows[] = {
        {NULL, 0, "x5 x4 x3 x2 x1 x0 ", 6},
        {NULL, 4, "x1 x0 ", 6},
        {NULL, 9, "", 6},
        {pending, 0, "x4 x2 x0 ", 3},
        {filter_of(&f, FILTER_NOT, pending, NULL), 1, "x3 x1 ", 3},
        {filter_resource(&f, "run", FILTER_EQ, "r0"), 0, "x2 x1 x0 ", 3},
        {filter_resource(&f, "run", FILTER_NE, "r0"), 0, "x5 x4 x3 ", 3},
        {filter_resource(&f, "automation", FILTER_EQ, "a1"), 0, "x5 x4 x3 x2 x1 x0 ", 6},
        {filter_resource(&f, "group", FILTER_EQ, "missing_values"), 0, "x5 ", 1},
        {filter_resource(&f, "assignee", FILTER_EQ, "u1"), 0, "x4 ", 1},
        {filter_resource(&f, "assignee", FILTER_NE, "u1"), 0, "x5 x3 x2 x1 x0 ", 5},
        {filter_resource(&f, "assignee", FILTER_EQ, ""), 0, "x5 x3 x2 x1 x0 ", 5},
        {filter_number(&f, "create_time", FILTER_GT, 103), 0, "x5 x4 ", 2},
        {filter_enum(&f, "stage", FILTER_EQ, "UNSPECIFIED DRAFT PUBLISHED", "DRAFT"), 0, "", 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char ids[64] = "";
        PageCursor cursor = {0};
        ListEnd end = {.more = true};
        while (end.more) { /* skipping counts from the first page, never again */
            ListQuery query = {
                .filter = rows[i].filter, .cursor = &cursor, .limit = 2, .skip = rows[i].skip, .want_total = true};
            ExceptionRow *found;
            int n;
            Tx *tx = read_begin(&f);
            assert_works(&f, store_exception_list(tx, &f.arena, &f.scope, &query, &found, &n, &end, &f.err));
            read_end(tx);
            assert_int_equal(end.total, rows[i].total);
            for (int x = 0; x < n; x++)
                snprintf(ids + strlen(ids), sizeof ids - strlen(ids), "%.*s ", STR_ARG(found[x].id));
        }
        if (strcmp(ids, rows[i].ids) != 0)
            fail_msg("row %zu: %s, expected %s", i, ids, rows[i].ids);
    }
    fixture_end(&f);
}

/* ---- threads ---- */

static bool talk(Tx *tx, void *argument, Error *err)
{
    Asked *asked = argument;
    for (int i = 0; i < 5; i++) {
        asked->events[i] = (ThreadEvent){.run = asked->run.key,
                                         .id = new_id(asked->f),
                                         .agent_id = i == 3 ? S("quill") : S("astral"),
                                         .exception_id = i == 4 ? S("x1") : S("x0"),
                                         .kind = THREAD_COMPLETION_RESPONSE,
                                         .payload = S("{\"content\":\"done\"}")};
        if (!store_thread_add(tx, &asked->events[i], err))
            return false;
    }
    return true;
}

static void test_thread__is_listed_newest_first_and_followed_oldest_first(void **state)
{
    (void)state;
    Fixture f;
    Asked asked;
    begin_asked(&f, &asked);
    assert_works(&f, write_with(&f, talk, &asked));
    PageCursor cursor = {0};
    ListQuery query = {.limit = 3, .cursor = &cursor, .want_total = true};
    ListEnd end;
    ThreadEvent *events, one;
    int n;
    Tx *tx = read_begin(&f);
    assert_works(&f, store_thread_list(tx, &f.arena, asked.run.key, S("astral"), &query, &events, &n, &end, &f.err));
    assert_true(n == 3 && end.more && end.total == 4);
    assert_true(str_eq(events[0].id, asked.events[4].id));
    assert_works(&f, store_thread_list(tx, &f.arena, asked.run.key, S("astral"), &query, &events, &n, &end, &f.err));
    assert_true(n == 1 && !end.more);
    assert_true(str_eq(events[0].id, asked.events[0].id));
    assert_str(events[0].payload, "{\"content\":\"done\"}");
    ListQuery of_exception = {.limit = 9, .filter = filter_resource(&f, "exception", FILTER_EQ, "x1")};
    assert_works(&f,
                 store_thread_list(tx, &f.arena, asked.run.key, S("astral"), &of_exception, &events, &n, &end, &f.err));
    assert_int_equal(n, 1);
    assert_works(&f, store_thread_follow(tx, &f.arena, asked.run.key, S("astral"), 0, 10, &events, &n, &f.err));
    assert_int_equal(n, 4);
    assert_works(&f,
                 store_thread_follow(tx, &f.arena, asked.run.key, S("astral"), events[1].key, 1, &events, &n, &f.err));
    assert_int_equal(n, 1);
    assert_true(str_eq(events[0].id, asked.events[2].id));
    assert_works(&f, store_thread_get(tx, &f.arena, asked.run.key, S("quill"), asked.events[3].id, &one, &f.err));
    assert_int_equal(one.kind, THREAD_COMPLETION_RESPONSE);
    assert_refused(&f, NOT_FOUND,
                   store_thread_get(tx, &f.arena, asked.run.key, S("astral"), asked.events[3].id, &one, &f.err));
    read_end(tx);
    fixture_end(&f);
}

/* ---- guide entries ---- */

static bool remember(Tx *tx, void *argument, Error *err)
{
    Asked *asked = argument;
    return store_guide_insert(tx, &asked->f->scope, &asked->entry, err);
}

static bool change_entry(Tx *tx, void *argument, Error *err)
{
    Asked *asked = argument;
    return store_guide_update(tx, &asked->f->scope, &asked->entry, err);
}

static bool hit(Tx *tx, void *argument, Error *err)
{
    return store_guide_hit(tx, ((Asked *)argument)->entry.key, err);
}

static void remember_as(Asked *asked, Str id, GuideState state)
{
    asked->entry = (GuideEntry){.id = id,
                                .automation = asked->f->automation.key,
                                .automation_id = S("a1"),
                                .title = S("PO number"),
                                .root_cause = S("no PO number"),
                                .answer = S("use PO-1"),
                                .condition = S("vendor is Acme"),
                                .notes = S("asked Bob"),
                                .state = state,
                                .version = {1, 0},
                                .sentence_hash = UINT64_MAX,
                                .kind = S("missing"),
                                .missing = S("PO"),
                                .source_exception_id = S("x0"),
                                .source_run_id = S("r0")};
    assert_works(asked->f, write_with(asked->f, remember, asked));
}

/* Ids of the entries in a state that match. */
static void assert_matches(Fixture *f, GuideState state, const char *missing, const char *expected)
{
    GuideEntry *found;
    int n;
    char ids[64] = "";
    Tx *tx = read_begin(f);
    assert_works(f, store_guide_match(tx, &f->arena, f->automation.key, UINT64_MAX, S("missing"), str_from_c(missing),
                                      state, &found, &n, &f->err));
    read_end(tx);
    for (int i = 0; i < n; i++)
        snprintf(ids + strlen(ids), sizeof ids - strlen(ids), "%.*s ", STR_ARG(found[i].id));
    assert_string_equal(ids, expected);
}

static void test_guide__matches_its_newest_approved_entry(void **state)
{
    (void)state;
    Fixture f;
    Asked asked;
    begin_asked(&f, &asked);
    remember_as(&asked, S("g1"), GUIDE_APPROVED);
    assert_matches(&f, GUIDE_APPROVED, "PO", "g1 ");
    assert_matches(&f, GUIDE_APPROVED, "vendor", "");
    remember_as(&asked, S("g2"), GUIDE_PENDING_APPROVAL); /* a proposal displaces nothing */
    assert_matches(&f, GUIDE_APPROVED, "PO", "g1 ");
    assert_matches(&f, GUIDE_PENDING_APPROVAL, "PO", "g2 ");
    asked.entry.state = GUIDE_APPROVED;
    assert_works(&f, write_with(&f, change_entry, &asked));
    assert_matches(&f, GUIDE_APPROVED, "PO", "g2 ");
    remember_as(&asked, S("g3"), GUIDE_APPROVED);
    assert_matches(&f, GUIDE_APPROVED, "PO", "g3 ");
    assert_works(&f, write_with(&f, hit, &asked));
    asked.entry.delete_us = 5;
    assert_works(&f, write_with(&f, change_entry, &asked));
    assert_matches(&f, GUIDE_APPROVED, "PO", "");
    GuideEntry entry;
    Tx *tx = read_begin(&f);
    assert_works(&f, store_guide_get(tx, &f.arena, &f.scope, 0, S("g3"), &entry, &f.err));
    assert_int_equal(entry.hits, 1);
    assert_works(&f, store_guide_get(tx, &f.arena, &f.scope, f.automation.key, S("g1"), &entry, &f.err));
    assert_int_equal(entry.state, GUIDE_ARCHIVED);
    assert_refused(&f, NOT_FOUND,
                   store_guide_get(tx, &f.arena, &f.scope, f.automation.key + 1, S("g1"), &entry, &f.err));
    read_end(tx);
    fixture_end(&f);
}

static void test_guide_list__searches_all_its_texts(void **state)
{
    (void)state;
    Fixture f;
    Asked asked;
    begin_asked(&f, &asked);
    remember_as(&asked, S("g1"), GUIDE_APPROVED);
    const struct {
        const Filter *filter;
        int n;
    } rows[] = {
        {NULL, 1},
        {filter_text(&f, "title", FILTER_HAS, "po NUM"), 1},
        {filter_text(&f, "resolution_steps", FILTER_HAS, "PO-1"), 1},
        {filter_text(&f, "resolution_code", FILTER_HAS, "PO-2"), 0},
        {filter_text(&f, "resolution_notes", FILTER_HAS, "bob"), 1},
        {filter_text(&f, "content", FILTER_HAS, "acme"), 1},
        {filter_resource(&f, "automation", FILTER_EQ, "a1"), 1},
        {filter_resource(&f, "automation", FILTER_EQ, "a2"), 0},
        {filter_enum(&f, "state", FILTER_EQ, "STATE_UNSPECIFIED PENDING_APPROVAL APPROVED", "APPROVED"), 1},
        {filter_number(&f, "create_time", FILTER_LT, 5), 0},
        {filter_number(&f, "update_time", FILTER_GT, 5), 1},
    };
    Tx *tx = read_begin(&f);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        ListQuery query = {.filter = rows[i].filter, .limit = 5};
        ListEnd end;
        GuideEntry *found;
        int n;
        assert_works(&f, store_guide_list(tx, &f.arena, &f.scope, 0, &query, &found, &n, &end, &f.err));
        assert_int_equal(n, rows[i].n);
        assert_works(&f,
                     store_guide_list(tx, &f.arena, &f.scope, f.automation.key + 1, &query, &found, &n, &end, &f.err));
        assert_int_equal(n, 0);
    }
    read_end(tx);
    fixture_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exception_get__gives_what_was_inserted),
        cmocka_unit_test(test_exception_update__writes_state_and_people),
        cmocka_unit_test(test_exception_list__finds_what_is_due),
        cmocka_unit_test(test_exception_group__keeps_what_a_workspace_said_last),
        cmocka_unit_test(test_exception_count__counts_what_matches),
        cmocka_unit_test(test_exception_find__gives_the_oldest_in_a_state),
        cmocka_unit_test(test_exception_list__filters_skips_and_counts),
        cmocka_unit_test(test_thread__is_listed_newest_first_and_followed_oldest_first),
        cmocka_unit_test(test_guide__matches_its_newest_approved_entry),
        cmocka_unit_test(test_guide_list__searches_all_its_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
