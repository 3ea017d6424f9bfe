/* Tests of store/run.c and store/journal.c: what is written is what is read, page by page, by its tenant alone. */
#include "store/fixture.h"

#include <string.h>

#include "aip/filter.h"
#include "aip/page.h"

static void test_run_get__gives_what_was_inserted(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    RunRow written = insert_run(&f), read;
    Tx *tx = read_begin(&f);
    assert_works(&f, store_run_get(tx, &f.arena, &f.scope, f.automation.key, written.id, &read, &f.err));
    assert_true(str_eq(read.id, written.id));
    assert_true(str_eq(read.execution_id, written.execution_id));
    assert_int_equal(read.key, written.key);
    assert_int_equal(read.state, RUN_PENDING);
    assert_int_equal(read.stage, STAGE_DRAFT);
    assert_int_equal(read.source, SOURCE_MANUAL);
    assert_int_equal(read.version.minor, 1);
    assert_int_equal(read.location_start, -1);
    assert_true(read.create_us > 0 && read.create_us == read.state_us);
    assert_str(read.inputs, "{\"n\":1}");
    assert_str(read.automation_id, "a1");
    assert_str(read.scope.workspace_id, "w1");
    RunRow by_key, by_execution;
    assert_works(&f, store_run_get_by_key(tx, &f.arena, written.key, &by_key, &f.err));
    assert_str(by_key.scope.organization_id, "o1");
    assert_works(&f, store_run_get_by_execution(tx, &f.arena, &f.scope, written.execution_id, &by_execution, &f.err));
    assert_int_equal(by_execution.key, written.key);
    read_end(tx);
    fixture_end(&f);
}

static void test_run_get__hides_runs_of_others(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    RunRow written = insert_run(&f), read;
    Scope foreign = f.scope;
    Tx *tx = read_begin(&f);
    foreign.workspace++;
    assert_refused(&f, NOT_FOUND, store_run_get(tx, &f.arena, &foreign, 0, written.id, &read, &f.err));
    foreign = f.scope;
    foreign.organization++;
    assert_refused(&f, NOT_FOUND, store_run_get(tx, &f.arena, &foreign, 0, written.id, &read, &f.err));
    assert_refused(&f, NOT_FOUND,
                   store_run_get(tx, &f.arena, &f.scope, f.automation.key + 1, written.id, &read, &f.err));
    assert_works(&f, store_run_get(tx, &f.arena, &f.scope, 0, written.id, &read, &f.err));
    read_end(tx);
    fixture_end(&f);
}

/* ---- lists ---- */

static bool insert_many(Tx *tx, void *argument, Error *err)
{
    Fixture *f = argument;
    for (int i = 0; i < 25; i++) {
        RunRow run = run_of(f);
        run.state = i % 5 == 0 ? RUN_AWAITING_GUIDANCE : RUN_COMPLETED;
        run.create_us = 1000 + i / 2; /* pairs share a time: the key breaks the tie */
        run.version = (Version){1 + i % 2, 0};
        if (!store_run_insert(tx, &run, err))
            return false;
    }
    return true;
}

/* All pages of `limit` one after the other: how many rows, each behind the one before. */
static int walk_pages(Fixture *f, const Filter *filter, int64_t automation, int limit)
{
    PageCursor cursor = {0};
    ListEnd end = {.more = true};
    int n_all = 0;
    int64_t last_us = INT64_MAX, last_key = INT64_MAX;
    while (end.more) {
        ListQuery query = {.filter = filter, .cursor = &cursor, .limit = limit};
        RunRow *rows;
        int n;
        Tx *tx = read_begin(f);
        assert_works(f, store_run_list(tx, &f->arena, &f->scope, automation, &query, &rows, &n, &end, &f->err));
        read_end(tx);
        assert_true(n == limit || !end.more);
        for (int i = 0; i < n; i++) {
            assert_true(rows[i].create_us < last_us || (rows[i].create_us == last_us && rows[i].key < last_key));
            last_us = rows[i].create_us;
            last_key = rows[i].key;
        }
        n_all += n;
    }
    return n_all;
}

