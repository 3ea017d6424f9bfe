/* books/describe.c: the books' reference, written from their tables. */
#include "books/book.h"

static const Str sentences_of_effects[] = {
    [EFFECT_PURE] = S_INIT("Gives the same for the same; touches nothing."),
    [EFFECT_READ] = S_INIT("Looks at the world outside; what it finds is kept in the run's journal."),
    [EFFECT_REPEATABLE] = S_INIT("Changes the world outside; twice is the same as once."),
    [EFFECT_KEYED] = S_INIT("Changes the world outside, once for every key."),
    [EFFECT_ONCE] = S_INIT("Changes the world outside; never repeated without asking a person."),
};

Str effect_sentence(Effect effect)
{
    return sentences_of_effects[effect];
}

static void print_words(Buf *out, Str snake)
{
    for (size_t i = 0; i < snake.len; i++)
        buf_char(out, snake.data[i] == '_' ? ' ' : snake.data[i]);
}

/* The first sentence, up to "|". */
static Str first_sentence(Str english)
{
    Str rest = english;
    return str_cut(&rest, '|');
}

void procedure_print_sentence(Buf *out, const Procedure *procedure)
{
    Str rest = first_sentence(procedure->english);
    while (rest.len > 0) {
        buf_str(out, str_cut(&rest, '{'));
        if (!rest.data)
            return;
        buf_str(out, S("the "));
        print_words(out, str_cut(&rest, '}'));
    }
}

static bool sentence_places(const Procedure *procedure, Str parameter)
{
    Str rest = first_sentence(procedure->english);
    while (rest.len > 0) {
        (void)str_cut(&rest, '{');
        if (rest.data && str_eq(str_cut(&rest, '}'), parameter))
            return true;
    }
    return false;
}

static void print_parameters(Buf *out, const Procedure *procedure)
{
    AUTO(arena_done)
    Arena arena = {0};
    if (procedure->n_parameters == 0)
        return;
    buf_str(out, S("| parameter | is | meaning |\n|---|---|---|\n"));
    for (uint32_t i = 0; i < procedure->n_parameters; i++) {
        const Parameter *parameter = &procedure->parameters[i];
        Str type = type_english(&arena, parameter->type);
        buf_str(out, S("| the "));
        print_words(out, parameter->name);
        buf_printf(out, " | %.*s%s | %.*s%s |\n", STR_ARG(type), parameter->required ? "" : ", optional",
                   STR_ARG(parameter->description),
                   sentence_places(procedure, parameter->name) ? "" : " (on a line of its own)");
    }
    buf_char(out, '\n');
}

static void print_spellings(Buf *out, const Procedure *procedure)
{
    Str rest = procedure->english;
    while (rest.data) {
        Str sentence = str_cut(&rest, '|');
        buf_printf(out, "    %.*s\n", STR_ARG(sentence));
    }
    buf_char(out, '\n');
}

static void print_call(Buf *out, const Procedure *procedure)
{
    buf_str(out, S("In SPy: `"));
    if (procedure->result)
        buf_str(out, S("result = "));
    buf_printf(out, "%.*s.%.*s(", STR_ARG(procedure->book), STR_ARG(procedure->name));
    for (uint32_t i = 0; i < procedure->n_parameters; i++)
        buf_printf(out, "%s%.*s=…", i ? ", " : "", STR_ARG(procedure->parameters[i].name));
    buf_str(out, S(")`.\n\n"));
}

static void print_procedure(Buf *out, const Procedure *procedure)
{
    AUTO(arena_done)
    Arena arena = {0};
    buf_printf(out, "## %.*s\n\n", STR_ARG(procedure->name));
    print_spellings(out, procedure);
    buf_printf(out, "%.*s\n\n", STR_ARG(procedure->description));
    print_parameters(out, procedure);
    if (procedure->result) {
        Str type = type_english(&arena, procedure->result);
        buf_printf(out, "Result: %.*s.", STR_ARG(type));
        for (uint32_t i = 0; i < procedure->result->n_fields; i++)
            buf_printf(out, "%s%.*s", i ? ", " : " With: ", STR_ARG(procedure->result->fields[i].name));
        buf_str(out, procedure->result->n_fields ? S(".\n\n") : S("\n\n"));
    }
    buf_printf(out, "%.*s\n\n", STR_ARG(effect_sentence(procedure->effect)));
    print_call(out, procedure);
    if (procedure->example.len > 0) {
        buf_str(out, S("Example:\n\n"));
        Str rest = procedure->example;
        while (rest.data) {
            Str line = str_cut(&rest, '\n');
            buf_printf(out, "    %.*s\n", STR_ARG(line));
        }
        buf_char(out, '\n');
    }
}

void books_print_markdown(Buf *out, const Book *book)
{
    buf_printf(out, "# The book of %.*s\n\n", STR_ARG(book->name));
    buf_printf(out, "%.*s. Version %.*s.\n\n", STR_ARG(book->summary), STR_ARG(book->version));
    buf_printf(out, "%.*s\n\n", STR_ARG(book->description));
    for (uint32_t i = 0; i < book->n_entries; i++)
        print_procedure(out, &book->entries[i].procedure);
    while (out->len > 1 && out->data[out->len - 1] == '\n' && out->data[out->len - 2] == '\n')
        out->len--;
}

void books_print_index(Buf *out)
{
    uint32_t n_books = 0;
    const Book *const *all = books_all(&n_books);
    buf_str(
        out,
        S("# Books\n\nA book is a set of procedures that automations may call. These are always there; they need no "
          "connection. In a\nsentence, `{result}` is the fact that it names, and the other words in braces are its "
          "parameters; a parameter without a\nplace in the sentence follows on an indented line of its own, like "
          "`the separator is \";\"`.\nWhat each example comes to is shown [by example](examples.md).\n\n"));
    for (uint32_t i = 0; i < n_books; i++) {
        buf_printf(out, "## [%.*s](%.*s.md)\n\n%.*s.\n\n| procedure | sentence |\n|---|---|\n", STR_ARG(all[i]->name),
                   STR_ARG(all[i]->name), STR_ARG(all[i]->summary));
        for (uint32_t k = 0; k < all[i]->n_entries; k++) {
            const Procedure *procedure = &all[i]->entries[k].procedure;
            Str sentence = first_sentence(procedure->english);
            buf_printf(out, "| %.*s | %.*s |\n", STR_ARG(procedure->name), STR_ARG(sentence));
        }
        if (i + 1 < n_books)
            buf_char(out, '\n');
    }
}
