/* store/workspace_trigger.c: what starts runs from outside, and what came of it. */
#include "store/workspace_trigger.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include "base/codec.h"
#include "base/id.h"
#include "store/folder_file.h"
#include "store/internal.h"
#include "store/list.h"

enum { FORGET_AT_ONCE = 20, MAC_LEN = 32 };

#define TRIGGER_COLUMNS                                                                                                \
    "t.key, t.organization, t.workspace, t.automation, t.enabled, t.is_signed, t.secret_salt, t.version, "             \
    "t.number, t.keeps_files, t.wait_us, t.create_us, t.update_us, t.id, t.automation_id, t.display_name, "            \
    "t.filter_text, "                                                                                                  \
    "t.input_mapping, t.folder, t.pattern"

static void trigger_read(Query *query, Arena *arena, void *row)
{
    WorkspaceTrigger *trigger = row;
    *trigger = (WorkspaceTrigger){.key = next_i64(query)};
    trigger->scope.organization = next_i64(query);
    trigger->scope.workspace = next_i64(query);
    trigger->automation = next_i64(query);
    trigger->enabled = next_i64(query) != 0;
    trigger->is_signed = next_i64(query) != 0;
    trigger->secret_salt = next_i64(query);
    trigger->version = next_i64(query);
    trigger->number = next_i64(query);
    trigger->keeps_files = next_i64(query) != 0;
    trigger->wait_us = next_i64(query);
    trigger->create_us = next_i64(query);
    trigger->update_us = next_i64(query);
    trigger->id = next_text(query, arena);
    trigger->automation_id = next_text(query, arena);
    trigger->display_name = next_text(query, arena);
    trigger->filter = next_text(query, arena);
    trigger->input_mapping = next_text(query, arena);
    trigger->folder = next_text(query, arena);
    trigger->pattern = next_text(query, arena);
}

static bool refuse_absent(Error *err)
{
    return error_set(err, NOT_FOUND, "", "there is no such trigger in this workspace");
}

/* ---- what is derived ---- */

static bool derive(Tx *tx, const WorkspaceTrigger *trigger, const char *what, unsigned char out[MAC_LEN], Error *err)
{
    unsigned char key[32];
    unsigned len = MAC_LEN;
    AUTO(buf_done)
    Buf text = {0};
    buf_printf(&text, "%s\n%.*s\n%lld", what, STR_ARG(trigger->id), (long long)trigger->secret_salt);
    if (!store_secret(tx, key, err))
        return false;
    return HMAC(EVP_sha256(), key, sizeof key, (const unsigned char *)text.data, text.len, out, &len) != NULL ||
           error_set(err, INTERNAL, "", "the trigger's secret could not be made");
}

bool store_workspace_trigger_token(Tx *tx, Arena *arena, const WorkspaceTrigger *trigger, Str *out, Error *err)
{
    unsigned char mac[MAC_LEN];
    Buf text = buf_in(arena);
    if (!derive(tx, trigger, "hook address", mac, err))
        return false;
    base64url_encode(&text, str_of((const char *)mac, sizeof mac));
    *out = buf_view(&text);
    return true;
}

bool store_workspace_trigger_secret(Tx *tx, const WorkspaceTrigger *trigger, unsigned char out[32], Error *err)
{
    return derive(tx, trigger, "hook secret", out, err);
}

/* The address is looked up by what it hashes to, so that neither the database nor a copy of it tells an address. */
static void hash_token(Str token, unsigned char out[SHA256_DIGEST_LENGTH])
{
    SHA256((const unsigned char *)token.data, token.len, out);
}

static bool hash_of(Tx *tx, const WorkspaceTrigger *trigger, unsigned char out[SHA256_DIGEST_LENGTH], Error *err)
{
    Arena arena = {0};
    Str token;
    bool ok = store_workspace_trigger_token(tx, &arena, trigger, &token, err);
    if (ok)
        hash_token(token, out);
    arena_done(&arena);
    return ok;
}

/* ---- making and changing ---- */

static bool has_room(Tx *tx, const Scope *scope, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    bool found;
    int64_t n = 0;
    if (!query_open(&query, tx->database,
                    "SELECT count(*) FROM workspace_trigger WHERE organization = $1 AND workspace = $2", err))
        return false;
    bind_i64(&query, scope->organization);
    bind_i64(&query, scope->workspace);
    if (!query_one_i64(&query, &found, &n, err))
        return false;
    return n < WORKSPACE_TRIGGERS_MOST ||
           error_set(err, RESOURCE_EXHAUSTED, "",
                     "the workspace has %d triggers, which is as many as there may be: delete one that is not needed",
                     WORKSPACE_TRIGGERS_MOST);
}

