/* tests/lang/ast.c: the tree's own rules, names, plurals, and the generator that the laws rely on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "lang/diagnostic.h"
#include "lang/function.h"
#include "tree_gen.h"

static void assert_str(Str found, const char *expected)
{
    if (!str_eq(found, str_from_c(expected)))
        fail_msg("found '%.*s', expected '%s'", STR_ARG(found), expected);
}

static void test_plural__follows_the_stated_table(void **state)
{
    (void)state;
    static const struct {
        const char *one, *many;
    } rows[] = {
        {"invoice", "invoices"},
        {"purchase order", "purchase orders"},
        {"entry", "entries"},
        {"day", "days"},
        {"address", "addresses"},
        {"tax", "taxes"},
        {"status", "statuses"},
        {"analysis", "analyses"},
        {"leaf", "leaves"},
        {"index", "indexes"},
        {"child", "children"},
        {"sales person", "sales people"},
        {"batch", "batches"},
        {"cache", "caches"},
        {"box", "boxes"},
        {"house", "houses"},
        {"warehouse", "warehouses"},
        {"expense", "expenses"},
        {"case", "cases"},
        {"size", "sizes"},
        {"bonus", "bonuses"},
        {"currency", "currencies"},
        {"key", "keys"},
        {"movie", "movies"},
        {"fee", "fees"},
        {"purchase", "purchases"},
        {"business", "businesses"},
        {"clause", "clauses"},
        {"use", "uses"},
        {"bus", "buses"},
        {"database", "databases"},
        {"hero", "heroes"},
        {"photo", "photos"},
        {"series", "series"},
        {"equipment", "equipment"},
        {"line_item", "line_items"},
        {"lens", "lenses"},
        {"alias", "aliases"},
        {"criterion", "criteria"},
        {"dish", "dishes"},
        {"menu", "menus"},
    };
    Arena arena = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_str(plural_of(&arena, str_from_c(rows[i].one)), rows[i].many);
        assert_str(singular_of(&arena, str_from_c(rows[i].many)), rows[i].one);
        assert_str(singular_of(&arena, str_from_c(rows[i].one)), rows[i].one);
    }
    assert_str(singular_of(&arena, S("indices")), "index");
    arena_done(&arena);
}

static void test_names__map_words_and_snake_case_one_to_one_where_regular(void **state)
{
    (void)state;
    Arena arena = {0};
    assert_true(name_is_regular(S("invoice_total")) && name_is_regular(S("y2")) && name_is_regular(S("a")));
    static const char *const irregular[] = {"", "_a", "a_", "a__b", "x_1", "1x", "Total", "gr\303\266\303\237e", "a b"};
    for (size_t i = 0; i < COUNT_OF(irregular); i++)
        assert_false(name_is_regular(str_from_c(irregular[i])));
    assert_str(name_to_words(&arena, S("invoice_total")), "invoice total");
    assert_str(name_from_words(&arena, S("PO Number")), "po_number");
    assert_str(name_from_words(&arena, S(" -- ")), "");
    arena_done(&arena);
}

static void test_nearest_spelling__stays_within_a_third(void **state)
{
    (void)state;
    static const Str words[] = {S_INIT("invoices"), S_INIT("tolerance"), S_INIT("total"), S_INIT("totals"),
                                S_INIT("x")};
    assert_str(nearest_spelling(S("tolerence"), words, COUNT_OF(words)), "tolerance");
    assert_str(nearest_spelling(S("invocies"), words, COUNT_OF(words)), "invoices");
    assert_str(nearest_spelling(S("totel"), words, COUNT_OF(words)), "total");
    assert_str(nearest_spelling(S("rate"), words, COUNT_OF(words)), "");
    assert_str(nearest_spelling(S("y"), words, COUNT_OF(words)), "");
    assert_str(nearest_spelling(S(""), words, COUNT_OF(words)), "");
}

static void test_functions__are_found_by_their_own_spelling(void **state)
{
    (void)state;
    for (FunctionId id = 0; id < FN_N_FUNCTIONS; id++) {
        assert_int_equal(function_find(str_from_c(functions[id].spy), function_is_method(id)), id);
        assert_true(functions[id].min <= functions[id].max);
    }
    assert_int_equal(function_find(S("abs"), true), FN_N_FUNCTIONS);
}

static void count_kinds(const Node *node, unsigned *kinds, unsigned *called)
{
    kinds[node->kind]++;
    if (node->kind == NODE_CALL)
        called[node->function]++;
    for (uint32_t i = 0; i < node->n_kids; i++)
        count_kinds(node->kids[i], kinds, called);
}

static void test_tree_gen__makes_legal_trees_of_every_kind(void **state)
{
    (void)state;
    Arena arena = {0};
    unsigned kinds[NODE_N_KINDS] = {0}, called[FN_N_FUNCTIONS] = {0};
    for (uint64_t seed = 0; seed < 2000; seed++) {
        arena_reset(&arena);
        Node *tree = tree_gen(&arena, seed, 1 + (unsigned)seed % 40);
        const char *broken = ast_check(tree);
        if (broken)
            fail_msg("seed %u: %s", (unsigned)seed, broken);
        assert_true(ast_equal(tree, tree_gen(&arena, seed, 1 + (unsigned)seed % 40)));
        count_kinds(tree, kinds, called);
    }
    for (int kind = 0; kind < NODE_N_KINDS; kind++) {
        if (kinds[kind] == 0)
            fail_msg("no %s was made", node_kind_name((NodeKind)kind));
    }
    for (int id = 0; id < FN_N_FUNCTIONS; id++) {
        if (called[id] == 0)
            fail_msg("%s was never called", functions[id].spy);
    }
    arena_done(&arena);
}

static Node *name_node(Arena *arena, const char *name)
{
    Node *node = node_new(arena, NODE_NAME);
    node->name = str_from_c(name);
    return node;
}

static void test_ast_check__names_the_broken_rule(void **state)
{
    (void)state;
    Arena arena = {0};
    Node *program = node_new(&arena, NODE_PROGRAM);
    Node *assign = node_new(&arena, NODE_ASSIGN);
    node_add(&arena, program, assign);
    node_add(&arena, assign, name_node(&arena, "Total"));
    assert_string_equal(ast_check(program), "an assignment has target and value");
    node_add(&arena, assign, name_node(&arena, "x"));
    assert_string_equal(ast_check(program), "a name is snake_case in lower case");
    assign->kids[0]->name = S("total");
    assert_null(ast_check(program));
    assign->flags = NODE_BLANK_BEFORE;
    assert_string_equal(ast_check(program), "a blank line stands between two statements");
    assign->flags = 0;
    assign->kids[1] = node_new(&arena, NODE_ASK);
    assign->kids[1]->type = &type_any;
    node_add(&arena, assign->kids[1], name_node(&arena, "x"));
    assert_null(ast_check(program));
    Node *deep = name_node(&arena, "x");
    for (int i = 0; i < AST_EXPRESSION_MAX; i++) {
        Node *list = node_new(&arena, NODE_LIST);
        node_add(&arena, list, deep);
        deep = list;
    }
    assign->kids[1] = deep;
    assert_string_equal(ast_check(program), "a tree is not too deep");
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plural__follows_the_stated_table),
        cmocka_unit_test(test_names__map_words_and_snake_case_one_to_one_where_regular),
        cmocka_unit_test(test_nearest_spelling__stays_within_a_third),
        cmocka_unit_test(test_functions__are_found_by_their_own_spelling),
        cmocka_unit_test(test_ast_check__names_the_broken_rule),
        cmocka_unit_test(test_tree_gen__makes_legal_trees_of_every_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
