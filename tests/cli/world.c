/* Tests of src/cli/world.c: the real World, called as the engine calls it. */
#include "store/fixture.h"

#include "books/book.h"
#include "cli/world.h"
#include "store/file.h"

static bool save(Fixture *f, RealWorld *real, const char *name, const char *text, Value *out)
{
    const World *world = real_world(real);
    const Argument arguments[] = {{S("text"), value_text(str_from_c(text))}, {S("name"), value_text(str_from_c(name))}};
    const EvalCall call = {.procedure = catalog_find(books_catalog(), S("files"), S("write_text")),
                           .arguments = arguments,
                           .n_arguments = COUNT_OF(arguments)};
    const WorldCall world_call = {.scope = &f->scope, .locale = &locale_default, .call = &call};
    error_clear(&f->err);
    return world->call(world->self, &world_call, &f->arena, out, &f->err);
}

typedef struct Deletion {
    Fixture *f;
    Str id;
} Deletion;

static bool delete_file(Tx *tx, void *argument, Error *err)
{
    const Deletion *deletion = argument;
    return store_file_delete(tx, &deletion->f->scope, deletion->id, err);
}

static void test_save__of_the_same_file_again_takes_no_room(void **state)
{
    (void)state;
    Fixture f;
    Value first, again, other;
    const HttpClientOptions calls_out = {0};
    fixture_begin_tenant(&f);
    f.organization_file_bytes = 9; /* not two times five */
    fixture_reopen(&f);
    RealWorld *world = real_world_new(f.store, &calls_out, "");
    assert_works(&f, save(&f, world, "a.txt", "12345", &first));
    assert_works(&f, save(&f, world, "a.txt", "12345", &again)); /* as a run does that is taken up again */
    assert_true(str_eq(first.file->name, again.file->name));
    assert_int_equal(count_file_names(&f, NULL), 1);
    assert_int_equal(count_file_names(&f, "incoming"), 0);

    assert_refused(&f, RESOURCE_EXHAUSTED, save(&f, world, "b.txt", "67890", &other));
    assert_refused(&f, RESOURCE_EXHAUSTED, save(&f, world, "b.txt", "12345", &other));
    assert_int_equal(count_file_names(&f, NULL), 1);
    assert_int_equal(count_file_names(&f, "incoming"), 0);

    Str id = first.file->name;
    Deletion deletion = {&f, str_skip(id, (size_t)str_find_last_char(id, '/') + 1)};
    assert_works(&f, write_with(&f, delete_file, &deletion));
    assert_int_equal(count_file_names(&f, NULL), 0); /* nothing keeps the bytes */
    assert_works(&f, save(&f, world, "b.txt", "67890", &other));
    real_world_stop(world);
    real_world_free(world);
    fixture_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_save__of_the_same_file_again_takes_no_room)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
