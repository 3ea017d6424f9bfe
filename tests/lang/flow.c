/* tests/lang/flow.c: a program's boxes and arrows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "lang/english.h"
#include "lang/flow.h"
#include "tree_gen.h"

/* "start Start", "3 The a is 1", then "start>3", "3>end", "5>7 Yes": one a line. */
static Str drawn(Arena *arena, const Flow *flow)
{
    static const char *const kinds[] = {"start", "end", "process", "decision", "input", "output"};
    Buf out = buf_in(arena);
    for (uint32_t i = 0; i < flow->n_nodes; i++)
        buf_printf(&out, "%u %s: %.*s\n", (unsigned)i, kinds[flow->nodes[i].kind], STR_ARG(flow->nodes[i].label));
    for (uint32_t i = 0; i < flow->n_edges; i++) {
        const FlowEdge *edge = &flow->edges[i];
        buf_printf(&out, "%u>%u%s%.*s\n", (unsigned)edge->from, (unsigned)edge->to, edge->condition.len ? " " : "",
                   STR_ARG(edge->condition));
    }
    return buf_view(&out);
}

static const struct {
    const char *source, *drawing;
} rows[] = {
    {"say \"x\"\n", "0 start: Start\n1 process: Say \"x\"\n2 end: End\n0>1\n1>2\n"},
    {"inputs\n  the rate is a number\n# a note\noutput the rate as \"r\"\n",
     "0 start: Start\n1 input: The rate is a number\n2 output: Output the rate as \"r\"\n3 end: End\n0>1\n1>2\n2>3\n"},
    {"the a is 1\nif the a is 1 then\n  say \"x\"\notherwise if the a is 2 then\n  finish\notherwise\n  say \"w\"\n"
     "say \"z\"\n",
     "0 start: Start\n1 process: The a is 1\n2 decision: The a is 1?\n3 process: Say \"x\"\n4 decision: The a is 2?\n"
     "5 process: Say \"w\"\n6 process: Say \"z\"\n7 end: End\n"
     "0>1\n1>2\n2>3 Yes\n2>4 No\n4>5 No\n3>6\n5>6\n6>7\n4>7 Yes\n"},
    {"the ps are 1 and 2\nfor each p in the ps\n  if the p is 1 then\n    go to the next one\n  if the p is 2 then\n"
     "    stop the loop\n  say \"{the p}\"\n",
     "0 start: Start\n1 process: The ps are 1 and 2\n2 decision: For each p in the ps\n3 decision: The p is 1?\n"
     "4 decision: The p is 2?\n5 process: Say \"{the p}\"\n6 end: End\n"
     "0>1\n1>2\n2>3 Next\n3>2 Yes\n3>4 No\n4>5 No\n5>2\n2>6 Done\n4>6 Yes\n"},
    {"the a is 1\nrepeat while the a is less than 3\n  increase the a by 1\n",
     "0 start: Start\n1 process: The a is 1\n2 decision: Repeat while the a is less than 3\n"
     "3 process: Increase the a by 1\n4 end: End\n0>1\n1>2\n2>3 Yes\n3>2\n2>4 No\n"},
    {"repeat 3 times\n  say \"x\"\n",
     "0 start: Start\n1 decision: Repeat 3 times\n2 process: Say \"x\"\n3 end: End\n0>1\n1>2 Next\n2>1\n1>3 Done\n"},
};

static Program *load(Arena *arena, Str source)
{
    Program *program = program_load(arena, source, SPELLING_ENGLISH, tree_gen_catalog());
    for (uint32_t i = 0; i < program->diagnostics.count; i++) {
        if (program->diagnostics.n_errors > 0)
            fail_msg("%.*s: %.*s", STR_ARG(source), STR_ARG(program->diagnostics.items[i].message));
    }
    return program;
}

static void test_flow__is_what_the_sentences_do(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Arena arena = {0};
        Flow flow = flow_of(&arena, load(&arena, str_from_c(rows[i].source)));
        assert_string_equal(str_to_c(&arena, drawn(&arena, &flow)), rows[i].drawing);
        arena_done(&arena);
    }
}

/* Whatever the program: each box but the start is come to, each arrow ends at a box, only decisions fork. */
static void assert_sound(const Flow *flow)
{
    assert_int_equal(flow->nodes[0].kind, FLOW_START);
    assert_int_equal(flow->nodes[flow->n_nodes - 1].kind, FLOW_END);
    uint32_t *in = calloc(flow->n_nodes, sizeof *in), *out = calloc(flow->n_nodes, sizeof *out);
    for (uint32_t i = 0; i < flow->n_edges; i++) {
        const FlowEdge *edge = &flow->edges[i];
        assert_true(edge->from < flow->n_nodes && edge->to < flow->n_nodes);
        assert_int_equal(edge->condition.len > 0, flow->nodes[edge->from].kind == FLOW_DECISION);
        out[edge->from]++;
        in[edge->to]++;
    }
    for (uint32_t i = 0; i < flow->n_nodes; i++) {
        FlowKind kind = flow->nodes[i].kind;
        assert_true(kind == FLOW_START || in[i] > 0);
        assert_int_equal(out[i], kind == FLOW_END ? 0 : (kind == FLOW_DECISION ? 2 : 1));
        for (uint32_t other = 0; flow->nodes[i].id > 0 && other < i; other++)
            assert_int_not_equal(flow->nodes[i].id, flow->nodes[other].id);
    }
    free(in);
    free(out);
}

static void test_flow__is_sound_for_random_trees(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 300; seed++) {
        Arena arena = {0};
        Node *tree = tree_gen(&arena, seed, 20);
        Str text = english_print(&arena, tree, tree_gen_catalog());
        Program *program = program_load(&arena, text, SPELLING_ENGLISH, tree_gen_catalog());
        assert_true(program->readable);
        Flow flow = flow_of(&arena, program);
        assert_sound(&flow);
        arena_done(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_flow__is_what_the_sentences_do),
        cmocka_unit_test(test_flow__is_sound_for_random_trees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
