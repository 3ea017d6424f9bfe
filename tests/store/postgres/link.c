/* What only PostgreSQL's connection does to us: it is cut, it is somebody else's, it leads to tables of others. */
#include "store/fixture.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int64_t count_runs(Fixture *f)
{
    int64_t counts[RUN_N_STATES], sum = 0;
    Tx *tx = read_begin(f);
    assert_works(f, store_run_count_by_state(tx, counts, &f->err));
    read_end(tx);
    for (int i = 0; i < RUN_N_STATES; i++)
        sum += counts[i];
    return sum;
}

static void test_cut__is_mended_before_the_next_transaction(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    insert_run(&f);
    schema_cut_connections();
    usleep(100 * 1000); /* until the news has reached this end */
    insert_run(&f);
    assert_int_equal(count_runs(&f), 2);
    fixture_end(&f);
}

static bool insert_around_a_cut(Tx *tx, void *argument, Error *err)
{
    RunRow first = run_of(argument), second = run_of(argument);
    if (!store_run_insert(tx, &first, err))
        return false;
    schema_cut_connections();
    return store_run_insert(tx, &second, err);
}

static void test_cut__within_a_transaction_undoes_it(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    assert_refused(&f, UNAVAILABLE, write_with(&f, insert_around_a_cut, &f));
    assert_non_null(strstr(f.err.message, "PostgreSQL"));
    StoreHealth health = {0};
    for (int i = 0; i < 200 && !health.writable; i++) { /* the store tries by itself */
        usleep(50 * 1000);
        store_health(f.store, &health);
    }
    assert_true(health.writable);
    assert_int_equal(count_runs(&f), 0);
    insert_run(&f);
    assert_int_equal(count_runs(&f), 1);
    fixture_end(&f);
}

/* ---- a process that stands still in its turn ---- */

enum { STANDS_STILL_MS = 3000, LEASE_S = 2 };

typedef struct Still {
    Fixture *f;
    int tries;
    _Atomic bool stands, thrown_out;
} Still;

static void *look_for_its_end(void *argument)
{
    Still *still = argument;
    const char *held = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'clerkwork' AND xact_start IS "
                       "NOT NULL";
    while (!atomic_load(&still->stands))
        usleep(1000);
    while (atomic_load(&still->stands)) {
        bool ended = schema_ask(NULL, held) == 0;
        if (ended && atomic_load(&still->stands))
            atomic_store(&still->thrown_out, true);
        usleep(50 * 1000);
    }
    return NULL;
}

static bool stand_still(Tx *tx, void *argument, Error *err)
{
    Still *still = argument;
    RunRow run = run_of(still->f);
    if (!store_run_insert(tx, &run, err))
        return false;
    for (int i = 0; i < 60; i++) { /* nobody waits for these answers */
        if (!store_snapshot_put(tx, run.key, S("snapshot"), i, err))
            return false;
    }
    if (still->tries++ > 0)
        return true;
    atomic_store(&still->stands, true);
    usleep(STANDS_STILL_MS * 1000);
    atomic_store(&still->stands, false);
    return true;
}

static void test_turn__ends_for_one_that_stands_still(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    fixture_close(&f);
    StoreOptions options = fixture_options(&f);
    options.shared = true;
    options.lease_s = LEASE_S;
    assert_works(&f, store_open(&options, &f.store, &f.err));
    assert_works(&f, store_reader_open(f.store, &f.reader, &f.err));
    Still still = {.f = &f};
    pthread_t looker;
    pthread_create(&looker, NULL, look_for_its_end, &still);
    bool written = write_with(&f, stand_still, &still);
    pthread_join(looker, NULL);
    assert_true(atomic_load(&still.thrown_out));
    assert_int_equal(count_runs(&f), written ? 1 : 0);
    fixture_end(&f);
}

enum { MANY_RUNS = 2000 };

static bool insert_many(Tx *tx, void *argument, Error *err)
{
    for (int i = 0; i < MANY_RUNS; i++) {
        RunRow run = run_of(argument);
        if (!store_run_insert(tx, &run, err))
            return false;
    }
    return true;
}

/* Without it PostgreSQL would go on reading a table of thousands as it did when it was empty: by any index. */
static void test_growth__is_told_to_the_planner(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    assert_works(&f, write_with(&f, insert_many, &f));
    const char *known = "SELECT reltuples FROM pg_class WHERE oid = 'run'::regclass";
    long long rows = 0;
    for (int i = 0; i < 600 && rows < MANY_RUNS; i++) {
        usleep(50 * 1000);
        rows = schema_ask(f.database, known);
    }
    assert_true(rows >= MANY_RUNS);
    fixture_end(&f);
}

enum { HAMMERS = 4, BLOWS = 60, CUTS = 12 };

typedef struct Hammer {
    Fixture *f;
    _Atomic int acknowledged, refused, unknown;
} Hammer;

typedef struct Blow {
    Command command;
    Fixture *f;
    Id id;
} Blow;

static bool blow_apply(Tx *tx, Command *command, Error *err)
{
    Blow *blow = (Blow *)command;
    /* A fresh id at each try, as handlers do: a commit that was carried out twice would leave two rows. */
    blow->id = id_new();
    RunRow run = {.scope = blow->f->scope, .id = id_str(&blow->id), .inputs = S("{}")};
    return store_run_insert(tx, &run, err);
}

