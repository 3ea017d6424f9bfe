/* books/http.c: the book of http: asks and tells other servers, in JSON and text. */
#include <stdio.h>
#include <string.h>

#include "base/codec.h"
#include "books/book.h"
#include "books/encoding.h"
#include "value/wire.h"

#define BODY_BYTES_MAX (8u << 20)
#define JSON_DEPTH_MAX 200
#define HEADERS_OF_OURS 5
#define HEADERS_MOST 50
#define TIMEOUT_MOST_S 600
#define REDIRECTS_MOST 5
#define URL_SHOWN 160
#define ANSWER_SHOWN 160
#define MAY_HAVE "It may have been done there: look before you answer retry."

/* ---- what every call is given, in this order; those without a body leave out the last two or three ---- */

enum { URL, QUERY, HEADERS, TIMEOUT, BODY, CONTENT_TYPE, METHOD };
#define URL_PARAMETER                                                                                                  \
    [URL] = {S_INIT("url"), &type_text, true,                                                                          \
             S_INIT("the address, as in https://shop.example/orders/7; with a connection, what follows the "           \
                    "connection's own address, as in /orders/7")}
#define COMMON_PARAMETERS                                                                                              \
    URL_PARAMETER,                                                                                                     \
        [QUERY] = {S_INIT("query"), &type_record, false,                                                               \
                   S_INIT("what follows \"?\" in the address, by name; a list gives its name once for each item")},    \
        [HEADERS] = {S_INIT("headers"), &type_record, false,                                                           \
                     S_INIT("further headers, by name; credentials belong into a connection")},                        \
        [TIMEOUT] = {S_INIT("timeout"), &type_duration, false,                                                         \
                     S_INIT("how long to wait for the whole answer, at most 10 minutes; otherwise 30 seconds")}
#define CONTENT_TYPE_PARAMETER                                                                                         \
    [CONTENT_TYPE] = {S_INIT("content_type"), &type_text, false,                                                       \
                      S_INIT("what kind of thing the body is; a record is sent as a form where this is "               \
                             "application/x-www-form-urlencoded")}
#define BODY_MEANING                                                                                                   \
    S_INIT("what is sent: a text and a file as they are, anything else as JSON with all digits of its numbers")
static const Parameter plain_parameters[] = {COMMON_PARAMETERS};
static const Parameter body_parameters[] = {COMMON_PARAMETERS, [BODY] = {S_INIT("body"), &type_any, true, BODY_MEANING},
                                            CONTENT_TYPE_PARAMETER};
static const Parameter request_parameters[] = {
    COMMON_PARAMETERS, [BODY] = {S_INIT("body"), &type_any, false, BODY_MEANING}, CONTENT_TYPE_PARAMETER,
    [METHOD] = {S_INIT("method"), &type_text, true, S_INIT("GET, POST, PUT, PATCH, DELETE, HEAD or OPTIONS")}};

/* ---- address ---- */

static bool is_absolute(Str url)
{
    return str_starts(url, S("https://")) || str_starts(url, S("http://"));
}

/* People write blanks and umlauts; on the wire they are escaped. The host is left as it is. */
static void add_escaped(Buf *out, Str url)
{
    for (size_t i = 0; i < url.len; i++) {
        unsigned char c = (unsigned char)url.data[i];
        if (c == ' ' || c >= 0x80)
            buf_printf(out, "%%%02X", c);
        else
            buf_char(out, (char)c);
    }
}

/* Its credential is for its own server alone. */
static bool lies_within(Str url, Str base)
{
    Str rest = str_skip(url, base.len);
    return str_starts(url, base) && (rest.len == 0 || strchr("/?#", rest.data[0]));
}

static bool add_address(Buf *out, const BookConnection *connection, Str url, Error *err)
{
    if (!connection && !is_absolute(url))
        return error_set(err, INVALID_ARGUMENT, "url",
                         "\"%.*s\" is no whole address: it must begin with https:// or http://, or the sentence must "
                         "name a connection (using the \"…\" connection)",
                         STR_ARG(str_clip(url, URL_SHOWN)));
    Str base = connection ? connection->url : S("");
    while (str_ends(base, S("/")))
        base = str_slice(base, 0, base.len - 1);
    if (connection && is_absolute(url) && !lies_within(url, base))
        return error_set(err, INVALID_ARGUMENT, "url",
                         "\"%.*s\" is not within %.*s, which is all that the connection \"%.*s\" reaches",
                         STR_ARG(str_clip(url, URL_SHOWN)), STR_ARG(str_clip(base, URL_SHOWN)),
                         STR_ARG(connection->name));
    if (connection && !is_absolute(url)) {
        buf_str(out, base);
        if (url.len > 0 && !strchr("/?", url.data[0]))
            buf_char(out, '/');
    }
    add_escaped(out, url);
    return true;
}

