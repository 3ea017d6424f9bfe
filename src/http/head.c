/* http/head.c: see the header. Debian's llhttp is frozen; what it is lax about is refused here before it looks. */
#include "http/head.h"

#include "http/fields.h"

const char *const http_method_names[HTTP_N_METHODS] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};

bool head_method(Str text, HttpMethod *out)
{
    for (int method = 0; method < HTTP_N_METHODS; method++) {
        if (str_eq(text, str_from_c(http_method_names[method]))) {
            *out = (HttpMethod)method;
            return true;
        }
    }
    return false;
}

static Refusal check_line(HeadScan *scan, Str line, uint32_t target_bytes)
{
    if (line.len < 2 || line.data[line.len - 2] != '\r')
        return REFUSE_BARE_LF;
    if (scan->in_headers && (line.data[0] == ' ' || line.data[0] == '\t'))
        return REFUSE_HEADER_FOLDED;
    if (!scan->in_headers && line.len > (size_t)target_bytes + sizeof "OPTIONS  HTTP/1.1\r\n")
        return REFUSE_TARGET_LENGTH;
    return REFUSE_NOT;
}

/* Neither line nor head may outgrow their limits while they are still coming in. */
static Refusal check_size(const HeadScan *scan, size_t len, const HttpLimits *limits)
{
    if (!scan->in_headers && len - scan->line > (size_t)limits->target_bytes + 32)
        return REFUSE_TARGET_LENGTH;
    return len > limits->head_bytes ? REFUSE_HEADERS_TOO_LARGE : REFUSE_NOT;
}

size_t head_scan(HeadScan *scan, Str input, const HttpLimits *limits, Refusal *out_refusal)
{
    for (;;) {
        const char *from = input.data + scan->looked;
        const char *feed = input.len > scan->looked ? memchr(from, '\n', input.len - scan->looked) : NULL;
        size_t end = feed ? (size_t)(feed - input.data) + 1 : input.len;
        *out_refusal = check_size(scan, end, limits);
        if (*out_refusal != REFUSE_NOT)
            return 0;
        scan->looked = (uint32_t)end;
        if (!feed)
            return 0;
        Str line = str_slice(input, scan->line, end);
        *out_refusal = check_line(scan, line, limits->target_bytes);
        if (*out_refusal != REFUSE_NOT)
            return 0;
        scan->line = (uint32_t)end;
        if (line.len == 2 && scan->in_headers)
            return end;
        scan->in_headers = true;
    }
}

static bool is_token_byte(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("!#$%&'*+-.^_`|~", c));
}

static bool is_token(Str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!is_token_byte((unsigned char)text.data[i]))
            return false;
    return text.len > 0;
}

static bool is_version(Str text)
{
    return text.len == 8 && str_starts(text, S("HTTP/")) && text.data[5] >= '0' && text.data[5] <= '9' &&
           text.data[6] == '.' && text.data[7] >= '0' && text.data[7] <= '9';
}

/* METHOD SP target SP HTTP/1.x, told apart here so that each fault gets its own answer. */
static Refusal check_request_line(Str line, HttpRequest *request, Str *out_target)
{
    Str rest = line;
    Str method = str_cut(&rest, ' ');
    Str target = str_cut(&rest, ' ');
    if (!is_token(method) || target.len == 0 || !is_version(rest))
        return REFUSE_REQUEST_LINE;
    if (rest.data[5] != '1' || (rest.data[7] != '0' && rest.data[7] != '1'))
        return REFUSE_VERSION;
    if (!head_method(method, &request->method))
        return REFUSE_METHOD;
    *out_target = target;
    return REFUSE_NOT;
}

/* Neither blank before the colon nor CR inside the line; llhttp checks the rest. */
static Refusal check_header_line(Str line)
{
    ptrdiff_t colon = str_find_char(line, ':');
    if (colon <= 0)
        return REFUSE_HEADER_SYNTAX;
    if (line.data[colon - 1] == ' ' || line.data[colon - 1] == '\t')
        return REFUSE_HEADER_BLANK;
    return REFUSE_NOT;
}

static Str next_line(Str *rest)
{
    Str line = str_cut(rest, '\n');
    return str_slice(line, 0, line.len - 1);
}

static Refusal check_lines(Str head, HttpRequest *request, Str *out_target)
{
    Str rest = head;
    Str line = next_line(&rest);
    Refusal refusal = str_find_char(line, '\r') >= 0 ? REFUSE_BARE_CR : check_request_line(line, request, out_target);
    while (refusal == REFUSE_NOT) {
        line = next_line(&rest);
        if (line.len == 0)
            return REFUSE_NOT;
        refusal = str_find_char(line, '\r') >= 0 ? REFUSE_BARE_CR : check_header_line(line);
    }
    return refusal;
}

/* The bodies of two parsers that read lengths differently are how requests are smuggled: length and coding stand
 * once or not at all, never together. */
static Refusal check_framing(const HttpRequest *request, Framing *framing)
{
    size_t codings = http_header_count(request, S("transfer-encoding"));
    size_t lengths = http_header_count(request, S("content-length"));
    if (codings && lengths)
        return REFUSE_LENGTH_AND_CODING;
    if (lengths > 1)
        return REFUSE_LENGTH_BAD;
    if (codings && framing->http10)
        return REFUSE_CODING_OLD;
    if (codings > 1 || (codings && !str_eq_fold(http_header(request, S("transfer-encoding")), S("chunked"))))
        return REFUSE_CODING_UNKNOWN;
    framing->chunked = codings == 1;
    return REFUSE_NOT;
}

