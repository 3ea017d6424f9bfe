/* engine/trigger.h: runs that something outside starts: a message at a trigger's address.
 *
 * An event becomes a run of the published version and a note of what came of it, in one transaction. The sender's id
 * of a message makes it safe to send it again: the same id and message give the same run and no second note; the same
 * id with another message is refused. Messages that start no run leave no such mark, so that they may come again once
 * the automation is active. What tells events apart in another way leaves `unique` empty and sees to it itself. */
#ifndef CLERKWORK_ENGINE_TRIGGER_H
#define CLERKWORK_ENGINE_TRIGGER_H

#include "engine/engine.h"
#include "store/workspace_trigger.h"

typedef struct TriggerMessage {
    Str origin;         /* the sender's id of it, for people to find it by; "" for none */
    Str unique;         /* what tells it from other messages of the trigger; "": each starts a run */
    uint64_t hash;      /* of all that it says */
    const Json *inputs; /* object name → commonV1Value; names that the automation does not know are left out */
    int64_t size_bytes;
    const Error *problem; /* why it makes no sense; NULL when it does */
    bool passes;          /* the trigger's filter holds */
} TriggerMessage;

typedef struct TriggerReceipt {
    TriggerEvent event; /* without key and number when it is a repetition */
    int64_t run;        /* key; 0 for none */
    bool repeated;
    Error why; /* REFUSED: what to tell the sender */
} TriggerReceipt;

/* Whether nothing would be started whatever came, and why: the trigger is disabled or its automation deactivated. */
MUST_USE bool trigger_is_inactive(Tx *tx, Arena *arena, const WorkspaceTrigger *trigger, bool *out, Str *out_reason,
                                  Error *err);
/* False only when nothing could be written down. */
MUST_USE bool trigger_receive(Tx *tx, Engine *engine, Arena *arena, const WorkspaceTrigger *trigger,
                              const TriggerMessage *message, TriggerReceipt *out, Error *err);

#endif
