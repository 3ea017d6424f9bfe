/* tests/fuzz/spy.c: whatever is read as SPy without an error is a legal tree for which the laws hold in both spellings.
 */
#include <stdlib.h>

#include "base/codec.h"
#include "lang/english.h"
#include "lang/spy.h"
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
    Str spy = spy_print(arena, tree, catalog);
    Diagnostics all = {.arena = arena, .source = spy, .spelling = SPELLING_SPY};
    Node *read = spy_read(arena, spy, catalog, &all);
    hold(all.n_errors == 0 && ast_equal(tree, read));
    hold(str_eq(spy, spy_print(arena, read, catalog)));
    Str english = english_print(arena, tree, catalog);
    Diagnostics other = {.arena = arena, .source = english};
    Node *said = english_read(arena, english, catalog, &other);
    hold(other.n_errors == 0 && ast_equal(tree, said));
}

/* Every door checks UTF-8 before a reader sees the text. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arena arena = {0};
    Str text = str_of((const char *)data, size);
    if (!utf8_is_valid(text))
        return 0;
    Diagnostics all = {.arena = &arena, .source = text, .spelling = SPELLING_SPY};
    Node *tree = spy_read(&arena, text, tree_gen_catalog(), &all);
    if (all.n_errors == 0)
        check_laws(&arena, tree);
    arena_done(&arena);
    return 0;
}
