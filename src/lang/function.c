/* lang/function.c: the table of function.h, and how to find a row. */
#include "lang/function.h"

#include <string.h>

const Function functions[FN_N_FUNCTIONS] = {
#define X(id, spy_, style_, min_, max_, english_)                                                                      \
    [FN_##id] = {.spy = (spy_), .style = (style_), .min = (min_), .max = (max_), .english = (english_)},
    FUNCTIONS(X)
#undef X
};

bool function_is_method(FunctionId id)
{
    FunctionStyle style = functions[id].style;
    return style == STYLE_METHOD || style == STYLE_METHOD_CONDITION || style == STYLE_ACTION;
}

bool function_takes(FunctionId id, uint32_t n)
{
    return n >= functions[id].min && n <= functions[id].max && !(id == FN_DATE && n == 2);
}

FunctionId function_find(Str spy, bool method)
{
    for (FunctionId id = 0; id < FN_N_FUNCTIONS; id++) {
        if (function_is_method(id) == method && str_eq(str_from_c(functions[id].spy), spy))
            return id;
    }
    return FN_N_FUNCTIONS;
}
