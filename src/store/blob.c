/* store/blob.c: the bytes of files, by their SHA-256, in DIR/files.
 *
 *     files/incoming/<random>          being written
 *     files/incoming/<hash>.<random>   complete and durable, but its row is not yet committed
 *     files/ab/<hash>                  its final name, made together with the one before
 *
 * The middle name goes once the row is committed, or once it is known that it will not be: then the bytes go, too,
 * unless another row or another middle name needs them. What still has it at the next start was never committed and is
 * swept. Bytes of deleted rows go after the commit; table deleted_file remembers them across a crash in between. */
#include "store/internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/codec.h"
#include "base/id.h"
#include "base/log.h"

enum { HASH_LEN = 32, HASH_TEXT = 2 * HASH_LEN, HEAD_LEN = 16384, PATH_LEN = 4096 };

typedef struct Path {
    char text[PATH_LEN];
} Path;

struct FileWriter {
    Store *store;
    int fd;
    Path path;
    int64_t size, max;
    EVP_MD_CTX *digest;
    char head[HEAD_LEN];
    size_t head_len;
};

/* ---- names ---- */

static void hash_text(const unsigned char hash[HASH_LEN], char out[HASH_TEXT + 1])
{
    for (int i = 0; i < HASH_LEN; i++)
        snprintf(out + 2 * i, 3, "%02x", hash[i]);
}

static bool hash_from_text(const char *text, unsigned char out[HASH_LEN])
{
    for (int i = 0; i < HASH_LEN; i++) {
        unsigned byte;
        if (sscanf(text + 2 * i, "%2x", &byte) != 1)
            return false;
        out[i] = (unsigned char)byte;
    }
    return true;
}

static Path path_of(const Store *store, const char *folder, const char *name)
{
    Path path;
    snprintf(path.text, sizeof path.text, "%s/files/%s%s%s", store->directory, folder, name[0] ? "/" : "", name);
    return path;
}

void blob_name(const unsigned char hash[HASH_LEN], char out[BLOB_NAME_LEN + 1])
{
    char text[HASH_TEXT + 1];
    hash_text(hash, text);
    snprintf(out, BLOB_NAME_LEN + 1, "files/%.2s/%s", text, text);
}

static Path final_path(const Store *store, const unsigned char hash[HASH_LEN])
{
    char name[BLOB_NAME_LEN + 1];
    blob_name(hash, name);
    Path path;
    snprintf(path.text, sizeof path.text, "%s/%s", store->directory, name);
    return path;
}

static Path waiting_path(const Store *store, const unsigned char hash[HASH_LEN])
{
    char name[HASH_TEXT + 1 + ID_LEN + 1];
    hash_text(hash, name);
    Id id = id_new();
    snprintf(name + HASH_TEXT, sizeof name - HASH_TEXT, ".%s", id.text);
    return path_of(store, "incoming", name);
}

static bool make_folder(const char *path, Error *err)
{
    if (mkdir(path, 0700) == 0 || errno == EEXIST)
        return true;
    char what[512];
    snprintf(what, sizeof what, "cannot make the folder %.400s", path);
    return error_set_errno(err, what);
}

static bool sync_folder(const char *path, Error *err)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;
    if (!ok)
        error_set_errno(err, "cannot sync the folder of files");
    if (fd >= 0)
        close(fd);
    return ok;
}

bool blob_prepare(Store *store, Error *err)
{
    if (!store->directory)
        return true;
    if (!make_folder(path_of(store, "", "").text, err) || !make_folder(path_of(store, "incoming", "").text, err))
        return false;
    store->files_fd = open(path_of(store, "", ".lock").text, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    return store->files_fd >= 0 || error_set_errno(err, "cannot make the lock of the folder of files");
}

/* Against the threads of this process, and against other processes that share the folder. */
static void files_lock(Store *store)
{
    pthread_mutex_lock(&store->files_lock);
    while (store->use.shared && flock(store->files_fd, LOCK_EX) != 0 && errno == EINTR) {
    }
}

static void files_unlock(Store *store)
{
    if (store->use.shared)
        flock(store->files_fd, LOCK_UN);
    pthread_mutex_unlock(&store->files_lock);
}

/* ---- bytes that nobody needs ---- */

static bool hash_is_used(Database *database, const unsigned char hash[HASH_LEN], bool *out, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, database, "SELECT 1 FROM file WHERE hash = $1 LIMIT 1", err))
        return false;
    bind_bytes(&query, str_of((const char *)hash, HASH_LEN));
    int64_t one;
    return query_one_i64(&query, out, &one, err);
}

