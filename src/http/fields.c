/* http/fields.c: see the header. */
#include "http/fields.h"

#include <llhttp.h>

/* The head is one contiguous piece, so each name and value comes in one. */
typedef struct Found {
    Fields *fields;
    bool too_many, complete;
} Found;

static int on_name(llhttp_t *parser, const char *at, size_t len)
{
    Found *found = parser->data;
    Fields *fields = found->fields;
    if (fields->n == fields->max) {
        found->too_many = true;
        return HPE_USER;
    }
    fields->headers[fields->n++] = (HttpHeader){.name = str_of(at, len)};
    return 0;
}

static int on_value(llhttp_t *parser, const char *at, size_t len)
{
    Fields *fields = ((Found *)parser->data)->fields;
    fields->headers[fields->n - 1].value = str_trim(str_of(at, len));
    return 0;
}

static int on_complete(llhttp_t *parser)
{
    ((Found *)parser->data)->complete = true;
    return HPE_PAUSED;
}

static const llhttp_settings_t settings = {
    .on_header_field = on_name,
    .on_header_value = on_value,
    .on_headers_complete = on_complete,
};

static Refusal refusal_of(llhttp_errno_t fault)
{
    switch (fault) {
    case HPE_INVALID_METHOD: return REFUSE_METHOD;
    case HPE_INVALID_VERSION: return REFUSE_VERSION;
    case HPE_INVALID_URL: return REFUSE_TARGET;
    case HPE_INVALID_CONTENT_LENGTH:
    case HPE_UNEXPECTED_CONTENT_LENGTH: return REFUSE_LENGTH_BAD;
    case HPE_INVALID_TRANSFER_ENCODING: return REFUSE_CODING_UNKNOWN;
    case HPE_INVALID_CONSTANT: return REFUSE_REQUEST_LINE;
    default: return REFUSE_HEADER_SYNTAX;
    }
}

Refusal fields_parse(Str head, HttpHeader *headers, size_t max, Fields *out)
{
    *out = (Fields){.headers = headers, .max = max};
    Found found = {.fields = out};
    llhttp_t parser;
    llhttp_init(&parser, HTTP_REQUEST, &settings);
    parser.data = &found;
    llhttp_errno_t fault = llhttp_execute(&parser, head.data, head.len);
    out->http10 = parser.http_minor == 0;
    out->keep_alive = llhttp_should_keep_alive(&parser);
    out->has_length = parser.flags & F_CONTENT_LENGTH;
    out->length = parser.content_length;
    if (found.too_many)
        return REFUSE_HEADERS_TOO_MANY;
    return fault == HPE_PAUSED && found.complete ? REFUSE_NOT : refusal_of(fault);
}
