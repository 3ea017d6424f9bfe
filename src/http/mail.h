/* http/mail.h: a letter handed to a mail server (SMTP), carried by the same client as calls of http. */
#ifndef CLERKWORK_HTTP_MAIL_H
#define CLERKWORK_HTTP_MAIL_H

#include "base/error.h"

typedef struct HttpCall HttpCall;

/* The envelope. The letter itself, headers and all, is the call's body; its lines end in \r\n. */
typedef struct HttpMail {
    Str from; /* bare addresses: ada@acme.example */
    const Str *to;
    int n_to;
    Str user, password; /* "" for a server that wants none */
    bool plain;         /* smtp: does without STARTTLS; else a server that does not offer it gets neither letter nor
                           password */
} HttpMail;

/* One word, one @, nothing that ends a line, a list or a pair of brackets. */
bool mail_address_is_valid(Str address);
/* Whether the call can be sent at all: smtp:// or smtps://, addresses that are one word and hold nothing that ends a
 * line. INVALID_ARGUMENT names "url", "from" or "to". */
MUST_USE bool http_mail_check(const HttpCall *call, Error *err);

#endif
