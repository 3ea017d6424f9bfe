/* cli/postman.c: the server's own letters, to its mail server. */
#include "cli/postman.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "books/letter.h"
#include "cli/outgoing.h"

#define OPEN_SCHEME "smtp+plain://" /* as connections of email have it */
#define SEND_TIMEOUT_MS 30000
#define TOLD_MOST 200 /* bytes of what the mail server said */

struct RealPostman {
    Postman postman;
    Arena arena;
    Outgoing *outgoing;
    Mailbox sender;
    Str url;
    HttpMail mail; /* of every letter, but for whom it is to */
};

/* ---- one letter ---- */

typedef struct Errand {
    HttpCall call;
    pthread_mutex_t lock;
    pthread_cond_t back_or_not;
    bool back;
} Errand;

static void came_back(HttpCall *call)
{
    Errand *errand = call->context;
    pthread_mutex_lock(&errand->lock);
    errand->back = true;
    pthread_cond_signal(&errand->back_or_not);
    pthread_mutex_unlock(&errand->lock);
}

static bool carry(RealPostman *postman, HttpCall *call, Error *err)
{
    Errand errand = {.call = *call};
    errand.call.done = came_back;
    errand.call.context = &errand;
    pthread_mutex_init(&errand.lock, NULL);
    pthread_cond_init(&errand.back_or_not, NULL);
    bool taken = outgoing_send(postman->outgoing, &errand.call, err);
    pthread_mutex_lock(&errand.lock);
    while (taken && !errand.back)
        pthread_cond_wait(&errand.back_or_not, &errand.lock);
    pthread_mutex_unlock(&errand.lock);
    pthread_cond_destroy(&errand.back_or_not);
    pthread_mutex_destroy(&errand.lock);
    *call = errand.call;
    return taken;
}

/* The line in which the mail server refused: its code begins with 4 or 5 (RFC 5321, section 4.2.1). */
static Str refusal(const HttpCall *call)
{
    Str said = buf_view(&call->heads), found = {0};
    while (said.len > 0) {
        Str line = str_trim(str_cut(&said, '\n'));
        if (str_starts(line, S("4")) || str_starts(line, S("5")))
            found = line;
    }
    return str_clip(found, TOLD_MOST);
}

static bool read_outcome(const HttpCall *call, Error *err)
{
    switch (call->err.code) {
    case OK: return true;
    case DEADLINE_EXCEEDED:
        return error_set(err, DEADLINE_EXCEEDED, "", "the mail server did not answer within %d s",
                         SEND_TIMEOUT_MS / 1000);
    case PERMISSION_DENIED:
        return error_set(err, FAILED_PRECONDITION, "",
                         "the mail server is in a private network, and the setting private-addresses refuses those");
    default: break;
    }
    if (call->status >= 400)
        return error_set(err, FAILED_PRECONDITION, "", "the mail server did not take the letter: %.*s",
                         STR_ARG(refusal(call)));
    return error_set(err, UNAVAILABLE, "", "the mail server cannot be reached");
}

static bool send_letter(void *self, const OwnLetter *own, Error *err)
{
    RealPostman *postman = self;
    AUTO(arena_done)
    Arena arena = {0};
    AUTO(buf_done)
    Buf text = {0};
    Mailbox to = {.address = own->to};
    Str domain = str_skip(postman->sender.address, (size_t)str_find_char(postman->sender.address, '@'));
    MailLetter letter = {.from = postman->sender,
                         .to = &to,
                         .n_to = 1,
                         .subject = own->subject,
                         .text = own->text,
                         .message_id = str_printf(&arena, "%.*s%.*s", STR_ARG(own->id), STR_ARG(domain)),
                         .time_us = clock_now_us()};
    HttpMail mail = postman->mail;
    mail.to = &own->to;
    mail.n_to = 1;
    HttpCall call = {.method = "MAIL", .url = postman->url, .mail = &mail, .timeout_ms = SEND_TIMEOUT_MS};
    if (!letter_write(&text, &letter, err))
        return false;
    call.body = buf_view(&text);
    bool ok = http_call_check(&call, err) && carry(postman, &call, err) && read_outcome(&call, err);
    http_call_done(&call);
    return ok;
}

/* ---- life ---- */

static bool check_options(RealPostman *postman, const RealPostmanOptions *options, Error *err)
{
    Error inner = {0};
    if (!mailbox_read(options->sender, "mail-sender", &postman->sender, err))
        return false;
    if (options->password.len > 0 && (options->user.len == 0 || postman->mail.plain))
        return error_set(err, INVALID_ARGUMENT, options->user.len == 0 ? "mail-user" : "mail-password", "%s",
                         options->user.len == 0 ? "mail-password is set: say whose it is"
                                                : "a password is not sent in the open: use smtp:// or smtps://");
    postman->mail.from = postman->sender.address;
    postman->mail.to = &postman->sender.address;
    postman->mail.n_to = 1;
    return http_call_check(&(HttpCall){.url = postman->url, .mail = &postman->mail}, &inner) ||
           error_set(err, INVALID_ARGUMENT, str_eq(str_from_c(inner.field), S("from")) ? "mail-sender" : "mail-url",
                     "%s", inner.message);
}

bool real_postman_new(const RealPostmanOptions *options, RealPostman **out, Error *err)
{
    RealPostman *postman = calloc(1, sizeof *postman);
    if (!postman)
        abort();
    postman->postman = (Postman){.self = postman, .send = send_letter};
    postman->mail = (HttpMail){
        .user = options->user, .password = options->password, .plain = str_starts(options->url, S(OPEN_SCHEME))};
    postman->url = postman->mail.plain ? str_printf(&postman->arena, "smtp://%.*s",
                                                    STR_ARG(str_skip(options->url, sizeof OPEN_SCHEME - 1)))
                                       : options->url;
    postman->outgoing = outgoing_new(&options->calls_out);
    if (!check_options(postman, options, err)) {
        real_postman_stop(postman);
        real_postman_free(postman);
        return false;
    }
    *out = postman;
    return true;
}

const Postman *real_postman(const RealPostman *postman)
{
    return &postman->postman;
}

void real_postman_stop(RealPostman *postman)
{
    if (postman)
        outgoing_stop(postman->outgoing);
}

void real_postman_free(RealPostman *postman)
{
    if (!postman)
        return;
    outgoing_free(postman->outgoing);
    arena_done(&postman->arena);
    free(postman);
}
