/* store/estimate.h: what one completed run of an automation saves, as people estimate it. */
#ifndef CLERKWORK_STORE_ESTIMATE_H
#define CLERKWORK_STORE_ESTIMATE_H

#include "store/automation.h"

typedef struct Estimate {
    int64_t cost_micros; /* millionths of a US dollar; not negative */
    int64_t time_saved_s;
} Estimate;

/* Sets or replaces that of an automation, by its key. NOT_FOUND when the scope's workspace has no such automation. */
MUST_USE bool store_estimate_put(Tx *tx, const Scope *scope, int64_t automation, const Estimate *estimate, Error *err);

/* Each automation of the workspace (of the organization: workspace 0), deleted ones too, oldest first; `estimate` is
 * zero where none is set. */
typedef struct EstimatedAutomation {
    int64_t workspace, automation; /* keys */
    bool deleted, estimated;
    Estimate estimate;
    ActivationState activation;
    int64_t create_us;
    Str workspace_id, automation_id, display_name;
} EstimatedAutomation;
MUST_USE bool store_estimated_automations(Tx *tx, Arena *arena, const Scope *scope, EstimatedAutomation **out,
                                          int *out_n, Error *err);

#endif
