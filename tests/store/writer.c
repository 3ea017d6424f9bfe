/* Tests of src/store/writer.c: what is acknowledged is there, what is refused is not, whoever submits and however many
 * at once. */
#include "store/fixture.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/role.h"

enum { SUBMITTERS = 8, COMMANDS_MOST = 2000 };

/* PostgreSQL takes a round trip a statement. */
static int commands_each(void)
{
    return schema_wanted() ? 100 : COMMANDS_MOST;
}

typedef struct Insert {
    Command command;
    const Fixture *f;
    Id id;
    bool refuse; /* after having written */
    bool ok;
    ErrorCode code;
    int64_t now_us;
    _Atomic int *pending;
} Insert;

static bool insert_apply(Tx *tx, Command *command, Error *err)
{
    Insert *insert = (Insert *)command;
    insert->now_us = tx_now_us(tx);
    RunRow run = {.scope = insert->f->scope,
                  .id = id_str(&insert->id),
                  .automation = insert->f->automation.key,
                  .inputs = S("{}")};
    if (!store_run_insert(tx, &run, err) || !store_journal_append(tx, run.key, S("entry"), 1, err))
        return false;
    return !insert->refuse || error_set(err, FAILED_PRECONDITION, "", "refused on purpose");
}

static void insert_done(Command *command, bool ok, const Error *err)
{
    Insert *insert = (Insert *)command;
    insert->ok = ok;
    insert->code = ok ? OK : err->code;
    atomic_fetch_sub(insert->pending, 1);
}

static void wait_for(_Atomic int *pending)
{
    while (atomic_load(pending) > 0)
        sched_yield();
}

static void prepare(Fixture *f, Insert *inserts, int n, _Atomic int *pending)
{
    atomic_fetch_add(pending, n);
    for (int i = 0; i < n; i++)
        inserts[i] = (Insert){.command = {.apply = insert_apply, .done = insert_done},
                              .f = f,
                              .id = id_new(),
                              .refuse = i % 7 == 3,
                              .pending = pending};
}

static void assert_kept(Fixture *f, const Insert *insert)
{
    RunRow run;
    Error err;
    Tx *tx = read_begin(f);
    bool found = store_run_get(tx, &f->arena, &f->scope, 0, id_str(&insert->id), &run, &err);
    read_end(tx);
    assert_int_equal(found, insert->ok);
    assert_int_equal(insert->ok, !insert->refuse);
    if (!found)
        assert_int_equal(insert->code, FAILED_PRECONDITION);
    arena_reset(&f->arena);
}

typedef struct Submitter {
    Fixture *f;
    Insert *inserts;
    _Atomic int pending;
} Submitter;

static void *submit_all(void *argument)
{
    Submitter *submitter = argument;
    prepare(submitter->f, submitter->inserts, commands_each(), &submitter->pending);
    for (int i = 0; i < commands_each(); i++)
        store_submit(submitter->f->store, &submitter->inserts[i].command);
    wait_for(&submitter->pending);
    return NULL;
}

static void test_submit__keeps_what_it_acknowledges_from_many_threads(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    f.automation.id = S("");
    Submitter submitters[SUBMITTERS];
    pthread_t threads[SUBMITTERS];
    for (int i = 0; i < SUBMITTERS; i++) {
        submitters[i] = (Submitter){.f = &f, .inserts = calloc(COMMANDS_MOST, sizeof(Insert))};
        pthread_create(&threads[i], NULL, submit_all, &submitters[i]);
    }
    for (int i = 0; i < SUBMITTERS; i++)
        pthread_join(threads[i], NULL);
    StoreCounters counters;
    store_counters(f.store, &counters);
    assert_true(counters.commands >= (uint64_t)(SUBMITTERS * commands_each()));
    assert_true(counters.commits < (uint64_t)(SUBMITTERS * commands_each()) / 2); /* they went in groups */
    fixture_reopen(&f);
    for (int i = 0; i < SUBMITTERS; i++) {
        for (int c = 0; c < commands_each(); c++)
            assert_kept(&f, &submitters[i].inserts[c]);
        free(submitters[i].inserts);
    }
    fixture_end(&f);
}

