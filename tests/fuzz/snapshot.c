/* tests/fuzz/snapshot.c: damaged snapshots are refused, or give an evaluation that ends like any other. */
#include "lang/eval.h"
#include "run_program.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static Arena lasting;
    static Program *program;
    if (!program)
        program = program_of(&lasting,
                             S("rows = [{\"a\": 1, \"b\": \"x\"}, {\"a\": 2}]\n"
                               "for row in rows:\n    row[\"c\"] = row[\"a\"] * 2\n    say(f\"{row}\")\n"
                               "factor = ask(\"Which factor?\", type=number)\n"
                               "set_output(\"rows\", value=rows)\nset_output(\"factor\", value=factor)\n"),
                             SPELLING_SPY);
    static const EvalOptions options = {.budget = {.fuel = 2000, .memory_bytes = 16 << 20, .output_bytes = 1 << 16}};
    Evaluation *evaluation = NULL;
    Error err;
    if (evaluation_restore(program, str_of((const char *)data, size), options, &evaluation, &err)) {
        (void)evaluation_run(evaluation, 2000);
        evaluation_free(evaluation);
    }
    return 0;
}
