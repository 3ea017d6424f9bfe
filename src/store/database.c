/* store/database.c: hands each call on to the database that it is for. */
#include "store/database.h"

#include <string.h>

#include "store/database_kind.h"

static const DatabaseKind *kind_of(const Database *database)
{
    const DatabaseKind *kind;
    memcpy(&kind, database, sizeof kind); /* the first member of every kind's struct */
    return kind;
}

bool database_place_is_postgres(Str place)
{
    return str_starts(place, S("postgresql://")) || str_starts(place, S("postgres://"));
}

bool database_place_is_simulated(Str place)
{
    return str_starts(place, S("simulated:"));
}

bool database_open(const char *place, DatabaseRole role, Database **out, Error *err)
{
    bool postgres = database_place_is_postgres(str_from_c(place));
    return (postgres ? &database_postgres : &database_sqlite)->open(place, role, out, err);
}

void database_close(Database *database)
{
    if (database)
        kind_of(database)->close(database);
}

bool database_is_empty(Database *database, bool *out, Error *err)
{
    return kind_of(database)->is_empty(database, out, err);
}

bool database_has_table(Database *database, const char *name, bool *out, Error *err)
{
    return kind_of(database)->has_table(database, name, out, err);
}

bool database_prepare_writing(Database *database, const DatabaseUse *use, bool *out_alone, Error *err)
{
    if (use->shared && !kind_of(database)->share)
        return error_set(err, INVALID_ARGUMENT, "processes",
                         "several server processes share a PostgreSQL database; SQLite serves one process alone");
    return kind_of(database)->prepare_writing(database, use, out_alone, err);
}

bool database_share(Database *database, Error *err)
{
    return kind_of(database)->share(database, err);
}

bool database_tell(Database *database, const char *news, Error *err)
{
    return kind_of(database)->tell(database, news, err);
}

bool database_hear(Database *database, int bell, int64_t until_us, void (*heard)(void *self, const char *news),
                   void *self, bool *out_missed, Error *err)
{
    return kind_of(database)->hear(database, bell, until_us, heard, self, out_missed, err);
}

void database_hurry(Database *database)
{
    if (kind_of(database)->hurry)
        kind_of(database)->hurry(database);
}

bool database_define(Database *database, const char *sql, Error *err)
{
    return kind_of(database)->define(database, sql, err);
}

bool database_begin_read(Database *database, Error *err)
{
    return kind_of(database)->begin_read(database, err);
}

bool database_begin_write(Database *database, Error *err)
{
    return kind_of(database)->begin_write(database, err);
}

void database_run_ahead(Database *database)
{
    if (kind_of(database)->run_ahead)
        kind_of(database)->run_ahead(database);
}

void database_settle(Database *database)
{
    if (kind_of(database)->settle)
        kind_of(database)->settle(database);
}

bool database_stumbled(const Database *database)
{
    return kind_of(database)->stumbled && kind_of(database)->stumbled(database);
}

bool database_commit(Database *database, Error *err)
{
    return kind_of(database)->commit(database, err);
}

void database_rollback(Database *database)
{
    kind_of(database)->rollback(database);
}

bool database_in_transaction(const Database *database)
{
    return kind_of(database)->in_transaction(database);
}

bool database_savepoint(Database *database, Error *err)
{
    return kind_of(database)->savepoint(database, err);
}

bool database_savepoint_keep(Database *database, Error *err)
{
    return kind_of(database)->savepoint_keep(database, err);
}

bool database_savepoint_drop(Database *database, Error *err)
{
    return kind_of(database)->savepoint_drop(database, err);
}

bool database_sync_failed(const Database *database)
{
    return kind_of(database)->sync_failed(database);
}

bool database_disk_failed(const Database *database)
{
    return kind_of(database)->disk_failed(database);
}

bool database_outcome_unknown(const Database *database)
{
    return kind_of(database)->outcome_unknown(database);
}

void database_deadline(Database *database, int64_t monotonic_us)
{
    kind_of(database)->deadline(database, monotonic_us);
}

void database_fail_after(Database *database, int calls)
{
    kind_of(database)->fail_after(database, calls);
}

void database_shrink(Database *database)
{
    kind_of(database)->shrink(database);
}

int database_log_pages(const Database *database)
{
    return kind_of(database)->log_pages(database);
}

