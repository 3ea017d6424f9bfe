/* base/arena.h: memory with one lifetime.
 *
 * Allocation moves a pointer; nothing inside is freed singly; all of it goes at once. Three lifetimes exist:
 * the process, a run, a request. A function that returns memory takes the arena that it goes into. When
 * the system itself refuses memory the process stops (the journal brings its runs back).
 * An arena belongs to one thread at a time. A zeroed Arena is an empty, usable one. */
#ifndef CLERKWORK_BASE_ARENA_H
#define CLERKWORK_BASE_ARENA_H

#include "base/macros.h"
#include "base/str.h"

typedef struct ArenaBlock ArenaBlock;

struct Arena {
    char *next; /* first free byte of the newest block */
    char *end;
    ArenaBlock *blocks; /* newest first */
    size_t used;        /* bytes handed out since the last reset, for budgets */
};

typedef struct ArenaMark {
    ArenaBlock *block;
    char *next;
    size_t used;
} ArenaMark;

/* Zeroed memory; `align` is a power of two. Never NULL; size 0 gives a pointer that must not be read. */
void *arena_alloc(Arena *arena, size_t size, size_t align);
#define NEW(arena, Type) ((Type *)arena_alloc(arena, sizeof(Type), _Alignof(Type)))
#define NEW_ARRAY(arena, Type, n) ((Type *)arena_alloc_array(arena, n, sizeof(Type), _Alignof(Type)))
void *arena_alloc_array(Arena *arena, size_t n, size_t size, size_t align); /* checks n * size */
/* Not zeroed and not aligned: for bytes that are overwritten at once. */
char *arena_alloc_bytes(Arena *arena, size_t size);
/* Grows the array that was the newest allocation in place, else copies; the new part is zeroed. Growth by doubling is
 * the caller's. */
void *arena_grow(Arena *arena, void *old, size_t old_size, size_t new_size, size_t align);

ArenaMark arena_mark(const Arena *arena);
void arena_release(Arena *arena, ArenaMark mark); /* gives back all that came after the mark */
void arena_reset(Arena *arena);                   /* empty again; keeps one block for the next use */
void arena_done(Arena *arena);                    /* gives everything back; accepts the empty one */

#endif
