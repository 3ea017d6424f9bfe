/* store/connection.h: servers that automations of a workspace call by a name. A credential is kept sealed, with a key
 * that the store does not know (auth/seal.h). */
#ifndef CLERKWORK_STORE_CONNECTION_H
#define CLERKWORK_STORE_CONNECTION_H

#include "store/tenant.h"

#define CONNECTIONS_MOST 1000

typedef struct ConnectionRow {
    int64_t key;
    Scope scope;
    Str name; /* unique in the workspace */
    Str book, url, user, sender;
    int64_t auth; /* as books/errand.h numbers it */
    Str sealed;   /* "" for no credential */
    int64_t create_us, update_us;
} ConnectionRow;

/* In place of the one of that name; fills the key and the times. RESOURCE_EXHAUSTED beyond CONNECTIONS_MOST. */
MUST_USE bool store_connection_put(Tx *tx, ConnectionRow *connection, Error *err);
MUST_USE bool store_connection_get(Tx *tx, Arena *arena, const Scope *scope, Str name, ConnectionRow *out, Error *err);
/* All of the workspace, by name. */
MUST_USE bool store_connection_list(Tx *tx, Arena *arena, const Scope *scope, ConnectionRow **out, int *out_n,
                                    Error *err);
MUST_USE bool store_connection_delete(Tx *tx, const Scope *scope, Str name, Error *err);

#endif
