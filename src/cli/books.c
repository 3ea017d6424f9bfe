/* cli/books.c: the procedures that automations may call, from the books' own descriptors. */
#include "books/book.h"

#include <stdio.h>

#include "cli/command.h"
#include "lang/diagnostic.h"

static const Str effect_names[] = {
    [EFFECT_PURE] = S_INIT("pure"),   [EFFECT_READ] = S_INIT("read"), [EFFECT_REPEATABLE] = S_INIT("repeatable"),
    [EFFECT_KEYED] = S_INIT("keyed"), [EFFECT_ONCE] = S_INIT("once"),
};

/* ---- for people ---- */
static void add_indented(Buf *out, Str text, const char *indent)
{
    while (text.data) {
        Str line = str_cut(&text, '\n');
        buf_printf(out, "%s%.*s\n", indent, STR_ARG(line));
    }
}

static void add_call(Buf *out, const Procedure *procedure)
{
    if (procedure->result)
        buf_str(out, S("result = "));
    buf_printf(out, "%.*s.%.*s(", STR_ARG(procedure->book), STR_ARG(procedure->name));
    for (uint32_t i = 0; i < procedure->n_parameters; i++) {
        const Parameter *parameter = &procedure->parameters[i];
        buf_printf(out, "%s%.*s=%.*s%s", i ? ", " : "", STR_ARG(parameter->name), STR_ARG(type_spy(parameter->type)),
                   parameter->required ? "" : "?");
    }
    buf_char(out, ')');
}

static void add_parameters(Buf *out, const Procedure *procedure)
{
    AUTO(arena_done)
    Arena arena = {0};
    size_t width = 0;
    for (uint32_t i = 0; i < procedure->n_parameters; i++)
        width = MAX_OF(width, procedure->parameters[i].name.len);
    for (uint32_t i = 0; i < procedure->n_parameters; i++) {
        const Parameter *parameter = &procedure->parameters[i];
        Str type = type_english(&arena, parameter->type), name = name_to_words(&arena, parameter->name);
        buf_printf(out, "  %-*.*s  %.*s%s: %.*s\n", (int)width, STR_ARG(name), STR_ARG(type),
                   parameter->required ? "" : ", may be left out", STR_ARG(parameter->description));
    }
}

static void add_result(Buf *out, const Procedure *procedure)
{
    AUTO(arena_done)
    Arena arena = {0};
    if (!procedure->result) {
        buf_str(out, S("\nGives nothing.\n"));
        return;
    }
    Str type = type_english(&arena, procedure->result);
    buf_printf(out, "\nGives: %.*s", STR_ARG(type));
    for (uint32_t i = 0; i < procedure->result->n_fields; i++)
        buf_printf(out, "%s%.*s", i ? ", " : " with ", STR_ARG(procedure->result->fields[i].name));
    buf_str(out, S(".\n"));
}

static void add_procedure(Buf *out, const Procedure *procedure)
{
    buf_printf(out, "%.*s.%.*s\n", STR_ARG(procedure->book), STR_ARG(procedure->name));
    for (Str rest = procedure->english; rest.data;) {
        Str sentence = str_cut(&rest, '|');
        buf_printf(out, "  %.*s\n", STR_ARG(sentence));
    }
    buf_printf(out, "\n%.*s\n", STR_ARG(procedure->description));
    if (procedure->n_parameters > 0)
        buf_str(out, S("\nParameters\n"));
    add_parameters(out, procedure);
    add_result(out, procedure);
    Str effect = effect_sentence(procedure->effect);
    buf_printf(out, "%.*s\n\nIn SPy\n  ", STR_ARG(effect));
    add_call(out, procedure);
    buf_str(out, S("\n\nExample\n"));
    add_indented(out, procedure->example, "  ");
}

