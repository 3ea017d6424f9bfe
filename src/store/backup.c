/* store/backup.c: copying a data directory, both ways. */
#include "store/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "store/internal.h"

#define DATABASE_NAME "clerkwork.db"
#define NOTE_NAME "backup.json"

enum { COPIES_OF_DATABASE_MOST = 3 };

/* From where to where, and what is known of it so far. */
typedef struct Copy {
    Arena arena;
    const char *from, *to; /* `to` is the .partial */
    const char *final;
    Findings *findings;
    Backup about;
    int64_t n_gone; /* files whose bytes were not there */
    bool last_try;
} Copy;

static const char *within(Copy *copy, const char *directory, const char *name)
{
    return str_to_c(&copy->arena, str_printf(&copy->arena, "%s/%s", directory, name));
}

static void copy_done(Copy *copy)
{
    arena_done(&copy->arena);
}

static Str without_kind(Str place)
{
    return str_starts(place, S("sqlite:")) ? str_skip(place, S("sqlite:").len) : place;
}

/* ---- the target ---- */

static int remove_visited(const char *path, const struct stat *status, int kind, struct FTW *at)
{
    (void)status, (void)kind, (void)at;
    return remove(path);
}

static bool remove_partial(Copy *copy, Error *err)
{
    if (nftw(copy->to, remove_visited, 16, FTW_DEPTH | FTW_PHYS) == 0 || errno == ENOENT)
        return true;
    char what[600];
    snprintf(what, sizeof what, "cannot remove %.400s, which an interrupted copy left", copy->to);
    return error_set_errno(err, what);
}

static bool make_folder(const char *path, Error *err)
{
    if (mkdir(path, 0700) == 0)
        return true;
    char what[600];
    snprintf(what, sizeof what, "cannot make the folder %.400s", path);
    return error_set_errno(err, what);
}

/* An empty folder is as good as none: rename(2) takes its place. */
static bool target_begin(Copy *copy, Error *err)
{
    if (rmdir(copy->final) != 0 && errno != ENOENT)
        return error_set(err, ALREADY_EXISTS, "",
                         "%s is there already and is not an empty folder; name one that is not there", copy->final);
    return remove_partial(copy, err) && make_folder(copy->to, err) && make_folder(within(copy, copy->to, "files"), err);
}

static bool sync_all(const char *path, Error *err)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && syncfs(fd) == 0;
    if (!ok)
        error_set_errno(err, "cannot sync the copy to disk");
    if (fd >= 0)
        close(fd);
    return ok;
}

static bool target_finish(Copy *copy, Error *err)
{
    if (!sync_all(copy->to, err))
        return false;
    if (rename(copy->to, copy->final) != 0) {
        char what[600];
        snprintf(what, sizeof what, "cannot name the finished copy %.400s", copy->final);
        return error_set_errno(err, what);
    }
    Str final = str_from_c(copy->final);
    ptrdiff_t slash = str_find_last_char(final, '/');
    return sync_all(slash > 0    ? str_to_c(&copy->arena, str_slice(final, 0, (size_t)slash))
                    : slash == 0 ? "/"
                                 : ".",
                    err);
}

/* ---- files ---- */

static bool copy_bytes(int from, int to, Error *err)
{
    for (;;) {
        ssize_t n = sendfile(to, from, NULL, 1 << 30);
        if (n == 0)
            return true;
        if (n < 0 && errno != EINTR)
            return error_set_errno(err, "cannot copy a file");
    }
}

/* The copy is what is held against the hash, so that both disks are looked at. */
static bool copy_and_look(Copy *copy, const StoredBlob *blob, int from, int to, Error *err)
{
    bool intact = false;
    if (!copy_bytes(from, to, err) || !blob_has_hash(to, blob->hash, &intact, err))
        return false;
    if (!intact)
        findings_add(copy->findings, "the bytes of file %.*s are not those that were stored", STR_ARG(blob->file_id));
    return true;
}

