/* agents/recall.h: what a model is told beside the draft and the description: what was said in the thread before, and
 * the files that were sent along.
 *
 * Bounded: the newest messages that fit, the newest files, of each its beginning. Only what is text is shown; of
 * another file its name, kind and size. */
#ifndef CLERKWORK_AGENTS_RECALL_H
#define CLERKWORK_AGENTS_RECALL_H

#include "store/authoring.h"
#include "store/file.h"

#define RECALL_EVENTS_MOST 60
#define RECALL_MESSAGE_MOST (4 << 10)
#define RECALL_SAID_MOST (16 << 10)
#define RECALL_FILES_MOST 8
#define RECALL_FILE_MOST (8 << 10)

/* What was found; all of it lives in the arena. */
typedef struct Recall {
    Str said; /* oldest first, "" when nothing was said before */
    FileRow files[RECALL_FILES_MOST];
    int n_files;
} Recall;

/* Reads the thread as it was before the message that `documents` (JSON array, or "") were sent along with. Files are
 * only looked for where `may_read_files`, and only in `scope`; those that are gone are left out. */
MUST_USE bool recall_read(Tx *tx, Arena *arena, const Scope *scope, const AuthoringThread *thread, Str documents,
                          bool may_read_files, Recall *out, Error *err);
/* The files as texts, one below the other; "" without one. Reads from disk: for no transaction, and not for the loop.
 */
Str recall_files_text(Store *store, Arena *arena, const Recall *recall);

#endif
