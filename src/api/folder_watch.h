/* api/folder_watch.h: a thread that looks into the folders that triggers watch, and starts runs with the files that
 * come.
 *
 * A file is taken once it has stood still for a while: its name, number, size and time of change as they were, look
 * after look. Its bytes become a file of the workspace; that file, the run, the note of the event and the mark that
 * something came of it share a transaction, so that a crash neither loses nor doubles a run. Only then is it moved
 * aside: into `done`, or into `refused` when it started no run. Only the process that leads looks. */
#ifndef CLERKWORK_API_FOLDER_WATCH_H
#define CLERKWORK_API_FOLDER_WATCH_H

#include "engine/engine.h"

typedef struct FolderWatchOptions {
    Store *store;
    Engine *engine;
    const char *root;
    int64_t max_bytes; /* of a file */
    int64_t quiet_us;  /* how long a file must have stood still; 0: 2 s */
    int64_t look_us;   /* between two looks; 0: 1 s */
} FolderWatchOptions;

typedef struct FolderWatch FolderWatch;
/* FAILED_PRECONDITION when the root is no directory that can be opened. */
MUST_USE bool folder_watch_start(const FolderWatchOptions *options, FolderWatch **out, Error *err);
void folder_watch_stop(FolderWatch *watch); /* waits for the file in hand; NULL is accepted */

#endif
