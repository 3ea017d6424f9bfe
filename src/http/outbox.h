/* http/outbox.h: bytes on their way out of a connection, in order.
 *
 * Small things are copied into pooled blocks, large ones are referred to where they stand, with a note whom to tell
 * when they have left. Taking bytes out is two steps, look and consume, since the system takes what it likes. */
#ifndef CLERKWORK_HTTP_OUTBOX_H
#define CLERKWORK_HTTP_OUTBOX_H

#include <sys/uio.h>

#include "base/buf.h"

#define OUT_BLOCK_BYTES (16 * 1024 - 32)
/* Up to this a copy is cheaper than a segment of its own. */
#define OUT_COPY_MAX (8 * 1024)

typedef struct OutBlock {
    struct OutBlock *next; /* in the pool */
    size_t used;
    char bytes[OUT_BLOCK_BYTES];
} OutBlock;

typedef struct OutPart {
    struct OutPart *next;
    const char *data;
    size_t len;
    OutBlock *block; /* copied bytes: where they lie; else NULL */
    void (*left)(void *subject, bool sent);
    void *subject;
} OutPart;

/* Blocks and parts for another use; one pool a loop. */
typedef struct OutPool {
    OutBlock *blocks;
    OutPart *parts;
    size_t n_blocks, n_parts;
} OutPool;

typedef struct Outbox {
    OutPart *first, *last;
    size_t bytes; /* waiting */
} Outbox;

void outbox_copy(Outbox *out, OutPool *pool, Str bytes);
/* `bytes` stay where they are until left(subject, sent) is called: sent = false when the outbox was dropped. */
void outbox_refer(Outbox *out, OutPool *pool, Str bytes, void (*left)(void *subject, bool sent), void *subject);
/* The first bytes as at most n segments and about `max_bytes` bytes; gives the number of segments. */
size_t outbox_look(const Outbox *out, struct iovec *segments, size_t n, size_t max_bytes);
void outbox_consume(Outbox *out, OutPool *pool, size_t bytes);
void outbox_drop(Outbox *out, OutPool *pool); /* nothing will be sent any more */
void out_pool_done(OutPool *pool);

#endif
