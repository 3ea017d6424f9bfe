/* books/registry.c: all books, and the one door through which their procedures are called. */
#include <pthread.h>
#include <stdio.h>

#include "books/book.h"
#include "value/decimal.h"

#define PROCEDURES_MAX 256
#define PARAMETERS_MAX 16
#define LISTED_MAX 400 /* bytes of names in an error */

static const Book *const books[] = {&dates_book,    &email_book,   &files_book,  &http_book,
                                    &measures_book, &numbers_book, &tables_book, &text_book};

const Book *const *books_all(uint32_t *out_n)
{
    *out_n = COUNT_OF(books);
    return books;
}

const Book *book_find(Str name)
{
    for (size_t i = 0; i < COUNT_OF(books); i++) {
        if (str_eq(books[i]->name, name))
            return books[i];
    }
    return NULL;
}

/* One a process: the same pointers in the order of the books, gathered once. */
static const Procedure *procedures[PROCEDURES_MAX];
static Catalog catalog = {.procedures = procedures};
static pthread_once_t catalog_gathered = PTHREAD_ONCE_INIT;

static void catalog_gather(void)
{
    for (size_t i = 0; i < COUNT_OF(books); i++) {
        for (uint32_t k = 0; k < books[i]->n_entries; k++) {
            assert(catalog.n_procedures < PROCEDURES_MAX);
            procedures[catalog.n_procedures++] = &books[i]->entries[k].procedure;
        }
    }
}

const Catalog *books_catalog(void)
{
    (void)pthread_once(&catalog_gathered, catalog_gather);
    return &catalog;
}

static const BookEntry *entry_find(const Procedure *procedure)
{
    const Book *book = book_find(procedure->book);
    for (uint32_t i = 0; book && i < book->n_entries; i++) {
        if (str_eq(book->entries[i].procedure.name, procedure->name))
            return &book->entries[i];
    }
    return NULL;
}

/* ---- binding ---- */
static bool bind_one(const BookContext *context, Arena *arena, const Parameter *parameter, Value given, Value *out,
                     Error *err)
{
    char field[64];
    (void)snprintf(field, sizeof field, "%.*s", STR_ARG(parameter->name));
    if (!parameter->required && given.kind == VALUE_NULL)
        return true;
    if (parameter->type->kind == TYPE_ANY) {
        *out = given;
        return true;
    }
    return type_convert(arena, parameter->type, given, locale_reading(&context->locale), field, out, err);
}

static bool bind(const BookContext *context, const Procedure *procedure, const Argument *given, uint32_t n_given,
                 Arena *arena, Value *bound, Error *err)
{
    for (uint32_t i = 0; i < n_given; i++) {
        const Parameter *parameter = procedure_parameter(procedure, given[i].name);
        if (!parameter)
            return error_set(err, INVALID_ARGUMENT, "", "%.*s.%.*s has no parameter called \"%.*s\"",
                             STR_ARG(procedure->book), STR_ARG(procedure->name),
                             STR_ARG(str_slice(given[i].name, 0, 60)));
        Value *slot = &bound[parameter - procedure->parameters];
        if (!bind_one(context, arena, parameter, given[i].value, slot, err))
            return false;
    }
    for (uint32_t i = 0; i < procedure->n_parameters; i++) {
        const Parameter *parameter = &procedure->parameters[i];
        if (!parameter->required || bound[i].kind != VALUE_UNSET)
            continue;
        error_set(err, INVALID_ARGUMENT, "", "%.*s.%.*s needs the %.*s: %.*s", STR_ARG(procedure->book),
                  STR_ARG(procedure->name), STR_ARG(parameter->name), STR_ARG(parameter->description));
        (void)snprintf(err->field, sizeof err->field, "%.*s", STR_ARG(parameter->name));
        return false;
    }
    return true;
}

static bool unknown(const Procedure *procedure, Error *err)
{
    return error_set(err, UNIMPLEMENTED, "", "there is no procedure called %.*s.%.*s", STR_ARG(procedure->book),
                     STR_ARG(procedure->name));
}

