/* tests/lang/grammar/texts.c: what grammar.py holds the reference's grammar against.
 *
 *     texts read english|spy      reads the texts of its standard input, each ended by a NUL byte, and gives for each
 * what the reader says of it (names and types aside: no checker looks at it), ended by a NUL byte texts write
 * english|spy N   N trees that tree_gen makes up, as they are printed texts books                 the sentences of the
 * books that the trees call: book.procedure, tab, its English, tab, the names of its parameters with blanks between
 * them; a line each */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang/english.h"
#include "lang/spy.h"
#include "tree_gen.h"

enum { TREES_MAX = 100000 };

static void put(Str text)
{
    if (text.len > 0)
        (void)fwrite(text.data, 1, text.len, stdout);
}

static void read_one(Str text, bool is_english)
{
    Arena arena = {0};
    Diagnostics all = {.arena = &arena, .source = text};
    Buf said = buf_in(&arena);
    if (is_english)
        (void)english_read(&arena, text, tree_gen_catalog(), &all);
    else
        (void)spy_read(&arena, text, tree_gen_catalog(), &all);
    if (all.n_errors > 0)
        diagnostics_print(&said, &all, S("text"));
    put(buf_view(&said));
    (void)putchar(0);
    arena_done(&arena);
}

static void read_all(bool is_english)
{
    Buf input = {0};
    for (int c; (c = getchar()) != EOF;) {
        if (c) {
            buf_char(&input, (char)c);
            continue;
        }
        read_one(buf_view(&input), is_english);
        input.len = 0;
    }
    buf_done(&input);
}

static void write_all(bool is_english, long n)
{
    for (long seed = 0; seed < n && seed < TREES_MAX; seed++) {
        Arena arena = {0};
        Node *tree = tree_gen(&arena, (uint64_t)seed, 1 + (unsigned)seed % 30);
        put(is_english ? english_print(&arena, tree, tree_gen_catalog()) : spy_print(&arena, tree, tree_gen_catalog()));
        (void)putchar(0);
        arena_done(&arena);
    }
}

static void write_books(void)
{
    const Catalog *catalog = tree_gen_catalog();
    for (uint32_t i = 0; i < catalog->n_procedures; i++) {
        const Procedure *procedure = catalog->procedures[i];
        printf("%.*s.%.*s\t%.*s\t", STR_ARG(procedure->book), STR_ARG(procedure->name), STR_ARG(procedure->english));
        for (uint32_t k = 0; k < procedure->n_parameters; k++)
            printf("%s%.*s", k > 0 ? " " : "", STR_ARG(procedure->parameters[k].name));
        (void)putchar('\n');
    }
}

int main(int count, char **words)
{
    bool is_english = count > 2 && strcmp(words[2], "english") == 0;
    if (count == 3 && strcmp(words[1], "read") == 0)
        read_all(is_english);
    else if (count == 4 && strcmp(words[1], "write") == 0)
        write_all(is_english, strtol(words[3], NULL, 10));
    else if (count == 2 && strcmp(words[1], "books") == 0)
        write_books();
    else
        return 2;
    return 0;
}
