/* http/refusal.c: the table, and its JSON. */
#include "http/refusal.h"

#include "base/json.h"

const RefusalFact refusals[REFUSE_N] = {
    [REFUSE_NOT] = {500, INTERNAL, ""},
    [REFUSE_REQUEST_LINE] = {400, INVALID_ARGUMENT,
                             "the request line is malformed: expected METHOD, one space, target, one space, HTTP/1.1"},
    [REFUSE_METHOD] = {501, UNIMPLEMENTED,
                       "this method is not served: use GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS"},
    [REFUSE_VERSION] = {505, UNIMPLEMENTED, "this version of HTTP is not served: use HTTP/1.1 or HTTP/2"},
    [REFUSE_TARGET] = {400, INVALID_ARGUMENT,
                       "the target holds a byte that must be percent-encoded: a control character, '#', or one "
                       "outside ASCII"},
    [REFUSE_TARGET_ESCAPE] = {400, INVALID_ARGUMENT,
                              "the target holds a broken percent escape: expected % and two hexadecimal digits, "
                              "and not %00"},
    [REFUSE_TARGET_FORM] = {400, INVALID_ARGUMENT,
                            "the target must be a path that begins with '/', or http://host/path with the host of "
                            "the Host header"},
    [REFUSE_TARGET_LENGTH] = {414, INVALID_ARGUMENT,
                              "the target is too long; ask with a shorter filter, or in several calls"},
    [REFUSE_BARE_LF] = {400, INVALID_ARGUMENT, "a line ends in LF alone: every line of the head must end in CR LF"},
    [REFUSE_BARE_CR] = {400, INVALID_ARGUMENT, "a line holds CR without LF: every line of the head must end in CR LF"},
    [REFUSE_HEADER_FOLDED] = {400, INVALID_ARGUMENT, "a header line begins with a blank: send each header on one line"},
    [REFUSE_HEADER_BLANK] = {400, INVALID_ARGUMENT,
                             "a header name is followed by a blank: put the colon right after it"},
    [REFUSE_HEADER_SYNTAX] = {400, INVALID_ARGUMENT,
                              "a header is malformed: expected name, colon, value without control characters"},
    [REFUSE_HEADERS_TOO_LARGE] = {431, INVALID_ARGUMENT, "the headers are too large: send fewer or shorter ones"},
    [REFUSE_HEADERS_TOO_MANY] = {431, INVALID_ARGUMENT, "there are too many headers: send fewer"},
    [REFUSE_HOST_MISSING] = {400, INVALID_ARGUMENT, "the Host header is missing"},
    [REFUSE_HOST_DOUBLED] = {400, INVALID_ARGUMENT, "there is more than one Host header"},
    [REFUSE_HOST_BAD] = {400, INVALID_ARGUMENT,
                         "the Host header is malformed: expected a host name or address, and a port"},
    [REFUSE_HOST_DIFFERS] = {400, INVALID_ARGUMENT, "the Host header and the host of the target differ"},
    [REFUSE_LENGTH_BAD] = {400, INVALID_ARGUMENT, "Content-Length must be one whole number, and stand once"},
    [REFUSE_LENGTH_AND_CODING] = {400, INVALID_ARGUMENT,
                                  "Content-Length and Transfer-Encoding exclude each other: send one of them"},
    [REFUSE_LENGTH_MISSING] = {411, INVALID_ARGUMENT, "a body needs Content-Length in HTTP/1.0"},
    [REFUSE_CODING_UNKNOWN] = {501, UNIMPLEMENTED, "the only transfer coding served is \"chunked\", alone and once"},
    [REFUSE_CODING_OLD] = {400, INVALID_ARGUMENT, "HTTP/1.0 has no Transfer-Encoding: send Content-Length"},
    [REFUSE_EXPECTATION] = {417, INVALID_ARGUMENT, "the only expectation that can be met is \"100-continue\""},
    [REFUSE_CHUNK_SIZE] = {400, INVALID_ARGUMENT, "a chunk's size is malformed: expected hexadecimal digits"},
    [REFUSE_CHUNK_FRAMING] = {400, INVALID_ARGUMENT,
                              "the chunks of the body are malformed: expected CR LF around each"},
    [REFUSE_CHUNK_EXTENSION] = {400, INVALID_ARGUMENT, "a chunk's extension is too long: send none"},
    [REFUSE_TRAILERS] = {431, INVALID_ARGUMENT, "the trailers behind the body are too large: send none"},
    [REFUSE_BODY_TOO_LARGE] = {413, INVALID_ARGUMENT, "the body is larger than this operation takes"},
    [REFUSE_BODIES_TOO_LARGE] = {503, UNAVAILABLE,
                                 "the server holds as many request bodies as it can: try again in a moment"},
    [REFUSE_HEAD_TIMEOUT] = {408, DEADLINE_EXCEEDED, "the head of the request took too long to arrive"},
    [REFUSE_BODY_TIMEOUT] = {408, DEADLINE_EXCEEDED, "the body of the request took too long to arrive"},
    [REFUSE_HANDLER_TIMEOUT] = {504, DEADLINE_EXCEEDED,
                                "the server could not answer in time; what was asked may still happen: look before "
                                "asking again"},
    [REFUSE_HANDLER_SILENT] = {500, INTERNAL,
                               "the server has no answer to this request; this is a fault in the server"},
    [REFUSE_CONNECTIONS] = {503, UNAVAILABLE, "the server has as many connections as it can: try again in a moment"},
};

void error_body(Buf *out, int status, ErrorCode code, Str message)
{
    JsonOut json = json_out(out);
    json_open_object(&json);
    json_key(&json, S("code"));
    json_i64(&json, code);
    json_member_str(&json, S("message"), message);
    json_key(&json, S("details"));
    json_open_array(&json);
    json_close_array(&json);
    json_key(&json, S("error"));
    json_open_object(&json);
    json_key(&json, S("code"));
    json_i64(&json, status);
    json_member_str(&json, S("message"), message);
    json_member_str(&json, S("status"), str_from_c(error_code_name(code)));
    json_key(&json, S("details"));
    json_open_array(&json);
    json_close_array(&json);
    json_close_object(&json);
    json_close_object(&json);
}
