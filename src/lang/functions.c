/* lang/functions.c: from a row of function.h to its body. */
#include "lang/functions.h"

static FunctionBody *const bodies[FN_N_FUNCTIONS] = {
#define X(id, spy, style, min, max, english) [FN_##id] = function_##id,
    FUNCTIONS(X)
#undef X
};

bool function_call(Evaluation *evaluation, FunctionId id, const Value *arguments, uint32_t n, Value *out)
{
    return bodies[id](evaluation, arguments, n, out);
}
