/* store/delivery.c: what webhooks are told: waiting, delivered, or given up. */
#include "store/internal.h"
#include "store/list.h"
#include "store/webhook.h"

#define DELIVERY_COLUMNS                                                                                               \
    "d.key, d.organization, d.workspace, d.webhook, d.event, d.state, d.attempts, d.next_us, d.end_us, d.status, "     \
    "d.create_us, d.id, d.run_name, d.body, d.problem"

static void delivery_read(Query *query, Arena *arena, void *row)
{
    DeliveryRow *delivery = row;
    *delivery = (DeliveryRow){.key = next_i64(query)};
    delivery->scope.organization = next_i64(query);
    delivery->scope.workspace = next_i64(query);
    delivery->webhook = next_i64(query);
    delivery->event = next_i64(query);
    delivery->state = (DeliveryState)next_i64(query);
    delivery->attempts = next_i64(query);
    delivery->next_us = next_i64(query);
    delivery->end_us = next_i64(query);
    delivery->status = next_i64(query);
    delivery->create_us = next_i64(query);
    delivery->id = next_text(query, arena);
    delivery->run_name = next_text(query, arena);
    delivery->body = next_text(query, arena);
    delivery->problem = next_text(query, arena);
}

bool store_delivery_insert(Tx *tx, DeliveryRow *delivery, Error *err)
{
    delivery->create_us = time_or_now(tx, delivery->create_us);
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "INSERT INTO webhook_delivery (organization, workspace, webhook, id, event, run_name, body, state, "
                    "attempts, next_us, end_us, status, problem, create_us) "
                    "VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, $8, 0, 0, '', $9) RETURNING key",
                    err))
        return false;
    bind_i64(&query, delivery->scope.organization);
    bind_i64(&query, delivery->scope.workspace);
    bind_i64(&query, delivery->webhook);
    bind_text(&query, delivery->id);
    bind_i64(&query, delivery->event);
    bind_text(&query, delivery->run_name);
    bind_text(&query, delivery->body);
    bind_i64(&query, delivery->next_us);
    bind_i64(&query, delivery->create_us);
    bool found = false;
    return query_one_i64(&query, &found, &delivery->key, err);
}

bool store_delivery_get(Tx *tx, Arena *arena, const Scope *scope, int64_t webhook, Str id, DeliveryRow *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT " DELIVERY_COLUMNS " FROM webhook_delivery d WHERE d.organization = $1 "
                    "AND d.workspace = $2 AND d.webhook = $3 AND d.id = $4",
                    err))
        return false;
    bind_i64(&query, scope->organization);
    bind_i64(&query, scope->workspace);
    bind_i64(&query, webhook);
    bind_text(&query, id);
    DeliveryRow row;
    bool found = query_next(&query);
    if (found)
        delivery_read(&query, arena, &row);
    if (!query_end(&query, err))
        return false;
    if (!found)
        return error_set(err, NOT_FOUND, "", "the webhook has no such delivery");
    row.scope = *scope;
    *out = row;
    return true;
}

static const Str state_names[DELIVERY_N_STATES] = {S_INIT("PENDING"), S_INIT("DELIVERED"), S_INIT("DEAD")};
static const FilterColumn delivery_filters[] = {
    {S_INIT("state"), "d.state", NULL, state_names, COUNT_OF(state_names)},
    {.name = S_INIT("create_time"), .sql = "d.create_us"},
};

bool store_delivery_list(Tx *tx, Arena *arena, const Scope *scope, int64_t webhook, ListQuery *query, DeliveryRow **out,
                         int *out_n, ListEnd *end, Error *err)
{
    static const ListPlan plan = {
        .columns = DELIVERY_COLUMNS,
        .from = "webhook_delivery d",
        .where = "d.organization = $1 AND d.workspace = $2 AND d.webhook = $3",
        .position = "d.key",
        .key = "d.key",
        .row_size = sizeof(DeliveryRow),
        .row_align = _Alignof(DeliveryRow),
        .read_row = delivery_read,
        .filters = delivery_filters,
        .n_filters = COUNT_OF(delivery_filters),
    };
    const Parameter fixed[] = {NUMBER_PARAMETER(scope->organization), NUMBER_PARAMETER(scope->workspace),
                               NUMBER_PARAMETER(webhook)};
    if (!list_read(tx, arena, &plan, fixed, COUNT_OF(fixed), query, (void **)out, out_n, end, err))
        return false;
    for (int i = 0; i < *out_n; i++)
        (*out)[i].scope = *scope;
    return true;
}

