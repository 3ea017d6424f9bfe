/* http/request.c: looking things up in a request. */
#include "http/request.h"

Str http_header(const HttpRequest *request, Str name)
{
    for (size_t i = 0; i < request->n_headers; i++)
        if (request->headers[i].name.len == name.len && str_eq_fold(request->headers[i].name, name))
            return request->headers[i].value;
    return (Str){0};
}

size_t http_header_count(const HttpRequest *request, Str name)
{
    size_t count = 0;
    for (size_t i = 0; i < request->n_headers; i++)
        count += request->headers[i].name.len == name.len && str_eq_fold(request->headers[i].name, name);
    return count;
}
