/* A run's rows, kept as one once nobody writes to them any more, read as they were. */
#include "store/bundle.h"

#include "store/fixture.h"
#include "store/internal.h"

typedef struct Piece {
    int64_t run;
    Str bytes;
    int32_t n;
    int64_t number;
    EffectRow effect;
    const char *sql;
    int64_t from;
    Scope scope;
    int64_t now_us; /* of the command; 0: what it is */
} Piece;

static bool append(Tx *tx, void *argument, Error *err)
{
    const Piece *work = argument;
    if (work->now_us != 0)
        tx->now_us = work->now_us;
    return store_journal_append(tx, work->run, work->bytes, work->n, err);
}

static bool close_journal(Tx *tx, void *argument, Error *err)
{
    const Piece *work = argument;
    if (work->now_us != 0)
        tx->now_us = work->now_us;
    return store_journal_close(tx, work->run, work->bytes, work->n, err);
}

static int64_t ask(Fixture *f, const char *sql, int64_t run)
{
    Tx *tx = read_begin(f);
    int64_t number = 0;
    bool found;
    Query query = {0};
    assert_works(f, query_open(&query, tx->database, sql, &f->err));
    bind_i64(&query, run);
    assert_works(f, query_one_i64(&query, &found, &number, &f->err));
    query_done(&query);
    read_end(tx);
    return number;
}

static int64_t settled_rows(Fixture *f, int64_t run)
{
    return ask(f, "SELECT count(*) FROM journal WHERE position / 16777216 = $1", run);
}

static int64_t tail_rows(Fixture *f, int64_t run)
{
    return ask(f, "SELECT count(*) FROM journal_tail WHERE position / 16777216 = $1", run);
}

static JournalBatch *read_journal(Fixture *f, int64_t run, int64_t from, size_t max, int *out_n)
{
    JournalBatch *batches;
    Tx *tx = read_begin(f);
    assert_works(f, store_journal_read(tx, &f->arena, run, from, max, &batches, out_n, &f->err));
    read_end(tx);
    return batches;
}

static int64_t journal_end(Fixture *f, int64_t run)
{
    int64_t end;
    Tx *tx = read_begin(f);
    assert_works(f, store_journal_end(tx, run, &end, &f->err));
    read_end(tx);
    return end;
}

/* The batch that each test appends as number i: sizes and counts differ. */
static Piece batch(Fixture *f, int64_t run, int i)
{
    Buf bytes = buf_in(&f->arena);
    for (int j = 0; j <= i % 7; j++)
        buf_printf(&bytes, "step %d of the run, part %d; ", i, j);
    return (Piece){.run = run, .bytes = buf_view(&bytes), .n = 1 + i % 3};
}

static void assert_batches(Fixture *f, int64_t run, int n_batches)
{
    int64_t first = 0;
    for (int i = 0; i < n_batches; i++) {
        int n;
        Piece expected = batch(f, run, i);
        /* From its first entry, and from its last one. */
        for (int64_t from = first; from < first + expected.n; from += MAX_OF(1, expected.n - 1)) {
            JournalBatch *read = read_journal(f, run, from, SIZE_MAX, &n);
            assert_int_equal(n, n_batches - i);
            assert_int_equal(read[0].sequence, i);
            assert_int_equal(read[0].first_entry, first);
            assert_int_equal(read[0].n_entries, expected.n);
            assert_true(str_eq(read[0].bytes, expected.bytes));
        }
        first += expected.n;
    }
    assert_int_equal(journal_end(f, run), first);
    int n;
    read_journal(f, run, first, SIZE_MAX, &n);
    assert_int_equal(n, 0);
}

static void test_journal__closed_is_read_as_it_was(void **state)
{
    (void)state;
    static const struct {
        int n_batches, n_rows;
    } cases[] = {{1, 1}, {2, 1}, {11, 1}, {63, 1}, {64, 1}, {65, 2}, {150, 3}};
    Fixture f;
    fixture_begin_tenant(&f);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        RunRow run = insert_run(&f);
        for (int j = 0; j < cases[i].n_batches; j++) {
            Piece work = batch(&f, run.key, j);
            assert_works(&f, write_with(&f, j < cases[i].n_batches - 1 ? append : close_journal, &work));
        }
        assert_int_equal(settled_rows(&f, run.key), cases[i].n_rows);
        assert_int_equal(tail_rows(&f, run.key), 0);
        assert_batches(&f, run.key, cases[i].n_batches);
    }
    fixture_end(&f);
}