static void test_run_list__gives_each_run_once_newest_first(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    assert_works(&f, write_with(&f, insert_many, &f));
    for (int limit = 1; limit <= 27; limit++) {
        assert_int_equal(walk_pages(&f, NULL, 0, limit), 25);
        assert_int_equal(walk_pages(&f, NULL, f.automation.key, limit), 25);
    }
    assert_int_equal(walk_pages(&f, NULL, f.automation.key + 1, 10), 0);
    fixture_end(&f);
}

static void test_run_list__keeps_its_place_while_runs_come(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    assert_works(&f, write_with(&f, insert_many, &f));
    PageCursor cursor = {0};
    ListQuery query = {.cursor = &cursor, .limit = 20};
    ListEnd end;
    RunRow *rows;
    int n;
    Tx *tx = read_begin(&f);
    assert_works(&f, store_run_list(tx, &f.arena, &f.scope, 0, &query, &rows, &n, &end, &f.err));
    read_end(tx);
    insert_run(&f); /* newer than all */
    tx = read_begin(&f);
    assert_works(&f, store_run_list(tx, &f.arena, &f.scope, 0, &query, &rows, &n, &end, &f.err));
    read_end(tx);
    assert_int_equal(n, 5);
    assert_false(end.more);
    fixture_end(&f);
}

#define STATES "pending executing stopping stopped awaiting_guidance completed failed"

