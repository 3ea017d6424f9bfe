/* tests/lang/explain.c: every kind of sentence is explained, and rightly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "lang/english.h"
#include "lang/explain.h"
#include "tree_gen.h"

typedef struct Row {
    const char *source;
    uint32_t line; /* from 1 */
    const char *says;
} Row;

#define ROWS "inputs\n  the f is a file\nget the rows from the f\n"
#define END "<end>" /* nothing more is said */
static const Row rows[] = {
    {"# hello\nsay \"x\"\n", 1, "A note for readers."},
    {"inputs\n  the rate is a number\nsay \"{the rate}\"\n", 2,
     "Whoever starts the run gives the rate: a number, under the name \"rate\". When it is left out, or cannot be read "
     "as that, the run asks a person"},
    {"inputs\n  the rate is a number, usually 0.19\nsay \"{the rate}\"\n", 2, "When it is left out, it is 0.19."},
    {"inputs\n  the note is an optional text\nsay \"{the note}\"\n", 2, "It may be left out; then it is missing"},
    {"use the \"erp\" connection of the \"http\" book\nsay \"x\"\n", 1, "the book of http by the connection"},
    {"the rate is 0.19\n", 1, "Takes 0.19 and keeps it as the rate."},
    {"the a is 1\nthe a is the a plus 1\n", 2,
     "Works out the a plus 1 and keeps it as the a, in place of what that was."},
    {"the row is an empty record\nset the row's due date to \"x\"\n", 2,
     "writes it down as the row's due date; where there was no \"due date\" before, it is added."},
    {"the pair is 1, 2\nset the a and the b to the pair\n", 2, "takes its parts apart: the a and the b."},
    {"inputs\n  the f is a file\nget the rows from the f\n", 3, "Calls “read table” of the book of files: "},
    {"inputs\n  the f is a file\nget the rows from the f\n", 3,
     "When the result is there, the run keeps it as the rows."},
    {"inputs\n  the f is a file\nget the rows from the f\n", 3,
     "It reaches outside the automation: when that fails, the run stops and asks a person."},
    {"the a is an empty list\nappend 5 to the a\n", 2, "Adds 5 at the end of the a."},
    {"the a is an empty list\nput 5 at the front of the a\n", 2, "Puts 5 at the front of the a."},
    {"the a is an empty list\nremove 5 from the a\n", 2,
     "Takes the first 5 out of the a. When there is none, the run asks"},
    {"the a is 1\nif the a is 1 then\n  say \"x\"\notherwise if the a is 2 then\n  say \"y\"\n  say \"z\"\notherwise\n"
     "  say \"w\"\n",
     2,
     "If the a is 1, does line 3. Otherwise, if the a is 2, does lines 5 to 6. In every other case does line 8. Only "
     "one "
     "of these is done; then the run goes on below line 8."},
    {"the a is 1\nif the a is 1 then\n  say \"x\"\n", 2, "In every other case nothing happens here."},
    {"the ps are 1, 2 and 3\nfor each p in the ps\n  say \"{the p}\"\n", 2,
     "Goes through the ps from the first to the last. Each time the one at hand is called the p, and line 3 is done."},
    {"repeat 3 times\n  say \"x\"\n", 1, "Does line 2 3 times, then goes on below line 2."},
    {"the a is 1\nrepeat while the a is less than 3\n  increase the a by 1\n", 2,
     "As long as the a is less than 3, does line 3 again and again"},
    {"the ps are 1 and 2\nfor each p in the ps\n  say \"{the p}\"\n  stop the loop\n", 4, "Leaves the loop at once"},
    {"the ps are 1 and 2\nfor each p in the ps\n  if the p is 1 then\n    go to the next one\n  say \"{the p}\"\n", 4,
     "goes on with the next."},
    {"to tax with the amount and the rate (usually 0.19)\n  the result is the amount times the rate\n"
     "the t is the result of tax with 5 as the amount\n",
     1,
     "Says how to tax: line 2. Nothing happens here; it is done wherever a sentence calls it. It is told the amount, "
     "the rate (0.19 when not said)."},
    {"to tax with the amount\n  the result is the amount times 2\nthe t is the result of tax with 5 as the amount\n", 2,
     "Ends the procedure here; its result is the amount times 2."},
    {"to tax with the amount\n  the result is the amount times 2\nthe t is the result of tax with 5 as the amount\n", 3,
     "Carries out the procedure “tax”. In this call the amount is 5. When the result is there, the run keeps it as the "
     "t."},
    {"the a is 1\nensure the a is 1, or else \"no\"\n", 2,
     "Checks that the a is 1. When it is so, nothing more happens. When it is not, the run stops here and asks a "
     "person, "
     "saying \"no\"."},
    {"output 5 as \"total\"\n", 1, "Gives 5 to whoever started the run, under the name \"total\"."},
    {"the a is 1\nsay \"x {the a}\"\n", 2, "What stands in braces is filled in."},
    {"wait 3 days\n", 1, "Waits 3 days, then goes on."},
    {"wait until 2999-01-01\n", 1, "Waits until 2999-01-01, then goes on."},
    {"the a is 1\nvalidate the following\n  ensure the a is 1\n  ensure the a is 2\n", 2,
     "They are: that the a is 1, and that the a is 2."},
    {"finish\n", 1, "Ends the run here as completed."},
    {"fail with \"no money\"\n", 1, "Ends the run here as failed. The reason it gives is \"no money\"."},
    {"ask \"Which one?\" as the choice\nsay \"{the choice}\"\n", 1,
     "Asks a person: \"Which one?\". The run stands still"},
    {"the a is 1\nthe b is 5 divided by the a\n", 2, "When it would have to divide by zero"},
    {"the row is an empty record\nthe b is the row's size plus the row's due date\n", 2,
     "Where there is no size or due date, or it is not what is needed here, the run stops and asks a person."},
    /* What is empty is a question only where something is done with it. */
    {ROWS "output the rows whose size is 5 as \"x\"\n", 4,
     "Where nothing is called size, the run stops and asks a person; an empty one is taken as it is."},
    {ROWS "output the rows whose size is at least 5 as \"x\"\n", 4, "Where there is no size, or it is not"},
    {ROWS "output the rows whose size is not missing as \"x\"\n", 4, "the last one counts.\n" END},
    {ROWS "output the sum of the rows' sizes as \"x\"\n", 4, "Where there is no size, or it is not"},
    {ROWS "output the number of the rows whose size is 5 as \"x\"\n", 4, "Where nothing is called size, "},
    {ROWS "the size is the first row's size\noutput the size plus 1 as \"x\"\n", 5,
     "Where the size is missing, or is not what is needed here, the run stops and asks a person."},
    {ROWS "the want is a record with 1 as the code\nthe row is the first row whose size is the want's code\noutput the "
          "row as \"x\"\n",
     5,
     "Where there is no code, or it is not what is needed here, the run stops and asks a person.\nWhere nothing is "
     "called size, "},
    {ROWS "the codes are 1 and 2\nensure the codes contain the first row's size\n", 5,
     "Where nothing is called size, "},
    {ROWS "find the first row's size as the size\nsay \"{the size}\"\n", 4,
     "When nothing is found, the run stops and asks a person.\n" END}, /* of the first row */
    {"the row is an empty record\nfind the row's size as the size\nsay \"{the size}\"\n", 2,
     "Looks whether the row has \"size\", takes what stands there, or nothing, without a question, and keeps it as the "
     "size.\n" END},
    {ROWS "total the rows by \"a\" as the rest\n  the columns are \"b\"\noutput the rest as \"x\"\n", 4,
     "and the columns are \"b\"."},
    {ROWS "total the rows by \"a\" as the rest\noutput the rest as \"x\"\n", 4,
     "In this call the table is the rows and the key is \"a\"."},
    {ROWS "total the rows by \"a\" as the rest\noutput the rest as \"x\"\n", 4,
     "When that cannot be done with what it is given, the run stops and asks a person."},
    {ROWS "for each row in the rows, at the same time\n  set the row's size to 1\n", 4,
     "When one of them fails, the run asks a person about it as soon as the others are done."},
    {"the first day is 2026-03-01\nensure the first day is at least 2026-03-02\n", 2,
     "Checks that the first day is at least"},
    {"ask \"Which one?\" as the choice\n  the choices are \"a\", \"b\" and \"c\"\nsay \"{the choice}\"\n", 1,
     "the answer is kept as the choice. It is one of \"a\", \"b\" or \"c\"."},
    {"ask \"How many?\" as the count\n  the answer is a number\nsay \"{the count}\"\n", 1,
     "the answer, a number, is kept as the count."},
    {"the a is \"5\"\nthe b is the a as a number\n", 2, "What cannot be read as that is not guessed"},
};

