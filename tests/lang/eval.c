/* tests/lang/eval.c: what an evaluation promises beyond what a program can show: inputs, bounds, calls, the journal,
 * damaged bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>

#include <stdio.h>

#include "lang/trace.h"
#include "run_program.h"

typedef struct Run {
    Arena arena;
    Program *program;
    Evaluation *evaluation;
    EvalOptions options;
} Run;

static Run run_begin(const char *source, Spelling spelling, const Argument *inputs, uint32_t n, EvalOptions options)
{
    Run run = {.options = options};
    run.program = program_of(&run.arena, str_from_c(source), spelling);
    assert_non_null(run.program);
    run.evaluation = evaluation_new(run.program, inputs, n, options);
    (void)evaluation_run(run.evaluation, UINT64_MAX);
    return run;
}

static Run run_spy(const char *source, EvalOptions options)
{
    return run_begin(source, SPELLING_SPY, NULL, 0, options);
}

static void run_end(Run *run)
{
    evaluation_free(run->evaluation);
    arena_done(&run->arena);
}

static void expect_text(Str found, const char *expected)
{
    if (!str_eq(found, str_from_c(expected)))
        fail_msg("expected: %s\nfound:    %.*s", expected, STR_ARG(found));
}

static void expect_question(const Run *run, const char *kind, const char *description)
{
    const Question *question = evaluation_question(run->evaluation);
    if (!question)
        fail_msg("no question; status %d: %.*s", evaluation_status(run->evaluation),
                 STR_ARG(evaluation_failure(run->evaluation)));
    assert_string_equal(question->kind, kind);
    expect_text(question->description, description);
}

static void expect_failure(const Run *run, const char *part)
{
    assert_int_equal(evaluation_status(run->evaluation), EVAL_FAILED);
    if (!str_contains(evaluation_failure(run->evaluation), str_from_c(part)))
        fail_msg("expected \"%s\" in: %.*s", part, STR_ARG(evaluation_failure(run->evaluation)));
}

static void expect_output(const Run *run, const char *name, const char *printed)
{
    uint32_t n;
    const Argument *outputs = evaluation_outputs(run->evaluation, &n);
    for (uint32_t i = 0; i < n; i++)
        if (str_eq(outputs[i].name, str_from_c(name))) {
            Buf text = {0};
            value_print(&text, outputs[i].value);
            expect_text(buf_view(&text), printed);
            buf_done(&text);
            return;
        }
    fail_msg("no output %s (%u outputs, status %d)", name, n, evaluation_status(run->evaluation));
}

static bool answer(Run *run, const char *said, Error *err)
{
    Answer read;
    return answer_read(&run->arena, str_from_c(said), run->program, evaluation_question(run->evaluation), &read, err) &&
           evaluation_answer(run->evaluation, &read, err);
}

static void expect_answered(Run *run, const char *said)
{
    Error err = {0};
    if (!answer(run, said, &err))
        fail_msg("\"%s\" was refused: %s", said, err.message);
    (void)evaluation_run(run->evaluation, UINT64_MAX);
}

static void expect_refused(Run *run, const char *said, const char *part)
{
    Error err = {0};
    Buf before = {0}, after = {0};
    evaluation_save(run->evaluation, &before);
    assert_false(answer(run, said, &err));
    assert_int_equal(err.code, INVALID_ARGUMENT);
    if (!str_contains(str_from_c(err.message), str_from_c(part)))
        fail_msg("expected \"%s\" in: %s", part, err.message);
    evaluation_save(run->evaluation, &after);
    assert_true(str_eq(buf_view(&before), buf_view(&after))); /* nothing changed */
    buf_done(&before);
    buf_done(&after);
}

/* ---- the main job ---- */

static const char three_way_match[] =
    "inputs\n"
    "  the invoices is a table\n"
    "  the purchase orders is a table\n"
    "  the tolerance is a number, usually 0.01\n"
    "\n"
    "for each invoice in the invoices\n"
    "  the purchase order is the first purchase order whose number is the invoice's purchase order number\n"
    "  the difference is the invoice's total minus the purchase order's total\n"
    "  if the absolute value of the difference is greater than the tolerance then\n"
    "    set the invoice's decision to \"review\"\n"
    "  otherwise\n"
    "    set the invoice's decision to \"pay\"\n"
    "\n"
    "the payable invoices are the invoices whose decision is \"pay\"\n"
    "output the sum of the payable invoices' totals as \"total to pay\"\n"
    "output the number of the payable invoices as \"payable\"\n"
    "output the invoices as \"decisions\"\n";

static Value table_of(Arena *arena, const char *const *columns, const char *const *cells, uint32_t n_rows,
                      uint32_t n_columns)
{
    Value table = value_table_new(arena, n_rows);
    for (uint32_t i = 0; i < n_columns; i++) {
        Column *column = table_add_column(arena, table.table, str_from_c(columns[i]));
        for (uint32_t row = 0; row < n_rows; row++)
            column->cells[row] = value_text(str_from_c(cells[row * n_columns + i]));
    }
    return table;
}

static Run three_way_run(Arena *arena)
{
    static const char *const invoice_columns[] = {"Invoice", "PO Number", "purchase order number", "Total"};
    static const char *const invoices[] = {"I-1",     "",    "PO-1", "1,250.00", "I-2",    "",    "PO-2",
                                           "$120.20", "I-3", "",     " ",        "120.20", "I-4", "",
                                           "PO-77",   "5",   "I-5",  "",         "PO-3",   " 99 "};
    static const char *const order_columns[] = {"Number", "Total"};
    static const char *const orders[] = {"PO-1", "1250", "PO-2", "120.20", "PO-3", "90"};
    Argument inputs[] = {{S("invoices"), table_of(arena, invoice_columns, invoices, 5, 4)},
                         {S("purchase orders"), table_of(arena, order_columns, orders, 3, 2)}};
    return run_begin(three_way_match, SPELLING_ENGLISH, inputs, 2, (EvalOptions){0});
}