static void test_run_list__answers_every_field_of_its_filter(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    assert_works(&f, write_with(&f, insert_many, &f));
    const struct {
        const Filter *filter;
        int expected;
    } rows[] = {
        /* the contract's order of states is not ours: they meet by name */
        {filter_enum(&f, "state", FILTER_EQ, STATES, "awaiting_guidance"), 5},
        {filter_enum(&f, "state", FILTER_NE, STATES, "awaiting_guidance"), 20},
        {filter_enum(&f, "state", FILTER_EQ, STATES, "stopping"), 0},
        {filter_enum(&f, "state", FILTER_EQ, "COMPLETED PENDING", "COMPLETED"), 20},
        {filter_enum(&f, "stage", FILTER_EQ, "UNSPECIFIED DRAFT PUBLISHED", "DRAFT"), 25},
        {filter_enum(&f, "stage", FILTER_EQ, "UNSPECIFIED DRAFT PUBLISHED", "PUBLISHED"), 0},
        {filter_enum(&f, "source", FILTER_EQ, "MANUAL TRIGGER", "MANUAL"), 25},
        {filter_enum(&f, "invocation_source", FILTER_EQ, "MANUAL TRIGGER", "TRIGGER"), 0},
        {filter_text(&f, "stage_version", FILTER_EQ, "1.0"), 13},
        {filter_text(&f, "version", FILTER_NE, "1.0"), 12},
        {filter_text(&f, "version", FILTER_EQ, "1.*"), 13},
        {filter_number(&f, "create_time", FILTER_GE, 1010), 5},
        {filter_number(&f, "create_time", FILTER_LT, 1010), 20},
        {filter_number(&f, "create_time", FILTER_EQ, 1003), 2},
        {filter_number(&f, "create_time", FILTER_LE, 1000), 2},
        {filter_number(&f, "create_time", FILTER_GT, 1012), 0},
        {filter_number(&f, "update_time", FILTER_GT, 5000), 25},
        {filter_resource(&f, "automation", FILTER_EQ, "a1"), 25},
        {filter_resource(&f, "automation", FILTER_NE, "a1"), 0},
        {filter_resource(&f, "automation", FILTER_EQ, "unknown"), 0},
        {filter_resource(&f, "automation", FILTER_NE, "unknown"), 25},
        {filter_of(&f, FILTER_AND, filter_text(&f, "version", FILTER_EQ, "1.0"),
                   filter_number(&f, "create_time", FILTER_GE, 1010)),
         3},
        {filter_of(&f, FILTER_OR, filter_text(&f, "version", FILTER_EQ, "1.0"),
                   filter_number(&f, "create_time", FILTER_GE, 1010)),
         15},
        {filter_of(&f, FILTER_NOT, filter_number(&f, "create_time", FILTER_GE, 1010), NULL), 20},
        {filter_text(&f, "version", FILTER_EQ, "1.0' OR '1'='1"), 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int found = walk_pages(&f, rows[i].filter, 0, 7);
        if (found != rows[i].expected)
            fail_msg("row %zu: %d runs, expected %d", i, found, rows[i].expected);
    }
    fixture_end(&f);
}

static void test_run_list__refuses_a_field_it_cannot_answer(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    ListQuery query = {.filter = filter_text(&f, "colour", FILTER_EQ, "red"), .limit = 5};
    RunRow *rows;
    int n;
    ListEnd end;
    Tx *tx = read_begin(&f);
    assert_refused(&f, INVALID_ARGUMENT, store_run_list(tx, &f.arena, &f.scope, 0, &query, &rows, &n, &end, &f.err));
    read_end(tx);
    fixture_end(&f);
}

static void test_run_list__takes_filters_of_a_thousand_terms(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    assert_works(&f, write_with(&f, insert_many, &f));
    for (int kind = FILTER_AND; kind <= FILTER_OR; kind++) {
        Filter *kids[1000];
        for (int i = 0; i < 1000; i++)
            kids[i] = (Filter *)filter_number(&f, "create_time", kind == FILTER_AND ? FILTER_GE : FILTER_EQ, 500 + i);
        const Filter filter = {.kind = (FilterKind)kind, .kids = kids, .n_kids = 1000};
        assert_int_equal(walk_pages(&f, &filter, 0, 50), kind == FILTER_AND ? 0 : 25);
    }
    fixture_end(&f);
}

/* ---- what the engine asks ---- */

static bool insert_each_state(Tx *tx, void *argument, Error *err)
{
    Fixture *f = argument;
    for (int i = 0; i < RUN_N_STATES; i++) {
        RunRow run = run_of(f);
        run.state = (RunState)i;
        if (!store_run_insert(tx, &run, err))
            return false;
    }
    RunRow parked = run_of(f), due = run_of(f);
    parked.state = due.state = RUN_EXECUTING;
    parked.timer_parked = due.timer_parked = true;
    parked.timer_us = tx_now_us(tx) + 3600LL * 1000000;
    due.timer_us = tx_now_us(tx) - 1;
    return store_run_insert(tx, &parked, err) && store_run_insert(tx, &due, err);
}

typedef struct Unfinished {
    RunRow *rows;
    int n;
    int64_t after;
    Arena *arena;
} Unfinished;

static bool list_unfinished(Tx *tx, void *argument, Error *err)
{
    Unfinished *unfinished = argument;
    return store_run_list_unfinished(tx, unfinished->arena, unfinished->after, 100, &unfinished->rows, &unfinished->n,
                                     err);
}

static void test_run_list_unfinished__finds_what_should_be_going(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    assert_works(&f, write_with(&f, insert_each_state, &f));
    Unfinished unfinished = {.arena = &f.arena};
    assert_works(&f, write_with(&f, list_unfinished, &unfinished));
    assert_int_equal(unfinished.n, 4); /* pending, executing, stopping, and the one whose timer is due */
    for (int i = 0; i < unfinished.n; i++) {
        assert_true(i == 0 || unfinished.rows[i].key > unfinished.rows[i - 1].key);
        assert_str(unfinished.rows[i].scope.workspace_id, "w1");
    }
    unfinished.after = unfinished.rows[1].key;
    assert_works(&f, write_with(&f, list_unfinished, &unfinished));
    assert_int_equal(unfinished.n, 2);

    RunTimer *timers, *behind;
    int n;
    Tx *tx = read_begin(&f);
    assert_works(&f, store_run_list_timers(tx, &f.arena, (RunTimer){0}, 10, &timers, &n, &f.err));
    assert_int_equal(n, 2);
    assert_true(timers[0].due_us < timers[1].due_us);
    RunTimer before = {timers[1].due_us, timers[1].run - 1}; /* of the same time, the key tells */
    assert_works(&f, store_run_list_timers(tx, &f.arena, before, 10, &behind, &n, &f.err));
    assert_true(n == 1 && behind[0].run == timers[1].run);
    assert_works(&f, store_run_list_timers(tx, &f.arena, timers[1], 10, &behind, &n, &f.err));
    assert_int_equal(n, 0);
    assert_works(&f, store_run_list_timers(tx, &f.arena, (RunTimer){0}, 1, &behind, &n, &f.err));
    assert_true(n == 1 && behind[0].run == timers[0].run);
    int64_t counts[RUN_N_STATES];
    assert_works(&f, store_run_count_by_state(tx, counts, &f.err));
    assert_int_equal(counts[RUN_EXECUTING], 3);
    assert_int_equal(counts[RUN_FAILED], 1);
    read_end(tx);
    fixture_end(&f);
}

/* One in each state, whose deadlines are 1, 2 …, and one without. */
static bool insert_with_deadlines(Tx *tx, void *argument, Error *err)
{
    Fixture *f = argument;
    for (int i = 0; i < RUN_N_STATES; i++) {
        RunRow run = run_of(f);
        run.state = (RunState)i;
        run.deadline_us = 1 + i;
        if (!store_run_insert(tx, &run, err))
            return false;
    }
    RunRow without = run_of(f);
    return store_run_insert(tx, &without, err);
}

static bool drop_deadlines(Tx *tx, void *argument, Error *err)
{
    (void)argument;
    return store_run_deadlines_drop(tx, err);
}

static void test_run_deadlines__are_those_of_runs_that_have_not_ended(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    assert_works(&f, write_with(&f, insert_with_deadlines, &f));
    int64_t soonest;
    RunRow *rows;
    int n;
    Tx *tx = read_begin(&f);
    assert_works(&f, store_run_deadline_soonest(tx, 0, &soonest, &f.err));
    assert_int_equal(soonest, 1);
    assert_works(&f, store_run_deadline_soonest(tx, 2, &soonest, &f.err));
    assert_int_equal(soonest, 3);
    assert_works(&f, store_run_deadline_soonest(tx, 100, &soonest, &f.err));
    assert_int_equal(soonest, 0);
    assert_works(&f, store_run_list_overdue(tx, &f.arena, 0, 10, &rows, &n, &f.err));
    assert_int_equal(n, 0);
    assert_works(&f, store_run_list_overdue(tx, &f.arena, 3, 2, &rows, &n, &f.err));
    assert_true(n == 2 && rows[0].deadline_us == 1 && rows[1].deadline_us == 2);
    assert_str(rows[0].scope.workspace_id, "w1");
    assert_works(&f, store_run_list_overdue(tx, &f.arena, 3, 10, &rows, &n, &f.err));
    assert_true(n == 3 && rows[2].state == RUN_AWAITING_GUIDANCE);
    assert_works(&f, store_run_list_overdue(tx, &f.arena, INT64_MAX, 10, &rows, &n, &f.err));
    assert_true(n == 5 && rows[4].state == RUN_STOPPED);
    read_end(tx);
    assert_works(&f, write_with(&f, drop_deadlines, NULL));
    tx = read_begin(&f);
    assert_works(&f, store_run_deadline_soonest(tx, 0, &soonest, &f.err));
    assert_int_equal(soonest, 0);
    read_end(tx);
    fixture_end(&f);
}

static bool finish(Tx *tx, void *argument, Error *err)
{
    RunRow *run = argument;
    run->state = RUN_COMPLETED;
    run->outputs = S("{\"total\":1}");
    run->reason = S("why");
    run->description = S("what");
    run->error_id = S("e");
    run->exception_id = S("x");
    run->update_us = run->state_us = tx_now_us(tx);
    run->timer_us = 5;
    run->timer_parked = true;
    run->deadline_us = 9;
    run->location_start = 3;
    run->location_end = 4;
    return store_run_update(tx, run, err);
}

static void test_run_update__writes_what_changes(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    RunRow run = insert_run(&f), read;
    assert_works(&f, write_with(&f, finish, &run));
    Tx *tx = read_begin(&f);
    assert_works(&f, store_run_get_by_key(tx, &f.arena, run.key, &read, &f.err));
    read_end(tx);
    assert_int_equal(read.state, RUN_COMPLETED);
    assert_str(read.outputs, "{\"total\":1}");
    assert_str(read.inputs, "{\"n\":1}");
    assert_str(read.reason, "why");
    assert_str(read.description, "what");
    assert_str(read.error_id, "e");
    assert_str(read.exception_id, "x");
    assert_true(read.timer_parked && read.timer_us == 5 && read.deadline_us == 9);
    assert_true(read.location_start == 3 && read.location_end == 4);
    assert_true(read.state_us > read.create_us);
    run.key += 100;
    assert_refused(&f, NOT_FOUND, write_with(&f, finish, &run));
    fixture_end(&f);
}

/* ---- snapshot, journal, effects, request ids ---- */

typedef struct Piece {
    int64_t run, number;
    Str bytes;
    int32_t n;
} Piece;

static bool put_snapshot(Tx *tx, void *argument, Error *err)
{
    Piece *piece = argument;
    return store_snapshot_put(tx, piece->run, piece->bytes, piece->n, err);
}

static void assert_snapshot(Fixture *f, int64_t run, const char *expected)
{
    Str bytes;
    int64_t effects;
    Tx *tx = read_begin(f);
    assert_works(f, store_snapshot_get(tx, &f->arena, run, &bytes, &effects, &f->err));
    read_end(tx);
    assert_str(bytes, expected);
    assert_int_equal(effects, str_eq(bytes, S("two")) ? 7 : 0);
}

static void test_snapshot__is_replaced_and_removed(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    RunRow run = insert_run(&f);
    assert_snapshot(&f, run.key, "");
    assert_works(&f, write_with(&f, put_snapshot, &(Piece){.run = run.key, .bytes = S("one")}));
    assert_works(&f, write_with(&f, put_snapshot, &(Piece){.run = run.key, .bytes = S("two"), .n = 7}));
    assert_snapshot(&f, run.key, "two");
    assert_works(&f, write_with(&f, put_snapshot, &(Piece){.run = run.key}));
    assert_snapshot(&f, run.key, "");
    assert_refused(&f, FAILED_PRECONDITION,
                   write_with(&f, put_snapshot, &(Piece){.run = run.key + 9, .bytes = S("x")}));
    fixture_end(&f);
}

static bool append(Tx *tx, void *argument, Error *err)
{
    Piece *piece = argument;
    return store_journal_append(tx, piece->run, piece->bytes, piece->n, err);
}

static void test_journal__is_read_from_any_entry_on(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    RunRow run = insert_run(&f), neighbour = insert_run(&f);
    for (int i = 0; i < 5; i++) {
        Str bytes = str_printf(&f.arena, "batch %d", i);
        assert_works(&f, write_with(&f, append, &(Piece){.run = run.key, .bytes = bytes, .n = 3}));
        assert_works(&f, write_with(&f, append, &(Piece){.run = neighbour.key, .bytes = S("other"), .n = 1}));
    }
    static const struct {
        int64_t first;
        size_t max;
        int n;
        int64_t sequence;
    } rows[] = {{0, 1000, 5, 0}, {2, 1000, 5, 0}, {3, 1000, 4, 1}, {14, 1000, 1, 4}, {15, 1000, 0, 0},
                {0, 1, 1, 0},    {0, 14, 2, 0},   {99, 10, 0, 0},  {-5, 1000, 5, 0}};
    Tx *tx = read_begin(&f);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        JournalBatch *batches;
        int n;
        assert_works(&f, store_journal_read(tx, &f.arena, run.key, rows[i].first, rows[i].max, &batches, &n, &f.err));
        assert_int_equal(n, rows[i].n);
        for (int b = 0; b < n; b++) {
            assert_int_equal(batches[b].sequence, rows[i].sequence + b);
            assert_int_equal(batches[b].first_entry, 3 * (rows[i].sequence + b));
            assert_int_equal(batches[b].n_entries, 3);
            assert_true(str_eq(batches[b].bytes, str_printf(&f.arena, "batch %d", (int)batches[b].sequence)));
        }
    }
    read_end(tx);
    assert_refused(&f, FAILED_PRECONDITION, write_with(&f, append, &(Piece){.run = 4711, .bytes = S("x"), .n = 1}));
    fixture_end(&f);
}

