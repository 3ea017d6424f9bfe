/* engine/automation.h: the life of an automation: edit, publish, activate, fork, restore, delete. Versions are
 * major.minor: every saved edit raises the minor, publish raises the major and sets minor 0; published revisions never
 * change. */
#ifndef CLERKWORK_ENGINE_AUTOMATION_H
#define CLERKWORK_ENGINE_AUTOMATION_H

#include "engine/engine.h"
#include "store/automation.h"

typedef struct AutomationEdit {
    /* What changes; the others stay. JSON texts are as the store keeps them, checked by the caller against the
     * contract. */
    bool has_display_name, has_description, has_english, has_code, has_connections, has_default_inputs,
        has_marked_outputs, has_artifacts, has_keep_runs, has_run_deadline;
    Str display_name, description, english, code, connections, default_inputs, marked_outputs, artifacts;
    int64_t keep_runs_us, run_deadline_us; /* of the automation, not of a version */
    Str etag;                              /* "" for none: ABORTED when it is not the current one */
    /* Set by automation_prepare. */
    const Program *program; /* of the new text; NULL when no text changes */
    Spelling spelling;
} AutomationEdit;

/* Reads and checks the edit's text, off the writer's thread. A text with problems may be saved as a draft: it is not
 * valid, and says why. When both spellings come and `current` is given, the changed one wins; both changed and unequal
 * is INVALID_ARGUMENT. `current` may be NULL. */
MUST_USE bool automation_prepare(Engine *engine, Arena *arena, AutomationEdit *edit, const Revision *current,
                                 Error *err);

/* Of a prepared edit: INVALID_ARGUMENT for default inputs or marked outputs in it that fit nothing in the text as it
 * will be. A text that has problems, or is not there yet, refuses none. */
MUST_USE bool automation_fits(Engine *engine, Arena *arena, const AutomationEdit *edit, const Revision *current,
                              Reading reading, Error *err);

MUST_USE bool automation_create(Tx *tx, Arena *arena, const Scope *scope, const AutomationEdit *edit, Str user_id,
                                Automation *out, Revision *out_revision, Error *err);
MUST_USE bool automation_edit(Tx *tx, Arena *arena, const Scope *scope, Str id, const AutomationEdit *edit, Str user_id,
                              Automation *out, Revision *out_revision, Error *err);
/* Soft delete: purge_us is 30 days ahead. Undelete needs a free display name. Both give the automation afterwards. */
MUST_USE bool automation_delete(Tx *tx, Engine *engine, Arena *arena, const Scope *scope, Str id, Str etag,
                                Automation *out, Error *err);
MUST_USE bool automation_undelete(Tx *tx, Arena *arena, const Scope *scope, Str id, Automation *out, Error *err);
/* FAILED_PRECONDITION when there is no draft newer than the published version, or when it has problems. The first
 * publish activates. */
MUST_USE bool automation_publish(Tx *tx, Arena *arena, const Scope *scope, Str id, Str user_id, Automation *out,
                                 Revision *out_revision, Error *err);
MUST_USE bool automation_set_active(Tx *tx, Arena *arena, const Scope *scope, Str id, bool active, Automation *out,
                                    Error *err);
/* Back to the published version; FAILED_PRECONDITION when never published. */
MUST_USE bool automation_discard_draft(Tx *tx, Arena *arena, const Scope *scope, Str id, Str user_id, Automation *out,
                                       Error *err);
/* display_name "": a draft from the published version of itself; else a copy of it (or of the draft when never
 * published) under that name. */
MUST_USE bool automation_fork(Tx *tx, Arena *arena, const Scope *scope, Str id, Str display_name, Str user_id,
                              Automation *out, Revision *out_revision, Error *err);
MUST_USE bool automation_restore(Tx *tx, Arena *arena, const Scope *scope, Str id, Version version, Str user_id,
                                 Automation *out, Revision *out_revision, Error *err);
/* "17.0"; INVALID_ARGUMENT for anything else. */
MUST_USE bool version_parse(Str text, Version *out, Error *err);
Str version_text(Arena *arena, Version version);

#endif