static void add_pair(Buf *out, char separator, Str name, Value value)
{
    AUTO(buf_done)
    Buf text = {0};
    if (separator)
        buf_char(out, separator);
    percent_encode(out, name);
    buf_char(out, '=');
    value_print(&text, value);
    percent_encode(out, buf_view(&text));
}

/* name=value&…; what is nothing is left out. `separator` stands before the first pair, 0 for none. */
static void add_pairs(Buf *out, char separator, const Record *pairs)
{
    AUTO(buf_done)
    Buf name = {0};
    for (uint32_t i = 0; i < pairs->count; i++) {
        Value value = pairs->entries[i].value;
        name.len = 0;
        value_print(&name, pairs->entries[i].key);
        bool several = value.kind == VALUE_LIST;
        for (uint32_t k = 0; k < (several ? value.list->count : value.kind != VALUE_NULL); k++) {
            add_pair(out, separator, buf_view(&name), several ? value.list->items[k] : value);
            separator = '&';
        }
    }
}

static bool make_url(BookErrand *errand, const BookConnection *connection, const Value *arguments, Error *err)
{
    Buf url = buf_in(&errand->arena);
    if (!add_address(&url, connection, str_trim(TEXT_ARGUMENT(arguments, URL)), err))
        return false;
    if (argument_given(arguments[QUERY]))
        add_pairs(&url, str_find_char(buf_view(&url), '?') >= 0 ? '&' : '?', arguments[QUERY].record);
    errand->call.url = buf_view(&url);
    return true;
}

/* ---- headers ---- */

static void add_header(BookErrand *errand, Str name, Str value)
{
    HttpHeader *headers = (HttpHeader *)(uintptr_t)errand->call.headers;
    headers[errand->call.n_headers++] = (HttpHeader){name, value};
}

static bool has_header(const BookErrand *errand, Str name)
{
    for (int i = 0; i < errand->call.n_headers; i++)
        if (str_eq_fold(errand->call.headers[i].name, name))
            return true;
    return false;
}

static void add_default(BookErrand *errand, Str name, Str value)
{
    if (!has_header(errand, name))
        add_header(errand, name, value);
}

/* What says how the message is framed is the client's; who calls is said by connections. */
static bool check_header(Str name, Error *err)
{
    static const Str framing[] = {S_INIT("host"),       S_INIT("content-length"), S_INIT("transfer-encoding"),
                                  S_INIT("connection"), S_INIT("upgrade"),        S_INIT("expect"),
                                  S_INIT("te")};
    for (size_t i = 0; i < COUNT_OF(framing); i++)
        if (str_eq_fold(name, framing[i]))
            return error_set(err, INVALID_ARGUMENT, "headers",
                             "the header %.*s is set by the call itself; leave it out", STR_ARG(name));
    if (str_eq_fold(name, S("authorization")) || str_eq_fold(name, S("proxy-authorization")))
        return error_set(err, INVALID_ARGUMENT, "headers",
                         "credentials do not stand in automations, whose journal everybody reads: keep this one in a "
                         "connection (clerkwork connection set) and say: using the \"…\" connection");
    return true;
}

static bool add_given_headers(BookErrand *errand, Value given, Error *err)
{
    uint32_t n = argument_given(given) ? given.record->count : 0;
    if (n > HEADERS_MOST)
        return error_set(err, INVALID_ARGUMENT, "headers", "at most %d headers are sent", HEADERS_MOST);
    errand->call.headers = NEW_ARRAY(&errand->arena, HttpHeader, n + HEADERS_OF_OURS);
    for (uint32_t i = 0; i < n; i++) {
        Buf name = buf_in(&errand->arena), value = buf_in(&errand->arena);
        value_print(&name, given.record->entries[i].key);
        value_print(&value, given.record->entries[i].value);
        if (!check_header(buf_view(&name), err))
            return false;
        add_header(errand, buf_view(&name), buf_view(&value));
    }
    return true;
}