static void *hammer_main(void *argument)
{
    Hammer *hammer = argument;
    for (int i = 0; i < BLOWS; i++) {
        Blow blow = {.command = {.apply = blow_apply}, .f = hammer->f};
        Error err = {0};
        if (store_execute(hammer->f->store, &blow.command, &err))
            atomic_fetch_add(&hammer->acknowledged, 1);
        else if (err.code != UNAVAILABLE)
            fail_msg("%s: %s", error_code_name(err.code), err.message);
        else if (strstr(err.message, "look whether"))
            atomic_fetch_add(&hammer->unknown, 1);
        else
            atomic_fetch_add(&hammer->refused, 1);
        usleep(2000);
    }
    return NULL;
}

static void test_cut__again_and_again_loses_and_doubles_nothing(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    Hammer hammer = {.f = &f};
    pthread_t threads[HAMMERS];
    for (int i = 0; i < HAMMERS; i++)
        pthread_create(&threads[i], NULL, hammer_main, &hammer);
    for (int i = 0; i < CUTS; i++) {
        usleep(30 * 1000);
        schema_cut_connections();
    }
    for (int i = 0; i < HAMMERS; i++)
        pthread_join(threads[i], NULL);
    int64_t kept = -1;
    for (int i = 0; i < 100 && kept < 0; i++) { /* the reader, too, was cut */
        Tx *tx = NULL;
        int64_t counts[RUN_N_STATES];
        if (!tx_begin_read(f.reader, &tx, &f.err)) {
            usleep(50 * 1000);
            continue;
        }
        if (store_run_count_by_state(tx, counts, &f.err))
            kept = counts[RUN_PENDING];
        tx_end(tx);
    }
    int acknowledged = atomic_load(&hammer.acknowledged), unknown = atomic_load(&hammer.unknown);
    assert_int_equal(acknowledged + unknown + atomic_load(&hammer.refused), HAMMERS * BLOWS);
    assert_true(acknowledged > 0);
    assert_true(kept >= acknowledged && kept <= acknowledged + unknown);
    fixture_end(&f);
}

static void test_open__refuses_a_second_writer_of_the_database(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin(&f);
    char other[] = "/tmp/clerkwork-store-XXXXXX";
    assert_non_null(mkdtemp(other));
    StoreOptions options = fixture_options(&f);
    options.location = str_from_c(other);
    Store *second = NULL;
    assert_refused(&f, FAILED_PRECONDITION, store_open(&options, &second, &f.err));
    assert_non_null(strstr(f.err.message, "another clerkwork"));
    remove_folder(other);
    fixture_end(&f);
}

static void test_open__leaves_a_newer_version_untouched(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    fixture_close(&f);
    schema_ask(f.database, "INSERT INTO schema_version (version) VALUES (999)");
    StoreOptions options = fixture_options(&f);
    assert_refused(&f, FAILED_PRECONDITION, store_open(&options, &f.store, &f.err));
    assert_non_null(strstr(f.err.message, "newer clerkwork"));
    assert_int_equal(schema_ask(f.database, "SELECT count(*) FROM workspace"), 1);
    schema_ask(f.database, "DELETE FROM schema_version WHERE version = 999");
    fixture_open(&f);
    fixture_end(&f);
}

static void test_open__refuses_tables_of_another_program(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin(&f);
    fixture_close(&f);
    schema_ask(f.database, "ALTER TABLE schema_version RENAME TO their_version");
    StoreOptions options = fixture_options(&f);
    assert_refused(&f, FAILED_PRECONDITION, store_open(&options, &f.store, &f.err));
    schema_ask(f.database, "ALTER TABLE their_version RENAME TO schema_version");
    fixture_open(&f);
    fixture_end(&f);
}

static void test_open__never_tells_the_password(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        ErrorCode code;
    } rows[] = {
        {"postgresql://ada:geheim@127.0.0.1:1/none", UNAVAILABLE},
        {"postgresql://ada:geheim%zz@127.0.0.1:1/none", INVALID_ARGUMENT},
        {"postgresql://ada:geheim@127.0.0.1:1/none?geheim=1", INVALID_ARGUMENT},
        {"mysql://ada:geheim@127.0.0.1/none", INVALID_ARGUMENT},
    };
    char directory[] = "/tmp/clerkwork-store-XXXXXX";
    assert_non_null(mkdtemp(directory));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Store *store = NULL;
        Error err = {0};
        const StoreOptions options = {.location = str_from_c(directory), .database = str_from_c(rows[i].url)};
        assert_false(store_open(&options, &store, &err));
        assert_int_equal(err.code, rows[i].code);
        assert_string_equal(err.field, "database");
        assert_null(strstr(err.message, "geheim"));
    }
    remove_folder(directory);
}

static bool name_with_null(Tx *tx, void *argument, Error *err)
{
    (void)argument;
    User user = {.id = S("u0"), .display_name = S("A\0B"), .email = S("null@example.com")};
    return store_user_create(tx, &user, err);
}

static void test_text__with_a_null_is_refused_in_words(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin(&f);
    assert_refused(&f, INVALID_ARGUMENT, write_with(&f, name_with_null, NULL));
    fixture_end(&f);
}

int main(void)
{
    if (!schema_wanted())
        return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cut__is_mended_before_the_next_transaction),
        cmocka_unit_test(test_cut__within_a_transaction_undoes_it),
        cmocka_unit_test(test_turn__ends_for_one_that_stands_still),
        cmocka_unit_test(test_growth__is_told_to_the_planner),
        cmocka_unit_test(test_cut__again_and_again_loses_and_doubles_nothing),
        cmocka_unit_test(test_open__refuses_a_second_writer_of_the_database),
        cmocka_unit_test(test_open__leaves_a_newer_version_untouched),
        cmocka_unit_test(test_open__refuses_tables_of_another_program),
        cmocka_unit_test(test_open__never_tells_the_password),
        cmocka_unit_test(test_text__with_a_null_is_refused_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
