/* http/fields.h: the doorstep of llhttp: a whole HTTP/1 head in, its fields out. Nothing else includes its header. */
#ifndef CLERKWORK_HTTP_FIELDS_H
#define CLERKWORK_HTTP_FIELDS_H

#include "http/header.h"
#include "http/refusal.h"

typedef struct Fields {
    HttpHeader *headers; /* room for `max` */
    size_t n, max;
    bool http10;
    bool keep_alive;
    bool has_length;
    uint64_t length; /* of Content-Length */
} Fields;

/* Texts point into `head`. What was found before a refusal is there as well. */
Refusal fields_parse(Str head, HttpHeader *headers, size_t max, Fields *out);

#endif
