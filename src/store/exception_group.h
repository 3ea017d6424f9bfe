/* store/exception_group.h: what a workspace says of each group of exceptions: who is given new ones, and how long an
 * answer may take. */
#ifndef CLERKWORK_STORE_EXCEPTION_GROUP_H
#define CLERKWORK_STORE_EXCEPTION_GROUP_H

#include "store/tenant.h"

typedef struct GroupDefaults {
    Str assignee;   /* "users/u", or "" for nobody */
    int64_t due_us; /* how long after it was raised an exception is due; 0: never */
} GroupDefaults;

/* Nobody and never where nothing was said. */
MUST_USE bool store_exception_group_get(Tx *tx, Arena *arena, const Scope *scope, Str group, GroupDefaults *out,
                                        Error *err);
MUST_USE bool store_exception_group_put(Tx *tx, const Scope *scope, Str group, const GroupDefaults *defaults,
                                        Error *err);

#endif
