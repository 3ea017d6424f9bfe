/* store/verify.c: whether what is stored is sound. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/internal.h"

void findings_add(Findings *findings, const char *format, ...)
{
    char text[600];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    findings->n++;
    findings->found(findings->self, str_of(text, MIN_OF((size_t)MAX_OF(n, 0), sizeof text - 1)));
}

/* Rows of `table` whose `column` names a row of `parent` by its key; 0 names none. */
typedef struct Belonging {
    const char *table, *column, *parent;
    int64_t since; /* the schema's version; 0: of all that are read */
} Belonging;

static const Belonging belongings[] = {
    {"workspace", "organization", "organization"},
    {"token", "account", "account"},
    {"member", "account", "account"},
    {"automation", "workspace", "workspace"},
    {"revision", "automation", "automation"},
    {"run", "automation", "automation"},
    {"run", "revision", "revision"},
    {"run_input", "run", "run"},
    {"snapshot", "run", "run"},
    {"effect", "run", "run"},
    {"effect_tail", "run", "run", 30},
    {"child_loop", "run", "run"},
    {"exception", "run", "run"},
    {"thread_event", "run", "run"},
    {"thread_event", "thread", "authoring_thread"},
    {"guide_entry", "automation", "automation"},
    {"schedule", "automation", "automation"},
    {"webhook_delivery", "webhook", "webhook"},
    {"file", "organization", "organization"},
};

typedef struct Look {
    Database *database;
    Findings *findings;
    Verified seen;
    const char *directory;
    bool postgres;
} Look;

static void tell_of_database(void *self, Str problem)
{
    findings_add(self, "%.*s", STR_ARG(str_slice(problem, 0, 500)));
}

static bool count(Database *database, Str sql, int64_t *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    bool found;
    return query_open_text(&query, database, sql, err) && query_one_i64(&query, &found, out, err);
}

static bool look_at_belonging(Look *look, const Belonging *row, Error *err)
{
    char sql[300];
    int n = snprintf(sql, sizeof sql,
                     "SELECT count(*) FROM %s c WHERE c.%s <> 0 AND NOT EXISTS (SELECT 1 FROM %s p WHERE p.key = c.%s)",
                     row->table, row->column, row->parent, row->column);
    int64_t lost = 0;
    if (!count(look->database, str_of(sql, (size_t)n), &lost, err))
        return false;
    if (lost > 0)
        findings_add(look->findings, "%lld rows of %s belong to a row of %s that is not there", (long long)lost,
                     row->table, row->parent);
    return true;
}

static bool look_at_belongings(Look *look, Error *err)
{
    for (size_t i = 0; i < COUNT_OF(belongings); i++) {
        if (look->seen.schema_version >= belongings[i].since && !look_at_belonging(look, &belongings[i], err))
            return false;
    }
    return true;
}

static bool look_at_bytes(Look *look, const StoredBlob *blob, int fd, Error *err)
{
    struct stat status;
    bool intact = false;
    if (fstat(fd, &status) != 0)
        return error_set_errno(err, "cannot look at a stored file");
    if (status.st_size == blob->size_bytes && !blob_has_hash(fd, blob->hash, &intact, err))
        return false;
    if (!intact)
        findings_add(look->findings, "the bytes of file %.*s are not those that were stored", STR_ARG(blob->file_id));
    look->seen.files++;
    look->seen.file_bytes += blob->size_bytes;
    return true;
}

static bool look_at_blob(void *self, const StoredBlob *blob, Error *err)
{
    Look *look = self;
    char name[BLOB_NAME_LEN + 1], path[4096];
    blob_name(blob->hash, name);
    snprintf(path, sizeof path, "%s/%s", look->directory, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno != ENOENT)
        return error_set_errno(err, "cannot open a stored file");
    if (fd < 0) {
        findings_add(look->findings, "the bytes of file %.*s are gone", STR_ARG(blob->file_id));
        return true;
    }
    bool ok = look_at_bytes(look, blob, fd, err);
    close(fd);
    return ok;
}

/* Databases of versions before 26 have none of these sums. */
static bool look_at_sums(Look *look, Error *err)
{
    bool summed = false;
    if (!database_has_table(look->database, "exception_sum", &summed, err))
        return false;
    return !summed || (exception_sum_verify(look->database, look->findings, err) &&
                       rollup_verify(look->database, look->findings, err));
}

/* As of one moment: what a server writes meanwhile is not seen half. */
static bool look_at_rows(Look *look, Error *err)
{
    if (!database_begin_read(look->database, err))
        return false;
    bool ok =
        count(look->database, S("SELECT count(*) FROM run"), &look->seen.runs, err) && look_at_belongings(look, err) &&
        look_at_sums(look, err) &&
        journal_verify(look->database, look->seen.schema_version, look->findings, &look->seen.journal_entries, err) &&
        blob_each(look->database, look_at_blob, look, err);
    database_rollback(look->database);
    return ok;
}

/* Damage that keeps the rows from being read is a finding like any other. */
static bool look_at_all(Look *look, Error *err)
{
    if (!database_version(look->database, &look->seen.schema_version, err))
        return false;
    if (!database_inspect(look->database, tell_of_database, look->findings, err))
        return false;
    if (look_at_rows(look, err))
        return true;
    if (err->code != DATA_LOSS)
        return false;
    findings_add(look->findings, "%s", err->message);
    return true;
}

static bool is_there(const Look *look, const char *place, Error *err)
{
    if (look->postgres || access(place, R_OK) == 0)
        return true;
    return error_set(err, NOT_FOUND, "", "there is no database in %s", look->directory);
}

bool store_verify(Str directory, Str database, Findings *findings, Verified *out, Error *err)
{
    AUTO(arena_done)
    Arena arena = {0};
    if (str_starts(directory, S("sqlite:")))
        directory = str_skip(directory, S("sqlite:").len);
    Look look = {.findings = findings, .directory = str_to_c(&arena, directory), .postgres = database.len > 0};
    const char *place =
        str_to_c(&arena, look.postgres ? database : str_printf(&arena, "%s/clerkwork.db", look.directory));
    if (!is_there(&look, place, err) || !database_open(place, DATABASE_READER, &look.database, err))
        return false;
    bool ok = look_at_all(&look, err);
    database_close(look.database);
    if (ok)
        *out = look.seen;
    return ok;
}
