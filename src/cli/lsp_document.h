/* cli/lsp_document.h: a text that an editor has open, and what is known of it. */
#ifndef CLERKWORK_CLI_LSP_DOCUMENT_H
#define CLERKWORK_CLI_LSP_DOCUMENT_H

#include "base/json.h"
#include "lang/lines.h"
#include "lang/program.h"

typedef struct LspDocument {
    Arena arena; /* all below; begins afresh with every change */
    Str uri;
    Spelling spelling;
    Program *program; /* program_read: spans are the text's; NULL when the text is too long to be looked at */
    Lines lines;
} LspDocument;

/* Reads and checks the text. */
void lsp_document_set(LspDocument *document, Str uri, Str language, Str text);
void lsp_document_done(LspDocument *document);
/* textDocument/publishDiagnostics' params; of a closed document, which has no problems any more. */
void lsp_document_diagnostics(JsonOut *out, const LspDocument *document, bool closed);

/* ---- places ---- */
void lsp_range(JsonOut *out, const LspDocument *document, Span span); /* a Range */
/* The byte of params.position; the text's start where the params make no sense. */
uint32_t lsp_position(const LspDocument *document, const Json *params);
Span lsp_span(const LspDocument *document, const Node *node);

#endif