static void expect_extra(const Run *run, const char *name, const char *value)
{
    const Question *question = evaluation_question(run->evaluation);
    for (uint32_t i = 0; i < question->n_extra; i++)
        if (str_eq(question->extra[i].name, str_from_c(name))) {
            expect_text(value_str(question->extra[i].value), value);
            return;
        }
    fail_msg("the question says nothing of its %s", name);
}

static void test_main_job__asks_by_row_and_column_and_completes(void **state)
{
    (void)state;
    Arena arena = {0};
    Run run = three_way_run(&arena);
    expect_question(&run, "missing-field", "Row 3 of the invoices has no purchase order number. What is it?");
    assert_string_equal(evaluation_question(run.evaluation)->group, "missing_values");
    expect_text(evaluation_question(run.evaluation)->missing, "purchase order number");
    expect_extra(&run, "row", "3");
    expect_extra(&run, "column", "purchase order number");
    expect_extra(&run, "table", "invoices");
    expect_answered(&run, "use \"PO-2\"");
    expect_question(
        &run, "no-match",
        "No purchase order has the number \"PO-77\", which row 4 of the invoices names. Which one is meant?");
    expect_refused(&run, "\"PO-99\"", "none has the number \"PO-99\"");
    expect_answered(&run, "skip this one");
    assert_int_equal(evaluation_status(run.evaluation), EVAL_COMPLETED);
    expect_output(&run, "total to pay", "1490.40");
    expect_output(&run, "payable", "3");
    run_end(&run);
    arena_done(&arena);
}

/* In words of one's own or without, for whoever reads the question with a program. */
static void test_question__says_the_row_and_column_of_facts_and_checks(void **state)
{
    (void)state;
    static const char *const sentences[] = {
        "    say(number(base))\n",
        "    ensure(base != \"x\")\n",
        "    ensure(base != \"x\", \"the base is wrong\")\n",
        "    ensure(not row[\"rent\"].startswith(\"x\"), \"the base is wrong\")\n",
    };
    for (size_t i = 0; i < COUNT_OF(sentences); i++) {
        char source[300];
        (void)snprintf(source, sizeof source,
                       "rows = table_from_records([{\"rent\": \"1\"}, {\"rent\": \"x\"}])\nfor row in rows:\n"
                       "    base = row[\"rent\"]\n%s",
                       sentences[i]);
        Run run = run_spy(source, (EvalOptions){0});
        expect_extra(&run, "row", "2");
        expect_extra(&run, "column", "rent");
        expect_extra(&run, "table", "rows");
        run_end(&run);
    }
    Run run = run_spy("rows = [{\"rent\": 1}, {\"rent\": 0}]\nensure(all(row[\"rent\"] > 0 for row in rows))\n",
                      (EvalOptions){0});
    expect_extra(&run, "row", "2");
    expect_extra(&run, "table", "rows");
    run_end(&run);
}

/* ---- inputs ---- */

static const char doubled[] = "amount = read_input(\"the amount\", type=number)\n"
                              "factor = read_input(\"factor\", type=number, default=2)\n"
                              "set_output(\"product\", value=amount * factor)\n";

static void test_evaluation_new__converts_inputs(void **state)
{
    (void)state;
    Argument inputs[] = {{S("The Amount"), value_text(S("1,250.50"))}};
    Run run = run_begin(doubled, SPELLING_SPY, inputs, 1, (EvalOptions){0});
    expect_output(&run, "product", "2501.00");
    run_end(&run);
}

static void test_evaluation_new__asks_for_an_input_that_is_missing(void **state)
{
    (void)state;
    Run run = run_begin(doubled, SPELLING_SPY, NULL, 0, (EvalOptions){0});
    expect_question(&run, "missing-input", "The input \"the amount\" was not given. What is it?");
    expect_refused(&run, "use \"lots\"", "number");
    expect_answered(&run, "21");
    expect_output(&run, "product", "42");
    run_end(&run);
}

static void test_evaluation_new__asks_for_an_input_that_does_not_fit(void **state)
{
    (void)state;
    Argument inputs[] = {{S("the amount"), value_text(S("lots"))}};
    Run run = run_begin(doubled, SPELLING_SPY, inputs, 1, (EvalOptions){0});
    assert_string_equal(evaluation_question(run.evaluation)->kind, "bad-input");
    expect_answered(&run, "use 5");
    expect_output(&run, "product", "10");
    run_end(&run);
}

/* ---- bounds ---- */

typedef struct Bound {
    const char *source;
    Budget budget;
    const char *failure;
} Bound;

static void test_evaluation_run__ends_at_its_bounds(void **state)
{
    (void)state;
    static const Bound bounds[] = {
        {"while True:\n    x = 1\n", {.fuel = 10000}, "steps"},
        {"x = [n for n in range(1000000000)]\n", {.fuel = 100000}, "steps"},
        {"def f(n):\n    return f(n=n + 1)\nx = f(n=1)\n", {.depth = 50}, "50 calls deep"},
        {"x = [1]\nwhile True:\n    x.append([1, 2, 3])\n", {.memory_bytes = 4 << 20}, "4 MB"},
        {"while True:\n    say(\"hello\")\n", {.output_bytes = 1 << 20}, "1 MB"},
        {"x = \"abc\"\nwhile True:\n    set_output(\"x\", value=x)\n    x = x + x\n",
         {.output_bytes = 1 << 20},
         "1 MB"},
    };
    for (size_t i = 0; i < COUNT_OF(bounds); i++) {
        Run run = run_spy(bounds[i].source, (EvalOptions){.budget = bounds[i].budget});
        expect_failure(&run, bounds[i].failure);
        run_end(&run);
    }
}

/* Programs whose size takes the whole of a budget, worked out from what the bound says: a tenth less passes, a tenth
 * more stops. */
typedef struct Within {
    const char *format; /* with the size */
    int size;
    Budget budget;
    const char *failure;
} Within;

