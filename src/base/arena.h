/* base/arena.h: memory with one lifetime.
 *
 * Allocation moves a pointer; nothing inside is freed singly; all of it goes at once. Three lifetimes exist:
 * the process, a run, a request. A function that returns memory takes the arena that it goes into. When
 * the system itself refuses memory the process stops (the journal brings its runs back).
 * An arena belongs to one thread at a time. A zeroed Arena is an empty, usable one. */
#ifndef CLERKWORK_BASE_ARENA_H
#define CLERKWORK_BASE_ARENA_H

#include <stddef.h>

#include "base/macros.h"
#include "base/str.h"

#if defined(__SANITIZE_ADDRESS__)
#define CLERKWORK_ARENA_POISONS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CLERKWORK_ARENA_POISONS 1
#endif
#endif

typedef struct ArenaBlock ArenaBlock;

/* An allocation with a block of its own: it grows where it stands, and can change to another arena. */
typedef struct ArenaLarge {
    struct ArenaLarge *older, *newer;
    size_t size;
    _Alignas(max_align_t) char data[];
} ArenaLarge;

/* Allocations of so many bytes are such ones, unless they are aligned more strictly than max_align_t. Few bytes under
 * the address sanitizer, so that every test sees them. */
#ifdef CLERKWORK_ARENA_POISONS
enum { ARENA_LARGE = 256 };
#else
enum { ARENA_LARGE = 128 * 1024 };
#endif

struct Arena {
    char *next; /* first free byte of the newest block */
    char *end;
    ArenaBlock *blocks; /* newest first */
    ArenaLarge *large;  /* newest first */
    size_t n_large;
    size_t used; /* bytes handed out since the last reset, for budgets */
};

typedef struct ArenaMark {
    ArenaBlock *block;
    char *next;
    size_t n_large;
    size_t used;
} ArenaMark;

/* Zeroed memory; `align` is a power of two. Never NULL; size 0 gives a pointer that must not be read. */
void *arena_alloc(Arena *arena, size_t size, size_t align);
#define NEW(arena, Type) ((Type *)arena_alloc(arena, sizeof(Type), _Alignof(Type)))
#define NEW_ARRAY(arena, Type, n) ((Type *)arena_alloc_array(arena, n, sizeof(Type), _Alignof(Type)))
void *arena_alloc_array(Arena *arena, size_t n, size_t size, size_t align); /* checks n * size */
/* Not zeroed and not aligned: for bytes that are overwritten at once. */
char *arena_alloc_bytes(Arena *arena, size_t size);
/* Grows the array in place where it was the newest allocation or is a large one, else copies; the new part is zeroed.
 * `old` must not be used any more. Growth by doubling is the caller's. */
void *arena_grow(Arena *arena, void *old, size_t old_size, size_t new_size, size_t align);
/* Gives back all but the first `kept` of `size` bytes where they were the newest allocation; else does nothing. */
void arena_shrink(Arena *arena, const void *data, size_t size, size_t kept);

ArenaMark arena_mark(const Arena *arena);
void arena_release(Arena *arena, ArenaMark mark); /* gives back all that came after the mark */
void arena_reset(Arena *arena);                   /* empty again; keeps one block for the next use */
void arena_done(Arena *arena);                    /* gives everything back; accepts the empty one */

/* ---- between arenas ---- */
bool arena_owns(const Arena *arena, const void *data); /* whether `data` points into it */
void arena_absorb(Arena *arena, Arena *other);         /* takes over all that `other` holds and leaves it empty */
void arena_move_large(Arena *to, Arena *from, ArenaLarge *of_from); /* `from` counts it as used as before */

#endif
