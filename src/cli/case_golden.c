/* cli/case_golden.c: what a case expects, compared and rewritten. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/codec.h"
#include "cli/case.h"
#include "cli/difference.h"
#include "cli/source.h"

static Str folder_of(Arena *arena, const Case *given)
{
    Str path = str_from_c(given->path);
    if (str_ends(path, S(".case")))
        path.len -= 5;
    return str_printf(arena, "%.*s.expected", STR_ARG(path));
}

static const char *path_of(Arena *arena, const Case *given, Str name)
{
    Str folder = folder_of(arena, given);
    return str_to_c(arena, str_printf(arena, "%.*s/%.*s", STR_ARG(folder), STR_ARG(name)));
}

static void add_difference(Buf *out, Str what, Str expected, Str found)
{
    AUTO(arena_done)
    Arena scratch = {0};
    Buf lines = {0};
    difference_add(&lines, &scratch, expected, found);
    if (lines.len > 0)
        buf_printf(out, "  %.*s (- as expected, + as it was)\n%.*s", STR_ARG(what), STR_ARG(buf_view(&lines)));
    buf_done(&lines);
}

/* ---- files beside the case ---- */
static bool is_given(const CaseOutcome *outcome, const char *name)
{
    for (uint32_t i = 0; i < outcome->n_files; i++) {
        if (str_eq(outcome->files[i].name, str_from_c(name)))
            return true;
    }
    return false;
}

static void add_file_difference(Buf *out, Arena *arena, const Case *given, const CaseFile *file)
{
    Error err = {0};
    Str expected;
    if (!read_whole_file(arena, path_of(arena, given, file->name), CASE_FILE_BYTES_MAX, &expected, &err)) {
        buf_printf(out, "  %s\n", err.message);
        return;
    }
    if (utf8_is_valid(expected) && utf8_is_valid(file->content))
        add_difference(out, file->name, expected, file->content);
    else if (!str_eq(expected, file->content))
        buf_printf(out, "  %.*s is another file: %zu bytes expected, %zu found\n", STR_ARG(file->name), expected.len,
                   file->content.len);
}

typedef void StaleFile(Arena *arena, const char *path, void *self);

/* Files of the folder that the run does not give. */
static void for_each_stale(Arena *arena, const Case *given, const CaseOutcome *outcome, StaleFile *tell, void *self)
{
    DIR *folder = opendir(str_to_c(arena, folder_of(arena, given)));
    if (!folder)
        return;
    for (const struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        if (entry->d_name[0] != '.' && !is_given(outcome, entry->d_name))
            tell(arena, path_of(arena, given, str_from_c(entry->d_name)), self);
    }
    (void)closedir(folder);
}

static void report_stale(Arena *arena, const char *path, void *self)
{
    (void)arena;
    buf_printf(self, "  %s is expected, but the run gives nothing for it\n", path);
}

Str case_difference(Arena *arena, const Case *given, const CaseOutcome *outcome)
{
    Buf out = buf_in(arena);
    add_difference(&out, str_from_c(given->path), given->expected, outcome->transcript);
    for (uint32_t i = 0; i < outcome->n_files; i++)
        add_file_difference(&out, arena, given, &outcome->files[i]);
    for_each_stale(arena, given, outcome, report_stale, &out);
    return out.len ? buf_view(&out) : S("");
}

/* ---- rewriting ---- */
static void remove_stale(Arena *arena, const char *path, void *self)
{
    (void)arena;
    (void)self;
    (void)unlink(path);
}

bool case_update(Arena *arena, const Case *given, const CaseOutcome *outcome, Error *err)
{
    const char *folder = str_to_c(arena, folder_of(arena, given));
    if (outcome->n_files > 0 && mkdir(folder, 0777) != 0 && errno != EEXIST)
        return error_set_errno(err, folder);
    for (uint32_t i = 0; i < outcome->n_files; i++) {
        if (!replace_whole_file(arena, path_of(arena, given, outcome->files[i].name), outcome->files[i].content, err))
            return false;
    }
    for_each_stale(arena, given, outcome, remove_stale, NULL);
    if (outcome->n_files == 0)
        (void)rmdir(folder);
    Buf text = buf_in(arena);
    buf_str(&text, given->head);
    if (text.len > 0 && text.data[text.len - 1] != '\n')
        buf_char(&text, '\n');
    if (!str_ends(str_trim(given->head), S("---")))
        buf_str(&text, S("---\n"));
    buf_str(&text, outcome->transcript);
    return replace_whole_file(arena, given->path, buf_view(&text), err);
}