static void test_journal__keeps_the_time_of_each_batch(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    RunRow loose = insert_run(&f), closed = insert_run(&f);
    for (int i = 0; i < 5; i++) {
        Piece one = batch(&f, loose.key, i), other = batch(&f, closed.key, i);
        one.now_us = other.now_us = 1700000000000000 + (i == 3 ? -1000000 : i * 1234567); /* a clock may be set back */
        assert_works(&f, write_with(&f, append, &one));
        assert_works(&f, write_with(&f, i < 4 ? append : close_journal, &other));
    }
    int n_loose, n_closed;
    JournalBatch *one = read_journal(&f, loose.key, 0, SIZE_MAX, &n_loose);
    JournalBatch *other = read_journal(&f, closed.key, 0, SIZE_MAX, &n_closed);
    assert_int_equal(n_loose, 5);
    assert_int_equal(n_closed, 5);
    for (int i = 0; i < 5; i++)
        assert_int_equal(one[i].time_us, other[i].time_us);
    assert_true(one[3].time_us < one[2].time_us);
    fixture_end(&f);
}

static void test_journal__goes_on_behind_a_bundle(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    RunRow run = insert_run(&f);
    for (int i = 0; i < 9; i++) {
        Piece work = batch(&f, run.key, i);
        assert_works(&f, write_with(&f, i == 3 || i == 7 ? close_journal : append, &work));
    }
    assert_int_equal(settled_rows(&f, run.key), 2);
    assert_int_equal(tail_rows(&f, run.key), 1);
    assert_batches(&f, run.key, 9);
    fixture_end(&f);
}

static void test_journal__large_batches_stay_as_they_are(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    RunRow run = insert_run(&f);
    Str large = str_of(arena_alloc_bytes(&f.arena, BUNDLE_BYTES + 1), BUNDLE_BYTES + 1);
    memset((char *)large.data, 'x', large.len);
    Piece small = {.run = run.key, .bytes = S("small"), .n = 1}, big = {.run = run.key, .bytes = large, .n = 1};
    static const char order[] = "sslslls"; /* the last one closes */
    for (int i = 0; order[i]; i++)
        assert_works(&f, write_with(&f, order[i + 1] ? append : close_journal, order[i] == 's' ? &small : &big));
    assert_int_equal(settled_rows(&f, run.key), 6); /* the first two are one row */
    int n;
    JournalBatch *read = read_journal(&f, run.key, 0, SIZE_MAX, &n);
    assert_int_equal(n, 7);
    for (int i = 0; i < n; i++)
        assert_true(str_eq(read[i].bytes, order[i] == 's' ? small.bytes : large));
    fixture_end(&f);
}

static void test_journal__of_ten_steps_takes_little(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    RunRow run = insert_run(&f);
    for (int i = 0; i <= 10; i++) {
        Piece work = {.run = run.key, .n = 3};
        work.bytes = str_printf(&f.arena,
                                "waiting_on_book,url,https://payments.example.com/transfers/%d,body,{\"amount\":%d},"
                                "http,put,answered with 200,the transfer is done",
                                i, i * 137);
        assert_works(&f, write_with(&f, i < 10 ? append : close_journal, &work));
    }
    int64_t kept =
        ask(&f, "SELECT CAST(sum(length(bytes)) AS bigint) FROM journal WHERE position / 16777216 = $1", run.key);
    assert_in_range(kept, 1, 400); /* of 1,500 */
    fixture_end(&f);
}

static bool change(Tx *tx, void *argument, Error *err)
{
    const Piece *work = argument;
    Query query = {0};
    bool ok = query_open(&query, tx->database, work->sql, err);
    if (ok)
        bind_i64(&query, work->run);
    ok = ok && query_run(&query, err);
    query_done(&query);
    return ok;
}

