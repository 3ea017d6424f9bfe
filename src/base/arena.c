/* base/arena.c: blocks that grow by doubling, and a pointer that moves through the newest. */
#include "base/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_POISONS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_POISONS 1
#endif
#endif

/* Under the address sanitizer the free part of every block is forbidden ground, so that reading past the newest
 * allocation, or after a reset, is found. */
#ifdef ARENA_POISONS
#include <sanitizer/asan_interface.h>
static void poison(char *from, size_t size)
{
    __asm__("" : "+r"(from)); /* else the compiler takes fresh memory for something that is read here */
    __asan_poison_memory_region(from, size);
}
static void unpoison(char *from, size_t size)
{
    __asan_unpoison_memory_region(from, size);
}
#else
static void poison(char *from, size_t size)
{
    (void)from, (void)size;
}
static void unpoison(char *from, size_t size)
{
    (void)from, (void)size;
}
#endif

enum {
    BLOCK_SIZE_FIRST = 8 * 1024,
    BLOCK_SIZE_MOST = 1024 * 1024,
    BLOCK_SIZE_KEPT = 64 * 1024, /* by a reset: an idle arena must not sit on what one large request needed */
};

struct ArenaBlock {
    ArenaBlock *older;
    char *end;
    _Alignas(max_align_t) char start[];
};

static size_t block_size(const ArenaBlock *block)
{
    return (size_t)(block->end - block->start);
}

static void no_memory(size_t size)
{
    fprintf(stderr, "clerkwork: the system refused %zu bytes of memory; stopping\n", size);
    abort();
}

static void add_block(Arena *arena, size_t least)
{
    size_t size = arena->blocks ? 2 * block_size(arena->blocks) : BLOCK_SIZE_FIRST;
    size = MAX_OF(MIN_OF(size, (size_t)BLOCK_SIZE_MOST), least);
    ArenaBlock *block = size < SIZE_MAX - sizeof *block ? malloc(sizeof *block + size) : NULL;
    if (!block)
        no_memory(size);
    block->older = arena->blocks;
    block->end = block->start + size;
    arena->blocks = block;
    arena->next = block->start;
    arena->end = block->end;
    poison(block->start, size);
}

static void free_block(ArenaBlock *block)
{
    unpoison(block->start, block_size(block));
    free(block);
}

static size_t padding_for(const char *next, size_t align)
{
    return -(uintptr_t)next & (align - 1);
}

static char *take(Arena *arena, size_t size, size_t align)
{
    assert(align > 0 && (align & (align - 1)) == 0);
    size_t padding = padding_for(arena->next, align);
    size_t room = (size_t)(arena->end - arena->next);
    if (!arena->next || padding > room || size > room - padding) {
        if (size > SIZE_MAX / 2)
            no_memory(size);
        add_block(arena, size + align);
        padding = padding_for(arena->next, align);
    }
    char *data = arena->next + padding;
    arena->next = data + size;
    arena->used += size;
    unpoison(data, size);
    return data;
}

void *arena_alloc(Arena *arena, size_t size, size_t align)
{
    char *data = take(arena, size, align);
    memset(data, 0, size);
    return data;
}

char *arena_alloc_bytes(Arena *arena, size_t size)
{
    return take(arena, size, 1);
}

void *arena_alloc_array(Arena *arena, size_t n, size_t size, size_t align)
{
    size_t total;
    if (__builtin_mul_overflow(n, size, &total))
        no_memory(SIZE_MAX);
    return arena_alloc(arena, total, align);
}

void *arena_grow(Arena *arena, void *old, size_t old_size, size_t new_size, size_t align)
{
    assert(new_size >= old_size);
    char *data = old;
    size_t more = new_size - old_size;
    if (data && data + old_size == arena->next && more <= (size_t)(arena->end - arena->next)) {
        arena->next += more;
        arena->used += more;
        unpoison(data + old_size, more);
    } else {
        data = take(arena, new_size, align);
        if (old_size > 0)
            memcpy(data, old, old_size);
    }
    memset(data + old_size, 0, more);
    return data;
}

ArenaMark arena_mark(const Arena *arena)
{
    return (ArenaMark){.block = arena->blocks, .next = arena->next, .used = arena->used};
}

static void free_newer_than(Arena *arena, const ArenaBlock *kept)
{
    while (arena->blocks != kept) {
        assert(arena->blocks);
        ArenaBlock *block = arena->blocks;
        arena->blocks = block->older;
        free_block(block);
    }
}

void arena_release(Arena *arena, ArenaMark mark)
{
    free_newer_than(arena, mark.block);
    arena->next = mark.next;
    arena->end = mark.block ? mark.block->end : NULL;
    arena->used = mark.used;
    if (mark.block)
        poison(arena->next, (size_t)(arena->end - arena->next));
}

/* The largest block that an idle arena may sit on; the first block is always small enough. */
static ArenaBlock *block_to_keep(const Arena *arena)
{
    ArenaBlock *block = arena->blocks;
    while (block && block_size(block) > BLOCK_SIZE_KEPT)
        block = block->older;
    return block;
}

void arena_reset(Arena *arena)
{
    ArenaBlock *kept = block_to_keep(arena);
    free_newer_than(arena, kept);
    if (!kept) {
        *arena = (Arena){0};
        return;
    }
    arena->blocks = kept->older;
    free_newer_than(arena, NULL);
    kept->older = NULL;
    *arena = (Arena){.next = kept->start, .end = kept->end, .blocks = kept};
    poison(kept->start, block_size(kept));
}

void arena_done(Arena *arena)
{
    free_newer_than(arena, NULL);
    *arena = (Arena){0};
}
