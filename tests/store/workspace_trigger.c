/* Tests of src/store/workspace_trigger.c: triggers and their events, on either database. */
#include "store/workspace_trigger.h"

#include "store/fixture.h"
#include "store/folder_file.h"

static Fixture f;

static int begin(void **state)
{
    (void)state;
    fixture_begin_tenant(&f);
    return 0;
}

static int end(void **state)
{
    (void)state;
    fixture_end(&f);
    return 0;
}

static bool insert(Tx *tx, void *argument, Error *err)
{
    return store_workspace_trigger_insert(tx, argument, err);
}

static bool update(Tx *tx, void *argument, Error *err)
{
    return store_workspace_trigger_update(tx, argument, err);
}

static bool erase(Tx *tx, void *argument, Error *err)
{
    const WorkspaceTrigger *trigger = argument;
    return store_workspace_trigger_delete(tx, &trigger->scope, trigger->id, err);
}

static WorkspaceTrigger new_row(void)
{
    return (WorkspaceTrigger){.scope = f.scope,
                              .automation = f.automation.key,
                              .automation_id = f.automation.id,
                              .id = new_id(&f),
                              .display_name = S("orders"),
                              .filter = S("type = paid"),
                              .input_mapping = S("{}"),
                              .enabled = true,
                              .secret_salt = 7};
}

static WorkspaceTrigger new_trigger(void)
{
    WorkspaceTrigger row = new_row();
    assert_works(&f, write_with(&f, insert, &row));
    return row;
}

static Str token_of(const WorkspaceTrigger *trigger)
{
    Str token;
    Tx *tx = read_begin(&f);
    assert_works(&f, store_workspace_trigger_token(tx, &f.arena, trigger, &token, &f.err));
    read_end(tx);
    return token;
}

static bool is_found(Str token, WorkspaceTrigger *out)
{
    Tx *tx = read_begin(&f);
    bool found = store_workspace_trigger_by_token(tx, &f.arena, token, out, &f.err);
    read_end(tx);
    return found;
}

static void test_address__leads_to_its_trigger_alone(void **state)
{
    (void)state;
    WorkspaceTrigger row = new_trigger(), found;
    Str token = token_of(&row);
    assert_int_equal(token.len, 43);
    assert_works(&f, is_found(token, &found));
    assert_int_equal(found.key, row.key);
    assert_str(found.scope.workspace_id, "w1");
    assert_str(found.filter, "type = paid");
    assert_refused(&f, NOT_FOUND, is_found(str_slice(token, 0, 42), &found));
    row.secret_salt++;
    assert_works(&f, write_with(&f, update, &row));
    assert_int_equal(row.version, 2);
    assert_refused(&f, NOT_FOUND, is_found(token, &found));
    assert_works(&f, is_found(token_of(&row), &found));
    assert_works(&f, write_with(&f, erase, &row));
    assert_refused(&f, NOT_FOUND, is_found(token_of(&row), &found));
}

static void test_other_tenants__find_nothing(void **state)
{
    (void)state;
    WorkspaceTrigger row = new_trigger(), theirs = row, *rows;
    TriggerEvent *events;
    ListQuery query = {.limit = 10};
    ListEnd list_end;
    int n;
    theirs.scope.workspace++;
    assert_refused(&f, NOT_FOUND, write_with(&f, update, &theirs));
    assert_refused(&f, NOT_FOUND, write_with(&f, erase, &theirs));
    Tx *tx = read_begin(&f);
    assert_refused(&f, NOT_FOUND, store_workspace_trigger_get(tx, &f.arena, &theirs.scope, row.id, &theirs, &f.err));
    assert_works(&f, store_workspace_trigger_list(tx, &f.arena, &theirs.scope, &query, &rows, &n, &list_end, &f.err));
    assert_int_equal(n, 0);
    assert_works(
        &f, store_trigger_event_list(tx, &f.arena, &theirs.scope, row.key, &query, &events, &n, &list_end, &f.err));
    assert_int_equal(n, 0);
    assert_works(&f, store_workspace_trigger_list(tx, &f.arena, &f.scope, &query, &rows, &n, &list_end, &f.err));
    assert_int_equal(n, 1);
    read_end(tx);
}

typedef struct Adding {
    WorkspaceTrigger trigger;
    int n;
    int64_t time_us; /* 0: now */
    TriggerOutcome outcome;
} Adding;