bool store_workspace_trigger_insert(Tx *tx, WorkspaceTrigger *trigger, Error *err)
{
    unsigned char hash[SHA256_DIGEST_LENGTH];
    if (!has_room(tx, &trigger->scope, err) || !hash_of(tx, trigger, hash, err))
        return false;
    trigger->create_us = trigger->update_us = tx->now_us;
    trigger->version = 1;
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "INSERT INTO workspace_trigger (organization, workspace, automation, enabled, is_signed, "
                    "secret_salt, version, number, create_us, update_us, id, automation_id, display_name, filter_text, "
                    "input_mapping, folder, pattern, keeps_files, wait_us, hash) "
                    "VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) "
                    "RETURNING key",
                    err))
        return false;
    bind_i64(&query, trigger->scope.organization);
    bind_i64(&query, trigger->scope.workspace);
    bind_i64(&query, trigger->automation);
    bind_i64(&query, trigger->enabled);
    bind_i64(&query, trigger->is_signed);
    bind_i64(&query, trigger->secret_salt);
    bind_i64(&query, trigger->version);
    bind_i64(&query, trigger->create_us);
    bind_text(&query, trigger->id);
    bind_text(&query, trigger->automation_id);
    bind_text(&query, trigger->display_name);
    bind_text(&query, trigger->filter);
    bind_text(&query, trigger->input_mapping);
    bind_text(&query, trigger->folder);
    bind_text(&query, trigger->pattern);
    bind_i64(&query, trigger->keeps_files);
    bind_i64(&query, trigger->wait_us);
    bind_bytes(&query, str_of((const char *)hash, sizeof hash));
    bool found = false;
    return query_one_i64(&query, &found, &trigger->key, err);
}

static bool read_one(Query *query, Arena *arena, WorkspaceTrigger *out, bool *out_found, Error *err)
{
    WorkspaceTrigger row;
    *out_found = query_next(query);
    if (*out_found) {
        trigger_read(query, arena, &row);
        *out = row;
    }
    return query_end(query, err);
}

bool store_workspace_trigger_get(Tx *tx, Arena *arena, const Scope *scope, Str id, WorkspaceTrigger *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    bool found;
    if (!query_open(&query, tx->database,
                    "SELECT " TRIGGER_COLUMNS " FROM workspace_trigger t WHERE t.organization = $1 "
                    "AND t.workspace = $2 AND t.id = $3",
                    err))
        return false;
    bind_i64(&query, scope->organization);
    bind_i64(&query, scope->workspace);
    bind_text(&query, id);
    if (!read_one(&query, arena, out, &found, err))
        return false;
    if (!found)
        return refuse_absent(err);
    out->scope = *scope;
    return true;
}

bool store_workspace_trigger_update(Tx *tx, WorkspaceTrigger *trigger, Error *err)
{
    unsigned char hash[SHA256_DIGEST_LENGTH];
    if (!hash_of(tx, trigger, hash, err))
        return false;
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "UPDATE workspace_trigger SET enabled = $1, is_signed = $2, secret_salt = $3, version = $4, "
                    "update_us = $5, display_name = $6, filter_text = $7, input_mapping = $8, "
                    "hash = $9, folder = $10, pattern = $11, keeps_files = $12, wait_us = $13 "
                    "WHERE key = $14 AND organization = $15 AND workspace = $16",
                    err))
        return false;
    bind_i64(&query, trigger->enabled);
    bind_i64(&query, trigger->is_signed);
    bind_i64(&query, trigger->secret_salt);
    bind_i64(&query, trigger->version + 1);
    bind_i64(&query, tx->now_us);
    bind_text(&query, trigger->display_name);
    bind_text(&query, trigger->filter);
    bind_text(&query, trigger->input_mapping);
    bind_bytes(&query, str_of((const char *)hash, sizeof hash));
    bind_text(&query, trigger->folder);
    bind_text(&query, trigger->pattern);
    bind_i64(&query, trigger->keeps_files);
    bind_i64(&query, trigger->wait_us);
    bind_i64(&query, trigger->key);
    bind_i64(&query, trigger->scope.organization);
    bind_i64(&query, trigger->scope.workspace);
    if (!query_run(&query, err))
        return false;
    if (!query_changed_one(&query))
        return refuse_absent(err);
    trigger->version++;
    trigger->update_us = tx->now_us;
    return true;
}

