/* store/trigger.h: what automations do when something outside happens: a trigger belongs to the service that watches;
 * here stands only with which part of the automation it has to do, and what is passed on. */
#ifndef CLERKWORK_STORE_TRIGGER_H
#define CLERKWORK_STORE_TRIGGER_H

#include "store/tenant.h"

typedef enum TriggerPhase { PHASE_UNSPECIFIED, PHASE_PRE, PHASE_MAIN, PHASE_POST } TriggerPhase;
typedef enum TriggerSource {
    TRIGGER_UNSPECIFIED,
    TRIGGER_EMAIL,
    TRIGGER_SCHEDULE,
    TRIGGER_WEBHOOK,
    TRIGGER_API
} TriggerSource;

typedef struct TriggerRow {
    int64_t key, automation; /* keys */
    Str id;                  /* the service's; one of an automation */
    TriggerPhase phase;
    TriggerSource source;
    bool active;
    Str input_mapping; /* JSON object: name of an input → text */
    int64_t create_us, update_us;
} TriggerRow;

#define TRIGGERS_MOST 1000

/* In place of what the automation has under that id; fills the key and the times. RESOURCE_EXHAUSTED beyond
 * TRIGGERS_MOST of an automation. */
MUST_USE bool store_trigger_put(Tx *tx, const Scope *scope, TriggerRow *trigger, Error *err);
/* The active ones, oldest first. */
MUST_USE bool store_trigger_list(Tx *tx, Arena *arena, const Scope *scope, int64_t automation, ListQuery *query,
                                 TriggerRow **out, int *out_n, ListEnd *end, Error *err);

#endif
