/* store/connection.c */
#include "store/connection.h"

#include "store/internal.h"

#define COLUMNS "key, name, book, url, auth, user_name, sender, sealed, create_us, update_us"

static bool has_room(Tx *tx, const ConnectionRow *connection, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    bool found = false;
    int64_t n = 0;
    if (!query_open(&query, tx->database,
                    "SELECT count(*) FROM connection WHERE organization = $1 AND workspace = $2 AND name <> $3", err))
        return false;
    bind_i64(&query, connection->scope.organization);
    bind_i64(&query, connection->scope.workspace);
    bind_text(&query, connection->name);
    if (!query_one_i64(&query, &found, &n, err))
        return false;
    return n < CONNECTIONS_MOST ||
           error_set(err, RESOURCE_EXHAUSTED, "", "a workspace has at most %d connections", CONNECTIONS_MOST);
}

bool store_connection_put(Tx *tx, ConnectionRow *connection, Error *err)
{
    if (!has_room(tx, connection, err))
        return false;
    AUTO(query_done)
    Query query = {0};
    bool found = false;
    connection->create_us = connection->update_us = tx->now_us;
    if (!query_open(&query, tx->database,
                    "INSERT INTO connection (organization, workspace, name, book, url, auth, user_name, sender, "
                    "sealed, create_us, update_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10) "
                    "ON CONFLICT (organization, workspace, name) DO UPDATE SET book = $4, url = $5, auth = $6, "
                    "user_name = $7, sender = $8, sealed = $9, update_us = $10 RETURNING key",
                    err))
        return false;
    bind_i64(&query, connection->scope.organization);
    bind_i64(&query, connection->scope.workspace);
    bind_text(&query, connection->name);
    bind_text(&query, connection->book);
    bind_text(&query, connection->url);
    bind_i64(&query, connection->auth);
    bind_text(&query, connection->user);
    bind_text(&query, connection->sender);
    bind_bytes(&query, connection->sealed);
    bind_i64(&query, connection->update_us);
    return query_one_i64(&query, &found, &connection->key, err);
}

static void connection_read(Query *query, Arena *arena, const Scope *scope, ConnectionRow *out)
{
    *out = (ConnectionRow){.key = next_i64(query), .scope = *scope};
    out->name = next_text(query, arena);
    out->book = next_text(query, arena);
    out->url = next_text(query, arena);
    out->auth = next_i64(query);
    out->user = next_text(query, arena);
    out->sender = next_text(query, arena);
    out->sealed = next_text(query, arena);
    out->create_us = next_i64(query);
    out->update_us = next_i64(query);
}

bool store_connection_get(Tx *tx, Arena *arena, const Scope *scope, Str name, ConnectionRow *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    bool found = false;
    if (!query_open(&query, tx->database,
                    "SELECT " COLUMNS " FROM connection WHERE organization = $1 AND workspace = $2 AND name = $3", err))
        return false;
    bind_i64(&query, scope->organization);
    bind_i64(&query, scope->workspace);
    bind_text(&query, name);
    if (query_next(&query)) {
        found = true;
        connection_read(&query, arena, scope, out);
    }
    if (!query_end(&query, err))
        return false;
    return found || error_set(err, NOT_FOUND, "", "there is no connection \"%.*s\" in this workspace",
                              STR_ARG(str_clip(name, 100)));
}

bool store_connection_list(Tx *tx, Arena *arena, const Scope *scope, ConnectionRow **out, int *out_n, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT " COLUMNS " FROM connection WHERE organization = $1 AND workspace = $2 ORDER BY name", err))
        return false;
    bind_i64(&query, scope->organization);
    bind_i64(&query, scope->workspace);
    ConnectionRow *rows = NULL;
    int n = 0, cap = 0;
    while (query_next(&query)) {
        rows = rows_with_room(arena, rows, n, &cap, sizeof *rows, _Alignof(ConnectionRow));
        connection_read(&query, arena, scope, &rows[n++]);
    }
    if (!query_end(&query, err))
        return false;
    *out = rows;
    *out_n = n;
    return true;
}

bool store_connection_delete(Tx *tx, const Scope *scope, Str name, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    bool found = false;
    int64_t key = 0;
    if (!query_open(&query, tx->database,
                    "DELETE FROM connection WHERE organization = $1 AND workspace = $2 AND name = $3 RETURNING key",
                    err))
        return false;
    bind_i64(&query, scope->organization);
    bind_i64(&query, scope->workspace);
    bind_text(&query, name);
    if (!query_one_i64(&query, &found, &key, err))
        return false;
    return found || error_set(err, NOT_FOUND, "", "there is no connection \"%.*s\" in this workspace",
                              STR_ARG(str_clip(name, 100)));
}
