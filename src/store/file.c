/* store/file.c: metadata of files. Their bytes: blob.c. */
#include "store/file.h"

#include <string.h>

#include "aip/name.h"
#include "store/internal.h"

static void note_change(Tx *tx, const unsigned char hash[32], BlobChange what)
{
    FileChange *change = NEW(tx->arena, FileChange);
    memcpy(change->hash, hash, sizeof change->hash);
    change->change = what;
    change->next = tx->file_changes;
    tx->file_changes = change;
}

static Str hash_view(const unsigned char hash[32])
{
    return str_of((const char *)hash, 32);
}

/* ---- how much there is ---- */

static bool add_usage(Tx *tx, int64_t organization, int64_t bytes, int64_t *out_total, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    bool found = false;
    if (!query_open(&query, tx->database,
                    "INSERT INTO file_usage (organization, bytes) VALUES ($1, $2) ON CONFLICT (organization) DO UPDATE "
                    "SET bytes = file_usage.bytes + $2 RETURNING bytes",
                    err))
        return false;
    bind_i64(&query, organization);
    bind_i64(&query, bytes);
    return query_one_i64(&query, &found, out_total, err);
}

static bool take_room(Tx *tx, const FileRow *file, Error *err)
{
    int64_t most = tx->store->organization_file_bytes, total;
    if (!add_usage(tx, file->scope.organization, file->size_bytes, &total, err))
        return false;
    return most == 0 || total <= most ||
           error_set(err, RESOURCE_EXHAUSTED, "",
                     "the organization's files may have %lld bytes together; they have %lld, and this one has %lld: "
                     "delete some, or have organization-file-mb raised",
                     (long long)most, (long long)(total - file->size_bytes), (long long)file->size_bytes);
}

/* ---- rows ---- */

bool store_file_insert(Tx *tx, FileRow *file, Error *err)
{
    file->create_us = time_or_now(tx, file->create_us);
    if (!take_room(tx, file, err))
        return false;
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "INSERT INTO file (organization, workspace, id, filename, mime_type, hash, size_bytes, create_us) "
                    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING key",
                    err))
        return false;
    bind_i64(&query, file->scope.organization);
    bind_i64(&query, file->scope.workspace);
    bind_text(&query, file->id);
    bind_text(&query, file->filename);
    bind_text(&query, file->mime_type);
    bind_bytes(&query, hash_view(file->hash));
    bind_i64(&query, file->size_bytes);
    bind_i64(&query, file->create_us);
    bool found = false;
    if (!query_one_i64(&query, &found, &file->key, err))
        return false;
    note_change(tx, file->hash, BLOB_INSERTED);
    return true;
}

bool store_file_get(Tx *tx, Arena *arena, const Scope *scope, Str id, FileRow *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT key, workspace, id, filename, mime_type, hash, size_bytes, create_us FROM file "
                    "WHERE organization = $1 AND id = $2 AND workspace IN ($3, 0)",
                    err))
        return false;
    bind_i64(&query, scope->organization);
    bind_text(&query, name_file_id(id));
    bind_i64(&query, scope->workspace);
    FileRow row = {.scope = *scope};
    Str hash = {0};
    bool found = query_next(&query);
    if (found) {
        row.key = next_i64(&query);
        row.scope.workspace = next_i64(&query);
        row.id = next_text(&query, arena);
        row.filename = next_text(&query, arena);
        row.mime_type = next_text(&query, arena);
        hash = next_text(&query, arena);
        row.size_bytes = next_i64(&query);
        row.create_us = next_i64(&query);
    }
    if (!query_end(&query, err))
        return false;
    if (!found)
        return error_set(err, NOT_FOUND, "", "file \"%.*s\" was not found", STR_ARG(str_clip(id, 64)));
    if (hash.len != sizeof row.hash)
        return error_set(err, DATA_LOSS, "", "the hash of file %.*s is damaged; restore a backup", STR_ARG(row.id));
    memcpy(row.hash, hash.data, sizeof row.hash);
    if (row.scope.workspace == 0)
        row.scope.workspace_id = (Str){0};
    *out = row;
    return true;
}