/* The first command holds the writer up until all others wait, so that they surely make one batch. */
typedef struct Holder {
    Command command;
    _Atomic bool held, let_go;
} Holder;

static bool holder_apply(Tx *tx, Command *command, Error *err)
{
    (void)tx, (void)err;
    Holder *holder = (Holder *)command;
    atomic_store(&holder->held, true);
    while (!atomic_load(&holder->let_go))
        sched_yield();
    return true;
}

static void hold(Fixture *f, Holder *holder)
{
    *holder = (Holder){.command = {.apply = holder_apply}};
    store_submit(f->store, &holder->command);
    while (!atomic_load(&holder->held))
        sched_yield();
}

static void test_batch__refuses_one_without_undoing_others(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    Holder holder;
    Insert inserts[30];
    _Atomic int pending = 0;
    StoreCounters before, after;
    hold(&f, &holder);
    store_counters(f.store, &before);
    prepare(&f, inserts, 30, &pending);
    for (int i = 0; i < 30; i++)
        store_submit(f.store, &inserts[i].command);
    atomic_store(&holder.let_go, true);
    wait_for(&pending);
    store_counters(f.store, &after);
    assert_true(after.commits - before.commits <= 2); /* the holder's and one for all thirty */
    for (int i = 0; i < 30; i++) {
        assert_true(i == 0 || inserts[i].now_us > inserts[i - 1].now_us);
        assert_kept(&f, &inserts[i]);
    }
    fixture_end(&f);
}

/* What is known only after the statement was carried out: whoever waits for it as little as the database allows must
 * still tell the right one, and in the words of the place that knows. */
typedef struct Late {
    Command command;
    Fixture *f;
    enum { LATE_INSERTS, LATE_TAKEN, LATE_NOWHERE } kind;
    Id id;
    RoleRow role;
    bool ok;
    Error err;
    _Atomic int *pending;
} Late;

static bool late_apply(Tx *tx, Command *command, Error *err)
{
    Late *late = (Late *)command;
    RunRow run = run_of(late->f);
    run.id = id_str(&late->id);
    if (late->kind == LATE_INSERTS)
        return store_run_insert(tx, &run, err);
    if (late->kind == LATE_TAKEN)
        return store_run_insert(tx, &run, err) && store_role_update(tx, &late->role, err);
    run.key = INT64_C(1) << 38;
    return store_run_update(tx, &run, err);
}

static void late_done(Command *command, bool ok, const Error *err)
{
    Late *late = (Late *)command;
    late->ok = ok;
    if (!ok)
        late->err = *err;
    atomic_fetch_sub(late->pending, 1);
}

typedef struct TwoRoles {
    Fixture *f;
    RoleRow rows[2];
} TwoRoles;

static bool make_roles(Tx *tx, void *argument, Error *err)
{
    TwoRoles *roles = argument;
    roles->rows[0] = (RoleRow){.id = S("one"), .title = S("One")};
    roles->rows[1] = (RoleRow){.id = S("two"), .title = S("Two")};
    return store_role_create(tx, &roles->f->scope, &roles->rows[0], err) &&
           store_role_create(tx, &roles->f->scope, &roles->rows[1], err);
}

static void assert_told(Fixture *f, const Late *late)
{
    RunRow run;
    Error err;
    Tx *tx = read_begin(f);
    assert_int_equal(store_run_get(tx, &f->arena, &f->scope, 0, id_str(&late->id), &run, &err),
                     late->kind == LATE_INSERTS);
    read_end(tx);
    assert_int_equal(late->ok, late->kind == LATE_INSERTS);
    if (late->kind == LATE_TAKEN) {
        assert_int_equal(late->err.code, ALREADY_EXISTS);
        assert_string_equal(late->err.field, "title");
        assert_non_null(strstr(late->err.message, "\"One\""));
    } else if (late->kind == LATE_NOWHERE) {
        assert_int_equal(late->err.code, NOT_FOUND);
        assert_non_null(strstr(late->err.message, str_to_c(&f->arena, id_str(&late->id))));
    }
}

