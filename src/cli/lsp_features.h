/* cli/lsp_features.h: what an editor asks about a text: each writes a result, null where there is nothing to say. */
#ifndef CLERKWORK_CLI_LSP_FEATURES_H
#define CLERKWORK_CLI_LSP_FEATURES_H

#include "cli/lsp_document.h"

#define LSP_ITEMS_MAX 1000u /* of one completion */

typedef bool LspFeature(JsonOut *out, const LspDocument *document, const Json *params, Error *err);

/* What stands at this place: a fact and its type, a field, a procedure; elsewhere what the sentence will do. */
LspFeature lsp_hover;
/* Facts, fields, procedures and the openings of sentences: what may stand here. */
LspFeature lsp_completion;
/* Where a fact is set first, or a procedure is defined. */
LspFeature lsp_definition;
/* Renames a fact or a procedure wherever it stands: the meaning stays the same to the letter, or it is refused. */
LspFeature lsp_rename;
/* The usual form, as one edit. */
LspFeature lsp_formatting;

/* The type whose fields stand behind a fact's possessive: of a list, the type of its rows. */
const Type *lsp_with_fields(const Type *type);

#endif
