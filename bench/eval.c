/* bench/eval.c: the language beside CPython, in one run on one machine; medians of five.
 *
 *     bench_eval [rounds]     whole numbers, money, matching rows, checking and printing, snapshots */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "books/book.h"
#include "lang/english.h"
#include "lang/eval.h"
#include "lang/spy.h"

enum { TIMES = 5 };

static const char integers[] = "total = 0\n"
                               "i = 0\n"
                               "while i < %d:\n"
                               "    if i %% 3 == 0:\n"
                               "        total = total + i\n"
                               "    i = i + 1\n"
                               "set_output(\"total\", value=total)\n";
static const char money[] = "total = 0.00\n"
                            "price = 19.99\n"
                            "for quantity in range(%d):\n"
                            "    net = price * quantity\n"
                            "    tax = round(net * 0.19, 2)\n"
                            "    total = total + net + tax\n"
                            "set_output(\"total\", value=total)\n";
static const char python_money[] = "from decimal import Decimal, getcontext\n"
                                   "total = Decimal('0.00')\n"
                                   "price = Decimal('19.99')\n"
                                   "rate = Decimal('0.19')\n"
                                   "cent = Decimal('0.01')\n"
                                   "for quantity in range(%d):\n"
                                   "    net = price * quantity\n"
                                   "    tax = (net * rate).quantize(cent)\n"
                                   "    total = total + net + tax\n"
                                   "print(total)\n";
static const char reconciliation[] =
    "orders = table_from_records([{\"number\": f\"PO-{n}\", \"total\": n * 1.25} for n in range(%d)])\n"
    "invoices = table_from_records([{\"order\": f\"PO-{n}\", \"total\": n * 1.25} for n in range(%d)])\n"
    "for invoice in invoices:\n"
    "    order = first(order for order in orders if order[\"number\"] == invoice[\"order\"])\n"
    "    if abs(invoice[\"total\"] - order[\"total\"]) > 0.01:\n"
    "        invoice[\"decision\"] = \"review\"\n"
    "    else:\n"
    "        invoice[\"decision\"] = \"pay\"\n"
    "set_output(\"paid\", value=len([i for i in invoices if i[\"decision\"] == \"pay\"]))\n";

