/* lang/reference.h: the tables of docs/language-reference.md, written from the tables that drive the language.
 *
 * A test compares them with the page, so that the page cannot fall behind. */
#ifndef CLERKWORK_LANG_REFERENCE_H
#define CLERKWORK_LANG_REFERENCE_H

#include "base/buf.h"

/* Every function: English, SPy, meaning, as Markdown tables under headings. */
void reference_print_functions(Buf *out);
/* The nouns that no rule gives, and those that are alike in one and many. */
void reference_print_plurals(Buf *out);

#endif
