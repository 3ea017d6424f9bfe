/* store/guide.c: guide entries: answers that are kept, found again by what was asked. */
#include "store/exception.h"
#include "store/internal.h"
#include "store/list.h"

#define GUIDE_COLUMNS                                                                                                  \
    "g.key, g.automation, g.state, g.version_major, g.version_minor, g.sentence_hash, g.hits, g.create_us, "           \
    "g.update_us, g.delete_us, g.id, g.automation_id, g.kind, g.missing, g.title, g.root_cause, g.answer, "            \
    "g.condition, g.notes, g.source_exception_id, g.source_run_id"

static void guide_read(Query *query, Arena *arena, void *row)
{
    GuideEntry *entry = row;
    *entry = (GuideEntry){.key = next_i64(query)};
    entry->automation = next_i64(query);
    entry->state = (GuideState)next_i64(query);
    entry->version.major = (int32_t)next_i64(query);
    entry->version.minor = (int32_t)next_i64(query);
    entry->sentence_hash = (uint64_t)next_i64(query);
    entry->hits = next_i64(query);
    entry->create_us = next_i64(query);
    entry->update_us = next_i64(query);
    entry->delete_us = next_i64(query);
    entry->id = next_text(query, arena);
    entry->automation_id = next_text(query, arena);
    entry->kind = next_text(query, arena);
    entry->missing = next_text(query, arena);
    entry->title = next_text(query, arena);
    entry->root_cause = next_text(query, arena);
    entry->answer = next_text(query, arena);
    entry->condition = next_text(query, arena);
    entry->notes = next_text(query, arena);
    entry->source_exception_id = next_text(query, arena);
    entry->source_run_id = next_text(query, arena);
}

/* An approved answer takes the place of the one approved before for the same question; a proposal does not. */
static bool archive_equals(Tx *tx, const GuideEntry *entry, Error *err)
{
    if (entry->state != GUIDE_APPROVED)
        return true;
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "UPDATE guide_entry SET state = $1, update_us = $2 WHERE automation = $3 AND sentence_hash = $4 "
                    "AND kind = $5 AND missing = $6 AND state = $7 AND key <> $8",
                    err))
        return false;
    bind_i64(&query, GUIDE_ARCHIVED);
    bind_i64(&query, tx->now_us);
    bind_i64(&query, entry->automation);
    bind_i64(&query, (int64_t)entry->sentence_hash);
    bind_text(&query, entry->kind);
    bind_text(&query, entry->missing);
    bind_i64(&query, GUIDE_APPROVED);
    bind_i64(&query, entry->key);
    return query_run(&query, err);
}

bool store_guide_insert(Tx *tx, const Scope *scope, GuideEntry *entry, Error *err)
{
    entry->key = 0;
    if (!archive_equals(tx, entry, err))
        return false;
    entry->create_us = time_or_now(tx, entry->create_us);
    entry->update_us = time_or_now(tx, entry->update_us);
    AUTO(query_done)
    Query query = {0};
    if (!query_open(
            &query, tx->database,
            "INSERT INTO guide_entry (organization, workspace, automation, state, version_major, version_minor, "
            "sentence_hash, hits, create_us, update_us, delete_us, id, automation_id, kind, missing, title, "
            "root_cause, answer, condition, notes, source_exception_id, source_run_id) VALUES ($1, $2, $3, $4, "
            "$5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22) RETURNING key",
            err))
        return false;
    bind_i64(&query, scope->organization);
    bind_i64(&query, scope->workspace);
    bind_i64(&query, entry->automation);
    bind_i64(&query, entry->state);
    bind_i64(&query, entry->version.major);
    bind_i64(&query, entry->version.minor);
    bind_i64(&query, (int64_t)entry->sentence_hash);
    bind_i64(&query, entry->hits);
    bind_i64(&query, entry->create_us);
    bind_i64(&query, entry->update_us);
    bind_i64(&query, entry->delete_us);
    bind_text(&query, entry->id);
    bind_text(&query, entry->automation_id);
    bind_text(&query, entry->kind);
    bind_text(&query, entry->missing);
    bind_text(&query, entry->title);
    bind_text(&query, entry->root_cause);
    bind_text(&query, entry->answer);
    bind_text(&query, entry->condition);
    bind_text(&query, entry->notes);
    bind_text(&query, entry->source_exception_id);
    bind_text(&query, entry->source_run_id);
    bool found = false;
    return query_one_i64(&query, &found, &entry->key, err);
}

bool store_guide_update(Tx *tx, const Scope *scope, const GuideEntry *entry, Error *err)
{
    if (!archive_equals(tx, entry, err))
        return false;
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "UPDATE guide_entry SET state = $1, update_us = $2, delete_us = $3, title = $4, root_cause = $5, "
                    "answer = $6, condition = $7, notes = $8, version_major = $9, version_minor = $10 "
                    "WHERE key = $11 AND organization = $12 AND workspace = $13",
                    err))
        return false;
    bind_i64(&query, entry->state);
    bind_i64(&query, entry->update_us);
    bind_i64(&query, entry->delete_us);
    bind_text(&query, entry->title);
    bind_text(&query, entry->root_cause);
    bind_text(&query, entry->answer);
    bind_text(&query, entry->condition);
    bind_text(&query, entry->notes);
    bind_i64(&query, entry->version.major);
    bind_i64(&query, entry->version.minor);
    bind_i64(&query, entry->key);
    bind_i64(&query, scope->organization);
    bind_i64(&query, scope->workspace);
    if (!query_run(&query, err))
        return false;
    return query_changed_one(&query) ||
           error_set(err, NOT_FOUND, "", "guide entry \"%.*s\" was not found", STR_ARG(entry->id));
}

