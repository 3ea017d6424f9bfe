/* cli/lsp_owner.h: whose field is being typed. */
#ifndef CLERKWORK_CLI_LSP_OWNER_H
#define CLERKWORK_CLI_LSP_OWNER_H

#include "cli/lsp_document.h"

typedef struct LspOwner {
    Str typed;        /* what stands there of the field's name so far */
    const Type *type; /* the record or table whose field it is; NULL where that is not known */
} LspOwner;

/* `text` is the line up to the place. False where no field's name stands there: it does behind the order's, the
 * order's customer's, the orders whose, and in order[", orders[0]["customer"][". */
bool lsp_owner(Arena *arena, const LspDocument *document, Str text, LspOwner *out);

#endif
