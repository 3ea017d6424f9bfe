/* store/trigger.c */
#include "store/trigger.h"

#include "store/internal.h"
#include "store/list.h"

static bool has_room(Tx *tx, const Scope *scope, const TriggerRow *trigger, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    bool found = false;
    int64_t n = 0;
    if (!query_open(
            &query, tx->database,
            "SELECT count(*) FROM automation_trigger WHERE organization = $1 AND automation = $2 AND trigger_id "
            "<> $3",
            err))
        return false;
    bind_i64(&query, scope->organization);
    bind_i64(&query, trigger->automation);
    bind_text(&query, trigger->id);
    if (!query_one_i64(&query, &found, &n, err))
        return false;
    return n < TRIGGERS_MOST ||
           error_set(err, RESOURCE_EXHAUSTED, "", "an automation has at most %d triggers", TRIGGERS_MOST);
}

bool store_trigger_put(Tx *tx, const Scope *scope, TriggerRow *trigger, Error *err)
{
    if (!has_room(tx, scope, trigger, err))
        return false;
    trigger->create_us = trigger->update_us = tx->now_us;
    AUTO(query_done)
    Query query = {0};
    bool found = false;
    if (!query_open(
            &query, tx->database,
            "INSERT INTO automation_trigger (organization, workspace, automation, trigger_id, phase, source, "
            "active, input_mapping, create_us, update_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9) ON "
            "CONFLICT (organization, automation, trigger_id) DO UPDATE SET phase = $5, source = $6, active = $7, "
            "input_mapping = $8, update_us = $9 RETURNING key",
            err))
        return false;
    bind_i64(&query, scope->organization);
    bind_i64(&query, scope->workspace);
    bind_i64(&query, trigger->automation);
    bind_text(&query, trigger->id);
    bind_i64(&query, trigger->phase);
    bind_i64(&query, trigger->source);
    bind_i64(&query, trigger->active);
    bind_text(&query, trigger->input_mapping);
    bind_i64(&query, trigger->update_us);
    return query_one_i64(&query, &found, &trigger->key, err);
}

static void trigger_read(Query *query, Arena *arena, void *row)
{
    TriggerRow *trigger = row;
    *trigger = (TriggerRow){.key = next_i64(query), .automation = next_i64(query)};
    trigger->id = next_text(query, arena);
    trigger->phase = (TriggerPhase)next_i64(query);
    trigger->source = (TriggerSource)next_i64(query);
    trigger->active = next_i64(query) != 0;
    trigger->input_mapping = next_text(query, arena);
    trigger->create_us = next_i64(query);
    trigger->update_us = next_i64(query);
}

bool store_trigger_list(Tx *tx, Arena *arena, const Scope *scope, int64_t automation, ListQuery *query,
                        TriggerRow **out, int *out_n, ListEnd *end, Error *err)
{
    static const Str phases[] = {S_INIT("unspecified"), S_INIT("pre"), S_INIT("main"), S_INIT("post")};
    static const Str sources[] = {S_INIT("unspecified"), S_INIT("email"), S_INIT("schedule"), S_INIT("webhook"),
                                  S_INIT("api")};
    static const FilterColumn filters[] = {
        {.name = S_INIT("trigger_id"), .sql = "t.trigger_id"},
        {S_INIT("phase_type"), "t.phase", NULL, phases, COUNT_OF(phases)},
        {S_INIT("phase_sub_type"), "t.source", NULL, sources, COUNT_OF(sources)},
    };
    static const ListPlan plan = {
        .columns =
            "t.key, t.automation, t.trigger_id, t.phase, t.source, t.active, t.input_mapping, t.create_us, t.update_us",
        .from = "automation_trigger t",
        .where = "t.organization = $1 AND t.workspace = $2 AND t.automation = $3 AND t.active = 1",
        .position = "t.create_us",
        .key = "t.key",
        .oldest_first = true,
        .row_size = sizeof(TriggerRow),
        .row_align = _Alignof(TriggerRow),
        .read_row = trigger_read,
        .filters = filters,
        .n_filters = COUNT_OF(filters),
    };
    const Parameter fixed[] = {NUMBER_PARAMETER(scope->organization), NUMBER_PARAMETER(scope->workspace),
                               NUMBER_PARAMETER(automation)};
    return list_read(tx, arena, &plan, fixed, COUNT_OF(fixed), query, (void **)out, out_n, end, err);
}
