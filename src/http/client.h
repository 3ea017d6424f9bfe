/* http/client.h: requests that go out, for whoever must ask another server: books, webhooks, a model's endpoint.
 *
 * One thread carries all calls (libcurl's multi interface), so that a slow server holds no worker. Everything is
 * bounded: time, bytes of the answer, calls at once. Redirects are followed only where the call says so (else the
 * answer is the caller's to read), no proxy is taken from the environment, certificates are checked. Addresses of
 * private networks are refused at the moment of connecting, whatever the name said before and wherever a redirect
 * leads, unless the client may reach them. Letters to mail servers go the same way (http/mail.h).
 *
 * libcurl is loaded with the first client: a server that calls nobody out pays neither time nor memory for it. */
#ifndef CLERKWORK_HTTP_CLIENT_H
#define CLERKWORK_HTTP_CLIENT_H

#include "base/buf.h"
#include "base/error.h"
#include "base/inbox.h"
#include "http/header.h"
#include "http/mail.h"

typedef struct HttpClient HttpClient;
typedef struct HttpCall HttpCall;

/* One request and what came of it. The caller owns it, and all that it points to, until `done` was called. Zeroed
 * members take the default in brackets. */
struct HttpCall {
    Letter letter;   /* the client's, */
    uint64_t ticket; /* and these */
    void *sleeper;

    const char *method;        /* ["GET"] */
    Str url;                   /* http or https; no user or password in it */
    const HttpHeader *headers; /* names and values without line breaks, else INVALID_ARGUMENT */
    int n_headers;
    Str body;
    int64_t timeout_ms;         /* of the whole call [30,000] */
    int64_t connect_timeout_ms; /* [10,000] */
    int64_t silence_ms;         /* without a byte of the answer ends the call [none] */
    size_t max_bytes;           /* of the answer's body [8 MiB]; more is RESOURCE_EXHAUSTED */
    int redirects;              /* of a GET that are followed at most [none] */
    const HttpMail *mail;       /* set: `body` is a letter, and `url` a mail server's */

    /* When set, pieces of the body go here, on the client's thread, instead of into `answer`; false ends the call as
     * CANCELLED. */
    bool (*on_body)(HttpCall *self, Str piece);
    /* Once, on the client's thread; may send another call, may free this one, must not block. */
    void (*done)(HttpCall *self);
    void *context; /* the caller's */

    int status; /* of the answer, whole or not; 0 when none began */
    bool sent;  /* some of it may have reached the server: of a letter, some of its text */
    Buf heads;  /* the answer's header lines, as they came, each ending in \r\n; of a letter, what the server said */
    Buf answer; /* its body */
    Error err;  /* OK whenever a whole answer came, whatever its status.
                 * UNAVAILABLE: no such host, refused, cut, TLS; DEADLINE_EXCEEDED; PERMISSION_DENIED: a private
                 * address; RESOURCE_EXHAUSTED: too long; CANCELLED; INVALID_ARGUMENT: the call itself */
};

/* What all calls of a client share, so that no call can use a connection that another was allowed to open. */
typedef struct HttpClientOptions {
    int most;            /* calls at a time [64]; the rest wait their turn, which counts into no deadline */
    bool reach_private;  /* may connect to loopback, private, link-local and such addresses */
    const char *ca_file; /* certificates of the authorities to trust [the system's]; outlives the client */
} HttpClientOptions;

/* Fails with UNAVAILABLE when libcurl is not installed. */
MUST_USE bool http_client_start(HttpClient **out, const HttpClientOptions *options, Error *err);
/* Calls still under way end as CANCELLED, each with its `done`. NULL is accepted. */
void http_client_stop(HttpClient *client);

/* Whether address and headers can be sent at all; else INVALID_ARGUMENT on "url" or "headers", as sending would say. */
MUST_USE bool http_call_check(const HttpCall *call, Error *err);
/* From any thread. Gives the ticket by which the call can be cancelled. */
uint64_t http_client_send(HttpClient *client, HttpCall *call);
/* Asks for the call's end as CANCELLED, from any thread; a call that has ended already is let be. */
void http_client_cancel(HttpClient *client, uint64_t ticket);
/* Sends and sleeps until the end (`done` is not called). Returns whether a whole answer came; else *err. */
MUST_USE bool http_client_wait(HttpClient *client, HttpCall *call, Error *err);

/* The value of the answer's header `name` (without regard to case), or the empty Str; a view. */
Str http_call_header(const HttpCall *call, Str name);
void http_call_done(HttpCall *call); /* gives back the answer's bytes */

#endif
