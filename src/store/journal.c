/* store/journal.c: a run's journal, batch by batch: those of late in a table of their own, the others settled, many as
 * one. */
#include "base/codec.h"
#include "store/bundle.h"
#include "store/internal.h"
#include "store/run.h"

enum { SEQUENCE_BITS = 24, LAST_SEQUENCE = (1 << SEQUENCE_BITS) - 1 }; /* 16 million batches a run */
enum { FIRST_VERSION_WITH_TAILS = 30 };

static int64_t first_position(int64_t run)
{
    return run << SEQUENCE_BITS;
}

static int64_t last_position(int64_t run)
{
    return first_position(run) | LAST_SEQUENCE;
}

/* A row: a batch, or, once they are settled, several of them in a bundle. */
typedef struct JournalRow {
    int64_t position;
    int64_t bundled;    /* how many batches; 0: one, as it is */
    JournalBatch batch; /* of a bundle: first entry and time of its first batch, the entries of all */
    uint32_t checksum;
} JournalRow;

#define SETTLED_COLUMNS "position, first_entry, n_entries, time_us, checksum, bundled, bytes"
#define TAIL_COLUMNS "position, first_entry, n_entries, time_us, checksum, 0, bytes"

/* Over everything that a damaged page could change unseen. */
static uint32_t row_checksum(const JournalRow *row)
{
    const JournalBatch *batch = &row->batch;
    int64_t head[] = {row->position, batch->first_entry, batch->n_entries, batch->time_us, row->bundled};
    size_t size = row->bundled ? sizeof head : sizeof head - sizeof head[0];
    return crc32c(crc32c(0, str_of((const char *)head, size)), batch->bytes);
}

static JournalRow row_read(Query *query, Arena *arena)
{
    JournalRow row = {.position = next_i64(query)};
    row.batch.first_entry = next_i64(query);
    row.batch.n_entries = (int32_t)next_i64(query);
    row.batch.time_us = next_i64(query);
    row.checksum = (uint32_t)next_i64(query);
    row.bundled = next_i64(query);
    row.batch.bytes = next_text(query, arena);
    row.batch.sequence = row.position & LAST_SEQUENCE;
    return row;
}

static int64_t row_next_position(const JournalRow *row)
{
    return row->position + MAX_OF(row->bundled, 1);
}

static bool settled_insert(Tx *tx, int64_t run, const JournalRow *row, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "INSERT INTO journal (position, organization, first_entry, n_entries, time_us, checksum, bundled, "
                    "bytes) VALUES ($1, (SELECT organization FROM run WHERE key = $2), $3, $4, $5, $6, $7, $8)",
                    err))
        return false;
    bind_i64(&query, row->position);
    bind_i64(&query, run);
    bind_i64(&query, row->batch.first_entry);
    bind_i64(&query, row->batch.n_entries);
    bind_i64(&query, row->batch.time_us);
    bind_i64(&query, row_checksum(row));
    bind_i64(&query, row->bundled);
    bind_bytes(&query, row->batch.bytes);
    return query_run(&query, err);
}

static bool tail_insert(Tx *tx, int64_t run, const JournalRow *row, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "INSERT INTO journal_tail (position, organization, first_entry, n_entries, time_us, checksum, "
                    "bytes) VALUES ($1, (SELECT organization FROM run WHERE key = $2), $3, $4, $5, $6, $7)",
                    err))
        return false;
    bind_i64(&query, row->position);
    bind_i64(&query, run);
    bind_i64(&query, row->batch.first_entry);
    bind_i64(&query, row->batch.n_entries);
    bind_i64(&query, row->batch.time_us);
    bind_i64(&query, row_checksum(row));
    bind_bytes(&query, row->batch.bytes);
    return query_run(&query, err);
}

/* ---- batches of a row ---- */

static void batch_fold(Buf *rows, const JournalBatch *batch, int64_t first_us)
{
    buf_varint(rows, (uint64_t)batch->n_entries);
    buf_u64(rows, (uint64_t)(batch->time_us - first_us));
    buf_varint(rows, batch->bytes.len);
    buf_str(rows, batch->bytes);
}

static JournalBatch batch_unfold(Reader *rows, int64_t first_us)
{
    JournalBatch batch = {.n_entries = (int32_t)read_varint(rows)};
    batch.time_us = first_us + (int64_t)read_u64(rows);
    batch.bytes = read_bytes(rows, (size_t)read_varint(rows));
    return batch;
}