static void test_journal__damage_of_a_bundle_is_told(void **state)
{
    (void)state;
    static const char *const changes[] = {"UPDATE journal SET bundled = bundled - 1 WHERE position / 16777216 = $1",
                                          "UPDATE journal SET bundled = 0 WHERE position / 16777216 = $1",
                                          "UPDATE journal SET time_us = time_us + 1 WHERE position / 16777216 = $1",
                                          "UPDATE journal SET n_entries = n_entries + 1 WHERE position / 16777216 = $1",
                                          "UPDATE journal SET bytes = '' WHERE position / 16777216 = $1"};
    for (size_t i = 0; i < COUNT_OF(changes); i++) {
        Fixture f;
        fixture_begin_tenant(&f);
        RunRow run = insert_run(&f);
        for (int j = 0; j < 3; j++) {
            Piece work = batch(&f, run.key, j);
            assert_works(&f, write_with(&f, j < 2 ? append : close_journal, &work));
        }
        assert_works(&f, write_with(&f, change, &(Piece){.run = run.key, .sql = changes[i]}));
        JournalBatch *batches;
        int n;
        Tx *tx = read_begin(&f);
        assert_refused(&f, DATA_LOSS, store_journal_read(tx, &f.arena, run.key, 0, SIZE_MAX, &batches, &n, &f.err));
        read_end(tx);
        fixture_end(&f);
    }
}

static void test_journal__what_is_damaged_is_not_settled(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    RunRow run = insert_run(&f);
    for (int i = 0; i < 3; i++) {
        Piece work = batch(&f, run.key, i);
        assert_works(&f, write_with(&f, append, &work));
    }
    assert_works(&f, write_with(&f, change,
                                &(Piece){.run = run.key,
                                         .sql = "UPDATE journal_tail SET n_entries = n_entries + 1 "
                                                "WHERE position = $1 * 16777216"}));
    Piece last = batch(&f, run.key, 3);
    assert_works(&f, write_with(&f, close_journal, &last));
    assert_int_equal(tail_rows(&f, run.key), 4);
    assert_int_equal(settled_rows(&f, run.key), 0);
    JournalBatch *batches;
    int n;
    Tx *tx = read_begin(&f);
    assert_refused(&f, DATA_LOSS, store_journal_read(tx, &f.arena, run.key, 0, SIZE_MAX, &batches, &n, &f.err));
    read_end(tx);
    fixture_end(&f);
}

/* ---- what a run heard ---- */

static bool finish(Tx *tx, void *argument, Error *err)
{
    const Piece *work = argument;
    return store_effect_finish(tx, work->run, &work->effect, err);
}

static bool begin(Tx *tx, void *argument, Error *err)
{
    const Piece *work = argument;
    return store_effect_begin(tx, work->run, work->effect.number, work->effect.site, work->effect.key, err);
}

static bool settle(Tx *tx, void *argument, Error *err)
{
    const Piece *work = argument;
    return store_effect_settle(tx, work->run, work->number, err);
}

static bool copy(Tx *tx, void *argument, Error *err)
{
    const Piece *work = argument;
    return store_effect_copy(tx, &work->scope, work->from, work->run, work->number, err);
}

static bool put_snapshot(Tx *tx, void *argument, Error *err)
{
    const Piece *work = argument;
    return store_snapshot_put(tx, work->run, S("state"), work->number, err);
}

static void assert_effect_rows(Fixture *f, int64_t run, int n_settled, int n_tail)
{
    assert_int_equal(ask(f, "SELECT count(*) FROM effect WHERE run = $1", run), n_settled);
    assert_int_equal(ask(f, "SELECT count(*) FROM effect_tail WHERE run = $1", run), n_tail);
}

static EffectRow *list(Fixture *f, int64_t run, int64_t from, int *out_n)
{
    EffectRow *rows;
    Tx *tx = read_begin(f);
    assert_works(f, store_effect_list(tx, &f->arena, run, from, &rows, out_n, &f->err));
    read_end(tx);
    return rows;
}

/* Effect number i of each test; every fifth has only begun. */
static EffectRow heard(Fixture *f, int i)
{
    return (EffectRow){.number = i,
                       .finished = i % 5 != 4,
                       .kind = i % 5 == 4 ? HEARD_RESULT : (EffectKind)(i % HEARD_N_KINDS),
                       .site = UINT64_MAX - (uint64_t)(i % 3),
                       .key = i % 2 ? str_printf(&f->arena, "key-%d", i) : (Str){0},
                       .result = i % 5 == 4 ? (Str){0} : str_printf(&f->arena, "result %d", i)};
}