static void add_credential(BookErrand *errand, const BookConnection *connection)
{
    Buf text = buf_in(&errand->arena);
    if (!connection || connection->auth == AUTH_NONE)
        return;
    Str secret = errand_secret(errand, connection->secret);
    switch (connection->auth) {
    case AUTH_HEADER: add_header(errand, str_copy(&errand->arena, connection->user), secret); break;
    case AUTH_BASIC: {
        Str pair = errand_secret(
            errand, str_printf(&errand->arena, "%.*s:%.*s", STR_ARG(connection->user), STR_ARG(connection->secret)));
        buf_str(&text, S("Basic "));
        base64_encode(&text, pair);
        break;
    }
    default: buf_printf(&text, "Bearer %.*s", STR_ARG(secret));
    }
    if (text.len > 0)
        add_header(errand, S("Authorization"), errand_secret(errand, buf_view(&text)));
}

/* ---- body ---- */

static bool make_body(const BookContext *context, BookErrand *errand, Value body, Value given_type, Error *err)
{
    Str type = argument_given(given_type) ? value_str(given_type) : (Str){0};
    Buf text = buf_in(&errand->arena);
    if (!argument_given(body))
        return true;
    if (body.kind == VALUE_TEXT) {
        errand->call.body = str_copy(&errand->arena, value_str(body));
        add_default(errand, S("Content-Type"), type.len ? type : S("text/plain; charset=utf-8"));
    } else if (body.kind == VALUE_FILE) {
        if (!context->read_file(context->self, &errand->arena, body.file, BODY_BYTES_MAX, &errand->call.body, err))
            return false;
        add_default(errand, S("Content-Type"), type.len ? type : S("application/octet-stream"));
    } else if (body.kind == VALUE_RECORD && str_starts(type, S("application/x-www-form-urlencoded"))) {
        add_pairs(&text, 0, body.record);
        add_default(errand, S("Content-Type"), type);
    } else {
        JsonOut json = json_out(&text);
        value_to_plain_json(&json, body);
        add_default(errand, S("Content-Type"), type.len ? type : S("application/json"));
    }
    if (text.len > 0)
        errand->call.body = buf_view(&text);
    return errand->call.body.len <= BODY_BYTES_MAX ||
           error_set(err, INVALID_ARGUMENT, "body", "%zu bytes are too many to send: at most %u", errand->call.body.len,
                     BODY_BYTES_MAX);
}

/* ---- the whole call ---- */

static bool set_timeout(BookErrand *errand, Value timeout, Error *err)
{
    if (!argument_given(timeout))
        return true;
    if (timeout.seconds < 1 || timeout.seconds > TIMEOUT_MOST_S)
        return error_set(err, INVALID_ARGUMENT, "timeout", "a time between 1 second and 10 minutes is needed");
    errand->call.timeout_ms = timeout.seconds * 1000 + timeout.high / 1000000;
    return true;
}

static bool find_connection(const BookContext *context, BookErrand *errand, BookConnection *room,
                            const BookConnection **out, Error *err)
{
    *out = NULL;
    if (context->alias.len == 0)
        return true;
    if (!context->connection(context->self, &errand->arena, S("http"), context->alias, room, err))
        return false;
    *out = room;
    return true;
}

static bool prepare(const BookContext *context, const char *method, const Value *arguments, bool has_body,
                    BookErrand *errand, Error *err)
{
    BookConnection room;
    const BookConnection *connection;
    bool looks = strcmp(method, "GET") == 0;
    errand->call.method = method;
    errand->call.max_bytes = BODY_BYTES_MAX;
    if (!find_connection(context, errand, &room, &connection, err) || !make_url(errand, connection, arguments, err) ||
        !add_given_headers(errand, arguments[HEADERS], err) || !set_timeout(errand, arguments[TIMEOUT], err))
        return false;
    /* A credential is told to nobody but its own server: its calls follow no redirect. */
    errand->call.redirects = looks && !connection ? REDIRECTS_MOST : 0;
    add_credential(errand, connection);
    add_default(errand, S("Accept"), S("application/json, text/*;q=0.9, */*;q=0.5"));
    add_default(errand, S("User-Agent"), S("Clerkwork"));
    if (errand->effect == EFFECT_KEYED)
        add_default(errand, S("Idempotency-Key"), str_copy(&errand->arena, context->idempotency_key));
    return (!has_body || make_body(context, errand, arguments[BODY], arguments[CONTENT_TYPE], err)) &&
           http_call_check(&errand->call, err);
}