enum { MEMORY_MB = 10, MEMORY = MEMORY_MB << 20 };
#define DONE "\nset_output(\"done\", value=1)\n"
static const Within within[] = {
    {"for i in range(%d):\n    x = i" DONE, 10000, {.fuel = 20000}, "the run took 20000 steps"},
    {"x = 0\nwhile x < %d:\n    x = x + 1" DONE, 10000, {.fuel = 20000}, "was at \""},
    {"x = [j for i in range(%d) for j in range(8)]" DONE, 1000, {.fuel = 10000}, "the run took 10000 steps"},
    {"def f(n):\n    return f(n=n - 1) if n > 0 else 0\nx = f(n=%d)" DONE, 500, {.depth = 500}, "500 calls deep"},
    /* a thousand letters, and sixteen bytes in the list */
    {"x = [\"a\" * 1000 for i in range(%d)]" DONE, MEMORY / 1016, {.memory_bytes = MEMORY}, "more than 10 MB"},
    {"x = [i for i in range(%d)]" DONE, MEMORY / 16, {.memory_bytes = MEMORY}, "more than 10 MB"},
    {"x = []\nfor i in range(%d):\n    x.append(i)\n    y = f\"soon garbage {i}\"" DONE,
     MEMORY / 16,
     {.memory_bytes = MEMORY, .trace_events = 10},
     "more than 10 MB"},
    {"for i in range(%d):\n    say(\"0123456789\")" DONE, 10000, {.output_bytes = 100000}, "outputs and messages"},
    {"for i in range(%d):\n    set_output(\"x\", value=\"a\" * 999)" DONE,
     1000,
     {.output_bytes = 1000000},
     "outputs and messages"},
};

static void expect_within(const Within *bound, int percent)
{
    char source[512];
    (void)snprintf(source, sizeof source, bound->format, (int)((int64_t)bound->size * percent / 100));
    Run run = run_spy(source, (EvalOptions){.budget = bound->budget});
    if (percent > 100)
        expect_failure(&run, bound->failure);
    else
        expect_output(&run, "done", "1");
    run_end(&run);
}

static void test_budget__holds_within_a_tenth(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(within); i++) {
        expect_within(&within[i], 90);
        expect_within(&within[i], 110);
    }
}

/* 131,072 numbers take 2 MB, their index 1 MB: together they pass 2.5 MB. */
static void test_budget__counts_indexes(void **state)
{
    (void)state;
    Budget budget = {.memory_bytes = 5 << 19};
    Run run =
        run_spy("x = [i for i in range(131072)]\nset_output(\"done\", value=1)\n", (EvalOptions){.budget = budget});
    expect_output(&run, "done", "1");
    run_end(&run);
    run = run_spy("x = [i for i in range(131072)]\nfor i in range(3):\n    y = i in x\nset_output(\"done\", value=y)\n",
                  (EvalOptions){.budget = budget});
    expect_failure(&run, "more than 2 MB");
    run_end(&run);
}

/* All that breaks the check would take 20 MB of texts that are gone at once: the question does without. */
static void test_budget__holds_while_a_question_is_worded(void **state)
{
    (void)state;
    Run run = run_spy("ensure(all(\"a\" * 10000 + str(n) == \"b\" for n in range(2000)))\n",
                      (EvalOptions){.budget = {.memory_bytes = MEMORY}});
    assert_int_equal(evaluation_status(run.evaluation), EVAL_QUESTION);
    assert_true(evaluation_memory(run.evaluation) < MEMORY / 2);
    run_end(&run);
}

/* Of four indexes of 1 MB each only one is needed at a time: that of the loop in hand. */
static void test_budget__indexes_of_loops_that_are_over_are_gone(void **state)
{
    (void)state;
    Budget budget = {.memory_bytes = 9 << 19};
#define LOOP "for i in range(3):\n    if i in x:\n        hits = hits + 1\n"
    Run run =
        run_spy("x = [i for i in range(131072)]\nhits = 0\n" LOOP LOOP LOOP LOOP "set_output(\"hits\", value=hits)\n",
                (EvalOptions){.budget = budget});
#undef LOOP
    expect_output(&run, "hits", "12");
    run_end(&run);
}

static void test_output__a_few_rows_leave_their_table_behind(void **state)
{
    (void)state;
    Run run = run_spy("rows = table_from_records([{\"n\": n, \"text\": \"a\" * 100} for n in range(5000)])\n"
                      "set_output(\"few\", value=[r for r in rows if r[\"n\"] < 2])\n"
                      "set_output(\"done\", value=1)\n",
                      (EvalOptions){.budget = {.output_bytes = 10000, .trace_events = 10}});
    expect_output(&run, "done", "1");
    run_end(&run);
}

/* Whether a list has an item is looked up: 20,000 against 20,000 would take more than 20 million steps one by one. */
static void test_in__goes_through_an_index(void **state)
{
    (void)state;
    Run run = run_spy("seen = []\ntwice = 0\n"
                      "for i in range(20000):\n"
                      "    key = f\"{i % 15000}\"\n"
                      "    if key in seen:\n        twice = twice + 1\n"
                      "    else:\n        seen.append(key)\n"
                      "seen.remove(\"7\")\n"
                      "mixed = [1, 2, 3, 4, 5, 6, 7, 8, [9], \"10\", 2]\n"
                      "found = [n for n in [2, \"10\", 11, [9], 1, True, \"2\"] if n in mixed]\n"
                      "set_output(\"twice\", value=twice)\n"
                      "set_output(\"seven\", value=[contains(seen, f\"{n}\") for n in range(6, 9)])\n"
                      "set_output(\"found\", value=found)\n",
                      (EvalOptions){.budget = {.fuel = 300000, .trace_events = 10}});
    expect_output(&run, "twice", "5000");
    expect_output(&run, "seven", "yes, no and yes");
    expect_output(&run, "found", "2, 10, [9], 1 and yes");
    run_end(&run);
}

static void test_evaluation_run__asks_when_one_value_would_be_too_large(void **state)
{
    (void)state;
    Run run = run_spy("x = \"ab\" * 1000000000\nset_output(\"x\", value=len(x))\n", (EvalOptions){0});
    assert_string_equal(evaluation_question(run.evaluation)->kind, "too-large");
    expect_answered(&run, "\"short\"");
    expect_output(&run, "x", "5");
    run_end(&run);
}

