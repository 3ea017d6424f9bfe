/* cli/local.h: the world of a run without a server: the files that were named on the command line, a directory to save
 * into, the clock. An automation sees no other file.
 *
 * A world that is `staged` is the same at every run, as tests want it: its clock stands still except where the run
 * waits, what it draws is one fixed sequence, and what is saved stays in memory. */
#ifndef CLERKWORK_CLI_LOCAL_H
#define CLERKWORK_CLI_LOCAL_H

#include "base/random.h"
#include "books/book.h"
#include "lang/eval.h"

#define LOCAL_FILES_MAX 256
#define LOCAL_CONNECTIONS_MAX 32

typedef struct SavedFile {
    Str filename, content;
} SavedFile;

typedef struct LocalWorld {
    Arena arena;                  /* holds what is granted; lives as long as the run */
    Str granted[LOCAL_FILES_MAX]; /* paths that may be read */
    uint32_t n_granted;
    const char *directory; /* where relative paths start; NULL: where the program runs */
    const char *save_directory;
    Locale locale;
    bool staged;
    int64_t staged_now_us;
    Random staged_draws;
    SavedFile saved[LOCAL_FILES_MAX]; /* of a staged world, in the order of their saving */
    uint32_t n_saved;
    /* Other servers (local_errand.c). */
    BookConnection connections[LOCAL_CONNECTIONS_MAX];
    uint32_t n_connections;
    bool reach_private;
    HttpClient *client; /* from the first call on */
    int n_errands;
    /* Of a staged world: fills in what comes of the call, in place of the server. */
    bool (*reply)(void *self, BookErrand *errand, Error *err);
    void *reply_self;
} LocalWorld;

/* Lets the run read this file; gives it as a value. NOT_FOUND when it cannot be opened. */
MUST_USE bool local_grant(LocalWorld *world, const char *path, Value *out, Error *err);
int64_t local_now_us(LocalWorld *world);
/* The run has waited until then; only a staged clock must be told. */
void local_pass_time(LocalWorld *world, int64_t until_us);
/* What the command line can say of how figures, dates and times are written. */
static inline Locale local_locale(Str time_zone, bool decimal_comma, bool day_first, bool twelve_hours)
{
    return (Locale){.time_zone = time_zone,
                    .time_format = twelve_hours ? TIME_FORMAT_12_HOUR : TIME_FORMAT_UNSET,
                    .decimal_symbol = decimal_comma ? DECIMAL_COMMA : DECIMAL_SYMBOL_UNSET,
                    .date_format = day_first ? DATE_FORMAT_DD_MM_YYYY_SLASH : DATE_FORMAT_UNSET};
}
BookContext local_context(LocalWorld *world);

/* ---- local_errand.c ---- */
/* "NAME=URL": a server that the run may call by that name. Its credential is what the variable CLERKWORK_SECRET_NAME
 * says: "bearer TOKEN", "basic USER:PASSWORD" or "header NAME:VALUE". `sender` is who writes letters through it. */
MUST_USE bool local_connection(LocalWorld *world, const char *given, const char *sender, Error *err);
/* Carries out a call that goes outside, and waits for what comes of it. `place` as evaluation_place. */
MUST_USE bool local_call_outside(LocalWorld *world, const EvalCall *call, Str place, Arena *arena, Value *out,
                                 Error *err);
/* As a BookContext's `connection`: a staged world has any, at https://NAME (smtp://NAME for letters). */
MUST_USE bool local_find_connection(void *self, Arena *arena, Str book, Str name, BookConnection *out, Error *err);
void local_done(LocalWorld *world);

#endif
