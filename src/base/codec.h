/* base/codec.h: small standard encodings: base64 (RFC 4648, both alphabets read), hex, CRC-32C (RFC 3720), UTF-8
 * (RFC 3629), percent (RFC 3986). */
#ifndef CLERKWORK_BASE_CODEC_H
#define CLERKWORK_BASE_CODEC_H

#include "base/buf.h"

void base64_encode(Buf *out, Str bytes);                       /* with padding */
void base64url_encode(Buf *out, Str bytes);                    /* without padding */
MUST_USE bool base64_decode(Arena *arena, Str text, Str *out); /* either alphabet, padding optional */
void hex_encode(Buf *out, Str bytes);                          /* lower case */
uint32_t crc32c(uint32_t crc, Str bytes);                      /* start with 0 */

bool utf8_is_valid(Str text);
/* The code point at data[*at], moving *at behind it; 0xFFFD and one byte further for anything ill-formed. */
uint32_t utf8_next(Str text, size_t *at);
void utf8_add(Buf *out, uint32_t code_point);
size_t utf8_count(Str text); /* code points */

void percent_encode(Buf *out, Str text); /* all but letters, digits, "-", ".", "_" and "~" */
/* %XX decoded; `plus_is_space` for query strings. False on a cut or bad escape. */
MUST_USE bool percent_decode(Arena *arena, Str text, bool plus_is_space, Str *out);

#endif
