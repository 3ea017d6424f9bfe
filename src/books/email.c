/* books/email.c: the book of email: letters, handed to a mail server. */
#include <string.h>

#include "books/book.h"
#include "books/letter.h"

#define LETTER_BYTES_MAX (25u << 20)
#define RECIPIENTS_MOST 100
#define ATTACHMENTS_MOST 50
#define SEND_TIMEOUT_MS 60000
#define USUAL_CONNECTION "email"
#define MAY_HAVE "It may have been sent. Ask whether it arrived before you answer retry."
/* Servers that are reached in the open say so in their address. */
#define OPEN_SCHEME "smtp+plain://"

enum { TO, SUBJECT, TEXT, HTML, CC, BCC, REPLY_TO, ATTACHMENTS };
static const Parameter send_parameters[] = {
    [TO] = {S_INIT("to"), &type_any, true, S_INIT("a mail address, or a list of them")},
    [SUBJECT] = {S_INIT("subject"), &type_text, true, S_INIT("one line")},
    [TEXT] = {S_INIT("text"), &type_text, false, S_INIT("what it says")},
    [HTML] = {S_INIT("html"), &type_text, false, S_INIT("the same as HTML, for readers that show it")},
    [CC] = {S_INIT("cc"), &type_any, false, S_INIT("who gets a copy")},
    [BCC] = {S_INIT("bcc"), &type_any, false, S_INIT("who gets a copy that the others do not see")},
    [REPLY_TO] = {S_INIT("reply_address"), &type_text, false, S_INIT("where answers go, when not to the sender")},
    [ATTACHMENTS] = {S_INIT("attachments"), &type_any, false, S_INIT("a file, or a list of files")},
};

/* ---- who writes to whom ---- */

static bool read_mailboxes(Arena *arena, Value given, const char *field, Mailbox **out, int *out_n, Error *err)
{
    uint32_t n = !argument_given(given) ? 0 : given.kind == VALUE_LIST ? given.list->count : 1;
    const Value *items = given.kind == VALUE_LIST ? given.list->items : &given;
    if (n > RECIPIENTS_MOST)
        return error_set(err, INVALID_ARGUMENT, field, "at most %d addresses are written to at once", RECIPIENTS_MOST);
    *out = NEW_ARRAY(arena, Mailbox, n);
    *out_n = (int)n;
    for (uint32_t i = 0; i < n; i++) {
        if (items[i].kind != VALUE_TEXT)
            return error_set(err, INVALID_ARGUMENT, field, "%s is no mail address; expected a text or a list of texts",
                             value_kind_name((ValueKind)items[i].kind));
        if (!mailbox_read(str_copy(arena, value_str(items[i])), field, &(*out)[i], err))
            return false;
    }
    return true;
}

typedef struct Envelope {
    Mailbox *to, *cc, *bcc;
    int n_to, n_cc, n_bcc;
} Envelope;

static bool read_envelope(Arena *arena, const Value *arguments, Envelope *out, Error *err)
{
    if (!read_mailboxes(arena, arguments[TO], "to", &out->to, &out->n_to, err) ||
        !read_mailboxes(arena, arguments[CC], "cc", &out->cc, &out->n_cc, err) ||
        !read_mailboxes(arena, arguments[BCC], "bcc", &out->bcc, &out->n_bcc, err))
        return false;
    return out->n_to > 0 || error_set(err, INVALID_ARGUMENT, "to", "the letter names nobody who gets it");
}

static const Str *addresses_of(Arena *arena, const Envelope *envelope, int *out_n)
{
    const Mailbox *const lists[] = {envelope->to, envelope->cc, envelope->bcc};
    const int counts[] = {envelope->n_to, envelope->n_cc, envelope->n_bcc};
    Str *addresses = NEW_ARRAY(arena, Str, (size_t)(counts[0] + counts[1] + counts[2]));
    *out_n = 0;
    for (size_t k = 0; k < COUNT_OF(lists); k++)
        for (int i = 0; i < counts[k]; i++)
            addresses[(*out_n)++] = lists[k][i].address;
    return addresses;
}

/* ---- what it holds ---- */

static bool read_attachments(const BookContext *context, Arena *arena, Value given, MailLetter *letter, Error *err)
{
    uint32_t n = !argument_given(given) ? 0 : given.kind == VALUE_LIST ? given.list->count : 1;
    const Value *items = given.kind == VALUE_LIST ? given.list->items : &given;
    size_t left = LETTER_BYTES_MAX;
    if (n > ATTACHMENTS_MOST)
        return error_set(err, INVALID_ARGUMENT, "attachments", "a letter takes at most %d files", ATTACHMENTS_MOST);
    Attachment *files = NEW_ARRAY(arena, Attachment, n);
    for (uint32_t i = 0; i < n; i++) {
        if (items[i].kind != VALUE_FILE)
            return error_set(err, INVALID_ARGUMENT, "attachments", "%s is no file; expected a file or a list of files",
                             value_kind_name((ValueKind)items[i].kind));
        const FileRef *file = items[i].file;
        if (!context->read_file(context->self, arena, file, left, &files[i].content, err))
            return false;
        files[i].filename = str_copy(arena, file->filename.len > 0 ? file->filename : file->name);
        left -= files[i].content.len;
    }
    letter->attachments = files;
    letter->n_attachments = (int)n;
    return true;
}

