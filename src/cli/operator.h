/* cli/operator.h: what an operator does who has the data directory in hand: the store is opened for one command, as no
 * server may while it is at work. */
#ifndef CLERKWORK_CLI_OPERATOR_H
#define CLERKWORK_CLI_OPERATOR_H

#include "store/store.h"

/* `data` is the directory, `database` PostgreSQL's URL or "". NOT_FOUND without the directory: opening would make an
 * empty store of a mistyped name. */
MUST_USE bool operator_execute(Command *command, const char *data, const char *database, Error *err);
/* The same where there may be no store yet: it is made. */
MUST_USE bool operator_execute_anew(Command *command, const char *data, const char *database, Error *err);

#endif