bool store_file_home(Tx *tx, Arena *arena, int64_t organization, Str id, Str *out_workspace_id, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT coalesce(w.id, '') FROM file f LEFT JOIN workspace w ON w.key = f.workspace "
                    "WHERE f.organization = $1 AND f.id = $2",
                    err))
        return false;
    bind_i64(&query, organization);
    bind_text(&query, name_file_id(id));
    bool found = query_next(&query);
    if (found)
        *out_workspace_id = next_text(&query, arena);
    if (!query_end(&query, err))
        return false;
    return found || error_set(err, NOT_FOUND, "", "file \"%.*s\" was not found", STR_ARG(str_clip(id, 64)));
}

bool store_file_sizes(Tx *tx, const Scope *scope, bool with_organization, int64_t from_us, int64_t until_us,
                      void (*each)(void *self, int64_t workspace, int64_t create_us, int64_t size_bytes), void *self,
                      Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT workspace, create_us, size_bytes FROM file WHERE organization = $1 AND create_us >= $2 AND "
                    "create_us < $3 AND workspace >= $4",
                    err))
        return false;
    bind_i64(&query, scope->organization);
    bind_i64(&query, from_us);
    bind_i64(&query, until_us);
    bind_i64(&query, with_organization ? 0 : 1);
    while (query_next(&query)) {
        int64_t workspace = next_i64(&query), create_us = next_i64(&query);
        each(self, workspace, create_us, next_i64(&query));
    }
    return query_end(&query, err);
}

static bool row_delete(Tx *tx, int64_t key, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database, "DELETE FROM file WHERE key = $1", err))
        return false;
    bind_i64(&query, key);
    return query_run(&query, err);
}

/* Should the process end between the commit and the removal, the next start finishes it. */
static bool remember_deleted(Tx *tx, const unsigned char hash[32], Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database, "INSERT INTO deleted_file (hash) VALUES ($1) ON CONFLICT (hash) DO NOTHING",
                    err))
        return false;
    bind_bytes(&query, hash_view(hash));
    return query_run(&query, err);
}

static bool remove_file(Tx *tx, const FileRow *file, Error *err)
{
    int64_t left;
    if (!row_delete(tx, file->key, err) || !add_usage(tx, file->scope.organization, -file->size_bytes, &left, err) ||
        !remember_deleted(tx, file->hash, err))
        return false;
    note_change(tx, file->hash, BLOB_DELETED);
    return true;
}

bool store_file_delete(Tx *tx, const Scope *scope, Str id, Error *err)
{
    FileRow file;
    return store_file_get(tx, tx->arena, scope, id, &file, err) && remove_file(tx, &file, err);
}

const char tenant_purge_files_sql[] =
    "SELECT key, hash, size_bytes FROM file WHERE organization = $1 AND workspace = $2 LIMIT $3";

/* Enough of a row to remove it; one whose hash is damaged has no bytes that could be found. */
static bool find_files(Tx *tx, int64_t organization, int64_t workspace, int limit, FileRow *out, int *out_n, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    int n = 0;
    if (!query_open(&query, tx->database, tenant_purge_files_sql, err))
        return false;
    bind_i64(&query, organization);
    bind_i64(&query, workspace);
    bind_i64(&query, limit);
    for (; n < limit && query_next(&query); n++) {
        out[n] = (FileRow){.key = next_i64(&query), .scope.organization = organization};
        Str hash = next_text(&query, tx->arena);
        if (hash.len == sizeof out[n].hash)
            memcpy(out[n].hash, hash.data, hash.len);
        out[n].size_bytes = next_i64(&query);
    }
    *out_n = n;
    return query_end(&query, err);
}

bool store_file_purge(Tx *tx, int64_t organization, int64_t workspace, int limit, int *out_n, Error *err)
{
    FileRow *files = NEW_ARRAY(tx->arena, FileRow, (size_t)limit);
    if (!find_files(tx, organization, workspace, limit, files, out_n, err))
        return false;
    for (int i = 0; i < *out_n; i++) {
        if (!remove_file(tx, &files[i], err))
            return false;
    }
    return true;
}

/* ---- bytes without a row ---- */

typedef struct Forgetting {
    Command command;
    const FileRow *file;
} Forgetting;

static bool forget(Tx *tx, Command *command, Error *err)
{
    (void)err;
    note_change(tx, ((Forgetting *)command)->file->hash, BLOB_FORGOTTEN);
    return true;
}

void store_file_forget(Store *store, const FileRow *file)
{
    Forgetting forgetting = {.command.apply = forget, .file = file};
    Error err;
    bool forgotten = store_execute(store, &forgetting.command, &err);
    (void)forgotten; /* else the next start does it */
}
