/* store/webhook.c: who is told when runs move. */
#include "store/webhook.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "store/internal.h"
#include "store/list.h"

#define WEBHOOK_COLUMNS                                                                                                \
    "h.key, h.organization, h.workspace, h.events, h.enabled, h.secret_salt, h.create_us, h.update_us, h.id, "         \
    "h.display_name, h.url, h.automation_id, h.problem"

static void webhook_read(Query *query, Arena *arena, void *row)
{
    WebhookRow *webhook = row;
    *webhook = (WebhookRow){.key = next_i64(query)};
    webhook->scope.organization = next_i64(query);
    webhook->scope.workspace = next_i64(query);
    webhook->events = (uint64_t)next_i64(query);
    webhook->enabled = next_i64(query) != 0;
    webhook->secret_salt = next_i64(query);
    webhook->create_us = next_i64(query);
    webhook->update_us = next_i64(query);
    webhook->id = next_text(query, arena);
    webhook->display_name = next_text(query, arena);
    webhook->url = next_text(query, arena);
    webhook->automation_id = next_text(query, arena);
    webhook->problem = next_text(query, arena);
}

static bool refuse_absent(Error *err)
{
    return error_set(err, NOT_FOUND, "", "there is no such webhook in this workspace");
}

static bool has_room(Tx *tx, const Scope *scope, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    bool found;
    int64_t n = 0;
    if (!query_open(&query, tx->database, "SELECT count(*) FROM webhook WHERE organization = $1 AND workspace = $2",
                    err))
        return false;
    bind_i64(&query, scope->organization);
    bind_i64(&query, scope->workspace);
    if (!query_one_i64(&query, &found, &n, err))
        return false;
    return n < WEBHOOKS_MOST ||
           error_set(err, RESOURCE_EXHAUSTED, "", "the workspace has %d webhooks, which is as many as there may be",
                     WEBHOOKS_MOST);
}

bool store_webhook_insert(Tx *tx, WebhookRow *webhook, Error *err)
{
    if (!has_room(tx, &webhook->scope, err))
        return false;
    webhook->create_us = time_or_now(tx, webhook->create_us);
    webhook->update_us = time_or_now(tx, webhook->update_us);
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "INSERT INTO webhook (organization, workspace, id, display_name, url, events, automation_id, "
                    "enabled, problem, secret_salt, create_us, update_us) "
                    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING key",
                    err))
        return false;
    bind_i64(&query, webhook->scope.organization);
    bind_i64(&query, webhook->scope.workspace);
    bind_text(&query, webhook->id);
    bind_text(&query, webhook->display_name);
    bind_text(&query, webhook->url);
    bind_i64(&query, (int64_t)webhook->events);
    bind_text(&query, webhook->automation_id);
    bind_i64(&query, webhook->enabled);
    bind_text(&query, webhook->problem);
    bind_i64(&query, webhook->secret_salt);
    bind_i64(&query, webhook->create_us);
    bind_i64(&query, webhook->update_us);
    bool found = false;
    return query_one_i64(&query, &found, &webhook->key, err);
}

bool store_webhook_get(Tx *tx, Arena *arena, const Scope *scope, Str id, WebhookRow *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT " WEBHOOK_COLUMNS " FROM webhook h WHERE h.organization = $1 AND h.workspace = $2 "
                    "AND h.id = $3",
                    err))
        return false;
    bind_i64(&query, scope->organization);
    bind_i64(&query, scope->workspace);
    bind_text(&query, id);
    WebhookRow row;
    bool found = query_next(&query);
    if (found)
        webhook_read(&query, arena, &row);
    if (!query_end(&query, err))
        return false;
    if (!found)
        return refuse_absent(err);
    row.scope = *scope;
    *out = row;
    return true;
}

bool store_webhook_get_by_key(Tx *tx, Arena *arena, int64_t key, WebhookRow *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT " WEBHOOK_COLUMNS ", o.id, w.id FROM webhook h JOIN organization o "
                    "ON o.key = h.organization JOIN workspace w ON w.key = h.workspace WHERE h.key = $1",
                    err))
        return false;
    bind_i64(&query, key);
    WebhookRow row;
    bool found = query_next(&query);
    if (found) {
        webhook_read(&query, arena, &row);
        row.scope.organization_id = next_text(&query, arena);
        row.scope.workspace_id = next_text(&query, arena);
    }
    if (!query_end(&query, err))
        return false;
    if (!found)
        return refuse_absent(err);
    *out = row;
    return true;
}

