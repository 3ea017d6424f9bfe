/* tests/fuzz/english.c: whatever is read as English without an error is a legal tree for which the laws hold. */
#include <stdlib.h>

#include "lang/english.h"
#include "tree_gen.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void hold(bool law)
{
    if (!law)
        abort();
}

static void check_laws(Arena *arena, Node *tree)
{
    const Catalog *catalog = tree_gen_catalog();
    hold(ast_check(tree) == NULL);
    Str text = english_print(arena, tree, catalog);
    Diagnostics all = {.arena = arena, .source = text};
    Node *read = english_read(arena, text, catalog, &all);
    hold(all.n_errors == 0 && ast_equal(tree, read));
    hold(str_eq(text, english_print(arena, read, catalog)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arena arena = {0};
    Str text = str_of((const char *)data, size);
    const Catalog *catalog = tree_gen_catalog();
    Diagnostics all = {.arena = &arena, .source = text}, one = all, block = all;
    Node *tree = english_read(&arena, text, catalog, &all);
    if (all.n_errors == 0)
        check_laws(&arena, tree);
    english_read_block(&arena, text, catalog, &block);
    Node *value = english_read_expression(&arena, text, catalog, &one);
    if (one.n_errors == 0) {
        Str printed = english_print_node(&arena, value, catalog);
        Diagnostics again = {.arena = &arena, .source = printed};
        hold(ast_equal(value, english_read_expression(&arena, printed, catalog, &again)) && again.n_errors == 0);
    }
    arena_done(&arena);
    return 0;
}