bool store_delivery_update(Tx *tx, const DeliveryRow *delivery, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "UPDATE webhook_delivery SET state = $1, attempts = $2, next_us = $3, end_us = $4, status = $5, "
                    "problem = $6 WHERE key = $7 AND webhook = $8",
                    err))
        return false;
    bind_i64(&query, delivery->state);
    bind_i64(&query, delivery->attempts);
    bind_i64(&query, delivery->next_us);
    bind_i64(&query, delivery->end_us);
    bind_i64(&query, delivery->status);
    bind_text(&query, delivery->problem);
    bind_i64(&query, delivery->key);
    bind_i64(&query, delivery->webhook);
    if (!query_run(&query, err))
        return false;
    return query_changed_one(&query) || error_set(err, NOT_FOUND, "", "the webhook was deleted");
}

bool store_delivery_again(Tx *tx, const Scope *scope, int64_t webhook, int64_t since_us, int64_t now_us, int64_t *out_n,
                          Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "UPDATE webhook_delivery SET state = 0, attempts = 0, end_us = 0, next_us = $1 "
                    "WHERE organization = $2 AND workspace = $3 AND webhook = $4 AND state = 2 AND create_us >= $5",
                    err))
        return false;
    bind_i64(&query, now_us);
    bind_i64(&query, scope->organization);
    bind_i64(&query, scope->workspace);
    bind_i64(&query, webhook);
    bind_i64(&query, since_us);
    if (!query_run(&query, err))
        return false;
    *out_n = query_changes(&query);
    return true;
}

bool store_delivery_forget(Tx *tx, int64_t before_us, int limit, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "DELETE FROM webhook_delivery WHERE key IN (SELECT key FROM webhook_delivery WHERE end_us > 0 "
                    "AND end_us < $1 ORDER BY end_us LIMIT $2)",
                    err))
        return false;
    bind_i64(&query, before_us);
    bind_i64(&query, limit);
    return query_run(&query, err);
}

/* ---- for whoever sends them ---- */

bool store_delivery_due(Tx *tx, Arena *arena, int64_t now_us, const int64_t full[DELIVERY_FULL], int limit,
                        DeliveryRow **out, int *out_n, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT " DELIVERY_COLUMNS " FROM webhook_delivery d WHERE d.next_us > 0 AND d.next_us <= $1 "
                    "AND d.webhook NOT IN ($2, $3, $4, $5, $6, $7, $8, $9) ORDER BY d.next_us, d.key LIMIT $10",
                    err))
        return false;
    bind_i64(&query, now_us);
    for (int i = 0; i < DELIVERY_FULL; i++)
        bind_i64(&query, full[i]);
    bind_i64(&query, limit);
    DeliveryRow *rows = NULL;
    int n = 0, cap = 0;
    while (query_next(&query)) {
        rows = rows_with_room(arena, rows, n, &cap, sizeof *rows, _Alignof(DeliveryRow));
        delivery_read(&query, arena, &rows[n++]);
    }
    if (!query_end(&query, err))
        return false;
    *out = rows;
    *out_n = n;
    return true;
}

bool store_delivery_soonest(Tx *tx, int64_t now_us, int64_t *out_us, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    bool found;
    *out_us = 0;
    if (!query_open(&query, tx->database,
                    "SELECT next_us FROM webhook_delivery WHERE next_us > 0 AND next_us > $1 ORDER BY next_us LIMIT 1",
                    err))
        return false;
    bind_i64(&query, now_us);
    return query_one_i64(&query, &found, out_us, err);
}

bool store_delivery_put_off(Tx *tx, int64_t webhook, int64_t until_us, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "UPDATE webhook_delivery SET next_us = $1 WHERE webhook = $2 AND next_us > 0 AND next_us < $3",
                    err))
        return false;
    bind_i64(&query, until_us);
    bind_i64(&query, webhook);
    bind_i64(&query, until_us);
    return query_run(&query, err);
}
