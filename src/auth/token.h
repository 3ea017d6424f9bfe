/* auth/token.h: the secrets of access tokens: `kgn_pat_`, 36 random characters, 6 of checksum, all of them base62.
 *
 * The checksum tells a mistyped or made-up token before any look into the database. A secret is shown once; the store
 * keeps its SHA-256, which is enough for random text of 214 bits. */
#ifndef CLERKWORK_AUTH_TOKEN_H
#define CLERKWORK_AUTH_TOKEN_H

#include "base/str.h"

enum {
    TOKEN_PREFIX_LEN = 8,
    TOKEN_RANDOM_LEN = 36,
    TOKEN_CHECKSUM_LEN = 6,
    TOKEN_SECRET_LEN = TOKEN_PREFIX_LEN + TOKEN_RANDOM_LEN + TOKEN_CHECKSUM_LEN,
    TOKEN_SHOWN_LEN = 12,
    TOKEN_HASH_LEN = 32,
};

typedef struct TokenSecret {
    char text[TOKEN_SECRET_LEN + 1];
} TokenSecret;

TokenSecret token_secret_new(void);
static inline Str token_secret_str(const TokenSecret *secret)
{
    return (Str){secret->text, TOKEN_SECRET_LEN};
}
/* Length, alphabet and checksum are right; nothing about whether it was ever given out. */
bool token_secret_is_well_formed(Str secret);
void token_secret_hash(Str secret, unsigned char out[TOKEN_HASH_LEN]);
/* Takes the same time wherever they differ. */
bool token_hash_eq(const unsigned char a[TOKEN_HASH_LEN], const unsigned char b[TOKEN_HASH_LEN]);
/* The beginning, which lists may show. */
static inline Str token_secret_shown(Str secret)
{
    return str_slice(secret, 0, TOKEN_SHOWN_LEN);
}

#endif