static void test_evaluation_run__keeps_memory_near_what_is_live(void **state)
{
    (void)state;
    Run run =
        run_spy("text = \"\"\nfor i in range(200000):\n    text = f\"{i} and some more text that is soon garbage\"\n"
                "set_output(\"text\", value=text)\n",
                (EvalOptions){.budget = {.memory_bytes = 3 << 20, .trace_events = 10}});
    expect_output(&run, "text", "199999 and some more text that is soon garbage");
    run_end(&run);
}

static void test_evaluation_run__takes_slices(void **state)
{
    (void)state;
    Arena arena = {0};
    Program *program =
        program_of(&arena, S("for i in range(10):\n    x = i\nset_output(\"x\", value=x)\n"), SPELLING_SPY);
    Evaluation *evaluation = evaluation_new(program, NULL, 0, (EvalOptions){0});
    int slices = 1;
    while (evaluation_run(evaluation, 1) == EVAL_READY)
        slices++;
    assert_in_range(slices, 20, 40);
    assert_int_equal(evaluation_status(evaluation), EVAL_COMPLETED);
    evaluation_free(evaluation);
    arena_done(&arena);
}

/* ---- calls ---- */

static void test_supply__gives_the_result_and_remembers_effects_on_retry(void **state)
{
    (void)state;
    Run run =
        run_spy("x = probe.note(value=\"paid\") + find({}, \"more\")\nset_output(\"x\", value=x)\n", (EvalOptions){0});
    assert_int_equal(evaluation_status(run.evaluation), EVAL_CALL);
    const EvalCall *call = evaluation_call(run.evaluation);
    expect_text(call->procedure->name, "note");
    assert_int_equal(call->n_arguments, 1);
    expect_text(call->arguments[0].name, "value");
    expect_text(value_str(call->arguments[0].value), "paid");
    evaluation_supply(run.evaluation, NULL, value_int(7));
    assert_int_equal(evaluation_run(run.evaluation, UINT64_MAX), EVAL_QUESTION);
    expect_answered(&run, "retry"); /* asks again, but does not pay again */
    assert_int_equal(evaluation_status(run.evaluation), EVAL_QUESTION);
    expect_answered(&run, "use 1");
    expect_output(&run, "x", "8");
    run_end(&run);
}

static Value numbered(Arena *arena, Column **out_column)
{
    Value table = value_table_new(arena, 20000);
    *out_column = table_add_column(arena, table.table, S("n"));
    for (uint32_t row = 0; row < table.table->n_rows; row++)
        (*out_column)->cells[row] = value_int(row);
    return table;
}

/* What the run then holds is right whether the table was taken over or copied. */
static void supply_and_expect(Arena *made, Value table, bool taken, const char *sum)
{
    static const char source[] = "rows = probe.echo(value=1)\n"
                                 "for row in rows:\n"
                                 "    row[\"text\"] = f\"row {row['n']}\"\n"
                                 "kept = [f\"{i} of many\" for i in range(400000)]\n"
                                 "set_output(\"sum\", value=sum([row[\"n\"] for row in rows]))\n"
                                 "set_output(\"last\", value=rows[-1][\"text\"] + \", \" + kept[-1])\n";
    Run run = run_spy(source, (EvalOptions){.budget = {.memory_bytes = 48 << 20}});
    evaluation_supply(run.evaluation, made, table);
    assert_int_equal(made->used == 0, taken);
    arena_done(made);
    (void)evaluation_run(run.evaluation, UINT64_MAX);
    expect_output(&run, "sum", sum);
    expect_output(&run, "last", "row 19999, 399999 of many");
    run_end(&run);
}

static void test_supply__takes_over_a_long_table(void **state)
{
    (void)state;
    Arena made = {0};
    Column *column;
    Value table = numbered(&made, &column);
    supply_and_expect(&made, table, true, "199990000");
}

static void test_supply__copies_what_is_shared_or_nested(void **state)
{
    (void)state;
    Arena made = {0}, elsewhere = {0};
    Column *column;
    Value table = numbered(&made, &column);
    table_add_column(&made, table.table, S("list"))->cells[5] = value_list_new(&made, 4);
    supply_and_expect(&made, table, false, "199990000");
    Value shared = numbered(&elsewhere, &column);
    table = numbered(&made, &column);
    column->cells = shared.table->columns[0].cells;
    supply_and_expect(&made, table, false, "199990000");
    for (uint32_t row = 0; row < 20000; row++)
        assert_true(value_equals(shared.table->columns[0].cells[row], value_int(row)));
    arena_done(&elsewhere);
}

static void test_supply_doubt__asks_a_person(void **state)
{
    (void)state;
    Run run = run_spy("probe.note(value=1)\nset_output(\"done\", value=True)\n", (EvalOptions){0});
    evaluation_supply_doubt(run.evaluation);
    assert_string_equal(evaluation_question(run.evaluation)->kind, "in-doubt");
    assert_string_equal(evaluation_question(run.evaluation)->group, "internal_error");
    expect_answered(&run, "retry");
    assert_int_equal(evaluation_status(run.evaluation), EVAL_CALL); /* done again, since a person said so */
    evaluation_supply_doubt(run.evaluation);
    expect_answered(&run, "skip");
    expect_output(&run, "done", "yes");
    run_end(&run);
}

static void test_wait__is_a_timer(void **state)
{
    (void)state;
    Run run = run_spy("wait(hours(2))\nwait(until=date(2026, 4, 14))\nset_output(\"x\", value=1)\n", (EvalOptions){0});
    assert_int_equal(evaluation_status(run.evaluation), EVAL_TIMER);
    assert_int_equal(evaluation_timer(run.evaluation)->seconds, 7200);
    evaluation_timer_fired(run.evaluation);
    assert_int_equal(evaluation_run(run.evaluation, UINT64_MAX), EVAL_TIMER);
    assert_true(evaluation_timer(run.evaluation)->until);
    assert_int_equal(evaluation_timer(run.evaluation)->moment.kind, VALUE_DATE);
    evaluation_timer_fired(run.evaluation);
    assert_int_equal(evaluation_run(run.evaluation, UINT64_MAX), EVAL_COMPLETED);
    run_end(&run);
}