static void write_one_batch(Fixture *f, Late *lates, int n)
{
    Holder holder;
    _Atomic int pending = n;
    StoreCounters before, after;
    hold(f, &holder);
    store_counters(f->store, &before);
    for (int i = 0; i < n; i++) {
        lates[i].pending = &pending;
        store_submit(f->store, &lates[i].command);
    }
    atomic_store(&holder.let_go, true);
    wait_for(&pending);
    store_counters(f->store, &after);
    assert_true(after.commits - before.commits <= 2); /* the holder's and one for all of them */
}

static void test_batch__tells_each_its_own_refusal(void **state)
{
    (void)state;
    enum { N = 5 };
    Fixture f;
    fixture_begin_tenant(&f);
    TwoRoles roles = {.f = &f};
    assert_works(&f, write_with(&f, make_roles, &roles));
    roles.rows[1].title = S("One");
    for (int set = 0; set < 2 << N; set++) { /* of those that are refused; the last one is told before the commit */
        Late lates[N];
        for (int i = 0; i < N; i++)
            lates[i] = (Late){.command = {.apply = late_apply, .done = late_done},
                              .f = &f,
                              .kind = set >> i & 1 ? LATE_TAKEN + (i + (set >> N)) % 2 : LATE_INSERTS,
                              .id = id_new(),
                              .role = roles.rows[1]};
        write_one_batch(&f, lates, N);
        for (int i = 0; i < N; i++)
            assert_told(&f, &lates[i]);
    }
    fixture_end(&f);
}

static bool change_and_refuse(Tx *tx, void *argument, Error *err)
{
    Fixture *f = argument;
    RunRow missing = {.scope = f->scope, .key = 12345678, .id = S("missing")};
    return store_run_update(tx, &missing, err) && error_set(err, CANCELLED, "", "only validated");
}

/* Whoever validates alone is told what would go wrong, even where the database answers later. */
static void test_refusal__tells_what_went_wrong_before_it(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    assert_refused(&f, NOT_FOUND, write_with(&f, change_and_refuse, &f));
    fixture_end(&f);
}

static void test_close__finishes_what_was_submitted(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    Holder holder;
    Insert inserts[30];
    _Atomic int pending = 0;
    hold(&f, &holder);
    prepare(&f, inserts, 30, &pending);
    for (int i = 0; i < 30; i++)
        store_submit(f.store, &inserts[i].command);
    atomic_store(&holder.let_go, true);
    fixture_reopen(&f); /* closes first */
    assert_int_equal(atomic_load(&pending), 0);
    for (int i = 0; i < 30; i++)
        assert_kept(&f, &inserts[i]);
    fixture_end(&f);
}

static int executions_each(void)
{
    return schema_wanted() ? 20 : 200;
}

static void *execute_some(void *argument)
{
    Submitter *submitter = argument;
    for (int i = 0; i < executions_each(); i++) {
        Insert *insert = &submitter->inserts[i];
        Error err = {0};
        *insert = (Insert){.command = {.apply = insert_apply}, .f = submitter->f, .id = id_new(), .refuse = i % 5 == 0};
        insert->ok = store_execute(submitter->f->store, &insert->command, &err);
        insert->code = err.code;
    }
    return NULL;
}

static void test_execute__answers_each_of_many_threads(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    Submitter submitters[SUBMITTERS];
    pthread_t threads[SUBMITTERS];
    for (int i = 0; i < SUBMITTERS; i++) {
        submitters[i] = (Submitter){.f = &f, .inserts = calloc(200, sizeof(Insert))};
        pthread_create(&threads[i], NULL, execute_some, &submitters[i]);
    }
    for (int i = 0; i < SUBMITTERS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < SUBMITTERS; i++) {
        for (int c = 0; c < executions_each(); c++)
            assert_kept(&f, &submitters[i].inserts[c]);
        free(submitters[i].inserts);
    }
    fixture_end(&f);
}