bool books_call(const BookContext *context, const Procedure *procedure, const Argument *arguments, uint32_t n_arguments,
                Arena *arena, Value *out, Error *err)
{
    const BookEntry *entry = entry_find(procedure);
    Value bound[PARAMETERS_MAX] = {0}, result = value_null();
    if (!entry || !entry->call)
        return unknown(procedure, err);
    assert(entry->procedure.n_parameters <= PARAMETERS_MAX);
    if (!bind(context, &entry->procedure, arguments, n_arguments, arena, bound, err) ||
        !entry->call(context, arena, bound, &result, err))
        return false;
    *out = result;
    return true;
}

bool books_prepare(const BookContext *context, const Procedure *procedure, const Argument *arguments,
                   uint32_t n_arguments, BookErrand *errand, Error *err)
{
    const BookEntry *entry = entry_find(procedure);
    Value bound[PARAMETERS_MAX] = {0};
    if (!entry || !entry->prepare)
        return unknown(procedure, err);
    assert(entry->procedure.n_parameters <= PARAMETERS_MAX);
    *errand = (BookErrand){.effect = entry->procedure.effect};
    if (bind(context, &entry->procedure, arguments, n_arguments, &errand->arena, bound, err) &&
        entry->prepare(context, bound, errand, err))
        return true;
    book_errand_done(errand);
    return false;
}

bool books_read(const Procedure *procedure, BookErrand *errand, Arena *arena, Value *out, Error *err)
{
    const BookEntry *entry = entry_find(procedure);
    return entry && entry->read ? entry->read(arena, errand, out, err) : unknown(procedure, err);
}

/* ---- for the books themselves ---- */
bool argument_names(Arena *arena, Value argument, const char *field, const Str **out, uint32_t *out_n, Error *err)
{
    uint32_t n = argument.kind == VALUE_LIST ? argument.list->count : 1;
    const Value *items = argument.kind == VALUE_LIST ? argument.list->items : &argument;
    Str *names = NEW_ARRAY(arena, Str, n);
    for (uint32_t i = 0; i < n; i++) {
        if (items[i].kind != VALUE_TEXT)
            return error_set(err, INVALID_ARGUMENT, field,
                             "%s is not the name of a column: give a text or a list of texts",
                             value_kind_name((ValueKind)items[i].kind));
        names[i] = value_str(items[i]);
    }
    if (n == 0)
        return error_set(err, INVALID_ARGUMENT, field, "name at least one column");
    *out = names;
    *out_n = n;
    return true;
}

bool argument_whole(Value argument, const char *field, int64_t otherwise, int64_t least, int64_t most, int64_t *out,
                    Error *err)
{
    int64_t n = otherwise;
    if (argument_given(argument) && (!value_to_int(argument, &n) || n < least || n > most))
        return error_set(err, INVALID_ARGUMENT, field, "a whole number from %lld to %lld is needed", (long long)least,
                         (long long)most);
    *out = n;
    return true;
}

static const Column *column_alike(const Table *table, Str name)
{
    const Column *exact = table_column(table, name);
    for (uint32_t i = 0; !exact && i < table->n_columns; i++) {
        if (name_alike(table->columns[i].name, name))
            exact = &table->columns[i];
    }
    return exact;
}

bool table_column_named(const Table *table, Str name, const char *field, const Column **out, Error *err)
{
    const Column *column = column_alike(table, name);
    if (column) {
        *out = column;
        return true;
    }
    char listed[LISTED_MAX] = "";
    size_t len = 0;
    for (uint32_t i = 0; i < table->n_columns && len < sizeof listed - 1; i++) {
        int written =
            snprintf(listed + len, sizeof listed - len, "%s%.*s", i ? ", " : "", STR_ARG(table->columns[i].name));
        len += written > 0 ? (size_t)written : 0;
    }
    return error_set(err, INVALID_ARGUMENT, field, "the table has no column called \"%.*s\"; its columns are: %s",
                     STR_ARG(str_slice(name, 0, 60)), table->n_columns ? listed : "none");
}
