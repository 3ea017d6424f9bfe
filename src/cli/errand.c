/* cli/errand.c */
#include "cli/errand.h"

#include <stdlib.h>

struct WorldErrand {
    BookErrand errand;
    void (*arrived)(void *self);
    void *self;
};

static void come_back(HttpCall *call)
{
    WorldErrand *errand = call->context;
    errand->arrived(errand->self); /* whoever it tells may have ended it by now */
}

bool errand_prepare(const BookContext *context, const EvalCall *call, void (*arrived)(void *context), void *self,
                    WorldErrand **out, Error *err)
{
    WorldErrand *errand = calloc(1, sizeof *errand);
    if (!errand)
        abort();
    errand->arrived = arrived;
    errand->self = self;
    if (!books_prepare(context, call->procedure, call->arguments, call->n_arguments, &errand->errand, err)) {
        free(errand);
        return false;
    }
    errand->errand.call.done = come_back;
    errand->errand.call.context = errand;
    *out = errand;
    return true;
}

void errand_send(Outgoing *outgoing, WorldErrand *errand)
{
    HttpCall *call = &errand->errand.call;
    if (!outgoing_send(outgoing, call, &call->err))
        come_back(call);
}

bool errand_take(const EvalCall *call, WorldErrand *errand, Arena *arena, Value *out, Error *err)
{
    bool ok = books_read(call->procedure, &errand->errand, arena, out, err);
    errand_drop(errand);
    return ok;
}

void errand_drop(WorldErrand *errand)
{
    book_errand_done(&errand->errand);
    free(errand);
}