static bool effect_begin(Tx *tx, void *argument, Error *err)
{
    Piece *piece = argument;
    return store_effect_begin(tx, piece->run, piece->number, UINT64_MAX - 5, piece->bytes, err);
}

static bool effect_finish(Tx *tx, void *argument, Error *err)
{
    Piece *piece = argument;
    EffectRow effect = {
        .number = piece->number, .kind = (EffectKind)piece->n, .site = UINT64_MAX - 5, .result = piece->bytes};
    return store_effect_finish(tx, piece->run, &effect, err);
}

static bool effect_retry(Tx *tx, void *argument, Error *err)
{
    Piece *piece = argument;
    return store_effect_retry(
        tx, piece->run, &(EffectRow){.number = piece->number, .site = 9, .key = piece->bytes, .tries = piece->n}, err);
}

typedef struct Copy {
    Scope scope;
    int64_t from, to;
} Copy;

static bool effect_copy(Tx *tx, void *argument, Error *err)
{
    const Copy *copy = argument;
    return store_effect_copy(tx, &copy->scope, copy->from, copy->to, 2, err);
}

static int list_effects(Fixture *f, int64_t run, int64_t from, EffectRow **out)
{
    int n;
    Tx *tx = read_begin(f);
    assert_works(f, store_effect_list(tx, &f->arena, run, from, out, &n, &f->err));
    read_end(tx);
    return n;
}

