/* Processes that share a database: numbers, leases, whose the runs are, and what they tell each other. */
#include "store/lease.h"

#include "store/fixture.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

/* Two stores of one database stand for two processes; with no thread that renews it, a lease runs out. */
typedef struct Pair {
    Fixture one, other;
} Pair;

static void share(Fixture *f, int lease_s)
{
    StoreOptions options = fixture_options(f);
    options.shared = true;
    options.lease_s = lease_s;
    assert_works(f, store_open(&options, &f->store, &f->err));
    assert_works(f, store_reader_open(f->store, &f->reader, &f->err));
}

static bool pair_begin(Pair *pair, int lease_s)
{
    if (!schema_wanted()) /* SQLite serves one process */
        return false;
    fixture_begin_tenant(&pair->one);
    fixture_close(&pair->one);
    share(&pair->one, lease_s);
    pair->other = pair->one;
    pair->other.arena = (Arena){0};
    share(&pair->other, lease_s);
    return true;
}

static void pair_end(Pair *pair)
{
    store_reader_close(pair->other.reader);
    store_close(pair->other.store);
    arena_done(&pair->other.arena);
    fixture_end(&pair->one);
}

typedef struct Claim {
    int64_t now_us, keys[8], node, run;
    int n, limit;
} Claim;

static bool claim(Tx *tx, void *argument, Error *err)
{
    Claim *work = argument;
    return tx_node(tx, &work->node, err) &&
           store_run_claim(tx, work->now_us, work->limit ? work->limit : 8, work->keys, &work->n, err);
}

static bool bury(Tx *tx, void *argument, Error *err)
{
    return store_node_bury(tx, argument, err);
}

static bool update(Tx *tx, void *argument, Error *err)
{
    return store_run_update(tx, argument, err);
}

static int64_t node_of(Fixture *f, int64_t key)
{
    RunRow row;
    Tx *tx = read_begin(f);
    assert_works(f, store_run_get_by_key(tx, &f->arena, key, &row, &f->err));
    read_end(tx);
    return row.node;
}

static void test_store__is_one_process_alone_unless_it_is_shared(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    Claim work = {0};
    insert_run(&f);
    assert_works(&f, write_with(&f, claim, &work));
    assert_int_equal(work.node, 0);
    assert_int_equal(work.n, 0); /* nothing has to be claimed: there is nobody else */
    assert_false(store_is_shared(f.store));
    assert_true(store_leads(f.store) && store_lease_holds(f.store, 0));
    Tx *tx = read_begin(&f);
    RunRow *rows;
    int n;
    assert_works(&f, store_run_list_unfinished(tx, &f.arena, 0, 10, &rows, &n, &f.err));
    assert_int_equal(n, 1);
    read_end(tx);
    fixture_end(&f);
}

static void test_open__shares_no_sqlite(void **state)
{
    (void)state;
    if (schema_wanted())
        return;
    Fixture f;
    fixture_begin(&f);
    fixture_close(&f);
    StoreOptions options = fixture_options(&f);
    options.shared = true;
    assert_refused(&f, INVALID_ARGUMENT, store_open(&options, &f.store, &f.err));
    fixture_open(&f);
    fixture_end(&f);
}

static void test_open__lets_in_only_those_that_share(void **state)
{
    (void)state;
    Pair pair;
    if (!pair_begin(&pair, 10))
        return;
    assert_true(store_node(pair.one.store) > 0 && store_node(pair.other.store) > store_node(pair.one.store));
    Store *alone;
    StoreOptions options = fixture_options(&pair.one);
    char elsewhere[] = "/tmp/clerkwork-store-XXXXXX";
    assert_non_null(mkdtemp(elsewhere));
    options.location = str_from_c(elsewhere); /* the folder's own lock is not what refuses it */
    assert_refused(&pair.one, FAILED_PRECONDITION, store_open(&options, &alone, &pair.one.err));
    assert_non_null(strstr(pair.one.err.message, "processes = many"));
    remove_folder(elsewhere);
    pair_end(&pair);
}

typedef struct Inserts {
    Fixture *f;
    int64_t keys[50];
    int n;
} Inserts;

