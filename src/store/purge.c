/* store/purge.c: what automations leave behind is removed. */
#include "store/purge.h"

#include "store/exception_sum.h"

#define IS_TO_PURGE "purge_us <> 0 AND purge_us > -2" /* as the index has it */

bool store_purge_soonest(Tx *tx, int64_t after_us, int64_t *out_us, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    bool found;
    *out_us = 0;
    if (!query_open(&query, tx->database,
                    "SELECT purge_us FROM automation WHERE " IS_TO_PURGE " AND purge_us > $1 ORDER BY purge_us LIMIT 1",
                    err))
        return false;
    bind_i64(&query, after_us);
    if (!query_one_i64(&query, &found, out_us, err))
        return false;
    if (*out_us == AUTOMATION_PURGING)
        *out_us = 1;
    return true;
}

bool store_purge_due(Tx *tx, Arena *arena, int64_t now_us, int limit, Purge **out, int *out_n, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    Purge *due = NEW_ARRAY(arena, Purge, limit);
    int n = 0;
    if (!query_open(&query, tx->database,
                    "SELECT key, organization, workspace, purge_us FROM automation WHERE " IS_TO_PURGE
                    " AND purge_us <= $1 ORDER BY purge_us LIMIT $2",
                    err))
        return false;
    bind_i64(&query, now_us);
    bind_i64(&query, limit);
    for (; n < limit && query_next(&query); n++) {
        due[n].automation = next_i64(&query);
        due[n].organization = next_i64(&query);
        due[n].workspace = next_i64(&query);
        due[n].begun = next_i64(&query) == AUTOMATION_PURGING;
    }
    *out = due;
    *out_n = n;
    return query_end(&query, err);
}

static bool run_each(Tx *tx, const char *const *statements, size_t n, int64_t key, Error *err)
{
    for (size_t i = 0; i < n; i++) {
        if (!tx_run_with_key(tx, statements[i], key, err))
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

static bool subtract_exceptions(Tx *tx, const Purge *purge, Str run_id, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT state, automation, automation_id, group_name FROM exception WHERE organization = $1 AND "
                    "workspace = $2 "
                    "AND run_id = $3",
                    err))
        return false;
    bind_i64(&query, purge->organization);
    bind_i64(&query, purge->workspace);
    bind_text(&query, run_id);
    while (query_next(&query)) {
        ExceptionPlace place = {.organization = purge->organization, .workspace = purge->workspace};
        place.state = next_i64(&query);
        place.automation = next_i64(&query);
        place.automation_id = next_text(&query, tx->arena);
        place.group = next_text(&query, tx->arena);
        exception_sum_add(tx, &place, -1);
    }
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
        "DELETE FROM run_input WHERE run = $1",    "DELETE FROM snapshot WHERE run = $1",
        "DELETE FROM effect WHERE run = $1",       "DELETE FROM effect_tail WHERE run = $1",
        "DELETE FROM thread_event WHERE run = $1", "DELETE FROM child_loop WHERE run = $1",
        "DELETE FROM run WHERE key = $1",
    };
    return subtract_exceptions(tx, purge, run->id, err) && remove_exceptions(tx, purge, run->id, err) &&
           journal_remove(tx, run->key, err) && run_each(tx, of_run, COUNT_OF(of_run), run->key, err);
}

/* ---- runs that were kept as long as they are to be ---- */

static bool read_holder(Query *query, Purge *out, int64_t *out_keep_us, bool *out_found, Error *err)
{
    *out_found = query_next(query);
    if (*out_found) {
        *out = (Purge){.automation = next_i64(query), .organization = next_i64(query), .workspace = next_i64(query)};
        *out_keep_us = next_i64(query);
    }
    return query_end(query, err);
}

static bool find_automation(Tx *tx, int64_t from_key, Purge *out, int64_t *out_keep_us, bool *out_found, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(
            &query, tx->database,
            "SELECT key, organization, workspace, keep_runs_us FROM automation WHERE key >= $1 AND purge_us >= 0 "
            "ORDER BY key LIMIT 1",
            err))
        return false;
    bind_i64(&query, from_key);
    return read_holder(&query, out, out_keep_us, out_found, err);
}

/* Runs of executions:run belong to no automation. */
static bool find_workspace(Tx *tx, int64_t from_key, Purge *out, int64_t *out_keep_us, bool *out_found, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT 0, organization, key, 0 FROM workspace WHERE key >= $1 ORDER BY key LIMIT 1", err))
        return false;
    bind_i64(&query, from_key);
    return read_holder(&query, out, out_keep_us, out_found, err);
}

