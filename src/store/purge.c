/* store/purge.c: what automations leave behind is removed. */
#include "store/purge.h"

#include "store/internal.h"

#define IS_TO_PURGE "purge_us <> 0 AND purge_us > -2" /* as the index has it */

bool store_purge_soonest(Tx *tx, int64_t *out_us, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    bool found;
    *out_us = 0;
    if (!query_open(&query, tx->database,
                    "SELECT purge_us FROM automation WHERE " IS_TO_PURGE " ORDER BY purge_us LIMIT 1", err) ||
        !query_one_i64(&query, &found, out_us, err))
        return false;
    if (*out_us == AUTOMATION_PURGING)
        *out_us = 1;
    return true;
}

bool store_purge_due(Tx *tx, int64_t now_us, bool *out_found, Purge *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT key, organization, workspace, purge_us FROM automation WHERE " IS_TO_PURGE
                    " AND purge_us <= $1 ORDER BY purge_us LIMIT 1",
                    err))
        return false;
    bind_i64(&query, now_us);
    *out_found = query_next(&query);
    if (*out_found) {
        out->automation = next_i64(&query);
        out->organization = next_i64(&query);
        out->workspace = next_i64(&query);
        out->begun = next_i64(&query) == AUTOMATION_PURGING;
    }
    return query_end(&query, err);
}

static bool run_with_key(Tx *tx, const char *sql, int64_t key, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database, sql, err))
        return false;
    bind_i64(&query, key);
    return query_run(&query, err);
}

static bool run_each(Tx *tx, const char *const *statements, size_t n, int64_t key, Error *err)
{
    for (size_t i = 0; i < n; i++) {
        if (!run_with_key(tx, statements[i], key, err))
            return false;
    }
    return true;
}

/* ---- runs ---- */

bool store_purge_runs(Tx *tx, Arena *arena, const Purge *purge, int limit, PurgeRun **out, int *out_n, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    PurgeRun *runs = NEW_ARRAY(arena, PurgeRun, limit);
    int n = 0;
    if (!query_open(&query, tx->database,
                    "SELECT key, id FROM run WHERE organization = $1 AND workspace = $2 AND automation = $3 LIMIT $4",
                    err))
        return false;
    bind_i64(&query, purge->organization);
    bind_i64(&query, purge->workspace);
    bind_i64(&query, purge->automation);
    bind_i64(&query, limit);
    while (n < limit && query_next(&query)) {
        runs[n].key = next_i64(&query);
        runs[n++].id = next_text(&query, arena);
    }
    *out = runs;
    *out_n = n;
    return query_end(&query, err);
}

static bool remove_exceptions(Tx *tx, const Purge *purge, Str run_id, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "DELETE FROM exception WHERE organization = $1 AND workspace = $2 AND run_id = $3", err))
        return false;
    bind_i64(&query, purge->organization);
    bind_i64(&query, purge->workspace);
    bind_text(&query, run_id);
    return query_run(&query, err);
}

bool store_purge_run(Tx *tx, const Purge *purge, const PurgeRun *run, Error *err)
{
    static const char *const of_run[] = {
        "DELETE FROM run_input WHERE run = $1",  "DELETE FROM snapshot WHERE run = $1",
        "DELETE FROM effect WHERE run = $1",     "DELETE FROM thread_event WHERE run = $1",
        "DELETE FROM child_loop WHERE run = $1", "DELETE FROM run WHERE key = $1",
    };
    return remove_exceptions(tx, purge, run->id, err) && journal_remove(tx, run->key, err) &&
           run_each(tx, of_run, COUNT_OF(of_run), run->key, err);
}

/* ---- the automation ---- */

bool store_purge_begin(Tx *tx, const Purge *purge, Error *err)
{
    static const char *const first[] = {
        "DELETE FROM schedule_fire WHERE automation = $1",
        "DELETE FROM schedule WHERE automation = $1",
        "UPDATE automation SET purge_us = -1 WHERE key = $1",
    };
    return run_each(tx, first, COUNT_OF(first), purge->automation, err);
}

bool store_purge_finish(Tx *tx, const Purge *purge, Error *err)
{
    static const char *const last[] = {
        "DELETE FROM automation_trigger WHERE automation = $1",
        "DELETE FROM guide_entry WHERE automation = $1",
        "DELETE FROM thread_event WHERE thread > 0 AND thread IN "
        "(SELECT key FROM authoring_thread WHERE automation = $1)",
        "DELETE FROM authoring_thread WHERE automation = $1",
        /* The newest of all keeps its key, which programs in memory are known by, and nothing else. */
        "DELETE FROM revision WHERE automation = $1 AND key < (SELECT max(key) FROM revision)",
        "UPDATE revision SET display_name = '', description = '', english = '', code = '', code_mapping = '', "
        "input_specs = '', connections = '', default_inputs = '', marked_outputs = '', artifacts = '', user_id = '' "
        "WHERE automation = $1",
        "UPDATE automation SET purge_us = -2, display_name = '', draft_revision = 0, published_revision = 0, "
        "author_id = '', update_user_id = '', publish_user_id = '', etag = '' WHERE key = $1",
    };
    return run_each(tx, last, COUNT_OF(last), purge->automation, err);
}
