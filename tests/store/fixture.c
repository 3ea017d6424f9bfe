/* tests/store/fixture.c */
#include "store/fixture.h"

#include "aip/filter.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct WorkCommand {
    Command command;
    Work work;
    void *argument;
} WorkCommand;

static bool work_apply(Tx *tx, Command *command, Error *err)
{
    WorkCommand *work = (WorkCommand *)command;
    return work->work(tx, work->argument, err);
}

bool write_with(Fixture *f, Work work, void *argument)
{
    WorkCommand command = {.command = {.apply = work_apply}, .work = work, .argument = argument};
    error_clear(&f->err);
    return store_execute(f->store, &command.command, &f->err);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *where)
{
    (void)status, (void)type, (void)where;
    return remove(path);
}

void remove_folder(const char *path)
{
    nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int count_file_names(Fixture *f, const char *folder)
{
    Str path = str_printf(&f->arena, "%s/files%s%s", f->directory, folder ? "/" : "", folder ? folder : "");
    DIR *directory = opendir(str_to_c(&f->arena, path));
    assert_non_null(directory);
    const struct dirent *entry;
    int n = 0;
    while ((entry = readdir(directory))) {
        if (entry->d_name[0] == '.' || (!folder && strcmp(entry->d_name, "incoming") == 0))
            continue;
        n += folder ? 1 : count_file_names(f, entry->d_name);
    }
    closedir(directory);
    return n;
}

StoreOptions fixture_options(const Fixture *f)
{
    return (StoreOptions){.location = str_from_c(f->directory),
                          .database = str_from_c(f->database),
                          .organization_file_bytes = f->organization_file_bytes};
}

void fixture_open(Fixture *f)
{
    const StoreOptions options = fixture_options(f);
    assert_works(f, store_open(&options, &f->store, &f->err));
    assert_works(f, store_reader_open(f->store, &f->reader, &f->err));
}

void fixture_begin(Fixture *f)
{
    *f = (Fixture){0};
    snprintf(f->directory, sizeof f->directory, "/tmp/clerkwork-store-XXXXXX");
    assert_non_null(mkdtemp(f->directory));
    if (schema_wanted())
        schema_make(f->database);
    fixture_open(f);
}

void fixture_close(Fixture *f)
{
    store_reader_close(f->reader);
    store_close(f->store);
    f->reader = NULL;
    f->store = NULL;
}

void fixture_reopen(Fixture *f)
{
    fixture_close(f);
    fixture_open(f);
}

void fixture_end(Fixture *f)
{
    fixture_close(f);
    arena_done(&f->arena);
    if (f->database[0])
        schema_give_back(f->database);
    remove_folder(f->directory);
}

static bool make_tenant(Tx *tx, void *argument, Error *err)
{
    Fixture *f = argument;
    Organization organization = {.id = S("o1"), .title = S("Acme")};
    if (!store_organization_create(tx, &organization, err))
        return false;
    Workspace workspace = {.organization = organization.key, .id = S("w1"), .title = S("Invoices")};
    f->user = (User){.id = S("u1"), .display_name = S("Ada"), .email = S("ada@example.com")};
    if (!store_workspace_create(tx, &workspace, err) || !store_user_create(tx, &f->user, err) ||
        !store_member_put(tx, organization.key, 0, f->user.key, ROLE_ORGANIZATION_ADMIN, err))
        return false;
    f->scope = (Scope){organization.key, workspace.key, S("o1"), S("w1")};
    f->automation =
        (Automation){.id = S("a1"), .version = {0, 1}, .display_name = S("Three-way match"), .etag = S("e1")};
    f->revision = (Revision){.version = {0, 1},
                             .display_name = S("Three-way match"),
                             .english = S("Get the invoices."),
                             .code = S("x = 1"),
                             .valid = true,
                             .input_specs = S("[]"),
                             .connections = S("{}")};
    return store_automation_create(tx, &f->scope, &f->automation, &f->revision, err);
}

void fixture_begin_tenant(Fixture *f)
{
    fixture_begin(f);
    assert_works(f, write_with(f, make_tenant, f));
}

Tx *read_begin(Fixture *f)
{
    Tx *tx = NULL;
    assert_works(f, tx_begin_read(f->reader, &tx, &f->err));
    return tx;
}

void read_end(Tx *tx)
{
    tx_end(tx);
}

Str new_id(Fixture *f)
{
    Id id = id_new();
    return str_copy(&f->arena, id_str(&id));
}

RunRow run_of(Fixture *f)
{
    return (RunRow){.scope = f->scope,
                    .id = new_id(f),
                    .execution_id = new_id(f),
                    .automation = f->automation.key,
                    .revision = f->revision.key,
                    .automation_id = f->automation.id,
                    .stage = STAGE_DRAFT,
                    .version = {0, 1},
                    .source = SOURCE_MANUAL,
                    .user_id = S("u1"),
                    .inputs = S("{\"n\":1}"),
                    .location_start = -1,
                    .location_end = -1};
}

static bool insert_run_work(Tx *tx, void *argument, Error *err)
{
    return store_run_insert(tx, argument, err);
}

RunRow insert_run(Fixture *f)
{
    RunRow run = run_of(f);
    assert_works(f, write_with(f, insert_run_work, &run));
    return run;
}

void assert_str_(Str actual, const char *expected, const char *file, int line)
{
    if (!str_eq(actual, str_from_c(expected))) {
        print_error("\"%.*s\" is not \"%s\"\n", STR_ARG(actual), expected);
        _fail(file, line);
    }
}

/* ---- filters ---- */

static Filter *term_new(Fixture *f, const char *name, FilterType type, int op)
{
    FilterField *field = NEW(&f->arena, FilterField);
    field->name = str_copy(&f->arena, str_from_c(name));
    field->type = type;
    Filter *term = NEW(&f->arena, Filter);
    term->kind = FILTER_TERM;
    term->spec = field;
    term->op = (FilterOp)op;
    return term;
}

const Filter *filter_text(Fixture *f, const char *field, int op, const char *value)
{
    Filter *term = term_new(f, field, FILTER_TEXT, op);
    term->text = str_copy(&f->arena, str_from_c(value));
    term->prefix_match = str_ends(term->text, S("*"));
    if (term->prefix_match)
        term->text.len--;
    return term;
}

const Filter *filter_resource(Fixture *f, const char *field, int op, const char *value)
{
    Filter *term = term_new(f, field, FILTER_RESOURCE, op);
    term->text = str_copy(&f->arena, str_from_c(value));
    return term;
}

const Filter *filter_number(Fixture *f, const char *field, int op, int64_t value)
{
    Filter *term = term_new(f, field, FILTER_TIME, op);
    term->number = value;
    return term;
}

const Filter *filter_enum(Fixture *f, const char *field, int op, const char *values, const char *value)
{
    Filter *term = term_new(f, field, FILTER_ENUM, op);
    FilterField *spec = (FilterField *)term->spec;
    Str *names = NEW_ARRAY(&f->arena, Str, 16);
    Str rest = str_from_c(values);
    term->number = -1;
    while (rest.data) {
        names[spec->n_values] = str_cut(&rest, ' ');
        if (str_eq(names[spec->n_values], str_from_c(value)))
            term->number = spec->n_values;
        spec->n_values++;
    }
    assert_true(term->number >= 0);
    spec->values = names;
    return term;
}

const Filter *filter_of(Fixture *f, int kind, const Filter *a, const Filter *b)
{
    Filter *filter = NEW(&f->arena, Filter);
    filter->kind = (FilterKind)kind;
    filter->kids = NEW_ARRAY(&f->arena, Filter *, 2);
    filter->kids[0] = (Filter *)a;
    filter->kids[1] = (Filter *)b;
    filter->n_kids = b ? 2 : 1;
    return filter;
}
