/* What SQLite's disk does to us: a VFS between SQLite and the system that runs out of space, fails writes, tears them,
 * or fails to sync; files of other versions, of other programs, and damaged ones. */
#include "store/fixture.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- the disk ---- */

static _Atomic int64_t space = INT64_MAX; /* bytes that may still be written */
static _Atomic bool writes_fail, syncs_fail, tears;

static sqlite3_vfs *real_vfs;
static sqlite3_vfs faulty_vfs;
/* SQLite's unix files have one set of methods for databases and one for the rest. */
static const sqlite3_io_methods *real_methods[2];
static sqlite3_io_methods faulty_methods[2];

static const sqlite3_io_methods *real_of(const sqlite3_file *file)
{
    return real_methods[file->pMethods == &faulty_methods[1]];
}

static int faulty_write(sqlite3_file *file, const void *data, int amount, sqlite3_int64 offset)
{
    if (atomic_load(&writes_fail))
        return SQLITE_IOERR_WRITE;
    if (atomic_fetch_sub(&space, amount) >= amount)
        return real_of(file)->xWrite(file, data, amount, offset);
    atomic_fetch_add(&space, amount);
    if (atomic_load(&tears)) /* half of it reaches the disk */
        real_of(file)->xWrite(file, data, amount / 2, offset);
    return SQLITE_FULL;
}

static int faulty_sync(sqlite3_file *file, int flags)
{
    return atomic_load(&syncs_fail) ? SQLITE_IOERR_FSYNC : real_of(file)->xSync(file, flags);
}

static int faulty_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags)
{
    (void)vfs;
    int code = real_vfs->xOpen(real_vfs, name, file, flags, out_flags);
    if (code != SQLITE_OK || !file->pMethods)
        return code;
    int other = !(flags & SQLITE_OPEN_MAIN_DB);
    real_methods[other] = file->pMethods;
    faulty_methods[other] = *file->pMethods;
    faulty_methods[other].xWrite = faulty_write;
    faulty_methods[other].xSync = faulty_sync;
    file->pMethods = &faulty_methods[other];
    return SQLITE_OK;
}

static void install_disk(void)
{
    sqlite3_initialize();
    real_vfs = sqlite3_vfs_find(NULL);
    faulty_vfs = *real_vfs;
    faulty_vfs.zName = "faulty";
    faulty_vfs.xOpen = faulty_open;
    sqlite3_vfs_register(&faulty_vfs, 1);
}

static void disk_is_fine(void)
{
    atomic_store(&space, INT64_MAX);
    atomic_store(&writes_fail, false);
    atomic_store(&syncs_fail, false);
    atomic_store(&tears, false);
}

/* ---- what the store does about it ---- */

static bool insert_large(Tx *tx, void *argument, Error *err)
{
    RunRow *run = argument;
    static char text[20000];
    memset(text, 'x', sizeof text);
    run->inputs = str_of(text, sizeof text);
    return store_run_insert(tx, run, err);
}

static bool is_there(Fixture *f, Str id)
{
    RunRow run;
    Error err;
    Tx *tx = read_begin(f);
    bool there = store_run_get(tx, &f->arena, &f->scope, 0, id, &run, &err);
    read_end(tx);
    assert_true(there || err.code == NOT_FOUND);
    return there;
}

static bool is_writable(Fixture *f)
{
    StoreHealth health;
    store_health(f->store, &health);
    return health.writable;
}

static void check_full_disk(bool torn)
{
    Fixture f;
    fixture_begin_tenant(&f);
    RunRow runs[40];
    bool kept[40];
    int n_refused = 0;
    for (int i = 0; i < 40; i++) {
        if (i == 10) {
            atomic_store(&tears, torn);
            atomic_store(&space, 150000);
        }
        if (i == 30)
            disk_is_fine();
        runs[i] = run_of(&f);
        kept[i] = write_with(&f, insert_large, &runs[i]);
        n_refused += !kept[i];
        assert_int_equal(kept[i], is_writable(&f));
        if (!kept[i])
            assert_int_equal(f.err.code, UNAVAILABLE);
        for (int r = 0; r <= i; r++) /* reads go on */
            assert_int_equal(is_there(&f, runs[r].id), kept[r]);
    }
    assert_true(n_refused >= 5 && n_refused <= 20);
    assert_true(kept[9] && !kept[29] && kept[30]);
    fixture_reopen(&f);
    for (int r = 0; r < 40; r++)
        assert_int_equal(is_there(&f, runs[r].id), kept[r]);
    fixture_end(&f);
}

static void test_full_disk__refuses_writes_and_goes_on_reading(void **state)
{
    (void)state;
    check_full_disk(false);
    check_full_disk(true);
}