static void test_effect__tells_begun_from_finished(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    RunRow run = insert_run(&f);
    assert_works(&f, write_with(&f, effect_begin, &(Piece){.run = run.key, .number = 1, .bytes = S("k1")}));
    assert_works(&f, write_with(&f, effect_finish, &(Piece){.run = run.key, .number = 0, .bytes = S("r0")}));
    assert_works(&f, write_with(&f, effect_begin, &(Piece){.run = run.key, .number = 2, .bytes = S("k2")}));
    assert_works(&f, write_with(&f, effect_finish, &(Piece){.run = run.key, .number = 2, .bytes = S("no"), .n = 1}));
    assert_refused(&f, ALREADY_EXISTS, write_with(&f, effect_begin, &(Piece){.run = run.key, .number = 2}));
    EffectRow *rows;
    assert_int_equal(list_effects(&f, run.key, 0, &rows), 3);
    assert_true(rows[0].finished && rows[0].kind == HEARD_RESULT);
    assert_true(rows[0].site == UINT64_MAX - 5);
    assert_str(rows[0].result, "r0");
    assert_false(rows[1].finished);
    assert_str(rows[1].key, "k1");
    assert_true(rows[2].finished && rows[2].kind == HEARD_ERROR);
    assert_str(rows[2].key, "k2");
    assert_str(rows[2].result, "no");
    /* Tried again: it keeps its key, and is still not at its end. */
    assert_works(&f, write_with(&f, effect_retry, &(Piece){.run = run.key, .number = 1, .bytes = S("no"), .n = 1}));
    assert_works(&f, write_with(&f, effect_retry, &(Piece){.run = run.key, .number = 3, .bytes = S("k3"), .n = 2}));
    assert_int_equal(list_effects(&f, run.key, 1, &rows), 3);
    assert_false(rows[0].finished || rows[2].finished);
    assert_str(rows[0].key, "k1");
    assert_str(rows[2].key, "k3");
    assert_true(rows[0].tries == 1 && rows[2].tries == 2 && rows[1].tries == 0);
    assert_int_equal(list_effects(&f, run.key, 3, &rows), 1);
    assert_int_equal(rows[0].number, 3);
    fixture_end(&f);
}