/* Pending deliveries of a disabled one are due never; once it is enabled, at once. */
static bool let_deliveries_follow(Tx *tx, const WebhookRow *webhook, int64_t now_us, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    webhook->enabled ? "UPDATE webhook_delivery SET next_us = $1 WHERE webhook = $2 AND state = 0 "
                                       "AND next_us = 0"
                                     : "UPDATE webhook_delivery SET next_us = $1 WHERE webhook = $2 AND state = 0 "
                                       "AND next_us > 0",
                    err))
        return false;
    bind_i64(&query, webhook->enabled ? now_us : 0);
    bind_i64(&query, webhook->key);
    return query_run(&query, err);
}

bool store_webhook_update(Tx *tx, const WebhookRow *webhook, int64_t now_us, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "UPDATE webhook SET display_name = $1, url = $2, events = $3, automation_id = $4, enabled = $5, "
                    "problem = $6, secret_salt = $7, update_us = $8 WHERE key = $9 AND organization = $10 "
                    "AND workspace = $11",
                    err))
        return false;
    bind_text(&query, webhook->display_name);
    bind_text(&query, webhook->url);
    bind_i64(&query, (int64_t)webhook->events);
    bind_text(&query, webhook->automation_id);
    bind_i64(&query, webhook->enabled);
    bind_text(&query, webhook->problem);
    bind_i64(&query, webhook->secret_salt);
    bind_i64(&query, webhook->update_us);
    bind_i64(&query, webhook->key);
    bind_i64(&query, webhook->scope.organization);
    bind_i64(&query, webhook->scope.workspace);
    if (!query_run(&query, err))
        return false;
    if (!query_changed_one(&query))
        return refuse_absent(err);
    return let_deliveries_follow(tx, webhook, now_us, err);
}

bool store_webhook_delete(Tx *tx, const Scope *scope, Str id, Error *err)
{
    Arena arena = {0};
    WebhookRow row;
    bool found = store_webhook_get(tx, &arena, scope, id, &row, err);
    arena_done(&arena);
    return found && tx_run_with_key(tx, "DELETE FROM webhook_delivery WHERE webhook = $1", row.key, err) &&
           tx_run_with_key(tx, "DELETE FROM webhook WHERE key = $1", row.key, err);
}

bool store_webhook_list(Tx *tx, Arena *arena, const Scope *scope, ListQuery *query, WebhookRow **out, int *out_n,
                        ListEnd *end, Error *err)
{
    static const ListPlan plan = {
        .columns = WEBHOOK_COLUMNS,
        .from = "webhook h",
        .where = "h.organization = $1 AND h.workspace = $2",
        .position = "h.create_us",
        .key = "h.key",
        .row_size = sizeof(WebhookRow),
        .row_align = _Alignof(WebhookRow),
        .read_row = webhook_read,
    };
    const Parameter fixed[] = {NUMBER_PARAMETER(scope->organization), NUMBER_PARAMETER(scope->workspace)};
    if (!list_read(tx, arena, &plan, fixed, COUNT_OF(fixed), query, (void **)out, out_n, end, err))
        return false;
    for (int i = 0; i < *out_n; i++)
        (*out)[i].scope = *scope;
    return true;
}

bool store_webhook_listeners(Tx *tx, Arena *arena, const Scope *scope, uint64_t event, WebhookRow **out, int *out_n,
                             Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT " WEBHOOK_COLUMNS " FROM webhook h WHERE h.organization = $1 AND h.workspace = $2 "
                    "AND h.enabled = 1 AND h.events & $3 <> 0 ORDER BY h.key",
                    err))
        return false;
    bind_i64(&query, scope->organization);
    bind_i64(&query, scope->workspace);
    bind_i64(&query, (int64_t)event);
    WebhookRow *rows = NULL;
    int n = 0, cap = 0;
    while (query_next(&query)) {
        rows = rows_with_room(arena, rows, n, &cap, sizeof *rows, _Alignof(WebhookRow));
        webhook_read(&query, arena, &rows[n]);
        rows[n++].scope = *scope;
    }
    if (!query_end(&query, err))
        return false;
    *out = rows;
    *out_n = n;
    return true;
}

bool store_webhook_any(Tx *tx, bool *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    int64_t key;
    return query_open(&query, tx->database, "SELECT key FROM webhook LIMIT 1", err) &&
           query_one_i64(&query, out, &key, err);
}

bool store_webhook_secret(Tx *tx, const WebhookRow *webhook, unsigned char out[32], Error *err)
{
    unsigned char key[32];
    AUTO(buf_done)
    Buf text = {0};
    unsigned len = 32;
    buf_printf(&text, "webhook\n%.*s\n%lld", STR_ARG(webhook->id), (long long)webhook->secret_salt);
    if (!store_secret(tx, key, err))
        return false;
    return HMAC(EVP_sha256(), key, sizeof key, (const unsigned char *)text.data, text.len, out, &len) != NULL ||
           error_set(err, INTERNAL, "", "the webhook's secret could not be made");
}
