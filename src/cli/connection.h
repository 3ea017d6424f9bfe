/* cli/connection.h: the connections of a workspace, opened for the calls that go through them. */
#ifndef CLERKWORK_CLI_CONNECTION_H
#define CLERKWORK_CLI_CONNECTION_H

#include "books/errand.h"
#include "store/connection.h"

/* Where the key lies: as said, or credentials.key in the data directory. */
const char *key_file_path(Arena *arena, Str said, Str data);
/* The row as books take it, its credential in the open in `arena`: whoever holds it overwrites it. NOT_FOUND says how a
 * connection is made, FAILED_PRECONDITION that it is another book's, DATA_LOSS that its credential does not open. */
MUST_USE bool connection_open(Tx *tx, Arena *arena, const Scope *scope, const char *key_file, Str book, Str name,
                              BookConnection *out, Error *err);

#endif