#define PREPARE(function, method, has_body)                                                                            \
    static bool function(const BookContext *context, const Value *arguments, BookErrand *errand, Error *err)           \
    {                                                                                                                  \
        return prepare(context, method, arguments, has_body, errand, err);                                             \
    }
PREPARE(prepare_get, "GET", false)
PREPARE(prepare_delete, "DELETE", false)
PREPARE(prepare_post, "POST", true)
PREPARE(prepare_put, "PUT", true)
PREPARE(prepare_patch, "PATCH", true)

static bool prepare_request(const BookContext *context, const Value *arguments, BookErrand *errand, Error *err)
{
    static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"};
    for (size_t i = 0; i < COUNT_OF(methods); i++)
        if (str_eq_fold(TEXT_ARGUMENT(arguments, METHOD), str_from_c(methods[i])))
            return prepare(context, methods[i], arguments, true, errand, err);
    return error_set(err, INVALID_ARGUMENT, "method",
                     "\"%.*s\" is none of GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS",
                     STR_ARG(str_clip(TEXT_ARGUMENT(arguments, METHOD), 40)));
}

/* ---- the answer ---- */

static bool is_json(Str content_type)
{
    Str rest = content_type, type = str_trim(str_cut(&rest, ';'));
    Str subtype = str_skip(type, 5);
    return str_eq_fold(type, S("application/json")) || str_eq_fold(type, S("text/json")) ||
           (type.len > 5 && str_eq_fold(str_skip(type, type.len - 5), S("+json")) && subtype.len > 0);
}

static const char *shown(Arena *arena, const BookErrand *errand)
{
    Str url = str_clip(errand_blot(arena, errand, errand->call.url), URL_SHOWN);
    return str_to_c(arena, str_printf(arena, "%s %.*s", errand->call.method, STR_ARG(url)));
}

static bool read_body(Arena *arena, const BookErrand *errand, Value *out, Error *err)
{
    Str content = str_copy(arena, errand_blot(arena, errand, buf_view(&errand->call.answer))), text;
    const Json *json;
    Error why = {0};
    *out = value_null();
    if (content.len == 0)
        return true;
    if (is_json(http_call_header(&errand->call, S("Content-Type")))) {
        if (!json_parse(arena, content, JSON_DEPTH_MAX, &json, &why) || !value_from_plain_json(arena, json, out, &why))
            return error_set(err, FAILED_PRECONDITION, "", "%s was answered with JSON that cannot be read: %s",
                             shown(arena, errand), why.message);
        return true;
    }
    if (memchr(content.data, '\0', content.len) || !encoding_decode(arena, content, ENCODING_DETECT, &text, &why))
        return error_set(err, FAILED_PRECONDITION, "", "%s was answered with %zu bytes that are no text",
                         shown(arena, errand), content.len);
    *out = value_text(text);
    return true;
}

static const struct {
    int status;
    ErrorCode code; /* UNAVAILABLE: it passes by itself */
    const char *field, *meaning;
} statuses[] = {
    {400, INVALID_ARGUMENT, "body", "it does not accept what was sent"},
    {401, UNAUTHENTICATED, "", "it does not know who calls; the connection's credential may be missing or wrong"},
    {403, PERMISSION_DENIED, "", "it does not allow this to whoever calls"},
    {404, NOT_FOUND, "url", "there is nothing under that address"},
    {405, INVALID_ARGUMENT, "url", "that cannot be done to what is under that address"},
    {408, UNAVAILABLE, "", "it has waited too long"},
    {409, ABORTED, "body", "what is there does not go together with what was sent"},
    {410, NOT_FOUND, "url", "what was there is gone for good"},
    {413, INVALID_ARGUMENT, "body", "what was sent is too long for it"},
    {415, INVALID_ARGUMENT, "content_type", "it does not take that kind of content"},
    {422, INVALID_ARGUMENT, "body", "it does not accept what was sent"},
    {425, UNAVAILABLE, "", "it wants to be called a little later"},
    {429, UNAVAILABLE, "", "it wants to be called less often"},
    {500, UNAVAILABLE, "", "it has failed"},
    {501, FAILED_PRECONDITION, "", "it does not know how to do that"},
    {502, UNAVAILABLE, "", "the server behind it does not answer"},
    {503, UNAVAILABLE, "", "it cannot answer just now"},
    {504, UNAVAILABLE, "", "the server behind it does not answer"},
};