static Str explained(Arena *arena, Str source, Spelling spelling, uint32_t line)
{
    const Catalog *catalog = tree_gen_catalog();
    const Program *program = program_read(arena, source, spelling, catalog);
    for (uint32_t i = 0; i < program->diagnostics.count && !program->readable; i++)
        print_error("%.*s: %.*s\n", STR_ARG(source), STR_ARG(program->diagnostics.items[i].message));
    assert_true(program->readable);
    Lines lines = lines_of(arena, program->diagnostics.source);
    const Node *statement = explain_find(program, &lines, line - 1);
    assert_non_null(statement);
    Buf out = buf_in(arena);
    explain_statement(&out, arena, program, &lines, statement);
    return buf_view(&out);
}

static void test_explain__what_each_sentence_does(void **state)
{
    (void)state;
    int wrong = 0;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Arena arena = {0};
        Str text = explained(&arena, str_from_c(rows[i].source), SPELLING_ENGLISH, rows[i].line);
        bool says = str_contains(str_printf(&arena, "%.*s" END, STR_ARG(text)), str_from_c(rows[i].says));
        if (!says)
            print_error("%s: “%s” does not stand in:\n%.*s\n", rows[i].source, rows[i].says, STR_ARG(text));
        wrong += !says;
        arena_done(&arena);
    }
    assert_int_equal(wrong, 0);
}