static void test_procedure__asks_with_its_call_path(void **state)
{
    (void)state;
    Run run = run_spy("def half(n):\n    return n / find({}, \"x\")\n"
                      "for i in [1, 2]:\n    y = half(n=i)\n    set_output(f\"y{i}\", value=y)\n",
                      (EvalOptions){0});
    const Question *question = evaluation_question(run.evaluation);
    assert_non_null(question);
    assert_true(str_starts(question->call_path, S("main/")));
    assert_true(str_ends(question->call_path, S("#1/half")));
    expect_answered(&run, "use 2");
    assert_true(
        str_ends(evaluation_question(run.evaluation)->call_path, S("#2/half"))); /* another round is another question */
    expect_answered(&run, "use 4");
    expect_output(&run, "y1", "0.5");
    expect_output(&run, "y2", "0.5");
    run_end(&run);
}

/* ---- lookups ---- */

static void test_lookup__stays_linear_and_sees_changes(void **state)
{
    (void)state;
    Run run = run_spy("orders = [{\"n\": n} for n in range(20000)]\n"
                      "hits = 0\n"
                      "for i in range(20000):\n"
                      "    order = first(o for o in orders if o[\"n\"] == i)\n"
                      "    hits = hits + 1\n"
                      "orders[5][\"n\"] = \"five\"\n"
                      "orders.append({\"n\": \"last\"})\n"
                      "set_output(\"hits\", value=hits)\n"
                      "for key in [\"five\", \"last\", 7, \"five\", \"last\"]:\n"
                      "    set_output(f\"{key}\", value=len([o for o in orders if o[\"n\"] == key]))\n"
                      "set_output(\"gone\", value=len([o for o in orders if o[\"n\"] == 5]))\n",
                      (EvalOptions){.budget.fuel = 400000});
    expect_output(&run, "hits", "20000");
    expect_output(&run, "five", "1");
    expect_output(&run, "last", "1");
    expect_output(&run, "7", "1");
    expect_output(&run, "gone", "0");
    run_end(&run);
}

/* A `while` comes back to what stands in it, and to what it asks: neither may be lost. */
static void test_lookup__outlives_the_rounds_of_its_loop(void **state)
{
    (void)state;
    Run run = run_spy("orders = [{\"n\": n} for n in range(5000)]\n"
                      "names = [f\"{n}\" for n in range(5000)]\n"
                      "i = 0\nhits = 0\n"
                      "while f\"{i}\" in names:\n"
                      "    order = first(o for o in orders if o[\"n\"] == i)\n"
                      "    hits = hits + order[\"n\"] - i + 1\n"
                      "    i = i + 1\n"
                      "    names.append(f\"{i}x\")\n"
                      "last = first(o for o in orders if o[\"n\"] == 4999)\n"
                      "set_output(\"hits\", value=hits)\n"
                      "set_output(\"last\", value=last[\"n\"])\n",
                      (EvalOptions){.budget.fuel = 400000});
    expect_output(&run, "hits", "5000");
    expect_output(&run, "last", "4999");
    run_end(&run);
}

static void test_lookup__asks_for_a_missing_field_as_the_plain_loop_does(void **state)
{
    (void)state;
    Run run = run_spy("items = [{\"k\": n} for n in range(20)]\n"
                      "items[12] = {\"other\": 1}\n"
                      "for key in [3, 4, 5, 15]:\n"
                      "    found = first(item for item in items if item[\"k\"] == key)\n"
                      "set_output(\"found\", value=found[\"k\"])\n",
                      (EvalOptions){0});
    expect_question(&run, "missing-field", "Row 13 of the items has no k. What is it?");
    expect_answered(&run, "use 99");
    expect_output(&run, "found", "15");
    run_end(&run);
}

/* ---- answers ---- */

static void test_answer__refuses_what_makes_no_sense_and_changes_nothing(void **state)
{
    (void)state;
    Run run = run_spy("ensure(1 > 2)\nset_output(\"x\", value=1)\n", (EvalOptions){0});
    assert_string_equal(evaluation_question(run.evaluation)->kind, "failed-check");
    expect_refused(&run, "use 5", "a check wants no value: say skip");
    expect_refused(&run, "skip this one", "no loop");
    expect_refused(&run, "set the unheard of thing's total to 5", "thing");
    expect_refused(&run, "retry in a while", "10 minutes");
    expect_refused(&run, "frobnicate the %%%", "no answer");
    expect_refused(&run, "", "1 to");
    expect_answered(&run, "skip");
    expect_output(&run, "x", "1");
    Error err = {0};
    assert_false(answer(&run, "skip", &err));
    assert_int_equal(err.code, FAILED_PRECONDITION);
    run_end(&run);
}

