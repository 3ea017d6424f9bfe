/* http/tls.c: OpenSSL behind a BIO of our own: it reads from the view that was given and writes to a Buf, so that an
 * idle connection holds no buffers. */
#include "http/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>

struct TlsContext {
    SSL_CTX *ssl;
    BIO_METHOD *bio;
};

struct Tls {
    SSL *ssl;
    Str given; /* cipher text in the caller's buffer */
    Buf kept;  /* cipher text that was not read in time; comes before `given` */
    size_t kept_at;
    Buf output;
    bool ready;
};

static int bio_read(BIO *bio, char *into, int size)
{
    Tls *tls = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    size_t n = 0;
    if (tls->kept_at < tls->kept.len) {
        n = MIN_OF((size_t)size, tls->kept.len - tls->kept_at);
        memcpy(into, tls->kept.data + tls->kept_at, n);
        tls->kept_at += n;
        if (tls->kept_at == tls->kept.len) {
            buf_done(&tls->kept);
            tls->kept_at = 0;
        }
    } else if (tls->given.len > 0) {
        n = MIN_OF((size_t)size, tls->given.len);
        memcpy(into, tls->given.data, n);
        tls->given = str_skip(tls->given, n);
    }
    if (n > 0)
        return (int)n;
    BIO_set_retry_read(bio);
    return -1;
}

static int bio_write(BIO *bio, const char *data, int size)
{
    Tls *tls = BIO_get_data(bio);
    buf_add(&tls->output, data, (size_t)size);
    return size;
}

static long bio_control(BIO *bio, int command, long number, void *pointer)
{
    (void)bio, (void)number, (void)pointer;
    return command == BIO_CTRL_FLUSH;
}

static const unsigned char alpn_choices[] = "\x02h2\x08http/1.1";

static int choose_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_len, const unsigned char *in,
                       unsigned in_len, void *self)
{
    (void)ssl, (void)self;
    unsigned char *chosen;
    if (SSL_select_next_proto(&chosen, out_len, alpn_choices, sizeof alpn_choices - 1, in, in_len) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

static bool refuse_file(Error *err, const char *what, const char *path)
{
    char reason[160];
    unsigned long code = ERR_peek_error(); /* the first is the cause, those after it where it was noticed */
    const char *text = ERR_reason_error_string(code);
    if (ERR_SYSTEM_ERROR(code))
        text = strerror(ERR_GET_REASON(code));
    snprintf(reason, sizeof reason, "%s", text ? text : "unknown reason");
    ERR_clear_error();
    return error_set(err, FAILED_PRECONDITION, what, "%s \"%s\" cannot be used: %s; expected a readable PEM file", what,
                     path, reason);
}

static bool load_files(SSL_CTX *ssl, const char *certificate, const char *key, Error *err)
{
    if (SSL_CTX_use_certificate_chain_file(ssl, certificate) != 1)
        return refuse_file(err, "certificate", certificate);
    if (SSL_CTX_use_PrivateKey_file(ssl, key, SSL_FILETYPE_PEM) != 1)
        return refuse_file(err, "key", key);
    if (SSL_CTX_check_private_key(ssl) == 1)
        return true;
    ERR_clear_error();
    return error_set(err, FAILED_PRECONDITION, "key",
                     "the key \"%s\" does not belong to the certificate \"%s\"; give the pair that was made together",
                     key, certificate);
}

bool tls_context_new(const char *certificate, const char *key, TlsContext **out, Error *err)
{
    TlsContext *context = calloc(1, sizeof *context);
    if (!context)
        abort();
    context->ssl = SSL_CTX_new(TLS_server_method());
    context->bio = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "clerkwork");
    if (!context->ssl || !context->bio)
        abort();
    BIO_meth_set_read(context->bio, bio_read);
    BIO_meth_set_write(context->bio, bio_write);
    BIO_meth_set_ctrl(context->bio, bio_control);
    SSL_CTX_set_min_proto_version(context->ssl, TLS1_2_VERSION);
    SSL_CTX_set_options(context->ssl, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                          SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(context->ssl, SSL_MODE_RELEASE_BUFFERS);
    /* Tickets carry the session; nothing needs to be remembered here. */
    SSL_CTX_set_session_cache_mode(context->ssl, SSL_SESS_CACHE_OFF);
    /* HTTP/2 forbids everything else of TLS 1.2 (RFC 9113, appendix A); what remains has forward secrecy. */
    SSL_CTX_set_cipher_list(context->ssl, "ECDHE+AESGCM:ECDHE+CHACHA20");
    SSL_CTX_set_alpn_select_cb(context->ssl, choose_alpn, NULL);
    if (!load_files(context->ssl, certificate, key, err)) {
        tls_context_free(context);
        return false;
    }
    *out = context;
    return true;
}

void tls_context_free(TlsContext *context)
{
    if (!context)
        return;
    SSL_CTX_free(context->ssl);
    BIO_meth_free(context->bio);
    free(context);
}

Tls *tls_new(TlsContext *context)
{
    Tls *tls = calloc(1, sizeof *tls);
    if (!tls)
        abort();
    BIO *bio = BIO_new(context->bio);
    tls->ssl = SSL_new(context->ssl);
    if (!bio || !tls->ssl)
        abort();
    BIO_set_data(bio, tls);
    BIO_set_init(bio, 1);
    SSL_set_bio(tls->ssl, bio, bio);
    SSL_set_accept_state(tls->ssl);
    return tls;
}

void tls_free(Tls *tls)
{
    SSL_free(tls->ssl);
    buf_done(&tls->kept);
    buf_done(&tls->output);
    free(tls);
}

void tls_give(Tls *tls, Str cipher)
{
    tls->given = cipher;
}

void tls_keep(Tls *tls)
{
    if (tls->given.len > 0)
        buf_str(&tls->kept, tls->given);
    tls->given = (Str){0};
}

static TlsRead failure(Tls *tls, int result)
{
    int error = SSL_get_error(tls->ssl, result);
    ERR_clear_error();
    if (error == SSL_ERROR_WANT_READ)
        return TLS_WANTS_MORE;
    return error == SSL_ERROR_ZERO_RETURN ? TLS_CLOSED : TLS_BROKEN;
}

TlsRead tls_read(Tls *tls, char *into, size_t size, size_t *out_len)
{
    ERR_clear_error();
    if (!tls->ready) {
        int result = SSL_do_handshake(tls->ssl);
        if (result != 1)
            return failure(tls, result);
        tls->ready = true;
    }
    int result = SSL_read_ex(tls->ssl, into, size, out_len);
    return result == 1 ? TLS_DATA : failure(tls, result);
}

bool tls_is_ready(const Tls *tls)
{
    return tls->ready;
}

bool tls_speaks_h2(const Tls *tls)
{
    const unsigned char *name;
    unsigned len;
    SSL_get0_alpn_selected(tls->ssl, &name, &len);
    return str_eq(str_of((const char *)name, len), S("h2"));
}

bool tls_write(Tls *tls, Str plain)
{
    size_t written;
    ERR_clear_error();
    bool whole = plain.len == 0 || (SSL_write_ex(tls->ssl, plain.data, plain.len, &written) == 1);
    ERR_clear_error();
    return whole;
}

void tls_close(Tls *tls)
{
    if (tls->ready)
        SSL_shutdown(tls->ssl);
    ERR_clear_error();
}

Buf *tls_output(Tls *tls)
{
    return &tls->output;
}
