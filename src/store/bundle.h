/* store/bundle.h: many small rows of a run kept as one, compressed. Internal to store/.
 *
 * While a run goes on, each of its steps adds rows of its own, which costs a step least; they stand in tables that stay
 * small (journal_tail, effect_tail). Nobody writes to them afterwards: once they are many, or the run has ended, they
 * are settled as one row in journal and effect (journal.c, effect.c). */
#ifndef CLERKWORK_STORE_BUNDLE_H
#define CLERKWORK_STORE_BUNDLE_H

#include "base/buf.h"
#include "base/error.h"

enum {
    BUNDLE_ROWS = 64,           /* so many at a time */
    BUNDLE_BYTES = 256 * 1024,  /* and so many bytes of theirs: a row that has more by itself is no bundle */
    BUNDLE_OPENED = 1024 * 1024 /* no more ever comes out of one */
};

/* How many of `n` rows of `sizes[]` bytes make the next bundle; at least 1. */
int bundle_take(const size_t *sizes, int n);
/* Adds to `out` what is kept of `rows`, which are the caller's own encoding of them. */
void bundle_close(Buf *out, Str rows);
/* The same rows, in the arena. DATA_LOSS when they are not what was kept. */
MUST_USE bool bundle_open(Arena *arena, Str kept, Reader *out_rows, Error *err);

#endif
