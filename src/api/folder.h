/* api/folder.h: a folder that a trigger watches, on disk.
 *
 * It lies within ROOT/WORKSPACE, where ROOT is the operator's setting, and is made when it is not there. Neither its
 * name nor what lies on the way may lead out: names are checked, and each part of the way is opened by itself, from the
 * part before, and must be a directory and no link. Of the files in it only regular ones are ever read. */
#ifndef CLERKWORK_API_FOLDER_H
#define CLERKWORK_API_FOLDER_H

#include "base/arena.h"
#include "base/error.h"

/* As many files of a folder are looked at in one turn; of more, others come once these are gone. */
#define FOLDER_FILES_MOST 10000
#define FOLDER_DONE S("done")
#define FOLDER_REFUSED S("refused")

typedef struct FolderEntry {
    const char *name; /* as it stands on disk: any bytes but '/' */
    int64_t size_bytes, modify_us;
    bool is_file;           /* else a link, a pipe, a device … */
    unsigned char hash[32]; /* of name, file number, size and time of change */
} FolderEntry;

/* INVALID_ARGUMENT for `folder`: a relative path of at most 1,000 bytes whose parts begin with no dot. */
MUST_USE bool folder_check_path(Str path, Error *err);
/* INVALID_ARGUMENT for `pattern`: at most 200 bytes and three stars. */
MUST_USE bool folder_check_pattern(Str pattern, Error *err);

/* The caller closes `out_fd`. */
MUST_USE bool folder_open(int root_fd, Str workspace_id, Str path, int *out_fd, Error *err);
/* What is in it, oldest first: no directories, nothing whose name begins with a dot or ends as unfinished files' do
 * (.part, .tmp …), and only what fits the pattern ("": all). `out_more`: there was more than FOLDER_FILES_MOST. */
MUST_USE bool folder_list(int fd, Arena *arena, Str pattern, FolderEntry **out, int *out_n, bool *out_more, Error *err);
/* For reading; the caller closes it. ABORTED when it is not what was listed any more, FAILED_PRECONDITION when it may
 * not be read. */
MUST_USE bool folder_open_file(int fd, const FolderEntry *entry, int *out_file, Error *err);
/* ABORTED when the open file is not as it was listed. */
MUST_USE bool folder_check_file(int file, const FolderEntry *entry, Error *err);
/* Into the subfolder `where`, which is made when it is not there; under another name where that one is taken. Nothing
 * when it is not what was listed any more. */
MUST_USE bool folder_put_aside(int fd, const FolderEntry *entry, Str where, Error *err);

#endif
