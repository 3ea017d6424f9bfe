/* bench/eval.c: the evaluator beside CPython, in one run on one machine.
 *
 *     bench_eval [rounds]     whole numbers, money, and a reconciliation of 100,000 rows against 100,000 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "lang/eval.h"

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
    double ours = 1e9, theirs = 1e9;
    for (int round = 0; round < 3; round++) {
        double seconds = run_spy(spy, n, result, sizeof result);
        ours = seconds < ours ? seconds : ours;
        snprintf(code, sizeof code, python, n);
        seconds = run_python(code);
        theirs = seconds < theirs ? seconds : theirs;
    }
    printf("%-16s %9d rounds  clerkwork %7.1f ns a round  python3 %7.1f ns a round  ratio %.2f  (result %s)\n", what, n,
           ours / n * 1e9, theirs / n * 1e9, theirs / ours, result);
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
    return 0;
}
