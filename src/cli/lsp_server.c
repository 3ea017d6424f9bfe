/* cli/lsp_server.c: which message is whose, and what is answered. */
#include "cli/lsp_server.h"

#include <stdlib.h>

#include "cli/lsp_features.h"
#include "cli/lsp_frame.h"
#include "cli/version.h"

#define LSP_JSON_DEPTH_MAX 60

enum {
    PARSE_ERROR = -32700,
    INVALID_REQUEST = -32600,
    METHOD_NOT_FOUND = -32601,
    INVALID_PARAMS = -32602,
    NOT_INITIALIZED = -32002,
    REQUEST_FAILED = -32803,
};

/* ---- answers ---- */
static void add_id(JsonOut *json, const Json *id)
{
    json_member_str(json, S("jsonrpc"), S("2.0"));
    json_key(json, S("id"));
    if (json_is(id, JSON_NUMBER) || json_is(id, JSON_STRING))
        json_write(json, id);
    else
        json_null(json);
}

static void answer(Buf *out, const Json *id, Str result)
{
    AUTO(buf_done)
    Buf body = {0};
    JsonOut json = json_out(&body);
    json_open_object(&json);
    add_id(&json, id);
    json_key(&json, S("result"));
    json_raw(&json, result);
    json_close_object(&json);
    lsp_frame_add(out, buf_view(&body));
}

static void refuse(Buf *out, const Json *id, int code, Str message)
{
    AUTO(buf_done)
    Buf body = {0};
    JsonOut json = json_out(&body);
    json_open_object(&json);
    add_id(&json, id);
    json_key(&json, S("error"));
    json_open_object(&json);
    json_key(&json, S("code"));
    json_i64(&json, code);
    json_member_str(&json, S("message"), message);
    json_close_object(&json);
    json_close_object(&json);
    lsp_frame_add(out, buf_view(&body));
}

static void publish(Buf *out, const LspDocument *document, bool closed)
{
    AUTO(buf_done)
    Buf body = {0};
    JsonOut json = json_out(&body);
    json_open_object(&json);
    json_member_str(&json, S("jsonrpc"), S("2.0"));
    json_member_str(&json, S("method"), S("textDocument/publishDiagnostics"));
    json_key(&json, S("params"));
    lsp_document_diagnostics(&json, document, closed);
    json_close_object(&json);
    lsp_frame_add(out, buf_view(&body));
}

/* ---- documents ---- */
static Str uri_of(const Json *params)
{
    return json_text(json_get(json_get(params, S("textDocument")), S("uri")));
}

static LspDocument *find_document(const LspServer *server, Str uri)
{
    for (uint32_t i = 0; i < server->n_documents; i++) {
        if (str_eq(server->documents[i]->uri, uri))
            return server->documents[i];
    }
    return NULL;
}

static void drop_document(LspServer *server, LspDocument *document)
{
    for (uint32_t i = 0; i < server->n_documents; i++) {
        if (server->documents[i] == document)
            server->documents[i] = server->documents[--server->n_documents];
    }
    lsp_document_done(document);
    free(document);
}

/* Beyond the most, the one that has been open longest is let go: the editor's next change brings it back. */
static LspDocument *add_document(LspServer *server)
{
    if (server->n_documents == LSP_DOCUMENTS_MAX)
        drop_document(server, server->documents[0]);
    LspDocument *document = calloc(1, sizeof *document);
    if (!document)
        abort();
    server->documents[server->n_documents++] = document;
    return document;
}

typedef void Notice(LspServer *server, const Json *params, Buf *out);

static void did_open(LspServer *server, const Json *params, Buf *out)
{
    const Json *item = json_get(params, S("textDocument"));
    Str uri = uri_of(params);
    if (uri.len == 0)
        return;
    LspDocument *document = find_document(server, uri);
    if (!document)
        document = add_document(server);
    lsp_document_set(document, uri, json_text(json_get(item, S("languageId"))), json_text(json_get(item, S("text"))));
    publish(out, document, false);
}

/* Changes are whole texts; of several, the last one counts. */
static void did_change(LspServer *server, const Json *params, Buf *out)
{
    const Json *changes = json_get(params, S("contentChanges"));
    Str uri = uri_of(params);
    if (uri.len == 0 || !json_is(changes, JSON_ARRAY) || changes->count == 0)
        return;
    LspDocument *document = find_document(server, uri);
    if (!document)
        document = add_document(server);
    Str language = document->spelling == SPELLING_SPY ? S("spy") : S("");
    lsp_document_set(document, uri, language, json_text(json_get(&changes->items[changes->count - 1], S("text"))));
    publish(out, document, false);
}

