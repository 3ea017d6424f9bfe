/* store/sqlite/copy.c: SQLite's online backup. */
#include "store/sqlite/copy.h"

#include <stddef.h>

static int copy_pages(sqlite3 *source, sqlite3 *target)
{
    sqlite3_backup *backup = sqlite3_backup_init(target, "main", source, "main");
    if (!backup)
        return sqlite3_extended_errcode(target);
    /* In one step: between two, another process could write, and SQLite would begin again. Writers are not held up,
     * since the source is read as of the step's beginning (WAL). */
    int code = sqlite3_backup_step(backup, -1);
    int finished = sqlite3_backup_finish(backup);
    if (code != SQLITE_DONE)
        return code;
    return finished;
}

int copy_to_file(sqlite3 *source, const char *path)
{
    sqlite3 *target = NULL;
    int code = sqlite3_open_v2(path, &target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
    if (code == SQLITE_OK)
        code = copy_pages(source, target);
    /* The pages say that there is a log; a copy should be one file, also on a disk that may only be read. */
    if (code == SQLITE_OK)
        code = sqlite3_exec(target, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
    int closed = sqlite3_close(target);
    return code != SQLITE_OK ? code : closed;
}
