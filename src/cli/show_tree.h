/* cli/show_tree.h: an automation's tree, and the types of its facts, for people. */
#ifndef CLERKWORK_CLI_SHOW_TREE_H
#define CLERKWORK_CLI_SHOW_TREE_H

#include "cli/source.h"

/* One node a line, set in by depth, statements with the line they stand in. Of a program_read. */
void show_tree(Buf *out, Arena *arena, const Source *source, const Program *program);
/* Every fact with its type and where it is set first; procedures' own facts below them. Of a program_read. */
void show_types(Buf *out, Arena *arena, const Source *source, const Program *program);

#endif
