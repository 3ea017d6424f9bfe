/* store/database_kind.h: what stands behind database.h: one table of functions a database. For database.c, sqlite/ and
 * postgres/ alone; what each function promises stands in database.h.
 *
 * Each kind defines `struct Database` for itself; its first member is `const DatabaseKind *kind`. */
#ifndef CLERKWORK_STORE_DATABASE_KIND_H
#define CLERKWORK_STORE_DATABASE_KIND_H

#include "store/database.h"

typedef struct DatabaseKind {
    const char *name;
    bool (*open)(const char *place, DatabaseRole role, Database **out, Error *err);
    void (*close)(Database *database);
    bool (*is_empty)(Database *database, bool *out, Error *err);
    bool (*has_table)(Database *database, const char *name, bool *out, Error *err);
    bool (*prepare_writing)(Database *database, const DatabaseUse *use, bool *out_alone, Error *err);
    bool (*share)(Database *database, Error *err); /* NULL: one process alone; then tell, hear and hurry are NULL too */
    bool (*tell)(Database *database, const char *news, Error *err);
    bool (*hear)(Database *database, int bell, int64_t until_us, void (*heard)(void *self, const char *news),
                 void *self, bool *out_missed, Error *err);
    void (*hurry)(Database *database);
    bool (*define)(Database *database, const char *sql, Error *err);
    bool (*begin_read)(Database *database, Error *err);
    bool (*begin_write)(Database *database, Error *err);
    /* NULL: answers cost nothing; then query_run and query_changed_one are NULL too */
    void (*run_ahead)(Database *database);
    bool (*stumbled)(const Database *database);
    void (*settle)(Database *database);
    bool (*commit)(Database *database, Error *err);
    void (*rollback)(Database *database);
    bool (*in_transaction)(const Database *database);
    bool (*savepoint)(Database *database, Error *err);
    bool (*savepoint_keep)(Database *database, Error *err);
    bool (*savepoint_drop)(Database *database, Error *err);
    bool (*sync_failed)(const Database *database);
    bool (*disk_failed)(const Database *database);
    bool (*outcome_unknown)(const Database *database);
    void (*deadline)(Database *database, int64_t monotonic_us);
    void (*fail_after)(Database *database, int calls);
    void (*shrink)(Database *database);
    int (*log_pages)(const Database *database);
    bool (*checkpoint)(Database *database, bool *out_all, Error *err);
    bool (*give_back)(Database *database, bool *out_more, Error *err);
    bool (*copy)(Database *database, const char *path, Error *err);
    bool (*inspect)(Database *database, void (*found)(void *self, Str problem), void *self, Error *err);
    bool (*query_open)(Query *query, Database *database, const char *sql, Error *err);
    bool (*query_open_text)(Query *query, Database *database, Str sql, Error *err);
    void (*query_done)(Query *query);
    void (*bind_i64)(Query *query, int64_t n);
    void (*bind_text)(Query *query, Str text);
    void (*bind_bytes)(Query *query, Str bytes);
    bool (*query_next)(Query *query);
    bool (*query_end)(Query *query, Error *err);
    void (*query_run)(Query *query); /* up to query_end */
    int64_t (*query_changes)(const Query *query);
    bool (*query_changed_one)(const Query *query);
    const char *columns_sql;       /* database_columns */
    const char *last_key_sql;      /* of the table $1 */
    const char *forget_key_sql;    /* of the table $1, before the next one; NULL: not needed */
    const char *continue_keys_sql; /* at $1, of the table $2 */
    int64_t (*next_i64)(Query *query);
    Str (*next_text)(Query *query, Arena *arena);
} DatabaseKind;

extern const DatabaseKind database_sqlite, database_postgres;

/* A word of our SQL and how a database spells it. */
typedef struct SqlWord {
    Str word, spelling;
} SqlWord;
/* `sql` with each of the words replaced. */
void sql_spell(Buf *out, Str sql, const SqlWord *words, size_t n_words);

#endif