static void test_full_disk__recovers_without_anybody_writing(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    RunRow run = run_of(&f);
    atomic_store(&space, 1000);
    assert_refused(&f, UNAVAILABLE, write_with(&f, insert_large, &run));
    assert_non_null(strstr(f.err.message, "disk is full"));
    usleep(700 * 1000);
    assert_false(is_writable(&f));
    disk_is_fine();
    for (int i = 0; i < 100 && !is_writable(&f); i++)
        usleep(50 * 1000);
    assert_true(is_writable(&f));
    fixture_end(&f);
}

static void test_failed_write__is_refused_and_may_be_tried_again(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    RunRow run = run_of(&f);
    atomic_store(&writes_fail, true);
    assert_refused(&f, UNAVAILABLE, write_with(&f, insert_large, &run));
    assert_non_null(strstr(f.err.message, "disk reported an error"));
    assert_false(is_there(&f, run.id));
    disk_is_fine();
    assert_works(&f, write_with(&f, insert_large, &run));
    fixture_reopen(&f);
    assert_true(is_there(&f, run.id));
    fixture_end(&f);
}

/* The child's exit status tells: 74 is the store's, 1 an acknowledgement that must not be. */
static void sync_fails_in_child(Fixture *f, RunRow *run)
{
    fixture_open(f);
    if (!write_with(f, insert_large, run))
        _exit(2);
    RunRow second = run_of(f);
    atomic_store(&syncs_fail, true);
    bool acknowledged = write_with(f, insert_large, &second);
    _exit(acknowledged ? 1 : 3);
}

static void test_failed_sync__stops_the_process_and_acknowledges_nothing(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    RunRow run = run_of(&f);
    fixture_close(&f);
    pid_t child = fork();
    if (child == 0)
        sync_fails_in_child(&f, &run);
    int status;
    waitpid(child, &status, 0);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 74);
    fixture_open(&f);
    assert_true(is_there(&f, run.id));
    fixture_end(&f);
}

/* ---- files that are not ours to write ---- */

static Str database_path(Fixture *f)
{
    return str_printf(&f->arena, "%s/clerkwork.db", f->directory);
}

