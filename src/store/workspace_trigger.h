/* store/workspace_trigger.h: what starts runs from outside: a message that is posted to a secret address, or a file
 * that comes into a folder. Beside each trigger stand the newest events that it received, and what came of them. What
 * automations have to do with the triggers of other services is something else: trigger.h. */
#ifndef CLERKWORK_STORE_WORKSPACE_TRIGGER_H
#define CLERKWORK_STORE_WORKSPACE_TRIGGER_H

#include "store/tenant.h"

/* As many a workspace may have. */
#define WORKSPACE_TRIGGERS_MOST 100
/* Events that are kept of a trigger: of those that were refused as many of the newest, and as many of the others, so
 * that whoever sends nonsense drives out nothing that matters; a few more until they are next cleared away. None for
 * longer.
 */
#define TRIGGER_EVENTS_KEPT 1000
#define TRIGGER_EVENTS_CLEARED_EACH 100 /* events */
#define TRIGGER_EVENTS_KEPT_US (30LL * 86400 * 1000000)

typedef struct WorkspaceTrigger {
    int64_t key, automation; /* keys */
    Scope scope;
    Str id, automation_id, display_name;
    bool enabled;
    bool is_signed;      /* messages must carry a signature that fits */
    int64_t secret_salt; /* of which its address and its signing secret are derived; a new one is new ones */
    int64_t version;     /* grows with each change, from 1 */
    int64_t number;      /* of its newest event; 0 before the first */
    Str filter;          /* AIP-160 over the payload; "" lets everything pass */
    Str input_mapping;   /* JSON object: name of an input → path into the payload */
    Str folder;          /* that it watches, within its workspace's part of the server's root; "": it has an address */
    Str pattern;         /* of the names of files in it (fnmatch); "" for all */
    bool keeps_files;    /* files stay where they were found */
    int64_t wait_us;     /* how long the answer to a message waits for the end of its run; 0: it does not */
    int64_t create_us, update_us;
} WorkspaceTrigger;

typedef enum TriggerOutcome {
    TRIGGER_STARTED,  /* a run began */
    TRIGGER_FILTERED, /* the filter did not hold */
    TRIGGER_INACTIVE, /* the trigger is disabled, or its automation deactivated */
    TRIGGER_REFUSED,  /* the message made no sense, or the automation could not run */
    TRIGGER_N_OUTCOMES
} TriggerOutcome;

typedef struct TriggerEvent {
    int64_t key, number;
    Str id;
    TriggerOutcome outcome;
    Str origin; /* the sender's id of the message; "" for none; the name of a file */
    Str run_id; /* STARTED */
    Str reason; /* REFUSED and INACTIVE: why */
    int64_t size_bytes, create_us;
} TriggerEvent;

/* ---- of a tenant ---- */
/* Fills key, version and times, and makes its address known. RESOURCE_EXHAUSTED beyond WORKSPACE_TRIGGERS_MOST. */
MUST_USE bool store_workspace_trigger_insert(Tx *tx, WorkspaceTrigger *trigger, Error *err);
MUST_USE bool store_workspace_trigger_get(Tx *tx, Arena *arena, const Scope *scope, Str id, WorkspaceTrigger *out,
                                          Error *err);
/* Everything but key, id, automation, number and create_us; the version is raised, also in `trigger`. */
MUST_USE bool store_workspace_trigger_update(Tx *tx, WorkspaceTrigger *trigger, Error *err);
/* With its events. */
MUST_USE bool store_workspace_trigger_delete(Tx *tx, const Scope *scope, Str id, Error *err);
/* Newest first. Fields of filters: automation (resource). */
MUST_USE bool store_workspace_trigger_list(Tx *tx, Arena *arena, const Scope *scope, ListQuery *query,
                                           WorkspaceTrigger **out, int *out_n, ListEnd *end, Error *err);

/* What stands in its address, and its signing secret. Both are made of the database's own secret, so that
 * neither is kept. */
MUST_USE bool store_workspace_trigger_token(Tx *tx, Arena *arena, const WorkspaceTrigger *trigger, Str *out,
                                            Error *err);
MUST_USE bool store_workspace_trigger_secret(Tx *tx, const WorkspaceTrigger *trigger, unsigned char out[32],
                                             Error *err);

/* ---- events ---- */
/* Numbers it, fills key, and time unless it is set; what is too old or too much goes. NOT_FOUND when the trigger was
 * deleted meanwhile. */
MUST_USE bool store_trigger_event_add(Tx *tx, const WorkspaceTrigger *trigger, TriggerEvent *event, Error *err);
/* Of one trigger, newest first. Fields of filters: outcome, create_time. */
MUST_USE bool store_trigger_event_list(Tx *tx, Arena *arena, const Scope *scope, int64_t trigger, ListQuery *query,
                                       TriggerEvent **out, int *out_n, ListEnd *end, Error *err);

/* ---- for whoever receives, of all tenants ---- */
/* The one with this token in its address, with its scope, unless its workspace was deleted or it watches a folder;
 * NOT_FOUND without one. */
MUST_USE bool store_workspace_trigger_by_token(Tx *tx, Arena *arena, Str token, WorkspaceTrigger *out, Error *err);

#endif
