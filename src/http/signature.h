/* http/signature.h: signatures of messages by the Standard Webhooks scheme: what goes out is signed, what comes in is
 * held against it. */
#ifndef CLERKWORK_HTTP_SIGNATURE_H
#define CLERKWORK_HTTP_SIGNATURE_H

#include "base/arena.h"
#include "base/error.h"

/* How far a sender's clock may be from ours, as the specification says. */
#define SIGNATURE_TOLERANCE_S 300

/* "v1," and the base64 of the HMAC-SHA256 of "id.timestamp.body". */
Str signature_make(Arena *arena, Str secret, Str id, Str timestamp, Str body);
/* `given` is the header as it came: one signature, or several with blanks between. UNAUTHENTICATED with what is wrong:
 * a header is missing, the timestamp is off, or no signature fits. Takes the same time whichever byte differs. */
MUST_USE bool signature_check(Arena *arena, Str secret, Str id, Str timestamp, Str given, Str body, int64_t now_us,
                              Error *err);
/* "whsec_" and the base64 of the secret, as receivers' and senders' libraries take it. */
Str signature_secret_text(Arena *arena, Str secret);

#endif
