/* http/header.h: one header line, of a request or a response. */
#ifndef CLERKWORK_HTTP_HEADER_H
#define CLERKWORK_HTTP_HEADER_H

#include "base/str.h"

typedef struct HttpHeader {
    Str name; /* as it came: HTTP/2 sends lower case */
    Str value;
} HttpHeader;

#endif