bool database_checkpoint(Database *database, bool *out_all, Error *err)
{
    return kind_of(database)->checkpoint(database, out_all, err);
}

bool database_give_back(Database *database, bool *out_more, Error *err)
{
    return kind_of(database)->give_back(database, out_more, err);
}

bool database_copy(Database *database, const char *path, Error *err)
{
    return kind_of(database)->copy(database, path, err);
}

bool database_inspect(Database *database, void (*found)(void *self, Str problem), void *self, Error *err)
{
    return kind_of(database)->inspect(database, found, self, err);
}

bool query_open(Query *query, Database *database, const char *sql, Error *err)
{
    return kind_of(database)->query_open(query, database, sql, err);
}

bool query_open_text(Query *query, Database *database, Str sql, Error *err)
{
    return kind_of(database)->query_open_text(query, database, sql, err);
}

void query_done(Query *query)
{
    if (query->statement)
        kind_of(query->database)->query_done(query);
}

void bind_i64(Query *query, int64_t n)
{
    kind_of(query->database)->bind_i64(query, n);
}

void bind_text(Query *query, Str text)
{
    kind_of(query->database)->bind_text(query, text);
}

void bind_bytes(Query *query, Str bytes)
{
    kind_of(query->database)->bind_bytes(query, bytes);
}

bool query_next(Query *query)
{
    return kind_of(query->database)->query_next(query);
}

bool query_end(Query *query, Error *err)
{
    return kind_of(query->database)->query_end(query, err);
}

bool query_run(Query *query, Error *err)
{
    if (kind_of(query->database)->query_run) {
        kind_of(query->database)->query_run(query);
    } else {
        while (query_next(query)) {
        }
    }
    return query_end(query, err);
}

int64_t query_changes(const Query *query)
{
    return kind_of(query->database)->query_changes(query);
}

bool query_changed_one(const Query *query)
{
    const DatabaseKind *kind = kind_of(query->database);
    return kind->query_changed_one ? kind->query_changed_one(query) : kind->query_changes(query) == 1;
}

int64_t next_i64(Query *query)
{
    return kind_of(query->database)->next_i64(query);
}

Str next_text(Query *query, Arena *arena)
{
    return kind_of(query->database)->next_text(query, arena);
}

/* ---- the schema ---- */

bool database_columns(Query *query, Database *database, Error *err)
{
    return query_open(query, database, kind_of(database)->columns_sql, err);
}

bool database_last_key(Database *database, Str table, int64_t *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    *out = 0;
    if (!query_open(&query, database, kind_of(database)->last_key_sql, err))
        return false;
    bind_text(&query, table);
    if (query_next(&query))
        *out = next_i64(&query);
    return query_end(&query, err);
}

static bool forget_key(Database *database, Str table, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!kind_of(database)->forget_key_sql)
        return true;
    if (!query_open(&query, database, kind_of(database)->forget_key_sql, err))
        return false;
    bind_text(&query, table);
    return query_run(&query, err);
}

bool database_continue_keys(Database *database, Str table, int64_t last, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (last <= 0)
        return true;
    if (!forget_key(database, table, err) || !query_open(&query, database, kind_of(database)->continue_keys_sql, err))
        return false;
    bind_i64(&query, last);
    bind_text(&query, table);
    return query_run(&query, err);
}

/* ---- words ---- */

static bool is_word_char(char c)
{
    return c == '_' || (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

static const SqlWord *word_at(Str rest, char before, const SqlWord *words, size_t n_words)
{
    for (size_t i = 0; i < n_words; i++) {
        Str word = words[i].word;
        char last = word.data[word.len - 1], next = rest.len > word.len ? rest.data[word.len] : ' ';
        if (str_starts(rest, word) && !is_word_char(before) && !(is_word_char(last) && is_word_char(next)))
            return &words[i];
    }
    return NULL;
}

void sql_spell(Buf *out, Str sql, const SqlWord *words, size_t n_words)
{
    bool quoted = false;
    for (size_t at = 0; at < sql.len;) {
        quoted ^= sql.data[at] == '\'';
        const SqlWord *word = quoted ? NULL : word_at(str_skip(sql, at), at ? sql.data[at - 1] : ' ', words, n_words);
        if (word)
            buf_str(out, word->spelling);
        else
            buf_char(out, sql.data[at]);
        at += word ? word->word.len : 1;
    }
}