static bool insert_some(Tx *tx, void *argument, Error *err)
{
    Inserts *inserts = argument;
    for (int i = 0; i < inserts->n; i++) {
        RunRow run = run_of(inserts->f);
        if (!store_run_insert(tx, &run, err))
            return false;
        inserts->keys[i] = run.key;
    }
    return true;
}

/* Lists and streams go by the key: what is written later stands behind what was there. */
static void test_keys__grow_from_commit_to_commit(void **state)
{
    (void)state;
    static const int many[] = {3, 1, 50, 1, 1, 2, 40, 5, 7, 1};
    Pair pair;
    if (!pair_begin(&pair, 10))
        return;
    int64_t last = 0;
    for (size_t i = 0; i < COUNT_OF(many); i++) {
        Inserts inserts = {.f = i % 2 ? &pair.other : &pair.one, .n = many[i]};
        assert_works(inserts.f, write_with(inserts.f, insert_some, &inserts));
        for (int j = 0; j < inserts.n; j++) {
            assert_true(inserts.keys[j] > last);
            last = inserts.keys[j];
        }
    }
    pair_end(&pair);
}

static void test_claim__is_made_once(void **state)
{
    (void)state;
    Pair pair;
    if (!pair_begin(&pair, 10))
        return;
    int64_t now_us = clock_now_us();
    RunRow going = insert_run(&pair.one), due = insert_run(&pair.one), later = insert_run(&pair.one);
    due.timer_parked = later.timer_parked = true;
    due.state = later.state = RUN_EXECUTING;
    due.timer_us = now_us - 1;
    later.timer_us = now_us + 3600LL * 1000000;
    assert_works(&pair.one, write_with(&pair.one, update, &due));
    assert_works(&pair.one, write_with(&pair.one, update, &later));
    Claim first = {.now_us = now_us, .limit = 1}, second = {.now_us = now_us}, third = {.now_us = now_us};
    assert_works(&pair.one, write_with(&pair.one, claim, &first));
    assert_works(&pair.other, write_with(&pair.other, claim, &second));
    assert_works(&pair.one, write_with(&pair.one, claim, &third));
    assert_int_equal(first.n, 1);
    assert_int_equal(first.keys[0], due.key);
    assert_int_equal(second.n, 1);
    assert_int_equal(second.keys[0], going.key);
    assert_int_equal(third.n, 0);
    assert_int_equal(node_of(&pair.other, due.key), store_node(pair.one.store));
    assert_int_equal(node_of(&pair.other, going.key), store_node(pair.other.store));
    assert_int_equal(node_of(&pair.other, later.key), 0);
    pair_end(&pair);
}

static void test_bury__frees_the_runs_of_who_was_not_heard_of(void **state)
{
    (void)state;
    Pair pair;
    if (!pair_begin(&pair, 1))
        return;
    RunRow run = insert_run(&pair.one);
    Claim mine = {0}, theirs = {0};
    assert_works(&pair.one, write_with(&pair.one, claim, &mine));
    assert_int_equal(mine.n, 1);
    int64_t lost = store_node(pair.one.store);
    int n = 0;
    usleep(1100 * 1000); /* both have run out */
    assert_false(store_lease_holds(pair.one.store, lost));
    assert_false(store_leads(pair.one.store));
    assert_works(&pair.other, write_with(&pair.other, bury, &n));
    assert_int_equal(n, 2);
    assert_int_equal(node_of(&pair.one, run.key), 0);
    /* Under a buried number nothing can be taken up. */
    assert_works(&pair.one, write_with(&pair.one, claim, &theirs));
    assert_int_equal(theirs.node, 0);
    assert_int_equal(theirs.n, 0);
    pair_end(&pair);
}

typedef struct Ear {
    _Atomic int news[NEWS_N];
    _Atomic int64_t key;
    _Atomic int beats, leads;
} Ear;

static int64_t ear_now(void *self)
{
    (void)self;
    return clock_now_us();
}

static void ear_news(void *self, News news, int64_t key)
{
    Ear *ear = self;
    atomic_store(&ear->key, key);
    atomic_fetch_add(&ear->news[news], 1);
}