/* The same for every try of the same sentence in the same round of the same run: repeats can be told from others. */
static Str message_id(Arena *arena, Str place, Str address)
{
    Buf id = buf_in(arena);
    for (size_t i = 0; i < place.len; i++) {
        unsigned char c = (unsigned char)place.data[i];
        bool kept = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '-' || c == '_';
        buf_char(&id, kept ? (char)c : '.');
    }
    while (id.len > 0 && id.data[id.len - 1] == '.')
        id.len--;
    buf_str(&id, str_skip(address, (size_t)str_find_char(address, '@')));
    return buf_view(&id);
}

static Str text_or_nothing(Value value)
{
    return argument_given(value) ? value_str(value) : (Str){0};
}

static bool write_letter(const BookContext *context, Arena *arena, const Value *arguments, const Mailbox *sender,
                         const Envelope *envelope, Str *out, Error *err)
{
    Buf text = buf_in(arena);
    MailLetter letter = {.from = *sender,
                         .to = envelope->to,
                         .n_to = envelope->n_to,
                         .cc = envelope->cc,
                         .n_cc = envelope->n_cc,
                         .subject = text_or_nothing(arguments[SUBJECT]),
                         .text = text_or_nothing(arguments[TEXT]),
                         .html = text_or_nothing(arguments[HTML]),
                         .message_id = message_id(arena, context->place, sender->address),
                         .time_us = context->now_us(context->self)};
    Str reply_to = text_or_nothing(arguments[REPLY_TO]);
    if ((reply_to.len > 0 && !mailbox_read(reply_to, "reply_address", &letter.reply_to, err)) ||
        !read_attachments(context, arena, arguments[ATTACHMENTS], &letter, err) || !letter_write(&text, &letter, err))
        return false;
    *out = buf_view(&text);
    return out->len <= LETTER_BYTES_MAX ||
           error_set(err, INVALID_ARGUMENT, "attachments", "the letter would have %zu bytes; at most %u are sent",
                     out->len, LETTER_BYTES_MAX);
}

/* ---- sending ---- */

static bool prepare_send(const BookContext *context, const Value *arguments, BookErrand *errand, Error *err)
{
    Arena *arena = &errand->arena;
    BookConnection server;
    Envelope envelope = {0};
    Mailbox sender;
    Str name = context->alias.len > 0 ? context->alias : S(USUAL_CONNECTION);
    HttpMail *mail = NEW(arena, HttpMail);
    errand->call = (HttpCall){.method = "MAIL", .mail = mail, .timeout_ms = SEND_TIMEOUT_MS};
    if (!context->connection(context->self, arena, S("email"), name, &server, err) ||
        !mailbox_read(server.sender, "", &sender, err) || !read_envelope(arena, arguments, &envelope, err) ||
        !write_letter(context, arena, arguments, &sender, &envelope, &errand->call.body, err))
        return false;
    mail->plain = str_starts(server.url, S(OPEN_SCHEME));
    errand->call.url =
        mail->plain ? str_printf(arena, "smtp://%.*s", STR_ARG(str_skip(server.url, S(OPEN_SCHEME).len))) : server.url;
    mail->from = sender.address;
    mail->to = addresses_of(arena, &envelope, &mail->n_to);
    if (server.auth == AUTH_BASIC) {
        mail->user = server.user;
        mail->password = errand_secret(errand, server.secret);
    }
    return http_call_check(&errand->call, err);
}

static bool read_sent(Arena *arena, BookErrand *errand, Value *out, Error *err)
{
    (void)arena;
    *out = value_null();
    return errand->call.err.code == OK || errand_failed(errand, MAY_HAVE, err);
}

static const BookEntry entries[] = {
    {BOOK_PROCEDURE("email", "send", send_parameters, .english = S_INIT("send an email to {to}"),
                    .description = S_INIT(
                        "Hands a letter to the mail server of a connection: the one that the sentence names, else "
                        "the one called \"email\". When nobody can tell whether it was sent, a person is asked; "
                        "tries of the same sentence carry the same Message-ID."),
                    .example = S_INIT("send an email to \"ada@acme.example\"\n  the subject is \"Invoices of "
                                      "today\"\n  the text is \"12 invoices wait for you.\"\n  the attachments are the "
                                      "decision file"),
                    .effect = EFFECT_ONCE, .outside = true, .connection = S_INIT(USUAL_CONNECTION)),
     .prepare = prepare_send, .read = read_sent},
};

const Book email_book = {
    .name = S_INIT("email"),
    .version = S_INIT("1.0.0"),
    .display_name = S_INIT("Email"),
    .summary = S_INIT("Send letters by email"),
    .description = S_INIT(
        "Letters go to the mail server of a connection (docs/connections.md), over an encrypted line: a server that "
        "offers none gets neither letter nor password. A letter has at most 100 recipients and 25 MiB. The mail server "
        "taking it is what counts as sent; whether it arrives is for the servers behind it, which answer to the "
        "sender."),
    .entries = entries,
    .n_entries = COUNT_OF(entries),
};
