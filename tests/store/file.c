/* Tests of src/store/file.c and blob.c: bytes and rows come and go together. */
#include "store/fixture.h"

#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct FileWork {
    Fixture *f;
    FileRow row;
    Str id;
    Scope scope;
} FileWork;

static bool insert(Tx *tx, void *argument, Error *err)
{
    return store_file_insert(tx, &((FileWork *)argument)->row, err);
}

static bool delete_one(Tx *tx, void *argument, Error *err)
{
    FileWork *work = argument;
    return store_file_delete(tx, &work->scope, work->id, err);
}

static FileWork upload(Fixture *f, Str bytes)
{
    FileWriter *writer;
    FileWork work = {.f = f, .scope = f->scope};
    assert_works(f, store_file_write_begin(f->store, 1000, &writer, &f->err));
    assert_works(f, store_file_write(writer, str_slice(bytes, 0, 2), &f->err));
    assert_works(f, store_file_write(writer, str_skip(bytes, 2), &f->err));
    assert_true(str_eq(store_file_write_head(writer), bytes));
    assert_works(f, store_file_write_finish(writer, &work.row, &f->err));
    work.id = work.row.id = new_id(f);
    work.row.filename = S("a b.csv");
    work.row.mime_type = S("text/csv");
    work.row.scope = f->scope;
    return work;
}

static Str read_back(Fixture *f, const Scope *scope, Str id)
{
    FileRow row;
    int fd;
    Tx *tx = read_begin(f);
    assert_works(f, store_file_get(tx, &f->arena, scope, id, &row, &f->err));
    read_end(tx);
    assert_works(f, store_file_open(f->store, &row, &fd, &f->err));
    char *bytes = arena_alloc_bytes(&f->arena, (size_t)row.size_bytes + 1);
    ssize_t n = read(fd, bytes, (size_t)row.size_bytes + 1);
    close(fd);
    assert_int_equal(n, row.size_bytes);
    return str_of(bytes, (size_t)n);
}

static void test_file__comes_back_as_it_was_written(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    FileWork work = upload(&f, S("name,amount\nx,1\n"));
    assert_works(&f, write_with(&f, insert, &work));
    assert_str(read_back(&f, &f.scope, work.id), "name,amount\nx,1\n");
    assert_str(read_back(&f, &f.scope, str_printf(&f.arena, "%.*s--a b.csv", STR_ARG(work.id))), "name,amount\nx,1\n");
    FileRow row;
    Tx *tx = read_begin(&f);
    assert_works(&f, store_file_get(tx, &f.arena, &f.scope, work.id, &row, &f.err));
    read_end(tx);
    assert_str(row.filename, "a b.csv");
    assert_str(row.mime_type, "text/csv");
    assert_str(row.scope.workspace_id, "w1");
    assert_int_equal(row.size_bytes, 16);
    assert_true(row.create_us > 0);
    fixture_end(&f);
}

static void test_forget__removes_bytes_that_nobody_else_has(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    FileWork kept = upload(&f, S("kept")), same = upload(&f, S("kept"));
    FileWork one = upload(&f, S("only here")), other = upload(&f, S("only here"));
    assert_works(&f, write_with(&f, insert, &kept));
    assert_int_equal(count_file_names(&f, "incoming"), 3);
    store_file_forget(f.store, &same.row);
    assert_int_equal(count_file_names(&f, "incoming"), 2);
    store_file_forget(f.store, &one.row);
    assert_int_equal(count_file_names(&f, NULL), 2); /* the other upload of the same bytes is not at its end */
    store_file_forget(f.store, &other.row);
    assert_int_equal(count_file_names(&f, NULL), 1);
    assert_int_equal(count_file_names(&f, "incoming"), 0);
    assert_str(read_back(&f, &f.scope, kept.id), "kept");
    store_file_forget(f.store, &kept.row); /* it was committed after all */
    assert_str(read_back(&f, &f.scope, kept.id), "kept");
    fixture_end(&f);
}

static void test_insert__keeps_to_the_room_of_the_organization(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    FileWork first = upload(&f, S("12345")), second = upload(&f, S("12345")), third = upload(&f, S("6"));
    assert_works(&f, write_with(&f, insert, &first)); /* counted before there is a bound */
    f.organization_file_bytes = 9;
    fixture_reopen(&f);
    for (int i = 0; i < 2; i++) { /* what was refused takes no room */
        assert_refused(&f, RESOURCE_EXHAUSTED, write_with(&f, insert, &second));
        assert_non_null(strstr(f.err.message, "may have 9 bytes together; they have 5, and this one has 5"));
    }
    assert_works(&f, write_with(&f, insert, &third));
    second.row.scope.organization++; /* another's room is another's */
    assert_works(&f, write_with(&f, insert, &second));
    second.row.scope.organization--;
    second.row.id = second.id = new_id(&f);
    assert_refused(&f, RESOURCE_EXHAUSTED, write_with(&f, insert, &second));
    assert_works(&f, write_with(&f, delete_one, &first));
    assert_works(&f, write_with(&f, insert, &second));
    f.organization_file_bytes = 0;
    fixture_reopen(&f);
    assert_works(&f, write_with(&f, insert, &first));
    fixture_end(&f);
}

