/* books/letter.c */
#include "books/letter.h"

#include <string.h>

#include "base/clock.h"
#include "base/codec.h"
#include "http/mail.h"
#include "value/calendar.h"

#define LINE_ENCODED 76 /* of base64 and quoted-printable (RFC 2045) */
#define WORD_BYTES 42   /* of UTF-8 in one encoded word: 75 characters at most (RFC 2047) */
#define PLAIN_MOST 60   /* longer headers are written as encoded words, which can be folded */
#define FILENAME_MOST 200
/* "=_" stands neither in base64 nor in quoted-printable, so no part can end itself. */
#define MIXED "=_clerkwork_mixed"
#define ALTERNATIVE "=_clerkwork_alternative"

static bool is_one_line(Str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.data[i] < ' ' || text.data[i] == 0x7f)
            return false;
    return true;
}

/* ---- addresses ---- */

bool mailbox_read(Str text, const char *field, Mailbox *out, Error *err)
{
    Str all = str_trim(text);
    ptrdiff_t open = str_find_last_char(all, '<');
    bool named = open >= 0 && str_ends(all, S(">"));
    Str address = named ? str_slice(all, (size_t)open + 1, all.len - 1) : all;
    Str name = named ? str_trim(str_slice(all, 0, (size_t)open)) : (Str){0};
    if (name.len >= 2 && name.data[0] == '"' && str_ends(name, S("\"")))
        name = str_slice(name, 1, name.len - 1);
    if (!mail_address_is_valid(address) || !is_one_line(name))
        return error_set(err, INVALID_ARGUMENT, field,
                         "\"%.*s\" is no mail address; expected one like ada@acme.example or Ada <ada@acme.example>, "
                         "and several as a list",
                         STR_ARG(str_clip(all, 100)));
    *out = (Mailbox){name, address};
    return true;
}

/* ---- header lines ---- */

static bool is_plain(Str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.data[i] >= 0x7f)
            return false;
    return text.len <= PLAIN_MOST && !str_contains(text, S("=?"));
}

/* =?UTF-8?B?…?= in pieces of whole characters, a line each. */
static void add_encoded_words(Buf *out, Str text)
{
    while (text.len > 0) {
        Str piece = str_clip(text, WORD_BYTES);
        buf_str(out, S("=?UTF-8?B?"));
        base64_encode(out, piece);
        buf_str(out, S("?="));
        text = str_skip(text, piece.len);
        if (text.len > 0)
            buf_str(out, S("\r\n "));
    }
}

static void add_text(Buf *out, Str text)
{
    if (is_plain(text))
        buf_str(out, text);
    else
        add_encoded_words(out, text);
}

static void add_quoted(Buf *out, Str text)
{
    buf_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '"' || text.data[i] == '\\')
            buf_char(out, '\\');
        buf_char(out, text.data[i]);
    }
    buf_char(out, '"');
}

static void add_mailboxes(Buf *out, const char *header, const Mailbox *boxes, int n)
{
    if (n == 0)
        return;
    buf_printf(out, "%s: ", header);
    for (int i = 0; i < n; i++) {
        if (i > 0)
            buf_str(out, S(",\r\n "));
        if (boxes[i].name.len == 0) {
            buf_str(out, boxes[i].address);
            continue;
        }
        if (is_plain(boxes[i].name))
            add_quoted(out, boxes[i].name);
        else
            add_encoded_words(out, boxes[i].name);
        buf_printf(out, " <%.*s>", STR_ARG(boxes[i].address));
    }
    buf_str(out, S("\r\n"));
}

static void add_date(Buf *out, int64_t time_us)
{
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int64_t seconds = time_us / 1000000, days = seconds / 86400, rest = seconds % 86400, year;
    int month, day;
    civil_from_days(days, &year, &month, &day);
    buf_printf(out, "Date: %.3s, %d %s %lld %02d:%02d:%02d +0000\r\n", weekday_name(weekday_of_days(days)).data, day,
               months[month - 1], (long long)year, (int)(rest / 3600), (int)(rest / 60 % 60), (int)(rest % 60));
}

/* ---- bodies ---- */

static void add_base64_lines(Buf *out, Str bytes)
{
    enum { BYTES_A_LINE = LINE_ENCODED / 4 * 3 };
    for (; bytes.len > 0; bytes = str_skip(bytes, BYTES_A_LINE)) {
        base64_encode(out, str_slice(bytes, 0, BYTES_A_LINE));
        buf_str(out, S("\r\n"));
    }
}

/* Readable where it is ASCII; lines end in \r\n however the text ended them. */
static void add_quoted_printable(Buf *out, Str text)
{
    size_t column = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c == '\r' && i + 1 < text.len && text.data[i + 1] == '\n')
            continue;
        if (c == '\n') {
            buf_str(out, S("\r\n"));
            column = 0;
            continue;
        }
        bool at_end = i + 1 == text.len || text.data[i + 1] == '\n' || text.data[i + 1] == '\r';
        bool as_is = (c > ' ' && c < 0x7f && c != '=') || ((c == ' ' || c == '\t') && !at_end);
        size_t width = as_is ? 1 : 3;
        if (column + width > LINE_ENCODED - 1) {
            buf_str(out, S("=\r\n"));
            column = 0;
        }
        if (as_is)
            buf_char(out, (char)c);
        else
            buf_printf(out, "=%02X", c);
        column += width;
    }
    buf_str(out, S("\r\n"));
}