static void hear(Fixture *f, int64_t run, int i)
{
    Piece work = {.run = run, .effect = heard(f, i)};
    if (work.effect.key.len > 0 || !work.effect.finished)
        assert_works(f, write_with(f, begin, &work));
    if (work.effect.finished)
        assert_works(f, write_with(f, finish, &work));
}

static void assert_heard(Fixture *f, int64_t run, int n_effects)
{
    for (int from = 0; from <= n_effects; from++) {
        int n;
        EffectRow *rows = list(f, run, from, &n);
        assert_int_equal(n, n_effects - from);
        for (int i = 0; i < n; i++) {
            EffectRow expected = heard(f, from + i);
            assert_int_equal(rows[i].number, expected.number);
            assert_int_equal(rows[i].finished, expected.finished);
            assert_int_equal(rows[i].kind, expected.kind);
            assert_true(rows[i].site == expected.site);
            assert_true(str_eq(rows[i].key, expected.key));
            assert_true(str_eq(rows[i].result, expected.result));
        }
    }
}

static void test_effects__settled_are_read_as_they_were(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    RunRow run = insert_run(&f), neighbour = insert_run(&f);
    hear(&f, neighbour.key, 0);
    for (int i = 0; i < 12; i++)
        hear(&f, run.key, i);
    assert_works(&f, write_with(&f, settle, &(Piece){.run = run.key, .number = 7}));
    assert_effect_rows(&f, run.key, 1, 5);
    assert_heard(&f, run.key, 12);
    assert_works(&f, write_with(&f, settle, &(Piece){.run = run.key, .number = INT64_MAX}));
    assert_effect_rows(&f, run.key, 2, 0);
    assert_heard(&f, run.key, 12);
    hear(&f, run.key, 12);
    assert_heard(&f, run.key, 13);
    assert_works(&f, write_with(&f, settle, &(Piece){.run = run.key, .number = INT64_MAX}));
    assert_effect_rows(&f, run.key, 3, 0);
    assert_heard(&f, neighbour.key, 1);
    fixture_end(&f);
}

static void test_effects__a_snapshot_settles_those_before_it_once_they_are_many(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    RunRow run = insert_run(&f);
    for (int i = 0; i < 2 * BUNDLE_ROWS; i++) {
        hear(&f, run.key, i);
        if (i == BUNDLE_ROWS - 2 || i == BUNDLE_ROWS + 9) {
            assert_works(&f, write_with(&f, put_snapshot, &(Piece){.run = run.key, .number = i + 1}));
            if (i == BUNDLE_ROWS - 2)
                assert_effect_rows(&f, run.key, 0, BUNDLE_ROWS - 1);
            else
                assert_effect_rows(&f, run.key, 1, 0);
        }
    }
    assert_works(&f, write_with(&f, put_snapshot, &(Piece){.run = run.key, .number = 2 * BUNDLE_ROWS}));
    assert_effect_rows(&f, run.key, 1, BUNDLE_ROWS - 10);
    assert_heard(&f, run.key, 2 * BUNDLE_ROWS);
    fixture_end(&f);
}

static void test_effects__large_results_stay_as_they_are(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    RunRow run = insert_run(&f);
    Str large = str_of(arena_alloc_bytes(&f.arena, BUNDLE_BYTES + 1), BUNDLE_BYTES + 1);
    memset((char *)large.data, 'x', large.len);
    for (int i = 0; i < 5; i++) {
        Piece work = {.run = run.key, .effect = heard(&f, i)};
        if (i == 2)
            work.effect.result = large;
        work.effect.finished = true;
        assert_works(&f, write_with(&f, finish, &work));
    }
    assert_works(&f, write_with(&f, settle, &(Piece){.run = run.key, .number = INT64_MAX}));
    int n;
    EffectRow *rows = list(&f, run.key, 0, &n);
    assert_int_equal(n, 5);
    assert_true(str_eq(rows[2].result, large));
    assert_str(rows[3].result, "result 3");
    assert_effect_rows(&f, run.key, 3, 0);
    fixture_end(&f);
}