/* Does `visit` for each name in files/incoming until it says stop. */
static void each_incoming(Store *store, bool (*visit)(Store *store, const char *name, const void *argument),
                          const void *argument)
{
    DIR *folder = opendir(path_of(store, "incoming", "").text);
    if (!folder)
        return;
    const struct dirent *entry;
    bool go_on = true;
    while (go_on && (entry = readdir(folder))) {
        if (entry->d_name[0] != '.')
            go_on = visit(store, entry->d_name, argument);
    }
    closedir(folder);
}

static bool remove_waiting(Store *store, const char *name, const void *argument)
{
    if (strncmp(name, argument, HASH_TEXT) != 0)
        return true;
    unlink(path_of(store, "incoming", name).text);
    return false;
}

typedef struct Search {
    const char *hash;
    bool *found;
} Search;

static bool find_waiting(Store *store, const char *name, const void *argument)
{
    (void)store;
    const Search *search = argument;
    *search->found = strncmp(name, search->hash, HASH_TEXT) == 0;
    return !*search->found;
}

/* The middle names of equal bytes stand for one another. */
static void remove_one_waiting(Store *store, const unsigned char hash[HASH_LEN])
{
    char text[HASH_TEXT + 1];
    hash_text(hash, text);
    each_incoming(store, remove_waiting, text);
}

/* Under files_lock, so that no upload of the same bytes completes between the look and the removal. */
static void remove_unused_locked(Store *store, const unsigned char hash[HASH_LEN])
{
    char text[HASH_TEXT + 1];
    hash_text(hash, text);
    bool used = true, waiting = false;
    Error err;
    if (!hash_is_used(store->writer, hash, &used, &err) || used)
        return;
    each_incoming(store, find_waiting, &(Search){text, &waiting});
    if (!waiting)
        unlink(final_path(store, hash).text);
}

void blob_apply_changes(Store *store, const FileChange *changes)
{
    if (!changes)
        return;
    files_lock(store);
    for (const FileChange *change = changes; change; change = change->next) {
        if (change->change != BLOB_DELETED)
            remove_one_waiting(store, change->hash);
        if (change->change != BLOB_INSERTED)
            remove_unused_locked(store, change->hash);
    }
    files_unlock(store);
}

static bool sweep_incoming(Store *store, const char *name, const void *argument)
{
    (void)argument;
    unsigned char hash[HASH_LEN];
    bool used = true;
    Error err;
    bool complete = strlen(name) > HASH_TEXT && name[HASH_TEXT] == '.' && hash_from_text(name, hash);
    if (complete && !hash_is_used(store->writer, hash, &used, &err))
        return true;
    if (complete && !used)
        unlink(final_path(store, hash).text);
    unlink(path_of(store, "incoming", name).text);
    return true;
}

static bool forget_deleted(Store *store, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    return query_open(&query, store->writer, "DELETE FROM deleted_file", err) && query_run(&query, err);
}

bool blob_sweep(Store *store, Error *err)
{
    if (!store->directory)
        return true;
    each_incoming(store, sweep_incoming, NULL);
    AUTO(query_done)
    Query query = {0};
    if (!query_open(&query, store->writer, "SELECT hash FROM deleted_file", err))
        return false;
    Arena arena = {0};
    bool any = false;
    while (query_next(&query)) {
        Str hash = next_text(&query, &arena);
        if (hash.len == HASH_LEN)
            remove_unused_locked(store, (const unsigned char *)hash.data);
        any = true;
    }
    arena_done(&arena);
    return query_end(&query, err) && (!any || forget_deleted(store, err));
}

/* ---- all that there are ---- */

enum { BLOBS_AT_ONCE = 500 };

static bool blobs_after(Database *database, Arena *arena, Str after, StoredBlob *out, int *out_n, Error *err)
{
    AUTO(query_done)
    Query query = {0};
    if (!query_open(
            &query, database,
            "SELECT hash, min(id), max(size_bytes) FROM file WHERE hash > $1 GROUP BY hash ORDER BY hash LIMIT $2",
            err))
        return false;
    bind_bytes(&query, after);
    bind_i64(&query, BLOBS_AT_ONCE);
    int n = 0;
    while (n < BLOBS_AT_ONCE && query_next(&query)) {
        Str hash = next_text(&query, arena);
        if (hash.len != HASH_LEN)
            return error_set(err, DATA_LOSS, "", "the hash of a file is damaged; restore a backup");
        memcpy(out[n].hash, hash.data, HASH_LEN);
        out[n].file_id = next_text(&query, arena);
        out[n++].size_bytes = next_i64(&query);
    }
    *out_n = n;
    return query_end(&query, err);
}

