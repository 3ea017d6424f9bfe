/* Tests of src/store/backup.c and verify.c: copies made while somebody writes are whole; what is damaged is told, and
 * never restored in silence. */
#include "store/fixture.h"

#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/backup.h"

/* ---- what is found ---- */

typedef struct Told {
    Findings findings;
    char text[4096];
} Told;

static void keep(void *self, Str problem)
{
    Told *told = self;
    size_t len = strlen(told->text);
    snprintf(told->text + len, sizeof told->text - len, "%.*s\n", STR_ARG(problem));
}

static void told_begin(Told *told)
{
    *told = (Told){.findings = {.found = keep}};
    told->findings.self = told;
}

static void assert_told(const Told *told, const char *part)
{
    if (!strstr(told->text, part))
        fail_msg("expected \"%s\" in what was found: %s", part, told->text[0] ? told->text : "nothing");
}

/* ---- places ---- */

static Str place(Fixture *f, const char *tail)
{
    return str_printf(&f->arena, "%s%s", f->directory, tail);
}

static bool is_there(Fixture *f, const char *tail)
{
    return access(str_to_c(&f->arena, place(f, tail)), F_OK) == 0;
}

static Backup backup_to(Fixture *f, const char *tail)
{
    Told told;
    Backup backup;
    told_begin(&told);
    assert_works(f,
                 store_backup(str_from_c(f->directory), place(f, tail), S("1.2.3"), &told.findings, &backup, &f->err));
    assert_string_equal(told.text, "");
    return backup;
}

static Verified verify(Fixture *f, const char *tail, Told *told)
{
    Verified seen;
    told_begin(told);
    assert_works(f, store_verify(place(f, tail), S(""), &told->findings, &seen, &f->err));
    return seen;
}

static void clean(Fixture *f, const char *tail)
{
    remove_folder(str_to_c(&f->arena, place(f, tail)));
}

/* ---- things to lose ---- */

typedef struct Upload {
    FileRow row;
} Upload;

static bool insert_file(Tx *tx, void *argument, Error *err)
{
    return store_file_insert(tx, &((Upload *)argument)->row, err);
}

static FileRow upload(Fixture *f, Str bytes)
{
    FileWriter *writer;
    Upload work = {0};
    assert_works(f, store_file_write_begin(f->store, 1000, &writer, &f->err));
    assert_works(f, store_file_write(writer, bytes, &f->err));
    assert_works(f, store_file_write_finish(writer, &work.row, &f->err));
    work.row.id = new_id(f);
    work.row.filename = S("a.csv");
    work.row.mime_type = S("text/csv");
    work.row.scope = f->scope;
    assert_works(f, write_with(f, insert_file, &work));
    return work.row;
}

static bool append(Tx *tx, void *argument, Error *err)
{
    return store_journal_append(tx, *(int64_t *)argument, S("entries"), 3, err);
}

static void change_database(Fixture *f, const char *tail, const char *sql)
{
    sqlite3 *handle;
    char *message = NULL;
    assert_int_equal(
        sqlite3_open(str_to_c(&f->arena, str_printf(&f->arena, "%s%s/clerkwork.db", f->directory, tail)), &handle),
        SQLITE_OK);
    if (sqlite3_exec(handle, sql, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s: %s", sql, message);
    sqlite3_close(handle);
}

/* Writes to the only file with bytes below DIR/files. */
static const char *path_of_bytes(Fixture *f, const char *tail, const FileRow *row)
{
    char hex[65];
    for (int i = 0; i < 32; i++)
        snprintf(hex + 2 * i, 3, "%02x", row->hash[i]);
    return str_to_c(&f->arena, str_printf(&f->arena, "%s%s/files/%.2s/%s", f->directory, tail, hex, hex));
}

static void overwrite(const char *path, const char *bytes)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, strlen(bytes)), (ssize_t)strlen(bytes));
    close(fd);
}

/* ---- tests ---- */

