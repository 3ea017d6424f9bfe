/* store/webhook.h: who is told when runs move, and what is on its way to them. A delivery is written in the same
 * transaction as the move that it tells of (a transactional outbox): it exists exactly when the move does, and stays
 * until somebody took it or it was given up. */
#ifndef CLERKWORK_STORE_WEBHOOK_H
#define CLERKWORK_STORE_WEBHOOK_H

#include "store/tenant.h"

/* As many a workspace may have. */
#define WEBHOOKS_MOST 50

typedef struct WebhookRow {
    int64_t key;
    Scope scope;
    Str id, display_name, url;
    uint64_t events;   /* a bit for each kind that is told; what the bits are is the engine's */
    Str automation_id; /* only of this one; "" for all */
    bool enabled;
    Str problem;         /* why the server disabled it; "" when it did not */
    int64_t secret_salt; /* from which its signing secret is derived; a new one is a new secret */
    int64_t create_us, update_us;
} WebhookRow;

typedef enum DeliveryState {
    DELIVERY_PENDING,
    DELIVERY_DELIVERED,
    DELIVERY_DEAD, /* given up: every try failed, or the receiver said that it is gone */
    DELIVERY_N_STATES
} DeliveryState;

typedef struct DeliveryRow {
    int64_t key, webhook;
    Scope scope;
    Str id; /* the receiver's key to tell repetitions by */
    int64_t event;
    Str run_name; /* "" for a test */
    Str body;     /* JSON, as it is sent */
    DeliveryState state;
    int64_t attempts;
    int64_t next_us; /* when it is tried (again); 0: not, or not while the webhook is disabled */
    int64_t end_us;  /* when it was delivered or given up; 0: not yet */
    int64_t status;  /* HTTP status of the newest try; 0: no answer, or no try yet */
    Str problem;     /* of the newest try */
    int64_t create_us;
} DeliveryRow;

/* Fills key and times. RESOURCE_EXHAUSTED beyond WEBHOOKS_MOST. */
MUST_USE bool store_webhook_insert(Tx *tx, WebhookRow *webhook, Error *err);
MUST_USE bool store_webhook_get(Tx *tx, Arena *arena, const Scope *scope, Str id, WebhookRow *out, Error *err);
/* Everything but key, id and create_us. A webhook that is disabled keeps its pending deliveries, and they are due at
 * `now_us` once it is enabled. */
MUST_USE bool store_webhook_update(Tx *tx, const WebhookRow *webhook, int64_t now_us, Error *err);
/* With its deliveries. */
MUST_USE bool store_webhook_delete(Tx *tx, const Scope *scope, Str id, Error *err);
/* Newest first. */
MUST_USE bool store_webhook_list(Tx *tx, Arena *arena, const Scope *scope, ListQuery *query, WebhookRow **out,
                                 int *out_n, ListEnd *end, Error *err);
/* The enabled ones of the workspace that are told of `event`, whichever their automation. */
MUST_USE bool store_webhook_listeners(Tx *tx, Arena *arena, const Scope *scope, uint64_t event, WebhookRow **out,
                                      int *out_n, Error *err);
/* Whether there is one at all, of any tenant. */
MUST_USE bool store_webhook_any(Tx *tx, bool *out, Error *err);

/* The key with which what it is told is signed: made of the database's own secret, so that none is kept. */
MUST_USE bool store_webhook_secret(Tx *tx, const WebhookRow *webhook, unsigned char out[32], Error *err);

/* Fills key and create_us. */
MUST_USE bool store_delivery_insert(Tx *tx, DeliveryRow *delivery, Error *err);
MUST_USE bool store_delivery_get(Tx *tx, Arena *arena, const Scope *scope, int64_t webhook, Str id, DeliveryRow *out,
                                 Error *err);
/* Of one webhook, newest first. Fields of filters: state, create_time. */
MUST_USE bool store_delivery_list(Tx *tx, Arena *arena, const Scope *scope, int64_t webhook, ListQuery *query,
                                  DeliveryRow **out, int *out_n, ListEnd *end, Error *err);
/* state, attempts, next_us, end_us, status, problem (by key); NOT_FOUND when its webhook was deleted meanwhile. */
MUST_USE bool store_delivery_update(Tx *tx, const DeliveryRow *delivery, Error *err);
/* All of the webhook's that were given up, and whose event came at `since_us` or later, are due at `now_us`, as if new.
 * Gives their number. */
MUST_USE bool store_delivery_again(Tx *tx, const Scope *scope, int64_t webhook, int64_t since_us, int64_t now_us,
                                   int64_t *out_n, Error *err);
/* Ended before `before_us`, at most `limit` of them, of all tenants: gone for good. */
MUST_USE bool store_delivery_forget(Tx *tx, int64_t before_us, int limit, Error *err);

/* ---- for whoever sends them, of all tenants ---- */
#define DELIVERY_FULL 8
/* The `limit` that have been due longest at `now_us`, without those of the webhooks in `full`. */
MUST_USE bool store_delivery_due(Tx *tx, Arena *arena, int64_t now_us, const int64_t full[DELIVERY_FULL], int limit,
                                 DeliveryRow **out, int *out_n, Error *err);
/* When the first is due after `now_us`; 0 for never. */
MUST_USE bool store_delivery_soonest(Tx *tx, int64_t now_us, int64_t *out_us, Error *err);
/* Nothing of the webhook is tried before `until_us`: its receiver does not answer. */
MUST_USE bool store_delivery_put_off(Tx *tx, int64_t webhook, int64_t until_us, Error *err);
/* The webhook with its scope, whatever its tenant. */
MUST_USE bool store_webhook_get_by_key(Tx *tx, Arena *arena, int64_t key, WebhookRow *out, Error *err);

#endif
