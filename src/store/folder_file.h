/* store/folder_file.h: folders that triggers watch, and which of the files in them something came of already: a file
 * is noted in the transaction that starts its run, so that it starts no second one. For whoever watches, of all
 * tenants. */
#ifndef CLERKWORK_STORE_FOLDER_FILE_H
#define CLERKWORK_STORE_FOLDER_FILE_H

#include "store/workspace_trigger.h"

enum { FOLDER_FILE_HASH = 32 };

typedef struct FolderFile {
    unsigned char hash[FOLDER_FILE_HASH]; /* of what tells it from other files of the folder */
    TriggerOutcome outcome;
} FolderFile;

/* Enabled triggers that watch a folder, with their scopes, by their keys, behind `after`; at most `limit`. */
MUST_USE bool store_folder_triggers(Tx *tx, Arena *arena, int64_t after, int limit, WorkspaceTrigger **out, int *out_n,
                                    Error *err);
/* Those of one trigger, by their hashes. As many as its folder held when it was last looked at. */
MUST_USE bool store_folder_file_list(Tx *tx, Arena *arena, int64_t trigger, FolderFile **out, int *out_n, Error *err);
/* `out_is_new`: it was not there before; else nothing is changed. */
MUST_USE bool store_folder_file_add(Tx *tx, int64_t trigger, const FolderFile *file, bool *out_is_new, Error *err);
MUST_USE bool store_folder_file_forget(Tx *tx, int64_t trigger, const FolderFile *file, Error *err);

#endif
