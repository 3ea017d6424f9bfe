/* cli/source.h: an automation in a file. The spelling follows from the file's name: .spy and .py are SPy, all else is
 * English; "-" is standard input. */
#ifndef CLERKWORK_CLI_SOURCE_H
#define CLERKWORK_CLI_SOURCE_H

#include "lang/program.h"

#define SOURCE_BYTES_MAX (1u << 20)

typedef struct Source {
    const char *path;
    Str name; /* for messages: "standard input" in place of "-" */
    Str text;
    Spelling spelling;
} Source;

/* The whole content of a file of the command line; RESOURCE_EXHAUSTED past `max_bytes`. */
MUST_USE bool read_whole_file(Arena *arena, const char *path, size_t max_bytes, Str *out, Error *err);
/* By way of a second file beside it: what stood there is lost only once the new text is whole. */
MUST_USE bool replace_whole_file(Arena *arena, const char *path, Str text, Error *err);
MUST_USE bool source_read(Arena *arena, const char *path, bool spy, Source *out, Error *err);
/* Reads and checks it; diagnostics are in the program. False only when the file cannot be read. */
MUST_USE bool source_load(Arena *arena, const char *path, bool spy, Source *out, Program **out_program, Error *err);
/* The same once more by program_read: its spans are those of the file as it stands. */
Program *source_reread(Arena *arena, const Source *source);
/* Prints the program's diagnostics on standard error, as compilers do. True when there are no errors among them. */
bool source_report(const Source *source, const Program *program);

#endif
