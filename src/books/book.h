/* books/book.h: the procedures that automations may call, and how they are carried out.
 *
 * A book is a table: what each procedure is (value/procedure.h) beside the function that does it. Before the function
 * runs, its arguments have been bound: found by name, converted to their types, required ones present. A function that
 * wants something from outside asks its BookContext; no book opens a file, reads a clock or draws a number by itself.
 * What another server must do is an errand (books/errand.h): the book makes it and reads what came of it.
 * Books keep no state and are called from any thread. What they give lives in the arena they are given, and may be
 * shared with their arguments: copy before changing. */
#ifndef CLERKWORK_BOOKS_BOOK_H
#define CLERKWORK_BOOKS_BOOK_H

#include "books/errand.h"
#include "value/procedure.h"

/* Nothing bigger is read into memory at once. */
#define BOOK_FILE_BYTES_MAX (256u << 20)

/* What a book sees of the world: filled in by whoever runs it. */
struct BookContext {
    void *self;
    /* The whole content, at most `max_bytes` (RESOURCE_EXHAUSTED names both sizes). NOT_FOUND names the file. */
    bool (*read_file)(void *self, Arena *arena, const FileRef *file, size_t max_bytes, Str *out_content, Error *err);
    /* Keeps `content` where clients can fetch it; saving the same again is the same file. `out` lives in `arena`. */
    bool (*save_file)(void *self, Arena *arena, Str filename, Str mime_type, Str content, FileRef *out, Error *err);
    int64_t (*now_us)(void *self);
    uint64_t (*random)(void *self);
    /* The workspace's preferences. */
    Locale locale;
    /* Of calls that go outside. */
    Str alias;           /* the connection that the call names, or "" */
    Str idempotency_key; /* of EFFECT_KEYED procedures */
    Str place;           /* what is the same for every try of this call: run, sentence, rounds of loops */
    /* The connection of that name, which must be of `book`; `out` lives in `arena`. NOT_FOUND says how one is made. */
    bool (*connection)(void *self, Arena *arena, Str book, Str name, BookConnection *out, Error *err);
};

/* `arguments` are in the order of the procedure's parameters; one that was left out is VALUE_UNSET. */
typedef bool BookFunction(const BookContext *context, Arena *arena, const Value *arguments, Value *out, Error *err);

/* The two halves of a procedure that goes outside. On failure `prepare` leaves the errand to whoever called. */
typedef bool BookPrepare(const BookContext *context, const Value *arguments, BookErrand *errand, Error *err);
typedef bool BookRead(Arena *arena, BookErrand *errand, Value *out, Error *err);

typedef struct BookEntry {
    Procedure procedure;
    BookFunction *call;
    /* Instead, where procedure.outside is set: */
    BookPrepare *prepare;
    BookRead *read;
} BookEntry;

typedef struct Book {
    Str name;         /* "files" */
    Str version;      /* "1.0.0" */
    Str display_name; /* "Files" */
    Str summary;      /* one sentence without a full stop */
    Str description;  /* what it is for, in a paragraph */
    const BookEntry *entries;
    uint32_t n_entries;
} Book;

extern const Book dates_book, email_book, files_book, http_book, measures_book, numbers_book, tables_book, text_book;

/* ---- all of them ---- */
const Book *const *books_all(uint32_t *out_n); /* in the order of their names */
const Book *book_find(Str name);               /* NULL when there is none */
const Catalog *books_catalog(void);            /* every procedure of every book; constant for the process */
/* Binds `arguments` to the procedure's parameters and carries it out. INVALID_ARGUMENT names the parameter at fault in
 * err->field. UNIMPLEMENTED when no book has the procedure, or it goes outside. A procedure without a result gives
 * null. */
MUST_USE bool books_call(const BookContext *context, const Procedure *procedure, const Argument *arguments,
                         uint32_t n_arguments, Arena *arena, Value *out, Error *err);

/* ---- the reference, written from the same tables ---- */
void books_print_markdown(Buf *out, const Book *book); /* docs/books/<name>.md */
void books_print_index(Buf *out);                      /* docs/books/README.md */
/* "get the invoices from the invoice file" of "get {result} from {file}": placeholders as a reader would fill them. */
void procedure_print_sentence(Buf *out, const Procedure *procedure);

/* "Looks at the world outside; …": what calling it means to the world. */
Str effect_sentence(Effect effect);

/* ---- for the books themselves ---- */

/* Begins a BookEntry: all that its procedure is. `parameters_of` is an array; what follows are further members of
 * Procedure (sentence, description, example, result, effect). A book of several defines a short form of it, named after
 * itself, with what all of its procedures share. The functions stand behind it:
 *     {DATES("quarter", part_parameters, .english = S_INIT("…"), …), quarter} */
#define BOOK_PROCEDURE(book_name, procedure_name, parameters_of, ...)                                                  \
    .procedure = {.book = S_INIT(book_name),                                                                           \
                  .name = S_INIT(procedure_name),                                                                      \
                  .parameters = parameters_of,                                                                         \
                  .n_parameters = COUNT_OF(parameters_of),                                                             \
                  __VA_ARGS__}

#define TEXT_ARGUMENT(arguments, index) value_str((arguments)[index])
static inline bool argument_given(Value argument)
{
    return argument.kind != VALUE_UNSET && argument.kind != VALUE_NULL;
}
/* A text, or a list of texts: names of columns. */
MUST_USE bool argument_names(Arena *arena, Value argument, const char *field, const Str **out, uint32_t *out_n,
                             Error *err);
/* A whole number between both bounds, or `otherwise` when it was not given. */
MUST_USE bool argument_whole(Value argument, const char *field, int64_t otherwise, int64_t least, int64_t most,
                             int64_t *out, Error *err);
/* The column, exactly or by its normalised name; INVALID_ARGUMENT lists the columns that there are. */
MUST_USE bool table_column_named(const Table *table, Str name, const char *field, const Column **out, Error *err);

#endif
