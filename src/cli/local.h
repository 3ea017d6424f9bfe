/* cli/local.h: the world of a run without a server: the files that were named on the command line, a directory to save
 * into, the clock. An automation sees no other file. */
#ifndef CLERKWORK_CLI_LOCAL_H
#define CLERKWORK_CLI_LOCAL_H

#include "books/book.h"

#define LOCAL_FILES_MAX 256

typedef struct LocalWorld {
    Arena arena;                  /* holds what is granted; lives as long as the run */
    Str granted[LOCAL_FILES_MAX]; /* paths that may be read */
    uint32_t n_granted;
    const char *save_directory;
    Str time_zone;
    bool decimal_comma, day_first;
} LocalWorld;

/* Lets the run read this file; gives it as a value. NOT_FOUND when it cannot be opened. */
MUST_USE bool local_grant(LocalWorld *world, const char *path, Value *out, Error *err);
BookContext local_context(LocalWorld *world);
void local_done(LocalWorld *world);

#endif
