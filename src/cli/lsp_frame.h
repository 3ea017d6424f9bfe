/* cli/lsp_frame.h: messages of the language server protocol in a stream of bytes: a head with Content-Length, an empty
 * line, so many bytes of JSON. */
#ifndef CLERKWORK_CLI_LSP_FRAME_H
#define CLERKWORK_CLI_LSP_FRAME_H

#include "base/buf.h"
#include "base/error.h"

#define LSP_HEAD_BYTES_MAX 4096u
#define LSP_BODY_BYTES_MAX (8u << 20)

typedef enum LspCut { LSP_CUT_MORE, LSP_CUT_MESSAGE, LSP_CUT_BROKEN } LspCut;

/* The first message of `bytes`: its body, and how many bytes it took with its head. LSP_CUT_MORE while it is not whole;
 * LSP_CUT_BROKEN, err set, when this is no such stream: nothing behind it can be read. */
LspCut lsp_frame_cut(Str bytes, Str *out_body, size_t *out_used, Error *err);
void lsp_frame_add(Buf *out, Str body);

#endif
