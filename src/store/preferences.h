/* store/preferences.h: how an organization and each of its workspaces write and read figures, dates and times.
 *
 * What a workspace leaves open it inherits from its organization, and that from locale_default. A run keeps what held
 * when it began (RunRow.locale). */
#ifndef CLERKWORK_STORE_PREFERENCES_H
#define CLERKWORK_STORE_PREFERENCES_H

#include "store/tenant.h"
#include "value/locale.h"

typedef enum SupportAccess { SUPPORT_UNSET, SUPPORT_REFUSED, SUPPORT_ALLOWED } SupportAccess;

typedef struct Preferences {
    Locale locale;
    SupportAccess support_access;
    int64_t update_us; /* 0: never set */
} Preferences;

/* What was set for exactly this workspace, or for the organization when the scope has none; nothing is set where nobody
 * did. */
MUST_USE bool store_preferences_get(Tx *tx, Arena *arena, const Scope *scope, Preferences *out, Error *err);
/* What holds there: everything is set. */
MUST_USE bool store_preferences_effective(Tx *tx, Arena *arena, const Scope *scope, Preferences *out, Error *err);
MUST_USE bool store_preferences_put(Tx *tx, const Scope *scope, const Preferences *preferences, Error *err);

#endif