static bool find_ended(Tx *tx, Arena *arena, const Purge *purge, const Sweep *after, int64_t before_us, int limit,
                       PurgeRun *out, int *out_n, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT key, id, create_us FROM run WHERE organization = $1 AND workspace = $2 AND automation = $3 "
                    "AND parent = 0 AND create_us >= $4 AND (create_us > $4 OR key > $5) AND create_us < $6 AND state "
                    "IN (5, 6) "
                    "AND state_us < $6 ORDER BY create_us, key LIMIT $7",
                    err))
        return false;
    bind_i64(&query, purge->organization);
    bind_i64(&query, purge->workspace);
    bind_i64(&query, purge->automation);
    bind_i64(&query, after->create_us);
    bind_i64(&query, after->run);
    bind_i64(&query, before_us);
    bind_i64(&query, limit);
    int n = 0;
    while (n < limit && query_next(&query)) {
        out[n].key = next_i64(&query);
        out[n].id = next_text(&query, arena);
        out[n++].create_us = next_i64(&query);
    }
    *out_n = n;
    return query_end(&query, err);
}

static bool find_holder(Tx *tx, Sweep *sweep, Purge *out, int64_t *out_keep_us, bool *out_found, Error *err)
{
    if (!sweep->executions && !find_automation(tx, sweep->key, out, out_keep_us, out_found, err))
        return false;
    if (!sweep->executions && *out_found)
        return true;
    if (!sweep->executions)
        *sweep = (Sweep){.keep_us = sweep->keep_us, .executions = true};
    return find_workspace(tx, sweep->key, out, out_keep_us, out_found, err);
}

bool store_sweep_next(Tx *tx, Sweep *sweep, Purge *out, int64_t *out_keep_us, bool *out_found, Error *err)
{
    if (!find_holder(tx, sweep, out, out_keep_us, out_found, err))
        return false;
    if (!*out_found)
        return true;
    int64_t key = sweep->executions ? out->workspace : out->automation;
    if (key != sweep->key)
        sweep->create_us = sweep->run = 0;
    sweep->key = key;
    if (*out_keep_us == 0)
        *out_keep_us = sweep->keep_us;
    return true;
}

void store_sweep_pass(Sweep *sweep)
{
    *sweep = (Sweep){.keep_us = sweep->keep_us, .executions = sweep->executions, .key = sweep->key + 1};
}

bool store_sweep_runs(Tx *tx, Arena *arena, int64_t before_us, int limit, Sweep *sweep, const Purge *purge,
                      PurgeRun **out, int *out_n, Error *err)
{
    *out = NEW_ARRAY(arena, PurgeRun, (size_t)limit);
    if (!find_ended(tx, arena, purge, sweep, before_us, limit, *out, out_n, err))
        return false;
    if (*out_n < limit) {
        store_sweep_pass(sweep);
    } else {
        sweep->create_us = (*out)[limit - 1].create_us;
        sweep->run = (*out)[limit - 1].key;
    }
    return true;
}

static bool find_below(Tx *tx, Arena *arena, int64_t run, int limit, PurgeRun *out, int *out_n, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database, "SELECT key, id FROM run WHERE top = $1 AND top > 0 LIMIT $2", err))
        return false;
    bind_i64(&query, run);
    bind_i64(&query, limit);
    int n = 0;
    while (n < limit && query_next(&query)) {
        out[n].key = next_i64(&query);
        out[n++].id = next_text(&query, arena);
    }
    *out_n = n;
    return query_end(&query, err);
}

bool store_purge_below(Tx *tx, Arena *arena, const Purge *purge, int64_t run, int limit, int *out_n, Error *err)
{
    PurgeRun *below = NEW_ARRAY(arena, PurgeRun, (size_t)limit);
    if (!find_below(tx, arena, run, limit, below, out_n, err))
        return false;
    for (int i = 0; i < *out_n; i++) {
        if (!store_purge_run(tx, purge, &below[i], err))
            return false;
    }
    return true;
}

bool store_give_back(Tx *tx, bool *out_more, Error *err)
{
    return database_give_back(tx->database, out_more, err);
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
        "DELETE FROM trigger_event WHERE starter IN (SELECT key FROM workspace_trigger WHERE automation = $1)",
        "DELETE FROM folder_file WHERE starter IN (SELECT key FROM workspace_trigger WHERE automation = $1)",
        "DELETE FROM workspace_trigger WHERE automation = $1",
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