static void run_sql(Fixture *f, const char *sql)
{
    sqlite3 *handle;
    assert_int_equal(sqlite3_open(str_to_c(&f->arena, database_path(f)), &handle), SQLITE_OK);
    if (sqlite3_exec(handle, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(handle));
    sqlite3_close(handle);
}

static Str read_whole(Fixture *f, Str path)
{
    int fd = open(str_to_c(&f->arena, path), O_RDONLY);
    struct stat status;
    assert_int_equal(fstat(fd, &status), 0);
    char *data = arena_alloc_bytes(&f->arena, (size_t)status.st_size);
    assert_int_equal(read(fd, data, (size_t)status.st_size), status.st_size);
    close(fd);
    return str_of(data, (size_t)status.st_size);
}

static void write_at(Fixture *f, off_t offset, const char *bytes, size_t len)
{
    int fd = open(str_to_c(&f->arena, database_path(f)), O_WRONLY);
    assert_int_equal(pwrite(fd, bytes, len, offset), (ssize_t)len);
    close(fd);
}

static bool try_open(Fixture *f)
{
    const StoreOptions options = {.location = str_from_c(f->directory)};
    return store_open(&options, &f->store, &f->err);
}

static void begin_closed(Fixture *f)
{
    fixture_begin_tenant(f);
    insert_run(f);
    fixture_close(f);
}

static void end_closed(Fixture *f)
{
    arena_done(&f->arena);
    remove_folder(f->directory);
}

static void test_open__leaves_a_newer_database_untouched(void **state)
{
    (void)state;
    Fixture f;
    begin_closed(&f);
    run_sql(&f, "INSERT INTO schema_version VALUES (999)");
    Str before = read_whole(&f, database_path(&f));
    assert_refused(&f, FAILED_PRECONDITION, try_open(&f));
    assert_non_null(strstr(f.err.message, "version 999"));
    assert_true(str_eq(before, read_whole(&f, database_path(&f))));
    run_sql(&f, "DELETE FROM schema_version WHERE version = 999");
    assert_works(&f, try_open(&f));
    fixture_end(&f);
}

static void test_open__refuses_another_programs_database(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin(&f);
    fixture_close(&f);
    unlink(str_to_c(&f.arena, database_path(&f)));
    run_sql(&f, "CREATE TABLE recipe (title text)");
    Str before = read_whole(&f, database_path(&f));
    assert_refused(&f, FAILED_PRECONDITION, try_open(&f));
    assert_non_null(strstr(f.err.message, "another program"));
    assert_true(str_eq(before, read_whole(&f, database_path(&f))));
    end_closed(&f);
}

static void test_open__says_that_a_file_is_damaged(void **state)
{
    (void)state;
    Fixture f;
    begin_closed(&f);
    write_at(&f, 0, "This is not a database at all...", 32);
    assert_refused(&f, DATA_LOSS, try_open(&f));
    end_closed(&f);
}

/* Overwrites page after page: whatever is asked ends in an answer or an error, never in a crash. */
static void test_damaged_pages__end_in_errors(void **state)
{
    (void)state;
    Fixture f;
    begin_closed(&f);
    Str whole = read_whole(&f, database_path(&f));
    char noise[4096];
    memset(noise, 0xa5, sizeof noise);
    int n_damaged = 0;
    for (size_t page = 1; page * 4096 < whole.len; page++) {
        write_at(&f, (off_t)(page * 4096), noise, sizeof noise);
        if (try_open(&f)) {
            RunRow run;
            StoreReader *reader;
            Tx *tx;
            assert_works(&f, store_reader_open(f.store, &reader, &f.err));
            if (tx_begin_read(reader, &tx, &f.err)) {
                bool ok = store_run_get(tx, &f.arena, &f.scope, 0, S("nothing"), &run, &f.err);
                n_damaged += !ok && f.err.code == DATA_LOSS;
                tx_end(tx);
            }
            store_reader_close(reader);
            RunRow fresh = run_of(&f);
            bool ok = write_with(&f, insert_large, &fresh);
            n_damaged += !ok && f.err.code == DATA_LOSS;
            store_close(f.store);
        } else {
            assert_int_equal(f.err.code, DATA_LOSS);
            n_damaged++;
        }
        f.store = NULL;
        unlink(str_to_c(&f.arena, str_printf(&f.arena, "%s/clerkwork.db-wal", f.directory)));
        unlink(str_to_c(&f.arena, str_printf(&f.arena, "%s/clerkwork.db-shm", f.directory)));
        write_at(&f, 0, whole.data, whole.len);
        assert_int_equal(truncate(str_to_c(&f.arena, database_path(&f)), (off_t)whole.len), 0);
    }
    assert_true(n_damaged > 3);
    end_closed(&f);
}

static bool append(Tx *tx, void *argument, Error *err)
{
    return store_journal_append(tx, ((RunRow *)argument)->key, S("journal entry"), 1, err);
}

static void test_journal__notices_changed_bytes(void **state)
{
    (void)state;
    static const char *const damages[] = {
        "UPDATE journal_tail SET bytes = CAST('journal entrz' AS BLOB)", "UPDATE journal_tail SET n_entries = 2",
        "UPDATE journal_tail SET time_us = time_us + 1", "UPDATE journal_tail SET position = position + 1",
        "UPDATE journal_tail SET checksum = 0"};
    for (size_t i = 0; i < COUNT_OF(damages); i++) {
        Fixture f;
        fixture_begin_tenant(&f);
        RunRow run = insert_run(&f);
        assert_works(&f, write_with(&f, append, &run));
        fixture_close(&f);
        run_sql(&f, damages[i]);
        fixture_open(&f);
        JournalBatch *batches;
        int n;
        Tx *tx = read_begin(&f);
        assert_refused(&f, DATA_LOSS, store_journal_read(tx, &f.arena, run.key, 0, 1000, &batches, &n, &f.err));
        read_end(tx);
        fixture_end(&f);
    }
}

/* ---- the log ---- */

static int64_t log_size(Fixture *f)
{
    struct stat status;
    const char *path = str_to_c(&f->arena, str_printf(&f->arena, "%s/clerkwork.db-wal", f->directory));
    return stat(path, &status) == 0 ? status.st_size : 0;
}

static bool insert_very_large(Tx *tx, void *argument, Error *err)
{
    RunRow run = run_of(argument);
    static char text[4 << 20];
    memset(text, 'x', sizeof text);
    run.inputs = str_of(text, sizeof text);
    return store_run_insert(tx, &run, err);
}

static void test_log__stays_bounded_under_load(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    for (int i = 0; i < 60; i++) { /* 240 MB through a log of 64 */
        assert_works(&f, write_with(&f, insert_very_large, &f));
        assert_true(log_size(&f) < 110LL << 20);
    }
    fixture_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_full_disk__refuses_writes_and_goes_on_reading),
        cmocka_unit_test(test_full_disk__recovers_without_anybody_writing),
        cmocka_unit_test(test_failed_write__is_refused_and_may_be_tried_again),
        cmocka_unit_test(test_failed_sync__stops_the_process_and_acknowledges_nothing),
        cmocka_unit_test(test_open__leaves_a_newer_database_untouched),
        cmocka_unit_test(test_open__refuses_another_programs_database),
        cmocka_unit_test(test_open__says_that_a_file_is_damaged),
        cmocka_unit_test(test_damaged_pages__end_in_errors),
        cmocka_unit_test(test_journal__notices_changed_bytes),
        cmocka_unit_test(test_log__stays_bounded_under_load),
    };
    install_disk();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
