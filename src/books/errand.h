/* books/errand.h: a call that goes outside: what a book makes of its arguments, ready to be sent, and what it makes of
 * the answer. Books send nothing themselves: whoever called prepares the errand, has its HttpCall carried out in
 * whatever way suits (beside other calls, at once, from a script of answers), and reads it.
 *
 * Secrets enter here, from a connection, and leave by the HttpCall alone: no value, error or record of a run holds one,
 * even where a server sends it back. */
#ifndef CLERKWORK_BOOKS_ERRAND_H
#define CLERKWORK_BOOKS_ERRAND_H

#include "http/client.h"
#include "value/procedure.h"

typedef struct BookContext BookContext;

/* How a server is told who calls. */
typedef enum BookAuth {
    AUTH_NONE,
    AUTH_BEARER, /* Authorization: Bearer SECRET */
    AUTH_BASIC,  /* user and secret */
    AUTH_HEADER, /* a header of its own, named by `user` */
    AUTH_N
} BookAuth;
extern const char *const book_auth_names[AUTH_N]; /* "none", "bearer", "basic", "header" */

/* A server and who calls it, under a name that an automation may say. */
typedef struct BookConnection {
    Str name, book;
    Str url; /* "https://erp.example/api", "smtp://mail.example:587" */
    BookAuth auth;
    Str user;
    Str secret; /* in the open */
    Str sender; /* of mail: who writes */
} BookConnection;

typedef struct BookErrand {
    Arena arena; /* all that the call points to */
    HttpCall call;
    Effect effect;
    Str secrets[3]; /* what must not come back, in each form in which it was sent */
    int n_secrets;
} BookErrand;

/* Makes the errand; it may be sent from any thread, from where it lies (do not move it). INVALID_ARGUMENT names the
 * argument at fault, NOT_FOUND a connection that is not there. On failure nothing is left to end. */
MUST_USE bool books_prepare(const BookContext *context, const Procedure *procedure, const Argument *arguments,
                            uint32_t n_arguments, BookErrand *errand, Error *err);
/* What its answer comes to, once the call is done. The errand stays the caller's. */
MUST_USE bool books_read(const Procedure *procedure, BookErrand *errand, Arena *arena, Value *out, Error *err);
void book_errand_done(BookErrand *errand); /* overwrites the secrets; accepts the empty one */

/* ---- for the books ---- */
/* Names what must not come back and is overwritten in the end; it lies in the errand's arena. Gives the same. */
Str errand_secret(BookErrand *errand, Str secret);
/* `text` with every secret of the errand blotted out; the same text where it holds none. */
Str errand_blot(Arena *arena, const BookErrand *errand, Str text);
/* Passes the call's own error on. When what was asked for changes the world and cannot be repeated, says that it may
 * have happened. */
MUST_USE bool errand_failed(const BookErrand *errand, const char *what_may_have, Error *err);

#endif