static void test_answer__must_be_of_the_kind_that_it_is_compared_with(void **state)
{
    (void)state;
    static const struct {
        const char *beside, *wrong, *refusal, *right;
    } cases[] = {
        {"12", "use \"send it later\"", "not clearly a number", "use 13"},
        {"date(2026, 3, 9)", "use \"send it later\"", "date", "use \"2026-03-10\""},
        {"hours(1)", "use \"send it later\"", "duration", "use 2 hours"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char source[200];
        (void)snprintf(source, sizeof source,
                       "row = {\"weight\": None}\nheavy = row[\"weight\"] > %s\nset_output(\"heavy\", value=heavy)\n",
                       cases[i].beside);
        Run run = run_spy(source, (EvalOptions){0});
        expect_question(&run, "missing-field", "The row has no weight. What is it?");
        expect_refused(&run, cases[i].wrong, cases[i].refusal);
        expect_answered(&run, cases[i].right);
        expect_output(&run, "heavy", "yes");
        run_end(&run);
    }
}

static void test_answer__that_does_not_do_is_asked_for_again(void **state)
{
    (void)state;
    Run run =
        run_spy("n = 2.5\nfor i in range(n):\n    say(\"again\")\nset_output(\"n\", value=n)\n", (EvalOptions){0});
    for (int i = 0; i < 3; i++) {
        expect_question(&run, "not-a-whole-number",
                        i == 0 ? "The n is 2.5. A whole number is needed here. What is it?"
                               : "The n is 3.5. A whole number is needed here. What is it?");
        expect_answered(&run, "use 3.5");
    }
    expect_answered(&run, "use 3");
    expect_output(&run, "n", "2.5");
    run_end(&run);
}

static void test_answer_read__tells_kinds_apart(void **state)
{
    (void)state;
    static const struct {
        const char *said;
        AnswerKind kind;
        bool remember;
        const char *condition;
    } rows[] = {
        {"use \"PO-4711\"", ANSWER_USE, false, ""},
        {"\"PO-4711\"", ANSWER_USE, false, ""},
        {"4711", ANSWER_USE, false, ""},
        {"-12.5", ANSWER_USE, false, ""},
        {"the tolerance is 0.05", ANSWER_SENTENCES, false, ""},
        {"retry", ANSWER_RETRY, false, ""},
        {"Retry in 10 minutes.", ANSWER_RETRY, false, ""},
        {"skip", ANSWER_SKIP, false, ""},
        {"Skip this one", ANSWER_SKIP_ITEM, false, ""},
        {"replace with\n  the tolerance is 1\n  the tolerance is 2", ANSWER_REPLACE, false, ""},
        {"stop the run because the supplier is gone", ANSWER_STOP, false, ""},
        {"always skip this one", ANSWER_SKIP_ITEM, true, ""},
        {"always when the tolerance is less than 3, use 5", ANSWER_USE, true, "the tolerance is less than 3"},
    };
    Run run = run_spy("tolerance = find({}, \"x\")\nset_output(\"x\", value=tolerance + 1)\n", (EvalOptions){0});
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Answer read;
        Error err = {0};
        if (!answer_read(&run.arena, str_from_c(rows[i].said), run.program, evaluation_question(run.evaluation), &read,
                         &err))
            fail_msg("\"%s\": %s", rows[i].said, err.message);
        assert_int_equal(read.kind, rows[i].kind);
        assert_int_equal(read.remember, rows[i].remember);
        expect_text(read.condition, rows[i].condition);
        if (read.kind == ANSWER_RETRY && rows[i].said[0] == 'R')
            assert_int_equal(read.delay_seconds, 600);
        Answer again; /* canonical text reads as the same answer */
        assert_true(answer_read(&run.arena, read.text, run.program, NULL, &again, &err));
        assert_int_equal(again.kind, read.kind);
    }
    run_end(&run);
}

/* Bare answers are read as the workspace writes and kept as the language does. */
static void test_answer_read__keeps_bare_values_as_the_language_writes_them(void **state)
{
    (void)state;
    static const Reading point = {.date_order = DATE_ORDER_DAY_FIRST},
                         comma = {.decimal_comma = true, .date_order = DATE_ORDER_DAY_FIRST},
                         unknown = {.date_order = DATE_ORDER_UNKNOWN, .twelve_hours = true};
    static const struct {
        const Type *expected; /* NULL: anything */
        Reading reading;
        const char *said, *kept; /* NULL: it is refused */
    } rows[] = {
        {&type_number, point, "1,250", "use 1250"},
        {&type_number, comma, "1,250", "use 1.250"},
        {&type_number, comma, "1.250,50", "use 1250.50"},
        {&type_number, comma, "-1,5", "use -1.5"},
        {&type_date, point, "14/04/2026", "use 2026-04-14"},
        {NULL, point, "14/04/2026", "use 2026-04-14"},
        {NULL, comma, "1,250", "use 1.250"},
        {NULL, unknown, "14/04/2026", "use 2026-04-14"},
        {NULL, unknown, "03/04/2026", NULL},
        {NULL, unknown, "5:30", NULL},
        {NULL, unknown, "5:30 pm", "use 17:30"},
        {NULL, unknown, "PO-4711", "use \"PO-4711\""},
        {&type_time, unknown, "5:30", NULL},
        {&type_time, unknown, "5:30 pm", "use 17:30"},
        {&type_time, unknown, "17:30", "use 17:30"},
        {&type_text, point, "14/04/2026", "use \"14/04/2026\""},
    };
    Run run = run_spy("tolerance = find({}, \"x\")\nset_output(\"x\", value=tolerance + 1)\n", (EvalOptions){0});
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Question question = *evaluation_question(run.evaluation);
        question.kind = "missing-fact";
        question.n_suggestions = 0;
        question.expected = rows[i].expected;
        question.reading = rows[i].reading;
        Answer read;
        Error err = {0};
        bool ok = answer_read(&run.arena, str_from_c(rows[i].said), run.program, &question, &read, &err);
        if (ok != (rows[i].kept != NULL))
            fail_msg("row %zu, \"%s\": %s", i, rows[i].said, ok ? "it is not refused" : err.message);
        if (!ok)
            continue;
        expect_text(read.text, rows[i].kept);
        Answer again;
        assert_true(answer_read(&run.arena, read.text, run.program, NULL, &again, &err));
        assert_null(again.expression);
        assert_true(value_equals(again.value, read.value));
    }
    run_end(&run);
}

/* Words without quotes are no sentence that failed, but a value of the wrong kind. */
static void test_answer_read__tells_the_kind_that_bare_words_are_not(void **state)
{
    (void)state;
    static const struct {
        const Type *expected;
        const char *kind, *said, *part;
    } rows[] = {
        {&type_time, "missing-fact", "late", "no answer: \"late\" is not a time of day: write it like 09:30"},
        {&type_time, "missing-fact", "use late", "\"late\" is not a time of day: write it like 09:30"},
        {&type_time, "missing-fact", "half past nine", "\"half past nine\" is not a time of day"},
        {&type_date, "not-a-date", "soon", "\"soon\" is not a date: write it like 2026-04-14"},
        {&type_number, "missing-field", "a few", "`a few` is not clearly a number"},
        {&type_boolean, "ask", "maybe", "say yes or no"},
        {&type_any, "missing-field", "late", "a text is written in quotes, as in use \"late\""},
        {&type_record, "no-match", "Bolt AG", "a text is written in quotes, as in use \"Bolt AG\""},
        {&type_record, "no-match", "use Bolt AG", "a text is written in quotes, as in use \"Bolt AG\""},
        /* What may be a sentence, or a figure, is told by the language. */
        {&type_time, "missing-fact", "the start be 9:00", "no answer: expected “is” or “are” after"},
        {&type_any, "missing-field", "use 12,50", "a number has a decimal point"},
    };
    Run run = run_spy("tolerance = find({}, \"x\")\nset_output(\"x\", value=tolerance + 1)\n", (EvalOptions){0});
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Question question = *evaluation_question(run.evaluation);
        question.kind = rows[i].kind;
        question.n_suggestions = 0;
        question.expected = rows[i].expected;
        Answer read;
        Error err = {0};
        if (answer_read(&run.arena, str_from_c(rows[i].said), run.program, &question, &read, &err))
            fail_msg("\"%s\" is not refused", rows[i].said);
        if (!str_contains(str_from_c(err.message), str_from_c(rows[i].part)))
            fail_msg("\"%s\": expected \"%s\" in: %s", rows[i].said, rows[i].part, err.message);
    }
    run_end(&run);
}

