/* lang/explain_internal.h: what the parts of explain share. Inside lang only. */
#ifndef CLERKWORK_LANG_EXPLAIN_INTERNAL_H
#define CLERKWORK_LANG_EXPLAIN_INTERNAL_H

#include "lang/explain.h"

typedef struct Explainer {
    Buf *out;
    Arena *arena;
    const Program *program;
    const Lines *lines;
} Explainer;

Str explain_words(const Explainer *e, const Node *node); /* an expression as English prints it */
Str explain_type(const Explainer *e, const Type *type);  /* "a number", "text", "an optional date" */
/* ---- explain_risks.c: one sentence a line for everything that can make the run ask. */
void explain_risks(const Explainer *e, const Node *statement);

#endif