typedef struct Batches {
    Arena *arena;
    JournalBatch *items;
    int n, cap;
    size_t bytes;
} Batches;

static void batches_add(Batches *batches, const JournalBatch *batch)
{
    batches->items = rows_with_room(batches->arena, batches->items, batches->n, &batches->cap, sizeof *batches->items,
                                    _Alignof(JournalBatch));
    batches->items[batches->n++] = *batch;
    batches->bytes += batch->bytes.len;
}

static bool bundle_add(Batches *batches, const JournalRow *row, int64_t first_entry, Error *err)
{
    Reader rows;
    if (!bundle_open(batches->arena, row->batch.bytes, &rows, err))
        return false;
    int64_t entry = row->batch.first_entry;
    for (int64_t i = 0; i < row->bundled; i++) {
        JournalBatch batch = batch_unfold(&rows, row->batch.time_us);
        batch.sequence = row->batch.sequence + i;
        batch.first_entry = entry;
        entry += batch.n_entries;
        if (entry > first_entry)
            batches_add(batches, &batch);
    }
    return (!rows.failed && rows.next == rows.end && entry == row->batch.first_entry + row->batch.n_entries) ||
           error_set(err, DATA_LOSS, "", "part %lld of the run's journal is damaged; restore a backup",
                     (long long)row->batch.sequence);
}

/* Its batches that hold entries from `first_entry` on. */
static bool row_add(Batches *batches, const JournalRow *row, int64_t first_entry, Error *err)
{
    if (row->checksum != row_checksum(row))
        return error_set(err, DATA_LOSS, "", "part %lld of the run's journal is damaged; restore a backup",
                         (long long)row->batch.sequence);
    if (row->bundled)
        return bundle_add(batches, row, first_entry, err);
    batches_add(batches, &row->batch);
    return true;
}

/* ---- writing ---- */

static void bind_run(Query *query, int64_t run)
{
    bind_i64(query, first_position(run));
    bind_i64(query, last_position(run));
}

/* Where the journal goes on. */
static bool journal_end(Tx *tx, int64_t run, int64_t *out_position, int64_t *out_first_entry, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT position, first_entry, n_entries, bundled FROM (SELECT * FROM journal "
                    "WHERE position BETWEEN $1 AND $2 ORDER BY position DESC LIMIT 1) settled UNION ALL "
                    "SELECT position, first_entry, n_entries, 0 FROM (SELECT * FROM journal_tail "
                    "WHERE position BETWEEN $1 AND $2 ORDER BY position DESC LIMIT 1) tail ORDER BY position",
                    err))
        return false;
    bind_run(&query, run);
    JournalRow row = {.position = first_position(run) - 1};
    while (query_next(&query)) {
        row.position = next_i64(&query);
        row.batch.first_entry = next_i64(&query);
        row.batch.n_entries = (int32_t)next_i64(&query);
        row.bundled = next_i64(&query);
    }
    if (!query_end(&query, err))
        return false;
    *out_position = row_next_position(&row);
    *out_first_entry = row.batch.first_entry + row.batch.n_entries;
    return true;
}

bool store_journal_end(Tx *tx, int64_t run, int64_t *out_entries, Error *err)
{
    int64_t position;
    return journal_end(tx, run, &position, out_entries, err);
}

/* A run's batches that are not settled, oldest first, and where its journal goes on. */
typedef struct Tail {
    JournalRow *rows;
    int n, cap;
    int64_t next_position, next_entry;
} Tail;

static void tail_add(Arena *arena, Tail *tail, const JournalRow *row)
{
    tail->rows = rows_with_room(arena, tail->rows, tail->n, &tail->cap, sizeof *tail->rows, _Alignof(JournalRow));
    tail->rows[tail->n++] = *row;
}

/* The newest settled row comes first, without its bytes: where it is the only one the journal goes on behind it. */
static bool tail_read(Tx *tx, Arena *arena, int64_t run, Tail *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT position, first_entry, n_entries, time_us, checksum, bundled, '', 1 FROM "
                    "(SELECT * FROM journal WHERE position BETWEEN $1 AND $2 ORDER BY position DESC LIMIT 1) settled "
                    "UNION ALL "
                    "SELECT " TAIL_COLUMNS ", 0 FROM journal_tail WHERE position BETWEEN $1 AND $2 ORDER BY position",
                    err))
        return false;
    bind_run(&query, run);
    Tail tail = {.next_position = first_position(run)};
    while (query_next(&query)) {
        JournalRow row = row_read(&query, arena);
        bool is_settled = next_i64(&query) != 0;
        if (!is_settled)
            tail_add(arena, &tail, &row);
        tail.next_position = row_next_position(&row);
        tail.next_entry = row.batch.first_entry + row.batch.n_entries;
    }
    *out = tail;
    return query_end(&query, err);
}

