/* tests/lang/english_laws.c: what holds of English and every tree: reading undoes printing, printing is a fixed point,
 * the reader finds each node where the printer put it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "lang/english.h"
#include "tree_gen.h"

enum { N_TREES = 3000 };

/* The innermost statement in which the two trees differ, so that a failure can be read. */
static void narrow(const Node **made, const Node **read)
{
    for (uint32_t i = 0; (*made)->n_kids == (*read)->n_kids && i < (*made)->n_kids; i++) {
        const Node *a = (*made)->kids[i], *b = (*read)->kids[i];
        if (!ast_equal(a, b) && a->kind == b->kind && (node_is_statement(a) || a->kind == NODE_BLOCK)) {
            *made = a;
            *read = b;
            narrow(made, read);
            return;
        }
    }
}

static void fail_with_trees(uint64_t seed, const char *what, Str text, const Node *made, const Node *read,
                            Diagnostics *all)
{
    Buf out = {0};
    diagnostics_print(&out, all, S("law.english"));
    if (made) {
        narrow(&made, &read);
        ast_print(&out, made);
        buf_char(&out, '\n');
        ast_print(&out, read);
        text = str_slice(text, made->english.start, made->english.end);
    }
    fprintf(stderr, "seed %u: %s\n%.*s\n%.*s\n", (unsigned)seed, what, STR_ARG(text), STR_ARG(buf_view(&out)));
    buf_done(&out);
    fail();
}

static void check_same_spans(Str text, const Node *printed, const Node *read)
{
    if (printed->english.start != read->english.start || printed->english.end != read->english.end)
        fail_msg("%s printed at '%.*s', read at '%.*s' in\n%.*s", node_kind_name((NodeKind)printed->kind),
                 STR_ARG(str_slice(text, printed->english.start, printed->english.end)),
                 STR_ARG(str_slice(text, read->english.start, read->english.end)), STR_ARG(text));
    for (uint32_t i = 0; i < printed->n_kids; i++)
        check_same_spans(text, printed->kids[i], read->kids[i]);
}

/* A node lies within its parent: but for NOTHING, which lies nowhere. */
static void check_nested(const Node *node, Span outer)
{
    if (node->kind == NODE_NOTHING)
        return;
    assert_true(node->english.start <= node->english.end);
    if (node->english.start < outer.start || node->english.end > outer.end)
        fail_msg("a %s at %u-%u lies outside %u-%u", node_kind_name((NodeKind)node->kind), node->english.start,
                 node->english.end, outer.start, outer.end);
    for (uint32_t i = 0; i < node->n_kids; i++)
        check_nested(node->kids[i], node->english);
}

static void check_laws(Arena *arena, uint64_t seed, Node *tree)
{
    const Catalog *catalog = tree_gen_catalog();
    Str text = english_print(arena, tree, catalog);
    Diagnostics all = {.arena = arena, .source = text};
    Node *read = english_read(arena, text, catalog, &all);
    if (all.n_errors > 0 || !ast_equal(tree, read))
        fail_with_trees(seed, "the tree that was read differs", text, tree, read, &all);
    const char *broken = ast_check(read);
    if (broken)
        fail_with_trees(seed, broken, text, NULL, NULL, &all);
    check_same_spans(text, tree, read);
    check_nested(tree, (Span){0, (uint32_t)text.len});
    Str again = english_print(arena, read, catalog);
    if (!str_eq(text, again))
        fail_with_trees(seed, "printing again gives another text", again, NULL, NULL, &all);
}

static void test_english__reading_undoes_printing(void **state)
{
    (void)state;
    Arena arena = {0};
    for (uint64_t seed = 0; seed < N_TREES; seed++) {
        arena_reset(&arena);
        check_laws(&arena, seed, tree_gen(&arena, seed, 1 + (unsigned)seed % 30));
    }
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_english__reading_undoes_printing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
