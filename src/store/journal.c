/* store/journal.c: a run's journal, batch by batch. */
#include "base/codec.h"
#include "store/internal.h"
#include "store/run.h"

enum { SEQUENCE_BITS = 24 }; /* 16 million batches a run */

static int64_t first_position(int64_t run)
{
    return run << SEQUENCE_BITS;
}

static int64_t last_position(int64_t run)
{
    return first_position(run) | ((1 << SEQUENCE_BITS) - 1);
}

bool journal_remove(Tx *tx, int64_t run, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database, "DELETE FROM journal WHERE position BETWEEN $1 AND $2", err))
        return false;
    bind_i64(&query, first_position(run));
    bind_i64(&query, last_position(run));
    return query_run(&query, err);
}

/* Over everything that a damaged page could change unseen. */
static uint32_t batch_checksum(int64_t position, const JournalBatch *batch)
{
    int64_t head[] = {position, batch->first_entry, batch->n_entries, batch->time_us};
    return crc32c(crc32c(0, str_of((const char *)head, sizeof head)), batch->bytes);
}

static bool journal_end(Tx *tx, int64_t run, int64_t *out_position, int64_t *out_first_entry, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT position, first_entry, n_entries FROM journal WHERE position BETWEEN $1 AND $2 "
                    "ORDER BY position DESC LIMIT 1",
                    err))
        return false;
    bind_i64(&query, first_position(run));
    bind_i64(&query, last_position(run));
    int64_t position = first_position(run), first_entry = 0;
    if (query_next(&query)) {
        position = next_i64(&query) + 1;
        first_entry = next_i64(&query);
        first_entry += next_i64(&query);
    }
    if (!query_end(&query, err))
        return false;
    *out_position = position;
    *out_first_entry = first_entry;
    return true;
}

bool store_journal_end(Tx *tx, int64_t run, int64_t *out_entries, Error *err)
{
    int64_t position;
    return journal_end(tx, run, &position, out_entries, err);
}

bool store_journal_append(Tx *tx, int64_t run, Str bytes, int32_t n_entries, Error *err)
{
    int64_t position = 0;
    JournalBatch batch = {.n_entries = n_entries, .time_us = tx->now_us, .bytes = bytes};
    if (!journal_end(tx, run, &position, &batch.first_entry, err))
        return false;
    if (position > last_position(run))
        return error_set(err, RESOURCE_EXHAUSTED, "", "the run's journal is full: it has %d parts; start a new run",
                         1 << SEQUENCE_BITS);
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "INSERT INTO journal (position, organization, first_entry, n_entries, time_us, checksum, bytes) "
                    "VALUES ($1, (SELECT organization FROM run WHERE key = $2), $3, $4, $5, $6, $7)",
                    err))
        return false;
    bind_i64(&query, position);
    bind_i64(&query, run);
    bind_i64(&query, batch.first_entry);
    bind_i64(&query, batch.n_entries);
    bind_i64(&query, batch.time_us);
    bind_i64(&query, batch_checksum(position, &batch));
    bind_bytes(&query, bytes);
    return query_run(&query, err);
}

/* The position of the batch that holds `first_entry`, or that would come next. */
static bool journal_find(Tx *tx, int64_t run, int64_t first_entry, int64_t *out_position, Error *err)
{
    *out_position = first_position(run);
    if (first_entry <= 0)
        return true;
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT position FROM journal WHERE position BETWEEN $1 AND $2 AND first_entry <= $3 "
                    "ORDER BY position DESC LIMIT 1",
                    err))
        return false;
    bind_i64(&query, first_position(run));
    bind_i64(&query, last_position(run));
    bind_i64(&query, first_entry);
    bool found = false;
    return query_one_i64(&query, &found, out_position, err);
}