static bool tail_remove(Tx *tx, int64_t run, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database, "DELETE FROM journal_tail WHERE position BETWEEN $1 AND $2", err))
        return false;
    bind_run(&query, run);
    return query_run(&query, err);
}

bool journal_remove(Tx *tx, int64_t run, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database, "DELETE FROM journal WHERE position BETWEEN $1 AND $2", err))
        return false;
    bind_run(&query, run);
    return query_run(&query, err) && tail_remove(tx, run, err);
}

static JournalRow bundle_of(Arena *arena, const JournalRow *rows, int n)
{
    JournalRow whole = {.position = rows[0].position, .bundled = n, .batch = rows[0].batch};
    Buf folded = buf_in(arena), kept = buf_in(arena);
    for (int i = 0; i < n; i++) {
        batch_fold(&folded, &rows[i].batch, rows[0].batch.time_us);
        whole.batch.n_entries += i > 0 ? rows[i].batch.n_entries : 0;
    }
    bundle_close(&kept, buf_view(&folded));
    whole.batch.bytes = buf_view(&kept);
    return whole;
}

static bool rows_settle(Tx *tx, Arena *arena, int64_t run, const JournalRow *rows, int n, Error *err)
{
    size_t *sizes = NEW_ARRAY(arena, size_t, (size_t)n);
    for (int i = 0; i < n; i++)
        sizes[i] = rows[i].batch.bytes.len;
    for (int i = 0, taken; i < n; i += taken) {
        taken = bundle_take(sizes + i, n - i);
        JournalRow row = sizes[i] > BUNDLE_BYTES ? rows[i] : bundle_of(arena, rows + i, taken);
        if (!settled_insert(tx, run, &row, err))
            return false;
    }
    return true;
}

static bool rows_are_sound(const JournalRow *rows, int n)
{
    for (int i = 0; i < n; i++)
        if (rows[i].checksum != row_checksum(&rows[i]))
            return false;
    return true;
}

static JournalRow row_new(const Tx *tx, int64_t position, int64_t first_entry, Str bytes, int32_t n_entries)
{
    return (JournalRow){
        .position = position,
        .batch = {.first_entry = first_entry, .n_entries = n_entries, .time_us = tx->now_us, .bytes = bytes}};
}

static bool has_room(int64_t run, int64_t position, Error *err)
{
    return position <= last_position(run) ||
           error_set(err, RESOURCE_EXHAUSTED, "", "the run's journal is full: it has %d parts; start a new run",
                     1 << SEQUENCE_BITS);
}

/* What is damaged stays where it is, for whoever reads it. */
bool store_journal_close(Tx *tx, int64_t run, Str bytes, int32_t n_entries, Error *err)
{
    AUTO(arena_done)
    Arena arena = {0};
    Tail tail;
    if (!tail_read(tx, &arena, run, &tail, err) || !has_room(run, tail.next_position, err))
        return false;
    JournalRow row = row_new(tx, tail.next_position, tail.next_entry, bytes, n_entries);
    if (!rows_are_sound(tail.rows, tail.n))
        return tail_insert(tx, run, &row, err);
    int n_stored = tail.n;
    tail_add(&arena, &tail, &row);
    return (n_stored == 0 || tail_remove(tx, run, err)) && rows_settle(tx, &arena, run, tail.rows, tail.n, err);
}

bool store_journal_append(Tx *tx, int64_t run, Str bytes, int32_t n_entries, Error *err)
{
    int64_t position = 0, first_entry = 0;
    if (!journal_end(tx, run, &position, &first_entry, err) || !has_room(run, position, err))
        return false;
    if (position % BUNDLE_ROWS == BUNDLE_ROWS - 1)
        return store_journal_close(tx, run, bytes, n_entries, err);
    JournalRow row = row_new(tx, position, first_entry, bytes, n_entries);
    return tail_insert(tx, run, &row, err);
}

/* ---- reading ---- */

