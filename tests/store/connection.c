/* Tests of src/store/connection.c, on either database. */
#include "store/connection.h"

#include "store/fixture.h"

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

static bool put(Tx *tx, void *argument, Error *err)
{
    return store_connection_put(tx, argument, err);
}

static bool delete_it(Tx *tx, void *argument, Error *err)
{
    const ConnectionRow *row = argument;
    return store_connection_delete(tx, &row->scope, row->name, err);
}

static ConnectionRow row_called(const char *name, Str sealed)
{
    return (ConnectionRow){.scope = f.scope,
                           .name = str_from_c(name),
                           .book = S("http"),
                           .url = S("https://erp.example"),
                           .user = S("robot"),
                           .auth = 2,
                           .sealed = sealed};
}

static void test_connection__is_kept_replaced_listed_and_deleted_within_its_workspace(void **state)
{
    (void)state;
    ConnectionRow erp = row_called("erp", S("\0\1sealed")), bank = row_called("bank", S("")), found, *rows;
    int n;
    assert_works(&f, write_with(&f, put, &erp));
    assert_works(&f, write_with(&f, put, &bank));
    int64_t key = erp.key;
    erp.url = S("https://erp2.example");
    assert_works(&f, write_with(&f, put, &erp));
    assert_int_equal(erp.key, key);
    Scope elsewhere = f.scope;
    elsewhere.workspace++;
    Tx *tx = read_begin(&f);
    assert_works(&f, store_connection_get(tx, &f.arena, &f.scope, S("erp"), &found, &f.err));
    assert_str(found.url, "https://erp2.example");
    assert_int_equal(found.auth, 2);
    assert_true(str_eq(found.sealed, S("\0\1sealed")));
    assert_works(&f, store_connection_list(tx, &f.arena, &f.scope, &rows, &n, &f.err));
    assert_int_equal(n, 2);
    assert_str(rows[0].name, "bank");
    assert_works(&f, store_connection_list(tx, &f.arena, &elsewhere, &rows, &n, &f.err));
    assert_int_equal(n, 0);
    assert_false(store_connection_get(tx, &f.arena, &elsewhere, S("erp"), &found, &f.err));
    assert_int_equal(f.err.code, NOT_FOUND);
    read_end(tx);
    ConnectionRow theirs = erp;
    theirs.scope = elsewhere;
    assert_false(write_with(&f, delete_it, &theirs));
    assert_works(&f, write_with(&f, delete_it, &erp));
    assert_false(write_with(&f, delete_it, &erp));
    assert_int_equal(f.err.code, NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_connection__is_kept_replaced_listed_and_deleted_within_its_workspace),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