static void did_close(LspServer *server, const Json *params, Buf *out)
{
    LspDocument *document = find_document(server, uri_of(params));
    if (!document)
        return;
    publish(out, document, true);
    drop_document(server, document);
}

static void on_initialized(LspServer *server, const Json *params, Buf *out)
{
    (void)server;
    (void)params;
    (void)out;
}

static const struct {
    Str method;
    Notice *take;
} notices[] = {
    {S_INIT("textDocument/didOpen"), did_open},
    {S_INIT("textDocument/didChange"), did_change},
    {S_INIT("textDocument/didClose"), did_close},
    {S_INIT("initialized"), on_initialized},
};

static const struct {
    Str method;
    LspFeature *ask;
} features[] = {
    {S_INIT("textDocument/hover"), lsp_hover},           {S_INIT("textDocument/completion"), lsp_completion},
    {S_INIT("textDocument/definition"), lsp_definition}, {S_INIT("textDocument/rename"), lsp_rename},
    {S_INIT("textDocument/formatting"), lsp_formatting},
};

/* ---- life ---- */
static void initialize(LspServer *server, const Json *id, Buf *out)
{
    server->initialized = true;
    answer(out, id,
           S("{\"capabilities\":{\"positionEncoding\":\"utf-16\","
             "\"textDocumentSync\":{\"openClose\":true,\"change\":1},"
             "\"hoverProvider\":true,\"completionProvider\":{\"triggerCharacters\":[\" \",\"\\\"\",\".\"]},"
             "\"definitionProvider\":true,\"renameProvider\":true,\"documentFormattingProvider\":true},"
             "\"serverInfo\":{\"name\":\"clerkwork\",\"version\":\"" CLERKWORK_VERSION "\"}}"));
}

static void take_feature(const LspServer *server, LspFeature *ask, const Json *id, const Json *params, Buf *out)
{
    AUTO(buf_done)
    Buf result = {0};
    JsonOut json = json_out(&result);
    Error err = {0};
    const LspDocument *document = find_document(server, uri_of(params));
    if (!document || !document->program)
        refuse(out, id, INVALID_PARAMS, S("this text is not open here, or too long"));
    else if (ask(&json, document, params, &err))
        answer(out, id, buf_view(&result));
    else
        refuse(out, id, REQUEST_FAILED, str_from_c(err.message));
}

static void take_request(LspServer *server, Str method, const Json *id, const Json *params, Buf *out)
{
    if (server->shut_down) {
        refuse(out, id, INVALID_REQUEST, S("the server was asked to shut down"));
        return;
    }
    if (str_eq(method, S("initialize"))) {
        initialize(server, id, out);
        return;
    }
    if (!server->initialized) {
        refuse(out, id, NOT_INITIALIZED, S("the first request is initialize"));
        return;
    }
    if (str_eq(method, S("shutdown"))) {
        server->shut_down = true;
        answer(out, id, S("null"));
        return;
    }
    for (size_t i = 0; i < COUNT_OF(features); i++) {
        if (str_eq(features[i].method, method)) {
            take_feature(server, features[i].ask, id, params, out);
            return;
        }
    }
    refuse(out, id, METHOD_NOT_FOUND, S("this server has no such method"));
}

/* Notifications are never answered; those before initialize and unknown ones are passed over, as the protocol says. */
static void take_notice(LspServer *server, Str method, const Json *params, Buf *out)
{
    if (str_eq(method, S("exit")))
        server->exited = true;
    for (size_t i = 0; i < COUNT_OF(notices) && server->initialized && !server->shut_down; i++) {
        if (str_eq(notices[i].method, method))
            notices[i].take(server, params, out);
    }
}

void lsp_server_take(LspServer *server, Str body, Buf *out)
{
    AUTO(arena_done)
    Arena arena = {0};
    const Json *message = NULL;
    Error err = {0};
    if (!json_parse(&arena, body, LSP_JSON_DEPTH_MAX, &message, &err)) {
        refuse(out, NULL, PARSE_ERROR, str_from_c(err.message));
        return;
    }
    const Json *id = json_get(message, S("id")), *params = json_get(message, S("params"));
    Str method = json_text(json_get(message, S("method")));
    if (!json_is(message, JSON_OBJECT) ||
        (method.len == 0 && !json_get(message, S("result")) && !json_get(message, S("error"))))
        refuse(out, id, INVALID_REQUEST, S("this is no message of the protocol: it names no method"));
    else if (method.len > 0 && id)
        take_request(server, method, id, params, out);
    else if (method.len > 0)
        take_notice(server, method, params, out);
}

void lsp_server_done(LspServer *server)
{
    while (server->n_documents > 0)
        drop_document(server, server->documents[0]);
}