/* ---- readers ---- */

static void test_reader__sees_one_state_until_its_end(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    Tx *tx = read_begin(&f);
    RunRow before, run;
    assert_refused(&f, NOT_FOUND, store_run_get(tx, &f.arena, &f.scope, 0, S("x"), &before, &f.err));
    RunRow written = insert_run(&f);
    assert_refused(&f, NOT_FOUND, store_run_get(tx, &f.arena, &f.scope, 0, written.id, &run, &f.err));
    read_end(tx);
    tx = read_begin(&f);
    assert_works(&f, store_run_get(tx, &f.arena, &f.scope, 0, written.id, &run, &f.err));
    read_end(tx);
    fixture_end(&f);
}

static bool insert_thousand(Tx *tx, void *argument, Error *err)
{
    Fixture *f = argument;
    for (int i = 0; i < (schema_wanted() ? 200 : 5000); i++) {
        RunRow run = run_of(f);
        if (!store_run_insert(tx, &run, err))
            return false;
    }
    return true;
}

static void test_reader__stops_at_its_deadline(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    assert_works(&f, write_with(&f, insert_thousand, &f));
    ListQuery query = {.limit = 10, .filter = filter_text(&f, "version", 64, "nothing"), .want_total = true};
    RunRow *rows;
    int n;
    ListEnd end;
    store_reader_deadline(f.reader, clock_monotonic_us() - 1);
    Tx *tx = read_begin(&f);
    assert_refused(&f, DEADLINE_EXCEEDED, store_run_list(tx, &f.arena, &f.scope, 0, &query, &rows, &n, &end, &f.err));
    read_end(tx);
    store_reader_deadline(f.reader, 0);
    tx = read_begin(&f);
    assert_works(&f, store_run_list(tx, &f.arena, &f.scope, 0, &query, &rows, &n, &end, &f.err));
    read_end(tx);
    fixture_end(&f);
}

static void test_secret__stays_the_same(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin(&f);
    unsigned char first[32], second[32], zero[32] = {0};
    Tx *tx = read_begin(&f);
    assert_works(&f, store_secret(tx, first, &f.err));
    read_end(tx);
    fixture_reopen(&f);
    tx = read_begin(&f);
    assert_works(&f, store_secret(tx, second, &f.err));
    read_end(tx);
    assert_memory_equal(first, second, 32);
    assert_memory_not_equal(first, zero, 32);
    StoreHealth health;
    store_health(f.store, &health);
    assert_true(health.writable);
    assert_string_equal(health.problem, "");
    assert_string_equal(health.synchronous, "full");
    assert_true(health.schema_version >= 1);
    fixture_end(&f);
}

static void test_open__refuses_a_second_process(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin(&f);
    Store *second = NULL;
    const StoreOptions options = fixture_options(&f);
    assert_refused(&f, FAILED_PRECONDITION, store_open(&options, &second, &f.err));
    assert_non_null(strstr(f.err.message, "another clerkwork"));
    assert_null(second);
    fixture_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_submit__keeps_what_it_acknowledges_from_many_threads),
        cmocka_unit_test(test_batch__refuses_one_without_undoing_others),
        cmocka_unit_test(test_batch__tells_each_its_own_refusal),
        cmocka_unit_test(test_refusal__tells_what_went_wrong_before_it),
        cmocka_unit_test(test_close__finishes_what_was_submitted),
        cmocka_unit_test(test_execute__answers_each_of_many_threads),
        cmocka_unit_test(test_reader__sees_one_state_until_its_end),
        cmocka_unit_test(test_reader__stops_at_its_deadline),
        cmocka_unit_test(test_secret__stays_the_same),
        cmocka_unit_test(test_open__refuses_a_second_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
