/* http/mail.c: letters over SMTP. */
#include "http/mail_internal.h"

#include <string.h>

#include "base/codec.h"

bool mail_address_is_valid(Str text)
{
    ptrdiff_t at = str_find_char(text, '@');
    if (at <= 0 || (size_t)at + 1 >= text.len || text.len > 254)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c <= ' ' || c >= 0x7f || strchr("<>(),;:\\\"[]", c) || (c == '@' && i != (size_t)at))
            return false;
    }
    return true;
}

bool http_mail_check(const HttpCall *call, Error *err)
{
    const HttpMail *mail = call->mail;
    if (!str_starts(call->url, S("smtp://")) && !str_starts(call->url, S("smtps://")))
        return error_set(err, INVALID_ARGUMENT, "url",
                         "\"%.*s\" is no mail server: its address must begin with smtp:// or smtps://",
                         STR_ARG(str_clip(call->url, 200)));
    for (size_t i = 0; i < call->url.len; i++)
        if ((unsigned char)call->url.data[i] <= ' ' || call->url.data[i] == 0x7f || call->url.data[i] == '@')
            return error_set(err, INVALID_ARGUMENT, "url", "The mail server's address holds what no address may hold.");
    if (!mail_address_is_valid(mail->from))
        return error_set(err, INVALID_ARGUMENT, "from",
                         "\"%.*s\" is no mail address; expected one like ada@acme.example",
                         STR_ARG(str_clip(mail->from, 100)));
    for (int i = 0; i < mail->n_to; i++)
        if (!mail_address_is_valid(mail->to[i]))
            return error_set(err, INVALID_ARGUMENT, "to",
                             "\"%.*s\" is no mail address; expected one like ada@acme.example",
                             STR_ARG(str_clip(mail->to[i], 100)));
    return mail->n_to > 0 || error_set(err, INVALID_ARGUMENT, "to", "The letter names nobody who gets it.");
}

static size_t give_letter(char *room, size_t one, size_t n, void *context)
{
    MailTransfer *transfer = context;
    size_t len = MIN_OF(one * n, transfer->left.len);
    if (len > 0)
        memcpy(room, transfer->left.data, len);
    transfer->left = str_skip(transfer->left, len);
    return len;
}

static const char *in_brackets(Arena *arena, Str address)
{
    return str_to_c(arena, str_printf(arena, "<%.*s>", STR_ARG(address)));
}

void mail_set_up(const Curl *curl, CURL *easy, const HttpCall *call, MailTransfer *transfer)
{
    const HttpMail *mail = call->mail;
    Arena scratch = {0};
    transfer->left = call->body;
    for (int i = 0; i < mail->n_to; i++)
        transfer->recipients = curl->slist_append(transfer->recipients, in_brackets(&scratch, mail->to[i]));
    curl->easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl->easy_setopt(easy, CURLOPT_USE_SSL, (long)(mail->plain ? CURLUSESSL_TRY : CURLUSESSL_ALL));
    curl->easy_setopt(easy, CURLOPT_MAIL_FROM, in_brackets(&scratch, mail->from));
    curl->easy_setopt(easy, CURLOPT_MAIL_RCPT, transfer->recipients);
    curl->easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl->easy_setopt(easy, CURLOPT_READFUNCTION, give_letter);
    curl->easy_setopt(easy, CURLOPT_READDATA, transfer);
    curl->easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)call->body.len);
    if (mail->user.len > 0) {
        curl->easy_setopt(easy, CURLOPT_USERNAME, str_to_c(&scratch, mail->user));
        char *password = (char *)(uintptr_t)str_to_c(&scratch, mail->password);
        curl->easy_setopt(easy, CURLOPT_PASSWORD, password);
        if (mail->password.len > 0)
            explicit_bzero(password, mail->password.len);
    }
    arena_done(&scratch);
}

void mail_transfer_done(const Curl *curl, MailTransfer *transfer)
{
    if (transfer->recipients)
        curl->slist_free_all(transfer->recipients);
    *transfer = (MailTransfer){0};
}

/* The newest line in which the server said no; after it come only goodbyes. */
static Str refusal(const HttpCall *call)
{
    Str rest = buf_view(&call->heads), last = {0};
    while (rest.len > 0) {
        Str line = str_trim(str_cut(&rest, '\n'));
        if (line.len >= 3 && (line.data[0] == '4' || line.data[0] == '5'))
            last = line;
    }
    return last;
}

bool mail_explain(const HttpCall *call, CURLcode code, Error *err)
{
    Str said = str_clip(refusal(call), 200);
    if (code == CURLE_USE_SSL_FAILED)
        return !error_set(err, FAILED_PRECONDITION, "",
                          "%.*s offers no encryption (STARTTLS), and nothing is sent in the open.",
                          STR_ARG(str_clip(call->url, 200)));
    if (code == CURLE_SSL_CONNECT_ERROR && str_starts(call->url, S("smtps://")))
        return !error_set(err, FAILED_PRECONDITION, "",
                          "%.*s does not encrypt from the beginning, and nothing is sent in the open. If it offers "
                          "STARTTLS, its address begins with smtp://.",
                          STR_ARG(str_clip(call->url, 200)));
    if (code == CURLE_LOGIN_DENIED)
        return !error_set(err, UNAUTHENTICATED, "", "%.*s does not accept the connection's user and password.",
                          STR_ARG(str_clip(call->url, 200)));
    if (said.len == 0)
        return false;
    return !error_set(err, said.data[0] == '4' ? UNAVAILABLE : FAILED_PRECONDITION, "",
                      "%.*s did not take the letter. It says: %.*s", STR_ARG(str_clip(call->url, 200)),
                      STR_ARG(utf8_is_valid(said) ? said : str_slice(said, 0, 3)));
}