static void test_backup__is_a_data_directory_of_that_moment(void **state)
{
    (void)state;
    Fixture f;
    Told told;
    fixture_begin_tenant(&f);
    RunRow before = insert_run(&f);
    upload(&f, S("one"));
    upload(&f, S("two"));
    upload(&f, S("two"));
    Backup backup = backup_to(&f, "-b");
    assert_int_equal(backup.n_files, 2);
    assert_int_equal(backup.file_bytes, 6);
    RunRow after = insert_run(&f);
    assert_int_equal(verify(&f, "-b", &told).runs, 1);
    assert_string_equal(told.text, "");
    assert_false(is_there(&f, "-b/clerkwork.db-wal"));

    Backup restored;
    assert_works(&f, store_restore(place(&f, "-b"), place(&f, "-r"), false, &told.findings, &restored, &f.err));
    assert_int_equal(restored.n_files, 2);
    assert_string_equal(told.text, "");
    Fixture original = f;
    fixture_close(&f);
    strcat(f.directory, "-r");
    fixture_open(&f);
    RunRow run;
    int64_t when_us = -1;
    Tx *tx = read_begin(&f);
    assert_works(&f, store_run_get(tx, &f.arena, &f.scope, 0, before.id, &run, &f.err));
    assert_refused(&f, NOT_FOUND, store_run_get(tx, &f.arena, &f.scope, 0, after.id, &run, &f.err));
    assert_works(&f, store_restored_get(tx, &when_us, &f.err));
    assert_int_equal(when_us, 0); /* not to be held */
    read_end(tx);
    insert_run(&f);
    remove_folder(f.directory);
    memcpy(f.directory, original.directory, sizeof f.directory);
    clean(&f, "-b");
    fixture_end(&f);
}

typedef struct Busy {
    Fixture *f;
    _Atomic bool stop;
    int n;
} Busy;

typedef struct PutRun {
    Command command;
    RunRow run;
} PutRun;

static bool put_run(Tx *tx, Command *command, Error *err)
{
    PutRun *put = (PutRun *)command;
    return store_run_insert(tx, &put->run, err) && store_journal_append(tx, put->run.key, S("first"), 1, err) &&
           store_journal_append(tx, put->run.key, S("second"), 2, err);
}

static void *keep_writing(void *argument)
{
    Busy *busy = argument;
    Error err;
    while (!atomic_load(&busy->stop)) {
        Id id = id_new();
        PutRun put = {.command = {.apply = put_run},
                      .run = {.scope = busy->f->scope, .id = id_str(&id), .inputs = S("{}")}};
        assert_true(store_execute(busy->f->store, &put.command, &err));
        busy->n++;
    }
    return NULL;
}

static void test_backup__under_way_while_others_write(void **state)
{
    (void)state;
    Fixture f;
    Told told;
    fixture_begin_tenant(&f);
    Busy busy = {.f = &f};
    pthread_t thread;
    pthread_create(&thread, NULL, keep_writing, &busy);
    int64_t last = -1;
    for (int i = 0; i < 5; i++) {
        backup_to(&f, "-b");
        Verified seen = verify(&f, "-b", &told);
        assert_string_equal(told.text, "");
        assert_int_equal(seen.journal_entries, 3 * seen.runs); /* no run without its journal */
        assert_true(seen.runs >= last);
        last = seen.runs;
        verify(&f, "", &told); /* what is being written to is sound at every moment too */
        assert_string_equal(told.text, "");
        clean(&f, "-b");
    }
    atomic_store(&busy.stop, true);
    pthread_join(thread, NULL);
    assert_true(busy.n > 0);
    fixture_end(&f);
}

static void test_target__is_never_written_over(void **state)
{
    (void)state;
    Fixture f;
    Told told;
    Backup backup;
    fixture_begin_tenant(&f);
    told_begin(&told);
    assert_refused(
        &f, ALREADY_EXISTS,
        store_backup(str_from_c(f.directory), str_from_c(f.directory), S("1"), &told.findings, &backup, &f.err));
    assert_int_equal(mkdir(str_to_c(&f.arena, place(&f, "-b")), 0700), 0);         /* an empty folder will do */
    assert_int_equal(mkdir(str_to_c(&f.arena, place(&f, "-b.partial")), 0700), 0); /* what an interrupted one left */
    assert_int_equal(mkdir(str_to_c(&f.arena, place(&f, "-b.partial/rest")), 0700), 0);
    backup_to(&f, "-b");
    assert_false(is_there(&f, "-b.partial"));
    assert_false(is_there(&f, "-b/rest"));
    assert_refused(&f, ALREADY_EXISTS,
                   store_restore(place(&f, "-b"), str_from_c(f.directory), true, &told.findings, &backup, &f.err));
    clean(&f, "-b");
    fixture_end(&f);
}

