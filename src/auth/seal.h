/* auth/seal.h: secrets that must be kept and given back (credentials of connections), encrypted with a key that lies in
 * a file of its own: whoever has the database, or a backup of it, has none of them.
 *
 * AES-256-GCM. What is sealed is bound to a context (whose it is and where it goes): moved elsewhere in the database,
 * or beside another address, it does not open. */
#ifndef CLERKWORK_AUTH_SEAL_H
#define CLERKWORK_AUTH_SEAL_H

#include "base/arena.h"
#include "base/error.h"
#include "store/connection.h"

#define SEAL_KEY_LEN 32
typedef struct SealKey {
    unsigned char bytes[SEAL_KEY_LEN];
} SealKey;

/* Reads the key file; `make` makes one, readable for its owner alone, when there is none. NOT_FOUND without it,
 * FAILED_PRECONDITION when others may read it, DATA_LOSS when it holds no key. */
MUST_USE bool seal_key_read(const char *path, bool make, SealKey *out, Error *err);
void seal_key_done(SealKey *key); /* overwrites it */

/* Sets the row's `sealed`, in `arena`; "" for an empty secret. All other members of the row must be as they will be. */
MUST_USE bool seal_connection(Arena *arena, const SealKey *key, Str secret, ConnectionRow *row, Error *err);
/* DATA_LOSS when it was sealed with another key, or belongs to another row. */
MUST_USE bool unseal_connection(Arena *arena, const SealKey *key, const ConnectionRow *row, Str *out, Error *err);

#endif
