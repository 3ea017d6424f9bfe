/* books/letter.h: a letter as mail servers carry it (RFC 5322, MIME): written from parts, so that none of them can add
 * a header, a recipient or a part of its own. */
#ifndef CLERKWORK_BOOKS_LETTER_H
#define CLERKWORK_BOOKS_LETTER_H

#include "base/buf.h"
#include "base/error.h"

typedef struct Mailbox {
    Str name;    /* "Ada Okafor", or "" */
    Str address; /* "ada@acme.example" */
} Mailbox;

typedef struct Attachment {
    Str filename, content;
} Attachment;

typedef struct MailLetter {
    Mailbox from, reply_to; /* reply_to.address "" for none */
    const Mailbox *to, *cc;
    int n_to, n_cc;
    Str subject;    /* one line */
    Str text, html; /* at least one; UTF-8 */
    const Attachment *attachments;
    int n_attachments;
    Str message_id; /* without its brackets */
    int64_t time_us;
} MailLetter;

/* "Ada Okafor <ada@acme.example>" or "ada@acme.example"; views. INVALID_ARGUMENT on `field`, line breaks included. */
MUST_USE bool mailbox_read(Str text, const char *field, Mailbox *out, Error *err);
/* Whole, its lines ending in \r\n and none longer than 998 bytes. INVALID_ARGUMENT names the part at fault. */
MUST_USE bool letter_write(Buf *out, const MailLetter *letter, Error *err);

#endif