static void test_evaluation_condition__is_tested_in_scope_and_changes_nothing(void **state)
{
    (void)state;
    Run run = run_spy("limit = 3\nfor i in [1, 2, 3]:\n    x = i / 0\n", (EvalOptions){0});
    static const struct {
        const char *condition;
        bool holds;
    } rows[] = {
        {"the limit is 3", true}, {"the i is greater than 1", false}, {"the limit is 4", false}, {"the x is 1", false}};
    Buf before = {0}, after = {0};
    evaluation_save(run.evaluation, &before);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        bool holds;
        Error err = {0};
        if (!evaluation_condition(run.evaluation, str_from_c(rows[i].condition), &holds, &err))
            fail_msg("%s: %s", rows[i].condition, err.message);
        assert_int_equal(holds, rows[i].holds);
    }
    bool holds;
    Error err = {0};
    assert_false(evaluation_condition(run.evaluation, S("the nobody knows is 3"), &holds, &err));
    evaluation_save(run.evaluation, &after);
    assert_true(str_eq(buf_view(&before), buf_view(&after)));
    buf_done(&before);
    buf_done(&after);
    run_end(&run);
}

/* ---- the journal ---- */

static void expect_trace(Run *run, const char *expected)
{
    Buf kinds = {0};
    Reader batch = reader_of(evaluation_trace(run->evaluation));
    TraceEntry entry;
    Error err = {0};
    while (trace_next(&run->arena, &batch, &entry, &err)) {
        buf_char(&kinds, "BCXFnekpqQaU"[entry.kind]);
        if (entry.repeated)
            buf_printf(&kinds, "%u", entry.repeated);
    }
    assert_int_equal(err.code, OK);
    expect_text(buf_view(&kinds), expected);
    buf_done(&kinds);
}

static void test_journal__tells_sentences_patches_and_skips(void **state)
{
    (void)state;
    Run run = run_spy("a = find({}, \"x\")\nb = a + 1\nc = a + 2\nsay(\"end\")\n", (EvalOptions){0});
    expect_answered(&run, "use 1");
    expect_answered(&run, "skip");
    expect_trace(&run, "BepqQkaeC"); /* begun, executed, patched, patched node started and executed, skipped, said,
                                        executed, completed */
    run_end(&run);
}

static void test_journal__shows_facts_before_and_after(void **state)
{
    (void)state;
    Run run = run_spy("a = 1\na = a + 1\n", (EvalOptions){0});
    Reader batch = reader_of(evaluation_trace(run.evaluation));
    TraceEntry entry;
    Error err = {0};
    for (int i = 0; i < 3; i++)
        assert_true(trace_next(&run.arena, &batch, &entry, &err));
    assert_int_equal(entry.n_inputs, 1);
    assert_true(value_equals(entry.inputs[0].value, value_int(1)));
    assert_int_equal(entry.n_outputs, 1);
    assert_true(value_equals(entry.outputs[0].value, value_int(2)));
    assert_int_equal(trace_count(evaluation_trace(run.evaluation)), 4);
    run_end(&run);
}

static void test_journal__counts_what_its_budget_leaves_out(void **state)
{
    (void)state;
    Run run = run_spy("for i in range(10):\n    x = i\nsay(\"end\")\n", (EvalOptions){.budget.trace_events = 3});
    expect_trace(&run, "Beeee7aeC");
    run_end(&run);
}

static void test_journal__clips_values(void **state)
{
    (void)state;
    Run run = run_spy("x = \"ab\" * 5000\ny = list(range(100))\n", (EvalOptions){0});
    Reader batch = reader_of(evaluation_trace(run.evaluation));
    TraceEntry entry;
    Error err = {0};
    assert_true(trace_next(&run.arena, &batch, &entry, &err) && trace_next(&run.arena, &batch, &entry, &err));
    assert_int_equal(entry.outputs[0].value.high, 1000);
    assert_true(trace_next(&run.arena, &batch, &entry, &err));
    assert_int_equal(entry.outputs[0].value.list->count, 20);
    run_end(&run);
}

/* ---- snapshots ---- */

static void test_snapshot__keeps_sharing(void **state)
{
    (void)state;
    Run run = run_spy("a = [1]\nb = a\nt = table_from_records([{\"x\": 1}])\nr = t[0]\ny = find({}, \"x\") + 1\n"
                      "b.append(2)\nr[\"x\"] = 5\nset_output(\"a\", value=a)\nset_output(\"t\", value=t[0][\"x\"])\n",
                      (EvalOptions){0});
    Buf bytes = {0};
    evaluation_save(run.evaluation, &bytes);
    evaluation_free(run.evaluation);
    Error err = {0};
    assert_true(evaluation_restore(run.program, buf_view(&bytes), (EvalOptions){0}, &run.evaluation, &err));
    buf_done(&bytes);
    expect_answered(&run, "use 1");
    expect_output(&run, "a", "1 and 2");
    expect_output(&run, "t", "5");
    run_end(&run);
}

typedef struct SnapshotCost {
    size_t bytes;
    double seconds; /* of the processor, to save and to restore; the least of three */
} SnapshotCost;