static void add_list(Buf *out, const Book *book)
{
    size_t width = 0;
    for (uint32_t i = 0; i < book->n_entries; i++)
        width = MAX_OF(width, book->entries[i].procedure.name.len);
    buf_printf(out, "%.*s: %.*s\n", STR_ARG(book->name), STR_ARG(book->summary));
    for (uint32_t i = 0; i < book->n_entries; i++) {
        const Procedure *procedure = &book->entries[i].procedure;
        Str rest = procedure->english, sentence = str_cut(&rest, '|');
        buf_printf(out, "  %-*.*s  %.*s\n", (int)width, STR_ARG(procedure->name), STR_ARG(sentence));
    }
}

static void add_all(Buf *out)
{
    uint32_t n = 0;
    const Book *const *all = books_all(&n);
    for (uint32_t i = 0; i < n; i++) {
        add_list(out, all[i]);
        buf_char(out, '\n');
    }
    buf_str(out, S("{result} is the fact that the sentence names; the other words in braces are parameters.\n"
                   "`clerkwork books BOOK.PROCEDURE` tells all about one.\n"));
}

static void add_book(Buf *out, const Book *book)
{
    add_list(out, book);
    buf_printf(out, "\nVersion %.*s. %.*s\n", STR_ARG(book->version), STR_ARG(book->description));
}

/* ---- as JSON ---- */
static void json_parameters(JsonOut *out, const Procedure *procedure)
{
    json_key(out, S("parameters"));
    json_open_array(out);
    for (uint32_t i = 0; i < procedure->n_parameters; i++) {
        const Parameter *parameter = &procedure->parameters[i];
        json_open_object(out);
        json_member_str(out, S("name"), parameter->name);
        json_key(out, S("type"));
        type_to_json(out, parameter->type);
        json_key(out, S("required"));
        json_bool(out, parameter->required);
        json_member_str(out, S("description"), parameter->description);
        json_close_object(out);
    }
    json_close_array(out);
}

static void json_procedure(JsonOut *out, const Procedure *procedure)
{
    AUTO(buf_done)
    Buf call = {0};
    json_open_object(out);
    json_member_str(out, S("book"), procedure->book);
    json_member_str(out, S("name"), procedure->name);
    json_key(out, S("sentences"));
    json_open_array(out);
    for (Str rest = procedure->english; rest.data;)
        json_str(out, str_cut(&rest, '|'));
    json_close_array(out);
    json_member_str(out, S("description"), procedure->description);
    json_parameters(out, procedure);
    json_key(out, S("result"));
    if (procedure->result)
        type_to_json(out, procedure->result);
    else
        json_null(out);
    json_member_str(out, S("effect"), effect_names[procedure->effect]);
    add_call(&call, procedure);
    json_member_str(out, S("spy"), buf_view(&call));
    json_member_str(out, S("example"), procedure->example);
    json_close_object(out);
}

static void json_book(JsonOut *out, const Book *book)
{
    json_open_object(out);
    json_member_str(out, S("name"), book->name);
    json_member_str(out, S("version"), book->version);
    json_member_str(out, S("display_name"), book->display_name);
    json_member_str(out, S("summary"), book->summary);
    json_member_str(out, S("description"), book->description);
    json_key(out, S("procedures"));
    json_open_array(out);
    for (uint32_t i = 0; i < book->n_entries; i++)
        json_procedure(out, &book->entries[i].procedure);
    json_close_array(out);
    json_close_object(out);
}

static void json_all(JsonOut *out)
{
    uint32_t n = 0;
    const Book *const *all = books_all(&n);
    json_open_object(out);
    json_key(out, S("books"));
    json_open_array(out);
    for (uint32_t i = 0; i < n; i++)
        json_book(out, all[i]);
    json_close_array(out);
    json_close_object(out);
}

/* ---- the command ---- */
typedef struct Wanted { /* both NULL: everything */
    const Book *book;
    const Procedure *procedure;
} Wanted;

