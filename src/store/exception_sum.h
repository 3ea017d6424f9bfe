/* store/exception_sum.h: how many exceptions each automation has in each state and group, kept in the same transaction
 * as the exceptions themselves, so that a list's total_size does not count them. Internal to store/.
 *
 * A sum of none has no row. */
#ifndef CLERKWORK_STORE_EXCEPTION_SUM_H
#define CLERKWORK_STORE_EXCEPTION_SUM_H

#include "store/internal.h"

/* Whose exceptions, in what state. */
typedef struct ExceptionPlace {
    int64_t organization, workspace, automation, state;
    Str automation_id, group;
} ExceptionPlace;

/* With the commit `more` exceptions (fewer: negative) are counted there; a command that is refused takes it back. */
void exception_sum_add(Tx *tx, const ExceptionPlace *place, int64_t more);

#endif