static void test_effect_copy__stays_within_the_workspace(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    RunRow from = insert_run(&f), to = insert_run(&f);
    for (int i = 0; i < 3; i++)
        assert_works(&f, write_with(&f, effect_finish, &(Piece){.run = from.key, .number = i, .bytes = S("r")}));
    EffectRow *rows;
    Scope other = f.scope;
    other.workspace++;
    assert_works(&f, write_with(&f, effect_copy, &(Copy){other, from.key, to.key}));
    assert_int_equal(list_effects(&f, to.key, 0, &rows), 0);
    assert_works(&f, write_with(&f, effect_copy, &(Copy){f.scope, from.key, to.key}));
    assert_int_equal(list_effects(&f, to.key, 0, &rows), 2);
    assert_str(rows[1].result, "r");
    fixture_end(&f);
}

static bool put_request(Tx *tx, void *argument, Error *err)
{
    Fixture *f = argument;
    return store_request_put(tx, &f->scope, S("req-1"), UINT64_MAX - 5, S("{\"run_id\":\"r\"}"), err);
}

static void test_request__gives_back_what_was_kept(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    assert_works(&f, write_with(&f, put_request, &f));
    assert_refused(&f, ALREADY_EXISTS, write_with(&f, put_request, &f));
    bool found;
    uint64_t hash;
    Str response;
    Scope foreign = f.scope;
    foreign.workspace++;
    Tx *tx = read_begin(&f);
    assert_works(&f, store_request_get(tx, &f.arena, &f.scope, S("req-1"), &found, &hash, &response, &f.err));
    assert_true(found && hash == UINT64_MAX - 5);
    assert_str(response, "{\"run_id\":\"r\"}");
    assert_works(&f, store_request_get(tx, &f.arena, &foreign, S("req-1"), &found, &hash, &response, &f.err));
    assert_false(found);
    assert_works(&f, store_request_get(tx, &f.arena, &f.scope, S("req-2"), &found, &hash, &response, &f.err));
    assert_false(found);
    read_end(tx);
    fixture_end(&f);
}

