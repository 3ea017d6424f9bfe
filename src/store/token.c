/* store/token.c: access tokens. */
#include "store/token.h"

#include <string.h>

#include "store/internal.h"
#include "store/list.h"

#define TOKEN_COLUMNS                                                                                                  \
    "t.key, t.account, t.organization, t.organization_id, t.id, t.display_name, t.prefix, t.hash, t.workspaces, "      \
    "t.permissions, t.create_us, "                                                                                     \
    "t.update_us, t.expire_us, t.last_used_us"

static void token_read(Query *query, Arena *arena, void *row)
{
    Token *token = row;
    *token = (Token){.key = next_i64(query)};
    token->user = next_i64(query);
    token->organization = next_i64(query);
    token->organization_id = next_text(query, arena);
    token->id = next_text(query, arena);
    token->display_name = next_text(query, arena);
    token->prefix = next_text(query, arena);
    Str hash = next_text(query, arena);
    if (hash.len == sizeof token->hash) /* a damaged one stays zero and matches no secret */
        memcpy(token->hash, hash.data, sizeof token->hash);
    token->workspaces = next_text(query, arena);
    token->permissions = next_text(query, arena);
    token->create_us = next_i64(query);
    token->update_us = next_i64(query);
    token->expire_us = next_i64(query);
    token->last_used_us = next_i64(query);
}

static bool token_has_room(Tx *tx, const Token *token, int max_for_user, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database, "SELECT count(*) FROM token WHERE account = $1 AND organization = $2", err))
        return false;
    bind_i64(&query, token->user);
    bind_i64(&query, token->organization);
    bool found = false;
    int64_t n = 0;
    if (!query_one_i64(&query, &found, &n, err))
        return false;
    return n < max_for_user ||
           error_set(err, RESOURCE_EXHAUSTED, "",
                     "you have %d tokens, which is as many as one may have; delete one first", (int)n);
}

bool store_token_create(Tx *tx, Token *token, int max_for_user, Error *err)
{
    if (!token_has_room(tx, token, max_for_user, err))
        return false;
    token->create_us = time_or_now(tx, token->create_us);
    token->update_us = time_or_now(tx, token->update_us);
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "INSERT INTO token (account, organization, organization_id, id, display_name, prefix, hash, "
                    "workspaces, permissions, create_us, "
                    "update_us, expire_us, last_used_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, "
                    "$13) RETURNING key",
                    err))
        return false;
    bind_i64(&query, token->user);
    bind_i64(&query, token->organization);
    bind_text(&query, token->organization_id);
    bind_text(&query, token->id);
    bind_text(&query, token->display_name);
    bind_text(&query, token->prefix);
    bind_bytes(&query, str_of((const char *)token->hash, sizeof token->hash));
    bind_text(&query, token->workspaces);
    bind_text(&query, token->permissions);
    bind_i64(&query, token->create_us);
    bind_i64(&query, token->update_us);
    bind_i64(&query, token->expire_us);
    bind_i64(&query, token->last_used_us);
    tx->tenancy_changed = true;
    bool found = false;
    return query_one_i64(&query, &found, &token->key, err);
}

static bool token_one(Query *query, Arena *arena, Token *out, Error *err)
{
    bool found = query_next(query);
    Token row;
    if (found)
        token_read(query, arena, &row);
    if (!query_end(query, err))
        return false;
    if (!found)
        return error_set(err, NOT_FOUND, "", "the token was not found");
    *out = row;
    return true;
}

bool store_token_get(Tx *tx, Arena *arena, int64_t user, Str id, Token *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database, "SELECT " TOKEN_COLUMNS " FROM token t WHERE t.account = $1 AND t.id = $2",
                    err))
        return false;
    bind_i64(&query, user);
    bind_text(&query, id);
    return token_one(&query, arena, out, err);
}

bool store_token_get_by_hash(Tx *tx, Arena *arena, const unsigned char hash[32], Token *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database, "SELECT " TOKEN_COLUMNS " FROM token t WHERE t.hash = $1", err))
        return false;
    bind_bytes(&query, str_of((const char *)hash, 32));
    return token_one(&query, arena, out, err);
}

bool store_token_list(Tx *tx, Arena *arena, int64_t user, ListQuery *query, Token **out, int *out_n, ListEnd *end,
                      Error *err)
{
    static const ListPlan plan = {
        .columns = TOKEN_COLUMNS,
        .from = "token t",
        .where = "t.account = $1",
        .position = "t.create_us",
        .key = "t.key",
        .row_size = sizeof(Token),
        .row_align = _Alignof(Token),
        .read_row = token_read,
    };
    const Parameter fixed[] = {NUMBER_PARAMETER(user)};
    return list_read(tx, arena, &plan, fixed, COUNT_OF(fixed), query, (void **)out, out_n, end, err);
}

/* One row must have changed. */
static bool token_changed(Query *query, Error *err)
{
    if (!query_run(query, err))
        return false;
    return query_changed_one(query) || error_set(err, NOT_FOUND, "", "the token was not found");
}

bool store_token_update(Tx *tx, const Token *token, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(
            &query, tx->database,
            "UPDATE token SET display_name = $1, workspaces = $2, permissions = $3, update_us = $4 WHERE key = $5",
            err))
        return false;
    bind_text(&query, token->display_name);
    bind_text(&query, token->workspaces);
    bind_text(&query, token->permissions);
    bind_i64(&query, token->update_us);
    bind_i64(&query, token->key);
    tx->tenancy_changed = true;
    return token_changed(&query, err);
}

bool store_token_delete(Tx *tx, int64_t user, Str id, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database, "DELETE FROM token WHERE account = $1 AND id = $2", err))
        return false;
    bind_i64(&query, user);
    bind_text(&query, id);
    tx->tenancy_changed = true;
    return token_changed(&query, err);
}

bool store_token_used(Tx *tx, int64_t key, int64_t now_us, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database, "UPDATE token SET last_used_us = $1 WHERE key = $2 AND last_used_us < $1",
                    err))
        return false;
    enum { MINUTE_US = 60 * 1000 * 1000 };
    bind_i64(&query, now_us - now_us % MINUTE_US);
    bind_i64(&query, key);
    return query_run(&query, err);
}
