/* http/signature.c */
#include "http/signature.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/buf.h"
#include "base/codec.h"

Str signature_make(Arena *arena, Str secret, Str id, Str timestamp, Str body)
{
    unsigned char mac[32];
    unsigned len = sizeof mac;
    Buf signed_text = buf_in(arena), out = buf_in(arena);
    buf_printf(&signed_text, "%.*s.%.*s.", STR_ARG(id), STR_ARG(timestamp));
    buf_str(&signed_text, body);
    HMAC(EVP_sha256(), secret.data, (int)secret.len, (const unsigned char *)signed_text.data, signed_text.len, mac,
         &len);
    buf_str(&out, S("v1,"));
    base64_encode(&out, str_of((const char *)mac, sizeof mac));
    return buf_view(&out);
}

static bool fits(Str given, Str expected)
{
    bool found = false;
    while (given.len > 0) {
        Str one = str_cut(&given, ' ');
        found |= one.len == expected.len && CRYPTO_memcmp(one.data, expected.data, expected.len) == 0;
    }
    return found;
}

bool signature_check(Arena *arena, Str secret, Str id, Str timestamp, Str given, Str body, int64_t now_us, Error *err)
{
    int64_t sent_s;
    if (id.len == 0 || timestamp.len == 0 || given.len == 0)
        return error_set(
            err, UNAUTHENTICATED, "",
            "sign the message: the headers webhook-id, webhook-timestamp and webhook-signature are needed");
    if (!str_to_i64(timestamp, &sent_s) || sent_s < now_us / 1000000 - SIGNATURE_TOLERANCE_S ||
        sent_s > now_us / 1000000 + SIGNATURE_TOLERANCE_S)
        return error_set(err, UNAUTHENTICATED, "",
                         "webhook-timestamp must be seconds since 1970, at most %d s from the server's clock: sign the "
                         "message anew",
                         SIGNATURE_TOLERANCE_S);
    return fits(given, signature_make(arena, secret, id, timestamp, body)) ||
           error_set(err, UNAUTHENTICATED, "",
                     "webhook-signature does not fit: sign id.timestamp.body, as sent, with the trigger's secret");
}

Str signature_secret_text(Arena *arena, Str secret)
{
    Buf out = buf_in(arena);
    buf_str(&out, S("whsec_"));
    base64_encode(&out, secret);
    return buf_view(&out);
}
