/* api/workspace_trigger.h: what the two files about triggers share. */
#ifndef CLERKWORK_API_WORKSPACE_TRIGGER_H
#define CLERKWORK_API_WORKSPACE_TRIGGER_H

#include "store/workspace_trigger.h"

Str trigger_outcome_text(TriggerOutcome outcome); /* "TRIGGER_OUTCOME_STARTED" */

#endif
