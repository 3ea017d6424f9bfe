/* auth/memory.h: what was looked up, remembered along a reader. Internal to auth/.
 *
 * One thread's, as the reader is. All of it goes at once when the generation moves or when it has grown large. */
#ifndef CLERKWORK_AUTH_MEMORY_H
#define CLERKWORK_AUTH_MEMORY_H

#include "auth/principal.h"
#include "auth/token.h"
#include "base/map.h"

enum { REMEMBERED_MOST = 4096 };

typedef struct KnownToken {
    unsigned char hash[TOKEN_HASH_LEN];
    Principal principal;
    int64_t noted_us; /* the minute that was written as its last use */
} KnownToken;

typedef struct KnownScope {
    Scope scope;
    Membership membership;
    bool deleted, organization_deleted; /* the workspace is; all of it is */
} KnownScope;

typedef struct AuthMemory {
    uint64_t generation;
    Arena arena;
    Map tokens; /* by hash → KnownToken */
    Map scopes; /* by user, organization and workspace → KnownScope */
} AuthMemory;

/* Of the transaction's reader, empty when what it held is no longer true; NULL within the writer's. */
AuthMemory *auth_memory(Tx *tx);

#endif