/* Processor time: what else the machine does counts for neither side. */
static double processor_seconds(int who)
{
    struct rusage usage;
    getrusage(who, &usage);
    return (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec / 1e6;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double seconds[TIMES])
{
    qsort(seconds, TIMES, sizeof *seconds, by_size);
    return seconds[TIMES / 2];
}

static double run_spy(const char *format, int n, char *out_result, size_t cap)
{
    Arena arena = {0};
    static const Catalog nothing = {NULL, 0};
    Str source = str_printf(&arena, format, n, n);
    Program *program = program_load(&arena, source, SPELLING_SPY, &nothing);
    if (program->diagnostics.n_errors > 0) {
        Buf out = {0};
        diagnostics_print(&out, &program->diagnostics, S("bench"));
        fprintf(stderr, "%.*s", STR_ARG(buf_view(&out)));
        exit(1);
    }
    double start = processor_seconds(RUSAGE_SELF);
    Evaluation *evaluation = evaluation_new(program, NULL, 0, (EvalOptions){.budget.trace_events = 1000});
    EvalStatus status = evaluation_run(evaluation, UINT64_MAX);
    double seconds = processor_seconds(RUSAGE_SELF) - start;
    uint32_t n_outputs;
    const Argument *outputs = evaluation_outputs(evaluation, &n_outputs);
    Buf text = buf_in(&arena);
    if (n_outputs > 0)
        value_print(&text, outputs[0].value);
    snprintf(out_result, cap, "%.*s%.*s", STR_ARG(buf_view(&text)), STR_ARG(evaluation_failure(evaluation)));
    if (status == EVAL_QUESTION)
        snprintf(out_result, cap, "asked: %.*s", STR_ARG(evaluation_question(evaluation)->description));
    evaluation_free(evaluation);
    arena_done(&arena);
    return seconds;
}

static double run_python(const char *code)
{
    FILE *file = fopen("bench_eval.py", "w");
    if (!file)
        return 0;
    fputs(code, file);
    fclose(file);
    double start = processor_seconds(RUSAGE_CHILDREN);
    int status = system("python3 -c 'pass'");
    double empty = processor_seconds(RUSAGE_CHILDREN) - start;
    start = processor_seconds(RUSAGE_CHILDREN);
    status |= system("python3 bench_eval.py > /dev/null");
    double seconds = processor_seconds(RUSAGE_CHILDREN) - start - empty;
    remove("bench_eval.py");
    return status == 0 ? seconds : 0;
}

static void compare(const char *what, const char *spy, const char *python, int n)
{
    char code[2048], result[128];
    double ours[TIMES], theirs[TIMES];
    for (int i = 0; i < TIMES; i++) {
        ours[i] = run_spy(spy, n, result, sizeof result);
        snprintf(code, sizeof code, python, n);
        theirs[i] = run_python(code);
    }
    double here = median(ours), there = median(theirs);
    printf("%-16s %9d rounds  clerkwork %7.1f ns a round  python3 %7.1f ns a round  ratio %.2f  (result %s)\n", what, n,
           here / n * 1e9, there / n * 1e9, there / here, result);
}

/* ---- checking and printing ---- */

/* Twenty sentences about one kind of invoices, as people write them; @ is the kind. */
static const char twenty[] =
    "the @ limit is 100\n"
    "the @ invoices are the invoices whose status is \"@\" and whose total is greater than the @ limit\n"
    "the @ sum is the sum of the @ invoices' totals\n"
    "the @ count is 0\n"
    "for each @ invoice in the @ invoices\n"
    "  the @ order is the first order whose number is the @ invoice's order number\n"
    "  the @ difference is the @ invoice's total minus the @ order's total\n"
    "  if the absolute value of the @ difference is greater than the tolerance then\n"
    "    set the @ invoice's decision to \"review\"\n"
    "  otherwise\n"
    "    set the @ invoice's decision to \"pay\"\n"
    "  increase the @ count by 1\n"
    "  if the @ invoice's due date is missing then\n"
    "    go to the next one\n"
    "  set the @ invoice's reminder to 3 days after the @ invoice's due date\n"
    "ensure the @ count is at most 1000, or else \"There are {the @ count} invoices\"\n"
    "the @ share is (the @ sum times 0.19) rounded to 2 decimals\n"
    "say \"Checked {the @ count} of {the number of the invoices}, the share is {the @ share}\"\n"
    "output the @ sum as \"total @\"\n"
    "output the @ invoices sorted by due date as \"invoices @\"\n"
    "write the @ invoices to a file called \"@.csv\" as the @ file\n";
static const char ast_parse[] = "import ast, statistics, time\n"
                                "text = open('bench_eval.spy', encoding='utf-8').read()\n"
                                "def once():\n"
                                "    begun = time.process_time()\n"
                                "    ast.parse(text)\n"
                                "    return time.process_time() - begun\n"
                                "print(statistics.median(once() for _ in range(21)))\n";

static Str thousand_sentences(Arena *arena)
{
    Buf text = buf_in(arena);
    buf_str(&text, S("inputs\n  the invoice file is a file\n  the order file is a file\n"
                     "  the tolerance is a number, usually 0.01\n\n"
                     "get the invoices from the invoice file\nget the orders from the order file\n"));
    for (int i = 0; i < 50; i++) {
        const char name[] = {'q', (char)('a' + i / 10), (char)('a' + i % 10)};
        for (const char *c = twenty; *c; c++)
            buf_str(&text, *c == '@' ? str_of(name, sizeof name) : str_of(c, 1));
    }
    return buf_view(&text);
}

static double python_parse_seconds(Str spy)
{
    FILE *file = fopen("bench_eval.spy", "w");
    if (!file)
        return 0;
    (void)fwrite(spy.data, 1, spy.len, file);
    fclose(file);
    file = fopen("bench_eval.py", "w");
    if (!file)
        return 0;
    fputs(ast_parse, file);
    fclose(file);
    double seconds = 0;
    file = popen("python3 bench_eval.py", "r");
    if (!file || fscanf(file, "%lf", &seconds) != 1)
        seconds = 0;
    if (file)
        (void)pclose(file);
    remove("bench_eval.py");
    remove("bench_eval.spy");
    return seconds;
}

/* What saving does before anything is compiled: read, check, print both spellings. */
static void compare_reading(void)
{
    Arena arena = {0};
    Str text = thousand_sentences(&arena), spy = {0};
    double seconds[TIMES];
    uint32_t lines = 0;
    for (int i = -1; i < TIMES; i++) { /* the first one makes the tables that a process makes once */
        Arena once = {0};
        double begun = processor_seconds(RUSAGE_SELF);
        Program *program = NULL;
        enum { LOADS = 5 };
        for (int k = 0; k < LOADS; k++) {
            arena_reset(&once);
            program = program_read(&once, text, SPELLING_ENGLISH, books_catalog());
            program->spy = spy_print(&once, program->tree, books_catalog());
            program->english = english_print_read(&once, program->tree, books_catalog(), program->diagnostics.source);
        }
        if (i >= 0)
            seconds[i] = (processor_seconds(RUSAGE_SELF) - begun) / LOADS;
        if (program->diagnostics.n_errors > 0) {
            Buf out = {0};
            diagnostics_print(&out, &program->diagnostics, S("bench"));
            fprintf(stderr, "%.*s", STR_ARG(buf_view(&out)));
            exit(1);
        }
        spy = str_copy(&arena, program->spy);
        arena_done(&once);
    }
    for (size_t i = 0; i < text.len; i++)
        lines += text.data[i] == '\n';
    double here = median(seconds), there = python_parse_seconds(spy);
    printf("check and print  %9u lines   clerkwork %7.2f ms (goal 5)  ast.parse of the same SPy %5.2f ms  ratio %.2f\n",
           lines, here * 1e3, there * 1e3, there / here);
    arena_done(&arena);
}

/* ---- snapshots ---- */

static const char state[] =
    "rows = [{\"number\": f\"PO-{n}\", \"total\": n * 1.25, \"open\": True} for n in range(%d)]\n"
    "answer = ask(\"Go on?\")\n"
    "set_output(\"rows\", value=len(rows))\n";
enum { VALUES_A_ROW = 8 }; /* the record, three keys, three values, and its place in the list */

static void snapshot_of(int rows, double *out_save, double *out_restore, size_t *out_bytes)
{
    Arena arena = {0};
    static const Catalog nothing = {NULL, 0};
    const Program *program = program_load(&arena, str_printf(&arena, state, rows), SPELLING_SPY, &nothing);
    Evaluation *evaluation = evaluation_new(program, NULL, 0, (EvalOptions){.budget.trace_events = 1});
    if (evaluation_run(evaluation, UINT64_MAX) != EVAL_QUESTION)
        exit(1);
    evaluation_trace_clear(evaluation);
    double save[TIMES], restore[TIMES];
    for (int i = 0; i < TIMES; i++) {
        Buf bytes = {0};
        Error err = {0};
        Evaluation *again = NULL;
        double begun = processor_seconds(RUSAGE_SELF);
        evaluation_save(evaluation, &bytes);
        save[i] = processor_seconds(RUSAGE_SELF) - begun;
        begun = processor_seconds(RUSAGE_SELF);
        if (!evaluation_restore(program, buf_view(&bytes), (EvalOptions){0}, &again, &err)) {
            fprintf(stderr, "%s\n", err.message);
            exit(1);
        }
        restore[i] = processor_seconds(RUSAGE_SELF) - begun;
        *out_bytes = bytes.len;
        evaluation_free(again);
        buf_done(&bytes);
    }
    *out_save = median(save);
    *out_restore = median(restore);
    evaluation_free(evaluation);
    arena_done(&arena);
}

static void compare_snapshots(void)
{
    double first = 0;
    for (int times = 1; times <= 8; times *= 2) {
        int rows = 25000 * times;
        double save, restore;
        size_t bytes;
        snapshot_of(rows, &save, &restore, &bytes);
        double each = (save + restore) / rows / VALUES_A_ROW;
        first = times == 1 ? each : first;
        printf("snapshot         %9d values  save %6.1f ms  restore %6.1f ms  %5.1f ns a value, %.2f of the first  "
               "(%.1f MB)\n",
               rows * VALUES_A_ROW, save * 1e3, restore * 1e3, each * 1e9, each / first, (double)bytes / 1e6);
    }
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 2000000;
    char python_integers[1024], result[128];
    snprintf(python_integers, sizeof python_integers, "def set_output(name, value):\n    print(value)\n%s", integers);
    compare("whole numbers", integers, python_integers, n);
    compare("money", money, python_money, n / 4);
    double seconds = run_spy(reconciliation, 100000, result, sizeof result);
    printf("reconciliation   100,000 rows against 100,000 in %.3f s (result %s)\n", seconds, result);
    double half = run_spy(reconciliation, 50000, result, sizeof result);
    printf("reconciliation    50,000 rows against  50,000 in %.3f s: twice the rows take %.1f times as long\n", half,
           seconds / half);
    compare_reading();
    compare_snapshots();
    return 0;
}