bool store_guide_get(Tx *tx, Arena *arena, const Scope *scope, int64_t automation, Str id, GuideEntry *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT " GUIDE_COLUMNS " FROM guide_entry g WHERE g.organization = $1 AND g.id = $2 "
                    "AND g.workspace = $3 AND (g.automation = $4 OR $4 = 0)",
                    err))
        return false;
    bind_i64(&query, scope->organization);
    bind_text(&query, id);
    bind_i64(&query, scope->workspace);
    bind_i64(&query, automation);
    bool found = query_next(&query);
    GuideEntry row;
    if (found)
        guide_read(&query, arena, &row);
    if (!query_end(&query, err))
        return false;
    if (!found)
        return error_set(err, NOT_FOUND, "", "guide entry \"%.*s\" was not found", STR_ARG(str_clip(id, 64)));
    *out = row;
    return true;
}

static const Str state_names[] = {S_INIT("unspecified"), S_INIT("pending_approval"), S_INIT("approved"),
                                  S_INIT("rejected"), S_INIT("archived")};
static const FilterColumn guide_filters[] = {
    {S_INIT("state"), "g.state", NULL, state_names, COUNT_OF(state_names)},
    {.name = S_INIT("title"), .sql = "g.title"},
    {.name = S_INIT("resolution_steps"), .sql = "g.answer"},
    {.name = S_INIT("resolution_code"), .sql = "''"}, /* the API shows none */
    {.name = S_INIT("resolution_notes"), .sql = "g.notes"},
    {.name = S_INIT("content"), .sql = "(g.answer || ' ' || g.condition || ' ' || g.notes)"},
    {.name = S_INIT("automation"), .sql = "g.automation_id"},
    {.name = S_INIT("create_time"), .sql = "g.create_us"},
    {.name = S_INIT("update_time"), .sql = "g.update_us"},
};
#define GUIDE_PLAN                                                                                                     \
    .columns = GUIDE_COLUMNS, .from = "guide_entry g", .position = "g.create_us", .key = "g.key",                      \
    .row_size = sizeof(GuideEntry), .row_align = _Alignof(GuideEntry), .read_row = guide_read,                         \
    .filters = guide_filters, .n_filters = COUNT_OF(guide_filters)

bool store_guide_list(Tx *tx, Arena *arena, const Scope *scope, int64_t automation, ListQuery *query, GuideEntry **out,
                      int *out_n, ListEnd *end, Error *err)
{
    static const ListPlan of_workspace = {
        GUIDE_PLAN, .where = "g.organization = $1 AND g.workspace = $2 AND (g.delete_us = 0 OR $3 <> 0)"};
    static const ListPlan of_automation = {
        GUIDE_PLAN,
        .where = "g.organization = $1 AND g.workspace = $2 AND (g.delete_us = 0 OR $3 <> 0) AND g.automation = $4"};
    const Parameter fixed[] = {NUMBER_PARAMETER(scope->organization), NUMBER_PARAMETER(scope->workspace),
                               NUMBER_PARAMETER(query->show_deleted), NUMBER_PARAMETER(automation)};
    return list_read(tx, arena, automation ? &of_automation : &of_workspace, fixed, automation ? 4 : 3, query,
                     (void **)out, out_n, end, err);
}

bool store_guide_match(Tx *tx, Arena *arena, int64_t automation, uint64_t sentence_hash, Str kind, Str missing,
                       GuideState state, GuideEntry **out, int *out_n, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT " GUIDE_COLUMNS " FROM guide_entry g WHERE g.automation = $1 AND g.sentence_hash = $2 "
                    "AND g.kind = $3 AND g.missing = $4 AND g.state = $5 AND g.delete_us = 0 ORDER BY g.key DESC",
                    err))
        return false;
    bind_i64(&query, automation);
    bind_i64(&query, (int64_t)sentence_hash);
    bind_text(&query, kind);
    bind_text(&query, missing);
    bind_i64(&query, state);
    GuideEntry *rows = NULL;
    int n = 0, cap = 0;
    while (query_next(&query)) {
        rows = rows_with_room(arena, rows, n, &cap, sizeof *rows, _Alignof(GuideEntry));
        guide_read(&query, arena, &rows[n++]);
    }
    if (!query_end(&query, err))
        return false;
    *out = rows;
    *out_n = n;
    return true;
}

bool store_guide_hit(Tx *tx, int64_t key, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database, "UPDATE guide_entry SET hits = hits + 1 WHERE key = $1", err))
        return false;
    bind_i64(&query, key);
    return query_run(&query, err);
}
