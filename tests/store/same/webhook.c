/* tests/store/same/webhook.c: who is told when runs move, and what is on its way to them. */
#include "store/same/side.h"

#include "store/webhook.h"

static bool webhooks(Tx *tx, Side *s, Error *err)
{
    WebhookRow row = {.scope = s->f.scope,
                      .display_name = text(s),
                      .url = text(s),
                      .events = (uint64_t)below(s, 8),
                      .enabled = coin(s)};
    WebhookRow *rows;
    int n;
    switch (below(s, 4)) {
    case 0: row.id = name(s, 'w', ++s->webhooks); return store_webhook_insert(tx, &row, err);
    case 1:
        if (!store_webhook_get(tx, &s->f.arena, &s->f.scope, any(s, 'w', s->webhooks), &row, err))
            return false;
        row.enabled = !row.enabled;
        row.problem = text(s);
        return store_webhook_update(tx, &row, s->now_us, err);
    case 2: return store_webhook_delete(tx, &s->f.scope, any(s, 'w', s->webhooks), err);
    default:
        if (!store_webhook_listeners(tx, &s->f.arena, &s->f.scope, UINT64_C(1) << below(s, 3), &rows, &n, err))
            return false;
        for (int i = 0; i < n; i++)
            say_text(s, rows[i].id);
        return true;
    }
}

static bool webhook_lists(Tx *tx, Side *s, Error *err)
{
    ListQuery query = query_of(s, NULL);
    ListEnd end;
    WebhookRow *rows, row;
    int n;
    bool any_at_all;
    unsigned char secret[32];
    if (!store_webhook_list(tx, &s->f.arena, &s->f.scope, &query, &rows, &n, &end, err))
        return false;
    for (int i = 0; i < n; i++) {
        say_text(s, rows[i].id);
        say(s, "enabled", rows[i].enabled);
    }
    say_end(s, &query, &end);
    if (!store_webhook_any(tx, &any_at_all, err))
        return false;
    say(s, "any", any_at_all);
    if (!store_webhook_get_by_key(tx, &s->f.arena, 1 + below(s, s->webhooks + 1), &row, err) ||
        !store_webhook_secret(tx, &row, secret, err))
        return false;
    say_text(s, row.scope.workspace_id);
    say(s, "secret", secret[0]);
    return true;
}

static void say_delivery(Side *s, const DeliveryRow *row)
{
    buf_printf(&s->said, "delivery %lld %.*s state %d next %lld ", (long long)row->key, STR_ARG(row->id), row->state,
               (long long)row->next_us);
    say_text(s, row->body);
}

static bool deliveries(Tx *tx, Side *s, Error *err)
{
    const int64_t full[DELIVERY_FULL] = {below(s, 3)};
    DeliveryRow row, *rows;
    WebhookRow webhook;
    int n;
    int64_t soonest, again;
    if (!store_webhook_get(tx, &s->f.arena, &s->f.scope, any(s, 'w', s->webhooks), &webhook, err))
        return false;
    switch (below(s, 5)) {
    case 0:
    case 1:
        row = (DeliveryRow){.webhook = webhook.key,
                            .scope = s->f.scope,
                            .id = name(s, 'd', ++s->deliveries),
                            .event = below(s, 3),
                            .run_name = text(s),
                            .body = text(s),
                            .next_us = moment(s)};
        return store_delivery_insert(tx, &row, err);
    case 2:
        if (!store_delivery_get(tx, &s->f.arena, &s->f.scope, webhook.key, any(s, 'd', s->deliveries), &row, err))
            return false;
        row.state = (DeliveryState)below(s, DELIVERY_N_STATES);
        row.attempts++;
        row.next_us = row.state == DELIVERY_PENDING ? moment(s) : 0;
        row.end_us = row.state == DELIVERY_PENDING ? 0 : s->now_us;
        return store_delivery_update(tx, &row, err);
    case 3:
        if (!store_delivery_again(tx, &s->f.scope, webhook.key, s->now_us / 2, s->now_us, &again, err))
            return false;
        say(s, "again", again);
        return coin(s) ? store_delivery_put_off(tx, webhook.key, moment(s), err)
                       : store_delivery_forget(tx, s->now_us - 30000000, 3, err);
    default:
        if (!store_delivery_due(tx, &s->f.arena, s->now_us, full, LIMIT, &rows, &n, err) ||
            !store_delivery_soonest(tx, s->now_us, &soonest, err))
            return false;
        for (int i = 0; i < n; i++)
            say_delivery(s, &rows[i]);
        say(s, "soonest", soonest);
        return true;
    }
}

static const Filter *delivery_filter(Side *s)
{
    switch (below(s, 3)) {
    case 0:
        return filter_enum(&s->f, "state", coin(s) ? FILTER_EQ : FILTER_NE, "PENDING DELIVERED DEAD",
                           coin(s) ? "PENDING" : "DEAD");
    case 1: return filter_number(&s->f, "create_time", coin(s) ? FILTER_GE : FILTER_LT, moment(s));
    default: return NULL;
    }
}

static bool delivery_lists(Tx *tx, Side *s, Error *err)
{
    ListQuery query = query_of(s, delivery_filter(s));
    ListEnd end;
    DeliveryRow *rows;
    int n;
    if (!store_delivery_list(tx, &s->f.arena, &s->f.scope, 1 + below(s, s->webhooks + 1), &query, &rows, &n, &end, err))
        return false;
    for (int i = 0; i < n; i++)
        say_delivery(s, &rows[i]);
    say_end(s, &query, &end);
    return true;
}

const Operation same_webhooks[] = {
    {"webhooks", webhooks},     {"webhook_lists", webhook_lists},   {"deliveries", deliveries},
    {"deliveries", deliveries}, {"delivery_lists", delivery_lists}, {0},
};
