/* Tests of src/store/verify.c on each database: what is sound is told to be, a lost row and lost bytes are not. What
 * only SQLite has (its file's structure, backups) stands in sqlite/backup.c. */
#include "store/fixture.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store/backup.h"
#include "store/internal.h"

typedef struct Told {
    Findings findings;
    char text[2048];
} Told;

static void keep(void *self, Str problem)
{
    Told *told = self;
    size_t len = strlen(told->text);
    snprintf(told->text + len, sizeof told->text - len, "%.*s\n", STR_ARG(problem));
}

static Verified verify(Fixture *f, Told *told)
{
    Verified seen;
    *told = (Told){.findings = {.found = keep}};
    told->findings.self = told;
    assert_works(f, store_verify(str_from_c(f->directory), str_from_c(f->database), &told->findings, &seen, &f->err));
    return seen;
}

static bool append(Tx *tx, void *argument, Error *err)
{
    return store_journal_append(tx, *(int64_t *)argument, S("entries"), 3, err);
}

static bool damage(Tx *tx, void *argument, Error *err)
{
    static const char *const statements[] = {
        "UPDATE journal_tail SET time_us = time_us + 1 WHERE position IN (SELECT min(position) FROM journal_tail)",
        "DELETE FROM revision",
        "INSERT INTO exception_sum (organization, workspace, state, automation, group_name, automation_id, "
        "exceptions) VALUES (1, 1, 1, 1, '', 'a1', 1)",
        "UPDATE run_rollup SET open_total = open_total + 1 WHERE start_us = -1",
    };
    (void)argument;
    for (size_t i = 0; i < COUNT_OF(statements); i++) {
        AUTO(query_done)
        Query query = {0};
        if (!query_open(&query, tx->database, statements[i], err) || !query_run(&query, err))
            return false;
    }
    return true;
}

static bool insert(Tx *tx, void *argument, Error *err)
{
    return store_file_insert(tx, argument, err);
}

static FileRow upload(Fixture *f)
{
    FileWriter *writer;
    FileRow row = {0};
    assert_works(f, store_file_write_begin(f->store, 1000, &writer, &f->err));
    assert_works(f, store_file_write(writer, S("bytes"), &f->err));
    assert_works(f, store_file_write_finish(writer, &row, &f->err));
    row.id = new_id(f);
    row.filename = S("a.csv");
    row.mime_type = S("text/csv");
    row.scope = f->scope;
    assert_works(f, write_with(f, insert, &row));
    return row;
}

static void test_verify__finds_nothing_where_all_is_sound(void **state)
{
    (void)state;
    Fixture f;
    Told told;
    fixture_begin_tenant(&f);
    RunRow run = insert_run(&f);
    for (int i = 0; i < 300; i++) /* more than it reads at once */
        assert_works(&f, write_with(&f, append, &run.key));
    upload(&f);
    Verified seen = verify(&f, &told);
    assert_string_equal(told.text, "");
    assert_int_equal(seen.runs, 1);
    assert_int_equal(seen.journal_entries, 900);
    assert_int_equal(seen.files, 1);
    assert_int_equal(seen.file_bytes, 5);
    fixture_end(&f);
}

static void test_verify__tells_of_rows_and_bytes_that_are_not_as_they_were(void **state)
{
    (void)state;
    Fixture f;
    Told told;
    char name[BLOB_NAME_LEN + 1];
    fixture_begin_tenant(&f);
    RunRow run = insert_run(&f);
    assert_works(&f, write_with(&f, append, &run.key));
    FileRow file = upload(&f);
    assert_works(&f, write_with(&f, damage, NULL));
    blob_name(file.hash, name);
    assert_int_equal(unlink(str_to_c(&f.arena, str_printf(&f.arena, "%s/%s", f.directory, name))), 0);
    verify(&f, &told);
    assert_non_null(strstr(told.text, "part 0 of the journal of run number "));
    assert_non_null(strstr(told.text, "1 rows of run belong to a row of revision that is not there"));
    assert_non_null(strstr(told.text, "the bytes of file "));
    assert_non_null(strstr(told.text, "1 sums of exceptions are not what a count gives"));
    assert_non_null(strstr(told.text, "the sums of the runs of 1 automations contradict each other"));
    assert_int_equal(told.findings.n, 5);
    fixture_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verify__finds_nothing_where_all_is_sound),
        cmocka_unit_test(test_verify__tells_of_rows_and_bytes_that_are_not_as_they_were),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