/* Of a run that waits with so many live records, after it has dropped a list of so many others. */
static SnapshotCost snapshot_cost(int live, int dropped)
{
    char source[256];
    (void)snprintf(
        source, sizeof source,
        "x = [{\"n\": i, \"name\": f\"row {i}\"} for i in range(%d)]\ny = [f\"row {i}\" for i in range(%d)]\ny = []\n"
        "z = find({}, \"x\") + 1\nset_output(\"x\", value=x)\nset_output(\"y\", value=y)\n",
        live, dropped);
    Run run = run_spy(source, (EvalOptions){0});
    SnapshotCost cost = {0};
    for (int round = 0; round < 3; round++) {
        Buf bytes = {0};
        Error err = {0};
        Evaluation *restored = NULL;
        clock_t begun = clock();
        evaluation_save(run.evaluation, &bytes);
        assert_true(evaluation_restore(run.program, buf_view(&bytes), (EvalOptions){0}, &restored, &err));
        double seconds = (double)(clock() - begun) / CLOCKS_PER_SEC;
        cost.seconds = round == 0 ? seconds : MIN_OF(cost.seconds, seconds);
        cost.bytes = bytes.len;
        evaluation_free(restored);
        buf_done(&bytes);
    }
    run_end(&run);
    return cost;
}

/* Eight times the values are eight times the bytes, and nowhere near the sixty-four times the work of a square. */
static void test_snapshot__grows_with_what_is_live(void **state)
{
    (void)state;
    SnapshotCost some = snapshot_cost(5000, 0), many = snapshot_cost(40000, 0), after = snapshot_cost(5000, 100000);
    assert_in_range(many.bytes, some.bytes * 7, some.bytes * 10);
    assert_true(many.seconds < some.seconds * 24);
    assert_true(after.bytes < some.bytes + some.bytes / 100);
}

static void test_restore__refuses_another_program_and_damaged_bytes(void **state)
{
    (void)state;
    Run run = run_spy("x = [n for n in range(9) if find({}, \"x\") > n]\n", (EvalOptions){0});
    Run other = run_spy("x = 2\n", (EvalOptions){0});
    Buf bytes = {0};
    Evaluation *restored = NULL;
    Error err = {0};
    evaluation_save(run.evaluation, &bytes);
    assert_false(evaluation_restore(other.program, buf_view(&bytes), (EvalOptions){0}, &restored, &err));
    assert_int_equal(err.code, FAILED_PRECONDITION);
    for (size_t i = 0; i < bytes.len; i++) {
        bytes.data[i] ^= 0x41;
        assert_false(evaluation_restore(run.program, buf_view(&bytes), (EvalOptions){0}, &restored, &err));
        assert_true(err.code == DATA_LOSS || err.code == FAILED_PRECONDITION);
        bytes.data[i] ^= 0x41;
        assert_false(evaluation_restore(run.program, str_of(bytes.data, i), (EvalOptions){0}, &restored, &err));
    }
    assert_null(restored);
    buf_done(&bytes);
    run_end(&run);
    run_end(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_main_job__asks_by_row_and_column_and_completes),
        cmocka_unit_test(test_question__says_the_row_and_column_of_facts_and_checks),
        cmocka_unit_test(test_evaluation_new__converts_inputs),
        cmocka_unit_test(test_evaluation_new__asks_for_an_input_that_is_missing),
        cmocka_unit_test(test_evaluation_new__asks_for_an_input_that_does_not_fit),
        cmocka_unit_test(test_evaluation_run__ends_at_its_bounds),
        cmocka_unit_test(test_budget__holds_within_a_tenth),
        cmocka_unit_test(test_budget__counts_indexes),
        cmocka_unit_test(test_budget__holds_while_a_question_is_worded),
        cmocka_unit_test(test_budget__indexes_of_loops_that_are_over_are_gone),
        cmocka_unit_test(test_in__goes_through_an_index),
        cmocka_unit_test(test_output__a_few_rows_leave_their_table_behind),
        cmocka_unit_test(test_evaluation_run__asks_when_one_value_would_be_too_large),
        cmocka_unit_test(test_evaluation_run__keeps_memory_near_what_is_live),
        cmocka_unit_test(test_evaluation_run__takes_slices),
        cmocka_unit_test(test_supply__gives_the_result_and_remembers_effects_on_retry),
        cmocka_unit_test(test_supply__takes_over_a_long_table),
        cmocka_unit_test(test_supply__copies_what_is_shared_or_nested),
        cmocka_unit_test(test_supply_doubt__asks_a_person),
        cmocka_unit_test(test_wait__is_a_timer),
        cmocka_unit_test(test_procedure__asks_with_its_call_path),
        cmocka_unit_test(test_lookup__stays_linear_and_sees_changes),
        cmocka_unit_test(test_lookup__outlives_the_rounds_of_its_loop),
        cmocka_unit_test(test_lookup__asks_for_a_missing_field_as_the_plain_loop_does),
        cmocka_unit_test(test_answer__must_be_of_the_kind_that_it_is_compared_with),
        cmocka_unit_test(test_answer__that_does_not_do_is_asked_for_again),
        cmocka_unit_test(test_answer__refuses_what_makes_no_sense_and_changes_nothing),
        cmocka_unit_test(test_answer_read__tells_kinds_apart),
        cmocka_unit_test(test_answer_read__keeps_bare_values_as_the_language_writes_them),
        cmocka_unit_test(test_answer_read__tells_the_kind_that_bare_words_are_not),
        cmocka_unit_test(test_evaluation_condition__is_tested_in_scope_and_changes_nothing),
        cmocka_unit_test(test_journal__tells_sentences_patches_and_skips),
        cmocka_unit_test(test_journal__shows_facts_before_and_after),
        cmocka_unit_test(test_journal__counts_what_its_budget_leaves_out),
        cmocka_unit_test(test_journal__clips_values),
        cmocka_unit_test(test_snapshot__keeps_sharing),
        cmocka_unit_test(test_snapshot__grows_with_what_is_live),
        cmocka_unit_test(test_restore__refuses_another_program_and_damaged_bytes),
    };
    return cmocka_run_group_tests_name("lang/eval", tests, NULL, NULL);
}