static void test_explain__spy_in_the_same_words(void **state)
{
    (void)state;
    Arena arena = {0};
    Str text = explained(&arena, S("\n\nrate = 0.19\nfor i in range(3):\n    print(rate)\n"), SPELLING_SPY, 3);
    assert_true(str_contains(text, S("Takes 0.19 and keeps it as the rate.")));
    arena_done(&arena);
}

static void test_explain__the_facts_that_a_sentence_uses(void **state)
{
    (void)state;
    Arena arena = {0};
    uint32_t n = 0;
    Program *program = program_read(&arena,
                                    S("the a is 1\nthe b is 2\nto do it\n  the a is 3\n  say \"{the a}\"\ndo it\n"
                                      "if the b is 2 then\n  say \"{the a}\"\n"),
                                    SPELLING_ENGLISH, tree_gen_catalog());
    assert_true(program->readable);
    Lines lines = lines_of(&arena, program->diagnostics.source);
    const uint32_t *facts = explain_facts(&arena, program, explain_find(program, &lines, 4), &n);
    assert_int_equal(n, 1); /* the procedure's own */
    assert_non_null(program->facts[facts[0]].define);
    facts = explain_facts(&arena, program, explain_find(program, &lines, 6), &n);
    assert_int_equal(n, 1); /* not those of the block */
    assert_true(str_eq(program->facts[facts[0]].name, S("b")));
    assert_null(explain_find(program, &lines, 99));
    arena_done(&arena);
}

/* Every statement of any tree has a paragraph, and every line of its text belongs to one. */
static void test_explain__random_trees_of_every_kind(void **state)
{
    (void)state;
    bool met[NODE_N_KINDS] = {false};
    for (uint64_t seed = 1; seed <= 300; seed++) {
        Arena arena = {0};
        Node *tree = tree_gen(&arena, seed, 12);
        Str text = english_print(&arena, tree, tree_gen_catalog());
        Program *program = program_read(&arena, text, SPELLING_ENGLISH, tree_gen_catalog());
        assert_true(program->readable);
        Lines lines = lines_of(&arena, program->diagnostics.source);
        for (uint32_t id = 1; id <= program->n_nodes; id++) {
            const Node *node = program->nodes[id];
            if (!node_is_statement(node))
                continue;
            uint32_t n = 0;
            Buf out = buf_in(&arena);
            explain_statement(&out, &arena, program, &lines, node);
            if (out.len < 20)
                print_error("%s: %.*s\n", node_kind_name((NodeKind)node->kind), STR_ARG(buf_view(&out)));
            assert_true(out.len >= 20);
            (void)explain_facts(&arena, program, node, &n);
            met[node->kind] = true;
        }
        arena_done(&arena);
    }
    for (int kind = NODE_COMMENT; kind <= NODE_FAIL; kind++)
        assert_true(met[kind] || !node_is_statement(&(Node){.kind = (uint8_t)kind}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_explain__what_each_sentence_does),
        cmocka_unit_test(test_explain__spy_in_the_same_words),
        cmocka_unit_test(test_explain__the_facts_that_a_sentence_uses),
        cmocka_unit_test(test_explain__random_trees_of_every_kind),
    };
    return cmocka_run_group_tests_name("lang/explain", tests, NULL, NULL);
}