static bool add_events(Tx *tx, void *argument, Error *err)
{
    const Adding *adding = argument;
    for (int i = 0; i < adding->n; i++) {
        TriggerEvent event = {.id = new_id(&f), .outcome = adding->outcome, .create_us = adding->time_us};
        if (!store_trigger_event_add(tx, &adding->trigger, &event, err))
            return false;
    }
    return true;
}

static int64_t count_events(const WorkspaceTrigger *trigger, int64_t *out_newest)
{
    TriggerEvent *events;
    ListQuery query = {.limit = 2 * TRIGGER_EVENTS_KEPT};
    ListEnd list_end;
    int n;
    Tx *tx = read_begin(&f);
    assert_works(
        &f, store_trigger_event_list(tx, &f.arena, &f.scope, trigger->key, &query, &events, &n, &list_end, &f.err));
    read_end(tx);
    *out_newest = n ? events[0].number : 0;
    return n;
}

static void test_events__are_bounded_by_number_and_age(void **state)
{
    (void)state;
    int64_t newest;
    Adding adding = {
        .trigger = new_trigger(), .n = TRIGGER_EVENTS_KEPT + TRIGGER_EVENTS_CLEARED_EACH, .outcome = TRIGGER_FILTERED};
    Adding old = {.trigger = new_trigger(), .n = 3, .time_us = 1};
    assert_works(&f, write_with(&f, add_events, &adding));
    /* The one that clears away comes on top. */
    assert_int_equal(count_events(&adding.trigger, &newest), TRIGGER_EVENTS_KEPT + 1);
    assert_int_equal(newest, TRIGGER_EVENTS_KEPT + TRIGGER_EVENTS_CLEARED_EACH);
    assert_works(&f, write_with(&f, add_events, &old));
    adding.n = 1;
    assert_works(&f, write_with(&f, add_events, &adding));
    assert_int_equal(count_events(&old.trigger, &newest), 0);
    assert_works(&f, write_with(&f, erase, &adding.trigger));
    assert_int_equal(count_events(&adding.trigger, &newest), 0);
    assert_refused(&f, NOT_FOUND, write_with(&f, add_events, &adding));
}

static int64_t count_outcome(const WorkspaceTrigger *trigger, TriggerOutcome outcome)
{
    TriggerEvent *events;
    ListQuery query = {.limit = 4 * TRIGGER_EVENTS_KEPT};
    ListEnd list_end;
    int n, found = 0;
    Tx *tx = read_begin(&f);
    assert_works(
        &f, store_trigger_event_list(tx, &f.arena, &f.scope, trigger->key, &query, &events, &n, &list_end, &f.err));
    read_end(tx);
    for (int i = 0; i < n; i++)
        found += events[i].outcome == outcome;
    return found;
}

static void test_refused_events__drive_out_no_others(void **state)
{
    (void)state;
    Adding adding = {.trigger = new_trigger(), .n = 40, .outcome = TRIGGER_STARTED};
    assert_works(&f, write_with(&f, add_events, &adding));
    adding.outcome = TRIGGER_REFUSED;
    adding.n = 2 * TRIGGER_EVENTS_KEPT;
    assert_works(&f, write_with(&f, add_events, &adding));
    assert_int_equal(count_outcome(&adding.trigger, TRIGGER_STARTED), 40);
    int64_t refused = count_outcome(&adding.trigger, TRIGGER_REFUSED);
    assert_in_range(refused, TRIGGER_EVENTS_KEPT, TRIGGER_EVENTS_KEPT + TRIGGER_EVENTS_CLEARED_EACH);
    /* Nor others them. */
    adding.outcome = TRIGGER_INACTIVE;
    assert_works(&f, write_with(&f, add_events, &adding));
    assert_int_equal(count_outcome(&adding.trigger, TRIGGER_REFUSED), MIN_OF(refused, TRIGGER_EVENTS_KEPT));
    assert_in_range(count_outcome(&adding.trigger, TRIGGER_INACTIVE), TRIGGER_EVENTS_KEPT - 40,
                    TRIGGER_EVENTS_KEPT + TRIGGER_EVENTS_CLEARED_EACH);
}

/* ---- folders ---- */