bool blob_each(Database *database, bool (*each)(void *self, const StoredBlob *blob, Error *err), void *self, Error *err)
{
    AUTO(arena_done)
    Arena arena = {0};
    StoredBlob blobs[BLOBS_AT_ONCE];
    Str after = {0};
    unsigned char last[HASH_LEN];
    for (int n = BLOBS_AT_ONCE; n == BLOBS_AT_ONCE;) {
        arena_reset(&arena);
        if (!blobs_after(database, &arena, after, blobs, &n, err))
            return false;
        for (int i = 0; i < n; i++) {
            if (!each(self, &blobs[i], err))
                return false;
        }
        if (n > 0)
            memcpy(last, blobs[n - 1].hash, HASH_LEN);
        after = str_of((const char *)last, HASH_LEN);
    }
    return true;
}

/* ---- writing ---- */

static void writer_free(FileWriter *writer)
{
    if (writer->fd >= 0)
        close(writer->fd);
    EVP_MD_CTX_free(writer->digest);
    free(writer);
}

bool store_file_write_begin(Store *store, int64_t max_bytes, FileWriter **out, Error *err)
{
    if (!store->directory)
        return error_set(err, UNIMPLEMENTED, "", "a simulated disk keeps no files of runs");
    FileWriter *writer = calloc(1, sizeof *writer);
    if (!writer)
        return error_set(err, RESOURCE_EXHAUSTED, "", "no memory for an upload");
    Id id = id_new();
    *writer = (FileWriter){.store = store, .fd = -1, .max = max_bytes, .digest = EVP_MD_CTX_new()};
    writer->path = path_of(store, "incoming", id.text);
    if (!writer->digest || EVP_DigestInit_ex(writer->digest, EVP_sha256(), NULL) != 1) {
        writer_free(writer);
        return error_set(err, INTERNAL, "", "SHA-256 is not to be had");
    }
    writer->fd = open(writer->path.text, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (writer->fd < 0) {
        writer_free(writer);
        return error_set_errno(err, "cannot begin to store the file");
    }
    *out = writer;
    return true;
}

static bool write_all(int fd, Str bytes, Error *err)
{
    while (bytes.len > 0) {
        ssize_t n = write(fd, bytes.data, bytes.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_set_errno(err, "cannot store the file");
        bytes = str_skip(bytes, (size_t)n);
    }
    return true;
}

bool store_file_write(FileWriter *writer, Str bytes, Error *err)
{
    if ((int64_t)bytes.len > writer->max - writer->size)
        return error_set(err, INVALID_ARGUMENT, "file",
                         "the file is larger than %lld bytes, which is the most this server takes",
                         (long long)writer->max);
    if (!write_all(writer->fd, bytes, err))
        return false;
    if (EVP_DigestUpdate(writer->digest, bytes.data, bytes.len) != 1)
        return error_set(err, INTERNAL, "", "SHA-256 failed");
    size_t head = MIN_OF(sizeof writer->head - writer->head_len, bytes.len);
    if (head > 0)
        memcpy(writer->head + writer->head_len, bytes.data, head);
    writer->head_len += head;
    writer->size += (int64_t)bytes.len;
    return true;
}

Str store_file_write_head(const FileWriter *writer)
{
    return str_of(writer->head, writer->head_len);
}

/* Gives complete, synced bytes their two names. Bytes that are there already keep their place. */
static bool name_bytes_locked(FileWriter *writer, const unsigned char hash[HASH_LEN], Error *err)
{
    Store *store = writer->store;
    Path waiting = waiting_path(store, hash), final = final_path(store, hash), folder = final;
    *strrchr(folder.text, '/') = '\0';
    if (!make_folder(folder.text, err))
        return false;
    if (rename(writer->path.text, waiting.text) != 0)
        return error_set_errno(err, "cannot name the stored file");
    if (link(waiting.text, final.text) == 0 || errno == EEXIST)
        return sync_folder(folder.text, err) && sync_folder(path_of(store, "", "").text, err) &&
               sync_folder(path_of(store, "incoming", "").text, err);
    error_set_errno(err, "cannot name the stored file");
    unlink(waiting.text);
    return false;
}

bool store_file_write_finish(FileWriter *writer, FileRow *out, Error *err)
{
    unsigned char hash[HASH_LEN];
    bool ok = EVP_DigestFinal_ex(writer->digest, hash, NULL) == 1 || error_set(err, INTERNAL, "", "SHA-256 failed");
    if (ok && fsync(writer->fd) != 0)
        ok = error_set_errno(err, "cannot sync the file to disk");
    if (ok) {
        files_lock(writer->store);
        ok = name_bytes_locked(writer, hash, err);
        files_unlock(writer->store);
    }
    if (!ok) {
        store_file_write_abandon(writer);
        return false;
    }
    memcpy(out->hash, hash, sizeof hash);
    out->size_bytes = writer->size;
    writer_free(writer);
    return true;
}

void store_file_write_abandon(FileWriter *writer)
{
    if (!writer)
        return;
    unlink(writer->path.text);
    writer_free(writer);
}

/* ---- reading ---- */

static IntactFile intact_of(const FileRow *file, const struct stat *status)
{
    IntactFile intact = {.inode = (int64_t)status->st_ino, .size = status->st_size};
    intact.modified_ns = (int64_t)status->st_mtim.tv_sec * 1000000000 + status->st_mtim.tv_nsec;
    intact.changed_ns = (int64_t)status->st_ctim.tv_sec * 1000000000 + status->st_ctim.tv_nsec;
    memcpy(intact.hash, file->hash, sizeof intact.hash);
    return intact;
}

static IntactFile *intact_slot(Store *store, const IntactFile *intact)
{
    return &store->intact[(intact->hash[0] | intact->hash[1] << 8) % INTACT_FILES];
}

static bool is_known_intact(Store *store, const IntactFile *intact)
{
    pthread_mutex_lock(&store->intact_lock);
    IntactFile known = *intact_slot(store, intact);
    pthread_mutex_unlock(&store->intact_lock);
    return memcmp(known.hash, intact->hash, sizeof known.hash) == 0 && known.inode == intact->inode &&
           known.size == intact->size && known.modified_ns == intact->modified_ns &&
           known.changed_ns == intact->changed_ns;
}

static void remember_intact(Store *store, const IntactFile *intact)
{
    pthread_mutex_lock(&store->intact_lock);
    *intact_slot(store, intact) = *intact;
    pthread_mutex_unlock(&store->intact_lock);
}

bool blob_has_hash(int fd, const unsigned char hash[HASH_LEN], bool *out, Error *err)
{
    static const size_t piece = 1 << 16;
    unsigned char found[HASH_LEN];
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    char *bytes = malloc(piece);
    bool works = digest && bytes && EVP_DigestInit_ex(digest, EVP_sha256(), NULL);
    ssize_t n = works ? 1 : -1;
    for (off_t at = 0; n > 0; at += n) {
        n = pread(fd, bytes, piece, at);
        works = n >= 0 && EVP_DigestUpdate(digest, bytes, (size_t)n);
        n = works ? n : -1;
    }
    int why = errno;
    works = works && EVP_DigestFinal_ex(digest, found, NULL);
    EVP_MD_CTX_free(digest);
    free(bytes);
    errno = why;
    if (!works)
        return error_set_errno(err, "cannot read the stored file");
    *out = memcmp(found, hash, HASH_LEN) == 0;
    return true;
}

/* What was looked at once is looked at again when somebody has touched it since. */
static bool is_intact(Store *store, const FileRow *file, int fd, bool *out, Error *err)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return error_set_errno(err, "cannot look at the stored file");
    IntactFile intact = intact_of(file, &status);
    *out = status.st_size == file->size_bytes;
    if (!*out || is_known_intact(store, &intact))
        return true;
    if (!blob_has_hash(fd, file->hash, out, err))
        return false;
    if (*out)
        remember_intact(store, &intact);
    return true;
}

bool store_file_open(Store *store, const FileRow *file, int *out_fd, Error *err)
{
    Path path = final_path(store, file->hash);
    int fd = open(path.text, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno != ENOENT)
        return error_set_errno(err, "cannot open the stored file");
    if (fd < 0)
        return error_set(err, DATA_LOSS, "", "the bytes of file %.*s are gone; restore a backup", STR_ARG(file->id));
    bool intact = false, looked = is_intact(store, file, fd, &intact, err);
    if (looked && intact) {
        *out_fd = fd;
        return true;
    }
    close(fd);
    return looked &&
           error_set(err, DATA_LOSS, "", "the bytes of file %.*s are not those that were stored; restore a backup",
                     STR_ARG(file->id));
}
