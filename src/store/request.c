/* store/request.c: the request ids that make calls repeatable. */
#include "store/internal.h"
#include "store/run.h"

enum { FORGOTTEN_AT_ONCE = 16 };
static const int64_t REQUEST_KEPT_US = 25LL * 3600 * 1000000; /* 24 hours are promised */

bool store_request_get(Tx *tx, Arena *arena, const Scope *scope, Str request_id, bool *found, uint64_t *out_hash,
                       Str *out_response, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT hash, response FROM request WHERE organization = $1 AND workspace = $2 AND request_id = $3",
                    err))
        return false;
    bind_i64(&query, scope->organization);
    bind_i64(&query, scope->workspace);
    bind_text(&query, request_id);
    uint64_t hash = 0;
    Str response = {0};
    bool there = query_next(&query);
    if (there) {
        hash = (uint64_t)next_i64(&query);
        response = next_text(&query, arena);
    }
    if (!query_end(&query, err))
        return false;
    *found = there;
    *out_hash = hash;
    *out_response = response;
    return true;
}

/* A few with each that comes, so that the table stays as large as a day and no call pays for a whole one. */
static bool requests_forget(Tx *tx, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(
            &query, tx->database,
            "DELETE FROM request WHERE key IN (SELECT key FROM (SELECT key, create_us FROM request ORDER BY key "
            "LIMIT $1) oldest WHERE create_us < $2)",
            err))
        return false;
    bind_i64(&query, FORGOTTEN_AT_ONCE);
    bind_i64(&query, tx->now_us - REQUEST_KEPT_US);
    return query_run(&query, err);
}

bool store_request_put(Tx *tx, const Scope *scope, Str request_id, uint64_t hash, Str response, Error *err)
{
    if (!requests_forget(tx, err))
        return false;
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "INSERT INTO request (organization, workspace, request_id, hash, create_us, response) "
                    "VALUES ($1, $2, $3, $4, $5, $6)",
                    err))
        return false;
    bind_i64(&query, scope->organization);
    bind_i64(&query, scope->workspace);
    bind_text(&query, request_id);
    bind_i64(&query, (int64_t)hash);
    bind_i64(&query, tx->now_us);
    bind_text(&query, response);
    return query_run(&query, err);
}
