/* store/file.h: files: metadata in the database, bytes in DIR/files by SHA-256, streamed to and from disk.
 *
 * A FileWriter takes bytes as they arrive (any thread, one at a time), hashes them and writes them to a temporary file;
 * finishing syncs it and moves it to its name; only then may its metadata be committed. What will not be committed is
 * forgotten; what a crash left so is swept at the next start. */
#ifndef CLERKWORK_STORE_FILE_H
#define CLERKWORK_STORE_FILE_H

#include "store/tenant.h"

typedef struct FileRow {
    int64_t key;
    Scope scope; /* workspace 0: uploaded to the organization */
    Str id, filename, mime_type;
    unsigned char hash[32];
    int64_t size_bytes, create_us;
} FileRow;

typedef struct FileWriter FileWriter;
MUST_USE bool store_file_write_begin(Store *store, int64_t max_bytes, FileWriter **out, Error *err);
MUST_USE bool store_file_write(FileWriter *writer, Str bytes, Error *err);
/* Bytes are durable. Fills hash and size of `out`. The writer is gone either way. */
MUST_USE bool store_file_write_finish(FileWriter *writer, FileRow *out, Error *err);
/* Bytes were finished, and no row was inserted for them: they go, unless another row or another upload has the same. */
void store_file_forget(Store *store, const FileRow *file);
void store_file_write_abandon(FileWriter *writer);   /* NULL is accepted */
Str store_file_write_head(const FileWriter *writer); /* its first bytes (up to 16 KiB), for telling the MIME type */

/* The id must be set. RESOURCE_EXHAUSTED when the organization's files would have more bytes than they may: files count
 * as often as they are there, also where equal ones share their bytes on disk. */
MUST_USE bool store_file_insert(Tx *tx, FileRow *file, Error *err);
/* Found by bare id or by "id--name"; files of the organization are seen from its workspaces too. */
MUST_USE bool store_file_get(Tx *tx, Arena *arena, const Scope *scope, Str id, FileRow *out, Error *err);
/* Gives the size of each file of the organization's workspaces that was uploaded in [from_us, until_us), with the key
 * of its workspace; those of the organization itself (0) only when they are asked for. */
MUST_USE bool store_file_sizes(Tx *tx, const Scope *scope, bool with_organization, int64_t from_us, int64_t until_us,
                               void (*each)(void *self, int64_t workspace, int64_t create_us, int64_t size_bytes),
                               void *self, Error *err);
/* The id of the workspace that the file belongs to; "" when it is the organization's. For names that do not tell. */
MUST_USE bool store_file_home(Tx *tx, Arena *arena, int64_t organization, Str id, Str *out_workspace_id, Error *err);
/* An open descriptor to read from; the caller closes it. DATA_LOSS when the bytes are gone or are not those of the
 * hash: they are read through once, and again whenever the file on disk was touched since. May take as long as that. */
MUST_USE bool store_file_open(Store *store, const FileRow *file, int *out_fd, Error *err);
/* The row goes at once; the bytes when no other row has their hash. */
MUST_USE bool store_file_delete(Tx *tx, const Scope *scope, Str id, Error *err);
/* So go files of exactly this workspace, or of the organization itself (0), at most `limit`. */
MUST_USE bool store_file_purge(Tx *tx, int64_t organization, int64_t workspace, int limit, int *out_n, Error *err);

#endif