static void test_everything__is_there_after_reopening(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    RunRow run = insert_run(&f), read;
    assert_works(&f, write_with(&f, append, &(Piece){.run = run.key, .bytes = S("one"), .n = 1}));
    fixture_reopen(&f);
    assert_works(&f, write_with(&f, append, &(Piece){.run = run.key, .bytes = S("two"), .n = 1}));
    JournalBatch *batches;
    int n;
    Tx *tx = read_begin(&f);
    assert_works(&f, store_run_get(tx, &f.arena, &f.scope, 0, run.id, &read, &f.err));
    assert_works(&f, store_journal_read(tx, &f.arena, run.key, 0, 1000, &batches, &n, &f.err));
    read_end(tx);
    assert_int_equal(n, 2);
    assert_str(batches[1].bytes, "two");
    fixture_end(&f);
}

/* ---- child runs ---- */

typedef struct Family {
    Fixture *f;
    RunRow parent, children[3];
    ChildLoop loop;
} Family;

static bool insert_family(Tx *tx, void *argument, Error *err)
{
    Family *family = argument;
    RunRow *parent = &family->parent;
    *parent = run_of(family->f);
    parent->state = RUN_EXECUTING;
    parent->children_open = true;
    if (!store_run_insert(tx, parent, err))
        return false;
    for (int i = 0; i < 3; i++) {
        RunRow *child = &family->children[i];
        *child = run_of(family->f);
        child->state = i == 0 ? RUN_COMPLETED : RUN_EXECUTING;
        child->parent = child->top = parent->key;
        child->parent_run = parent->id;
        child->parent_effect = 7 + i;
        child->parent_item = 1 + i;
        child->in_pool = true;
        if (!store_run_insert(tx, child, err))
            return false;
    }
    family->loop = (ChildLoop){parent->key, 7, 1, 3, 3, 2, 1};
    return store_child_loop_put(tx, &family->loop, err);
}

static bool end_parent(Tx *tx, void *argument, Error *err)
{
    Family *family = argument;
    family->parent.state = RUN_FAILED;
    family->loop.ended = 2;
    family->children[1].in_pool = false;
    return store_run_update(tx, &family->parent, err) && store_run_update(tx, &family->children[1], err) &&
           store_child_loop_put(tx, &family->loop, err);
}

static bool forget_loop(Tx *tx, void *argument, Error *err)
{
    return store_child_loop_delete(tx, ((Family *)argument)->parent.key, err);
}

static int children_in(Fixture *f, const Scope *scope, int64_t parent, RunRow **out)
{
    PageCursor cursor = {0};
    ListEnd end;
    ListQuery query = {.cursor = &cursor, .limit = 10};
    int n;
    Tx *tx = read_begin(f);
    assert_works(f, store_run_list_children(tx, &f->arena, scope, parent, &query, out, &n, &end, &f->err));
    read_end(tx);
    return n;
}