/* The position of the row that holds `first_entry`, or that would come next. */
static bool journal_find(Tx *tx, int64_t run, int64_t first_entry, int64_t *out_position, Error *err)
{
    *out_position = first_position(run);
    if (first_entry <= 0)
        return true;
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, tx->database,
                    "SELECT position FROM (SELECT position FROM journal "
                    "WHERE position BETWEEN $1 AND $2 AND first_entry <= $3 ORDER BY position DESC LIMIT 1) settled "
                    "UNION ALL SELECT position FROM (SELECT position FROM journal_tail "
                    "WHERE position BETWEEN $1 AND $2 AND first_entry <= $3 ORDER BY position DESC LIMIT 1) tail "
                    "ORDER BY position DESC",
                    err))
        return false;
    bind_run(&query, run);
    bind_i64(&query, first_entry);
    bool found = false;
    return query_one_i64(&query, &found, out_position, err);
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
                    "SELECT " SETTLED_COLUMNS " FROM journal "
                    "WHERE position BETWEEN $1 AND $2 AND first_entry + n_entries > $3 UNION ALL "
                    "SELECT " TAIL_COLUMNS " FROM journal_tail "
                    "WHERE position BETWEEN $1 AND $2 AND first_entry + n_entries > $3 ORDER BY position",
                    err))
        return false;
    bind_i64(&query, position);
    bind_i64(&query, last_position(run));
    bind_i64(&query, first_entry);
    Batches batches = {.arena = arena};
    while ((batches.n == 0 || batches.bytes < max_bytes) && query_next(&query)) {
        JournalRow row = row_read(&query, arena);
        if (!row_add(&batches, &row, first_entry, err))
            return false;
    }
    if (!query_end(&query, err))
        return false;
    *out = batches.items;
    *out_n = batches.n;
    return true;
}

/* ---- all journals ---- */

enum { ROWS_AT_ONCE = 256 };

/* How far the look has come. */
typedef struct JournalLook {
    Database *database;
    const char *sql;
    int64_t position, run, next_entry, entries;
} JournalLook;

static void look_at_row(JournalLook *look, Arena *arena, const JournalRow *row, Findings *findings)
{
    int64_t run = row->position >> SEQUENCE_BITS;
    if (run != look->run)
        look->next_entry = 0;
    Batches batches = {.arena = arena};
    Error damage;
    if (row->checksum != row_checksum(row))
        findings_add(findings, "part %lld of the journal of run number %lld does not have its checksum",
                     (long long)row->batch.sequence, (long long)run);
    else if (row->bundled && !row_add(&batches, row, 0, &damage))
        findings_add(findings, "part %lld of the journal of run number %lld cannot be unpacked",
                     (long long)row->batch.sequence, (long long)run);
    else if (row->batch.first_entry != look->next_entry)
        findings_add(findings, "the journal of run number %lld goes on with entry %lld where %lld was expected",
                     (long long)run, (long long)row->batch.first_entry, (long long)look->next_entry);
    look->run = run;
    look->position = row->position;
    look->next_entry = row->batch.first_entry + row->batch.n_entries;
    look->entries += row->batch.n_entries;
}

static bool look_on(JournalLook *look, Arena *arena, Findings *findings, int *out_n, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, look->database, look->sql, err))
        return false;
    bind_i64(&query, look->position);
    bind_i64(&query, ROWS_AT_ONCE);
    for (*out_n = 0; query_next(&query); ++*out_n) {
        JournalRow row = row_read(&query, arena);
        look_at_row(look, arena, &row, findings);
    }
    return query_end(&query, err);
}

bool journal_verify(Database *database, int64_t version, Findings *findings, int64_t *out_entries, Error *err)
{
    AUTO(arena_done)
    Arena arena = {0};
    static const char old[] = "SELECT " TAIL_COLUMNS " FROM journal WHERE position > $1 ORDER BY position LIMIT $2";
    static const char now[] =
        "SELECT " SETTLED_COLUMNS " FROM journal WHERE position > $1 UNION ALL "
        "SELECT " TAIL_COLUMNS " FROM journal_tail WHERE position > $1 ORDER BY position LIMIT $2";
    JournalLook look = {
        .database = database, .sql = version < FIRST_VERSION_WITH_TAILS ? old : now, .position = -1, .run = -1};
    for (int n = ROWS_AT_ONCE; n == ROWS_AT_ONCE; arena_reset(&arena)) {
        if (!look_on(&look, &arena, findings, &n, err))
            return false;
    }
    *out_entries = look.entries;
    return true;
}
