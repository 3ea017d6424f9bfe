/* cli/lsp_server.h: the language server: one message in, its answers out. It reads and writes no stream itself. */
#ifndef CLERKWORK_CLI_LSP_SERVER_H
#define CLERKWORK_CLI_LSP_SERVER_H

#include "cli/lsp_document.h"

#define LSP_DOCUMENTS_MAX 64u

typedef struct LspServer {
    LspDocument *documents[LSP_DOCUMENTS_MAX];
    uint32_t n_documents;
    bool initialized, shut_down, exited;
} LspServer;

/* Takes one message's body, whatever it holds, and adds framed answers and notifications to `out`. */
void lsp_server_take(LspServer *server, Str body, Buf *out);
void lsp_server_done(LspServer *server);

#endif