static void ear_beat(void *self, const LeaseBeat *beat)
{
    Ear *ear = self;
    atomic_fetch_add(&ear->beats, 1);
    atomic_fetch_add(&ear->leads, beat->leads);
}

static void wait_for(_Atomic int *count, int least)
{
    for (int i = 0; i < 500 && atomic_load(count) < least; i++)
        usleep(20 * 1000);
    assert_true(atomic_load(count) >= least);
}

static bool tell(Tx *tx, void *argument, Error *err)
{
    for (int64_t i = 0; i < *(const int64_t *)argument; i++)
        tx_tell(tx, NEWS_RUN_CHANGED, 1000000 + i);
    int64_t counts[RUN_N_STATES];
    return store_run_count_by_state(tx, counts, err); /* a transaction that says nothing is none */
}

static void test_news__reach_the_other_process_alone(void **state)
{
    (void)state;
    Pair pair;
    if (!pair_begin(&pair, 3))
        return;
    Ear one = {0}, other = {0};
    LeaseListener to_one = {&one, ear_now, ear_news, ear_beat}, to_other = {&other, ear_now, ear_news, ear_beat};
    assert_works(&pair.one, store_lease_start(pair.one.store, &to_one, &pair.one.err));
    assert_works(&pair.other, store_lease_start(pair.other.store, &to_other, &pair.other.err));
    wait_for(&one.beats, 1);
    wait_for(&other.news[NEWS_MISSED], 1); /* what was told before it listened */
    wait_for(&other.beats, 1);
    assert_true(atomic_load(&one.leads) > 0);
    assert_int_equal(atomic_load(&other.leads), 0);
    assert_works(&pair.one, write_with(&pair.one, tell, &(int64_t){1}));
    wait_for(&other.news[NEWS_RUN_CHANGED], 1);
    assert_int_equal(atomic_load(&other.key), 1000000);
    /* More than fits into one message: anything may have changed. */
    assert_works(&pair.one, write_with(&pair.one, tell, &(int64_t){5000}));
    wait_for(&other.news[NEWS_MISSED], 2);
    assert_int_equal(atomic_load(&one.news[NEWS_RUN_CHANGED]), 0);
    /* Cut off, it listens anew and says so. */
    schema_cut_connections();
    wait_for(&other.news[NEWS_MISSED], 3);
    int beats = atomic_load(&other.beats);
    wait_for(&other.beats, beats + 2);
    pair_end(&pair);
}

static bool revoke_token(Tx *tx, void *argument, Error *err)
{
    return store_token_delete(tx, ((Token *)argument)->user, ((Token *)argument)->id, err);
}

static bool make_token(Tx *tx, void *argument, Error *err)
{
    return store_token_create(tx, argument, 10, err);
}

static uint64_t generation_of(Fixture *f)
{
    Tx *tx = read_begin(f);
    uint64_t generation = tx_tenancy_generation(tx);
    read_end(tx);
    return generation;
}

static void test_tenancy__counts_what_other_processes_change(void **state)
{
    (void)state;
    Pair pair;
    if (!pair_begin(&pair, 10))
        return;
    Token token = {.user = pair.one.user.key, .id = new_id(&pair.one), .hash = {1}};
    uint64_t before = generation_of(&pair.other);
    assert_works(&pair.one, write_with(&pair.one, make_token, &token));
    uint64_t made = generation_of(&pair.other);
    assert_true(before > 0 && made > before);
    assert_works(&pair.one, write_with(&pair.one, revoke_token, &token));
    assert_true(generation_of(&pair.other) > made);
    assert_int_equal(generation_of(&pair.one), generation_of(&pair.other));
    pair_end(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_store__is_one_process_alone_unless_it_is_shared),
        cmocka_unit_test(test_open__shares_no_sqlite),
        cmocka_unit_test(test_open__lets_in_only_those_that_share),
        cmocka_unit_test(test_keys__grow_from_commit_to_commit),
        cmocka_unit_test(test_claim__is_made_once),
        cmocka_unit_test(test_bury__frees_the_runs_of_who_was_not_heard_of),
        cmocka_unit_test(test_news__reach_the_other_process_alone),
        cmocka_unit_test(test_tenancy__counts_what_other_processes_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