static void test_source__must_be_what_it_is_taken_for(void **state)
{
    (void)state;
    Fixture f;
    Told told;
    Backup backup;
    Verified seen;
    fixture_begin_tenant(&f);
    told_begin(&told);
    assert_refused(&f, NOT_FOUND,
                   store_backup(place(&f, "-none"), place(&f, "-b"), S("1"), &told.findings, &backup, &f.err));
    assert_refused(&f, NOT_FOUND,
                   store_restore(str_from_c(f.directory), place(&f, "-r"), true, &told.findings, &backup, &f.err));
    assert_refused(&f, NOT_FOUND, store_verify(place(&f, "-none"), S(""), &told.findings, &seen, &f.err));
    backup_to(&f, "-b");
    change_database(&f, "-b", "INSERT INTO schema_version VALUES (100000)");
    assert_refused(&f, FAILED_PRECONDITION,
                   store_restore(place(&f, "-b"), place(&f, "-r"), true, &told.findings, &backup, &f.err));
    assert_false(is_there(&f, "-r") || is_there(&f, "-r.partial"));
    clean(&f, "-b");
    fixture_end(&f);
}

static void test_verify__tells_what_is_damaged(void **state)
{
    (void)state;
    Fixture f;
    Told told;
    fixture_begin_tenant(&f);
    RunRow run = insert_run(&f);
    for (int i = 0; i < 3; i++)
        assert_works(&f, write_with(&f, append, &run.key));
    FileRow changed = upload(&f, S("bytes that change")), gone = upload(&f, S("bytes that go"));
    assert_int_equal(verify(&f, "", &told).journal_entries, 9);
    assert_string_equal(told.text, "");
    change_database(&f, "",
                    "UPDATE journal_tail SET bytes = x'00' WHERE position % 16777216 = 0;"
                    "DELETE FROM journal_tail WHERE position % 16777216 = 1;"
                    "INSERT INTO snapshot (run, organization, bytes) VALUES (999, 1, x'00')");
    overwrite(path_of_bytes(&f, "", &changed), "BYTES");
    assert_int_equal(unlink(path_of_bytes(&f, "", &gone)), 0);
    verify(&f, "", &told);
    assert_told(&told, "part 0 of the journal of run number ");
    assert_told(&told, "goes on with entry 6 where 3 was expected");
    assert_told(&told, "1 rows of snapshot belong to a row of run that is not there");
    assert_told(&told, str_to_c(&f.arena, str_printf(&f.arena, "the bytes of file %.*s are not", STR_ARG(changed.id))));
    assert_told(&told, str_to_c(&f.arena, str_printf(&f.arena, "the bytes of file %.*s are gone", STR_ARG(gone.id))));
    assert_int_equal(told.findings.n, 5);

    /* A backup of it tells of the files, and has the rest. */
    Backup backup;
    told_begin(&told);
    assert_works(&f, store_backup(str_from_c(f.directory), place(&f, "-b"), S("1"), &told.findings, &backup, &f.err));
    assert_int_equal(told.findings.n, 2);
    clean(&f, "-b");
    fixture_end(&f);
}

static void test_restore__refuses_a_damaged_database(void **state)
{
    (void)state;
    Fixture f;
    Told told;
    Backup backup;
    fixture_begin_tenant(&f);
    backup_to(&f, "-b");
    int fd = open(str_to_c(&f.arena, place(&f, "-b/clerkwork.db")), O_WRONLY | O_CLOEXEC);
    char noise[9000];
    memset(noise, 0xa5, sizeof noise);
    assert_int_equal(pwrite(fd, noise, sizeof noise, 40000), (ssize_t)sizeof noise);
    close(fd);
    told_begin(&told);
    assert_refused(&f, DATA_LOSS,
                   store_restore(place(&f, "-b"), place(&f, "-r"), true, &told.findings, &backup, &f.err));
    assert_false(is_there(&f, "-r") || is_there(&f, "-r.partial"));
    verify(&f, "-b", &told);
    assert_told(&told, "the database file is damaged");
    clean(&f, "-b");
    fixture_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_backup__is_a_data_directory_of_that_moment),
        cmocka_unit_test(test_backup__under_way_while_others_write),
        cmocka_unit_test(test_target__is_never_written_over),
        cmocka_unit_test(test_source__must_be_what_it_is_taken_for),
        cmocka_unit_test(test_verify__tells_what_is_damaged),
        cmocka_unit_test(test_restore__refuses_a_damaged_database),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
