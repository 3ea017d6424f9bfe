/* store/revision.c: what an automation was at each of its versions. A discarded draft leaves its version number free
 * but stays readable by key: runs keep the code they began with. */
#include "store/automation.h"

#include "store/internal.h"
#include "store/list.h"

#define REVISION_COLUMNS                                                                                               \
    "r.key, r.automation, r.version_major, r.version_minor, r.published, r.display_name, r.description, r.english, "   \
    "r.code, r.source_spelling, r.code_mapping, r.input_specs, r.connections, r.default_inputs, r.marked_outputs, "    \
    "r.artifacts, r.valid, r.create_us, r.user_id, r.restored_major, r.restored_minor, r.restore_us, "                 \
    "r.restore_user_id"

static void revision_read(Query *query, Arena *arena, void *row)
{
    Revision *revision = row;
    *revision = (Revision){.key = next_i64(query), .automation = next_i64(query)};
    revision->version.major = (int32_t)next_i64(query);
    revision->version.minor = (int32_t)next_i64(query);
    revision->published = next_i64(query) != 0;
    revision->display_name = next_text(query, arena);
    revision->description = next_text(query, arena);
    revision->english = next_text(query, arena);
    revision->code = next_text(query, arena);
    revision->source_spelling = (uint8_t)next_i64(query);
    revision->code_mapping = next_text(query, arena);
    revision->input_specs = next_text(query, arena);
    revision->connections = next_text(query, arena);
    revision->default_inputs = next_text(query, arena);
    revision->marked_outputs = next_text(query, arena);
    revision->artifacts = next_text(query, arena);
    revision->valid = next_i64(query) != 0;
    revision->create_us = next_i64(query);
    revision->user_id = next_text(query, arena);
    revision->restored_from.major = (int32_t)next_i64(query);
    revision->restored_from.minor = (int32_t)next_i64(query);
    revision->restore_us = next_i64(query);
    revision->restore_user_id = next_text(query, arena);
}

bool store_revision_add(Tx *tx, const Scope *scope, Revision *revision, Error *err)
{
    revision->create_us = time_or_now(tx, revision->create_us);
    AUTO(query_done)
    Query query = {0};
    if (!query_open(
            &query, tx->database,
            "INSERT INTO revision (organization, automation, version_major, version_minor, published, discarded, "
            "display_name, description, english, code, source_spelling, code_mapping, input_specs, connections, "
            "default_inputs, marked_outputs, artifacts, valid, create_us, user_id, restored_major, "
            "restored_minor, restore_us, restore_user_id) VALUES ($1, $2, $3, $4, $5, 0, $6, $7, $8, $9, $10, "
            "$11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23) RETURNING key",
            err))
        return false;
    bind_i64(&query, scope->organization);
    bind_i64(&query, revision->automation);
    bind_i64(&query, revision->version.major);
    bind_i64(&query, revision->version.minor);
    bind_i64(&query, revision->published);
    bind_text(&query, revision->display_name);
    bind_text(&query, revision->description);
    bind_text(&query, revision->english);
    bind_text(&query, revision->code);
    bind_i64(&query, revision->source_spelling);
    bind_text(&query, revision->code_mapping);
    bind_text(&query, revision->input_specs);
    bind_text(&query, revision->connections);
    bind_text(&query, revision->default_inputs);
    bind_text(&query, revision->marked_outputs);
    bind_text(&query, revision->artifacts);
    bind_i64(&query, revision->valid);
    bind_i64(&query, revision->create_us);
    bind_text(&query, revision->user_id);
    bind_i64(&query, revision->restored_from.major);
    bind_i64(&query, revision->restored_from.minor);
    bind_i64(&query, revision->restore_us);
    bind_text(&query, revision->restore_user_id);
    bool found = false;
    if (query_one_i64(&query, &found, &revision->key, err))
        return true;
    if (err->code == ALREADY_EXISTS)
        error_set(err, ABORTED, "",
                  "version %d.%d is there already: somebody else saved first; read it again and retry",
                  (int)revision->version.major, (int)revision->version.minor);
    return false;
}

