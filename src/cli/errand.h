/* cli/errand.h: calls of books that go outside, sent without waiting for them. */
#ifndef CLERKWORK_CLI_ERRAND_H
#define CLERKWORK_CLI_ERRAND_H

#include "books/book.h"
#include "cli/outgoing.h"
#include "engine/world.h"

/* As World's prepare, send, take and drop; `context` is what the book sees of the world. */
MUST_USE bool errand_prepare(const BookContext *context, const EvalCall *call, void (*arrived)(void *context),
                             void *self, WorldErrand **out, Error *err);
void errand_send(Outgoing *outgoing, WorldErrand *errand);
MUST_USE bool errand_take(const EvalCall *call, WorldErrand *errand, Arena *arena, Value *out, Error *err);
void errand_drop(WorldErrand *errand);

#endif
