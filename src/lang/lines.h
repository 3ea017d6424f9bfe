/* lang/lines.h: where the lines of a text begin: from bytes to lines and columns, and back.
 *
 * Lines count from 0 and end with LF, CRLF or the text; columns are UTF-16 units, as editors count them. What lies
 * beyond a line or the text is taken for its end. */
#ifndef CLERKWORK_LANG_LINES_H
#define CLERKWORK_LANG_LINES_H

#include "lang/ast.h"

typedef struct Lines {
    Str text;
    uint32_t *starts; /* `count` of them; there is always one */
    uint32_t count;
} Lines;

Lines lines_of(Arena *arena, Str text);                     /* `text` must outlive it */
uint32_t lines_at(const Lines *lines, uint32_t offset);     /* the line in which this byte lies */
Span lines_span(const Lines *lines, uint32_t line);         /* without its end */
uint32_t lines_column(const Lines *lines, uint32_t offset); /* of this byte, in its line */
/* The byte at which this column begins; in the middle of a character, where that begins. */
uint32_t lines_offset(const Lines *lines, uint32_t line, uint32_t column);

#endif