bool store_workspace_trigger_delete(Tx *tx, const Scope *scope, Str id, Error *err)
{
    Arena arena = {0};
    WorkspaceTrigger row;
    bool found = store_workspace_trigger_get(tx, &arena, scope, id, &row, err);
    arena_done(&arena);
    return found && tx_run_with_key(tx, "DELETE FROM trigger_event WHERE starter = $1", row.key, err) &&
           tx_run_with_key(tx, "DELETE FROM folder_file WHERE starter = $1", row.key, err) &&
           tx_run_with_key(tx, "DELETE FROM workspace_trigger WHERE key = $1", row.key, err);
}

bool store_workspace_trigger_list(Tx *tx, Arena *arena, const Scope *scope, ListQuery *query, WorkspaceTrigger **out,
                                  int *out_n, ListEnd *end, Error *err)
{
    static const FilterColumn filters[] = {
        {.name = S_INIT("automation"), .sql = "t.automation_id"},
    };
    static const ListPlan plan = {
        .columns = TRIGGER_COLUMNS,
        .from = "workspace_trigger t",
        .where = "t.organization = $1 AND t.workspace = $2",
        .position = "t.create_us",
        .key = "t.key",
        .row_size = sizeof(WorkspaceTrigger),
        .row_align = _Alignof(WorkspaceTrigger),
        .read_row = trigger_read,
        .filters = filters,
        .n_filters = COUNT_OF(filters),
    };
    const Parameter fixed[] = {NUMBER_PARAMETER(scope->organization), NUMBER_PARAMETER(scope->workspace)};
    if (!list_read(tx, arena, &plan, fixed, COUNT_OF(fixed), query, (void **)out, out_n, end, err))
        return false;
    for (int i = 0; i < *out_n; i++)
        (*out)[i].scope = *scope;
    return true;
}

/* ---- events ---- */

static bool next_number(Tx *tx, const WorkspaceTrigger *trigger, int64_t *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    bool found = false;
    if (!query_open(&query, tx->database,
                    "UPDATE workspace_trigger SET number = number + 1 WHERE key = $1 AND organization = $2 "
                    "AND workspace = $3 RETURNING number",
                    err))
        return false;
    bind_i64(&query, trigger->key);
    bind_i64(&query, trigger->scope.organization);
    bind_i64(&query, trigger->scope.workspace);
    return query_one_i64(&query, &found, out, err) && (found || refuse_absent(err));
}

/* Of one trigger what is too much among the events with these outcomes. */
static bool clear(Tx *tx, const WorkspaceTrigger *trigger, TriggerOutcome first, TriggerOutcome last, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "DELETE FROM trigger_event WHERE key IN (SELECT key FROM trigger_event WHERE starter = $1 AND "
                    "outcome >= $2 AND outcome <= $3 ORDER BY number DESC LIMIT $4 OFFSET $5)",
                    err))
        return false;
    bind_i64(&query, trigger->key);
    bind_i64(&query, first);
    bind_i64(&query, last);
    bind_i64(&query, TRIGGER_EVENTS_KEPT);
    bind_i64(&query, TRIGGER_EVENTS_KEPT);
    return query_run(&query, err);
}

/* Of all triggers a few that are too old. */
static bool forget_old(Tx *tx, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "DELETE FROM trigger_event WHERE key IN (SELECT key FROM trigger_event WHERE create_us < $1 "
                    "ORDER BY create_us LIMIT $2)",
                    err))
        return false;
    bind_i64(&query, tx->now_us - TRIGGER_EVENTS_KEPT_US);
    bind_i64(&query, FORGET_AT_ONCE);
    return query_run(&query, err);
}

/* Finding what is too much reads what is kept, so it is not done at each event. */
static bool forget(Tx *tx, const WorkspaceTrigger *trigger, int64_t number, Error *err)
{
    if (number % TRIGGER_EVENTS_CLEARED_EACH == 0 && (!clear(tx, trigger, TRIGGER_STARTED, TRIGGER_INACTIVE, err) ||
                                                      !clear(tx, trigger, TRIGGER_REFUSED, TRIGGER_REFUSED, err)))
        return false;
    return forget_old(tx, err);
}

bool store_trigger_event_add(Tx *tx, const WorkspaceTrigger *trigger, TriggerEvent *event, Error *err)
{
    if (!next_number(tx, trigger, &event->number, err) || !forget(tx, trigger, event->number, err))
        return false;
    event->create_us = time_or_now(tx, event->create_us);
    AUTO(query_done)
    Query query = {0};
    bool found = false;
    if (!query_open(&query, tx->database,
                    "INSERT INTO trigger_event (organization, workspace, starter, number, outcome, size_bytes, "
                    "create_us, id, origin, run_id, reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) "
                    "RETURNING key",
                    err))
        return false;
    bind_i64(&query, trigger->scope.organization);
    bind_i64(&query, trigger->scope.workspace);
    bind_i64(&query, trigger->key);
    bind_i64(&query, event->number);
    bind_i64(&query, event->outcome);
    bind_i64(&query, event->size_bytes);
    bind_i64(&query, event->create_us);
    bind_text(&query, event->id);
    bind_text(&query, event->origin);
    bind_text(&query, event->run_id);
    bind_text(&query, event->reason);
    return query_one_i64(&query, &found, &event->key, err);
}

