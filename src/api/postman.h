/* api/postman.h: who carries the server's own letters, such as invitations, to a mail server. A table of functions:
 * api/ knows no mail server. */
#ifndef CLERKWORK_API_POSTMAN_H
#define CLERKWORK_API_POSTMAN_H

#include "base/arena.h"
#include "base/error.h"

typedef struct OwnLetter {
    Str to; /* a bare address */
    Str subject, text;
    Str id; /* unique, in which letters and digits are kept: the same for each try of one letter */
} OwnLetter;

typedef struct Postman {
    void *self;
    /* Hands the letter to the mail server and waits for its word, half a minute at most; from any thread that may
     * block. OK: the server took it. Else the error is for the person who sends: UNAVAILABLE, DEADLINE_EXCEEDED, or
     * FAILED_PRECONDITION with what the server said. */
    bool (*send)(void *self, const OwnLetter *letter, Error *err);
} Postman;

#endif