static void add_body(Buf *out, const char *type, Str text)
{
    buf_printf(out, "Content-Type: %s; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n", type);
    add_quoted_printable(out, text);
}

static void add_bodies(Buf *out, const MailLetter *letter)
{
    if (letter->html.len == 0 || letter->text.len == 0) {
        bool html = letter->html.len > 0;
        add_body(out, html ? "text/html" : "text/plain", html ? letter->html : letter->text);
        return;
    }
    buf_str(out, S("Content-Type: multipart/alternative; boundary=\"" ALTERNATIVE "\"\r\n\r\n--" ALTERNATIVE "\r\n"));
    add_body(out, "text/plain", letter->text);
    buf_str(out, S("--" ALTERNATIVE "\r\n"));
    add_body(out, "text/html", letter->html);
    buf_str(out, S("--" ALTERNATIVE "--\r\n"));
}

static const struct {
    Str ending;
    const char *type;
} types[] = {
    {S_INIT(".csv"), "text/csv"},
    {S_INIT(".html"), "text/html"},
    {S_INIT(".jpeg"), "image/jpeg"},
    {S_INIT(".jpg"), "image/jpeg"},
    {S_INIT(".json"), "application/json"},
    {S_INIT(".pdf"), "application/pdf"},
    {S_INIT(".png"), "image/png"},
    {S_INIT(".txt"), "text/plain"},
    {S_INIT(".xlsx"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {S_INIT(".xml"), "application/xml"},
    {S_INIT(".zip"), "application/zip"},
};

static const char *type_of(Str filename)
{
    for (size_t i = 0; i < COUNT_OF(types); i++)
        if (filename.len > types[i].ending.len &&
            str_eq_fold(str_skip(filename, filename.len - types[i].ending.len), types[i].ending))
            return types[i].type;
    return "application/octet-stream";
}

static void add_attachment(Buf *out, const Attachment *file)
{
    buf_printf(out,
               "--" MIXED "\r\nContent-Type: %s\r\nContent-Transfer-Encoding: base64\r\n"
               "Content-Disposition: attachment;\r\n filename",
               type_of(file->filename));
    if (is_plain(file->filename)) {
        buf_char(out, '=');
        add_quoted(out, file->filename);
    } else { /* RFC 2231 */
        buf_str(out, S("*=UTF-8''"));
        percent_encode(out, file->filename);
    }
    buf_str(out, S("\r\n\r\n"));
    add_base64_lines(out, file->content);
}

/* ---- the letter ---- */

static bool check_letter(const MailLetter *letter, Error *err)
{
    if (!is_one_line(letter->subject) || letter->subject.len > 900 || !utf8_is_valid(letter->subject))
        return error_set(err, INVALID_ARGUMENT, "subject", "the subject must be one line of at most 900 bytes");
    if (letter->text.len == 0 && letter->html.len == 0)
        return error_set(err, INVALID_ARGUMENT, "text", "the letter says nothing: give it a text or an html");
    for (int i = 0; i < letter->n_attachments; i++)
        if (!is_one_line(letter->attachments[i].filename) || letter->attachments[i].filename.len == 0 ||
            letter->attachments[i].filename.len > FILENAME_MOST)
            return error_set(err, INVALID_ARGUMENT, "attachments",
                             "a file's name is empty, too long, or holds a line break");
    return true;
}

bool letter_write(Buf *out, const MailLetter *letter, Error *err)
{
    if (!check_letter(letter, err))
        return false;
    add_date(out, letter->time_us);
    add_mailboxes(out, "From", &letter->from, 1);
    add_mailboxes(out, "Reply-To", &letter->reply_to, letter->reply_to.address.len > 0);
    add_mailboxes(out, "To", letter->to, letter->n_to);
    add_mailboxes(out, "Cc", letter->cc, letter->n_cc);
    buf_str(out, S("Subject: "));
    add_text(out, letter->subject);
    buf_printf(out, "\r\nMessage-ID: <%.*s>\r\nMIME-Version: 1.0\r\n", STR_ARG(letter->message_id));
    if (letter->n_attachments == 0) {
        add_bodies(out, letter);
        return true;
    }
    buf_str(out, S("Content-Type: multipart/mixed; boundary=\"" MIXED "\"\r\n\r\n--" MIXED "\r\n"));
    add_bodies(out, letter);
    for (int i = 0; i < letter->n_attachments; i++)
        add_attachment(out, &letter->attachments[i]);
    buf_str(out, S("--" MIXED "--\r\n"));
    return true;
}
