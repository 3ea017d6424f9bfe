/* tests/lang/spy_laws.c: what holds of SPy and every tree: reading undoes printing, printing is a fixed point, spans
 * are exact. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "lang/spy.h"
#include "tree_gen.h"

enum { N_TREES = 3000 };

static Diagnostics diagnostics_in(Arena *arena, Str source)
{
    return (Diagnostics){.arena = arena, .source = source, .spelling = SPELLING_SPY};
}

static void fail_with_trees(uint64_t seed, const char *what, Str text, const Node *made, const Node *read,
                            Diagnostics *all)
{
    Buf out = {0};
    buf_str(&out, text);
    diagnostics_print(&out, all, S("law.spy"));
    if (made && text.len < 2000) {
        ast_print(&out, made);
        buf_char(&out, '\n');
        ast_print(&out, read);
    }
    buf_char(&out, '\0');
    print_error("seed %u: %s\n%s\n", (unsigned)seed, what, out.data);
    buf_done(&out);
    fail();
}

/* The text under a node's span names it: read alone, it is that node again. */
static void check_spans(Arena *arena, Str text, const Node *node, uint32_t outer_start, uint32_t outer_end)
{
    assert_true(node->spy.start <= node->spy.end);
    assert_true(node->spy.start >= outer_start && node->spy.end <= outer_end);
    if (node->kind == NODE_NAME) {
        Str under = str_slice(text, node->spy.start, node->spy.end);
        Str alone = spy_print_node(arena, node, tree_gen_catalog());
        if (!str_eq(under, alone))
            fail_msg("under the span '%.*s', the node is '%.*s'", STR_ARG(under), STR_ARG(alone));
    }
    for (uint32_t i = 0; i < node->n_kids; i++)
        check_spans(arena, text, node->kids[i], node->spy.start, node->spy.end);
}

/* The reader finds each node where the printer put it. */
static void check_same_spans(Str text, const Node *printed, const Node *read)
{
    if (printed->spy.start != read->spy.start || printed->spy.end != read->spy.end)
        fail_msg("%s printed at '%.*s', read at '%.*s'", node_kind_name((NodeKind)printed->kind),
                 STR_ARG(str_slice(text, printed->spy.start, printed->spy.end)),
                 STR_ARG(str_slice(text, read->spy.start, read->spy.end)));
    for (uint32_t i = 0; i < printed->n_kids; i++)
        check_same_spans(text, printed->kids[i], read->kids[i]);
}

static void test_spy__reading_undoes_printing(void **state)
{
    (void)state;
    Arena arena = {0};
    const Catalog *catalog = tree_gen_catalog();
    for (uint64_t seed = 0; seed < N_TREES; seed++) {
        arena_reset(&arena);
        Node *tree = tree_gen(&arena, seed, 1 + (unsigned)seed % 30);
        Str text = spy_print(&arena, tree, catalog);
        Diagnostics all = diagnostics_in(&arena, text);
        Node *read = spy_read(&arena, text, catalog, &all);
        if (all.n_errors > 0 || !ast_equal(tree, read))
            fail_with_trees(seed, "the tree that was read differs", text, tree, read, &all);
        const char *broken = ast_check(read);
        if (broken)
            fail_with_trees(seed, broken, text, NULL, NULL, &all);
        check_spans(&arena, text, tree, 0, (uint32_t)text.len);
        check_same_spans(text, tree, read);
        Str again = spy_print(&arena, read, catalog);
        if (!str_eq(text, again))
            fail_with_trees(seed, "printing again gives another text", again, NULL, NULL, &all);
    }
    arena_done(&arena);
}

static void test_spy__lines_break_at_a_hundred_columns_where_they_can(void **state)
{
    (void)state;
    Arena arena = {0};
    Str source = S("payable = [invoice for invoice in invoices if invoice[\"decision\"] == \"pay\" and "
                   "invoice[\"total\"] > 1000]  # why\n"
                   "email.send(to=approver, subject=f\"{count} invoices\", body=\"a rather long body of the message to "
                   "send\", from_=\"me\")\n");
    Diagnostics all = diagnostics_in(&arena, source);
    Node *tree = spy_read(&arena, source, tree_gen_catalog(), &all);
    assert_int_equal(all.count, 0);
    Str text = spy_print(&arena, tree, tree_gen_catalog());
    Str expected = S("payable = [  # why\n"
                     "    invoice for invoice in invoices\n"
                     "    if invoice[\"decision\"] == \"pay\" and invoice[\"total\"] > 1000\n"
                     "]\n"
                     "email.send(\n"
                     "    to=approver,\n"
                     "    subject=f\"{count} invoices\",\n"
                     "    body=\"a rather long body of the message to send\",\n"
                     "    from_=\"me\",\n"
                     ")\n");
    if (!str_eq(text, expected))
        fail_msg("%.*s", STR_ARG(text));
    arena_done(&arena);
}

static void test_spy__a_text_alone_becomes_a_comment_that_stays_one(void **state)
{
    (void)state;
    Arena arena = {0};
    Str source = S("'''\bfirst\t\n\b\nlast'''\nx = 1\n");
    Diagnostics all = diagnostics_in(&arena, source);
    Node *tree = spy_read(&arena, source, tree_gen_catalog(), &all);
    assert_int_equal(all.n_errors, 0);
    assert_null(ast_check(tree));
    Str text = spy_print(&arena, tree, tree_gen_catalog());
    if (!str_eq(text, S("# first\n#\n# last\nx = 1\n")))
        fail_msg("%.*s", STR_ARG(text));
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spy__reading_undoes_printing),
        cmocka_unit_test(test_spy__lines_break_at_a_hundred_columns_where_they_can),
        cmocka_unit_test(test_spy__a_text_alone_becomes_a_comment_that_stays_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