static bool copy_opened(Copy *copy, const StoredBlob *blob, int from, Error *err)
{
    char name[BLOB_NAME_LEN + 1];
    blob_name(blob->hash, name);
    const char *path = within(copy, copy->to, name);
    const char *folder = str_to_c(&copy->arena, str_slice(str_from_c(path), 0, (size_t)(strrchr(path, '/') - path)));
    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        return error_set_errno(err, "cannot make a folder for files");
    copy->about.n_files++;
    copy->about.file_bytes += blob->size_bytes;
    int to = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (to < 0 && errno == EEXIST) /* copied along an earlier state of the database */
        return true;
    if (to < 0)
        return error_set_errno(err, "cannot make a file in the copy");
    bool ok = copy_and_look(copy, blob, from, to, err);
    close(to);
    return ok;
}

static bool copy_blob(void *self, const StoredBlob *blob, Error *err)
{
    Copy *copy = self;
    char name[BLOB_NAME_LEN + 1];
    blob_name(blob->hash, name);
    int from = open(within(copy, copy->from, name), O_RDONLY | O_CLOEXEC);
    if (from >= 0) {
        bool ok = copy_opened(copy, blob, from, err);
        close(from);
        return ok;
    }
    if (errno != ENOENT)
        return error_set_errno(err, "cannot open a stored file");
    copy->n_gone++;
    if (copy->last_try)
        findings_add(copy->findings, "the bytes of file %.*s are gone", STR_ARG(blob->file_id));
    return true;
}

static bool copy_files(Copy *copy, Error *err)
{
    Database *database;
    if (!database_open(within(copy, copy->to, DATABASE_NAME), DATABASE_READER, &database, err))
        return false;
    copy->n_gone = copy->about.n_files = copy->about.file_bytes = 0;
    bool ok = blob_each(database, copy_blob, copy, err);
    database_close(database);
    return ok;
}

/* ---- the database ---- */

static bool copy_database(Copy *copy, Error *err)
{
    const char *to = within(copy, copy->to, DATABASE_NAME);
    if (unlink(to) != 0 && errno != ENOENT)
        return error_set_errno(err, "cannot replace the copy of the database");
    Database *database;
    if (!database_open(within(copy, copy->from, DATABASE_NAME), DATABASE_READER, &database, err))
        return false;
    copy->about.create_us = clock_now_us();
    bool ok = database_version(database, &copy->about.schema_version, err) && database_copy(database, to, err);
    database_close(database);
    struct stat status;
    if (ok && stat(to, &status) != 0)
        ok = error_set_errno(err, "cannot look at the copy of the database");
    if (ok)
        copy->about.database_bytes = status.st_size;
    return ok;
}

/* Bytes that go between the database's moment and their turn are those of files that were deleted meanwhile; a later
 * moment does not know them any more. */
static bool copy_all(Copy *copy, Error *err)
{
    for (int tries = 1; tries <= COPIES_OF_DATABASE_MOST; tries++) {
        copy->last_try = tries == COPIES_OF_DATABASE_MOST;
        if (!copy_database(copy, err) || !copy_files(copy, err))
            return false;
        if (copy->n_gone == 0)
            return true;
    }
    return true;
}

/* ---- what a backup says of itself ---- */

static bool write_note(Copy *copy, Str program, Error *err)
{
    Buf text = buf_in(&copy->arena);
    JsonOut json = json_out(&text);
    json_open_object(&json);
    json_member_time_us(&json, S("create_time"), copy->about.create_us);
    json_member_str(&json, S("clerkwork"), program);
    json_key(&json, S("schema_version"));
    json_i64(&json, copy->about.schema_version);
    json_key(&json, S("database_bytes"));
    json_i64(&json, copy->about.database_bytes);
    json_key(&json, S("files"));
    json_i64(&json, copy->about.n_files);
    json_key(&json, S("file_bytes"));
    json_i64(&json, copy->about.file_bytes);
    json_close_object(&json);
    buf_char(&text, '\n');
    FILE *file = fopen(within(copy, copy->to, NOTE_NAME), "we");
    bool ok = file && fwrite(text.data, 1, text.len, file) == text.len;
    if (file && fclose(file) != 0)
        ok = false;
    return ok || error_set_errno(err, "cannot write backup.json");
}