static bool refused(Arena *arena, const BookErrand *errand, Error *err)
{
    int status = errand->call.status;
    ErrorCode code = status >= 500 ? UNAVAILABLE : FAILED_PRECONDITION;
    const char *field = "", *meaning = status >= 500 ? "it has failed" : "it does not do that";
    for (size_t i = 0; i < COUNT_OF(statuses); i++)
        if (statuses[i].status == status) {
            code = statuses[i].code;
            field = statuses[i].field;
            meaning = statuses[i].meaning;
        }
    Str location = http_call_header(&errand->call, S("Location"));
    if (status >= 300 && status < 400 && location.len > 0)
        return error_set(err, FAILED_PRECONDITION, "url",
                         "%s was answered with %d: that has moved to %.*s. Write the address as it is now",
                         shown(arena, errand), status,
                         STR_ARG(str_clip(errand_blot(arena, errand, location), URL_SHOWN)));
    Str said = str_trim(errand_blot(arena, errand, buf_view(&errand->call.answer)));
    bool quotable = said.len > 0 && utf8_is_valid(said) && !memchr(said.data, '\0', said.len) && said.data[0] != '<';
    bool doubtful = errand->effect == EFFECT_ONCE && status >= 500;
    Str quoted = str_clip(said, ANSWER_SHOWN);
    return error_set(err, code, field, "%s was answered with %d: %s.%s%.*s%s%s", shown(arena, errand), status, meaning,
                     quotable ? " It says: " : "", quotable ? (int)quoted.len : 0, quoted.data,
                     quotable && quoted.len < said.len ? "…" : "", doubtful ? " " MAY_HAVE : "");
}

static bool came_back(const BookErrand *errand, Error *err)
{
    return errand->call.err.code == OK || errand_failed(errand, MAY_HAVE, err);
}

static bool read_content(Arena *arena, BookErrand *errand, Value *out, Error *err)
{
    int status = errand->call.status;
    return came_back(errand, err) && ((status >= 200 && status < 300) || refused(arena, errand, err)) &&
           read_body(arena, errand, out, err);
}

/* What is not there (any more) is as good as deleted: so a delete may be repeated. */
static bool read_deleted(Arena *arena, BookErrand *errand, Value *out, Error *err)
{
    bool gone = errand->call.err.code == OK && (errand->call.status == 404 || errand->call.status == 410);
    *out = value_null();
    return gone || read_content(arena, errand, out, err);
}

static const TypeField reply_fields[] = {
    {S_INIT("status"), &type_number}, {S_INIT("headers"), &type_record}, {S_INIT("body"), &type_any}};
static const Type reply_type = {.kind = TYPE_RECORD, .fields = reply_fields, .n_fields = COUNT_OF(reply_fields)};

static Value headers_of(Arena *arena, const BookErrand *errand)
{
    Value headers = value_record_new(arena);
    Str rest = errand_blot(arena, errand, buf_view(&errand->call.heads));
    while (rest.len > 0) {
        Str line = str_cut(&rest, '\n'), name = str_trim(str_cut(&line, ':'));
        Value key = value_text(str_lower(arena, name)), value = value_text(str_copy(arena, str_trim(line)));
        const Value *present = record_find(headers.record, key);
        if (name.len == 0 || !utf8_is_valid(name) || !utf8_is_valid(value_str(value)))
            continue;
        if (present) /* several lines of one name are one list (RFC 9110) */
            value =
                value_text(str_printf(arena, "%.*s, %.*s", STR_ARG(value_str(*present)), STR_ARG(value_str(value))));
        record_set(arena, headers.record, key, value);
    }
    return headers;
}

static bool read_reply(Arena *arena, BookErrand *errand, Value *out, Error *err)
{
    Value body, reply = value_record_new(arena);
    if (!came_back(errand, err) || !read_body(arena, errand, &body, err))
        return false;
    record_set(arena, reply.record, value_text(S("status")), value_int(errand->call.status));
    record_set(arena, reply.record, value_text(S("headers")), headers_of(arena, errand));
    record_set(arena, reply.record, value_text(S("body")), body);
    *out = reply;
    return true;
}

/* ---- the book ---- */

#define HTTP(name, parameters, ...) BOOK_PROCEDURE("http", name, parameters, .outside = true, __VA_ARGS__)