static bool revision_one(Query *query, Arena *arena, Revision *out, Error *err)
{
    bool found = query_next(query);
    Revision row;
    if (found)
        revision_read(query, arena, &row);
    if (!query_end(query, err))
        return false;
    if (!found)
        return error_set(err, NOT_FOUND, "", "the automation has no such revision");
    *out = row;
    return true;
}

bool store_revision_get(Tx *tx, Arena *arena, int64_t key, Revision *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database, "SELECT " REVISION_COLUMNS " FROM revision r WHERE r.key = $1", err))
        return false;
    bind_i64(&query, key);
    return revision_one(&query, arena, out, err);
}

bool store_revision_get_by_version(Tx *tx, Arena *arena, int64_t automation, Version version, Revision *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT " REVISION_COLUMNS " FROM revision r WHERE r.automation = $1 AND r.version_major = $2 "
                    "AND r.version_minor = $3 AND r.discarded = 0",
                    err))
        return false;
    bind_i64(&query, automation);
    bind_i64(&query, version.major);
    bind_i64(&query, version.minor);
    if (revision_one(&query, arena, out, err))
        return true;
    if (err->code == NOT_FOUND)
        error_set(err, NOT_FOUND, "", "the automation has no version %d.%d", (int)version.major, (int)version.minor);
    return false;
}

bool store_revision_list(Tx *tx, Arena *arena, int64_t automation, ListQuery *query, Revision **out, int *out_n,
                         ListEnd *end, Error *err)
{
    static const Str stage_names[] = {S_INIT("unspecified"), S_INIT("draft"), S_INIT("published")};
    static const FilterColumn filters[] = {
        {S_INIT("stage"), "CASE WHEN r.published <> 0 THEN 2 ELSE 1 END", NULL, stage_names, COUNT_OF(stage_names)},
        {.name = S_INIT("create_time"), .sql = "r.create_us"},
    };
    static const ListPlan plan = {
        .columns = REVISION_COLUMNS,
        .from = "revision r",
        .where = "r.automation = $1 AND r.discarded = 0",
        .position = "r.create_us",
        .key = "r.key",
        .row_size = sizeof(Revision),
        .row_align = _Alignof(Revision),
        .read_row = revision_read,
        .filters = filters,
        .n_filters = COUNT_OF(filters),
    };
    const Parameter fixed[] = {NUMBER_PARAMETER(automation)};
    return list_read(tx, arena, &plan, fixed, COUNT_OF(fixed), query, (void **)out, out_n, end, err);
}

static void change_read(Query *query, Arena *arena, void *row)
{
    DefaultInputsChange *change = row;
    *change = (DefaultInputsChange){.key = next_i64(query), .change_us = next_i64(query)};
    change->default_inputs = next_text(query, arena);
    change->user_id = next_text(query, arena);
}

bool store_default_inputs_history(Tx *tx, Arena *arena, const Scope *scope, int64_t automation, ListQuery *query,
                                  DefaultInputsChange **out, int *out_n, ListEnd *end, Error *err)
{
    static const ListPlan plan = {
        .columns = "h.key, h.create_us, h.inputs, h.user_id",
        .from =
            "(SELECT key, create_us, user_id, CASE default_inputs WHEN '' THEN '{}' ELSE default_inputs END AS inputs, "
            "coalesce(lag(CASE default_inputs WHEN '' THEN '{}' ELSE default_inputs END) OVER (ORDER BY key), '{}') AS "
            "before FROM revision WHERE organization = $1 AND automation = $2 AND discarded = 0) AS h",
        .where = "h.inputs <> h.before",
        .position = "h.create_us",
        .key = "h.key",
        .row_size = sizeof(DefaultInputsChange),
        .row_align = _Alignof(DefaultInputsChange),
        .read_row = change_read,
    };
    const Parameter fixed[] = {NUMBER_PARAMETER(scope->organization), NUMBER_PARAMETER(automation)};
    return list_read(tx, arena, &plan, fixed, COUNT_OF(fixed), query, (void **)out, out_n, end, err);
}

bool store_revision_discard_drafts(Tx *tx, int64_t automation, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(
            &query, tx->database,
            "UPDATE revision SET discarded = 1 WHERE automation = $1 AND discarded = 0 AND published = 0 AND key > "
            "(SELECT published_revision FROM automation WHERE key = $1)",
            err))
        return false;
    bind_i64(&query, automation);
    return query_run(&query, err);
}
