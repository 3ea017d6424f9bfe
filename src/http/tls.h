/* http/tls.h: TLS as a pipe without a socket: cipher text in, plain text out, and the other way round. */
#ifndef CLERKWORK_HTTP_TLS_H
#define CLERKWORK_HTTP_TLS_H

#include "base/buf.h"
#include "base/error.h"

typedef struct TlsContext TlsContext;
typedef struct Tls Tls;

/* PEM files: the certificate with its chain, the key. TLS 1.2 and 1.3, ALPN h2 and http/1.1. */
MUST_USE bool tls_context_new(const char *certificate, const char *key, TlsContext **out, Error *err);
void tls_context_free(TlsContext *context); /* NULL is accepted */

Tls *tls_new(TlsContext *context); /* the server's side of one connection */
void tls_free(Tls *tls);

/* The next cipher text for tls_read to read. The view must stay until tls_keep. */
void tls_give(Tls *tls, Str cipher);
/* Keeps what has not been read of it. */
void tls_keep(Tls *tls);

typedef enum TlsRead { TLS_DATA, TLS_WANTS_MORE, TLS_CLOSED, TLS_BROKEN } TlsRead;
/* Shakes hands when that is not done yet, then plain text. Look at tls_output after each call. */
TlsRead tls_read(Tls *tls, char *into, size_t size, size_t *out_len);
bool tls_is_ready(const Tls *tls);  /* hands are shaken */
bool tls_speaks_h2(const Tls *tls); /* what ALPN came to */

/* Encrypts; false when the connection is broken. */
MUST_USE bool tls_write(Tls *tls, Str plain);
void tls_close(Tls *tls); /* says goodbye */
/* Cipher text to be sent. The caller takes it by emptying the Buf. */
Buf *tls_output(Tls *tls);

#endif