static bool refuse(Error *err, const char *what, Str name, const Str *names, uint32_t n)
{
    AUTO(buf_done)
    Buf listed = {0};
    Str near = nearest_spelling(name, names, n);
    if (near.len > 0)
        return error_set(err, NOT_FOUND, "", "there is no %s \"%.*s\": did you mean \"%.*s\"?", what, STR_ARG(name),
                         STR_ARG(near));
    for (uint32_t i = 0; i < n; i++)
        buf_printf(&listed, "%s%.*s", i ? ", " : "", STR_ARG(names[i]));
    return error_set(err, NOT_FOUND, "", "there is no %s \"%.*s\"; there are %.*s", what, STR_ARG(name),
                     STR_ARG(buf_view(&listed)));
}

static bool find_book(Arena *arena, Str name, Wanted *out, Error *err)
{
    uint32_t n = 0;
    const Book *const *all = books_all(&n);
    Str *names = NEW_ARRAY(arena, Str, n);
    for (uint32_t i = 0; i < n; i++)
        names[i] = all[i]->name;
    out->book = book_find(name);
    return out->book || refuse(err, "book", name, names, n);
}

static bool find_procedure(Arena *arena, Str name, Wanted *out, Error *err)
{
    Str *names = NEW_ARRAY(arena, Str, out->book->n_entries);
    for (uint32_t i = 0; i < out->book->n_entries; i++)
        names[i] = out->book->entries[i].procedure.name;
    out->procedure = catalog_find(books_catalog(), out->book->name, name);
    return out->procedure || refuse(err, "procedure", name, names, out->book->n_entries);
}

static bool find_wanted(Arena *arena, const char *operand, Wanted *out, Error *err)
{
    Str rest = str_from_c(operand), book = str_cut(&rest, '.');
    *out = (Wanted){0};
    if (!operand)
        return true;
    return find_book(arena, book, out, err) && (!rest.data || find_procedure(arena, rest, out, err));
}

static int print_wanted(Arena *arena, Wanted wanted, bool json)
{
    Buf text = buf_in(arena);
    JsonOut out = json_out(&text);
    if (wanted.procedure)
        json ? json_procedure(&out, wanted.procedure) : add_procedure(&text, wanted.procedure);
    else if (wanted.book)
        json ? json_book(&out, wanted.book) : add_book(&text, wanted.book);
    else
        json ? json_all(&out) : add_all(&text);
    if (json)
        buf_char(&text, '\n');
    return fwrite(text.data, 1, text.len, stdout) == text.len ? EXIT_DONE : EXIT_FAILED;
}

static int run_books(int argc, char **argv)
{
    AUTO(arena_done)
    Arena arena = {0};
    const char **operands = NEW_ARRAY(&arena, const char *, (size_t)argc + 1);
    bool json = false;
    int n = 0;
    Error err = {0};
    Wanted wanted;
    const CliOption options[] = {{.name = "json", .flag = &json}};
    if (!cli_options(argc, argv, options, COUNT_OF(options), operands, &n))
        return EXIT_USAGE;
    if (n > 1)
        return command_usage("books", "name one book, or one procedure as BOOK.PROCEDURE");
    if (!find_wanted(&arena, operands[0], &wanted, &err))
        return command_failed("books", &err);
    return print_wanted(&arena, wanted, json);
}

const CliCommand command_books = {
    .name = "books",
    .summary = "list the procedures that automations may call",
    .help =
        "usage: clerkwork books [--json] [BOOK[.PROCEDURE]]\n"
        "\n"
        "Lists the books and the sentences that call their procedures; of one procedure: its sentences, parameters,\n"
        "result, what it does to the world outside, and an example.\n"
        "\n"
        "  clerkwork books                       all of them, a sentence each\n"
        "  clerkwork books files                 one book\n"
        "  clerkwork books files.read_table      one procedure\n"
        "  clerkwork books --json                for programs: {books: [{name, procedures: [...]}]}\n"
        "\n"
        "Exit code: 0 done, 1 there is no such book or procedure, 2 the command line makes no sense.\n",
    .run = run_books,
};