static Refusal check_length(HttpRequest *request, const Fields *fields, const Framing *framing)
{
    request->content_length = -1;
    if (fields->has_length) {
        if (fields->length > INT64_MAX)
            return REFUSE_LENGTH_BAD;
        request->content_length = (int64_t)fields->length;
    } else if (!framing->chunked) {
        bool carries = request->method == HTTP_POST || request->method == HTTP_PUT || request->method == HTTP_PATCH;
        if (carries && framing->http10)
            return REFUSE_LENGTH_MISSING;
        request->content_length = 0;
    }
    return REFUSE_NOT;
}

static Refusal check_expectation(const HttpRequest *request, Framing *framing)
{
    Str expect = http_header(request, S("expect"));
    if (!expect.data)
        return REFUSE_NOT;
    if (!str_eq_fold(expect, S("100-continue")))
        return REFUSE_EXPECTATION;
    framing->expects_continue = !framing->http10;
    return REFUSE_NOT;
}

bool head_host_is_sane(Str host)
{
    for (size_t i = 0; i < host.len; i++) {
        unsigned char c = (unsigned char)host.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && !(c && strchr("-._~:[]%!$&'()*+;=", c)))
            return false;
    }
    return host.len <= 255 + sizeof ":65535";
}

static Refusal check_host(HttpRequest *request, const Framing *framing)
{
    size_t hosts = http_header_count(request, S("host"));
    if (hosts == 0)
        return framing->http10 ? REFUSE_NOT : REFUSE_HOST_MISSING;
    if (hosts > 1)
        return REFUSE_HOST_DOUBLED;
    request->authority = http_header(request, S("host"));
    return head_host_is_sane(request->authority) ? REFUSE_NOT : REFUSE_HOST_BAD;
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

static Refusal check_target_bytes(Str target)
{
    for (size_t i = 0; i < target.len; i++) {
        unsigned char c = (unsigned char)target.data[i];
        if (c <= 0x20 || c >= 0x7f || c == '#')
            return REFUSE_TARGET;
        if (c != '%')
            continue;
        Str escape = str_slice(target, i + 1, i + 3);
        if (escape.len < 2 || !is_hex(escape.data[0]) || !is_hex(escape.data[1]) || str_eq(escape, S("00")))
            return REFUSE_TARGET_ESCAPE;
    }
    return REFUSE_NOT;
}

Refusal head_target(Str target, HttpRequest *request)
{
    Refusal refusal = check_target_bytes(target);
    if (refusal != REFUSE_NOT)
        return refusal;
    bool asterisk = str_eq(target, S("*")) && request->method == HTTP_OPTIONS;
    if (!asterisk && !str_starts(target, S("/")))
        return REFUSE_TARGET_FORM;
    request->target = target;
    Str rest = target;
    request->path = str_cut(&rest, '?');
    request->query = rest;
    return REFUSE_NOT;
}

/* The absolute form, meant for proxies: RFC 9112 wants it served, with its host before the header's. Two
 * different hosts are either a mistake or a trick. */
static Refusal check_target(Str target, HttpRequest *request)
{
    Str scheme = S("http://");
    if (target.len > 0 && (target.data[0] == '/' || target.data[0] == '*'))
        return head_target(target, request);
    if (str_eq_fold(str_slice(target, 0, 8), S("https://")))
        scheme = S("https://");
    else if (!str_eq_fold(str_slice(target, 0, scheme.len), scheme))
        return REFUSE_TARGET_FORM;
    Str rest = str_skip(target, scheme.len);
    ptrdiff_t slash = str_find_char(rest, '/');
    if (slash <= 0)
        return REFUSE_TARGET_FORM;
    Str host = str_slice(rest, 0, (size_t)slash);
    if (!head_host_is_sane(host))
        return REFUSE_TARGET_FORM;
    if (request->authority.data && !str_eq_fold(host, request->authority))
        return REFUSE_HOST_DIFFERS;
    return head_target(str_skip(rest, host.len), request);
}

Refusal head_parse(Str head, const HttpLimits *limits, HttpRequest *request, HttpHeader *headers, Framing *out_framing)
{
    Str target = {0};
    Refusal refusal = check_lines(head, request, &target);
    if (refusal == REFUSE_NOT && target.len > limits->target_bytes)
        refusal = REFUSE_TARGET_LENGTH;
    if (refusal != REFUSE_NOT)
        return refusal;
    Fields fields;
    Refusal parsed = fields_parse(head, headers, limits->headers, &fields);
    request->headers = headers;
    request->n_headers = fields.n;
    Framing framing = {.http10 = fields.http10, .keep_alive = fields.keep_alive};
    /* llhttp refuses some framings, too, but does not say in which words. */
    refusal = check_framing(request, &framing);
    if (refusal == REFUSE_NOT)
        refusal = parsed;
    if (refusal == REFUSE_NOT)
        refusal = check_length(request, &fields, &framing);
    if (refusal == REFUSE_NOT)
        refusal = check_host(request, &framing);
    if (refusal == REFUSE_NOT)
        refusal = check_target(target, request);
    if (refusal == REFUSE_NOT)
        refusal = check_expectation(request, &framing);
    request->http_major = 1;
    *out_framing = framing;
    return refusal;
}