static void test_file_hash__is_sha256(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    static const unsigned char sha256_of_abc[] = {0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40,
                                                  0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17,
                                                  0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad};
    FileWork work = upload(&f, S("abc"));
    assert_memory_equal(work.row.hash, sha256_of_abc, 32);
    fixture_end(&f);
}

static void test_file_get__keeps_tenants_apart(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    FileWork of_workspace = upload(&f, S("mine")), of_organization = upload(&f, S("ours"));
    of_organization.row.scope.workspace = 0;
    assert_works(&f, write_with(&f, insert, &of_workspace));
    assert_works(&f, write_with(&f, insert, &of_organization));
    Scope organization = f.scope, neighbour = f.scope, foreign = f.scope;
    organization.workspace = 0;
    neighbour.workspace++;
    foreign.organization++;
    FileRow row;
    assert_str(read_back(&f, &f.scope, of_organization.id), "ours");
    assert_str(read_back(&f, &neighbour, of_organization.id), "ours");
    assert_str(read_back(&f, &organization, of_organization.id), "ours");
    Tx *tx = read_begin(&f);
    assert_refused(&f, NOT_FOUND, store_file_get(tx, &f.arena, &neighbour, of_workspace.id, &row, &f.err));
    assert_refused(&f, NOT_FOUND, store_file_get(tx, &f.arena, &organization, of_workspace.id, &row, &f.err));
    assert_refused(&f, NOT_FOUND, store_file_get(tx, &f.arena, &foreign, of_organization.id, &row, &f.err));
    read_end(tx);
    FileWork thief = {.scope = neighbour, .id = of_workspace.id};
    assert_refused(&f, NOT_FOUND, write_with(&f, delete_one, &thief));
    fixture_end(&f);
}

static void test_same_bytes__lie_once_until_the_last_row_goes(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    FileWork first = upload(&f, S("same")), second = upload(&f, S("same")), third;
    assert_works(&f, write_with(&f, insert, &first));
    assert_works(&f, write_with(&f, insert, &second));
    assert_int_equal(count_file_names(&f, NULL), 1);
    assert_int_equal(count_file_names(&f, "incoming"), 0);
    assert_works(&f, write_with(&f, delete_one, &first));
    assert_str(read_back(&f, &f.scope, second.id), "same");
    third = upload(&f, S("same")); /* complete, not yet committed: its bytes must survive the delete */
    assert_works(&f, write_with(&f, delete_one, &second));
    assert_works(&f, write_with(&f, insert, &third));
    assert_str(read_back(&f, &f.scope, third.id), "same");
    assert_works(&f, write_with(&f, delete_one, &third));
    assert_int_equal(count_file_names(&f, NULL), 0);
    assert_refused(&f, NOT_FOUND, write_with(&f, delete_one, &third));
    fixture_end(&f);
}

static void test_open__sweeps_what_was_never_committed(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    FileWork kept = upload(&f, S("kept"));
    assert_works(&f, write_with(&f, insert, &kept));
    (void)upload(&f, S("never committed"));
    (void)upload(&f, S("kept")); /* the same bytes as a file that is */
    assert_int_equal(count_file_names(&f, NULL), 2);
    assert_int_equal(count_file_names(&f, "incoming"), 2);
    fixture_reopen(&f);
    assert_int_equal(count_file_names(&f, NULL), 1);
    assert_int_equal(count_file_names(&f, "incoming"), 0);
    assert_str(read_back(&f, &f.scope, kept.id), "kept");
    fixture_end(&f);
}

static void test_delete__that_is_undone_keeps_the_bytes(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    FileWork work = upload(&f, S("bytes"));
    assert_works(&f, write_with(&f, insert, &work));
    for (int calls = 0; calls < 4; calls++) {
        store_fail_after(f.store, calls);
        assert_refused(&f, UNAVAILABLE, write_with(&f, delete_one, &work));
        assert_str(read_back(&f, &f.scope, work.id), "bytes");
    }
    store_fail_after(f.store, -1);
    fixture_end(&f);
}