static void test_child_runs__are_listed_with_their_parent_alone(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    Family family = {.f = &f};
    assert_works(&f, write_with(&f, insert_family, &family));
    RunRow *rows;
    assert_int_equal(children_in(&f, &f.scope, family.parent.key, &rows), 3);
    assert_int_equal(rows[1].parent_item, 2);
    assert_int_equal(rows[1].parent_effect, 8);
    assert_int_equal(rows[1].top, family.parent.key);
    assert_true(rows[1].in_pool && str_eq(rows[1].parent_run, family.parent.id));
    assert_int_equal(walk_pages(&f, NULL, 0, 10), 1);
    assert_int_equal(children_in(&f, &f.scope, 0, &rows), 0);
    Scope foreign = f.scope;
    foreign.workspace++;
    assert_int_equal(children_in(&f, &foreign, family.parent.key, &rows), 0);
    foreign = f.scope;
    foreign.organization++;
    assert_int_equal(children_in(&f, &foreign, family.parent.key, &rows), 0);
    fixture_end(&f);
}

static void test_child_loop__is_kept_until_all_have_ended(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    Family family = {.f = &f};
    assert_works(&f, write_with(&f, insert_family, &family));
    bool found;
    ChildLoop loop;
    RunRow *rows;
    int64_t *runs;
    int n;
    Tx *tx = read_begin(&f);
    assert_works(&f, store_child_loop_abandoned(tx, &f.arena, 10, &runs, &n, &f.err));
    assert_int_equal(n, 0);
    assert_works(&f, store_run_list_unfinished(tx, &f.arena, 0, 10, &rows, &n, &f.err));
    assert_int_equal(n, 2); /* the parent waits for its children */
    read_end(tx);
    assert_works(&f, write_with(&f, end_parent, &family));
    tx = read_begin(&f);
    assert_works(&f, store_child_loop_get(tx, family.parent.key, &found, &loop, &f.err));
    assert_true(found && loop.first_effect == 7 && loop.first_item == 1 && loop.total == 3 && loop.ended == 2);
    assert_works(&f, store_child_loop_abandoned(tx, &f.arena, 10, &runs, &n, &f.err));
    assert_true(n == 1 && runs[0] == family.parent.key);
    assert_works(&f, store_child_loop_open(tx, &f.arena, family.parent.key, 10, &rows, &n, &f.err));
    assert_int_equal(n, 2);
    assert_false(rows[0].in_pool && rows[1].in_pool);
    read_end(tx);
    assert_works(&f, write_with(&f, forget_loop, &family));
    tx = read_begin(&f);
    assert_works(&f, store_child_loop_get(tx, family.parent.key, &found, &loop, &f.err));
    assert_false(found);
    read_end(tx);
    fixture_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_run_get__gives_what_was_inserted),
        cmocka_unit_test(test_run_get__hides_runs_of_others),
        cmocka_unit_test(test_run_list__gives_each_run_once_newest_first),
        cmocka_unit_test(test_run_list__keeps_its_place_while_runs_come),
        cmocka_unit_test(test_run_list__answers_every_field_of_its_filter),
        cmocka_unit_test(test_run_list__refuses_a_field_it_cannot_answer),
        cmocka_unit_test(test_run_list__takes_filters_of_a_thousand_terms),
        cmocka_unit_test(test_run_list_unfinished__finds_what_should_be_going),
        cmocka_unit_test(test_run_deadlines__are_those_of_runs_that_have_not_ended),
        cmocka_unit_test(test_child_runs__are_listed_with_their_parent_alone),
        cmocka_unit_test(test_child_loop__is_kept_until_all_have_ended),
        cmocka_unit_test(test_run_update__writes_what_changes),
        cmocka_unit_test(test_snapshot__is_replaced_and_removed),
        cmocka_unit_test(test_journal__is_read_from_any_entry_on),
        cmocka_unit_test(test_effect__tells_begun_from_finished),
        cmocka_unit_test(test_effect_copy__stays_within_the_workspace),
        cmocka_unit_test(test_request__gives_back_what_was_kept),
        cmocka_unit_test(test_everything__is_there_after_reopening),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