static const BookEntry entries[] = {
    {HTTP("check", plain_parameters, .english = S_INIT("check {url} as {result}"),
          .description =
              S_INIT("Asks for what is under an address (GET) and tells the whole answer, whatever its status: for "
                     "automations that know what to do when something is not there."),
          .example = S_INIT("check \"https://shop.example/orders/7\" as the reply"), .result = &reply_type,
          .effect = EFFECT_READ),
     .prepare = prepare_get, .read = read_reply},
    {HTTP("delete", plain_parameters, .english = S_INIT("delete {url}|delete {url} as {result}"),
          .description = S_INIT("Deletes what is under an address (DELETE). What is not there counts as deleted."),
          .example = S_INIT("delete \"https://shop.example/orders/7\" as the reply"), .result = &type_any,
          .effect = EFFECT_REPEATABLE),
     .prepare = prepare_delete, .read = read_deleted},
    {HTTP("get", plain_parameters, .english = S_INIT("fetch {result} from {url}"),
          .description = S_INIT("Asks for what is under an address (GET) and gives what the answer holds."),
          .example = S_INIT("fetch the order from \"https://shop.example/orders/7\""), .result = &type_any,
          .effect = EFFECT_READ),
     .prepare = prepare_get, .read = read_content},
    {HTTP("patch", body_parameters, .english = S_INIT("patch {url} by {body} as {result}|patch {url} by {body}"),
          .description = S_INIT("Changes parts of what is under an address (PATCH)."),
          .example = S_INIT("patch \"https://shop.example/orders/7\" by the changes as the order"), .result = &type_any,
          .effect = EFFECT_ONCE),
     .prepare = prepare_patch, .read = read_content},
    {HTTP("post", body_parameters, .english = S_INIT("post {body} to {url} as {result}|post {body} to {url}"),
          .description = S_INIT("Sends something to an address (POST). When nobody can tell whether it arrived, a "
                                "person is asked."),
          .example = S_INIT("post the order to \"https://shop.example/orders\" as the receipt"), .result = &type_any,
          .effect = EFFECT_ONCE),
     .prepare = prepare_post, .read = read_content},
    {HTTP("put", body_parameters, .english = S_INIT("put {body} to {url} as {result}|put {body} to {url}"),
          .description = S_INIT("Makes what is under an address the same as what is sent (PUT)."),
          .example = S_INIT("put the order to \"https://shop.example/orders/7\" as the receipt"), .result = &type_any,
          .effect = EFFECT_REPEATABLE),
     .prepare = prepare_put, .read = read_content},
    {HTTP("request", request_parameters, .english = S_INIT("request {method} of {url} as {result}"),
          .description = S_INIT("Calls a server in any way and tells the whole answer, whatever its status."),
          .example = S_INIT("request \"OPTIONS\" of \"https://shop.example/orders\" as the reply"),
          .result = &reply_type, .effect = EFFECT_ONCE),
     .prepare = prepare_request, .read = read_reply},
    {HTTP("submit", body_parameters, .english = S_INIT("submit {body} to {url} as {result}|submit {body} to {url}"),
          .description =
              S_INIT("Sends something (POST) to a server that knows the header Idempotency-Key: however often it is "
                     "sent, it is done once. So it is repeated by itself when an answer fails to come. For "
                     "servers that do not know the header, take post."),
          .example = S_INIT("submit the payment to \"https://bank.example/payments\" as the receipt"),
          .result = &type_any, .effect = EFFECT_KEYED),
     .prepare = prepare_post, .read = read_content},
};

const Book http_book = {
    .name = S_INIT("http"),
    .version = S_INIT("1.0.0"),
    .display_name = S_INIT("HTTP"),
    .summary = S_INIT("Ask and tell other servers"),
    .description = S_INIT(
        "Answers in JSON become records, lists and exact numbers, other answers become texts, and an answer without "
        "content is nothing. A server that refuses (a status outside of 200 to 299) is a question that "
        "tells what it said; check and request tell the status instead. While a server answers, the run holds neither "
        "a thread nor memory.\n\n"
        "A call that fails in passing (no answer, 429, 500 and above) and may be made twice is tried again after 1, 5 "
        "and 25 seconds, then a person is asked. Addresses in private networks are refused unless the server's setting "
        "private-addresses allows them. Redirects are followed when something is fetched without a connection, at most "
        "five, and never into a private network. What is sent and what is answered has at most 8 MiB.\n\n"
        "Credentials stand in connections, which the server's operator makes (docs/connections.md): `use the \"erp\" "
        "connection of the \"http\" book` at the top, then `fetch the order from \"/orders/7\" using the \"erp\" "
        "connection`."),
    .entries = entries,
    .n_entries = COUNT_OF(entries),
};
