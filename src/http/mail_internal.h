/* http/mail_internal.h: how client.c has a letter carried by libcurl. */
#ifndef CLERKWORK_HTTP_MAIL_INTERNAL_H
#define CLERKWORK_HTTP_MAIL_INTERNAL_H

#include "http/client.h"
#include "http/curl.h"

/* What must live as long as the transfer. */
typedef struct MailTransfer {
    Str left; /* of the letter, to be sent */
    struct curl_slist *recipients;
} MailTransfer;

void mail_set_up(const Curl *curl, CURL *easy, const HttpCall *call, MailTransfer *transfer);
void mail_transfer_done(const Curl *curl, MailTransfer *transfer);
/* Says why the server did not take the letter, when it was the server that said so. */
MUST_USE bool mail_explain(const HttpCall *call, CURLcode code, Error *err);

#endif