static bool batch_read(Query *query, Arena *arena, int64_t run, JournalBatch *out, Error *err)
{
    int64_t position = next_i64(query);
    JournalBatch batch = {.sequence = position - first_position(run), .first_entry = next_i64(query)};
    batch.n_entries = (int32_t)next_i64(query);
    batch.time_us = next_i64(query);
    int64_t checksum = next_i64(query);
    batch.bytes = next_text(query, arena);
    if (checksum != batch_checksum(position, &batch))
        return error_set(err, DATA_LOSS, "", "part %lld of the run's journal is damaged; restore a backup",
                         (long long)batch.sequence);
    *out = batch;
    return true;
}

bool store_journal_read(Tx *tx, Arena *arena, int64_t run, int64_t first_entry, size_t max_bytes, JournalBatch **out,
                        int *out_n, Error *err)
{
    int64_t position = 0;
    if (!journal_find(tx, run, first_entry, &position, err))
        return false;
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT position, first_entry, n_entries, time_us, checksum, bytes FROM journal "
                    "WHERE position BETWEEN $1 AND $2 AND first_entry + n_entries > $3 ORDER BY position",
                    err))
        return false;
    bind_i64(&query, position);
    bind_i64(&query, last_position(run));
    bind_i64(&query, first_entry);
    JournalBatch *batches = NULL;
    int n = 0, cap = 0;
    size_t bytes = 0;
    while ((n == 0 || bytes < max_bytes) && query_next(&query)) {
        batches = rows_with_room(arena, batches, n, &cap, sizeof *batches, _Alignof(JournalBatch));
        if (!batch_read(&query, arena, run, &batches[n], err))
            return false;
        bytes += batches[n++].bytes.len;
    }
    if (!query_end(&query, err))
        return false;
    *out = batches;
    *out_n = n;
    return true;
}

/* ---- all journals ---- */

enum { BATCHES_AT_ONCE = 256 };

/* How far the look has come. */
typedef struct JournalLook {
    int64_t position, run, next_entry, entries;
} JournalLook;

static void look_at_batch(JournalLook *look, int64_t position, const JournalBatch *batch, uint32_t checksum,
                          Findings *findings)
{
    int64_t run = position >> SEQUENCE_BITS;
    if (run != look->run)
        look->next_entry = 0;
    if (checksum != batch_checksum(position, batch))
        findings_add(findings, "part %lld of the journal of run number %lld does not have its checksum",
                     (long long)(position - first_position(run)), (long long)run);
    else if (batch->first_entry != look->next_entry)
        findings_add(findings, "the journal of run number %lld goes on with entry %lld where %lld was expected",
                     (long long)run, (long long)batch->first_entry, (long long)look->next_entry);
    look->run = run;
    look->position = position;
    look->next_entry = batch->first_entry + batch->n_entries;
    look->entries += batch->n_entries;
}

static bool look_on(Database *database, Arena *arena, JournalLook *look, Findings *findings, int *out_n, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, database,
                    "SELECT position, first_entry, n_entries, time_us, checksum, bytes FROM journal "
                    "WHERE position > $1 ORDER BY position LIMIT $2",
                    err))
        return false;
    bind_i64(&query, look->position);
    bind_i64(&query, BATCHES_AT_ONCE);
    for (*out_n = 0; query_next(&query); ++*out_n) {
        int64_t position = next_i64(&query);
        JournalBatch batch = {.first_entry = next_i64(&query)};
        batch.n_entries = (int32_t)next_i64(&query);
        batch.time_us = next_i64(&query);
        int64_t checksum = next_i64(&query);
        batch.bytes = next_text(&query, arena);
        look_at_batch(look, position, &batch, (uint32_t)checksum, findings);
    }
    return query_end(&query, err);
}

bool journal_verify(Database *database, Findings *findings, int64_t *out_entries, Error *err)
{
    AUTO(arena_done)
    Arena arena = {0};
    JournalLook look = {.position = -1, .run = -1};
    for (int n = BATCHES_AT_ONCE; n == BATCHES_AT_ONCE; arena_reset(&arena)) {
        if (!look_on(database, &arena, &look, findings, &n, err))
            return false;
    }
    *out_entries = look.entries;
    return true;
}
