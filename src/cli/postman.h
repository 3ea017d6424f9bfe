/* cli/postman.h: the mail server of the server's own letters (settings mail-url and its neighbours). */
#ifndef CLERKWORK_CLI_POSTMAN_H
#define CLERKWORK_CLI_POSTMAN_H

#include "api/postman.h"
#include "http/client.h"

typedef struct RealPostman RealPostman;

typedef struct RealPostmanOptions {
    Str url;            /* smtp:// with STARTTLS, smtps://, or smtp+plain:// for one that is reached in the open */
    Str sender;         /* "Clerkwork <clerkwork@acme.example>" */
    Str user, password; /* "" for a server that wants none; never logged, never part of an error */
    HttpClientOptions calls_out;
} RealPostmanOptions;

/* The texts of `options` must outlive it. INVALID_ARGUMENT ("mail-url", "mail-sender", "mail-password") for what cannot
 * be sent. The client starts with the first letter. */
MUST_USE bool real_postman_new(const RealPostmanOptions *options, RealPostman **out, Error *err);
const Postman *real_postman(const RealPostman *postman);
void real_postman_stop(RealPostman *postman); /* letters under way end; NULL is accepted */
void real_postman_free(RealPostman *postman); /* stopped; NULL is accepted */

#endif