static void event_read(Query *query, Arena *arena, void *row)
{
    TriggerEvent *event = row;
    *event = (TriggerEvent){.key = next_i64(query), .number = next_i64(query)};
    event->outcome = (TriggerOutcome)next_i64(query);
    event->size_bytes = next_i64(query);
    event->create_us = next_i64(query);
    event->id = next_text(query, arena);
    event->origin = next_text(query, arena);
    event->run_id = next_text(query, arena);
    event->reason = next_text(query, arena);
}

bool store_trigger_event_list(Tx *tx, Arena *arena, const Scope *scope, int64_t trigger, ListQuery *query,
                              TriggerEvent **out, int *out_n, ListEnd *end, Error *err)
{
    static const Str outcomes[TRIGGER_N_OUTCOMES] = {S_INIT("STARTED"), S_INIT("FILTERED"), S_INIT("INACTIVE"),
                                                     S_INIT("REFUSED")};
    static const FilterColumn filters[] = {
        {S_INIT("outcome"), "e.outcome", NULL, outcomes, COUNT_OF(outcomes)},
        {.name = S_INIT("create_time"), .sql = "e.create_us"},
    };
    static const ListPlan plan = {
        .columns = "e.key, e.number, e.outcome, e.size_bytes, e.create_us, e.id, e.origin, e.run_id, e.reason",
        .from = "trigger_event e",
        .where = "e.organization = $1 AND e.workspace = $2 AND e.starter = $3",
        .position = "e.number",
        .key = "e.key",
        .row_size = sizeof(TriggerEvent),
        .row_align = _Alignof(TriggerEvent),
        .read_row = event_read,
        .filters = filters,
        .n_filters = COUNT_OF(filters),
    };
    const Parameter fixed[] = {NUMBER_PARAMETER(scope->organization), NUMBER_PARAMETER(scope->workspace),
                               NUMBER_PARAMETER(trigger)};
    return list_read(tx, arena, &plan, fixed, COUNT_OF(fixed), query, (void **)out, out_n, end, err);
}

/* ---- for whoever receives ---- */

#define FROM_WITH_SCOPE                                                                                                \
    ", o.id, w.id FROM workspace_trigger t JOIN organization o ON o.key = t.organization AND o.delete_us = 0 "         \
    "JOIN workspace w ON w.key = t.workspace AND w.delete_us = 0 "

static void read_with_scope(Query *query, Arena *arena, WorkspaceTrigger *out)
{
    trigger_read(query, arena, out);
    out->scope.organization_id = next_text(query, arena);
    out->scope.workspace_id = next_text(query, arena);
}

bool store_workspace_trigger_by_token(Tx *tx, Arena *arena, Str token, WorkspaceTrigger *out, Error *err)
{
    unsigned char hash[SHA256_DIGEST_LENGTH];
    hash_token(token, hash);
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT " TRIGGER_COLUMNS FROM_WITH_SCOPE "WHERE t.hash = $1 AND t.folder = ''", err))
        return false;
    bind_bytes(&query, str_of((const char *)hash, sizeof hash));
    bool found = query_next(&query);
    WorkspaceTrigger row;
    if (found)
        read_with_scope(&query, arena, &row);
    if (!query_end(&query, err))
        return false;
    if (!found)
        return error_set(err, NOT_FOUND, "",
                         "no trigger has this address: it was mistyped, or the trigger was deleted or its address "
                         "renewed");
    *out = row;
    return true;
}

bool store_folder_triggers(Tx *tx, Arena *arena, int64_t after, int limit, WorkspaceTrigger **out, int *out_n,
                           Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT " TRIGGER_COLUMNS FROM_WITH_SCOPE
                    "WHERE t.folder <> '' AND t.enabled = 1 AND t.key > $1 ORDER BY t.key LIMIT $2",
                    err))
        return false;
    bind_i64(&query, after);
    bind_i64(&query, limit);
    *out = NEW_ARRAY(arena, WorkspaceTrigger, (size_t)limit);
    *out_n = 0;
    while (*out_n < limit && query_next(&query))
        read_with_scope(&query, arena, &(*out)[(*out_n)++]);
    return query_end(&query, err);
}
