/* store/automation.h: automations and their revisions. A revision is an immutable snapshot of everything a person
 * edits; the automation row points at the newest draft and the newest published one. Versions are major.minor
 * (semantics.md 4.1). */
#ifndef CLERKWORK_STORE_AUTOMATION_H
#define CLERKWORK_STORE_AUTOMATION_H

#include "store/tenant.h"

typedef struct Version {
    int32_t major, minor;
} Version;

typedef enum ActivationState { ACTIVATION_UNSPECIFIED, ACTIVATION_ACTIVE, ACTIVATION_DEACTIVATED } ActivationState;

typedef struct Automation {
    int64_t key;
    Str id;
    int64_t draft_revision; /* key of the newest revision that is a draft or the published one itself when there is no
                               draft */
    int64_t published_revision; /* 0: never published */
    Version version;            /* of the newest revision */
    Version published_version;  /* {0, 0}: never */
    Str display_name;           /* of the newest revision, for lists and uniqueness */
    ActivationState activation;
    int64_t create_us, update_us, delete_us, purge_us, publish_us; /* 0: not so; purge_us: see below */
    int64_t keep_runs_us;    /* how long runs that have ended are kept; 0: as long as the server keeps any */
    int64_t run_deadline_us; /* how long after its beginning a run must have ended; 0: it may take any time */
    Str author_id, update_user_id, publish_user_id;
    Str etag;
} Automation;

/* purge_us of one whose time has come: nobody finds it any more (store/purge.h). The statements and an index of
 * store/purge.c have these numbers too. */
enum { AUTOMATION_PURGING = -1, AUTOMATION_PURGED = -2 };

typedef struct Revision {
    int64_t key, automation;
    Version version;
    bool published;
    Str display_name, description;
    Str english, code;       /* both spellings; one may be "" while the draft has errors of reading */
    uint8_t source_spelling; /* Spelling the author wrote last */
    Str code_mapping;        /* JSON v1CodeMapping */
    Str input_specs;         /* JSON v1AutomationInputSpec[] */
    Str connections;         /* JSON object alias → {connection_id, endpoint} */
    Str default_inputs;      /* JSON object name → value */
    Str marked_outputs;      /* JSON array */
    Str artifacts;           /* JSON object name → base64 */
    bool valid;              /* no diagnostics of severity error: may be published and run */
    int64_t create_us;
    Str user_id;
    Version restored_from; /* {0,0}: not restored */
    int64_t restore_us;
    Str restore_user_id;
} Revision;

/* Inserts the first revision too. Display names need not differ (AIP-148). */
MUST_USE bool store_automation_create(Tx *tx, const Scope *scope, Automation *automation, Revision *first, Error *err);
/* Deleted ones are NOT_FOUND unless show_deleted. `id` is the bare id. */
MUST_USE bool store_automation_get(Tx *tx, Arena *arena, const Scope *scope, Str id, bool show_deleted, Automation *out,
                                   Error *err);
MUST_USE bool store_automation_get_by_key(Tx *tx, Arena *arena, int64_t key, Automation *out, Error *err);
/* Newest update first. Fields of filters: state (DRAFT 0, PUBLISHED 1), display_name, create_time, update_time. */
MUST_USE bool store_automation_list(Tx *tx, Arena *arena, const Scope *scope, ListQuery *query, Automation **out,
                                    int *out_n, ListEnd *end, Error *err);
/* Writes all changeable columns of `automation` (by key). */
MUST_USE bool store_automation_update(Tx *tx, const Scope *scope, const Automation *automation, Error *err);
/* Adds a revision and fills its key; the caller then points the automation at it. */
MUST_USE bool store_revision_add(Tx *tx, const Scope *scope, Revision *revision, Error *err);
MUST_USE bool store_revision_get(Tx *tx, Arena *arena, int64_t key, Revision *out, Error *err);
MUST_USE bool store_revision_get_by_version(Tx *tx, Arena *arena, int64_t automation, Version version, Revision *out,
                                            Error *err);
/* Newest first. Fields of filters: stage (DRAFT, PUBLISHED). */
MUST_USE bool store_revision_list(Tx *tx, Arena *arena, int64_t automation, ListQuery *query, Revision **out,
                                  int *out_n, ListEnd *end, Error *err);
/* A version whose default inputs are not those of the version before it. */
typedef struct DefaultInputsChange {
    int64_t key, change_us;
    Str default_inputs, user_id;
} DefaultInputsChange;
/* Newest first. What was discarded is forgotten. */
MUST_USE bool store_default_inputs_history(Tx *tx, Arena *arena, const Scope *scope, int64_t automation,
                                           ListQuery *query, DefaultInputsChange **out, int *out_n, ListEnd *end,
                                           Error *err);
/* Removes drafts newer than the published revision. */
MUST_USE bool store_revision_discard_drafts(Tx *tx, int64_t automation, Error *err);

#endif