static void test_write__stops_at_its_bound(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    FileWriter *writer;
    assert_works(&f, store_file_write_begin(f.store, 5, &writer, &f.err));
    assert_works(&f, store_file_write(writer, S("12345"), &f.err));
    assert_refused(&f, INVALID_ARGUMENT, store_file_write(writer, S("6"), &f.err));
    store_file_write_abandon(writer);
    store_file_write_abandon(NULL);
    assert_int_equal(count_file_names(&f, "incoming"), 0);
    fixture_end(&f);
}

static void test_open__says_that_bytes_are_gone_or_cut(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    FileWork work = upload(&f, S("some bytes"));
    assert_works(&f, write_with(&f, insert, &work));
    Str command = str_printf(&f.arena, "for p in %s/files/*/*; do printf short > $p; done", f.directory);
    int fd;
    assert_int_equal(system(str_to_c(&f.arena, command)), 0);
    assert_refused(&f, DATA_LOSS, store_file_open(f.store, &work.row, &fd, &f.err));
    command = str_printf(&f.arena, "rm %s/files/*/*", f.directory);
    assert_int_equal(system(str_to_c(&f.arena, command)), 0);
    assert_refused(&f, DATA_LOSS, store_file_open(f.store, &work.row, &fd, &f.err));
    fixture_end(&f);
}

/* As a disk that gives back other bytes than it took; in place, so that only the times tell. */
static void overwrite(Fixture *f, const char *with)
{
    Str command =
        str_printf(&f->arena, "for p in %s/files/[0-9a-f]*/*; do printf '%s' | dd of=$p conv=notrunc status=none; done",
                   f->directory, with);
    assert_int_equal(system(str_to_c(&f->arena, command)), 0);
}

static void test_open__says_that_bytes_are_not_those_of_the_hash(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    FileWork work = upload(&f, S("some bytes"));
    int fd;
    assert_works(&f, write_with(&f, insert, &work));
    for (int i = 0; i < 2; i++)
        assert_str(read_back(&f, &f.scope, work.id), "some bytes");
    overwrite(&f, "rust");
    for (int i = 0; i < 2; i++)
        assert_refused(&f, DATA_LOSS, store_file_open(f.store, &work.row, &fd, &f.err));
    overwrite(&f, "some");
    assert_str(read_back(&f, &f.scope, work.id), "some bytes");
    fixture_end(&f);
}

/* Uploads, inserts and deletes of the same bytes from many threads: a row that is there has its bytes. */
static void *come_and_go(void *argument)
{
    FileWork *work = argument;
    for (int i = 0; i < 60; i++) {
        FileWriter *writer;
        Error err;
        int fd;
        FileWork own = {.scope = work->scope};
        Id id = id_new();
        if (!store_file_write_begin(work->f->store, 100, &writer, &err) ||
            !store_file_write(writer, S("shared"), &err) || !store_file_write_finish(writer, &own.row, &err))
            return "upload";
        own.row.scope = work->scope;
        own.row.id = own.id = id_str(&id);
        Fixture through = {.store = work->f->store};
        if (!write_with(&through, insert, &own))
            return "insert";
        if (!store_file_open(work->f->store, &own.row, &fd, &err))
            return "open";
        close(fd);
        if (!write_with(&through, delete_one, &own))
            return "delete";
    }
    return NULL;
}

static void test_files__of_the_same_bytes_do_not_harm_each_other(void **state)
{
    (void)state;
    Fixture f;
    fixture_begin_tenant(&f);
    FileWork work = {.f = &f, .scope = f.scope};
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, come_and_go, &work);
    for (int i = 0; i < 4; i++) {
        void *failed;
        pthread_join(threads[i], &failed);
        if (failed)
            fail_msg("%s failed", (const char *)failed);
    }
    assert_int_equal(count_file_names(&f, NULL), 0);
    assert_int_equal(count_file_names(&f, "incoming"), 0);
    fixture_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_file__comes_back_as_it_was_written),
        cmocka_unit_test(test_forget__removes_bytes_that_nobody_else_has),
        cmocka_unit_test(test_insert__keeps_to_the_room_of_the_organization),
        cmocka_unit_test(test_file_hash__is_sha256),
        cmocka_unit_test(test_file_get__keeps_tenants_apart),
        cmocka_unit_test(test_same_bytes__lie_once_until_the_last_row_goes),
        cmocka_unit_test(test_open__sweeps_what_was_never_committed),
        cmocka_unit_test(test_delete__that_is_undone_keeps_the_bytes),
        cmocka_unit_test(test_write__stops_at_its_bound),
        cmocka_unit_test(test_open__says_that_bytes_are_gone_or_cut),
        cmocka_unit_test(test_open__says_that_bytes_are_not_those_of_the_hash),
        cmocka_unit_test(test_files__of_the_same_bytes_do_not_harm_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
