/* cli/lsp_names.h: which name in a program stands for what. */
#ifndef CLERKWORK_CLI_LSP_NAMES_H
#define CLERKWORK_CLI_LSP_NAMES_H

#include "cli/lsp_document.h"

/* What a name stands for: one of the two is set, none for a comprehension's own variable. */
typedef struct NameMeaning {
    const FactSpec *fact;
    const Node *define; /* a procedure */
} NameMeaning;

typedef struct NameUse {
    Node *node; /* NAME, INPUT, PARAMETER, ARGUMENT, DEFINE or PROCEDURE_CALL: it carries the name */
    NameMeaning meaning;
} NameUse;

typedef struct NameUses {
    NameUse *items; /* in the order of the text */
    uint32_t count;
} NameUses;

/* Every use of a name that the program knows; lives in `arena`. */
NameUses names_of(Arena *arena, const Program *program);
/* The use that stands closest around this place, or NULL. */
const NameUse *names_at(const LspDocument *document, const NameUses *uses, uint32_t offset);
bool span_holds(Span span, uint32_t offset);

#endif
