/* value/seen.h: which shared objects of a graph were met, numbered in the order of their meeting. Only copy.c and
 * pack.c walk graphs, without recursion: an object is filled when its number comes up. */
#ifndef CLERKWORK_VALUE_SEEN_H
#define CLERKWORK_VALUE_SEEN_H

#include "base/arena.h"

typedef struct SeenObject {
    const void *object; /* List, Set, Record, Table or FileRef */
    void *copy;         /* the caller's */
    uint8_t kind;       /* ValueKind */
} SeenObject;

typedef struct Seen {
    Arena *arena;
    SeenObject *objects; /* `count` of them */
    uint32_t count, cap;
    uint32_t *slots; /* numbers plus one; 2 * cap of them */
} Seen;

/* The object's number; *out_new tells whether it was given just now. */
uint32_t seen_number(Seen *seen, const void *object, uint8_t kind, bool *out_new);
/* An empty List, Set, Record, Table or FileRef, whichever `kind` (a ValueKind) says: to be filled in its turn. */
void *seen_object_new(Arena *arena, uint8_t kind);

#endif
