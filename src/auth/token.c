/* auth/token.c */
#include "auth/token.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <string.h>

#include "base/codec.h"
#include "base/id.h"

static const char base62[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
static_assert(sizeof base62 - 1 == 62, "base62 has 62 characters");

/* Bytes from 248 on are thrown away: 248 is the largest multiple of 62 that fits, so that no character is likelier than
 * another. */
static void random_base62(char *out, size_t len)
{
    enum { FAIR = 248 };
    unsigned char bytes[64];
    size_t used = sizeof bytes;
    for (size_t i = 0; i < len;) {
        if (used == sizeof bytes) {
            random_bytes(bytes, sizeof bytes);
            used = 0;
        }
        unsigned char byte = bytes[used++];
        if (byte < FAIR)
            out[i++] = base62[byte % 62];
    }
    OPENSSL_cleanse(bytes, sizeof bytes);
}

static void checksum(Str text, char out[TOKEN_CHECKSUM_LEN])
{
    uint32_t crc = crc32c(0, text);
    for (int i = TOKEN_CHECKSUM_LEN - 1; i >= 0; i--) {
        out[i] = base62[crc % 62];
        crc /= 62;
    }
}

TokenSecret token_secret_new(void)
{
    TokenSecret secret;
    enum { CHECKED = TOKEN_PREFIX_LEN + TOKEN_RANDOM_LEN };
    memcpy(secret.text, "kgn_pat_", TOKEN_PREFIX_LEN);
    random_base62(secret.text + TOKEN_PREFIX_LEN, TOKEN_RANDOM_LEN);
    checksum(str_of(secret.text, CHECKED), secret.text + CHECKED);
    secret.text[TOKEN_SECRET_LEN] = '\0';
    return secret;
}

bool token_secret_is_well_formed(Str secret)
{
    enum { CHECKED = TOKEN_PREFIX_LEN + TOKEN_RANDOM_LEN };
    if (secret.len != TOKEN_SECRET_LEN || !str_starts(secret, S("kgn_pat_")))
        return false;
    for (size_t i = TOKEN_PREFIX_LEN; i < secret.len; i++) {
        if (!memchr(base62, secret.data[i], sizeof base62 - 1))
            return false;
    }
    char expected[TOKEN_CHECKSUM_LEN];
    checksum(str_slice(secret, 0, CHECKED), expected);
    return memcmp(expected, secret.data + CHECKED, sizeof expected) == 0;
}

void token_secret_hash(Str secret, unsigned char out[TOKEN_HASH_LEN])
{
    SHA256((const unsigned char *)secret.data, secret.len, out);
}

bool token_hash_eq(const unsigned char a[TOKEN_HASH_LEN], const unsigned char b[TOKEN_HASH_LEN])
{
    return CRYPTO_memcmp(a, b, TOKEN_HASH_LEN) == 0;
}
