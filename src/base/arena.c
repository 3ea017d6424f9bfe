/* base/arena.c: blocks that grow by doubling, and a pointer that moves through the newest. */
#include "base/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Under the address sanitizer the free part of every block is forbidden ground, so that reading past the newest
 * allocation, or after a reset, is found. */
#ifdef CLERKWORK_ARENA_POISONS
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

/* ---- large ones ---- */

static bool is_large(size_t size, size_t align)
{
    return size >= ARENA_LARGE && align <= _Alignof(max_align_t);
}

static void link_large(Arena *arena, ArenaLarge *large)
{
    large->older = arena->large;
    large->newer = NULL;
    if (arena->large)
        arena->large->newer = large;
    arena->large = large;
    arena->n_large++;
}

static void unlink_large(Arena *arena, ArenaLarge *large)
{
    if (large->older)
        large->older->newer = large->newer;
    if (large->newer)
        large->newer->older = large->older;
    else
        arena->large = large->older;
    arena->n_large--;
}

/* Fresh pages of the system are zero already, which calloc knows. */
static char *take_large(Arena *arena, size_t size, bool zeroed)
{
    size_t total = sizeof(ArenaLarge) + size;
    ArenaLarge *large = size > SIZE_MAX / 2 ? NULL : zeroed ? calloc(1, total) : malloc(total);
    if (!large)
        no_memory(size);
    large->size = size;
    link_large(arena, large);
    arena->used += size;
    return large->data;
}

static ArenaLarge *find_large(const Arena *arena, const void *data)
{
    ArenaLarge *large = arena->large;
    while (large && large->data != data)
        large = large->older;
    return large;
}

static char *grow_large(Arena *arena, ArenaLarge *large, size_t new_size)
{
    arena->used += new_size - large->size;
    ArenaLarge *grown = new_size > SIZE_MAX / 2 ? NULL : realloc(large, sizeof *large + new_size);
    if (!grown)
        no_memory(new_size);
    grown->size = new_size;
    if (grown->older)
        grown->older->newer = grown;
    if (grown->newer)
        grown->newer->older = grown;
    else
        arena->large = grown;
    return grown->data;
}

/* ---- handing out ---- */

void *arena_alloc(Arena *arena, size_t size, size_t align)
{
    if (is_large(size, align))
        return take_large(arena, size, true);
    char *data = take(arena, size, align);
    memset(data, 0, size);
    return data;
}

char *arena_alloc_bytes(Arena *arena, size_t size)
{
    return is_large(size, 1) ? take_large(arena, size, false) : take(arena, size, 1);
}

void *arena_alloc_array(Arena *arena, size_t n, size_t size, size_t align)
{
    size_t total;
    if (__builtin_mul_overflow(n, size, &total))
        no_memory(SIZE_MAX);
    return arena_alloc(arena, total, align);
}

static bool grow_in_place(Arena *arena, const char *data, size_t old_size, size_t more)
{
    if (!data || data + old_size != arena->next || more > (size_t)(arena->end - arena->next))
        return false;
    unpoison(arena->next, more);
    arena->next += more;
    arena->used += more;
    return true;
}

static char *grow_elsewhere(Arena *arena, const char *old, size_t old_size, size_t new_size, size_t align)
{
    ArenaLarge *large = is_large(old_size, align) ? find_large(arena, old) : NULL;
    if (large)
        return grow_large(arena, large, new_size);
    char *data = is_large(new_size, align) ? take_large(arena, new_size, false) : take(arena, new_size, align);
    if (old_size > 0)
        memcpy(data, old, old_size);
    return data;
}

void *arena_grow(Arena *arena, void *old, size_t old_size, size_t new_size, size_t align)
{
    assert(new_size >= old_size);
    size_t more = new_size - old_size;
    bool stays = !is_large(new_size, align) && grow_in_place(arena, old, old_size, more);
    char *data = stays ? old : grow_elsewhere(arena, old, old_size, new_size, align);
    memset(data + old_size, 0, more);
    return data;
}

void arena_shrink(Arena *arena, const void *data, size_t size, size_t kept)
{
    assert(kept <= size);
    if (!data || (const char *)data + size != arena->next)
        return;
    arena->next -= size - kept;
    arena->used -= size - kept;
    poison(arena->next, size - kept);
}

ArenaMark arena_mark(const Arena *arena)
{
    return (ArenaMark){.block = arena->blocks, .next = arena->next, .n_large = arena->n_large, .used = arena->used};
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

static void free_large_beyond(Arena *arena, size_t n)
{
    while (arena->n_large > n) {
        ArenaLarge *large = arena->large;
        unlink_large(arena, large);
        free(large);
    }
}

void arena_release(Arena *arena, ArenaMark mark)
{
    free_newer_than(arena, mark.block);
    free_large_beyond(arena, mark.n_large);
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
    free_large_beyond(arena, 0);
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
    free_large_beyond(arena, 0);
    *arena = (Arena){0};
}

/* ---- between arenas ---- */

static bool is_within(const char *data, const char *start, const char *end)
{
    return (uintptr_t)data >= (uintptr_t)start && (uintptr_t)data < (uintptr_t)end;
}

bool arena_owns(const Arena *arena, const void *data)
{
    for (const ArenaLarge *large = arena->large; large; large = large->older)
        if (is_within(data, large->data, large->data + large->size))
            return true;
    for (const ArenaBlock *block = arena->blocks; block; block = block->older)
        if (is_within(data, block->start, block->end))
            return true;
    return false;
}

/* The other's blocks go behind the one that is being handed out. */
void arena_absorb(Arena *arena, Arena *other)
{
    if (!arena->blocks) {
        arena->blocks = other->blocks;
        arena->next = other->next;
        arena->end = other->end;
    } else if (other->blocks) {
        ArenaBlock *oldest = other->blocks;
        while (oldest->older)
            oldest = oldest->older;
        oldest->older = arena->blocks->older;
        arena->blocks->older = other->blocks;
    }
    other->blocks = NULL;
    while (other->large)
        arena_move_large(arena, other, other->large);
    arena->used += other->used;
    *other = (Arena){0};
}

void arena_move_large(Arena *to, Arena *from, ArenaLarge *of_from)
{
    unlink_large(from, of_from);
    link_large(to, of_from);
}
