/* cli/source.c: from a file's name to a checked program. */
#include "cli/source.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/codec.h"
#include "books/book.h"

static void file_done(FILE **file)
{
    if (*file && *file != stdin)
        (void)fclose(*file);
}

bool read_whole_file(Arena *arena, const char *path, size_t max_bytes, Str *out, Error *err)
{
    AUTO(file_done)
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    Buf content = buf_in(arena);
    char chunk[1 << 16];
    if (!file)
        return error_set(err, errno == ENOENT ? NOT_FOUND : PERMISSION_DENIED, "", "%s cannot be read: %s", path,
                         strerror(errno));
    for (size_t n = fread(chunk, 1, sizeof chunk, file); n > 0; n = fread(chunk, 1, sizeof chunk, file)) {
        if (content.len + n > max_bytes)
            return error_set(err, RESOURCE_EXHAUSTED, "", "%s has more than %zu bytes, which is the most", path,
                             max_bytes);
        buf_add(&content, chunk, n);
    }
    if (ferror(file))
        return error_set(err, UNAVAILABLE, "", "%s cannot be read: %s", path, strerror(errno));
    *out = content.len ? buf_view(&content) : S("");
    return true;
}

static bool write_whole_file(const char *path, Str text, Error *err)
{
    FILE *file = fopen(path, "wb");
    if (!file)
        return error_set_errno(err, path);
    bool written = fwrite(text.data, 1, text.len, file) == text.len;
    /* fclose tells what the disk refused. */
    if (fclose(file) != 0 || !written)
        return error_set_errno(err, path);
    return true;
}

bool replace_whole_file(Arena *arena, const char *path, Str text, Error *err)
{
    const char *draft = str_to_c(arena, str_printf(arena, "%s.new", path));
    if (write_whole_file(draft, text, err) && (rename(draft, path) == 0 || error_set_errno(err, path)))
        return true;
    (void)unlink(draft);
    return false;
}

bool source_read(Arena *arena, const char *path, bool spy, Source *out, Error *err)
{
    bool standard_input = strcmp(path, "-") == 0;
    Str name = standard_input ? S("standard input") : str_from_c(path), text;
    if (!read_whole_file(arena, path, SOURCE_BYTES_MAX, &text, err))
        return false;
    if (!utf8_is_valid(text))
        return error_set(err, INVALID_ARGUMENT, "", "%.*s is not UTF-8 text: save it as UTF-8 in your editor",
                         STR_ARG(name));
    spy = spy || str_ends(name, S(".spy")) || str_ends(name, S(".py"));
    *out = (Source){path, name, text, spy ? SPELLING_SPY : SPELLING_ENGLISH};
    return true;
}

bool source_load(Arena *arena, const char *path, bool spy, Source *out, Program **out_program, Error *err)
{
    if (!source_read(arena, path, spy, out, err))
        return false;
    *out_program = program_load(arena, out->text, out->spelling, books_catalog());
    return true;
}

Program *source_reread(Arena *arena, const Source *source)
{
    return program_read(arena, source->text, source->spelling, books_catalog());
}

bool source_report(const Source *source, const Program *program)
{
    AUTO(buf_done)
    Buf text = {0};
    diagnostics_print(&text, &program->diagnostics, source->name);
    if (text.len > 0)
        (void)fwrite(text.data, 1, text.len, stderr);
    return program->diagnostics.n_errors == 0;
}
