/* cli/difference.h: what two texts do not share, line by line.
 *
 * The fewest lines that have to go and to come, in the order of the texts; carriage returns at line ends do not count.
 */
#ifndef CLERKWORK_CLI_DIFFERENCE_H
#define CLERKWORK_CLI_DIFFERENCE_H

#include "base/buf.h"

/* Appends "  - LINE" for what only `expected` has and "  + LINE" for what only `found` has; of many lines the first.
 * Nothing where they are the same. */
void difference_add(Buf *out, Arena *arena, Str expected, Str found);

#endif