static void test_effects__settled_are_copied_for_another_run(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    RunRow run = insert_run(&f);
    for (int i = 0; i < 8; i++)
        hear(&f, run.key, i);
    assert_works(&f, write_with(&f, settle, &(Piece){.run = run.key, .number = INT64_MAX}));
    for (int n = 0; n <= 8; n++) {
        RunRow again = insert_run(&f);
        Piece work = {.run = again.key, .from = run.key, .number = n, .scope = f.scope};
        assert_works(&f, write_with(&f, copy, &work));
        assert_heard(&f, again.key, n);
        for (int i = n; i < 8; i++)
            hear(&f, again.key, i);
        assert_heard(&f, again.key, 8);
    }
    fixture_end(&f);
}

static void test_effects__what_does_not_fit_is_told(void **state)
{
    (void)state;
    static const char *const changes[] = {
        "UPDATE effect SET bundled = bundled + 1 WHERE run = $1",
        "UPDATE effect SET bundled = bundled - 1 WHERE run = $1", "UPDATE effect SET result = '' WHERE run = $1",
        "INSERT INTO effect_tail (organization, run, number, finished, kind, site, effect_key, tries, result) "
        "SELECT organization, run, 1, 1, 0, 0, '', 0, result FROM effect WHERE run = $1"};
    for (size_t i = 0; i < COUNT_OF(changes); i++) {
        Fixture f;
        fixture_begin_tenant(&f);
        RunRow run = insert_run(&f);
        for (int j = 0; j < 4; j++)
            hear(&f, run.key, j);
        assert_works(&f, write_with(&f, settle, &(Piece){.run = run.key, .number = INT64_MAX}));
        assert_works(&f, write_with(&f, change, &(Piece){.run = run.key, .sql = changes[i]}));
        EffectRow *rows;
        int n;
        Tx *tx = read_begin(&f);
        assert_refused(&f, DATA_LOSS, store_effect_list(tx, &f.arena, run.key, 0, &rows, &n, &f.err));
        read_end(tx);
        fixture_end(&f);
    }
}

/* ---- the bytes themselves ---- */

static void test_bundle_open__takes_no_bytes_but_its_own(void **state)
{
    (void)state;
    AUTO(arena_done)
    Arena arena = {0};
    Buf kept = buf_in(&arena);
    Str rows = S("a row, another row, a third row, a fourth row");
    Reader reader;
    Error err;
    bundle_close(&kept, rows);
    assert_true(bundle_open(&arena, buf_view(&kept), &reader, &err));
    assert_true(str_eq(read_bytes(&reader, rows.len), rows));
    for (size_t i = 0; i < kept.len; i++) {
        for (int bit = 0; bit < 8; bit++) {
            kept.data[i] = (char)(kept.data[i] ^ (1 << bit));
            if (bundle_open(&arena, buf_view(&kept), &reader,
                            &err)) /* bits behind the end of the last byte mean nothing */
                assert_true(str_eq(read_bytes(&reader, rows.len), rows));
            else
                assert_int_equal(err.code, DATA_LOSS);
            kept.data[i] = (char)(kept.data[i] ^ (1 << bit));
        }
    }
    for (size_t len = 0; len < kept.len; len++)
        assert_false(bundle_open(&arena, str_of(kept.data, len), &reader, &err));
    /* It says that it is larger than any bundle. */
    Buf huge = buf_in(&arena);
    buf_varint(&huge, (uint64_t)BUNDLE_OPENED + 1);
    buf_str(&huge, str_skip(buf_view(&kept), 1));
    assert_false(bundle_open(&arena, buf_view(&huge), &reader, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_journal__closed_is_read_as_it_was),
        cmocka_unit_test(test_journal__keeps_the_time_of_each_batch),
        cmocka_unit_test(test_journal__goes_on_behind_a_bundle),
        cmocka_unit_test(test_journal__large_batches_stay_as_they_are),
        cmocka_unit_test(test_journal__of_ten_steps_takes_little),
        cmocka_unit_test(test_journal__damage_of_a_bundle_is_told),
        cmocka_unit_test(test_journal__what_is_damaged_is_not_settled),
        cmocka_unit_test(test_effects__settled_are_read_as_they_were),
        cmocka_unit_test(test_effects__a_snapshot_settles_those_before_it_once_they_are_many),
        cmocka_unit_test(test_effects__large_results_stay_as_they_are),
        cmocka_unit_test(test_effects__settled_are_copied_for_another_run),
        cmocka_unit_test(test_effects__what_does_not_fit_is_told),
        cmocka_unit_test(test_bundle_open__takes_no_bytes_but_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
