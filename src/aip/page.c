/* aip/page.c: tokens: version, position, key, and 16 bytes of BLAKE2b keyed with the server's secret over all of it and
 * the arguments. base64url, so that a token needs no escaping in a query. */
#include "aip/page.h"

#include <sodium.h>
#include <string.h>

#include "base/codec.h"

enum { VERSION = 1, SEAL_LEN = 16, HEAD_LEN = 1 + 8 + 8, TOKEN_LEN = HEAD_LEN + SEAL_LEN };

bool page_size_check(int64_t asked, int fallback, int max, int *out, Error *err)
{
    if (asked < 0)
        return error_set(err, INVALID_ARGUMENT, "page_size", "%lld is negative; give how many to return, at most %d",
                         (long long)asked, max);
    *out = asked == 0 ? fallback : (int)MIN_OF(asked, (int64_t)max);
    return true;
}

static void seal(const PageKey *key, Str arguments, const unsigned char head[HEAD_LEN], unsigned char out[SEAL_LEN])
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, key->bytes, sizeof key->bytes, SEAL_LEN);
    crypto_generichash_update(&state, (const unsigned char *)"page", 4); /* the secret has other uses */
    crypto_generichash_update(&state, head, HEAD_LEN);
    crypto_generichash_update(&state, (const unsigned char *)arguments.data, arguments.len);
    crypto_generichash_final(&state, out, SEAL_LEN);
}

static void put_i64(unsigned char *out, int64_t n)
{
    for (int i = 0; i < 8; i++)
        out[i] = (unsigned char)((uint64_t)n >> (8 * i));
}

static int64_t get_i64(const unsigned char *in)
{
    uint64_t n = 0;
    for (int i = 0; i < 8; i++)
        n |= (uint64_t)in[i] << (8 * i);
    return (int64_t)n;
}

Str page_token_make(Arena *arena, const PageKey *key, Str arguments, PageCursor cursor)
{
    assert(cursor.set);
    unsigned char token[TOKEN_LEN] = {VERSION};
    put_i64(token + 1, cursor.position);
    put_i64(token + 9, cursor.key);
    seal(key, arguments, token, token + HEAD_LEN);
    Buf text = buf_in(arena);
    base64url_encode(&text, str_of((const char *)token, sizeof token));
    return buf_view(&text);
}

static bool refuse(Error *err)
{
    return error_set(
        err, INVALID_ARGUMENT, "page_token",
        "this token does not belong to this call: pass the next_page_token of the page before and keep all "
        "other arguments as they were, or leave page_token out to begin anew");
}

/* libsodium takes some bytes beyond ASCII for characters of the alphabet; a token has one spelling. */
static bool is_token_text(Str token)
{
    for (size_t i = 0; i < token.len; i++) {
        if ((unsigned char)token.data[i] >= 0x80)
            return false;
    }
    return true;
}

bool page_token_read(const PageKey *key, Str arguments, Str token, PageCursor *out, Error *err)
{
    if (token.len == 0) {
        *out = (PageCursor){0};
        return true;
    }
    unsigned char bytes[TOKEN_LEN], expected[SEAL_LEN];
    size_t len = 0;
    int code = sodium_base642bin(bytes, sizeof bytes, token.data, token.len, NULL, &len, NULL,
                                 sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    if (!is_token_text(token) || code != 0 || len != sizeof bytes || bytes[0] != VERSION)
        return refuse(err);
    seal(key, arguments, bytes, expected);
    if (sodium_memcmp(expected, bytes + HEAD_LEN, SEAL_LEN) != 0)
        return refuse(err);
    *out = (PageCursor){.set = true, .position = get_i64(bytes + 1), .key = get_i64(bytes + 9)};
    return true;
}
