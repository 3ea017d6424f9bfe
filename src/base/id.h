/* base/id.h: names that cannot be guessed: 21 characters of A-Za-z0-9_- (nano id).
 *
 * What there are millions of is named by its moment first: its rows then lie together in the index of the names, and
 * making one more changes the pages that the last one changed. */
#ifndef CLERKWORK_BASE_ID_H
#define CLERKWORK_BASE_ID_H

#include "base/str.h"

#define ID_LEN 21
typedef struct Id {
    char text[ID_LEN + 1];
} Id;

/* Random bits are from the system's source; both are safe from any thread. */
Id id_new(void);          /* 126 random bits */
Id id_new_at(int64_t us); /* 42 bits of its milliseconds since 1970, in the order of bytes; 84 random bits */
static inline Str id_str(const Id *id)
{
    return (Str){id->text, ID_LEN};
}
bool id_is_valid(Str text);
void random_bytes(void *out, size_t len); /* getrandom(2) */
uint64_t random_u64(void);
/* For simulations, which must come out the same again: from now on all that this thread draws is one sequence, and can
 * be guessed. */
void random_simulate(uint64_t seed);

#endif
