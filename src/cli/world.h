/* cli/world.h: the real World: books, the wall clock, files of the store. Here everything is wired together. */
#ifndef CLERKWORK_CLI_WORLD_H
#define CLERKWORK_CLI_WORLD_H

#include "engine/world.h"
#include "store/store.h"

typedef struct RealWorld RealWorld;

/* Calls may come from any thread. `store` must outlive it. */
RealWorld *real_world_new(Store *store);
const World *real_world(const RealWorld *world);
void real_world_free(RealWorld *world); /* once nobody calls any more; NULL is accepted */

#endif
