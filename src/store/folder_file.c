/* store/folder_file.c: which files of watched folders something came of. */
#include "store/folder_file.h"

#include <string.h>

#include "store/internal.h"

static Str hash_text(const FolderFile *file)
{
    return str_of((const char *)file->hash, sizeof file->hash);
}

bool store_folder_file_list(Tx *tx, Arena *arena, int64_t trigger, FolderFile **out, int *out_n, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    FolderFile *files = NULL;
    int n = 0, cap = 0;
    if (!query_open(&query, tx->database, "SELECT outcome, hash FROM folder_file WHERE starter = $1 ORDER BY hash",
                    err))
        return false;
    bind_i64(&query, trigger);
    while (query_next(&query)) {
        files = rows_with_room(arena, files, n, &cap, sizeof *files, _Alignof(FolderFile));
        FolderFile *file = &files[n++];
        *file = (FolderFile){.outcome = (TriggerOutcome)next_i64(&query)};
        Str hash = next_text(&query, arena);
        memcpy(file->hash, hash.data, MIN_OF(hash.len, sizeof file->hash));
    }
    *out = files;
    *out_n = n;
    return query_end(&query, err);
}

bool store_folder_file_add(Tx *tx, int64_t trigger, const FolderFile *file, bool *out_is_new, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "INSERT INTO folder_file (starter, outcome, create_us, hash) VALUES ($1, $2, $3, $4) "
                    "ON CONFLICT (starter, hash) DO NOTHING",
                    err))
        return false;
    bind_i64(&query, trigger);
    bind_i64(&query, file->outcome);
    bind_i64(&query, tx->now_us);
    bind_bytes(&query, hash_text(file));
    if (!query_run(&query, err))
        return false;
    *out_is_new = query_changes(&query) == 1;
    return true;
}

bool store_folder_file_forget(Tx *tx, int64_t trigger, const FolderFile *file, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database, "DELETE FROM folder_file WHERE starter = $1 AND hash = $2", err))
        return false;
    bind_i64(&query, trigger);
    bind_bytes(&query, hash_text(file));
    return query_run(&query, err);
}
