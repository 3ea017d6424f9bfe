/* engine/outbox.h: webhooks are told what becomes of runs.
 *
 * What is to be told is written in the transaction of the move itself and stays in the store until its receiver took it
 * (any status 200 to 299) or it is given up: at least once, perhaps again after a crash, in no promised order;
 * receivers tell repetitions by the id. Tries follow at growing distances (the Standard Webhooks specification,
 * "Deliverability and reliability"): at once, then after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h. A
 * receiver that answers 410 is disabled. One that does not answer keeps no other waiting: at most OUTBOX_EACH of a
 * webhook are under way, and the rest of its messages wait until it may be well again. */
#ifndef CLERKWORK_ENGINE_OUTBOX_H
#define CLERKWORK_ENGINE_OUTBOX_H

#include "engine/engine.h"
#include "store/webhook.h"

#define OUTBOX_MOST 64 /* messages under way */
#define OUTBOX_EACH 8  /* of those, to one webhook */

typedef enum WebhookEvent {
    EVENT_RUN_CREATED,
    EVENT_RUN_CONTINUED, /* after a question or a stop */
    EVENT_RUN_AWAITING_GUIDANCE,
    EVENT_RUN_STOPPED,
    EVENT_RUN_COMPLETED,
    EVENT_RUN_FAILED,
    EVENT_WEBHOOK_TEST, /* only by outbox_test */
    EVENT_N
} WebhookEvent;
extern const Str webhook_event_names[EVENT_N]; /* "run.created", … */

/* Bytes of outputs as JSON that a message carries; larger ones are left out of it, and it says so. */
#define OUTBOX_OUTPUTS_MOST (64 << 10)

MUST_USE bool outbox_webhook_create(Tx *tx, Engine *engine, WebhookRow *webhook, Error *err);
/* Enabling, and new times to try, are seen at once. */
MUST_USE bool outbox_webhook_update(Tx *tx, Engine *engine, const WebhookRow *webhook, Error *err);
/* A message of no run, to see whether the receiver is there. */
MUST_USE bool outbox_test(Tx *tx, Engine *engine, Arena *arena, const WebhookRow *webhook, DeliveryRow *out,
                          Error *err);
/* The message is due at once, as if new, whatever became of it. */
MUST_USE bool outbox_redeliver(Tx *tx, Engine *engine, DeliveryRow *delivery, Error *err);
/* All that were given up since then. */
MUST_USE bool outbox_replay(Tx *tx, Engine *engine, const WebhookRow *webhook, int64_t since_us, int64_t *out_n,
                            Error *err);

#endif
