/* lang/problem.c: why an instruction cannot go on: noted where it is found, before anybody is asked. */
#include <stdio.h>

#include "lang/eval_state.h"

void problem_note(Evaluation *evaluation, const char *kind, int hole, const Type *expected, Value found,
                  const char *format, ...)
{
    Problem *problem = &evaluation->problem;
    *problem =
        (Problem){.kind = kind, .group = "user_system_error", .hole = hole, .expected = expected, .found = found};
    va_list args;
    va_start(args, format);
    vsnprintf(problem->text, sizeof problem->text, format, args);
    va_end(args);
}

void problem_note_missing(Evaluation *evaluation, int hole, const Type *expected, Value found)
{
    problem_note(evaluation, "missing-value", hole, expected, found, "Nothing stands here, but a value is needed");
    evaluation->problem.group = "missing_values";
}

void problem_note_fact(Evaluation *evaluation, Str name)
{
    problem_note(evaluation, "missing-fact", HOLE_RESULT, &type_any, (Value){0}, "\"%.*s\" has no value",
                 STR_ARG(name));
    evaluation->problem.group = "missing_values";
    evaluation->problem.missing = name;
}

void problem_note_error(Evaluation *evaluation, int hole, const Error *err)
{
    const char *kind = err->code == OUT_OF_RANGE ? "too-large" : "bad-arithmetic";
    problem_note(evaluation, kind, hole, &type_number, (Value){0}, "%s", err->message);
}
