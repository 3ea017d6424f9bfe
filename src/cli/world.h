/* cli/world.h: the real World: books, the wall clock, files of the store. Here everything is wired together. */
#ifndef CLERKWORK_CLI_WORLD_H
#define CLERKWORK_CLI_WORLD_H

#include "engine/world.h"
#include "http/client.h"
#include "store/store.h"

typedef struct RealWorld RealWorld;

/* Calls may come from any thread. `store` must outlive it, and the texts of `calls_out`, which is how calls to other
 * servers are made; so must `key_file`, which holds the key of the connections' credentials. */
RealWorld *real_world_new(Store *store, const HttpClientOptions *calls_out, const char *key_file);
const World *real_world(const RealWorld *world);
void real_world_stop(RealWorld *world); /* calls to other servers end; NULL is accepted */
void real_world_free(RealWorld *world); /* once nobody calls any more; NULL is accepted */

#endif