static WorkspaceTrigger new_watching(bool enabled)
{
    WorkspaceTrigger row = new_row();
    row.folder = S("in/box");
    row.pattern = S("*.csv");
    row.keeps_files = true;
    row.enabled = enabled;
    assert_works(&f, write_with(&f, insert, &row));
    return row;
}

static int count_watching(int64_t after, WorkspaceTrigger *out_first)
{
    WorkspaceTrigger *rows;
    int n;
    Tx *tx = read_begin(&f);
    assert_works(&f, store_folder_triggers(tx, &f.arena, after, 10, &rows, &n, &f.err));
    read_end(tx);
    if (n > 0)
        *out_first = rows[0];
    return n;
}

static void test_folders__are_listed_for_whoever_watches(void **state)
{
    (void)state;
    WorkspaceTrigger posted = new_trigger(), one = new_watching(true), two = new_watching(true), found;
    (void)new_watching(false);
    assert_int_equal(posted.folder.len, 0);
    assert_int_equal(count_watching(0, &found), 2);
    assert_int_equal(found.key, one.key);
    assert_str(found.folder, "in/box");
    assert_str(found.pattern, "*.csv");
    assert_true(found.keeps_files);
    assert_str(found.scope.workspace_id, "w1");
    assert_int_equal(count_watching(one.key, &found), 1);
    assert_int_equal(found.key, two.key);
    /* They have no address. */
    assert_refused(&f, NOT_FOUND, is_found(token_of(&one), &found));
    one.folder = S("other");
    one.keeps_files = false;
    assert_works(&f, write_with(&f, update, &one));
    assert_int_equal(count_watching(0, &found), 2);
    assert_str(found.folder, "other");
    assert_false(found.keeps_files);
}

typedef struct Marking {
    int64_t trigger;
    FolderFile file;
    bool is_new;
} Marking;

static bool mark(Tx *tx, void *argument, Error *err)
{
    Marking *marking = argument;
    return store_folder_file_add(tx, marking->trigger, &marking->file, &marking->is_new, err);
}

static bool forget_mark(Tx *tx, void *argument, Error *err)
{
    const Marking *marking = argument;
    return store_folder_file_forget(tx, marking->trigger, &marking->file, err);
}

static int count_marks(int64_t trigger, FolderFile **out)
{
    int n;
    Tx *tx = read_begin(&f);
    assert_works(&f, store_folder_file_list(tx, &f.arena, trigger, out, &n, &f.err));
    read_end(tx);
    return n;
}

static void test_files__are_marked_once(void **state)
{
    (void)state;
    WorkspaceTrigger one = new_watching(true), two = new_watching(true);
    FolderFile *marks;
    Marking high = {one.key, {{0xff, 1}, TRIGGER_STARTED}, false}, low = {one.key, {{0, 2}, TRIGGER_REFUSED}, false};
    assert_works(&f, write_with(&f, mark, &high));
    assert_true(high.is_new);
    assert_works(&f, write_with(&f, mark, &low));
    high.file.outcome = TRIGGER_REFUSED;
    assert_works(&f, write_with(&f, mark, &high));
    assert_false(high.is_new);
    assert_int_equal(count_marks(one.key, &marks), 2);
    assert_memory_equal(marks[0].hash, low.file.hash, FOLDER_FILE_HASH);
    assert_int_equal(marks[0].outcome, TRIGGER_REFUSED);
    assert_memory_equal(marks[1].hash, high.file.hash, FOLDER_FILE_HASH);
    assert_int_equal(marks[1].outcome, TRIGGER_STARTED);
    /* Another trigger has marks of its own. */
    assert_int_equal(count_marks(two.key, &marks), 0);
    assert_works(&f, write_with(&f, forget_mark, &low));
    assert_int_equal(count_marks(one.key, &marks), 1);
    assert_works(&f, write_with(&f, erase, &one));
    assert_int_equal(count_marks(one.key, &marks), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_address__leads_to_its_trigger_alone, begin, end),
        cmocka_unit_test_setup_teardown(test_other_tenants__find_nothing, begin, end),
        cmocka_unit_test_setup_teardown(test_events__are_bounded_by_number_and_age, begin, end),
        cmocka_unit_test_setup_teardown(test_refused_events__drive_out_no_others, begin, end),
        cmocka_unit_test_setup_teardown(test_folders__are_listed_for_whoever_watches, begin, end),
        cmocka_unit_test_setup_teardown(test_files__are_marked_once, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
