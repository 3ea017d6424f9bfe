/* http/outbox.c: see the header. */
#include "http/outbox.h"

#include <stdlib.h>

/* What a loop keeps for another use; a burst beyond it goes back to the system. */
#define POOL_BLOCKS 64
#define POOL_PARTS 1024

static void *must(void *memory)
{
    if (!memory)
        abort();
    return memory;
}

static OutBlock *block_take(OutPool *pool)
{
    OutBlock *block = pool->blocks;
    if (block) {
        pool->blocks = block->next;
        pool->n_blocks--;
    } else {
        block = must(malloc(sizeof *block));
    }
    block->next = NULL;
    block->used = 0;
    return block;
}

static void block_give(OutPool *pool, OutBlock *block)
{
    if (pool->n_blocks >= POOL_BLOCKS) {
        free(block);
        return;
    }
    block->next = pool->blocks;
    pool->blocks = block;
    pool->n_blocks++;
}

static OutPart *part_add(Outbox *out, OutPool *pool)
{
    OutPart *part = pool->parts;
    if (part) {
        pool->parts = part->next;
        pool->n_parts--;
    } else {
        part = must(malloc(sizeof *part));
    }
    *part = (OutPart){0};
    if (out->last)
        out->last->next = part;
    else
        out->first = part;
    out->last = part;
    return part;
}

static void part_give(OutPool *pool, OutPart *part, bool sent)
{
    if (part->block)
        block_give(pool, part->block);
    if (part->left)
        part->left(part->subject, sent);
    if (pool->n_parts >= POOL_PARTS) {
        free(part);
        return;
    }
    part->next = pool->parts;
    pool->parts = part;
    pool->n_parts++;
}

void outbox_copy(Outbox *out, OutPool *pool, Str bytes)
{
    out->bytes += bytes.len;
    while (bytes.len > 0) {
        OutPart *part = out->last;
        if (!part || !part->block || part->block->used == OUT_BLOCK_BYTES) {
            part = part_add(out, pool);
            part->block = block_take(pool);
            part->data = part->block->bytes;
        }
        OutBlock *block = part->block;
        size_t n = MIN_OF(bytes.len, OUT_BLOCK_BYTES - block->used);
        memcpy(block->bytes + block->used, bytes.data, n);
        block->used += n;
        part->len += n;
        bytes = str_skip(bytes, n);
    }
}

void outbox_refer(Outbox *out, OutPool *pool, Str bytes, void (*left)(void *subject, bool sent), void *subject)
{
    OutPart *part = part_add(out, pool);
    part->data = bytes.data;
    part->len = bytes.len;
    part->left = left;
    part->subject = subject;
    out->bytes += bytes.len;
}

size_t outbox_look(const Outbox *out, struct iovec *segments, size_t n, size_t max_bytes)
{
    size_t count = 0, bytes = 0;
    for (const OutPart *part = out->first; part && count < n && bytes < max_bytes; part = part->next) {
        size_t len = MIN_OF(part->len, max_bytes - bytes);
        segments[count++] = (struct iovec){(void *)(uintptr_t)part->data, len};
        bytes += len;
    }
    return count;
}

void outbox_consume(Outbox *out, OutPool *pool, size_t bytes)
{
    assert(bytes <= out->bytes);
    out->bytes -= bytes;
    while (out->first && bytes >= out->first->len) {
        OutPart *part = out->first;
        bytes -= part->len;
        out->first = part->next;
        if (!out->first)
            out->last = NULL;
        part_give(pool, part, true);
    }
    if (bytes > 0) {
        out->first->data += bytes;
        out->first->len -= bytes;
    }
}

void outbox_drop(Outbox *out, OutPool *pool)
{
    while (out->first) {
        OutPart *part = out->first;
        out->first = part->next;
        part_give(pool, part, false);
    }
    *out = (Outbox){0};
}

void out_pool_done(OutPool *pool)
{
    while (pool->blocks) {
        OutBlock *block = pool->blocks;
        pool->blocks = block->next;
        free(block);
    }
    while (pool->parts) {
        OutPart *part = pool->parts;
        pool->parts = part->next;
        free(part);
    }
    *pool = (OutPool){0};
}