static bool has_note(Copy *copy, Error *err)
{
    if (access(within(copy, copy->from, NOTE_NAME), R_OK) == 0)
        return true;
    return error_set(err, NOT_FOUND, "",
                     "there is no backup in %s: it has no backup.json, which `clerkwork backup` writes last",
                     copy->from);
}

/* ---- both ways ---- */

static Copy copy_of(Str from, Str to, Findings *findings)
{
    Copy copy = {.findings = findings};
    while (to.len > 1 && to.data[to.len - 1] == '/')
        to.len--;
    copy.from = str_to_c(&copy.arena, without_kind(from));
    copy.final = str_to_c(&copy.arena, without_kind(to));
    copy.to = str_to_c(&copy.arena, str_printf(&copy.arena, "%s.partial", copy.final));
    return copy;
}

/* Leaves nothing half done behind; gives false. */
static bool give_up(Copy *copy)
{
    Error ignored; /* the next copy tries once more */
    (void)remove_partial(copy, &ignored);
    return false;
}

static bool has_database(Copy *copy, Error *err)
{
    if (access(within(copy, copy->from, DATABASE_NAME), R_OK) == 0)
        return true;
    return error_set(err, NOT_FOUND, "", "there is no database in %s (%s)", copy->from, DATABASE_NAME);
}

bool store_backup(Str directory, Str target, Str program, Findings *findings, Backup *out, Error *err)
{
    AUTO(copy_done)
    Copy copy = copy_of(directory, target, findings);
    if (!has_database(&copy, err) || !target_begin(&copy, err))
        return false;
    if (!copy_all(&copy, err) || !write_note(&copy, program, err) || !target_finish(&copy, err))
        return give_up(&copy);
    *out = copy.about;
    return true;
}

static void note_damage(void *self, Str problem)
{
    Error *err = self;
    if (err->code == OK)
        (void)error_set(err, DATA_LOSS, "", "%.*s; nothing was restored, take another backup", STR_ARG(problem));
}

static bool mark_restored(Database *database, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, database, "INSERT INTO setting (name, value) VALUES ('restored', $1)", err))
        return false;
    char now[24];
    int n = snprintf(now, sizeof now, "%lld", (long long)clock_now_us());
    bind_bytes(&query, str_of(now, (size_t)n));
    return query_run(&query, err);
}

static bool unmark_restored(Database *database, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    return query_open(&query, database, "DELETE FROM setting WHERE name = 'restored'", err) && query_run(&query, err);
}

static bool look_at_database(Copy *copy, bool hold, Error *err)
{
    Database *database;
    if (!database_open(within(copy, copy->to, DATABASE_NAME), DATABASE_WRITER, &database, err))
        return false;
    Error damage = {0};
    bool ok = database_inspect(database, note_damage, &damage, err);
    if (ok && damage.code != OK) {
        *err = damage;
        ok = false;
    }
    ok = ok && unmark_restored(database, err) && (!hold || mark_restored(database, err));
    database_close(database);
    return ok;
}

bool store_restore(Str backup, Str directory, bool hold, Findings *findings, Backup *out, Error *err)
{
    AUTO(copy_done)
    Copy copy = copy_of(backup, directory, findings);
    copy.last_try = true; /* nothing changes in a backup */
    if (!has_note(&copy, err) || !has_database(&copy, err) || !target_begin(&copy, err))
        return false;
    if (!copy_database(&copy, err) || !look_at_database(&copy, hold, err) || !copy_files(&copy, err) ||
        !target_finish(&copy, err))
        return give_up(&copy);
    *out = copy.about;
    return true;
}

/* ---- for the engine ---- */

bool store_restored_get(Tx *tx, int64_t *out_us, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    AUTO(arena_done)
    Arena arena = {0};
    Str when = {0};
    if (!query_open(&query, tx->database, "SELECT value FROM setting WHERE name = 'restored'", err))
        return false;
    if (query_next(&query))
        when = next_text(&query, &arena);
    if (!query_end(&query, err))
        return false;
    *out_us = 0;
    return when.len == 0 || str_to_i64(when, out_us) ||
           error_set(err, DATA_LOSS, "", "when this copy was restored cannot be read; restore it again");
}

bool store_restored_done(Tx *tx, Error *err)
{
    return unmark_restored(tx->database, err);
}
