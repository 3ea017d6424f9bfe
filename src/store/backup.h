/* store/backup.h: whole copies of a data directory, the way back, and the look whether what is stored is sound. For the
 * command line: nothing here needs a Store, so that it works beside the server that has one open.
 *
 * A backup is a data directory of its own (clerkwork.db, files/) with a backup.json that tells of it. Both ways the
 * copy lies under NAME.partial until it is whole and on disk; then it gets its name in one step. What an interrupted
 * one left under that name is removed by the next.
 *
 * Bytes of files are held against their hash while they are copied. Files that are damaged or gone are told to
 * `Findings` and do not stop the rest; a database that cannot be read whole does. */
#ifndef CLERKWORK_STORE_BACKUP_H
#define CLERKWORK_STORE_BACKUP_H

#include "store/store.h"

/* What is not sound, a sentence each, as it is found. */
typedef struct Findings {
    void (*found)(void *self, Str problem);
    void *self;
    int64_t n;
} Findings;

typedef struct Backup {
    int64_t create_us; /* the moment that it shows, or a little after */
    int64_t schema_version, database_bytes, n_files, file_bytes;
} Backup;

/* Copies the SQLite data directory as of one moment; a server may go on writing. NOT_FOUND when there is no database in
 * it; ALREADY_EXISTS when something other than an empty folder is at `target`. */
MUST_USE bool store_backup(Str directory, Str target, Str program, Findings *findings, Backup *out, Error *err);
/* Makes a data directory of a backup. `hold`: the first engine that opens it pauses what was under way
 * (engine/restored.h), since nobody knows what became of it after the backup. NOT_FOUND when there is no backup;
 * ALREADY_EXISTS as above; FAILED_PRECONDITION when a newer program made it; DATA_LOSS, with what was found, when the
 * database in it is damaged. */
MUST_USE bool store_restore(Str backup, Str directory, bool hold, Findings *findings, Backup *out, Error *err);

typedef struct Verified {
    int64_t schema_version, runs, journal_entries, files, file_bytes;
} Verified;

/* Looks at all that is stored, as of one moment, a server beside it or not: the database's own structure (SQLite's;
 * PostgreSQL has its own checks), that what a row belongs to is there, that journals have no gap and every part its
 * checksum, that every file has its bytes and these their hash. `database`: as in StoreOptions. False only when looking
 * was not possible; what is not sound goes to `findings`. */
MUST_USE bool store_verify(Str directory, Str database, Findings *findings, Verified *out, Error *err);

/* ---- for the engine ---- */
/* When a held copy was restored; 0 when it was not, or what was to be held is held. */
MUST_USE bool store_restored_get(Tx *tx, int64_t *out_us, Error *err);
MUST_USE bool store_restored_done(Tx *tx, Error *err);

#endif
